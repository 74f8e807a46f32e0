package checkin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/checkin"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var (
	ctx    = context.Background()
	starts = registrationtest.Starts
	ends   = starts.Add(3 * time.Hour)
)

func makeLink(t *testing.T, db *store.DB, eventID string) (token string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		token, err = checkin.Make(ctx, tx, eventID, "Stora dörren", registrationtest.Organiser)
		return err
	})
	return token
}

func find(db *store.DB, token string) (l checkin.Link, err error) {
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		l, err = checkin.Find(ctx, tx, token)
		return err
	})
	return l, err
}

func openDoor(t *testing.T, db *store.DB, eventID string) checkin.Link {
	t.Helper()
	l, err := find(db, makeLink(t, db, eventID))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func enter(db *store.DB, l checkin.Link, m checkin.Mark) (a checkin.Answer, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		a, err = checkin.Enter(ctx, tx, l, m)
		return err
	})
	return a, err
}

// codeOf is the code on the ticket of a registration.
func codeOf(t *testing.T, db *store.DB, r registration.Registration) (code string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		ev, err := event.Find(ctx, tx, r.EventID)
		if err != nil {
			return err
		}
		token, err := registration.NewLink(ctx, tx, r, ev, registration.Manage)
		code = registration.TicketCode(token)
		return err
	})
	return code
}

func marksNoted(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		n, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM checkin_mark`)
		return err
	})
	return n
}

func attendances(t *testing.T, db *store.DB, registrationID string) (by []audit.Actor) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := audit.Of(ctx, tx, "registration", registrationID)
		for _, e := range all {
			if e.To == "attended" {
				by = append(by, e.Actor)
			}
		}
		return err
	})
	return by
}

func TestADoorLinkLivesUntilTwelveHoursAfterTheEnd(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	token := makeLink(t, db, ev.ID)
	for _, tt := range []struct {
		now  time.Time
		good bool
	}{{starts, true}, {ends.Add(12*time.Hour - time.Second), true}, {ends.Add(12 * time.Hour), false}} {
		clock.Set(tt.now)
		if l, err := find(db, token); (err == nil) != tt.good || err != nil && !errors.Is(err, problem.ErrMissing) || tt.good && (l.EventID != ev.ID || l.Label != "Stora dörren") {
			t.Errorf("at %v: %+v, %v", tt.now, l, err)
		}
	}
	if _, err := find(db, token+"x"); !errors.Is(err, problem.ErrMissing) {
		t.Errorf("a token that there is not: %v", err)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM checkin_link WHERE token_hash = ? OR length(token_hash) <> 64`, token)
		if n != 0 {
			t.Error("the token itself is in the database")
		}
		return err
	})
}

