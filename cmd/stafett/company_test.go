package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// enhet is what the Norwegian register has about an invented company.
const enhet = `{"organisasjonsnummer":"310000019","navn":"EKSEMPELBYGG ELVERUM AS","organisasjonsform":{"kode":"AS"},"forretningsadresse":{"kommunenummer":"3420"},"konkurs":false,"underAvvikling":false}`

// publicRegister is a register on this machine.
func publicRegister(t *testing.T) (address string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/enheter/310000019" {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte(enhet))
	}))
	t.Cleanup(server.Close)
	return server.URL + "/api"
}

func TestTheNameOfANorwegianCompanyIsFetchedWithAndWithoutScripts(t *testing.T) {
	t.Parallel()
	d := beginDemo(t, "--company-register", publicRegister(t))
	b := openTab(t, d.base)
	b.open("/events/webb-akut/register")
	b.fillIn(visitor{"Kari", "Vik", "kari@people.example"})
	b.click(`[name="organisation"][value="company"]`)
	b.click(`[name="country"][value="NO"]`)
	b.fill("org_number", "310 000 019")
	must(b, "leave the field", chromedp.KeyEvent(kb.Tab))
	if got := waitFor(b, `document.getElementById("company_name").value`); got != "EKSEMPELBYGG ELVERUM AS" {
		t.Errorf("the name is %q", got)
	}
	b.reads("[data-company-found]", "Namnet är hämtat ur Enhetsregisteret. Ändra det om det inte stämmer.")
	b.accessible()

	// What somebody has typed stands.
	b.fill("company_name", "Eksempelbygg")
	b.fill("org_number", "310001023")
	must(b, "leave the field", chromedp.KeyEvent(kb.Tab))
	b.fill("org_number", "310000019")
	b.follow(signUpButton)

	plain := openTab(t, d.base)
	plain.scriptsOff()
	plain.open("/events/webb-akut/register")
	plain.fillIn(visitor{"Ola", "Vik", "ola@people.example"})
	plain.click(`[name="organisation"][value="company"]`)
	plain.click(`[name="country"][value="NO"]`)
	plain.fill("org_number", "310000019")
	plain.follow(signUpButton)

	b.signIn(d)
	b.open("/admin/companies?q=310000019")
	b.reads("tbody .cell-main", "EKSEMPELBYGG ELVERUM AS")
	b.follow("tbody .cell-main a")
	for _, want := range []string{"Kari Vik", "Ola Vik", "Eksempelbygg"} {
		if got := b.text("main"); !strings.Contains(got, want) {
			t.Errorf("the company's page does not tell of %s: %s", want, got)
		}
	}
}

// waitFor waits a little for a script's text.
func waitFor(b *tab, code string) (got string) {
	b.t.Helper()
	for end := time.Now().Add(5 * time.Second); got == "" && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		got = script[string](b, code)
	}
	return got
}

func TestTheCompaniesPagesAreAccessibleAndFitAPhone(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	b.signIn(d)
	see := func() {
		t.Helper()
		b.look(1280, "light")
		b.accessible()
		b.look(320, "light")
		b.fits()
		b.look(1280, "light")
	}
	b.open("/admin/companies?q=finns-inte")
	see()
	b.open("/admin/companies")
	see()
	other := b.text("tbody tr:nth-child(2) td:nth-child(2)")
	b.follow("tbody .cell-main a")
	see()
	country := "NO"
	if strings.Contains(other, "Sverige") {
		country = "SE"
	}
	b.click(`[name="country"][value="` + country + `"]`)
	b.fill("org_number", strings.Trim(other[:11], " \u00a0"))
	b.refusedBy(`form[action$="/merge"] button`, 422)
	see()
	b.fill("reason", "Blev aktiebolag i januari")
	b.follow(`form[action$="/merge"] button`)
	see()
	b.follow(`button[name="confirmed"]`)
	b.reads(".notice[data-color=success]", "Företagen är hopslagna. Det gamla numret leder hit.")
	b.follow(`button[name="sole_trader"]`)
	see()
	b.follow(`form[action$="/number"] button`)
	see()
	b.follow(`td.cell-main a`) // the roster, where masked numbers may be asked for in the file
	if b.texts(`label[for="sole_traders"]`) == nil {
		t.Error("the roster does not offer the file with numbers")
	}
	b.accessible()
}
