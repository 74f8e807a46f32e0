package api_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/api"
	"stafett/internal/company"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestRegistrationsAreListedByState(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar().with("capacity", object{"online": 1}))
	first := w.signUp(id, "", anna())
	second := w.signUp(id, "", object{"name": "Kari Dahl", "email": "kari@dahl.example"})
	other := w.published(webinar())
	w.signUp(other, "", anna())
	for _, tt := range []struct {
		query string
		want  []string
	}{
		{"", []string{first, second}},
		{"status=confirmed", []string{first}},
		{"status=waitlisted", []string{second}},
		{"status=waitlisted,confirmed", []string{first, second}},
		{"status=attended", []string{}},
	} {
		t.Run(tt.query, func(t *testing.T) {
			w := w.in(t)
			got := []string{}
			for _, r := range w.roster(id, tt.query) {
				got = append(got, r.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := w.roster(id, "status=waitlisted")[0].WaitlistPosition; got != 1 {
		t.Errorf("the position is %d", got)
	}
	p := w.do("GET", "/events/"+id+"/registrations?status=here&cursor=!", w.organiser, "").refused(422, "invalid")
	if diff := cmp.Diff(map[string]string{"query.status[0]": "choice"}, at(p)); diff != "" {
		t.Error(diff)
	}
	p = w.do("GET", "/events/"+id+"/registrations?cursor=!", w.organiser, "").refused(422, "invalid")
	if diff := cmp.Diff(map[string]string{"query.cursor": "cursor"}, at(p)); diff != "" {
		t.Error(diff)
	}
}

func TestPagesOfRegistrationsCoverThemOnce(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar().without("capacity"))
	var want []string
	for i := range 5 {
		want = append(want, w.signUp(id, "", object{"name": "Kari Dahl", "email": fmt.Sprintf("kari%d@dahl.example", i)}))
	}
	for _, limit := range []int{1, 2, 5, 100} {
		got, path := []string{}, fmt.Sprintf("/events/%s/registrations?limit=%d", id, limit)
		for range len(want) + 1 {
			var l api.RegistrationList
			r := w.do("GET", path, w.organiser, "").want(200)
			r.read(&l)
			for _, x := range l.Registrations {
				got = append(got, x.ID)
			}
			if l.Next == "" {
				break
			}
			path = follow(t, r.header.Get("Link"), l.Next)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d on a page: %s", limit, diff)
		}
	}
}

func TestWhatMayBeHealthDataIsNotListed(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	registration := w.signUp(id, "", anna())
	storetest.Write(t, w.db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE registration SET diet = 'glutenfritt', access_needs = 'hörslinga' WHERE id = ?`, registration)
		return err
	})
	r := w.do("GET", "/events/"+id+"/registrations", w.organiser, "").want(200)
	var l struct{ Registrations []map[string]any }
	r.read(&l)
	for name, value := range l.Registrations[0] {
		if value == "glutenfritt" || value == "hörslinga" {
			t.Errorf("%s is listed", name)
		}
	}
}

func TestAPlaceThatIsGivenUpGoesToTheNext(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar().with("capacity", object{"online": 1}))
	first := w.signUp(id, "", anna())
	second := w.signUp(id, "", object{"name": "Kari Dahl", "email": "kari@dahl.example"})
	var got api.SignedUp
	w.do("POST", "/registrations/"+first+"/cancel", w.organiser, `{"message": "Enligt telefonsamtal."}`).want(200).read(&got)
	if diff := cmp.Diff(api.SignedUp{ID: first, Status: "cancelled"}, got); diff != "" {
		t.Error(diff)
	}
	states := map[string]string{}
	for _, r := range w.roster(id, "") {
		states[r.ID] = string(r.Status) + " " + r.EndReason
	}
	if diff := cmp.Diff(map[string]string{first: "cancelled Enligt telefonsamtal.", second: "offered "}, states); diff != "" {
		t.Error(diff)
	}
	w.do("POST", "/registrations/"+first+"/cancel", w.organiser, "").refused(http.StatusConflict, "not_in_this_state")
	w.do("POST", "/registrations/"+second+"/cancel", w.organiser, "").want(200) // the words may be left out
}

func TestAttendanceIsMarkedFromAnHourBefore(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	registration := w.signUp(id, "", anna().with("company", bygg()))
	mark := func(present bool) reply {
		return w.do("POST", "/registrations/"+registration+"/attendance", w.organiser, object{"present": present}.String())
	}
	mark(true).refused(http.StatusConflict, "too_early")
	w.clock.Set(time.Date(2027, 3, 3, 6, 30, 0, 0, time.UTC))
	for _, tt := range []struct {
		present bool
		want    string
	}{{true, "attended"}, {true, "attended"}, {false, "no_show"}, {true, "attended"}} {
		if got := mark(tt.present).want(200).field("status"); got != tt.want {
			t.Errorf("present %t gives %s", tt.present, got)
		}
	}
	if n := w.count(`SELECT count(*) FROM contact WHERE status = 'confirmed'`); n != 1 {
		t.Error("presence did not confirm the company")
	}
	p := w.do("POST", "/registrations/"+registration+"/attendance", w.organiser, `{"present": "yes"}`).refused(422, "invalid")
	if diff := cmp.Diff(map[string]string{"body.present": "type"}, at(p)); diff != "" {
		t.Error(diff)
	}
}

func TestAPlaceIsHandedOnWithItsCompany(t *testing.T) {
	w := newWorld(t)
	id := w.published(seminar())
	old := w.signUp(id, "", anna().with("company", bygg(), "language", "nn"))
	there := w.signUp(id, "", object{"name": "Kari Dahl", "email": "kari@dahl.example"})
	path := "/registrations/" + old + "/transfer"
	p := w.do("POST", path, w.organiser, object{"name": "Kari Dahl", "email": "kari@dahl.example"}.String()).refused(http.StatusConflict, "already_registered")
	if diff := cmp.Diff(map[string]string{"body.email": "already_registered"}, at(p)); diff != "" {
		t.Error(diff)
	}
	p = w.do("POST", path, w.organiser, object{"name": "Per Berg", "email": "per"}.String()).refused(422, "invalid")
	if diff := cmp.Diff(map[string]string{"body.email": "email"}, at(p)); diff != "" {
		t.Error(diff)
	}
	var got api.SignedUp
	w.do("POST", path, w.organiser, object{"name": "Per Berg", "email": "per@bygg.example"}.String()).want(200).read(&got)
	if got.ID == old || got.ID == there || got.Status != "confirmed" {
		t.Errorf("got %+v", got)
	}
	for _, r := range w.roster(id, "") {
		switch r.ID {
		case old:
			if r.Status != "transferred" {
				t.Errorf("the old one is %s", r.Status)
			}
		case got.ID:
			if r.Name != "Per Berg" || r.Company == nil || r.Company.OrgNumber != "5566778899" || r.Language != "nn" {
				t.Errorf("the new one is %+v", r)
			}
		}
	}
	w.do("POST", path, w.organiser, object{"name": "Pia", "email": "pia@bygg.example"}.String()).refused(http.StatusConflict, "not_in_this_state")
}

func TestAPlaceWithoutACompanyIsHandedOnToo(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	old := w.signUp(id, "", anna())
	w.do("POST", "/registrations/"+old+"/transfer", w.organiser, object{"name": "Per", "email": "per@bygg.example"}.String()).want(200)
	if got := w.roster(id, "status=confirmed"); len(got) != 1 || got[0].Name != "Per" || got[0].Organisation != "none" {
		t.Errorf("got %+v", got)
	}
}

func TestTheNumberOfASoleTraderIsMasked(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	w.signUp(id, "", anna().with("company", object{"country": "NO", "org_number": "310002046", "name": "Annas sømstue"}))
	if got := w.roster(id, "")[0].Company; got == nil || got.OrgNumber != "310002046" {
		t.Fatalf("before it is known for one: %+v", got)
	}
	storetest.Write(t, w.db, func(tx *store.Tx) error {
		return company.Registered(context.Background(), tx, "NO", "310002046", "ANNAS SØMSTUE", true)
	})
	want := &api.Company{Country: "NO", OrgNumber: "••• ••• •••", Name: "ANNAS SØMSTUE"}
	if diff := cmp.Diff(want, w.roster(id, "")[0].Company); diff != "" {
		t.Error(diff)
	}
}
