package web

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
)

// upload sends a file as a browser does.
func (d *desk) upload(path string, data []byte) *httptest.ResponseRecorder {
	d.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "närvaro.csv")
	if err == nil {
		_, err = part.Write(data)
	}
	if err := errors.Join(err, form.Close()); err != nil {
		d.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "http://program.example"+path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return d.do(r)
}

// named signs somebody up under a name.
func (d *desk) named(n int, first, last string) registration.Registration {
	d.t.Helper()
	q := registrationtest.Request(d.ev.ID, n)
	q.FirstName, q.LastName = first, last
	return registrationtest.SignUp(d.t, d.s.DB, q).Registration
}

// afterMeeting is a webinar of three hours that has ended, with people.
func afterMeeting(t *testing.T) (d *desk, people map[string]registration.Registration) {
	d = newDesk(t, registrationtest.Online)
	people = map[string]registration.Registration{
		"asa": d.named(1, "Åsa", "Öberg"), "anna": d.named(2, "Anna", "Berg"), "per": d.named(3, "Per", "Ågren"), "bo": d.named(4, "Bo", "Ahlin"),
	}
	d.clock.Set(registrationtest.Starts.Add(4 * time.Hour))
	d.again()
	return d, people
}

const zoomHead = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n"

func (d *desk) statuses(people map[string]registration.Registration) map[string]registration.Status {
	got := map[string]registration.Status{}
	for name, r := range people {
		got[name] = registrationtest.Find(d.t, d.s.DB, r.ID).Status
	}
	return got
}

func TestAReportIsReviewedBeforeAnythingIsSaved(t *testing.T) {
	d, people := afterMeeting(t)
	file := zoomHead +
		registrationtest.Address(1) + "," + registrationtest.Address(1) + ",03/10/2027 09:00:00 AM,03/10/2027 11:00:00 AM,120,Yes\n" + // by address
		"Per Ågren,,03/10/2027 09:00:00 AM,03/10/2027 10:00:00 AM,60,Yes\n" + // by name, below half
		"Anna's iPhone,,03/10/2027 09:00:00 AM,03/10/2027 12:00:00 PM,180,Yes\n" +
		"Okänd Gäst,,03/10/2027 09:00:00 AM,03/10/2027 12:00:00 PM,180,Yes\n"
	doc := d.page(d.upload(d.at("/attendance/import"), []byte(file)), http.StatusOK)
	wants(t, plain(doc.Find("main")), "Rapporten har 4 personer.", "Inget är sparat än.")
	wants(t, plain(doc.Find("#sure")), "En känns igen", "Åsa Öberg", "med i 120 minuter", "samma e-postadress")
	wants(t, plain(doc.Find("#short")), "Per Ågren", "med i 60 minuter", "samma namn")
	wants(t, plain(doc.Find("#unsure")), "Vem är ”Anna's iPhone”?", "Anna Berg", "Ingen av dem")
	wants(t, plain(doc.Find("#unknown")), "Okänd Gäst", "inte anmäld")
	want := map[string]registration.Status{"asa": registration.Confirmed, "anna": registration.Confirmed, "per": registration.Confirmed, "bo": registration.Confirmed}
	if diff := cmp.Diff(want, d.statuses(people)); diff != "" {
		t.Errorf("marked before it was confirmed: %s", diff)
	}

	form := typed(doc.Find("main form"))
	if diff := cmp.Diff(url.Values{"present": {people["asa"].ID}, "choice": {""}}, form); diff != "" {
		t.Errorf("what stands in the form as it comes: %s", diff)
	}
	form.Set("choice", people["anna"].ID)
	if to := d.send(d.at("/attendance/import/confirm"), form); to != d.at("/attendance?present=2") {
		t.Errorf("led to %s", to)
	}
	want["asa"], want["anna"] = registration.Attended, registration.Attended
	if diff := cmp.Diff(want, d.statuses(people)); diff != "" {
		t.Error(diff)
	}
	wants(t, plain(d.see(d.at("/attendance?present=2")).Find(`[role="status"]`)), "2 personer är noterade som närvarande.")

	// The second time the same file changes nothing and says so.
	doc = d.page(d.upload(d.at("/attendance/import"), []byte(file)), http.StatusOK)
	wants(t, plain(doc.Find("#sure")), "redan noterad")
	before := d.entries(people)
	if to := d.send(d.at("/attendance/import/confirm"), form); to != d.at("/attendance?already=2&present=0") {
		t.Errorf("led to %s", to)
	}
	if after := d.entries(people); after != before {
		t.Errorf("%d entries became %d", before, after)
	}
}

