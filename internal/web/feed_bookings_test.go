package web

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/calendar/calendartest"
	subscription "stafett/internal/feed"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// meetingsOfEachKind are what may stand in a calendar: a confirmed meeting of each
// form, one that waits for an answer, one that was cancelled, one of a colleague,
// and a time proposed to somebody who waits.
func meetingsOfEachKind(o *office) (online advisory.Booking) {
	o.t.Helper()
	ctx := context.Background()
	online = o.book(o.me, local("2027-01-15", "09:00"), 60, func(r *advisory.Request) {
		r.Meeting, r.Need = advisory.Online, "Vi ska lämna anbud på fönster till en skola; hur räknar vi på garantin?\n"+strings.Repeat("Och mycket annat. ", 20)
	})
	o.book(o.me, local("2027-01-18", "13:00"), 30, nil)
	o.book(o.me, local("2027-03-30", "10:00"), 90, func(r *advisory.Request) {
		r.Meeting, r.Place, r.Municipality.Country, r.Municipality.Number = advisory.OnSite, "Kommunhuset, Dalgatan 30; rum 4", "SE", "2039"
	})
	gone := o.book(o.me, local("2027-01-20", "09:00"), 30, func(r *advisory.Request) { r.Need = "Det här mötet blev avbokat i god tid." })
	o.book(o.colleague, local("2027-01-21", "09:00"), 30, func(r *advisory.Request) { r.Need = "Det här är en kollegas möte och inget annat." })
	asked := o.book(o.me, local("2027-01-22", "09:00"), 30, func(r *advisory.Request) { r.Need = "Det här väntar fortfarande på ett svar." })
	storetest.Write(o.t, o.s.DB, func(tx *store.Tx) error {
		if _, err := advisory.Cancel(ctx, tx, gone.ID, "", true, audit.Actor{Kind: "person", ID: o.who.ID}); err != nil {
			return err
		}
		_, err := store.Exec(ctx, tx, `UPDATE booking SET status = 'requested', confirmed_at = NULL WHERE id = ?`, asked.ID)
		if err != nil {
			return err
		}
		_, err = store.Exec(ctx, tx, `
			INSERT INTO booking_proposal (id, booking_id, adviser_id, status, starts_at, ends_at, blocked_from, blocked_to, expires_at, created_at)
			VALUES ('proposal-1', ?, ?, 'open', '2027-01-25T08:00:00Z', '2027-01-25T08:30:00Z', '2027-01-25T08:00:00Z', '2027-01-25T08:30:00Z', '2027-01-20T08:00:00Z', ?)`,
			asked.ID, o.me.ID, store.At(tx.Now))
		return err
	})
	return online
}

// madeID is an id as the tests' database makes them.
var madeID = regexp.MustCompile(`id-\d{5}`)

// goldenCalendar compares a calendar with what it was, unfolded and with its ids
// counted anew, and reads it with programs that share no code with ours.
func goldenCalendar(t *testing.T, name string, body []byte) calendartest.File {
	t.Helper()
	seen := map[string]string{}
	got := madeID.ReplaceAllStringFunc(strings.ReplaceAll(string(body), "\r\n ", ""), func(id string) string {
		if seen[id] == "" {
			seen[id] = fmt.Sprintf("id-%d", len(seen)+1)
		}
		return seen[id]
	})
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); if it should, run with -update\n%s", name, diff)
	}
	return calendartest.Read(t, []string{name}, [][]byte{body})[0]
}

func TestAnAdvisersCalendarHasTheBookings(t *testing.T) {
	o := newOffice(t, nil)
	online := meetingsOfEachKind(o)
	path := o.makesAddress("/adviser/feed")
	w := subscriber(t, o.s).fetch(path)
	f := goldenCalendar(t, "adviser_feed.sv.ics", w.Body.Bytes())
	if len(f.Events) != 5 || f.Name != "Mina möten i kalendern" {
		t.Fatalf("%q has %d events", f.Name, len(f.Events))
	}
	first := f.Events[0]
	if first.UID != "advise-"+online.ID+"@program.example" || first.Summary != "Snickarna i Älvdalen AB" || first.Status != "CONFIRMED" || first.Location != "https://meet.example/eva" {
		t.Errorf("%+v", first)
	}
	wants(t, first.Description, "Rådgivning Dalarna: Bokat", "Anna Lind", "hur räknar vi på garantin?", " …\n\nhttp://program.example/adviser/bookings/"+online.ID)
	if n := len([]rune(first.Description)); n > 450 {
		t.Errorf("the description has %d characters", n)
	}
	body := strings.ReplaceAll(w.Body.String(), "\r\n ", "")
	lacks(t, body, "avbokat i god tid", "kollegas möte", "ATTENDEE", "anna@snickarna")
	if n := strings.Count(body, "CLASS:PRIVATE\r\n"); n != 5 {
		t.Errorf("%d of 5 events are private", n)
	}
	if got := statusIn(body, "Föreslagen tid"); got != "TENTATIVE" {
		t.Errorf("a proposed time is %q", got)
	}
	again := subscriber(t, o.s)
	again.header = http.Header{"If-None-Match": {w.Header().Get("ETag")}}
	if w := again.get(path); w.Code != http.StatusNotModified {
		t.Errorf("fetched again: %d", w.Code)
	}
}

