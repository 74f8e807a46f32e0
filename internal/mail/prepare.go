package mail

import (
	"context"
	"errors"
	"fmt"

	"stafett/internal/mail/letter"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/store"
)

// state is what came of preparing.
type state int

const (
	nothing state = iota // nothing is due
	settled              // a message was, and has been dealt with
	ready                // a message is, and its bytes are there
)

// letterFault is an error of one letter, not of the database: the others are to
// go on.
type letterFault struct{ error }

// Unwrap gives the cause.
func (f letterFault) Unwrap() error { return f.error }

// prepare claims the most urgent message, looks whether it still applies, and
// writes it, unless its bytes are there from an earlier attempt. One that cannot
// be written is set aside, and nothing else of what was done for it remains.
func (m *Mailer) prepare(ctx context.Context, tx *store.Tx) (c message.Message, s state, err error) {
	err = store.Each(ctx, tx, []string{"letter"}, func(string) (err error) {
		c, s, err = m.prepareIn(ctx, tx)
		return err
	})
	if fault := (letterFault{}); errors.As(err, &fault) {
		return c, settled, m.putOff(ctx, tx, c, fault)
	}
	return c, s, err
}

func (m *Mailer) prepareIn(ctx context.Context, tx *store.Tx) (message.Message, state, error) {
	c, found, err := message.Claim(ctx, tx, m.settings.Lease, m.pace.room(m.db.Now()))
	if err != nil || !found {
		return c, nothing, err
	}
	f, err := m.factsOf(ctx, tx, c)
	if errors.Is(err, errRuleGone) && c.MayHaveLeft() {
		return c, settled, m.drop(ctx, tx, c, message.Uncertain, message.ReasonRuleGone)
	}
	if errors.Is(err, errRuleGone) {
		return c, settled, m.drop(ctx, tx, c, message.Dropped, message.ReasonRuleGone)
	}
	if errors.Is(err, errGone) {
		return c, settled, m.drop(ctx, tx, c, message.Dropped, message.ReasonGone)
	}
	if err != nil {
		return c, nothing, err
	}
	status, reason, err := f.obstacle(ctx, tx, c)
	if err != nil {
		return c, nothing, err
	}
	if reason != "" {
		return c, settled, m.drop(ctx, tx, c, status, reason)
	}
	if !c.PreparedAt.IsZero() {
		return c, ready, nil
	}
	if err := m.settleOlder(ctx, tx, &f); err != nil {
		return c, nothing, err
	}
	if err := m.write(ctx, tx, &c, f); err != nil {
		return c, nothing, err
	}
	return c, ready, message.Prepare(ctx, tx, c)
}

// obstacle tells why a message is not to be sent, and what becomes of it; an
// empty reason means that it goes. What may have left already cannot be
// dropped: later letters must reckon with it.
func (f facts) obstacle(ctx context.Context, tx *store.Tx, c message.Message) (message.Status, string, error) {
	reason := f.pointless()
	if reason == "" && c.PreparedAt.IsZero() {
		var err error
		if reason, err = f.told(ctx, tx); err != nil {
			return "", "", err
		}
	}
	late := reason == message.ReasonLate
	if late {
		reason = message.LateAfter(c.Reason)
	}
	switch {
	case reason != "" && c.MayHaveLeft():
		return message.Uncertain, reason, nil
	case late && !c.Letter.IsReminder() && c.Letter != message.SignIn: // somebody was owed it: an organiser must see that it never went
		return message.Failed, reason, nil
	case reason != "":
		return message.Dropped, reason, nil
	}
	failed, err := person.EmailFailed(ctx, tx, c.Recipient)
	if err != nil || !failed {
		return "", "", err
	}
	return message.Failed, message.ReasonBadAddress, nil
}

func (m *Mailer) drop(ctx context.Context, tx *store.Tx, c message.Message, status message.Status, reason string) error {
	m.log.Info("letter not sent", "message", c.ID, "kind", c.Letter, "outcome", status, "reason", reason)
	return message.Finish(ctx, tx, c.ID, status, reason)
}

