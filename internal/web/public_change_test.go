package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// signsUp signs up by the form, with a link to the registration's own page.
func (g *guest) signsUp(change func(url.Values)) *guest {
	g.t.Helper()
	form := signUp()
	if change != nil {
		change(form)
	}
	if w := g.post("/events/"+g.ev.Slug+"/register", form); w.Code != http.StatusSeeOther {
		g.t.Fatalf("signing up: %d %s", w.Code, plain(g.page(w, w.Code).Find("main")))
	}
	all := registrations(g.t, g.s, g.ev.ID)
	i := slices.IndexFunc(all, func(r registration.Registration) bool { return r.Email == form.Get("email") })
	return g.holding(all[i], registration.Manage)
}

// hybrid is a hybrid event with few places in both modes, and two who have taken
// one place each.
func hybrid(t *testing.T, room, online int) (inRoom, onLine *guest) {
	t.Helper()
	g := eventFor(t, func(c *event.Content) {
		registrationtest.Hybrid(c)
		c.RoomPlaces, c.OnlinePlaces = new(room), new(online)
	})
	inRoom = g.signsUp(func(f url.Values) { f.Set("mode", "room") })
	g.clock.Advance(time.Minute)
	onLine = g.signsUp(func(f url.Values) {
		f.Set("mode", "online")
		f.Set("email", "bo@people.example")
		f.Set("organisation", "none")
	})
	return inRoom, onLine
}

func (g *guest) changesTo(mode string) url.Values { return url.Values{"mode": {mode}} }

func TestWhoeverHasAPlaceComesTheOtherWayWhereThereIsOne(t *testing.T) {
	inRoom, onLine := hybrid(t, 1, 2)
	doc := onLine.sees()
	wants(t, plain(doc.Find("#room")), "Lokalen är full")
	if doc.Find("#mode").Length() > 0 {
		t.Error("there is a button for what cannot be had")
	}
	doc = onLine.page(onLine.post(onLine.path+"/mode", onLine.changesTo("room")), http.StatusConflict)
	wants(t, plain(doc.Find(`[role="alert"]`)), "Alla platser är tagna där", "Du har kvar den plats som du har")
	if got := onLine.now(); got.Mode != event.Online || got.Status != registration.Confirmed {
		t.Errorf("refused, and yet %s %s", got.Mode, got.Status)
	}

	doc = inRoom.sees()
	wants(t, plain(doc.Find("#mode")), "Då kan någon annan få din plats i lokalen")
	doc = inRoom.done(inRoom.post(inRoom.path+"/mode", inRoom.changesTo("online")))
	wants(t, plain(doc.Find(`[role="status"]`)), "Ändringen är sparad")
	wants(t, plain(doc.Find(".facts")), "PlatsDigitalt")
	if got := inRoom.now(); got.Mode != event.Online || got.Status != registration.Confirmed {
		t.Errorf("the registration is %s %s", got.Mode, got.Status)
	}
	letters := inRoom.letters()
	if letters[len(letters)-1] != message.EventMoved {
		t.Errorf("letters: %q", letters)
	}
	inRoom.done(inRoom.post(inRoom.path+"/mode", inRoom.changesTo("online"))) // the button pressed twice
	if got := inRoom.letters(); len(got) != len(letters) {
		t.Errorf("the second time wrote more letters: %q", got)
	}
	onLine.done(onLine.post(onLine.path+"/mode", onLine.changesTo("room"))) // now there is one
	if got := onLine.now(); got.Mode != event.Room {
		t.Errorf("the other is still %s", got.Mode)
	}
}

func TestWhoeverWaitsForTheRoomMayComeOnlineInstead(t *testing.T) {
	inRoom, _ := hybrid(t, 1, 2)
	waits := inRoom.signsUp(func(f url.Values) {
		f.Set("mode", "room")
		f.Set("email", "cia@people.example")
		f.Set("organisation", "none")
	})
	waits.is(registration.Waitlisted)
	doc := waits.sees()
	wants(t, plain(doc.Find("#mode")), "ändå stå kvar i kön till lokalen", "Delta digitalt så länge")
	lacks(t, plain(doc.Find("#mode")), "någon annan få din plats")
	waits.done(waits.post(waits.path+"/mode", waits.changesTo("online")))
	if got := waits.now(); got.Mode != event.Online || got.Status != registration.Confirmed {
		t.Errorf("the registration is %s %s", got.Mode, got.Status)
	}
}

