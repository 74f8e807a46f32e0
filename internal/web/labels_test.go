package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
)

func TestEveryLinkOfASummaryNamesItsField(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, func(c *event.Content) {
		c.Questions = []event.Question{
			{Kind: event.TextQuestion, Label: "Vad vill du fråga?", Required: true},
			{Kind: event.ChoiceQuestion, Label: "Vilken grupp", Options: []string{"Röd", "Blå"}, Required: true},
		}
	})
	for _, lang := range locale.All() {
		t.Run(string(lang), func(t *testing.T) {
			v := newVisitor(t, s)
			v.header.Set("Accept-Language", string(lang))
			doc := v.page(v.post("/events/"+ev.Slug+"/register", url.Values{"key": {"form-" + string(lang)}}), http.StatusUnprocessableEntity)
			seen := map[string]bool{}
			for _, a := range doc.Find(".error-summary a").EachIter() {
				text, id := plain(a), strings.TrimPrefix(a.AttrOr("href", ""), "#")
				if seen[text] {
					t.Errorf("two links read %q", text)
				}
				seen[text] = true
				if name := plain(doc.Find(`label[for="` + id + `"]`)); doc.Find(`input[type="radio"]#`+id).Length() == 0 && !strings.HasPrefix(text, name) {
					t.Errorf("#%s is called %q, its link reads %q", id, name, text)
				}
			}
			if len(seen) < 6 || !strings.HasPrefix(plain(doc.Find(`.error-summary a[href="#q_`+ev.Questions[1].ID+`"]`)), "Vilken grupp: ") ||
				!strings.HasPrefix(plain(doc.Find(`.error-summary a[href="#q_`+ev.Questions[0].ID+`"]`)), "Vad vill du fråga? ") {
				t.Errorf("the summary: %v", seen)
			}
		})
	}
}

func TestTheSummaryNamesTheFieldsOfTheFormThatWasSent(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	v.post("/events/"+ev.Slug+"/register", signUp())
	token := link(t, s, registrations(t, s, ev.ID)[0], registration.Manage)
	doc := v.page(v.post("/r/"+token+"/transfer", url.Values{"colleague_email": {"bo@people.example"}}), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Kollegans förnamn: Fyll i uppgiften")
}

func TestNamesAreReadFromThePage(t *testing.T) {
	const printed = `<!doctype html><form>
		<label for="plain">Namn <span class="optional">(frivillig uppgift)</span></label><input id="plain">
		<label for="question">Kommer du?</label><input id="question">
		<fieldset class="field"><legend>Deltar</legend><input type="radio" id="mode"><label for="mode">På plats</label></fieldset>
		<fieldset class="field"><legend>Ämnen</legend><input type="checkbox" id="topics"><label for="topics">Krav</label></fieldset>
		<fieldset class="form-section"><legend>Om dig</legend><input type="checkbox" id="consent"><label for="consent">Köket får veta</label></fieldset>
		<fieldset id="rows"><legend>Program</legend></fieldset>
		<p id="text">Ingen etikett</p></form>`
	fields := []problem.Field{{Name: "plain"}, {Name: "question"}, {Name: "mode"}, {Name: "topics"}, {Name: "consent"}, {Name: "rows"}, {Name: "text"}, {Name: "absent"}}
	got, err := labelsOf([]byte(printed), fields)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"plain": "Namn:", "question": "Kommer du?", "mode": "Deltar:", "topics": "Ämnen:", "consent": "Köket får veta:", "rows": "Program:"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
