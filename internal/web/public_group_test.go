package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// withColleagues is the form of somebody with so many colleagues, filled in.
func withColleagues(n int) url.Values {
	form := signUp()
	for i := range n {
		number := fmt.Sprintf("p%d_", i+2)
		form.Set(number+"first_name", "Kollega")
		form.Set(number+"last_name", fmt.Sprint("Nummer ", i+1))
		form.Set(number+"email", registrationtest.Address(i+1))
	}
	return form
}

// after sends a form that is let through and gives the page after it.
func (v *visitor) after(path string, form url.Values) *goquery.Document {
	v.t.Helper()
	w := v.post(path, form)
	if w.Code != http.StatusSeeOther {
		v.t.Fatalf("status %d: %s", w.Code, plain(v.page(w, w.Code).Find("main")))
	}
	return v.page(v.get(w.Header().Get("Location")), http.StatusOK)
}

// each is what a page tells of each of several people.
func each(doc *goquery.Document) (list []string) {
	for _, li := range doc.Find("#people .todo-list > li").EachIter() {
		list = append(list, plain(li.Find("strong"))+": "+plain(li.Find(".ds-tag")))
	}
	return list
}

func statuses(all []registration.Registration) map[string]registration.Status {
	m := map[string]registration.Status{}
	for _, r := range all {
		m[r.Email] = r.Status
	}
	return m
}

func TestFiveOfOneCompanySignUpInOneFormAndEachHasTheirOwn(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, func(c *event.Content) { c.RoomPlaces = new(3) })
	v := newVisitor(t, s)
	form := withColleagues(4)
	doc := v.after("/events/"+ev.Slug+"/register", form)
	want := []string{"Åsa Öberg: Har en plats", "Kollega Nummer 1: Har en plats", "Kollega Nummer 2: Har en plats",
		"Kollega Nummer 3: Nummer 1 på reservlistan", "Kollega Nummer 4: Nummer 2 på reservlistan"}
	if diff := cmp.Diff(want, each(doc)); diff != "" {
		t.Error(diff)
	}
	all := registrations(t, s, ev.ID)
	for _, r := range all {
		if r.CompanyID == "" || r.CompanyID != all[0].CompanyID || r.Audience != "supplier_sme" || r.Municipality.Number != "2062" {
			t.Errorf("%s comes for %+v", r.Email, r)
		}
	}
	if again := v.after("/events/"+ev.Slug+"/register", form); len(registrations(t, s, ev.ID)) != 5 || cmp.Diff(want, each(again)) != "" {
		t.Errorf("the same form once more: %d registrations, %q", len(registrations(t, s, ev.ID)), each(again))
	}
}

func TestWhoOnlyWantPlacesTogetherWaitTogether(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, func(c *event.Content) { c.RoomPlaces = new(2) })
	v := newVisitor(t, s)
	form := withColleagues(2)
	form.Set("together", "yes")
	doc := v.page(v.post("/events/"+ev.Slug+"/register", form), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find("#together, .field-error")), "Evenemanget har bara 2 platser")
	ev = registrationtest.Event(t, s.DB, func(c *event.Content) { c.RoomPlaces = new(3) })
	registrationtest.Sign(t, s.DB, ev.ID, 1)
	doc = v.after("/events/"+ev.Slug+"/register", form)
	wants(t, strings.Join(each(doc), "; "), "Åsa Öberg: Nummer 1 på", "Nummer 1: Nummer 2 på", "Nummer 2: Nummer 3 på")
	token := link(t, s, registrations(t, s, ev.ID)[1], registration.Manage)
	wants(t, plain(v.page(v.get("/r/"+token), http.StatusOK).Find("main")), "som bara vill ha plats tillsammans.")
}

func TestThePageDoesNotTellWhichColleagueWasRegisteredBefore(t *testing.T) {
	told := map[bool][]string{}
	for _, before := range []bool{true, false} {
		s := newServer(t, nil)
		ev := registrationtest.Event(t, s.DB, func(c *event.Content) { c.RoomPlaces = new(1) })
		registrationtest.Sign(t, s.DB, ev.ID, map[bool]int{true: 2, false: 9}[before])
		v := newVisitor(t, s)
		told[before] = each(v.after("/events/"+ev.Slug+"/register", withColleagues(3)))
	}
	if diff := cmp.Diff(told[false], told[true]); diff != "" || len(told[true]) != 4 {
		t.Errorf("unknown, and registered before: %s", diff)
	}
}

