package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"stafett/internal/event"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// writtenMailing stores a draft to those with a place, or a template of it, and
// answers its id.
func writtenMailing(t *testing.T, s *Server, ev event.Event, template bool) (id string) {
	t.Helper()
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		content := mailing.Content{Texts: map[string]mailing.Text{"sv": {Subject: "Parkering", Body: "Parkera på torget."}}}
		m, err := mailing.New(context.Background(), tx, ev.ProgrammeID, mailing.OfEvent(ev.ID), content, registrationtest.Organiser)
		if err != nil || !template {
			id = m.ID
			return err
		}
		kept, err := mailing.Keep(context.Background(), tx, m, "Mall "+m.ID, registrationtest.Organiser)
		id = kept.ID
		return err
	})
	return id
}

// stored is the mailing as it is.
func (d *desk) stored(id string) (m mailing.Mailing) {
	d.t.Helper()
	storetest.Read(d.t, d.s.DB, func(tx *store.Tx) (err error) {
		m, err = mailing.Find(context.Background(), tx, id)
		return err
	})
	return m
}

// mailed lists to whom letters of mailings stand in the outbox, with their state.
func (d *desk) mailed() (all []string) {
	d.t.Helper()
	storetest.Read(d.t, d.s.DB, func(tx *store.Tx) (err error) {
		all, err = store.All(context.Background(), tx, store.Value[string], `SELECT recipient || ' ' || status FROM message WHERE letter = 'E27' ORDER BY recipient`)
		return err
	})
	return all
}

// newDraft fills in the form for a new mailing, and answers the draft's address.
func (d *desk) newDraft(over url.Values) string {
	d.t.Helper()
	form := typed(d.see("/admin/mailings/new?event=" + d.ev.ID).Find(`form[method=post][action="/admin/mailings/new"]`))
	form.Set("subject_sv", "Parkering inför {event}")
	form.Set("body_sv", "Hej {first_name}, parkera på **torget**.")
	form.Set("act", "preview")
	for name, values := range over {
		form[name] = values
	}
	return strings.TrimSuffix(d.send("/admin/mailings/new", form), "/preview")
}

func TestAnOrganiserWritesLooksTriesAndSends(t *testing.T) {
	d := newDesk(t, nil)
	people := []registration.Registration{}
	for n := 1; n <= 3; n++ {
		people = append(people, registrationtest.Sign(t, d.s.DB, d.ev.ID, n))
	}
	address := d.newDraft(nil)
	page := d.see(address + "/preview")
	wants(t, plain(page.Find("main")), "3 personer nås", "Mottagare 1 av 3", "Skicka till 3 personer", "Urvalet görs om", "own@region.example")
	next := page.Find(`a[rel=next]`).AttrOr("href", "")
	wants(t, plain(d.see(next).Find("main")), "Mottagare 2 av 3")
	if got := page.Find("iframe").AttrOr("src", ""); d.get(got).Code != http.StatusOK {
		t.Errorf("the letter at %s is not there", got)
	}
	if to := d.send(address+"/test", url.Values{"reader": {"nb"}, "n": {"2"}}); !strings.Contains(to, "/preview?done=mailing_tested") {
		t.Errorf("the test leads to %s", to)
	}
	if got := d.mailed(); fmt.Sprint(got) != "[own@region.example waiting]" {
		t.Errorf("a test went to %q", got)
	}
	storetest.Read(t, d.s.DB, func(tx *store.Tx) error {
		details, err := store.One(context.Background(), tx, store.Value[string], `SELECT details FROM message WHERE letter = 'E27'`)
		if !strings.Contains(details, people[1].ID) {
			t.Errorf("the test is not the letter that was shown, to %s: %s", people[1].Email, details)
		}
		return err
	})
	form := typed(page.Find(`form[action$="/send"]`))
	to := d.send(address+"/send", form)
	if got := len(d.mailed()); got != 4 {
		t.Errorf("%d letters", got)
	}
	wants(t, plain(d.see(to).Find("main")), "Utskicket går nu", "av 3", "Stoppa utskicket")
	if w := d.post(address+"/send", form); w.Code != http.StatusConflict {
		t.Errorf("sent twice: %d", w.Code)
	}
	d.send(address+"/stop", nil)
	wants(t, plain(d.see(address).Find("main")), "Stoppat", "Parkering inför {event}")
	wants(t, plain(d.see("/admin/mailings").Find("main")), "Parkering inför", "Stoppat", d.ev.Title)
	actions := fmt.Sprint(d.allAudits("mailing", strings.TrimPrefix(address, "/admin/mailings/")))
	if actions != "[mailing.create: mailing.preview: mailing.send:3 mailing.stop:0]" {
		t.Errorf("audit %s", actions)
	}
}

