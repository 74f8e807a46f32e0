package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/unicode/norm"

	"stafett/internal/locale"
)

const (
	maxBody  = 1 << 20
	maxDepth = 32
)

// idempotencyKey reads the key of a POST; without one, "".
func idempotencyKey(c *gin.Context) (string, error) {
	keys := c.Request.Header.Values("Idempotency-Key")
	if c.Request.Method != http.MethodPost || len(keys) == 0 {
		return "", nil
	}
	key := keys[0]
	hidden := func(r rune) bool { return r <= ' ' || r > '~' }
	if len(keys) > 1 || len(key) < 1 || len(key) > 255 || strings.ContainsFunc(key, hidden) {
		return "", newProblem(http.StatusBadRequest, "idempotency_key")
	}
	return key, nil
}

// checkQuery refuses what would be read as something else than was meant.
func checkQuery(raw string) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return newProblem(http.StatusBadRequest, "query")
	}
	var errs []FieldError
	for name, given := range values {
		text := strings.Join(append(given, name), "")
		switch {
		case !utf8.ValidString(text):
			return newProblem(http.StatusBadRequest, "query")
		case locale.Deceptive(text, false):
			errs = append(errs, at(inside("query", name), "characters"))
		case len(given) > 1:
			errs = append(errs, at(inside("query", name), "twice"))
		}
	}
	if len(errs) > 0 {
		return invalid(errs...)
	}
	return nil
}

// readBody reads the body, and puts a tidied one in its place: one JSON value of
// valid text, every string composed (NFC) and trimmed. The first result is what
// was sent.
func readBody(c *gin.Context) (sent, tidy []byte, err error) {
	if c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead {
		return nil, nil, nil
	}
	sent, err = io.ReadAll(io.LimitReader(c.Request.Body, maxBody+1))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge), len(sent) > maxBody:
		return nil, nil, newProblem(http.StatusRequestEntityTooLarge, "too_large")
	case err != nil: // it was cut short
		return nil, nil, newProblem(http.StatusBadRequest, "not_json")
	}
	if err := checkType(c.GetHeader("Content-Type"), len(sent) > 0); err != nil {
		return nil, nil, err
	}
	if len(sent) > 0 {
		if tidy, err = tidied(sent); err != nil {
			return nil, nil, err
		}
	}
	c.Request.Header.Set("Content-Type", "application/json")
	c.Request.Body = io.NopCloser(bytes.NewReader(tidy))
	return sent, tidy, nil
}

// checkType refuses bodies that are not declared as JSON: a form on another site
// can send all others.
func checkType(header string, hasBody bool) error {
	if header == "" && !hasBody {
		return nil
	}
	kind, params, err := mime.ParseMediaType(header)
	charset := params["charset"]
	if err != nil || kind != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return newProblem(http.StatusUnsupportedMediaType, "content_type")
	}
	return nil
}

// tidied parses and writes anew what was sent. encoding/json would replace bad
// bytes and halves of surrogate pairs without a word, so these are looked for
// first.
func tidied(sent []byte) ([]byte, error) {
	if !utf8.Valid(sent) {
		return nil, newProblem(http.StatusBadRequest, "not_text")
	}
	if err := scan(sent); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(sent))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, newProblem(http.StatusBadRequest, "not_json")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, newProblem(http.StatusBadRequest, "not_json")
	}
	var errs []FieldError
	value = clean("body", "", value, &errs)
	if len(errs) > 0 {
		slices.SortFunc(errs, func(a, b FieldError) int { return strings.Compare(a.Location, b.Location) })
		return nil, invalid(errs[:min(len(errs), 100)]...)
	}
	tidy, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("write the body anew: %w", err)
	}
	return tidy, nil
}

// scan goes through the bytes once, before anything is built of them: for the
// depth, and for escapes that are half a surrogate pair.
func scan(b []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			n, ok := escape(b[i:])
			if !ok {
				return newProblem(http.StatusBadRequest, "not_text")
			}
			i += n - 1
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return newProblem(http.StatusBadRequest, "too_deep")
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// escape tells how long the escape at the beginning of b is; ok is false for
// half a surrogate pair.
func escape(b []byte) (length int, ok bool) {
	unit, isUnit := codeUnit(b)
	if !isUnit {
		return 2, true
	}
	if unit < 0xd800 || unit > 0xdfff {
		return 6, true
	}
	low, isUnit := codeUnit(b[6:])
	return 12, unit < 0xdc00 && isUnit && low >= 0xdc00 && low <= 0xdfff
}

func codeUnit(b []byte) (uint64, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return n, err == nil
}

// severalLines are the fields that may hold line breaks.
var severalLines = []string{"summary", "description", "message", "access_notes", "answers"}

// clean composes and trims the strings in a value and notes those with
// characters that could deceive a reader or a mail program. field is the name of
// the field that the value belongs to.
func clean(location, field string, value any, errs *[]FieldError) any {
	switch v := value.(type) {
	case string:
		s := strings.TrimSpace(norm.NFC.String(strings.ReplaceAll(v, "\r\n", "\n")))
		if locale.Deceptive(s, slices.Contains(severalLines, field)) {
			*errs = append(*errs, at(location, "characters"))
		}
		return s
	case json.Number:
		if f, err := v.Float64(); err != nil || math.IsInf(f, 0) {
			*errs = append(*errs, at(location, "number"))
		}
	case []any:
		for i := range v {
			v[i] = clean(fmt.Sprintf("%s[%d]", location, i), field, v[i], errs)
		}
	case map[string]any:
		for name := range v {
			below := name
			if field == "answers" { // their names are those of the questions
				below = field
			}
			v[name] = clean(inside(location, name), below, v[name], errs)
		}
	}
	return value
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,60}$`)

// inside is the location of a field below another. A name that does not look
// like one is not repeated.
func inside(location, name string) string {
	if !plainName.MatchString(name) {
		return location
	}
	return location + "." + name
}
