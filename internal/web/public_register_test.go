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
		{"in the room, in good time", nil, 20 * 24 * time.Hour, "Falun", "De kommer onsdag 3 mars 2027 kl. 09.00; tisdag 9 mars 2027 kl. 09.00", "10 mars"},
		{"in the room, late", nil, 7 * 24 * time.Hour, "Falun", "Den kommer tisdag 9 mars 2027 kl. 09.00", "3 mars"},
		{"online, in good time", registrationtest.Online, 20 * 24 * time.Hour, "Digitalt", "De kommer tisdag 9 mars 2027 kl. 09.00; onsdag 10 mars 2027 kl. 08.00", "3 mars"},
		{"online, late", registrationtest.Online, 24 * time.Hour, "Digitalt", "Den kommer onsdag 10 mars 2027 kl. 08.00", "9 mars"},
		{"online, within the hour before the last", registrationtest.Online, 90 * time.Minute, "Digitalt", "Du får ett mejl", "Du får en påminnelse"},
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
