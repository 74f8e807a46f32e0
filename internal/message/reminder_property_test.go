package message_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// A draw is one event with rules of chance, people who sign up when they like, and
// a scheduler that stops now and then.
type draw struct {
	rand  *rand.Rand
	rules []message.Rule
	stops []stop
}

type stop struct{ from, to time.Time }

func (d draw) stopped(at time.Time) bool {
	return slices.ContainsFunc(d.stops, func(s stop) bool { return !at.Before(s.from) && at.Before(s.to) })
}

// disturbed reports whether the scheduler stands still at some time of the span.
func (d draw) disturbed(from, to time.Time) bool {
	return slices.ContainsFunc(d.stops, func(s stop) bool { return s.from.Before(to) && from.Before(s.to) })
}

func (d draw) pick(of ...string) string { return of[d.rand.IntN(len(of))] }

func (d *draw) rule() message.Rule {
	r := own(0)
	r.AtClock = ""
	r.Mode = d.pick("", "", "room", "online")
	switch r.Unit = d.pick("minutes", "hours", "days", "working_days"); r.Unit {
	case "minutes":
		r.Amount = 5 * d.rand.IntN(200)
	case "hours":
		r.Amount = d.rand.IntN(60)
	case "days":
		r.Amount, r.AtClock = d.rand.IntN(10), d.pick("", "02:30", "08:40", "09:00", "20:59", "22:00")
	case "working_days":
		r.Amount, r.AtClock = d.rand.IntN(6), d.pick("", "08:00", "09:00", "09:30")
	}
	return r
}

// moment is when a rule's letter should go.
func moment(r message.Rule, a message.Anchors) time.Time {
	at := r.At(a)
	return message.AfterQuietHours(at, r.NotAfter(a, at), a.Zone)
}

// Whatever the rules, whenever people sign up and the program stops: nobody gets
// two letters within the hour (give or take the minutes of the scheduler), nor one
// that makes no sense any more, nor the same twice; and who has had a place for
// long enough gets each, or the one that goes within the hour instead.
func TestRemindersOfChanceKeepTheirPromises(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			d := &draw{rand: rand.New(rand.NewPCG(seed, 4))}
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *event.Content) {
				registrationtest.Hybrid(c)
				c.StartsAt = c.StartsAt.AddDate(0, 0, 20) // the clocks go forward two days before
				c.EndsAt, c.ClosesAt = c.StartsAt.Add(3*time.Hour), c.StartsAt
			})
			for range 1 + d.rand.IntN(7) {
				d.rules = append(d.rules, d.rule())
			}
			d.rules = onlyRules(t, db, ev.ID, d.rules...)
			for range d.rand.IntN(4) {
				from := ev.StartsAt.Add(-time.Duration(d.rand.IntN(12*24*60)) * time.Minute)
				d.stops = append(d.stops, stop{from, from.Add(time.Duration(d.rand.IntN(30*60)) * time.Minute)})
			}
			d.live(t, db, clock, ev)
			d.judge(t, db, ev)
		})
	}
}

// live lets the last two weeks before the event pass.
func (d *draw) live(t *testing.T, db *store.DB, clock *storetest.Clock, ev event.Event) {
	a := anchorsOf(ev)
	signUps, ticks := map[time.Time][]int{}, []time.Time{}
	for n := range 12 {
		at := ev.StartsAt.Add(-time.Duration(10+d.rand.IntN(14*24*60)) * time.Minute)
		if n < 6 { // near some moment
			at = moment(d.rules[d.rand.IntN(len(d.rules))], a).Add(time.Duration(d.rand.IntN(150)-100) * time.Minute)
		}
		if at.Before(ev.StartsAt) {
			signUps[at] = append(signUps[at], n+1)
			ticks = append(ticks, at)
		}
	}
	for _, r := range d.rules {
		ticks = append(ticks, moment(r, a), moment(r, a).Add(time.Minute))
	}
	for _, s := range d.stops {
		ticks = append(ticks, s.to, s.to.Add(time.Minute))
	}
	for at := ev.StartsAt.AddDate(0, 0, -14); at.Before(ev.StartsAt.Add(2 * time.Hour)); at = at.Add(4 * time.Hour) {
		ticks = append(ticks, at)
	}
	slices.SortFunc(ticks, time.Time.Compare)
	for _, at := range slices.Compact(ticks) {
		clock.Set(at)
		for _, n := range signUps[at] {
			q := registrationtest.Request(ev.ID, n)
			q.Mode = []event.Mode{event.Room, event.Online}[n%2]
			registrationtest.SignUp(t, db, q)
		}
		if !d.stopped(at) {
			storetest.Write(t, db, func(tx *store.Tx) error { _, err := message.EnqueueDue(ctx, tx); return err })
		}
	}
}

func anchorsOf(ev event.Event) message.Anchors {
	return message.Anchors{Start: ev.StartsAt, End: ev.EndsAt, Closes: ev.ClosesAt, Zone: ev.Location(), Country: "SE"}
}

type person struct {
	id, mode string
	told     time.Time
}

// judge looks at what each has got.
func (d *draw) judge(t *testing.T, db *store.DB, ev event.Event) {
	var people []person
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		people, err = store.All(ctx, tx, func(r store.Row) (p person, err error) {
			return p, r.Scan(&p.id, &p.mode, store.Time(&p.told))
		}, `SELECT id, mode, confirmed_at FROM registration`)
		return err
	})
	got := map[string][]message.Message{}
	for _, m := range messages(t, db, "rule_id IS NOT NULL") {
		got[m.RegistrationID] = append(got[m.RegistrationID], m)
	}
	const hour, minutes = time.Hour, 5 * time.Minute
	letters := 0
	for _, p := range people {
		seen, last := map[string]bool{}, p.told
		slices.SortFunc(got[p.id], func(a, b message.Message) int { return a.DueAt.Compare(b.DueAt) })
		for _, m := range got[p.id] {
			letters++
			if seen[m.Details.RuleID] {
				t.Errorf("%s got a letter of the rule %s twice", p.id, m.Details.RuleID)
			}
			seen[m.Details.RuleID] = true
			if m.DueAt.Sub(last) < hour-minutes {
				t.Errorf("%s was told at %v and reminded at %v", p.id, last, m.DueAt)
			}
			if last = m.DueAt; !m.DueAt.Before(ev.StartsAt) {
				t.Errorf("%s was reminded at %v of what began at %v", p.id, m.DueAt, ev.StartsAt)
			}
		}
		for _, r := range d.rules {
			at := moment(r, anchorsOf(ev))
			if r.Mode != "" && r.Mode != p.mode || p.told.After(at.Add(-hour)) || !at.Before(ev.StartsAt) || d.disturbed(at, at.Add(hour)) {
				continue
			}
			if !slices.ContainsFunc(got[p.id], func(m message.Message) bool { return !m.DueAt.Before(at) && m.DueAt.Before(at.Add(hour)) }) {
				t.Errorf("%s, told at %v, has nothing of %d %s before at %v; got %s", p.id, p.told, r.Amount, r.Unit, at, dues(got[p.id]))
			}
		}
	}
	t.Logf("%d rules, %d stops, %d people, %d letters", len(d.rules), len(d.stops), len(people), letters)
}

func dues(all []message.Message) string {
	var s []string
	for _, m := range all {
		s = append(s, m.DueAt.Format(time.RFC3339))
	}
	return strings.Join(s, ", ")
}
