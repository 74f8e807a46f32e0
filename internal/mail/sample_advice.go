package mail

import (
	"context"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/store"
)

// adviceSamples are the situations of letters about advice.
var adviceSamples = map[message.Letter][]situation{
	message.MayBook:          {usual(), when("person", func(s *standIn) { s.advising.company = company.Company{} })},
	message.BookingRequested: {usual(meetingIs(advisory.Requested)), when("aid", meetingIs(advisory.Requested), isAid)},
	message.BookingWaiting:   {usual(meetingIs(advisory.Waiting), withoutTime), when("times_over", meetingIs(advisory.Waiting), withoutTime, func(s *standIn) { s.Details.About = advisory.TimesOver })},
	message.TimesProposed: {
		usual(meetingIs(advisory.Waiting), withoutTime, twoTimes),
		when("each", meetingIs(advisory.Waiting), withoutTime, twoTimes, func(s *standIn) { s.advising.times[1].ExpiresAt = s.now.Add(72 * time.Hour) }),
	},
	message.BookingConfirmed: {usual(), when("phone", meetingBy(advisory.Phone)), when("visit", meetingBy(advisory.OnSite))},
	message.BookingDeclined:  {usual(meetingIs(advisory.Declined), saying("declined"))},
	message.BookingLapsed: {
		usual(meetingIs(advisory.Lapsed)),
		when("no_declaration", meetingIs(advisory.Lapsed), func(s *standIn) { s.Details.Reason = advisory.LapsedUndeclared }),
		when("no_time", meetingIs(advisory.Lapsed), withoutTime, func(s *standIn) { s.Details.Reason = advisory.LapsedNoTime }),
		when("no_reply", meetingIs(advisory.Lapsed), withoutTime, func(s *standIn) { s.Details.Reason = advisory.LapsedNoReply }),
	},
	message.BookingMoved:     {usual(meetingMoved), when("by_hand", meetingMoved, func(s *standIn) { s.Details.ByHand = true })},
	message.BookingCancelled: {usual(meetingIs(advisory.Cancelled), wasInvited), when("by_hand", meetingIs(advisory.Cancelled), wasInvited, inTheirWords, func(s *standIn) { s.Details.ByHand = true })},
	message.BookingLate:      {usual(meetingIs(advisory.LateCancelled), wasInvited, charged(0)), when("charged", meetingIs(advisory.LateCancelled), wasInvited, charged(30))},
	message.BookingMissed:    {usual(meetingIs(advisory.Missed), meetingOver, charged(60))},
	message.BookingReminder:  {usual(meetingTomorrow), when("phone", meetingTomorrow, meetingBy(advisory.Phone)), when("visit", meetingTomorrow, meetingBy(advisory.OnSite))},
	message.BookingSettled:   {usual(meetingIs(advisory.Settled), meetingOver, took(75, 75)), when("over", meetingIs(advisory.Settled), meetingOver, took(75, 60))},
	message.BookingCorrected: {usual(meetingIs(advisory.Settled), meetingOver, took(75, 75), saying("correction"), func(s *standIn) { s.Details.Minutes = new(90) })},
	message.AdviserBooked: {
		usual(toAdviser),
		when("requested", toAdviser, meetingIs(advisory.Requested)),
		when("moved", toAdviser, meetingMoved, func(s *standIn) { s.Details.Moved = true }),
	},
	message.AdviserFree: {
		usual(toAdviser, meetingIs(advisory.Cancelled), wasInvited),
		when("handed_over", toAdviser, wasInvited, func(s *standIn) { s.advising.booking.AdviserID = "another" }),
	},
	message.AdviserChased: {usual(toAdviser, meetingOver)},
	message.HoursAmiss: {
		usual(meetingOver),
		when("cap", func(s *standIn) { s.advising.booking, s.advising.account.Used = advisory.Booking{}, 420 }),
	},
}

// situationsOf are those in which a letter can be looked at.
func situationsOf(l message.Letter) []situation {
	if found, ok := samples[l]; ok {
		return found
	}
	return adviceSamples[l]
}

