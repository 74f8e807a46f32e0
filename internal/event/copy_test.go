package event_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func copyTo(db *store.DB, id string, targets ...event.Target) (made []event.Event, err error) {
	err = db.Write(ctx, func(tx *store.Tx) error {
		made, err = event.Copy(ctx, tx, id, targets, audit.Command)
		return err
	})
	return made, err
}

func TestACopyKeepsTheLocalClockWhenTheClocksChange(t *testing.T) {
	db, _, p := newDB(t)
	c := hybrid()
	c.StartsAt, c.EndsAt = utc("2027-03-10T08:00:00Z"), utc("2027-03-10T11:00:00Z") // nine to twelve, winter
	c.OpensAt, c.ClosesAt = utc("2027-02-10T07:00:00Z"), utc("2027-03-03T22:59:00Z")
	original := create(t, db, p, c)
	for _, test := range []struct {
		name                        string
		to                          event.Target
		starts, ends, opens, closes string
	}{
		{"summer", event.Target{Date: "2027-05-12"}, "2027-05-12T07:00:00Z", "2027-05-12T10:00:00Z", "2027-04-14T06:00:00Z", "2027-05-05T21:59:00Z"},
		{"the window on the other side of the change", event.Target{Date: "2027-03-31"}, "2027-03-31T07:00:00Z", "2027-03-31T10:00:00Z", "2027-03-03T07:00:00Z", "2027-03-24T22:59:00Z"},
		{"another time of day", event.Target{Date: "2027-03-11", Clock: "13:30"}, "2027-03-11T12:30:00Z", "2027-03-11T15:30:00Z", "2027-02-11T11:30:00Z", "2027-03-05T03:29:00Z"},
		{"winter again", event.Target{Date: "2027-11-03"}, "2027-11-03T08:00:00Z", "2027-11-03T11:00:00Z", "2027-10-06T06:00:00Z", "2027-10-27T21:59:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			made, err := copyTo(db, original.ID, test.to)
			if err != nil || len(made) != 1 {
				t.Fatalf("%d copies, %v", len(made), err)
			}
			got := made[0]
			want := []string{test.starts, test.ends, test.opens, test.closes}
			have := []string{iso(got.StartsAt), iso(got.EndsAt), iso(got.OpensAt), iso(got.ClosesAt)}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestACopyHasAllThatWasWrittenAndNobody(t *testing.T) {
	db, _, p := newDB(t)
	c := hybrid()
	c.AccessNotes, c.VenueAddress, c.CompanyLimit, c.CoOrganisers = "Hörslinga", "Kristinegatan 1", new(2), []string{"Exempelstaden"}
	c.Speakers = []event.Speaker{{Name: "Kari Vik"}}
	c.Questions = []event.Question{{Kind: event.YesNoQuestion, Label: "Buss?", Required: true, Options: []string{}}}
	original := create(t, db, p, c)
	mora := municipality.Code{Country: "SE", Number: "2062"}
	made, err := copyTo(db, original.ID, event.Target{Date: "2027-06-02"}, event.Target{Date: "2027-06-03", Municipality: mora, VenueName: "Saxviken"})
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range made {
		if got.Status != event.Draft || got.Slug == original.Slug || got.Room.Taken != 0 || !got.MovedAt.IsZero() || got.Questions[0].ID == original.Questions[0].ID {
			t.Errorf("copy %d: %s, %s, %+v", i, got.Status, got.Slug, got.Questions)
		}
		want := original.Content
		want.StartsAt, want.EndsAt, want.ClosesAt = got.StartsAt, got.EndsAt, got.ClosesAt
		want.Questions = got.Questions
		if i == 1 {
			want.Municipality, want.VenueName, want.VenueAddress, want.AccessNotes = mora, "Saxviken", "", ""
		}
		if diff := cmp.Diff(want, got.Content); diff != "" {
			t.Errorf("copy %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestCopiesAreMadeAllOrNone(t *testing.T) {
	db, _, p := newDB(t)
	original := create(t, db, p, hybrid())
	many := make([]event.Target, 13)
	for i := range many {
		many[i].Date = fmt.Sprintf("2027-06-%02d", i+1)
	}
	for _, test := range []struct {
		name, field, code string
		targets           []event.Target
	}{
		{"none", "date_1", "copies_none", nil},
		{"thirteen", "date_1", "copies_most", many},
		{"one in the past", "date_2", "in_future", []event.Target{{Date: "2027-06-02"}, {Date: "2020-06-02"}}},
		{"no date", "date_1", "date", []event.Target{{Clock: "09:00"}}},
		{"a time that is skipped", "time_2", "clock_gap", []event.Target{{Date: "2027-06-02"}, {Date: "2027-03-28", Clock: "02:30"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := copyTo(db, original.ID, test.targets...)
			refusal, ok := problem.As(err)
			if !ok || len(refusal.Fields) != 1 || refusal.Fields[0].Name != test.field || refusal.Fields[0].Code != test.code {
				t.Errorf("refused with %v", err)
			}
			storetest.Read(t, db, func(tx *store.Tx) error {
				all, err := event.List(ctx, tx, event.Filter{})
				if len(all) != 1 {
					t.Errorf("%d events", len(all))
				}
				return err
			})
		})
	}
	if made, err := copyTo(db, original.ID, many[:12]...); err != nil || len(made) != 12 {
		t.Errorf("twelve: %d, %v", len(made), err)
	}
}
