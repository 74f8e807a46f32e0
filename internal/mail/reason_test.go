package mail

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"stafett/internal/locale"
	"stafett/internal/message"
)

func TestEveryReasonHasATextInEveryLanguage(t *testing.T) {
	c := texts(t)
	for _, code := range message.Reasons() {
		// A reason with numbers shows them, and one without has no gap for them.
		_, numbered := message.SplitReason(code + " 550 5.1.1")
		for _, lang := range locale.All() {
			text, err := c.Text(lang, "mail.reason."+code, "code", numbered)
			if err != nil {
				t.Errorf("%s in %s: %v", code, lang, err)
			}
			if numbered != "" && !strings.Contains(text, "(550 5.1.1)") || numbered == "" && strings.Contains(text, "(") {
				t.Errorf("%s in %s: %s", code, lang, text)
			}
		}
	}
}

func TestEveryReasonThatIsNamedIsListed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../message/reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	listed, found := message.Reasons(), 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Reason") {
			return true
		}
		code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if found++; err != nil || !slices.Contains(listed, code) {
			t.Errorf("%s is not listed", spec.Names[0].Name)
		}
		return true
	})
	if found < 30 {
		t.Errorf("only %d reasons were found", found)
	}
}

func TestAReasonIsDividedIntoItsCodeAndTheServersNumbers(t *testing.T) {
	for stored, want := range map[string][2]string{
		"":                                {"", ""},
		"unreachable":                     {"unreachable", ""},
		"no_such_address 550 5.1.1":       {"no_such_address", "550 5.1.1"},
		"refused 554":                     {"refused", "554"},
		"dropped_late_try_later 451":      {"dropped_late_try_later", "451"},
		"fault":                           {"fault", ""},
		"unreachable 550":                 {message.ReasonUnknown, ""}, // its text has no place for numbers
		"refused":                         {message.ReasonUnknown, ""}, // its text would have a gap
		"refused 550 anna@kund.example":   {message.ReasonUnknown, ""},
		"The mail server is not there.":   {message.ReasonUnknown, ""},
		"a_code_of_another_release 5.1.1": {message.ReasonUnknown, ""},
	} {
		if code, numbers := message.SplitReason(stored); [2]string{code, numbers} != want {
			t.Errorf("%q: %q and %q, want %q", stored, code, numbers, want)
		}
	}
}

func TestWhatIsTooLateKeepsTheReasonOfTheLastAttempt(t *testing.T) {
	for last, want := range map[string]string{
		"":                        "dropped_late",
		"try_later 451 4.3.0":     "dropped_late_try_later 451 4.3.0",
		"odd_answer 354":          "dropped_late_odd_answer 354",
		"may_have_arrived":        "dropped_late_may_have_arrived",
		"stopped":                 "dropped_late_stopped",
		"line_broke":              "dropped_late_line_broke",
		"unreachable":             "dropped_late_unreachable",
		"not_written":             "dropped_late_not_written",
		"The server was too busy": "dropped_late",
	} {
		got := message.LateAfter(last)
		if code, _ := message.SplitReason(got); got != want || code == message.ReasonUnknown {
			t.Errorf("after %q: %q, want %q", last, got, want)
		}
	}
}
