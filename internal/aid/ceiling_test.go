package aid_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"stafett/internal/aid"
	"stafett/internal/company"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// other is aid from somebody else.
func other(on string, minor int64, currency string) aid.Other {
	return aid.Other{Giver: "Exempelfonden", On: day(on), Minor: minor, Currency: currency}
}

func TestTheCeilingStopsTheWholeGrantAndSaysWhatFits(t *testing.T) {
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		// 300 of the 400 euro that five hours are would be left.
		d := aid.Declaration{Other: []aid.Other{other("2026-05-04", 299_700_00, "EUR")}}
		c, err := w.checked(tx, w.terms("udd"), d, aid.Checking{})
		if err != nil {
			return err
		}
		_, err = aid.Grant(ctx, tx, c.ID, granting(300), una)
		p, ok := problem.As(err)
		if !ok || !errors.Is(err, aid.ErrCeiling) || len(p.Args) != 2 || p.Args[1] != 210 {
			t.Fatalf("above the ceiling: %v %v", err, p)
		}
		if _, err := aid.Grant(ctx, tx, c.ID, granting(225), una); !errors.Is(err, aid.ErrCeiling) {
			t.Errorf("a quarter of an hour more than fits: %v", err)
		}
		a, err := aid.Grant(ctx, tx, c.ID, granting(210), una)
		if err != nil || a.Cents > 300_00 {
			t.Errorf("what fits: %d cents (%v)", a.Cents, err)
		}
		return nil
	})
}

func TestOnTheCeilingIsNotAboveIt(t *testing.T) {
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		c, err := w.checked(tx, w.terms("udd"), aid.Declaration{Other: []aid.Other{other("2026-05-04", aid.Ceiling-40_179, "EUR")}}, aid.Checking{})
		if err != nil {
			return err
		}
		_, err = aid.Grant(ctx, tx, c.ID, granting(300), una)
		return err
	})
	w = newWorld(t)
	w.write(func(tx *store.Tx) error {
		c, err := w.checked(tx, w.terms("udd"), aid.Declaration{Other: []aid.Other{other("2026-05-04", aid.Ceiling-40_178, "EUR")}}, aid.Checking{})
		if err != nil {
			return err
		}
		if _, err = aid.Grant(ctx, tx, c.ID, granting(300), una); !errors.Is(err, aid.ErrCeiling) {
			t.Errorf("a cent above: %v", err)
		}
		return nil
	})
}

func TestTheSameDayThreeYearsAgoCountsAndTheDayBeforeDoesNot(t *testing.T) {
	for _, tt := range []struct {
		now, on string
		counts  bool
	}{
		{"2027-01-13", "2024-01-13", true},
		{"2028-02-29", "2025-02-28", true},
	} {
		w := newWorld(t)
		w.clock.Set(day(tt.now).Add(9 * time.Hour))
		w.write(func(tx *store.Tx) error {
			c, err := w.checked(tx, w.terms("udd"), aid.Declaration{Other: []aid.Other{other(tt.on, aid.Ceiling, "EUR")}}, aid.Checking{})
			if err != nil {
				return err
			}
			if _, err = aid.Grant(ctx, tx, c.ID, granting(300), una); !errors.Is(err, aid.ErrCeiling) {
				t.Errorf("on %s aid of %s does not count: %v", tt.now, tt.on, err)
			}
			_, err = aid.Declare(ctx, tx, c.ID, aid.Declaration{Signer: "Kim", Other: []aid.Other{other(day(tt.on).AddDate(0, 0, -1).Format(time.DateOnly), aid.Ceiling, "EUR")}}, w.self())
			if p, ok := problem.As(err); !ok || p.Fields[0].Code != "aid_day_old" {
				t.Errorf("on %s aid of the day before %s is declared: %v", tt.now, tt.on, err)
			}
			return nil
		})
	}
}

func TestAGrantOfOursRollsOutAfterThreeYears(t *testing.T) {
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		c, err := w.checked(tx, w.terms("udd"), aid.Declaration{}, aid.Checking{})
		if err == nil {
			_, err = aid.Grant(ctx, tx, c.ID, granting(300), una)
		}
		return err
	})
	for on, want := range map[string]int64{"2027-01-13": 40_179, "2030-01-13": 40_179, "2030-01-14": 0} {
		w.write(func(tx *store.Tx) error {
			s, err := aid.Running(ctx, tx, w.company.ID, day(on))
			if s.Own != want {
				t.Errorf("on %s it has had %d cents, want %d", on, s.Own, want)
			}
			return err
		})
	}
}

