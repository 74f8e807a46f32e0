package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"

	"stafett/internal/message"
)

func letterTo(to string) Envelope {
	return Envelope{From: "bounce+01JZ@lyftet.example", To: to, Data: []byte("Subject: Hej\r\n\r\nHej!\r\n")}
}

func sender(t *testing.T, s Settings) *SMTP {
	t.Helper()
	c := New(s)
	t.Cleanup(func() { c.Close() })
	return c
}

// send sends a letter to Anna.
func send(t *testing.T, c *SMTP) Result {
	t.Helper()
	return c.Send(t.Context(), letterTo("anna@kund.example"))
}

var accepted = Result{Outcome: Sent, Code: 250}

func wantResult(t *testing.T, want, got Result) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

// wantOutcome is for results whose reason is tested elsewhere.
func wantOutcome(t *testing.T, want Outcome, broken bool, got Result) {
	t.Helper()
	if got.Outcome != want || got.Broken != broken {
		t.Errorf("outcome %v, broken %v; want %v, %v: %+v", got.Outcome, got.Broken, want, broken, got)
	}
	wantReason(t, got)
}

// wantReason holds that whatever was not sent has a reason that can be shown, and
// the server's numbers where it gave any.
func wantReason(t *testing.T, got Result) {
	t.Helper()
	code, numbers := message.SplitReason(got.Reason)
	if code == message.ReasonUnknown || (code == "") != (got.Outcome == Sent) {
		t.Errorf("%v has the reason %q", got.Outcome, got.Reason)
	}
	if want := strings.TrimSpace(fmt.Sprint(got.Code, " ", got.Enhanced)); got.Outcome != Sent && got.Code != 0 && numbers != want {
		t.Errorf("reason %q has the numbers %q, want %q", got.Reason, numbers, want)
	}
}

func TestALetterArrivesByteForByte(t *testing.T) {
	s := serve(t, encryption{})
	e := letterTo("anna@kund.example")
	e.Data = []byte("Subject: Prickar\r\n\r\n.\r\n..\r\n.a\r\n\r\n" + strings.Repeat("x", 990) + "\r\n.\r\n")
	wantResult(t, accepted, sender(t, s.settings).Send(t.Context(), e))
	if diff := cmp.Diff([]Envelope{e}, s.letters()); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
}

func TestManyLettersGoOverOneConnection(t *testing.T) {
	s := serve(t, encryption{})
	c := sender(t, s.settings)
	for i := range 25 {
		wantResult(t, accepted, c.Send(t.Context(), letterTo(fmt.Sprintf("p%d@kund.example", i))))
	}
	if len(s.letters()) != 25 || s.sessions != 1 {
		t.Errorf("%d letters over %d connections", len(s.letters()), s.sessions)
	}
}

func TestARefusedLetterDoesNotDisturbTheNext(t *testing.T) {
	s := serve(t, encryption{})
	c := sender(t, s.settings)
	s.answer(nil, &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "unknown"}, nil)
	wantOutcome(t, NoSuchAddress, false, send(t, c))
	s.answer(nil, nil, &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "bad content"})
	wantOutcome(t, Refused, false, send(t, c))
	s.answer(nil, nil, nil)
	wantResult(t, accepted, send(t, c))
	if len(s.letters()) != 1 || s.sessions != 1 {
		t.Errorf("%d letters over %d connections", len(s.letters()), s.sessions)
	}
}

