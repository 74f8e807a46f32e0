package web

import (
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// errMark says that a form holds none of the marks that there are.
var errMark = &problem.Problem{Kind: problem.Invalid, Code: "invalid"}

// attendance marks one person present or absent, or takes the mark back.
func (s *Server) attendance(c *gin.Context) error {
	mark := registration.Mark(c.PostForm("mark"))
	return s.onRoster(c, "marked", func(ctx context.Context, tx *store.Tx, id string) error {
		if !slices.Contains([]registration.Mark{registration.Present, registration.Absent, registration.Unmarked}, mark) {
			return errMark
		}
		_, err := registration.Attend(ctx, tx, id, mark, actor(c))
		return err
	})
}

// cancelRegistration gives back somebody's place or place in the queue; they are
// told, with the reason.
func (s *Server) cancelRegistration(c *gin.Context) error {
	var f problem.Fields
	reason := typedText(c, "reason", &f)
	return s.onRow(c, "removed", rowForm{"reason": "reason"}, func(ctx context.Context, tx *store.Tx, id string) error {
		if err := f.Err(); err != nil {
			return err
		}
		_, err := registration.Withdraw(ctx, tx, id, actor(c), reason)
		return err
	})
}

// changeAddress corrects an address that mail does not reach.
func (s *Server) changeAddress(c *gin.Context) error {
	return s.onRow(c, "address_changed", rowForm{"email": "email"}, func(ctx context.Context, tx *store.Tx, id string) error {
		_, err := registration.ChangeAddress(ctx, tx, id, c.PostForm("email"), actor(c))
		return err
	})
}

// rowForm names the fields of a form that each row of the roster has: by the
// field's name, the beginning of its id on the page, before the registration's.
type rowForm map[string]string

// refused renames what was wrong to the ids of the row's fields, so that it stands
// beside them, and keeps what was typed there.
func (f rowForm) refused(c *gin.Context, id string, refusal *problem.Problem) (*problem.Problem, map[string]string) {
	typed, renamed := map[string]string{}, *refusal
	renamed.Fields = slices.Clone(refusal.Fields)
	for i, field := range renamed.Fields {
		if begins, ok := f[field.Name]; ok {
			renamed.Fields[i].Name = begins + "-" + id
		}
	}
	for name, begins := range f {
		typed[begins+"-"+id] = c.PostForm(name)
	}
	return &renamed, typed
}

// onRoster runs one step that is a button alone.
func (s *Server) onRoster(c *gin.Context, done string, step func(context.Context, *store.Tx, string) error) error {
	return s.onRow(c, done, nil, step)
}

// onRow runs one step of one registration and leads back to its row, in the part
// of the roster that was shown.
func (s *Server) onRow(c *gin.Context, done string, form rowForm, step func(context.Context, *store.Tx, string) error) error {
	ctx, id := c.Request.Context(), c.Param("id")
	var ev event.Event
	err := s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if _, ev, err = s.ownRegistration(ctx, tx, c, id); err != nil {
			return err
		}
		return step(ctx, tx, id)
	})
	f := readRosterFilter(c.PostForm)
	if refusal, ok := refused(err); ok {
		wrong, typed := form.refused(c, id, refusal)
		return s.showRoster(c, status(refusal), ev.ID, f, wrong, typed)
	}
	if err != nil {
		return err
	}
	q := f.query()
	q.Set("done", done)
	return seeOther(c, "/admin/events/"+ev.ID+"/roster?"+q.Encode()+"#row-"+id)
}
