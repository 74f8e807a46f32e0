package registration_test

import (
	"testing"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestWhoWasLeftOutIsForgottenInTheLettersToColleagues(t *testing.T) {
	db, _ := storetest.New(t)
	occasions := series(t, db, event.ForWhole, func(c *event.Content) {
		registrationtest.Hybrid(c)
		c.WaitingList = false
	})
	last := occasions[2]
	there := registrationtest.Request(last.ID, 9) // has the one place in the room
	there.Mode = event.Room
	registrationtest.SignUp(t, db, there)
	asker, colleague := registrationtest.Request(occasions[0].ID, 1), registrationtest.Request(occasions[0].ID, 2)
	asker.Mode, colleague.Mode = event.Room, event.Online
	var all [][]registration.Outcome
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		all, err = registration.EnrolGroup(ctx, tx, []registration.Request{asker, colleague}, false, nil)
		return err
	})
	if all[0][2].Status != registration.New || all[1][2].Status != registration.Confirmed {
		t.Fatalf("at the last occasion %q and %q", all[0][2].Status, all[1][2].Status)
	}
	told := func() message.Details {
		t.Helper()
		var d message.Details
		storetest.Read(t, db, func(tx *store.Tx) error {
			letters, err := message.OfRegistration(ctx, tx, all[1][2].Registration.ID)
			d = letters[0].Details
			return err
		})
		return d
	}
	if d := told(); d.OtherName != "Person Nummer 1" || d.OtherID != all[0][0].Registration.PersonID {
		t.Errorf("the colleague is told of %q, %q", d.OtherName, d.OtherID)
	}
	storetest.Write(t, db, func(tx *store.Tx) error { return message.ForgetNameOf(ctx, tx, all[0][0].Registration.PersonID) })
	if d := told(); d.OtherName != "" || d.OtherID == "" {
		t.Errorf("when that person is erased, of %q, %q", d.OtherName, d.OtherID)
	}
}
