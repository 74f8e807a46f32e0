package mail

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/mail/letter"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// look writes a letter that is only looked at, in a transaction that only reads.
func (w *world) look(l message.Letter, lang locale.Language, test message.Test) (letter.Parsed, Specimen) {
	w.t.Helper()
	var x Specimen
	w.read(func(ctx context.Context, tx *store.Tx) (err error) {
		x, err = w.mailer.Specimen(ctx, tx, message.Message{Letter: l, Language: string(lang), ProgrammeID: w.event.ProgrammeID, Details: message.Details{Test: &test}})
		return err
	})
	p, err := letter.Parse(x.MIME)
	if err != nil {
		w.t.Fatal(err)
	}
	return p, x
}

// Whoever adds a kind of letter says here what must be true for it to go.
func TestEveryKindOfLetterCanBeLookedAt(t *testing.T) {
	for _, l := range message.All() {
		if len(situationsOf(l)) == 0 || situationsOf(l)[0].name != "" {
			t.Errorf("%s: sample.go has no usual situation for it", l)
		}
	}
	for _, x := range []struct {
		change func(*event.Content)
		in     []locale.Language
	}{{hybrid, locale.All()}, {onNet, []locale.Language{locale.SV}}, {func(*event.Content) {}, []locale.Language{locale.NN}}} {
		w := newWorld(t, x.change)
		for _, l := range message.All() {
			for _, s := range situationsOf(l) {
				for _, lang := range x.in {
					p, x := w.look(l, lang, message.Test{EventID: w.event.ID, Situation: s.name})
					name := string(l) + " " + s.name + " " + string(lang) + " " + string(w.event.Mode)
					if p.Subject == "" || strings.HasPrefix(p.Subject, testMark) || strings.Contains(p.Subject+p.Text, "<no value>") || x.Preheader == "" {
						t.Errorf("%s: subject %q, preheader %q", name, p.Subject, x.Preheader)
					}
					if s.name == "" && p.CalendarMethod != l.Method() {
						t.Errorf("%s: calendar %q, want %q", name, p.CalendarMethod, l.Method())
					}
				}
			}
		}
	}
}

func TestALetterIsLookedAtWithRealPeopleAndInventedEvents(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	before := len(w.outbox())
	p, _ := w.look(message.Offered, locale.NB, message.Test{EventID: w.event.ID, RegistrationID: r.ID})
	for _, want := range []string{"Hei Anna!", "Anbudsskola", "/offer/preview"} {
		if !strings.Contains(p.Text, want) {
			t.Errorf("the offer does not say %q:\n%s", want, p.Text)
		}
	}
	p, _ = w.look(message.Confirmed, locale.SV, message.Test{})
	if !strings.Contains(p.Text, "Så lämnar ditt företag sitt första anbud") {
		t.Errorf("no invented event:\n%s", p.Text)
	}
	if got := len(w.outbox()); got != before {
		t.Errorf("%d messages after looking, %d before", got, before)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		other, err := event.Create(ctx, tx, w.event.ProgrammeID, "", w.event.Content, organiser)
		if err != nil {
			return err
		}
		_, err = w.mailer.Specimen(ctx, tx, message.Message{Letter: message.Confirmed, Language: "sv", Details: message.Details{Test: &message.Test{EventID: other.ID, RegistrationID: r.ID}}})
		if !errors.Is(err, errGone) {
			t.Errorf("somebody who is not at the event: %v", err)
		}
		return nil
	})
}

func TestALetterIsLookedAtAfterItsEvent(t *testing.T) {
	w := newWorld(t)
	w.clock.Set(w.event.EndsAt.AddDate(0, 1, 0))
	for _, l := range []message.Letter{message.ConfirmAddress, message.Offered, message.DayBefore, message.Invitation, message.Confirmed} {
		p, _ := w.look(l, locale.SV, message.Test{EventID: w.event.ID})
		if !strings.Contains(p.Text, "mars") && !strings.Contains(p.Text, "4 mars") {
			t.Errorf("%s:\n%s", l, p.Text)
		}
	}
}

