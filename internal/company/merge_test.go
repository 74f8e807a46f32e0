package company_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var organiser = audit.Actor{Kind: "user", ID: "karin"}

// numbers are stored ones, of invented companies.
var numbers = []string{"4020001006", "4020002004", "4020003002", "4020004000"}

func merge(t *testing.T, db *store.DB, from, into company.Company, follow ...company.Follower) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		return company.Merge(ctx, tx, from.ID, into.ID, " Blev aktiebolag ", organiser, follow...)
	})
}

// some makes companies of the first numbers.
func some(t *testing.T, db *store.DB, n int) (list []company.Company) {
	t.Helper()
	for _, number := range numbers[:n] {
		list = append(list, ensure(t, db, "SE", number, "Bolag "+number))
	}
	return list
}

func TestHoweverANumberIsTypedItIsOneCompany(t *testing.T) {
	db, _ := storetest.New(t)
	for country, spellings := range map[string][]string{
		"SE": {"402000-1006", "4020001006", "402000 1006", "40 20 00.10 06", "402000–1006", "402000—1006", "402000−1006", "402000\u20111006",
			"402000\u00ad1006", "SE402000100601", "se 402000-1006 01", "402000100601", "164020001006", "16402000-1006", "\u00a0402000-1006\t"},
		"NO": {"310000019", "310 000 019", "310.000.019", "310\u00a0000\u00a0019", "NO310000019MVA", "no 310 000 019 mva", "310000019 MVA", "310-000-019"},
	} {
		ids := map[string]bool{}
		for _, typed := range spellings {
			number, err := company.ParseNumber(country, typed, true)
			if err != nil {
				t.Errorf("%s %q: %v", country, typed, err)
				continue
			}
			ids[ensure(t, db, country, number, typed).ID] = true
		}
		if len(ids) != 1 {
			t.Errorf("%d companies of one %s number", len(ids), country)
		}
	}
}

func TestANumberOfASoleTraderIsShownMasked(t *testing.T) {
	for _, tt := range []struct {
		c    company.Company
		want string
	}{
		{company.Company{Country: "SE", Number: "4020001006"}, "402000-1006"},
		{company.Company{Country: "SE", Number: "4020001006", SoleTrader: true}, "••••••-••••"},
		{company.Company{Country: "NO", Number: "310000019"}, "310 000 019"},
		{company.Company{Country: "NO", Number: "310000019", SoleTrader: true}, "••• ••• •••"},
		{company.Company{SoleTrader: true}, ""},
		{company.Company{}, ""},
	} {
		if got := company.Display(tt.c); got != tt.want {
			t.Errorf("%+v is shown as %q, want %q", tt.c, got, tt.want)
		}
	}
}

func TestTheOldNumberLeadsToTheCompanyThatGoesOn(t *testing.T) {
	db, _ := storetest.New(t)
	list := some(t, db, 4)
	a, b, c, d := list[0], list[1], list[2], list[3]
	merge(t, db, a, b)
	merge(t, db, b, c) // a chain: a is c now
	merge(t, db, a, d) // the old name for what is c: c goes into d
	storetest.Write(t, db, func(tx *store.Tx) error {
		for _, old := range []company.Company{a, b, c, d} {
			byID, err := company.Find(ctx, tx, old.ID)
			if diff := cmp.Diff(d, byID); err != nil || diff != "" {
				t.Errorf("by id: %v (-want +got):\n%s", err, diff)
			}
			byNumber, err := company.FindByNumber(ctx, tx, "SE", old.Number)
			if diff := cmp.Diff(d, byNumber); err != nil || diff != "" {
				t.Errorf("by number: %v (-want +got):\n%s", err, diff)
			}
			ensured, err := company.Ensure(ctx, tx, "SE", old.Number, "Something else")
			if diff := cmp.Diff(d, ensured); err != nil || diff != "" {
				t.Errorf("signed up for again: %v (-want +got):\n%s", err, diff)
			}
		}
		former, err := company.Former(ctx, tx, d.ID)
		if diff := cmp.Diff([]company.Company{a, b, c}, former); err != nil || diff != "" {
			t.Errorf("former: %v (-want +got):\n%s", err, diff)
		}
		return nil
	})
}

