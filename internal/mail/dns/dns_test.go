package dns

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/mail/dkim"
)

// zone answers what it holds; an empty list is a name that does not exist, and
// "down" a server that fails.
type zone struct {
	txt, host, addr map[string][]string
}

func answer(from map[string][]string, name string) ([]string, error) {
	found := from[strings.TrimSuffix(name, ".")]
	switch {
	case len(found) == 0:
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	case found[0] == "down":
		return nil, errors.New("server misbehaving")
	}
	return append([]string(nil), found...), nil
}

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) { return answer(z.txt, name) }
func (z zone) LookupHost(_ context.Context, name string) ([]string, error) {
	return answer(z.host, name)
}
func (z zone) LookupAddr(_ context.Context, a string) ([]string, error) { return answer(z.addr, a) }

func newKey(t *testing.T, domain string) *dkim.Key {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	k, err := dkim.New(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}), domain, "s1")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// look gives each finding as state, reason and line.
func look(t *testing.T, z zone, q Question) (found []string) {
	t.Helper()
	for _, f := range Look(t.Context(), z, q) {
		if (f.State == Right) != (f.Why == "") {
			t.Errorf("%+v", f)
		}
		found = append(found, strings.TrimSpace(string(f.State)+" "+f.What+" | "+f.Publish))
	}
	return found
}

