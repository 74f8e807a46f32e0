package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// attendanceRoutes are the pages on which a whole list is marked at once.
func (s *Server) attendanceRoutes() []route {
	return []route{
		{http.MethodGet, "/admin/events/:id/roster/print", organise, s.printRoster},
		{http.MethodGet, attendancePath, organise, s.attendanceList},
		{http.MethodPost, attendancePath, organise, s.markList},
		{http.MethodPost, "/admin/events/:id/walk-in", organise, s.walkIn},
		{http.MethodGet, importPath, organise, s.importForm},
		{http.MethodPost, importPath, organise, s.readReport},
		{http.MethodPost, confirmPath, organise, s.confirmReport},
	}
}

func attendancePages() map[string]pager {
	return map[string]pager{
		"attendance": &attendancePage{}, "roster_print": &paperPage{}, "attendance_import": &importPage{}, "attendance_review": &reviewPage{},
	}
}

// listRow is one person on the printed list and on the page where that list is
// entered. The number is the place in the order of signing up among all who ever
// did, so it stays the same however many come and go in between.
type listRow struct {
	registration.Registration
	Number  int
	CanMark bool
}

// Present reports whether the person is marked present already.
func (r listRow) Present() bool { return r.Status == registration.Attended }

// listOf numbers everybody at an event and sorts those with a place, then those
// who wait, by name.
func listOf(ctx context.Context, tx *store.Tx, ev event.Event, lang locale.Language) ([]listRow, error) {
	all, err := registration.Roster(ctx, tx, ev.ID, registration.RosterFilter{})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b registration.Registration) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	numbers := map[string]int{}
	for i, r := range all {
		numbers[r.ID] = i + 1
	}
	sortRoster(all, "name", lang)
	rows := make([]listRow, len(all))
	for i, r := range all {
		rows[i] = listRow{Registration: r, Number: numbers[r.ID], CanMark: registration.CanMark(r)}
	}
	return rows, nil
}

// paperPage is the list on paper: names and companies, nothing that anybody at
// the door need not see.
type paperPage struct {
	page
	eventCard
	Rows    []listRow
	Empty   []int // lines for those who come without a place
	Printed time.Time
}

// emptyLines is how many people without a place the paper has room for.
const emptyLines = 12

func (s *Server) printRoster(c *gin.Context) error {
	p := &paperPage{page: adminPage(c, "events"), Empty: make([]int, emptyLines)}
	rows, err := s.readList(c, &p.eventCard)
	if err != nil {
		return err
	}
	p.Printed = s.DB.Now().In(p.Event.Location())
	for _, r := range rows {
		here := p.Event.Mode != event.Hybrid || r.Mode == event.Room
		if here && (r.Status == registration.Confirmed || r.Status == registration.Attended || r.Status == registration.NoShow) {
			p.Rows = append(p.Rows, r)
		}
	}
	return s.render(c, http.StatusOK, "roster_print", p)
}

// readList reads the event that the address names and its people, and notes that
// they were read.
func (s *Server) readList(c *gin.Context, card *eventCard) (rows []listRow, err error) {
	ctx := c.Request.Context()
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		*card = s.card(ev, s.DB.Now())
		rows, err = listOf(ctx, tx, ev, s.language(c))
		return err
	})
	if err != nil {
		return nil, err
	}
	return rows, s.noteReading(c, card.Event)
}

// arrivalForm is what an organiser types about somebody who turned up.
type arrivalForm struct{ Name, Email, Organisation, Reason string }

// attendancePage is one form for the whole paper list, and a short one for those
// who came without a place.
type attendancePage struct {
	page
	eventCard
	Rows          []listRow
	Listed        string // what the page showed: see readListed
	Present       int
	MarkNow       bool
	MarkFrom      time.Time // on the event's clock
	Online        bool      // a report can be read in
	Hybrid        bool
	Walk          arrivalForm
	Organisations []string // of people at the event
	Marked        *markedCount
	Closed        bool // who is noted now needs a reason
	Focus         bool // the form for the next who comes has the focus
}

// markedCount is what came of marking many at once.
type markedCount struct{ Present, Already, Absent, Left int }

func (s *Server) attendanceList(c *gin.Context) error {
	return s.showAttendance(c, http.StatusOK, arrivalForm{}, nil)
}

func (s *Server) showAttendance(c *gin.Context, code int, walk arrivalForm, refusal *problem.Problem) error {
	p := &attendancePage{page: adminPage(c, "events"), Walk: walk, Marked: readMarked(c), Focus: c.Query("done") == "walked_in"}
	p.Problem = refusal
	rows, err := s.readList(c, &p.eventCard)
	if err != nil {
		return err
	}
	ev := p.Event
	p.Self = "/admin/events/" + ev.ID + "/attendance"
	p.MarkNow, p.MarkFrom = marksAttendance(ev, s.DB.Now()), registration.AttendanceOpens(ev).In(ev.Location())
	p.Closed = !ev.AttendanceClosedAt.IsZero()
	p.Online, p.Hybrid = ev.HasMode(event.Online), ev.Mode == event.Hybrid
	known := map[string]bool{}
	for _, r := range rows {
		if r.CanMark {
			p.Rows = append(p.Rows, r)
		}
		if r.Present() {
			p.Present++
		}
		if name := r.OrganisationName; name != "" && !known[name] {
			known[name] = true
			p.Organisations = append(p.Organisations, name)
		}
	}
	p.Listed = writeListed(p.Rows)
	slices.SortFunc(p.Organisations, locale.Sorter(s.language(c)))
	return s.render(c, code, "attendance", p)
}

