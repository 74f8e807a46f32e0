package recovery_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/feed"
	"stafett/internal/mailing"
	"stafett/internal/news"
	"stafett/internal/problem"
	"stafett/internal/recovery"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/restored"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// A mailing that was to begin in what is lost has gone then, as far as anybody
// knows: it goes again only when an organiser sends it.
func TestAMailingThatWasToBeginInWhatIsLostIsADraftAgain(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	var lost, later string
	schedule := func(after time.Duration) (id string) {
		storetest.Write(t, db, func(tx *store.Tx) error {
			m, err := mailing.New(ctx, tx, ev.ProgrammeID, mailing.OfEvent(ev.ID), mailing.Content{Texts: map[string]mailing.Text{"sv": {Subject: "Parkering", Body: "Parkera bakom huset."}}}, registrationtest.Organiser)
			if err != nil {
				return err
			}
			id = m.ID
			return mailing.Schedule(ctx, tx, m.ID, m.Revision, tx.Now.Add(after), registrationtest.Organiser)
		})
		return id
	}
	lost, later = schedule(time.Hour), schedule(5*time.Hour)
	clock.Advance(3 * time.Hour)
	m := goBack(t, db)
	clock.Advance(time.Minute)
	minute(t, db)
	for more := true; more; {
		storetest.Write(t, db, func(tx *store.Tx) (err error) { more, err = mailing.Work(ctx, tx); return err })
	}
	same(t, "letters", letters(t, db, r.ID), []string{"E02 held"})
	storetest.Read(t, db, func(tx *store.Tx) error {
		for id, want := range map[string]mailing.Status{lost: mailing.Draft, later: mailing.Scheduled} {
			found, err := mailing.Find(ctx, tx, id)
			if err != nil {
				return err
			}
			same(t, "the mailing", found.Status, want)
		}
		missed, err := mailing.Missed(ctx, tx, []string{ev.ProgrammeID}, m.To)
		if len(missed) != 1 || missed[0].ID != lost {
			t.Errorf("to be looked at: %+v", missed)
		}
		if none, err := mailing.Missed(ctx, tx, []string{"another"}, m.To); err != nil || len(none) != 0 {
			t.Errorf("in another programme: %+v, %v", none, err)
		}
		return err
	})
}

// A secret that was taken back since the backup opens nothing after it, and a
// consent that was taken back is no consent.
func TestWhatWasTakenBackInWhatIsLostDoesNotRevive(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	var token string
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		if token, err = feed.Make(ctx, tx, feed.Owner{PersonID: r.PersonID}, feed.Participant, "sv", audit.System); err != nil {
			return err
		}
		for _, email := range []string{"ended@people.example", "stays@people.example", "again@people.example"} {
			if err := news.Ask(ctx, tx, news.Wish{ProgrammeID: ev.ProgrammeID, Email: email, Language: "sv", Source: news.OwnPage, Wording: "Ja"}); err != nil {
				return err
			}
		}
		return nil
	})
	of := func(tx *store.Tx, email string) (s news.Subscription) {
		t.Helper()
		all, err := news.All(ctx, tx, email)
		if err != nil || len(all) != 1 {
			t.Fatalf("%s: %d, %v", email, len(all), err)
		}
		return all[0]
	}
	stop := func(email string) {
		storetest.Write(t, db, func(tx *store.Tx) error { return news.Stop(ctx, tx, of(tx, email), news.ByOneClick) })
	}
	alive := func() {
		if err := recovery.Alive(ctx, db); err != nil {
			t.Fatal(err)
		}
	}
	clock.Advance(time.Hour)
	stop("again@people.example")
	alive()
	clock.Advance(time.Hour)
	storetest.Write(t, db, func(tx *store.Tx) error { return news.Confirm(ctx, tx, of(tx, "again@people.example")) })
	// Here the backup is made.
	clock.Advance(time.Hour)
	stop("ended@people.example")
	alive()
	alive()
	content, err := os.ReadFile(news.BesideFile(db.Path()))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(news.BesideFile(db.Path()), append(content, `{"id":"unfini`...), 0o600); err != nil {
		t.Fatal(err)
	}
	sign, _, err := restored.ReadFile(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	storetest.Write(t, db, func(tx *store.Tx) error { // as it was then
		if _, err := store.Exec(ctx, tx, `UPDATE subscription SET status = 'on', ended_at = NULL, ended_by = NULL WHERE email = 'ended@people.example'`); err != nil {
			return err
		}
		_, err := store.Exec(ctx, tx, `UPDATE installation SET number = ?`, sign.Number-1)
		return err
	})
	if _, found, err := recovery.Notice(ctx, db); !found || err != nil {
		t.Fatalf("noticed: %t, %v", found, err)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		got := map[string]news.Status{}
		for _, who := range []string{"ended", "stays", "again"} {
			got[who] = of(tx, who+"@people.example").Status
		}
		if diff := cmp.Diff(map[string]news.Status{"ended": news.Ended, "stays": news.On, "again": news.On}, got); diff != "" {
			t.Errorf("news (-want +got):\n%s", diff)
		}
		if _, err := feed.Find(ctx, tx, token); !errors.Is(err, problem.ErrMissing) {
			t.Errorf("the address of a calendar still opens it: %v", err)
		}
		return nil
	})
}
