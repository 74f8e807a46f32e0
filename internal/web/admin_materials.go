package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"stafett/internal/material"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

const materialsPath = "/admin/events/:id/materials"

func (s *Server) materialRoutes() []route {
	return []route{
		{http.MethodGet, materialsPath, organise, s.materials},
		{http.MethodPost, materialsPath, organise, s.addMaterial},
		{http.MethodPost, materialsPath + "/remove", organise, s.removeMaterial},
		{http.MethodPost, materialsPath + "/send", organise, s.sendMaterials},
	}
}

func materialPages() map[string]pager { return map[string]pager{"materials": &materialsPage{}} }

// materialsPage is what is handed out at an event, and the letter that brings it.
type materialsPage struct {
	page
	eventCard
	All     []material.Material
	CanAdd  bool
	CanSend bool
	WhyNot  *problem.Problem // no letter goes now
	Those   material.Reach   // who was there; at a webinar, and where nobody took attendance, all with a place
	Every   material.Reach   // all with a place
	Typed   url.Values
	Sent    int // letters, just now
}

// Differs reports whether not everybody who had a place was there.
func (p *materialsPage) Differs() bool { return p.Those != p.Every }

func (s *Server) materials(c *gin.Context) error { return s.showMaterials(c, http.StatusOK, nil) }

func (s *Server) showMaterials(c *gin.Context, code int, refusal *problem.Problem) error {
	ctx, now := c.Request.Context(), s.DB.Now()
	p := &materialsPage{page: adminPage(c, "events"), Typed: c.Request.PostForm}
	p.Problem, p.Self = refusal, "/admin/events/"+c.Param("id")+"/materials"
	p.Sent, _ = strconv.Atoi(c.Query("sent")) // anything else says nothing
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		p.eventCard = s.card(ev, now)
		p.CanAdd = ev.Status != "draft" && ev.Status != "cancelled"
		if p.All, err = material.Of(ctx, tx, ev.ID); err != nil {
			return err
		}
		if err := material.CanSend(ev, p.All, now); err != nil {
			p.WhyNot, _ = problem.As(err)
			return nil
		}
		p.CanSend = true
		if p.Those, err = material.ReachOf(ctx, tx, ev, p.All, false); err != nil {
			return err
		}
		p.Every, err = material.ReachOf(ctx, tx, ev, p.All, true)
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "materials", p)
}

// changeMaterials does one thing with what is handed out, and answers with its page.
func (s *Server) changeMaterials(c *gin.Context, done func() string, change func(context.Context, *store.Tx, string) error) error {
	ctx, id := c.Request.Context(), c.Param("id")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.ownEvent(ctx, tx, c, id); err != nil {
			return err
		}
		return change(ctx, tx, id)
	})
	if refusal, ok := refused(err); ok && refusal.Kind != problem.Missing {
		return s.showMaterials(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+id+"/materials?"+done())
}

func (s *Server) addMaterial(c *gin.Context) error {
	return s.changeMaterials(c, says("done=material_added"), func(ctx context.Context, tx *store.Tx, id string) error {
		_, err := material.Add(ctx, tx, material.Material{
			EventID: id, Title: c.PostForm("title"), URL: c.PostForm("url"), Recording: c.PostForm("recording") != "", Captions: c.PostForm("captions") != "",
		}, actor(c))
		return err
	})
}

func (s *Server) removeMaterial(c *gin.Context) error {
	return s.changeMaterials(c, says("done=material_removed"), func(ctx context.Context, tx *store.Tx, id string) error {
		return material.Remove(ctx, tx, id, c.PostForm("material"), actor(c))
	})
}

// sendMaterials writes the letters, to as many as the page said.
func (s *Server) sendMaterials(c *gin.Context) error {
	n := 0
	return s.changeMaterials(c, func() string { return "sent=" + strconv.Itoa(n) }, func(ctx context.Context, tx *store.Tx, id string) (err error) {
		var f problem.Fields
		words := typedText(c, "message", &f)
		if err := f.Err(); err != nil {
			return err
		}
		everybody := c.PostForm("to") == "every"
		expected, err := strconv.Atoi(c.PostForm(map[bool]string{false: "those", true: "all"}[everybody]))
		if err != nil {
			return material.ErrCountNow.With("n", 0)
		}
		n, err = material.Send(ctx, tx, id, words, everybody, expected, actor(c))
		return err
	})
}

func says(what string) func() string { return func() string { return what } }

// handedOut is what somebody with a place sees on the page of their registration.
func handedOut(ctx context.Context, tx *store.Tx, r registration.Registration) ([]material.Material, error) {
	switch r.Status {
	case registration.Confirmed, registration.Attended, registration.NoShow:
		return material.Of(ctx, tx, r.EventID)
	}
	return nil, nil
}
