// Package message holds the outbox and the reminder rules: which letter goes to
// whom, when, and why. A message is a row, written in the transaction of the
// change it tells of; package mail finds it later.
package message

import (
	"slices"
	"time"
)

// Letter is the code of a kind of message, as in the rules of registration.
type Letter string

// The letters that are sent today.
const (
	ConfirmAddress   Letter = "E01"  // is this your address?
	Confirmed        Letter = "E02"  // you have a place, with the invitation
	WalkedIn         Letter = "E02b" // you came unregistered, and this is what was noted
	Waitlisted       Letter = "E03"  // your number on the waiting list
	Requested        Letter = "E04"  // the organiser answers within three working days
	Rejected         Letter = "E05"  // and said no
	AlreadyHere      Letter = "E06"  // you signed up again: here is what you have
	Offered          Letter = "E07"  // a place is free: yes or no, and by when
	Declined         Letter = "E08"  // you said no
	Expired          Letter = "E09"  // you did not answer
	Cancelled        Letter = "E10"  // you gave up your place
	LateCancelled    Letter = "E11"  // the same, after the last day
	Transferred      Letter = "E12"  // a colleague has your place
	StayedAway       Letter = "E13"  // we missed you
	EventCancelled   Letter = "E14"
	EventMoved       Letter = "E15" // new time, place or way in
	ThankYou         Letter = "E16" // the day after
	Erasure          Letter = "E17" // what became of asking to have one's data erased
	WeekBefore       Letter = "E18"
	DayBefore        Letter = "E19"
	HourBefore       Letter = "E20"
	Materials        Letter = "E21" // slides, papers, recordings, afterwards
	EventPostponed   Letter = "E22" // no new date yet
	SignIn           Letter = "E23" // the link to one's own page
	Invitation       Letter = "E24" // you are invited: here is your way to sign up
	ConfirmNews      Letter = "E29" // you asked for news: is this your address?
	OwnWords         Letter = "E26" // a reminder in the organiser's own words
	SaidNo           Letter = "E25" // your calendar said no: do you want to give up your place?
	Mailing          Letter = "E27" // an organiser's own words to many who signed up
	News             Letter = "E28" // an organiser's own words to those who asked for news
	Decide           Letter = "O1"  // to the organiser: too few, does it take place?
	GroupSkipped     Letter = "O2"  // to the organiser: a group waits for several places at once
	BookingRequested Letter = "B1"  // we have your request for advice
	BookingWaiting   Letter = "B2"  // nothing suited: you wait for a time
	BookingConfirmed Letter = "B3"  // you have a time, with the invitation
	BookingDeclined  Letter = "B4"  // and no, with the reason
	BookingLapsed    Letter = "B5"  // nobody answered, or the declaration did not come
	BookingMoved     Letter = "B6"  // a new time
	BookingCancelled Letter = "B7"
	BookingLate      Letter = "B8"   // cancelled after the limit
	BookingMissed    Letter = "B9"   // nobody came
	BookingSettled   Letter = "B10"  // minutes used, left, price
	BookingCorrected Letter = "B11"  // the minutes were corrected
	BookingReminder  Letter = "B12"  // one working day before
	MayBook          Letter = "B13"  // someone of your company attended: you can book now
	TimesProposed    Letter = "B14"  // times for one who waits
	AdviserBooked    Letter = "B15"  // to the adviser: a new request, a new meeting, or one that has changed
	AdviserFree      Letter = "B15b" // to the adviser: the meeting, or the request, is off
	AdviserChased    Letter = "B16"  // to the adviser: the time of a meeting is not entered
	HoursAmiss       Letter = "O5"   // to the organiser: the time is still not entered, or an account is above its cap
	Roster           Letter = "O3"   // to the organiser: so many have signed up, here is the list

	AskDeclaration   Letter = "A1" // state aid: what other aid has the company had?
	AidGranted       Letter = "A2" // how much it has been granted
	AidRefused       Letter = "A3" // it is not granted, and why
	RegisterDeadline Letter = "O4" // to the organiser: aid that has to be registered soon
)

// Status is what has become of a message.
type Status string

// The states of a message. Waiting and held ones may still go.
const (
	Waiting   Status = "waiting"
	Sent      Status = "sent"
	Failed    Status = "failed"    // the mail server refused it for good
	Dropped   Status = "dropped"   // it no longer applied
	Uncertain Status = "uncertain" // perhaps sent: the line broke at the last moment
	Held      Status = "held"      // too many to this address, or an organiser must decide
)

// Priorities: what somebody waits for goes before what can wait.
const (
	urgent   = 1 // a link or an offer whose time runs
	change   = 2
	soon     = 3 // a reminder of which little is left, see shortLife
	reminder = 4
	many     = 5 // what an organiser writes to many at once: nobody else's letter waits for it
)

