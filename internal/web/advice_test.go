package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// counsel is a county with one programme of advice, one adviser, and a company of
// which Anna is confirmed.
type counsel struct {
	t       testing.TB
	s       *Server
	advice  advisory.Programme
	adviser advisory.Adviser
	firm    company.Company
	anna    person.Person
}

func newCounsel(t *testing.T, change func(*advisory.Programme)) *counsel {
	t.Helper()
	w := &counsel{t: t, s: newServer(t, lookUpFast)}
	ctx, owner := context.Background(), registrationtest.Programme(t, w.s.DB)
	five := 300
	p := advisory.Programme{
		ProgrammeID: owner.ID, Slug: "radgivning", Status: advisory.Open, Language: "sv", Prerequisite: advisory.NoPrerequisite,
		CapMinutes: &five, CapPer: advisory.PerCompany, CapPeriod: "programme", PriceMinor: 0, Currency: "SEK", VATPercent: 25, StepMinutes: 30,
		LeadMinutes: 48 * 60, FreeCancelMinutes: 24 * 60, HorizonDays: 60, LateFree: 1, LateChargeMinutes: 30, MissedChargeMinutes: 60,
		MaxReschedules: 2, SettleStepMinutes: 5, AidRegime: "none", AidReason: "open to all on equal terms", Audiences: []string{"supplier_sme"},
		Lengths: []int{30, 60, 90, 120}, Meetings: advisory.Meetings(),
		Questions: []advisory.Question{{Kind: "yes_no", Label: "Har ni lämnat anbud förut?"}},
		Texts:     map[string]advisory.Text{"sv": {Name: "Anbudshjälp", Summary: "Fem timmar med en rådgivare.", Preparation: "Ta med förfrågningsunderlaget"}},
	}
	if change != nil {
		change(&p)
	}
	storetest.Write(t, w.s.DB, func(tx *store.Tx) (err error) {
		if w.advice, err = advisory.AddProgramme(ctx, tx, p, audit.System); err != nil {
			return err
		}
		w.firm, err = company.Ensure(ctx, tx, "SE", "5566778899", "Snickarna i Älvdalen AB")
		return err
	})
	w.adviser = w.newAdviser("eva@radgivare.example", "Eva Rådgivare")
	w.anna = w.person("anna@snickarna.example", "Anna", "confirmed")
	return w
}

func (w *counsel) newAdviser(email, name string) (a advisory.Adviser) {
	w.t.Helper()
	ctx := context.Background()
	storetest.Write(w.t, w.s.DB, func(tx *store.Tx) error {
		u, err := user.Add(ctx, tx, email, name, "sv", []user.Grant{{Role: user.Adviser, ProgrammeID: w.advice.ProgrammeID}})
		if err != nil {
			return err
		}
		id := tx.NewID()
		if _, err := store.Exec(ctx, tx, `INSERT INTO adviser (id, user_id, about, country, time_zone, join_url, created_at) VALUES (?, ?, 'Kan byggupphandling', 'SE', 'Europe/Stockholm', 'https://meet.example/eva', ?)`,
			id, u.ID, store.At(tx.Now)); err != nil {
			return err
		}
		for day := 1; day <= 5; day++ {
			if _, err := store.Exec(ctx, tx, `INSERT INTO availability (id, adviser_id, weekday, from_clock, to_clock) VALUES (?, ?, ?, '08:00', '16:00')`, tx.NewID(), id, day); err != nil {
				return err
			}
		}
		if _, err := store.Exec(ctx, tx, `INSERT INTO adviser_programme (adviser_id, advisory_programme_id) VALUES (?, ?)`, id, w.advice.ID); err != nil {
			return err
		}
		a, err = advisory.AdviserByID(ctx, tx, id)
		return err
	})
	return a
}

// person is somebody tied to the company so, or not at all.
func (w *counsel) person(email, name, tie string) (p person.Person) {
	w.t.Helper()
	ctx := context.Background()
	storetest.Write(w.t, w.s.DB, func(tx *store.Tx) (err error) {
		if p, err = person.Ensure(ctx, tx, person.Person{Email: email, FirstName: name, LastName: "Lind", Language: "sv"}); err != nil || tie == "" {
			return err
		}
		return company.Claim(ctx, tx, p.ID, w.firm.ID, tie == "confirmed")
	})
	return p
}

