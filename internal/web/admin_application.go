package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/application"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// applicationPage is a case as those see it who decide.
type applicationPage struct {
	page
	caseCard
	Row      application.Row
	Shown    string // the body's number
	Balance  application.Balance
	Notes    []noteLine
	Mean     string // of the assessors' points
	Log      []auditLine
	Typed    url.Values
	AnswerBy string // to begin with: the last day for an answer
	Minor    string // to begin with: the amount
	HoursIn  string // to begin with: the hours
	ReportTo string // to begin with: the last day for the report
	Phases   []option
	NextName string // of the next phase; empty in the last
	NextAt   int
	Points   []option
	TooMuch  bool // more is asked for than the pot has left
}

// noteLine is one assessor's note.
type noteLine struct {
	application.Note
	At time.Time
}

// ownCase finds an application of a programme that whoever has signed in organises,
// or problem.ErrMissing. Nobody but its writer sees a draft.
func (s *Server) ownCase(ctx context.Context, tx *store.Tx, c *gin.Context, id string) (application.Application, error) {
	a, err := application.Find(ctx, tx, id)
	if err != nil {
		return a, err
	}
	programmeID, err := store.One(ctx, tx, store.Value[string], `SELECT programme_id FROM advisory_programme WHERE id = ?`, a.AdvisoryProgrammeID)
	if err != nil {
		return a, err
	}
	if !organises(c, programmeID) || a.Status == application.Draft {
		return a, s.foreign(c, "application", id)
	}
	return a, nil
}

func (s *Server) adminApplication(c *gin.Context) error {
	return s.showAdminApplication(c, http.StatusOK, nil)
}

func (s *Server) showAdminApplication(c *gin.Context, code int, refusal *problem.Problem) error {
	ctx := c.Request.Context()
	p := &applicationPage{page: adminPage(c, "advice"), Typed: c.Request.PostForm}
	p.Problem = refusal
	lang := s.language(c)
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		a, err := s.ownCase(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		if p.caseCard, err = s.caseOf(ctx, tx, a, lang); err != nil {
			return err
		}
		return p.read(ctx, tx, lang)
	})
	if err != nil {
		return err
	}
	p.Self = applicationsPath + "/" + p.ID
	if refusal == nil {
		if err := s.noteOnce(c, audit.Entry{Actor: actor(c), ProgrammeID: p.Programme.ID, Action: "application.read", ObjectKind: "application", ObjectID: p.ID}); err != nil {
			return err
		}
	}
	return s.render(c, code, "application", p)
}

