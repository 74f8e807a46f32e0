package message

import (
	"context"
	"time"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// Test makes a message one that is only looked at: in a preview, or as a letter
// that an organiser sends to themselves. It tells of something real, or of
// somebody invented, and its personal links open nothing.
type Test struct {
	EventID        string `json:"event_id,omitempty"`        // empty: an invented event of the message's programme
	RegistrationID string `json:"registration_id,omitempty"` // empty: somebody invented
	SubscriptionID string `json:"subscription_id,omitempty"` // of news: whose they would be; empty: somebody's who is invented
	Mode           string `json:"mode,omitempty"`            // room or online, of somebody invented
	Situation      string `json:"situation,omitempty"`       // of which the letter tells; empty: the usual one
	Accent         string `json:"-"`                         // of a preview: a colour that the programme might take
}

// TestsAnHour is how many letters an organiser may send to themselves within an
// hour.
const TestsAnHour = 20

// ErrTooManyTests says that so many have been sent.
var ErrTooManyTests = &problem.Problem{Kind: problem.Conflict, Code: "too_many_tests"}

// MayTest reports with ErrTooManyTests that so many letters of any kind have been
// sent to be looked at that no more may go to the address now.
func MayTest(ctx context.Context, tx *store.Tx, recipient string) error {
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE recipient = ? AND created_at > ? AND `+isTest,
		recipient, store.At(tx.Now.Add(-time.Hour)))
	if err == nil && n >= TestsAnHour {
		return ErrTooManyTests
	}
	return err
}

// EnqueueTest writes a letter to whoever asked to look at it. It belongs to the
// programme and to no event or registration, so that nothing is counted as told.
func EnqueueTest(ctx context.Context, tx *store.Tx, l Letter, recipient, language, programmeID string, t Test) error {
	if err := MayTest(ctx, tx, recipient); err != nil {
		return err
	}
	_, err := Enqueue(ctx, tx, Request{
		Key: "test:" + tx.NewID(), Letter: l, Recipient: recipient, Language: language, ProgrammeID: programmeID, Details: Details{Test: &t},
	})
	return err
}
