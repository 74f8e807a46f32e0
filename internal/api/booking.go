package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/municipality"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
)

func (s *server) bookingOperations() {
	add(s, operation{
		method: http.MethodPost, path: "/advisory/programmes/{id}/bookings", id: "book", access: organiser, status: http.StatusCreated,
		summary: "Book a meeting for a company; without starts_at it waits for a time", refusals: []int{http.StatusNotFound, http.StatusConflict}, where: bookingField,
	}, s.book)
	add(s, operation{
		method: http.MethodPost, path: "/bookings/{id}/cancel", id: "cancel-booking", access: organiser, status: http.StatusOK,
		summary: "Cancel a meeting, without cost for the company", refusals: []int{http.StatusNotFound, http.StatusConflict},
	}, s.cancelBooking)
	add(s, operation{
		method: http.MethodPost, path: "/bookings/{id}/reschedule", id: "reschedule-booking", access: organiser, status: http.StatusOK,
		summary: "Give a meeting a new time", refusals: []int{http.StatusNotFound, http.StatusConflict},
	}, s.rescheduleBooking)
	add(s, operation{
		method: http.MethodPost, path: "/bookings/{id}/settle", id: "settle-booking", access: organiser, status: http.StatusOK,
		summary: "Enter how long a meeting took", refusals: []int{http.StatusNotFound, http.StatusConflict},
	}, s.settleBooking)
	add(s, operation{
		method: http.MethodGet, path: "/companies/{country}/{org_number}/hours", id: "company-hours", access: organiser, status: http.StatusOK,
		summary: "The hours of a company in each of the caller's programmes of advice, by slug", refusals: []int{http.StatusNotFound},
	}, s.companyHours)
}

type slotsInput struct {
	ID           string    `path:"id" maxLength:"200" doc:"Id or slug"`
	From         string    `query:"from" maxLength:"40" doc:"RFC 3339 with offset, or a day, from its midnight"`
	To           string    `query:"to" maxLength:"40" doc:"The same; times start before it, and on a day named to its end"`
	Minutes      int       `query:"minutes" minimum:"0" maximum:"480" doc:"One of session_minutes; left out: the first of them"`
	Adviser      string    `query:"adviser" maxLength:"200" doc:"Left out: anyone; each time is then there once"`
	Meeting      meetingAs `query:"meeting" doc:"Left out: the first that there is"`
	Municipality string    `query:"municipality" maxLength:"200" doc:"Of a meeting on site"`
}

// Slot is a time that can be booked.
type Slot struct {
	StartsAt string      `json:"starts_at" format:"date-time"`
	EndsAt   string      `json:"ends_at" format:"date-time"`
	Minutes  int         `json:"minutes"`
	Adviser  SlotAdviser `json:"adviser"`
}

// SlotAdviser is whose time it is.
type SlotAdviser struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// SlotList is every time that can be booked.
type SlotList struct {
	Slots []Slot `json:"slots" nullable:"false"`
}

func (s *server) listSlots(ctx context.Context, tx *store.Tx, who caller, in *slotsInput) (SlotList, error) {
	list := SlotList{Slots: []Slot{}}
	p, err := findAdvisory(ctx, tx, who, in.ID)
	if err != nil {
		return list, err
	}
	q := advisory.SlotQuery{AdvisoryProgrammeID: p.ID, AdviserID: in.Adviser, Minutes: in.Minutes, Meeting: advisory.Meeting(in.Meeting)}
	if q.Minutes == 0 && len(p.Lengths) > 0 {
		q.Minutes = p.Lengths[0]
	}
	if q.Meeting == "" && len(p.Meetings) > 0 {
		q.Meeting = p.Meetings[0]
	}
	var errs []FieldError
	if !slices.Contains(p.Lengths, q.Minutes) {
		errs = append(errs, at("query.minutes", "choice"))
	}
	for _, w := range []struct {
		name, text string
		days       int
		into       *time.Time
	}{{"from", in.From, 0, &q.From}, {"to", in.To, 1, &q.To}} {
		t, ok := bound(w.text, w.days)
		if !ok {
			errs = append(errs, at("query."+w.name, "date_time"))
		}
		*w.into = t
	}
	if in.Municipality != "" {
		var ok bool
		if q.Municipality, ok = s.municipality(in.Municipality); !ok {
			errs = append(errs, at("query.municipality", "municipality"))
		}
	}
	if len(errs) > 0 {
		return list, invalid(errs...)
	}
	found, err := advisory.Slots(ctx, tx, q)
	for _, f := range found {
		list.Slots = append(list.Slots, Slot{instant(f.StartsAt, p.Location()), instant(f.EndsAt, p.Location()), q.Minutes, SlotAdviser{f.AdviserID, f.Name}})
	}
	return list, err
}

