package company_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/company"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var ctx = context.Background()

func ensure(t *testing.T, db *store.DB, country, number, name string) (c company.Company) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		c, err = company.Ensure(ctx, tx, country, number, name)
		return err
	})
	return c
}

func TestACompanyKeepsTheNameItCameWith(t *testing.T) {
	db, _ := storetest.New(t)
	first := ensure(t, db, "SE", "4020001006", "Exempelbygg AB")
	again := ensure(t, db, "SE", "4020001006", "Somebody else's idea of a name")

	want := company.Company{ID: first.ID, Country: "SE", Number: "4020001006", Name: "Exempelbygg AB"}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("the second time (-want +got):\n%s", diff)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		byID, err := company.Find(ctx, tx, first.ID)
		if diff := cmp.Diff(want, byID); err != nil || diff != "" {
			t.Errorf("by id: %v (-want +got):\n%s", err, diff)
		}
		byNumber, err := company.FindByNumber(ctx, tx, "SE", "4020001006")
		if diff := cmp.Diff(want, byNumber); err != nil || diff != "" {
			t.Errorf("by number: %v (-want +got):\n%s", err, diff)
		}
		return nil
	})
}

func TestAnUnknownCompanyIsMissing(t *testing.T) {
	db, _ := storetest.New(t)
	ensure(t, db, "NO", "310000019", "Eksempelbygg AS")
	storetest.Read(t, db, func(tx *store.Tx) error {
		if _, err := company.Find(ctx, tx, "nobody"); !errors.Is(err, problem.ErrMissing) {
			t.Errorf("by id: %v", err)
		}
		if _, err := company.FindByNumber(ctx, tx, "SE", "310000019"); !errors.Is(err, problem.ErrMissing) {
			t.Errorf("by a number of the other country: %v", err)
		}
		return nil
	})
}

func TestOnlyAStoredFormOfANumberIsStored(t *testing.T) {
	db, _ := storetest.New(t)
	for _, tt := range []struct {
		name, country, number string
		want                  error
	}{
		{"a personal number", "SE", "1212121212", company.ErrPersonalNumber},
		{"a number as it was typed", "SE", "402000-1006", company.ErrNumber},
		{"a wrong number", "NO", "310000018", company.ErrNumber},
		{"no number", "SE", "", company.ErrNumber},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := db.Write(ctx, func(tx *store.Tx) error {
				_, err := company.Ensure(ctx, tx, tt.country, tt.number, "Exempelbygg AB")
				return err
			})
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM company`)
		if n != 0 {
			t.Errorf("%d companies are stored", n)
		}
		return err
	})
}

func TestAClaimIsConfirmedButNeverTheOtherWayRound(t *testing.T) {
	for _, tt := range []struct {
		name   string
		claims []bool // confirmed or not, one after the other
		want   string
	}{
		{"a claim", []bool{false}, "claimed"},
		{"a claim twice", []bool{false, false}, "claimed"},
		{"confirmed at once", []bool{true}, "confirmed"},
		{"a claim that is confirmed", []bool{false, true}, "confirmed"},
		{"a claim after it was confirmed", []bool{true, false}, "confirmed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := storetest.New(t)
			storetest.Write(t, db, func(tx *store.Tx) error {
				p, err := person.Ensure(ctx, tx, person.Person{Email: "anna@exempel.se", FirstName: "Anna", LastName: "Exempel", Language: "sv"})
				if err != nil {
					return err
				}
				c, err := company.Ensure(ctx, tx, "SE", "4020001006", "Exempelbygg AB")
				if err != nil {
					return err
				}
				for _, confirmed := range tt.claims {
					if err := company.Claim(ctx, tx, p.ID, c.ID, confirmed); err != nil {
						return err
					}
				}
				got, err := store.All(ctx, tx, store.Value[string], `SELECT status FROM contact WHERE person_id = ? AND company_id = ?`, p.ID, c.ID)
				if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
					t.Errorf("contacts (-want +got):\n%s", diff)
				}
				return err
			})
		})
	}
}
