package dkim

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/mail/letter"
)

// key makes a new private key in PEM.
func key(t testing.TB, private crypto.Signer, err error, form string) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var der []byte
	if form == "RSA PRIVATE KEY" {
		der = x509.MarshalPKCS1PrivateKey(private.(*rsa.PrivateKey))
	} else if der, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: form, Bytes: der})
}

func rsaKey(t testing.TB, bits int, form string) []byte {
	private, err := rsa.GenerateKey(rand.Reader, bits)
	return key(t, private, err, form)
}

func edKey(t testing.TB) []byte {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return key(t, private, err, "PRIVATE KEY")
}

// letters are one about a place, with an invitation and a name that is encoded and
// folded, and one of news.
func letters(t *testing.T) map[string][]byte {
	t.Helper()
	plain := letter.Letter{
		ID: "018f3c2e-7d10-7b3a-9c51-2f6a8f0e4b11", Kind: "E02", Language: "sv", Date: time.Date(2027, 3, 4, 8, 30, 0, 0, time.UTC),
		FromName: "Upphandlingsdialog Dalarna och Hälsingland med ett långt namn", FromEmail: "program@region.example",
		ReplyToEmail: "maja.lind@region.example", ToName: `Öberg, Åsa "Ås"; x:y\z`, ToEmail: "asa@firma.example",
		Subject: "Du har en plats: Sociala krav som fungerar även i små upphandlingar, 4 mars", Text: "Hej Åsa!\n.\nSlut  \n\n", HTML: "<p>Hej Åsa!</p>\n",
		CalendarMethod: "REQUEST", Calendar: []byte("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"),
	}
	news := plain
	news.Kind, news.CalendarMethod, news.Calendar = "E28", "", nil
	news.UnsubscribeURL, news.UnsubscribeEmail = "https://program.example/u/abcdefghijklmnopqrstuvwxyz", "program@region.example"
	all := map[string][]byte{}
	for name, l := range map[string]letter.Letter{"a place": plain, "news": news} {
		b, err := l.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		all[name] = b
	}
	return all
}

// second verifies messages with another implementation, which is told the records
// of the domain.
const second = `
import base64, dkim, json, sys
asked = json.load(sys.stdin)
def txt(name, timeout=5):
    return asked["records"].get(name.decode().rstrip("."), "").encode() or None
print(json.dumps([dkim.verify(base64.b64decode(m), dnsfunc=txt) for m in asked["messages"]]))
`

func verify(t *testing.T, records map[string]string, messages ...[]byte) (valid []bool) {
	t.Helper()
	question, err := json.Marshal(map[string]any{"records": records, "messages": messages})
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("/usr/bin/python3", "-c", second)
	c.Stdin = bytes.NewReader(question)
	var wrong bytes.Buffer
	c.Stderr = &wrong
	answer, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s\nIs python3-dkim there? sh test/install-tools.sh", err, &wrong)
	}
	if err := json.Unmarshal(answer, &valid); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	return valid
}

func TestASecondImplementationVerifiesWhatWeSign(t *testing.T) {
	for name, text := range map[string][]byte{
		"RSA in PKCS #1":     rsaKey(t, 2048, "RSA PRIVATE KEY"),
		"RSA in PKCS #8":     rsaKey(t, 2048, "PRIVATE KEY"),
		"Ed25519 in PKCS #8": edKey(t),
	} {
		t.Run(name, func(t *testing.T) {
			k, err := New(text, "region.example", "autumn-2027")
			if err != nil {
				t.Fatal(err)
			}
			records := map[string]string{"autumn-2027._domainkey.region.example": k.Record()}
			for what, message := range letters(t) {
				signed, err := k.Sign(message)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.HasSuffix(signed, message) || !bytes.HasPrefix(signed, []byte("DKIM-Signature: ")) {
					t.Fatalf("%s: the message itself was changed", what)
				}
				replace := func(old, new string) []byte {
					changed := bytes.Replace(signed, []byte(old), []byte(new), 1)
					if bytes.Equal(changed, signed) {
						t.Fatalf("%s has no %q", what, old)
					}
					return changed
				}
				changes := map[string][]byte{
					"subject": replace("\r\nSubject:", "\r\nSubject: Re: "), "recipient": replace("asa@firma", "bo@firma"),
					"reply address": replace("maja.lind@", "maya.lind@"), "body": replace("Hej", "Nej"), "id": replace("\r\nMessage-ID: <0", "\r\nMessage-ID: <1"),
					"second From": replace("\r\nFrom:", "\r\nFrom: <king@region.example>\r\nFrom:"), "type": replace("boundary=", "Boundary=x"),
				}
				if what == "news" {
					changes["way out"] = replace("/u/abc", "/u/xyz")
					changes["one click"] = replace("One-Click", "Two-Click")
				}
				given, order := [][]byte{signed, replace("\r\nSubject:", "\r\nSUBJECT:   ")}, []string{"as it was signed", "with other spaces"}
				for name, changed := range changes {
					given, order = append(given, changed), append(order, name)
				}
				for i, valid := range verify(t, records, given...) {
					if want := i < 2; valid != want {
						t.Errorf("%s, %s: valid %v", what, order[i], valid)
					}
				}
				for line := range strings.SplitSeq(strings.SplitN(string(signed), "\r\n\r\n", 2)[0], "\r\n") {
					if len(line) > 200 {
						t.Errorf("%s: a line of %d: %s", what, len(line), line)
					}
				}
			}
		})
	}
}

