package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/user"
)

// outboxRoutes are the pages of the letters: what waits, went, and did not.
func (s *Server) outboxRoutes() []route {
	get := func(path string, h handler) route { return route{http.MethodGet, path, organise, h} }
	post := func(path string, h handler) route { return route{http.MethodPost, path, organise, h} }
	return []route{
		get(messagesPath, s.messages),
		get(progressPath, s.messageProgress),
		get(messagesPath+"/all", s.confirmAll),
		post(messagesPath+"/all", s.decideAll),
		get(messagesPath+"/:id", s.message),
		get(messagesPath+"/:id/html", s.messageHTML),
		post(messagesPath+"/:id/retry", s.decideMessage(message.SendAgain)),
		post(messagesPath+"/:id/drop", s.decideMessage(message.Discard)),
		post(messagesPath+"/:id/arrived", s.decideMessage(message.TakeAsIn)),
	}
}

func outboxPages() map[string]pager {
	return map[string]pager{"messages": &messagesPage{}, "message": &messagePage{}, "messages_all": &messagesAllPage{}}
}

const (
	messagesPath = "/admin/messages"
	progressPath = messagesPath + "/progress"
)

// messagesPage lists the letters of one's programmes.
type messagesPage struct {
	page
	Filter    messageFilter
	Tabs      []messageTab
	Rows      []messageRow
	Paging    paging
	Events    []option
	Letters   []option
	Deeds     []message.Deed // that can be done to all of the filter at once
	Total     int            // letters of the filter
	Progress  progressPart
	Did       message.Deed // has just been done to all of a filter
	DidNumber int
}

// messageTab is one state, with how many letters are in it.
type messageTab struct {
	Status  string // empty: every one
	URL     string
	N       int
	Current bool
	Color   string // of those that need a hand
}

// messageRow is one letter, ready to print.
type messageRow struct {
	message.Message
	Event    event.Event // nobody's: it is about none
	At       time.Time   // its moment, on the event's clock
	When     string      // what happens then: the text is "admin.outbox.when.<When>"
	Color    string
	CanRetry bool
	CanDrop  bool
	CanTake  bool // as arrived
	Unknown  bool // its address does not exist
}

// messageFilter is what the page's address asks for.
type messageFilter struct {
	Status, Event, Letter, To string
	From, Until               string // days
}

// messageStatuses in the order of their tabs.
var messageStatuses = []string{"waiting", "sent", "failed", "uncertain", "held", "dropped"}

const messagesShown = 50

func messageFilterOf(q url.Values) messageFilter {
	f := messageFilter{
		Status: q.Get("status"), Event: q.Get("event"), Letter: q.Get("letter"),
		To: strings.ToLower(strings.TrimSpace(q.Get("to"))), From: q.Get("from"), Until: q.Get("until"),
	}
	if !slices.Contains(messageStatuses, f.Status) {
		f.Status = ""
	}
	if !slices.Contains(message.All(), message.Letter(f.Letter)) {
		f.Letter = ""
	}
	if dayOf(f.From).IsZero() {
		f.From = ""
	}
	if dayOf(f.Until).IsZero() {
		f.Until = ""
	}
	return f
}

// dayOf is the beginning of a day that was typed; zero when it is none.
func dayOf(s string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, s, deskZone())
	if err != nil {
		return time.Time{}
	}
	return t
}

// Query is the filter as the part of an address, in the same order always.
func (f messageFilter) Query() string {
	q := url.Values{}
	for name, value := range map[string]string{"status": f.Status, "event": f.Event, "letter": f.Letter, "to": f.To, "from": f.From, "until": f.Until} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q.Encode()
}

// Narrow reports whether more than a state was asked for.
func (f messageFilter) Narrow() bool { return f != (messageFilter{Status: f.Status}) }

// DeedURL is where it is asked whether to do something to all letters of the
// filter.
func (f messageFilter) DeedURL(d message.Deed) string {
	return withQuery(messagesPath+"/all", strings.TrimPrefix(f.Query()+"&deed="+url.QueryEscape(string(d)), "&"))
}

