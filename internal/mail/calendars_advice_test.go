package mail

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/mail/letter"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/store"
	"stafett/internal/user"
)

// advised is a meeting of a company with an adviser in the world of a test.
type advised struct {
	*world
	programme advisory.Programme
	adviser   advisory.Adviser
	who       person.Person
	booking   advisory.Booking
}

// newSession books an hour online with Eva, a Monday ahead.
func newSession(w *world) *advised {
	w.t.Helper()
	s := &advised{world: w}
	five := 300
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		if s.programme, err = advisory.AddProgramme(ctx, tx, advisory.Programme{
			ProgrammeID: w.event.ProgrammeID, Slug: "radgivning", Status: advisory.Open, Language: "sv", Prerequisite: advisory.NoPrerequisite,
			CapMinutes: &five, CapPer: advisory.PerCompany, CapPeriod: "programme", Currency: "SEK", VATPercent: 25, PriceMinor: 200_00, StepMinutes: 30,
			LeadMinutes: 60, FreeCancelMinutes: 24 * 60, HorizonDays: 60, LateFree: 1, LateChargeMinutes: 30, MissedChargeMinutes: 60,
			MaxReschedules: 2, SettleStepMinutes: 5, AidRegime: "none", AidReason: "open to all on equal terms",
			Lengths: []int{30, 60}, Meetings: advisory.Meetings(), Audiences: []string{"supplier_sme"},
			Texts: map[string]advisory.Text{"sv": {Name: "Rådgivning om anbud", Summary: "Egna timmar.", Preparation: "Förfrågningsunderlaget"}},
		}, organiser); err != nil {
			return err
		}
		u, err := user.Add(ctx, tx, "eva@radgivare.example", "Eva Ek", "sv", []user.Grant{{Role: user.Adviser, ProgrammeID: w.event.ProgrammeID}})
		if err != nil {
			return err
		}
		id := tx.NewID()
		if _, err := store.Exec(ctx, tx, `INSERT INTO adviser (id, user_id, country, time_zone, join_url, created_at) VALUES (?, ?, 'SE', 'Europe/Stockholm', 'https://video.example/eva', ?)`, id, u.ID, store.At(tx.Now)); err != nil {
			return err
		}
		for day := 1; day <= 5; day++ {
			if _, err := store.Exec(ctx, tx, `INSERT INTO availability (id, adviser_id, weekday, from_clock, to_clock) VALUES (?, ?, ?, '08:00', '18:00')`, tx.NewID(), id, day); err != nil {
				return err
			}
		}
		if _, err := store.Exec(ctx, tx, `INSERT INTO adviser_programme (adviser_id, advisory_programme_id) VALUES (?, ?)`, id, s.programme.ID); err != nil {
			return err
		}
		if s.adviser, err = advisory.AdviserByID(ctx, tx, id); err != nil {
			return err
		}
		firm, err := company.Ensure(ctx, tx, "SE", "5566778899", "Snickarna i Älvdalen AB")
		if err != nil {
			return err
		}
		if s.who, err = person.Ensure(ctx, tx, person.Person{Email: "anna@snickarna.example", FirstName: "Anna", LastName: "Lind", Language: "sv"}); err != nil {
			return err
		}
		s.booking, err = advisory.Book(ctx, tx, advisory.Request{
			AdvisoryProgrammeID: s.programme.ID, StartsAt: at(w.t, "2027-01-25 10:00"), Minutes: 60, Meeting: advisory.Online, CompanyID: firm.ID,
			PersonID: s.who.ID, Language: "sv", Need: "Vi ska lämna anbud på fönster till en skola.",
		}, s.self())
		return err
	})
	return s
}

func (s *advised) self() audit.Actor { return audit.Actor{Kind: "person", ID: s.who.ID} }

func (s *advised) move(clock string) {
	s.t.Helper()
	s.write(func(ctx context.Context, tx *store.Tx) (err error) {
		s.booking, err = advisory.Reschedule(ctx, tx, s.booking.ID, at(s.t, clock), 0, "", false, s.self())
		return err
	})
}

func (s *advised) cancel() {
	s.t.Helper()
	s.write(func(ctx context.Context, tx *store.Tx) (err error) {
		s.booking, err = advisory.Cancel(ctx, tx, s.booking.ID, "", true, s.self())
		return err
	})
}

