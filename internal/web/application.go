package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/application"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// applicationRoutes are the pages about applications for support from a pot.
func (s *Server) applicationRoutes() []route {
	get := func(path string, a access, h handler) route { return route{http.MethodGet, path, a, h} }
	post := func(path string, a access, h handler) route { return route{http.MethodPost, path, a, h} }
	routes := []route{
		get("/advice/:slug/apply", anyone, s.applyForm),
		post("/advice/:slug/apply", anyone, s.apply),
		post("/advice/:slug/apply/start", anyone, s.askToApply),
		post("/advice/:slug/apply/discard", anyone, s.discardDraft),

		get("/me/applications/:id", personal, s.ownApplication),
		get("/me/applications/:id/decision", personal, s.ownDecision),
		get("/me/applications/:id/decision.pdf", personal, s.ownDecisionPDF),
		post("/me/applications/:id/answer", personal, s.answerQuestion),
		post("/me/applications/:id/withdraw", personal, s.withdrawApplication),
		post("/me/applications/:id/payout", personal, s.askOwnPayout),
		post("/me/applications/:id/report", personal, s.reportOwn),

		get(applicationsPath, organise, s.applications),
		get(applicationsPath+".csv", organise, s.applicationsCSV),
		get(applicationsPath+".xlsx", organise, s.applicationsXLSX),
		get(schemesPath+"/:id", organise, s.schemeForm),
		post(schemesPath+"/:id", organise, s.setScheme),
		get(applicationsPath+"/:id", organise, s.adminApplication),
		get(applicationsPath+"/:id/decision", organise, s.adminDecision),
		get(applicationsPath+"/:id/decision.pdf", organise, s.adminDecisionPDF),
	}
	for _, name := range slices.Sorted(maps.Keys(deeds)) {
		routes = append(routes, post(applicationsPath+"/:id/"+name, organise, s.doApplication(name)))
	}
	return routes
}

const (
	applicationsPath = "/admin/advice/applications"
	schemesPath      = "/admin/advice/schemes"
)

func applicationPages() map[string]pager {
	return map[string]pager{
		"apply": &applyPage{}, "me_application": &ownApplicationPage{}, "decision": &decisionPage{},
		"applications": &applicationsPage{}, "application": &applicationPage{}, "scheme": &schemePage{},
	}
}

// caseCard is one application, ready to print.
type caseCard struct {
	application.Application
	Programme  programme.Programme
	Advisory   advisory.Programme
	Scheme     application.Scheme
	Name       string // of the programme of advice, in the reader's language or another
	NameIn     string // that language
	Summary    string
	Zone       *time.Location
	Color      string // beside the word for its state
	Steps      []caseStep
	Questions  []application.Question
	Money      application.Money
	Hours      advisory.Account
	HoursLeft  int // minutes
	HasHours   bool
	Payouts    []application.Payout
	PayoutMost int64
	Decision   application.Decision
}

// caseStep is one step of the line along which a case goes; the text is Label.
type caseStep struct {
	Label   string // a key
	Done    bool
	Current bool
	At      time.Time // zero: not yet, or nobody noted when
	Name    string    // of the phase that the project is in
}

// Open is the question that waits for its answer; nil when there is none.
func (c caseCard) Open() *application.Question {
	for i := range c.Questions {
		if c.Questions[i].Open() && c.Status == application.NeedsInfo {
			return &c.Questions[i]
		}
	}
	return nil
}

// PhaseName is the phase that a running project is in; empty otherwise.
func (c caseCard) PhaseName() string {
	if c.Phase == nil || *c.Phase >= len(c.Advisory.Phases) {
		return ""
	}
	return c.Advisory.Phases[*c.Phase]
}

// PartMinor is how much may be paid before the final report.
func (c caseCard) PartMinor() int64 { return c.Scheme.PartMinor(c.Money.GrantedMinor) }

// Local is a moment on the programme's clock.
func (c caseCard) Local(t time.Time) time.Time { return t.In(c.Zone) }

