package material

import (
	"context"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var by = registrationtest.Organiser

func code(err error) string {
	p, ok := problem.As(err)
	if !ok {
		return ""
	}
	if len(p.Fields) > 0 {
		return p.Fields[0].Name + " " + p.Fields[0].Code
	}
	return p.Code
}

func TestWhatIsHandedOutHasATitleAndASafeAddress(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	for _, tt := range []struct {
		m    Material
		want string
	}{
		{Material{Title: "Bilder", URL: "https://filer.example/a.pdf"}, ""},
		{Material{Title: "Film", URL: "https://film.example/1", Recording: true, Captions: true}, ""},
		{Material{Title: "Film", URL: "https://film.example/1", Recording: true}, "captions captions"},
		{Material{Title: " ", URL: "https://filer.example/a.pdf"}, "title required"},
		{Material{Title: "Se https://x.example", URL: "https://filer.example/a.pdf"}, "title title_address"},
		{Material{Title: "Bilder\u202e", URL: "https://filer.example/a.pdf"}, "title characters"},
		{Material{Title: "Bilder", URL: "http://filer.example/a.pdf"}, "url https"},
		{Material{Title: "Bilder", URL: "javascript:alert(1)"}, "url https"},
		{Material{Title: "Bilder", URL: "https://me:secret@filer.example/"}, "url https"},
		{Material{Title: "Bilder", URL: "https://filer.example/a b"}, "url https"},
		{Material{Title: "Bilder", URL: ""}, "url required"},
	} {
		storetest.Write(t, db, func(tx *store.Tx) error {
			tt.m.EventID = ev.ID
			_, err := Add(context.Background(), tx, tt.m, by)
			if code(err) != tt.want || err != nil && tt.want == "" {
				t.Errorf("%+v: %v, want %q", tt.m, err, tt.want)
			}
			return nil
		})
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := Of(context.Background(), tx, ev.ID)
		if len(all) != 2 || all[0].Host() != "filer.example" {
			t.Errorf("%+v", all)
		}
		return err
	})
}

// The last line behind the rule is the database's own.
func TestNoRecordingIsStoredWithoutCaptions(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := store.Exec(t.Context(), tx, `INSERT INTO material (id, event_id, title, url, recording, captions, created_at) VALUES ('m', ?, 'Film', 'https://film.example', TRUE, FALSE, ?)`, ev.ID, store.At(tx.Now))
		return err
	})
	if !store.IsConstraint(err) {
		t.Errorf("stored: %v", err)
	}
}

// after is an event that is over, with four people: two were there, one stayed away,
// and one gave the place up.
func after(t *testing.T, change func(*event.Content), marked bool) (*store.DB, event.Event) {
	t.Helper()
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, change)
	var all []registration.Registration
	for n := range 4 {
		all = append(all, registrationtest.Sign(t, db, ev.ID, n+1))
	}
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.Withdraw(t.Context(), tx, all[3].ID, by, "")
		return err
	})
	clock.Set(ev.EndsAt.Add(time.Hour))
	storetest.Write(t, db, func(tx *store.Tx) error {
		for _, r := range all[:2] {
			if !marked {
				break
			}
			if _, err := registration.Attend(t.Context(), tx, r.ID, registration.Present, by); err != nil {
				return err
			}
		}
		_, err := registration.CloseEvent(t.Context(), tx, ev.ID, by)
		return err
	})
	return db, ev
}

func hand(t *testing.T, db *store.DB, ev event.Event, title string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := Add(t.Context(), tx, Material{EventID: ev.ID, Title: title, URL: "https://filer.example/" + title}, by)
		return err
	})
}

// send sends as many as the page would say.
func send(t *testing.T, db *store.DB, ev event.Event, everybody bool) (n int, err error) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		all, e := Of(t.Context(), tx, ev.ID)
		if e != nil {
			return e
		}
		r, e := ReachOf(t.Context(), tx, ev, all, everybody)
		if e != nil {
			return e
		}
		n, err = Send(t.Context(), tx, ev.ID, "Tack!", everybody, r.New, by)
		return nil
	})
	return n, err
}

func TestTheLetterGoesToThoseWhoWereThereOnceEach(t *testing.T) {
	db, ev := after(t, nil, true)
	if _, err := send(t, db, ev, false); code(err) != "materials_nothing" {
		t.Errorf("with nothing to send: %v", err)
	}
	hand(t, db, ev, "bilder")
	if n, err := send(t, db, ev, false); n != 2 || err != nil {
		t.Errorf("sent to %d: %v", n, err)
	}
	if n, err := send(t, db, ev, false); n != 0 || code(err) != "materials_nobody" {
		t.Errorf("pressed again: sent to %d: %v", n, err)
	}
	if n, err := send(t, db, ev, true); n != 1 || err != nil { // who stayed away
		t.Errorf("to everybody: sent to %d: %v", n, err)
	}
	hand(t, db, ev, "film")
	if n, err := send(t, db, ev, true); n != 3 || err != nil {
		t.Errorf("with something new: sent to %d: %v", n, err)
	}
	storetest.Write(t, db, func(tx *store.Tx) error {
		hadBefore, err := message.CountOf(t.Context(), tx, ev.ID)
		_, e := Send(t.Context(), tx, ev.ID, "", true, 7, by)
		if code(e) != "materials_nobody" {
			t.Errorf("%v", e)
		}
		if now, _ := message.CountOf(t.Context(), tx, ev.ID); now != hadBefore {
			t.Errorf("%+v, then %+v", hadBefore, now)
		}
		return err
	})
}

func TestTheLetterGoesToAsManyAsWasSaid(t *testing.T) {
	db, ev := after(t, nil, true)
	hand(t, db, ev, "bilder")
	storetest.Write(t, db, func(tx *store.Tx) error {
		if _, err := Send(t.Context(), tx, ev.ID, "", false, 1, by); code(err) != "materials_count" {
			t.Errorf("one was said: %v", err)
		}
		return nil
	})
}

func TestAWebinarsLetterGoesToThoseWhoStayedAwayToo(t *testing.T) {
	db, ev := after(t, func(c *event.Content) { registrationtest.Online(c); c.Kind = event.Webinar }, true)
	hand(t, db, ev, "film")
	if n, err := send(t, db, ev, false); n != 3 || err != nil {
		t.Errorf("sent to %d: %v", n, err)
	}
}

func TestWhereNobodyTookAttendanceTheLetterGoesToAllWithAPlace(t *testing.T) {
	db, ev := after(t, nil, false)
	hand(t, db, ev, "bilder")
	if n, err := send(t, db, ev, false); n != 3 || err != nil {
		t.Errorf("sent to %d: %v", n, err)
	}
}

func TestNoLetterGoesBeforeTheEventIsOver(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	hand(t, db, ev, "bilder")
	if _, err := send(t, db, ev, true); code(err) != "materials_not_over" {
		t.Errorf("%v", err)
	}
}
