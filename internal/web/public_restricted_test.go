package web

import (
	"net/http"
	"strings"
	"testing"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestARestrictedEventTakesOnlyWhoeverHasTheCode(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, func(c *event.Content) { c.AudienceMode = event.AudienceInvite })
	var code string
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		i, err := registration.Invite(t.Context(), tx, ev.ID, "Föreningen", "", nil, registrationtest.Organiser)
		code = i.Code
		return err
	})
	v := newVisitor(t, s)
	path := "/events/" + ev.Slug + "/register"
	doc := v.page(v.get(path+"?code="+code), http.StatusOK)
	if got, _ := doc.Find("#code").Attr("value"); got != code {
		t.Errorf("the code of the link is not in the field: %q", got)
	}
	form := signUp()
	form.Set("code", "FELFELFEL")
	refused := v.page(v.post(path, form), http.StatusUnprocessableEntity)
	if got := refused.Find("#code-error").Text(); !strings.Contains(got, "Koden gäller inte") {
		t.Errorf("it says %q", got)
	}
	form.Set("code", code)
	if w := v.post(path, form); w.Code != http.StatusSeeOther {
		t.Errorf("with the code: %d", w.Code)
	}
	if all := registrations(t, s, ev.ID); len(all) != 1 || all[0].Status != registration.Confirmed {
		t.Errorf("registered: %+v", all)
	}
}
