package busy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

// How much is waited for and read.
const (
	longestFetch = 5 * time.Second // in all, from the name to the last byte
	mostBytes    = 1 << 20         // after unpacking
)

// Fetcher asks for calendars. It asks no address that is not public, follows no
// redirect and uses no proxy, which would dial in our place.
type Fetcher struct {
	http *http.Client
	most time.Duration
}

// NewFetcher makes one that asks the net.
func NewFetcher() *Fetcher { return newFetcher(onlyPublic, nil, nil) }

// newFetcher lets tests choose what may be dialled, whom to trust and who knows
// names.
func newFetcher(control func(network, address string, c syscall.RawConn) error, trusted *x509.CertPool, names *net.Resolver) *Fetcher {
	dialer := &net.Dialer{Timeout: longestFetch, Control: control, Resolver: names}
	return &Fetcher{most: longestFetch, http: &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, DisableKeepAlives: true,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: trusted},
			MaxResponseHeaderBytes: 32 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Fetch asks for what is at the address. Of what goes wrong only the kind is told:
// neither the answer nor the error leaves here.
func (f *Fetcher) Fetch(ctx context.Context, address string) ([]byte, Fault) {
	ctx, cancel := context.WithTimeout(ctx, f.most)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil || q.URL.Scheme != "https" {
		return nil, Unreachable
	}
	q.Header.Set("Accept", "text/calendar")
	q.Header.Set("User-Agent", "Stafett")
	a, err := f.http.Do(q)
	if err != nil {
		return nil, faultOf(ctx, err)
	}
	defer a.Body.Close()
	if fault := answered(a.StatusCode); fault != None {
		return nil, fault
	}
	// The transport unpacks as it is read, so this bounds what comes out.
	b, err := io.ReadAll(io.LimitReader(a.Body, mostBytes+1))
	switch {
	case err != nil:
		return nil, faultOf(ctx, err)
	case len(b) > mostBytes:
		return nil, TooLarge
	}
	return b, None
}

func answered(status int) Fault {
	switch {
	case status == http.StatusOK:
		return None
	case status == http.StatusNotFound, status == http.StatusGone:
		return Gone
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		return Refused
	case status >= 300 && status < 400:
		return Elsewhere
	}
	return Failing
}

func faultOf(ctx context.Context, err error) Fault {
	var slow net.Error
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &cert):
		return Certificate
	case ctx.Err() != nil, errors.As(err, &slow) && slow.Timeout():
		return Slow
	}
	return Unreachable
}
