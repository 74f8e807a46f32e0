package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/mailing"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// Most events, and most companies or municipalities, that a form offers.
const (
	mailingEvents  = 100
	mailingChoices = 300
)

// mailingNewPage asks to whose people a mailing is to go, before anything else:
// to those of an event, or to the readers of news.
type mailingNewPage struct {
	page
	Events  []option
	Readers []newsReaders
}

// mailingFormPage is a draft that is being written.
type mailingFormPage struct {
	page
	New       bool
	Mailing   mailing.Mailing // as it is shown: what was typed, or what is stored
	Key       string
	Programme programme.Programme
	Chosen    []option // the events that are chosen
	More      []option // other events of the programme
	Series    []option
	States    []option
	Modes     []option // none when there is only one way
	People    []mailingGroup
	Questions []mailingGroup
	Texts     []mailingText
	Templates []option
	Reach     mailing.Reach // of what is stored
	Missed    time.Time     // when it was to go and did not
	Edited    *mailingEdited
	// TemplateName is what was typed as the name of a template.
	TemplateName string
}

// mailingGroup is one way to narrow whom a mailing reaches.
type mailingGroup struct {
	Name, Label string // the field, and a question's own words
	Language    string // of the label
	Options     []option
	N           int // how many are chosen
	Cut         bool
}

// mailingText is the text in one language.
type mailingText struct {
	Language, Name string
	mailing.Text
	Needed bool // the programme's language
	Open   bool
}

// mailingEdited is what somebody else has saved meanwhile.
type mailingEdited struct {
	Who   string
	At    time.Time
	Texts []mailingText
}

// newMailing begins a mailing: to the people of an event, with an empty text, a
// template's, or that of an earlier mailing.
func (s *Server) newMailing(c *gin.Context) error {
	ctx := c.Request.Context()
	p := &mailingFormPage{page: adminPage(c, "mailings"), New: true, Key: newKey()}
	p.Mailing.Facts = true
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		programmeID, err := s.beginMailing(ctx, tx, c, &p.Mailing)
		if err != nil || programmeID == "" {
			return err
		}
		p.Programme, err = programme.Find(ctx, tx, programmeID)
		return err
	})
	if err != nil {
		return err
	}
	if p.Programme.ID == "" {
		return s.askForEvent(c, http.StatusOK)
	}
	return s.showMailingForm(c, http.StatusOK, p)
}

// beginMailing reads from the address what a new mailing begins with, and answers
// its programme; none when the event has yet to be chosen.
func (s *Server) beginMailing(ctx context.Context, tx *store.Tx, c *gin.Context, m *mailing.Mailing) (programmeID string, err error) {
	if id := c.Query("from"); id != "" {
		old, err := mailing.Find(ctx, tx, id)
		if err != nil {
			return "", err
		}
		if !organises(c, old.ProgrammeID) {
			return "", s.foreign(c, "mailing", id)
		}
		m.Selection, m.Content = old.Selection, old.Content
		return old.ProgrammeID, nil
	}
	if id := c.Query("news"); id != "" {
		if !organises(c, id) {
			return "", s.foreign(c, "programme", id)
		}
		m.Selection = mailing.OfNews()
		return id, s.beginWith(ctx, tx, c, id, m)
	}
	if c.Query("event") == "" {
		return "", nil
	}
	ev, err := s.ownEvent(ctx, tx, c, c.Query("event"))
	if err != nil {
		return "", err
	}
	if ev.Status == event.Draft {
		return "", problem.ErrMissing
	}
	m.Selection = mailing.OfEvent(ev.ID)
	return ev.ProgrammeID, s.beginWith(ctx, tx, c, ev.ProgrammeID, m)
}

// beginWith puts the text of the template into the mailing that the address
// names, one of the programme's own.
func (s *Server) beginWith(ctx context.Context, tx *store.Tx, c *gin.Context, programmeID string, m *mailing.Mailing) error {
	id := c.Query("template")
	if id == "" {
		return nil
	}
	t, err := mailing.FindTemplate(ctx, tx, id)
	if err != nil {
		return err
	}
	if t.ProgrammeID != programmeID {
		return s.foreign(c, "mailing_template", id)
	}
	m.Content = t.Content
	return nil
}

