package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// rosterFilter is what the address of a roster says.
type rosterFilter struct {
	Text, Status string
	Sort         string // name, time
	Page         string
}

// Choices of the filter. A group of states is offered, not each state.
var (
	rosterGroups = map[string][]registration.Status{
		"with_place": {registration.Confirmed, registration.Attended, registration.NoShow, registration.Offered, registration.PendingEmail},
		"waiting":    {registration.Waitlisted, registration.Requested},
		"attended":   {registration.Attended},
		"no_show":    {registration.NoShow},
		"ended": {registration.Cancelled, registration.LateCancelled, registration.Transferred, registration.EventCancelled,
			registration.Declined, registration.Expired, registration.Lapsed, registration.Rejected, registration.Erased},
	}
	rosterChoices = []string{"with_place", "waiting", "attended", "no_show", "ended"}
	rosterSorts   = []string{"name", "time"}
)

const rosterShown = 200

// rosterPage lists who has a place, who waits and who has left.
type rosterPage struct {
	page
	eventCard
	Filter    rosterFilter
	Counts    registration.Counts
	All       int
	Rows      []rosterRow
	Paging    paging
	Choices   []option
	MarkNow   bool
	MarkFrom  time.Time // on the event's clock
	Diet      int       // people with a place who wrote about food
	Access    int       // the same about access
	CanAdd    bool
	CanClose  bool // the attendance
	Hybrid    bool
	SortURL   map[string]string
	NeedsView bool
	DietLines []needLine
	AccessTxt []needLine
	// SoleTraders says that numbers on this page are masked, and left out of the
	// file unless they are asked for.
	SoleTraders bool
}

// rosterRow is one person, ready to print.
type rosterRow struct {
	registration.Registration
	OrgNumber  string
	Position   int // on the waiting list
	Registered time.Time
	Fault      *message.Message // the newest letter that did not arrive
	CanMark    bool
	Closed     bool // attendance is closed: a mark is changed with a reason only
	CanCancel  bool
	CanReach   bool // the address can be corrected
	Color      string
	// What was typed into a form of the row that was refused.
	TypedWhy, TypedEmail, TypedReason string
}

// needLine is one wish that people wrote, and how many wrote it.
type needLine struct {
	Text string
	N    int
}

func (s *Server) roster(c *gin.Context) error {
	f := readRosterFilter(c.Query)
	if c.Query("view") == "needs" {
		return s.needs(c)
	}
	return s.showRoster(c, http.StatusOK, c.Param("id"), f, nil, nil)
}

// readRosterFilter reads the filter from an address, or from the hidden fields
// of a form on the roster.
func readRosterFilter(value func(string) string) rosterFilter {
	f := rosterFilter{Text: strings.TrimSpace(value("q")), Status: value("status"), Sort: value("sort"), Page: value("page")}
	if rosterGroups[f.Status] == nil {
		f.Status = ""
	}
	if !slices.Contains(rosterSorts, f.Sort) {
		f.Sort = rosterSorts[0]
	}
	return f
}

// query is the filter as an address holds it.
func (f rosterFilter) query() url.Values {
	q := url.Values{}
	for name, v := range map[string]string{"q": f.Text, "status": f.Status, "sort": f.Sort, "page": f.Page} {
		if v != "" && !(name == "sort" && v == rosterSorts[0]) {
			q.Set(name, v)
		}
	}
	return q
}

// Hidden are the fields that keep the filter in a form on the roster.
func (f rosterFilter) Hidden() []hiddenField {
	var fields []hiddenField
	for name, values := range f.query() {
		fields = append(fields, hiddenField{name, values[0]})
	}
	slices.SortFunc(fields, func(a, b hiddenField) int { return cmp.Compare(a.Name, b.Name) })
	return fields
}

