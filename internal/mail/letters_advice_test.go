package mail

import (
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/calendar/calendartest"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/municipality"
	"stafett/internal/person"
	"stafett/internal/registration"
)

// meets makes the letter one about a meeting of a company with an adviser, on a
// Monday three weeks ahead.
func meets(changes ...func(*facts)) func(*facts) {
	return func(f *facts) {
		who := f.registration
		hours := 300
		a := &advice{
			programme: advisory.Programme{
				ID: "ap1", ProgrammeID: "p1", Slug: "anbud-radgivning", Status: advisory.Open, Language: "sv", PriceMinor: 200_00, Currency: "SEK", VATPercent: 25,
				CapMinutes: &hours, FreeCancelMinutes: 24 * 60, LateChargeMinutes: 30, Meetings: advisory.Meetings(),
				Texts: map[string]advisory.Text{
					"sv": {Name: "Rådgivning om anbud", Summary: "Egna timmar med en rådgivare.", Preparation: "Förfrågningsunderlaget\nEra frågor"},
					"nb": {Name: "Rådgivning om anbud", Summary: "Egne timer med en rådgiver.", Preparation: "Konkurransegrunnlaget\nSpørsmålene deres"},
					"nn": {Name: "Rådgjeving om anbod", Summary: "Eigne timar med ein rådgjevar.", Preparation: "Konkurransegrunnlaget\nSpørsmåla dykkar"},
				},
			},
			adviser: advisory.Adviser{ID: "a1", Name: "Eva Ek", Email: "eva.ek@radgivare.example", Phone: "023-11 22 33"},
			company: company.Company{ID: "c1", Country: "SE", Number: "5566778899", Name: "Snickarna i Älvdalen AB"},
			who:     person.Person{ID: "pe1", FirstName: who.FirstName, LastName: who.LastName, Email: who.Email},
			account: advisory.Account{ID: "h1", CapMinutes: &hours, Balance: advisory.Balance{Reserved: 60, Used: 90}},
			may:     true,
		}
		start := time.Date(2027, 3, 8, 12, 0, 0, 0, time.UTC)
		a.booking = advisory.Booking{
			ID: "b1", AdvisoryProgrammeID: "ap1", AccountID: "h1", AdviserID: "a1", CompanyID: "c1", PersonID: "pe1", Status: advisory.Confirmed, Meeting: advisory.Online,
			CreatedAt: f.now, StartsAt: start, EndsAt: start.Add(time.Hour), Minutes: 60, TimeZone: "Europe/Stockholm", PriceMinor: 200_00, VATPercent: 25, JoinURL: "https://video.example/eva", Phone: "070-123 45 67",
			CalendarUID: "b1", CalendarSequence: 0, AdviserSequence: 0,
		}
		if f.programme.Country == "NO" {
			a.programme.Currency, a.programme.Language, a.booking.TimeZone = "NOK", "nb", "Europe/Oslo"
			a.company = company.Company{ID: "c1", Country: "NO", Number: "923609016", Name: "Båtbyggjarane på Sunnmøre og i Romsdalen Samarbeidande Verksemder SA"}
			a.adviser.Name, a.adviser.Phone = "Eva Moen", "22 11 22 33"
		}
		f.BookingID, f.event, f.advising = "b1", event.Event{}, a
		f.address()
		for _, change := range changes {
			change(f)
		}
	}
}

func booked(s advisory.Status) func(*facts) {
	return func(f *facts) { f.advising.booking.Status = s }
}

func by(m advisory.Meeting) func(*facts) {
	return func(f *facts) {
		b := &f.advising.booking
		if b.Meeting = m; m == advisory.OnSite {
			b.Place, b.Municipality = "Verkstadsvägen 3", municipality.Code{Country: "SE", Number: "2039"}
			if f.programme.Country == "NO" {
				b.Place, b.Municipality = "Verkstadvegen 3", municipality.Code{Country: "NO", Number: "1577"}
			}
		}
	}
}

func waitsForTime(f *facts) {
	b := &f.advising.booking
	b.Status, b.StartsAt, b.EndsAt, b.AdviserID, f.advising.adviser = advisory.Waiting, time.Time{}, time.Time{}, "", advisory.Adviser{}
	f.advising.account.Reserved = 0
}

func wasOn(days int) func(*facts) {
	return func(f *facts) {
		b := f.advising.booking
		f.Details.OldStart, f.Details.OldEnd = b.StartsAt.AddDate(0, 0, days).Format(time.RFC3339), b.EndsAt.AddDate(0, 0, days).Format(time.RFC3339)
	}
}

func byThem(f *facts) { f.Details.ByHand = true }

func costs(n int) func(*facts) {
	return func(f *facts) {
		f.advising.booking.ChargedMinutes = &n
		f.advising.account.Balance = advisory.Balance{Used: 90 + n}
	}
}

