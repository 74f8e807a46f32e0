package registration_test

import (
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// Nobody is woken by a letter that can wait, and nobody sleeps past one that
// cannot.
func TestLettersOfAChangeAtNightGoInTheMorningUnlessTheStartIsNear(t *testing.T) {
	move := func(to time.Time) func(*testing.T, *store.DB, event.Event) {
		return func(t *testing.T, db *store.DB, ev event.Event) {
			if _, err := moveEvent(db, ev.ID, to); err != nil {
				t.Fatal(err)
			}
		}
	}
	cancel := func(t *testing.T, db *store.DB, ev event.Event) {
		if err := cancelEvent(db, ev.ID); err != nil {
			t.Fatal(err)
		}
	}
	rename := func(t *testing.T, db *store.DB, ev event.Event) {
		c := ev.Content
		c.Title = "Ny rubrik"
		if _, err := updateEvent(db, findEvent(t, db, ev.ID), c); err != nil {
			t.Fatal(err)
		}
	}
	postpone := func(t *testing.T, db *store.DB, ev event.Event) { postponeEvent(t, db, ev.ID) }
	later := starts.AddDate(0, 1, 0)
	// The event starts at nine in Sweden on 10 March; in winter that is eight in UTC.
	night := time.Date(2027, 3, 2, 21, 30, 0, 0, time.UTC) // half past ten in the evening
	morning := time.Date(2027, 3, 3, 6, 0, 0, 0, time.UTC) // seven
	for _, tt := range []struct {
		name string
		at   time.Time
		what func(*testing.T, *store.DB, event.Event)
		due  time.Time
	}{
		{"moved in the evening", night, move(later), morning},
		{"moved before dawn", morning.Add(-time.Second), move(later), morning},
		{"moved at seven", morning, move(later), morning},
		{"moved just before nine in the evening", night.Add(-91 * time.Minute), move(later), night.Add(-91 * time.Minute)},
		{"changed at night", night, rename, morning},
		{"postponed at night", night, postpone, morning},
		{"cancelled at night", night, cancel, morning},
		{"cancelled in the night before", starts.Add(-11 * time.Hour), cancel, starts.Add(-11 * time.Hour)},
		{"postponed in the night before", starts.Add(-11 * time.Hour), postpone, starts.Add(-11 * time.Hour)},
		{"moved away in the night before", starts.Add(-11 * time.Hour), move(later), starts.Add(-11 * time.Hour)},
		{"moved to the day after the night", night, move(night.Add(12 * time.Hour)), night},
		{"in the night, a day and a second before", starts.Add(-24*time.Hour - 9*time.Hour), cancel, starts.Add(-24*time.Hour - 2*time.Hour)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, places(1))
			has, waits := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
			clock.Set(tt.at)
			tt.what(t, db, ev)
			for who, r := range map[string]reg{"with a place": has, "in the queue": waits} {
				if m := last(t, db, r.ID); !m.DueAt.Equal(tt.due) || m.Letter[:1] != "E" || m.Letter == "E02" || m.Letter == "E03" {
					t.Errorf("to one %s: %s at %v, want %v", who, m.Letter, m.DueAt, tt.due)
				}
			}
		})
	}
}

func TestWhatPeopleDoThemselvesIsAnsweredAtNightToo(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	night := time.Date(2027, 2, 2, 23, 30, 0, 0, time.UTC)
	clock.Set(night)
	has, waits := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	for _, r := range []reg{has, waits} {
		if m := last(t, db, r.ID); !m.DueAt.Equal(night) {
			t.Errorf("%s at %v", m.Letter, m.DueAt)
		}
	}
}

// An event without a date has no start that could be near.
func TestAPostponedEventCancelledAtNightIsToldInTheMorning(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	postponeEvent(t, db, ev.ID)
	clock.Set(starts.Add(-11 * time.Hour))
	if err := cancelEvent(db, ev.ID); err != nil {
		t.Fatal(err)
	}
	if m, want := last(t, db, r.ID), starts.Add(-2*time.Hour); m.Letter != "E14" || !m.DueAt.Equal(want) {
		t.Errorf("%s at %v, want %v", m.Letter, m.DueAt, want)
	}
}
