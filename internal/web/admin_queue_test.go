package web

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
)

// onePlace is an event with one place, for which three people have signed up.
func onePlace(t *testing.T, change func(*event.Content)) (d *desk, all []registration.Registration) {
	t.Helper()
	d = newDesk(t, func(c *event.Content) {
		c.RoomPlaces = new(1)
		if change != nil {
			change(c)
		}
	})
	for n := range 3 {
		d.clock.Advance(time.Minute)
		all = append(all, registrationtest.Sign(t, d.s.DB, d.ev.ID, n+1))
	}
	return d, all
}

// refusal posts a form that must be refused, and returns the page.
func (d *desk) refusal(path string, form url.Values, code int) *goquery.Document {
	d.t.Helper()
	return d.page(d.post(path, form), code)
}

func (d *desk) status(r registration.Registration) registration.Status {
	d.t.Helper()
	return registrationtest.Find(d.t, d.s.DB, r.ID).Status
}

func TestTheQueueShowsWhoWaitsInOrder(t *testing.T) {
	d, all := onePlace(t, nil)
	doc := d.see(d.at("/queue"))
	var ids []string
	for _, row := range doc.Find("tbody tr").EachIter() {
		ids = append(ids, row.AttrOr("id", ""))
	}
	if got, want := fmt.Sprint(ids), fmt.Sprint([]string{"row-" + all[1].ID, "row-" + all[2].ID}); got != want {
		t.Errorf("the queue is %s, want %s", got, want)
	}
	wants(t, plain(doc.Find("main")), "2 väntar", "Ingen plats är erbjuden")
}

func TestAnEmptyQueueSaysSo(t *testing.T) {
	d := newDesk(t, nil)
	wants(t, plain(d.see(d.at("/queue")).Find(".empty-state")), "Ingen väntar")
}

func TestAPlaceIsOfferedOutOfTurnForAReason(t *testing.T) {
	d, all := onePlace(t, nil)
	path := "/admin/registrations/" + all[2].ID + "/offer"
	doc := d.refusal(path, url.Values{"over": {"1"}}, http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find("#reason-error")), "Fyll i uppgiften")
	if doc.Find("#over-"+all[2].ID+"[checked]").Length() != 1 {
		t.Error("the tick is lost")
	}
	doc = d.refusal(path, url.Values{"reason": {"Håller ett föredrag"}}, http.StatusConflict)
	wants(t, plain(doc.Find(`[role="alert"]`)), "Alla platser är tagna. Kryssa i rutan")
	if got := d.status(all[2]); got != registration.Waitlisted {
		t.Fatalf("refused, and yet %s", got)
	}
	doc = d.see(d.send(path, url.Values{"reason": {"Håller ett föredrag"}, "over": {"1"}}))
	wants(t, plain(doc.Find("main")), "Platsen är erbjuden", "Svar senast", "Håller ett föredrag")
	if first, third := d.status(all[1]), d.status(all[2]); first != registration.Waitlisted || third != registration.Offered {
		t.Errorf("the one before is %s, the one who was offered is %s", first, third)
	}
}

func TestMorePlacesAreOfferedAtOnceAndThePageSaysHowMany(t *testing.T) {
	d, all := onePlace(t, nil)
	doc := d.refusal(d.at("/places"), url.Values{"room_places": {"många"}}, http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find("#room_places-error")), "helt tal")
	if got := doc.Find("#room_places").AttrOr("value", ""); got != "många" {
		t.Errorf("what was typed became %q", got)
	}
	doc = d.see(d.send(d.at("/places"), url.Values{"room_places": {"3"}}))
	wants(t, plain(doc.Find("main")), "2 platser erbjöds", "Antalet platser är sparat")
	if a, b := d.status(all[1]), d.status(all[2]); a != registration.Offered || b != registration.Offered {
		t.Errorf("those who waited are %s and %s", a, b)
	}
}

func TestTheListIsClosedAndOpened(t *testing.T) {
	d, all := onePlace(t, nil)
	wants(t, plain(d.see(d.send(d.at("/list"), url.Values{"open": {"0"}})).Find("main")), "Reservlistan är stängd")
	if d.now().WaitingList || d.status(all[1]) != registration.Waitlisted {
		t.Error("the list is open, or somebody on it has left")
	}
	d.send(d.at("/list"), url.Values{"open": {"1"}})
	if !d.now().WaitingList {
		t.Error("the list is closed")
	}
}

