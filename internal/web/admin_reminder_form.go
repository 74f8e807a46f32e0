package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// reminderForm is a rule as it is typed.
type reminderForm struct {
	Letter, To, When string
	Amount, Unit     string
	AtClock          string
	Kind             string // of a programme's rule
	Again            bool   // to those who have had it, too
	Seen             string // the version that was shown; empty of a new one
	Texts            []reminderText
}

// reminderText is the own words in one language.
type reminderText struct{ Language, Name, Subject, Body string }

// reminderFormPage makes or changes a rule.
type reminderFormPage struct {
	page
	reminderOwner
	New       bool
	Action    string
	Form      reminderForm
	Theirs    *reminderLine // what somebody else saved meanwhile
	Had       int           // people who have had the letter for this start
	Letters   []option
	Audiences []option
	Whens     []option
	Units     []option
	Kinds     []option
}

// toChoices are the choices of whom a rule reaches: those with a place also by how
// they take part.
func toChoices() []string {
	var all []string
	for _, a := range message.Audiences() {
		all = append(all, string(a))
		if a == message.WithPlace {
			all = append(all, "place_room", "place_online")
		}
	}
	return all
}

func toChoice(r message.Rule) string {
	if r.Audience == message.WithPlace && r.Mode != "" {
		return "place_" + r.Mode
	}
	return string(r.Audience)
}

func (f reminderForm) rule() message.Rule {
	r := message.Rule{Letter: message.Letter(f.Letter), Unit: f.Unit, AtClock: f.AtClock, Kind: f.Kind}
	audience, mode, _ := strings.Cut(f.To, "_")
	r.Audience, r.Mode = message.Audience(audience), mode
	r.SetWhen(f.When)
	var err error
	if r.Amount, err = strconv.Atoi(f.Amount); err != nil {
		r.Amount = -1
	}
	for _, t := range f.Texts {
		if t.Subject+t.Body != "" {
			r.Texts = append(r.Texts, message.RuleText{Language: t.Language, Subject: t.Subject, Body: t.Body})
		}
	}
	return r
}

func reminderFormOf(r message.Rule) reminderForm {
	f := reminderForm{Letter: string(r.Letter), To: toChoice(r), When: r.When(), Amount: strconv.Itoa(r.Amount), Unit: r.Unit, AtClock: r.AtClock, Kind: r.Kind, Seen: r.Version()}
	f.Texts = textFields(func(lang string) (subject, body string) {
		for _, t := range r.Texts {
			if t.Language == lang {
				return t.Subject, t.Body
			}
		}
		return "", ""
	})
	return f
}

func textFields(words func(lang string) (subject, body string)) (fields []reminderText) {
	for _, lang := range locale.All() {
		t := reminderText{Language: string(lang), Name: lang.Name()}
		t.Subject, t.Body = words(t.Language)
		fields = append(fields, t)
	}
	return fields
}

func readReminder(c *gin.Context, f *problem.Fields) reminderForm {
	return reminderForm{
		Letter: typedLine(c, "letter", f), To: typedLine(c, "to", f), When: typedLine(c, "when", f), Amount: typedLine(c, "amount", f), Unit: typedLine(c, "unit", f),
		AtClock: typedLine(c, "at_clock", f), Kind: typedLine(c, "kind", f), Again: c.PostForm("again") != "", Seen: typedLine(c, "seen", f),
		Texts: textFields(func(lang string) (string, string) {
			return typedLine(c, "subject_"+lang, f), typedText(c, "body_"+lang, f)
		}),
	}
}

func (s *Server) newReminder(c *gin.Context) error {
	start := message.Rule{Letter: message.OwnWords, Audience: message.WithPlace, Anchor: "start", Unit: "days", Amount: 1, AtClock: "09:00"}
	return s.showReminderForm(c, http.StatusOK, &reminderFormPage{New: true, Form: reminderFormOf(start)}, nil)
}

