package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/gin-gonic/gin"

	"stafett/data"
	"stafett/internal/api"
	"stafett/internal/audit"
	"stafett/internal/municipality"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

const baseURL = "https://stafett.example"

var ctx = context.Background()

// world is the API over a database with two programmes, and a token for each
// sort of caller.
type world struct {
	t      testing.TB
	db     *store.DB
	clock  *storetest.Clock
	engine *gin.Engine
	log    *bytes.Buffer
	dala   programme.Programme // Swedish
	fjord  programme.Programme // Norwegian

	administrator, organiser, stranger, everywhere, expired, revoked string // tokens; stranger organises fjord

	doc    *openapi3.T
	router routers.Router
}

func newWorld(t testing.TB, change ...func(*api.Options)) *world {
	t.Helper()
	w := &world{t: t, log: &bytes.Buffer{}}
	w.db, w.clock = storetest.New(t)
	storetest.Write(t, w.db, w.fill)
	places, err := loadPlaces()
	if err != nil {
		t.Fatal(err)
	}
	o := api.Options{
		DB: w.db, Places: places, Log: slog.New(slog.NewTextHandler(&lockedWriter{w: w.log}, nil)), BaseURL: baseURL, Version: "test", TestNumbers: true,
		RegisterLimit: func(string) (bool, time.Duration) { return true, 0 },
		TokenMinute:   1_000_000,
	}
	for _, f := range change {
		f(&o)
	}
	gin.SetMode(gin.ReleaseMode)
	w.engine = gin.New()
	w.engine.HandleMethodNotAllowed = true
	w.engine.Use(func(c *gin.Context) { c.Set("request", "abc12345") })
	w.engine.NoRoute(func(c *gin.Context) { c.String(http.StatusNotFound, "a page") })
	if _, err := api.Mount(w.engine.Group("/api/v1"), w.engine, o); err != nil {
		t.Fatal(err)
	}
	w.readDescription()
	return w
}

// quick sends a request without holding the answer against the description, for
// the many of a limit.
func (w *world) quick(method, path, token, body string) int {
	req := httptest.NewRequest(method, baseURL+"/api/v1"+path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	w.engine.ServeHTTP(rec, req)
	return rec.Code
}

// in is the same world for a test within a test.
func (w *world) in(t testing.TB) *world {
	c := *w
	c.t = t
	return &c
}

var loadPlaces = sync.OnceValues(func() (*municipality.Register, error) { return municipality.Load(data.Files) })

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func (w *world) fill(tx *store.Tx) (err error) {
	w.dala, err = programme.Add(ctx, tx, programme.Programme{
		Slug: "dalarna", Name: "Dalarnas program", Country: "SE", CountyCode: "20", Language: "sv", TimeZone: "Europe/Stockholm",
		OrganiserName: "Region Dalarna", ContactEmail: "program@region.example", Authority: true,
	}, audit.Command)
	if err != nil {
		return err
	}
	w.fjord, err = programme.Add(ctx, tx, programme.Programme{
		Slug: "fjord", Name: "Fjordprogrammet", Country: "NO", CountyCode: "46", Language: "nn", TimeZone: "Europe/Oslo",
		OrganiserName: "Fjord fylke", ContactEmail: "program@fjord.example", Authority: true,
	}, audit.Command)
	if err != nil {
		return err
	}
	for _, x := range []struct {
		to        *string
		role      user.Role
		programme string
		life      time.Duration
	}{
		{&w.administrator, user.Administrator, "", 24 * time.Hour},
		{&w.organiser, user.Organiser, w.dala.ID, 300 * 24 * time.Hour},
		{&w.stranger, user.Organiser, w.fjord.ID, 300 * 24 * time.Hour},
		{&w.everywhere, user.Organiser, "", 300 * 24 * time.Hour},
		{&w.expired, user.Organiser, w.dala.ID, time.Second},
		{&w.revoked, user.Organiser, w.dala.ID, 24 * time.Hour},
	} {
		var token user.APIToken
		if *x.to, token, err = user.NewToken(ctx, tx, x.role, x.programme, "a program", x.life); err != nil {
			return err
		}
		if x.to == &w.revoked {
			err = user.RevokeToken(ctx, tx, token.ID)
		}
		if err != nil {
			return err
		}
	}
	w.clock.Advance(2 * time.Second) // now the short one has expired
	return nil
}

// described is a description that has been read, with its routes.
type described struct {
	doc    *openapi3.T
	router routers.Router
	err    error
}

// descriptions are those read so far, by their text: reading one takes longer
// than most tests.
var descriptions sync.Map

func (w *world) readDescription() {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.engine.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, baseURL+"/api/v1/openapi.json", nil))
	read, _ := descriptions.LoadOrStore(rec.Body.String(), sync.OnceValue(func() described { return describe(rec.Body.Bytes()) }))
	d := read.(func() described)()
	if d.err != nil {
		w.t.Fatalf("the description is not valid: %v", d.err)
	}
	w.doc, w.router = d.doc, d.router
}

// describe reads the description that is served. Clients must bear with new
// fields, so it allows them; the tests do not, or a field could be missing in it.
func describe(text []byte) (d described) {
	if d.doc, d.err = openapi3.NewLoader().LoadFromData(text); d.err != nil {
		return d
	}
	if d.err = d.doc.Validate(ctx); d.err != nil {
		return d
	}
	strict := false
	for _, s := range d.doc.Components.Schemas {
		s.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: &strict}
	}
	d.router, d.err = gorillamux.NewRouter(d.doc)
	return d
}

