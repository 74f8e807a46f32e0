package web

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/material"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// managePage is one registration, for whoever has its link.
type managePage struct {
	page
	eventCard
	Registration registration.Registration
	Position     int
	OrgNumber    string
	Way          string // the page's own address, as it was reached
	bySession
	Form        registration.Correction
	Questions   []questionField
	Tongues     []option
	CanCorrect  bool
	CanWithdraw bool
	CanTransfer bool
	Colleague   colleague
	Late        bool
	Queue       bool // somebody waits for the place
	JoinOpens   time.Time
	JoinState   registration.JoinState
	ownCertificate
	answering
	OtherMode event.Mode // which the person could change to; or ""
	ModeText  string     // what is said of that
	ModeFull  bool       // there is no place in it
	ProveBy   time.Time  // of an address that is not proved; on the event's clock
	Now       time.Time
	TicketQR  template.HTML  // empty: there is no ticket to show
	Occasions []occasionLine // the others of the series that can be given up
	addingColleague
	Materials []material.Material
}

// colleague is who shall have the place instead, as it was typed.
type colleague struct{ FirstName, LastName, Email string }

// behindLink reads the registration of a link with its event and programme.
func (s *Server) behindLink(c *gin.Context, purpose registration.Purpose) (r registration.Registration, ev event.Event, p programme.Programme, err error) {
	ctx := c.Request.Context()
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if r, err = registration.FindByLink(ctx, tx, c.Param("token"), purpose); err != nil {
			return err
		}
		if ev, err = event.Find(ctx, tx, r.EventID); err != nil {
			return err
		}
		p, err = programme.Find(ctx, tx, ev.ProgrammeID)
		return err
	})
	c.Set(fallbackKey, r.Language)
	return r, ev, p, s.unknownLink(c, err)
}

// manage shows a registration; opening it changes nothing, for mail scanners
// open links.
func (s *Server) manage(c *gin.Context) error {
	r, ev, p, err := s.reach(c)
	if err != nil {
		return err
	}
	f, err := s.typed(c, r)
	if err != nil {
		return err
	}
	return s.showManage(c, http.StatusOK, r, ev, managePage{page: page{Brand: p.Name}, Form: f})
}

