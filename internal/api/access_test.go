package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/api"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// attempt is one operation on things of the Swedish programme, with what each
// sort of caller is answered.
type attempt struct {
	method, path string // as described
	body         object
	nobody       int // without a token
	stranger     int // the organiser of another programme
	organiser    int
	admin        int
}

// attempts names every operation there is.
func attempts() map[string]attempt {
	message := object{"message": "Föreläsaren är sjuk."}
	return map[string]attempt{
		"list-events":               {"GET", "/events", nil, 200, 200, 200, 200},
		"show-event":                {"GET", "/events/{event}", nil, 200, 200, 200, 200},
		"show-event of a draft":     {"GET", "/events/{draft}", nil, 404, 404, 200, 200},
		"create-event":              {"POST", "/events", webinar(), 401, 404, 201, 201},
		"change-event":              {"PATCH", "/events/{event}", object{"title": "Annan rubrik"}, 401, 404, 200, 200},
		"publish-event":             {"POST", "/events/{draft}/publish", nil, 401, 404, 200, 200},
		"cancel-event":              {"POST", "/events/{event}/cancel", message, 401, 404, 200, 200},
		"move-event":                {"POST", "/events/{event}/move", message.with("starts_at", "2027-04-07T08:30:00+02:00", "ends_at", "2027-04-07T10:00:00+02:00"), 401, 404, 200, 200},
		"create-programme":          {"POST", "/programmes", newProgramme(), 401, 403, 403, 201},
		"sign-up":                   {"POST", "/events/{event}/registrations", object{"name": "Kari Dahl", "email": "kari@dahl.example"}, 201, 201, 201, 201},
		"sign-up for a draft":       {"POST", "/events/{draft}/registrations", object{"name": "Kari Dahl", "email": "kari@dahl.example"}, 404, 404, 404, 404},
		"list-registrations":        {"GET", "/events/{event}/registrations", nil, 401, 404, 200, 200},
		"cancel-registration":       {"POST", "/registrations/{registration}/cancel", nil, 401, 404, 200, 200},
		"mark-attendance":           {"POST", "/registrations/{registration}/attendance", object{"present": true}, 401, 404, 200, 200},
		"receive-mail":              {"POST", "/mail/inbound", nil, 401, 403, 403, 202},
		"list-advisory-programmes":  {"GET", "/advisory/programmes", nil, 200, 200, 200, 200},
		"list-slots":                {"GET", "/advisory/programmes/{advice}/slots", nil, 200, 200, 200, 200},
		"create-advisory-programme": {"POST", "/advisory/programmes", newAdvice(), 401, 404, 201, 201},
		"add-adviser":               {"POST", "/advisers", object{"name": "Olle Brand", "email": "olle@brand.example", "advisory_programmes": []string{"radgivning"}}, 401, 422, 201, 201},
		"set-availability":          {"PUT", "/advisers/{adviser}/availability", object{"weekly": []object{{"weekday": 1, "from": "09:00", "to": "12:00"}}}, 401, 404, 200, 200},
		"book":                      {"POST", "/advisory/programmes/{advice}/bookings", booking("2027-03-04T09:00:00+01:00"), 401, 404, 201, 201},
		"cancel-booking":            {"POST", "/bookings/{booking}/cancel", nil, 401, 404, 200, 200},
		"reschedule-booking":        {"POST", "/bookings/{booking}/reschedule", object{"starts_at": "2027-03-05T09:00:00+01:00"}, 401, 404, 200, 200},
		"settle-booking":            {"POST", "/bookings/{booking}/settle", object{"minutes": 50, "note": "Läs kraven."}, 401, 404, 409, 409}, // it is to come
		"company-hours":             {"GET", "/companies/SE/5566778899/hours", nil, 401, 404, 200, 200},
		"transfer-registration":     {"POST", "/registrations/{registration}/transfer", object{"name": "Per Berg", "email": "per@bygg.example"}, 401, 404, 200, 200},
	}
}

func newProgramme() object {
	return object{"slug": "norra", "name": "Norra programmet", "country": "SE", "county_code": "25", "language": "sv", "time_zone": "Europe/Stockholm"}
}

func TestEachOperationIsOpenToThoseWhoMayAndNobodyElse(t *testing.T) {
	for name, a := range attempts() {
		t.Run(name, func(t *testing.T) {
			untouched := newWorld(t)
			untouchedPath := untouched.things(a)
			for _, caller := range []struct {
				name string
				pick func(*world) string
				want int
			}{
				{"no token", func(*world) string { return "" }, a.nobody},
				{"a token that nobody has made", func(*world) string { return "stf_unknown" }, 401},
				{"an expired token", func(w *world) string { return w.expired }, 401},
				{"a revoked token", func(w *world) string { return w.revoked }, 401},
				{"the organiser of another programme", func(w *world) string { return w.stranger }, a.stranger},
				{"the organiser", func(w *world) string { return w.organiser }, a.organiser},
				{"an administrator", func(w *world) string { return w.administrator }, a.admin},
			} {
				t.Run(caller.name, func(t *testing.T) {
					w, path := untouched.in(t), untouchedPath
					if caller.want < 400 { // who changes something has a world alone
						w = newWorld(t)
						path = w.things(a)
					}
					before := w.everything()
					r := w.do(a.method, path, caller.pick(w), a.text())
					r.want(caller.want)
					if after := w.everything(); caller.want >= 400 && after != before {
						t.Errorf("a refusal has changed what is stored:\n%s\n%s", before, after)
					}
				})
			}
		})
	}
}

