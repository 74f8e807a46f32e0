package owndata_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/certificate"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/idempotency"
	"stafett/internal/message"
	"stafett/internal/owndata"
	"stafett/internal/person"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the golden file anew")

var ctx = context.Background()

// asa signs up for a company, with answers and needs.
func asa(t *testing.T, db *store.DB, ev event.Event) registration.Registration {
	t.Helper()
	q := registrationtest.Request(ev.ID, 1)
	q.FirstName, q.LastName, q.Email, q.Phone = "Åsa", "Öberg", "asa@people.example", "070-123 45 67"
	q.Organisation = registration.Organisation{Kind: registration.OfCompany, Country: "SE", Number: "402000-1006", Name: "Siljans Snickeri (påhittat)"}
	q.Diet, q.DietConsent, q.AccessNeeds = "Gluten", true, "Hörslinga"
	q.TestNumbers = true
	if len(ev.Questions) > 0 {
		q.Answers = map[string][]string{ev.Questions[0].ID: {"Hur börjar man?"}}
	}
	return registrationtest.SignUp(t, db, q).Registration
}

func catering(c *event.Content) {
	c.Catering = true
	c.Questions = []event.Question{{Kind: event.TextQuestion, Label: "Vad vill du veta?"}}
}

// delivered lets every letter that waits leave.
func delivered(t *testing.T, db *store.DB) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE message SET status = 'sent', done_at = ?, calendar_method = CASE WHEN letter = 'E02' THEN 'REQUEST' END WHERE done_at IS NULL`, store.At(tx.Now))
		return err
	})
}

func write(t *testing.T, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	storetest.Write(t, db, fn)
}

func ask(t *testing.T, db *store.DB, personID string) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error { return owndata.Ask(ctx, tx, personID) })
}

func erase(t *testing.T, db *store.DB) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error { return owndata.Erase(ctx, tx) })
}

func findPerson(t *testing.T, db *store.DB, id string) (p person.Person) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		p, err = person.Find(ctx, tx, id)
		return err
	})
	return p
}

// traces are the tables in which one of the words stands.
func traces(t *testing.T, db *store.DB, words ...string) (found []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		type column struct{ table, name string }
		columns, err := store.All(ctx, tx, func(r store.Row) (c column, err error) { return c, r.Scan(&c.table, &c.name) },
			`SELECT m.name, i.name FROM sqlite_master m, pragma_table_info(m.name) i WHERE m.type = 'table'`)
		for _, c := range columns {
			for _, w := range words {
				n, err := store.One(ctx, tx, store.Value[int], fmt.Sprintf(`SELECT count(*) FROM %s WHERE instr(CAST(%s AS TEXT), ?) > 0`, c.table, c.name), w)
				if err != nil {
					return err
				}
				if n > 0 {
					found = append(found, c.table+"."+c.name+": "+w)
				}
			}
		}
		return err
	})
	return found
}

func TestNothingIsLeftOfOneWhoTookOverAPlaceUnderAWrongAddress(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, catering)
	first := registrationtest.Sign(t, db, ev.ID, 2)
	delivered(t, db)
	var r registration.Registration
	write(t, db, func(tx *store.Tx) (err error) {
		r, err = registration.Transfer(ctx, tx, first.ID, registration.Request{
			FirstName: "Åsa", LastName: "Öberg", Email: "asa@peopel.example", Language: "sv", By: audit.Actor{Kind: "person", ID: first.PersonID}, Outside: true,
		})
		return err
	})
	delivered(t, db)
	wrong := r.PersonID
	write(t, db, func(tx *store.Tx) (err error) {
		r, err = registration.ChangeAddress(ctx, tx, r.ID, "asa@people.example", registrationtest.Organiser)
		return err
	})
	delivered(t, db)
	clock.Set(ev.EndsAt)
	write(t, db, func(tx *store.Tx) error {
		_, err := registration.CloseEvent(ctx, tx, ev.ID, registrationtest.Organiser)
		return err
	})
	for _, id := range []string{wrong, r.PersonID} {
		ask(t, db, id)
		delivered(t, db)
		erase(t, db)
	}
	if found := traces(t, db, "asa@", "Åsa", "Öberg", "oberg"); len(found) > 0 {
		t.Errorf("something is left: %q", found)
	}
	if got := registrationtest.Find(t, db, first.ID); got.Email == "" {
		t.Error("who handed the place on is erased, too")
	}
}

func letters(t *testing.T, db *store.DB) (all []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		all, err = store.All(ctx, tx, store.Value[string], `SELECT letter || ' ' || recipient FROM message WHERE status = 'waiting' ORDER BY created_at, id`)
		return err
	})
	return all
}

func TestTheFileHasEverythingInTheWordsOfTheTables(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, catering)
	r := asa(t, db, ev)
	delivered(t, db)
	write(t, db, func(tx *store.Tx) error {
		_, err := registration.Invite(ctx, tx, ev.ID, "Åsa på Siljan", "asa@people.example", nil, registrationtest.Organiser)
		return err
	})
	clock.Set(ev.EndsAt.Add(-10 * time.Minute))
	write(t, db, func(tx *store.Tx) error {
		_, err := registration.Attend(ctx, tx, r.ID, registration.Present, registrationtest.Organiser)
		return err
	})
	clock.Set(ev.EndsAt.Add(time.Hour))
	write(t, db, func(tx *store.Tx) error {
		_, err := certificate.Issue(ctx, tx, r.ID, audit.Actor{Kind: "person", ID: r.PersonID})
		return err
	})
	ask(t, db, r.PersonID)
	write(t, db, func(tx *store.Tx) error {
		_, err := person.NewLink(ctx, tx, r.PersonID, person.LinkLife)
		return err
	})
	var d owndata.Data
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		d, err = owndata.Read(ctx, tx, r.PersonID)
		return err
	})
	d.Registration[0].Certificate.Code = "CODE" // by chance
	got, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "data.json")
	if *update {
		if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPlaceAheadIsGivenUpAndToldBeforeTheAddressGoes(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { catering(c); c.RoomPlaces = new(1) })
	r := asa(t, db, ev)
	delivered(t, db)
	next := registrationtest.Sign(t, db, ev.ID, 2)
	delivered(t, db)

	write(t, db, func(tx *store.Tx) error { // what the form was answered with
		return idempotency.Keep(ctx, tx, "form", "k", "k", idempotency.Answer{Status: 303, Body: `{"Email":"Asa@People.example"}`})
	})
	ask(t, db, r.PersonID)
	if got := registrationtest.Find(t, db, next.ID).Status; got != registration.Offered {
		t.Errorf("the next in the queue is %s", got)
	}
	want := []string{"E10 asa@people.example", "E07 " + next.Email, "E17 asa@people.example"}
	if diff := cmp.Diff(want, letters(t, db)); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
	erase(t, db)
	if got := registrationtest.Find(t, db, r.ID); got.Status != registration.Cancelled || got.Email == "" {
		t.Fatalf("erased before the calendar is told: %s %q", got.Status, got.Email)
	}
	delivered(t, db)
	erase(t, db)
	got := registrationtest.Find(t, db, r.ID)
	if got.Status != registration.Erased || got.CompanyID == "" || got.Municipality.Number != "2080" {
		t.Errorf("what should stay is %+v", got)
	}
	if !findPerson(t, db, r.PersonID).Erased() {
		t.Error("the person is not erased")
	}
	if found := traces(t, db, "asa@people", "Asa@People", "Åsa", "Öberg", "öberg", "oberg", "070-123", "Gluten", "Hörslinga", "Hur börjar man"); len(found) > 0 {
		t.Errorf("something is left: %q", found)
	}
	erase(t, db) // again, without harm
}

func TestAttendanceIsKeptUntilSomebodyDecides(t *testing.T) {
	for _, tt := range []struct {
		name   string
		to     owndata.Status
		reason string
		kept   bool
	}{
		{"granted", owndata.Granted, "", false},
		{"refused", owndata.Refused, "Företaget har bokat rådgivning.", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, catering)
			r := asa(t, db, ev)
			delivered(t, db)
			clock.Set(ev.EndsAt.Add(-10 * time.Minute))
			write(t, db, func(tx *store.Tx) error {
				_, err := registration.Attend(ctx, tx, r.ID, registration.Present, registrationtest.Organiser)
				return err
			})
			clock.Set(ev.EndsAt.Add(time.Hour))
			var cert certificate.Certificate
			write(t, db, func(tx *store.Tx) (err error) {
				cert, err = certificate.Issue(ctx, tx, r.ID, audit.System)
				return err
			})
			ask(t, db, r.PersonID)
			delivered(t, db)
			erase(t, db)
			if got := registrationtest.Find(t, db, r.ID).Status; got != registration.Attended {
				t.Fatalf("before the decision: %s", got)
			}
			storetest.Read(t, db, func(tx *store.Tx) error {
				if n, err := owndata.CountOpen(ctx, tx, []string{"another"}); n != 0 || err != nil {
					t.Errorf("another programme sees %d, %v", n, err)
				}
				return nil
			})
			var q owndata.Request
			write(t, db, func(tx *store.Tx) error {
				open, err := owndata.OpenRequests(ctx, tx, []string{ev.ProgrammeID})
				if err != nil || len(open) != 1 {
					t.Fatalf("%d open, %v", len(open), err)
				}
				q = open[0]
				if err := owndata.Ask(ctx, tx, r.PersonID); err != owndata.ErrAsked {
					t.Errorf("asked twice: %v", err)
				}
				return owndata.Decide(ctx, tx, q, tt.to, tt.reason, registrationtest.Organiser)
			})
			if err := db.Write(ctx, func(tx *store.Tx) error {
				return owndata.Decide(ctx, tx, q, owndata.Granted, "", registrationtest.Organiser)
			}); err != owndata.ErrDecided {
				t.Errorf("decided twice: %v", err)
			}
			if diff := cmp.Diff([]string{"E17 asa@people.example"}, letters(t, db)); diff != "" {
				t.Errorf("letters (-want +got):\n%s", diff)
			}
			delivered(t, db)
			erase(t, db)
			if got := findPerson(t, db, r.PersonID); got.Erased() == tt.kept {
				t.Errorf("the person is now %+v", got)
			}
			if tt.kept {
				return
			}
			storetest.Read(t, db, func(tx *store.Tx) error {
				from, err := store.One(ctx, tx, store.Value[string], `SELECT erased_from FROM registration WHERE id = ?`, r.ID)
				if from != "attended" || err != nil {
					t.Errorf("was %q, %v", from, err)
				}
				if c, err := certificate.Find(ctx, tx, cert.Code); c.State != certificate.Erased || c.Name != "" || err != nil {
					t.Errorf("the certificate says %q of %q, %v", c.State, c.Name, err)
				}
				taken, err := store.One(ctx, tx, store.Value[int], `SELECT taken FROM event_capacity WHERE event_id = ?`, ev.ID)
				if taken != 0 || err != nil {
					t.Errorf("%d places taken, %v", taken, err)
				}
				return nil
			})
			if found := traces(t, db, "asa@people", "Asa@People", "Åsa", "Öberg", "oberg"); len(found) > 0 {
				t.Errorf("something is left: %q", found)
			}
		})
	}
}

func TestARefusalNeedsAReason(t *testing.T) {
	db, _ := storetest.New(t)
	err := db.Write(ctx, func(tx *store.Tx) error {
		return owndata.Decide(ctx, tx, owndata.Request{ID: "x"}, owndata.Refused, " ", registrationtest.Organiser)
	})
	if err == nil || !strings.Contains(fmt.Sprintf("%+v", err), "invalid") {
		t.Errorf("%v", err)
	}
}

func TestASwedishAuthorityErasesNothingBeforeItHasDecidedWhatItMayErase(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	delivered(t, db)
	write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE programme SET erasure_decision = ''`)
		return err
	})
	ask(t, db, r.PersonID)
	delivered(t, db)
	erase(t, db)
	if got := registrationtest.Find(t, db, r.ID); got.Status != registration.Confirmed || got.Email == "" {
		t.Errorf("the place is %s of %q", got.Status, got.Email)
	}
	// Granted by hand, the place is given up first.
	write(t, db, func(tx *store.Tx) error {
		open, err := owndata.OpenRequests(ctx, tx, nil)
		if err != nil || len(open) != 1 {
			t.Fatalf("%d open, %v", len(open), err)
		}
		return owndata.Decide(ctx, tx, open[0], owndata.Granted, "", registrationtest.Organiser)
	})
	if diff := cmp.Diff([]string{"E10 " + r.Email, "E17 " + r.Email}, letters(t, db)); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
	delivered(t, db)
	erase(t, db)
	if !findPerson(t, db, r.PersonID).Erased() {
		t.Error("the person is not erased")
	}
}

