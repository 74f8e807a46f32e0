package registration_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// Companies with invented numbers.
var (
	acme = registration.Organisation{Kind: registration.OfCompany, Country: "SE", Number: "556677-8899", Name: "Exempelbolaget AB"}
	vik  = registration.Organisation{Kind: registration.OfCompany, Country: "NO", Number: "974 760 673", Name: "Eksempel Vik AS"}
)

// from is what person number n of an organisation sends in.
func from(o registration.Organisation, eventID string, n int) request {
	q := registrationtest.Request(eventID, n)
	q.Organisation = o
	return q
}

func TestSigningUpGivesAPlaceAndItsLetter(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { c.Catering = true })
	q := from(acme, ev.ID, 1)
	q.FirstName, q.LastName, q.Email, q.Phone = " A\u030asa ", "Öberg", " Asa.Oberg@Example.SE ", "070-123 45 67"
	q.Diet, q.DietConsent, q.AccessNeeds, q.Language = "Nötter", true, "Hörslinga\r\noch plats längst fram", "nn"
	clock.Advance(time.Hour)
	o := registrationtest.SignUp(t, db, q)

	r := o.Registration
	want := registration.Outcome{Status: registration.Confirmed, Registration: reg{
		ID: r.ID, EventID: ev.ID, PersonID: r.PersonID, CompanyID: r.CompanyID, Status: registration.Confirmed, Mode: event.Room,
		Email: "asa.oberg@example.se", FirstName: "Åsa", LastName: "Öberg", Phone: "070-123 45 67", Language: "nn", Audience: "procurer",
		OrganisationKind: registration.OfCompany, OrganisationName: "Exempelbolaget AB", Municipality: municipality.Code{Country: "SE", Number: "2080"},
		Diet: "Nötter", AccessNeeds: "Hörslinga\noch plats längst fram", JoinedAt: clock.Now(), ConfirmedAt: clock.Now(),
		CalendarUID: r.ID, CalendarSequence: 0, CreatedAt: clock.Now(), ChangedAt: clock.Now(),
	}}
	same(t, "the outcome", o, want)
	same(t, "the stored row", registrationtest.Find(t, db, r.ID), want.Registration)
	if r.Name() != "Åsa Öberg" || r.PersonID == "" || r.CompanyID == "" {
		t.Errorf("%q, person %q, company %q", r.Name(), r.PersonID, r.CompanyID)
	}
	m := last(t, db, r.ID)
	same(t, "the letter", m, message.Message{
		ID: m.ID, UniqueKey: m.UniqueKey, Letter: message.Confirmed, Recipient: "asa.oberg@example.se", Language: "nn", ProgrammeID: ev.ProgrammeID, EventID: ev.ID,
		RegistrationID: r.ID, CalendarSequence: new(0), Status: message.Waiting, DueAt: clock.Now(), NotAfter: ev.EndsAt, CreatedAt: clock.Now(),
	})
	same(t, "the audit", trail(t, db, r.ID), []string{"person →confirmed"})
	if got := findEvent(t, db, ev.ID).Room; got.Taken != 1 || got.Extra != 0 {
		t.Errorf("places taken: %+v", got)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		c, err := company.FindByNumber(ctx, tx, "SE", "5566778899")
		if c.ID != r.CompanyID {
			t.Errorf("the company is %+v", c)
		}
		status, err2 := store.One(ctx, tx, store.Value[string], `SELECT status FROM contact WHERE person_id = ? AND company_id = ?`, r.PersonID, r.CompanyID)
		if status != "claimed" {
			t.Errorf("the tie to the company is %q, %v", status, err2)
		}
		return err
	})
}

func TestSigningUpByHandIsWrittenDownAsTheOnesWhoDid(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	q := registrationtest.Request(ev.ID, 1)
	q.By = audit.Actor{Kind: "token", ID: "t1"}
	same(t, "by a program", trail(t, db, registrationtest.SignUp(t, db, q).Registration.ID), []string{"token →confirmed"})
	o := registrationtest.SignUp(t, db, registrationtest.Request(ev.ID, 2))
	storetest.Read(t, db, func(tx *store.Tx) error {
		entries, err := audit.Of(ctx, tx, "registration", o.Registration.ID)
		if entries[0].Actor != (audit.Actor{Kind: "person", ID: o.Registration.PersonID}) {
			t.Errorf("by the person: %+v", entries[0].Actor)
		}
		return err
	})
}

