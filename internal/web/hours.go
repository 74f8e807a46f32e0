package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/limit"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// hoursPage is what somebody may know of hours of advice: those of the companies
// that they are confirmed for, of projects, and their own.
type hoursPage struct {
	page
	Holders []holderView
	Claimed []string // numbers of companies that wait for confirmation; nothing else is told of them
	Coming  []bookingLine
	Earlier []bookingLine
	Paging  paging
	Form    claimValues
	Country []option
	Now     time.Time
}

// Empty reports whether there is nothing yet.
func (p *hoursPage) Empty() bool { return len(p.Holders)+len(p.Coming)+p.Paging.Total == 0 }

// holderView is one company, project or person with its hours.
type holderView struct {
	Name, Number string
	CompanyID    string
	Accounts     []accountView
	Claimants    []company.Claimant
}

// accountView is one account in a programme of advice.
type accountView struct {
	adviceCard
	Account advisory.Account
	Hours   hoursBar
	Entries []entryLine
	More    bool // there are older ones
	CanBook bool
	For     string // the choice, as the booking's address has it
}

// entryLine is one line of the ledger in plain words.
type entryLine struct {
	Day     time.Time
	What    string // a key
	Minutes int    // as it changes what is left: below nought takes
	Reason  string
	Booking string // its id, where there is one
}

// bookingLine is one booking in a list.
type bookingLine struct {
	Booking    advisory.Booking
	Text       advisory.Text
	TextLang   string
	Start, End time.Time
	For        string
	Color      string
	Answer     bool // times are proposed and wait for an answer
}

const (
	entriesShown  = 6
	earlierShown  = 20
	entriesOnPage = 100
)

func (s *Server) hours(c *gin.Context) error {
	return s.showHours(c, http.StatusOK, claimValues{Advice: c.Query("advice")}, nil)
}

func (s *Server) showHours(c *gin.Context, code int, f claimValues, refusal *problem.Problem) error {
	ctx := c.Request.Context()
	p := &hoursPage{page: page{NoIndex: true, Problem: refusal}, Form: f, Now: s.DB.Now()}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		if err := s.readHolders(c, tx, p); err != nil {
			return err
		}
		return s.readOwnBookings(c, tx, p)
	})
	if err != nil {
		return err
	}
	lang := s.language(c)
	for _, country := range []string{"SE", "NO"} {
		label, err := s.Texts.Text(lang, "country."+country)
		if err != nil {
			return err
		}
		p.Country = append(p.Country, option{Value: country, Label: capitalise(label), Chosen: country == first(f.Country, "SE")})
	}
	return s.render(c, code, "hours", p)
}

// readHolders reads every account of which the person may know, and those that the
// person could begin.
func (s *Server) readHolders(c *gin.Context, tx *store.Tx, p *hoursPage) error {
	ctx := c.Request.Context()
	who, _ := self(c)
	at := map[string]int{}
	holder := func(key string, make func() (holderView, error)) (int, error) {
		i, known := at[key]
		if known {
			return i, nil
		}
		h, err := make()
		if err != nil {
			return 0, err
		}
		p.Holders = append(p.Holders, h)
		at[key] = len(p.Holders) - 1
		return at[key], nil
	}
	ties, err := company.Ties(ctx, tx, who.ID)
	if err != nil {
		return err
	}
	for _, t := range ties {
		if t.Status != "confirmed" {
			p.Claimed = append(p.Claimed, company.Display(t.Company))
			continue
		}
		if _, err := holder(t.ID, func() (h holderView, err error) {
			h = holderView{Name: t.Name, Number: company.Display(t.Company), CompanyID: t.ID}
			h.Claimants, err = company.Claimants(ctx, tx, t.ID)
			return h, err
		}); err != nil {
			return err
		}
	}
	accounts, err := advisory.OwnAccounts(ctx, tx, who.ID)
	if err != nil {
		return err
	}
	have := map[string]bool{}
	add := func(a advisory.Programme, account advisory.Account, choice *advisory.Choice, name string) error {
		key := first(account.CompanyID, account.ApplicationID, account.PersonID)
		i, err := holder(key, func() (holderView, error) { return holderView{Name: name}, nil })
		if err != nil {
			return err
		}
		v := accountView{adviceCard: s.adviceCard(c, a), Account: account, Hours: barOf(account)}
		if choice != nil {
			v.CanBook = a.Status == advisory.Open && choice.Can != advisory.NotEligible && len(choice.Lengths) > 0
			v.For = choice.Key()
		}
		if account.ID != "" {
			if v.Entries, v.More, err = entryLines(ctx, tx, account.ID, entriesShown); err != nil {
				return err
			}
		}
		p.Holders[i].Accounts = append(p.Holders[i].Accounts, v)
		have[a.ID+key] = true
		return nil
	}
	byID := map[string]advisory.Programme{}
	for _, account := range accounts {
		if _, ok := byID[account.AdvisoryProgrammeID]; !ok {
			if byID[account.AdvisoryProgrammeID], err = advisory.ProgrammeByID(ctx, tx, account.AdvisoryProgrammeID); err != nil {
				return err
			}
		}
	}
	open, err := advisory.OpenProgrammes(ctx, tx)
	if err != nil {
		return err
	}
	choices := map[string][]advisory.Choice{}
	for _, a := range open {
		byID[a.ID] = a
		if choices[a.ID], err = advisory.ChoicesFor(ctx, tx, a, who.ID); err != nil {
			return err
		}
	}
	for _, account := range accounts {
		a := byID[account.AdvisoryProgrammeID]
		var choice *advisory.Choice
		for i, x := range choices[a.ID] {
			if x.Holder == account.Holder {
				choice = &choices[a.ID][i]
			}
		}
		name, err := s.holderName(ctx, tx, s.language(c), account.Holder)
		if err != nil {
			return err
		}
		if err := add(a, account, choice, name); err != nil {
			return err
		}
	}
	for _, a := range open {
		for i, x := range choices[a.ID] {
			if x.Claimed || x.Can == advisory.NotEligible || have[a.ID+first(x.CompanyID, x.ApplicationID, x.PersonID)] {
				continue
			}
			name, err := s.choiceName(s.language(c), x)
			if err != nil {
				return err
			}
			if err := add(a, x.Account, &choices[a.ID][i], name); err != nil {
				return err
			}
		}
	}
	return nil
}

