package web

import (
	"net/http"
	"net/url"
	"testing"

	"stafett/internal/advisory"
)

func TestAnAdvisersCallsAreNotedOneAfterTheOther(t *testing.T) {
	o := newOffice(t, nil)
	o.book(o.me, local("2027-01-20", "10:00"), 60, nil) // so that the company is known
	doc := o.see("/adviser/log")
	if doc.Find("#minutes").AttrOr("value", "") != "20" || doc.Find("#caller[autofocus]").Length() != 1 {
		t.Error("the form does not stand ready")
	}
	key := doc.Find("[name=key]").AttrOr("value", "")
	bad := o.page(o.post("/adviser/log", url.Values{"key": {key}, "about": {"Tröskelvärden"}, "minutes": {"x"}}), http.StatusUnprocessableEntity)
	if bad.Find("#about").Text() != "Tröskelvärden" || bad.Find("#minutes[aria-invalid]").Length() != 1 {
		t.Error("what was typed is lost, or the error stands elsewhere")
	}
	call := url.Values{"key": {key}, "caller": {"Kerstin"}, "organisation": {"snickarna i Älvdalen ab"}, "about": {"Tröskelvärden"}, "minutes": {"20"}}
	for range 2 { // pressed twice
		if w := o.post("/adviser/log", call); w.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	call.Set("key", "another")
	call.Set("organisation", "Okänd kommun")
	call.Set("clock", "09:30")
	o.post("/adviser/log", call)
	doc = o.see("/adviser/log")
	wants(t, plain(doc.Find("main")), "2 samtal · 40 minuter", "10.00 · Kerstin, snickarna", "09.30 · Kerstin, Okänd kommun", "Tröskelvärden")
	wants(t, plain(o.see("/adviser/companies/"+o.firm.ID).Find("main")), "3 timmar 40 minuter kvar av 5 timmar", "Använt: 20 minuter")
	wants(t, plain(o.see("/adviser/week").Find("#d2027-01-13").Closest(".week-day")), "09.40–10.00", "09.10–09.30 Kerstin, Okänd kommun")

	off := newOffice(t, func(p *advisory.Programme) { p.QuickLog = false })
	if w := off.get("/adviser/log"); w.Code != http.StatusNotFound {
		t.Errorf("without a helpline: %d", w.Code)
	}
	if off.see("/adviser").Find(`a[href="/adviser/log"]`).Length() != 0 {
		t.Error("the menu leads to a form that is not there")
	}
}
