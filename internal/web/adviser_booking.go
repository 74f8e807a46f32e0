package web

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// adviserBookingPage is one booking with all that its adviser may do about it.
type adviserBookingPage struct {
	page
	meetingView
	Private string // the adviser's own note
	Hours   hoursBar
	Limit   int // minutes that can be taken from the account at most; 0: no limit
	Form    meetingForm
	Open    string // the form that was refused, and stands open
	Mine    bool   // not one that waits for anyone
}

// meetingForm is what an adviser has typed about a meeting.
type meetingForm struct {
	Minutes, Shared, Private, Reason string
}

// readBooking reads the page of the booking that the address names.
func (s *Server) readBooking(c *gin.Context) (p *adviserBookingPage, err error) {
	ctx, m := c.Request.Context(), s.meetingsOf(c)
	p = &adviserBookingPage{page: adviserPage(c, "bookings")}
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		b, err := s.ownBooking(ctx, tx, c)
		if err != nil {
			return err
		}
		if p.meetingView, err = m.view(ctx, tx, b); err != nil {
			return err
		}
		if p.Private, err = advisory.PrivateNote(ctx, tx, b.ID); err != nil {
			return err
		}
		a, err := advisory.AccountByID(ctx, tx, b.AccountID)
		if err != nil {
			return err
		}
		p.Hours, p.Mine = barOf(a), b.AdviserID == m.me.ID
		prog, err := m.programme(ctx, tx, b.AdvisoryProgrammeID)
		if err != nil {
			return err
		}
		p.Limit, _, err = advisory.MostCharged(ctx, tx, prog, b)
		return err
	})
	p.Form = meetingForm{Shared: p.SharedNote, Private: p.Private}
	p.Self = adviserPath + "/bookings/" + p.ID
	return p, err
}

func (s *Server) adviserBooking(c *gin.Context) error {
	p, err := s.readBooking(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "adviser_booking", p)
}

// onBooking runs one step on a booking of the adviser's. A refusal is shown on its
// page, with the form open and what was typed in it.
func (s *Server) onBooking(c *gin.Context, form string, wrong error, step func(context.Context, *store.Tx, advisory.Booking) error) (done bool, err error) {
	ctx := c.Request.Context()
	if wrong == nil {
		wrong = s.DB.Write(ctx, func(tx *store.Tx) error {
			b, err := s.ownBooking(ctx, tx, c)
			if err != nil {
				return err
			}
			return step(ctx, tx, b)
		})
	}
	refusal, ok := refused(wrong)
	if !ok {
		return wrong == nil, wrong
	}
	p, err := s.readBooking(c)
	if err != nil {
		return false, err
	}
	p.Problem, p.Open = toAdviser(refusal), form
	p.Form = meetingForm{Minutes: c.PostForm("minutes"), Shared: c.PostForm("shared"), Private: c.PostForm("private"), Reason: c.PostForm(form + "_reason")}
	return false, s.render(c, status(refusal), "adviser_booking", p)
}

// backTo ends a step: on the adviser's day when it was taken there, else on the
// booking's page.
func (s *Server) backTo(c *gin.Context, done string) error {
	if c.PostForm("from") == "today" {
		return seeOther(c, adviserPath+"?done="+done)
	}
	return seeOther(c, adviserPath+"/bookings/"+c.Param("id")+"?done="+done)
}

// needed is what was typed as a reason, or the error beside its field.
func needed(c *gin.Context, name string) (string, error) {
	var f problem.Fields
	typed := typedText(c, name, &f)
	if typed == "" {
		f.Add(name, "required")
	}
	return typed, f.Err()
}

func (s *Server) cancelMeeting(c *gin.Context) error {
	reason, wrong := needed(c, "cancel_reason")
	done, err := s.onBooking(c, "cancel", wrong, func(ctx context.Context, tx *store.Tx, b advisory.Booking) error {
		if b.Status == advisory.Waiting { // declined instead
			return advisory.ErrNotNow
		}
		_, err := advisory.Cancel(ctx, tx, b.ID, reason, false, actor(c))
		return err
	})
	if err != nil || !done {
		return err
	}
	return s.backTo(c, "meeting_cancelled")
}

// confirmMeeting says yes to a request for the adviser's own time.
func (s *Server) confirmMeeting(c *gin.Context) error {
	done, err := s.onBooking(c, "", nil, func(ctx context.Context, tx *store.Tx, b advisory.Booking) error {
		if b.Status != advisory.Requested {
			return advisory.ErrNotNow
		}
		_, err := advisory.Confirm(ctx, tx, b.ID, actor(c))
		return err
	})
	if err != nil || !done {
		return err
	}
	return s.backTo(c, "meeting_confirmed")
}

// declineMeeting says no to a request, or to one that waits for a time.
func (s *Server) declineMeeting(c *gin.Context) error {
	reason, wrong := needed(c, "decline_reason")
	done, err := s.onBooking(c, "decline", wrong, func(ctx context.Context, tx *store.Tx, b advisory.Booking) error {
		_, err := advisory.Decline(ctx, tx, b.ID, reason, actor(c))
		return err
	})
	if err != nil || !done {
		return err
	}
	return seeOther(c, adviserPath+"?done=meeting_declined") // one that waited for anyone is no longer this adviser's to see
}

func (s *Server) correctNotes(c *gin.Context) error {
	shared, private := c.PostForm("shared"), c.PostForm("private")
	done, err := s.onBooking(c, "notes", advisory.CheckNotes(shared, private), func(ctx context.Context, tx *store.Tx, b advisory.Booking) error {
		return advisory.CorrectNotes(ctx, tx, b.ID, shared, private, actor(c))
	})
	if err != nil || !done {
		return err
	}
	return s.backTo(c, "notes_saved")
}
