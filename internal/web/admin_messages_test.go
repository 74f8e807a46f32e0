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

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// write puts letters into the outbox: n of one kind, written in one go.
func (d *desk) write(kind message.Letter, n int) {
	d.t.Helper()
	storetest.Write(d.t, d.s.DB, func(tx *store.Tx) error {
		for i := range n {
			_, err := message.Enqueue(context.Background(), tx, message.Request{
				Key: fmt.Sprintf("%s:%s:%d", kind, tx.Now, i), Letter: kind, Recipient: fmt.Sprintf("deltagare.%d@example.se", i), Language: "sv",
				ProgrammeID: d.ev.ProgrammeID, EventID: d.ev.ID,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// settle ends so many letters that wait, a second apart.
func (d *desk) settle(n int, st message.Status, reason string) {
	d.t.Helper()
	for range n {
		d.clock.Advance(time.Second)
		d.finish(st, reason)
	}
}

// part reads an answer that is no whole page.
func (d *desk) part(path string) *goquery.Document {
	d.t.Helper()
	w := d.get(path)
	doc, err := goquery.NewDocumentFromReader(w.Body)
	if w.Code != http.StatusOK || err != nil {
		d.t.Fatalf("GET %s: %d, %v", path, w.Code, err)
	}
	return doc
}

func TestLettersByTheirState(t *testing.T) {
	d := newDesk(t, nil)
	for n := range 3 {
		registrationtest.Sign(t, d.s.DB, d.ev.ID, n+1)
	}
	d.finish(message.Failed, "no_such_address 550 5.1.1")
	d.finish(message.Sent, "")
	doc := d.see("/admin/messages")
	if n := doc.Find("tbody tr").Length(); n != 3 {
		t.Errorf("%d letters in all", n)
	}
	wants(t, plain(doc.Find(".state-tabs")), "Alla 3", "Väntar 1", "Skickade 1", "Gick inte fram 1", "Väntar på beslut 0")
	if got := plain(doc.Find(`.state-tabs [data-color="danger"]`)); got != "1" {
		t.Errorf("in red: %q", got)
	}
	failed := d.see("/admin/messages?status=failed")
	wants(t, plain(failed.Find("tbody")), "Bekräftelse", d.ev.Title, "@example.se", "Gick inte fram", "Adressen finns inte (550 5.1.1)", "Rätta adressen")
	for status, want := range map[string]int{"failed": 1, "sent": 1, "waiting": 1, "held": 0} {
		if n := d.see("/admin/messages?status=" + status).Find("tbody tr").Length(); n != want {
			t.Errorf("%d are %s, want %d", n, status, want)
		}
	}
	wants(t, plain(d.see("/admin/messages?status=held").Find(".empty-state")), "Inga brev", "läget just nu")
	none := d.see("/admin/messages?status=failed&to=finns.inte")
	wants(t, plain(none.Find(".empty-state")), "Inget brev stämmer")
	if got := none.Find(".empty-state a").AttrOr("href", ""); got != "/admin/messages?status=failed" {
		t.Errorf("the filter is cleared by %q", got)
	}
}

func TestEachOfManyFailedLettersIsReached(t *testing.T) {
	d := newDesk(t, nil)
	d.write(message.EventMoved, 120)
	d.settle(120, message.Failed, "refused 550 5.7.1")
	seen, path, pages := map[string]bool{}, "/admin/messages?status=failed&letter=E15&event="+d.ev.ID, 0
	for ; path != ""; pages++ {
		doc := d.see(path)
		for _, a := range doc.Find("tbody .cell-main > a").EachIter() {
			seen[a.AttrOr("href", "")] = true
		}
		path = doc.Find(`.ds-pagination a[rel="next"]`).AttrOr("href", "")
	}
	if len(seen) != 120 || pages != 3 {
		t.Errorf("%d letters on %d pages", len(seen), pages)
	}
}

func TestALetterThatGoesLaterSaysWhen(t *testing.T) {
	d := newDesk(t, nil)
	d.write(message.DayBefore, 2)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `UPDATE message SET due_at = ?, attempts = 2, reason = 'try_later 451 4.7.1' WHERE recipient LIKE 'deltagare.0%'`, store.At(tx.Now.Add(90*time.Minute)))
		if err == nil {
			_, err = store.Exec(context.Background(), tx, `UPDATE message SET due_at = ? WHERE recipient LIKE 'deltagare.1%'`, store.At(tx.Now.Add(22*time.Hour)))
		}
		return err
	})
	rows := d.see("/admin/messages?status=waiting").Find("tbody tr")
	wants(t, plain(rows.First()), "E-postservern ber oss försöka igen senare (451 4.7.1)", "2 försök", "Nytt försök", "11.30")
	wants(t, plain(rows.Last()), "Skickas", "2027-01-14 08.00")
}

func TestALetterIsSentAgain(t *testing.T) {
	d := newDesk(t, nil)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	id := d.finish(message.Failed, "refused 550 5.7.1")
	form := typed(d.see("/admin/messages?status=failed").Find(`form[action="/admin/messages/` + id + `/retry"]`))
	if to := d.send("/admin/messages/"+id+"/retry", form); to != "/admin/messages?status=failed&done=retried" {
		t.Errorf("led to %s", to)
	}
	if got := d.messages(r)[0].Status; got != message.Waiting {
		t.Errorf("the letter is %s", got)
	}
	storetest.Read(t, d.s.DB, func(tx *store.Tx) error {
		entries, err := audit.Of(context.Background(), tx, "message", id)
		if len(entries) != 1 || entries[0].Action != "message.retry" || entries[0].From != "failed" || entries[0].Actor.Kind != "user" {
			t.Errorf("the log says %+v", entries)
		}
		return err
	})
	if w := d.post("/admin/messages/"+id+"/retry", url.Values{}); w.Code != http.StatusConflict {
		t.Errorf("a letter on its way is sent again: %d", w.Code)
	}
}

func TestAllFailedLettersOfAFilterGoAgainOnceConfirmed(t *testing.T) {
	d := newDesk(t, nil)
	d.write(message.EventMoved, 4)
	d.settle(3, message.Failed, "refused 550 5.7.1")
	d.settle(1, message.Failed, "no_such_address 550 5.1.1")
	d.clock.Advance(time.Minute)
	d.write(message.DayBefore, 1)
	d.settle(1, message.Failed, "refused 550 5.7.1")
	list := d.see("/admin/messages?status=failed&letter=E15")
	ask := list.Find(`a[href*="deed=retry"]`).AttrOr("href", "")
	doc := d.see(ask)
	wants(t, plain(doc.Find("main")), "3 brev skickas igen.", "Bland dem:", "deltagare.2@", "Ett brev lämnas utanför: adressen finns inte", "Skicka 3 brev igen", "Ändrat evenemang")
	lacks(t, plain(doc.Find("main")), "deltagare.3@") // whose address does not exist
	form := typed(doc.Find(`main form`))

	// One that fails after the question was put is not sent again unasked.
	d.clock.Advance(time.Minute)
	d.write(message.EventMoved, 1)
	d.settle(1, message.Failed, "refused 550 5.7.1")
	to := d.send("/admin/messages/all", form)
	wants(t, plain(d.see(to).Find("[role=status]").First()), "3 brev skickas igen.")
	if n := len(d.rows("failed")); n != 3 {
		t.Errorf("%d are failed still", n)
	}
	if n := len(d.rows("waiting")); n != 3 {
		t.Errorf("%d wait", n)
	}
	storetest.Read(t, d.s.DB, func(tx *store.Tx) error {
		entries, err := audit.Of(context.Background(), tx, "outbox", "")
		if len(entries) != 1 || entries[0].Action != "message.retry_all" || entries[0].From != "3 failed" || entries[0].Reason != "letter=E15" {
			t.Errorf("the log says %+v", entries)
		}
		return err
	})
	// Pressed twice, or when somebody else was quicker, nothing happens and it says so.
	w := d.post("/admin/messages/all", form)
	wants(t, plain(d.page(w, http.StatusConflict).Find("main")), "Antalet har ändrats", "inga sådana brev längre")
}

// Ten thousand at once would keep everybody else from writing: each transaction
// takes a part, with its entry in the log.
func TestVeryManyLettersGoAgainInParts(t *testing.T) {
	d := newDesk(t, nil)
	d.write(message.EventMoved, 2*atOnce+1)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `UPDATE message SET status = 'failed', reason = 'refused 550 5.7.1', done_at = created_at`)
		return err
	})
	form := typed(d.see("/admin/messages/all?deed=retry&event=" + d.ev.ID).Find("main form"))
	wants(t, plain(d.see(d.send("/admin/messages/all", form)).Find("[role=status]").First()), "1 001 brev skickas igen.")
	if n := len(d.rows("failed")); n != 0 {
		t.Errorf("%d are failed still", n)
	}
	if got := strings.Count(strings.Join(d.audited(), " "), "message.retry_all"); got != 3 {
		t.Errorf("%d entries in the event's log", got)
	}
	wants(t, plain(d.see(d.at("")).Find("main")), "Alla brev i ett urval skickades om")
}

