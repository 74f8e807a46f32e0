package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/mail/letter"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// Specimen is a whole letter to look at, byte by byte as it would be sent.
type Specimen struct {
	MIME       []byte
	Preheader  string
	Situations []string // in which the letter has other words; the usual one is ""
}

func (s *Server) letterRoutes() []route {
	return []route{
		{http.MethodGet, "/admin/letters", organise, s.letters},
		{http.MethodGet, "/admin/letters/:kind", organise, s.letterPreview},
		{http.MethodGet, "/admin/letters/:kind/html", organise, s.letterHTML},
		{http.MethodPost, "/admin/letters/:kind/test", organise, s.testLetter},
	}
}

func letterPages() map[string]pager {
	return map[string]pager{"letters": &lettersPage{}, "letter": &letterPage{}}
}

// lettersPage lists every letter there is, and when each is sent.
type lettersPage struct {
	page
	Groups     []letterGroup
	Query      string // chosen event and more, for the links; begins with ?
	Event      event.Event
	Programmes []programme.Programme
}

// letterGroup is some letters under one heading; the text is
// "letters.group.<Name>".
type letterGroup struct {
	Name    string
	Letters []message.Letter
}

// letterGroups puts the letters in the order in which people get them. Those that
// it does not name come last.
func letterGroups() []letterGroup {
	groups := []letterGroup{
		{"signup", []message.Letter{"E24", "E01", "E02", "E04", "E05", "E06"}},
		{"queue", []message.Letter{"E03", "E07", "E08", "E09"}},
		{"change", []message.Letter{"E15", "E22", "E14"}},
		{"leaving", []message.Letter{"E10", "E11", "E12", "E25"}},
		{"reminder", []message.Letter{"E18", "E19", "E20", "E26"}},
		{"after", []message.Letter{"E16", "E21", "E02b", "E13"}},
		{"person", []message.Letter{"E23", "E17", "E28"}},
		{"advice", []message.Letter{"B13", "B1", "B2", "B14", "B3", "B4", "B5", "B6", "B7", "B8", "B12", "B9", "B10", "B11", "B15", "B15b", "B16"}},
		{"application", []message.Letter{"P1", "P2", "P3", "P4", "P5", "P6", "P7"}},
		{"aid", []message.Letter{"A1", "A2", "A3"}},
		{"organiser", []message.Letter{"O1", "O2", "O3", "O4", "O5"}},
	}
	rest := slices.Clone(message.All())
	for i, g := range groups {
		there := func(l message.Letter) bool { return slices.Contains(message.All(), l) }
		groups[i].Letters = slices.DeleteFunc(g.Letters, func(l message.Letter) bool { return !there(l) })
		rest = slices.DeleteFunc(rest, func(l message.Letter) bool { return slices.Contains(g.Letters, l) })
	}
	if len(rest) > 0 {
		groups = append(groups, letterGroup{"other", rest})
	}
	return groups
}

func (s *Server) letters(c *gin.Context) error {
	ctx := c.Request.Context()
	p := &lettersPage{page: adminPage(c, "messages"), Groups: letterGroups()}
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if id := c.Query("event"); id != "" {
			if p.Event, err = s.ownEvent(ctx, tx, c, id); err != nil {
				return err
			}
			p.Query = "?event=" + url.QueryEscape(id)
		}
		p.Programmes, err = ownProgrammes(ctx, tx, c)
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "letters", p)
}

// letterPage is one letter to look at: in a frame, as text, and in its parts.
type letterPage struct {
	page
	Kind       message.Letter
	Chosen     letterChoice
	Programmes []option
	Events     []option
	People     []option
	Tongues    []option
	Modes      []option
	Situations []option
	Schemes    []option
	Widths     []option
	Letter     letter.Parsed
	Preheader  string
	Fault      bool // it cannot be shown
	Headers    []letter.Header
	Calendar   []letter.Header // what the entry says; the text of a name is "letters.calendar.<Name>"
	FrameURL   string
	Most       int
	hybrid     bool // one can choose how an invented person takes part
}

// letterChoice is of what a letter is looked at, as the address says.
type letterChoice struct {
	Programme, Event, Person, Language, Mode, Situation string
	Scheme                                              string // light, dark, bare: light and without images
	Width                                               string // of the frame: 375 or 640 pixels
	Accent                                              string // a colour that the programme might take
}

