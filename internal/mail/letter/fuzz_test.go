package letter

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzNamesAndSubject holds that no name and no subject adds a field, a
// recipient or a part, and that a reader sees them as they were cleaned.
func FuzzNamesAndSubject(f *testing.F) {
	for _, s := range []string{hardName, "Kim\r\nBcc: x@y.example", "=?utf-8?q?a=0d=0aBcc:_x?=", strings.Repeat("å ", 150),
		"\xff\x00", "a\u2028b\u202ec", " x ", "==??", "👩🏽‍💻", "?=", "\"", `\"`, "a\r\n\r\nb"} {
		f.Add(s, s, s)
	}
	want := map[bool][]string{}
	for _, withCalendar := range []bool{false, true} {
		l := plainLetter()
		if withCalendar {
			l = invite()
		}
		data, err := l.Bytes()
		if err != nil {
			f.Fatal(err)
		}
		want[withCalendar] = fieldNames(f, data)
	}
	f.Fuzz(func(t *testing.T, from, to, subject string) {
		l := plainLetter()
		withCalendar := len(subject)%2 == 1
		if withCalendar {
			l = invite()
		}
		l.FromName, l.ReplyToName, l.ToName, l.Subject = from, from, to, subject
		data, err := l.Bytes()
		if errors.Is(err, ErrIncomplete) && expected(l).Subject == "" {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[withCalendar], fieldNames(t, data)); diff != "" {
			t.Fatalf("fields (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(expected(l), readWithGo(t, data)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, l := range goldenLetters() {
		f.Add(mustBytes(f, l))
	}
	f.Add([]byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n"))
	f.Add([]byte("Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: x\r\n\r\n\xe5"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data)
		if err != nil {
			if !errors.Is(err, ErrUnreadable) {
				t.Fatalf("an error without a name: %v", err)
			}
			return
		}
		for _, s := range []string{p.Subject, p.Text, p.HTML} {
			if !utf8.ValidString(s) {
				t.Fatalf("invalid UTF-8: %q", s)
			}
		}
		for _, h := range p.Headers {
			if strings.ContainsAny(h.Name, "\r\n:") {
				t.Fatalf("field name %q", h.Name)
			}
		}
	})
}