func (s *Server) showManage(c *gin.Context, code int, r registration.Registration, ev event.Event, m managePage) error {
	now := s.DB.Now()
	m.NoIndex, m.eventCard, m.Registration, m.Way = true, s.card(ev, now), r, wayTo(c)
	m.CanCorrect = registration.CanCorrect(r, ev, now)
	m.CanWithdraw = registration.CanWithdraw(r, ev, now)
	m.CanTransfer = registration.CanTransfer(r, ev, now)
	m.Late = r.Status == registration.Confirmed && r.LateAt(ev, now)
	m.Now = now
	if registration.CanChangeMode(r, ev, now) {
		m.OtherMode = map[event.Mode]event.Mode{event.Room: event.Online, event.Online: event.Room}[r.Mode]
	}
	m.ProveBy = r.HoldUntil.In(ev.Location())
	m.JoinState = registration.Joining(r, ev, now)
	lang := s.language(c)
	for _, l := range locale.All() {
		m.Tongues = append(m.Tongues, option{Value: string(l), Label: l.Name()})
	}
	var err error
	if m.Questions, err = s.questionFields(lang, ev.Questions, m.Form.Answers); err != nil {
		return err
	}
	if err = s.readAddingColleague(lang, &m.addingColleague, r, ev); err != nil {
		return err
	}
	if m.TicketQR, err = s.ticketQR(c, r, ev); err != nil {
		return err
	}
	err = s.DB.Read(c.Request.Context(), func(tx *store.Tx) (err error) {
		if m.ownCertificate, err = readOwnCertificate(c.Request.Context(), tx, r, ev); err != nil {
			return err
		}
		if m.Materials, err = handedOut(c.Request.Context(), tx, r); err != nil {
			return err
		}
		m.bySession = readBySession(c, r, ev, tx)
		if m.Occasions, err = s.othersOf(c.Request.Context(), tx, r); err != nil {
			return err
		}
		if m.OtherMode != "" {
			if m.ModeText, m.ModeFull, err = wayText(c.Request.Context(), tx, r, ev, m.OtherMode); err != nil {
				return err
			}
		}
		if m.answering, err = readAnswering(c.Request.Context(), tx, r, ev); err != nil {
			return err
		}
		m.tellRoomWait()
		waiting, err := registration.CountWaiting(c.Request.Context(), tx, ev.ID, r.Mode)
		if err != nil {
			return err
		}
		m.Queue = waiting > 0
		if m.Position = m.Number; r.CompanyID == "" {
			return nil
		}
		co, err := company.Find(c.Request.Context(), tx, r.CompanyID)
		m.OrgNumber = company.Display(co)
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "manage", &m)
}

// change runs one step of the person behind the link and answers with the
// registration's page.
func (s *Server) change(c *gin.Context, done string, fn func(context.Context, *store.Tx, registration.Registration, audit.Actor) error) error {
	return s.changeTo(c, &done, fn)
}

// changeTo does so, when only the step itself knows what has been done.
func (s *Server) changeTo(c *gin.Context, done *string, fn func(context.Context, *store.Tx, registration.Registration, audit.Actor) error) error {
	r, ev, p, err := s.reach(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		return fn(ctx, tx, r, audit.Actor{Kind: "person", ID: r.PersonID})
	})
	if refusal, ok := refused(err); ok {
		f, err := s.typed(c, r)
		if err != nil {
			return err
		}
		return s.showManage(c, status(refusal), r, ev, managePage{page: page{Brand: p.Name, Problem: refusal}, Form: f, Colleague: readColleague(c), addingColleague: readMore(c)})
	}
	if err != nil {
		return err
	}
	return seeOther(c, wayTo(c)+"?done="+*done)
}

// typed is the correction in the form, or, when another form of the page was
// sent, what is stored.
func (s *Server) typed(c *gin.Context, r registration.Registration) (f registration.Correction, err error) {
	if _, ok := c.GetPostForm("language"); ok {
		return readCorrection(c), nil
	}
	f = registration.Correction{FirstName: r.FirstName, LastName: r.LastName, Phone: r.Phone, Language: r.Language, Diet: r.Diet, AccessNeeds: r.AccessNeeds, DietConsent: r.Diet != ""}
	ctx := c.Request.Context()
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		f.Answers, err = registration.Answers(ctx, tx, r.ID)
		return err
	})
	return f, err
}

func readColleague(c *gin.Context) colleague {
	return colleague{c.PostForm("colleague_first_name"), c.PostForm("colleague_last_name"), c.PostForm("colleague_email")}
}

// transfer hands the place to a colleague. One sentence stands for every reason
// why it cannot go to a well-written address. Whoever has a link of their own can
// still guess from a refusal that it has a place at this event, and learns nothing
// else: not whose it is, nor of other events or of the waiting list.
func (s *Server) transfer(c *gin.Context) error {
	return s.change(c, "transferred", func(ctx context.Context, tx *store.Tx, r registration.Registration, by audit.Actor) error {
		to := readColleague(c)
		_, err := registration.Transfer(ctx, tx, r.ID, registration.Request{
			FirstName: to.FirstName, LastName: to.LastName, Email: to.Email, Language: r.Language, By: by, Outside: true,
		})
		if errors.Is(err, registration.ErrAlready) {
			err = problem.Fields{{Name: "email", Code: "transfer_address"}}.Err()
		}
		if strings.TrimSpace(to.LastName) == "" {
			err = lastNameToo(err)
		}
		return ofColleague(err)
	})
}

