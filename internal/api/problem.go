package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/gin-gonic/gin"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// requestKey is under what the engine keeps the number of a request.
const requestKey = "request"

// Problem is what the API says instead of an answer (RFC 9457). It never holds
// what was sent.
type Problem struct {
	Type      string       `json:"type" doc:"Always about:blank: the code tells more"`
	Title     string       `json:"title" doc:"The status in words"`
	Status    int          `json:"status"`
	Detail    string       `json:"detail" doc:"For people, in English"`
	Code      string       `json:"code" doc:"For programs: does not change"`
	Errors    []FieldError `json:"errors,omitempty" doc:"What must be corrected"`
	RequestID string       `json:"request_id,omitempty" doc:"Names the request in the organiser's log"`
	headers   http.Header
}

// FieldError is one thing to correct.
type FieldError struct {
	Location string `json:"location" doc:"Where it stands, as body.company.org_number or query.from; event.… is what is stored already"`
	Code     string `json:"code"`
	Message  string `json:"message"`
}

// Error gives the code and the locations.
func (p *Problem) Error() string {
	parts := []string{p.Code}
	for _, e := range p.Errors {
		parts = append(parts, e.Location+":"+e.Code)
	}
	return strings.Join(parts, " ")
}

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func newProblem(status int, code string, errs ...FieldError) *Problem {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: words(code, nil), Code: code, Errors: errs}
}

// with returns the problem with a header.
func (p *Problem) with(name, value string) *Problem {
	if p.headers == nil {
		p.headers = http.Header{}
	}
	p.headers.Set(name, value)
	return p
}

// tooMany asks to come back later.
func tooMany(wait time.Duration) *Problem {
	seconds := int(math.Ceil(wait.Seconds()))
	return newProblem(http.StatusTooManyRequests, "too_many_requests").with("Retry-After", strconv.Itoa(max(1, seconds)))
}

func invalid(errs ...FieldError) *Problem {
	return newProblem(http.StatusUnprocessableEntity, "invalid", errs...)
}

func at(location, code string) FieldError {
	return FieldError{Location: location, Code: code, Message: fieldWords(code, nil)}
}

// write sends a problem before or outside of huma.
func write(c *gin.Context, p *Problem) {
	p.RequestID = c.GetString(requestKey)
	for name := range p.headers {
		c.Header(name, p.headers.Get(name))
	}
	body, err := json.Marshal(p)
	if err != nil { // it holds texts and numbers only
		body = nil
	}
	c.Data(p.Status, p.ContentType(""), append(body, '\n'))
}

// problemOf turns whatever went wrong into what is told of it. where knows where
// a field of the domain stands in the request.
func (s *server) problemOf(ctx context.Context, err error, where func(string) string) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	if refusal, ok := problem.As(err); ok {
		return refused(refusal, where)
	}
	switch {
	case store.IsBusy(err):
		s.Log.Error("the database cannot be written", "id", requestOf(ctx).id, "error", err)
		return newProblem(http.StatusServiceUnavailable, "busy").with("Retry-After", "5")
	case ctx.Err() != nil: // whoever asked has gone, or we are stopping
		return newProblem(http.StatusServiceUnavailable, "busy").with("Retry-After", "5")
	}
	s.Log.Error("fault", "id", requestOf(ctx).id, "operation", requestOf(ctx).operation, "error", err)
	return newProblem(http.StatusInternalServerError, "fault")
}

// statuses is what each kind of refusal is in HTTP.
var statuses = map[problem.Kind]int{
	problem.Invalid:  http.StatusUnprocessableEntity,
	problem.Conflict: http.StatusConflict,
	problem.Missing:  http.StatusNotFound,
	problem.Denied:   http.StatusForbidden,
}

func refused(refusal *problem.Problem, where func(string) string) *Problem {
	p := newProblem(statuses[refusal.Kind], refusal.Code)
	p.Detail = words(refusal.Code, refusal.Args)
	for _, f := range refusal.Fields {
		p.Errors = append(p.Errors, FieldError{Location: where(f.Name), Code: f.Code, Message: fieldWords(f.Code, f.Args)})
	}
	return p
}

// ownWords replaces huma's errors, which repeat what was sent, before they are
// written.
func (s *server) ownWords(hc huma.Context, status string, v any) (any, error) {
	if e, isError := v.(huma.StatusError); isError {
		p, ours := v.(*Problem)
		if !ours {
			p = ofHuma(e)
		}
		p.RequestID = humagin.Unwrap(hc).GetString(requestKey)
		return p, nil
	}
	return v, nil
}

// ofHuma tells again what huma refused: its words are only recognised, never
// passed on.
func ofHuma(e huma.StatusError) *Problem {
	p := newProblem(e.GetStatus(), codeOf(e.GetStatus()))
	model, ok := e.(*huma.ErrorModel)
	if !ok {
		return p
	}
	for _, d := range model.Errors {
		p.Errors = append(p.Errors, fieldOfHuma(d))
	}
	return p
}

func codeOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "body_required" // all else that is wrong with a body has been refused before
	case http.StatusUnprocessableEntity:
		return "invalid"
	case http.StatusUnsupportedMediaType:
		return "content_type"
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	}
	return "fault"
}

// humaCodes recognises huma's messages by how they begin.
var humaCodes = []struct{ message, code string }{
	{validation.MsgExpectedOneOf, "choice"},
	{validation.MsgExpectedMinLength, "too_short"},
	{validation.MsgExpectedMaxLength, "too_long"},
	{validation.MsgExpectedMinItems, "too_few"},
	{validation.MsgExpectedMaxItems, "too_many"},
	{validation.MsgExpectedArrayItemsUnique, "twice"},
	{validation.MsgExpectedMinimumNumber, "too_small"},
	{validation.MsgExpectedMaximumNumber, "too_big"},
	{validation.MsgExpectedRFC3339DateTime, "date_time"},
	{validation.MsgExpectedRFC3339Date, "date"},
	{validation.MsgExpectedMatchPattern, "form"},
	{validation.MsgExpectedMatchExactlyOneSchema, "type"},
	{validation.MsgExpectedMatchAtLeastOneSchema, "type"},
	{validation.MsgExpectedString, "type"},
	{validation.MsgExpectedBoolean, "type"},
	{validation.MsgExpectedInteger, "type"},
	{validation.MsgExpectedNumber, "type"},
	{validation.MsgExpectedArray, "type"},
	{validation.MsgExpectedObject, "type"},
	{"invalid integer", "type"},
	{"invalid boolean", "type"},
}

func fieldOfHuma(d *huma.ErrorDetail) FieldError {
	if d == nil {
		return at("body", "type")
	}
	location := d.Location
	if strings.HasPrefix(location, "body.answers.") { // whatever was sent as the id of a question
		location = "body.answers"
	}
	before, after, _ := strings.Cut(validation.MsgExpectedRequiredProperty, "%s")
	if name, ok := strings.CutPrefix(d.Message, before); ok {
		return at(location+"."+strings.TrimSuffix(name, after), "required")
	}
	for _, m := range humaCodes {
		begin, _, _ := strings.Cut(m.message, "%")
		if strings.HasPrefix(d.Message, begin) {
			return at(location, m.code)
		}
	}
	return at(location, "type")
}

// fill puts values into the places of a sentence.
func fill(sentence string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		value := args[i+1]
		if t, ok := value.(time.Time); ok {
			value = t.Format(time.RFC3339)
		}
		sentence = strings.ReplaceAll(sentence, fmt.Sprintf("{%v}", args[i]), fmt.Sprint(value))
	}
	return sentence
}
