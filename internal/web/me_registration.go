package web

import (
	"context"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
	"stafett/internal/ticket"
)

// reach reads the registration that a request is about, with its event and
// programme: by the secret in the address, or by the person's session. Both ways
// lead to the same page and the same acts.
func (s *Server) reach(c *gin.Context) (r registration.Registration, ev event.Event, p programme.Programme, err error) {
	who, ok := self(c)
	if !ok {
		return s.behindLink(c, registration.Manage)
	}
	ctx := c.Request.Context()
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if r, err = registration.FindOwn(ctx, tx, c.Param("id"), who.ID); err != nil {
			return err
		}
		if ev, err = event.Find(ctx, tx, r.EventID); err != nil {
			return err
		}
		p, err = programme.Find(ctx, tx, ev.ProgrammeID)
		return err
	})
	return r, ev, p, err
}

// wayTo is the address of the page of a registration, as it was reached.
func wayTo(c *gin.Context) string {
	if _, ok := self(c); ok {
		return "/me/registrations/" + c.Param("id")
	}
	return "/r/" + c.Param("token")
}

// bySession is what the page of a registration has for whoever has signed in and
// not for whoever has the link of a letter, where the same stands already.
type bySession struct {
	SignedIn   bool
	CanProve   bool // the address; the letter that led here has proved it
	OpenTicket bool
	OpenJoin   bool
}

func readBySession(c *gin.Context, r registration.Registration, ev event.Event, tx *store.Tx) bySession {
	if _, ok := self(c); !ok {
		return bySession{}
	}
	return bySession{
		SignedIn:   true,
		CanProve:   r.Status == registration.PendingEmail && tx.Now.Before(r.HoldUntil),
		OpenTicket: ticket.For(r, ev, tx.Now),
		OpenJoin:   registration.Joining(r, ev, tx.Now) == registration.JoinOpen,
	}
}

// confirmFromMe confirms the place: whoever has signed in by a letter has shown
// that the address is theirs.
func (s *Server) confirmFromMe(c *gin.Context) error {
	return s.change(c, "answered", func(ctx context.Context, tx *store.Tx, r registration.Registration, _ audit.Actor) error {
		_, err := registration.Prove(ctx, tx, r.ID)
		return err
	})
}

// openTicket makes a link with a ticket of its own, for the ticket of a letter
// follows from the letter's secret, which is not kept.
func (s *Server) openTicket(c *gin.Context) error {
	return s.openByLink(c, registration.Manage, "/r/", "#ticket")
}

// openMeeting leads to the page with the way into the meeting.
func (s *Server) openMeeting(c *gin.Context) error {
	return s.openByLink(c, registration.JoinMeeting, "/join/", "")
}

func (s *Server) openByLink(c *gin.Context, purpose registration.Purpose, before, after string) error {
	r, ev, _, err := s.reach(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	var token string
	err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		token, err = registration.NewLink(ctx, tx, r, ev, purpose)
		return err
	})
	if err != nil {
		return err
	}
	return seeOther(c, before+token+after)
}
