package inbound_test

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/inbound"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

const sender = "program@stafett.example"

// world is an event in which one person has a place, whose invitation has been
// sent.
type world struct {
	t     *testing.T
	db    *store.DB
	clock *storetest.Clock
	event event.Event
	reg   registration.Registration
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, clock := storetest.New(t)
	w := &world{t: t, db: db, clock: clock, event: registrationtest.Event(t, db, nil)}
	w.reg = registrationtest.Sign(t, db, w.event.ID, 1)
	w.send()
	return w
}

// send lets everything that waits have been sent.
func (w *world) send() {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE message SET status = 'sent', prepared_at = ?, done_at = ? WHERE status = 'waiting'`, store.At(tx.Now), store.At(tx.Now))
		return err
	})
}

func (w *world) write(fn func(context.Context, *store.Tx) error) {
	w.t.Helper()
	storetest.Write(w.t, w.db, func(tx *store.Tx) error { return fn(context.Background(), tx) })
}

// letters lists what was written to the person, as "E02 sent".
func (w *world) letters() (all []string) {
	w.t.Helper()
	for _, m := range w.messages() {
		all = append(all, string(m.Letter)+" "+string(m.Status))
	}
	return all
}

func (w *world) messages() (all []message.Message) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		all, err = message.OfRegistration(ctx, tx, w.reg.ID)
		return err
	})
	return all
}

func (w *world) gone() (gone bool) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		gone, err = person.EmailFailed(ctx, tx, w.reg.Email)
		return err
	})
	return gone
}

// clumsy is an answer as a calendar may write it that keeps to few rules.
const clumsy = "\uFEFFbegin:vcalendar\nmethod:reply\nversion:2.0\nbegin:vevent\nuid:@UID@\nsequence:@SEQUENCE@\n" +
	"attendee;x-odd=\"a;b:c\";broken;partstat=declined;cn=Person\n  Nummer:MAILTO:person001@example.se\nend:vevent\nend:vcalendar\n"

// sample is a file of testdata, filled with what the world holds.
func (w *world) sample(name string) []byte {
	w.t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".eml"))
	if err != nil {
		w.t.Fatal(err)
	}
	first := w.messages()[0]
	fill := strings.NewReplacer("@UID@", w.reg.CalendarUID+"@stafett.example", "@SEQUENCE@", "0",
		"@BOUNCE@", "bounce+"+first.ID+"@stafett.example", "@MESSAGE-ID@", first.ID+".e02@stafett.example")
	text := strings.ReplaceAll(string(raw), "@ICS64@", base64.StdEncoding.EncodeToString([]byte(fill.Replace(clumsy))))
	return []byte(strings.ReplaceAll(fill.Replace(text), "\n", "\r\n"))
}

func (w *world) receive(raw []byte) inbound.Noted {
	w.t.Helper()
	n, err := w.try(raw, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) try(raw []byte, recipient string) (n inbound.Noted, err error) {
	m := inbound.Read(raw, recipient, sender)
	err = w.db.Write(context.Background(), func(tx *store.Tx) (err error) {
		n, err = inbound.Act(context.Background(), tx, m, inbound.ByCommand, sender)
		return err
	})
	return n, err
}

func TestWhatIsMadeOfEachMessage(t *testing.T) {
	const e02, question = "E02 sent", "E25 waiting"
	quiet := newWorld(t) // for what changes nothing
	for name, want := range map[string]struct {
		kind    inbound.Kind
		outcome inbound.Outcome
		letters string
		gone    bool
	}{
		"outlook-declined":       {inbound.Reply, inbound.Asked, e02 + ", " + question, false},
		"gmail-declined":         {inbound.Reply, inbound.Asked, e02 + ", " + question, false},
		"apple-declined":         {inbound.Reply, inbound.Asked, e02 + ", " + question, false},
		"thunderbird-declined":   {inbound.Reply, inbound.Asked, e02 + ", " + question, false},
		"exchange-only-attached": {inbound.Reply, inbound.Asked, e02 + ", " + question, false},
		"somebody-invites":       {inbound.Letter, inbound.Dropped, e02, false},
		"postfix-5.1.1":          {inbound.Bounce, inbound.NoSuchAddress, "E02 failed", true},
		"exchange-ndr":           {inbound.Bounce, inbound.NoSuchAddress, "E02 failed", true},
		"qmail-5.1.1":            {inbound.Bounce, inbound.NoSuchAddress, "E02 failed", true},
		"gmail-full":             {inbound.Bounce, inbound.CameBack, "E02 failed", false},
		"forwarded-gone":         {inbound.Bounce, inbound.CameBack, "E02 failed", false},
		"postfix-delayed":        {inbound.Bounce, inbound.StillTrying, e02, false},
		"out-of-office":          {inbound.Automatic, inbound.Dropped, e02, false},
		"receipt":                {inbound.Automatic, inbound.Dropped, e02, false},
		"mailing-list":           {inbound.Automatic, inbound.Dropped, e02, false},
		"our-own-letter":         {inbound.Loop, inbound.Dropped, e02, false},
		"person-writes":          {inbound.Letter, inbound.Dropped, e02, false},
		"rubbish":                {inbound.Unreadable, inbound.Dropped, e02, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := quiet
			if want.letters != e02 {
				w = newWorld(t)
			}
			before := len(w.noted())
			raw := w.sample(name)
			n := w.receive(raw)
			if n.Kind != want.kind || n.Outcome != want.outcome {
				t.Errorf("a %s, %s; want a %s, %s", n.Kind, n.Outcome, want.kind, want.outcome)
			}
			w.receive(raw)
			w.receive([]byte(strings.ReplaceAll("From somebody Wed Jan 13\r\nReceived: by another way\r\n"+string(raw), "\r\n", "\n")))
			if got := strings.Join(w.letters(), ", "); got != want.letters {
				t.Errorf("letters: %s; want %s", got, want.letters)
			}
			if w.gone() != want.gone {
				t.Errorf("the address is marked: %t", !want.gone)
			}
			if name != "rubbish" { // it has no number of its own
				if all := w.noted(); len(all) != before+1 {
					t.Errorf("it was noted %d times", len(all)-before)
				}
			}
		})
	}
}

func (w *world) noted() (all []inbound.Noted) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		all, err = inbound.Newest(ctx, tx, 100)
		return err
	})
	return all
}

// reply is an answer of Outlook's with other words.
func (w *world) reply(old, new string) []byte {
	return []byte(strings.ReplaceAll(string(w.sample("outlook-declined")), old, new))
}

func TestACalendarThatSaysNoNeverGivesUpThePlace(t *testing.T) {
	w := newWorld(t)
	w.receive(w.sample("outlook-declined"))
	if r := registrationtest.Find(t, w.db, w.reg.ID); r.Status != registration.Confirmed {
		t.Errorf("the place is %s", r.Status)
	}
}

func TestWhoIsAskedOnceIsAskedAgainOnlyAboutANewInvitation(t *testing.T) {
	w := newWorld(t)
	w.receive(w.sample("outlook-declined"))
	if n := w.receive(w.sample("gmail-declined")); n.Outcome != inbound.Outdated {
		t.Errorf("from another device: %s", n.Outcome)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.MoveEvent(ctx, tx, w.event.ID, w.event.StartsAt.AddDate(0, 0, 7), w.event.EndsAt.AddDate(0, 0, 7), "", registrationtest.Organiser)
		return err
	})
	if n := w.receive(w.sample("apple-declined")); n.Outcome != inbound.Outdated {
		t.Errorf("an answer to the old time: %s", n.Outcome)
	}
	if n := w.receive(w.reply("\r\nSEQUENCE:0", "\r\nSEQUENCE:1")); n.Outcome != inbound.Asked {
		t.Errorf("an answer to the new time: %s", n.Outcome)
	}
	want := "E02 sent, E25 waiting, E15 waiting, E25 waiting"
	if got := strings.Join(w.letters(), ", "); got != want {
		t.Errorf("letters: %s; want %s", got, want)
	}
}

func TestOnlyTheInvitedAddressCounts(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		old, new string
		want     inbound.Outcome
	}{
		"another attendee":   {"Person001@Example.se", "person002@example.se", inbound.Unknown},
		"another invitation": {"\r\nUID:", "\r\nUID:x", inbound.Unknown},
		"no attendee":        {"\r\nATTENDEE;", "\r\nX-ATTENDEE;", inbound.Unknown},
		"yes":                {"DECLINED", "ACCEPTED", inbound.Accepted},
		"perhaps":            {"DECLINED", "TENTATIVE", inbound.Tentative},
		"no answer yet":      {"DECLINED", "NEEDS-ACTION", inbound.Dropped},
		"another time":       {"METHOD:REPLY", "METHOD:COUNTER", inbound.Proposal},
		"from somebody else": {"From: \"Nummer 1, Person\" <person001@example.se>", "From: assistant@example.se", inbound.Asked},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(w.letters())
			n := w.receive(w.reply(tt.old, tt.new))
			if n.Outcome != tt.want {
				t.Errorf("%s, want %s", n.Outcome, tt.want)
			}
			if asked := len(w.letters()) > before; asked != (tt.want == inbound.Asked) {
				t.Errorf("asked: %t", asked)
			}
		})
	}
}

func TestNobodyIsAskedAboutAPlaceThatIsNotThere(t *testing.T) {
	for name, change := range map[string]func(context.Context, *store.Tx, *world) error{
		"given up": func(ctx context.Context, tx *store.Tx, w *world) error {
			_, err := registration.Withdraw(ctx, tx, w.reg.ID, audit.Actor{Kind: "person"}, "")
			return err
		},
		"no date": func(ctx context.Context, tx *store.Tx, w *world) error {
			_, err := registration.PostponeEvent(ctx, tx, w.event.ID, "Sjukdom", registrationtest.Organiser)
			return err
		},
		"cancelled": func(ctx context.Context, tx *store.Tx, w *world) error {
			_, err := registration.CancelEvent(ctx, tx, w.event.ID, "Sjukdom", registrationtest.Organiser)
			return err
		},
		"begun": func(_ context.Context, _ *store.Tx, w *world) error {
			w.clock.Set(w.event.StartsAt)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write(func(ctx context.Context, tx *store.Tx) error { return change(ctx, tx, w) })
			if n := w.receive(w.reply("\r\nSEQUENCE:0", "\r\nSEQUENCE:9")); n.Outcome != inbound.NoPlace {
				t.Errorf("%s", n.Outcome)
			}
		})
	}
}

func TestAReportIsBelievedOnlyAboutALetterThatWasSent(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(string) string{
		"an unknown number": func(s string) string { return strings.ReplaceAll(s, "bounce+id-", "bounce+other-") },
		"another domain":    func(s string) string { return strings.ReplaceAll(s, "@stafett.example\r\n", "@elsewhere.example\r\n") },
		"no number": func(s string) string {
			return strings.ReplaceAll(s, "bounce+", "bounce-")
		},
		"another receiver":     func(s string) string { return strings.ReplaceAll(s, "person001@", "somebody@") },
		"another letter in it": func(s string) string { return strings.ReplaceAll(s, ".e02@stafett", ".e03@stafett") },
	} {
		t.Run(name, func(t *testing.T) {
			n := w.receive([]byte(change(string(w.sample("postfix-5.1.1")))))
			if n.Kind != inbound.Bounce || n.Outcome != inbound.Unknown || w.gone() || w.messages()[0].Status != message.Sent {
				t.Errorf("it was believed: %+v, %v", n, w.letters())
			}
		})
	}
	for name, change := range map[string]string{
		"a letter that has not left":      `UPDATE message SET status = 'waiting', done_at = NULL`,
		"a letter that was refused":       `UPDATE message SET status = 'failed', reason = 'refused 550 5.7.1', done_at = created_at`,
		"a letter to somebody now erased": `UPDATE message SET status = 'sent', recipient = '', done_at = created_at`,
	} {
		t.Run(name, func(t *testing.T) {
			w.write(func(ctx context.Context, tx *store.Tx) error {
				if _, err := store.Exec(ctx, tx, `DELETE FROM inbound_message`); err != nil {
					return err
				}
				_, err := store.Exec(ctx, tx, change)
				return err
			})
			before := w.letters()[0]
			if n := w.receive(w.sample("postfix-5.1.1")); n.Outcome != inbound.Unknown || w.gone() || w.letters()[0] != before {
				t.Errorf("it was believed: %+v", n)
			}
		})
	}
}

func TestAReportThatIsQuickerThanTheServersAnswerComesAgain(t *testing.T) {
	w := newWorld(t)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE message SET status = 'waiting', done_at = NULL, leased_until = ?`, store.At(tx.Now.Add(time.Minute)))
		return err
	})
	if _, err := w.try(w.sample("postfix-5.1.1"), ""); !errors.Is(err, inbound.ErrNotYet) {
		t.Fatalf("while the letter is handed over: %v", err)
	}
	if all := w.noted(); len(all) != 0 {
		t.Fatalf("it was noted, so it would not be acted on again: %v", all)
	}
	w.send()
	if n := w.receive(w.sample("postfix-5.1.1")); n.Outcome != inbound.NoSuchAddress {
		t.Errorf("afterwards: %s", n.Outcome)
	}
}

