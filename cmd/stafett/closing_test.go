package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
)

// heldLately is a database in which three people signed up ten days ago for an
// event that has ended an hour ago.
func heldLately(t *testing.T) (file string, ev event.Event, people []registration.Registration) {
	t.Helper()
	file = newDatabase(t)
	lately := func() time.Time { return time.Now().AddDate(0, 0, -10) }
	db, err := store.Open(context.Background(), file, realOptions(lately))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ev = registrationtest.Event(t, db, func(c *event.Content) {
		c.EndsAt = time.Now().UTC().Truncate(time.Second).Add(-time.Hour)
		c.StartsAt = c.EndsAt.Add(-3 * time.Hour)
	})
	for n := range 3 {
		people = append(people, registrationtest.Sign(t, db, ev.ID, n+1))
	}
	return file, ev, people
}

// enter lets an organiser in by a link from the command line.
func (b *tab) enter(s server, file string) {
	b.t.Helper()
	said := done(b.t, "user", "add", "--email", "karin@region.example", "--name", "Karin Lind", "--role", "organiser", "--base-url", s.base, "--database", file)
	b.open(regexp.MustCompile(`http://\S+`).FindString(said))
	b.fill("password", "fyra ord efter varandra")
	b.fill("again", "fyra ord efter varandra")
	b.follow(`main form button[type="submit"]`)
	b.reads("h1", "Idag")
}

func TestClosingTheAttendanceTellsWhoeverStayedAwayOnce(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %t", scripts), func(t *testing.T) {
			t.Parallel()
			file, ev, people := heldLately(t)
			s := beginServe(t, file, openPostOffice(t))
			b := openTab(t, s.base)
			b.enter(s, file)
			see := b.accessible
			if !scripts {
				b.look(375, "light")
				b.scriptsOff()
				see = b.fits
			}
			row := func(n int) string { return "#row-" + people[n].ID + " " }

			b.open("/admin/events/" + ev.ID + "/roster")
			for n := range 2 {
				b.follow(row(n) + `form[action$="/attendance"] button[value="present"]`)
				b.reads("[role=status]", "Närvaron är noterad.")
			}
			b.open("/admin/events/" + ev.ID + "/close")
			b.reads("main", "2 är noterade som närvarande.")
			b.reads("main", "En person noteras som utebliven och får ett vänligt brev.")
			see()
			b.follow(`main form[action$="/close"] button`)
			b.reads("[role=status]", "Närvaroregistreringen är avslutad.")
			b.reads(row(2), "Uteblev")
			b.open("/admin/events/" + ev.ID + "/close")
			b.reads("main", "Närvaroregistreringen är redan avslutad")
			see()

			b.open("/admin/events/" + ev.ID + "/roster")
			b.click(row(2) + ".row-actions > details:not(.menu) > summary")
			present := row(2) + `form[action$="/reconsider"] button[value="present"]`
			b.refusedBy(present, 422)
			b.reads("#why-"+people[2].ID+"-error", "Fyll i uppgiften")
			see()
			b.fill("why-"+people[2].ID, "Kom efter pausen")
			b.follow(present)
			b.reads("[role=status]", "Närvaron är noterad.")
			b.reads(row(2), "Närvarande")
			b.open("/admin/events/" + ev.ID)
			b.reads("main", "Noterades som närvarande: Person Nummer 3")
			b.reads("main", "Kom efter pausen")

			s.end(t)
			seed(t, file, func(db *store.DB) {
				for n, want := range []int{0, 0, 1} {
					if got := lettersOf(t, db, people[n], message.StayedAway); got != want {
						t.Errorf("%d letters to %s about having stayed away, want %d", got, people[n].Name(), want)
					}
				}
			})
		})
	}
}

// lettersOf counts the letters of one kind to somebody.
func lettersOf(t *testing.T, db *store.DB, r registration.Registration, kind message.Letter) (n int) {
	t.Helper()
	err := db.Read(context.Background(), func(tx *store.Tx) error {
		all, err := message.OfRegistration(context.Background(), tx, r.ID)
		n = len(slices.DeleteFunc(all, func(m message.Message) bool { return m.Letter != kind }))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
