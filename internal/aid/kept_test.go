package aid_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// grant takes a case to a grant.
func (w *world) grant(tx *store.Tx, t aid.Terms, minutes int) (aid.Case, aid.Award) {
	w.Helper()
	c, err := w.checked(tx, t, aid.Declaration{}, aid.Checking{})
	if err != nil {
		w.Fatal(err)
	}
	a, err := aid.Grant(ctx, tx, c.ID, granting(minutes), una)
	if err != nil {
		w.Fatal(err)
	}
	return c, a
}

func TestTheDatabaseItselfHoldsWhatWasGranted(t *testing.T) {
	for name, statement := range map[string]string{
		"a grant changes":                   `UPDATE aid_award SET minutes = 1`,
		"a grant goes":                      `DELETE FROM aid_award`,
		"a decision changes":                `UPDATE aid_decision SET reason = 'annat'`,
		"a case goes":                       `DELETE FROM aid_case`,
		"a case is marked to go too early":  `UPDATE aid_case SET removed_on = '2030-01-01'`,
		"a record changes":                  `UPDATE aid_record SET recipient = 'Någon annan'`,
		"a record goes":                     `DELETE FROM aid_record`,
		"a record is marked and goes early": `UPDATE aid_record SET removed_on = '2037-01-13'; DELETE FROM aid_record`,
		"a correction is higher":            `INSERT INTO aid_correction SELECT 'x', id, 1, 301, 451500, 40313, 'mer', 'user', 'una', at FROM aid_award`,
		"a correction does not add up":      `INSERT INTO aid_correction SELECT 'x', id, 1, 60, 1, 1, 'mindre', 'user', 'una', at FROM aid_award`,
		"a grant does not add up":           `INSERT INTO aid_award SELECT 'x', case_id, declaration_id, 'y', state, granted_on, since, minutes, market_minor, price_minor, hour_minor, aid_minor - 1, currency, rate, rate_on, rate_source, eur_cents, nace, at FROM aid_award`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write(func(tx *store.Tx) error {
				w.grant(tx, w.terms("udd"), 300)
				return nil
			})
			err := w.db.Write(ctx, func(tx *store.Tx) error {
				_, err := store.Exec(ctx, tx, statement)
				return err
			})
			if !store.IsConstraint(err) {
				t.Errorf("the database lets it happen: %v", err)
			}
		})
	}
}

// With the decision in Go taken away, the trigger stops what comes above the ceiling.
func TestTheTriggerStopsWhatComesAboveTheCeiling(t *testing.T) {
	w := newWorld(t)
	var c aid.Case
	w.write(func(tx *store.Tx) (err error) {
		c, err = w.checked(tx, w.terms("udd"), aid.Declaration{Other: []aid.Other{other("2026-05-04", aid.Ceiling-1, "EUR")}}, aid.Checking{})
		return err
	})
	insert := func(since string) error {
		return w.db.Write(ctx, func(tx *store.Tx) error {
			d, err := c.Declaration(ctx, tx)
			if err != nil {
				return err
			}
			if _, err := store.Exec(ctx, tx, `INSERT INTO aid_decision (id, case_id, declaration_id, outcome, number, asked_minutes, granted_minutes, own_cents, declared_cents, new_cents, actor_kind, at) VALUES ('d', ?, ?, 'granted', '1', 60, 60, 0, 0, 2, 'user', ?)`, c.ID, d.ID, store.At(tx.Now)); err != nil {
				return err
			}
			_, err = store.Exec(ctx, tx, `
				INSERT INTO aid_award (id, case_id, declaration_id, decision_id, state, granted_on, since, minutes, market_minor, price_minor, hour_minor, aid_minor, currency, rate, rate_on, rate_source, eur_cents, nace, at)
				VALUES ('a', ?, ?, 'd', 'SE', '2027-01-13', ?, 60, 20, 0, 20, 20, 'SEK', 1000000, '2027-01-01', 'InforEuro', 2, '43', ?)`, c.ID, d.ID, since, store.At(tx.Now))
			return err
		})
	}
	if err := insert("2024-01-13"); err == nil || !strings.Contains(err.Error(), "aid above the ceiling") {
		t.Errorf("above the ceiling: %v", err)
	}
	if err := insert("2026-05-05"); err != nil {
		t.Errorf("what lies before the three years does not count: %v", err)
	}
}

