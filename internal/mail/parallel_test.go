package mail

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/mail/letter"
	"stafett/internal/mail/transport"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// counterHall is a post office with many counters: each letter lies on one until
// the test lets it go with an answer.
type counterHall struct {
	mu     sync.Mutex
	lying  map[string]chan transport.Result // by recipient and Message-ID
	order  []string
	closed bool
}

func (h *counterHall) Send(ctx context.Context, e transport.Envelope) transport.Result {
	p, err := letter.Parse(e.Data)
	if err != nil {
		return transport.Result{Outcome: transport.Refused}
	}
	_, kind, _ := strings.Cut(p.Get("Message-ID"), ".")
	kind, _, _ = strings.Cut(kind, "@")
	name := e.To + " " + kind
	answer := make(chan transport.Result, 1)
	h.mu.Lock()
	h.lying[name] = answer
	h.order = append(h.order, name)
	h.mu.Unlock()
	select {
	case r := <-answer:
		return r
	case <-ctx.Done():
		return transport.Result{Outcome: transport.Again, Broken: true, Reason: message.ReasonStopped}
	}
}

func (h *counterHall) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	return nil
}

func (h *counterHall) now() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Sorted(maps.Keys(h.lying))
}

func (h *counterHall) answer(name string, r transport.Result) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lying[name] <- r
	delete(h.lying, name)
}

// running is a Mailer at work with several connections.
type running struct {
	*world
	hall *counterHall
	stop context.CancelFunc
	end  chan error
	turn chan struct{} // a turn of the Mailer, whenever the test waits for one
}

func (w *world) runWith(change func(*Settings)) *running {
	w.t.Helper()
	return w.runFor(300*time.Millisecond, change)
}

// runPatiently gives the letters in hand as long as a program does.
func (w *world) runPatiently(change func(*Settings)) *running {
	w.t.Helper()
	return w.runFor(grace, change)
}

func (w *world) runFor(grace time.Duration, change func(*Settings)) *running {
	w.t.Helper()
	s := settings()
	s.Connections = 4
	change(&s)
	r := &running{world: w, hall: &counterHall{lying: map[string]chan transport.Result{}}, end: make(chan error, 1), turn: make(chan struct{})}
	m := w.newMailer(r.hall, s)
	m.idle, m.grace = 5*time.Millisecond, grace
	m.turned = func() {
		select {
		case r.turn <- struct{}{}:
		default:
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	w.t.Cleanup(stop)
	go func() { r.end <- m.Run(ctx) }()
	return r
}

// lying waits until exactly these letters lie on the counters.
func (r *running) lying(want ...string) {
	r.t.Helper()
	slices.Sort(want)
	var got []string
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(5 * time.Millisecond) {
		if got = r.hall.now(); slices.Equal(got, want) {
			return
		}
	}
	r.t.Fatalf("on the counters (-want +got):\n%s", cmp.Diff(want, got))
}

// idle waits until the Mailer has written down what was answered, and then lets it
// look twice more at what is due: the second look has begun after that.
func (r *running) idle() {
	r.t.Helper()
	inHand := func() (n int) {
		for _, m := range r.list() {
			if !m.LeasedUntil.IsZero() {
				n++
			}
		}
		return n
	}
	for limit := time.Now().Add(20 * time.Second); inHand() != len(r.hall.now()); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			r.t.Fatalf("%d letters are in hand, and %d on the counters", inHand(), len(r.hall.now()))
		}
	}
	for range 2 {
		select {
		case <-r.turn:
		case err := <-r.end:
			r.end <- err
			return
		case <-time.After(20 * time.Second):
			r.t.Fatal("the mailer does not look")
		}
	}
}

func roomy(c *event.Content) { n := 1000; c.RoomPlaces = &n }

