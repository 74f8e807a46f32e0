package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/limit"
	"stafett/internal/store"
	"stafett/internal/user"
)

// access says who may use an operation. Operations are registered with it only,
// so that none is left without.
type access string

const (
	public        access = "public"        // anybody; a token shows more
	organiser     access = "organiser"     // with a token, each within its programmes
	administrator access = "administrator" // with an administrator's token
	mailSystem    access = "mail"          // with the token of a mail system, or an administrator's
)

// bearer is the name of the scheme in the description.
const bearer = "bearer"

// caller is who asks.
type caller struct {
	token   user.APIToken // its ID is empty without one
	address string
}

// signed reports whether the caller has a token.
func (c caller) signed() bool { return c.token.ID != "" }

// organises reports whether the caller may act as organiser of the programme.
func (c caller) organises(programmeID string) bool {
	return c.signed() && c.token.May(user.Organiser, programmeID)
}

// actor is a caller with a token in the audit log.
func (c caller) actor() audit.Actor { return audit.Actor{Kind: "token", ID: c.token.ID} }

// key tells callers apart where answers are kept.
func (c caller) key() string {
	if c.signed() {
		return "token:" + c.token.ID
	}
	return "address:" + limit.Caller(c.address)
}

func noToken() *Problem {
	return newProblem(http.StatusUnauthorized, "token").with("WWW-Authenticate", `Bearer realm="Stafett"`)
}

// admit finds out who asks and refuses who may not. A token that is not valid is
// refused everywhere: whoever sends one wants to be known.
func (s *server) admit(c *gin.Context, o operation) (caller, error) {
	who := caller{address: c.ClientIP()}
	plain, given, err := secret(c.Request.Header)
	if err != nil {
		return who, err
	}
	if !given {
		return who, s.admitStranger(who, o)
	}
	if who.token, err = s.lookUp(c, plain); err != nil {
		return who, err
	}
	if ok, wait := s.tokens.Allow(who.token.ID); !ok {
		return who, tooMany(wait)
	}
	if o.access == administrator && !who.token.May(user.Administrator, "") || o.access == mailSystem && !who.token.May(user.MailSystem, "") {
		return who, newProblem(http.StatusForbidden, "denied")
	}
	return who, nil
}

func (s *server) admitStranger(who caller, o operation) error {
	if o.access != public {
		return noToken()
	}
	if o.signUp {
		if ok, wait := s.RegisterLimit(who.address); !ok {
			return tooMany(wait)
		}
	}
	return nil
}

// secret reads the token that was sent.
func secret(h http.Header) (plain string, given bool, err error) {
	values := h.Values("Authorization")
	if len(values) == 0 {
		return "", false, nil
	}
	scheme, plain, _ := strings.Cut(values[0], " ")
	if len(values) > 1 || !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(plain) == "" {
		return "", true, noToken()
	}
	return strings.TrimSpace(plain), true, nil
}

// lookUp finds the token and notes now and then that it is in use.
func (s *server) lookUp(c *gin.Context, plain string) (t user.APIToken, err error) {
	ctx := c.Request.Context()
	var stale bool
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		t, err = user.Token(ctx, tx, plain)
		stale = err == nil && t.Stale(tx.Now)
		return err
	})
	if errors.Is(err, user.ErrToken) {
		return t, noToken()
	}
	if stale {
		if fault := s.DB.Write(ctx, func(tx *store.Tx) error { return user.TouchToken(ctx, tx, t.ID) }); fault != nil {
			s.Log.Error("the use of a token was not noted", "token", t.ID, "error", fault)
		}
	}
	return t, err
}
