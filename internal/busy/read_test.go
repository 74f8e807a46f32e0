package busy

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the files below testdata anew")

func oslo(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func reading(t testing.TB) Reading {
	return Reading{Now: time.Date(2027, 1, 13, 9, 0, 0, 0, time.UTC), Zone: oslo(t), Email: "kari@raadgiver.example"}
}

func printed(all []Interval, loc *time.Location) string {
	var b strings.Builder
	for _, i := range all {
		b.WriteString(i.StartsAt.In(loc).Format("Mon 2006-01-02 15:04 -0700") + " – " + i.EndsAt.In(loc).Format("Mon 2006-01-02 15:04 -0700") + "\n")
	}
	return b.String()
}

func calendars(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.ics")
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	return files
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What the usual programs publish, in their layout, and when their owner is busy.
func TestTheUsualCalendarsAreRead(t *testing.T) {
	for _, file := range calendars(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			found, fault := Read(context.Background(), read(t, file), reading(t))
			if fault != None || found.Unread > 0 {
				t.Fatalf("fault %q, %d not read", fault, found.Unread)
			}
			golden := strings.TrimSuffix(file, ".ics") + ".txt"
			got := printed(found.Times, oslo(t))
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(read(t, golden)), got); diff != "" {
				t.Errorf("differs (-want +got); if it should, run with -update\n%s", diff)
			}
		})
	}
}

// python is the interpreter that Debian's packages belong to; another one in the
// PATH would not find them.
const python = "/usr/bin/python3"

func TestAnotherReaderFindsTheSameTimes(t *testing.T) {
	files := calendars(t)
	r := reading(t)
	cmd := exec.Command(python, append([]string{"testdata/read.py", r.Now.Format("2006-01-02T15:04:05+00:00"), r.Zone.String(), r.Email}, files...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("is it installed? apt-get install python3-icalendar\n%v\n%s", err, &stderr)
	}
	var theirs [][][2]time.Time
	if err := json.Unmarshal(stdout.Bytes(), &theirs); err != nil {
		t.Fatal(err)
	}
	for n, file := range files {
		var want []Interval
		for _, i := range theirs[n] {
			want = append(want, Interval{i[0], i[1]})
		}
		found, _ := Read(context.Background(), read(t, file), r)
		if diff := cmp.Diff(printed(want, r.Zone), printed(found.Times, r.Zone)); diff != "" {
			t.Errorf("%s: python3-icalendar (-) and ours (+) differ:\n%s", file, diff)
		}
	}
}
