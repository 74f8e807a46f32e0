package mailing_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/municipality"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var (
	ctx = context.Background()
	by  = registrationtest.Organiser
)

func write(t testing.TB, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	storetest.Write(t, db, fn)
}

// text is a whole content in Swedish.
func text() mailing.Content {
	return mailing.Content{Facts: true, Texts: map[string]mailing.Text{"sv": {Subject: "Parkering", Body: "Hej {first_name}, parkera på torget."}}}
}

func draft(t testing.TB, db *store.DB, ev event.Event, s mailing.Selection) (m mailing.Mailing) {
	t.Helper()
	write(t, db, func(tx *store.Tx) (err error) {
		m, err = mailing.New(ctx, tx, ev.ProgrammeID, s, text(), by)
		return err
	})
	return m
}

func find(t testing.TB, db *store.DB, id string) (m mailing.Mailing) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		m, err = mailing.Find(ctx, tx, id)
		return err
	})
	return m
}

// work does all that is due, one transaction a step.
func work(t testing.TB, db *store.DB) {
	t.Helper()
	for more := true; more; {
		write(t, db, func(tx *store.Tx) (err error) {
			more, err = mailing.Work(ctx, tx)
			return err
		})
	}
}

func send(t testing.TB, db *store.DB, m mailing.Mailing) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error { return mailing.Send(ctx, tx, m.ID, m.Revision, by) })
}

// written lists to whom letters of mailings stand in the outbox, sorted.
func written(t testing.TB, db *store.DB, where string, args ...any) (all []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		all, err = store.All(ctx, tx, store.Value[string], `SELECT recipient FROM message WHERE letter = 'E27' AND `+where+` ORDER BY recipient`, args...)
		return err
	})
	return all
}

// names are the first names of those whom a selection finds, sorted.
func names(t testing.TB, db *store.DB, programmeID string, s mailing.Selection) (all []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		for n := 0; ; n++ {
			r, found, err := mailing.Nth(ctx, tx, programmeID, s, n)
			if err != nil || !found {
				return err
			}
			all = append(all, strings.TrimSuffix(r.Email, "@example.se"))
		}
	})
	slices.Sort(all)
	return all
}

