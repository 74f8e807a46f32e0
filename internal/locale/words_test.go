package locale_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// foreign are words that the glossary has others for: those that slip in from a
// neighbouring language, or from how we speak among ourselves.
var foreign = map[string]*regexp.Regexp{
	"nn": regexp.MustCompile(`(?i)(\blenkj|oppmøte)`),
	"en": regexp.MustCompile(`(?i)\b(e-mails?|occasions?)\b`),
	"sv": regexp.MustCompile(`(?i)\b(som uteblev|(stäng|stängs|stängd) närvaron|närvaron är stängd)\b`),
}

// Of a key only what stands after it is read by people.
var text = regexp.MustCompile(`(?m)^\s*"([^"]+)": (.*)$`)

func TestTheWordsOfTheGlossaryAreUsed(t *testing.T) {
	for lang, words := range foreign {
		files, err := filepath.Glob("texts/*." + lang + ".json")
		if err != nil || len(files) == 0 {
			t.Fatal(err, files)
		}
		for _, name := range files {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range text.FindAllStringSubmatch(string(content), -1) {
				if word := words.FindString(line[2]); word != "" {
					t.Errorf("%s: %s has %q: %s", name, line[1], word, line[2])
				}
			}
		}
	}
}
