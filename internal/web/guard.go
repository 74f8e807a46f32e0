package web

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
)

// requestKey is under what the number of a request is kept; it stands in the
// log and on the page that tells of a fault.
const requestKey = "request"

// observe writes one line for each request: the route's pattern, never the path
// itself, for there are secrets in paths.
func (s *Server) observe(c *gin.Context) {
	id := uuid.NewString()[:8]
	c.Set(requestKey, id)
	begin := time.Now()
	c.Next()
	level := slog.LevelInfo
	if c.Writer.Status() >= 500 {
		level = slog.LevelError
	}
	route := c.FullPath()
	if strings.HasPrefix(route, "/static/") || route == "/healthz" || route == "/readyz" {
		return
	}
	s.Log.Log(c.Request.Context(), level, "request", "id", id, "method", c.Request.Method, "route", route,
		"status", c.Writer.Status(), "ms", time.Since(begin).Milliseconds(), "caller", c.ClientIP(), "user", c.GetString(userKey))
}

// recover turns a panic into a page with a reference number.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("panic", "id", c.GetString(requestKey), "route", c.FullPath(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			if !c.Writer.Written() {
				s.fault(c, http.StatusInternalServerError)
			}
			c.Abort()
		}
	}()
	c.Next()
}

// guardHost refuses requests for another host's name, so that no address that
// we write or cache can be bent to it.
func (s *Server) guardHost(c *gin.Context) {
	if s.ours(c.Request.Host) || c.FullPath() == "/healthz" || c.FullPath() == "/readyz" {
		return
	}
	c.AbortWithStatus(http.StatusMisdirectedRequest)
}

// ours reports whether a Host header names this site. A site on the loopback
// address is also known as localhost.
func (s *Server) ours(host string) bool {
	if host == s.base.Host {
		return true
	}
	return s.base.Hostname() == "127.0.0.1" && host == net.JoinHostPort("localhost", s.base.Port())
}

// longestRequest is how long a request may take: whoever waits longer for the
// database is told to come back.
const longestRequest = 10 * time.Second

func deadline(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), longestRequest)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

const (
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
	dataPolicy = "default-src 'none'; frame-ancestors 'none'"
)

// headers sets what every answer carries. A handler may set its own policy
// over it.
func (s *Server) headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // no-referrer would make browsers send Origin: null with forms
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Content-Security-Policy", dataPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Cookie, Accept-Language")
	if s.secure() {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// Limits of a request's body.
const (
	maxBody   = 1 << 20
	maxFields = 400
)

// guardBody bounds what is read, and refuses bytes that are not UTF-8, which
// would otherwise be replaced without a word.
func guardBody(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, bodyLimit(c.FullPath()))
	if !validText(c.Request.URL.RawQuery) || !utf8.ValidString(c.Request.URL.Path) {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	kind := c.ContentType()
	if c.Request.Method != http.MethodPost || strings.HasPrefix(c.FullPath(), "/api/") || kind == fileForm && takesFile(c.FullPath()) {
		return
	}
	if c.FullPath() == marksPath && kind == "application/json" { // its handler reads and checks it
		return
	}
	if kind != "application/x-www-form-urlencoded" && !(kind == "" && c.Request.ContentLength <= 0) {
		c.AbortWithStatus(http.StatusUnsupportedMediaType)
		return
	}
	if err := c.Request.ParseForm(); err != nil {
		status := http.StatusBadRequest
		if strings.Contains(err.Error(), "too large") {
			status = http.StatusRequestEntityTooLarge
		}
		c.AbortWithStatus(status)
		return
	}
	n := 0
	for name, values := range c.Request.PostForm {
		n += len(values)
		for _, v := range append(values, name) {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				c.AbortWithStatus(http.StatusBadRequest)
				return
			}
		}
	}
	if n > fieldLimit(c.FullPath()) {
		c.AbortWithStatus(http.StatusBadRequest)
	}
}

func validText(query string) bool {
	return utf8.ValidString(query) && !strings.Contains(query, "%00")
}