// askForEvent asks to whose people a mailing is to go.
func (s *Server) askForEvent(c *gin.Context, code int) error {
	ctx := c.Request.Context()
	p := &mailingNewPage{page: adminPage(c, "mailings")}
	lang := s.language(c)
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		events, err := event.List(ctx, tx, event.Filter{ProgrammeIDs: mayOrganise(c), Statuses: publicStatuses, Newest: true, Limit: mailingEvents})
		for _, ev := range events {
			p.Events = append(p.Events, eventOption(lang, ev, false))
		}
		if err != nil {
			return err
		}
		p.Readers, err = readersOf(ctx, tx, c)
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "mailing_new", p)
}

// publicStatuses are those of events that have been published.
var publicStatuses = []event.Status{event.Published, event.Postponed, event.Cancelled, event.Held, event.Archived}

func eventOption(lang locale.Language, ev event.Event, chosen bool) option {
	return option{Value: ev.ID, Label: ev.Title, Hint: capitalise(locale.Range(lang, ev.LocalStart(), ev.LocalEnd())), Chosen: chosen}
}

// readMailingForm reads what was typed.
func readMailingForm(c *gin.Context, f *problem.Fields) (mailing.Selection, mailing.Content) {
	s := mailing.Selection{
		News: c.PostForm("news") != "", EventIDs: c.PostFormArray("event"), SeriesID: c.PostForm("series"), CompanyIDs: c.PostFormArray("company"),
		Municipalities: c.PostFormArray("municipality"), Audiences: c.PostFormArray("audience"), Answers: map[string][]string{},
	}
	for _, v := range c.PostFormArray("status") {
		s.Statuses = append(s.Statuses, registration.Status(v))
	}
	for _, v := range c.PostFormArray("mode") {
		s.Modes = append(s.Modes, event.Mode(v))
	}
	for name, values := range c.Request.PostForm {
		if id, ok := strings.CutPrefix(name, answerField); ok {
			s.Answers[id] = values
		}
	}
	content := mailing.Content{Facts: c.PostForm("facts") != "", Texts: map[string]mailing.Text{}}
	for _, l := range locale.All() {
		content.Texts[string(l)] = mailing.Text{Subject: typedLine(c, "subject_"+string(l), f), Body: typedText(c, "body_"+string(l), f)}
	}
	return s, content
}

// answerField begins the name of the field of a question.
const answerField = "answer_"

// createMailing stores a new draft.
func (s *Server) createMailing(c *gin.Context) error {
	if c.PostForm("programme") == "" {
		return s.askForEvent(c, http.StatusUnprocessableEntity)
	}
	ctx := c.Request.Context()
	var f problem.Fields
	selection, content := readMailingForm(c, &f)
	p := &mailingFormPage{page: adminPage(c, "mailings"), New: true, Key: c.PostForm("key"), Mailing: mailing.Mailing{Selection: selection, Content: content}}
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if !organises(c, c.PostForm("programme")) {
			return s.foreign(c, "programme", c.PostForm("programme"))
		}
		p.Programme, err = programme.Find(ctx, tx, c.PostForm("programme"))
		return err
	})
	if err != nil {
		return err
	}
	if c.PostForm("act") == actTemplate {
		return s.useTemplate(c, p)
	}
	var made mailing.Mailing
	if err = f.Err(); err == nil {
		err = s.DB.Write(ctx, func(tx *store.Tx) error {
			return once(ctx, tx, c, func() (err error) {
				made, err = mailing.New(ctx, tx, p.Programme.ID, selection, content, actor(c))
				return err
			})
		})
	}
	if refusal, ok := refused(err); ok {
		p.Problem = refusal
		return s.showMailingForm(c, status(refusal), p)
	}
	if err != nil {
		return err
	}
	if made.ID == "" { // the form was sent twice
		return seeOther(c, "/admin/mailings")
	}
	return s.saved(c, made, p.Programme)
}

