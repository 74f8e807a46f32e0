package api_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/store"
)

func nested(depth int) string {
	return strings.Repeat(`[`, depth) + strings.Repeat(`]`, depth)
}

// broken are bodies for signing up that are no requests at all.
func broken() map[string]string {
	whole := anna().String()
	return map[string]string{
		"nothing":                            "",
		"spaces":                             "  \n",
		"half of it":                         whole[:len(whole)/2],
		"a missing quote":                    `{"name": "Anna, "email": "anna@bygg.example"}`,
		"single quotes":                      `{'name': 'Anna'}`,
		"a trailing comma":                   `{"name": "Anna", "email": "anna@bygg.example",}`,
		"a comment":                          `{"name": "Anna" /* me */, "email": "anna@bygg.example"}`,
		"two values":                         whole + whole,
		"a value and more":                   whole + "x",
		"a form":                             "name=Anna&email=anna@bygg.example",
		"XML":                                "<registration/>",
		"a byte order mark":                  "\ufeff" + whole,
		"UTF-16":                             "\xff\xfe{\x00}\x00",
		"NaN":                                `{"name": NaN}`,
		"a number too large for any type":    strings.TrimSuffix(whole, "}") + `, "phone": 1e999}`,
		"the same in a field that we ignore": strings.TrimSuffix(whole, "}") + `, "x": 1e999}`,
		"a control character in a text":      `{"name": "An` + "\x01" + `na", "email": "anna@bygg.example"}`,
		"the same escaped":                   `{"name": "An\u0001na", "email": "anna@bygg.example"}`,
		"a NUL":                              `{"name": "Anna\u0000", "email": "anna@bygg.example"}`,
		"a NUL in an address":                `{"name": "Anna", "email": "anna\u0000@bygg.example"}`,
		"a line separator":                   `{"name": "Anna\u2028Berg", "email": "anna@bygg.example"}`,
		"a C1 control":                       `{"name": "Anna\u0085Berg", "email": "anna@bygg.example"}`,
		"a reversal":                         `{"name": "Anna\u202eBerg", "email": "anna@bygg.example"}`,
		"an isolate":                         `{"name": "Anna\u2066Berg", "email": "anna@bygg.example"}`,
		"a byte that is no text":             `{"name": "Anna` + "\xff" + `", "email": "anna@bygg.example"}`,
		"an overlong form":                   `{"name": "Anna` + "\xc0\xaf" + `", "email": "anna@bygg.example"}`,
		"a surrogate in UTF-8":               `{"name": "Anna` + "\xed\xa0\x80" + `", "email": "anna@bygg.example"}`,
		"half a surrogate pair":              `{"name": "Anna \ud83d", "email": "anna@bygg.example"}`,
		"the other half":                     `{"name": "Anna \ude00", "email": "anna@bygg.example"}`,
		"the halves the wrong way round":     `{"name": "Anna \ude00\ud83d", "email": "anna@bygg.example"}`,
		"half a pair at the end":             `{"name": "\ud83d`,
		"half a pair in a name":              `{"\ud83d": 1, "name": "Anna", "email": "anna@bygg.example"}`,
		"a list":                             `[` + whole + `]`,
		"a text":                             `"Anna"`,
		"a number":                           `1`,
		"null":                               `null`,
		"an empty object":                    `{}`,
		"33 levels":                          strings.TrimSuffix(whole, "}") + `, "x": ` + nested(32) + `}`,
		"a hundred thousand levels":          nested(100_000),
		"levels that never end":              strings.Repeat(`{"a":`, 50_000),
		"a name that is a list":              `{"name": ["Anna"], "email": "anna@bygg.example"}`,
		"a name that is null":                `{"name": null, "email": "anna@bygg.example"}`,
		"a name that is true":                `{"name": true, "email": "anna@bygg.example"}`,
		"an address that is an object":       `{"name": "Anna", "email": {"$ne": ""}}`,
		"two names of which one is a number": `{"Name": 5, "NAME": "Anna", "email": "anna@bygg.example"}`,
		"a company that is a text":           `{"name": "Anna", "email": "anna@bygg.example", "company": "Bergs"}`,
		"a company that is a list":           `{"name": "Anna", "email": "anna@bygg.example", "company": []}`,
		"colleagues that are an object":      `{"name": "Anna", "email": "anna@bygg.example", "colleagues": {}}`,
		"a colleague that is null":           `{"name": "Anna", "email": "anna@bygg.example", "colleagues": [null]}`,
		"answers that are a list":            `{"name": "Anna", "email": "anna@bygg.example", "answers": []}`,
		"an answer that is an object":        `{"name": "Anna", "email": "anna@bygg.example", "answers": {"q1": {}}}`,
		"an answer that is a list of lists":  `{"name": "Anna", "email": "anna@bygg.example", "answers": {"q1": [["a"]]}}`,
		"an answer too long":                 `{"name": "Anna", "email": "anna@bygg.example", "answers": {"q1": "` + strings.Repeat("a", 4001) + `"}}`,
		"an empty name":                      `{"name": "", "email": "anna@bygg.example"}`,
		"a name of 242 characters":           `{"name": "` + strings.Repeat("å", 242) + `", "email": "anna@bygg.example"}`,
		"a header slipped into an address":   `{"name": "Anna", "email": "anna@bygg.example\r\nBcc: all@bygg.example"}`,
		"a quoted address":                   `{"name": "Anna", "email": "\"anna berg\"@bygg.example"}`,
		"an address at a number":             `{"name": "Anna", "email": "anna@[192.0.2.1]"}`,
	}
}

