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
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// desk is an organiser of one programme before the browser, with an event.
type desk struct {
	*visitor
	s     *Server
	clock *storetest.Clock
	ev    event.Event
}

func newDesk(t *testing.T, change func(*event.Content)) *desk {
	t.Helper()
	var clock *storetest.Clock
	s := newServer(t, func(o *Options) {
		o.DB, clock = storetest.New(t)
		o.Preview = previewInTest
	})
	ev := registrationtest.Event(t, s.DB, change)
	d := &desk{visitor: newVisitor(t, s), s: s, clock: clock, ev: ev}
	d.enter("own@region.example", user.Grant{Role: user.Organiser, ProgrammeID: ev.ProgrammeID})
	return d
}

// enter signs somebody in without a password.
func (d *desk) enter(email string, grants ...user.Grant) {
	d.t.Helper()
	storetest.Write(d.t, d.s.DB, func(tx *store.Tx) error {
		u, err := user.Add(context.Background(), tx, email, "Karin Lind", "sv", grants)
		if err != nil {
			return err
		}
		token, err := user.NewSession(context.Background(), tx, u.ID)
		d.cookies = []*http.Cookie{{Name: "session", Value: token}}
		return err
	})
}

// again signs the same organiser in once more.
func (d *desk) again() {
	d.t.Helper()
	storetest.Write(d.t, d.s.DB, func(tx *store.Tx) error {
		u, err := user.FindByEmail(context.Background(), tx, "own@region.example")
		if err != nil {
			return err
		}
		token, err := user.NewSession(context.Background(), tx, u.ID)
		d.cookies = []*http.Cookie{{Name: "session", Value: token}}
		return err
	})
}

// stranger is an organiser of another programme on the same server.
func (d *desk) stranger() *desk {
	d.t.Helper()
	other := &desk{visitor: newVisitor(d.t, d.s), s: d.s, clock: d.clock, ev: d.ev}
	var p programme.Programme
	storetest.Write(d.t, d.s.DB, func(tx *store.Tx) (err error) {
		p, err = programme.Add(context.Background(), tx, programme.Programme{Slug: "vestland", Name: "Vestland", Country: "NO", Language: "nn", TimeZone: "Europe/Oslo"}, audit.Command)
		return err
	})
	other.enter("stranger@region.example", user.Grant{Role: user.Organiser, ProgrammeID: p.ID})
	return other
}

// previewInTest shows in a few words what a letter is made of, as it is in the
// transaction.
func previewInTest(ctx context.Context, tx *store.Tx, m message.Message) (Letter, error) {
	if m.Letter == message.News { // about no event
		return Letter{Subject: "E28 " + m.Language, Text: "to " + m.Recipient}, nil
	}
	ev, err := event.Find(ctx, tx, m.EventID)
	text := fmt.Sprintf("%s to %s: %s at %s. %s", m.Letter, m.Recipient, ev.LocalStart().Format("2 Jan 15:04"), ev.VenueName, m.Details.Reason)
	return Letter{Subject: string(m.Letter) + " " + m.Language, Text: text}, err
}

func (d *desk) at(path string) string { return "/admin/events/" + d.ev.ID + path }

// see opens a page that must be there.
func (d *desk) see(path string) *goquery.Document {
	d.t.Helper()
	return d.page(d.get(path), http.StatusOK)
}

// send posts a form that must be done, and answers where it led.
func (d *desk) send(path string, form url.Values) string {
	d.t.Helper()
	w := d.post(path, form)
	if w.Code != http.StatusSeeOther {
		d.t.Fatalf("POST %s: %d %s", path, w.Code, plain(d.page(w, w.Code).Find("main")))
	}
	return w.Header().Get("Location")
}

// now reads the event as it is stored.
func (d *desk) now() (ev event.Event) {
	d.t.Helper()
	storetest.Read(d.t, d.s.DB, func(tx *store.Tx) (err error) {
		ev, err = event.Find(context.Background(), tx, d.ev.ID)
		return err
	})
	return ev
}