// allAudits lists what was done to an object, with the value that came of it.
func (d *desk) allAudits(kind, id string) (all []string) {
	d.t.Helper()
	storetest.Read(d.t, d.s.DB, func(tx *store.Tx) (err error) {
		all, err = store.All(context.Background(), tx, store.Value[string], `SELECT action || ':' || to_value FROM audit_entry WHERE object_kind = ? AND object_id = ? ORDER BY at, id`, kind, id)
		return err
	})
	return all
}

func TestADraftMayBeUnfinishedButNotSent(t *testing.T) {
	d := newDesk(t, nil)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	address, _, _ := strings.Cut(d.newDraft(url.Values{"body_sv": {""}, "act": {"save"}}), "?")
	page := d.see(address + "?check=1")
	wants(t, plain(page.Find(".error-summary")), "Text (svenska): Fyll i")
	if w := d.get(address + "/preview"); w.Code != http.StatusSeeOther {
		t.Errorf("an unfinished letter is shown: %d", w.Code)
	}
	id := strings.TrimPrefix(address, "/admin/mailings/")
	if w := d.post(address+"/send", url.Values{"revision": {"1"}}); w.Code != http.StatusSeeOther || d.stored(id).Status != mailing.Draft {
		t.Errorf("an unfinished letter was sent: %d", w.Code)
	}
}

func TestWhatIsRefusedInAMailingStandsAtItsFieldWithWhatWasTyped(t *testing.T) {
	d := newDesk(t, nil)
	form := typed(d.see("/admin/mailings/new?event=" + d.ev.ID).Find(`form[method=post]`))
	form.Set("subject_sv", "Hej {namn}")
	form.Set("body_nn", "Sjå {join")
	page := d.page(d.post("/admin/mailings/new", form), http.StatusUnprocessableEntity)
	wants(t, plain(page.Find(".error-summary")), "Ämne (svenska): Ta bort eller rätta {namn}", "Text (nynorska): Ta bort eller rätta {join")
	if got := page.Find("#subject_sv").AttrOr("value", ""); got != "Hej {namn}" {
		t.Errorf("the subject is %q now", got)
	}
	if page.Find("#body_nn").Text() != "Sjå {join" || page.Find("details[open] #body_nn").Length() != 1 {
		t.Error("the other language is lost or folded away")
	}
}

func TestAMailingIsScheduledOnTheClockOfItsEvent(t *testing.T) {
	d := newDesk(t, nil)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	address := d.newDraft(nil)
	id := strings.TrimPrefix(address, "/admin/mailings/")
	for _, tt := range []struct{ date, clock, want string }{
		{"", "", "Ange"}, {"2027-01-13", "09:59", "framåt"}, {"2027-03-28", "02:30", "sommartid"}, {"2028-06-01", "09:00", "inom ett år"},
	} {
		page := d.page(d.post(address+"/schedule", url.Values{"revision": {"1"}, "send_at": {tt.date}, "send_time": {tt.clock}}), http.StatusUnprocessableEntity)
		if got := plain(page.Find("#send_at-error")); got == "" || page.Find("#send_at").AttrOr("value", "") != tt.date {
			t.Errorf("%s %s: %q", tt.date, tt.clock, got)
		}
	}
	to := d.send(address+"/schedule", url.Values{"revision": {"1"}, "send_at": {"2027-02-01"}, "send_time": {"22:00"}})
	wants(t, plain(d.see(to).Find("main")), "Schemalagt", "måndag 1 februari 2027", "väntar till", "tisdag 2 februari 2027", "Urvalet görs om")
	if got := d.stored(id).SendAt.Format("15:04"); got != "21:00" {
		t.Errorf("goes at %s UTC", got)
	}
	d.send(address+"/unschedule", nil)
	if d.stored(id).Status != mailing.Draft || d.see(address).Find("#body_sv").Length() != 1 {
		t.Error("it cannot be edited again")
	}
}