func TestAnEventRefusesWithTheReason(t *testing.T) {
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	status := func(s event.Status) func(*testing.T, *store.DB, string) {
		return func(t *testing.T, db *store.DB, id string) {
			storetest.Write(t, db, func(tx *store.Tx) error {
				_, err := store.Exec(ctx, tx, `UPDATE event SET status = ?, cancel_reason = 'x' WHERE id = ?`, s, id)
				return err
			})
		}
	}
	opens := time.Date(2027, 2, 1, 7, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name   string
		change func(*content)
		before func(*testing.T, *store.DB, string)
		now    time.Time
		want   *problem.Problem
		args   []any
	}{
		{"a draft, as if it were not there", nil, status(event.Draft), opens, problem.ErrMissing, nil},
		{"one that is cancelled", nil, status(event.Cancelled), opens, registration.ErrCancelled, nil},
		{"one that is postponed", nil, status(event.Postponed), opens, registration.ErrPostponed, nil},
		{"one that was held", nil, status(event.Held), opens, registration.ErrPast, nil},
		{"one that is archived", nil, status(event.Archived), opens, registration.ErrPast, nil},
		{"one that is over", nil, nil, ends, registration.ErrPast, nil},
		{"one that opens in a second", func(c *content) { c.OpensAt = opens }, nil, opens.Add(-time.Second), registration.ErrNotOpen, []any{"at", opens.In(stockholm)}},
		{"one that has just closed", nil, nil, closes, registration.ErrClosed, []any{"at", closes.In(stockholm)}},
		{"one that runs", nil, nil, starts, registration.ErrClosed, []any{"at", closes.In(stockholm)}},
		{"one that is full without a waiting list", func(c *content) { places(1)(c); c.WaitingList = false }, func(t *testing.T, db *store.DB, id string) {
			registrationtest.Sign(t, db, id, 1)
		}, opens, registration.ErrFull, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, tt.change)
			if tt.before != nil {
				tt.before(t, db, ev.ID)
			}
			clock.Set(tt.now)
			_, err := register(db, registrationtest.Request(ev.ID, 2))
			refused(t, "signing up", err, tt.want)
			if p, ok := problem.As(err); ok {
				same(t, "what the reason names", p.Args, tt.args)
			}
			if got := roster(t, db, ev.ID); slices.Contains(got, "2 confirmed") || slices.Contains(got, "2 waitlisted") {
				t.Errorf("all the same: %v", got)
			}
		})
	}
	db, _ := storetest.New(t)
	_, err = register(db, registrationtest.Request("nothing", 1))
	refused(t, "an event that is not there", err, problem.ErrMissing)
}

func TestRegistrationIsOpenToItsLastSecond(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { c.OpensAt = time.Date(2027, 2, 1, 7, 0, 0, 0, time.UTC) })
	for n, now := range []time.Time{ev.OpensAt, closes.Add(-time.Second)} {
		clock.Set(now)
		if _, err := register(db, registrationtest.Request(ev.ID, n)); err != nil {
			t.Errorf("at %v: %v", now, err)
		}
	}
}