func (a attempt) text() string {
	if media(a.path) != "application/json" {
		return letterBack
	}
	if a.body == nil {
		return ""
	}
	return a.body.String()
}

// things makes what the path names and puts its ids in.
func (w *world) things(a attempt) string {
	start := "2027-03-03T08:30:00+01:00"
	event := w.published(webinar().with("starts_at", start))
	draft := w.create(webinar())
	registration := w.signUp(event, w.everywhere, anna())
	if strings.HasSuffix(a.path, "/attendance") {
		w.clock.Set(time.Date(2027, 3, 3, 7, 0, 0, 0, time.UTC))
		storetest.Write(w.t, w.db, func(tx *store.Tx) (err error) { // the first one does not live so long
			w.administrator, _, err = user.NewToken(ctx, tx, user.Administrator, "", "a program", time.Hour)
			return err
		})
	}
	with := []string{"{event}", event, "{draft}", draft, "{registration}", registration}
	if a.advises() {
		with = append(with, w.advice()...)
	}
	return strings.NewReplacer(with...).Replace(a.path)
}

// advises reports whether the attempt is about advice.
func (a attempt) advises() bool {
	return strings.Contains(a.path, "advis") || strings.Contains(a.path, "booking") || strings.Contains(a.path, "/companies/")
}

func newAdvice() object {
	return object{
		"programme": "dalarna", "slug": "fem-timmar", "name": "Fem timmar", "prerequisite": "none", "cap_minutes": 300, "cap_per": "company", "pool_minutes": 9000,
		"price": 20000, "session_minutes": []int{30, 60}, "lead_minutes": 2880, "free_cancel_minutes": 1440,
	}
}

func booking(start string) object {
	return object{
		"starts_at": start, "minutes": 60, "company": object{"country": "SE", "org_number": "556677-8899", "name": "Snickarna AB"},
		"person": object{"name": "Anna Lind", "email": "anna@snickarna.example"}, "need": "Vi ska lämna anbud på fönster till en skola.", "meeting": "online",
	}
}

// advice makes a programme of advice with an adviser and a meeting.
func (w *world) advice() []string {
	slug, email := "radgivning", "eva@ek.example"
	if n := strings.Count(string(w.do("GET", "/advisory/programmes", "", "").body), `"slug"`); n > 0 { // not the first
		slug, email = fmt.Sprint("radgivning-", n), fmt.Sprintf("eva.%d@ek.example", n)
	}
	start := w.clock.Now().AddDate(0, 0, 7).Truncate(24 * time.Hour).Add(9 * time.Hour)
	for start.Weekday() != time.Wednesday {
		start = start.AddDate(0, 0, 1)
	}
	id := w.do("POST", "/advisory/programmes", w.everywhere, newAdvice().with("slug", slug).String()).want(201).field("id")
	adviser := w.do("POST", "/advisers", w.everywhere, object{"name": "Eva Ek", "email": email, "advisory_programmes": []string{id}}.String()).want(201).field("id")
	week := []object{}
	for day := 1; day <= 5; day++ {
		week = append(week, object{"weekday": day, "from": "08:00", "to": "17:00"})
	}
	w.do("PUT", "/advisers/"+adviser+"/availability", w.everywhere, object{"weekly": week}.String()).want(200)
	booked := w.do("POST", "/advisory/programmes/"+id+"/bookings", w.everywhere, booking(start.Format(time.RFC3339)).String()).want(201).field("id")
	return []string{"{advice}", id, "{adviser}", adviser, "{booking}", booked}
}

func TestTheTableOfAccessNamesEveryOperation(t *testing.T) {
	w := newWorld(t)
	var missing []string
	for path, item := range w.doc.Paths.Map() {
		for method, op := range item.Operations() {
			if a, ok := attempts()[op.OperationID]; !ok || a.method != method {
				missing = append(missing, method+" "+path)
			}
			wantOpen := attempts()[op.OperationID].nobody < 400
			open := false
			for _, requirement := range *op.Security {
				open = open || len(requirement) == 0
			}
			if open != wantOpen {
				t.Errorf("%s: described as open to everybody: %t", op.OperationID, open)
			}
		}
	}
	if diff := cmp.Diff([]string(nil), missing); diff != "" {
		t.Error(diff)
	}
}