// rows lists the letters that the page shows in a state.
func (d *desk) rows(status string) (addresses []string) {
	for _, tr := range d.see("/admin/messages?status=" + status).Find("tbody tr").EachIter() {
		addresses = append(addresses, plain(tr.Find("td").Eq(1)))
	}
	return addresses
}

func TestHeldLettersAreReleasedOrTakenOff(t *testing.T) {
	d := newDesk(t, nil)
	d.write(message.Confirmed, 2)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `UPDATE message SET status = 'held', reason = 'held_too_many'`)
		return err
	})
	doc := d.see("/admin/messages?status=held")
	wants(t, plain(doc.Find("tbody")), "Ovanligt många brev", "Skicka", "Lägg åt sidan")
	d.send(doc.Find(`form[action$="/retry"]`).First().AttrOr("action", ""), url.Values{})
	last := doc.Find(`form[action$="/drop"]`).Last()
	wants(t, plain(d.see(d.send(last.AttrOr("action", ""), typed(last))).Find("[role=status]").First()), "Brevet är lagt åt sidan")
	storetest.Read(t, d.s.DB, func(tx *store.Tx) error {
		c, err := message.CountOf(context.Background(), tx, d.ev.ID)
		if c != (message.Counts{Waiting: 1, Dropped: 1}) {
			t.Errorf("%+v", c)
		}
		return err
	})
}