func TestABrokenRequestIsRefusedAndLeavesNothing(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	w.ask(id, "q1", "text", false)
	before := w.everything()
	for name, body := range broken() {
		t.Run(name, func(t *testing.T) {
			w := w.in(t)
			r := w.do("POST", "/events/"+id+"/registrations", "", body, "Content-Type", "application/json")
			if r.status != http.StatusBadRequest && r.status != http.StatusUnprocessableEntity {
				t.Errorf("status %d: %s", r.status, r.body)
			}
			if r.header.Get("Content-Type") != "application/problem+json" || r.field("code") == "fault" || r.field("request_id") != "abc12345" {
				t.Errorf("answered %s: %s", r.header.Get("Content-Type"), r.body)
			}
			if after := w.everything(); after != before {
				t.Errorf("it left something:\n%s\n%s", before, after)
			}
		})
	}
}

func TestABrokenEventIsRefusedAndLeavesNothing(t *testing.T) {
	w := newWorld(t)
	before := w.everything()
	for _, tt := range []struct {
		name string
		body object
		want map[string]string
	}{
		{"a kind that there is not", webinar().with("kind", "party"), map[string]string{"body.kind": "choice"}},
		{"no title", webinar().without("title"), map[string]string{"body.title": "required"}},
		{"a title of spaces", webinar().with("title", " "), map[string]string{"body.title": "too_short"}},
		{"a title too long", webinar().with("title", strings.Repeat("å", 201)), map[string]string{"body.title": "too_long"}},
		{"a title of two lines", webinar().with("title", "En\nTvå"), map[string]string{"body.title": "characters"}},
		{"no programme", webinar().without("programme"), map[string]string{"body.programme": "required"}},
		{"a start without offset", webinar().with("starts_at", "2027-03-03T08:30:00"), map[string]string{"body.starts_at": "date_time"}},
		{"a start without time", webinar().with("starts_at", "2027-03-03"), map[string]string{"body.starts_at": "date_time"}},
		{"a start that is a number", webinar().with("starts_at", 1804059000), map[string]string{"body.starts_at": "type"}},
		{"a day that there is not", webinar().with("starts_at", "2027-02-30T08:30:00+01:00"), map[string]string{"body.starts_at": "date_time"}},
		{"a leap second", webinar().with("ends_at", "2027-03-03T23:59:60Z"), map[string]string{"body.ends_at": "date_time"}},
		{"a year long gone", webinar().with("starts_at", "0000-01-01T00:00:00Z"), map[string]string{"body.starts_at": "date_time"}},
		{"a year far away", webinar().with("ends_at", "9999-12-31T23:59:59-23:59"), map[string]string{"body.ends_at": "date_time"}},
		{"an end before the start", webinar().with("ends_at", "2027-03-03T08:00:00+01:00"), map[string]string{"body.ends_at": "after_start"}},
		{"a month long", webinar().with("ends_at", "2027-04-03T08:00:00+01:00"), map[string]string{"body.ends_at": "too_late"}},
		{"a time zone we do not know", webinar().with("time_zone", "Europe/Paris"), map[string]string{"body.time_zone": "choice"}},
		{"registration closes after the start", webinar().with("registration_closes_at", "2027-03-04T08:00:00+01:00"), map[string]string{"body.registration_closes_at": "by_start"}},
		{"registration opens after it closes", webinar().with("registration_opens_at", "2027-03-04T08:00:00+01:00"), map[string]string{"body.registration_opens_at": "before_close"}},
		{"no places", webinar().with("capacity", object{"online": 0}), map[string]string{"body.capacity.online": "at_least_one"}},
		{"places below zero", webinar().with("capacity", object{"room": -1}), map[string]string{"body.capacity.room": "too_small"}},
		{"half a place", webinar().with("capacity", object{"room": 1.5}), map[string]string{"body.capacity.room": "type"}},
		{"too many places", webinar().with("capacity", object{"room": 1e9}), map[string]string{"body.capacity.room": "too_big"}},
		{"places that are a text", webinar().with("capacity", object{"room": "40"}), map[string]string{"body.capacity.room": "type"}},
		{"capacity that is a number", webinar().with("capacity", 40), map[string]string{"body.capacity": "type"}},
		{"a way in that is not https", webinar().with("join_url", "http://meeting.example"), map[string]string{"body.join_url": "web_address"}},
		{"a way in that is a script", webinar().with("join_url", "javascript:alert(1)"), map[string]string{"body.join_url": "web_address"}},
		{"an audience that there is not", webinar().with("audience", []string{"all"}), map[string]string{"body.audience[0]": "choice"}},
		{"the same audience twice", webinar().with("audience", []string{"buyer", "buyer"}), map[string]string{"body.audience": "twice"}},
		{"a municipality that there is not", webinar().with("municipality", "SE-9999"), map[string]string{"body.municipality": "municipality"}},
		{"a municipality of another country", webinar().with("municipality", object{"country": "NO", "code": "2039"}), map[string]string{"body.municipality": "municipality"}},
		{"a municipality that is a number", webinar().with("municipality", 2039), map[string]string{"body.municipality": "type"}},
		{"a contact that is no address", webinar().with("contact_email", "Eva <eva@x.example>"), map[string]string{"body.contact_email": "email"}},
		{"a price below zero", webinar().with("price_minor", -1), map[string]string{"body.price_minor": "too_small"}},
		{"a day that is none", webinar().with("join_promised_on", "soon"), map[string]string{"body.join_promised_on": "date"}},
		{"a limit for companies of none", webinar().with("company_limit", 0), map[string]string{"body.company_limit": "too_small"}},
		{"several things", webinar().with("language", "de", "mode", "tv"), map[string]string{"body.language": "choice", "body.mode": "choice"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := w.in(t)
			p := w.do("POST", "/events", w.organiser, tt.body.String()).refused(http.StatusUnprocessableEntity, "invalid")
			if diff := cmp.Diff(tt.want, at(p)); diff != "" {
				t.Error(diff)
			}
			if after := w.everything(); after != before {
				t.Errorf("it left something:\n%s\n%s", before, after)
			}
		})
	}
}

