package locale_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/locale"
)

// folder makes a folder of texts; a language without texts gets an empty file.
func folder(texts map[locale.Language]string) fstest.MapFS {
	files := fstest.MapFS{}
	for _, lang := range locale.All() {
		content := texts[lang]
		if content == "" {
			content = "{}"
		}
		files["all."+string(lang)+".json"] = &fstest.MapFile{Data: []byte(content)}
	}
	return files
}

func catalogue(t *testing.T, texts map[locale.Language]string) *locale.Catalogue {
	t.Helper()
	c, err := locale.LoadFS(folder(texts))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTextIsAnsweredInTheLanguageAskedFor(t *testing.T) {
	c := catalogue(t, map[locale.Language]string{
		"sv": `{"event.full": "Fullbokat", "offer.by": "Svara {{.deadline}}, {{ .name }}"}`,
		"nb": `{"event.full": "Fullt", "offer.by": "Svar {{.deadline}}, {{.name}}"}`,
		"nn": `{"event.full": "Fullt", "offer.by": "Svar {{.deadline}}, {{.name}}"}`,
		"en": `{"event.full": "Full", "offer.by": "Reply {{.deadline}}, {{.name}}"}`,
	})
	for _, tt := range []struct {
		name string
		lang locale.Language
		key  string
		args []any
		want string
	}{
		{"a plain text", "sv", "event.full", nil, "Fullbokat"},
		{"the same in English", "en", "event.full", nil, "Full"},
		{"values are filled in by name", "sv", "offer.by", []any{"name", "Åsa", "deadline", "i dag"}, "Svara i dag, Åsa"},
		{"a value is text, not a template", "nn", "offer.by", []any{"name", "{{.x}}", "deadline", "<b>"}, "Svar <b>, {{.x}}"},
		{"values that the text does not use are left alone", "nb", "event.full", []any{"name", "Åsa"}, "Fullt"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.Text(tt.lang, tt.key, tt.args...)
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// minutes is a unit such as packages make for their own counts.
type minutes int

func TestNumberDecidesBetweenOneAndOther(t *testing.T) {
	c := catalogue(t, map[locale.Language]string{
		"sv": `{"places": {"one": "en plats kvar på {{.where}}", "other": "{{.n}} platser kvar på {{.where}}"}, "total": "{{.n}} platser"}`,
	})
	for _, tt := range []struct {
		name string
		key  string
		n    any
		want string
	}{
		{"none is other", "places", 0, "0 platser kvar på Orsa"},
		{"one is one", "places", 1, "en plats kvar på Orsa"},
		{"two are other", "places", 2, "2 platser kvar på Orsa"},
		{"twenty-one is other", "places", 21, "21 platser kvar på Orsa"},
		{"a number is grouped", "places", 1250, "1\u00a0250 platser kvar på Orsa"},
		{"any whole number will do", "places", minutes(1), "en plats kvar på Orsa"},
		{"also of 64 bits", "places", int64(3), "3 platser kvar på Orsa"},
		{"a text with one form takes a number too", "total", 1250, "1\u00a0250 platser"},
		{"and shows a number already put into words", "total", "2,5", "2,5 platser"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.Text("sv", tt.key, "n", tt.n, "where", "Orsa")
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestMissingTextIsTakenFromALanguageTheReaderKnows(t *testing.T) {
	c := catalogue(t, map[locale.Language]string{
		"sv": `{"a": "a sv"}`,
		"nb": `{"a": "a nb", "b": "b nb"}`,
		"nn": `{"c": "c nn {{.x}}"}`,
		"en": `{"a": "a en", "b": "b en", "c": "c en {{.x}}", "d": "d en"}`,
	})
	for _, tt := range []struct {
		name string
		lang locale.Language
		key  string
		want string
		used locale.Language
	}{
		{"nynorsk from bokmål", "nn", "b", "b nb", "nb"},
		{"bokmål from nynorsk, with its values", "nb", "c", "c nn 1", "nn"},
		{"Norwegian from English when neither has it", "nn", "d", "d en", "en"},
		{"Swedish from English and not from Norwegian", "sv", "b", "b en", "en"},
		{"a language that we do not speak from English", "de", "a", "a en", "en"},
		{"nowhere: the key itself", "sv", "e", "e", ""},
		{"Swedish alone is no help to others", "en", "f", "f", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.Text(tt.lang, tt.key, "x", 1)
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			var missing *locale.MissingText
			if !errors.As(err, &missing) {
				t.Fatalf("error is %v, want a *MissingText", err)
			}
			want := locale.MissingText{Key: tt.key, Wanted: tt.lang, Used: tt.used}
			if diff := cmp.Diff(want, *missing); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMissingValueIsAnErrorAndLeavesAGap(t *testing.T) {
	c := catalogue(t, map[locale.Language]string{
		"sv": `{"hello": "Hej {{.name}}!", "places": {"one": "en plats", "other": "{{.n}} platser"}}`,
	})
	for _, tt := range []struct {
		name string
		key  string
		args []any
		want string
	}{
		{"no value", "hello", nil, "Hej …!"},
		{"another name", "hello", []any{"nmae", "Åsa"}, "Hej …!"},
		{"a name without a value", "hello", []any{"name"}, "Hej …!"},
		{"a value without a name", "hello", []any{7, "Åsa"}, "Hej …!"},
		{"one argument too many", "hello", []any{"name", "Åsa", "more"}, "Hej Åsa!"},
		{"no number for a plural", "places", nil, "… platser"},
		{"a plural of something that is no whole number", "places", []any{"n", "1"}, "1 platser"},
		{"a plural of nothing", "places", []any{"n", nil}, "… platser"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.Text("sv", tt.key, tt.args...)
			if err == nil {
				t.Error("no error")
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFaultyTextsAreRefusedAtOnce(t *testing.T) {
	for name, faulty := range map[string]string{
		"not JSON":                            `{"a": `,
		"an empty text":                       `{"a": ""}`,
		"a number":                            `{"a": 1}`,
		"one without other":                   `{"a": {"one": "en"}}`,
		"a form that no language of ours has": `{"a": {"one": "en", "few": "få", "other": "fler"}}`,
		"a condition":                         `{"a": "{{if .x}}y{{end}}"}`,
		"a place without a dot":               `{"a": "{{n}}"}`,
		"a brace that is left open":           `{"a": "{{.n} platser"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := locale.LoadFS(folder(map[locale.Language]string{"nn": faulty})); err == nil {
				t.Errorf("%s was accepted", faulty)
			}
		})
	}
	files := folder(nil)
	delete(files, "all.nb.json")
	if _, err := locale.LoadFS(files); err == nil {
		t.Error("a missing file was accepted")
	}
}

func TestKeysAreSorted(t *testing.T) {
	c := catalogue(t, map[locale.Language]string{"sv": `{"b.x": "1", "a": "2", "b.a": {"one": "3", "other": "4"}}`})
	if diff := cmp.Diff([]string{"a", "b.a", "b.x"}, c.Keys("sv")); diff != "" {
		t.Error(diff)
	}
}

func TestCatalogueMayBeSharedByMany(t *testing.T) {
	c := catalogue(t, map[locale.Language]string{
		"sv": `{"places": {"one": "en plats", "other": "{{.n}} platser för {{.who}}"}}`,
	})
	var wait sync.WaitGroup
	for i := range 50 {
		wait.Go(func() {
			want := fmt.Sprintf("%d platser för %d", i+2, i)
			if got, err := c.Text("sv", "places", "n", i+2, "who", i); got != want || err != nil {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
		})
	}
	wait.Wait()
}

func BenchmarkText(b *testing.B) {
	c, err := locale.LoadFS(folder(map[locale.Language]string{
		"nn": `{"places": {"one": "{{.n}} plass", "other": "{{.n}} plassar"}}`,
	}))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := c.Text("nn", "places", "n", 3); err != nil {
			b.Fatal(err)
		}
	}
}

// The four files of texts must agree with each other. The tests below read them
// as they are written, and not through the catalogue, which forgives.

func readTexts(t *testing.T, lang locale.Language) []byte {
	t.Helper()
	names, err := filepath.Glob("texts/*." + string(lang) + ".json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no texts in %s: %v", lang, err)
	}
	var bodies []string // of the objects, put together into one
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		body := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(content)), "{"), "}")
		if strings.TrimSpace(body) != "" {
			bodies = append(bodies, body)
		}
	}
	return []byte("{" + strings.Join(bodies, ",") + "}")
}

func TestOurTextsLoad(t *testing.T) {
	if _, err := locale.Load(); err != nil {
		t.Fatal(err)
	}
}

func TestEveryTextExistsInAllLanguagesWithTheSamePlacesAndForms(t *testing.T) {
	texts := map[locale.Language][]byte{}
	for _, lang := range locale.All() {
		texts[lang] = readTexts(t, lang)
	}
	for _, difference := range differences(t, texts) {
		t.Error(difference)
	}
}

func TestNoTextIsWrittenTwice(t *testing.T) {
	for _, lang := range locale.All() {
		for _, key := range repeated(t, readTexts(t, lang)) {
			t.Errorf("%s.json has %q twice", lang, key)
		}
	}
}

func TestDifferencesBetweenLanguagesAreFound(t *testing.T) {
	texts := map[locale.Language][]byte{
		"sv": []byte(`{"a": "{{.x}} och {{.y}}", "b": {"one": "en", "other": "{{.n}}"}, "c": "c"}`),
		"nb": []byte(`{"a": "{{.y}} og {{.x}}", "b": "{{.n}}", "c": "c"}`),
		"nn": []byte(`{"a": "{{.x}} og {{.z}}", "b": {"one": "{{.n}}", "other": "{{.n}}"}, "c": "c"}`),
		"en": []byte(`{"a": "{{.x}} and {{.y}}", "b": {"one": "one", "other": "{{.n}}"}, "d": "d"}`),
	}
	want := []string{
		`nb "b": other places or forms than in sv`,
		`nn "a": other places or forms than in sv`,
		`en "c": missing`,
		`en "d": not in sv`,
	}
	if diff := cmp.Diff(want, differences(t, texts)); diff != "" {
		t.Error(diff)
	}
}

func TestTextsWrittenTwiceAreFound(t *testing.T) {
	got := repeated(t, []byte(`{"a": "1", "b": {"one": "x", "other": "y"}, "c": {"one": "x", "other": "y"}, "a": "2"}`))
	if diff := cmp.Diff([]string{"a"}, got); diff != "" {
		t.Error(diff)
	}
}

// repeated answers the keys that a flat object of texts has more than once, of
// which a JSON reader silently keeps the last.
func repeated(t *testing.T, content []byte) []string {
	t.Helper()
	var twice []string
	seen := map[string]bool{}
	decoder := json.NewDecoder(bytes.NewReader(content))
	if _, err := decoder.Token(); err != nil { // the opening brace
		t.Fatal(err)
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		if seen[key.(string)] {
			twice = append(twice, key.(string))
		}
		seen[key.(string)] = true
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil && err != io.EOF {
			t.Fatal(err)
		}
	}
	return twice
}
