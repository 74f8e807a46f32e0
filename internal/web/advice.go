package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// adviceRoutes are what everybody sees of advice, and what a company does with it.
func (s *Server) adviceRoutes() []route {
	get := func(path string, a access, h handler) route { return route{http.MethodGet, path, a, h} }
	post := func(path string, a access, h handler) route { return route{http.MethodPost, path, a, h} }
	return []route{
		get("/advice", anyone, s.advice),
		get("/advice/:slug", anyone, s.adviceProgramme),

		get("/me/advice/:slug", personal, s.chooseTime),
		get("/me/advice/:slug/need", personal, s.needForm),
		post("/me/advice/:slug", personal, s.book),

		get("/me/hours", personal, s.hours),
		get("/me/hours/:id", personal, s.hoursLedger),
		post("/me/companies", personal, s.claimCompany),
		post("/me/contacts", personal, s.answerContact),

		get("/me/bookings/:id", personal, s.booking),
		get("/me/bookings/:id/meeting.ics", personal, s.bookingFile),
		get("/me/bookings/:id/move", personal, s.moveBookingForm),
		post("/me/bookings/:id/move", personal, s.moveBooking),
		post("/me/bookings/:id/cancel", personal, s.cancelBooking),
		post("/me/bookings/:id/accept", personal, s.acceptTime),
		post("/me/bookings/:id/decline", personal, s.declineTimes),
	}
}

func advicePages() map[string]pager {
	return map[string]pager{
		"advice": &advicePage{}, "advice_programme": &adviceProgrammePage{}, "advice_time": &adviceTimePage{}, "advice_need": &adviceNeedPage{},
		"hours": &hoursPage{}, "hours_ledger": &ledgerPage{}, "booking": &bookingPage{}, "booking_move": &bookingMovePage{},
		"me_again": &meAgainPage{},
	}
}

// adviceCard is a programme of advice, ready to print.
type adviceCard struct {
	Advice   advisory.Programme
	Text     advisory.Text
	TextLang string // of the text, when the reader's is missing
	WithVAT  int64
	// ForAll marks advice that is free and needs no seminar first, as in a crisis.
	ForAll bool
}

func (s *Server) adviceCard(c *gin.Context, p advisory.Programme) adviceCard {
	a := adviceCard{Advice: p, WithVAT: p.PriceMinor * int64(100+p.VATPercent) / 100}
	a.Text, a.TextLang = p.Text(string(s.language(c)))
	a.ForAll = p.Status == advisory.Open && p.Prerequisite == advisory.NoPrerequisite && p.PriceMinor == 0
	return a
}

// advicePage lists the programmes of advice.
type advicePage struct {
	page
	Programmes []adviceCard
}

func (s *Server) advice(c *gin.Context) error {
	p := &advicePage{}
	err := s.DB.Read(c.Request.Context(), func(tx *store.Tx) error {
		all, err := advisory.OpenProgrammes(c.Request.Context(), tx)
		for _, a := range all {
			p.Programmes = append(p.Programmes, s.adviceCard(c, a))
		}
		// What is open to all stands first, then what is told in the reader's language.
		last := func(a adviceCard) int {
			switch {
			case a.ForAll:
				return 0
			case a.TextLang == "":
				return 1
			}
			return 2
		}
		slices.SortStableFunc(p.Programmes, func(a, b adviceCard) int { return cmp.Compare(last(a), last(b)) })
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "advice", p)
}

// openAdvice lists the programmes of advice that take bookings.
func (s *Server) openAdvice(ctx context.Context) (all []advisory.Programme, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = advisory.OpenProgrammes(ctx, tx)
		return err
	})
	return all, err
}

// readForAll lists the programmes that need no seminar first, for the front page.
func (s *Server) readForAll(ctx context.Context, c *gin.Context, tx *store.Tx) (cards []adviceCard, err error) {
	all, err := advisory.OpenProgrammes(ctx, tx)
	for _, a := range all {
		if card := s.adviceCard(c, a); card.ForAll {
			cards = append(cards, card)
		}
	}
	return cards, err
}

// adviceProgrammePage is all that everybody may know of one programme of advice.
type adviceProgrammePage struct {
	page
	adviceCard
	Programme programme.Programme
	Advisers  []advisory.Adviser
	timeList              // the next free times, without who has booked the others
	Seminars  []eventCard // that open the hours
}