func (s *Server) editReminder(c *gin.Context) error {
	p := &reminderFormPage{}
	ctx := c.Request.Context()
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		o, err := s.owner(ctx, tx, c)
		if err != nil {
			return err
		}
		r, err := o.rule(ctx, tx, c)
		p.Form = reminderFormOf(r)
		return err
	})
	if err != nil {
		return err
	}
	return s.showReminderForm(c, http.StatusOK, p, nil)
}

// showReminderForm shows the form, with what refused it.
func (s *Server) showReminderForm(c *gin.Context, code int, p *reminderFormPage, refusal *problem.Problem) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p.page = adminPage(c, "events")
	p.Problem = refusal
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if p.reminderOwner, err = s.owner(ctx, tx, c); err != nil {
			return err
		}
		p.Action = p.Base + "/new"
		slices.SortStableFunc(p.Form.Texts, func(a, b reminderText) int { // the programme's language first
			return before(a.Language == p.Programme.Language, b.Language == p.Programme.Language)
		})
		if p.New {
			return nil
		}
		r, err := p.rule(ctx, tx, c)
		if err != nil {
			return err
		}
		p.Action = p.Base + "/rule/" + r.ID
		if refusal == message.ErrRuleEdited {
			line := newReminderLine(message.Forecast{Rule: r}, nil, p.Programme.Language)
			p.Theirs, p.Form.Seen = &line, r.Version()
		}
		if p.Event == nil {
			return nil
		}
		found, err := message.Forecasts(ctx, tx, p.Event.ID)
		if i := slices.IndexFunc(found, func(f message.Forecast) bool { return f.ID == r.ID }); i >= 0 {
			p.Had = found[i].Sent
		}
		return err
	})
	if err != nil {
		return err
	}
	p.Self = p.Action
	for _, x := range []struct {
		to     *[]option
		prefix string
		values []string
		chosen string
	}{
		{&p.Letters, "letter.", lettersOfRules(), p.Form.Letter},
		{&p.Audiences, "reminder.to.", toChoices(), p.Form.To},
		{&p.Whens, "reminder.when.", message.Times(), p.Form.When},
		{&p.Units, "reminder.unit.", message.Units(), p.Form.Unit},
		{&p.Kinds, "kind.", kindsOfEvents(), p.Form.Kind},
	} {
		if *x.to, err = s.optionsOf(lang, x.prefix, x.values, []string{x.chosen}); err != nil {
			return err
		}
	}
	every, err := s.Texts.Text(lang, "reminder.every_kind")
	p.Kinds = append([]option{{Label: every}}, p.Kinds...)
	if err != nil {
		return err
	}
	return s.render(c, code, "reminder_form", p)
}

// before orders what is first before what is not.
func before(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func lettersOfRules() (all []string) {
	for _, l := range message.RuleLetters() {
		all = append(all, string(l))
	}
	return all
}

func kindsOfEvents() (all []string) {
	for _, k := range event.Kinds() {
		all = append(all, string(k))
	}
	return all
}

func (s *Server) addReminder(c *gin.Context) error { return s.saveReminder(c, true) }

func (s *Server) changeReminder(c *gin.Context) error { return s.saveReminder(c, false) }

// saveReminder stores the rule of a form, or shows the form again with what must be
// corrected.
func (s *Server) saveReminder(c *gin.Context, isNew bool) error {
	ctx := c.Request.Context()
	var f problem.Fields
	form := readReminder(c, &f)
	r := form.rule()
	if r.Kind != "" && !slices.Contains(kindsOfEvents(), r.Kind) {
		f.Add("kind", "choice")
	}
	for _, field := range r.Check() {
		f.Add(field.Name, field.Code, field.Args...)
	}
	for _, t := range r.Texts {
		mailing.Text{Subject: t.Subject, Body: t.Body}.Check(&f, t.Language)
	}
	var o reminderOwner
	err := s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if o, err = s.owner(ctx, tx, c); err != nil {
			return err
		}
		if !isNew {
			before, err := o.rule(ctx, tx, c)
			if err != nil {
				return err
			}
			if before.Version() != form.Seen {
				return message.ErrRuleEdited
			}
			r.ID = before.ID
		}
		if err := f.Err(); err != nil {
			return err
		}
		if o.Event != nil && remindersOver(*o.Event) {
			return event.ErrNotNow
		}
		if isNew {
			r.ProgrammeID = o.Programme.ID
			if o.Event != nil {
				r.ProgrammeID, r.EventID, r.Kind = "", o.Event.ID, ""
			}
			_, err = message.AddRule(ctx, tx, r, actor(c))
			return err
		}
		if o.Event != nil {
			r.Kind = ""
		}
		return message.ChangeRule(ctx, tx, r, form.Again && o.Event != nil, actor(c))
	})
	if refusal, ok := refused(err); ok {
		return s.showReminderForm(c, status(refusal), &reminderFormPage{New: isNew, Form: form}, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, o.Base+"?done=reminder_saved")
}

