package web

import (
	"context"
	"testing"

	"stafett/internal/inbound"
	"stafett/internal/locale"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// comeIn lets a message have come in.
func comeIn(t *testing.T, db *store.DB, kind inbound.Kind, outcome inbound.Outcome, registrationID string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `INSERT INTO inbound_message (key, kind, outcome, way, registration_id, received_at) VALUES (?, ?, ?, 'imap', ?, ?)`,
			tx.NewID(), kind, outcome, store.Text(registrationID), store.At(tx.Now))
		return err
	})
}

func TestOrganisersSeeWhatCameBack(t *testing.T) {
	d := newDesk(t, nil)
	wants(t, plain(d.see("/admin/messages/inbound").Find(".empty-state")), "Inget har kommit tillbaka")
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	comeIn(t, d.s.DB, inbound.Reply, inbound.Asked, r.ID)
	comeIn(t, d.s.DB, inbound.Bounce, inbound.NoSuchAddress, r.ID)
	comeIn(t, d.s.DB, inbound.Automatic, inbound.Dropped, "")
	doc := d.see("/admin/messages/inbound")
	wants(t, plain(doc.Find("tbody")), "Svar från en kalender", "Tillfrågad om platsen", r.Name(), d.ev.Title, "Adressen finns inte")
	if n := doc.Find(`tbody a[href="/admin/events/` + d.ev.ID + `/roster"]`).Length(); n != 2 {
		t.Errorf("%d rows lead to the list of participants", n)
	}
	if doc := d.see("/admin/messages"); doc.Find(`main a[href="/admin/messages/inbound"]`).Length() != 1 {
		t.Error("nothing leads there")
	}
	for range inboundShown {
		comeIn(t, d.s.DB, inbound.Reply, inbound.Accepted, r.ID)
	}
	if n := d.see("/admin/messages/inbound").Find("tbody tr").Length(); n != inboundShown {
		t.Errorf("the first page has %d rows", n)
	}
	if n := d.see("/admin/messages/inbound?page=2").Find("tbody tr").Length(); n == 0 || n > 3 {
		t.Errorf("the second page has %d rows", n)
	}
}

func TestEverythingThatComesInHasWords(t *testing.T) {
	c, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range locale.All() {
		for _, k := range []inbound.Kind{inbound.Reply, inbound.Bounce, inbound.Automatic, inbound.Loop, inbound.Letter, inbound.Unreadable, inbound.TooLarge} {
			if s, err := c.Text(lang, "admin.inbound.kind."+string(k)); err != nil || s == "" {
				t.Error(err)
			}
		}
		for _, o := range []inbound.Outcome{inbound.Asked, inbound.Accepted, inbound.Tentative, inbound.Proposal, inbound.Outdated, inbound.NoPlace, inbound.Unknown,
			inbound.NoSuchAddress, inbound.CameBack, inbound.StillTrying, inbound.NotedBefore, inbound.Dropped} {
			if s, err := c.Text(lang, "admin.inbound.outcome."+string(o)); err != nil || s == "" {
				t.Error(err)
			}
		}
	}
}
