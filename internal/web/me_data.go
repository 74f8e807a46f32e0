package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/aid"
	"stafett/internal/application"
	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/owndata"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// meDataPage is everything that is stored about somebody, for themselves.
type meDataPage struct {
	page
	Person   person.Person
	First    string // as it was typed, or is stored
	Last     string
	Letters  string // language of letters
	Tongues  []option
	Sections []dataSection
	Written  time.Time
	Open     []owndata.Request
	Answer   time.Time // by when open requests are answered
	Erasing  bool
}

func (s *Server) meData(c *gin.Context) error {
	who, _ := self(c)
	return s.showMeData(c, http.StatusOK, &meDataPage{First: who.FirstName, Last: who.LastName, Letters: who.Language})
}

func (s *Server) showMeData(c *gin.Context, code int, p *meDataPage) error {
	who, _ := self(c)
	p.Person, p.NoIndex, p.Self = who, true, "/me/data"
	for _, l := range locale.All() {
		p.Tongues = append(p.Tongues, option{Value: string(l), Label: l.Name()})
	}
	if err := s.readMeData(c, p); err != nil {
		return err
	}
	return s.render(c, code, "me_data", p)
}

func (s *Server) readMeData(c *gin.Context, p *meDataPage) error {
	ctx := c.Request.Context()
	var d owndata.Data
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if d, err = owndata.Read(ctx, tx, p.Person.ID); err != nil {
			return err
		}
		p.Open, p.Erasing, err = owndata.Pending(ctx, tx, p.Person.ID)
		return err
	})
	if err != nil {
		return err
	}
	p.Written = d.WrittenAt.In(deskZone())
	for _, q := range p.Open {
		p.Answer = q.AnswerBy().In(deskZone())
	}
	p.Sections, err = s.dataSections(s.language(c), d)
	return err
}

// correctMe corrects name and language.
func (s *Server) correctMe(c *gin.Context) error {
	who, _ := self(c)
	ctx, first, last, language := c.Request.Context(), c.PostForm("first_name"), c.PostForm("last_name"), c.PostForm("language")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		return registration.CorrectName(ctx, tx, who, first, last, language, asSelf(c))
	})
	if refusal, ok := refused(err); ok {
		return s.showMeData(c, status(refusal), &meDataPage{page: page{Problem: refusal}, First: first, Last: last, Letters: language})
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/me/data?done=corrected")
}

// noteExport writes down that somebody took their data along.
func (s *Server) noteExport(c *gin.Context, form string) error {
	if c.Request.Method != http.MethodGet {
		return nil
	}
	who, _ := self(c)
	ctx := c.Request.Context()
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		return audit.Add(ctx, tx, audit.Entry{Actor: asSelf(c), Action: "person.export", ObjectKind: "person", ObjectID: who.ID, To: form})
	})
}

// meDataJSON is everything as a file for programs.
func (s *Server) meDataJSON(c *gin.Context) error {
	who, _ := self(c)
	ctx := c.Request.Context()
	var d owndata.Data
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		d, err = owndata.Read(ctx, tx, who.ID)
		return err
	})
	if err != nil {
		return err
	}
	var file bytes.Buffer
	e := json.NewEncoder(&file)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false) // names are to be read
	if err := e.Encode(d); err != nil {
		return err
	}
	if err := s.noteExport(c, "json"); err != nil {
		return err
	}
	return s.sendOwn(c, "application/json; charset=utf-8", "json", file.Bytes())
}

// meDataHTML is everything as a file to read. It stands by itself: without our
// style sheets, which a file on somebody's disk does not find.
func (s *Server) meDataHTML(c *gin.Context) error {
	who, _ := self(c)
	p := &meDataPage{Person: who}
	if err := s.readMeData(c, p); err != nil {
		return err
	}
	p.Language = s.language(c)
	t, err := s.pages.byLanguage[p.Language]["me_data"]()
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := t.ExecuteTemplate(&file, "own_file", p); err != nil {
		return err
	}
	if err := s.noteExport(c, "html"); err != nil {
		return err
	}
	return s.sendOwn(c, "text/html; charset=utf-8", "html", file.Bytes())
}

func (s *Server) sendOwn(c *gin.Context, kind, ending string, file []byte) error {
	c.Header("Content-Disposition", `attachment; filename="stafett-`+s.DB.Now().Format(time.DateOnly)+`.`+ending+`"`)
	c.Data(http.StatusOK, kind, file)
	return nil
}

// meErasePage shows, before it happens, what asking for erasure does.
type meErasePage struct {
	page
	GivenUp []fateLine // places that are given up
	Going   []fateLine
	Kept    []fateLine
	Aid     []aid.Known // granted, and kept as the law on aid demands
	Advice  bool        // meetings with advisers, of which the hours stay
	Open    bool        // an answer is being waited for already
}

// fateLine is one registration and why it is kept.
type fateLine struct {
	eventCard
	Status registration.Status
	Bound  registration.Bound
	Ahead  bool               // a place, or a place in the queue, that can still be given up
	Until  time.Time          // on the event's clock; zero: no end by itself
	Case   application.Status // of an application; empty: it is none
	Advice advisory.Status    // of a booking of advice; empty: it is none
}

func (s *Server) fateLines(fates []owndata.Fate, now time.Time) (lines []fateLine) {
	for _, f := range fates {
		l := fateLine{eventCard: s.card(f.Event, now), Status: f.Registration.Status, Bound: f.Bound, Ahead: f.GivenUp, Case: f.Case.Status, Advice: f.Booking.Status}
		if !f.Until.IsZero() {
			l.Until = f.Until.In(f.Event.Location())
		}
		lines = append(lines, l)
	}
	return lines
}

func (s *Server) meErase(c *gin.Context) error { return s.showMeErase(c, http.StatusOK, nil) }

func (s *Server) showMeErase(c *gin.Context, code int, refusal *problem.Problem) error {
	who, _ := self(c)
	ctx, p := c.Request.Context(), &meErasePage{page: page{NoIndex: true, Problem: refusal}}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		plan, err := owndata.PlanFor(ctx, tx, who.ID)
		if err != nil {
			return err
		}
		for _, f := range plan.Going {
			list := &p.Going
			if f.GivenUp {
				list = &p.GivenUp
			}
			*list = append(*list, s.fateLines([]owndata.Fate{f}, tx.Now)...)
		}
		p.Kept = s.fateLines(plan.Kept, tx.Now)
		p.Advice = slices.ContainsFunc(slices.Concat(p.GivenUp, p.Going, p.Kept), func(l fateLine) bool { return l.Advice != "" })
		known, err := aid.KnownOf(ctx, tx, who.ID)
		if err != nil {
			return err
		}
		for _, k := range known {
			if !k.KeptUntil.IsZero() {
				p.Aid = append(p.Aid, k)
			}
		}
		open, erasing, err := owndata.Pending(ctx, tx, who.ID)
		p.Open = len(open) > 0 || erasing
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "me_erase", p)
}

// askErasure asks for what the page before it has listed.
func (s *Server) askErasure(c *gin.Context) error {
	who, _ := self(c)
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error { return owndata.Ask(ctx, tx, who.ID) })
	if refusal, ok := refused(err); ok {
		return s.showMeErase(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/me/data?done=erasure_asked")
}
