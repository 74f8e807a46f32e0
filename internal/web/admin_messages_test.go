package web

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestLettersThatNeedAHandComeFirst(t *testing.T) {
	d := newDesk(t, nil)
	for n := range 3 {
		registrationtest.Sign(t, d.s.DB, d.ev.ID, n+1)
	}
	d.finish(message.Failed, "no_such_address 550 5.1.1")
	d.finish(message.Sent, "")
	doc := d.see("/admin/messages")
	stuck := plain(doc.Find("#stuck").Parent().Find("tbody"))
	wants(t, stuck, "Bekräftelse", d.ev.Title, "@example.se", "Gick inte fram", "Adressen finns inte (550 5.1.1)", "Skicka igen")
	if n := doc.Find("#stuck").Parent().Find("tbody tr").Length(); n != 1 {
		t.Errorf("%d letters need a hand", n)
	}
	if n := doc.Find("#recent").Parent().Find("tbody tr").Length(); n != 2 {
		t.Errorf("%d others", n)
	}
	for status, want := range map[string]int{"failed": 1, "sent": 1, "waiting": 1, "held": 0} {
		if n := d.see("/admin/messages?status=" + status).Find("tbody tr").Length(); n != want {
			t.Errorf("%d are %s, want %d", n, status, want)
		}
	}
	wants(t, plain(d.see("/admin/messages?status=held").Find(".empty-state")), "Inga brev")
}

func TestALetterIsSentAgain(t *testing.T) {
	d := newDesk(t, nil)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	id := d.finish(message.Failed, "no_such_address 550 5.1.1")
	form := typed(d.see("/admin/messages?status=failed").Find(`form[action="/admin/messages/` + id + `/retry"]`))
	if to := d.send("/admin/messages/"+id+"/retry", form); to != "/admin/messages?done=retried&status=failed" {
		t.Errorf("led to %s", to)
	}
	if got := d.messages(r)[0].Status; got != message.Waiting {
		t.Errorf("the letter is %s", got)
	}
	storetest.Read(t, d.s.DB, func(tx *store.Tx) error {
		entries, err := audit.Of(context.Background(), tx, "message", id)
		if len(entries) != 1 || entries[0].Action != "message.retry" || entries[0].From != "failed" || entries[0].Actor.Kind != "user" {
			t.Errorf("the log says %+v", entries)
		}
		return err
	})
	if w := d.post("/admin/messages/"+id+"/retry", url.Values{}); w.Code != http.StatusConflict {
		t.Errorf("a letter on its way is sent again: %d", w.Code)
	}
}
