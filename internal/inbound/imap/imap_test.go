package imap_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"stafett/internal/inbound"
	"stafett/internal/inbound/imap"
	"stafett/internal/message"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

const from = "program@stafett.example"

// server is a mail server whose lines can be cut.
type server struct {
	t       *testing.T
	address string
	user    *imapmemserver.User

	mu    sync.Mutex
	cutAt string // the line is cut when the server is told this
	cuts  int    // how often it still is
	told  func(string)
}

// line is a connection to the server.
type line struct {
	net.Conn
	s *server
}

// Read cuts the line when the client says what it is cut at.
func (l line) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	if l.s.told != nil {
		l.s.told(string(b[:n]))
	}
	if l.s.cuts > 0 && bytes.Contains(b[:n], []byte(l.s.cutAt)) {
		l.s.cuts--
		l.Close()
		return 0, io.EOF
	}
	return n, err
}

type listener struct {
	net.Listener
	s *server
}

// Accept wraps the line.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return line{c, l.s}, nil
}

func newServer(t *testing.T) *server {
	t.Helper()
	return newServerWith(t, nil, false)
}

// newServerWith is a server with TLS from the first byte, or by STARTTLS.
func newServerWith(t *testing.T, certificates *tls.Config, fromTheFirstByte bool) *server {
	t.Helper()
	s := &server{t: t, user: imapmemserver.NewUser("stafett", "geheim/1")}
	for _, name := range []string{"INBOX", "Read"} {
		if err := s.user.Create(name, nil); err != nil {
			t.Fatal(err)
		}
	}
	memory := imapmemserver.New()
	memory.AddUser(s.user)
	serving := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:         goimap.CapSet{goimap.CapIMAP4rev1: {}, goimap.CapMove: {}, goimap.CapUIDPlus: {}},
		InsecureAuth: certificates == nil, TLSConfig: certificates, Logger: log.New(io.Discard, "", 0),
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	l = listener{l, s}
	if fromTheFirstByte {
		l = tls.NewListener(l, certificates)
	}
	go serving.Serve(l)
	t.Cleanup(func() { serving.Close() })
	return s
}

func (s *server) cut(at string, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cutAt, s.cuts = at, times
}

