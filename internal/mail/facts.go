package mail

import (
	"cmp"
	"context"
	"errors"
	"time"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/mailing"
	"stafett/internal/material"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// facts are a message and what is true of its registration and event now.
type facts struct {
	message.Message
	now          time.Time
	language     locale.Language // the recipient's
	registration registration.Registration
	person       person.Person // of a letter about a person; nobody otherwise
	event        event.Event
	programme    programme.Programme
	logo         *programme.Logo         // nil: the programme has none
	position     int                     // on the waiting list; 0 when not on it
	together     int                     // of how many who come only together the person is one; 0: alone
	invite       registration.Invitation // of a letter to somebody who is invited
	subscription news.Subscription       // of a letter about news
	withPlace    int                     // people at the event, in a letter to those who arrange it
	counts       registration.Counts     // of everybody who signed up, in such a letter
	rule         message.Rule            // of a reminder in the organiser's own words
	mailing      mailing.Mailing         // of an organiser's own words
	chosen       bool                    // the mailing is still for this person
	materials    []material.Material     // in the letter that brings them
	invited      int                     // SEQUENCE of the newest invitation that left; -1: none
	advising     *advice                 // of a letter about a booking, or about hours; nil otherwise
	application  caseFacts               // of a letter about an application
	aid          aidFacts                // of a letter about state aid
	lookedAt     time.Time               // when a letter that is only looked at was written; zero: it is a real one
}

// errGone says that what a message is about is not in the database.
var errGone = errors.New("what the message is about is gone")

func readFacts(ctx context.Context, tx *store.Tx, m message.Message) (facts, error) {
	f := facts{Message: m, now: tx.Now, language: locale.Language(m.Language), invited: -1}
	if m.Letter == message.Mailing || m.Letter == message.News {
		return f, f.readMailing(ctx, tx)
	}
	if m.Letter.AboutApplication() {
		return f, f.readApplication(ctx, tx)
	}
	if m.Letter.AboutAid() {
		return f, f.readAid(ctx, tx)
	}
	if m.Letter.AboutPerson() {
		return f, f.readPerson(ctx, tx)
	}
	if m.Letter == message.Invitation {
		return f, f.readInvitation(ctx, tx)
	}
	if f.aboutAdvice() {
		return f, f.readAdvice(ctx, tx)
	}
	if m.RegistrationID == "" && m.EventID != "" {
		return f, f.readOrganisers(ctx, tx)
	}
	if m.RegistrationID == "" {
		return f, errGone
	}
	var err error
	if f.registration, err = registration.Find(ctx, tx, m.RegistrationID); err != nil {
		return f, gone(err)
	}
	if err := f.readEvent(ctx, tx, f.registration.EventID); err != nil {
		return f, err
	}
	if f.position, err = registration.Position(ctx, tx, f.registration); err != nil {
		return f, err
	}
	if f.together, err = registration.Together(ctx, tx, f.registration); err != nil {
		return f, err
	}
	if f.invited, err = message.Invited(ctx, tx, m.Thread()); err != nil {
		return f, err
	}
	if err := f.readMaterials(ctx, tx); err != nil {
		return f, err
	}
	return f, f.readRule(ctx, tx)
}

// readOrganisers reads what a letter to those who arrange the event tells.
func (f *facts) readOrganisers(ctx context.Context, tx *store.Tx) error {
	if err := f.readEvent(ctx, tx, f.EventID); err != nil {
		return err
	}
	var err error
	f.counts, err = registration.CountsOf(ctx, tx, f.EventID)
	if err != nil {
		return err
	}
	f.withPlace, _ = registration.TooFew(f.event, f.counts)
	return f.readRule(ctx, tx)
}

func (f *facts) readEvent(ctx context.Context, tx *store.Tx, id string) (err error) {
	if f.event, err = event.Find(ctx, tx, id); err != nil {
		return gone(err)
	}
	if f.programme, err = programme.Find(ctx, tx, f.event.ProgrammeID); err != nil {
		return gone(err)
	}
	return f.readLogo(ctx, tx)
}

func gone(err error) error {
	if errors.Is(err, problem.ErrMissing) {
		return errGone
	}
	return err
}

// pointless tells the reason why the letter no longer applies; empty when it
// does.
func (f facts) pointless() string {
	if !f.written().Before(f.NotAfter) {
		return message.ReasonLate
	}
	if f.isTest() {
		return ""
	}
	if f.advising != nil {
		return f.pointlessAdvice()
	}
	if f.rule.Off {
		return message.ReasonRuleGone
	}
	if f.Letter.AboutApplication() {
		return f.pointlessApplication()
	}
	switch f.Letter {
	case message.Confirmed:
		return f.pointlessPlace()
	case message.EventMoved:
		if f.toWaiting() {
			return cmp.Or(f.pointlessWaiting(), unless(f.event.Status == event.Published, message.ReasonOffDate))
		}
		return f.pointlessPlace()
	case message.WeekBefore, message.DayBefore, message.HourBefore:
		return f.pointlessReminder()
	case message.OwnWords:
		return f.pointlessOwnWords()
	case message.Roster:
		return unless(f.event.Status == event.Published && f.now.Before(f.event.StartsAt) && f.sameStart(), message.ReasonOffDate)
	case message.ThankYou:
		return f.pointlessThanks()
	case message.Materials:
		return f.pointlessMaterials()
	case message.Waitlisted:
		if r := f.registration; f.Details.Meanwhile {
			return unless(r.WaitsForRoom() && !r.RoomOffered(), message.ReasonNoLongerWaiting)
		}
		return unless(f.registration.Status == registration.Waitlisted, message.ReasonNoLongerWaiting)
	case message.Offered:
		return f.pointlessOffer()
	case message.Decide, message.GroupSkipped:
		return unless(f.event.Status == event.Published && f.now.Before(f.event.StartsAt), message.ReasonOffDate)
	case message.Invitation:
		return f.pointlessInvitation()
	case message.SaidNo:
		return f.pointlessQuestion()
	case message.Mailing, message.News:
		return f.pointlessMailing()
	case message.WalkedIn:
		return unless(f.registration.Status == registration.Attended, message.ReasonGivenUp)
	case message.Declined, message.Expired:
		if f.Details.Meanwhile {
			return unless(f.registration.Status == registration.Confirmed && f.registration.Mode == event.Online && !f.registration.WaitsForRoom(), message.ReasonHereAgain)
		}
		return unless(f.registration.Status == told[f.Letter], message.ReasonHereAgain)
	case message.ConfirmAddress, message.Requested, message.Rejected, message.StayedAway:
		return unless(f.registration.Status == told[f.Letter], message.ReasonHereAgain)
	case message.AlreadyHere:
		return unless(f.registration.Status.Active(), message.ReasonNotRegistered)
	case message.Cancelled:
		return unless(f.registration.Status == registration.Cancelled, message.ReasonHereAgain)
	case message.LateCancelled:
		return unless(f.registration.Status == registration.LateCancelled, message.ReasonHereAgain)
	case message.Transferred:
		return unless(f.registration.Status == registration.Transferred, message.ReasonHereAgain)
	case message.EventCancelled:
		return unless(f.registration.Status == registration.EventCancelled, message.ReasonGone)
	case message.AskDeclaration, message.AidGranted, message.AidRefused, message.RegisterDeadline:
		return f.pointlessAid()
	case message.SignIn, message.Erasure:
		return ""
	case message.ConfirmNews:
		return unless(f.subscription.Status == news.Asked, message.ReasonTold)
	case message.EventPostponed:
		if f.toWaiting() {
			return cmp.Or(f.pointlessWaiting(), unless(f.event.Status == event.Postponed, message.ReasonNewDate))
		}
		return cmp.Or(unless(f.registration.Status == registration.Confirmed, message.ReasonGivenUp), unless(f.event.Status == event.Postponed, message.ReasonNewDate))
	}
	return message.ReasonNoText
}

// told is the state of which a letter tells; once it is another, the letter is
// pointless.
var told = map[message.Letter]registration.Status{
	message.ConfirmAddress: registration.PendingEmail, message.Requested: registration.Requested, message.Rejected: registration.Rejected,
	message.Declined: registration.Declined, message.Expired: registration.Expired, message.StayedAway: registration.NoShow,
}

// pointlessOffer also ends the call to everybody who waits when the place has
// been given meanwhile.
func (f facts) pointlessOffer() string {
	if f.Details.OpenCall {
		free, unlimited := f.event.Capacity(f.registration.QueueMode()).Free()
		return unless(f.registration.InQueue() && (free > 0 || unlimited), message.ReasonNoLongerWaiting)
	}
	if f.Details.Meanwhile {
		return unless(f.registration.RoomOffered(), message.ReasonNoLongerWaiting)
	}
	return unless(f.registration.Status == registration.Offered, message.ReasonNoLongerWaiting)
}

func unless(applies bool, reason string) string {
	if applies {
		return ""
	}
	return reason
}

// hasPlace also counts those who have been marked present already.
func (f facts) hasPlace() bool {
	return f.registration.Status == registration.Confirmed || f.registration.Status == registration.Attended
}

// pointlessPlace lets a confirmation through while the event has no date: who is
// added then has heard of nothing else. An invitation that is let go again may
// have a life beyond the event.
func (f facts) pointlessPlace() string {
	switch {
	case !f.hasPlace():
		return message.ReasonGivenUp
	case f.event.Status == event.Postponed && f.Letter == message.Confirmed:
		return ""
	case f.event.Status == event.Published && !f.now.Before(f.event.EndsAt):
		return message.ReasonLate
	}
	return unless(f.event.Status == event.Published, message.ReasonOffDate)
}

// pointlessReminder leaves it to the reminders of its own to speak of a new start.
func (f facts) pointlessReminder() string {
	switch {
	case !f.hasPlace():
		return message.ReasonGivenUp
	case f.event.Status != event.Published || !f.sameStart():
		return message.ReasonOffDate
	}
	return ""
}

func (f facts) pointlessThanks() string {
	switch {
	case !f.hasPlace():
		return message.ReasonGivenUp
	case f.event.Status == event.Cancelled || f.event.Status == event.Postponed || f.now.Before(f.event.EndsAt):
		return message.ReasonNotOver
	}
	return ""
}

// toWaiting reports whether the letter tells somebody of a change who had no place
// then: it has no number of an invitation.
func (f facts) toWaiting() bool {
	return (f.Letter == message.EventMoved || f.Letter == message.EventPostponed) && f.CalendarSequence == nil
}

// pointlessWaiting leaves it to the confirmation to tell whoever got a place
// meanwhile.
func (f facts) pointlessWaiting() string {
	if f.hasPlace() {
		return message.ReasonTold
	}
	return unless(f.registration.Status.Waits(), message.ReasonNoLongerWaiting)
}

// toldWaiting is told of those who wait: a letter that has yet to go, or was
// written since, tells them where they stand, and when.
func (f facts) toldWaiting(ctx context.Context, tx *store.Tx) (string, error) {
	same := []message.Letter{message.ConfirmAddress, message.Waitlisted, message.Requested, message.Offered}
	if f.Letter == message.EventPostponed {
		same = nil // they do not say that there is no date
	}
	again, err := message.WrittenSince(ctx, tx, f.Message, append(same, f.Letter)...)
	if err != nil || again {
		return map[bool]string{true: message.ReasonTold}[again], err
	}
	waits, err := message.LetterWaits(ctx, tx, f.Thread(), same...)
	if err != nil || !waits {
		return "", err
	}
	return message.ReasonWillTell, nil
}

// told tells the reason why a change need not be told any more: a letter that has
// left, or is about to, says the same. It is asked before the letter is written,
// for afterwards the letter itself would seem to be the one that told.
func (f facts) told(ctx context.Context, tx *store.Tx) (string, error) {
	if f.isTest() {
		return "", nil
	}
	if f.advising != nil {
		return f.toldAdvice(ctx, tx)
	}
	if f.toWaiting() {
		return f.toldWaiting(ctx, tx)
	}
	if f.Letter != message.EventMoved {
		return "", nil
	}
	if f.CalendarSequence != nil && f.invited >= *f.CalendarSequence {
		return message.ReasonTold, nil
	}
	waits, err := message.LetterWaits(ctx, tx, f.Thread(), message.Confirmed)
	if err != nil || !waits {
		return "", err
	}
	return message.ReasonWillTell, nil
}
