package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/mail/transport"
	"stafett/internal/municipality"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// visitor is a browser without scripts: it keeps cookies and follows nothing.
type visitor struct {
	t       *testing.T
	handler http.Handler
	cookies []*http.Cookie
	header  http.Header
}

func newVisitor(t *testing.T, s *Server) *visitor {
	t.Helper()
	engine, err := s.Engine()
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.Protect(engine)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, handler: h, header: http.Header{"Accept-Language": {"sv"}}}
}

func (v *visitor) do(r *http.Request) *httptest.ResponseRecorder {
	v.t.Helper()
	for k, values := range v.header {
		r.Header[k] = values
	}
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, r)
	v.cookies = append(v.cookies, w.Result().Cookies()...)
	return w
}

func (v *visitor) get(path string) *httptest.ResponseRecorder {
	v.t.Helper()
	return v.do(httptest.NewRequest(http.MethodGet, "http://program.example"+path, nil))
}

func (v *visitor) post(path string, form url.Values) *httptest.ResponseRecorder {
	v.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://program.example"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.do(r)
}

// page reads an answer that must have the status as a page.
func (v *visitor) page(w *httptest.ResponseRecorder, status int) *goquery.Document {
	v.t.Helper()
	if w.Code != status {
		v.t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	doc, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if n := doc.Find("h1").Length(); n != 1 {
		v.t.Errorf("%d h1 on the page", n)
	}
	return doc
}

func signUp() url.Values {
	return url.Values{
		"key": {"a-form"}, "first_name": {"Åsa"}, "last_name": {"Öberg"}, "email": {"asa@people.example"}, "audience": {"supplier_sme"},
		"municipality": {"mora"}, "organisation": {"company"}, "country": {"SE"}, "org_number": {"402000-1006"}, "company_name": {"Siljans Snickeri (påhittat)"},
	}
}

func registrations(t *testing.T, s *Server, eventID string) (all []registration.Registration) {
	t.Helper()
	storetest.Read(t, s.DB, func(tx *store.Tx) (err error) {
		all, err = registration.Roster(context.Background(), tx, eventID, registration.RosterFilter{})
		return err
	})
	return all
}

func TestAnEventsPageShowsTheFactsFirst(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, func(c *event.Content) {
		c.Agenda = []event.AgendaItem{{OffsetMinutes: -30, Title: "Kaffe"}, {OffsetMinutes: 0, Title: "Välkommen"}}
		c.Description = "Läs **mer** <script>alert(1)</script> [här](javascript:alert(1))"
	})
	v := newVisitor(t, s)
	doc := v.page(v.get("/events/"+ev.Slug), http.StatusOK)
	facts := strings.Join(strings.Fields(strings.ReplaceAll(doc.Find(".facts").Text(), "\u00a0", " ")), " ")
	for _, want := range []string{"TidOnsdag 10 mars 2027", "kl. 09.00–12.00", "PlatsKristinehallen", "PrisKostnadsfritt", "Sista anmälningsdagSenast onsdag 3 mars kl. 23.59"} {
		if !strings.Contains(facts, want) {
			t.Errorf("no %q in %q", want, facts)
		}
	}
	if got := doc.Find(".agenda th").First().Text(); got != "08.30" {
		t.Errorf("the coffee is at %q", got)
	}
	if got := doc.Find(".facts-action a").AttrOr("href", ""); got != "/events/"+ev.Slug+"/register" {
		t.Errorf("the button leads to %q", got)
	}
	if doc.Find(".prose script").Length() > 0 || strings.Contains(doc.Find(".prose").Text(), "alert(1)</script>") || doc.Find(`.prose a[href^="javascript"]`).Length() > 0 {
		t.Error("the organiser's text runs as script")
	}
	var ld map[string]any
	if err := json.Unmarshal([]byte(doc.Find(`script[type="application/ld+json"]`).Text()), &ld); err != nil || ld["@type"] != "Event" || ld["startDate"] != "2027-03-10T09:00:00+01:00" {
		t.Errorf("data for search engines: %v %v", err, ld)
	}
}

