package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/aid"
	"stafett/internal/calendar"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// bookingPage is one booking, for whoever made it and for those of its company.
type bookingPage struct {
	page
	adviceCard
	Programme  programme.Programme
	Booking    advisory.Booking
	Way        string // the page's own address, as it was reached
	Start, End time.Time
	For        string
	With       advisory.Adviser
	Over       int  // minutes beyond what there was
	Mine       bool // what was needed is for the one who wrote it alone
	By         string
	Answers    []advisory.Answer
	FreeUntil  time.Time
	CanMove    bool
	NoMove     string // why not: a code of a refusal
	CanCancel  bool
	Late       bool // cancelling now is
	Charge     int  // minutes that it takes of the account
	Prepare    []string
	Missing    string // what a request waits for: aid, grant, organiser
	Declare    string // where the declaration of aid is made; empty: nowhere yet
	Color      string
	Reason     string
	Proposals  []proposedTime // of one that waits
	Now        time.Time
}

// proposedTime is a time that an adviser, or a place that came free, offers.
type proposedTime struct {
	ID         string
	Adviser    string
	Start, End time.Time
	AnswerBy   time.Time
}

// reachBooking reads a booking of which whoever has signed in may know.
func (s *Server) reachBooking(c *gin.Context, tx *store.Tx) (b advisory.Booking, a advisory.Programme, owner programme.Programme, err error) {
	ctx := c.Request.Context()
	who := booker(c)
	if b, err = advisory.OwnBooking(ctx, tx, who.ID, c.Param("id")); err != nil {
		return b, a, owner, err
	}
	if a, err = advisory.ProgrammeByID(ctx, tx, b.AdvisoryProgrammeID); err != nil {
		return b, a, owner, err
	}
	owner, err = programme.Find(ctx, tx, a.ProgrammeID)
	return b, a, owner, err
}

func (s *Server) booking(c *gin.Context) error {
	return s.showBooking(c, http.StatusOK, "", nil)
}

func (s *Server) showBooking(c *gin.Context, code int, reason string, refusal *problem.Problem) error {
	ctx := c.Request.Context()
	who := booker(c)
	p := &bookingPage{page: page{NoIndex: true, Problem: refusal}, Reason: reason, Now: s.DB.Now(), Way: bookingWay(c)}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		b, a, owner, err := s.reachBooking(c, tx)
		if err != nil {
			return err
		}
		p.Booking, p.Programme, p.adviceCard, p.Brand, p.Color = b, owner, s.adviceCard(c, a), owner.Name, bookingColor(b.Status)
		p.Mine = b.PersonID == who.ID
		if b.OverMinutes != nil {
			p.Over = *b.OverMinutes
		}
		if p.For, err = s.holderName(ctx, tx, s.language(c), b.Holder()); err != nil {
			return err
		}
		if !p.Mine && b.PersonID != "" {
			if p.By, err = nameOf(ctx, tx, b.PersonID); err != nil {
				return err
			}
		}
		if b.AdviserID != "" {
			if p.With, err = advisory.AdviserByID(ctx, tx, b.AdviserID); err != nil {
				return err
			}
		}
		if p.Mine {
			if p.Answers, err = advisory.AnswersOf(ctx, tx, b.ID); err != nil {
				return err
			}
		}
		return s.readActs(ctx, tx, p, a, b)
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "booking", p)
}

