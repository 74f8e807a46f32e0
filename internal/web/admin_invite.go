package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// maxInvited is how many addresses can be pasted at once.
const maxInvited = 500

// invitationsPage is the invitations to one event, and the form that makes them.
type invitationsPage struct {
	page
	eventCard
	Rows    []invitationRow
	Typed   url.Values
	Lines   []lineError
	Made    int
	MadeOf  string // a link for several, or letters
	CanMake bool
	NoMail  string // why no letters go now: draft, postponed, closed; empty: they do
	Key     string
}

// invitationRow is one invitation with the address that opens the form.
type invitationRow struct {
	registration.Invitation
	Address string
	Mail    string    // what has become of the newest letter: none, waits, sent, stuck
	MailAt  time.Time // on the event's clock
	CanSend bool      // the letter, now
}

// lineError says what is wrong with one pasted line; the text is "error.<Code>".
type lineError struct {
	Line int
	Text string
	Code string
}

func (s *Server) invitations(c *gin.Context) error {
	return s.showInvitations(c, http.StatusOK, nil, nil)
}

func (s *Server) showInvitations(c *gin.Context, code int, refusal *problem.Problem, lines []lineError) error {
	ctx, now := c.Request.Context(), s.DB.Now()
	p := &invitationsPage{page: adminPage(c, "events"), Typed: c.Request.PostForm, Lines: lines, Key: newKey()}
	p.Problem = refusal
	p.Made, _ = strconv.Atoi(c.Query("made")) // anything else says nothing
	if p.MadeOf = "letters"; c.Query("of") == "link" {
		p.MadeOf = "link"
	}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		p.eventCard = s.card(ev, now)
		p.CanMake, p.NoMail = now.Before(ev.StartsAt), noMail(ev, now)
		all, err := registration.Invitations(ctx, tx, ev.ID)
		if err != nil {
			return err
		}
		newest, err := message.NewestInvitations(ctx, tx, ev.ID)
		for _, i := range all {
			row := invitationRow{Invitation: i, Address: s.BaseURL + "/events/" + ev.Slug + "/register?code=" + url.QueryEscape(i.Code)}
			m, written := newest[i.ID]
			row.Mail, row.MailAt = mailState(m, written), m.DoneAt.In(ev.Location())
			row.CanSend = i.CanSend() && p.NoMail == "" && !(written && registration.JustSent(m, now))
			p.Rows = append(p.Rows, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "invitations", p)
}

// noMail is why no letters with invitations go now.
func noMail(ev event.Event, now time.Time) string {
	switch {
	case registration.SendsInvitations(ev, now):
		return ""
	case ev.Status == event.Draft || ev.Status == event.Postponed:
		return string(ev.Status)
	}
	return "closed"
}

// mailState is what has become of a letter, in the page's words.
func mailState(m message.Message, written bool) string {
	switch {
	case !written || m.Status == message.Dropped:
		return "none"
	case m.Status == message.Waiting:
		return "waits"
	case m.Status == message.Sent:
		return "sent"
	}
	return "stuck"
}

// invite makes one invitation that whoever has its code can use, or one for each
// address. With an error in any line nothing is made.
func (s *Server) invite(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	var f problem.Fields
	label, places := typedLine(c, "label", &f), typedPlaces(c, "places", &f)
	addresses := fullLines(typedText(c, "emails", &f))
	of, n := "link", 1
	if len(addresses) > 0 {
		of, n = "letters", distinct(addresses)
	}
	if len(addresses) > maxInvited {
		f.Add("emails", "too_many", "most", maxInvited)
	}
	var lines []lineError
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.ownEvent(ctx, tx, c, id); err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		return once(ctx, tx, c, func() (err error) {
			if len(addresses) == 0 {
				_, err = registration.Invite(ctx, tx, id, label, "", places, actor(c))
				return err
			}
			if lines, err = inviteEach(ctx, tx, c, id, label, addresses); err != nil || len(lines) == 0 {
				return err
			}
			return problem.Fields{{Name: "emails", Code: "invite_lines"}}.Err()
		})
	})
	if refusal, ok := refused(err); ok {
		return s.showInvitations(c, status(refusal), refusal, lines)
	}
	if err != nil {
		return err
	}
	return seeOther(c, fmt.Sprintf("/admin/events/%s/invitations?made=%d&of=%s", id, n, of))
}

// inviteEach makes an invitation of one place for each address, and gathers what
// is wrong with them. One that stands in several lines is taken once.
func inviteEach(ctx context.Context, tx *store.Tx, c *gin.Context, eventID, label string, addresses []string) (lines []lineError, err error) {
	one, seen := 1, map[string]bool{}
	for n, address := range addresses {
		if seen[sameAddress(address)] {
			continue
		}
		seen[sameAddress(address)] = true
		_, err := registration.Invite(ctx, tx, eventID, label, address, &one, actor(c))
		if err == nil {
			continue
		}
		refusal, ok := refused(err)
		if !ok || len(refusal.Fields) == 0 {
			return nil, err
		}
		if refusal.Fields[0].Name != "email" { // it is the same in every line
			return nil, err
		}
		lines = append(lines, lineError{Line: n + 1, Text: address, Code: refusal.Fields[0].Code})
	}
	return lines, nil
}

// sameAddress is the address as it is stored, or the line itself when it is none.
func sameAddress(line string) string {
	if stored, err := person.Address(line); err == nil {
		return stored
	}
	return line
}

// distinct counts the addresses that differ.
func distinct(addresses []string) int {
	seen := map[string]bool{}
	for _, a := range addresses {
		seen[sameAddress(a)] = true
	}
	return len(seen)
}

// sendInvitation writes the letter with an invitation once more.
func (s *Server) sendInvitation(c *gin.Context) error {
	ctx := c.Request.Context()
	var inv registration.Invitation
	err := s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if inv, err = registration.FindInvitation(ctx, tx, c.Param("id")); err != nil {
			return err
		}
		if _, err := s.ownEvent(ctx, tx, c, inv.EventID); err != nil {
			return err
		}
		_, err = registration.SendInvitation(ctx, tx, inv.ID, actor(c))
		return err
	})
	if refusal, ok := refused(err); ok && refusal.Kind == problem.Conflict {
		c.Params = gin.Params{{Key: "id", Value: inv.EventID}}
		return s.showInvitations(c, status(refusal), refusal, nil)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+inv.EventID+"/invitations?done=invitation_sent")
}

// revoke ends an invitation; who came by it keeps the place.
func (s *Server) revoke(c *gin.Context) error {
	ctx := c.Request.Context()
	var inv registration.Invitation
	err := s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if inv, err = registration.FindInvitation(ctx, tx, c.Param("id")); err != nil {
			return err
		}
		if _, err := s.ownEvent(ctx, tx, c, inv.EventID); err != nil {
			return err
		}
		_, err = registration.Revoke(ctx, tx, inv.ID, actor(c))
		return err
	})
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+inv.EventID+"/invitations?done=revoked")
}