func TestTheLanguageIsThatOfTheAddressThenTheCookieThenTheBrowserThenTheEvent(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	language := func(path string) string {
		return v.page(v.get(path), http.StatusOK).Find("html").AttrOr("lang", "")
	}
	v.header = http.Header{"Accept-Language": {"de"}}
	if got := language("/events/" + ev.Slug); got != "sv" {
		t.Errorf("nothing said: %q, want the event's", got)
	}
	v.header = http.Header{"Accept-Language": {"no, en;q=0.5"}}
	if got := language("/events"); got != "nb" {
		t.Errorf("by the browser: %q", got)
	}
	if got := language("/events?lang=nn"); got != "nn" {
		t.Errorf("by the address: %q", got)
	}
	if got := language("/events"); got != "nn" {
		t.Errorf("by the cookie: %q", got)
	}
	if got := language("/events?lang=en"); got != "en" {
		t.Errorf("the address over the cookie: %q", got)
	}
}

func TestTheListIsFilteredByTheAddress(t *testing.T) {
	s := newServer(t, nil)
	registrationtest.Event(t, s.DB, nil)
	registrationtest.Event(t, s.DB, func(c *event.Content) {
		registrationtest.Hybrid(c)
		c.Kind, c.Mode, c.Title, c.Language, c.RoomPlaces = event.Webinar, event.Online, "Handlingsrommet på nett", "nb", nil
		c.Municipality = municipality.Code{}
	})
	v := newVisitor(t, s)
	for query, want := range map[string]int{
		"": 2, "?kind=webinar": 1, "?kind=webinar&kind=seminar": 2, "?municipality=SE-2080": 1, "?q=handlingsROMMET": 1, "?q=på+nett+saknas": 0,
		"?language=sv": 1, "?audience=procurer": 2, "?audience=politician": 0, "?free=1": 2, "?kind=nonsense": 2,
	} {
		doc := v.page(v.get("/events"+query), http.StatusOK)
		if got := doc.Find(".event-list li").Length(); got != want {
			t.Errorf("%q: %d events, want %d", query, got, want)
		}
		if want == 0 && doc.Find(".empty-state").Length() == 0 {
			t.Errorf("%q: an empty list says nothing", query)
		}
	}
}

