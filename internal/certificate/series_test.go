package certificate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/certificate"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var ctx = context.Background()

// course is a series of n occasions a week apart, of which person 1 was at some;
// it has just ended.
func course(t *testing.T, n int, attended ...int) (db *store.DB, clock *storetest.Clock, s event.Series, occasions []event.Event, person string) {
	t.Helper()
	db, clock = storetest.New(t)
	first := registrationtest.Event(t, db, nil)
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		ids := []string{first.ID}
		for week := 1; week < n; week++ {
			made, err := event.Copy(ctx, tx, first.ID, []event.Target{{Date: registrationtest.Starts.AddDate(0, 0, 7*week).Format("2006-01-02")}}, registrationtest.Organiser)
			if err != nil {
				return err
			}
			if _, err := event.Publish(ctx, tx, made[0].ID, registrationtest.Organiser); err != nil {
				return err
			}
			ids = append(ids, made[0].ID)
		}
		if s, err = event.MakeSeries(ctx, tx, "Anbudsskolan", event.ForEach, ids, registrationtest.Organiser); err != nil {
			return err
		}
		occasions, err = event.Occasions(ctx, tx, s.ID)
		return err
	})
	for _, i := range attended {
		r := registrationtest.Sign(t, db, occasions[i].ID, 1)
		person = r.PersonID
	}
	for _, i := range attended {
		clock.Set(occasions[i].StartsAt)
		mark(t, db, registrationOf(t, db, occasions[i].ID).ID, registration.Present)
	}
	clock.Set(occasions[len(occasions)-1].EndsAt)
	return db, clock, s, occasions, person
}

func registrationOf(t *testing.T, db *store.DB, eventID string) (r registration.Registration) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := registration.Roster(ctx, tx, eventID, registration.RosterFilter{})
		r = all[0]
		return err
	})
	return r
}

func issueSeries(db *store.DB, series, person string) (o certificate.OfSeries, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		o, err = certificate.IssueSeries(ctx, tx, series, person, registrationtest.Organiser)
		return err
	})
	return o, err
}

func findSeries(t *testing.T, db *store.DB, code string) (o certificate.OfSeries) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) { o, err = certificate.FindSeries(ctx, tx, code); return err })
	return o
}

func TestWhoHasEarnedACertificateForTheWholeSeries(t *testing.T) {
	for _, tt := range []struct {
		name     string
		n        int
		attended []int
		change   func(t *testing.T, db *store.DB, clock *storetest.Clock, occasions []event.Event)
		want     error
	}{
		{"all of three", 3, []int{0, 1, 2}, nil, nil},
		{"two of three", 3, []int{0, 1}, nil, certificate.ErrSeriesNotEarned},
		{"four of five", 5, []int{0, 1, 2, 4}, nil, nil},
		{"three of five", 5, []int{0, 1, 2}, nil, certificate.ErrSeriesNotEarned},
		{"before the last has ended", 5, []int{0, 1, 2, 3}, func(t *testing.T, db *store.DB, clock *storetest.Clock, o []event.Event) {
			clock.Set(o[4].EndsAt.Add(-time.Second))
		}, certificate.ErrSeriesNotEarned},
		{"two of three, and the third was cancelled", 3, []int{0, 1}, func(t *testing.T, db *store.DB, clock *storetest.Clock, o []event.Event) {
			clock.Set(o[2].StartsAt.AddDate(0, 0, -1))
			storetest.Write(t, db, func(tx *store.Tx) error {
				_, err := registration.CancelEvent(ctx, tx, o[2].ID, "Snö", registrationtest.Organiser)
				return err
			})
			clock.Set(o[2].EndsAt)
		}, nil},
		{"two of three, and the third has no date", 3, []int{0, 1}, func(t *testing.T, db *store.DB, clock *storetest.Clock, o []event.Event) {
			clock.Set(o[2].StartsAt.AddDate(0, 0, -1))
			storetest.Write(t, db, func(tx *store.Tx) error {
				_, err := registration.PostponeEvent(ctx, tx, o[2].ID, "Snö", registrationtest.Organiser)
				return err
			})
			clock.Set(o[2].EndsAt)
		}, certificate.ErrSeriesNotEarned},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock, s, occasions, person := course(t, tt.n, tt.attended...)
			if tt.change != nil {
				tt.change(t, db, clock, occasions)
			}
			if _, err := issueSeries(db, s.ID, person); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

func TestACertificateOfASeriesIsIssuedOnceFoundByItsCodeAndFallsWithTheMarks(t *testing.T) {
	db, clock, s, occasions, person := course(t, 3, 0, 1, 2)
	first, err := issueSeries(db, s.ID, person)
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	again, err := issueSeries(db, s.ID, person)
	if err != nil || again.Code != first.Code || first.State != certificate.Valid || first.Name != "Person Nummer 1" || len(first.Attended) != 3 {
		t.Errorf("%+v, then %+v, %v", first, again, err)
	}
	if diff := cmp.Diff(again, findSeries(t, db, first.Shown())); diff != "" {
		t.Error(diff)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		if _, err := certificate.Find(ctx, tx, first.Code); !errors.Is(err, problem.ErrMissing) {
			t.Errorf("it is found as an event's: %v", err)
		}
		return nil
	})
	r := registrationOf(t, db, occasions[1].ID)
	mark(t, db, r.ID, registration.Absent)
	if got := findSeries(t, db, first.Code); got.State != certificate.Void || got.Name != "" || len(got.Attended) != 0 {
		t.Errorf("after a corrected mark: %+v", got)
	}
	mark(t, db, r.ID, registration.Present)
	for _, o := range occasions {
		storetest.Write(t, db, func(tx *store.Tx) error {
			_, err := store.Exec(ctx, tx, `UPDATE registration SET status = 'erased' WHERE event_id = ?`, o.ID)
			return err
		})
	}
	if got := findSeries(t, db, first.Code); got.State != certificate.Erased || got.Name != "" {
		t.Errorf("after erasure: %+v", got)
	}
}

func TestASeriesWithCertificatesKeepsItsOccasions(t *testing.T) {
	db, _, s, occasions, person := course(t, 3, 0, 1, 2)
	if _, err := issueSeries(db, s.ID, person); err != nil {
		t.Fatal(err)
	}
	err := db.Write(ctx, func(tx *store.Tx) error {
		return event.LeaveSeries(ctx, tx, occasions[0].ID, registrationtest.Organiser)
	})
	if !errors.Is(err, event.ErrCertified) {
		t.Errorf("taking one out: %v", err)
	}
	err = db.Write(ctx, func(tx *store.Tx) error {
		return event.AddOccasions(ctx, tx, s.ID, []string{"another"}, registrationtest.Organiser)
	})
	if !errors.Is(err, event.ErrCertified) {
		t.Errorf("adding one: %v", err)
	}
}

func TestADraftIsNotPublishedIntoASeriesWithCertificates(t *testing.T) {
	db, _, s, occasions, person := course(t, 2, 0, 1)
	var draft event.Event
	storetest.Write(t, db, func(tx *store.Tx) error {
		made, err := event.Copy(ctx, tx, occasions[0].ID, []event.Target{{Date: registrationtest.Starts.AddDate(0, 0, 70).Format(time.DateOnly)}}, registrationtest.Organiser)
		if err != nil {
			return err
		}
		draft = made[0]
		return event.AddOccasions(ctx, tx, s.ID, []string{draft.ID}, registrationtest.Organiser)
	})
	if _, err := issueSeries(db, s.ID, person); err != nil {
		t.Fatal(err)
	}
	err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := event.Publish(ctx, tx, draft.ID, registrationtest.Organiser)
		return err
	})
	if !errors.Is(err, event.ErrCertified) {
		t.Errorf("published: %v", err)
	}
}

