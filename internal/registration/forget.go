package registration

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// Bound is why the data of a registration are not erased as soon as the person
// asks: somebody has to decide.
type Bound string

// The reasons.
const (
	Unbound      Bound = ""
	PublicRecord Bound = "public_record" // of a Swedish authority that has not decided what it may erase
	Eligibility  Bound = "eligibility"   // attendance is what a company's right to advice is counted from
	NotSettled   Bound = "not_settled"   // it has not been written down yet who was there
)

// EligibilityMonths is for how long after an event attendance counts.
const EligibilityMonths = 24

// Binds tells why the data of a registration are kept although the person has
// asked to have them erased, and until when; the zero time means until somebody
// decides.
func Binds(r Registration, ev event.Event, p programme.Programme, now time.Time) (b Bound, until time.Time) {
	if p.Authority && p.Country == "SE" && p.ErasureDecision == "" {
		return PublicRecord, time.Time{}
	}
	switch r.Status {
	case Attended, NoShow:
		if until := ev.LocalEnd().AddDate(0, EligibilityMonths, 0); now.Before(until) {
			return Eligibility, until
		}
	case Confirmed:
		if begun(ev, now) && ev.Status == event.Published && ev.AttendanceClosedAt.IsZero() {
			return NotSettled, time.Time{}
		}
	}
	return Unbound, time.Time{}
}

// Forgettable reports whether the registration has come to an end, so that its
// data can be erased without taking a place from somebody.
func Forgettable(r Registration, ev event.Event, now time.Time) bool {
	switch {
	case r.Status == Erased:
		return false
	case !r.Status.Active():
		return true
	case r.Status == Confirmed || r.Status == Attended || r.Status == NoShow:
		return ev.Status != event.Postponed && !now.Before(ev.EndsAt)
	}
	if ev.Status == event.Cancelled || ev.Status == event.Archived {
		return true
	}
	// Who still waits, or asks, when it begins gets no place any more.
	return (r.Status == Waitlisted || r.Status == Requested) && begun(ev, now)
}

// Forget erases what a registration says of a person and what was written about
// it, in any state of the end. What it was, when and where stays, without the
// person: event, kind of organisation, municipality, and the state it was in. A
// place that waits, or lies ahead, is given up first, by Withdraw, and what is
// still to be sent about it must have gone: ErrNotNow else.
func Forget(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil || r.Status == Erased {
		return err
	}
	waits, err := message.Waits(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	if waits || !Forgettable(r, ev, tx.Now) {
		return ErrNotNow
	}
	if err := r.leaveRoom(ctx, tx, OfferWithdrawn); err != nil {
		return err
	}
	if r.Status.HoldsPlace() {
		if err := r.givePlaceBack(ctx, tx); err != nil {
			return err
		}
	}
	if r.Status.Active() {
		if err := r.countInvitation(ctx, tx, -1); err != nil {
			return err
		}
	}
	if err := message.ForgetName(ctx, tx, r.EventID, r.ID, r.Name()); err != nil {
		return err
	}
	from := r.Status
	if err := r.blank(ctx, tx); err != nil {
		return err
	}
	for _, statement := range []string{
		`DELETE FROM answer WHERE registration_id = ?`,
		`UPDATE offer SET reason = '' WHERE registration_id = ?`,
	} {
		if _, err := store.Exec(ctx, tx, statement, r.ID); err != nil {
			return fmt.Errorf("forget a registration: %w", err)
		}
	}
	if err := dropLinks(ctx, tx, r.ID); err != nil {
		return err
	}
	if err := message.Erase(ctx, tx, r.ID); err != nil {
		return err
	}
	return r.audit(ctx, tx, ev, by, "registration.erased", string(from), "")
}

// blank takes out of the row what tells who it was.
func (r *Registration) blank(ctx context.Context, tx *store.Tx) error {
	sole := r.OrganisationKind == OfSoleTrader
	if r.CompanyID != "" {
		c, err := company.Find(ctx, tx, r.CompanyID)
		if err != nil {
			return err
		}
		sole = sole || c.SoleTrader
	}
	if sole { // its number and name are a person's
		r.CompanyID, r.OrganisationName = "", ""
	}
	r.ErasedFrom, r.Status = r.Status, Erased
	r.ChangedAt, r.EndReason, r.HoldUntil = tx.Now, "", time.Time{}
	if r.EndedAt.IsZero() {
		r.EndedAt = tx.Now
	}
	r.Email, r.FirstName, r.LastName, r.Phone, r.Diet, r.AccessNeeds = "", "", "", "", "", ""
	return r.save(ctx, tx, false)
}

// ForgetInvitations takes an address out of the invitations that were made out
// to it, which are then good for nobody.
func ForgetInvitations(ctx context.Context, tx *store.Tx, email string) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE invitation SET email = NULL, label = '', revoked_at = COALESCE(revoked_at, ?) WHERE email = ?`, store.At(tx.Now), email)
	return err
}

// InvitationsTo lists the invitations made out to an address.
func InvitationsTo(ctx context.Context, tx *store.Tx, email string) ([]Invitation, error) {
	return store.All(ctx, tx, scanInvitation, selectInvitation+`WHERE email = ? ORDER BY created_at, id`, email)
}

// ForgetCompany forgets a sole trader for whom nobody comes any more: its name and
// number are a person's. Of any other company it changes nothing.
func ForgetCompany(ctx context.Context, tx *store.Tx, id string) error {
	deserted, err := company.Deserted(ctx, tx, id)
	if err != nil || !deserted {
		return err
	}
	for _, statement := range []string{
		`DELETE FROM company_share WHERE company_id = ?`,
		`UPDATE registration SET company_id = NULL, organisation_name = '' WHERE company_id = ?`, // of people who are erased
	} {
		if _, err := store.Exec(ctx, tx, statement, id); err != nil {
			return fmt.Errorf("forget a company: %w", err)
		}
	}
	return company.Forget(ctx, tx, id)
}
