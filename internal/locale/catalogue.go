package locale

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed texts/*.json
var texts embed.FS

// Catalogue holds every text of the program in its four languages. It never
// changes once it is loaded, so any number of goroutines may share one.
type Catalogue struct {
	localizers map[Language]*i18n.Localizer
	entries    map[Language]map[string]entry
}

// entry is what we must know of a text before it is filled in.
type entry struct {
	places []string // names of the values to fill in, of all its forms, sorted
	plural bool     // has a form for one and a form for all other numbers
}

// MissingText is the error for a text that does not exist in the wanted
// language. Used is the language that was answered instead, and is empty when
// the text exists in no language that the reader is likely to understand.
type MissingText struct {
	Key    string
	Wanted Language
	Used   Language
}

// Error names the text, the wanted language and the language used instead.
func (e *MissingText) Error() string {
	if e.Used == "" {
		return fmt.Sprintf("text %q is missing in %s", e.Key, e.Wanted)
	}
	return fmt.Sprintf("text %q is missing in %s, answered in %s", e.Key, e.Wanted, e.Used)
}

// Load gives the texts that the program was built with. They are read once: nothing
// changes them, and everybody may share them.
func Load() (*Catalogue, error) { return load() }

var load = sync.OnceValues(func() (*Catalogue, error) {
	folder, err := fs.Sub(texts, "texts")
	if err != nil {
		return nil, err
	}
	return LoadFS(folder)
})

// LoadFS reads texts from the files <area>.<language>.json of a folder, such as
// mail.sv.json. Each file is one flat object: "event.full": "Fullbokat", or
// {"one": "…", "other": "…"} where a number decides, with {{.name}} where a
// value goes. It is an error if a file is missing, or if a text is empty, has
// other plural forms, or has anything but names between its braces.
func LoadFS(folder fs.FS) (*Catalogue, error) {
	bundle := i18n.NewBundle(language.English)
	c := &Catalogue{
		localizers: map[Language]*i18n.Localizer{},
		entries:    map[Language]map[string]entry{},
	}
	for _, lang := range All() {
		var err error
		if c.entries[lang], err = loadLanguage(bundle, folder, lang); err != nil {
			return nil, fmt.Errorf("texts in %s: %w", lang, err)
		}
		c.localizers[lang] = i18n.NewLocalizer(bundle, string(lang))
	}
	return c, nil
}

// loadLanguage reads every area's file of one language; a key stands in one of
// them only.
func loadLanguage(bundle *i18n.Bundle, folder fs.FS, lang Language) (map[string]entry, error) {
	names, err := fs.Glob(folder, "*."+string(lang)+".json")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no file *.%s.json: %w", lang, fs.ErrNotExist)
	}
	entries := map[string]entry{}
	for _, name := range names {
		file, err := bundle.LoadMessageFileFS(folder, name)
		if err != nil {
			return nil, err
		}
		found, err := examine(file.Messages)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for key, e := range found {
			if _, twice := entries[key]; twice {
				return nil, fmt.Errorf("%s: %q stands in another file already", name, key)
			}
			entries[key] = e
		}
	}
	return entries, nil
}

func examine(messages []*i18n.Message) (map[string]entry, error) {
	entries := make(map[string]entry, len(messages))
	for _, m := range messages {
		if m.Other == "" || m.Zero+m.Two+m.Few+m.Many != "" {
			return nil, fmt.Errorf("%q needs a text, or the forms one and other", m.ID)
		}
		places, err := placesOf(m.One + m.Other)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", m.ID, err)
		}
		entries[m.ID] = entry{places: places, plural: m.One != ""}
	}
	return entries, nil
}

var place = regexp.MustCompile(`\{\{\s*\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}`)

// placesOf answers the sorted names of the values that a text asks for.
func placesOf(text string) ([]string, error) {
	if rest := place.ReplaceAllString(text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
		return nil, errors.New("only {{.name}} may stand between braces")
	}
	names := map[string]bool{}
	for _, found := range place.FindAllStringSubmatch(text, -1) {
		names[found[1]] = true
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// Keys answers the keys of all texts that exist in the language, sorted.
func (c *Catalogue) Keys(lang Language) []string {
	return slices.Sorted(maps.Keys(c.entries[lang]))
}

// Text answers the text in the language, with args filled in: pairs of a name
// and a value. A whole number by the name "n" is written with the language's
// own grouping and decides between the forms one and other.
//
// Text always answers something that can be shown, also together with an error.
// A text that is missing is taken from the other Norwegian, then from English,
// and the error is a *MissingText; without any, the key itself is the answer. A
// value that is missing leaves "…" in its place.
func (c *Catalogue) Text(lang Language, key string, args ...any) (string, error) {
	used, found := c.holder(lang, key)
	if !found {
		return key, &MissingText{Key: key, Wanted: lang}
	}
	values, err := pairs(args)
	if err != nil {
		err = fmt.Errorf("text %q: %w", key, err)
	}
	text, fault := c.fill(used, key, values)
	if used != lang {
		return text, errors.Join(&MissingText{Key: key, Wanted: lang, Used: used}, err, fault)
	}
	return text, errors.Join(err, fault)
}

// holder finds the language in which the text exists and which the reader is
// most likely to understand.
func (c *Catalogue) holder(lang Language, key string) (Language, bool) {
	for _, candidate := range understood(lang) {
		if _, ok := c.entries[candidate][key]; ok {
			return candidate, true
		}
	}
	return "", false
}

func understood(lang Language) []Language {
	switch lang {
	case NB:
		return []Language{NB, NN, EN}
	case NN:
		return []Language{NN, NB, EN}
	}
	return []Language{lang, EN}
}

// pairs makes a map of names and values. What can be read is in the map even
// when there is an error.
func pairs(args []any) (map[string]any, error) {
	values := make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		name, ok := args[i].(string)
		if !ok {
			return values, fmt.Errorf("argument %d is not a name but %v", i, args[i])
		}
		values[name] = args[i+1]
	}
	if len(args)%2 != 0 {
		return values, fmt.Errorf("the name %v has no value", args[len(args)-1])
	}
	return values, nil
}

// fill writes the text with its values. It changes the map.
func (c *Catalogue) fill(lang Language, key string, values map[string]any) (string, error) {
	var faults []error
	e := c.entries[lang][key]
	config := &i18n.LocalizeConfig{MessageID: key, TemplateData: values}
	count, counted := whole(values["n"])
	if counted {
		values["n"] = Number(lang, count)
	}
	switch {
	case e.plural && counted:
		config.PluralCount = count
	case e.plural:
		faults = append(faults, fmt.Errorf("text %q: n is not a whole number", key))
	}
	for _, name := range e.places {
		if values[name] == nil {
			values[name] = "…"
			faults = append(faults, fmt.Errorf("text %q: no value for %s", key, name))
		}
	}
	text, err := c.localizers[lang].Localize(config)
	return text, errors.Join(append(faults, err)...)
}

// whole reads a count of any signed integer type, also of a type that a package
// has made for its own unit.
func whole(v any) (int64, bool) {
	number := reflect.ValueOf(v)
	if !number.IsValid() || !number.CanInt() {
		return 0, false
	}
	return number.Int(), true
}
