package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// addAdvice makes programmes of advice without prerequisite and aid, five hours for
// each company, as many as there are changes to them, with one adviser who is free at
// all hours.
func addAdvice(ctx context.Context, tx *store.Tx, changes ...func(*advisory.Programme)) (all []advisory.Programme, a advisory.Adviser, err error) {
	prog, err := programme.Add(ctx, tx, programme.Programme{Slug: "dalarna", Name: "Dalarna", Country: "SE", Language: "sv", TimeZone: "Europe/Stockholm"}, audit.System)
	if err != nil {
		return nil, a, err
	}
	five := 300
	var ids []string
	for _, change := range changes {
		p := advisory.Programme{
			ProgrammeID: prog.ID, Slug: "radgivning", Status: advisory.Open, Language: "sv", Prerequisite: advisory.NoPrerequisite, CapMinutes: &five, CapPer: advisory.PerCompany,
			CapPeriod: "programme", Currency: "SEK", VATPercent: 25, StepMinutes: 30, LeadMinutes: 60, FreeCancelMinutes: 60, HorizonDays: 60, LateFree: 1, MaxReschedules: 2,
			SettleStepMinutes: 5, AidRegime: "none", AidReason: "open to all on equal terms", Lengths: []int{30, 60}, Meetings: advisory.Meetings(),
			Texts: map[string]advisory.Text{"sv": {Name: "Rådgivning i Dalarna"}},
		}
		change(&p)
		if p, err = advisory.AddProgramme(ctx, tx, p, audit.System); err != nil {
			return nil, a, err
		}
		all, ids = append(all, p), append(ids, p.ID)
	}
	u, err := user.Add(ctx, tx, "eva@radgivare.example", "Eva Ek", "sv", []user.Grant{{Role: user.Adviser, ProgrammeID: prog.ID}})
	if err != nil {
		return nil, a, err
	}
	if a, err = advisory.AddAdviser(ctx, tx, advisory.Adviser{UserID: u.ID, Country: "SE", JoinURL: "https://meet.example/eva"}, ids, audit.System); err != nil {
		return nil, a, err
	}
	a.HolidaysOff = false // today may be one
	if err := advisory.SetAdviser(ctx, tx, a, audit.System); err != nil {
		return nil, a, err
	}
	var week []advisory.Window
	for day := range 7 {
		week = append(week, advisory.Window{Weekday: day + 1, From: "00:00", To: "24:00"})
	}
	return all, a, advisory.SetWeek(ctx, tx, a.ID, week, audit.System)
}

// unchanged leaves a programme of advice as it is.
func unchanged(*advisory.Programme) {}

// desk books by the API of a program, as many programs do at once.
type desk struct {
	t           *testing.T
	base, token string
	day         time.Time // the midnight from which times are counted
	numbers     []string  // of Norwegian companies
}

// book asks for a meeting so many hours after the desk's midnight; the code is that of the
// refusal.
func (d *desk) book(slug, number string, hours, minutes int) (status int, code, id string, err error) {
	body, err := json.Marshal(map[string]any{
		"starts_at": d.day.Add(time.Duration(hours) * time.Hour).Format(time.RFC3339), "minutes": minutes, "meeting": "online",
		"company": map[string]string{"country": "NO", "org_number": number, "name": "Firma " + number},
		"person":  map[string]string{"name": "Anna Lind", "email": "anna@" + number + ".example"}, "need": "Vi ska lämna anbud på fönster till en skola.",
	})
	if err != nil {
		return 0, "", "", err
	}
	q, err := http.NewRequest(http.MethodPost, d.base+"/api/v1/advisory/programmes/"+slug+"/bookings", strings.NewReader(string(body)))
	if err != nil {
		return 0, "", "", err
	}
	q.Header.Set("Authorization", "Bearer "+d.token)
	q.Header.Set("Content-Type", "application/json")
	answer, err := stranger.Do(q)
	if err != nil {
		return 0, "", "", err
	}
	defer answer.Body.Close()
	var said struct{ Code, ID string }
	err = json.NewDecoder(answer.Body).Decode(&said)
	return answer.StatusCode, said.Code, said.ID, err
}

