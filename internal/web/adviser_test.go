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

// office is an adviser before the browser: one programme of advice, one company
// that has five hours, and a colleague. It is Wednesday 13 January 2027, ten
// o'clock in Stockholm.
type office struct {
	*desk
	prog          advisory.Programme
	me, colleague advisory.Adviser
	firm          company.Company
	who           person.Person
}

func newOffice(t *testing.T, change func(*advisory.Programme)) *office {
	t.Helper()
	o := &office{desk: newDesk(t, nil)}
	ctx := context.Background()
	storetest.Write(t, o.s.DB, func(tx *store.Tx) (err error) {
		five := 300
		p := advisory.Programme{
			ProgrammeID: o.ev.ProgrammeID, Slug: "radgivning", Status: advisory.Open, Language: "sv", Prerequisite: advisory.NoPrerequisite,
			CapMinutes: &five, CapPer: advisory.PerCompany, CapPeriod: "programme", Currency: "SEK", VATPercent: 25, StepMinutes: 30,
			LeadMinutes: 60, FreeCancelMinutes: 24 * 60, HorizonDays: 90, LateFree: 1, LateChargeMinutes: 30, MissedChargeMinutes: 60,
			MaxReschedules: 2, SettleStepMinutes: 5, AidRegime: "none", AidReason: "open to all on equal terms", QuickLog: true,
			Lengths: []int{30, 60, 90, 120}, Meetings: advisory.Meetings(), Texts: map[string]advisory.Text{"sv": {Name: "Rådgivning Dalarna"}},
		}
		if change != nil {
			change(&p)
		}
		if o.prog, err = advisory.AddProgramme(ctx, tx, p, registrationtest.Organiser); err != nil {
			return err
		}
		if o.firm, err = company.Ensure(ctx, tx, "SE", "5566778899", "Snickarna i Älvdalen AB"); err != nil {
			return err
		}
		o.who, err = person.Ensure(ctx, tx, person.Person{Email: "anna@snickarna.example", FirstName: "Anna", LastName: "Lind", Language: "sv"})
		return err
	})
	o.me, o.colleague = o.newAdviser("eva@radgivare.example", "Eva Ek"), o.newAdviser("per@radgivare.example", "Per Ask")
	o.enterAs(o.me)
	return o
}

// newAdviser is one who is free from eight to six each working day.
func (o *office) newAdviser(email, name string) (a advisory.Adviser) {
	o.t.Helper()
	ctx := context.Background()
	storetest.Write(o.t, o.s.DB, func(tx *store.Tx) error {
		u, err := user.Add(ctx, tx, email, name, "sv", []user.Grant{{Role: user.Adviser, ProgrammeID: o.ev.ProgrammeID}})
		if err != nil {
			return err
		}
		id := tx.NewID()
		if _, err := store.Exec(ctx, tx, `INSERT INTO adviser (id, user_id, country, time_zone, join_url, created_at) VALUES (?, ?, 'SE', 'Europe/Stockholm', 'https://meet.example/eva', ?)`,
			id, u.ID, store.At(tx.Now)); err != nil {
			return err
		}
		if _, err := store.Exec(ctx, tx, `INSERT INTO adviser_programme (adviser_id, advisory_programme_id) VALUES (?, ?)`, id, o.prog.ID); err != nil {
			return err
		}
		var week []advisory.Window
		for day := 1; day <= 5; day++ {
			week = append(week, advisory.Window{Weekday: day, From: "08:00", To: "18:00"})
		}
		if err := advisory.SetWeek(ctx, tx, id, week, audit.System); err != nil {
			return err
		}
		a, err = advisory.AdviserByID(ctx, tx, id)
		return err
	})
	return a
}

// enterAs signs the adviser in.
func (o *office) enterAs(a advisory.Adviser) {
	o.t.Helper()
	o.cookies = o.sessionOf(a)
}

func (o *office) sessionOf(a advisory.Adviser) (cookies []*http.Cookie) {
	o.t.Helper()
	storetest.Write(o.t, o.s.DB, func(tx *store.Tx) error {
		token, err := user.NewSession(context.Background(), tx, a.UserID)
		cookies = []*http.Cookie{{Name: "session", Value: token}}
		return err
	})
	return cookies
}

// at moves the clock, and signs the adviser in anew.
func (o *office) at(day, clock string) {
	o.t.Helper()
	o.clock.Set(local(day, clock))
	o.enterAs(o.me)
}

// local is a time on the clock of Stockholm.
func local(day, clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, deskZone())
	if err != nil {
		panic(err)
	}
	return t
}

// book books a meeting with an adviser; change may change what is asked.
func (o *office) book(a advisory.Adviser, start time.Time, minutes int, change func(*advisory.Request)) (b advisory.Booking) {
	o.t.Helper()
	r := advisory.Request{
		AdvisoryProgrammeID: o.prog.ID, StartsAt: start, Minutes: minutes, AdviserID: a.ID, Meeting: advisory.Phone, Phone: "070-174 06 05",
		CompanyID: o.firm.ID, PersonID: o.who.ID, Language: "sv", Need: "Vi ska lämna anbud på fönster till en skola.",
	}
	if change != nil {
		change(&r)
	}
	storetest.Write(o.t, o.s.DB, func(tx *store.Tx) (err error) {
		b, err = advisory.Book(context.Background(), tx, r, audit.Actor{Kind: "person", ID: o.who.ID})
		return err
	})
	return b
}

