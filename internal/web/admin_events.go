package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// adminEventsFilter is what the address says.
type adminEventsFilter struct {
	Text, Status, Programme string
	When                    string // coming, past, all
	Newest                  bool   // the latest date first
}

// adminEventsPage lists the events of one's programmes.
type adminEventsPage struct {
	page
	Filter     adminEventsFilter
	Filtered   bool
	Rows       []eventLine
	Paging     paging
	Whens      []option
	Statuses   []option
	Programmes []option // none when there is only one
	TurnOrder  string   // the address of the list in the other order
}

// Choices of the filter, in the order in which they are offered.
var (
	eventWhens    = []string{"coming", "past", "all"}
	eventStatuses = []string{"draft", "published", "postponed", "cancelled", "held", "archived"}
)

const eventsShown = 50

func (s *Server) adminEvents(c *gin.Context) error {
	ctx, now := c.Request.Context(), s.DB.Now()
	p := &adminEventsPage{page: adminPage(c, "events"), Filter: readEventsFilter(c)}
	p.Filtered = p.Filter.Text != "" || p.Filter.Status != "" || p.Filter.Programme != "" || p.Filter.When != eventWhens[0]
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		own, err := ownProgrammes(ctx, tx, c)
		if err != nil {
			return err
		}
		found, err := event.List(ctx, tx, p.Filter.narrow(event.Filter{ProgrammeIDs: mayOrganise(c)}, now))
		if err != nil {
			return err
		}
		if p.Filter.When == "past" {
			found = slices.DeleteFunc(found, func(ev event.Event) bool { return now.Before(ev.EndsAt) })
		}
		p.Paging = newPaging(c.Request.URL.Path, c.Request.URL.Query(), len(found), eventsShown)
		return s.eventRows(ctx, tx, p, found[p.Paging.From:p.Paging.To], own, now)
	})
	if err != nil {
		return err
	}
	if p.Whens, err = s.optionsOf(s.language(c), "admin.when.", eventWhens, []string{p.Filter.When}); err != nil {
		return err
	}
	if p.Statuses, err = s.optionsOf(s.language(c), "admin.event_status.", eventStatuses, []string{p.Filter.Status}); err != nil {
		return err
	}
	turned := c.Request.URL.Query()
	turned.Set("order", map[bool]string{true: "oldest", false: "newest"}[p.Filter.Newest])
	turned.Del("page")
	turned.Del("done")
	p.TurnOrder = c.Request.URL.Path + "?" + turned.Encode()
	return s.render(c, http.StatusOK, "admin_events", p)
}

func readEventsFilter(c *gin.Context) adminEventsFilter {
	f := adminEventsFilter{Text: strings.TrimSpace(c.Query("q")), Status: c.Query("status"), Programme: c.Query("programme"), When: c.Query("when")}
	if !slices.Contains(eventWhens, f.When) {
		f.When = eventWhens[0]
	}
	if !slices.Contains(eventStatuses, f.Status) {
		f.Status = ""
	}
	order := c.Query("order")
	f.Newest = order == "newest" || order == "" && f.When == "past"
	return f
}

// narrow adds what the address asks to a filter that holds one's own programmes:
// it can only ever take away.
func (f adminEventsFilter) narrow(to event.Filter, now time.Time) event.Filter {
	to.Text, to.Newest = f.Text, f.Newest
	if f.Status != "" {
		to.Statuses = []event.Status{event.Status(f.Status)}
	}
	if f.Programme != "" {
		if to.ProgrammeIDs == nil || slices.Contains(to.ProgrammeIDs, f.Programme) {
			to.ProgrammeIDs = []string{f.Programme}
		} else {
			to.ProgrammeIDs = []string{}
		}
	}
	switch f.When {
	case "coming":
		to.From = now
	case "past":
		to.To = now
	}
	return to
}

func (s *Server) eventRows(ctx context.Context, tx *store.Tx, p *adminEventsPage, events []event.Event, own []programme.Programme, now time.Time) error {
	names := map[string]string{}
	for _, x := range own {
		names[x.ID] = x.Name
		if len(own) > 1 {
			p.Programmes = append(p.Programmes, option{Value: x.ID, Label: x.Name, Chosen: x.ID == p.Filter.Programme})
		}
	}
	for _, ev := range events {
		counts, err := registration.CountsOf(ctx, tx, ev.ID)
		if err != nil {
			return err
		}
		l := s.line(ev, counts[registration.Waitlisted], now)
		if len(own) > 1 {
			l.Programme = names[ev.ProgrammeID]
		}
		p.Rows = append(p.Rows, l)
	}
	return nil
}
