package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// queueRoutes are the pages on which organisers decide who gets a place.
func (s *Server) queueRoutes() []route {
	post := func(path string, h handler) route { return route{http.MethodPost, path, organise, h} }
	return []route{
		{http.MethodGet, "/admin/events/:id/queue", organise, s.queue},
		post("/admin/events/:id/places", s.morePlaces),
		post("/admin/events/:id/list", s.keepList),
		post("/admin/events/:id/share", s.liftShare),
		post("/admin/registrations/:id/offer", s.offerOutOfTurn),
		post("/admin/registrations/:id/approve", s.approve),
		post("/admin/registrations/:id/reject", s.reject),
		{http.MethodGet, "/admin/events/:id/invitations", organise, s.invitations},
		post("/admin/events/:id/invitations", s.invite),
		post("/admin/invitations/:id/revoke", s.revoke),
		post("/admin/invitations/:id/send", s.sendInvitation),
		{http.MethodGet, "/admin/events/:id/close", organise, s.closeForm},
		post("/admin/events/:id/close", s.closeAttendance),
		post("/admin/registrations/:id/reconsider", s.reconsider),
	}
}

func queuePages() map[string]pager {
	return map[string]pager{"queue": &queuePage{}, "invitations": &invitationsPage{}, "close": &closePage{}}
}

// How many of the queue, and of the offers that are over, a page shows.
const (
	queueShown  = 100
	offersShown = 50
)

// queuePage is who waits in one mode, who asks to come, and what was offered.
type queuePage struct {
	page
	eventCard
	Mode       event.Mode
	Modes      []queueMode
	Requests   []queueRow
	Rows       []queueRow
	Paging     paging
	PageNumber string
	Open       []offerRow
	Past       []offerRow
	Cut        bool // there are more past offers than are shown
	Shown      int
	CanOffer   bool
	CanPlaces  bool
	Offered    int    // how many places were offered by the step just done
	OpenForm   string // the form that was refused: its registration, "share-" and one, "places", "list"
	Typed      url.Values
}

// queueMode is one way to take part, with its places.
type queueMode struct {
	placesBar
	Field, Value string // of the form for more places
}

// queueRow is one who waits or asks.
type queueRow struct {
	registration.Waiting
	Since time.Time // on the event's clock
}

// offerRow is one offer with the person's name.
type offerRow struct {
	registration.Offer
	Name       string
	At, Answer time.Time // on the event's clock
	Answered   time.Time
}

func (s *Server) queue(c *gin.Context) error {
	return s.showQueue(c, http.StatusOK, c.Param("id"), "", nil)
}

// showQueue shows the queue, with the refusal of the form that was sent.
func (s *Server) showQueue(c *gin.Context, code int, eventID, form string, refusal *problem.Problem) error {
	ctx, now := c.Request.Context(), s.DB.Now()
	p := &queuePage{page: adminPage(c, "events"), OpenForm: form, Shown: offersShown, Typed: c.Request.PostForm}
	p.Problem, p.Self = refusal, "/admin/events/"+eventID+"/queue"
	p.Offered, _ = strconv.Atoi(c.Query("offered")) // anything else says nothing
	wanted := event.Mode(first(c.Query("mode"), c.PostForm("mode")))
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, eventID)
		if err != nil {
			return err
		}
		p.eventCard = s.card(ev, now)
		p.Mode = ev.Modes()[0]
		if slices.Contains(ev.Modes(), wanted) {
			p.Mode = wanted
		}
		p.CanOffer = registration.Offers(ev, now)
		p.CanPlaces = ev.Status == event.Published && now.Before(ev.StartsAt)
		q := url.Values{"mode": {string(p.Mode)}}
		if n := first(c.Query("page"), c.PostForm("page")); n != "" {
			q.Set("page", n)
		}
		p.PageNumber = q.Get("page")
		return p.read(ctx, tx, q)
	})
	if err != nil {
		return err
	}
	if err := s.noteReading(c, p.Event); err != nil {
		return err
	}
	return s.render(c, code, "queue", p)
}