func TestInvitationsAreMadeWithErrorsByLineAndRevoked(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.AudienceMode = event.AudienceInvite })
	typed := "anna@example.se\ninte en adress\nanna@example.se"
	doc := d.refusal(d.at("/invitations"), url.Values{"emails": {typed}}, http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find("ul.field-error")), "Rad 2: inte en adress")
	lacks(t, plain(doc.Find("ul.field-error")), "anna@example.se") // twice in one go is once
	wants(t, plain(doc.Find("main")), "inget har sparats och inga mejl har skickats")
	if got := doc.Find("#emails").Text(); got != typed {
		t.Errorf("what was typed became %q", got)
	}
	wants(t, plain(d.see(d.at("/invitations")).Find(".empty-state")), "Ingen är inbjuden") // none of the lines was saved
	doc = d.see(d.send(d.at("/invitations"), url.Values{"emails": {"anna@example.se\nbo@example.se"}}))
	wants(t, plain(doc.Find("main")), "2 inbjudningar är skapade", "anna@example.se", "bo@example.se", "Inte använd än")
	doc = d.see(d.send(d.at("/invitations"), url.Values{"label": {"Mora"}, "places": {"5"}}))
	address := doc.Find(`input[readonly]`).First().AttrOr("value", "")
	wants(t, address, "/events/"+d.ev.Slug+"/register?code=")
	revoke := doc.Find(`form[action$="/revoke"]`).First().AttrOr("action", "")
	if w := d.stranger().post(revoke, nil); w.Code != http.StatusNotFound {
		t.Errorf("a stranger revokes it: %d", w.Code)
	}
	wants(t, plain(d.see(d.send(revoke, nil)).Find("main")), "Inbjudan är återkallad")
}

func TestClosingAttendanceTellsWhatItMeansAndLaterMarksNeedAReason(t *testing.T) {
	d := newDesk(t, nil)
	there, away := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1), registrationtest.Sign(t, d.s.DB, d.ev.ID, 2)
	if w := d.post(d.at("/close"), nil); w.Code != http.StatusConflict {
		t.Errorf("closed before the end: %d", w.Code)
	}
	d.clock.Set(registrationtest.Starts)
	d.again()
	d.send("/admin/registrations/"+there.ID+"/attendance", url.Values{"mark": {"present"}})
	d.clock.Set(d.ev.EndsAt.Add(time.Minute))
	d.again()
	wants(t, plain(d.see(d.at("/close")).Find("main")), "En är noterad som närvarande", "En person noteras som utebliven")
	d.send(d.at("/close"), nil)
	if got := d.status(away); got != registration.NoShow {
		t.Fatalf("who stayed away is %s", got)
	}
	doc := d.refusal("/admin/registrations/"+away.ID+"/attendance", url.Values{"mark": {"present"}}, http.StatusConflict)
	wants(t, plain(doc.Find(`[role="alert"]`)), "Närvaroregistreringen är avslutad")
	doc = d.refusal("/admin/registrations/"+away.ID+"/reconsider", url.Values{"mark": {"present"}}, http.StatusUnprocessableEntity)
	row := doc.Find("#row-" + away.ID)
	wants(t, plain(row.Find("#why-"+away.ID+"-error")), "Fyll i uppgiften")
	if row.Find("details[open] #why-"+away.ID+"[aria-invalid=true]").Length() != 1 || doc.Find(`.error-summary a[href="#why-`+away.ID+`"]`).Length() != 1 {
		t.Error("the field is not open, or the summary does not lead to it")
	}
	const odd = "Kom \u202e sent"
	doc = d.refusal("/admin/registrations/"+away.ID+"/reconsider", url.Values{"mark": {"present"}, "reason": {odd}}, http.StatusUnprocessableEntity)
	if got := doc.Find("#why-"+away.ID).AttrOr("value", ""); got != odd || doc.Find("#why-"+away.ID+"-error").Length() != 1 {
		t.Errorf("what was typed has become %q, or nothing is said beside it", got)
	}
	d.send("/admin/registrations/"+away.ID+"/reconsider", url.Values{"mark": {"present"}, "reason": {"Kom sent"}})
	if got := d.status(away); got != registration.Attended {
		t.Errorf("after the change: %s", got)
	}
}

