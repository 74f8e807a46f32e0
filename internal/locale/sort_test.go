package locale_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"stafett/internal/locale"
)

func TestNamesStandInTheOrderOfTheAlphabet(t *testing.T) {
	for _, tt := range []struct {
		lang locale.Language
		want []string
	}{
		{"sv", []string{"Avesta", "ek", "én", "Eva", "Orsa", "über", "yta", "Yxa", "Zorn", "Åre", "Älvdalen", "Örebro"}},
		{"nb", []string{"Alta", "Orkland", "Vågå", "Zander", "Ærlig", "Ätran", "Øksnes", "Östersund", "Ålesund", "Aasen", "Åsnes"}},
		{"nn", []string{"Alta", "Orkland", "Vågå", "Zander", "Ærlig", "Ätran", "Øksnes", "Östersund", "Ålesund", "Aasen", "Åsnes"}},
		{"en", []string{"Åre", "Avesta", "Eva", "Örebro", "Orsa", "Zorn"}},
	} {
		t.Run(string(tt.lang), func(t *testing.T) {
			got := slices.Clone(tt.want)
			slices.Sort(got)
			slices.SortFunc(got, locale.Sorter(tt.lang))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBokmålAndNynorskHaveOneAlphabet(t *testing.T) {
	bokmål, nynorsk := locale.Sorter("nb"), locale.Sorter("nn")
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOf(rapid.SampledFrom([]rune("abosyzæøåäöüéŋš AÆØÅ-")))
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if bokmål(a, b) != nynorsk(a, b) {
			t.Errorf("%q and %q stand in different order", a, b)
		}
	})
}

func TestSearchFoldsLetters(t *testing.T) {
	for s, want := range map[string]string{
		"Älvdalen":              "alvdalen",
		"ÖREBRO":                "orebro",
		"Tråante":               "traante",
		"Herøy":                 "heroy",
		"Ærø":                   "aro",
		"Idéburen":              "ideburen",
		"À la carte":            "a la carte",
		"Kárášjohka":            "karasjohka",
		"Porsáŋgu":              "porsangu",
		"Đieđut ŧ Ž":            "diedut t z",
		"Łódź":                  "lodz",
		"Müller & Weiß":         "muller & weiss",
		"  två \u00a0 ord\t":    "tva ord",
		"Malung-Sälen":          "malung-salen",
		"Trondheim - Tråante":   "trondheim - traante",
		"":                      "",
		"112 Ångström (\u212b)": "112 angstrom (a)",
	} {
		if got := locale.Fold(s); got != want {
			t.Errorf("Fold(%q) = %q, want %q", s, got, want)
		}
		if got := locale.Fold(norm.NFD.String(s)); got != want {
			t.Errorf("Fold of the decomposed %q = %q, want %q", s, got, want)
		}
	}
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := locale.Fold(s)
		if twice := locale.Fold(once); twice != once {
			t.Errorf("%q folds to %q and then to %q", s, once, twice)
		}
	})
}
