package api

import (
	"context"

	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// Registration is one person's registration, as its organiser sees it. Diet and
// access needs are left out: they may be health data.
type Registration struct {
	ID               string              `json:"id"`
	Status           registrationStatus  `json:"status"`
	WaitlistPosition int                 `json:"waitlist_position,omitempty" minimum:"1"`
	Name             string              `json:"name"`
	Email            string              `json:"email"`
	Phone            string              `json:"phone,omitempty"`
	Language         languageCode        `json:"language"`
	Mode             attendMode          `json:"mode"`
	Audience         string              `json:"audience,omitempty"`
	Organisation     organisationKind    `json:"organisation"`
	OrganisationName string              `json:"organisation_name,omitempty"`
	Company          *Company            `json:"company,omitempty"`
	Municipality     *Municipality       `json:"municipality,omitempty" doc:"Of the workplace"`
	Answers          map[string][]string `json:"answers,omitempty" doc:"By the id of the question"`
	SignedUpAt       string              `json:"signed_up_at" format:"date-time"`
	ConfirmedAt      string              `json:"confirmed_at,omitempty" format:"date-time"`
	EndedAt          string              `json:"ended_at,omitempty" format:"date-time"`
	EndReason        string              `json:"end_reason,omitempty"`
}

// RegistrationList is one page of registrations.
type RegistrationList struct {
	Registrations []Registration `json:"registrations" nullable:"false"`
	Next          string         `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
}

func (l RegistrationList) next() string { return l.Next }

type rosterInput struct {
	EventID
	Status []registrationStatus `query:"status" doc:"One state, or several with commas between"`
	Paging
}

func (s *server) listRegistrations(ctx context.Context, tx *store.Tx, who caller, in *rosterInput) (RegistrationList, error) {
	list := RegistrationList{Registrations: []Registration{}}
	ev, err := own(ctx, tx, who, in.ID)
	if err != nil {
		return list, err
	}
	after, ok := parseCursor(in.Cursor)
	if in.Cursor != "" && (!ok || after.id == "") {
		return list, invalid(at("query.cursor", "cursor"))
	}
	found, err := registration.Roster(ctx, tx, ev.ID, registration.RosterFilter{
		Statuses: textsAs[registration.Status](in.Status), Limit: in.Limit + 1, AfterID: after.id,
	})
	if err != nil {
		return list, err
	}
	if len(found) > in.Limit {
		found = found[:in.Limit]
		list.Next = cursor{ev.ID, found[in.Limit-1].ID}.String()
	}
	answers, err := registration.AnswersOf(ctx, tx, ev.ID)
	if err != nil {
		return list, err
	}
	for _, r := range found {
		row, err := s.row(ctx, tx, ev, r)
		if err != nil {
			return list, err
		}
		row.Answers = answers[r.ID]
		list.Registrations = append(list.Registrations, row)
	}
	return list, nil
}

func (s *server) row(ctx context.Context, tx *store.Tx, ev event.Event, r registration.Registration) (Registration, error) {
	loc := ev.Location()
	row := Registration{
		ID: r.ID, Status: registrationStatus(r.Status), Name: r.Name(), Email: r.Email, Phone: r.Phone,
		Language: languageCode(r.Language), Mode: attendMode(r.Mode), Audience: r.Audience,
		Organisation: organisationKind(r.OrganisationKind), OrganisationName: r.OrganisationName, Municipality: s.place(r.Municipality),
		SignedUpAt: instant(r.CreatedAt, loc), ConfirmedAt: instant(r.ConfirmedAt, loc), EndedAt: instant(r.EndedAt, loc), EndReason: r.EndReason,
	}
	var err error
	if row.WaitlistPosition, err = registration.Position(ctx, tx, r); err != nil {
		return row, err
	}
	if r.CompanyID != "" {
		c, err := company.Find(ctx, tx, r.CompanyID)
		if err != nil {
			return row, err
		}
		row.Company = &Company{countryCode(c.Country), c.Number, c.Name}
		if c.SoleTrader { // it stands for a person, and nothing here needs it
			row.Company.OrgNumber = company.Display(c)
		}
	}
	return row, nil
}

// RegistrationID names a registration.
type RegistrationID struct {
	ID string `path:"id" maxLength:"200"`
}

// ownRegistration returns a registration for an event of the caller's programme;
// any other is missing.
func ownRegistration(ctx context.Context, tx *store.Tx, who caller, id string) (registration.Registration, error) {
	r, err := registration.Find(ctx, tx, id)
	if err != nil {
		return r, err
	}
	if _, err := own(ctx, tx, who, r.EventID); err != nil {
		return registration.Registration{}, err
	}
	return r, nil
}

type cancelRegistrationInput struct {
	RegistrationID
	Body *struct {
		Message string `json:"message,omitempty" maxLength:"4000" doc:"Words for the person"`
	} `nameHint:"Withdrawal"`
}

func (s *server) cancelRegistration(ctx context.Context, tx *store.Tx, who caller, in *cancelRegistrationInput) (SignedUp, error) {
	r, err := ownRegistration(ctx, tx, who, in.ID)
	if err != nil {
		return SignedUp{}, err
	}
	words := ""
	if in.Body != nil {
		words = in.Body.Message
	}
	return told(registration.Withdraw(ctx, tx, r.ID, who.actor(), words))
}

type attendanceInput struct {
	RegistrationID
	Body struct {
		Present bool `json:"present"`
	} `nameHint:"Attendance"`
}

func (s *server) markAttendance(ctx context.Context, tx *store.Tx, who caller, in *attendanceInput) (SignedUp, error) {
	r, err := ownRegistration(ctx, tx, who, in.ID)
	if err != nil {
		return SignedUp{}, err
	}
	mark := registration.Absent
	if in.Body.Present {
		mark = registration.Present
	}
	return told(registration.Attend(ctx, tx, r.ID, mark, who.actor()))
}

type transferInput struct {
	RegistrationID
	Body Colleague
}

func (s *server) transferRegistration(ctx context.Context, tx *store.Tx, who caller, in *transferInput) (SignedUp, error) {
	r, err := ownRegistration(ctx, tx, who, in.ID)
	if err != nil {
		return SignedUp{}, err
	}
	q := registration.Request{Email: in.Body.Email, Language: r.Language, By: who.actor()}
	q.FirstName, q.LastName = split(in.Body.Name)
	r, err = registration.Transfer(ctx, tx, r.ID, q)
	return told(r, atEmail(err, 0))
}

// told is what a step left of a registration.
func told(r registration.Registration, err error) (SignedUp, error) {
	if err != nil {
		return SignedUp{}, err
	}
	return SignedUp{ID: r.ID, Status: registrationStatus(r.Status)}, nil
}