func (p *queuePage) read(ctx context.Context, tx *store.Tx, q url.Values) error {
	ev, loc := p.Event, p.Event.Location()
	for _, m := range ev.Modes() {
		bar := newPlacesBar(m, ev.Capacity(m))
		var err error
		if bar.Waiting, err = registration.CountWaiting(ctx, tx, ev.ID, m); err != nil {
			return err
		}
		one := queueMode{placesBar: bar, Field: string(m) + "_places"}
		if !bar.Unlimited {
			one.Value = strconv.Itoa(bar.Places)
		}
		if p.OpenForm == "places" {
			one.Value = p.Typed.Get(one.Field)
		}
		p.Modes = append(p.Modes, one)
	}
	asking, err := registration.Roster(ctx, tx, ev.ID, registration.RosterFilter{Statuses: []registration.Status{registration.Requested}})
	if err != nil {
		return err
	}
	for _, r := range asking {
		p.Requests = append(p.Requests, queueRow{registration.Waiting{Registration: r}, r.CreatedAt.In(loc)})
	}
	total := 0
	for _, m := range p.Modes {
		if m.Mode == p.Mode {
			total = m.Waiting
		}
	}
	p.Paging = newPaging("/admin/events/"+ev.ID+"/queue", q, total, queueShown)
	waiting, err := registration.Queue(ctx, tx, ev.ID, p.Mode, p.Paging.From, p.Paging.To-p.Paging.From)
	if err != nil {
		return err
	}
	for _, w := range waiting {
		p.Rows = append(p.Rows, queueRow{w, w.QueueSince().In(loc)})
	}
	return p.readOffers(ctx, tx)
}

func (p *queuePage) readOffers(ctx context.Context, tx *store.Tx) error {
	offers, err := registration.OffersOf(ctx, tx, p.Event.ID)
	if err != nil {
		return err
	}
	loc := p.Event.Location()
	for _, o := range offers {
		if o.Status != registration.OfferOpen && len(p.Past) == offersShown {
			p.Cut = true
			continue
		}
		r, err := registration.Find(ctx, tx, o.RegistrationID)
		if err != nil {
			return err
		}
		row := offerRow{Offer: o, Name: r.Name(), At: o.OfferedAt.In(loc), Answer: o.AnswerBy.In(loc), Answered: o.AnsweredAt.In(loc)}
		if o.Status == registration.OfferOpen {
			p.Open = append(p.Open, row)
		} else {
			p.Past = append(p.Past, row)
		}
	}
	return nil
}

// openOffers counts the places that are offered and not answered.
func openOffers(ctx context.Context, tx *store.Tx, eventID string) (int, error) {
	offers, err := registration.OffersOf(ctx, tx, eventID)
	n := 0
	for _, o := range offers {
		if o.Status == registration.OfferOpen {
			n++
		}
	}
	return n, err
}

// onQueue runs one step at an event and leads back to the queue, which tells how
// many places the step offered.
func (s *Server) onQueue(c *gin.Context, form, done string, step func(context.Context, *store.Tx, event.Event) error) error {
	ctx, id := c.Request.Context(), c.Param("id")
	offered := 0
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, id)
		if err != nil {
			return err
		}
		before, err := openOffers(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := step(ctx, tx, ev); err != nil {
			return err
		}
		after, err := openOffers(ctx, tx, id)
		offered = max(0, after-before)
		return err
	})
	if refusal, ok := refused(err); ok {
		return s.showQueue(c, status(refusal), id, form, refusal)
	}
	if err != nil {
		return err
	}
	return backToQueue(c, id, done, offered)
}

func backToQueue(c *gin.Context, eventID, done string, offered int) error {
	q := url.Values{"done": {done}}
	for _, name := range []string{"mode", "page"} {
		if v := c.PostForm(name); v != "" {
			q.Set(name, v)
		}
	}
	if offered > 0 {
		q.Set("offered", strconv.Itoa(offered))
	}
	return seeOther(c, "/admin/events/"+eventID+"/queue?"+q.Encode())
}

