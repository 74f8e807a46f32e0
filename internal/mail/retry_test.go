package mail

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/mail/transport"
	"stafett/internal/message"
)

func TestThePausesBetweenAttemptsGrowToFourHours(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	var minutes []float64
	for range 9 {
		w.postman.will(later)
		w.deliver()
		pause := w.only().DueAt.Sub(w.db.Now())
		minutes = append(minutes, pause.Minutes())
		w.advance(pause)
	}
	if diff := cmp.Diff([]float64{1, 5, 15, 30, 60, 120, 240, 240, 240}, minutes); diff != "" {
		t.Errorf("pauses in minutes (-want +got):\n%s", diff)
	}
}

func TestADomainThatHasEnoughOfUsGetsHalfForTenMinutes(t *testing.T) {
	for _, tt := range []struct {
		answer transport.Result
		want   []int // letters in the first minute, the second, and after ten
	}{
		{transport.Result{Outcome: transport.Again, Code: 421, Reason: message.ReasonTryLater + " 421"}, []int{2, 2, 4}},
		{transport.Result{Outcome: transport.Again, Code: 450, Enhanced: "4.7.1", Reason: message.ReasonTryLater + " 450 4.7.1"}, []int{2, 2, 4}},
		{transport.Result{Outcome: transport.Again, Code: 452, Enhanced: "4.2.2", Reason: message.ReasonTryLater + " 452 4.2.2"}, []int{4, 4, 4}}, // a full mailbox
	} {
		w := newWorld(t, roomy)
		s := settings()
		s.DomainRate, s.Retry = 4, []time.Duration{time.Hour}
		w.mailer = w.newMailer(w.postman, s)
		w.crowd(12, 1)
		w.postman.will(tt.answer)
		var got []int
		for _, pause := range []time.Duration{time.Minute, 9 * time.Minute, time.Minute} {
			before := len(w.postman.envelopes())
			w.deliver()
			got = append(got, len(w.postman.envelopes())-before)
			w.advance(pause)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("after %d %s: letters (-want +got):\n%s", tt.answer.Code, tt.answer.Enhanced, diff)
		}
	}
}

func TestAConfirmationThatIsTriedAgainDoesNotPutAPostponedEventBackIntoTheCalendar(t *testing.T) {
	for _, tt := range []struct {
		name    string
		first   transport.Result
		outbox  []string
		methods []string // of the letters after the first attempt
	}{
		{"it has surely not left, and is written anew, without a date", later, []string{"E02 sent", "E22 sent"}, []string{"e22 ", "e02 "}},
		{"it may have left, and is taken back", unanswered, []string{"E02 uncertain " + message.ReasonTold, "E22 sent"}, []string{"e22 CANCEL"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.signUp("Anna")
			w.postman.will(tt.first)
			w.deliver()
			w.postponeEvent()
			w.deliver()
			w.advance(time.Hour)
			w.deliver()
			wantOutbox(t, w, tt.outbox...)
			var methods []string
			for _, p := range w.letters()[1:] {
				_, kind, _ := strings.Cut(p.Get("Message-ID"), ".")
				kind, _, _ = strings.Cut(kind, "@")
				methods = append(methods, kind+" "+p.CalendarMethod)
				if strings.Contains(p.Text, "4 mars 2027") && kind == "e02" {
					t.Errorf("the date that is no longer true:\n%s", p.Text)
				}
			}
			if diff := cmp.Diff(tt.methods, methods); diff != "" {
				t.Errorf("letters and their calendar parts (-want +got):\n%s", diff)
			}
		})
	}
}

// A server that is away over the night and back before the event finds the
// letters of it: they are tried until shortly before it would be too late.
func TestWhatStillMakesSenseIsTriedUntilItDoesNot(t *testing.T) {
	for _, tt := range []struct {
		name, back string
		want       string
	}{
		{"the server is back an hour and a half before the start", "2027-03-04 07:00", "E19 sent"},
		{"it is back ten minutes before", "2027-03-04 08:20", "E19 sent"},
		{"it is not back in time", "2027-03-04 08:45", "E19 dropped dropped_late_try_later 451 4.3.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, onNet)
			anna := w.signUp("Anna")
			w.deliver()
			w.clock.Set(at(t, "2027-03-03 09:00"))
			w.remind(anna, message.DayBefore)
			w.postman.onSend = func() { w.postman.answers = []transport.Result{later} }
			var sentAt time.Time
			for now := w.db.Now(); now.Before(w.event.EndsAt); now = now.Add(5 * time.Minute) {
				w.clock.Set(now)
				if !now.Before(at(t, tt.back)) {
					w.postman.onSend, w.postman.answers = nil, nil
				}
				w.deliver()
				if sentAt.IsZero() && strings.HasSuffix(w.outbox()[1], "sent") {
					sentAt = now
				}
			}
			if got := w.outbox()[1]; got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if limit := w.event.StartsAt; sentAt.After(limit) {
				t.Errorf("sent at %v, after the start", sentAt)
			}
		})
	}
}