// letters lists the kinds of letters written to a registration, oldest first.
func (d *desk) letters(r registration.Registration) (kinds []message.Letter) {
	d.t.Helper()
	for _, m := range d.messages(r) {
		kinds = append(kinds, m.Letter)
	}
	return kinds
}

func (d *desk) messages(r registration.Registration) (list []message.Message) {
	d.t.Helper()
	storetest.Read(d.t, d.s.DB, func(tx *store.Tx) (err error) {
		list, err = message.OfRegistration(context.Background(), tx, r.ID)
		return err
	})
	return list
}

// audited lists what was done to the event, oldest first.
func (d *desk) audited() (actions []string) {
	d.t.Helper()
	storetest.Read(d.t, d.s.DB, func(tx *store.Tx) error {
		entries, err := audit.Of(context.Background(), tx, "event", d.ev.ID)
		for _, e := range entries {
			actions = append(actions, e.Action)
		}
		return err
	})
	return actions
}

// typed is what the form on a page would send as it stands.
func typed(form *goquery.Selection) url.Values {
	values := url.Values{}
	form.Find("input, textarea, select").Each(func(_ int, f *goquery.Selection) {
		name := f.AttrOr("name", "")
		if name == "" || f.ParentsFiltered("template, noscript").Length() > 0 {
			return
		}
		switch goquery.NodeName(f) {
		case "textarea":
			values.Add(name, f.Text())
		case "select":
			values.Add(name, f.Find("option[selected]").AttrOr("value", f.Find("option").First().AttrOr("value", "")))
		default:
			kind := f.AttrOr("type", "text")
			if _, checked := f.Attr("checked"); checked || kind != "checkbox" && kind != "radio" {
				values.Add(name, f.AttrOr("value", ""))
			}
		}
	})
	return values
}

// plain is the text of a part of a page, with single spaces.
func plain(s *goquery.Selection) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s.Text(), "\u00a0", " ")), " ")
}

// wants checks that the text holds each of the words.
func wants(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("no %q in %q", w, text)
		}
	}
}

// lacks checks that the text holds none of the words.
func lacks(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(text, w) {
			t.Errorf("%q stands in %q", w, text)
		}
	}
}

// localTime is a moment on the clock of Stockholm.
func localTime(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, deskZone())
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func TestWhatBelongsToAnotherProgrammeIsNotThere(t *testing.T) {
	d := newDesk(t, nil)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	m := d.messages(r)[0]
	stranger := d.stranger()
	reads := []string{"/admin/events/%s", "/admin/events/%s/edit", "/admin/events/%s/preview", "/admin/events/%s/move", "/admin/events/%s/cancel",
		"/admin/events/%s/roster", "/admin/events/%s/roster?view=needs", "/admin/events/%s/roster.csv", "/admin/events/%s/add",
		"/admin/events/%s/queue", "/admin/events/%s/invitations", "/admin/events/%s/close"}
	writes := map[string]string{"/admin/events/%s/edit": d.ev.ID, "/admin/events/%s/publish": d.ev.ID, "/admin/events/%s/move": d.ev.ID,
		"/admin/events/%s/cancel": d.ev.ID, "/admin/events/%s/add": d.ev.ID, "/admin/registrations/%s/attendance": r.ID,
		"/admin/registrations/%s/cancel": r.ID, "/admin/messages/%s/retry": m.ID,
		"/admin/events/%s/places": d.ev.ID, "/admin/events/%s/list": d.ev.ID, "/admin/events/%s/share": d.ev.ID, "/admin/events/%s/invitations": d.ev.ID, "/admin/events/%s/close": d.ev.ID,
		"/admin/registrations/%s/offer": r.ID, "/admin/registrations/%s/approve": r.ID, "/admin/registrations/%s/reject": r.ID, "/admin/registrations/%s/reconsider": r.ID}
	same := func(what, own, unknown string, ownCode, unknownCode int, id string) {
		t.Helper()
		if ownCode != http.StatusNotFound || unknownCode != http.StatusNotFound || strings.ReplaceAll(own, id, "unknown") != unknown {
			t.Errorf("%s: a foreign id (%d) is answered otherwise than an unknown one (%d)", what, ownCode, unknownCode)
		}
	}
	for _, path := range reads {
		a, b := stranger.get(fmt.Sprintf(path, d.ev.ID)), stranger.get(fmt.Sprintf(path, "unknown"))
		same("GET "+path, a.Body.String(), b.Body.String(), a.Code, b.Code, d.ev.ID)
	}
	for path, id := range writes {
		form := url.Values{"confirmed": {"1"}, "what": {"cancel"}, "message": {"därför"}, "mark": {"present"}, "revision": {"2"}}
		a, b := stranger.post(fmt.Sprintf(path, id), form), stranger.post(fmt.Sprintf(path, "unknown"), form)
		same("POST "+path, a.Body.String(), b.Body.String(), a.Code, b.Code, id)
	}
	if now := registrationtest.Find(t, d.s.DB, r.ID); now.Status != registration.Confirmed || d.now().Revision != d.ev.Revision {
		t.Errorf("a stranger changed something: %s, revision %d", now.Status, d.now().Revision)
	}
}