func TestAttendanceThatWasNotTakenIsClosedOnceAListIsEntered(t *testing.T) {
	d := newDesk(t, nil)
	there, away := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1), registrationtest.Sign(t, d.s.DB, d.ev.ID, 2)
	d.clock.Set(d.ev.EndsAt.Add(time.Minute))
	d.again()
	wants(t, plain(d.see(d.at("/close")).Find("main")), "Ingen är noterad som närvarande", "ingen får något brev")
	d.send(d.at("/close"), nil)
	wants(t, plain(d.see(d.at("/close")).Find("main")), "Fyll i listan först")
	if n := d.see(d.at("")).Find(`a[href$="/close"]`).Length(); n != 0 {
		t.Error("closing is offered again with nobody marked")
	}
	d.send("/admin/registrations/"+there.ID+"/attendance", url.Values{"mark": {"present"}})
	if n := d.see(d.at("")).Find(`a[href$="/close"]`).Length(); n != 1 {
		t.Error("closing is not offered with somebody marked")
	}
	d.send(d.at("/close"), nil)
	if got := d.status(away); got != registration.NoShow {
		t.Errorf("who stayed away is %s", got)
	}
	wants(t, plain(d.see(d.at("/close")).Find("main")), "redan avslutad")
}

func TestRequestsAreApprovedOrDeclinedWithAReasonThatThePersonIsTold(t *testing.T) {
	d := newDesk(t, func(c *event.Content) {
		c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"supplier_sme"}
	})
	d.ran("")
	yes, no := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1), registrationtest.Sign(t, d.s.DB, d.ev.ID, 2) // procurers
	if yes.Status != registration.Requested {
		t.Fatalf("who must ask is %s", yes.Status)
	}
	wants(t, plain(d.see("/admin").Find(".todo-list")), "2 vill vara med och väntar på svar")
	doc := d.refusal("/admin/registrations/"+no.ID+"/reject", nil, http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find("#row-"+no.ID+" details[open] #reason-error")), "Fyll i uppgiften")
	d.send("/admin/registrations/"+yes.ID+"/approve", nil)
	wants(t, plain(d.see(d.send("/admin/registrations/"+no.ID+"/reject", url.Values{"reason": {"Bara för företag den här gången"}})).Find("main")), "Avböjt")
	if a, b := d.status(yes), d.status(no); a != registration.Confirmed || b != registration.Rejected {
		t.Errorf("approved: %s, declined: %s", a, b)
	}
	list := d.messages(no)
	if last := list[len(list)-1]; last.Details.Reason != "Bara för företag den här gången" {
		t.Errorf("the letter says %+v", last.Details)
	}
}

func TestACompanyGetsMorePlacesForAReason(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.CompanyLimit = new(1) })
	var all []registration.Registration
	for n := range 2 {
		q := registrationtest.Request(d.ev.ID, n+1)
		q.Organisation = registration.Organisation{Kind: registration.OfCompany, Country: "SE", Number: "402000-1006", Name: "Siljans Snickeri"}
		q.TestNumbers = true
		all = append(all, registrationtest.SignUp(t, d.s.DB, q).Registration)
	}
	wants(t, plain(d.see(d.at("/queue")).Find("#row-"+all[1].ID)), "Företaget har redan sin andel")
	form := url.Values{"registration": {all[1].ID}, "places": {"inga"}}
	doc := d.refusal(d.at("/share"), form, http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find("#row-"+all[1].ID)), "helt tal", "Fyll i uppgiften")
	form.Set("places", "2")
	form.Set("reason", "Två föredrag")
	wants(t, plain(d.see(d.send(d.at("/share"), form)).Find("main")), "En plats erbjöds", "Företaget får fler platser")
	if got := d.status(all[1]); got != registration.Offered {
		t.Errorf("who waited is %s", got)
	}
}

func TestAnEventTooSmallOnItsDecisionDayLeadsToMovingAndCancelling(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.MinParticipants = new(5) })
	d.clock.Set(d.ev.DecisionTime().Add(-time.Minute))
	d.again()
	lacks(t, plain(d.see("/admin").Find(".todo-list")), "bestäm")
	d.clock.Set(d.ev.DecisionTime())
	doc := d.seeAgain("/admin")
	wants(t, plain(doc.Find(".todo-list")), "0 anmälda av minst 5: bestäm")
	for _, where := range []string{"/move", "/cancel"} {
		if doc.Find(`.todo-list a[href="`+d.at(where)+`"]`).Length() != 1 {
			t.Errorf("nothing leads to %s", where)
		}
	}
}
