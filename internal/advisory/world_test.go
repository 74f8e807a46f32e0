package advisory_test

import (
	"context"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/person"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// world is a county with one programme of advice, one adviser and one company.
type world struct {
	t       testing.TB
	db      *store.DB
	clock   *storetest.Clock
	prog    programme.Programme
	advice  advisory.Programme
	adviser advisory.Adviser
	firm    company.Company
	who     person.Person
}

// by is who makes what a test begins with.
var by = audit.System

func ctx() context.Context { return context.Background() }

// open is a programme without prerequisite and aid: five hours for each company.
func open(w *world) advisory.Programme {
	five := 300
	return advisory.Programme{
		ProgrammeID: w.prog.ID, Slug: "radgivning", Status: advisory.Open, Language: "sv", Prerequisite: advisory.NoPrerequisite,
		CapMinutes: &five, CapPer: advisory.PerCompany, CapPeriod: "programme", Currency: "SEK", VATPercent: 25, StepMinutes: 30,
		LeadMinutes: 48 * 60, FreeCancelMinutes: 24 * 60, HorizonDays: 60, LateFree: 1, LateChargeMinutes: 30, MissedChargeMinutes: 60,
		MaxReschedules: 2, SettleStepMinutes: 5, AidRegime: "none", AidReason: "open to all on equal terms",
		Lengths: []int{30, 60, 90, 120}, Meetings: advisory.Meetings(), Texts: map[string]advisory.Text{"sv": {Name: "Rådgivning"}},
	}
}

func newWorld(t testing.TB, change func(*advisory.Programme)) *world {
	t.Helper()
	w := &world{t: t}
	w.db, w.clock = storetest.New(t)
	w.do(func(tx *store.Tx) (err error) {
		w.prog, err = programme.Add(ctx(), tx, programme.Programme{Slug: "dalarna", Name: "Dalarna", Country: "SE", CountyCode: "20", Language: "sv", TimeZone: "Europe/Stockholm", Authority: true}, audit.System)
		if err != nil {
			return err
		}
		p := open(w)
		if change != nil {
			change(&p)
		}
		if w.advice, err = advisory.AddProgramme(ctx(), tx, p, audit.System); err != nil {
			return err
		}
		w.firm, err = company.Ensure(ctx(), tx, "SE", "5566778899", "Snickarna i Älvdalen AB")
		return err
	})
	w.who = w.person("anna@snickarna.example")
	w.adviser = w.newAdviser("eva@radgivare.example")
	return w
}

func (w *world) do(fn func(tx *store.Tx) error) {
	w.t.Helper()
	if err := w.db.Write(ctx(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// newAdviser is one who is free from eight to six each working day.
func (w *world) newAdviser(email string) (a advisory.Adviser) {
	w.t.Helper()
	w.do(func(tx *store.Tx) error {
		u, err := user.Add(ctx(), tx, email, "Eva Rådgivare", "sv", []user.Grant{{Role: user.Adviser, ProgrammeID: w.prog.ID}})
		if err != nil {
			return err
		}
		id := tx.NewID()
		if _, err := store.Exec(ctx(), tx, `INSERT INTO adviser (id, user_id, country, time_zone, join_url, created_at) VALUES (?, ?, 'SE', 'Europe/Stockholm', 'https://meet.example/eva', ?)`,
			id, u.ID, store.At(tx.Now)); err != nil {
			return err
		}
		for day := 1; day <= 5; day++ {
			if _, err := store.Exec(ctx(), tx, `INSERT INTO availability (id, adviser_id, weekday, from_clock, to_clock) VALUES (?, ?, ?, '08:00', '18:00')`, tx.NewID(), id, day); err != nil {
				return err
			}
		}
		if _, err := store.Exec(ctx(), tx, `INSERT INTO adviser_programme (adviser_id, advisory_programme_id) VALUES (?, ?)`, id, w.advice.ID); err != nil {
			return err
		}
		a, err = advisory.AdviserByID(ctx(), tx, id)
		return err
	})
	return a
}

func (w *world) person(email string) (p person.Person) {
	w.t.Helper()
	w.do(func(tx *store.Tx) (err error) {
		p, err = person.Ensure(ctx(), tx, person.Person{Email: email, FirstName: "Anna", LastName: "Lind", Language: "sv"})
		return err
	})
	return p
}

// at is a time on the clock of Stockholm.
func at(day string, clock string) time.Time {
	loc, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, loc)
	if err != nil {
		panic(err)
	}
	return t
}

// request is one for the company that meets every rule.
func (w *world) request(start time.Time, minutes int) advisory.Request {
	return advisory.Request{
		AdvisoryProgrammeID: w.advice.ID, StartsAt: start, Minutes: minutes, Meeting: advisory.Online, CompanyID: w.firm.ID, PersonID: w.who.ID,
		Language: "sv", Need: "Vi ska lämna anbud på fönster till en skola.",
	}
}

// book asks and answers what came of it.
func (w *world) book(r advisory.Request) (b advisory.Booking, err error) {
	err = w.db.Write(ctx(), func(tx *store.Tx) (err error) {
		b, err = advisory.Book(ctx(), tx, r, audit.Actor{Kind: "person", ID: r.PersonID})
		return err
	})
	return b, err
}

// account is the company's account.
func (w *world) account() (a advisory.Account) {
	w.t.Helper()
	w.do(func(tx *store.Tx) (err error) {
		a, err = advisory.AccountOf(ctx(), tx, w.advice, advisory.Holder{CompanyID: w.firm.ID}, 2027)
		return err
	})
	return a
}
