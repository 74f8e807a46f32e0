package registration_test

import (
	"testing"

	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store/storetest"
)

func TestANoAfterTheYesSaysHowAPlaceIsGivenUp(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	holder, waits := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	if _, err := withdraw(db, holder.ID, person); err != nil {
		t.Fatal(err)
	}
	if _, err := accept(db, waits.ID); err != nil {
		t.Fatal(err)
	}
	_, err := decline(db, waits.ID)
	refused(t, "a no", err, registration.ErrAccepted)
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 confirmed"})
	sound(t, db, ev.ID)
}
