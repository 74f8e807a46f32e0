package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"stafett/internal/api"
)

// FuzzRegistrationJSON signs up with whatever bytes: the answer is a place or a
// refusal as described, never a fault, and only a place leaves something.
func FuzzRegistrationJSON(f *testing.F) {
	for _, body := range broken() {
		if len(body) < 2000 {
			f.Add([]byte(body))
		}
	}
	f.Add([]byte(anna().with("company", bygg(), "phone", "070-1", "language", "nb", "mode", "online", "answers", object{"q1": []string{"a"}}).String()))
	f.Add([]byte(anna().with("colleagues", []object{{"name": "Per", "email": "per@bygg.example"}}, "company", object{"country": "NO", "org_number": "923 609 016", "name": "Dahl AS"}).String()))
	w := newWorld(f)
	id := w.published(webinar().without("capacity"))
	w.ask(id, "q1", "choices", false)
	f.Fuzz(func(t *testing.T, body []byte) {
		w := w.in(t)
		before := w.count(`SELECT count(*) FROM registration`)
		r := w.do("POST", "/events/"+id+"/registrations", "", string(body), "Content-Type", "application/json")
		made := w.count(`SELECT count(*) FROM registration`) - before
		switch r.status {
		case http.StatusCreated:
			if !utf8.Valid(body) || !json.Valid(body) {
				t.Fatalf("what is not JSON was taken: %q", body)
			}
		case http.StatusBadRequest, http.StatusUnprocessableEntity:
			var p api.Problem
			r.read(&p)
			if made != 0 || p.Code == "" || strings.Contains(p.Detail, "expected") {
				t.Fatalf("%d are there after %s", made, r.body)
			}
		default:
			t.Fatalf("status %d: %s", r.status, r.body)
		}
	})
}
