package web

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
)

func TestMovingShowsWhatItMeansAndThenTellsEverybody(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = new(2) })
	sv, en := d.inLanguage(1, "sv"), d.inLanguage(2, "en")
	waiting := registrationtest.Sign(t, d.s.DB, d.ev.ID, 3)
	form := d.filled(d.at("/move"), url.Values{"starts_at": {"2027-03-12"}, "starts_time": {"13:00"}, "ends_at": {"2027-03-12"}, "ends_time": {"16:00"}, "message": {"Snöoväder."}})
	doc := d.page(d.post(d.at("/move"), form), http.StatusOK)
	if got := d.now(); !got.StartsAt.Equal(d.ev.StartsAt) || got.Revision != d.ev.Revision || len(d.letters(sv)) != 1 || !d.audits("event.create", "event.publish") {
		t.Fatalf("the first step moved the event: %s, revision %d, %v", got.StartsAt, got.Revision, d.audited())
	}
	wants(t, plain(doc.Find(".compare")), "Före: onsdag 10 mars 2027 kl. 09.00–12.00", "Efter: fredag 12 mars 2027 kl. 13.00–16.00", "Efter: fredag 5 mars 2027 kl. 23.59")
	wants(t, plain(doc.Find("main")), "2 personer som har plats får varsitt brev", "Engelska: 1 person", "En person på reservlistan får ett brev: platsen i kön är kvar.", "Svenska, till den som står på reservlistan")
	wants(t, plain(doc.Find(`pre[lang="en"]`)), "E15 to person002@example.se: 12 Mar 13:00 at Kristinehallen. Snöoväder.")

	second := typed(doc.Find("main form.form"))
	second.Set("confirmed", "1")
	if to := d.send(d.at("/move"), second); to != d.at("?done=moved") {
		t.Errorf("led to %s", to)
	}
	got := d.now()
	if !got.StartsAt.Equal(localTime(t, "2027-03-12 13:00")) || !got.MovedFromStartsAt.Equal(d.ev.StartsAt) {
		t.Errorf("starts %s, moved from %s", got.StartsAt, got.MovedFromStartsAt)
	}
	for r, want := range map[registration.Registration][]message.Letter{
		sv: {message.Confirmed, message.EventMoved}, en: {message.Confirmed, message.EventMoved}, waiting: {message.Waitlisted, message.EventMoved},
	} {
		if diff := cmp.Diff(want, d.letters(r)); diff != "" {
			t.Errorf("letters to %s: %s", r.Email, diff)
		}
	}
	if w := d.post(d.at("/move"), second); w.Code != http.StatusConflict || len(d.letters(sv)) != 2 {
		t.Errorf("the button pressed twice: %d, letters %v", w.Code, d.letters(sv))
	}
}

func (d *desk) audits(want ...string) bool { return cmp.Equal(want, d.audited()) }

func TestAMoveIsRefusedAtTheField(t *testing.T) {
	d := newDesk(t, nil)
	for _, tt := range []struct{ name, date, clock, end, field, words string }{
		{"to the past", "2027-01-12", "09:00", "12:00", "starts_at", "Välj en tid som ligger framåt"},
		{"to a time that the clocks skip", "2027-03-28", "02:30", "12:00", "starts_at", "Den tiden finns inte"},
		{"to end before it starts", "2027-03-12", "09:00", "08:00", "ends_at", "Sluttiden ska vara efter starttiden"},
		{"to no day", "", "", "12:00", "starts_at", "Fyll i uppgiften"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form := d.filled(d.at("/move"), url.Values{"starts_at": {tt.date}, "starts_time": {tt.clock}, "ends_at": {""}, "ends_time": {tt.end}, "message": {"Mina ord"}})
			if tt.date == "" {
				form.Set("ends_at", "2027-03-12")
			}
			doc := d.page(d.post(d.at("/move"), form), http.StatusUnprocessableEntity)
			wants(t, plain(doc.Find("#"+tt.field+"-error")), tt.words)
			if got := doc.Find("#message").Text(); got != "Mina ord" {
				t.Errorf("the words were not kept: %q", got)
			}
		})
	}
}

func TestPostponingTakesTheDateAwayAndANewDateBringsItBack(t *testing.T) {
	d := newDesk(t, nil)
	r := d.inLanguage(1, "sv")
	form := d.filled(d.at("/cancel"), url.Values{"what": {"postpone"}, "message": {"Föreläsaren är sjuk."}})
	doc := d.page(d.post(d.at("/cancel"), form), http.StatusOK)
	wants(t, plain(doc.Find("pre.mail-text")), "E22 to person001@example.se", "Föreläsaren är sjuk.")
	if d.now().Status != event.Published {
		t.Fatalf("the first step postponed: %s", d.now().Status)
	}
	second := typed(doc.Find("main form.form"))
	second.Set("confirmed", "1")
	if to := d.send(d.at("/cancel"), second); to != d.at("?done=postponed") || d.now().Status != event.Postponed {
		t.Errorf("led to %s, status %s", to, d.now().Status)
	}
	wants(t, plain(d.see(d.at("")).Find("main")), "Inga påminnelser skickas", "Framflyttat")
	wants(t, plain(d.see("/admin").Find(".todo-list")), "Framflyttat utan ny dag")
	if n := d.see(d.at("/cancel")).Find(`input[name="what"]`).Length(); n != 1 {
		t.Errorf("%d choices for a postponed event", n)
	}

	form = d.filled(d.at("/move"), url.Values{"starts_at": {"2027-05-12"}, "ends_at": {"2027-05-12"}})
	second = typed(d.page(d.post(d.at("/move"), form), http.StatusOK).Find("main form.form"))
	second.Set("confirmed", "1")
	d.send(d.at("/move"), second)
	if d.now().Status != event.Published {
		t.Errorf("status %s", d.now().Status)
	}
	if diff := cmp.Diff([]message.Letter{message.Confirmed, message.EventPostponed, message.EventMoved}, d.letters(r)); diff != "" {
		t.Error(diff)
	}
}

