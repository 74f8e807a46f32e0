package web

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// people signs up some with names that sort in the Swedish way, two of them with
// needs, and one who waits.
func (d *desk) people() (all []registration.Registration) {
	d.t.Helper()
	for i, x := range []struct{ first, last, company, diet, access string }{
		{"Åsa", "Öberg", "402000-1006", "Nötallergi", ""},
		{"Per", "Ågren", "", "", "Hörslinga"},
		{"Anna", "Zetterlund", "402000-1006", " nötallergi", ""},
		{"Bo", "Ahlin", "", "Vegan", ""},
	} {
		q := registrationtest.Request(d.ev.ID, i+1)
		q.FirstName, q.LastName, q.Diet, q.AccessNeeds, q.DietConsent, q.Phone = x.first, x.last, x.diet, x.access, true, "023-12 34 56"
		if x.company != "" {
			q.Organisation = registration.Organisation{Kind: registration.OfCompany, Country: "SE", Number: x.company, Name: "Siljans Snickeri"}
			q.TestNumbers = true
		}
		d.clock.Advance(time.Minute)
		all = append(all, registrationtest.SignUp(d.t, d.s.DB, q).Registration)
	}
	return all
}

func catered(c *event.Content) { c.Catering, c.RoomPlaces = true, new(3) }

// names lists who is on a roster, in order.
func (d *desk) names(query string) (names []string) {
	d.t.Helper()
	for _, row := range d.see(d.at("/roster" + query)).Find(`.roster th[scope="row"]`).EachIter() {
		names = append(names, plain(row))
	}
	return names
}

func TestTheRosterIsFilteredAndSortedByItsAddress(t *testing.T) {
	d := newDesk(t, catered)
	d.people()
	for _, tt := range []struct {
		query string
		want  []string
	}{
		{"", []string{"Anna Zetterlund", "Per Ågren", "Åsa Öberg", "Bo Ahlin"}}, // with a place by name, then the queue
		{"?sort=time", []string{"Åsa Öberg", "Per Ågren", "Anna Zetterlund", "Bo Ahlin"}},
		{"?status=waiting", []string{"Bo Ahlin"}},
		{"?status=with_place&q=snickeri", []string{"Anna Zetterlund", "Åsa Öberg"}},
		{"?q=oberg", []string{"Åsa Öberg"}},
		{"?q=n%C3%B6tallergi", nil}, // what people wrote about food cannot be searched
		{"?q=h%C3%B6rslinga", nil},
		{"?status=nonsense&sort=diet", []string{"Anna Zetterlund", "Per Ågren", "Åsa Öberg", "Bo Ahlin"}},
	} {
		if diff := cmp.Diff(tt.want, d.names(tt.query)); diff != "" {
			t.Errorf("%s: %s", tt.query, diff)
		}
	}
	doc := d.see(d.at("/roster"))
	wants(t, plain(doc.Find("main")), "4 personer", "402000-1006", "person001@example.se", "023-12 34 56", "På reservlistan: 1", "2 personer har skrivit om mat", "En behöver anpassning")
	lacks(t, strings.ToLower(plain(doc.Find("main"))), "nötallergi", "hörslinga", "vegan")
	wants(t, plain(d.see(d.at("/roster?q=ingen")).Find(".empty-state")), "Ingen passar")
}

func TestAnEmptyRosterSaysWhatToDo(t *testing.T) {
	d := newDesk(t, nil)
	wants(t, plain(d.see(d.at("/roster")).Find(".empty-state")), "Ingen är anmäld än", "Dela sidan")
}

func TestALongRosterHasPagesAndSaysHowManyThereAre(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = nil })
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		for n := range 205 {
			if _, err := registration.Register(context.Background(), tx, registrationtest.Request(d.ev.ID, n)); err != nil {
				return err
			}
		}
		return nil
	})
	doc := d.see(d.at("/roster?sort=time"))
	wants(t, plain(doc.Find(".result-line")), "205 personer", "visar 1–200")
	next := doc.Find(`.ds-pagination a[rel="next"]`).AttrOr("href", "")
	if next != d.at("/roster?page=2&sort=time") {
		t.Errorf("the next page is %s", next)
	}
	if n := d.see(next).Find(".roster tbody tr").Length(); n != 5 {
		t.Errorf("%d rows on the second page", n)
	}
	if n := d.see(d.at("/roster?page=all")).Find(".roster tbody tr").Length(); n != 205 {
		t.Errorf("%d rows on one page", n)
	}
}

