package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"stafett/internal/checkin"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/ticket"
)

// marksPath takes marks from the page's own script.
const marksPath = "/checkin/:token/marks"

func (s *Server) checkinRoutes() []route {
	return []route{
		{http.MethodGet, "/r/:token/ticket.pdf", byLink, s.ticketPDF},
		{http.MethodGet, "/checkin/:token", byLink, s.checkin},
		{http.MethodPost, "/checkin/:token", byLink, s.checkinMark},
		{http.MethodPost, marksPath, byLink, s.checkinMarks},
		{http.MethodGet, "/checkin/:token/worker.js", byLink, s.checkinWorker},
		{http.MethodGet, "/admin/events/:id/door", organise, s.door},
		{http.MethodPost, "/admin/events/:id/door", organise, s.makeDoor},
		{http.MethodPost, "/admin/events/:id/door/here", organise, s.openDoorHere},
		{http.MethodPost, "/admin/events/:id/door/revoke", organise, s.revokeDoor},
	}
}

func checkinPages() map[string]pager {
	return map[string]pager{"checkin": &checkinPage{}, "door": &doorPage{}}
}

// checkinPage is the door of one event.
type checkinPage struct {
	page
	eventCard
	Link              checkin.Link
	Token, Search     string
	Guests            []checkin.Guest
	Present, Expected int
	CanUndo           bool            // a mark can be taken back: attendance is not closed
	Closed            bool            // it is too early to mark anybody
	Opens             time.Time       // when that begins, on the event's clock
	Made              string          // when the page was, to less than a second
	Outcome           checkin.Outcome // of what has just been marked without scripts
	Name              string          // of whom it was
}

// The page alone may use the camera, and keep itself for a reload without a
// network. Reading a picture needs neither WebAssembly nor foreign origins.
const (
	doorPermissions = "camera=(self), microphone=(), geolocation=()"
	doorPolicy      = pagePolicy + "; worker-src 'self'"
)

// behindDoor reads the link in the address with its event and programme.
func (s *Server) behindDoor(c *gin.Context) (l checkin.Link, ev event.Event, p programme.Programme, err error) {
	ctx := c.Request.Context()
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if l, err = checkin.Find(ctx, tx, c.Param("token")); err != nil {
			return err
		}
		if ev, err = event.Find(ctx, tx, l.EventID); err != nil {
			return err
		}
		p, err = programme.Find(ctx, tx, ev.ProgrammeID)
		return err
	})
	c.Set(fallbackKey, ev.Language)
	return l, ev, p, s.unknownLink(c, err)
}

// checkin shows who is expected. Opening it changes nothing.
func (s *Server) checkin(c *gin.Context) error {
	l, ev, p, err := s.behindDoor(c)
	if err != nil {
		return err
	}
	now := s.DB.Now()
	g := &checkinPage{page: page{Brand: p.Name, NoIndex: true}, eventCard: s.card(ev, now), Link: l, Token: c.Param("token"), Search: strings.TrimSpace(c.Query("q"))}
	g.Opens, g.Made = checkin.Opens(ev).In(ev.Location()), now.Format(time.RFC3339Nano)
	g.CanUndo = ev.AttendanceClosedAt.IsZero()
	g.Closed = now.Before(g.Opens)
	guests, err := s.guests(c, ev)
	if err != nil {
		return err
	}
	g.Present, g.Expected = countGuests(guests)
	for _, x := range guests {
		if x.ID == c.Query("marked") {
			g.Name = x.Name()
		}
		if matches(x, g.Search) {
			g.Guests = append(g.Guests, x)
		}
	}
	if o := checkin.Outcome(c.Query("outcome")); slices.Contains(checkin.Outcomes, o) {
		g.Outcome = o
	}
	c.Header("Permissions-Policy", doorPermissions)
	c.Header("Content-Security-Policy", doorPolicy)
	return s.render(c, http.StatusOK, "checkin", g)
}

// guests are those expected, by last name as the language sorts.
func (s *Server) guests(c *gin.Context, ev event.Event) (all []checkin.Guest, err error) {
	ctx := c.Request.Context()
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = checkin.Guests(ctx, tx, ev.ID)
		return err
	})
	compare := locale.Sorter(s.language(c))
	slices.SortStableFunc(all, func(a, b checkin.Guest) int {
		return compare(a.LastName+" "+a.FirstName, b.LastName+" "+b.FirstName)
	})
	return all, err
}

func countGuests(all []checkin.Guest) (present, expected int) {
	for _, g := range all {
		if g.Present {
			present++
		}
	}
	return present, len(all)
}

// matches reports whether every word of the search is in the name or the
// organisation.
func matches(g checkin.Guest, search string) bool {
	in := locale.Fold(g.Name() + " " + g.Organisation)
	for _, word := range strings.Fields(locale.Fold(search)) {
		if !strings.Contains(in, word) {
			return false
		}
	}
	return true
}

// checkinMark marks one person by a form, for phones without scripts, and leads
// back to the list.
func (s *Server) checkinMark(c *gin.Context) error {
	l, _, _, err := s.behindDoor(c)
	if err != nil {
		return err
	}
	if ok, wait := s.doorLimit(l); !ok {
		return s.tooOften(c, wait)
	}
	m := checkin.Mark{ID: uuid.NewString(), RegistrationID: c.PostForm("registration"), MadeAt: s.DB.Now(), Undo: c.PostForm("undo")}
	a, err := s.enter(c.Request.Context(), l, m)
	if err != nil {
		return err
	}
	q := url.Values{"outcome": {string(a.Outcome)}, "marked": {a.RegistrationID}}
	if search := c.PostForm("q"); search != "" {
		q.Set("q", search)
	}
	return seeOther(c, "/checkin/"+c.Param("token")+"?"+q.Encode())
}