// morePlaces sets the number of places in each mode; what becomes free is
// offered at once.
func (s *Server) morePlaces(c *gin.Context) error {
	return s.onQueue(c, "places", "more_places", func(ctx context.Context, tx *store.Tx, ev event.Event) error {
		var f problem.Fields
		content := ev.Content
		for mode, places := range map[event.Mode]**int{event.Room: &content.RoomPlaces, event.Online: &content.OnlinePlaces} {
			if ev.HasMode(mode) {
				*places = typedPlaces(c, string(mode)+"_places", &f)
			}
		}
		if err := f.Err(); err != nil {
			return err
		}
		_, err := registration.UpdateEvent(ctx, tx, ev.ID, ev.Revision, content, "", actor(c))
		return err
	})
}

// typedPlaces reads a number of at least one; nil when nothing was typed.
func typedPlaces(c *gin.Context, name string, f *problem.Fields) *int {
	typed := strings.TrimSpace(c.PostForm(name))
	if typed == "" {
		return nil
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 1 {
		f.Add(name, "at_least_one")
		return nil
	}
	return &n
}

// keepList opens or closes the waiting list for newcomers.
func (s *Server) keepList(c *gin.Context) error {
	open := c.PostForm("open") == "1"
	done := map[bool]string{true: "list_opened", false: "list_closed"}[open]
	return s.onQueue(c, "list", done, func(ctx context.Context, tx *store.Tx, ev event.Event) error {
		_, err := event.KeepWaitingList(ctx, tx, ev.ID, open, actor(c))
		return err
	})
}

// liftShare lets one company have more places than the event's limit.
func (s *Server) liftShare(c *gin.Context) error {
	return s.onQueue(c, "share-"+c.PostForm("registration"), "share_lifted", func(ctx context.Context, tx *store.Tx, ev event.Event) error {
		var f problem.Fields
		reason, places := typedText(c, "reason", &f), typedPlaces(c, "places", &f)
		if reason == "" {
			f.Add("reason", "required")
		}
		if err := f.Err(); err != nil {
			return err
		}
		r, err := registration.Find(ctx, tx, c.PostForm("registration"))
		if err != nil {
			return err
		}
		if r.EventID != ev.ID || r.CompanyID == "" {
			return problem.ErrMissing
		}
		return registration.LiftShare(ctx, tx, ev.ID, r.CompanyID, places, reason, actor(c))
	})
}

// onQueued runs one step of somebody who waits or asks.
func (s *Server) onQueued(c *gin.Context, done string, step func(ctx context.Context, tx *store.Tx, id, reason string) error) error {
	ctx, id := c.Request.Context(), c.Param("id")
	var f problem.Fields
	reason := typedText(c, "reason", &f)
	var ev event.Event
	err := s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if _, ev, err = s.ownRegistration(ctx, tx, c, id); err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		return step(ctx, tx, id, reason)
	})
	if refusal, ok := refused(err); ok {
		return s.showQueue(c, status(refusal), ev.ID, id, refusal)
	}
	if err != nil {
		return err
	}
	return backToQueue(c, ev.ID, done, 0)
}

func (s *Server) offerOutOfTurn(c *gin.Context) error {
	return s.onQueued(c, "offered", func(ctx context.Context, tx *store.Tx, id, reason string) error {
		_, err := registration.OfferTo(ctx, tx, id, reason, c.PostForm("over") != "", actor(c))
		return inWords(err, "offer_full")
	})
}

func (s *Server) approve(c *gin.Context) error {
	return s.onQueued(c, "approved", func(ctx context.Context, tx *store.Tx, id, _ string) error {
		_, err := registration.Approve(ctx, tx, id, actor(c))
		return err
	})
}

func (s *Server) reject(c *gin.Context) error {
	return s.onQueued(c, "rejected", func(ctx context.Context, tx *store.Tx, id, reason string) error {
		_, err := registration.Reject(ctx, tx, id, reason, actor(c))
		return err
	})
}
