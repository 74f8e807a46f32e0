package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// rosterColumns are the columns of the exported roster before those of the
// event's own questions; the texts are "admin.csv.<column>". What people wrote
// about food and access is never among them.
var rosterColumns = []string{"first_name", "last_name", "email", "phone", "organisation", "org_number", "organisation_name",
	"municipality", "audience", "language", "mode", "status", "position", "registered"}

// rosterCSV is the whole roster for a spreadsheet. It is made in the request and
// noted in the audit log.
func (s *Server) rosterCSV(c *gin.Context) error {
	ctx, lang := c.Request.Context(), s.language(c)
	var ev event.Event
	var data string
	action := "roster.export"
	soleTraders := c.Query("sole_traders") != ""
	if soleTraders {
		action = "roster.export_numbers"
	}
	rows := 0
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if ev, err = s.ownEvent(ctx, tx, c, c.Param("id")); err != nil {
			return err
		}
		data, rows, err = s.rosterFile(ctx, tx, ev, lang, soleTraders)
		return err
	})
	if err == nil && c.Request.Method == http.MethodGet {
		err = s.DB.Write(ctx, func(tx *store.Tx) error {
			return audit.Add(ctx, tx, audit.Entry{
				Actor: actor(c), ProgrammeID: ev.ProgrammeID, Action: action, ObjectKind: "event", ObjectID: ev.ID, To: strconv.Itoa(rows),
			})
		})
	}
	if err != nil {
		return err
	}
	word, err := s.Texts.Text(lang, "admin.csv.file")
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+safeName(ev.Slug)+`.csv"; filename*=UTF-8''`+url.PathEscape(word+" "+ev.Title+".csv"))
	c.Data(http.StatusOK, "text/csv; charset=utf-8", []byte(data))
	return nil
}

func (s *Server) rosterFile(ctx context.Context, tx *store.Tx, ev event.Event, lang locale.Language, soleTraders bool) (file string, rows int, err error) {
	people, err := registration.Roster(ctx, tx, ev.ID, registration.RosterFilter{})
	if err != nil {
		return "", 0, err
	}
	answers, err := registration.AnswersOf(ctx, tx, ev.ID)
	if err != nil {
		return "", 0, err
	}
	positions, err := registration.Positions(ctx, tx, ev)
	if err != nil {
		return "", 0, err
	}
	w := rosterWriter{s: s, lang: lang, ev: ev, positions: positions, words: map[string]string{}, companies: companyBook{}, soleTraders: soleTraders}
	sortRoster(people, "name", lang)
	var b strings.Builder
	b.WriteString(byteOrderMark)
	head, err := w.head()
	if err != nil {
		return "", 0, err
	}
	writeRecord(&b, head)
	for _, r := range people {
		co, err := w.companies.find(ctx, tx, r.CompanyID)
		if err != nil {
			return "", 0, err
		}
		record, err := w.record(r, co, answers[r.ID])
		if err != nil {
			return "", 0, err
		}
		writeRecord(&b, record)
	}
	return b.String(), len(people), nil
}

// rosterWriter makes the lines of one file, and keeps the words that it has
// looked up.
type rosterWriter struct {
	s         *Server
	lang      locale.Language
	ev        event.Event
	positions map[string]int
	words     map[string]string
	companies companyBook
	// soleTraders lets the numbers of sole traders into the file, which stand for
	// people.
	soleTraders bool
}

func (w rosterWriter) word(prefix, code string) (string, error) {
	if code == "" {
		return "", nil
	}
	if word, known := w.words[prefix+code]; known {
		return word, nil
	}
	word, err := w.s.Texts.Text(w.lang, prefix+code)
	w.words[prefix+code] = word
	return word, err
}

func (w rosterWriter) head() ([]string, error) {
	var head []string
	for _, column := range rosterColumns {
		word, err := w.word("admin.csv.", column)
		if err != nil {
			return nil, err
		}
		head = append(head, word)
	}
	for _, q := range w.ev.Questions {
		head = append(head, q.Label)
	}
	return head, nil
}

func (w rosterWriter) record(r registration.Registration, co company.Company, answers map[string][]string) ([]string, error) {
	var words [4]string
	for i, x := range []struct{ prefix, code string }{
		{"admin.organisation.", string(r.OrganisationKind)}, {"audience.", r.Audience}, {"mode.", string(r.Mode)}, {"status.", string(r.Status)},
	} {
		var err error
		if words[i], err = w.word(x.prefix, x.code); err != nil {
			return nil, err
		}
	}
	number, position := "", ""
	if !co.SoleTrader || w.soleTraders {
		number = company.Format(co.Country, co.Number)
	}
	if n := w.positions[r.ID]; n > 0 {
		position = strconv.Itoa(n)
	}
	record := []string{r.FirstName, r.LastName, r.Email, r.Phone, words[0], number, r.OrganisationName, w.s.placeName(r.Municipality),
		words[1], r.Language, words[2], words[3], position, r.CreatedAt.In(w.ev.Location()).Format("2006-01-02 15:04")}
	for _, q := range w.ev.Questions {
		given, err := w.answer(q, answers[q.ID])
		if err != nil {
			return nil, err
		}
		record = append(record, given)
	}
	return record, nil
}

// answer writes what was answered to one question: a yes or no in the reader's
// language, several choices beside each other.
func (w rosterWriter) answer(q event.Question, given []string) (string, error) {
	if q.Kind != event.YesNoQuestion || len(given) != 1 {
		return strings.Join(given, ", "), nil
	}
	return w.word("form.", given[0])
}
