package municipality_test

import (
	"testing"

	"stafett/data"
	"stafett/internal/municipality"
)

func register(t *testing.T) *municipality.Register {
	t.Helper()
	r, err := municipality.Load(data.Files)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// only answers the municipality that has the name in Sweden.
func only(t *testing.T, r *municipality.Register, name string) municipality.Municipality {
	t.Helper()
	m, ok := r.Match("SE", name)
	if !ok {
		t.Fatalf("no single municipality is called %s", name)
	}
	return m
}

func TestCodeIsWrittenAndRead(t *testing.T) {
	code := municipality.Code{Country: "SE", Number: "2039"}
	if code.String() != "SE-2039" {
		t.Errorf("written as %s", code)
	}
	for _, want := range []municipality.Code{code, {Country: "NO", Number: "0301"}} {
		if got, err := municipality.ParseCode(want.String()); err != nil || got != want {
			t.Errorf("%s is read as %s, %v", want, got, err)
		}
	}
}

func TestWhatIsNoCodeIsRefused(t *testing.T) {
	for _, s := range []string{
		"", "SE", "2039", "SE2039", "SE-203", "SE-20390", "SE-203x", "SE--203", "se-2039", "DK-0101", "SE-2039 ", "SE-+203", "SE-٢٠٣٩",
	} {
		if code, err := municipality.ParseCode(s); err == nil {
			t.Errorf("%q is read as %s", s, code)
		}
	}
}

func TestDistanceBetweenMunicipalities(t *testing.T) {
	r := register(t)
	for _, tt := range []struct {
		a, b string
		want int // tenths of a kilometre
	}{
		{"Falun", "Borlänge", 432},
		{"Älvdalen", "Avesta", 2351},
		{"Vansbro", "Gagnef", 348},
		{"Mora", "Orsa", 401},
		{"Malung-Sälen", "Smedjebacken", 1449},
		{"Orsa", "Orsa", 0},
	} {
		a, b := only(t, r, tt.a), only(t, r, tt.b)
		if there, back := municipality.Distance(a, b), municipality.Distance(b, a); there != tt.want || back != tt.want {
			t.Errorf("%s–%s is %d there and %d back, want %d", tt.a, tt.b, there, back, tt.want)
		}
	}
}

func TestLabelNamesTheCountyOfNamesakes(t *testing.T) {
	r := register(t)
	for code, want := range map[municipality.Code]string{
		{Country: "NO", Number: "1515"}: "Herøy (Møre og Romsdal)",
		{Country: "NO", Number: "1818"}: "Herøy (Nordland)",
		{Country: "NO", Number: "3114"}: "Våler (Østfold)",
		{Country: "NO", Number: "3419"}: "Våler (Innlandet)",
		{Country: "NO", Number: "5001"}: "Trondheim - Tråante",
		{Country: "SE", Number: "2026"}: "Gagnef",
	} {
		m, ok := r.Find(code)
		if !ok || m.Label() != want {
			t.Errorf("%s is labelled %q, want %q", code, m.Label(), want)
		}
	}
}