func TestAMergeIsRefused(t *testing.T) {
	db, _ := storetest.New(t)
	list := some(t, db, 3)
	a, b, c := list[0], list[1], list[2]
	merge(t, db, a, b)
	for _, tt := range []struct {
		name, from, into, reason string
		want                     error
	}{
		{"without a reason", b.ID, c.ID, " \n ", company.ErrNoReason},
		{"with a reason that turns the text round", b.ID, c.ID, "\u202eabc", company.ErrNoReason},
		{"with a reason as long as a book", b.ID, c.ID, strings.Repeat("a", 4001), company.ErrNoReason},
		{"with itself", c.ID, c.ID, "x", company.ErrSame},
		{"with what was merged into it, which would be a cycle", b.ID, a.ID, "x", company.ErrSame},
		{"a second time", a.ID, b.ID, "x", company.ErrSame},
		{"from nowhere", "nobody", b.ID, "x", problem.ErrMissing},
		{"into nothing", b.ID, "nobody", "x", problem.ErrMissing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := db.Write(ctx, func(tx *store.Tx) error { return company.Merge(ctx, tx, tt.from, tt.into, tt.reason, organiser) })
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestAConfirmedContactStaysConfirmedInAMerge(t *testing.T) {
	for _, tt := range []struct{ name, from, into, want string }{
		{"only the old one, claimed", "claimed", "", "claimed"},
		{"only the old one, confirmed", "confirmed", "", "confirmed"},
		{"only the new one", "", "confirmed", "confirmed"},
		{"the old one is confirmed", "confirmed", "claimed", "confirmed"},
		{"the new one is confirmed", "claimed", "confirmed", "confirmed"},
		{"neither", "claimed", "claimed", "claimed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := storetest.New(t)
			list := some(t, db, 2)
			storetest.Write(t, db, func(tx *store.Tx) error {
				p, err := person.Ensure(ctx, tx, person.Person{Email: "anna@exempel.se", FirstName: "Anna", LastName: "Exempel", Language: "sv"})
				if err != nil {
					return err
				}
				for i, status := range []string{tt.from, tt.into} {
					if status != "" {
						if err := company.Claim(ctx, tx, p.ID, list[i].ID, status == "confirmed"); err != nil {
							return err
						}
					}
				}
				return nil
			})
			merge(t, db, list[0], list[1])
			storetest.Read(t, db, func(tx *store.Tx) error {
				got, err := store.All(ctx, tx, store.Value[string], `SELECT company_id || ' ' || status FROM contact`)
				if diff := cmp.Diff([]string{list[1].ID + " " + tt.want}, got); diff != "" {
					t.Errorf("contacts (-want +got):\n%s", diff)
				}
				return err
			})
		})
	}
}

func TestAMergeIsWrittenDownAndTakesItsFollowersAlong(t *testing.T) {
	db, _ := storetest.New(t)
	list := some(t, db, 2)
	var moved []string
	merge(t, db, list[0], list[1], func(_ context.Context, _ *store.Tx, from, into string) error {
		moved = append(moved, from+" to "+into)
		return nil
	})
	if diff := cmp.Diff([]string{list[0].ID + " to " + list[1].ID}, moved); diff != "" {
		t.Errorf("the follower (-want +got):\n%s", diff)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		history, err := store.All(ctx, tx, store.Value[string], `SELECT from_id || ' ' || into_id || ' ' || reason || ' ' || merged_by FROM company_merge`)
		if diff := cmp.Diff([]string{list[0].ID + " " + list[1].ID + " Blev aktiebolag karin"}, history); err != nil || diff != "" {
			t.Errorf("history: %v (-want +got):\n%s", err, diff)
		}
		entries, err := audit.Of(ctx, tx, "company", list[1].ID)
		if err != nil || len(entries) != 1 || entries[0].Action != "company.merge" || entries[0].From != list[0].ID || entries[0].Reason != "Blev aktiebolag" || entries[0].Actor != organiser {
			t.Errorf("audit: %+v, %v", entries, err)
		}
		return nil
	})

	// A follower that fails takes everything back.
	third := ensure(t, db, "SE", numbers[2], "Tredje")
	broken := errors.New("broken")
	err := db.Write(ctx, func(tx *store.Tx) error {
		return company.Merge(ctx, tx, third.ID, list[1].ID, "x", organiser, func(context.Context, *store.Tx, string, string) error { return broken })
	})
	if !errors.Is(err, broken) {
		t.Errorf("a broken follower: %v", err)
	}
	if again := ensure(t, db, "SE", numbers[2], ""); again.ID != third.ID {
		t.Error("half a merge was done")
	}
}

func TestThePublicRegistersNameReplacesWhatWasTyped(t *testing.T) {
	db, _ := storetest.New(t)
	c := ensure(t, db, "NO", "310000019", "my firm")
	storetest.Write(t, db, func(tx *store.Tx) error {
		return company.Registered(ctx, tx, "NO", "310000019", "EKSEMPELBYGG", true)
	})
	want := company.Company{ID: c.ID, Country: "NO", Number: "310000019", Name: "EKSEMPELBYGG", SoleTrader: true}
	if diff := cmp.Diff(want, ensure(t, db, "NO", "310000019", "x")); diff != "" {
		t.Error(diff)
	}
	into := ensure(t, db, "SE", numbers[0], "Nya bolaget AB")
	merge(t, db, c, into)
	storetest.Write(t, db, func(tx *store.Tx) error {
		return errors.Join(company.Registered(ctx, tx, "NO", "310000019", "EKSEMPELBYGG", true), company.Registered(ctx, tx, "NO", "310001023", "INGEN", false))
	})
	if diff := cmp.Diff(into, ensure(t, db, "SE", numbers[0], "")); diff != "" {
		t.Errorf("the company that goes on (-want +got):\n%s", diff)
	}
}
