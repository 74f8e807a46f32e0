package advisory_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// another is a company of its own with a person, by a letter.
func (w *world) another(letter string) (companyID, personID string) {
	w.t.Helper()
	number := map[string]string{"a": "4020001006", "b": "4020002004", "c": "4020003002", "d": "4020004000", "e": "4020005007"}[letter]
	w.do(func(tx *store.Tx) error {
		c, err := company.Ensure(ctx(), tx, "SE", number, "Firma "+letter)
		companyID = c.ID
		return err
	})
	return companyID, w.person(letter + "@firma.example").ID
}

// waits asks for an hour without a time, for a company of its own.
func (w *world) waits(letter string, change func(*advisory.Request)) advisory.Booking {
	w.t.Helper()
	r := w.request(time.Time{}, 60)
	r.CompanyID, r.PersonID = w.another(letter)
	r.Wishes = "helst på eftermiddagen"
	if change != nil {
		change(&r)
	}
	b, err := w.book(r)
	if err != nil {
		w.t.Fatal(err)
	}
	if b.Status != advisory.Waiting {
		w.t.Fatalf("%s, want waiting", b.Status)
	}
	return b
}

// busyAll takes all the advisers' time.
func (w *world) busyAll() {
	w.t.Helper()
	w.exec(`INSERT INTO busy_time (adviser_id, starts_at, ends_at) SELECT id, '2027-01-01T00:00:00Z', '2028-01-01T00:00:00Z' FROM adviser`)
}

// frees makes the adviser's time free between two moments, and nothing else.
func (w *world) frees(from, to time.Time) {
	w.t.Helper()
	w.do(func(tx *store.Tx) error {
		for _, s := range []struct {
			query string
			args  []any
		}{
			{`DELETE FROM busy_time`, nil},
			{`INSERT INTO busy_time (adviser_id, starts_at, ends_at) SELECT id, '2027-01-01T00:00:00Z', ? FROM adviser`, []any{store.At(from)}},
			{`INSERT INTO busy_time (adviser_id, starts_at, ends_at) SELECT id, ?, '2028-01-01T00:00:00Z' FROM adviser`, []any{store.At(to)}},
		} {
			if _, err := store.Exec(ctx(), tx, s.query, s.args...); err != nil {
				return err
			}
		}
		return advisory.OfferFreed(ctx(), tx)
	})
}

// minute does what runs by itself.
func (w *world) minute() {
	w.t.Helper()
	w.do(func(tx *store.Tx) error { return advisory.LookAfterWaiting(ctx(), tx) })
}

func (w *world) proposals(bookingID string) (found []advisory.Proposal) {
	w.t.Helper()
	w.do(func(tx *store.Tx) (err error) {
		found, err = advisory.ProposalsOf(ctx(), tx, bookingID)
		return err
	})
	return found
}

// heard tells what was proposed for a booking and what came of it.
func (w *world) heard(bookingID string) string {
	var list []string
	for _, p := range w.proposals(bookingID) {
		list = append(list, p.StartsAt.In(w.adviser.Location()).Format("02 15:04")+" "+string(p.Status))
	}
	return strings.Join(list, ", ")
}

func (w *world) booking(id string) (b advisory.Booking) {
	w.t.Helper()
	w.do(func(tx *store.Tx) (err error) {
		b, err = advisory.BookingByID(ctx(), tx, id)
		return err
	})
	return b
}

// letters lists the letters about a booking, oldest first.
func (w *world) letters(bookingID string) (found []string) {
	w.t.Helper()
	w.do(func(tx *store.Tx) (err error) {
		found, err = store.All(ctx(), tx, store.Value[string], `SELECT letter FROM message WHERE booking_id = ? ORDER BY created_at, id`, bookingID)
		return err
	})
	return found
}