// holderName is what a holder is called on its own people's pages.
func (s *Server) holderName(ctx context.Context, tx *store.Tx, lang locale.Language, h advisory.Holder) (string, error) {
	switch {
	case h.CompanyID != "":
		co, err := company.Find(ctx, tx, h.CompanyID)
		return co.Name, err
	case h.ApplicationID != "":
		return store.One(ctx, tx, store.Value[string], `SELECT number || ' ' || title FROM application WHERE id = ?`, h.ApplicationID)
	}
	return s.Texts.Text(lang, "advice.for_me")
}

// entryLines reads the newest lines of a ledger in plain words; more is true when
// there are older ones.
func entryLines(ctx context.Context, tx *store.Tx, accountID string, most int) (lines []entryLine, more bool, err error) {
	entries, err := advisory.Entries(ctx, tx, accountID)
	if err != nil {
		return nil, false, err
	}
	settled := map[string]bool{}
	for _, e := range entries {
		if e.Kind == advisory.Settle || e.Kind == advisory.Charge {
			settled[e.BookingID] = true
		}
	}
	for _, e := range entries {
		l := entryLine{Day: e.At, What: "hours.entry." + string(e.Kind), Minutes: -e.Minutes, Reason: e.Reason, Booking: e.BookingID}
		if e.Kind == advisory.Release {
			l.Minutes = e.Minutes
			if settled[e.BookingID] {
				l.What = "hours.entry.release_used"
			}
		}
		if e.Minutes == 0 && e.Kind != advisory.Settle {
			continue
		}
		lines = append(lines, l)
	}
	slices.Reverse(lines)
	if len(lines) > most {
		return lines[:most], true, nil
	}
	return lines, false, nil
}

// comingMeetings reads the bookings of which something is still to come, what wants
// an answer first, then the nearest, and lists the others as they are.
func (s *Server) comingMeetings(c *gin.Context, tx *store.Tx) (coming []bookingLine, earlier []advisory.Booking, err error) {
	who, _ := self(c)
	all, err := advisory.OwnBookings(c.Request.Context(), tx, who.ID)
	if err != nil {
		return nil, nil, err
	}
	for _, b := range all {
		if !b.Status.Active() {
			earlier = append(earlier, b)
			continue
		}
		line, err := s.bookingLine(c, tx, b)
		if err != nil {
			return nil, nil, err
		}
		coming = append(coming, line)
	}
	rank := func(l bookingLine) int {
		switch {
		case l.Answer:
			return 0
		case !l.Start.IsZero():
			return 1
		}
		return 2
	}
	slices.SortStableFunc(coming, func(a, b bookingLine) int { return cmp.Or(rank(a)-rank(b), a.Start.Compare(b.Start)) })
	return coming, earlier, nil
}

func (s *Server) readOwnBookings(c *gin.Context, tx *store.Tx, p *hoursPage) error {
	coming, earlier, err := s.comingMeetings(c, tx)
	if err != nil {
		return err
	}
	p.Coming = coming
	p.Paging = newPaging("/me/hours", c.Request.URL.Query(), len(earlier), earlierShown)
	for _, b := range earlier[p.Paging.From:p.Paging.To] {
		line, err := s.bookingLine(c, tx, b)
		if err != nil {
			return err
		}
		p.Earlier = append(p.Earlier, line)
	}
	return nil
}

