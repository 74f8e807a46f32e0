package web

import (
	"context"
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

const programmeReminders = "/admin/programmes/dalarna/reminders"

// ruleForm is an own reminder at noon, three days before.
func ruleForm(change func(url.Values)) url.Values {
	f := url.Values{
		"letter": {"E26"}, "to": {"place"}, "when": {"before_start"}, "amount": {"3"}, "unit": {"days"}, "at_clock": {"12:00"},
		"subject_sv": {"Ta med en fråga"}, "body_sv": {"Skriv ner den."},
	}
	if change != nil {
		change(f)
	}
	return f
}

// rule finds the address of the event's rule for a letter.
func (d *desk) rule(l message.Letter) string {
	d.t.Helper()
	return d.at("/reminders/rule/" + d.ruleOf(func(ctx context.Context, tx *store.Tx) ([]message.Rule, error) {
		return message.Rules(ctx, tx, d.ev.ID)
	}, l))
}

// programmeRule finds the address of the programme's rule for a letter.
func (d *desk) programmeRule(l message.Letter) string {
	d.t.Helper()
	return programmeReminders + "/rule/" + d.ruleOf(func(ctx context.Context, tx *store.Tx) ([]message.Rule, error) {
		return message.RulesOf(ctx, tx, d.ev.ProgrammeID)
	}, l)
}

func (d *desk) ruleOf(rules func(context.Context, *store.Tx) ([]message.Rule, error), l message.Letter) (id string) {
	d.t.Helper()
	storetest.Read(d.t, d.s.DB, func(tx *store.Tx) error {
		all, err := rules(context.Background(), tx)
		for _, r := range all {
			if r.Letter == l {
				id = r.ID
			}
		}
		return err
	})
	if id == "" {
		d.t.Fatalf("no rule for %s", l)
	}
	return id
}

// goes are the lines of the list of reminders.
func goes(doc *goquery.Document) (lines []string) {
	for _, tr := range doc.Find("#rules").Parent().Find("tbody tr").EachIter() {
		tr.Find("br, p").BeforeHtml(" ")
		lines = append(lines, plain(tr.Find("td").First())+" | "+plain(tr.Find("td").Eq(1))+" | "+plain(tr.Find("td").Eq(2)))
	}
	return lines
}

func TestTheListTellsWhenEachReminderGoesAndToHowMany(t *testing.T) {
	d := newDesk(t, registrationtest.Online)
	for n := range 3 {
		registrationtest.Sign(t, d.s.DB, d.ev.ID, n+1)
	}
	d.send(d.at("/reminders/new"), ruleForm(func(f url.Values) { f.Set("at_clock", "22:30") }))
	got := strings.Join(goes(d.see(d.at("/reminders"))), "\n")
	wants(t, got,
		"Påminnelse en vecka före 7 dagar före start | De som kommer på plats | Ingen deltar så här",
		"Ta med en fråga 3 dagar före start, kl. 22.30 | Alla som har plats | Måndag 8 mars 2027 kl. 07.00 (till 3 personer som det ser ut nu) Kl. 22.30 är det natt",
		"Deltagarlistan till arrangören 2 dagar före start, kl. 09.00 | Arrangören | Måndag 8 mars 2027 kl. 09.00 (till evenemangets kontaktperson)",
		"Påminnelse dagen före 1 arbetsdag före start, kl. 09.00 | Alla som har plats | Tisdag 9 mars 2027 kl. 09.00 (till 3 personer som det ser ut nu)",
		"Påminnelse en timme före 60 minuter före start | De som deltar digitalt | Onsdag 10 mars 2027 kl. 08.00 (till 3",
		"Tack för att du kom 1 dag efter slutet, kl. 09.00 | De som var med | Torsdag 11 mars 2027 kl. 09.00 (till 3")
	d.clock.Set(time.Date(2027, 3, 9, 8, 0, 0, 0, time.UTC))
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		if _, err := message.EnqueueDue(context.Background(), tx); err != nil {
			return err
		}
		_, err := store.Exec(context.Background(), tx, `UPDATE message SET status = 'sent', done_at = ? WHERE letter = 'E19'`, store.At(tx.Now))
		return err
	})
	d.again()
	wants(t, strings.Join(goes(d.see(d.at("/reminders"))), "\n"), "Skickades tisdag 9 mars 2027 kl. 09.00 (till 3 personer)", "Ta med en fråga 3 dagar före start, kl. 22.30 | Alla som har plats | Måndag 8 mars 2027 kl. 07.00 (har passerat, skickades till ingen)")
}