// atOnce lets n ask at the same moment and counts what they were told.
func (d *desk) atOnce(n int, ask func(i int) (status int, code, id string, err error)) map[string]int {
	d.t.Helper()
	var mu sync.Mutex
	told := map[string]int{}
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			status, code, _, err := ask(i)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				code = err.Error()
			}
			told[strings.TrimSpace(fmt.Sprint(status, " ", code))]++
		})
	}
	close(start)
	all.Wait()
	return told
}

// Of fifty who ask at once for one time, for a company's last half hour, or for the
// last one of all, one gets it and the others are told why not. Whoever was told yes
// has the meeting, also when the program is killed, and the hours agree.
func TestFiftyAtOnceGetOneMeetingAndAKillLosesNone(t *testing.T) {
	t.Parallel()
	file := newDatabase(t)
	d := &desk{t: t, day: time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 2)}
	for n := 910_000_000; len(d.numbers) < 51; n++ {
		if _, err := company.ParseNumber("NO", fmt.Sprint(n), false); err == nil {
			d.numbers = append(d.numbers, fmt.Sprint(n))
		}
	}
	seed(t, file, func(db *store.DB) {
		storetest.Write(t, db, func(tx *store.Tx) error {
			half := 30
			all, _, err := addAdvice(t.Context(), tx, unchanged, func(p *advisory.Programme) { p.Slug, p.PoolMinutes = "pott", &half })
			if err != nil {
				return err
			}
			d.token, _, err = user.NewToken(t.Context(), tx, user.Organiser, all[0].ProgrammeID, "a program", time.Hour)
			return err
		})
	})
	office := openPostOffice(t)
	m := beginMortal(t, serveArgs(file, office)...)
	d.base = m.base
	want := func(what string, told map[string]int, code string) {
		t.Helper()
		if !maps.Equal(told, map[string]int{"201": 1, "409 " + code: 49}) {
			t.Errorf("%s: %v, want one yes and 49 times %s", what, told, code)
		}
	}

	want("one time", d.atOnce(50, func(i int) (int, string, string, error) { return d.book("radgivning", d.numbers[i], 0, 60) }), "slot_taken")
	firm := d.numbers[50]
	for i, minutes := range []int{60, 60, 60, 60, 30} {
		if status, code, _, err := d.book("radgivning", firm, 2+2*i, minutes); status != http.StatusCreated {
			t.Fatalf("a company's hours: %d %s, %v", status, code, err)
		}
	}
	want("the last half hour of a company", d.atOnce(50, func(i int) (int, string, string, error) { return d.book("radgivning", firm, 24+2*i, 30) }), "cap_exceeded")
	want("the last half hour of all", d.atOnce(50, func(i int) (int, string, string, error) { return d.book("pott", d.numbers[i], 150+2*i, 30) }), "pool_exhausted")

	var mu sync.Mutex
	var yes []string
	var asking sync.WaitGroup
	for i := range 50 {
		asking.Go(func() {
			if status, _, id, err := d.book("radgivning", d.numbers[i], 300+2*i, 60); err == nil && status == http.StatusCreated {
				mu.Lock()
				defer mu.Unlock()
				yes = append(yes, id)
			}
		})
	}
	await(t, "some meetings", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(yes) > 4
	})
	m.kill()
	asking.Wait()
	seed(t, file, func(db *store.DB) { agree(t, db, yes) })
}

// agree demands that those meetings are there, and that of each company's hours as
// many are reserved as its meetings take.
func agree(t *testing.T, db *store.DB, ids []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		for _, id := range ids {
			if b, err := advisory.BookingByID(t.Context(), tx, id); err != nil || b.Status != advisory.Confirmed {
				t.Errorf("whoever was told yes has the meeting %q, %v", b.Status, err)
			}
		}
		apart, err := store.All(t.Context(), tx, store.Value[string], `
			SELECT a.id FROM hours_account a WHERE
				COALESCE((SELECT sum(CASE e.kind WHEN 'reserve' THEN e.minutes ELSE -e.minutes END) FROM hours_entry e WHERE e.account_id = a.id AND e.kind IN ('reserve', 'release')), 0)
				<> COALESCE((SELECT sum(b.minutes) FROM booking b WHERE b.account_id = a.id AND b.status = 'confirmed'), 0)`)
		if len(apart) > 0 {
			t.Errorf("the hours of %d companies are others than those of their meetings", len(apart))
		}
		return err
	})
}
