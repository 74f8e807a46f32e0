package advisory_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/municipality"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// post is every letter of one kind or several, or all, as "code to whom at which
// SEQUENCE", in the order in which they were written.
func (w *world) post(kinds ...message.Letter) (all []string) {
	w.t.Helper()
	w.do(func(tx *store.Tx) error {
		for _, m := range w.messages(tx) {
			known := len(kinds) == 0
			for _, k := range kinds {
				known = known || k == m.Letter
			}
			if !known {
				continue
			}
			line := string(m.Letter) + " " + strings.SplitN(m.Recipient, "@", 2)[0]
			if m.CalendarSequence != nil {
				line += " " + string(rune('0'+*m.CalendarSequence))
			}
			all = append(all, line)
		}
		return nil
	})
	return all
}

func (w *world) messages(tx *store.Tx) []message.Message {
	w.t.Helper()
	ids, err := store.All(ctx(), tx, store.Value[string], `SELECT id FROM message ORDER BY created_at, id`)
	if err != nil {
		w.t.Fatal(err)
	}
	var all []message.Message
	for _, id := range ids {
		m, err := message.Find(ctx(), tx, id)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func (w *world) self() audit.Actor { return audit.Actor{Kind: "person", ID: w.who.ID} }

func TestBothSidesOfAMeetingHearOfEachStep(t *testing.T) {
	w := newWorld(t, nil)
	other := w.newAdviser("olle@radgivare.example")
	r := w.request(at("2027-01-18", "10:00"), 60)
	r.AdviserID = w.adviser.ID
	b, err := w.book(r)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Hour)
	w.do(func(tx *store.Tx) error {
		_, err := advisory.Reschedule(ctx(), tx, b.ID, at("2027-01-19", "10:00"), 0, "", false, w.self())
		return err
	})
	w.clock.Advance(time.Hour)
	w.do(func(tx *store.Tx) error {
		_, err := advisory.Reschedule(ctx(), tx, b.ID, at("2027-01-20", "10:00"), 0, other.ID, false, w.self())
		return err
	})
	w.clock.Advance(time.Hour)
	w.do(func(tx *store.Tx) error {
		_, err := advisory.Cancel(ctx(), tx, b.ID, "", true, w.self())
		return err
	})
	want := []string{"B3 anna 0", "B15 eva 0", "B6 anna 1", "B15 eva 1", "B6 anna 2", "B15b eva 2", "B15 olle 2", "B7 anna 3", "B15b olle 3"}
	if diff := cmp.Diff(want, w.post()); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
	if b.AdviserUID(w.adviser.ID) == b.AdviserUID(other.ID) || b.AdviserUID(other.ID) == b.CalendarUID {
		t.Error("two people share a number in their calendars")
	}
}

// What an adviser does to a mere request needs no letter to that adviser.
func TestAnAdviserIsNotToldOfTheOwnNo(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.Prerequisite = advisory.ByOrganiser })
	b, err := w.book(w.request(at("2027-01-18", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	w.do(func(tx *store.Tx) error {
		_, err := advisory.Decline(ctx(), tx, b.ID, "Passar bättre hos oss på kommunen.", audit.Actor{Kind: "user", ID: w.adviser.UserID})
		return err
	})
	if diff := cmp.Diff([]string{"B1 anna", "B15 eva", "B4 anna"}, w.post()); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
}

func TestPeopleAreRemindedAWorkingDayBefore(t *testing.T) {
	w := newWorld(t, nil)
	b, err := w.book(w.request(at("2027-01-18", "10:00"), 60)) // a Monday
	if err != nil {
		t.Fatal(err)
	}
	due := func(until time.Time) (lines []string) {
		w.do(func(tx *store.Tx) error {
			all, err := advisory.RemindersDue(ctx(), tx, until)
			for _, r := range all {
				lines = append(lines, r.DueAt.Format("Mon 15:04")+" "+r.Recipient)
			}
			return err
		})
		return lines
	}
	remind := func() {
		w.do(func(tx *store.Tx) error {
			_, err := advisory.Remind(ctx(), tx)
			return err
		})
	}
	if got := due(at("2027-01-15", "08:59")); got != nil {
		t.Errorf("before its time %v are due", got)
	}
	if diff := cmp.Diff([]string{"Fri 09:00 anna@snickarna.example"}, due(at("2027-01-15", "09:00"))); diff != "" {
		t.Error(diff)
	}
	w.clock.Set(at("2027-01-15", "09:00"))
	remind()
	remind()
	if diff := cmp.Diff([]string{"B12 anna"}, w.post(message.BookingReminder)); diff != "" {
		t.Error(diff)
	}
	w.do(func(tx *store.Tx) error { // moved: reminded of the new time
		_, err := advisory.Reschedule(ctx(), tx, b.ID, at("2027-01-21", "10:00"), 0, "", true, audit.System)
		return err
	})
	w.clock.Set(at("2027-01-21", "10:00"))
	remind()
	if n := len(w.post(message.BookingReminder)); n != 1 {
		t.Errorf("%d reminders once the meeting has begun", n)
	}
	w.clock.Set(at("2027-01-20", "23:00")) // found late, at night
	remind()
	w.do(func(tx *store.Tx) error {
		all := w.messages(tx)
		last := all[len(all)-1]
		if last.Letter != message.BookingReminder || !last.DueAt.Equal(at("2027-01-21", "07:00")) || !last.NotAfter.Equal(at("2027-01-21", "10:00")) {
			t.Errorf("%s goes at %v, not after %v", last.Letter, last.DueAt, last.NotAfter)
		}
		return nil
	})
}

// Who books after the moment of the reminder has just been told.
func TestWhoHasJustBookedIsNotReminded(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.LeadMinutes = 60 })
	w.clock.Set(at("2027-01-15", "08:30"))
	if _, err := w.book(w.request(at("2027-01-18", "10:00"), 60)); err != nil {
		t.Fatal(err)
	}
	w.clock.Set(at("2027-01-15", "09:05"))
	w.do(func(tx *store.Tx) error {
		_, err := advisory.Remind(ctx(), tx)
		return err
	})
	if got := w.post(message.BookingReminder); got != nil {
		t.Errorf("%v", got)
	}
}