func TestWhatBoundEndsByItself(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	clock.Set(ev.EndsAt)
	write(t, db, func(tx *store.Tx) error {
		_, err := registration.Attend(ctx, tx, r.ID, registration.Present, registrationtest.Organiser)
		return err
	})
	ask(t, db, r.PersonID)
	delivered(t, db)
	for _, tt := range []struct {
		at   time.Time
		gone bool
	}{{ev.EndsAt.AddDate(0, 24, -1), false}, {ev.EndsAt.AddDate(0, 24, 0), true}} {
		clock.Set(tt.at)
		for range 2 { // the answer leaves between
			erase(t, db)
			delivered(t, db)
		}
		if got := findPerson(t, db, r.PersonID).Erased(); got != tt.gone {
			t.Errorf("at %s erased: %v", tt.at, got)
		}
	}
}

func TestWhoSignsUpAnewAfterAskingIsNotErased(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	ask(t, db, r.PersonID)
	clock.Advance(time.Minute)
	again := registrationtest.Sign(t, db, ev.ID, 1)
	delivered(t, db)
	erase(t, db)
	if got := registrationtest.Find(t, db, r.ID).Status; got != registration.Erased {
		t.Errorf("the first is %s", got)
	}
	if got := registrationtest.Find(t, db, again.ID); got.Status != registration.Confirmed || got.Email == "" || findPerson(t, db, r.PersonID).Erased() {
		t.Errorf("the second is %s of %q", got.Status, got.Email)
	}
}

