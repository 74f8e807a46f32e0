package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/sample"
	"stafett/internal/store"
	"stafett/internal/user"
)

// advised is one meeting of the demo: who asked for it, and on which day, counted
// from today, it was asked for and is held. On a day without a free time the next
// one is taken.
type advised struct {
	asked, held int
	advice      string
	company     int // of the Swedish or Norwegian ones of the file; buyer: the demo's own
	minutes     int
	meeting     advisory.Meeting
	aid         string // how far the state aid has come: "" not asked for yet or granted, declared, asked
	need        string
	outcome     string // "", settled, missed, waits, proposed
}

// buyer is a body of which no number tells that it buys for the public: an organiser
// says yes to it.
const buyer = -1

var advisedMeetings = []advised{
	{-25, -22, "akuten-5h", 5, 60, advisory.Phone, "", "Kommunen vill byta elektriker före sommaren. Hur snabbt kan vi lämna ett anbud?", "settled"},
	{-18, -13, "udd-5h", 6, 30, advisory.Phone, "", "Vi vill veta om våra leksaker uppfyller kraven i kommunens upphandling till förskolor.", ""},
	{-17, -13, "udd-5h", 1, 60, advisory.Online, "", "Vi ska lämna vårt första anbud, på fönster till en skola, och förstår inte hur referenserna ska bevisas.", "settled"},
	{-16, -10, "udd-5h", 2, 90, advisory.Phone, "", "Vi behöver hjälp att läsa skallkraven i en upphandling av städning i Avesta.", "settled"},
	{-15, -9, "udd-5h", 6, 60, advisory.Online, "", "Hur räknar vi timpriset när kommunen vill ha fast pris i fyra år?", "missed"},
	{-14, -8, "udd-5h", firmOfContact, 60, advisory.Online, "", "Vi snickrar inredning och vill förstå hur ett ramavtal fungerar innan vi lämnar anbud.", "settled"},
	{-12, -7, "akuten-5h", 1, 60, advisory.Online, "", "Vår största kund har stängt. Vilka kommuner köper livsmedel direkt av oss?", "settled"},
	{-6, -1, "udd-5h", 1, 60, advisory.Online, "", "Genomgång av vårt utkast till anbud före inlämningen.", ""},
	{-4, 3, "udd-5h", firmOfContact, 60, advisory.OnSite, "", "Vi vill gå igenom hela anbudet tillsammans, på plats i verkstaden.", ""},
	{-3, 0, "udd-5h", firmOfContact, 30, advisory.Online, "", "En sista fråga om priset före mötet i verkstaden: räknar vi med restid?", "today"},
	{-3, 4, "akuten-5h", 2, 30, advisory.Phone, "declared", "Vi måste svara på en direktupphandling på fredag och undrar över villkoren.", ""},
	{-2, 6, "udd-5h", 3, 120, advisory.Online, "asked", "Hållbarhetsrapport som bilaga till anbud: vad måste vara med, och vad räcker?", ""},
	{-1, 5, "upphandlingslots", buyer, 45, advisory.Online, "", "Kan vi köpa tolkning tillsammans med en kommun på andra sidan gränsen?", ""},
	{-1, 0, "akuten-5h", 4, 60, advisory.Online, "", "Vi trycker broschyrer och vill lämna pris till regionen, men bara kvällar passar.", "waits"},
	{0, 0, "udd-5h", 2, 120, advisory.Online, "", "Vi vill gå igenom ett helt underlag för städning, helst med Maria.", "proposed"},
}

// firmOfContact is the company behind the contact whose link the demo prints: with
// hours that are used and hours that are booked.
const firmOfContact = 0

// wishes is when would suit those who wait.
const wishes = "Helst efter klockan 16, eller en lördag."