// meetingTime is a time on the programme's clock.
type meetingTime struct {
	Start, End time.Time
	At         string // as the address has it
	AdviserID  string
	Adviser    string
}

// How much a page shows of the free times beside other things: in place of one that
// is gone, and the next days with the first times of each.
const (
	nextTimes = 5
	nextDays  = 4
	dayTimes  = 3
)

func (s *Server) adviceProgramme(c *gin.Context) error {
	ctx := c.Request.Context()
	p := &adviceProgrammePage{page: page{Wide: true}}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		a, owner, err := publicAdvice(ctx, tx, c.Param("slug"))
		if err != nil {
			return err
		}
		p.Programme, p.adviceCard, p.Zone = owner, s.adviceCard(c, a), owner.TimeZone
		c.Set(fallbackKey, a.Language)
		if p.Advisers, err = advisory.AdvisersOf(ctx, tx, a.ID); err != nil || a.Status != advisory.Open {
			return err
		}
		if len(a.Lengths) > 0 && len(a.Meetings) > 0 {
			free, err := advisory.Slots(ctx, tx, advisory.SlotQuery{AdvisoryProgrammeID: a.ID, Minutes: a.Lengths[0], Meeting: a.Meetings[0]})
			if err != nil {
				return err
			}
			p.Days = byDay(spread(onClock(free, owner)))
			p.To = "/me/advice/" + a.Slug + "/need?" + wish{Minutes: a.Lengths[0], Meeting: a.Meetings[0]}.query().Encode()
		}
		p.Seminars, err = s.seminarsFor(ctx, tx, a)
		return err
	})
	if err != nil {
		return err
	}
	p.Brand = p.Programme.Name
	return s.render(c, http.StatusOK, "advice_programme", p)
}

// publicAdvice finds a programme of advice that everybody may see, with the
// programme that it belongs to. A draft is nobody's business yet.
func publicAdvice(ctx context.Context, tx *store.Tx, slug string) (a advisory.Programme, owner programme.Programme, err error) {
	if a, err = advisory.ProgrammeBySlug(ctx, tx, slug); err != nil {
		return a, owner, err
	}
	if a.Status == advisory.Draft {
		return a, owner, problem.ErrMissing
	}
	owner, err = programme.Find(ctx, tx, a.ProgrammeID)
	return a, owner, err
}

// seminarsFor are the next events by which somebody gets the hours.
func (s *Server) seminarsFor(ctx context.Context, tx *store.Tx, a advisory.Programme) (cards []eventCard, err error) {
	if a.Prerequisite != advisory.AttendedKind {
		return nil, nil
	}
	events, err := event.List(ctx, tx, event.Filter{
		ProgrammeIDs: []string{a.ProgrammeID}, Kinds: []event.Kind{a.PrerequisiteKind}, Statuses: []event.Status{event.Published}, From: tx.Now, Limit: 3,
	})
	for _, ev := range events {
		cards = append(cards, s.card(ev, tx.Now))
	}
	return cards, err
}

// spread takes the first times of each of the next days: a morning full of them
// would tell little.
func spread(times []meetingTime) (few []meetingTime) {
	days := 0
	for _, t := range times {
		n := len(few)
		if n == 0 || few[n-1].Start.YearDay() != t.Start.YearDay() {
			if days++; days > nextDays {
				break
			}
		}
		if n < dayTimes || few[n-dayTimes].Start.YearDay() != t.Start.YearDay() {
			few = append(few, t)
		}
	}
	return few
}

// byDay puts times, in order, under their days.
func byDay(times []meetingTime) (days []timeDay) {
	for _, t := range times {
		if n := len(days); n == 0 || days[n-1].Date.YearDay() != t.Start.YearDay() {
			days = append(days, timeDay{Date: t.Start})
		}
		d := &days[len(days)-1]
		d.Times = append(d.Times, t)
	}
	return days
}

// onClock puts times on the programme's clock.
func onClock(all []advisory.Slot, owner programme.Programme) []meetingTime {
	loc := clockOf(owner)
	times := make([]meetingTime, len(all))
	for i, t := range all {
		times[i] = meetingTime{t.StartsAt.In(loc), t.EndsAt.In(loc), t.StartsAt.UTC().Format(time.RFC3339), t.AdviserID, t.Name}
	}
	return times
}

func clockOf(owner programme.Programme) *time.Location {
	loc, err := time.LoadLocation(owner.TimeZone)
	if err != nil {
		return time.UTC
	}
	return loc
}
