package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/busy"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// addAdviser makes an adviser in Norway, who can sign in.
func addAdviser(t *testing.T, s *Server, email string) (a advisory.Adviser) {
	t.Helper()
	u := addUser(t, s, email, user.Grant{Role: user.Adviser})
	storetest.Write(t, s.DB, func(tx *store.Tx) (err error) {
		a, err = advisory.AddAdviser(context.Background(), tx, advisory.Adviser{UserID: u.ID, Country: "NO", TimeZone: "Europe/Oslo"}, nil, audit.System)
		return err
	})
	return a
}

// reads has another calendar answer with a fault, or with two busy times and an
// entry that was not understood.
func reads(s *Server, fault busy.Fault, asked *int) {
	s.ReadCalendar = func(ctx context.Context, adviserID string) error {
		*asked++
		return s.DB.Write(ctx, func(tx *store.Tx) error {
			now := store.At(tx.Now)
			if fault != busy.None {
				_, err := store.Exec(ctx, tx, `UPDATE busy_calendar SET tried_at = ?, fault = ?, fault_since = ? WHERE adviser_id = ?`, now, fault, now, adviserID)
				return err
			}
			for _, day := range []string{"14", "15"} {
				_, err := store.Exec(ctx, tx, `INSERT INTO busy_time (adviser_id, starts_at, ends_at) VALUES (?, ?, ?)`, adviserID, "2027-01-"+day+"T08:00:00Z", "2027-01-"+day+"T09:00:00Z")
				if err != nil {
					return err
				}
			}
			_, err := store.Exec(ctx, tx, `UPDATE busy_calendar SET tried_at = ?, fetched_at = ?, fault = '', fault_since = NULL, unread = 1 WHERE adviser_id = ?`, now, now, adviserID)
			return err
		})
	}
}

const secretAddress = "https://kalender.example/ical/private-0123456789abcdef/basic.ics"

func TestAnAdviserNamesACalendarAndSeesHowItIsRead(t *testing.T) {
	s := newServer(t, nil)
	addAdviser(t, s, "kari@raadgiver.example")
	asked := 0
	reads(s, busy.None, &asked)
	v := newVisitor(t, s)
	v.signInAs("kari@raadgiver.example")
	doc := v.page(v.get("/adviser/calendar"), http.StatusOK)
	if doc.Find(`main form[action="/adviser/calendar/remove"], main form[action="/adviser/calendar/read"]`).Length() != 0 {
		t.Error("there is something to remove before there is a calendar")
	}
	w := v.post("/adviser/calendar", url.Values{"url": {strings.Replace(secretAddress, "https", "webcal", 1)}})
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/adviser/calendar?done=busy_set" || asked != 1 {
		t.Fatalf("%d to %s, asked %d times", w.Code, to, asked)
	}
	doc = v.page(v.get("/adviser/calendar?done=busy_set"), http.StatusOK)
	text := plain(doc.Find("main"))
	wants(t, text, "kalender.example", "cdef", "Senast läst2027-01-13 10.00", "Upptagna tider framåt2", "1 post i kalendern gick inte att tolka helt")
	html, _ := doc.Html()
	lacks(t, html, "private-0123", "basic.ics", "inte gått att läsa")
	reads(s, busy.Gone, &asked)
	if w := v.post("/adviser/calendar/read", nil); w.Code != http.StatusSeeOther || asked != 2 {
		t.Errorf("%d, asked %d times", w.Code, asked)
	}
	wants(t, plain(v.page(v.get("/adviser/calendar"), http.StatusOK).Find("main")), "inte gått att läsa sedan 2027-01-13 10.00", "På adressen finns ingen kalender", "de upptagna tider som lästes senast")
	if w := v.post("/adviser/calendar/remove", nil); w.Code != http.StatusSeeOther {
		t.Error(w.Code)
	}
	lacks(t, plain(v.page(v.get("/adviser/calendar"), http.StatusOK).Find("main")), "kalender.example", "Senast läst")
}

func TestEveryFaultOfACalendarHasWords(t *testing.T) {
	s := newServer(t, nil)
	a := addAdviser(t, s, "kari@raadgiver.example")
	v := newVisitor(t, s)
	v.signInAs("kari@raadgiver.example")
	for _, f := range []busy.Fault{busy.Unreachable, busy.Certificate, busy.Slow, busy.Gone, busy.Refused, busy.Elsewhere, busy.Failing, busy.TooLarge, busy.Unreadable} {
		asked := 0
		reads(s, f, &asked)
		storetest.Write(t, s.DB, func(tx *store.Tx) error { return busy.Set(context.Background(), tx, a.ID, secretAddress, audit.System) })
		v.post("/adviser/calendar/read", nil)
		text := plain(v.page(v.get("/adviser/calendar"), http.StatusOK).Find("main .ds-alert"))
		if len(text) < 60 || strings.Contains(text, "busy.") || strings.Contains(text, "upptagna tider som lästes") {
			t.Errorf("%s: %q", f, text)
		}
	}
}

