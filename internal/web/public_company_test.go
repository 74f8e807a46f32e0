package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/company"
	"stafett/internal/register"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// openRegister is a public register in memory.
type openRegister map[string]register.Entry

func (r openRegister) Find(_ context.Context, country, number string) (register.Entry, error) {
	if r == nil {
		return register.Entry{}, errors.New("no answer")
	}
	e, known := r[number]
	if !known {
		return e, register.ErrUnknown
	}
	e.Country, e.Number = country, number
	return e, nil
}

var norwegians = openRegister{
	"310000019": {Name: "EKSEMPELBYGG AS", LegalForm: "AS"},
	"310001023": {Name: "EKSEMPELBYGG AVD TRYSIL", LegalForm: "BEDR", Parent: "310000019"},
	"310002046": {Name: "KARI OPPDIKTET SØM", LegalForm: "ENK"},
}

// withRegister lets the pages ask a register.
func withRegister(r register.Register) func(*Options) {
	return func(o *Options) {
		o.Limits.LookUpTakes = time.Nanosecond
		o.Companies = register.NewDesk(o.DB, r, slog.New(slog.NewTextHandler(io.Discard, nil)))
	}
}

func norwegian(number, name string) url.Values {
	form := signUp()
	form.Set("country", "NO")
	form.Set("org_number", number)
	form.Set("company_name", name)
	return form
}

func TestTheRegistersNameIsUsedWhereNoneWasTyped(t *testing.T) {
	type outcome struct {
		Status     int
		Name       string // in the registration
		Company    string
		Number     string
		SoleTrader bool
	}
	for _, tt := range []struct {
		name string
		reg  register.Register
		form url.Values
		want outcome
	}{
		{"an empty name", norwegians, norwegian("310 000 019", " "), outcome{303, "EKSEMPELBYGG AS", "EKSEMPELBYGG AS", "310000019", false}},
		{"a typed name", norwegians, norwegian("310000019", "Eksempelbygg"), outcome{303, "Eksempelbygg", "EKSEMPELBYGG AS", "310000019", false}},
		{"a sub-unit is its parent's", norwegians, norwegian("310001023", ""), outcome{303, "EKSEMPELBYGG AVD TRYSIL", "EKSEMPELBYGG AS", "310000019", false}},
		{"a sole trader", norwegians, norwegian("310002046", ""), outcome{303, "KARI OPPDIKTET SØM", "KARI OPPDIKTET SØM", "310002046", true}},
		{"an unknown number with a name", norwegians, norwegian("310003085", "Ukjent AS"), outcome{303, "Ukjent AS", "Ukjent AS", "310003085", false}},
		{"an unknown number without", norwegians, norwegian("310003085", ""), outcome{Status: 422}},
		{"a register that is down, with a name", openRegister(nil), norwegian("310000019", "Eksempelbygg"), outcome{303, "Eksempelbygg", "Eksempelbygg", "310000019", false}},
		{"a register that is down, without", openRegister(nil), norwegian("310000019", ""), outcome{Status: 422}},
		{"a Swedish company", norwegians, signUp(), outcome{303, "Siljans Snickeri (påhittat)", "Siljans Snickeri (påhittat)", "4020001006", false}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, withRegister(tt.reg))
			ev := registrationtest.Event(t, s.DB, nil)
			got := outcome{Status: newVisitor(t, s).post("/events/"+ev.Slug+"/register", tt.form).Code}
			for _, r := range registrations(t, s, ev.ID) {
				got.Name = r.OrganisationName
				storetest.Read(t, s.DB, func(tx *store.Tx) error {
					c, err := company.Find(context.Background(), tx, r.CompanyID)
					got.Company, got.Number, got.SoleTrader = c.Name, c.Number, c.SoleTrader
					return err
				})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWithoutARegisterTheFormIsAsBefore(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	doc := v.page(v.get("/events/"+ev.Slug+"/register"), http.StatusOK)
	if doc.Find("[data-company-lookup]").Length() != 0 {
		t.Error("the form looks names up")
	}
	lacks(t, plain(doc.Find("main")), "Enhetsregisteret")
	if w := v.post("/events/"+ev.Slug+"/register", norwegian("310000019", "")); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a name: %d", w.Code)
	}
}

func TestAScriptIsToldTheRegistersNameAndNothingOfOurs(t *testing.T) {
	s := newServer(t, withRegister(norwegians))
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	v.post("/events/"+ev.Slug+"/register", norwegian("310003085", "Vår hemlighet AS"))
	doc := v.page(v.get("/events/"+ev.Slug+"/register"), http.StatusOK)
	address := doc.Find("form[data-company-lookup]").AttrOr("data-company-lookup", "")
	wants(t, plain(doc.Find("main")), "Enhetsregisteret")
	for query, want := range map[string]string{
		"?country=NO&number=310000019":   "EKSEMPELBYGG AS",
		"?country=NO&number=310+001+023": "EKSEMPELBYGG AVD TRYSIL",
		"?country=NO&number=310003085":   "", // known to us, not to the register
		"?country=NO&number=12":          "",
		"?country=SE&number=4020001006":  "",
		"?country=NO&number=811218-9876": "",
		"":                               "",
	} {
		w := v.get(address + query)
		var got map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", query, w.Code, w.Body)
		}
		if diff := cmp.Diff(map[string]string{"name": want}, got); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
		if cache := w.Header().Get("Cache-Control"); cache != "no-store" {
			t.Errorf("%s may be kept: %s", query, cache)
		}
	}
}

func TestTenNumbersAnHourMayBeLookedUp(t *testing.T) {
	s := newServer(t, withRegister(norwegians))
	v := newVisitor(t, s)
	for n := range 10 {
		if w := v.get("/companies/lookup?country=NO&number=310000019"); w.Code != http.StatusOK {
			t.Fatalf("number %d: %d", n+1, w.Code)
		}
	}
	if w := v.get("/companies/lookup?country=NO&number=310000019"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("the eleventh: %d", w.Code)
	}
}

func TestTheTimeDoesNotTellWhetherANumberWasAskedForBefore(t *testing.T) {
	s := newServer(t, func(o *Options) {
		withRegister(norwegians)(o)
		o.Limits.LookUpTakes = 100 * time.Millisecond
	})
	v := newVisitor(t, s)
	for _, when := range []string{"asked", "kept"} {
		begin := time.Now()
		v.get("/companies/lookup?country=NO&number=310000019")
		if took := time.Since(begin); took < 100*time.Millisecond {
			t.Errorf("%s: %s", when, took)
		}
	}
}

func TestTheRegisterIsAskedWhenSomebodyIsAddedByHandToo(t *testing.T) {
	d := newDesk(t, nil)
	o := Options{DB: d.s.DB}
	withRegister(norwegians)(&o)
	d.s.Companies = o.Companies
	d.send(d.at("/add"), url.Values{
		"first_name": {"Kari"}, "last_name": {"Sund"}, "email": {"kari@people.example"}, "language": {"nb"}, "mode": {"room"},
		"organisation": {"company"}, "country": {"NO"}, "org_number": {"310 002 046"}, "company_name": {"Kari"},
	})
	r := registrations(t, d.s, d.ev.ID)[0]
	storetest.Read(t, d.s.DB, func(tx *store.Tx) error {
		c, err := company.Find(context.Background(), tx, r.CompanyID)
		if !c.SoleTrader {
			t.Errorf("%+v is not known as a sole trader", c)
		}
		return err
	})
}