func TestOurOwnGrantIsCountedOnceWhenItIsDeclaredToo(t *testing.T) {
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		c, err := w.checked(tx, w.terms("udd"), aid.Declaration{}, aid.Checking{})
		if err != nil {
			return err
		}
		if _, err = aid.Grant(ctx, tx, c.ID, granting(300), una); err != nil {
			return err
		}
		// In kronor, in euro, and once more: the third is somebody else's.
		rows := []aid.Other{other("2027-01-13", 450_000, "SEK"), other("2027-01-13", 40_179, "EUR"), other("2026-01-13", 450_000, "SEK")}
		c, err = w.checked(tx, w.terms("akuten"), aid.Declaration{Other: rows}, aid.Checking{Rates: map[string]int64{"SEK": 1_120_000}})
		if err != nil {
			return err
		}
		s, err := c.Running(ctx, tx, tx.Now)
		if err != nil || s.Own != 40_179 || s.Declared != 40_179+40_179 {
			t.Errorf("own %d, declared %d (%v)", s.Own, s.Declared, err)
		}
		d, err := c.Declaration(ctx, tx)
		if err != nil || d.Other[0].SameAward == "" || d.Other[1].SameAward != "" || d.Other[2].SameAward != "" {
			t.Errorf("found to be ours: %+v (%v)", d.Other, err)
		}
		// An organiser knows better.
		_, err = aid.Check(ctx, tx, c.ID, aid.Checking{Rates: map[string]int64{"SEK": 1_120_000}, Same: map[string]bool{d.Other[0].ID: false}}, una)
		if err != nil {
			return err
		}
		if s, err = c.Running(ctx, tx, tx.Now); err != nil || s.Declared != 3*40_179-40_179 {
			t.Errorf("the row in euro is ours then: declared %d (%v)", s.Declared, err)
		}
		_, err = aid.Check(ctx, tx, c.ID, aid.Checking{Rates: map[string]int64{"SEK": 1_120_000}, Same: map[string]bool{d.Other[2].ID: true}}, una)
		if p, ok := problem.As(err); !ok || p.Fields[0].Code != "aid_not_ours" {
			t.Errorf("of a day without a grant: %v", err)
		}
		return nil
	})
}

func TestLinkedCompaniesAreOneUndertakingOnceAnOrganiserAgrees(t *testing.T) {
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		sister, err := company.Ensure(ctx, tx, "SE", "5560360793", "Systerbolaget AB")
		if err != nil {
			return err
		}
		terms := w.terms("udd")
		terms.CompanyID = sister.ID
		c, err := w.checked(tx, terms, aid.Declaration{}, aid.Checking{})
		if err != nil {
			return err
		}
		if _, err = aid.Grant(ctx, tx, c.ID, granting(300), una); err != nil {
			return err
		}
		c, err = aid.Ask(ctx, tx, w.terms("udd"), w.self())
		if err != nil {
			return err
		}
		if _, err = aid.Declare(ctx, tx, c.ID, aid.Declaration{Signer: "Kim", Linked: []aid.Linked{{Name: "Systerbolaget", Number: "556036-0793"}}}, w.self()); err != nil {
			return err
		}
		// What a company merely says of another tells it nothing about that one.
		if s, err := aid.Running(ctx, tx, w.company.ID, tx.Now); err != nil || s.Own != 0 {
			t.Errorf("before anybody agreed: %d (%v)", s.Own, err)
		}
		d, err := c.Declaration(ctx, tx)
		if err != nil {
			return err
		}
		if _, err = aid.Check(ctx, tx, c.ID, aid.Checking{}, una); err != nil {
			return err
		}
		if s, err := aid.Running(ctx, tx, w.company.ID, tx.Now); err != nil || s.Own != 0 {
			t.Errorf("an organiser did not agree: %d (%v)", s.Own, err)
		}
		if _, err = aid.Check(ctx, tx, c.ID, aid.Checking{Linked: map[string]bool{d.Linked[0].ID: true}}, una); err != nil {
			return err
		}
		for _, id := range []string{w.company.ID, sister.ID} {
			if s, err := aid.Running(ctx, tx, id, tx.Now); err != nil || s.Own != 40_179 {
				t.Errorf("together they have had %d (%v)", s.Own, err)
			}
		}
		return nil
	})
}