// A test goes the way of all letters and opens nothing; what it enters into the
// calendar is taken back by the test of a letter that takes back.
func TestATestIsSentLikeAnyLetterAndIsNobodysPlace(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.deliver()
	try := func(l message.Letter) letter.Parsed {
		t.Helper()
		w.advance(time.Minute)
		w.write(func(ctx context.Context, tx *store.Tx) error {
			return message.EnqueueTest(ctx, tx, l, "karin@region.example", "sv", w.event.ProgrammeID, message.Test{EventID: w.event.ID, RegistrationID: r.ID})
		})
		w.deliver()
		return w.last()
	}
	entered, taken := try(message.Confirmed), try(message.Cancelled)
	if entered.Subject != "[Test] Du har en plats: Anbudsskola, 4 mars" || !strings.Contains(entered.Get("To"), "karin@region.example") || strings.Contains(entered.Get("To"), "Anna") {
		t.Errorf("subject %q, to %q", entered.Subject, entered.Get("To"))
	}
	for _, want := range []string{"Hej Anna!", "/r/preview", "Det här är ett test."} {
		if !strings.Contains(entered.Text, want) {
			t.Errorf("the test does not say %q", want)
		}
	}
	uid, sequence := lineOf(entered.Calendar, "UID"), lineOf(entered.Calendar, "SEQUENCE")
	if !strings.HasPrefix(uid, "UID:test-") || uid != lineOf(taken.Calendar, "UID") {
		t.Errorf("entered as %s, taken back as %s", uid, lineOf(taken.Calendar, "UID"))
	}
	if entered.CalendarMethod != "REQUEST" || taken.CalendarMethod != "CANCEL" || sequence >= lineOf(taken.Calendar, "SEQUENCE") {
		t.Errorf("%s %s, then %s %s", entered.CalendarMethod, sequence, taken.CalendarMethod, lineOf(taken.Calendar, "SEQUENCE"))
	}
	if !strings.Contains(string(entered.Calendar), "[Test] Anbudsskola") {
		t.Errorf("the entry does not say that it is a test:\n%s", entered.Calendar)
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		if _, err := registration.FindByLink(ctx, tx, "preview", registration.Manage); err == nil {
			t.Error("the test's link opens something")
		}
		counts, err := message.CountOf(ctx, tx, w.event.ID)
		if counts.Sent != 1 {
			t.Errorf("%d letters are counted as sent about the event", counts.Sent)
		}
		n, _ := message.Invited(ctx, tx, message.Thread{RegistrationID: r.ID})
		if n != 0 {
			t.Errorf("the person's invitation has number %d", n)
		}
		return err
	})
	w.write(func(ctx context.Context, tx *store.Tx) error {
		for n := range message.TestsAnHour {
			err := message.EnqueueTest(ctx, tx, message.Confirmed, "karin@region.example", "sv", w.event.ProgrammeID, message.Test{})
			if (err != nil) != (n >= message.TestsAnHour-2) {
				t.Errorf("test %d: %v", n+3, err)
			}
		}
		return nil
	})
}

// lineOf is the first line of a calendar object with this name.
func lineOf(calendar []byte, name string) string {
	for line := range strings.Lines(string(calendar)) {
		if strings.HasPrefix(line, name+":") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

func TestAReminderIsShownAsItIsWhenItGoes(t *testing.T) {
	w := newWorld(t) // on 4 March, with the last day a week before
	late := message.Rule{Letter: message.OwnWords, Audience: message.WithPlace, Anchor: "start", Unit: "days", Amount: 2,
		Texts: []message.RuleText{{Language: "sv", Subject: "Ta med", Body: "En fråga."}}}
	early := late
	early.Amount = 20
	for rule, want := range map[*message.Rule]string{&late: "så snart du kan", &early: "februari"} {
		w.read(func(ctx context.Context, tx *store.Tx) error {
			got, err := w.mailer.Preview(ctx, tx, message.Message{Letter: message.OwnWords, Language: "sv", EventID: w.event.ID, ProgrammeID: w.event.ProgrammeID, Details: message.Details{Rule: rule}})
			if !strings.Contains(got.Text, want) {
				t.Errorf("%d days before it does not say %q:\n%s", rule.Amount, want, got.Text)
			}
			return err
		})
	}
}
