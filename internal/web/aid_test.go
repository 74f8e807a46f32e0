package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// addAdvice adds a programme of advice whose hours are aid.
func addAdvice(t *testing.T, s *Server, programmeID string) {
	t.Helper()
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `
			INSERT INTO advisory_programme (id, programme_id, slug, status, language, prerequisite, cap_minutes, cap_per, cap_period, price_minor, currency, vat_percent, step_minutes, lead_minutes, free_cancel_minutes,
				aid_regime, aid_market_minor, aid_source, created_at, changed_at)
			VALUES ('aided', ?, 'aided', 'open', 'sv', 'none', 300, 'company', 'programme', 20000, 'SEK', 25, 30, 2880, 1440, 'de_minimis', 110000, 'prislista', ?, ?)`,
			programmeID, store.At(tx.Now), store.At(tx.Now))
		return err
	})
}

func askAid(t *testing.T, s *Server, programmeID, companyID, personID string) (k aid.Case) {
	t.Helper()
	storetest.Write(t, s.DB, func(tx *store.Tx) (err error) {
		k, err = aid.Ask(context.Background(), tx, aid.Terms{
			ProgrammeID: programmeID, AdvisoryProgrammeID: "aided", CompanyID: companyID, PersonID: personID, Minutes: 300, MarketMinor: 110_000, PriceMinor: 20_000, Currency: "SEK",
		}, audit.Command)
		return err
	})
	return k
}

// aidOfFirm is a case of a person's own firm.
func aidOfFirm(t *testing.T, s *Server, programmeID, personID string) aid.Case {
	t.Helper()
	addAdvice(t, s, programmeID)
	return askAid(t, s, programmeID, "", personID)
}

// aidWorld is a case of a company to which one person belongs and another does not.
type aidWorld struct {
	*testing.T
	s             *Server
	aid           aid.Case
	own, stranger *visitor
	organiser     *visitor
}

func newAidWorld(t *testing.T, change func(*Options)) *aidWorld {
	t.Helper()
	s := newServer(t, change)
	ev := registrationtest.Event(t, s.DB, nil)
	addAdvice(t, s, ev.ProgrammeID)
	w := &aidWorld{T: t, s: s, own: newVisitor(t, s), stranger: newVisitor(t, s), organiser: newVisitor(t, s)}
	r, other := registrationtest.Sign(t, s.DB, ev.ID, 1), registrationtest.Sign(t, s.DB, ev.ID, 2)
	var firm company.Company
	storetest.Write(t, s.DB, func(tx *store.Tx) (err error) {
		if firm, err = company.Ensure(context.Background(), tx, "SE", "5566778899", "Snickeri Exempel AB"); err != nil {
			return err
		}
		if err = company.Claim(context.Background(), tx, other.PersonID, firm.ID, false); err != nil { // who only says so
			return err
		}
		return company.Claim(context.Background(), tx, r.PersonID, firm.ID, true)
	})
	w.aid = askAid(t, s, ev.ProgrammeID, firm.ID, r.PersonID)
	addUser(t, s, "karin@region.example", administrator)
	w.own.comeIn(s, r.Email)
	w.stranger.comeIn(s, other.Email)
	w.organiser.signInAs("karin@region.example")
	return w
}

func (w *aidWorld) status() aid.Status {
	w.Helper()
	var k aid.Case
	storetest.Read(w, w.s.DB, func(tx *store.Tx) (err error) {
		k, err = aid.Find(context.Background(), tx, w.aid.ID)
		return err
	})
	return k.Status
}

// spaced has plain spaces where the page has ones that do not break.
func spaced(page string) string { return strings.ReplaceAll(page, "\u00a0", " ") }