func TestOneLettersPageTellsItsStory(t *testing.T) {
	d := newDesk(t, nil)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	m := d.messages(r)[0]
	for range 2 {
		storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
			return message.Again(context.Background(), tx, m.ID, tx.Now, "try_later 451 4.7.1")
		})
		d.clock.Advance(5 * time.Minute)
	}
	d.finish(message.Failed, "refused 550 5.7.1")
	doc := d.see("/admin/messages/" + m.ID)
	text := plain(doc.Find("main"))
	wants(t, text, "Bekräftelse", "Gick inte fram", "3 försök", registrationtest.Address(1), "Person", d.ev.Title, "Upphandlingskompetens Dalarna",
		"Brevet ställdes i kö", "E-postservern ber oss försöka igen senare (451 4.7.1).2027-01-13 10.00 · 2 gånger, senast 2027-01-13 10.05",
		"E-postservern vägrade ta emot brevet (550 5.7.1)", "E02 sv", "Skicka igen", "Lägg åt sidan")
	frame := doc.Find("iframe.preview-frame")
	if frame.AttrOr("sandbox", "") != "allow-same-origin" {
		t.Errorf("the frame may %q", frame.AttrOr("sandbox", ""))
	}
	w := d.get(frame.AttrOr("src", ""))
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("the letter itself: %d, %s", w.Code, w.Header().Get("Content-Security-Policy"))
	}
	d.send("/admin/messages/"+m.ID+"/drop", url.Values{})
	wants(t, plain(d.see("/admin/messages/"+m.ID).Find("main")), "Ett brev lades åt sidan", "Karin Lind", "En arrangör bestämde att brevet inte behövs")
}

// A link for signing in belongs to no programme, and opens a person's own page:
// only administrators see that it was sent, and nobody sees what it says.
func TestLettersAboutAPersonAreForAdministratorsWithoutTheirLink(t *testing.T) {
	d := newDesk(t, nil)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := message.Enqueue(context.Background(), tx, message.Request{Key: "k", Letter: message.SignIn, Recipient: "anna@example.se", Language: "sv"})
		return err
	})
	var id string
	storetest.Read(t, d.s.DB, func(tx *store.Tx) (err error) {
		id, err = store.One(context.Background(), tx, store.Value[string], `SELECT id FROM message`)
		return err
	})
	administrator, everybody := &desk{visitor: newVisitor(t, d.s), s: d.s}, &desk{visitor: newVisitor(t, d.s), s: d.s}
	administrator.enter("admin@region.example", user.Grant{Role: user.Administrator})
	everybody.enter("all@region.example", user.Grant{Role: user.Organiser})
	for _, v := range []*desk{d, everybody} {
		if w := v.get("/admin/messages/" + id); w.Code != http.StatusNotFound {
			t.Errorf("an organiser sees it: %d", w.Code)
		}
		if w := v.post("/admin/messages/"+id+"/retry", nil); w.Code != http.StatusNotFound {
			t.Errorf("an organiser sends it again: %d", w.Code)
		}
		lacks(t, plain(v.see("/admin/messages").Find("main")), "anna@example.se")
	}
	wants(t, plain(administrator.see("/admin/messages").Find("tbody")), "anna@example.se", "Länk till Min sida")
	doc := administrator.see("/admin/messages/" + id)
	wants(t, plain(doc.Find("main")), "personlig hemlighet")
	if doc.Find("iframe").Length() != 0 || administrator.get("/admin/messages/"+id+"/html").Code != http.StatusNotFound {
		t.Error("what it says is shown")
	}
}

