package mail

import (
	"context"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/owndata"
	"stafett/internal/person"
	"stafett/internal/store"
)

func (w *world) ask(personID string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error { return owndata.Ask(ctx, tx, personID) })
}

func (w *world) erase() {
	w.t.Helper()
	w.write(owndata.Erase)
}

func TestWhoIsErasedHearsOfItAndKeepsNothingInTheCalendar(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Vera")
	w.deliver()
	w.ask(r.PersonID)
	w.erase() // too early: nothing has left
	w.deliver()
	got, sent := w.letters(), w.postman.envelopes()
	if len(got) != 3 || got[1].CalendarMethod != "CANCEL" || sent[1].To != "vera@firma.example" || got[2].CalendarMethod != "" || sent[2].To != "vera@firma.example" {
		t.Fatalf("%d letters, of them %+v", len(got), got)
	}
	w.erase()
	if diff := cmp.Diff([]string{"E02 sent", "E10 sent", "E17 sent"}, w.outbox()); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		p, err := person.Find(ctx, tx, r.PersonID)
		if !p.Erased() {
			t.Error("the person is still there")
		}
		return err
	})
	w.deliver() // nothing goes to nobody
	if n := len(w.letters()); n != 3 {
		t.Errorf("%d letters", n)
	}
}

func TestTheLetterThatOpensOnesPageHasALinkThatWorksOnce(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Vera")
	w.deliver()
	ask := func() {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			return person.AskLink(ctx, tx, person.Asking{Email: r.Email})
		})
	}
	ask()
	w.advance(person.LinkLife) // the mail server was away
	w.deliver()
	if diff := cmp.Diff([]string{"E02 sent", "E23 dropped dropped_late"}, w.outbox()); diff != "" {
		t.Errorf("outbox (-want +got):\n%s", diff)
	}
	ask()
	w.deliver()
	letter := w.last()
	token := regexp.MustCompile(`/me/link/(\S+)`).FindStringSubmatch(letter.Text)[1]
	use := func() error {
		return w.db.Write(context.Background(), func(tx *store.Tx) error {
			p, _, err := person.UseLink(context.Background(), tx, token)
			if err == nil && p.ID != r.PersonID {
				t.Errorf("the link opens the page of %s", p.ID)
			}
			return err
		})
	}
	if err := use(); err != nil {
		t.Fatalf("the link of the letter: %v", err)
	}
	if err := use(); err != person.ErrLink {
		t.Errorf("a second time: %v", err)
	}
}