// actTemplate is the button that puts a template's text into a new mailing, and
// makes a template of a draft.
const actTemplate = "template"

// useTemplate puts the text of the chosen template in place of what was written,
// where it says something, and keeps to whom it is to go.
func (s *Server) useTemplate(c *gin.Context, p *mailingFormPage) error {
	ctx := c.Request.Context()
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		id := c.PostForm("template")
		if id == "" {
			return nil
		}
		t, err := mailing.FindTemplate(ctx, tx, id)
		if err != nil {
			return err
		}
		if t.ProgrammeID != p.Programme.ID {
			return s.foreign(c, "mailing_template", id)
		}
		p.Mailing.Facts = t.Facts
		maps.Copy(p.Mailing.Texts, t.Texts)
		return nil
	})
	if err != nil {
		return err
	}
	return s.showMailingForm(c, http.StatusOK, p)
}

// saved leads on from a draft that has just been saved: to the letters as they
// will be, when that is asked for and nothing is missing.
func (s *Server) saved(c *gin.Context, m mailing.Mailing, prog programme.Programme) error {
	address := "/admin/mailings/" + m.ID
	switch c.PostForm("act") {
	case "preview", "enter":
	case actTemplate:
		return seeOther(c, address+"?done=mailing_template_kept")
	default:
		return seeOther(c, address+"?done=mailing_saved")
	}
	if err := m.Whole(prog); err != nil {
		return seeOther(c, address+"?check=1")
	}
	return seeOther(c, address+"/preview")
}

// saveMailing saves a draft; what somebody else saved meanwhile is shown beside
// what was typed, and nothing is lost.
func (s *Server) saveMailing(c *gin.Context) error {
	ctx := c.Request.Context()
	var f problem.Fields
	selection, content := readMailingForm(c, &f)
	revision, _ := strconv.Atoi(c.PostForm("revision")) // what is no number is no revision either
	p := &mailingFormPage{page: adminPage(c, "mailings"), TemplateName: c.PostForm("template")}
	var stored, m mailing.Mailing
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if stored, err = s.ownMailing(ctx, tx, c); err != nil {
			return err
		}
		p.Programme, err = programme.Find(ctx, tx, stored.ProgrammeID)
		return err
	})
	if err != nil {
		return err
	}
	if err = f.Err(); err == nil {
		err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
			m, err = mailing.Save(ctx, tx, stored.ID, revision, selection, content, actor(c))
			if err == nil && c.PostForm("act") == actTemplate {
				_, err = mailing.Keep(ctx, tx, m, p.TemplateName, actor(c))
			}
			return err
		})
	}
	if errors.Is(err, mailing.ErrNotNow) {
		refusal, _ := refused(err)
		return s.showMailing(c, status(refusal), refusal)
	}
	if refusal, ok := refused(err); ok {
		p.Mailing = stored
		p.Mailing.Selection, p.Mailing.Content, p.Mailing.Revision = selection, content, revision
		p.Problem = refusal
		if errors.Is(err, mailing.ErrEdited) {
			p.Problem = nil
			if err := s.noteEdited(c, p, stored.ID); err != nil {
				return err
			}
		}
		return s.showMailingForm(c, status(refusal), p)
	}
	if err != nil {
		return err
	}
	return s.saved(c, m, p.Programme)
}

// noteEdited reads what somebody else has saved meanwhile.
func (s *Server) noteEdited(c *gin.Context, p *mailingFormPage, id string) error {
	ctx := c.Request.Context()
	return s.DB.Read(ctx, func(tx *store.Tx) error {
		now, err := mailing.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		p.Mailing.Revision = now.Revision
		p.Edited = &mailingEdited{At: now.ChangedAt.In(deskZone()), Texts: mailingTexts(now.Content, p.Programme.Language)}
		p.Edited.Who, err = userName(ctx, tx, map[string]string{}, actorOf(now.EditedBy))
		return err
	})
}

