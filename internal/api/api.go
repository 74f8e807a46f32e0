// Package api is Stafett for programs: events, registrations and advice as JSON under
// /api/v1, described by OpenAPI 3.1. An operation reads the request, opens the
// transaction, calls one function of the domain and answers; refusals and faults
// become problem details (RFC 9457) in one place. Every operation is registered
// with the access that it requires, and every POST can be sent twice.
package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"stafett/internal/limit"
	"stafett/internal/municipality"
	"stafett/internal/register"
	"stafett/internal/store"
)

// Options are what the API needs.
type Options struct {
	DB          *store.DB
	Places      *municipality.Register
	Companies   *register.Desk // asks the public register about companies; nil: nobody is asked
	Log         *slog.Logger
	BaseURL     string // https://… : absolute addresses come from here alone
	MailFrom    string // the one address that letters come from; "": none is told
	Version     string // of the program, for the description
	TestNumbers bool   // invented organisation numbers are accepted
	// RegisterLimit counts one more sign-up from the caller's address and tells
	// whether it is within the limit, and else for how long to wait. The pages
	// may hand in their own, so that both are counted together; nil counts 30 a
	// minute and 300 an hour.
	RegisterLimit func(address string) (ok bool, wait time.Duration)
	TokenMinute   int // requests a minute with one token; 0: 600
}

// server answers the operations.
type server struct {
	Options
	api    huma.API
	prefix string // "/api/v1"
	tokens *limit.Limiter
}

// Mount registers the API's operations on the router, a group at /api/v1, and
// lets the engine answer unknown paths below it as the API does. The engine's
// own guards (headers, hosts, the number of a request under the key "request")
// must be in place before.
func Mount(router gin.IRouter, engine *gin.Engine, o Options) (huma.API, error) {
	base, err := url.Parse(o.BaseURL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("the base address %q is not one: write it as https://program.example", o.BaseURL)
	}
	if o.DB == nil || o.Places == nil || o.Log == nil {
		return nil, errors.New("the API needs a database, the municipalities and a log")
	}
	s := &server{Options: o, prefix: router.Group("").BasePath()}
	s.BaseURL = strings.TrimSuffix(o.BaseURL, "/")
	s.limit()
	s.api = huma.NewAPI(s.config(), adapter{Handler: engine, router: router})
	s.operations()
	if err := s.describe(router); err != nil {
		return nil, err
	}
	engine.Use(s.unknown)
	return s.api, nil
}

func (s *server) limit() {
	if s.TokenMinute == 0 {
		s.TokenMinute = tokenMinute
	}
	s.tokens = limit.New(s.TokenMinute, time.Minute, s.DB.Now)
	if s.RegisterLimit == nil {
		s.RegisterLimit = registerLimit(s.DB.Now)
	}
}

func (s *server) config() huma.Config {
	c := huma.DefaultConfig("Stafett", s.Version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", "" // the description is served by describe; huma's page loads from elsewhere
	c.CreateHooks = nil                                   // no $schema in every body
	c.Transformers = []huma.Transformer{s.ownWords}
	c.AllowAdditionalPropertiesByDefault = true // unknown fields are ignored, never bound
	c.Info.Description = "Events of a competence programme for public procurement and who takes part in them; programmes of individual advice, their free times, bookings and hours. " +
		"Times are RFC 3339 with an offset. Every POST takes an Idempotency-Key: the same request with the same key is answered with the first answer for 48 hours. " +
		"Errors are problem details (RFC 9457) with a code that does not change."
	c.Servers = []*huma.Server{{URL: s.BaseURL + s.prefix}}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearer: {Type: "http", Scheme: "bearer", Description: "A token of an organiser or administrator, made with: stafett token create"},
	}
	return c
}

// operations is everything the API can do.
func (s *server) operations() {
	s.eventOperations()
	s.programmeOperations()
	s.registrationOperations()
	s.mailOperations()
	s.advisoryOperations()
}

// describe serves the finished description.
func (s *server) describe(router gin.IRouter) error {
	// huma describes its own error type with every operation; ours is sent.
	schemas := s.api.OpenAPI().Components.Schemas.Map()
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	text, err := json.Marshal(s.api.OpenAPI())
	if err != nil {
		return fmt.Errorf("describe the API: %w", err)
	}
	serve := func(c *gin.Context) { c.Data(http.StatusOK, "application/json; charset=utf-8", text) }
	router.GET("/openapi.json", serve)
	router.HEAD("/openapi.json", serve)
	return nil
}

// unknown answers below the API's prefix where there is no route, or none for
// the method; elsewhere it leaves that to the pages.
func (s *server) unknown(c *gin.Context) {
	if c.FullPath() != "" || !strings.HasPrefix(c.Request.URL.Path, s.prefix+"/") {
		return
	}
	p := newProblem(http.StatusNotFound, "missing")
	if c.Writer.Status() == http.StatusMethodNotAllowed {
		p = newProblem(http.StatusMethodNotAllowed, "method")
	}
	write(c, p)
	c.Abort()
}

// adapter puts huma's operations on a gin router; what can be got can be asked
// for with HEAD too.
type adapter struct {
	http.Handler
	router gin.IRouter
}

var ginPath = strings.NewReplacer("{", ":", "}", "")

// Handle implements huma.Adapter.
func (a adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	serve := func(c *gin.Context) { handler(humagin.NewContext(op, c)) }
	a.router.Handle(op.Method, ginPath.Replace(op.Path), serve)
	if op.Method == http.MethodGet {
		a.router.HEAD(ginPath.Replace(op.Path), serve)
	}
}
