package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"stafett/internal/audit"
	"stafett/internal/calendar/calendartest"
	"stafett/internal/event"
	subscription "stafett/internal/feed"
	"stafett/internal/person"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// makesAddress makes a calendar's address on the page and returns its path.
func (v *visitor) makesAddress(page string) string {
	v.t.Helper()
	doc := v.page(v.post(page, nil), http.StatusOK)
	address := doc.Find("#feed-address").AttrOr("value", "")
	path, ours := strings.CutPrefix(address, "http://program.example/feed/")
	if !ours || doc.Find(`a[href="webcal://program.example/feed/`+path+`"]`).Length() != 1 {
		v.t.Fatalf("the address is %q", address)
	}
	return "/feed/" + path
}

func TestOnesOwnCalendarHasPlacesAndWhatOneWaitsFor(t *testing.T) {
	s := newServer(t, nil)
	place := registrationtest.Event(t, s.DB, func(c *event.Content) { c.Title = "Har plats"; c.RoomPlaces = new(2) })
	queue := registrationtest.Event(t, s.DB, func(c *event.Content) { c.Title = "Väntar"; c.RoomPlaces = new(1) })
	gone := registrationtest.Event(t, s.DB, func(c *event.Content) { c.Title = "Avbokad" })
	off := registrationtest.Event(t, s.DB, func(c *event.Content) { c.Title = "Blir inte av" })
	registrationtest.Sign(t, s.DB, queue.ID, 2)
	registrationtest.Sign(t, s.DB, place.ID, 2)
	r := registrationtest.Sign(t, s.DB, place.ID, 1)
	registrationtest.Sign(t, s.DB, queue.ID, 1)
	registrationtest.Sign(t, s.DB, off.ID, 1)
	given := registrationtest.Sign(t, s.DB, gone.ID, 1)
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		if _, err := registration.Withdraw(context.Background(), tx, given.ID, audit.Actor{Kind: "person", ID: r.PersonID}, ""); err != nil {
			return err
		}
		_, err := registration.CancelEvent(context.Background(), tx, off.ID, "Sjukdom.", registrationtest.Organiser)
		return err
	})
	v := newVisitor(t, s)
	v.comeIn(s, r.Email)
	path := v.makesAddress("/me/calendar")
	w := subscriber(t, s).fetch(path)
	body := strings.ReplaceAll(w.Body.String(), "\r\n ", "")
	for part, want := range map[string]string{"Har plats": "CONFIRMED", "Väntar": "TENTATIVE", "Blir inte av": "CANCELLED"} {
		if got := statusIn(body, part); got != want {
			t.Errorf("%s is %q, want %s", part, got, want)
		}
	}
	for _, never := range []string{"Avbokad", "/r/", "/join/", "/offer/", "ATTENDEE", "Nummer", "person00", "ticket"} {
		if strings.Contains(body, never) {
			t.Errorf("the calendar says %q:\n%s", never, body)
		}
	}
	if !strings.Contains(body, "/me/registrations/"+r.ID) || strings.Contains(body, "UID:"+place.ID) || strings.Contains(body, "UID:"+r.CalendarUID) {
		t.Errorf("the calendar is\n%s", body)
	}
	if h := w.Header(); h.Get("Cache-Control") != "private, no-cache" || h.Get("X-Robots-Tag") != "noindex" || h.Get("Last-Modified") != "" || h.Get("Vary") != "" {
		t.Errorf("headers %v", h)
	}
	again := subscriber(t, s)
	again.header = http.Header{"If-None-Match": {w.Header().Get("ETag")}}
	if w := again.get(path); w.Code != http.StatusNotModified {
		t.Errorf("fetched again: %d", w.Code)
	}
	if doc := v.page(v.get("/me/calendar"), http.StatusOK); doc.Find("#feed-address").Length() != 0 || doc.Find("time").Length() != 2 {
		t.Error("the address is shown again, or not when it was fetched")
	}
}

// statusIn is the STATUS of the event whose title contains the part.
func statusIn(body, part string) string {
	for _, ev := range strings.Split(body, "BEGIN:VEVENT")[1:] {
		if _, summary, _ := strings.Cut(ev, "SUMMARY"); strings.Contains(strings.SplitN(summary, "\r\n", 2)[0], part) {
			_, status, _ := strings.Cut(ev, "STATUS:")
			return strings.SplitN(status, "\r\n", 2)[0]
		}
	}
	return ""
}

