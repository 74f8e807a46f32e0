package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/person"
	"stafett/internal/store"
	"stafett/internal/user"
)

// metLately is a database in which an adviser had a meeting of half an hour that
// ended less than an hour ago, booked two days before. The link signs the adviser in.
func metLately(t *testing.T) (file, link string, meeting advisory.Booking) {
	t.Helper()
	file = newDatabase(t)
	start := time.Now().Truncate(30 * time.Minute).Add(-time.Hour)
	at := func(when time.Time, do func(context.Context, *store.Tx) error) {
		t.Helper()
		db, err := store.Open(context.Background(), file, realOptions(func() time.Time { return when }))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.Write(context.Background(), func(tx *store.Tx) error { return do(context.Background(), tx) }); err != nil {
			t.Fatal(err)
		}
	}
	at(start.AddDate(0, 0, -2), func(ctx context.Context, tx *store.Tx) error {
		all, a, err := addAdvice(ctx, tx, unchanged)
		if err != nil {
			return err
		}
		firm, err := company.Ensure(ctx, tx, "SE", "5566778899", "Snickarna i Älvdalen AB")
		if err != nil {
			return err
		}
		who, err := person.Ensure(ctx, tx, person.Person{Email: "anna@snickarna.example", FirstName: "Anna", LastName: "Lind", Language: "sv"})
		if err != nil {
			return err
		}
		meeting, err = advisory.Book(ctx, tx, advisory.Request{
			AdvisoryProgrammeID: all[0].ID, StartsAt: start, Minutes: 30, AdviserID: a.ID, Meeting: advisory.Phone, Phone: "070-174 06 05", CompanyID: firm.ID, PersonID: who.ID,
			Language: "sv", Need: "Vi ska lämna anbud på fönster till en skola.",
		}, audit.System)
		return err
	})
	at(time.Now(), func(ctx context.Context, tx *store.Tx) error {
		u, err := user.FindByEmail(ctx, tx, "eva@radgivare.example")
		if err != nil {
			return err
		}
		token, err := user.NewLink(ctx, tx, u.ID, user.SignInLink, time.Hour)
		link = "/sign-in/link/" + token
		return err
	})
	return file, link, meeting
}

func TestAnAdviserSettlesAMeetingOnAPhoneInTwoTaps(t *testing.T) {
	t.Parallel()
	file, link, meeting := metLately(t)
	s := beginServe(t, file, openPostOffice(t))
	b := openTab(t, s.base)
	b.look(375, "light")
	b.open(link)
	b.follow(`main form button[type="submit"]`)
	b.reads("h1", "Min dag")
	b.accessible()
	b.look(375, "light")
	year, week := meeting.StartsAt.In(meeting.Location()).ISOWeek()
	b.open(fmt.Sprintf("/adviser/week?week=%d-W%02d", year, week))
	b.reads(".week", "Snickarna i Älvdalen AB")
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
