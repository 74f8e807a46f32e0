package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// comes signs person number n up for a company.
func (d *desk) comes(n int, country, number, name string) registration.Registration {
	d.t.Helper()
	q := registrationtest.Request(d.ev.ID, n)
	q.Organisation, q.TestNumbers = registration.Organisation{Kind: registration.OfCompany, Country: country, Number: number, Name: name}, true
	return registrationtest.SignUp(d.t, d.s.DB, q).Registration
}

// listed is the first column of the list of companies.
func (d *desk) listed(query string) (names []string) {
	d.t.Helper()
	for _, a := range d.see("/admin/companies" + query).Find("td.cell-main a").EachIter() {
		names = append(names, plain(a))
	}
	return names
}

func (d *desk) markSole(r registration.Registration) {
	d.t.Helper()
	if to := d.send("/admin/companies/"+r.CompanyID+"/sole-trader", url.Values{"sole_trader": {"yes"}}); to != "/admin/companies/"+r.CompanyID+"?done=company_saved" {
		d.t.Fatalf("led to %s", to)
	}
}

func (d *desk) companyAudit(id string) (actions []string) {
	d.t.Helper()
	storetest.Read(d.t, d.s.DB, func(tx *store.Tx) (err error) {
		actions, err = store.All(context.Background(), tx, store.Value[string], `SELECT action FROM audit_entry WHERE object_id LIKE ? AND action <> 'company.read' ORDER BY at, id`, id+"%")
		return err
	})
	return actions
}

func TestCompaniesAreFoundByNameAndNumber(t *testing.T) {
	d := newDesk(t, nil)
	d.comes(1, "SE", "4020001006", "Åsens Bygg")
	sole := d.comes(2, "NO", "310002046", "Kari Søm")
	d.comes(3, "SE", "4020002004", "Zettervalls")
	d.comes(4, "SE", "4020001006", "Åsens")
	d.markSole(sole)
	for query, want := range map[string][]string{
		"":             {"Kari Søm", "Zettervalls", "Åsens Bygg"},
		"?q=asens":     {"Åsens Bygg"},
		"?q=402000-20": {"Zettervalls"},
		"?q=4020":      {"Zettervalls", "Åsens Bygg"},
		"?q=kari+sOm":  {"Kari Søm"},
		"?q=310002046": nil, // a sole trader's number finds nothing
		"?q=310":       nil,
		"?q=%25":       nil,
		"?q=person001": nil,
	} {
		if diff := cmp.Diff(want, d.listed(query)); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	list := plain(d.see("/admin/companies").Find("main"))
	wants(t, list, "402000-1006", "••• ••• •••", "Numret är dolt", "3 företag")
	lacks(t, list, "310 002 046", "310002046")
	if diff := cmp.Diff([]string(nil), d.stranger().listed("")); diff != "" {
		t.Errorf("a stranger sees %s", diff)
	}
	d.enter("all@region.example", d.everything())
	if n := len(d.listed("")); n != 3 {
		t.Errorf("an administrator sees %d", n)
	}
}

func TestALongListOfCompaniesHasPages(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = nil })
	r := d.comes(0, "SE", "4020001006", "Bolag 000")
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error { // ten thousand, without ten thousand letters
		for n := 1; n < 10_000; n++ {
			id := fmt.Sprintf("company-%05d", n)
			if _, err := store.Exec(context.Background(), tx, `INSERT INTO company (id, country, org_number, name, created_at) VALUES (?, 'NO', ?, ?, ?)`,
				id, fmt.Sprintf("3%08d", n), fmt.Sprintf("Bolag %03d", n), store.At(tx.Now)); err != nil {
				return err
			}
			if _, err := store.Exec(context.Background(), tx, `
				INSERT INTO registration (id, event_id, person_id, company_id, status, mode, email, first_name, last_name, language, organisation_kind, joined_at, calendar_uid, calendar_sequence, created_at, changed_at)
				SELECT ?, event_id, person_id, ?, 'cancelled', mode, ?, first_name, last_name, language, organisation_kind, joined_at, ?, -1, created_at, changed_at FROM registration WHERE id = ?`,
				"r"+id, id, id+"@example.se", "r"+id, r.ID); err != nil {
				return err
			}
		}
		return nil
	})
	begin := time.Now()
	doc := d.see("/admin/companies")
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("the list takes %s", took)
	}
	wants(t, plain(doc.Find(".result-line")), "10", "visar 1–50")
	if n := doc.Find("tbody tr").Length(); n != 50 {
		t.Errorf("%d rows", n)
	}
	if next := doc.Find(`.ds-pagination a[rel="next"]`).AttrOr("href", ""); next != "/admin/companies?page=2" {
		t.Errorf("the next page is %s", next)
	}
	if n := d.see("/admin/companies?page=all").Find("tbody tr").Length(); n != 50 {
		t.Errorf("%d rows on the page of everything", n)
	}
}

