package advisory_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/municipality"
	"stafett/internal/store"
)

// slots asks for times.
func (w *world) slots(q advisory.SlotQuery) (found []advisory.Slot) {
	w.t.Helper()
	q.AdvisoryProgrammeID = w.advice.ID
	if q.Meeting == "" {
		q.Meeting = advisory.Online
	}
	w.do(func(tx *store.Tx) (err error) {
		found, err = advisory.Slots(ctx(), tx, q)
		return err
	})
	return found
}

// exec writes a row that others will have functions for.
func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	w.do(func(tx *store.Tx) error {
		_, err := store.Exec(ctx(), tx, query, args...)
		return err
	})
}

// told writes times as the clock in Stockholm shows them.
func told(found []advisory.Slot) string {
	var list []string
	for _, s := range found {
		list = append(list, s.StartsAt.In(at("2027-01-18", "00:00").Location()).Format("02 15:04"))
	}
	return strings.Join(list, ", ")
}

var morning = advisory.SlotQuery{Minutes: 60, From: at("2027-01-18", "08:00"), To: at("2027-01-18", "11:00")}

func TestTimesThatCanBeBooked(t *testing.T) {
	falun, mora := municipality.Code{Country: "SE", Number: "2080"}, municipality.Code{Country: "SE", Number: "2062"}
	for _, tt := range []struct {
		name   string
		change func(w *world, q *advisory.SlotQuery)
		want   string
	}{
		{"each half hour of the week's window", func(*world, *advisory.SlotQuery) {},
			"18 08:00, 18 08:30, 18 09:00, 18 09:30, 18 10:00, 18 10:30"},
		{"not where another meeting is, with what both keep free", func(w *world, _ *advisory.SlotQuery) {
			if _, err := w.book(w.request(at("2027-01-18", "10:00"), 30)); err != nil {
				w.t.Fatal(err)
			}
		}, "18 08:00, 18 08:30"},
		{"the time of a meeting that is to be moved is free for it", func(w *world, q *advisory.SlotQuery) {
			b, err := w.book(w.request(at("2027-01-18", "10:00"), 30))
			if err != nil {
				w.t.Fatal(err)
			}
			q.ExceptBooking = b.ID
		}, "18 08:00, 18 08:30, 18 09:00, 18 09:30, 18 10:00, 18 10:30"},
		{"not when the adviser is busy", func(w *world, _ *advisory.SlotQuery) {
			w.exec(`INSERT INTO busy_time (adviser_id, starts_at, ends_at) VALUES (?, ?, ?)`, w.adviser.ID, store.At(at("2027-01-18", "07:00")), store.At(at("2027-01-18", "08:20")))
		}, "18 09:00, 18 09:30, 18 10:00, 18 10:30"},
		{"not when the adviser is away, but at hours added to the week", func(w *world, q *advisory.SlotQuery) {
			w.exec(`INSERT INTO availability_exception (id, adviser_id, date, available) VALUES ('x', ?, '2027-01-18', FALSE)`, w.adviser.ID)
			w.exec(`INSERT INTO availability_exception (id, adviser_id, date, from_clock, to_clock, available) VALUES ('y', ?, '2027-01-18', '08:20', '09:20', TRUE)`, w.adviser.ID)
			w.exec(`INSERT INTO availability_exception (id, adviser_id, date, from_clock, to_clock, available) VALUES ('z', ?, '2027-01-17', '23:00', '24:00', TRUE)`, w.adviser.ID)
			q.From = time.Time{}
		}, "15 10:00, 15 10:30, 15 11:00, 15 11:30, 15 12:00, 15 12:30, 15 13:00, 15 13:30, 15 14:00, 15 14:30, 15 15:00, 15 15:30, 15 16:00, 15 16:30, 15 17:00, 17 23:00, 18 08:20"},
		{"on a Sunday as well, when the week says so", func(w *world, q *advisory.SlotQuery) {
			w.exec(`INSERT INTO availability (id, adviser_id, weekday, from_clock, to_clock) VALUES ('x', ?, 7, '08:00', '09:00')`, w.adviser.ID)
			q.From, q.To = at("2027-01-17", "00:00"), at("2027-01-18", "00:00")
		}, "17 08:00"},
		{"with the way to the municipality on both sides, as long as it is", func(w *world, q *advisory.SlotQuery) {
			w.exec(`INSERT INTO adviser_travel (adviser_id, municipality_country, municipality_code, minutes) VALUES (?, 'SE', '2062', 90)`, w.adviser.ID)
			w.exec(`INSERT INTO busy_time (adviser_id, starts_at, ends_at) VALUES (?, ?, ?)`, w.adviser.ID, store.At(at("2027-01-18", "07:00")), store.At(at("2027-01-18", "08:00")))
			q.Meeting, q.Municipality = advisory.OnSite, mora
		}, "18 10:00, 18 10:30"}, // 90 and 15
		{"or an hour where nothing is said", func(w *world, q *advisory.SlotQuery) {
			w.exec(`INSERT INTO busy_time (adviser_id, starts_at, ends_at) VALUES (?, ?, ?)`, w.adviser.ID, store.At(at("2027-01-18", "07:00")), store.At(at("2027-01-18", "08:00")))
			q.Meeting, q.Municipality = advisory.OnSite, falun
		}, "18 09:30, 18 10:00, 18 10:30"},
		{"with no way where people come to the adviser", func(w *world, q *advisory.SlotQuery) {
			w.exec(`UPDATE adviser SET office = 'Stigaregatan 1, Falun' WHERE id = ?`, w.adviser.ID)
			w.exec(`INSERT INTO busy_time (adviser_id, starts_at, ends_at) VALUES (?, ?, ?)`, w.adviser.ID, store.At(at("2027-01-18", "07:00")), store.At(at("2027-01-18", "08:00")))
			q.Meeting, q.Municipality = advisory.OnSite, falun
		}, "18 08:30, 18 09:00, 18 09:30, 18 10:00, 18 10:30"},
		{"none after the last day for tenders", func(_ *world, q *advisory.SlotQuery) { q.TenderDay = "2027-01-17" }, ""},
		{"none after the programme's last day, however late tenders may come", func(w *world, q *advisory.SlotQuery) {
			w.exec(`UPDATE advisory_programme SET closes_on = '2027-01-15'`)
			q.TenderDay = "2027-02-17"
		}, ""},
		{"none of a programme that is closed", func(w *world, _ *advisory.SlotQuery) { w.exec(`UPDATE advisory_programme SET status = 'closed'`) }, ""},
		{"none of an adviser who has stopped", func(w *world, _ *advisory.SlotQuery) {
			w.exec(`UPDATE adviser SET stopped_at = created_at`)
		}, ""},
		{"none of an adviser who helps the other side", func(w *world, q *advisory.SlotQuery) {
			r := w.request(at("2027-01-20", "10:00"), 60)
			r.Procurement = "Fönster, Älvdalens skola"
			if _, err := w.book(r); err != nil {
				w.t.Fatal(err)
			}
			q.Procurement, q.Side = "fönster  älvdalens skola", advisory.Buyer
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, nil)
			q := morning
			tt.change(w, &q)
			if diff := cmp.Diff(tt.want, told(w.slots(q))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Every quarter of an hour of two days is tried: what is listed can be booked, and
// what is not is refused.
func TestWhatIsListedCanBeBookedAndNothingElse(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.CapMinutes = nil })
	w.newAdviser("nils@radgivare.example")
	w.exec(`UPDATE adviser SET max_per_day = 2`)
	w.exec(`INSERT INTO busy_time (adviser_id, starts_at, ends_at) VALUES (?, ?, ?)`, w.adviser.ID, store.At(at("2027-01-18", "09:00")), store.At(at("2027-01-18", "11:00")))
	for _, clock := range []string{"12:00", "13:30", "15:00"} {
		if _, err := w.book(w.request(at("2027-01-18", clock), 60)); err != nil {
			t.Fatal(err)
		}
	}
	q := advisory.SlotQuery{Minutes: 90, From: at("2027-01-18", "06:00"), To: at("2027-01-19", "20:00")}
	listed := map[time.Time]string{}
	for _, s := range w.slots(q) {
		listed[s.StartsAt] = s.AdviserID
	}
	if len(listed) == 0 {
		t.Fatal("no times")
	}
	undo := errors.New("only asked")
	for start := q.From.UTC(); start.Before(q.To); start = start.Add(15 * time.Minute) {
		err := w.db.Write(ctx(), func(tx *store.Tx) error {
			b, err := advisory.Book(ctx(), tx, w.request(start, q.Minutes), audit.Actor{Kind: "person", ID: w.who.ID})
			if err == nil && b.AdviserID != listed[start] {
				t.Errorf("%v: booked with %s, listed with %q", start, b.AdviserID, listed[start])
			}
			return errors.Join(err, undo)
		})
		if refused := errors.Is(err, advisory.ErrSlotTaken); refused == (listed[start] != "") {
			t.Errorf("%v: listed with %q, booking it says %v", start, listed[start], err)
		}
	}
}

func TestAnyoneIsWhoHasTheFewestMeetingsThatWeekThenTheLongestWithout(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.CapMinutes = nil })
	eva := w.adviser.ID
	nils := w.newAdviser("nils@radgivare.example").ID
	book := func(adviser, day, clock string) {
		t.Helper()
		r := w.request(at(day, clock), 60)
		r.AdviserID = adviser
		if _, err := w.book(r); err != nil {
			t.Fatal(err)
		}
	}
	who := func(day, clock string) string {
		t.Helper()
		start := at(day, clock)
		found := w.slots(advisory.SlotQuery{Minutes: 60, From: start, To: start.Add(time.Minute)})
		if len(found) != 1 {
			t.Fatalf("%d times, want one", len(found))
		}
		return map[string]string{eva: "Eva", nils: "Nils"}[found[0].AdviserID]
	}
	book(nils, "2027-01-18", "08:00")
	book(eva, "2027-01-19", "08:00")
	book(eva, "2027-01-20", "08:00")
	if got := who("2027-01-22", "14:00"); got != "Nils" {
		t.Errorf("%s, want Nils, who has one meeting in the week and Eva two", got)
	}
	if got := who("2027-01-27", "14:00"); got != "Nils" {
		t.Errorf("%s, want Nils, whose last meeting is longer ago, when neither has one in the week", got)
	}
	if got := who("2027-01-18", "08:00"); got != "Eva" {
		t.Errorf("%s, want Eva, who is the one with time then", got)
	}
}

