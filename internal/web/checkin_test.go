package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/ticket"
	"stafett/internal/user"
)

// doorOf signs an organiser in, who makes a link; it gives the link's path.
func doorOf(t *testing.T, s *Server, eventID string) (organiser *visitor, path string) {
	t.Helper()
	addUser(t, s, "karin@region.example", user.Grant{Role: user.Administrator})
	organiser = newVisitor(t, s)
	organiser.signInAs("karin@region.example")
	doc := organiser.page(organiser.post("/admin/events/"+eventID+"/door", url.Values{"label": {"Stora dörren"}}), http.StatusOK)
	address := doc.Find(`.notice:not(.trouble) a`).AttrOr("href", "")
	path, ours := strings.CutPrefix(address, "http://program.example")
	if !ours || !strings.HasPrefix(path, "/checkin/") || doc.Find(".notice svg title").Length() != 1 {
		t.Fatalf("the link is %q", address)
	}
	return organiser, path
}

// send posts marks as the page's script does.
func (v *visitor) send(path, body string) *httptest.ResponseRecorder {
	v.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://program.example"+path+"/marks", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return v.do(r)
}

func TestAnOrganiserMakesADoorLinkThatIsShownOnceAndRevokesIt(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v, path := doorOf(t, s, ev.ID)
	token := strings.TrimPrefix(path, "/checkin/")
	w := v.get("/admin/events/" + ev.ID + "/door")
	if strings.Contains(w.Body.String(), token) {
		t.Error("the address is shown again")
	}
	doc := v.page(w, http.StatusOK)
	wants(t, plain(doc.Find("tbody")), "Stora dörren")
	helper := newVisitor(t, s)
	helper.page(helper.get(path), http.StatusOK)
	id := doc.Find(`tbody button[name="link"]`).AttrOr("value", "")
	if w := v.post("/admin/events/"+ev.ID+"/door/revoke", url.Values{"link": {id}}); w.Code != http.StatusSeeOther {
		t.Fatalf("revoking: %d", w.Code)
	}
	for _, code := range []int{helper.get(path).Code, helper.post(path, nil).Code, helper.send(path, "[]").Code, helper.get(path + "/worker.js").Code} {
		if code != http.StatusNotFound {
			t.Errorf("with a revoked link: %d", code)
		}
	}
	wants(t, plain(v.page(v.get("/admin/events/"+ev.ID+"/door"), http.StatusOK).Find("tbody")), "Tillbakadragen")
	v.page(v.post("/admin/events/"+ev.ID+"/door", url.Values{"label": {strings.Repeat("å", 81)}}), http.StatusUnprocessableEntity)
}

func TestTheDoorShowsNamesAndNothingElse(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	q := registrationtest.Request(ev.ID, 1)
	q.Phone, q.AccessNeeds = "070-123 45 67", "Rullstol"
	registrationtest.SignUp(t, s.DB, q)
	_, path := doorOf(t, s, ev.ID)
	v := newVisitor(t, s)
	w := v.get(path)
	wants(t, plain(v.page(w, http.StatusOK).Find(".checkin-list")), "Person Nummer 1")
	for _, secret := range []string{registrationtest.Address(1), "070-123", "Rullstol"} {
		if strings.Contains(w.Body.String(), secret) {
			t.Errorf("the page has %q", secret)
		}
	}
	if got := w.Header().Get("Permissions-Policy"); !strings.Contains(got, "camera=(self)") {
		t.Errorf("the camera: %q", got)
	}
	if got := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(got, pagePolicy) || strings.Contains(got, "unsafe") {
		t.Errorf("the policy: %q", got)
	}
	if got := v.get("/events").Header().Get("Permissions-Policy"); !strings.Contains(got, "camera=()") {
		t.Errorf("another page and the camera: %q", got)
	}
	if got := registrations(t, s, ev.ID)[0].Status; got != registration.Confirmed {
		t.Errorf("opening the page has made somebody %s", got)
	}
}