func meetingLasted(n, had int) func(*facts) {
	return func(f *facts) {
		b, over := &f.advising.booking, n-had
		b.Status, b.ActualMinutes, b.ChargedMinutes, b.OverMinutes = advisory.Settled, &n, &had, &over
		b.SharedNote = "Läs kraven på referenser först.\nFråga om du är osäker."
		f.advising.account.Balance = advisory.Balance{Used: 90 + had}
		f.now = b.EndsAt.Add(time.Hour)
	}
}

func heldTimes(n int) func(*facts) {
	return func(f *facts) {
		for i := range n {
			start := time.Date(2027, 2, 22+i, 9, 0, 0, 0, time.UTC)
			f.advising.times = append(f.advising.times, advisory.Proposal{StartsAt: start, EndsAt: start.Add(time.Hour), ExpiresAt: f.now.Add(24 * time.Hour), Name: "Eva Ek"})
		}
	}
}

func forAdviser(f *facts) {
	f.AdviserID = "a1"
	f.address()
}

func forOrganisers(f *facts) {
	f.registration = registration.Registration{Email: f.Recipient}
	f.now = f.advising.booking.EndsAt.AddDate(0, 0, 15)
}

func without(vat int, price int64) func(*facts) {
	return func(f *facts) {
		f.advising.booking.VATPercent, f.advising.programme.VATPercent, f.advising.programme.PriceMinor, f.advising.booking.PriceMinor = vat, vat, price, price
	}
}

// adviceVariants is every letter about advice in every situation that changes its
// words.
func adviceVariants() []variant {
	return []variant{
		{"B1", of(message.BookingRequested, meets(booked(advisory.Requested)))},
		{"B1-aid", of(message.BookingRequested, meets(booked(advisory.Requested), without(0, 0), func(f *facts) { f.advising.programme.AidRegime = "de_minimis" }))},
		{"B2", of(message.BookingWaiting, meets(waitsForTime))},
		{"B2-over", of(message.BookingWaiting, meets(waitsForTime, func(f *facts) { f.Details.About = advisory.TimesOver }))},
		{"B3", of(message.BookingConfirmed, meets())},
		{"B3-phone", of(message.BookingConfirmed, meets(by(advisory.Phone), without(0, 200_00)))},
		{"B3-visit", of(message.BookingConfirmed, meets(by(advisory.OnSite), without(0, 0)))},
		{"B3-office", of(message.BookingConfirmed, meets(by(advisory.OnSite), func(f *facts) { f.advising.adviser.Office = "Verkstadsvägen 3" }))},
		{"B3-soon", of(message.BookingConfirmed, meets(func(f *facts) {
			f.now, f.advising.booking.JoinURL = f.advising.booking.StartsAt.Add(-12*time.Hour), ""
			f.advising.programme.CapMinutes, f.advising.account.CapMinutes = nil, nil
		}))},
		{"B4", of(message.BookingDeclined, meets(booked(advisory.Declined), reason))},
		{"B5", of(message.BookingLapsed, meets(booked(advisory.Lapsed)))},
		{"B5-no_declaration", of(message.BookingLapsed, meets(booked(advisory.Lapsed), func(f *facts) { f.Details.Reason = advisory.LapsedUndeclared }))},
		{"B5-no_time", of(message.BookingLapsed, meets(waitsForTime, booked(advisory.Lapsed), func(f *facts) { f.Details.Reason = advisory.LapsedNoTime }))},
		{"B5-no_reply", of(message.BookingLapsed, meets(waitsForTime, booked(advisory.Lapsed), func(f *facts) { f.Details.Reason = advisory.LapsedNoReply }))},
		{"B6", of(message.BookingMoved, meets(wasOn(-3), func(f *facts) { f.advising.booking.CalendarSequence = 1 }))},
		{"B6-by_hand", of(message.BookingMoved, meets(wasOn(-3), byThem, reason))},
		{"B6-other", of(message.BookingMoved, meets(wasOn(0), byThem, by(advisory.Phone)))},
		{"B6-requested", of(message.BookingMoved, meets(wasOn(-3), booked(advisory.Requested)))},
		{"B7", of(message.BookingCancelled, meets(booked(advisory.Cancelled), invited))},
		{"B7-by_hand", of(message.BookingCancelled, meets(booked(advisory.Cancelled), invited, byThem, reason))},
		{"B7-waiting", of(message.BookingCancelled, meets(waitsForTime, booked(advisory.Cancelled)))},
		{"B8", of(message.BookingLate, meets(booked(advisory.LateCancelled), invited, costs(0)))},
		{"B8-charged", of(message.BookingLate, meets(booked(advisory.LateCancelled), invited, costs(30)))},
		{"B9", of(message.BookingMissed, meets(booked(advisory.Missed), costs(60)))},
		{"B9-free", of(message.BookingMissed, meets(booked(advisory.Missed), costs(0)))},
		{"B10", of(message.BookingSettled, meets(meetingLasted(75, 75)))},
		{"B10-over", of(message.BookingSettled, meets(meetingLasted(75, 50), without(0, 200_00)))},
		{"B11", of(message.BookingCorrected, meets(meetingLasted(75, 75), func(f *facts) {
			f.Details.Reason, f.Details.Minutes = "Tio minuter var en paus.", new(85)
		}))},
		{"B12", of(message.BookingReminder, meets(func(f *facts) { f.now = f.advising.booking.StartsAt.Add(-76 * time.Hour) }))},
		{"B12-phone", of(message.BookingReminder, meets(by(advisory.Phone), func(f *facts) { f.now = f.advising.booking.StartsAt.Add(-20 * time.Hour) }))},
		{"B13", of(message.MayBook, meets(mayNow))},
		{"B13-person", of(message.MayBook, meets(mayNow, func(f *facts) { f.advising.company = company.Company{} }))},
		{"B14", of(message.TimesProposed, meets(waitsForTime, heldTimes(2)))},
		{"B14-each", of(message.TimesProposed, meets(waitsForTime, heldTimes(2), func(f *facts) { f.advising.times[1].ExpiresAt = f.now.Add(72 * time.Hour) }))},
		{"B14-one", of(message.TimesProposed, meets(waitsForTime, heldTimes(1), by(advisory.Phone)))},
		{"B15", of(message.AdviserBooked, meets(forAdviser))},
		{"B15-phone", of(message.AdviserBooked, meets(forAdviser, by(advisory.Phone)))},
		{"B15-requested", of(message.AdviserBooked, meets(forAdviser, booked(advisory.Requested)))},
		{"B15-moved", of(message.AdviserBooked, meets(forAdviser, wasOn(-3), func(f *facts) { f.Details.Moved = true }))},
		{"B15-changed", of(message.AdviserBooked, meets(forAdviser, wasOn(0), func(f *facts) { f.Details.Moved = true }))},
		{"B15b", of(message.AdviserFree, meets(forAdviser, booked(advisory.Cancelled), invited, hadAPlace))},
		{"B15b-request", of(message.AdviserFree, meets(forAdviser, booked(advisory.Declined)))},
		{"B15b-handed_over", of(message.AdviserFree, meets(forAdviser, invited, hadAPlace, wasOn(-3), func(f *facts) { f.advising.booking.AdviserID = "a2" }))},
		{"B16", of(message.AdviserChased, meets(forAdviser, func(f *facts) { f.now = f.advising.booking.EndsAt.AddDate(0, 0, 7) }))},
		{"E25-advice", of(message.SaidNo, meets())},
		{"O5", of(message.HoursAmiss, meets(forOrganisers))},
		{"O5-cap", of(message.HoursAmiss, meets(forOrganisers, func(f *facts) {
			f.BookingID, f.advising.booking, f.advising.who = "", advisory.Booking{}, person.Person{}
			f.advising.account.Balance = advisory.Balance{Used: 420, Reserved: 60}
		}))},
	}
}

