package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/register"
	"stafett/internal/registration"
	"stafett/internal/store"
)

func (s *server) registrationOperations() {
	add(s, operation{
		method: http.MethodPost, path: "/events/{id}/registrations", id: "sign-up", access: public, status: http.StatusCreated, signUp: true,
		summary:  "Sign up for an event, with up to four colleagues; a refusal is for all of them",
		refusals: eventRefusals(), where: signUpField,
	}, s.signUp)
	add(s, operation{
		method: http.MethodGet, path: "/events/{id}/registrations", id: "list-registrations", access: organiser, status: http.StatusOK,
		summary: "List who has signed up, without what may be health data", refusals: []int{http.StatusNotFound},
	}, s.listRegistrations)
	add(s, operation{
		method: http.MethodPost, path: "/registrations/{id}/cancel", id: "cancel-registration", access: organiser, status: http.StatusOK,
		summary: "Give up a place for somebody; the next in the queue has it at once", refusals: eventRefusals(),
	}, s.cancelRegistration)
	add(s, operation{
		method: http.MethodPost, path: "/registrations/{id}/attendance", id: "mark-attendance", access: organiser, status: http.StatusOK,
		summary: "Mark somebody present or absent, from an hour before the start", refusals: eventRefusals(),
	}, s.markAttendance)
	add(s, operation{
		method: http.MethodPost, path: "/registrations/{id}/transfer", id: "transfer-registration", access: organiser, status: http.StatusOK,
		summary: "Hand a place on to a colleague", refusals: eventRefusals(), where: signUpField,
	}, s.transferRegistration)
}

// SignUp is what somebody asks for by signing up.
type SignUp struct {
	Name       string            `json:"name" minLength:"1" maxLength:"241" doc:"First and last name; the last word is the last name"`
	Email      string            `json:"email" minLength:"1" maxLength:"254"`
	Phone      string            `json:"phone,omitempty" maxLength:"40"`
	Mode       attendMode        `json:"mode,omitempty" doc:"Needed where there are two ways to take part"`
	Company    *Company          `json:"company,omitempty" doc:"Left out by who comes for none"`
	Answers    map[string]Answer `json:"answers,omitempty" doc:"By the id of the question"`
	Language   languageCode      `json:"language,omitempty" doc:"Of the letters; left out: the event's"`
	Code       string            `json:"code,omitempty" maxLength:"40" doc:"Of an invitation, where the event is open to those invited only"`
	Colleagues []Colleague       `json:"colleagues,omitempty" maxItems:"4" nullable:"false" doc:"Of the same company, taking part in the same way; they answer the questions themselves, by the link in their letter"`
	Together   bool              `json:"together,omitempty" doc:"Places for all of them or for none, who then wait as one; left out: the first have the places there are"`
}

// Company is for whom somebody comes.
type Company struct {
	Country   countryCode `json:"country"`
	OrgNumber string      `json:"org_number" maxLength:"40" doc:"Never a personal number; on a roster, that of a sole trader is masked"`
	Name      string      `json:"name" maxLength:"200"`
}

// Colleague signs up together with somebody else.
type Colleague struct {
	Name  string `json:"name" minLength:"1" maxLength:"241"`
	Email string `json:"email" minLength:"1" maxLength:"254"`
}

// Answer is the answer to one question: a text, several of the options, or yes
// or no.
type Answer []string

// Schema implements huma.SchemaProvider.
func (Answer) Schema(huma.Registry) *huma.Schema {
	most, options := 4000, 100
	text := func() *huma.Schema { return &huma.Schema{Type: huma.TypeString, MaxLength: &most} }
	return &huma.Schema{
		Description: "A text, a list of the options chosen, or true or false",
		OneOf:       []*huma.Schema{text(), {Type: huma.TypeBoolean}, {Type: huma.TypeArray, Items: text(), MaxItems: &options}},
	}
}

