package calendar_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the files below testdata anew")

func TestFilesAreAsPeopleReceiveThem(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(s.file, func(t *testing.T) {
			path := filepath.Join("testdata", s.file)
			if *update {
				if err := os.WriteFile(path, s.data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(s.data)); diff != "" {
				t.Errorf("differs (-want +got); if it should, run with -update\n%s", diff)
			}
		})
	}
}

func TestEveryGoldenFileIsStillWritten(t *testing.T) {
	found, err := filepath.Glob("testdata/*.ics")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(found), len(samples(t)); got != want {
		t.Errorf("testdata holds %d files, %d are written", got, want)
	}
}