func TestTheSecondOfTwoEditorsIsToldAndLosesNothing(t *testing.T) {
	d := newDesk(t, nil)
	address := d.newDraft(nil)
	first, second := typed(d.see(address).Find(`form[data-confirm-leave]`)), typed(d.see(address).Find(`form[data-confirm-leave]`))
	first.Set("subject_sv", "Den första")
	second.Set("subject_sv", "Den andra")
	d.send(address, first)
	page := d.page(d.post(address, second), http.StatusConflict)
	wants(t, plain(page.Find("main")), "Någon annan har sparat", "Karin Lind sparade", "Den första", "Spara ändå")
	if got := page.Find("#subject_sv").AttrOr("value", ""); got != "Den andra" {
		t.Errorf("what was typed is %q now", got)
	}
	d.send(address, typed(page.Find(`form[data-confirm-leave]`)))
	if got := d.stored(strings.TrimPrefix(address, "/admin/mailings/")).Texts["sv"].Subject; got != "Den andra" {
		t.Errorf("stored %q", got)
	}
}

func TestAnotherProgrammesOrganiserGetsNothingOfAMailing(t *testing.T) {
	d := newDesk(t, nil)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	address := d.newDraft(nil)
	d.send(address+"/template", url.Values{"template": {"Parkering"}})
	other := d.stranger()
	page := plain(other.see("/admin/mailings").Find("main"))
	lacks(t, page, "Parkering", d.ev.Title)
	for _, path := range []string{address, address + "/preview", address + "/letter", "/admin/mailings/new?event=" + d.ev.ID, "/admin/mailings?event=" + d.ev.ID,
		"/admin/mailings/new?from=" + strings.TrimPrefix(address, "/admin/mailings/")} {
		if w := other.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	form := url.Values{"programme": {d.ev.ProgrammeID}, "event": {d.ev.ID}, "status": {"confirmed"}, "subject_sv": {"Hej"}, "body_sv": {"Hej"}}
	if w := other.post("/admin/mailings/new", form); w.Code != http.StatusNotFound {
		t.Errorf("a mailing in another's name: %d", w.Code)
	}
	// One's own programme, and somebody else's event.
	var own string
	storetest.Read(t, d.s.DB, func(tx *store.Tx) (err error) {
		own, err = store.One(context.Background(), tx, store.Value[string], `SELECT id FROM programme WHERE slug = 'vestland'`)
		return err
	})
	form.Set("programme", own)
	if w := other.post("/admin/mailings/new", form); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a mailing to another's participants: %d", w.Code)
	}
}

func TestBoxesWithoutATickSayThatOneIsNeeded(t *testing.T) {
	d := newDesk(t, nil)
	form := url.Values{"programme": {d.ev.ProgrammeID}, "subject_sv": {"Hej"}, "body_sv": {"Hej"}, "act": {"preview"}}
	doc := d.see(d.send("/admin/mailings/new", form))
	for _, field := range []string{"status", "event"} {
		wants(t, plain(doc.Find("#"+field+"-error")), "Kryssa för minst ett")
	}
	if doc.Find("#event").Closest("details:not([open])").Length() != 0 {
		t.Error("the events, of which one is needed, are folded away")
	}
}

func TestPeopleAreChosenByWhatTheyHaveSaid(t *testing.T) {
	d := newDesk(t, func(c *event.Content) {
		registrationtest.Hybrid(c)
		c.Catering = true
		c.Questions = []event.Question{{Kind: event.YesNoQuestion, Label: "Kommer du med buss?"}, {Kind: event.TextQuestion, Label: "Något mer?"}}
	})
	q := registrationtest.Request(d.ev.ID, 1)
	q.Mode, q.Answers = event.Room, map[string][]string{d.now().Questions[0].ID: {"yes"}}
	registrationtest.SignUp(t, d.s.DB, q)
	q = registrationtest.Request(d.ev.ID, 2)
	q.Mode, q.Diet, q.DietConsent = event.Online, "glutenfritt", true
	registrationtest.SignUp(t, d.s.DB, q)
	page := d.see("/admin/mailings/new?event=" + d.ev.ID)
	text := plain(page.Find("form"))
	wants(t, text, "Kommer du med buss?", "Kommun", "Falun (2)", "Målgrupp", "2 personer nås")
	lacks(t, text, "Något mer?", "glutenfritt")
	if page.Find(`[name*=diet], [name*=access]`).Length() > 0 {
		t.Error("people can be chosen by food or access")
	}
	address := d.newDraft(url.Values{"answer_" + d.now().Questions[0].ID: {"yes"}, "mode": {"room"}})
	wants(t, plain(d.see(address+"/preview").Find("main")), "En person nås", registrationtest.Address(1))
	wants(t, plain(d.see(address).Find("form")), "En person nås")
}

