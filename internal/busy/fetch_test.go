package busy

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// noCheck dials whatever it is told, as the tests' own server needs.
func noCheck(string, string, syscall.RawConn) error { return nil }

// serve is a host that publishes a calendar. Its certificate is for example.com,
// whose name the fetcher is told to find here.
func serve(t *testing.T, check func(string, string, syscall.RawConn) error, h http.HandlerFunc) (f *Fetcher, address string) {
	t.Helper()
	server := httptest.NewTLSServer(h)
	t.Cleanup(server.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return newFetcher(check, trusted, names(t, netip.MustParseAddr("127.0.0.1"))), "https://example.com:" + port + "/secret/calendar.ics"
}

// names is a resolver that finds every name at one address.
func names(t *testing.T, at netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response, m.Additionals = true, nil
			head := dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Class: dnsmessage.ClassINET, TTL: 60}
			switch {
			case m.Questions[0].Type == dnsmessage.TypeA && at.Is4():
				m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AResource{A: at.As4()}}}
			case m.Questions[0].Type == dnsmessage.TypeAAAA && at.Is6():
				m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AAAAResource{AAAA: at.As16()}}}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func TestACalendarIsFetched(t *testing.T) {
	f, address := serve(t, noCheck, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("User-Agent") != "Stafett" || r.Header.Get("Cookie") != "" || r.URL.Path != "/secret/calendar.ics" {
			t.Errorf("asked for %s with %v", r.URL, r.Header)
		}
		_, _ = w.Write([]byte("BEGIN:VCALENDAR"))
	})
	b, fault := f.Fetch(context.Background(), address)
	if string(b) != "BEGIN:VCALENDAR" || fault != None {
		t.Errorf("%q, fault %q", b, fault)
	}
}

func TestOnlyTheKindOfAFaultIsTold(t *testing.T) {
	says := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte("a secret"))
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for range 20 {
		_, _ = z.Write(make([]byte, 1<<20))
	}
	if err := z.Close(); err != nil || packed.Len() > 100<<10 {
		t.Fatal(packed.Len(), err)
	}
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   Fault
	}{
		{"nothing is there", says(404), Gone},
		{"nothing is there any more", says(410), Gone},
		{"it wants a sign-in", says(401), Refused},
		{"it is forbidden", says(403), Refused},
		{"the host has a fault", says(500), Failing},
		{"too many questions", says(429), Failing},
		{"something that has no meaning here", says(206), Failing},
		{"more than is read", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, mostBytes+1)) }, TooLarge},
		{"an answer without end", func(w http.ResponseWriter, _ *http.Request) {
			for part := make([]byte, 64<<10); ; {
				if _, err := w.Write(part); err != nil {
					return
				}
			}
		}, TooLarge},
		{"a little that unpacks to much", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed.Bytes())
		}, TooLarge},
		{"a line that goes dead", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("BEGIN"))
			panic(http.ErrAbortHandler)
		}, Unreachable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, address := serve(t, noCheck, tt.answer)
			if b, fault := f.Fetch(context.Background(), address); fault != tt.want || b != nil {
				t.Errorf("fault %q with %d bytes, want %q", fault, len(b), tt.want)
			}
		})
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	var asked atomic.Int64
	f, address := serve(t, noCheck, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	if _, fault := f.Fetch(context.Background(), address); fault != Elsewhere || asked.Load() != 1 {
		t.Errorf("fault %q, asked %d times", fault, asked.Load())
	}
}

func TestASlowHostIsNotWaitedFor(t *testing.T) {
	for name, begin := range map[string]bool{"before it answers": false, "in the middle": true} {
		t.Run(name, func(t *testing.T) {
			over := make(chan struct{})
			f, address := serve(t, noCheck, func(w http.ResponseWriter, _ *http.Request) {
				if begin {
					_, _ = w.Write([]byte("BEGIN:VCALENDAR\r\n"))
					w.(http.Flusher).Flush()
				}
				<-over
			})
			defer close(over)
			f.most = 50 * time.Millisecond
			if _, fault := f.Fetch(context.Background(), address); fault != Slow {
				t.Errorf("fault %q", fault)
			}
		})
	}
	if longestFetch != 5*time.Second || NewFetcher().most != longestFetch {
		t.Error("it is waited for another time than five seconds")
	}
}