func declares(more ...string) url.Values {
	v := url.Values{"has_other": {"no"}, "has_linked": {"no"}, "primary": {"no"}, "signer": {"Kim Exempel"}, "nace": {"43.320"}, "true": {"1"}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

func TestAnOwnerDeclaresAndAnOrganiserGrantsInOneStep(t *testing.T) {
	w := newAidWorld(t, nil)
	me, admin := "/me/aid/"+w.aid.ID, "/admin/advice/aid/"+w.aid.ID
	page := spaced(w.own.get(me).Body.String())
	for _, words := range []string{"4 500", "(EU) 2023/2831", "de minimis", "0 euro", "300 000"} {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	if got := w.stranger.get(me).Code; got != http.StatusNotFound {
		t.Errorf("somebody who only says to belong to the company gets %d", got)
	}
	refused := w.own.post(me, declares("has_other", "", "true", "", "signer", " "))
	if refused.Code != http.StatusUnprocessableEntity || strings.Count(refused.Body.String(), `class="field-error"`) != 3 {
		t.Errorf("with three faults: %d", refused.Code)
	}
	if got := w.own.post(me, declares()); got.Code != http.StatusSeeOther {
		t.Fatalf("declared: %d %s", got.Code, got.Body)
	}
	if got := w.organiser.get("/admin/advice/aid?show=decide").Body.String(); !strings.Contains(got, admin) {
		t.Error("the case is not in the list of what is to be decided")
	}
	grant := url.Values{"minutes": {"300"}, "market": {"1100"}, "rate": {"11,2000"}, "rate_on": {"2027-01-01"}, "rate_source": {"InforEuro"}, "number": {"2027/17"}, "nace": {"43.32"}}
	grant.Set("calculate", "1")
	if got := w.organiser.post(admin+"/grant", grant).Body.String(); !strings.Contains(got, "401,79") || w.status() != aid.Declared {
		t.Error("what it comes to is not shown, or more was done")
	}
	grant.Del("calculate")
	if got := w.organiser.post(admin+"/grant", grant); got.Code != http.StatusSeeOther || w.status() != aid.ToRegister {
		t.Fatalf("granted: %d, then %s\n%s", got.Code, w.status(), got.Body)
	}
	if got := w.organiser.get("/admin/advice/aid/register.csv").Body.String(); !strings.Contains(got, `"401.79"`) || !strings.Contains(got, `"5566778899"`) {
		t.Errorf("the export is\n%s", got)
	}
	if got := w.organiser.post(admin+"/register", url.Values{"reference": {"eAIR-1"}, "on": {"2027-01-13"}}); got.Code != http.StatusSeeOther || w.status() != aid.Registered {
		t.Errorf("registered: %d, then %s", got.Code, w.status())
	}
	if got := w.own.get(me).Body.String(); !strings.Contains(got, "401,79") || !strings.Contains(got, "2027/17") {
		t.Error("the owner does not see what was granted")
	}
}

func TestRowsOfOtherAidWorkWithoutScripts(t *testing.T) {
	w := newAidWorld(t, nil)
	me := "/me/aid/" + w.aid.ID
	form := declares("has_other", "yes", "other.0.giver", "Exempelfonden", "other.0.on", "2026-05-04", "other.0.amount", "12 500", "other.0.currency", "SEK", "more", "other")
	more := w.own.post(me, form).Body.String()
	if !strings.Contains(more, `value="Exempelfonden"`) || !strings.Contains(more, `name="other.2.giver"`) || w.status() != aid.Asked {
		t.Error("further rows do not open, or what was typed is lost")
	}
	form.Del("more")
	form.Set("other.1.giver", "Utan dag")
	wrong := w.own.post(me, form)
	if body := wrong.Body.String(); wrong.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `id="other.1.on-error"`) || !strings.Contains(body, `id="other.1.amount-error"`) || !strings.Contains(body, `value="12 500"`) {
		t.Errorf("a row without day and amount: %d", wrong.Code)
	}
	form.Del("other.1.giver")
	form.Set("other.0.giver", "850101-1239 Fonden")
	if body := w.own.post(me, form).Body.String(); strings.Contains(body, "850101") {
		t.Error("what looks like a personal number is shown again")
	}
	form.Set("other.0.giver", "Exempelfonden")
	if got := w.own.post(me, form); got.Code != http.StatusSeeOther {
		t.Fatalf("declared: %d %s", got.Code, got.Body)
	}
	// The organiser puts it into euro before anything can be granted.
	admin := "/admin/advice/aid/" + w.aid.ID
	if got := w.organiser.post(admin+"/check", nil); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), `id="rate.SEK-error"`) {
		t.Errorf("checked without a rate: %d", got.Code)
	}
	if got := w.organiser.post(admin+"/check", url.Values{"rate.SEK": {"11,5"}}); got.Code != http.StatusSeeOther || w.status() != aid.Checked {
		t.Errorf("checked: %d, then %s", got.Code, w.status())
	}
	if got := spaced(w.organiser.get(admin).Body.String()); !strings.Contains(got, "1 086,96") {
		t.Error("the sum in euro is not shown")
	}
}

