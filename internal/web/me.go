package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/person"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// meRoutes are a person's own pages.
func (s *Server) meRoutes() []route {
	get := func(path string, a access, h handler) route { return route{http.MethodGet, path, a, h} }
	post := func(path string, a access, h handler) route { return route{http.MethodPost, path, a, h} }
	return []route{
		get("/me", anyone, s.me),
		post("/me", anyone, s.askLink),
		get("/me/link/:token", byLink, s.meLinkPage),
		post("/me/link/:token", byLink, s.useMeLink),
		post("/me/sign-out", personal, s.meSignOut),

		get("/me/data", personal, s.meData),
		post("/me/data", personal, s.correctMe),
		get("/me/data.json", personal, s.meDataJSON),
		get("/me/data.html", personal, s.meDataHTML),
		get("/me/erase", personal, s.meErase),
		post("/me/erase", personal, s.askErasure),

		// as /r/{token}, for whoever has signed in
		get("/me/registrations/:id", personal, s.manage),
		post("/me/registrations/:id", personal, s.correct),
		post("/me/registrations/:id/cancel", personal, s.withdraw),
		post("/me/registrations/:id/cancel-all", personal, s.withdrawAll),
		post("/me/registrations/:id/transfer", personal, s.transfer),
		post("/me/registrations/:id/answer", personal, s.answerFromManage),
		post("/me/registrations/:id/mode", personal, s.changeMode),
		post("/me/registrations/:id/room", personal, s.waitForRoom),
		post("/me/registrations/:id/colleague", personal, s.addColleague),
		post("/me/registrations/:id/series-certificate", personal, s.makeSeriesCertificate),
		post("/me/registrations/:id/certificate", personal, s.makeCertificate),
		post("/me/registrations/:id/confirm", personal, s.confirmFromMe),
		post("/me/registrations/:id/ticket", personal, s.openTicket),
		post("/me/registrations/:id/join", personal, s.openMeeting),

		get("/admin/erasures", organise, s.erasures),
		get("/admin/erasures/:id", organise, s.erasure),
		post("/admin/erasures/:id", organise, s.decideErasure),
	}
}

func mePages() map[string]pager {
	return map[string]pager{
		"me": &mePage{}, "me_ask": &meAskPage{}, "me_link": &meLinkPage{}, "me_data": &meDataPage{}, "me_erase": &meErasePage{},
		"erasures": &erasuresPage{}, "erasure": &erasurePage{},
	}
}

// mePage is what somebody has going on: first what wants an answer.
type mePage struct {
	page
	Person       person.Person
	Answer       []ownLine // offers and addresses to be proved
	Coming       []ownLine
	Waiting      []ownLine
	Earlier      []ownLine
	News         []newsChoice
	Applications []applicationLine
	Now          time.Time
	Advice       []bookingLine // coming meetings with advisers
	Aid          []aidLine     // companies' state aid
}

// Empty reports whether there is nothing to show.
func (p *mePage) Empty() bool {
	return len(p.Answer)+len(p.Coming)+len(p.Waiting)+len(p.Earlier)+len(p.Applications)+len(p.Advice)+len(p.Aid) == 0
}

// ownLine is one registration on its owner's page.
type ownLine struct {
	eventCard
	Registration registration.Registration
	answering
	ownCertificate
	Color string
}

func (s *Server) me(c *gin.Context) error {
	err := s.loadPerson(c)
	if errors.Is(err, person.ErrNoSession) {
		return s.showAsk(c, http.StatusOK, "", nil)
	}
	if err != nil {
		return err
	}
	who, _ := self(c)
	p := &mePage{page: page{NoIndex: true}, Person: who, Now: s.DB.Now()}
	ctx := c.Request.Context()
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if p.Advice, _, err = s.comingMeetings(c, tx); err != nil {
			return err
		}
		return errors.Join(s.readOwn(ctx, tx, p), s.readApplications(ctx, tx, c, p))
	})
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "me", p)
}

func (s *Server) readOwn(ctx context.Context, tx *store.Tx, p *mePage) (err error) {
	if p.News, err = newsChoices(ctx, tx, p.Person); err != nil {
		return err
	}
	if p.Aid, err = aidLines(ctx, tx, p.Person); err != nil {
		return err
	}
	own, err := registration.OfPerson(ctx, tx, p.Person.ID)
	if err != nil {
		return err
	}
	for _, r := range own {
		ev, err := event.Find(ctx, tx, r.EventID)
		if err != nil {
			return err
		}
		l := ownLine{eventCard: s.card(ev, tx.Now), Registration: r, Color: statusColor(r.Status)}
		if l.answering, err = readAnswering(ctx, tx, r, ev); err != nil {
			return err
		}
		if l.ownCertificate, err = readOwnCertificate(ctx, tx, r, ev); err != nil {
			return err
		}
		list := p.where(l, tx.Now)
		*list = append(*list, l)
	}
	byStart := func(a, b ownLine) int { return a.Start.Compare(b.Start) }
	slices.SortStableFunc(p.Answer, func(a, b ownLine) int { return a.AnswerBy.Compare(b.AnswerBy) })
	slices.SortStableFunc(p.Coming, byStart)
	slices.SortStableFunc(p.Waiting, byStart)
	slices.SortStableFunc(p.Earlier, func(a, b ownLine) int { return byStart(b, a) })
	return nil
}

// where is the part of the page in which a registration stands.
func (p *mePage) where(l ownLine, now time.Time) *[]ownLine {
	st, over := l.Registration.Status, l.Event.Status != event.Postponed && !now.Before(l.Event.EndsAt)
	switch {
	case over || l.Event.Status == event.Cancelled:
		return &p.Earlier
	case l.Answer == answerOpen || l.Answer == answerCall || st == registration.PendingEmail:
		return &p.Answer
	case st == registration.Confirmed || st == registration.Attended:
		return &p.Coming
	case st == registration.Waitlisted || st == registration.Requested || st == registration.Offered:
		return &p.Waiting
	}
	return &p.Earlier
}

// statusColor is the colour beside the word for a state.
func statusColor(st registration.Status) string {
	switch st {
	case registration.Confirmed, registration.Attended:
		return "success"
	case registration.Waitlisted, registration.Offered, registration.Requested, registration.PendingEmail:
		return "warning"
	}
	return "neutral"
}
