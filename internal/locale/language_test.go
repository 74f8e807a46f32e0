package locale_test

import (
	"strings"
	"testing"

	"stafett/internal/locale"
)

func TestLanguageIsParsedFromItsExactCode(t *testing.T) {
	for _, lang := range locale.All() {
		got, ok := locale.Parse(string(lang))
		if got != lang || !ok {
			t.Errorf("Parse(%q) = %q, %v", lang, got, ok)
		}
	}
	for _, s := range []string{"", "no", "SV", "sv-SE", "de", " sv"} {
		if got, ok := locale.Parse(s); ok {
			t.Errorf("Parse(%q) = %q, want no language", s, got)
		}
	}
}

func TestLanguageNamesItselfInItsOwnWords(t *testing.T) {
	want := map[locale.Language]string{
		locale.SV: "Svenska",
		locale.NB: "Norsk bokmål",
		locale.NN: "Norsk nynorsk",
		locale.EN: "English",
	}
	for _, lang := range locale.All() {
		if got := lang.Name(); got != want[lang] {
			t.Errorf("%s calls itself %q, want %q", lang, got, want[lang])
		}
	}
}

func TestVisitorGetsTheLanguageOfTheBrowser(t *testing.T) {
	for _, tt := range []struct {
		name     string
		header   string
		fallback locale.Language
		want     locale.Language
	}{
		{"Swedish of Sweden", "sv-SE,sv;q=0.9,en;q=0.8", locale.NB, locale.SV},
		{"Swedish of Finland", "sv-FI", locale.NB, locale.SV},
		{"bokmål", "nb-NO,nb;q=0.9,no;q=0.8", locale.SV, locale.NB},
		{"nynorsk", "nn-NO,nn;q=0.9,no;q=0.8", locale.SV, locale.NN},
		{"nynorsk before bokmål when bokmål is the fallback", "nn;q=0.9,nb;q=0.8", locale.NB, locale.NN},
		{"Norwegian without a form is bokmål", "no", locale.SV, locale.NB},
		{"Norwegian without a form is bokmål also where nynorsk is the fallback", "no", locale.NN, locale.NB},
		{"Danish reads bokmål best", "da-DK", locale.SV, locale.NB},
		{"American English", "en-US", locale.SV, locale.EN},
		{"the higher weight wins", "en;q=0.4,nn;q=0.7", locale.SV, locale.NN},
		{"the first language that we speak, when the very first is not ours", "de,sv;q=0.5", locale.NB, locale.SV},
		{"a language with weight nought is not wanted", "sv;q=0,en", locale.NB, locale.EN},
		{"Northern Sámi gives the fallback", "se", locale.NB, locale.NB},
		{"Northern Sámi gives the fallback in Sweden too", "se", locale.SV, locale.SV},
		{"Finnish gives the fallback", "fi-FI", locale.NN, locale.NN},
		{"German alone gives the fallback", "de-DE", locale.SV, locale.SV},
		{"any language gives the fallback", "*", locale.NN, locale.NN},
		{"no header gives the fallback", "", locale.EN, locale.EN},
		{"a broken header gives the fallback", "sv;q=x,,;;", locale.NB, locale.NB},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := locale.Match(tt.header, tt.fallback); got != tt.want {
				t.Errorf("Match(%q, %s) = %s, want %s", tt.header, tt.fallback, got, tt.want)
			}
		})
	}
}

func TestATextIsLookedForInTheLanguageNearestToTheReaders(t *testing.T) {
	for _, tt := range []struct{ reader, programme, want string }{
		{"nn", "sv", "nn nb sv en"},
		{"nb", "sv", "nb nn sv en"},
		{"sv", "nb", "sv nb en"},
		{"en", "nn", "en nn en sv nb"},
	} {
		got := strings.Join(locale.InOrder(tt.reader, tt.programme), " ")
		if !strings.HasPrefix(got+" ", tt.want+" ") {
			t.Errorf("for a reader of %s in a programme in %s: %s, want first %s", tt.reader, tt.programme, got, tt.want)
		}
		for _, lang := range locale.All() {
			if !strings.Contains(got, string(lang)) {
				t.Errorf("%s is never looked for: %s", lang, got)
			}
		}
	}
}