func (w *counsel) visitor(p person.Person) *visitor {
	w.t.Helper()
	v := newVisitor(w.t.(*testing.T), w.s)
	v.comeIn(w.s, p.Email)
	return v
}

const need = "Vi ska lämna anbud på fönster till en skola."

// bookFirst follows the first free time to its form and sends it with these values.
func (w *counsel) bookFirst(v *visitor, more url.Values) (form url.Values, location string) {
	w.t.Helper()
	doc := v.page(v.get("/me/advice/radgivning"), http.StatusOK)
	link, ok := doc.Find(".times a").First().Attr("href")
	if !ok {
		w.t.Fatal("there is no free time: " + doc.Find("main").Text())
	}
	form = url.Values{}
	for _, input := range v.page(v.get(link), http.StatusOK).Find(`form[method="post"][action^="/me/advice"] input[type="hidden"]`).EachIter() {
		form.Set(input.AttrOr("name", ""), input.AttrOr("value", ""))
	}
	form.Set("need", need)
	for name, values := range more {
		form[name] = values
	}
	answer := v.post("/me/advice/radgivning", form)
	return form, answer.Header().Get("Location")
}

// booked is a meeting that the person has booked on their own account or, being
// confirmed, the company's.
func (w *counsel) booked(personID string) (b advisory.Booking) {
	w.t.Helper()
	ctx := context.Background()
	storetest.Write(w.t, w.s.DB, func(tx *store.Tx) error {
		choices, err := advisory.ChoicesFor(ctx, tx, w.advice, personID)
		if err != nil {
			return err
		}
		b, err = advisory.Book(ctx, tx, advisory.Request{
			AdvisoryProgrammeID: w.advice.ID, StartsAt: tx.Now.Add(7 * 24 * time.Hour), Minutes: 60, Meeting: advisory.Online,
			CompanyID: choices[0].CompanyID, PersonID: personID, Language: "sv", Need: need,
		}, audit.Actor{Kind: "person", ID: personID})
		return err
	})
	return b
}

func (w *counsel) balance() (a advisory.Account) {
	w.t.Helper()
	storetest.Read(w.t, w.s.DB, func(tx *store.Tx) (err error) {
		a, err = advisory.AccountOf(context.Background(), tx, w.advice, advisory.Holder{CompanyID: w.firm.ID}, tx.Now.Year())
		return err
	})
	return a
}

func TestEverybodySeesWhatAdviceThereIs(t *testing.T) {
	w := newCounsel(t, nil)
	v := newVisitor(t, w.s)
	text := strings.Join(strings.Fields(v.page(v.get("/advice"), http.StatusOK).Find("main").Text()), " ")
	for _, want := range []string{"Anbudshjälp", "Kostnadsfritt", "Upp till 5 timmar per företag", "Öppet för alla just nu"} {
		if !strings.Contains(strings.ReplaceAll(text, "\u00a0", " "), want) {
			t.Errorf("the list lacks %q: %s", want, text)
		}
	}
	doc := v.page(v.get("/advice/radgivning"), http.StatusOK)
	for _, want := range []string{"Eva Rådgivare", "Kan byggupphandling", "Närmaste lediga tider", "svensk tid"} {
		if !strings.Contains(doc.Find("main").Text(), want) {
			t.Errorf("the programme's page lacks %q", want)
		}
	}
	if doc.Find(`a[href="/me/advice/radgivning"]`).Length() == 0 {
		t.Error("there is no way to book")
	}
	if doc := v.page(v.get("/"), http.StatusOK); !strings.Contains(doc.Find(".advice-now").Text(), "Anbudshjälp") {
		t.Error("the front page does not tell of advice that is open to all")
	}
	if w := v.get("/advice/nothing"); w.Code != http.StatusNotFound {
		t.Errorf("unknown advice: %d", w.Code)
	}
}