func TestAHostMustProveWhoItIs(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // that we do not trust it
	server.StartTLS()
	defer server.Close()
	f := newFetcher(noCheck, nil, nil)
	if _, fault := f.Fetch(context.Background(), server.URL); fault != Certificate {
		t.Errorf("fault %q", fault)
	}
	if _, fault := f.Fetch(context.Background(), strings.Replace(server.URL, "https", "http", 1)); fault != Unreachable {
		t.Errorf("asked by http: %q", fault)
	}
}

// A name that leads to this machine, or to one beside it, is not asked: what is
// dialled is looked at, not what was typed.
func TestANameThatLeadsInsideIsNotAsked(t *testing.T) {
	usual := func(network, address string, c syscall.RawConn) error {
		a := netip.MustParseAddrPort(address) // the test's server cannot listen at 443
		return onlyPublic(network, netip.AddrPortFrom(a.Addr(), 443).String(), c)
	}
	f, address := serve(t, usual, func(http.ResponseWriter, *http.Request) { t.Error("it was asked") })
	if _, fault := f.Fetch(context.Background(), address); fault != Unreachable {
		t.Errorf("fault %q", fault)
	}
	for _, inside := range []string{"10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1"} {
		var dialled []string
		f := newFetcher(func(n, a string, c syscall.RawConn) error {
			dialled = append(dialled, a)
			return onlyPublic(n, a, c)
		}, nil, names(t, netip.MustParseAddr(inside)))
		if _, fault := f.Fetch(context.Background(), "https://calendar.example.com/x"); fault != Unreachable {
			t.Errorf("%s: fault %q", inside, fault)
		}
		if len(dialled) != 1 {
			t.Errorf("%s: dialled %v", inside, dialled)
		}
	}
}

func TestOnlyAddressesInPublicAreDialled(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "100.63.255.255": true, "100.128.0.0": true, "172.15.255.255": true, "172.32.0.0": true, "223.255.255.255": true, "2600::1": true, "2a02:200::1": true,
		// unspecified, loopback, private, shared between customers, of the link
		"0.0.0.0": false, "0.1.2.3": false, "127.0.0.1": false, "127.255.255.254": false, "10.0.0.0": false, "10.255.255.255": false, "172.16.0.1": false,
		"172.31.255.255": false, "192.168.0.1": false, "100.64.0.1": false, "100.127.255.255": false, "169.254.0.1": false, "169.254.169.254": false,
		// special purposes, examples, multicast, reserved, broadcast
		"192.0.0.1": false, "192.0.2.1": false, "192.88.99.1": false, "198.18.0.1": false, "198.19.255.255": false, "198.51.100.1": false, "203.0.113.1": false,
		"224.0.0.1": false, "239.255.255.255": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "fe80::1": false, "fec0::1": false, "fc00::1": false, "fd12:3456::1": false, "ff02::1": false, "2001:db8::1": false, "100::1": false, "3fff::1": false, "5f00::1": false,
		// an older address within: mapped, compatible, translated, 6to4, Teredo
		"::ffff:8.8.8.8": false, "::ffff:127.0.0.1": false, "::8.8.8.8": false, "::127.0.0.1": false, "64:ff9b::808:808": false, "64:ff9b::7f00:1": false,
		"64:ff9b:1::a00:1": false, "2002:808:808::1": false, "2002:7f00:1::": false, "2001:0:4136:e378::1": false,
	} {
		if got := onlyPublic("tcp", net.JoinHostPort(address, "443"), nil) == nil; got != want {
			t.Errorf("%s is dialled: %t", address, got)
		}
	}
	for _, address := range []string{"8.8.8.8:80", "8.8.8.8:8443", "8.8.8.8", "", "[fe80::1%eth0]:443", "[2600::1%eth0]:443", "example.com:443"} {
		if onlyPublic("tcp", address, nil) == nil {
			t.Errorf("%s is dialled", address)
		}
	}
}

