package mail

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/calendar/calendartest"
	"stafett/internal/event"
	"stafett/internal/mail/letter"
	"stafett/internal/municipality"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// chapter is the calendar that one letter brought, and what it must say.
type chapter struct {
	name string
	got  letter.Parsed
	want calendarFacts
}

// tale collects what people's calendars are told, as it happens.
type tale struct {
	*world
	chapters []chapter
	ids      []string // of registrations, in the order in which calendars hear of them
}

// tells takes the newest letter to the person, once everything that waits has been
// delivered.
func (s *tale) tells(name string, r registration.Registration, method string, sequence int) {
	s.t.Helper()
	s.deliver()
	var found letter.Parsed
	for _, l := range s.letters() {
		if strings.Contains(l.Get("To"), r.Email) && l.CalendarMethod != "" {
			found = l
		}
	}
	now := s.found(r.ID)
	s.chapters = append(s.chapters, chapter{name, found, calendarFacts{
		method: method, uid: r.CalendarUID + "@stafett.example", zone: s.event.TimeZone, title: s.event.Title, sequence: sequence,
		start: s.event.StartsAt, end: s.event.EndsAt, from: "program@stafett.example", fromName: "Upphandlingsdialog",
		to: r.Email, toName: r.Name(), online: now.Mode == event.Online,
	}})
}

func (s *tale) found(id string) (r registration.Registration) {
	s.t.Helper()
	s.read(func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = registration.Find(ctx, tx, id)
		return err
	})
	return r
}

// does runs one step that a person or an organiser takes, some hours later.
func (s *tale) does(step func(context.Context, *store.Tx) error) {
	s.t.Helper()
	s.advance(3 * time.Hour)
	s.write(step)
}

func self(r registration.Registration) audit.Actor {
	return audit.Actor{Kind: "person", ID: r.PersonID}
}

func hybrid(c *event.Content) { c.Mode, c.JoinURL = event.Hybrid, "https://meet.example/abc" }

// tales are what can happen to a place, each told by the program itself: what
// people do, the letters that follow, and the bytes that leave.
var tales = []struct {
	name  string
	event func(*event.Content)
	tell  func(*tale)
}{
	{"moved_and_cancelled", nil, func(s *tale) {
		anna := s.signUp("Anna")
		s.tells("1_invited", anna, "REQUEST", 0)
		s.advance(time.Hour)
		s.moveEvent("2027-03-11 09:00", "2027-03-11 12:30")
		s.tells("2_moved", anna, "REQUEST", 1)
		s.advance(time.Hour)
		s.cancelEvent()
		s.tells("3_cancelled", anna, "CANCEL", 2)
	}},
	{"postponed", nil, func(s *tale) {
		anna := s.signUp("Anna")
		s.deliver()
		s.advance(time.Hour)
		s.postponeEvent()
		s.tells("1_postponed", anna, "CANCEL", 1)
		s.advance(time.Hour)
		s.moveEvent("2027-10-31 09:00", "2027-10-31 12:00") // the day on which summer time ends
		s.tells("2_dated_again", anna, "REQUEST", 2)
	}},
	{"handed_over", nil, func(s *tale) {
		anna := s.signUp("Anna")
		s.deliver()
		var bo registration.Registration
		s.does(func(ctx context.Context, tx *store.Tx) (err error) {
			bo, err = registration.Transfer(ctx, tx, anna.ID, registration.Request{
				FirstName: "Bo", LastName: "Ek", Email: "bo@firma.example", Language: "sv", By: self(anna),
			})
			return err
		})
		s.tells("1_old", anna, "CANCEL", 1)
		s.tells("2_new", bo, "REQUEST", 0)
		if anna.CalendarUID == bo.CalendarUID {
			s.t.Error("two people share a UID")
		}
	}},
	{"from_the_list", nil, func(s *tale) {
		anna, bo := s.signUp("Anna"), s.signUp("Bo")
		cia := s.signUp("Cia")
		s.deliver()
		for _, l := range s.letters() {
			if strings.Contains(l.Get("To"), cia.Email) && l.CalendarMethod != "" {
				s.t.Error("somebody who waits has it in the calendar")
			}
		}
		s.does(func(ctx context.Context, tx *store.Tx) error {
			_, err := registration.Withdraw(ctx, tx, bo.ID, self(bo), "")
			return err
		})
		s.tells("1_given_up", bo, "CANCEL", 1)
		s.does(func(ctx context.Context, tx *store.Tx) error {
			_, err := registration.Accept(ctx, tx, cia.ID, self(cia))
			return err
		})
		s.tells("2_accepted", cia, "REQUEST", 0)
		s.tells("3_nobody_else", anna, "REQUEST", 0)
	}},
	{"another_way", hybrid, func(s *tale) {
		var o registration.Outcome
		s.does(func(ctx context.Context, tx *store.Tx) (err error) {
			o, err = registration.Register(ctx, tx, registration.Request{
				EventID: s.event.ID, Mode: event.Room, FirstName: "Anna", LastName: "Prov", Email: "anna@firma.example", Language: "sv",
				Organisation: registration.Organisation{Kind: registration.OfNone},
			})
			return err
		})
		anna := o.Registration
		s.tells("1_room", anna, "REQUEST", 0)
		s.does(func(ctx context.Context, tx *store.Tx) error {
			_, err := registration.ChangeMode(ctx, tx, anna.ID, event.Online, self(anna))
			return err
		})
		s.tells("2_online", anna, "REQUEST", 1)
		s.does(func(ctx context.Context, tx *store.Tx) error {
			_, err := registration.ChangeMode(ctx, tx, anna.ID, event.Room, self(anna))
			return err
		})
		s.tells("3_room_again", anna, "REQUEST", 2)
	}},
	{"advice", nil, adviceTale},
	{"online", func(c *event.Content) {
		onNet(c)
		c.TimeZone, c.Title = "Europe/Oslo", `Anbud; "krav", pris \ kvalitet`
		c.Municipality = municipality.Code{}
	}, func(s *tale) {
		s.tells("1_invited", s.signUp("Anna"), "REQUEST", 0)
	}},
}