// showRoster shows the roster; after a refused form of one row with what was typed
// into its fields.
func (s *Server) showRoster(c *gin.Context, code int, eventID string, f rosterFilter, refusal *problem.Problem, typed map[string]string) error {
	ctx, now := c.Request.Context(), s.DB.Now()
	p := &rosterPage{page: adminPage(c, "events"), Filter: f}
	p.Problem, p.Self = refusal, "/admin/events/"+eventID+"/roster"
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, eventID)
		if err != nil {
			return err
		}
		p.eventCard = s.card(ev, now)
		return p.read(ctx, tx, s.language(c), now)
	})
	if err != nil {
		return err
	}
	for i, r := range p.Rows {
		p.Rows[i].TypedWhy, p.Rows[i].TypedEmail, p.Rows[i].TypedReason = typed["why-"+r.ID], typed["email-"+r.ID], typed["reason-"+r.ID]
	}
	ev := p.Event
	if err := s.noteReading(c, ev); err != nil {
		return err
	}
	p.Hybrid = ev.Mode == event.Hybrid
	p.CanClose = registration.CanClose(ev, p.Counts, now)
	p.CanAdd = ev.Status == event.Published || ev.Status == event.Postponed
	p.MarkFrom = registration.AttendanceOpens(ev).In(ev.Location())
	p.MarkNow = marksAttendance(ev, now)
	if p.Choices, err = s.optionsOf(s.language(c), "admin.roster.", rosterChoices, []string{f.Status}); err != nil {
		return err
	}
	return s.render(c, code, "roster", p)
}

// noteReading writes down that somebody read a list of people, once an hour.
func (s *Server) noteReading(c *gin.Context, ev event.Event) error {
	return s.noteOnce(c, audit.Entry{Actor: actor(c), ProgrammeID: ev.ProgrammeID, Action: "roster.read", ObjectKind: "event", ObjectID: ev.ID})
}

// noteOnce writes an entry unless the same actor has done the same within the
// hour.
func (s *Server) noteOnce(c *gin.Context, entry audit.Entry) error {
	ctx := c.Request.Context()
	var noted bool
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		noted, err = audit.Since(ctx, tx, entry, tx.Now.Add(-time.Hour))
		return err
	})
	if err != nil || noted {
		return err
	}
	return s.DB.Write(ctx, func(tx *store.Tx) error { return audit.Add(ctx, tx, entry) })
}

func marksAttendance(ev event.Event, now time.Time) bool {
	return ev.Status != event.Cancelled && ev.Status != event.Postponed && !now.Before(registration.AttendanceOpens(ev))
}

// read takes the whole roster once, counts in it, and makes rows of the part
// that is shown.
func (p *rosterPage) read(ctx context.Context, tx *store.Tx, lang locale.Language, now time.Time) error {
	all, err := registration.Roster(ctx, tx, p.Event.ID, registration.RosterFilter{})
	if err != nil {
		return err
	}
	p.All, p.Counts = len(all), registration.Counts{}
	for _, r := range all {
		p.Counts[r.Status]++
		if r.Status.HoldsPlace() && r.Diet != "" {
			p.Diet++
		}
		if r.Status.HoldsPlace() && r.AccessNeeds != "" {
			p.Access++
		}
	}
	found := all
	positions, err := registration.Positions(ctx, tx, p.Event)
	if err != nil {
		return err
	}
	if p.Filter.Text != "" {
		if found, err = registration.Roster(ctx, tx, p.Event.ID, registration.RosterFilter{Text: p.Filter.Text}); err != nil {
			return err
		}
	}
	if wanted := rosterGroups[p.Filter.Status]; wanted != nil {
		found = slices.DeleteFunc(slices.Clone(found), func(r registration.Registration) bool { return !slices.Contains(wanted, r.Status) })
	}
	sortRoster(found, p.Filter.Sort, lang)
	path := "/admin/events/" + p.Event.ID + "/roster"
	p.Paging = newPaging(path, p.Filter.query(), len(found), rosterShown)
	p.SortURL = map[string]string{}
	for _, by := range rosterSorts {
		f := p.Filter
		f.Sort, f.Page = by, ""
		p.SortURL[by] = path + "?" + f.query().Encode()
	}
	return p.makeRows(ctx, tx, found[p.Paging.From:p.Paging.To], positions, now)
}

func (p *rosterPage) makeRows(ctx context.Context, tx *store.Tx, found []registration.Registration, positions map[string]int, now time.Time) error {
	faults, err := message.StuckOf(ctx, tx, p.Event.ID)
	if err != nil {
		return err
	}
	companies := companyBook{}
	for _, r := range found {
		row := rosterRow{Registration: r, Position: positions[r.ID], Registered: r.CreatedAt.In(p.Event.Location()), Color: registrationColor(r.Status)}
		co, err := companies.find(ctx, tx, r.CompanyID)
		if err != nil {
			return err
		}
		row.OrgNumber = company.Display(co)
		p.SoleTraders = p.SoleTraders || co.SoleTrader
		if m, ok := faults[r.ID]; ok {
			row.Fault = &m
		}
		row.CanMark = marksAttendance(p.Event, now) && registration.CanMark(r)
		row.Closed = !p.Event.AttendanceClosedAt.IsZero()
		row.CanCancel = registration.CanWithdraw(r, p.Event, now)
		row.CanReach = registration.CanCorrect(r, p.Event, now)
		p.Rows = append(p.Rows, row)
	}
	return nil
}

