package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// reader has somebody want the news of the desk's programme.
func (d *desk) reader(n int) {
	d.t.Helper()
	storetest.Write(d.t, d.s.DB, func(tx *store.Tx) error {
		return news.Ask(context.Background(), tx, news.Wish{ProgrammeID: d.ev.ProgrammeID, Email: registrationtest.Address(n), Language: "sv", Source: news.OwnPage, Wording: "Ja"})
	})
}

// posted lists to whom news stand in the outbox, with their state.
func (d *desk) posted() (all []string) {
	d.t.Helper()
	storetest.Read(d.t, d.s.DB, func(tx *store.Tx) (err error) {
		all, err = store.All(context.Background(), tx, store.Value[string], `SELECT recipient || ' ' || status FROM message WHERE letter = 'E28' ORDER BY recipient`)
		return err
	})
	return all
}

// newNews fills in the form for news, and answers the draft's address.
func (d *desk) newNews(over url.Values) string {
	d.t.Helper()
	form := typed(d.see("/admin/mailings/new?news=" + d.ev.ProgrammeID).Find(`form[method=post][action="/admin/mailings/new"]`))
	form.Set("subject_sv", "Nytt i höst")
	form.Set("body_sv", "Hej {first_name}, välkommen.")
	form.Set("act", "preview")
	for name, values := range over {
		form[name] = values
	}
	return strings.TrimSuffix(d.send("/admin/mailings/new", form), "/preview")
}

func TestAnOrganiserWritesNewsToTheReaders(t *testing.T) {
	d := newDesk(t, nil)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1) // and asked for nothing
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 2)
	wants(t, plain(d.see("/admin/mailings").Find("main")), "Nyhetsbrev till 0 läsare")
	d.reader(2)
	d.reader(3)
	list := d.see("/admin/mailings")
	wants(t, plain(list.Find("main")), "Nyhetsbrev till 2 läsare")
	if got := list.Find(`a[href*="new?news="]`).AttrOr("href", ""); got != "/admin/mailings/new?news="+d.ev.ProgrammeID {
		t.Errorf("the button leads to %q", got)
	}
	wants(t, plain(d.see("/admin/mailings/new").Find("#news")), "2 läsare", "Skriv nyhetsbrev")
	form := d.see("/admin/mailings/new?news=" + d.ev.ProgrammeID)
	wants(t, plain(form.Find("form.form")), "2 personer nås", "{first_name}")
	if n := form.Find("[name=event], [name=status], [name=mode], [name=company], [name=facts]").Length(); n > 0 {
		t.Errorf("%d fields that only participants can be chosen by", n)
	}
	lacks(t, plain(form.Find("form.form")), "{event}", "{join}", d.ev.Title)

	address := d.newNews(nil)
	page := d.see(address + "/preview")
	wants(t, plain(page.Find("main")), "2 personer nås", "Mottagare 1 av 2", registrationtest.Address(2), "Skicka till 2 personer", "Utkast till nyhetsbrev", "Den som har avslutat under tiden")
	wants(t, plain(d.see(page.Find(`a[rel=next]`).AttrOr("href", "")).Find("main")), registrationtest.Address(3))
	if w := d.get(page.Find("iframe").AttrOr("src", "")); w.Code != http.StatusOK {
		t.Errorf("the letter: %d", w.Code)
	}
	d.send(address+"/test", url.Values{"reader": {"nb"}})
	if got := fmt.Sprint(d.posted()); got != "[own@region.example waiting]" {
		t.Errorf("a test went to %s", got)
	}
	send := typed(page.Find(`form[action$="/send"]`))
	wants(t, plain(d.see(d.send(address+"/send", send)).Find("main")), "Utskicket går nu", "Nyhetsbrev", "Till dem som vill ha nyheter från", "av 2")
	if got := d.posted(); len(got) != 3 || len(d.mailed()) != 0 {
		t.Errorf("letters %q", got)
	}
	wants(t, plain(d.see("/admin/mailings").Find("tbody")), "Nytt i höst", "Nyhetsbrev", "Skickas nu")
	id := strings.TrimPrefix(address, "/admin/mailings/")
	wants(t, plain(d.see("/admin/mailings/new?from="+id).Find("main")), "Nytt nyhetsbrev")

	// One of the letters on its own page: shown, for it holds no secret but its end.
	var letter string
	storetest.Read(t, d.s.DB, func(tx *store.Tx) (err error) {
		letter, err = store.One(context.Background(), tx, store.Value[string], `SELECT id FROM message WHERE letter = 'E28' AND recipient = ?`, registrationtest.Address(3))
		return err
	})
	wants(t, plain(d.see("/admin/messages/"+letter).Find("main")), "Nyhetsbrev", registrationtest.Address(3), "E28 sv")
	d.send(address+"/stop", nil)
	wants(t, plain(d.see(address).Find("main")), "Stoppat")
}

