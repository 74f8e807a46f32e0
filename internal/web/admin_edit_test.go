package web

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// filled is the form of an event as its page shows it, with some fields typed
// over.
func (d *desk) filled(path string, over url.Values) url.Values {
	d.t.Helper()
	form := typed(d.see(path).Find("main form.form"))
	for name, values := range over {
		form[name] = values
	}
	return form
}

func (d *desk) inLanguage(n int, language string) registration.Registration {
	d.t.Helper()
	q := registrationtest.Request(d.ev.ID, n)
	q.Language = language
	return registrationtest.SignUp(d.t, d.s.DB, q).Registration
}

func TestANewEventBecomesADraft(t *testing.T) {
	d := newDesk(t, nil)
	form := d.filled("/admin/events/new", url.Values{
		"kind": {"learning_seminar"}, "title": {" Så lämnar ni\u00a0anbud "}, "audience": {"supplier_sme", "startup", "supplier_sme"}, "starts_at": {"2027-04-15"}, "starts_time": {"08:30"},
		"ends_time": {"12:00"}, "municipality": {"mora"}, "venue": {"Folkets hus"}, "room_places": {"15"}, "agenda_time": {"08:00", "08:30", ""}, "agenda_title": {"Kaffe", "Välkommen", ""},
		"question_id": {"", ""}, "question_kind": {"choices", "yes_no"}, "question_label": {"Vad?", "Buss?"}, "question_options": {"Ett\r\n\r\nTvå\r\n", ""}, "question_required": {"2"},
		"speaker_name": {"Anna Berg"}, "speaker_organisation": {""}, "co_organisers": {"Mora kommun\r\nOrsa kommun"}, "price": {"1 250"}, "status": {"published"}, "slug": {"mitt"},
	})
	if form.Get("programme") != d.ev.ProgrammeID || form.Get("contact_name") != "Karin Lind" || form.Get("language") != "sv" || form.Get("waiting_list") != "1" {
		t.Errorf("the form begins with %v", form)
	}
	to := d.send("/admin/events/new", form)
	d.ev.ID = to[len("/admin/events/") : len(to)-len("?done=created")]
	got := d.now()
	if got.Status != event.Draft || got.ProgrammeID != d.ev.ProgrammeID || got.Slug == "mitt" {
		t.Errorf("status %s, programme %s, slug %s", got.Status, got.ProgrammeID, got.Slug)
	}
	for i := range got.Questions {
		got.Questions[i].ID = ""
	}
	want := event.Content{
		Kind: event.LearningSeminar, Language: "sv", Title: "Så lämnar ni\u00a0anbud", Mode: event.Room, StartsAt: localTime(t, "2027-04-15 08:30"), EndsAt: localTime(t, "2027-04-15 12:00"),
		TimeZone: "Europe/Stockholm", ClosesAt: localTime(t, "2027-04-08 23:59"), RoomPlaces: new(15), VenueName: "Folkets hus", PriceMinor: 125000,
		ContactName: "Karin Lind", ContactEmail: "own@region.example", WaitingList: true, Audiences: []string{"supplier_sme", "startup"}, AudienceMode: event.AudienceInfo, CoOrganisers: []string{"Mora kommun", "Orsa kommun"},
		Agenda: []event.AgendaItem{{OffsetMinutes: -30, Title: "Kaffe"}, {OffsetMinutes: 0, Title: "Välkommen"}}, Speakers: []event.Speaker{{Name: "Anna Berg"}},
		Questions: []event.Question{{Kind: event.ChoicesQuestion, Label: "Vad?", Options: []string{"Ett", "Två"}}, {Kind: event.YesNoQuestion, Label: "Buss?", Required: true, Options: []string{}}},
	}
	want.Municipality.Country, want.Municipality.Number = "SE", "2062"
	if diff := cmp.Diff(want, got.Content); diff != "" {
		t.Error(diff)
	}
	wants(t, plain(d.see(to).Find("main")), "Utkastet är sparat", "Det här saknas innan du kan publicera", "Ingress")
}

