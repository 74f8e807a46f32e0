package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// inSeries publishes two copies of the desk's event and makes a series of all.
func (d *desk) inSeries(signUp event.SignUp) (all []event.Event) {
	d.t.Helper()
	storetest.Write(d.t, d.s.DB, func(tx *store.Tx) error {
		ctx := context.Background()
		copies, err := event.Copy(ctx, tx, d.ev.ID, []event.Target{{Date: "2027-03-17"}, {Date: "2027-03-24"}}, audit.Command)
		if err != nil {
			return err
		}
		ids := []string{d.ev.ID}
		for _, x := range copies {
			if _, err := event.Publish(ctx, tx, x.ID, audit.Command); err != nil {
				return err
			}
			ids = append(ids, x.ID)
		}
		s, err := event.MakeSeries(ctx, tx, "Anbudsskolan", signUp, ids, audit.Command)
		if err != nil {
			return err
		}
		all, err = event.Occasions(ctx, tx, s.ID)
		return err
	})
	return all
}

func TestCopyingWarnsOfHolidaysOnceAndKeepsWhatWasTyped(t *testing.T) {
	d := newDesk(t, nil)
	form := d.filled(d.at("/copy"), url.Values{"date_1": {"2027-05-06"}, "date_2": {"2027-05-12"}, "municipality_2": {"Mora"}, "venue_2": {"Saxviken"}, "as_series": {"1"}, "sign_up": {"each"}})
	doc := d.page(d.post(d.at("/copy"), form), http.StatusOK)
	wants(t, plain(doc.Find("[role=status]")), "Torsdag 6 maj 2027: Kristi himmelsfärdsdag")
	again := typed(doc.Find("main form.form"))
	if again.Get("date_2") != "2027-05-12" || again.Get("municipality_2") != "Mora" || again.Get("as_series") == "" || again.Get("sign_up") != "each" {
		t.Errorf("what was typed became %v", again)
	}
	again.Del("rows")
	to := d.send(d.at("/copy"), again)
	page := plain(d.see(to).Find("main"))
	wants(t, page, "Kopiorna är sparade", "6 maj 2027", "12 maj 2027", "Mora", "Utkast")
}

func TestErrorsOfCopiesStandBesideTheRow(t *testing.T) {
	d := newDesk(t, nil)
	form := d.filled(d.at("/copy"), url.Values{"date_1": {"2027-05-12"}, "date_2": {"2020-05-12"}, "date_3": {"2027-05-19"}, "municipality_3": {"Ankeborg"}})
	form.Del("rows")
	doc := d.page(d.post(d.at("/copy"), form), http.StatusUnprocessableEntity)
	if doc.Find("#municipality_3[aria-invalid=true]").Length() != 1 || doc.Find("#date_1[aria-invalid]").Length() != 0 {
		t.Error("the unknown municipality has no error of its own")
	}
	form.Set("municipality_3", "Mora")
	doc = d.page(d.post(d.at("/copy"), form), http.StatusUnprocessableEntity)
	if doc.Find("#date_2[aria-invalid=true]").Length() != 1 || doc.Find("#date_2-error").Length() != 1 {
		t.Error("the day in the past has no error of its own")
	}
	form.Set("rows", "add")
	if n := d.page(d.post(d.at("/copy"), form), http.StatusOK).Find("input[type=date]").Length(); n != 6 {
		t.Errorf("%d rows after three more were asked for", n)
	}
}