func TestPlaceholdersOfEventsAreRefusedInNewsAtTheirField(t *testing.T) {
	d := newDesk(t, nil)
	form := typed(d.see("/admin/mailings/new?news=" + d.ev.ProgrammeID).Find(`form[method=post]`))
	form.Set("subject_sv", "Inför {event}")
	form.Set("body_sv", "Se {link}")
	page := d.page(d.post("/admin/mailings/new", form), http.StatusUnprocessableEntity)
	wants(t, plain(page.Find(".error-summary")), "Ämne (svenska): Ta bort eller rätta {event}: i nyhetsbrev", "Text (svenska): Ta bort eller rätta {link}")
	if page.Find("#subject_sv").AttrOr("value", "") != "Inför {event}" || page.Find("#body_sv").Text() != "Se {link}" || page.Find("[name=news]").Length() != 1 {
		t.Error("what was typed is lost")
	}
}

func TestNewsWaitForTheMorningAndTheirPagesSaySo(t *testing.T) {
	d := newDesk(t, nil)
	address := d.newNews(nil)
	wants(t, plain(d.see(address+"/preview").Find("main")), "Ingen nås just nu", "Ingen vill ha nyheter ännu")
	if w := d.post(address+"/send", url.Values{"revision": {"1"}}); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Ingen får nyhetsbrevet just nu") {
		t.Errorf("to nobody: %d", w.Code)
	}
	d.reader(2)
	d.clock.Set(d.clock.Now().Truncate(24 * time.Hour).Add(20*time.Hour + 30*time.Minute)) // half past nine in Stockholm
	d.enter("late@region.example", user.Grant{Role: user.Organiser, ProgrammeID: d.ev.ProgrammeID})
	wants(t, plain(d.see(address+"/preview").Find("main")), "väntar de till klockan 7")
	to := d.send(address+"/send", url.Values{"revision": {"1"}})
	wants(t, plain(d.see(to).Find("main")), "väntar till", "kl. 07.00")
}

func TestAnotherProgrammesOrganiserGetsNothingOfNews(t *testing.T) {
	d := newDesk(t, nil)
	d.reader(2)
	address := d.newNews(nil)
	other := d.stranger()
	lacks(t, plain(other.see("/admin/mailings").Find("main")), "Nytt i höst", "en läsare", "1 läsare")
	lacks(t, plain(other.see("/admin/mailings/new").Find("main")), "En läsare")
	for _, path := range []string{address, address + "/preview", address + "/letter", "/admin/mailings/new?news=" + d.ev.ProgrammeID} {
		if w := other.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	form := url.Values{"programme": {d.ev.ProgrammeID}, "news": {"1"}, "subject_sv": {"Hej"}, "body_sv": {"Hej"}}
	if w := other.post("/admin/mailings/new", form); w.Code != http.StatusNotFound {
		t.Errorf("news in another's name: %d", w.Code)
	}
	for _, act := range []string{"/send", "/test", "/schedule"} {
		if w := other.post(address+act, url.Values{"revision": {"1"}}); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", act, w.Code)
		}
	}
	if got := d.posted(); len(got) > 0 {
		t.Errorf("letters %q", got)
	}
}

// The click of a mail program, on the link of a letter, takes the reader out of
// what is being counted and of what waits.
func TestAClickTakesTheReaderOutOfNewsUnderWay(t *testing.T) {
	d := newDesk(t, nil)
	d.reader(2)
	d.reader(3)
	address := d.newNews(nil)
	d.send(address+"/send", url.Values{"revision": {"1"}})
	if w := oneClick(newVisitor(t, d.s), "/u/"+newsLink(t, d.s, registrationtest.Address(2), news.ToEnd)); w.Code != http.StatusOK {
		t.Fatalf("one click: %d", w.Code)
	}
	m := d.stored(strings.TrimPrefix(address, "/admin/mailings/"))
	storetest.Read(t, d.s.DB, func(tx *store.Tx) error {
		ctx := context.Background()
		for n, want := range map[int]bool{2: false, 3: true} {
			about, err := mailing.About(ctx, tx, m, "", registrationtest.Address(n))
			if err != nil || (about != "") != want {
				t.Errorf("reader %d still gets it: %v %v", n, about != "", err)
			}
		}
		counts, err := message.CountOfMailing(ctx, tx, m.ID)
		if counts.Waiting != 2 {
			t.Errorf("%+v", counts)
		}
		return err
	})
	wants(t, plain(d.see("/admin/mailings").Find("main")), "Nyhetsbrev till en läsare")
}
