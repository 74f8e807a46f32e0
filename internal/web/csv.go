package web

import (
	"strings"
	"unicode"
)

// CSV as spreadsheets in Sweden and Norway open it: a byte order mark, so that å
// is å, semicolons, every field in quotes, and no cell that a spreadsheet takes
// for a formula.

const byteOrderMark = "\ufeff"

// CSV is a whole table, for a page or a command.
func CSV(columns []string, rows [][]string) string {
	var b strings.Builder
	b.WriteString(byteOrderMark)
	writeRecord(&b, columns)
	for _, r := range rows {
		writeRecord(&b, r)
	}
	return b.String()
}

// writeRecord adds one line.
func writeRecord(b *strings.Builder, cells []string) {
	for i, cell := range cells {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteByte('"')
		b.WriteString(strings.ReplaceAll(guardCell(cell), `"`, `""`))
		b.WriteByte('"')
	}
	b.WriteString("\r\n")
}

// guardCell puts an apostrophe before whatever a spreadsheet would calculate
// rather than show: at the beginning of the cell, and after each sign at which a
// program may part cells, whatever the quotes say.
func guardCell(s string) string {
	var b strings.Builder
	parted := true
	for i, r := range s {
		if parted && startsFormula(s[i:]) {
			b.WriteByte('\'')
		}
		b.WriteRune(r)
		parted = r == ';' || r == ',' || r == '\t' || r == '"'
	}
	return b.String()
}

// startsFormula reports whether a formula, or a sign that some program takes for
// the beginning of one, comes first after spaces, byte order marks and quotes.
func startsFormula(s string) bool {
	for _, r := range s {
		switch {
		case strings.ContainsRune("=+-@\t\r\n\x00%|＝＋－＠", r):
			return true
		case unicode.IsSpace(r), r == '\ufeff', r == '"':
			continue
		}
		return false
	}
	return false
}
