package web

import (
	"net/http"
	"net/url"
	"testing"

	"stafett/internal/event"
	"stafett/internal/registration"
)

func TestTheEventsPageSaysBeforehandWhoCanSignUpAndHow(t *testing.T) {
	invited := func(c *event.Content) { c.AudienceMode = event.AudienceInvite }
	asking := func(c *event.Content) { c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"procurer", "buyer"} }
	local := func(c *event.Content) { c.OwnMunicipality = true }
	proving := func(c *event.Content) { c.ConfirmEmail = true }
	for name, tt := range map[string]struct {
		change []func(*event.Content)
		says   map[string][]string // by language
	}{
		"by invitation": {[]func(*event.Content){invited}, map[string][]string{
			"sv": {"Bara för inbjudna", "Öppna länken i inbjudan eller skriv koden", "Har du ingen inbjudan? Hör av dig till Ida Lind", "ida.lind@example.se"},
			"nb": {"Bare for inviterte", "Åpne lenken i invitasjonen eller skriv koden", "Har du ingen invitasjon? Ta kontakt med Ida Lind"},
			"nn": {"Berre for inviterte", "Opne lenka i invitasjonen eller skriv koden", "Har du ingen invitasjon? Ta kontakt med Ida Lind"},
			"en": {"By invitation only", "Open the link in the invitation or enter the code", "No invitation? Please contact Ida Lind"},
		}},
		"the organiser decides": {[]func(*event.Content){asking}, map[string][]string{
			"sv": {"Vem kan vara med?", "Evenemanget riktar sig till: upphandlare, inköpare eller beställare.", "avgör arrangören inom tre arbetsdagar"},
			"nb": {"Hvem kan være med?", "Arrangementet er rettet mot", "avgjør arrangøren innen tre arbeidsdager"},
			"nn": {"Kven kan vere med?", "Arrangementet er retta mot", "avgjer arrangøren innan tre arbeidsdagar"},
			"en": {"Who can take part?", "The event is meant for", "the organiser decides within three working days"},
		}},
		"workplaces of the municipality": {[]func(*event.Content){local}, map[string][]string{
			"sv": {"Vem kan vara med?", "Arbetsplatsen ska ligga i Falun.", "avgör arrangören"},
			"nb": {"Arbeidsplassen skal ligge i Falun."},
			"nn": {"Arbeidsplassen skal liggje i Falun."},
			"en": {"Your workplace must be in Falun."},
		}},
		"an audience of the municipality": {[]func(*event.Content){asking, local}, map[string][]string{
			"sv": {"Evenemanget riktar sig till: upphandlare, inköpare eller beställare. Arbetsplatsen ska ligga i Falun."},
		}},
		"with a proved address": {[]func(*event.Content){proving}, map[string][]string{
			"sv": {"E-postadressen ska bekräftas", "Vi skickar en länk och håller platsen medan du bekräftar, som längst ett dygn"},
			"nb": {"E-postadressen skal bekreftes", "holder av plassen mens du bekrefter, høyst ett døgn"},
			"nn": {"E-postadressa skal stadfestast", "held av plassen medan du stadfestar, høgst eitt døgn"},
			"en": {"Your email address has to be confirmed", "for 24 hours at most"},
		}},
		"by invitation, with a proved address": {[]func(*event.Content){invited, proving}, map[string][]string{
			"sv": {"Bara för inbjudna", "E-postadressen ska bekräftas: vi skickar en länk"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			g := eventFor(t, func(c *event.Content) {
				for _, change := range tt.change {
					change(c)
				}
			})
			for lang, words := range tt.says {
				doc := g.page(g.get("/events/"+g.ev.Slug+"?lang="+lang), http.StatusOK)
				wants(t, plain(doc.Find(".event-header #who-may")), words...)
				if name != "with a proved address" {
					lacks(t, plain(doc.Find("main")), "välkommen att anmäla dig", "velkommen til å melde", "velkomen til å melde", "You are welcome")
				}
				if lang == "sv" && tt.change[0] != nil && name != "by invitation" && name != "by invitation, with a proved address" {
					wants(t, plain(g.page(g.get("/events/"+g.ev.Slug+"/register?lang=sv"), http.StatusOK).Find("#who-may")), words[1:]...)
				}
			}
		})
	}
	open := eventFor(t, nil)
	doc := open.page(open.get("/events/"+open.ev.Slug), http.StatusOK)
	wants(t, plain(doc.Find("main")), "Även du som inte finns i listan är välkommen")
	if doc.Find("#who-may").Length() > 0 {
		t.Error("an event for all tells who can sign up")
	}
}

func TestAnEventThatIsOffTellsNobodyHowToSignUp(t *testing.T) {
	g := eventFor(t, func(c *event.Content) { c.AudienceMode = event.AudienceInvite })
	g.clock.Set(g.ev.EndsAt)
	if g.page(g.get("/events/"+g.ev.Slug), http.StatusOK).Find("#who-may").Length() > 0 {
		t.Error("it has been, and tells how to sign up")
	}
}

func TestTheCalendarMarksWhatIsByInvitation(t *testing.T) {
	g := eventFor(t, func(c *event.Content) { c.AudienceMode = event.AudienceInvite })
	wants(t, plain(g.page(g.get("/events"), http.StatusOK).Find(".event-list")), "bara för inbjudna")
}

func TestWhoeverWorksElsewhereAsksTheOrganiser(t *testing.T) {
	g := eventFor(t, func(c *event.Content) { c.OwnMunicipality = true })
	elsewhere := g.signsUp(nil) // in Mora
	elsewhere.is(registration.Requested)
	here := g.signsUp(func(f url.Values) {
		f.Set("email", "bo@people.example")
		f.Set("municipality", "Falun")
	})
	here.is(registration.Confirmed)
}

func TestThePageAfterSigningUpSaysWhatIsLeftToDo(t *testing.T) {
	form := signUp()
	for want, change := range map[string]func(*event.Content){
		"Din förfrågan är mottagen":        func(c *event.Content) { c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"procurer"} },
		"Ett steg kvar: bekräfta adressen": func(c *event.Content) { c.ConfirmEmail = true },
	} {
		g := eventFor(t, change)
		doc := g.done(g.post("/events/"+g.ev.Slug+"/register", form))
		if got := plain(doc.Find("h1")); got != want {
			t.Errorf("the heading is %q, want %q", got, want)
		}
	}
}