func TestAnAddressThatIsNoneStaysInTheForm(t *testing.T) {
	s := newServer(t, nil)
	addAdviser(t, s, "kari@raadgiver.example")
	asked := 0
	reads(s, busy.None, &asked)
	v := newVisitor(t, s)
	v.signInAs("kari@raadgiver.example")
	for typed, says := range map[string]string{
		"": "Klistra in", "http://kalender.example/x": "https:// eller webcal://", "https://127.0.0.1/x": "värdnamn", "https://<b> x/": "ingen adress",
	} {
		doc := v.page(v.post("/adviser/calendar", url.Values{"url": {typed}}), http.StatusUnprocessableEntity)
		wants(t, plain(doc.Find("#url-error")), says)
		if got := doc.Find("#url").AttrOr("value", ""); got != typed {
			t.Errorf("typed %q, shown %q", typed, got)
		}
		if doc.Find(".error-summary a[href='#url']").Length() != 1 {
			t.Errorf("%q: no way from the summary to the field", typed)
		}
	}
	if asked != 0 {
		t.Errorf("asked %d times", asked)
	}
}

func TestOnlyAdvisersNameCalendarsAndOnlyTheirOwn(t *testing.T) {
	s := newServer(t, nil)
	kari := addAdviser(t, s, "kari@raadgiver.example")
	addAdviser(t, s, "per@raadgiver.example")
	addUser(t, s, "karin@region.example", user.Grant{Role: user.Administrator})
	asked := 0
	reads(s, busy.None, &asked)
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		return busy.Set(context.Background(), tx, kari.ID, secretAddress, audit.System)
	})
	v := newVisitor(t, s)
	if w := v.get("/adviser/calendar"); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/sign-in") {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	v.signInAs("karin@region.example")
	v.page(v.get("/adviser/calendar"), http.StatusForbidden)
	for _, path := range []string{"", "/read", "/remove"} {
		v.page(v.post("/adviser/calendar"+path, url.Values{"url": {secretAddress}}), http.StatusForbidden)
	}
	per := newVisitor(t, s)
	per.signInAs("per@raadgiver.example")
	lacks(t, plain(per.page(per.get("/adviser/calendar"), http.StatusOK).Find("main")), "kalender.example")
	per.post("/adviser/calendar/remove", nil)
	storetest.Read(t, s.DB, func(tx *store.Tx) error {
		_, found, err := busy.StateOf(context.Background(), tx, kari.ID)
		if !found {
			t.Error("somebody else has removed it")
		}
		return err
	})
}

func TestWhereNoCalendarsAreReadThePageSaysSo(t *testing.T) {
	s := newServer(t, nil)
	addAdviser(t, s, "kari@raadgiver.example")
	v := newVisitor(t, s)
	v.signInAs("kari@raadgiver.example")
	doc := v.page(v.get("/adviser/calendar"), http.StatusOK)
	wants(t, plain(doc.Find("main")), "läses inte här")
	if doc.Find("main form").Length() != 0 {
		t.Error("there is a form")
	}
	v.page(v.post("/adviser/calendar", url.Values{"url": {secretAddress}}), http.StatusNotFound)
	v.page(v.post("/adviser/calendar/read", nil), http.StatusNotFound)
}

func TestAnAdviserReadsCalendarsByHandOnlySoOften(t *testing.T) {
	s := newServer(t, func(o *Options) { o.Limits.CalendarHour = 2 })
	addAdviser(t, s, "kari@raadgiver.example")
	asked := 0
	reads(s, busy.Gone, &asked)
	v := newVisitor(t, s)
	v.signInAs("kari@raadgiver.example")
	v.post("/adviser/calendar", url.Values{"url": {secretAddress}})
	v.post("/adviser/calendar", url.Values{"url": {"https://another.example/"}})
	if w := v.post("/adviser/calendar", url.Values{"url": {"https://third.example/"}}); w.Code != http.StatusTooManyRequests || asked != 2 {
		t.Errorf("%d, asked %d times", w.Code, asked)
	}
}
