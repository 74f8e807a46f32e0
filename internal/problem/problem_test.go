package problem_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/problem"
)

var errFull = &problem.Problem{Kind: problem.Conflict, Code: "full"}

func TestRefusalsWithOneCodeAreTheSame(t *testing.T) {
	with := errFull.With("n", 30)
	for _, tt := range []struct {
		name   string
		err    error
		target error
		want   bool
	}{
		{"itself", errFull, errFull, true},
		{"with values for its text", with, errFull, true},
		{"wrapped", fmt.Errorf("register: %w", with), errFull, true},
		{"joined", errors.Join(nil, with), errFull, true},
		{"another code of the same kind", errFull, &problem.Problem{Kind: problem.Conflict, Code: "closed"}, false},
		{"a fault", errors.New("full"), errFull, false},
		{"a fault asked for", errFull, errors.New("full"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := errors.Is(tt.err, tt.target); got != tt.want {
				t.Errorf("errors.Is = %t", got)
			}
		})
	}
}

func TestValuesAreGivenToACopy(t *testing.T) {
	with := errFull.With("n", 30)
	want := &problem.Problem{Kind: problem.Conflict, Code: "full", Args: []any{"n", 30}}
	if diff := cmp.Diff(want, with); diff != "" {
		t.Error(diff)
	}
	if errFull.Args != nil {
		t.Errorf("the refusal that everybody shares now has %v", errFull.Args)
	}
}

func TestARefusalIsFoundInAnError(t *testing.T) {
	if p, ok := problem.As(fmt.Errorf("a: %w", fmt.Errorf("b: %w", errFull))); !ok || p != errFull {
		t.Errorf("As = %v, %t", p, ok)
	}
	for _, err := range []error{nil, errors.New("fault")} {
		if p, ok := problem.As(err); ok || p != nil {
			t.Errorf("As(%v) = %v, %t", err, p, ok)
		}
	}
}

func TestOnlyTheFirstErrorAtAFieldIsKept(t *testing.T) {
	var f problem.Fields
	if f.Err() != nil || f.Has("title") {
		t.Errorf("nothing noted: %v", f.Err())
	}
	f.Add("title", "required")
	f.Add("title", "too_long", "most", 200)
	f.Add("price", "number")
	want := &problem.Problem{Kind: problem.Invalid, Code: "invalid", Fields: []problem.Field{{Name: "title", Code: "required"}, {Name: "price", Code: "number"}}}
	p, _ := problem.As(f.Err())
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	if !f.Has("price") || f.Has("summary") {
		t.Errorf("price %t, summary %t", f.Has("price"), f.Has("summary"))
	}
}

func TestAnErrorsTextHoldsNoValue(t *testing.T) {
	var f problem.Fields
	f.Add("org_number", "personal_number", "typed", "secret")
	for err, want := range map[error]string{
		f.Err():                   "invalid org_number:personal_number",
		errFull.With("n", "anna"): "full",
		problem.ErrMissing:        "missing",
		problem.ErrDenied:         "denied",
	} {
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}
