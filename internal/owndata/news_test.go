package owndata_test

import (
	"slices"
	"testing"

	"stafett/internal/event"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/owndata"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// newsTo writes news to the readers of the event's programme.
func newsTo(t *testing.T, db *store.DB, ev event.Event) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error {
		content := mailing.Content{Texts: map[string]mailing.Text{"sv": {Subject: "Nytt", Body: "Hej."}}}
		m, err := mailing.New(ctx, tx, ev.ProgrammeID, mailing.OfNews(), content, registrationtest.Organiser)
		if err != nil {
			return err
		}
		if err := mailing.Send(ctx, tx, m.ID, m.Revision, registrationtest.Organiser); err != nil {
			return err
		}
		return mailing.Write(ctx, tx, m.ID)
	})
}

// News are among the letters that a person is shown; whoever is erased gets none
// that wait, is not waited for, and leaves nothing.
func TestAReaderSeesTheNewsAndWhoIsErasedGetsNone(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, catering)
	r := asa(t, db, ev)
	other := "bo@people.example"
	write(t, db, func(tx *store.Tx) error {
		for _, email := range []string{r.Email, other} {
			if err := news.Ask(ctx, tx, news.Wish{ProgrammeID: ev.ProgrammeID, Email: email, Language: "sv", Source: news.OwnPage, Wording: "Ja"}); err != nil {
				return err
			}
		}
		return nil
	})
	newsTo(t, db, ev)
	delivered(t, db)
	storetest.Read(t, db, func(tx *store.Tx) error {
		d, err := owndata.Read(ctx, tx, r.PersonID)
		if !slices.ContainsFunc(d.Messages, func(m owndata.Message) bool { return m.Letter == string(message.News) }) {
			t.Errorf("the news are not among %+v", d.Messages)
		}
		return err
	})
	clock.Set(ev.EndsAt)
	write(t, db, func(tx *store.Tx) error {
		_, err := registration.CloseEvent(ctx, tx, ev.ID, registrationtest.Organiser)
		return err
	})
	delivered(t, db)
	ask(t, db, r.PersonID)
	delivered(t, db)
	newsTo(t, db, ev) // waits, as at night
	erase(t, db)
	if found := traces(t, db, r.Email, r.FirstName, r.LastName); len(found) > 0 {
		t.Errorf("something is left: %q", found)
	}
	newsTo(t, db, ev)
	storetest.Read(t, db, func(tx *store.Tx) error {
		waiting, err := store.All(ctx, tx, store.Value[string], `SELECT recipient FROM message WHERE letter = 'E28' AND status = 'waiting'`)
		if !slices.Equal(waiting, []string{other, other}) {
			t.Errorf("news wait for %q", waiting)
		}
		return err
	})
}
