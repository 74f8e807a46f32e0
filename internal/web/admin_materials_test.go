package web

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestMaterialsAreAddedSeenAndSent(t *testing.T) {
	d := newDesk(t, nil)
	v := newVisitor(t, d.s)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	var token string
	storetest.Write(t, d.s.DB, func(tx *store.Tx) (err error) {
		token, err = registration.NewLink(t.Context(), tx, r, d.ev, registration.Manage)
		return err
	})
	if d.see(d.at("")).Find(`a[href="`+d.at("/materials")+`"]`).Length() != 1 {
		t.Error("nothing leads to the page")
	}
	film := url.Values{"title": {"Filmen"}, "url": {"https://film.example/1"}, "recording": {"1"}}
	doc := d.refusal(d.at("/materials"), film, http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "utan undertexter")
	if doc.Find("#title").AttrOr("value", "") != "Filmen" || doc.Find("#recording[checked]").Length() != 1 {
		t.Error("what was typed is lost")
	}
	lacks(t, plain(v.page(v.get("/r/"+token), http.StatusOK).Find("main")), "Filmen")
	film.Set("captions", "1")
	doc = d.see(d.send(d.at("/materials"), film))
	wants(t, plain(doc.Find("main")), "Länken är tillagd", "Filmen", "film.example · inspelning med undertexter", "Brevet kan skickas när evenemanget är slut")
	if a := v.page(v.get("/r/"+token), http.StatusOK).Find(`#materials a[href="https://film.example/1"]`); a.Length() != 1 {
		t.Error("whoever has a place does not see it")
	}

	d.clock.Set(d.ev.EndsAt.Add(time.Hour))
	d.again()
	doc = d.see(d.at("/materials"))
	wants(t, plain(doc.Find("main")), "Till den enda som hade en plats")
	form := typed(doc.Find(`form[action$="/materials/send"]`))
	form.Set("message", "Tack för frågorna!")
	wants(t, plain(d.see(d.send(d.at("/materials/send"), form)).Find("main")), "Ett brev är på väg", "Den enda som hade en plats har fått brevet")
	newest := d.messages(r)
	if m := newest[len(newest)-1]; m.Letter != message.Materials || m.Details.Reason != "Tack för frågorna!" {
		t.Errorf("the newest letter is %+v", m)
	}
	wants(t, plain(d.refusal(d.at("/materials/send"), form, http.StatusConflict).Find("main")), "har redan fått det")
	remove := typed(d.see(d.at("/materials")).Find(`form[action$="/materials/remove"]`))
	wants(t, plain(d.see(d.send(d.at("/materials/remove"), remove)).Find("main")), "Länken är borttagen", "Inget material än")
	wants(t, plain(d.see(d.at("")).Find("main")), "Material lades till", "Material skickades ut")
}
