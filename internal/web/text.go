package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/municipality"
	"stafett/internal/problem"
)

// functions are what templates may call, bound to one language. They are pure.
// This is the one file that makes template.HTML of anything.
func (s *Server) functions(lang locale.Language) template.FuncMap {
	t := func(key string, args ...any) (string, error) { return s.Texts.Text(lang, key, args...) }
	return template.FuncMap{
		"t":        t,
		"asset":    s.assets.url,
		"markdown": markdown,
		"language": func() locale.Language { return lang },
		"dict":     dict,
		"tel":      telephone,
		"list":     func(v ...any) []any { return v },
		"join":     func(sep string, parts []string) string { return strings.Join(parts, sep) },
		"add":      func(a, b int) int { return a + b },
		"absolute": func(path string) string { return s.BaseURL + path },

		"iso":       func(t time.Time) string { return t.Format("2006-01-02T15:04:05-07:00") },
		"isodate":   func(t time.Time) string { return t.Format(time.DateOnly) },
		"isoclock":  func(t time.Time) string { return t.Format("15:04") },
		"date":      func(t time.Time) string { return locale.Date(lang, t) },
		"days":      func(a, b time.Time) string { return locale.Days(lang, a, b) },
		"dayMonth":  func(t time.Time) string { return locale.DayMonth(lang, t) },
		"shortDate": func(t time.Time) string { return locale.ShortDate(lang, t) },
		"wall": func(clock string) string { // "08:00" as the page's language writes it
			t, err := time.Parse("15:04", clock)
			if err != nil {
				return clock
			}
			return locale.Clock(lang, t)
		},
		"clock":  func(t time.Time) string { return locale.Clock(lang, t) },
		"clocks": func(a, b time.Time) string { return locale.At(lang, locale.ClockRange(lang, a, b)) },
		"when":   func(a, b time.Time) string { return locale.Range(lang, a, b) },
		"moment": func(t time.Time) string {
			return locale.DayMonth(lang, t) + " " + locale.At(lang, locale.Clock(lang, t))
		},
		"deadline":  func(t, now time.Time) string { return locale.Deadline(lang, t, now) },
		"month":     func(t time.Time) string { return locale.Month(lang, t) },
		"weekday":   func(t time.Time) string { return locale.Weekday(lang, t) },
		"money":     func(minor int64, currency string) string { return locale.Money(lang, minor, currency) },
		"minutes":   func(n *int) int { return *n },
		"rate":      rateTyped,
		"number":    func(n int) string { return locale.Number(lang, int64(n)) },
		"duration":  func(minutes int) string { return locale.Duration(lang, minutes) },
		"place":     s.placeName,
		"orgNumber": company.Format,

		"reason": func(s string) (string, error) {
			code, numbers := message.SplitReason(s)
			return t("mail.reason."+code, "code", numbers)
		},
		"errorAt":    func(p *problem.Problem, field string) (string, error) { return errorAt(lang, t, p, field) },
		"problem":    func(p *problem.Problem) (string, error) { return problemText(lang, t, p) },
		"capitalise": capitalise,
		"audiences": func(codes []string) (string, error) {
			names := make([]string, len(codes))
			for i, code := range codes {
				var err error
				if names[i], err = t("audience." + code); err != nil {
					return "", err
				}
			}
			return strings.Join(names, ", "), nil
		},
	}
}

// placeName is a municipality's name; of one that does not exist, nothing.
func (s *Server) placeName(code municipality.Code) string {
	m, ok := s.Places.Find(code)
	if !ok {
		return ""
	}
	return m.Label()
}

func capitalise(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToUpper(string(r[0])) + string(r[1:])
}

// dict makes a map of names and values, for partials that take several.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d values make no pairs", len(pairs))
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

type translate func(key string, args ...any) (string, error)

// errorAt is the text of the error at a field; empty when there is none.
func errorAt(lang locale.Language, t translate, p *problem.Problem, field string) (string, error) {
	if p == nil {
		return "", nil
	}
	for _, f := range p.Fields {
		if f.Name == field {
			return t("error."+f.Code, spoken(lang, f.Args)...)
		}
	}
	return "", nil
}

// problemText is the sentence of a refusal, with times printed in the reader's
// language.
func problemText(lang locale.Language, t translate, p *problem.Problem) (string, error) {
	if p == nil {
		return "", nil
	}
	return t("problem."+p.Code, spoken(lang, p.Args)...)
}

// spoken prints times and money among the values of a refusal in the reader's
// language.
func spoken(lang locale.Language, values []any) []any {
	args := make([]any, len(values))
	for i, a := range values {
		switch v := a.(type) {
		case time.Time:
			a = locale.Date(lang, v) + " " + locale.At(lang, locale.Clock(lang, v))
		case time.Duration:
			a = locale.Duration(lang, int(v/time.Minute))
		case problem.Money:
			a = locale.Money(lang, v.Minor, v.Currency)
		}
		args[i] = a
	}
	return args
}

// markdown turns an organiser's text into HTML: no raw HTML, only links to the
// web, mail and telephone.
func markdown(source string) (template.HTML, error) {
	var b strings.Builder
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Linkify, extension.Strikethrough))
	if err := md.Convert([]byte(source), &b); err != nil {
		return "", fmt.Errorf("read Markdown: %w", err)
	}
	policy := descriptionPolicy()
	return template.HTML(policy.Sanitize(lowerHeadings.Replace(b.String()))), nil
}

// lowerHeadings puts a description's headings below the page's own.
var lowerHeadings = strings.NewReplacer("<h1", "<h3", "</h1", "</h3", "<h2", "<h4", "</h2", "</h4", "<h3", "<h5", "</h3", "</h5", "<h4", "<h6", "</h4", "</h6", "<h5", "<h6", "</h5", "</h6")

// descriptionPolicy lets through what a description may hold.
func descriptionPolicy() *bluemonday.Policy {
	policy := bluemonday.UGCPolicy()
	policy.AllowURLSchemes("http", "https", "mailto", "tel")
	policy.RequireNoFollowOnLinks(true)
	return policy
}

// telephone is the address by which a phone calls the number.
func telephone(number string) template.URL {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
	return template.URL("tel:" + digits)
}
