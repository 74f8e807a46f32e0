package web

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"stafett/internal/locale"
	"stafett/internal/news"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

func (s *Server) newsRoutes() []route {
	return []route{
		{http.MethodGet, "/news/confirm/:token", byLink, s.newsConfirmPage},
		{http.MethodPost, "/news/confirm/:token", byLink, s.confirmNews},
		{http.MethodGet, "/u/:token", byLink, s.unsubscribePage},
		{http.MethodPost, "/u/:token", byLink, s.unsubscribe},
		{http.MethodPost, "/me/news", personal, s.chooseNews},
	}
}

func newsPages() map[string]pager {
	return map[string]pager{"news_link": &newsLinkPage{}}
}

// newsLinkPage stands behind the links in letters about news and has one button:
// mail scanners open links. What a button did can be undone by the other.
type newsLinkPage struct {
	page
	To        string // where the button sends to
	Email     string
	Organiser string
	Programme string
	Status    news.Status
	Confirm   bool // the page asks for a yes
}

func (s *Server) showNewsLink(c *gin.Context, to string, purpose news.Purpose) error {
	ctx := c.Request.Context()
	p := &newsLinkPage{page: page{NoIndex: true}, To: to + c.Param("token"), Confirm: purpose == news.ToConfirm}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		sub, err := news.ByLink(ctx, tx, c.Param("token"), purpose)
		if err != nil {
			return err
		}
		pr, err := programme.Find(ctx, tx, sub.ProgrammeID)
		p.Email, p.Status, p.Organiser, p.Programme, p.Brand = sub.Email, sub.Status, first(pr.OrganiserName, pr.Name), pr.Name, pr.Name
		c.Set(fallbackKey, sub.Language)
		return err
	})
	if err != nil {
		return s.unknownLink(c, err)
	}
	return s.render(c, http.StatusOK, "news_link", p)
}

func (s *Server) newsConfirmPage(c *gin.Context) error {
	return s.showNewsLink(c, "/news/confirm/", news.ToConfirm)
}

func (s *Server) unsubscribePage(c *gin.Context) error { return s.showNewsLink(c, "/u/", news.ToEnd) }

// withNewsLink changes what the link in the address is about.
func (s *Server) withNewsLink(c *gin.Context, purpose news.Purpose, change func(context.Context, *store.Tx, news.Subscription) error) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		sub, err := news.ByLink(ctx, tx, c.Param("token"), purpose)
		if err != nil {
			return err
		}
		return change(ctx, tx, sub)
	})
	if err != nil {
		return s.unknownLink(c, err)
	}
	return nil
}

func (s *Server) confirmNews(c *gin.Context) error {
	if err := s.withNewsLink(c, news.ToConfirm, news.Confirm); err != nil || c.Writer.Written() {
		return err
	}
	return seeOther(c, "/news/confirm/"+c.Param("token"))
}

// unsubscribe ends the news at once. A mail program that does it for somebody
// (RFC 8058 3.2) sends a field of its own, has no cookie and follows no redirect.
func (s *Server) unsubscribe(c *gin.Context) error {
	oneClick := c.PostForm("List-Unsubscribe") == "One-Click"
	err := s.withNewsLink(c, news.ToEnd, func(ctx context.Context, tx *store.Tx, sub news.Subscription) error {
		switch {
		case oneClick:
			return news.Stop(ctx, tx, sub, news.ByOneClick)
		case c.PostForm("again") != "":
			return news.Confirm(ctx, tx, sub)
		}
		return news.Stop(ctx, tx, sub, news.ByPage)
	})
	if err != nil || c.Writer.Written() {
		return err
	}
	if oneClick {
		c.String(http.StatusOK, "OK\n")
		return nil
	}
	return seeOther(c, "/u/"+c.Param("token"))
}

// newsChoice is one programme whose news a person can have on their own page.
type newsChoice struct {
	ProgrammeID, Programme, Organiser string
	On, Asked                         bool
}

// newsChoices are the programmes that the person knows, those first whose news
// they get.
func newsChoices(ctx context.Context, tx *store.Tx, who person.Person) ([]newsChoice, error) {
	subs, err := news.Of(ctx, tx, who.Email)
	if err != nil {
		return nil, err
	}
	var list []newsChoice
	seen := map[string]bool{}
	add := func(id string, status news.Status) error {
		if seen[id] {
			return nil
		}
		seen[id] = true
		pr, err := programme.Find(ctx, tx, id)
		list = append(list, newsChoice{ProgrammeID: id, Programme: pr.Name, Organiser: first(pr.OrganiserName, pr.Name), On: status == news.On, Asked: status == news.Asked})
		return err
	}
	for _, sub := range subs {
		if err := add(sub.ProgrammeID, sub.Status); err != nil {
			return nil, err
		}
	}
	known, err := registration.ProgrammesOf(ctx, tx, who.ID)
	if err != nil {
		return nil, err
	}
	for _, id := range known {
		if err := add(id, ""); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// chooseNews turns a programme's news on or off for whoever has signed in: their
// address is proved.
func (s *Server) chooseNews(c *gin.Context) error {
	ctx := c.Request.Context()
	who, _ := self(c)
	on, done := c.PostForm("news") == "on", "news_off"
	if on {
		done = "news_on"
	}
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		choices, err := newsChoices(ctx, tx, who)
		if err != nil {
			return err
		}
		for _, x := range choices {
			if x.ProgrammeID == c.PostForm("programme") {
				return s.setNews(c, tx, who, x, on)
			}
		}
		return problem.Fields{{Name: "programme", Code: "choose"}}.Err()
	})
	if err != nil {
		return err
	}
	return seeOther(c, "/me?done="+done+"#news")
}

func (s *Server) setNews(c *gin.Context, tx *store.Tx, who person.Person, x newsChoice, on bool) error {
	ctx := c.Request.Context()
	if on {
		return s.askNews(ctx, tx, news.OwnPage, x.ProgrammeID, x.Organiser, who.Email, s.language(c))
	}
	subs, err := news.Of(ctx, tx, who.Email)
	for _, sub := range subs {
		if sub.ProgrammeID == x.ProgrammeID {
			return news.Stop(ctx, tx, sub, news.ByOwnPage)
		}
	}
	return err
}

// askNews notes a wish for news with the words that stand beside its box.
func (s *Server) askNews(ctx context.Context, tx *store.Tx, from news.Source, programmeID, organiser, email string, lang locale.Language) error {
	wording, err := s.Texts.Text(lang, "news.box", "organiser", organiser)
	if err != nil {
		return err
	}
	address, err := person.Address(email)
	if err != nil {
		return err
	}
	return news.Ask(ctx, tx, news.Wish{ProgrammeID: programmeID, Email: address, Language: string(lang), Source: from, Wording: wording})
}
