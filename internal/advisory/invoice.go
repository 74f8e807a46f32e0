package advisory

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// InvoiceLine is one meeting in the invoice basis of a month, or the difference that
// a correction of an earlier one made. Amounts are öre or øre.
type InvoiceLine struct {
	BookingID       string
	MetAt           time.Time
	Zone            string
	CompanyID, Name string // empty: a person without a company, who is not invoiced
	Country, Number string
	SoleTrader      bool
	Invoice         InvoiceAddress
	Minutes         int // charged; below nought where a correction gives back
	Correction      bool
	PriceMinor      int64 // an hour
	VATPercent      int
	Amount, VAT     int64
}

// Sum is the amount with VAT.
func (l InvoiceLine) Sum() int64 { return l.Amount + l.VAT }

// InvoiceAddress is where a company wants its invoices.
type InvoiceAddress struct{ Address, Reference, Endpoint string }

// InvoiceBasis lists what a programme of advice charges companies for the month
// "2027-01": meetings whose time was entered in it, and corrections made in it, on
// the clock of the zone. Only minutes that a company used count: what was over, late
// or missed is not invoiced, nor is what costs nothing. Each meeting is rounded by
// itself, half up, and so is the VAT on it; a correction is the difference between
// both rounded amounts. A month that is over never changes.
func InvoiceBasis(ctx context.Context, tx *store.Tx, p Programme, month string, zone *time.Location) ([]InvoiceLine, error) {
	from, err := time.ParseInLocation("2006-01", month, zone)
	if err != nil {
		return nil, problem.ErrMissing
	}
	type row struct {
		InvoiceLine
		before, within int
	}
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) {
		var sole *bool
		err = r.Scan(&x.BookingID, store.Time(&x.MetAt), &x.Zone, &x.PriceMinor, &x.VATPercent, store.String(&x.CompanyID), store.String(&x.Name), store.String(&x.Country), store.String(&x.Number), &sole,
			store.String(&x.Invoice.Address), store.String(&x.Invoice.Reference), store.String(&x.Invoice.Endpoint), &x.before, &x.within)
		x.SoleTrader = sole != nil && *sole
		return x, err
	}, `SELECT b.id, b.starts_at, b.time_zone, b.price_minor, b.vat_percent, c.id, c.name, c.country, c.org_number, c.sole_trader, i.address, i.reference, i.endpoint,
			SUM(CASE WHEN e.at < ? THEN e.minutes ELSE 0 END), SUM(CASE WHEN e.at < ? THEN 0 ELSE e.minutes END)
		FROM hours_entry e JOIN booking b ON b.id = e.booking_id LEFT JOIN company c ON c.id = b.company_id LEFT JOIN company_invoice i ON i.company_id = c.id
		WHERE b.advisory_programme_id = ? AND e.kind IN ('settle', 'adjust') AND e.at < ? AND b.price_minor > 0 AND b.status = 'settled'
		GROUP BY b.id, b.starts_at, b.time_zone, b.price_minor, b.vat_percent, c.id, c.name, c.country, c.org_number, c.sole_trader, i.address, i.reference, i.endpoint
		HAVING SUM(CASE WHEN e.at < ? THEN 0 ELSE e.minutes END) <> 0
		ORDER BY COALESCE(c.name, ''), c.id, b.starts_at, b.id`,
		store.At(from), store.At(from), p.ID, store.At(from.AddDate(0, 1, 0)), store.At(from))
	lines := make([]InvoiceLine, len(rows))
	for i, x := range rows {
		l := x.InvoiceLine
		l.Minutes, l.Correction = x.within, x.before != 0
		after, before := PriceOf(x.before+x.within, l.PriceMinor), PriceOf(x.before, l.PriceMinor)
		l.Amount, l.VAT = after-before, VATOn(after, l.VATPercent)-VATOn(before, l.VATPercent)
		lines[i] = l
	}
	return lines, err
}

// InvoiceTo is where a company wants its invoices; empty when nobody has said.
func InvoiceTo(ctx context.Context, tx *store.Tx, companyID string) (InvoiceAddress, error) {
	found, err := store.All(ctx, tx, func(r store.Row) (a InvoiceAddress, err error) {
		return a, r.Scan(&a.Address, &a.Reference, &a.Endpoint)
	},
		`SELECT address, reference, endpoint FROM company_invoice WHERE company_id = ?`, companyID)
	if err != nil || len(found) == 0 {
		return InvoiceAddress{}, err
	}
	return found[0], nil
}

// SetInvoiceTo keeps where a company wants its invoices.
func SetInvoiceTo(ctx context.Context, tx *store.Tx, companyID string, a InvoiceAddress, by audit.Actor) error {
	var f problem.Fields
	for _, x := range []struct {
		field, text string
		most        int
	}{{"invoice_address", a.Address, 1000}, {"invoice_reference", a.Reference, 200}, {"invoice_endpoint", a.Endpoint, 100}} {
		if locale.Deceptive(x.text, x.field == "invoice_address") {
			f.Add(x.field, "characters")
		} else if utf8.RuneCountInString(x.text) > x.most {
			f.Add(x.field, "too_long", "most", x.most)
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	_, err := store.Exec(ctx, tx, `
		INSERT INTO company_invoice (company_id, address, reference, endpoint) VALUES (?, ?, ?, ?)
		ON CONFLICT (company_id) DO UPDATE SET address = excluded.address, reference = excluded.reference, endpoint = excluded.endpoint`,
		companyID, strings.TrimSpace(a.Address), strings.TrimSpace(a.Reference), strings.TrimSpace(a.Endpoint))
	if err != nil {
		return fmt.Errorf("set invoice address: %w", err)
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, Action: "company.invoice_address", ObjectKind: "company", ObjectID: companyID})
}
