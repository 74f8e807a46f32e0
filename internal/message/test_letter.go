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

// testKey begins the key of a letter that is only looked at.
const testKey = "test:"

// EnqueueTest writes a letter to whoever asked to look at it. It belongs to the
// programme and to no event or registration, so that nothing is counted as told.
func EnqueueTest(ctx context.Context, tx *store.Tx, l Letter, recipient, language, programmeID string, t Test) error {
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM message WHERE recipient = ? AND created_at > ? AND unique_key LIKE '`+testKey+`%'`, recipient, store.At(tx.Now.Add(-time.Hour)))
	if err != nil {
		return err
	}
	if n >= TestsAnHour {
		return ErrTooManyTests
	}
	_, err = Enqueue(ctx, tx, Request{
		Key: testKey + tx.NewID(), Letter: l, Recipient: recipient, Language: language, ProgrammeID: programmeID, Details: Details{Test: &t},
	})
	return err
}
