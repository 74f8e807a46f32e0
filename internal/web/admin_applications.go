package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/application"
	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// applicationsPage lists the applications of one's programmes, with the balance of
// each pot.
type applicationsPage struct {
	adviceDeskBase
	Pots     []potCard
	Filter   application.Filter
	Choice   string // of the states: one of them, undecided, or all
	Statuses []option
	Schemes  []option
	Rows     []applicationRow
	Paging   paging
	Query    string // of the list as it is narrowed, for the files; begins with ? or is empty
	Narrow   bool
}

// potCard is a pot with its balance.
type potCard struct {
	caseCard
	application.Balance
	HasPot bool
}

// Bar shows a pot: granted, asked for, left.
func (p potCard) Bar() []share {
	return shares(p.PotMinor, map[string]int64{"used": p.GrantedMinor, "booked": min(p.Balance.AskedMinor, p.Left())}, "used", "booked")
}

// Short is by how much more is asked for than is left; nought when it is enough.
func (p potCard) Short() int64 { return max(0, p.Balance.AskedMinor-p.Left()) }

// applicationRow is one application, ready to print.
type applicationRow struct {
	application.Row
	Name  string // of the programme of advice
	Shown string // the body's number
	Color string
	Sent  time.Time
}

const applicationsShown = 50

// ownPots lists the programmes of advice, within one's own programmes, that give
// support to projects.
func ownPots(ctx context.Context, tx *store.Tx, c *gin.Context) (own []advisory.Programme, err error) {
	all, err := advisory.ProgrammesOf(ctx, tx, "")
	for _, p := range all {
		if p.Prerequisite == advisory.Application && organises(c, p.ProgrammeID) {
			own = append(own, p)
		}
	}
	return own, err
}

// applicationsFilter reads what the address asks for.
func applicationsFilter(c *gin.Context) (f application.Filter, choice string) {
	f = application.Filter{Programmes: mayOrganise(c), AdvisoryProgrammeID: c.Query("scheme"), Text: strings.TrimSpace(c.Query("q"))}
	if r := []rune(f.Text); len(r) > longestSearch {
		f.Text = string(r[:longestSearch])
	}
	choice = c.Query("status")
	for _, st := range application.Statuses() {
		if string(st) == choice && st != application.Draft {
			f.Status = st
			return f, choice
		}
	}
	if choice == "undecided" {
		f.Undecided = true
		return f, choice
	}
	return f, ""
}

func (s *Server) applications(c *gin.Context) error {
	ctx := c.Request.Context()
	p := &applicationsPage{adviceDeskBase: adviceDeskOf(c, "applications")}
	lang := s.language(c)
	p.Filter, p.Choice = applicationsFilter(c)
	p.Narrow = p.Choice != "" || p.Filter.Text != "" || p.Filter.AdvisoryProgrammeID != ""
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		names := map[string]string{}
		pots, err := ownPots(ctx, tx, c)
		if err != nil {
			return err
		}
		for _, a := range pots {
			card := potCard{caseCard: caseCard{Advisory: a}}
			text, in := a.Text(string(lang))
			card.Name, card.NameIn, names[a.ID] = text.Name, in, text.Name
			p.Schemes = append(p.Schemes, option{Value: a.ID, Label: text.Name, Chosen: a.ID == p.Filter.AdvisoryProgrammeID})
			if err := card.readScheme(ctx, tx, a, lang); err == nil {
				card.HasPot = true
			} else if !errors.Is(err, problem.ErrMissing) {
				return err
			}
			if card.Balance, err = application.BalanceOf(ctx, tx, a.ID); err != nil {
				return err
			}
			if p.Filter.AdvisoryProgrammeID == "" || p.Filter.AdvisoryProgrammeID == a.ID {
				p.Pots = append(p.Pots, card)
			}
		}
		counts, err := application.Counts(ctx, tx, p.Filter)
		if err != nil {
			return err
		}
		if err := p.readStatuses(s, lang, counts); err != nil {
			return err
		}
		total, err := application.Count(ctx, tx, p.Filter)
		if err != nil {
			return err
		}
		return p.readRows(ctx, tx, c, names, total, lang)
	})
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "applications", p)
}

// readStatuses counts the states to choose from.
func (p *applicationsPage) readStatuses(s *Server, lang locale.Language, counts map[application.Status]int) error {
	all, undecided := 0, 0
	for st, n := range counts {
		all += n
		if st.Undecided() {
			undecided += n
		}
	}
	add := func(value, key string, n int) error {
		label, err := s.Texts.Text(lang, key)
		p.Statuses = append(p.Statuses, option{Value: value, Label: capitalise(label), Hint: locale.Number(lang, int64(n)), Chosen: value == p.Choice})
		return err
	}
	if err := add("", "apply.filter.all", all); err != nil {
		return err
	}
	if err := add("undecided", "apply.filter.undecided", undecided); err != nil {
		return err
	}
	for _, st := range application.Statuses() {
		if st == application.Draft || counts[st] == 0 && string(st) != p.Choice {
			continue
		}
		if err := add(string(st), "status.application."+string(st), counts[st]); err != nil {
			return err
		}
	}
	return nil
}

func (p *applicationsPage) readRows(ctx context.Context, tx *store.Tx, c *gin.Context, names map[string]string, total int, lang locale.Language) error {
	q := url.Values{}
	for _, name := range []string{"status", "q", "scheme"} {
		if v := c.Query(name); v != "" {
			q.Set(name, v)
		}
	}
	if len(q) > 0 {
		p.Query = "?" + q.Encode()
	}
	if n := c.Query("page"); n != "" && n != everything {
		q.Set("page", n)
	}
	p.Paging = newPaging(applicationsPath, q, total, applicationsShown)
	p.Filter.Offset, p.Filter.Limit = p.Paging.From, applicationsShown
	rows, err := application.List(ctx, tx, p.Filter)
	for _, r := range rows {
		p.Rows = append(p.Rows, applicationRow{r, names[r.AdvisoryProgrammeID], company.Display(company.Company{Country: r.Country, Number: r.OrgNumber, SoleTrader: r.SoleTrader}), caseColor(r.Status), r.SubmittedAt.In(deskZone())})
	}
	return err
}
