package mail

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"stafett/internal/mail/letter"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/store"
	"stafett/internal/user"
)

// newsOf makes the letter one with news, written in some languages.
func newsOf(languages ...string) func(*facts) {
	all := map[string]mailing.Text{
		"sv": {Subject: "Höstens utbildningar, {first_name}", Body: "Nu är **höstens program** klart.\n\n## Fyra förmiddagar\n\n- Så lämnar du ditt första anbud\n- Hållbarhetskrav utan krångel\n\nSe [hela programmet](https://region.example/hosten?a=1&b=2)."},
		"nb": {Subject: "Kursene i høst, {first_name}", Body: "Nå er **høstens program** klart.\n\n## Fire formiddager\n\n- Slik leverer du ditt første tilbud\n- Klimakrav uten kluss\n\nSe [hele programmet](https://fylke.example/hosten?a=1&b=2)."},
		"nn": {Subject: "Kursa i haust, {first_name}", Body: "No er **haustprogrammet** klart.\n\n## Fire formiddagar\n\n- Slik leverer du det første tilbodet ditt\n- Klimakrav utan kluss\n\nSjå [heile programmet](https://fylke.example/hausten?a=1&b=2)."},
		"en": {Subject: "Autumn courses, {first_name}", Body: "Our **autumn programme** is ready.\n\n## Four mornings\n\n- How to submit your first tender\n- Sustainability requirements without fuss\n\nSee [the whole programme](https://region.example/autumn?a=1&b=2)."},
	}
	return func(f *facts) {
		aboutSomebody("")(f)
		f.mailing = mailing.Mailing{ID: "ma1", Status: mailing.Sending, Selection: mailing.OfNews(), Content: mailing.Content{Texts: map[string]mailing.Text{}}}
		f.subscription = news.Subscription{ID: "su1", Status: news.On, ConfirmedAt: f.now.AddDate(0, -2, 3)}
		for _, l := range languages {
			f.mailing.Texts[l] = all[l]
		}
	}
}

// reader wants the programme's news, and has never signed up.
func (w *world) reader(name, language string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		return news.Ask(ctx, tx, news.Wish{ProgrammeID: w.event.ProgrammeID, Email: strings.ToLower(name) + "@firma.example", Language: language, Source: news.OwnPage, Wording: "Ja"})
	})
}

// stopNews ends somebody's news.
func (w *world) stopNews(name string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		s, found, err := news.Reader(ctx, tx, w.event.ProgrammeID, strings.ToLower(name)+"@firma.example")
		if err != nil || !found {
			return err
		}
		return news.Stop(ctx, tx, s, news.ByOwnPage)
	})
}

// news sends some to all readers.
func (w *world) news() (m mailing.Mailing) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		content := mailing.Content{Facts: true, Texts: map[string]mailing.Text{"sv": {Subject: "Nytt i höst", Body: "Hej {first_name}, välkommen."}}}
		if m, err = mailing.New(ctx, tx, w.event.ProgrammeID, mailing.OfNews(), content, organiser); err != nil {
			return err
		}
		if err := mailing.Send(ctx, tx, m.ID, m.Revision, organiser); err != nil {
			return err
		}
		return mailing.Write(ctx, tx, m.ID)
	})
	return m
}

// newsletters are those among all: state and reason.
func (w *world) newsletters() (all []string) {
	for _, line := range w.outbox() {
		if rest, ok := strings.CutPrefix(line, "E28 "); ok {
			all = append(all, rest)
		}
	}
	slices.Sort(all)
	return all
}