// delivered ends every letter that waits as sent.
func delivered(t testing.TB, db *store.DB) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE message SET status = 'sent', done_at = ? WHERE status = 'waiting'`, store.At(tx.Now))
		return err
	})
}

func hybrid(c *event.Content) {
	registrationtest.Hybrid(c)
	c.RoomPlaces, c.Catering = new(4), true
	c.Questions = []event.Question{
		{Kind: event.ChoicesQuestion, Label: "Vad vill du höra om?", Options: []string{`Krav & "avtal"`, "Anbud"}},
		{Kind: event.YesNoQuestion, Label: "Kommer du med buss?"},
		{Kind: event.TextQuestion, Label: "Något mer?"},
	}
}

// somebody signs up under a name of one's own.
func somebody(t testing.TB, db *store.DB, ev event.Event, name string, change func(*registration.Request)) registration.Registration {
	t.Helper()
	q := registrationtest.Request(ev.ID, 1)
	q.FirstName, q.Email, q.Mode = name, strings.ToLower(name)+"@example.se", event.Room
	if change != nil {
		change(&q)
	}
	return registrationtest.SignUp(t, db, q).Registration
}

func TestASelectionFindsThoseToWhomAllOfItApplies(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, hybrid)
	about, bus := ev.Questions[0].ID, ev.Questions[1].ID
	answers := func(topic, byBus string) func(*registration.Request) {
		return func(q *registration.Request) { q.Answers = map[string][]string{about: {topic}, bus: {byBus}} }
	}
	bo := somebody(t, db, ev, "bo", func(q *registration.Request) {
		answers(`Krav & "avtal"`, "yes")(q)
		q.Organisation = registration.Organisation{Kind: registration.OfCompany, Country: "SE", Number: "5560000167", Name: "Siljan Snickeri AB"}
		q.Diet, q.DietConsent, q.Municipality = "vegetariskt", true, municipality.Code{Country: "SE", Number: "2062"}
	})
	somebody(t, db, ev, "eva", answers("Anbud", "no"))
	somebody(t, db, ev, "lea", func(q *registration.Request) { q.Mode, q.Audience = event.Online, "supplier_sme" })
	gone := somebody(t, db, ev, "pia", nil)
	back := somebody(t, db, ev, "ulf", nil)
	somebody(t, db, ev, "zoe", nil) // waits: the room has four places
	for _, r := range []registration.Registration{gone, back} {
		write(t, db, func(tx *store.Tx) error {
			_, err := registration.Withdraw(ctx, tx, r.ID, audit.Actor{Kind: "person", ID: r.PersonID}, "")
			return err
		})
	}
	somebody(t, db, ev, "ulf", func(q *registration.Request) { q.Mode = event.Online })
	of := func(change func(*mailing.Selection)) mailing.Selection {
		s := mailing.Selection{EventIDs: []string{ev.ID}, Statuses: []registration.Status{registration.Confirmed}}
		change(&s)
		return s
	}
	for name, tt := range map[string]struct {
		change func(*mailing.Selection)
		want   []string
	}{
		"all with a place": {func(*mailing.Selection) {}, []string{"bo", "eva", "lea", "ulf"}},
		"who waits, or was offered": {func(s *mailing.Selection) {
			s.Statuses = []registration.Status{registration.Waitlisted, registration.Offered}
		}, []string{"zoe"}},
		"who gave up and stayed away":  {func(s *mailing.Selection) { s.Statuses = []registration.Status{registration.Cancelled} }, []string{"pia"}},
		"in the room":                  {func(s *mailing.Selection) { s.Modes = []event.Mode{event.Room} }, []string{"bo", "eva"}},
		"online":                       {func(s *mailing.Selection) { s.Modes = []event.Mode{event.Online} }, []string{"lea", "ulf"}},
		"of a company":                 {func(s *mailing.Selection) { s.CompanyIDs = []string{bo.CompanyID} }, []string{"bo"}},
		"of a municipality":            {func(s *mailing.Selection) { s.Municipalities = []string{"SE-2062"} }, []string{"bo"}},
		"of one of two municipalities": {func(s *mailing.Selection) { s.Municipalities = []string{"SE-2062", "SE-2080"} }, []string{"bo", "eva", "lea", "ulf"}},
		"of an audience":               {func(s *mailing.Selection) { s.Audiences = []string{"supplier_sme"} }, []string{"lea"}},
		"by an answer with quotes":     {func(s *mailing.Selection) { s.Answers = map[string][]string{about: {`Krav & "avtal"`}} }, []string{"bo"}},
		"by part of an answer":         {func(s *mailing.Selection) { s.Answers = map[string][]string{about: {"avtal"}} }, nil},
		"by either answer":             {func(s *mailing.Selection) { s.Answers = map[string][]string{about: {"Anbud", `Krav & "avtal"`}} }, []string{"bo", "eva"}},
		"by two questions":             {func(s *mailing.Selection) { s.Answers = map[string][]string{about: {"Anbud"}, bus: {"yes"}} }, nil},
		"all of it at once": {func(s *mailing.Selection) {
			s.Modes, s.Municipalities, s.Answers = []event.Mode{event.Room}, []string{"SE-2080"}, map[string][]string{bus: {"no"}}
		}, []string{"eva"}},
		"of no event":   {func(s *mailing.Selection) { s.EventIDs = nil }, nil},
		"in no state":   {func(s *mailing.Selection) { s.Statuses = nil }, nil},
		"of no company": {func(s *mailing.Selection) { s.CompanyIDs = []string{"id-none"} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, names(t, db, ev.ProgrammeID, of(tt.change))); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("of another programme", func(t *testing.T) {
		if got := names(t, db, "id-other", of(func(*mailing.Selection) {})); got != nil {
			t.Errorf("found %q", got)
		}
	})
	t.Run("of a company that was merged into another", func(t *testing.T) {
		write(t, db, func(tx *store.Tx) error {
			other, err := company.Ensure(ctx, tx, "SE", "5560001421", "Siljan Snickeri")
			if err != nil {
				return err
			}
			return registration.MergeCompanies(ctx, tx, bo.CompanyID, other.ID, "Samma företag.", by)
		})
		if got := names(t, db, ev.ProgrammeID, of(func(s *mailing.Selection) { s.CompanyIDs = []string{bo.CompanyID} })); !slices.Equal(got, []string{"bo"}) {
			t.Errorf("found %q", got)
		}
	})
}

// A series is taken with the occasions that it has when the mailing goes, and
// each person hears of the occasion that comes first.
func TestAWholeSeriesIsTakenAsItIsThen(t *testing.T) {
	db, clock := storetest.New(t)
	var events []event.Event
	for n := range 3 {
		events = append(events, registrationtest.Event(t, db, func(c *event.Content) {
			c.StartsAt, c.EndsAt = c.StartsAt.AddDate(0, 0, 7*n), c.EndsAt.AddDate(0, 0, 7*n)
		}))
	}
	var series event.Series
	write(t, db, func(tx *store.Tx) (err error) {
		series, err = event.MakeSeries(ctx, tx, "Tre tillfällen", event.ForEach, []string{events[0].ID, events[1].ID}, by)
		return err
	})
	both, last := registrationtest.Sign(t, db, events[0].ID, 1), registrationtest.Sign(t, db, events[2].ID, 2)
	registrationtest.Sign(t, db, events[1].ID, 1)
	m := draft(t, db, events[0], mailing.Selection{SeriesID: series.ID, Statuses: []registration.Status{registration.Confirmed}})
	at := clock.Now().Add(2 * time.Hour)
	write(t, db, func(tx *store.Tx) error {
		if err := mailing.Schedule(ctx, tx, m.ID, m.Revision, at, by); err != nil {
			return err
		}
		return event.AddOccasions(ctx, tx, series.ID, []string{events[2].ID}, by)
	})
	clock.Set(at)
	work(t, db)
	if got := written(t, db, "event_id IN (?, ?)", events[0].ID, events[2].ID); !slices.Equal(got, []string{both.Email, last.Email}) {
		t.Errorf("letters to %q", got)
	}
	if got := written(t, db, "TRUE"); len(got) != 2 {
		t.Errorf("%d letters", len(got))
	}
}

func TestAddressesThatDoNotWorkAndErasedPeopleAreCountedAndLeftOut(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	for n := range 4 {
		registrationtest.Sign(t, db, ev.ID, n)
	}
	write(t, db, func(tx *store.Tx) error {
		if err := person.MarkEmailFailed(ctx, tx, registrationtest.Address(1)); err != nil {
			return err
		}
		_, err := store.Exec(ctx, tx, `UPDATE registration SET status = 'erased', erased_from = 'confirmed', email = '', first_name = '' WHERE email = ?`, registrationtest.Address(2))
		return err
	})
	var reach mailing.Reach
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		reach, err = mailing.ReachOf(ctx, tx, ev.ProgrammeID, mailing.OfEvent(ev.ID))
		return err
	})
	if diff := cmp.Diff(mailing.Reach{People: 2, NotWorking: 1, Erased: 1, Languages: map[string]int{"sv": 2}}, reach); diff != "" {
		t.Errorf("reach (-want +got):\n%s", diff)
	}
	m := draft(t, db, ev, mailing.OfEvent(ev.ID))
	send(t, db, m)
	work(t, db)
	if got := written(t, db, "TRUE"); !slices.Equal(got, []string{registrationtest.Address(0), registrationtest.Address(3)}) {
		t.Errorf("letters to %q", got)
	}
	if m = find(t, db, m.ID); m.NotWorking != 1 || m.Erased != 1 {
		t.Errorf("left out %d and %d", m.NotWorking, m.Erased)
	}
}

// However people sign up for the occasions, give up and come back: each address
// has at most one letter, and one exactly when some registration of it is chosen.
func TestEachAddressHasOneLetterHoweverOftenItSignedUp(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		if err := checks.Value.Set("40"); err != nil {
			t.Fatal(err)
		}
	}
	db, _ := storetest.New(t)
	var events []event.Event
	for range 3 {
		events = append(events, registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = new(2) }))
	}
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			ev, n := events[rapid.IntRange(0, 2).Draw(rt, "event")], rapid.IntRange(0, 3).Draw(rt, "person")
			o := registrationtest.SignUp(t, db, registrationtest.Request(ev.ID, n))
			if rapid.Bool().Draw(rt, "gives up") && o.Registration.Status.Active() {
				write(t, db, func(tx *store.Tx) error {
					_, err := registration.Withdraw(ctx, tx, o.Registration.ID, audit.Actor{Kind: "person", ID: o.Registration.PersonID}, "")
					return err
				})
			}
		}
		s := mailing.Selection{Statuses: rapid.SliceOfNDistinct(rapid.SampledFrom(mailing.States()), 1, 4, rapid.ID).Draw(rt, "states")}
		for _, ev := range events[:rapid.IntRange(1, 3).Draw(rt, "events")] {
			s.EventIDs = append(s.EventIDs, ev.ID)
		}
		m := draft(t, db, events[0], s)
		var counted mailing.Reach
		write(t, db, func(tx *store.Tx) (err error) {
			if counted, err = mailing.ReachOf(ctx, tx, events[0].ProgrammeID, s); err != nil {
				return err
			}
			err = mailing.Send(ctx, tx, m.ID, m.Revision, by)
			if errors.Is(err, mailing.ErrNobody) {
				return nil
			}
			return err
		})
		work(t, db)
		got := written(t, db, "mailing_id = ?", m.ID)
		if len(slices.Compact(slices.Clone(got))) != len(got) {
			rt.Fatalf("an address has two letters: %q", got)
		}
		var want []string
		storetest.Read(t, db, func(tx *store.Tx) error {
			for _, id := range s.EventIDs {
				all, err := registration.Roster(ctx, tx, id, registration.RosterFilter{})
				if err != nil {
					return err
				}
				for _, r := range all {
					here := slices.ContainsFunc(all, func(o registration.Registration) bool { return o.Email == r.Email && o.Status.Active() })
					if slices.Contains(s.Statuses, r.Status) && (r.Status.Active() || !here) {
						want = append(want, r.Email)
					}
				}
			}
			return nil
		})
		slices.Sort(want)
		if want = slices.Compact(want); !slices.Equal(want, got) {
			rt.Fatalf("letters to %q, want %q", got, want)
		}
		if counted.People != len(got) {
			rt.Fatalf("%d were counted, %d letters are written", counted.People, len(got))
		}
		delivered(t, db)
		work(t, db)
	})
}

// The program is killed after a batch, and before the next: what is committed
// stays, and the rest is written afterwards, nobody twice.
func TestSendingGoesOnWhereItWasKilled(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = nil })
	many(t, db, ev, 2*mailing.Batch+10)
	m := draft(t, db, ev, mailing.OfEvent(ev.ID))
	send(t, db, m)
	killed := errors.New("killed")
	for _, want := range []int{mailing.Batch, 2 * mailing.Batch, 2*mailing.Batch + 10} {
		err := db.Write(ctx, func(tx *store.Tx) error { // a batch whose transaction does not end
			if _, err := mailing.Work(ctx, tx); err != nil {
				return err
			}
			return killed
		})
		if !errors.Is(err, killed) {
			t.Fatal(err)
		}
		write(t, db, func(tx *store.Tx) error {
			_, err := mailing.Work(ctx, tx)
			return err
		})
		if got := len(written(t, db, "TRUE")); got != want {
			t.Fatalf("%d letters after a batch, want %d", got, want)
		}
	}
	work(t, db)
	if m = find(t, db, m.ID); m.Status != mailing.Sending || m.WrittenAt.IsZero() {
		t.Errorf("%s while letters wait", m.Status)
	}
	delivered(t, db)
	work(t, db)
	if m = find(t, db, m.ID); m.Status != mailing.Sent {
		t.Errorf("%s when all are delivered", m.Status)
	}
	all := written(t, db, "TRUE")
	if len(slices.Compact(all)) != 2*mailing.Batch+10 {
		t.Error("somebody has two letters, or none")
	}
}

// many puts people into an event by hand: signing each up would take long.
func many(t testing.TB, db *store.DB, ev event.Event, n int) {
	t.Helper()
	r := registrationtest.Sign(t, db, ev.ID, 0)
	delivered(t, db)
	write(t, db, func(tx *store.Tx) error {
		columns, err := store.All(ctx, tx, store.Value[string], `SELECT name FROM pragma_table_info('registration') WHERE name NOT IN ('id', 'email', 'calendar_uid')`)
		if err != nil {
			return err
		}
		list := strings.Join(columns, ", ")
		for i := 1; i < n; i++ {
			id := fmt.Sprintf("many-%05d", i)
			if _, err := store.Exec(ctx, tx, `INSERT INTO registration (id, email, calendar_uid, `+list+`) SELECT ?, ?, ?, `+list+` FROM registration WHERE id = ?`,
				id, id+"@example.se", id, r.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestAScheduledMailingReachesWhoIsInTheStateThenAndNotAtNight(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	stays, leaves := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	m := draft(t, db, ev, mailing.OfEvent(ev.ID))
	evening := clock.Now().Add(13 * time.Hour) // 23:00 in Sweden
	write(t, db, func(tx *store.Tx) error { return mailing.Schedule(ctx, tx, m.ID, m.Revision, evening, by) })
	work(t, db)
	if got := written(t, db, "TRUE"); got != nil {
		t.Fatalf("letters before the time: %q", got)
	}
	write(t, db, func(tx *store.Tx) error {
		_, err := registration.Withdraw(ctx, tx, leaves.ID, audit.Actor{Kind: "person", ID: leaves.PersonID}, "")
		return err
	})
	late := registrationtest.Sign(t, db, ev.ID, 3)
	clock.Set(evening)
	work(t, db)
	if got := written(t, db, "due_at = ?", "2027-01-14T06:00:00Z"); !slices.Equal(got, []string{stays.Email, late.Email}) {
		t.Errorf("letters at seven in the morning to %q", got)
	}
}

func TestWhatWasMissedForLongWaitsForAnOrganiser(t *testing.T) {
	for name, tt := range map[string]struct {
		late time.Duration
		want mailing.Status
	}{"a day late it goes": {24 * time.Hour, mailing.Sending}, "later it does not": {24*time.Hour + time.Second, mailing.Draft}} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, nil)
			registrationtest.Sign(t, db, ev.ID, 1)
			m := draft(t, db, ev, mailing.OfEvent(ev.ID))
			at := clock.Now().Add(time.Hour)
			write(t, db, func(tx *store.Tx) error { return mailing.Schedule(ctx, tx, m.ID, m.Revision, at, by) })
			clock.Set(at.Add(tt.late))
			work(t, db)
			if m = find(t, db, m.ID); m.Status != tt.want || m.Status == mailing.Draft && !m.MissedAt.Equal(at) {
				t.Errorf("%s, missed at %v", m.Status, m.MissedAt)
			}
		})
	}
}

// The database went back to a backup of a minute after the sending began.
func TestWhatMayHaveGoneInTimeThatIsLostWaitsForAnOrganiser(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = nil })
	many(t, db, ev, mailing.Batch+1)
	begun, soon, later := draft(t, db, ev, mailing.OfEvent(ev.ID)), draft(t, db, ev, mailing.OfEvent(ev.ID)), draft(t, db, ev, mailing.OfEvent(ev.ID))
	send(t, db, begun)
	backup := clock.Now()
	write(t, db, func(tx *store.Tx) error {
		if err := mailing.Schedule(ctx, tx, soon.ID, soon.Revision, backup.Add(time.Hour), by); err != nil {
			return err
		}
		if err := mailing.Schedule(ctx, tx, later.ID, later.Revision, backup.Add(5*time.Hour), by); err != nil {
			return err
		}
		_, err := mailing.Work(ctx, tx)
		return err
	})
	clock.Advance(3 * time.Hour)
	write(t, db, func(tx *store.Tx) error { return mailing.Lost(ctx, tx, tx.Now) })
	work(t, db)
	if n := len(written(t, db, "TRUE")); n != mailing.Batch {
		t.Errorf("%d letters after the backup was put back", n)
	}
	begun = find(t, db, begun.ID)
	if begun.Status != mailing.Draft || !begun.MissedAt.Equal(backup) || find(t, db, soon.ID).Status != mailing.Draft || find(t, db, later.ID).Status != mailing.Scheduled {
		t.Errorf("%s missed at %v, %s, %s", begun.Status, begun.MissedAt, find(t, db, soon.ID).Status, find(t, db, later.ID).Status)
	}
	send(t, db, begun)
	work(t, db)
	if n := len(written(t, db, "mailing_id = ?", begun.ID)); n != mailing.Batch+1 {
		t.Errorf("%d letters once it was sent again", n)
	}
}

func TestWhoseAddressIsCorrectedMeanwhileGetsTheLetterThere(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	m := draft(t, db, ev, mailing.OfEvent(ev.ID))
	send(t, db, m)
	work(t, db)
	write(t, db, func(tx *store.Tx) error {
		_, err := registration.ChangeAddress(ctx, tx, r.ID, "right@example.se", by)
		return err
	})
	registrationtest.Sign(t, db, ev.ID, 2) // who came when all were written has none
	delivered(t, db)
	work(t, db)
	if got := written(t, db, "status = 'waiting'"); !slices.Equal(got, []string{"right@example.se"}) {
		t.Errorf("letters to %q", got)
	}
}

func TestStoppingDropsWhatHasNotGone(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	for n := range 4 {
		registrationtest.Sign(t, db, ev.ID, n)
	}
	delivered(t, db)
	m := draft(t, db, ev, mailing.OfEvent(ev.ID))
	send(t, db, m)
	work(t, db)
	write(t, db, func(tx *store.Tx) error { // one has gone, one is in hand, one may have arrived
		for n, set := range []string{"status = 'sent', done_at = ?", "leased_until = ?", "unanswered = 1, leased_until = NULL, due_at = ?"} {
			if _, err := store.Exec(ctx, tx, `UPDATE message SET `+set+` WHERE letter = 'E27' AND recipient = ?`, store.At(tx.Now.Add(time.Minute)), registrationtest.Address(n)); err != nil {
				return err
			}
		}
		return mailing.Stop(ctx, tx, m.ID, by)
	})
	if got := written(t, db, "status = 'dropped' AND reason = ?", message.ReasonMailingStopped); !slices.Equal(got, []string{registrationtest.Address(3)}) {
		t.Errorf("dropped to %q", got)
	}
	if got := find(t, db, m.ID).Status; got != mailing.Stopped {
		t.Error(got)
	}
	err := db.Write(ctx, func(tx *store.Tx) error { return mailing.Stop(ctx, tx, m.ID, by) })
	if !errors.Is(err, mailing.ErrNotNow) {
		t.Errorf("stopped twice: %v", err)
	}
}

func TestTwoEditorsNoticeEachOther(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	m := draft(t, db, ev, mailing.OfEvent(ev.ID))
	save := func(revision int, subject string) error {
		c := text()
		c.Texts["sv"] = mailing.Text{Subject: subject, Body: "Hej."}
		return db.Write(ctx, func(tx *store.Tx) error {
			_, err := mailing.Save(ctx, tx, m.ID, revision, m.Selection, c, by)
			return err
		})
	}
	if err := save(m.Revision, "Första"); err != nil {
		t.Fatal(err)
	}
	if err := save(m.Revision, "Andra"); !errors.Is(err, mailing.ErrEdited) {
		t.Errorf("saved over another: %v", err)
	}
	err := db.Write(ctx, func(tx *store.Tx) error { return mailing.Send(ctx, tx, m.ID, m.Revision, by) })
	if !errors.Is(err, mailing.ErrEdited) {
		t.Errorf("sent what the organiser has not seen: %v", err)
	}
	if got := find(t, db, m.ID).Texts["sv"].Subject; got != "Första" {
		t.Errorf("stored %q", got)
	}
}

func TestWhatCannotBeWrittenIsRefusedAtItsField(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, hybrid)
	for name, tt := range map[string]struct {
		subject, body string
		want          string
	}{
		"an unknown placeholder":            {"Hej", "Hej {name}", "body_sv:mailing_placeholder"},
		"a brace that does not close":       {"Hej", "Hej {first_name", "body_sv:mailing_placeholder"},
		"a link in the subject":             {"Se {link}", "Hej", "subject_sv:mailing_subject_link"},
		"a placeholder within an address":   {"Hej", "[här](https://example.se/?n={first_name})", "body_sv:mailing_address"},
		"and in one that is typed as it is": {"Hej", "Se https://example.se/{first_name}", "body_sv:mailing_address"},
		"a picture":                         {"Hej", "![logga](https://example.se/a.png)", "body_sv:mailing_image"},
		"too long a subject":                {strings.Repeat("å", mailing.MaxSubject+1), "Hej", "subject_sv:too_long"},
		"too long a text":                   {"Hej", strings.Repeat("å", mailing.MaxBody+1), "body_sv:too_long"},
		"too much for mail programs":        {"Hej", strings.Repeat("# å\n", 2000), "body_sv:mailing_too_big"},
		"a line that turns direction":       {"Hej \u202eås", "Hej", "subject_sv:characters"},
		"all is well":                       {"Hej {first_name}: {event} {date}", "Hej {first_name}\n\n[Anmälan]({link}) {event} {date}\n{join}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := mailing.Content{Texts: map[string]mailing.Text{"sv": {Subject: tt.subject, Body: tt.body}}}
			err := db.Write(ctx, func(tx *store.Tx) error {
				_, err := mailing.New(ctx, tx, ev.ProgrammeID, mailing.OfEvent(ev.ID), c, by)
				return err
			})
			if got := refusal(err); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	other := registrationtest.Event(t, db, nil)
	for name, tt := range map[string]struct {
		change func(*mailing.Selection)
		want   string
	}{
		"an event that is not there":      {func(s *mailing.Selection) { s.EventIDs = []string{"id-none"} }, "event:choice"},
		"a state nobody can be chosen by": {func(s *mailing.Selection) { s.Statuses = []registration.Status{registration.PendingEmail} }, "status:choice"},
		"a company of nobody":             {func(s *mailing.Selection) { s.CompanyIDs = []string{"id-none"} }, "company:choice"},
		"an answer that there is not":     {func(s *mailing.Selection) { s.Answers = map[string][]string{ev.Questions[0].ID: {"Nej"}} }, "answers:choice"},
		"an answer in words of one's own": {func(s *mailing.Selection) { s.Answers = map[string][]string{ev.Questions[2].ID: {"Nej"}} }, "answers:choice"},
		"what people wrote about food":    {func(s *mailing.Selection) { s.Answers = map[string][]string{"diet": {"vegetariskt"}} }, "answers:choice"},
		"an answer of one of several event": {func(s *mailing.Selection) {
			s.EventIDs = append(s.EventIDs, other.ID)
			s.Answers = map[string][]string{ev.Questions[1].ID: {"yes"}}
		}, "answers:mailing_answers"},
	} {
		t.Run(name, func(t *testing.T) {
			s := mailing.OfEvent(ev.ID)
			tt.change(&s)
			err := db.Write(ctx, func(tx *store.Tx) error {
				_, err := mailing.New(ctx, tx, ev.ProgrammeID, s, text(), by)
				return err
			})
			if got := refusal(err); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func refusal(err error) string {
	p, ok := problem.As(err)
	if !ok {
		return fmt.Sprint(map[bool]any{true: "", false: err}[err == nil])
	}
	return p.Fields[0].Name + ":" + p.Fields[0].Code
}

func TestAReaderGetsTheNearestLanguage(t *testing.T) {
	in := func(languages ...string) mailing.Content {
		c := mailing.Content{Texts: map[string]mailing.Text{}}
		for _, l := range languages {
			c.Texts[l] = mailing.Text{Subject: l}
		}
		return c
	}
	for _, tt := range []struct {
		reader string
		have   mailing.Content
		want   string
	}{
		{"nn", in("sv", "nb", "en"), "nb"}, {"nb", in("sv", "nn", "en"), "nn"}, {"nn", in("sv", "nn", "nb"), "nn"},
		{"nb", in("sv", "en"), "sv"}, {"en", in("sv"), "sv"}, {"nb", in("en"), "en"}, {"en", in("nn"), "nn"},
	} {
		if _, got := tt.have.For(tt.reader, "sv"); got != tt.want {
			t.Errorf("%s of %v reads %s, want %s", tt.reader, tt.have.Languages(), got, tt.want)
		}
	}
}

func TestTextsAreKeptAsTemplates(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	m := draft(t, db, ev, mailing.OfEvent(ev.ID))
	var kept mailing.Template
	write(t, db, func(tx *store.Tx) (err error) {
		kept, err = mailing.Keep(ctx, tx, m, " Parkering ", by)
		return err
	})
	err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := mailing.Keep(ctx, tx, m, "Parkering", by)
		return err
	})
	if got := refusal(err); got != "template:mailing_template_taken" {
		t.Error(got)
	}
	var all []mailing.Template
	write(t, db, func(tx *store.Tx) (err error) {
		if all, err = mailing.Templates(ctx, tx, []string{ev.ProgrammeID}); err != nil {
			return err
		}
		return kept.Forget(ctx, tx, by)
	})
	if len(all) != 1 || all[0].Name != "Parkering" || all[0].Texts["sv"] != m.Texts["sv"] {
		t.Errorf("kept %+v", all)
	}
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		all, err = mailing.Templates(ctx, tx, nil)
		return err
	})
	if len(all) != 0 {
		t.Errorf("still there: %+v", all)
	}
}
