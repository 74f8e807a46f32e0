package web

import (
	"errors"
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
	"stafett/internal/ticket"
)

// ticketQR is the code to show at the door, drawn; empty when there is nothing
// to show it for.
func (s *Server) ticketQR(c *gin.Context, r registration.Registration, ev event.Event) (template.HTML, error) {
	code, err := s.ticketCode(c, r, ev)
	if code == "" || err != nil {
		return "", err
	}
	title, err := s.Texts.Text(s.language(c), "checkin.ticket.alt")
	if err != nil {
		return "", err
	}
	svg, err := ticket.SVG(ticket.Text(code), title)
	return template.HTML(svg), err // nothing in it comes from outside but the title, which is escaped
}

// ticketCode is the code of the link's ticket. A link from before there were
// tickets has none.
func (s *Server) ticketCode(c *gin.Context, r registration.Registration, ev event.Event) (string, error) {
	if !ticket.For(r, ev, s.DB.Now()) {
		return "", nil
	}
	code, ctx := registration.TicketCode(c.Param("token")), c.Request.Context()
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		_, err := registration.FindByLink(ctx, tx, code, registration.Ticket)
		return err
	})
	if errors.Is(err, problem.ErrMissing) {
		return "", nil
	}
	return code, err
}

// ticketPDF is the ticket to print or to keep.
func (s *Server) ticketPDF(c *gin.Context) error {
	r, ev, p, err := s.behindLink(c, registration.Manage)
	if err != nil {
		return err
	}
	code, err := s.ticketCode(c, r, ev)
	if err != nil {
		return err
	}
	if code == "" {
		return problem.ErrMissing
	}
	lang, missing := s.language(c), error(nil)
	words := func(key string) string {
		text, err := s.Texts.Text(lang, key)
		missing = errors.Join(missing, err)
		return text
	}
	pdf, err := ticket.New(words, s.Places, lang, p.Name, r, ev, code, s.DB.Now()).PDF()
	if err := errors.Join(missing, err); err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="ticket.pdf"`)
	c.Data(http.StatusOK, "application/pdf", pdf)
	return nil
}