func TestMergedCompaniesKeepWhatBothHaveHad(t *testing.T) {
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		old, err := company.Ensure(ctx, tx, "SE", "5560360793", "Gamla bolaget AB")
		if err != nil {
			return err
		}
		for _, id := range []string{old.ID, w.company.ID} {
			terms := w.terms("udd")
			terms.CompanyID = id
			c, err := w.checked(tx, terms, aid.Declaration{}, aid.Checking{})
			if err != nil {
				return err
			}
			if _, err = aid.Grant(ctx, tx, c.ID, granting(120), una); err != nil {
				return err
			}
		}
		if err := company.Merge(ctx, tx, old.ID, w.company.ID, "Bolagen har gått samman.", una, aid.Follow); err != nil {
			return err
		}
		w.granted(tx, 240, true)
		s, err := aid.Running(ctx, tx, w.company.ID, tx.Now)
		if want := 2 * aid.EuroCents(180_000, 1_120_000); s.Own != want {
			t.Errorf("after the merger %d cents, want %d", s.Own, want)
		}
		return err
	})
}

// Whatever is declared, granted, corrected and closed, in any order and by several
// companies of one undertaking: never above the ceiling, and the sum is that of what
// is in force.
func TestNoUndertakingComesAboveTheCeiling(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			w := newWorld(t)
			refused, given := 0, 0
			for i := range 12 {
				w.clock.Advance(time.Duration(r.IntN(200)) * 24 * time.Hour)
				w.write(func(tx *store.Tx) error {
					id := fmt.Sprintf("programme-%d", i)
					if err := addAdvisory(tx, id, w.programme.ID); err != nil {
						return err
					}
					terms := w.terms(id)
					terms.Minutes, terms.MarketMinor = 6000, int64(1_000_00+r.IntN(100_000_00)) // up to 100 000 kr an hour
					var rows []aid.Other
					if r.IntN(3) == 0 {
						rows = append(rows, other(tx.Now.AddDate(0, 0, -r.IntN(900)).Format(time.DateOnly), 1+r.Int64N(200_000_00), "EUR"))
					}
					c, err := w.checked(tx, terms, aid.Declaration{Other: rows}, aid.Checking{})
					if err != nil {
						return err
					}
					before, err := c.Running(ctx, tx, tx.Now)
					if err != nil {
						return err
					}
					g := granting(15 + r.IntN(6000-15))
					cents := aid.EuroCents(aid.Amount(g.Minutes, terms.HourMinor()), g.Rate.Value)
					_, err = aid.Grant(ctx, tx, c.ID, g, una)
					switch fits := before.Total()+cents <= aid.Ceiling; {
					case fits && err != nil:
						t.Errorf("%d and %d more are refused: %v", before.Total(), cents, err)
					case !fits && !errors.Is(err, aid.ErrCeiling):
						t.Errorf("%d and %d more: %v", before.Total(), cents, err)
					case fits:
						given++
						if r.IntN(3) == 0 {
							if err := aid.Close(ctx, tx, id, w.company.ID, r.IntN(g.Minutes+1), una); err != nil {
								return err
							}
						}
					default:
						refused++
					}
					after, err := aid.Running(ctx, tx, w.company.ID, tx.Now)
					if err != nil {
						return err
					}
					own, err := c.Own(ctx, tx, tx.Now)
					total := int64(0)
					for _, o := range own {
						total += o.Cents
					}
					if total != after.Own || before.Total() <= aid.Ceiling && after.Own > aid.Ceiling {
						t.Errorf("own %d, of which %d are known", after.Own, total)
					}
					return err
				})
			}
			if refused == 0 || given == 0 {
				t.Errorf("%d given and %d refused: the draw proves nothing", given, refused)
			}
		})
	}
}

// Two organisers grant to two companies of one undertaking at the same moment, and
// only one of the grants fits.
func TestTwoGrantsAtOnceOfWhichOneFits(t *testing.T) {
	w := newWorld(t)
	var cases []aid.Case
	w.write(func(tx *store.Tx) error {
		for _, advisory := range []string{"udd", "akuten"} {
			c, err := w.checked(tx, w.terms(advisory), aid.Declaration{Other: []aid.Other{other("2026-05-04", aid.Ceiling-50_000, "EUR")}}, aid.Checking{})
			if err != nil {
				return err
			}
			cases = append(cases, c)
		}
		return nil
	})
	var wait sync.WaitGroup
	errs := make([]error, len(cases))
	for i, c := range cases {
		wait.Go(func() {
			errs[i] = w.db.Write(context.Background(), func(tx *store.Tx) error {
				_, err := aid.Grant(ctx, tx, c.ID, granting(300), una)
				return err
			})
		})
	}
	wait.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), aid.ErrCeiling) {
		t.Errorf("both at once: %v", errs)
	}
}