// counted finds the ids that the test's database counts up.
var counted = regexp.MustCompile(`(id-\d+-)?id-\d+@`)

// named replaces ids by the names of the registrations in the story: how many rows
// an event has by itself is nobody's business here.
func (s *tale) named(calendar string) string {
	return counted.ReplaceAllStringFunc(calendar, func(id string) string {
		i := slices.Index(s.ids, id)
		if i < 0 {
			i, s.ids = len(s.ids), append(s.ids, id)
		}
		return fmt.Sprintf("registration-%d@", i+1)
	})
}

// Registration, letter, bytes: what a calendar is told in the course of a place is
// kept to be read by eye, and is understood alike by readers that share nothing
// with us.
func TestWhatACalendarIsToldInTheCourseOfAPlace(t *testing.T) {
	var all []chapter
	var names []string
	var files [][]byte
	for _, story := range tales {
		w := &tale{world: newWorld(t, func(c *event.Content) {
			if story.event != nil {
				story.event(c)
			}
		})}
		story.tell(w)
		for _, c := range w.chapters {
			c.name = story.name + "_" + c.name
			all, names, files = append(all, c), append(names, c.name), append(files, c.got.Calendar)
			goldenCalendar(t, c.name+".ics", w.named(string(c.got.Calendar)))
			if c.got.CalendarMethod != c.want.method || len(c.got.Attachments) == 0 || string(c.got.Attachments[0].Data) != string(c.got.Calendar) {
				t.Errorf("%s: the letter brings %s, want %s twice", c.name, c.got.CalendarMethod, c.want.method)
			}
		}
	}
	for i, got := range calendartest.Read(t, names, files) {
		checkCalendar(t, names[i], got, all[i].want)
	}
	found, err := filepath.Glob("testdata/calendars/*.ics")
	if err != nil || len(found) != len(all) {
		t.Errorf("testdata/calendars has %d files, want %d (%v)", len(found), len(all), err)
	}
}

func goldenCalendar(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata/calendars", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
