package api

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"
	sqlite "github.com/mattn/go-sqlite3"
)

// codesIn finds the codes that a package of the domain refuses with.
func codesIn(t *testing.T, folder string, pattern *regexp.Regexp) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(folder, err)
	}
	var codes []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pattern.FindAllSubmatch(source, -1) {
			codes = append(codes, string(m[1]))
		}
	}
	if len(codes) == 0 {
		t.Fatalf("no code is found in %s", folder)
	}
	return codes
}

func TestEveryCodeOfTheDomainHasWords(t *testing.T) {
	field := regexp.MustCompile(`\.Add\([^,]+, "([a-z_]+)"[,)]`)
	refusal := regexp.MustCompile(`problem\.Problem\{Kind: [^}]*Code: "([a-z_]+)"`)
	for _, folder := range []string{"event", "registration", "programme"} {
		for _, code := range codesIn(t, folder, field) {
			if fieldSentences[code] == "" {
				t.Errorf("%s refuses a field with %q, for which there are no words", folder, code)
			}
		}
		for _, code := range codesIn(t, folder, refusal) {
			if sentences[code] == "" {
				t.Errorf("%s refuses with %q, for which there are no words", folder, code)
			}
		}
	}
	for _, code := range codesIn(t, "idempotency", refusal) {
		if sentences[code] == "" {
			t.Errorf("no words for %q", code)
		}
	}
}

func TestEveryCodeOfTheAPIHasWords(t *testing.T) {
	own := codesIn(t, "api", regexp.MustCompile(`newProblem\(http\.Status\w+, "([a-z_]+)"\)`))
	for _, code := range append(own, "invalid", "busy", "fault") {
		if sentences[code] == "" {
			t.Errorf("no words for %q", code)
		}
	}
	fields := codesIn(t, "api", regexp.MustCompile(`\bat\([^"]*(?:"[^"]*")?[^"]*, "([a-z_]+)"\)`))
	for _, m := range humaCodes {
		fields = append(fields, m.code)
	}
	for _, code := range append(fields, orgNumberCode("SE"), orgNumberCode("NO")) {
		if fieldSentences[code] == "" {
			t.Errorf("no words for %q at a field", code)
		}
	}
}

func TestWordsAreFilled(t *testing.T) {
	loc := time.FixedZone("", 3600)
	for _, tt := range []struct {
		got, want string
	}{
		{words("not_open", []any{"at", time.Date(2027, 3, 3, 8, 30, 0, 0, loc)}), "Registration opens at 2027-03-03T08:30:00+01:00."},
		{fieldWords("places_taken", []any{"n", 12}), "12 places are taken: there cannot be fewer."},
		{fieldWords("agenda_title", []any{"row", 3}), "Row 3 of the agenda needs a title."},
		{words("of_another_release", nil), "Something must be corrected."},
		{fieldWords("of_another_release", nil), "This is not of the form described."},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// stranger is an error of huma's that we do not know.
type stranger struct{}

func (stranger) GetStatus() int { return 422 }
func (stranger) Error() string  { return "secret" }

func TestAnErrorOfHumaIsSaidInOurOwnWords(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  huma.StatusError
		want []FieldError
	}{
		{"one of a kind that we do not know", stranger{}, nil},
		{"a message that we do not know", &huma.ErrorModel{Status: 422, Errors: []*huma.ErrorDetail{{Message: "secret", Location: "body.x", Value: "secret"}}}, []FieldError{at("body.x", "type")}},
		{"nothing in it", &huma.ErrorModel{Status: 422, Errors: []*huma.ErrorDetail{nil}}, []FieldError{at("body", "type")}},
		{"a missing field", &huma.ErrorModel{Status: 422, Errors: []*huma.ErrorDetail{{Message: "expected required property name to be present", Location: "body.company", Value: "secret"}}}, []FieldError{at("body.company.name", "required")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ofHuma(tt.err)
			if diff := cmp.Diff(tt.want, got.Errors); diff != "" || got.Code != "invalid" || strings.Contains(got.Detail, "secret") {
				t.Errorf("%s %s: %s", got.Code, got.Detail, diff)
			}
		})
	}
}

func TestADatabaseThatCannotBeWrittenIsBusy(t *testing.T) {
	var log strings.Builder
	s := &server{Options: Options{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	for _, code := range []sqlite.ErrNo{sqlite.ErrBusy, sqlite.ErrLocked, sqlite.ErrFull} {
		p := s.problemOf(context.Background(), fmt.Errorf("sign up: %w", sqlite.Error{Code: code}), inBody)
		if p.Status != 503 || p.Code != "busy" || p.GetHeaders().Get("Retry-After") == "" {
			t.Errorf("%v gives %d %s", code, p.Status, p.Code)
		}
	}
	if strings.Count(log.String(), "level=ERROR") != 3 {
		t.Errorf("the log has %s", log.String())
	}
}