func TestMarksAreTakenInABatchAndEachIsAnswered(t *testing.T) {
	var clock *storetest.Clock
	s := newServer(t, func(o *Options) { o.DB, clock = storetest.New(t) })
	ev := registrationtest.Event(t, s.DB, nil)
	first, second := registrationtest.Sign(t, s.DB, ev.ID, 1), registrationtest.Sign(t, s.DB, ev.ID, 2)
	code := registration.TicketCode(link(t, s, first, registration.Manage))
	_, path := doorOf(t, s, ev.ID)
	clock.Set(registrationtest.Starts)
	v := newVisitor(t, s)
	made := clock.Now().Add(-time.Minute).Format(time.RFC3339)
	body, err := json.Marshal([]map[string]string{
		{"id": "mark-000001", "text": ticket.Text(code), "made_at": made},
		{"id": "mark-000002", "registration": second.ID, "made_at": made},
		{"id": "mark-000003", "text": "https://example.org/", "made_at": made},
		{"id": "x", "registration": second.ID, "made_at": made},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := marksAnswer{Present: 2, Expected: 2, Marks: []markAnswer{
		{ID: "mark-000001", Outcome: "present", Registration: first.ID, Name: "Person Nummer 1"},
		{ID: "mark-000002", Outcome: "present", Registration: second.ID, Name: "Person Nummer 2"},
		{ID: "mark-000003", Outcome: "unknown_code"}, {ID: "x", Outcome: "invalid"},
	}, At: registrationtest.Starts}
	for range 2 { // the answer to the first did not come back
		w := v.send(path, string(body))
		var got marksAnswer
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	one := v.send(path, fmt.Sprintf(`{"id":"mark-000009","registration":%q}`, first.ID))
	wants(t, one.Body.String(), `"outcome":"already"`)
}

// answered is what a phone is told of its marks.
func (v *visitor) answered(path string, marks ...sentMark) (a marksAnswer) {
	v.t.Helper()
	body, err := json.Marshal(marks)
	if err != nil {
		v.t.Fatal(err)
	}
	w := v.send(path, string(body))
	if w.Code != http.StatusOK {
		v.t.Fatalf("%d %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		v.t.Fatal(err)
	}
	return a
}

// The organiser closed the attendance while a phone was away: what it gathered
// is answered, and holds up nothing.
func TestAMarkAfterTheAttendanceIsClosedIsAnswered(t *testing.T) {
	d := newDesk(t, nil)
	here, late, wrong := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1), registrationtest.Sign(t, d.s.DB, d.ev.ID, 2), registrationtest.Sign(t, d.s.DB, d.ev.ID, 3)
	_, path := doorOf(t, d.s, d.ev.ID)
	d.clock.Set(registrationtest.Starts.Add(4 * time.Hour))
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		if _, err := registration.Attend(context.Background(), tx, here.ID, registration.Present, registrationtest.Organiser); err != nil {
			return err
		}
		_, err := registration.CloseEvent(context.Background(), tx, d.ev.ID, registrationtest.Organiser)
		return err
	})
	v := newVisitor(t, d.s)
	marks := []sentMark{
		{ID: "mark-000001", Registration: late.ID, MadeAt: registrationtest.Starts}, {ID: "mark-000002", Registration: here.ID, MadeAt: registrationtest.Starts},
		{ID: "mark-000003", Registration: wrong.ID, MadeAt: registrationtest.Starts},
	}
	want := marksAnswer{Present: 1, Expected: 3, At: d.clock.Now(), Marks: []markAnswer{
		{ID: "mark-000001", Outcome: "closed", Registration: late.ID, Name: "Person Nummer 2"}, {ID: "mark-000002", Outcome: "already", Registration: here.ID, Name: "Person Nummer 1"},
		{ID: "mark-000003", Outcome: "closed", Registration: wrong.ID, Name: "Person Nummer 3"},
	}}
	for range 2 {
		if diff := cmp.Diff(want, v.answered(path, marks...)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	w := v.post(path, url.Values{"registration": {late.ID}})
	wants(t, plain(v.page(v.get(w.Header().Get("Location")), http.StatusOK).Find(".checkin-result")), "Person Nummer 2", "Närvaroregistreringen är avslutad")
}

// A refusal that comes when the place has been taken already leaves nothing of
// it behind.
func TestAMarkThatFindsTheInvitationUsedUpLeavesNothing(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.AudienceMode = event.AudienceInvite })
	var inv registration.Invitation
	storetest.Write(t, d.s.DB, func(tx *store.Tx) (err error) {
		inv, err = registration.Invite(context.Background(), tx, d.ev.ID, "", "", new(1), registrationtest.Organiser)
		return err
	})
	invited := func(n int) registration.Registration {
		q := registrationtest.Request(d.ev.ID, n)
		q.Code = inv.Code
		return registrationtest.SignUp(t, d.s.DB, q).Registration
	}
	_, path := doorOf(t, d.s, d.ev.ID)
	gone := invited(1)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error { // given up late, which frees the invitation
		_, err := store.Exec(context.Background(), tx, `UPDATE event SET registration_closes_at = ? WHERE id = ?`, store.At(tx.Now.Add(time.Second)), d.ev.ID)
		return err
	})
	d.clock.Set(d.clock.Now().Add(time.Minute))
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		if _, err := registration.Withdraw(context.Background(), tx, gone.ID, audit.Actor{Kind: "person", ID: gone.PersonID}, ""); err != nil {
			return err
		}
		_, err := store.Exec(context.Background(), tx, `UPDATE event SET registration_closes_at = starts_at WHERE id = ?`, d.ev.ID)
		return err
	})
	if got := registrationtest.Find(t, d.s.DB, gone.ID).Status; got != registration.LateCancelled {
		t.Fatalf("the first is %s", got)
	}
	second := invited(2)
	d.clock.Set(registrationtest.Starts)
	v := newVisitor(t, d.s)
	got := v.answered(path, sentMark{ID: "mark-000001", Registration: gone.ID}, sentMark{ID: "mark-000002", Registration: second.ID})
	if got.Marks[0].Outcome != "no_place" || got.Marks[1].Outcome != "present" || got.Present != 1 {
		t.Errorf("%+v", got)
	}
	if got := registrationtest.Find(t, d.s.DB, gone.ID).Status; got != registration.LateCancelled {
		t.Errorf("the first is %s", got)
	}
	storetest.Read(t, d.s.DB, func(tx *store.Tx) error {
		ev, err := event.Find(context.Background(), tx, d.ev.ID)
		if c := ev.Capacity(event.Room); c.Taken+c.Extra != 1 {
			t.Errorf("%d places are taken", c.Taken+c.Extra)
		}
		return err
	})
}

