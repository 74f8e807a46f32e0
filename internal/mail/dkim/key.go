// Package dkim signs letters with a key of our own (RFC 6376), so that a mail
// server far away can tell that they come from the sender's domain and were not
// changed. It is not needed where the mail server that we hand letters to signs.
package dkim

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// shortest is how many bits an RSA key has at least: RFC 8301 3.2 advises 2048,
// and large receivers ask for them.
const shortest = 2048

// Key signs for one domain.
type Key struct {
	Domain   string // d=: that of the sender, or one above it
	Selector string // s=: under which name the domain publishes the key
	private  crypto.Signer
}

// Load reads a private key, RSA or Ed25519, in PEM (PKCS #1 or #8), from a file
// that others may not read. The errors are for the operator: what is wrong and
// what to do, and never what the file holds.
func Load(path, domain, selector string) (*Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder", path)
	}
	if info.Mode().Perm()&0o027 != 0 {
		return nil, fmt.Errorf("%s can be read or changed by others than its owner and group: chmod 600 %s", path, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	k, err := New(text, domain, selector)
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	return k, nil
}

var (
	domainName   = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)
	selectorName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)
)

// New makes a key of the text of such a file.
func New(text []byte, domain, selector string) (*Key, error) {
	k := &Key{Domain: strings.ToLower(domain), Selector: strings.ToLower(selector)}
	if !domainName.MatchString(k.Domain) {
		return nil, errors.New("cannot sign: the domain is no domain name such as region.example")
	}
	if !selectorName.MatchString(k.Selector) {
		return nil, errors.New("cannot sign: the selector has other signs than letters, digits, hyphens and dots")
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("holds no key in PEM: it must begin with -----BEGIN PRIVATE KEY----- or -----BEGIN RSA PRIVATE KEY-----")
	}
	return k, k.read(block)
}

func (k *Key) read(block *pem.Block) error {
	var any any
	var err error
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
		return errors.New("holds a key with a passphrase, which nobody could type at a start: write it without one")
	case block.Type == "RSA PRIVATE KEY":
		any, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case block.Type == "PRIVATE KEY":
		any, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	default:
		return fmt.Errorf("holds no private key but %q", block.Type)
	}
	if err != nil {
		return errors.New("holds a private key that is broken")
	}
	switch private := any.(type) {
	case *rsa.PrivateKey:
		if bits := private.N.BitLen(); bits < shortest {
			return fmt.Errorf("holds an RSA key of %d bits: make one of %d", bits, shortest)
		}
		k.private = private
	case ed25519.PrivateKey:
		k.private = private
	default:
		return errors.New("holds a key of another kind than RSA and Ed25519")
	}
	return nil
}

// Aligned reports whether a receiver takes the signature for the sender's own
// (RFC 7489 3.1.1): both domains are the same, or one is below the other.
func (k *Key) Aligned(sender string) bool {
	sender = strings.ToLower(sender)
	return sender == k.Domain || strings.HasSuffix(sender, "."+k.Domain) || strings.HasSuffix(k.Domain, "."+sender)
}

// Name is where the domain publishes the public key.
func (k *Key) Name() string { return k.Selector + "._domainkey." + k.Domain }

// Record is what it publishes there, as one text.
func (k *Key) Record() string { return "v=DKIM1; k=" + k.kind() + "; p=" + k.public() }

func (k *Key) kind() string {
	if _, ok := k.private.(ed25519.PrivateKey); ok {
		return "ed25519"
	}
	return "rsa"
}

// public is the public key as it is published (RFC 6376 3.6.1, RFC 8463 4.2).
func (k *Key) public() string {
	if public, ok := k.private.Public().(ed25519.PublicKey); ok {
		return base64.StdEncoding.EncodeToString(public)
	}
	der, err := x509.MarshalPKIXPublicKey(k.private.Public())
	if err != nil {
		return "" // cannot be: the key was read from the same form
	}
	return base64.StdEncoding.EncodeToString(der)
}

// Published reports whether a record of the domain holds this key.
func (k *Key) Published(record string) bool {
	tags := Tags(record)
	if v, given := tags["v"]; given && v != "DKIM1" {
		return false
	}
	kind, given := tags["k"]
	if !given {
		kind = "rsa"
	}
	return kind == k.kind() && strings.Join(strings.Fields(tags["p"]), "") == k.public()
}

// Tags reads a record of the form "a=b; c=d", as DKIM and DMARC have it. Of a tag
// that comes twice the first counts.
func Tags(record string) map[string]string {
	tags := map[string]string{}
	for part := range strings.SplitSeq(record, ";") {
		name, value, found := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		if _, twice := tags[name]; found && !twice {
			tags[name] = strings.TrimSpace(value)
		}
	}
	return tags
}
