package message

import "time"

// apart is how soon after another letter nobody is reminded: who has just been
// told needs no reminder.
const apart = time.Hour

// slack is how late the scheduler may be without being thought to have stopped.
const slack = 5 * time.Minute

// slot is one rule's letter to one group of people: those of one audience and
// mode, for whom all rules have the same moments.
type slot struct {
	due, notAfter time.Time
	off           bool // not to be reckoned with: switched off, or its moment was past when it was made
}

// sensible tells of each slot of one group, in the order of their moments, whether
// its letter still makes sense at now. This is the one place of the rule:
//
//   - no letter once what it is about is over;
//   - no letter when a later one goes to the same people within the hour, so of
//     several that are due together after a stop only the last goes, and one that
//     is late makes way for the next.
//
// The rest of the rule is about each person, see toldBy: no letter of a moment that
// was past, or less than an hour ahead, when the person was told by another letter
// (E02, E03, E07, E15), and none once another reminder has been written since.
func sensible(slots []slot, now time.Time, loc *time.Location) []bool {
	goes := make([]bool, len(slots))
	var next time.Time // when the next letter goes to the group; zero: no other
	for i := len(slots) - 1; i >= 0; i-- {
		s := slots[i]
		if s.off || !s.due.Before(s.notAfter) || !now.Before(s.notAfter) {
			continue
		}
		sent := s.due
		if now.After(s.due.Add(slack)) {
			if sent = AfterQuietHours(now, s.notAfter, loc); sent.Before(now) {
				sent = now
			}
		}
		if next.IsZero() || !next.Before(sent.Add(apart)) {
			goes[i], next = true, sent
		}
	}
	return goes
}

// toldBy is when somebody must have been told of their place, or the event moved,
// at the latest, to be reminded at a moment.
func toldBy(due time.Time) time.Time { return due.Add(-apart) }
