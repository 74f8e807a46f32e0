package mail

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/mail/letter"
	"stafett/internal/mail/transport"
	"stafett/internal/message"
	"stafett/internal/municipality"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var organiser = audit.Actor{Kind: "user", ID: "u1"}

// postman stands in for a mail server: he answers what he is told, in order, and
// then always that the letter is sent.
type postman struct {
	mu      sync.Mutex
	answers []transport.Result
	got     []transport.Envelope
	onSend  func()
	closed  int
}

var sent = transport.Result{Outcome: transport.Sent, Code: 250}

func (p *postman) Send(_ context.Context, e transport.Envelope) transport.Result {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, e)
	if p.onSend != nil {
		p.onSend()
	}
	if len(p.answers) == 0 {
		return sent
	}
	answer := p.answers[0]
	p.answers = p.answers[1:]
	return answer
}

func (p *postman) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed++
	return nil
}

func (p *postman) will(answers ...transport.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers = answers
}

func (p *postman) envelopes() []transport.Envelope {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]transport.Envelope(nil), p.got...)
}

// world is an installation with one programme and one event to come.
type world struct {
	t       testing.TB
	db      *store.DB
	clock   *storetest.Clock
	postman *postman
	mailer  *Mailer
	event   event.Event
}

func settings() Settings {
	return Settings{
		BaseURL: "https://stafett.example", FromEmail: "program@stafett.example",
		Jitter: func() float64 { return 0.5 }, // no jitter
	}
}

func newWorld(t testing.TB, changes ...func(*event.Content)) *world {
	t.Helper()
	db, clock := storetest.New(t)
	w := &world{t: t, db: db, clock: clock, postman: &postman{}}
	w.mailer = w.newMailer(w.postman, settings())
	two := 2
	c := event.Content{
		Kind: event.Seminar, Language: "sv", Title: "Anbudsskola", Summary: "En förmiddag om anbud.", Mode: event.Room,
		StartsAt: at(t, "2027-03-04 08:30"), EndsAt: at(t, "2027-03-04 12:00"), TimeZone: "Europe/Stockholm", RoomPlaces: &two,
		Municipality: municipality.Code{Country: "SE", Number: "2080"}, VenueName: "Folkets hus",
		ContactName: "Maja Lind", ContactEmail: "maja.lind@region.example", WaitingList: true, Audiences: []string{"supplier_sme"},
	}
	for _, change := range changes {
		change(&c)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		p, err := programme.Add(ctx, tx, programme.Programme{Slug: "anbud", Name: "Upphandlingsdialog", Country: "SE", Language: "sv", TimeZone: "Europe/Stockholm"}, organiser)
		if err != nil {
			return err
		}
		ev, err := event.Create(ctx, tx, p.ID, "", c, organiser)
		if err != nil {
			return err
		}
		w.event, err = event.Publish(ctx, tx, ev.ID, organiser)
		return err
	})
	return w
}

func onNet(c *event.Content) {
	c.Mode, c.VenueName, c.Municipality = event.Online, "", municipality.Code{}
	c.JoinURL, c.RoomPlaces = "https://meet.example/abc", nil
	c.ClosesAt = c.StartsAt
}

func (w *world) newMailer(s Sender, settings Settings) *Mailer {
	w.t.Helper()
	m, err := New(w.db, texts(w.t), places(w.t), s, slog.New(slog.DiscardHandler), settings)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

func (w *world) write(fn func(context.Context, *store.Tx) error) {
	w.t.Helper()
	storetest.Write(w.t, w.db, func(tx *store.Tx) error { return fn(context.Background(), tx) })
}

func (w *world) read(fn func(context.Context, *store.Tx) error) {
	w.t.Helper()
	storetest.Read(w.t, w.db, func(tx *store.Tx) error { return fn(context.Background(), tx) })
}

// signUp registers somebody; the address is made of the first name.
func (w *world) signUp(name string) registration.Registration {
	w.t.Helper()
	var o registration.Outcome
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		o, err = registration.Register(ctx, tx, registration.Request{
			EventID: w.event.ID, FirstName: name, LastName: "Prov", Email: strings.ToLower(name) + "@firma.example", Language: "sv",
			Organisation: registration.Organisation{Kind: registration.OfNone},
		})
		return err
	})
	return o.Registration
}