// writeListed tells in one field whom a page showed, and who of them was present
// then: "+id" for present, "-id" for not.
func writeListed(rows []listRow) string {
	var b strings.Builder
	for _, r := range rows {
		sign := " -"
		if r.Present() {
			sign = " +"
		}
		b.WriteString(sign + r.ID)
	}
	return strings.TrimSpace(b.String())
}

func readListed(s string) map[string]bool {
	was := map[string]bool{}
	for _, x := range strings.Fields(s) {
		was[x[1:]] = x[0] == '+'
	}
	return was
}

// markList marks everybody ticked as present. The others are left as they are,
// or are marked absent when that is chosen: those whom the page showed, and
// nobody who came in by another way since.
func (s *Server) markList(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	ticked, was := c.PostFormArray("present"), readListed(c.PostForm("listed"))
	var n markedCount
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, id)
		if err != nil {
			return err
		}
		m := marker{s: s, c: c, ev: ev}
		if err := m.mark(ctx, tx, ticked, registration.Present); err != nil {
			return err
		}
		if c.PostForm("rest") == "absent" {
			rest, err := unticked(ctx, tx, ev, ticked, was)
			if err != nil {
				return err
			}
			if err := m.mark(ctx, tx, rest, registration.Absent); err != nil {
				return err
			}
		}
		n = m.count
		return nil
	})
	if refusal, ok := refused(err); ok {
		return s.showAttendance(c, status(refusal), arrivalForm{}, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+id+"/attendance?"+n.query())
}

// unticked lists those with a place whom a page showed and nobody ticked. Who
// was not present then and is now has come by another way, and stays.
func unticked(ctx context.Context, tx *store.Tx, ev event.Event, ticked []string, was map[string]bool) ([]string, error) {
	all, err := registration.Roster(ctx, tx, ev.ID, registration.RosterFilter{})
	var rest []string
	for _, r := range all {
		present, shown := was[r.ID]
		if !shown || slices.Contains(ticked, r.ID) {
			continue
		}
		if r.Status == registration.Confirmed || r.Status == registration.Attended && present {
			rest = append(rest, r.ID)
		}
	}
	return rest, err
}

// marker marks many people of one event and counts what came of it.
type marker struct {
	s     *Server
	c     *gin.Context
	ev    event.Event
	count markedCount
}

// mark goes through the registrations, each once. Those whose state does not
// allow the mark any more are counted and left; one of another event is refused
// like one that does not exist.
func (m *marker) mark(ctx context.Context, tx *store.Tx, ids []string, mark registration.Mark) error {
	if !marksAttendance(m.ev, tx.Now) {
		return registration.ErrNotNow
	}
	done := map[string]bool{}
	for _, id := range ids {
		if id == "" || done[id] {
			continue
		}
		done[id] = true
		r, err := registration.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		if r.EventID != m.ev.ID {
			return m.s.foreign(m.c, "registration", id)
		}
		if mark == registration.Present && r.Status == registration.Attended {
			m.count.Already++
			continue
		}
		_, err = registration.Attend(ctx, tx, id, mark, actor(m.c))
		switch {
		case errors.Is(err, registration.ErrNotNow), errors.Is(err, registration.ErrAlready):
			m.count.Left++
		case err != nil:
			return err
		case mark == registration.Present:
			m.count.Present++
		default:
			m.count.Absent++
		}
	}
	return nil
}

// query is the count as an address holds it.
func (n markedCount) query() string {
	q := url.Values{"present": {strconv.Itoa(n.Present)}}
	for name, k := range map[string]int{"already": n.Already, "absent": n.Absent, "left": n.Left} {
		if k > 0 {
			q.Set(name, strconv.Itoa(k))
		}
	}
	return q.Encode()
}

// readMarked reads the count from an address; nil when there is none.
func readMarked(c *gin.Context) *markedCount {
	number := func(name string) int {
		n, err := strconv.Atoi(c.Query(name))
		if err != nil || n < 0 || n > 1_000_000 {
			return 0
		}
		return n
	}
	if c.Query("present") == "" {
		return nil
	}
	return &markedCount{Present: number("present"), Already: number("already"), Absent: number("absent"), Left: number("left")}
}

// walkIn notes somebody who came without a place, and gives the form back for
// the next.
func (s *Server) walkIn(c *gin.Context) error {
	ev, prog, err := s.findOwn(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	form := arrivalForm{Name: c.PostForm("name"), Email: c.PostForm("email"), Organisation: c.PostForm("company_name")}
	var f problem.Fields
	form.Reason = typedText(c, "reason", &f)
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.ownEvent(ctx, tx, c, ev.ID); err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		_, err := registration.WalkIn(ctx, tx, ev.ID, registration.Arrival{
			Name: form.Name, Email: form.Email, Organisation: form.Organisation, Reason: form.Reason, Language: prog.Language, By: actor(c),
		})
		return err
	})
	if refusal, ok := refused(err); ok {
		if tooPersonal(refusal) {
			form.Organisation = withoutDigits(form.Organisation)
		}
		return s.showAttendance(c, status(refusal), form, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+ev.ID+"/attendance?done=walked_in")
}
