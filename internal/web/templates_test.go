package web

import (
	"io"
	"log/slog"
	"sync"
	"testing"

	"github.com/jba/templatecheck"

	"stafett/data"
	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// Texts and municipalities never change: they are read once for all tests.
var (
	loadTexts  = sync.OnceValues(locale.Load)
	loadPlaces = sync.OnceValues(func() (*municipality.Register, error) { return municipality.Load(data.Files) })
)

func newServer(t *testing.T, change func(*Options)) *Server {
	t.Helper()
	db, _ := storetest.New(t)
	texts, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	places, err := loadPlaces()
	if err != nil {
		t.Fatal(err)
	}
	o := Options{DB: db, Texts: texts, Places: places, Hasher: user.NewHasher(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), BaseURL: "http://program.example", TestNumbers: true}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A misspelt field in a template fails here, not before a visitor.
func TestTemplatesUseFieldsThatTheirPagesHave(t *testing.T) {
	s := newServer(t, nil)
	for name, p := range all() {
		parsed, err := s.pages.byLanguage[locale.SV][name]()
		if err != nil {
			t.Fatal(err)
		}
		if err := templatecheck.CheckHTML(parsed.Lookup("layout"), p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