func (l letterChoice) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"programme": l.Programme, "event": first(l.Event, inventedEvent), "person": l.Person, "language": l.Language, "mode": l.Mode, "situation": l.Situation, "scheme": l.Scheme, "accent": l.Accent} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

func (l letterChoice) message(kind message.Letter) message.Message {
	return message.Message{Letter: kind, Language: l.Language, ProgrammeID: l.Programme, Details: message.Details{
		Test: &message.Test{EventID: l.Event, RegistrationID: l.Person, Mode: l.Mode, Situation: l.Situation, Accent: l.Accent},
	}}
}

// inventedEvent is chosen in the place of an event.
const inventedEvent = "none"

// Limits of the lists to choose from.
const (
	eventsToChoose = 60
	peopleToChoose = 60
)

// kindOfLetter is the letter that the address names, or problem.ErrMissing.
func kindOfLetter(c *gin.Context) (message.Letter, error) {
	kind := message.Letter(c.Param("kind"))
	if !slices.Contains(message.All(), kind) {
		return "", problem.ErrMissing
	}
	return kind, nil
}

// chooseLetter reads what the letter shall be looked at with, from the address or
// a form, and finds that it is the organiser's own. What is left out is filled in.
func (s *Server) chooseLetter(ctx context.Context, tx *store.Tx, c *gin.Context, get func(string) string, p *letterPage) error {
	l := letterChoice{
		Programme: get("programme"), Event: get("event"), Person: get("person"), Language: get("language"), Mode: get("mode"),
		Situation: get("situation"), Scheme: get("scheme"), Width: get("width"), Accent: get("accent"),
	}
	own, err := ownProgrammes(ctx, tx, c)
	if err != nil {
		return err
	}
	if len(own) == 0 {
		return problem.ErrMissing
	}
	invented := l.Event == inventedEvent
	if invented {
		l.Event, l.Person = "", ""
	}
	var ev event.Event
	if l.Event != "" {
		if ev, err = s.ownEvent(ctx, tx, c, l.Event); err != nil {
			return err
		}
		if l.Programme == "" {
			l.Programme = ev.ProgrammeID
		}
		if l.Programme != ev.ProgrammeID { // the programme was changed: its events are others
			l.Event, l.Person, ev = "", "", event.Event{}
		}
	}
	at := slices.IndexFunc(own, func(x programme.Programme) bool { return x.ID == l.Programme })
	if at < 0 && l.Programme != "" {
		return s.foreign(c, "programme", l.Programme)
	}
	l.Programme = own[max(0, at)].ID
	if l.Event == "" && !invented { // the next event is likely to be the one
		next, err := event.List(ctx, tx, event.Filter{ProgrammeIDs: []string{l.Programme}, Statuses: []event.Status{event.Published}, From: tx.Now, Limit: 1})
		if err != nil {
			return err
		}
		for _, ev = range next {
			l.Event = ev.ID
		}
	}
	if l.Person != "" {
		r, err := registration.Find(ctx, tx, l.Person)
		if err != nil {
			return err
		}
		if r.EventID != l.Event || r.Status == registration.Erased { // the event was changed
			l.Person = ""
		}
	}
	if _, ok := locale.Parse(l.Language); !ok {
		l.Language = first(ev.Language, own[max(0, at)].Language)
	}
	p.Chosen = l
	for _, x := range own {
		p.Programmes = append(p.Programmes, option{Value: x.ID, Label: x.Name})
	}
	return nil
}

func (s *Server) letterPreview(c *gin.Context) error { return s.showLetter(c, http.StatusOK, nil) }

func (s *Server) showLetter(c *gin.Context, code int, refusal *problem.Problem) error {
	kind, err := kindOfLetter(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	p := &letterPage{page: adminPage(c, "messages"), Kind: kind, Most: message.TestsAnHour}
	p.Problem = refusal
	get := c.Query
	if refusal != nil {
		get = c.PostForm
		p.Self = "/admin/letters/" + string(kind)
	}
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		if err := s.chooseLetter(ctx, tx, c, get, p); err != nil {
			return err
		}
		if err := p.readLists(ctx, tx, s.language(c)); err != nil {
			return err
		}
		return s.specimen(ctx, tx, p)
	})
	if err != nil {
		return err
	}
	if err := s.letterOptions(c, p); err != nil {
		return err
	}
	c.Header("Content-Security-Policy", pagePolicy+"; frame-src 'self'")
	return s.render(c, code, "letter", p)
}

