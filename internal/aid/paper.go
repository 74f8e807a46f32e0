package aid

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// Paper is the notice of a grant in words, for the company to keep.
type Paper struct {
	Language, Brand, Heading, Lead string
	Facts                          []PaperFact
	Closing                        string
}

// PaperFact is a word and what it is answered with.
type PaperFact struct{ Label, Value string }

// The sheet is an A4 page, in millimetres.
const (
	paperLeft, paperWidth   = 25.0, 160.0
	paperLabel, paperGap    = 55.0, 5.0
	paperTop, paperLeading  = 28.0, 1.35
	millimetres             = 25.4 / 72
	paperQuiet, paperStrong = 84, 28 // shades of ink
)

// PDF prints the paper on as many pages as it needs. The file is the same for the same
// paper and day. A sign that the typeface lacks is a question mark: the notice has to
// go, whatever a company is called.
func (p Paper) PDF(made time.Time) ([]byte, error) {
	font, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("read typeface: %w", err)
	}
	d := fpdf.New("P", "mm", "A4", "")
	d.SetCatalogSort(true)
	d.SetCreationDate(made)
	d.SetModificationDate(made)
	d.SetLang(p.Language)
	d.SetTitle(p.Heading, true)
	d.SetAuthor(p.Brand, true)
	d.SetCreator("Stafett", true)
	d.SetMargins(paperLeft, paperTop, 210-paperLeft-paperWidth)
	d.SetAutoPageBreak(true, 20)
	d.AddUTF8FontFromBytes("go", "", goregular.TTF)
	d.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	d.AddPage()
	s := sheet{d, font}
	s.text("B", 11, paperQuiet, p.Brand, 4)
	s.text("B", 20, paperStrong, p.Heading, 4)
	s.text("", 11, paperStrong, p.Lead, 6)
	for _, f := range p.Facts {
		s.fact(f)
	}
	d.Ln(4)
	s.text("", 11, paperStrong, p.Closing, 0)
	var out bytes.Buffer
	if err := d.Output(&out); err != nil {
		return nil, fmt.Errorf("print a notice of aid: %w", err)
	}
	return out.Bytes(), nil
}

type sheet struct {
	*fpdf.Fpdf
	font *sfnt.Font
}

func (s sheet) text(weight string, size float64, shade int, text string, after float64) {
	s.SetFont("go", weight, size)
	s.SetTextColor(shade, shade, shade)
	s.MultiCell(paperWidth, size*millimetres*paperLeading, s.printable(text), "", "L", false)
	s.Ln(after)
}

// fact sets a label and its value beside each other.
func (s sheet) fact(f PaperFact) {
	const size = 10.5
	high := size * millimetres * paperLeading
	s.SetFont("go", "", size)
	rows := s.SplitText(s.printable(f.Value), paperWidth-paperLabel-paperGap)
	if s.GetY()+float64(len(rows))*high > 275 {
		s.AddPage()
	}
	y := s.GetY()
	s.SetTextColor(paperQuiet, paperQuiet, paperQuiet)
	s.MultiCell(paperLabel, high, s.printable(f.Label), "", "L", false)
	end := s.GetY()
	s.SetXY(paperLeft+paperLabel+paperGap, y)
	s.SetTextColor(paperStrong, paperStrong, paperStrong)
	s.MultiCell(paperWidth-paperLabel-paperGap, high, s.printable(f.Value), "", "L", false)
	s.SetXY(paperLeft, max(end, s.GetY())+2)
}

func (s sheet) printable(text string) string {
	var buf sfnt.Buffer
	return strings.Map(func(r rune) rune {
		if r == '\u00a0' || r == '\u202f' {
			return ' '
		}
		if g, err := s.font.GlyphIndex(&buf, r); r != '\n' && (err != nil || g == 0) {
			return '?'
		}
		return r
	}, norm.NFC.String(text))
}