func TestAPersonalNumberIsOnItsOwnPageAloneAndMasked(t *testing.T) {
	keys, err := aid.NewKeys([]byte("a secret of thirty-two bytes or more"))
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, func(o *Options) { o.AidKeys = keys })
	ev := registrationtest.Event(t, s.DB, nil)
	r := registrationtest.Sign(t, s.DB, ev.ID, 1)
	k := aidOfFirm(t, s, ev.ProgrammeID, r.PersonID)
	addUser(t, s, "karin@region.example", administrator)
	own, organiser := newVisitor(t, s), newVisitor(t, s)
	own.comeIn(s, r.Email)
	organiser.signInAs("karin@region.example")
	const number = "850101-1234"
	page := "/me/aid/" + k.ID + "/number"
	if got := own.post(page, url.Values{"number": {number}}); got.Code != http.StatusUnprocessableEntity || strings.Contains(got.Body.String(), "850101") {
		t.Errorf("a number with a slip: %d, or it is shown again", got.Code)
	}
	if got := own.post(page, url.Values{"number": {"19850101-1236"}}); got.Code != http.StatusSeeOther {
		t.Fatalf("stored: %d %s", got.Code, got.Body)
	}
	for _, v := range []struct {
		who  *visitor
		path string
	}{{own, page}, {own, "/me/aid/" + k.ID}, {organiser, "/admin/advice/aid/" + k.ID}, {organiser, "/admin/advice/aid/" + k.ID + "/number"}, {organiser, "/admin/advice/aid"}, {organiser, "/admin/advice/aid/register.csv"}} {
		if got := v.who.get(v.path).Body.String(); strings.Contains(got, "850101") {
			t.Errorf("%s shows the number", v.path)
		}
	}
	if got := own.get(page).Body.String(); !strings.Contains(got, aid.Masked) {
		t.Error("its owner does not see that it is there")
	}
	if got := organiser.post("/admin/advice/aid/"+k.ID+"/number", nil).Body.String(); !strings.Contains(got, "850101-1236") {
		t.Error("an organiser cannot see it for the register")
	}
	storetest.Read(t, s.DB, func(tx *store.Tx) error {
		seen, err := audit.Of(context.Background(), tx, "aid_case", k.ID)
		for _, e := range seen {
			if e.Action == "aid.number_shown" {
				return err
			}
		}
		t.Error("nothing says that it was seen")
		return err
	})
}

func TestWithoutAKeyTheNumberPageSaysHowToDoWithout(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	k := aidOfFirm(t, s, ev.ProgrammeID, registrationtest.Sign(t, s.DB, ev.ID, 1).PersonID)
	addUser(t, s, "karin@region.example", administrator)
	v := newVisitor(t, s)
	v.signInAs("karin@region.example")
	if got := v.get("/admin/advice/aid/" + k.ID + "/number").Body.String(); !strings.Contains(got, "STAFETT_AID_KEY_FILE") {
		t.Error("the page does not say which setting it needs")
	}
}
