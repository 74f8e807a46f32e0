package mail

import (
	"strings"

	"stafett/internal/locale"
	"stafett/internal/mailing"
	"stafett/internal/programme"
)

// Content is everything that a letter says, in the order in which it says it.
// It is made once, and printed as text and as HTML, so that both say the same.
type Content struct {
	Language  locale.Language
	Programme string
	Logo      *logoShown        // nil: the programme has none
	Accent    *programme.Accent // nil: the letter has our own colours
	Subject   string
	Preheader string // what a list of mail shows beside the subject
	Heading   string
	HeadingIn string // the heading's language, when it is not the letter's
	Greeting  string
	Lead      []string // paragraphs before the facts
	Body      *Body    // an organiser's own words before the facts

	Title         string // of the event
	TitleLanguage string // when it is not the letter's
	Facts         []Fact
	Quote         *Quote

	Next    []string // paragraphs about what to do now
	Actions []Action
	Contact *Contact

	SignedBy   string
	Footer     []string // why the letter came
	EndURL     string   // of news: ends them
	OwnPageURL string   // of those who take part; the link opens nothing by itself
	PrivacyURL string
}

// Fact is one thing to know about the event. Its value may have several lines.
type Fact struct {
	Label, Value string
	Clocks       string // the end of the value that stays on one line; or ""
	Former       bool   // no longer so; struck through
	Language     string // of the value, when it is not the letter's
}

// Lines are the value without its clocks.
func (f Fact) Lines() []string {
	return strings.Split(strings.TrimSuffix(f.Value, f.Clocks), "\n")
}

// Body is a longer text of an organiser's own.
type Body struct {
	mailing.Printed
	Language string // when it is not the letter's
}

// Quote is what an organiser wrote, word for word.
type Quote struct {
	Label, Words string
	Language     string // when it is not the letter's
}

// Action is a link, with a text that says where it goes.
type Action struct {
	Label, URL string
	Main       bool   // the one thing to do
	Language   string // of the label, when it is not the letter's
}

// Contact is whom to ask. Any part may be empty.
type Contact struct{ Name, Email, Phone string }

// Lines are the parts that there are.
func (c Contact) Lines() []string {
	var lines []string
	for _, part := range []string{c.Name, c.Email, c.Phone} {
		if part != "" {
			lines = append(lines, part)
		}
	}
	return lines
}
