package registration

import "stafett/internal/audit"

// TakePlace takes a place without asking whether one is free, so that a test
// can see who refuses then.
var TakePlace = (*Registration).takePlace

// Move takes one step, whoever may ask for it.
var Move = move

// Changed is a change for Move.
func Changed(to Status) change { return change{to: to, by: audit.System} }

// Terms says when an offer is sent and by when it must be answered.
var Terms = terms