func TestSigningUpLeadsToAPageThatSaysWhatHappensNext(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	form := v.page(v.get("/events/"+ev.Slug+"/register"), http.StatusOK)
	if form.Find(`input[name="key"]`).AttrOr("value", "") == "" {
		t.Error("the form has no key")
	}
	w := v.post("/events/"+ev.Slug+"/register", signUp())
	if w.Code != http.StatusSeeOther {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	next := v.page(v.get(w.Header().Get("Location")), http.StatusOK)
	if got := next.Find("h1").Text(); got != "Din anmälan är mottagen" {
		t.Errorf("the page says %q", got)
	}
	all := registrations(t, s, ev.ID)
	if len(all) != 1 || all[0].Status != registration.Confirmed || all[0].Municipality.Number != "2062" {
		t.Errorf("stored: %+v", all)
	}
}

func TestTheSameFormSentAgainChangesNothing(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	one := v.post("/events/"+ev.Slug+"/register", signUp()).Header().Get("Location")
	two := v.post("/events/"+ev.Slug+"/register", signUp()).Header().Get("Location")
	if one == "" || one != two {
		t.Errorf("the answers differ: %q, %q", one, two)
	}
	var letters int
	storetest.Read(t, s.DB, func(tx *store.Tx) (err error) {
		letters, err = store.One(context.Background(), tx, store.Value[int], `SELECT count(*) FROM message`)
		return err
	})
	if letters != 1 {
		t.Errorf("%d letters, want 1", letters)
	}
}

func TestARefusedFormKeepsWhatWasTypedAndLinksToEachError(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	form := signUp()
	form.Set("email", "not an address")
	form.Set("org_number", "402000-1007")
	form.Set("municipality", "Atlantis")
	doc := v.page(v.post("/events/"+ev.Slug+"/register", form), http.StatusUnprocessableEntity)
	if !strings.HasPrefix(doc.Find("title").Text(), "Fel: ") {
		t.Errorf("the title is %q", doc.Find("title").Text())
	}
	for _, name := range []string{"email", "org_number", "municipality"} {
		field := doc.Find("#" + name)
		if field.AttrOr("value", "") != form.Get(name) || field.AttrOr("aria-invalid", "") != "true" {
			t.Errorf("%s: what was typed is gone, or the error is not at the field", name)
		}
		if doc.Find(`.error-summary a[href="#`+name+`"]`).Length() != 1 {
			t.Errorf("%s: no link in the summary", name)
		}
		described := strings.Fields(field.AttrOr("aria-describedby", ""))
		if len(described) == 0 || doc.Find("#"+described[len(described)-1]).Length() != 1 {
			t.Errorf("%s: its error is not tied to it", name)
		}
	}
	if got := doc.Find("#first_name").AttrOr("value", ""); got != "Åsa" {
		t.Errorf("the first name is %q", got)
	}
	if len(registrations(t, s, ev.ID)) != 0 {
		t.Error("something was stored")
	}
}

func TestAPersonalNumberIsNeitherStoredNorGivenBack(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	form := signUp()
	form.Set("org_number", "811218-9876")
	w := v.post("/events/"+ev.Slug+"/register", form)
	if strings.Contains(w.Body.String(), "811218") {
		t.Error("the number is on the page")
	}
	doc := v.page(w, http.StatusUnprocessableEntity)
	if got := doc.Find("#org_number-error").Text(); !strings.Contains(got, "personnummer") {
		t.Errorf("the error says %q", got)
	}
}

func TestSigningUpTwiceLooksTheSame(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	form := signUp()
	first := v.page(v.get(v.post("/events/"+ev.Slug+"/register", form).Header().Get("Location")), http.StatusOK)
	form.Set("key", "another form")
	second := v.page(v.get(v.post("/events/"+ev.Slug+"/register", form).Header().Get("Location")), http.StatusOK)
	if a, b := first.Find("main").Text(), second.Find("main").Text(); a != b {
		t.Errorf("the pages differ:\n%s\n%s", a, b)
	}
	if n := len(registrations(t, s, ev.ID)); n != 1 {
		t.Errorf("%d registrations", n)
	}
}

func TestEachStateRefusesWithAWayForward(t *testing.T) {
	s := newServer(t, nil)
	other := registrationtest.Event(t, s.DB, func(c *event.Content) { c.Title = "Ett annat" })
	for _, tt := range []struct {
		name, says string
		content    func(*event.Content)
		step       func(*store.Tx, event.Event) error
	}{
		{"not open yet", "öppnar", func(c *event.Content) { c.OpensAt = c.StartsAt.AddDate(0, 0, -14) }, nil},
		{"closed", "stängde", func(c *event.Content) { c.ClosesAt = s.DB.Now().Add(-time.Hour) }, nil},
		{"cancelled", "inställt", nil, func(tx *store.Tx, ev event.Event) error {
			_, err := registration.CancelEvent(context.Background(), tx, ev.ID, "Sjukdom", audit.System)
			return err
		}},
		{"postponed", "framflyttat", nil, func(tx *store.Tx, ev event.Event) error {
			_, err := registration.PostponeEvent(context.Background(), tx, ev.ID, "Snö", audit.System)
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ev := registrationtest.Event(t, s.DB, tt.content)
			if tt.step != nil {
				storetest.Write(t, s.DB, func(tx *store.Tx) error { return tt.step(tx, ev) })
			}
			v := newVisitor(t, s)
			doc := v.page(v.get("/events/"+ev.Slug+"/register"), http.StatusOK)
			if got := doc.Find(".ds-alert").Text(); !strings.Contains(got, tt.says) {
				t.Errorf("it says %q", got)
			}
			if doc.Find("form.form").Length() > 0 || doc.Find(`a[href="/events/`+other.Slug+`"]`).Length() == 0 {
				t.Error("there is a form, or no way forward")
			}
			if w := v.post("/events/"+ev.Slug+"/register", signUp()); w.Code != http.StatusConflict {
				t.Errorf("signing up all the same: %d", w.Code)
			}
		})
	}
}

// link makes the personal link that stands in a letter.
func link(t *testing.T, s *Server, r registration.Registration, purpose registration.Purpose) (token string) {
	t.Helper()
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		ev, err := event.Find(context.Background(), tx, r.EventID)
		if err != nil {
			return err
		}
		token, err = registration.NewLink(context.Background(), tx, r, ev, purpose)
		return err
	})
	return token
}