func TestWhatIsRevokedIsOverAtOnce(t *testing.T) {
	db, _ := storetest.New(t)
	ev, other := registrationtest.Event(t, db, nil), registrationtest.Event(t, db, nil)
	token := makeLink(t, db, ev.ID)
	l, err := find(db, token)
	if err != nil {
		t.Fatal(err)
	}
	revoke := func(eventID string) error {
		return db.Write(ctx, func(tx *store.Tx) error {
			return checkin.Revoke(ctx, tx, eventID, l.ID, registrationtest.Organiser)
		})
	}
	if err := revoke(other.ID); !errors.Is(err, problem.ErrMissing) {
		t.Errorf("through another event: %v", err)
	}
	if _, err := find(db, token); err != nil {
		t.Errorf("after another event's organiser tried: %v", err)
	}
	for range 2 {
		if err := revoke(ev.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := find(db, token); !errors.Is(err, problem.ErrMissing) {
		t.Errorf("a revoked link: %v", err)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		list, err := checkin.List(ctx, tx, ev.ID)
		if len(list) != 1 || list[0].RevokedAt.IsZero() {
			t.Errorf("%+v", list)
		}
		trail, _ := audit.Of(ctx, tx, "checkin_link", l.ID)
		var got []string
		for _, e := range trail {
			got = append(got, e.Actor.Kind+" "+e.Action)
		}
		if diff := cmp.Diff([]string{"user checkin_link.make", "user checkin_link.revoke"}, got); diff != "" {
			t.Errorf("the audit (-want +got):\n%s", diff)
		}
		return err
	})
}

func TestOnlyAnEventWithARoomAndADateHasADoor(t *testing.T) {
	db, clock := storetest.New(t)
	online := registrationtest.Event(t, db, registrationtest.Online)
	room := registrationtest.Event(t, db, nil)
	try := func(id, label string) error {
		return db.Write(ctx, func(tx *store.Tx) error {
			_, err := checkin.Make(ctx, tx, id, label, registrationtest.Organiser)
			return err
		})
	}
	if err := try(online.ID, ""); !errors.Is(err, checkin.ErrClosed) {
		t.Errorf("a webinar: %v", err)
	}
	if err := try(room.ID, strings.Repeat("å", 81)); !errors.Is(err, checkin.ErrLabel) {
		t.Errorf("a long label: %v", err)
	}
	if err := try(room.ID, strings.Repeat("å", 80)); err != nil {
		t.Errorf("a label of eighty letters: %v", err)
	}
	clock.Set(ends.Add(12 * time.Hour))
	if err := try(room.ID, ""); !errors.Is(err, checkin.ErrClosed) {
		t.Errorf("an event that is over: %v", err)
	}
	if err := try("nothing", ""); !errors.Is(err, problem.ErrMissing) {
		t.Errorf("no event: %v", err)
	}
}

func TestWhatComesOfAMark(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { registrationtest.Hybrid(c); c.RoomPlaces = new(2) })
	other := registrationtest.Event(t, db, nil)
	l := openDoor(t, db, ev.ID)
	sign := func(n int, mode event.Mode) registration.Registration {
		q := registrationtest.Request(ev.ID, n)
		q.Mode = mode
		return registrationtest.SignUp(t, db, q).Registration
	}
	first, second, waiting := sign(1, event.Room), sign(2, event.Room), sign(3, event.Room)
	elsewhere := registrationtest.Sign(t, db, other.ID, 4)
	online := sign(5, event.Online)
	codes := map[string]string{}
	for _, r := range []registration.Registration{first, second, waiting, elsewhere} {
		codes[r.ID] = codeOf(t, db, r)
	}
	var manage string
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		manage, err = registration.NewLink(ctx, tx, first, ev, registration.Manage)
		return err
	})
	n := 0
	expect := func(name string, m checkin.Mark, want checkin.Answer) {
		t.Helper()
		n++
		m.ID, m.MadeAt = fmt.Sprintf("mark-%06d", n), clock.Now()
		got, err := enter(db, l, m)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	clock.Set(starts.Add(-time.Hour - time.Second))
	expect("too early", checkin.Mark{Code: codes[first.ID]}, checkin.Answer{Outcome: checkin.TooEarly, RegistrationID: first.ID, Name: "Person Nummer 1"})
	clock.Advance(time.Second)
	expect("by ticket", checkin.Mark{Code: codes[first.ID]}, checkin.Answer{Outcome: checkin.Present, RegistrationID: first.ID, Name: "Person Nummer 1"})
	expect("the same ticket again", checkin.Mark{Code: codes[first.ID]}, checkin.Answer{Outcome: checkin.Already, RegistrationID: first.ID, Name: "Person Nummer 1"})
	expect("chosen in the list", checkin.Mark{RegistrationID: second.ID}, checkin.Answer{Outcome: checkin.Present, RegistrationID: second.ID, Name: "Person Nummer 2"})
	expect("on the waiting list", checkin.Mark{Code: codes[waiting.ID]}, checkin.Answer{Outcome: checkin.NoPlace, RegistrationID: waiting.ID, Name: "Person Nummer 3"})
	expect("online", checkin.Mark{RegistrationID: online.ID}, checkin.Answer{Outcome: checkin.NoPlace, RegistrationID: online.ID, Name: "Person Nummer 5"})
	expect("another event's ticket, without a name", checkin.Mark{Code: codes[elsewhere.ID]}, checkin.Answer{Outcome: checkin.OtherEvent})
	expect("somebody of another event, without a name", checkin.Mark{RegistrationID: elsewhere.ID}, checkin.Answer{Outcome: checkin.OtherEvent})
	expect("a code that there is not", checkin.Mark{Code: "NOTHING"}, checkin.Answer{Outcome: checkin.UnknownCode})
	expect("the secret of the manage link is no ticket", checkin.Mark{Code: manage}, checkin.Answer{Outcome: checkin.UnknownCode})
	if got := marksNoted(t, db); got != n-2 {
		t.Errorf("%d marks are noted, want all %d but those with codes that there are not", got, n)
	}
	if by := attendances(t, db, first.ID); !cmp.Equal(by, []audit.Actor{{Kind: "token", ID: l.ID}}) {
		t.Errorf("marked by %v", by)
	}
	if got := registrationtest.Find(t, db, elsewhere.ID).Status; got != registration.Confirmed {
		t.Errorf("somebody of another event is %s", got)
	}
}