func TestWhatMustBeCorrectedInAForm(t *testing.T) {
	long := func(n int) string { return strings.Repeat("å", n) }
	for _, tt := range []struct {
		name   string
		change func(*request)
		want   []string
	}{
		{"nothing", func(q *request) {}, nil},
		{"everything", func(q *request) { *q = request{EventID: q.EventID, Complete: true} }, []string{
			"first_name:required", "last_name:required", "email:required", "language:choice", "organisation:choose", "mode:choice", "audience:choose", "municipality:municipality"}},
		{"a program may leave out what only a form must have", func(q *request) {
			q.Complete, q.Audience, q.LastName, q.Municipality = false, "", "", municipality.Code{}
		}, nil},
		{"names of blanks", func(q *request) { q.FirstName, q.LastName = " ", "\t" }, []string{"first_name:required", "last_name:required"}},
		{"the longest names", func(q *request) { q.FirstName, q.LastName = long(120), long(120) }, nil},
		{"names too long", func(q *request) { q.FirstName, q.LastName = long(121), long(121) }, []string{"first_name:too_long", "last_name:too_long"}},
		{"a name with a line break", func(q *request) { q.FirstName = "Anna\r\nBcc: b@example.se" }, []string{"first_name:characters"}},
		{"a name that reverses what follows", func(q *request) { q.LastName = "Berg\u202e" }, []string{"last_name:characters"}},
		{"a name with a separator of lines", func(q *request) { q.LastName = "Be\u2028rg" }, []string{"last_name:characters"}},
		{"a name that is no text", func(q *request) { q.LastName = "Be\xffrg" }, []string{"last_name:characters"}},
		{"a name with a NUL", func(q *request) { q.LastName = "Be\x00rg" }, []string{"last_name:characters"}},
		{"no address", func(q *request) { q.Email = " " }, []string{"email:required"}},
		{"two addresses", func(q *request) { q.Email = "a@example.se, b@example.se" }, []string{"email:email"}},
		{"an address with å", func(q *request) { q.Email = "åsa@example.se" }, []string{"email:email_ascii"}},
		{"a telephone of words", func(q *request) { q.Phone = "ring mig" }, []string{"phone:phone"}},
		{"a telephone too long", func(q *request) { q.Phone = strings.Repeat("0", 41) }, []string{"phone:too_long"}},
		{"a language of none", func(q *request) { q.Language = "da" }, []string{"language:choice"}},
		{"an audience of none", func(q *request) { q.Audience = "everybody" }, []string{"audience:choice"}},
		{"a company without anything", func(q *request) { q.Organisation = registration.Organisation{Kind: registration.OfCompany} }, []string{"country:choice"}},
		{"a company without number and name", func(q *request) {
			q.Organisation = registration.Organisation{Kind: registration.OfCompany, Country: "SE"}
		}, []string{"org_number:required", "company_name:required"}},
		{"a wrong Swedish number", func(q *request) { q.Organisation = acme; q.Organisation.Number = "556677-8898" }, []string{"org_number:org_number_se"}},
		{"a wrong Norwegian number", func(q *request) { q.Organisation = vik; q.Organisation.Number = "974760674" }, []string{"org_number:org_number_no"}},
		{"an invented number where none are allowed", func(q *request) { q.Organisation = acme; q.Organisation.Number = "412345-6784" }, []string{"org_number:org_number_se"}},
		{"a personal number as a company's", func(q *request) { q.Organisation = acme; q.Organisation.Number = "811218-9876" }, []string{"org_number:personal_number"}},
		{"a personal number as a sole trader's name", func(q *request) {
			q.Organisation = registration.Organisation{Kind: registration.OfSoleTrader, Name: "Annas firma 811218-9876"}
		}, []string{"company_name:name_not_number"}},
		{"a personal number in the name of a company", func(q *request) { q.Organisation = acme; q.Organisation.Name = "Anna 800101-1234" }, []string{"company_name:name_not_number"}},
		{"a personal number in the name of an association", func(q *request) {
			q.Organisation = registration.Organisation{Kind: registration.OfAssociation, Name: "Ola 010180 12345"}
		}, []string{"company_name:name_not_number"}},
		{"a personal number of somebody who has not started", func(q *request) {
			q.Organisation = registration.Organisation{Kind: registration.OfNotStarted, Name: "19800101-1234"}
		}, []string{"company_name:name_not_number"}},
		{"an organisation number in the name", func(q *request) { q.Organisation = acme; q.Organisation.Name = "Exempelbolaget AB 556677-8899" }, nil},
		{"a sole trader without a name", func(q *request) { q.Organisation = registration.Organisation{Kind: registration.OfSoleTrader} }, []string{"company_name:required"}},
		{"a public body without a name", func(q *request) { q.Organisation = registration.Organisation{Kind: registration.OfPublicBody} }, []string{"company_name:required"}},
		{"an association without a name", func(q *request) { q.Organisation = registration.Organisation{Kind: registration.OfAssociation} }, []string{"company_name:required"}},
		{"somebody who has not started", func(q *request) { q.Organisation = registration.Organisation{Kind: registration.OfNotStarted} }, nil},
		{"a kind that is none", func(q *request) { q.Organisation.Kind = "club" }, []string{"organisation:choose"}},
		{"a name of an organisation too long", func(q *request) {
			q.Organisation = registration.Organisation{Kind: registration.OfPublicBody, Name: long(201)}
		}, []string{"company_name:too_long"}},
		{"neither way where there are two", func(q *request) { q.Mode = "" }, []string{"mode:choice"}},
		{"both ways at once", func(q *request) { q.Mode = event.Hybrid }, []string{"mode:choice"}},
		{"a way that is none", func(q *request) { q.Mode = "telepathy" }, []string{"mode:choice"}},
		{"diet without consent", func(q *request) { q.Mode, q.Diet = event.Room, "Nötter" }, []string{"diet_consent:diet_consent"}},
		{"diet with consent", func(q *request) { q.Mode, q.Diet, q.DietConsent = event.Room, "Nötter", true }, nil},
		{"needs too long", func(q *request) { q.Mode, q.AccessNeeds = event.Room, long(4001) }, []string{"access_needs:too_long"}},
		{"needs of several lines", func(q *request) { q.AccessNeeds = "en\ntvå\ttre" }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); c.Catering = true })
			q := registrationtest.Request(ev.ID, 1)
			q.Mode = event.Room
			tt.change(&q)
			_, err := register(db, q)
			same(t, "what must be corrected", codes(err), tt.want)
			if tt.want != nil {
				storetest.Read(t, db, func(tx *store.Tx) error {
					n, err := store.One(ctx, tx, store.Value[int], `
						SELECT (SELECT count(*) FROM registration) + (SELECT count(*) FROM person) + (SELECT count(*) FROM company) + (SELECT count(*) FROM message)`)
					if n != 0 {
						t.Errorf("the refused form left %d rows", n)
					}
					return err
				})
			}
		})
	}
}

func TestAPersonalNumberIsNeverStoredOrShownAgain(t *testing.T) {
	const number = "8112189876"
	for _, o := range []registration.Organisation{
		{Kind: registration.OfCompany, Country: "SE", Number: number, Name: "Annas firma"},
		{Kind: registration.OfCompany, Country: "NO", Number: "19" + number, Name: "Annas firma"},
		{Kind: registration.OfSoleTrader, Country: "SE", Number: number, Name: "Annas firma"}, // simply not asked for
		{Kind: registration.OfSoleTrader, Name: number},
		{Kind: registration.OfNone, Country: "SE", Number: number},
	} {
		db, _ := storetest.New(t)
		ev := registrationtest.Event(t, db, nil)
		_, err := register(db, from(o, ev.ID, 1))
		if err != nil && strings.Contains(fmt.Sprintf("%+v", err), "9876") {
			t.Errorf("%+v: the answer repeats the number: %+v", o, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(db.Path() + "*")
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, []byte(number)) {
				t.Errorf("%+v: the number stands in %s", o, filepath.Base(f))
			}
		}
	}
}

