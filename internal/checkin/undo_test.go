package checkin_test

import (
	"errors"
	"testing"
	"time"

	"stafett/internal/checkin"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestAMarkAtTheWrongNameIsTakenBackAtTheDoor(t *testing.T) {
	type step struct {
		mark checkin.Mark // the registration is filled in
		want checkin.Outcome
	}
	present, again := checkin.Mark{ID: "mark-0001"}, checkin.Mark{ID: "mark-0002"}
	undo := func(id, of string) checkin.Mark { return checkin.Mark{ID: id, Undo: of} }
	for name, tt := range map[string]struct {
		steps []step
		want  registration.Status
	}{
		"whoever marked it":                   {[]step{{present, checkin.Present}, {undo("undo-0001", "any"), checkin.TakenBack}}, registration.Confirmed},
		"by its number":                       {[]step{{present, checkin.Present}, {undo("undo-0001", present.ID), checkin.TakenBack}}, registration.Confirmed},
		"sent twice":                          {[]step{{present, checkin.Present}, {undo("undo-0001", "any"), checkin.TakenBack}, {again, checkin.Present}, {undo("undo-0001", "any"), checkin.TakenBack}}, registration.Attended},
		"nobody was marked":                   {[]step{{undo("undo-0001", "any"), checkin.TakenBack}}, registration.Confirmed},
		"marked at another door before":       {[]step{{present, checkin.Present}, {again, checkin.Already}, {undo("undo-0001", again.ID), checkin.Already}}, registration.Attended},
		"marked at another door, never ours":  {[]step{{present, checkin.Present}, {undo("undo-0001", "mark-0009"), checkin.Already}}, registration.Attended},
		"and marked again, for they are here": {[]step{{present, checkin.Present}, {undo("undo-0001", present.ID), checkin.TakenBack}, {again, checkin.Present}}, registration.Attended},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, nil)
			r, l := registrationtest.Sign(t, db, ev.ID, 1), openDoor(t, db, ev.ID)
			clock.Set(starts)
			for i, s := range tt.steps {
				s.mark.RegistrationID = r.ID
				if a, err := enter(db, l, s.mark); err != nil || a.Outcome != s.want {
					t.Fatalf("step %d: %q, %v, want %q", i+1, a.Outcome, err, s.want)
				}
			}
			if got := registrationtest.Find(t, db, r.ID).Status; got != tt.want {
				t.Errorf("the person is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestNothingIsTakenBackAtTheDoorOnceAttendanceIsClosed(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r, l := registrationtest.Sign(t, db, ev.ID, 1), openDoor(t, db, ev.ID)
	clock.Set(starts)
	if _, err := enter(db, l, checkin.Mark{ID: "mark-0001", RegistrationID: r.ID}); err != nil {
		t.Fatal(err)
	}
	clock.Set(ends.Add(time.Minute))
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.CloseEvent(ctx, tx, ev.ID, registrationtest.Organiser)
		return err
	})
	m := checkin.Mark{ID: "undo-0001", RegistrationID: r.ID, Undo: checkin.UndoAny}
	_, err := enter(db, l, m)
	if !errors.Is(err, registration.ErrMarked) {
		t.Fatalf("taking it back: %v", err)
	}
	storetest.Write(t, db, func(tx *store.Tx) error {
		a, err := checkin.Refuse(ctx, tx, l, m, registration.ErrMarked)
		if a.Outcome != checkin.Stays {
			t.Errorf("the answer is %q", a.Outcome)
		}
		return err
	})
	if got := registrationtest.Find(t, db, r.ID).Status; got != registration.Attended {
		t.Errorf("the person is %s", got)
	}
}

func TestATicketTakesNothingBack(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r, l := registrationtest.Sign(t, db, ev.ID, 1), openDoor(t, db, ev.ID)
	clock.Set(starts)
	for _, m := range []checkin.Mark{{ID: "undo-0001", Code: codeOf(t, db, r), Undo: "any"}, {ID: "undo-0001", RegistrationID: r.ID, Undo: "x"}} {
		if _, err := enter(db, l, m); !errors.Is(err, checkin.ErrMark) {
			t.Errorf("%+v: %v", m, err)
		}
	}
}
