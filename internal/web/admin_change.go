package web

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// A change that people must be told of is made in two steps. The first makes it,
// looks at the letters that it would send, and takes it back; the second makes it
// for good.

// changeStep is what an organiser is shown before such a change.
type changeStep struct {
	Action   string // the address that makes it for good
	Back     string // the address that leaves all as it is
	Button   string // the text is "admin.change.<Button>"
	Danger   bool
	Changes  []changed
	Reach    registration.Reach
	Tells    []languageCount // those with a place, by language
	Others   []reached       // those without one
	Letters  []previewLetter
	AskWords bool   // the organiser's own words are asked for in this step
	Words    string // as typed
	Hidden   []hiddenField
	Morning  time.Time // when the letters go, where it is night; zero: at once
}

// changed is one thing before and after.
type changed struct {
	Label         string // the text is "admin.field.<Label>"
	Before, After string
}

type languageCount struct {
	Language locale.Language
	N        int
}

// reached is how many of those without a place hear of the change, and how.
type reached struct {
	Text string // is "admin.change.<Text>"
	N    int
}

type previewLetter struct {
	Language locale.Language
	Name     string // the language's own
	To       string // the text is "admin.change.letter_<To>"
	Letter
}

// What a change means for those who have no place.
const (
	othersTold  = "told"  // they wait still, and the offers stand
	othersBack  = "back"  // they wait still, and the offers are withdrawn
	othersEnded = "ended" // like everybody else they are told that it is over
	othersQuiet = "quiet" // it is nothing to them
)

// others says what a change means for those who have no place.
func others(r registration.Reach, means string) []reached {
	all := []reached{{"told_waiting", r.Waiting}, {"told_offered", r.Offered}, {"told_asked", r.Asked}}
	switch means {
	case othersBack:
		all[1].Text = "told_back"
	case othersEnded:
		all[0].Text, all[1].Text = "ended_waiting", "ended_offered"
	case othersQuiet:
		all = []reached{{"quiet_waiting", r.Waiting + r.Offered + r.Asked + r.UntouchedWaiting}}
		r.UntouchedWaiting = 0
	}
	all = append(all, reached{"untouched_waiting", r.UntouchedWaiting}, reached{"untouched", r.Untouched})
	return slices.DeleteFunc(all, func(x reached) bool { return x.N == 0 })
}

// Sends reports whether anybody gets a letter.
func (s changeStep) Sends() bool {
	return s.Reach.WithPlace > 0 || slices.ContainsFunc(s.Others, func(x reached) bool { return x.Text != "quiet_waiting" && !strings.HasPrefix(x.Text, "untouched") })
}

// hiddenField sends on what was typed in the step before.
type hiddenField struct{ Name, Value string }

// hiddenFields are the form's fields of these names as they were sent, in an
// order that keeps rows together.
func hiddenFields(c *gin.Context, names []string) []hiddenField {
	var fields []hiddenField
	for _, name := range names {
		for _, v := range c.PostFormArray(name) {
			fields = append(fields, hiddenField{name, v})
		}
	}
	return fields
}

// errLookedAt takes back a change that was only looked at.
var errLookedAt = errors.New("the change was only looked at")

// lookAt makes the change in a transaction, notes whom it reaches and the letter
// that goes to one person in each language, and takes everything back. What
// refuses the change is returned.
func (s *Server) lookAt(c *gin.Context, id string, letter message.Letter, touches func(event.Mode) bool, change func(context.Context, *store.Tx) error) (changeStep, error) {
	var step changeStep
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.ownEvent(ctx, tx, c, id); err != nil {
			return err
		}
		var err error
		if step.Reach, err = registration.ReachOf(ctx, tx, id, touches); err != nil {
			return err
		}
		people, err := samplePeople(ctx, tx, id, step.Reach, touches)
		if err != nil {
			return err
		}
		if err := change(ctx, tx); err != nil {
			return err
		}
		if step.Morning, err = s.morning(ctx, tx, id, letter); err != nil {
			return err
		}
		if step.Letters, err = s.lettersTo(ctx, tx, people, letter); err != nil {
			return err
		}
		return errLookedAt
	})
	if !errors.Is(err, errLookedAt) {
		return step, err
	}
	for _, lang := range locale.All() {
		if n := step.Reach.Languages[string(lang)]; n > 0 {
			step.Tells = append(step.Tells, languageCount{lang, n})
		}
	}
	return step, nil
}

// morning is when the letters of one kind go that the change has just written,
// on the event's clock; zero when that is at once.
func (s *Server) morning(ctx context.Context, tx *store.Tx, id string, letter message.Letter) (time.Time, error) {
	due, err := message.FirstDue(ctx, tx, id, letter, tx.Now)
	if err != nil || !due.After(tx.Now) {
		return time.Time{}, err
	}
	ev, err := event.Find(ctx, tx, id)
	return due.In(ev.Location()), err
}

// samplePage is how many registrations are read at a time while looking for one
// in each language.
const samplePage = 200

