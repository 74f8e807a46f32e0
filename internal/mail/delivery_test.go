package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/mail/letter"
	"stafett/internal/mail/transport"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/registration"
	"stafett/internal/store"
)

var (
	later      = transport.Result{Outcome: transport.Again, Code: 451, Enhanced: "4.3.0", Reason: message.ReasonTryLater + " 451 4.3.0"}
	refused    = transport.Result{Outcome: transport.Refused, Code: 554, Reason: message.ReasonRefused + " 554"}
	noAddress  = transport.Result{Outcome: transport.NoSuchAddress, Code: 550, Enhanced: "5.1.1", Reason: message.ReasonNoSuchAddress + " 550 5.1.1"}
	unanswered = transport.Result{Outcome: transport.Uncertain, Broken: true, Reason: message.ReasonMayHaveArrived}
	noSignIn   = transport.Result{Outcome: transport.Misconfigured, Code: 535, Broken: true, Reason: message.ReasonSignIn + " 535"}
	noServer   = transport.Result{Outcome: transport.Again, Broken: true, Reason: message.ReasonUnreachable}
)

func wantOutbox(t *testing.T, w *world, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, w.outbox()); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
}

func TestAConfirmationIsSentOnceWithItsInvitation(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.deliver()
	w.advance(48 * time.Hour)
	w.deliver()
	wantOutbox(t, w, "E02 sent")
	envelopes := w.postman.envelopes()
	if len(envelopes) != 1 {
		t.Fatalf("handed over %d times", len(envelopes))
	}
	m := w.only()
	if e := envelopes[0]; e.To != "anna@firma.example" || e.From != "bounce+"+m.ID+"@stafett.example" {
		t.Errorf("envelope from %s to %s", e.From, e.To)
	}
	p := w.last()
	got := map[string]string{"method": p.CalendarMethod, "subject": p.Subject}
	for _, name := range []string{"From", "To", "Reply-To", "Message-ID", "Content-Language", "Auto-Submitted", "In-Reply-To"} {
		got[name] = p.Get(name)
	}
	want := map[string]string{
		"method": "REQUEST", "subject": "Du har en plats: Anbudsskola, 4 mars",
		"From": `"Upphandlingsdialog" <program@stafett.example>`, "To": `"Anna Prov" <anna@firma.example>`,
		"Reply-To": "<maja.lind@region.example>", "Message-ID": "<" + m.ID + ".e02@stafett.example>",
		"Content-Language": "sv", "Auto-Submitted": "auto-generated", "In-Reply-To": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("letter (-want +got):\n%s", diff)
	}
	wantInCalendar(t, p, "UID:"+r.CalendarUID+"@stafett.example", "SEQUENCE:0", "DTSTART;TZID=Europe/Stockholm:20270304T083000")
	if m.MIME != nil {
		t.Error("the bytes, which hold links, are kept after sending")
	}
}

// calendarText is the calendar object with its folded lines joined.
func calendarText(p letter.Parsed) string {
	return strings.ReplaceAll(string(p.Calendar), "\r\n ", "")
}

func wantInCalendar(t *testing.T, p letter.Parsed, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(calendarText(p), line+"\r\n") {
			t.Errorf("the calendar object lacks %q:\n%s", line, calendarText(p))
		}
	}
}

func TestPersonalLinksWorkAndEachOnlyForItsPurpose(t *testing.T) {
	w := newWorld(t, onNet)
	r := w.signUp("Anna")
	w.deliver()
	p := w.last()
	for purpose, path := range map[registration.Purpose]string{registration.Manage: "/r/", registration.JoinMeeting: "/join/"} {
		_, rest, found := strings.Cut(p.Text, "https://stafett.example"+path)
		if !found {
			t.Fatalf("the letter has no link %s", path)
		}
		token := strings.Fields(rest)[0]
		w.read(func(ctx context.Context, tx *store.Tx) error {
			got, err := registration.FindByLink(ctx, tx, token, purpose)
			if err != nil || got.ID != r.ID {
				t.Errorf("%s leads to %q, %v", path, got.ID, err)
			}
			return nil
		})
		if inCalendar := strings.Contains(calendarText(p), path+token); inCalendar != (purpose == registration.JoinMeeting) {
			t.Errorf("the link %s in the calendar object: %v", path, inCalendar)
		}
	}
	if !strings.Contains(calendarText(p), "CONFERENCE;FEATURE=VIDEO;VALUE=URI:https://stafett.example/join/") {
		t.Errorf("the calendar object does not say how to join:\n%s", calendarText(p))
	}
	if strings.Contains(p.Text+p.HTML+calendarText(p), "meet.example") {
		t.Error("the meeting's own address has got out")
	}
}