func (s *Server) bookingLine(c *gin.Context, tx *store.Tx, b advisory.Booking) (l bookingLine, err error) {
	ctx := c.Request.Context()
	a, err := advisory.ProgrammeByID(ctx, tx, b.AdvisoryProgrammeID)
	if err != nil {
		return l, err
	}
	l = bookingLine{Booking: b, Color: bookingColor(b.Status)}
	l.Text, l.TextLang = a.Text(string(s.language(c)))
	if !b.StartsAt.IsZero() {
		l.Start, l.End = b.StartsAt.In(b.Location()), b.EndsAt.In(b.Location())
	}
	if b.Status == advisory.Waiting {
		open, err := advisory.OpenProposals(ctx, tx, b.ID)
		if err != nil {
			return l, err
		}
		l.Answer = len(open) > 0
	}
	l.For, err = s.holderName(ctx, tx, s.language(c), b.Holder())
	return l, err
}

// bookingColor is the colour beside the word for a booking's state.
func bookingColor(st advisory.Status) string {
	switch st {
	case advisory.Confirmed, advisory.Held, advisory.Settled:
		return "success"
	case advisory.Requested, advisory.Waiting:
		return "warning"
	}
	return "neutral"
}

// ledgerPage is the whole ledger of one account.
type ledgerPage struct {
	page
	adviceCard
	Account advisory.Account
	Hours   hoursBar
	Name    string
	Entries []entryLine
	Paging  paging
}

func (s *Server) hoursLedger(c *gin.Context) error {
	ctx := c.Request.Context()
	who, _ := self(c)
	p := &ledgerPage{page: page{NoIndex: true}}
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if p.Account, err = advisory.OwnAccount(ctx, tx, who.ID, c.Param("id")); err != nil {
			return err
		}
		a, err := advisory.ProgrammeByID(ctx, tx, p.Account.AdvisoryProgrammeID)
		if err != nil {
			return err
		}
		p.adviceCard, p.Hours = s.adviceCard(c, a), barOf(p.Account)
		if p.Name, err = s.holderName(ctx, tx, s.language(c), p.Account.Holder); err != nil {
			return err
		}
		all, _, err := entryLines(ctx, tx, p.Account.ID, 1<<30)
		p.Paging = newPaging(c.Request.URL.Path, c.Request.URL.Query(), len(all), entriesOnPage)
		p.Entries = all[p.Paging.From:p.Paging.To]
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "hours_ledger", p)
}

// claimValues is the form in which somebody says for which company they come.
type claimValues struct {
	Country, OrgNumber, Name string
	Advice                   string // the slug of the advice that it is said for, if it is known
}

// claimCompany notes that somebody says they belong to a company. The first of a
// company of which nothing is known can book at once; of all others a colleague who
// is confirmed, or an organiser, answers. The page says which of the two, no more.
func (s *Server) claimCompany(c *gin.Context) error {
	if ok, wait := s.limits.company.Allow(limit.Caller(c.ClientIP())); !ok {
		return s.tooOften(c, wait)
	}
	ctx := c.Request.Context()
	who, _ := self(c)
	f := claimValues{c.PostForm("country"), c.PostForm("org_number"), strings.TrimSpace(c.PostForm("company_name")), c.PostForm("advice")}
	done := "company_claimed"
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		number, err := f.check(s.TestNumbers)
		if err != nil {
			return err
		}
		co, err := company.Ensure(ctx, tx, f.Country, number, f.Name)
		if err != nil {
			return err
		}
		a, err := advisory.ProgrammeBySlug(ctx, tx, f.Advice)
		if err != nil && !errors.Is(err, problem.ErrMissing) {
			return err
		}
		confirmed, err := company.ClaimFirst(ctx, tx, who.ID, co.ID, a.ProgrammeID)
		if confirmed {
			done = "company_yours"
		}
		return err
	})
	if refusal, ok := refused(err); ok {
		if tooPersonal(refusal) {
			f.OrgNumber, f.Name = "", withoutDigits(f.Name)
		}
		return s.showHours(c, status(refusal), f, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/me/hours?done="+done)
}

// check reports what must be corrected, else answers the number as it is stored.
func (f claimValues) check(testNumbers bool) (number string, err error) {
	var wrong problem.Fields
	number, err = company.ParseNumber(f.Country, f.OrgNumber, testNumbers)
	switch {
	case errors.Is(err, company.ErrPersonalNumber):
		wrong.Add("org_number", "personal_number")
	case err != nil && f.Country == "NO":
		wrong.Add("org_number", "org_number_no")
	case err != nil:
		wrong.Add("org_number", "org_number_se")
	}
	switch {
	case f.Name == "":
		wrong.Add("company_name", "required")
	case company.LooksPersonal(f.Name):
		wrong.Add("company_name", "name_not_number")
	case locale.Deceptive(f.Name, false):
		wrong.Add("company_name", "characters")
	case len([]rune(f.Name)) > 200:
		wrong.Add("company_name", "too_long", "most", 200)
	}
	return number, wrong.Err()
}

// answerContact confirms or refuses a colleague.
func (s *Server) answerContact(c *gin.Context) error {
	ctx, done := c.Request.Context(), "contact_confirmed"
	yes := c.PostForm("answer") == "yes"
	if !yes {
		done = "contact_refused"
	}
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		return company.Answer(ctx, tx, c.PostForm("company"), c.PostForm("person"), yes, asSelf(c))
	})
	if err != nil {
		return err
	}
	return seeOther(c, "/me/hours?done="+done)
}
