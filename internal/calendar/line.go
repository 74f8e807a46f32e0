package calendar

import (
	"bytes"
	"iter"
	"net/url"
	"strings"
)

// Line is one property of a calendar file (RFC 5545 3.1): its name and those of
// its parameters in capitals.
type Line struct {
	Name, Value string
	Params      map[string]string // values without quotation marks; of several the first
}

// folds are the ends of lines that go on in the next (RFC 5545 3.1).
var folds = strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "")

// Lines gives the properties of a calendar file in their order, joined where they
// were folded. It takes what real calendars write: names in any case, lines that
// end in LF, a byte order mark, parameters that no rule knows. Our library gives
// up a whole file for one bad parameter, or loses all parameters of the line, the
// zone of a time among them; so what others have written is read by this.
func Lines(b []byte) iter.Seq[Line] {
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	return func(yield func(Line) bool) {
		for l := range strings.Lines(folds.Replace(string(b))) {
			if l = strings.TrimRight(l, "\r\n"); l != "" && !yield(splitLine(l)) {
				return
			}
		}
	}
}

// splitLine divides a line at the first colon and at the semicolons before it
// that stand outside of quotation marks.
func splitLine(l string) (p Line) {
	var parts []string
	quoted, from := false, 0
	for i := 0; i < len(l); i++ {
		switch c := l[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';':
			parts, from = append(parts, l[from:i]), i+1
		case c == ':':
			parts, p.Value = append(parts, l[from:i]), l[i+1:]
			i = len(l)
		}
	}
	if len(parts) == 0 {
		return p
	}
	p.Name = strings.ToUpper(strings.TrimSpace(parts[0]))
	for _, param := range parts[1:] {
		name, value, _ := strings.Cut(param, "=")
		name = strings.ToUpper(strings.TrimSpace(name))
		if _, there := p.Params[name]; !there {
			if p.Params == nil {
				p.Params = map[string]string{}
			}
			p.Params[name] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return p
}

// Address is the person's address: the value, or the parameter EMAIL where the
// value is an address of another kind, as calendars of Apple write it.
func (p Line) Address() string {
	value := strings.TrimSpace(p.Value)
	const scheme = "mailto:"
	if len(value) > len(scheme) && strings.EqualFold(value[:len(scheme)], scheme) {
		value = value[len(scheme):]
	} else if email := p.Params["EMAIL"]; email != "" {
		value = email
	}
	if plain, err := url.PathUnescape(value); err == nil {
		value = plain
	}
	return value
}
