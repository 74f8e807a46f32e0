package main

import (
	"testing"
	"time"

	"stafett/internal/message"
)

// An organiser writes a reminder of their own, also without scripts, and looks at
// it and at the programme's.
func TestAnOrganiserEditsTheReminders(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	b.signIn(d)
	event := b.find("dialog-borlange")
	b.open(event)
	b.follow(`main a[href$="/reminders"]`)
	b.accessible()
	b.follow(`main a[href$="/reminders/new"]`)
	b.refusedBy(`main form button[type="submit"]`, 422)
	b.reads("#texts .field-error", "Skriv ämnesrad och text")
	b.accessible()
	b.open("/admin/programmes/upphandlingsakuten/reminders")
	b.accessible()
	b.follow(`tr a[href$="/preview"]`)
	b.accessible()
	b.look(375, "dark")
	for _, path := range []string{event + "/reminders", event + "/reminders/new", "/admin/programmes/upphandlingsakuten/reminders"} {
		b.open(path)
		b.fits()
	}

	b.scriptsOff()
	b.open(event + "/reminders/new")
	b.fill("subject_sv", "Ta med en fråga")
	b.fill("body_sv", "Läs [vägledningen](https://region.example/v) innan du kommer.")
	b.follow(`main form button[type="submit"]`)
	b.reads("[role=status]", "Påminnelsen är sparad")
	b.reads("main table", "Ta med en fråga")
}

// The command says why each reminder goes, and to whom.
func TestTheReasonOfAReminderIsToldInWords(t *testing.T) {
	r := message.Reminder{EventTitle: "Anbud", StartsAt: time.Date(2027, 3, 10, 8, 0, 0, 0, time.UTC)}
	for _, tt := range []struct {
		rule message.Rule
		want string
	}{
		{message.Rule{Audience: message.WithPlace, Mode: "room", Anchor: "start", Unit: "days", Amount: 7}, `7 days before the start of "Anbud" (2027-03-10 08:00), to those with a place in the room`},
		{message.Rule{Audience: message.OnList, Anchor: "closes", Unit: "working_days", Amount: 2, AtClock: "09:00"}, `2 working days at 09:00 before registration closes, for "Anbud" (2027-03-10 08:00), to those who wait`},
		{message.Rule{Audience: message.WithPlace, Anchor: "closes", After: true, Unit: "hours", Amount: 1}, `1 hour after registration closed, for "Anbud" (2027-03-10 08:00), to those with a place`},
		{message.Rule{Audience: message.WithOffer, Anchor: "offer", Unit: "hours", Amount: 3}, `3 hours before the answer to an offer is due, for "Anbud" (2027-03-10 08:00), to those with an open offer`},
		{message.Rule{Audience: message.WhoWasAbsent, Anchor: "end", After: true, Unit: "days", Amount: 1}, `1 day after the end of "Anbud" (2027-03-10 08:00), to those who stayed away`},
		{message.Rule{Audience: message.Organisers, Anchor: "start", Unit: "minutes", Amount: 90}, `90 minutes before the start of "Anbud" (2027-03-10 08:00), to the organiser`},
	} {
		r.Rule = tt.rule
		if got := why(r, time.UTC); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}