// specimen writes the letter. One that cannot be written with what was chosen is a
// fault of ours, and the page says so.
func (s *Server) specimen(ctx context.Context, tx *store.Tx, p *letterPage) error {
	if s.Specimen == nil {
		p.Fault = true
		return nil
	}
	x, err := s.Specimen(ctx, tx, p.Chosen.message(p.Kind))
	if err == nil {
		p.Letter, err = letter.Parse(x.MIME)
	}
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		s.Log.Error("letter cannot be looked at", "kind", p.Kind, "err", err)
		p.Fault = true
		return nil
	}
	p.Preheader = x.Preheader
	for _, name := range x.Situations {
		p.Situations = append(p.Situations, option{Value: name, Label: first(name, "usual"), Chosen: name == p.Chosen.Situation})
	}
	for _, name := range []string{"From", "Reply-To", "To", "Subject", "Date", "Message-ID", "Content-Language", "Auto-Submitted", "X-Auto-Response-Suppress", "List-Unsubscribe", "List-Unsubscribe-Post"} {
		if value := p.Letter.Get(name); value != "" {
			p.Headers = append(p.Headers, letter.Header{Name: name, Value: value})
		}
	}
	p.Calendar = calendarFacts(p.Letter.Calendar)
	return nil
}

// readLists finds the events and people to choose from.
func (p *letterPage) readLists(ctx context.Context, tx *store.Tx, lang locale.Language) error {
	events, err := event.List(ctx, tx, event.Filter{ProgrammeIDs: []string{p.Chosen.Programme}, Newest: true, Limit: eventsToChoose})
	if err != nil {
		return err
	}
	if id := p.Chosen.Event; id != "" && !slices.ContainsFunc(events, func(e event.Event) bool { return e.ID == id }) {
		ev, err := event.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		events = append(events, ev)
	}
	for _, e := range events {
		p.Events = append(p.Events, option{Value: e.ID, Label: locale.ShortDate(lang, e.LocalStart()) + " " + e.Title, Chosen: e.ID == p.Chosen.Event})
	}
	if p.Chosen.Event == "" {
		p.hybrid = true
		return nil
	}
	at := slices.IndexFunc(events, func(e event.Event) bool { return e.ID == p.Chosen.Event })
	p.hybrid = events[at].Mode == event.Hybrid && p.Chosen.Person == ""
	people, err := registration.Roster(ctx, tx, p.Chosen.Event, registration.RosterFilter{Limit: peopleToChoose})
	if err != nil {
		return err
	}
	if id := p.Chosen.Person; id != "" && !slices.ContainsFunc(people, func(r registration.Registration) bool { return r.ID == id }) {
		r, err := registration.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		people = append(people, r)
	}
	for _, r := range people {
		p.People = append(p.People, option{Value: r.ID, Label: r.Name(), Chosen: r.ID == p.Chosen.Person})
	}
	return nil
}

// letterOptions prepares what can be chosen beside event and person, and the
// address of the frame.
func (s *Server) letterOptions(c *gin.Context, p *letterPage) (err error) {
	lang, l := s.language(c), &p.Chosen
	for _, x := range locale.All() {
		p.Tongues = append(p.Tongues, option{Value: string(x), Label: x.Name(), Chosen: string(x) == l.Language})
	}
	for i, o := range p.Situations {
		if p.Situations[i].Label, err = s.Texts.Text(lang, "letters.situation."+o.Label); err != nil {
			return err
		}
	}
	if len(p.Situations) == 1 {
		p.Situations = nil
	}
	if p.hybrid {
		if p.Modes, err = s.optionsOf(lang, "mode.", []string{"room", "online"}, []string{first(l.Mode, "room")}); err != nil {
			return err
		}
	}
	schemes, widths := []string{"light", "dark", "bare"}, []string{"640", "375"}
	l.Scheme, l.Width = oneOf(l.Scheme, schemes), oneOf(l.Width, widths)
	if p.Schemes, err = s.optionsOf(lang, "letters.scheme.", schemes, []string{l.Scheme}); err != nil {
		return err
	}
	if p.Widths, err = s.optionsOf(lang, "letters.width.", widths, []string{l.Width}); err != nil {
		return err
	}
	p.FrameURL = "/admin/letters/" + string(p.Kind) + "/html?" + l.query().Encode()
	return nil
}

