package registration_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// fromCompany signs person number n up for the company with a number.
func fromCompany(t testing.TB, db *store.DB, eventID string, n int, number string) registration.Registration {
	t.Helper()
	q := registrationtest.Request(eventID, n)
	q.Organisation = registration.Organisation{Kind: registration.OfCompany, Country: "SE", Number: number, Name: "Bolag " + number}
	q.TestNumbers = true
	return registrationtest.SignUp(t, db, q).Registration
}

func mergeCompanies(t testing.TB, db *store.DB, from, into string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		return registration.MergeCompanies(context.Background(), tx, from, into, "samma ägare", registrationtest.Organiser)
	})
}

func TestNobodyLosesAPlaceInAMergeThatGoesOverTheLimit(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.CompanyLimit = new(1) })
	a := fromCompany(t, db, ev.ID, 1, "402000-1006")
	b := fromCompany(t, db, ev.ID, 2, "402000-2004")
	mergeCompanies(t, db, a.CompanyID, b.CompanyID)
	for _, r := range []registration.Registration{a, b} {
		now := registrationtest.Find(t, db, r.ID)
		if now.Status != registration.Confirmed || now.CompanyID != b.CompanyID {
			t.Errorf("%s of %s, want a place for %s", now.Status, now.CompanyID, b.CompanyID)
		}
	}
	if next := fromCompany(t, db, ev.ID, 3, "402000-1006"); next.Status != registration.Waitlisted || next.CompanyID != b.CompanyID {
		t.Errorf("the next person by the old number is %s at %s", next.Status, next.CompanyID)
	}
}

func TestTheLargerShareOfPlacesFollows(t *testing.T) {
	share := func(n int) *int { return &n }
	for _, tt := range []struct {
		name       string
		from, into []any // places; no element: no row
		want       []any
	}{
		{"only the old company has one", []any{3}, nil, []any{share(3)}},
		{"only the new one", nil, []any{2}, []any{share(2)}},
		{"the old one's is larger", []any{3}, []any{2}, []any{share(3)}},
		{"the new one's is larger", []any{2}, []any{3}, []any{share(3)}},
		{"the old one has no limit", []any{nil}, []any{3}, []any{(*int)(nil)}},
		{"the new one has no limit", []any{3}, []any{nil}, []any{(*int)(nil)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := storetest.New(t)
			ev := registrationtest.Event(t, db, nil)
			a, b := fromCompany(t, db, ev.ID, 1, "402000-1006"), fromCompany(t, db, ev.ID, 2, "402000-2004")
			storetest.Write(t, db, func(tx *store.Tx) error {
				for id, places := range map[string][]any{a.CompanyID: tt.from, b.CompanyID: tt.into} {
					for _, n := range places {
						if _, err := store.Exec(context.Background(), tx, `INSERT INTO company_share (event_id, company_id, places) VALUES (?, ?, ?)`, ev.ID, id, n); err != nil {
							return err
						}
					}
				}
				return nil
			})
			mergeCompanies(t, db, a.CompanyID, b.CompanyID)
			storetest.Read(t, db, func(tx *store.Tx) error {
				got, err := store.All(context.Background(), tx, func(r store.Row) (x any, err error) {
					var id string
					var places *int
					err = r.Scan(&id, &places)
					if id != b.CompanyID {
						t.Errorf("a share of %s is left", id)
					}
					return places, err
				}, `SELECT company_id, places FROM company_share`)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("shares (-want +got):\n%s", diff)
				}
				return err
			})
		})
	}
}

// Whatever is merged into whatever, in any order: every registration and every
// person tied to a company is still there, with the company that its number
// leads to, and a confirmed tie is never lost.
func TestRandomMergesLoseNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		db, _ := storetest.New(t)
		ctx := context.Background()
		ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = nil })
		numbers := []string{"4020001006", "4020002004", "4020003002", "4020004000", "4020005007"}
		var signed []registration.Registration
		typed := map[string]string{} // number by registration
		for n := range 8 {
			number := rapid.SampledFrom(numbers).Draw(rt, "number")
			r := fromCompany(t, db, ev.ID, n, number)
			signed, typed[r.ID] = append(signed, r), number
		}
		// People are tied to other companies as well, some of them for sure.
		sure := map[[2]string]bool{} // by person and company
		for _, r := range signed {
			other := rapid.SampledFrom(signed).Draw(rt, "other").CompanyID
			confirmed := rapid.Bool().Draw(rt, "confirmed")
			sure[[2]string{r.PersonID, r.CompanyID}] = confirmed && other == r.CompanyID
			sure[[2]string{r.PersonID, other}] = confirmed
			storetest.Write(t, db, func(tx *store.Tx) error { return company.Claim(ctx, tx, r.PersonID, other, confirmed) })
		}
		for range rapid.IntRange(1, 8).Draw(rt, "merges") {
			from, into := rapid.SampledFrom(signed).Draw(rt, "from"), rapid.SampledFrom(signed).Draw(rt, "into")
			err := db.Write(ctx, func(tx *store.Tx) error {
				return registration.MergeCompanies(ctx, tx, from.CompanyID, into.CompanyID, "x", registrationtest.Organiser)
			})
			if p, refused := problem.As(err); err != nil && (!refused || p.Code != company.ErrSame.Code) {
				rt.Fatal(err)
			}
		}
		storetest.Read(t, db, func(tx *store.Tx) error {
			cycles, err := store.One(ctx, tx, store.Value[int], `
				SELECT count(*) FROM company c JOIN company o ON o.id = c.merged_into WHERE o.merged_into IS NOT NULL`)
			if err != nil || cycles != 0 {
				rt.Fatalf("%d companies lead to one that is merged, %v", cycles, err)
			}
			expected := map[string]bool{}
			for tie, confirmed := range sure {
				c, err := company.Find(ctx, tx, tie[1])
				if err != nil {
					rt.Fatal(err)
				}
				key := tie[0] + " " + c.ID
				expected[key] = expected[key] || confirmed
			}
			for _, r := range signed {
				now, err := registration.Find(ctx, tx, r.ID)
				if err != nil {
					rt.Fatal(err)
				}
				c, err := company.FindByNumber(ctx, tx, "SE", typed[r.ID])
				if err != nil || now.CompanyID != c.ID {
					rt.Fatalf("%s is with %s, its number leads to %s (%v)", r.ID, now.CompanyID, c.ID, err)
				}
				now.CompanyID = r.CompanyID
				if diff := cmp.Diff(r, now); diff != "" {
					rt.Fatalf("something else has changed: %s", diff)
				}
			}
			got := map[string]bool{}
			_, err = store.All(ctx, tx, func(r store.Row) (x any, err error) {
				var person, company string
				var confirmed bool
				err = r.Scan(&person, &company, &confirmed)
				got[person+" "+company] = confirmed
				return nil, err
			}, `SELECT person_id, company_id, status = 'confirmed' FROM contact`)
			if diff := cmp.Diff(expected, got); diff != "" {
				rt.Fatalf("ties (-want +got):\n%s", diff)
			}
			return err
		})
	})
}
