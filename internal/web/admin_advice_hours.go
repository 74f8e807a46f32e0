package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// deskHoursPage lists whose hours there are, with a bar each.
type deskHoursPage struct {
	adviceDeskBase
	Text       string
	Programme  string // an id
	Above      bool
	Filtered   bool
	Rows       []deskHolding
	Paging     paging
	Programmes []option
	Export     string // the query of the same list as a file
}

// deskHolding is one account, ready to print.
type deskHolding struct {
	advisory.Holding
	Hours                hoursBar
	Shown                string // the number, masked for a sole trader
	Title, TitleLanguage string // of the programme of advice
	Currency             string
	Color                string
}

// holdersShown is how many accounts a page of the list has.
const holdersShown = 50

func (s *Server) deskHours(c *gin.Context) error {
	p := &deskHoursPage{adviceDeskBase: adviceDeskOf(c, "hours")}
	ctx, lang := c.Request.Context(), s.language(c)
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		found, err := s.readHoldings(ctx, tx, c, p)
		if err != nil {
			return err
		}
		p.Paging = newPaging(adviceDeskPath+"/hours", c.Request.URL.Query(), len(found), holdersShown)
		if c.Query("page") == everything && len(found) > holdersShown { // nobody prints ten thousand
			p.Paging = newPaging(adviceDeskPath+"/hours", url.Values{}, len(found), holdersShown)
		}
		titles, err := s.adviceTitles(ctx, tx, c, lang)
		for _, h := range found[p.Paging.From:p.Paging.To] {
			p.Rows = append(p.Rows, newDeskHolding(h, titles))
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "desk_hours", p)
}

// readHoldings reads the filter of the address into the page and finds what it asks
// for; a foreign programme of advice is one that is not there.
func (s *Server) readHoldings(ctx context.Context, tx *store.Tx, c *gin.Context, p *deskHoursPage) ([]advisory.Holding, error) {
	p.Text, p.Programme, p.Above = cut(strings.TrimSpace(c.Query("q")), longestSearch), c.Query("programme"), c.Query("show") == "above"
	p.Filtered = p.Text != "" || p.Programme != "" || p.Above
	var err error
	if p.Programmes, err = s.adviceOptions(ctx, tx, c, p.Programme); err != nil {
		return nil, err
	}
	query := url.Values{}
	for name, value := range map[string]string{"q": p.Text, "programme": p.Programme, "show": c.Query("show")} {
		if value != "" {
			query.Set(name, value)
		}
	}
	p.Export = query.Encode()
	return advisory.Holdings(ctx, tx, advisory.HoldingFilter{Within: mayOrganise(c), AdvisoryProgrammeID: p.Programme, Text: p.Text, Above: p.Above}, s.language(c))
}

// adviceTitle is what a programme of advice is called in the reader's language.
type adviceTitle struct{ Title, Language, Currency, Slug, ProgrammeID string }

// adviceTitles are those of one's own programmes of advice, by id.
func (s *Server) adviceTitles(ctx context.Context, tx *store.Tx, c *gin.Context, lang locale.Language) (map[string]adviceTitle, error) {
	found, err := advisory.ProgrammesWithin(ctx, tx, mayOrganise(c))
	titles := map[string]adviceTitle{}
	for _, p := range found {
		t, language := p.Text(string(lang))
		titles[p.ID] = adviceTitle{t.Name, language, p.Currency, p.Slug, p.ProgrammeID}
	}
	return titles, err
}

// adviceOptions are the choices of a filter: one's own programmes of advice.
func (s *Server) adviceOptions(ctx context.Context, tx *store.Tx, c *gin.Context, chosen string) (options []option, err error) {
	own, err := ownProgrammes(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	rows, err := s.deskAdvices(ctx, tx, c, own, s.language(c))
	for _, r := range rows {
		options = append(options, option{Value: r.ID, Label: r.Title, Chosen: r.ID == chosen})
	}
	return options, err
}

func newDeskHolding(h advisory.Holding, titles map[string]adviceTitle) deskHolding {
	t := titles[h.AdvisoryProgrammeID]
	d := deskHolding{Holding: h, Hours: barOf(h.Account), Title: t.Title, TitleLanguage: t.Language, Currency: t.Currency}
	if h.CompanyID != "" {
		d.Shown = company.Display(company.Company{Country: h.Country, Number: h.Number, SoleTrader: h.SoleTrader})
	}
	return d
}

// hoursCSV and hoursXLSX are the list as it is narrowed, as files.
func (s *Server) hoursCSV(c *gin.Context) error  { return s.hoursFile(c, "csv") }
func (s *Server) hoursXLSX(c *gin.Context) error { return s.hoursFile(c, "xlsx") }

// hoursFile makes the file in the request and notes it.
func (s *Server) hoursFile(c *gin.Context, ending string) error {
	ctx, lang := c.Request.Context(), s.language(c)
	var file []byte
	rows := 0
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		found, err := s.readHoldings(ctx, tx, c, &deskHoursPage{})
		if err != nil {
			return err
		}
		rows = len(found)
		file, err = hoursFile(ctx, tx, s.Texts, lang, found, ending)
		return err
	})
	if err != nil {
		return err
	}
	return s.sendFile(c, "hours", "", rows, "advicedesk.csv.hours_file", ending, file)
}

