package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/sample"
	"stafett/internal/store"
)

// advised is one meeting of the demo: who asked for it, and on which day, counted
// from today, it was asked for and is held. On a day without a free time the next
// one is taken.
type advised struct {
	asked, held int
	advice      string
	company     int // of the Swedish or Norwegian ones of the file
	minutes     int
	meeting     advisory.Meeting
	aid         string // how far the state aid has come: "" not asked for yet or granted, declared, asked
	need        string
	outcome     string // "", settled, missed, cancelled
}

var advisedMeetings = []advised{
	{-17, -13, "udd-5h", 1, 60, advisory.Online, "", "Vi ska lämna vårt första anbud, på fönster till en skola, och förstår inte hur referenserna ska bevisas.", "settled"},
	{-16, -10, "udd-5h", 2, 90, advisory.Phone, "", "Vi behöver hjälp att läsa skallkraven i en upphandling av städning i Avesta.", "settled"},
	{-15, -9, "udd-5h", 0, 60, advisory.Online, "", "Hur räknar vi timpriset när kommunen vill ha fast pris i fyra år?", "missed"},
	{-12, -7, "akuten-5h", 1, 60, advisory.Online, "", "Vår största kund har stängt. Vilka kommuner köper livsmedel direkt av oss?", "settled"},
	{-6, -1, "udd-5h", 1, 60, advisory.Online, "", "Genomgång av vårt utkast till anbud före inlämningen.", ""},
	{-4, 3, "udd-5h", 0, 60, advisory.OnSite, "", "Vi vill gå igenom hela anbudet tillsammans, på plats i verkstaden.", ""},
	{-3, 4, "akuten-5h", 2, 30, advisory.Phone, "declared", "Vi måste svara på en direktupphandling på fredag och undrar över villkoren.", ""},
	{-2, 6, "udd-5h", 3, 120, advisory.Online, "asked", "Hållbarhetsrapport som bilaga till anbud: vad måste vara med, och vad räcker?", ""},
}

// adviceDay lets people ask for advice, and advisers give it, on one day.
func (f *filler) adviceDay(ctx context.Context, now time.Time, day int) error {
	for i, m := range advisedMeetings {
		if m.asked == day {
			if err := f.askAdvice(ctx, now, i, m); err != nil {
				return fmt.Errorf("advice %d: %w", i, err)
			}
		}
	}
	for i, m := range advisedMeetings {
		b, booked := f.booked[i]
		if !booked || m.outcome == "" || !b.EndsAt.Before(f.clock.Now()) || b.EndsAt.Before(f.clock.Now().AddDate(0, 0, -1)) {
			continue
		}
		if err := f.endAdvice(ctx, b, m); err != nil {
			return fmt.Errorf("advice %d: %w", i, err)
		}
	}
	return nil
}

func (f *filler) askAdvice(ctx context.Context, now time.Time, i int, m advised) error {
	p := f.advice[m.advice]
	c := f.companies(p.Currency)[m.company]
	return f.db.Write(ctx, func(tx *store.Tx) error {
		number, err := company.ParseNumber(c.Country, c.OrgNumber, true)
		if err != nil {
			return err
		}
		firm, err := company.Ensure(ctx, tx, c.Country, number, c.Name)
		if err != nil {
			return err
		}
		who, err := f.contactOf(ctx, tx, firm.ID, p.Language)
		if err != nil {
			return err
		}
		r := advisory.Request{
			AdvisoryProgrammeID: p.ID, Minutes: m.minutes, Meeting: m.meeting, CompanyID: firm.ID, PersonID: who, Language: p.Language, Need: m.need, Phone: "070-000 00 01",
		}
		if m.meeting == advisory.OnSite {
			r.Municipality.Country, r.Municipality.Number, r.Place = c.Country, c.Municipality, "Verkstaden, Hantverksgatan 1"
		}
		by := audit.Actor{Kind: "person", ID: who}
		for hour := 0; hour < 24*14; hour++ { // the first that an adviser has free
			local := now.In(f.events["lar-leksand"].Location())
			r.StartsAt = time.Date(local.Year(), local.Month(), local.Day()+m.held, 9+hour%7, 0, 0, 0, local.Location()).AddDate(0, 0, hour/7)
			if wd := r.StartsAt.Weekday(); wd == time.Saturday || wd == time.Sunday {
				continue
			}
			b, err := advisory.Book(ctx, tx, r, by)
			if errors.Is(err, advisory.ErrSlotTaken) {
				continue
			}
			if err != nil {
				return err
			}
			if b.Status == advisory.Requested {
				if err := f.aid(ctx, tx, p, firm, c, m.aid); err != nil {
					return err
				}
				b, err = advisory.BookingByID(ctx, tx, b.ID)
			}
			f.booked[i] = b
			return err
		}
		return errors.New("no adviser is free")
	})
}