// oneOf is the value if it is one of these, else the first of them.
func oneOf(value string, known []string) string {
	if slices.Contains(known, value) {
		return value
	}
	return known[0]
}

// letterHTML is the letter as a mail program shows it, in a frame of our own page:
// it may have styles of its own, and nothing else.
func (s *Server) letterHTML(c *gin.Context) error {
	kind, err := kindOfLetter(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	p := &letterPage{Kind: kind}
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		if err := s.chooseLetter(ctx, tx, c, c.Query, p); err != nil {
			return err
		}
		return s.specimen(ctx, tx, p)
	})
	if err != nil {
		return err
	}
	if p.Fault {
		return problem.ErrMissing
	}
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'self'; form-action 'none'")
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(inScheme(p.Letter, p.Chosen.Scheme)))
	return nil
}

var inlineImage = regexp.MustCompile(`src="cid:[^"]*"`)

// inScheme is the letter's page in one of its two sets of colours, whatever the
// browser prefers, with the images that came along; its links open nothing.
func inScheme(l letter.Parsed, scheme string) string {
	only, query := "light", "not all"
	if scheme == "dark" {
		only, query = "dark", "all"
	}
	source := `src=""`
	if scheme != "bare" {
		for _, a := range l.Attachments {
			if strings.HasPrefix(a.Type, "image/") {
				source = `src="data:` + a.Type + ";base64," + base64.StdEncoding.EncodeToString(a.Data) + `"`
			}
		}
	}
	html := strings.NewReplacer(
		"<head>", `<head><base target="_blank">`,
		"color-scheme: light dark", "color-scheme: "+only,
		`content="light dark"`, `content="`+only+`"`,
		"(prefers-color-scheme: dark)", query,
	).Replace(l.HTML)
	return inlineImage.ReplaceAllLiteralString(html, source)
}

// testLetter sends the letter to whoever has signed in, by the outbox.
func (s *Server) testLetter(c *gin.Context) error {
	kind, err := kindOfLetter(c)
	if err != nil {
		return err
	}
	u, ok := signedIn(c)
	if !ok {
		return problem.ErrMissing
	}
	ctx := c.Request.Context()
	p := &letterPage{Kind: kind}
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if err := s.chooseLetter(ctx, tx, c, c.PostForm, p); err != nil {
			return err
		}
		l := p.Chosen.message(kind)
		return message.EnqueueTest(ctx, tx, kind, u.Email, l.Language, l.ProgrammeID, *l.Details.Test)
	})
	if refusal, ok := refused(err); ok && refusal.Kind == problem.Conflict {
		return s.showLetter(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	q := p.Chosen.query()
	q.Set("width", p.Chosen.Width)
	q.Set("done", "test_sent")
	return seeOther(c, "/admin/letters/"+string(kind)+"?"+q.Encode())
}

// calendarFacts are the lines of a calendar object that people would ask about, in
// the order in which they stand here.
func calendarFacts(data []byte) []letter.Header {
	values := map[string]string{}
	unfolded := bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n "), nil), []byte("\r\n"), []byte("\n"))
	inEvent := false
	for line := range strings.Lines(string(unfolded)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		name, params, _ := strings.Cut(name, ";")
		inEvent = inEvent || name == "BEGIN" && value == "VEVENT"
		if _, known := values[name]; known || !inEvent {
			continue
		}
		if name == "ORGANIZER" || name == "ATTENDEE" { // quoted names may hold a colon
			_, address, _ := strings.Cut(line, "mailto:")
			value = strings.TrimSpace(address)
		}
		if _, zone, ok := strings.Cut(params, "TZID="); ok && len(value) == len("20270304T083000") {
			value = fmt.Sprintf("%s-%s-%s %s:%s (%s)", value[:4], value[4:6], value[6:8], value[9:11], value[11:13], zone)
		}
		values[name] = strings.NewReplacer(`\n`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(value)
	}
	var facts []letter.Header
	for _, name := range []string{"SUMMARY", "DTSTART", "DTEND", "LOCATION", "URL", "ORGANIZER", "ATTENDEE", "TRIGGER", "UID", "SEQUENCE"} {
		if v := values[name]; v != "" {
			facts = append(facts, letter.Header{Name: name, Value: v})
		}
	}
	return facts
}
