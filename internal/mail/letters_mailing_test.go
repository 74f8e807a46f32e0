package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/mail/letter"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/store"
	"stafett/internal/user"
)

// mailed makes the letter one in an organiser's own words, written in some
// languages.
func mailed(languages ...string) func(*facts) {
	all := map[string]mailing.Text{
		"sv": {Subject: "Parkering och fika inför {event}", Body: "Vi ses {date}, {first_name}.\n\n## Att tänka på\n\n- Parkera på **torget**.\n- Ta med ett *utkast* till anbud, eller se [din anmälan]({link}) först.\n\n> Fika finns från 08.15.\n\nMötet: {join}\n\nVälkommen!\nMaja"},
		"nb": {Subject: "Parkering og kaffe før {event}", Body: "Vi ses {date}, {first_name}.\n\n## Verdt å vite\n\n- Parker på **torget**.\n- Ta med et *utkast* til tilbud, eller se [påmeldingen din]({link}) først.\n\n> Det er kaffe fra 08.15.\n\nMøtet: {join}\n\nVelkommen!\nKari"},
		"nn": {Subject: "Parkering og kaffi før {event}", Body: "Vi sest {date}, {first_name}.\n\n## Verdt å vite\n\n- Parker på **torget**.\n- Ta med eit *utkast* til tilbod, eller sjå [påmeldinga di]({link}) først.\n\n> Det er kaffi frå 08.15.\n\nMøtet: {join}\n\nVelkomen!\nKari"},
		"en": {Subject: "Parking and coffee before {event}", Body: "See you {date}, {first_name}.\n\n## Worth knowing\n\n- Park in **the square**.\n- Bring a *draft* of a tender, or see [your registration]({link}) first.\n\n> Coffee is served from 08:15.\n\nThe meeting: {join}\n\nWelcome!\nMaja"},
	}
	return func(f *facts) {
		f.mailing = mailing.Mailing{ID: "ma1", Status: mailing.Sending, Content: mailing.Content{Facts: true, Texts: map[string]mailing.Text{}}}
		for _, l := range languages {
			f.mailing.Texts[l] = all[l]
		}
	}
}

// print writes a letter with one body to somebody called Åsa.
func printed(t *testing.T, body string, change func(*facts)) draft {
	t.Helper()
	m, f := press(t), sampleFacts(t, locale.SV)
	of(message.Mailing, mailed())(&f)
	f.mailing.Texts["sv"] = mailing.Text{Subject: "Hej {first_name}!", Body: body}
	if change != nil {
		change(&f)
	}
	d, err := m.draft(f, sampleLinks(t, f))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWhatPeopleTypeStaysTextInAnOrganisersLetter(t *testing.T) {
	for name, want := range map[string]string{
		"**Fet** <script>alert(1)</script>": "Hej **Fet** <script>alert(1)</script>!",
		"[x](javascript:alert(1))":          "Hej [x](javascript:alert(1))!",
		"# _Ulla_ & `Co` {link}":            "Hej # _Ulla_ & `Co` {link}!",
		"www.vinn.example":                  "Hej!", // an advertisement is no name
		"":                                  "Hej!",
	} {
		d := printed(t, "Hej {first_name}!", func(f *facts) { f.registration.FirstName = name })
		doc := page(t, d)
		if got := flat(doc.Find("body div p").First().Text()); got != want {
			t.Errorf("%q: HTML says %q, want %q", name, got, want)
		}
		if !strings.Contains(d.Text, "\n"+want+"\n") {
			t.Errorf("%q: the text lacks %q:\n%s", name, want, d.Text)
		}
		if n := doc.Find("script, body div em, body div code, body div p a").Length(); n > 0 {
			t.Errorf("%q became %d elements", name, n)
		}
		if d.Subject != want {
			t.Errorf("%q: subject %q", name, d.Subject)
		}
	}
}

func TestAnOrganisersMarkdownIsSafeAndReadableInBothForms(t *testing.T) {
	for _, tt := range []struct {
		name, body, html, text string
	}{
		{"a link is written out in the text", "Se [programmet](https://example.se/p?a=1&b=2) nu.",
			`Se <a class="link" href="https://example.se/p?a=1&amp;b=2" style="color:#005db1;text-decoration:underline">programmet</a> nu.`,
			"Se programmet nu.\nprogrammet: https://example.se/p?a=1&b=2"},
		{"a bare address once", "Se https://example.se/p.", `href="https://example.se/p"`, "Se https://example.se/p."},
		{"a dangerous link loses its address", "[klicka](javascript:alert(1))", "<p style=\"margin:0 0 16px\">klicka</p>", "klicka"},
		{"raw HTML goes", "Hej <img src=x onerror=alert(1)> där", "Hej  där", "Hej där"},
		{"line breaks stay", "Hälsningar\nMaja", "Hälsningar<br>\nMaja", "Hälsningar\nMaja"},
		{"numbers go on", "3. tre\n4. fyra", `<ol start="3"`, "3. tre\n4. fyra"},
		{"lists within lists", "- ett\n  - två\n- tre", "<ul", "- ett\n  - två\n- tre"},
		{"a quotation", "> ett\n>\n> två", `border-left:3px`, "> ett\n>\n> två"},
		{"a table is none", "|a|b|\n|-|-|\n|c|d|", "|a|b|", "|a|b|\n|-|-|\n|c|d|"},
		{"the line with the way in is for those online", "Ett\nMötet: {join}\nTvå", "Ett<br>\nTvå", "Ett\nTvå"},
		{"the link to one's own registration has words", "Ändra: {link}", `>Se din anmälan</a>`, "Ändra: Se din anmälan:\nhttps://stafett.example/r/registration-token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := printed(t, tt.body, nil)
			if !strings.Contains(d.HTML, tt.html) {
				t.Errorf("the HTML lacks %s:\n%s", tt.html, d.HTML[strings.Index(d.HTML, "<h1"):])
			}
			if !strings.Contains(d.Text, "\n"+tt.text+"\n") {
				t.Errorf("the text lacks %q:\n%s", tt.text, d.Text)
			}
			for _, bad := range []string{"javascript:", "onerror", "<style>p"} {
				if strings.Contains(d.HTML, bad) {
					t.Errorf("the HTML has %s", bad)
				}
			}
		})
	}
}

