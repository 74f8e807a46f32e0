// Package enhetsregisteret asks the Norwegian register of companies, which is
// open to everybody (data.brreg.no). A number is looked for among companies,
// then among their sub-units.
package enhetsregisteret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"stafett/internal/register"
)

// Official is the register's own address.
const Official = "https://data.brreg.no/enhetsregisteret/api"

// mostBytes bounds what is read of an answer; real ones have a few kilobytes.
const mostBytes = 256 << 10

// Client asks the register at one address.
type Client struct {
	base string
	http *http.Client
}

// New makes a client for the address that operators set. It must be https; http
// is taken for this computer only, for tests.
func New(address string) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("not the address of a register: write it as %s", Official)
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, fmt.Errorf("the register must be asked by https, as at %s", Official)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxConnsPerHost, transport.MaxIdleConnsPerHost = 8, 2
	transport.MaxResponseHeaderBytes = 32 << 10
	return &Client{base: strings.TrimRight(u.String(), "/"), http: &http.Client{
		Transport: transport, Timeout: 2 * time.Second,
		// A register that sends us on, to another host or along, is not asked
		// further: only what operators set is trusted.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// errNotHere says that one of the two lists has no such number.
var errNotHere = errors.New("not in this list")

// Find implements register.Register for Norway.
func (c *Client) Find(ctx context.Context, country, number string) (register.Entry, error) {
	if country != "NO" {
		return register.Entry{}, register.ErrUnknown
	}
	e, err := c.fetch(ctx, "/enheter/", number, false)
	if errors.Is(err, errNotHere) {
		e, err = c.fetch(ctx, "/underenheter/", number, true)
	}
	if errors.Is(err, errNotHere) {
		err = register.ErrUnknown
	}
	return e, err
}

// fetch asks one of the register's lists.
func (c *Client) fetch(ctx context.Context, list, number string, subUnit bool) (register.Entry, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+list+url.PathEscape(number), nil)
	if err != nil {
		return register.Entry{}, fmt.Errorf("ask the register: %w", err)
	}
	q.Header.Set("Accept", "application/json")
	q.Header.Set("User-Agent", "Stafett")
	a, err := c.http.Do(q)
	if err != nil {
		return register.Entry{}, withoutAddress(err)
	}
	defer a.Body.Close()
	switch a.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return register.Entry{}, errNotHere
	case http.StatusGone:
		return register.Entry{Closed: true}, register.ErrUnknown
	default:
		return register.Entry{}, fmt.Errorf("the register answers %d", a.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(a.Body, mostBytes+1))
	if err != nil {
		return register.Entry{}, fmt.Errorf("read the register's answer: %w", withoutAddress(err))
	}
	if len(body) > mostBytes {
		return register.Entry{}, errors.New("the register's answer is too long")
	}
	return parse(body, number, subUnit)
}

// withoutAddress leaves the address out of an error: the number in it may be a
// sole trader's, and errors are logged.
func withoutAddress(err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		return fmt.Errorf("ask the register: %w", u.Err)
	}
	return err
}
