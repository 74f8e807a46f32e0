package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"

	"stafett/internal/api"
	"stafett/internal/inbound"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// letterBack is a message that nobody waits for.
const letterBack = "From: anna@bygg.example\r\nSubject: Hej\r\nMessage-ID: <a@bygg.example>\r\n\r\nFinns det parkering?\r\n"

// media is the type of what an operation takes.
func media(path string) string {
	if strings.HasPrefix(path, "/mail/") {
		return "message/rfc822"
	}
	return "application/json"
}

// The description's reader must know that such a body is taken as it is.
func init() { openapi3filter.RegisterBodyDecoder("message/rfc822", openapi3filter.FileBodyDecoder) }

func withMail(o *api.Options) { o.MailFrom = "program@stafett.example" }

// letterSent signs Anna up, lets her letter have been sent, and gives its id.
func (w *world) letterSent() (id string) {
	w.t.Helper()
	event := w.published(webinar())
	w.signUp(event, w.everywhere, anna())
	storetest.Write(w.t, w.db, func(tx *store.Tx) (err error) {
		if _, err = store.Exec(ctx, tx, `UPDATE message SET status = 'sent', prepared_at = ?, done_at = ?`, store.At(tx.Now), store.At(tx.Now)); err != nil {
			return err
		}
		id, err = store.One(ctx, tx, store.Value[string], `SELECT id FROM message WHERE letter = 'E02'`)
		return err
	})
	return id
}

func bounce(id, email string) string {
	return "From: MAILER-DAEMON@mx.example\r\nMessage-ID: <b@mx.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n" +
		"To: bounce+" + id + "@stafett.example\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n" +
		"Final-Recipient: rfc822; " + email + "\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n"
}

func TestAMailSystemHandsInALetterThatCameBackWithATokenThatOpensNothingElse(t *testing.T) {
	w := newWorld(t, withMail)
	id := w.letterSent()
	var token string
	storetest.Write(t, w.db, func(tx *store.Tx) (err error) {
		token, _, err = user.NewToken(ctx, tx, user.MailSystem, "", "Postfix", time.Hour)
		return err
	})
	report := bounce(id, anna()["email"].(string))
	for range 2 {
		if r := w.do("POST", "/mail/inbound", token, report).want(http.StatusAccepted); string(r.body) != "{\"received\":true}\n" {
			t.Errorf("the answer is %q", r.body)
		}
	}
	if n := w.count(`SELECT count(*) FROM message WHERE id = ? AND status = 'failed' AND reason = 'came_back_no_address 5.1.1'`, id); n != 1 {
		t.Error("the letter is not marked")
	}
	if n := w.count(`SELECT count(*) FROM person WHERE email_failed_at IS NOT NULL`); n != 1 {
		t.Errorf("%d addresses are marked", n)
	}
	if n := w.count(`SELECT count(*) FROM inbound_message`); n != 1 {
		t.Errorf("%d messages are noted", n)
	}
	// The same for what is none of ours: who sends a report cannot find out.
	unknown := w.do("POST", "/mail/inbound?recipient=bounce%2Bnothing@stafett.example", token, letterBack).want(http.StatusAccepted)
	if string(unknown.body) != "{\"received\":true}\n" {
		t.Errorf("the answer is %q", unknown.body)
	}
	w.do("POST", "/events", token, webinar().String()).refused(http.StatusNotFound, "missing")
	w.do("POST", "/programmes", token, newProgramme().String()).refused(http.StatusForbidden, "denied")
	w.do("GET", "/events/"+w.create(webinar())+"/registrations", token, "").refused(http.StatusNotFound, "missing")
}

func TestAMessageIsTakenWholeOrNotAtAll(t *testing.T) {
	w := newWorld(t, withMail)
	message := func(size int) string { return letterBack + strings.Repeat("x", size-len(letterBack)) }
	w.do("POST", "/mail/inbound", w.administrator, message(inbound.MaxSize)).want(http.StatusAccepted)
	w.do("POST", "/mail/inbound", w.administrator, message(inbound.MaxSize+1)).refused(http.StatusRequestEntityTooLarge, "mail_too_large")
	w.do("POST", "/mail/inbound", w.administrator, letterBack, "Content-Type", "application/json").refused(http.StatusUnsupportedMediaType, "mail_type")
	w.do("POST", "/mail/inbound", w.administrator, "", "Content-Type", "message/rfc822").refused(http.StatusBadRequest, "body_required")
	if n := w.count(`SELECT count(*) FROM inbound_message`); n != 1 {
		t.Errorf("%d messages are noted", n)
	}
}

func TestAReportAboutALetterInHandIsToComeAgain(t *testing.T) {
	w := newWorld(t, withMail)
	id := w.letterSent()
	storetest.Write(t, w.db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE message SET status = 'waiting', done_at = NULL, leased_until = ?`, store.At(tx.Now.Add(time.Minute)))
		return err
	})
	r := w.do("POST", "/mail/inbound", w.administrator, bounce(id, anna()["email"].(string)))
	r.refused(http.StatusServiceUnavailable, "busy")
	if r.header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After is %q", r.header.Get("Retry-After"))
	}
}
