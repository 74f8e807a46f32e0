package api_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/api"
	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/register"
	"stafett/internal/registration"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func (w *world) post(event, token string, who object) reply {
	w.t.Helper()
	return w.do("POST", "/events/"+event+"/registrations", token, who.String())
}

func TestWhoSignsUpHasAPlaceAndALetter(t *testing.T) {
	w := newWorld(t)
	id := w.published(seminar())
	w.ask(id, "q1", "choices", true)
	var got api.SignedUpGroup
	w.post(id, "", anna().with("phone", "070-123 45 67", "company", bygg(), "language", "nb", "answers", object{"q1": []string{"a", "b"}, "unknown": "x"})).want(http.StatusCreated).read(&got)
	if diff := cmp.Diff(api.SignedUpGroup{SignedUp: api.SignedUp{ID: got.ID, Status: "confirmed"}}, got); diff != "" {
		t.Error(diff)
	}
	want := api.Registration{
		ID: got.ID, Status: "confirmed", Name: "Anna Maria Berg", Email: "anna@bygg.example", Phone: "070-123 45 67", Language: "nb", Mode: "room",
		Organisation: "company", OrganisationName: "Bergs Bygg AB", Company: &api.Company{Country: "SE", OrgNumber: "5566778899", Name: "Bergs Bygg AB"},
		Answers: map[string][]string{"q1": {"a", "b"}}, SignedUpAt: "2027-01-13T10:00:02+01:00", ConfirmedAt: "2027-01-13T10:00:02+01:00",
	}
	if diff := cmp.Diff([]api.Registration{want}, w.roster(id, "")); diff != "" {
		t.Error(diff)
	}
	if n := w.count(`SELECT count(*) FROM message WHERE letter = 'E02' AND recipient = 'anna@bygg.example' AND language = 'nb' AND outside`); n != 1 {
		t.Errorf("%d letters", n)
	}
	if n := w.count(`SELECT count(*) FROM registration WHERE first_name = 'Anna Maria' AND last_name = 'Berg'`); n != 1 {
		t.Error("the name was not split at its last space")
	}
}

func (w *world) roster(event, query string) []api.Registration {
	w.t.Helper()
	var l api.RegistrationList
	w.do("GET", "/events/"+event+"/registrations?"+query, w.everywhere, "").want(http.StatusOK).read(&l)
	return l.Registrations
}

func TestAnEventIsFoundByItsSlugToo(t *testing.T) {
	w := newWorld(t)
	w.published(webinar())
	w.signUp("sa-lamnar-du-anbud", "", anna())
}

func TestWithoutACompanySomebodyComesForNone(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar().with("language", "nn"))
	w.signUp(id, "", object{"name": "Anna", "email": "ANNA@Bygg.example "})
	got := w.roster(id, "")[0]
	if got.Organisation != "none" || got.Company != nil || got.Name != "Anna" || got.Email != "anna@bygg.example" || got.Language != "nn" {
		t.Errorf("got %+v", got)
	}
}