func (p *applicationPage) read(ctx context.Context, tx *store.Tx, lang locale.Language) (err error) {
	if p.Row, err = application.RowOf(ctx, tx, p.ID); err != nil {
		return err
	}
	p.Shown = company.Display(company.Company{Country: p.Row.Country, Number: p.Row.OrgNumber, SoleTrader: p.Row.SoleTrader})
	if p.Row.PointsTenths != nil {
		p.Mean = locale.Tenths(lang, *p.Row.PointsTenths)
	}
	if p.Balance, err = application.BalanceOf(ctx, tx, p.AdvisoryProgrammeID); err != nil {
		return err
	}
	notes, err := application.Notes(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	for _, n := range notes {
		p.Notes = append(p.Notes, noteLine{n, p.Local(n.WrittenAt)})
	}
	log, err := audit.Of(ctx, tx, "application", p.ID)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, e := range slices.Backward(log) {
		if e.Action == "application.read" {
			continue
		}
		l := auditLine{At: p.Local(e.At), Actor: e.Actor.Kind, Action: auditKey(e.Action), Reason: e.Reason}
		if l.Who, err = userName(ctx, tx, names, e.Actor); err != nil {
			return err
		}
		p.Log = append(p.Log, l)
	}
	p.begin(p.Local(tx.Now), lang)
	return nil
}

// begin fills in what the forms begin with.
func (p *applicationPage) begin(now time.Time, lang locale.Language) {
	p.AnswerBy = now.AddDate(0, 0, application.AnswerDays).Format(time.DateOnly)
	p.ReportTo = now.AddDate(1, 0, 0).Format(time.DateOnly)
	p.HoursIn = strconv.FormatFloat(float64(p.Scheme.Minutes)/60, 'f', -1, 64)
	if p.AskedMinor != nil {
		minor := max(0, min(*p.AskedMinor, p.Balance.Left()))
		p.Minor = locale.Number(lang, minor/100)
		p.TooMuch = *p.AskedMinor > p.Balance.Left()
	}
	for i, name := range p.Advisory.Phases {
		current := p.Phase != nil && *p.Phase == i
		p.Phases = append(p.Phases, option{Value: strconv.Itoa(i), Label: name, Chosen: current})
		if p.Phase != nil && i == *p.Phase+1 {
			p.NextName, p.NextAt = name, i
		}
	}
	for n := range application.MostPoints + 1 {
		p.Points = append(p.Points, option{Value: strconv.Itoa(n), Label: strconv.Itoa(n)})
	}
}

// Can reports whether the organiser may take the case to a state now.
func (p *applicationPage) Can(to string) bool {
	return p.Application.Can(application.Status(to), false)
}

// deeds are what organisers can do with a case, by the last part of the address,
// with what is said when it is done.
var deeds = map[string]struct {
	done string
	do   func(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error
}{
	"ask": {"application_asked", func(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error {
		return application.AskMore(ctx, tx, a.ID, c.PostForm("question"), c.PostForm("answer_by"), actor(c))
	}},
	"assess": {"application_assessed", func(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error {
		return application.Assess(ctx, tx, a.ID, actor(c))
	}},
	"note": {"application_noted", func(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error {
		var points *int
		if typed := strings.TrimSpace(c.PostForm("points")); typed != "" {
			n, err := strconv.Atoi(typed)
			if err != nil {
				n = -1
			}
			points = &n
		}
		return application.AddNote(ctx, tx, a.ID, c.PostForm("note"), points, actor(c))
	}},
	"confirm": {"company_confirmed", func(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error {
		co, err := company.Find(ctx, tx, a.CompanyID)
		if err != nil {
			return err
		}
		return company.Confirm(ctx, tx, a.PersonID, co.ID, actor(c))
	}},
	"grant": {"application_granted", grantApplication},
	"reject": {"application_rejected", func(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error {
		return atField(application.Reject(ctx, tx, a.ID, c.PostForm("reject_reason"), actor(c)), "reason", "reject_reason")
	}},
	"start": {"project_started", func(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error {
		return application.Start(ctx, tx, a.ID, actor(c))
	}},
	"phase": {"project_phase", func(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error {
		n, err := strconv.Atoi(c.PostForm("phase"))
		if err != nil {
			n = -1
		}
		return application.ToPhase(ctx, tx, a.ID, n, actor(c))
	}},
	"report": {"report_sent", func(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error {
		return application.Report(ctx, tx, a.ID, c.PostForm("report"), c.PostForm("report_url"), actor(c))
	}},
	"payout": {"payout_asked", func(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error {
		return atField(application.AskPayout(ctx, tx, a.ID, amountOf(c, "payout_minor"), c.PostForm("purpose"), actor(c)), "minor", "payout_minor")
	}},
	"pay": {"payout_paid", func(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error {
		return application.AnswerPayout(ctx, tx, a.ID, c.PostForm("payout"), true, "", actor(c))
	}},
	"refuse": {"payout_refused", func(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error {
		id := c.PostForm("payout")
		return atField(application.AnswerPayout(ctx, tx, a.ID, id, false, c.PostForm("refuse_reason-"+id), actor(c)), "reason", "refuse_reason-"+id)
	}},
	"close": {"application_closed", func(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error {
		return atField(application.Close(ctx, tx, a.ID, c.PostForm("close_reason"), actor(c)), "reason", "close_reason")
	}},
}

func grantApplication(ctx context.Context, tx *store.Tx, c *gin.Context, a application.Application) error {
	minutes := 0
	if typed := strings.TrimSpace(c.PostForm("hours")); typed != "" {
		hours, ok := application.ParseAmount(typed) // "37,5" is read as hundredths
		if minutes = int(hours * 60 / 100); !ok || hours*60%100 != 0 {
			minutes = -1
		}
	}
	minor := int64(0)
	if strings.TrimSpace(c.PostForm("minor")) != "" {
		minor = amountOf(c, "minor")
	}
	return atField(application.GrantTo(ctx, tx, a.ID, application.Award{
		Minor: minor, Minutes: minutes, Reason: c.PostForm("grant_reason"), ReportBy: strings.TrimSpace(c.PostForm("report_by")),
	}, actor(c)), "reason", "grant_reason")
}

// atField gives a field of a refusal the name that it has on this page, where
// several forms ask for the same.
func atField(err error, from, to string) error {
	p, ok := problem.As(err)
	if !ok {
		return err
	}
	renamed := *p
	renamed.Fields = nil
	for _, f := range p.Fields {
		if f.Name == from {
			f.Name = to
		}
		renamed.Fields = append(renamed.Fields, f)
	}
	return &renamed
}

// doApplication does one thing with a case, and answers with its page.
func (s *Server) doApplication(name string) handler {
	deed := deeds[name]
	return func(c *gin.Context) error {
		ctx, id := c.Request.Context(), c.Param("id")
		err := s.DB.Write(ctx, func(tx *store.Tx) error {
			a, err := s.ownCase(ctx, tx, c, id)
			if err != nil {
				return err
			}
			return deed.do(ctx, tx, c, a)
		})
		if refusal, ok := refused(err); ok {
			return s.showAdminApplication(c, status(refusal), refusal)
		}
		if err != nil {
			return err
		}
		return seeOther(c, applicationsPath+"/"+id+"?done="+deed.done)
	}
}

func (s *Server) findAdmin(c *gin.Context) func(context.Context, *store.Tx) (application.Application, error) {
	return func(ctx context.Context, tx *store.Tx) (application.Application, error) {
		return s.ownCase(ctx, tx, c, c.Param("id"))
	}
}

func (s *Server) adminDecision(c *gin.Context) error { return s.showDecision(c, s.findAdmin(c), false) }

func (s *Server) adminDecisionPDF(c *gin.Context) error {
	return s.showDecision(c, s.findAdmin(c), true)
}
