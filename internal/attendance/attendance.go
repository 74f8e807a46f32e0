// Package attendance reads the lists of who was in an online meeting, as
// Microsoft Teams and Zoom hand them out, and finds the people among those who
// are registered. It knows no database: what it is unsure of it says, and a
// person decides.
package attendance

import (
	"cmp"
	"slices"
	"time"
)

// Product is the program that wrote a report.
type Product string

// The products whose reports are read.
const (
	Teams Product = "teams"
	Zoom  Product = "zoom"
)

// Report is who was in a meeting. Each person stands in it once, in the order in
// which the file has them.
type Report struct {
	Product      Product
	Participants []Participant
}

// Participant is one person in a meeting.
type Participant struct {
	Name  string        // as it stood in the meeting
	Email string        // as package person stores it; empty for guests
	Time  time.Duration // in the meeting; overlapping visits count once
	Timed bool          // whether Time is known

	visits []visit
}

// visit is one time that somebody was in the meeting.
type visit struct {
	from, to time.Time // zero where the file does not tell
	length   time.Duration
	known    bool
}

// Present tells whether somebody counts as present at an event of the length:
// there for at least half of it where the time is known, else there at all.
func (p Participant) Present(length time.Duration) bool {
	return !p.Timed || 2*p.Time >= length
}

// With is the same person in two rows, or on two devices: what they overlap
// counts once.
func (p Participant) With(other Participant) Participant {
	if p.Email == "" {
		p.Email = other.Email
	}
	p.visits = slices.Concat(p.visits, other.visits)
	p.Time, p.Timed = total(p.visits)
	return p
}

// total adds visits up. Of those that overlap, no more counts than the time from
// the first coming to the last going; one visit of unknown length makes the
// whole unknown.
func total(visits []visit) (sum time.Duration, known bool) {
	visits = slices.Clone(visits)
	slices.SortFunc(visits, func(a, b visit) int { return a.from.Compare(b.from) })
	var from, to time.Time
	var together time.Duration
	for _, v := range visits {
		if !v.known {
			return 0, false
		}
		if v.from.IsZero() {
			sum += v.length
			continue
		}
		if v.from.After(to) {
			sum, together, from, to = sum+min(together, to.Sub(from)), 0, v.from, v.from
		}
		together += v.length
		if v.to.After(to) {
			to = v.to
		}
	}
	return sum + min(together, to.Sub(from)), len(visits) > 0
}

// merge makes one participant of all rows of a person: those with the same
// address, and those without one who have the same name.
func merge(rows []Participant) []Participant {
	var people []Participant
	at := map[string]int{}
	for _, p := range rows {
		key := cmp.Or(p.Email, " "+fullName(p.Name))
		i, known := at[key]
		if !known {
			i = len(people)
			at[key], people = i, append(people, Participant{Name: p.Name, Email: p.Email})
		}
		people[i].visits = append(people[i].visits, p.visits...)
	}
	for i, p := range people {
		people[i].Time, people[i].Timed = total(p.visits)
	}
	return people
}
