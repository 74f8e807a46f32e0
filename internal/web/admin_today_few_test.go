package web

import (
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestWhoMustYetAnswerIsNotCountedAmongThoseWhoCome(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.MinParticipants, c.ConfirmEmail = new(2), true })
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	d.clock.Set(registrationtest.Starts.AddDate(0, 0, -9))
	outside := registrationtest.Request(d.ev.ID, 2)
	outside.Outside = true
	registrationtest.SignUp(t, d.s.DB, outside) // must prove the address
	for what, before := range map[string]time.Duration{"a week before": 6 * 24 * time.Hour, "on the day to decide": time.Hour} {
		d.clock.Set(registrationtest.Starts.Add(-before))
		storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
			_, err := store.Exec(t.Context(), tx, `UPDATE registration SET hold_until = ? WHERE status = 'pending_email'`, store.At(registrationtest.Starts))
			return err
		})
		got := plain(d.seeAgain("/admin").Find(".todo-list"))
		t.Log(what)
		wants(t, got, "av minst 2")
		wants(t, got, "1 anmäld")
	}
}