// now is the booking as it is stored.
func (o *office) now(id string) (b advisory.Booking) {
	o.t.Helper()
	storetest.Read(o.t, o.s.DB, func(tx *store.Tx) (err error) {
		b, err = advisory.BookingByID(context.Background(), tx, id)
		return err
	})
	return b
}

func TestAnAdvisersDayShowsMeetingsAndWhatWaits(t *testing.T) {
	o := newOffice(t, nil)
	today := o.book(o.me, local("2027-01-13", "14:00"), 60, func(r *advisory.Request) { r.TenderDay = "2027-02-01" })
	later := o.book(o.me, local("2027-01-15", "09:00"), 30, func(r *advisory.Request) { r.Meeting = advisory.Online })
	o.book(o.colleague, local("2027-01-13", "15:00"), 60, func(r *advisory.Request) { r.Need = "Det här är en kollegas möte och inget annat." })
	doc := o.see("/adviser")
	text := plain(doc.Find("main"))
	wants(t, text, "Onsdag 13 januari 2027", "kl. 14.00–15.00", "Snickarna i Älvdalen AB", "Anna Lind", "Ring 070-174 06 05", "fönster till en skola", "Sista anbudsdag måndag 1 februari 2027", "fredag 15 januari 2027", "kl. 09.00–09.30", "Anslut till mötet")
	lacks(t, text, "kollegas möte", "Blev av")
	for _, href := range []string{"tel:0701740605", "https://meet.example/eva", "/adviser/bookings/" + today.ID, "/adviser/bookings/" + later.ID} {
		if doc.Find(`main a[href="`+href+`"]`).Length() == 0 {
			t.Errorf("no link to %s", href)
		}
	}
	if doc.Find(`nav.main a[href="/adviser"][aria-current]`).Length() != 1 {
		t.Error("the menu does not tell where this is")
	}

	o.at("2027-01-13", "15:05")
	if got := o.see("/adviser").Find("main .meeting-deeds form[action$='/time'] input[name=minutes]"); got.Length() != 1 || got.AttrOr("value", "") != "60" {
		t.Error("after the meeting its minutes are not proposed")
	}
	o.at("2027-01-20", "08:00")
	doc = o.see("/adviser")
	wants(t, plain(doc.Find("main")), "Ange tid för möten som har varit")
	lacks(t, plain(doc.Find("main")), "mer än fem arbetsdagar")
	o.at("2027-01-21", "00:01")
	wants(t, plain(o.see("/adviser").Find("main")), "Ett möte har väntat på sin tid i mer än fem arbetsdagar")
}

func TestTimeIsEnteredInTwoSteps(t *testing.T) {
	o := newOffice(t, nil)
	b := o.book(o.me, local("2027-01-13", "11:00"), 60, nil)
	path := "/adviser/bookings/" + b.ID
	if w := o.post(path+"/time", url.Values{"minutes": {"60"}, "from": {"today"}}); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "först när mötet har börjat") {
		t.Errorf("before the meeting: %d", w.Code)
	}
	o.at("2027-01-13", "12:00")
	doc := o.page(o.post(path+"/time", url.Values{"minutes": {"en timme"}, "shared": {"Läs skallkraven."}}), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".field-error")), "Skriv ett helt antal minuter")
	if got := doc.Find("textarea[name=shared]").Text(); got != "Läs skallkraven." {
		t.Errorf("the note that was typed is now %q", got)
	}
	for range 2 { // pressed twice
		if w := o.post(path+"/time", url.Values{"minutes": {"42"}, "shared": {"Läs skallkraven."}, "private": {"Vill växa."}, "from": {"today"}}); w.Header().Get("Location") != "/adviser?done=meeting_settled" {
			t.Fatalf("%d %s", w.Code, w.Header().Get("Location"))
		}
	}
	if b = o.now(b.ID); b.Status != advisory.Settled || *b.ChargedMinutes != 40 {
		t.Errorf("the booking is %s with %v minutes", b.Status, b.ChargedMinutes)
	}
	text := plain(o.see(path).Find("main"))
	wants(t, text, "40 angivna, 40 räknas", "Läs skallkraven.", "Vill växa.", "40 minuter", "4 timmar 20 minuter")
}

func TestMinutesBeyondWhatIsLeftAreExplained(t *testing.T) {
	o := newOffice(t, func(p *advisory.Programme) { sixty := 60; p.CapMinutes = &sixty })
	b := o.book(o.me, local("2027-01-13", "11:00"), 60, nil)
	o.at("2027-01-13", "13:00")
	path := "/adviser/bookings/" + b.ID
	wants(t, plain(o.see(path).Find("main")), "Högst 60 minuter kan räknas")
	w := o.post(path+"/time", url.Values{"minutes": {"75"}, "from": {"today"}})
	if w.Header().Get("Location") != path+"?done=meeting_settled" {
		t.Errorf("leads to %q and not to the explanation", w.Header().Get("Location"))
	}
	wants(t, plain(o.see(path).Find("main")), "75 angivna, 60 räknas", "15 minuter gick över")
}

