package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// With a key file the letters that arrive are signed, and another implementation
// than the one that signs finds the signature valid.
func TestServeSignsWithTheKeyOfTheFile(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}), 0o600); err != nil {
		t.Fatal(err)
	}
	file, _ := withSeminar(t)
	office := openPostOffice(t)
	p := begin(t, append(serveArgs(file, office), "--dkim-key-file", key, "--dkim-selector", "autumn")...)
	s := server{p, p.find(t, p.stderr, `"base_url":"(http://[^"]+)"`)[1]}
	s.signUp(t, 1)
	await(t, "a letter", func() bool { return office.count() == 1 })

	verify := exec.Command("/usr/bin/python3", "-c", `
import dkim, sys
asked = []
def txt(name, timeout=5):
    asked.append(name.decode().rstrip("."))
    return sys.argv[1].encode()
print(dkim.verify(sys.stdin.buffer.read(), dnsfunc=txt), *asked)`, "v=DKIM1; k=rsa; p="+base64.StdEncoding.EncodeToString(public))
	verify.Stdin = bytes.NewReader(office.letters()[0].data)
	out, err := verify.CombinedOutput()
	if want := "True autumn._domainkey.region.example\n"; err != nil || string(out) != want {
		t.Errorf("%v: %s, want %s\n%.900s", err, out, want, office.letters()[0].data)
	}
}
