package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/gin-gonic/gin"

	"stafett/internal/inbound"
	"stafett/internal/store"
)

func (s *server) mailOperations() {
	add(s, operation{
		method: http.MethodPost, path: "/mail/inbound", id: "receive-mail", access: mailSystem, status: http.StatusAccepted,
		summary: "Hand in a message that came back: an answer of a calendar, or a report that a letter could not be delivered. The answer is the same whatever it is",
		raw:     &rawBody{"message/rfc822", "mail_type", inbound.MaxSize, "mail_too_large"},
	}, s.receiveMail)
}

type receiveMailInput struct {
	Recipient string `query:"recipient" maxLength:"254" doc:"The address that the message was delivered to, where the mail system tells; left out: as the message's header tells"`
	RawBody   []byte `contentType:"message/rfc822" doc:"The message as it came, at most 256 kB"`

	read inbound.Mail
}

// prepare reads the message before the transaction.
func (in *receiveMailInput) prepare(_ context.Context, s *server) {
	in.read = inbound.Read(in.RawBody, in.Recipient, s.MailFrom)
}

// Received says that a message was taken, and nothing of what was made of it.
type Received struct {
	Received bool `json:"received"`
}

func (s *server) receiveMail(ctx context.Context, tx *store.Tx, _ caller, in *receiveMailInput) (Received, error) {
	_, err := inbound.Act(ctx, tx, in.read, inbound.ByHTTP, s.MailFrom)
	if errors.Is(err, inbound.ErrNotYet) {
		return Received{}, newProblem(http.StatusServiceUnavailable, "busy").with("Retry-After", "60")
	}
	return Received{true}, err
}

// rawBody is a body that is taken as it is.
type rawBody struct {
	kind, kindCode string // its media type, and the code when it is another
	most           int    // bytes
	mostCode       string
}

// read gives the body twice, as readBody does: as it was sent, and as it is taken.
func (b *rawBody) read(c *gin.Context) (sent, taken []byte, err error) {
	kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != b.kind {
		return nil, nil, newProblem(http.StatusUnsupportedMediaType, b.kindCode)
	}
	sent, err = io.ReadAll(io.LimitReader(c.Request.Body, int64(b.most)+1))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge), len(sent) > b.most:
		return nil, nil, newProblem(http.StatusRequestEntityTooLarge, b.mostCode)
	case err != nil || len(sent) == 0: // it was cut short
		return nil, nil, newProblem(http.StatusBadRequest, "body_required")
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(sent))
	return sent, sent, nil
}
