package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// mailingTo signs so many people up in one go, beside one whose letter has failed.
func mailingTo(t *testing.T, people int) (file string) {
	t.Helper()
	file, ev := withSeminar(t)
	seed(t, file, func(db *store.DB) {
		registrationtest.Sign(t, db, ev.ID, 0)
		storetest.Write(t, db, func(tx *store.Tx) error {
			m, _, err := message.Claim(context.Background(), tx, time.Minute, message.Room{})
			if err != nil {
				return err
			}
			if err := message.Finish(context.Background(), tx, m.ID, message.Failed, "refused 550 5.7.1"); err != nil {
				return err
			}
			// It was written long before the others, which are written in one go.
			if _, err := store.Exec(context.Background(), tx, `UPDATE message SET created_at = ?`, store.At(tx.Now.Add(-time.Hour))); err != nil {
				return err
			}
			for n := range people {
				if _, err := registration.Register(context.Background(), tx, registrationtest.Request(ev.ID, n+1)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return file
}

// Whoever has moved an event wants to see the letters go. The bar moves by itself,
// says so to who listens at each quarter only, and stops asking when all have gone.
func TestALargeMailingIsFollowedWhileItGoesOut(t *testing.T) {
	t.Parallel()
	file, post := mailingTo(t, 24), openPostOffice(t)
	post.hold = make(chan struct{})
	p := begin(t, append(serveArgs(file, post), "--mail-timeout", "60s", "--mail-lease", "90s")...)
	s := server{p, p.find(t, p.stderr, `"base_url":"(http://[^"]+)"`)[1]}
	b := openTab(t, s.base)
	b.enter(s, file)
	b.open("/admin/messages")
	b.reads(".mail-progress", "0 av 24 skickade")
	b.accessible()
	script[bool](b, `(window.heard = [], new MutationObserver(() => heard.push(document.querySelector("[data-say]").textContent)).observe(document.querySelector("[data-say]"), {childList: true}), true)`)
	shows := func(want string) {
		t.Helper()
		await(t, want, func() bool { return strings.Contains(b.text(".mail-progress"), want) })
	}
	for range 3 {
		post.hold <- struct{}{}
	}
	shows("3 av 24 skickade")
	if heard := script[[]string](b, `heard`); len(heard) != 0 {
		t.Errorf("who listens is told of every tick: %q", heard)
	}
	if script[bool](b, `document.querySelector(".mail-progress p:last-child > a").checkVisibility()`) {
		t.Error("what moves by itself has a link to refresh it")
	}
	for range 4 {
		post.hold <- struct{}{}
	}
	shows("7 av 24 skickade")
	close(post.hold)
	shows("24 av 24 skickade")
	shows("Klart")
	heard := script[[]string](b, `heard`)
	if len(heard) < 2 || heard[0] != "Bekräftelse: 25 procent klart" || heard[len(heard)-1] != "Bekräftelse: 100 procent klart" {
		t.Errorf("who listens hears %q", heard)
	}
	if script[bool](b, `"live" in document.querySelector(".mail-progress").dataset`) {
		t.Error("it goes on asking")
	}

	b.follow(`.state-tabs a[href$="status=failed"]`)
	b.reads("tbody", "E-postservern vägrade ta emot brevet (550 5.7.1).")
	b.accessible()
	b.follow(`tbody .cell-main a`)
	b.reads("h1", "Bekräftelse")
	b.accessible()
	b.follow(`form[action$="/retry"] button`)
	b.reads("[role=status]", "Brevet skickas igen.")
	await(t, "the letter that had failed", func() bool { return len(post.letters()) == 25 })
	s.end(t)
}