func (w *world) propose(bookingID string, starts ...time.Time) (made []advisory.Proposal, err error) {
	err = w.db.Write(ctx(), func(tx *store.Tx) (err error) {
		made, err = advisory.Propose(ctx(), tx, bookingID, w.adviser.ID, starts, audit.Actor{Kind: "user", ID: w.adviser.UserID})
		return err
	})
	return made, err
}

func (w *world) accept(proposalID string) (b advisory.Booking, err error) {
	err = w.db.Write(ctx(), func(tx *store.Tx) (err error) {
		b, err = advisory.AcceptProposal(ctx(), tx, proposalID, by)
		return err
	})
	return b, err
}

func (w *world) decline(bookingID string) error {
	return w.db.Write(ctx(), func(tx *store.Tx) error {
		_, err := advisory.DeclineProposals(ctx(), tx, bookingID, by)
		return err
	})
}

func TestAnAdviserProposesTimesAndTheCompanyTakesOne(t *testing.T) {
	w := newWorld(t, nil)
	b := w.waits("a", nil)
	made, err := w.propose(b.ID, at("2027-01-19", "19:00"), at("2027-01-20", "10:00"), at("2027-02-01", "10:00"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"B2", "B14"}, w.letters(b.ID)); diff != "" {
		t.Error(diff)
	}
	if _, err := w.book(w.request(at("2027-01-20", "10:30"), 60)); !errors.Is(err, advisory.ErrSlotTaken) {
		t.Errorf("a booking over a proposed time: %v, want %v", err, advisory.ErrSlotTaken)
	}
	got, err := w.accept(made[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != advisory.Confirmed || !got.StartsAt.Equal(at("2027-01-20", "10:00")) || got.AdviserID != w.adviser.ID || got.JoinURL == "" {
		t.Errorf("accepted: %+v", got)
	}
	if diff := cmp.Diff("19 19:00 withdrawn, 20 10:00 accepted, 01 10:00 withdrawn", w.heard(b.ID)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"B2", "B14", "B3", "B15"}, w.letters(b.ID)); diff != "" {
		t.Error(diff)
	}
	w.do(func(tx *store.Tx) error {
		a, err := advisory.AccountByID(ctx(), tx, got.AccountID)
		if a.Reserved != 60 {
			t.Errorf("%d minutes reserved, want 60", a.Reserved)
		}
		return err
	})
	if again, err := w.accept(made[1].ID); err != nil || again.Status != advisory.Confirmed {
		t.Errorf("a second yes: %s, %v", again.Status, err)
	}
	if _, err := w.accept(made[0].ID); !errors.Is(err, advisory.ErrProposalOver) {
		t.Errorf("yes to another of the times: %v, want %v", err, advisory.ErrProposalOver)
	}
	if _, err := w.book(w.request(at("2027-02-01", "10:00"), 60)); err != nil {
		t.Errorf("a time that was let go: %v", err)
	}
}

// The clock is that of offers of places: of what is more than a week ahead 24 hours
// of working days, counted from seven in the morning to nine in the evening, and the
// less the nearer.
func TestAProposedTimeIsHeldUntilItsOwnDeadline(t *testing.T) {
	w := newWorld(t, nil) // Wednesday, ten o'clock
	b := w.waits("a", nil)
	made, err := w.propose(b.ID, at("2027-01-13", "18:00"), at("2027-01-14", "18:00"), at("2027-01-18", "10:00"), at("2027-02-01", "10:00"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range made {
		got = append(got, p.ExpiresAt.In(w.adviser.Location()).Format("02 15:04"))
	}
	if diff := cmp.Diff([]string{"13 12:00", "13 14:00", "14 08:00", "14 20:00"}, got); diff != "" {
		t.Error(diff)
	}
	w.clock.Set(at("2027-01-14", "08:00"))
	if _, err := w.accept(made[2].ID); !errors.Is(err, advisory.ErrProposalOver) {
		t.Errorf("yes at the deadline: %v, want %v", err, advisory.ErrProposalOver)
	}
	if _, err := w.book(w.request(at("2027-01-18", "10:00"), 60)); err != nil {
		t.Errorf("a time whose deadline has passed: %v", err)
	}
	w.minute()
	if diff := cmp.Diff("13 18:00 expired, 14 18:00 expired, 18 10:00 expired, 01 10:00 open", w.heard(b.ID)); diff != "" {
		t.Error(diff)
	}
	if s := w.booking(b.ID).Status; s != advisory.Waiting {
		t.Errorf("%s, want waiting", s)
	}
}

func TestWhatAnAdviserCannotPropose(t *testing.T) {
	for _, tt := range []struct {
		name   string
		starts []time.Time
		change func(w *world, b advisory.Booking)
		want   string
	}{
		{"nothing", nil, nil, "time1:required"},
		{"the same twice", []time.Time{at("2027-01-20", "10:00"), at("2027-01-20", "10:00")}, nil, "time2:time_twice"},
		{"too near to be answered", []time.Time{at("2027-01-13", "15:00")}, nil, "time1:time_near"},
		{"what is over", []time.Time{at("2027-01-12", "15:00")}, nil, "time1:time_near"},
		{"after the last day for tenders", []time.Time{at("2027-02-10", "10:00"), at("2027-02-11", "10:00")}, nil, "time2:time_late"},
		{"where another meeting is", []time.Time{at("2027-01-20", "10:00"), at("2027-01-20", "12:00")}, func(w *world, _ advisory.Booking) {
			if _, err := w.book(w.request(at("2027-01-20", "12:30"), 60)); err != nil {
				w.t.Fatal(err)
			}
		}, "time2:slot_taken"},
		{"what is proposed to another", []time.Time{at("2027-01-20", "10:00")}, func(w *world, _ advisory.Booking) {
			if _, err := w.propose(w.waits("b", nil).ID, at("2027-01-20", "11:00")); err != nil {
				w.t.Fatal(err)
			}
		}, "time1:slot_taken"},
		{"more than five at once", []time.Time{at("2027-01-20", "10:00"), at("2027-01-20", "12:00")}, func(w *world, b advisory.Booking) {
			if _, err := w.propose(b.ID, at("2027-01-25", "08:00"), at("2027-01-25", "09:00"), at("2027-01-25", "10:00"), at("2027-01-25", "11:00")); err != nil {
				w.t.Fatal(err)
			}
		}, "many_proposals"},
		{"to a company without hours", []time.Time{at("2027-01-20", "10:00")}, func(w *world, b advisory.Booking) {
			w.exec(`UPDATE hours_account SET cap_minutes = 30 WHERE id = ?`, b.AccountID)
		}, "cap_exceeded"},
		{"to one who waits no more", []time.Time{at("2027-01-20", "10:00")}, func(w *world, b advisory.Booking) {
			w.do(func(tx *store.Tx) error { _, err := advisory.Cancel(ctx(), tx, b.ID, "", true, by); return err })
		}, "booking_not_now"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, nil)
			b := w.waits("a", func(r *advisory.Request) { r.TenderDay = "2027-02-10" })
			if tt.change != nil {
				tt.change(w, b)
			}
			_, err := w.propose(b.ID, tt.starts...)
			p, ok := problem.As(err)
			if !ok {
				t.Fatalf("%v, want a refusal", err)
			}
			if !strings.Contains(p.Error(), tt.want) {
				t.Errorf("%q, want %q", p.Error(), tt.want)
			}
		})
	}
}

func TestATimeThatComesFreeIsOfferedToWhoeverWaitsInTheOrderOfTheQueue(t *testing.T) {
	w := newWorld(t, nil)
	w.busyAll()
	first := w.waits("a", nil)
	w.clock.Advance(time.Hour)
	second := w.waits("b", nil)
	hurry := w.waits("c", func(r *advisory.Request) { r.TenderDay = "2027-01-29" })
	sooner := w.waits("d", func(r *advisory.Request) { r.TenderDay = "2027-01-19" }) // before the time that comes free
	w.frees(at("2027-01-20", "09:45"), at("2027-01-20", "13:30"))
	for _, tt := range []struct{ id, want string }{
		{sooner.ID, ""}, {hurry.ID, "20 10:00 open"}, {first.ID, "20 11:30 open"}, {second.ID, ""},
	} {
		if diff := cmp.Diff(tt.want, w.heard(tt.id)); diff != "" {
			t.Error(diff)
		}
	}
	if diff := cmp.Diff([]string{"B2", "B14"}, w.letters(hurry.ID)); diff != "" {
		t.Error(diff)
	}
	if _, err := w.book(w.request(at("2027-01-20", "10:00"), 60)); !errors.Is(err, advisory.ErrSlotTaken) {
		t.Errorf("a newcomer took what the queue was offered: %v", err)
	}
	if err := w.decline(hurry.ID); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("20 10:00 open", w.heard(second.ID)); diff != "" {
		t.Error("the next is not offered what was declined", diff)
	}
	if diff := cmp.Diff("20 10:00 declined", w.heard(hurry.ID)); diff != "" {
		t.Error(diff)
	}
}

func TestACancelledMeetingGoesToTheQueueInTheSameStep(t *testing.T) {
	w := newWorld(t, nil)
	taken, err := w.book(w.request(at("2027-01-20", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	w.exec(`INSERT INTO busy_time (adviser_id, starts_at, ends_at) VALUES (?, '2027-01-01T00:00:00Z', ?)`, w.adviser.ID, store.At(taken.BlockedFrom))
	w.exec(`INSERT INTO busy_time (adviser_id, starts_at, ends_at) VALUES (?, ?, '2028-01-01T00:00:00Z')`, w.adviser.ID, store.At(taken.BlockedTo))
	b := w.waits("a", nil)
	w.do(func(tx *store.Tx) error { _, err := advisory.Cancel(ctx(), tx, taken.ID, "", true, by); return err })
	if diff := cmp.Diff("20 10:00 open", w.heard(b.ID)); diff != "" {
		t.Error(diff)
	}
	got, err := w.accept(w.proposals(b.ID)[0].ID)
	if err != nil || got.Status != advisory.Confirmed {
		t.Errorf("%s, %v", got.Status, err)
	}
}

func TestTheOtherTimesProposedGoToTheQueueInTheSameStep(t *testing.T) {
	w := newWorld(t, nil)
	w.busyAll()
	first, second := w.waits("a", nil), w.waits("b", nil)
	w.exec(`DELETE FROM busy_time`)
	w.exec(`DELETE FROM availability`)
	w.exec(`INSERT INTO availability (id, adviser_id, weekday, from_clock, to_clock) VALUES ('x', ?, 3, '10:00', '11:00')`, w.adviser.ID)
	made, err := w.propose(first.ID, at("2027-01-20", "10:00"), at("2027-01-27", "10:00"), at("2027-02-03", "10:00"), at("2027-02-10", "10:00"), at("2027-02-17", "10:00"))
	if err != nil {
		t.Fatal(err)
	}
	w.exec(`UPDATE advisory_programme SET closes_on = '2027-02-17'`)
	w.minute()
	if got := w.heard(second.ID); got != "" {
		t.Fatalf("offered %s, which is held for another", got)
	}
	if _, err := w.accept(made[0].ID); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("27 10:00 open", w.heard(second.ID)); diff != "" {
		t.Error(diff)
	}
}

func TestTwoWhoWaitAreOfferedOneHourWithTwoAdvisers(t *testing.T) {
	w := newWorld(t, nil)
	w.newAdviser("nils@radgivare.example")
	w.busyAll()
	first, second, third := w.waits("a", nil), w.waits("b", nil), w.waits("c", nil)
	w.frees(at("2027-01-20", "09:45"), at("2027-01-20", "11:15"))
	if diff := cmp.Diff("20 10:00 open/20 10:00 open/", w.heard(first.ID)+"/"+w.heard(second.ID)+"/"+w.heard(third.ID)); diff != "" {
		t.Error(diff)
	}
}

func TestTheOldTimeOfAMovedMeetingGoesToTheQueueInTheSameStep(t *testing.T) {
	w := newWorld(t, nil)
	w.exec(`DELETE FROM availability`)
	w.exec(`INSERT INTO availability (id, adviser_id, weekday, from_clock, to_clock) VALUES ('x', ?, 3, '10:00', '11:00')`, w.adviser.ID)
	w.exec(`UPDATE advisory_programme SET closes_on = '2027-01-20'`)
	meeting, err := w.book(w.request(at("2027-01-20", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	b := w.waits("a", nil)
	w.do(func(tx *store.Tx) error {
		_, err := advisory.Reschedule(ctx(), tx, meeting.ID, at("2027-01-21", "19:00"), 0, "", true, by)
		return err
	})
	if diff := cmp.Diff("20 10:00 open", w.heard(b.ID)); diff != "" {
		t.Error(diff)
	}
}

func TestNobodyWaitsForWhatTheyCouldNotTake(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(w *world, r *advisory.Request)
		want   string
	}{
		{"more than is left", func(w *world, r *advisory.Request) {
			w.exec(`UPDATE hours_account SET cap_minutes = 45`)
			r.Minutes = 60
		}, "cap_exceeded"},
		{"all that is left, as it is less than the shortest length", func(w *world, r *advisory.Request) {
			w.exec(`UPDATE hours_account SET cap_minutes = 20`)
			r.Minutes = 20
		}, ""},
		{"a length that there is not", func(_ *world, r *advisory.Request) { r.Minutes = 45 }, "minutes:choice"},
		{"somebody who gives no advice here", func(_ *world, r *advisory.Request) { r.AdviserID = "nobody" }, "missing"},
		{"an adviser who helps the other side", func(w *world, r *advisory.Request) {
			first := w.request(at("2027-01-20", "10:00"), 60)
			first.Procurement, first.CompanyID, first.PersonID = "Fönster, Älvdalens skola", r.CompanyID, r.PersonID
			if _, err := w.book(first); err != nil {
				w.t.Fatal(err)
			}
			r.AdviserID, r.Procurement, r.Side = w.adviser.ID, "Fönster Älvdalens skola", advisory.Buyer
		}, "other_side"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, nil)
			r := w.request(time.Time{}, 60)
			w.do(func(tx *store.Tx) error {
				_, err := advisory.OpenAccount(ctx(), tx, w.advice, advisory.Holder{CompanyID: w.firm.ID}, 2027)
				return err
			})
			tt.change(w, &r)
			_, err := w.book(r)
			if p, refused := problem.As(err); tt.want == "" && err != nil || tt.want != "" && (!refused || !strings.Contains(p.Error(), tt.want)) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestWhatDidNotSuitIsNotOffered(t *testing.T) {
	w := newWorld(t, nil)
	b := w.waits("a", nil) // though weeks are free
	w.minute()
	w.clock.Advance(3 * 24 * time.Hour) // more days come into view
	w.minute()
	if got := w.heard(b.ID); got != "" {
		t.Errorf("offered %s", got)
	}
	w.exec(`INSERT INTO availability (id, adviser_id, weekday, from_clock, to_clock) VALUES ('x', ?, 2, '18:00', '20:00')`, w.adviser.ID)
	w.minute()
	if diff := cmp.Diff("19 17:30 open", w.heard(b.ID)); diff != "" { // as it goes on till half past six
		t.Error(diff)
	}
	if err := w.decline(b.ID); err != nil {
		t.Fatal(err)
	}
	w.minute()
	if diff := cmp.Diff("19 17:30 declined", w.heard(b.ID)); diff != "" { // one no to all that is free now
		t.Error(diff)
	}
	if err := w.decline(b.ID); err != nil {
		t.Errorf("a second no: %v", err)
	}
}

func TestWhoDoesNotAnswerStandsBehindTheOthersAndLapsesAfterTheSecondTime(t *testing.T) {
	w := newWorld(t, nil)
	w.busyAll()
	silent, other := w.waits("a", nil), w.waits("b", nil)
	w.frees(at("2027-02-01", "09:45"), at("2027-02-01", "11:15"))
	if diff := cmp.Diff("01 10:00 open", w.heard(silent.ID)); diff != "" {
		t.Fatal(diff)
	}
	w.clock.Set(w.proposals(silent.ID)[0].ExpiresAt)
	w.minute()
	if diff := cmp.Diff("01 10:00 expired/01 10:00 open", w.heard(silent.ID)+"/"+w.heard(other.ID)); diff != "" {
		t.Fatal(diff)
	}
	if err := w.decline(other.ID); err != nil {
		t.Fatal(err)
	}
	w.minute()
	if diff := cmp.Diff("01 10:00 expired", w.heard(silent.ID)); diff != "" { // not the same again
		t.Fatal(diff)
	}
	w.frees(at("2027-02-03", "09:45"), at("2027-02-03", "11:15"))
	if diff := cmp.Diff("01 10:00 declined, 03 10:00 open", w.heard(other.ID)); diff != "" {
		t.Fatal(diff)
	}
	w.frees(at("2027-02-05", "09:45"), at("2027-02-05", "11:15"))
	if diff := cmp.Diff("01 10:00 expired, 05 10:00 open", w.heard(silent.ID)); diff != "" {
		t.Fatal(diff)
	}
	w.clock.Set(w.proposals(silent.ID)[1].ExpiresAt)
	w.minute()
	if b := w.booking(silent.ID); b.Status != advisory.Lapsed || b.EndReason != advisory.LapsedNoReply {
		t.Errorf("%s, %q, want lapsed, %q", b.Status, b.EndReason, advisory.LapsedNoReply)
	}
	if l := w.letters(silent.ID); l[len(l)-1] != "B5" {
		t.Errorf("letters %v, want B5 at the end", l)
	}
}

func TestARequestLapsesAfterItsLastDayForTenders(t *testing.T) {
	w := newWorld(t, nil)
	b := w.waits("a", func(r *advisory.Request) { r.TenderDay = "2027-01-20" })
	for _, tt := range []struct {
		now  time.Time
		want advisory.Status
	}{{at("2027-01-20", "23:59"), advisory.Waiting}, {at("2027-01-21", "00:00"), advisory.Lapsed}} {
		w.clock.Set(tt.now)
		w.minute()
		if got := w.booking(b.ID).Status; got != tt.want {
			t.Errorf("%v: %s, want %s", tt.now, got, tt.want)
		}
	}
	if got := w.booking(b.ID).EndReason; got != advisory.LapsedNoTime {
		t.Errorf("because of %q, want %q", got, advisory.LapsedNoTime)
	}
}

func TestAtNightATimeIsHeldAndTheLetterWaitsForMorning(t *testing.T) {
	w := newWorld(t, nil)
	w.busyAll()
	b := w.waits("a", nil)
	w.clock.Set(at("2027-01-14", "02:00"))
	w.frees(at("2027-01-20", "09:45"), at("2027-01-20", "11:15"))
	due := ""
	w.do(func(tx *store.Tx) (err error) {
		due, err = store.One(ctx(), tx, store.Value[string], `SELECT due_at || ' ' || not_after FROM message WHERE letter = 'B14'`)
		return err
	})
	p := w.proposals(b.ID)
	if len(p) != 1 || due != "2027-01-14T06:00:00Z "+p[0].ExpiresAt.Format(time.RFC3339) || !p[0].ExpiresAt.Equal(at("2027-01-14", "19:00")) {
		t.Errorf("the letter %s, the time %+v", due, p)
	}
}

// An organiser has as long to answer as for any other request.
func TestARequestThatWaitedIsAnsweredFromWhenItGotItsTime(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.Prerequisite = advisory.ByOrganiser })
	b := w.waits("a", nil)
	w.clock.Set(at("2027-02-15", "10:00")) // a Monday
	made, err := w.propose(b.ID, at("2027-03-10", "10:00"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err = w.accept(made[0].ID); err != nil || b.Status != advisory.Requested {
		t.Fatalf("%s, %v", b.Status, err)
	}
	for _, tt := range []struct {
		now  time.Time
		want advisory.Status
	}{{at("2027-02-22", "23:59"), advisory.Requested}, {at("2027-02-23", "00:00"), advisory.Lapsed}} {
		w.clock.Set(tt.now)
		w.do(func(tx *store.Tx) error { return advisory.LapseDue(ctx(), tx) })
		if got := w.booking(b.ID).Status; got != tt.want {
			t.Errorf("%v: %s, want %s", tt.now, got, tt.want)
		}
	}
}

func TestHoursAddedToTheWeekGoToTheQueueInTheSameStep(t *testing.T) {
	w := newWorld(t, nil)
	w.exec(`DELETE FROM availability`)
	w.exec(`UPDATE advisory_programme SET closes_on = '2027-01-20'`)
	b, other := w.waits("a", nil), w.waits("b", nil)
	w.do(func(tx *store.Tx) error {
		return advisory.SetWeek(ctx(), tx, w.adviser.ID, []advisory.Window{{Weekday: 2, From: "10:00", To: "11:00"}}, by)
	})
	if diff := cmp.Diff("19 10:00 open", w.heard(b.ID)); diff != "" {
		t.Error(diff)
	}
	w.do(func(tx *store.Tx) error {
		_, err := advisory.AddException(ctx(), tx, w.adviser.ID, advisory.Exception{Date: "2027-01-18", From: "13:00", To: "14:00", Available: true}, "", by)
		return err
	})
	if diff := cmp.Diff("18 13:00 open", w.heard(other.ID)); diff != "" {
		t.Error(diff)
	}
}

func TestOneWhoseRequestIsBrokenKeepsNobodyWaiting(t *testing.T) {
	w := newWorld(t, nil)
	taken, err := w.book(w.request(at("2027-01-20", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	w.exec(`INSERT INTO busy_time (adviser_id, starts_at, ends_at) VALUES (?, '2027-01-01T00:00:00Z', ?)`, w.adviser.ID, store.At(taken.BlockedFrom))
	w.exec(`INSERT INTO busy_time (adviser_id, starts_at, ends_at) VALUES (?, ?, '2028-01-01T00:00:00Z')`, w.adviser.ID, store.At(taken.BlockedTo))
	broken, b := w.waits("a", nil), w.waits("b", nil)
	w.exec(`INSERT INTO booking_seen (booking_id, times) VALUES (?, 'nonsense')`, broken.ID)
	w.do(func(tx *store.Tx) error { _, err := advisory.Cancel(ctx(), tx, taken.ID, "", true, by); return err })
	if diff := cmp.Diff("/20 10:00 open", w.heard(broken.ID)+"/"+w.heard(b.ID)); diff != "" {
		t.Error(diff)
	}
	err = w.db.Write(ctx(), func(tx *store.Tx) error { return advisory.LookAfterWaiting(ctx(), tx) })
	if partly := (store.Partly{}); !errors.As(err, &partly) || !strings.Contains(err.Error(), broken.ID) {
		t.Errorf("the scheduler is told %v, want what is wrong with %s", err, broken.ID)
	}
}

func TestWhoWaitsMayTakeAnyFreeTime(t *testing.T) {
	w := newWorld(t, nil)
	b := w.waits("a", nil)
	choose := func(clock string) (err error) {
		return w.db.Write(ctx(), func(tx *store.Tx) error {
			b, err = advisory.ChooseTime(ctx(), tx, b.ID, at("2027-01-20", clock), "", by)
			return err
		})
	}
	if err := choose("19:00"); !errors.Is(err, advisory.ErrSlotTaken) {
		t.Errorf("outside of the week: %v", err)
	}
	if err := choose("10:00"); err != nil || b.Status != advisory.Confirmed {
		t.Errorf("%s, %v", b.Status, err)
	}
}

func TestHoursAreThoseOfTheYearOfTheMeeting(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.CapPeriod = "year" })
	w.clock.Set(at("2027-12-20", "10:00"))
	b := w.waits("a", nil)
	made, err := w.propose(b.ID, at("2028-01-10", "10:00"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.accept(made[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	w.do(func(tx *store.Tx) error {
		a, err := advisory.AccountByID(ctx(), tx, got.AccountID)
		if a.Year != 2028 || a.Reserved != 60 {
			t.Errorf("%d minutes of %d reserved, want 60 of 2028", a.Reserved, a.Year)
		}
		return err
	})
}

func TestCancellingARequestLetsItsTimesGo(t *testing.T) {
	w := newWorld(t, nil)
	b := w.waits("a", nil)
	made, err := w.propose(b.ID, at("2027-01-20", "10:00"), at("2027-01-21", "10:00"))
	if err != nil {
		t.Fatal(err)
	}
	w.do(func(tx *store.Tx) error { return advisory.WithdrawProposal(ctx(), tx, made[1].ID, by) })
	w.do(func(tx *store.Tx) error { _, err := advisory.Cancel(ctx(), tx, b.ID, "", true, by); return err })
	if diff := cmp.Diff("20 10:00 withdrawn, 21 10:00 withdrawn", w.heard(b.ID)); diff != "" {
		t.Error(diff)
	}
}

func TestADayOfIllnessTakesBackWhatIsProposedOfIt(t *testing.T) {
	w := newWorld(t, nil)
	b := w.waits("a", nil)
	if _, err := w.propose(b.ID, at("2027-01-20", "10:00"), at("2027-01-21", "10:00")); err != nil {
		t.Fatal(err)
	}
	w.do(func(tx *store.Tx) error {
		_, err := advisory.CancelDay(ctx(), tx, w.adviser.ID, nil, "2027-01-20", "sjuk", by)
		return err
	})
	if diff := cmp.Diff("20 10:00 withdrawn, 21 10:00 open", w.heard(b.ID)); diff != "" {
		t.Error(diff)
	}
}

func TestTheQueueOfAnAdviserIsThatOfTheProgrammesAndOwn(t *testing.T) {
	w := newWorld(t, nil)
	other := w.newAdviser("nils@radgivare.example")
	anyone := w.waits("a", nil)
	eva := w.waits("b", func(r *advisory.Request) { r.AdviserID = w.adviser.ID })
	nils := w.waits("c", func(r *advisory.Request) { r.AdviserID, r.TenderDay = other.ID, "2027-01-29" })
	ids := func(list []advisory.Booking) (ids []string) {
		for _, b := range list {
			ids = append(ids, b.ID)
		}
		return ids
	}
	w.do(func(tx *store.Tx) error {
		evas, err := w.adviser.Waiting(ctx(), tx, 10)
		if err != nil {
			return err
		}
		all, err := advisory.Queue(ctx(), tx, w.advice.ID)
		want := []string{nils.ID, anyone.ID, eva.ID}
		if got := ids(all); !slices.Equal(got, want) {
			t.Errorf("the queue is %v, want %v", got, want)
		}
		if got := ids(evas); !slices.Equal(got, want[1:]) {
			t.Errorf("Eva's queue is %v, want %v", got, want[1:])
		}
		return err
	})
}
