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

// answers lets the address outside of the site, which is not there, answer with
// a page.
func (b *tab) answers(address, html string) {
	b.t.Helper()
	b.outside = address
	patterns := fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: address}}}
	if _, err := chromedp.Call(b.ctx, fetch.Enable, patterns); err != nil {
		b.t.Fatal(err)
	}
	asked := chromedp.Events(b.ctx, fetch.RequestPaused)
	go func() {
		for e, err := range asked {
			if err != nil {
				return
			}
			_, _ = chromedp.Call(b.ctx, fetch.FulfillRequest, fetch.FulfillRequestParams{
				RequestID: e.RequestID, ResponseCode: 200, Body: []byte(html),
			})
		}
	}()
}

// The way into a meeting is the one way out of the site, and browsers hold it
// against the page's policy for forms.
func TestTheWayIntoAMeetingLeadsToItAndNotesWhoCame(t *testing.T) {
	t.Parallel()
	var token string
	var ev event.Event
	file := newDatabase(t)
	seed(t, file, func(db *store.DB) {
		ev = registrationtest.Event(t, db, func(c *event.Content) {
			registrationtest.Online(c)
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
	b.answers(ev.JoinURL, `<!doctype html><html lang="sv"><title>Mötet</title><link rel="icon" href="data:,"><h1>Mötet</h1>`)

	b.open("/join/" + token)
	b.reads("main", "Den här länken är till Person Nummer 1.")
	b.accessible()
	b.follow(`form[action^="/join/"] button`)
	if at := must(b, "read the address", chromedp.Location()); at != ev.JoinURL {
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
