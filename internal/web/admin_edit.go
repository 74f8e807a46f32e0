package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// eventFormPage is the one form of an event, new or not; with Change it is the
// step that asks once more because people must be told.
type eventFormPage struct {
	page
	Form          eventForm
	New           bool
	Event         event.Event // as it is stored; empty when new
	Programme     programme.Programme
	Programmes    []option
	Kinds         []option
	Tongues       []option
	Modes         []option
	Audiences     []option
	AudienceModes []option
	QuestionKinds []option
	Towns         []string
	MayAskDiet    bool
	Currency      string
	Edited        *editedMeanwhile
	Change        *changeStep
}

// editedMeanwhile tells an editor that somebody else has saved.
type editedMeanwhile struct {
	At      time.Time // on the event's clock
	Who     string    // a user's name; may be empty
	Changes []changed // from what is stored now to what the editor typed
}

func (s *Server) newEvent(c *gin.Context) error {
	p := &eventFormPage{page: adminPage(c, "events"), New: true}
	if err := s.findProgramme(c, p, c.Query("programme")); err != nil {
		return err
	}
	u, _ := signedIn(c)
	p.Form = eventForm{
		Programme: p.Programme.ID, Language: p.Programme.Language, Mode: string(event.Room), WaitingList: true, AudienceMode: string(event.AudienceInfo),
		ContactName: u.Name, ContactEmail: u.Email,
	}
	return s.showEventForm(c, http.StatusOK, p)
}

// findProgramme finds the programme of a new event among one's own: the wanted
// one, or else the first.
func (s *Server) findProgramme(c *gin.Context, p *eventFormPage, wanted string) error {
	ctx := c.Request.Context()
	var own []programme.Programme
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		own, err = ownProgrammes(ctx, tx, c)
		return err
	})
	if err != nil {
		return err
	}
	if len(own) == 0 {
		return problem.ErrMissing
	}
	p.Programme = own[0]
	for _, x := range own {
		if x.ID == wanted {
			p.Programme = x
		}
		p.Programmes = append(p.Programmes, option{Value: x.ID, Label: x.Name, Chosen: x.ID == wanted})
	}
	return nil
}

func (s *Server) createEvent(c *gin.Context) error {
	ctx, form := c.Request.Context(), readEventForm(c)
	p := &eventFormPage{page: adminPage(c, "events"), New: true, Form: form}
	if err := s.findProgramme(c, p, form.Programme); err != nil {
		return err
	}
	content, fields := form.content(p.Programme, s.Places)
	if p.Programme.ID != form.Programme {
		fields.Add("programme", "choice")
	}
	err := inOrder(fields).Err()
	var ev event.Event
	if err == nil {
		err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
			ev, err = event.Create(ctx, tx, p.Programme.ID, "", content, actor(c))
			return err
		})
	}
	if refusal, ok := refused(err); ok {
		p.Problem = refusal
		return s.showEventForm(c, status(refusal), p)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+ev.ID+"?done=created")
}

// editEvent shows the form; with ?check it also says what is missing before the
// event can be published.
func (s *Server) editEvent(c *gin.Context) error {
	ev, prog, err := s.findOwn(c)
	if err != nil {
		return err
	}
	p := &eventFormPage{page: adminPage(c, "events"), Event: ev, Programme: prog, Form: formOf(ev.Content, s.Places)}
	p.Form.Revision = ev.Revision
	if c.Query("check") != "" {
		p.Problem, _ = problem.As(inOrder(ev.CheckPublish(prog, s.DB.Now())).Err())
	}
	return s.showEventForm(c, http.StatusOK, p)
}

// updateEvent saves. When people must be told of it, it asks once more, with
// what changes, who hears of it, and the letters.
func (s *Server) updateEvent(c *gin.Context) error {
	ev, prog, err := s.findOwn(c)
	if err != nil {
		return err
	}
	form, ctx := readEventForm(c), c.Request.Context()
	p := &eventFormPage{page: adminPage(c, "events"), Event: ev, Programme: prog, Form: form}
	if c.PostForm("back") != "" {
		return s.showEventForm(c, http.StatusOK, p)
	}
	var f problem.Fields
	words := typedText(c, "message", &f)
	content, fields := form.content(prog, s.Places)
	update := func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.UpdateEvent(ctx, tx, ev.ID, form.Revision, content, words, actor(c))
		return err
	}
	asks := tellsPeople(ev, content, s.DB.Now()) && c.PostForm("confirmed") == ""
	switch err = inOrder(append(fields, f...)).Err(); {
	case err != nil:
	case asks:
		var step changeStep
		if step, err = s.lookAt(c, ev.ID, message.EventMoved, registration.Touches(ev.Content, content), update); err == nil {
			return s.askAboutUpdate(c, p, step, content, words)
		}
	default:
		err = s.DB.Write(ctx, func(tx *store.Tx) error {
			if _, err := s.ownEvent(ctx, tx, c, ev.ID); err != nil {
				return err
			}
			return update(ctx, tx)
		})
	}
	if errors.Is(err, event.ErrEdited) {
		return s.showEdited(c, p, content)
	}
	if refusal, ok := refused(err); ok {
		inOrder(refusal.Fields)
		p.Problem = refusal
		return s.showEventForm(c, status(refusal), p)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+ev.ID+"?done=saved")
}

