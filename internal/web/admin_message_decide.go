package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// decideMessage lets an organiser decide about one letter: it goes again, made
// anew from what is true now, need not go, or has arrived.
func (s *Server) decideMessage(d message.Deed) handler {
	return func(c *gin.Context) error {
		ctx, id := c.Request.Context(), c.Param("id")
		err := s.DB.Write(ctx, func(tx *store.Tx) error {
			m, err := s.ownMessage(ctx, tx, c, id)
			if err != nil {
				return err
			}
			return decide(ctx, tx, actor(c), d, m)
		})
		if err != nil {
			return err
		}
		done := map[message.Deed]string{message.SendAgain: "retried", message.Discard: "letter_dropped", message.TakeAsIn: "letter_arrived"}[d]
		to := messagesPath + "/" + url.PathEscape(id) + "?done=" + done
		if back, err := url.ParseQuery(c.PostForm("back")); err == nil && c.PostForm("page") == "list" {
			to = withQuery(messagesPath, strings.TrimPrefix(messageFilterOf(back).Query()+"&done="+done, "&"))
		}
		return seeOther(c, to)
	}
}

func decide(ctx context.Context, tx *store.Tx, by audit.Actor, d message.Deed, m message.Message) error {
	if d == message.SendAgain && m.Status == message.Held {
		d = message.LetGo
	}
	goes := d == message.SendAgain || d == message.LetGo
	if goes {
		if err := person.EmailWorks(ctx, tx, m.Recipient); err != nil {
			return err
		}
	}
	done, err := d.Do(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	if !done {
		return registration.ErrNotNow
	}
	e := decided[d]
	e.Actor, e.ProgrammeID, e.ObjectKind, e.ObjectID, e.From = by, m.ProgrammeID, "message", m.ID, string(m.Status)
	return audit.Add(ctx, tx, e)
}

// decided and decidedAll begin the entry of each deed in the log.
var (
	decided = map[message.Deed]audit.Entry{
		message.SendAgain: {Action: "message.retry", To: string(message.Waiting)},
		message.LetGo:     {Action: "message.release", To: string(message.Waiting)},
		message.Discard:   {Action: "message.drop", To: string(message.Dropped)},
		message.TakeAsIn:  {Action: "message.arrived", To: string(message.Sent)},
	}
	decidedAll = map[message.Deed]audit.Entry{
		message.SendAgain: {Action: "message.retry_all", To: string(message.Waiting)},
		message.LetGo:     {Action: "message.release_all", To: string(message.Waiting)},
		message.Discard:   {Action: "message.drop_all", To: string(message.Dropped)},
	}
)

// messagesAllPage asks before something is done to all letters of a filter.
type messagesAllPage struct {
	page
	Filter    messageFilter
	Deed      message.Deed
	N         int // to so many it would be done
	LeftOut   int // failed ones to addresses that do not exist
	Until     string
	EventName string
	Changed   bool // the number was another when it was said
	Few       []messageRow
}

// fewShown is how many of the letters the question names.
const fewShown = 5

// askAll is the deed and the letters that a form or an address names. Letters that
// fail after the question was put are left out of it.
func askAll(values url.Values, now time.Time) (p *messagesAllPage, known bool) {
	d := message.Deed(values.Get("deed"))
	if message.Together[d] == "" {
		return nil, false
	}
	p = &messagesAllPage{Deed: d, Filter: messageFilterOf(values).In(string(message.Together[d])), Until: values.Get("asked")}
	if _, err := time.Parse(time.RFC3339, p.Until); err != nil {
		p.Until = now.UTC().Format(time.RFC3339)
	}
	return p, true
}

func (p *messagesAllPage) filter(reach message.Reach) message.Filter {
	f := p.Filter.of(reach)
	asked, _ := time.Parse(time.RFC3339, p.Until)
	if asked = asked.Add(time.Second); f.Until.IsZero() || asked.Before(f.Until) {
		f.Until = asked
	}
	return f
}

func (s *Server) confirmAll(c *gin.Context) error {
	p, known := askAll(c.Request.URL.Query(), s.DB.Now())
	if !known {
		return seeOther(c, messagesPath)
	}
	return s.showAll(c, http.StatusOK, p)
}

func (s *Server) showAll(c *gin.Context, code int, p *messagesAllPage) error {
	ctx := c.Request.Context()
	p.page = adminPage(c, "messages")
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		f, events := p.filter(reach(c)), eventBook{}
		var err error
		if p.N, err = p.Deed.CountAll(ctx, tx, f); err != nil {
			return err
		}
		counts, err := f.Tally(ctx, tx)
		if err != nil {
			return err
		}
		if p.Deed == message.SendAgain {
			p.LeftOut = counts.Failed - p.N
		}
		list, err := p.Deed.Some(ctx, tx, f, fewShown)
		for _, m := range list {
			ev, err := events.find(ctx, tx, m.EventID)
			if err != nil {
				return err
			}
			p.Few = append(p.Few, rowOf(m, ev, tx.Now))
			if m.EventID == p.Filter.Event {
				p.EventName = ev.Title
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "messages_all", p)
}

// atOnce is how many letters one transaction takes.
const atOnce = 500

// decideAll does it, a part in each transaction. When there are more letters than
// were said, it asks again.
func (s *Server) decideAll(c *gin.Context) error {
	ctx := c.Request.Context()
	p, known := askAll(c.Request.PostForm, s.DB.Now())
	if !known {
		return seeOther(c, messagesPath)
	}
	said, _ := strconv.Atoi(c.PostForm("n"))
	f, did := p.filter(reach(c)), 0
	for {
		n := 0
		err := s.DB.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = p.decideSome(ctx, tx, c, f, said-did)
			return err
		})
		if err != nil && did == 0 {
			return err
		}
		if err != nil { // what is done is done and told; the rest can be asked for again
			s.Log.Error("letters decided in part", "deed", p.Deed, "done", did, "error", err)
			break
		}
		if did += n; n < atOnce {
			break
		}
	}
	if did == 0 {
		return s.showAll(c, http.StatusConflict, p)
	}
	q, _ := url.ParseQuery(p.Filter.Query())
	q.Set("did", string(p.Deed))
	q.Set("n", strconv.Itoa(did))
	return seeOther(c, messagesPath+"?"+q.Encode())
}

// decideSome does it to one part, with its entry in the log.
func (p *messagesAllPage) decideSome(ctx context.Context, tx *store.Tx, c *gin.Context, f message.Filter, said int) (int, error) {
	n, err := p.Deed.CountAll(ctx, tx, f)
	if err != nil || n == 0 || n > said {
		p.Changed = n != said
		return 0, err
	}
	if n, err = p.Deed.DoSome(ctx, tx, f, atOnce); err != nil {
		return 0, err
	}
	return n, audit.Add(ctx, tx, p.entry(c, f, n))
}

// entry is what the log keeps: how many letters, and of which filter, without
// addresses.
func (p *messagesAllPage) entry(c *gin.Context, f message.Filter, n int) audit.Entry {
	e := decidedAll[p.Deed]
	e.Actor, e.ObjectKind, e.From = actor(c), "outbox", strconv.Itoa(n)+" "+p.Filter.Status
	if len(f.Programmes) == 1 {
		e.ProgrammeID = f.Programmes[0]
	}
	if p.Filter.Event != "" {
		e.ObjectKind, e.ObjectID = "event", p.Filter.Event
	}
	told := p.Filter
	told.Event, told.Status = "", ""
	if told.To != "" {
		told.To = "…"
	}
	e.Reason = told.Query()
	return e
}