// readActs finds out what can be done with the booking now, and what it costs.
func (s *Server) readActs(ctx context.Context, tx *store.Tx, p *bookingPage, a advisory.Programme, b advisory.Booking) (err error) {
	if !b.StartsAt.IsZero() {
		p.Start, p.End = b.StartsAt.In(b.Location()), b.EndsAt.In(b.Location())
		p.FreeUntil = a.FreeUntil(b).In(b.Location())
		refusal, refused := problem.As(a.MayMove(b, tx))
		p.CanMove = !refused
		if refused && !refusal.Is(advisory.ErrNotNow) {
			p.NoMove = refusal.Code
		}
	}
	p.CanCancel = b.Status == advisory.Waiting || b.Status == advisory.Requested || b.Status == advisory.Confirmed && b.StartsAt.After(tx.Now)
	if p.Charge, p.Late, err = advisory.LateCharge(ctx, tx, a, b); err != nil {
		return err
	}
	for line := range strings.Lines(p.Text.Preparation) {
		if line = strings.TrimSpace(line); line != "" {
			p.Prepare = append(p.Prepare, line)
		}
	}
	if b.Status == advisory.Waiting {
		open, err := advisory.OpenProposals(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		for _, t := range open {
			loc := b.Location()
			p.Proposals = append(p.Proposals, proposedTime{t.ID, t.Name, t.StartsAt.In(loc), t.EndsAt.In(loc), t.ExpiresAt.In(loc)})
		}
	}
	if b.Status == advisory.Requested {
		p.Missing, p.Declare, err = s.missing(ctx, tx, a, b)
	}
	return err
}

// missing says what a request waits for: a declaration of other aid, the grant of
// aid, or an organiser's answer.
func (s *Server) missing(ctx context.Context, tx *store.Tx, a advisory.Programme, b advisory.Booking) (what, declare string, err error) {
	if !a.IsAid() || b.ApplicationID != "" {
		return "organiser", "", nil
	}
	c, err := aidCase(ctx, tx, a, b)
	if errors.Is(err, problem.ErrMissing) {
		return "grant", "", nil
	}
	if err != nil || c.Status != aid.Asked {
		return "grant", "", err
	}
	if slices.ContainsFunc(s.routes, func(r route) bool { return r.path == "/me/aid/:id" }) {
		declare = "/me/aid/" + c.ID
	}
	return "aid", declare, nil
}

func aidCase(ctx context.Context, tx *store.Tx, a advisory.Programme, b advisory.Booking) (aid.Case, error) {
	if b.CompanyID != "" {
		return aid.Of(ctx, tx, a.ID, b.CompanyID)
	}
	return aid.OfPerson(ctx, tx, a.ID, b.PersonID)
}

// nameOf is what somebody is called.
func nameOf(ctx context.Context, tx *store.Tx, personID string) (string, error) {
	return store.One(ctx, tx, store.Value[string], `SELECT trim(first_name || ' ' || last_name) FROM person WHERE id = ?`, personID)
}

func (s *Server) cancelBooking(c *gin.Context) error {
	ctx, reason := c.Request.Context(), strings.TrimSpace(c.PostForm("reason"))
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		b, _, _, err := s.reachBooking(c, tx)
		if err != nil || !b.Status.Active() { // the button pressed twice
			return err
		}
		if err := freeText("reason", reason); err != nil {
			return err
		}
		_, err = advisory.Cancel(ctx, tx, b.ID, reason, true, asBooker(c))
		return err
	})
	if refusal, ok := refused(err); ok {
		return s.showBooking(c, status(refusal), reason, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, bookingWay(c)+"?done=booking_cancelled")
}

// acceptTime takes a time that was proposed for this booking.
func (s *Server) acceptTime(c *gin.Context) error {
	return s.answerTimes(c, "time_accepted", func(ctx context.Context, tx *store.Tx, b advisory.Booking) error {
		t, err := advisory.ProposalByID(ctx, tx, c.PostForm("time"))
		if err != nil {
			return err
		}
		if t.BookingID != b.ID {
			return problem.ErrMissing
		}
		_, err = advisory.AcceptProposal(ctx, tx, t.ID, asBooker(c))
		return err
	})
}

// declineTimes says that none of the times proposed suits.
func (s *Server) declineTimes(c *gin.Context) error {
	return s.answerTimes(c, "times_declined", func(ctx context.Context, tx *store.Tx, b advisory.Booking) error {
		_, err := advisory.DeclineProposals(ctx, tx, b.ID, asBooker(c))
		return err
	})
}

func (s *Server) answerTimes(c *gin.Context, done string, act func(context.Context, *store.Tx, advisory.Booking) error) error {
	if ok, wait := s.RegisterLimit(c.ClientIP()); !ok {
		return s.tooOften(c, wait)
	}
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		b, _, _, err := s.reachBooking(c, tx)
		if err != nil {
			return err
		}
		return act(ctx, tx, b)
	})
	if refusal, ok := refused(err); ok {
		return s.showBooking(c, status(refusal), "", refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, bookingWay(c)+"?done="+done)
}

// bookingMovePage is the list of times to which a booking can be moved.
type bookingMovePage struct {
	page
	adviceCard
	Booking    advisory.Booking
	Way        string // of the booking, as it was reached
	Start, End time.Time
	Advisers   []option
	Chosen     string // whose times
	timeList
}

func (s *Server) moveBookingForm(c *gin.Context) error {
	return s.showMoveBooking(c, http.StatusOK, c.Query("adviser"), nil)
}