// WantedBooking is what is booked, and for whom.
type WantedBooking struct {
	StartsAt     string            `json:"starts_at,omitempty" format:"date-time" doc:"Left out: no time suits, and the company waits for one"`
	Minutes      int               `json:"minutes" minimum:"1" maximum:"480"`
	Adviser      string            `json:"adviser,omitempty" maxLength:"200" doc:"Id; left out: anyone"`
	Company      *Company          `json:"company,omitempty" doc:"Left out: the hours are the person's own"`
	Application  string            `json:"application,omitempty" maxLength:"200" doc:"Id of the project whose hours they are"`
	Person       BookingPerson     `json:"person"`
	Need         string            `json:"need" maxLength:"4000" doc:"At least 20 characters about a real need"`
	Meeting      meetingAs         `json:"meeting"`
	Municipality *WantedPlace      `json:"municipality,omitempty" doc:"Of a meeting on site"`
	Place        string            `json:"place,omitempty" maxLength:"300"`
	Procurement  string            `json:"procurement,omitempty" maxLength:"300" doc:"An ongoing one that it is about"`
	Authority    string            `json:"authority,omitempty" maxLength:"300" doc:"Who buys there"`
	Side         bookingSide       `json:"side,omitempty" doc:"Left out: the one that the programme is for"`
	TenderDay    string            `json:"tender_day,omitempty" format:"date"`
	Wishes       string            `json:"wishes,omitempty" maxLength:"4000" doc:"When would suit"`
	Answers      map[string]string `json:"answers,omitempty" doc:"By the id of the question"`
	Language     languageCode      `json:"language,omitempty" doc:"Of the letters; left out: the programme's"`
}

// BookingPerson is who comes.
type BookingPerson struct {
	Name  string `json:"name" minLength:"1" maxLength:"241"`
	Email string `json:"email" minLength:"1" maxLength:"254"`
	Phone string `json:"phone,omitempty" maxLength:"40" doc:"Needed for a meeting by phone"`
}

// Booking is a meeting, or the wish for one.
type Booking struct {
	ID             string        `json:"id"`
	Status         bookingStatus `json:"status"`
	StartsAt       string        `json:"starts_at,omitempty" format:"date-time"`
	EndsAt         string        `json:"ends_at,omitempty" format:"date-time"`
	Minutes        int           `json:"minutes" doc:"As booked"`
	Adviser        string        `json:"adviser,omitempty" doc:"Id"`
	Meeting        meetingAs     `json:"meeting"`
	ActualMinutes  *int          `json:"actual_minutes,omitempty" doc:"As entered, rounded"`
	ChargedMinutes *int          `json:"charged_minutes,omitempty" doc:"Of the hours"`
	OverMinutes    *int          `json:"over_minutes,omitempty" doc:"Beyond what there was: not invoiced"`
}

func toldBooking(b advisory.Booking) Booking {
	return Booking{
		ID: b.ID, Status: bookingStatus(b.Status), StartsAt: instant(b.StartsAt, b.Location()), EndsAt: instant(b.EndsAt, b.Location()), Minutes: b.Minutes,
		Adviser: b.AdviserID, Meeting: meetingAs(b.Meeting), ActualMinutes: b.ActualMinutes, ChargedMinutes: b.ChargedMinutes, OverMinutes: b.OverMinutes,
	}
}

// bookingField is the location of a field of a booking in the request.
func bookingField(field string) string {
	switch field {
	case "first_name", "last_name":
		return "body.person.name"
	case "email", "phone":
		return "body.person." + field
	}
	return signUpField(field)
}

type bookInput struct {
	ID   string `path:"id" maxLength:"200" doc:"Id or slug"`
	Body WantedBooking
}

