package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestAMeetingIsMovedToAFreeTimeOfOnesOwn(t *testing.T) {
	o := newOffice(t, nil)
	b := o.book(o.me, local("2027-01-18", "10:00"), 60, nil)
	o.book(o.me, local("2027-01-18", "14:00"), 60, nil)
	path := "/adviser/bookings/" + b.ID + "/move"
	doc := o.see(path)
	values := map[string]bool{}
	for _, n := range doc.Find(`input[name=start]`).EachIter() {
		values[n.AttrOr("value", "")] = true
	}
	for start, free := range map[string]bool{"2027-01-18T10:30:00+01:00": true, "2027-01-18T13:30:00+01:00": false, "2027-01-18T08:00:00+01:00": true, "2027-01-17T10:00:00+01:00": false} {
		if values[start] != free {
			t.Errorf("%s is free: %t, want %t", start, values[start], free)
		}
	}
	doc = o.page(o.post(path, url.Values{"start": {"2027-01-18T13:30:00+01:00"}}), http.StatusConflict)
	wants(t, plain(doc.Find(".ds-alert")), "Du är inte ledig då längre")
	doc = o.page(o.post(path, nil), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Välj en tid")
	for range 2 { // pressed twice
		if w := o.post(path, url.Values{"date": {"2027-01-17"}, "clock": {"19:00"}}); w.Header().Get("Location") != "/adviser/bookings/"+b.ID+"?done=meeting_moved" {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if now := o.now(b.ID); !now.StartsAt.Equal(local("2027-01-17", "19:00")) || now.Reschedules != 1 {
		t.Errorf("the meeting is at %s after %d moves", now.StartsAt, now.Reschedules)
	}
}

func TestTimesAreProposedToOneWhoWaits(t *testing.T) {
	o := newOffice(t, nil)
	b := o.book(advisory.Adviser{}, time.Time{}, 60, func(r *advisory.Request) { r.Wishes = "Helst på eftermiddagar" })
	path := "/adviser/bookings/" + b.ID + "/propose"
	wants(t, plain(o.see(path).Find("main")), "Helst på eftermiddagar", "Välj upp till 5 tider")
	if w := o.post(path, url.Values{"start": {"2027-01-18T10:00:00+01:00", "2027-01-19T14:00:00+01:00"}}); w.Header().Get("Location") != "/adviser/bookings/"+b.ID+"?done=times_proposed" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	doc := o.see(path)
	wants(t, plain(doc.Find("main")), "Måndag 18 januari 2027 kl. 10.00–11.00", "Välj upp till 3 tider")
	wants(t, strings.Join(items(o.see("/adviser/week?week=2027-W03"), "2027-01-18"), "\n"), "proposed 2 0 3 0 10.00–11.00 Föreslagen tid")
	doc = o.page(o.post(path, url.Values{"start": {"2027-01-18T10:00:00+01:00"}}), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Tiden är redan föreslagen")
	if w := o.post("/adviser/bookings/"+b.ID+"/withdraw", url.Values{"proposal": {doc.Find("[name=proposal]").First().AttrOr("value", "")}}); w.Code != http.StatusSeeOther {
		t.Errorf("withdraw: %d", w.Code)
	}
	if n := o.see(path).Find("[name=proposal]").Length(); n != 1 {
		t.Errorf("%d times are proposed after one was taken back", n)
	}
}

func TestAnAdviserKnowsOnlyCompaniesThatBooked(t *testing.T) {
	o := newOffice(t, nil)
	var other company.Company
	storetest.Write(t, o.s.DB, func(tx *store.Tx) (err error) {
		other, err = company.Ensure(context.Background(), tx, "SE", "5560360793", "Andra bolaget AB")
		return err
	})
	b := o.book(o.me, local("2027-01-13", "11:00"), 60, nil)
	o.book(o.colleague, local("2027-01-14", "11:00"), 60, func(r *advisory.Request) { r.Need = "Det här har kollegan fått veta, ingen annan." })
	o.book(o.colleague, local("2027-01-14", "15:00"), 60, func(r *advisory.Request) { r.CompanyID = other.ID })
	o.at("2027-01-13", "12:10")
	o.post("/adviser/bookings/"+b.ID+"/time", url.Values{"minutes": {"60"}, "shared": {"Läs skallkraven."}, "private": {"Vill växa."}})
	text := plain(o.see("/adviser/companies").Find("main"))
	wants(t, text, "Snickarna i Älvdalen AB", "1 timme")
	lacks(t, text, "Andra bolaget")
	text = plain(o.see("/adviser/companies/" + o.firm.ID).Find("main"))
	wants(t, text, "556677-8899", "Rådgivning Dalarna", "3 timmar", "Per Ask", "Läs skallkraven.", "Vill växa.")
	lacks(t, text, "Det här har kollegan fått veta")
	if got := o.see("/adviser/companies/"+o.firm.ID).Find(`.hours-bar .used`).AttrOr("width", ""); got != "60" {
		t.Errorf("%s minutes are shown as used", got)
	}
	if w := o.get("/adviser/companies/" + other.ID); w.Code != http.StatusNotFound {
		t.Errorf("a company that never booked: %d", w.Code)
	}
	lacks(t, plain(o.see("/adviser/companies?q=xyz").Find("main")), "Snickarna")
}
