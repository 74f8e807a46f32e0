package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// now reads the booking as it is stored.
func (a *advised) meeting(id string) (b advisory.Booking) {
	a.t.Helper()
	storetest.Read(a.t, a.s.DB, func(tx *store.Tx) (err error) {
		b, err = advisory.BookingByID(context.Background(), tx, id)
		return err
	})
	return b
}

// settle enters the time of the booking after it.
func (a *advised) settle(b advisory.Booking, minutes int) {
	a.t.Helper()
	a.clock.Set(b.EndsAt.Add(time.Minute))
	a.again()
	storetest.Write(a.t, a.s.DB, func(tx *store.Tx) error {
		_, err := advisory.EnterTime(context.Background(), tx, b.ID, advisory.Time{Minutes: minutes, Shared: "Läs kraven först", Private: "Osäkra på priset"}, audit.Actor{Kind: "user", ID: a.adviser.UserID})
		return err
	})
}

func (a *advised) bookingPath(rest string) string {
	return "/admin/advice/bookings/" + a.booking.ID + rest
}

func TestBookingsAreFilteredByTheAddress(t *testing.T) {
	a := newAdvised(t, nil)
	a.book("2027-01-25 10:00", 30)
	for query, want := range map[string]int{
		"": 2, "?status=confirmed": 2, "?status=waiting": 0, "?q=siljans": 2, "?q=oberg": 2, "?q=ingen": 0, "?from=2027-01-20": 1, "?to=2027-01-20": 1,
		"?adviser=" + a.adviser.ID: 2, "?adviser=x": 0, "?programme=" + a.advice.ID: 2, "?programme=x": 0, "?page=9": 2,
	} {
		if n := a.see("/admin/advice/bookings" + query).Find("tbody tr").Length(); n != want {
			t.Errorf("%q shows %d, want %d", query, n, want)
		}
	}
	stranger := a.stranger()
	for _, path := range []string{"/admin/advice/bookings", "/admin/advice/hours", "/admin/advice/advisers", "/admin/advice/adjustments"} {
		lacks(t, plain(stranger.see(path).Find("main")), "Siljans", "Eva Ek")
	}
}

func TestABookingShowsEverythingAboutIt(t *testing.T) {
	a := newAdvised(t, nil)
	a.settle(a.booking, 45)
	text := plain(a.see(a.bookingPath("")).Find("main"))
	wants(t, text, "Siljans Snickeri", "Åsa Öberg", "Eva Ek", "Vi ska lämna anbud på fönster", "Läs kraven först", "Osäkra på priset", "45 minuter", "Timmar in och ut", "Lämnat tillbaka", "−60", "+45", "asa@people.example")
}

func TestAnOrganiserMovesAndCancelsABooking(t *testing.T) {
	a := newAdvised(t, nil)
	a.send(a.bookingPath("/move"), url.Values{"date": {"2027-01-19"}, "clock": {"19:30"}, "minutes": {"60"}, "adviser": {a.adviser.ID}}) // outside the week, by agreement
	if b := a.meeting(a.booking.ID); !b.StartsAt.Equal(localTime(t, "2027-01-19 19:30")) {
		t.Errorf("moved to %s", b.StartsAt)
	}
	doc := a.page(a.post(a.bookingPath("/cancel"), nil), http.StatusUnprocessableEntity)
	if doc.Find("details[open] #cancel_reason").Length() != 1 {
		t.Error("the form that was refused is not open")
	}
	a.send(a.bookingPath("/cancel"), url.Values{"cancel_reason": {"Eva är sjuk"}})
	if b := a.meeting(a.booking.ID); b.Status != advisory.Cancelled {
		t.Errorf("the booking is %s", b.Status)
	}
	if w := a.post(a.bookingPath("/cancel"), url.Values{"cancel_reason": {"igen"}}); w.Code != http.StatusConflict {
		t.Errorf("cancelling twice: %d", w.Code)
	}
	wants(t, plain(a.see(a.bookingPath("")).Find("main")), "Eva är sjuk", "Avbokad")
}