func TestATimeThatNobodyEntersIsAskedForAndThenTold(t *testing.T) {
	w := newWorld(t, nil)
	w.do(func(tx *store.Tx) error {
		_, err := store.Exec(ctx(), tx, `UPDATE programme SET contact_email = 'kontakt@region.example' WHERE id = ?`, w.prog.ID)
		return err
	})
	if _, err := w.book(w.request(at("2027-01-18", "10:00"), 60)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		day  string
		want []string
	}{
		{"2027-01-25", nil}, // a Monday, the fifth working day runs until eleven
		{"2027-01-26", []string{"B16 eva"}},
		{"2027-02-01", []string{"B16 eva"}},
		{"2027-02-02", []string{"B16 eva", "O5 kontakt"}},
		{"2027-02-20", []string{"B16 eva", "O5 kontakt"}},
	} {
		w.clock.Set(at(step.day, "10:30"))
		for range 2 {
			w.do(func(tx *store.Tx) error { return advisory.TellAmiss(ctx(), tx) })
		}
		if diff := cmp.Diff(step.want, w.post(message.AdviserChased, message.HoursAmiss)); diff != "" {
			t.Errorf("on %s (-want +got):\n%s", step.day, diff)
		}
	}
}

func TestOrganisersAreToldOfAnAccountAboveItsCap(t *testing.T) {
	w := newWorld(t, nil)
	if _, err := w.book(w.request(at("2027-01-18", "10:00"), 60)); err != nil {
		t.Fatal(err)
	}
	a := w.account()
	w.do(func(tx *store.Tx) error {
		if _, err := store.Exec(ctx(), tx, `UPDATE programme SET contact_email = 'kontakt@region.example' WHERE id = ?`, w.prog.ID); err != nil {
			return err
		}
		_, err := store.Exec(ctx(), tx, `INSERT INTO hours_entry (id, account_id, advisory_programme_id, kind, minutes, actor_kind, at, position) VALUES ('merged', ?, ?, 'merge', 300, 'user', ?, 99)`,
			a.ID, w.advice.ID, store.At(tx.Now))
		return err
	})
	for range 2 {
		w.do(func(tx *store.Tx) error { return advisory.TellAmiss(ctx(), tx) })
	}
	if diff := cmp.Diff([]string{"O5 kontakt"}, w.post(message.HoursAmiss)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// attend lets somebody take part in a seminar that opens the advice.
func (w *world) attend(name string, forFirm bool) (r registration.Registration) {
	w.t.Helper()
	w.do(func(tx *store.Tx) error {
		p := w.person2(tx, name)
		ev, err := event.Create(ctx(), tx, w.prog.ID, "", event.Content{
			Kind: event.LearningSeminar, Language: "sv", Title: "Lärseminarium " + name, Mode: event.Room, VenueName: "Folkets hus", Municipality: municipality.Code{Country: "SE", Number: "2080"},
			StartsAt: tx.Now.Add(time.Hour), EndsAt: tx.Now.Add(3 * time.Hour), TimeZone: "Europe/Stockholm", Audiences: []string{"supplier_sme"},
		}, audit.System)
		if err != nil {
			return err
		}
		firm := ""
		if forFirm {
			firm = w.firm.ID
		}
		id := tx.NewID()
		_, err = store.Exec(ctx(), tx, `INSERT INTO registration (id, event_id, person_id, company_id, status, mode, email, first_name, last_name, language, organisation_kind, joined_at, confirmed_at, calendar_uid, created_at, changed_at)
			VALUES (?, ?, ?, ?, 'attended', 'room', ?, ?, 'Lind', 'sv', 'none', ?, ?, ?, ?, ?)`,
			id, ev.ID, p, store.Text(firm), name+"@snickarna.example", name, store.At(tx.Now), store.At(tx.Now), id, store.At(tx.Now), store.At(tx.Now))
		if err == nil && forFirm {
			err = company.Claim(ctx(), tx, p, w.firm.ID, true)
		}
		r.ID = id
		return err
	})
	return r
}

func (w *world) person2(tx *store.Tx, name string) string {
	w.t.Helper()
	id, err := store.One(ctx(), tx, store.Value[string], `
		INSERT INTO person (id, email, first_name, last_name, language, created_at) VALUES (?, ?, ?, 'Lind', 'sv', ?) ON CONFLICT (email) DO UPDATE SET first_name = excluded.first_name RETURNING id`,
		tx.NewID(), name+"@snickarna.example", name, store.At(tx.Now))
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func TestACompanyHearsOnceThatItMayBook(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) {
		p.Prerequisite, p.PrerequisiteKind, p.PrerequisiteMonths = advisory.AttendedKind, event.LearningSeminar, 24
	})
	tell := func() []string {
		w.do(func(tx *store.Tx) error {
			_, err := advisory.TellEligible(ctx(), tx)
			return err
		})
		return w.post(message.MayBook)
	}
	w.clock.Set(at("2027-01-11", "20:45"))
	w.do(func(tx *store.Tx) error { // a colleague, confirmed, and one who is not
		if err := company.Claim(ctx(), tx, w.who.ID, w.firm.ID, true); err != nil {
			return err
		}
		return company.Claim(ctx(), tx, w.person2(tx, "olof"), w.firm.ID, false)
	})
	if got := tell(); got != nil {
		t.Fatalf("nobody has attended, and %v", got)
	}
	first := w.attend("bo", true)
	w.attend("alma", false)
	w.clock.Set(at("2027-01-11", "21:10"))
	want := []string{"B13 alma", "B13 anna", "B13 bo"}
	if diff := cmp.Diff(want, sorted(tell())); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	w.do(func(tx *store.Tx) error {
		for _, m := range w.messages(tx) {
			if m.Letter == message.MayBook && !m.DueAt.Equal(at("2027-01-12", "07:00")) {
				t.Errorf("a letter of the evening goes at %v", m.DueAt)
			}
		}
		return nil
	})
	w.attend("cilla", true)
	if diff := cmp.Diff(want, sorted(tell())); diff != "" {
		t.Errorf("told again (-want +got):\n%s", diff)
	}
	// The mark is taken back before the letters go: they are dropped, and once
	// somebody really attends they are written again.
	w.do(func(tx *store.Tx) error {
		if _, err := store.Exec(ctx(), tx, `UPDATE registration SET status = 'confirmed' WHERE id = ? OR company_id = ?`, first.ID, w.firm.ID); err != nil {
			return err
		}
		_, err := store.Exec(ctx(), tx, `UPDATE message SET status = 'dropped', done_at = created_at WHERE letter = 'B13' AND recipient NOT LIKE 'alma%'`)
		return err
	})
	tell()
	w.clock.Set(at("2027-01-13", "10:00"))
	w.attend("doris", true)
	if got := len(tell()); got != 3+4 { // anna, bo, cilla, doris
		t.Errorf("%d letters after somebody attended for good: %v", got, w.post(message.MayBook))
	}
	w.clock.Set(at("2029-01-10", "10:00")) // not yet two years after
	w.attend("doris", true)
	if got := len(tell()); got != 7 {
		t.Errorf("%d letters within two years", got)
	}
	w.clock.Set(at("2029-01-14", "10:00"))
	if got := len(tell()); got != 7+4 {
		t.Errorf("%d letters after two years", got)
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
