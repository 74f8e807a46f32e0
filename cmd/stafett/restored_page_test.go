package main

import (
	"context"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
)

// From the backup to the letter that an organiser lets go, as it is met on a bad
// day: nothing of before is sent unasked, and what is answered is done at once.
func TestAfterARestoreTheOrganiserAnswersAndOnlyThenOldLettersGo(t *testing.T) {
	t.Parallel()
	file := newDatabase(t)
	var offered registration.Registration
	seed(t, file, func(db *store.DB) {
		ev := registrationtest.Event(t, db, inDays(30, func(c *event.Content) { c.RoomPlaces = new(1) }))
		has := registrationtest.Sign(t, db, ev.ID, 1)
		offered = registrationtest.Sign(t, db, ev.ID, 2)
		err := db.Write(context.Background(), func(tx *store.Tx) error {
			if _, err := registration.Withdraw(context.Background(), tx, has.ID, registrationtest.Organiser, ""); err != nil {
				return err
			}
			// The offer's time came between the backup and now.
			_, err := store.Exec(context.Background(), tx, `UPDATE registration SET hold_until = ? WHERE id = ?`, store.At(time.Now().Add(-time.Minute)), offered.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	backup := t.TempDir() + "/backup.db"
	done(t, "backup", backup, "--database", file)
	done(t, "restore", backup, "--database", file)
	office := openPostOffice(t)
	s := beginServe(t, file, office)
	b := openTab(t, s.base)
	b.enter(s, file)
	b.reads("main", "Systemet har återställts från en säkerhetskopia.")
	b.accessible()
	b.follow(`main a[href="/admin/restored"]`)
	b.reads("main", "Gamla brev")
	b.accessible()
	b.look(375, "dark")
	b.accessible()
	b.fits()
	if n := len(office.letters()); n != 0 {
		t.Errorf("%d letters have gone unasked", n)
	}
	b.follow(`form:has([name="letter"][value="E10"]) button[value="send"]`)
	b.reads("main", "Breven skickas.")
	await(t, "the letter that was let go", func() bool { return len(office.letters()) == 1 })
	if got := office.letters()[0].to; got != registrationtest.Address(1) {
		t.Errorf("it went to %s", got)
	}
	b.follow(`form[action$="/restored/all"] button[value="throw"]`)
	b.reads("main", "gamla brev läggs åt sidan")
	b.accessible()
	b.fits()
	b.follow(`form[action$="/letters/all"] button`)
	b.reads("main", "Breven är lagda åt sidan.")
	b.refusedBy(`form[action$="/go-on"] button`, 422)
	b.accessible()
	b.click(`[name="offers"][value="anew"]`)
	b.follow(`form[action$="/go-on"] button`)
	b.reads("main", "Allt går vidare som vanligt.")
	seed(t, file, func(db *store.DB) {
		if r := registrationtest.Find(t, db, offered.ID); r.Status != registration.Offered || !r.HoldUntil.After(time.Now()) {
			t.Errorf("the offer is %s until %v", r.Status, r.HoldUntil)
		}
	})
}
