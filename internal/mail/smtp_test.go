package mail

import (
	"context"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"stafett/internal/mail/transport"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/store"
)

// server is a real mail server that keeps what it takes. It gives the answers it
// is told to the next recipients and letters, and then takes everything.
type server struct {
	mu             sync.Mutex
	onRcpt, onData []error
	kept           []transport.Envelope
	port           int
}

func newServer(t *testing.T) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{port: listener.Addr().(*net.TCPAddr).Port}
	smtpServer := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{s: s}, nil }))
	smtpServer.Domain = "post.example"
	smtpServer.ErrorLog = log.New(io.Discard, "", 0)
	go smtpServer.Serve(listener)
	t.Cleanup(func() { smtpServer.Close() })
	return s
}

// next takes the first of the answers that are left.
func (s *server) next(answers *[]error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(*answers) == 0 {
		return nil
	}
	answer := (*answers)[0]
	*answers = (*answers)[1:]
	return answer
}

func (s *server) envelopes() []transport.Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]transport.Envelope(nil), s.kept...)
}

type session struct {
	s *server
	e transport.Envelope
}

func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	c.e = transport.Envelope{From: from}
	return nil
}

func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.e.To = to
	return c.s.next(&c.s.onRcpt)
}

// Data keeps also what it then refuses, so that attempts can be compared.
func (c *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.s.mu.Lock()
	c.e.Data = data
	c.s.kept = append(c.s.kept, c.e)
	c.s.mu.Unlock()
	return c.s.next(&c.s.onData)
}

func (c *session) Reset()        {}
func (c *session) Logout() error { return nil }

func withServer(t *testing.T, s *server) *world {
	t.Helper()
	w := newWorld(t)
	sender := transport.New(transport.Settings{Host: "127.0.0.1", Port: s.port, TLS: transport.NoTLS, HELO: "stafett.example"})
	t.Cleanup(func() { sender.Close() })
	w.mailer = w.newMailer(sender, settings())
	return w
}

func TestOverSMTPALetterArrivesOnce(t *testing.T) {
	s := newServer(t)
	w := withServer(t, s)
	w.signUp("Anna")
	w.signUp("Bo")
	w.deliver()
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E02 sent")
	if got := s.envelopes(); len(got) != 2 {
		t.Errorf("%d letters arrived", len(got))
	}
}

func TestOverSMTPATemporaryRefusalIsFollowedByTheSameBytes(t *testing.T) {
	s := newServer(t)
	s.onData = []error{&smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "busy"}}
	w := withServer(t, s)
	w.signUp("Anna")
	w.deliver()
	wantOutbox(t, w, "E02 waiting try_later 451 4.3.2")
	w.advance(time.Minute)
	w.deliver()
	wantOutbox(t, w, "E02 sent")
	got := s.envelopes()
	if len(got) != 2 {
		t.Fatalf("%d attempts", len(got))
	}
	if diff := cmp.Diff(got[0], got[1]); diff != "" {
		t.Errorf("the attempts differ:\n%s", diff)
	}
	if !strings.Contains(string(got[0].Data), "Message-ID: <"+w.only().ID+".e02@stafett.example>\r\n") {
		t.Error("no Message-ID of ours")
	}
}

func TestOverSMTPAnUnknownRecipientIsMarkedAndAnotherRefusalIsNot(t *testing.T) {
	s := newServer(t)
	s.onRcpt = []error{&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "who?"}}
	s.onData = []error{&smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "spam"}}
	w := withServer(t, s)
	w.signUp("Anna")
	w.advance(time.Second)
	w.signUp("Bo")
	w.deliver()
	wantOutbox(t, w, "E02 failed no_such_address 550 5.1.1", "E02 failed refused 554 5.7.1")
	for address, want := range map[string]bool{"anna@firma.example": true, "bo@firma.example": false} {
		w.read(func(ctx context.Context, tx *store.Tx) error {
			got, err := person.EmailFailed(ctx, tx, address)
			if got != want {
				t.Errorf("%s marked: %v", address, got)
			}
			return err
		})
	}
}

func TestOverSMTPAServerThatIsDownIsTriedAgain(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	down := &server{port: listener.Addr().(*net.TCPAddr).Port}
	listener.Close()
	w := withServer(t, down)
	w.signUp("Anna")
	w.deliver()
	if m := w.only(); m.Status != message.Waiting || m.Attempts != 1 {
		t.Errorf("status %s after %d attempts", m.Status, m.Attempts)
	}
	if got := w.run().Fault; got == "" {
		t.Error("nobody is told that the server is down")
	}
}

func TestRunDeliversWhatComesWhileItRuns(t *testing.T) {
	s := newServer(t)
	w := withServer(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.mailer.Run(ctx) }()
	w.signUp("Anna")
	for limit := time.Now().Add(20 * time.Second); len(s.envelopes()) == 0 || w.only().Status != message.Sent; {
		if time.Now().After(limit) {
			t.Fatal("nothing was sent")
		}
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