// UnmarshalJSON reads all three forms.
func (a *Answer) UnmarshalJSON(b []byte) error {
	var text string
	var yes bool
	switch {
	case string(b) == "null":
		*a = nil
	case json.Unmarshal(b, &text) == nil:
		*a = Answer{text}
	case json.Unmarshal(b, &yes) == nil && yes:
		*a = Answer{"yes"}
	case string(b) == "false":
		*a = Answer{"no"}
	default:
		return json.Unmarshal(b, (*[]string)(a))
	}
	return nil
}

// SignedUp is what came of signing up.
type SignedUp struct {
	ID               string             `json:"id"`
	Status           registrationStatus `json:"status"`
	WaitlistPosition int                `json:"waitlist_position,omitempty" minimum:"1"`
}

// SignedUpGroup is what came of signing up, and of each colleague in order.
type SignedUpGroup struct {
	SignedUp
	Colleagues []SignedUp `json:"colleagues,omitempty" nullable:"false"`
}

// signUpField is the location of a field of a registration in the request.
func signUpField(field string) string {
	if n, name, ok := ofColleague(field); ok {
		return fmt.Sprintf("body.colleagues[%d]%s", n, strings.TrimPrefix(signUpField(name), "body"))
	}
	switch field {
	case "first_name", "last_name":
		return "body.name"
	case "company_name":
		return "body.company.name"
	case "org_number", "country":
		return "body.company." + field
	case "organisation":
		return "body.company"
	}
	if question, ok := strings.CutPrefix(field, "q_"); ok {
		return "body.answers." + question
	}
	return inBody(field)
}

type signUpInput struct {
	EventID
	Body  SignUp
	entry *register.Entry // of the company in the public register; nil: not known
}

// prepare asks the public register about the company.
func (in *signUpInput) prepare(ctx context.Context, s *server) {
	c := in.Body.Company
	if c == nil {
		return
	}
	in.entry = s.Companies.FillIn(ctx, string(c.Country), &c.OrgNumber, &c.Name, s.TestNumbers)
}

func (s *server) signUp(ctx context.Context, tx *store.Tx, who caller, in *signUpInput) (SignedUpGroup, error) {
	var group SignedUpGroup
	ev, err := find(ctx, tx, in.ID)
	if err != nil {
		return group, err
	}
	if !slices.Contains(visible(), ev.Status) { // for the organiser too: publish it first
		return group, problem.ErrMissing
	}
	if ev.Mode == event.Hybrid && in.Body.Mode == "" {
		return group, invalid(at("body.mode", "choice"))
	}
	if err := addressesDiffer(in.Body); err != nil {
		return group, err
	}
	if err := s.countColleagues(who, len(in.Body.Colleagues)); err != nil {
		return group, err
	}
	all, err := registration.EnrolGroup(ctx, tx, s.requests(ev, who, in.Body), in.Body.Together, nil)
	if errors.Is(err, registration.ErrFullGroup) {
		p := newProblem(http.StatusConflict, registration.ErrFull.Code)
		p.Detail = words(registration.ErrFullGroup.Code, nil)
		return group, p
	}
	if err != nil {
		return group, err
	}
	if err := in.entry.Note(ctx, tx); err != nil {
		return group, err
	}
	for i, outcomes := range all { // of a whole series, what came of this occasion
		o := outcomes[slices.IndexFunc(outcomes, func(o registration.Outcome) bool { return o.Registration.EventID == ev.ID })]
		if o.Already && who.organises(ev.ProgrammeID) {
			return group, atEmail(registration.ErrAlready, i)
		}
		if one := signedUp(tx, o); i == 0 {
			group.SignedUp = one
		} else {
			group.Colleagues = append(group.Colleagues, one)
		}
	}
	return group, nil
}

// countColleagues counts a stranger's colleagues against the limit for sign-ups,
// since each of them is written to. The stranger has been counted before.
func (s *server) countColleagues(who caller, n int) error {
	for ; n > 0 && !who.signed(); n-- {
		if ok, wait := s.RegisterLimit(who.address); !ok {
			return tooMany(wait)
		}
	}
	return nil
}

