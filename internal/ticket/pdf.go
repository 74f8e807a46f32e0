package ticket

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/registration"
)

// For reports whether somebody has a ticket to show: a place in a room, at an
// event that has a date and is not over.
func For(r registration.Registration, ev event.Event, now time.Time) bool {
	return r.Mode == event.Room && (r.Status == registration.Confirmed || r.Status == registration.Attended) &&
		ev.Status == event.Published && now.Before(ev.EndsAt)
}

// Ticket is everything that the PDF says, in the words of the person's language.
type Ticket struct {
	Language  string // sv, nb, nn or en
	Programme string
	Heading   string
	Event     string
	Labels    struct{ Time, Place, Name string }
	Time      string
	Place     string
	Name      string
	Show      string // asks to show the code at the door
	Code      string
	Made      time.Time // the PDF's own date: the same ticket gives the same bytes
}

// New writes the ticket of a registration, in words that the caller finds by
// their keys.
func New(words func(key string) string, places *municipality.Register, lang locale.Language, programme string, r registration.Registration, ev event.Event, code string, made time.Time) Ticket {
	loc := ev.Location()
	t := Ticket{
		Language: string(lang), Programme: programme, Event: ev.Title, Name: r.Name(), Code: code, Made: made,
		Time: locale.RangeTitle(lang, ev.StartsAt.In(loc), ev.EndsAt.In(loc)), Place: Where(places, ev),
		Heading: words("checkin.ticket.heading"), Show: words("checkin.ticket.show"),
	}
	t.Labels.Time, t.Labels.Place, t.Labels.Name = words("checkin.ticket.time"), words("checkin.ticket.place"), words("checkin.ticket.name")
	return t
}

// Where is the place of an event in a room, from the house to the municipality.
func Where(places *municipality.Register, ev event.Event) string {
	var parts []string
	for _, part := range []string{ev.VenueName, ev.VenueAddress} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if m, ok := places.Find(ev.Municipality); ok {
		parts = append(parts, m.Name)
	}
	return strings.Join(parts, ", ")
}

// Sizes on the page, in millimetres.
const (
	margin  = 20
	column  = 210 - 2*margin
	qrWidth = 70
)

// PDF draws the ticket on one A4 page, whose QR code can be read from paper and
// from a phone's screen.
func (t Ticket) PDF() ([]byte, error) {
	f, err := t.draw()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := f.Output(&out); err != nil {
		return nil, fmt.Errorf("write ticket: %w", err)
	}
	return out.Bytes(), nil
}

func (t Ticket) draw() (*fpdf.Fpdf, error) {
	rows, err := modules(Text(t.Code))
	if err != nil {
		return nil, err
	}
	f := fpdf.New("P", "mm", "A4", "")
	f.SetCatalogSort(true) // else fonts stand in an order that changes
	f.SetCreationDate(t.Made.UTC())
	f.SetModificationDate(t.Made.UTC())
	f.SetTitle(t.Heading+": "+t.Event, true)
	f.SetLang(t.Language)
	f.AddUTF8FontFromBytes("Go", "", goregular.TTF)
	f.AddUTF8FontFromBytes("Go", "B", gobold.TTF)
	f.SetMargins(margin, margin, margin)
	f.SetAutoPageBreak(false, margin)
	f.AddPage()
	write := func(style string, size float64, text string) {
		f.SetFont("Go", style, size)
		f.MultiCell(column, size*0.5, printable(text), "", "L", false)
	}
	write("", 11, t.Programme)
	f.Ln(3)
	write("B", 22, t.Heading)
	f.Ln(2)
	write("B", 15, t.Event)
	for _, line := range [][2]string{{t.Labels.Time, t.Time}, {t.Labels.Place, t.Place}, {t.Labels.Name, t.Name}} {
		f.Ln(4)
		write("", 10, line[0])
		write("B", 13, line[1])
	}
	f.Ln(8)
	drawModules(f, rows, f.GetY())
	f.SetY(f.GetY() + qrWidth + 6)
	write("", 12, t.Show)
	return f, nil
}

// drawModules draws dark runs as rectangles; the paper is the white margin.
func drawModules(f *fpdf.Fpdf, rows [][]bool, top float64) {
	side := float64(qrWidth) / float64(len(rows))
	f.SetFillColor(0, 0, 0)
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				f.Rect(margin+float64(from)*side, top+float64(y)*side, float64(x-from)*side, side, "F")
			}
		}
	}
}

// printable leaves out what the fonts cannot draw and the writer of the PDF does
// not take: characters beyond the first plane, as emoji are.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r > 0xFFFF:
			return -1
		case r == '\u00a0' || r == '\u202f':
			return ' '
		}
		return r
	}, s)
}