func TestDaysWithTimesAndTheNext(t *testing.T) {
	w := newWorld(t, nil)
	var days []string
	for _, d := range advisory.ByDay(w.slots(advisory.SlotQuery{Minutes: 60, From: at("2027-01-15", "16:00"), To: at("2027-01-19", "09:00")}), w.adviser.Location()) {
		days = append(days, fmt.Sprint(d.Date, " ", len(d.Slots)))
	}
	if diff := cmp.Diff([]string{"2027-01-15 3", "2027-01-18 19", "2027-01-19 2"}, days); diff != "" {
		t.Error(diff)
	}
	w.do(func(tx *store.Tx) error {
		next, found, err := advisory.NextSlot(ctx(), tx, advisory.SlotQuery{AdvisoryProgrammeID: w.advice.ID, Meeting: advisory.Phone, Minutes: 30})
		if want := at("2027-01-15", "10:00"); !found || !next.StartsAt.Equal(want) {
			t.Errorf("the next time is %v, %v, want %v", next.StartsAt, found, want)
		}
		return err
	})
}

func TestWhoTakesNoNewBookingsStillMovesThoseThereAre(t *testing.T) {
	w := newWorld(t, nil)
	b, err := w.book(w.request(at("2027-01-18", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	w.exec(`UPDATE adviser SET stopped_at = created_at`)
	if _, err := w.book(w.request(at("2027-01-20", "10:00"), 60)); !errors.Is(err, advisory.ErrSlotTaken) {
		t.Errorf("a new booking: %v, want %v", err, advisory.ErrSlotTaken)
	}
	if len(w.slots(advisory.SlotQuery{Minutes: 60, AdviserID: w.adviser.ID, ExceptBooking: b.ID})) == 0 {
		t.Error("there is no time to move the meeting to")
	}
	w.do(func(tx *store.Tx) error {
		_, err := advisory.Reschedule(ctx(), tx, b.ID, at("2027-01-20", "10:00"), 0, "", false, by)
		return err
	})
}

func TestAnAdviserMovesAMeetingToWhateverIsFree(t *testing.T) {
	w := newWorld(t, nil)
	b, err := w.book(w.request(at("2027-01-18", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.book(w.request(at("2027-01-18", "14:00"), 60)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		clock  string
		agreed bool
		want   error
	}{
		{"19:00", false, advisory.ErrSlotTaken},
		{"14:30", true, advisory.ErrSlotTaken},
		{"19:00", true, nil},
	} {
		err := w.db.Write(ctx(), func(tx *store.Tx) error {
			_, err := advisory.Reschedule(ctx(), tx, b.ID, at("2027-01-18", tt.clock), 0, "", tt.agreed, audit.Actor{Kind: "user", ID: w.adviser.UserID})
			return err
		})
		if !errors.Is(err, tt.want) {
			t.Errorf("to %s, agreed %v: %v, want %v", tt.clock, tt.agreed, err, tt.want)
		}
	}
}
