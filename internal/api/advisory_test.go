package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// hours is what the API tells of a company in one programme of advice.
type hours struct {
	Cap      int  `json:"cap_minutes"`
	Reserved int  `json:"reserved_minutes"`
	Used     int  `json:"used_minutes"`
	Left     *int `json:"left_minutes"`
	Entries  []struct {
		Kind    string `json:"kind"`
		Minutes int    `json:"minutes"`
	} `json:"entries"`
}

func (w *world) hours() hours {
	w.t.Helper()
	var all map[string]hours
	w.do("GET", "/companies/SE/556677-8899/hours", w.organiser, "").want(http.StatusOK).read(&all)
	return all["radgivning"]
}

// tokens makes new ones after the clock has been moved far.
func (w *world) tokens() {
	storetest.Write(w.t, w.db, func(tx *store.Tx) (err error) {
		w.organiser, _, err = user.NewToken(ctx, tx, user.Organiser, w.dala.ID, "a program", time.Hour)
		return err
	})
}

func TestAMeetingIsBookedMovedHeldAndSettledByAProgram(t *testing.T) {
	w := newWorld(t)
	made := strings.NewReplacer(w.advice()...)
	if h := w.hours(); h.Cap != 300 || h.Reserved != 60 || h.Used != 0 || *h.Left != 240 {
		t.Errorf("after booking an hour: %+v", h)
	}
	moved := w.do("POST", made.Replace("/bookings/{booking}/reschedule"), w.organiser, object{"starts_at": "2027-01-21T13:00:00+01:00", "minutes": 30}.String()).want(http.StatusOK)
	if got := moved.field("starts_at"); got != "2027-01-21T13:00:00+01:00" {
		t.Errorf("moved to %s", got)
	}
	w.clock.Set(time.Date(2027, 1, 21, 13, 0, 0, 0, time.UTC))
	w.tokens()
	if got := w.do("POST", made.Replace("/bookings/{booking}/settle"), w.organiser, object{"minutes": 32}.String()).want(http.StatusOK).field("status"); got != "settled" {
		t.Errorf("it is %s, want settled", got)
	}
	h := w.hours()
	if h.Reserved != 0 || h.Used != 30 || len(h.Entries) != 5 {
		t.Errorf("after 32 minutes: %+v, want 30 used and five entries", h)
	}
	w.do("POST", made.Replace("/bookings/{booking}/cancel"), w.organiser, "").refused(http.StatusConflict, "booking_not_now")
}

func TestFreeTimesAreToldWithoutSayingWhoBooked(t *testing.T) {
	w := newWorld(t)
	made := strings.NewReplacer(w.advice()...) // an hour from nine UTC on a Wednesday is taken
	r := w.do("GET", made.Replace("/advisory/programmes/{advice}/slots?from=2027-01-20&to=2027-01-20&minutes=60"), "", "").want(http.StatusOK)
	if strings.Contains(string(r.body), "nna") {
		t.Errorf("the answer names somebody who booked: %s", r.body)
	}
	var list struct {
		Slots []struct {
			StartsAt string `json:"starts_at"`
			Minutes  int    `json:"minutes"`
		} `json:"slots"`
	}
	r.read(&list)
	var starts []string
	for _, s := range list.Slots {
		starts = append(starts, s.StartsAt[11:16])
	}
	// from eight to five in Stockholm, the meeting from ten to eleven with a quarter of an hour around it, and around the new one
	if got, want := fmt.Sprint(starts), "[08:00 08:30 11:30 12:00 12:30 13:00 13:30 14:00 14:30 15:00 15:30 16:00]"; got != want {
		t.Errorf("free are %s, want %s", got, want)
	}
}

