package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// The reader in this file shares no code with the package or its library. It
// knows just enough of RFC 5545 to read what we write, and is stricter than any
// calendar: what it does not expect is an error.

type property struct {
	Name   string
	Params map[string]string
	Value  string // without escapes
}

type component struct {
	Name       string
	Properties []property
	Components []component
}

// read reads a file, or says which of its lines is wrong.
func read(data []byte) (component, error) {
	lines, err := unfold(data)
	if err != nil {
		return component{}, err
	}
	top := component{}
	rest, err := top.fill(lines)
	if err != nil {
		return component{}, err
	}
	if len(rest) > 0 || len(top.Components) != 1 || len(top.Properties) > 0 {
		return component{}, fmt.Errorf("not exactly one calendar, %d lines left", len(rest))
	}
	return top.Components[0], nil
}

// unfold gives the logical lines, and looks at the form of the physical ones.
func unfold(data []byte) ([]string, error) {
	whole, ended := strings.CutSuffix(string(data), "\r\n")
	if !ended {
		return nil, fmt.Errorf("the last line has no end")
	}
	var lines []string
	for i, line := range strings.Split(whole, "\r\n") {
		switch {
		case line == "":
			return nil, fmt.Errorf("line %d is empty", i+1)
		case len(line) > 75:
			return nil, fmt.Errorf("line %d has %d octets", i+1, len(line))
		case !utf8.ValidString(line):
			return nil, fmt.Errorf("line %d is broken within a character: %q", i+1, line)
		case strings.ContainsFunc(line, unicode.IsControl):
			return nil, fmt.Errorf("line %d has a control character: %q", i+1, line)
		case line[0] == ' ' && i > 0:
			lines[len(lines)-1] += line[1:]
		default:
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// fill reads lines until the end of c and gives those that are left.
func (c *component) fill(lines []string) (rest []string, err error) {
	for len(lines) > 0 {
		p, err := parse(lines[0])
		if err != nil {
			return nil, fmt.Errorf("%w in %q", err, lines[0])
		}
		lines = lines[1:]
		switch p.Name {
		case "BEGIN":
			child := component{Name: p.Value}
			if lines, err = child.fill(lines); err != nil {
				return nil, err
			}
			c.Components = append(c.Components, child)
		case "END":
			if p.Value != c.Name {
				return nil, fmt.Errorf("%s ends as %s", c.Name, p.Value)
			}
			return lines, nil
		default:
			c.Properties = append(c.Properties, p)
		}
	}
	if c.Name != "" {
		return nil, fmt.Errorf("%s has no end", c.Name)
	}
	return nil, nil
}

func parse(line string) (property, error) {
	p := property{Params: map[string]string{}}
	end := strings.IndexAny(line, ";:")
	if end < 1 || strings.Trim(line[:end], "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" {
		return p, fmt.Errorf("no name of a property")
	}
	p.Name, line = line[:end], line[end:]
	for line[0] == ';' {
		key, after, found := strings.Cut(line[1:], "=")
		if !found || after == "" {
			return p, fmt.Errorf("parameter without value")
		}
		value, size, err := parameterValue(after)
		if err != nil {
			return p, err
		}
		p.Params[key], line = value, after[size:]
	}
	var err error
	p.Value, err = propertyValue(p, line[1:])
	return p, err
}

// parameterValue reads up to the ";" or ":" that ends the value.
func parameterValue(s string) (value string, size int, err error) {
	if s[0] == '"' {
		value, after, closed := strings.Cut(s[1:], `"`)
		if !closed || after == "" || after[0] != ';' && after[0] != ':' {
			return "", 0, fmt.Errorf("quotation marks that do not close the value")
		}
		return value, len(value) + 2, nil
	}
	size = strings.IndexAny(s, ";:")
	if size < 0 || strings.ContainsAny(s[:size], `",\`) {
		return "", 0, fmt.Errorf("value of a parameter that needs quotation marks")
	}
	return s[:size], size, nil
}

// propertyValue takes the escapes away where the value is text (RFC 5545
// 3.3.11); everywhere else there are none.
func propertyValue(p property, s string) (string, error) {
	switch p.Name {
	case "DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED", "URL", "CONFERENCE", "ORGANIZER", "ATTENDEE",
		"RRULE", "TRIGGER", "SEQUENCE", "TZOFFSETFROM", "TZOFFSETTO", "REFRESH-INTERVAL":
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ',', ';':
			return "", fmt.Errorf("text with a bare %q", s[i])
		case '\\':
			i++
			if i == len(s) || !strings.ContainsRune(`\;,n`, rune(s[i])) {
				return "", fmt.Errorf("text with an unknown escape")
			}
			if s[i] == 'n' {
				b.WriteByte('\n')
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String(), nil
}

// mustRead reads a file that was written without an error.
func mustRead(t *testing.T, data []byte, err error) component {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	c, err := read(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return c
}

// all gives the children with a name.
func (c component) all(name string) []component {
	var found []component
	for _, child := range c.Components {
		if child.Name == name {
			found = append(found, child)
		}
	}
	return found
}

// one gives the only child with a name.
func (c component) one(t *testing.T, name string) component {
	t.Helper()
	found := c.all(name)
	if len(found) != 1 {
		t.Fatalf("%s has %d times %s, want it once", c.Name, len(found), name)
	}
	return found[0]
}

// property gives the only property with a name.
func (c component) property(t *testing.T, name string) property {
	t.Helper()
	var found []property
	for _, p := range c.Properties {
		if p.Name == name {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s has %d times %s, want it once", c.Name, len(found), name)
	}
	return found[0]
}

// names gives the names of all properties, in the order of the file.
func (c component) names() []string {
	var names []string
	for _, p := range c.Properties {
		names = append(names, p.Name)
	}
	return names
}
