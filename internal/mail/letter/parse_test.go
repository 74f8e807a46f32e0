package letter

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAMessageIsReadWithItsFieldsInOrder(t *testing.T) {
	const message = "X-Second: 1\r\nSubject: =?utf-8?q?H=C3=B6st?=\r\n =?utf-8?q?tr=C3=A4ff?=\r\nMIME-Version: 1.0\r\n" +
		"X-Second: 2\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHej\r\ndå\r\n"
	got, err := Parse([]byte(message))
	if err != nil {
		t.Fatal(err)
	}
	want := Parsed{
		Headers: []Header{{"X-Second", "1"}, {"Subject", "Höstträff"}, {"MIME-Version", "1.0"}, {"X-Second", "2"},
			{"Content-Type", "text/plain; charset=utf-8"}},
		Subject: "Höstträff",
		Text:    "Hej\ndå\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Get("x-second") != "1" || got.Get("X-Third") != "" {
		t.Errorf("Get returns %q and %q", got.Get("x-second"), got.Get("X-Third"))
	}
}

func TestAttachmentsKeepNameTypeAndBytes(t *testing.T) {
	const message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHej\r\n" +
		"--b\r\nContent-Type: application/pdf; name=\"intyg.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n" +
		"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"lista.txt\"\r\n\r\nett\r\n--b--\r\n"
	got, err := Parse([]byte(message))
	if err != nil {
		t.Fatal(err)
	}
	want := []Attachment{{"intyg.pdf", "application/pdf", []byte("%PDF")}, {"lista.txt", "text/plain", []byte("ett")}}
	if diff := cmp.Diff(want, got.Attachments); diff != "" || got.Text != "Hej" {
		t.Errorf("text %q, attachments (-want +got):\n%s", got.Text, diff)
	}
}

func TestWhatIsNoMessageIsUnreadable(t *testing.T) {
	nested := strings.Repeat("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", 30)
	many := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 200) + "--b--\r\n"
	for name, data := range map[string]string{
		"no field at all": "hello\r\n\r\nthere",
		"cut in a part":   "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHe",
		"bad base64":      "Content-Transfer-Encoding: base64\r\n\r\n!!!!",
		"far too deep":    nested,
		"far too many":    many,
	} {
		if _, err := Parse([]byte(data)); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
