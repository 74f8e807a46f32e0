package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// deskBookingsPage lists bookings as the address asks.
type deskBookingsPage struct {
	adviceDeskBase
	Filter     deskBookingsFilter
	Filtered   bool
	Rows       []deskBooking
	Paging     paging
	Statuses   []option
	Programmes []option
	Advisers   []option
}

type deskBookingsFilter struct{ Text, Status, Programme, Adviser, From, To string }

// deskBooking is one booking, ready to print.
type deskBooking struct {
	advisory.Listed
	Start, End           time.Time // on the booking's clock; zero: no time yet
	Asked                time.Time // when it was made
	Color                string
	Stands               string // its status, or unsettled: it has been, and the time is not entered
	Title, TitleLanguage string // of the programme of advice
}

// Over is how much longer it took than there were hours for, in minutes.
func (b deskBooking) Over() int {
	if b.OverMinutes == nil {
		return 0
	}
	return *b.OverMinutes
}

// bookingsShown is how many bookings a page of the list has.
const bookingsShown = 50

var deskBookingStatuses = []string{"requested", "waiting", "confirmed", "unsettled", "settled", "missed", "late_cancelled", "cancelled", "declined", "lapsed"}

func newDeskBooking(l advisory.Listed, titles map[string]adviceTitle, now time.Time) deskBooking {
	t := titles[l.AdvisoryProgrammeID]
	b := deskBooking{Listed: l, Asked: l.CreatedAt.In(deskZone()), Color: bookingColor(l.Status), Stands: string(l.Status), Title: t.Title, TitleLanguage: t.Language}
	if !l.StartsAt.IsZero() {
		b.Start, b.End = l.StartsAt.In(l.Location()), l.EndsAt.In(l.Location())
	}
	if l.Status == advisory.Held || l.Status == advisory.Confirmed && l.EndsAt.Before(now) {
		b.Stands, b.Color = "unsettled", "warning"
	}
	return b
}

func (s *Server) deskBookings(c *gin.Context) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p := &deskBookingsPage{adviceDeskBase: adviceDeskOf(c, "bookings")}
	p.Filter = deskBookingsFilter{cut(strings.TrimSpace(c.Query("q")), longestSearch), c.Query("status"), c.Query("programme"), c.Query("adviser"), c.Query("from"), c.Query("to")}
	p.Filtered = p.Filter != deskBookingsFilter{}
	f := advisory.BookingFilter{Within: mayOrganise(c), AdvisoryProgrammeID: p.Filter.Programme, AdviserID: p.Filter.Adviser, Status: p.Filter.Status, Text: p.Filter.Text}
	if day, err := time.ParseInLocation(time.DateOnly, p.Filter.From, deskZone()); err == nil {
		f.From = day
	}
	if day, err := time.ParseInLocation(time.DateOnly, p.Filter.To, deskZone()); err == nil {
		f.To = day.AddDate(0, 0, 1)
	}
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		n, _ := strconv.Atoi(c.Query("page"))
		list, total, err := advisory.Bookings(ctx, tx, f, (max(n, 1)-1)*bookingsShown, bookingsShown)
		if err != nil {
			return err
		}
		query := c.Request.URL.Query()
		if query.Get("page") == everything {
			query.Del("page")
		}
		p.Paging = newPaging(adviceDeskPath+"/bookings", query, total, bookingsShown)
		if len(list) == 0 && total > 0 { // a page behind the last
			if list, _, err = advisory.Bookings(ctx, tx, f, p.Paging.From, bookingsShown); err != nil {
				return err
			}
		}
		titles, err := s.adviceTitles(ctx, tx, c, lang)
		if err != nil {
			return err
		}
		for _, l := range list {
			p.Rows = append(p.Rows, newDeskBooking(l, titles, tx.Now))
		}
		if p.Programmes, err = s.adviceOptions(ctx, tx, c, p.Filter.Programme); err != nil {
			return err
		}
		p.Advisers, err = s.adviserChoices(ctx, tx, c, p.Filter.Adviser)
		return err
	})
	if err != nil {
		return err
	}
	if p.Statuses, err = s.optionsOf(lang, "advicedesk.status.", deskBookingStatuses, []string{p.Filter.Status}); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "desk_bookings", p)
}

