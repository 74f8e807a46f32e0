package enhetsregisteret

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/register"
)

func read(t testing.TB, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// serve is a register that answers as the real one does.
func serve(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	c, err := New(server.URL + "/api/")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func recorded(t *testing.T) http.HandlerFunc {
	pages := map[string]string{
		"/api/enheter/310000019": "enhet.json", "/api/underenheter/310001023": "underenhet.json",
		"/api/enheter/310002046": "enkeltperson.json", "/api/enheter/310003085": "slettet.json",
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.Header.Get("Accept") != "application/json" {
			t.Errorf("asked by %s for %s", r.Method, r.Header.Get("Accept"))
		}
		file, known := pages[r.URL.Path]
		switch {
		case known:
			w.Header().Set("Content-Type", "application/json")
			w.Write(read(t, file))
		case strings.HasSuffix(r.URL.Path, "/310004111"):
			w.WriteHeader(http.StatusGone)
		default:
			http.NotFound(w, r)
		}
	}
}

func TestTheRegistersAnswersAreRead(t *testing.T) {
	c := serve(t, recorded(t))
	for _, tt := range []struct {
		name, number string
		want         register.Entry
		fault        error
	}{
		{"a company", "310000019", register.Entry{Country: "NO", Number: "310000019", Name: "EKSEMPELBYGG ELVERUM AS", LegalForm: "AS", Municipality: "3420"}, nil},
		{"a sub-unit", "310001023", register.Entry{Country: "NO", Number: "310001023", Name: "EKSEMPELBYGG AVD TRYSIL", LegalForm: "BEDR", Municipality: "3421", Parent: "310000019"}, nil},
		{"a sole trader", "310002046", register.Entry{Country: "NO", Number: "310002046", Name: "KARI OPPDIKTET SØM", LegalForm: "ENK", Municipality: "3427"}, nil},
		{"one that is struck off", "310003085", register.Entry{Country: "NO", Number: "310003085", Name: "NEDLAGT EKSEMPEL AS", LegalForm: "AS", Closed: true}, nil},
		{"one that the register may not show", "310004111", register.Entry{Closed: true}, register.ErrUnknown},
		{"an unknown number", "310005078", register.Entry{}, register.ErrUnknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.Find(context.Background(), "NO", tt.number)
			if diff := cmp.Diff(tt.want, got); diff != "" || !errors.Is(err, tt.fault) {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if got.SoleTrader() != (tt.want.LegalForm == "ENK") {
				t.Errorf("a sole trader: %t", got.SoleTrader())
			}
		})
	}
	if _, err := c.Find(context.Background(), "SE", "4020001006"); !errors.Is(err, register.ErrUnknown) {
		t.Errorf("a Swedish number: %v", err)
	}
}

func TestWhatIsNoAnswerIsAFailureThatNeverNamesTheNumber(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		t.Error("the redirect was followed")
		w.Write(read(t, "enhet.json"))
	}))
	defer elsewhere.Close()
	body := string(read(t, "enhet.json"))
	says := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(s)) }
	}
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
	}{
		{"a fault of the register", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }},
		{"too many questions", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }},
		{"a page instead of JSON", says("<html>Vedlikehold</html>")},
		{"JSON that is cut short", says(body[:200])},
		{"an empty answer", says("")},
		{"another number", says(strings.ReplaceAll(body, `"310000019"`, `"310001023"`))},
		{"no name", says(strings.ReplaceAll(body, "EKSEMPELBYGG  ELVERUM AS", " "))},
		{"a name that turns the text round", says(strings.ReplaceAll(body, "EKSEMPELBYGG", "\u202eEKSEMPELBYGG"))},
		{"a name without end", says(strings.ReplaceAll(body, "EKSEMPELBYGG", strings.Repeat("A", 201)))},
		{"a legal form that is none", says(strings.ReplaceAll(body, `"AS"`, `"<b>"`))},
		{"a huge answer", says(body[:len(body)-2] + strings.Repeat(" ", 300<<10) + "}")},
		{"a redirect to another host", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) }},
		{"a line that goes dead", func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := serve(t, tt.answer).Find(context.Background(), "NO", "310000019")
			if err == nil || errors.Is(err, register.ErrUnknown) || e != (register.Entry{}) {
				t.Fatalf("answered %+v, %v", e, err)
			}
			if strings.Contains(err.Error(), "310000019") {
				t.Errorf("the error holds the number: %v", err)
			}
		})
	}
}

func TestASlowRegisterIsNotWaitedFor(t *testing.T) {
	over := make(chan struct{})
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-over:
		}
	})
	defer close(over)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, err := c.Find(ctx, "NO", "310000019"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("answered %v", err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("waited %s", took)
	}
}

func TestOnlyASafeAddressIsTaken(t *testing.T) {
	for address, want := range map[string]bool{
		Official: true, "http://127.0.0.1:8099/api": true, "http://[::1]:8099": true, "http://localhost:1": true,
		"http://data.brreg.no/enhetsregisteret/api": false, "http://localhost.example": false, "data.brreg.no": false, "ftp://127.0.0.1": false,
		"https://user:secret@data.brreg.no": false, "https://data.brreg.no/?x=1": false, "": false, "https://": false,
	} {
		if _, err := New(address); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		} else if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error repeats what was set: %v", err)
		}
	}
}

func TestASubUnitNeedsACompany(t *testing.T) {
	body := string(read(t, "underenhet.json"))
	for name, parent := range map[string]string{"none": `""`, "itself": `"310001023"`, "no number": `"12"`} {
		if e, err := parse([]byte(strings.Replace(body, `"overordnetEnhet":"310000019"`, `"overordnetEnhet":`+parent, 1)), "310001023", true); err == nil {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, file := range []string{"enhet.json", "underenhet.json", "enkeltperson.json", "slettet.json"} {
		f.Add(read(f, file), "310000019", true)
		f.Add(read(f, file), "310001023", false)
	}
	f.Add([]byte(`{"organisasjonsnummer":"310000019","navn":"\ud800","organisasjonsform":{"kode":"AS"}}`), "310000019", false)
	f.Fuzz(func(t *testing.T, body []byte, number string, subUnit bool) {
		e, err := parse(body, number, subUnit)
		if err != nil {
			if e != (register.Entry{}) {
				t.Fatalf("refused with %+v", e)
			}
			return
		}
		if e.Number != number || e.Name == "" || strings.TrimSpace(e.Name) != e.Name || len([]rune(e.Name)) > longestName || strings.ContainsAny(e.Name, "\n\r\x00\u202e") ||
			subUnit != (e.Parent != "") || e.Parent == number {
			t.Fatalf("%s gives %+v", body, e)
		}
	})
}