func TestADoorLinkMayNotMarkWithoutEnd(t *testing.T) {
	var clock *storetest.Clock
	s := newServer(t, func(o *Options) {
		o.DB, clock = storetest.New(t)
		o.Limits.DoorMinute = 3
	})
	ev := registrationtest.Event(t, s.DB, nil)
	r := registrationtest.Sign(t, s.DB, ev.ID, 1)
	_, path := doorOf(t, s, ev.ID)
	clock.Set(registrationtest.Starts)
	v := newVisitor(t, s)
	var marks []sentMark
	for n := range 5 {
		marks = append(marks, sentMark{ID: fmt.Sprintf("mark-%06d", n), Registration: r.ID})
	}
	if got := v.answered(path, marks...); len(got.Marks) != 3 || got.Marks[0].Outcome != "present" {
		t.Fatalf("%+v", got)
	}
	w := v.send(path, `{"id":"mark-000003","registration":"`+r.ID+`"}`)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := v.post(path, url.Values{"registration": {r.ID}}); w.Code != http.StatusTooManyRequests {
		t.Errorf("the form: %d", w.Code)
	}
	clock.Advance(time.Minute)
	if got := v.answered(path, marks[3:]...); len(got.Marks) != 2 || got.Marks[1].Outcome != "already" {
		t.Errorf("a minute later: %+v", got)
	}
}