// adviceTale is what two calendars are told of one meeting.
func adviceTale(s *tale) {
	meeting := newSession(s.world)
	both := func(name, method string, sequence int) {
		s.t.Helper()
		s.deliver()
		b := meeting.booking
		for _, side := range []struct{ name, to, toName, uid, title string }{
			{"company", meeting.who.Email, "Anna Lind", b.CalendarUID, "Rådgivning om anbud med Eva Ek"},
			{"adviser", meeting.adviser.Email, "Eva Ek", b.AdviserUID(meeting.adviser.ID), "Rådgivning om anbud: Snickarna i Älvdalen AB"},
		} {
			var found letter.Parsed
			for _, l := range s.letters() {
				if strings.Contains(l.Get("To"), side.to) && l.CalendarMethod != "" {
					found = l
				}
			}
			s.chapters = append(s.chapters, chapter{name + "_" + side.name, found, calendarFacts{
				method: method, uid: side.uid + "@stafett.example", zone: "Europe/Stockholm", title: side.title, sequence: sequence,
				start: b.StartsAt, end: b.EndsAt, from: "program@stafett.example", fromName: "Upphandlingsdialog", to: side.to, toName: side.toName,
			}})
		}
	}
	both("1_booked", "REQUEST", 0)
	s.advance(time.Hour)
	meeting.move("2027-01-26 13:00")
	both("2_moved", "REQUEST", 1)
	s.advance(time.Hour)
	meeting.cancel()
	both("3_cancelled", "CANCEL", 2)
}

// What was cancelled before any letter left says so without a word to a calendar,
// and of a meeting that was moved before then there is one invitation.
func TestWhatNeverLeftTakesNothingOutOfACalendar(t *testing.T) {
	s := newSession(newWorld(t))
	s.advance(time.Minute)
	s.move("2027-01-26 13:00")
	s.advance(time.Minute)
	s.cancel()
	s.deliver()
	if diff := cmp.Diff([]string{"B3 dropped dropped_given_up", "B15 dropped dropped_given_up", "B6 dropped dropped_given_up", "B15 dropped dropped_given_up", "B7 sent", "B15b sent"}, s.outbox()); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
	for _, l := range s.letters() {
		if l.CalendarMethod != "" {
			t.Errorf("%q has something for a calendar", l.Subject)
		}
	}
}

func TestOneInvitationOfAMeetingMovedBeforeItLeft(t *testing.T) {
	s := newSession(newWorld(t))
	s.advance(time.Minute)
	s.move("2027-01-26 13:00")
	s.deliver()
	if diff := cmp.Diff([]string{"B3 sent", "B15 sent", "B6 dropped dropped_told", "B15 dropped dropped_told"}, s.outbox()); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
	for _, l := range s.letters() {
		if !strings.Contains(string(l.Calendar), "20270126T130000") || !strings.Contains(string(l.Calendar), "SEQUENCE:1") {
			t.Errorf("%q has not the new time", l.Subject)
		}
	}
}

// A reminder is decided on again when it is sent: nobody is reminded of a meeting
// that is off, or at another time.
func TestNobodyIsRemindedOfAMeetingThatIsOff(t *testing.T) {
	for name, change := range map[string]func(*advised){
		"cancelled": func(s *advised) { s.cancel() },
		"moved":     func(s *advised) { s.move("2027-01-28 13:00") },
	} {
		s := newSession(newWorld(t))
		s.deliver()
		s.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := message.Enqueue(ctx, tx, message.Request{
				Key: "test", Letter: message.BookingReminder, Recipient: s.who.Email, Language: "sv", ProgrammeID: s.event.ProgrammeID, BookingID: s.booking.ID,
				Details: message.Details{ForStart: s.booking.StartsAt.Format(time.RFC3339)}, NotBefore: at(t, "2027-01-22 09:00"), NotAfter: s.booking.StartsAt,
			})
			return err
		})
		change(s)
		s.clock.Set(at(t, "2027-01-22 09:00"))
		s.deliver()
		for _, line := range s.outbox() {
			if strings.HasPrefix(line, "B12") && !strings.HasPrefix(line, "B12 dropped") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}