func TestTemplatesBeginAMailing(t *testing.T) {
	d := newDesk(t, nil)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	address, _, _ := strings.Cut(d.newDraft(url.Values{"act": {"save"}}), "?")
	// A template is made of what stands in the form, saved or not.
	form := typed(d.see(address).Find(`form[action="` + address + `"]`))
	form.Set("body_sv", "Parkera på gården.")
	form.Set("act", "template")
	form.Set("template", "Parkering")
	if to := d.send(address, form); to != address+"?done=mailing_template_kept" {
		t.Errorf("leads to %s", to)
	}
	form = typed(d.see(address).Find(`form[action="` + address + `"]`))
	form.Set("body_sv", "Parkera vid ån.")
	form.Set("act", "template")
	form.Set("template", "Parkering")
	page := d.page(d.post(address, form), http.StatusUnprocessableEntity)
	wants(t, plain(page.Find("#template-error")), "redan en mall")
	if page.Find("#body_sv").Text() != "Parkera vid ån." || page.Find("#template").AttrOr("value", "") != "Parkering" || page.Find("details[open] #template").Length() != 1 {
		t.Error("what was typed is lost or folded away")
	}
	if got := d.see(address).Find("#body_sv").Text(); got != "Parkera på gården." {
		t.Errorf("saved although it was refused: %q", got)
	}
	// It begins another mailing, and what has been chosen there stays.
	fresh := d.see("/admin/mailings/new?event=" + d.ev.ID)
	options := fresh.Find("#from-template option")
	if options.Length() != 2 {
		t.Fatalf("%d templates", options.Length()-1)
	}
	id := options.Last().AttrOr("value", "")
	begun := typed(fresh.Find(`form[method=post][action="/admin/mailings/new"]`))
	begun.Set("act", "template")
	begun.Set("template", id)
	begun.Set("status", "waitlisted")
	begun.Set("subject_en", "Parking")
	page = d.page(d.post("/admin/mailings/new", begun), http.StatusOK)
	if page.Find("#subject_sv").AttrOr("value", "") != "Parkering inför {event}" || page.Find("#body_sv").Text() != "Parkera på gården." || page.Find("#subject_en").AttrOr("value", "") != "Parking" {
		t.Errorf("begins with %q", page.Find("#body_sv").Text())
	}
	if got := page.Find(`input[name=status][checked]`).AttrOr("value", ""); got != "waitlisted" || page.Find("#from-template option[selected]").AttrOr("value", "") != id {
		t.Errorf("chosen is %q", got)
	}
	if got := d.see("/admin/mailings/new?event="+d.ev.ID+"&template="+id).Find("#subject_sv").AttrOr("value", ""); got != "Parkering inför {event}" {
		t.Errorf("by an address it begins with %q", got)
	}
	// One can be made of a mailing that has gone as well.
	draft := d.see(address)
	d.send(address+"/send", url.Values{"revision": {draft.Find("input[name=revision]").AttrOr("value", "")}})
	page = d.page(d.post(address+"/template", url.Values{"template": {"Parkering"}}), http.StatusUnprocessableEntity)
	if page.Find("#template-error").Length() != 1 || page.Find("#template").AttrOr("value", "") != "Parkering" {
		t.Error("the refused name is gone")
	}
	d.send(address+"/template", url.Values{"template": {"Igen"}})
	for range 2 {
		d.send(d.see("/admin/mailings").Find(`form[action$="/delete"]`).First().AttrOr("action", ""), nil)
	}
	lacks(t, plain(d.see("/admin/mailings").Find("main")), "Mallar")
	other, _, _ := strings.Cut(d.newDraft(url.Values{"act": {"save"}}), "?")
	d.send(other+"/discard", nil)
	if w := d.get(other); w.Code != http.StatusNotFound {
		t.Errorf("a draft that was thrown away: %d", w.Code)
	}
}

