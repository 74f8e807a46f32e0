// Package news holds who wants news from a programme: a consent of its own, apart
// from any registration, given by a box that was empty and by a click in a letter,
// and taken back with one click.
package news

import (
	"time"

	"stafett/internal/problem"
)

// Status is where a subscription stands.
type Status string

// The states of a subscription.
const (
	Asked Status = "asked" // the box was ticked; the address has yet to be proved
	On    Status = "on"
	Ended Status = "ended"
)

// Source is where the box stood that was ticked.
type Source string

// The places where one can ask for news.
const (
	SignUp  Source = "sign_up"  // anybody can write any address there
	OwnPage Source = "own_page" // whoever is there has proved the address
)

// End is how a subscription ended.
type End string

// The ways in which a subscription ends.
const (
	ByOneClick End = "one_click" // the mail program did it (RFC 8058)
	ByMail     End = "mail"      // a letter to the address for it (RFC 2369)
	ByPage     End = "page"      // the button behind the link in a letter
	ByOwnPage  End = "own_page"
	ByLapse    End = "lapsed" // nobody said that the address is theirs
	ByErasure  End = "erased"
)

// Subscription is one person's wish for news from one programme. An address has
// at most one that has not ended in each.
type Subscription struct {
	ID, ProgrammeID string
	Email           string // normalised; "erased:…" once erased
	Language        string
	Status          Status
	Source          Source
	Wording         string    // what stood beside the box
	AskedAt         time.Time // UTC, as all
	ConfirmedAt     time.Time // zero: not yet
	EndedAt         time.Time // zero: it has not
	EndedBy         End
}

const (
	// askedLife is how long somebody has to say that the address is theirs.
	askedLife = 14 * 24 * time.Hour
	// askedAgain is how soon a second letter may ask the same.
	askedAgain = 24 * time.Hour
	// proofMonths is how long it can be shown that there was a consent, after it
	// was taken back.
	proofMonths = 24
)

// ErrLink says that a link in a letter with news is not good, or no longer.
var ErrLink = &problem.Problem{Kind: problem.Missing, Code: "news_link_spent"}
