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
		CapMinutes: &five, CapPer: advisory.PerCompany, CapPeriod: "programme", PriceMinor: 20000, Currency: "SEK", VATPercent: 25, StepMinutes: 30,
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
	for _, want := range []string{"Anbudshjälp", "200 kr per timme exklusive moms, 250 kr inklusive moms", "Upp till 5 timmar per företag", "Öppet för alla just nu"} {
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