func TestAllWhoEarnedTheSeriesGetACertificateAtOnce(t *testing.T) {
	db, clock, s, occasions, _ := course(t, 3, 0, 1, 2)
	for range 2 { // the second makes none
		storetest.Write(t, db, func(tx *store.Tx) error {
			_, err := certificate.IssueSeriesAll(ctx, tx, s.ID, registrationtest.Organiser)
			return err
		})
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := certificate.Standings(ctx, tx, s.ID)
		if len(all) != 1 || all[0].Code == "" || !all[0].Earned || all[0].Attended != 3 {
			t.Errorf("%+v", all)
		}
		return err
	})
	clock.Set(occasions[2].StartsAt)
	err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := certificate.IssueSeriesAll(ctx, tx, s.ID, registrationtest.Organiser)
		return err
	})
	if !errors.Is(err, certificate.ErrSeriesNotEarned) {
		t.Errorf("before the end: %v", err)
	}
}

// sampleSeries is a certificate of three of three occasions, the last online.
func sampleSeries(n int) certificate.OfSeries {
	o := certificate.OfSeries{
		Code: "7K2M94QX0BTR1H5C", IssuedAt: time.Date(2027, 4, 1, 9, 0, 0, 0, time.UTC), State: certificate.Valid, Name: "Karin Östberg", Language: locale.SV,
		Series:    event.Series{Title: "Anbudsskolan våren 2027"},
		Programme: programme.Programme{Name: "Upphandlingsdialog Dalarna", Country: "SE", OrganiserName: "Exempelregionen", OrgNumber: "2021005448"},
		Occasions: n,
	}
	for i := range n {
		c := sample()
		c.Event.ID = fmt.Sprint(i)
		c.Event.Title = []string{"Anbudsskolan våren 2027", "Kalkyl och pris", "Lämna anbudet"}[i%3]
		c.Event.StartsAt, c.Event.EndsAt = c.Event.StartsAt.AddDate(0, 0, 7*i), c.Event.EndsAt.AddDate(0, 0, 7*i)
		if i%3 == 2 {
			c.Mode = event.Online
		}
		o.Attended = append(o.Attended, c)
	}
	return o
}

func seriesPaper(t *testing.T, o certificate.OfSeries, lang locale.Language) certificate.Paper {
	t.Helper()
	w := words(t)
	p, err := o.Write(lang, certificate.SeriesWords{Texts: w.Texts, Towns: map[string]string{"0": "Falun", "1": "Mora"}, BaseURL: w.BaseURL})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Run with -update after a change, and read the files.
func TestWhatThePDFOfASeriesSays(t *testing.T) {
	for _, lang := range locale.All() {
		p := seriesPaper(t, sampleSeries(3), lang)
		got := strings.ReplaceAll(strings.Join(p.Printed(), "\n"), "\u00a0", " ") + "\n"
		name := filepath.Join("testdata", "series."+string(lang)+".txt")
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTheLongestSeriesFitsOnOnePage(t *testing.T) {
	for _, lang := range locale.All() {
		o := sampleSeries(12)
		for i := range o.Attended {
			o.Attended[i] = longest(o.Attended[i])
		}
		o.Name, o.Series.Title = o.Attended[0].Name, o.Attended[0].Event.Title+"X"
		for name, x := range map[string]certificate.OfSeries{"twelve": sampleSeries(12), "twelve of the longest": o} {
			p := seriesPaper(t, x, lang)
			if lowest, free := p.Fits(); lowest > free {
				t.Errorf("%s, %s: the text ends at %.1f mm, the foot begins at %.1f", name, lang, lowest, free)
			}
			pdf(t, p, x.IssuedAt)
		}
	}
}