// reply is what the API answered.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// do sends a request and holds the answer against the description. Headers are
// given as name and value; an empty token sends none.
func (w *world) do(method, path, token, body string, headers ...string) reply {
	w.t.Helper()
	req := httptest.NewRequest(method, baseURL+"/api/v1"+path, strings.NewReader(body))
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", media(path))
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return w.send(req, body)
}

func (w *world) send(req *http.Request, body string) reply {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.engine.ServeHTTP(rec, req)
	r := reply{w.t, rec.Code, rec.Header(), rec.Body.Bytes()}
	w.holdAgainstDescription(req, body, r)
	return r
}

func (w *world) holdAgainstDescription(req *http.Request, body string, r reply) {
	w.t.Helper()
	route, params, err := w.router.FindRoute(req)
	if err != nil {
		return // there is no such operation, and the answer is tested where it is asked for
	}
	req.Body = io.NopCloser(strings.NewReader(body))
	in := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	err = openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: r.status, Header: r.header, Body: io.NopCloser(bytes.NewReader(r.body)), Options: in.Options,
	})
	if err != nil {
		w.t.Errorf("%s %s: the answer %d is not as described: %v\n%s", req.Method, req.URL.Path, r.status, err, r.body)
	}
}

// want ends the test unless the answer has the status.
func (r reply) want(status int) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

// refused ends the test unless the answer is a problem with status and code.
func (r reply) refused(status int, code string) api.Problem {
	r.t.Helper()
	r.want(status)
	var p api.Problem
	r.read(&p)
	if p.Code != code || p.Status != status || r.header.Get("Content-Type") != "application/problem+json" {
		r.t.Fatalf("got %q of status %d as %s, want %q", p.Code, p.Status, r.header.Get("Content-Type"), code)
	}
	return p
}

// at gives the codes of a problem by their locations.
func at(p api.Problem) map[string]string {
	m := map[string]string{}
	for _, e := range p.Errors {
		m[e.Location] = e.Code
	}
	return m
}

func (r reply) read(v any) {
	r.t.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		r.t.Fatalf("%v: %s", err, r.body)
	}
}

// field is a field of the answer, as text.
func (r reply) field(name string) string {
	r.t.Helper()
	var m map[string]any
	r.read(&m)
	if m[name] == nil {
		return ""
	}
	return fmt.Sprint(m[name])
}

// object is a JSON object under construction.
type object map[string]any

func (o object) with(pairs ...any) object {
	made := object{}
	for k, v := range o {
		made[k] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		made[pairs[i].(string)] = pairs[i+1]
	}
	return made
}

func (o object) without(names ...string) object {
	made := o.with()
	for _, name := range names {
		delete(made, name)
	}
	return made
}

func (o object) String() string {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// webinar can be published as it is.
func webinar() object {
	return object{
		"programme": "dalarna", "kind": "webinar", "title": "Så lämnar du anbud", "language": "sv", "mode": "online",
		"starts_at": "2027-03-03T08:30:00+01:00", "ends_at": "2027-03-03T10:00:00+01:00", "time_zone": "Europe/Stockholm",
		"capacity": object{"online": 2}, "audience": []string{"supplier_sme"}, "summary": "Första steget.",
		"join_url": "https://meeting.example/secret-room",
	}
}

// seminar is in a room and can be published as it is.
func seminar() object {
	return webinar().without("join_url").with(
		"kind", "seminar", "title", "Möt kommunens inköpare", "mode", "room", "capacity", object{"room": 2},
		"municipality", object{"country": "SE", "code": "2039"}, "venue", "Kulturhuset", "venue_address", "Storgatan 1")
}

// create makes a draft and returns its id.
func (w *world) create(o object) string {
	w.t.Helper()
	return w.do("POST", "/events", w.everywhere, o.String()).want(http.StatusCreated).field("id")
}

// published makes an event that everybody sees and returns its id.
func (w *world) published(o object) string {
	w.t.Helper()
	id := w.create(o)
	w.do("POST", "/events/"+id+"/publish", w.everywhere, "").want(http.StatusOK)
	return id
}

func anna() object { return object{"name": "Anna Maria Berg", "email": "anna@bygg.example"} }

func bygg() object {
	return object{"country": "SE", "org_number": "556677-8899", "name": "Bergs Bygg AB"}
}

// signUp registers somebody and returns the id.
func (w *world) signUp(event, token string, who object) string {
	w.t.Helper()
	return w.do("POST", "/events/"+event+"/registrations", token, who.String()).want(http.StatusCreated).field("id")
}

// count counts rows; the query is the test's own.
func (w *world) count(query string, args ...any) int {
	w.t.Helper()
	var n int
	storetest.Read(w.t, w.db, func(tx *store.Tx) (err error) {
		n, err = store.One(ctx, tx, store.Value[int], query, args...)
		return err
	})
	return n
}

// everything sums up what is stored, to see whether anything has changed.
func (w *world) everything() string {
	w.t.Helper()
	var rows []string
	for _, table := range []string{"programme", "event", "event_capacity", "event_audience", "registration", "person", "company", "contact", "message", "answer", "audit_entry", "idempotency"} {
		n := w.count(`SELECT count(*) FROM ` + table)
		rows = append(rows, fmt.Sprintf("%s %d", table, n))
	}
	rows = append(rows, fmt.Sprint(w.count(`SELECT COALESCE(sum(revision), 0) FROM event`)), fmt.Sprint(w.count(`SELECT COALESCE(sum(taken + extra), 0) FROM event_capacity`)))
	return strings.Join(rows, ", ")
}
