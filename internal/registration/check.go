package registration

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/person"
	"stafett/internal/problem"
)

// Request is what somebody asks for by signing up.
type Request struct {
	EventID             string
	FirstName, LastName string
	Email, Phone        string
	Language            string
	Mode                event.Mode // may be left empty where there is only one
	Audience            string
	Organisation        Organisation
	Municipality        municipality.Code // of the workplace
	Answers             map[string][]string
	Diet, AccessNeeds   string
	DietConsent         bool // ticked beside what may be health data
	// Complete asks for everything that the form asks; without it, audience and
	// municipality may be missing (the API, adding by hand).
	Complete    bool
	TestNumbers bool        // invented organisation numbers are allowed here
	Outside     bool        // whoever asks has not proved who they are
	By          audit.Actor // zero: the person who signs up
	Code        string      // of an invitation
	Approved    bool        // an organiser asks: neither invitation nor request is needed
}

// Organisation is for whom somebody comes.
type Organisation struct {
	Kind            OrganisationKind
	Country, Number string
	Name            string
}

// Lengths in characters.
const (
	maxName = 120
	maxOrg  = 200
	maxText = 4000
)

// check cleans what was typed and reports what must be corrected.
func (q *Request) check(ev event.Event) error {
	var f problem.Fields
	q.checkPerson(&f)
	q.checkOrganisation(&f)
	if q.Mode == "" && ev.Mode != event.Hybrid {
		q.Mode = ev.Mode
	}
	if !ev.HasMode(q.Mode) {
		f.Add("mode", "choice")
	}
	if q.Complete && q.Audience == "" {
		f.Add("audience", "choose")
	}
	if q.Audience != "" && !slices.Contains(event.Audiences(), q.Audience) {
		f.Add("audience", "choice")
	}
	if q.Complete && q.Municipality.Number == "" {
		f.Add("municipality", "municipality")
	}
	q.checkNeeds(ev, &f)
	q.Answers = checkAnswers(ev.Questions, q.Answers, &f)
	return f.Err()
}

func (q *Request) checkPerson(f *problem.Fields) {
	q.FirstName = line("first_name", q.FirstName, maxName, f)
	q.LastName = line("last_name", q.LastName, maxName, f)
	q.Phone = line("phone", q.Phone, 40, f)
	if q.FirstName == "" {
		f.Add("first_name", "required")
	}
	if q.LastName == "" && q.Complete {
		f.Add("last_name", "required")
	}
	email, err := person.Address(q.Email)
	switch {
	case strings.TrimSpace(q.Email) == "":
		f.Add("email", "required")
	case errors.Is(err, person.ErrAddressNotASCII):
		f.Add("email", "email_ascii")
	case err != nil:
		f.Add("email", "email")
	}
	q.Email = email
	if strings.ContainsFunc(q.Phone, func(r rune) bool { return !strings.ContainsRune("0123456789 +-()./", r) }) {
		f.Add("phone", "phone")
	}
	if !slices.Contains([]string{"sv", "nb", "nn", "en"}, q.Language) {
		f.Add("language", "choice")
	}
}

func (q *Request) checkOrganisation(f *problem.Fields) {
	o := &q.Organisation
	o.Name = line("company_name", o.Name, maxOrg, f)
	if !slices.Contains(OrganisationKinds(), o.Kind) {
		f.Add("organisation", "choose")
		return
	}
	if o.Kind != OfCompany {
		o.Country, o.Number = "", ""
	} else {
		if o.Country != "SE" && o.Country != "NO" {
			f.Add("country", "choice")
			return
		}
		number, err := company.ParseNumber(o.Country, o.Number, q.TestNumbers)
		switch {
		case errors.Is(err, company.ErrPersonalNumber):
			f.Add("org_number", "personal_number")
		case strings.TrimSpace(o.Number) == "":
			f.Add("org_number", "required")
		case err != nil:
			f.Add("org_number", "org_number_"+strings.ToLower(o.Country))
		}
		o.Number = number
	}
	needsName := o.Kind == OfCompany || o.Kind == OfSoleTrader || o.Kind == OfPublicBody || o.Kind == OfAssociation
	if needsName && o.Name == "" {
		f.Add("company_name", "required")
	}
	// A personal number typed into the name must not be kept either.
	if digits := onlyDigits(o.Name); len(digits) >= 10 && o.Kind == OfSoleTrader {
		f.Add("company_name", "personal_number")
		o.Name = ""
	}
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

func (q *Request) checkNeeds(ev event.Event, f *problem.Fields) {
	q.AccessNeeds = text("access_needs", q.AccessNeeds, maxText, f)
	q.Diet = text("diet", q.Diet, maxText, f)
	if !ev.Catering || q.Mode == event.Online {
		q.Diet = ""
	}
	if q.Diet != "" && !q.DietConsent {
		f.Add("diet_consent", "diet_consent")
	}
}

// checkAnswers keeps the answers to the questions asked, each against its
// question.
func checkAnswers(questions []event.Question, answers map[string][]string, f *problem.Fields) map[string][]string {
	kept := map[string][]string{}
	for _, q := range questions {
		name := "q_" + q.ID
		var given []string
		for _, a := range answers[q.ID] {
			if a = text(name, a, maxText, f); a != "" {
				given = append(given, a)
			}
		}
		switch {
		case len(given) == 0 && q.Required:
			f.Add(name, "answer")
		case len(given) > 1 && q.Kind != event.ChoicesQuestion:
			f.Add(name, "choice")
		case q.Kind == event.YesNoQuestion && len(given) == 1 && given[0] != "yes" && given[0] != "no":
			f.Add(name, "choice")
		case q.Kind == event.ChoiceQuestion || q.Kind == event.ChoicesQuestion:
			if slices.ContainsFunc(given, func(a string) bool { return !slices.Contains(q.Options, a) }) {
				f.Add(name, "choice")
			}
		}
		if len(given) > 0 {
			kept[q.ID] = given
		}
	}
	return kept
}

// line cleans a text of one line; text one that may have several.
func line(name, s string, most int, f *problem.Fields) string { return clean(name, s, most, false, f) }
func text(name, s string, most int, f *problem.Fields) string { return clean(name, s, most, true, f) }

// clean trims and normalises what was typed and refuses what could deceive a
// reader or a mail program: control characters and reversals of direction.
func clean(name, s string, most int, breaks bool, f *problem.Fields) string {
	s = strings.TrimSpace(norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n")))
	if utf8.RuneCountInString(s) > most {
		f.Add(name, "too_long", "most", most)
	}
	if locale.Deceptive(s, breaks) {
		f.Add(name, "characters")
	}
	return s
}
