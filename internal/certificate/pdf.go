package certificate

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// The sheet is an A4 page that lies, in millimetres.
const (
	sheetWidth, sheetHeight = 297.0, 210.0
	marginLeft, marginRight = 38.0, 30.0
	textWidth               = sheetWidth - marginLeft - marginRight
	top, bodyEnd, footTop   = 28.0, 170.0, 176.0
	bandWidth               = 9.0
	leastScale              = 0.4
)

// color is red, green and blue.
type color struct{ r, g, b int }

var (
	ink   = color{28, 32, 38}
	quiet = color{84, 91, 102}
	deep  = color{0, 70, 135}
	line  = color{205, 210, 216}
)

// style is how a run of text looks.
type style struct {
	bold  bool
	size  float64 // points
	color color
}

// ErrSigns says that the typeface lacks signs that the paper has, as emoji or
// Chinese ones.
var ErrSigns = errors.New("the typeface lacks signs of the certificate")

// PDF prints a paper on one page. The file is the same for the same paper and
// moment; made is when the certificate was issued. The error is ErrSigns for a
// paper that is not Printable.
func (p Paper) PDF(made time.Time) ([]byte, error) {
	if ok, err := p.Printable(); err != nil || !ok {
		return nil, cmp.Or(err, ErrSigns)
	}
	s := p.print(made)
	var out bytes.Buffer
	if err := s.Output(&out); err != nil {
		return nil, fmt.Errorf("print certificate: %w", err)
	}
	return out.Bytes(), nil
}

// print draws the page.
func (p Paper) print(made time.Time) *sheet {
	s := newSheet(p)
	s.SetCreationDate(made)
	s.SetModificationDate(made)
	s.ornament()
	s.scale, _ = p.layOut(s)
	s.draw = true
	s.body(p)
	s.foot(p)
	return s
}

// Printable reports whether the typeface has every sign of the paper.
func (p Paper) Printable() (bool, error) {
	font, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return false, fmt.Errorf("read typeface: %w", err)
	}
	texts := []string{p.Brand, p.Name, p.Title}
	for _, f := range slices.Concat(p.Facts, p.Occasions) {
		texts = append(texts, f.Value)
	}
	var buf sfnt.Buffer
	for _, r := range plain(strings.Join(texts, "")) {
		glyph, err := font.GlyphIndex(&buf, r)
		if err != nil {
			return false, fmt.Errorf("look up %q: %w", r, err)
		}
		if glyph == 0 {
			return false, nil
		}
	}
	return true, nil
}

// sheet is the page while it is drawn, or only measured.
type sheet struct {
	*fpdf.Fpdf
	scale   float64
	draw    bool
	printed []string // the lines as they were drawn
}

func newSheet(p Paper) *sheet {
	d := fpdf.New("L", "mm", "A4", "")
	d.SetCatalogSort(true)
	d.SetLang(string(p.Language))
	d.SetTitle(p.Heading+": "+p.Title, true)
	d.SetAuthor(p.Brand, true)
	d.SetCreator("Stafett", true)
	d.SetAutoPageBreak(false, 0)
	d.AddUTF8FontFromBytes("go", "", goregular.TTF)
	d.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	d.AddPage()
	return &sheet{Fpdf: d}
}

// layOut finds the largest scale, from 1 down, at which the text leaves room for
// the foot, and where it ends then.
func (p Paper) layOut(s *sheet) (scale, ends float64) {
	s.draw = false
	for s.scale = 1; ; s.scale *= 0.96 {
		if ends = s.body(p); ends <= bodyEnd || s.scale < leastScale {
			return s.scale, ends
		}
	}
}

// ornament is the band along the left edge.
func (s *sheet) ornament() {
	s.SetFillColor(deep.r, deep.g, deep.b)
	s.Rect(0, 0, bandWidth, sheetHeight, "F")
}

// body sets all above the foot and returns where it ends.
func (s *sheet) body(p Paper) float64 {
	k := s.scale
	y := s.text(top, p.Brand, style{true, 11 * k, deep})
	y = s.text(y+9*k, p.Heading, style{true, 30 * k, ink})
	y = s.text(y+9*k, p.Lead, style{false, 12 * k, quiet})
	y = s.text(y+2.5*k, p.Name, style{true, 24 * k, ink})
	y = s.text(y+4.5*k, p.Took, style{false, 12 * k, quiet})
	y = s.text(y+2.5*k, p.Title, style{true, 16 * k, ink})
	y = s.facts(y+10*k, p.Facts)
	if len(p.Occasions) == 0 {
		return y
	}
	y = s.text(y+6*k, p.Heads, style{true, 11 * k, ink})
	return s.occasions(y+1.5*k, p.Occasions)
}

