package application

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/problem"
)

// Form is an application as it is typed. A draft keeps every word of it, also what
// cannot be understood yet.
type Form struct {
	FirstName    string `json:"first_name"` // of an applicant of whom no name is known yet
	LastName     string `json:"last_name"`
	Body         string `json:"body"` // the id of a body that the person is tied to; empty: the number and name below
	OrgNumber    string `json:"org_number"`
	BodyName     string `json:"body_name"`
	Title        string `json:"title"`
	Challenge    string `json:"challenge"`
	Goal         string `json:"goal"`
	ReportURL    string `json:"report_url"`
	ProjectOwner string `json:"project_owner"`
	Budget       string `json:"budget"`
	OwnShare     string `json:"own_share"`
	Asked        string `json:"asked"`
	Support      string `json:"support"`
}

// The longest texts, in characters.
const (
	shortText   = 200
	longestName = 100
	longText    = 8000
)

// leastChallenge is how long a need must be to be one, in characters.
const leastChallenge = 20

func long(s string, most int) bool { return utf8.RuneCountInString(s) > most }

// Personal takes out of the form what looks like a personal number, which nobody
// needs here and which is not kept, and says where it stood.
func (f Form) Personal(country string) (Form, error) {
	var found problem.Fields
	if _, err := company.ParseNumber(country, f.OrgNumber, true); company.ErrPersonalNumber.Is(err) {
		f.OrgNumber = ""
		found.Add("org_number", "application_personal")
	}
	for _, text := range []struct {
		field string
		value *string
	}{{"first_name", &f.FirstName}, {"last_name", &f.LastName}, {"body_name", &f.BodyName}, {"project_owner", &f.ProjectOwner}} {
		if company.LooksPersonal(*text.value) {
			*text.value = ""
			found.Add(text.field, "application_personal")
		}
	}
	return f, found.Err()
}

// check reads the form and reports what must be corrected before it can be sent.
// The number of a body that is chosen by its tie is not asked for.
func (f Form) check(s Scheme, country string, nameless bool, ties []company.Tie, testNumbers bool) (c Content, number string, err error) {
	var wrong problem.Fields
	if nameless {
		line(&wrong, "first_name", f.FirstName, longestName)
		line(&wrong, "last_name", f.LastName, longestName)
	}
	if f.Body != "" {
		if !slices.ContainsFunc(ties, func(t company.Tie) bool { return t.ID == f.Body }) {
			wrong.Add("body", "choice")
		}
	} else {
		number, err = company.ParseNumber(country, f.OrgNumber, testNumbers)
		if strings.TrimSpace(f.OrgNumber) == "" {
			wrong.Add("org_number", "required")
		} else if err != nil {
			wrong.Add("org_number", "org_number_"+strings.ToLower(country))
		}
		line(&wrong, "body_name", f.BodyName, shortText)
	}
	c.Title = line(&wrong, "title", f.Title, shortText)
	c.Challenge = text(&wrong, "challenge", f.Challenge)
	if n := utf8.RuneCountInString(c.Challenge); n > 0 && n < leastChallenge {
		wrong.Add("challenge", "application_short", "least", leastChallenge)
	}
	c.Goal = text(&wrong, "goal", f.Goal)
	c.ReportURL = strings.TrimSpace(f.ReportURL)
	if c.ReportURL != "" && !webAddress(c.ReportURL) {
		wrong.Add("report_url", "https")
	}
	c.ProjectOwner = line(&wrong, "project_owner", f.ProjectOwner, shortText)
	c.BudgetMinor = money(&wrong, "budget", f.Budget, 1)
	c.OwnShareMinor = money(&wrong, "own_share", f.OwnShare, 0)
	c.AskedMinor = money(&wrong, "asked", f.Asked, 1)
	switch {
	case c.AskedMinor == nil:
	case *c.AskedMinor > s.MostMinor:
		wrong.Add("asked", "application_most", "most", problem.Money{Minor: s.MostMinor, Currency: s.Currency})
	case c.BudgetMinor != nil && c.OwnShareMinor != nil && *c.AskedMinor+*c.OwnShareMinor > *c.BudgetMinor:
		wrong.Add("asked", "application_above_budget")
	}
	c.Support = text(&wrong, "support", f.Support)
	return c, number, wrong.Err()
}

func line(f *problem.Fields, field, typed string, most int) string {
	s := strings.Join(strings.Fields(norm.NFC.String(typed)), " ")
	return required(f, field, s, most, false)
}

func text(f *problem.Fields, field, typed string) string {
	s := strings.TrimSpace(norm.NFC.String(strings.ReplaceAll(typed, "\r\n", "\n")))
	return required(f, field, s, longText, true)
}

func required(f *problem.Fields, field, s string, most int, breaks bool) string {
	switch {
	case s == "":
		f.Add(field, "required")
	case long(s, most):
		f.Add(field, "too_long", "most", most)
	case locale.Deceptive(s, breaks):
		f.Add(field, "characters")
	}
	return s
}

func money(f *problem.Fields, field, typed string, least int64) *int64 {
	minor, ok := ParseAmount(typed)
	switch {
	case strings.TrimSpace(typed) == "":
		f.Add(field, "required")
	case !ok || minor < least:
		f.Add(field, "application_amount")
	default:
		return &minor
	}
	return nil
}

func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && len(s) <= 500 && !locale.Deceptive(s, false)
}

// ParseAmount reads an amount of money as people write it, and answers it in the
// smallest unit: "450 000", "450.000", "450 000,50", "450 000 kr", "kr 450 000,-".
// A point or comma before three figures parts thousands, before one or two it is
// the decimal sign. What can be read in two ways is not read.
func ParseAmount(typed string) (minor int64, ok bool) {
	s := strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cf) || r == '\'' || r == '’' {
			return -1
		}
		return r
	}, typed))
	for _, word := range []string{"kroner", "kronor", "nok", "sek", "kr."} {
		s = strings.TrimSuffix(strings.TrimPrefix(s, word), word)
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "kr"), "kr")
	for _, dash := range []string{",-", ",–", ":-", ":–", ".-"} {
		s = strings.TrimSuffix(s, dash)
	}
	whole, decimals := s, ""
	if at := strings.LastIndexAny(s, ".,"); at >= 0 && len(s)-at-1 <= 2 {
		whole, decimals = s[:at], s[at+1:]
		if decimals == "" {
			return 0, false
		}
	}
	if strings.Contains(whole, ".") && strings.Contains(whole, ",") {
		return 0, false
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r == '.' || r == ',' })
	if len(groups) == 0 || strings.Count(whole, ".")+strings.Count(whole, ",") != len(groups)-1 || len(groups) > 1 && len(groups[0]) > 3 {
		return 0, false
	}
	for _, g := range groups[1:] {
		if len(g) != 3 {
			return 0, false
		}
	}
	digits := strings.Join(groups, "") + (decimals + "00")[:2]
	for _, r := range digits {
		if r < '0' || r > '9' {
			return 0, false
		}
	}
	minor, err := strconv.ParseInt(digits, 10, 64)
	return minor, err == nil && minor <= maxMinor
}
