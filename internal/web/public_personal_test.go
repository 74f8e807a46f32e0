package web

import (
	"net/http"
	"strings"
	"testing"

	"stafett/internal/registration/registrationtest"
)

func TestAPersonalNumberInTheNameOfACompanyIsNeitherStoredNorGivenBack(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	form := signUp()
	form.Set("company_name", "Anna Bygg 800101-1234")
	w := v.post("/events/"+ev.Slug+"/register", form)
	if strings.Contains(w.Body.String(), "800101") {
		t.Error("the number is on the page")
	}
	doc := v.page(w, http.StatusUnprocessableEntity)
	if got := doc.Find("#company_name-error").Text(); !strings.Contains(got, "namn, inte ett nummer") {
		t.Errorf("the error says %q", got)
	}
	if len(registrations(t, s, ev.ID)) != 0 {
		t.Error("something was stored")
	}
}