func TestALetterThatDidNotArriveIsShownAtThePerson(t *testing.T) {
	d := newDesk(t, nil)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	d.finish(message.Failed, "no such address")
	wants(t, plain(d.see(d.at("/roster")).Find("#row-"+r.ID)), "Bekräftelse: gick inte fram")
}

func TestAttendanceIsMarkedFromAnHourBeforeAndLeadsBackToTheRow(t *testing.T) {
	d := newDesk(t, nil)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	doc := d.see(d.at("/roster"))
	if doc.Find(`button[name="mark"]`).Length() != 0 {
		t.Error("attendance can be marked eight weeks before")
	}
	wants(t, plain(doc.Find(".result-line")), "Närvaro kan noteras från 2027-03-10 08.00")
	if w := d.post("/admin/registrations/"+r.ID+"/attendance", url.Values{"mark": {"present"}}); w.Code != http.StatusConflict {
		t.Errorf("too early: %d", w.Code)
	}

	d.clock.Set(registrationtest.Starts.Add(-time.Hour))
	doc = d.seeAgain(d.at("/roster?status=with_place&q=person"))
	form := typed(doc.Find("#row-" + r.ID + ` form[action$="/attendance"]`))
	for _, step := range []struct {
		mark string
		want registration.Status
	}{{"present", registration.Attended}, {"present", registration.Attended}, {"absent", registration.NoShow}, {"unmarked", registration.Confirmed}} {
		form.Set("mark", step.mark)
		to := d.send("/admin/registrations/"+r.ID+"/attendance", form)
		if got := registrationtest.Find(t, d.s.DB, r.ID); got.Status != step.want || to != d.at("/roster?done=marked&q=person&status=with_place#row-"+r.ID) {
			t.Errorf("%s: %s, led to %s", step.mark, got.Status, to)
		}
	}
	form.Set("mark", "late")
	if w := d.post("/admin/registrations/"+r.ID+"/attendance", form); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a mark that does not exist: %d", w.Code)
	}
}

func TestCancellingARegistrationTellsWhyAndGivesThePlaceOn(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = new(1) })
	first, second := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1), registrationtest.Sign(t, d.s.DB, d.ev.ID, 2)
	form := typed(d.see(d.at("/roster")).Find("#row-" + first.ID + ` form[action$="/cancel"]`))
	form.Set("reason", "Ringde och sa till.")
	if to := d.send("/admin/registrations/"+first.ID+"/cancel", form); to != d.at("/roster?done=removed#row-"+first.ID) {
		t.Errorf("led to %s", to)
	}
	list := d.messages(first)
	if last := list[len(list)-1]; last.Letter != message.Cancelled || last.Details.Reason != "Ringde och sa till." || !last.Details.ByHand {
		t.Errorf("the letter is %s: %+v", last.Letter, last.Details)
	}
	if got := registrationtest.Find(t, d.s.DB, second.ID); got.Status != registration.Offered {
		t.Errorf("the next in the queue is %s", got.Status)
	}
	doc := d.page(d.post("/admin/registrations/"+first.ID+"/cancel", form), http.StatusConflict)
	if doc.Find("#row-"+first.ID).Length() != 1 {
		t.Error("the refusal does not stand on the roster")
	}
}

func TestTheKitchensListHasNoNames(t *testing.T) {
	d := newDesk(t, catered)
	d.people()
	text := plain(d.see(d.at("/roster?view=needs")).Find("main"))
	wants(t, text, "3 personer har plats", "Specialkost: 2 personer", "Nötallergi2", "Anpassning: 1 person", "Hörslinga1")
	lacks(t, text, "Öberg", "Åsa", "person001", "Vegan") // who waits does not eat
	if !d.audits("event.create", "event.publish", "roster.needs") {
		t.Errorf("the log says %v", d.audited())
	}
}

