package advisory

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Request is what somebody asks for.
type Request struct {
	AdvisoryProgrammeID      string
	StartsAt                 time.Time // zero: no time suited, so the request waits for one
	Minutes                  int
	AdviserID                string // empty: anyone
	Meeting                  Meeting
	Municipality             municipality.Code // of a meeting on site
	Place, Phone             string
	CompanyID, ApplicationID string
	PersonID                 string // who books
	Language                 string
	Need                     string
	Procurement, Authority   string            // an ongoing procurement that it is about, and who buys there
	Side                     Side              // empty: supplier
	TenderDay                string            // "2027-03-15"
	Wishes                   string            // when would suit, of one that waits
	Answers                  map[string]string // by question
}

// leastNeed is how many characters a need has at least: advice is for a real one.
const (
	leastNeed = 20
	mostText  = 4000
)

var (
	// ErrClosed says that the programme takes no bookings.
	ErrClosed = &problem.Problem{Kind: problem.Conflict, Code: "advice_closed"}
	// ErrOtherSide says that the adviser helps the other side of the procurement.
	ErrOtherSide = &problem.Problem{Kind: problem.Conflict, Code: "other_side"}
)

// Book reserves hours and an adviser's time for a meeting, all or nothing: it is
// confirmed at once where the prerequisite is met and aid has been granted, else
// requested. Without a time it waits for one and takes no hours. It refuses with
// ErrClosed, ErrNotEligible, ErrCapExceeded, ErrPoolExhausted, ErrSlotTaken,
// ErrOtherSide and with what must be corrected in the fields. That the person may
// act for the company is for the caller to know (MayBookFor).
func Book(ctx context.Context, tx *store.Tx, r Request, by audit.Actor) (Booking, error) {
	p, err := ProgrammeByID(ctx, tx, r.AdvisoryProgrammeID)
	if err != nil {
		return Booking{}, err
	}
	if p.Status != Open {
		return Booking{}, ErrClosed
	}
	b := Booking{
		ID: tx.NewID(), AdvisoryProgrammeID: p.ID, CompanyID: r.CompanyID, ApplicationID: r.ApplicationID, PersonID: r.PersonID,
		Meeting: r.Meeting, Minutes: r.Minutes, TimeZone: zoneOf(p.Currency), Municipality: r.Municipality, Place: strings.TrimSpace(r.Place), Phone: strings.TrimSpace(r.Phone),
		Language: r.Language, Need: strings.TrimSpace(r.Need), Procurement: strings.TrimSpace(r.Procurement), Authority: strings.TrimSpace(r.Authority),
		Side: sideOr(r.Side, p), TenderDay: r.TenderDay, Wishes: strings.TrimSpace(r.Wishes), PriceMinor: p.PriceMinor,
		CalendarSequence: -1, AdviserSequence: -1, CreatedAt: tx.Now, ChangedAt: tx.Now,
	}
	b.CalendarUID = b.ID
	if err := p.checkRequest(r, tx.Now); err != nil {
		return b, err
	}
	can, err := EligibilityOf(ctx, tx, p, b.Holder())
	if err != nil {
		return b, err
	}
	if can == NotEligible {
		return b, ErrNotEligible
	}
	year := tx.Now
	if !r.StartsAt.IsZero() {
		year = r.StartsAt
	}
	a, err := OpenAccount(ctx, tx, p, b.Holder(), year.In(b.Location()).Year())
	if err != nil {
		return b, err
	}
	b.AccountID = a.ID
	to := Waiting
	if r.StartsAt.IsZero() {
		if err := b.mayWait(ctx, tx, p, a, r.AdviserID); err != nil {
			return b, err
		}
	} else {
		if err := a.mayTake(ctx, tx, p, r.Minutes); err != nil {
			return b, err
		}
		if err := b.take(ctx, tx, p, r.AdviserID, r.StartsAt, r.Minutes, false); err != nil {
			return b, err
		}
		if to, err = firstStatus(ctx, tx, p, a, b, can); err != nil {
			return b, err
		}
	}
	if err := move(ctx, tx, p, &a, &b, change{to: to, by: by}); err != nil {
		return b, err
	}
	if to == Waiting {
		if err := b.noteSeen(ctx, tx, p); err != nil {
			return b, err
		}
	}
	return b, writeAnswers(ctx, tx, b.ID, r.Answers)
}

