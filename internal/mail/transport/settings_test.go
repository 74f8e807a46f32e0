package transport

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTheAddressOfAMailServerIsUnderstood(t *testing.T) {
	for address, want := range map[string]Settings{
		"smtp://stafett:hemligt@mail.example.se:587":     {Host: "mail.example.se", Port: 587, Username: "stafett", Password: "hemligt", TLS: STARTTLS},
		"smtp://mail.example.se":                         {Host: "mail.example.se", Port: 587, TLS: STARTTLS},
		" smtp://mail.example.se:25/\n":                  {Host: "mail.example.se", Port: 25, TLS: STARTTLS},
		"smtp://mail.example.se?tls=implicit":            {Host: "mail.example.se", Port: 465, TLS: ImplicitTLS},
		"smtps://a%40b.se:p%3A%2F%23%25@mail.example.se": {Host: "mail.example.se", Port: 465, Username: "a@b.se", Password: "p:/#%", TLS: ImplicitTLS},
		"smtps://mail.example.se:4650?tls=implicit":      {Host: "mail.example.se", Port: 4650, TLS: ImplicitTLS},
		"smtp://127.0.0.1:1025?tls=none":                 {Host: "127.0.0.1", Port: 1025, TLS: NoTLS},
		"smtp://127.0.0.1:1025":                          {Host: "127.0.0.1", Port: 1025, TLS: NoTLS},
		"smtp://localhost":                               {Host: "localhost", Port: 25, TLS: NoTLS},
		"smtp://u:p@localhost:587?tls=starttls":          {Host: "localhost", Port: 587, Username: "u", Password: "p", TLS: STARTTLS},
		"smtp://u:p@localhost":                           {Host: "localhost", Port: 25, Username: "u", Password: "p", TLS: NoTLS},
		"smtp://[::1]:1025":                              {Host: "::1", Port: 1025, TLS: NoTLS},
		"smtp://relay.example:25?tls=none":               {Host: "relay.example", Port: 25, TLS: NoTLS},
		"smtp://mail.example.se?helo=stafett.example&timeout=5m": {Host: "mail.example.se", Port: 587, TLS: STARTTLS,
			HELO: "stafett.example", Timeout: 5 * time.Minute},
	} {
		if want.Timeout == 0 {
			want.Timeout = DefaultTimeout
		}
		got, err := ParseURL(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if diff := cmp.Diff(fields(want), fields(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
}

// fields are the settings as a type without methods, so that a difference shows.
func fields(s Settings) any {
	type plain Settings
	return plain(s)
}

func TestAWrongAddressIsExplainedWithoutItsPassword(t *testing.T) {
	for address, want := range map[string]string{
		"":                                           "begins neither",
		"mail.example.se:587":                        "begins neither",
		"mail.example.se":                            "begins neither",
		"https://u:hemligt@mail.example.se":          "begins neither",
		"smtp://":                                    "no host name",
		"smtp://u:hemligt@":                          "no host name",
		"smtp://u:hemligt@mail_1.example":            "other signs",
		"smtp://u:hemligt@mail.example.se:0":         "port",
		"smtp://u:hemligt@mail.example.se:70000":     "port",
		"smtp://u:hemligt@mail.example.se/hemligt":   "path",
		"smtp://mail.example.se#hemligt":             "%23",
		"smtp://u:hemligt%@mail.example.se":          "%25",
		"smtp://u:hemligt/x@mail.example.se":         "%2F",
		"smtp://u:hemligt#x@mail.example.se":         "%23",
		"smtp://u:hem ligt@mail.example.se\x7f":      "cannot be read",
		"smtp://hemligt@mail.example.se":             "without password",
		"smtp://:hemligt@mail.example.se":            "without user",
		"smtp://u:hemligt@mail.example.se?tls=none":  "in clear",
		"smtp://mail.example.se?tls=hemligt":         "neither starttls",
		"smtp://mail.example.se?password=hemligt":    "something else than",
		"smtp://mail.example.se?a=%zz":               "query",
		"smtps://u:hemligt@mail.example.se?tls=none": "smtps and",
		"smtp://mail.example.se?timeout=hemligt":     "timeout",
		"smtp://mail.example.se?timeout=1ms":         "timeout",
		"smtp://mail.example.se?helo=a%0d%0aRSET":    "helo",
	} {
		_, err := ParseURL(address)
		if err == nil {
			t.Errorf("%s was accepted", address)
			continue
		}
		if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "smtp://user:password@mail.example.se:587") {
			t.Errorf("%s: %v; want %q and an example", address, err, want)
		}
		if strings.Contains(err.Error(), "hemligt") {
			t.Errorf("%s: the error tells the password: %v", address, err)
		}
	}
}

func TestSettingsArePrintedWithoutThePassword(t *testing.T) {
	s, err := ParseURL("smtps://stafett:hemligt@mail.example.se")
	if err != nil {
		t.Fatal(err)
	}
	const want = "smtps://…@mail.example.se:465"
	for _, format := range []string{"%v", "%+v", "%s", "%#v"} {
		if got := fmt.Sprintf(format, s); got != want {
			t.Errorf("%s prints %s, want %s", format, got, want)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"smtp://stafett:hemligt@mail.example.se:587", "smtps://[::1]:465?tls=implicit&helo=a.b", "smtp://127.0.0.1?timeout=3s", "smtp://%", "smtp:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, address string) {
		s, err := ParseURL(address)
		if err != nil {
			if !strings.Contains(err.Error(), example) {
				t.Fatalf("no example: %v", err)
			}
			return
		}
		if s.Host == "" || strings.ContainsAny(s.Host+s.HELO, " \r\n") || s.Port < 1 || s.Port > 65535 || s.Timeout < time.Second {
			t.Fatalf("%q became %+v", address, fields(s))
		}
		if ip := net.ParseIP(s.Host); s.TLS == NoTLS && s.Password != "" && s.Host != "localhost" && !ip.IsLoopback() {
			t.Fatalf("%q sends a password in clear", address)
		}
	})
}