func TestACompanyBooksSeesAndCancels(t *testing.T) {
	w := newCounsel(t, nil)
	v := w.visitor(w.anna)
	form, page := w.bookFirst(v, nil)
	if !strings.HasPrefix(page, "/me/bookings/") {
		t.Fatalf("booking leads to %q", page)
	}
	if again := v.post("/me/advice/radgivning", form).Header().Get("Location"); again != page {
		t.Errorf("the same form sent again leads to %q, not %q", again, page)
	}
	if a := w.balance(); a.Reserved != 60 {
		t.Errorf("%d minutes are reserved, want 60", a.Reserved)
	}
	doc := v.page(v.get(page), http.StatusOK)
	for _, want := range []string{"Bekräftad", "Eva Rådgivare", need, "Ta med förfrågningsunderlaget", "Vi har tagit emot"} {
		if !strings.Contains(doc.Find("main").Text(), want) {
			t.Errorf("the booking's page lacks %q", want)
		}
	}
	own, _, _ := strings.Cut(page, "?")
	if f := v.get(own + "/meeting.ics"); f.Code != http.StatusOK || !strings.Contains(f.Body.String(), "Anbudshjälp") {
		t.Errorf("the file for the calendar: %d", f.Code)
	}
	if text := v.page(v.get("/me/hours"), http.StatusOK).Find("main").Text(); !strings.Contains(text, "4 timmar kvar av 5 timmar") || !strings.Contains(text, "Möte bokat") {
		t.Errorf("hours: %s", text)
	}
	v.post(own+"/cancel", url.Values{"reason": {"sjuk"}})
	v.post(own+"/cancel", nil)
	if a := w.balance(); a.Reserved != 0 || a.Used != 0 {
		t.Errorf("after cancelling %d are reserved and %d used", a.Reserved, a.Used)
	}
	if text := v.page(v.get(own), http.StatusOK).Find("main").Text(); !strings.Contains(text, "Avbokad") {
		t.Error("the page does not say that it is cancelled")
	}
}

func TestWhoeverIsNewComesBackToTheBooking(t *testing.T) {
	w := newCounsel(t, nil)
	v := newVisitor(t, w.s)
	if to := v.get("/me/advice/radgivning?minutes=30").Header().Get("Location"); to != "/me" {
		t.Fatalf("without a session one is sent to %q", to)
	}
	doc := v.page(v.get("/me"), http.StatusOK)
	if !strings.Contains(doc.Find("main").Text(), "du behöver inte ha varit här förut") {
		t.Error("whoever is new is not told that the link is for them as well")
	}
	v.post("/me", url.Values{"email": {"ny@foretag.example"}})
	var next string
	storetest.Read(t, w.s.DB, func(tx *store.Tx) error {
		all, err := message.To(context.Background(), tx, "ny@foretag.example")
		if len(all) != 1 {
			t.Fatalf("%d letters to whoever is new", len(all))
		}
		next = all[0].Details.Next
		return err
	})
	if next != "/me/advice/radgivning?minutes=30" {
		t.Errorf("the letter leads to %q", next)
	}
	var token string
	storetest.Write(t, w.s.DB, func(tx *store.Tx) error {
		p, err := person.FindByEmail(context.Background(), tx, "ny@foretag.example")
		if err != nil {
			return err
		}
		token, err = person.NewLink(context.Background(), tx, p.ID, person.LinkLife)
		return err
	})
	phone := newVisitor(t, w.s) // the letter is opened in another browser
	link := phone.page(phone.get("/me/link/"+token+"?next="+url.QueryEscape(next)), http.StatusOK)
	if to := phone.post("/me/link/"+token, url.Values{"next": {link.Find(`input[name="next"]`).AttrOr("value", "")}}).Header().Get("Location"); to != next {
		t.Errorf("the link leads to %q", to)
	}
	// Nothing is known but the address: the name is asked for, and kept when the rest is refused.
	form, _ := w.bookFirst(phone, nil)
	refused := phone.page(phone.post("/me/advice/radgivning", form), http.StatusUnprocessableEntity)
	if refused.Find("#first_name-error").Length() != 1 || refused.Find("#need").Text() != need {
		t.Error("the name is not asked for, or the need is lost")
	}
	if _, page := w.bookFirst(phone, url.Values{"first_name": {"Nils"}, "last_name": {"Ny"}}); !strings.HasPrefix(page, "/me/bookings/") {
		t.Errorf("booking leads to %q", page)
	}
}