func (s *server) book(ctx context.Context, tx *store.Tx, who caller, in *bookInput) (Booking, error) {
	p, err := ownAdvisory(ctx, tx, who, in.ID)
	if err != nil {
		return Booking{}, err
	}
	b := in.Body
	r := advisory.Request{
		AdvisoryProgrammeID: p.ID, Minutes: b.Minutes, AdviserID: b.Adviser, Meeting: advisory.Meeting(b.Meeting), Place: b.Place, Phone: b.Person.Phone,
		ApplicationID: b.Application, Language: string(b.Language), Need: b.Need, Procurement: b.Procurement, Authority: b.Authority, Side: advisory.Side(b.Side),
		TenderDay: b.TenderDay, Wishes: b.Wishes, Answers: b.Answers,
	}
	if r.Language == "" {
		r.Language = p.Language
	}
	if b.StartsAt != "" {
		var ok bool
		if r.StartsAt, ok = parseInstant(b.StartsAt); !ok {
			return Booking{}, invalid(at("body.starts_at", "date_time"))
		}
	}
	if r.Municipality, err = s.wantedMunicipality(b.Municipality); err != nil {
		return Booking{}, err
	}
	if r.CompanyID, r.PersonID, err = s.whoComes(ctx, tx, who, b, r.Language); err != nil {
		return Booking{}, err
	}
	made, err := advisory.Book(ctx, tx, r, who.actor())
	return toldBooking(made), err
}

func (s *server) wantedMunicipality(w *WantedPlace) (municipality.Code, error) {
	if w == nil {
		return municipality.Code{}, nil
	}
	code, ok := s.meant(*w)
	if !ok {
		return code, invalid(at("body.municipality", "municipality"))
	}
	return code, nil
}

// whoComes finds or makes the company and the person, who is a contact of it from
// now on: the organiser says so.
func (s *server) whoComes(ctx context.Context, tx *store.Tx, who caller, b WantedBooking, language string) (companyID, personID string, err error) {
	address, err := person.Address(b.Person.Email)
	if err != nil {
		return "", "", invalid(at("body.person.email", "email"))
	}
	first, last := split(b.Person.Name)
	visitor, err := person.Ensure(ctx, tx, person.Person{Email: address, FirstName: first, LastName: last, Language: language})
	if err != nil || b.Company == nil {
		return "", visitor.ID, err
	}
	number, err := company.ParseNumber(string(b.Company.Country), b.Company.OrgNumber, s.TestNumbers)
	if err != nil {
		return "", "", invalid(at("body.company.org_number", orgNumberCode(string(b.Company.Country))))
	}
	firm, err := company.Ensure(ctx, tx, string(b.Company.Country), number, b.Company.Name)
	if err != nil {
		return "", "", err
	}
	return firm.ID, visitor.ID, company.Confirm(ctx, tx, visitor.ID, firm.ID, who.actor())
}

// BookingID names a booking.
type BookingID struct {
	ID string `path:"id" maxLength:"200"`
}

// ownBooking returns a booking of the caller's programme; any other is missing.
func ownBooking(ctx context.Context, tx *store.Tx, who caller, id string) (advisory.Booking, error) {
	b, err := advisory.BookingByID(ctx, tx, id)
	if err != nil {
		return b, err
	}
	_, err = ownAdvisory(ctx, tx, who, b.AdvisoryProgrammeID)
	return b, err
}

type cancelBookingInput struct {
	BookingID
	Body *struct {
		Message string `json:"message,omitempty" maxLength:"4000" doc:"Words for the company"`
	} `nameHint:"BookingCancellation"`
}

func (s *server) cancelBooking(ctx context.Context, tx *store.Tx, who caller, in *cancelBookingInput) (Booking, error) {
	if _, err := ownBooking(ctx, tx, who, in.ID); err != nil {
		return Booking{}, err
	}
	words := ""
	if in.Body != nil {
		words = in.Body.Message
	}
	b, err := advisory.Cancel(ctx, tx, in.ID, words, false, who.actor())
	return toldBooking(b), err
}

type rescheduleInput struct {
	BookingID
	Body struct {
		StartsAt string `json:"starts_at" format:"date-time"`
		Minutes  int    `json:"minutes,omitempty" minimum:"0" maximum:"480" doc:"Left out: as before"`
		Adviser  string `json:"adviser,omitempty" maxLength:"200" doc:"Left out: as before"`
	} `nameHint:"NewTime"`
}

