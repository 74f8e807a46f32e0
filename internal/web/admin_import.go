package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/attendance"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// errNotOnline says that an event in a room only has no report of a meeting.
var errNotOnline = &problem.Problem{Kind: problem.Conflict, Code: "not_online"}

// importPage asks for the report of an online meeting.
type importPage struct {
	page
	eventCard
	MarkNow  bool
	MarkFrom time.Time // on the event's clock
	Bad      attendance.BadRows
}

// reviewPage shows what a report says before anything is saved. The facts go
// back and forth in the form, as registrations chosen; nothing is kept here.
type reviewPage struct {
	page
	eventCard
	Product                      attendance.Product
	People                       int
	Sure, Short, Unsure, Unknown []reviewRow
}

// reviewRow is one participant of the report.
type reviewRow struct {
	attendance.Match
	Number  int    // makes ids
	Minutes string // in the meeting, as words; empty when unknown
	Short   bool   // below half of the event's length
	Already bool   // marked present before
}

func (s *Server) importForm(c *gin.Context) error {
	return s.showImport(c, http.StatusOK, nil, nil)
}

func (s *Server) showImport(c *gin.Context, code int, refusal *problem.Problem, bad attendance.BadRows) error {
	ev, err := s.ownOnline(c)
	if err != nil {
		return err
	}
	p := &importPage{page: adminPage(c, "events"), eventCard: s.card(ev, s.DB.Now()), Bad: bad}
	p.Problem = refusal
	p.MarkNow, p.MarkFrom = marksAttendance(ev, s.DB.Now()), registration.AttendanceOpens(ev).In(ev.Location())
	return s.render(c, code, "attendance_import", p)
}

// ownOnline finds the event that the address names, if one can take part online.
func (s *Server) ownOnline(c *gin.Context) (event.Event, error) {
	ev, _, err := s.findOwn(c)
	if err == nil && !ev.HasMode(event.Online) {
		err = errNotOnline
	}
	return ev, err
}

// readReport reads a report and shows who is in it. It saves nothing.
func (s *Server) readReport(c *gin.Context) error {
	ev, err := s.ownOnline(c)
	if err != nil {
		return err
	}
	if !marksAttendance(ev, s.DB.Now()) {
		return s.showImport(c, status(registration.ErrNotNow), registration.ErrNotNow, nil)
	}
	data, err := uploadedFile(c, "file")
	var report attendance.Report
	if err == nil {
		report, err = attendance.Parse(data)
	}
	if bad := (attendance.BadRows)(nil); errors.As(err, &bad) {
		return s.showImport(c, http.StatusUnprocessableEntity, &problem.Problem{Kind: problem.Invalid, Code: "report_rows"}, bad)
	}
	if refusal, ok := refused(err); ok {
		code := status(refusal)
		if errors.Is(err, attendance.ErrTooLarge) {
			code = http.StatusRequestEntityTooLarge
		}
		return s.showImport(c, code, refusal, nil)
	}
	if err != nil {
		return err
	}
	return s.showReview(c, ev, report)
}

func (s *Server) showReview(c *gin.Context, ev event.Event, report attendance.Report) error {
	ctx := c.Request.Context()
	p := &reviewPage{page: adminPage(c, "events"), eventCard: s.card(ev, s.DB.Now()), Product: report.Product, People: len(report.Participants)}
	p.Self = "/admin/events/" + ev.ID + "/attendance/import"
	var candidates []attendance.Candidate
	present := map[string]bool{}
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		candidates, present, err = candidatesOf(ctx, tx, ev)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.noteReading(c, ev); err != nil {
		return err
	}
	lang := s.language(c)
	for i, m := range byRegistration(attendance.Find(report, candidates)) {
		row := reviewRow{Match: m, Number: i + 1, Short: !m.Present(ev.EndsAt.Sub(ev.StartsAt))}
		if m.Timed {
			if row.Minutes, err = s.Texts.Text(lang, "attendance.minutes", "n", int(m.Time.Round(time.Minute)/time.Minute)); err != nil {
				return err
			}
		}
		switch {
		case m.Certainty == attendance.None:
			p.Unknown = append(p.Unknown, row)
		case m.Certainty == attendance.Unsure:
			p.Unsure = append(p.Unsure, row)
		default:
			row.Already = present[m.Possible[0].ID]
			if row.Short && !row.Already {
				p.Short = append(p.Short, row)
			} else {
				p.Sure = append(p.Sure, row)
			}
		}
	}
	return s.render(c, http.StatusOK, "attendance_review", p)
}

// byRegistration makes one row of those who are surely the same person, once
// with an address and once by name alone: the time of both counts together.
func byRegistration(all []attendance.Match) []attendance.Match {
	var rows []attendance.Match
	at := map[string]int{}
	for _, m := range all {
		if m.Certainty != attendance.Sure {
			rows = append(rows, m)
			continue
		}
		id := m.Possible[0].ID
		if i, known := at[id]; known {
			rows[i].Participant = rows[i].With(m.Participant)
			continue
		}
		at[id] = len(rows)
		rows = append(rows, m)
	}
	return rows
}

// candidatesOf lists whom a participant may be, and who of them is marked
// present already. Somebody who gave up late and came back stands there once.
func candidatesOf(ctx context.Context, tx *store.Tx, ev event.Event) ([]attendance.Candidate, map[string]bool, error) {
	all, err := registration.Roster(ctx, tx, ev.ID, registration.RosterFilter{})
	active, present := map[string]bool{}, map[string]bool{}
	for _, r := range all {
		active[r.Email] = active[r.Email] || r.Status.Active()
		present[r.ID] = r.Status == registration.Attended
	}
	var found []attendance.Candidate
	for _, r := range all {
		if registration.CanMark(r) && (r.Status.Active() || !active[r.Email]) {
			found = append(found, attendance.Candidate{ID: r.ID, Email: r.Email, First: r.FirstName, Last: r.LastName, Organisation: r.OrganisationName, Mode: string(r.Mode)})
		}
	}
	return found, present, err
}

// confirmReport marks those whom the organiser has confirmed. Each is looked up
// again: what the form says is a wish, not a fact.
func (s *Server) confirmReport(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	var n markedCount
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, id)
		if err != nil {
			return err
		}
		if !ev.HasMode(event.Online) {
			return errNotOnline
		}
		m := marker{s: s, c: c, ev: ev}
		err = m.mark(ctx, tx, slices.Concat(c.PostFormArray("present"), c.PostFormArray("choice")), registration.Present)
		n = m.count
		return err
	})
	if refusal, ok := refused(err); ok {
		return s.showImport(c, status(refusal), refusal, nil)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+id+"/attendance?"+n.query())
}
