package locale_test

import (
	"testing"

	"stafett/internal/locale"
)

func TestWhatNobodyTypesIsFound(t *testing.T) {
	for s, want := range map[string]bool{
		"Åsa Öberg": false, "zwj 👩‍🔧": false, "Čállit": false, "": false,
		"a\x00b": true, "a\rb": true, "a\u0085b": true, "a\u2028b": true, "a\u202eb": true, "a\u2066b": true, "a\xffb": true, "a\nb": true, "a\tb": true,
	} {
		if got := locale.Deceptive(s, false); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
	if locale.Deceptive("a\n\tb", true) || !locale.Deceptive("a\rb", true) {
		t.Error("line breaks are not told apart")
	}
}