func TestNumbersAreOneCompanyHoweverTheyAreTyped(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	ids := map[string]bool{}
	for n, typed := range []string{"556677-8899", "5566778899", "SE556677889901", " 55 66 77 88 99 "} {
		o := acme
		o.Number, o.Name = typed, fmt.Sprintf("Namn %d", n)
		ids[registrationtest.SignUp(t, db, from(o, ev.ID, n)).Registration.CompanyID] = true
	}
	if len(ids) != 1 {
		t.Errorf("%d companies", len(ids))
	}
	invented := acme
	invented.Number = "412345-6784"
	q := from(invented, ev.ID, 9)
	q.TestNumbers = true
	if o := registrationtest.SignUp(t, db, q); o.Registration.CompanyID == "" {
		t.Error("an invented number is not taken where it is allowed")
	}
	if o := registrationtest.SignUp(t, db, from(registration.Organisation{Kind: registration.OfSoleTrader, Number: "5566778899", Name: "Firma"}, ev.ID, 10)); o.Registration.CompanyID != "" {
		t.Error("a sole trader was tied to a company")
	}
}

func TestDietIsKeptOnlyWhereThereIsFood(t *testing.T) {
	for _, tt := range []struct {
		name     string
		catering bool
		mode     event.Mode
		want     string
	}{
		{"in a room with food", true, event.Room, "Nötter"},
		{"in a room without", false, event.Room, ""},
		{"online", true, event.Online, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); c.Catering = tt.catering })
			q := registrationtest.Request(ev.ID, 1)
			q.Mode, q.Diet, q.DietConsent = tt.mode, "Nötter", true
			r := registrationtest.SignUp(t, db, q).Registration
			if got := registrationtest.Find(t, db, r.ID).Diet; got != tt.want {
				t.Errorf("stored %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAnswersAreCheckedAgainstTheirQuestions(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) {
		c.Questions = []event.Question{
			{Kind: event.TextQuestion, Label: "Fråga till talaren"},
			{Kind: event.ChoiceQuestion, Label: "Grupp", Required: true, Options: []string{"a", "b"}},
			{Kind: event.ChoicesQuestion, Label: "Teman", Options: []string{"x", "y", "z"}},
			{Kind: event.YesNoQuestion, Label: "Första gången?", Required: true},
		}
	})
	text, choice, choices, yesNo := ev.Questions[0].ID, ev.Questions[1].ID, ev.Questions[2].ID, ev.Questions[3].ID
	type answers = map[string][]string
	for n, tt := range []struct {
		name   string
		given  answers
		want   answers
		errors []string
	}{
		{"all answered", answers{text: {" Hej\r\nhopp "}, choice: {"a"}, choices: {"x", "z"}, yesNo: {"no"}},
			answers{text: {"Hej\nhopp"}, choice: {"a"}, choices: {"x", "z"}, yesNo: {"no"}}, nil},
		{"only what must be", answers{choice: {"b"}, yesNo: {"yes"}, text: {" "}, choices: {}}, answers{choice: {"b"}, yesNo: {"yes"}}, nil},
		{"nothing", nil, nil, []string{"q_" + choice + ":answer", "q_" + yesNo + ":answer"}},
		{"a blank where an answer must be", answers{choice: {" "}, yesNo: {"yes"}}, nil, []string{"q_" + choice + ":answer"}},
		{"what is not among the choices", answers{choice: {"c"}, choices: {"x", "w"}, yesNo: {"perhaps"}}, nil,
			[]string{"q_" + choice + ":choice", "q_" + choices + ":choice", "q_" + yesNo + ":choice"}},
		{"several where one is asked", answers{text: {"a", "b"}, choice: {"a", "b"}, yesNo: {"yes", "no"}}, nil,
			[]string{"q_" + text + ":choice", "q_" + choice + ":choice", "q_" + yesNo + ":choice"}},
		{"a text too long", answers{text: {strings.Repeat("å", 4001)}, choice: {"a"}, yesNo: {"yes"}}, nil, []string{"q_" + text + ":too_long"}},
		{"answers to what was not asked", answers{choice: {"a"}, yesNo: {"yes"}, "another": {"x"}}, answers{choice: {"a"}, yesNo: {"yes"}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := registrationtest.Request(ev.ID, n)
			q.Answers = tt.given
			o, err := register(db, q)
			same(t, "what must be corrected", codes(err), tt.errors)
			if tt.errors != nil {
				return
			}
			storetest.Read(t, db, func(tx *store.Tx) error {
				got, err := registration.Answers(ctx, tx, o.Registration.ID)
				same(t, "what is kept", got, tt.want)
				all, err2 := registration.AnswersOf(ctx, tx, ev.ID)
				same(t, "what is kept, among all", all[o.Registration.ID], tt.want)
				if err == nil {
					err = err2
				}
				return err
			})
		})
	}
}

