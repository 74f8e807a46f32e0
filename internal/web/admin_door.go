package web

import (
	"context"
	"html/template"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/checkin"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/ticket"
)

// doorPage is where an organiser makes and ends an event's door links.
type doorPage struct {
	page
	eventCard
	Links   []doorLink
	CanMake bool
	ForWhom string        // of a refused form
	Address string        // of the link just made; it is shown this once
	QR      template.HTML // the same, to be read by the phone that shall stand there
}

// doorLink is a link with its times on the event's clock.
type doorLink struct {
	checkin.Link
	Open        bool
	Made, Until time.Time
}

// door lists the links.
func (s *Server) door(c *gin.Context) error {
	return s.showDoor(c, http.StatusOK, doorPage{})
}

func (s *Server) showDoor(c *gin.Context, code int, d doorPage) error {
	ev, p, err := s.findOwn(c)
	if err != nil {
		return err
	}
	ctx, now := c.Request.Context(), s.DB.Now()
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := checkin.List(ctx, tx, ev.ID)
		for _, l := range all {
			d.Links = append(d.Links, doorLink{l, l.Open(now), l.MadeAt.In(ev.Location()), l.ExpiresAt.In(ev.Location())})
		}
		return err
	})
	if err != nil {
		return err
	}
	d.Brand, d.Admin, d.Self, d.NoIndex = p.Name, "events", "/admin/events/"+ev.ID+"/door", true
	d.eventCard, d.CanMake = s.card(ev, now), checkin.HasDoor(ev, now)
	return s.render(c, code, "door", &d)
}

// makeDoor makes a link and shows its address: the page answers the form itself,
// because the address is not kept and cannot be shown after a redirect.
func (s *Server) makeDoor(c *gin.Context) error {
	var f problem.Fields
	d := doorPage{ForWhom: typedText(c, "label", &f)}
	var token string
	err := f.Err()
	if err == nil {
		err = s.onDoor(c, func(ctx context.Context, tx *store.Tx, ev event.Event) (err error) {
			token, err = checkin.Make(ctx, tx, ev.ID, d.ForWhom, actor(c))
			return err
		})
	}
	if refusal, ok := refused(err); ok && refusal.Kind != problem.Missing {
		d.Problem = refusal
		return s.showDoor(c, status(refusal), d)
	}
	if err != nil {
		return err
	}
	title, err := s.Texts.Text(s.language(c), "checkin.door.qr")
	if err != nil {
		return err
	}
	d.ForWhom, d.Address = "", s.BaseURL+"/checkin/"+token
	svg, err := ticket.SVG(d.Address, title)
	if err != nil {
		return err
	}
	d.QR = template.HTML(svg) // made of an address of our own, and a title that is escaped
	return s.showDoor(c, http.StatusOK, d)
}

// openDoorHere makes a link for the device that the organiser holds, and opens it.
func (s *Server) openDoorHere(c *gin.Context) error {
	var token string
	u, _ := signedIn(c)
	name := []rune(u.Name)
	err := s.onDoor(c, func(ctx context.Context, tx *store.Tx, ev event.Event) (err error) {
		token, err = checkin.Make(ctx, tx, ev.ID, string(name[:min(len(name), 80)]), actor(c))
		return err
	})
	if refusal, ok := refused(err); ok && refusal.Kind != problem.Missing {
		return s.showDoor(c, status(refusal), doorPage{page: page{Problem: refusal}})
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/checkin/"+token)
}

func (s *Server) revokeDoor(c *gin.Context) error {
	err := s.onDoor(c, func(ctx context.Context, tx *store.Tx, ev event.Event) error {
		if c.PostForm("link") == "" {
			return nil
		}
		return checkin.Revoke(ctx, tx, ev.ID, c.PostForm("link"), actor(c))
	})
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+c.Param("id")+"/door?done=door_revoked")
}

// onDoor changes something at the door of an event of one's own.
func (s *Server) onDoor(c *gin.Context, step func(context.Context, *store.Tx, event.Event) error) error {
	ctx := c.Request.Context()
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		return step(ctx, tx, ev)
	})
}