func (w *world) withdraw(r registration.Registration) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.Withdraw(ctx, tx, r.ID, audit.Actor{Kind: "person", ID: r.PersonID}, "")
		return err
	})
}

func (w *world) moveEvent(start, end string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		w.event, err = registration.MoveEvent(ctx, tx, w.event.ID, at(w.t, start), at(w.t, end), "Lokalen var upptagen.", organiser)
		return err
	})
}

func (w *world) cancelEvent() {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		w.event, err = registration.CancelEvent(ctx, tx, w.event.ID, "För få anmälda.", organiser)
		return err
	})
}

func (w *world) postponeEvent() {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		w.event, err = registration.PostponeEvent(ctx, tx, w.event.ID, "Föreläsaren är sjuk.", organiser)
		return err
	})
}

// remind writes a reminder as the rules would.
func (w *world) remind(r registration.Registration, l message.Letter) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := message.Enqueue(ctx, tx, message.Request{
			Key: fmt.Sprintf("test:%s:%s:%s", l, r.ID, w.event.StartsAt), Letter: l, Recipient: r.Email, Language: r.Language,
			ProgrammeID: w.event.ProgrammeID, EventID: w.event.ID, RegistrationID: r.ID, NotAfter: w.event.StartsAt,
		})
		return err
	})
}

// deliver steps until nothing is left to do now.
func (w *world) deliver() {
	w.t.Helper()
	for n := 0; w.step(); n++ {
		if n > 1000 {
			w.t.Fatal("there is always more to do")
		}
	}
}

func (w *world) step() bool {
	w.t.Helper()
	worked, err := w.mailer.Step(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return worked
}

// letters are those that were handed over, read as a mail program would.
func (w *world) letters() []letter.Parsed {
	w.t.Helper()
	var all []letter.Parsed
	for _, e := range w.postman.envelopes() {
		p, err := letter.Parse(e.Data)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func (w *world) last() letter.Parsed {
	w.t.Helper()
	all := w.letters()
	if len(all) == 0 {
		w.t.Fatal("no letter was handed over")
	}
	return all[len(all)-1]
}

// outbox is what has become of every message: letter, state and reason.
func (w *world) outbox() []string {
	w.t.Helper()
	var all []string
	w.read(func(ctx context.Context, tx *store.Tx) error {
		states := []message.Status{message.Waiting, message.Sent, message.Failed, message.Dropped, message.Uncertain, message.Held}
		messages, err := message.List(ctx, tx, nil, states, 1000)
		for i := len(messages) - 1; i >= 0; i-- {
			m := messages[i]
			all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", m.Letter, m.Status, m.Reason)))
		}
		return err
	})
	return all
}

// only is the one message there is.
func (w *world) only() message.Message {
	w.t.Helper()
	var found []message.Message
	w.read(func(ctx context.Context, tx *store.Tx) (err error) {
		states := []message.Status{message.Waiting, message.Sent, message.Failed, message.Dropped, message.Uncertain, message.Held}
		found, err = message.List(ctx, tx, nil, states, 10)
		return err
	})
	if len(found) != 1 {
		w.t.Fatalf("%d messages instead of one", len(found))
	}
	return found[0]
}

// run is the note about the mailer's last run.
func (w *world) run() message.Run {
	w.t.Helper()
	var run message.Run
	w.read(func(ctx context.Context, tx *store.Tx) error {
		runs, err := message.Runs(ctx, tx)
		for _, r := range runs {
			if r.Name == runName {
				run = r
			}
		}
		return err
	})
	return run
}

func (w *world) advance(d time.Duration) { w.clock.Advance(d) }