func TestAFullEventTakesPeopleOnAWaitingListWithTheirNumber(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(2))
	var got []string
	for n := range 5 {
		o := registrationtest.SignUp(t, db, registrationtest.Request(ev.ID, n))
		got = append(got, fmt.Sprintf("%s %d", o.Status, o.Position))
		if now := position(t, db, o.Registration.ID); now != o.Position {
			t.Errorf("told number %d, is number %d", o.Position, now)
		}
		clock.Advance(time.Minute)
	}
	same(t, "told", got, []string{"confirmed 0", "confirmed 0", "waitlisted 1", "waitlisted 2", "waitlisted 3"})
	sound(t, db, ev.ID)
	waiting := registrationtest.Sign(t, db, ev.ID, 5)
	same(t, "the letter", letters(t, db, waiting.ID), []string{"E03 -"})
	same(t, "the audit", trail(t, db, waiting.ID), []string{"person →waitlisted"})
	if waiting.CalendarSequence != -1 || !waiting.ConfirmedAt.IsZero() {
		t.Errorf("whoever waits has been invited: %+v", waiting)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		n, err := registration.CountWaiting(ctx, tx, ev.ID, event.Room)
		if n != 4 {
			t.Errorf("%d wait", n)
		}
		return err
	})
}

func TestEachModeHasItsOwnPlaces(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); c.RoomPlaces, c.OnlinePlaces = new(1), new(1) })
	in := func(n int, m event.Mode) request {
		q := registrationtest.Request(ev.ID, n)
		q.Mode = m
		return q
	}
	for n, tt := range []struct {
		mode event.Mode
		want registration.Status
	}{{event.Room, registration.Confirmed}, {event.Room, registration.Waitlisted}, {event.Online, registration.Confirmed}} {
		if o := registrationtest.SignUp(t, db, in(n, tt.mode)); o.Status != tt.want || o.Registration.Mode != tt.mode {
			t.Errorf("number %d, %s: %s", n, tt.mode, o.Status)
		}
	}
	_, err := register(db, in(9, event.Online))
	refused(t, "online, which has no queue of its own", err, registration.ErrFull)
	if o := registrationtest.SignUp(t, db, in(10, event.Room)); o.Position != 2 {
		t.Errorf("the room's queue goes on with number %d", o.Position)
	}
	sound(t, db, ev.ID)
}

func TestAnOnlineEventHasAQueueOfItsOwn(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Online(c); c.OnlinePlaces = new(1) })
	registrationtest.Sign(t, db, ev.ID, 1)
	if o := registrationtest.SignUp(t, db, registrationtest.Request(ev.ID, 2)); o.Status != registration.Waitlisted || o.Position != 1 {
		t.Errorf("%s %d", o.Status, o.Position)
	}
}

func TestWithoutALimitThereIsAlwaysAPlace(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { c.RoomPlaces = nil })
	for n := range 50 {
		if o := registrationtest.SignUp(t, db, registrationtest.Request(ev.ID, n)); o.Status != registration.Confirmed {
			t.Fatalf("number %d: %s", n, o.Status)
		}
	}
	sound(t, db, ev.ID)
}

// queue lists who waits, in order, by number.
func queue(t testing.TB, db *store.DB, eventID string) (numbers []string) {
	t.Helper()
	for _, line := range roster(t, db, eventID) {
		if number, ok := strings.CutSuffix(line, " waitlisted"); ok {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

func TestCompaniesWithoutAPlaceComeFirstInTheQueue(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(2))
	for n, o := range []registration.Organisation{
		acme, vik, // have the places
		acme,                              // 2: a colleague of one who has a place
		{Kind: registration.OfNone},       // 3
		vik,                               // 4
		{Kind: registration.OfNotStarted}, // 5
	} {
		registrationtest.SignUp(t, db, from(o, ev.ID, n))
		clock.Advance(time.Minute)
	}
	same(t, "the queue", queue(t, db, ev.ID), []string{"3", "5", "2", "4"})
	o := registrationtest.SignUp(t, db, registrationtest.Request(ev.ID, 6))
	if o.Position != 3 {
		t.Errorf("the next without a company is number %d, want 3, before the colleagues", o.Position)
	}
}

func TestACompanyHasItsShareAndNoMore(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { c.CompanyLimit = new(2) })
	sign := func(o registration.Organisation, n int) registration.Outcome {
		clock.Advance(time.Minute)
		return registrationtest.SignUp(t, db, from(o, ev.ID, n))
	}
	first := sign(acme, 1)
	if got := sign(acme, 2); got.Status != registration.Confirmed {
		t.Errorf("the second of two: %s", got.Status)
	}
	third := sign(acme, 3)
	if third.Status != registration.Waitlisted || third.Position != 1 {
		t.Errorf("the third of two: %s, number %d", third.Status, third.Position)
	}
	for n, o := range []registration.Organisation{vik, vik, {Kind: registration.OfNone}, {Kind: registration.OfSoleTrader, Name: "Firma"}} {
		if got := sign(o, 10+n); got.Status != registration.Confirmed {
			t.Errorf("while a colleague too many waits and places are free, number %d is %s", 10+n, got.Status)
		}
	}
	if _, err := withdraw(db, first.Registration.ID, person); err != nil {
		t.Fatal(err)
	}
	if got := registrationtest.Find(t, db, third.Registration.ID); got.Status != registration.Offered {
		t.Errorf("once a colleague gave up a place the third is %s", got.Status)
	}
	sound(t, db, ev.ID)
}

func TestAColleagueWhoMakesRoomInTheShareMakesItInEveryMode(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); c.CompanyLimit = new(1) })
	in := func(m event.Mode, n int) registration.Outcome {
		q := from(acme, ev.ID, n)
		q.Mode = m
		return registrationtest.SignUp(t, db, q)
	}
	online, waiting := in(event.Online, 1), in(event.Room, 2)
	if waiting.Status != registration.Waitlisted {
		t.Fatalf("the second of one is %s", waiting.Status)
	}
	if _, err := withdraw(db, online.Registration.ID, person); err != nil {
		t.Fatal(err)
	}
	if got := registrationtest.Find(t, db, waiting.Registration.ID).Status; got != registration.Offered {
		t.Errorf("with the share free again and places in the room, the colleague is %s", got)
	}
	sound(t, db, ev.ID)
}

