package registration_test

import (
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

const (
	present  = registration.Present
	absent   = registration.Absent
	unmarked = registration.Unmarked
)

func TestAttendanceIsMarkedAndTakenBack(t *testing.T) {
	type marks = []registration.Mark
	for _, tt := range []struct {
		name  string
		marks marks
		want  registration.Status
		trail []string
	}{
		{"present", marks{present}, registration.Attended, []string{"user confirmed→attended"}},
		{"present twice", marks{present, present}, registration.Attended, []string{"user confirmed→attended"}},
		{"absent", marks{absent}, registration.NoShow, []string{"user confirmed→no_show"}},
		{"not marked", marks{unmarked}, registration.Confirmed, nil},
		{"present, then absent", marks{present, absent}, registration.NoShow, []string{"user confirmed→attended", "user attended→no_show"}},
		{"absent, then present", marks{absent, present}, registration.Attended, []string{"user confirmed→no_show", "user no_show→attended"}},
		{"present, taken back", marks{present, unmarked}, registration.Confirmed, []string{"user confirmed→attended", "user attended→confirmed"}},
		{"absent, taken back", marks{absent, unmarked}, registration.Confirmed, []string{"user confirmed→no_show", "user no_show→attended", "user attended→confirmed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, nil)
			r := registrationtest.Sign(t, db, ev.ID, 1)
			clock.Set(starts.Add(-time.Hour))
			for _, m := range tt.marks {
				if _, err := attend(db, r.ID, m); err != nil {
					t.Fatal(err)
				}
			}
			got := registrationtest.Find(t, db, r.ID)
			if got.Status != tt.want || got.ConfirmedAt != r.ConfirmedAt || got.CalendarSequence != 0 || !got.EndedAt.IsZero() {
				t.Errorf("%+v, want %s", got, tt.want)
			}
			same(t, "the audit", trail(t, db, r.ID)[1:], append([]string{}, tt.trail...))
			same(t, "no letter", letters(t, db, r.ID), []string{"E02 0"})
			if taken := findEvent(t, db, ev.ID).Room.Taken; taken != 1 {
				t.Errorf("%d places are taken", taken)
			}
			sound(t, db, ev.ID)
		})
	}
}

func TestAttendanceIsMarkedFromAnHourBefore(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	r, waiting := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	clock.Set(starts.Add(-time.Hour - time.Second))
	_, err := attend(db, r.ID, present)
	refused(t, "too early", err, registration.ErrTooEarly)
	p, _ := problem.As(err)
	same(t, "from when on it is possible", p.Args, []any{"at", starts.Add(-time.Hour).In(ev.Location())})
	clock.Set(starts.Add(-time.Hour))
	for _, m := range []registration.Mark{absent, unmarked} {
		_, err = attend(db, waiting.ID, m)
		refused(t, "whoever waits, "+string(m), err, registration.ErrNotNow)
	}
	_, err = attend(db, "nothing", present)
	refused(t, "what is not there", err, problem.ErrMissing)
	if _, err := attend(db, r.ID, present); err != nil {
		t.Errorf("an hour before: %v", err)
	}
	_, err = withdraw(db, r.ID, person)
	refused(t, "giving up the place after being there", err, registration.ErrNotNow)
}

func TestOnlyWhoHadAPlaceOrTurnsUpIsMarked(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	clock.Set(starts)
	for _, s := range []registration.Status{
		registration.PendingEmail, registration.Requested, registration.Offered, registration.Rejected, registration.Lapsed, registration.Declined,
		registration.Expired, registration.Cancelled, registration.Transferred, registration.EventCancelled, registration.Erased,
	} {
		storetest.Write(t, db, func(tx *store.Tx) error {
			_, err := store.Exec(ctx, tx, `UPDATE registration SET status = ? WHERE id = ?`, s, r.ID)
			return err
		})
		for _, m := range []registration.Mark{present, absent, unmarked} {
			_, err := attend(db, r.ID, m)
			refused(t, string(s)+", "+string(m), err, registration.ErrNotNow)
		}
	}
}

func TestPresenceTiesAPersonToTheCompany(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.SignUp(t, db, from(acme, ev.ID, 1)).Registration
	tie := func() (status string) {
		storetest.Read(t, db, func(tx *store.Tx) (err error) {
			status, err = store.One(ctx, tx, store.Value[string], `SELECT status FROM contact WHERE person_id = ? AND company_id = ?`, r.PersonID, r.CompanyID)
			return err
		})
		return status
	}
	clock.Set(starts)
	if _, err := attend(db, r.ID, absent); err != nil || tie() != "claimed" {
		t.Errorf("absent: %s, %v", tie(), err)
	}
	if _, err := attend(db, r.ID, present); err != nil || tie() != "confirmed" {
		t.Errorf("present: %s, %v", tie(), err)
	}
	if _, err := attend(db, r.ID, unmarked); err != nil || tie() != "confirmed" {
		t.Errorf("taken back: %s, %v", tie(), err)
	}
}

func TestWhoGaveUpLateMayComeAfterAll(t *testing.T) {
	for _, tt := range []struct {
		name         string
		waits        bool // somebody who then has the place
		taken, extra int
	}{{"to a place that is free", false, 1, 0}, {"above the places when it has been given on", true, 1, 1}} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, places(1))
			r := registrationtest.Sign(t, db, ev.ID, 1)
			var waits reg
			if tt.waits {
				waits = registrationtest.Sign(t, db, ev.ID, 2)
			}
			clock.Set(closes)
			if _, err := withdraw(db, r.ID, person); err != nil {
				t.Fatal(err)
			}
			if tt.waits {
				if _, err := accept(db, waits.ID); err != nil {
					t.Fatal(err)
				}
			}
			clock.Set(starts)
			for _, m := range []registration.Mark{absent, unmarked} {
				_, err := attend(db, r.ID, m)
				refused(t, string(m), err, registration.ErrNotNow)
			}
			got, err := attend(db, r.ID, present)
			if err != nil || got.Status != registration.Attended || !got.EndedAt.IsZero() {
				t.Fatalf("%+v, %v", got, err)
			}
			if room := findEvent(t, db, ev.ID).Room; room.Taken != tt.taken || room.Extra != tt.extra {
				t.Errorf("%d taken, %d above", room.Taken, room.Extra)
			}
			sound(t, db, ev.ID)
		})
	}
}

