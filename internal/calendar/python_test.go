package calendar_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// python is the interpreter that Debian's packages belong to; another one in
// the PATH would not find them.
const python = "/usr/bin/python3"

func TestAnotherReaderUnderstandsTheSame(t *testing.T) {
	if out, err := exec.Command(python, "-c", "import icalendar").CombinedOutput(); err != nil {
		t.Fatalf("%s cannot import icalendar. Install it with: apt-get install python3-icalendar\n%v\n%s", python, err, out)
	}
	all := samples(t)
	for i, got := range readWithPython(t, all) {
		t.Run(all[i].file, func(t *testing.T) {
			want := inScriptForm(t, mustRead(t, all[i].data, nil))
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("python3-icalendar reads something else (-ours +theirs):\n%s", diff)
			}
		})
	}
}

func readWithPython(t *testing.T, all []sample) []component {
	t.Helper()
	dir := t.TempDir()
	args := []string{"testdata/read.py"}
	for _, s := range all {
		path := filepath.Join(dir, s.file)
		if err := os.WriteFile(path, s.data, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(python, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("python3-icalendar cannot read our files: %v\n%s", err, &stderr)
	}
	var trees []component
	if err := json.Unmarshal(stdout.Bytes(), &trees); err != nil {
		t.Fatal(err)
	}
	if len(trees) != len(all) {
		t.Fatalf("read %d files, want %d", len(trees), len(all))
	}
	return trees
}

// inScriptForm brings what our reader found into the form that the script
// prints.
func inScriptForm(t *testing.T, c component) component {
	t.Helper()
	for i, p := range c.Properties {
		if zone := p.Params["TZID"]; zone != "" {
			c.Properties[i].Value = localMoment(t, p).UTC().Format("20060102T150405Z")
		}
		if p.Name == "RRULE" {
			parts := strings.Split(p.Value, ";")
			slices.Sort(parts)
			c.Properties[i].Value = strings.Join(parts, ";")
		}
	}
	slices.SortStableFunc(c.Properties, func(a, b property) int { return strings.Compare(a.Name, b.Name) })
	for i := range c.Components {
		c.Components[i] = inScriptForm(t, c.Components[i])
	}
	return c
}

// localMoment is the moment of a property with TZID.
func localMoment(t *testing.T, p property) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(p.Params["TZID"])
	if err != nil {
		t.Fatal(err)
	}
	moment, err := time.ParseInLocation("20060102T150405", p.Value, loc)
	if err != nil {
		t.Fatalf("%s: %v", p.Name, err)
	}
	return moment
}
