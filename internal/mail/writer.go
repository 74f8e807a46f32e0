package mail

import (
	"log/slog"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/person"
)

// writer puts one letter into words.
type writer struct {
	facts
	links
	texts  *locale.Catalogue
	places *municipality.Register
	log    *slog.Logger

	replyTo string // "" when nobody reads answers
	sender  string // of which the address of the logo is made
	method  string // of the calendar object that goes with the letter; or ""
}

// t is the text in the recipient's language. A text that is missing there comes
// from another language: a letter in the wrong language is better than none.
func (w *writer) t(key string, args ...any) string {
	text, err := w.texts.Text(w.language, key, args...)
	if err != nil {
		w.log.Warn("text of a letter", "letter", w.Letter, "err", err)
	}
	return text
}

// frame is what every letter has.
func (w *writer) frame() Content {
	c := Content{
		Language: w.language, Programme: w.programme.Name, Greeting: w.greeting(), Title: w.event.Title,
		TitleLanguage: w.foreign(w.event.Language), Contact: w.contact(), SignedBy: w.organiser(), PrivacyURL: w.about, OwnPageURL: w.own,
	}
	w.look(&c)
	c.Footer = append(c.Footer, w.t("mail.why", "programme", w.programme.Name))
	return c
}

func (w *writer) greeting() string {
	name := typedName(w.registration.FirstName)
	if name == "" {
		return w.t("mail.greeting_nobody")
	}
	return w.t("mail.greeting", "name", name)
}

// foreign is a language that differs from the letter's, for readers that speak
// aloud; else empty.
func (w *writer) foreign(lang string) string {
	if lang == string(w.language) {
		return ""
	}
	return lang
}

func (w *writer) organiser() string {
	if w.programme.OrganiserName != "" {
		return w.programme.OrganiserName
	}
	return w.programme.Name
}

// contact is the event's, else the programme's.
func (w *writer) contact() *Contact {
	c := Contact{Name: w.event.ContactName, Email: w.event.ContactEmail, Phone: w.event.ContactPhone}
	if c.Email == "" && c.Phone == "" {
		c = Contact{Name: w.programme.OrganiserName, Email: w.programme.ContactEmail, Phone: w.programme.ContactPhone}
	}
	if len(c.Lines()) == 0 {
		return nil
	}
	return &c
}

// replyAddress is where answers go: the first that can be written to.
func replyAddress(s Settings, f facts) string {
	if f.advising != nil {
		return f.adviceReply(s)
	}
	for _, address := range []string{s.ReplyTo, f.event.ContactEmail, f.programme.ContactEmail} {
		if stored, err := person.Address(address); err == nil {
			return stored
		}
	}
	return ""
}

// what is the event with its day, as it stands in a subject.
func (w *writer) what() string {
	if w.event.Status == event.Postponed {
		return w.event.Title
	}
	return w.t("mail.what", "title", w.event.Title, "day", locale.DayMonth(w.language, w.event.LocalStart()))
}

// start is when the event begins, within a sentence.
func (w *writer) start() string {
	at := w.event.LocalStart()
	return w.t("mail.start", "weekday", locale.Weekday(w.language, at), "day", locale.DayMonth(w.language, at), "at", w.clock())
}

func (w *writer) clock() string {
	return locale.At(w.language, locale.Clock(w.language, w.event.LocalStart()))
}

// span says from when to when something lasts. Its clocks stay on one line: a
// narrow screen would break between them.
func (w *writer) span(key string, start, end time.Time) Fact {
	loc := w.location()
	start, end = start.In(loc), end.In(loc)
	f := Fact{Label: w.t(key), Value: locale.Range(w.language, start, end)}
	if clocks := locale.ClockRange(w.language, start, end); strings.HasSuffix(f.Value, clocks) {
		f.Clocks = locale.At(w.language, clocks)
	}
	return f
}

// when is the fact that everybody looks for first.
func (w *writer) when() Fact {
	if w.event.Status == event.Postponed {
		return Fact{Label: w.t("mail.fact.time"), Value: w.t("mail.no_date")}
	}
	return w.span("mail.fact.time", w.event.StartsAt, w.event.EndsAt)
}

// where is the place that the person goes to, on one line; empty when it is not
// known.
func (w *writer) where() string {
	if w.registration.Mode == event.Online {
		return w.t("mail.online")
	}
	var parts []string
	for _, part := range []string{w.event.VenueName, w.event.VenueAddress, w.municipality()} {
		if part != "" && !strings.Contains(strings.Join(parts, " "), part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func (w *writer) municipality() string {
	m, ok := w.places.Find(w.event.Municipality)
	if !ok {
		return ""
	}
	return m.Label()
}

// former is what was true before a change; nil for what is still so.
type former struct{ time, place *Fact }

func (f former) any() bool { return f.time != nil || f.place != nil }

// formerly finds what of an old time and place differs from today's.
func (w *writer) formerly(start, end time.Time, place string) (f former) {
	if !start.IsZero() && (!start.Equal(w.event.StartsAt) || !end.Equal(w.event.EndsAt)) {
		old := w.span("mail.fact.old_time", start, end)
		old.Former = true
		f.time = &old
	}
	if place != "" && place != w.event.VenueName && w.registration.Mode != event.Online {
		f.place = &Fact{Label: w.t("mail.fact.old_place"), Value: place, Former: true}
	}
	return f
}

// whenAndWhere are the facts of a letter about something that will take place.
func (w *writer) whenAndWhere(old former) []Fact {
	facts := []Fact{w.when()}
	if old.time != nil {
		facts = append(facts, *old.time)
	}
	if where := w.where(); where != "" {
		facts = append(facts, Fact{Label: w.t("mail.fact.place"), Value: where})
	}
	if old.place != nil {
		facts = append(facts, *old.place)
	}
	return facts
}

// access adds what the organiser says of the way into the room.
func (w *writer) access(facts []Fact) []Fact {
	if w.registration.Mode == event.Online || w.event.AccessNotes == "" {
		return facts
	}
	return append(facts, Fact{Label: w.t("mail.fact.access"), Value: w.event.AccessNotes, Language: w.foreign(w.event.Language)})
}

// quote gives an organiser's words as they are.
func (w *writer) quote(words string) *Quote {
	if words = strings.TrimSpace(words); words == "" {
		return nil
	}
	return &Quote{
		Label: w.t("mail.quote", "organiser", w.organiser()), Words: strings.ReplaceAll(words, "\r\n", "\n"),
		Language: w.foreign(w.event.Language),
	}
}

func (w *writer) action(key, url string) Action {
	return Action{Label: w.t("mail.action." + key), URL: url}
}

func (w *writer) mainAction(key, url string) Action {
	a := w.action(key, url)
	a.Main = true
	return a
}

// longestName is as much of a typed name as a letter shows.
const longestName = 60

var looksLikeLink = regexp.MustCompile(`(?i)://|www\.|[a-z0-9-]\.[a-z]{2,}`)

// typedName is what a letter shows of a name that somebody typed into a form.
// The letter may go to somebody else than who typed it, so the name must not be
// an advertisement: it is cut, and left out when mail programs would make a link
// of it.
func typedName(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if looksLikeLink.MatchString(s) {
		return ""
	}
	if utf8.RuneCountInString(s) > longestName {
		s = strings.TrimSpace(string([]rune(s)[:longestName]))
	}
	return s
}