// sortRoster sorts those with a place, who come first, by last and first name;
// the queue keeps its order. By time it leaves everybody in the order in which
// they signed up.
func sortRoster(roster []registration.Registration, by string, lang locale.Language) {
	if by != "name" {
		return
	}
	tag := string(lang)
	if lang == locale.NB {
		tag = string(locale.NN) // the one Norwegian alphabet that the tables know
	}
	collator, keys := collate.New(language.Make(tag)), map[string]string{}
	var buffer collate.Buffer
	for _, r := range roster {
		keys[r.ID] = string(collator.KeyFromString(&buffer, r.LastName+"\x00"+r.FirstName))
		buffer.Reset()
	}
	slices.SortStableFunc(roster, func(a, b registration.Registration) int {
		if byPlace := cmp.Compare(rosterRank(a), rosterRank(b)); byPlace != 0 || a.Status == registration.Waitlisted {
			return byPlace
		}
		return cmp.Compare(keys[a.ID], keys[b.ID])
	})
}

func rosterRank(r registration.Registration) int {
	switch {
	case r.Status.HoldsPlace():
		return 0
	case r.Status == registration.Requested:
		return 1
	case r.Status == registration.Waitlisted:
		return 2
	}
	return 3
}

// registrationColor is the colour of a state's tag.
func registrationColor(s registration.Status) string {
	switch s {
	case registration.Confirmed, registration.Attended:
		return "success"
	case registration.Waitlisted, registration.Offered, registration.Requested, registration.PendingEmail:
		return "warning"
	case registration.NoShow, registration.LateCancelled:
		return "danger"
	}
	return "neutral"
}

// companyBook keeps the companies that were looked up for one page.
type companyBook map[string]company.Company

func (b companyBook) find(ctx context.Context, tx *store.Tx, id string) (company.Company, error) {
	if id == "" {
		return company.Company{}, nil
	}
	if co, known := b[id]; known {
		return co, nil
	}
	co, err := company.Find(ctx, tx, id)
	b[id] = co
	return co, err
}

// needs shows what the kitchen and the house must know: texts and how many wrote
// each, never who. It cannot be searched, sorted or exported.
func (s *Server) needs(c *gin.Context) error {
	ctx, now := c.Request.Context(), s.DB.Now()
	p := &rosterPage{page: adminPage(c, "events"), NeedsView: true}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		p.eventCard = s.card(ev, now)
		all, err := registration.Roster(ctx, tx, ev.ID, registration.RosterFilter{Statuses: rosterGroups["with_place"]})
		p.gatherNeeds(all)
		return err
	})
	if err == nil && c.Request.Method == http.MethodGet {
		err = s.DB.Write(ctx, func(tx *store.Tx) error {
			return audit.Add(ctx, tx, audit.Entry{Actor: actor(c), ProgrammeID: p.Event.ProgrammeID, Action: "roster.needs", ObjectKind: "event", ObjectID: p.Event.ID})
		})
	}
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "roster", p)
}

func (p *rosterPage) gatherNeeds(all []registration.Registration) {
	var diet, access []string
	for _, r := range all {
		if r.Diet != "" {
			diet = append(diet, r.Diet)
		}
		if r.AccessNeeds != "" {
			access = append(access, r.AccessNeeds)
		}
	}
	p.All, p.Diet, p.Access = len(all), len(diet), len(access)
	p.DietLines, p.AccessTxt = needLines(diet), needLines(access)
}

// needLines gathers the same wishes, however they are spelled: the commonest
// first, then in alphabetical order, so that the order does not tell who wrote
// what.
func needLines(texts []string) []needLine {
	var list []needLine
	at := map[string]int{}
	for _, t := range texts {
		key := locale.Fold(t)
		if i, known := at[key]; known {
			list[i].N++
			continue
		}
		at[key] = len(list)
		list = append(list, needLine{t, 1})
	}
	slices.SortFunc(list, func(a, b needLine) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(locale.Fold(a.Text), locale.Fold(b.Text)))
	})
	return list
}
