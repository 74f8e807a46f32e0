package main

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
)

// meeting is where an event is held, and launcher where that sends people on, as
// many meeting services do. Neither is there: the browser is given their answers.
const (
	meeting  = "https://meet.example.se/abc"
	launcher = "https://launcher.example.net/abc"
)

// meets lets the browser go to the meeting.
func (b *tab) meets() {
	b.t.Helper()
	b.outside = []string{meeting, launcher}
	patterns := fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: meeting}, {URLPattern: launcher}}}
	if _, err := chromedp.Call(b.ctx, fetch.Enable, patterns); err != nil {
		b.t.Fatal(err)
	}
	asked := chromedp.Events(b.ctx, fetch.RequestPaused)
	go func() {
		for e, err := range asked {
			if err != nil {
				return
			}
			answer := fetch.FulfillRequestParams{RequestID: e.RequestID, ResponseCode: 302, ResponseHeaders: []*fetch.HeaderEntry{{Name: "Location", Value: launcher}}}
			if e.Request.URL == launcher {
				answer.ResponseCode, answer.ResponseHeaders = 200, nil
				answer.Body = []byte(`<!doctype html><html lang="sv"><title>Mötet</title><link rel="icon" href="data:,"><h1>Mötet</h1>`)
			}
			_, _ = chromedp.Call(b.ctx, fetch.FulfillRequest, answer)
		}
	}()
}

// The way into a meeting is the one way out of the site, and browsers hold every
// step of it against the page's policy for forms.
func TestTheWayIntoAMeetingLeadsToItAndNotesWhoCame(t *testing.T) {
	t.Parallel()
	var token string
	var ev event.Event
	file := newDatabase(t)
	seed(t, file, func(db *store.DB) {
		ev = registrationtest.Event(t, db, func(c *event.Content) {
			registrationtest.Online(c)
			c.JoinURL = meeting
			c.StartsAt = time.Now().UTC().Truncate(time.Second).Add(10 * time.Minute)
			c.EndsAt = c.StartsAt.Add(time.Hour)
		})
		r := registrationtest.Sign(t, db, ev.ID, 1)
		err := db.Write(context.Background(), func(tx *store.Tx) (err error) {
			token, err = registration.NewLink(context.Background(), tx, r, ev, registration.JoinMeeting)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	s := beginServe(t, file, openPostOffice(t))
	b := openTab(t, s.base)
	b.meets()

	b.open("/join/" + token)
	b.reads("main", "Den här länken är till Person Nummer 1.")
	b.accessible()
	b.follow(`form[action^="/join/"] button`)
	if at := must(b, "read the address", chromedp.Location()); at != launcher {
		t.Errorf("the button leads to %s", at)
	}
	s.end(t)
	seed(t, file, func(db *store.DB) {
		if all := attended(t, db, ev.ID); len(all) != 1 {
			t.Errorf("%d people have been there", len(all))
		}
	})
}

func attended(t *testing.T, db *store.DB, eventID string) (all []registration.Registration) {
	t.Helper()
	err := db.Read(context.Background(), func(tx *store.Tx) (err error) {
		all, err = registration.Roster(context.Background(), tx, eventID, registration.RosterFilter{Statuses: []registration.Status{registration.Attended}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
