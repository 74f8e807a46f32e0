package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/store"
	"stafett/internal/user"
)

// atFirst writes to the demo's database from outside, as at the moment at which its
// clock began to tick.
func (d demo) atFirst(t *testing.T, do func(context.Context, *store.Tx) error) {
	t.Helper()
	now, err := parseMoment(demoDay)
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), d.database, realOptions(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Write(t.Context(), func(tx *store.Tx) error { return do(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// about waits for the newest letter to an address with these words in its subject.
func (d demo) about(t *testing.T, address, subject string) mailed {
	t.Helper()
	nth := 0
	await(t, "a letter about "+subject, func() bool {
		all := d.lettersTo(t, address)
		for i, m := range all {
			if strings.Contains(m.subject, subject) {
				nth = len(all) - i
				return true
			}
		}
		return false
	})
	return d.letter(t, address, nth)
}

// stayedAway is who stayed away from the demo's learning seminar, who now comes for a
// company of which nobody was there.
func stayedAway(t *testing.T, d demo) (registrationID, eventID, email string) {
	t.Helper()
	d.atFirst(t, func(ctx context.Context, tx *store.Tx) error {
		if _, err := store.Exec(ctx, tx, `
			UPDATE registration SET company_id = (SELECT id FROM company WHERE name LIKE 'Vansbro Grafiska%')
			WHERE status = 'no_show' AND event_id = (SELECT id FROM event WHERE slug = 'lar-leksand')`); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `
			SELECT r.id, r.event_id, p.email FROM registration r JOIN person p ON p.id = r.person_id JOIN event e ON e.id = r.event_id
			WHERE r.status = 'no_show' AND e.slug = 'lar-leksand'`).Scan(&registrationID, &eventID, &email)
	})
	return registrationID, eventID, email
}

// The whole way of advice: an organiser marks who was at the seminar, the company hears
// that it can book, books and declares, the organiser grants the aid and registers it,
// the invitation comes, the adviser enters the time, and the company sees what is left.
func TestFromTheSeminarToTheHoursLeft(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	registrationID, eventID, email := stayedAway(t, d)

	organiser := openTab(t, d.base)
	organiser.signIn(d)
	organiser.open("/admin/events/" + eventID + "/roster")
	row := "#row-" + registrationID + " "
	organiser.click(row + `details:has([name="mark"]) > summary`)
	organiser.fill("why-"+registrationID, "Kom sent, genom den andra dörren.")
	organiser.follow(row + `button[name="mark"][value="present"]`)
	d.atFirst(t, func(ctx context.Context, tx *store.Tx) error { // the clock does so every quarter of an hour
		_, err := advisory.TellEligible(ctx, tx)
		return err
	})

	owner := openTab(t, d.base)
	owner.open(d.about(t, email, "Nu kan ni boka").link("/advice/"))
	owner.follow(`.facts-action a`) // asks who it is
	owner.fill("email", email)
	owner.follow(askButton)
	owner.open(d.about(t, email, "Min sida").link("/me/link/"))
	owner.follow(`form[action^="/me/link/"] button`)
	owner.reads("h1", "Boka tid")
	owner.open("/me/advice/udd-5h?minutes=30&meeting=online")
	owner.reads(".hours-left", "5 timmar kvar av 5 timmar")
	owner.follow(`.times a`)
	owner.fill("need", "Vi vill lämna anbud på tryckta broschyrer.")
	owner.follow(`main .form button[type="submit"]`)
	booking, _, _ := strings.Cut(owner.path(), "?")
	owner.reads("dd .status-dot", "Väntar")
	owner.follow(`.steps a.ds-button`)
	id := strings.TrimPrefix(owner.path(), "/me/aid/")
	owner.open("/me")
	owner.follow(`#aid a[href$="` + id + `"]`)
	declares(owner)
	grants(organiser, id)

	confirmed := d.about(t, email, "Din tid är bokad")
	for _, line := range []string{"METHOD:REQUEST", "DTSTART", "DTEND", "ORGANIZER", "ATTENDEE", "SEQUENCE:0"} {
		if !confirmed.has(line) {
			t.Errorf("the invitation has no %s: %q", line, confirmed.calendarLines)
		}
	}
	if confirmed.calendar != "REQUEST" || !strings.Contains(words(confirmed.text), "4,5 timmar av 5 timmar") || confirmed.link("/b/") == "" {
		t.Errorf("the confirmation is %+v", confirmed)
	}
	owner.open(booking)
	owner.reads("dd .status-dot", "Bekräftad")
	owner.open("/me/aid/" + id)
	owner.reads("main", "401,79")
	if table := done(t, "export", "aid", "--database", d.database); !strings.Contains(table, `"eAIR-17"`) || !strings.HasPrefix(table, "\ufeff\"grant_id\"") {
		t.Errorf("the export is\n%s", table)
	}

	link, meeting := passes(t, d, strings.TrimPrefix(booking, "/me/bookings/"))
	adviser := openTab(t, d.base)
	settles(adviser, link, meeting)
	if settled := d.about(t, email, "Så mycket tid använde ni"); !strings.Contains(words(settled.text), "4,5 timmar") {
		t.Errorf("the letter after the meeting is %s", settled.text)
	}
	owner.open("/me/hours")
	owner.reads(".hours-left", "4,5 timmar kvar av 5 timmar")
	owner.reads(".hours-key", "Använt: 30 minuter")
	owner.accessible()
}

// declares fills in the declaration of state aid that the tab shows: none, three times.
func declares(owner *tab) {
	owner.t.Helper()
	owner.accessible()
	const submit = `main form .form-actions button`
	owner.refusedBy(submit, 422)
	owner.accessible()
	for _, answer := range []string{"#has_other", "#has_linked", "#primary", "#true"} {
		owner.click(answer)
	}
	owner.follow(submit)
	owner.reads("main", "Tack! Vi har fått intyget")
	owner.accessible()
}

// grants decides on the case of aid and registers it.
func grants(organiser *tab, id string) {
	organiser.t.Helper()
	organiser.open("/admin/advice/aid?show=decide")
	organiser.accessible()
	organiser.follow(`td a[href$="` + id + `"]`)
	organiser.put("rate", "11,2000")
	organiser.follow(`form[action$="/grant"] button[name="calculate"]`)
	organiser.reads("#worth", "401,79")
	organiser.refusedBy(`form[action$="/grant"] button:not([name])`, 422)
	organiser.accessible()
	organiser.fill("number", "2026/17")
	organiser.put("nace", "96.01")
	organiser.follow(`form[action$="/grant"] button:not([name])`)
	organiser.reads("main", "Stödet är beviljat")
	organiser.fill("reference", "eAIR-17")
	organiser.follow(`form[action$="/register"] button`)
	organiser.reads("main", "markerat som registrerat")
	organiser.accessible()
}

// passes lets the days until a meeting pass: it was at seven in the morning. The link
// signs its adviser in.
func passes(t *testing.T, d demo, id string) (link string, meeting advisory.Booking) {
	t.Helper()
	d.atFirst(t, func(ctx context.Context, tx *store.Tx) (err error) {
		if meeting, err = advisory.BookingByID(ctx, tx, id); err != nil {
			return err
		}
		back := meeting.StartsAt.Sub(time.Date(tx.Now.Year(), tx.Now.Month(), tx.Now.Day(), 6, 0, 0, 0, time.UTC))
		at := func(when time.Time) any { return store.At(when.Add(-back)) }
		if _, err = store.Exec(ctx, tx, `UPDATE booking SET starts_at = ?, ends_at = ?, blocked_from = ?, blocked_to = ? WHERE id = ?`,
			at(meeting.StartsAt), at(meeting.EndsAt), at(meeting.BlockedFrom), at(meeting.BlockedTo), id); err != nil {
			return err
		}
		if meeting, err = advisory.BookingByID(ctx, tx, id); err != nil {
			return err
		}
		a, err := advisory.AdviserByID(ctx, tx, meeting.AdviserID)
		if err != nil {
			return err
		}
		token, err := user.NewLink(ctx, tx, a.UserID, user.SignInLink, time.Hour)
		link = "/sign-in/link/" + token
		return err
	})
	return link, meeting
}

// settles enters the time of a meeting on a phone, in two taps.
func settles(b *tab, link string, meeting advisory.Booking) {
	b.t.Helper()
	b.look(375, "light")
	b.open(link)
	b.follow(`main form button[type="submit"]`)
	b.reads("h1", "Min dag")
	b.accessible()
	b.look(375, "light")
	year, week := meeting.StartsAt.In(meeting.Location()).ISOWeek()
	b.open(fmt.Sprintf("/adviser/week?week=%d-W%02d", year, week))
	b.reads(".week", "Vansbro Grafiska")
	b.accessible()
	b.look(375, "light")
	b.open("/adviser")
	card := `.meeting:has(a[href="/adviser/bookings/` + meeting.ID + `"]) `
	b.click(card + `.meeting-deed:has([action$="/time"]) > summary`)
	b.follow(card + `form[action$="/time"] button`)
	b.reads("[role=status]", "Tiden är sparad. Företaget får ett brev.")
	b.open("/adviser/bookings/" + meeting.ID)
	b.reads("main", "30 angivna, 30 räknas")
	b.reads("main", "4,5 timmar kvar av 5 timmar")
	b.accessible()
	b.open("/adviser/availability")
	b.accessible()
}
