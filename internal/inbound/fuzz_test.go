package inbound

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stafett/internal/message"
)

// Whatever is sent to us is something, is read within bounds, and names reasons
// that can be stored.
func FuzzRead(f *testing.F) {
	samples, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(samples) == 0 {
		f.Fatal(samples, err)
	}
	for _, s := range samples {
		raw, err := os.ReadFile(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, "bounce+id@stafett.example")
	}
	f.Fuzz(func(t *testing.T, raw []byte, recipient string) {
		m := Read(raw, recipient, "program@stafett.example")
		if m.Kind == "" || len(m.key) != 64 || len(m.recipients) > mostRecipients || len(m.reports) > mostReports {
			t.Errorf("read as %+v", m)
		}
		checkReports(t, m.reports)
	})
}

func FuzzReadStatus(f *testing.F) {
	f.Add("Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550-5.1.1 no\n")
	f.Add("\r\n\r\nOriginal-Recipient: <a@b.example>\r\nAction: FAILED\r\nStatus: 5.0.0 (odd)\r\nDiagnostic-Code: 554 5.7.1 no\r\n\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) { checkReports(t, readStatus([]byte(text))) })
}

func FuzzReadQmail(f *testing.F) {
	f.Add("Hi. This is the qmail-send program.\n\n<a@b.example>:\nSorry. (#5.1.1)\n\n" + qmailCopy + "\n\nMessage-ID: <a@b>\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		if !isQmail([]byte(text)) {
			return
		}
		all, _ := readQmail([]byte(text))
		checkReports(t, all)
	})
}

// checkReports looks whether what would be stored as a reason is one.
func checkReports(t *testing.T, all []report) {
	t.Helper()
	r, found := worst(all)
	if !found {
		return
	}
	if code, _ := message.SplitReason(message.ReasonCameBack + " " + r.numbers()); code != message.ReasonCameBack {
		t.Errorf("the numbers of %+v are %q", r, r.numbers())
	}
}

func TestANestOfPartsIsLeftAlone(t *testing.T) {
	nest := "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", 200)
	many := "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 2000) + "--b--\r\n"
	fields := strings.Repeat("X-A: b\r\n", mostFields+1) + "\r\n"
	for _, raw := range []string{many, fields} {
		if m := Read([]byte(raw), "", "program@stafett.example"); m.Kind != Unreadable {
			t.Errorf("%.60q is a %s", raw, m.Kind)
		}
	}
	Read([]byte(nest), "", "program@stafett.example")
}
