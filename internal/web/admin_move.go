package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// moveForm is a new time, on the event's own clock.
type moveForm struct {
	StartsAt, StartsTime string
	EndsAt, EndsTime     string
	Message              string // the organiser's words in the letter
	Revision             int    // of the event that the organiser saw
}

var moveFields = []string{"revision", "starts_at", "starts_time", "ends_at", "ends_time", "message"}

// movePage asks for a new time; with Change it is the step that asks once more.
type movePage struct {
	page
	eventCard
	Programme programme.Programme
	Form      moveForm
	Change    *changeStep
}

func (s *Server) moveForm(c *gin.Context) error {
	ev, prog, err := s.findOwn(c)
	if err != nil {
		return err
	}
	p := &movePage{page: adminPage(c, "events"), eventCard: s.card(ev, s.DB.Now()), Programme: prog}
	p.Form.Revision = ev.Revision
	p.Form.StartsAt, p.Form.StartsTime = dayAndClock(ev.StartsAt, ev.Location())
	p.Form.EndsAt, p.Form.EndsTime = endDayAndClock(ev.StartsAt, ev.EndsAt, ev.Location())
	return s.render(c, http.StatusOK, "move", p)
}

// moveEvent first shows what the new time means for those who take part, and
// moves the event when that is confirmed.
func (s *Server) moveEvent(c *gin.Context) error {
	ev, prog, err := s.findOwn(c)
	if err != nil {
		return err
	}
	var f problem.Fields
	form := moveForm{
		StartsAt: typedLine(c, "starts_at", &f), StartsTime: typedLine(c, "starts_time", &f),
		EndsAt: typedLine(c, "ends_at", &f), EndsTime: typedLine(c, "ends_time", &f), Message: typedText(c, "message", &f),
	}
	form.Revision, _ = strconv.Atoi(c.PostForm("revision"))
	p := &movePage{page: adminPage(c, "events"), eventCard: s.card(ev, s.DB.Now()), Programme: prog, Form: form}
	if c.PostForm("back") != "" {
		return s.render(c, http.StatusOK, "move", p)
	}
	starts := typedInstant("starts_at", form.StartsAt, form.StartsTime, ev.Location(), &f)
	ends := typedInstant("ends_at", first(form.EndsAt, form.StartsAt), form.EndsTime, ev.Location(), &f)
	var after event.Event
	move := func(ctx context.Context, tx *store.Tx) (err error) {
		if err := s.unchanged(ctx, tx, c, ev.ID, form.Revision); err != nil {
			return err
		}
		after, err = registration.MoveEvent(ctx, tx, ev.ID, starts, ends, form.Message, actor(c))
		return err
	}
	step, done, err := s.twoSteps(c, ev.ID, f.Err(), message.EventMoved, move)
	if refusal, ok := refused(err); ok {
		return s.showMove(c, p, refusal)
	}
	if err != nil || done {
		return answerTo(c, err, ev.ID, step.told("moved"))
	}
	if step.Changes, err = s.changesOf(s.language(c), ev.Content, after.Content); err != nil {
		return err
	}
	address := "/admin/events/" + ev.ID
	step.Action, step.Back, step.Button, step.Others = address+"/move", address, "move", others(step.Reach, othersTold)
	step.Hidden = hiddenFields(c, moveFields)
	p.Change = &step
	return s.render(c, http.StatusOK, "move", p)
}

// showMove shows the form again; one that was filled in before somebody else
// changed the event begins anew from the event as it is now.
func (s *Server) showMove(c *gin.Context, p *movePage, refusal *problem.Problem) error {
	p.Problem, p.Form.Revision = refusal, p.Event.Revision
	return s.render(c, status(refusal), "move", p)
}

// unchanged refuses when the event is not the one that the organiser saw: else a
// button pressed twice would tell everybody twice.
func (s *Server) unchanged(ctx context.Context, tx *store.Tx, c *gin.Context, id string, revision int) error {
	ev, err := s.ownEvent(ctx, tx, c, id)
	if err == nil && ev.Revision != revision {
		err = event.ErrEdited
	}
	return err
}

// twoSteps looks at the change, or makes it for good when the form says
// "confirmed"; done tells which. What was wrong with the form stops both.
func (s *Server) twoSteps(c *gin.Context, id string, wrong error, letter message.Letter, change func(context.Context, *store.Tx) error) (step changeStep, done bool, err error) {
	if wrong != nil {
		return step, false, wrong
	}
	if c.PostForm("confirmed") == "" {
		step, err = s.lookAt(c, id, letter, registration.Everybody, change)
		return step, false, err
	}
	ctx := c.Request.Context()
	err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if step.Reach, err = registration.ReachOf(ctx, tx, id, registration.Everybody); err != nil {
			return err
		}
		return change(ctx, tx)
	})
	return step, err == nil, err
}

// told is the code of what was done, which says so when there was nobody to tell.
func (s changeStep) told(done string) string {
	if s.Reach.Any() {
		return done
	}
	return done + "_quietly"
}

// answerTo ends a handler: with its fault, or back at the event's page.
func answerTo(c *gin.Context, err error, id, done string) error {
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+id+"?done="+done)
}