func TestAnAttemptThatFailedSendsTheSameBytesLater(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.postman.will(later, later)
	w.deliver()
	wantOutbox(t, w, "E02 waiting try_later 451 4.3.0")
	if got := w.only().DueAt; !got.Equal(w.db.Now().Add(time.Minute)) {
		t.Errorf("due again at %v", got)
	}
	w.advance(time.Minute)
	w.deliver()
	if got := w.only().DueAt; !got.Equal(w.db.Now().Add(5 * time.Minute)) {
		t.Errorf("due for the third time at %v", got)
	}
	w.advance(5 * time.Minute)
	w.deliver()
	wantOutbox(t, w, "E02 sent")
	wantSameEnvelopes(t, w, 3)
}

func wantSameEnvelopes(t *testing.T, w *world, n int) {
	t.Helper()
	envelopes := w.postman.envelopes()
	if len(envelopes) != n {
		t.Fatalf("handed over %d times, want %d", len(envelopes), n)
	}
	for _, e := range envelopes[1:] {
		if diff := cmp.Diff(envelopes[0], e); diff != "" {
			t.Errorf("two attempts differ:\n%s", diff)
		}
	}
}

// try lets a message fail as often as it is tried, and tells how often and for
// how long that is.
func (w *world) try(answer transport.Result) (attempts int, tried time.Duration) {
	w.t.Helper()
	began := w.db.Now()
	for w.only().Status == message.Waiting {
		w.postman.will(answer)
		w.deliver()
		if attempts++; attempts > 100 {
			w.t.Fatal("it is tried for ever")
		}
		w.clock.Set(w.only().DueAt)
	}
	return attempts, w.only().DoneAt.Sub(began)
}

func TestAfterFiveDaysTheMessageHasFailedWithTheLastReason(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	attempts, tried := w.try(later)
	if tried > 5*24*time.Hour || tried < 5*24*time.Hour-4*time.Hour {
		t.Errorf("tried for %v", tried)
	}
	if attempts != 36 {
		t.Errorf("%d attempts", attempts)
	}
	wantOutbox(t, w, "E02 failed try_later 451 4.3.0")
}

func TestNothingIsTriedAfterItHasLostItsSense(t *testing.T) {
	w := newWorld(t)
	w.clock.Set(w.event.StartsAt.Add(-48 * time.Hour))
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.AddByHand(ctx, tx, registration.Request{
			EventID: w.event.ID, FirstName: "Anna", LastName: "Prov", Email: "anna@firma.example", Language: "sv",
			Organisation: registration.Organisation{Kind: registration.OfNone}, By: organiser,
		}, false)
		return err
	})
	w.try(noServer)
	if done, end := w.only().DoneAt, w.event.EndsAt; !done.Before(end) || done.Before(end.Add(-4*time.Hour)) {
		t.Errorf("tried until %v, though the event ends at %v", done, end)
	}
	wantOutbox(t, w, "E02 failed unreachable")
}

func TestARefusedMessageFailsAtOnceAndIsShown(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.signUp("Bo")
	w.postman.will(refused)
	w.deliver()
	wantOutbox(t, w, "E02 failed refused 554", "E02 sent")
	w.read(func(ctx context.Context, tx *store.Tx) error {
		c, err := message.CountOf(ctx, tx, w.event.ID)
		if c.Stuck() != 1 {
			t.Errorf("counts %+v", c)
		}
		return err
	})
}

func TestAnAddressThatDoesNotExistGetsNothingMore(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.postman.will(noAddress)
	w.deliver()
	w.withdraw(r)
	w.deliver()
	wantOutbox(t, w, "E02 failed no_such_address 550 5.1.1", "E10 failed "+message.ReasonBadAddress)
	if got := len(w.postman.envelopes()); got != 1 {
		t.Errorf("handed over %d times", got)
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		failed, err := person.EmailFailed(ctx, tx, r.Email)
		if !failed {
			t.Error("the person is not marked")
		}
		return err
	})
}

func TestAMessageThatMayHaveArrivedIsTriedTwiceMoreAndThenLeftToAnOrganiser(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.postman.will(unanswered, unanswered, unanswered)
	w.deliver()
	if got := w.only().DueAt; !got.Equal(w.db.Now().Add(15 * time.Minute)) {
		t.Errorf("due again at %v", got)
	}
	w.advance(15 * time.Minute)
	w.deliver()
	if got := w.only().DueAt; !got.Equal(w.db.Now().Add(time.Hour)) {
		t.Errorf("due for the third time at %v", got)
	}
	w.advance(time.Hour)
	w.deliver()
	wantOutbox(t, w, "E02 uncertain may_have_arrived")
	wantSameEnvelopes(t, w, 3)
}

