package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// reminderRoutes are the pages of reminder rules: an event's, and a programme's
// with which its new events begin.
func (s *Server) reminderRoutes() []route {
	var routes []route
	for _, base := range []string{"/admin/events/:id/reminders", "/admin/programmes/:slug/reminders"} {
		for _, r := range []route{
			{http.MethodGet, "", organise, s.reminders},
			{http.MethodGet, "/new", organise, s.newReminder},
			{http.MethodPost, "/new", organise, s.addReminder},
			{http.MethodGet, "/restore", organise, s.askRestoreReminders},
			{http.MethodPost, "/restore", organise, s.restoreReminders},
			{http.MethodGet, "/rule/:rule", organise, s.editReminder},
			{http.MethodPost, "/rule/:rule", organise, s.changeReminder},
			{http.MethodGet, "/rule/:rule/preview", organise, s.previewReminder},
			{http.MethodPost, "/rule/:rule/switch", organise, s.switchReminder},
			{http.MethodGet, "/rule/:rule/remove", organise, s.askRemoveReminder},
			{http.MethodPost, "/rule/:rule/remove", organise, s.removeReminder},
		} {
			r.path = base + r.path
			routes = append(routes, r)
		}
	}
	return append(routes, route{http.MethodPost, "/admin/programmes/:slug/reminders/follow", organise, s.followReminders})
}

func reminderPages() map[string]pager {
	return map[string]pager{"reminders": &remindersPage{}, "reminder_form": &reminderFormPage{}, "reminder_preview": &reminderPreviewPage{}, "reminder_ask": &reminderAskPage{}}
}

// reminderOwner is whose rules a page is about.
type reminderOwner struct {
	Event     *event.Event // nil: the programme's
	Programme programme.Programme
	Base      string // the address of the list
}

// owner finds the event or programme that the address names, if whoever has signed
// in organises it.
func (s *Server) owner(ctx context.Context, tx *store.Tx, c *gin.Context) (o reminderOwner, err error) {
	if slug := c.Param("slug"); slug != "" {
		if o.Programme, err = programme.FindBySlug(ctx, tx, slug); err != nil {
			return o, err
		}
		o.Base = "/admin/programmes/" + o.Programme.Slug + "/reminders"
		if !organises(c, o.Programme.ID) {
			return o, s.foreign(c, "programme", o.Programme.ID)
		}
		return o, nil
	}
	ev, err := s.ownEvent(ctx, tx, c, c.Param("id"))
	if err != nil {
		return o, err
	}
	o.Event, o.Base = &ev, "/admin/events/"+ev.ID+"/reminders"
	o.Programme, err = programme.Find(ctx, tx, ev.ProgrammeID)
	return o, err
}

// rule finds the rule that the address names, if it is the owner's.
func (o reminderOwner) rule(ctx context.Context, tx *store.Tx, c *gin.Context) (message.Rule, error) {
	r, err := message.FindRule(ctx, tx, c.Param("rule"))
	if err != nil {
		return r, err
	}
	if o.Event != nil && r.EventID != o.Event.ID || o.Event == nil && r.ProgrammeID != o.Programme.ID {
		return r, problem.ErrMissing
	}
	return r, nil
}

// Title is what the owner is called, and in which language.
func (o reminderOwner) Title() string {
	if o.Event != nil {
		return o.Event.Title
	}
	return o.Programme.Name
}

// TitleLanguage is the language of the title.
func (o reminderOwner) TitleLanguage() string {
	if o.Event != nil {
		return o.Event.Language
	}
	return o.Programme.Language
}

// reminderLine is one rule and what becomes of it, on the event's clock.
type reminderLine struct {
	message.Forecast
	At, Asked time.Time // when it goes, and when it would but for the night; zero of a programme's
	FirstSent time.Time
	Clock     time.Time // of AtClock
	Subject   string    // of own words
}

// To is the choice of the form that names whom the rule reaches.
func (l reminderLine) To() string { return toChoice(l.Rule) }

// Quiet reports whether the night puts the letter off.
func (l reminderLine) Quiet() bool { return !l.At.Equal(l.Asked) }

func newReminderLine(f message.Forecast, loc *time.Location, language string) reminderLine {
	l := reminderLine{Forecast: f}
	if loc != nil {
		l.At, l.Asked, l.FirstSent = f.DueAt.In(loc), f.Moment.In(loc), f.SentAt.In(loc)
	}
	l.Clock, _ = time.Parse("15:04", f.AtClock)
	if text, ok := f.Text(language, language); ok && f.Letter == message.OwnWords {
		l.Subject = text.Subject
	}
	return l
}

// reminderLines tells of an event's rules what becomes of them, without those that
// are for nobody there.
func reminderLines(ctx context.Context, tx *store.Tx, ev event.Event) ([]reminderLine, error) {
	found, err := message.Forecasts(ctx, tx, ev.ID)
	var lines []reminderLine
	for _, f := range found {
		if f.Never != message.NeverMode && f.Never != message.NeverOff {
			lines = append(lines, newReminderLine(f, ev.Location(), ev.Language))
		}
	}
	return lines, err
}

// remindersPage lists the rules of an event or a programme.
type remindersPage struct {
	page
	reminderOwner
	Card    eventCard
	Status  adminStatus
	Lines   []reminderLine
	Own     bool // the event's have been changed by hand
	Over    bool // nothing more goes, or can be changed
	Behind  []message.Coming
	Hand    []message.Coming
	History []auditLine
}

