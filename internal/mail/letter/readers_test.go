package letter

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"
)

// seen is what one reader makes of a letter.
type seen struct {
	From, To, ReplyTo [][2]string
	Subject           string
	MessageID         string
	Tree              any
	Text, HTML        string
	Method, Calendar  string
	Attachments       [][3]string
	Defects           []string
}

var (
	alternative = []any{"multipart/alternative", "text/plain", "text/html"}
	withInvite  = []any{"multipart/mixed",
		[]any{"multipart/alternative", "text/plain", "text/html", "text/calendar"}, "application/ics"}
	withLogo = []any{"multipart/related", alternative, "image/png"}
	withBoth = []any{"multipart/mixed",
		[]any{"multipart/related", []any{"multipart/alternative", "text/plain", "text/html", "text/calendar"}, "image/png"}, "application/ics"}
)

// expected is what every reader should see.
func expected(l Letter) seen {
	l, _ = l.cleaned()
	s := seen{
		From: [][2]string{{l.FromName, l.FromEmail}}, To: [][2]string{{l.ToName, l.ToEmail}}, ReplyTo: [][2]string{},
		Subject: l.Subject, MessageID: "<" + l.MessageID() + ">",
		Tree: alternative, Text: l.Text, HTML: l.HTML, Attachments: [][3]string{}, Defects: []string{},
	}
	if l.ReplyToEmail != "" {
		s.ReplyTo = append(s.ReplyTo, [2]string{l.ReplyToName, l.ReplyToEmail})
	}
	if l.Logo != nil {
		s.Tree = withLogo
		s.Attachments = append(s.Attachments, [3]string{"logo.png", "image/png", string(l.Logo.Data)})
	}
	if l.CalendarMethod != "" {
		s.Tree, s.Method, s.Calendar = withInvite, l.CalendarMethod, string(l.Calendar)
		if l.Logo != nil {
			s.Tree = withBoth
		}
		s.Attachments = append(s.Attachments, [3]string{"invite.ics", "application/ics", string(l.Calendar)})
	}
	return s
}