func TestUnknownIDsAreMissing(t *testing.T) {
	w := newWorld(t)
	w.published(webinar())
	for name, a := range attempts() {
		if !strings.Contains(a.path, "{") {
			continue
		}
		for _, id := range []string{"nothing", "%27%20OR%201=1--", "%00", "%FF%FE", "..%2f..", strings.Repeat("a", 200), "%E2%80%AE"} {
			t.Run(name+" "+id, func(t *testing.T) {
				w := w.in(t)
				path := strings.NewReplacer("{event}", id, "{draft}", id, "{registration}", id).Replace(a.path)
				w.do(a.method, path, w.administrator, a.text()).refused(http.StatusNotFound, "missing")
			})
		}
	}
}

func TestWhatIsFineIsNotRefused(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar().without("capacity"))
	w.ask(id, "q1", "text", false)
	for name, body := range map[string]string{
		"32 levels":                `{"name": "A B", "email": "a1@x.example", "x": ` + nested(31) + `}`,
		"a whole surrogate pair":   `{"name": "A 😀B", "email": "a2@x.example", "x": "\ud83d\ude00"}`,
		"escapes that only look":   `{"name": "A B", "email": "a3@x.example", "x": "\\ud83d"}`,
		"decomposed letters":       `{"name": "A\u030asa Berg", "email": "a4@x.example"}`,
		"null for what may be out": `{"name": "A B", "email": "a5@x.example", "company": null, "phone": null, "answers": null, "language": null, "mode": null}`,
		"unknown fields":           `{"name": "A B", "email": "a6@x.example", "status": "attended", "extra": true, "id": "mine"}`,
		"line breaks in an answer": `{"name": "A B", "email": "a7@x.example", "answers": {"q1": "en\ntvå\r\ntre"}}`,
		"spaces around":            " \n{\"name\": \" A  B \", \"email\": \" a8@x.example \"}\n ",
		"brackets in a text":       `{"name": "A B", "email": "a9@x.example", "x": "` + strings.Repeat("[{", 40) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			w := w.in(t)
			w.do("POST", "/events/"+id+"/registrations", "", body).want(http.StatusCreated)
		})
	}
	if n := w.count(`SELECT count(*) FROM registration WHERE first_name = 'Åsa' AND status = 'confirmed'`); n != 1 {
		t.Error("the letter was not composed")
	}
	if n := w.count(`SELECT count(*) FROM registration WHERE status <> 'confirmed' OR id = 'mine'`); n != 0 {
		t.Error("a field was bound that must not be")
	}
}

