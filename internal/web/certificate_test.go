package web

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// wasThere is an organiser's desk with one person who was at an event that has
// just ended, and that person's link.
func wasThere(t *testing.T) (d *desk, r registration.Registration, token string) {
	t.Helper()
	d = newDesk(t, nil)
	r = registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	d.clock.Set(registrationtest.Starts)
	attend(t, d.s, r.ID, registration.Present)
	d.clock.Set(registrationtest.Starts.Add(3 * time.Hour))
	d.again()
	return d, r, link(t, d.s, r, registration.Manage)
}

func attend(t *testing.T, s *Server, id string, m registration.Mark) {
	t.Helper()
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		_, err := registration.Attend(context.Background(), tx, id, m, registrationtest.Organiser)
		return err
	})
}

// makeOne presses the participant's button and gives the certificate's address.
func makeOne(t *testing.T, v *visitor, token string) string {
	t.Helper()
	w := v.post("/r/"+token+"/certificate", nil)
	at := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(at, "/certificate/") {
		t.Fatalf("status %d, to %q", w.Code, at)
	}
	return at
}

func TestAParticipantMakesACertificateWithTheButtonOnly(t *testing.T) {
	d, _, token := wasThere(t)
	v := newVisitor(t, d.s)
	doc := v.page(v.get("/r/"+token), http.StatusOK)
	if doc.Find(`form[action="/r/`+token+`/certificate"] button`).Length() != 1 || doc.Find("#certificate a").Length() != 0 {
		t.Fatal("opening the page made a certificate, or there is no button")
	}
	at := makeOne(t, v, token)
	if again := makeOne(t, v, token); again != at {
		t.Errorf("pressed twice: %s and %s", at, again)
	}
	doc = v.page(v.get("/r/"+token), http.StatusOK)
	if got := doc.Find("#certificate a").AttrOr("href", ""); got != at {
		t.Errorf("the page leads to %q", got)
	}
}

func TestNobodyHasAButtonBeforeTheEnd(t *testing.T) {
	d, r, token := wasThere(t)
	d.clock.Set(registrationtest.Starts.Add(time.Hour))
	v := newVisitor(t, d.s)
	if v.page(v.get("/r/"+token), http.StatusOK).Find("#certificate").Length() != 0 {
		t.Error("there is a button during the event")
	}
	doc := v.page(v.post("/r/"+token+"/certificate", nil), http.StatusConflict)
	wants(t, plain(doc.Find("main")), "Ett intyg kan bara ges till den som var med")
	d.clock.Set(registrationtest.Starts.Add(4 * time.Hour))
	attend(t, d.s, r.ID, registration.Absent)
	v.page(v.post("/r/"+token+"/certificate", nil), http.StatusConflict)
}

func TestAnybodyWithTheCodeSeesWhatTheCertificateSays(t *testing.T) {
	d, _, token := wasThere(t)
	v := newVisitor(t, d.s)
	at := makeOne(t, v, token)
	for _, address := range []string{at, strings.ToLower(at), strings.ReplaceAll(at, "-", "")} {
		doc := v.page(v.get(address), http.StatusOK)
		wants(t, plain(doc.Find("main")), "Intyget är äkta", "Person Nummer 1", "Sociala krav som fungerar", "Onsdag 10 mars 2027", "3 timmar", "Kristinehallen", "Exempelregionen", strings.TrimPrefix(at, "/certificate/"))
		lacks(t, plain(doc.Find("main")), registrationtest.Address(1))
		if doc.Find(`meta[name="robots"][content="noindex"]`).Length() != 1 || doc.Find(`a[href="`+at+`.pdf"]`).Length() != 1 {
			t.Error("search engines may keep the page, or there is no link to the PDF")
		}
	}
}

func TestTheCertificateIsAlsoAFile(t *testing.T) {
	d, _, token := wasThere(t)
	v := newVisitor(t, d.s)
	w := v.get(makeOne(t, v, token) + ".pdf")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF-")) || w.Header().Get("X-Robots-Tag") != "noindex" {
		t.Errorf("status %d, %v", w.Code, w.Header())
	}
}

func TestANameThatCannotBePrintedHasItsPageOnly(t *testing.T) {
	d, r, token := wasThere(t)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `UPDATE registration SET first_name = '小明', last_name = '🙂' WHERE id = ?`, r.ID)
		return err
	})
	v := newVisitor(t, d.s)
	at := makeOne(t, v, token)
	doc := v.page(v.get(at), http.StatusOK)
	wants(t, plain(doc.Find("main")), "小明 🙂", "Någon PDF-fil finns inte")
	if w := v.get(at + ".pdf"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != at {
		t.Errorf("the file: %d", w.Code)
	}
}