// adviserChoices are the choices of an adviser among one's own.
func (s *Server) adviserChoices(ctx context.Context, tx *store.Tx, c *gin.Context, chosen string) (options []option, err error) {
	found, err := advisory.AdvisersWithin(ctx, tx, mayOrganise(c))
	for _, a := range found {
		options = append(options, option{Value: a.ID, Label: a.Name, Chosen: a.ID == chosen})
	}
	return options, err
}

// deskBookingPage is one booking with everything about it.
type deskBookingPage struct {
	adviceDeskBase
	Booking  deskBooking
	Advice   advisory.Programme
	Account  deskHolding
	Known    bool // there is an account to show
	Answers  []advisory.Answer
	Private  string
	Entries  []deskEntry
	History  []auditLine
	Letters  []message.Message
	Advisers []option
	Pending  *deskAdjustment
	May      deskDeeds
	Form     deskBookingForm
	Open     string // the deed whose form is open
}

// deskDeeds is what an organiser may do with a booking now.
type deskDeeds struct{ Confirm, Decline, Move, Cancel, Correct, Propose bool }

func (d deskDeeds) Any() bool { return d != deskDeeds{} }

// deskBookingForm is what was typed about one of the deeds.
type deskBookingForm struct{ Decline, Cancel, Date, Clock, Minutes, Adviser, Took, Reason string }

// deskOwnBooking finds a booking in a programme of one's own, or problem.ErrMissing.
func (s *Server) deskOwnBooking(ctx context.Context, tx *store.Tx, c *gin.Context, id string) (advisory.Listed, advisory.Programme, error) {
	l, err := advisory.ListedByID(ctx, tx, id)
	if err != nil {
		return advisory.Listed{}, advisory.Programme{}, err
	}
	p, err := advisory.ProgrammeByID(ctx, tx, l.AdvisoryProgrammeID)
	if err != nil {
		return advisory.Listed{}, advisory.Programme{}, err
	}
	if !organises(c, p.ProgrammeID) {
		return advisory.Listed{}, advisory.Programme{}, s.foreign(c, "booking", id)
	}
	return l, p, nil
}

func (s *Server) deskBooking(c *gin.Context) error {
	err := s.showDeskBooking(c, http.StatusOK, "", nil, nil)
	if err != nil {
		return err
	}
	return s.noteOnce(c, audit.Entry{Actor: actor(c), Action: "booking.read", ObjectKind: "booking", ObjectID: c.Param("id")})
}

func (s *Server) showDeskBooking(c *gin.Context, code int, open string, form *deskBookingForm, refusal *problem.Problem) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p := &deskBookingPage{adviceDeskBase: adviceDeskOf(c, "bookings"), Open: open}
	p.Problem, p.Self = refusal, adviceDeskPath+"/bookings/"+c.Param("id")
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		l, a, err := s.deskOwnBooking(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		titles, err := s.adviceTitles(ctx, tx, c, lang)
		if err != nil {
			return err
		}
		p.Booking, p.Advice = newDeskBooking(l, titles, tx.Now), a
		return s.readDeskBooking(ctx, tx, c, p, titles)
	})
	if err != nil {
		return err
	}
	b := p.Booking
	now := s.DB.Now()
	ahead := b.StartsAt.After(now)
	p.May = deskDeeds{
		Confirm: b.Status == advisory.Requested, Decline: b.Status == advisory.Requested || b.Status == advisory.Waiting, Propose: b.Status == advisory.Waiting,
		Move:    (b.Status == advisory.Requested || b.Status == advisory.Confirmed) && ahead,
		Cancel:  b.Status == advisory.Requested || b.Status == advisory.Waiting || b.Status == advisory.Confirmed && ahead,
		Correct: b.Status == advisory.Settled && p.Pending == nil,
	}
	p.Form = deskBookingForm{Minutes: strconv.Itoa(b.Minutes), Adviser: b.AdviserID}
	if !b.Start.IsZero() {
		p.Form.Date, p.Form.Clock = b.Start.Format(time.DateOnly), b.Start.Format("15:04")
	}
	if b.ActualMinutes != nil {
		p.Form.Took = strconv.Itoa(*b.ActualMinutes)
	}
	if form != nil {
		p.Form = *form
	}
	return s.render(c, code, "desk_booking", p)
}