func TestOnlyJSONIsTaken(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar().without("capacity"))
	path := "/events/" + id + "/registrations"
	for _, tt := range []struct {
		kind string
		ok   bool
	}{
		{"application/json", true},
		{"application/json; charset=utf-8", true},
		{"Application/JSON;charset=UTF-8", true},
		{"application/json; charset=iso-8859-1", false},
		{"text/plain", false},
		{"application/x-www-form-urlencoded", false},
		{"multipart/form-data; boundary=x", false},
		{"application/merge-patch+json", false},
		{"application/problem+json", false},
		{"json", false},
		{"application/json;;;=", false},
		{"", false},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			w := w.in(t)
			req := httptest.NewRequest("POST", baseURL+"/api/v1"+path, strings.NewReader(anna().String()))
			if tt.kind != "" {
				req.Header.Set("Content-Type", tt.kind)
			}
			r := w.send(req, anna().String())
			if tt.ok {
				r.want(http.StatusCreated)
			} else {
				r.refused(http.StatusUnsupportedMediaType, "content_type")
			}
		})
	}
	w.do("POST", "/events/"+id+"/publish", w.organiser, "", "Content-Type", "text/plain").refused(http.StatusUnsupportedMediaType, "content_type")
}

func TestABodyIsAtMostAMegabyte(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar().without("capacity"))
	path := "/events/" + id + "/registrations"
	body := func(size int) string {
		s := strings.TrimSuffix(anna().String(), "}") + `, "x": "`
		return s + strings.Repeat("x", size-len(s)-2) + `"}`
	}
	w.do("POST", path, "", body(1<<20)).want(http.StatusCreated)
	w.do("POST", path, "", body(1<<20+1)).refused(http.StatusRequestEntityTooLarge, "too_large")
	req := httptest.NewRequest("POST", baseURL+"/api/v1"+path, nil)
	req.Header.Set("Content-Type", "application/json")
	req.Body = http.MaxBytesReader(httptest.NewRecorder(), io.NopCloser(strings.NewReader(body(2<<20))), 1<<20) // as the engine's own guard bounds it
	w.send(req, "").refused(http.StatusRequestEntityTooLarge, "too_large")
}