// ClearURL is the address of the same state without a filter.
func (f messageFilter) ClearURL() string { return messageFilter{Status: f.Status}.URL() }

// In is the filter with another state.
func (f messageFilter) In(status string) messageFilter {
	f.Status = status
	return f
}

// URL is the address of the page with the filter.
func (f messageFilter) URL() string { return withQuery(messagesPath, f.Query()) }

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

// of turns the filter into that of the outbox, for letters that may be seen.
func (f messageFilter) of(reach message.Reach) message.Filter {
	m := message.Filter{Reach: reach, EventID: f.Event, Letter: message.Letter(f.Letter), From: dayOf(f.From)}
	if f.Status != "" {
		m.Statuses = []message.Status{message.Status(f.Status)}
	}
	if until := dayOf(f.Until); !until.IsZero() {
		m.Until = until.AddDate(0, 0, 1)
	}
	if whole, err := person.Address(f.To); err == nil {
		m.Recipient = whole
	} else {
		m.Part = f.To
	}
	return m
}

// reach is whose letters whoever has signed in may see. Those about a person,
// such as links for signing in, belong to no programme: they are for
// administrators alone.
func reach(c *gin.Context) message.Reach {
	u, _ := signedIn(c)
	return message.Reach{Programmes: mayOrganise(c), Personal: u.May(user.Administrator, "")}
}

func (s *Server) messages(c *gin.Context) error {
	ctx, q := c.Request.Context(), c.Request.URL.Query()
	p := &messagesPage{page: adminPage(c, "messages"), Filter: messageFilterOf(q)}
	if d := message.Deed(q.Get("did")); message.Together[d] != "" {
		p.Did = d
		p.DidNumber, _ = strconv.Atoi(q.Get("n"))
	}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		if err := p.read(ctx, tx, reach(c), placeOf(q)); err != nil {
			return err
		}
		var err error
		if p.Progress, err = s.progress(ctx, tx, c, ""); err != nil {
			return err
		}
		return p.readEvents(ctx, tx, mayOrganise(c))
	})
	if err != nil {
		return err
	}
	var letters []string
	for _, l := range message.All() {
		letters = append(letters, string(l))
	}
	if p.Letters, err = s.optionsOf(s.language(c), "letter.", letters, []string{p.Filter.Letter}); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "messages", p)
}

// read finds the rows of the page and counts those of every tab.
func (p *messagesPage) read(ctx context.Context, tx *store.Tx, reach message.Reach, from message.Place) error {
	f := p.Filter.of(reach)
	counts, err := f.Tally(ctx, tx)
	if err != nil {
		return err
	}
	p.count(counts)
	list, more, err := f.Page(ctx, tx, from, messagesShown)
	if err != nil {
		return err
	}
	p.turn(list, more, from)
	events := eventBook{}
	for _, m := range list {
		ev, err := events.find(ctx, tx, m.EventID)
		if err != nil {
			return err
		}
		p.Rows = append(p.Rows, rowOf(m, ev, tx.Now))
	}
	for _, d := range []message.Deed{message.SendAgain, message.LetGo, message.Discard} {
		if len(p.Rows) > 0 && string(message.Together[d]) == p.Filter.Status {
			p.Deeds = append(p.Deeds, d)
		}
	}
	return nil
}

func (p *messagesPage) count(c message.Counts) {
	n := map[string]int{"waiting": c.Waiting, "sent": c.Sent, "failed": c.Failed, "uncertain": c.Uncertain, "held": c.Held, "dropped": c.Dropped}
	all := 0
	for _, v := range n {
		all += v
	}
	n[""] = all
	p.Total = n[p.Filter.Status]
	for _, st := range append([]string{""}, messageStatuses...) {
		t := messageTab{Status: st, URL: p.Filter.In(st).URL(), N: n[st], Current: st == p.Filter.Status}
		if t.N > 0 && slices.Contains(stuckStatuses, message.Status(st)) {
			t.Color = messageColor(message.Status(st))
		}
		p.Tabs = append(p.Tabs, t)
	}
}