func TestWhoGaveUpLateAndHasAnotherPlaceIsMarkedThere(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	first := registrationtest.Sign(t, db, ev.ID, 1)
	clock.Set(closes)
	if _, err := withdraw(db, first.ID, person); err != nil {
		t.Fatal(err)
	}
	second, err := addByHand(db, registrationtest.Request(ev.ID, 1), false)
	if err != nil {
		t.Fatal(err)
	}
	clock.Set(starts)
	_, err = attend(db, first.ID, present)
	refused(t, "at the one given up", err, registration.ErrAlready)
	if _, err := attend(db, second.ID, present); err != nil {
		t.Error(err)
	}
	sound(t, db, ev.ID)
}

func TestTheWayIntoAMeeting(t *testing.T) {
	half := starts.Add(-30 * time.Minute)
	ev := event.Event{Status: event.Published, Content: registrationtest.Content()}
	registrationtest.Hybrid(&ev.Content)
	r := reg{Status: registration.Confirmed, Mode: event.Online}
	for _, tt := range []struct {
		name   string
		change func(*reg, *event.Event)
		now    time.Time
		want   registration.JoinState
	}{
		{"a second too early", nil, half.Add(-time.Second), registration.JoinEarly},
		{"half an hour before", nil, half, registration.JoinOpen},
		{"in the last second", nil, ends.Add(-time.Second), registration.JoinOpen},
		{"at the end", nil, ends, registration.JoinOver},
		{"for whoever is there already", func(r *reg, _ *event.Event) { r.Status = registration.Attended }, starts, registration.JoinOpen},
		{"while there is no address", func(_ *reg, ev *event.Event) { ev.JoinURL = "" }, half, registration.JoinNoLink},
		{"too early, without an address", func(_ *reg, ev *event.Event) { ev.JoinURL = "" }, half.Add(-time.Second), registration.JoinEarly},
		{"for whoever sits in the room", func(r *reg, _ *event.Event) { r.Mode = event.Room }, starts, registration.JoinNoSeat},
		{"for whoever waits", func(r *reg, _ *event.Event) { r.Status = registration.Waitlisted }, starts, registration.JoinNoSeat},
		{"for whoever gave up the place", func(r *reg, _ *event.Event) { r.Status = registration.Cancelled }, starts, registration.JoinNoSeat},
		{"to what is cancelled", func(_ *reg, ev *event.Event) { ev.Status = event.Cancelled }, starts, registration.JoinNoSeat},
		{"to what is postponed", func(_ *reg, ev *event.Event) { ev.Status = event.Postponed }, starts, registration.JoinNoSeat},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, ev := r, ev
			if tt.change != nil {
				tt.change(&r, &ev)
			}
			if got := registration.Joining(r, ev, tt.now); got != tt.want {
				t.Errorf("the way in is %s, want %s", got, tt.want)
			}
		})
	}
	if got := registration.JoinOpens(ev); got != half {
		t.Errorf("the way in opens %v", got)
	}
}

