package owndata

import (
	"context"
	"errors"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// Booking is a meeting with an adviser that the person has booked, or the wish for
// one. What advisers note for each other is not in it; whether there is anything is
// said, and the organiser hands it out.
type Booking struct {
	ID             string        `json:"id"`
	Advice         string        `json:"advisory_programme"`
	Programme      string        `json:"programme"`
	Organiser      string        `json:"organiser_name"`
	Contact        string        `json:"contact_email"`
	Status         string        `json:"status"`
	Meeting        string        `json:"meeting"`
	StartsAt       *time.Time    `json:"starts_at"`
	EndsAt         *time.Time    `json:"ends_at"`
	TimeZone       string        `json:"time_zone"`
	Minutes        int           `json:"minutes"`
	Company        *Company      `json:"company"`
	Municipality   *Municipality `json:"municipality"`
	Place          string        `json:"place"`
	Phone          string        `json:"phone"`
	Language       string        `json:"language"`
	Need           string        `json:"need"`
	Procurement    string        `json:"procurement"`
	Authority      string        `json:"authority"`
	Side           string        `json:"side"`
	TenderDay      string        `json:"tender_day"`
	Wishes         string        `json:"wishes"`
	Answers        []Answer      `json:"answers"`
	Proposals      []Proposal    `json:"proposals"`
	ActualMinutes  *int          `json:"actual_minutes"`
	ChargedMinutes *int          `json:"charged_minutes"`
	OverMinutes    *int          `json:"over_minutes"`
	PriceMinor     int64         `json:"price_minor"` // an hour
	SharedNote     string        `json:"shared_note"`
	InternalNote   bool          `json:"internal_note"` // there is one, which the organiser hands out on request
	EndReason      string        `json:"end_reason"`
	CreatedAt      time.Time     `json:"created_at"`
	ChangedAt      time.Time     `json:"changed_at"`
	Log            []Entry       `json:"audit_entries"`
}

// Proposal is a time that was proposed to the person.
type Proposal struct {
	StartsAt  time.Time `json:"starts_at"`
	EndsAt    time.Time `json:"ends_at"`
	Status    string    `json:"status"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Hours are those of a person without a company.
type Hours struct {
	Advice     string       `json:"advisory_programme"`
	Year       int          `json:"year"`
	CapMinutes *int         `json:"cap_minutes"`
	Reserved   int          `json:"reserved_minutes"`
	Used       int          `json:"used_minutes"`
	Entries    []HoursEntry `json:"entries"`
}

// HoursEntry is one line of their ledger.
type HoursEntry struct {
	Kind    string    `json:"kind"`
	Minutes int       `json:"minutes"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
}

func (d *Data) readBookings(ctx context.Context, tx *store.Tx, p person.Person) error {
	own, err := advisory.BookedBy(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	for _, b := range own {
		x, err := readBooking(ctx, tx, b, p.Language)
		if err != nil {
			return err
		}
		d.Bookings = append(d.Bookings, x)
	}
	return nil
}

func readBooking(ctx context.Context, tx *store.Tx, b advisory.Booking, lang string) (x Booking, err error) {
	x = Booking{
		ID: b.ID, Status: string(b.Status), Meeting: string(b.Meeting), StartsAt: when(b.StartsAt), EndsAt: when(b.EndsAt), TimeZone: b.TimeZone, Minutes: b.Minutes,
		Place: b.Place, Phone: b.Phone, Language: b.Language, Need: b.Need, Procurement: b.Procurement, Authority: b.Authority, Side: string(b.Side), TenderDay: b.TenderDay,
		Wishes: b.Wishes, ActualMinutes: b.ActualMinutes, ChargedMinutes: b.ChargedMinutes, OverMinutes: b.OverMinutes, PriceMinor: b.PriceMinor, SharedNote: b.SharedNote,
		EndReason: b.EndReason, CreatedAt: b.CreatedAt, ChangedAt: b.ChangedAt, Answers: []Answer{}, Proposals: []Proposal{},
	}
	a, err := advisory.ProgrammeByID(ctx, tx, b.AdvisoryProgrammeID)
	if err != nil {
		return x, err
	}
	text, _ := a.Text(lang)
	pr, err := programme.Find(ctx, tx, a.ProgrammeID)
	if err != nil {
		return x, err
	}
	x.Advice, x.Programme, x.Organiser, x.Contact = text.Name, pr.Name, pr.OrganiserName, pr.ContactEmail
	if b.CompanyID != "" {
		c, err := company.Find(ctx, tx, b.CompanyID)
		if err != nil {
			return x, err
		}
		x.Company = &Company{c.Country, c.Number, c.Name}
	}
	if b.Municipality.Number != "" {
		x.Municipality = &Municipality{b.Municipality.Country, b.Municipality.Number}
	}
	answers, err := advisory.AnswersOf(ctx, tx, b.ID)
	if err != nil {
		return x, err
	}
	for _, q := range answers {
		x.Answers = append(x.Answers, Answer{q.Question, []string{q.Value}})
	}
	proposed, err := advisory.ProposalsOf(ctx, tx, b.ID)
	if err != nil {
		return x, err
	}
	for _, o := range proposed {
		x.Proposals = append(x.Proposals, Proposal{o.StartsAt, o.EndsAt, string(o.Status), o.ExpiresAt})
	}
	note, err := advisory.PrivateNote(ctx, tx, b.ID)
	if err != nil {
		return x, err
	}
	x.InternalNote = note != ""
	x.Log, err = entries(ctx, tx, "booking", b.ID)
	return x, err
}

func (d *Data) readHours(ctx context.Context, tx *store.Tx, p person.Person) error {
	own, err := advisory.AccountsOfPerson(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	for _, a := range own {
		pr, err := advisory.ProgrammeByID(ctx, tx, a.AdvisoryProgrammeID)
		if err != nil {
			return err
		}
		text, _ := pr.Text(p.Language)
		x := Hours{Advice: text.Name, Year: a.Year, CapMinutes: a.CapMinutes, Reserved: a.Reserved, Used: a.Used, Entries: []HoursEntry{}}
		lines, err := advisory.Entries(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		for _, e := range lines {
			x.Entries = append(x.Entries, HoursEntry{string(e.Kind), e.Minutes, e.Reason, e.At})
		}
		d.Hours = append(d.Hours, x)
	}
	return nil
}

// isBooking reports whether the fate is of a booking of advice.
func (f Fate) isBooking() bool { return f.Booking.ID != "" }

// bookingFates tells what becomes of the person's bookings. Those ahead are called
// off. What was needed, answered and noted goes; that the meeting was stays without
// the person, as the company's hours and its invoices are counted from it.
func (s sources) bookingFates(ctx context.Context, tx *store.Tx, personID string) (fates []Fate, err error) {
	own, err := advisory.BookedBy(ctx, tx, personID)
	if err != nil {
		return nil, err
	}
	for _, b := range own {
		a, err := advisory.ProgrammeByID(ctx, tx, b.AdvisoryProgrammeID)
		if err != nil {
			return nil, err
		}
		p, err := s.programme(ctx, tx, a.ProgrammeID)
		if err != nil {
			return nil, err
		}
		f := Fate{Booking: b, Programme: p, Registration: registration.Registration{PersonID: personID, CreatedAt: b.CreatedAt}, GivenUp: b.Ahead(tx)}
		text, lang := a.Text(p.Language)
		f.Event.ProgrammeID, f.Event.Title, f.Event.Language, f.Event.TimeZone = p.ID, text.Name, lang, b.TimeZone
		f.Event.StartsAt, f.Event.EndsAt = b.StartsAt, b.EndsAt
		switch {
		case p.Authority && p.Country == "SE" && p.ErasureDecision == "":
			f.Bound = registration.PublicRecord
		case b.Status.Active() && !f.GivenUp:
			f.Bound = registration.NotSettled // it was, and its time is not entered yet
		}
		fates = append(fates, f)
	}
	return fates, nil
}

// eraseBooking takes the person out of a booking, once it has ended and every letter
// about it has left.
func (f Fate) eraseBooking(ctx context.Context, tx *store.Tx, asked bool) (gone bool, err error) {
	if !asked || f.Booking.Status.Active() {
		return false, nil
	}
	waits, err := message.WaitsForBooking(ctx, tx, f.Booking.ID)
	if err != nil || waits {
		return false, err
	}
	if err := advisory.Forget(ctx, tx, f.Booking.ID, audit.System); errors.Is(err, advisory.ErrNotNow) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	return true, nil
}