func TestListsHoldOnlyTheProgrammesOfWhoeverAsks(t *testing.T) {
	d := newDesk(t, nil)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	stranger := d.stranger()
	for _, path := range []string{"/admin", "/admin/events", "/admin/events?when=all", "/admin/events?programme=" + d.ev.ProgrammeID, "/admin/messages", "/admin/messages?status=waiting"} {
		text := plain(stranger.see(path).Find("main"))
		lacks(t, text, d.ev.Title, registrationtest.Address(1))
	}
	wants(t, plain(d.see("/admin/events").Find("main")), d.ev.Title)
	wants(t, plain(d.see("/admin/messages").Find("main")), registrationtest.Address(1))
}

func TestEveryPageOfTheDeskSpeaksFourLanguages(t *testing.T) {
	d := newDesk(t, func(c *event.Content) {
		registrationtest.Hybrid(c)
		c.RoomPlaces, c.Catering, c.Questions = new(1), true, []event.Question{{Kind: event.ChoiceQuestion, Label: "Buss?", Options: []string{"Ja", "Nej"}}}
	})
	for n := range 3 {
		q := registrationtest.Request(d.ev.ID, n)
		q.Mode = event.Room
		registrationtest.SignUp(t, d.s.DB, q)
	}
	failed := d.finish(message.Failed, "no such address")
	pages := []string{"/admin/messages/" + failed, "/admin/messages/all?deed=retry&letter=E02&to=example", "/admin", "/admin/events", "/admin/events?q=ingenting", "/admin/events/new", d.at(""), d.at("/edit"), d.at("/preview"), d.at("/move"), d.at("/cancel"),
		d.at("/roster"), d.at("/roster?view=needs"), d.at("/add"), d.at("/queue"), d.at("/invitations"), d.at("/close"), "/admin/messages", "/admin/messages?status=held"}
	for _, lang := range []string{"sv", "nb", "nn", "en"} {
		for _, path := range pages {
			mark := "?"
			if strings.Contains(path, "?") {
				mark = "&"
			}
			doc := d.see(path + mark + "lang=" + lang)
			if got := doc.Find("html").AttrOr("lang", ""); got != lang {
				t.Errorf("%s is in %s, want %s", path, got, lang)
			}
			lacks(t, plain(doc.Find("main")), "admin.", "warning.", "queue.")
		}
	}
}

// everything is the role of somebody who organises all programmes.
func (d *desk) everything() user.Grant { return user.Grant{Role: user.Administrator} }