func TestTheExportedRosterIsSafeInASpreadsheet(t *testing.T) {
	d := newDesk(t, func(c *event.Content) {
		catered(c)
		c.Questions = []event.Question{{Kind: event.TextQuestion, Label: "=Fråga"}, {Kind: event.YesNoQuestion, Label: "Buss?"}, {Kind: event.ChoicesQuestion, Label: "Ämnen", Options: []string{"Pris", "Miljö"}}}
	})
	d.people()
	q := registrationtest.Request(d.ev.ID, 9)
	q.FirstName, q.LastName, q.Phone = "=cmd|' /C calc'!A0", `Evil "X";=1`, "+46 70 123"
	q.Answers = map[string][]string{d.ev.Questions[0].ID: {"-1+2\nrad två"}, d.ev.Questions[1].ID: {"yes"}, d.ev.Questions[2].ID: {"Pris", "Miljö"}}
	registrationtest.SignUp(t, d.s.DB, q)

	w := d.get(d.at("/roster.csv"))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/csv; charset=utf-8" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
	want := `attachment; filename="` + d.ev.Slug + `.csv"; filename*=UTF-8''Deltagarlista%20Sociala%20krav%20som%20fungerar.csv`
	if got := w.Header().Get("Content-Disposition"); got != want {
		t.Errorf("the file is called %s", got)
	}
	body := w.Body.String()
	lacks(t, strings.ToLower(body), "allergi", "vegan", "hörslinga")
	golden(t, "roster.csv", body)
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, byteOrderMark)))
	reader.Comma = ';'
	records, err := reader.ReadAll()
	if err != nil || len(records) != 6 || len(records[0]) != len(rosterColumns)+3 {
		t.Errorf("%d records, %v", len(records), err)
	}
	storetest.Read(t, d.s.DB, func(tx *store.Tx) error {
		entries, err := audit.Of(context.Background(), tx, "event", d.ev.ID)
		if last := entries[len(entries)-1]; last.Action != "roster.export" || last.To != "5" || last.Actor.Kind != "user" {
			t.Errorf("the log says %+v", last)
		}
		return err
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

func TestSomebodyIsAddedByHandEvenWhenRegistrationIsClosed(t *testing.T) {
	d := newDesk(t, func(c *event.Content) {
		c.Questions = []event.Question{{Kind: event.YesNoQuestion, Label: "Buss?", Required: true}}
	})
	d.clock.Set(d.ev.ClosesAt.Add(time.Hour))
	d.again()
	form := d.filled(d.at("/add"), url.Values{
		"first_name": {"Eva"}, "last_name": {"Ek"}, "email": {"eva@people.example"}, "language": {"nn"}, "org_number": {"402000-1006"}, "company_name": {"Siljans Snickeri"},
		"q_" + d.ev.Questions[0].ID: {"yes"}, "status": {"attended"}, "extra": {"1"},
	})
	to := d.send(d.at("/add"), form)
	r := registrations(t, d.s, d.ev.ID)[0]
	if r.Name() != "Eva Ek" || r.Language != "nn" || r.Status != registration.Confirmed || r.Extra || r.CompanyID == "" || to != d.at("/roster?done=added#row-"+r.ID) {
		t.Errorf("%+v, led to %s", r, to)
	}
	if list := d.messages(r); len(list) != 1 || !list[0].Details.ByHand {
		t.Errorf("letters %v", d.letters(r))
	}
}

func TestAddingByHandToAFullEvent(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = new(1) })
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	add := func(n int, over string) string {
		form := d.filled(d.at("/add"), url.Values{"first_name": {fmt.Sprint("Nummer ", n)}, "email": {registrationtest.Address(n)}, "organisation": {"none"}})
		if over != "" {
			form.Set("over", over)
		}
		return d.send(d.at("/add"), form)
	}
	wants(t, add(2, ""), "done=waitlisted")
	wants(t, add(3, "1"), "done=added")
	wants(t, plain(d.see(d.at("/roster")).Find("main")), "över antalet platser")
	wants(t, plain(d.see(d.at("")).Find(".stat-tiles")), "2 / 1", "1 över antalet platser")
}

func TestARefusedPersonIsKeptInTheForm(t *testing.T) {
	d := newDesk(t, nil)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	form := d.filled(d.at("/add"), url.Values{"first_name": {"Eva"}, "email": {"ingen adress"}, "org_number": {"19640823-3234"}, "company_name": {"Evas 640823-3234"}})
	doc := d.page(d.post(d.at("/add"), form), http.StatusUnprocessableEntity)
	again := typed(doc.Find("main form.form"))
	if again.Get("first_name") != "Eva" || again.Get("email") != "ingen adress" || again.Get("org_number") != "" {
		t.Errorf("kept %v", again)
	}
	lacks(t, plain(doc.Find("main")), "3234")
	form = d.filled(d.at("/add"), url.Values{"first_name": {"Eva"}, "email": {registrationtest.Address(1)}, "organisation": {"none"}})
	wants(t, plain(d.page(d.post(d.at("/add"), form), http.StatusConflict).Find(`[role="alert"]`)), "redan")
}