func TestAfterACrashTheSameBytesGoOnceMore(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.postman.onSend = func() { panic("the power goes") }
	if _, err := w.mailer.Step(t.Context()); err == nil {
		t.Fatal("no panic")
	}
	w.postman.onSend = nil
	w.mailer = w.newMailer(w.postman, settings()) // the program starts again
	w.deliver()
	wantSameEnvelopes(t, w, 1) // the lease still runs
	w.advance(defaultLease)
	w.deliver()
	w.advance(defaultLease)
	w.deliver()
	wantOutbox(t, w, "E02 sent")
	wantSameEnvelopes(t, w, 2)
}

func TestAnInvitationThatMayHaveLeftBeforeACrashIsTakenBack(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.postman.onSend = func() { panic("the power goes") }
	if _, err := w.mailer.Step(t.Context()); err == nil {
		t.Fatal("no panic")
	}
	w.postman.onSend = nil
	w.withdraw(r)
	w.advance(defaultLease)
	w.deliver()
	wantOutbox(t, w, "E02 uncertain "+message.ReasonGivenUp, "E10 sent")
	if got := w.last().CalendarMethod; got != "CANCEL" {
		t.Errorf("calendar method %q", got)
	}
}

func TestWrongSettingsHaltTheQueueAndCountNothing(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.signUp("Bo")
	w.postman.will(noSignIn)
	w.deliver()
	if got := len(w.postman.envelopes()); got != 1 {
		t.Fatalf("tried %d times before the pause", got)
	}
	if got := w.run(); got.Fault != noSignIn.Reason {
		t.Errorf("noted fault %q", got.Fault)
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		all, err := message.List(ctx, tx, nil, []message.Status{message.Waiting}, 10)
		for _, m := range all {
			if m.Attempts != 0 || !m.DueAt.Equal(m.CreatedAt) {
				t.Errorf("%s: %d attempts, due %v", m.ID, m.Attempts, m.DueAt)
			}
		}
		return err
	})
	w.advance(59 * time.Second)
	w.deliver()
	if got := len(w.postman.envelopes()); got != 1 {
		t.Errorf("tried %d times within a minute", got)
	}
	w.advance(time.Second)
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E02 sent")
	if got := w.run(); got.Fault != "" {
		t.Errorf("after a good send the fault is still %q", got.Fault)
	}
}

func TestAServerThatCannotBeReachedIsNotedUntilItAnswers(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.postman.will(noServer)
	w.deliver()
	if got := w.run(); got.Fault != message.ReasonUnreachable {
		t.Errorf("noted fault %q", got.Fault)
	}
	w.postman.will(later)
	w.advance(time.Minute)
	w.deliver()
	if got := w.run(); got.Fault != "" {
		t.Errorf("a server has answered, and the fault is still %q", got.Fault)
	}
}

func TestWhoGivesUpThePlaceBeforeAnythingLeftGetsNoCalendarPart(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.advance(time.Second)
	w.moveEvent("2027-03-11 08:30", "2027-03-11 12:00")
	w.advance(time.Second)
	w.withdraw(r)
	w.deliver()
	wantOutbox(t, w, "E02 dropped "+message.ReasonGivenUp, "E15 dropped "+message.ReasonGivenUp, "E10 sent")
	if p := w.last(); p.CalendarMethod != "" || p.Get("In-Reply-To") != "" {
		t.Errorf("method %q, in reply to %q", p.CalendarMethod, p.Get("In-Reply-To"))
	}
}

func TestAnInvitationThatLeftIsTakenBackInTheSameThread(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.deliver()
	first := w.last().Get("Message-ID")
	w.advance(time.Hour)
	w.withdraw(r)
	w.deliver()
	p := w.last()
	if p.CalendarMethod != "CANCEL" || p.Get("In-Reply-To") != first || p.Get("References") != first {
		t.Errorf("method %q, in reply to %q, want %q", p.CalendarMethod, p.Get("In-Reply-To"), first)
	}
	wantInCalendar(t, p, "SEQUENCE:1", "STATUS:CANCELLED", "UID:"+r.CalendarUID+"@stafett.example", "SUMMARY;LANGUAGE=sv:Avanmäld: Anbudsskola")
}

