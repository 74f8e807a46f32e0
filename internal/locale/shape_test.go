package locale_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"stafett/internal/locale"
)

// shape is what must be alike in all languages: the names of the values that a
// text asks for, and which plural forms it has. A form may leave a value out, as
// "en plats" does, so the names are those of all forms together.
type shape struct {
	places string
	forms  string
}

var place = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

func shapes(t *testing.T, content []byte) map[string]shape {
	t.Helper()
	var raw map[string]any
	if err := json.Unmarshal(content, &raw); err != nil {
		t.Fatal(err)
	}
	all := make(map[string]shape, len(raw))
	for key, value := range raw {
		forms, ok := value.(map[string]any)
		if !ok {
			forms = map[string]any{"other": value}
		}
		names := map[string]bool{}
		for _, text := range forms {
			for _, found := range place.FindAllStringSubmatch(fmt.Sprint(text), -1) {
				names[found[1]] = true
			}
		}
		all[key] = shape{sorted(names), sorted(forms)}
	}
	return all
}

func sorted[V any](m map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), " ")
}

// differences lists where a language differs from Swedish.
func differences(t *testing.T, texts map[locale.Language][]byte) []string {
	t.Helper()
	var found []string
	model := shapes(t, texts[locale.SV])
	for _, lang := range locale.All() {
		own := shapes(t, texts[lang])
		for _, key := range slices.Sorted(maps.Keys(model)) {
			if got, ok := own[key]; !ok {
				found = append(found, fmt.Sprintf("%s %q: missing", lang, key))
			} else if got != model[key] {
				found = append(found, fmt.Sprintf("%s %q: other places or forms than in sv", lang, key))
			}
		}
		for _, key := range slices.Sorted(maps.Keys(own)) {
			if _, ok := model[key]; !ok {
				found = append(found, fmt.Sprintf("%s %q: not in sv", lang, key))
			}
		}
	}
	return found
}