func TestNobodyBeyondTheShareMovesUpWhenAnotherPlaceIsFreed(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { places(3)(c); c.CompanyLimit = new(1) })
	registrationtest.SignUp(t, db, from(acme, ev.ID, 1))
	waiting := registrationtest.SignUp(t, db, from(acme, ev.ID, 2))
	other := registrationtest.SignUp(t, db, from(vik, ev.ID, 3))
	registrationtest.Sign(t, db, ev.ID, 4)
	last := registrationtest.Sign(t, db, ev.ID, 5) // waits for want of a place, behind the colleague in time
	if _, err := withdraw(db, other.Registration.ID, person); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", roster(t, db, ev.ID), []string{"1 confirmed", "4 confirmed", "5 offered", "2 waitlisted", "3 cancelled"})
	if position(t, db, waiting.Registration.ID) != 1 || last.Status != registration.Waitlisted {
		t.Errorf("the colleague has number %d, the last was %s", position(t, db, waiting.Registration.ID), last.Status)
	}
	c := findEvent(t, db, ev.ID)
	more := c.Content
	more.CompanyLimit, more.RoomPlaces = new(2), new(4)
	if _, err := updateEvent(db, c, more); err != nil {
		t.Fatal(err)
	}
	if got := registrationtest.Find(t, db, waiting.Registration.ID).Status; got != registration.Offered {
		t.Errorf("with a larger share and a place more the colleague is %s", got)
	}
	sound(t, db, ev.ID)
}

func TestACompanyOverItsShareIsRefusedWhereNobodyWaits(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { c.CompanyLimit, c.WaitingList = new(1), false })
	registrationtest.SignUp(t, db, from(acme, ev.ID, 1))
	_, err := register(db, from(acme, ev.ID, 2))
	refused(t, "the second of one", err, registration.ErrFull)
	if o := registrationtest.SignUp(t, db, from(vik, ev.ID, 3)); o.Status != registration.Confirmed {
		t.Errorf("another company: %s", o.Status)
	}
}

// A free place while somebody waits comes about only behind the back of the
// rules; what happens then is still settled.
func TestNobodyPassesTheQueueUntilSixHoursBefore(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before time.Duration
		want   registration.Status
	}{
		{"six hours before", 6 * time.Hour, registration.Waitlisted},
		{"a second less than six hours before", 6*time.Hour - time.Second, registration.Confirmed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Online(c); c.OnlinePlaces = new(1) })
			registrationtest.Sign(t, db, ev.ID, 1)
			registrationtest.Sign(t, db, ev.ID, 2)
			storetest.Write(t, db, func(tx *store.Tx) error {
				_, err := store.Exec(ctx, tx, `UPDATE event_capacity SET places = 2 WHERE event_id = ?`, ev.ID)
				return err
			})
			clock.Set(starts.Add(-tt.before))
			if o := registrationtest.SignUp(t, db, registrationtest.Request(ev.ID, 3)); o.Status != tt.want {
				t.Errorf("a newcomer is %s, want %s", o.Status, tt.want)
			}
		})
	}
}