func TestAMoveUpdatesTheInvitationThatLeft(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.deliver()
	w.advance(time.Hour)
	w.moveEvent("2027-03-11 09:00", "2027-03-11 12:00")
	w.deliver()
	p := w.last()
	wantInCalendar(t, p, "METHOD:REQUEST", "SEQUENCE:1", "DTSTART;TZID=Europe/Stockholm:20270311T090000", "UID:"+r.CalendarUID+"@stafett.example")
	if !strings.Contains(p.Text, "Tidigare tid: torsdag 4") || !strings.Contains(p.Text, "> Lokalen var upptagen.") {
		t.Errorf("the letter lacks the old time or the organiser's words:\n%s", p.Text)
	}
}

func TestOfTwoMovesInOneBreathOneIsTold(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.deliver()
	w.advance(time.Hour)
	w.moveEvent("2027-03-11 09:00", "2027-03-11 12:00")
	w.advance(time.Second)
	w.moveEvent("2027-03-18 09:00", "2027-03-18 12:00")
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E15 sent", "E15 dropped "+message.ReasonTold)
	p := w.last()
	wantInCalendar(t, p, "SEQUENCE:2", "DTSTART;TZID=Europe/Stockholm:20270318T090000")
	if !strings.Contains(p.Text, "Tidigare tid: torsdag 4") {
		t.Errorf("the letter does not name the time that the person knows:\n%s", p.Text)
	}
}

func TestAConfirmationThatHasNotLeftTellsOfTheMoveItself(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.advance(time.Second)
	w.moveEvent("2027-03-11 09:00", "2027-03-11 12:00")
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E15 dropped "+message.ReasonTold)
	p := w.last()
	wantInCalendar(t, p, "SEQUENCE:1", "DTSTART;TZID=Europe/Stockholm:20270311T090000")
	if !strings.Contains(p.Text, "Tidigare tid: torsdag 4") {
		t.Errorf("the confirmation hides that the event has moved:\n%s", p.Text)
	}
}

func TestAConfirmationOnItsWayKeepsALaterMoveWaiting(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.postman.will(later)
	w.deliver()
	w.moveEvent("2027-03-11 09:00", "2027-03-11 12:00")
	w.deliver()
	wantOutbox(t, w, "E02 waiting try_later 451 4.3.0", "E15 waiting")
	w.advance(time.Minute)
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E15 sent")
	wantInCalendar(t, w.last(), "SEQUENCE:1")
}

func TestACancelledEventDoesNotWaitForLettersThatAreTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.signUp("Bo")
	w.postman.will(later, unanswered)
	w.deliver()
	w.cancelEvent()
	w.deliver()
	wantOutbox(t, w, "E02 dropped "+message.ReasonGivenUp, "E02 uncertain "+message.ReasonGivenUp, "E14 sent", "E14 sent")
	methods := map[string]string{}
	for _, p := range w.letters()[2:] {
		methods[p.Get("To")] = p.CalendarMethod
	}
	want := map[string]string{`"Anna Prov" <anna@firma.example>`: "", `"Bo Prov" <bo@firma.example>`: "CANCEL"}
	if diff := cmp.Diff(want, methods); diff != "" {
		t.Errorf("calendar parts (-want +got):\n%s", diff)
	}
}

func TestWhoWaitsIsToldOfACancelledEventWithoutACalendarPart(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"Anna", "Bo", "Cia"} {
		w.signUp(name)
		w.advance(time.Second)
	}
	w.deliver()
	w.cancelEvent()
	w.deliver()
	methods := map[string]string{}
	for _, p := range w.letters()[3:] {
		methods[p.Get("To")] = p.CalendarMethod
	}
	want := map[string]string{`"Anna Prov" <anna@firma.example>`: "CANCEL", `"Bo Prov" <bo@firma.example>`: "CANCEL", `"Cia Prov" <cia@firma.example>`: ""}
	if diff := cmp.Diff(want, methods); diff != "" {
		t.Errorf("calendar parts (-want +got):\n%s", diff)
	}
}

func TestAPostponedEventThatHasANewDateAgainIsToldOnce(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.deliver()
	w.advance(time.Hour)
	w.postponeEvent()
	w.advance(time.Second)
	w.moveEvent("2027-04-15 09:00", "2027-04-15 12:00")
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E22 dropped "+message.ReasonNewDate, "E15 sent")
	wantInCalendar(t, w.last(), "METHOD:REQUEST", "SEQUENCE:2")
}

