package message

import (
	"slices"
	"testing"
)

func TestNoLetterIsOfAnUrgencyThatIsNeverLookedFor(t *testing.T) {
	for l, of := range letters {
		if !slices.Contains(priorities, of.priority) {
			t.Errorf("%s has the urgency %d, which is not among %v", l, of.priority, priorities)
		}
	}
}
