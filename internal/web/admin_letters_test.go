package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stafett/internal/locale"
	"stafett/internal/mail/letter"
	"stafett/internal/message"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var calendarInTest = []byte("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nDTSTART:19810329T020000\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:test-1@region.example\r\n" +
	"SUMMARY;LANGUAGE=sv:Anbud\\, steg för\r\n  steg\r\nDTSTART;TZID=Europe/Stockholm:20270304T083000\r\nATTENDEE;CN=\"A: B\":mailto:karin@region.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")

// specimenInTest is a letter that says of what it was made.
func specimenInTest(_ context.Context, _ *store.Tx, m message.Message) (Specimen, error) {
	x := m.Details.Test
	if x.Situation == "broken" {
		return Specimen{}, errors.New("broken")
	}
	said := fmt.Sprintf("%s %s event=%s person=%s mode=%s %s", m.Letter, m.Language, x.EventID, x.RegistrationID, x.Mode, x.Situation)
	mime, err := letter.Letter{
		ID: "preview", Kind: string(m.Letter), Language: m.Language, Date: time.Date(2027, 2, 1, 9, 0, 0, 0, time.UTC), FromName: "Programmet", FromEmail: "program@region.example", ToEmail: "name@example.org",
		Subject: "[Test] " + said, Text: said, CalendarMethod: "REQUEST", Calendar: calendarInTest,
		HTML: `<html><head><meta name="color-scheme" content="light dark"><style>:root { color-scheme: light dark; } @media (prefers-color-scheme: dark) { p { color: red } }</style></head><p>` + said + `</p><img src="cid:logo@region.example" alt="">`,
	}.Bytes()
	return Specimen{MIME: mime, Preheader: "Torsdag 4 mars", Situations: []string{"", "waiting"}}, err
}

func lettersDesk(t *testing.T) *desk {
	d := newDesk(t, nil)
	d.s.Specimen = specimenInTest
	return d
}

func TestEveryLetterIsListedWithWhenItIsSent(t *testing.T) {
	d := lettersDesk(t)
	doc := d.see("/admin/letters?event=" + d.ev.ID)
	for _, l := range message.All() {
		if a := doc.Find(`a[href="/admin/letters/` + string(l) + `?event=` + d.ev.ID + `"]`); a.Length() != 1 {
			t.Errorf("%s is listed %d times", l, a.Length())
		}
		for _, lang := range locale.All() {
			for _, key := range []string{"letter.", "letters.when."} {
				if _, err := d.s.Texts.Text(lang, key+string(l)); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if d.see("/admin/messages").Find(`a[href="/admin/letters"]`).Length() != 1 || d.see(d.at("")).Find(`a[href="/admin/letters?event=`+d.ev.ID+`"]`).Length() != 1 {
		t.Error("nothing leads to the list")
	}
}

func TestALetterIsShownWithWhatWasChosen(t *testing.T) {
	d := lettersDesk(t)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	doc := d.see("/admin/letters/E02?event=" + d.ev.ID + "&person=" + r.ID + "&language=nn&situation=waiting&scheme=dark&width=375")
	main := doc.Find("main")
	wants(t, plain(main), "E02 nn event="+d.ev.ID+" person="+r.ID+" mode= waiting", "Torsdag 4 mars", "2027-03-04 08:30 (Europe/Stockholm)", "Anbud, steg för steg", "karin@region.example", "invite.ics")
	if doc.Find(`.letter-frame[data-width="375"] iframe[sandbox="allow-same-origin"]`).Length() != 1 {
		t.Error("no frame")
	}
	src := doc.Find("iframe").AttrOr("src", "")
	w := d.get(src)
	if got := w.Header().Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || !strings.Contains(got, "frame-ancestors 'self'") {
		t.Errorf("policy of the frame: %s", got)
	}
	wants(t, w.Body.String(), "@media all", `content="dark"`, "person="+r.ID)
	wants(t, d.get(strings.Replace(src, "dark", "bare", 1)).Body.String(), "@media not all", `content="light"`, `src=""`)

	// Of another event, nobody is shown; without a choice it is the next event.
	lacks(t, plain(d.see("/admin/letters/E02?event=none&person="+r.ID).Find("main")), "person="+r.ID)
	wants(t, plain(d.see("/admin/letters/E02").Find("main")), "event="+d.ev.ID)
	wants(t, plain(d.see("/admin/letters/E02?event="+d.ev.ID+"&situation=broken").Find("main")), "kan inte visas")
	other := d.stranger()
	for _, path := range []string{"/admin/letters/E02?event=" + d.ev.ID, "/admin/letters/E02?programme=" + d.ev.ProgrammeID, "/admin/letters/E02/html?event=" + d.ev.ID, "/admin/letters/E99"} {
		if w := other.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s by a stranger: %d", path, w.Code)
		}
	}
}

func TestATestGoesToWhoeverAsksForIt(t *testing.T) {
	d := lettersDesk(t)
	form := typed(d.see("/admin/letters/E14?event=" + d.ev.ID + "&language=nb").Find(`form[action="/admin/letters/E14/test"]`))
	wants(t, plain(d.see(d.send("/admin/letters/E14/test", form)).Find("main")), "Testet är på väg", "E14 nb event="+d.ev.ID)
	storetest.Read(t, d.s.DB, func(tx *store.Tx) error {
		all, err := message.List(t.Context(), tx, nil, []message.Status{message.Waiting}, 10)
		if len(all) != 1 || all[0].Recipient != "own@region.example" || all[0].EventID != "" || all[0].Details.Test == nil || all[0].Details.Test.EventID != d.ev.ID || all[0].Language != "nb" {
			t.Errorf("outbox: %+v", all)
		}
		return err
	})
	for range message.TestsAnHour - 1 {
		d.send("/admin/letters/E14/test", form)
	}
	doc := d.refusal("/admin/letters/E14/test", form, http.StatusConflict)
	wants(t, plain(doc.Find("main")), "Vänta en stund", "E14 nb")
	if w := d.stranger().post("/admin/letters/E14/test", url.Values{"event": {d.ev.ID}}); w.Code != http.StatusNotFound {
		t.Errorf("a stranger sends it: %d", w.Code)
	}
}