// ExportHours is a file of the hours that companies, projects and people have used
// and booked in programmes of advice within these, nil meaning all: "csv" for
// spreadsheets in Sweden and Norway, or "xlsx". Lengths are minutes.
func ExportHours(ctx context.Context, tx *store.Tx, texts *locale.Catalogue, lang locale.Language, within []string, ending string) ([]byte, error) {
	found, err := advisory.Holdings(ctx, tx, advisory.HoldingFilter{Within: within}, lang)
	if err != nil {
		return nil, err
	}
	return hoursFile(ctx, tx, texts, lang, found, ending)
}

func hoursFile(ctx context.Context, tx *store.Tx, texts *locale.Catalogue, lang locale.Language, found []advisory.Holding, ending string) ([]byte, error) {
	all, err := advisory.ProgrammesWithin(ctx, tx, nil)
	if err != nil {
		return nil, err
	}
	titles := map[string]adviceTitle{}
	for _, p := range all {
		t, _ := p.Text(string(lang))
		titles[p.ID] = adviceTitle{Title: t.Name}
	}
	var heads []string
	for _, key := range []string{"advicedesk.column.holder", "register.org_number", "advicedesk.column.programme", "advicedesk.csv.year", "advicedesk.csv.cap", "advicedesk.csv.used", "advicedesk.csv.reserved", "advicedesk.csv.left"} {
		head, err := texts.Text(lang, key)
		if err != nil {
			return nil, err
		}
		heads = append(heads, head)
	}
	whole := func(n int, known bool) cell {
		if !known {
			return cell{}
		}
		return cell{Number: strconv.Itoa(n)}
	}
	var lines [][]cell
	for _, h := range found {
		d := newDeskHolding(h, titles)
		limited := h.CapMinutes != nil
		limit := 0
		if limited {
			limit = *h.CapMinutes
		}
		lines = append(lines, []cell{{Text: h.Name}, {Text: d.Shown}, {Text: d.Title}, whole(h.Year, h.Year != 0), whole(limit, limited), whole(h.Used, true), whole(h.Reserved, true), whole(d.Hours.Left, limited)})
	}
	if ending == "xlsx" {
		title, err := texts.Text(lang, "advicedesk.csv.hours_file")
		if err != nil {
			return nil, err
		}
		return workbook(title, heads, lines)
	}
	var b strings.Builder
	b.WriteString(byteOrderMark)
	writeRecord(&b, heads)
	for _, l := range lines {
		cells := make([]string, len(l))
		for i, x := range l {
			cells[i] = x.Number + x.Text
		}
		writeNumbers(&b, cells)
	}
	return []byte(b.String()), nil
}

// texts are several texts at once.
func (s *Server) texts(lang locale.Language, keys ...string) ([]string, error) {
	words := make([]string, len(keys))
	for i, key := range keys {
		var err error
		if words[i], err = s.Texts.Text(lang, key); err != nil {
			return nil, err
		}
	}
	return words, nil
}

