package mail

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	ours "stafett/internal/mail/dkim"
)

func signingKey(t *testing.T) *ours.Key {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	k, err := ours.New(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "stafett.example", "s1")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestASignedLetterArrivesSignedAndEveryAttemptIsTheSame(t *testing.T) {
	w := newWorld(t)
	k := signingKey(t)
	with := settings()
	with.Sign = k.Sign
	w.mailer = w.newMailer(w.postman, with)
	w.signUp("Anna")
	w.postman.will(later)
	w.deliver()
	// Another key, and a program that was started anew: what is stored goes again.
	with.Sign = signingKey(t).Sign
	w.mailer = w.newMailer(w.postman, with)
	w.advance(time.Minute)
	w.deliver()
	wantOutbox(t, w, "E02 sent")
	wantSameEnvelopes(t, w, 2)
	data := w.postman.envelopes()[0].Data
	if bytes.Count(data, []byte("DKIM-Signature:")) != 1 {
		t.Fatalf("signatures in\n%.600s", data)
	}
	found, err := dkim.VerifyWithOptions(bytes.NewReader(data), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			if strings.TrimSuffix(name, ".") != k.Name() {
				t.Errorf("asked for %s", name)
			}
			return []string{k.Record()}, nil
		}})
	if err != nil || len(found) != 1 || found[0].Err != nil {
		t.Fatalf("verified as %+v, %v", found, err)
	}
}