func TestARefusedEventKeepsWhatWasTypedAndNamesEachField(t *testing.T) {
	d := newDesk(t, nil)
	form := d.filled("/admin/events/new", url.Values{
		"kind": {"seminar"}, "title": {""}, "summary": {"Allt jag skrev"}, "starts_at": {"2027-03-28"}, "starts_time": {"02:30"}, "ends_time": {"04:00"},
		"municipality": {"Ankeborg"}, "price": {"gratis"}, "agenda_time": {"02:30"}, "agenda_title": {"Kaffe"}, "audience": {"buyer"},
	})
	doc := d.page(d.post("/admin/events/new", form), http.StatusUnprocessableEntity)
	if got := plain(doc.Find("title")); got != "Fel: Nytt evenemang – Stafett" {
		t.Errorf("title %q", got)
	}
	var links []string
	for _, a := range doc.Find(".error-summary a").EachIter() {
		id := a.AttrOr("href", "#")[1:]
		links = append(links, id)
		field := doc.Find(`[id="` + id + `"]`)
		if field.Length() != 1 || field.AttrOr("aria-invalid", "") != "true" || doc.Find(`[id="`+id+`-error"]`).Length() != 1 {
			t.Errorf("the link to %s leads to no field with its error", id)
		}
	}
	if diff := cmp.Diff([]string{"title", "starts_at", "municipality", "price"}, links); diff != "" {
		t.Error(diff)
	}
	wants(t, plain(doc.Find(".error-summary")), "Rubrik: Fyll i uppgiften", "Start: Den tiden finns inte")
	again := typed(doc.Find("main form.form"))
	for _, name := range []string{"summary", "starts_at", "starts_time", "municipality", "price", "agenda_time", "agenda_title", "audience"} {
		if diff := cmp.Diff(form[name], again[name]); diff != "" {
			t.Errorf("%s was not kept: %s", name, diff)
		}
	}
}

func TestANewEventGoesToNoOtherProgramme(t *testing.T) {
	d := newDesk(t, nil)
	form := d.filled("/admin/events/new", url.Values{"kind": {"seminar"}, "title": {"Främmande"}, "starts_at": {"2027-04-15"}, "starts_time": {"08:30"}, "ends_time": {"12:00"}, "municipality": {""}})
	stranger := d.stranger()
	if w := stranger.post("/admin/events/new", form); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("status %d", w.Code)
	}
	lacks(t, plain(d.see("/admin/events").Find("main")), "Främmande")
}

func TestAnOrganiserOfSeveralProgrammesChoosesOne(t *testing.T) {
	d := newDesk(t, nil)
	var other programme.Programme
	storetest.Write(t, d.s.DB, func(tx *store.Tx) (err error) {
		other, err = programme.Add(context.Background(), tx, programme.Programme{Slug: "vestland", Name: "Vestland", Country: "NO", Language: "nn", TimeZone: "Europe/Oslo", ContactEmail: "post@vestland.example"}, registrationtest.Organiser)
		return err
	})
	d.enter("all@region.example", d.everything())
	doc := d.see("/admin/events/new?programme=" + other.ID)
	form := typed(doc.Find("main form.form"))
	if form.Get("programme") != other.ID || form.Get("language") != "nn" || form.Get("contact_email") != "all@region.example" {
		t.Errorf("the form begins with %v", form)
	}
	form.Set("kind", "webinar")
	form.Set("mode", "online")
	form.Set("title", "Tilbod")
	form.Set("starts_at", "2027-04-15")
	form.Set("starts_time", "12:00")
	form.Set("ends_time", "13:00")
	to := d.send("/admin/events/new", form)
	d.ev.ID = to[len("/admin/events/") : len(to)-len("?done=created")]
	if got := d.now(); got.ProgrammeID != other.ID || got.TimeZone != "Europe/Oslo" || !got.ClosesAt.Equal(got.StartsAt) {
		t.Errorf("programme %s, zone %s, closes %s", got.ProgrammeID, got.TimeZone, got.ClosesAt)
	}
}

func TestASmallChangeOfAPublishedEventIsSavedAtOnceAndToldToNobody(t *testing.T) {
	d := newDesk(t, nil)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	to := d.send(d.at("/edit"), d.filled(d.at("/edit"), url.Values{"summary": {"Bättre ingress."}, "room_places": {"40"}}))
	if got := d.now(); to != d.at("?done=saved") || got.Summary != "Bättre ingress." || *got.RoomPlaces != 40 {
		t.Errorf("%s, %q, %d places", to, got.Summary, *got.RoomPlaces)
	}
	if diff := cmp.Diff([]message.Letter{message.Confirmed}, d.letters(r)); diff != "" {
		t.Error(diff)
	}
}

func TestPlacesAlreadyTakenAreNotTakenAway(t *testing.T) {
	d := newDesk(t, nil)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 2)
	doc := d.page(d.post(d.at("/edit"), d.filled(d.at("/edit"), url.Values{"room_places": {"1"}})), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find("#room_places-error")), "2 platser är redan tagna")
}