// entries counts what the log says about the people.
func (d *desk) entries(people map[string]registration.Registration) (n int) {
	for _, r := range people {
		n += d.auditsOf("registration", r.ID)
	}
	return n
}

func TestAReportOfTeamsIsRead(t *testing.T) {
	d, people := afterMeeting(t)
	file, err := os.ReadFile("../attendance/testdata/teams_sv.csv")
	if err != nil {
		t.Fatal(err)
	}
	doc := d.page(d.upload(d.at("/attendance/import"), file), http.StatusOK)
	wants(t, plain(doc.Find("#unsure")), "Åsa Öberg", "asa@snickeri.example", "Annas iPhone", "mindre än halva tiden") // the name alone does not tell whose the other address is
	wants(t, plain(doc.Find("#unknown")), "Ida Lind")
	if got := typed(doc.Find("main form"))["present"]; len(got) > 0 {
		t.Errorf("ticked %v", got)
	}
	if doc.Find(`#unsure option[value="`+people["asa"].ID+`"]`).Length() != 1 {
		t.Error("whoever has the name cannot be chosen")
	}
}

func TestAFileThatCannotBeReadIsRefusedByLineAndColumn(t *testing.T) {
	d, people := afterMeeting(t)
	for _, tt := range []struct {
		name, file string
		code       int
		want       []string
	}{
		{"no report", "Hej\nhej", http.StatusUnprocessableEntity, []string{"ingen närvarorapport"}},
		{"a bad row", zoomHead + "Bo Ahlin,,03/10/2027 09:00:00 AM,i går,60,Yes\nPer Ågren,,03/10/2027 09:00:00 AM,03/10/2027 10:00:00 AM,60,Yes\n", http.StatusUnprocessableEntity, []string{"Rad 2, kolumn 4", "Inget är sparat"}},
		{"empty", "", http.StatusUnprocessableEntity, []string{"Välj en fil"}},
		{"too large", strings.Repeat("x", maxUpload), http.StatusRequestEntityTooLarge, []string{"högst 10 MB"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d.t = t
			doc := d.page(d.upload(d.at("/attendance/import"), []byte(tt.file)), tt.code)
			wants(t, plain(doc.Find("main")), tt.want...)
		})
	}
	d.t = t
	if got := d.statuses(people)["bo"]; got != registration.Confirmed {
		t.Errorf("Bo is %s", got)
	}
}

func TestFilesAreTakenOnOneRouteOnly(t *testing.T) {
	d, _ := afterMeeting(t)
	for _, path := range []string{"/attendance", "/attendance/import/confirm", "/walk-in", "/add"} {
		if w := d.upload(d.at(path), []byte("x")); w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := d.stranger().upload(d.at("/attendance/import"), []byte(zoomHead)); w.Code != http.StatusNotFound {
		t.Errorf("a stranger: %d", w.Code)
	}
}

func TestOnlyPeopleOfTheEventCanBeConfirmed(t *testing.T) {
	d, people := afterMeeting(t)
	other := registrationtest.Event(t, d.s.DB, func(c *event.Content) { c.StartsAt, c.EndsAt = c.StartsAt.AddDate(0, 1, 0), c.EndsAt.AddDate(0, 1, 0) })
	foreign := registrationtest.Sign(t, d.s.DB, other.ID, 9)
	for _, id := range []string{foreign.ID, "unknown"} {
		form := url.Values{"present": {people["bo"].ID, id}}
		if w := d.post(d.at("/attendance/import/confirm"), form); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", id, w.Code)
		}
	}
	if got := d.statuses(people)["bo"]; got != registration.Confirmed {
		t.Errorf("half of a refused form was saved: %s", got)
	}
}

func TestAReportIsForEventsOnlineThatHaveBegun(t *testing.T) {
	d := newDesk(t, registrationtest.Online)
	if w := d.upload(d.at("/attendance/import"), []byte(zoomHead)); w.Code != http.StatusConflict {
		t.Errorf("weeks before: %d", w.Code)
	}
	room := newDesk(t, nil)
	wants(t, plain(room.page(room.get(room.at("/attendance/import")), http.StatusConflict).Find("main")), "bara på plats")
	if room.see(room.at("")).Find(fmt.Sprintf(`a[href="%s"]`, room.at("/attendance/import"))).Length() != 0 {
		t.Error("an event in a room offers to read a report in")
	}
}
