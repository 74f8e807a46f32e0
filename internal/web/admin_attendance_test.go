package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// auditsOf counts what the log says about one object.
func (d *desk) auditsOf(kind, id string) (n int) {
	d.t.Helper()
	storetest.Read(d.t, d.s.DB, func(tx *store.Tx) error {
		entries, err := audit.Of(context.Background(), tx, kind, id)
		n = len(entries)
		return err
	})
	return n
}

// numbers reads who has which number, on paper or in the form.
func numbers(rows *goquery.Selection, number, name string) map[string]string {
	got := map[string]string{}
	for _, row := range rows.EachIter() {
		got[plain(row.Find(name).First())] = plain(row.Find(number).First())
	}
	return got
}

func TestThePaperHasNamesAndCompaniesAndNothingElse(t *testing.T) {
	d := newDesk(t, catered)
	d.people()
	doc := d.see(d.at("/roster/print"))
	main := doc.Find("main")
	lacks(t, strings.ToLower(plain(main)), "allergi", "hörslinga", "vegan", "person001", "023-12", "402000", "ahlin")
	wants(t, plain(main), "3 personer", "Siljans Snickeri", "Kom utan anmälan")
	want := map[string]string{"Åsa Öberg": "1", "Per Ågren": "2", "Anna Zetterlund": "3"}
	first := doc.Find(".paper-list").First().Find("tbody tr")
	if diff := cmp.Diff(want, numbers(first, "td.num", "th")); diff != "" {
		t.Error(diff)
	}
	if n := doc.Find(".paper-list").Last().Find("tbody tr").Length(); n != emptyLines {
		t.Errorf("%d empty lines", n)
	}
	if !d.audits("event.create", "event.publish", "roster.read") {
		t.Errorf("the log says %v", d.audited())
	}
}

func TestNumbersStayWhoeverComesAndGoesAfterThePrinting(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = nil })
	people := d.people()
	d.clock.Set(registrationtest.Starts.Add(-time.Hour))
	d.again()
	paper := numbers(d.see(d.at("/roster/print")).Find(".paper-list").First().Find("tbody tr"), "td.num", "th")
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := registration.Withdraw(context.Background(), tx, people[0].ID, audit.Actor{Kind: "user"}, "sjuk")
		return err
	})
	d.send(d.at("/walk-in"), url.Values{"name": {"Aron Abel"}, "email": {"aron@people.example"}})
	for name, number := range numbers(d.see(d.at("/attendance")).Find(".mark-list > li"), ".mark-number", "strong") {
		if was := paper[name]; was != number && name != "Aron Abel" {
			t.Errorf("%s had number %s and has %s", name, was, number)
		}
	}
}

func TestAListOf500IsEnteredInOneGo(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = nil })
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		for n := range 500 {
			if _, err := registration.Register(context.Background(), tx, registrationtest.Request(d.ev.ID, n)); err != nil {
				return err
			}
		}
		return nil
	})
	d.clock.Set(registrationtest.Starts)
	d.again()
	doc := d.see(d.at("/attendance"))
	form := typed(doc.Find(`form[action$="/attendance"]`))
	if n := doc.Find(".mark-list input").Length(); n != 500 || len(form["present"]) != 0 || form.Get("rest") != "leave" {
		t.Fatalf("%d boxes, %v", n, form)
	}
	for _, box := range doc.Find(".mark-list input").EachIter() {
		form.Add("present", box.AttrOr("value", ""))
	}
	if to := d.send(d.at("/attendance"), form); to != d.at("/attendance?present=500") {
		t.Errorf("led to %s", to)
	}
	if to := d.send(d.at("/attendance"), form); to != d.at("/attendance?already=500&present=0") {
		t.Errorf("the second time led to %s", to)
	}
}

