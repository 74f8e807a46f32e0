package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/person"
	"stafett/internal/programme"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// advised is a desk with one open programme of advice, an adviser and a company
// with a booked hour on Monday the 18th at ten.
type advised struct {
	*desk
	advice  advisory.Programme
	adviser advisory.Adviser
	firm    company.Company
	who     person.Person
	booking advisory.Booking
}

func newAdvised(t *testing.T, change func(*advisory.Programme)) *advised {
	t.Helper()
	a := &advised{desk: newDesk(t, nil)}
	a.advice, a.adviser = adviceInTest(t, a.s, a.ev.ProgrammeID, change)
	a.newFirm()
	a.booking = a.book("2027-01-18 10:00", 60)
	return a
}

func (a *advised) newFirm() {
	a.t.Helper()
	storetest.Write(a.t, a.s.DB, func(tx *store.Tx) (err error) {
		if a.firm, err = company.Ensure(context.Background(), tx, "SE", "4020001006", "Siljans Snickeri (påhittat)"); err != nil {
			return err
		}
		a.who, err = person.Ensure(context.Background(), tx, person.Person{Email: "asa@people.example", FirstName: "Åsa", LastName: "Öberg", Language: "sv"})
		return err
	})
}

// adviceInTest opens a programme of advice with one adviser who is free from eight to
// six each working day.
func adviceInTest(t *testing.T, s *Server, programmeID string, change func(*advisory.Programme)) (p advisory.Programme, a advisory.Adviser) {
	t.Helper()
	storetest.Write(t, s.DB, func(tx *store.Tx) (err error) {
		of, err := programme.Find(context.Background(), tx, programmeID)
		if err != nil {
			return err
		}
		five := 300
		p = advisory.NewProgramme(of)
		p.Slug, p.Status, p.CapMinutes, p.AidReason, p.PriceMinor = "radgivning", advisory.Open, &five, "öppet för alla", 20_000
		p.Texts["sv"] = advisory.Text{Name: "Rådgivning efter lärseminarium"}
		if change != nil {
			change(&p)
		}
		if p, err = advisory.AddProgramme(context.Background(), tx, p, registrationtest.Organiser); err != nil {
			return err
		}
		a, err = advisory.EnsureAdviser(context.Background(), tx, advisory.NewAdviser{
			Email: "eva@radgivare.example", Name: "Eva Ek", Language: "sv", Country: of.Country, ProgrammeID: of.ID, Advice: []string{p.ID},
		}, registrationtest.Organiser)
		if err != nil {
			return err
		}
		for day := 1; day <= 5; day++ {
			if _, err := store.Exec(context.Background(), tx, `INSERT INTO availability (id, adviser_id, weekday, from_clock, to_clock) VALUES (?, ?, ?, '08:00', '18:00')`, tx.NewID(), a.ID, day); err != nil {
				return err
			}
		}
		return nil
	})
	return p, a
}

// book books an hour for the company, on the clock of Stockholm.
func (a *advised) book(at string, minutes int) (b advisory.Booking) {
	a.t.Helper()
	storetest.Write(a.t, a.s.DB, func(tx *store.Tx) (err error) {
		b, err = advisory.Book(context.Background(), tx, advisory.Request{
			AdvisoryProgrammeID: a.advice.ID, StartsAt: localTime(a.t, at), Minutes: minutes, Meeting: advisory.Online, CompanyID: a.firm.ID, PersonID: a.who.ID,
			Language: "sv", Need: "Vi ska lämna anbud på fönster till en skola.",
		}, registrationtest.Organiser)
		return err
	})
	return b
}

// open shows what is open in the programme of advice now.
func (a *advised) stored() (p advisory.Programme) {
	a.t.Helper()
	storetest.Read(a.t, a.s.DB, func(tx *store.Tx) (err error) {
		p, err = advisory.ProgrammeByID(context.Background(), tx, a.advice.ID)
		return err
	})
	return p
}