// samplePeople finds one person with a place for each language that the people
// of an event have, and one of each kind of those who have none.
func samplePeople(ctx context.Context, tx *store.Tx, eventID string, reach registration.Reach, touches func(event.Mode) bool) ([]registration.Registration, error) {
	people, err := oneInEach(ctx, tx, eventID, len(reach.Languages), registration.Confirmed, touches)
	for _, status := range []registration.Status{registration.Waitlisted, registration.Offered, registration.Requested, registration.PendingEmail} {
		if err != nil {
			return nil, err
		}
		var some []registration.Registration
		some, err = oneInEach(ctx, tx, eventID, 1, status, touches)
		people = append(people, some[:min(len(some), 1)]...)
	}
	return people, err
}

// oneInEach finds one person in the state for each language, in the order of the
// languages.
func oneInEach(ctx context.Context, tx *store.Tx, eventID string, wanted int, status registration.Status, touches func(event.Mode) bool) ([]registration.Registration, error) {
	var people []registration.Registration
	f := registration.RosterFilter{Statuses: []registration.Status{status}, Limit: samplePage}
	for len(people) < wanted {
		some, err := registration.Roster(ctx, tx, eventID, f)
		if err != nil {
			return nil, err
		}
		for _, r := range some {
			known := slices.ContainsFunc(people, func(p registration.Registration) bool { return p.Language == r.Language })
			if !known && touches(r.Mode) {
				people = append(people, r)
			}
		}
		if len(some) < samplePage {
			break
		}
		f.AfterID = some[len(some)-1].ID
	}
	at := func(r registration.Registration) int { return slices.Index(locale.All(), locale.Language(r.Language)) }
	slices.SortStableFunc(people, func(a, b registration.Registration) int { return at(a) - at(b) })
	return people, nil
}

// lettersTo renders the letters of one kind that the change has just written to
// these people.
func (s *Server) lettersTo(ctx context.Context, tx *store.Tx, people []registration.Registration, kind message.Letter) ([]previewLetter, error) {
	var letters []previewLetter
	for _, r := range people {
		if s.Preview == nil {
			break
		}
		written, err := message.OfRegistration(ctx, tx, r.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range slices.Backward(written) {
			if m.Letter != kind || m.Status != message.Waiting || !m.CreatedAt.Equal(tx.Now) {
				continue
			}
			l, err := s.Preview(ctx, tx, m)
			if err != nil {
				return nil, err
			}
			lang := locale.Language(r.Language)
			letters = append(letters, previewLetter{Language: lang, Name: lang.Name(), To: kindOf(r.Status), Letter: l})
			break
		}
	}
	return letters, nil
}

// kindOf is how the preview of letters names people in a state.
func kindOf(s registration.Status) string {
	switch s {
	case registration.Waitlisted, registration.Offered:
		return string(s)
	case registration.Requested, registration.PendingEmail:
		return "asked"
	}
	return "place"
}

// changesOf lists what differs between two versions of an event, as people read
// it.
func (s *Server) changesOf(lang locale.Language, before, after event.Content) ([]changed, error) {
	var list []changed
	compare := func(label, a, b string) {
		if a != b {
			list = append(list, changed{label, a, b})
		}
	}
	modes := map[event.Mode]string{}
	for _, m := range []event.Mode{before.Mode, after.Mode} {
		var err error
		if modes[m], err = s.Texts.Text(lang, "mode."+string(m)); err != nil {
			return nil, err
		}
	}
	place := func(c event.Content) string { return s.location(lang, event.Event{Content: c}) }
	compare("title", before.Title, after.Title)
	compare("summary", before.Summary, after.Summary)
	compare("description", before.Description, after.Description)
	compare("time", locale.Range(lang, before.LocalStart(), before.LocalEnd()), locale.Range(lang, after.LocalStart(), after.LocalEnd()))
	compare("mode", modes[before.Mode], modes[after.Mode])
	compare("place", place(before), place(after))
	compare("access_notes", before.AccessNotes, after.AccessNotes)
	compare("join_url", before.JoinURL, after.JoinURL)
	compare("closes", lastDay(lang, before), lastDay(lang, after))
	compare("room_places", optionalNumber(before.RoomPlaces), optionalNumber(after.RoomPlaces))
	compare("online_places", optionalNumber(before.OnlinePlaces), optionalNumber(after.OnlinePlaces))
	compare("agenda", agendaOf(lang, before), agendaOf(lang, after))
	compare("contact", contactOf(before), contactOf(after))
	return list, nil
}

func lastDay(lang locale.Language, c event.Content) string {
	t := c.ClosesAt.In(c.Location())
	return locale.Date(lang, t) + " " + locale.At(lang, locale.Clock(lang, t))
}

func agendaOf(lang locale.Language, c event.Content) string {
	var parts []string
	for _, a := range c.Agenda {
		at := c.LocalStart().Add(time.Duration(a.OffsetMinutes) * time.Minute)
		parts = append(parts, locale.Clock(lang, at)+" "+a.Title)
	}
	return strings.Join(parts, " · ")
}

func contactOf(c event.Content) string {
	return strings.Trim(strings.Join([]string{c.ContactName, c.ContactEmail, c.ContactPhone}, " · "), " ·")
}