func TestASoleTradersNumberIsShownToWhoeverAsksAndThatIsNoted(t *testing.T) {
	d := newDesk(t, nil)
	r := d.comes(1, "NO", "310002046", "Kari Søm")
	path := "/admin/companies/" + r.CompanyID
	wants(t, plain(d.see(path).Find("main")), "310 002 046")
	d.see(path)
	storetest.Read(t, d.s.DB, func(tx *store.Tx) error { // that people's addresses were read is noted once an hour
		n, err := store.One(context.Background(), tx, store.Value[int], `SELECT count(*) FROM audit_entry WHERE action = 'company.read' AND object_id = ?`, r.CompanyID)
		if n != 1 {
			t.Errorf("the reading is noted %d times", n)
		}
		return err
	})
	d.markSole(r)
	d.markSole(r) // once more changes nothing
	doc := d.see(path)
	wants(t, plain(doc.Find("main")), "••• ••• •••", "Enskild firma")
	lacks(t, doc.Text(), "310 002 046", "310002046")
	lacks(t, d.see(d.at("/roster")).Text(), "310 002 046", "310002046")

	shown := d.page(d.post(path+"/number", nil), http.StatusOK)
	wants(t, plain(shown.Find("main")), "310 002 046")
	if diff := cmp.Diff([]string{"company.sole_trader", "company.number_shown"}, d.companyAudit(r.CompanyID)); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	d.send(path+"/sole-trader", url.Values{"sole_trader": {"no"}})
	wants(t, plain(d.see(path).Find("main")), "310 002 046")
}

// The mark hides a number from everybody; so nobody takes it from others, nor
// from what the register said.
func TestTheMarkOfASoleTraderStaysWhereOthersRelyOnIt(t *testing.T) {
	d := newDesk(t, nil)
	r := d.comes(1, "NO", "310002046", "Kari Søm")
	path := "/admin/companies/" + r.CompanyID
	d.markSole(r)
	d.elsewhereOf("NO", "310002046")
	if doc := d.see(path); doc.Find(`[action$="/sole-trader"]`).Length() != 0 {
		t.Error("the page offers to take the mark back")
	} else {
		wants(t, plain(doc.Find("#show-hint")), "som du inte arrangerar")
	}
	if w := d.post(path+"/sole-trader", url.Values{"sole_trader": {"no"}}); w.Code != http.StatusConflict {
		t.Errorf("with registrations elsewhere: %d", w.Code)
	}
	wants(t, plain(d.see(path).Find("main")), "••• ••• •••")

	admin := &desk{visitor: newVisitor(t, d.s), s: d.s, clock: d.clock, ev: d.ev}
	admin.enter("admin@region.example", user.Grant{Role: user.Administrator})
	admin.send(path+"/sole-trader", url.Values{"sole_trader": {"no"}})
	wants(t, plain(d.see(path).Find("main")), "310 002 046")

	d.markSole(r)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		return company.Registered(context.Background(), tx, "NO", "310002046", "KARI SØM", true)
	})
	wants(t, plain(admin.see(path).Find("#show-hint")), "registret")
	if w := admin.post(path+"/sole-trader", url.Values{"sole_trader": {"no"}}); w.Code != http.StatusConflict {
		t.Errorf("against the register: %d", w.Code)
	}
}

func TestTheFileHoldsASoleTradersNumberOnlyWhenAskedFor(t *testing.T) {
	d := newDesk(t, nil)
	r := d.comes(1, "NO", "310002046", "Kari Søm")
	d.comes(2, "SE", "4020001006", "Åsens Bygg")
	if d.see(d.at("/roster")).Find("#sole_traders").Length() != 0 {
		t.Error("numbers are offered where there are none")
	}
	d.markSole(r)
	form := d.see(d.at("/roster")).Find("form:has(#sole_traders)")
	without := d.get(d.at("/roster.csv")).Body.String()
	wants(t, without, "402000-1006", "Kari Søm")
	lacks(t, without, "310 002 046", "•")
	with := d.get(form.AttrOr("action", "") + "?sole_traders=1").Body.String()
	wants(t, with, "402000-1006", "310 002 046")
	wants(t, strings.Join(d.audited(), " "), "roster.export roster.export_numbers")
}

