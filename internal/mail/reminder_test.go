package mail

import (
	"context"
	"strings"
	"testing"

	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// rule leaves the event one rule alone, in the organiser's own words unless it has
// another letter.
func (w *world) rule(r message.Rule) message.Rule {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		all, err := message.Rules(ctx, tx, w.event.ID)
		for _, old := range all {
			if err == nil {
				err = message.RemoveRule(ctx, tx, old.ID, organiser)
			}
		}
		if err != nil {
			return err
		}
		r.EventID = w.event.ID
		if r.Letter == "" {
			r.Letter = message.OwnWords
			r.Texts = []message.RuleText{{Language: "nb", Subject: "Ta med et spørsmål", Body: "Skriv det ned.\n\nLes [veiledningen](https://region.example/v)."}}
		}
		r, err = message.AddRule(ctx, tx, r, organiser)
		return err
	})
	return r
}

// until lets the scheduler run at a time, and delivers.
func (w *world) until(when string) {
	w.t.Helper()
	w.clock.Set(at(w.t, when))
	w.write(func(ctx context.Context, tx *store.Tx) error { _, err := message.EnqueueDue(ctx, tx); return err })
	w.deliver()
}

func TestOwnWordsReachThoseForWhomTheyAreWritten(t *testing.T) {
	for _, tt := range []struct {
		name  string
		rule  message.Rule
		when  string
		words []string
	}{
		{"who has a place", message.Rule{Audience: message.WithPlace, Anchor: "start", Unit: "days", Amount: 2, AtClock: "10:00"}, "2027-03-02 10:00",
			[]string{"Hej Anna!", "Skriv det ned.", "veiledningen: https://region.example/v", "Folkets hus", "/r/"}},
		{"who waits", message.Rule{Audience: message.OnList, Anchor: "closes", Unit: "days", Amount: 1, AtClock: "10:00"}, "2027-02-24 10:00",
			[]string{"Hej Cia!", "Du står först på reservlistan.", "/r/"}},
		{"after the end", message.Rule{Audience: message.WhoAttended, Anchor: "end", After: true, Unit: "hours", Amount: 2}, "2027-03-04 14:00",
			[]string{"Hej Bo!", "Skriv det ned."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.signUp("Anna")
			w.signUp("Bo")
			w.signUp("Cia") // waits
			w.deliver()
			w.rule(tt.rule)
			w.until(tt.when)
			var found string
			for _, l := range w.letters() {
				if l.Subject == "Ta med et spørsmål" && strings.Contains(l.Text, tt.words[0]) {
					found = l.Text
				}
			}
			for _, words := range tt.words {
				if !strings.Contains(found, words) {
					t.Errorf("no %q in\n%s", words, found)
				}
			}
		})
	}
}

func TestWhoHasAnOfferIsRemindedOfIt(t *testing.T) {
	w := newWorld(t)
	anna := w.signUp("Anna")
	w.signUp("Bo")
	w.signUp("Cia")
	w.deliver()
	w.clock.Set(at(t, "2027-02-01 10:00")) // a Monday
	w.withdraw(anna)
	w.deliver()
	w.rule(message.Rule{Letter: message.Offered, Audience: message.WithOffer, Anchor: "offer", Unit: "hours", Amount: 3})
	w.until("2027-02-02 17:00")
	got := w.last()
	if !strings.HasPrefix(got.Subject, "Svara om din plats") || !strings.Contains(got.Text, "Hej Cia!") || !strings.Contains(got.Text, "/offer/") {
		t.Errorf("%s\n%s", got.Subject, got.Text)
	}
}

func TestAReminderWrittenForTheLastDayGoes(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.deliver()
	w.rule(message.Rule{Letter: message.DayBefore, Audience: message.WithPlace, Anchor: "closes", Unit: "days", Amount: 1, AtClock: "10:00"})
	w.until("2027-02-24 10:00")
	wantOutbox(t, w, "E02 sent", "E19 sent")
}

func TestOwnWordsAreNotSentToWhomTheyNoLongerFit(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*world, registration.Registration, message.Rule)
		want   string
	}{
		{"the place was given up", func(w *world, anna registration.Registration, _ message.Rule) { w.withdraw(anna) }, "E26 dropped " + message.ReasonGivenUp},
		{"the event has another time", func(w *world, _ registration.Registration, _ message.Rule) {
			w.moveEvent("2027-03-11 09:00", "2027-03-11 12:00")
		}, "E26 dropped " + message.ReasonOffDate},
		{"the rule is gone", func(w *world, _ registration.Registration, r message.Rule) {
			w.write(func(ctx context.Context, tx *store.Tx) error { return message.RemoveRule(ctx, tx, r.ID, organiser) })
		}, "E26 dropped " + message.ReasonRuleGone},
		{"the rule is switched off", func(w *world, _ registration.Registration, r message.Rule) {
			w.write(func(ctx context.Context, tx *store.Tx) error {
				return message.SwitchRule(ctx, tx, r.ID, false, organiser)
			})
		}, "E26 dropped " + message.ReasonRuleGone},
		{"the words are others", func(w *world, _ registration.Registration, r message.Rule) {
			r.Texts[0].Body = "Skriv det ikke ned."
			w.write(func(ctx context.Context, tx *store.Tx) error { return message.ChangeRule(ctx, tx, r, false, organiser) })
		}, "E26 sent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			anna := w.signUp("Anna")
			w.deliver()
			r := w.rule(message.Rule{Audience: message.WithPlace, Anchor: "start", Unit: "days", Amount: 2, AtClock: "10:00"})
			w.clock.Set(at(t, "2027-03-02 10:00"))
			w.write(func(ctx context.Context, tx *store.Tx) error { _, err := message.EnqueueDue(ctx, tx); return err })
			tt.change(w, anna, r)
			w.deliver()
			if got := w.outbox()[1]; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if strings.HasSuffix(tt.want, "sent") && !strings.Contains(w.last().Text, "Skriv det ikke ned.") {
				t.Errorf("the letter has the old words:\n%s", w.last().Text)
			}
		})
	}
}

// The organisers' letter has numbers and no names.
func TestTheOrganisersLetterNamesNobody(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.signUp("Bo")
	w.signUp("Cia")
	w.deliver()
	w.until("2027-03-02 09:00")
	got := w.last()
	if got.Subject != "2 anmälda: Anbudsskola, 4 mars" || !strings.Contains(got.Text, "På reservlistan: 1\n") || !strings.Contains(got.Text, "/roster\n") {
		t.Errorf("%s\n%s", got.Subject, got.Text)
	}
	for _, name := range []string{"Anna", "Bo ", "Cia", "firma.example"} {
		if strings.Contains(got.Text+got.HTML, name) {
			t.Errorf("it names %q", name)
		}
	}
}
