package web

import (
	"net/http"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store/storetest"
)

func TestPeopleComeFromAcrossTheBorder(t *testing.T) {
	for _, tt := range []struct {
		name, typed string
		want        municipality.Code
	}{
		{"their own country", "Mora", municipality.Code{Country: "SE", Number: "2062"}},
		{"the other country", "Trysil", municipality.Code{Country: "NO", Number: "3421"}},
		{"a namesake with its county", "Herøy (Nordland)", municipality.Code{Country: "NO", Number: "1818"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, nil)
			ev := registrationtest.Event(t, s.DB, nil)
			v := newVisitor(t, s)
			form := signUp()
			form.Set("municipality", tt.typed)
			if w := v.post("/events/"+ev.Slug+"/register", form); w.Code != http.StatusSeeOther {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			if got := registrations(t, s, ev.ID)[0].Municipality; got != tt.want {
				t.Errorf("stored: %+v", got)
			}
		})
	}
}

func TestTheFormTellsWhatTheEventCosts(t *testing.T) {
	s := newServer(t, nil)
	free := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	wants(t, plain(v.page(v.get("/events/"+free.Slug+"/register"), http.StatusOK).Find("main")), "Det kostar inget att anmäla sig")
	priced := registrationtest.Event(t, s.DB, func(c *event.Content) { c.Title, c.PriceMinor = "En kursdag", 45000 })
	form := plain(v.page(v.get("/events/"+priced.Slug+"/register"), http.StatusOK).Find("main"))
	wants(t, form, "Evenemanget kostar 450 kr")
	lacks(t, form, "Det kostar inget")
}

func TestThePageAfterSigningUpPromisesOnlyWhatComes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*event.Content)
		before time.Duration
		place  string
		want   string
		not    string
	}{
		{"in the room, in good time", nil, 20 * 24 * time.Hour, "Falun", "en vecka före", "kortare tid"},
		{"in the room, late", nil, 7 * 24 * time.Hour, "Falun", "kortare tid", "en vecka före"},
		{"online, in good time", registrationtest.Online, 20 * 24 * time.Hour, "Digitalt", "en arbetsdag före och en timme före", "så långt kvar"},
		{"online, late", registrationtest.Online, 24 * time.Hour, "Digitalt", "så långt kvar", "före och en timme före"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var clock *storetest.Clock
			s := newServer(t, func(o *Options) { o.DB, clock = storetest.New(t) })
			ev := registrationtest.Event(t, s.DB, tt.change)
			clock.Set(registrationtest.Starts.Add(-tt.before))
			v := newVisitor(t, s)
			w := v.post("/events/"+ev.Slug+"/register", signUp())
			doc := v.page(v.get(w.Header().Get("Location")), http.StatusOK)
			wants(t, plain(doc.Find(".ds-alert")), tt.place)
			steps := plain(doc.Find(".steps"))
			wants(t, steps, tt.want)
			lacks(t, steps, tt.not)
		})
	}
}

func TestWhoJoinsOnlineIsNotSentToTown(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, registrationtest.Hybrid)
	v := newVisitor(t, s)
	form := signUp()
	form.Set("mode", "online")
	w := v.post("/events/"+ev.Slug+"/register", form)
	notice := plain(v.page(v.get(w.Header().Get("Location")), http.StatusOK).Find(".ds-alert"))
	wants(t, notice, "Digitalt")
	lacks(t, notice, "Falun")
}
