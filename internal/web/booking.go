package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
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
	Start, End time.Time
	For        string
	Adviser    advisory.Adviser
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
	Missing    string // what a request waits for: aid, organiser
	Color      string
	Reason     string
	Now        time.Time
}

// reachBooking reads a booking of which whoever has signed in may know.
func (s *Server) reachBooking(c *gin.Context, tx *store.Tx) (b advisory.Booking, a advisory.Programme, owner programme.Programme, err error) {
	ctx := c.Request.Context()
	who, _ := self(c)
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
	who, _ := self(c)
	p := &bookingPage{page: page{NoIndex: true, Problem: refusal}, Reason: reason, Now: s.DB.Now()}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		b, a, owner, err := s.reachBooking(c, tx)
		if err != nil {
			return err
		}
		p.Booking, p.Programme, p.adviceCard, p.Brand, p.Color = b, owner, s.adviceCard(c, a), owner.Name, bookingColor(b.Status)
		p.Mine = b.PersonID == who.ID
		if p.For, err = s.holderName(ctx, tx, s.language(c), b.Holder()); err != nil {
			return err
		}
		if !p.Mine && b.PersonID != "" {
			if p.By, err = nameOf(ctx, tx, b.PersonID); err != nil {
				return err
			}
		}
		if b.AdviserID != "" {
			if p.Adviser, err = advisory.AdviserByID(ctx, tx, b.AdviserID); err != nil {
				return err
			}
		}
		if p.Mine {
			if p.Answers, err = advisory.AnswersOf(ctx, tx, b.ID); err != nil {
				return err
			}
		}
		return p.readActs(ctx, tx, a, b)
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "booking", p)
}

// readActs finds out what can be done with the booking now, and what it costs.
func (p *bookingPage) readActs(ctx context.Context, tx *store.Tx, a advisory.Programme, b advisory.Booking) (err error) {
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
	if b.Status == advisory.Requested {
		p.Missing = "organiser"
		if a.IsAid() && b.CompanyID != "" {
			p.Missing = "aid"
		}
	}
	return nil
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
		_, err = advisory.Cancel(ctx, tx, b.ID, reason, true, asSelf(c))
		return err
	})
	if refusal, ok := refused(err); ok {
		return s.showBooking(c, status(refusal), reason, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/me/bookings/"+c.Param("id")+"?done=booking_cancelled")
}

// bookingMovePage is the list of times to which a booking can be moved.
type bookingMovePage struct {
	page
	adviceCard
	Booking    advisory.Booking
	Start, End time.Time
	Advisers   []option
	Adviser    string
	timeList
}

func (s *Server) moveBookingForm(c *gin.Context) error {
	return s.showMoveBooking(c, http.StatusOK, c.Query("adviser"), nil)
}

func (s *Server) showMoveBooking(c *gin.Context, code int, adviser string, refusal *problem.Problem) error {
	ctx := c.Request.Context()
	p := &bookingMovePage{page: page{NoIndex: true, Wide: true, Problem: refusal}}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		b, a, owner, err := s.reachBooking(c, tx)
		if err != nil {
			return err
		}
		if err := a.MayMove(b, tx); err != nil {
			return err
		}
		p.Booking, p.adviceCard, p.Brand = b, s.adviceCard(c, a), owner.Name
		p.Start, p.End = b.StartsAt.In(b.Location()), b.EndsAt.In(b.Location())
		if adviser == "" {
			adviser = b.AdviserID
		}
		if p.Advisers, p.Adviser, err = s.adviserOptions(ctx, tx, s.language(c), a, adviser); err != nil {
			return err
		}
		whole, err := advisory.BookingByID(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		free, err := slots(ctx, tx, slotQuery{
			AdvisoryProgrammeID: a.ID, AdviserID: p.Adviser, Minutes: b.Minutes, Meeting: b.Meeting, Municipality: b.Municipality, TenderDay: whole.TenderDay,
			Procurement: whole.Procurement, Side: whole.Side, ExceptBooking: b.ID,
		})
		p.timeList = listTimes(free, owner, c.Query("week"), func(week string) string {
			w := wish{Adviser: p.Adviser, Week: week}
			return "/me/bookings/" + b.ID + "/move?" + w.query().Encode() + "#times"
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
		if err := a.MayMove(b, tx); err != nil {
			return err
		}
		whole, err := advisory.BookingByID(ctx, tx, b.ID) // a colleague does not see its tender day, and is held by it
		if err != nil {
			return err
		}
		if afterTender(whole.TenderDay, at, b.Location()) {
			return advisory.ErrSlotTaken
		}
		_, err = advisory.Reschedule(ctx, tx, b.ID, at, 0, with, false, asSelf(c))
		return err
	})
	if refusal, ok := refused(err); ok {
		return s.showMoveBooking(c, status(refusal), c.PostForm("adviser"), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/me/bookings/"+c.Param("id")+"?done=booking_moved")
}

// afterTender reports whether a meeting lies after the last day for tenders: then it
// helps nobody.
func afterTender(day string, at time.Time, loc *time.Location) bool {
	return day != "" && at.In(loc).Format(time.DateOnly) > day
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
		adviser, err := advisory.AdviserByID(ctx, tx, b.AdviserID)
		if err != nil {
			return err
		}
		lang := s.language(c)
		text, _ := a.Text(string(lang))
		word, err := s.Texts.Text(lang, "advice.meeting."+string(b.Meeting))
		if err != nil {
			return err
		}
		address := s.BaseURL + "/me/bookings/" + b.ID
		name = text.Name
		entry = calendar.Entry{
			UID: b.CalendarUID + "@" + s.base.Hostname(), Changed: b.ChangedAt, Sequence: max(0, b.CalendarSequence), Start: b.StartsAt, End: b.EndsAt, Zone: b.TimeZone,
			Language: string(lang), Summary: text.Name + ", " + adviser.Name, Description: strings.TrimSpace(first(b.JoinURL, b.Phone) + "\n" + address),
			Location: first(b.Place, s.placeName(b.Municipality), word), URL: address,
			OrganizerName: first(owner.OrganiserName, owner.Name), OrganizerEmail: first(owner.ContactEmail, "noreply@"+s.base.Hostname()),
			Tentative: b.Status == advisory.Requested,
		}
		return nil
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
