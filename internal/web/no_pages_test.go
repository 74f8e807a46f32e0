package web

import (
	"net/http"
	"testing"

	"stafett/internal/user"
)

func TestAnAdviserIsToldThatThereIsNothingYet(t *testing.T) {
	s := newServer(t, nil)
	addUser(t, s, "adviser@region.example", user.Grant{Role: user.Adviser})
	v := newVisitor(t, s)
	v.signInAs("adviser@region.example")
	doc := v.page(v.get("/admin"), http.StatusForbidden)
	wants(t, plain(doc.Find("main")), "Här finns inget för din roll ännu", "rollen har inga sidor än")
	if doc.Find(`main form[action="/sign-out"]`).Length() != 1 {
		t.Error("there is no way to sign out")
	}
	for _, path := range []string{"/admin", "/events"} {
		w := v.get(path)
		if n := v.page(w, w.Code).Find(`a[href="/admin"]`).Length(); n != 0 {
			t.Errorf("%s: the menu leads to the organisers' pages", path)
		}
	}
}
