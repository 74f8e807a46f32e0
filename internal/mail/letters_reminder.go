package mail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// errRuleGone says that an organiser removed the rule, and with it the words.
var errRuleGone = fmt.Errorf("%w: the rule", errGone)

// readRule reads the rule of a reminder, as it is now. One that is gone is as one
// that is switched off.
func (f *facts) readRule(ctx context.Context, tx *store.Tx) (err error) {
	switch {
	case f.Details.Rule != nil:
		f.rule = *f.Details.Rule
		return nil
	case f.Letter != message.OwnWords && f.Details.RuleID == "": // no reminder
		return nil
	}
	f.rule, err = message.FindRule(ctx, tx, f.Details.RuleID)
	if !errors.Is(err, problem.ErrMissing) {
		return err
	}
	f.rule.Off = true
	if f.Letter == message.OwnWords {
		return errRuleGone
	}
	return nil
}

// sameStart reports whether a reminder was written for the start that the event
// has now; an event that has moved gets reminders of its own. Those of older
// releases are known by the end of their life.
func (f facts) sameStart() bool {
	if f.Details.ForStart == "" {
		return f.NotAfter.Equal(f.event.StartsAt)
	}
	return parseTime(f.Details.ForStart).Equal(f.event.StartsAt)
}

// remindsOfOffer reports whether the letter is an own text to somebody with an
// open offer.
func (f facts) remindsOfOffer() bool {
	return f.Letter == message.OwnWords && f.rule.Audience == message.WithOffer
}

// pointlessOwnWords asks whether the person is still one of those for whom the
// words were written.
func (f facts) pointlessOwnWords() string {
	switch f.rule.Audience {
	case message.WithPlace:
		return f.pointlessReminder()
	case message.WhoAttended:
		return f.pointlessThanks()
	case message.WhoWasAbsent:
		return unless(f.registration.Status == registration.NoShow, message.ReasonHereAgain)
	case message.WithOffer:
		return unless(f.registration.Status == registration.Offered || f.registration.RoomOffered(), message.ReasonNoLongerWaiting)
	case message.OnList:
		if f.event.Status != event.Published || !f.sameStart() {
			return message.ReasonOffDate
		}
		return unless(f.registration.Status == registration.Waitlisted, message.ReasonNoLongerWaiting)
	}
	return message.ReasonNoText
}

// stand puts the invented person of a preview into the state of which the reminder
// speaks.
func (f *facts) stand() {
	to := f.rule.Audience
	if f.Letter == message.Offered && f.Details.Reminds {
		to = message.WithOffer
	}
	switch to {
	case message.OnList:
		f.registration.Status = registration.Waitlisted
	case message.WithOffer:
		f.registration.Status, f.registration.HoldUntil = registration.Offered, f.now.Add(24*time.Hour)
	case message.WhoAttended:
		f.registration.Status = registration.Attended
	case message.WhoWasAbsent:
		f.registration.Status = registration.NoShow
	}
	if m := event.Mode(f.rule.Mode); m != "" && f.event.HasMode(m) {
		f.registration.Mode = m
	}
}

// ownWords is a reminder that an organiser wrote. What everybody needs to know
// stands below the words as in other letters.
func (w *writer) ownWords(c *Content) {
	text, _ := w.rule.Text(string(w.language), w.programme.Language)
	w.inOwnWords(c, text.Subject, text.Body, text.Language)
	switch w.rule.Audience {
	case message.WithPlace:
		c.Facts = w.access(w.whenAndWhere(former{}))
		w.wayIn(c)
		c.Next = []string{w.cannotCome()}
		c.Actions = append(c.Actions, w.action("cancel", w.manage+cancelPart), w.action("event", w.page))
	case message.OnList:
		c.Facts = w.whenAndWhere(former{})
		c.Next = []string{w.t("mail.e26.waiting", "n", w.position), w.t("mail.e03.leave")}
		c.Actions = []Action{w.action("manage_waiting", w.manage), w.action("event", w.page)}
	case message.WithOffer:
		c.Facts = append(w.whenAndWhere(former{}), Fact{Label: w.t("mail.e26.answer_by"), Value: w.answerBy()})
		c.Actions = []Action{w.mainAction("accept", w.offer), w.action("decline", w.offer+"?answer=no"), w.action("event", w.page)}
	default:
		c.Facts = w.whenAndWhere(former{})
		c.Actions = []Action{w.action("event", w.page), w.action("events", w.events)}
	}
}

// remindOfOffer makes the letter with an offer one to somebody who has had it.
func (w *writer) remindOfOffer(c *Content) {
	c.Subject = w.t("mail.e07.reminds.subject", "what", w.what())
	c.Heading = w.t("mail.e07.reminds.heading")
	c.Lead = []string{w.t("mail.e07.reminds.text", "deadline", w.answerBy())}
}

// roster tells those who arrange the event how many are coming. Who they are, and
// what they need, stands in the list, behind the sign-in.
func (w *writer) roster(c *Content) {
	c.Subject = w.t("mail.o3.subject", "n", w.withPlace, "what", w.what())
	c.Heading = w.t("mail.o3.heading", "n", w.withPlace)
	c.Lead = []string{w.t("mail.o3.text")}
	w.toOrganiser(c, "mail.o3.next")
	count := func(key string, n int) {
		if n > 0 {
			c.Facts = append(c.Facts, Fact{Label: w.t(key), Value: locale.Number(w.language, int64(n))})
		}
	}
	if w.event.Mode == event.Hybrid {
		for _, m := range w.event.Modes() {
			capacity := w.event.Capacity(m)
			count("mail.o3."+string(m), capacity.Taken+capacity.Extra)
		}
	}
	count("mail.o3.waiting", w.counts[registration.Waitlisted])
	count("mail.o3.offered", w.counts[registration.Offered])
	count("mail.o3.requested", w.counts[registration.Requested])
	c.Actions = []Action{w.mainAction("roster", w.admin+"/roster"), w.action("admin", w.admin), w.action("event", w.page)}
}