// turn works out the addresses of the pages beside this one.
func (p *messagesPage) turn(list []message.Message, more bool, from message.Place) {
	if len(list) == 0 {
		return
	}
	beside := func(name string, m message.Message) string {
		q, _ := url.ParseQuery(p.Filter.Query())
		q.Set(name, m.Moment().UTC().Format(time.RFC3339)+"~"+m.ID)
		return messagesPath + "?" + q.Encode()
	}
	if from.Back && more || !from.Back && !from.At.IsZero() {
		p.Paging.Previous = beside("before", list[0])
	}
	if from.Back || more {
		p.Paging.Next = beside("after", list[len(list)-1])
	}
}

// placeOf reads where a page begins: "after" the last one of the page before, or
// "before" the first of the page after.
func placeOf(q url.Values) message.Place {
	for _, name := range []string{"after", "before"} {
		at, id, ok := strings.Cut(q.Get(name), "~")
		if t, err := time.Parse(time.RFC3339, at); ok && err == nil {
			return message.Place{At: t, ID: id, Back: name == "before"}
		}
	}
	return message.Place{}
}

// eventsOffered bounds how many events the filter offers; others are reached from
// their own pages.
const eventsOffered = 200

func (p *messagesPage) readEvents(ctx context.Context, tx *store.Tx, own []string) error {
	events, err := event.List(ctx, tx, event.Filter{ProgrammeIDs: own, Newest: true, Limit: eventsOffered})
	if err != nil {
		return err
	}
	chosen := p.Filter.Event
	if chosen != "" && !slices.ContainsFunc(events, func(ev event.Event) bool { return ev.ID == chosen }) {
		ev, err := event.Find(ctx, tx, chosen)
		if err == nil && (own == nil || slices.Contains(own, ev.ProgrammeID)) {
			events = append(events, ev)
		} else if err != nil && !errors.Is(err, problem.ErrMissing) {
			return err
		}
	}
	for _, ev := range events {
		p.Events = append(p.Events, option{Value: ev.ID, Label: ev.LocalStart().Format(time.DateOnly) + " " + ev.Title, Chosen: ev.ID == chosen})
	}
	return nil
}

// eventBook keeps the events that were looked up for one page.
type eventBook map[string]event.Event

// find reads an event; nobody's when there is none.
func (b eventBook) find(ctx context.Context, tx *store.Tx, id string) (event.Event, error) {
	if id == "" {
		return event.Event{}, nil
	}
	if ev, known := b[id]; known {
		return ev, nil
	}
	ev, err := event.Find(ctx, tx, id)
	if err != nil && !errors.Is(err, problem.ErrMissing) {
		return ev, err
	}
	b[id] = ev
	return ev, nil
}

// stuckStatuses are the states in which a letter waits for an organiser.
var stuckStatuses = []message.Status{message.Failed, message.Uncertain, message.Held}

func rowOf(m message.Message, ev event.Event, now time.Time) messageRow {
	loc := deskZone()
	if ev.ID != "" {
		loc = ev.Location()
	}
	code, _ := message.SplitReason(m.Reason)
	return messageRow{
		Message: m, Event: ev, At: m.Moment().In(loc), When: whenOf(m, now), Color: messageColor(m.Status),
		CanRetry: message.SendAgain.Can(m) || message.LetGo.Can(m), CanDrop: message.Discard.Can(m), CanTake: message.TakeAsIn.Can(m),
		Unknown: slices.Contains([]string{message.ReasonNoSuchAddress, message.ReasonBadAddress, message.ReasonCameBackNoAddress}, code),
	}
}

// whenOf says what happens, or happened, at a letter's moment.
func whenOf(m message.Message, now time.Time) string {
	switch {
	case m.Status != message.Waiting:
		return string(m.Status)
	case m.LeasedUntil.After(now):
		return "in_hand"
	case !m.DueAt.After(now):
		return "due"
	case m.Attempts > 0:
		return "again"
	}
	return "later"
}

func messageColor(st message.Status) string {
	switch st {
	case message.Sent:
		return "success"
	case message.Failed:
		return "danger"
	case message.Uncertain, message.Held:
		return "warning"
	}
	return "neutral"
}