// DayOf is a stored day on the programme's clock.
func (c caseCard) DayOf(day string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, c.Zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// readScheme reads the programme of advice, its programme and its pot.
func (c *caseCard) readScheme(ctx context.Context, tx *store.Tx, p advisory.Programme, lang locale.Language) (err error) {
	c.Advisory = p
	if c.Programme, err = programme.Find(ctx, tx, p.ProgrammeID); err != nil {
		return err
	}
	if c.Scheme, err = application.SchemeOf(ctx, tx, p.ID); err != nil {
		return err
	}
	text, in := p.Text(string(lang))
	c.Name, c.NameIn, c.Summary, c.Zone = text.Name, in, text.Summary, zoneOf(c.Programme.TimeZone)
	return nil
}

// caseOf reads all that pages show of an application.
func (s *Server) caseOf(ctx context.Context, tx *store.Tx, a application.Application, lang locale.Language) (c caseCard, err error) {
	p, err := advisory.ProgrammeByID(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return c, err
	}
	c.Application, c.Color = a, caseColor(a.Status)
	if err := c.readScheme(ctx, tx, p, lang); err != nil {
		return c, err
	}
	if c.Questions, err = application.Questions(ctx, tx, a.ID); err != nil {
		return c, err
	}
	if c.Money, err = application.MoneyOf(ctx, tx, a.ID); err != nil {
		return c, err
	}
	if c.Payouts, err = application.Payouts(ctx, tx, a.ID); err != nil {
		return c, err
	}
	c.PayoutMost = application.MayAsk(a, c.Scheme, c.Money)
	if c.Hours, c.HasHours, err = application.HoursOf(ctx, tx, a); err != nil {
		return c, err
	}
	c.HoursLeft, _ = c.Hours.Available()
	if c.Decision, err = application.DecisionOf(ctx, tx, a.ID); err != nil && !problem.ErrMissing.Is(err) {
		return c, err
	}
	c.Steps = c.line()
	return c, nil
}

// line is the way of a case, with where it stands.
func (c caseCard) line() []caseStep {
	steps := []caseStep{{Label: "apply.step.submitted", At: c.SubmittedAt}, {Label: "apply.step.assessed"}, {Label: "apply.step.decided", At: c.DecidedAt}}
	at := map[application.Status]int{application.Submitted: 1, application.NeedsInfo: 1, application.Assessed: 2}[c.Status]
	switch c.Status {
	case application.Rejected:
		steps[2].Label, at = "apply.step.rejected", 3
	case application.Withdrawn:
		steps, at = append(steps[:1], caseStep{Label: "apply.step.withdrawn", At: c.ChangedAt}), 2
	default:
		steps = append(steps, caseStep{Label: "apply.step.running", Name: c.PhaseName()}, caseStep{Label: "apply.step.final_report"}, caseStep{Label: "apply.step.closed"})
		switch c.Status {
		case application.Granted, application.Running:
			at = 3
		case application.FinalReport:
			at = 5
		case application.Closed:
			steps[5].At, at = c.ChangedAt, 6
		}
	}
	for i := range steps {
		steps[i].Done, steps[i].Current = i < at, i == at
		if !steps[i].At.IsZero() {
			steps[i].At = steps[i].At.In(c.Zone)
		}
	}
	return steps
}

// caseColor is the colour beside the word for a state.
func caseColor(st application.Status) string {
	switch st {
	case application.Granted, application.Running, application.FinalReport:
		return "success"
	case application.Submitted, application.Assessed:
		return "info"
	case application.NeedsInfo, application.Draft:
		return "warning"
	case application.Rejected:
		return "danger"
	}
	return "neutral"
}

// share is one part of a bar that shows what has become of a whole, in thousandths.
type share struct {
	State string
	X, W  int
}

// shares cuts a whole into parts for a bar. What is above the whole is cut off.
func shares(whole int64, parts map[string]int64, order ...string) (bar []share) {
	at := 0
	for _, state := range order {
		if whole <= 0 || parts[state] <= 0 {
			continue
		}
		w := min(1000-at, int(max(parts[state]*1000/whole, 4)))
		bar = append(bar, share{state, at, w})
		at += w
	}
	return bar
}

// HoursBar shows a project's hours: used, booked, left.
func (c caseCard) HoursBar() hoursBar { return barOf(c.Hours) }

// MoneyBar shows a project's money: paid, asked for, left.
func (c caseCard) MoneyBar() []share {
	return shares(c.Money.GrantedMinor, map[string]int64{"used": c.Money.PaidMinor, "booked": c.Money.AwaitedMinor, "returned": c.Money.ReturnedMinor}, "used", "booked", "returned")
}
