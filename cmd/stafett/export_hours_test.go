package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestHoursAreExported(t *testing.T) {
	inherit(t)
	file := filepath.Join(t.TempDir(), "stafett.db")
	done(t, "migrate", "--database", file)
	done(t, "programme", "add", "--database", file, "--slug", "dalarna", "--name", "Dalarna", "--country", "SE", "--language", "sv", "--county", "20")
	if got := done(t, "export", "hours", "--database", file, "--programme", "dalarna", "--language", "nn"); !strings.HasPrefix(got, "\ufeff\"Bedrift\";\"Organisasjonsnummer\"") {
		t.Errorf("the file begins %q", got)
	}
	if got := done(t, "export", "hours", "--database", file, "--format", "xlsx"); !strings.HasPrefix(got, "PK") {
		t.Error("the workbook is none")
	}
}