func TestTheMailSystemMayNameTheRecipient(t *testing.T) {
	w := newWorld(t)
	id := w.messages()[0].ID
	raw := strings.ReplaceAll(string(w.sample("postfix-5.1.1")), "bounce+"+id+"@stafett.example", "hidden@stafett.example")
	n, err := w.try([]byte(raw), "BOUNCE+"+id+"@Stafett.example")
	if err != nil || n.Outcome != inbound.NoSuchAddress {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestWhatCameBackSaysWhyAndWhoMarkedTheAddress(t *testing.T) {
	w := newWorld(t)
	taken := w.messages()[0].DoneAt
	w.clock.Advance(2 * time.Minute)
	w.receive(w.sample("postfix-5.1.1"))
	m := w.messages()[0]
	if m.Reason != "came_back_no_address 550 5.1.1" {
		t.Errorf("the reason is %q", m.Reason)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		history, err := message.Attempts(ctx, tx, m.ID)
		want := []message.Attempt{{Reason: message.TakenIn, First: taken, Last: taken, Times: 1}, {Reason: m.Reason, First: tx.Now, Last: tx.Now, Times: 1}}
		if !slices.Equal(history, want) || !m.DoneAt.Equal(tx.Now) {
			t.Errorf("the history is %+v, the end %v", history, m.DoneAt)
		}
		return err
	})
	w.write(func(ctx context.Context, tx *store.Tx) error {
		entries, err := audit.Of(ctx, tx, "person", w.reg.PersonID)
		if err != nil {
			return err
		}
		if len(entries) != 1 || entries[0].Action != "person.address_failed" || entries[0].Reason != m.ID {
			t.Errorf("the log has %+v", entries)
		}
		return nil
	})
	w = newWorld(t)
	w.receive(w.sample("gmail-full"))
	if got := w.messages()[0].Reason; got != "came_back 552 5.2.2" {
		t.Errorf("the reason is %q", got)
	}
}

func TestASecondReportSaysNothingNewUnlessItIsWorse(t *testing.T) {
	w := newWorld(t)
	w.receive(w.sample("gmail-full"))
	if n := w.receive([]byte(strings.ReplaceAll(string(w.sample("gmail-full")), "Message-ID: <6785", "Message-ID: <6786"))); n.Outcome != inbound.NotedBefore || w.gone() {
		t.Errorf("the same once more: %s", n.Outcome)
	}
	if n := w.receive(w.sample("postfix-5.1.1")); n.Outcome != inbound.NoSuchAddress || !w.gone() {
		t.Errorf("then the address is gone: %s", n.Outcome)
	}
}

func TestTooLargeIsNotedAndNoMore(t *testing.T) {
	w := newWorld(t)
	raw := append(w.sample("postfix-5.1.1"), strings.Repeat("x", inbound.MaxSize)...)
	if n := w.receive(raw); n.Kind != inbound.TooLarge || w.gone() {
		t.Errorf("%+v", n)
	}
}

func TestWhatIsNotedIsForgottenAfterThirtyDays(t *testing.T) {
	w := newWorld(t)
	w.receive(w.sample("person-writes"))
	sweep := func() int {
		w.write(inbound.Sweep)
		return len(w.noted())
	}
	w.clock.Advance(30 * 24 * time.Hour)
	if n := sweep(); n != 1 {
		t.Errorf("on the thirtieth day %d are kept", n)
	}
	w.clock.Advance(time.Second)
	if n := sweep(); n != 0 {
		t.Errorf("afterwards %d are kept", n)
	}
}