func TestTheButtonForAColleagueBringsFieldsAndLosesNothing(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, func(c *event.Content) {
		registrationtest.Hybrid(c)
		c.Questions = []event.Question{{Kind: event.TextQuestion, Label: "Vad vill du fråga?"}}
	})
	v := newVisitor(t, s)
	path := "/events/" + ev.Slug + "/register"
	doc := v.page(v.get(path), http.StatusOK)
	if n := doc.Find("#colleagues ol [data-row]").Length(); n != 0 {
		t.Errorf("who comes alone has fields for %d colleagues", n)
	}
	if _, hidden := doc.Find("[data-rows-some]").Attr("hidden"); !hidden {
		t.Error("who comes alone is asked what to do when they do not all fit")
	}
	form := withColleagues(1)
	form.Set("mode", "online")
	form.Set("p2_mode", "room")
	form.Set("together", "yes")
	form.Set("q_"+ev.Questions[0].ID, "Hur gör man?")
	add := maps.Clone(form)
	add.Set("add", "1")
	doc = v.page(v.post(path, add), http.StatusOK)
	for id, want := range map[string]string{"first_name": "Åsa", "company_name": "Siljans Snickeri (påhittat)", "p2_first_name": "Kollega", "p2_email": registrationtest.Address(1), "p3_first_name": ""} {
		if got := doc.Find("#"+id).AttrOr("value", "missing"); got != want {
			t.Errorf("%s holds %q, want %q", id, got, want)
		}
	}
	if got := doc.Find("#p2_mode option[selected]").AttrOr("value", ""); got != "room" {
		t.Errorf("the colleague takes part: %q", got)
	}
	if doc.Find("#together-1[checked]").Length() != 1 || doc.Find("#mode-1[checked]").Length() != 1 || doc.Find("#q_"+ev.Questions[0].ID).Text() != "Hur gör man?" {
		t.Error("a choice or an answer is lost")
	}
	if doc.Find("[autofocus]").AttrOr("id", "") != "p3_first_name" {
		t.Error("the new fields do not have the focus")
	}
	if doc.Find("[data-error-summary]").Length() != 0 || len(registrations(t, s, ev.ID)) != 0 {
		t.Error("asking for fields is taken for signing up")
	}
	less := withColleagues(4)
	less.Set("remove", "3")
	doc = v.page(v.post(path, less), http.StatusOK)
	if got := doc.Find("#p3_last_name").AttrOr("value", ""); got != "Nummer 3" || doc.Find("#colleagues ol [data-row]").Length() != 3 {
		t.Errorf("after the second was taken away, the second is %q", got)
	}
	full := withColleagues(4)
	full.Set("add", "1")
	doc = v.page(v.post(path, full), http.StatusOK)
	if _, off := doc.Find("[data-row-add]").Attr("disabled"); !off || doc.Find("#colleagues ol [data-row]").Length() != 4 {
		t.Error("a fifth colleague can be asked for")
	}
}

func TestAnErrorOfAColleagueStandsAtTheFieldAndNamesTheColleague(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	form := withColleagues(4)
	form.Set("p4_email", "ingen adress")
	form.Set("p5_email", " PERSON001@example.se")
	doc := v.page(v.post("/events/"+ev.Slug+"/register", form), http.StatusUnprocessableEntity)
	summary := plain(doc.Find(".error-summary"))
	wants(t, summary, "Kollega 3, E-postadress:", "Kollega 4, E-postadress: Samma adress står två gånger")
	lacks(t, summary, "Kollega 1", "Kollega 2")
	if doc.Find("#p4_email[aria-invalid=true]").Length() != 1 || doc.Find(`.error-summary a[href="#p4_email"]`).Length() != 1 || doc.Find("#p3_email").AttrOr("value", "") != registrationtest.Address(2) {
		t.Error("the error is not at the third colleague, or what was typed is lost")
	}
	if len(registrations(t, s, ev.ID)) != 0 {
		t.Error("some are registered although something must be corrected")
	}
}

