package main

import (
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// download asks for an address without a browser; it must be answered 200.
func download(t *testing.T, address string) (body string, header http.Header) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d: %s", address, answer.StatusCode, b)
	}
	return string(b), answer.Header
}

func document(t *testing.T, address string) *goquery.Document {
	t.Helper()
	body, _ := download(t, address)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// mailed is one letter of the demo's mailbox.
type mailed struct {
	path          string // of its page
	to, subject   string
	calendar      string // REQUEST, CANCEL or nothing
	text          string
	calendarLines []string // of the attached file, each line whole
}

// link is the first address in the letter's text with the path, without the part
// of the page that it leads to.
func (m mailed) link(path string) string {
	return regexp.MustCompile(`http://\S+` + path + `[^\s#]*`).FindString(m.text)
}

// has reports whether a line of the calendar file begins so.
func (m mailed) has(prefix string) bool {
	for _, l := range m.calendarLines {
		if strings.HasPrefix(l, prefix) {
			return true
		}
	}
	return false
}

// uid is by what a calendar knows the entry again.
func (m mailed) uid() string {
	for _, l := range m.calendarLines {
		if strings.HasPrefix(l, "UID:") {
			return l
		}
	}
	return ""
}

// everyLetter is the mailbox, the newest letter first.
func (d demo) everyLetter(t *testing.T) (letters []mailed) {
	t.Helper()
	document(t, d.base+"/dev/mail").Find(".mail-list li").Each(func(_ int, s *goquery.Selection) {
		path, _ := s.Find("a").Attr("href")
		letters = append(letters, mailed{path: path, to: s.Find(".mail-who").Text(), subject: s.Find(".mail-subject").Text(), calendar: s.Find(".ds-tag").Text()})
	})
	return letters
}

// lettersTo is what has come for an address, the newest first.
func (d demo) lettersTo(t *testing.T, address string) []mailed {
	t.Helper()
	return slices.DeleteFunc(d.everyLetter(t), func(m mailed) bool { return m.to != address })
}

// letter waits for the nth letter to an address, 1 the first, and reads it, with
// its calendar file as it is downloaded.
func (d demo) letter(t *testing.T, address string, nth int) (m mailed) {
	t.Helper()
	await(t, "a letter to "+address, func() bool {
		letters := d.lettersTo(t, address)
		if len(letters) >= nth {
			m = letters[len(letters)-nth]
		}
		return len(letters) >= nth
	})
	doc := document(t, d.base+m.path)
	m.text = doc.Find("details > pre.mail-text").First().Text()
	if file, ok := doc.Find(`a[href*="/attachment/"]`).Attr("href"); ok {
		body, header := download(t, d.base+file)
		if got := header.Get("Content-Disposition"); got != `attachment; filename="invite.ics"` {
			t.Errorf("the calendar file is sent as %q", got)
		}
		m.calendarLines = strings.Split(strings.ReplaceAll(body, "\r\n ", ""), "\r\n")
	}
	return m
}