// lastNameToo asks for a last name as well: people have one on the pages, while
// programs may know no more than a name.
func lastNameToo(err error) error {
	var f problem.Fields
	if p, ok := problem.As(err); ok {
		if len(p.Fields) == 0 {
			return err
		}
		f = append(f, p.Fields...)
	} else if err != nil {
		return err
	}
	f.Add("last_name", "required")
	slices.SortStableFunc(f, func(a, b problem.Field) int { // as they stand on the page
		order := []string{"first_name", "last_name", "email"}
		return slices.Index(order, a.Name) - slices.Index(order, b.Name)
	})
	return f.Err()
}

// ofColleague renames the fields of a refusal to those of the colleague's form,
// which stands beside another, and says of a well-written address only that it will
// not do.
func ofColleague(err error) error {
	p, ok := problem.As(err)
	if !ok || len(p.Fields) == 0 {
		return err
	}
	renamed := *p
	renamed.Fields = slices.Clone(p.Fields)
	for i, f := range renamed.Fields {
		if f.Name == "email" && f.Code != "required" && f.Code != "email" && f.Code != "email_ascii" {
			f = problem.Field{Name: f.Name, Code: "transfer_address"}
		}
		f.Name = "colleague_" + f.Name
		renamed.Fields[i] = f
	}
	return &renamed
}

func readCorrection(c *gin.Context) registration.Correction {
	return registration.Correction{
		FirstName: c.PostForm("first_name"), LastName: c.PostForm("last_name"), Phone: c.PostForm("phone"), Language: c.PostForm("language"),
		Diet: c.PostForm("diet"), AccessNeeds: c.PostForm("access_needs"), DietConsent: c.PostForm("diet_consent") != "", Answers: readAnswers(c),
	}
}

func (s *Server) correct(c *gin.Context) error {
	return s.change(c, "corrected", func(ctx context.Context, tx *store.Tx, r registration.Registration, by audit.Actor) error {
		_, err := registration.Correct(ctx, tx, r.ID, readCorrection(c), by)
		return err
	})
}

func (s *Server) withdraw(c *gin.Context) error {
	return s.change(c, "cancelled", func(ctx context.Context, tx *store.Tx, r registration.Registration, by audit.Actor) error {
		if !r.Status.Active() {
			return nil // the button pressed twice
		}
		_, err := registration.Withdraw(ctx, tx, r.ID, by, "")
		return err
	})
}

type joinPage struct {
	page
	eventCard
	Name, Token string
	JoinState   registration.JoinState
	Opens       time.Time
}

// joinPage has the one button that leads into the meeting.
func (s *Server) joinPage(c *gin.Context) error {
	r, ev, p, err := s.behindLink(c, registration.JoinMeeting)
	if err != nil {
		return err
	}
	now := s.DB.Now()
	c.Header("Content-Security-Policy", joinPolicy)
	return s.render(c, http.StatusOK, "join", &joinPage{
		page: page{Brand: p.Name, NoIndex: true}, eventCard: s.card(ev, now), Name: r.Name(), Token: c.Param("token"),
		JoinState: registration.Joining(r, ev, now), Opens: registration.JoinOpens(ev).In(ev.Location()),
	})
}

// joinPolicy lets the button lead to the meeting, and on to where that leads:
// browsers hold every redirect after a form to the policy, too.
var joinPolicy = strings.Replace(pagePolicy, "form-action 'self'", "form-action 'self' https:", 1)

// join marks the person present and leads to the meeting's own address, the one
// way out of the site.
func (s *Server) join(c *gin.Context) error {
	r, _, _, err := s.behindLink(c, registration.JoinMeeting)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	var to string
	err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		to, err = registration.Join(ctx, tx, r.ID)
		return err
	})
	if _, ok := refused(err); ok { // too early or too late by now: the page says which
		return seeOther(c, "/join/"+c.Param("token"))
	}
	if err != nil {
		return err
	}
	return seeOther(c, to)
}
