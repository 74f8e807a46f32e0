package web

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"stafett/internal/registration/registrationtest"
)

// The summary of a refused form leads to the field, in the row where it was
// sent, and what was typed is still there.
func TestARefusedFormOfOneRowIsOpenWithItsErrorAndItsWords(t *testing.T) {
	d := newDesk(t, nil)
	there, away := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1), registrationtest.Sign(t, d.s.DB, d.ev.ID, 2)
	refused := func(path, name, typed string) {
		t.Helper()
		doc := d.refusal("/admin/registrations/"+away.ID+path, url.Values{name: {typed}, "mark": {"present"}}, http.StatusUnprocessableEntity)
		field := doc.Find("#row-" + away.ID + " details[open] #" + name)
		if field.Length() != 1 || field.AttrOr("value", "") != typed || field.AttrOr("aria-invalid", "") != "true" {
			t.Errorf("%s: the field is not there, open, with %q", path, typed)
		}
		if doc.Find("#row-"+away.ID+" #"+name+"-error").Length() != 1 || doc.Find(`.error-summary a[href="#`+name+`"]`).Length() != 1 {
			t.Errorf("%s: no error beside the field, or nothing leads to it", path)
		}
		if doc.Find("#row-"+there.ID+" details[open]").Length() > 0 {
			t.Errorf("%s: another row is open too", path)
		}
	}
	refused("/address", "email", "inte en adress")
	refused("/cancel", "reason", "Dubbel\u202e")
	d.clock.Set(registrationtest.Starts)
	d.again()
	d.send("/admin/registrations/"+there.ID+"/attendance", url.Values{"mark": {"present"}})
	d.clock.Set(d.ev.EndsAt.Add(time.Minute))
	d.again()
	d.send(d.at("/close"), nil)
	refused("/reconsider", "reason", " ")
}
