package web

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
	"stafett/internal/user"
)

// adminPage is the common part of an organisers' page under one word of the
// menu: today, events or messages. Such a page is in the organiser's own
// language when the browser asks for none.
func adminPage(c *gin.Context, chosen string) page {
	if u, ok := signedIn(c); ok {
		c.Set(fallbackKey, u.Language)
	}
	return page{Admin: chosen, NoIndex: true}
}

// organises reports whether whoever has signed in organises the programme.
func organises(c *gin.Context, programmeID string) bool {
	u, _ := signedIn(c)
	return u.May(user.Organiser, programmeID)
}

// foreign answers somebody who asks for what is another programme's: in the
// same words as for what does not exist.
func (s *Server) foreign(c *gin.Context, kind, id string) error {
	s.Log.Warn("refused to another programme's organiser", "kind", kind, "object", id, "user", c.GetString(userKey))
	return problem.ErrMissing
}

// ownEvent finds an event of a programme that whoever has signed in organises,
// or problem.ErrMissing.
func (s *Server) ownEvent(ctx context.Context, tx *store.Tx, c *gin.Context, id string) (event.Event, error) {
	ev, err := event.Find(ctx, tx, id)
	if err != nil {
		return event.Event{}, err
	}
	if !organises(c, ev.ProgrammeID) {
		return event.Event{}, s.foreign(c, "event", id)
	}
	return ev, nil
}

// ownRegistration finds a registration for an event of one's own, or
// problem.ErrMissing.
func (s *Server) ownRegistration(ctx context.Context, tx *store.Tx, c *gin.Context, id string) (registration.Registration, event.Event, error) {
	r, err := registration.Find(ctx, tx, id)
	if err != nil {
		return registration.Registration{}, event.Event{}, err
	}
	ev, err := s.ownEvent(ctx, tx, c, r.EventID)
	if err != nil {
		return registration.Registration{}, event.Event{}, err
	}
	return r, ev, nil
}

// ownMessage finds a message that whoever has signed in may see, or
// problem.ErrMissing.
func (s *Server) ownMessage(ctx context.Context, tx *store.Tx, c *gin.Context, id string) (message.Message, error) {
	m, err := reach(c).Find(ctx, tx, id)
	if errors.Is(err, store.ErrNoRow) {
		return message.Message{}, problem.ErrMissing
	}
	return m, err
}

// findOwn reads the event that the address names, with its programme.
func (s *Server) findOwn(c *gin.Context) (ev event.Event, p programme.Programme, err error) {
	ctx := c.Request.Context()
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if ev, err = s.ownEvent(ctx, tx, c, c.Param("id")); err != nil {
			return err
		}
		p, err = programme.Find(ctx, tx, ev.ProgrammeID)
		return err
	})
	return ev, p, err
}

// ownProgrammes lists the programmes that whoever has signed in organises.
func ownProgrammes(ctx context.Context, tx *store.Tx, c *gin.Context) ([]programme.Programme, error) {
	all, err := programme.List(ctx, tx)
	if err != nil {
		return nil, err
	}
	var own []programme.Programme
	for _, p := range all {
		if organises(c, p.ID) {
			own = append(own, p)
		}
	}
	return own, nil
}

// auditLine is one thing done to an event, ready to print.
type auditLine struct {
	At     time.Time // on the event's clock
	Who    string    // a user's name; empty for others than users
	Actor  string    // the kind of actor
	Action string    // the text is "admin.audit.<Action>"
	About  string    // the name of the person whom it concerns; empty: none
	Reason string
}

// auditKey is the end of the text of an action: those of events and rosters, of
// which most are, go by their second word.
func auditKey(action string) string {
	_, word, _ := strings.Cut(action, ".")
	if strings.HasPrefix(action, "event.") || strings.HasPrefix(action, "roster.") {
		return word
	}
	return strings.ReplaceAll(action, ".", "_")
}

// auditLines tells what was done to the event, its invitations and its door, and
// what was decided about those who signed up, the newest first. An action that has no text, of another release, is told as some
// other happening.
func (s *Server) auditLines(ctx context.Context, tx *store.Tx, ev event.Event) ([]auditLine, error) {
	entries, err := audit.OfEvent(ctx, tx, ev.ID)
	if err != nil {
		return nil, err
	}
	decisions, err := registration.Decisions(ctx, tx, ev.ID)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		decisions = append(decisions, registration.Decision{Entry: e})
	}
	slices.SortStableFunc(decisions, func(a, b registration.Decision) int { return a.At.Compare(b.At) })
	names, lines := map[string]string{}, make([]auditLine, len(decisions))
	for i, e := range decisions {
		l := auditLine{At: e.At.In(ev.Location()), Actor: e.Actor.Kind, Action: auditKey(e.Action), About: e.Name, Reason: e.Reason}
		if _, err := s.Texts.Text(locale.EN, "admin.audit."+l.Action); err != nil {
			l.Action = "other"
		}
		if l.Who, err = userName(ctx, tx, names, e.Actor); err != nil {
			return nil, err
		}
		lines[len(decisions)-1-i] = l
	}
	return lines, nil
}

// userName is the name of the user who acted; empty for others, and for users
// who are no longer there. Names keeps those that were looked up.
func userName(ctx context.Context, tx *store.Tx, names map[string]string, a audit.Actor) (string, error) {
	if a.Kind != "user" {
		return "", nil
	}
	if name, known := names[a.ID]; known {
		return name, nil
	}
	u, err := user.Find(ctx, tx, a.ID)
	if err != nil && !errors.Is(err, problem.ErrMissing) {
		return "", err
	}
	names[a.ID] = u.Name
	return u.Name, nil
}

// deskZone is the zone of times that belong to no event. Sweden and Norway have
// the same clock.
func deskZone() *time.Location {
	loc, err := time.LoadLocation("Europe/Stockholm")
	if err != nil { // the zones are embedded in the program
		return time.UTC
	}
	return loc
}