func (a *advised) path(rest string) string {
	return "/admin/advice/programmes/" + a.advice.ID + rest
}

// settings is the form of the programme as it stands.
func (a *advised) settings(path string) url.Values {
	a.t.Helper()
	return typed(a.see(path).Find("main form.form"))
}

func TestTheDeskOfAdviceShowsWhatThereIs(t *testing.T) {
	a := newAdvised(t, func(p *advisory.Programme) { pool := 9000; p.PoolMinutes = &pool })
	text := plain(a.see("/admin/advice").Find("main"))
	wants(t, text, "Rådgivning efter lärseminarium", "Öppet för bokning", "5 timmar", "149 timmar kvar", "1 timme")
	lacks(t, plain(a.desk.stranger().see("/admin/advice").Find("main")), "Rådgivning efter lärseminarium")
	wants(t, plain(a.see(a.path("")).Find("main")), "200 kr per timme", "25 % moms", "Eva Ek", "Saknas på: Norsk bokmål, Norsk nynorsk, English")
}

func TestAnEmptyDeskOfAdviceSaysWhatToDo(t *testing.T) {
	wants(t, plain(newDesk(t, nil).see("/admin/advice").Find("main")), "Inget rådgivningsprogram ännu", "Nytt rådgivningsprogram")
}

func TestAProgrammeOfAdviceIsMadeOpenedAndClosed(t *testing.T) {
	d := newDesk(t, nil)
	form := typed(d.see("/admin/advice/programmes/new").Find("main form.form"))
	form.Set("name_sv", "Råd om anbud")
	form.Set("cap_minutes", "2,5")
	form.Set("aid_reason", "Öppet för alla på lika villkor")
	to := d.send("/admin/advice/programmes/new", form)
	path := strings.TrimSuffix(to, "?done=advice_created")
	doc := d.see(to)
	wants(t, plain(doc.Find("main")), "Programmet är sparat som utkast", "Utkast", "2,5 timmar")
	d.send(path+"/status", url.Values{"status": {"open"}})
	wants(t, plain(d.see(path).Find("main")), "Öppet för bokning", "ingen rådgivare tar emot bokningar")
	d.send(path+"/status", url.Values{"status": {"closed"}})
	wants(t, plain(d.see(path).Find("main")), "Stängt")
	if w := d.post(path+"/status", url.Values{"status": {"closed"}}); w.Code != http.StatusConflict {
		t.Errorf("closing what is closed: %d", w.Code)
	}
}

