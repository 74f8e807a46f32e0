package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/api"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestAnEventIsCreatedAsADraft(t *testing.T) {
	w := newWorld(t)
	r := w.do("POST", "/events", w.organiser, webinar().String()).want(http.StatusCreated)
	var got api.CreatedEvent
	r.read(&got)
	if diff := cmp.Diff(api.CreatedEvent{ID: got.ID, Slug: "sa-lamnar-du-anbud", Status: "draft"}, got); diff != "" || got.ID == "" {
		t.Error(diff)
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'event.create' AND actor_kind = 'token' AND object_id = ?`, got.ID); n != 1 {
		t.Errorf("%d audit entries by the token", n)
	}
}

func TestAnEventIsShownAsItWasWritten(t *testing.T) {
	w := newWorld(t)
	id := w.published(seminar().with(
		"description", "Vi går igenom **hela** upphandlingen.", "access_notes", "Hiss finns.\nHörslinga.", "mode", "hybrid",
		"capacity", object{"room": 40, "online": 200}, "join_url", "https://meeting.example/secret-room",
		"registration_opens_at", "2027-01-01T08:00:00+01:00", "price_minor", 25000, "price_note", "Lunch ingår.", "company_limit", 2,
		"contact_name", "Eva Lind", "contact_email", "eva@region.example", "contact_phone", "070-123 45 67"))
	want := api.Event{
		ID: id, Slug: "mot-kommunens-inkopare", URL: baseURL + "/events/mot-kommunens-inkopare", Programme: "dalarna", Status: "published", State: "open",
		Kind: "seminar", Title: "Möt kommunens inköpare", Summary: "Första steget.", Description: "Vi går igenom **hela** upphandlingen.",
		Language: "sv", Audience: nil, StartsAt: "2027-03-03T08:30:00+01:00", EndsAt: "2027-03-03T10:00:00+01:00", TimeZone: "Europe/Stockholm",
		Mode: "hybrid", Municipality: &api.Municipality{Country: "SE", Code: "2039", Name: "Älvdalen"}, Venue: "Kulturhuset", VenueAddress: "Storgatan 1",
		AccessNotes: "Hiss finns.\nHörslinga.", RegistrationOpensAt: "2027-01-01T08:00:00+01:00", RegistrationClosesAt: "2027-02-24T23:59:00+01:00",
		Capacity: capacity(40, 200), FreePlaces: capacity(40, 200), WaitingList: true, PriceMinor: 25000, Currency: "SEK", PriceNote: "Lunch ingår.",
		ContactName: "Eva Lind", ContactEmail: "eva@region.example", ContactPhone: "070-123 45 67",
	}
	for _, ref := range []string{id, want.Slug} {
		got := w.event(ref, "")
		if len(got.Audience) != 1 || got.Audience[0] != "supplier_sme" {
			t.Errorf("audience %v", got.Audience)
		}
		got.Audience = nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("to everybody, as %s: %s", ref, diff)
		}
	}
	two := 2
	want.JoinURL, want.CompanyLimit = "https://meeting.example/secret-room", &two
	got := w.event(id, w.organiser)
	got.Audience = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("to its organiser: %s", diff)
	}
}

func capacity(room, online int) *api.Capacity {
	return &api.Capacity{Room: &room, Online: &online}
}

func (w *world) event(ref, token string) (e api.Event) {
	w.t.Helper()
	w.do("GET", "/events/"+ref, token, "").want(http.StatusOK).read(&e)
	return e
}

func TestTheWayInIsNeverShownToStrangers(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	for _, token := range []string{"", w.stranger} {
		for _, path := range []string{"/events", "/events/" + id} {
			if r := w.do("GET", path, token, "").want(200); strings.Contains(string(r.body), "secret-room") {
				t.Errorf("%s tells the way in: %s", path, r.body)
			}
		}
	}
}

func TestAnEventTellsWhatItAsksAndWhatHappensInIt(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	storetest.Write(t, w.db, func(tx *store.Tx) error {
		for _, statement := range []string{
			`INSERT INTO agenda_item (event_id, position, offset_minutes, title) VALUES (?, 0, -15, 'Kaffe'), (?, 1, 0, 'Välkomna')`,
			`INSERT INTO speaker (event_id, position, name, organisation) VALUES (?, 0, 'Eva Lind', 'Region Dalarna'), (?, 1, 'Kari Dahl', '')`,
			`INSERT INTO question (id, event_id, position, kind, label, options) VALUES ('q1', ?, 0, 'choice', 'Bransch?', '["bygg","vård"]'), ('q2', ?, 1, 'yes_no', 'Första gången?', '[]')`,
		} {
			if _, err := store.Exec(ctx, tx, statement, id, id); err != nil {
				return err
			}
		}
		_, err := store.Exec(ctx, tx, `INSERT INTO co_organiser (event_id, position, name) VALUES (?, 0, 'Företagarna')`, id)
		return err
	})
	got := w.event(id, "")
	want := api.Event{
		CoOrganisers: []string{"Företagarna"},
		Agenda:       []api.AgendaItem{{StartsAt: "2027-03-03T08:15:00+01:00", Title: "Kaffe"}, {StartsAt: "2027-03-03T08:30:00+01:00", Title: "Välkomna"}},
		Speakers:     []api.Speaker{{Name: "Eva Lind", Organisation: "Region Dalarna"}, {Name: "Kari Dahl"}},
		Questions:    []api.Question{{ID: "q1", Kind: "choice", Label: "Bransch?", Options: []string{"bygg", "vård"}}, {ID: "q2", Kind: "yes_no", Label: "Första gången?"}},
	}
	if diff := cmp.Diff(want, api.Event{CoOrganisers: got.CoOrganisers, Agenda: got.Agenda, Speakers: got.Speakers, Questions: got.Questions}); diff != "" {
		t.Error(diff)
	}
}

func TestTimesCarryTheOffsetOfTheirDay(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar().with("starts_at", "2027-06-01T06:30:00Z", "ends_at", "2027-06-01T09:30:00+02:00"))
	got := w.event(id, "")
	if got.StartsAt != "2027-06-01T08:30:00+02:00" || got.EndsAt != "2027-06-01T09:30:00+02:00" {
		t.Errorf("from %s to %s", got.StartsAt, got.EndsAt)
	}
}

func TestADraftIsSeenByItsOwnProgrammeOnly(t *testing.T) {
	w := newWorld(t)
	draft, shown := w.create(webinar()), w.published(webinar())
	for _, tt := range []struct {
		name, token string
		want        []string
	}{
		{"nobody in particular", "", []string{shown}},
		{"the organiser of another programme", w.stranger, []string{shown}},
		{"its organiser", w.organiser, []string{draft, shown}},
		{"an organiser of all programmes", w.everywhere, []string{draft, shown}},
		{"an administrator", w.administrator, []string{draft, shown}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := w.in(t)
			if diff := cmp.Diff(tt.want, w.list(tt.token, "")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// list gives the ids of the events that a query finds.
func (w *world) list(token, query string) []string {
	w.t.Helper()
	var l api.EventList
	w.do("GET", "/events?"+query, token, "").want(http.StatusOK).read(&l)
	ids := []string{}
	for _, e := range l.Events {
		ids = append(ids, e.ID)
	}
	return ids
}

func TestOnlyPublicStatesAreListed(t *testing.T) {
	w := newWorld(t)
	byStatus := map[string]string{}
	for i, status := range []string{"draft", "published", "postponed", "cancelled", "held", "archived"} {
		id := w.create(webinar().with("title", fmt.Sprintf("Webbinarium %d", i)))
		byStatus[status] = id
		storetest.Write(t, w.db, func(tx *store.Tx) error {
			_, err := store.Exec(ctx, tx, `UPDATE event SET status = ?, cancel_reason = 'För få anmälda' WHERE id = ?`, status, id)
			return err
		})
	}
	want := []string{byStatus["published"], byStatus["postponed"], byStatus["cancelled"], byStatus["held"]}
	if diff := cmp.Diff(want, w.list("", "")); diff != "" {
		t.Error(diff)
	}
	for status, id := range byStatus {
		shown := w.do("GET", "/events/"+id, "", "").status == http.StatusOK
		if shown != slices.Contains(want, id) {
			t.Errorf("%s is shown: %t", status, shown)
		}
		if r := w.do("GET", "/events/"+id, w.organiser, ""); r.status != http.StatusOK {
			t.Errorf("%s is not shown to its organiser", status)
		}
	}
	if got := w.event(byStatus["cancelled"], "").CancelReason; got != "För få anmälda" {
		t.Errorf("the reason is %q", got)
	}
}

func TestTheListIsFiltered(t *testing.T) {
	w := newWorld(t)
	march := w.published(webinar())
	april := w.published(seminar().with("starts_at", "2027-04-14T09:00:00+02:00", "ends_at", "2027-04-14T12:00:00+02:00", "audience", []string{"procurer", "buyer"}))
	norway := w.published(seminar().with("programme", "fjord", "kind", "dialogue", "title", "Leverandørdialog om fjellsikring", "language", "nn", "time_zone", "Europe/Oslo",
		"municipality", "NO-4601", "starts_at", "2027-05-05T09:00:00+02:00", "ends_at", "2027-05-05T12:00:00+02:00"))
	full := w.published(webinar().with("title", "Fullbokat", "capacity", object{"online": 1}, "starts_at", "2027-06-02T09:00:00+02:00", "ends_at", "2027-06-02T10:00:00+02:00"))
	w.signUp(full, "", anna())
	all := []string{march, april, norway, full}
	for _, tt := range []struct {
		query string
		want  []string
	}{
		{"", all},
		{"kind=&municipality=&county=&audience=&language=&from=&to=&q=&free=", all},
		{"kind=webinar", []string{march, full}},
		{"kind=seminar,dialogue", []string{april, norway}},
		{"municipality=SE-2039", []string{april}},
		{"municipality=" + url.QueryEscape("Älvdalen"), []string{april}},
		{"municipality=alvdalen", []string{april}},
		{"municipality=Bergen", []string{norway}},
		{"county=SE-20", []string{april}},
		{"county=Dalarna", []string{april}},
		{"county=" + url.QueryEscape("Dalarnas län"), []string{april}},
		{"county=46", []string{norway}},
		{"county=Vestland", []string{norway}},
		{"audience=buyer", []string{april}},
		{"language=nn", []string{norway}},
		{"from=2027-04-01", []string{april, norway, full}},
		{"from=2027-04-14T12:00:00%2B02:00", []string{norway, full}},
		{"from=2027-04-14T11:59:59%2B02:00", []string{april, norway, full}},
		{"to=2027-04-14", []string{march, april}},
		{"to=2027-04-14T07:00:00Z", []string{march}},
		{"from=2027-04-01&to=2027-05-31", []string{april, norway}},
		{"q=fjellsikring", []string{norway}},
		{"q=" + url.QueryEscape("MÖT inkopare"), []string{april}},
		{"q=100%25_", []string{}},
		{"free=true", []string{march, april, norway}},
		{"kind=webinar&free=true&language=sv&from=2027-01-01", []string{march}},
		{"unknown=ignored", all},
	} {
		t.Run(tt.query, func(t *testing.T) {
			w := w.in(t)
			if diff := cmp.Diff(tt.want, w.list("", tt.query)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAQueryThatMeansNothingIsRefusedBesideItsName(t *testing.T) {
	w := newWorld(t)
	for query, want := range map[string]map[string]string{
		"kind=party":                        {"query.kind[0]": "choice"},
		"audience=everybody":                {"query.audience": "choice"},
		"language=de":                       {"query.language": "choice"},
		"municipality=Nowhere":              {"query.municipality": "municipality"},
		"municipality=SE-9999":              {"query.municipality": "municipality"},
		"municipality=" + "V%C3%A5ler":      {"query.municipality": "municipality"}, // there are two
		"county=18":                         {"query.county": "county"},             // in both countries
		"county=Nowhere":                    {"query.county": "county"},
		"from=yesterday":                    {"query.from": "date_time"},
		"from=2027-03-01T10:00:00":          {"query.from": "date_time"},
		"from=2027-03-01T10:00:00+01:00":    {"query.from": "date_time"}, // the + is a space
		"to=2027-02-30":                     {"query.to": "date_time"},
		"to=0001-01-01T00:00:00Z":           {"query.to": "date_time"},
		"free=perhaps":                      {"query.free": "type"},
		"limit=0":                           {"query.limit": "too_small"},
		"limit=101":                         {"query.limit": "too_big"},
		"limit=ten":                         {"query.limit": "type"},
		"cursor=zzz":                        {"query.cursor": "cursor"},
		"cursor=bm93IGhlcmU":                {"query.cursor": "cursor"},
		"q=a%07b":                           {"query.q": "characters"},
		"q=" + strings.Repeat("a", 201):     {"query.q": "too_long"},
		"language=sv&language=nb":           {"query.language": "twice"},
		"county=Nowhere&from=1&limit=5&to=": {"query.county": "county", "query.from": "date_time"},
	} {
		t.Run(query, func(t *testing.T) {
			w := w.in(t)
			p := w.do("GET", "/events?"+query, "", "").refused(http.StatusUnprocessableEntity, "invalid")
			if diff := cmp.Diff(want, at(p)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, query := range []string{"q=%ff", "q=%zz", "a;b", "%ff=1"} {
		t.Run(query, func(t *testing.T) {
			w := w.in(t)
			w.do("GET", "/events?"+query, "", "").refused(http.StatusBadRequest, "query")
		})
	}
}

func TestPagesOfAListCoverItOnceAndInOrder(t *testing.T) {
	w := newWorld(t)
	var want []string
	for i := range 7 {
		start := time.Date(2027, 3, 3, 8, 0, 0, 0, time.UTC).Add(time.Duration(i/2) * time.Hour) // two at the same time
		o := webinar().with("title", fmt.Sprint("Nummer ", i), "starts_at", start.Format(time.RFC3339), "ends_at", start.Add(time.Hour).Format(time.RFC3339))
		if i == 3 {
			want = append(want, w.create(o)) // a draft among them
			continue
		}
		want = append(want, w.published(o))
	}
	for _, limit := range []int{1, 2, 3, 7, 100} {
		t.Run(fmt.Sprintf("%d on a page", limit), func(t *testing.T) {
			w := w.in(t)
			got, path := []string{}, fmt.Sprintf("/events?kind=webinar&limit=%d", limit)
			for range len(want) + 1 {
				var l api.EventList
				r := w.do("GET", path, w.organiser, "").want(200)
				r.read(&l)
				for _, e := range l.Events {
					got = append(got, e.ID)
				}
				if l.Next == "" {
					if r.header.Get("Link") != "" {
						t.Error("the last page has a link to a next one")
					}
					break
				}
				path = follow(t, r.header.Get("Link"), l.Next)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

var linkForm = regexp.MustCompile(`^<` + baseURL + `/api/v1(/[^>]+)>; rel="next"$`)

// follow gives the path that a Link header leads to, which must say the same as
// the cursor.
func follow(t *testing.T, link, cursor string) string {
	t.Helper()
	m := linkForm.FindStringSubmatch(link)
	if m == nil {
		t.Fatalf("Link is %q", link)
	}
	if u, err := url.Parse(m[1]); err != nil || u.Query().Get("cursor") != cursor {
		t.Fatalf("Link is %q, next %q", link, cursor)
	}
	return m[1]
}

func TestListsCanBeReadByPagesOfOtherSitesWithoutAToken(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	for _, tt := range []struct {
		method, path, token, want string
	}{
		{"GET", "/events", "", "*"},
		{"HEAD", "/events", "", "*"},
		{"GET", "/events/" + id, "", "*"},
		{"GET", "/events", w.organiser, ""},
		{"POST", "/events/" + id + "/registrations", "", ""},
		{"GET", "/events/" + id + "/registrations", w.organiser, ""},
	} {
		r := w.do(tt.method, tt.path, tt.token, "")
		if got := r.header.Get("Access-Control-Allow-Origin"); got != tt.want {
			t.Errorf("%s %s: Access-Control-Allow-Origin is %q, want %q", tt.method, tt.path, got, tt.want)
		}
		if got := r.header.Get("Access-Control-Allow-Credentials"); got != "" {
			t.Errorf("%s %s: credentials are %q", tt.method, tt.path, got)
		}
	}
}

func TestWhatMayNotBeSetByARequestIsIgnored(t *testing.T) {
	w := newWorld(t)
	id := w.do("POST", "/events", w.organiser, webinar().with("status", "published", "id", "mine", "slug", "mine", "revision", 7, "programme_id", w.fjord.ID, "published_at", "2027-01-01T00:00:00Z").String()).want(201).field("id")
	w.do("PATCH", "/events/"+id, w.organiser, object{"status": "published", "programme": "fjord", "slug": "other"}.String()).want(200)
	got := w.event(id, w.organiser)
	if got.Status != "draft" || got.Slug != "sa-lamnar-du-anbud" || got.Programme != "dalarna" || id == "mine" {
		t.Errorf("got %+v", got)
	}
}

func TestOnlyTheFieldsThatAreGivenChange(t *testing.T) {
	w := newWorld(t)
	start := seminar().with("mode", "hybrid", "capacity", object{"room": 40, "online": 200}, "join_url", "https://meeting.example/room", "access_notes", "Hiss finns.")
	for _, tt := range []struct {
		name   string
		change object
		expect func(*api.Event)
	}{
		{"nothing", object{}, func(*api.Event) {}},
		{"the title", object{"title": "Ny rubrik"}, func(e *api.Event) { e.Title = "Ny rubrik" }},
		{"the places in the room only", object{"capacity": object{"room": 50}}, func(e *api.Event) { e.Capacity, e.FreePlaces = capacity(50, 200), capacity(50, 200) }},
		{"no limit online", object{"capacity": object{"online": nil}}, func(e *api.Event) { e.Capacity.Online, e.FreePlaces.Online = nil, nil }},
		{"no limit at all", object{"capacity": nil}, func(e *api.Event) { e.Capacity, e.FreePlaces = nil, nil }},
		{"nothing about access", object{"access_notes": nil}, func(e *api.Event) { e.AccessNotes = "" }},
		{"another place by name", object{"municipality": "Rättvik"}, func(e *api.Event) { e.Municipality = &api.Municipality{Country: "SE", Code: "2031", Name: "Rättvik"} }},
		{"another place by country and name", object{"municipality": object{"country": "SE", "name": "rattvik"}}, func(e *api.Event) { e.Municipality = &api.Municipality{Country: "SE", Code: "2031", Name: "Rättvik"} }},
		{"no waiting list", object{"waiting_list": false}, func(e *api.Event) { e.WaitingList = false }},
		{"the audience", object{"audience": []string{"buyer", "politician"}}, func(e *api.Event) {
			e.Audience = e.Audience[:0]
			e.Audience = append(e.Audience, "buyer", "politician")
		}},
		{"the start, and with it the last day to register", object{"starts_at": "2027-03-04T08:30:00+01:00", "ends_at": "2027-03-04T10:00:00+01:00"}, func(e *api.Event) {
			e.StartsAt, e.EndsAt, e.RegistrationClosesAt = "2027-03-04T08:30:00+01:00", "2027-03-04T10:00:00+01:00", "2027-02-25T23:59:00+01:00"
		}},
		{"the last day to register", object{"registration_closes_at": "2027-03-01T12:00:00+01:00"}, func(e *api.Event) { e.RegistrationClosesAt = "2027-03-01T12:00:00+01:00" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := w.in(t)
			id := w.create(start)
			want := w.event(id, w.organiser)
			tt.expect(&want)
			var answered api.Event
			w.do("PATCH", "/events/"+id, w.organiser, tt.change.String()).want(200).read(&answered)
			if diff := cmp.Diff(want, w.event(id, w.organiser)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(want, answered); diff != "" {
				t.Errorf("the answer says something else: %s", diff)
			}
		})
	}
}

func TestALastDayThatWasChosenStaysWhenTheStartChanges(t *testing.T) {
	w := newWorld(t)
	id := w.create(webinar().with("registration_closes_at", "2027-03-01T12:00:00+01:00"))
	w.do("PATCH", "/events/"+id, w.organiser, object{"starts_at": "2027-03-03T09:00:00+01:00"}.String()).want(200)
	if got := w.event(id, w.organiser).RegistrationClosesAt; got != "2027-03-01T12:00:00+01:00" {
		t.Errorf("registration closes at %s", got)
	}
}

func TestAQuestionStaysWhenAnythingElseChanges(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	w.ask(id, "q1", "text", true)
	w.do("PATCH", "/events/"+id, w.organiser, object{"title": "Ny rubrik"}.String()).want(200)
	if got := w.event(id, "").Questions; len(got) != 1 || got[0].ID != "q1" || !got[0].Required {
		t.Errorf("the questions are %v", got)
	}
}

// ask adds a question to an event.
func (w *world) ask(event, id, kind string, required bool) {
	w.t.Helper()
	storetest.Write(w.t, w.db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `INSERT INTO question (id, event_id, position, kind, label, required, options) VALUES (?, ?, 0, ?, 'Varför?', ?, '["a","b"]')`, id, event, kind, required)
		return err
	})
}

func TestAChangeThatMattersIsToldToThoseWithAPlace(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	w.signUp(id, "", anna())
	letters := func() int { return w.count(`SELECT count(*) FROM message WHERE letter = 'E15'`) }
	w.do("PATCH", "/events/"+id, w.organiser, object{"summary": "Samma tid."}.String()).want(200)
	if letters() != 0 {
		t.Error("a letter about nothing")
	}
	w.do("PATCH", "/events/"+id, w.organiser, object{"starts_at": "2027-03-03T09:00:00+01:00", "message": "Föreläsarens tåg."}.String()).want(200)
	if n := w.count(`SELECT count(*) FROM message WHERE letter = 'E15' AND details LIKE '%Föreläsarens tåg.%'`); letters() != 1 || n != 1 {
		t.Errorf("%d letters, %d with the words", letters(), n)
	}
	if got := w.event(id, "").MovedFrom; got == nil || got.StartsAt != "2027-03-03T08:30:00+01:00" {
		t.Errorf("moved from %v", got)
	}
}

func TestPublishingRefusesWhatIsNotReady(t *testing.T) {
	w := newWorld(t)
	id := w.create(webinar().without("summary", "audience", "join_url").with("contact_email", nil))
	p := w.do("POST", "/events/"+id+"/publish", w.organiser, "").refused(http.StatusUnprocessableEntity, "invalid")
	want := map[string]string{"event.summary": "required", "event.audience": "required", "event.join_url": "join_or_promise", "event.contact_email": "required"}
	if diff := cmp.Diff(want, at(p)); diff != "" {
		t.Error(diff)
	}
	ready := w.published(webinar())
	w.do("POST", "/events/"+ready+"/publish", w.organiser, "").refused(http.StatusConflict, "not_in_this_state")
}

func TestACancelledEventTellsWhy(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	registration := w.signUp(id, "", anna())
	p := w.do("POST", "/events/"+id+"/cancel", w.organiser, `{"message": " "}`).refused(http.StatusUnprocessableEntity, "invalid")
	if diff := cmp.Diff(map[string]string{"body.message": "required"}, at(p)); diff != "" {
		t.Error(diff)
	}
	var e api.Event
	w.do("POST", "/events/"+id+"/cancel", w.organiser, `{"message": "För få anmälda."}`).want(200).read(&e)
	if e.Status != "cancelled" || e.State != "cancelled" || e.CancelReason != "För få anmälda." {
		t.Errorf("got %+v", e)
	}
	if n := w.count(`SELECT count(*) FROM registration WHERE id = ? AND status = 'event_cancelled'`, registration); n != 1 {
		t.Error("the registration did not end")
	}
	w.do("POST", "/events/"+id+"/cancel", w.organiser, `{"message": "Igen."}`).refused(http.StatusConflict, "not_in_this_state")
	w.do("PATCH", "/events/"+id, w.organiser, `{"title": "Igen"}`).refused(http.StatusConflict, "not_in_this_state")
}

func TestAMovedEventKeepsItsPeopleAndShowsItsOldTime(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	w.signUp(id, "", anna())
	move := object{"starts_at": "2027-04-07T08:30:00+02:00", "ends_at": "2027-04-07T10:00:00+02:00", "message": "Lokalen var upptagen."}
	var e api.Event
	w.do("POST", "/events/"+id+"/move", w.organiser, move.String()).want(200).read(&e)
	if e.StartsAt != "2027-04-07T08:30:00+02:00" || e.MovedFrom == nil || e.MovedFrom.StartsAt != "2027-03-03T08:30:00+01:00" {
		t.Errorf("got %+v", e)
	}
	if n := w.count(`SELECT count(*) FROM message WHERE letter = 'E15'`); n != 1 {
		t.Errorf("%d letters", n)
	}
	for _, tt := range []struct {
		name string
		body object
		want map[string]string
	}{
		{"into the past", move.with("starts_at", "2026-04-07T08:30:00+02:00", "ends_at", "2026-04-07T10:00:00+02:00"), map[string]string{"body.starts_at": "in_future"}},
		{"to an end before the start", move.with("ends_at", "2027-04-07T08:00:00+02:00"), map[string]string{"body.ends_at": "after_start"}},
		{"to a century that is not ours", move.with("starts_at", "9999-12-31T23:59:59-12:00"), map[string]string{"body.starts_at": "date_time"}},
		{"to a time without offset", move.with("ends_at", "2027-04-07T10:00:00"), map[string]string{"body.ends_at": "date_time"}},
		{"without an end", move.without("ends_at"), map[string]string{"body.ends_at": "required"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := w.in(t)
			p := w.do("POST", "/events/"+id+"/move", w.organiser, tt.body.String()).refused(http.StatusUnprocessableEntity, "invalid")
			if diff := cmp.Diff(tt.want, at(p)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFewerPlacesThanAreTakenAreRefused(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	w.signUp(id, "", anna())
	w.signUp(id, "", object{"name": "Kari Dahl", "email": "kari@dahl.example"})
	p := w.do("PATCH", "/events/"+id, w.organiser, object{"capacity": object{"online": 1}}.String()).refused(http.StatusUnprocessableEntity, "invalid")
	if diff := cmp.Diff([]api.FieldError{{Location: "body.capacity.online", Code: "places_taken", Message: "2 places are taken: there cannot be fewer."}}, p.Errors); diff != "" {
		t.Error(diff)
	}
}

func TestAProgrammeIsCreatedAndCanHoldEvents(t *testing.T) {
	w := newWorld(t)
	body := newProgramme().with("organiser_name", "Region Norr", "contact_email", "norr@region.example")
	var got api.Programme
	w.do("POST", "/programmes", w.administrator, body.String()).want(201).read(&got)
	want := api.Programme{ID: got.ID, Slug: "norra", Name: "Norra programmet", Country: "SE", CountyCode: "25", Language: "sv", TimeZone: "Europe/Stockholm"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	id := w.published(webinar().with("programme", got.ID))
	if e := w.event(id, ""); e.Programme != "norra" || e.ContactName != "Region Norr" || e.ContactEmail != "norr@region.example" {
		t.Errorf("got %+v", e)
	}
	w.do("POST", "/programmes", w.administrator, body.String()).refused(http.StatusConflict, "slug_taken")
	for _, tt := range []struct {
		name string
		body object
		want map[string]string
	}{
		{"a slug that is none", newProgramme().with("slug", "Norra Länet"), map[string]string{"body.slug": "slug"}},
		{"a county of another country", newProgramme().with("slug", "b", "county_code", "46"), map[string]string{"body.county_code": "county"}},
		{"a contact that is no address", newProgramme().with("slug", "b", "contact_email", "norr"), map[string]string{"body.contact_email": "email"}},
		{"a number that is none", newProgramme().with("slug", "b", "org_number", "123"), map[string]string{"body.org_number": "org_number_se"}},
		{"no name", newProgramme().with("slug", "b", "name", "  "), map[string]string{"body.name": "too_short"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := w.in(t)
			p := w.do("POST", "/programmes", w.administrator, tt.body.String()).refused(http.StatusUnprocessableEntity, "invalid")
			if diff := cmp.Diff(tt.want, at(p)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnUnknownProgrammeIsMissing(t *testing.T) {
	w := newWorld(t)
	w.do("POST", "/events", w.administrator, webinar().with("programme", "nothing").String()).refused(http.StatusNotFound, "missing")
}
