package attendance

import (
	"regexp"
	"slices"
	"strings"

	"stafett/internal/locale"
)

// Candidate is somebody registered, whom a participant may be.
type Candidate struct {
	ID           string
	Email        string // as stored
	First, Last  string
	Organisation string
	Mode         string // room or online
}

// Name is first and last name.
func (c Candidate) Name() string { return strings.TrimSpace(c.First + " " + c.Last) }

// Certainty is how well somebody is known.
type Certainty string

// The certainties. Whoever is unsure is asked about, never guessed.
const (
	Sure   Certainty = "sure"
	Unsure Certainty = "unsure"
	None   Certainty = "none"
)

// Match is a participant and who it may be: one when sure, the likeliest first
// when unsure, nobody when none.
type Match struct {
	Participant
	Certainty Certainty
	ByAddress bool // the address is the same
	Possible  []Candidate
}

// Find tells of each participant who it is among those registered. It is sure of
// the same address, and, of a participant without one, of a full name that one
// candidate has, when nobody else has a like one: neither a candidate, nor another
// participant with another address. An address that nobody gave when signing up
// may be somebody else's of the same name.
func Find(r Report, all []Candidate) []Match {
	byAddress, named := map[string]Candidate{}, map[string]int{}
	for _, c := range all {
		byAddress[c.Email] = c
	}
	for _, p := range r.Participants {
		named[fullName(p.Name)]++
	}
	book := make([]entry, len(all))
	for i, c := range all {
		book[i] = newEntry(c)
	}
	matches := make([]Match, len(r.Participants))
	for i, p := range r.Participants {
		if c, known := byAddress[p.Email]; known && p.Email != "" {
			matches[i] = Match{Participant: p, Certainty: Sure, ByAddress: true, Possible: []Candidate{c}}
			continue
		}
		matches[i] = byName(p, book, named[fullName(p.Name)] == 1)
	}
	return matches
}

// byName finds who has the name, or one like it.
func byName(p Participant, book []entry, alone bool) Match {
	m := Match{Participant: p, Certainty: None}
	var same, like []Candidate
	names := namesIn(p.Name)
	for _, e := range book {
		switch best := e.likeness(names); best {
		case sameName:
			same = append(same, e.Candidate)
		case likeName:
			like = append(like, e.Candidate)
		}
	}
	m.Possible = append(same, like...)
	switch {
	case len(same) == 1 && len(like) == 0 && alone && p.Email == "":
		m.Certainty = Sure
	case len(m.Possible) > 0:
		m.Certainty = Unsure
	}
	return m
}

// likeness is how alike two names are.
type likeness int

const (
	otherName likeness = iota
	likeName
	sameName
)

// entry is a candidate with the words of the name.
type entry struct {
	Candidate
	full        string
	first, last []string
}

func newEntry(c Candidate) entry {
	return entry{c, fullName(c.Name()), words(c.First), words(c.Last)}
}

// likeness compares the candidate with every form of a participant's name.
func (e entry) likeness(names []string) likeness {
	best := otherName
	for i, n := range names {
		switch {
		case n == e.full && e.full != "" && i == 0:
			return sameName
		case e.isLike(strings.Fields(n)):
			best = likeName
		}
	}
	return best
}

// isLike reports whether the words may be the candidate's name: the same words
// in any order, the same last name, the first name alone or with the last one's
// initial, both initials, or a last name with one letter wrong.
func (e entry) isLike(given []string) bool {
	given = slices.DeleteFunc(slices.Clone(given), func(w string) bool { return devices[w] })
	if len(given) == 0 || len(e.first) == 0 {
		return false
	}
	if len(e.last) > 0 && slices.Contains(given, e.last[len(e.last)-1]) {
		return true
	}
	if len(e.last) > 0 && len(given) == 1 && given[0] == initial(e.first[0])+initial(e.last[len(e.last)-1]) {
		return true
	}
	hasFirst := slices.ContainsFunc(given, func(w string) bool { return w == e.first[0] || w == e.first[0]+"s" })
	if !hasFirst {
		return false
	}
	if len(given) == 1 || len(e.last) == 0 {
		return true
	}
	last := e.last[len(e.last)-1]
	return slices.ContainsFunc(given, func(w string) bool {
		return w == initial(last) || len(w) >= 4 && oneApart(w, last)
	})
}

func initial(word string) string { return string([]rune(word)[:1]) }

// oneApart reports whether two words differ in one letter: another, one more, or
// one less.
func oneApart(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) == len(y) {
		return i < len(x) && string(x[i+1:]) == string(y[i+1:])
	}
	return string(x[i:]) == string(y[i+1:])
}

// devices are words that a telephone or a program puts beside a name.
var devices = map[string]bool{
	"iphone": true, "ipad": true, "galaxy": true, "samsung": true, "android": true, "mobil": true, "telefon": true, "phone": true, "pc": true,
	"laptop": true, "dator": true, "macbook": true, "mac": true, "air": true, "pro": true, "surface": true, "huawei": true, "s": true, "de": true,
}

var (
	inBrackets = regexp.MustCompile(`[(\[][^)\]]*[)\]]?`)
	notLetters = regexp.MustCompile(`[^\pL\pN]+`)
)

// fullName is the form in which two names are compared: folded, without what
// stands in brackets ("(Gäst)", "(Guest)") and without what follows a stroke,
// which is mostly a company.
func fullName(s string) string {
	s, _, _ = strings.Cut(inBrackets.ReplaceAllString(s, " "), "|")
	for _, stroke := range []string{" - ", " – ", " / ", " @ "} {
		s, _, _ = strings.Cut(s, stroke)
	}
	return strings.Join(words(s), " ")
}

// namesIn lists the forms of a participant's name: the name itself first, and
// what stands in brackets, which in Zoom is the name before it was changed.
func namesIn(s string) []string {
	names := []string{fullName(s)}
	for _, b := range inBrackets.FindAllString(s, -1) {
		names = append(names, strings.Join(words(b), " "))
	}
	return names
}

// words are the words of a name, folded.
func words(s string) []string {
	return strings.Fields(notLetters.ReplaceAllString(locale.Fold(s), " "))
}
