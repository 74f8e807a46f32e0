package mail

import (
	"time"

	"stafett/internal/aid"
	"stafett/internal/application"
	"stafett/internal/event"
	"stafett/internal/material"
	"stafett/internal/message"
	"stafett/internal/registration"
)

// A letter can be looked at although nobody is in the state that it tells of. What
// is missing is made up here: of each letter, what must be true for it to go, in
// the situations that change its words most. A letter without an entry cannot be
// looked at, and a test fails.

// situation is one in which a letter goes. The usual one has no name; of the
// others the text is "letters.situation.<name>".
type situation struct {
	name   string
	change func(*standIn)
}

// standIn is somebody who gets a letter that is only looked at.
type standIn struct {
	*facts
	word func(key string) string // a text in the letter's language
}

func usual(changes ...func(*standIn)) situation { return situation{"", all(changes)} }

func when(name string, changes ...func(*standIn)) situation { return situation{name, all(changes)} }

func all(changes []func(*standIn)) func(*standIn) {
	return func(s *standIn) {
		for _, change := range changes {
			change(s)
		}
	}
}

var samples = map[message.Letter][]situation{
	message.ConfirmAddress: {usual(is(registration.PendingEmail), mustAnswer)},
	message.Confirmed: {
		usual(),
		when("from_list", func(s *standIn) { s.Details.FromList = true }),
		when("by_hand", func(s *standIn) { s.Details.ByHand = true }),
		when("approved", func(s *standIn) { s.Details.Approved = true }),
		when("colleague", func(s *standIn) { s.Details.OtherName = s.word("letters.sample.other") }),
	},
	message.WalkedIn:   {usual(is(registration.Attended), over)},
	message.Waitlisted: {usual(is(registration.Waitlisted), number(3)), when("together", is(registration.Waitlisted), number(3), threeTogether)},
	message.Requested:  {usual(is(registration.Requested))},
	message.Rejected:   {usual(is(registration.Rejected), saying("refusal"))},
	message.AlreadyHere: {
		usual(),
		when("waiting", is(registration.Waitlisted), number(3)),
	},
	message.Offered: {
		usual(is(registration.Offered), mustAnswer),
		when("together", is(registration.Offered), mustAnswer, threeTogether),
		when("open_call", is(registration.Waitlisted), func(s *standIn) {
			s.now = s.event.StartsAt.Add(-4 * time.Hour)
			s.Details.OpenCall, s.Details.AnswerBy = true, s.event.StartsAt.Add(-time.Hour).Format(time.RFC3339)
		}),
	},
	message.Declined:  {usual(is(registration.Declined))},
	message.Expired:   {usual(is(registration.Expired))},
	message.Cancelled: {usual(is(registration.Cancelled), wasInvited), when("by_hand", is(registration.Cancelled), wasInvited, byHand), when("waiting", is(registration.Cancelled))},
	message.LateCancelled: {
		usual(is(registration.LateCancelled), wasInvited, func(s *standIn) { s.now = s.event.StartsAt.Add(-24 * time.Hour) }),
		when("by_hand", is(registration.LateCancelled), wasInvited, byHand),
	},
	message.Transferred:    {usual(is(registration.Transferred), wasInvited, func(s *standIn) { s.Details.OtherName = s.word("letters.sample.other") })},
	message.StayedAway:     {usual(is(registration.NoShow), over)},
	message.EventCancelled: {usual(is(registration.EventCancelled), wasInvited, inTheirWords, func(s *standIn) { s.event.Status = event.Cancelled })},
	message.EventMoved: {
		usual(movedFrom, inTheirWords),
		when("place", elsewhere),
		when("way_in", func(s *standIn) { s.Details.NewJoinURL = true; takesPartOnline(s) }),
		when("waiting", is(registration.Waitlisted), number(3), movedFrom, inTheirWords),
	},
	message.EventPostponed: {usual(wasInvited, inTheirWords, noDate), when("waiting", is(registration.Waitlisted), number(3), inTheirWords, noDate)},
	message.ThankYou:       {usual(is(registration.Attended), over)},
	message.Materials:      {usual(is(registration.Attended), over, handsOut), when("stayed_away", is(registration.NoShow), over, handsOut)},
	message.WeekBefore:     {usual(before(7 * 24 * time.Hour))},
	message.DayBefore:      {usual(before(24 * time.Hour))},
	message.HourBefore:     {usual(before(time.Hour), takesPartOnline)},
	message.Invitation:     {usual(invitedOnly)},
	message.Decide:         {usual(toArranger, tooFew)},
	message.GroupSkipped:   {usual(toArranger)},
	message.Roster:         {usual(toArranger, withNumbers)},
	message.OwnWords:       {usual(func(s *standIn) { s.stand() })},
	message.Mailing:        {usual(takesPartOnline)},
	message.News:           {usual(aboutNoEvent, saidYesToday)},
	message.SaidNo:         {usual()},
	message.ApplicationReceived: {
		usual(aCase(application.Submitted)),
		when("answered", aCase(application.Submitted, askedFor, from(application.NeedsInfo))),
		when("report", aCase(application.FinalReport, reported, from(application.Running))),
	},
	message.ApplicationNeedsMore: {usual(aCase(application.NeedsInfo, askedFor))},
	message.ApplicationGranted:   {usual(aCase(application.Granted, decided(application.Granted)))},
	message.ApplicationRejected:  {usual(aCase(application.Rejected, decided(application.Rejected)))},
	message.ApplicationReminder: {
		usual(aCase(application.NeedsInfo, askedFor, remindsOf(application.AboutAnswer))),
		when("draft", aCase(application.Draft, remindsOf(application.AboutDraft))),
		when("report", aCase(application.Running, remindsOf(application.AboutReport))),
	},
	message.ApplicationEnded: {usual(aCase(application.Closed)), when("withdrawn", aCase(application.Withdrawn))},
	message.PayoutAnswered:   {usual(aCase(application.Running, payout("paid"))), when("no_payout", aCase(application.Running, payout("refused")))},
	message.ConfirmNews:      {usual(aboutNoEvent)},
	message.SignIn:           {usual(aboutNoEvent)},

	message.AskDeclaration:   {usual(aboutNoEvent, ofAid)},
	message.AidGranted:       {usual(aboutNoEvent, ofAid), when("fewer", aboutNoEvent, ofAid, fewerHours)},
	message.AidRefused:       {usual(aboutNoEvent, ofAid, noAid)},
	message.RegisterDeadline: {usual(aboutNoEvent, ofAid)},

	message.Erasure: {
		usual(aboutNoEvent, became("all")),
		when("part", aboutNoEvent, became("part"), func(s *standIn) { s.Details.AnswerBy = s.now.AddDate(0, 1, 0).Format(time.RFC3339) }),
		when("granted", aboutNoEvent, became("granted")),
		when("refused", aboutNoEvent, became("refused"), saying("kept")),
	},
}

