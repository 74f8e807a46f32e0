package attendance

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// BadRows is the refusal of a file in which some cells cannot be read.
type BadRows []BadCell

// BadCell is one of them, counted from 1. The text is "error.<Code>".
type BadCell struct {
	Line, Column int
	Code         string
}

// badShown is how many bad cells are named: whoever has more has another kind of
// file.
const badShown = 20

// Error names the first of them, never what it holds.
func (b BadRows) Error() string {
	return fmt.Sprintf("%d cells cannot be read, the first is line %d, column %d: %s", len(b), b[0].Line, b[0].Column, b[0].Code)
}

func (b *BadRows) add(line, column int, code string) {
	if len(*b) < badShown && !slices.ContainsFunc(*b, func(c BadCell) bool { return c.Line == line && c.Column == column+1 }) {
		*b = append(*b, BadCell{line, column + 1, code})
	}
}

// decode makes text of a file. Teams writes UTF-16 with a byte order mark;
// spreadsheets and editors write UTF-8, with or without one.
func decode(data []byte) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		return decode16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return decode16(data[2:], binary.BigEndian)
	case len(data) >= 4 && data[1] == 0 && data[3] == 0 && data[0] != 0:
		return decode16(data, binary.LittleEndian)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var bad BadRows
	number := 0
	for l := range bytes.Lines(data) {
		if number++; !utf8.Valid(l) || bytes.IndexByte(l, 0) >= 0 {
			bad.add(number, 0, "report_encoding")
		}
	}
	if len(bad) > 0 {
		return "", bad
	}
	return string(data), nil
}

func decode16(data []byte, order binary.ByteOrder) (string, error) {
	if len(data)%2 != 0 {
		return "", ErrNotAReport // cut off in the middle of a sign
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units)), nil
}

// line is one line of a file, parted into cells.
type line struct {
	number int // counted from 1
	cells  []string
}

// cell is the cell of a column, empty where there is none.
func (l line) cell(column int) string {
	if column < 0 || column >= len(l.cells) {
		return ""
	}
	return l.cells[column]
}

// filled counts the cells that hold something.
func (l line) filled() (n int) {
	for _, c := range l.cells {
		if c != "" {
			n++
		}
	}
	return n
}

// split parts a text into lines and cells, unless they are too many. A cell never
// goes on in the next line, so a quote that nobody closed cannot hide the people
// after it.
func split(text string, separator rune) (lines []line, ok bool) {
	lines = make([]line, 0, strings.Count(text, "\n")+1)
	all := 0
	for l := range strings.SplitSeq(text, "\n") {
		rest, more := strings.TrimRight(l, "\r"), true
		cells := make([]string, 0, min(maxColumns, strings.Count(rest, string(separator))+1))
		for more && len(cells) < maxColumns {
			var c string
			c, rest, more = cutCell(rest, separator)
			cells = append(cells, clean(c))
		}
		if all += len(cells); all > maxCells {
			return nil, false
		}
		lines = append(lines, line{len(lines) + 1, cells})
	}
	return lines, true
}

// cutCell takes the first cell off a line.
func cutCell(s string, separator rune) (cell, rest string, more bool) {
	if strings.HasPrefix(s, `"`) {
		for i := 1; i < len(s); i++ {
			if s[i] != '"' {
				continue
			}
			after := s[i+1:]
			if strings.HasPrefix(after, `"`) {
				i++
				continue
			}
			if after == "" || strings.HasPrefix(after, string(separator)) {
				return strings.ReplaceAll(s[1:i], `""`, `"`), strings.TrimPrefix(after, string(separator)), after != ""
			}
			break
		}
	}
	return strings.Cut(s, string(separator))
}

// clean trims a cell, makes all its spaces plain, and takes off the apostrophe
// that keeps a spreadsheet from calculating it.
func clean(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\u2009' || r == '\u200e' || r == '\u200f'
	}), " ")
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@", rune(s[1])) {
		return s[1:]
	}
	return s
}
