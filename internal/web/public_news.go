package web

import (
	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/news"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// wantsNews notes the box for news that was ticked in a sign-up form, in the
// transaction of the registration and apart from it.
func (s *Server) wantsNews(c *gin.Context, tx *store.Tx, ev event.Event, email string) error {
	ctx := c.Request.Context()
	pr, err := programme.Find(ctx, tx, ev.ProgrammeID)
	if err != nil {
		return err
	}
	return s.askNews(ctx, tx, news.SignUp, pr.ID, first(pr.OrganiserName, pr.Name), email, s.language(c))
}