func TestAReminderThatMakesWayForAnotherSaysSo(t *testing.T) {
	d := newDesk(t, nil)
	d.send(d.at("/reminders/new"), ruleForm(func(f url.Values) { f.Set("unit", "working_days"); f.Set("amount", "1"); f.Set("at_clock", "08:30") }))
	wants(t, strings.Join(goes(d.see(d.at("/reminders"))), "\n"), "Skickas inte, för inom en timme skickas: Påminnelse dagen före")
	d.clock.Set(d.ev.StartsAt.Add(-2 * time.Hour))
	d.again()
	d.send(d.at("/reminders/new"), ruleForm(func(f url.Values) { f.Set("subject_sv", "För sent") }))
	wants(t, strings.Join(goes(d.see(d.at("/reminders"))), "\n"), "För sent 3 dagar före start, kl. 12.00 | Alla som har plats | Skickas inte: tiden hade passerat när påminnelsen gjordes")
}

func TestWhatIsWrongWithAReminderStandsBesideItsField(t *testing.T) {
	d := newDesk(t, nil)
	doc := d.page(d.post(d.at("/reminders/new"), ruleForm(func(f url.Values) {
		f.Set("to", "attended")
		f.Set("amount", "många")
		f.Set("body_sv", "")
		f.Set("subject_nb", "Ta med et spørsmål")
		f.Set("body_nb", "Skriv det\u202e ned.")
	})), http.StatusUnprocessableEntity)
	for field, want := range map[string]string{
		"when": "Välj efter slutet", "amount": "Skriv ett helt tal från 0 till 180", "body_sv": "Fyll i uppgiften", "body_nb": "Ta bort osynliga styrtecken",
	} {
		wants(t, plain(doc.Find("#"+field+"-error")), want)
	}
	if got := doc.Find("#subject_nb").AttrOr("value", ""); got != "Ta med et spørsmål" {
		t.Errorf("what was typed is lost: %q", got)
	}
	if _, open := doc.Find("details:has(#body_nb)").Attr("open"); !open {
		t.Error("the error is hidden")
	}
	for words, want := range map[string]string{ // as of a mailing
		"Du är {namn}": "rätta {namn}", "![bild](https://bild.example/x.png)": "Ta bort bilden", "Svara [här](https://enkat.example/?namn={first_name})": "skulle lämna ut uppgifter",
		strings.Repeat("å", mailing.MaxBody+1): "10000 tecken",
	} {
		doc = d.page(d.post(d.at("/reminders/new"), ruleForm(func(f url.Values) { f.Set("body_sv", words) })), http.StatusUnprocessableEntity)
		wants(t, plain(doc.Find("#body_sv-error")), want)
	}
	doc = d.page(d.post(d.at("/reminders/new"), ruleForm(func(f url.Values) { f.Set("subject_sv", ""); f.Set("body_sv", "") })), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find("#texts .field-error")), "Skriv ämnesrad och text på minst ett språk")
	if doc.Find(`.error-summary a[href="#texts"]`).Length() != 1 {
		t.Error("the summary does not lead to the texts")
	}
	if first, other := plain(doc.Find(`label[for="subject_sv"]`)), plain(doc.Find(`label[for="subject_nb"]`)); strings.Contains(first, "frivillig") || !strings.Contains(other, "frivillig") {
		t.Errorf("at least one language is needed, but they are called %q and %q", first, other)
	}
}