func TestRefusalsOfAdviceHaveTheirCodes(t *testing.T) {
	w := newWorld(t)
	made := strings.NewReplacer(w.advice()...)
	path := made.Replace("/advisory/programmes/{advice}/bookings")
	w.do("POST", path, w.organiser, booking("2027-01-20T10:00:00+01:00").String()).refused(http.StatusConflict, "slot_taken")
	for day := 21; day <= 22; day++ {
		for _, clock := range []string{"08:00", "12:00"} {
			w.do("POST", path, w.organiser, booking(fmt.Sprintf("2027-01-%dT%s:00+01:00", day, clock)).String()).want(http.StatusCreated)
		}
	}
	w.do("POST", path, w.organiser, booking("2027-01-25T08:00:00+01:00").String()).refused(http.StatusConflict, "cap_exceeded")
	other := w.do("POST", "/advisory/programmes", w.organiser, newAdvice().with("slug", "efter-seminarium", "prerequisite", "attended", "pool_minutes", nil).String()).want(http.StatusCreated).field("id")
	w.do("POST", "/advisory/programmes/"+other+"/bookings", w.organiser, booking("2027-01-25T08:00:00+01:00").String()).refused(http.StatusConflict, "not_eligible")
	p := w.do("POST", path, w.organiser, booking("2027-01-25T08:00:00+01:00").with("need", "Hjälp!").String()).refused(http.StatusUnprocessableEntity, "invalid")
	if len(p.Errors) != 1 || p.Errors[0].Location != "body.need" {
		t.Errorf("a short need: %+v", p.Errors)
	}
	w.do("POST", "/advisory/programmes", w.organiser, newAdvice().with("slug", "radgivning").String()).refused(http.StatusConflict, "slug_taken")
}

func TestATimeThatARuleRefusesIsToldAtItsField(t *testing.T) {
	w := newWorld(t)
	made := strings.NewReplacer(w.advice()...)
	storetest.Write(t, w.db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE advisory_programme SET closes_on = '2027-02-10'`)
		return err
	})
	path := made.Replace("/advisory/programmes/{advice}/bookings")
	for _, tt := range []struct{ start, tender, location, code string }{
		{"2027-01-04T10:00:00+01:00", "", "body.starts_at", "in_future"},
		{"%s", "", "body.starts_at", "too_soon"},
		{"2027-02-11T10:00:00+01:00", "", "body.starts_at", "after_close"},
		{"2028-01-20T10:00:00+01:00", "", "body.starts_at", "too_far"},
		{"2027-01-21T10:00:00+01:00", "2027-01-20", "body.tender_day", "after_tender"},
	} {
		start := strings.ReplaceAll(tt.start, "%s", w.clock.Now().Add(time.Hour).Format(time.RFC3339))
		b := booking(start)
		if tt.tender != "" {
			b = b.with("tender_day", tt.tender)
		}
		p := w.do("POST", path, w.organiser, b.String()).refused(http.StatusUnprocessableEntity, "invalid")
		if len(p.Errors) != 1 || p.Errors[0].Location != tt.location || p.Errors[0].Code != tt.code || strings.Contains(p.Errors[0].Message, "{") {
			t.Errorf("%s before %s: %+v, want %s at %s", start, tt.tender, p.Errors, tt.code, tt.location)
		}
	}
	w.do("POST", path, w.organiser, booking("2027-01-24T10:00:00+01:00").String()).refused(http.StatusConflict, "slot_taken") // a Sunday
	w.do("POST", made.Replace("/bookings/{booking}/reschedule"), w.organiser, object{"starts_at": "2027-01-04T10:00:00+01:00"}.String()).refused(http.StatusUnprocessableEntity, "invalid")
}

func TestTimesAreListedForTheLengthsThereAre(t *testing.T) {
	w := newWorld(t)
	made := strings.NewReplacer(w.advice()...)
	p := w.do("GET", made.Replace("/advisory/programmes/{advice}/slots?minutes=45"), "", "").refused(http.StatusUnprocessableEntity, "invalid")
	if len(p.Errors) != 1 || p.Errors[0].Location != "query.minutes" {
		t.Errorf("three quarters of an hour: %+v", p.Errors)
	}
}
