package web

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"stafett/internal/registration/registrationtest"
)

func TestMarkingTooEarlyIsRefusedWithTheTimeFromWhichItIsPossible(t *testing.T) {
	d := newDesk(t, nil)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	d.clock.Set(registrationtest.Starts.Add(-time.Hour - time.Second))
	d.again()
	for lang, says := range map[string]string{
		"sv": "Närvaro kan noteras från onsdag 10 mars 2027 kl. 08.00.",
		"nb": "Oppmøte kan registreres fra onsdag 10. mars 2027 kl. 08:00.",
		"nn": "Frammøte kan registrerast frå onsdag 10. mars 2027 kl. 08:00.",
		"en": "Attendance can be recorded from Wednesday 10 March 2027 08:00.",
	} {
		d.header.Set("Accept-Language", lang)
		doc := d.page(d.post("/admin/registrations/"+r.ID+"/attendance", url.Values{"mark": {"present"}}), http.StatusConflict)
		wants(t, plain(doc.Find("[data-error-summary]")), says)
	}
}