func TestACorrectedMarkAndAnErasedPersonAreSaidWithoutAName(t *testing.T) {
	for _, tt := range []struct {
		status registration.Status
		says   string
	}{
		{registration.NoShow, "Intyget gäller inte längre"},
		{registration.Erased, "Intyget har funnits"},
	} {
		t.Run(string(tt.status), func(t *testing.T) {
			d, r, token := wasThere(t)
			v := newVisitor(t, d.s)
			at := makeOne(t, v, token)
			storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
				_, err := store.Exec(context.Background(), tx, `UPDATE registration SET status = ? WHERE id = ?`, tt.status, r.ID)
				return err
			})
			doc := v.page(v.get(at), http.StatusOK)
			wants(t, plain(doc.Find("main")), tt.says, "Sociala krav som fungerar")
			lacks(t, plain(doc.Find("main")), "Nummer 1")
			if w := v.get(at + ".pdf"); w.Code != http.StatusSeeOther {
				t.Errorf("the file: %d", w.Code)
			}
		})
	}
}

func TestACodeIsTypedIntoAForm(t *testing.T) {
	d, _, token := wasThere(t)
	v := newVisitor(t, d.s)
	at := makeOne(t, v, token)
	v.page(v.get("/certificate"), http.StatusOK)
	typed := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(at, "/certificate/"), "-", "+"))
	if w := v.get("/certificate?code=" + typed); w.Code != http.StatusSeeOther || w.Header().Get("Location") != at {
		t.Errorf("%s: %d to %s", typed, w.Code, w.Header().Get("Location"))
	}
	doc := v.page(v.get("/certificate?code=7K2M"), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find("#code-error")), "Skriv alla 16 tecken")
	if got := doc.Find("#code").AttrOr("value", ""); got != "7K2M" {
		t.Errorf("what was typed has become %q", got)
	}
}

func TestUnknownCodesAreRefusedAndSlowedDown(t *testing.T) {
	s := newServer(t, func(o *Options) { o.Limits.UnknownMinute = 2 })
	v := newVisitor(t, s)
	for range 2 {
		doc := v.page(v.get("/certificate/0000-0000-0000-0000"), http.StatusNotFound)
		wants(t, plain(doc.Find("#code-error")), "Inget intyg har den här koden")
	}
	v.page(v.get("/certificate/0000-0000-0000-0001.pdf"), http.StatusTooManyRequests)
}

func TestAnOrganiserMakesCertificatesForAllWhoWereThere(t *testing.T) {
	d, _, token := wasThere(t)
	address := "/admin/events/" + d.ev.ID + "/certificates"
	if got := d.page(d.get("/admin/events/"+d.ev.ID), http.StatusOK).Find(`a[href="` + address + `"]`).Length(); got != 1 {
		t.Errorf("%d links from the event's page", got)
	}
	doc := d.page(d.get(address), http.StatusOK)
	wants(t, plain(doc.Find("main")), "Skapa intyg för 1 person", "Person Nummer 1", "Inte skapat")
	if w := d.post(address, nil); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d", w.Code)
	}
	doc = d.page(d.get(address), http.StatusOK)
	lacks(t, plain(doc.Find("main")), "Skapa intyg för")
	at := makeOne(t, newVisitor(t, d.s), token)
	if got := doc.Find(`td a`).First().AttrOr("href", ""); got != at {
		t.Errorf("the list leads to %q, the participant's page to %q", got, at)
	}
}

func TestCertificatesOfAnotherProgrammeAreNotThere(t *testing.T) {
	d, _, _ := wasThere(t)
	d.enter("other@region.example")
	for _, w := range []int{d.get("/admin/events/" + d.ev.ID + "/certificates").Code, d.post("/admin/events/"+d.ev.ID+"/certificates", nil).Code} {
		if w != http.StatusNotFound && w != http.StatusForbidden {
			t.Errorf("status %d", w)
		}
	}
}

func TestNoCertificatesAreMadeForAllBeforeTheEnd(t *testing.T) {
	d := newDesk(t, nil)
	r := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1)
	d.clock.Set(registrationtest.Starts)
	attend(t, d.s, r.ID, registration.Present)
	d.again()
	address := "/admin/events/" + d.ev.ID + "/certificates"
	wants(t, plain(d.page(d.get(address), http.StatusOK).Find("main")), "Evenemanget är inte slut än")
	if w := d.post(address, nil); w.Code != http.StatusConflict {
		t.Errorf("status %d", w.Code)
	}
}