func TestAnotherProgrammesOrganiserCannotCopyOrMakeASeries(t *testing.T) {
	d := newDesk(t, nil)
	other := d.stranger()
	for _, path := range []string{"/copy", "/series"} {
		if w := other.get(d.at(path)); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
		if w := other.post(d.at(path), url.Values{"date_1": {"2027-05-12"}, "series_title": {"Min"}, "sign_up": {"each"}}); w.Code != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
}

func TestTheListAndThePageTellOfTheSeries(t *testing.T) {
	d := newDesk(t, nil)
	all := d.inSeries(event.ForEach)
	wants(t, plain(d.see("/events").Find("main")), "Del 1 av 3: Anbudsskolan", "Del 3 av 3: Anbudsskolan")
	page := plain(d.see("/events/" + all[1].Slug).Find("#series"))
	wants(t, page, "Anbudsskolan", "Del 2 av 3", "10 mars 2027", "24 mars 2027", "30 platser kvar", "de tillfällen som du vill")
	lacks(t, page, "17 mars")
}

func TestSigningUpForChosenOccasionsAndGivingUpAll(t *testing.T) {
	d := newDesk(t, nil)
	all := d.inSeries(event.ForEach)
	visitor := newVisitor(t, d.s)
	doc := visitor.page(visitor.get("/events/"+all[0].Slug+"/register"), http.StatusOK)
	if n := doc.Find("input[name=occasion]").Length(); n != 2 {
		t.Errorf("%d other occasions to tick", n)
	}
	form := signUp()
	form["occasion"] = []string{all[2].ID}
	wrong := url.Values{}
	for k, v := range form {
		wrong[k] = v
	}
	wrong.Set("email", "fel")
	doc = visitor.page(visitor.post("/events/"+all[0].Slug+"/register", wrong), http.StatusUnprocessableEntity)
	if doc.Find(`input[name=occasion][checked]`).AttrOr("value", "") != all[2].ID {
		t.Error("the tick is lost with the error")
	}
	w := visitor.post("/events/"+all[0].Slug+"/register", form)
	page := plain(visitor.page(visitor.get(w.Header().Get("Location")), http.StatusOK).Find("main"))
	wants(t, page, "Dina tillfällen", "10 mars 2027", "24 mars 2027", "Du har en plats")
	lacks(t, page, "17 mars 2027")

	var token string
	storetest.Write(t, d.s.DB, func(tx *store.Tx) (err error) {
		token, err = registration.NewLink(context.Background(), tx, registrations(t, d.s, all[0].ID)[0], all[0], registration.Manage)
		return err
	})
	doc = visitor.page(visitor.get("/r/"+token), http.StatusOK)
	wants(t, plain(doc.Find("#cancel-all")), "24 mars 2027")
	w = visitor.post("/r/"+token+"/cancel-all", nil)
	if to := w.Header().Get("Location"); !strings.HasSuffix(to, "?done=series_cancelled") {
		t.Fatalf("%d, led to %q", w.Code, to)
	}
	for _, ev := range []event.Event{all[0], all[2]} {
		if s := registrations(t, d.s, ev.ID)[0].Status; s != registration.Cancelled {
			t.Errorf("%s: %s", ev.Slug, s)
		}
	}
}

func TestASeriesIsMadeOfChosenEventsAndAnOccasionTakenOut(t *testing.T) {
	d := newDesk(t, nil)
	form := url.Values{"date_1": {"2027-05-12"}, "date_2": {"2027-05-19"}}
	d.send(d.at("/copy"), form)
	doc := d.see(d.at("/series"))
	boxes := doc.Find("input[name=occasion]")
	if boxes.Length() != 2 {
		t.Fatalf("%d events to choose", boxes.Length())
	}
	refused := d.page(d.post(d.at("/series"), url.Values{"series_title": {"Anbudsskolan"}}), http.StatusUnprocessableEntity)
	wants(t, plain(refused.Find(".error-summary")), "En serie har 2–12 tillfällen", "Välj")
	chosen := url.Values{"series_title": {"Anbudsskolan"}, "sign_up": {"whole"}}
	for _, b := range boxes.EachIter() {
		chosen.Add("occasion", b.AttrOr("value", ""))
	}
	wants(t, plain(d.see(d.send(d.at("/series"), chosen)).Find("main")), "Anbudsskolan", "12 maj 2027", "19 maj 2027")
	d.send("/admin/events/"+chosen.Get("occasion")+"/leave-series", nil)
	page := d.see(d.at("/series"))
	lacks(t, plain(page.Find(".todo-list")), "12 maj 2027")
	wants(t, plain(page.Find("#add")), "12 maj 2027", "behåller sin plats")

	wants(t, plain(d.page(d.post(d.at("/add-to-series"), nil), http.StatusUnprocessableEntity).Find("#occasions-error")), "Kryssa för minst ett")
	wants(t, plain(d.see(d.send(d.at("/add-to-series"), url.Values{"occasion": {chosen.Get("occasion")}})).Find(".todo-list")), "12 maj 2027")
}

func TestAnEventJoinsASeriesThatThereIsAndWhoEnrolledKeepsItThere(t *testing.T) {
	d := newDesk(t, nil)
	all := d.inSeries(event.ForWhole)
	visitor := newVisitor(t, d.s)
	visitor.post("/events/"+all[0].Slug+"/register", signUp())
	page := d.see(d.at("/series"))
	wants(t, plain(page.Find(".todo-list")), "1 anmäld", "En person har anmält sig genom serien")
	if page.Find(`form[action$="leave-series"]`).Length() != 0 {
		t.Error("there is a button that will be refused")
	}
	if w := d.post(d.at("/leave-series"), nil); w.Code != http.StatusConflict {
		t.Errorf("taking it out all the same: %d", w.Code)
	}
	d.send(d.at("/copy"), url.Values{"date_1": {"2027-05-12"}})
	var fourth event.Event
	storetest.Read(t, d.s.DB, func(tx *store.Tx) error {
		list, err := event.List(context.Background(), tx, event.Filter{Statuses: []event.Status{event.Draft}})
		fourth = list[0]
		return err
	})
	if fourth.SeriesID != "" {
		t.Fatal("the copy is in the series already")
	}
	address := "/admin/events/" + fourth.ID
	wants(t, plain(d.page(d.post(address+"/join-series", nil), http.StatusUnprocessableEntity).Find("#series-error")), "Välj")
	series := d.see(address + "/series").Find("select#series option").Last()
	wants(t, series.Text(), "Anbudsskolan")
	d.send(address+"/join-series", url.Values{"series": {series.AttrOr("value", "")}})
	wants(t, plain(d.see(d.at("/series")).Find(".todo-list")), "12 maj 2027")
	if n := len(registrations(t, d.s, fourth.ID)); n != 0 {
		t.Errorf("%d people were signed up by it", n)
	}
	other := d.stranger()
	for _, path := range []string{"/join-series", "/add-to-series", "/series-certificates"} {
		if w := other.post(address+path, url.Values{"series": {series.AttrOr("value", "")}}); w.Code != http.StatusNotFound {
			t.Errorf("%s by another programme's organiser: %d", path, w.Code)
		}
	}
}