func TestALinkLeadsNowhereElse(t *testing.T) {
	for _, next := range []string{"", "/admin", "//evil.example", "https://evil.example", "/me/advice/../../admin", "/me/hours//evil", "/me/hours?x=\r\nA", "/me/sign-out", "/me/data", "/me/advice/x?" + strings.Repeat("a", 600)} {
		if to := ownPage(next); to != "/me" {
			t.Errorf("%q leads to %q", next, to)
		}
	}
}

func TestOfACompanyThatIsNotConfirmedNothingIsTold(t *testing.T) {
	w := newCounsel(t, nil)
	w.booked(w.anna.ID)
	bo := w.person("bo@annan.example", "Bo", "claimed")
	v := w.visitor(bo)
	for _, path := range []string{"/me/hours", "/me/advice/radgivning"} {
		text := v.page(v.get(path), http.StatusOK).Find("main").Text()
		if !strings.Contains(text, "Väntar på bekräftelse") || !strings.Contains(text, "556677-8899") {
			t.Errorf("%s does not say what it waits for: %s", path, text)
		}
		for _, secret := range []string{"Snickarna", "4 timmar", "Anna", "Eva"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells %q of a company that waits for confirmation", path, secret)
			}
		}
	}
	form := url.Values{"for": {"c-" + w.firm.ID}, "minutes": {"60"}, "meeting": {"online"}, "need": {need}, "at": {"2027-01-18T09:00:00Z"}}
	for _, id := range []string{w.firm.ID, "nothing"} {
		form.Set("for", "c-"+id)
		if code := v.post("/me/advice/radgivning", form).Code; code != http.StatusNotFound {
			t.Errorf("booking for %s answers %d", id, code)
		}
	}
	if code := v.post("/me/contacts", url.Values{"company": {w.firm.ID}, "person": {bo.ID}, "answer": {"yes"}}).Code; code != http.StatusNotFound {
		t.Errorf("confirming oneself answers %d", code)
	}

	anna := w.visitor(w.anna)
	if text := anna.page(anna.get("/me/hours"), http.StatusOK).Find(".claimants").Text(); !strings.Contains(text, "Bo Lind") {
		t.Errorf("the colleague is not shown: %s", text)
	}
	anna.post("/me/contacts", url.Values{"company": {w.firm.ID}, "person": {bo.ID}, "answer": {"yes"}})
	if text := v.page(v.get("/me/hours"), http.StatusOK).Find("main").Text(); !strings.Contains(text, "4 timmar kvar av 5 timmar") {
		t.Errorf("once confirmed: %s", text)
	}
	storetest.Read(t, w.s.DB, func(tx *store.Tx) error {
		entries, err := audit.Of(context.Background(), tx, "contact", w.firm.ID+"/"+bo.ID)
		if len(entries) != 1 || entries[0].Actor.ID != w.anna.ID {
			t.Errorf("the audit log says %+v", entries)
		}
		return err
	})
}

// The owner of a company that nobody has heard of names it and books at once; the
// next to name it waits, and is told no more than that.
func TestTheOwnerOfANewCompanyBooksAtOnce(t *testing.T) {
	w := newCounsel(t, nil)
	owner, next := w.visitor(w.person("nils@nytt.example", "Nils", "")), w.visitor(w.person("olle@nytt.example", "Olle", ""))
	form := url.Values{"country": {"SE"}, "org_number": {"556036-0793"}, "company_name": {"Nytt AB"}}
	to := owner.post("/me/companies", form).Header().Get("Location")
	doc := owner.page(owner.get(to), http.StatusOK)
	if text := doc.Find("main").Text(); !strings.Contains(text, "Du kan boka för företaget nu.") || doc.Find(`a[href^="/me/advice/radgivning?for=c-"]`).Length() != 1 {
		t.Errorf("the owner sees %s", text)
	}
	if _, page := w.bookFirst(owner, nil); !strings.HasPrefix(page, "/me/bookings/") {
		t.Errorf("booking leads to %q", page)
	}
	to = next.post("/me/companies", form).Header().Get("Location")
	text := next.page(next.get(to), http.StatusOK).Find("main").Text()
	if !strings.Contains(text, "När det är bekräftat") || strings.Contains(text, "Nytt AB") || strings.Contains(text, "Nils") {
		t.Errorf("the next one sees %s", text)
	}
	for range 9 {
		next.post("/me/companies", form)
	}
	if code := next.post("/me/companies", form).Code; code != http.StatusTooManyRequests {
		t.Errorf("who tries many numbers is answered %d", code)
	}
}