// shortLife is the life of a reminder below which it goes before other reminders:
// who is to be in a meeting within the hour needs the way in, and the thousands
// who are reminded of next week can wait.
const shortLife = 6 * time.Hour

// priorities lists all that a message can have, the most urgent first. Nought is
// that of a kind which this program does not know.
var priorities = []int{0, urgent, change, soon, reminder, many}

// letters says of each letter how urgent it is, and how it stands to the
// calendar of the one who gets it.
var letters = map[Letter]struct {
	priority int
	method   string // REQUEST, CANCEL, or none
}{
	ConfirmAddress:   {urgent, ""},
	Offered:          {urgent, ""},
	SignIn:           {urgent, ""},
	Erasure:          {change, ""},
	Declined:         {change, ""},
	Expired:          {change, ""},
	Requested:        {change, ""},
	Rejected:         {change, ""},
	StayedAway:       {change, ""},
	Invitation:       {change, ""},
	ConfirmNews:      {change, ""},
	SaidNo:           {change, ""},
	Decide:           {change, ""},
	GroupSkipped:     {change, ""},
	Confirmed:        {change, "REQUEST"},
	WalkedIn:         {change, ""},
	Waitlisted:       {change, ""},
	AlreadyHere:      {change, ""},
	Cancelled:        {change, "CANCEL"},
	LateCancelled:    {change, "CANCEL"},
	Transferred:      {change, "CANCEL"},
	EventCancelled:   {change, "CANCEL"},
	EventMoved:       {change, "REQUEST"},
	EventPostponed:   {change, "CANCEL"},
	Materials:        {change, ""},
	BookingRequested: {change, ""},
	BookingWaiting:   {change, ""},
	BookingConfirmed: {change, "REQUEST"},
	BookingDeclined:  {change, ""},
	BookingLapsed:    {change, ""},
	BookingMoved:     {change, "REQUEST"},
	BookingCancelled: {change, "CANCEL"},
	BookingLate:      {change, "CANCEL"},
	BookingMissed:    {change, ""},
	BookingSettled:   {change, ""},
	BookingCorrected: {change, ""},
	BookingReminder:  {reminder, ""},
	MayBook:          {change, ""},
	TimesProposed:    {urgent, ""},
	AdviserBooked:    {change, "REQUEST"},
	AdviserFree:      {change, "CANCEL"},
	AdviserChased:    {change, ""},
	HoursAmiss:       {change, ""},
	ThankYou:         {reminder, ""},
	WeekBefore:       {reminder, ""},
	DayBefore:        {reminder, ""},
	HourBefore:       {reminder, ""},
	OwnWords:         {reminder, ""},
	Roster:           {reminder, ""},
	Mailing:          {many, ""},
	News:             {many, ""},

	AskDeclaration:   {change, ""},
	AidGranted:       {change, ""},
	AidRefused:       {change, ""},
	RegisterDeadline: {change, ""},

	ApplicationReceived:  {change, ""},
	ApplicationNeedsMore: {change, ""},
	ApplicationGranted:   {change, ""},
	ApplicationRejected:  {change, ""},
	ApplicationReminder:  {reminder, ""},
	ApplicationEnded:     {change, ""},
	PayoutAnswered:       {change, ""},
}

// All lists every letter that has texts.
func All() []Letter {
	return []Letter{
		ConfirmAddress, Confirmed, WalkedIn, Waitlisted, Requested, Rejected, AlreadyHere, Offered, Declined, Expired,
		Cancelled, LateCancelled, Transferred, StayedAway, EventCancelled, EventMoved, EventPostponed, Erasure, SignIn, Invitation,
		ThankYou, Materials, WeekBefore, DayBefore, HourBefore,
		ConfirmNews,
		SaidNo,
		OwnWords, Mailing, News,
		Decide, GroupSkipped, Roster,
		MayBook, BookingRequested, BookingWaiting, TimesProposed, BookingConfirmed, BookingDeclined, BookingLapsed, BookingMoved, BookingCancelled,
		BookingLate, BookingMissed, BookingReminder, BookingSettled, BookingCorrected, AdviserBooked, AdviserFree, AdviserChased, HoursAmiss,
		ApplicationReceived, ApplicationNeedsMore, ApplicationGranted, ApplicationRejected, ApplicationReminder, ApplicationEnded, PayoutAnswered,
		AskDeclaration, AidGranted, AidRefused, RegisterDeadline,
	}
}

// Method is the calendar method that the letter carries to somebody who has
// been invited: REQUEST, CANCEL, or none.
func (l Letter) Method() string { return letters[l].method }

// AboutPerson reports whether the letter is about a person, not about a
// registration or an event.
func (l Letter) AboutPerson() bool {
	return l == SignIn || l == Erasure || l == ConfirmNews || l == News
}

// AboutAid reports whether the letter is about a case of state aid.
func (l Letter) AboutAid() bool {
	return l == AskDeclaration || l == AidGranted || l == AidRefused || l == RegisterDeadline
}

