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
	Waiting  string          // what becomes of those who wait: the text is "admin.change.waiting_<Waiting>"
	Letters  []previewLetter
	AskWords bool   // the organiser's own words are asked for in this step
	Words    string // as typed
	Hidden   []hiddenField
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

type previewLetter struct {
	Language locale.Language
	Name     string // the language's own
	Letter
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
func (s *Server) lookAt(c *gin.Context, id string, letter message.Letter, change func(context.Context, *store.Tx) error) (changeStep, error) {
	var step changeStep
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.ownEvent(ctx, tx, c, id); err != nil {
			return err
		}
		var err error
		if step.Reach, err = registration.ReachOf(ctx, tx, id); err != nil {
			return err
		}
		people, err := samplePeople(ctx, tx, id, step.Reach)
		if err != nil {
			return err
		}
		if err := change(ctx, tx); err != nil {
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

// samplePage is how many registrations are read at a time while looking for one
// in each language.
const samplePage = 200

// samplePeople finds one person with a place for each language that the people
// of an event have, or, when nobody has a place, one who waits.
func samplePeople(ctx context.Context, tx *store.Tx, eventID string, reach registration.Reach) ([]registration.Registration, error) {
	wanted, f := len(reach.Languages), registration.RosterFilter{Statuses: []registration.Status{registration.Confirmed}, Limit: samplePage}
	if wanted == 0 {
		wanted, f.Statuses = 1, []registration.Status{registration.Waitlisted}
	}
	var people []registration.Registration
	for {
		some, err := registration.Roster(ctx, tx, eventID, f)
		if err != nil {
			return nil, err
		}
		for _, r := range some {
			known := slices.ContainsFunc(people, func(p registration.Registration) bool { return p.Language == r.Language })
			if !known && len(people) < wanted {
				people = append(people, r)
			}
		}
		if len(people) == wanted || len(some) < samplePage {
			return people, nil
		}
		f.AfterID = some[len(some)-1].ID
	}
}

// lettersTo renders the letters of one kind that the change has just written to
// these people, in the order of the languages.
func (s *Server) lettersTo(ctx context.Context, tx *store.Tx, people []registration.Registration, kind message.Letter) ([]previewLetter, error) {
	var letters []previewLetter
	for _, lang := range locale.All() {
		i := slices.IndexFunc(people, func(r registration.Registration) bool { return r.Language == string(lang) })
		if i < 0 || s.Preview == nil {
			continue
		}
		written, err := message.OfRegistration(ctx, tx, people[i].ID)
		if err != nil {
			return nil, err
		}
		for _, m := range slices.Backward(written) {
			if m.Letter != kind || m.Status != message.Waiting {
				continue
			}
			l, err := s.Preview(ctx, tx, m)
			if err != nil {
				return nil, err
			}
			letters = append(letters, previewLetter{Language: lang, Name: lang.Name(), Letter: l})
			break
		}
	}
	return letters, nil
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
