package web

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"stafett/internal/application"
	"stafett/internal/application/applicationtest"
	"stafett/internal/company"
	"stafett/internal/programme"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// applicationInTest is a project that the person has been granted support for, from
// a pot of the programme.
func applicationInTest(t *testing.T, s *Server, programmeID, personID string) application.Application {
	t.Helper()
	var p programme.Programme
	storetest.Read(t, s.DB, func(tx *store.Tx) (err error) {
		p, err = programme.Find(context.Background(), tx, programmeID)
		return err
	})
	applicationtest.GivePot(t, s.DB, p, registrationtest.Organiser)
	f := applicationtest.Form("402000-1006")
	if p.Country == "NO" {
		f.OrgNumber = applicationtest.Number(1)
	}
	a := applicationtest.SubmittedBy(t, s.DB, personID, f)
	applicationtest.Granted(t, s.DB, a, registrationtest.Organiser)
	return a
}

// typedForm is an application as a browser sends it.
func typedForm(f application.Form, do string) url.Values {
	return url.Values{
		"do": {do}, "body": {f.Body}, "org_number": {f.OrgNumber}, "body_name": {f.BodyName}, "title": {f.Title}, "challenge": {f.Challenge}, "goal": {f.Goal},
		"report_url": {f.ReportURL}, "project_owner": {f.ProjectOwner}, "budget": {f.Budget}, "own_share": {f.OwnShare}, "asked": {f.Asked}, "support": {f.Support},
	}
}

const applyPath = "/advice/" + applicationtest.Slug + "/apply"

func TestSomebodyNewGetsToTheFormByALinkAndLosesNothing(t *testing.T) {
	s := newServer(t, nil)
	applicationtest.Setup(t, s.DB)
	v := newVisitor(t, s)
	if doc := v.page(v.get(applyPath), http.StatusOK); doc.Find("#email").Length() != 1 || doc.Find("#title").Length() != 0 {
		t.Error("a stranger sees the form")
	}
	if doc := v.page(v.post(applyPath+"/start", url.Values{"email": {"ny"}}), http.StatusUnprocessableEntity); doc.Find("#email").AttrOr("value", "") != "ny" || doc.Find("#email-error").Length() != 1 {
		t.Error("an address that is none")
	}
	if w := v.post(applyPath+"/start", url.Values{"email": {"ny@kommune.example"}}); w.Header().Get("Location") != applyPath+"?sent=1" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	var details string
	storetest.Read(t, s.DB, func(tx *store.Tx) (err error) {
		details, err = store.One(context.Background(), tx, store.Value[string], `SELECT details FROM message WHERE letter = 'E23' AND recipient = 'ny@kommune.example'`)
		return err
	})
	if !strings.Contains(details, applyPath) {
		t.Errorf("the link leads to %s", details)
	}
	v.comeIn(s, "ny@kommune.example")
	f := applicationtest.Form("12345")
	f.Asked, f.Challenge = "fire hundre tusen", "Kort"
	doc := v.page(v.post(applyPath, typedForm(f, "send")), http.StatusUnprocessableEntity)
	for _, field := range []string{"first_name", "last_name", "org_number", "challenge", "asked"} {
		if doc.Find("#"+field+"-error").Length() != 1 {
			t.Errorf("nothing is said at %s", field)
		}
	}
	if doc.Find("#asked").AttrOr("value", "") != "fire hundre tusen" || !strings.Contains(doc.Find("#support").Text(), "marknadsdialog") {
		t.Error("what was typed is lost")
	}
	if doc := v.page(v.get(applyPath), http.StatusOK); doc.Find("#asked").AttrOr("value", "") != "fire hundre tusen" {
		t.Error("the draft is lost")
	}
	f = applicationtest.Form(applicationtest.Number(3))
	f.Asked = "NOK 450.000,-"
	form := typedForm(f, "send")
	form.Set("first_name", "Åse")
	form.Set("last_name", "Å")
	to := v.post(applyPath, form).Header().Get("Location")
	if !strings.HasPrefix(to, "/me/applications/") {
		t.Fatalf("it leads to %q", to)
	}
	doc = v.page(v.get(to), http.StatusOK)
	wants(t, plain(doc.Find("main")), "2027-1", f.Title, "450 000")
	if doc.Find(`.case-line [aria-current="step"]`).Length() != 1 {
		t.Error("where the case stands is not said")
	}
	form.Set("org_number", "15057012345") // of a person
	doc = v.page(v.post(applyPath, form), http.StatusUnprocessableEntity)
	if html, _ := doc.Html(); strings.Contains(html, "15057012345") || doc.Find("#org_number-error").Length() != 1 {
		t.Error("a personal number is shown again")
	}
	wants(t, plain(v.page(v.get("/me"), http.StatusOK).Find("#applications")), f.Title)
}

