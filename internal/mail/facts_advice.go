package mail

import (
	"context"
	"errors"
	"strings"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// advice is what is true now of the booking that a letter tells of, or of what can
// be booked.
type advice struct {
	programme advisory.Programme
	booking   advisory.Booking // none: the letter is about hours, not about a meeting
	adviser   advisory.Adviser // none: there is nobody yet
	account   advisory.Account
	company   company.Company // none: a person without one, or a project
	who       person.Person   // whoever booked
	times     []advisory.Proposal
	may       bool // of a letter that says so: they may book now
}

// aboutAdvice reports whether the letter is about a booking, or about hours that
// can be booked.
func (f facts) aboutAdvice() bool {
	return f.BookingID != "" || f.Letter == message.MayBook || f.Letter == message.HoursAmiss
}

// readAdvice reads what a letter about advice tells.
func (f *facts) readAdvice(ctx context.Context, tx *store.Tx) (err error) {
	a := &advice{}
	f.advising = a
	of := f.Details.AdviceID
	if f.BookingID != "" {
		if a.booking, err = advisory.BookingByID(ctx, tx, f.BookingID); err != nil {
			return gone(err)
		}
		of = a.booking.AdvisoryProgrammeID
		if err := f.readBooking(ctx, tx); err != nil {
			return err
		}
	}
	if a.programme, err = advisory.ProgrammeByID(ctx, tx, of); err != nil {
		return gone(err)
	}
	if f.programme, err = programme.Find(ctx, tx, a.programme.ProgrammeID); err != nil {
		return gone(err)
	}
	if err := f.readHours(ctx, tx); err != nil {
		return err
	}
	f.address()
	return f.readLogo(ctx, tx)
}

// readBooking reads the people of a meeting.
func (f *facts) readBooking(ctx context.Context, tx *store.Tx) (err error) {
	a, b := f.advising, f.advising.booking
	adviserID := b.AdviserID
	if f.AdviserID != "" { // who may have been replaced since
		adviserID = f.AdviserID
	}
	if adviserID != "" {
		if a.adviser, err = advisory.AdviserByID(ctx, tx, adviserID); err != nil {
			return gone(err)
		}
	}
	if b.PersonID != "" {
		if a.who, err = person.Find(ctx, tx, b.PersonID); err != nil && !errors.Is(err, problem.ErrMissing) {
			return err
		}
	}
	if a.times, err = advisory.OpenProposals(ctx, tx, b.ID); err != nil {
		return err
	}
	f.invited, err = message.Invited(ctx, tx, f.Thread())
	return err
}

// readHours reads whose hours they are and how many are left.
func (f *facts) readHours(ctx context.Context, tx *store.Tx) (err error) {
	a := f.advising
	companyID := f.Details.CompanyID
	switch {
	case a.booking.AccountID != "":
		a.account, err = advisory.AccountByID(ctx, tx, a.booking.AccountID)
		companyID = a.booking.CompanyID
	case f.Details.AccountID != "":
		a.account, err = advisory.AccountByID(ctx, tx, f.Details.AccountID)
		companyID = a.account.CompanyID
	case f.Letter == message.MayBook:
		if a.who, err = person.FindByEmail(ctx, tx, f.Recipient); err != nil {
			return gone(err)
		}
		holder := advisory.Holder{CompanyID: companyID}
		if companyID == "" {
			holder.PersonID = a.who.ID
		}
		if a.may, err = advisory.MayBookNow(ctx, tx, a.programme, holder, a.who.ID); err != nil {
			return err
		}
		a.account, err = advisory.AccountOf(ctx, tx, a.programme, holder, tx.Now.In(f.location()).Year())
	}
	if err != nil {
		return gone(err)
	}
	if companyID != "" {
		a.company, err = company.Find(ctx, tx, companyID)
	}
	return gone(err)
}

// address says whom the letter greets.
func (f *facts) address() {
	r := registration.Registration{Email: f.Recipient}
	switch a := f.advising; {
	case f.AdviserID != "":
		r.FirstName, r.LastName, _ = strings.Cut(a.adviser.Name, " ")
	case f.Letter != message.HoursAmiss:
		r.FirstName, r.LastName = a.who.FirstName, a.who.LastName
	}
	f.registration = r
}

// zone is the clock that a letter about advice goes by.
func (a advice) zone() *time.Location {
	zone := a.booking.TimeZone
	if zone == "" && a.programme.Currency == "NOK" {
		zone = "Europe/Oslo"
	} else if zone == "" {
		zone = "Europe/Stockholm"
	}
	loc, err := time.LoadLocation(zone)
	if err != nil { // the zones are embedded and the column is checked
		return time.UTC
	}
	return loc
}

// pointlessAdvice tells the reason why a letter about advice no longer applies;
// empty when it does.
func (f facts) pointlessAdvice() string {
	a, b := f.advising, f.advising.booking
	status := func(reason string, want ...advisory.Status) string {
		for _, s := range want {
			if b.Status == s {
				return ""
			}
		}
		return reason
	}
	switch f.Letter {
	case message.BookingRequested:
		return status(message.ReasonTold, advisory.Requested)
	case message.BookingWaiting:
		return status(message.ReasonNoLongerWaiting, advisory.Waiting)
	case message.TimesProposed:
		return unless(b.Status == advisory.Waiting && len(a.times) > 0, message.ReasonNoLongerWaiting)
	case message.BookingConfirmed:
		return status(message.ReasonGivenUp, advisory.Confirmed)
	case message.BookingMoved:
		return status(message.ReasonGivenUp, advisory.Confirmed, advisory.Requested)
	case message.BookingDeclined:
		return status(message.ReasonTold, advisory.Declined)
	case message.BookingLapsed:
		return status(message.ReasonTold, advisory.Lapsed)
	case message.BookingCancelled:
		return status(message.ReasonTold, advisory.Cancelled)
	case message.BookingLate:
		return status(message.ReasonTold, advisory.LateCancelled)
	case message.BookingMissed:
		return status(message.ReasonTold, advisory.Missed)
	case message.BookingSettled, message.BookingCorrected:
		return status(message.ReasonTold, advisory.Settled)
	case message.BookingReminder, message.SaidNo:
		if b.Status != advisory.Confirmed {
			return message.ReasonGivenUp
		}
		return unless(f.Details.ForStart == b.StartsAt.UTC().Format(time.RFC3339), message.ReasonOffDate)
	case message.AdviserBooked:
		return unless(b.AdviserID == f.AdviserID && (b.Status == advisory.Requested || b.Status == advisory.Confirmed), message.ReasonGivenUp)
	case message.AdviserFree:
		return unless(b.AdviserID != f.AdviserID || !b.Status.HoldsHours(), message.ReasonTold)
	case message.AdviserChased:
		return unless(b.NotEntered(f.now), message.ReasonTold)
	case message.HoursAmiss:
		if f.BookingID != "" {
			return unless(b.NotEntered(f.now), message.ReasonTold)
		}
		return unless(a.account.Exceeded(), message.ReasonTold)
	case message.MayBook:
		return unless(a.may, message.ReasonGone)
	}
	return message.ReasonNoText
}

// toldAdvice tells the reason why a change of a meeting need not be told: a letter
// that has left, or is about to, says the same.
func (f facts) toldAdvice(ctx context.Context, tx *store.Tx) (string, error) {
	if f.Letter != message.BookingMoved && f.Letter != message.AdviserBooked {
		return "", nil
	}
	if f.CalendarSequence != nil && f.invited >= *f.CalendarSequence {
		return message.ReasonTold, nil
	}
	if f.Letter == message.AdviserBooked {
		return "", nil
	}
	waits, err := message.LetterWaits(ctx, tx, f.Thread(), message.BookingRequested, message.BookingConfirmed)
	if err != nil || !waits {
		return "", err
	}
	return message.ReasonWillTell, nil
}
