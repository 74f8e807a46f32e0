package main

import (
	"bytes"
	"context"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"stafett/internal/event"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
)

// plainText is the letter as it is read without HTML.
func (p posted) plainText(t *testing.T) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(p.data))
	if err != nil {
		t.Fatal(err)
	}
	return plainPart(t, m.Header.Get("Content-Type"), m.Body)
}

func plainPart(t *testing.T, kind string, body io.Reader) string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatal(err)
	}
	if kind == "text/plain" {
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return ""
	}
	for parts := multipart.NewReader(body, params["boundary"]); ; {
		part, err := parts.NextPart()
		if err == io.EOF {
			return ""
		}
		if err != nil {
			t.Fatal(err)
		}
		if text := plainPart(t, part.Header.Get("Content-Type"), part); text != "" {
			return text
		}
	}
}

// withReminder is a database in which three people signed up ten days ago for an
// event in three days, with room for two: they have been told, and are to be
// reminded.
func withReminder(t *testing.T) (file string) {
	t.Helper()
	file = newDatabase(t)
	lately := func() time.Time { return time.Now().AddDate(0, 0, -10) }
	db, err := store.Open(context.Background(), file, realOptions(lately))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ev := registrationtest.Event(t, db, inDays(3, func(c *event.Content) {
		c.RoomPlaces, c.ClosesAt = new(2), c.StartsAt.Add(-time.Hour)
	}))
	for n := range 3 {
		registrationtest.Sign(t, db, ev.ID, n+1)
	}
	err = db.Write(context.Background(), func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `UPDATE message SET status = 'sent', done_at = ?`, store.At(tx.Now))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// dueNow lets what waits for the morning go at once: these tests run at night too.
func dueNow(t *testing.T, file string) {
	t.Helper()
	db, err := store.Open(context.Background(), file, realOptions(time.Now))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Write(context.Background(), func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `UPDATE message SET due_at = ? WHERE status = 'waiting' AND due_at > ?`, store.At(tx.Now), store.At(tx.Now))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOneClickInTheReminderLeadsToTheButtonThatGivesUpThePlace(t *testing.T) {
	t.Parallel()
	office, file := openPostOffice(t), withReminder(t)
	s := beginServe(t, file, office)
	reminder := func(n int) (text, cancel string) {
		t.Helper()
		var letter posted
		await(t, "a reminder to "+registrationtest.Address(n), func() bool {
			dueNow(t, file)
			for _, l := range office.letters() {
				if l.to == registrationtest.Address(n) {
					letter = l
				}
			}
			return letter.to != ""
		})
		text = letter.plainText(t)
		return text, regexp.MustCompile(`http://\S+/r/\S+#cancel`).FindString(text)
	}
	for n, scripts := range map[int]bool{1: true, 2: false} {
		text, cancel := reminder(n)
		if !strings.Contains(words(text), "Jag kan inte komma – avanmäl mig: "+cancel) || cancel == "" {
			t.Fatalf("the letter has no way out: %s", text)
		}
		b := openTab(t, s.base)
		if !scripts {
			b.look(375, "light")
			b.scriptsOff()
		}
		b.open(cancel)
		b.reads("#cancel", "Kan du inte komma?")
		b.reads("main", "Läge Anmäld") // opening it gave up nothing
		if seen := script[bool](b, `(() => { const box = document.querySelector("#cancel button").getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; })()`); !seen {
			t.Error("the button is out of sight")
		}
		if scripts {
			b.accessible()
		} else {
			b.fits()
		}
		b.load("press the button twice", 200, chromedp.DoubleClick(chromedp.CSS(`#cancel button`)))
		b.reads("[role=status]", "Du är avanmäld")
		await(t, "the letter about it", func() bool {
			return slices.ContainsFunc(office.letters(), func(l posted) bool {
				return l.to == registrationtest.Address(n) && strings.HasPrefix(l.plainText(t), "Du är avanmäld")
			})
		})
	}
}