func TestSigningUpAgainLooksTheSameAndSendsALetter(t *testing.T) {
	for _, tt := range []struct {
		name       string
		places     int
		first      []int // who signs up before, in order
		again      int   // who of them does so again
		stranger   int   // who is new, for comparison
		wantLetter []string
	}{
		{"with a place, and places left", 5, []int{1, 2}, 1, 9, []string{"E02 0", "E06 -"}},
		{"with a place, and none left", 2, []int{1, 2, 3}, 1, 9, []string{"E02 0", "E06 -"}},
		{"waiting", 1, []int{1, 2, 3}, 2, 9, []string{"E03 -", "E06 -"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			outcome := func(n int) (registration.Outcome, string) {
				db, clock := storetest.New(t)
				ev := registrationtest.Event(t, db, places(tt.places))
				for _, k := range tt.first {
					registrationtest.SignUp(t, db, registrationtest.Request(ev.ID, k))
					clock.Advance(time.Minute)
				}
				before := roster(t, db, ev.ID)
				q := registrationtest.Request(ev.ID, n)
				q.Email = strings.ToUpper(q.Email) // another spelling, the same address
				q.FirstName, q.Outside = "Främling", true
				o := registrationtest.SignUp(t, db, q)
				if n == tt.again {
					same(t, "who is there", roster(t, db, ev.ID), before)
					same(t, "the letters", letters(t, db, o.Registration.ID), tt.wantLetter)
					if got := registrationtest.Find(t, db, o.Registration.ID); got.FirstName != "Person" {
						t.Errorf("a stranger changed the name to %q", got.FirstName)
					}
					if m := last(t, db, o.Registration.ID); m.Recipient != registrationtest.Address(n) {
						t.Errorf("the letter goes to %s", m.Recipient)
					}
				}
				if o.Already != (n == tt.again) {
					t.Errorf("already: %t", o.Already)
				}
				sound(t, db, ev.ID)
				return o, fmt.Sprintf("%s %d", o.Status, o.Position)
			}
			_, again := outcome(tt.again)
			_, stranger := outcome(tt.stranger)
			if again != stranger {
				t.Errorf("whoever is there already is told %q, a new one %q", again, stranger)
			}
		})
	}
}

func TestSigningUpAgainDoesNotShowWhoWaitsByTheNumber(t *testing.T) {
	told := func(n int) string {
		db, clock := storetest.New(t)
		ev := registrationtest.Event(t, db, places(2))
		for k, o := range []registration.Organisation{acme, vik, acme, vik} { // two colleagues wait, after whoever comes alone
			registrationtest.SignUp(t, db, from(o, ev.ID, k))
			clock.Advance(time.Minute)
		}
		o := registrationtest.SignUp(t, db, registrationtest.Request(ev.ID, n))
		return fmt.Sprintf("%s %d", o.Status, o.Position)
	}
	if again, stranger := told(1), told(9); again != stranger {
		t.Errorf("whoever is there already is told %q, a new one %q", again, stranger)
	}
}

func TestSigningUpAgainSendsOneLetterAMinuteAndIsCountedAsAStrangers(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	q := registrationtest.Request(ev.ID, 1)
	q.Outside = true
	r := registrationtest.SignUp(t, db, q).Registration
	for range 3 {
		clock.Advance(time.Second)
		registrationtest.SignUp(t, db, q)
	}
	same(t, "within a minute", letters(t, db, r.ID), []string{"E02 0", "E06 -"})
	for range 12 {
		clock.Advance(time.Minute)
		registrationtest.SignUp(t, db, q)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		c, err := message.CountOf(ctx, tx, ev.ID)
		same(t, "after a dozen minutes", c, message.Counts{Waiting: 10, Held: 1}) // the one that is held says all that three more could
		return err
	})
}

func TestWhoGaveUpAPlaceMaySignUpAgain(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	first := registrationtest.Sign(t, db, ev.ID, 1)
	if _, err := withdraw(db, first.ID, person); err != nil {
		t.Fatal(err)
	}
	second := registrationtest.Sign(t, db, ev.ID, 1)
	if second.ID == first.ID || second.Status != registration.Confirmed || second.CalendarUID == first.CalendarUID {
		t.Errorf("the second is %+v", second)
	}
	if second.PersonID != first.PersonID {
		t.Error("it is another person")
	}
	sound(t, db, ev.ID)
}