// firstStatus is confirmed where nobody has to decide anything more. The account
// must be locked and without the booking's hours.
func firstStatus(ctx context.Context, tx *store.Tx, p Programme, a Account, b Booking, can Eligibility) (Status, error) {
	if can == AskFirst {
		return Requested, nil
	}
	covered, err := aidCovers(ctx, tx, p, a, b.Minutes)
	if err != nil || !covered {
		return Requested, err
	}
	return Confirmed, nil
}

// query asks for times for the booking.
func (b Booking) query(adviserID string, minutes int) SlotQuery {
	return SlotQuery{
		AdvisoryProgrammeID: b.AdvisoryProgrammeID, AdviserID: adviserID, Minutes: minutes, Meeting: b.Meeting, Municipality: b.Municipality,
		TenderDay: b.TenderDay, Procurement: b.Procurement, Side: b.Side, ExceptBooking: b.ID,
	}
}

// take finds an adviser whose time is free then and holds it for the booking. By
// hand it need only be free of other things (Free).
func (b *Booking) take(ctx context.Context, tx *store.Tx, p Programme, adviserID string, start time.Time, minutes int, byHand bool) error {
	if err := b.mayStart(p, tx.Now, start, byHand); err != nil {
		return err
	}
	a, block, err := Free(ctx, tx, p, b.query(adviserID, minutes), start, byHand)
	if err != nil {
		return err
	}
	b.Minutes = minutes
	b.at(a, block)
	return nil
}

// at puts the meeting into a block of the adviser's time.
func (b *Booking) at(a Adviser, block Block) {
	b.AdviserID, b.TimeZone = a.ID, a.TimeZone
	b.StartsAt, b.EndsAt, b.BlockedFrom, b.BlockedTo = block.StartsAt, block.EndsAt, block.From, block.To
	if b.Meeting == Online {
		b.JoinURL = a.JoinURL
	}
	if b.Meeting == OnSite && a.Office != "" {
		b.Place = a.Office
	}
}