func TestATicketOpensNoPage(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	code := codeOf(t, db, registrationtest.Sign(t, db, ev.ID, 1))
	if len(code) != 26 { // 128 bits, five in a letter
		t.Errorf("a code of %d letters", len(code))
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		for _, p := range []registration.Purpose{registration.Manage, registration.JoinMeeting} {
			if _, err := registration.FindByLink(ctx, tx, code, p); !errors.Is(err, problem.ErrMissing) {
				t.Errorf("the code as a link of purpose %s: %v", p, err)
			}
		}
		_, err := registration.FindByLink(ctx, tx, code, registration.Ticket)
		return err
	})
}

func TestAMarkSentTwiceChangesNothingAndIsAnsweredTheSame(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	l, r := openDoor(t, db, ev.ID), registrationtest.Sign(t, db, ev.ID, 1)
	clock.Set(starts)
	m := checkin.Mark{ID: "11111111-1111", RegistrationID: r.ID, MadeAt: starts}
	first, err := enter(db, l, m)
	if err != nil {
		t.Fatal(err)
	}
	// An organiser takes it back: a mark that comes once more must not undo that.
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.Attend(ctx, tx, r.ID, registration.Unmarked, registrationtest.Organiser)
		return err
	})
	clock.Advance(time.Hour)
	again, err := enter(db, l, m)
	if err != nil || again != first || first.Outcome != checkin.Present {
		t.Errorf("first %+v, then %+v, %v", first, again, err)
	}
	if got := registrationtest.Find(t, db, r.ID).Status; got != registration.Confirmed || marksNoted(t, db) != 1 {
		t.Errorf("the person is %s, %d marks", got, marksNoted(t, db))
	}
}

// Whatever a mark is refused for, it is answered once it is noted, and nothing
// that was begun before the refusal stays.
func TestARefusedMarkIsAnsweredAndNoted(t *testing.T) {
	for _, tt := range []struct {
		why  *problem.Problem
		want checkin.Outcome
	}{
		{registration.ErrMarked, checkin.Closed}, {registration.ErrFull, checkin.NoPlace}, {registration.ErrNotNow, checkin.NoPlace},
		{registration.ErrAlready, checkin.NoPlace}, {registration.ErrPast, checkin.Refused},
	} {
		db, _ := storetest.New(t)
		ev := registrationtest.Event(t, db, nil)
		l := openDoor(t, db, ev.ID)
		r := registrationtest.Sign(t, db, ev.ID, 1)
		m := checkin.Mark{ID: "mark-000001", RegistrationID: r.ID, MadeAt: starts}
		want := checkin.Answer{Outcome: tt.want, RegistrationID: r.ID, Name: "Person Nummer 1"}
		storetest.Write(t, db, func(tx *store.Tx) error {
			got, err := checkin.Refuse(ctx, tx, l, m, tt.why)
			if got != want {
				t.Errorf("%s: %+v", tt.why.Code, got)
			}
			return err
		})
		if got, err := enter(db, l, m); got != want || err != nil || marksNoted(t, db) != 1 {
			t.Errorf("%s, sent again: %+v, %v, %d marks", tt.why.Code, got, err, marksNoted(t, db))
		}
	}
}

