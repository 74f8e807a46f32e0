package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/mail/letter"
	"stafett/internal/mail/transport"
	"stafett/internal/problem"
)

// The mailbox of the demo: every letter that would have been sent.

type devMailPage struct {
	page
	Letters []devLine
}

type devLine struct {
	ID           int
	At           time.Time
	To, Subject  string
	CalendarPart string // REQUEST, CANCEL
}

func (s *Server) devMail(c *gin.Context) error {
	p := &devMailPage{page: page{NoIndex: true, Wide: true}}
	for _, m := range s.Mailbox.List() {
		l := devLine{ID: m.ID, At: m.At.In(deskZone()), To: m.To}
		if parsed, err := letter.Parse(m.Data); err == nil {
			l.Subject, l.CalendarPart = parsed.Subject, parsed.CalendarMethod
		}
		p.Letters = append(p.Letters, l)
	}
	return s.render(c, http.StatusOK, "dev_mail", p)
}

type devLetterPage struct {
	page
	ID       int
	At       time.Time
	From, To string
	Letter   letter.Parsed
}

func (s *Server) devFind(c *gin.Context) (transport.Stored, letter.Parsed, error) {
	id, err := strconv.Atoi(c.Param("id"))
	if err != nil {
		return transport.Stored{}, letter.Parsed{}, problem.ErrMissing
	}
	m, ok := s.Mailbox.Find(id)
	if !ok {
		return m, letter.Parsed{}, problem.ErrMissing
	}
	parsed, err := letter.Parse(m.Data)
	return m, parsed, err
}

func (s *Server) devLetter(c *gin.Context) error {
	m, parsed, err := s.devFind(c)
	if err != nil {
		return err
	}
	c.Header("Content-Security-Policy", pagePolicy+"; frame-src 'self'")
	return s.render(c, http.StatusOK, "dev_letter", &devLetterPage{page: page{NoIndex: true, Wide: true}, ID: m.ID, At: m.At.In(deskZone()), From: m.From, To: m.To, Letter: parsed})
}

// devHTML is the letter as a mail program shows it, in a frame of our own page:
// it may have styles of its own, and nothing else.
func (s *Server) devHTML(c *gin.Context) error {
	_, parsed, err := s.devFind(c)
	if err != nil {
		return err
	}
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'")
	html := strings.Replace(parsed.HTML, "<head>", `<head><base target="_top">`, 1) // its links leave the frame
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(html))
	return nil
}

func (s *Server) devRaw(c *gin.Context) error {
	m, _, err := s.devFind(c)
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="letter-`+strconv.Itoa(m.ID)+`.eml"`)
	c.Data(http.StatusOK, "message/rfc822", m.Data)
	return nil
}

func (s *Server) devAttachment(c *gin.Context) error {
	_, parsed, err := s.devFind(c)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil || n < 0 || n >= len(parsed.Attachments) {
		return problem.ErrMissing
	}
	a := parsed.Attachments[n]
	c.Header("Content-Disposition", `attachment; filename="`+safeName(a.Name)+`"`)
	c.Data(http.StatusOK, "application/octet-stream", a.Data)
	return nil
}

// safeName keeps of a file's name what needs no quoting in a header.
func safeName(s string) string {
	out := []rune{}
	for _, r := range s {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' {
			out = append(out, r)
		}
	}
	return string(out)
}