func TestOnesOwnCalendarHasTheBookingsToo(t *testing.T) {
	o := newOffice(t, nil)
	meetingsOfEachKind(o)
	v := newVisitor(t, o.s)
	v.comeIn(o.s, o.who.Email)
	body := subscriber(t, o.s).fetch(v.makesAddress("/me/calendar")).Body.Bytes()
	f := goldenCalendar(t, "bookings_feed.sv.ics", body)
	if len(f.Events) != 5 { // the colleague's too: it is the same person's meeting
		t.Fatalf("%d events", len(f.Events))
	}
	text := strings.ReplaceAll(string(body), "\r\n ", "")
	wants(t, text, "SUMMARY;LANGUAGE=sv:Rådgivning Dalarna\\, Eva Ek", "http://program.example/me/bookings/")
	lacks(t, text, "anbud", "väntar fortfarande", "avbokat", "Föreslagen", "adviser/bookings", "ATTENDEE")
}

// What moves is told with a higher number, and what is cancelled is there no more.
func TestAnAdvisersCalendarFollowsItsBookings(t *testing.T) {
	o := newOffice(t, nil)
	b := o.book(o.me, local("2027-01-15", "09:00"), 60, nil)
	path := o.makesAddress("/adviser/feed")
	files := [][]byte{subscriber(t, o.s).fetch(path).Body.Bytes()}
	for _, act := range []func(tx *store.Tx) error{
		func(tx *store.Tx) error {
			_, err := advisory.Reschedule(context.Background(), tx, b.ID, local("2027-01-18", "10:00"), 60, o.me.ID, true, audit.System)
			return err
		},
		func(tx *store.Tx) error {
			_, err := advisory.Cancel(context.Background(), tx, b.ID, "", true, audit.System)
			return err
		},
	} {
		o.clock.Advance(time.Hour)
		storetest.Write(t, o.s.DB, act)
		files = append(files, subscriber(t, o.s).fetch(path).Body.Bytes())
	}
	found := calendartest.Read(t, []string{"before", "moved", "cancelled"}, files)
	before, after := found[0].Events[0], found[1].Events[0]
	if after.UID != before.UID || after.Sequence <= before.Sequence || after.Stamp <= before.Stamp || after.Start != "2027-01-18T09:00:00Z" {
		t.Errorf("before %+v, after %+v", before, after)
	}
	if n := len(found[2].Events); n != 0 {
		t.Errorf("%d events are left", n)
	}
}

func TestAnAdvisersAddressEndsWithTheRole(t *testing.T) {
	o := newOffice(t, nil)
	old := o.makesAddress("/adviser/feed")
	path := o.makesAddress("/adviser/feed")
	if w := subscriber(t, o.s).get(old); w.Code != http.StatusNotFound {
		t.Errorf("the address that was changed answers %d", w.Code)
	}
	if w := subscriber(t, o.s).get(path); w.Code != http.StatusOK {
		t.Errorf("the new one answers %d", w.Code)
	}
	storetest.Read(t, o.s.DB, func(tx *store.Tx) error {
		_, found, err := subscription.Of(context.Background(), tx, subscription.Owner{UserID: o.me.UserID}, subscription.Organiser)
		if found {
			t.Error("it is an organiser's")
		}
		return err
	})
	storetest.Write(t, o.s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `DELETE FROM role WHERE user_id = ? AND role = ?`, o.me.UserID, user.Adviser)
		return err
	})
	if w := subscriber(t, o.s).get(path); w.Code != http.StatusNotFound {
		t.Errorf("without the role it answers %d", w.Code)
	}
	storetest.Write(t, o.s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `INSERT INTO role (user_id, role) VALUES (?, ?)`, o.me.UserID, user.Adviser)
		return err
	})
	if w := o.post("/adviser/feed/remove", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/adviser/feed?done=feed_removed" {
		t.Errorf("removed: %d to %s", w.Code, w.Header().Get("Location"))
	}
	if w := subscriber(t, o.s).get(path); w.Code != http.StatusNotFound {
		t.Errorf("after its end it answers %d", w.Code)
	}
}