func TestThereIsNoOtherWayThatIsUnknownOrNotOfTheEventOrTooLate(t *testing.T) {
	inRoom, onLine := hybrid(t, 2, 2)
	for _, mode := range []string{"", "moon", "hybrid"} {
		doc := inRoom.page(inRoom.post(inRoom.path+"/mode", inRoom.changesTo(mode)), http.StatusUnprocessableEntity)
		wants(t, plain(doc.Find(`[role="alert"]`)), "Svaret kom inte fram")
	}
	inRoom.clock.Set(inRoom.ev.StartsAt)
	for g, other := range map[*guest]string{inRoom: "online", onLine: "room"} {
		doc := g.page(g.post(g.path+"/mode", g.changesTo(other)), http.StatusConflict)
		wants(t, plain(doc.Find(`[role="alert"]`)), "Det går inte längre")
		if doc.Find("#mode").Length() > 0 {
			t.Error("after the start another way is offered")
		}
		if got := g.now().Mode; string(got) == other {
			t.Errorf("changed after the start to %s", got)
		}
	}

	room := eventFor(t, nil).signsUp(nil)
	if room.sees().Find("#mode").Length() > 0 {
		t.Error("an event in a room alone can be come to online")
	}
	if w := room.post(room.path+"/mode", room.changesTo("online")); w.Code != http.StatusConflict {
		t.Errorf("online, where there is none: %d", w.Code)
	}
}

func TestOwnAnswersAndLanguageAreChangedAndNothingTypedIsLost(t *testing.T) {
	g := eventFor(t, func(c *event.Content) {
		c.Catering = true
		c.Questions = []event.Question{
			{Kind: event.TextQuestion, Label: "Vad vill du fråga?"},
			{Kind: event.ChoiceQuestion, Label: "Har du lämnat anbud?", Required: true, Options: []string{"Aldrig", "Ofta"}},
			{Kind: event.ChoicesQuestion, Label: "Vilka områden?", Options: []string{"Bygg", "IT", "Städ"}},
		}
	})
	ask, bid, areas := "q_"+g.ev.Questions[0].ID, "q_"+g.ev.Questions[1].ID, "q_"+g.ev.Questions[2].ID
	own := g.signsUp(func(f url.Values) { f.Set(bid, "Aldrig"); f[areas] = []string{"Bygg", "Städ"} })
	form := typed(own.sees().Find("#change form"))
	if got := form[areas]; !slices.Equal(got, []string{"Bygg", "Städ"}) || form.Get(bid) != "Aldrig" || form.Get("language") != "sv" {
		t.Fatalf("the form holds %v", form)
	}
	form.Set(ask, "Hur börjar jag?")
	form.Set(bid, "Ibland") // there is no such choice
	form.Set("last_name", "")
	form.Set("language", "nn")
	form.Set("diet", "Utan nötter")
	doc := own.page(own.post(own.path, form), http.StatusUnprocessableEntity)
	for _, field := range []string{"last_name", bid, "diet_consent"} {
		if doc.Find(`.error-summary a[href="#`+field+`"]`).Length() != 1 || doc.Find("#"+field+"-error").Length() != 1 {
			t.Errorf("no error at %s, or nothing leads to it", field)
		}
	}
	if got := typed(doc.Find("#change form")); got.Get(ask) != "Hur börjar jag?" || got.Get("language") != "nn" || got.Get("diet") != "Utan nötter" || !slices.Equal(got[areas], []string{"Bygg", "Städ"}) {
		t.Errorf("typed words are lost: %v", got)
	}
	form.Set(bid, "Ofta")
	form.Set("last_name", "Berg")
	form.Set("diet_consent", "1")
	doc = own.done(own.post(own.path, form))
	wants(t, plain(doc.Find("main")), "Ändringarna är sparade", "Åsa Berg")
	if got := own.now(); got.Language != "nn" || got.Diet != "Utan nötter" || got.LastName != "Berg" {
		t.Errorf("stored: %+v", got)
	}
	storetest.Read(t, g.s.DB, func(tx *store.Tx) error {
		answers, err := registration.Answers(t.Context(), tx, own.r.ID)
		if got := answers[g.ev.Questions[1].ID]; !slices.Equal(got, []string{"Ofta"}) {
			t.Errorf("the answer stored is %q", got)
		}
		return err
	})

	own.header = http.Header{"Accept-Language": {"de"}} // the page follows the person's own language then
	if got := own.sees().Find("html").AttrOr("lang", ""); got != "nn" {
		t.Errorf("the page is in %q", got)
	}
	own.clock.Set(own.ev.EndsAt)
	if own.sees().Find("#change").Length() > 0 {
		t.Error("after the event it can still be changed")
	}
	if w := own.post(own.path, form); w.Code != http.StatusConflict {
		t.Errorf("changed after the event: %d", w.Code)
	}
}

