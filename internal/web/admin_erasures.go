package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/owndata"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// erasuresPage lists the people who wait for an answer about erasure.
type erasuresPage struct {
	page
	Rows []erasureRow
}

// erasureRow is one request.
type erasureRow struct {
	owndata.Request
	Person    person.Person
	Programme string
	Asked     time.Time
	Answer    time.Time // the last day for an answer
	Late      bool
}

func (s *Server) erasureRow(ctx context.Context, tx *store.Tx, q owndata.Request) (r erasureRow, err error) {
	r = erasureRow{Request: q, Asked: q.AskedAt.In(deskZone()), Answer: q.AnswerBy().In(deskZone()), Late: !tx.Now.Before(q.AnswerBy())}
	if r.Person, err = person.Find(ctx, tx, q.PersonID); err != nil {
		return r, err
	}
	p, err := programme.Find(ctx, tx, q.ProgrammeID)
	r.Programme = p.Name
	return r, err
}

func (s *Server) erasures(c *gin.Context) error {
	ctx, p := c.Request.Context(), &erasuresPage{page: adminPage(c, "today")}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		open, err := owndata.OpenRequests(ctx, tx, mayOrganise(c))
		if err != nil {
			return err
		}
		for _, q := range open {
			row, err := s.erasureRow(ctx, tx, q)
			if err != nil {
				return err
			}
			p.Rows = append(p.Rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "erasures", p)
}

// erasurePage is one request, with what it is about and the two answers.
type erasurePage struct {
	page
	Row      erasureRow
	Kept     []fateLine
	Decision string // as it was chosen
	Reason   string // as it was typed
	Choices  []option
}

func (s *Server) erasure(c *gin.Context) error {
	return s.showErasure(c, http.StatusOK, &erasurePage{})
}

func (s *Server) showErasure(c *gin.Context, code int, p *erasurePage) error {
	ctx, refusal := c.Request.Context(), p.Problem
	p.page = adminPage(c, "today")
	p.Problem = refusal
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		q, err := owndata.FindRequest(ctx, tx, c.Param("id"), mayOrganise(c))
		if err != nil {
			return err
		}
		if q.ProgrammeID == "" {
			return problem.ErrMissing
		}
		if p.Row, err = s.erasureRow(ctx, tx, q); err != nil {
			return err
		}
		kept, err := owndata.KeptFor(ctx, tx, q)
		p.Kept = s.fateLines(kept, tx.Now)
		return err
	})
	if err != nil {
		return err
	}
	for _, d := range []owndata.Status{owndata.Granted, owndata.Refused} {
		label, err := s.Texts.Text(s.language(c), "own.decide."+string(d))
		if err != nil {
			return err
		}
		p.Choices = append(p.Choices, option{Value: string(d), Label: label, Chosen: p.Decision == string(d)})
	}
	return s.render(c, code, "erasure", p)
}

// decideErasure grants or refuses what is still kept.
func (s *Server) decideErasure(c *gin.Context) error {
	ctx := c.Request.Context()
	var f problem.Fields
	p := &erasurePage{Decision: c.PostForm("decision"), Reason: typedText(c, "reason", &f)}
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		q, err := owndata.FindRequest(ctx, tx, c.Param("id"), mayOrganise(c))
		if err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		return owndata.Decide(ctx, tx, q, owndata.Status(p.Decision), p.Reason, actor(c))
	})
	if refusal, ok := refused(err); ok {
		p.Problem = refusal
		return s.showErasure(c, status(refusal), p)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/erasures?done=erasure_decided")
}
