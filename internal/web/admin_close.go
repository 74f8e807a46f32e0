package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// closePage asks before an event's attendance is closed.
type closePage struct {
	page
	eventCard
	Present, Away int // Away get a letter, unless nobody was marked present
	CanClose      bool
}

func (s *Server) closeForm(c *gin.Context) error {
	return s.showClose(c, http.StatusOK, nil)
}

func (s *Server) showClose(c *gin.Context, code int, refusal *problem.Problem) error {
	ctx := c.Request.Context()
	p := &closePage{page: adminPage(c, "events")}
	p.Problem = refusal
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		counts, err := registration.CountsOf(ctx, tx, ev.ID)
		p.eventCard, p.CanClose = s.card(ev, s.DB.Now()), registration.CanClose(ev, counts, s.DB.Now())
		p.Present, p.Away = counts[registration.Attended], counts[registration.Confirmed]+counts[registration.NoShow]
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "close", p)
}

// closeAttendance ends the marking; who was not marked stayed away.
func (s *Server) closeAttendance(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.ownEvent(ctx, tx, c, id); err != nil {
			return err
		}
		_, err := registration.CloseEvent(ctx, tx, id, actor(c))
		return err
	})
	if refusal, ok := refused(err); ok {
		return s.showClose(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+id+"/roster?done=attendance_closed")
}

// reconsider changes a mark after attendance was closed, for a reason.
func (s *Server) reconsider(c *gin.Context) error {
	var f problem.Fields
	mark, reason := registration.Mark(c.PostForm("mark")), typedText(c, "reason", &f)
	return s.onRow(c, "marked", rowForm{"reason": "why"}, func(ctx context.Context, tx *store.Tx, id string) error {
		if err := f.Err(); err != nil {
			return err
		}
		if !slices.Contains([]registration.Mark{registration.Present, registration.Absent}, mark) {
			return errMark
		}
		_, err := registration.Reconsider(ctx, tx, id, mark, reason, actor(c))
		return err
	})
}