// neutral reports whether the adviser stands on no other side of the procurement:
// who helps a supplier in it cannot help the buyer, nor the other way about (equal
// treatment, LOU 4 kap. 1 §; anskaffelsesloven § 4).
func (a Adviser) neutral(ctx context.Context, tx *store.Tx, b Booking) (bool, error) {
	key := procurementKey(b.Procurement)
	if key == "" {
		return true, nil
	}
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM booking WHERE adviser_id = ? AND procurement_key = ? AND side <> ? AND id <> ?
			AND status NOT IN ('declined', 'lapsed', 'cancelled', 'late_cancelled')`, a.ID, key, b.Side, b.ID)
	return n == 0, err
}

// procurementKey is the same for two ways of writing one procurement.
func procurementKey(name string) string {
	return strings.Join(strings.FieldsFunc(locale.Fold(name), func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9')
	}), " ")
}

// mayTake refuses what the account or the pool has not left. When less than the
// shortest length is left, though at least a quarter of an hour, a meeting of
// exactly that is possible.
func (a Account) mayTake(ctx context.Context, tx *store.Tx, p Programme, minutes int) error {
	if left, limited := a.Available(); limited && minutes > left {
		return ErrCapExceeded.With("left", left)
	}
	left, limited, err := poolLeft(ctx, tx, p)
	if err != nil {
		return err
	}
	if limited && minutes > left {
		return ErrPoolExhausted.With("left", left)
	}
	lengths, err := LengthsFor(ctx, tx, p, a)
	if err != nil {
		return err
	}
	if !slices.Contains(lengths, minutes) {
		var f problem.Fields
		f.Add("minutes", "choice")
		return f.Err()
	}
	return nil
}

// leastLeft is the shortest remainder that can still be booked, in minutes.
const leastLeft = 15

// LengthsFor lists the lengths that an account can book now, in minutes, rising:
// those of the programme that fit in what is left of it and of the pool; when less
// than the shortest is left, but at least a quarter of an hour, exactly that.
func LengthsFor(ctx context.Context, tx *store.Tx, p Programme, a Account) ([]int, error) {
	left, limited := a.Available()
	pool, pooled, err := poolLeft(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	if pooled && (!limited || pool < left) {
		left, limited = pool, true
	}
	if !limited {
		return p.Lengths, nil
	}
	var fit []int
	for _, n := range p.Lengths {
		if n <= left {
			fit = append(fit, n)
		}
	}
	if len(fit) == 0 && left >= leastLeft {
		fit = []int{left}
	}
	return fit, nil
}

// checkRequest reports all that must be corrected in what somebody wrote, and a time
// that a rule does not let them have.
func (p Programme) checkRequest(r Request, now time.Time) error {
	var f problem.Fields
	switch need := strings.TrimSpace(r.Need); {
	case utf8.RuneCountInString(need) < leastNeed:
		f.Add("need", "need_short", "least", leastNeed)
	case utf8.RuneCountInString(need) > mostText:
		f.Add("need", "too_long", "most", mostText)
	}
	if !slices.Contains(p.Meetings, r.Meeting) {
		f.Add("meeting", "choice")
	}
	if r.Meeting == OnSite && r.Municipality.Number == "" {
		f.Add("municipality", "municipality")
	}
	if r.Meeting == Phone && strings.TrimSpace(r.Phone) == "" {
		f.Add("phone", "required")
	}
	if r.TenderDay != "" {
		if _, err := time.Parse(time.DateOnly, r.TenderDay); err != nil {
			f.Add("tender_day", "date")
		}
	}
	if !r.StartsAt.IsZero() {
		switch code, args := p.refusesStart(now, r.StartsAt, r.TenderDay, false); code {
		case "":
		case "after_tender":
			f.Add("tender_day", code)
		default:
			f.Add("starts_at", code, args...)
		}
	}
	if r.Side != "" && r.Side != Supplier && r.Side != Buyer {
		f.Add("side", "choice")
	}
	for _, text := range []struct{ field, value string }{
		{"need", r.Need}, {"procurement", r.Procurement}, {"authority", r.Authority}, {"place", r.Place}, {"phone", r.Phone}, {"wishes", r.Wishes},
	} {
		if locale.Deceptive(text.value, true) {
			f.Add(text.field, "characters")
		} else if text.field != "need" && utf8.RuneCountInString(text.value) > mostText {
			f.Add(text.field, "too_long", "most", mostText)
		}
	}
	for _, q := range p.Questions {
		if q.Removed {
			continue
		}
		answer := strings.TrimSpace(r.Answers[q.ID])
		switch {
		case answer == "" && q.Required:
			f.Add("q_"+q.ID, "answer")
		case answer != "" && q.Kind == "choice" && !slices.Contains(q.Options, answer):
			f.Add("q_"+q.ID, "choice")
		}
	}
	return f.Err()
}

func writeAnswers(ctx context.Context, tx *store.Tx, bookingID string, answers map[string]string) error {
	for question, value := range answers {
		if value = strings.TrimSpace(value); value == "" {
			continue
		}
		if _, err := store.Exec(ctx, tx, `INSERT INTO booking_answer (booking_id, question_id, value) VALUES (?, ?, ?)`, bookingID, question, value); err != nil {
			return err
		}
	}
	return nil
}

// zoneOf is the zone of a booking that has no adviser yet.
func zoneOf(currency string) string {
	if currency == "NOK" {
		return "Europe/Oslo"
	}
	return "Europe/Stockholm"
}

// sideOr is the side named, or the one that the programme is for.
func sideOr(s Side, p Programme) Side {
	switch {
	case s != "":
		return s
	case p.Prerequisite == PublicBody || p.Prerequisite == Application:
		return Buyer
	}
	return Supplier
}
