// Package web is Stafett for people: its pages, in four languages. A handler
// reads the form, opens the transaction, calls one function of the domain and
// answers; it returns refusals and faults, which are turned into pages in one
// place.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/aid"
	"stafett/internal/locale"
	"stafett/internal/mail/transport"
	"stafett/internal/message"
	"stafett/internal/municipality"
	"stafett/internal/register"
	"stafett/internal/store"
	"stafett/internal/user"
)

// Options are what the pages need.
type Options struct {
	DB             *store.DB
	Texts          *locale.Catalogue
	Places         *municipality.Register
	Hasher         *user.Hasher
	Log            *slog.Logger
	BaseURL        string   // https://… : absolute addresses come from here alone
	TrustedProxies []string // whose word about the caller's address counts
	Version        string
	TestNumbers    bool // invented organisation numbers are accepted
	Limits         Limits
	// Mailbox catches all mail in the demo; nil elsewhere, and then there is no
	// /dev/mail.
	Mailbox *transport.Mailbox
	// Companies asks the public register for a company's name; nil asks nobody.
	Companies *register.Desk
	// AidKeys seal the numbers of people whose firm has no other; nil stores none.
	AidKeys *aid.Keys
	// ReadCalendar reads an adviser's other calendar now; nil where none is read.
	ReadCalendar func(ctx context.Context, adviserID string) error
	// Preview renders a letter as it would be sent, without sending it.
	Preview func(ctx context.Context, tx *store.Tx, m message.Message) (Letter, error)
	// Specimen writes a letter that is only looked at, as a whole.
	Specimen func(ctx context.Context, tx *store.Tx, m message.Message) (Specimen, error)
}

// Letter is a rendered letter, for an organiser to look at before it is sent.
type Letter struct{ Subject, HTML, Text string }

// Server answers requests for pages.
type Server struct {
	Options
	base      *url.URL
	pages     *pages
	assets    *assets
	limits    *limiters
	strangers *strangers
	routes    []route
}

// New makes the pages ready. It fails when the base address is not one.
func New(o Options) (*Server, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, fmt.Errorf("the base address %q is not one: write it as https://program.example", o.BaseURL)
	}
	s := &Server{Options: o, base: base, limits: newLimiters(o.Limits, o.DB.Now), strangers: &strangers{failures: map[string][]time.Time{}}}
	if s.assets, err = newAssets(); err != nil {
		return nil, err
	}
	s.pages = parsePages(s)
	s.routes = s.table()
	return s, nil
}

// secure reports whether people reach us by https.
func (s *Server) secure() bool { return s.base.Scheme == "https" }

// Engine is the router with everything that guards every request, and all
// pages. The API is mounted on it by the caller.
func (s *Server) Engine() (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	if err := e.SetTrustedProxies(s.TrustedProxies); err != nil {
		return nil, fmt.Errorf("trusted proxies: %w", err)
	}
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.Use(s.observe, s.recover, s.guardHost, s.headers, deadline, guardBody)
	e.GET("/static/:version/*path", s.assets.serve)
	e.HEAD("/static/:version/*path", s.assets.serve)
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	for _, r := range s.routes {
		s.mount(e, r)
	}
	e.NoRoute(s.handle(route{access: anyone, handler: s.notFound}))
	e.NoMethod(func(c *gin.Context) { c.AbortWithStatus(http.StatusMethodNotAllowed) })
	return e, nil
}

// Protect refuses state-changing requests that another site made a browser
// send.
func (s *Server) Protect(h http.Handler) (http.Handler, error) {
	p := http.NewCrossOriginProtection()
	if err := p.AddTrustedOrigin(s.base.Scheme + "://" + s.base.Host); err != nil {
		return nil, fmt.Errorf("trust our own origin: %w", err)
	}
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Log.Warn("refused a request from another site", "method", r.Method)
		http.Error(w, "This request came from another site and was refused.", http.StatusForbidden)
	}))
	return p.Handler(h), nil
}

func (s *Server) healthz(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

func (s *Server) readyz(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 2*time.Second)
	defer cancel()
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		_, err := store.One(ctx, tx, store.Value[int], `SELECT 1`)
		return err
	})
	if err != nil {
		s.Log.Error("not ready", "error", err)
		c.String(http.StatusServiceUnavailable, "not ready\n")
		return
	}
	c.String(http.StatusOK, "ready\n")
}
