package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"
)

func TestCheckNamesWhatIsWrong(t *testing.T) {
	inherit(t)
	names := openNames(t, map[string]string{})
	out, err := command(t, "check", "--database", filepath.Join(t.TempDir(), "none.db"), "--base-url", "program.example", "--mail-from", "x", "--smtp", "smtp://127.0.0.1:1", "--company-register", "brreg", "--imap", "imap://me:hemligt@127.0.0.1:1", "--dns-server", names)
	if err == nil {
		t.Error("a wrong set-up is found right")
	}
	var wrong []string
	for line := range strings.Lines(out) {
		if w, ok := strings.CutPrefix(line, "wrong  "); ok {
			what, _, _ := strings.Cut(w, ":")
			wrong = append(wrong, what)
		}
	}
	if diff := cmp.Diff([]string{"base address", "sender", "register of companies", "database and schema", "mail server", "mailbox"}, wrong); diff != "" {
		t.Errorf("what is wrong (-want +got):\n%s\n%s", diff, out)
	}
}

func TestCheckOfARightSetUp(t *testing.T) {
	inherit(t)
	post := openPostOffice(t)
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}), 0o600); err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	record := "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public)
	args := func(names string) []string {
		return []string{"check", "--database", newDatabase(t), "--base-url", "https://program.example", "--mail-from", sender, "--smtp", post.url(), "--dkim-key-file", file, "--dns-server", names}
	}
	const settings = "right  base address\nright  sender\nright  register of companies\nright  clock\nright  database and schema\nright  integrity\nright  mail server\n"
	const ptr = "warn   PTR of the mail server 127.0.0.1: it is on this machine or in this network; ask dig -x of the address by which mail leaves it\n"

	out := done(t, args(openNames(t, map[string]string{
		"region.example.": "v=spf1 mx -all", "stafett._domainkey.region.example.": record, "_dmarc.region.example.": "v=DMARC1; p=quarantine",
	}))...)
	want := settings + "right  SPF of region.example\nright  DKIM at stafett._domainkey.region.example\nright  DMARC of region.example\n" + ptr
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("everything is published (-want +got):\n%s", diff)
	}

	out, err = command(t, args(openNames(t, map[string]string{}))...)
	if err == nil {
		t.Error("letters are signed with a key that nobody can look up, and that is right")
	}
	want = settings + `warn   SPF of region.example: nothing says who may send for the domain; if the mail server's operator names another record, take that
       publish: region.example. IN TXT "v=spf1 mx -all"
wrong  DKIM at stafett._domainkey.region.example: the key that letters are signed with is not published
       publish: stafett._domainkey.region.example. IN TXT "` + record[:255] + `" "` + record[255:] + `"
warn   DMARC of region.example: nothing is published; large receivers refuse who sends much without it. Watch the reports, then change p=none to p=quarantine
       publish: _dmarc.region.example. IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@region.example"
` + ptr
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("nothing is published (-want +got):\n%s", diff)
	}
}

// openNames is a DNS server that knows these texts and says of every other name
// that it does not exist; it gives its address.
func openNames(t *testing.T, texts map[string]string) string {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		for buf := make([]byte, 1500); ; {
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) == 0 {
				continue
			}
			q := m.Questions[0]
			answer := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, RCode: dnsmessage.RCodeNameError}, Questions: m.Questions}
			if text := texts[q.Name.String()]; text != "" && q.Type == dnsmessage.TypeTXT {
				var parts []string
				for part := range slices.Chunk([]byte(text), 255) {
					parts = append(parts, string(part))
				}
				answer.RCode = dnsmessage.RCodeSuccess
				answer.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}, Body: &dnsmessage.TXTResource{TXT: parts}}}
			}
			if packed, err := answer.Pack(); err == nil {
				server.WriteTo(packed, from)
			}
		}
	}()
	return server.LocalAddr().String()
}