func TestAColleagueSeesTheMeetingAndNotTheNeed(t *testing.T) {
	w := newCounsel(t, nil)
	b := w.booked(w.anna.ID)
	v := w.visitor(w.person("bo@snickarna.example", "Bo", "confirmed"))
	doc := v.page(v.get("/me/bookings/"+b.ID), http.StatusOK)
	if text := doc.Find("main").Text(); strings.Contains(text, need) || !strings.Contains(text, "Bokat av Anna Lind") {
		t.Errorf("a colleague sees %s", text)
	}
	stranger := w.visitor(w.person("cecilia@annan.example", "Cecilia", ""))
	foreign, unknown := stranger.get("/me/bookings/"+b.ID), stranger.get("/me/bookings/nothing")
	if foreign.Code != http.StatusNotFound || foreign.Body.String() != strings.ReplaceAll(unknown.Body.String(), "nothing", b.ID) {
		t.Errorf("a foreign booking answers %d, not as one that does not exist", foreign.Code)
	}
}

func TestATimeThatWasJustTakenIsReplacedAndNothingTypedIsLost(t *testing.T) {
	w := newCounsel(t, nil)
	v := w.visitor(w.anna)
	form, _ := w.bookFirst(v, url.Values{"need": {"för kort"}})
	doc := v.page(v.post("/me/advice/radgivning", form), http.StatusUnprocessableEntity)
	if doc.Find("#need").Text() != "för kort" || !strings.Contains(doc.Find("#need-error").Text(), "20") {
		t.Error("what was typed is lost, or the rule does not stand beside it")
	}
	form.Set("need", need)
	other := url.Values{}
	for name, values := range form {
		other[name] = values
	}
	other.Set("key", "another")
	if to := w.visitor(w.person("bo@annan.example", "Bo", "")).post("/me/advice/radgivning", url.Values{
		"key": {"x"}, "minutes": form["minutes"], "meeting": form["meeting"], "at": form["at"], "need": {need},
	}).Header().Get("Location"); !strings.HasPrefix(to, "/me/bookings/") {
		t.Fatalf("the other booking leads to %q", to)
	}
	doc = v.page(v.post("/me/advice/radgivning", other), http.StatusConflict)
	if doc.Find("#need").Text() != need || !strings.Contains(doc.Find("main").Text(), "inte ledig längre") {
		t.Error("what was typed is lost, or nobody says that the time is gone")
	}
	choice, ok := doc.Find(`input[type="radio"][name="at"]`).First().Attr("value")
	if !ok {
		t.Fatal("no other times are offered")
	}
	other.Set("at", choice)
	if to := v.post("/me/advice/radgivning", other).Header().Get("Location"); !strings.HasPrefix(to, "/me/bookings/") {
		t.Errorf("one of the next times leads to %q", to)
	}
}

// The button is pressed again as the message says, without choosing a time anew.
func TestATimeAfterTheTenderDayStaysChosenWhileTheDayIsCorrected(t *testing.T) {
	w := newCounsel(t, nil)
	bo := w.person("bo@annan.example", "", "")
	storetest.Write(t, w.s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `UPDATE person SET last_name = '' WHERE id = ?`, bo.ID)
		return err
	})
	v := w.visitor(bo)
	form, _ := w.bookFirst(v, url.Values{"tender_day": {"2020-01-01"}, "need": {"för kort"}})
	doc := v.page(v.post("/me/advice/radgivning", form), http.StatusUnprocessableEntity)
	for _, field := range []string{"tender_day", "need", "first_name"} {
		if doc.Find("#"+field+"-error").Text() == "" {
			t.Errorf("nothing is said at %s: all is to be told at once", field)
		}
	}
	if at := doc.Find(`input[name="at"]`).AttrOr("value", ""); at != form.Get("at") {
		t.Fatalf("the time chosen is %q, was %q", at, form.Get("at"))
	}
	for name, value := range map[string]string{"tender_day": "", "need": need, "first_name": "Bo", "last_name": "Ek", "at": doc.Find(`input[name="at"]`).AttrOr("value", "")} {
		form.Set(name, value)
	}
	to := v.post("/me/advice/radgivning", form).Header().Get("Location")
	if doc := v.page(v.get(to), http.StatusOK); !strings.Contains(doc.Find("main").Text(), "Bekräftad") {
		t.Error("the corrected form does not book the time")
	}
}

