package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// The forms in which whom a mailing reaches is ticked, of long lists.
const (
	newMailingPath = "/admin/mailings/new"
	mailingPath    = "/admin/mailings/:id"
)

// mailingRoutes are the pages on which organisers write to those who have signed
// up.
func (s *Server) mailingRoutes() []route {
	get := func(path string, h handler) route { return route{http.MethodGet, path, organise, h} }
	post := func(path string, h handler) route { return route{http.MethodPost, path, organise, h} }
	return []route{
		get("/admin/mailings", s.mailings),
		get(newMailingPath, s.newMailing),
		post(newMailingPath, s.createMailing),
		get(mailingPath, s.mailing),
		post(mailingPath, s.saveMailing),
		get("/admin/mailings/:id/preview", s.mailingPreview),
		get("/admin/mailings/:id/letter", s.mailingLetter),
		post("/admin/mailings/:id/test", s.tryMailing),
		post("/admin/mailings/:id/send", s.sendMailing),
		post("/admin/mailings/:id/schedule", s.scheduleMailing),
		post("/admin/mailings/:id/unschedule", s.unscheduleMailing),
		post("/admin/mailings/:id/stop", s.stopMailing),
		post("/admin/mailings/:id/discard", s.discardMailing),
		post("/admin/mailings/:id/template", s.keepTemplate),
		post("/admin/mailings/templates/:id/delete", s.forgetTemplate),
	}
}

func mailingPages() map[string]pager {
	return map[string]pager{"mailings": &mailingsPage{}, "mailing_new": &mailingNewPage{}, "mailing_form": &mailingFormPage{}, "mailing": &mailingPage{}, "mailing_preview": &mailingPreviewPage{}}
}

const mailingsShown = 50

// mailingsPage lists the mailings of one's programmes, and the templates.
type mailingsPage struct {
	page
	Status    string
	Statuses  []option
	EventID   string // only those to the people of one event
	Event     event.Event
	Rows      []mailingRow
	Paging    paging
	Templates []templateRow
	News      newsReaders // of all one's programmes together
}

// mailingRow is one mailing, ready to print.
type mailingRow struct {
	ID, Title string
	Status    mailing.Status
	Color     string
	News      bool   // to readers of news
	Event     string // the first one's title
	Language  string // of that title
	Others    int    // events besides
	Programme string // where one has several
	At        time.Time
	Counts    message.Counts
}

// templateRow is one template, ready to print.
type templateRow struct {
	ID, Name, Programme string
}

func mailingColor(st mailing.Status) string {
	switch st {
	case mailing.Sent:
		return "success"
	case mailing.Sending, mailing.Scheduled:
		return "warning"
	case mailing.Stopped:
		return "danger"
	}
	return "neutral"
}

func mailingStatuses() (all []string) {
	for _, st := range mailing.Statuses() {
		all = append(all, string(st))
	}
	return all
}

func (s *Server) mailings(c *gin.Context) error {
	ctx := c.Request.Context()
	p := &mailingsPage{page: adminPage(c, "mailings"), Status: c.Query("status"), EventID: c.Query("event")}
	if !slices.Contains(mailingStatuses(), p.Status) {
		p.Status = ""
	}
	lang := string(s.language(c))
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if p.EventID != "" {
			if p.Event, err = s.ownEvent(ctx, tx, c, p.EventID); err != nil {
				return err
			}
		}
		own, err := ownProgrammes(ctx, tx, c)
		if err != nil {
			return err
		}
		readers, err := readersOf(ctx, tx, c)
		if err != nil {
			return err
		}
		p.News = together(readers)
		return p.read(ctx, tx, c.Request.URL.Query(), mayOrganise(c), programmeNames(own), lang)
	})
	if err != nil {
		return err
	}
	if p.Statuses, err = s.optionsOf(s.language(c), "mailing.status.", mailingStatuses(), []string{p.Status}); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "mailings", p)
}