func TestOpeningALinkChangesNothingAndItsButtonGivesUpThePlace(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, func(c *event.Content) { one := 1; c.RoomPlaces = &one })
	v := newVisitor(t, s)
	v.post("/events/"+ev.Slug+"/register", signUp())
	waiting := signUp()
	waiting.Set("email", "next@people.example")
	waiting.Set("organisation", "none")
	v.post("/events/"+ev.Slug+"/register", waiting)
	all := registrations(t, s, ev.ID)
	token := link(t, s, all[0], registration.Manage)
	doc := v.page(v.get("/r/"+token), http.StatusOK)
	if doc.Find(`form[action="/r/`+token+`/cancel"] button`).Length() != 1 {
		t.Fatal("no button to give up the place")
	}
	if got := registrations(t, s, ev.ID)[0].Status; got != registration.Confirmed {
		t.Fatalf("opening the link made it %s", got)
	}
	w := v.post("/r/"+token+"/cancel", nil)
	done := v.page(v.get(w.Header().Get("Location")), http.StatusOK)
	if !strings.Contains(done.Find(".ds-alert").Text(), "Du är avanmäld") {
		t.Errorf("it says %q", done.Find(".ds-alert").Text())
	}
	for _, r := range registrations(t, s, ev.ID) {
		want := registration.Cancelled
		if r.Email == "next@people.example" {
			want = registration.Offered
		}
		if r.Status != want {
			t.Errorf("%s is %s, want %s", r.Email, r.Status, want)
		}
	}
	if w := v.post("/r/"+token+"/cancel", nil); w.Code != http.StatusSeeOther {
		t.Errorf("the button pressed twice: %d", w.Code)
	}
}

func TestALinkOfAnotherPurposeIsNoLink(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	v.post("/events/"+ev.Slug+"/register", signUp())
	token := link(t, s, registrations(t, s, ev.ID)[0], registration.JoinMeeting)
	for _, path := range []string{"/r/" + token, "/r/unknown", "/join/unknown"} {
		if w := v.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestJoiningMarksPresenceOnlyByTheButton(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, func(c *event.Content) { registrationtest.Hybrid(c); c.Mode, c.RoomPlaces = event.Online, nil })
	v := newVisitor(t, s)
	v.post("/events/"+ev.Slug+"/register", signUp())
	token := link(t, s, registrations(t, s, ev.ID)[0], registration.JoinMeeting)
	early := v.page(v.get("/join/"+token), http.StatusOK)
	if early.Find("main form").Length() > 0 || !strings.Contains(plain(early.Find(".ds-alert")), "Mötet öppnar onsdag 10 mars 2027 kl. 08.30") {
		t.Errorf("too early it says %q", early.Find(".ds-alert").Text())
	}
}

func TestCalendarFileOfAnEvent(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	w := v.get("/events/" + ev.Slug + ".ics")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Fatalf("%d %s", w.Code, w.Header().Get("Content-Type"))
	}
	for _, want := range []string{"METHOD:PUBLISH\r\n", "DTSTART;TZID=Europe/Stockholm:20270310T090000\r\n", "UID:" + ev.ID + "@program.example\r\n"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %q", want)
		}
	}
	if again := v.get("/events/" + ev.Slug + ".ics"); again.Body.String() != w.Body.String() {
		t.Error("the file differs from one time to the next")
	}
	if got := w.Header().Get("Last-Modified"); got != ev.ChangedAt.UTC().Format(http.TimeFormat) {
		t.Errorf("last modified %q", got)
	}
	tag := w.Header().Get("ETag")
	for _, asked := range []string{tag, "W/" + tag, `"older", ` + tag} {
		v.header.Set("If-None-Match", asked)
		if again := v.get("/events/" + ev.Slug + ".ics"); tag == "" || again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("with the tag %s: %d", asked, again.Code)
		}
	}
	v.header.Set("If-None-Match", `"older"`)
	if again := v.get("/events/" + ev.Slug + ".ics"); again.Code != http.StatusOK {
		t.Errorf("with another tag: %d", again.Code)
	}
}

