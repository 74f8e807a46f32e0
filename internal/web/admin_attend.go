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
	return s.onRoster(c, "removed", func(ctx context.Context, tx *store.Tx, id string) error {
		if err := f.Err(); err != nil {
			return err
		}
		_, err := registration.Withdraw(ctx, tx, id, actor(c), reason)
		return err
	})
}

// changeAddress corrects an address that mail does not reach.
func (s *Server) changeAddress(c *gin.Context) error {
	return s.onRoster(c, "address_changed", func(ctx context.Context, tx *store.Tx, id string) error {
		_, err := registration.ChangeAddress(ctx, tx, id, c.PostForm("email"), actor(c))
		return err
	})
}

// onRoster runs one step of one registration and leads back to its row, in the
// part of the roster that was shown.
func (s *Server) onRoster(c *gin.Context, done string, step func(context.Context, *store.Tx, string) error) error {
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
		return s.showRoster(c, status(refusal), ev.ID, f, refusal)
	}
	if err != nil {
		return err
	}
	q := f.query()
	q.Set("done", done)
	return seeOther(c, "/admin/events/"+ev.ID+"/roster?"+q.Encode()+"#row-"+id)
}