// mailing stores one to those with a place, and lets it go.
func (w *world) mailing(body string) mailing.Mailing {
	w.t.Helper()
	var m mailing.Mailing
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		content := mailing.Content{Facts: true, Texts: map[string]mailing.Text{"sv": {Subject: "Parkering", Body: body}}}
		if m, err = mailing.New(ctx, tx, w.event.ProgrammeID, mailing.OfEvent(w.event.ID), content, organiser); err != nil {
			return err
		}
		if err := mailing.Send(ctx, tx, m.ID, m.Revision, organiser); err != nil {
			return err
		}
		return mailing.Write(ctx, tx, m.ID)
	})
	return m
}

// own are the letters of mailings among all: state and reason.
func (w *world) own() (all []string) {
	for _, line := range w.outbox() {
		if rest, ok := strings.CutPrefix(line, "E27 "); ok {
			all = append(all, rest)
		}
	}
	return all
}

func TestAnOrganisersLetterGoesWithTheNewestFacts(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	bo := w.signUp("Bo")
	w.deliver()
	w.mailing("Vi ses {date}. Se {link}.")
	w.withdraw(bo)
	w.moveEvent("2027-03-11 08:30", "2027-03-11 12:00")
	w.deliver()
	if got := w.own(); !slices.Equal(got, []string{"sent", "dropped dropped_not_chosen"}) {
		t.Errorf("letters %q", got)
	}
	last := w.last()
	if last.Subject != "Parkering" || !strings.Contains(last.Text, "11 mars") || strings.Contains(last.Text, "4 mars") {
		t.Errorf("%s\n%s", last.Subject, last.Text)
	}
	for _, h := range last.Headers {
		if strings.HasPrefix(h.Name, "List-") {
			t.Errorf("a letter about one's own place has %s", h.Name)
		}
	}
	token, _, _ := strings.Cut(last.Text[strings.Index(last.Text, "/r/")+3:], "\n")
	w.read(func(ctx context.Context, tx *store.Tx) error {
		r, err := registration.FindByLink(ctx, tx, token, registration.Manage)
		if err == nil && r.FirstName != "Anna" {
			err = fmt.Errorf("the link is %s's", r.FirstName)
		}
		return err
	})
}

func TestWhatWaitsOfAStoppedMailingDoesNotGo(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.signUp("Bo")
	w.deliver()
	m := w.mailing("Hej.")
	w.step()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		if _, err := store.Exec(ctx, tx, `UPDATE message SET leased_until = ? WHERE status = 'waiting'`, store.At(tx.Now.AddDate(0, 0, 1))); err != nil { // in hand
			return err
		}
		return mailing.Stop(ctx, tx, m.ID, organiser)
	})
	w.advance(25 * 60 * 60 * 1e9)
	w.deliver()
	if got := w.own(); !slices.Equal(got, []string{"sent", "dropped dropped_mailing_stopped"}) {
		t.Errorf("letters %q", got)
	}
}

func TestWhoHasAnotherPlaceGetsTheLetterAboutIt(t *testing.T) {
	w := newWorld(t)
	first := w.signUp("Anna")
	var other registration.Registration
	w.write(func(ctx context.Context, tx *store.Tx) error {
		c := w.event.Content
		c.Title, c.StartsAt, c.EndsAt, c.ClosesAt = "Nästa tillfälle", at(t, "2027-04-01 08:30"), at(t, "2027-04-01 12:00"), time.Time{}
		ev, err := event.Create(ctx, tx, w.event.ProgrammeID, "", c, organiser)
		if err != nil {
			return err
		}
		if _, err := event.Publish(ctx, tx, ev.ID, organiser); err != nil {
			return err
		}
		o, err := registration.Register(ctx, tx, registration.Request{EventID: ev.ID, FirstName: "Anna", LastName: "Prov", Email: first.Email, Language: "sv",
			Organisation: registration.Organisation{Kind: registration.OfNone}})
		other = o.Registration
		return err
	})
	w.deliver()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		s := mailing.OfEvent(first.EventID)
		s.EventIDs = append(s.EventIDs, other.EventID)
		content := mailing.Content{Texts: map[string]mailing.Text{"sv": {Subject: "Om {event}", Body: "Hej."}}}
		m, err := mailing.New(ctx, tx, w.event.ProgrammeID, s, content, organiser)
		if err != nil {
			return err
		}
		if err := mailing.Send(ctx, tx, m.ID, m.Revision, organiser); err != nil {
			return err
		}
		return mailing.Write(ctx, tx, m.ID)
	})
	w.withdraw(first)
	w.deliver()
	if got := w.own(); !slices.Equal(got, []string{"sent"}) || !slices.ContainsFunc(w.letters(), func(l letter.Parsed) bool { return l.Subject == "Om Nästa tillfälle" }) {
		t.Errorf("letters %q", got)
	}
}

