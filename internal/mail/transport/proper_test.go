package transport

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

const testPassword = "hemligt-ord"

// properServer is a real SMTP server that keeps what it gets, and answers what
// the test tells it to.
type properServer struct {
	server   *smtp.Server
	settings Settings

	mu                     sync.Mutex
	got                    []Envelope
	sessions               int
	overTLS                []bool
	onMail, onRcpt, onData error
	mechanisms             []string
}

type session struct {
	s    *properServer
	mail Envelope
}

type encryption struct {
	config   *tls.Config
	implicit bool
}

func serve(t *testing.T, e encryption) *properServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &properServer{settings: plainSettings(listener.Addr()), mechanisms: []string{"PLAIN"}}
	s.start(t, listener, e)
	return s
}

func (s *properServer) start(t *testing.T, listener net.Listener, e encryption) {
	t.Helper()
	s.server = smtp.NewServer(s)
	s.server.Domain = "proper.example"
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	s.server.AllowInsecureAuth = true
	s.server.EnableSMTPUTF8 = true
	s.server.TLSConfig = e.config
	if e.implicit {
		listener = tls.NewListener(listener, e.config)
	}
	server := s.server
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
}

func (s *properServer) NewSession(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, encrypted := c.TLSConnectionState()
	s.sessions++
	s.overTLS = append(s.overTLS, encrypted)
	return &session{s: s}, nil
}

func (s *properServer) letters() []Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Envelope(nil), s.got...)
}

func (s *properServer) answer(onMail, onRcpt, onData error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onMail, s.onRcpt, s.onData = onMail, onRcpt, onData
}

func (c *session) AuthMechanisms() []string { return c.s.mechanisms }

func (c *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "stafett" || password != testPassword {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (c *session) Mail(from string, o *smtp.MailOptions) error {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.mail = Envelope{From: from}
	if o.UTF8 {
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 6, 7}, Message: "SMTPUTF8 was asked for"}
	}
	return c.s.onMail
}

func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.mail.To = to
	return c.s.onRcpt
}

func (c *session) Data(r io.Reader) error {
	var data bytes.Buffer
	if _, err := io.Copy(&data, r); err != nil {
		return err
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if c.s.onData != nil {
		return c.s.onData
	}
	c.mail.Data = data.Bytes()
	c.s.got = append(c.s.got, c.mail)
	return nil
}

func (c *session) Reset()        {}
func (c *session) Logout() error { return nil }

// certificate makes a server's certificate for the given names, and the list of
// roots that trusts it.
func certificate(t *testing.T, names []string, ips []net.IP) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: names, IPAddresses: ips,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots
}