// readDeskBooking reads what belongs to a booking.
func (s *Server) readDeskBooking(ctx context.Context, tx *store.Tx, c *gin.Context, p *deskBookingPage, titles map[string]adviceTitle) error {
	b := p.Booking
	found, err := advisory.Holdings(ctx, tx, advisory.HoldingFilter{Within: mayOrganise(c), ID: b.AccountID}, s.language(c))
	if err != nil {
		return err
	}
	if p.Known = len(found) > 0; p.Known {
		p.Account = newDeskHolding(found[0], titles)
	}
	if p.Answers, err = advisory.AnswersOf(ctx, tx, b.ID); err != nil {
		return err
	}
	if p.Private, err = advisory.PrivateNote(ctx, tx, b.ID); err != nil {
		return err
	}
	names := map[string]string{}
	entries, err := advisory.Entries(ctx, tx, b.AccountID)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.BookingID != b.ID {
			continue
		}
		l := deskEntry{Entry: e, At: e.At.In(deskZone()), Delta: e.Minutes}
		if e.Kind == advisory.Release {
			l.Delta = -e.Minutes
		}
		if l.Who, err = userName(ctx, tx, names, e.Actor); err != nil {
			return err
		}
		p.Entries = append(p.Entries, l)
	}
	open, err := advisory.OpenAdjustments(ctx, tx, mayOrganise(c))
	if err != nil {
		return err
	}
	for _, j := range open {
		if j.BookingID == b.ID {
			d, err := s.deskAdjustment(ctx, tx, c, j, p.Account, names)
			if err != nil {
				return err
			}
			p.Pending = &d
		}
	}
	if p.History, err = s.deskHistory(ctx, tx, "booking", b.ID, names); err != nil {
		return err
	}
	if p.Letters, err = message.OfBooking(ctx, tx, b.ID); err != nil {
		return err
	}
	advisers, err := advisory.AdvisersOf(ctx, tx, p.Advice.ID)
	for _, a := range advisers {
		p.Advisers = append(p.Advisers, option{Value: a.ID, Label: a.Name, Chosen: a.ID == b.AdviserID})
	}
	return err
}

// deskHistory tells what was done to one thing, the newest first; that it was read is
// left out.
func (s *Server) deskHistory(ctx context.Context, tx *store.Tx, kind, id string, names map[string]string) (lines []auditLine, err error) {
	entries, err := audit.Of(ctx, tx, kind, id)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Action, ".read") {
			continue
		}
		l := auditLine{At: e.At.In(deskZone()), Actor: e.Actor.Kind, Action: auditKey(e.Action), Reason: e.Reason}
		if _, err := s.Texts.Text(locale.EN, "admin.audit."+l.Action); err != nil {
			l.Action = "other"
		}
		if l.Who, err = userName(ctx, tx, names, e.Actor); err != nil {
			return nil, err
		}
		lines = append([]auditLine{l}, lines...)
	}
	return lines, nil
}

// onDeskBooking runs one deed on a booking of one's own and leads back to its page,
// which also shows what refuses it, with what was typed.
func (s *Server) onDeskBooking(c *gin.Context, open, done string, form deskBookingForm, deed func(context.Context, *store.Tx, advisory.Listed) error) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		l, _, err := s.deskOwnBooking(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		return deed(ctx, tx, l)
	})
	if refusal, ok := refused(err); ok {
		return s.showDeskBooking(c, status(refusal), open, &form, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, adviceDeskPath+"/bookings/"+c.Param("id")+"?done="+done)
}

func (s *Server) deskConfirm(c *gin.Context) error {
	return s.onDeskBooking(c, "", "meeting_confirmed", deskBookingForm{}, func(ctx context.Context, tx *store.Tx, l advisory.Listed) error {
		_, err := advisory.Confirm(ctx, tx, l.ID, actor(c))
		return err
	})
}

func (s *Server) deskDecline(c *gin.Context) error {
	var f problem.Fields
	form := deskBookingForm{Decline: reasonTyped(c, "decline_reason", &f)}
	return s.onDeskBooking(c, "decline", "meeting_declined", form, func(ctx context.Context, tx *store.Tx, l advisory.Listed) error {
		if err := f.Err(); err != nil {
			return err
		}
		_, err := advisory.Decline(ctx, tx, l.ID, form.Decline, actor(c))
		return err
	})
}

