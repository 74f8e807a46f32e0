package mail

import (
	"stafett/internal/application"
	"stafett/internal/locale"
)

// caseOf makes the letter one about a case that the applicant writes in the
// letter's language.
func caseOf(status application.Status, changes ...func(*standIn)) func(*facts) {
	return func(f *facts) {
		f.programme.TimeZone = map[string]string{"SE": "Europe/Stockholm", "NO": "Europe/Oslo"}[f.programme.Country]
		words, err := locale.Load()
		if err != nil {
			panic(err)
		}
		aCase(status, changes...)(&standIn{f, func(key string) string {
			text, _ := words.Text(f.language, key)
			return text
		}})
	}
}
