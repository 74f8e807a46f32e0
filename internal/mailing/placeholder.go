package mailing

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// The placeholders of a text: what stands in each recipient's own letter. The
// last two are addresses and stand in the body only.
const (
	FirstName = "{first_name}"
	EventName = "{event}"
	Date      = "{date}"
	Link      = "{link}" // to one's own registration
	Join      = "{join}" // into the meeting; lines with it are for those who take part online
)

// Placeholders lists them.
func Placeholders() []string { return []string{FirstName, EventName, Date, Link, Join} }

// unknown finds the first thing between braces that is no placeholder, or a
// brace that stands alone; empty when there is none.
func unknown(text string, known ...string) string {
	for _, p := range known {
		text = strings.ReplaceAll(text, p, "")
	}
	found := strayBrace.FindString(text)
	if utf8.RuneCountInString(found) > 40 {
		found = string([]rune(found)[:40]) + "…"
	}
	return found
}

var strayBrace = regexp.MustCompile(`\{[^{}\n]*\}?|\}`)

// Values are what stands in the place of the placeholders. An address that is
// empty is not this person's: lines with {join} are left out then.
type Values struct {
	FirstName, Event, Date string
	Link, LinkLabel        string
	Join, JoinLabel        string
}

// Line fills in a text of one line, such as a subject.
func (v Values) Line(text string) string {
	if v.FirstName == "" {
		text = withoutName.ReplaceAllString(text, "")
	}
	filled := strings.NewReplacer(FirstName, v.FirstName, EventName, v.Event, Date, v.Date).Replace(text)
	return strings.Join(strings.Fields(filled), " ")
}

// withoutName is the name's placeholder with the space before it: "Hej!" and not
// "Hej !" to somebody whose name cannot be shown.
var withoutName = regexp.MustCompile(`,? ?` + regexp.QuoteMeta(FirstName))

// markdown fills in the Markdown of a body. What people have typed stays text,
// whatever signs are in it.
func (v Values) markdown(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if v.Join != "" || !strings.Contains(line, Join) {
			lines = append(lines, line)
		}
	}
	text = strings.Join(lines, "\n")
	if v.FirstName == "" {
		text = withoutName.ReplaceAllString(text, "")
	}
	return strings.NewReplacer(
		FirstName, escaped(v.FirstName), EventName, escaped(v.Event), Date, escaped(v.Date),
		"]("+Link+")", "](<"+v.Link+">)", "]("+Join+")", "](<"+v.Join+">)",
		Link, "["+escaped(v.LinkLabel)+"](<"+v.Link+">)", Join, "["+escaped(v.JoinLabel)+"](<"+v.Join+">)",
	).Replace(text)
}

// escaped writes a text so that Markdown reads it as itself (CommonMark 2.4).
func escaped(s string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(s), " ") {
		if r < utf8.RuneSelf && strings.ContainsRune("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