// IsReminder reports whether the letter goes at a time, not because somebody
// did something.
func (l Letter) IsReminder() bool { return letters[l].priority == reminder }

func reminders() []Letter {
	return slices.DeleteFunc(All(), func(l Letter) bool { return !l.IsReminder() })
}

// urgency is how urgent the letter is, due and making sense until then.
func (l Letter) urgency(due, notAfter time.Time) int {
	if l.IsReminder() && notAfter.Sub(due) <= shortLife {
		return soon
	}
	return letters[l].priority
}

// Details are what only one letter says.
type Details struct {
	Reason     string `json:"reason,omitempty"`      // an organiser's words, shown as they are
	OldStart   string `json:"old_start,omitempty"`   // RFC 3339, UTC
	OldEnd     string `json:"old_end,omitempty"`     // RFC 3339, UTC
	OldPlace   string `json:"old_place,omitempty"`   // when the place changed
	FromList   bool   `json:"from_list,omitempty"`   // the place came by the waiting list
	OtherName  string `json:"other_name,omitempty"`  // the colleague who has the place now, who signed the person up, or who had it before
	OtherID    string `json:"other_id,omitempty"`    // the colleague's registration, or the person where there is none
	HandedOver bool   `json:"handed_over,omitempty"` // that colleague had the place before
	ByHand     bool   `json:"by_hand,omitempty"`     // an organiser did it
	HadAPlace  bool   `json:"had_a_place,omitempty"`
	NewJoinURL bool   `json:"new_join_url,omitempty"` // only the way in has changed
	AnswerBy   string `json:"answer_by,omitempty"`    // RFC 3339, UTC: of an offer or an address to be proved
	OpenCall   bool   `json:"open_call,omitempty"`    // the first to answer gets the place
	Approved   bool   `json:"approved,omitempty"`     // an organiser granted a request
	Meanwhile  bool   `json:"meanwhile,omitempty"`    // of a place in the room, offered or waited for: the person has one online
	NewMode    string `json:"new_mode,omitempty"`     // room or online, when the person changed it
	Outcome    string `json:"outcome,omitempty"`      // of asking for erasure: all, part, granted, refused

	RuleID   string `json:"rule_id,omitempty"`   // of a reminder: the rule that it follows
	ForStart string `json:"for_start,omitempty"` // of a reminder: RFC 3339, UTC, the start that it was written for
	Reminds  bool   `json:"reminds,omitempty"`   // of an offer: the person has been told of it before
	Rule     *Rule  `json:"-"`                   // of a preview: the rule as it may become

	InvitationID string `json:"invitation_id,omitempty"` // the invitation whose link the letter has

	AdviceID      string `json:"advice_id,omitempty"`      // the programme of advice that can be booked, or whose account is above its cap
	CompanyID     string `json:"company_id,omitempty"`     // for which it can be booked
	AccountID     string `json:"account_id,omitempty"`     // the account above its cap
	Minutes       *int   `json:"minutes,omitempty"`        // of a correction: what was charged before
	Moved         bool   `json:"moved,omitempty"`          // of a letter to an adviser: the meeting was there before
	ApplicationID string `json:"application_id,omitempty"` // the case that the letter is about
	FromState     string `json:"from_state,omitempty"`     // the state that the case was in before
	AskID         string `json:"ask_id,omitempty"`         // what the applicant was asked, or has answered
	About         string `json:"about,omitempty"`          // of a reminder about a case: ask, draft, report; of a payout: its id; of one that waits: times_over
	Next          string `json:"next,omitempty"`           // of a way to one's own page: the page of ours to which it leads on

	SubscriptionID string `json:"subscription_id,omitempty"` // the wish for news that the letter is about
	Test           *Test  `json:"test,omitempty"`            // of a letter that is only looked at
}

// Message is a row of the outbox.
type Message struct {
	ID, UniqueKey    string
	Letter           Letter
	Recipient        string
	Language         string
	ProgrammeID      string
	EventID          string
	RegistrationID   string
	MailingID        string
	BookingID        string
	AdviserID        string // of a letter about a booking to an adviser
	AidCaseID        string
	CalendarMethod   string // of the bytes once prepared
	CalendarSequence *int
	Details          Details
	Status           Status
	Reason           string
	DueAt, NotAfter  time.Time
	Attempts         int
	Unanswered       int       // how often it was handed over, or perhaps was, without an answer
	LeasedUntil      time.Time // zero: nobody has it in hand
	PreparedAt       time.Time // zero: no bytes yet
	Sender           string    // envelope sender
	MIME             []byte
	CreatedAt        time.Time
	DoneAt           time.Time
}

// MayHaveLeft reports whether the message may have arrived already: the line
// broke at the last moment, or the program ended.
func (m Message) MayHaveLeft() bool { return m.Unanswered > 0 }
