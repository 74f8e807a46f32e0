package api_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/gin-gonic/gin"

	"stafett/internal/api"
)

func TestTheDescriptionIsOpenAPI31AndServedToAll(t *testing.T) {
	w := newWorld(t)
	for _, method := range []string{"GET", "HEAD"} {
		r := w.do(method, "/openapi.json", "", "").want(http.StatusOK)
		if got := r.header.Get("Content-Type"); got != "application/json; charset=utf-8" {
			t.Errorf("%s: Content-Type is %q", method, got)
		}
	}
	if !w.doc.IsOpenAPI31OrLater() || w.doc.Servers[0].URL != baseURL+"/api/v1" || w.doc.Info.Version != "test" {
		t.Errorf("version %s at %s", w.doc.OpenAPI, w.doc.Servers[0].URL)
	}
	for name := range w.doc.Components.Schemas {
		if strings.HasPrefix(name, "Error") {
			t.Errorf("%s is described, which we never send", name)
		}
	}
}

func TestThereIsNoOtherPageAboutTheAPI(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/docs", "/openapi.yaml", "/openapi-3.0.json", "/schemas/Event.json"} {
		w.do("GET", path, "", "").refused(http.StatusNotFound, "missing")
	}
}

func TestEveryPostIsDescribedWithItsKeyAndEveryRefusalAsAProblem(t *testing.T) {
	w := newWorld(t)
	for path, item := range w.doc.Paths.Map() {
		for method, op := range item.Operations() {
			key := op.Parameters.GetByInAndName(openapi3.ParameterInHeader, "Idempotency-Key")
			if (key != nil) != (method == http.MethodPost) {
				t.Errorf("%s %s: described with a key: %t", method, path, key != nil)
			}
			for status, r := range op.Responses.Map() {
				if status < "400" {
					continue
				}
				content := r.Value.Content["application/problem+json"]
				if content == nil || content.Schema.Ref != "#/components/schemas/Problem" {
					t.Errorf("%s %s: %s is not described as a problem", method, path, status)
				}
			}
		}
	}
}

func TestTheDescriptionTakesWhatTheAPITakes(t *testing.T) {
	w := newWorld(t)
	id := w.published(seminar().with("municipality", "Älvdalen"))
	for name, a := range attempts() {
		t.Run(name, func(t *testing.T) {
			req := httptest.NewRequest(a.method, baseURL+"/api/v1"+strings.NewReplacer("{event}", id, "{draft}", id, "{registration}", id).Replace(a.path), strings.NewReader(a.text()))
			req.Header.Set("Content-Type", media(a.path))
			req.Header.Set("Idempotency-Key", "k-1")
			route, params, err := w.router.FindRoute(req)
			if err != nil {
				t.Fatal(err)
			}
			err = openapi3filter.ValidateRequest(ctx, &openapi3filter.RequestValidationInput{
				Request: req, PathParams: params, Route: route, Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAnAnswerThatIsNotAsDescribedIsNoticed(t *testing.T) {
	w := newWorld(t)
	quiet := &silent{TB: t}
	req := func() *http.Request { return httptest.NewRequest("GET", baseURL+"/api/v1/events", nil) }
	for _, body := range []string{`{"events": [], "extra": 1}`, `{"events": {}}`, `{}`, `{"events": [{"id": "a"}]}`} {
		quiet.errors = 0
		w.in(quiet).holdAgainstDescription(req(), "", reply{quiet, 200, http.Header{"Content-Type": {"application/json"}}, []byte(body)})
		if quiet.errors == 0 {
			t.Errorf("%s goes through", body)
		}
	}
}

// silent counts errors instead of reporting them.
type silent struct {
	testing.TB
	errors int
}

func (s *silent) Errorf(string, ...any) { s.errors++ }

func TestTheAPIDoesNotChangeHowHumaWorksForOthers(t *testing.T) {
	newWorld(t)
	if _, ok := huma.NewError(http.StatusTeapot, "").(*huma.ErrorModel); !ok {
		t.Error("the error of others is ours now")
	}
}

func TestMountSaysWhatIsMissing(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	for _, o := range []api.Options{{}, {BaseURL: "/relative"}, {BaseURL: baseURL}} {
		e := gin.New()
		if _, err := api.Mount(e.Group("/api/v1"), e, o); err == nil {
			t.Errorf("%+v is enough", o)
		}
	}
}

func TestEveryGetIsThereForHeadToo(t *testing.T) {
	w := newWorld(t)
	var got, head []string
	for _, r := range w.engine.Routes() {
		switch r.Method {
		case http.MethodGet:
			got = append(got, r.Path)
		case http.MethodHead:
			head = append(head, r.Path)
		}
	}
	for _, path := range got {
		if !slices.Contains(head, path) {
			t.Errorf("%s has no HEAD", path)
		}
	}
}