// advisedCalls are what the helpline has been asked: hours before the day's noon.
var advisedCalls = []struct {
	day, hours, minutes         int
	caller, organisation, about string
}{
	{-9, 1, 20, "Ylva Ekman", "Fjällnäs kommun (påhittad)", "Får vi be leverantörerna om rättelse efter sista dagen?"},
	{-7, 2, 15, "Per Holm", "Fjällnäs kommun (påhittad)", "Gränsen för direktupphandling när två förvaltningar köper samma sak"},
	{-5, 1, 25, "Sara Nordin", "Region Demo (påhittad)", "Betalning inom tio dagar som villkor"},
	{-2, 3, 20, "Jonas Rask", "Bruksbo kommun (påhittad)", "Dela upp ett ramavtal för snickerier i mindre delar"},
	{-1, 1, 10, "Ylva Ekman", "Fjällnäs kommun (påhittad)", "Mall för dialog med leverantörer före annonsen"},
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
		if !booked || m.outcome != "settled" && m.outcome != "missed" || !b.EndsAt.Before(f.clock.Now()) || b.EndsAt.Before(f.clock.Now().AddDate(0, 0, -1)) {
			continue
		}
		if err := f.endAdvice(ctx, b, m); err != nil {
			return fmt.Errorf("advice %d: %w", i, err)
		}
	}
	return f.calls(ctx, day)
}

func (f *filler) askAdvice(ctx context.Context, now time.Time, i int, m advised) error {
	p := f.advice[m.advice]
	c, contact := sample.Buyer(), "Ingrid Moe"
	if m.company != buyer {
		c, contact = f.companies(p.Currency)[m.company], "Ester Ägare"
	}
	return f.db.Write(ctx, func(tx *store.Tx) error {
		number, err := company.ParseNumber(c.Country, c.OrgNumber, true)
		if err != nil {
			return err
		}
		firm, err := company.Ensure(ctx, tx, c.Country, number, c.Name)
		if err != nil {
			return err
		}
		who, err := f.contactOf(ctx, tx, firm.ID, contact, p.Language)
		if err != nil {
			return err
		}
		r := advisory.Request{
			AdvisoryProgrammeID: p.ID, Minutes: m.minutes, Meeting: m.meeting, CompanyID: firm.ID, PersonID: who, Language: p.Language, Need: m.need, Phone: "070-000 00 01",
		}
		if m.meeting == advisory.OnSite {
			r.Municipality.Country, r.Municipality.Number, r.Place = c.Country, c.Municipality, "Verkstaden, Hantverksgatan 1"
		}
		b, err := f.bookAdvice(ctx, tx, now, m, r, audit.Actor{Kind: "person", ID: who})
		if err == nil && b.Status == advisory.Requested && p.IsAid() {
			if err = f.aid(ctx, tx, p, firm, c, m.aid); err == nil {
				b, err = advisory.BookingByID(ctx, tx, b.ID)
			}
		}
		f.booked[i] = b
		return err
	})
}

// bookAdvice books the first time that an adviser has free on that day or later, or
// waits for one.
func (f *filler) bookAdvice(ctx context.Context, tx *store.Tx, now time.Time, m advised, r advisory.Request, by audit.Actor) (b advisory.Booking, err error) {
	local := now.In(f.events["lar-leksand"].Location())
	switch m.outcome {
	case "waits", "proposed":
		r.Wishes = wishes
		if b, err = advisory.Book(ctx, tx, r, by); err != nil || m.outcome == "waits" {
			return b, err
		}
		return b, propose(ctx, tx, b)
	case "today":
		maria, err := firstAdviser(ctx, tx)
		if err != nil {
			return b, err
		}
		extra := advisory.Exception{Date: local.Format(time.DateOnly), From: "08:00", To: "17:30", Available: true, Note: "Extra tid"}
		if _, err := advisory.AddException(ctx, tx, maria.ID, extra, "", audit.System); err != nil {
			return b, err
		}
		r.AdviserID = maria.ID
		for r.StartsAt = meetingToday(local); r.StartsAt.Day() == local.Day(); r.StartsAt = r.StartsAt.Add(30 * time.Minute) {
			if b, err = advisory.Book(ctx, tx, r, by); !errors.Is(err, advisory.ErrSlotTaken) {
				return b, err
			}
		}
		return b, err
	}
	for hour := 0; hour < 24*14; hour++ {
		r.StartsAt = time.Date(local.Year(), local.Month(), local.Day()+m.held, 9+hour%7, 0, 0, 0, local.Location()).AddDate(0, 0, hour/7)
		if wd := r.StartsAt.Weekday(); wd == time.Saturday || wd == time.Sunday {
			continue
		}
		if b, err = advisory.Book(ctx, tx, r, by); !errors.Is(err, advisory.ErrSlotTaken) {
			return b, err
		}
	}
	return b, errors.New("no adviser is free")
}

