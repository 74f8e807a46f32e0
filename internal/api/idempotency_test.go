package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// once sends a request with a key.
func (w *world) once(key, path, token, body string) reply {
	w.t.Helper()
	return w.do("POST", path, token, body, "Idempotency-Key", key)
}

func TestTheSameRequestTenTimesActsOnceAndIsAnsweredAlike(t *testing.T) {
	for name, a := range attempts() {
		if a.method != http.MethodPost || a.organiser >= 300 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			path := w.things(a)
			first := w.once("k-1", path, w.organiser, a.text()).want(a.organiser)
			after := w.everything()
			for range 9 {
				again := w.once("k-1", path, w.organiser, a.text()).want(a.organiser)
				if diff := cmp.Diff(string(first.body), string(again.body)); diff != "" {
					t.Fatal(diff)
				}
				if diff := cmp.Diff(first.header, again.header); diff != "" {
					t.Fatal(diff)
				}
			}
			if now := w.everything(); now != after {
				t.Errorf("a replay has acted:\n%s\n%s", after, now)
			}
		})
	}
}

func TestAProgrammeIsCreatedOnceToo(t *testing.T) {
	w := newWorld(t)
	first := w.once("k-1", "/programmes", w.administrator, newProgramme().String()).want(201)
	again := w.once("k-1", "/programmes", w.administrator, newProgramme().String()).want(201)
	if diff := cmp.Diff(string(first.body), string(again.body)); diff != "" {
		t.Error(diff)
	}
}

func TestOfTwentyAtOnceOneActs(t *testing.T) {
	for _, tt := range []struct {
		name string
		path func(w *world) string
		body object
	}{
		{"creating an event", func(*world) string { return "/events" }, webinar()},
		{"signing up", func(w *world) string { return "/events/" + w.published(webinar()) + "/registrations" }, anna()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			path := tt.path(w)
			events, registrations := w.count(`SELECT count(*) FROM event`), w.count(`SELECT count(*) FROM registration`)
			var wg sync.WaitGroup
			answers := make(chan string, 20)
			for range 20 {
				wg.Go(func() {
					r := w.once("k-1", path, w.organiser, tt.body.String())
					if r.status != http.StatusCreated {
						t.Errorf("status %d: %s", r.status, r.body)
					}
					answers <- string(r.body)
				})
			}
			wg.Wait()
			first := <-answers
			for range 19 {
				if diff := cmp.Diff(first, <-answers); diff != "" {
					t.Error(diff)
				}
			}
			made := w.count(`SELECT count(*) FROM event`) - events + w.count(`SELECT count(*) FROM registration`) - registrations
			if made != 1 {
				t.Errorf("%d have come to be", made)
			}
		})
	}
}

func TestWithoutAKeyEachRequestActs(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { w.do("POST", "/events", w.organiser, webinar().String()) })
	}
	wg.Wait()
	if n := w.count(`SELECT count(*) FROM event`); n != 20 {
		t.Errorf("%d events: the tests of the key would prove nothing", n)
	}
}

func TestAKeyIsGoodForOneRequestOnly(t *testing.T) {
	w := newWorld(t)
	id, other := w.published(webinar()), w.published(webinar())
	path := "/events/" + id + "/registrations"
	w.once("k-1", path, w.organiser, anna().String()).want(201)
	before := w.everything()
	w.once("k-1", path, w.organiser, anna().with("email", "other@bygg.example").String()).refused(422, "idempotency_key_reused")
	w.once("k-1", "/events/"+other+"/registrations", w.organiser, anna().String()).refused(422, "idempotency_key_reused")
	w.once("k-1", "/events", w.organiser, webinar().String()).refused(422, "idempotency_key_reused")
	if after := w.everything(); after != before {
		t.Errorf("a refusal has changed something:\n%s\n%s", before, after)
	}
	w.once("k-1", path, w.everywhere, anna().with("email", "other@bygg.example").String()).want(201) // another caller's key is another key
}

func TestAStrangersKeyIsTheAddressesOwn(t *testing.T) {
	w := newWorld(t)
	path := "/events/" + w.published(webinar().without("capacity")) + "/registrations"
	w.engine.TrustedPlatform = "X-Test-Address"
	from := func(address, email string) reply {
		return w.do("POST", path, "", anna().with("email", email).String(), "Idempotency-Key", "k-1", "X-Test-Address", address)
	}
	from("192.0.2.1", "a@x.example").want(201)
	from("192.0.2.2", "b@x.example").want(201)
	from("192.0.2.1", "c@x.example").refused(422, "idempotency_key_reused")
	from("2001:db8::1", "d@x.example").want(201)
	from("2001:db8::2", "e@x.example").refused(422, "idempotency_key_reused") // the same household
}

func TestWhoIsThereAlreadyGetsTheSameAnswerAgain(t *testing.T) {
	w := newWorld(t)
	path := "/events/" + w.published(webinar()) + "/registrations"
	w.do("POST", path, "", anna().String()).want(201)
	first := w.once("k-1", path, "", anna().String()).want(201)
	w.clock.Advance(5 * time.Minute)
	again := w.once("k-1", path, "", anna().String()).want(201)
	if diff := cmp.Diff(string(first.body), string(again.body)); diff != "" {
		t.Error(diff)
	}
	if n := w.count(`SELECT count(*) FROM message WHERE letter = 'E06'`); n != 1 {
		t.Errorf("%d letters that say so", n)
	}
}

func TestARefusalIsNotKept(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar().with("registration_opens_at", "2027-01-14T08:00:00+01:00"))
	path := "/events/" + id + "/registrations"
	w.once("k-1", path, "", anna().with("email", "anna").String()).want(http.StatusConflict)
	w.once("k-1", path, "", anna().String()).refused(http.StatusConflict, "not_open")
	w.clock.Advance(24 * time.Hour)
	w.once("k-1", path, "", anna().with("email", "anna").String()).refused(422, "invalid")
	w.once("k-1", path, "", anna().String()).want(201) // the key is good for what is corrected
}

func TestAKeyIsForgottenAfterTwoDays(t *testing.T) {
	w := newWorld(t)
	w.once("k-1", "/events", w.organiser, webinar().String()).want(201)
	w.clock.Advance(48 * time.Hour)
	w.once("k-1", "/events", w.organiser, webinar().String()).want(201)
	if n := w.count(`SELECT count(*) FROM event`); n != 2 {
		t.Errorf("%d events", n)
	}
}

func TestAKeyIsVisibleASCII(t *testing.T) {
	w := newWorld(t)
	body := webinar().String()
	for _, tt := range []struct {
		name, key string
		ok        bool
	}{
		{"empty", "", false},
		{"a space", "a b", false},
		{"a letter with a mark", "nyckel-å", false},
		{"a control character", "a\x7f", false},
		{"255 characters", strings.Repeat("k", 255), true},
		{"256 characters", strings.Repeat("k", 256), false},
		{"every sign", "!~{}\"'", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := w.in(t)
			r := w.once(tt.key, "/events", w.organiser, body)
			if tt.ok {
				r.want(201)
			} else {
				r.refused(http.StatusBadRequest, "idempotency_key")
			}
		})
	}
}
