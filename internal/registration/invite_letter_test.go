package registration_test

import (
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// sendInvitation presses "send again".
func sendInvitation(db *store.DB, id string) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		_, err := registration.SendInvitation(ctx, tx, id, organiser)
		return err
	})
}

// invitationsTo counts the letters with invitations to an address.
func invitationsTo(t *testing.T, db *store.DB, address string) (n int) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		n, err = message.CountTo(ctx, tx, address, message.Invitation, time.Unix(0, 0))
		return err
	})
	return n
}

// gone notes every letter as sent.
func gone(t *testing.T, db *store.DB) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE message SET status = 'sent', done_at = ? WHERE done_at IS NULL`, store.At(tx.Now))
		return err
	})
}

func TestAnInvitationIsSentAgainAtMostOnceAnHour(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, byInvitation)
	i := invite(t, db, ev.ID, registrationtest.Address(1), new(1))
	refused(t, "while the letter waits", sendInvitation(db, i.ID), registration.ErrSentJustNow)
	gone(t, db)
	clock.Advance(time.Hour - time.Second)
	refused(t, "within the hour", sendInvitation(db, i.ID), registration.ErrSentJustNow)
	clock.Advance(time.Second)
	if err := sendInvitation(db, i.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "letters", invitationsTo(t, db, i.Email), 2)
	same(t, "the log", logged(t, db, "invitation", i.ID), []string{"event.invite →:  (dalarna)", "event.send_invitation →:  (dalarna)"})
	sound(t, db, ev.ID)
}

func TestWhichInvitationsAreNotSentAgain(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { c.AudienceMode = event.AudienceInvite })
	several, used, old := invite(t, db, ev.ID, "", nil), invite(t, db, ev.ID, registrationtest.Address(1), new(1)), invite(t, db, ev.ID, registrationtest.Address(2), new(1))
	late := invite(t, db, ev.ID, registrationtest.Address(3), new(1))
	registrationtest.SignUp(t, db, with(used.Code, ev.ID, 1))
	revoke(t, db, old.ID)
	gone(t, db)
	clock.Advance(2 * time.Hour)
	for name, id := range map[string]string{"a code for several": several.ID, "one that was used": used.ID, "one that is revoked": old.ID} {
		refused(t, name, sendInvitation(db, id), registration.ErrNotNow)
	}
	refused(t, "one that is not there", sendInvitation(db, "none"), problem.ErrMissing)
	clock.Set(ev.ClosesAt)
	refused(t, "after the closing", sendInvitation(db, late.ID), registration.ErrNotNow)
}

func TestWhoIsInvitedToADraftIsToldWhenItIsPublished(t *testing.T) {
	db, _ := storetest.New(t)
	published := registrationtest.Event(t, db, byInvitation)
	var draft event.Event
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		draft, err = event.Create(ctx, tx, published.ProgrammeID, "", published.Content, organiser)
		return err
	})
	invite(t, db, draft.ID, registrationtest.Address(1), new(1))
	invite(t, db, draft.ID, "", nil)
	revoke(t, db, invite(t, db, draft.ID, registrationtest.Address(2), new(1)).ID)
	same(t, "letters before", invitationsTo(t, db, registrationtest.Address(1)), 0)
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.PublishEvent(ctx, tx, draft.ID, organiser)
		return err
	})
	same(t, "letters", []int{invitationsTo(t, db, registrationtest.Address(1)), invitationsTo(t, db, registrationtest.Address(2))}, []int{1, 0})
}
