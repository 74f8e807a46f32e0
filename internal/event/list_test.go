package event_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestAListHoldsWhatItsFilterChooses(t *testing.T) {
	db, _, sweden := newDB(t)
	norway := addProgramme(t, db, programme.Programme{Slug: "more", Name: "Møre og Romsdal", Country: "NO", Language: "nn", TimeZone: "Europe/Oslo"})
	day := func(n int) func(*content) {
		return func(c *content) {
			c.StartsAt, c.EndsAt, c.ClosesAt = c.StartsAt.AddDate(0, 0, n), c.EndsAt.AddDate(0, 0, n), c.ClosesAt.AddDate(0, 0, n)
		}
	}
	add := func(p programme.Programme, c content, title string, changes ...func(*content)) event.Event {
		c.Title = title
		for _, change := range changes {
			change(&c)
		}
		return publish(t, db, p, c)
	}
	falun := add(sweden, seminar(), "Hållbar upphandling", day(0), func(c *content) {
		c.Speakers = []event.Speaker{{Name: "Åse Bjørnstad", Organisation: "Exempelbolaget"}}
	})
	orsa := add(sweden, seminar(), "Lärseminarium: 100 % digitalt", day(1), func(c *content) {
		c.Kind, c.Municipality.Number, c.Audiences = event.LearningSeminar, "2034", []string{"startup"}
	})
	online := add(sweden, webinar(), "Frågor_om_krav", day(2), func(c *content) { c.Language = "en" })
	bergen := add(norway, hybrid(), "Blåbærdagen på Ørsta", day(3), func(c *content) {
		c.Language, c.TimeZone, c.Municipality = "nn", "Europe/Oslo", municipality.Code{Country: "NO", Number: "1520"}
	})
	ghost := add(sweden, seminar(), "Inställd", day(4))
	status(t, db, ghost.ID, event.Cancelled)
	take(t, db, falun.ID, event.Room, 30, 0)  // full
	take(t, db, orsa.ID, event.Room, 29, 1)   // full by one above
	take(t, db, bergen.ID, event.Room, 30, 0) // full in the room alone

	names := map[string]string{falun.ID: "falun", orsa.ID: "orsa", online.ID: "online", bergen.ID: "bergen", ghost.ID: "ghost"}
	all := []string{"falun", "orsa", "online", "bergen", "ghost"}
	at := func(e event.Event, d time.Duration) time.Time { return e.StartsAt.Add(d) }
	for _, tt := range []struct {
		name   string
		filter event.Filter
		want   []string
	}{
		{"everything, by start", event.Filter{}, all},
		{"everything, the latest first", event.Filter{Newest: true}, []string{"ghost", "bergen", "online", "orsa", "falun"}},
		{"one programme", event.Filter{ProgrammeIDs: []string{norway.ID}}, []string{"bergen"}},
		{"two programmes", event.Filter{ProgrammeIDs: []string{norway.ID, sweden.ID}}, all},
		{"no programme at all", event.Filter{ProgrammeIDs: []string{}}, nil},
		{"states", event.Filter{Statuses: []event.Status{event.Cancelled, event.Draft}}, []string{"ghost"}},
		{"no state at all", event.Filter{Statuses: []event.Status{}}, nil},
		{"kinds", event.Filter{Kinds: []event.Kind{event.Webinar, event.LearningSeminar}}, []string{"orsa", "online"}},
		{"a municipality", event.Filter{Municipality: municipality.Code{Country: "SE", Number: "2034"}}, []string{"orsa"}},
		{"the same number in the other country", event.Filter{Municipality: municipality.Code{Country: "NO", Number: "2034"}}, nil},
		{"a county", event.Filter{Country: "SE", County: "20"}, []string{"falun", "orsa", "ghost"}},
		{"a county of the other country", event.Filter{Country: "NO", County: "15"}, []string{"bergen"}},
		{"an audience", event.Filter{Audience: "startup"}, []string{"orsa"}},
		{"a language", event.Filter{Language: "en"}, []string{"online"}},
		{"from a moment within an event", event.Filter{From: at(online, time.Hour)}, []string{"online", "bergen", "ghost"}},
		{"from an event's end", event.Filter{From: online.EndsAt}, []string{"bergen", "ghost"}},
		{"to an event's start", event.Filter{To: online.StartsAt}, []string{"falun", "orsa"}},
		{"to just after it", event.Filter{To: at(online, time.Second)}, []string{"falun", "orsa", "online"}},
		{"with free places", event.Filter{FreePlacesOnly: true, Statuses: []event.Status{event.Published}}, []string{"online", "bergen"}},
		{"a word with å", event.Filter{Text: "hållbar"}, []string{"falun"}},
		{"typed without its ring", event.Filter{Text: "HALLBAR"}, []string{"falun"}},
		{"typed with the ring apart", event.Filter{Text: "ha\u030allbar"}, []string{"falun"}},
		{"a word with ø", event.Filter{Text: "ørsta"}, []string{"bergen"}},
		{"typed the Swedish way", event.Filter{Text: "Örsta"}, []string{"bergen"}},
		{"typed with o", event.Filter{Text: "orsta"}, []string{"bergen"}},
		{"a speaker", event.Filter{Text: "björnstad åse"}, []string{"falun"}},
		{"both words must be there", event.Filter{Text: "åse orsa"}, nil},
		{"a percent sign is itself", event.Filter{Text: "100 %"}, []string{"orsa"}},
		{"and nothing else", event.Filter{Text: "%hallbar"}, nil},
		{"an underscore is itself", event.Filter{Text: "fragor_om"}, []string{"online"}},
		{"and nothing else", event.Filter{Text: "h_llbar"}, nil},
		{"a backslash is itself", event.Filter{Text: `\`}, nil},
		{"a quotation mark is itself", event.Filter{Text: `' OR 1=1 --`}, nil},
		{"several at once", event.Filter{Text: "upphandling", Kinds: []event.Kind{event.Seminar}, Audience: "procurer", From: falun.StartsAt}, []string{"falun"}},
		{"the first two", event.Filter{Limit: 2}, []string{"falun", "orsa"}},
		{"the next two", event.Filter{Limit: 2, After: event.Cursor{StartsAt: orsa.StartsAt, ID: orsa.ID}}, []string{"online", "bergen"}},
		{"the next two, the latest first", event.Filter{Limit: 2, Newest: true, After: event.Cursor{StartsAt: bergen.StartsAt, ID: bergen.ID}}, []string{"online", "orsa"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			storetest.Read(t, db, func(tx *store.Tx) error {
				events, err := event.List(ctx, tx, tt.filter)
				var got []string
				for _, e := range events {
					got = append(got, names[e.ID])
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				return err
			})
		})
	}
}

func TestPagesMeetWithoutGapOrOverlapWhenEventsStartAtOnce(t *testing.T) {
	db, _, p := newDB(t)
	for range 7 {
		create(t, db, p, seminar()) // all at the same moment
	}
	for _, newest := range []bool{false, true} {
		seen := map[string]int{}
		storetest.Read(t, db, func(tx *store.Tx) error {
			f := event.Filter{Limit: 3, Newest: newest}
			for {
				page, err := event.List(ctx, tx, f)
				if err != nil || len(page) == 0 {
					return err
				}
				for _, e := range page {
					seen[e.ID]++
				}
				last := page[len(page)-1]
				f.After = event.Cursor{StartsAt: last.StartsAt, ID: last.ID}
			}
		})
		if len(seen) != 7 {
			t.Errorf("newest first %t: %d events on all pages", newest, len(seen))
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("newest first %t: %s stands on %d pages", newest, id, n)
			}
		}
	}
}