// programmeNames are the names of one's programmes by id; none where there is
// only one, for then nobody need be told.
func programmeNames(own []programme.Programme) map[string]string {
	names := map[string]string{}
	for _, x := range own {
		if len(own) > 1 {
			names[x.ID] = x.Name
		}
	}
	return names
}

func (p *mailingsPage) read(ctx context.Context, tx *store.Tx, q url.Values, own []string, names map[string]string, lang string) error {
	f := mailing.Filter{ProgrammeIDs: own, Status: mailing.Status(p.Status), EventID: p.EventID}
	total, err := mailing.Count(ctx, tx, f)
	if err != nil {
		return err
	}
	p.Paging = newPaging("/admin/mailings", q, total, mailingsShown)
	list, err := mailing.List(ctx, tx, f, p.Paging.From, p.Paging.To-p.Paging.From)
	if err != nil {
		return err
	}
	for _, m := range list {
		row, err := mailingRowOf(ctx, tx, m.ID, lang)
		if err != nil {
			return err
		}
		row.Programme = names[m.ProgrammeID]
		p.Rows = append(p.Rows, row)
	}
	templates, err := mailing.Templates(ctx, tx, own)
	for _, x := range templates {
		p.Templates = append(p.Templates, templateRow{x.ID, x.Name, names[x.ProgrammeID]})
	}
	return err
}

func mailingRowOf(ctx context.Context, tx *store.Tx, id, lang string) (row mailingRow, err error) {
	m, err := mailing.Find(ctx, tx, id)
	if err != nil {
		return row, err
	}
	row = mailingRow{ID: id, Title: m.Title(lang), Status: m.Status, Color: mailingColor(m.Status), At: m.ChangedAt}
	if m.Status == mailing.Scheduled {
		row.At = m.SendAt
	}
	events, err := m.Selection.Events(ctx, tx, m.ProgrammeID)
	if err != nil {
		return row, err
	}
	loc, err := mailingZone(ctx, tx, m, events)
	if err != nil {
		return row, err
	}
	row.At, row.News = row.At.In(loc), m.Selection.News
	if len(events) > 0 {
		row.Event, row.Language, row.Others = events[0].Title, events[0].Language, len(events)-1
	}
	row.Counts, err = message.CountOfMailing(ctx, tx, id)
	return row, err
}

// ownMailing finds a mailing of a programme that whoever has signed in organises,
// or problem.ErrMissing.
func (s *Server) ownMailing(ctx context.Context, tx *store.Tx, c *gin.Context) (mailing.Mailing, error) {
	return s.findMailing(ctx, tx, c, c.Param("id"))
}

func (s *Server) findMailing(ctx context.Context, tx *store.Tx, c *gin.Context, id string) (mailing.Mailing, error) {
	m, err := mailing.Find(ctx, tx, id)
	if err != nil {
		return mailing.Mailing{}, err
	}
	if !organises(c, m.ProgrammeID) {
		return mailing.Mailing{}, s.foreign(c, "mailing", m.ID)
	}
	return m, nil
}

// keepTemplate makes a template of what the mailing says.
func (s *Server) keepTemplate(c *gin.Context) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		m, err := s.ownMailing(ctx, tx, c)
		if err != nil {
			return err
		}
		_, err = mailing.Keep(ctx, tx, m, c.PostForm("template"), actor(c))
		return err
	})
	if refusal, ok := refused(err); ok {
		return s.showMailing(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/mailings/"+c.Param("id")+"?done=mailing_template_kept")
}

func (s *Server) forgetTemplate(c *gin.Context) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		t, err := mailing.FindTemplate(ctx, tx, c.Param("id"))
		if err != nil {
			return err
		}
		if !organises(c, t.ProgrammeID) {
			return s.foreign(c, "mailing_template", t.ID)
		}
		return t.Forget(ctx, tx, actor(c))
	})
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/mailings?done=mailing_template_deleted")
}