// tellsPeople reports whether those who take part get a letter about the change.
func tellsPeople(ev event.Event, after event.Content, now time.Time) bool {
	return ev.Status == event.Published && now.Before(after.EndsAt) && registration.Matters(ev.Content, after).Any()
}

func (s *Server) askAboutUpdate(c *gin.Context, p *eventFormPage, step changeStep, after event.Content, words string) error {
	var err error
	if step.Changes, err = s.changesOf(s.language(c), p.Event.Content, after); err != nil {
		return err
	}
	address := "/admin/events/" + p.Event.ID
	means := othersQuiet
	if registration.MattersToWaiting(p.Event.Content, after) {
		means = othersTold
	}
	step.Action, step.Back, step.Button, step.Others = address+"/edit", address, "save", others(step.Reach, means)
	step.AskWords, step.Words = true, words
	step.Hidden = hiddenFields(c, eventFields)
	p.Change = &step
	return s.render(c, http.StatusOK, "event_form", p)
}

// showEdited keeps everything that was typed, shows what somebody else has saved
// meanwhile, and lets the editor save over it.
func (s *Server) showEdited(c *gin.Context, p *eventFormPage, typed event.Content) error {
	ctx := c.Request.Context()
	edited := &editedMeanwhile{}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		now, err := s.ownEvent(ctx, tx, c, p.Event.ID)
		if err != nil {
			return err
		}
		p.Event, p.Form.Revision, edited.At = now, now.Revision, now.ChangedAt.In(now.Location())
		entries, err := audit.Of(ctx, tx, "event", now.ID)
		if err != nil || len(entries) == 0 {
			return err
		}
		edited.Who, err = userName(ctx, tx, map[string]string{}, entries[len(entries)-1].Actor)
		return err
	})
	if err != nil {
		return err
	}
	if edited.Changes, err = s.changesOf(s.language(c), p.Event.Content, typed); err != nil {
		return err
	}
	p.Edited = edited
	return s.showEventForm(c, http.StatusConflict, p)
}

func (s *Server) showEventForm(c *gin.Context, code int, p *eventFormPage) error {
	p.MayAskDiet, p.Currency = p.Programme.MayAskDiet(), p.Programme.Currency()
	lang := s.language(c)
	kinds, audiences := []string{""}, event.Audiences()
	for _, k := range event.Kinds() {
		kinds = append(kinds, string(k))
	}
	var questions, audienceModes []string
	for _, m := range event.AudienceModes() {
		audienceModes = append(audienceModes, string(m))
	}
	for _, k := range questionKinds() {
		questions = append(questions, string(k))
	}
	for _, x := range []struct {
		to     *[]option
		prefix string
		values []string
		chosen []string
	}{
		{&p.Kinds, "kind.", kinds, []string{p.Form.Kind}},
		{&p.Modes, "mode.", []string{string(event.Room), string(event.Online), string(event.Hybrid)}, []string{p.Form.Mode}},
		{&p.Audiences, "audience.", audiences, p.Form.Audiences},
		{&p.AudienceModes, "admin.audience_mode.", audienceModes, []string{p.Form.AudienceMode}},
		{&p.QuestionKinds, "admin.question_kind.", questions, nil},
	} {
		var err error
		if *x.to, err = s.optionsOf(lang, x.prefix, x.values, x.chosen); err != nil {
			return err
		}
	}
	for _, l := range locale.All() {
		p.Tongues = append(p.Tongues, option{Value: string(l), Label: l.Name(), Chosen: string(l) == p.Form.Language})
	}
	for _, m := range s.Places.All(p.Programme.Country) {
		p.Towns = append(p.Towns, m.Label())
	}
	return s.render(c, code, "event_form", p)
}

// optionsOf makes choices of values, with the texts of prefix and value; an empty
// value asks to choose.
func (s *Server) optionsOf(lang locale.Language, prefix string, values, chosen []string) ([]option, error) {
	var options []option
	for _, v := range values {
		key := prefix + v
		if v == "" {
			key = "form.choose"
		}
		label, err := s.Texts.Text(lang, key)
		if err != nil {
			return nil, err
		}
		options = append(options, option{Value: v, Label: capitalise(label), Chosen: slices.Contains(chosen, v)})
	}
	return options, nil
}