func TestFieldsLeftEmptyAreNobody(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	form := signUp()
	for _, n := range []string{"p2_", "p7_"} {
		form.Set(n+"first_name", " ")
		form.Set(n+"email", "")
	}
	doc := v.after("/events/"+ev.Slug+"/register", form)
	if all := registrations(t, s, ev.ID); len(all) != 1 || doc.Find("#people").Length() != 0 {
		t.Errorf("registered: %v", statuses(all))
	}
	form = withColleagues(1)
	form.Set("p5_first_name", "Bo") // scripts leave gaps in the numbers
	doc = v.page(v.post("/events/"+ev.Slug+"/register", form), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Kollega 2, Efternamn:", "Kollega 2, E-postadress:")
}

func TestOneTooManyIsRefused(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	doc := v.page(v.post("/events/"+ev.Slug+"/register", withColleagues(5)), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Högst 4 till kan anmälas på samma gång")
	full := registrationtest.Event(t, s.DB, func(c *event.Content) { c.Title, c.RoomPlaces, c.WaitingList = "Två platser", new(2), false })
	doc = v.page(v.post("/events/"+full.Slug+"/register", withColleagues(2)), http.StatusConflict)
	wants(t, plain(doc.Find("main")), "Det finns inte plats för er alla", "Ta bort kollega 2")
}

func TestColleaguesAreSignedUpForASeriesToo(t *testing.T) {
	d := newDesk(t, nil)
	all := d.inSeries(event.ForEach)
	v := newVisitor(t, d.s)
	form := withColleagues(1)
	form["occasion"] = []string{all[2].ID}
	doc := v.after("/events/"+all[0].Slug+"/register", form)
	if n := doc.Find("#people .outcomes > li").Length(); n != 4 {
		t.Errorf("%d outcomes of two people at two occasions: %s", n, plain(doc.Find("#people")))
	}
	for i, want := range []int{2, 0, 2} {
		if got := registrations(t, d.s, all[i].ID); len(got) != want {
			t.Errorf("occasion %d: %v", i+1, statuses(got))
		}
	}
	for _, r := range registrations(t, d.s, all[0].ID) {
		storetest.Read(t, d.s.DB, func(tx *store.Tx) error {
			mine, err := registration.Enrolled(t.Context(), tx, r.ID)
			if len(mine) != 2 || mine[0].Email != r.Email || mine[1].Email != r.Email {
				t.Errorf("with %s belong %v", r.Email, statuses(mine))
			}
			return err
		})
	}
}

func TestAColleagueIsSignedUpLaterFromOnesOwnRegistration(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*event.Content)
		before bool
		want   string
		status registration.Status
	}{
		"a place":               {nil, false, "Kollegan har en plats", registration.Confirmed},
		"registered before":     {nil, true, "Kollegan har en plats", registration.Confirmed},
		"the queue":             {func(c *event.Content) { c.RoomPlaces = new(1) }, false, "Kollegan står på reservlistan", registration.Waitlisted},
		"an address to confirm": {func(c *event.Content) { c.ConfirmEmail = true }, false, "behöver bekräfta sin adress", registration.PendingEmail},
		"outside the audience":  {func(c *event.Content) { c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"buyer"} }, false, "Arrangören avgör", registration.Requested},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, nil)
			ev := registrationtest.Event(t, s.DB, tt.change)
			v := newVisitor(t, s)
			v.after("/events/"+ev.Slug+"/register", signUp())
			first := registrations(t, s, ev.ID)[0]
			if tt.before {
				registrationtest.Sign(t, s.DB, ev.ID, 7)
			}
			path := "/r/" + link(t, s, first, registration.Manage)
			if v.page(v.get(path), http.StatusOK).Find("#colleague details[open]").Length() != 0 {
				t.Error("the fields stand open before anybody asks for them")
			}
			form := url.Values{"more_first_name": {"Bo"}, "more_last_name": {"Ek"}, "more_email": {registrationtest.Address(7)}}
			doc := v.after(path+"/colleague", form)
			wants(t, plain(doc.Find("[role=status]")), tt.want)
			got := statuses(registrations(t, s, ev.ID))
			if len(got) != 2 || got[registrationtest.Address(7)] != tt.status || got["asa@people.example"] != first.Status {
				t.Errorf("registered: %v", got)
			}
		})
	}
}

