package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"stafett/internal/mail/transport"
	"stafett/internal/message"
)

// moods is a real mail server whose answer to the first attempt to reach a
// recipient depends on who it is; the second attempt succeeds. It can be closed
// and opened again at the same port.
type moods struct {
	mu      sync.Mutex
	address string
	server  *smtp.Server
	tries   map[string]int
	handed  map[string][][]byte // every letter that came to its end, by recipient
	lines   int                 // connections at the same time, now
	most    int                 // and at most
}

func (s *moods) open(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lines++
		s.most = max(s.most, s.lines)
		return &mood{moods: s, line: c}, nil
	}))
	s.server.Domain, s.server.ErrorLog = "moody.example", log.New(io.Discard, "", 0)
	go s.server.Serve(listener)
	t.Cleanup(func() { s.server.Close() })
}

type mood struct {
	*moods
	line *smtp.Conn
	to   string
	n    int // of the recipient's attempt
}

func (m *mood) Mail(string, *smtp.MailOptions) error { return nil }

func (m *mood) Rcpt(to string, _ *smtp.RcptOptions) error {
	m.mu.Lock()
	m.tries[to]++
	m.to, m.n = to, m.tries[to]
	m.mu.Unlock()
	switch to[:4] {
	case "gone":
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "who?"}
	case "cutr":
		if m.n == 1 {
			m.line.Conn().Close()
			return errors.New("cut")
		}
	}
	return nil
}

func (m *mood) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if m.to[:4] == "slow" {
		time.Sleep(100 * time.Millisecond)
	}
	m.mu.Lock()
	m.handed[m.to] = append(m.handed[m.to], data)
	m.mu.Unlock()
	if m.n > 1 {
		return nil
	}
	switch m.to[:4] {
	case "busy":
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "later"}
	case "spam":
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "no"}
	case "cutd":
		m.line.Conn().Close()
		return errors.New("cut")
	}
	return nil
}

func (*mood) Reset() {}

func (m *mood) Logout() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lines--
	return nil
}

// A mail server that refuses, is slow, cuts the line, goes away and comes back
// gets every letter over several connections; nobody gets two that differ.
func TestOverSeveralConnectionsAMoodyServerGetsEveryLetter(t *testing.T) {
	s := &moods{address: "127.0.0.1:0", tries: map[string]int{}, handed: map[string][][]byte{}}
	s.open(t)
	w := newWorld(t, roomy)
	address, err := net.ResolveTCPAddr("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	pool := transport.NewPool(transport.Settings{Host: "127.0.0.1", Port: address.Port, TLS: transport.NoTLS, HELO: "stafett.example", Timeout: 5 * time.Second})
	with := settings()
	with.Connections = 4
	m := w.newMailer(pool, with)
	m.idle = 5 * time.Millisecond
	kinds := []string{"good", "busy", "gone", "cutr", "slow", "cutd", "spam"}
	for n := range 4 {
		for _, kind := range kinds {
			w.signUpAt("Anna", fmt.Sprintf("%s%d@firma.example", kind, n))
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	settle := func() { // until nothing is due and nothing in hand
		t.Helper()
		for limit := time.Now().Add(60 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			open := 0
			for _, m := range w.list() {
				if m.Status == message.Waiting && (!m.DueAt.After(w.db.Now()) || !m.LeasedUntil.IsZero()) {
					open++
				}
			}
			if open == 0 {
				return
			}
			if time.Now().After(limit) {
				t.Fatalf("%d letters are not dealt with: %v", open, w.outbox())
			}
		}
	}
	settle()
	s.server.Close()
	w.signUpAt("Anna", "late1@firma.example")
	w.signUpAt("Anna", "late2@firma.example")
	settle()
	for _, m := range w.list()[28:] {
		if m.Status != message.Waiting || m.Attempts != 1 || m.Reason != message.ReasonUnreachable {
			t.Errorf("%s while the server is away: %s after %d attempts: %s", m.Recipient, m.Status, m.Attempts, m.Reason)
		}
	}
	s.open(t)
	for range 4 {
		w.advance(2 * time.Hour)
		settle()
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}

	want, got := map[string]string{}, map[string]string{}
	for n := range 4 {
		for kind, became := range map[string]string{"good": "sent ×1", "busy": "sent ×2", "gone": "failed ×0", "cutr": "sent ×1", "slow": "sent ×1", "cutd": "sent ×2", "spam": "failed ×1"} {
			want[fmt.Sprintf("%s%d@firma.example", kind, n)] = became
		}
	}
	want["late1@firma.example"], want["late2@firma.example"] = "sent ×1", "sent ×1"
	for _, m := range w.list() {
		handed := s.handed[m.Recipient]
		got[m.Recipient] = fmt.Sprintf("%s ×%d", m.Status, len(handed))
		for _, data := range handed {
			if !bytes.Equal(data, handed[0]) || !bytes.Contains(data, []byte("Message-ID: <"+m.ID+".e02@stafett.example>\r\n")) || !bytes.Contains(data, []byte("Auto-Submitted: auto-generated\r\n")) {
				t.Errorf("to %s: the attempts differ, or are not ours: %.300q", m.Recipient, data)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what became of the letters, and how often they were handed over (-want +got):\n%s", diff)
	}
	if s.most != 4 {
		t.Errorf("%d connections at the same time", s.most)
	}
}
