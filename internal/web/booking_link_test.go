package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"stafett/internal/advisory"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestALettersLinkOpensOneBookingAndNothingElse(t *testing.T) {
	w := newCounsel(t, nil)
	b := w.booked(w.anna.ID)
	token := ""
	storetest.Write(t, w.s.DB, func(tx *store.Tx) (err error) {
		token, err = advisory.NewLink(context.Background(), tx, b)
		return err
	})
	v := newVisitor(t, w.s) // who has not signed in
	doc := v.page(v.get("/b/"+token), http.StatusOK)
	if text := doc.Find("main").Text(); !strings.Contains(text, "Eva Rådgivare") || !strings.Contains(text, need) {
		t.Errorf("the link shows %s", text)
	}
	if doc.Find(`form[action="/b/`+token+`/cancel"]`).Length() != 1 || doc.Find(`a[href="/b/`+token+`/move"]`).Length() != 1 {
		t.Error("the page does not stay with the link")
	}
	if code := v.get("/me/bookings/" + b.ID).Code; code == http.StatusOK {
		t.Error("the link has signed its reader in")
	}
	times := v.page(v.get("/b/"+token+"/move"), http.StatusOK)
	to, _ := times.Find(`form[action="/b/` + token + `/move"] button[name="to"]`).First().Attr("value")
	if at := v.post("/b/"+token+"/move", url.Values{"to": {to}}).Header().Get("Location"); at != "/b/"+token+"?done=booking_moved" {
		t.Errorf("moving to %q leads to %q", to, at)
	}
	if at := v.post("/b/"+token+"/cancel", url.Values{}).Header().Get("Location"); at != "/b/"+token+"?done=booking_cancelled" {
		t.Errorf("cancelling leads to %q", at)
	}
	storetest.Read(t, w.s.DB, func(tx *store.Tx) error {
		got, err := advisory.BookingByID(context.Background(), tx, b.ID)
		if got.Status != advisory.Cancelled || got.Reschedules != 1 {
			t.Errorf("the booking is %s and was moved %d times", got.Status, got.Reschedules)
		}
		return err
	})
	for _, wrong := range []string{"nothing", b.ID, token + "x"} {
		if code := v.get("/b/" + wrong).Code; code != http.StatusNotFound {
			t.Errorf("the link %q answers %d", wrong, code)
		}
	}
}
