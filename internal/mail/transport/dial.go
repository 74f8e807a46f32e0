package transport

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// longestDial bounds connecting, greeting, TLS and sign-in together: a server
// that is slow already there is better tried later.
const longestDial = 30 * time.Second

// line is one connection to the server, signed in.
type line struct {
	raw    net.Conn // below TLS
	client *smtp.Client
	used   time.Time
}

// dial opens a connection. The client is made anew each time, because go-mail
// remembers in it which way of signing in a server once offered.
func (s *SMTP) dial(ctx context.Context) (*line, error) {
	l := &line{}
	stop := func() {}
	client, err := mail.NewClient(s.settings.Host, append(s.options(),
		mail.WithDialContextFunc(func(dialCtx context.Context, network, _ string) (net.Conn, error) {
			raw, err := s.dialer.DialContext(dialCtx, network, s.settings.address())
			if err != nil {
				return nil, err
			}
			l.raw = raw
			stop = l.closedBy(ctx)
			return s.encrypted(dialCtx, raw)
		}))...)
	if err != nil {
		return nil, err
	}
	l.client, err = client.DialToSMTPClientWithContext(ctx)
	stop()
	if err != nil {
		if l.raw != nil {
			l.raw.Close() // go-mail leaves it open
		}
		return nil, err
	}
	l.used = time.Now()
	return l, nil
}

// options tell go-mail what we want. Addresses are ASCII, so nothing is gained
// by SMTPUTF8, which not every server behind this one has.
func (s *SMTP) options() []mail.Option {
	options := []mail.Option{
		mail.WithPort(s.settings.Port),
		mail.WithTimeout(min(s.settings.Timeout, longestDial)),
		mail.WithTLSConfig(s.tlsConfig()),
		mail.WithoutSMTPUTF8(),
	}
	switch s.settings.TLS {
	case ImplicitTLS:
		options = append(options, mail.WithSSL())
	case NoTLS:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.settings.HELO != "" {
		options = append(options, mail.WithHELO(s.settings.HELO))
	}
	if s.settings.Username != "" {
		options = append(options, mail.WithUsername(s.settings.Username), mail.WithPassword(s.settings.Password),
			mail.WithOpportunisticSMTPAuth(s.signIns()...))
	}
	return options
}

// signIns lists ways of signing in, best first. Under TLS the plain ones are
// those that every server does right. Without it, go-mail offers a password in
// clear to this machine only.
func (s *SMTP) signIns() []mail.SMTPAuthType {
	if s.settings.TLS == NoTLS {
		return []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthCramMD5,
			mail.SMTPAuthPlain, mail.SMTPAuthLogin}
	}
	return []mail.SMTPAuthType{mail.SMTPAuthPlain, mail.SMTPAuthLogin,
		mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthCramMD5}
}

func (s *SMTP) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.settings.Host, MinVersion: tls.VersionTLS12, RootCAs: s.settings.Roots}
}

func (s *SMTP) encrypted(ctx context.Context, raw net.Conn) (net.Conn, error) {
	if s.settings.TLS != ImplicitTLS {
		return raw, nil
	}
	conn := tls.Client(raw, s.tlsConfig())
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return conn, nil
}

// closedBy closes the line when ctx ends, until the function it returns is called.
func (l *line) closedBy(ctx context.Context) (release func()) {
	stop := context.AfterFunc(ctx, func() { l.raw.Close() })
	return func() { stop() }
}

// allow gives the next step its time.
func (l *line) allow(d time.Duration) {
	l.raw.SetDeadline(time.Now().Add(d)) // fails only on a closed line, as the step then does
}

func (l *line) quit() {
	l.allow(longestGoodbye)
	l.client.Quit()
	l.raw.Close()
}
