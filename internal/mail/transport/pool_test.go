package transport

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

func TestAPoolDialsAsManyConnectionsAsAreNeededAtOnce(t *testing.T) {
	s := serve(t, encryption{})
	p := NewPool(s.settings)
	t.Cleanup(func() { p.Close() })
	for n := range 10 {
		wantResult(t, accepted, p.Send(t.Context(), letterTo(fmt.Sprintf("p%d@kund.example", n))))
	}
	if s.sessions != 1 {
		t.Errorf("%d connections for one letter after the other", s.sessions)
	}
	var senders sync.WaitGroup
	for sender := range 4 {
		senders.Go(func() {
			for n := range 10 {
				if got := p.Send(t.Context(), letterTo(fmt.Sprintf("q%d-%d@kund.example", sender, n))); got != accepted {
					t.Errorf("%+v", got)
				}
			}
		})
	}
	senders.Wait()
	if s.sessions > 4 || len(s.letters()) != 50 {
		t.Errorf("%d letters over %d connections", len(s.letters()), s.sessions)
	}
	before := s.sessions
	p.Close()
	wantResult(t, accepted, p.Send(t.Context(), letterTo("anna@kund.example")))
	if s.sessions != before+1 {
		t.Errorf("%d connections after goodbye, %d before", s.sessions, before)
	}
	if err := p.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestARefusalOnOneConnectionOfAPoolDisturbsNoOther(t *testing.T) {
	s := serve(t, encryption{})
	p := NewPool(s.settings)
	t.Cleanup(func() { p.Close() })
	s.answer(nil, &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "unknown"}, nil)
	wantOutcome(t, NoSuchAddress, false, p.Send(t.Context(), letterTo("anna@kund.example")))
	s.answer(nil, nil, nil)
	wantResult(t, accepted, p.Send(t.Context(), letterTo("bo@kund.example")))
}

// A server that offers STARTTLS and then does not keep it gets nothing in clear.
func TestAServerThatTakesBackSTARTTLSGetsNoLetter(t *testing.T) {
	heard := make(chan string, 10)
	s := serveRudely(t, func(c *talk) {
		c.say("220 hi")
		c.hear()
		c.say("250-hi")
		c.say("250 STARTTLS")
		heard <- c.hear()
		c.say("454 4.7.0 TLS not available")
		for line := c.hear(); line != ""; line = c.hear() {
			heard <- line
		}
	})
	s.settings.TLS = STARTTLS
	s.settings.Timeout = 2 * time.Second
	if got := send(t, sender(t, s.settings)); got.Outcome != Again && got.Outcome != Misconfigured {
		t.Errorf("%+v", got)
	}
	for len(heard) > 0 {
		if line := <-heard; line != "STARTTLS" && line != "QUIT" {
			t.Errorf("the server heard %q", line)
		}
	}
}
