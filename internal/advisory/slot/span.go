package slot

import (
	"slices"
	"sort"
	"time"
)

// Span is a stretch of time from its start up to its end, which is not part of
// it: two that only touch do not overlap.
type Span struct{ From, To time.Time }

// Overlaps reports whether the two have time in common.
func (s Span) Overlaps(o Span) bool { return s.From.Before(o.To) && o.From.Before(s.To) }

// cut is what the two have in common, which may be empty.
func (s Span) cut(o Span) Span {
	if s.From.Before(o.From) {
		s.From = o.From
	}
	if o.To.Before(s.To) {
		s.To = o.To
	}
	return s
}

func (s Span) empty() bool { return !s.From.Before(s.To) }

// merged puts the spans in order and joins those that overlap or touch. Empty
// ones are left out.
func merged(spans []Span) []Span {
	spans = slices.DeleteFunc(slices.Clone(spans), Span.empty)
	slices.SortFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	var joined []Span
	for _, s := range spans {
		if n := len(joined); n > 0 && !joined[n-1].To.Before(s.From) {
			if joined[n-1].To.Before(s.To) {
				joined[n-1].To = s.To
			}
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// less takes the second from the first; both are merged.
func less(spans, out []Span) []Span {
	var left []Span
	for _, s := range spans {
		for _, o := range out[first(out, s.From):] {
			if !s.Overlaps(o) {
				break
			}
			if s.From.Before(o.From) {
				left = append(left, Span{s.From, o.From})
			}
			s.From = o.To
		}
		if !s.empty() {
			left = append(left, s)
		}
	}
	return left
}

// first finds the first of merged spans that ends after the moment.
func first(spans []Span, at time.Time) int {
	return sort.Search(len(spans), func(i int) bool { return spans[i].To.After(at) })
}

// within reports whether the whole span lies in one of the merged ones.
func (s Span) within(spans []Span) bool {
	i := first(spans, s.From)
	return i < len(spans) && !s.From.Before(spans[i].From) && !spans[i].To.Before(s.To)
}

// touches reports whether the span overlaps any of the merged ones.
func (s Span) touches(spans []Span) bool {
	i := first(spans, s.From)
	return i < len(spans) && s.Overlaps(spans[i])
}
