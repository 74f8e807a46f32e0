package web

import (
	"context"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// enterTime notes that a meeting took place and how long it was. Pressed twice with
// the same minutes it was entered once. More than twice what was booked is asked about
// first: sure holds the minutes that were asked about.
func (s *Server) enterTime(c *gin.Context) error {
	t := advisory.Time{Shared: c.PostForm("shared"), Private: c.PostForm("private")}
	n, err := strconv.Atoi(strings.TrimSpace(c.PostForm("minutes")))
	wrong := advisory.CheckNotes(t.Shared, t.Private)
	if err != nil || n < 1 || n > mostMinutes {
		wrong = errMinutes()
	}
	t.Minutes = n
	var b advisory.Booking
	done, err := s.onBooking(c, "time", wrong, func(ctx context.Context, tx *store.Tx, now advisory.Booking) (err error) {
		if b = now; now.Status == advisory.Settled && now.SharedNote == strings.TrimSpace(t.Shared) {
			return nil
		}
		if b, err = advisory.EnterTime(ctx, tx, now.ID, t, actor(c)); err != nil {
			return err
		}
		if t.Minutes > 2*now.Minutes && c.PostForm("sure") != strconv.Itoa(t.Minutes) { // a slip costs a company its hours
			return problem.Fields{{Name: "minutes", Code: "meeting_long", Args: []any{"booked", now.Minutes, "entered", t.Minutes}}}.Err()
		}
		return nil
	})
	if err != nil || !done {
		return err
	}
	if b.OverMinutes != nil && *b.OverMinutes > 0 { // its page explains them
		return seeOther(c, adviserPath+"/bookings/"+b.ID+"?done=meeting_settled")
	}
	return s.backTo(c, "meeting_settled")
}

// missMeeting notes that nobody came.
func (s *Server) missMeeting(c *gin.Context) error {
	done, err := s.onBooking(c, "missed", nil, func(ctx context.Context, tx *store.Tx, b advisory.Booking) error {
		_, err := advisory.Miss(ctx, tx, b.ID, actor(c))
		return err
	})
	if err != nil || !done {
		return err
	}
	return s.backTo(c, "meeting_missed")
}
