package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"stafett/data"
	"stafett/internal/advisory"
	"stafett/internal/aid"
	"stafett/internal/application"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/person"
	"stafett/internal/registration"
	"stafett/internal/sample"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// walk is a walk through one programme of advice of the sample, on a Wednesday just
// before ten in Stockholm and Oslo.
type walk struct {
	*world
	slug   string
	advice advisory.Programme
	events map[string]event.Event
	all    map[string]advisory.Programme
	token  string
}

// The organisations of the walk.
var (
	carpenter = object{"country": "SE", "org_number": "402000-1006", "name": "Siljans Snickeri (påhittat)"}
	region    = object{"country": "SE", "org_number": "212000-0142", "name": "En kommun"}
	abroad    = object{"country": "NO", "org_number": "310012602", "name": "Grensebygd kommune (oppdiktet)"}
)

// TestTheFourProgrammesOfTheSample is what each of them promises, and then a company,
// a buyer or a project on its way through it.
func TestTheFourProgrammesOfTheSample(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		slug        string
		terms       string // of the programme, as the API tells them
		first, then string // the first times that can be booked
		refused     int    // minutes that it has no meetings of
		walk        func(*walk)
	}{
		{
			slug: "udd-5h",
			terms: `{"prerequisite": "attended", "prerequisite_kind": "learning_seminar", "prerequisite_months": 24, "cap_minutes": 300, "cap_per": "company", "pool_minutes": 9000,
				"price_minor": 20000, "currency": "SEK", "aid_regime": "de_minimis", "lead_minutes": 2880, "free_cancel_minutes": 1440, "session_minutes": [30, 60, 90, 120], "step_minutes": 30}`,
			first: "2027-01-15T10:00:00+01:00", then: "2027-01-15T10:30:00+01:00", refused: 45, walk: (*walk).afterASeminar,
		},
		{
			slug: "akuten-5h",
			terms: `{"prerequisite": "none", "cap_minutes": 300, "cap_per": "company", "pool_minutes": 24000, "price_minor": 0, "currency": "SEK", "aid_regime": "de_minimis",
				"lead_minutes": 720, "free_cancel_minutes": 720, "session_minutes": [30, 60], "step_minutes": 30}`,
			first: "2027-01-14T08:00:00+01:00", then: "2027-01-14T08:30:00+01:00", refused: 90, walk: (*walk).inACrisis,
		},
		{
			slug: "upphandlingslots",
			terms: `{"prerequisite": "public_body", "price_minor": 0, "currency": "SEK", "aid_regime": "none", "lead_minutes": 240, "free_cancel_minutes": 120,
				"session_minutes": [20, 30, 45], "step_minutes": 15}`,
			first: "2027-01-13T14:00:00+01:00", then: "2027-01-13T14:15:00+01:00", refused: 60, walk: (*walk).helpline,
		},
		{
			slug: "startoff-prosess",
			terms: `{"prerequisite": "application", "cap_minutes": 2400, "cap_per": "project", "pool_minutes": 36000, "price_minor": 0, "currency": "NOK", "aid_regime": "none",
				"lead_minutes": 4320, "free_cancel_minutes": 1440, "session_minutes": [60, 120, 180], "step_minutes": 30}`,
			first: "2027-01-18T09:00:00+01:00", then: "2027-01-18T09:30:00+01:00", refused: 30, walk: (*walk).project,
		},
	} {
		t.Run(tt.slug, func(t *testing.T) {
			t.Parallel()
			w := newWalk(t, tt.slug)
			w.promises(tt.terms)
			if free := w.free(0); len(free) < 2 || free[0] != tt.first || free[1] != tt.then {
				t.Errorf("the first times are %v, want %s and %s", free[:min(2, len(free))], tt.first, tt.then)
			}
			tt.walk(w)
		})
	}
}

// afterASeminar: who was at a learning seminar within two years has five hours at 200
// kronor, once the aid has been declared and granted.
func (w *walk) afterASeminar() {
	w.ask(carpenter, 60, w.free(60)[0]).refused(http.StatusConflict, "not_eligible")
	held := w.attend("lar-alvdalen", carpenter)
	w.goTo(held.AddDate(0, 24, 1))
	w.ask(carpenter, 60, w.free(60)[0]).refused(http.StatusConflict, "not_eligible")
	w.goTo(held.AddDate(0, 23, 0))
	w.ask(carpenter, 45, w.free(60)[0]).refused(http.StatusUnprocessableEntity, "invalid")
	id := w.ask(carpenter, 60, w.free(60)[0]).want(http.StatusCreated).field("id")
	w.is(id, advisory.Requested)
	w.granted(id, 450_000) // five hours of 900 kronor
	w.is(id, advisory.Confirmed)
	w.fillsCap(carpenter, 120, 120)
	w.freeUntil(id, 24*time.Hour)
	w.settled(id, 55)
	w.costs(id, 183_33)
	w.balance(carpenter, 55, 240, 5)
}