func mayNow(f *facts) {
	f.BookingID, f.advising.booking, f.advising.adviser = "", advisory.Booking{}, advisory.Adviser{}
	f.advising.account.Balance = advisory.Balance{}
}

// titleOf is what the letter is about, of whatever kind.
func titleOf(f facts) string {
	if f.advising == nil {
		return f.event.Title
	}
	w := &writer{facts: f}
	if f.AdviserID != "" || f.Letter == message.HoursAmiss {
		return w.holder()
	}
	text, _ := f.advising.programme.Text(string(locale.Language(f.Language)))
	return text.Name
}

// checkMeeting compares what independent readers found in the calendar of a letter
// about advice with what the letter is about: whoever booked and the adviser have
// an entry each, which names the other side and nothing else of it.
func checkMeeting(t *testing.T, name string, got calendartest.File, l writtenLetter) {
	t.Helper()
	f := l.facts
	b, text := f.advising.booking, titleOf(f)
	want := calendarFacts{
		method: l.draft.Method, uid: "b1@stafett.example", zone: b.TimeZone, sequence: f.sequence(), start: b.StartsAt, end: b.EndsAt,
		from: "program@stafett.example", fromName: f.programme.Name, to: f.Recipient, toName: typedName(f.registration.Name()),
	}
	want.title = text + map[locale.Language]string{locale.EN: " with "}[f.language] + f.advising.adviser.Name
	if f.language != locale.EN {
		want.title = text + " med " + f.advising.adviser.Name
	}
	if f.AdviserID != "" {
		of, _ := f.advising.programme.Text(f.Language)
		want.uid, want.title = "b1-a1@stafett.example", of.Name+": "+text
	}
	if old := parseTime(f.Details.OldStart); want.method == "CANCEL" && !old.IsZero() {
		want.start, want.end = old, parseTime(f.Details.OldEnd)
	}
	checkCalendar(t, name, got, want)
	joins := want.method == "REQUEST" && b.Meeting == advisory.Online
	for _, ev := range got.Events {
		if (ev.Conference != "") != (joins && b.JoinURL != "") {
			t.Errorf("%s: the way in is %q", name, ev.Conference)
		}
	}
}
