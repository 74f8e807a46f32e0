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
	"stafett/internal/locale"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// mailingPreviewPage shows the letter as one of the recipients gets it, how many
// there are, and how it is sent.
type mailingPreviewPage struct {
	page
	Mailing        mailing.Mailing
	Reach          mailing.Reach
	ByLanguage     []readersIn
	N              int // which of the recipients, from 1; 0: none, an invented one
	Recipient      mailing.Recipient
	Letter         Letter
	Reader         string // the language in which it is shown
	Readers        []mailingReader
	Previous, Next string
	Frame          string // the address of the letter itself
	Date, Clock    string // of a time that was refused
	Night          bool   // letters that go now go in the quiet hours
	Zone           string // a city of the clock that is meant
	Address        string // the organiser's own
}

// readersIn is how many read one language.
type readersIn struct {
	Language locale.Language
	N        int
	Text     string // the language of what they get, when nothing is written in theirs
}

// mailingReader is one language in which the letter can be shown.
type mailingReader struct {
	Language locale.Language
	Name     string
	Address  string
	Current  bool
}

func (s *Server) mailingPreview(c *gin.Context) error {
	return s.showMailingPreview(c, http.StatusOK, nil)
}

// showMailingPreview shows the letters before they go; after a refusal with what
// was typed.
func (s *Server) showMailingPreview(c *gin.Context, code int, refusal *problem.Problem) error {
	ctx := c.Request.Context()
	p := &mailingPreviewPage{page: adminPage(c, "mailings"), Date: c.PostForm("send_at"), Clock: c.PostForm("send_time")}
	incomplete := false
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if p.Mailing, err = s.ownMailing(ctx, tx, c); err != nil {
			return err
		}
		prog, err := programme.Find(ctx, tx, p.Mailing.ProgrammeID)
		if err != nil {
			return err
		}
		if incomplete = p.Mailing.Whole(prog) != nil; incomplete {
			return nil
		}
		return s.readPreview(ctx, tx, c, p, prog.Language)
	})
	if err != nil {
		return err
	}
	address := "/admin/mailings/" + p.Mailing.ID
	if p.Mailing.Status != mailing.Draft {
		return s.showMailing(c, code, refusal)
	}
	if incomplete {
		return seeOther(c, address+"?check=1")
	}
	p.Problem, p.Self = refusal, address+"/preview"
	u, _ := signedIn(c)
	p.Address = u.Email
	if err := s.notePreview(c, p); err != nil {
		return err
	}
	c.Header("Content-Security-Policy", pagePolicy+"; frame-src 'self'")
	return s.render(c, code, "mailing_preview", p)
}

// notePreview writes down that somebody read a letter to one of the recipients,
// once an hour for each mailing.
func (s *Server) notePreview(c *gin.Context, p *mailingPreviewPage) error {
	if p.N == 0 { // to an invented one
		return nil
	}
	return s.noteOnce(c, audit.Entry{Actor: actor(c), ProgrammeID: p.Mailing.ProgrammeID, Action: "mailing.preview", ObjectKind: "mailing", ObjectID: p.Mailing.ID})
}

// readPreview reads how many the mailing reaches, and the letter to one of them;
// the programme's language decides what those get in whose own nothing is written.
func (s *Server) readPreview(ctx context.Context, tx *store.Tx, c *gin.Context, p *mailingPreviewPage, programmes string) (err error) {
	m := p.Mailing
	if p.Reach, err = mailing.ReachOf(ctx, tx, m.ProgrammeID, m.Selection); err != nil {
		return err
	}
	for _, l := range locale.All() {
		if n := p.Reach.Languages[string(l)]; n > 0 {
			line := readersIn{Language: l, N: n}
			if _, in := m.For(string(l), programmes); in != string(l) {
				line.Text = in
			}
			p.ByLanguage = append(p.ByLanguage, line)
		}
	}
	events, err := m.Selection.Events(ctx, tx, m.ProgrammeID)
	if err != nil {
		return err
	}
	loc, err := mailingZone(ctx, tx, m, events)
	if err != nil {
		return err
	}
	now := tx.Now.In(loc)
	p.Night = !message.AfterQuietHours(now, now.AddDate(0, 0, 2), loc).Equal(now)
	_, p.Zone, _ = strings.Cut(loc.String(), "/")
	if p.Letter, err = s.letterOf(ctx, tx, c, p); err != nil {
		return err
	}
	q := func(n int, reader string) url.Values {
		v := url.Values{}
		if n > 1 {
			v.Set("n", strconv.Itoa(n))
		}
		if reader != "" {
			v.Set("reader", reader)
		}
		return v
	}
	p.Frame = mailingAddress(m.ID, "/letter", q(p.N, p.Reader))
	if p.N > 1 {
		p.Previous = mailingAddress(m.ID, "/preview", q(p.N-1, ""))
	}
	if p.N < p.Reach.People {
		p.Next = mailingAddress(m.ID, "/preview", q(p.N+1, ""))
	}
	for _, l := range locale.All() {
		p.Readers = append(p.Readers, mailingReader{l, l.Name(), mailingAddress(m.ID, "/preview", q(p.N, string(l))), string(l) == p.Reader})
	}
	return nil
}

// letterOf writes the letter that the address asks for: to the nth recipient, in
// the recipient's language or another. Its personal links open nothing.
func (s *Server) letterOf(ctx context.Context, tx *store.Tx, c *gin.Context, p *mailingPreviewPage) (Letter, error) {
	letter, known, err := s.toOneOf(ctx, tx, c, p)
	if err != nil || !known || s.Preview == nil {
		return Letter{}, err
	}
	return s.Preview(ctx, tx, letter)
}