func TestWhoStillWaitedWhenItBeganIsErased(t *testing.T) {
	for _, tt := range []struct {
		name    string
		content func(*event.Content)
		status  registration.Status
	}{
		{"on the list", func(c *event.Content) { c.RoomPlaces = new(1) }, registration.Waitlisted},
		{"asking", func(c *event.Content) {
			c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"buyer"}
		}, registration.Requested},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, tt.content)
			registrationtest.Sign(t, db, ev.ID, 2)
			r := asa(t, db, ev)
			delivered(t, db)
			if got := registrationtest.Find(t, db, r.ID).Status; got != tt.status {
				t.Fatalf("%s", got)
			}
			clock.Set(ev.StartsAt)
			ask(t, db, r.PersonID)
			delivered(t, db)
			erase(t, db)
			if !findPerson(t, db, r.PersonID).Erased() {
				t.Errorf("the person is there, the registration %s", registrationtest.Find(t, db, r.ID).Status)
			}
			if found := traces(t, db, "asa@people", "Åsa", "Öberg", "oberg"); len(found) > 0 {
				t.Errorf("something is left: %q", found)
			}
		})
	}
}

// refuse refuses the one open request.
func refuse(t *testing.T, db *store.DB, reason string) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error {
		open, err := owndata.OpenRequests(ctx, tx, nil)
		if err != nil || len(open) != 1 {
			t.Fatalf("%d open, %v", len(open), err)
		}
		return owndata.Decide(ctx, tx, open[0], owndata.Refused, reason, registrationtest.Organiser)
	})
}