// inACrisis: everybody has five hours for nothing, at half a day's notice.
func (w *walk) inACrisis() {
	w.ask(carpenter, 90, w.free(60)[0]).refused(http.StatusUnprocessableEntity, "invalid")
	id := w.ask(carpenter, 60, w.free(60)[0]).want(http.StatusCreated).field("id")
	w.is(id, advisory.Requested)
	w.granted(id, 550_000) // five hours of 1 100 kronor
	w.is(id, advisory.Confirmed)
	w.fillsCap(carpenter, 60, 60, 60, 60)
	w.freeUntil(id, 12*time.Hour)
	w.settled(id, 60)
	w.costs(id, 0)
	w.balance(carpenter, 60, 240, 0)
}

// helpline: who buys for the public talks as often as need be, by number or by an
// organiser's yes; calls are noted without a booking.
func (w *walk) helpline() {
	w.ask(carpenter, 30, w.free(30)[0]).refused(http.StatusConflict, "not_eligible")
	var last string
	for range 12 { // six hours: there is no cap
		last = w.ask(region, 30, w.free(30)[0]).want(http.StatusCreated).field("id")
		w.is(last, advisory.Confirmed)
	}
	w.freeUntil(last, 2*time.Hour)
	unknown := w.ask(abroad, 45, w.free(45)[0]).want(http.StatusCreated).field("id")
	w.is(unknown, advisory.Requested)
	w.write(func(tx *store.Tx) error {
		_, err := advisory.Confirm(ctx, tx, unknown, audit.Command)
		return err
	})
	w.is(unknown, advisory.Confirmed)
	w.write(func(tx *store.Tx) error {
		advisers, err := advisory.AdvisersOf(ctx, tx, w.advice.ID)
		if err != nil {
			return err
		}
		b, err := advisory.LogCall(ctx, tx, advisory.Call{AdvisoryProgrammeID: w.advice.ID, AdviserID: advisers[0].ID, Organisation: "Fjällnäs kommun", About: "Direktupphandling", Minutes: 20, Language: "sv"}, audit.Command)
		if err == nil && b.Status != advisory.Settled {
			w.t.Errorf("a call is %s, want settled", b.Status)
		}
		return err
	})
	if n := w.count(`SELECT count(*) FROM aid_case`); n != 0 {
		w.t.Errorf("%d cases of aid to buyers", n)
	}
}

// project: a municipality whose application was granted has forty hours, phase by
// phase.
func (w *walk) project() {
	w.asks(object{}, 60, w.free(60)[0]).refused(http.StatusConflict, "not_eligible")
	id := w.applied()
	w.asks(object{"application": id}, 60, w.free(60)[0]).refused(http.StatusConflict, "not_eligible")
	w.write(func(tx *store.Tx) error {
		if err := application.Assess(ctx, tx, id, audit.Command); err != nil {
			return err
		}
		a, err := application.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := company.Confirm(ctx, tx, a.PersonID, a.CompanyID, audit.Command); err != nil { // the organiser rings the municipality
			return err
		}
		if err := application.GrantTo(ctx, tx, id, application.Award{Minor: 400_000_00, Minutes: 2400}, audit.Command); err != nil {
			return err
		}
		return application.Start(ctx, tx, id, audit.Command)
	})
	for range 13 {
		w.is(w.asks(object{"application": id}, 180, w.free(180)[0]).want(http.StatusCreated).field("id"), advisory.Confirmed)
	}
	last := w.asks(object{"application": id}, 60, w.free(60)[0]).want(http.StatusCreated).field("id")
	w.asks(object{"application": id}, 60, w.free(60)[0]).refused(http.StatusConflict, "cap_exceeded")
	w.freeUntil(last, 24*time.Hour)
	w.write(func(tx *store.Tx) error {
		phases, err := application.Phases(ctx, tx, w.advice.ID)
		if got, want := fmt.Sprint(phases), "[Behov Marknadsdialog Konkurranse Utvikling Evaluering]"; got != want {
			w.t.Errorf("the phases are %s, want %s", got, want)
		}
		for n := 1; n < len(phases) && err == nil; n++ {
			err = application.ToPhase(ctx, tx, id, n, audit.Command)
		}
		pool, poolErr := advisory.PoolBalance(ctx, tx, w.advice.ID)
		if pool.Reserved != 2400 {
			w.t.Errorf("%d minutes of the pool are reserved, want 2400", pool.Reserved)
		}
		return errors.Join(err, poolErr)
	})
}