func TestRequestsFromElsewhereAreRefused(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	post := func(change func(*http.Request)) int {
		r := httptest.NewRequest(http.MethodPost, "http://program.example/events/"+ev.Slug+"/register", strings.NewReader(signUp().Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		change(r)
		return v.do(r).Code
	}
	for name, tt := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"another site":        {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		"another origin":      {func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, http.StatusForbidden},
		"no origin at all":    {func(r *http.Request) { r.Header.Set("Origin", "null") }, http.StatusForbidden},
		"another host's name": {func(r *http.Request) { r.Host = "evil.example" }, http.StatusMisdirectedRequest},
		"another type":        {func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, http.StatusUnsupportedMediaType},
	} {
		if got := post(tt.change); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
	if n := len(registrations(t, s, ev.ID)); n != 0 {
		t.Errorf("%d registrations came of it", n)
	}
}

func TestBodiesThatAreTooLargeOrBrokenAreRefused(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	post := func(body string) int {
		r := httptest.NewRequest(http.MethodPost, "http://program.example/events/"+ev.Slug+"/register", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return v.do(r).Code
	}
	for name, tt := range map[string]struct {
		body string
		want int
	}{
		"two megabytes":   {"first_name=" + strings.Repeat("a", 2<<20), http.StatusRequestEntityTooLarge},
		"bad bytes":       {"first_name=%ff%fe", http.StatusBadRequest},
		"NUL":             {"first_name=a%00b", http.StatusBadRequest},
		"a broken escape": {"first_name=%zz", http.StatusBadRequest},
		"too many fields": {strings.Repeat("a=1&", 500), http.StatusBadRequest},
	} {
		if got := post(tt.body); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	s := newServer(t, func(o *Options) { o.BaseURL = "https://program.example" })
	v := newVisitor(t, s)
	for _, path := range []string{"/events", "/nothing/here", "/healthz", "/robots.txt"} {
		h := v.get(path).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000; includeSubDomains", "Cache-Control": "no-store",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if p := h.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
			t.Errorf("%s: policy %q", path, p)
		}
	}
}

func TestSignUpsOfOneCallerAreLimited(t *testing.T) {
	s := newServer(t, func(o *Options) { o.Limits = Limits{RegisterMinute: 3} })
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	for i := range 4 {
		w := v.post("/events/"+ev.Slug+"/register", url.Values{})
		want := http.StatusUnprocessableEntity
		if i == 3 {
			want = http.StatusTooManyRequests
		}
		if w.Code != want {
			t.Errorf("try %d: %d, want %d", i+1, w.Code, want)
		}
		if i == 3 && w.Header().Get("Retry-After") == "" {
			t.Error("no word of when to try again")
		}
	}
}

func TestTheMailboxExistsInTheDemoOnly(t *testing.T) {
	v := newVisitor(t, newServer(t, nil))
	if w := v.get("/dev/mail"); w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
}

// The letter is in a frame, where our own pages refuse to be shown.
func TestLinksOfALetterInTheMailboxLeaveTheFrame(t *testing.T) {
	s := newServer(t, func(o *Options) { o.Mailbox = transport.NewMailbox(o.DB.Now) })
	data := "From: a@program.example\r\nTo: b@people.example\r\nSubject: Hej\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
		"<!doctype html>\r\n<html lang=\"sv\">\r\n<head>\r\n<title>Hej</title></head><body><h1>Hej</h1></body></html>\r\n"
	s.Mailbox.Send(context.Background(), transport.Envelope{From: "a@program.example", To: "b@people.example", Data: []byte(data)})
	v := newVisitor(t, s)
	if doc := v.page(v.get("/dev/mail/1/html"), http.StatusOK); doc.Find(`head base[target="_top"]`).Length() != 1 {
		t.Error("they stay in it")
	}
	frame := v.page(v.get("/dev/mail/1"), http.StatusOK).Find("iframe")
	if !strings.Contains(frame.AttrOr("sandbox", ""), "allow-top-navigation-by-user-activation") {
		t.Error("the frame does not let them")
	}
}

func TestThePlaceIsHandedToAColleague(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	v.post("/events/"+ev.Slug+"/register", signUp())
	token := link(t, s, registrations(t, s, ev.ID)[0], registration.Manage)
	doc := v.page(v.post("/r/"+token+"/transfer", url.Values{"colleague_first_name": {"Bo"}, "colleague_email": {"bo"}}), http.StatusUnprocessableEntity)
	if doc.Find("#colleague_email").AttrOr("value", "") != "bo" || doc.Find(`.error-summary a[href="#colleague_email"]`).Length() != 1 || doc.Find("#first_name").AttrOr("value", "") != "Åsa" {
		t.Error("what was typed or stored is gone, or the error is not at the field")
	}
	w := v.post("/r/"+token+"/transfer", url.Values{"colleague_first_name": {"Bo"}, "colleague_last_name": {"Ek"}, "colleague_email": {"bo@people.example"}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for _, r := range registrations(t, s, ev.ID) {
		want := map[string]registration.Status{"asa@people.example": registration.Transferred, "bo@people.example": registration.Confirmed}[r.Email]
		if r.Status != want || r.OrganisationName != "Siljans Snickeri (påhittat)" || r.CompanyID == "" {
			t.Errorf("%s: %s for %q", r.Email, r.Status, r.OrganisationName)
		}
	}
}
