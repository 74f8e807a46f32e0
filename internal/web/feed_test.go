package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"stafett/internal/calendar/calendartest"
	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// subscriber is a program that fetches by itself: without cookies, without a
// language of its own.
func subscriber(t *testing.T, s *Server) *visitor {
	t.Helper()
	v := newVisitor(t, s)
	v.header = http.Header{}
	return v
}

func (v *visitor) fetch(path string) *httptest.ResponseRecorder {
	v.t.Helper()
	w := v.get(path)
	if w.Code != http.StatusOK {
		v.t.Fatalf("%s: status %d: %s", path, w.Code, w.Body)
	}
	if len(w.Result().Cookies()) > 0 {
		v.t.Errorf("%s sets a cookie", path)
	}
	return w
}

func TestFeedHoldsWhatTheCalendarPageShows(t *testing.T) {
	s := newServer(t, nil)
	room := registrationtest.Event(t, s.DB, func(c *event.Content) { c.Title = "I rummet" })
	registrationtest.Event(t, s.DB, func(c *event.Content) { registrationtest.Online(c); c.Title = "På nätet"; c.Language = "nb" })
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		c := registrationtest.Content()
		c.Title = "Hemligt utkast"
		_, err := event.Create(context.Background(), tx, room.ProgrammeID, "", c, registrationtest.Organiser)
		return err
	})
	v := subscriber(t, s)
	for path, want := range map[string][2]bool{ // in the room, on the net
		"":                               {true, true},
		"?kind=webinar":                  {false, true},
		"?kind=workshop":                 {false, false},
		"?language=nb":                   {false, true},
		"?municipality=SE-2062":          {room.Municipality.String() == "SE-2062", false},
		"?q=rummet":                      {true, false},
		"?free=1":                        {true, true},
		"?from=2099-01-01":               {false, false},
		"?to=2001-01-01":                 {false, false},
		"?from=nonsense&kind=nonsense":   {true, true},
		"?audience=supplier_sme&lang=nn": {true, true},
	} {
		for _, file := range []string{"/feed.ics", "/feed.atom"} {
			body := v.fetch(file + path).Body.String()
			if got := [2]bool{strings.Contains(body, "I rummet"), strings.Contains(body, "På nätet")}; got != want {
				t.Errorf("%s%s holds %v, want %v", file, path, got, want)
			}
			if strings.Contains(body, "utkast") {
				t.Errorf("%s%s shows a draft", file, path)
			}
		}
	}
	if w := v.get("/feed.ics?programme=unknown"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown programme: %d", w.Code)
	}
}

func TestFeedIsTheSameUntilSomethingChanges(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := subscriber(t, s)
	for _, file := range []string{"/feed.ics?lang=nb", "/feed.atom"} {
		first := v.fetch(file)
		h := first.Header()
		for name, want := range map[string]string{
			"Vary": "", "Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin", "X-Content-Type-Options": "nosniff",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", file, name, got, want)
			}
		}
		if h.Get("Last-Modified") == "" {
			t.Errorf("%s tells no time of its last change", file)
		}
		v.header = http.Header{"Cookie": {"language=en; session=x"}, "Accept-Language": {"en"}}
		if again := v.fetch(file); again.Body.String() != first.Body.String() {
			t.Errorf("%s depends on who asks", file)
		}
		for name, value := range map[string]string{"If-None-Match": h.Get("ETag"), "If-Modified-Since": h.Get("Last-Modified")} {
			v.header = http.Header{name: {value}}
			if w := v.get(file); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
				t.Errorf("%s, %s: status %d with %d bytes", file, name, w.Code, w.Body.Len())
			}
		}
		v.header = http.Header{}
		head := v.do(httptest.NewRequest(http.MethodHead, "http://program.example"+file, nil))
		if head.Code != http.StatusOK || head.Header().Get("ETag") != h.Get("ETag") {
			t.Errorf("%s: HEAD answers %d", file, head.Code)
		}
	}
	before := v.fetch("/feed.ics").Header()
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		tx.Now = tx.Now.Add(time.Hour)
		_, err := registration.CancelEvent(context.Background(), tx, ev.ID, "Ingen föreläsare.", registrationtest.Organiser)
		return err
	})
	for name, value := range map[string]string{"If-None-Match": before.Get("ETag"), "If-Modified-Since": before.Get("Last-Modified")} {
		v.header = http.Header{name: {value}}
		w := v.get("/feed.ics?lang=nn")
		body := w.Body.String()
		if w.Code != http.StatusOK || !strings.Contains(body, "STATUS:CANCELLED") || !strings.Contains(body, "SUMMARY;LANGUAGE=sv:Avlyst: ") {
			t.Errorf("after the cancellation, %s: %d\n%s", name, w.Code, body)
		}
	}
}