func erasureDecision(t *testing.T, db *store.DB, decision string) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE programme SET erasure_decision = ?`, decision)
		return err
	})
}

func TestARefusalHoldsWhenTheAuthorityDecidesLater(t *testing.T) {
	db, clock := storetest.New(t)
	ev, past := registrationtest.Event(t, db, nil), registrationtest.Event(t, db, nil)
	r, was := asa(t, db, ev), asa(t, db, past)
	delivered(t, db)
	clock.Set(past.EndsAt.Add(-10 * time.Minute))
	write(t, db, func(tx *store.Tx) error {
		_, err := registration.Attend(ctx, tx, was.ID, registration.Present, registrationtest.Organiser)
		return err
	})
	erasureDecision(t, db, "")
	ask(t, db, r.PersonID)
	delivered(t, db)
	refuse(t, db, "Allmän handling")
	write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE registration SET status = 'cancelled', ended_at = ? WHERE id = ?`, store.At(tx.Now), r.ID)
		return err
	})
	delivered(t, db)
	erasureDecision(t, db, "Gallringsbeslut")
	for range 3 {
		clock.Advance(365 * 24 * time.Hour)
		erase(t, db)
	}
	if got := registrationtest.Find(t, db, r.ID).Status; got != registration.Cancelled {
		t.Errorf("a later decision overruled the refusal: %s", got)
	}
	if got := registrationtest.Find(t, db, was.ID).Status; got != registration.Attended {
		t.Errorf("attendance that was refused as a public record: %s", got)
	}
}