func TestAChangeThatMattersIsShownBeforeAnybodyIsTold(t *testing.T) {
	d := newDesk(t, nil)
	sv, nn := d.inLanguage(1, "sv"), d.inLanguage(2, "nn")
	form := d.filled(d.at("/edit"), url.Values{"venue": {"Folkets hus"}, "agenda_time": {"09:00"}, "agenda_title": {"Nytt"}})
	doc := d.page(d.post(d.at("/edit"), form), http.StatusOK)
	if got := d.now(); got.VenueName != "Kristinehallen" || got.Revision != d.ev.Revision || len(got.Agenda) != 0 || len(d.letters(sv)) != 1 {
		t.Fatalf("the first step saved: %q, revision %d, letters %v", got.VenueName, got.Revision, d.letters(sv))
	}
	text := plain(doc.Find("main"))
	wants(t, text, "Ändringen är inte sparad än", "2 personer som har plats får varsitt brev", "Svenska: 1 person", "Nynorska: 1 person")
	wants(t, plain(doc.Find(".compare")), "Före: Kristinehallen, Kristinegatan 1, Falun", "Efter: Folkets hus, Kristinegatan 1, Falun")
	var letters []string
	for _, l := range doc.Find("pre.mail-text").EachIter() {
		letters = append(letters, l.AttrOr("lang", "")+" "+plain(l))
	}
	if diff := cmp.Diff([]string{"sv E15 to person001@example.se: 10 Mar 09:00 at Folkets hus.", "nn E15 to person002@example.se: 10 Mar 09:00 at Folkets hus."}, letters); diff != "" {
		t.Error(diff)
	}

	second := typed(doc.Find("main form.form"))
	second.Set("message", "Hissen är trasig.")
	second.Set("again", "1")
	doc = d.page(d.post(d.at("/edit"), second), http.StatusOK)
	wants(t, plain(doc.Find("pre.mail-text").First()), "Hissen är trasig.")

	second = typed(doc.Find("main form.form"))
	second.Set("confirmed", "1")
	if to := d.send(d.at("/edit"), second); to != d.at("?done=saved") {
		t.Errorf("led to %s", to)
	}
	got := d.now()
	if got.VenueName != "Folkets hus" || len(got.Agenda) != 1 || got.MovedFromPlace != "Kristinehallen" {
		t.Errorf("stored %q, agenda %v, moved from %q", got.VenueName, got.Agenda, got.MovedFromPlace)
	}
	for _, r := range []registration.Registration{sv, nn} {
		list := d.messages(r)
		if last := list[len(list)-1]; len(list) != 2 || last.Letter != message.EventMoved || last.Details.Reason != "Hissen är trasig." || last.Details.OldPlace != "Kristinehallen" {
			t.Errorf("letters to %s: %v", r.Language, d.letters(r))
		}
	}
	if w := d.post(d.at("/edit"), second); w.Code != http.StatusConflict || len(d.letters(sv)) != 2 {
		t.Errorf("the button pressed twice: %d, letters %v", w.Code, d.letters(sv))
	}
}

func TestOneCanGoBackFromTheStepThatAsks(t *testing.T) {
	d := newDesk(t, nil)
	d.inLanguage(1, "sv")
	form := d.filled(d.at("/edit"), url.Values{"venue": {"Folkets hus"}, "speaker_name": {"Anna", "Bo"}, "speaker_organisation": {"", "Bo AB"}})
	step := typed(d.page(d.post(d.at("/edit"), form), http.StatusOK).Find("main form.form"))
	step.Set("back", "1")
	again := typed(d.page(d.post(d.at("/edit"), step), http.StatusOK).Find("main form.form"))
	for _, name := range []string{"venue", "speaker_name", "speaker_organisation", "title", "starts_at", "audience", "revision"} {
		if diff := cmp.Diff(form[name], again[name]); diff != "" {
			t.Errorf("%s was not kept: %s", name, diff)
		}
	}
}

func TestADraftIsSavedWithoutAsking(t *testing.T) {
	d := newDesk(t, nil)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) (err error) {
		d.ev, err = event.Create(context.Background(), tx, d.ev.ProgrammeID, "", registrationtest.Content(), registrationtest.Organiser)
		return err
	})
	d.send(d.at("/edit"), d.filled(d.at("/edit"), url.Values{"starts_at": {"2027-03-11"}, "ends_at": {"2027-03-11"}, "registration_closes_at": {""}, "registration_closes_time": {""}}))
	if got := d.now(); !got.StartsAt.Equal(localTime(t, "2027-03-11 09:00")) || !got.ClosesAt.Equal(localTime(t, "2027-03-04 23:59")) {
		t.Errorf("starts %s, closes %s", got.StartsAt, got.ClosesAt)
	}
}