// occasions sets them in two columns, down the first and then the second.
func (s *sheet) occasions(y float64, list []Fact) (end float64) {
	const gap = 10.0
	width, half := (textWidth-gap)/2, (len(list)+1)/2
	for i := range 2 {
		at := y
		for _, f := range list[min(i*half, len(list)):min((i+1)*half, len(list))] {
			at = s.column(marginLeft+float64(i)*(width+gap), at, width, f.Label+": "+f.Value, style{false, 9.5 * s.scale, ink}) + 0.8*s.scale
		}
		end = max(end, at)
	}
	return end
}

// facts sets two facts beside each other.
func (s *sheet) facts(y float64, facts []Fact) float64 {
	const gap = 10.0
	width := (textWidth - gap) / 2
	for i := 0; i < len(facts); i += 2 {
		end := y
		for j, f := range facts[i:min(i+2, len(facts))] {
			end = max(end, s.fact(marginLeft+float64(j)*(width+gap), y, width, f))
		}
		y = end + 4*s.scale
	}
	return y - 4*s.scale
}

func (s *sheet) fact(x, y, width float64, f Fact) float64 {
	y = s.column(x, y, width, f.Label, style{false, 9 * s.scale, quiet})
	return s.column(x, y+0.8*s.scale, width, f.Value, style{false, 12 * s.scale, ink})
}

// foot is the code with which anybody can check the certificate.
func (s *sheet) foot(p Paper) {
	s.scale, s.draw = 1, true
	s.SetDrawColor(line.r, line.g, line.b)
	s.SetLineWidth(0.25)
	s.Line(marginLeft, footTop, sheetWidth-marginRight, footTop)
	y := footTop + 4.5
	s.column(marginLeft, y, 60, p.Issued.Label, style{false, 8.5, quiet})
	s.column(marginLeft, y+4.6, 60, p.Issued.Value, style{false, 10, ink})
	s.column(marginLeft+60, y, 60, p.Code.Label, style{false, 8.5, quiet})
	s.column(marginLeft+60, y+4.6, 60, p.Code.Value, style{true, 10, ink})
	x, width := marginLeft+120, textWidth-120
	s.column(x, y, width, p.CheckAt, style{false, 8.5, quiet})
	end := s.column(x, y+4.6, width, p.Address, style{false, 9, deep})
	s.LinkString(x, y, width, end-y, p.Address)
}

func (s *sheet) text(y float64, text string, st style) float64 {
	return s.column(marginLeft, y, textWidth, text, st)
}

// column sets a text in lines of a width, from y down, and returns where it
// ends.
func (s *sheet) column(x, y, width float64, text string, st style) float64 {
	weight := ""
	if st.bold {
		weight = "B"
	}
	s.SetFont("go", weight, st.size)
	s.SetTextColor(st.color.r, st.color.g, st.color.b)
	const millimetres, leading, ascent = 25.4 / 72, 1.28, 0.95
	for _, l := range s.lines(plain(text), width) {
		if s.draw {
			s.Text(x, y+st.size*millimetres*ascent, l)
			s.printed = append(s.printed, l)
		}
		y += st.size * millimetres * leading
	}
	return y
}

// lines breaks a text between words, and within a word that is longer than a
// line.
func (s *sheet) lines(text string, width float64) []string {
	var lines []string
	current := ""
	for _, word := range strings.Split(text, " ") {
		joined := strings.TrimPrefix(current+" "+word, " ")
		if s.GetStringWidth(joined) <= width {
			current = joined
			continue
		}
		if current != "" {
			lines = append(lines, current)
		}
		current = word
		for s.GetStringWidth(current) > width {
			n := s.fitting(current, width)
			lines, current = append(lines, current[:n]), current[n:]
		}
	}
	return append(lines, current)
}

// fitting is how many bytes of a word go on one line: at least one character.
func (s *sheet) fitting(word string, width float64) int {
	n := 0
	for i, r := range word {
		if end := i + len(string(r)); n == 0 || s.GetStringWidth(word[:end]) <= width {
			n = end
			continue
		}
		break
	}
	return n
}

// plain composes letters with their marks, for which the typeface has signs of
// its own.
func plain(s string) string { return norm.NFC.String(s) }