func TestWhoIsNotTickedStaysUnlessTheOthersWereAbsent(t *testing.T) {
	for _, tt := range []struct {
		rest string
		want map[string]registration.Status
	}{
		{"leave", map[string]registration.Status{"ticked": registration.Attended, "unticked": registration.Confirmed, "was": registration.Attended, "joined": registration.Attended, "queued": registration.Waitlisted, "late": registration.Confirmed}},
		{"absent", map[string]registration.Status{"ticked": registration.Attended, "unticked": registration.NoShow, "was": registration.NoShow, "joined": registration.Attended, "queued": registration.Waitlisted, "late": registration.Confirmed}},
	} {
		t.Run(tt.rest, func(t *testing.T) {
			d := newDesk(t, func(c *event.Content) { c.RoomPlaces = new(5) })
			people := map[string]registration.Registration{}
			for i, name := range []string{"ticked", "unticked", "was", "joined"} {
				people[name] = registrationtest.Sign(t, d.s.DB, d.ev.ID, i)
			}
			d.clock.Set(registrationtest.Starts)
			d.again()
			mark := func(name string) {
				storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
					_, err := registration.Attend(context.Background(), tx, people[name].ID, registration.Present, audit.System)
					return err
				})
			}
			add := func(name string, n int) {
				q := registrationtest.Request(d.ev.ID, n)
				q.By = registrationtest.Organiser
				storetest.Write(t, d.s.DB, func(tx *store.Tx) (err error) {
					people[name], err = registration.AddByHand(context.Background(), tx, q, false)
					return err
				})
			}
			mark("was")
			form := typed(d.see(d.at("/attendance")).Find(`form[action$="/attendance"]`))
			if diff := cmp.Diff([]string{people["was"].ID}, form["present"]); diff != "" {
				t.Errorf("ticked as the page comes: %s", diff)
			}
			mark("joined") // by their own link, while the list is being entered
			add("late", 8) // and somebody who rings
			add("queued", 9)
			form["present"], form["rest"] = []string{people["ticked"].ID}, []string{tt.rest}
			d.send(d.at("/attendance"), form)
			if diff := cmp.Diff(tt.want, d.statuses(people)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheListCannotBeEnteredBeforeAndNotByAStranger(t *testing.T) {
	d := newDesk(t, nil)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	doc := d.see(d.at("/attendance"))
	if doc.Find("main form").Length() != 0 {
		t.Error("attendance can be marked eight weeks before")
	}
	wants(t, plain(doc.Find("main")), "Närvaro kan noteras från")
	form := url.Values{"present": {r.ID}}
	if w := d.post(d.at("/attendance"), form); w.Code != http.StatusConflict {
		t.Errorf("too early: %d", w.Code)
	}
	d.clock.Set(registrationtest.Starts)
	stranger := d.stranger()
	for _, path := range []string{"/attendance", "/walk-in", "/attendance/import/confirm"} {
		if w := stranger.post(d.at(path), form); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/attendance", "/roster/print", "/attendance/import"} {
		if w := stranger.get(d.at(path)); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestWhoeverComesWithoutRegisteringIsNotedAndTheFormWaitsForTheNext(t *testing.T) {
	d := newDesk(t, nil)
	d.clock.Set(registrationtest.Starts.Add(-time.Hour))
	d.again()
	form := d.filledIn(`form[action$="/walk-in"]`, url.Values{"name": {"Eva von Ek"}, "email": {"Eva@people.example"}, "company_name": {"Nordby Rör"}})
	to := d.send(d.at("/walk-in"), form)
	doc := d.see(to)
	wants(t, plain(doc.Find(`[role="status"]`)), "Skriv nästa")
	if _, focus := doc.Find("#name").Attr("autofocus"); !focus || doc.Find("#name").AttrOr("value", "") != "" {
		t.Error("the form does not wait for the next")
	}
	r := registrations(t, d.s, d.ev.ID)[0]
	if r.FirstName != "Eva" || r.LastName != "von Ek" || r.Email != "eva@people.example" || r.Status != registration.Attended || !slices.Equal(d.letters(r), []message.Letter{message.WalkedIn}) {
		t.Errorf("%+v, letters %v", r, d.letters(r))
	}
	form.Set("email", "ingen adress")
	doc = d.page(d.post(d.at("/walk-in"), form), http.StatusUnprocessableEntity)
	if got := doc.Find("#name").AttrOr("value", ""); got != "Eva von Ek" || doc.Find("#email-error").Length() != 1 {
		t.Errorf("kept %q", got)
	}
}

// filledIn is a form of the attendance page with some fields typed.
func (d *desk) filledIn(form string, fields url.Values) url.Values {
	d.t.Helper()
	values := typed(d.see(d.at("/attendance")).Find(form))
	for name, v := range fields {
		if _, there := values[name]; !there {
			d.t.Fatalf("no field %s", name)
		}
		values[name] = v
	}
	return values
}

func TestThePagesOfAttendanceSpeakFourLanguages(t *testing.T) {
	d, _ := afterMeeting(t)
	for _, lang := range []string{"sv", "nb", "nn", "en"} {
		for _, path := range []string{"/attendance", "/attendance/import", "/roster/print"} {
			doc := d.see(d.at(path) + "?lang=" + lang)
			if got := doc.Find("html").AttrOr("lang", ""); got != lang {
				t.Errorf("%s is in %s, want %s", path, got, lang)
			}
			lacks(t, plain(doc.Find("main")), "attendance.", "admin.")
		}
		doc := d.page(d.upload(d.at("/attendance/import")+"?lang="+lang, []byte(zoomHead+"Åsa Öberg,,,,120,Yes\nAnna,,,,9,Yes\nNy,,,,9,Yes\n")), http.StatusOK)
		lacks(t, plain(doc.Find("main")), "attendance.", fmt.Sprint("<no", " value>"))
	}
}