func TestGoingInMarksPresence(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, registrationtest.Online)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	clock.Set(starts.Add(-30*time.Minute - time.Second))
	_, err := join(db, r.ID)
	refused(t, "too early", err, registration.ErrNotNow)
	clock.Advance(time.Second)
	for range 2 { // the line may break
		address, err := join(db, r.ID)
		if err != nil || address != "https://meet.example.se/abc" {
			t.Fatalf("%q, %v", address, err)
		}
	}
	if got := registrationtest.Find(t, db, r.ID).Status; got != registration.Attended {
		t.Errorf("whoever went in is %s", got)
	}
	same(t, "the audit", trail(t, db, r.ID), []string{"person →confirmed", "person confirmed→attended"})
	clock.Set(ends)
	_, err = join(db, r.ID)
	refused(t, "at the end", err, registration.ErrNotNow)
	_, err = join(db, "nothing")
	refused(t, "what is not there", err, problem.ErrMissing)
	sound(t, db, ev.ID)
}

func TestAnEventThatNobodyClosedClosesItselfAfterAFortnight(t *testing.T) {
	db, clock := storetest.New(t)
	old := registrationtest.Event(t, db, nil)
	later := registrationtest.Event(t, db, func(c *content) { c.EndsAt = c.EndsAt.Add(time.Second) })
	postponed := registrationtest.Event(t, db, nil)
	postponeEvent(t, db, postponed.ID)
	fortnight := ends.AddDate(0, 0, 14)
	for _, tt := range []struct {
		now  time.Time
		want []event.Status
	}{
		{fortnight.Add(-time.Second), []event.Status{event.Published, event.Published, event.Postponed}},
		{fortnight, []event.Status{event.Held, event.Published, event.Postponed}},
		{fortnight.Add(time.Second), []event.Status{event.Held, event.Held, event.Postponed}},
		{fortnight.Add(time.Minute), []event.Status{event.Held, event.Held, event.Postponed}},
	} {
		clock.Set(tt.now)
		storetest.Write(t, db, func(tx *store.Tx) error { return registration.CloseOld(ctx, tx) })
		var got []event.Status
		for _, ev := range []event.Event{old, later, postponed} {
			got = append(got, findEvent(t, db, ev.ID).Status)
		}
		same(t, tt.now.String(), got, tt.want)
	}
}

func TestWhoWaitsAndTurnsUpIsLetInAboveThePlaces(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	registrationtest.Sign(t, db, ev.ID, 1)
	waiting := registrationtest.Sign(t, db, ev.ID, 2)
	clock.Set(starts)
	if _, err := attend(db, waiting.ID, present); err != nil {
		t.Fatal(err)
	}
	if got := registrationtest.Find(t, db, waiting.ID); got.Status != registration.Attended || !got.Extra {
		t.Errorf("%s, above the places: %v", got.Status, got.Extra)
	}
	sound(t, db, ev.ID)
}