// enter takes one mark in a transaction of its own, so that others slip in
// between, and answers for a refused one too: a refusal is nothing that a phone
// could send again with more luck.
func (s *Server) enter(ctx context.Context, l checkin.Link, m checkin.Mark) (a checkin.Answer, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		a, err = checkin.Enter(ctx, tx, l, m)
		return err
	})
	why, refused := problem.As(err)
	if !refused || errors.Is(err, checkin.ErrMark) {
		return a, err
	}
	err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		a, err = checkin.Refuse(ctx, tx, l, m, why)
		return err
	})
	return a, err
}

// doorLimit counts one more mark through a link, and tells whether it is within
// the limit.
func (s *Server) doorLimit(l checkin.Link) (ok bool, wait time.Duration) {
	if ok, wait := s.limits.doorMinute.Allow(l.ID); !ok {
		return false, wait
	}
	return s.limits.doorHour.Allow(l.ID)
}

// mostMarks is how many marks one request may bring.
const mostMarks = 100

// sentMark is a mark as a phone sends it, and markAnswer what it is told.
type (
	sentMark struct {
		ID           string    `json:"id"`
		Text         string    `json:"text"`         // what the camera read; or
		Registration string    `json:"registration"` // chosen in the list
		MadeAt       time.Time `json:"made_at"`
		Undo         string    `json:"undo"` // takes a mark back: its number, or "any"
	}
	markAnswer struct {
		ID           string `json:"id"`
		Outcome      string `json:"outcome"`
		Registration string `json:"registration,omitempty"`
		Name         string `json:"name,omitempty"`
	}
	marksAnswer struct {
		Marks    []markAnswer `json:"marks"`
		Present  int          `json:"present"`
		Expected int          `json:"expected"`
		At       time.Time    `json:"at"` // by the server's clock
	}
)

// checkinMarks takes the marks that a phone has gathered, in their order, and
// answers what came of each. All it answers for are noted before the answer
// goes; those over the limit it leaves out, and the phone sends them later.
func (s *Server) checkinMarks(c *gin.Context) error {
	l, ev, _, err := s.behindDoor(c)
	if err != nil {
		return err
	}
	marks, code := readMarks(c.Request.Body)
	if code != 0 {
		c.AbortWithStatus(code)
		return nil
	}
	ctx, answer := c.Request.Context(), marksAnswer{Marks: make([]markAnswer, 0, len(marks))}
	for _, m := range marks {
		if ok, wait := s.doorLimit(l); !ok {
			if len(answer.Marks) == 0 {
				return s.tooOften(c, wait)
			}
			break
		}
		a, err := s.enterSent(ctx, l, m)
		if err != nil {
			return err
		}
		answer.Marks = append(answer.Marks, a)
	}
	answer.At = s.DB.Now()
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := checkin.Guests(ctx, tx, ev.ID)
		answer.Present, answer.Expected = countGuests(all)
		return err
	})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, answer)
	return nil
}

// enterSent answers for every mark, also for one that is none: a refusal would
// hold up those behind it.
func (s *Server) enterSent(ctx context.Context, l checkin.Link, m sentMark) (markAnswer, error) {
	mark := checkin.Mark{ID: m.ID, Code: ticket.Code(m.Text), RegistrationID: m.Registration, MadeAt: m.MadeAt, Undo: m.Undo}
	if m.Text != "" && mark.Code == "" {
		mark.Code = m.Text // not one of our codes: nobody has it
	}
	a, err := s.enter(ctx, l, mark)
	if errors.Is(err, checkin.ErrMark) {
		return markAnswer{ID: m.ID, Outcome: "invalid"}, nil
	}
	return markAnswer{ID: m.ID, Outcome: string(a.Outcome), Registration: a.RegistrationID, Name: a.Name}, err
}

// readMarks reads one mark or a list of them; code is the status of a refusal,
// or 0.
func readMarks(body io.Reader) (marks []sentMark, code int) {
	data, err := io.ReadAll(body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, http.StatusRequestEntityTooLarge
	}
	if err != nil {
		return nil, http.StatusBadRequest
	}
	if text := strings.TrimSpace(string(data)); !strings.HasPrefix(text, "[") {
		data = []byte("[" + text + "]")
	}
	if err := json.Unmarshal(data, &marks); err != nil {
		return nil, http.StatusBadRequest
	}
	if len(marks) == 0 || len(marks) > mostMarks {
		return nil, http.StatusUnprocessableEntity
	}
	return marks, 0
}

// checkinWorker is the service worker that shows the door's page again when the
// network is away. It stands under the link, so that it serves this one page.
func (s *Server) checkinWorker(c *gin.Context) error {
	if _, _, _, err := s.behindDoor(c); err != nil {
		return err
	}
	c.Header("Content-Security-Policy", dataPolicy+"; connect-src 'self'") // it fetches the page and its parts
	c.Header("Service-Worker-Allowed", "/checkin/"+c.Param("token"))
	c.Data(http.StatusOK, "text/javascript; charset=utf-8", s.assets.files["js/checkin-worker.js"].plain)
	return nil
}