func TestWhatSomebodyElseHasSavedIsShownAndNotLost(t *testing.T) {
	d := newDesk(t, nil)
	mine := d.filled(d.at("/edit"), url.Values{"summary": {"Min ingress."}})
	d.clock.Advance(30 * time.Minute)
	d.send(d.at("/edit"), d.filled(d.at("/edit"), url.Values{"summary": {"Kollegans ingress."}, "access_notes": {"Hörslinga."}}))

	doc := d.page(d.post(d.at("/edit"), mine), http.StatusConflict)
	wants(t, plain(doc.Find(".ds-alert")), "Någon annan har sparat under tiden", "Karin Lind sparade onsdag 13 januari 2027 kl. 10.30")
	wants(t, plain(doc.Find(".compare")), "Ingress Före: Kollegans ingress. Efter: Min ingress.", "Lokalens tillgänglighet Före: Hörslinga. Efter: saknas")
	if got := d.now(); got.Summary != "Kollegans ingress." {
		t.Fatalf("stored %q", got.Summary)
	}
	if got := plain(doc.Find(".form-actions button")); got != "Spara ändå" {
		t.Errorf("the button says %q", got)
	}
	d.send(d.at("/edit"), typed(doc.Find("main form.form")))
	if got := d.now(); got.Summary != "Min ingress." {
		t.Errorf("stored %q", got.Summary)
	}
}

func TestFoodIsAskedAboutOnlyWhereItMayBe(t *testing.T) {
	d := newDesk(t, nil)
	if d.see(d.at("/edit")).Find(`input[name="catering"]`).Length() != 1 {
		t.Error("a programme that may ask about food cannot")
	}
	var undecided programme.Programme
	storetest.Write(t, d.s.DB, func(tx *store.Tx) (err error) {
		undecided, err = programme.Add(context.Background(), tx, programme.Programme{Slug: "gavleborg", Name: "Gävleborg", Country: "SE", Language: "sv", TimeZone: "Europe/Stockholm", Authority: true}, registrationtest.Organiser)
		if err != nil {
			return err
		}
		d.ev, err = event.Create(context.Background(), tx, undecided.ID, "", registrationtest.Content(), registrationtest.Organiser)
		return err
	})
	d.enter("all@region.example", d.everything())
	doc := d.see(d.at("/edit"))
	if doc.Find(`input[name="catering"]`).Length() != 0 {
		t.Error("a programme that may not ask about food can")
	}
	wants(t, plain(doc.Find("#catering")), "gallringsbeslut")
	refused := d.page(d.post(d.at("/edit"), d.filled(d.at("/edit"), url.Values{"catering": {"1"}})), http.StatusUnprocessableEntity)
	wants(t, plain(refused.Find("#catering-error")), "gallringsbeslut")
}

func TestWhatIsMissingStandsAtTheFields(t *testing.T) {
	d := newDesk(t, nil)
	c := registrationtest.Content()
	c.Summary, c.VenueName, c.VenueAddress = "", "", ""
	storetest.Write(t, d.s.DB, func(tx *store.Tx) (err error) {
		d.ev, err = event.Create(context.Background(), tx, d.ev.ProgrammeID, "", c, registrationtest.Organiser)
		return err
	})
	doc := d.see(d.at("/edit?check=1"))
	if doc.Find("#summary-error").Length() != 1 || doc.Find("#venue-error").Length() != 1 {
		t.Error("what is missing is not shown")
	}
	if d.see(d.at("/edit")).Find(".field-error").Length() != 0 {
		t.Error("the form begins with errors")
	}
}

func TestACancelledEventIsNotChanged(t *testing.T) {
	d := newDesk(t, nil)
	form := d.filled(d.at("/edit"), url.Values{"summary": {"För sent."}})
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := registration.CancelEvent(context.Background(), tx, d.ev.ID, "Sjukdom", registrationtest.Organiser)
		return err
	})
	form.Set("revision", "3")
	if w := d.post(d.at("/edit"), form); w.Code != http.StatusConflict || d.now().Summary == "För sent." {
		t.Errorf("status %d, summary %q", w.Code, d.now().Summary)
	}
}
