package web

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/limit"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/user"
)

// userKey holds the id of whoever has signed in, for the log; accountKey the
// user.
const (
	userKey    = "user id"
	accountKey = "account"
)

func signedIn(c *gin.Context) (user.User, bool) {
	v, ok := c.Get(accountKey)
	u, isUser := v.(user.User)
	return u, ok && isUser
}

// actor is whoever has signed in, as the audit log names them.
func actor(c *gin.Context) audit.Actor {
	u, _ := signedIn(c)
	return audit.Actor{Kind: "user", ID: u.ID}
}

// cookieName is bound to our host and to https by its prefix; on plain http on
// this machine browsers accept no such name.
func (s *Server) cookieName() string {
	if s.secure() {
		return "__Host-session"
	}
	return "session"
}

// admit finds out who asks and reports whether they may.
func (s *Server) admit(c *gin.Context, a access) error {
	switch a {
	case anyone, byLink, fetched, demoOnly:
		if a != anyone || strings.HasPrefix(c.FullPath(), "/sign-in") {
			return nil
		}
		_ = s.loadSession(c) // a visitor may happen to be an organiser, and then sees the way to the desk
		return nil
	}
	if a == personal {
		return s.admitPerson(c)
	}
	if err := s.loadSession(c); err != nil {
		if !errors.Is(err, user.ErrNoSession) {
			return err
		}
		next := c.Request.URL.RequestURI()
		if c.Request.Method != http.MethodGet {
			next = "/admin"
		}
		c.Redirect(http.StatusSeeOther, "/sign-in?next="+url.QueryEscape(next))
		c.Abort()
		return nil
	}
	if a == advise {
		return s.admitAdviser(c)
	}
	if u, _ := signedIn(c); a == organise {
		if ids, all := u.Programmes(user.Organiser); !all && len(ids) == 0 {
			if c.FullPath() == "/admin" && s.admitAdviser(c) == nil { // where signing in leads
				c.Redirect(http.StatusSeeOther, adviserPath)
				c.Abort()
				return nil
			}
			return errNoPagesYet
		}
	}
	return nil
}

// errNoPagesYet says to somebody who has signed in and organises nothing, such as
// an adviser, that there is nothing for this role yet.
var errNoPagesYet = &problem.Problem{Kind: problem.Denied, Code: "no_pages_yet"}

// loadSession reads the session cookie, and the user's roles anew each time.
func (s *Server) loadSession(c *gin.Context) error {
	token, err := c.Cookie(s.cookieName())
	if err != nil || token == "" {
		return user.ErrNoSession
	}
	ctx := c.Request.Context()
	var u user.User
	var info user.SessionInfo
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		u, info, err = user.Session(ctx, tx, token)
		return err
	})
	if err != nil {
		return err
	}
	c.Set(accountKey, u)
	c.Set(userKey, u.ID)
	if info.Stale(s.DB.Now()) && c.FullPath() != progressPath { // a page that looks by itself is nobody at work
		return s.DB.Write(ctx, func(tx *store.Tx) error { return user.Touch(ctx, tx, token) })
	}
	return nil
}

func (s *Server) setSession(c *gin.Context, token string) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: s.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode,
	})
}

type signInPage struct {
	page
	Email, Next string
}

func (s *Server) signInForm(c *gin.Context) error {
	return s.render(c, http.StatusOK, "sign_in", &signInPage{page: page{NoIndex: true}, Next: safeNext(c.Query("next"))})
}

// errSignIn is the one answer to a wrong address and to a wrong password.
var errSignIn = &problem.Problem{Kind: problem.Invalid, Code: "sign_in"}

// signIn checks the password outside of a transaction: it takes long, on
// purpose, and as long for an address that nobody has.
func (s *Server) signIn(c *gin.Context) error {
	ctx, email := c.Request.Context(), c.PostForm("email")
	if ok, wait := s.limits.signIn.Allow(limit.Caller(c.ClientIP())); !ok {
		return s.tooOften(c, wait)
	}
	var a user.Attempt
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		a, err = user.SignInAttempt(ctx, tx, email)
		return err
	})
	if err == nil && a.UserID == "" {
		err = s.strangers.check(email, s.DB.Now())
	}
	if err == nil && !s.Hasher.Verify(a.Hash, c.PostForm("password")) {
		err = s.DB.Write(ctx, func(tx *store.Tx) error {
			if a.UserID == "" {
				s.strangers.failed(email, s.DB.Now())
				return nil
			}
			return user.Failed(ctx, tx, a.UserID)
		})
		if err == nil {
			err = errSignIn
		}
		s.Log.Warn("sign-in failed", "user", a.UserID, "caller", c.ClientIP())
	}
	if p, ok := refused(err); ok || errors.Is(err, user.ErrTooManyFailures) {
		if p == nil {
			p, _ = problem.As(err)
		}
		return s.render(c, status(p), "sign_in", &signInPage{page: page{Problem: p, NoIndex: true}, Email: email, Next: safeNext(c.PostForm("next"))})
	}
	if err != nil {
		return err
	}
	var token string
	err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		token, err = s.beginIn(c, tx, a.UserID)
		return err
	})
	if err != nil {
		return err
	}
	s.setSession(c, token)
	return seeOther(c, safeNext(c.PostForm("next")))
}