// sendFile notes the export and sends it as a file named by a text.
func (s *Server) sendFile(c *gin.Context, kind, id string, rows int, name, ending string, data []byte) error {
	ctx := c.Request.Context()
	if c.Request.Method == http.MethodGet {
		err := s.DB.Write(ctx, func(tx *store.Tx) error {
			return audit.Add(ctx, tx, audit.Entry{Actor: actor(c), Action: kind + ".export", ObjectKind: kind, ObjectID: id, To: strconv.Itoa(rows)})
		})
		if err != nil {
			return err
		}
	}
	word, err := s.Texts.Text(s.language(c), name)
	if err != nil {
		return err
	}
	file := word + " " + s.DB.Now().In(deskZone()).Format(time.DateOnly)
	c.Header("Content-Disposition", `attachment; filename="`+safeName(kind)+`.`+ending+`"; filename*=UTF-8''`+url.PathEscape(file+"."+ending))
	media := "text/csv; charset=utf-8"
	if ending == "xlsx" {
		media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	c.Data(http.StatusOK, media, data)
	return nil
}

// deskAccountPage is one account with its ledger.
type deskAccountPage struct {
	adviceDeskBase
	Account  deskHolding
	Entries  []deskEntry // the newest first
	Cut      bool        // there are more
	Bookings []deskBooking
	Open     []deskAdjustment
	Form     adjustForm
	Key      string
	Invoice  advisory.InvoiceAddress
	Priced   bool // meetings cost something
	Company  bool // the desk has a page of the company
}

// deskEntry is one line of the ledger, with the sum so far.
type deskEntry struct {
	advisory.Entry
	At    time.Time
	Who   string // a user's name; empty for others
	Other string // the second user
	Sum   int    // used and booked after it
	Delta int    // what it adds to that
}

type adjustForm struct{ Minutes, Direction, Reason string }

// ledgerShown bounds the ledger on a page.
const ledgerShown = 200

// ownAccount finds an account in a programme of one's own, or problem.ErrMissing.
func (s *Server) ownAccount(ctx context.Context, tx *store.Tx, c *gin.Context, id string) (advisory.Holding, error) {
	found, err := advisory.Holdings(ctx, tx, advisory.HoldingFilter{Within: mayOrganise(c), ID: id}, s.language(c))
	if err != nil {
		return advisory.Holding{}, err
	}
	if len(found) == 0 {
		return advisory.Holding{}, s.foreign(c, "hours_account", id)
	}
	return found[0], nil
}

func (s *Server) deskAccount(c *gin.Context) error {
	return s.showAccount(c, http.StatusOK, adjustForm{Direction: "back"}, nil, nil)
}

func (s *Server) showAccount(c *gin.Context, code int, form adjustForm, invoice *advisory.InvoiceAddress, refusal *problem.Problem) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p := &deskAccountPage{adviceDeskBase: adviceDeskOf(c, "hours"), Form: form, Key: newKey()}
	p.Problem, p.Self = refusal, adviceDeskPath+"/accounts/"+c.Param("id")
	if refusal != nil && c.PostForm("key") != "" {
		p.Key = c.PostForm("key")
	}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		h, err := s.ownAccount(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		titles, err := s.adviceTitles(ctx, tx, c, lang)
		if err != nil {
			return err
		}
		p.Account = newDeskHolding(h, titles)
		names := map[string]string{}
		if err := s.readLedger(ctx, tx, p, names); err != nil {
			return err
		}
		open, err := advisory.OpenAdjustments(ctx, tx, mayOrganise(c))
		if err != nil {
			return err
		}
		for _, j := range open {
			if j.AccountID == h.ID {
				d, err := s.deskAdjustment(ctx, tx, c, j, p.Account, names)
				if err != nil {
					return err
				}
				p.Open = append(p.Open, d)
			}
		}
		bookings, _, err := advisory.Bookings(ctx, tx, advisory.BookingFilter{Within: mayOrganise(c), AccountID: h.ID}, 0, 20)
		if err != nil {
			return err
		}
		for _, l := range bookings {
			p.Bookings = append(p.Bookings, newDeskBooking(l, titles, tx.Now))
		}
		if h.CompanyID == "" {
			return nil
		}
		if p.Invoice, err = advisory.InvoiceTo(ctx, tx, h.CompanyID); err != nil {
			return err
		}
		counts, err := company.CountsOf(ctx, tx, mayOrganise(c), []string{h.CompanyID})
		_, p.Company = counts[h.CompanyID]
		return err
	})
	if err != nil {
		return err
	}
	if invoice != nil {
		p.Invoice = *invoice
	}
	return s.render(c, code, "desk_account", p)
}

func (s *Server) readLedger(ctx context.Context, tx *store.Tx, p *deskAccountPage, names map[string]string) error {
	entries, err := advisory.Entries(ctx, tx, p.Account.ID)
	if err != nil {
		return err
	}
	sum := 0
	for _, e := range entries {
		l := deskEntry{Entry: e, At: e.At.In(deskZone()), Delta: e.Minutes}
		if e.Kind == advisory.Release {
			l.Delta = -e.Minutes
		}
		sum += l.Delta
		l.Sum = sum
		if l.Who, err = userName(ctx, tx, names, e.Actor); err != nil {
			return err
		}
		if e.SecondID != "" {
			if l.Other, err = userName(ctx, tx, names, audit.Actor{Kind: "user", ID: e.SecondID}); err != nil {
				return err
			}
		}
		p.Entries = append([]deskEntry{l}, p.Entries...)
	}
	if len(p.Entries) > ledgerShown {
		p.Entries, p.Cut = p.Entries[:ledgerShown], true
	}
	return nil
}

