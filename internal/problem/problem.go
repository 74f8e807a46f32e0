// Package problem holds refusals: the "no" that a person can act on. A refusal
// names a kind, which the ways in turn into a status, and a code, which the API
// sends and by which the texts in four languages are found.
package problem

import (
	"errors"
	"slices"
	"strings"
)

// Kind says what sort of refusal it is; only web and api know its HTTP status.
type Kind string

// The kinds of refusal.
const (
	Invalid  Kind = "invalid"  // what was sent must be corrected (422)
	Conflict Kind = "conflict" // the state of things does not allow it (409)
	Missing  Kind = "missing"  // there is no such thing, or it is not the caller's (404)
	Denied   Kind = "denied"   // the caller may not (403)
)

// Field is one error beside one field of a form or request.
type Field struct {
	Name string // the field's name in the form and in the API
	Code string // the text is "error.<Code>"
	Args []any  // name and value pairs for the text's placeholders
}

// Problem is a refusal. Two problems are the same to errors.Is when their codes
// are the same.
type Problem struct {
	Kind   Kind
	Code   string // the text is "problem.<Code>"
	Args   []any  // name and value pairs for the text's placeholders
	Fields []Field
}

// Error gives the code and the fields, never a value that was typed.
func (p *Problem) Error() string {
	parts := []string{p.Code}
	for _, f := range p.Fields {
		parts = append(parts, f.Name+":"+f.Code)
	}
	return strings.Join(parts, " ")
}

// Is reports whether target is a problem with the same code.
func (p *Problem) Is(target error) bool {
	t, ok := target.(*Problem)
	return ok && t.Code == p.Code
}

// With returns the same refusal with values for the placeholders of its text.
func (p *Problem) With(args ...any) *Problem {
	c := *p
	c.Args = args
	return &c
}

// As finds the refusal in an error.
func As(err error) (*Problem, bool) {
	var p *Problem
	ok := errors.As(err, &p)
	return p, ok
}

// Money is an amount among the values of a text, in the smallest unit of its
// currency: it is printed in the reader's language.
type Money struct {
	Minor    int64
	Currency string
}

// ErrMissing says that there is no such thing, in the same words as when it is
// there but not the caller's.
var ErrMissing = &Problem{Kind: Missing, Code: "missing"}

// ErrDenied says that the caller is known and may not.
var ErrDenied = &Problem{Kind: Denied, Code: "denied"}

// Fields gathers errors beside fields while something is checked.
type Fields []Field

// Add notes an error at a field; only the first error at each field is kept.
func (f *Fields) Add(name, code string, args ...any) {
	if slices.ContainsFunc(*f, func(x Field) bool { return x.Name == name }) {
		return
	}
	*f = append(*f, Field{Name: name, Code: code, Args: args})
}

// Has reports whether the field has an error.
func (f Fields) Has(name string) bool {
	return slices.ContainsFunc(f, func(x Field) bool { return x.Name == name })
}

// Err is nil when no error was noted, else a problem of kind Invalid.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Problem{Kind: Invalid, Code: "invalid", Fields: f}
}