func TestASignatureCoversWhatPeopleActOn(t *testing.T) {
	k, err := New(edKey(t), "region.example", "s1")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"a place": "From:Content-Type:Date:From:Message-Id:Mime-Version:Reply-To:Subject:To",
		"news":    "From:Content-Type:Date:From:List-Unsubscribe:List-Unsubscribe-Post:Message-Id:Mime-Version:Reply-To:Subject:To",
	}
	for what, message := range letters(t) {
		signed, err := k.Sign(message)
		if err != nil {
			t.Fatal(err)
		}
		field, _, _ := bytes.Cut(signed, message)
		tags := Tags(strings.TrimPrefix(regexp.MustCompile(`\s+`).ReplaceAllString(string(field), ""), "DKIM-Signature:"))
		fields := strings.Split(tags["h"], ":")
		slices.Sort(fields[1:])
		if diff := cmp.Diff(want[what], strings.Join(fields, ":")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		if tags["d"] != "region.example" || tags["s"] != "s1" || tags["c"] != "relaxed/relaxed" || tags["a"] != "ed25519-sha256" || tags["l"] != "" {
			t.Errorf("%s: %v", what, tags)
		}
	}
}

func TestAKeyThatCannotSignSaysWhy(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	good := edKey(t)
	for name, tt := range map[string]struct {
		text, domain, selector, want string
	}{
		"short":           {string(rsaKey(t, 1024, "RSA PRIVATE KEY")), "region.example", "s", "of 1024 bits: make one of 2048"},
		"another kind":    {string(key(t, ec, err, "PRIVATE KEY")), "region.example", "s", "another kind"},
		"no key":          {"hello", "region.example", "s", "no key in PEM"},
		"a public key":    {"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "region.example", "s", `no private key but "PUBLIC KEY"`},
		"a passphrase":    {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "region.example", "s", "passphrase"},
		"broken":          {"-----BEGIN PRIVATE KEY-----\n" + base64.StdEncoding.EncodeToString([]byte("secret")) + "\n-----END PRIVATE KEY-----\n", "region.example", "s", "broken"},
		"no domain":       {string(good), "region", "s", "no domain name"},
		"a bad selector":  {string(good), "region.example", "a b", "selector"},
		"a stray semicol": {string(good), "region.example; l=0", "s", "no domain name"},
	} {
		if _, err := New([]byte(tt.text), tt.domain, tt.selector); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFileThatOthersCanReadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dkim.pem")
	if _, err := Load(path, "region.example", "s"); err == nil {
		t.Error("no file, and no error")
	}
	if err := os.WriteFile(path, edKey(t), 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, ok := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: true, 0o644: false, 0o620: false, 0o604: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path, "region.example", "s")
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("%o: %v", mode, err)
		}
	}
}

func TestARecordIsOfThisKeyOrNot(t *testing.T) {
	k, err := New(rsaKey(t, 2048, "PRIVATE KEY"), "Region.Example", "S1")
	if err != nil {
		t.Fatal(err)
	}
	other, err := New(rsaKey(t, 2048, "PRIVATE KEY"), "region.example", "s1")
	if err != nil {
		t.Fatal(err)
	}
	if k.Name() != "s1._domainkey.region.example" {
		t.Error(k.Name())
	}
	for record, want := range map[string]bool{
		k.Record():                       true,
		"p=" + k.public():                true,
		"k=rsa;p=" + k.public() + ";t=y": true,
		"v=DKIM1; p=" + k.public()[:60] + " " + k.public()[60:]: true,
		other.Record():                        false,
		"v=DKIM1; k=rsa; p=":                  false,
		"v=DKIM1; k=ed25519; p=" + k.public(): false,
		"v=spf1 -all":                         false,
	} {
		if got := k.Published(record); got != want {
			t.Errorf("%q: %v", record, got)
		}
	}
	for sender, want := range map[string]bool{"region.example": true, "post.region.example": true, "example": true, "xregion.example": false, "other.example": false} {
		if got := k.Aligned(sender); got != want {
			t.Errorf("aligned with %s: %v", sender, got)
		}
	}
}