// mailingTexts are the texts, the programme's language first.
func mailingTexts(c mailing.Content, first string) []mailingText {
	var texts []mailingText
	for _, l := range locale.All() {
		t := mailingText{Language: string(l), Name: l.Name(), Text: c.Texts[string(l)], Needed: string(l) == first}
		t.Open = t.Needed || !t.Empty()
		texts = append(texts, t)
	}
	slices.SortStableFunc(texts, func(a, b mailingText) int {
		return map[bool]int{true: -1, false: 0}[a.Needed] - map[bool]int{true: -1, false: 0}[b.Needed]
	})
	return texts
}

// showMailingForm shows a draft to be written.
func (s *Server) showMailingForm(c *gin.Context, code int, p *mailingFormPage) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p.Texts = mailingTexts(p.Mailing.Content, p.Programme.Language)
	if p.Problem != nil {
		for i, t := range p.Texts {
			for _, f := range p.Problem.Fields {
				p.Texts[i].Open = p.Texts[i].Open || strings.HasSuffix(f.Name, "_"+t.Language)
			}
		}
	}
	if !p.Mailing.MissedAt.IsZero() {
		p.Missed = p.Mailing.MissedAt.In(deskZone())
	}
	sel := p.Mailing.Selection
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		if !sel.News {
			events, err := p.readEvents(ctx, tx, lang)
			if err != nil {
				return err
			}
			if err := s.readGroups(ctx, tx, p, lang, events); err != nil {
				return err
			}
		}
		if p.New && (sel.News || len(sel.EventIDs) == 1) {
			templates, err := mailing.Templates(ctx, tx, []string{p.Programme.ID})
			if err != nil {
				return err
			}
			for _, t := range templates {
				p.Templates = append(p.Templates, option{Value: t.ID, Label: t.Name, Chosen: t.ID == first(c.Query("template"), c.PostForm("template"))})
			}
		}
		var err error
		p.Reach, err = mailing.ReachOf(ctx, tx, p.Programme.ID, sel)
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "mailing_form", p)
}

// readEvents lists the events that are chosen and others of the programme, and
// answers those whose people the mailing reaches.
func (p *mailingFormPage) readEvents(ctx context.Context, tx *store.Tx, lang locale.Language) ([]event.Event, error) {
	sel := p.Mailing.Selection
	all, err := event.List(ctx, tx, event.Filter{ProgrammeIDs: []string{p.Programme.ID}, Statuses: publicStatuses, Newest: true, Limit: mailingEvents})
	if err != nil {
		return nil, err
	}
	chosen, err := sel.Events(ctx, tx, p.Programme.ID)
	if err != nil {
		return nil, err
	}
	for _, ev := range chosen {
		if slices.Contains(sel.EventIDs, ev.ID) {
			p.Chosen = append(p.Chosen, eventOption(lang, ev, true))
		}
	}
	for _, ev := range all {
		if !slices.Contains(sel.EventIDs, ev.ID) {
			p.More = append(p.More, eventOption(lang, ev, false))
		}
	}
	return chosen, p.readSeries(ctx, tx, all)
}

// readSeries offers the series of which the events are occasions.
func (p *mailingFormPage) readSeries(ctx context.Context, tx *store.Tx, events []event.Event) error {
	seen := map[string]bool{"": true}
	ids := []string{p.Mailing.Selection.SeriesID}
	for _, ev := range events {
		ids = append(ids, ev.SeriesID)
	}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		series, err := event.FindSeries(ctx, tx, id)
		if errors.Is(err, problem.ErrMissing) {
			continue
		}
		if err != nil {
			return err
		}
		if series.ProgrammeID == p.Programme.ID {
			p.Series = append(p.Series, option{Value: id, Label: series.Title, Chosen: id == p.Mailing.Selection.SeriesID})
		}
	}
	return nil
}