func TestARefusedProgrammeKeepsWhatWasTyped(t *testing.T) {
	a := newAdvised(t, nil)
	form := a.settings(a.path("/edit"))
	form.Set("cap_minutes", "0:30")
	form.Set("session_minutes", "fem")
	form.Set("name_nb", "")
	form.Set("summary_nb", "Bare tekst")
	form.Set("lead_minutes", "snart")
	doc := a.page(a.post(a.path("/edit"), form), http.StatusUnprocessableEntity)
	summary := plain(doc.Find(".error-summary"))
	wants(t, summary, "Längder: Skriv längder från 15 till 480 minuter", "Namn: Skriv namnet också på det här språket", "Bokas senast: Skriv timmar från 0 till 720")
	for name, want := range map[string]string{"session_minutes": "fem", "lead_minutes": "snart", "cap_minutes": "0:30"} {
		if got := doc.Find(`[name="`+name+`"]`).AttrOr("value", ""); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	// Right otherwise, but somebody has booked an hour already.
	form.Set("session_minutes", "30, 60")
	form.Set("name_nb", "Råd")
	form.Set("lead_minutes", "48")
	doc = a.page(a.post(a.path("/edit"), form), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Ett företag har redan använt eller bokat mer")
}

func TestTheSecondOfTwoEditorsOfAdviceIsTold(t *testing.T) {
	a := newAdvised(t, nil)
	first, second := a.settings(a.path("/edit")), a.settings(a.path("/edit"))
	first.Set("horizon_days", "90")
	a.send(a.path("/edit"), first)
	second.Set("horizon_days", "30")
	doc := a.page(a.post(a.path("/edit"), second), http.StatusConflict)
	wants(t, plain(doc.Find("main")), "Karin Lind")
	again := typed(doc.Find("main form.form"))
	if again.Get("horizon_days") != "30" {
		t.Errorf("what the second typed is lost: %s", again.Get("horizon_days"))
	}
	a.send(a.path("/edit"), again)
	if p := a.stored(); p.HorizonDays != 30 {
		t.Errorf("%d days after saving over it", p.HorizonDays)
	}
}

func TestSavingAProgrammeUnchangedChangesNothing(t *testing.T) {
	a := newAdvised(t, func(p *advisory.Programme) {
		pool := 9020
		p.PoolMinutes, p.LeadMinutes = &pool, 20
		p.Questions = []advisory.Question{{Kind: "choice", Label: "Vad?", Options: []string{"a", "b"}}}
		p.Phases, p.ClosesOn, p.Audiences = []string{"Behov", "Dialog"}, "2027-12-31", []string{"startup", "procurer"}
		p.Texts["nn"] = advisory.Text{Name: "Råd", Summary: "Kort", Preparation: "Ein ting\nEin til"}
	})
	before := a.stored()
	a.send(a.path("/edit"), a.settings(a.path("/edit")))
	after := a.stored()
	before.Revision, before.ChangedAt = after.Revision, after.ChangedAt
	before.Audiences, after.Audiences = nil, nil // in the order of the form
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
}

func TestACopyOpensInItsForm(t *testing.T) {
	a := newAdvised(t, nil)
	to := a.send(a.path("/copy"), nil)
	doc := a.see(to)
	if got := doc.Find(`[name="name_sv"]`).AttrOr("value", ""); got != "Rådgivning efter lärseminarium (kopia)" {
		t.Errorf("the copy is called %q", got)
	}
}

func TestACrisisProgrammeOpensInOneStep(t *testing.T) {
	a := newAdvised(t, nil)
	form := a.settings("/admin/advice/crisis")
	if got := form["adviser"]; len(got) != 1 || got[0] != a.adviser.ID {
		t.Errorf("the advisers chosen are %v", got)
	}
	a.send("/admin/advice/crisis", form)
	a.send("/admin/advice/crisis", form) // the same form again makes no second
	rows := a.see("/admin/advice").Find("tbody tr")
	if rows.Length() != 3 {
		t.Errorf("%d programmes, want the one and two of the crisis", rows.Length())
	}
	rows.Each(func(_ int, r *goquery.Selection) { wants(t, plain(r), "Öppet för bokning") })
	form.Set("key", "another")
	form.Set("closes_on", "2020-01-01")
	wants(t, plain(a.page(a.post("/admin/advice/crisis", form), http.StatusUnprocessableEntity).Find(".error-summary")), "Sista dag för möten")
}

// adviceObjects makes one of everything that organisers' pages about advice name by
// its id, by the beginning of the page's path.
func adviceObjects(t *testing.T, s *Server, programmeID string) map[string]string {
	t.Helper()
	p, a := adviceInTest(t, s, programmeID, func(p *advisory.Programme) { p.QuickLog = true })
	w := &advised{desk: &desk{visitor: newVisitor(t, s), s: s}, advice: p, adviser: a}
	w.newFirm()
	b := w.book("2027-01-18 10:00", 60)
	var adjustment string
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		if _, err := advisory.AdjustHours(context.Background(), tx, b.AccountID, 90, "Mer än en timme till", registrationtest.Organiser); err != nil {
			return err
		}
		open, err := advisory.OpenAdjustments(context.Background(), tx, nil)
		adjustment = open[0].ID
		return err
	})
	return map[string]string{"/admin/advice/programmes/": p.ID, "/admin/advice/advisers/": a.ID, "/admin/advice/bookings/": b.ID, "/admin/advice/accounts/": b.AccountID,
		"/admin/advice/adjustments/": adjustment}
}