func TestAnswersAreTextsChoicesOrYesAndNo(t *testing.T) {
	for _, tt := range []struct {
		kind   string
		answer any
		want   []string
	}{
		{"text", "  Vi vill lära oss.\nOch mer. ", []string{"Vi vill lära oss.\nOch mer."}},
		{"choice", "a", []string{"a"}},
		{"choices", []string{"b", "a"}, []string{"b", "a"}},
		{"choices", "b", []string{"b"}},
		{"yes_no", true, []string{"yes"}},
		{"yes_no", false, []string{"no"}},
		{"yes_no", "yes", []string{"yes"}},
	} {
		t.Run(fmt.Sprintf("%s %v", tt.kind, tt.answer), func(t *testing.T) {
			w := newWorld(t)
			id := w.published(webinar())
			w.ask(id, "q1", tt.kind, true)
			w.signUp(id, "", anna().with("answers", object{"q1": tt.answer}))
			if diff := cmp.Diff(map[string][]string{"q1": tt.want}, w.roster(id, "")[0].Answers); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheLastPlaceGoesToOneAndTheOthersWait(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar().with("capacity", object{"online": 1}))
	var wg sync.WaitGroup
	var mu sync.Mutex
	var got []string
	for i := range 8 {
		wg.Go(func() {
			r := w.post(id, "", object{"name": "Kari Dahl", "email": fmt.Sprintf("kari%d@dahl.example", i)})
			mu.Lock()
			defer mu.Unlock()
			got = append(got, fmt.Sprint(r.status, " ", r.field("status"), " ", r.field("waitlist_position")))
		})
	}
	wg.Wait()
	sort.Strings(got)
	want := []string{"201 confirmed "}
	for i := range 7 {
		want = append(want, fmt.Sprintf("201 waitlisted %d", i+1))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnEventThatTakesNobodySaysWhy(t *testing.T) {
	past := time.Date(2027, 3, 3, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		code   string
		event  object
		happen func(w *world, id string)
		detail string
	}{
		{"not_open", webinar().with("registration_opens_at", "2027-02-01T08:00:00+01:00"), func(*world, string) {}, "Registration opens at 2027-02-01T08:00:00+01:00."},
		{"closed", webinar().with("registration_closes_at", "2027-01-20T08:00:00+01:00"), func(w *world, _ string) { w.clock.Advance(8 * 24 * time.Hour) }, "Registration closed at 2027-01-20T08:00:00+01:00."},
		{"full", webinar().with("capacity", object{"online": 1}, "waiting_list", false), func(w *world, id string) { w.signUp(id, "", object{"name": "Per", "email": "per@x.example"}) }, "The event is full and has no waiting list."},
		{"event_cancelled", webinar(), func(w *world, id string) {
			w.do("POST", "/events/"+id+"/cancel", w.organiser, `{"message": "Sjukdom."}`).want(200)
		}, "The event is cancelled."},
		{"event_postponed", webinar(), func(w *world, id string) {
			storetest.Write(w.t, w.db, func(tx *store.Tx) error {
				_, err := store.Exec(ctx, tx, `UPDATE event SET status = 'postponed' WHERE id = ?`, id)
				return err
			})
		}, "The event is postponed and has no new date yet."},
		{"event_past", webinar(), func(w *world, _ string) { w.clock.Set(past) }, "The event has been held."},
	} {
		for _, signed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, with a token: %t", tt.code, signed), func(t *testing.T) {
				w := newWorld(t)
				id := w.published(tt.event)
				tt.happen(w, id)
				token := ""
				if signed {
					token = w.organiser
				}
				before := w.everything()
				p := w.post(id, token, anna()).refused(http.StatusConflict, tt.code)
				if p.Detail != tt.detail || w.everything() != before {
					t.Errorf("detail %q", p.Detail)
				}
			})
		}
	}
}

func TestAnAddressThatIsThereAlreadyIsAnsweredLikeANewOne(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar().with("capacity", object{"online": 1}))
	first := w.signUp(id, "", anna())
	again := w.post(id, "", anna().with("email", " Anna@BYGG.example")).want(http.StatusCreated)
	other := w.post(id, "", object{"name": "Kari Dahl", "email": "kari@dahl.example"}).want(http.StatusCreated)
	if got, want := again.field("status")+again.field("waitlist_position"), other.field("status")+other.field("waitlist_position"); got != want {
		t.Errorf("the address that is there is answered %s, a new one %s", got, want)
	}
	if again.field("id") == first || w.count(`SELECT count(*) FROM registration WHERE id = ?`, again.field("id")) != 0 {
		t.Errorf("the id %s tells that it is there", again.field("id"))
	}
	if n := w.count(`SELECT count(*) FROM registration WHERE email = 'anna@bygg.example'`); n != 1 {
		t.Errorf("%d registrations", n)
	}
	if n := w.count(`SELECT count(*) FROM message WHERE letter = 'E06' AND recipient = 'anna@bygg.example' AND outside`); n != 1 {
		t.Errorf("%d letters that say so", n)
	}
	w.post(id, w.stranger, anna()).want(http.StatusCreated) // the organiser of another programme is a stranger too
}

func TestTheEventsOrganiserIsToldOfAnAddressThatIsThere(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	w.signUp(id, "", anna())
	before := w.everything()
	for _, token := range []string{w.organiser, w.administrator} {
		p := w.post(id, token, anna()).refused(http.StatusConflict, "already_registered")
		if diff := cmp.Diff(map[string]string{"body.email": "already_registered"}, at(p)); diff != "" {
			t.Error(diff)
		}
	}
	p := w.post(id, w.organiser, object{"name": "Per Berg", "email": "per@bygg.example", "colleagues": []object{anna()}}).refused(http.StatusConflict, "already_registered")
	if diff := cmp.Diff(map[string]string{"body.colleagues[0].email": "already_registered"}, at(p)); diff != "" {
		t.Error(diff)
	}
	if after := w.everything(); after != before {
		t.Errorf("a refusal left something:\n%s\n%s", before, after)
	}
}

func TestColleaguesComeForTheSameCompany(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	w.ask(id, "q1", "text", true)
	var got api.SignedUpGroup
	w.post(id, "", anna().with("phone", "070-1", "company", bygg(), "answers", object{"q1": "Därför."}, "colleagues", []object{
		{"name": "Per Berg", "email": "per@bygg.example"}, {"name": "Pia", "email": "pia@bygg.example"},
	})).want(http.StatusCreated).read(&got)
	want := api.SignedUpGroup{
		SignedUp:   api.SignedUp{ID: got.ID, Status: "confirmed"},
		Colleagues: []api.SignedUp{{ID: got.Colleagues[0].ID, Status: "confirmed"}, {ID: got.Colleagues[1].ID, Status: "waitlisted", WaitlistPosition: 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, r := range w.roster(id, "") {
		if r.Company == nil || r.Company.OrgNumber != "5566778899" || (len(r.Answers["q1"]) > 0) != (r.ID == got.ID) || (r.Phone != "") != (r.ID == got.ID) {
			t.Errorf("got %+v", r)
		}
	}
}

func TestAGroupIsSignedUpWhollyOrNotAtAll(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar().with("waiting_list", false))
	third := []object{{"name": "Per", "email": "per@bygg.example"}, {"name": "Pia", "email": "pia@bygg.example"}}
	before := w.everything()
	p := w.post(id, "", anna().with("colleagues", third)).refused(http.StatusConflict, "full")
	if p.Detail != "There are not places for all of them, and the event has no waiting list." {
		t.Errorf("detail %q", p.Detail)
	}
	if after := w.everything(); after != before {
		t.Errorf("part of the group was signed up:\n%s\n%s", before, after)
	}
}

func TestAGroupThatComesOnlyTogetherWaitsAsOne(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	third := []object{{"name": "Per", "email": "per@bygg.example"}, {"name": "Pia", "email": "pia@bygg.example"}}
	var got api.SignedUpGroup
	w.post(id, "", anna().with("colleagues", third, "together", true)).want(http.StatusCreated).read(&got)
	if diff := cmp.Diff("waitlisted 1; waitlisted 2; waitlisted 3", inWords(got)); diff != "" {
		t.Error(diff)
	}
}

// inWords is what came of each of a group.
func inWords(g api.SignedUpGroup) string {
	list := []string{fmt.Sprint(g.Status, " ", g.WaitlistPosition)}
	for _, c := range g.Colleagues {
		list = append(list, fmt.Sprint(c.Status, " ", c.WaitlistPosition))
	}
	return strings.Join(list, "; ")
}

func TestAColleagueWhoIsThereAlreadyIsAnsweredLikeANewOne(t *testing.T) {
	told := map[string]string{}
	for _, there := range []string{"per@bygg.example", "somebody@else.example"} {
		w := newWorld(t)
		id := w.published(webinar().with("capacity", object{"online": 1}))
		first := w.signUp(id, "", object{"name": "Per Berg", "email": there})
		var got api.SignedUpGroup
		w.post(id, "", anna().with("colleagues", []object{
			{"name": "Per Berg", "email": "per@bygg.example"}, {"name": "Pia", "email": "pia@bygg.example"},
		})).want(http.StatusCreated).read(&got)
		told[there] = inWords(got)
		if got.Colleagues[0].ID == first {
			t.Error("the id tells that the colleague is there")
		}
	}
	if told["per@bygg.example"] != told["somebody@else.example"] {
		t.Errorf("what is told: %v", told)
	}
}

// restrict opens the event to some only, in a way that the API does not set.
func (w *world) restrict(id, set string) {
	w.t.Helper()
	storetest.Write(w.t, w.db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE event SET `+set+` WHERE id = ?`, id)
		return err
	})
}

func TestAnEventByInvitationIsOpenedByItsCodeForTheGroupTooAndByItsOrganiser(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar().with("capacity", object{"online": 10}))
	w.restrict(id, `audience_mode = 'invite'`)
	var code string
	storetest.Write(t, w.db, func(tx *store.Tx) error {
		i, err := registration.Invite(ctx, tx, id, "Nätverket", "", new(2), audit.Command)
		code = i.Code
		return err
	})
	per := []object{{"name": "Per", "email": "per@bygg.example"}, {"name": "Pia", "email": "pia@bygg.example"}}
	p := w.post(id, "", anna()).refused(http.StatusUnprocessableEntity, "invalid")
	if diff := cmp.Diff(map[string]string{"body.code": "invitation_needed"}, at(p)); diff != "" {
		t.Error(diff)
	}
	p = w.post(id, "", anna().with("code", code, "colleagues", per)).refused(http.StatusUnprocessableEntity, "invalid")
	if diff := cmp.Diff(map[string]string{"body.colleagues[1].email": "invitation_colleague"}, at(p)); diff != "" {
		t.Error(diff)
	}
	w.post(id, "", anna().with("code", strings.ToLower(code), "colleagues", per[:1])).want(http.StatusCreated)
	w.post(id, w.organiser, object{"name": "Kari", "email": "kari@dahl.example"}).want(http.StatusCreated)
	w.post(id, w.stranger, object{"name": "Ola", "email": "ola@dahl.example"}).refused(http.StatusUnprocessableEntity, "invalid")
}

func TestAGroupIsAskedToWaitForTheOrganiserOrToProveItsAddresses(t *testing.T) {
	for _, tt := range []struct{ set, stranger, organiser string }{
		{`audience_mode = 'ask', own_municipality = TRUE`, "requested 0; requested 0", "confirmed 0; confirmed 0"},
		{`confirm_email = TRUE`, "pending_email 0; pending_email 0", "confirmed 0; confirmed 0"},
	} {
		t.Run(tt.stranger, func(t *testing.T) {
			w := newWorld(t)
			id := w.published(seminar().with("capacity", object{"room": 10}))
			w.restrict(id, tt.set)
			var got, byHand api.SignedUpGroup
			w.post(id, "", anna().with("colleagues", []object{{"name": "Per", "email": "per@bygg.example"}})).want(http.StatusCreated).read(&got)
			w.post(id, w.organiser, object{"name": "Kari", "email": "kari@dahl.example", "colleagues": []object{{"name": "Ola", "email": "ola@dahl.example"}}}).want(http.StatusCreated).read(&byHand)
			if diff := cmp.Diff([]string{tt.stranger, tt.organiser}, []string{inWords(got), inWords(byHand)}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsWrongIsNamedWhereItStands(t *testing.T) {
	w := newWorld(t)
	id := w.published(seminar().with("mode", "hybrid", "join_url", "https://meeting.example/room"))
	w.ask(id, "q1", "choice", true)
	fine := anna().with("mode", "room", "company", bygg(), "answers", object{"q1": "a"})
	company := func(pairs ...any) object { return fine.with("company", bygg().with(pairs...)) }
	colleague := func(pairs ...any) object {
		return fine.with("colleagues", []object{{"name": "Per", "email": "per@bygg.example"}, object{"name": "Pia", "email": "pia@bygg.example"}.with(pairs...)})
	}
	w.post(id, "", fine).want(http.StatusCreated)
	for _, tt := range []struct {
		name string
		body object
		want map[string]string
	}{
		{"no name and no address", fine.without("name", "email"), map[string]string{"body.name": "required", "body.email": "required"}},
		{"a name of spaces", fine.with("name", "  "), map[string]string{"body.name": "too_short"}},
		{"a name too long", fine.with("name", strings.Repeat("å", 121)+" Berg"), map[string]string{"body.name": "too_long"}},
		{"a name with a line break", fine.with("name", "Anna\r\nBcc: x"), map[string]string{"body.name": "characters"}},
		{"a name that runs backwards", fine.with("name", "Anna \u202egreB"), map[string]string{"body.name": "characters"}},
		{"no address", fine.with("email", "anna"), map[string]string{"body.email": "email"}},
		{"two addresses", fine.with("email", "a@x.example,b@x.example"), map[string]string{"body.email": "email"}},
		{"an address with a name", fine.with("email", "Anna <anna@x.example>"), map[string]string{"body.email": "email"}},
		{"an address with å", fine.with("email", "åsa@x.example"), map[string]string{"body.email": "email_ascii"}},
		{"an address too long", fine.with("email", strings.Repeat("a", 250)+"@x.example"), map[string]string{"body.email": "too_long"}},
		{"a telephone with letters", fine.with("phone", "ring mig"), map[string]string{"body.phone": "phone"}},
		{"no way to take part", fine.without("mode"), map[string]string{"body.mode": "choice"}},
		{"both ways to take part", fine.with("mode", "hybrid"), map[string]string{"body.mode": "choice"}},
		{"a language we do not write", fine.with("language", "de"), map[string]string{"body.language": "choice"}},
		{"a country we do not know", company("country", "DK"), map[string]string{"body.company.country": "choice"}},
		{"a wrong number", company("org_number", "556677-8898"), map[string]string{"body.company.org_number": "org_number_se"}},
		{"a Norwegian number that is none", company("country", "NO"), map[string]string{"body.company.org_number": "org_number_no"}},
		{"a personal number", company("org_number", "19121212-1212"), map[string]string{"body.company.org_number": "personal_number"}},
		{"no number", company("org_number", ""), map[string]string{"body.company.org_number": "required"}},
		{"a company without name", company("name", ""), map[string]string{"body.company.name": "required"}},
		{"half a company", fine.with("company", object{"country": "SE"}), map[string]string{"body.company.org_number": "required", "body.company.name": "required"}},
		{"no answer", fine.without("answers"), map[string]string{"body.answers.q1": "answer"}},
		{"an answer that is no choice", fine.with("answers", object{"q1": "c"}), map[string]string{"body.answers.q1": "choice"}},
		{"an answer that is a number", fine.with("answers", object{"q1": 1}), map[string]string{"body.answers": "type"}},
		{"a colleague without address", colleague("email", nil), map[string]string{"body.colleagues[1].email": "type"}},
		{"a colleague with a wrong address", colleague("email", "pia"), map[string]string{"body.colleagues[1].email": "email"}},
		{"a colleague without name", colleague("name", ""), map[string]string{"body.colleagues[1].name": "too_short"}},
		{"a colleague with the same address", colleague("email", "ANNA@bygg.example"), map[string]string{"body.colleagues[1].email": "twice"}},
		{"two colleagues with the same address", colleague("email", "per@bygg.example"), map[string]string{"body.colleagues[1].email": "twice"}},
		{"a colleague whose name runs backwards", colleague("name", "Pia \u202egreB"), map[string]string{"body.colleagues[1].name": "characters"}},
		{"five colleagues", fine.with("colleagues", []object{anna(), anna(), anna(), anna(), anna()}), map[string]string{"body.colleagues": "too_many"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := w.in(t)
			before := w.everything()
			p := w.post(id, "", tt.body).refused(http.StatusUnprocessableEntity, "invalid")
			if diff := cmp.Diff(tt.want, at(p)); diff != "" {
				t.Error(diff)
			}
			if after := w.everything(); after != before {
				t.Errorf("a refusal left something:\n%s\n%s", before, after)
			}
		})
	}
}

func TestARefusalNeverRepeatsWhatWasSent(t *testing.T) {
	w := newWorld(t)
	id := w.published(webinar())
	secret := "19121212-1212"
	for _, body := range []string{
		anna().with("company", bygg().with("org_number", secret)).String(),
		anna().with("name", []string{secret}).String(),
		anna().with("mode", secret).String(),
		anna().with("email", secret).String(),
		anna().with("phone", secret+"x").String(),
		anna().with("language", object{"x": secret}).String(),
		anna().with("answers", object{secret + " här": 1}).String(),
		anna().with(secret+" ", "\u0007").String(),
		`{"name": "` + secret,
		`"` + secret + `"`,
		`["` + secret + `"]`,
	} {
		r := w.do("POST", "/events/"+id+"/registrations", "", body)
		if r.status < 400 || r.status >= 500 || strings.Contains(string(r.body), "1212") {
			t.Errorf("%s is answered %d: %s", body, r.status, r.body)
		}
	}
	if r := w.do("GET", "/events?kind="+secret+"&cursor="+secret+"&from="+secret+"&limit="+secret, "", ""); r.status != 422 || strings.Contains(string(r.body), "1212") {
		t.Errorf("the query is answered %d: %s", r.status, r.body)
	}
	if strings.Contains(w.log.String(), "1212") {
		t.Errorf("the log repeats it: %s", w.log)
	}
}

// oneSoleTrader is a public register that knows one company.
type oneSoleTrader struct{}

func (oneSoleTrader) Find(_ context.Context, country, number string) (register.Entry, error) {
	if number != "310002046" {
		return register.Entry{}, register.ErrUnknown
	}
	return register.Entry{Country: country, Number: number, Name: "KARI OPPDIKTET SØM", LegalForm: "ENK"}, nil
}

func TestTheRegisterSaysWhoIsASoleTrader(t *testing.T) {
	w := newWorld(t, func(o *api.Options) {
		o.Companies = register.NewDesk(o.DB, oneSoleTrader{}, slog.New(slog.DiscardHandler))
	})
	id := w.published(webinar())
	kari := object{"country": "NO", "org_number": "310 002 046", "name": "Kari"}
	w.post(id, "", anna().with("company", kari)).want(http.StatusCreated)
	storetest.Read(t, w.db, func(tx *store.Tx) error {
		sole, err := store.One(ctx, tx, store.Value[bool], `SELECT sole_trader FROM company WHERE org_number = '310002046'`)
		if !sole {
			t.Error("a number that is a person's is not known as one")
		}
		return err
	})
}

func TestSigningUpForAWholeSeriesSignsUpForEachOccasion(t *testing.T) {
	w := newWorld(t)
	first, second := w.published(webinar()), w.published(webinar())
	storetest.Write(t, w.db, func(tx *store.Tx) error {
		_, err := event.MakeSeries(ctx, tx, "Anbudsskolan", event.ForWhole, []string{first, second}, audit.Command)
		return err
	})
	var got api.SignedUpGroup
	w.post(first, "", anna()).want(http.StatusCreated).read(&got)
	for _, id := range []string{first, second} {
		all := w.roster(id, "")
		if len(all) != 1 || id == first && all[0].ID != got.ID {
			t.Errorf("got %+v", all)
		}
	}
}