// An event that came to its end leaves the feed, so that a program which knows
// only the time of the last change fetches it again.
func TestFeedChangesWhenAnEventIsOver(t *testing.T) {
	db, clock := storetest.New(t)
	s := newServer(t, func(o *Options) { o.DB = db })
	ev := registrationtest.Event(t, db, nil)
	v := subscriber(t, s)
	before := v.fetch("/feed.ics").Header()
	clock.Advance(ev.EndsAt.Add(time.Minute).Sub(db.Now()))
	v.header = http.Header{"If-Modified-Since": {before.Get("Last-Modified")}}
	if w := v.get("/feed.ics"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "VEVENT") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// feedparser is what many readers of news are built on; it shares nothing with us.
const feedparser = `
import feedparser, json, sys
f = feedparser.parse(sys.stdin.buffer.read())
print(json.dumps({"bozo": str(f.get("bozo_exception", "")), "version": f.version, "id": f.feed.id, "title": f.feed.title, "updated": f.feed.updated_parsed is not None,
  "self": [l.href for l in f.feed.links if l.rel == "self"], "entries": [{"id": e.id, "title": e.title, "link": e.link, "updated": e.updated,
  "published": e.published, "author": e.author, "kind": e.tags[0].term, "lang": e.content[0].language, "html": e.content[0].value, "files": [l.href for l in e.links if l.rel == "related"]} for e in f.entries]}))
`

func TestAnotherReaderUnderstandsTheNewsFeed(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, func(c *event.Content) {
		c.Title, c.Summary = `Anbud & "avtal" <på riktigt>`, "Å, ä & ö < allt."
		c.Description = "Läs **mer** på [sidan](https://region.example/a?b=1&c=2).\n\n<script>alert(1)</script>"
	})
	cmd := exec.Command("/usr/bin/python3", "-c", feedparser)
	cmd.Stdin = strings.NewReader(subscriber(t, s).fetch("/feed.atom?lang=en").Body.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3-feedparser cannot read the feed; is it installed? apt-get install python3-feedparser\n%v", err)
	}
	type entry struct {
		ID, Title, Link, Updated, Published, Author, Kind, Lang, HTML string
		Files                                                         []string
	}
	var got struct {
		Bozo, Version, ID, Title string
		Updated                  bool
		Self                     []string
		Entries                  []entry
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got.Bozo != "" || got.Version != "atom10" || got.ID != "tag:program.example,2026:/feed.atom?lang=en" || got.Title != "Events" || !got.Updated || len(got.Entries) != 1 {
		t.Fatalf("read as %+v", got)
	}
	if fmt.Sprint(got.Self) != "[http://program.example/feed.atom?lang=en]" {
		t.Errorf("itself at %v", got.Self)
	}
	e := got.Entries[0]
	address := "http://program.example/events/" + ev.Slug
	if e.ID != "tag:program.example,2026:event/"+ev.ID || e.Title != ev.Title || e.Link != address || e.Kind != string(ev.Kind) || e.Lang != "sv" || fmt.Sprint(e.Files) != "["+address+".ics]" {
		t.Errorf("entry %+v", e)
	}
	if e.Updated != ev.ChangedAt.Format(time.RFC3339) || e.Published != ev.PublishedAt.Format(time.RFC3339) {
		t.Errorf("times %s and %s", e.Updated, e.Published)
	}
	if !strings.Contains(e.HTML, "<strong>mer</strong>") || !strings.Contains(e.HTML, "Å, ä &amp; ö &lt; allt.") || strings.Contains(e.HTML, "alert") {
		t.Errorf("content %s", e.HTML)
	}
}

func TestTheNewsFeedHasWhatChangedLast(t *testing.T) {
	s := newServer(t, nil)
	var f feed
	for i := range mostNews + 20 {
		ev := event.Event{ID: fmt.Sprint(i), Content: registrationtest.Content(), ChangedAt: registrationtest.Starts.Add(time.Duration(i%7) * time.Hour)}
		f.Events = append(f.Events, ev)
	}
	a, err := s.atom(f)
	if err != nil {
		t.Fatal(err)
	}
	newest := registrationtest.Starts.Add(6 * time.Hour).Format(time.RFC3339)
	if len(a.Entries) != mostNews || a.Entries[0].Updated != newest || a.Updated != newest || a.Entries[mostNews-1].Updated >= newest {
		t.Errorf("%d entries, updated %s, the first %s", len(a.Entries), a.Updated, a.Entries[0].Updated)
	}
}

func TestPagesOfferTheirFeeds(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	doc := v.page(v.get("/events?kind=seminar&kind=nonsense&lang=nb"), http.StatusOK)
	address := "program.example/feed.ics?kind=seminar&lang=nb"
	if got, _ := doc.Find("#subscribe a.ds-button").Attr("href"); got != "webcal://"+address {
		t.Errorf("webcal address %q", got)
	}
	if got, _ := doc.Find("#feed-address").Attr("value"); got != "http://"+address {
		t.Errorf("address %q", got)
	}
	for _, path := range []string{"/", "/events"} {
		doc := v.page(v.get(path), http.StatusOK)
		for _, kind := range []string{"application/atom+xml", "text/calendar"} {
			href, ok := doc.Find(`head link[rel=alternate][type="` + kind + `"]`).Attr("href")
			if !ok {
				t.Errorf("%s names no %s", path, kind)
				continue
			}
			subscriber(t, s).fetch(strings.TrimPrefix(href, "http://program.example"))
		}
	}
	doc = v.page(v.get("/events/"+ev.Slug), http.StatusOK)
	if doc.Find(`a[href^="/events?programme="]`).Length() != 1 {
		t.Error("the event's page does not lead to its programme's calendar")
	}
}

// One event that no calendar file can hold does not take the others along.
func TestFeedLeavesOutWhatCannotBeWritten(t *testing.T) {
	s := newServer(t, nil)
	registrationtest.Event(t, s.DB, func(c *event.Content) { c.Title = "Bra" })
	bad := registrationtest.Event(t, s.DB, func(c *event.Content) { c.Title = "Dåligt" })
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `UPDATE event SET contact_email = 'två ord@x' WHERE id = ?`, bad.ID)
		return err
	})
	body := subscriber(t, s).fetch("/feed.ics").Body.String()
	if !strings.Contains(body, "Bra") || strings.Contains(body, "Dåligt") {
		t.Errorf("the feed holds\n%s", body)
	}
}

