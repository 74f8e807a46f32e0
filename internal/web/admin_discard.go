package web

import (
	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/store"
)

// discardEvent throws a draft away.
func (s *Server) discardEvent(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.ownEvent(ctx, tx, c, id); err != nil {
			return err
		}
		return event.Discard(ctx, tx, id, actor(c))
	})
	if refusal, ok := refused(err); ok {
		return s.showAdminEvent(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events?done=discarded")
}