// field is a field of the header; empty when there is none.
func field(l letter.Parsed, name string) string {
	for _, h := range l.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

func TestNewsGoToThoseWhoWantThemThenAndEndWithOneClick(t *testing.T) {
	w := newWorld(t)
	k, with := signingKey(t), settings()
	with.Sign = k.Sign
	w.mailer = w.newMailer(w.postman, with)
	w.signUp("Anna")
	w.deliver()
	w.reader("Anna", "sv")
	w.reader("Bo", "sv")
	w.reader("Cilla", "nb")
	w.news()
	w.stopNews("Bo")
	w.deliver()
	if got := w.newsletters(); !slices.Equal(got, []string{"dropped dropped_unsubscribed", "sent", "sent"}) {
		t.Fatalf("letters %q", got)
	}
	for _, e := range w.postman.envelopes()[1:] {
		l, err := letter.Parse(e.Data)
		if err != nil {
			t.Fatal(err)
		}
		greeting := map[string]string{"anna@firma.example": "Hej Anna, välkommen.", "cilla@firma.example": "Hej, välkommen."}[e.To]
		if l.Subject != "Nytt i höst" || greeting == "" || !strings.Contains(l.Text, greeting) || strings.Contains(l.Text, "Anbudsskola") {
			t.Errorf("to %s: %s\n%s", e.To, l.Subject, l.Text)
		}
		address := strings.Trim(field(l, "List-Unsubscribe"), "<>")
		if field(l, "List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.Contains(l.Text, address+"\n") || !strings.Contains(l.HTML, address+`"`) {
			t.Errorf("to %s: %q does not stand in the letter", e.To, address)
		}
		w.read(func(ctx context.Context, tx *store.Tx) error {
			s, err := news.ByLink(ctx, tx, strings.TrimPrefix(address, "https://stafett.example/u/"), news.ToEnd)
			if err == nil && s.Email != e.To {
				t.Errorf("the link of %s ends the news of %s", e.To, s.Email)
			}
			return err
		})
		signed, err := dkim.VerifyWithOptions(bytes.NewReader(e.Data), &dkim.VerifyOptions{LookupTXT: func(string) ([]string, error) { return []string{k.Record()}, nil }})
		if err != nil || len(signed) != 1 || signed[0].Err != nil {
			t.Fatalf("%v %+v", err, signed)
		}
		for _, name := range []string{"List-Unsubscribe", "List-Unsubscribe-Post"} { // RFC 8058 4: both must be covered
			if !slices.Contains(signed[0].HeaderKeys, name) {
				t.Errorf("%s is not signed", name)
			}
		}
	}
}

func TestNewsWaitWhilePeopleSleepAlsoWhenSentNow(t *testing.T) {
	w := newWorld(t)
	w.reader("Anna", "sv")
	w.clock.Set(at(t, "2027-02-01 22:30"))
	w.news()
	w.deliver()
	if got := w.newsletters(); !slices.Equal(got, []string{"waiting"}) {
		t.Errorf("in the night: %q", got)
	}
	w.clock.Set(at(t, "2027-02-02 07:00"))
	w.deliver()
	if got := w.newsletters(); !slices.Equal(got, []string{"sent"}) {
		t.Errorf("in the morning: %q", got)
	}
}

func TestWithoutHTTPSNewsHaveTheLinkAndNoFieldForPrograms(t *testing.T) {
	w := newWorld(t)
	without := settings()
	without.BaseURL = "http://127.0.0.1:8080"
	w.mailer = w.newMailer(w.postman, without)
	w.reader("Anna", "sv")
	w.news()
	w.deliver()
	l := w.last()
	if field(l, "List-Unsubscribe")+field(l, "List-Unsubscribe-Post") != "" || !strings.Contains(l.Text, "http://127.0.0.1:8080/u/") {
		t.Errorf("%v\n%s", l.Headers, l.Text)
	}
}

func TestATestOfNewsEndsNobodys(t *testing.T) {
	w := newWorld(t)
	w.reader("Anna", "sv")
	var m mailing.Mailing
	w.write(func(ctx context.Context, tx *store.Tx) error {
		u, err := user.Add(ctx, tx, "karin@region.example", "Karin Lind", "sv", nil)
		if err != nil {
			return err
		}
		content := mailing.Content{Texts: map[string]mailing.Text{"sv": {Subject: "Hej {first_name}", Body: "Nytt."}}}
		if m, err = mailing.New(ctx, tx, w.event.ProgrammeID, mailing.OfNews(), content, organiser); err != nil {
			return err
		}
		return mailing.Try(ctx, tx, m, message.Test{}, "nb", u.Email)
	})
	w.deliver()
	if l := w.last(); l.Subject != "[Test] Hej Anna" || !strings.Contains(l.Text, "/u/preview") || field(l, "List-Unsubscribe") != "" {
		t.Errorf("%s\n%s", l.Subject, l.Text)
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM subscription_link`)
		if err != nil || n != 0 {
			t.Errorf("%d links were made: %v", n, err)
		}
		counts, err := message.CountOfMailing(ctx, tx, m.ID)
		if counts != (message.Counts{}) {
			t.Errorf("the test counts: %+v", counts)
		}
		return err
	})
}

func TestAPreviewOfNewsShowsTheReaderAndOpensNothing(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.reader("Anna", "sv")
	m := w.news()
	w.advance(time.Minute)
	w.read(func(ctx context.Context, tx *store.Tx) error {
		r, found, err := mailing.Nth(ctx, tx, m.ProgrammeID, m.Selection, 0)
		if err != nil || !found || r.Name != "Anna Prov" {
			t.Fatalf("%v %v %v", r, found, err)
		}
		for id, greeting := range map[string]string{r.SubscriptionID: "Hej Anna, välkommen.", "": "Hej Anna, välkommen."} {
			got, err := w.mailer.Preview(ctx, tx, message.Message{ID: "preview", Letter: message.News, MailingID: m.ID, ProgrammeID: m.ProgrammeID,
				Recipient: r.Email, Language: "sv", Details: message.Details{SubscriptionID: id}})
			if err != nil || !strings.Contains(got.Text, greeting) || !strings.Contains(got.Text, "https://stafett.example/u/preview\n") {
				t.Errorf("%q: %v\n%s", id, err, got.Text)
			}
		}
		return nil
	})
}