func TestTheTwoFormsWithAColleagueDoNotMix(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, registrationtest.Hybrid)
	v := newVisitor(t, s)
	form := signUp()
	form.Set("mode", "online")
	v.after("/events/"+ev.Slug+"/register", form)
	path := "/r/" + link(t, s, registrations(t, s, ev.ID)[0], registration.Manage)
	doc := v.page(v.post(path+"/colleague", url.Values{"more_first_name": {"Bo"}, "more_email": {"bo"}, "more_mode": {"room"}}), http.StatusUnprocessableEntity)
	if doc.Find("#more_email[aria-invalid=true]").Length() != 1 || doc.Find("#colleague_email[aria-invalid]").Length() != 0 || doc.Find("#colleague details[open]").Length() != 1 {
		t.Error("the error does not stand at the colleague's own field")
	}
	if doc.Find("#more_first_name").AttrOr("value", "") != "Bo" || doc.Find("#colleague_first_name").AttrOr("value", "") != "" || doc.Find("#more_mode option[selected]").AttrOr("value", "") != "room" {
		t.Error("what was typed is lost, or stands in the other form")
	}
	doc = v.page(v.post(path+"/transfer", url.Values{"colleague_first_name": {"Bo"}, "colleague_email": {"bo"}}), http.StatusUnprocessableEntity)
	if doc.Find("#more_email[aria-invalid]").Length() != 0 || doc.Find("#colleague details[open]").Length() != 0 {
		t.Error("the error of the transfer stands at the colleague who comes too")
	}
	if doc.Find("#more_mode option[selected]").AttrOr("value", "") != "online" {
		t.Error("the colleague is not offered the way in which one takes part oneself")
	}
}

func TestWhatAnOrganiserAddsByHandIsTheirApproval(t *testing.T) {
	for name, change := range map[string]func(*event.Content){
		"by invitation":        func(c *event.Content) { c.AudienceMode = event.AudienceInvite },
		"for another audience": func(c *event.Content) { c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"buyer"} },
		"for its municipality": func(c *event.Content) {
			c.AudienceMode, c.OwnMunicipality, c.Municipality = event.AudienceAsk, true, municipality.Code{Country: "SE", Number: "2062"}
		},
		"an address to confirm": func(c *event.Content) { c.ConfirmEmail = true },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, change)
			form := d.filled(d.at("/add"), url.Values{"first_name": {"Bo"}, "last_name": {"Ek"}, "email": {"bo@people.example"}, "organisation": {"none"}})
			d.send(d.at("/add"), form)
			if got := statuses(registrations(t, d.s, d.ev.ID))["bo@people.example"]; got != registration.Confirmed {
				t.Errorf("the status is %q", got)
			}
		})
	}
}

func TestColleaguesCountAgainstTheLimitOfSignUps(t *testing.T) {
	s := newServer(t, func(o *Options) { o.Limits.RegisterMinute = 7 })
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	path := "/events/" + ev.Slug + "/register"
	add := withColleagues(3)
	add.Set("add", "1")
	for range 10 { // asking for fields is not signing up
		v.page(v.post(path, add), http.StatusOK)
	}
	v.after(path, withColleagues(4))
	other := withColleagues(2)
	other.Set("email", "annan@people.example")
	v.page(v.post(path, other), http.StatusTooManyRequests)
	if n := len(registrations(t, s, ev.ID)); n != 5 {
		t.Errorf("%d are registered", n)
	}
}

func TestTheFormTellsHowManyOfOneCompanyCanHaveAPlace(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, func(c *event.Content) { c.CompanyLimit = new(2) })
	v := newVisitor(t, s)
	add := signUp()
	add.Set("add", "1")
	wants(t, plain(v.page(v.post("/events/"+ev.Slug+"/register", add), http.StatusOK).Find("#colleagues")), "Varje företag kan få 2 platser.")
	form := withColleagues(2)
	wants(t, strings.Join(each(v.after("/events/"+ev.Slug+"/register", form)), "; "), "Nummer 1: Har en plats", "Nummer 2: Nummer 1 på reservlistan")
}
