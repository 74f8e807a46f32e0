package web

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var letterLink = regexp.MustCompile(`https://stafett\.example(/[^\s<>")#?]*)`)

// Whatever a letter leads to is a page: a link that nobody answers is found here and
// not by the one who clicks.
func TestEveryLinkOfALetterLeadsToAPage(t *testing.T) {
	var pages []*regexp.Regexp
	for _, r := range newServer(t, nil).table() {
		if r.method == "GET" {
			pages = append(pages, regexp.MustCompile("^"+regexp.MustCompile(`:[a-z]+`).ReplaceAllString(r.path, `[^/]+`)+"$"))
		}
	}
	files, err := filepath.Glob("../mail/testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no letters: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
	links:
		for _, m := range letterLink.FindAllStringSubmatch(string(b), -1) {
			path := strings.TrimRight(m[1], ".,")
			for _, page := range pages {
				if page.MatchString(path) {
					continue links
				}
			}
			t.Errorf("%s leads to %s, where nobody answers", filepath.Base(file), path)
		}
	}
}
