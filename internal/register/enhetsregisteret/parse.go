package enhetsregisteret

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/register"
)

// unit is what we use of a company or sub-unit, under the register's names.
type unit struct {
	Number string `json:"organisasjonsnummer"`
	Name   string `json:"navn"`
	Form   struct {
		Code string `json:"kode"`
	} `json:"organisasjonsform"`
	Address struct {
		Municipality string `json:"kommunenummer"`
	} `json:"forretningsadresse"`
	Location struct {
		Municipality string `json:"kommunenummer"`
	} `json:"beliggenhetsadresse"` // a sub-unit's
	Parent     string `json:"overordnetEnhet"`
	Bankrupt   bool   `json:"konkurs"`
	WindingUp  bool   `json:"underAvvikling"`
	ForcedEnd  bool   `json:"underTvangsavviklingEllerTvangsopplosning"`
	Removed    string `json:"slettedato"`
	ClosedDown string `json:"nedleggelsesdato"` // a sub-unit's
}

const longestName = 200 // characters, as everywhere for a company

var (
	formCode         = regexp.MustCompile(`^\p{Lu}{2,8}$`)
	municipalityCode = regexp.MustCompile(`^\d{4}$`)

	errAnswer = errors.New("the register's answer is not one")
)

// parse reads an answer and refuses what does not fit: another number than was
// asked for, no name, or one that could deceive a reader.
func parse(body []byte, number string, subUnit bool) (register.Entry, error) {
	var u unit
	if err := json.Unmarshal(body, &u); err != nil {
		return register.Entry{}, fmt.Errorf("%w: it is no such JSON", errAnswer)
	}
	e := register.Entry{
		Country: "NO", Number: u.Number, Name: strings.Join(strings.Fields(norm.NFC.String(u.Name)), " "), LegalForm: u.Form.Code,
		Municipality: u.Address.Municipality, Closed: u.Bankrupt || u.WindingUp || u.ForcedEnd || u.Removed != "" || u.ClosedDown != "",
	}
	switch {
	case u.Number != number:
		return register.Entry{}, fmt.Errorf("%w: it is about another number", errAnswer)
	case e.Name == "" || utf8.RuneCountInString(e.Name) > longestName || !utf8.ValidString(e.Name) || locale.Deceptive(e.Name, false):
		return register.Entry{}, fmt.Errorf("%w: its name is none", errAnswer)
	case !formCode.MatchString(e.LegalForm):
		return register.Entry{}, fmt.Errorf("%w: its legal form is none", errAnswer)
	}
	if e.Municipality == "" {
		e.Municipality = u.Location.Municipality
	}
	if !municipalityCode.MatchString(e.Municipality) { // abroad there is none
		e.Municipality = ""
	}
	// A company may have a parent too, as a ministry's directorate has; it is a
	// company of its own all the same. Only a sub-unit stands for its parent.
	if subUnit {
		parent, err := company.ParseNumber("NO", u.Parent, true)
		if err != nil || parent == number {
			return register.Entry{}, fmt.Errorf("%w: a sub-unit without a company", errAnswer)
		}
		e.Parent = parent
	}
	return e, nil
}