// requests makes one request of the person and each colleague.
func (s *server) requests(ev event.Event, who caller, b SignUp) []registration.Request {
	q := registration.Request{
		EventID: ev.ID, Email: b.Email, Phone: b.Phone, Language: string(b.Language), Mode: event.Mode(b.Mode),
		Organisation: registration.Organisation{Kind: registration.OfNone}, Answers: map[string][]string{}, TestNumbers: s.TestNumbers,
		Code: b.Code,
	}
	q.FirstName, q.LastName = split(b.Name)
	if q.Language == "" {
		q.Language = ev.Language
	}
	if b.Company != nil {
		q.Organisation = registration.Organisation{
			Kind: registration.OfCompany, Country: string(b.Company.Country), Number: b.Company.OrgNumber, Name: b.Company.Name,
		}
	}
	for id, a := range b.Answers {
		q.Answers[id] = a
	}
	if who.organises(ev.ProgrammeID) {
		q.By, q.Approved = who.actor(), true
	} else { // the person, whose address is unproved
		q.Outside = true
	}
	all := []registration.Request{q}
	for _, colleague := range b.Colleagues {
		next := q
		next.Email, next.Phone, next.Answers = colleague.Email, "", nil
		next.FirstName, next.LastName = split(colleague.Name)
		all = append(all, next)
	}
	return all
}

// split parts a name at its last space.
func split(name string) (first, last string) {
	i := strings.LastIndex(name, " ")
	if i < 0 {
		return name, ""
	}
	return strings.TrimSpace(name[:i]), name[i+1:]
}

// signedUp is what is told of one outcome. Only the event's organiser is told that
// an address is registered already: for anybody else the answer is the one that a
// new address would have had, under an id of its own, and the letter says the
// rest.
func signedUp(tx *store.Tx, o registration.Outcome) SignedUp {
	id := o.Registration.ID
	if o.Already {
		id = tx.NewID()
	}
	return SignedUp{id, registrationStatus(o.Status), o.Position}
}

// atEmail names the field of person i when an address is registered already.
func atEmail(err error, i int) error {
	if !errors.Is(err, registration.ErrAlready) {
		return err
	}
	p := *registration.ErrAlready
	name := "email"
	if i > 0 {
		name = fmt.Sprintf("p%d_email", i+1)
	}
	p.Fields = problem.Fields{{Name: name, Code: p.Code}}
	return &p
}

// ofColleague parts the name that the domain gives a field of a colleague, who is
// number 2 or more of those who sign up: p2_email.
func ofColleague(field string) (n int, name string, ok bool) {
	number, name, found := strings.Cut(strings.TrimPrefix(field, "p"), "_")
	n, err := strconv.Atoi(number)
	return n - 2, name, found && err == nil && strings.HasPrefix(field, "p")
}

// addressesDiffer refuses one address for two people, as only one could be
// registered.
func addressesDiffer(b SignUp) error {
	seen := map[string]bool{normal(b.Email): true}
	var errs []FieldError
	for i, c := range b.Colleagues {
		if seen[normal(c.Email)] {
			errs = append(errs, at(fmt.Sprintf("body.colleagues[%d].email", i), "twice"))
		}
		seen[normal(c.Email)] = true
	}
	if len(errs) > 0 {
		return invalid(errs...)
	}
	return nil
}

// normal is the address by which two are compared; one that is none stays as it
// is and is refused later.
func normal(email string) string {
	if a, err := person.Address(email); err == nil {
		return a
	}
	return email
}

func isAddress(email string) bool {
	_, err := person.Address(email)
	return err == nil
}

func (s *server) isOrganisation(country, number string) bool {
	_, err := company.ParseNumber(country, number, s.TestNumbers)
	return err == nil
}

func orgNumberCode(country string) string { return "org_number_" + strings.ToLower(country) }