// meetingToday is within the hour, or at ten where that is no time for a meeting.
func meetingToday(now time.Time) time.Time {
	soon := now.Truncate(30 * time.Minute).Add(time.Hour)
	if soon.Hour() < 8 || soon.Hour() > 16 || soon.Day() != now.Day() {
		return time.Date(now.Year(), now.Month(), now.Day(), 10, 0, 0, 0, now.Location())
	}
	return soon
}

// firstAdviser is Maria Ek, whose link the demo prints.
func firstAdviser(ctx context.Context, tx *store.Tx) (advisory.Adviser, error) {
	u, err := user.FindByEmail(ctx, tx, sample.Advisers()[0].Email)
	if err != nil {
		return advisory.Adviser{}, err
	}
	return advisory.AdviserOfUser(ctx, tx, u.ID)
}

// propose answers one who waits with two of Maria's times, on two days.
func propose(ctx context.Context, tx *store.Tx, b advisory.Booking) error {
	maria, err := firstAdviser(ctx, tx)
	if err != nil {
		return err
	}
	free, err := advisory.Slots(ctx, tx, advisory.SlotQuery{AdvisoryProgrammeID: b.AdvisoryProgrammeID, AdviserID: maria.ID, Minutes: b.Minutes, Meeting: b.Meeting})
	if err != nil || len(free) == 0 {
		return errors.Join(err, errors.New("no time to propose"))
	}
	starts := []time.Time{free[0].StartsAt}
	for _, s := range free {
		if len(starts) < 2 && s.StartsAt.Sub(starts[0]) > 24*time.Hour {
			starts = append(starts, s.StartsAt)
		}
	}
	_, err = advisory.Propose(ctx, tx, b.ID, maria.ID, starts, audit.Actor{Kind: "user", ID: maria.UserID})
	return err
}

// calls notes what the helpline was asked on one day.
func (f *filler) calls(ctx context.Context, day int) error {
	return f.db.Write(ctx, func(tx *store.Tx) error {
		for _, c := range advisedCalls {
			if c.day != day {
				continue
			}
			p := f.advice["upphandlingslots"]
			advisers, err := advisory.AdvisersOf(ctx, tx, p.ID)
			if err != nil {
				return err
			}
			call := advisory.Call{
				AdvisoryProgrammeID: p.ID, AdviserID: advisers[-day%len(advisers)].ID, Caller: c.caller, Organisation: c.organisation, About: c.about, Minutes: c.minutes,
				EndedAt: tx.Now.Add(-time.Duration(c.hours) * time.Hour), Language: p.Language,
			}
			if _, err := advisory.LogCall(ctx, tx, call, audit.System); err != nil {
				return err
			}
		}
		return nil
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
// else whoever has the name.
func (f *filler) contactOf(ctx context.Context, tx *store.Tx, companyID, name, language string) (string, error) {
	found, err := store.All(ctx, tx, store.Value[string], `SELECT person_id FROM contact WHERE company_id = ? AND status = 'confirmed' ORDER BY person_id`, companyID)
	if err != nil || len(found) > 0 {
		return append(found, "")[0], err
	}
	first, last, _ := strings.Cut(name, " ")
	owner, err := person.Ensure(ctx, tx, person.Person{Email: "agare." + companyID + "@people.example", FirstName: first, LastName: last, Language: language})
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