// The page was open while the time came too near.
func TestATimeThatCameTooNearIsReplacedWithItsRule(t *testing.T) {
	w := newCounsel(t, nil)
	v := w.visitor(w.anna)
	form, _ := w.bookFirst(v, url.Values{"need": {"för kort"}})
	form.Set("need", need)
	form.Set("at", w.s.DB.Now().Add(24*time.Hour).Format(time.RFC3339))
	doc := v.page(v.post("/me/advice/radgivning", form), http.StatusUnprocessableEntity)
	if !strings.Contains(doc.Find("#at-error").Text(), "Tidigast går att boka") || doc.Find(`input[type="radio"][name="at"]`).Length() == 0 {
		t.Error("the rule is not told, or no other times are offered: " + doc.Find("form .form-section").First().Text())
	}
}

func TestTheOtherSideOfAProcurementIsRefusedKindly(t *testing.T) {
	w := newCounsel(t, nil)
	v := w.visitor(w.anna)
	storetest.Write(t, w.s.DB, func(tx *store.Tx) error {
		bo, err := person.Ensure(context.Background(), tx, person.Person{Email: "bo@kommun.example", FirstName: "Bo", LastName: "Ek", Language: "sv"})
		if err != nil {
			return err
		}
		_, err = advisory.Book(context.Background(), tx, advisory.Request{
			AdvisoryProgrammeID: w.advice.ID, StartsAt: tx.Now.Add(14 * 24 * time.Hour), Minutes: 30, Meeting: advisory.Online, PersonID: bo.ID, Language: "sv",
			Need: need, Procurement: "Skolfönster 2027", Side: advisory.Buyer,
		}, audit.Actor{Kind: "person", ID: bo.ID})
		return err
	})
	form, _ := w.bookFirst(v, url.Values{"procurement": {"skolfönster, 2027"}})
	doc := v.page(v.post("/me/advice/radgivning", form), http.StatusConflict)
	if text := doc.Find("main").Text(); !strings.Contains(text, "hjälper redan den andra sidan") || doc.Find("#need").Text() != need {
		t.Errorf("the refusal reads %s", text)
	}
}

func TestAMeetingIsMovedUntilItIsTooLate(t *testing.T) {
	w := newCounsel(t, nil)
	v := w.visitor(w.anna)
	b := w.booked(w.anna.ID)
	doc := v.page(v.get("/me/bookings/"+b.ID+"/move"), http.StatusOK)
	to := doc.Find(`.times button[name="to"]`).First().AttrOr("value", "")
	if at := v.post("/me/bookings/"+b.ID+"/move", url.Values{"to": {to}}).Header().Get("Location"); !strings.HasSuffix(at, "done=booking_moved") {
		t.Fatalf("moving leads to %q", at)
	}
	storetest.Write(t, w.s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `UPDATE advisory_programme SET free_cancel_minutes = 43200`)
		return err
	})
	page := v.page(v.get("/me/bookings/"+b.ID), http.StatusOK).Find("main").Text()
	if !strings.Contains(page, "för nära mötet") || !strings.Contains(page, "den här gången kostar det inget") {
		t.Errorf("inside the limit the page says %s", page)
	}
	if refused := v.page(v.get("/me/bookings/"+b.ID+"/move"), http.StatusConflict); !strings.Contains(refused.Find("main").Text(), "för nära mötet") {
		t.Error("the list of times does not say why nothing can be chosen")
	}
}
