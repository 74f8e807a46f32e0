package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"stafett/internal/advisory"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// firstForm is the form for the first free time, filled in.
func (w *counsel) firstForm(v *visitor) url.Values {
	w.t.Helper()
	link := v.page(v.get("/me/advice/radgivning"), http.StatusOK).Find(".times a").First().AttrOr("href", "")
	form := url.Values{"need": {need}, "procurement": {"Skolfönster 2027"}, "authority": {"Mora kommun"}}
	for _, input := range v.page(v.get(link), http.StatusOK).Find(`form[action^="/me/advice"] input[type="hidden"]`).EachIter() {
		form.Set(input.AttrOr("name", ""), input.AttrOr("value", ""))
	}
	return form
}

func keptAll(t *testing.T, doc *goquery.Document, form url.Values) {
	t.Helper()
	if doc.Find("#need").Text() != need || doc.Find("#procurement").AttrOr("value", "") != "Skolfönster 2027" || doc.Find("#authority").AttrOr("value", "") != "Mora kommun" {
		t.Error("what was typed is lost")
	}
	if text := doc.Find("main").Text(); !strings.Contains(text, "Det du skrev står kvar") || strings.Contains(text, "Önska en tid") {
		t.Errorf("the page says %s", text)
	}
	for _, name := range []string{"at", "minutes"} {
		if got := doc.Find(`form[action^="/me/advice"] [name="`+name+`"]`).AttrOr("value", ""); name == "minutes" && got != form.Get(name) {
			t.Errorf("%s is %q, not %q", name, got, form.Get(name))
		}
	}
}

func TestWhatWasTypedStaysWhenAdviceClosesMeanwhile(t *testing.T) {
	w := newCounsel(t, nil)
	v := w.visitor(w.anna)
	form := w.firstForm(v)
	storetest.Write(t, w.s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `UPDATE advisory_programme SET status = 'closed'`)
		return err
	})
	doc := v.page(v.post("/me/advice/radgivning", form), http.StatusConflict)
	keptAll(t, doc, form)
	if !strings.Contains(doc.Find(`[role="alert"]`).Text(), "tar inte emot") {
		t.Errorf("the refusal reads %q", doc.Find(`[role="alert"]`).Text())
	}
}

func TestWhatWasTypedStaysWhenAColleagueTakesTheLastHours(t *testing.T) {
	w := newCounsel(t, nil)
	v := w.visitor(w.anna)
	form := w.firstForm(v)
	storetest.Write(t, w.s.DB, func(tx *store.Tx) error {
		a, err := advisory.OpenAccount(context.Background(), tx, w.advice, advisory.Holder{CompanyID: w.firm.ID}, tx.Now.Year())
		if err != nil {
			return err
		}
		_, err = store.Exec(context.Background(), tx, `UPDATE hours_account SET cap_minutes = 0 WHERE id = ?`, a.ID)
		return err
	})
	doc := v.page(v.post("/me/advice/radgivning", form), http.StatusConflict)
	keptAll(t, doc, form)
	if doc.Find(`[role="alert"]`).Length() != 1 {
		t.Error("no refusal stands on top")
	}
}

func TestWhatWasTypedStaysWhenTheSessionHasEnded(t *testing.T) {
	w := newCounsel(t, nil)
	v := w.visitor(w.anna)
	form := w.firstForm(v)
	v.post("/me/sign-out", nil)
	doc := v.page(v.post("/me/advice/radgivning", form), http.StatusForbidden)
	if text := doc.Find("main").Text(); !strings.Contains(text, "Du är inte inloggad längre") || !strings.Contains(text, need) {
		t.Errorf("the page says %s", text)
	}
	again := url.Values{}
	for _, input := range doc.Find(`form[action="/me/advice/radgivning"] input`).EachIter() {
		again.Add(input.AttrOr("name", ""), input.AttrOr("value", ""))
	}
	v.cookies = nil
	v.comeIn(w.s, w.anna.Email)
	to := v.post("/me/advice/radgivning", again).Header().Get("Location")
	if !strings.HasPrefix(to, "/me/bookings/") {
		t.Fatalf("sent again it leads to %q", to)
	}
	if text := v.page(v.get(to), http.StatusOK).Find("main").Text(); !strings.Contains(text, need) {
		t.Error("the booking has not what was typed")
	}

	// The number of a form may be a personal one, and is not given back.
	v.post("/me/sign-out", nil)
	if body := v.post("/advice/radgivning/apply", url.Values{"challenge": {"Skolmat"}, "org_number": {"811218-9876"}}).Body.String(); !strings.Contains(body, "Skolmat") || strings.Contains(body, "811218") {
		t.Error("the words of an application are lost, or a personal number is shown again")
	}
	// Nothing was typed: then the way in is enough.
	if to := v.post("/me/advice/radgivning", url.Values{"minutes": {"60"}}).Header().Get("Location"); to != "/me" {
		t.Errorf("an empty form leads to %q", to)
	}
}