func (s *server) rescheduleBooking(ctx context.Context, tx *store.Tx, who caller, in *rescheduleInput) (Booking, error) {
	if _, err := ownBooking(ctx, tx, who, in.ID); err != nil {
		return Booking{}, err
	}
	start, ok := parseInstant(in.Body.StartsAt)
	if !ok {
		return Booking{}, invalid(at("body.starts_at", "date_time"))
	}
	b, err := advisory.Reschedule(ctx, tx, in.ID, start, in.Body.Minutes, in.Body.Adviser, true, who.actor())
	return toldBooking(b), err
}

type settleInput struct {
	BookingID
	Body struct {
		Minutes int    `json:"minutes" minimum:"0" maximum:"1440"`
		Note    string `json:"note,omitempty" maxLength:"4000" doc:"For the company too"`
		Private string `json:"private_note,omitempty" maxLength:"4000" doc:"For advisers and organisers only"`
	} `nameHint:"TimeEntry"`
}

func (s *server) settleBooking(ctx context.Context, tx *store.Tx, who caller, in *settleInput) (Booking, error) {
	if _, err := ownBooking(ctx, tx, who, in.ID); err != nil {
		return Booking{}, err
	}
	b, err := advisory.EnterTime(ctx, tx, in.ID, advisory.Time{Minutes: in.Body.Minutes, Shared: in.Body.Note, Private: in.Body.Private}, who.actor())
	return toldBooking(b), err
}

// Hours are a company's in one programme of advice, in minutes.
type Hours struct {
	CapMinutes      *int    `json:"cap_minutes" nullable:"true" doc:"null: no limit"`
	ReservedMinutes int     `json:"reserved_minutes"`
	UsedMinutes     int     `json:"used_minutes"`
	LeftMinutes     *int    `json:"left_minutes" nullable:"true" doc:"null: no limit"`
	Entries         []Entry `json:"entries" nullable:"false" doc:"Oldest first"`
}

// Entry is one line of the ledger of hours.
type Entry struct {
	Kind    string `json:"kind" enum:"reserve,release,settle,charge,adjust,merge"`
	Minutes int    `json:"minutes" doc:"Signed for adjust and merge only"`
	Booking string `json:"booking,omitempty" doc:"Id"`
	Reason  string `json:"reason,omitempty"`
	At      string `json:"at" format:"date-time"`
}

type companyHoursInput struct {
	Country   countryCode `path:"country"`
	OrgNumber string      `path:"org_number" maxLength:"40"`
}

func (s *server) companyHours(ctx context.Context, tx *store.Tx, who caller, in *companyHoursInput) (map[string]Hours, error) {
	number, err := company.ParseNumber(string(in.Country), in.OrgNumber, s.TestNumbers)
	if err != nil {
		return nil, invalid(at("path.org_number", orgNumberCode(string(in.Country))))
	}
	firm, err := company.FindByNumber(ctx, tx, string(in.Country), number)
	if err != nil {
		return nil, err
	}
	found, err := advisory.ProgrammesOf(ctx, tx, "")
	if err != nil {
		return nil, err
	}
	hours, known, own := map[string]Hours{}, false, company.Within{}
	for _, p := range found {
		if !who.organises(p.ProgrammeID) {
			continue
		}
		own = append(own, p.ProgrammeID)
		a, err := advisory.AccountOf(ctx, tx, p, advisory.Holder{CompanyID: firm.ID}, tx.Now.In(p.Location()).Year())
		if err != nil {
			return nil, err
		}
		known = known || a.ID != ""
		if hours[p.Slug], err = toldHours(ctx, tx, p, a); err != nil {
			return nil, err
		}
	}
	if known {
		return hours, nil
	}
	counts, err := company.CountsOf(ctx, tx, own, []string{firm.ID})
	if err == nil && counts[firm.ID].Registrations == 0 { // nothing of the company is the caller's
		err = problem.ErrMissing
	}
	return hours, err
}

func toldHours(ctx context.Context, tx *store.Tx, p advisory.Programme, a advisory.Account) (Hours, error) {
	h := Hours{CapMinutes: a.CapMinutes, ReservedMinutes: a.Reserved, UsedMinutes: a.Used, Entries: []Entry{}}
	if left, limited := a.Available(); limited {
		h.LeftMinutes = &left
	}
	entries, err := advisory.Entries(ctx, tx, a.ID)
	for _, e := range entries {
		h.Entries = append(h.Entries, Entry{string(e.Kind), e.Minutes, e.BookingID, e.Reason, instant(e.At, p.Location())})
	}
	return h, err
}
