package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestAfterTheClosingTheFormAtTheDoorAsksForAReason(t *testing.T) {
	d := newDesk(t, nil)
	first := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	d.clock.Set(d.ev.EndsAt)
	if d.seeAgain(d.at("/attendance")).Find("#reason").Length() != 0 {
		t.Error("a reason is asked for before")
	}
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		if _, err := registration.Attend(t.Context(), tx, first.ID, registration.Present, registrationtest.Organiser); err != nil {
			return err
		}
		_, err := registration.CloseEvent(t.Context(), tx, d.ev.ID, registrationtest.Organiser)
		return err
	})
	form := url.Values{"name": {"Eva Ek"}, "email": {"eva@people.example"}}
	doc := d.page(d.post(d.at("/walk-in"), form), http.StatusUnprocessableEntity)
	if doc.Find("#reason-error").Length() != 1 || doc.Find("#name").AttrOr("value", "") != "Eva Ek" {
		t.Error("the form does not come back with its words and a reason to give")
	}
	form.Set("reason", "Stod på pappret.")
	if w := d.post(d.at("/walk-in"), form); w.Code != http.StatusSeeOther || !strings.HasSuffix(w.Header().Get("Location"), "done=walked_in") {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
}
