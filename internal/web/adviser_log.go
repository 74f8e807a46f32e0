package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// adviserLogPage notes calls to a helpline after them: one short form, and the next
// one at once.
type adviserLogPage struct {
	page
	Key           string
	Form          ownCallForm
	Programmes    []option // with a helpline; one alone is not asked for
	Lengths       []int
	Organisations []string
	Calls         []callView // of today
	Total         string
}

// ownCallForm is a call as typed.
type ownCallForm struct{ Programme, Caller, Organisation, About, Minutes, Clock string }

// callView is a call, ready to print.
type callView struct {
	advisory.Logged
	End    time.Time
	Length string
}

const (
	usualCall  = 20 // minutes
	callsShown = 100
)

func (s *Server) logForm(c *gin.Context) error {
	return s.showLog(c, http.StatusOK, ownCallForm{Minutes: strconv.Itoa(usualCall), Programme: c.Query("programme")}, newKey(), nil)
}

func (s *Server) showLog(c *gin.Context, code int, form ownCallForm, key string, refusal *problem.Problem) error {
	ctx, m := c.Request.Context(), s.meetingsOf(c)
	p := &adviserLogPage{page: adviserPage(c, "log"), Key: key, Form: form, Lengths: []int{5, 10, 15, 20, 30, 45}}
	p.Self, p.Problem = adviserPath+"/log", refusal
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		programmes, err := helplines(ctx, tx, m.me)
		if err != nil {
			return err
		}
		if len(programmes) == 0 {
			return problem.ErrMissing
		}
		for _, prog := range programmes {
			text, _ := prog.Text(string(m.lang))
			p.Programmes = append(p.Programmes, option{Value: prog.ID, Label: text.Name, Chosen: prog.ID == form.Programme})
		}
		firms, err := m.me.Firms(ctx, tx)
		if err != nil {
			return err
		}
		for _, f := range firms {
			p.Organisations = append(p.Organisations, f.Name)
		}
		calls, err := m.me.Calls(ctx, tx, startOfDay(s.DB.Now().In(m.me.Location())), callsShown)
		total := 0
		for _, l := range calls {
			total += *l.ActualMinutes
			p.Calls = append(p.Calls, callView{l, l.EndsAt.In(m.me.Location()), m.length(*l.ActualMinutes)})
		}
		p.Total = m.length(total)
		return err
	})
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(p.Programmes, func(o option) bool { return o.Chosen }) {
		p.Programmes[0].Chosen = true
	}
	return s.render(c, code, "adviser_log", p)
}

// helplines are the adviser's programmes of which calls are noted.
func helplines(ctx context.Context, tx *store.Tx, me advisory.Adviser) ([]advisory.Programme, error) {
	programmes, err := me.Programmes(ctx, tx)
	return slices.DeleteFunc(programmes, func(p advisory.Programme) bool { return !p.QuickLog || p.Status == advisory.Draft }), err
}

func (s *Server) logOwnCall(c *gin.Context) error {
	ctx, me := c.Request.Context(), asAdviser(c)
	form := ownCallForm{
		Programme: c.PostForm("programme"), Caller: c.PostForm("caller"), Organisation: c.PostForm("organisation"),
		About: strings.ReplaceAll(c.PostForm("about"), "\r\n", "\n"), Minutes: strings.TrimSpace(c.PostForm("minutes")), Clock: clockTyped(c.PostForm("clock")),
	}
	call := advisory.Call{AdviserID: me.ID, Caller: form.Caller, Organisation: form.Organisation, About: form.About, Language: string(s.language(c))}
	var f problem.Fields
	if form.Clock != "" {
		call.EndedAt = typedInstant("clock", s.DB.Now().In(me.Location()).Format(time.DateOnly), form.Clock, me.Location(), &f)
	}
	n, err := strconv.Atoi(form.Minutes)
	if call.Minutes = n; err != nil {
		f.Add("minutes", "number")
	}
	if err = f.Err(); err == nil {
		err = s.DB.Write(ctx, func(tx *store.Tx) error {
			return once(ctx, tx, c, func() error { return noteCall(ctx, tx, c, me, form, call) })
		})
	}
	if refusal, ok := refused(err); ok {
		return s.showLog(c, status(refusal), form, c.PostForm("key"), toAdviser(refusal))
	}
	if err != nil {
		return err
	}
	return seeOther(c, adviserPath+"/log?done=call_logged&programme="+form.Programme)
}

// noteCall notes it for one of the adviser's own programmes. An organisation that
// the adviser knows by that name is charged as for any meeting.
func noteCall(ctx context.Context, tx *store.Tx, c *gin.Context, me advisory.Adviser, form ownCallForm, call advisory.Call) error {
	programmes, err := helplines(ctx, tx, me)
	if err != nil {
		return err
	}
	n := slices.IndexFunc(programmes, func(p advisory.Programme) bool { return p.ID == form.Programme || form.Programme == "" })
	if n < 0 {
		return problem.ErrMissing
	}
	call.AdvisoryProgrammeID = programmes[n].ID
	firms, err := me.Firms(ctx, tx)
	if err != nil {
		return err
	}
	name := locale.Fold(strings.TrimSpace(form.Organisation))
	for _, f := range firms {
		if name != "" && locale.Fold(f.Name) == name {
			call.CompanyID = f.CompanyID
		}
	}
	_, err = advisory.LogCall(ctx, tx, call, actor(c))
	return err
}
