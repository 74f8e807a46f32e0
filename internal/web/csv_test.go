package web

import (
	"encoding/csv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCellsThatASpreadsheetWouldCalculateAreGuarded(t *testing.T) {
	for _, tt := range []struct{ name, cell, want string }{
		{"plain text", "Siljans Snickeri AB", "Siljans Snickeri AB"},
		{"nothing", "", ""},
		{"a sum", "=1+1", "'=1+1"},
		{"a phone number", "+46 70 123 45 67", "'+46 70 123 45 67"},
		{"a minus", "-2", "'-2"},
		{"a function of old spreadsheets", "@SUM(A1)", "'@SUM(A1)"},
		{"a percent sign", "%0A", "'%0A"},
		{"a pipe", "|cmd", "'|cmd"},
		{"signs of full width", "＝1", "'＝1"},
		{"a tab", "\t=1", "'\t'=1"},
		{"a line break", "\n=1", "'\n=1"},
		{"spaces first", "   =1", "'   =1"},
		{"a space that does not break", "\u00a0=1", "'\u00a0=1"},
		{"a byte order mark first", "\ufeff=1", "'\ufeff=1"},
		{"a quote first", `"=1`, `'"'=1`},
		{"after a semicolon", "a;=1", "a;'=1"},
		{"after a semicolon and a space", "a; =1", "a;' =1"},
		{"after a comma", "a,=1", "a,'=1"},
		{"after a quote inside", `a"=1`, `a"'=1`},
		{"a sign in the middle is nothing", "Å+Ö-AB=x", "Å+Ö-AB=x"},
		{"guarded already", "'=1", "'=1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := guardCell(tt.cell); got != tt.want {
				t.Errorf("guardCell(%q) = %q, want %q", tt.cell, got, tt.want)
			}
		})
	}
}

func FuzzGuardCell(f *testing.F) {
	for _, s := range []string{"", "=1", " =1", "a;=1", `x"=cmd|' /C calc'!A0`, "\ufeff＝1", "'=1", ";;;", "åäö\r\n-1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		got := guardCell(s)
		for i, r := range got {
			begins := i == 0 || strings.ContainsAny(got[i-1:i], ";,\t\"")
			if begins && startsFormula(got[i:]) {
				t.Fatalf("%q begins a formula at %q", got, r)
			}
		}
		if again := guardCell(got); again != got {
			t.Errorf("guarded twice, %q becomes %q", got, again)
		}
		if strings.ReplaceAll(got, "'", "") != strings.ReplaceAll(s, "'", "") || len(got) < len(s) || !utf8.ValidString(got) {
			t.Errorf("%q has lost something of %q", got, s)
		}
		var b strings.Builder
		writeRecord(&b, []string{s, "after"})
		reader := csv.NewReader(strings.NewReader(b.String()))
		reader.Comma = ';'
		record, err := reader.Read()
		want := strings.ReplaceAll(got, "\r\n", "\n") // as the reader gives line breaks
		if err != nil || len(record) != 2 || record[0] != want || record[1] != "after" {
			t.Errorf("read back %q, %v; want %q", record, err, want)
		}
	})
}
