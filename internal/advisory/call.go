package advisory

import (
	"context"
	"fmt"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Call is a call to a helpline, noted after it.
type Call struct {
	AdvisoryProgrammeID  string
	AdviserID            string // who took it
	CompanyID            string // the organisation, when it is known
	Caller, Organisation string // as they were said
	About                string
	Minutes              int
	EndedAt              time.Time // zero: just now
	Language             string
}

// mostCall is the longest call, in minutes.
const mostCall = 240

// ErrNoHelpline says that calls are not noted in the programme.
var ErrNoHelpline = &problem.Problem{Kind: problem.Conflict, Code: "no_helpline"}

// LogCall notes a call without a booking: it took place and its time is entered. An
// organisation that is known is charged as for any meeting, where the programme has
// a cap; callers who are not known share one account without a limit. It refuses
// with ErrNoHelpline and with what must be corrected.
func LogCall(ctx context.Context, tx *store.Tx, call Call, by audit.Actor) (Booking, error) {
	p, err := ProgrammeByID(ctx, tx, call.AdvisoryProgrammeID)
	if err != nil {
		return Booking{}, err
	}
	if !p.QuickLog || p.Status == Draft {
		return Booking{}, ErrNoHelpline
	}
	if err := call.check(); err != nil {
		return Booking{}, err
	}
	adviser, err := AdviserByID(ctx, tx, call.AdviserID)
	if err != nil {
		return Booking{}, err
	}
	end := call.EndedAt
	if end.IsZero() || end.After(tx.Now) {
		end = tx.Now
	}
	start := end.Add(-time.Duration(call.Minutes) * time.Minute)
	a, err := p.callAccount(ctx, tx, call.CompanyID, start.In(adviser.Location()).Year())
	if err != nil {
		return Booking{}, err
	}
	b := Booking{
		ID: tx.NewID(), AdvisoryProgrammeID: p.ID, AccountID: a.ID, AdviserID: adviser.ID, CompanyID: call.CompanyID, Meeting: Phone, Quick: true,
		StartsAt: start, EndsAt: end, BlockedFrom: start, BlockedTo: end, Minutes: call.Minutes, TimeZone: adviser.TimeZone, Language: call.Language,
		Need: strings.TrimSpace(call.About), Side: sideOr("", p), PriceMinor: p.PriceMinor, VATPercent: p.VATPercent, CalendarSequence: -1, AdviserSequence: -1, CreatedAt: tx.Now, ChangedAt: tx.Now,
	}
	b.CalendarUID = b.ID
	left, limited := a.Available()
	switch {
	case limited && left == 0: // the call has been: it is noted, and takes nothing of the organisation's
		if a, err = p.callAccount(ctx, tx, "", start.In(adviser.Location()).Year()); err != nil {
			return b, err
		}
		b.AccountID = a.ID
	case limited && call.Minutes > left:
		b.Minutes = left
	}
	if err := move(ctx, tx, p, &a, &b, change{to: Held, by: by, silent: true}); err != nil {
		return b, err
	}
	if _, err := store.Exec(ctx, tx, `INSERT INTO booking_call (booking_id, caller, organisation) VALUES (?, ?, ?)`,
		b.ID, strings.TrimSpace(call.Caller), strings.TrimSpace(call.Organisation)); err != nil {
		return b, fmt.Errorf("note who called: %w", err)
	}
	return EnterTime(ctx, tx, b.ID, Time{Minutes: call.Minutes}, by)
}

func (c Call) check() error {
	var f problem.Fields
	if strings.TrimSpace(c.Caller) == "" && strings.TrimSpace(c.Organisation) == "" && c.CompanyID == "" {
		f.Add("caller", "call_who")
	}
	if strings.TrimSpace(c.About) == "" {
		f.Add("about", "required")
	}
	between(&f, "minutes", c.Minutes, 1, mostCall)
	plain(&f, "caller", c.Caller, 120, false)
	plain(&f, "organisation", c.Organisation, mostName, false)
	plain(&f, "about", c.About, mostText, true)
	return f.Err()
}

// callAccount is the organisation's account, or the one of callers who are not known.
func (p Programme) callAccount(ctx context.Context, tx *store.Tx, companyID string, year int) (Account, error) {
	if companyID == "" {
		p.CapMinutes = nil
	}
	return OpenAccount(ctx, tx, p, Holder{CompanyID: companyID}, year)
}