func is(status registration.Status) func(*standIn) {
	return func(s *standIn) { s.registration.Status = status }
}

func number(n int) func(*standIn) { return func(s *standIn) { s.position = n } }

func threeTogether(s *standIn) { s.together = 3 }

// mustAnswer gives a day, or less when the event is near.
func mustAnswer(s *standIn) {
	by := s.now.Add(24 * time.Hour)
	if latest := s.event.StartsAt.Add(-time.Hour); latest.Before(by) {
		by = latest
	}
	s.Details.AnswerBy = by.Format(time.RFC3339)
}

func wasInvited(s *standIn) { s.invited, s.Details.HadAPlace = 0, true }

func byHand(s *standIn) {
	s.Details.ByHand, s.Details.Reason = true, s.word("letters.sample.refusal")
}

// inTheirWords lets the organiser say why something has changed, saying something
// else.
func inTheirWords(s *standIn) { s.Details.Reason = s.word("letters.sample.words") }

func saying(what string) func(*standIn) {
	return func(s *standIn) { s.Details.Reason = s.word("letters.sample." + what) }
}

func over(s *standIn) { s.now = s.event.EndsAt.Add(24 * time.Hour) }

func before(d time.Duration) func(*standIn) {
	return func(s *standIn) { s.now = s.event.StartsAt.Add(-d) }
}