func TestCancellingNeedsAReasonAndEndsEveryRegistration(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = new(1) })
	r, waiting := d.inLanguage(1, "sv"), d.inLanguage(2, "nb")
	doc := d.page(d.post(d.at("/cancel"), d.filled(d.at("/cancel"), url.Values{"what": {"cancel"}})), http.StatusUnprocessableEntity)
	if doc.Find("#message-error").Length() != 1 || doc.Find(`input[value="cancel"][checked]`).Length() != 1 {
		t.Error("the reason is not asked for, or the choice is lost")
	}
	wants(t, plain(d.page(d.post(d.at("/cancel"), url.Values{"message": {"Ja"}}), http.StatusUnprocessableEntity).Find("#what-error")), "Välj det som passar bäst")

	doc = d.page(d.post(d.at("/cancel"), d.filled(d.at("/cancel"), url.Values{"what": {"cancel"}, "message": {"För få anmälda."}})), http.StatusOK)
	wants(t, plain(doc.Find("main")), "En person som har plats får ett brev", "En person på reservlistan får också ett brev", "För få anmälda.")
	if got := registrationtest.Find(t, d.s.DB, r.ID); got.Status != registration.Confirmed || d.now().Status != event.Published {
		t.Fatalf("the first step cancelled: %s, %s", got.Status, d.now().Status)
	}
	second := typed(doc.Find("main form.form"))
	second.Set("confirmed", "1")
	if to := d.send(d.at("/cancel"), second); to != d.at("?done=event_cancelled") {
		t.Errorf("led to %s", to)
	}
	for _, x := range []registration.Registration{r, waiting} {
		got, list := registrationtest.Find(t, d.s.DB, x.ID), d.messages(x)
		if last := list[len(list)-1]; got.Status != registration.EventCancelled || last.Letter != message.EventCancelled || last.Details.Reason != "För få anmälda." {
			t.Errorf("%s is %s, letters %v", x.Email, got.Status, d.letters(x))
		}
	}
	wants(t, plain(d.see(d.at("")).Find("main")), "Inställt", "För få anmälda.", "Ställdes in")
}

func TestANewWayInIsNothingToThoseWhoWait(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { registrationtest.Hybrid(c); c.RoomPlaces = new(1) })
	inRoom := func(n int) registration.Registration {
		q := registrationtest.Request(d.ev.ID, n)
		q.Mode = event.Room
		return registrationtest.SignUp(t, d.s.DB, q).Registration
	}
	inRoom(1)
	waiting := inRoom(2)
	online := registrationtest.Request(d.ev.ID, 3)
	online.Mode = event.Online
	registrationtest.SignUp(t, d.s.DB, online)
	form := d.filled(d.at("/edit"), url.Values{"join_url": {"https://meet.example.se/new"}})
	doc := d.page(d.post(d.at("/edit"), form), http.StatusOK)
	wants(t, plain(doc.Find("main")), "En person som har plats får ett brev", "En person som väntar på plats eller besked får inget brev", "En person som har plats berörs inte", "Spara och skicka breven", "person003@example.se")
	second := typed(doc.Find("main form.form"))
	second.Set("confirmed", "1")
	d.send(d.at("/edit"), second)
	if diff := cmp.Diff([]message.Letter{message.Waitlisted}, d.letters(waiting)); diff != "" {
		t.Error(diff)
	}
}

func TestWhoeverMovesAnEventAtNightIsToldWhenTheLettersGo(t *testing.T) {
	d := newDesk(t, nil)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	form := d.filled(d.at("/move"), url.Values{"starts_at": {"2027-03-12"}, "ends_at": {"2027-03-12"}})
	lacks(t, plain(d.page(d.post(d.at("/move"), form), http.StatusOK).Find("main")), "Det är natt")
	d.clock.Set(time.Date(2027, 1, 13, 22, 30, 0, 0, time.UTC))
	d.again()
	wants(t, plain(d.page(d.post(d.at("/move"), form), http.StatusOK).Find("main")), "Det är natt. Breven skickas 14 januari kl. 07.00.")
}

func TestWithNobodyRegisteredNoLetterIsPromised(t *testing.T) {
	d := newDesk(t, nil)
	doc := d.page(d.post(d.at("/move"), d.filled(d.at("/move"), url.Values{"starts_at": {"2027-03-12"}, "ends_at": {"2027-03-12"}})), http.StatusOK)
	wants(t, plain(doc.Find("main")), "Ingen har en plats än", "Flytta evenemanget")
	if doc.Find("pre.mail-text").Length() != 0 {
		t.Error("a letter to nobody is shown")
	}
	second := typed(doc.Find("main form.form"))
	second.Set("confirmed", "1")
	to := d.send(d.at("/move"), second)
	wants(t, plain(d.see(to).Find("main")), "Evenemanget är flyttat. Ingen är anmäld")
	lacks(t, plain(d.see(to).Find("main")), "får besked")
}
