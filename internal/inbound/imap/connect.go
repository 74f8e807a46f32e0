package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
)

const dialTimeout = 30 * time.Second

// connect signs in. The connection ends with ctx, for the library itself waits
// without end for a server that says nothing.
func (s Settings) connect(ctx context.Context) (*imapclient.Client, error) {
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "tcp", s.address())
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	client, err := s.greet(ctx, conn)
	if err != nil {
		stop()
		return nil, errors.Join(err, conn.Close())
	}
	if err := client.Login(s.Username, s.Password).Wait(); err != nil {
		return nil, errors.Join(fmt.Errorf("sign in: %w", err), hangUp(client))
	}
	return client, nil
}

func (s Settings) greet(ctx context.Context, conn net.Conn) (*imapclient.Client, error) {
	settings := &tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12, NextProtos: []string{"imap"}}
	switch s.TLS {
	case ImplicitTLS:
		encrypted := tls.Client(conn, settings)
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		return imapclient.New(encrypted, nil), nil
	case STARTTLS:
		return imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: settings})
	}
	if !s.onThisMachine() {
		return nil, errors.New("a mailbox elsewhere is read by TLS only")
	}
	return imapclient.New(conn, nil), nil
}

// hangUp ends the connection, whatever state it is in.
func hangUp(client *imapclient.Client) error {
	client.Close() // nothing is lost with the connection
	return nil
}

// Check signs in and opens the mailbox, and changes nothing.
func (s Settings) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	client, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	for _, name := range []string{s.Mailbox, s.Move} {
		if name == "" {
			continue
		}
		if _, err := client.Select(name, nil).Wait(); err != nil {
			return fmt.Errorf("open %s: %w", name, err)
		}
	}
	return nil
}
