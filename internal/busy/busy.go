// Package busy reads an adviser's other calendar, from the secret address at
// which Outlook, Google, Nextcloud and others publish one, and keeps of it only
// when the adviser is not free. What the time is for, where and with whom is
// never stored. A calendar that cannot be read leaves the busy times as they
// were, and the adviser is told since when.
package busy

import (
	"slices"
	"time"
)

// How far busy times are kept: what began yesterday may still last, and nobody
// books further ahead than a year.
const (
	keepBack  = 24 * time.Hour
	keepAhead = 400 // days
)

// Interval is a time when the adviser is not free, in UTC and whole seconds. The
// end does not belong to it.
type Interval struct{ StartsAt, EndsAt time.Time }

// Fault is why a calendar could not be read. It is all that is told of the
// answer; the text for it is "busy.fault.<code>".
type Fault string

// The faults.
const (
	None        Fault = ""
	Unreachable Fault = "unreachable" // no such host, no answer, or one that is not in public
	Certificate Fault = "certificate" // the host does not prove who it is
	Slow        Fault = "slow"        // not answered in full in time
	Gone        Fault = "gone"        // there is nothing at the address (any more)
	Refused     Fault = "refused"     // the address wants a sign-in
	Elsewhere   Fault = "elsewhere"   // the address leads on to another
	Failing     Fault = "failing"     // the host answers that it has a fault
	TooLarge    Fault = "too_large"   // more than is read
	Unreadable  Fault = "unreadable"  // not a calendar
)

// merged is the intervals within [from, to], in order, with those that touch as
// one.
func merged(all []Interval, from, to time.Time) []Interval {
	var kept []Interval
	for _, i := range all {
		if i.StartsAt.Before(from) {
			i.StartsAt = from
		}
		if i.EndsAt.After(to) {
			i.EndsAt = to
		}
		i.StartsAt, i.EndsAt = i.StartsAt.UTC().Truncate(time.Second), i.EndsAt.UTC().Truncate(time.Second)
		if i.StartsAt.Before(i.EndsAt) {
			kept = append(kept, i)
		}
	}
	slices.SortFunc(kept, func(a, b Interval) int { return a.StartsAt.Compare(b.StartsAt) })
	var out []Interval
	for _, i := range kept {
		last := len(out) - 1
		if last < 0 || out[last].EndsAt.Before(i.StartsAt) {
			out = append(out, i)
		} else if out[last].EndsAt.Before(i.EndsAt) {
			out[last].EndsAt = i.EndsAt
		}
	}
	return out
}
