package recovery_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stafett/internal/message"
	"stafett/internal/owndata"
	"stafett/internal/person"
	"stafett/internal/recovery"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/restored"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// Whoever was erased since the backup is back in it. They asked once, and need not
// know that anything happened.
func TestWhoWasErasedSinceTheBackupIsErasedAgainWithoutALetter(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	gone, stays := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	backup := filepath.Join(t.TempDir(), "stafett.db")
	if err := recovery.Alive(ctx, db); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	storetest.Write(t, db, func(tx *store.Tx) error { return owndata.Ask(ctx, tx, gone.PersonID) })
	for range 2 { // once is enough
		if err := recovery.Alive(ctx, db); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(owndata.BesideFile(db.Path()))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(content), "\n"); n != 1 || strings.Contains(string(content), "@") || strings.Contains(string(content), "Nummer") {
		t.Errorf("the file says %s", content)
	}
	content = append(content, `{"id":"x","person":"unfini`...) // a power cut in the middle of a line
	for name, to := range map[string]string{owndata.BesideFile(db.Path()): owndata.BesideFile(backup), restored.File(db.Path()): restored.File(backup)} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == owndata.BesideFile(db.Path()) {
			b = content
		}
		if err := os.WriteFile(to, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}

	n := 0
	back, err := store.Open(ctx, backup, store.Options{Now: clock.Now, NewID: func() string { n++; return fmt.Sprintf("new-%d", n) }, NewToken: func() string { n++; return fmt.Sprintf("token-%d", n) }})
	if err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	m, found, err := recovery.Notice(ctx, back)
	if err != nil || !found || m.Erased != 1 {
		t.Fatalf("noticed: %t, erased: %d: %v", found, m.Erased, err)
	}
	same(t, "letters", letters(t, back, gone.ID), []string{"E02 dropped", "E10 dropped"})
	clock.Advance(time.Minute)
	storetest.Write(t, back, func(tx *store.Tx) error { return owndata.Erase(ctx, tx) })
	storetest.Read(t, back, func(tx *store.Tx) error {
		p, err := person.Find(ctx, tx, gone.PersonID)
		if !strings.HasPrefix(p.Email, "erased:") {
			t.Errorf("the person is still %s", p.Email)
		}
		waits, failed := message.WaitsFor(ctx, tx, gone.Email)
		if waits || failed != nil {
			t.Errorf("a letter goes to them: %t, %v", waits, failed)
		}
		return err
	})
	same(t, "the other", registrationtest.Find(t, back, stays.ID).Status, registration.Confirmed)
	storetest.Write(t, back, func(tx *store.Tx) error { return owndata.Ask(ctx, tx, stays.PersonID) })
	if err := recovery.Alive(ctx, back); err != nil {
		t.Fatal(err)
	}
	if all, err := owndata.ReadBeside(backup); err != nil || len(all) != 2 { // the unfinished line does not spoil the next
		t.Errorf("the file then says %v: %v", all, err)
	}
}