func TestAReminderIsChangedSwitchedOffAndRemoved(t *testing.T) {
	d := newDesk(t, nil)
	rule := d.rule(message.DayBefore)
	form := d.see(rule)
	if form.Find("#letter option[selected]").AttrOr("value", "") != "E19" || form.Find("#at_clock").AttrOr("value", "") != "09:00" {
		t.Error("the form does not show the rule")
	}
	f := ruleForm(func(f url.Values) {
		f.Set("letter", "E19")
		f.Set("unit", "working_days")
		f.Set("amount", "2")
		f.Set("at_clock", "10:30")
		f.Del("subject_sv")
		f.Del("body_sv")
		f.Set("seen", seen(form))
	})
	if got := d.send(rule, f); got != d.at("/reminders?done=reminder_saved") {
		t.Errorf("led to %s", got)
	}
	page := d.see(d.at("/reminders"))
	wants(t, strings.Join(goes(page), "\n"), "Måndag 8 mars 2027 kl. 10.30")
	wants(t, plain(page.Find("main")), "Evenemanget har egna påminnelser")
	d.send(rule+"/switch", nil)
	wants(t, strings.Join(goes(d.see(d.at("/reminders"))), "\n"), "Påminnelse dagen före 2 arbetsdagar före start, kl. 10.30 | Alla som har plats | Avstängd")
	d.send(rule+"/switch", url.Values{"on": {"1"}})
	wants(t, strings.Join(goes(d.see(d.at("/reminders"))), "\n"), "Måndag 8 mars 2027 kl. 10.30")
	d.send(rule+"/remove", nil)
	lacks(t, strings.Join(goes(d.see(d.at("/reminders"))), "\n"), "Påminnelse dagen före")
	wants(t, plain(d.see(d.at("")).Find("main")), "En påminnelse ändrades", "En påminnelse stängdes av", "En påminnelse sattes på", "En påminnelse togs bort")
	d.send(d.at("/reminders/restore"), nil)
	wants(t, strings.Join(goes(d.see(d.at("/reminders"))), "\n"), "Påminnelse dagen före 1 arbetsdag före start, kl. 09.00")
}

func TestTheProgrammesRemindersSayWhichEventsTheyWouldChange(t *testing.T) {
	d := newDesk(t, nil)
	other := registrationtest.Event(t, d.s.DB, func(c *event.Content) { c.Title = "Ändrat för hand" })
	d.send("/admin/events/"+other.ID+"/reminders/new", ruleForm(nil))
	lacks(t, plain(d.see(programmeReminders).Find("main")), "kommande evenemang har andra påminnelser")
	d.send(programmeReminders+"/new", ruleForm(func(f url.Values) { f.Set("kind", "seminar") }))
	page := d.see(programmeReminders)
	wants(t, plain(page.Find(".ds-alert")), "1 kommande evenemang har andra påminnelser", d.ev.Title, "Ändra även det evenemanget")
	lacks(t, plain(page.Find(".ds-alert")), "Ändrat för hand")
	wants(t, plain(page.Find("main")), "Ändrade för hand", "Ändrat för hand", "En påminnelse lades till")
	lacks(t, strings.Join(goes(d.see(d.at("/reminders"))), "\n"), "Ta med en fråga")
	if got := d.send(programmeReminders+"/follow", nil); got != programmeReminders+"?done=reminders_followed" {
		t.Errorf("led to %s", got)
	}
	wants(t, strings.Join(goes(d.see(d.at("/reminders"))), "\n"), "Ta med en fråga 3 dagar före start, kl. 12.00 | Alla som har plats | Söndag 7 mars 2027 kl. 12.00")
	wants(t, plain(d.see(d.at("")).Find("main")), "Påminnelserna följde programmets")
	d.send(programmeReminders+"/restore", nil)
	lacks(t, strings.Join(goes(d.see(programmeReminders)), "\n"), "Ta med en fråga")
	doc := d.page(d.post(programmeReminders+"/new", ruleForm(func(f url.Values) { f.Set("kind", "party") })), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find("#kind-error")), "Välj något av alternativen")
}

func TestTheLetterOfAReminderIsShownInEachLanguage(t *testing.T) {
	d := newDesk(t, nil)
	wants(t, plain(d.see(d.rule(message.DayBefore)+"/preview").Find("main")), "Svenska", "Norsk bokmål", "Norsk nynorsk", "English", "E19 nn")
	lacks(t, plain(d.see(d.rule(message.Roster)+"/preview").Find("main")), "O3 nn") // it goes in the programme's language
	wants(t, plain(d.see(d.programmeRule(message.WeekBefore)+"/preview").Find("main")), "Som exempel: "+d.ev.Title, "E18 sv")
}

func TestRulesOfOthersAreNotFound(t *testing.T) {
	d := newDesk(t, nil)
	mine := registrationtest.Event(t, d.s.DB, nil)
	rule := d.ruleOf(func(ctx context.Context, tx *store.Tx) ([]message.Rule, error) {
		return message.Rules(ctx, tx, mine.ID)
	}, message.DayBefore)
	if w := d.get(d.at("/reminders/rule/" + rule)); w.Code != http.StatusNotFound {
		t.Errorf("another event's rule: %d", w.Code)
	}
	if w := d.post(programmeReminders+"/rule/"+rule+"/remove", nil); w.Code != http.StatusNotFound {
		t.Errorf("an event's rule as the programme's: %d", w.Code)
	}
	if w := d.stranger().get(programmeReminders); w.Code != http.StatusNotFound {
		t.Errorf("another programme's: %d", w.Code)
	}
}