func TestWhatIsNoListOfMarksIsRefused(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	_, path := doorOf(t, s, ev.ID)
	v := newVisitor(t, s)
	many := "[" + strings.TrimSuffix(strings.Repeat("{},", mostMarks+1), ",") + "]"
	for body, want := range map[string]int{
		"": http.StatusUnprocessableEntity, "[]": http.StatusUnprocessableEntity, many: http.StatusUnprocessableEntity, "{": http.StatusBadRequest, `[1]`: http.StatusBadRequest,
		`"` + strings.Repeat("a", maxBody) + `"`: http.StatusRequestEntityTooLarge,
	} {
		if w := v.send(path, body); w.Code != want {
			t.Errorf("%.20s: %d, want %d", body, w.Code, want)
		}
	}
	if w := v.post(path+"/marks", url.Values{"id": {"mark-000001"}}); w.Code < 400 {
		t.Errorf("a form: %d", w.Code)
	}
	r := httptest.NewRequest(http.MethodPost, "http://program.example"+path+"/marks", strings.NewReader("[]"))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := v.do(r); w.Code != http.StatusForbidden {
		t.Errorf("from another site: %d", w.Code)
	}
	r = httptest.NewRequest(http.MethodPost, "http://program.example/sign-in", strings.NewReader("{}"))
	r.Header.Set("Content-Type", "application/json")
	if w := v.do(r); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("JSON to another page: %d", w.Code)
	}
}

func TestWhoHasAPlaceInARoomFindsTheTicketOnTheirPage(t *testing.T) {
	s := newServer(t, nil)
	room, online := registrationtest.Event(t, s.DB, nil), registrationtest.Event(t, s.DB, registrationtest.Online)
	v := newVisitor(t, s)
	token := link(t, s, registrationtest.Sign(t, s.DB, room.ID, 1), registration.Manage)
	doc := v.page(v.get("/r/"+token), http.StatusOK)
	if doc.Find("#ticket svg[role=img]").Length() != 1 {
		t.Error("no code on the page")
	}
	address := doc.Find("#ticket a").AttrOr("href", "")
	w := v.get(address)
	if !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF-")) || w.Header().Get("Content-Type") != "application/pdf" || !strings.Contains(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("%s is %d %v", address, w.Code, w.Header())
	}
	if w := v.get("/r/" + registration.TicketCode(token)); w.Code != http.StatusNotFound {
		t.Errorf("the code as a link: %d", w.Code)
	}
	token = link(t, s, registrationtest.Sign(t, s.DB, online.ID, 1), registration.Manage)
	if doc := v.page(v.get("/r/"+token), http.StatusOK); doc.Find("#ticket").Length() != 0 {
		t.Error("an online place has a ticket")
	}
	if w := v.get("/r/" + token + "/ticket.pdf"); w.Code != http.StatusNotFound {
		t.Errorf("the ticket of an online place: %d", w.Code)
	}
}

func TestTheDoorIsOneClickFromTheEventWhilePeopleComeIn(t *testing.T) {
	d := newDesk(t, nil)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	button := `form[action="` + d.at("/door/here") + `"] button`
	if d.see(d.at("")).Find(button).Length() != 0 {
		t.Error("weeks before there is a button")
	}
	d.clock.Set(registrationtest.Starts.Add(-30 * time.Minute))
	d.again()
	if d.see(d.at("")).Find(button).Length() != 1 {
		t.Fatal("half an hour before there is no button")
	}
	w := d.post(d.at("/door/here"), nil)
	to := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/checkin/") {
		t.Fatalf("%d, to %q", w.Code, to)
	}
	v := newVisitor(t, d.s)
	wants(t, plain(v.page(v.get(to), http.StatusOK).Find("main")), "Person Nummer 1")
	wants(t, plain(d.see(d.at("/door")).Find("main")), "Dra tillbaka")
	d.clock.Set(d.ev.EndsAt.AddDate(0, 0, 2))
	d.again()
	d.page(d.post(d.at("/door/here"), nil), http.StatusConflict)
}