// aid lets a company declare what other aid it has had, and the organiser grant it;
// some are left half-way, so that there is something to decide.
func (f *filler) aid(ctx context.Context, tx *store.Tx, p advisory.Programme, firm company.Company, c sample.Company, until string) error {
	k, err := aid.Of(ctx, tx, p.ID, firm.ID)
	if err != nil || until == "asked" {
		return err
	}
	if _, err = aid.Declare(ctx, tx, k.ID, aid.Declaration{Signer: "Ester Ägare", NACE: c.NACE, PersonID: k.PersonID}, audit.Actor{Kind: "person", ID: k.PersonID}); err != nil || until == "declared" {
		return err
	}
	if _, err = aid.Check(ctx, tx, k.ID, aid.Checking{Review: "Rådgivningen gäller annan verksamhet."}, audit.Command); err != nil {
		return err
	}
	_, err = advisory.GrantAid(ctx, tx, k.ID, aid.Granting{
		Minutes: k.Minutes, Rate: aid.Rate{Value: 1_120_000, On: tx.Now.AddDate(0, 0, -1), Source: "InforEuro (påhittad kurs)"}, Number: "Demo " + p.Slug + ":" + c.OrgNumber[len(c.OrgNumber)-4:],
		NACE: c.NACE, LegalForm: c.LegalForm, SizeClass: sizeClass(c.Employees), MunicipalityCode: c.Municipality,
	}, audit.Command)
	return err
}

// sizeClass is the class of a company with so many employees.
func sizeClass(employees int) string {
	switch {
	case employees == 0:
		return "0"
	case employees < 10:
		return "1-9"
	case employees < 50:
		return "10-49"
	case employees < 250:
		return "50-249"
	}
	return "250+"
}

// companies lists the file's companies in the country of a currency.
func (f *filler) companies(currency string) (own []sample.Company) {
	for _, c := range f.file.Companies {
		if (c.Country == "NO") == (currency == "NOK") {
			own = append(own, c)
		}
	}
	return own
}

// contactOf is somebody who is tied to the company for certain: who attended for it,
// else an invented owner.
func (f *filler) contactOf(ctx context.Context, tx *store.Tx, companyID, language string) (string, error) {
	found, err := store.All(ctx, tx, store.Value[string], `SELECT person_id FROM contact WHERE company_id = ? AND status = 'confirmed' ORDER BY person_id`, companyID)
	if err != nil || len(found) > 0 {
		return append(found, "")[0], err
	}
	owner, err := person.Ensure(ctx, tx, person.Person{Email: "agare." + companyID + "@people.example", FirstName: "Ester", LastName: "Ägare", Language: language})
	if err != nil {
		return "", err
	}
	return owner.ID, company.Confirm(ctx, tx, owner.ID, companyID, audit.System)
}

func (f *filler) endAdvice(ctx context.Context, b advisory.Booking, m advised) error {
	return f.db.Write(ctx, func(tx *store.Tx) (err error) {
		switch m.outcome {
		case "settled":
			_, err = advisory.EnterTime(ctx, tx, b.ID, advisory.Time{
				Minutes: b.Minutes - 5, Shared: "Vi gick igenom kraven och gjorde en lista på vad som saknas. Nästa steg: skriv referenserna.",
				Private: "Vana hantverkare, ovana vid system för anbud.",
			}, audit.System)
		case "missed":
			_, err = advisory.Miss(ctx, tx, b.ID, audit.System)
		}
		if errors.Is(err, problem.ErrMissing) {
			return fmt.Errorf("booking %s: %w", b.ID, err)
		}
		return err
	})
}
