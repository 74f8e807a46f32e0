package letter

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/person"
)

var update = flag.Bool("update", false, "write the golden letters anew")

// hardName is what people call themselves when they test us.
const hardName = `Öberg, Åsa "Ås"; x:y\z`

func prepared() time.Time {
	return time.Date(2027, 3, 3, 9, 0, 0, 0, time.FixedZone("CET", 3600))
}

// plainLetter is a letter in Swedish without a calendar object.
func plainLetter() Letter {
	return Letter{
		ID: "01JZX3V7K5Q2M8N4P6R9S0T1W2", Kind: "E03",
		FromName: "Upphandlingslyftet", FromEmail: "program@lyftet.example",
		ReplyToName: "Kansliet", ReplyToEmail: "kansli@lyftet.example",
		ToName: "Åsa Öberg", ToEmail: "asa.oberg@malmö.example",
		Subject:  "Du är nummer 3 på reservlistan",
		Text:     "Hej Åsa!\n\nDu är nummer 3 på reservlistan till Så skriver du ett anbud.\n.\nHälsningar\nKansliet\n",
		HTML:     "<!doctype html>\n<html lang=\"sv\"><title>Reservlistan</title><h1>Du är nummer 3 på reservlistan</h1></html>\n",
		Language: "sv", Date: prepared(),
	}
}

func calendar(method, summary string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Stafett//test\r\nMETHOD:" + method +
		"\r\nBEGIN:VEVENT\r\nUID:1@lyftet.example\r\nSUMMARY:" + summary + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
}

func invite() Letter {
	l := plainLetter()
	l.Kind, l.ToName = "invite", hardName
	l.Subject = "Din anmälan är mottagen: Så skriver du ett anbud som håller hela vägen, tisdag 24 november 2026"
	l.Text = "Hej!\n\nDu har en plats.\nhttps://stafett.example/events/sa-skriver-du-ett-anbud\n"
	l.HTML = "<!doctype html>\n<html lang=\"sv\"><title>Din plats</title><h1>Du har en plats</h1>" +
		"<p><a href=\"https://stafett.example/events/sa-skriver-du-ett-anbud\">Evenemangets sida</a></p></html>\n"
	l.CalendarMethod, l.Calendar = "REQUEST", calendar("REQUEST", "Så skriver du ett anbud")
	return l
}

func goldenLetters() map[string]Letter {
	change := invite()
	change.Kind, change.Language, change.ToName = "update", "nn", "Pål O'Brien"
	change.InReplyTo = invite().MessageID()
	change.Subject = "Arrangementet er flytta til torsdag 26. november"
	change.Text = "Hei!\n\nArrangementet er flytta. Plassen din står ved lag.\n"
	change.HTML = "<!doctype html>\n<html lang=\"nn\"><title>Flytta</title><h1>Arrangementet er flytta</h1></html>\n"

	cancel := invite()
	cancel.Kind, cancel.Language, cancel.ToName = "cancel", "nb", "Kari\r\nBcc: alle@lyftet.example"
	cancel.InReplyTo = "<" + invite().MessageID() + ">"
	cancel.Subject = "Du er meldt av"
	cancel.Text = "Hei!\n\nDu er meldt av. Plassen er gitt videre.\n"
	cancel.HTML = "<!doctype html>\n<html lang=\"nb\"><title>Avmelding</title><h1>Du er meldt av</h1></html>\n"
	cancel.CalendarMethod, cancel.Calendar = "CANCEL", calendar("CANCEL", "Avlyst: Slik skriver du et tilbud")

	reminder := plainLetter()
	reminder.Kind, reminder.Language, reminder.ToName = "reminder", "en", "Robin 👩🏽‍💻 Berg"
	reminder.InReplyTo = invite().MessageID()
	reminder.Subject = "Tomorrow at 09:00: how to write a tender"
	reminder.Text = "Hello Robin!\n\nThe webinar begins tomorrow at 09:00.\n"
	reminder.HTML = "<!doctype html>\n<html lang=\"en\"><title>Tomorrow</title><h1>Tomorrow at 09:00</h1></html>\n"

	news := plainLetter()
	news.Kind, news.ToName = "news", ""
	news.ReplyToName, news.ReplyToEmail = "", ""
	news.Subject = "Nya evenemang i länet"
	news.UnsubscribeURL = "https://stafett.example/u/Xk3v9Qm2Lr8Tn5Bw7Yc4Za6Dp1Fs0Gh"
	news.UnsubscribeEmail = "avsluta@lyftet.example"

	logo, both := plainLetter(), invite()
	logo.Kind = "logo"
	for _, l := range []*Letter{&logo, &both} {
		l.Logo = &Image{Type: "image/png", Data: []byte(strings.Repeat("in the place of a picture ", 9))}
		l.HTML = strings.Replace(l.HTML, "<h1>", `<img src="`+LogoURL(l.FromEmail)+`" alt="Lyftet" width="120" height="40"><h1>`, 1)
	}

	return map[string]Letter{"plain.sv": plainLetter(), "invite.sv": invite(), "update.nn": change, "logo.sv": logo, "logo_invite.sv": both,
		"cancel.nb": cancel, "reminder.en": reminder, "news.sv": news}
}