func TestWhatWasRefusedForTheCompanysRightGoesWhenThatEnds(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := asa(t, db, ev)
	delivered(t, db)
	clock.Set(ev.EndsAt.Add(-10 * time.Minute))
	write(t, db, func(tx *store.Tx) error {
		_, err := registration.Attend(ctx, tx, r.ID, registration.Present, registrationtest.Organiser)
		return err
	})
	clock.Set(ev.EndsAt.Add(time.Hour))
	ask(t, db, r.PersonID)
	delivered(t, db)
	refuse(t, db, "Företaget har bokat rådgivning.")
	delivered(t, db)
	clock.Set(ev.LocalEnd().AddDate(0, 24, -1))
	erase(t, db)
	if got := registrationtest.Find(t, db, r.ID).Status; got != registration.Attended {
		t.Fatalf("before the day that the page names: %s", got)
	}
	clock.Set(ev.LocalEnd().AddDate(0, 24, 0))
	erase(t, db)
	if got := registrationtest.Find(t, db, r.ID).Status; got != registration.Erased {
		t.Errorf("on the day that the page names: %s", got)
	}
}

func TestTheNameOfWhoSignedUpColleaguesIsForgotten(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	q := registrationtest.Request(ev.ID, 1)
	q.FirstName, q.LastName, q.Email = "Åsa", "Öberg", "asa@people.example"
	var o []registration.Outcome
	write(t, db, func(tx *store.Tx) (err error) {
		o, err = registration.RegisterGroup(ctx, tx, []registration.Request{q, registrationtest.Request(ev.ID, 2)}, false)
		return err
	})
	delivered(t, db)
	r := o[0].Registration
	write(t, db, func(tx *store.Tx) error { // one that is still to be sent, and must not lose anything else
		_, err := registration.AddColleague(ctx, tx, r.ID, registrationtest.Request(ev.ID, 3))
		return err
	})
	write(t, db, func(tx *store.Tx) error { // and the name is another by now
		_, err := store.Exec(ctx, tx, `UPDATE registration SET last_name = 'Berg' WHERE id = ?`, r.ID)
		return err
	})
	ask(t, db, r.PersonID)
	write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE message SET status = 'sent', done_at = ? WHERE done_at IS NULL AND recipient = 'asa@people.example'`, store.At(tx.Now))
		return err
	})
	clock.Advance(time.Minute)
	erase(t, db)
	if !findPerson(t, db, r.PersonID).Erased() {
		t.Error("the person is not erased")
	}
	if found := traces(t, db, "Åsa", "Öberg"); len(found) > 0 {
		t.Errorf("something is left: %q", found)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE status = 'waiting' AND details LIKE '%other_id%'`)
		if n != 1 || err != nil {
			t.Errorf("%d letters still tell that a colleague did it, %v", n, err)
		}
		return nil
	})
}

