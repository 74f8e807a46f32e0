package application

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// Paper is a decision as it is written to the applicant, in words and ready to
// print.
type Paper struct {
	Language string
	Brand    string // who decides
	Heading  string
	Title    string // of the project
	Facts    []PaperFact
	Parts    []PaperPart
	Signed   []string // who decided, and when
	Number   string
	At       time.Time // of the decision
}

// PaperFact is one fact with its label.
type PaperFact struct{ Label, Value string }

// PaperPart is some words under a heading.
type PaperPart struct{ Heading, Words string }

var notInNames = regexp.MustCompile(`[^0-9A-Za-z-]+`)

// FileName is the name of the file, without its ending.
func (p Paper) FileName() string { return notInNames.ReplaceAllString("decision-"+p.Number, "-") }

// The sheet, in millimetres.
const (
	sheetMargin = 25.0
	labelWidth  = 48.0
	textWidth   = 210 - 2*sheetMargin
	lineHigh    = 5.6
)

// PDF prints the paper on A4. The file is the same for the same paper and moment. A
// sign that the typeface lacks is printed as a question mark.
func (p Paper) PDF(made time.Time) ([]byte, error) {
	font, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("read typeface: %w", err)
	}
	var known sfnt.Buffer
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r == '\n' {
				return r
			}
			if g, err := font.GlyphIndex(&known, r); err != nil || g == 0 {
				return '?'
			}
			return r
		}, norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n")))
	}
	d := fpdf.New("P", "mm", "A4", "")
	d.SetCatalogSort(true)
	d.SetLang(p.Language)
	d.SetTitle(p.Heading+": "+p.Title, true)
	d.SetAuthor(p.Brand, true)
	d.SetCreator("Stafett", true)
	d.SetCreationDate(made)
	d.SetModificationDate(made)
	d.SetMargins(sheetMargin, sheetMargin, sheetMargin)
	d.SetAutoPageBreak(true, sheetMargin)
	d.AddUTF8FontFromBytes("go", "", goregular.TTF)
	d.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	d.AddPage()
	write := func(weight string, size, high float64, text string) {
		d.SetFont("go", weight, size)
		d.MultiCell(textWidth, high, plain(text), "", "L", false)
	}
	write("B", 11, lineHigh, p.Brand)
	d.Ln(12)
	write("B", 20, 9, p.Heading)
	d.Ln(2)
	write("B", 13, 6.5, p.Title)
	d.Ln(5)
	for _, f := range p.Facts {
		top, page := d.GetY(), d.PageNo()
		d.SetFont("go", "", 10.5)
		d.MultiCell(labelWidth, lineHigh, plain(f.Label), "", "L", false)
		labelEnd := d.GetY()
		if d.PageNo() == page {
			d.SetXY(sheetMargin+labelWidth, top)
		}
		d.SetFont("go", "B", 10.5)
		d.SetLeftMargin(sheetMargin + labelWidth)
		d.MultiCell(textWidth-labelWidth, lineHigh, plain(f.Value), "", "L", false)
		d.SetLeftMargin(sheetMargin)
		d.SetXY(sheetMargin, max(labelEnd, d.GetY())+1)
	}
	for _, part := range p.Parts {
		d.Ln(4)
		write("B", 11.5, lineHigh, part.Heading)
		d.Ln(1)
		write("", 10.5, lineHigh, part.Words)
	}
	d.Ln(10)
	for _, line := range p.Signed {
		write("", 10.5, lineHigh, line)
	}
	var out bytes.Buffer
	if err := d.Output(&out); err != nil {
		return nil, fmt.Errorf("print a decision: %w", err)
	}
	return out.Bytes(), nil
}