func TestAnAnswerOfTheServerHasItsOutcome(t *testing.T) {
	reply := func(code int, enhanced smtp.EnhancedCode, text string) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
	}
	for _, tt := range []struct {
		name                   string
		onMail, onRcpt, onData error
		want                   Result
	}{
		{name: "full mailbox at RCPT", onRcpt: reply(452, smtp.EnhancedCode{4, 2, 2}, "mailbox of <anna@kund.example> full"),
			want: Result{Outcome: Again, Code: 452, Enhanced: "4.2.2", Reason: "try_later 452 4.2.2",
				Answer: "4.2.2 mailbox of <…> full"}},
		{name: "overload at DATA", onData: reply(451, smtp.EnhancedCode{4, 3, 2}, "later"),
			want: Result{Outcome: Again, Code: 451, Enhanced: "4.3.2", Reason: "try_later 451 4.3.2",
				Answer: "4.3.2 later"}},
		{name: "unknown recipient", onRcpt: reply(550, smtp.EnhancedCode{5, 1, 1}, "User ANNA unknown"),
			want: Result{Outcome: NoSuchAddress, Code: 550, Enhanced: "5.1.1", Reason: "no_such_address 550 5.1.1",
				Answer: "5.1.1 User … unknown"}},
		{name: "policy at RCPT", onRcpt: reply(550, smtp.EnhancedCode{5, 7, 1}, "no relaying"),
			want: Result{Outcome: Refused, Code: 550, Enhanced: "5.7.1", Reason: "refused 550 5.7.1",
				Answer: "5.7.1 no relaying"}},
		{name: "policy at MAIL", onMail: reply(550, smtp.EnhancedCode{5, 1, 8}, "unknown sender domain"),
			want: Result{Outcome: Refused, Code: 550, Enhanced: "5.1.8", Reason: "refused 550 5.1.8",
				Answer: "5.1.8 unknown sender domain"}},
		{name: "too large at DATA", onData: reply(552, smtp.EnhancedCode{5, 3, 4}, "too large"),
			want: Result{Outcome: Refused, Code: 552, Enhanced: "5.3.4", Reason: "refused 552 5.3.4",
				Answer: "5.3.4 too large"}},
		{name: "sign-in wanted at MAIL", onMail: reply(530, smtp.EnhancedCode{5, 7, 0}, "authenticate first"),
			want: Result{Outcome: Misconfigured, Code: 530, Enhanced: "5.7.0",
				Reason: "sign_in_refused 530 5.7.0", Answer: "5.7.0 authenticate first"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, encryption{})
			s.answer(tt.onMail, tt.onRcpt, tt.onData)
			wantResult(t, tt.want, send(t, sender(t, s.settings)))
			if n := len(s.letters()); n != 0 {
				t.Errorf("%d letters arrived", n)
			}
		})
	}
}

func TestARudeServerIsUnderstood(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script func(*talk)
		want   Outcome
		broken bool
	}{
		{"it closes instead of a greeting", func(c *talk) {}, Again, true},
		{"it is too busy to greet", func(c *talk) { c.say("421 4.3.2 busy") }, Again, true},
		{"it will not talk to us", func(c *talk) { c.say("554 5.7.1 blocked") }, Misconfigured, true},
		{"it is no mail server", func(c *talk) { c.say("HTTP/1.1 400 Bad Request") }, Misconfigured, true},
		{"it knows neither EHLO nor HELO", func(c *talk) {
			c.say("220 hi")
			c.hear()
			c.say("502 what")
			c.hear()
			c.say("502 what")
		}, Misconfigured, true},
		{"it knows HELO only", func(c *talk) {
			c.say("220 hi")
			c.hear()
			c.say("502 what")
			c.hear()
			c.say("250 hi")
			c.letter()
			c.say("250 got it")
		}, Sent, false},
		{"it closes after MAIL", func(c *talk) { c.greet(); c.upTo("MAIL") }, Again, true},
		{"it closes after RCPT", func(c *talk) { c.greet(); c.upTo("RCPT") }, Again, true},
		{"it says goodbye at RCPT", func(c *talk) { c.greet(); c.upTo("RCPT"); c.say("421 4.3.2 going down") }, Again, true},
		{"it says 5.1.8 at RCPT, which is about us", func(c *talk) {
			c.greet()
			c.upTo("RCPT")
			c.say("550 5.1.8 sender domain unknown")
			c.silence()
		}, Refused, false},
		{"it gives no enhanced code at RCPT", func(c *talk) { c.greet(); c.upTo("RCPT"); c.say("550 no"); c.silence() }, Refused, false},
		{"it refuses at length", func(c *talk) {
			c.greet()
			c.upTo("RCPT")
			c.say("550-5.1.1 The address is unknown,")
			c.say("550 5.1.1 look at it again")
			c.silence()
		}, NoSuchAddress, false},
		{"it closes after DATA", func(c *talk) { c.greet(); c.upTo("DATA") }, Again, true},
		{"it accepts DATA with 250, which is nonsense", func(c *talk) { c.greet(); c.upTo("DATA"); c.say("250 ok"); c.silence() }, Again, true},
		{"it closes after the final dot", func(c *talk) { c.greet(); c.letter() }, Uncertain, true},
		{"it breaks the line after the final dot", func(c *talk) { c.greet(); c.letter(); c.cut() }, Uncertain, true},
		{"it babbles after the final dot", func(c *talk) { c.greet(); c.letter(); c.say("thanks") }, Uncertain, true},
		{"it answers 354 to the final dot", func(c *talk) { c.greet(); c.letter(); c.say("354 go on"); c.silence() }, Uncertain, true},
		{"it says goodbye in answer to the final dot", func(c *talk) { c.greet(); c.letter(); c.say("421 4.3.0 no") }, Again, true},
		{"it accepts with a code of its own", func(c *talk) { c.greet(); c.letter(); c.say("252 fine"); c.silence() }, Sent, false},
		{"it closes right after accepting", func(c *talk) { c.greet(); c.letter(); c.say("250 got it") }, Sent, false},
		{"it breaks the line right after accepting", func(c *talk) { c.greet(); c.letter(); c.say("250 got it"); c.cut() }, Sent, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := sender(t, serveRudely(t, tt.script).settings)
			wantOutcome(t, tt.want, tt.broken, send(t, c))
			if (c.line == nil) != tt.broken {
				t.Errorf("connection kept: %v", c.line != nil)
			}
		})
	}
}