func TestASoleTradersCompanyGoesWithTheLastOfItsPeople(t *testing.T) {
	for _, tt := range []struct {
		name      string
		colleague bool   // somebody else comes for it
		before    string // what else is known
		left      int    // rows of company
		traces    bool
	}{
		{"alone", false, ``, 0, false},
		{"with a share", false, `INSERT INTO company_share (event_id, company_id, places, reason) SELECT e.id, c.id, 3, 'x' FROM event e, company c`, 0, false},
		{"with another number", false, `INSERT INTO company (id, country, org_number, name, created_at, sole_trader, merged_into)
			SELECT 'old', 'NO', '310000027', 'Åsa Öberg', created_at, TRUE, id FROM company;
			INSERT INTO company_merge (id, from_id, into_id, reason, merged_by, merged_at) SELECT 'm', 'old', id, 'x', 'x', created_at FROM company WHERE id <> 'old'`, 0, false},
		{"with a colleague", true, ``, 1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, nil)
			q := registrationtest.Request(ev.ID, 1)
			q.FirstName, q.LastName, q.Email = "Åsa", "Öberg", "asa@people.example"
			q.Organisation = registration.Organisation{Kind: registration.OfCompany, Country: "NO", Number: "310000019", Name: "Åsa Öberg ENK"}
			q.TestNumbers = true
			r := registrationtest.SignUp(t, db, q).Registration
			if tt.colleague {
				q := q
				q.FirstName, q.LastName, q.Email = "Bo", "Ek", "bo@people.example"
				registrationtest.SignUp(t, db, q)
			}
			write(t, db, func(tx *store.Tx) error {
				for _, s := range []string{`UPDATE company SET sole_trader = TRUE`, tt.before,
					`INSERT INTO register_answer (country, org_number, found, name, fetched_at) VALUES ('NO', '310000019', TRUE, 'ÅSA ÖBERG', '2027-01-01T00:00:00Z')`} {
					if _, err := store.Exec(ctx, tx, s); err != nil {
						return err
					}
				}
				return nil
			})
			delivered(t, db)
			ask(t, db, r.PersonID)
			delivered(t, db)
			clock.Advance(time.Minute)
			erase(t, db)
			if !findPerson(t, db, r.PersonID).Erased() {
				t.Fatal("the person is not erased")
			}
			found := traces(t, db, "asa@", "Åsa", "Öberg", "ÅSA", "310000019", "310000027")
			if (len(found) > 0) != tt.traces {
				t.Errorf("left: %q", found)
			}
			storetest.Read(t, db, func(tx *store.Tx) error {
				n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM company`)
				if n != tt.left || err != nil {
					t.Errorf("%d companies, %v", n, err)
				}
				return nil
			})
		})
	}
}

func TestHeldLettersDoNotStopErasing(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := asa(t, db, ev)
	delivered(t, db)
	write(t, db, func(tx *store.Tx) error { // a stranger who signs the address up again and again
		for i, about := range []string{r.ID, ""} {
			_, err := message.Enqueue(ctx, tx, message.Request{Key: fmt.Sprint("held", i), Letter: message.AlreadyHere, Recipient: r.Email, Language: "sv", RegistrationID: about, Outside: true})
			if err != nil {
				return err
			}
		}
		_, err := store.Exec(ctx, tx, `UPDATE message SET status = 'held' WHERE unique_key LIKE 'held%'`)
		return err
	})
	ask(t, db, r.PersonID)
	write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE message SET status = 'sent', done_at = ? WHERE status = 'waiting'`, store.At(tx.Now))
		return err
	})
	clock.Advance(time.Minute)
	erase(t, db)
	if !findPerson(t, db, r.PersonID).Erased() {
		t.Error("the person is not erased")
	}
	if found := traces(t, db, "asa@people", "Åsa"); len(found) > 0 {
		t.Errorf("something is left: %q", found)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE status = 'held'`)
		if n != 0 || err != nil {
			t.Errorf("%d letters are held for an organiser, %v", n, err)
		}
		return nil
	})
}

func TestOneOfWhomSomethingIsWrongStopsNobody(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	people := []string{registrationtest.Sign(t, db, ev.ID, 1).PersonID, registrationtest.Sign(t, db, ev.ID, 2).PersonID, registrationtest.Sign(t, db, ev.ID, 3).PersonID}
	delivered(t, db)
	for _, id := range people {
		ask(t, db, id)
	}
	delivered(t, db)
	clock.Advance(time.Minute)
	slices.Sort(people)
	write(t, db, func(tx *store.Tx) error { // the first in turn cannot be written
		_, err := store.Exec(ctx, tx, `CREATE TRIGGER broken BEFORE UPDATE ON person WHEN old.id = '`+people[0]+`' BEGIN SELECT RAISE(ABORT, 'broken'); END`)
		return err
	})
	write(t, db, func(tx *store.Tx) error {
		err := owndata.Erase(ctx, tx)
		if part := (store.Partly{}); !errors.As(err, &part) || !strings.Contains(err.Error(), people[0]) {
			t.Errorf("%v", err)
		}
		return nil
	})
	if findPerson(t, db, people[0]).Erased() || !findPerson(t, db, people[1]).Erased() || !findPerson(t, db, people[2]).Erased() {
		t.Error("not the others, and they alone, are erased")
	}
}

func TestWhoSignsUpAnewIsNotErased(t *testing.T) {
	db, clock := storetest.New(t)
	ev, later := registrationtest.Event(t, db, nil), registrationtest.Event(t, db, nil)
	r := asa(t, db, ev)
	delivered(t, db)
	ask(t, db, r.PersonID) // granted
	clock.Advance(time.Minute)
	asa(t, db, later) // who has signed up anew before the letters left
	delivered(t, db)
	erase(t, db)
	if got := registrationtest.Find(t, db, r.ID).Status; got != registration.Erased {
		t.Fatalf("%s", got)
	}
	if findPerson(t, db, r.PersonID).Erased() {
		t.Error("who signed up anew is erased")
	}
}

func TestFiguresStayWhenSomebodyIsErased(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := asa(t, db, ev)
	gone := registrationtest.Sign(t, db, ev.ID, 2)
	delivered(t, db)
	write(t, db, func(tx *store.Tx) error {
		_, err := registration.Withdraw(ctx, tx, gone.ID, audit.Actor{Kind: "person", ID: gone.PersonID}, "")
		return err
	})
	clock.Set(ev.EndsAt.Add(-10 * time.Minute))
	write(t, db, func(tx *store.Tx) error {
		_, err := registration.Attend(ctx, tx, r.ID, registration.Present, registrationtest.Organiser)
		return err
	})
	clock.Set(ev.EndsAt.Add(time.Hour))
	figures := func() (c registration.Counts, of company.Counts) {
		t.Helper()
		storetest.Read(t, db, func(tx *store.Tx) (err error) {
			if c, err = registration.CountsOf(ctx, tx, ev.ID); err != nil {
				return err
			}
			all, err := company.CountsOf(ctx, tx, nil, []string{r.CompanyID})
			of = all[r.CompanyID]
			return err
		})
		return c, of
	}
	before, company := figures()
	for _, id := range []string{r.PersonID, gone.PersonID} {
		ask(t, db, id)
	}
	write(t, db, func(tx *store.Tx) error {
		open, err := owndata.OpenRequests(ctx, tx, nil)
		if err != nil {
			return err
		}
		return owndata.Decide(ctx, tx, open[0], owndata.Granted, "", registrationtest.Organiser)
	})
	delivered(t, db)
	erase(t, db)
	if got := registrationtest.Find(t, db, r.ID); got.Status != registration.Erased || got.ErasedFrom != registration.Attended {
		t.Fatalf("%s from %s", got.Status, got.ErasedFrom)
	}
	after, now := figures()
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("of the event (-before +after):\n%s", diff)
	}
	company.People = 0
	if diff := cmp.Diff(company, now); diff != "" {
		t.Errorf("of the company (-before +after):\n%s", diff)
	}
	write(t, db, func(tx *store.Tx) error {
		ev, err := registration.CloseEvent(ctx, tx, ev.ID, registrationtest.Organiser)
		if ev.AttendanceClosedAt.IsZero() {
			t.Error("an event is closed as if nobody had been marked")
		}
		return err
	})
}

func TestTheAnswerComesWithinTheMonth(t *testing.T) {
	for _, tt := range []struct{ asked, by string }{
		{"2027-01-15T10:00:00Z", "2027-02-15T10:00:00Z"},
		{"2027-01-31T10:00:00Z", "2027-02-28T10:00:00Z"},
		{"2028-01-30T10:00:00Z", "2028-02-29T10:00:00Z"},
		{"2027-03-31T10:00:00Z", "2027-04-30T10:00:00Z"},
		{"2027-12-31T10:00:00Z", "2028-01-31T10:00:00Z"},
		{"2027-01-30T23:30:00Z", "2027-02-27T23:30:00Z"}, // the 31st where the person is
	} {
		asked, err := time.Parse(time.RFC3339, tt.asked)
		if err != nil {
			t.Fatal(err)
		}
		if got := (owndata.Request{AskedAt: asked}).AnswerBy().UTC().Format(time.RFC3339); got != tt.by {
			t.Errorf("asked at %s: by %s, want %s", tt.asked, got, tt.by)
		}
	}
}

func TestOneWhoAsksTwoProgrammesIsOnePerson(t *testing.T) {
	db, _ := storetest.New(t)
	p := registrationtest.Sign(t, db, registrationtest.Event(t, db, nil).ID, 1).PersonID
	write(t, db, func(tx *store.Tx) error {
		for _, s := range []string{
			`INSERT INTO erasure_request (id, person_id, asked_at, status, programme_id) SELECT 'a', '` + p + `', created_at, 'open', id FROM programme LIMIT 1`,
			`INSERT INTO erasure_request (id, person_id, asked_at, status) SELECT 'b', person_id, asked_at, 'open' FROM erasure_request`,
		} {
			if _, err := store.Exec(ctx, tx, s); err != nil {
				return err
			}
		}
		n, err := owndata.CountOpen(ctx, tx, nil)
		if n != 1 {
			t.Errorf("%d people", n)
		}
		return err
	})
}

// The file is made by hand; a column that comes later must not be forgotten.
func TestTheFileHasEveryColumn(t *testing.T) {
	db, _ := storetest.New(t)
	for _, tt := range []struct {
		table string
		of    any
		// columns that stand in the file under another name, or not at all
		other map[string]string
	}{
		{"registration", owndata.Registration{}, map[string]string{
			"event_id": "event", "company_id": "company", "municipality_country": "municipality", "municipality_code": "municipality", "group_id": "group_size",
			"person_id":   "", // the file is the person's
			"search":      "", // name, address and organisation once more
			"erased_from": "", // set when there is no person any more
		}},
		{"person", owndata.Person{}, nil},
		{"person_link", owndata.PersonLink{}, map[string]string{"token_hash": "", "person_id": ""}},
		{"person_session", owndata.Session{}, map[string]string{"token_hash": "", "person_id": ""}},
		{"offer", owndata.Offer{}, map[string]string{"id": "", "registration_id": "", "event_id": ""}},
		{"erasure_request", owndata.Erasure{}, map[string]string{"id": "", "person_id": "", "programme_id": "programme"}},
	} {
		fields := map[string]bool{}
		for i := range reflect.TypeOf(tt.of).NumField() {
			fields[reflect.TypeOf(tt.of).Field(i).Tag.Get("json")] = true
		}
		storetest.Read(t, db, func(tx *store.Tx) error {
			columns, err := store.All(ctx, tx, store.Value[string], `SELECT name FROM pragma_table_info('`+tt.table+`')`)
			if len(columns) == 0 {
				t.Errorf("no table %s", tt.table)
			}
			for _, c := range columns {
				name, named := tt.other[c]
				if !named {
					name = c
				}
				if name != "" && !fields[name] {
					t.Errorf("%s.%s is not in the file", tt.table, c)
				}
			}
			return err
		})
	}
}
