package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"runtime/debug"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"stafett/internal/idempotency"
	"stafett/internal/store"
)

// operation is one thing that the API can do.
type operation struct {
	method, path, id string
	summary          string
	access           access
	status           int                 // when it succeeds
	refusals         []int               // that it can answer with, besides those of every operation
	where            func(string) string // location of a field of the domain; nil: in the body under its name
	signUp           bool                // counted against the limit for sign-ups
	everywhere       bool                // pages of other sites may read it
	raw              *rawBody            // of a body that is not JSON
}

// request is what is known of a request before it is validated.
type request struct {
	operation, id string
	who           caller
	url           *url.URL
	key           string // "": none
	hash          string
	body          []byte // tidied
}

type contextKey struct{}

// requestOf returns the request that the context belongs to.
func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(contextKey{}).(*request); ok {
		return r
	}
	return &request{}
}

// answer is what an operation answers with; Link leads to the next page of a
// list.
type answer[O any] struct {
	Status int
	Link   string `header:"Link" hidden:"true"`
	Body   O
}

// list is an answer that may go on at a cursor.
type list interface{ next() string }

// add registers an operation: do runs in one transaction, which a GET only reads
// in, and gets who asks. A POST with a key that came before is answered without
// it.
func add[I, O any](s *server, o operation, do func(ctx context.Context, tx *store.Tx, who caller, in *I) (O, error)) {
	if o.where == nil {
		o.where = inBody
	}
	op := s.describeOperation(o)
	if _, ok := any(*new(O)).(list); ok {
		link := &huma.Header{Description: "The next page, with rel=next", Schema: &huma.Schema{Type: huma.TypeString}}
		op.Responses[strconv.Itoa(o.status)] = &huma.Response{Headers: map[string]*huma.Header{"Link": link}}
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*answer[O], error) {
		r := requestOf(ctx)
		out := &answer[O]{Status: o.status}
		run := s.DB.Write
		if o.method == http.MethodGet {
			run = s.DB.Read
		}
		if p, ok := any(in).(preparer); ok {
			p.prepare(ctx, s)
		}
		err := run(ctx, func(tx *store.Tx) error {
			return once(ctx, tx, r, out, func() (err error) {
				out.Body, err = do(ctx, tx, r.who, in)
				return err
			})
		})
		if err != nil {
			return nil, s.problemOf(ctx, err, o.where)
		}
		if l, ok := any(out.Body).(list); ok && l.next() != "" {
			out.Link = s.nextPage(r.url, l.next())
		}
		return out, nil
	})
}

// preparer is input for which something is to be done before the transaction,
// because it may wait for others.
type preparer interface {
	prepare(ctx context.Context, s *server)
}

func inBody(field string) string { return "body." + field }

// once acts, unless the same request with the same key has been answered.
func once[O any](ctx context.Context, tx *store.Tx, r *request, out *answer[O], act func() error) error {
	if r.key == "" {
		return act()
	}
	given, found, err := idempotency.Look(ctx, tx, r.who.key(), r.key, r.hash)
	if err != nil {
		return err
	}
	if found {
		out.Status = given.Status
		return json.Unmarshal([]byte(given.Body), &out.Body)
	}
	if err := act(); err != nil {
		return err
	}
	body, err := json.Marshal(out.Body)
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return idempotency.Keep(ctx, tx, r.who.key(), r.key, r.hash, idempotency.Answer{Status: out.Status, Body: string(body)})
}

// nextPage is the address of the next page of a list, for a Link header.
func (s *server) nextPage(u *url.URL, cursor string) string {
	q := u.Query()
	q.Set("cursor", cursor)
	return fmt.Sprintf(`<%s%s?%s>; rel="next"`, s.BaseURL, u.EscapedPath(), q.Encode())
}

// describeOperation is the operation as huma has it, with what stands before
// every handler.
func (s *server) describeOperation(o operation) huma.Operation {
	op := huma.Operation{
		Method: o.method, Path: o.path, OperationID: o.id, Summary: o.summary, DefaultStatus: o.status,
		MaxBodyBytes: -1, // bounded before
		Middlewares:  huma.Middlewares{s.guard(o)},
		Responses:    map[string]*huma.Response{},
	}
	needsToken := map[string][]string{bearer: {}}
	op.Security = []map[string][]string{needsToken}
	if o.access == public {
		op.Security = []map[string][]string{{}, needsToken}
	}
	if o.method == http.MethodPost {
		op.Parameters = append(op.Parameters, keyParam())
	}
	for _, status := range o.allRefusals() {
		op.Responses[strconv.Itoa(status)] = s.describeRefusal(status)
	}
	return op
}

func keyParam() *huma.Param {
	least, most := 1, 255
	return &huma.Param{
		Name: "Idempotency-Key", In: "header",
		Description: "The same request with the same key acts once and is answered alike for 48 hours.",
		Schema:      &huma.Schema{Type: huma.TypeString, MinLength: &least, MaxLength: &most, Pattern: `^[!-~]*$`},
	}
}

// allRefusals is every status that the operation can refuse with.
func (o operation) allRefusals() []int {
	all := append([]int{
		http.StatusBadRequest, http.StatusUnauthorized, http.StatusUnprocessableEntity,
		http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable,
	}, o.refusals...)
	if o.access == administrator || o.access == mailSystem {
		all = append(all, http.StatusForbidden)
	}
	if o.method != http.MethodGet {
		all = append(all, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (s *server) describeRefusal(status int) *huma.Response {
	r := &huma.Response{
		Description: http.StatusText(status),
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")}},
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		r.Headers = map[string]*huma.Header{"Retry-After": {Description: "Seconds to wait", Schema: &huma.Schema{Type: huma.TypeInteger}}}
	}
	return r
}

// guard stands before an operation: who asks, may they, and is what they sent
// fit to be read. It answers for a panic behind it too.
func (s *server) guard(o operation) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		c := humagin.Unwrap(hc)
		r := &request{operation: o.id, id: c.GetString(requestKey), url: c.Request.URL}
		hc = huma.WithValue(hc, contextKey{}, r)
		defer s.recover(c, r)
		if err := s.prepare(c, o, r); err != nil {
			write(c, s.problemOf(hc.Context(), err, o.where))
			return
		}
		next(hc)
	}
}

func (s *server) prepare(c *gin.Context, o operation, r *request) (err error) {
	c.Request.Header.Del("Accept") // JSON is all there is
	if o.everywhere && c.GetHeader("Authorization") == "" {
		c.Header("Access-Control-Allow-Origin", "*")
		c.Header("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if r.who, err = s.admit(c, o); err != nil {
		return err
	}
	if err := checkQuery(c.Request.URL.RawQuery); err != nil {
		return err
	}
	if r.key, err = idempotencyKey(c); err != nil {
		return err
	}
	read := readBody
	if o.raw != nil {
		read = o.raw.read
	}
	sent, tidy, err := read(c)
	r.body = tidy
	r.hash = idempotency.Hash(c.Request.Method, c.Request.URL.Path, sent)
	return err
}

func (s *server) recover(c *gin.Context, r *request) {
	p := recover()
	if p == nil {
		return
	}
	s.Log.Error("panic", "id", r.id, "operation", r.operation, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if !c.Writer.Written() {
		write(c, newProblem(http.StatusInternalServerError, "fault"))
	}
}