func TestALineCutInTheMiddleOfALetterHasSentNothing(t *testing.T) {
	s := serveRudely(t, func(c *talk) {
		c.greet()
		c.upTo("DATA")
		c.say("354 go on")
		c.hear()
		c.cut()
	})
	e := letterTo("anna@kund.example")
	e.Data = []byte(strings.Repeat(strings.Repeat("x", 998)+"\r\n", 20_000))
	wantResult(t, Result{Outcome: Again, Broken: true, Reason: message.ReasonLineBroke},
		sender(t, s.settings).Send(t.Context(), e))
}

func TestASilentServerCostsNoMoreThanTheTimeout(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script func(*talk)
		want   Outcome
	}{
		{"in the greeting", func(c *talk) { c.silence() }, Again},
		{"after EHLO", func(c *talk) { c.say("220 hi"); c.silence() }, Again},
		{"after MAIL", func(c *talk) { c.greet(); c.upTo("MAIL"); c.silence() }, Again},
		{"after RCPT", func(c *talk) { c.greet(); c.upTo("RCPT"); c.silence() }, Again},
		{"after DATA", func(c *talk) { c.greet(); c.upTo("DATA"); c.silence() }, Again},
		{"after the final dot", func(c *talk) { c.greet(); c.letter(); c.silence() }, Uncertain},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serveRudely(t, tt.script)
			s.settings.Timeout = 200 * time.Millisecond
			begin := time.Now()
			wantOutcome(t, tt.want, true, send(t, sender(t, s.settings)))
			if took := time.Since(begin); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestTheConnectionIsDialledAnewWhenItHasGone(t *testing.T) {
	for _, tt := range []struct {
		name  string
		after func(*talk) // what the server does after the first letter
	}{
		{"closed by the server", func(c *talk) {}},
		{"closed with a farewell", func(c *talk) { c.say("421 4.4.2 idle") }},
		{"closed when the next letter comes", func(c *talk) { c.upTo("MAIL") }},
		{"tired after one letter", func(c *talk) { c.upTo("MAIL"); c.say("421 4.7.0 too many letters"); c.silence() }},
		{"refusing to reset", func(c *talk) { c.hear(); c.say("500 what"); c.silence() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serveRudely(t, func(c *talk) {
				c.greet()
				c.letter()
				c.say("250 got it")
				if c.number == 1 {
					tt.after(c)
					return
				}
				c.silence()
			})
			c := sender(t, s.settings)
			wantResult(t, accepted, send(t, c))
			wantResult(t, accepted, send(t, c))
			if n := s.accepted.Load(); n != 2 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

func TestAConnectionLongIdleIsNotUsedAgain(t *testing.T) {
	s := serve(t, encryption{})
	c := sender(t, s.settings)
	c.idle = 0
	wantResult(t, accepted, send(t, c))
	wantResult(t, accepted, send(t, c))
	if s.sessions != 2 {
		t.Errorf("%d connections", s.sessions)
	}
}

func TestLettersGoAgainAfterTheServerRestarted(t *testing.T) {
	s := serve(t, encryption{})
	c := sender(t, s.settings)
	wantResult(t, accepted, send(t, c))
	s.server.Close()
	wantOutcome(t, Again, true, send(t, c))

	listener, err := net.Listen("tcp", s.settings.address())
	if err != nil {
		t.Fatal(err)
	}
	s.start(t, listener, encryption{})
	wantResult(t, accepted, send(t, c))
	if len(s.letters()) != 2 {
		t.Errorf("%d letters", len(s.letters()))
	}
}

func TestNobodyListening(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	settings := plainSettings(listener.Addr())
	listener.Close()
	wantResult(t, Result{Outcome: Again, Broken: true, Reason: message.ReasonUnreachable},
		send(t, sender(t, settings)))
}

func TestAnUnknownHostIsAFaultOfTheSettings(t *testing.T) {
	c := sender(t, Settings{Host: "mail.unknown.example", Port: 587, HELO: "stafett.example", Timeout: 5 * time.Second})
	c.dialer.Resolver = resolver(t, dnsmessage.RCodeNameError)
	wantResult(t, Result{Outcome: Misconfigured, Broken: true, Reason: message.ReasonServerNotFound}, send(t, c))

	c.dialer.Resolver = resolver(t, dnsmessage.RCodeServerFailure)
	wantOutcome(t, Again, true, send(t, c))
}

func TestStoppingEndsTheWait(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script func(heard chan<- bool) func(*talk)
		want   Result
	}{
		{"in the greeting", func(heard chan<- bool) func(*talk) { return func(c *talk) { heard <- true; c.silence() } },
			Result{Outcome: Again, Broken: true, Reason: message.ReasonStopped}},
		{"after RCPT", func(heard chan<- bool) func(*talk) {
			return func(c *talk) { c.greet(); c.upTo("RCPT"); heard <- true; c.silence() }
		}, Result{Outcome: Again, Broken: true, Reason: message.ReasonStopped}},
		{"after the final dot", func(heard chan<- bool) func(*talk) {
			return func(c *talk) { c.greet(); c.letter(); heard <- true; c.silence() }
		}, Result{Outcome: Uncertain, Broken: true, Reason: message.ReasonMayHaveArrived}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			heard := make(chan bool, 1)
			s := serveRudely(t, tt.script(heard))
			ctx, cancel := context.WithCancelCause(t.Context())
			go func() {
				<-heard
				cancel(errors.New("the program ends"))
			}()
			begin := time.Now()
			wantResult(t, tt.want, sender(t, s.settings).Send(ctx, letterTo("anna@kund.example")))
			if took := time.Since(begin); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestCheckLeavesTheConnectionInUseAlone(t *testing.T) {
	s := serve(t, encryption{})
	c := sender(t, s.settings)
	wantResult(t, accepted, send(t, c))
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantResult(t, accepted, send(t, c))
	if s.sessions != 2 {
		t.Errorf("%d connections, want one for letters and one for the check", s.sessions)
	}
}

func TestClosingAndSendingAgain(t *testing.T) {
	s := serve(t, encryption{})
	c := sender(t, s.settings)
	for range 2 {
		wantResult(t, accepted, send(t, c))
		for range 2 {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if s.sessions != 2 {
		t.Errorf("%d connections", s.sessions)
	}
}

func TestWhatWouldConfuseAServerIsNotSent(t *testing.T) {
	s := serve(t, encryption{})
	c := sender(t, s.settings)
	good := letterTo("anna@kund.example")
	for name, change := range map[string]func(*Envelope){
		"a recipient with a parameter":  func(e *Envelope) { e.To = "a@b.example> NOTIFY=NEVER" },
		"a recipient with a line break": func(e *Envelope) { e.To = "a@b.example\r\nRCPT TO:<c@d.example>" },
		"two recipients":                func(e *Envelope) { e.To = "a@b.example,c@d.example" },
		"a recipient beyond ASCII":      func(e *Envelope) { e.To = "åsa@b.example" },
		"no recipient":                  func(e *Envelope) { e.To = "" },
		"a sender with a line break":    func(e *Envelope) { e.From = "a@b.example\r\nX" },
		"a lone LF":                     func(e *Envelope) { e.Data = []byte("a\n.\nMAIL FROM:<x@y.example>\r\n") },
		"a lone CR":                     func(e *Envelope) { e.Data = []byte("a\r.\rb\r\n") },
		"CR and LF the wrong way round": func(e *Envelope) { e.Data = []byte("a\n\rb\r\n") },
		"an unfinished last line":       func(e *Envelope) { e.Data = []byte("a\r\nb") },
		"no letter":                     func(e *Envelope) { e.Data = nil },
	} {
		e := good
		change(&e)
		wantOutcome(t, Refused, false, c.Send(t.Context(), e))
		wantOutcome(t, Refused, false, NewMailbox(time.Now).Send(t.Context(), e))
		if n := len(s.letters()); n != 0 {
			t.Fatalf("%s: %d letters arrived", name, n)
		}
	}
}