func TestATestGoesToTheOrganiserAndItsLinksOpenNothing(t *testing.T) {
	w := newWorld(t)
	var links int
	w.write(func(ctx context.Context, tx *store.Tx) error {
		u, err := user.Add(ctx, tx, "karin@region.example", "Karin Lind", "sv", nil)
		if err != nil {
			return err
		}
		content := mailing.Content{Texts: map[string]mailing.Text{"sv": {Subject: "Hej {first_name}", Body: "Se {link}."}}}
		m, err := mailing.New(ctx, tx, w.event.ProgrammeID, mailing.OfEvent(w.event.ID), content, audit.Actor{Kind: "user", ID: u.ID})
		if err != nil {
			return err
		}
		return mailing.Try(ctx, tx, m, message.Test{EventID: w.event.ID}, "nb", u.Email)
	})
	w.deliver()
	got := w.last()
	if got.Subject != "[Test] Hej Anna" || !strings.Contains(got.Text, "/r/preview") {
		t.Errorf("%s\n%s", got.Subject, got.Text)
	}
	w.read(func(ctx context.Context, tx *store.Tx) (err error) {
		links, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM personal_link`)
		return err
	})
	if links != 0 {
		t.Errorf("%d links were made", links)
	}
}

func TestATestIsTheLetterThatIsShown(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Berit")
	w.deliver()
	w.withdraw(r) // so that there is no way into the meeting
	w.deliver()
	var shown Rendered
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		content := mailing.Content{Facts: true, Texts: map[string]mailing.Text{"sv": {Subject: "Parkering", Body: "{join}\n\nTack, {first_name}."}}}
		m, err := mailing.New(ctx, tx, w.event.ProgrammeID, mailing.OfEvent(w.event.ID), content, organiser)
		if err != nil {
			return err
		}
		shown, err = w.mailer.Preview(ctx, tx, message.Message{ID: "preview", Letter: message.Mailing, MailingID: m.ID, ProgrammeID: m.ProgrammeID,
			EventID: w.event.ID, RegistrationID: r.ID, Recipient: r.Email, Language: "sv"})
		return errors.Join(err, mailing.Try(ctx, tx, m, message.Test{EventID: w.event.ID, RegistrationID: r.ID}, "sv", "karin@region.example"))
	})
	w.deliver()
	got := w.last()
	text := strings.Replace(got.Text, "Det här är ett test. Länkarna som annars är personliga öppnar ingenting.\n", "", 1)
	if want := shown.Text; !strings.Contains(got.Text, "Tack, Berit.") || strings.Contains(got.Text, "/join/") || text != want {
		t.Errorf("the test (-shown +sent):\n%s\n%s", cmp.Diff(want, text), text)
	}
	if to := w.postman.envelopes(); to[len(to)-1].To != "karin@region.example" {
		t.Errorf("it went to %s", to[len(to)-1].To)
	}
}

func TestAMailingLeavesRoomInTheMinuteForWhatSomebodyWaitsFor(t *testing.T) {
	for name, change := range map[string]func(*Settings){
		"of a domain": func(s *Settings) { s.DomainRate = 4 },
		"in all":      func(s *Settings) { s.Rate, s.DomainRate = 4, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, roomy)
			for n := range 6 {
				w.signUpAt("Anna", fmt.Sprintf("p%d@firma.example", n))
			}
			w.deliver()
			w.advance(10 * time.Minute)
			s := settings()
			change(&s)
			w.mailer = w.newMailer(w.postman, s)
			w.mailing("Hej!")
			w.deliver()
			counts := func() (own int) {
				for _, line := range w.own() {
					if strings.HasPrefix(line, "sent") {
						own++
					}
				}
				return own
			}
			if got := counts(); got != 3 {
				t.Errorf("%d letters of the mailing in the first minute; want 3 of 4", got)
			}
			w.signUpAt("Eva", "eva@firma.example")
			w.deliver()
			if got := w.last(); !strings.Contains(got.Text, "Eva") {
				t.Errorf("the confirmation waits behind the mailing; the last letter is %s", got.Subject)
			}
			w.advance(time.Minute)
			w.deliver()
			if got := counts(); got != 6 {
				t.Errorf("%d letters of the mailing in two minutes; want all 6", got)
			}
		})
	}
}
