package web

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"stafett/internal/audit"
	"stafett/internal/mailing"
	"stafett/internal/recovery"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// Whoever reads a letter to a person is noted, by the page and by the letter alone.
func TestWhoReadsALetterToAPersonIsNoted(t *testing.T) {
	d := newDesk(t, nil)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	m := d.messages(r)[0]
	read := func(address string, want ...string) {
		t.Helper()
		if w := d.get(address); w.Code != http.StatusOK {
			t.Fatalf("%s: %d", address, w.Code)
		}
		if got := d.allAudits("message", m.ID); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("after %s: %s", address, got)
		}
	}
	page := "/admin/messages/" + m.ID
	frame := d.see(page).Find("iframe").AttrOr("src", "")
	d.clock.Advance(2 * time.Hour)
	d.again()
	read(page, "message.read:", "message.read:")
	d.clock.Advance(2 * time.Hour)
	d.again()
	read(frame, "message.read:", "message.read:", "message.read:")
	read(page, "message.read:", "message.read:", "message.read:") // once an hour
	lacks(t, plain(d.see(page).Find("main")), "lästes")           // it is no part of what became of the letter

	id := writtenMailing(t, d.s, d.ev, false)
	if w := d.get("/admin/mailings/" + id + "/letter?n=1"); w.Code != http.StatusOK {
		t.Fatalf("the letter of a mailing: %d", w.Code)
	}
	if got := d.allAudits("mailing", id); fmt.Sprint(got) != "[mailing.create: mailing.preview:]" {
		t.Errorf("after a mailing's letter: %s", got)
	}
}

// A mailing that may have gone in the lost time is shown with the other questions.
func TestMailingsOfTheLostTimeAreShownToThoseWhoRunTheProgramme(t *testing.T) {
	d := newDesk(t, nil)
	id := writtenMailing(t, d.s, d.ev, false)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		return mailing.Schedule(context.Background(), tx, id, d.stored(id).Revision, tx.Now.Add(time.Hour), registrationtest.Organiser)
	})
	d.clock.Advance(3 * time.Hour)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := recovery.Mark(context.Background(), tx, recovery.Beside{}, audit.Command)
		return err
	})
	d.again()
	doc := d.see("/admin/restored")
	wants(t, plain(doc.Find("main")), "Utskick", "Parkering", "inte av sig själva", "hemliga kalenderadresser har upphört")
	if doc.Find(`a[href="/admin/mailings/`+id+`"]`).Length() != 1 {
		t.Error("no link to the mailing")
	}
	lacks(t, plain(d.stranger().see("/admin/restored").Find("main")), "Parkering")
}