// comingShown is how many coming events a page names.
const comingShown = 20

// More is how many events are not named.
func (p remindersPage) More() int { return max(0, len(p.Behind)-comingShown) }

func (s *Server) reminders(c *gin.Context) error { return s.showReminders(c, http.StatusOK, nil) }

func (s *Server) showReminders(c *gin.Context, code int, refusal *problem.Problem) error {
	ctx, now := c.Request.Context(), s.DB.Now()
	p := &remindersPage{page: adminPage(c, "events")}
	p.Problem = refusal
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if p.reminderOwner, err = s.owner(ctx, tx, c); err != nil {
			return err
		}
		p.Self = p.Base
		if p.Event == nil {
			return s.readProgrammeReminders(ctx, tx, p)
		}
		p.Card, p.Status = s.card(*p.Event, now), statusOf(*p.Event, now)
		p.Over = remindersOver(*p.Event)
		if p.Own, err = message.HasOwnRules(ctx, tx, p.Event.ID); err != nil {
			return err
		}
		found, err := message.Forecasts(ctx, tx, p.Event.ID)
		for _, f := range found {
			p.Lines = append(p.Lines, newReminderLine(f, p.Event.Location(), p.Event.Language))
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "reminders", p)
}

// remindersOver reports whether the event sends no more reminders for good.
func remindersOver(ev event.Event) bool {
	return ev.Status == event.Cancelled || ev.Status == event.Archived
}

func (s *Server) readProgrammeReminders(ctx context.Context, tx *store.Tx, p *remindersPage) error {
	rules, err := message.RulesOf(ctx, tx, p.Programme.ID)
	if err != nil {
		return err
	}
	for _, r := range rules {
		f := message.Forecast{Rule: r}
		if r.Off {
			f.Never = message.NeverOff
		}
		p.Lines = append(p.Lines, newReminderLine(f, nil, p.Programme.Language))
	}
	coming, err := message.ComingEvents(ctx, tx, p.Programme.ID)
	if err != nil {
		return err
	}
	for _, ev := range coming {
		switch {
		case ev.Own:
			p.Hand = append(p.Hand, ev)
		case ev.Differs:
			p.Behind = append(p.Behind, ev)
		}
	}
	p.History, err = s.reminderHistory(ctx, tx, p.Programme)
	return err
}

// historyShown is how many changes of a programme's rules are told.
const historyShown = 20

// reminderHistory tells who changed a programme's rules, the newest first.
func (s *Server) reminderHistory(ctx context.Context, tx *store.Tx, p programme.Programme) (lines []auditLine, err error) {
	entries, err := audit.Of(ctx, tx, "programme", p.ID)
	if err != nil {
		return nil, err
	}
	loc, names := deskZone(), map[string]string{}
	for _, e := range slices.Backward(entries) {
		if len(lines) == historyShown {
			break
		}
		if !strings.HasPrefix(e.Action, "reminder.") {
			continue
		}
		l := auditLine{At: e.At.In(loc), Actor: e.Actor.Kind, Action: auditKey(e.Action)}
		if l.Who, err = userName(ctx, tx, names, e.Actor); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// editReminders makes a change to the owner's rules and leads back to the list.
func (s *Server) editReminders(c *gin.Context, done string, change func(context.Context, *store.Tx, reminderOwner) error) error {
	ctx := c.Request.Context()
	var o reminderOwner
	err := s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if o, err = s.owner(ctx, tx, c); err != nil {
			return err
		}
		if o.Event != nil && remindersOver(*o.Event) {
			return event.ErrNotNow
		}
		return change(ctx, tx, o)
	})
	if refusal, ok := refused(err); ok {
		return s.showReminders(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, o.Base+"?done="+done)
}

func (s *Server) switchReminder(c *gin.Context) error {
	on := c.PostForm("on") != ""
	return s.editReminders(c, map[bool]string{true: "reminder_on", false: "reminder_off"}[on], func(ctx context.Context, tx *store.Tx, o reminderOwner) error {
		r, err := o.rule(ctx, tx, c)
		if err != nil {
			return err
		}
		return message.SwitchRule(ctx, tx, r.ID, on, actor(c))
	})
}

func (s *Server) removeReminder(c *gin.Context) error {
	return s.editReminders(c, "reminder_removed", func(ctx context.Context, tx *store.Tx, o reminderOwner) error {
		r, err := o.rule(ctx, tx, c)
		if err != nil {
			return err
		}
		return message.RemoveRule(ctx, tx, r.ID, actor(c))
	})
}

func (s *Server) restoreReminders(c *gin.Context) error {
	return s.editReminders(c, "reminders_restored", func(ctx context.Context, tx *store.Tx, o reminderOwner) error {
		if o.Event == nil {
			return message.RestoreStandard(ctx, tx, o.Programme.ID, actor(c))
		}
		return message.RestoreRules(ctx, tx, o.Programme.ID, o.Event.ID, string(o.Event.Kind), actor(c))
	})
}

// followReminders brings the coming events in line whose rules nobody has changed
// by hand.
func (s *Server) followReminders(c *gin.Context) error {
	return s.editReminders(c, "reminders_followed", func(ctx context.Context, tx *store.Tx, o reminderOwner) error {
		return message.FollowProgramme(ctx, tx, o.Programme.ID, actor(c))
	})
}
