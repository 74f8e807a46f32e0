package web

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/idempotency"
	"stafett/internal/locale"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// needValues is what the last step of a booking holds, as it was typed.
type needValues struct {
	Need, Procurement, Authority string
	TenderDay                    string
	Phone, Place, Wishes         string
	FirstName, LastName          string
	Answers                      map[string][]string
}

// adviceNeedPage is the last step: what the meeting is about.
type adviceNeedPage struct {
	page
	adviceCard
	Programme programme.Programme
	wishing
	Form      needValues
	Questions []questionField
	Time      meetingTime // zero: none suits, and the request waits for one
	ForName   string
	With      string // the name of whom the time is with
	FreeUntil time.Time
	Key       string
	Others    []option // times in place of one that cannot be had
	Change    string   // the address of the step before
	AskName   bool     // nothing is known but the address
	Now       time.Time
	Stopped   bool // nothing can be booked now; the refusal says why
}

// Waits reports whether the request is one for a time.
func (p *adviceNeedPage) Waits() bool { return p.Time.Start.IsZero() && len(p.Others) == 0 }

// PickLength reports whether another length may help.
func (p *adviceNeedPage) PickLength() bool {
	if p.Problem == nil || p.Stopped {
		return false
	}
	return p.Problem.Is(advisory.ErrCapExceeded) || p.Problem.Is(advisory.ErrPoolExhausted) || slices.ContainsFunc(p.Problem.Fields, func(f problem.Field) bool { return f.Name == "minutes" })
}

func (s *Server) needForm(c *gin.Context) error {
	who, _ := self(c)
	return s.showNeed(c, http.StatusOK, readWish(c.Query), needValues{FirstName: who.FirstName, LastName: who.LastName, TenderDay: readWish(c.Query).TenderDay}, nil)
}

// showNeed shows the form with what was typed. A time that has just been taken is
// replaced by the next ones.
func (s *Server) showNeed(c *gin.Context, code int, w wish, f needValues, refusal *problem.Problem) error {
	ctx, lang := c.Request.Context(), s.language(c)
	who, _ := self(c)
	p := &adviceNeedPage{page: page{NoIndex: true, Problem: refusal}, Form: f, Key: newKey(), AskName: who.Name() == "", Now: s.DB.Now()}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		a, owner, err := publicAdvice(ctx, tx, c.Param("slug"))
		if err != nil {
			return err
		}
		p.Programme, p.adviceCard, p.Brand = owner, s.adviceCard(c, a), owner.Name
		if p.wishing, err = s.readWishing(c, tx, a, owner, w); err != nil {
			return err
		}
		if p.wishing.Wish.For == "" {
			return nil
		}
		if p.ForName, err = s.choiceName(lang, p.Choice); err != nil {
			return err
		}
		if p.Questions, err = s.intakeFields(lang, a.Questions, f.Answers); err != nil {
			return err
		}
		before := p.Wish
		before.At, before.Week = "", ""
		p.Change = "/me/advice/" + a.Slug + "?" + before.query().Encode()
		if p.Stopped = refusal != nil && p.why(a) != ""; p.Stopped {
			p.readStopped(w, owner)
			return nil
		}
		return s.readTime(ctx, tx, lang, p, a, owner)
	})
	if err != nil {
		return err
	}
	if p.why(p.Advice) != "" && !p.Stopped { // the step before says why
		return seeOther(c, "/me/advice/"+p.Advice.Slug)
	}
	return s.render(c, code, "advice_need", p)
}