// A change that calendars take for old is not shown by all of them.
func TestOnesOwnCalendarCountsItsChanges(t *testing.T) {
	db, clock := storetest.New(t)
	s := newServer(t, func(o *Options) { o.DB = db })
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = new(1) })
	first, r := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	v := newVisitor(t, s)
	v.comeIn(s, r.Email)
	path := v.makesAddress("/me/calendar")
	files := [][]byte{subscriber(t, s).fetch(path).Body.Bytes()}
	clock.Advance(time.Hour)
	storetest.Write(t, db, func(tx *store.Tx) error {
		if _, err := registration.Withdraw(context.Background(), tx, first.ID, audit.Actor{Kind: "person", ID: first.PersonID}, ""); err != nil {
			return err
		}
		_, err := registration.Accept(context.Background(), tx, r.ID, audit.Actor{Kind: "person", ID: r.PersonID})
		return err
	})
	files = append(files, subscriber(t, s).fetch(path).Body.Bytes())
	found := calendartest.Read(t, []string{"before", "after"}, files)
	before, after := found[0].Events[0], found[1].Events[0]
	if before.Status != "TENTATIVE" || after.Status != "CONFIRMED" || after.Sequence <= before.Sequence || after.Stamp <= before.Stamp || after.UID != before.UID {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

func TestACalendarsAddressEndsAtOnce(t *testing.T) {
	s := newServer(t, nil)
	r := registrationtest.Sign(t, s.DB, registrationtest.Event(t, s.DB, nil).ID, 1)
	v, program := newVisitor(t, s), subscriber(t, s)
	v.comeIn(s, r.Email)
	ended := func(why, path string) {
		t.Helper()
		if w := program.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", why, w.Code)
		}
	}
	first := v.makesAddress("/me/calendar")
	program.fetch(first)
	ended("without its ending", strings.TrimSuffix(first, ".ics"))
	second := v.makesAddress("/me/calendar")
	ended("after a new one", first)
	program.fetch(second)
	if w := v.post("/me/calendar/remove", nil); w.Code != http.StatusSeeOther {
		t.Fatalf("removing: %d", w.Code)
	}
	ended("removed", second)
	third := v.makesAddress("/me/calendar")
	storetest.Write(t, s.DB, func(tx *store.Tx) error { return person.Erase(context.Background(), tx, r.PersonID) })
	ended("erased", third)

	var actions []string
	storetest.Read(t, s.DB, func(tx *store.Tx) error {
		entries, err := audit.Of(context.Background(), tx, "person", r.PersonID)
		for _, e := range entries {
			if strings.HasPrefix(e.Action, "feed.") {
				actions = append(actions, e.Action)
			}
		}
		n, err2 := store.One(context.Background(), tx, store.Value[int], `SELECT count(*) FROM feed`)
		if n != 0 {
			t.Errorf("%d addresses are left", n)
		}
		if err == nil {
			err = err2
		}
		return err
	})
	if got := strings.Join(actions, " "); got != "feed.make feed.reset feed.remove feed.make" {
		t.Errorf("the log says %s", got)
	}
}

func TestGuessingCalendarsAddressesIsSlowedDown(t *testing.T) {
	s := newServer(t, func(o *Options) { o.Limits.UnknownMinute = 3 })
	v := subscriber(t, s)
	for range 3 {
		if w := v.get("/feed/AAAAAAAAAAAAAAAAAAAAAAAAAA.ics"); w.Code != http.StatusNotFound {
			t.Fatalf("unknown: %d", w.Code)
		}
	}
	if w := v.get("/feed/AAAAAAAAAAAAAAAAAAAAAAAAAA.ics"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("guessed too often: %d", w.Code)
	}
}

