// Package locale speaks the four languages of the program: its texts, dates,
// amounts and alphabetical orders. Whatever a person reads is put into words
// here, so that a date looks the same on a page, in a letter and in a file.
package locale

import "golang.org/x/text/language"

// Language is one of the languages that the program speaks, by its code.
type Language string

// The languages of the program. Bokmål and nynorsk are two languages here,
// since Norwegian state bodies must offer both at the same time (språklova § 14).
const (
	SV Language = "sv"
	NB Language = "nb"
	NN Language = "nn"
	EN Language = "en"
)

// All answers the four languages in the order in which they are listed for people.
func All() []Language {
	return []Language{SV, NB, NN, EN}
}

// Parse answers the language with exactly the code s, and false when the
// program speaks no such language.
func Parse(s string) (Language, bool) {
	for _, lang := range All() {
		if string(lang) == s {
			return lang, true
		}
	}
	return "", false
}

// InOrder answers the languages in which a text that an organiser wrote is looked
// for, for a reader: the reader's own, the other Norwegian one, the programme's,
// English, and whichever there is. A language may stand there twice.
func InOrder(reader, programme string) []string {
	order := []string{reader}
	switch Language(reader) {
	case NN:
		order = append(order, string(NB))
	case NB:
		order = append(order, string(NN))
	}
	order = append(order, programme, string(EN))
	for _, lang := range All() {
		order = append(order, string(lang))
	}
	return order
}

// Name answers what the language calls itself, with a capital letter.
func (lang Language) Name() string {
	switch lang {
	case SV:
		return "Svenska"
	case NB:
		return "Norsk bokmål"
	case NN:
		return "Norsk nynorsk"
	case EN:
		return "English"
	}
	return string(lang)
}

// Match answers the language that suits the Accept-Language header of a visitor
// best. Norwegian without a form, and Danish, become bokmål; a header that is
// empty, broken or asks for other languages only gives the fallback.
func Match(acceptLanguage string, fallback Language) Language {
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wanted) == 0 {
		return fallback
	}
	offered := preferred(fallback)
	// The tag that Match returns may carry more than our own code, as in
	// "nn-u-rg-nozzzz", so the answer is found by its index.
	_, index, confidence := matcher(offered).Match(wanted...)
	if confidence == language.No {
		return fallback
	}
	return offered[index]
}

// preferred answers all languages with the given one first, because a matcher
// prefers what comes first.
func preferred(first Language) []Language {
	langs := []Language{first}
	for _, lang := range All() {
		if lang != first {
			langs = append(langs, lang)
		}
	}
	return langs
}

func matcher(langs []Language) language.Matcher {
	tags := make([]language.Tag, len(langs))
	for i, lang := range langs {
		tags[i] = language.Make(string(lang))
	}
	return language.NewMatcher(tags)
}
