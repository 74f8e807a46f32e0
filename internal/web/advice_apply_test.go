package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"stafett/internal/advisory"
	"stafett/internal/application"
	"stafett/internal/audit"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// The way to the form for support is shown once, and when there is such a form.
func TestTheWayToApplyIsThereWhenThePotIs(t *testing.T) {
	w := newCounsel(t, func(p *advisory.Programme) { p.Prerequisite, p.CapPer = advisory.Application, advisory.PerProject })
	own := w.visitor(w.anna)
	look := func(want int) {
		t.Helper()
		for _, path := range []string{"/advice/radgivning", "/me/advice/radgivning"} {
			doc := own.page(own.get(path), http.StatusOK)
			if n := doc.Find(`a[href="/advice/radgivning/apply"]`).Length(); n != want {
				t.Errorf("%s has %d ways to apply, want %d", path, n, want)
			}
			if says := strings.Contains(doc.Find("main").Text(), "Det går inte att ansöka än"); says != (want == 0) {
				t.Errorf("%s says that one cannot apply: %v", path, says)
			}
		}
	}
	look(0)
	storetest.Write(t, w.s.DB, func(tx *store.Tx) error {
		s := application.StandardScheme(w.advice.ID, "SEK")
		s.PotMinor, s.MostMinor = 1000000, 500000
		return application.SetScheme(context.Background(), tx, s, audit.Command)
	})
	look(1)
}