// settleOlder ends letters that have been tried and that this one makes
// pointless, so that it need not wait for them. Whether one of them may have
// left decides what this letter does to the calendar. An invitation that still
// makes sense is written anew after this letter: the stored one would put back
// what this letter takes out of the calendar.
func (m *Mailer) settleOlder(ctx context.Context, tx *store.Tx, f *facts) error {
	switch {
	case f.isTest():
		return nil
	case !f.Letter.TakesBack():
		return f.MakeWay(ctx, tx) // one may have been in hand when this one was asked for
	}
	older, err := message.Begun(ctx, tx, f.Thread(), f.ID)
	if err != nil {
		return err
	}
	for _, o := range older {
		then := *f
		then.Message = o
		status, reason, err := then.obstacle(ctx, tx, o)
		if err != nil {
			return err
		}
		if reason == "" && o.CalendarMethod == "REQUEST" && o.MayHaveLeft() {
			status, reason = message.Uncertain, message.ReasonTold
		}
		if reason == "" && o.CalendarMethod == "REQUEST" { // surely has not left, and its time is no longer true
			if err := message.Unwrite(ctx, tx, o.ID); err != nil {
				return err
			}
		}
		if reason == "" {
			continue
		}
		if err := m.drop(ctx, tx, o, status, reason); err != nil {
			return err
		}
	}
	f.invited, err = message.Invited(ctx, tx, f.Thread())
	return err
}

// write makes the bytes that every attempt will send.
func (m *Mailer) write(ctx context.Context, tx *store.Tx, c *message.Message, f facts) error {
	secrets := realTokens(ctx, tx, f)
	if f.isTest() {
		secrets = sampleTokens
	}
	l, err := makeLinks(f, m.settings.BaseURL, secrets)
	if err != nil {
		return err
	}
	first, found, err := message.FirstInvite(ctx, tx, c.Thread())
	if err != nil {
		return err
	}
	inReplyTo := ""
	if found {
		inReplyTo = m.messageID(first)
	}
	if err := m.compose(c, f, l, inReplyTo); err != nil {
		return letterFault{err}
	}
	return nil
}

func (m *Mailer) messageID(msg message.Message) string {
	return letter.Letter{ID: msg.ID, Kind: string(msg.Letter), FromEmail: m.settings.FromEmail}.MessageID()
}

// compose needs no database. A panic in it is an error like any other: it must
// not stop the letters behind this one.
func (m *Mailer) compose(c *message.Message, f facts, l links, inReplyTo string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	d, err := m.draft(f, l)
	if err != nil {
		return err
	}
	c.MIME, err = letter.Letter{
		ID: c.ID, Kind: string(c.Letter), Language: c.Language, Date: f.written().In(f.location()),
		FromName: f.programme.Name, FromEmail: m.settings.FromEmail, ReplyToEmail: d.replyTo,
		ToName: f.toName(), ToEmail: c.Recipient, InReplyTo: inReplyTo,
		Subject: d.Subject, Text: d.Text, HTML: d.HTML, CalendarMethod: d.Method, Calendar: d.calendar, TicketPDF: d.ticket, NoticePDF: d.notice, Logo: f.logoImage(),
		UnsubscribeURL: d.oneClick,
	}.Bytes()
	if err == nil && m.settings.Sign != nil {
		c.MIME, err = m.settings.Sign(c.MIME)
	}
	c.Sender, c.CalendarMethod = letter.EnvelopeFrom(c.ID, m.settings.FromEmail), d.Method
	if d.Method != "" {
		sequence := f.sequence()
		c.CalendarSequence = &sequence
	}
	return err
}

// putOff sets a message aside whose letter cannot be written, until somebody has
// mended the fault.
func (m *Mailer) putOff(ctx context.Context, tx *store.Tx, c message.Message, fault error) error {
	m.log.Error("letter cannot be written", "message", c.ID, "kind", c.Letter, "err", fault)
	return m.again(ctx, tx, c, message.ReasonNotWritten)
}