// reminderPreviewPage shows a rule's letter in each language.
type reminderPreviewPage struct {
	page
	reminderOwner
	Line    reminderLine
	Letters []previewLetter
	Example *event.Event // of a programme's rule: the event that stands in; nil when there is none
}

func (s *Server) previewReminder(c *gin.Context) error {
	ctx := c.Request.Context()
	p := &reminderPreviewPage{page: adminPage(c, "events")}
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if p.reminderOwner, err = s.owner(ctx, tx, c); err != nil {
			return err
		}
		r, err := p.rule(ctx, tx, c)
		if err != nil {
			return err
		}
		p.Line = newReminderLine(message.Forecast{Rule: r}, nil, p.Programme.Language)
		ev := p.Event
		if ev == nil {
			if ev, err = exampleEvent(ctx, tx, p.Programme.ID, r); err != nil || ev == nil {
				return err
			}
			p.Example = ev
		}
		p.Letters, err = s.lettersOfRule(ctx, tx, r, *ev, p.Programme.Language)
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "reminder_preview", p)
}

// exampleEvent is an event of the programme on which a rule's letter can be shown:
// the next to come, else the last that was.
func exampleEvent(ctx context.Context, tx *store.Tx, programmeID string, r message.Rule) (*event.Event, error) {
	all, err := event.List(ctx, tx, event.Filter{ProgrammeIDs: []string{programmeID}})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(ev event.Event) bool {
		return r.Kind != "" && string(ev.Kind) != r.Kind || r.Mode != "" && !ev.HasMode(event.Mode(r.Mode))
	})
	var found *event.Event
	for i, ev := range all {
		if found == nil || found.StartsAt.Before(tx.Now) || ev.StartsAt.After(tx.Now) && ev.StartsAt.Before(found.StartsAt) {
			found = &all[i]
		}
	}
	return found, nil
}

// lettersOfRule writes the letter as it would go now, in every language; to the
// organisers in theirs.
func (s *Server) lettersOfRule(ctx context.Context, tx *store.Tx, r message.Rule, ev event.Event, programmes string) ([]previewLetter, error) {
	var letters []previewLetter
	for _, lang := range locale.All() {
		if s.Preview == nil || r.Audience == message.Organisers && string(lang) != programmes {
			continue
		}
		details := message.Details{Rule: &r}
		if r.Letter == message.Offered {
			details.Reminds, details.AnswerBy = true, tx.Now.Add(24*time.Hour).UTC().Format(time.RFC3339)
		}
		l, err := s.Preview(ctx, tx, message.Message{Letter: r.Letter, EventID: ev.ID, ProgrammeID: ev.ProgrammeID, Language: string(lang), Details: details})
		if err != nil {
			return nil, err
		}
		letters = append(letters, previewLetter{Language: lang, Name: lang.Name(), Letter: l})
	}
	return letters, nil
}