func (s *Server) deskCancel(c *gin.Context) error {
	var f problem.Fields
	form := deskBookingForm{Cancel: reasonTyped(c, "cancel_reason", &f)}
	return s.onDeskBooking(c, "cancel", "meeting_cancelled", form, func(ctx context.Context, tx *store.Tx, l advisory.Listed) error {
		if err := f.Err(); err != nil {
			return err
		}
		_, err := advisory.Cancel(ctx, tx, l.ID, form.Cancel, false, actor(c))
		return err
	})
}

// reasonTyped is a reason that must be there, since the company reads it.
func reasonTyped(c *gin.Context, name string, f *problem.Fields) string {
	reason := typedText(c, name, f)
	if reason == "" {
		f.Add(name, "required")
	}
	if len([]rune(reason)) > 4000 {
		f.Add(name, "too_long", "most", 4000)
	}
	return reason
}

func (s *Server) deskMove(c *gin.Context) error {
	var f problem.Fields
	form := deskBookingForm{Date: typedLine(c, "date", &f), Clock: typedLine(c, "clock", &f), Minutes: typedLine(c, "minutes", &f), Adviser: c.PostForm("adviser")}
	return s.onDeskBooking(c, "move", "meeting_moved", form, func(ctx context.Context, tx *store.Tx, l advisory.Listed) error {
		at, code := localInstant(form.Date, form.Clock, l.Location())
		if code != "" {
			f.Add("date", code)
		}
		minutes, err := strconv.Atoi(withoutSpaces(form.Minutes))
		if err != nil || minutes < 5 || minutes > 480 {
			f.Add("minutes", "between", "least", 5, "most", 480)
		}
		if err := f.Err(); err != nil {
			return err
		}
		_, err = advisory.Reschedule(ctx, tx, l.ID, at, minutes, form.Adviser, true, actor(c))
		return atField(err, "starts_at", "date")
	})
}

func (s *Server) deskCorrect(c *gin.Context) error {
	var f problem.Fields
	form := deskBookingForm{Took: typedLine(c, "took", &f), Reason: typedText(c, "reason", &f)}
	ctx, waits := c.Request.Context(), false
	minutes, err := strconv.Atoi(withoutSpaces(form.Took))
	if err != nil {
		minutes = -1 // which is refused
	}
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		l, _, err := s.deskOwnBooking(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		waits, err = advisory.Correct(ctx, tx, l.ID, minutes, form.Reason, actor(c))
		return err
	})
	if refusal, ok := refused(err); ok {
		for i, x := range refusal.Fields {
			if x.Name == "minutes" {
				refusal.Fields[i].Name = "took"
			}
		}
		return s.showDeskBooking(c, status(refusal), "correct", &form, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, adviceDeskPath+"/bookings/"+c.Param("id")+"?done="+map[bool]string{false: "meeting_corrected", true: "adjust_waits"}[waits])
}

// invoicePage is what a month's meetings cost the companies.
type invoicePage struct {
	adviceDeskBase
	Advice          deskAdvice
	Month           time.Time
	Next, Previous  string
	Running         bool // the month is not over: more may come
	Rows            []invoiceRow
	Nobody          int // meetings of people without a company, who are not invoiced
	Minutes         int
	Amount, VAT, To int64
}

// invoiceRow is one line, ready to print.
type invoiceRow struct {
	advisory.InvoiceLine
	Met   time.Time
	Shown string
}