func TestARequestIsConfirmedOrDeclined(t *testing.T) {
	a := newAdvised(t, func(p *advisory.Programme) { p.Prerequisite = advisory.ByOrganiser })
	wants(t, plain(a.see("/admin").Find("main")), "1 förfrågan väntar på svar")
	doc := a.page(a.post(a.bookingPath("/decline"), url.Values{"decline_reason": {""}}), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Skäl: Fyll i uppgiften")
	a.send(a.bookingPath("/confirm"), nil)
	if b := a.meeting(a.booking.ID); b.Status != advisory.Confirmed {
		t.Errorf("the booking is %s", b.Status)
	}
	lacks(t, plain(a.see("/admin").Find("main")), "förfrågan väntar")
	if w := a.post(a.bookingPath("/decline"), url.Values{"decline_reason": {"för sent"}}); w.Code != http.StatusConflict {
		t.Errorf("declining what is confirmed: %d", w.Code)
	}
}

func TestTheSecondPairOfEyesIsAnotherPersons(t *testing.T) {
	a := newAdvised(t, nil)
	a.settle(a.booking, 60)
	path := "/admin/advice/accounts/" + a.booking.AccountID
	doc := a.page(a.post(path+"/adjust", url.Values{"key": {"1"}, "direction": {"back"}, "minutes": {"10"}, "reason": {"kort"}}), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Skriv ett skäl på minst 10 tecken")
	form := url.Values{"key": {"2"}, "direction": {"more"}, "minutes": {"90"}, "reason": {"Mötet varade hela dagen"}}
	if to := a.send(path+"/adjust", form); !strings.HasSuffix(to, "done=adjust_waits") {
		t.Errorf("led to %s", to)
	}
	wants(t, plain(a.see("/admin").Find("main")), "1 justering väntar på en till")
	doc = a.see("/admin/advice/adjustments")
	wants(t, plain(doc.Find("main")), "1,5 timmar till räknas av", "Mötet varade hela dagen", "en annan arrangör behöver säga ja")
	lacks(t, plain(doc.Find("main form")), "Godkänn")
	action := doc.Find("main form").AttrOr("action", "")
	if w := a.post(action, url.Values{"answer": {"agree"}}); w.Code != http.StatusConflict {
		t.Errorf("agreeing with oneself: %d", w.Code)
	}
	a.enter("second@region.example", user.Grant{Role: user.Organiser, ProgrammeID: a.ev.ProgrammeID})
	a.send(action, url.Values{"answer": {"agree"}})
	wants(t, plain(a.see(path).Find("main")), "2,5 timmar", "Mötet varade hela dagen", "godkänt av Karin Lind")
}

func TestMinutesAreCorrectedByAnOrganiser(t *testing.T) {
	a := newAdvised(t, nil)
	a.settle(a.booking, 60)
	doc := a.page(a.post(a.bookingPath("/correct"), url.Values{"took": {"en timme"}, "reason": {"Fel tid blev skriven"}}), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Så många minuter tog mötet: Skriv ett helt tal")
	a.send(a.bookingPath("/correct"), url.Values{"took": {"40"}, "reason": {"Fel tid blev skriven"}})
	if b := a.meeting(a.booking.ID); *b.ChargedMinutes != 40 {
		t.Errorf("%d minutes charged", *b.ChargedMinutes)
	}
	wants(t, plain(a.see(a.bookingPath("")).Find("main")), "Minuterna rättades", "Fel tid blev skriven")
}

func TestTheInvoiceBasisOfAMonth(t *testing.T) {
	a := newAdvised(t, nil)
	a.settle(a.booking, 45)
	doc := a.see(a.path("/invoice?month=2027-01"))
	wants(t, plain(doc.Find("main")), "Siljans Snickeri", "150 kr", "37,50 kr", "187,50 kr", "Månaden pågår")
	a.send("/admin/advice/accounts/"+a.booking.AccountID+"/invoice", url.Values{"invoice_address": {"Box 1\n792 21 Mora"}, "invoice_reference": {"=Anna"}})
	file := a.get(a.path("/invoice.csv?month=2027-01")).Body.String()
	wants(t, file, `"4020001006"`, `"'=Anna"`, `"45";"200,00";"150,00";"25";"37,50";"187,50";"SEK"`)
	// A correction of the next month is a line of its own, with a number below nought.
	a.clock.Set(localTime(t, "2027-02-03 09:00"))
	a.again()
	a.send(a.bookingPath("/correct"), url.Values{"took": {"30"}, "reason": {"Fel tid blev skriven"}})
	if again := a.get(a.path("/invoice.csv?month=2027-01")).Body.String(); again != file {
		t.Errorf("January has changed: %s", again)
	}
	wants(t, a.get(a.path("/invoice.csv?month=2027-02")).Body.String(), `"-15";"200,00";"-50,00";"25";"-12,50";"-62,50";"SEK";"Rättelse av ett tidigare möte"`)
	wants(t, plain(a.see(a.path("/invoice?month=2027-03")).Find("main")), "Inget att fakturera")
}

func TestTenThousandCompaniesHaveHours(t *testing.T) {
	a := newAdvised(t, nil)
	storetest.Write(t, a.s.DB, func(tx *store.Tx) error {
		for n := range 10_000 {
			id := fmt.Sprintf("company-%05d", n)
			for _, statement := range []struct {
				query string
				args  []any
			}{
				{`INSERT INTO company (id, country, org_number, name, created_at) VALUES (?, 'NO', ?, ?, ?)`, []any{id, fmt.Sprintf("3%08d", n), fmt.Sprintf("Bolag %05d", n), store.At(tx.Now)}},
				{`INSERT INTO hours_account (id, advisory_programme_id, company_id, cap_minutes, created_at) VALUES (?, ?, ?, 300, ?)`, []any{"a" + id, a.advice.ID, id, store.At(tx.Now)}},
				{`INSERT INTO hours_entry (id, account_id, advisory_programme_id, kind, minutes, reason, actor_kind, actor_id, at, position) VALUES (?, ?, ?, 'adjust', 30, 'från ett annat system', 'user', 'x', ?, 1)`,
					[]any{"e" + id, "a" + id, a.advice.ID, store.At(tx.Now)}},
			} {
				if _, err := store.Exec(context.Background(), tx, statement.query, statement.args...); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for _, path := range []string{"/admin/advice/hours", "/admin/advice/hours?q=bolag+09999", "/admin/advice/hours?page=all", "/admin/advice", "/admin"} {
		doc := a.see(path)
		if n := doc.Find("main tbody tr").Length(); n > 60 {
			t.Errorf("%s has %d rows", path, n)
		}
	}
	if n := strings.Count(a.get("/admin/advice/hours.csv").Body.String(), "\r\n"); n != 10_002 {
		t.Errorf("the file has %d lines", n)
	}
}

func TestSomebodyWhoRingsIsBooked(t *testing.T) {
	a := newAdvised(t, nil)
	doc := a.see(a.path("/book?minutes=30&meeting=phone"))
	form := typed(doc.Find(`main form[method="post"]`))
	doc = a.page(a.post(a.path("/book"), form), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Tid: Välj det som passar bäst", "Förnamn: Fyll i uppgiften")
	form.Set("time", doc.Find("#time option").Eq(1).AttrOr("value", ""))
	for name, value := range map[string]string{"first_name": "Nils", "last_name": "Ek", "email": "nils@zetter.example", "phone": "070-000 00 01", "org_number": "402000-2004", "company_name": "Zetters",
		"need": "Vi ska lämna anbud på snöröjning."} {
		form.Set(name, value)
	}
	to := a.send(a.path("/book"), form)
	a.send(a.path("/book"), form) // the same form again books nothing more
	wants(t, plain(a.see(to).Find("main")), "Zetters", "Nils Ek", "Telefon, 30 minuter", "Vi ska lämna anbud på snöröjning.", "Bokat")
	if n := a.see("/admin/advice/bookings").Find("tbody tr").Length(); n != 2 {
		t.Errorf("%d bookings, want two", n)
	}
	form.Set("key", "another")
	form.Set("time", "wait")
	to = a.send(a.path("/book"), form)
	wants(t, plain(a.see(to).Find("main")), "Väntar på tid", "Ingen tid ännu")
}

func TestAnAdviserIsAddedWithALinkStoppedAndTakesADayOff(t *testing.T) {
	a := newAdvised(t, nil)
	form := url.Values{"name": {"Olle Brand"}, "email": {"olle@radgivare.example"}, "programme": {a.ev.ProgrammeID}, "advice": {a.advice.ID}}
	doc := a.page(a.post("/admin/advice/advisers", form), http.StatusOK)
	wants(t, plain(doc.Find("main")), "Länk för att välja lösenord", "http://program.example/sign-in/password/")
	link := strings.TrimPrefix(doc.Find("code").Text(), "http://program.example")
	if w := newVisitor(t, a.s).get(link); w.Code != http.StatusOK {
		t.Errorf("the link: %d", w.Code)
	}
	doc = a.page(a.post("/admin/advice/advisers", url.Values{"name": {""}, "email": {"fel"}, "programme": {a.ev.ProgrammeID}, "advice": {"x"}}), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Välj något av alternativen")

	path := "/admin/advice/advisers/" + a.adviser.ID
	doc = a.page(a.post(path+"/day", url.Values{"day": {"2027-01-18"}, "reason": {"Eva är sjuk"}}), http.StatusOK)
	wants(t, plain(doc.Find("main")), "Avboka 1 möte?", "Siljans Snickeri", "Eva är sjuk")
	if b := a.meeting(a.booking.ID); b.Status != advisory.Confirmed {
		t.Fatalf("asking has made it %s", b.Status)
	}
	yes := typed(doc.Find("main form"))
	yes.Set("confirmed", "1")
	a.send(path+"/day", yes)
	if b := a.meeting(a.booking.ID); b.Status != advisory.Cancelled || b.EndReason != "Eva är sjuk" {
		t.Errorf("the booking is %s, %q", b.Status, b.EndReason)
	}
	a.send(path+"/stop", nil)
	wants(t, plain(a.see("/admin/advice/advisers").Find("main")), "Tar inte emot nya bokningar")
	a.send(path+"/stop", url.Values{"start": {"1"}})
	a.send(path+"/gives", nil)
	wants(t, plain(a.see("/admin/advice/advisers").Find("main")), "inget program")
}

func TestCallsAreNotedOneAfterTheOther(t *testing.T) {
	a := newAdvised(t, func(p *advisory.Programme) { p.QuickLog, p.CapMinutes = true, nil })
	path := a.path("/calls")
	form := typed(a.see(path).Find("main form.form"))
	doc := a.page(a.post(path, form), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Vem ringde: Skriv vem som ringde", "Vad det gällde: Fyll i uppgiften")
	form.Set("caller", "Kim")
	form.Set("organisation", "Älvdalens kommun")
	form.Set("about", "Får vi förlänga avtalet?")
	to := a.send(path, form)
	a.send(path, form) // the same form again
	doc = a.see(to)
	wants(t, plain(doc.Find("main")), "Samtalet är uppskrivet", "1 samtal · 20 minuter", "Älvdalens kommun", "Får vi förlänga avtalet?")
	next := typed(doc.Find("main form.form"))
	if next.Get("caller") != "" || next.Get("adviser") != a.adviser.ID {
		t.Errorf("the next form is %v", next)
	}
	next.Set("organisation", "siljans snickeri (påhittat)") // a known one, by its name
	next.Set("about", "Om ett avrop")
	a.send(path, next)
	list := a.see("/admin/advice/hours")
	wants(t, plain(list.Find("main")), "Okända som ringt", "Siljans Snickeri")
}
