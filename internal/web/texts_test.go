package web

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"stafett/internal/locale"
)

// dynamic are the beginnings of keys that are put together of a word and a
// value: the values are the codes that the domain has.
var dynamic = regexp.MustCompile(`^(error|problem|done|kind|audience|organisation|status|event_state|language|held_in|country|mode|letter|message_status|warning|join|certificate\.(valid|void|erased)|about|form\.(yes|no)|register\.full_|mail\.|admin\.|checkin\.outcome\.|offer\.|own\.(tie|letter|actor|request|bound|decide)\.|registered\.(pending_email|requested)|queue\.offer_status\.|queue\.mail\.|confirm\.|news\.state_|restored\.all\.(send|throw)\.|reminder\.(when|unit|to|never|span)\.|mailing\.(status|by)\.|letters\.(situation|group|when|scheme|width|calendar|sample)\.|look\.(ground|ink)\.|reminder\.(when|unit|to|never|span|ask)\.|advicedesk\.(programme_status|status|prerequisite|cap_per|cap_period|vat|meeting|regime|crisis|entry|problem|audit)\.|advice\.(cap|who|meeting|zone)\.|hours\.entry\.|booking\.(status|missing)\.|busy\.fault\.|feed\.(own|organiser|adviser)_t|aid\.(own|status|list|nace|register_text|reason)[._])`)

// sources are all templates and all Go files that are not tests, as one text.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, root := range []string{"../../templates", ".."} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || filepath.Ext(path) != ".go" && filepath.Ext(path) != ".html" {
				return err
			}
			b, err := os.ReadFile(path)
			all.Write(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

func TestEveryTextThatATemplateAsksForExists(t *testing.T) {
	texts, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, k := range texts.Keys(locale.SV) {
		have[k] = true
	}
	used := regexp.MustCompile(`\bt "([a-z0-9_.A-Z]+)"`).FindAllStringSubmatch(sources(t), -1)
	if len(used) < 200 {
		t.Fatalf("found only %d uses of texts: the pattern is wrong", len(used))
	}
	for _, m := range used {
		if !have[m[1]] {
			t.Errorf("no text %q", m[1])
		}
	}
}

func TestNoTextIsLeftOver(t *testing.T) {
	texts, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	all := sources(t)
	for _, k := range texts.Keys(locale.SV) {
		if !dynamic.MatchString(k) && !strings.Contains(all, `"`+k+`"`) {
			t.Errorf("nothing uses the text %q", k)
		}
	}
}

// A page that cannot say why it refuses answers that something is wrong with us.
func TestEveryRefusalCanBeSaidOnAPage(t *testing.T) {
	texts, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	keys, elsewhere := texts.Keys(locale.SV), map[string]bool{ // said at a field, by the API or a command alone, or by a page of its own
		"email_taken": true, "idempotency_key_reused": true, "no_session": true, "org_number": true, "personal_number": true, "slug_taken": true, "token": true,
	}
	found := regexp.MustCompile(`&problem\.Problem\{Kind: problem\.\w+, Code: "(\w+)"`).FindAllStringSubmatch(sources(t), -1)
	if len(found) < 40 {
		t.Fatalf("found only %d refusals: the pattern is wrong", len(found))
	}
	for _, m := range found {
		if key := "problem." + m[1]; !elsewhere[m[1]] && !slices.Contains(keys, key) {
			t.Errorf("no text %q", key)
		}
	}
}