// put puts a message into the mailbox.
func (s *server) put(raw string) {
	s.t.Helper()
	raw = strings.ReplaceAll(raw, "\n", "\r\n")
	_, err := s.user.Append("INBOX", literal{strings.NewReader(raw), int64(len(raw))}, &goimap.AppendOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
}

type literal struct {
	io.Reader
	size int64
}

// Size implements imap.LiteralReader.
func (l literal) Size() int64 { return l.size }

// count is how many messages a mailbox has, and how many are unread.
func (s *server) count(mailbox string) string {
	s.t.Helper()
	st, err := s.user.Status(mailbox, &goimap.StatusOptions{NumMessages: true, NumUnseen: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprintf("%d, %d unread", *st.NumMessages, *st.NumUnseen)
}

// world is an installation that reads the server's mailbox.
type world struct {
	*server
	db     *store.DB
	poller *imap.Poller
}

func newWorld(t *testing.T, query string) *world {
	t.Helper()
	s := newServer(t)
	db, _ := storetest.New(t)
	settings, err := imap.ParseURL("imap://stafett:geheim%2F1@" + s.address + query)
	if err != nil {
		t.Fatal(err)
	}
	return &world{s, db, imap.New(db, slog.New(slog.DiscardHandler), settings, from)}
}

func (w *world) poll() int {
	w.t.Helper()
	n, err := w.poller.Poll(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// noted lists what was made of the messages, by kind.
func (w *world) noted() (kinds map[inbound.Kind]int) {
	w.t.Helper()
	kinds = map[inbound.Kind]int{}
	storetest.Read(w.t, w.db, func(tx *store.Tx) error {
		all, err := inbound.Newest(context.Background(), tx, 1000)
		for _, n := range all {
			kinds[n.Kind]++
		}
		return err
	})
	return kinds
}

func (w *world) wantNoted(want map[inbound.Kind]int) {
	w.t.Helper()
	if got := w.noted(); fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("noted: %v, want %v", got, want)
	}
}

func letter(n int) string {
	return fmt.Sprintf("From: anna@kund.example\nMessage-ID: <%d@kund.example>\nSubject: Hej\n\nHej!\n", n)
}

func absence(n int) string {
	return fmt.Sprintf("From: anna@kund.example\nMessage-ID: <a%d@kund.example>\nAuto-Submitted: auto-replied\n\nBorta.\n", n)
}

func TestWhatIsInTheMailboxIsReadOnceWhateverItIs(t *testing.T) {
	w := newWorld(t, "/INBOX")
	w.put(letter(1))
	w.put("rubbish")
	w.put("Content-Type: multipart/mixed; boundary=b\n\n--b\nno header\n")
	w.put(letter(2) + strings.Repeat("x", inbound.MaxSize))
	w.put(absence(3))
	if n := w.poll(); n != 5 {
		t.Errorf("%d were dealt with", n)
	}
	w.wantNoted(map[inbound.Kind]int{inbound.Letter: 1, inbound.Unreadable: 2, inbound.TooLarge: 1, inbound.Automatic: 1})
	if n := w.poll(); n != 0 {
		t.Errorf("%d were dealt with once more", n)
	}
	if got := w.count("INBOX"); got != "5, 0 unread" {
		t.Errorf("the mailbox has %s", got)
	}
}

func TestWhatIsDoneIsMovedAndWhatAPersonWroteStays(t *testing.T) {
	w := newWorld(t, "/INBOX?move=Read")
	w.put(letter(1))
	w.put(absence(2))
	w.poll()
	if got := w.count("INBOX") + "; " + w.count("Read"); got != "1, 0 unread; 1, 0 unread" {
		t.Errorf("mailbox and folder have %s", got)
	}
}

func TestNothingIsLostOrDoneTwiceWhenTheLineBreaks(t *testing.T) {
	for _, at := range []string{"LOGIN", "SELECT", "SEARCH", "FETCH", "STORE", "MOVE"} {
		t.Run(at, func(t *testing.T) {
			w := newWorld(t, "/INBOX?move=Read")
			for n := range 3 {
				w.put(absence(n))
			}
			w.cut(" "+at, 2)
			if strings.Contains("SEARCH FETCH STORE MOVE", at) {
				w.cut("UID "+at, 2)
			}
			for try := range 2 {
				if _, err := w.poller.Poll(context.Background()); err == nil {
					t.Fatalf("the line broke %d times, and nobody noticed", try+1)
				}
			}
			w.poll()
			w.wantNoted(map[inbound.Kind]int{inbound.Automatic: 3})
			if left := w.count("INBOX"); !strings.HasSuffix(left, ", 0 unread") {
				t.Errorf("the mailbox has %s", left)
			}
		})
	}
}

func TestAMessageThatBreaksTheLineDoesNotKeepBackTheOthers(t *testing.T) {
	w := newWorld(t, "/INBOX")
	for n := range 3 {
		w.put(absence(n))
	}
	w.cut("UID FETCH 1 ", 1000)
	for range 2 {
		if _, err := w.poller.Poll(context.Background()); err == nil {
			t.Fatal("the line did not break")
		}
	}
	w.wantNoted(map[inbound.Kind]int{inbound.Automatic: 2})
	w.cut("", 0)
	w.poll()
	w.wantNoted(map[inbound.Kind]int{inbound.Automatic: 3})
}

// A message is marked only when what it came to is stored.
func TestWhatCannotBeStoredStaysUnread(t *testing.T) {
	w := newWorld(t, "/INBOX")
	w.put(absence(1))
	ctx, cancel := context.WithCancel(context.Background())
	release := make(chan struct{})
	held := make(chan struct{})
	go w.db.Write(context.Background(), func(*store.Tx) error { // somebody else writes
		close(held)
		<-release
		return nil
	})
	<-held
	asked := make(chan struct{})
	once := sync.OnceFunc(func() { close(asked) })
	w.told = func(said string) {
		if strings.Contains(said, "UID FETCH") {
			once()
		}
	}
	failed := make(chan error, 1)
	go func() {
		_, err := w.poller.Poll(ctx)
		failed <- err
	}()
	<-asked
	cancel() // the program ends
	if err := <-failed; err == nil {
		t.Error("nothing went wrong")
	}
	close(release)
	if got := w.count("INBOX"); got != "1, 1 unread" {
		t.Errorf("the mailbox has %s", got)
	}
	w.poll()
	w.wantNoted(map[inbound.Kind]int{inbound.Automatic: 1})
}

func TestTheDeskHearsHowReadingTheMailboxWent(t *testing.T) {
	w := newWorld(t, "/INBOX")
	run := func(p *imap.Poller) string {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx) }()
		defer func() { cancel(); <-ended }()
		for {
			var runs []message.Run
			storetest.Read(t, w.db, func(tx *store.Tx) (err error) {
				runs, err = message.Runs(ctx, tx)
				return err
			})
			if len(runs) == 1 && runs[0].Name == message.InboundRun {
				storetest.Write(t, w.db, func(tx *store.Tx) error { return message.ForgetRun(ctx, tx, message.InboundRun) })
				return runs[0].Fault
			}
		}
	}
	if fault := run(w.poller); fault != "" {
		t.Errorf("it went well, and the desk hears %q", fault)
	}
	for address, want := range map[string]string{
		"imap://stafett:wrong@" + w.address:              message.ReasonMailbox,
		"imap://stafett:geheim%2F1@" + w.address + "/No": message.ReasonMailbox,
		"imap://stafett:geheim%2F1@127.0.0.1:1":          message.ReasonUnreachable,
		"imaps://stafett:geheim%2F1@" + w.address:        message.ReasonLineBroke,
	} {
		s, err := imap.ParseURL(address)
		if err != nil {
			t.Fatal(err)
		}
		if fault := run(imap.New(w.db, slog.New(slog.DiscardHandler), s, from)); fault != want {
			t.Errorf("%s: the desk hears %q, want %q", s, fault, want)
		}
	}
}

func TestAPasswordGoesOnlyToAServerThatCanBeTrusted(t *testing.T) {
	web := httptest.NewTLSServer(nil) // for its certificate
	defer web.Close()
	certificates := &tls.Config{Certificates: web.TLS.Certificates}
	trusted := x509.NewCertPool()
	trusted.AddCert(web.Certificate())
	for name, tt := range map[string]struct {
		server *server
		tls    string
		roots  *x509.CertPool
		right  bool
	}{
		"TLS from the first byte":    {newServerWith(t, certificates, true), imap.ImplicitTLS, trusted, true},
		"STARTTLS":                   {newServerWith(t, certificates, false), imap.STARTTLS, trusted, true},
		"a certificate of nobody's":  {newServerWith(t, certificates, true), imap.ImplicitTLS, x509.NewCertPool(), false},
		"the same by STARTTLS":       {newServerWith(t, certificates, false), imap.STARTTLS, x509.NewCertPool(), false},
		"a server without STARTTLS":  {newServer(t), imap.STARTTLS, trusted, false},
		"a server that speaks clear": {newServer(t), imap.ImplicitTLS, trusted, false},
	} {
		t.Run(name, func(t *testing.T) {
			var told strings.Builder
			tt.server.told = func(said string) { told.WriteString(said) }
			s, err := imap.ParseURL("imap://stafett:geheim%2F1@" + tt.server.address)
			if err != nil {
				t.Fatal(err)
			}
			s.TLS, s.Roots = tt.tls, tt.roots
			if err := s.Check(context.Background()); (err == nil) != tt.right {
				t.Errorf("signing in: %v", err)
			}
			tt.server.mu.Lock()
			defer tt.server.mu.Unlock()
			if strings.Contains(told.String(), "geheim") {
				t.Error("the password went in clear")
			}
		})
	}
}

func TestTheAddressOfAMailbox(t *testing.T) {
	for address, want := range map[string]imap.Settings{
		"imaps://a:b@mail.example":                         {Host: "mail.example", Port: 993, Username: "a", Password: "b", TLS: imap.ImplicitTLS, Mailbox: "INBOX"},
		"imaps://a%40c:b%2F@mail.example:1993/Svar?move=S": {Host: "mail.example", Port: 1993, Username: "a@c", Password: "b/", TLS: imap.ImplicitTLS, Mailbox: "Svar", Move: "S"},
		"imap://a:b@mail.example":                          {Host: "mail.example", Port: 143, Username: "a", Password: "b", TLS: imap.STARTTLS, Mailbox: "INBOX"},
		"imap://a:b@127.0.0.1:1143":                        {Host: "127.0.0.1", Port: 1143, Username: "a", Password: "b", TLS: imap.NoTLS, Mailbox: "INBOX"},
	} {
		got, err := imap.ParseURL(address)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", want, got, err)
		}
	}
	for _, address := range []string{
		"", "imaps://", "imaps://mail.example", "imaps://a@mail.example", "pop3://a:hemligt@mail.example", "imaps://a:hemligt@mail.example:0", "imaps://a:hemligt@mail.example:x",
		"imaps://a:hemligt@mail.example?tls=none", "imaps://a:hemligt@mail.example/#x", "imaps://a:hemligt@mail.example/INBOX?move=inbox", "imaps://a:hemligt@ma il.example", "imaps://a:hem%ligt@mail.example",
	} {
		s, err := imap.ParseURL(address)
		if err == nil || strings.Contains(err.Error(), "hem") {
			t.Errorf("%s: %v, %v", address, s, err)
		}
	}
	s, _ := imap.ParseURL("imaps://anna:hemligt@mail.example")
	if told := fmt.Sprintf("%v %+v %#v %s", s, s, s, s); strings.Contains(told, "hemligt") || strings.Contains(told, "anna") {
		t.Errorf("the log has %s", told)
	}
}
