package attendance

import (
	"slices"
	"strings"
	"time"

	"stafett/internal/locale"
	"stafett/internal/person"
	"stafett/internal/problem"
)

// What a file may be at most.
const (
	MaxBytes = 10 << 20
	MaxRows  = 20_000
	maxCell  = 400 // characters of one cell
	// A line of a report has some ten cells. Of one that has more than maxColumns
	// the rest is left out, and who has more than maxCells in all has another file.
	maxColumns = 100
	maxCells   = 20 * MaxRows
)

// Refusals of a whole file. One of which only some rows cannot be read is
// refused with BadRows.
var (
	ErrTooLarge    = &problem.Problem{Kind: problem.Invalid, Code: "report_too_large"}
	ErrTooManyRows = &problem.Problem{Kind: problem.Invalid, Code: "report_too_many_rows", Args: []any{"most", MaxRows}}
	ErrNotAReport  = &problem.Problem{Kind: problem.Invalid, Code: "report_unknown"}
	ErrNobody      = &problem.Problem{Kind: problem.Invalid, Code: "report_empty"}
)

// Parse reads a report: UTF-16 or UTF-8, parted by tabs, semicolons or commas,
// whatever language its headings are in. It is all or nothing: a file with rows
// that cannot be read gives BadRows and no report.
//
// Teams numbers the parts of its report, and the second holds the participants.
// Columns are told apart by what they hold, since their names follow the
// organiser's language.
func Parse(data []byte) (Report, error) {
	if len(data) > MaxBytes {
		return Report{}, ErrTooLarge
	}
	text, err := decode(data)
	if err != nil {
		return Report{}, err
	}
	if strings.Count(text, "\n") >= 2*MaxRows {
		return Report{}, ErrTooManyRows
	}
	for _, separator := range []rune{'\t', ';', ','} {
		if !strings.ContainsRune(text, separator) {
			continue
		}
		lines, ok := split(text, separator)
		if !ok {
			return Report{}, ErrTooManyRows
		}
		t, found := findTable(lines)
		if !found {
			continue
		}
		if len(t.rows) > MaxRows {
			return Report{}, ErrTooManyRows
		}
		return t.read(separator)
	}
	return Report{}, ErrNotAReport
}

// read makes people of the rows.
func (t table) read(separator rune) (Report, error) {
	report := Report{Product: Zoom}
	if separator == '\t' || t.numbered || t.actions >= 0 || t.length >= 0 && t.unit == 0 {
		report.Product = Teams
	}
	var bad BadRows
	var people []Participant
	if t.actions >= 0 {
		people = t.readActions(&bad)
	} else {
		for _, l := range t.rows {
			if p, ok := t.readRow(l, &bad); ok {
				people = append(people, p)
			}
		}
	}
	if len(bad) > 0 {
		return Report{}, bad
	}
	if len(people) == 0 {
		return Report{}, ErrNobody
	}
	report.Participants = merge(people)
	return report, nil
}

// readRow reads one visit of one person.
func (t table) readRow(l line, bad *BadRows) (Participant, bool) {
	before := len(*bad)
	p := t.readPerson(l, bad)
	v := visit{}
	when := func(column int) time.Time {
		s := l.cell(column)
		if s == "" {
			return time.Time{}
		}
		at, ok := readTime(s, t.monthFirst)
		if !ok {
			bad.add(l.number, column, "report_time")
		}
		return at
	}
	v.from, v.to = when(t.joins), when(t.leaves)
	if v.from.IsZero() || v.to.Before(v.from) {
		v.from, v.to = time.Time{}, time.Time{}
	}
	if s := l.cell(t.length); s != "" {
		var ok bool
		if v.length, ok = readLength(s, t.unit); !ok {
			bad.add(l.number, t.length, "report_length")
		}
		v.known = true
		if !v.from.IsZero() && v.to.IsZero() {
			v.to = v.from.Add(v.length)
		}
	} else if !v.from.IsZero() && !v.to.IsZero() {
		v.length, v.known = v.to.Sub(v.from), true
	}
	p.visits = []visit{v}
	return p, len(*bad) == before
}

// readPerson reads who a row is about. The address is the first one in the row
// that is not one that Teams makes for a guest of the organisation.
func (t table) readPerson(l line, bad *BadRows) (p Participant) {
	p.Name = l.cell(0)
	for column, s := range l.cells {
		if len([]rune(s)) > maxCell {
			bad.add(l.number, column, "report_long")
		}
		if locale.Deceptive(s, false) || strings.ContainsRune(s, '\ufffd') {
			bad.add(l.number, column, "report_characters")
		}
		if p.Email == "" && column > 0 {
			p.Email = address(s)
		}
	}
	if p.Email == "" {
		p.Email = address(p.Name) // some write it in the place of their name
	}
	if p.Name == "" {
		p.Name = p.Email
	}
	if p.Name == "" {
		bad.add(l.number, 0, "report_nobody")
	}
	return p
}

// address is the stored form of an address; empty for what is none.
func address(s string) string {
	a, err := person.Address(s)
	if err != nil || strings.Contains(a, "#ext#") {
		return ""
	}
	return a
}

// readActions reads the older report of Teams, in which each row says that
// somebody came or went, in any language: what is said first of people more often
// than last means coming. Who never went has no known time.
func (t table) readActions(bad *BadRows) []Participant {
	type step struct {
		at     time.Time
		action string
	}
	var people []Participant
	steps, at := map[int][]step{}, map[string]int{}
	for _, l := range t.rows {
		p := t.readPerson(l, bad)
		when, ok := readTime(l.cell(t.joins), t.monthFirst)
		if !ok {
			bad.add(l.number, t.joins, "report_time")
			continue
		}
		key := p.Email + " " + fullName(p.Name)
		i, known := at[key]
		if !known {
			i = len(people)
			at[key], people = i, append(people, p)
		}
		steps[i] = append(steps[i], step{when, locale.Fold(l.cell(t.actions))})
	}
	// Not what anybody's first row says: who came before the report began has gone
	// in the first row.
	first, last, coming := map[string]int{}, map[string]int{}, map[string]bool{}
	for i := range people {
		slices.SortStableFunc(steps[i], func(a, b step) int { return a.at.Compare(b.at) })
		first[steps[i][0].action]++
		last[steps[i][len(steps[i])-1].action]++
	}
	for action, n := range first {
		coming[action] = n >= last[action]
	}
	for i := range people {
		var since time.Time
		for _, s := range steps[i] {
			switch {
			case coming[s.action] && since.IsZero():
				since = s.at
			case !coming[s.action] && !since.IsZero():
				people[i].visits = append(people[i].visits, visit{from: since, to: s.at, length: s.at.Sub(since), known: true})
				since = time.Time{}
			}
		}
		if !since.IsZero() {
			people[i].visits = append(people[i].visits, visit{from: since})
		}
	}
	return people
}