// adjustAccount adds or gives back minutes. More than an hour waits for another
// organiser.
func (s *Server) adjustAccount(c *gin.Context) error {
	ctx := c.Request.Context()
	var f problem.Fields
	form := adjustForm{Minutes: typedLine(c, "minutes", &f), Direction: c.PostForm("direction"), Reason: typedText(c, "reason", &f)}
	minutes, err := strconv.Atoi(withoutSpaces(form.Minutes))
	if err != nil || minutes < 0 {
		minutes = 0 // which is refused
	}
	if form.Direction != "more" {
		minutes = -minutes
	}
	waits := false
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		h, err := s.ownAccount(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		return once(ctx, tx, c, func() error {
			waits, err = advisory.AdjustHours(ctx, tx, h.ID, minutes, form.Reason, actor(c))
			return err
		})
	})
	if refusal, ok := refused(err); ok {
		return s.showAccount(c, status(refusal), form, nil, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, adviceDeskPath+"/accounts/"+c.Param("id")+"?done="+adjustDone(waits))
}

func adjustDone(waits bool) string {
	if waits {
		return "adjust_waits"
	}
	return "adjusted"
}

// setInvoiceTo keeps where a company wants its invoices.
func (s *Server) setInvoiceTo(c *gin.Context) error {
	ctx := c.Request.Context()
	var f problem.Fields
	to := advisory.InvoiceAddress{Address: typedText(c, "invoice_address", &f), Reference: typedLine(c, "invoice_reference", &f), Endpoint: typedLine(c, "invoice_endpoint", &f)}
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		h, err := s.ownAccount(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		if h.CompanyID == "" {
			return problem.ErrMissing
		}
		if err := f.Err(); err != nil {
			return err
		}
		return advisory.SetInvoiceTo(ctx, tx, h.CompanyID, to, actor(c))
	})
	if refusal, ok := refused(err); ok {
		return s.showAccount(c, status(refusal), adjustForm{Direction: "back"}, &to, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, adviceDeskPath+"/accounts/"+c.Param("id")+"?done=invoice_to_saved")
}

// deskAdjustment is one that waits for the second pair of eyes.
type deskAdjustment struct {
	advisory.Adjustment
	At      time.Time
	Who     string
	Mine    bool // asked for by whoever looks: taking it back is all they may
	Account deskHolding
}

// deskAdjustmentsPage lists all that wait.
type deskAdjustmentsPage struct {
	adviceDeskBase
	Rows []deskAdjustment
}

func (s *Server) deskAdjustment(ctx context.Context, tx *store.Tx, c *gin.Context, j advisory.Adjustment, h deskHolding, names map[string]string) (deskAdjustment, error) {
	u, _ := signedIn(c)
	d := deskAdjustment{Adjustment: j, At: j.AskedAt.In(deskZone()), Mine: j.AskedBy == u.ID, Account: h}
	var err error
	d.Who, err = userName(ctx, tx, names, audit.Actor{Kind: "user", ID: j.AskedBy})
	return d, err
}

func (s *Server) deskAdjustments(c *gin.Context) error {
	return s.showAdjustments(c, http.StatusOK, nil)
}

func (s *Server) showAdjustments(c *gin.Context, code int, refusal *problem.Problem) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p := &deskAdjustmentsPage{adviceDeskBase: adviceDeskOf(c, "hours")}
	p.Problem, p.Self = refusal, adviceDeskPath+"/adjustments"
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		open, err := advisory.OpenAdjustments(ctx, tx, mayOrganise(c))
		if err != nil {
			return err
		}
		titles, err := s.adviceTitles(ctx, tx, c, lang)
		if err != nil {
			return err
		}
		names := map[string]string{}
		for _, j := range open {
			found, err := advisory.Holdings(ctx, tx, advisory.HoldingFilter{Within: mayOrganise(c), ID: j.AccountID}, lang)
			if err != nil {
				return err
			}
			if len(found) == 0 {
				return fmt.Errorf("adjustment %s has no account", j.ID)
			}
			d, err := s.deskAdjustment(ctx, tx, c, j, newDeskHolding(found[0], titles), names)
			if err != nil {
				return err
			}
			p.Rows = append(p.Rows, d)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "desk_adjustments", p)
}

// decideAdjustment agrees to one, or refuses it.
func (s *Server) decideAdjustment(c *gin.Context) error {
	ctx := c.Request.Context()
	answer := c.PostForm("answer")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		j, err := advisory.AdjustmentByID(ctx, tx, c.Param("id"))
		if err != nil {
			return err
		}
		if _, err := s.ownAccount(ctx, tx, c, j.AccountID); err != nil {
			return err
		}
		if answer != "agree" && answer != "refuse" {
			return errMark
		}
		return advisory.DecideAdjustment(ctx, tx, j.ID, answer == "agree", actor(c))
	})
	if refusal, ok := refused(err); ok {
		return s.showAdjustments(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, adviceDeskPath+"/adjustments?done=adjust_"+map[string]string{"agree": "agreed", "refuse": "refused"}[answer])
}

// Size is how much it is, whichever way.
func (d deskAdjustment) Size() int { return max(d.Minutes, -d.Minutes) }