func newWalk(t *testing.T, slug string) *walk {
	t.Helper()
	w := &walk{world: newWorld(t), slug: slug}
	w.clock.Set(time.Date(2027, 1, 13, 8, 59, 0, 0, time.UTC))
	text, err := data.Files.ReadFile("sample_programme.json")
	if err != nil {
		t.Fatal(err)
	}
	file, err := sample.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	w.write(func(tx *store.Tx) error {
		if w.events, err = sample.Load(ctx, tx, file, tx.Now); err != nil {
			return err
		}
		w.all, err = sample.LoadAdvice(ctx, tx, file)
		return err
	})
	w.advice, w.token = w.all[slug], w.everywhere
	return w
}

func (w *walk) write(fn func(*store.Tx) error) {
	w.t.Helper()
	storetest.Write(w.t, w.db, fn)
}

// goTo moves the clock, with a token that is good then.
func (w *walk) goTo(when time.Time) {
	w.t.Helper()
	w.clock.Set(when)
	w.write(func(tx *store.Tx) (err error) {
		w.token, _, err = user.NewToken(ctx, tx, user.Organiser, "", "a program", time.Hour)
		return err
	})
}

// promises compares what the API tells of the programme with the terms.
func (w *walk) promises(terms string) {
	w.t.Helper()
	var list struct{ Programmes []map[string]any }
	w.do("GET", "/advisory/programmes", "", "").want(http.StatusOK).read(&list)
	var want map[string]any
	if err := json.Unmarshal([]byte(terms), &want); err != nil {
		w.t.Fatal(err)
	}
	for _, p := range list.Programmes {
		if p["slug"] != w.slug {
			continue
		}
		for _, limit := range []string{"cap_minutes", "pool_minutes"} {
			if want[limit] == nil && p[limit] != nil {
				w.t.Errorf("%s is %v, want none", limit, p[limit])
			}
		}
		for name, value := range want {
			if fmt.Sprint(p[name]) != fmt.Sprint(value) {
				w.t.Errorf("%s is %v, want %v", name, p[name], value)
			}
		}
		return
	}
	w.t.Fatalf("there is no programme %s", w.slug)
}

// free lists when a meeting can begin; of 0 minutes it is the shortest.
func (w *walk) free(minutes int) (starts []string) {
	w.t.Helper()
	var list struct {
		Slots []struct {
			StartsAt string `json:"starts_at"`
		}
	}
	w.do("GET", fmt.Sprintf("/advisory/programmes/%s/slots?minutes=%d", w.slug, minutes), "", "").want(http.StatusOK).read(&list)
	for _, s := range list.Slots {
		starts = append(starts, s.StartsAt)
	}
	if len(starts) == 0 {
		w.t.Fatal("there is no free time")
	}
	return starts
}

// ask books a meeting for a company, asks for what is in more.
func (w *walk) ask(firm object, minutes int, start string) reply {
	w.t.Helper()
	return w.asks(object{"company": firm}, minutes, start)
}

func (w *walk) asks(more object, minutes int, start string) reply {
	w.t.Helper()
	body := booking(start).without("company").with("minutes", minutes)
	for name, value := range more {
		body[name] = value
	}
	return w.do("POST", "/advisory/programmes/"+w.slug+"/bookings", w.token, body.String())
}

func (w *walk) found(id string) (b advisory.Booking) {
	w.t.Helper()
	storetest.Read(w.t, w.db, func(tx *store.Tx) (err error) {
		b, err = advisory.BookingByID(ctx, tx, id)
		return err
	})
	return b
}

func (w *walk) is(id string, want advisory.Status) {
	w.t.Helper()
	if b := w.found(id); b.Status != want {
		w.t.Fatalf("the meeting is %s, want %s", b.Status, want)
	}
}

// fillsCap books meetings of so many minutes, which are the last that there are.
func (w *walk) fillsCap(firm object, minutes ...int) {
	w.t.Helper()
	for _, n := range minutes {
		w.is(w.ask(firm, n, w.free(n)[0]).want(http.StatusCreated).field("id"), advisory.Confirmed)
	}
	w.ask(firm, 30, w.free(30)[0]).refused(http.StatusConflict, "cap_exceeded")
}

