package mailing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/mailing"
	"stafett/internal/news"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// reads has somebody want the news of a programme; from a sign-up form they have
// yet to say that the address is theirs.
func reads(t testing.TB, db *store.DB, programmeID, name string, from news.Source) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error {
		return news.Ask(ctx, tx, news.Wish{ProgrammeID: programmeID, Email: name + "@example.se", Language: "sv", Source: from, Wording: "Ja"})
	})
}

// unsubscribes ends somebody's news.
func unsubscribes(t testing.TB, db *store.DB, programmeID, name string) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error {
		s, _, err := news.Reader(ctx, tx, programmeID, name+"@example.se")
		if err != nil {
			return err
		}
		return news.Stop(ctx, tx, s, news.ByOneClick)
	})
}

// newsTo lists to whom letters with news stand in the outbox, sorted.
func newsTo(t testing.TB, db *store.DB) (all []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		all, err = store.All(ctx, tx, store.Value[string], `SELECT recipient || ' ' || status FROM message WHERE letter = 'E28' AND event_id IS NULL AND registration_id IS NULL ORDER BY recipient`)
		return err
	})
	return all
}

func letterOfNews(t testing.TB, db *store.DB, ev event.Event) (m mailing.Mailing) {
	t.Helper()
	write(t, db, func(tx *store.Tx) (err error) {
		m, err = mailing.New(ctx, tx, ev.ProgrammeID, mailing.Selection{News: true, EventIDs: []string{ev.ID}}, text(), by)
		return err
	})
	return m
}

func TestNewsReachTheReadersOfTheProgrammeEachOnce(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	other := registrationtest.Programme(t, db)
	write(t, db, func(tx *store.Tx) (err error) {
		other.ID, other.Slug, other.Name = "", "annat", "Ett annat program"
		other, err = programme.Add(ctx, tx, other, by)
		return err
	})
	somebody(t, db, ev, "Bo", nil) // takes part and asked for nothing
	somebody(t, db, ev, "Eva", nil)
	for _, name := range []string{"eva", "lea", "pia", "ulf"} {
		reads(t, db, ev.ProgrammeID, name, news.OwnPage)
	}
	somebody(t, db, ev, "Ulf", nil)
	unsubscribes(t, db, ev.ProgrammeID, "pia")
	reads(t, db, ev.ProgrammeID, "zoe", news.SignUp) // has not confirmed
	reads(t, db, other.ID, "moa", news.OwnPage)
	write(t, db, func(tx *store.Tx) error { return person.MarkEmailFailed(ctx, tx, "ulf@example.se") })
	m := letterOfNews(t, db, ev)
	if m.Facts || len(m.Selection.EventIDs) > 0 || !m.Selection.News {
		t.Errorf("news about an event: %+v", m)
	}
	if got := names(t, db, ev.ProgrammeID, m.Selection); !slices.Equal(got, []string{"eva", "lea"}) {
		t.Errorf("found %q", got)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		r, err := mailing.ReachOf(ctx, tx, ev.ProgrammeID, m.Selection)
		if r.People != 2 || r.NotWorking != 1 || r.Languages["sv"] != 2 {
			t.Errorf("reach %+v", r)
		}
		return err
	})
	send(t, db, m)
	work(t, db)
	work(t, db)
	if got := newsTo(t, db); !slices.Equal(got, []string{"eva@example.se waiting", "lea@example.se waiting"}) {
		t.Errorf("letters %q", got)
	}
	if got := find(t, db, m.ID); got.Status != mailing.Sending || got.NotWorking != 1 {
		t.Errorf("%+v", got)
	}
	delivered(t, db)
	work(t, db)
	if got := find(t, db, m.ID); got.Status != mailing.Sent {
		t.Errorf("in the end it is %s", got.Status)
	}
}

func TestNewsAreScheduledStoppedAndTakenUpAgainAsOtherMailings(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	reads(t, db, ev.ProgrammeID, "eva", news.OwnPage)
	reads(t, db, ev.ProgrammeID, "lea", news.OwnPage)
	m := letterOfNews(t, db, ev)
	at := clock.Now().Add(24 * time.Hour)
	write(t, db, func(tx *store.Tx) error { return mailing.Schedule(ctx, tx, m.ID, m.Revision, at, by) })
	unsubscribes(t, db, ev.ProgrammeID, "eva")
	reads(t, db, ev.ProgrammeID, "moa", news.OwnPage)
	clock.Set(at)
	work(t, db)
	if got := newsTo(t, db); !slices.Equal(got, []string{"lea@example.se waiting", "moa@example.se waiting"}) {
		t.Errorf("those of then: %q", got)
	}
	write(t, db, func(tx *store.Tx) error { return mailing.Stop(ctx, tx, m.ID, by) })
	if got := newsTo(t, db); !slices.Equal(got, []string{"lea@example.se dropped", "moa@example.se dropped"}) {
		t.Errorf("stopped: %q", got)
	}
	// After a backup, whoever has a letter gets no second one.
	again := letterOfNews(t, db, ev)
	send(t, db, again)
	write(t, db, func(tx *store.Tx) error { return mailing.Write(ctx, tx, again.ID) })
	write(t, db, func(tx *store.Tx) error {
		if _, err := store.Exec(ctx, tx, `UPDATE mailing SET written_at = NULL WHERE id = ?`, again.ID); err != nil {
			return err
		}
		return mailing.Lost(ctx, tx, tx.Now)
	})
	reads(t, db, ev.ProgrammeID, "pia", news.OwnPage)
	send(t, db, find(t, db, again.ID))
	work(t, db)
	if got := newsTo(t, db); len(got) != 5 {
		t.Errorf("%q", got)
	}
}

func TestNewsNameNobodysEventAndNeedReaders(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	for _, placeholder := range []string{mailing.EventName, mailing.Date, mailing.Link, mailing.Join, "{namn}"} {
		for _, body := range []bool{true, false} {
			field, c := "subject_sv", mailing.Content{Texts: map[string]mailing.Text{"sv": {Subject: "Om " + placeholder, Body: "Hej {first_name}"}}}
			if body {
				field, c = "body_sv", mailing.Content{Texts: map[string]mailing.Text{"sv": {Subject: "Hej {first_name}", Body: "Om " + placeholder}}}
			}
			err := db.Write(ctx, func(tx *store.Tx) error {
				_, err := mailing.New(ctx, tx, ev.ProgrammeID, mailing.OfNews(), c, by)
				return err
			})
			p, ok := problem.As(err)
			if !ok || len(p.Fields) != 1 || p.Fields[0].Name != field || p.Fields[0].Code != "news_placeholder" {
				t.Errorf("%s in %s: %v", placeholder, field, err)
			}
		}
	}
	m := letterOfNews(t, db, ev)
	err := db.Write(ctx, func(tx *store.Tx) error { return mailing.Send(ctx, tx, m.ID, m.Revision, by) })
	if p, ok := problem.As(err); !ok || p.Code != mailing.ErrNoReaders.Code {
		t.Errorf("to nobody: %v", err)
	}
	write(t, db, func(tx *store.Tx) (err error) { // what somebody else's form says does not make it another mailing
		m, err = mailing.Save(ctx, tx, m.ID, m.Revision, mailing.OfEvent(ev.ID), text(), by)
		return err
	})
	if !m.Selection.News || len(m.Selection.EventIDs) > 0 || !strings.Contains(find(t, db, m.ID).Texts["sv"].Subject, "Parkering") {
		t.Errorf("%+v", m.Selection)
	}
}