func TestADomainThatHasEverythingIsRight(t *testing.T) {
	k := newKey(t, "region.example")
	z := zone{
		txt: map[string][]string{
			"post.region.example":          {"google-site-verification=x", "v=spf1 include:mail.example ~all"},
			"s1._domainkey.region.example": {k.Record()},
			"_dmarc.region.example":        {"v=DMARC1; p=reject; rua=mailto:a@region.example"},
		},
		host: map[string][]string{"mail.example": {"203.0.113.5", "2001:db8::5"}, "out.mail.example.": nil, "out.mail.example": {"203.0.113.5"}, "six.mail.example": {"2001:db8:0::5"}},
		addr: map[string][]string{"203.0.113.5": {"nobody.example.", "out.mail.example."}, "2001:db8::5": {"six.mail.example."}},
	}
	want := []string{"right SPF of post.region.example |", "right DKIM at s1._domainkey.region.example |", "right DMARC of post.region.example |", "right PTR of the mail server mail.example |"}
	if diff := cmp.Diff(want, look(t, z, Question{"post.region.example", k, "mail.example"})); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestWhatIsMissingComesWithTheLineToPublish(t *testing.T) {
	k := newKey(t, "region.example")
	z := zone{host: map[string][]string{"mail.example": {"203.0.113.5"}}}
	text := k.Record()
	want := []string{
		`warn SPF of region.example | region.example. IN TXT "v=spf1 a:mail.example -all"`,
		`wrong DKIM at s1._domainkey.region.example | s1._domainkey.region.example. IN TXT "` + text[:255] + `" "` + text[255:] + `"`,
		`warn DMARC of region.example | _dmarc.region.example. IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@region.example"`,
		`warn PTR of the mail server mail.example | 5.113.0.203.in-addr.arpa. IN PTR mail.example.`,
	}
	if diff := cmp.Diff(want, look(t, z, Question{"region.example", k, "mail.example"})); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestRecordsThatDoNotHelpAreSeen(t *testing.T) {
	k, other := newKey(t, "region.example"), newKey(t, "region.example")
	const spfName, keyName, dmarcName = "region.example", "s1._domainkey.region.example", "_dmarc.region.example"
	for _, tt := range []struct {
		name      string
		at        string
		published []string
		finding   int
		state     State
		why, line string
	}{
		{"two SPF records", spfName, []string{"v=spf1 mx ~all", "v=spf1 include:mail.example -all"}, 0, Warn, "2 records", `"v=spf1 mx include:mail.example -all"`},
		{"SPF for everybody", spfName, []string{"v=spf1 mx +all"}, 0, Warn, "everybody", `"v=spf1 mx -all"`},
		{"SPF of another version", spfName, []string{"v=spf10 -all"}, 0, Warn, "nothing says", "a:mail.example"},
		{"SPF that nobody can read", spfName, []string{"down"}, 0, Warn, "misbehaving", ""},
		{"another key", keyName, []string{other.Record()}, 1, Wrong, "another key", "p="},
		{"a key that was taken back", keyName, []string{"v=DKIM1; k=rsa; p="}, 1, Wrong, "another key", "p="},
		{"two keys", keyName, []string{other.Record(), k.Record()}, 1, Wrong, "2 records", "p="},
		{"a key that is tried out", keyName, []string{k.Record() + "; t=y"}, 1, Warn, "t=y", "p="},
		{"a key that nobody can read", keyName, []string{"down"}, 1, Warn, "misbehaving", ""},
		{"DMARC without a policy", dmarcName, []string{"v=DMARC1; rua=mailto:a@region.example"}, 2, Warn, "no policy", ""},
		{"two DMARC records", dmarcName, []string{"v=DMARC1; p=none", "v=DMARC1; p=reject"}, 2, Warn, "2 records", ""},
		{"DMARC that nobody can read", dmarcName, []string{"down"}, 2, Warn, "misbehaving", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := zone{txt: map[string][]string{tt.at: tt.published}}
			f := Look(t.Context(), z, Question{"region.example", k, "mail.example"})[tt.finding]
			if f.State != tt.state || !strings.Contains(f.Why, tt.why) || !strings.Contains(f.Publish, tt.line) || tt.line == "" && f.Publish != "" {
				t.Errorf("found %+v", f)
			}
		})
	}
}

func TestAStrictPolicyWantsTheSendersOwnDomain(t *testing.T) {
	z := zone{txt: map[string][]string{"_dmarc.region.example": {"v=DMARC1; p=none; adkim=s"}}}
	if f := Look(t.Context(), z, Question{"post.region.example", newKey(t, "region.example"), ""})[2]; f.State != Warn || !strings.Contains(f.Why, "adkim=s") {
		t.Errorf("found %+v", f)
	}
	if f := Look(t.Context(), z, Question{"region.example", newKey(t, "region.example"), ""})[2]; f.State != Right {
		t.Errorf("found %+v", f)
	}
}

func TestAnAddressWithoutANameThatLeadsBackIsSeen(t *testing.T) {
	z := zone{
		addr: map[string][]string{"203.0.113.5": {"out.mail.example."}, "203.0.113.6": {"down"}},
		host: map[string][]string{"out.mail.example": {"203.0.113.7"}, "inside.example": {"10.0.0.1"}},
	}
	for server, want := range map[string][2]string{
		"203.0.113.5":    {"leads back", "5.113.0.203.in-addr.arpa. IN PTR mail.region.example."},
		"203.0.113.6":    {"misbehaving", ""},
		"127.0.0.1":      {"this machine", ""},
		"inside.example": {"this network", ""},
		"gone.example":   {"no answer", ""},
		"":               {"no mail server", ""},
	} {
		f := Look(t.Context(), z, Question{"region.example", nil, server})[3]
		if f.State != Warn || !strings.Contains(f.Why, want[0]) || f.Publish != want[1] {
			t.Errorf("%s: %+v", server, f)
		}
	}
	if got := Reverse(netip.MustParseAddr("2001:db8::5")); got != "5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa." {
		t.Error(got)
	}
}

// silent never answers before it is told to stop.
type silent struct{}

func (silent) LookupTXT(ctx context.Context, _ string) ([]string, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
func (s silent) LookupHost(ctx context.Context, n string) ([]string, error) {
	return s.LookupTXT(ctx, n)
}
func (s silent) LookupAddr(ctx context.Context, n string) ([]string, error) {
	return s.LookupTXT(ctx, n)
}

func TestADNSThatIsSilentCostsNoMoreThanTheTimeGiven(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for _, f := range Look(ctx, silent{}, Question{"region.example", newKey(t, "region.example"), "mail.example"}) {
		if f.State != Warn || !strings.Contains(f.Why, "no answer") {
			t.Errorf("found %+v", f)
		}
	}
}
