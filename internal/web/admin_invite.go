package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

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
	CanMake bool
	Key     string
}

// invitationRow is one invitation with the address that opens the form.
type invitationRow struct {
	registration.Invitation
	Address string
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
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		p.eventCard = s.card(ev, now)
		p.CanMake = now.Before(ev.StartsAt)
		all, err := registration.Invitations(ctx, tx, ev.ID)
		for _, i := range all {
			p.Rows = append(p.Rows, invitationRow{i, s.BaseURL + "/events/" + ev.Slug + "/register?code=" + url.QueryEscape(i.Code)})
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "invitations", p)
}

// invite makes one invitation that whoever has its code can use, or one for each
// address. With an error in any line nothing is made.
func (s *Server) invite(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	var f problem.Fields
	label, places := typedLine(c, "label", &f), typedPlaces(c, "places", &f)
	addresses := fullLines(typedText(c, "emails", &f))
	if len(addresses) > maxInvited {
		f.Add("emails", "too_many", "most", maxInvited)
	}
	var lines []lineError
	made := 0
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.ownEvent(ctx, tx, c, id); err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		made = max(1, len(addresses))
		return once(ctx, tx, c, func() (err error) {
			if len(addresses) == 0 {
				_, err = registration.Invite(ctx, tx, id, label, "", places, actor(c))
				return err
			}
			if lines, err = inviteEach(ctx, tx, c, id, label, addresses); err != nil || len(lines) == 0 {
				return err
			}
			return problem.Fields{{Name: "emails", Code: "lines"}}.Err()
		})
	})
	if refusal, ok := refused(err); ok {
		return s.showInvitations(c, status(refusal), refusal, lines)
	}
	if err != nil {
		return err
	}
	return seeOther(c, fmt.Sprintf("/admin/events/%s/invitations?made=%d", id, made))
}

// inviteEach makes an invitation of one place for each address, and gathers what
// is wrong with them.
func inviteEach(ctx context.Context, tx *store.Tx, c *gin.Context, eventID, label string, addresses []string) (lines []lineError, err error) {
	one := 1
	for n, address := range addresses {
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