func TestARecordIsKeptForTenYearsAndThenGoesWithItsCase(t *testing.T) {
	w := newWorld(t)
	var c aid.Case
	w.write(func(tx *store.Tx) error {
		c, _ = w.grant(tx, w.terms("udd"), 300)
		if _, err := aid.Register(ctx, tx, c.ID, "eAIR-1", day("2027-01-13"), una); err != nil {
			return err
		}
		if err := aid.Close(ctx, tx, "udd", w.company.ID, 60, audit.System); err != nil {
			return err
		}
		return aid.Erase(ctx, tx, w.person.ID) // takes nothing of what was granted
	})
	rows := func(day string) (n int) {
		w.clock.Set(dayAt(day))
		w.write(func(tx *store.Tx) error {
			if err := aid.Sweep(ctx, tx); err != nil {
				return err
			}
			all, err := aid.Export(ctx, tx, nil)
			n = len(all)
			return err
		})
		return n
	}
	if n := rows("2037-01-13"); n != 2 {
		t.Errorf("on the last day %d rows are there, want the grant and its correction", n)
	}
	if n := rows("2037-01-14"); n != 0 {
		t.Errorf("%d rows are left after ten years", n)
	}
	w.write(func(tx *store.Tx) error {
		if _, err := aid.Find(ctx, tx, c.ID); err != problem.ErrMissing {
			t.Errorf("the case is there still: %v", err)
		}
		return aid.Sweep(ctx, tx) // once more does no harm
	})
}

func dayAt(s string) time.Time { return day(s).Add(9 * time.Hour) }

func TestErasureTakesWhatWasOnlyDeclared(t *testing.T) {
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		c, err := aid.Ask(ctx, tx, w.terms("udd"), w.self())
		if err != nil {
			return err
		}
		if _, err := aid.Declare(ctx, tx, c.ID, aid.Declaration{Signer: "Kim Exempel"}, w.self()); err != nil {
			return err
		}
		if err := aid.Erase(ctx, tx, w.person.ID); err != nil {
			return err
		}
		if _, err := aid.Find(ctx, tx, c.ID); err != problem.ErrMissing {
			t.Errorf("the declaration is there still: %v", err)
		}
		return nil
	})
}

func TestTheExportHasARowForEachGrantAndCorrection(t *testing.T) {
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		c, a := w.grant(tx, w.terms("udd"), 300)
		if _, err := aid.Correct(ctx, tx, c.ID, 120, "Färre timmar behövdes.", una); err != nil {
			return err
		}
		rows, err := aid.Export(ctx, tx, []string{w.programme.ID})
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows (%v)", len(rows), err)
		}
		for _, tt := range []struct {
			row          int
			column, want string
		}{
			{0, "grant_id", a.ID}, {0, "beneficiary", "Snickeri Exempel AB"}, {0, "orgnr", "5566778899"}, {0, "granting_authority", "Exempelregionen"},
			{0, "instrument", "subsidised service"}, {0, "regulation", "(EU) 2023/2831"}, {0, "grant_date", "2027-01-13"}, {0, "hours_granted_min", "300"}, {0, "amount_national", "4500.00"},
			{0, "rate", "11.20000"}, {0, "amount_eur", "401.79"}, {0, "nace", "43.32"}, {0, "register_deadline", "2027-02-10"}, {0, "registered_on", ""}, {0, "corrects", ""},
			{1, "hours_granted_min", "120"}, {1, "amount_national", "1800.00"}, {1, "amount_eur", "160.72"}, {1, "corrects", a.ID},
		} {
			if got := rows[tt.row][slices.Index(aid.Columns, tt.column)]; got != tt.want {
				t.Errorf("row %d, %s is %q, want %q", tt.row, tt.column, got, tt.want)
			}
		}
		if none, err := aid.Export(ctx, tx, []string{"another"}); len(none) != 0 || err != nil {
			t.Errorf("another programme's organiser gets %d rows (%v)", len(none), err)
		}
		return nil
	})
}