// freeUntil demands until how long before the meeting cancelling costs nothing.
func (w *walk) freeUntil(id string, before time.Duration) {
	w.t.Helper()
	b := w.found(id)
	if got := b.StartsAt.Sub(w.advice.FreeUntil(b)); got != before {
		w.t.Errorf("cancelling is free until %s before, want %s", got, before)
	}
}

// granted declares that there was no other aid and grants this one.
func (w *walk) granted(id string, ore int64) {
	w.t.Helper()
	b := w.found(id)
	w.write(func(tx *store.Tx) error {
		k, err := aid.Of(ctx, tx, w.advice.ID, b.CompanyID)
		if err != nil {
			return err
		}
		who := audit.Actor{Kind: "person", ID: b.PersonID}
		if _, err := aid.Declare(ctx, tx, k.ID, aid.Declaration{Signer: "Anna Lind", NACE: "16.239", PersonID: b.PersonID}, who); err != nil {
			return err
		}
		if _, err := aid.Check(ctx, tx, k.ID, aid.Checking{}, audit.Command); err != nil {
			return err
		}
		award, err := advisory.GrantAid(ctx, tx, k.ID, aid.Granting{
			Minutes: k.Minutes, Rate: aid.Rate{Value: 1_120_000, On: tx.Now.AddDate(0, 0, -1), Source: "InforEuro"}, Number: "2027:1", NACE: "16.239",
		}, audit.Command)
		if award.AidMinor != ore {
			w.t.Errorf("the aid is %d öre, want %d", award.AidMinor, ore)
		}
		return err
	})
}

// settled lets the meeting pass and enters how long it took.
func (w *walk) settled(id string, minutes int) {
	w.t.Helper()
	w.goTo(w.found(id).EndsAt)
	w.do("POST", "/bookings/"+id+"/settle", w.token, object{"minutes": minutes}.String()).want(http.StatusOK)
	w.is(id, advisory.Settled)
}

// costs demands what the company pays for the month of the meeting, without VAT.
func (w *walk) costs(id string, ore int64) {
	w.t.Helper()
	b := w.found(id)
	w.write(func(tx *store.Tx) error {
		lines, err := advisory.InvoiceBasis(ctx, tx, w.advice, b.StartsAt.Format("2006-01"), w.advice.Location())
		var sum int64
		for _, l := range lines {
			sum += l.Amount
		}
		if sum != ore {
			w.t.Errorf("the month costs %d öre, want %d", sum, ore)
		}
		return err
	})
}

func (w *walk) balance(firm object, used, reserved, left int) {
	w.t.Helper()
	var all map[string]hours
	w.do("GET", fmt.Sprintf("/companies/%s/%s/hours", firm["country"], firm["org_number"]), w.token, "").want(http.StatusOK).read(&all)
	if h := all[w.slug]; h.Used != used || h.Reserved != reserved || *h.Left != left {
		w.t.Errorf("%d used, %d reserved, %d left; want %d, %d and %d", h.Used, h.Reserved, *h.Left, used, reserved, left)
	}
}

// attend lets somebody of the company sign up for an event and come; the clock is
// then at its beginning.
func (w *walk) attend(slug string, firm object) time.Time {
	w.t.Helper()
	ev := w.events[slug]
	opens := ev.StartsAt.AddDate(0, 0, -14)
	w.goTo(opens)
	id := w.signUp(ev.ID, w.token, anna().with("company", firm))
	w.goTo(ev.StartsAt)
	w.write(func(tx *store.Tx) error {
		_, err := registration.Attend(ctx, tx, id, registration.Present, audit.Command)
		return err
	})
	return ev.StartsAt
}

// applied sends an application.
func (w *walk) applied() (id string) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		if err := application.SetScheme(ctx, tx, sample.Scheme(w.advice.ID, w.advice.Currency), audit.Command); err != nil {
			return err
		}
		who, err := person.Ensure(ctx, tx, person.Person{Email: "anna@snickarna.example", FirstName: "Anna", LastName: "Lind", Language: "nn"})
		if err != nil {
			return err
		}
		d, err := application.SaveDraft(ctx, tx, who.ID, w.advice.ID, "nn", sample.Projects()[0].Form)
		if err != nil {
			return err
		}
		id = d.ID
		_, err = application.Submit(ctx, tx, who.ID, id, true)
		return err
	})
	return id
}