func TestAnOrganisersCalendarHasTheirProgrammesAndNobodysName(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = new(1) })
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 2)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		ctx, c := context.Background(), registrationtest.Content()
		c.Title = "Ny idé"
		if _, err := event.Create(ctx, tx, d.ev.ProgrammeID, "", c, registrationtest.Organiser); err != nil {
			return err
		}
		other, err := programme.Add(ctx, tx, programme.Programme{Slug: "varmland", Name: "Värmland", Country: "SE", Language: "sv", TimeZone: "Europe/Stockholm"}, audit.Command)
		if err != nil {
			return err
		}
		c.Title = "Grannens"
		_, err = event.Create(ctx, tx, other.ID, "", c, registrationtest.Organiser)
		return err
	})
	path := d.makesAddress("/admin/calendar")
	program := subscriber(t, d.s)
	body := strings.ReplaceAll(program.fetch(path).Body.String(), "\r\n ", "")
	if !strings.Contains(body, `Tagna platser: 1 av 1\nPå reservlistan: 1\n`) || statusIn(body, "Utkast: Ny idé") != "TENTATIVE" || statusIn(body, d.ev.Title) != "CONFIRMED" {
		t.Errorf("the calendar is\n%s", body)
	}
	for _, never := range []string{"Grannens", "Nummer", "person00", "ATTENDEE"} {
		if strings.Contains(body, never) {
			t.Errorf("the calendar says %q", never)
		}
	}
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		u, err := user.FindByEmail(context.Background(), tx, "own@region.example")
		if err != nil {
			return err
		}
		if err := user.Disable(context.Background(), tx, u.ID); err != nil {
			return err
		}
		return user.Enable(context.Background(), tx, u.ID)
	})
	if w := program.get(path); w.Code != http.StatusNotFound {
		t.Errorf("of somebody who was disabled meanwhile: %d", w.Code)
	}
}

func TestAnOrganiserWithoutProgrammesHasNoCalendar(t *testing.T) {
	d := newDesk(t, nil)
	path := d.makesAddress("/admin/calendar")
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `DELETE FROM role`)
		return err
	})
	if w := subscriber(t, d.s).get(path); w.Code != http.StatusNotFound {
		t.Errorf("status %d", w.Code)
	}
}

// What one said yes to stays for a while; what one only waited for goes.
func TestOnesOwnCalendarForgets(t *testing.T) {
	db, clock := storetest.New(t)
	s := newServer(t, func(o *Options) { o.DB = db })
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = new(1) })
	for n := range 2 {
		registrationtest.Sign(t, db, ev.ID, n+1)
	}
	var paths []string
	for n := range 2 {
		v := newVisitor(t, s)
		v.comeIn(s, registrationtest.Address(n+1))
		paths = append(paths, v.makesAddress("/me/calendar"))
	}
	for _, step := range []struct {
		after time.Duration
		want  [2]bool
	}{{time.Minute, [2]bool{true, false}}, {feedHistory, [2]bool{false, false}}} {
		clock.Set(ev.EndsAt.Add(step.after))
		for i, path := range paths {
			if got := strings.Contains(subscriber(t, s).fetch(path).Body.String(), "VEVENT"); got != step.want[i] {
				t.Errorf("%v after the end, person %d has it: %v", step.after, i+1, got)
			}
		}
	}
}

func TestOnesOwnDataTellOfTheCalendar(t *testing.T) {
	s := newServer(t, nil)
	r := registrationtest.Sign(t, s.DB, registrationtest.Event(t, s.DB, nil).ID, 1)
	v := newVisitor(t, s)
	v.comeIn(s, r.Email)
	token := strings.TrimSuffix(strings.TrimPrefix(v.makesAddress("/me/calendar"), "/feed/"), ".ics")
	for _, path := range []string{"/me/data", "/me/data.json"} {
		body := v.get(path).Body.String()
		if strings.Contains(body, token) || !strings.Contains(body, map[string]string{"/me/data": "Kalenderadress skapad", "/me/data.json": `"feeds": [`}[path]) {
			t.Errorf("%s: %s", path, body)
		}
	}
	storetest.Read(t, s.DB, func(tx *store.Tx) error {
		f, found, err := subscription.Of(context.Background(), tx, subscription.Owner{PersonID: r.PersonID}, subscription.Participant)
		if !found || f.Language != "sv" {
			t.Errorf("found %v, in %q", found, f.Language)
		}
		return err
	})
}
