package slot

import "time"

// Open lists the hours between two moments in which the week and its exceptions
// have the adviser free, whatever is booked: in UTC, in order, cut at the moments.
func (a Adviser) Open(from, to time.Time) []Span { return between(a.free(a.days(from, to)), from, to) }

// Left lists what is left of the open hours between two moments when meetings,
// with what is kept free around them, and busy times are taken out.
func (a Adviser) Left(from, to time.Time) []Span {
	return between(less(a.free(a.days(from, to)), a.blocked()), from, to)
}

// Within reports whether the whole span lies in one of those listed, which are in
// order and apart, as Open lists them.
func (s Span) Within(spans []Span) bool { return s.within(spans) }

func between(spans []Span, from, to time.Time) (found []Span) {
	for _, s := range spans {
		if s = s.cut(Span{from.UTC(), to.UTC()}); !s.empty() {
			found = append(found, s)
		}
	}
	return found
}