func mustBytes(t testing.TB, l Letter) []byte {
	t.Helper()
	data, err := l.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestEachKindOfLetterIsAsInItsGoldenFile(t *testing.T) {
	for name, l := range goldenLetters() {
		t.Run(name, func(t *testing.T) {
			got := mustBytes(t, l)
			file := filepath.Join("testdata", name+".eml")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("letter differs from %s (-want +got):\n%s", file, diff)
			}
		})
	}
}

func TestTheSameLetterHasTheSameBytes(t *testing.T) {
	for name, l := range goldenLetters() {
		first := mustBytes(t, l)
		for range 20 {
			if !bytes.Equal(first, mustBytes(t, l)) {
				t.Fatalf("%s: two writings of one letter differ", name)
			}
		}
	}
}

func TestLinesAreASCIIAndEndInCRLF(t *testing.T) {
	long := invite()
	long.ToName = strings.Repeat("Å", 200)
	long.Subject = strings.Repeat("ö", 300)
	long.Text = strings.Repeat("å", 3000) + "\n.\n..\n" + strings.Repeat("x", 3000) + "\rend"
	letters := goldenLetters()
	letters["long"] = long
	for name, l := range letters {
		for _, line := range lines(t, mustBytes(t, l)) {
			if len(line) > 78 {
				t.Errorf("%s: line of %d octets: %s", name, len(line), line)
			}
			if i := strings.IndexFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r > '~' }); i >= 0 {
				t.Errorf("%s: octet %q in line %q", name, line[i], line)
			}
		}
	}
}

func TestALineWithAnEncodedWordHasAtMost76Characters(t *testing.T) {
	for _, s := range []string{hardName, strings.Repeat("Å", 200), strings.Repeat("ab ö ", 40), "Ö" + strings.Repeat("x", 150)} {
		l := plainLetter()
		l.FromName, l.ReplyToName, l.ToName, l.Subject = s, s, s, s
		for _, line := range headerLines(t, mustBytes(t, l)) {
			if strings.Contains(line, "=?") && len(line) > 76 {
				t.Errorf("%d characters: %s", len(line), line)
			}
		}
	}
}

func TestEveryFieldBeginsOnTheLineOfItsName(t *testing.T) {
	l := invite()
	l.ID = strings.Repeat("0123456789", 5)
	l.FromEmail = "program@a-quite-long-name-of-a-programme.example"
	l.ToName = strings.Repeat("a", 120)
	l.Subject = strings.Repeat("s", 120)
	l.InReplyTo = l.MessageID()
	for _, line := range headerLines(t, mustBytes(t, l)) {
		if strings.HasSuffix(line, ":") {
			t.Errorf("empty first line: %s", line)
		}
	}
}