func TestAColleagueIsNamedInFull(t *testing.T) {
	own := eventFor(t, nil).signsUp(nil)
	form := url.Values{"colleague_first_name": {"Bo"}, "colleague_email": {"bo@people.example"}}
	doc := own.page(own.post(own.path+"/transfer", form), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Kollegans efternamn: Fyll i uppgiften")
	own.is(registration.Confirmed)
	doc = own.page(own.post(own.path+"/transfer", nil), http.StatusUnprocessableEntity)
	var fields []string
	for _, a := range doc.Find(".error-summary a").EachIter() {
		fields = append(fields, a.AttrOr("href", ""))
	}
	if want := []string{"#colleague_first_name", "#colleague_last_name", "#colleague_email"}; !slices.Equal(fields, want) {
		t.Errorf("the errors lead to %q", fields)
	}
}

func TestGivingUpThePlaceLateIsSaidBeforeAndAfter(t *testing.T) {
	own := eventFor(t, nil).signsUp(nil)
	wants(t, plain(own.sees().Find("#cancel")), "så kan någon annan få platsen")
	own.clock.Set(own.ev.LateFrom(event.Room))
	wants(t, plain(own.sees().Find("#cancel")), "räknas som en sen avanmälan")
	doc := own.done(own.post(own.path+"/cancel", nil))
	wants(t, plain(doc.Find("main")), "Du är avanmäld", "Sent avanmäld")
	if doc.Find("#cancel, #change, #transfer").Length() > 0 {
		t.Error("whoever is gone can still change something")
	}
	own.is(registration.LateCancelled)
	if got := own.letters(); got[len(got)-1] != message.LateCancelled {
		t.Errorf("letters: %q", got)
	}
	own.done(own.post(own.path+"/cancel", nil))
}

func TestThePageTellsWhoWasThereAndWhoStayedAway(t *testing.T) {
	g := eventFor(t, nil)
	there := g.signsUp(nil)
	away := g.signsUp(func(f url.Values) { f.Set("email", "bo@people.example"); f.Set("organisation", "none") })
	g.clock.Set(g.ev.StartsAt)
	g.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.Attend(ctx, tx, there.r.ID, registration.Present, audit.System)
		return err
	})
	g.clock.Set(g.ev.EndsAt)
	g.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.CloseEvent(ctx, tx, g.ev.ID, registrationtest.Organiser)
		return err
	})
	wants(t, plain(there.sees().Find(".facts")), "Närvarande")
	doc := away.sees()
	wants(t, plain(doc.Find(".facts")), "Uteblev")
	if doc.Find("main form").Length() > 0 {
		t.Error("after the event there are forms on the page")
	}
	for _, path := range []string{"/cancel", "/transfer", "/mode", "/answer"} {
		if w := there.post(there.path+path, url.Values{"mode": {"online"}, "answer": {"yes"}}); w.Code >= 500 {
			t.Errorf("%s after the event: %d", path, w.Code)
		}
	}
	there.is(registration.Attended)
}

func TestARequestIsTakenBackAndSaidToBeOne(t *testing.T) {
	g := eventFor(t, func(c *event.Content) { c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"procurer"} })
	own := g.signsUp(nil)
	own.is(registration.Requested)
	doc := own.sees()
	wants(t, plain(doc.Find("main")), "Förfrågan väntar på svar", "Arrangören avgör om du kan vara med")
	wants(t, plain(doc.Find("#cancel")), "Ta tillbaka din förfrågan")
	lacks(t, plain(doc.Find("#cancel")), "platsen")
	own.done(own.post(own.path+"/cancel", nil))
	own.is(registration.Cancelled)
}

func TestARefusedRequestSaysWhy(t *testing.T) {
	g := eventFor(t, func(c *event.Content) { c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"procurer"} })
	own := g.signsUp(nil)
	g.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.Reject(ctx, tx, own.r.ID, "Bara för inköpare den här gången.", registrationtest.Organiser)
		return err
	})
	wants(t, plain(own.sees().Find("main")), "Inte antagen", "Bara för inköpare den här gången.")
}