// advise invents a meeting in ten days' time, in a real programme of advice where
// the programme has one.
func (s *standIn) advise(ctx context.Context, tx *store.Tx) error {
	if _, ok := adviceSamples[s.Letter]; !ok {
		return nil
	}
	five := 300
	p := advisory.Programme{
		ID: "preview", ProgrammeID: s.programme.ID, Slug: "preview", Status: advisory.Open, Language: s.Language, PriceMinor: 200_00, Currency: "SEK", VATPercent: 25,
		CapMinutes: &five, FreeCancelMinutes: 24 * 60, LateChargeMinutes: 30, Meetings: advisory.Meetings(),
		Texts: map[string]advisory.Text{s.Language: {Name: s.word("letters.sample.advice"), Summary: s.word("letters.sample.advice_summary"), Preparation: s.word("letters.sample.prepare")}},
	}
	if s.programme.Country == "NO" {
		p.Currency = "NOK"
	}
	real, err := advisory.ProgrammesOf(ctx, tx, s.programme.ID)
	if err != nil {
		return err
	}
	for _, r := range real {
		if p.ID == "preview" || p.Status != advisory.Open && r.Status == advisory.Open {
			p = r
		}
	}
	a := &advice{
		programme: p, may: true,
		adviser: advisory.Adviser{ID: "preview", Name: s.word("letters.sample.adviser"), Email: "eva@example.org", Phone: "070-000 00 00"},
		company: company.Company{ID: "preview", Country: s.programme.Country, Name: s.word("letters.sample.company")},
		who:     person.Person{ID: "preview", FirstName: s.registration.FirstName, LastName: s.registration.LastName, Email: s.Recipient},
		account: advisory.Account{ID: "preview", CapMinutes: p.CapMinutes, Balance: advisory.Balance{Reserved: 60}},
	}
	day := s.now.In(a.zone()).AddDate(0, 0, 10)
	start := time.Date(day.Year(), day.Month(), day.Day(), 10, 0, 0, 0, a.zone()).UTC()
	a.booking = advisory.Booking{
		ID: "preview", AdvisoryProgrammeID: p.ID, AccountID: "preview", AdviserID: "preview", Status: advisory.Confirmed, Meeting: advisory.Online,
		CreatedAt: s.now, StartsAt: start, EndsAt: start.Add(time.Hour), Minutes: 60, TimeZone: a.zone().String(), PriceMinor: p.PriceMinor, VATPercent: p.VATPercent,
		Place: s.word("letters.sample.address"), JoinURL: "https://meet.example/eva", Phone: "070-000 00 00", SharedNote: s.word("letters.sample.note"),
		CalendarUID: testUID(s.Recipient, p.ID),
	}
	s.event, s.advising = event.Event{}, a
	s.address()
	return nil
}

func meetingIs(status advisory.Status) func(*standIn) {
	return func(s *standIn) { s.advising.booking.Status = status }
}

func meetingBy(m advisory.Meeting) func(*standIn) {
	return func(s *standIn) { s.advising.booking.Meeting = m }
}

func isAid(s *standIn) { s.advising.programme.AidRegime = "de_minimis" }

func withoutTime(s *standIn) {
	b := &s.advising.booking
	b.StartsAt, b.EndsAt, b.AdviserID, s.advising.adviser = time.Time{}, time.Time{}, "", advisory.Adviser{}
	s.advising.account.Reserved = 0
}

// twoTimes holds two times for somebody who waits, until tomorrow.
func twoTimes(s *standIn) {
	for i := range 2 {
		start := s.now.AddDate(0, 0, 7+i).Truncate(time.Hour)
		s.advising.times = append(s.advising.times, advisory.Proposal{StartsAt: start, EndsAt: start.Add(time.Hour), ExpiresAt: s.now.Add(24 * time.Hour), Name: s.word("letters.sample.adviser")})
	}
}

func meetingMoved(s *standIn) {
	b := s.advising.booking
	s.Details.OldStart, s.Details.OldEnd = b.StartsAt.AddDate(0, 0, -2).Format(time.RFC3339), b.EndsAt.AddDate(0, 0, -2).Format(time.RFC3339)
}

func meetingOver(s *standIn) { s.now = s.advising.booking.EndsAt.Add(2 * time.Hour) }

func meetingTomorrow(s *standIn) { s.now = s.advising.booking.StartsAt.Add(-25 * time.Hour) }

func charged(n int) func(*standIn) {
	return func(s *standIn) {
		s.advising.booking.ChargedMinutes = &n
		s.advising.account.Balance = advisory.Balance{Used: n}
	}
}

// took enters how long a meeting was, and how much of it the company had.
func took(n, had int) func(*standIn) {
	return func(s *standIn) {
		b, over := &s.advising.booking, n-had
		b.ActualMinutes, b.ChargedMinutes, b.OverMinutes = &n, &had, &over
		s.advising.account.Balance = advisory.Balance{Used: had}
	}
}

func toAdviser(s *standIn) {
	s.AdviserID = "preview"
	s.address()
}