func (s *Server) showMoveBooking(c *gin.Context, code int, adviser string, refusal *problem.Problem) error {
	ctx := c.Request.Context()
	p := &bookingMovePage{page: page{NoIndex: true, Wide: true, Problem: refusal}, Way: bookingWay(c)}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		b, a, owner, err := s.reachBooking(c, tx)
		if err != nil {
			return err
		}
		if err := mayChoose(a, b, tx); err != nil {
			return err
		}
		p.Booking, p.adviceCard, p.Brand = b, s.adviceCard(c, a), owner.Name
		if !b.StartsAt.IsZero() {
			p.Start, p.End = b.StartsAt.In(b.Location()), b.EndsAt.In(b.Location())
		}
		if adviser == "" {
			adviser = b.AdviserID
		}
		if p.Advisers, p.Chosen, err = s.adviserOptions(ctx, tx, s.language(c), a, adviser); err != nil {
			return err
		}
		whole, err := advisory.BookingByID(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		free, err := advisory.Slots(ctx, tx, advisory.SlotQuery{
			AdvisoryProgrammeID: a.ID, AdviserID: p.Chosen, Minutes: b.Minutes, Meeting: b.Meeting, Municipality: b.Municipality, TenderDay: whole.TenderDay,
			Procurement: whole.Procurement, Side: whole.Side, ExceptBooking: b.ID,
		})
		p.timeList = listTimes(free, owner, c.Query("week"), func(week string) string {
			w := wish{Adviser: p.Chosen, Week: week}
			return bookingWay(c) + "/move?" + w.query().Encode() + "#times"
		})
		return err
	})
	if refusal, ok := refused(err); ok { // the booking's page says why it cannot be moved
		return s.showBooking(c, status(refusal), "", refusal)
	}
	if err != nil {
		return err
	}
	return s.render(c, code, "booking_move", p)
}

// mayChoose refuses with the reason why no time can be chosen: one that waits may
// take any that is free.
func mayChoose(a advisory.Programme, b advisory.Booking, tx *store.Tx) error {
	if b.Status == advisory.Waiting {
		return nil
	}
	return a.MayMove(b, tx)
}

func (s *Server) moveBooking(c *gin.Context) error {
	if ok, wait := s.RegisterLimit(c.ClientIP()); !ok {
		return s.tooOften(c, wait)
	}
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		b, a, _, err := s.reachBooking(c, tx)
		if err != nil {
			return err
		}
		to, with, _ := strings.Cut(c.PostForm("to"), " ")
		at, err := time.Parse(time.RFC3339, to)
		if err != nil {
			return advisory.ErrSlotTaken
		}
		if at.Equal(b.StartsAt) && b.Status.HoldsHours() { // the button pressed twice
			return nil
		}
		if err := mayChoose(a, b, tx); err != nil {
			return err
		}
		if b.Status == advisory.Waiting {
			_, err = advisory.ChooseTime(ctx, tx, b.ID, at, with, asBooker(c))
			return err
		}
		_, err = advisory.Reschedule(ctx, tx, b.ID, at, 0, with, false, asBooker(c))
		return err
	})
	if refusal, ok := refused(atField(err, "starts_at", "times")); ok {
		return s.showMoveBooking(c, status(refusal), c.PostForm("adviser"), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, bookingWay(c)+"?done=booking_moved")
}

// bookingFile is a confirmed meeting for a calendar, with the UID of its invitation
// so that it does not stand there twice.
func (s *Server) bookingFile(c *gin.Context) error {
	ctx := c.Request.Context()
	var entry calendar.Entry
	var name string
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		b, a, owner, err := s.reachBooking(c, tx)
		if err != nil {
			return err
		}
		if b.StartsAt.IsZero() || !b.Status.HoldsHours() && b.Status != advisory.Settled {
			return problem.ErrMissing
		}
		lang := s.language(c)
		entry, err = s.bookingEntry(ctx, tx, lang, b, a, owner)
		entry.UID, entry.Sequence = b.CalendarUID+"@"+s.base.Hostname(), max(0, b.CalendarSequence)
		text, _ := a.Text(string(lang))
		name = text.Name
		return err
	})
	if err != nil {
		return err
	}
	data, err := calendar.Publish(name, []calendar.Entry{entry})
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="meeting.ics"`)
	sendFile(c, calendar.ContentType, entry.Changed, data)
	return nil
}

// mostText is the longest free text, in characters.
const mostText = 4000

// freeText refuses what no free text may hold.
func freeText(field, value string) error {
	var f problem.Fields
	switch {
	case locale.Deceptive(value, true):
		f.Add(field, "characters")
	case len([]rune(value)) > mostText:
		f.Add(field, "too_long", "most", mostText)
	}
	return f.Err()
}