func TestReadersThatShareNothingWithUsReadTheFeedsAlike(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.Title = `Anbud; "krav", pris \ kvalitet`; c.RoomPlaces = new(1) })
	registrationtest.Event(t, d.s.DB, func(c *event.Content) {
		registrationtest.Online(c)
		c.TimeZone, c.Language = "Europe/Oslo", "nb"
	})
	off := registrationtest.Event(t, d.s.DB, nil)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	registrationtest.Sign(t, d.s.DB, off.ID, 1)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := registration.CancelEvent(context.Background(), tx, off.ID, "Sjukdom.", registrationtest.Organiser)
		return err
	})
	me, program := newVisitor(t, d.s), subscriber(t, d.s)
	me.comeIn(d.s, r.Email)
	paths := []string{"/feed.ics", "/feed.ics?lang=en&kind=seminar", "/feed.ics?programme=dalarna", "/feed.ics?kind=workshop",
		"/events/" + d.ev.Slug + ".ics", me.makesAddress("/me/calendar"), d.makesAddress("/admin/calendar")}
	var files [][]byte
	for _, path := range paths {
		files = append(files, program.fetch(path).Body.Bytes())
	}
	names := []string{"Evenemang", "Events: seminar", "Upphandlingskompetens Dalarna", "Evenemang: workshop", "Upphandlingskompetens Dalarna", "Mina anmälningar i kalendern", "Dina program i kalendern"}
	events := []int{3, 2, 3, 0, 1, 2, 3}
	for i, got := range calendartest.Read(t, paths, files) {
		if got.Method != "PUBLISH" || got.Name != names[i] || len(got.Events) != events[i] || got.Refresh != "PT6H" {
			t.Errorf("%s: %s %q with %d events, again in %s", paths[i], got.Method, got.Name, len(got.Events), got.Refresh)
		}
		for _, ev := range got.Events {
			if len(ev.Attendees)+len(ev.Alarms) > 0 || len(ev.Organizers) != 1 || ev.Start != "2027-03-10T08:00:00Z" || ev.End != "2027-03-10T11:00:00Z" {
				t.Errorf("%s: %+v", paths[i], ev)
			}
		}
	}
}
