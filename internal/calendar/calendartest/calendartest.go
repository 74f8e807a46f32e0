// Package calendartest reads calendar files with programs that share no code with
// the writer, nor with each other: the npm package ical.js, which Thunderbird and
// Nextcloud are built on, and Debian's python3-icalendar. It is for tests alone.
package calendartest

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// ical is dist/ical.es5.min.cjs of ical.js 2.2.1, unchanged. Mozilla Public
// License 2.0; it stands beside it. It is in no program that is built for use.
//
//go:embed testdata/ical/ical.es5.min.cjs
var ical string

//go:embed testdata/read.js
var readJS string

//go:embed testdata/read.py
var readPython string

// File is what a reader finds in a calendar file.
type File struct {
	Method, Name, Refresh string
	Zones                 []string
	Events                []Event
}

// Event is one event of it. Moments are in UTC, as RFC 3339 has them.
type Event struct {
	UID                            string
	Sequence                       int
	Stamp, Start, End              string
	Summary, Description, Location string
	URL, Conference                string
	Status, Transparency           string
	Organizers, Attendees          []Person
	Alarms                         []string // "DISPLAY -PT30M words"
}

// Person is an organiser or attendee.
type Person struct{ Address, Name, State, RSVP string }

// Read reads the files with every reader, each started once for all of them, and
// fails the test where one cannot, or where they differ. names tell the files
// apart in what it says.
func Read(t testing.TB, names []string, files [][]byte) []File {
	t.Helper()
	js, python := withICAL(t, files), withPython(t, files)
	if len(js) != len(files) || len(python) != len(files) {
		t.Fatalf("%d files: ical.js read %d, python3-icalendar %d", len(files), len(js), len(python))
	}
	for i := range files {
		if diff := cmp.Diff(python[i], js[i], cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: python3-icalendar (-) and ical.js (+) read different things:\n%s", names[i], diff)
		}
	}
	return js
}

func texts(files [][]byte) []string {
	all := make([]string, len(files))
	for i, f := range files {
		all[i] = string(f)
	}
	return all
}

// withPython uses the interpreter that Debian's packages belong to; another one
// in the PATH would not find them.
func withPython(t testing.TB, files [][]byte) (found []File) {
	t.Helper()
	in, err := json.Marshal(texts(files))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "-c", readPython)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3-icalendar cannot read the files; is it installed? apt-get install python3-icalendar\n%v\n%s", err, &stderr)
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

// withICAL runs ical.js in the browser that the other tests use.
func withICAL(t testing.TB, files [][]byte) []File {
	t.Helper()
	in, err := json.Marshal(texts(files))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "calendartest")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	page := filepath.Join(dir, "read.html")
	html := `<!doctype html><meta charset="utf-8"><body><script type="text/plain" id="files">` + base64.StdEncoding.EncodeToString(in) + `</script>
<script>var module = { exports: {} }, exports = module.exports;</script><script>` + ical + `</script><script>` + readJS + `</script>`
	if err := os.WriteFile(page, []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(browser(t), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--incognito",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--dump-dom", "file://"+page).Output()
	if err != nil {
		t.Fatalf("the browser that runs ical.js: %v", err)
	}
	_, rest, _ := strings.Cut(string(out), "[[")
	answer, _, found := strings.Cut(rest, "]]")
	if !found {
		t.Fatalf("ical.js gave no answer: %.2000s", out)
	}
	var a struct {
		Files []File
		Fault string
	}
	plain, err := base64.StdEncoding.DecodeString(answer)
	if err == nil {
		err = json.Unmarshal(plain, &a)
	}
	if err != nil {
		t.Fatal(fmt.Errorf("what ical.js answered: %w", err))
	}
	if a.Fault != "" {
		t.Fatalf("ical.js cannot read the files: %s", a.Fault)
	}
	return a.Files
}

func browser(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium to run ical.js in; install it with: apt-get install chromium")
	return ""
}