func TestAPersonsLinkIsConfirmedOnce(t *testing.T) {
	d := newDesk(t, nil)
	r := d.comes(1, "SE", "4020001006", "Åsens Bygg")
	other := d.comes(2, "SE", "4020002004", "Zettervalls")
	path := "/admin/companies/" + r.CompanyID
	doc := d.see(path)
	wants(t, plain(doc.Find("main")), "Person Nummer 1", "Uppgett av personen", d.ev.Title)
	form := doc.Find(`form[action$="/confirm"]`)
	person := form.Find("button").AttrOr("value", "")
	if to := d.send(form.AttrOr("action", ""), url.Values{"person": {person}}); to != path+"?done=company_confirmed" {
		t.Errorf("led to %s", to)
	}
	doc = d.see(path)
	wants(t, plain(doc.Find("main")), "Bekräftad")
	if doc.Find(`form[action$="/confirm"]`).Length() != 0 {
		t.Error("it can be confirmed again")
	}
	if w := d.post(path+"/confirm", url.Values{"person": {other.PersonID}}); w.Code != http.StatusNotFound {
		t.Errorf("a person of another company: %d", w.Code)
	}
	if diff := cmp.Diff([]string{"contact.confirm"}, d.companyAudit(r.CompanyID)); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

func TestTwoCompaniesAreMergedAfterALookAtWhatMoves(t *testing.T) {
	d := newDesk(t, nil)
	a := d.comes(1, "NO", "310002046", "Kari Søm")
	d.comes(2, "NO", "310002046", "Kari Søm")
	b := d.comes(3, "SE", "4020001006", "Söm & Sånt AB")
	path := "/admin/companies/" + a.CompanyID
	form := url.Values{"country": {"SE"}, "org_number": {"402000-1006"}, "reason": {"Blev aktiebolag i januari"}}

	look := d.page(d.post(path+"/merge", form), http.StatusOK)
	wants(t, plain(look.Find("main")), "2 anmälningar flyttas från Kari Søm till Söm & Sånt AB", "Blev aktiebolag i januari")
	if now := registrationtest.Find(t, d.s.DB, a.ID); now.CompanyID != a.CompanyID {
		t.Error("the look moved something")
	}
	confirm := typed(look.Find(`form[action$="/merge"]`))
	confirm.Set("confirmed", "1")
	if to := d.send(path+"/merge", confirm); to != "/admin/companies/"+b.CompanyID+"?done=company_merged" {
		t.Fatalf("led to %s", to)
	}
	doc := d.see("/admin/companies/" + b.CompanyID)
	wants(t, plain(doc.Find("main")), "310 002 046", "Person Nummer 1", "Person Nummer 2", "Person Nummer 3")
	if w := d.get(path); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/admin/companies/"+b.CompanyID {
		t.Errorf("the old address: %d to %s", w.Code, w.Header().Get("Location"))
	}
	if diff := cmp.Diff([]string{"Söm & Sånt AB"}, d.listed("?q=310002046")); diff != "" {
		t.Errorf("by the old number: %s", diff)
	}
	if diff := cmp.Diff([]string{"company.merge"}, d.companyAudit(b.CompanyID)); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

func TestARefusedMergeKeepsWhatWasTypedAndSaysWhy(t *testing.T) {
	d := newDesk(t, nil)
	a := d.comes(1, "SE", "4020001006", "Åsens Bygg")
	d.comes(2, "SE", "4020002004", "Zettervalls")
	elsewhere := d.elsewhere("4020003002")
	path := "/admin/companies/" + a.CompanyID + "/merge"
	for _, tt := range []struct{ name, number, reason, field, text string }{
		{"no reason", "402000-2004", " ", "reason", "Fyll i uppgiften"},
		{"an unknown number", "402000-4000", "x", "org_number", "Inget företag i dina program har det numret"},
		{"a company of another programme, in the same words", elsewhere, "x", "org_number", "Inget företag i dina program har det numret"},
		{"no number", "12", "x", "org_number", "Inget företag i dina program har det numret"},
		{"the same number", "402000-1006", "x", "org_number", "samma företag"},
		{"a personal number", "811218-9876", "x", "org_number", "personnummer"},
	} {
		for _, step := range []string{"", "1"} {
			form := url.Values{"country": {"SE"}, "org_number": {tt.number}, "reason": {tt.reason}, "confirmed": {step}}
			doc := d.page(d.post(path, form), http.StatusUnprocessableEntity)
			wants(t, plain(doc.Find("#"+tt.field+"-error")), tt.text)
			kept := typed(doc.Find(`form[action$="/merge"]`))
			if want := map[bool]string{true: "", false: tt.number}[tt.field == "org_number" && strings.Contains(tt.text, "personnummer")]; kept.Get("org_number") != want {
				t.Errorf("%s: the number is now %q", tt.name, kept.Get("org_number"))
			}
		}
	}
	// A company that also takes part elsewhere is not for one organiser to merge.
	b := d.comes(9, "SE", elsewhere, "Även härifrån")
	form := url.Values{"country": {"SE"}, "org_number": {"4020001006"}, "reason": {"x"}, "confirmed": {"1"}}
	doc := d.page(d.post("/admin/companies/"+b.CompanyID+"/merge", form), http.StatusConflict)
	wants(t, plain(doc.Find("main")), "Be en administratör")
	d.enter("all@region.example", d.everything())
	d.send("/admin/companies/"+b.CompanyID+"/merge", form)
	storetest.Read(t, d.s.DB, func(tx *store.Tx) error {
		c, err := company.FindByNumber(context.Background(), tx, "SE", elsewhere)
		if c.ID != a.CompanyID {
			t.Errorf("the administrator's merge: %+v", c)
		}
		return err
	})
}

func TestTheCompanyPagesSpeakFourLanguagesAndAreForTheirOwn(t *testing.T) {
	d := newDesk(t, nil)
	a := d.comes(1, "NO", "310002046", "Kari Søm")
	d.comes(2, "SE", "4020001006", "Åsens Bygg")
	d.markSole(a)
	path := "/admin/companies/" + a.CompanyID
	for _, lang := range []string{"sv", "nb", "nn", "en"} {
		for _, p := range []string{"/admin/companies", "/admin/companies?q=ingenting", path} {
			mark := "?"
			if strings.Contains(p, "?") {
				mark = "&"
			}
			doc := d.see(p + mark + "lang=" + lang)
			if got := doc.Find("html").AttrOr("lang", ""); got != lang {
				t.Errorf("%s is in %s, want %s", p, got, lang)
			}
			lacks(t, plain(doc.Find("main")), "company.", "admin.")
		}
	}
	stranger := d.stranger()
	for _, p := range []string{"/number", "/sole-trader", "/confirm", "/merge"} {
		own, unknown := stranger.post(path+p, url.Values{"person": {a.PersonID}}), stranger.post("/admin/companies/unknown"+p, url.Values{"person": {a.PersonID}})
		if own.Code != http.StatusNotFound || unknown.Code != http.StatusNotFound || strings.ReplaceAll(own.Body.String(), a.CompanyID, "unknown") != unknown.Body.String() {
			t.Errorf("%s: a foreign company (%d) is answered otherwise than an unknown one (%d)", p, own.Code, unknown.Code)
		}
	}
	if w := stranger.get(path); w.Code != http.StatusNotFound {
		t.Errorf("the page: %d", w.Code)
	}
}

// elsewhere signs somebody of the company with the number up for an event of
// another programme, and gives the number back.
func (d *desk) elsewhere(number string) string {
	d.t.Helper()
	return d.elsewhereOf("SE", number)
}

func (d *desk) elsewhereOf(country, number string) string {
	d.t.Helper()
	storetest.Write(d.t, d.s.DB, func(tx *store.Tx) error {
		ctx := context.Background()
		p, err := programme.Add(ctx, tx, programme.Programme{Slug: "gavleborg", Name: "Gävleborg", Country: "SE", Language: "sv", TimeZone: "Europe/Stockholm"}, audit.Command)
		if err != nil {
			return err
		}
		ev, err := event.Create(ctx, tx, p.ID, "", registrationtest.Content(), registrationtest.Organiser)
		if err != nil {
			return err
		}
		if ev, err = event.Publish(ctx, tx, ev.ID, registrationtest.Organiser); err != nil {
			return err
		}
		q := registrationtest.Request(ev.ID, 50)
		q.Organisation, q.TestNumbers = registration.Organisation{Kind: registration.OfCompany, Country: country, Number: number, Name: "Bara där"}, true
		_, err = registration.Register(ctx, tx, q)
		return err
	})
	return number
}
