package registration_test

import (
	"fmt"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// logged lists what the audit log says of an object, as "action from→to: reason
// (programme)".
func logged(t testing.TB, db *store.DB, kind, id string) (found []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		found, err = store.All(ctx, tx, store.Value[string], `
			SELECT action || ' ' || from_value || '→' || to_value || ': ' || reason || ' (' || COALESCE((SELECT slug FROM programme p WHERE p.id = programme_id), 'none') || ')'
			FROM audit_entry WHERE object_kind = ? AND object_id = ? ORDER BY at, id`, kind, id)
		return err
	})
	return found
}

// ofOneCompany is an event with a share of one, at which four of a company have
// signed up: the first has a place and the others wait, though three are free.
func ofOneCompany(t *testing.T) (*store.DB, event.Event, []reg) {
	t.Helper()
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { places(4)(c); c.CompanyLimit = new(1) })
	var all []reg
	for n := range 4 {
		all = append(all, registrationtest.SignUp(t, db, from(acme, ev.ID, n+1)).Registration)
		clock.Advance(time.Minute)
	}
	letGo(t, db)
	same(t, "at first", byNumber(t, db, ev.ID), []string{"1 confirmed", "2 waitlisted", "3 waitlisted", "4 waitlisted"})
	return db, ev, all
}

func TestALargerShareIsOfferedAtOnceInTurn(t *testing.T) {
	for name, tt := range map[string]struct {
		places *int
		want   []string
	}{
		"one more":               {new(2), []string{"1 confirmed", "2 offered", "3 waitlisted", "4 waitlisted"}},
		"two more":               {new(3), []string{"1 confirmed", "2 offered", "3 offered", "4 waitlisted"}},
		"more than are waiting":  {new(9), []string{"1 confirmed", "2 offered", "3 offered", "4 offered"}},
		"as many as there are":   {nil, []string{"1 confirmed", "2 offered", "3 offered", "4 offered"}},
		"the same as the others": {new(1), []string{"1 confirmed", "2 waitlisted", "3 waitlisted", "4 waitlisted"}},
	} {
		t.Run(name, func(t *testing.T) {
			db, ev, all := ofOneCompany(t)
			if err := liftShare(db, ev.ID, all[0].CompanyID, tt.places, "Två avdelningar."); err != nil {
				t.Fatal(err)
			}
			same(t, "who is there", byNumber(t, db, ev.ID), tt.want)
			sound(t, db, ev.ID)
		})
	}
}

func TestAShareIsLiftedForAReasonThatIsLoggedWithTheNumbers(t *testing.T) {
	db, ev, all := ofOneCompany(t)
	company := all[0].CompanyID
	same(t, "no reason", codes(liftShare(db, ev.ID, company, new(2), " ")), []string{"reason:required"})
	same(t, "no places", codes(liftShare(db, ev.ID, company, new(0), "x")), []string{"places:number"})
	refused(t, "no event", liftShare(db, "none", company, new(2), "x"), problem.ErrMissing)
	before := logged(t, db, "event", ev.ID)
	if err := liftShare(db, ev.ID, company, new(2), "Två avdelningar."); err != nil {
		t.Fatal(err)
	}
	if err := liftShare(db, ev.ID, company, new(3), "En till."); err != nil {
		t.Fatal(err)
	}
	same(t, "the log, and nothing of what was refused", logged(t, db, "event", ev.ID), append(before,
		fmt.Sprintf("event.lift_share %[1]s →%[1]s 2: Två avdelningar. (dalarna)", company),
		fmt.Sprintf("event.lift_share %[1]s 2→%[1]s 3: En till. (dalarna)", company)))
}

func TestALiftedShareHoldsForTheNextAndTakesNoPlaceBack(t *testing.T) {
	db, ev, all := ofOneCompany(t)
	company := all[0].CompanyID
	if err := liftShare(db, ev.ID, company, new(3), "Två avdelningar."); err != nil {
		t.Fatal(err)
	}
	for _, r := range all[1:3] {
		if _, err := accept(db, r.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := liftShare(db, ev.ID, company, new(1), "Det blev fel."); err != nil {
		t.Fatal(err)
	}
	same(t, "a smaller share", byNumber(t, db, ev.ID), []string{"1 confirmed", "2 confirmed", "3 confirmed", "4 waitlisted"})
	for _, r := range all[:2] {
		if _, err := withdraw(db, r.ID, person); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "given up above the share", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 cancelled", "3 confirmed", "4 waitlisted"})
	if o := registrationtest.SignUp(t, db, from(vik, ev.ID, 5)); o.Status != registration.Confirmed {
		t.Errorf("another company passes those who may not have a place: %s", o.Status)
	}
	if _, err := withdraw(db, all[2].ID, person); err != nil {
		t.Fatal(err)
	}
	same(t, "the company has a place less than its share", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 cancelled", "3 cancelled", "4 offered", "5 confirmed"})
	sound(t, db, ev.ID)
}