func TestAMarkIsOneThing(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	l := openDoor(t, db, ev.ID)
	for name, m := range map[string]checkin.Mark{
		"no number": {Code: "A"}, "a short number": {ID: "1234567", Code: "A"}, "odd signs": {ID: "12345678'/", Code: "A"},
		"a number that is too long": {ID: strings.Repeat("a", 65), Code: "A"}, "nobody": {ID: "12345678"}, "both": {ID: "12345678", Code: "A", RegistrationID: "B"},
	} {
		if _, err := enter(db, l, m); !errors.Is(err, checkin.ErrMark) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := marksNoted(t, db); n != 0 {
		t.Errorf("%d marks are noted", n)
	}
}

func TestThePhonesClockIsNotedOnlyWhenItCanBeRight(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	l := openDoor(t, db, ev.ID)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	clock.Set(starts)
	for i, tt := range []struct{ made, want time.Time }{
		{starts.Add(-time.Minute), starts.Add(-time.Minute)}, {starts.Add(time.Second), starts}, {l.MadeAt.Add(-time.Second), starts}, {time.Time{}, starts},
	} {
		id := fmt.Sprintf("mark-%06d", i)
		if _, err := enter(db, l, checkin.Mark{ID: id, RegistrationID: r.ID, MadeAt: tt.made}); err != nil {
			t.Fatal(err)
		}
		storetest.Read(t, db, func(tx *store.Tx) error {
			got, err := store.One(ctx, tx, store.Value[string], `SELECT made_at FROM checkin_mark WHERE id LIKE ?`, "%"+id)
			if got != store.At(tt.want) {
				t.Errorf("made %v is noted as %s", tt.made, got)
			}
			return err
		})
	}
}

// Two phones at two doors, the same person, at the same moment; and one phone
// whose mark goes twice because the first answer did not come back.
func TestManyPhonesAtOnceMarkAPersonOnce(t *testing.T) {
	for _, tt := range []struct {
		name    string
		id      func(int) string
		present int
		marks   int
	}{
		{"marks of their own", func(i int) string { return fmt.Sprintf("mark-%06d", i) }, 1, 20},
		{"one mark sent many times", func(int) string { return "mark-000000" }, 20, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, nil)
			doors := []checkin.Link{openDoor(t, db, ev.ID), openDoor(t, db, ev.ID)}
			r := registrationtest.Sign(t, db, ev.ID, 1)
			clock.Set(starts)
			outcomes := make([]checkin.Outcome, 20)
			var all sync.WaitGroup
			for i := range outcomes {
				all.Go(func() {
					a, err := enter(db, doors[i%2], checkin.Mark{ID: tt.id(i), RegistrationID: r.ID, MadeAt: starts})
					if err != nil {
						t.Error(err)
					}
					outcomes[i] = a.Outcome
				})
			}
			all.Wait()
			n := 0
			for _, o := range outcomes {
				if o == checkin.Present {
					n++
				}
			}
			if n != tt.present || marksNoted(t, db) != tt.marks || len(attendances(t, db, r.ID)) != 1 {
				t.Errorf("%d times present, %d marks, %d changes", n, marksNoted(t, db), len(attendances(t, db, r.ID)))
			}
		})
	}
}

func TestTheListAtTheDoorIsWhoIsExpectedInTheRoom(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = new(2) })
	l := openDoor(t, db, ev.ID)
	here := registrationtest.Sign(t, db, ev.ID, 1)
	for n := 2; n <= 3; n++ { // the third waits
		registrationtest.Sign(t, db, ev.ID, n)
	}
	clock.Set(starts)
	if _, err := enter(db, l, checkin.Mark{ID: "mark-000001", RegistrationID: here.ID}); err != nil {
		t.Fatal(err)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := checkin.Guests(ctx, tx, ev.ID)
		got := map[string]bool{}
		for _, g := range all {
			got[g.Name()] = g.Present
		}
		if diff := cmp.Diff(map[string]bool{"Person Nummer 1": true, "Person Nummer 2": false}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return err
	})
}