func TestALinkLeadsOnToPagesOfOursAlone(t *testing.T) {
	for next, want := range map[string]string{
		applyPath: applyPath, "/advice/x": "/advice/x", "/me/applications/x": "/me/applications/x", "": "/me", "https://evil.example": "/me", "//evil.example/apply": "/me", "/advice/../admin": "/me", "/advice/x/apply?y": "/me", "/advice/x\n": "/me",
	} {
		if got := ownPage(next); got != want {
			t.Errorf("%q leads to %q", next, got)
		}
	}
}

// caseDesk is an organiser before a case that has been sent.
func caseDesk(t *testing.T) (s *Server, kari *visitor, a application.Application, address string) {
	t.Helper()
	s = newServer(t, nil)
	applicationtest.Setup(t, s.DB)
	a = applicationtest.Submitted(t, s.DB, 1)
	addUser(t, s, "karin@region.example", administrator)
	kari = newVisitor(t, s)
	kari.signInAs("karin@region.example")
	return s, kari, a, applicationsPath + "/" + a.ID
}

func TestAnOrganiserAsksAssessesAndGrants(t *testing.T) {
	s, kari, a, address := caseDesk(t)
	me := newVisitor(t, s)
	me.comeIn(s, "sokjar1@kommune.example")
	own := "/me/applications/" + a.ID

	doc := kari.page(kari.post(address+"/ask", url.Values{"question": {""}, "answer_by": {"2027-01-01"}}), http.StatusUnprocessableEntity)
	if doc.Find("#question-error").Length() != 1 || doc.Find("#answer_by-error").Length() != 1 || doc.Find("#answer_by").AttrOr("value", "") != "2027-01-01" {
		t.Error("a question without words, or a day that has passed")
	}
	kari.post(address+"/ask", url.Values{"question": {"Kven eig løysinga?"}, "answer_by": {"2027-01-27"}})
	wants(t, plain(me.page(me.get(own), http.StatusOK).Find("#asked")), "Kven eig løysinga?", "27")
	if doc := me.page(me.post(own+"/answer", url.Values{"answer": {" "}}), http.StatusUnprocessableEntity); doc.Find("#answer-error").Length() != 1 {
		t.Error("an answer without words")
	}
	me.post(own+"/answer", url.Values{"answer": {"Kommunen eig ho."}})
	kari.post(address+"/note", url.Values{"note": {"Hemmeleg vurdering"}, "points": {"8"}})
	page := plain(kari.page(kari.get(address), http.StatusOK).Find("main"))
	wants(t, page, "Kommunen eig ho.", "Hemmeleg vurdering", "8 av 10", "Inte bekräftad")
	lacks(t, plain(me.page(me.get(own), http.StatusOK).Find("main")), "Hemmeleg", "8 av 10")

	kari.post(address+"/assess", nil)
	grant := url.Values{"minor": {"450 000"}, "hours": {"40"}, "report_by": {"2027-12-01"}, "grant_reason": {""}}
	if doc := kari.page(kari.post(address+"/grant", grant), http.StatusConflict); !strings.Contains(plain(doc.Find(".notice")), "Bekräfta först") {
		t.Error("granted to somebody of whom nothing is known")
	}
	kari.post(address+"/confirm", nil)
	grant.Set("minor", "450 001")
	if doc := kari.page(kari.post(address+"/grant", grant), http.StatusUnprocessableEntity); !strings.Contains(doc.Find("#minor-error").Text(), "450") || doc.Find("#minor").AttrOr("value", "") != "450 001" {
		t.Error("more than a project may have")
	}
	grant.Set("minor", "400 000")
	if w := kari.post(address+"/grant", grant); w.Header().Get("Location") != address+"?done=application_granted" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	doc = me.page(me.get(own), http.StatusOK)
	if doc.Find("#hours .hours-bar").Length() != 1 || doc.Find(`#hours a[href="/me/advice/`+applicationtest.Slug+`"]`).Length() != 1 {
		t.Errorf("no hours: %s", plain(doc.Find("main")))
	}
	wants(t, plain(me.page(me.get(own+"/decision"), http.StatusOK).Find("main")), "Søknaden er innvilga", "400 000 kroner", "40 timar", "klage på vedtaket")
	if w := me.get(own + "/decision.pdf"); w.Header().Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF-")) {
		t.Errorf("the paper is %v", w.Header())
	}
	wants(t, plain(kari.page(kari.get(applicationsPath), http.StatusOK).Find("main")), "Beviljat: 400 000", "Kvar: 1 400 000")

	if doc := me.page(me.post(own+"/payout", url.Values{"minor": {"300 001"}}), http.StatusUnprocessableEntity); doc.Find("#minor-error").Length() != 1 {
		t.Error("more than the part")
	}
	me.post(own+"/payout", url.Values{"minor": {"300 000"}, "purpose": {"Marknadsdialog"}})
	payout, _ := kari.page(kari.get(address), http.StatusOK).Find(`#payouts form[action$="/pay"] input[name="payout"]`).Attr("value")
	if doc := kari.page(kari.post(address+"/refuse", url.Values{"payout": {payout}}), http.StatusUnprocessableEntity); doc.Find("#refuse_reason-"+payout+"-error").Length() != 1 {
		t.Error("refused without a reason")
	}
	kari.post(address+"/pay", url.Values{"payout": {payout}})
	kari.post(address+"/start", nil)
	kari.post(address+"/phase", url.Values{"phase": {"1"}})
	wants(t, plain(me.page(me.get(own), http.StatusOK).Find(".case-line")), "Marknadsdialog")
	me.post(own+"/report", url.Values{"report": {"Det gjekk godt."}})
	if w := kari.post(address+"/close", nil); w.Header().Get("Location") != address+"?done=application_closed" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	wants(t, plain(me.page(me.get(own), http.StatusOK).Find("main")), "Avslutad", "Tillbaka till potten: 100 000")
}

