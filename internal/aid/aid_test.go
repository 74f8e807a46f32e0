package aid_test

import (
	"errors"
	"testing"

	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

func TestACompanyDeclaresIsGrantedInformedAndRegistered(t *testing.T) {
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		c, err := aid.Ask(ctx, tx, w.terms("udd"), w.self())
		if err != nil {
			return err
		}
		if again, err := aid.Ask(ctx, tx, w.terms("udd"), w.self()); err != nil || again.ID != c.ID || again.Status != aid.Asked {
			t.Errorf("asked again: %+v, %v", again, err)
		}
		w.granted(tx, 0, false)
		if _, err := aid.Grant(ctx, tx, c.ID, granting(300), una); !errors.Is(err, aid.ErrNotNow) {
			t.Errorf("granted without a declaration: %v", err)
		}
		if _, err := aid.Declare(ctx, tx, c.ID, aid.Declaration{Signer: "Kim Exempel"}, w.self()); err != nil {
			return err
		}
		if _, err := aid.Check(ctx, tx, c.ID, aid.Checking{}, una); err != nil {
			return err
		}
		a, err := aid.Grant(ctx, tx, c.ID, granting(300), una)
		if err != nil {
			return err
		}
		if a.AidMinor != 450_000 || a.Cents != 40_179 {
			t.Errorf("five hours of 900 kr are %d öre and %d cents", a.AidMinor, a.Cents)
		}
		w.granted(tx, 300, true)
		due, err := c.ToRegister(ctx, tx)
		if err != nil || len(due) != 1 || !due[0].On.Equal(day("2027-02-10")) {
			t.Errorf("to be registered: %v, %v", due, err)
		}
		if c, err = aid.Register(ctx, tx, c.ID, "eAIR-1", day("2027-01-13"), una); err != nil || c.Status != aid.Registered {
			t.Errorf("registered: %s, %v", c.Status, err)
		}
		return nil
	})
	w.letters("A1", "A2")
}

func (w *world) granted(tx *store.Tx, minutes int, ok bool) {
	w.Helper()
	m, is, err := aid.Granted(ctx, tx, "udd", w.company.ID)
	if err != nil || m != minutes || is != ok {
		w.Errorf("granted %d, %t (%v), want %d, %t", m, is, err, minutes, ok)
	}
}

func (w *world) letters(want ...string) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		got, err := store.All(ctx, tx, store.Value[string], `SELECT letter FROM message WHERE recipient = ? AND aid_case_id IS NOT NULL ORDER BY created_at, letter`, w.person.Email)
		if err != nil {
			return err
		}
		if len(got) != len(want) {
			w.Errorf("letters %v, want %v", got, want)
			return nil
		}
		for i := range got {
			if got[i] != want[i] {
				w.Errorf("letters %v, want %v", got, want)
			}
		}
		return nil
	})
}

func TestAnAccountThatClosesWithFewerHoursLowersTheGrant(t *testing.T) {
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		c, err := w.checked(tx, w.terms("udd"), aid.Declaration{}, aid.Checking{})
		if err != nil {
			return err
		}
		if _, err := aid.Grant(ctx, tx, c.ID, granting(300), una); err != nil {
			return err
		}
		if _, err := aid.Register(ctx, tx, c.ID, "eAIR-1", day("2027-01-13"), una); err != nil {
			return err
		}
		if err := aid.Close(ctx, tx, "udd", w.company.ID, 120, audit.System); err != nil {
			return err
		}
		w.granted(tx, 0, false)
		sum, err := aid.Running(ctx, tx, w.company.ID, tx.Now)
		if err != nil || sum.Own != aid.EuroCents(180_000, 1_120_000) {
			t.Errorf("after the correction it has had %d cents (%v)", sum.Own, err)
		}
		if c, err = aid.Find(ctx, tx, c.ID); err != nil || c.Status != aid.Corrected {
			t.Errorf("the case is %s (%v)", c.Status, err)
		}
		if due, err := c.ToRegister(ctx, tx); err != nil || len(due) != 1 || due[0].CorrectionID == "" {
			t.Errorf("the correction is to be registered: %v (%v)", due, err)
		}
		if _, err := aid.Correct(ctx, tx, c.ID, 120, "inte lägre", una); !errors.Is(err, aid.ErrNotLower) {
			t.Errorf("corrected to what it is: %v", err)
		}
		// A used-up grant lets the next year's hours be asked for.
		c, err = aid.Ask(ctx, tx, w.terms("udd"), w.self())
		if err != nil || c.Status != aid.Asked || c.Round != 2 {
			t.Errorf("asked anew: %+v (%v)", c, err)
		}
		return nil
	})
	w.letters("A1", "A1", "A2")
}

func TestWhatIsRefusedSaysWhyAndMayBeAskedForAgain(t *testing.T) {
	w := newWorld(t)
	w.write(func(tx *store.Tx) error {
		c, err := w.checked(tx, w.terms("udd"), aid.Declaration{}, aid.Checking{})
		if err != nil {
			return err
		}
		_, err = aid.Refuse(ctx, tx, c.ID, " ", una)
		if p, ok := problem.As(err); !ok || len(p.Fields) != 1 || p.Fields[0].Name != "reason" {
			t.Errorf("refused without a reason: %v", err)
		}
		if c, err = aid.Refuse(ctx, tx, c.ID, "Taket är nått.", una); err != nil || c.Status != aid.Refused {
			t.Errorf("refused: %s (%v)", c.Status, err)
		}
		if _, err := aid.Grant(ctx, tx, c.ID, granting(300), una); !errors.Is(err, aid.ErrNotNow) {
			t.Errorf("granted what is refused: %v", err)
		}
		if c, err = aid.Ask(ctx, tx, w.terms("udd"), w.self()); err != nil || c.Status != aid.Asked {
			t.Errorf("asked again: %s (%v)", c.Status, err)
		}
		return nil
	})
}