// A letter of another programme is answered as one that does not exist, whatever
// is asked or done; in lists, counts and what is done to all it is not there.
func TestLettersOfAnotherProgrammeAreNotThere(t *testing.T) {
	d := newDesk(t, nil)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	id := d.finish(message.Failed, "refused 550 5.7.1")
	stranger := d.stranger()
	for _, path := range []string{"", "/html"} {
		a, b := stranger.get("/admin/messages/"+id+path), stranger.get("/admin/messages/unknown"+path)
		if a.Code != http.StatusNotFound || strings.ReplaceAll(a.Body.String(), id, "unknown") != b.Body.String() {
			t.Errorf("GET %s: %d", path, a.Code)
		}
	}
	for _, deed := range []string{"/retry", "/drop", "/arrived"} {
		a, b := stranger.post("/admin/messages/"+id+deed, nil), stranger.post("/admin/messages/unknown"+deed, nil)
		if a.Code != http.StatusNotFound || strings.ReplaceAll(a.Body.String(), id, "unknown") != b.Body.String() {
			t.Errorf("POST %s: %d", deed, a.Code)
		}
	}
	for _, path := range []string{"?status=failed", "?event=" + d.ev.ID, "?to=example"} {
		doc := stranger.see("/admin/messages" + path)
		lacks(t, plain(doc.Find("main")), d.ev.Title, "@example.se")
		wants(t, plain(doc.Find(".state-tabs")), "Alla 0", "Gick inte fram 0")
	}
	w := stranger.post("/admin/messages/all", url.Values{"deed": {"retry"}, "n": {"10"}, "event": {d.ev.ID}})
	if w.Code != http.StatusConflict || len(d.rows("failed")) != 1 {
		t.Errorf("a stranger sends them again: %d", w.Code)
	}
}

func TestTheProgressOfALargeMailing(t *testing.T) {
	d := newDesk(t, nil)
	d.ran("")
	d.write(message.EventMoved, 19)
	if n := d.see("/admin/messages").Find(".mail-progress").Length(); n != 0 {
		t.Error("nineteen letters have a bar")
	}
	d.clock.Advance(time.Hour)
	d.ran("")
	d.settle(19, message.Sent, "")
	d.clock.Advance(10 * time.Minute)
	d.ran("")
	d.write(message.EventMoved, 40)
	begun := d.see(d.at("")).Find(".mail-progress")
	wants(t, plain(begun), "Ändrat evenemang", "0 av 40 skickade", "Utskicket börjar", "Uppdatera")
	d.settle(19, message.Sent, "")
	d.settle(1, message.Failed, "refused 550 5.7.1")
	source := begun.AttrOr("data-live-part", "")
	part := d.part(source)
	wants(t, plain(part.Find("body")), "19 av 40 skickade", "ett gick inte fram", "Omkring 60 i minuten", "klart om ungefär en minut")
	bar := part.Find("progress")
	if bar.AttrOr("value", "") != "20" || bar.AttrOr("max", "") != "40" || part.Find("[data-running]").Length() != 1 || part.Find("header").Length() != 0 {
		t.Errorf("the bar: %v", bar.Nodes)
	}
	if got := part.Find("li").AttrOr("data-announce", ""); got != "Ändrat evenemang: 50 procent klart" {
		t.Errorf("who listens hears %q", got)
	}
	// Nothing goes out any more: it says so.
	d.ranAll("mail", "unreachable")
	wants(t, plain(d.part("/admin/messages/progress").Find("body")), "Står still: E-postservern gick inte att nå.")
	d.ran("")
	d.settle(20, message.Sent, "")
	done := d.part(source)
	wants(t, plain(done.Find("body")), "39 av 40 skickade", "Klart")
	if done.Find("[data-running]").Length() != 0 {
		t.Error("it goes on asking")
	}
	d.clock.Advance(6 * time.Minute)
	if n := d.part(source).Find("li").Length(); n != 0 {
		t.Error("it is told of for ever")
	}
	if w := d.stranger().get(source); w.Code != http.StatusNotFound {
		t.Errorf("a stranger sees how far it has come: %d", w.Code)
	}
}

