package web

import (
	"context"
	"encoding/xml"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/store"
)

type aboutPage struct {
	page
	Name     string   // privacy, accessibility, data
	Sections []string // each has about.<Name>.<section>.title and .text
}

// about shows one of the pages about the service itself.
func (s *Server) about(name string) handler {
	sections := map[string][]string{
		"privacy":       {"what", "why", "letters", "public", "how_long", "advice", "rights", "cookies"},
		"accessibility": {"aim", "known", "report"},
		"data":          {"municipalities", "maps", "sample"},
	}[name]
	return func(c *gin.Context) error {
		return s.render(c, http.StatusOK, "about", &aboutPage{Name: name, Sections: sections})
	}
}

func (s *Server) robots(c *gin.Context) error {
	c.String(http.StatusOK, "User-agent: *\nDisallow: /admin\nDisallow: /r/\nDisallow: /join/\nSitemap: %s/sitemap.xml\n", s.BaseURL)
	return nil
}

// sitemap lists the public pages for search engines.
func (s *Server) sitemap(c *gin.Context) error {
	type entry struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod,omitempty"`
	}
	set := struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []entry  `xml:"url"`
	}{URLs: []entry{{Loc: s.BaseURL + "/"}, {Loc: s.BaseURL + "/events"}}}
	events, err := s.published(c.Request.Context())
	if err != nil {
		return err
	}
	for _, ev := range events {
		set.URLs = append(set.URLs, entry{s.BaseURL + "/events/" + ev.Slug, ev.ChangedAt.Format(time.RFC3339)})
	}
	advice, err := s.openAdvice(c.Request.Context())
	if err != nil {
		return err
	}
	set.URLs = append(set.URLs, entry{Loc: s.BaseURL + "/advice"})
	for _, a := range advice {
		set.URLs = append(set.URLs, entry{s.BaseURL + "/advice/" + a.Slug, a.ChangedAt.Format(time.RFC3339)})
	}
	c.XML(http.StatusOK, set)
	return nil
}

func (s *Server) published(ctx context.Context) (events []event.Event, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		events, err = event.List(ctx, tx, event.Filter{Statuses: []event.Status{event.Published, event.Postponed}, From: s.DB.Now()})
		return err
	})
	return events, err
}
