package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// What can be done with an event that does not take place as planned.
const (
	doCancel   = "cancel"
	doPostpone = "postpone"
)

// cancelForm says which, and why.
type cancelForm struct {
	What     string // doCancel, doPostpone
	Message  string // shown to everybody; obligatory when the event is cancelled
	Revision int    // of the event that the organiser saw
}

var cancelFields = []string{"revision", "what", "message"}

// cancelPage asks whether to cancel or postpone, and why; with Change it is the
// step that asks once more.
type cancelPage struct {
	page
	eventCard
	Form    cancelForm
	Choices []option
	Change  *changeStep
}

func (s *Server) cancelForm(c *gin.Context) error {
	ev, _, err := s.findOwn(c)
	if err != nil {
		return err
	}
	p := &cancelPage{page: adminPage(c, "events"), eventCard: s.card(ev, s.DB.Now()), Form: cancelForm{Revision: ev.Revision}}
	return s.showCancel(c, http.StatusOK, p)
}

func (s *Server) showCancel(c *gin.Context, code int, p *cancelPage) error {
	choices := []string{doCancel, doPostpone}
	if p.Event.Status == event.Postponed {
		choices = choices[:1]
	}
	var err error
	if p.Choices, err = s.optionsOf(s.language(c), "admin.cancel.", choices, []string{p.Form.What}); err != nil {
		return err
	}
	for i := range p.Choices {
		hint, err := s.Texts.Text(s.language(c), "admin.cancel."+p.Choices[i].Value+"_hint")
		if err != nil {
			return err
		}
		p.Choices[i].Hint = hint
	}
	return s.render(c, code, "cancel", p)
}

// cancelEvent first shows who will be told what, and cancels or postpones the
// event when that is confirmed.
func (s *Server) cancelEvent(c *gin.Context) error {
	ev, _, err := s.findOwn(c)
	if err != nil {
		return err
	}
	var f problem.Fields
	form := cancelForm{What: c.PostForm("what"), Message: typedText(c, "message", &f)}
	form.Revision, _ = strconv.Atoi(c.PostForm("revision"))
	p := &cancelPage{page: adminPage(c, "events"), eventCard: s.card(ev, s.DB.Now()), Form: form}
	if c.PostForm("back") != "" {
		return s.showCancel(c, http.StatusOK, p)
	}
	end, letter, done := registration.CancelEvent, message.EventCancelled, "event_cancelled"
	switch form.What {
	case doCancel:
	case doPostpone:
		end, letter, done = registration.PostponeEvent, message.EventPostponed, "postponed"
	default:
		f.Add("what", "choose")
	}
	step, made, err := s.twoSteps(c, ev.ID, f.Err(), letter, func(ctx context.Context, tx *store.Tx) error {
		if err := s.unchanged(ctx, tx, c, ev.ID, form.Revision); err != nil {
			return err
		}
		_, err := end(ctx, tx, ev.ID, form.Message, actor(c))
		return err
	})
	if refusal, ok := refused(err); ok {
		p.Problem, p.Form.Revision = refusal, ev.Revision
		return s.showCancel(c, status(refusal), p)
	}
	if err != nil || made {
		return answerTo(c, err, ev.ID, step.told(done))
	}
	address := "/admin/events/" + ev.ID
	step.Action, step.Back, step.Button, step.Danger = address+"/cancel", address, form.What, form.What == doCancel
	step.Others = others(step.Reach, map[string]string{doCancel: othersEnded, doPostpone: othersBack}[form.What])
	step.Hidden = hiddenFields(c, cancelFields)
	p.Change = &step
	return s.render(c, http.StatusOK, "cancel", p)
}