func TestAForeignIDIsAnsweredExactlyAsAnUnknownOne(t *testing.T) {
	w := newWorld(t)
	for name, a := range attempts() {
		if a.stranger != http.StatusNotFound || !strings.Contains(a.path, "{") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			w := w.in(t)
			foreign := w.do(a.method, w.things(a), w.stranger, a.text())
			unknown := strings.NewReplacer("{event}", "nothing", "{draft}", "nothing", "{registration}", "nothing").Replace(a.path)
			none := w.do(a.method, unknown, w.stranger, a.text())
			if diff := cmp.Diff(string(none.body), string(foreign.body)); diff != "" || none.status != foreign.status {
				t.Errorf("%d and %d: %s", none.status, foreign.status, diff)
			}
			if diff := cmp.Diff(none.header, foreign.header); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWithoutAValidTokenTheAnswerSaysHowToSendOne(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ name, header string }{
		{"none", ""},
		{"another scheme", "Basic YW5uYTpiZXJn"},
		{"no token behind the scheme", "Bearer"},
		{"an unknown token", "Bearer stf_0"},
		{"a token without its scheme", w.organiser},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := w.in(t)
			headers := []string{}
			if tt.header != "" {
				headers = []string{"Authorization", tt.header}
			}
			r := w.do("POST", "/events", "", webinar().String(), headers...)
			r.refused(http.StatusUnauthorized, "token")
			if got := r.header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
				t.Errorf("WWW-Authenticate is %q", got)
			}
		})
	}
	w.do("GET", "/events/nothing/registrations", "", "", "Authorization", "bearer "+w.organiser).want(http.StatusNotFound)
}

func TestTheUseOfATokenIsNotedOnceAMinute(t *testing.T) {
	w := newWorld(t)
	used := func() int { return w.count(`SELECT count(*) FROM api_token WHERE last_used_at IS NOT NULL`) }
	w.do("GET", "/events", "", "").want(200)
	if used() != 0 {
		t.Error("a token was used by nobody")
	}
	w.do("GET", "/events", w.organiser, "").want(200)
	if used() != 1 {
		t.Error("the use was not noted")
	}
	seen := w.count(`SELECT max(unixepoch(last_used_at)) FROM api_token`)
	w.clock.Advance(2 * time.Minute)
	w.do("GET", "/events", w.organiser, "").want(200)
	if again := w.count(`SELECT max(unixepoch(last_used_at)) FROM api_token`); again != seen+120 {
		t.Errorf("noted %d, after %d", again, seen)
	}
}

func TestATokenHasSixHundredRequestsAMinute(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.TokenMinute = 0 })
	for range 600 {
		if status := w.quick("GET", "/events?limit=1", w.organiser, ""); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
	}
	r := w.do("GET", "/events?limit=1", w.organiser, "")
	r.refused(http.StatusTooManyRequests, "too_many_requests")
	if r.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", r.header.Get("Retry-After"))
	}
	w.do("GET", "/events", w.stranger, "").want(200) // nobody else waits
	w.clock.Advance(time.Second)
	w.do("GET", "/events", w.organiser, "").want(200)
}

func TestSignUpsOfOneAddressAreLimited(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.RegisterLimit = nil })
	id := w.published(webinar().without("capacity"))
	path := "/events/" + id + "/registrations"
	one := func(i int) string {
		return object{"name": "Kari Dahl", "email": fmt.Sprintf("kari%d@dahl.example", i)}.String()
	}
	for i := range 30 {
		w.do("POST", path, "", one(i)).want(http.StatusCreated)
	}
	r := w.do("POST", path, "", one(30))
	r.refused(http.StatusTooManyRequests, "too_many_requests")
	if r.header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After is %q", r.header.Get("Retry-After"))
	}
	w.do("POST", path, w.organiser, one(31)).want(http.StatusCreated) // a token has a limit of its own
	hour := 0
	for i := range 600 {
		w.clock.Advance(2 * time.Second)
		if w.quick("POST", path, "", one(100+i)) == http.StatusTooManyRequests {
			break
		}
		hour++
	}
	if total := 30 + hour; total < 300 || total > 400 {
		t.Errorf("%d sign-ups in less than an hour before the limit for an hour", total)
	}
}

func TestColleaguesCountAgainstTheLimitToo(t *testing.T) {
	w := newWorld(t, func(o *api.Options) { o.RegisterLimit = nil })
	id := w.published(webinar().without("capacity"))
	group := func(n int) object {
		var colleagues []object
		for i := range 4 {
			colleagues = append(colleagues, object{"name": "Kari Dahl", "email": fmt.Sprintf("kari%d-%d@dahl.example", n, i)})
		}
		return object{"name": "Kari Dahl", "email": fmt.Sprintf("kari%d@dahl.example", n), "colleagues": colleagues}
	}
	for n := range 6 { // thirty people
		w.post(id, "", group(n)).want(http.StatusCreated)
	}
	w.post(id, "", group(6)).refused(http.StatusTooManyRequests, "too_many_requests")
	w.post(id, w.organiser, group(7)).want(http.StatusCreated)
}