func TestAnAddressIsWrittenAsItIsAskedFor(t *testing.T) {
	for typed, want := range map[string]string{
		"https://calendar.example.com/ical/private-abc/basic.ics":    "https://calendar.example.com/ical/private-abc/basic.ics",
		"  webcal://p12-caldav.example.com/published/2/MTIz?x=1 ":    "https://p12-caldav.example.com/published/2/MTIz?x=1",
		"WEBCAL://Moln.Example.SE:443/remote.php/dav/X?export#today": "https://moln.example.se/remote.php/dav/X?export",
		"webcals://moln.example/":                                    "https://moln.example/",
		"https://kalender.malmö.example":                             "https://kalender.xn--malm-8qa.example/",
		"https://example.com./x":                                     "https://example.com/x",
		"https://example.com/user%40example.com/a%2Fb":               "https://example.com/user%40example.com/a%2Fb",
	} {
		if got, err := Address(typed); got != want || err != nil {
			t.Errorf("%s becomes %s, %v", typed, got, err)
		}
	}
	for typed, code := range map[string]string{
		"": "busy_address_missing", " \n": "busy_address_missing", "https://" + strings.Repeat("a", 2000) + ".example": "busy_address",
		"https://exa mple.com/": "busy_address", "https://example.com/%zz": "busy_address", "https://exam\nple.com/": "busy_address", "mailto:kari@example.com": "busy_address",
		"http://example.com/x": "busy_address_https", "ftp://example.com/x": "busy_address_https", "file:///etc/passwd": "busy_address_https", "calendar.example.com/x": "busy_address_https", "//example.com/x": "busy_address_https",
		"https://kari:hemlig@example.com/": "busy_address_host", "https://kari@example.com/": "busy_address_host", "https://example.com:8443/": "busy_address_host", "https://example.com:22/": "busy_address_host",
		"https:///x": "busy_address_host", "https://localhost/": "busy_address_host", "https://intranet/": "busy_address_host", "https://127.0.0.1/": "busy_address_host", "https://127.1/": "busy_address_host",
		"https://0x7f.0.0.0x1/": "busy_address_host", "https://2130706433/": "busy_address_host", "https://[::1]/": "busy_address_host", "https://[::ffff:127.0.0.1]/": "busy_address_host", "https://8.8.8.8/": "busy_address_host",
		"https://１２７.０.０.１/": "busy_address_host", "https://-a-.example/": "busy_address_host",
	} {
		if got, err := Address(typed); got != "" || err == nil || err.Error() != "invalid url:"+code {
			t.Errorf("%.60q becomes %q, %v; want %s", typed, got, err, code)
		}
	}
}

func TestAnAddressIsShownMasked(t *testing.T) {
	for address, want := range map[string][2]string{
		"https://calendar.example.com/calendar/ical/kari%40raadgiver.example/private-0123456789abcdef0123456789abcdef/basic.ics": {"calendar.example.com", "cdef"},
		"https://outlook.example/owa/calendar/aaaabbbb@x.example/ccccddddeeeeffff0000111122223333/calendar.ics":                  {"outlook.example", "3333"},
		"https://moln.example/remote.php/dav/public-calendars/AbCdEfGhIjKlMnOp?export":                                           {"moln.example", "MnOp"},
		"https://moln.example/hemlig.ics":                 {"moln.example", ""},
		"https://moln.example/hemlig-och-ganska-lång.ics": {"moln.example", "lång"},
	} {
		host, end := masked(address)
		if host != want[0] || end != want[1] {
			t.Errorf("%s is shown as %s … %s", address, host, end)
		}
	}
}