func TestOnlyTheFieldsOfItsKindAreThere(t *testing.T) {
	common := []string{"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From",
		"MIME-Version", "Message-ID", "Reply-To", "Subject", "To", "X-Auto-Response-Suppress"}
	reply := append([]string{"In-Reply-To", "References"}, common...)
	for name, want := range map[string][]string{
		"plain.sv": common, "invite.sv": common,
		"update.nn": reply, "cancel.nb": reply, "reminder.en": reply,
		"news.sv": {"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "List-Unsubscribe",
			"List-Unsubscribe-Post", "MIME-Version", "Message-ID", "Subject", "To", "X-Auto-Response-Suppress"},
	} {
		got := fieldNames(t, mustBytes(t, goldenLetters()[name]))
		if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTheMessageIDNamesTheRowAndTheKind(t *testing.T) {
	l := invite()
	l.Kind = "E02"
	const want = "01JZX3V7K5Q2M8N4P6R9S0T1W2.e02@lyftet.example"
	if got := l.MessageID(); got != want || len(got) >= 60 {
		t.Errorf("MessageID() = %q of %d characters, want %q", got, len(got), want)
	}
	if got := EnvelopeFrom("01JZ", l.FromEmail); got != "bounce+01JZ@lyftet.example" {
		t.Errorf("EnvelopeFrom = %q", got)
	}
	l.FromEmail = "Program@Malmö.example"
	p, err := Parse(mustBytes(t, l))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Get("Message-ID"); got != "<"+l.MessageID()+">" || !strings.HasSuffix(got, "@xn--malm-8qa.example>") {
		t.Errorf("letter has %s, its row %s", got, l.MessageID())
	}
}

func TestABodyCannotCloseItsPart(t *testing.T) {
	l := invite()
	first := mustBytes(t, l)
	for _, m := range regexp.MustCompile(`boundary="([^"]+)"`).FindAllSubmatch(first, -1) {
		l.Text += "\n--" + string(m[1]) + "--\n"
		l.HTML += "\n--" + string(m[1]) + "\n"
	}
	l.Text += "\nboundary=" + strings.Repeat("a", 60) + "\n"
	p, err := Parse(mustBytes(t, l))
	if err != nil {
		t.Fatal(err)
	}
	if p.Text != l.Text || p.HTML != l.HTML || len(p.Attachments) != 1 {
		t.Errorf("text, HTML or attachments differ: %q, %q, %d", p.Text, p.HTML, len(p.Attachments))
	}
}

func TestControlCharactersDoNotReachTheBody(t *testing.T) {
	l := plainLetter()
	l.Text = "a\x00b\x1b[31m\u0085c\r\nd\re\tf\xff\n\n\n"
	p, err := Parse(mustBytes(t, l))
	if err != nil {
		t.Fatal(err)
	}
	if want := "ab[31mc\nd\ne\tf\n"; p.Text != want {
		t.Errorf("text %q, want %q", p.Text, want)
	}
}

func TestWhatCannotBeALetterIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Letter)
		want   error
	}{
		{"an id with a space", func(l *Letter) { l.ID = "a b" }, ErrIdentity},
		{"an id with a line break", func(l *Letter) { l.ID = "a\r\nBcc: x@y.example" }, ErrIdentity},
		{"an id too long for the envelope", func(l *Letter) { l.ID = strings.Repeat("a", 58) }, ErrIdentity},
		{"no kind", func(l *Letter) { l.Kind = "" }, ErrIdentity},
		{"no subject", func(l *Letter) { l.Subject = " \r\n" }, ErrIncomplete},
		{"no text", func(l *Letter) { l.Text = "\n" }, ErrIncomplete},
		{"no HTML", func(l *Letter) { l.HTML = "" }, ErrIncomplete},
		{"no date", func(l *Letter) { l.Date = time.Time{} }, ErrIncomplete},
		{"a language that the programme does not speak", func(l *Letter) { l.Language = "da" }, ErrLanguage},
		{"a reply to something that is no message", func(l *Letter) { l.InReplyTo = "a@b\r\nBcc: x" }, ErrInReplyTo},
		{"two recipients", func(l *Letter) { l.ToEmail = "a@b.example, c@d.example" }, person.ErrAddressForm},
		{"a sender without domain", func(l *Letter) { l.FromEmail = "program" }, person.ErrAddressForm},
		{"a reply address with a name", func(l *Letter) { l.ReplyToEmail = "K <k@b.example>" }, person.ErrAddressForm},
		{"a calendar without method", func(l *Letter) { l.CalendarMethod = "" }, ErrCalendar},
		{"a method without calendar", func(l *Letter) { l.Calendar = nil }, ErrCalendar},
		{"another method inside than outside", func(l *Letter) { l.CalendarMethod = "CANCEL" }, ErrCalendar},
		{"a method in small letters", func(l *Letter) { l.CalendarMethod = "request" }, ErrCalendar},
		{"unsubscribing over http", func(l *Letter) { l.UnsubscribeURL = "http://stafett.example/u/1" }, ErrUnsubscribe},
		{"an unsubscribe address with a bracket", func(l *Letter) { l.UnsubscribeURL = "https://stafett.example/u/1>,<mailto:x@y.example" }, ErrUnsubscribe},
		{"unsubscribing at two addresses", func(l *Letter) {
			l.UnsubscribeURL, l.UnsubscribeEmail = "https://stafett.example/u/1", "a@b.example,c@d.example"
		}, person.ErrAddressForm},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := invite()
			tt.change(&l)
			data, err := l.Bytes()
			if !errors.Is(err, tt.want) || data != nil {
				t.Errorf("Bytes() = %d bytes, error %v; want %v", len(data), err, tt.want)
			}
		})
	}
}
