package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

const (
	// longestIdle is shorter than servers wait before they hang up on us.
	longestIdle = time.Minute
	// longestProbe is enough for a server that is still there.
	longestProbe = 10 * time.Second
	// longestGoodbye: a QUIT is a courtesy and not worth more.
	longestGoodbye = 3 * time.Second
)

// SMTP sends letters over one connection, which it keeps for the next letter and
// dials anew when it has to. It is for one goroutine.
type SMTP struct {
	settings Settings
	dialer   net.Dialer
	idle     time.Duration
	line     *line // nil: no connection
}

// New makes a sender; nothing is dialled before the first Send or Check.
func New(s Settings) *SMTP {
	return &SMTP{settings: s.withDefaults(), idle: longestIdle}
}

// Send hands one letter over and tells what became of it. It waits at most the
// Timeout of the settings for each answer of the server. When ctx ends, the
// connection is closed, and the result says whether the letter was out by then.
func (s *SMTP) Send(ctx context.Context, e Envelope) Result {
	switch {
	case !e.addressesFit():
		return unfitAddress()
	case !e.dataFits():
		return unfitData()
	}
	f := s.send(ctx, e)
	if f.err == nil {
		return Result{Outcome: Sent, Code: 250}
	}
	if ctx.Err() != nil {
		f = f.stopped(ctx.Err())
	}
	r := f.result()
	r.Answer = s.mask(r.Answer, e.To[:strings.LastIndexByte(e.To, '@')])
	if r.Broken {
		s.hangUp()
	}
	return r
}

// Close says goodbye and ends the connection; the next Send dials anew. The
// error is always nil, since nothing depends on the server's answer.
func (s *SMTP) Close() error {
	if s.line != nil {
		s.line.quit()
		s.line = nil
	}
	return nil
}

// Check connects, signs in and leaves again, over a connection of its own. The
// error is for the operator: what failed, in a few words, and the cause as it
// was reported, without the password.
func (s *SMTP) Check(ctx context.Context) error {
	l, err := s.dial(ctx)
	if err != nil {
		r := failure{connecting, err}.result()
		what := strings.ReplaceAll(r.Reason, "_", " ")
		return fmt.Errorf("%s: %s [%s]", s.settings.address(), what, s.mask(err.Error()))
	}
	l.quit()
	return nil
}

func (s *SMTP) mask(text string, more ...string) string {
	return masked(text, append(more, s.settings.Password, s.settings.Username)...)
}

// send uses the old connection if it still works, else a new one.
func (s *SMTP) send(ctx context.Context, e Envelope) failure {
	if s.line != nil && s.usable(ctx) {
		if f := s.deliver(ctx, e); !f.ofTheLine() || ctx.Err() != nil {
			return f
		}
	}
	s.hangUp()
	l, err := s.dial(ctx)
	if err != nil {
		return failure{connecting, err}
	}
	s.line = l
	return s.deliver(ctx, e)
}

// usable resets the connection, which also ends what an earlier refusal left
// half done, and tells whether the server still answers.
func (s *SMTP) usable(ctx context.Context) bool {
	if time.Since(s.line.used) > s.idle {
		return false
	}
	defer s.line.closedBy(ctx)()
	s.line.allow(min(s.settings.Timeout, longestProbe))
	return s.line.client.Reset() == nil
}

// deliver goes through one mail transaction. Without an error the server has the
// letter.
func (s *SMTP) deliver(ctx context.Context, e Envelope) failure {
	l := s.line
	defer l.closedBy(ctx)()
	defer func() { l.used = time.Now() }()
	l.allow(s.settings.Timeout)
	if err := l.client.Mail("<" + e.From + ">"); err != nil {
		return failure{naming, err}
	}
	l.allow(s.settings.Timeout)
	if err := l.client.Rcpt("<" + e.To + ">"); err != nil {
		return failure{addressing, err}
	}
	l.allow(s.settings.Timeout)
	w, err := l.client.Data()
	if err != nil {
		return failure{opening, err}
	}
	return s.write(w, e.Data)
}

// write sends the letter and reads the answer by itself: go-mail's Close does
// both, and does not tell whether the final dot ever left.
func (s *SMTP) write(w any, data []byte) failure {
	closer, ok := w.(*smtp.DataCloser)
	if !ok {
		return failure{writing, errors.New("go-mail gave an unknown writer")}
	}
	s.line.allow(s.settings.Timeout)
	if _, err := closer.WriteCloser.Write(data); err != nil {
		return failure{writing, err}
	}
	if err := closer.WriteCloser.Close(); err != nil {
		return failure{writing, err}
	}
	s.line.allow(s.settings.Timeout)
	if _, _, err := s.line.client.Text.ReadResponse(250); err != nil {
		return failure{answering, err}
	}
	return failure{}
}

func (s *SMTP) hangUp() {
	if s.line != nil {
		s.line.raw.Close()
		s.line = nil
	}
}

// ofTheLine tells a failure that says nothing about the letter: between two
// letters a server may close the connection, or have enough of it (421).
func (f failure) ofTheLine() bool {
	var network net.Error
	timeout := errors.As(f.err, &network) && network.Timeout()
	return f.err != nil && f.at == naming && !timeout && f.result().Broken
}