// readTime finds the time that was chosen among the free ones; one that is not
// there any more is replaced by the next ones.
func (s *Server) readTime(ctx context.Context, tx *store.Tx, lang locale.Language, p *adviceNeedPage, a advisory.Programme, owner programme.Programme) error {
	at, err := time.Parse(time.RFC3339, p.Wish.At)
	if err != nil {
		p.Wish.At = ""
		return nil
	}
	q := p.slotQuery(a)
	if p.Problem != nil && p.Problem.Is(advisory.ErrOtherSide) {
		q.AdviserID, q.Procurement = "", p.Form.Procurement
	}
	if p.Problem != nil && problem.Fields(p.Problem.Fields).Has("tender_day") { // the time stays theirs while they correct the day
		q.TenderDay = ""
	}
	free, err := advisory.Slots(ctx, tx, q)
	if err != nil {
		return err
	}
	taken := p.Problem != nil && (p.Problem.Is(advisory.ErrSlotTaken) || p.Problem.Is(advisory.ErrOtherSide))
	for _, t := range onClock(free, owner) {
		if t.Start.Equal(at) && !taken {
			p.Time, p.FreeUntil = t, t.Start.Add(-time.Duration(a.FreeCancelMinutes)*time.Minute)
			if p.Wish.Adviser != "" {
				p.With = t.Adviser
			}
			return nil
		}
	}
	if p.Problem == nil {
		p.Problem = advisory.ErrSlotTaken
	}
	near := nearest(onClock(free, owner), at)
	for i, t := range near {
		if t.Start.Equal(at) {
			continue
		}
		p.Others = append(p.Others, option{Value: t.At, Label: capitalise(locale.Range(lang, t.Start, t.End)), Chosen: i == 0})
	}
	p.Wish.At = ""
	return nil
}

// readStopped shows the time and length that were asked for, as they were: there is
// nothing to choose in their place.
func (p *adviceNeedPage) readStopped(w wish, owner programme.Programme) {
	p.Wish.Minutes = w.Minutes
	if at, err := time.Parse(time.RFC3339, w.At); err == nil {
		at = at.In(clockOf(owner))
		p.Time = meetingTime{Start: at, End: at.Add(time.Duration(w.Minutes) * time.Minute), At: w.At}
	}
}

// nearest are the free times that lie next to one, in order.
func nearest(times []meetingTime, at time.Time) []meetingTime {
	i, _ := slices.BinarySearchFunc(times, at, func(t meetingTime, at time.Time) int { return t.Start.Compare(at) })
	from := max(0, min(i-1, len(times)-nextTimes))
	return times[from:min(len(times), from+nextTimes)]
}

// intakeFields are the programme's own questions, ready to print.
func (s *Server) intakeFields(lang locale.Language, questions []advisory.Question, answers map[string][]string) (fields []questionField, err error) {
	for _, q := range questions {
		if q.Removed {
			continue
		}
		given := answers[q.ID]
		f := questionField{Name: "q_" + q.ID, Label: q.Label, Kind: q.Kind, Required: q.Required, Value: strings.Join(given, "\n")}
		for _, o := range q.Options {
			f.Options = append(f.Options, option{Value: o, Label: o, Chosen: slices.Contains(given, o)})
		}
		if q.Kind == "yes_no" {
			for _, v := range []string{"yes", "no"} {
				label, err := s.Texts.Text(lang, "form."+v)
				if err != nil {
					return nil, err
				}
				f.Options = append(f.Options, option{Value: v, Label: label, Chosen: slices.Contains(given, v)})
			}
		}
		fields = append(fields, f)
	}
	return fields, nil
}

func readNeed(c *gin.Context) needValues {
	return needValues{
		Need: c.PostForm("need"), Procurement: c.PostForm("procurement"), Authority: c.PostForm("authority"), TenderDay: strings.TrimSpace(c.PostForm("tender_day")), Phone: c.PostForm("phone"), Place: c.PostForm("place"),
		Wishes: c.PostForm("wishes"), FirstName: c.PostForm("first_name"), LastName: c.PostForm("last_name"), Answers: readAnswers(c),
	}
}

