package event_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func iso(t time.Time) string { return t.Format(time.RFC3339) }

func makeSeries(db *store.DB, title string, signUp event.SignUp, ids ...string) (s event.Series, err error) {
	err = db.Write(ctx, func(tx *store.Tx) error {
		s, err = event.MakeSeries(ctx, tx, title, signUp, ids, audit.Command)
		return err
	})
	return s, err
}

func TestASeriesHasItsOccasionsByStart(t *testing.T) {
	db, _, p := newDB(t)
	first := create(t, db, p, hybrid())
	copies, err := copyTo(db, first.ID, event.Target{Date: "2027-06-09"}, event.Target{Date: "2027-06-02"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := makeSeries(db, "Anbudsskolan", event.ForWhole, copies[0].ID, first.ID, copies[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := event.Occasions(ctx, tx, s.ID)
		var ids []string
		for _, e := range all {
			ids = append(ids, e.ID)
		}
		if diff := cmp.Diff([]string{first.ID, copies[1].ID, copies[0].ID}, ids); diff != "" {
			t.Error(diff)
		}
		parts, _ := event.Parts(ctx, tx, all)
		if len(parts) != 0 {
			t.Errorf("drafts are parts that visitors see: %v", parts)
		}
		return err
	})
	_, err = makeSeries(db, "En till", event.ForEach, first.ID, copies[0].ID)
	refused(t, "an event in two series", err, event.ErrInSeries)
}

func TestWhatIsNoSeries(t *testing.T) {
	db, _, p := newDB(t)
	one := create(t, db, p, hybrid())
	_, err := makeSeries(db, " ", "some", one.ID, one.ID)
	refusal, _ := problem.As(err)
	if refusal == nil {
		t.Fatalf("made: %v", err)
	}
	var got []string
	for _, f := range refusal.Fields {
		got = append(got, f.Name+":"+f.Code)
	}
	if diff := cmp.Diff([]string{"series_title:required", "sign_up:choose", "occasions:occasions_number"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestASeriesOfWhichOneOccasionIsLeftEnds(t *testing.T) {
	db, _, p := newDB(t)
	first := create(t, db, p, hybrid())
	copies, err := copyTo(db, first.ID, event.Target{Date: "2027-06-09"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := makeSeries(db, "Anbudsskolan", event.ForEach, first.ID, copies[0].ID); err != nil {
		t.Fatal(err)
	}
	storetest.Write(t, db, func(tx *store.Tx) error { return event.LeaveSeries(ctx, tx, copies[0].ID, audit.Command) })
	if got := find(t, db, first.ID).SeriesID; got != "" {
		t.Errorf("alone in series %s", got)
	}
}