func TestOrganisersAreRemindedWithTenFiveAndOneDaysLeft(t *testing.T) {
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		w.grant(tx, w.terms("udd"), 300) // by 10 February
		return nil
	})
	letters := func(on string) (n int) {
		w.clock.Set(dayAt(on))
		w.write(func(tx *store.Tx) (err error) {
			if err = aid.Remind(ctx, tx); err != nil {
				return err
			}
			n, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE letter = 'O4'`)
			return err
		})
		return n
	}
	for _, tt := range []struct {
		on   string
		want int
	}{{"2027-01-27", 0}, {"2027-01-28", 1}, {"2027-01-29", 1}, {"2027-02-03", 1}, {"2027-02-04", 2}, {"2027-02-09", 2}, {"2027-02-10", 3}, {"2027-02-11", 3}} {
		if n := letters(tt.on); n != tt.want {
			t.Errorf("by %s %d letters are written, want %d", tt.on, n, tt.want)
		}
	}
}

func TestASealedNumberOpensForItsOwnRecipientAndKeyAlone(t *testing.T) {
	w := newWorld(t)
	keys, err := aid.NewKeys([]byte(strings.Repeat("hemligt ", 5)))
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := aid.NewKeys([]byte(strings.Repeat("annat ", 7)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := aid.NewKeys([]byte("för kort")); err == nil {
		t.Error("a short secret is taken")
	}
	w.write(func(tx *store.Tx) error {
		terms := w.terms("udd")
		terms.CompanyID = ""
		c, err := aid.Ask(ctx, tx, terms, w.self())
		if err != nil {
			return err
		}
		if err := keys.SetNumber(ctx, tx, c.ID, "850101-1235", w.self()); err == nil {
			t.Error("a number with a slip is stored")
		}
		if err := keys.SetNumber(ctx, tx, c.ID, "19850101-1236", w.self()); err != nil {
			return err
		}
		if got, err := keys.Number(ctx, tx, c.ID, una); err != nil || got != "850101-1236" {
			t.Errorf("opened: %q (%v)", got, err)
		}
		if got, err := foreign.Number(ctx, tx, c.ID, una); err == nil {
			t.Errorf("another key opens it: %q", got)
		}
		sealed, err := store.One(ctx, tx, store.Value[[]byte], `SELECT number_sealed FROM aid_recipient WHERE person_id = ?`, w.person.ID)
		if err != nil || strings.Contains(string(sealed), "850101") {
			t.Errorf("stored in the clear (%v)", err)
		}
		if err := (*aid.Keys)(nil).SetNumber(ctx, tx, c.ID, "19850101-1236", w.self()); err != aid.ErrNoKey {
			t.Errorf("without a key: %v", err)
		}
		return nil
	})
}

func TestPrimaryProductionIsLookedAtByAPerson(t *testing.T) {
	for _, d := range []aid.Declaration{{PrimaryProduction: true}, {NACE: "01.11"}, {NACE: "A03.1"}} {
		w := newWorld(t)
		w.write(func(tx *store.Tx) error {
			_, err := w.checked(tx, w.terms("udd"), d, aid.Checking{})
			if p, ok := problem.As(err); !ok || p.Fields[0].Name != "review" {
				t.Errorf("%+v is checked without a word: %v", d, err)
			}
			c, err := w.checked(tx, w.terms("udd"), d, aid.Checking{Review: "Rådgivningen gäller sågverket, med egen redovisning."})
			if err != nil || c.Status != aid.Checked {
				t.Errorf("%+v: %s (%v)", d, c.Status, err)
			}
			return nil
		})
	}
}