func TestTheListIsNarrowedAndTakenAlong(t *testing.T) {
	s, kari, a, _ := caseDesk(t)
	b := applicationtest.Submitted(t, s.DB, 2)
	applicationtest.Do(t, s.DB, func(ctx context.Context, tx *store.Tx) error {
		return application.Withdraw(ctx, tx, b.PersonID, b.ID)
	})
	applicationtest.Do(t, s.DB, func(ctx context.Context, tx *store.Tx) error { // a formula, and a draft that nobody may see
		_, err := store.Exec(ctx, tx, `UPDATE application SET title = '=1+1' WHERE id = ?`, a.ID)
		return err
	})
	third := applicationtest.Person(t, s.DB, 3)
	applicationtest.Do(t, s.DB, func(ctx context.Context, tx *store.Tx) error {
		_, err := application.SaveDraft(ctx, tx, third.ID, applicationtest.Advisory, "nn", application.Form{Title: "Utkast"})
		return err
	})
	if n := kari.page(kari.get(applicationsPath), http.StatusOK).Find("tbody tr").Length(); n != 2 {
		t.Errorf("%d cases", n)
	}
	for query, want := range map[string]int{"?status=undecided": 1, "?status=withdrawn": 1, "?status=draft": 2, "?q=2027-1": 1, "?q=pr%C3%B8ve": 2, "?q=%25": 0, "?scheme=other": 0} {
		if n := kari.page(kari.get(applicationsPath+query), http.StatusOK).Find("tbody tr").Length(); n != want {
			t.Errorf("%s finds %d, want %d", query, n, want)
		}
	}
	file := kari.get(applicationsPath + ".csv?status=undecided").Body.String()
	if lines := strings.Count(file, "\r\n"); lines != 2 || !strings.Contains(file, `"'=1+1"`) || !strings.Contains(file, `"450000"`) {
		t.Errorf("the file is %s", file)
	}
	w := kari.get(applicationsPath + ".xlsx")
	z, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len()))
	if err != nil {
		t.Fatal(err)
	}
	r, err := z.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	sheet, _ := io.ReadAll(r)
	if !bytes.Contains(sheet, []byte(`t="inlineStr"><is><t xml:space="preserve">=1+1</t>`)) || !bytes.Contains(sheet, []byte(`<v>450000</v>`)) {
		t.Errorf("the sheet is %s", sheet)
	}
}