func TestAPostponedEventLeavesTheCalendarAndComesBack(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.deliver()
	w.advance(time.Hour)
	w.postponeEvent()
	w.deliver()
	wantInCalendar(t, w.last(), "METHOD:CANCEL", "SEQUENCE:1", "SUMMARY;LANGUAGE=sv:Framflyttat: Anbudsskola")
	w.advance(24 * time.Hour)
	w.moveEvent("2027-04-15 09:00", "2027-04-15 12:00")
	w.deliver()
	wantInCalendar(t, w.last(), "METHOD:REQUEST", "SEQUENCE:2", "UID:"+r.CalendarUID+"@stafett.example")
}

func TestWhoIsAddedWhileThereIsNoDateGetsAConfirmationWithoutOne(t *testing.T) {
	w := newWorld(t)
	w.postponeEvent()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.AddByHand(ctx, tx, registration.Request{
			EventID: w.event.ID, FirstName: "Anna", LastName: "Prov", Email: "anna@firma.example", Language: "sv",
			Organisation: registration.Organisation{Kind: registration.OfNone}, By: organiser,
		}, false)
		return err
	})
	w.deliver()
	wantOutbox(t, w, "E02 sent")
	if p := w.last(); p.CalendarMethod != "" || strings.Contains(p.Text, "2027") {
		t.Errorf("method %q, text:\n%s", p.CalendarMethod, p.Text)
	}
}

