// Package mailing is what organisers write to those who have signed up, or who
// have asked for news: to whom, what, when, and how far it has come. Whom it reaches is looked up when it is
// sent, and once more when each letter is written, so that whoever has given up
// meanwhile gets none. Package message holds the letters, package mail prints
// them.
package mailing

import (
	"slices"
	"strings"
	"time"

	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/problem"
)

// Status is how far a mailing has come.
type Status string

// The states of a mailing.
const (
	Draft     Status = "draft"
	Scheduled Status = "scheduled" // goes by itself when its time comes
	Sending   Status = "sending"   // letters are being written or delivered
	Sent      Status = "sent"      // nothing waits any more
	Stopped   Status = "stopped"   // what had not gone was dropped
)

// Statuses lists every state, in the order of a mailing's life.
func Statuses() []Status { return []Status{Draft, Scheduled, Sending, Sent, Stopped} }

// Text is what a mailing says in one language.
type Text struct {
	Subject string `json:"subject"`
	Body    string `json:"body"` // Markdown, with placeholders
}

// Empty reports whether nothing has been written.
func (t Text) Empty() bool { return t == Text{} }

// Content is what an organiser writes.
type Content struct {
	Texts map[string]Text // by language
	Facts bool            // when and where the event is stand in the letter
}

// For finds the text for a reader of a language, and the language that it is in,
// as locale.InOrder says.
func (c Content) For(reader, programme string) (Text, string) {
	for _, l := range locale.InOrder(reader, programme) {
		if t := c.Texts[l]; !t.Empty() {
			return t, l
		}
	}
	return Text{}, programme
}

// Languages lists the languages in which something is written.
func (c Content) Languages() (all []string) {
	for _, l := range locale.All() {
		if !c.Texts[string(l)].Empty() {
			all = append(all, string(l))
		}
	}
	return all
}

// Mailing is a mailing as it is stored.
type Mailing struct {
	ID, ProgrammeID string
	Status          Status
	Selection       Selection
	Content
	Revision   int
	EditedBy   string    // the user who saved it last
	SendAt     time.Time // of one that is scheduled, or was
	MissedAt   time.Time // when a draft was to go and nothing ran; zero: not so
	StartedAt  time.Time
	WrittenAt  time.Time // when every letter was in the outbox
	EndedAt    time.Time
	NotWorking int // how many were left out: their address is known not to work
	Erased     int // and how many for their data are erased
	CreatedAt  time.Time
	ChangedAt  time.Time
}

// Title is the subject in the language, or in another that there is; empty when
// none is written.
func (m Mailing) Title(language string) string {
	t, _ := m.For(language, language)
	return t.Subject
}

// Uses reports whether the letter to a reader of a language has a placeholder.
func (m Mailing) Uses(reader, programme, placeholder string) bool {
	t, _ := m.For(reader, programme)
	return strings.Contains(t.Body, placeholder)
}

// Letter is the kind of its letters.
func (m Mailing) Letter() message.Letter {
	if m.Selection.News {
		return message.News
	}
	return message.Mailing
}

// MayWait reports whether its letters wait while people sleep: news always, and
// what was scheduled, for nobody sits there and waits for it.
func (m Mailing) MayWait() bool { return m.Selection.News || !m.SendAt.IsZero() }

// Refusals.
var (
	// ErrEdited says that somebody else saved the mailing meanwhile.
	ErrEdited = &problem.Problem{Kind: problem.Conflict, Code: "mailing_edited"}
	// ErrNotNow says that the mailing is not in a state for this.
	ErrNotNow = &problem.Problem{Kind: problem.Conflict, Code: "mailing_not_now"}
	// ErrNobody says that the mailing would reach nobody.
	ErrNobody = &problem.Problem{Kind: problem.Conflict, Code: "mailing_nobody"}
	// ErrNoReaders says so of news.
	ErrNoReaders = &problem.Problem{Kind: problem.Conflict, Code: "news_no_readers"}
)

// Limits of what is written.
const (
	MaxSubject = 150    // characters
	MaxBody    = 10_000 // characters
	maxHTML    = 80_000 // bytes of the printed text: mail programs cut letters off at 102 kB
	maxName    = 100    // characters of a template's name
	maxEvents  = 100
	maxChosen  = 500 // companies, or municipalities
)

func has[T comparable](list []T, v T) bool { return slices.Contains(list, v) }
