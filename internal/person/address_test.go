package person

import (
	"errors"
	"net/mail"
	"strings"
	"testing"
)

func TestAnAddressHasOneStoredForm(t *testing.T) {
	for typed, want := range map[string]string{
		"anna@example.se":                      "anna@example.se",
		"  Anna.Berg@Example.SE\r\n":           "anna.berg@example.se",
		"anna@malmö.example":                   "anna@xn--malm-8qa.example",
		"anna@malmo\u0308.example":             "anna@xn--malm-8qa.example", // o and dots apart
		"anna@MALMÖ.example":                   "anna@xn--malm-8qa.example",
		"anna@xn--malm-8qa.example":            "anna@xn--malm-8qa.example",
		"anna@ｅｘａｍｐｌｅ.se":                      "anna@example.se",
		"anna+stafett@a.b.example.no":          "anna+stafett@a.b.example.no",
		"o'brien!#$%&*/=?^_`{|}~-@x.example":   "o'brien!#$%&*/=?^_`{|}~-@x.example",
		"1@2.example":                          "1@2.example",
		strings.Repeat("a", 64) + "@x.example": strings.Repeat("a", 64) + "@x.example",
	} {
		if got, err := Address(typed); got != want || err != nil {
			t.Errorf("Address(%q) = %q, %v; want %q", typed, got, err, want)
		}
	}
}

func TestWhatIsNoBareAddressIsRefused(t *testing.T) {
	longDomain := strings.Repeat(strings.Repeat("a", 60)+".", 4) + "example"
	for typed, want := range map[string]error{
		"":                                        ErrAddressForm,
		"anna":                                    ErrAddressForm,
		"@example.se":                             ErrAddressForm,
		"anna@":                                   ErrAddressForm,
		"anna@@example.se":                        ErrAddressForm,
		"a b@example.se":                          ErrAddressForm,
		"anna@example.se, b@example.se":           ErrAddressForm,
		"anna@example.se;b@example.se":            ErrAddressForm,
		"anna@example.se b@example.se":            ErrAddressForm,
		"Anna <anna@example.se>":                  ErrAddressForm,
		"<anna@example.se>":                       ErrAddressForm,
		"anna@example.se (Anna)":                  ErrAddressForm,
		"anna(Anna)@example.se":                   ErrAddressForm,
		`"anna"@example.se`:                       ErrAddressForm,
		`"a b"@example.se`:                        ErrAddressForm,
		`an\na@example.se`:                        ErrAddressForm,
		".anna@example.se":                        ErrAddressForm,
		"an..na@example.se":                       ErrAddressForm,
		"anna.@example.se":                        ErrAddressForm,
		"mailto:anna@example.se":                  ErrAddressForm,
		"anna@example.se\r\nBcc: b@c.se":          ErrAddressForm,
		"an\x00na@example.se":                     ErrAddressForm,
		"anna@exam\tple.se":                       ErrAddressForm,
		"anna@example.se\x7f":                     ErrAddressForm,
		"anna\xff@example.se":                     ErrAddressForm,
		"anna＠example.se":                         ErrAddressForm,
		"åsa@example.se":                          ErrAddressNotASCII,
		"an\u200bna@example.se":                   ErrAddressNotASCII,
		"аnna@example.se":                         ErrAddressNotASCII, // Cyrillic a
		"anna@localhost":                          ErrAddressDomain,
		"anna@[192.0.2.1]":                        ErrAddressDomain,
		"anna@[IPv6.2001]":                        ErrAddressDomain,
		"anna@192.0.2.1":                          ErrAddressDomain,
		"anna@example.se.":                        ErrAddressDomain,
		"anna@.se":                                ErrAddressDomain,
		"anna@example..se":                        ErrAddressDomain,
		"anna@-example.se":                        ErrAddressDomain,
		"anna@exam_ple.se":                        ErrAddressDomain,
		"anna@exam/ple.se":                        ErrAddressDomain,
		"anna@xn--a.example":                      ErrAddressDomain,
		"anna@" + longDomain:                      ErrAddressLong,
		strings.Repeat("a", 65) + "@x.example":    ErrAddressLong,
		strings.Repeat("a", 2000) + "@x.example":  ErrAddressLong,
		"anna@" + strings.Repeat("a", 64) + ".se": ErrAddressDomain,
	} {
		if got, err := Address(typed); !errors.Is(err, want) || got != "" {
			t.Errorf("Address(%q) = %q, %v; want %v", typed, got, err, want)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"anna@example.se", "Åsa@malmö.example", `"a"@[1.2.3.4]`, "a@b.c\r\n", "a@xn--0.se", "K@K.se", "a@ß.se", "a@ا.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Address(s)
		if err != nil {
			if got != "" {
				t.Fatalf("%q and error %v", got, err)
			}
			return
		}
		if again, err := Address(got); again != got || err != nil {
			t.Fatalf("Address(%q) = %q, which becomes %q, %v", s, got, again, err)
		}
		if strings.ContainsAny(got, " \r\n\t<>()[],;:\\\"") || strings.Count(got, "@") != 1 || len(got) > 254 {
			t.Fatalf("Address(%q) = %q", s, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return r <= ' ' || r > '~' || r >= 'A' && r <= 'Z' }) {
			t.Fatalf("Address(%q) = %q", s, got)
		}
		if a, err := mail.ParseAddress(got); err != nil || a.Address != got {
			t.Fatalf("net/mail reads %q as %v, %v", got, a, err)
		}
	})
}