func TestRemindersThatNoLongerHoldAreDropped(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*world, registration.Registration)
		want   string
	}{
		{"the place was given up", func(w *world, r registration.Registration) { w.withdraw(r) }, "E19 dropped " + message.ReasonGivenUp},
		{"the event has another time", func(w *world, _ registration.Registration) { w.moveEvent("2027-03-11 09:00", "2027-03-11 12:00") }, "E19 dropped " + message.ReasonOffDate},
		{"the event has no date", func(w *world, _ registration.Registration) { w.postponeEvent() }, "E19 dropped " + message.ReasonOffDate},
		{"the event has begun", func(w *world, _ registration.Registration) { w.clock.Set(w.event.StartsAt) }, "E19 dropped " + message.ReasonLate},
		{"nothing has changed", func(*world, registration.Registration) {}, "E19 sent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			r := w.signUp("Anna")
			w.deliver()
			w.advance(time.Hour)
			w.remind(r, message.DayBefore)
			w.advance(time.Second)
			tt.change(w, r)
			w.deliver()
			if got := w.outbox()[1]; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAReminderThatCouldNotGoInTimeSaysWhy(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.deliver()
	w.clock.Set(w.event.StartsAt.Add(-time.Minute))
	w.remind(r, message.DayBefore)
	w.postman.will(later)
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E19 dropped dropped_late_try_later 451 4.3.0")
}

func TestALetterThatWaitedTooLongForAnotherAttemptSaysWhy(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.postman.will(later)
	w.deliver()
	w.clock.Set(w.event.EndsAt) // nothing ran until then
	w.deliver()
	wantOutbox(t, w, "E02 failed dropped_late_try_later 451 4.3.0")
}

func TestWhoHasGotAPlaceIsNotToldThatTheyWait(t *testing.T) {
	w := newWorld(t)
	anna := w.signUp("Anna")
	w.signUp("Bo")
	w.signUp("Cia") // waits
	w.advance(time.Second)
	w.withdraw(anna)
	w.deliver()
	want := []string{"E02 dropped " + message.ReasonGivenUp, "E02 sent", "E03 dropped " + message.ReasonNoLongerWaiting}
	if diff := cmp.Diff(want, w.outbox()[:3]); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
}

func TestChangesGoInTheirOrderAndRemindersLast(t *testing.T) {
	w := newWorld(t)
	anna := w.signUp("Anna")
	w.deliver()
	w.advance(time.Hour)
	w.remind(anna, message.DayBefore)
	w.advance(time.Second)
	w.signUp("Bo")
	w.advance(time.Second)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		c := w.event.Content
		c.VenueName = "Biblioteket"
		_, err := registration.UpdateEvent(ctx, tx, w.event.ID, w.event.Revision, c, "", organiser)
		return err
	})
	w.deliver()
	var order []string
	for _, p := range w.letters()[1:] {
		_, kind, _ := strings.Cut(p.Get("Message-ID"), ".")
		kind, _, _ = strings.Cut(kind, "@")
		order = append(order, kind)
	}
	if diff := cmp.Diff([]string{"e02", "e15", "e19"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestWhatIsLetGoAgainAfterTheEventDoesNotSpeakOfItAsToCome(t *testing.T) {
	w := newWorld(t)
	w.postman.will(refused)
	anna := w.signUp("Anna")
	w.deliver()
	w.clock.Set(at(t, "2027-03-03 09:00"))
	w.postman.will(refused)
	w.remind(anna, message.DayBefore)
	w.deliver()
	w.clock.Set(at(t, "2027-03-05 10:00"))
	before := len(w.letters())
	w.write(func(ctx context.Context, tx *store.Tx) error {
		n, err := message.SendAgain.DoSome(ctx, tx, message.Filter{Reach: message.Reach{Personal: true}}, 10)
		if n != 2 {
			t.Errorf("%d letters go again", n)
		}
		return err
	})
	w.deliver()
	if n := len(w.letters()) - before; n > 0 {
		t.Errorf("%d letters, the last of them %q", n, w.last().Subject)
	}
	wantOutbox(t, w, "E02 failed "+message.ReasonLate, "E19 dropped "+message.ReasonLate)
}

func TestADomainGetsItsShareAndTheOthersGoOn(t *testing.T) {
	hundred := 100
	w := newWorld(t, func(c *event.Content) { c.RoomPlaces = &hundred })
	s := settings()
	s.DomainRate, s.Rate = 3, 5
	w.mailer = w.newMailer(w.postman, s)
	for i := range 6 {
		w.signUp(fmt.Sprintf("P%d", i))
	}
	w.advance(time.Second)
	for i := range 4 {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := registration.Register(ctx, tx, registration.Request{
				EventID: w.event.ID, FirstName: "Q", LastName: "Prov", Email: fmt.Sprintf("q%d@annan.example", i), Language: "sv",
				Organisation: registration.Organisation{Kind: registration.OfNone},
			})
			return err
		})
	}
	counts := func() map[string]int {
		n := map[string]int{}
		for _, e := range w.postman.envelopes() {
			n[domainOf(e.To)]++
		}
		return n
	}
	w.deliver()
	if diff := cmp.Diff(map[string]int{"firma.example": 3, "annan.example": 2}, counts()); diff != "" {
		t.Errorf("first minute (-want +got):\n%s", diff)
	}
	w.advance(time.Minute)
	w.deliver()
	if diff := cmp.Diff(map[string]int{"firma.example": 6, "annan.example": 4}, counts()); diff != "" {
		t.Errorf("second minute (-want +got):\n%s", diff)
	}
}

func TestADomainThatAsksUsToSlowDownGetsHalf(t *testing.T) {
	p := &pace{mostDomain: 4}
	now := time.Date(2027, 1, 13, 9, 0, 0, 0, time.UTC)
	p.note("firma.example", now)
	p.note("firma.example", now)
	if got := p.full(now); got != nil {
		t.Errorf("full: %v", got)
	}
	p.slow("firma.example", now)
	if diff := cmp.Diff([]string{"firma.example"}, p.full(now)); diff != "" {
		t.Error(diff)
	}
	if got := p.full(now.Add(time.Minute)); got != nil {
		t.Errorf("full after a minute: %v", got)
	}
	if got := p.full(now.Add(-3 * time.Hour)); got != nil {
		t.Errorf("full when the clock is put back: %v", got)
	}
}

func TestTwoMailersNeverSendOneMessageTwice(t *testing.T) {
	hundred := 100
	w := newWorld(t, func(c *event.Content) { c.RoomPlaces = &hundred })
	for i := range 30 {
		w.signUp(fmt.Sprintf("P%d", i))
	}
	var wait sync.WaitGroup
	for range 3 {
		m := w.newMailer(w.postman, settings())
		wait.Go(func() {
			for {
				worked, err := m.Step(context.Background())
				if err != nil && !store.IsBusy(err) {
					t.Error(err)
					return
				}
				if err == nil && !worked {
					return
				}
			}
		})
	}
	wait.Wait()
	times := map[string]int{}
	for _, e := range w.postman.envelopes() {
		times[e.To]++
	}
	if len(times) != 30 {
		t.Errorf("%d people got a letter", len(times))
	}
	for to, n := range times {
		if n != 1 {
			t.Errorf("%s got %d letters", to, n)
		}
	}
}

func TestANameCannotAddAHeaderOrAnAdvertisement(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.write(func(ctx context.Context, tx *store.Tx) error { // as an import or an older release may have let it in
		_, err := store.Exec(ctx, tx, `UPDATE registration SET first_name = ?, last_name = ? WHERE id = ?`,
			"Anna\r\nBcc: alla@firma.example\r\n\r\n<script>", "ATTENDEE:mailto:x@y.example", r.ID)
		return err
	})
	w.deliver()
	p := w.last()
	for _, name := range []string{"Bcc", "Cc"} {
		if got := p.Get(name); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := w.postman.envelopes()[0].To; got != "anna@firma.example" {
		t.Errorf("recipient %q", got)
	}
	if strings.Contains(p.HTML, "<script>") || strings.Count(calendarText(p), "\r\nATTENDEE") != 1 {
		t.Error("a name became markup or a property")
	}
	if strings.Contains(p.Text+p.HTML+p.Get("To"), "alla@firma.example") {
		t.Errorf("the name advertises:\n%s", p.Text)
	}
}

func TestAFaultInOneLetterDoesNotStopTheOthers(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE message SET recipient = 'no address'`)
		return err
	})
	w.advance(time.Second)
	w.signUp("Bo")
	w.deliver()
	wantOutbox(t, w, "E02 waiting "+message.ReasonNotWritten, "E02 sent")
}

func TestAnUnknownKindOfMessageIsDropped(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.deliver()
	w.remind(r, "E99")
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E99 dropped "+message.ReasonNoText)
}

func TestAStopBeforeTheLetterIsHandedOverCountsNothing(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	taken, _, err := w.mailer.turn(t.Context(), nil, 1)
	if err != nil || len(taken) != 1 {
		t.Fatal(taken, err)
	}
	back := returned{Message: taken[0], Result: transport.Result{Outcome: stopped, Reason: message.ReasonStopped}}
	if _, _, err := w.mailer.turn(t.Context(), []returned{back}, 0); err != nil {
		t.Fatal(err)
	}
	if m := w.only(); m.Attempts != 0 || m.Reason != "" {
		t.Errorf("%d attempts, reason %q", m.Attempts, m.Reason)
	}
	w.deliver() // at once: the lease has been given back
	wantOutbox(t, w, "E02 sent")
}

func TestTheMessageInHandIsFinishedWhenTheProgramEnds(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.signUp("Bo")
	ctx, cancel := context.WithCancel(t.Context())
	w.postman.onSend = cancel
	if err := w.mailer.Run(ctx); err != nil {
		t.Fatal(err)
	}
	wantOutbox(t, w, "E02 sent", "E02 waiting")
	w.postman.onSend = nil
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E02 sent")
	if w.postman.closed != 1 {
		t.Errorf("the connection was closed %d times", w.postman.closed)
	}
}

func TestRunNotesOnceAMinuteThatItRuns(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		after time.Duration
		want  time.Duration // since the beginning
	}{{0, 0}, {59 * time.Second, 0}, {time.Second, time.Minute}} {
		w.advance(tt.after)
		if err := w.mailer.noteRun(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := w.run().At.Sub(start()); got != tt.want {
			t.Errorf("noted %v after the beginning, want %v", got, tt.want)
		}
	}
}

func start() time.Time { return time.Date(2027, 1, 13, 9, 0, 0, 0, time.UTC) }

func TestAPreviewStoresNothingAndOpensNothing(t *testing.T) {
	w := newWorld(t, onNet)
	w.signUp("Anna")
	m := w.only()
	w.read(func(ctx context.Context, tx *store.Tx) error {
		r, err := w.mailer.Preview(ctx, tx, m)
		if err != nil {
			return err
		}
		if r.Method != "REQUEST" || flat(r.Subject) != "Du har en plats: Anbudsskola, 4 mars" || !strings.Contains(r.Text, "/r/preview\n") || !strings.Contains(r.HTML, "/join/preview") {
			t.Errorf("preview %+v", r)
		}
		_, err = registration.FindByLink(ctx, tx, "preview", registration.Manage)
		if err == nil {
			t.Error("the preview's link opens something")
		}
		return nil
	})
	if got := w.only(); !got.PreparedAt.IsZero() {
		t.Error("the preview has prepared the message")
	}
}

func TestAPreviewNeedsNobodyWhoTakesPart(t *testing.T) {
	w := newWorld(t)
	w.read(func(ctx context.Context, tx *store.Tx) error {
		for _, l := range message.All() {
			r, err := w.mailer.Preview(ctx, tx, message.Message{Letter: l, Language: "nn", EventID: w.event.ID})
			if err != nil {
				t.Errorf("%s: %v", l, err)
			}
			if !strings.Contains(r.Text, "Hei Anna!") && !strings.Contains(r.Text, "Hei!") && !strings.Contains(r.Text, "Hei Eva!") || r.Method != l.Method() {
				t.Errorf("%s: method %q, text:\n%s", l, r.Method, r.Text)
			}
		}
		_, err := w.mailer.Preview(ctx, tx, message.Message{Letter: message.Confirmed, Language: "fi", EventID: w.event.ID})
		if err == nil {
			t.Error("a preview in a language that we do not write")
		}
		_, err = w.mailer.Preview(ctx, tx, message.Message{Letter: message.Confirmed, Language: "sv", EventID: "nothing"})
		if !errors.Is(err, errGone) {
			t.Errorf("a preview for no event: %v", err)
		}
		return nil
	})
}

func TestPausesCanBeShortenedForEveryKindOfAttempt(t *testing.T) {
	w := newWorld(t)
	s := settings()
	s.Retry = []time.Duration{2 * time.Second, 3 * time.Second}
	w.mailer = w.newMailer(w.postman, s)
	w.signUp("Anna")
	w.postman.will(noSignIn, unanswered, unanswered, later)
	for _, pause := range []time.Duration{0, 2 * time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second} {
		w.advance(pause)
		if !w.step() {
			t.Errorf("nothing to do after %v", pause)
		}
	}
	wantOutbox(t, w, "E02 sent")
}

func TestJitterIsAFifthEitherWay(t *testing.T) {
	for chance, want := range map[float64]time.Duration{0: 48 * time.Second, 0.5: time.Minute, 0.999999: 72 * time.Second} {
		s := Settings{Jitter: func() float64 { return chance }}
		if got := s.retry(0).Round(time.Second); got != want {
			t.Errorf("chance %v: %v, want %v", chance, got, want)
		}
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	good := settings()
	for name, change := range map[string]func(*Settings){
		"no address of the site":     func(s *Settings) { s.BaseURL = "" },
		"an address of another kind": func(s *Settings) { s.BaseURL = "ftp://stafett.example" },
		"no sender":                  func(s *Settings) { s.FromEmail = "" },
		"a sender with a name":       func(s *Settings) { s.FromEmail = "Stafett <a@stafett.example>" },
		"a reply address of no use":  func(s *Settings) { s.ReplyTo = "info" },
	} {
		s := good
		change(&s)
		if _, err := New(nil, texts(t), places(t), nil, slog.New(slog.DiscardHandler), s); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	s, err := Settings{BaseURL: "https://stafett.example/", FromEmail: "Program@Stafett.example", Lease: 10 * time.Second}.complete()
	if err != nil {
		t.Fatal(err)
	}
	if s.BaseURL != "https://stafett.example" || s.FromEmail != "program@stafett.example" || s.Timeout != 9*time.Second {
		t.Errorf("settings %+v", s)
	}
}

func TestNamesThatLookLikeLinksAreLeftOut(t *testing.T) {
	for name, want := range map[string]string{
		"Åsa":                     "Åsa",
		"  Anna \n Karin ":        "Anna Karin",
		"A. B. Berg":              "A. B. Berg",
		"vinn.example":            "",
		"Se https://x":            "",
		"WWW.x":                   "",
		strings.Repeat("å", 200):  strings.Repeat("å", 60),
		"Anna på firma.se i dag":  "",
		"Conny O'Brien-Svensson":  "Conny O'Brien-Svensson",
		"Dr. Öberg (f.d. Lindén)": "Dr. Öberg (f.d. Lindén)",
	} {
		if got := typedName(name); got != want {
			t.Errorf("typedName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestAnOrganiserCanLetAMessageGoAgain(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.deliver()
	w.advance(time.Hour)
	w.moveEvent("2027-03-11 09:00", "2027-03-11 12:00")
	w.postman.will(unanswered, unanswered, unanswered)
	for range 3 {
		w.deliver()
		w.advance(time.Hour + time.Second)
	}
	wantOutbox(t, w, "E02 sent", "E15 uncertain may_have_arrived")
	w.write(func(ctx context.Context, tx *store.Tx) error {
		all, err := message.List(ctx, tx, nil, []message.Status{message.Uncertain}, 10)
		if err != nil {
			return err
		}
		_, err = message.SendAgain.Do(ctx, tx, all[0].ID)
		return err
	})
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E15 sent")
	wantInCalendar(t, w.last(), "METHOD:REQUEST", "SEQUENCE:1")
}

func TestWhatMayHaveLeftIsStillTakenBackAfterItWasLetGoAgain(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.postman.will(unanswered, unanswered, unanswered)
	for range 3 {
		w.deliver()
		w.advance(time.Hour + time.Second)
	}
	id := w.only().ID
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := message.SendAgain.Do(ctx, tx, id)
		return err
	})
	w.withdraw(r)
	w.deliver()
	wantOutbox(t, w, "E02 uncertain "+message.ReasonGivenUp, "E10 sent")
	if got := w.last().CalendarMethod; got != "CANCEL" {
		t.Errorf("calendar method %q", got)
	}
}