// The bar of a mailing is one, on its own page and among the letters.
func TestTheProgressOfAMailingIsOneBar(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = nil })
	for n := range 21 {
		registrationtest.Sign(t, d.s.DB, d.ev.ID, n)
	}
	d.settle(21, message.Sent, "")
	d.clock.Advance(time.Hour)
	d.ran("")
	var all []string
	for range 2 {
		address := d.newDraft(nil)
		d.send(address+"/send", typed(d.see(address+"/preview").Find(`form[action$="/send"]`)))
		all = append(all, address)
	}
	d.settle(5, message.Sent, "")
	d.settle(1, message.Failed, "refused 550 5.7.1")
	own := d.see(all[0]).Find(".mail-progress")
	source := own.AttrOr("data-live-part", "")
	wants(t, plain(own), "Parkering inför {event}", "5 av 21 skickade", "ett gick inte fram")
	part := d.part(source)
	if got := part.Find("li").AttrOr("data-announce", ""); part.Find("[data-running]").Length() != 1 || got != "Utskick: Parkering inför {event}: 25 procent klart" {
		t.Errorf("who listens hears %q", got)
	}
	lines := d.part("/admin/messages/progress").Find("li")
	seen := map[string]bool{}
	lines.Each(func(_ int, li *goquery.Selection) {
		seen[li.AttrOr("data-key", "")+li.Find("a").AttrOr("href", "")] = true
	})
	if lines.Length() != 2 || len(seen) != 2 {
		t.Errorf("%d bars, of which %d can be told apart", lines.Length(), len(seen))
	}
	wants(t, plain(d.part("/admin/messages/progress?event="+d.ev.ID).Find("body")), "5 av 21 skickade", "0 av 21 skickade")
	if w := d.stranger().get(source); w.Code != http.StatusNotFound {
		t.Errorf("a stranger sees how far it has come: %d", w.Code)
	}
	d.settle(15, message.Sent, "")
	done := d.part(source)
	wants(t, plain(done.Find("body")), "20 av 21 skickade", "Klart")
	if done.Find("[data-running]").Length() != 0 {
		t.Error("it goes on asking")
	}
}

// Whoever looks at it afterwards sees to whom it went.
func TestAMailingThatHasGoneTellsWhomItWasFor(t *testing.T) {
	d := newDesk(t, func(c *event.Content) {
		registrationtest.Hybrid(c)
		c.Questions = []event.Question{{Kind: event.YesNoQuestion, Label: "Kommer du med buss?"}}
	})
	address, _, _ := strings.Cut(d.newDraft(url.Values{"act": {"save"}, "mode": {"online"}, "audience": {"procurer"}, answerField + d.ev.Questions[0].ID: {"yes"}}), "?")
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		return mailing.Schedule(context.Background(), tx, strings.TrimPrefix(address, "/admin/mailings/"), 1, d.clock.Now().Add(time.Hour), registrationtest.Organiser)
	})
	page := d.see(address)
	wants(t, plain(page.Find("main")), "De som deltarDigitalt", "MålgruppUpphandlare", "Kommer du med buss?Ja")
	if page.Find("dt[lang=sv]").Length() != 1 {
		t.Error("the organiser's own words have no language")
	}
}

func TestManyMailingsHavePages(t *testing.T) {
	d := newDesk(t, nil)
	for range mailingsShown + 1 {
		writtenMailing(t, d.s, d.ev, false)
	}
	page := d.see("/admin/mailings")
	if n := page.Find("tbody tr").Length(); n != mailingsShown {
		t.Errorf("%d mailings on a page", n)
	}
	if n := d.see(page.Find("a[rel=next]").AttrOr("href", "")).Find("tbody tr").Length(); n != 1 {
		t.Errorf("%d mailings on the second page", n)
	}
	if n := d.see("/admin/mailings?status=sent").Find("tbody tr").Length(); n != 0 {
		t.Errorf("%d drafts are sent", n)
	}
}

func TestLettersOfMailingsAreCountedOnTheirEvent(t *testing.T) {
	d := newDesk(t, nil)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	address := d.newDraft(nil)
	d.send(address+"/send", url.Values{"revision": {"1"}})
	var n message.Counts
	storetest.Read(t, d.s.DB, func(tx *store.Tx) (err error) {
		n, err = message.CountOf(context.Background(), tx, d.ev.ID)
		return err
	})
	if n.Waiting != 2 { // the confirmation, and this
		t.Errorf("%d letters wait", n.Waiting)
	}
}

func TestThePreviewSaysWhichTextThoseOfAnotherLanguageGet(t *testing.T) {
	d := newDesk(t, nil)
	d.inLanguage(1, "sv")
	d.inLanguage(2, "nn")
	list := plain(d.see(d.newDraft(nil) + "/preview").Find("main"))
	wants(t, list, "Svenska: 1 person", "Nynorska: 1 person. Texten på svenska, resten av brevet på eget språk.")
	lacks(t, list, "Svenska: 1 person. Texten")
}
