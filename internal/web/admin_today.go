package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/owndata"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// todayPage is what an organiser sees first: what needs a hand, what is on, and
// whether everything runs.
type todayPage struct {
	page
	Day      time.Time
	Stuck    message.Counts
	Todo     []todo
	Today    []eventLine
	Next     []eventLine
	Coming   int // published events that have not ended
	Taken    int // places at them
	Waiting  int // people in their queues
	Sent     int // messages of the last seven days
	Runs     []runLine
	RunsFine []runLine  // what runs as it should; Runs is what does not
	Work     adviceWork // of advice: what waits for somebody
	Erasures int        // people who wait for an answer about erasure
	AllFine  bool       // nothing needs a hand
	Troubled bool       // something that should run by itself does not
}

// todo is one event that an organiser should look at; the text is
// "admin.todo.<Why>".
type todo struct {
	eventCard
	Why     string
	N, Most int
	To      string // address
}

// eventLine is one event in a list, with how many come and wait.
type eventLine struct {
	eventCard
	Taken, Capacity int // Capacity 0: no limit
	Waiting         int
	Color           string
	Status          adminStatus
	Programme       string
}

func (s *Server) line(ev event.Event, waiting int, now time.Time) eventLine {
	l := eventLine{eventCard: s.card(ev, now), Capacity: ev.Places(), Waiting: waiting, Status: statusOf(ev, now)}
	all := event.Capacity{}
	if l.Capacity > 0 {
		all.Places = &l.Capacity
	}
	for _, m := range ev.Modes() {
		l.Taken += ev.Capacity(m).Taken + ev.Capacity(m).Extra
	}
	all.Taken = l.Taken
	l.Color = newPlacesBar("", all).Color
	return l
}

// runLine is the last time that something which runs by itself did.
type runLine struct {
	Name  string // the text is "admin.run.<Name>"
	At    time.Time
	Never bool
	Late  bool
	Fault string
}

// runLines tells of everything that runs by itself, also of what never has.
func runLines(runs []message.Run, now time.Time, loc *time.Location) (lines []runLine, troubled bool) {
	for _, job := range message.Expected(runs) {
		l := runLine{Name: job.Name, Never: true, Late: true}
		for _, r := range runs {
			if r.Name == job.Name {
				l = runLine{Name: job.Name, At: r.At.In(loc), Late: now.Sub(r.At) > job.Within, Fault: r.Fault}
			}
		}
		troubled = troubled || l.Late || l.Fault != ""
		lines = append(lines, l)
	}
	return lines, troubled
}

// How much of what is to come the page shows, and how far ahead it looks for
// what is missing.
const (
	nextShown = 8
	lookAhead = 7 * 24 * time.Hour
	weekAgo   = -7 * 24 * time.Hour
)

func (s *Server) today(c *gin.Context) error {
	ctx, now := c.Request.Context(), s.DB.Now()
	p := &todayPage{page: adminPage(c, "today"), Day: now.In(deskZone())}
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		own := mayOrganise(c)
		if p.Stuck, err = (message.Filter{Reach: reach(c)}).Tally(ctx, tx); err != nil {
			return err
		}
		old, err := message.OldOf(ctx, tx, own)
		if err != nil {
			return err
		}
		for _, o := range old { // about those the banner asks
			p.Stuck.Held -= o.N
		}
		if p.Erasures, err = owndata.CountOpen(ctx, tx, own); err != nil {
			return err
		}
		if p.Work, err = adviceWorkOf(ctx, tx, c); err != nil {
			return err
		}
		week, err := (message.Filter{Reach: reach(c), From: now.Add(weekAgo)}).Tally(ctx, tx)
		if err != nil {
			return err
		}
		p.Sent = week.Sent
		runs, err := message.Runs(ctx, tx)
		if err != nil {
			return err
		}
		lines, troubled := runLines(runs, now, deskZone())
		p.Troubled = troubled
		for _, l := range lines {
			if l.Late || l.Fault != "" {
				p.Runs = append(p.Runs, l)
			} else {
				p.RunsFine = append(p.RunsFine, l)
			}
		}
		if err := s.unfinished(ctx, tx, p, own, now); err != nil {
			return err
		}
		return s.coming(ctx, tx, p, own, now)
	})
	if err != nil {
		return err
	}
	p.AllFine = p.Stuck.Stuck() == 0 && p.Erasures == 0 && !p.Work.Any() && len(p.Todo) == 0 && !p.Troubled
	return s.render(c, http.StatusOK, "today", p)
}

// unfinished notes the events that nobody can see yet, and those without a date.
func (s *Server) unfinished(ctx context.Context, tx *store.Tx, p *todayPage, own []string, now time.Time) error {
	events, err := event.List(ctx, tx, event.Filter{ProgrammeIDs: own, Statuses: []event.Status{event.Draft, event.Postponed}})
	for _, ev := range events {
		p.Todo = append(p.Todo, todo{eventCard: s.card(ev, now), Why: string(ev.Status), To: "/admin/events/" + ev.ID})
	}
	return err
}

// coming adds up what lies ahead, and notes what is missing at it.
func (s *Server) coming(ctx context.Context, tx *store.Tx, p *todayPage, own []string, now time.Time) error {
	events, err := event.List(ctx, tx, event.Filter{ProgrammeIDs: own, Statuses: []event.Status{event.Published}, From: startOfDay(p.Day)})
	if err != nil {
		return err
	}
	tomorrow := startOfDay(p.Day).AddDate(0, 0, 1)
	for _, ev := range events {
		counts, err := registration.CountsOf(ctx, tx, ev.ID)
		if err != nil {
			return err
		}
		l := s.line(ev, counts[registration.Waitlisted], now)
		if n := counts[registration.Requested]; n > 0 && now.Before(ev.StartsAt) {
			p.Todo = append(p.Todo, todo{eventCard: l.eventCard, Why: "requests", N: n, To: "/admin/events/" + ev.ID + "/queue#requests"})
		}
		n, few := registration.TooFew(ev, counts)
		decide := few && !now.Before(ev.DecisionTime()) && now.Before(ev.StartsAt)
		if decide {
			p.Todo = append(p.Todo, todo{eventCard: l.eventCard, Why: "decide", N: n, Most: *ev.MinParticipants, To: "/admin/events/" + ev.ID})
		}
		if why, n, most := needsHand(ev, counts, now); why != "" && !(decide && why == "few") {
			p.Todo = append(p.Todo, todo{eventCard: l.eventCard, Why: why, N: n, Most: most, To: "/admin/events/" + ev.ID})
		}
		if ev.StartsAt.Before(tomorrow) {
			p.Today = append(p.Today, l)
		} else if len(p.Next) < nextShown {
			p.Next = append(p.Next, l)
		}
		if now.Before(ev.EndsAt) {
			p.Coming, p.Taken, p.Waiting = p.Coming+1, p.Taken+l.Taken, p.Waiting+l.Waiting
		}
	}
	return nil
}

func startOfDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// needsHand says what an organiser must do about a coming event; empty when
// nothing.
func needsHand(ev event.Event, counts registration.Counts, now time.Time) (why string, n, most int) {
	soon := ev.StartsAt.After(now) && ev.StartsAt.Sub(now) < lookAhead
	n, few := registration.TooFew(ev, counts)
	switch {
	case soon && ev.HasMode(event.Online) && ev.JoinURL == "":
		return "join_url", 0, 0
	case soon && few:
		return "few", n, *ev.MinParticipants
	}
	return "", 0, 0
}