// toOneOf is the letter that the address asks for, not written yet; known is false
// when there is nothing that it could be about.
func (s *Server) toOneOf(ctx context.Context, tx *store.Tx, c *gin.Context, p *mailingPreviewPage) (letter message.Message, known bool, err error) {
	m := p.Mailing
	p.N, _ = strconv.Atoi(first(c.Query("n"), c.PostForm("n"))) // anything else is the first
	p.N = max(p.N, 1)
	r, found, err := mailing.Nth(ctx, tx, m.ProgrammeID, m.Selection, p.N-1)
	if err == nil && !found && p.N > 1 {
		p.N = 1
		r, found, err = mailing.Nth(ctx, tx, m.ProgrammeID, m.Selection, 0)
	}
	if err != nil {
		return letter, false, err
	}
	letter = message.Message{ID: "preview", Letter: m.Letter(), MailingID: m.ID, ProgrammeID: m.ProgrammeID,
		EventID: r.EventID, RegistrationID: r.RegistrationID, Recipient: r.Email, Language: r.Language, Details: message.Details{SubscriptionID: r.SubscriptionID}}
	if !found {
		p.N = 0
		if known, err := inventedReader(ctx, tx, m, &letter); err != nil || !known {
			return letter, false, err
		}
	}
	if wanted, ok := locale.Parse(first(c.Query("reader"), c.PostForm("reader"))); ok {
		letter.Language = string(wanted)
	}
	p.Recipient, p.Reader = r, letter.Language
	return letter, true, nil
}

// inventedReader makes the letter one to somebody invented: about the first event
// that the mailing is for, or in the language of the programme whose news it is.
// Known is false when there is no event.
func inventedReader(ctx context.Context, tx *store.Tx, m mailing.Mailing, letter *message.Message) (known bool, err error) {
	if m.Selection.News {
		p, err := programme.Find(ctx, tx, m.ProgrammeID)
		letter.Language = p.Language
		return true, err
	}
	events, err := m.Selection.Events(ctx, tx, m.ProgrammeID)
	if err != nil || len(events) == 0 {
		return false, err
	}
	letter.EventID, letter.Language = events[0].ID, events[0].Language
	return true, nil
}

// mailingLetter is the letter itself, as a mail program shows it, in a frame of
// our own page: it may have styles of its own, and nothing else.
func (s *Server) mailingLetter(c *gin.Context) error {
	ctx := c.Request.Context()
	p := &mailingPreviewPage{}
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if p.Mailing, err = s.ownMailing(ctx, tx, c); err != nil {
			return err
		}
		p.Letter, err = s.letterOf(ctx, tx, c, p)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.notePreview(c, p); err != nil {
		return err
	}
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'")
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(p.Letter.HTML))
	return nil
}

// tryMailing sends the letter that is shown to the organiser's own address.
func (s *Server) tryMailing(c *gin.Context) error {
	reader, ok := locale.Parse(c.PostForm("reader"))
	if !ok {
		reader = s.language(c)
	}
	u, _ := signedIn(c)
	return s.onMailing(c, "/preview", "mailing_tested&reader="+string(reader), func(ctx context.Context, tx *store.Tx, m mailing.Mailing) error {
		prog, err := programme.Find(ctx, tx, m.ProgrammeID)
		if err != nil {
			return err
		}
		if err := m.Whole(prog); err != nil {
			return err
		}
		letter, known, err := s.toOneOf(ctx, tx, c, &mailingPreviewPage{Mailing: m})
		if err != nil {
			return err
		}
		if !known {
			return mailing.ErrNobody
		}
		as := message.Test{EventID: letter.EventID, RegistrationID: letter.RegistrationID, SubscriptionID: letter.Details.SubscriptionID}
		return mailing.Try(ctx, tx, m, as, string(reader), u.Email)
	}, s.showMailingPreview)
}

// sendMailing lets the mailing go now. The first letters are written at once, the
// rest by the scheduler: nobody waits here for ten thousand.
func (s *Server) sendMailing(c *gin.Context) error {
	ctx := c.Request.Context()
	revision, _ := strconv.Atoi(c.PostForm("revision"))
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		m, err := s.ownMailing(ctx, tx, c)
		if err != nil {
			return err
		}
		return mailing.Send(ctx, tx, m.ID, revision, actor(c))
	})
	if refusal, ok := refused(err); ok {
		return s.showMailingPreview(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	if err := s.DB.Write(ctx, func(tx *store.Tx) error { return mailing.Write(ctx, tx, c.Param("id")) }); err != nil {
		s.Log.Error("first letters of a mailing", "mailing", c.Param("id"), "error", err) // the scheduler writes them
	}
	return seeOther(c, "/admin/mailings/"+c.Param("id")+"?done=mailing_sending")
}

// scheduleMailing lets the mailing go at a time on its clock.
func (s *Server) scheduleMailing(c *gin.Context) error {
	revision, _ := strconv.Atoi(c.PostForm("revision"))
	return s.onMailing(c, "", "mailing_scheduled", func(ctx context.Context, tx *store.Tx, m mailing.Mailing) error {
		events, err := m.Selection.Events(ctx, tx, m.ProgrammeID)
		if err != nil {
			return err
		}
		loc, err := mailingZone(ctx, tx, m, events)
		if err != nil {
			return err
		}
		var f problem.Fields
		at := time.Time{}
		if c.PostForm("send_at") == "" {
			f.Add("send_at", "date")
		} else {
			at = typedInstant("send_at", c.PostForm("send_at"), c.PostForm("send_time"), loc, &f)
		}
		if err := f.Err(); err != nil {
			return err
		}
		return mailing.Schedule(ctx, tx, m.ID, revision, at, actor(c))
	}, s.showMailingPreview)
}