// readInvoice reads the basis of the month that the address asks for, or of the
// last that is over.
func (s *Server) readInvoice(c *gin.Context) (*invoicePage, error) {
	ctx, lang := c.Request.Context(), s.language(c)
	p := &invoicePage{adviceDeskBase: adviceDeskOf(c, "programmes")}
	now := s.DB.Now().In(deskZone())
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, deskZone())
	p.Month = first.AddDate(0, -1, 0)
	if asked, err := time.ParseInLocation("2006-01", c.Query("month"), deskZone()); err == nil && asked.Year() > 2000 && asked.Year() < 2200 {
		p.Month = asked
	}
	p.Running = !p.Month.Before(first)
	month := p.Month.Format("2006-01")
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		a, err := s.ownAdvice(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		p.Advice = newDeskAdvice(a, advisory.Counts{}, lang)
		lines, err := advisory.InvoiceBasis(ctx, tx, a, month, deskZone())
		for _, l := range lines {
			if l.CompanyID == "" {
				p.Nobody++
				continue
			}
			p.Rows = append(p.Rows, invoiceRow{l, l.MetAt.In(deskZone()), shownNumber(l)})
			p.Minutes, p.Amount, p.VAT, p.To = p.Minutes+l.Minutes, p.Amount+l.Amount, p.VAT+l.VAT, p.To+l.Sum()
		}
		return err
	})
	path := adviceDeskPath + "/programmes/" + c.Param("id") + "/invoice?month="
	p.Previous, p.Self = path+p.Month.AddDate(0, -1, 0).Format("2006-01"), path+month
	if !p.Running {
		p.Next = path + p.Month.AddDate(0, 1, 0).Format("2006-01")
	}
	return p, err
}

func (s *Server) invoiceBasis(c *gin.Context) error {
	p, err := s.readInvoice(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "desk_invoice", p)
}

// invoiceCSV is the same as a file, one line for each meeting. It has a sole
// trader's number, which an invoice needs; that it was made is noted.
func (s *Server) invoiceCSV(c *gin.Context) error {
	p, err := s.readInvoice(c)
	if err != nil {
		return err
	}
	lang := s.language(c)
	var b strings.Builder
	b.WriteString(byteOrderMark)
	heads, err := s.texts(lang, "advicedesk.csv.company", "register.org_number", "register.country", "advicedesk.invoice.address", "advicedesk.invoice.reference", "advicedesk.invoice.endpoint",
		"advicedesk.csv.programme", "advicedesk.csv.meeting", "advicedesk.csv.day", "advicedesk.csv.minutes", "advicedesk.csv.price", "advicedesk.csv.amount", "advicedesk.csv.vat_percent", "advicedesk.csv.vat", "advicedesk.csv.sum", "advicedesk.csv.currency", "advicedesk.csv.note")
	if err != nil {
		return err
	}
	correction, err := s.Texts.Text(lang, "advicedesk.invoice.correction")
	if err != nil {
		return err
	}
	writeRecord(&b, heads)
	for _, l := range p.Rows {
		note := ""
		if l.Correction {
			note = correction
		}
		writeNumbers(&b, []string{l.Name, l.Number, l.Country, l.Invoice.Address, l.Invoice.Reference, l.Invoice.Endpoint, p.Advice.Title, l.BookingID, l.Met.Format(time.DateOnly),
			strconv.Itoa(l.Minutes), decimals(l.PriceMinor), decimals(l.Amount), strconv.Itoa(p.Advice.VATPercent), decimals(l.VAT), decimals(l.Sum()), p.Advice.Currency, note})
	}
	return s.sendFile(c, "invoice", p.Advice.ID, len(p.Rows), "advicedesk.csv.invoice_file", "csv", []byte(b.String()))
}

// decimals writes an amount for a spreadsheet: "1250,00".
func decimals(minor int64) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return sign + strconv.FormatInt(minor/100, 10) + "," + strconv.FormatInt(100+minor%100, 10)[1:]
}

// writeNumbers adds a line in which whole and decimal numbers below nought stay
// numbers: they cannot be formulas.
func writeNumbers(b *strings.Builder, cells []string) {
	var line strings.Builder
	writeRecord(&line, cells)
	text := line.String()
	for _, cell := range cells {
		if strings.HasPrefix(cell, "-") && strings.Trim(cell[1:], "0123456789,") == "" {
			text = strings.Replace(text, `"'`+cell+`"`, `"`+cell+`"`, 1)
		}
	}
	b.WriteString(text)
}

func shownNumber(l advisory.InvoiceLine) string {
	return newDeskHolding(advisory.Holding{Account: advisory.Account{Holder: advisory.Holder{CompanyID: l.CompanyID}}, Country: l.Country, Number: l.Number, SoleTrader: l.SoleTrader}, nil).Shown
}
