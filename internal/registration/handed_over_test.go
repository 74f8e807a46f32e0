package registration_test

import (
	"testing"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// confirmationTo is what the confirmation to somebody says beside the event.
func confirmationTo(t *testing.T, db *store.DB, id string) (d message.Details) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := message.OfRegistration(ctx, tx, id)
		for _, m := range all {
			if m.Letter == message.Confirmed {
				d = m.Details
			}
		}
		return err
	})
	return d
}

func TestWhoGetsAPlaceFromAColleagueIsToldFromWhom(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	first := registrationtest.Sign(t, db, ev.ID, 1)
	second, err := transfer(db, first.ID, registrationtest.Request("", 2))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "by the person", confirmationTo(t, db, second.ID), message.Details{OtherName: first.Name(), OtherID: first.ID, HandedOver: true})
	var third reg
	storetest.Write(t, db, func(tx *store.Tx) (err error) { // an organiser's program has done it
		q := registrationtest.Request("", 3)
		q.By = audit.Actor{Kind: "token", ID: "k1"}
		third, err = registration.Transfer(ctx, tx, second.ID, q)
		return err
	})
	same(t, "by a program", confirmationTo(t, db, third.ID), message.Details{})
	storetest.Write(t, db, func(tx *store.Tx) error { // the letter has gone, and who gave the place asks to be forgotten
		if _, err := store.Exec(ctx, tx, `UPDATE message SET status = 'sent', done_at = ?`, store.At(tx.Now)); err != nil {
			return err
		}
		return message.ForgetName(ctx, tx, ev.ID, first.ID, first.Name())
	})
	same(t, "once the name is forgotten", confirmationTo(t, db, second.ID), message.Details{OtherID: first.ID, HandedOver: true})
}
