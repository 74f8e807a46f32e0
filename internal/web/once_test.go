package web

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// count asks the database for a number.
func (d *desk) count(query string, args ...any) (n int) {
	d.t.Helper()
	storetest.Read(d.t, d.s.DB, func(tx *store.Tx) (err error) {
		n, err = store.One(context.Background(), tx, store.Value[int], query, args...)
		return err
	})
	return n
}

// twice sends the same form two times, as a double click does, and demands that
// both lead to the same page.
func (d *desk) twice(path string, form url.Values) {
	d.t.Helper()
	if form.Get("key") == "" {
		d.t.Fatalf("the form to %s has no key", path)
	}
	if first, second := d.send(path, form), d.send(path, form); first != second {
		d.t.Errorf("%s led to %s, then to %s", path, first, second)
	}
}

func TestAFormSentTwiceIsDoneOnce(t *testing.T) {
	d := newDesk(t, nil)
	copies := d.filled(d.at("/copy"), url.Values{"date_1": {"2027-05-12"}, "date_2": {"2027-05-19"}})
	copies.Del("rows")
	d.twice(d.at("/copy"), copies)
	if n := d.count(`SELECT count(*) FROM event`); n != 3 {
		t.Errorf("%d events, want the first and two copies", n)
	}
	d.send(d.at("/copy"), url.Values{"key": {"another"}, "date_1": {"2027-05-12"}})
	if n := d.count(`SELECT count(*) FROM event`); n != 4 {
		t.Errorf("%d events after one more copy was asked for", n)
	}

	form := d.filled(d.at("/invitations"), url.Values{"label": {"Talare"}, "places": {"2"}})
	d.twice(d.at("/invitations"), form)
	if n := d.count(`SELECT count(*) FROM invitation`); n != 1 {
		t.Errorf("%d invitations", n)
	}
	form = d.filled(d.at("/invitations"), url.Values{"emails": {"a@one.example\nb@two.example"}})
	d.twice(d.at("/invitations"), form)
	if n := d.count(`SELECT count(*) FROM invitation`); n != 3 {
		t.Errorf("%d invitations", n)
	}

	page := d.see(d.at("/series"))
	form = typed(page.Find(`form[action$="/series"]`))
	form.Set("series_title", "Anbudsskolan")
	form.Set("sign_up", "each")
	form.Set("occasion", page.Find("input[name=occasion]").AttrOr("value", ""))
	d.twice(d.at("/series"), form)
	if n := d.count(`SELECT count(*) FROM series`); n != 1 {
		t.Errorf("%d series", n)
	}
}

// A second click on a button that adds to a series says what the first did, not
// that the event is in a series already.
func TestAddingToASeriesTwiceIsDoneOnce(t *testing.T) {
	d := newDesk(t, nil)
	d.inSeries(event.ForEach)
	var later [2]event.Event
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		copies, err := event.Copy(context.Background(), tx, d.ev.ID, []event.Target{{Date: "2027-05-12"}, {Date: "2027-05-19"}}, audit.Command)
		copy(later[:], copies)
		return err
	})
	form := typed(d.see(d.at("/series")).Find(`form[action$="/add-to-series"]`))
	form.Set("occasion", later[0].ID)
	d.twice(d.at("/add-to-series"), form)
	path := "/admin/events/" + later[1].ID
	page := d.see(path + "/series")
	form = typed(page.Find(`form[action$="/join-series"]`))
	form.Set("series", page.Find("#series option:last-child").AttrOr("value", ""))
	d.twice(path+"/join-series", form)
	if n := d.count(`SELECT count(*) FROM event WHERE series_id IS NOT NULL`); n != 5 {
		t.Errorf("%d occasions, want 5", n)
	}
}

// What was refused can be corrected and sent again with the same key.
func TestARefusedFormIsNotTakenForDone(t *testing.T) {
	d := newDesk(t, nil)
	form := d.filled(d.at("/invitations"), url.Values{"emails": {"a@one.example\nnobody"}})
	for range 2 {
		d.page(d.post(d.at("/invitations"), form), http.StatusUnprocessableEntity)
	}
	if n := d.count(`SELECT count(*) FROM invitation`); n != 0 {
		t.Errorf("%d invitations", n)
	}
}

// Last year's event is over, so the copies are a series without it.
func TestCopiesOfAnEventThatIsOverAreASeriesByThemselves(t *testing.T) {
	d := newDesk(t, nil)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := registration.CancelEvent(context.Background(), tx, d.ev.ID, "Föreläsaren är sjuk", registrationtest.Organiser)
		return err
	})
	form := d.filled(d.at("/copy"), url.Values{"date_1": {"2027-05-12"}, "date_2": {"2027-05-19"}, "as_series": {"1"}, "sign_up": {"each"}})
	form.Del("rows")
	wants(t, plain(d.see(d.at("/copy")).Find("main")), "Originalet är avslutat eller inställt")
	wants(t, plain(d.see(d.send(d.at("/copy"), form)).Find("main")), "Kopiorna är sparade")
	if n := d.count(`SELECT count(*) FROM event WHERE series_id IS NOT NULL AND status = ?`, event.Draft); n != 2 {
		t.Errorf("%d copies are in the series", n)
	}
	if n := d.count(`SELECT count(*) FROM event WHERE series_id IS NOT NULL AND id = ?`, d.ev.ID); n != 0 {
		t.Error("the cancelled event is in the series")
	}
}
