package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"stafett/internal/company"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// A company that only books, and one that somebody only names on the way to book,
// are the organiser's of that advice: found, merged, and its people confirmed or
// refused. They are nobody else's.
func TestCompaniesThatOnlyWantAdviceAreFoundAndAnswered(t *testing.T) {
	w := newCounsel(t, nil)
	w.booked(w.anna.ID)
	bo, cecilia, nils := w.person("bo@snickarna.example", "Bo", ""), w.person("cecilia@snickarna.example", "Cecilia", ""), w.person("nils@nytt.example", "Nils", "")
	w.visitor(nils).post("/me/companies", url.Values{"country": {"SE"}, "org_number": {"556036-0793"}, "company_name": {"Nytt AB"}, "advice": {"radgivning"}})
	for _, p := range []string{bo.Email, cecilia.Email} {
		v := newVisitor(t, w.s)
		v.comeIn(w.s, p)
		v.post("/me/companies", url.Values{"country": {"SE"}, "org_number": {"556677-8899"}, "company_name": {"Snickarna"}, "advice": {"radgivning"}})
	}
	d := &desk{visitor: newVisitor(t, w.s), s: w.s}
	d.enter("own@region.example", user.Grant{Role: user.Organiser, ProgrammeID: w.advice.ProgrammeID})
	doc := d.see("/admin/companies")
	wants(t, strings.Join(d.listed(""), ", "), "Nytt AB, Snickarna i Älvdalen AB")
	if link := doc.Find("#waiting a").AttrOr("href", ""); doc.Find("#waiting a").Length() != 1 || link != "/admin/companies/"+w.firm.ID+"#people" {
		t.Errorf("who waits is shown as %s", plain(doc.Find("#waiting")))
	}
	stranger := d.stranger()
	if diff := strings.Join(stranger.listed(""), ", "); diff != "" {
		t.Errorf("a stranger sees %s", diff)
	}
	address := "/admin/companies/" + w.firm.ID
	if code := stranger.get(address).Code; code != http.StatusNotFound {
		t.Errorf("a stranger opens it: %d", code)
	}
	page := d.see(address)
	wants(t, plain(page.Find("#people ~ .table-scroll, table")), "Anna Lind", "Bo Lind", "Cecilia Lind")
	if n := page.Find(`input[name="answer"][value="no"]`).Length(); n != 2 {
		t.Errorf("%d can be refused", n)
	}
	d.send(address+"/confirm", url.Values{"person": {bo.ID}})
	d.send(address+"/confirm", url.Values{"person": {cecilia.ID}, "answer": {"no"}})
	if code := d.post(address+"/confirm", url.Values{"person": {w.anna.ID}, "answer": {"no"}}).Code; code != http.StatusNotFound {
		t.Errorf("one who is confirmed is refused: %d", code)
	}
	storetest.Read(t, w.s.DB, func(tx *store.Tx) error {
		for id, want := range map[string]string{bo.ID: "confirmed", cecilia.ID: "", w.anna.ID: "confirmed"} {
			ties, err := company.Ties(context.Background(), tx, id)
			got := ""
			if len(ties) > 0 {
				got = ties[0].Status
			}
			if err != nil || got != want {
				t.Errorf("%s is %q and not %q, %v", id, got, want, err)
			}
		}
		return nil
	})
	if d.see("/admin/companies").Find("#waiting").Length() != 0 {
		t.Error("nobody waits any more")
	}
	form := url.Values{"country": {"SE"}, "org_number": {"556036-0793"}, "reason": {"Nytt nummer"}}
	wants(t, plain(d.page(d.post(address+"/merge", form), http.StatusOK).Find(".notice")), "Bokningar och timmar följer också med")
	form.Set("confirmed", "1")
	d.send(address+"/merge", form)
	wants(t, strings.Join(d.listed(""), ", "), "Nytt AB")
}
