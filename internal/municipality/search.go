package municipality

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"stafett/internal/locale"
)

// name is a name in two forms: as it is spelled, but for case, and as people
// without the right keyboard write it. Both are needed: Habo and Håbo are two
// municipalities.
type name struct {
	spelled string
	folded  string
}

func nameOf(s string) name {
	spelled := strings.ToLower(norm.NFC.String(strings.Join(strings.Fields(s), " ")))
	return name{spelled: spelled, folded: locale.Fold(s)}
}

// namesOf answers all that a municipality is found by: its name, each language
// form of it, its aliases, and each of these with the county in brackets.
func namesOf(m Municipality) []name {
	plain := append([]string{m.Name}, strings.Split(m.Name, " - ")...)
	plain = append(plain, m.Aliases...)
	var names []name
	for _, s := range plain {
		names = append(names, nameOf(s))
		for _, county := range countyForms(m.County) {
			names = append(names, nameOf(withCounty(s, county)))
		}
	}
	return names
}

// countyForms answers the county as it is named and as it is spoken of: both
// "Dalarnas län" and "Dalarna".
func countyForms(county string) []string {
	if short, isLän := strings.CutSuffix(county, " län"); isLän {
		return []string{county, strings.TrimSuffix(short, "s")}
	}
	return []string{county}
}

// How well a text fits a municipality, the best first.
const (
	sameSpelling = iota
	sameLetters
	startSpelled
	startLetters
	noFit
)

func fit(names []name, text name) int {
	best := noFit
	for _, n := range names {
		switch {
		case n.spelled == text.spelled:
			best = min(best, sameSpelling)
		case n.folded == text.folded:
			best = min(best, sameLetters)
		case strings.HasPrefix(n.spelled, text.spelled):
			best = min(best, startSpelled)
		case strings.HasPrefix(n.folded, text.folded):
			best = min(best, startLetters)
		}
	}
	return best
}

// wordsFor are the words for municipality.
var wordsFor = []string{"kommun", "kommune", "municipality"}

// Search answers the municipalities of a country that a text may mean: first
// those with just that name or alias, then those with one that begins so. Case
// and marks on letters may be left out, but who writes them gets what has them
// first. An empty text finds nothing.
func (r *Register) Search(country, text string) []Municipality {
	var found []Municipality
	for _, group := range r.fits(country, text) {
		found = append(found, group...)
	}
	return found
}

// Match answers the only municipality of the country with just that name or
// alias, and false when there is none or more than one. A county in brackets
// after the name tells namesakes apart: "Herøy (Nordland)". The word for
// municipality may stand after it: "Mora kommun".
func (r *Register) Match(country, text string) (Municipality, bool) {
	if words := strings.Fields(text); len(words) > 1 && slices.Contains(wordsFor, strings.ToLower(words[len(words)-1])) {
		text = strings.Join(words[:len(words)-1], " ")
	}
	fits := r.fits(country, text)
	exact := fits[sameSpelling]
	if len(exact) == 0 {
		exact = fits[sameLetters]
	}
	if len(exact) != 1 {
		return Municipality{}, false
	}
	return exact[0], true
}

// fits groups the municipalities of a country by how well the text fits them.
func (r *Register) fits(country, text string) [noFit][]Municipality {
	var groups [noFit][]Municipality
	wanted := nameOf(text)
	if wanted.folded == "" {
		return groups
	}
	for i, m := range r.all {
		if m.Country != country {
			continue
		}
		if how := fit(r.names[i], wanted); how < noFit {
			groups[how] = append(groups[how], m)
		}
	}
	return groups
}