func TestTheRosterShowsPlacesThenTheQueue(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(2))
	for n, o := range []registration.Organisation{acme, acme, acme, {Kind: registration.OfNone}} {
		registrationtest.SignUp(t, db, from(o, ev.ID, n))
		clock.Advance(time.Minute)
	}
	gone := registrationtest.Sign(t, db, ev.ID, 4)
	if _, err := withdraw(db, gone.ID, person); err != nil {
		t.Fatal(err)
	}
	same(t, "all", roster(t, db, ev.ID), []string{"0 confirmed", "1 confirmed", "3 waitlisted", "2 waitlisted", "4 cancelled"})
	storetest.Read(t, db, func(tx *store.Tx) error {
		for _, tt := range []struct {
			name   string
			filter registration.RosterFilter
			want   []string
		}{
			{"a state", registration.RosterFilter{Statuses: []registration.Status{registration.Waitlisted}}, []string{"Nummer 3", "Nummer 2"}},
			{"a word of a name", registration.RosterFilter{Text: "NUMMER 3"}, []string{"Nummer 3"}},
			{"an address", registration.RosterFilter{Text: "person002@"}, []string{"Nummer 2"}},
			{"an organisation", registration.RosterFilter{Text: "exempelbolaget"}, []string{"Nummer 0", "Nummer 1", "Nummer 2"}},
			{"a percent sign is itself", registration.RosterFilter{Text: "%"}, nil},
			{"the first page", registration.RosterFilter{Limit: 2}, []string{"Nummer 0", "Nummer 1"}},
		} {
			found, err := registration.Roster(ctx, tx, ev.ID, tt.filter)
			if err != nil {
				return err
			}
			var got []string
			for _, r := range found {
				got = append(got, r.LastName)
			}
			same(t, tt.name, got, tt.want)
		}
		page, err := registration.Roster(ctx, tx, ev.ID, registration.RosterFilter{Limit: 3, AfterID: gone.ID})
		if len(page) != 0 {
			t.Errorf("after the last: %v", page)
		}
		counts, err2 := registration.CountsOf(ctx, tx, ev.ID)
		same(t, "counts", counts, registration.Counts{registration.Confirmed: 2, registration.Waitlisted: 2, registration.Cancelled: 1})
		if counts.WithPlace() != 2 {
			t.Errorf("%d with a place", counts.WithPlace())
		}
		reach, err3 := registration.ReachOf(ctx, tx, ev.ID, registration.Everybody)
		same(t, "reach", reach, registration.Reach{WithPlace: 2, Waiting: 2, Languages: map[string]int{"sv": 2}})
		for _, e := range []error{err2, err3} {
			if err == nil {
				err = e
			}
		}
		return err
	})
}

func TestDietAndNeedsCannotBeSearched(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { c.Catering = true })
	q := registrationtest.Request(ev.ID, 1)
	q.Diet, q.DietConsent, q.AccessNeeds = "jordnötter", true, "rullstol"
	registrationtest.SignUp(t, db, q)
	storetest.Read(t, db, func(tx *store.Tx) error {
		for _, word := range []string{"jordnötter", "rullstol"} {
			found, err := registration.Roster(ctx, tx, ev.ID, registration.RosterFilter{Text: word})
			if len(found) != 0 || err != nil {
				t.Errorf("%q is found: %v", word, err)
			}
		}
		return nil
	})
}

func TestCorrectingOnesOwnRegistration(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) {
		c.Catering = true
		c.Questions = []event.Question{{Kind: event.TextQuestion, Label: "Ett"}, {Kind: event.TextQuestion, Label: "Två"}}
	})
	one, two := ev.Questions[0].ID, ev.Questions[1].ID
	q := registrationtest.Request(ev.ID, 1)
	q.Answers = map[string][]string{one: {"a"}, two: {"b"}}
	r := registrationtest.SignUp(t, db, q).Registration
	c := findEvent(t, db, ev.ID).Content
	c.Questions = c.Questions[1:] // the first question is asked no more
	if _, err := updateEvent(db, findEvent(t, db, ev.ID), c); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	correct := func(x registration.Correction) (got reg, err error) {
		err = db.Write(ctx, func(tx *store.Tx) (err error) {
			got, err = registration.Correct(ctx, tx, r.ID, x, person)
			return err
		})
		return got, err
	}
	got, err := correct(registration.Correction{FirstName: " Åsa ", LastName: "Ek", Language: "nb", Phone: "070", Diet: "Laktos", DietConsent: true, AccessNeeds: "Tolk",
		Answers: map[string][]string{two: {"c"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := r
	want.FirstName, want.LastName, want.Language, want.Phone, want.Diet, want.AccessNeeds, want.ChangedAt = "Åsa", "Ek", "nb", "070", "Laktos", "Tolk", clock.Now()
	same(t, "the answer", got, want)
	same(t, "the row", registrationtest.Find(t, db, r.ID), want)
	storetest.Read(t, db, func(tx *store.Tx) error {
		answers, err := registration.Answers(ctx, tx, r.ID)
		same(t, "the answers, one of them to what is asked no more", answers, map[string][]string{one: {"a"}, two: {"c"}})
		found, err2 := registration.Roster(ctx, tx, ev.ID, registration.RosterFilter{Text: "åsa"})
		if len(found) != 1 {
			t.Errorf("by the new name %d are found, %v", len(found), err2)
		}
		return err
	})
	same(t, "no letter", letters(t, db, r.ID), []string{"E02 0"})
	_, err = correct(registration.Correction{Language: "sv", Diet: "x"})
	same(t, "what must be corrected", codes(err), []string{"first_name:required", "last_name:required", "diet_consent:diet_consent"})

	valid := registration.Correction{FirstName: "Åsa", LastName: "Ek", Language: "sv"}
	clock.Set(ends)
	_, err = correct(valid)
	refused(t, "after the end", err, registration.ErrNotNow)
	clock.Set(starts.AddDate(0, -1, 0))
	if _, err := withdraw(db, r.ID, person); err != nil {
		t.Fatal(err)
	}
	_, err = correct(valid)
	refused(t, "once given up", err, registration.ErrNotNow)
}

func TestRequestsAreNotChanged(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	q := registrationtest.Request(ev.ID, 1)
	q.FirstName = "  Anna  "
	before := q
	if _, err := register(db, q); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, q); diff != "" {
		t.Error(diff)
	}
}