// readGroups lists by what the people of the events can be chosen.
func (s *Server) readGroups(ctx context.Context, tx *store.Tx, p *mailingFormPage, lang locale.Language, events []event.Event) (err error) {
	sel := p.Mailing.Selection
	if p.States, err = s.optionsOf(lang, "status.", textsOf(mailing.States()), textsOf(sel.Statuses)); err != nil {
		return err
	}
	ways := map[event.Mode]bool{}
	for _, ev := range events {
		for _, m := range ev.Modes() {
			ways[m] = true
		}
	}
	if len(ways) > 1 || len(sel.Modes) > 0 {
		if p.Modes, err = s.optionsOf(lang, "mode.", []string{"room", "online"}, textsOf(sel.Modes)); err != nil {
			return err
		}
	}
	choices, err := mailing.ChoicesOf(ctx, tx, p.Programme.ID, sel)
	if err != nil {
		return err
	}
	nameOf := func(v mailing.Choice) string { return v.Name }
	townOf := func(v mailing.Choice) string {
		code, err := municipality.ParseCode(v.Value)
		if err != nil {
			return v.Value
		}
		return first(s.placeName(code), v.Value)
	}
	audienceOf := func(v mailing.Choice) string {
		text, err := s.Texts.Text(lang, "audience."+v.Value)
		if err != nil {
			return v.Value
		}
		return capitalise(text)
	}
	for _, g := range []struct {
		name   string
		from   []mailing.Choice
		chosen []string
		label  func(mailing.Choice) string
	}{{"company", choices.Companies, sel.CompanyIDs, nameOf}, {"municipality", choices.Municipalities, sel.Municipalities, townOf}, {"audience", choices.Audiences, sel.Audiences, audienceOf}} {
		group := groupOf(g.name, g.from, g.chosen, g.label)
		if len(group.Options) > 0 {
			p.People = append(p.People, group)
		}
	}
	if len(events) == 1 || len(sel.Answers) > 0 {
		return s.readQuestions(ctx, tx, p, lang, events)
	}
	return nil
}

// groupOf makes choices of what people have said, the chosen ones first.
func groupOf(name string, from []mailing.Choice, chosen []string, label func(mailing.Choice) string) mailingGroup {
	g := mailingGroup{Name: name}
	for _, v := range from {
		g.Options = append(g.Options, option{Value: v.Value, Label: label(v) + " (" + strconv.Itoa(v.N) + ")", Chosen: slices.Contains(chosen, v.Value)})
	}
	slices.SortStableFunc(g.Options, func(a, b option) int {
		return map[bool]int{true: -1, false: 0}[a.Chosen] - map[bool]int{true: -1, false: 0}[b.Chosen]
	})
	if len(g.Options) > mailingChoices {
		g.Options, g.Cut = g.Options[:mailingChoices], true
	}
	g.count()
	return g
}

func (g *mailingGroup) count() {
	for _, o := range g.Options {
		if o.Chosen {
			g.N++
		}
	}
}

// readQuestions lists the questions of one event by whose answers people can be
// chosen.
func (s *Server) readQuestions(ctx context.Context, tx *store.Tx, p *mailingFormPage, lang locale.Language, events []event.Event) error {
	for _, listed := range events {
		ev, err := event.Find(ctx, tx, listed.ID)
		if err != nil {
			return err
		}
		for _, q := range ev.Questions {
			g := mailingGroup{Name: answerField + q.ID, Label: q.Label, Language: ev.Language}
			chosen := p.Mailing.Selection.Answers[q.ID]
			if len(events) > 1 && len(chosen) == 0 {
				continue
			}
			for _, v := range mailing.AnswersTo(q) {
				label := v
				if q.Kind == event.YesNoQuestion {
					if label, err = s.Texts.Text(lang, "form."+v); err != nil {
						return err
					}
				}
				g.Options = append(g.Options, option{Value: v, Label: label, Chosen: slices.Contains(chosen, v)})
			}
			g.count()
			if len(g.Options) > 0 {
				p.Questions = append(p.Questions, g)
			}
		}
	}
	return nil
}

func textsOf[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// mailingAddress is where a page of a mailing is, with what it shows.
func mailingAddress(id, part string, q url.Values) string {
	address := "/admin/mailings/" + id + part
	if len(q) > 0 {
		address += "?" + q.Encode()
	}
	return address
}
