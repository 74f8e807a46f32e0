package web

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/limit"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// personKey holds the person whose own page it is.
const personKey = "person"

// self is the person who has come to their own page.
func self(c *gin.Context) (person.Person, bool) {
	v, ok := c.Get(personKey)
	p, isPerson := v.(person.Person)
	return p, ok && isPerson
}

// asSelf is the person as the audit log names them.
func asSelf(c *gin.Context) audit.Actor {
	p, _ := self(c)
	return audit.Actor{Kind: "person", ID: p.ID}
}

// personCookie is the cookie of a person's session: another than that of those
// who organise, so that neither opens the other's pages.
func (s *Server) personCookie() string {
	if s.secure() {
		return "__Host-person"
	}
	return "person"
}

// loadPerson reads the cookie of a person's session; person.ErrNoSession when
// there is none that lives.
func (s *Server) loadPerson(c *gin.Context) error {
	token, err := c.Cookie(s.personCookie())
	if err != nil || token == "" {
		return person.ErrNoSession
	}
	ctx := c.Request.Context()
	var p person.Person
	var stale bool
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		p, stale, err = person.Session(ctx, tx, token)
		return err
	})
	if err != nil {
		return err
	}
	c.Set(personKey, p)
	c.Set(fallbackKey, p.Language)
	if stale {
		return s.DB.Write(ctx, func(tx *store.Tx) error { return person.Touch(ctx, tx, token) })
	}
	return nil
}

// admitPerson lets in whoever has come by a link of their own; others are asked
// for their address.
func (s *Server) admitPerson(c *gin.Context) error {
	err := s.loadPerson(c)
	if errors.Is(err, person.ErrNoSession) {
		if kept, err := s.formAfterSession(c); kept || err != nil {
			c.Abort()
			return err
		}
		s.rememberNext(c)
		c.Redirect(http.StatusSeeOther, "/me")
		c.Abort()
		return nil
	}
	return err
}

// nextCookie holds, while a link is asked for, the page of one's own that somebody
// wanted: the link then leads there, in whatever browser it is opened.
const nextCookie = "next"

// ownNext is what such a page may look like: a path of one's own pages that is
// safe to open, or where something is asked for in one's own name; nothing else.
var ownNext = regexp.MustCompile(`^(/me/(hours|bookings|advice|applications|aid)(/[A-Za-z0-9_-]+)*(\?[A-Za-z0-9_.~=&%+:-]*)?|/advice/[a-z0-9-]+(/apply)?)$`)

// ownPage is the page asked for, or Min sida.
func ownPage(next string) string {
	if len(next) < 500 && ownNext.MatchString(next) {
		return next
	}
	return "/me"
}

func (s *Server) rememberNext(c *gin.Context) {
	if next := c.Request.URL.RequestURI(); c.Request.Method == http.MethodGet && ownPage(next) != "/me" {
		s.keepNext(c, next)
	}
}

func (s *Server) keepNext(c *gin.Context, next string) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: nextCookie, Value: url.QueryEscape(next), Path: "/me", MaxAge: int(2 * person.LinkLife / time.Second), HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode,
	})
}

// wanted is the page that the visitor wanted; empty: none of those remembered.
func wanted(c *gin.Context) string {
	value, err := c.Cookie(nextCookie) // gin has taken the escapes off
	if next := ownPage(value); err == nil && next != "/me" {
		return next
	}
	return ""
}

// newcomerTo is the programme of advice to whose booking somebody is on the way.
// It is also for those who have never signed up for anything.
func newcomerTo(next string) (slug string, ok bool) {
	rest, ok := strings.CutPrefix(next, "/me/advice/")
	slug, _, _ = strings.Cut(rest, "?")
	slug, _, _ = strings.Cut(slug, "/")
	return slug, ok
}

func (s *Server) setPersonCookie(c *gin.Context, token string, age int) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: s.personCookie(), Value: token, Path: "/", MaxAge: age, HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode,
	})
}

