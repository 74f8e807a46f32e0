package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/person"
)

// meAgainPage is what somebody sees who sent a form after their session had ended:
// what they wrote, a way to come in again, and the same form to be sent once more.
type meAgainPage struct {
	page
	Path    string // where the form went
	Fields  []typedField
	Texts   []typedField // those of them to be read and copied
	Minutes int          // how long a link works
}

// typedField is a field as it was sent.
type typedField struct{ Name, Value, Label string }

// longFields are those whose loss would hurt, in the order of their forms, with the
// texts of their labels.
var longFields = []struct{ name, label string }{
	{"need", "advice.need"}, {"wishes", "advice.wishes"}, {"place", "advice.place"}, {"procurement", "advice.procurement"}, {"authority", "advice.authority"},
	{"reason", "booking.reason"},
	{"title", "apply.title_field"}, {"challenge", "apply.challenge"}, {"goal", "apply.goal"}, {"support", "apply.support"},
	{"answer", "apply.answer"}, {"purpose", "apply.purpose"}, {"report", "apply.report_words"},
	{"firm", "aid.firm"}, {"signer", "aid.signer"},
}

// formAfterSession shows what was sent without a session, so that it is not lost: the
// page goes back to the browser and is kept nowhere else. It reports whether there
// was anything to keep. A number that may be somebody's personal one is not shown
// again.
func (s *Server) formAfterSession(c *gin.Context) (bool, error) {
	if c.Request.Method != http.MethodPost {
		return false, nil
	}
	p := &meAgainPage{page: page{NoIndex: true, Self: "/me"}, Path: c.Request.URL.Path, Minutes: int(person.LinkLife / time.Minute)}
	for _, f := range longFields {
		if value := strings.TrimSpace(c.Request.PostForm.Get(f.name)); value != "" {
			label, err := s.Texts.Text(s.language(c), f.label)
			if err != nil {
				return false, err
			}
			p.Texts = append(p.Texts, typedField{f.name, value, label})
		}
	}
	if len(p.Texts) == 0 {
		return false, nil
	}
	for name, values := range c.Request.PostForm {
		if strings.HasSuffix(name, "number") {
			continue
		}
		for _, value := range values {
			p.Fields = append(p.Fields, typedField{Name: name, Value: value})
		}
	}
	slices.SortStableFunc(p.Fields, func(a, b typedField) int { return strings.Compare(a.Name, b.Name) })
	s.rememberForm(c)
	return true, s.render(c, http.StatusForbidden, "me_again", p)
}

// rememberForm lets the link that is asked for lead to the form's own page, for
// whoever opens it in another browser.
func (s *Server) rememberForm(c *gin.Context) {
	from, err := url.Parse(c.Request.Referer())
	if err != nil || from.Host != c.Request.Host || ownPage(from.RequestURI()) == "/me" {
		return
	}
	s.keepNext(c, from.RequestURI())
}