// lettersToRead are the golden letters, and invites to people with names that
// break careless programs.
func lettersToRead() map[string]Letter {
	letters := goldenLetters()
	for _, name := range []string{
		hardName, "Pat O'Brien", `a "b" c`, `\`, `Berg \ Öst`, "Line\r\nBcc: x@y.example", "tab\there", "two  spaces",
		strings.Repeat("å", 200), strings.Repeat("a", 200), strings.Repeat("Ann \"B\" ", 25),
		"👩🏽‍💻 Kim", "(comment) Kim", "<kim@evil.example>", "a@b.example, c@d.example",
		"=?utf-8?q?Kim?=", "名前", "e\u0301", "Group: a;", ".", "Ås.", "x@y",
	} {
		l := invite()
		l.ToName, l.Subject = name, name
		letters["name "+name] = l
	}
	return letters
}

func TestGoReadsTheLetterAsWritten(t *testing.T) {
	for name, l := range lettersToRead() {
		if diff := cmp.Diff(expected(l), readWithGo(t, mustBytes(t, l))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestGoMessageReadsTheLetterAsWritten(t *testing.T) {
	for name, l := range lettersToRead() {
		if diff := cmp.Diff(expected(l), readWithGoMessage(t, mustBytes(t, l))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPythonReadsTheLetterAsWritten(t *testing.T) {
	letters := lettersToRead()
	names := slices.Sorted(maps.Keys(letters))
	var messages [][]byte
	for _, name := range names {
		messages = append(messages, mustBytes(t, letters[name]))
	}
	for i, got := range readWithPython(t, messages) {
		want := expected(letters[names[i]])
		// Python before 3.13 shows the space that parts two encoded words of a
		// name, which RFC 2047 6.2 tells readers to leave out.
		if to := &got.To[0][0]; len(*to) > 45 {
			*to, want.To[0][0] = strings.ReplaceAll(*to, " ", ""), strings.ReplaceAll(want.To[0][0], " ", "")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", names[i], diff)
		}
	}
}

func readWithPython(t *testing.T, messages [][]byte) []seen {
	t.Helper()
	in, err := json.Marshal(messages) // as base64
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", "testdata/read.py")
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3, which reads letters as somebody else would: %v", err)
	}
	var all []seen
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != len(messages) {
		t.Fatalf("python3 read %d of %d letters", len(all), len(messages))
	}
	for i := range all {
		all[i].Text = strings.ReplaceAll(all[i].Text, "\r\n", "\n")
		all[i].HTML = strings.ReplaceAll(all[i].HTML, "\r\n", "\n")
	}
	return all
}

func readWithGo(t testing.TB, data []byte) seen {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	s := seen{ReplyTo: [][2]string{}, Attachments: [][3]string{}, Defects: []string{}}
	s.From, s.To = goAddresses(t, m.Header, "From"), goAddresses(t, m.Header, "To")
	if m.Header.Get("Reply-To") != "" {
		s.ReplyTo = goAddresses(t, m.Header, "Reply-To")
	}
	if s.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	s.MessageID = m.Header.Get("Message-ID")
	s.Tree = s.goPart(t, m.Header.Get("Content-Type"), "", "", m.Body)
	return s
}

func goAddresses(t testing.TB, h netmail.Header, field string) [][2]string {
	t.Helper()
	list, err := h.AddressList(field)
	if err != nil {
		t.Fatalf("%s: %v: %s", field, err, h.Get(field))
	}
	var as [][2]string
	for _, a := range list {
		as = append(as, [2]string{a.Name, a.Address})
	}
	return as
}

func (s *seen) goPart(t testing.TB, contentType, encoding, filename string, body io.Reader) any {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("%v: %s", err, contentType)
	}
	if strings.HasPrefix(kind, "multipart/") {
		tree := []any{kind}
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextPart() // decodes quoted-printable
			if err == io.EOF {
				return tree
			}
			if err != nil {
				t.Fatal(err)
			}
			tree = append(tree, s.goPart(t, p.Header.Get("Content-Type"),
				p.Header.Get("Content-Transfer-Encoding"), p.FileName(), p))
		}
	}
	s.leaf(t, kind, params, filename, decoded(t, encoding, body))
	return kind
}

func decoded(t testing.TB, encoding string, body io.Reader) string {
	t.Helper()
	if encoding == "base64" {
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func (s *seen) leaf(t testing.TB, kind string, params map[string]string, filename, body string) {
	t.Helper()
	switch {
	case filename != "":
		s.Attachments = append(s.Attachments, [3]string{filename, kind, body})
	case kind == "text/plain":
		s.Text = strings.ReplaceAll(body, "\r\n", "\n")
	case kind == "text/html":
		s.HTML = strings.ReplaceAll(body, "\r\n", "\n")
	case kind == "text/calendar":
		s.Method, s.Calendar = params["method"], body
	default:
		t.Fatalf("unexpected part %s", kind)
	}
	if strings.HasPrefix(kind, "text/") && params["charset"] != "UTF-8" {
		t.Errorf("%s: charset %q", kind, params["charset"])
	}
}

func readWithGoMessage(t *testing.T, data []byte) seen {
	t.Helper()
	r, err := mail.CreateReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	s := seen{ReplyTo: [][2]string{}, Attachments: [][3]string{}, Defects: []string{}, Text: p.Text, HTML: p.HTML,
		Method: p.CalendarMethod, Calendar: string(p.Calendar), MessageID: p.Get("message-id"), Tree: alternative}
	for field, to := range map[string]*[][2]string{"From": &s.From, "To": &s.To, "Reply-To": &s.ReplyTo} {
		list, err := r.Header.AddressList(field)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			*to = append(*to, [2]string{a.Name, a.Address})
		}
	}
	if s.Subject, err = r.Header.Subject(); err != nil || s.Subject != p.Subject {
		t.Errorf("subjects %q and %q, error %v", s.Subject, p.Subject, err)
	}
	for _, a := range p.Attachments {
		s.Attachments = append(s.Attachments, [3]string{a.Name, a.Type, string(a.Data)})
	}
	logo := len(p.Attachments) > 0 && p.Attachments[0].Name == "logo.png"
	switch { // this reader tells of parts, not of what holds them
	case s.Method != "" && logo:
		s.Tree = withBoth
	case s.Method != "":
		s.Tree = withInvite
	case logo:
		s.Tree = withLogo
	}
	return s
}

func lines(t testing.TB, data []byte) []string {
	t.Helper()
	if !bytes.HasSuffix(data, []byte("\r\n")) {
		t.Fatal("letter does not end in CRLF")
	}
	ls := strings.Split(strings.TrimSuffix(string(data), "\r\n"), "\r\n")
	for _, l := range ls {
		if strings.ContainsAny(l, "\r\n") {
			t.Fatalf("a line break that is not CRLF: %q", l)
		}
	}
	return ls
}

func headerLines(t testing.TB, data []byte) []string {
	t.Helper()
	ls := lines(t, data)
	return ls[:slices.Index(ls, "")]
}

func fieldNames(t testing.TB, data []byte) []string {
	t.Helper()
	var names []string
	for _, l := range headerLines(t, data) {
		if !strings.HasPrefix(l, " ") {
			name, _, _ := strings.Cut(l, ":")
			names = append(names, name)
		}
	}
	return names
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
