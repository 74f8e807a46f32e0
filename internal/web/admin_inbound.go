package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/inbound"
	"stafett/internal/store"
)

// inboundPage tells what came back in the last thirty days.
type inboundPage struct {
	page
	Counts inboundCounts
	Rows   []inboundRow
	Paging paging
}

// inboundCounts is how much came of each kind that says something to people.
type inboundCounts struct{ Replies, Bounces, Letters, Others int }

// inboundRow is one message, ready to print.
type inboundRow struct {
	inbound.Row
	At    time.Time
	Color string
}

const (
	inboundPath  = "/admin/messages/inbound"
	inboundShown = 100
)

func inboundPages() map[string]pager { return map[string]pager{"inbound": &inboundPage{}} }

func (s *Server) inboundRoutes() []route {
	return []route{{http.MethodGet, inboundPath, organise, s.inbound}}
}

func (s *Server) inbound(c *gin.Context) error {
	ctx, own := c.Request.Context(), mayOrganise(c)
	p := &inboundPage{page: adminPage(c, "messages")}
	query := url.Values{}
	if n := c.Query("page"); n != "" && n != everything { // nobody prints ten thousand
		query.Set("page", n)
	}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		counts, err := inbound.Counts(ctx, tx, own)
		if err != nil {
			return err
		}
		total := 0
		for _, n := range counts {
			total += n.N
			p.Counts.add(n)
		}
		p.Paging = newPaging(inboundPath, query, total, inboundShown)
		p.Paging.Everything = ""
		rows, err := inbound.List(ctx, tx, own, p.Paging.From, p.Paging.To-p.Paging.From)
		for _, r := range rows {
			p.Rows = append(p.Rows, inboundRow{Row: r, At: r.ReceivedAt.In(deskZone()), Color: inboundColor(r.Outcome)})
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "inbound", p)
}

func (n *inboundCounts) add(c inbound.Count) {
	switch {
	case c.Kind == inbound.Reply:
		n.Replies += c.N
	case c.Outcome == inbound.CameBack || c.Outcome == inbound.NoSuchAddress:
		n.Bounces += c.N
	case c.Kind == inbound.Letter:
		n.Letters += c.N
	default:
		n.Others += c.N
	}
}

func inboundColor(o inbound.Outcome) string {
	switch o {
	case inbound.NoSuchAddress, inbound.CameBack:
		return "danger"
	case inbound.Asked, inbound.Proposal:
		return "warning"
	case inbound.Accepted:
		return "success"
	}
	return "neutral"
}