// book books, at most once for each form that was filled in, and leads to the
// booking's own page.
func (s *Server) book(c *gin.Context) error {
	if ok, wait := s.RegisterLimit(c.ClientIP()); !ok {
		return s.tooOften(c, wait)
	}
	ctx, w, f := c.Request.Context(), readWish(c.PostForm), readNeed(c)
	var id string
	err := s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		key := onceKey(c.Request.URL.Path+" "+c.PostForm("key"), c.Request.PostForm)
		if a, found, err := idempotency.Look(ctx, tx, formCaller, key, key); err != nil || found {
			if err == nil {
				err = json.Unmarshal([]byte(a.Body), &id)
			}
			return err
		}
		if id, err = s.bookIn(c, tx, w, f); err != nil {
			return err
		}
		body, err := json.Marshal(id)
		if err != nil {
			return err
		}
		return idempotency.Keep(ctx, tx, formCaller, key, key, idempotency.Answer{Status: http.StatusSeeOther, Body: string(body)})
	})
	if refusal, ok := refused(atField(err, "starts_at", "at")); ok { // the same page, their words kept
		return s.showNeed(c, status(refusal), w, f, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/me/bookings/"+id+"?done=advice_booked")
}

// bookIn books in the transaction. Only one of the person's own choices can be
// booked for: any other is as one that does not exist.
func (s *Server) bookIn(c *gin.Context, tx *store.Tx, w wish, f needValues) (id string, err error) {
	ctx := c.Request.Context()
	who, _ := self(c)
	a, owner, err := publicAdvice(ctx, tx, c.Param("slug"))
	if err != nil {
		return "", err
	}
	choices, err := advisory.ChoicesFor(ctx, tx, a, who.ID)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(choices, func(x advisory.Choice) bool { return !x.Claimed && (x.Key() == w.For || w.For == "") })
	if i < 0 {
		return "", problem.ErrMissing
	}
	choice := choices[i]
	town, _ := s.Places.Match(owner.Country, w.Municipality)
	r := advisory.Request{
		AdvisoryProgrammeID: a.ID, Minutes: w.Minutes, AdviserID: w.Adviser, Meeting: w.Meeting, Municipality: town.Code, Place: f.Place, Phone: f.Phone,
		CompanyID: choice.CompanyID, ApplicationID: choice.ApplicationID, PersonID: who.ID, Language: string(s.language(c)),
		Need: f.Need, Procurement: f.Procurement, Authority: f.Authority, TenderDay: f.TenderDay, Wishes: f.Wishes, Answers: map[string]string{},
	}
	for _, q := range a.Questions {
		if given := f.Answers[q.ID]; len(given) > 0 && !q.Removed {
			r.Answers[q.ID] = given[0]
		}
	}
	if w.At != "" {
		if r.StartsAt, err = time.Parse(time.RFC3339, w.At); err != nil {
			return "", advisory.ErrSlotTaken
		}
	}
	nameless := callThem(ctx, tx, who, f)
	if _, ok := refused(nameless); nameless != nil && !ok {
		return "", nameless
	}
	b, err := advisory.Book(ctx, tx, r, asSelf(c))
	return b.ID, bothRefusals(nameless, err)
}

// bothRefusals are the errors at fields of one check and another, so that all are told
// at once. Those of the first come before a refusal of another kind, a fault before all.
func bothRefusals(a, b error) error {
	one, ok := refused(a)
	if !ok {
		return b
	}
	two, ok := refused(b)
	switch {
	case ok && two.Kind == problem.Invalid && len(two.Fields) > 0:
		return problem.Fields(append(slices.Clone(one.Fields), two.Fields...)).Err()
	case ok || b == nil: // what they wrote comes first
		return a
	}
	return b
}

// mostName is the longest name, in characters.
const mostName = 120

// callThem notes the name of somebody of whom nothing is known but the address.
func callThem(ctx context.Context, tx *store.Tx, who person.Person, f needValues) error {
	if who.Name() != "" {
		return nil
	}
	first, last := strings.TrimSpace(f.FirstName), strings.TrimSpace(f.LastName)
	var wrong problem.Fields
	for _, name := range []struct{ field, value string }{{"first_name", first}, {"last_name", last}} {
		switch {
		case name.value == "":
			wrong.Add(name.field, "required")
		case locale.Deceptive(name.value, false):
			wrong.Add(name.field, "characters")
		case len([]rune(name.value)) > mostName:
			wrong.Add(name.field, "too_long", "most", mostName)
		}
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	return person.Rename(ctx, tx, who.ID, first, last, who.Language)
}
