package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"stafett/internal/message"
	"stafett/internal/recovery"
	"stafett/internal/store"
)

// restoredAllPage asks before all old letters that are left go, or are set aside.
type restoredAllPage struct {
	page
	Decision string // oldSend or oldThrow
	N        int    // letters, those of groups that are not shown too
	Few      []oldGroup
	More     int  // groups beside the few
	Changed  bool // the number was another when it was said
}

// What can become of old letters.
const (
	oldSend  = "send"
	oldThrow = "throw"
)

func (s *Server) askOld(c *gin.Context) error {
	decision := c.Query("decision")
	if decision != oldSend && decision != oldThrow {
		return seeOther(c, "/admin/restored")
	}
	return s.showAskOld(c, http.StatusOK, &restoredAllPage{Decision: decision})
}

func (s *Server) showAskOld(c *gin.Context, code int, p *restoredAllPage) error {
	ctx := c.Request.Context()
	p.page = adminPage(c, "today")
	p.Self = "/admin/restored/all?decision=" + p.Decision
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		groups, err := message.OldOf(ctx, tx, mayOrganise(c))
		if err != nil {
			return err
		}
		p.N = lettersIn(groups)
		p.More = max(0, len(groups)-fewShown)
		for _, o := range groups[:len(groups)-p.More] {
			g, err := s.oldGroup(ctx, tx, o)
			if err != nil {
				return err
			}
			p.Few = append(p.Few, g)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "restored_all", p)
}

func lettersIn(groups []message.Old) (n int) {
	for _, o := range groups {
		n += o.N
	}
	return n
}

// decideAllOld does it. When there are other letters than were said, it asks again.
func (s *Server) decideAllOld(c *gin.Context) error {
	ctx, p := c.Request.Context(), &restoredAllPage{Decision: c.PostForm("decision")}
	if p.Decision != oldSend && p.Decision != oldThrow {
		return seeOther(c, "/admin/restored")
	}
	said, err := strconv.Atoi(c.PostForm("n"))
	if err != nil {
		said = -1
	}
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		groups, err := message.OldOf(ctx, tx, mayOrganise(c))
		if err != nil {
			return err
		}
		if p.Changed = lettersIn(groups) != said; p.Changed {
			return nil
		}
		return decideGroups(ctx, tx, c, groups, p.Decision)
	})
	if err != nil {
		return err
	}
	if p.Changed {
		return s.showAskOld(c, http.StatusConflict, p)
	}
	return seeOther(c, "/admin/restored?done=restored_"+p.Decision)
}

func decideGroups(ctx context.Context, tx *store.Tx, c *gin.Context, groups []message.Old, decision string) error {
	for _, o := range groups {
		if _, err := recovery.Decide(ctx, tx, o, decision == oldSend, actor(c)); err != nil {
			return err
		}
	}
	return nil
}