func (w *world) signUpAt(name, address string) registration.Registration {
	w.t.Helper()
	var o registration.Outcome
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		o, err = registration.Register(ctx, tx, registration.Request{
			EventID: w.event.ID, FirstName: name, LastName: "Prov", Email: address, Language: "sv",
			Organisation: registration.Organisation{Kind: registration.OfNone},
		})
		return err
	})
	w.advance(time.Second)
	return o.Registration
}

func TestSeveralLettersGoAtOnceAndTwoToOneDomain(t *testing.T) {
	w := newWorld(t, roomy)
	for n, domain := range []string{"a", "a", "a", "b", "c", "d"} {
		w.signUpAt("Anna", fmt.Sprintf("p%d@%s.example", n, domain))
	}
	r := w.runWith(func(s *Settings) { s.DomainConnections = 2 })
	r.lying("p0@a.example e02", "p1@a.example e02", "p3@b.example e02", "p4@c.example e02")
	r.hall.answer("p3@b.example e02", sent)
	r.lying("p0@a.example e02", "p1@a.example e02", "p4@c.example e02", "p5@d.example e02")
	r.hall.answer("p4@c.example e02", sent)
	r.idle()
	r.lying("p0@a.example e02", "p1@a.example e02", "p5@d.example e02") // a hand is free, and the domain full
	r.hall.answer("p0@a.example e02", sent)
	r.lying("p1@a.example e02", "p2@a.example e02", "p5@d.example e02")
}

func TestSeveralConnectionsShareOnePace(t *testing.T) {
	w := newWorld(t, roomy)
	for n := range 8 {
		w.signUpAt("Anna", fmt.Sprintf("p%d@firma.example", n))
	}
	r := w.runWith(func(s *Settings) { s.Rate = 3 })
	r.lying("p0@firma.example e02", "p1@firma.example e02", "p2@firma.example e02")
	r.idle()
	r.lying("p0@firma.example e02", "p1@firma.example e02", "p2@firma.example e02")
	for n := range 3 {
		r.hall.answer(fmt.Sprintf("p%d@firma.example e02", n), sent)
	}
	r.idle()
	r.lying()
	w.advance(time.Minute)
	r.lying("p3@firma.example e02", "p4@firma.example e02", "p5@firma.example e02")
}

func TestWrongSettingsHaltAllConnectionsAndOneTriesFirst(t *testing.T) {
	w := newWorld(t, roomy)
	for n := range 6 {
		w.signUpAt("Anna", fmt.Sprintf("p%d@firma.example", n))
	}
	r := w.runWith(func(*Settings) {})
	r.lying("p0@firma.example e02", "p1@firma.example e02", "p2@firma.example e02", "p3@firma.example e02")
	for n := range 4 {
		r.hall.answer(fmt.Sprintf("p%d@firma.example e02", n), noSignIn)
	}
	r.idle()
	r.lying()
	w.advance(time.Minute)
	r.lying("p0@firma.example e02")
	r.idle()
	r.lying("p0@firma.example e02")
	r.hall.answer("p0@firma.example e02", sent)
	r.lying("p1@firma.example e02", "p2@firma.example e02", "p3@firma.example e02", "p4@firma.example e02")
	for _, m := range w.list() {
		if m.Attempts > 1 || m.Attempts == 1 && m.Status != message.Sent {
			t.Errorf("%s has %d attempts", m.Recipient, m.Attempts)
		}
	}
}

// list is every message, oldest first.
func (w *world) list() (all []message.Message) {
	w.t.Helper()
	w.read(func(ctx context.Context, tx *store.Tx) (err error) {
		all, err = message.List(ctx, tx, nil, []message.Status{message.Waiting, message.Sent, message.Failed, message.Dropped, message.Uncertain, message.Held}, 1000)
		slices.Reverse(all)
		return err
	})
	return all
}

