package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"stafett/internal/registration"
	"stafett/internal/store"
)

// sender is the address that all mail of the tests comes from.
const sender = "program@region.example"

// postOffice is a mail server that keeps what it gets. It can be closed and
// opened again at the same address.
type postOffice struct {
	address  string
	listener net.Listener
	server   *smtp.Server

	mu   sync.Mutex
	got  []posted
	hold chan struct{} // not nil: a letter that has been handed over is answered once it is closed
}

// posted is one letter as it came.
type posted struct {
	to, id string // id is its Message-ID
	data   []byte
}

func openPostOffice(t *testing.T) *postOffice {
	t.Helper()
	p := &postOffice{address: "127.0.0.1:0"}
	p.open(t)
	t.Cleanup(p.close)
	return p
}

// open listens at the address, a new one the first time.
func (p *postOffice) open(t *testing.T) {
	t.Helper()
	var err error
	if p.listener, err = net.Listen("tcp", p.address); err != nil {
		t.Fatal(err)
	}
	p.address = p.listener.Addr().String()
	p.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &counter{office: p}, nil }))
	p.server.Domain, p.server.ErrorLog = "post.example", log.New(io.Discard, "", 0)
	go p.server.Serve(p.listener)
}

func (p *postOffice) close() {
	p.listener.Close() // the server may not have begun to serve it
	p.server.Close()
}

func (p *postOffice) url() string { return "smtp://" + p.address }

func (p *postOffice) letters() []posted {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.got)
}

func (p *postOffice) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.got)
}

// counter is one sender at the post office.
type counter struct {
	office *postOffice
	to     string
}

// Mail implements smtp.Session.
func (*counter) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements smtp.Session.
func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error { c.to = to; return nil }

// Data implements smtp.Session.
func (c *counter) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return err
	}
	c.office.mu.Lock()
	c.office.got = append(c.office.got, posted{c.to, m.Header.Get("Message-ID"), data})
	hold := c.office.hold
	c.office.mu.Unlock()
	if hold != nil {
		<-hold
	}
	return nil
}

// Reset implements smtp.Session.
func (*counter) Reset() {}

// Logout implements smtp.Session.
func (*counter) Logout() error { return nil }

// server is a program that serves, and its address.
type server struct {
	*process
	base string
}

func serveArgs(file string, post *postOffice) []string {
	return []string{"serve", "--database", file, "--listen", "127.0.0.1:0", "--smtp", post.url(), "--mail-from", sender, "--mail-retry", "200ms,400ms", "--mail-lease", "3s", "--mail-timeout", "2s", "--mail-rate", "0", "--mail-domain-rate", "0"}
}

func beginServe(t *testing.T, file string, post *postOffice) server {
	t.Helper()
	p := begin(t, serveArgs(file, post)...)
	return server{p, p.find(t, p.stderr, `"base_url":"(http://[^"]+)"`)[1]}
}

// signUp signs person number n up by the form of the one event, without a
// browser.
func (s server) signUp(t *testing.T, n int) {
	t.Helper()
	if status, err := post(s.base, n); err != nil || status != http.StatusSeeOther {
		t.Fatalf("sign-up %d: status %d, %v", n, status, err)
	}
}

// seminarPath is where the event of withSeminar is.
const seminarPath = "/events/sociala-krav-som-fungerar"

// stranger follows no redirect.
var stranger = &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func email(n int) string { return fmt.Sprintf("person%03d@people.example", n) }

// post sends the form of person number n.
func post(base string, n int) (status int, err error) {
	answer, err := stranger.PostForm(base+seminarPath+"/register", url.Values{
		"key": {fmt.Sprint("form ", n)}, "first_name": {"Person"}, "last_name": {fmt.Sprint("Nummer ", n)}, "email": {email(n)},
		"audience": {"procurer"}, "municipality": {"Falun"}, "organisation": {"none"},
	})
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// registered are the addresses of those who are stored as registered.
func registered(t *testing.T, file, eventID string) (addresses []string) {
	t.Helper()
	seed(t, file, func(db *store.DB) {
		err := db.Read(context.Background(), func(tx *store.Tx) error {
			all, err := registration.Roster(context.Background(), tx, eventID, registration.RosterFilter{})
			for _, r := range all {
				addresses = append(addresses, r.Email)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	return addresses
}

// A server that is told to stop ends what it has begun: what was said yes to is
// stored, and nothing is answered with half a page.
func TestServeEndsInGoodOrderWhileRequestsAreInHand(t *testing.T) {
	t.Parallel()
	file, ev := withSeminar(t)
	office := openPostOffice(t)
	s := beginServe(t, file, office)

	var yes sync.Map
	var asked, faults atomic.Int64
	stop := make(chan struct{})
	var callers sync.WaitGroup
	for caller := range 4 {
		callers.Go(func() {
			for n := caller; ; n += 4 {
				select {
				case <-stop:
					return
				default:
				}
				asked.Add(1)
				var status int
				var err error
				if caller == 0 {
					status, err = visit(s.base + "/events")
				} else if status, err = post(s.base, n); err == nil && status == http.StatusSeeOther {
					yes.Store(email(n), true)
				}
				if err == nil && status >= 500 {
					faults.Add(1)
				}
				time.Sleep(100 * time.Millisecond) // thirty sign-ups a minute are let through of one address
			}
		})
	}
	await(t, "some requests", func() bool { return asked.Load() > 12 })
	began := time.Now()
	s.end(t)
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("the end took %s", took)
	}
	close(stop)
	callers.Wait()
	if n := faults.Load(); n > 0 {
		t.Errorf("%d requests were answered with a fault", n)
	}
	stored := registered(t, file, ev.ID)
	yes.Range(func(address, _ any) bool {
		if !slices.Contains(stored, address.(string)) {
			t.Errorf("%s was told yes and is not stored", address)
		}
		return true
	})

	beginServe(t, file, office)
	await(t, "a letter to each after the next start", func() bool { return len(office.letters()) >= len(stored) })
	if letters := office.letters(); len(letters) != len(stored) {
		t.Errorf("%d letters to %d people", len(letters), len(stored))
	}
}

// visit reads a page to its end.
func visit(address string) (status int, err error) {
	answer, err := stranger.Get(address)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode == http.StatusOK && !strings.HasSuffix(strings.TrimSpace(string(body)), "</html>") {
		return 0, fmt.Errorf("half a page: %q", body[max(0, len(body)-100):])
	}
	return answer.StatusCode, err
}

func TestHealthAsksTheServerOnThisMachine(t *testing.T) {
	t.Parallel()
	s := beginServe(t, newDatabase(t), openPostOffice(t))
	listen := strings.TrimPrefix(s.base, "http://")
	if got := done(t, "health", "--listen", listen); got != "ready\n" {
		t.Errorf("health says %q", got)
	}
	s.end(t)
	if _, err := command(t, "health", "--listen", listen); err == nil || !strings.Contains(err.Error(), "the server does not answer") {
		t.Errorf("after its end: %v", err)
	}
}
