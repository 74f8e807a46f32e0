package mail

import (
	"context"
	"strings"
	"testing"

	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/store"
)

func (w *world) saysNo(r registration.Registration) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error { return registration.CalendarSaidNo(ctx, tx, r.ID, 99) })
}

func TestWhoseCalendarSaidNoIsAskedAndGivesUpThePlaceByTheButton(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.deliver()
	w.saysNo(r)
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E25 sent")
	l := w.last()
	if !strings.Contains(l.Text, "/r/") || !strings.Contains(l.Text, "#cancel") || len(l.Calendar) > 0 {
		t.Errorf("the letter says:\n%s", l.Text)
	}
	if l.Get("Auto-Submitted") != "auto-generated" {
		t.Error("other programs may answer it")
	}
}

func TestNobodyIsAskedAboutWhatHasChangedMeanwhile(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*world, registration.Registration)
		want   string
	}{
		"the place is given up":  {func(w *world, r registration.Registration) { w.withdraw(r) }, message.ReasonGivenUp},
		"the event has moved":    {func(w *world, _ registration.Registration) { w.moveEvent("2027-03-11 08:30", "2027-03-11 12:00") }, message.ReasonOffDate},
		"the event has no date":  {func(w *world, _ registration.Registration) { w.postponeEvent() }, message.ReasonOffDate},
		"the event is cancelled": {func(w *world, _ registration.Registration) { w.cancelEvent() }, message.ReasonGivenUp},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.signUp("Anna")
			w.deliver()
			w.saysNo(r)
			tt.change(w, r)
			w.deliver()
			if got := strings.Join(w.outbox(), ", "); !strings.Contains(got, "E25 dropped "+tt.want) {
				t.Errorf("the outbox has %s", got)
			}
		})
	}
}