func TestACancelledEventsRemindersCannotBeChanged(t *testing.T) {
	d := newDesk(t, nil)
	rule := d.rule(message.DayBefore)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := registration.CancelEvent(context.Background(), tx, d.ev.ID, "För få", registrationtest.Organiser)
		return err
	})
	page := d.see(d.at("/reminders"))
	wants(t, plain(page.Find("main")), "Inga påminnelser skickas")
	if page.Find(`main a[href$="/new"]`).Length() != 0 {
		t.Error("there is a way to add one")
	}
	if w := d.post(rule+"/remove", nil); w.Code != http.StatusConflict {
		t.Errorf("removing: %d", w.Code)
	}
}

// seen is the version that a form was shown with.
func seen(form *goquery.Document) string { return form.Find("input[name=seen]").AttrOr("value", "") }

// Own words outlive the choice of another letter: they took somebody an hour.
func TestOwnWordsAreKeptWithAnotherLetter(t *testing.T) {
	d := newDesk(t, nil)
	d.send(d.at("/reminders/new"), ruleForm(nil))
	rule := d.rule(message.OwnWords)
	toLetter := func(letter string) {
		form := d.see(rule)
		d.send(rule, ruleForm(func(f url.Values) {
			f.Set("letter", letter)
			f.Set("seen", seen(form))
			f.Set("subject_sv", form.Find("#subject_sv").AttrOr("value", ""))
			f.Set("body_sv", form.Find("#body_sv").Text())
		}))
	}
	toLetter("E19")
	lacks(t, strings.Join(goes(d.see(d.at("/reminders"))), "\n"), "Ta med en fråga")
	toLetter("E26")
	wants(t, strings.Join(goes(d.see(d.at("/reminders"))), "\n"), "Ta med en fråga")
	wants(t, plain(d.see(rule).Find("#body_sv")), "Skriv ner den.")
}

func TestNobodyWritesOverAnothersReminderWithoutAWord(t *testing.T) {
	d := newDesk(t, nil)
	d.send(d.at("/reminders/new"), ruleForm(nil))
	rule := d.rule(message.OwnWords)
	mine := seen(d.see(rule))
	d.send(rule, ruleForm(func(f url.Values) { f.Set("seen", mine); f.Set("body_sv", "Skriv ner två.") }))
	late := ruleForm(func(f url.Values) { f.Set("seen", mine); f.Set("body_sv", "Skriv ner tre.") })
	late.Set("amount", "x") // what else is wrong with it does not hide the other's change
	doc := d.page(d.post(rule, late), http.StatusConflict)
	wants(t, plain(doc.Find("main")), "Någon annan har ändrat påminnelsen", "Så är den sparad nu", "Skriv ner två.")
	wants(t, doc.Find("#body_sv").Text(), "Skriv ner tre.")
	late.Set("amount", "3")
	late.Set("seen", seen(doc))
	d.send(rule, late)
	wants(t, d.see(rule).Find("#body_sv").Text(), "Skriv ner tre.")
}

func TestRemindersAreRemovedAfterAQuestion(t *testing.T) {
	d := newDesk(t, nil)
	d.send(d.at("/reminders/new"), ruleForm(nil))
	rule := d.rule(message.OwnWords)
	for address, want := range map[string][]string{
		rule + "/remove":                {"Ta bort påminnelsen?", "kan inte hämtas tillbaka", "Ta med en fråga", "3 dagar före start, kl. 12.00"},
		d.at("/reminders/restore"):      {"Använda programmets påminnelser igen?", "Ta med en fråga", "Påminnelse dagen före"},
		programmeReminders + "/restore": {"Återställa till standard?", "Egna påminnelser försvinner", "Påminnelse dagen före"},
	} {
		doc := d.see(address)
		wants(t, plain(doc.Find("main")), want...)
		if doc.Find(`main form[method=post][action="`+address+`"]`).Length() != 1 {
			t.Errorf("%s cannot be answered", address)
		}
		list, _, _ := strings.Cut(address, "/rule/")
		list = strings.TrimSuffix(list, "/restore")
		if page := d.see(list); page.Find(`a[href="`+address+`"]`).Length() != 1 || page.Find(`form[action="`+address+`"]`).Length() != 0 {
			t.Errorf("the list does not lead to the question %s alone", address)
		}
	}
}
