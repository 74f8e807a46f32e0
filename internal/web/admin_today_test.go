package web

import (
	"context"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// ran notes that everything has run, the reminders with the fault or without.
func (d *desk) ran(fault string) {
	d.t.Helper()
	d.ranAll("reminders", fault)
}

// ranAll notes that everything has run, one of it with a fault.
func (d *desk) ranAll(job, fault string) {
	d.t.Helper()
	storetest.Write(d.t, d.s.DB, func(tx *store.Tx) error {
		for _, r := range message.Regulars {
			f := ""
			if r.Name == job {
				f = fault
			}
			if err := message.NoteRun(context.Background(), tx, r.Name, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestTodayIsQuietWhenNothingNeedsAHand(t *testing.T) {
	d := newDesk(t, nil)
	d.ran("")
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	doc := d.see("/admin")
	wants(t, plain(doc.Find("main")), "Inget behöver dig just nu", "Inget evenemang idag", "Onsdag 13 januari 2027", d.ev.Title, "1 / 30")
	if n := doc.Find(".todo-list li").Length(); n != 0 {
		t.Errorf("%d things to do", n)
	}
	if got := plain(doc.Find(".stat-tiles")); got != "Kommande evenemang1 Anmälda till dem1 På reservlista0 Skickade brev0de senaste sju dagarna" {
		t.Errorf("figures: %q", got)
	}
	if n := doc.Find(`#runs ~ details .status-dot[data-color="success"]`).Length(); n != len(message.Regulars) {
		t.Errorf("%d things run", n)
	}
}

func TestTodayShowsWhatNeedsAHand(t *testing.T) {
	d := newDesk(t, func(c *event.Content) {
		registrationtest.Online(c)
		c.JoinURL, c.JoinPromisedOn, c.MinParticipants = "", "2027-03-09", new(5)
	})
	d.ran("fault")
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	draft := registrationtest.Content()
	draft.Title = "Ännu ett utkast"
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := event.Create(context.Background(), tx, d.ev.ProgrammeID, "", draft, registrationtest.Organiser)
		return err
	})
	d.finish(message.Failed, "no such address")
	todo := plain(d.see("/admin").Find(".todo-list"))
	wants(t, todo, "Ett brev gick inte fram", "Ännu ett utkast", "Något som ska gå av sig självt står still")
	lacks(t, todo, "Länken till mötet saknas")

	d.clock.Set(registrationtest.Starts.Add(-48 * time.Hour))
	doc := d.seeAgain("/admin")
	wants(t, plain(doc.Find(".todo-list")), "Länken till mötet saknas")
	wants(t, plain(doc.Find("#runs ~ dl")), "Står still sedan", "Ett fel i systemet")
	if n := doc.Find(`#runs ~ dl .status-dot[data-color="danger"]`).Length(); n != len(message.Regulars) {
		t.Errorf("%d things are shown as late", n)
	}
}

func TestTodayShowsAJobThatFails(t *testing.T) {
	for _, job := range message.Regulars {
		d := newDesk(t, nil)
		d.ranAll(job.Name, "fault")
		doc := d.see("/admin")
		wants(t, plain(doc.Find(".todo-list")), "Något som ska gå av sig självt står still")
		if n := doc.Find(`#runs ~ dl .status-dot[data-color="danger"]`).Length(); n != 1 {
			t.Errorf("%s fails, %d are shown", job.Name, n)
		}
	}
}

// What runs every minute is late before what runs every hour, and that before
// what runs once a day.
func TestEachJobHasItsOwnTimeToBeLate(t *testing.T) {
	d := newDesk(t, nil)
	d.ran("")
	ran := d.clock.Now()
	for _, after := range []time.Duration{4 * time.Minute, 30 * time.Minute, 3 * time.Hour, 27 * time.Hour} {
		d.clock.Set(ran.Add(after))
		want := 0
		for _, job := range message.Regulars {
			if after > job.Within {
				want++
			}
		}
		if n := d.seeAgain("/admin").Find(`#runs ~ dl .status-dot[data-color="danger"]`).Length(); n != want {
			t.Errorf("after %v %d are late, want %d", after, n, want)
		}
	}
}

func TestAnEventWithTooFewPeopleIsShownAWeekBefore(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.MinParticipants = new(5) })
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	lacks(t, plain(d.see("/admin").Find(".todo-list")), "av minst 5")
	d.clock.Set(registrationtest.Starts.Add(-72 * time.Hour))
	wants(t, plain(d.seeAgain("/admin").Find(".todo-list")), "1 anmäld av minst 5")
}

func TestTodayLeadsToTheAttendanceOfTodaysEvents(t *testing.T) {
	d := newDesk(t, nil)
	d.clock.Set(registrationtest.Starts.Add(-2 * time.Hour))
	doc := d.seeAgain("/admin")
	if got := doc.Find(`.todo-list a.ds-button[href$="/roster"]`).AttrOr("href", ""); got != d.at("/roster") {
		t.Errorf("the list leads to %q", got)
	}
}

// finish ends the message that is due next.
func (d *desk) finish(status message.Status, reason string) string {
	d.t.Helper()
	var id string
	storetest.Write(d.t, d.s.DB, func(tx *store.Tx) error {
		m, _, err := message.Claim(context.Background(), tx, time.Minute, message.Room{})
		if err != nil {
			return err
		}
		id = m.ID
		return message.Finish(context.Background(), tx, m.ID, status, reason)
	})
	return id
}

// seeAgain signs in anew, for sessions end when the clock is moved far, and
// opens a page.
func (d *desk) seeAgain(path string) *goquery.Document {
	d.t.Helper()
	d.again()
	return d.see(path)
}