// handsOut makes something up where the event has nothing yet.
func handsOut(s *standIn) {
	if len(s.materials) > 0 {
		return
	}
	s.materials = []material.Material{
		{Title: s.word("letters.sample.slides"), URL: "https://files.example/slides.pdf"},
		{Title: s.event.Title, URL: "https://film.example/recording", Recording: true, Captions: true},
	}
}

func noDate(s *standIn) { s.event.Status = event.Postponed }

func movedFrom(s *standIn) {
	s.Details.OldStart = s.event.StartsAt.AddDate(0, 0, -7).Format(time.RFC3339)
	s.Details.OldEnd = s.event.EndsAt.AddDate(0, 0, -7).Format(time.RFC3339)
}

func elsewhere(s *standIn) {
	if s.event.HasMode(event.Room) {
		s.registration.Mode, s.Details.OldPlace = event.Room, s.word("letters.sample.venue")
	}
}

// takesPartOnline lets somebody take part online where that is possible.
func takesPartOnline(s *standIn) {
	if s.event.HasMode(event.Online) {
		s.registration.Mode = event.Online
	}
}

func invitedOnly(s *standIn) {
	s.registration.FirstName, s.registration.LastName = "", ""
	s.invite = registration.Invitation{ID: "preview", EventID: s.event.ID, Code: "PREVIEW", Email: s.Recipient}
	if !s.now.Before(s.event.ClosesAt) {
		s.now = s.event.ClosesAt.AddDate(0, 0, -7)
	}
}

func toArranger(s *standIn) { s.registration = registration.Registration{} }

func tooFew(s *standIn) {
	if s.event.MinParticipants == nil {
		s.event.MinParticipants = new(5)
	}
	s.withPlace = max(0, *s.event.MinParticipants-2)
}

// withNumbers makes some up where no real event has any.
func withNumbers(s *standIn) {
	if s.Details.Test.EventID == "" {
		s.withPlace, s.counts = 12, registration.Counts{registration.Waitlisted: 3}
	}
}

func aboutNoEvent(s *standIn) { s.event = event.Event{} }

// ofAid makes up five hours of advice, granted today.
func ofAid(s *standIn) {
	market, price, rate := int64(110_000), int64(20_000), int64(1_120_000)
	s.aid = aidFacts{
		Case:      aid.Case{ID: "preview", ProgrammeID: s.programme.ID, State: s.programme.Country, Status: aid.Asked, Minutes: 300, MarketMinor: market, PriceMinor: price, Currency: s.programme.Currency()},
		recipient: aid.Recipient{CompanyID: "preview", Name: s.word("letters.sample.company")}, name: s.word("letters.sample.advice"), register: true, left: 10,
	}
	today := s.now.In(s.aid.Zone())
	minor := s.aid.PlannedMinor()
	s.aid.cents = aid.EuroCents(minor, rate)
	s.aid.due = aid.Deadline(s.aid.State, today)
	s.aid.award = aid.Award{ID: "preview", On: today, Minutes: 300, AidMinor: minor, Currency: s.aid.Currency, Cents: s.aid.cents, Number: s.word("letters.sample.decision"),
		Rate: aid.Rate{Value: rate, On: today, Source: "InforEuro"}}
	s.aid.sum = aid.Sum{Since: aid.Since(today), Until: today, Own: s.aid.cents}
}

func noAid(s *standIn) { s.aid.refusal = s.word("letters.sample.no_aid") }

func fewerHours(s *standIn) {
	a := &s.aid.award
	a.Minutes, a.AidMinor = 120, aid.Amount(120, s.aid.HourMinor())
	a.Cents = aid.EuroCents(a.AidMinor, a.Rate.Value)
}

func saidYesToday(s *standIn) { s.subscription.ConfirmedAt = s.now }

func became(outcome string) func(*standIn) {
	return func(s *standIn) { s.Details.Outcome = outcome }
}