func TestThePotsTermsAreSetAndHeld(t *testing.T) {
	_, kari, _, _ := caseDesk(t)
	path := schemesPath + "/" + applicationtest.Advisory
	if doc := kari.page(kari.get(path), http.StatusOK); doc.Find("#part").AttrOr("value", "") != "75" || doc.Find("#hours").AttrOr("value", "") != "40" {
		t.Error("the terms are not shown")
	}
	doc := kari.page(kari.post(path, url.Values{"pot": {"1,8 mill"}, "most": {"2 000 000"}, "hours": {"x"}, "part": {"101"}, "opens_on": {"2027-02-01"}, "closes_on": {"2027-01-01"}}), http.StatusUnprocessableEntity)
	for _, field := range []string{"pot", "hours", "part", "closes_on"} {
		if doc.Find("#"+field+"-error").Length() != 1 {
			t.Errorf("nothing is said at %s", field)
		}
	}
	if doc.Find("#pot").AttrOr("value", "") != "1,8 mill" {
		t.Error("what was typed is lost")
	}
	if w := kari.post(path, url.Values{"pot": {"2 000 000"}, "most": {"500 000"}, "hours": {"37,5"}, "part": {"50"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if doc := kari.page(kari.get(path), http.StatusOK); doc.Find("#hours").AttrOr("value", "") != "37.5" && doc.Find("#hours").AttrOr("value", "") != "37,5" {
		t.Errorf("hours %q", doc.Find("#hours").AttrOr("value", ""))
	}
}

func TestManyApplicationsComeInPages(t *testing.T) {
	s, kari, a, _ := caseDesk(t)
	applicationtest.Do(t, s.DB, func(ctx context.Context, tx *store.Tx) error {
		for n := range 120 {
			_, err := store.Exec(ctx, tx, `
				INSERT INTO application (id, advisory_programme_id, number, status, person_id, language, title, asked_minor, created_at, submitted_at, changed_at)
				SELECT ?, advisory_programme_id, ?, 'submitted', person_id, language, title, asked_minor, created_at, submitted_at, changed_at FROM application WHERE id = ?`, fmt.Sprintf("many-%d", n), fmt.Sprintf("2026-%d", n), a.ID)
			if err != nil {
				return err
			}
		}
		return nil
	})
	doc := kari.page(kari.get(applicationsPath+"?page=2"), http.StatusOK)
	if n := doc.Find("tbody tr").Length(); n != applicationsShown || doc.Find(`a[rel="next"]`).Length() != 1 {
		t.Errorf("%d on the second page", n)
	}
}

func TestWhoOnlyClaimsABodyIsNotToldWhatItIsCalled(t *testing.T) {
	s := newServer(t, nil)
	applicationtest.Setup(t, s.DB)
	p := applicationtest.Person(t, s.DB, 1)
	var body company.Company
	applicationtest.Do(t, s.DB, func(ctx context.Context, tx *store.Tx) (err error) {
		if body, err = company.Ensure(ctx, tx, "NO", applicationtest.Number(7), "Hemmeleg kommune"); err != nil {
			return err
		}
		return company.Claim(ctx, tx, p.ID, body.ID, false)
	})
	me := newVisitor(t, s)
	me.comeIn(s, p.Email)
	if html, _ := me.page(me.get(applyPath), http.StatusOK).Html(); strings.Contains(html, "Hemmeleg") {
		t.Error("the form tells the name of a body that is only claimed")
	}
	f := applicationtest.Form("")
	f.Body = body.ID
	if doc := me.page(me.post(applyPath, typedForm(f, "send")), http.StatusUnprocessableEntity); strings.Contains(plain(doc.Find("main")), "Hemmeleg") {
		t.Error("an application for it tells the name")
	}
}