func TestOfOneRegistrationOneLetterIsOnItsWay(t *testing.T) {
	w := newWorld(t, roomy)
	anna := w.signUpAt("Anna", "anna@firma.example")
	r := w.runWith(func(*Settings) {})
	r.lying("anna@firma.example e02")
	w.moveEvent("2027-03-11 09:00", "2027-03-11 12:00")
	r.idle()
	r.lying("anna@firma.example e02")
	w.advance(time.Second)
	w.withdraw(anna) // which makes what is on its way pointless, but not undone
	r.idle()
	r.lying("anna@firma.example e02")
	r.hall.answer("anna@firma.example e02", sent)
	r.lying("anna@firma.example e10")
	r.hall.answer("anna@firma.example e10", sent)
	r.lying()
	r.stop()
	if err := <-r.end; err != nil {
		t.Fatal(err)
	}
	wantOutbox(t, w, "E02 sent", "E15 dropped "+message.ReasonGivenUp, "E10 sent")
}

func TestAtTheEndWhatIsInHandIsFinishedAndNothingNewIsTaken(t *testing.T) {
	w := newWorld(t, roomy)
	for n := range 6 {
		w.signUpAt("Anna", fmt.Sprintf("p%d@firma.example", n))
	}
	r := w.runPatiently(func(s *Settings) { s.Connections = 2 })
	r.lying("p0@firma.example e02", "p1@firma.example e02")
	r.stop()
	r.hall.answer("p0@firma.example e02", sent)
	r.idle()
	r.lying("p1@firma.example e02")
	select {
	case err := <-r.end:
		t.Fatalf("it ended with a letter in hand: %v", err)
	default:
	}
	r.hall.answer("p1@firma.example e02", later)
	if err := <-r.end; err != nil || !r.hall.closed {
		t.Errorf("it ended with %v, connections closed: %v", err, r.hall.closed)
	}
	for n, m := range w.list() {
		want := message.Waiting
		if n == 0 {
			want = message.Sent
		}
		if m.Status != want || !m.LeasedUntil.IsZero() {
			t.Errorf("%s is %s, leased until %v", m.Recipient, m.Status, m.LeasedUntil)
		}
	}
}

func TestAtTheEndAServerThatIsSilentIsLeftAndTheLeaseGivenBack(t *testing.T) {
	w := newWorld(t, roomy)
	w.signUpAt("Anna", "anna@firma.example")
	w.signUpAt("Bo", "bo@firma.example")
	r := w.runWith(func(s *Settings) { s.Connections = 2 })
	r.lying("anna@firma.example e02", "bo@firma.example e02")
	r.stop()
	if err := <-r.end; err != nil {
		t.Fatal(err)
	}
	for _, m := range w.list() {
		if m.Status != message.Waiting || !m.LeasedUntil.IsZero() || m.Attempts != 0 || m.MayHaveLeft() {
			t.Errorf("%s is %s, leased until %v, after %d attempts", m.Recipient, m.Status, m.LeasedUntil, m.Attempts)
		}
	}
	w.deliver() // as after the next start: at once
	wantOutbox(t, w, "E02 sent", "E02 sent")
}

func TestAPanicWithOneLetterLeavesTheOthersInHand(t *testing.T) {
	w := newWorld(t, roomy)
	w.signUpAt("Anna", "anna@firma.example")
	w.signUpAt("Bo", "bo@firma.example")
	s := settings()
	s.Connections = 2
	first := true
	var mu sync.Mutex
	p := &postman{}
	p.onSend = func() {
		mu.Lock()
		defer mu.Unlock()
		if first {
			first = false
			panic("the printer burns")
		}
	}
	m := w.newMailer(p, s)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- m.Run(ctx) }()
	sentOnes := func() (n int) {
		for _, m := range w.list() {
			if m.Status == message.Sent {
				n++
			}
		}
		return n
	}
	for limit := time.Now().Add(20 * time.Second); sentOnes() < 1; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("nothing was sent")
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	w.advance(defaultLease)
	w.mailer = m
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E02 sent")
	if n := len(p.envelopes()); n != 3 {
		t.Errorf("handed over %d times", n)
	}
}