// beginIn starts a session in the transaction that found out who it is for, and
// ends the one before it.
func (s *Server) beginIn(c *gin.Context, tx *store.Tx, userID string) (token string, err error) {
	ctx := c.Request.Context()
	if old, _ := c.Cookie(s.cookieName()); old != "" {
		if err := user.EndSession(ctx, tx, old); err != nil {
			return "", err
		}
	}
	if token, err = user.SignedIn(ctx, tx, userID); err != nil {
		return "", err
	}
	return token, audit.Add(ctx, tx, audit.Entry{Actor: audit.Actor{Kind: "user", ID: userID}, Action: "user.sign_in", ObjectKind: "user", ObjectID: userID})
}

func (s *Server) signOut(c *gin.Context) error {
	ctx := c.Request.Context()
	token, _ := c.Cookie(s.cookieName())
	err := s.DB.Write(ctx, func(tx *store.Tx) error { return user.EndSession(ctx, tx, token) })
	if err != nil {
		return err
	}
	http.SetCookie(c.Writer, &http.Cookie{Name: s.cookieName(), Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode})
	c.Header("Clear-Site-Data", `"cache"`)
	return seeOther(c, "/sign-in?done=signed_out")
}

// nextForm is what an address to go to after signing in may look like: a path
// of the organisers' or the advisers' pages, nothing else.
var nextForm = regexp.MustCompile(`^/(?:admin|adviser)(/[A-Za-z0-9_.~/-]*)?(\?[A-Za-z0-9_.~=&%+-]*)?$`)

func safeNext(next string) string {
	if nextForm.MatchString(next) && !strings.Contains(next, "//") {
		return next
	}
	return "/admin"
}

// linkPage stands behind a link in a mail and has one button,
// for mail scanners open links.
type linkPage struct {
	page
	Name, Token string
}

func (s *Server) linkPage(c *gin.Context) error {
	u, err := s.linkUser(c, user.SignInLink)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "sign_in_link", &linkPage{page: page{NoIndex: true}, Name: u.Name, Token: c.Param("token")})
}

func (s *Server) linkUser(c *gin.Context, purpose string) (u user.User, err error) {
	ctx := c.Request.Context()
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		u, err = user.LinkUser(ctx, tx, c.Param("token"), purpose)
		return err
	})
	return u, s.unknownLink(c, err)
}

// unknownLink slows down whoever tries out links: over the limit the answer is
// written here already, and err only ends the handler.
func (s *Server) unknownLink(c *gin.Context, err error) error {
	if p, ok := problem.As(err); ok && p.Kind == problem.Missing {
		if ok, wait := s.limits.unknown.Allow(limit.Caller(c.ClientIP())); !ok {
			if err := s.tooOften(c, wait); err != nil {
				return err
			}
		}
	}
	return err
}

func (s *Server) useLink(c *gin.Context) error {
	ctx := c.Request.Context()
	var token string
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		u, err := user.UseLink(ctx, tx, c.Param("token"), user.SignInLink)
		if err != nil {
			return err
		}
		token, err = s.beginIn(c, tx, u.ID)
		return err
	})
	if err != nil {
		return s.unknownLink(c, err)
	}
	s.setSession(c, token)
	return seeOther(c, "/admin")
}

type passwordPage struct {
	page
	Name, Email, Token string
}

func (s *Server) passwordForm(c *gin.Context) error {
	u, err := s.linkUser(c, user.SetPasswordLink)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "set_password", &passwordPage{page: page{NoIndex: true}, Name: u.Name, Email: u.Email, Token: c.Param("token")})
}

func (s *Server) setPassword(c *gin.Context) error {
	ctx, plain := c.Request.Context(), c.PostForm("password")
	u, err := s.linkUser(c, user.SetPasswordLink)
	if err != nil {
		return err
	}
	err = user.CheckPassword(plain, u.Name, u.Email)
	if err == nil && plain != c.PostForm("again") {
		err = problem.Fields{{Name: "again", Code: "password_again"}}.Err()
	}
	if p, ok := refused(err); ok {
		return s.render(c, status(p), "set_password", &passwordPage{page: page{Problem: p, NoIndex: true}, Name: u.Name, Email: u.Email, Token: c.Param("token")})
	}
	hash, err := s.Hasher.Hash(plain)
	if err != nil {
		return err
	}
	var token string
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := user.UseLink(ctx, tx, c.Param("token"), user.SetPasswordLink); err != nil {
			return err
		}
		if err := user.SetPassword(ctx, tx, u.ID, hash); err != nil {
			return err
		}
		err := audit.Add(ctx, tx, audit.Entry{Actor: audit.Actor{Kind: "user", ID: u.ID}, Action: "user.set_password", ObjectKind: "user", ObjectID: u.ID})
		if err != nil {
			return err
		}
		token, err = s.beginIn(c, tx, u.ID)
		return err
	})
	if err != nil {
		return err
	}
	s.setSession(c, token)
	return seeOther(c, "/admin")
}