func TestWhatStandsStillIsToldOnEveryPageOfTheOrganisers(t *testing.T) {
	d := newDesk(t, nil)
	d.ran("")
	pages := []string{"/admin", "/admin/events", "/admin/messages", d.at(""), d.at("/roster")}
	for _, path := range pages {
		if n := d.see(path).Find(".trouble").Length(); n != 0 {
			t.Errorf("%s is red while all runs", path)
		}
	}
	d.ranAll("mail", "sign_in_refused 535 5.7.8")
	for _, path := range pages {
		wants(t, plain(d.see(path).Find(".trouble")), "Inga brev går iväg", "Sedan 2027-01-13 10.00", "godtar inte vår inloggning (535 5.7.8)", "STAFETT_SMTP")
	}
	// A line that broke mends itself, most often: it is told when it has not.
	d.ranAll("mail", "line_broke")
	d.ran("")
	d.ranAll("mail", "line_broke")
	if n := d.see("/admin").Find(".trouble").Length(); n != 0 {
		t.Error("all is red for one broken line")
	}
	for range 5 {
		d.clock.Advance(time.Minute)
		d.ranAll("mail", "line_broke")
	}
	wants(t, plain(d.see("/admin").Find(".trouble")), "Sedan 2027-01-13 10.00", "kontrollera att e-postservern är igång")
	d.ran("")
	d.clock.Advance(5*time.Minute + time.Second)
	for _, path := range pages {
		doc := d.see(path)
		wants(t, plain(doc.Find(".trouble")), "utskicket står still", "Det som ska gå av sig självt står still", "Sedan 2027-01-13 10.05")
	}
	// The process lives and the database answers: that nothing goes out is no
	// reason to take the site away from its visitors.
	for _, path := range []string{"/healthz", "/readyz"} {
		if w := d.get(path); w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if n := d.see("/events").Find(".trouble").Length(); n != 0 {
		t.Error("visitors are told")
	}
}

// Only a person at work keeps a session alive: a page left open while letters go
// out is none.
func TestWatchingTheProgressDoesNotKeepASessionAlive(t *testing.T) {
	d := newDesk(t, nil)
	for range 5 {
		d.clock.Advance(30 * time.Minute)
		d.get("/admin/messages/progress")
	}
	if w := d.get("/admin"); w.Code != http.StatusSeeOther {
		t.Errorf("two and a half hours later: %d", w.Code)
	}
}

func TestWhatCameBackKeepsWhenItHadGone(t *testing.T) {
	d := newDesk(t, nil)
	d.write(message.Confirmed, 1)
	d.settle(1, message.Sent, "")
	d.clock.Advance(2 * time.Minute)
	var m message.Message
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		all, err := message.List(context.Background(), tx, nil, []message.Status{message.Sent}, 1)
		if err == nil && len(all) == 1 {
			m = all[0]
			_, err = message.Bounced(context.Background(), tx, m.ID, true, "550 5.1.1")
		}
		return err
	})
	history := plain(d.see("/admin/messages/" + m.ID).Find("ol.todo-list"))
	gone, back := strings.Index(history, "E-postservern tog emot brevet"), strings.Index(history, "Besked från mottagarens e-postserver")
	if gone < 0 || back < gone || !strings.Contains(history[back:], "Brevet kom tillbaka: adressen finns inte") {
		t.Errorf("the history is %s", history)
	}
}

func TestWhoSendsAgainIsToldThatTheAddressDoesNotExist(t *testing.T) {
	d := newDesk(t, nil)
	d.write(message.Confirmed, 2)
	d.settle(1, message.Failed, message.ReasonCameBackNoAddress+" 550 5.1.1")
	d.settle(1, message.Failed, "refused 550 5.7.1")
	list := d.see("/admin/messages?status=failed")
	if n := list.Find(`tbody form[action$="/retry"]`).Length(); n != 1 {
		t.Errorf("%d letters can be sent again from the list; want the one whose address exists", n)
	}
	to := list.Find("tbody td > a").FilterFunction(func(_ int, a *goquery.Selection) bool { return strings.Contains(a.Text(), "Rätta adressen") }).AttrOr("href", "")
	wants(t, plain(d.see(to).Find(".letter-deeds")), "Adressen finns inte", "Skicka igen", "Gör det bara om du vet att den finns")
}
