package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/checkin"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// adminEventPage is one event for those who run it.
type adminEventPage struct {
	page
	eventCard
	Programme        programme.Programme
	Status           adminStatus
	Opens, Closes    time.Time // on the event's clock; Opens is zero of a draft that opens when it is published
	Opened, Closed   bool
	Requests         int // that wait for an answer
	Counts           registration.Counts
	Bars             []placesBar
	Messages         message.Counts
	Reminders        []reminderLine
	Warnings         []event.Warning
	Attended         int
	Missing          *problem.Problem // of a draft: what must be there before it is published
	Refused          bool             // publishing was refused because of it just now
	Audit            []auditLine
	Currency         string
	CanEdit, CanMove bool
	CanCancel        bool
	CanAdd           bool
	CanClose         bool // the attendance
	AtDoor           bool // people can be taken in now
	Public           bool // visitors can see it
	Progress         progressPart
}

// placesBar is how many places of one mode are taken.
type placesBar struct {
	Mode         event.Mode
	Taken, Extra int // Extra are above the capacity
	Places       int
	Unlimited    bool
	Waiting      int
	Color        string
}

func newPlacesBar(m event.Mode, c event.Capacity) placesBar {
	b := placesBar{Mode: m, Taken: c.Taken, Extra: c.Extra, Unlimited: c.Places == nil, Color: "success"}
	if c.Places == nil {
		return b
	}
	b.Places = *c.Places
	switch gone := c.Taken + c.Extra; {
	case gone >= b.Places:
		b.Color = "danger"
	case gone*5 >= b.Places*4:
		b.Color = "warning"
	}
	return b
}

// adminStatus is an event's stored state, and past, as organisers are told it;
// the text is "admin.event_status.<Code>".
type adminStatus struct{ Code, Color string }

func statusOf(ev event.Event, now time.Time) adminStatus {
	code := string(ev.Status)
	if ev.Status == event.Published && !now.Before(ev.EndsAt) {
		code = "past"
	}
	color := map[string]string{"published": "success", "postponed": "warning", "cancelled": "danger"}[code]
	return adminStatus{code, first(color, "neutral")}
}

func (s *Server) adminEvent(c *gin.Context) error {
	return s.showAdminEvent(c, http.StatusOK, nil)
}

// showAdminEvent shows the event's page, with what refused the publishing of it.
func (s *Server) showAdminEvent(c *gin.Context, code int, refusal *problem.Problem) error {
	ctx, now := c.Request.Context(), s.DB.Now()
	p := &adminEventPage{page: adminPage(c, "events"), Refused: refusal != nil && len(refusal.Fields) > 0}
	if refusal != nil && len(refusal.Fields) == 0 {
		p.Problem = refusal
	}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		p.eventCard = s.card(ev, now)
		if err := p.read(ctx, tx, now); err != nil {
			return err
		}
		if p.Progress, err = s.progress(ctx, tx, c, ev.ID); err != nil {
			return err
		}
		p.Audit, err = s.auditLines(ctx, tx, ev)
		return err
	})
	if err != nil {
		return err
	}
	p.judge(now)
	p.CanClose = registration.CanClose(p.Event, p.Counts, now)
	p.AtDoor = checkin.HasDoor(p.Event, now) && marksAttendance(p.Event, now) && now.Before(p.Event.EndsAt)
	return s.render(c, code, "admin_event", p)
}

func (p *adminEventPage) read(ctx context.Context, tx *store.Tx, now time.Time) (err error) {
	ev := p.Event
	if p.Programme, err = programme.Find(ctx, tx, ev.ProgrammeID); err != nil {
		return err
	}
	if p.Counts, err = registration.CountsOf(ctx, tx, ev.ID); err != nil {
		return err
	}
	for _, m := range ev.Modes() {
		bar := newPlacesBar(m, ev.Capacity(m))
		if bar.Waiting, err = registration.CountWaiting(ctx, tx, ev.ID, m); err != nil {
			return err
		}
		p.Bars = append(p.Bars, bar)
	}
	if p.Messages, err = message.CountOf(ctx, tx, ev.ID); err != nil {
		return err
	}
	p.Reminders, err = reminderLines(ctx, tx, ev)
	return err
}

// judge works out what an organiser can do, and should look at.
func (p *adminEventPage) judge(now time.Time) {
	ev, loc := p.Event, p.Event.Location()
	p.Status, p.Currency, p.Attended = statusOf(ev, now), p.Programme.Currency(), p.Counts[registration.Attended]
	p.Requests = p.Counts[registration.Requested]
	p.Closes, p.Closed = ev.ClosesAt.In(loc), !ev.ClosesAt.After(now)
	opens := ev.OpensAt
	if opens.Before(ev.PublishedAt) { // nobody could sign up before
		opens = ev.PublishedAt
	}
	if !opens.IsZero() {
		p.Opens, p.Opened = opens.In(loc), ev.Status != event.Draft && !opens.After(now)
	}
	over := !now.Before(ev.EndsAt)
	p.CanEdit = ev.Status != event.Cancelled && ev.Status != event.Archived
	p.CanMove = ev.Status == event.Postponed || ev.Status == event.Published && !over
	p.CanCancel = p.CanMove
	p.CanAdd = ev.Status == event.Published || ev.Status == event.Postponed
	p.Public = ev.Status != event.Draft
	if ev.Status == event.Draft {
		p.Missing, _ = problem.As(inOrder(ev.CheckPublish(p.Programme, now)).Err())
	}
	if ev.Status == event.Draft || p.CanMove {
		p.Warnings = ev.Warnings()
		if !ev.ClosesAt.After(now) && ev.Status != event.Postponed {
			p.Warnings = append(p.Warnings, "closed_already")
		}
	}
}

// previewEvent shows the event as visitors will see it, published or not.
func (s *Server) previewEvent(c *gin.Context) error {
	ev, p, err := s.findOwn(c)
	if err != nil {
		return err
	}
	e := s.eventPage(c, ev, p)
	e.Preview, e.NoIndex = true, true
	return s.render(c, http.StatusOK, "event", e)
}

// publishEvent shows a draft to everybody, or says what is missing.
func (s *Server) publishEvent(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.ownEvent(ctx, tx, c, id); err != nil {
			return err
		}
		_, err := registration.PublishEvent(ctx, tx, id, actor(c))
		return err
	})
	if refusal, ok := refused(err); ok {
		return s.showAdminEvent(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+id+"?done=published")
}