// Six hundred for sixty is one slip, and would take all the hours of a company.
func TestFarMoreMinutesThanBookedAreAskedAboutOnce(t *testing.T) {
	o := newOffice(t, nil)
	b := o.book(o.me, local("2027-01-13", "11:00"), 60, nil)
	o.at("2027-01-13", "13:00")
	path := "/adviser/bookings/" + b.ID
	doc := o.page(o.post(path+"/time", url.Values{"minutes": {"600"}, "shared": {"Läs skallkraven."}}), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find("#minutes-error")), "bokat på 60 minuter", "600")
	if doc = o.page(o.post(path+"/time", url.Values{"minutes": {"500"}, "sure": {"600"}}), http.StatusUnprocessableEntity); doc.Find("#minutes-error").Length() == 0 {
		t.Error("another number than the one asked about is taken")
	}
	sure := doc.Find(`input[name="sure"]`).AttrOr("value", "")
	if to := o.post(path+"/time", url.Values{"minutes": {"500"}, "sure": {sure}}).Header().Get("Location"); !strings.Contains(to, "done=meeting_settled") {
		t.Errorf("saved once more it leads to %q", to)
	}
}

func TestABookingOfAnotherAdviserIsMissing(t *testing.T) {
	o := newOffice(t, nil)
	b := o.book(o.colleague, local("2027-01-13", "11:00"), 60, nil)
	o.at("2027-01-13", "13:00")
	for _, route := range o.s.adviserRoutes() {
		if !strings.Contains(route.path, "/bookings/:id") {
			continue
		}
		path := strings.Replace(route.path, ":id", b.ID, 1)
		w := o.get(path)
		if route.method == http.MethodPost {
			w = o.post(path, url.Values{"minutes": {"60"}, "cancel_reason": {"x"}, "decline_reason": {"x"}, "start": {"2027-01-14T10:00:00+01:00"}})
		}
		if w.Code != http.StatusNotFound {
			t.Errorf("%s %s: %d", route.method, route.path, w.Code)
		}
	}
	if now := o.now(b.ID); now.Status != advisory.Confirmed {
		t.Errorf("the colleague's booking is %s", now.Status)
	}
}

func TestAnAdviserAnswersRequestsAndThoseWhoWait(t *testing.T) {
	o := newOffice(t, func(p *advisory.Programme) { p.Prerequisite = advisory.ByOrganiser })
	b := o.book(o.me, local("2027-01-18", "11:00"), 60, nil)
	other := o.book(o.me, local("2027-01-19", "11:00"), 60, nil)
	waits := o.book(advisory.Adviser{}, time.Time{}, 60, func(r *advisory.Request) { r.Wishes = "Helst på eftermiddagar" })
	wants(t, plain(o.see("/adviser").Find("main")), "Förfrågningar att svara på", "Väntar på en tid", "Helst på eftermiddagar")
	if w := o.post("/adviser/bookings/"+b.ID+"/confirm", url.Values{"from": {"today"}}); w.Header().Get("Location") != "/adviser?done=meeting_confirmed" {
		t.Errorf("confirm: %d", w.Code)
	}
	doc := o.page(o.post("/adviser/bookings/"+other.ID+"/decline", nil), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Varför kan du inte? Fyll i uppgiften")
	o.post("/adviser/bookings/"+other.ID+"/decline", url.Values{"decline_reason": {"Jag är på resa."}})
	o.post("/adviser/bookings/"+waits.ID+"/decline", url.Values{"decline_reason": {"Det kan jag inte."}})
	for id, want := range map[string]advisory.Status{b.ID: advisory.Confirmed, other.ID: advisory.Declined, waits.ID: advisory.Declined} {
		if now := o.now(id); now.Status != want {
			t.Errorf("%s, want %s", now.Status, want)
		}
	}
}

func TestOnlyAdvisersComeToTheirPages(t *testing.T) {
	o := newOffice(t, nil)
	if w := o.get("/admin"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/adviser" {
		t.Errorf("the desk leads an adviser to %d %q", w.Code, w.Header().Get("Location"))
	}
	if w := o.get("/admin/events"); w.Code != http.StatusForbidden {
		t.Errorf("an adviser at the organisers' list: %d", w.Code)
	}
	o.cookies = nil
	if w := o.get("/adviser?done=notes_saved"); w.Header().Get("Location") != "/sign-in?next=%2Fadviser%3Fdone%3Dnotes_saved" {
		t.Errorf("nobody: %d %q", w.Code, w.Header().Get("Location"))
	}
	o.again() // an organiser
	if w := o.get("/adviser"); w.Code != http.StatusForbidden {
		t.Errorf("an organiser: %d", w.Code)
	}
}
