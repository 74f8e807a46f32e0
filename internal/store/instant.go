package store

import (
	"database/sql"
	"fmt"
	"time"
)

// layout keeps instants as text in UTC to the second: it sorts, and can be
// read in a backup.
const layout = "2006-01-02T15:04:05Z"

// At is the instant as it is stored; the zero time is stored as NULL.
func At(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(layout)
}

// Time scans a stored instant into t; NULL gives the zero time.
func Time(t *time.Time) sql.Scanner { return instant{t} }

type instant struct{ t *time.Time }

// Scan implements sql.Scanner.
func (i instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i.t = time.Time{}
		return nil
	case string:
		return i.parse(v)
	case []byte:
		return i.parse(string(v))
	}
	return fmt.Errorf("an instant cannot be read from %T", src)
}

func (i instant) parse(s string) error {
	t, err := time.Parse(layout, s)
	if err != nil {
		return fmt.Errorf("read instant: %w", err)
	}
	*i.t = t
	return nil
}

// Text is the string as it is stored where the empty string means nothing:
// NULL.
func Text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// String scans a text that may be NULL into s.
func String(s *string) sql.Scanner { return optional[string]{s} }

// Int scans a number that may be NULL into n, which becomes nil then.
func Int(n **int) sql.Scanner { return optionalInt{n} }

type optional[T any] struct{ v *T }

// Scan implements sql.Scanner.
func (o optional[T]) Scan(src any) error {
	var n sql.Null[T]
	if err := n.Scan(src); err != nil {
		return err
	}
	*o.v = n.V
	return nil
}

type optionalInt struct{ n **int }

// Scan implements sql.Scanner.
func (o optionalInt) Scan(src any) error {
	var n sql.NullInt64
	if err := n.Scan(src); err != nil {
		return err
	}
	*o.n = nil
	if n.Valid {
		v := int(n.Int64)
		*o.n = &v
	}
	return nil
}
