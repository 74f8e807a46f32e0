package mail

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/store"
)

func byInvitation(c *event.Content) { c.AudienceMode = event.AudienceInvite }

// invite makes an invitation; an empty address makes a code for several.
func (w *world) invite(address string) (i registration.Invitation) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		i, err = registration.Invite(ctx, tx, w.event.ID, "", address, nil, organiser)
		return err
	})
	return i
}

func TestWhoIsInvitedGetsALetterWithTheLinkAndACodeForSeveralGoesToNobody(t *testing.T) {
	w := newWorld(t, byInvitation)
	i := w.invite("Bo@firma.example")
	w.invite("")
	w.deliver()
	if got := w.outbox(); !slices.Equal(got, []string{"E24 sent"}) {
		t.Fatalf("the outbox has %q", got)
	}
	l := w.last()
	for _, want := range []string{"https://stafett.example/events/" + w.event.Slug + "/register?code=" + i.Code, "Upphandlingsdialog bjuder in dig", "Maja Lind"} {
		if !strings.Contains(l.Text, want) {
			t.Errorf("the letter does not say %q:\n%s", want, l.Text)
		}
	}
	if to := w.postman.envelopes()[0].To; to != "bo@firma.example" {
		t.Errorf("it went to %s", to)
	}
	if got := w.only().CalendarMethod; got != "" {
		t.Errorf("it carries the calendar method %q", got)
	}
}

func TestALetterWithAnInvitationThatOpensNothingIsDropped(t *testing.T) {
	for name, tt := range map[string]struct {
		then func(w *world, i registration.Invitation)
		want string
	}{
		"it is revoked": {func(w *world, i registration.Invitation) {
			w.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := registration.Revoke(ctx, tx, i.ID, organiser)
				return err
			})
		}, "E24 dropped dropped_gone"},
		"the event is cancelled": {func(w *world, _ registration.Invitation) { w.cancelEvent() }, "E24 dropped dropped_off_date"},
		"it has no date":         {func(w *world, _ registration.Invitation) { w.postponeEvent() }, "E24 dropped dropped_off_date"},
		"sign-up is closed":      {func(w *world, _ registration.Invitation) { w.clock.Set(w.event.ClosesAt) }, "E24 failed dropped_late"},
		"it has been used": {func(w *world, i registration.Invitation) {
			w.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := registration.Register(ctx, tx, registration.Request{
					EventID: w.event.ID, FirstName: "Bo", LastName: "Prov", Email: i.Email, Language: "sv", Code: i.Code,
					Organisation: registration.Organisation{Kind: registration.OfNone},
				})
				return err
			})
		}, "E24 dropped dropped_signed_up"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, byInvitation)
			i := w.invite("bo@firma.example")
			tt.then(w, i)
			w.deliver()
			if got := w.outbox(); got[0] != tt.want {
				t.Errorf("%q, want %q first", got, tt.want)
			}
		})
	}
}

func TestWhoWasInvitedToAnEventWithoutADateHearsOfTheNewOne(t *testing.T) {
	w := newWorld(t, byInvitation)
	w.postponeEvent()
	w.invite("bo@firma.example")
	w.deliver()
	if got := w.outbox(); len(got) != 0 {
		t.Fatalf("written already: %q", got)
	}
	w.advance(time.Minute)
	w.moveEvent("2027-03-11 08:30", "2027-03-11 12:00")
	w.deliver()
	if got := w.outbox(); !slices.Equal(got, []string{"E24 sent"}) {
		t.Fatalf("the outbox has %q", got)
	}
	if text := w.last().Text; !strings.Contains(breakable(text), "torsdag 11 mars 2027") {
		t.Errorf("the letter says\n%s", text)
	}
}