// cut is a body whose sender went away.
type cut struct{ io.Reader }

func (c cut) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func TestABodyThatWasCutShortIsRefused(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	req := httptest.NewRequest("POST", baseURL+"/api/v1/events/"+id+"/registrations", cut{strings.NewReader(anna().String())})
	req.Header.Set("Content-Type", "application/json")
	w.send(req, anna().String()).refused(http.StatusBadRequest, "not_json")
	if n := w.count(`SELECT count(*) FROM registration`); n != 0 {
		t.Error("it was taken")
	}
}

func TestUnknownPathsAndMethodsAreAnsweredAsProblems(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/nothing", 404, "missing"},
		{"GET", "/events/a/b/c", 404, "missing"},
		{"POST", "/../../etc", 404, "missing"},
		{"DELETE", "/events", 405, "method"},
		{"PUT", "/events/a", 405, "method"},
		{"OPTIONS", "/events", 405, "method"},
		{"GET", "/registrations/a/cancel", 405, "method"},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			w := w.in(t)
			w.do(tt.method, tt.path, w.organiser, "").refused(tt.status, tt.code)
		})
	}
	rec := httptest.NewRecorder()
	w.engine.ServeHTTP(rec, httptest.NewRequest("GET", baseURL+"/api", nil))
	if rec.Body.String() != "a page" {
		t.Errorf("the API answers for the pages: %s", rec.Body)
	}
}

func TestAFaultTellsNothingButANumber(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	err := w.db.Write(ctx, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `ALTER TABLE message RENAME TO secret_table`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r := w.do("POST", "/events/"+id+"/registrations", "", anna().String())
	p := r.refused(http.StatusInternalServerError, "fault")
	if p.RequestID != "abc12345" || strings.Contains(string(r.body), "message") || strings.Contains(string(r.body), "sql") {
		t.Errorf("it tells %s", r.body)
	}
	if !strings.Contains(w.log.String(), "abc12345") || !strings.Contains(w.log.String(), "sign-up") {
		t.Errorf("the log has %s", w.log)
	}
	if n := w.count(`SELECT count(*) FROM registration`); n != 0 {
		t.Error("half of it was stored")
	}
}

func TestAPanicIsAFaultToo(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	req := httptest.NewRequest("POST", baseURL+"/api/v1/events/"+id+"/registrations", panics{})
	req.Header.Set("Content-Type", "application/json")
	w.send(req, anna().String()).refused(http.StatusInternalServerError, "fault")
	if !strings.Contains(w.log.String(), "the body has burst") {
		t.Errorf("the log has %s", w.log)
	}
}

// panics is a body that cannot even be read.
type panics struct{}

func (panics) Read([]byte) (int, error) { panic("the body has burst") }

func TestWhoHasGoneIsNotAnswered(t *testing.T) {
	w := newWorld(t)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	req := httptest.NewRequest("GET", baseURL+"/api/v1/events", nil).WithContext(gone)
	r := w.send(req, "").refused(http.StatusServiceUnavailable, "busy")
	if r.RequestID == "" || bytes.Contains(w.log.Bytes(), []byte("fault")) {
		t.Errorf("the log has %s", w.log)
	}
}
