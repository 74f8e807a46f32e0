package municipality_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"stafett/internal/municipality"
)

func TestSearchFindsExactNamesBeforeBeginnings(t *testing.T) {
	r := register(t)
	for _, tt := range []struct {
		name, country, text string
		want                []string
	}{
		{"the Southern Sámi name", "NO", "Tråante", []string{"Trondheim - Tråante"}},
		{"the Norwegian name in small letters", "NO", "trondheim", []string{"Trondheim - Tråante"}},
		{"the whole official name", "NO", "Trondheim - Tråante", []string{"Trondheim - Tråante"}},
		{"without the right keyboard", "NO", "traante", []string{"Trondheim - Tråante"}},
		{"namesakes", "NO", "Herøy", []string{"Herøy (Møre og Romsdal)", "Herøy (Nordland)"}},
		{"a namesake by its county", "NO", "heroy (nordland)", []string{"Herøy (Nordland)"}},
		{"an alias in the third language", "NO", "Kaivuono", []string{"Gáivuotna - Kåfjord - Kaivuono"}},
		{"a beginning, as spelled first", "SE", "älv", []string{"Älvdalen", "Älvkarleby", "Älvsbyn", "Alvesta"}},
		{"a beginning without marks", "SE", "alv", []string{"Alvesta", "Älvdalen", "Älvkarleby", "Älvsbyn"}},
		{
			"the exact name first though it stands last in the alphabet", "NO", "as",
			[]string{"Ås", "Asker", "Askvoll", "Askøy", "Åseral", "Åsnes"},
		},
		{"as spelled before only the same letters", "SE", "Håbo", []string{"Håbo", "Habo"}},
		{"as spelled before only the same letters, the other way", "SE", "habo", []string{"Habo", "Håbo"}},
		{"decomposed letters", "SE", norm.NFD.String("Älvdalen"), []string{"Älvdalen"}},
		{"spaces around and between", "SE", "  upplands \u00a0väsby ", []string{"Upplands Väsby"}},
		{"nothing of the other country", "SE", "Trondheim", nil},
		{"an empty text", "SE", " ", nil},
		{"nonsense", "SE", "qqq", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, labels(r.Search(tt.country, tt.text))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMatchIsSureOrSilent(t *testing.T) {
	r := register(t)
	for _, tt := range []struct {
		name, country, text string
		want                string // empty: no match
	}{
		{"a name", "SE", "Vansbro", "SE-2021"},
		{"a name in capitals", "SE", "VANSBRO", "SE-2021"},
		{"a name without its marks", "SE", "Alvdalen", "SE-2039"},
		{"an alias", "NO", "Tråante", "NO-5001"},
		{"an alias without its marks", "NO", "karasjohka", "NO-5610"},
		{"a name with its county", "SE", "Mora (Dalarnas län)", "SE-2062"},
		{"a name with its county as spoken", "SE", "Mora (Dalarna)", "SE-2062"},
		{"a county whose name ends without s", "SE", "Håbo (Uppsala)", "SE-0305"},
		{"a name with another county", "SE", "Mora (Gävleborg)", ""},
		{"a namesake with its county", "NO", "Våler (Østfold)", "NO-3114"},
		{"the other namesake", "NO", "våler (innlandet)", "NO-3419"},
		{"a namesake alone", "NO", "Våler", ""},
		{"two names that differ in a ring", "SE", "Habo", "SE-0643"},
		{"the one with the ring", "SE", "håbo", "SE-0305"},
		{"a beginning only", "SE", "Vans", ""},
		{"an empty text", "NO", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, ok := r.Match(tt.country, tt.text)
			got := ""
			if ok {
				got = m.String()
			}
			if got != tt.want {
				t.Errorf("Match(%s, %q) = %q, want %q", tt.country, tt.text, got, tt.want)
			}
		})
	}
}

func TestEveryLabelMatchesItsOwnMunicipality(t *testing.T) {
	r := register(t)
	for _, country := range []string{"SE", "NO"} {
		for _, m := range r.All(country) {
			if got, ok := r.Match(country, m.Label()); !ok || got.Code != m.Code {
				t.Errorf("%s %q matches %v, %v", m.Code, m.Label(), got.Code, ok)
			}
		}
	}
}

func TestEveryAliasFindsItsOwnMunicipality(t *testing.T) {
	r := register(t)
	for _, m := range r.All("NO") {
		for _, alias := range m.Aliases {
			codes := map[municipality.Code]bool{}
			for _, found := range r.Search("NO", alias) {
				codes[found.Code] = true
			}
			if !codes[m.Code] {
				t.Errorf("%q does not find %s", alias, m.Code)
			}
		}
	}
}
