package locale

import (
	"strings"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Sorter answers a function for slices.SortFunc that compares strings in the
// alphabetical order of the language: z, å, ä, ö in Swedish; z, æ, ø, å in
// Norwegian, where aa is å. Each goroutine needs a function of its own.
func Sorter(lang Language) func(a, b string) int {
	tag := language.Make(string(lang))
	if lang == NB {
		// The collation tables know nynorsk only; without this å would stand
		// among a. The alphabet is the same.
		tag = language.Make(string(NN))
	}
	return collate.New(tag).CompareString
}

// letters are those that Unicode does not take apart into a letter and a mark.
var letters = strings.NewReplacer(
	"ø", "o", "æ", "a", "œ", "o", "đ", "d", "ð", "d", "ŋ", "n", "ŧ", "t",
	"þ", "th", "ł", "l", "ß", "ss", "ı", "i",
)

// Fold answers the form of a string that searches compare: lower case, letters
// without their marks (å, ä, á and à are a, ö is o, é is e, š is s), ø as o, æ
// as a, đ as d, ŋ as n, ŧ as t, and one plain space between words. Composed and
// decomposed spelling give the same, and folding twice changes nothing.
func Fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return strings.Join(strings.Fields(letters.Replace(b.String())), " ")
}
