package attendance

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"stafett/internal/locale"
)

// table is the part of a file that lists people, and which of its columns holds
// what; -1 for none. The first column is the name.
type table struct {
	header                         line
	rows                           []line
	numbered                       bool // the parts of the file have numbers, as in Teams
	joins, leaves, length, actions int
	unit                           time.Duration // of lengths that are plain numbers; 0 where they tell it
	monthFirst                     bool          // 3/10 is the tenth of March
}

// section is the heading of a numbered part, alone on its line.
var section = regexp.MustCompile(`^([1-9])\. ?\S`)

// findTable looks for the list of people: in the second numbered part, or in the
// last part between empty lines that has one.
func findTable(lines []line) (table, bool) {
	var parts [][]line
	second, part := []line(nil), []line(nil)
	number := ""
	for _, l := range lines {
		if m := section.FindStringSubmatch(l.cell(0)); m != nil && l.filled() == 1 {
			number = m[1]
			continue
		}
		switch {
		case number == "2" && l.filled() > 0:
			second = append(second, l)
		case number != "":
		case l.filled() == 0:
			parts, part = append(parts, part), nil
		default:
			part = append(part, l)
		}
	}
	if second != nil {
		t, ok := asTable(second)
		t.numbered = true
		return t, ok
	}
	for _, p := range slices.Backward(append(parts, part)) {
		if t, ok := asTable(p); ok {
			return t, true
		}
	}
	return table{}, false
}

// asTable takes the fullest line that may be a heading, and the lines after it.
func asTable(lines []line) (table, bool) {
	at := -1
	for i, l := range lines {
		if mayBeHeading(l) && (at < 0 || l.filled() > lines[at].filled()) {
			at = i
		}
	}
	if at < 0 || lines[at].filled() < 2 {
		return table{}, false
	}
	t := table{header: lines[at], rows: lines[at+1:], joins: -1, leaves: -1, length: -1, actions: -1}
	return t, t.findColumns()
}

// mayBeHeading reports whether a line holds words only, no facts.
func mayBeHeading(l line) bool {
	return !slices.ContainsFunc(l.cells, func(c string) bool {
		_, isLength := readLength(c, time.Minute)
		return isLength || isTime(c) || strings.Contains(c, "@")
	})
}

// findColumns tells the columns apart by what most of their cells hold, and
// reports whether they are those of a report.
func (t *table) findColumns() bool {
	for column := 1; column < len(t.header.cells); column++ {
		times, lengths, numbers, filled := 0, 0, 0, 0
		for _, l := range t.rows {
			c := l.cell(column)
			if c == "" {
				continue
			}
			filled++
			if isTime(c) {
				times++
			}
			if _, ok := readLength(c, 0); ok {
				lengths++
			}
			if _, ok := readLength(c, time.Minute); ok {
				numbers++
			}
		}
		switch {
		case filled == 0:
		case 2*times >= filled && t.joins < 0:
			t.joins = column
		case 2*times >= filled && t.leaves < 0:
			t.leaves = column
		case 2*lengths >= filled && t.length < 0:
			t.length = column
		case 2*numbers >= filled && t.length < 0:
			t.length, t.unit = column, time.Minute
		}
	}
	t.monthFirst = t.readsMonthFirst()
	if t.joins == 2 && t.leaves < 0 && t.length < 0 { // Full Name, User Action, Timestamp
		t.actions = 1
		return true
	}
	return t.length >= 0 || t.leaves >= 0 || t.knowsHeading()
}

// knowsHeading lets through reports without any times, which some organisations
// have set Teams to write, and lists with nobody in them.
func (t *table) knowsHeading() bool {
	h := locale.Fold(strings.Join(t.header.cells, " "))
	return strings.Contains(h, "(upn)") || strings.Contains(h, "user email") || strings.HasPrefix(h, "name (original name)")
}

// readsMonthFirst decides how dates with strokes are read: by those that can be
// read in one way only, else by the clock of twelve hours.
func (t *table) readsMonthFirst() bool {
	twelve := false
	for _, l := range t.rows {
		for _, c := range []int{t.joins, t.leaves} {
			m := dateForm.FindStringSubmatch(l.cell(c))
			if m == nil || m[2] != "/" {
				continue
			}
			if two(m[1]) > 12 {
				return false
			}
			if two(m[3]) > 12 {
				return true
			}
			twelve = twelve || halfDay.MatchString(l.cell(c))
		}
	}
	return twelve
}
