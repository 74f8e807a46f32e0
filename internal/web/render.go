package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/restored"
	"stafett/internal/store"
	"stafett/internal/user"
)

// page is what every page shows: it is embedded in the struct of each.
type page struct {
	Language  locale.Language
	Languages []languageLink
	Path      string // of this page, for the menu
	Self      string // the page that a refused form stands on, when its address does not tell
	Brand     string
	User      *user.User // nil: nobody has signed in
	Desk      bool       // whoever has signed in organises something, and sees the way there
	Done      string     // the text "done.<Done>" tells what has just been done
	Problem   *problem.Problem
	Demo      bool
	Version   string
	NoIndex   bool
	Own       bool          // a page of one's own, below Min sida
	Admin     string        // the chosen word of the organisers' menu; empty on public pages
	Advise    string        // the chosen word of the adviser's menu; empty on other pages
	Advises   bool          // whoever has signed in is an adviser, and sees the way to their own pages
	QuickLog  bool          // of an adviser's pages: there is a programme whose calls are logged
	Wide      bool          // the main part is not held to the width of a form
	Lost      restored.Lost // of the organisers' pages: what waits for an answer since the database went back to a backup
	Trouble   []trouble     // with what should run by itself, on pages of the organisers
	labels    map[string]string
}

// pager is implemented by every page's struct through the embedded page.
type pager interface{ base() *page }

func (p *page) base() *page { return p }

// pages holds every page, parsed once for each language.
type pages struct {
	byLanguage map[locale.Language]map[string]func() (*template.Template, error)
}

// render fills the page's common part, prints it to memory, and sends it. A
// problem among its errors makes it the page of a refused form.
func (s *Server) render(c *gin.Context, status int, name string, p pager) error {
	b := p.base()
	b.Language = s.language(c)
	b.Languages = languageLinks(c, b.Language, first(b.Self, s.standsOn(c)))
	b.Path = c.Request.URL.Path
	_, b.Own = self(c)
	b.Demo, b.Version = s.Mailbox != nil, s.Version
	if b.Brand == "" {
		b.Brand = "Stafett"
	}
	if u, ok := signedIn(c); ok {
		b.User = &u
		ids, all := u.Programmes(user.Organiser)
		b.Desk = all || len(ids) > 0
		b.Advises = advises(u)
	}
	if b.Admin != "" {
		b.Trouble = s.readTrouble(c.Request.Context())
	}
	if d := c.Query("done"); doneCodes[d] {
		b.Done = d
	}
	if b.Admin != "" {
		var err error
		if b.Lost, err = s.lost(c); err != nil {
			return err
		}
	}
	parsed, ok := s.pages.byLanguage[b.Language][name]
	if !ok {
		return fmt.Errorf("there is no page %q", name)
	}
	t, err := parsed()
	if err != nil {
		return err
	}
	printed, err := printPage(t, p)
	if err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	if c.Writer.Header().Get("Content-Security-Policy") == dataPolicy {
		c.Writer.Header().Set("Content-Security-Policy", pagePolicy)
	}
	c.Writer.Header().Set("Content-Language", string(b.Language))
	c.Data(status, "text/html; charset=utf-8", printed)
	return nil
}

// printPage prints a page to memory. That of a refused form is printed twice:
// the second time its summary names the fields.
func printPage(t *template.Template, p pager) ([]byte, error) {
	var out bytes.Buffer
	b := p.base()
	if err := t.ExecuteTemplate(&out, "layout", p); err != nil || b.Problem == nil || len(b.Problem.Fields) == 0 {
		return out.Bytes(), err
	}
	labels, err := labelsOf(out.Bytes(), b.Problem.Fields)
	if err != nil {
		return nil, err
	}
	b.labels = labels
	out.Reset()
	err = t.ExecuteTemplate(&out, "layout", p)
	return out.Bytes(), err
}

// status turns the kind of a refusal into HTTP's number for it.
func status(p *problem.Problem) int {
	switch p.Kind {
	case problem.Invalid:
		return http.StatusUnprocessableEntity
	case problem.Conflict:
		return http.StatusConflict
	case problem.Missing:
		return http.StatusNotFound
	case problem.Denied:
		return http.StatusForbidden
	}
	return http.StatusInternalServerError
}

// refusedPage shows a refusal that no page of its own shows.
type refusedPage struct {
	page
	Title, Text string // keys
	Reference   string
	Retry       bool
}

// answer turns what a handler returned into a page.
func (s *Server) answer(c *gin.Context, err error) {
	if err == nil || c.Writer.Written() {
		return
	}
	if p, ok := problem.As(err); ok {
		s.refuse(c, p)
		return
	}
	if errors.Is(err, context.Canceled) { // the visitor has left
		c.Abort()
		return
	}
	code := http.StatusInternalServerError
	if store.IsBusy(err) || errors.Is(err, context.DeadlineExceeded) {
		code = http.StatusServiceUnavailable
		c.Header("Retry-After", "5")
	}
	s.Log.Error("fault", "id", c.GetString(requestKey), "route", c.FullPath(), "error", err)
	s.fault(c, code)
}

func (s *Server) refuse(c *gin.Context, p *problem.Problem) {
	r := &refusedPage{page: page{NoIndex: true, Problem: p}, Title: "problem.title", Text: "problem." + p.Code}
	if p.Kind == problem.Missing {
		r.Title = "problem.missing.title"
	}
	if p.Is(errNoPagesYet) {
		r.Title = "problem.no_pages_yet.title"
	}
	if err := s.render(c, status(p), "refused", r); err != nil {
		s.Log.Error("fault", "id", c.GetString(requestKey), "error", err)
		c.AbortWithStatus(http.StatusInternalServerError)
	}
}

// fault shows that something is wrong on our side, and a number to tell us.
func (s *Server) fault(c *gin.Context, code int) {
	r := &refusedPage{page: page{NoIndex: true}, Title: "fault.title", Text: "fault.text", Reference: c.GetString(requestKey), Retry: code == http.StatusServiceUnavailable}
	if err := s.render(c, code, "refused", r); err != nil {
		s.Log.Error("fault page", "error", err)
		c.AbortWithStatus(code)
	}
}

// tooOften answers a caller who has used up a limit.
func (s *Server) tooOften(c *gin.Context, wait time.Duration) error {
	seconds := int(wait/time.Second) + 1
	c.Header("Retry-After", strconv.Itoa(seconds))
	s.Log.Warn("limit reached", "route", c.FullPath(), "caller", c.ClientIP())
	return s.render(c, http.StatusTooManyRequests, "refused", &refusedPage{page: page{NoIndex: true}, Title: "limit.title", Text: "limit.text"})
}

func (s *Server) notFound(*gin.Context) error { return problem.ErrMissing }

// seeOther sends the browser on after a change, so that loading the page again
// does nothing twice.
func seeOther(c *gin.Context, to string) error {
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// refused reports whether err is a refusal, for a handler that shows it on the
// form's own page.
func refused(err error) (*problem.Problem, bool) {
	p, ok := problem.As(err)
	return p, ok && !errors.Is(err, problem.ErrMissing) && !errors.Is(err, problem.ErrDenied)
}