// askLink sends a link to whoever has the address. Page, status and time are the
// same whether anybody has it.
func (s *Server) askLink(c *gin.Context) error {
	if ok, wait := s.limits.askLink.Allow(limit.Caller(c.ClientIP())); !ok {
		return s.tooOften(c, wait)
	}
	typed := c.PostForm("email")
	if _, err := person.Address(typed); err != nil {
		return s.showAsk(c, http.StatusUnprocessableEntity, typed, problem.Fields{{Name: "email", Code: "email"}}.Err())
	}
	ctx, least := c.Request.Context(), time.NewTimer(s.limits.lookUpTakes)
	defer least.Stop()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		a := person.Asking{Email: typed, Next: wanted(c), Language: string(s.language(c))}
		if slug, ok := newcomerTo(a.Next); ok {
			advice, _, err := publicAdvice(ctx, tx, slug)
			if err != nil && !errors.Is(err, problem.ErrMissing) {
				return err
			}
			a.Newcomer, a.ProgrammeID = err == nil, advice.ProgrammeID
		}
		return person.AskLink(ctx, tx, a)
	})
	if err != nil {
		return err
	}
	select {
	case <-least.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return seeOther(c, "/me?sent=1")
}

// showAsk is the form for the address.
func (s *Server) showAsk(c *gin.Context, code int, typed string, refusal error) error {
	p, _ := problem.As(refusal)
	_, toBook := newcomerTo(wanted(c))
	return s.render(c, code, "me_ask", &meAskPage{page: page{NoIndex: true, Problem: p, Self: "/me"}, Email: typed, Sent: c.Query("sent") != "", ToBook: toBook, Minutes: int(person.LinkLife / time.Minute)})
}

// meAskPage asks for an address, or says that a letter is on its way if the
// address is known.
type meAskPage struct {
	page
	Email   string
	Sent    bool
	ToBook  bool // on the way to advice, which is also for those who are new here
	Minutes int
}

// meLinkPage stands behind the link in the letter and has one button: mail
// scanners open links.
type meLinkPage struct {
	page
	Email, Token string
	Next         string
}

func (s *Server) meLinkPage(c *gin.Context) error {
	ctx := c.Request.Context()
	var p person.Person
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = person.LinkPerson(ctx, tx, c.Param("token"))
		return err
	})
	if err != nil {
		return s.spentLink(c, err)
	}
	c.Set(fallbackKey, p.Language)
	return s.render(c, http.StatusOK, "me_link", &meLinkPage{page: page{NoIndex: true}, Email: p.Email, Token: c.Param("token"), Next: ownPage(c.Query("next"))})
}

// spentLink shows the form for a new link in place of one that is not good.
func (s *Server) spentLink(c *gin.Context, err error) error {
	if !errors.Is(err, person.ErrLink) {
		return err
	}
	if err := s.unknownLink(c, err); c.Writer.Written() {
		return err
	}
	return s.showAsk(c, http.StatusNotFound, "", person.ErrLink)
}

// useMeLink uses the link up and begins a session in one transaction; the one
// before it ends.
func (s *Server) useMeLink(c *gin.Context) error {
	ctx := c.Request.Context()
	var token string
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		p, session, err := person.UseLink(ctx, tx, c.Param("token"))
		if err != nil {
			return err
		}
		token = session
		if old, _ := c.Cookie(s.personCookie()); old != "" {
			if err := person.EndSession(ctx, tx, old); err != nil {
				return err
			}
		}
		return audit.Add(ctx, tx, audit.Entry{Actor: audit.Actor{Kind: "person", ID: p.ID}, Action: "person.sign_in", ObjectKind: "person", ObjectID: p.ID})
	})
	if err != nil {
		return s.spentLink(c, err)
	}
	s.setPersonCookie(c, token, 0)
	if wanted(c) != "" {
		http.SetCookie(c.Writer, &http.Cookie{Name: nextCookie, Path: "/me", MaxAge: -1, HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode})
	}
	return seeOther(c, ownPage(c.PostForm("next")))
}

func (s *Server) meSignOut(c *gin.Context) error {
	ctx := c.Request.Context()
	token, _ := c.Cookie(s.personCookie())
	if err := s.DB.Write(ctx, func(tx *store.Tx) error { return person.EndSession(ctx, tx, token) }); err != nil {
		return err
	}
	s.setPersonCookie(c, "", -1)
	c.Header("Clear-Site-Data", `"cache"`)
	return seeOther(c, "/me?done=signed_out")
}
