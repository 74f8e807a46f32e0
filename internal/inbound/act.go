package inbound

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/mail/letter"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// ErrNotYet says that what a message is about is in hand at this moment: it is to
// come again in a minute.
var ErrNotYet = errors.New("inbound: the letter that came back is still being handed over")

// Act does what a message asks for and notes it, in the same transaction. The
// same message again does nothing, and is answered with what was noted.
func Act(ctx context.Context, tx *store.Tx, m Mail, way Way, fromEmail string) (Noted, error) {
	n, err := find(ctx, tx, m.key)
	if !errors.Is(err, store.ErrNoRow) {
		return n, err
	}
	n, err = Noted{Kind: m.Kind, Outcome: Dropped, Way: way, ReceivedAt: tx.Now}, nil
	switch m.Kind {
	case Reply:
		err = m.answered(ctx, tx, &n)
	case Bounce:
		err = m.cameBack(ctx, tx, &n, fromEmail)
	}
	if err != nil {
		return n, fmt.Errorf("act on a %s: %w", m.Kind, err)
	}
	return n, add(ctx, tx, m.key, n)
}

// answered acts on what a calendar said. Whose answer it is, its attendee says,
// and only of an invitation that went to that address; the sender of the message
// proves nothing, and Outlook leaves the organiser out.
func (m Mail) answered(ctx context.Context, tx *store.Tx, n *Noted) error {
	n.Outcome = Unknown
	uid := m.reply.UID
	if i := strings.LastIndexByte(uid, '@'); i > 0 { // the domain of the day on which it was sent
		uid = uid[:i]
	}
	for _, a := range m.reply.Attendees {
		email, err := person.Address(a.Email)
		if err != nil {
			continue
		}
		r, err := registration.Invitee(ctx, tx, uid, email)
		if errors.Is(err, registration.ErrNotInvited) {
			b, err := advisory.Invitee(ctx, tx, uid, email)
			if errors.Is(err, advisory.ErrNotInvited) {
				continue
			}
			if err == nil {
				n.Outcome, err = m.answer(a.Answer, func() error { return advisory.CalendarSaidNo(ctx, tx, b.ID, m.reply.Sequence) })
			}
			return err
		}
		if err != nil {
			return err
		}
		n.RegistrationID = r.ID
		n.Outcome, err = m.answer(a.Answer, func() error { return registration.CalendarSaidNo(ctx, tx, r.ID, m.reply.Sequence) })
		return err
	}
	return nil
}

// answer says what is done about an answer; a no is asked about.
func (m Mail) answer(said string, ask func() error) (Outcome, error) {
	switch {
	case m.reply.Method == "COUNTER":
		return Proposal, nil
	case said == "ACCEPTED":
		return Accepted, nil
	case said == "TENTATIVE":
		return Tentative, nil
	case said != "DECLINED":
		return Dropped, nil
	}
	err := ask()
	switch {
	case errors.Is(err, registration.ErrNotNow), errors.Is(err, advisory.ErrNotNow):
		return NoPlace, nil
	case errors.Is(err, registration.ErrOutdated), errors.Is(err, advisory.ErrOutdated):
		return Outdated, nil
	}
	return Asked, err
}

// cameBack acts on a report about a letter of ours. It is believed when it came
// to the address that only the letter's receiver and the mail systems on the way
// know, is about that receiver, and, where it tells, holds that letter.
func (m Mail) cameBack(ctx context.Context, tx *store.Tx, n *Noted, fromEmail string) error {
	n.Outcome = Unknown
	for _, address := range m.recipients {
		id := letter.BouncedID(address, fromEmail)
		if id == "" {
			continue
		}
		msg, err := message.Find(ctx, tx, id)
		if errors.Is(err, store.ErrNoRow) {
			continue
		}
		if err != nil {
			return err
		}
		return m.fate(ctx, tx, n, msg, fromEmail)
	}
	return nil
}

// fate ends the message as the reports tell.
func (m Mail) fate(ctx context.Context, tx *store.Tx, n *Noted, msg message.Message, fromEmail string) error {
	ours := letter.Letter{ID: msg.ID, Kind: string(msg.Letter), FromEmail: fromEmail}.MessageID()
	if m.returned != "" && m.returned != ours {
		return nil
	}
	if msg.InHand(tx) {
		return ErrNotYet
	}
	if !msg.HasLeft() && !msg.CameBack() || msg.Recipient == "" { // it never left, or its receiver has been erased
		return nil
	}
	about := aboutOnly(m.reports, msg.Recipient)
	if len(about) == 0 { // whoever wrote it does not know to whom the letter went
		return nil
	}
	n.MessageID, n.RegistrationID = msg.ID, msg.RegistrationID
	r, found := worst(about)
	if !found {
		n.Outcome = StillTrying
		return nil
	}
	// Who has mail sent on to an address that is gone has not lost their own.
	gone := message.NoSuchAddress(r.status) && r.addresses[0] == msg.Recipient
	news, err := message.Bounced(ctx, tx, msg.ID, gone, r.numbers())
	if err != nil {
		return err
	}
	n.Outcome = NotedBefore
	if news {
		n.Outcome = CameBack
	}
	if !gone {
		return nil
	}
	return m.mark(ctx, tx, n, msg)
}

// mark notes that there is no such address, as when a mail server says so at
// once.
func (m Mail) mark(ctx context.Context, tx *store.Tx, n *Noted, msg message.Message) error {
	failed, err := person.EmailFailed(ctx, tx, msg.Recipient)
	if err != nil || failed {
		return err
	}
	p, err := person.FindByEmail(ctx, tx, msg.Recipient)
	if errors.Is(err, problem.ErrMissing) { // an organiser, or somebody invited
		return nil
	}
	if err != nil {
		return err
	}
	n.Outcome = NoSuchAddress
	if err := person.MarkEmailFailed(ctx, tx, msg.Recipient); err != nil {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{
		Actor: audit.System, ProgrammeID: msg.ProgrammeID, Action: "person.address_failed", ObjectKind: "person", ObjectID: p.ID, Reason: msg.ID,
	})
}

// worst is the report of a final failure. Without numbers it is one that says no
// more than that.
func worst(all []report) (report, bool) {
	for _, r := range all {
		if r.action != "failed" {
			continue
		}
		if r.status == "" {
			r.status, r.code = "5.0.0", ""
		}
		if r.status[0] == '5' {
			return r, true
		}
	}
	return report{}, false
}

// aboutOnly keeps the reports that name the address, as the one that failed or as
// the one to which the letter was first sent.
func aboutOnly(all []report, email string) (about []report) {
	for _, r := range all {
		if slices.Contains(r.addresses, email) {
			about = append(about, r)
		}
	}
	return about
}
