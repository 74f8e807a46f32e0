// Package dns looks at what the sender's domain publishes about its mail, as
// receivers do: who may send for it (SPF, RFC 7208), with which key it signs
// (DKIM, RFC 6376), what is to become of the rest (DMARC, RFC 7489), and what the
// mail server's address is called (PTR). It says what to publish where something
// is missing.
package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"stafett/internal/mail/dkim"
)

// Resolver is asked; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupHost(ctx context.Context, host string) ([]string, error)
	LookupAddr(ctx context.Context, address string) ([]string, error)
}

// Question is what is looked at.
type Question struct {
	Domain string    // of the sender, and of the envelope
	Key    *dkim.Key // that signs here; nil: the mail server signs
	Server string    // the mail server's name or address; empty: not known
}

// State is how it stands with one thing.
type State string

// The states. Wrong does harm; what is warned of makes some receivers refuse.
const (
	Right State = "right"
	Warn  State = "warn"
	Wrong State = "wrong"
)

// Finding is what is true of one thing.
type Finding struct {
	What    string
	State   State
	Why     string // empty when right
	Publish string // a line of a zone file that would mend it, or nothing
}

// Look asks all at the same time, for as long as ctx lasts.
func Look(ctx context.Context, r Resolver, q Question) []Finding {
	looks := []func(context.Context, Resolver, Question) Finding{spf, key, dmarc, ptr}
	found := make([]Finding, len(looks))
	var all sync.WaitGroup
	for i, look := range looks {
		all.Go(func() { found[i] = look(ctx, r, q) })
	}
	all.Wait()
	return found
}

// texts are the records of a name that the test picks; none is no error.
func texts(ctx context.Context, r Resolver, name string, is func(string) bool) ([]string, error) {
	all, err := r.LookupTXT(ctx, name+".")
	if missing(err) {
		return nil, nil
	}
	return slices.DeleteFunc(all, func(s string) bool { return !is(s) }), err
}

func missing(err error) bool {
	var e *net.DNSError
	return errors.As(err, &e) && e.IsNotFound
}

// unanswered is the finding where the DNS could not be asked.
func (f Finding) unanswered(err error) Finding {
	f.State, f.Why = Warn, "the DNS gives no answer: "+err.Error()
	return f
}

// record is a line of a zone file. One text holds 255 octets at most, and several
// are read as one.
func record(name, text string) string {
	var parts []string
	for len(text) > 255 {
		parts, text = append(parts, `"`+text[:255]+`"`), text[255:]
	}
	return name + ". IN TXT " + strings.Join(append(parts, `"`+text+`"`), " ")
}

func spf(ctx context.Context, r Resolver, q Question) Finding {
	f := Finding{What: "SPF of " + q.Domain, State: Right}
	found, err := texts(ctx, r, q.Domain, func(s string) bool { return s == "v=spf1" || strings.HasPrefix(s, "v=spf1 ") })
	if err != nil {
		return f.unanswered(err)
	}
	switch {
	case len(found) == 0:
		f.State, f.Why, f.Publish = Warn, "nothing says who may send for the domain; if the mail server's operator names another record, take that", record(q.Domain, q.ownSPF())
	case len(found) > 1:
		f.State, f.Why = Warn, fmt.Sprintf("there are %d records, so receivers take none: make one of them", len(found))
		f.Publish = record(q.Domain, merged(found))
	case letsEverybody(found[0]):
		f.State, f.Why = Warn, "it lets everybody send for the domain"
		f.Publish = record(q.Domain, merged(found))
	}
	return f
}

// ownSPF names the mail server, or where it cannot be known those that receive
// mail for the domain.
func (q Question) ownSPF() string {
	address, err := netip.ParseAddr(q.Server)
	switch {
	case q.Server == "" || q.Server == "localhost" || err == nil && !public(address):
		return "v=spf1 mx -all"
	case err == nil && address.Is4():
		return "v=spf1 ip4:" + q.Server + " -all"
	case err == nil:
		return "v=spf1 ip6:" + q.Server + " -all"
	}
	return "v=spf1 a:" + q.Server + " -all"
}

func letsEverybody(record string) bool {
	for term := range strings.FieldsSeq(record) {
		if term == "all" || term == "+all" || term == "?all" {
			return true
		}
	}
	return false
}

// merged is one record of all that several allow, and nobody else.
func merged(records []string) string {
	terms := []string{"v=spf1"}
	for _, record := range records {
		for term := range strings.FieldsSeq(record) {
			if !slices.Contains(terms, term) && strings.TrimLeft(term, "+-~?") != "all" {
				terms = append(terms, term)
			}
		}
	}
	return strings.Join(append(terms, "-all"), " ")
}

func key(ctx context.Context, r Resolver, q Question) Finding {
	if q.Key == nil {
		return Finding{What: "DKIM of " + q.Domain, State: Warn,
			Why: "no key is set here (--dkim-key-file); let the mail server sign, and look at a letter that has arrived for dkim=pass"}
	}
	f := Finding{What: "DKIM at " + q.Key.Name(), State: Right}
	found, err := texts(ctx, r, q.Key.Name(), func(s string) bool { return dkim.Tags(s)["p"] != "" || strings.Contains(s, "p=") })
	switch {
	case err != nil:
		return f.unanswered(err)
	case len(found) == 0:
		f.State, f.Why, f.Publish = Wrong, "the key that letters are signed with is not published", record(q.Key.Name(), q.Key.Record())
	case len(found) > 1:
		f.State, f.Why, f.Publish = Wrong, fmt.Sprintf("there are %d records; one only may stand there", len(found)), record(q.Key.Name(), q.Key.Record())
	case !q.Key.Published(found[0]):
		f.State, f.Why, f.Publish = Wrong, "another key is published than the one that letters are signed with", record(q.Key.Name(), q.Key.Record())
	case strings.Contains(dkim.Tags(found[0])["t"], "y"):
		f.State, f.Why, f.Publish = Warn, "it says that the domain only tries out (t=y), so that receivers do not count the signature", record(q.Key.Name(), q.Key.Record())
	}
	return f
}

func dmarc(ctx context.Context, r Resolver, q Question) Finding {
	f := Finding{What: "DMARC of " + q.Domain, State: Right}
	for domain := q.Domain; strings.Contains(domain, "."); _, domain, _ = strings.Cut(domain, ".") {
		found, err := texts(ctx, r, "_dmarc."+domain, func(s string) bool { return dkim.Tags(s)["v"] == "DMARC1" })
		if err != nil {
			return f.unanswered(err)
		}
		if len(found) == 1 {
			return f.judged(domain, dkim.Tags(found[0]), q)
		}
		if len(found) > 1 {
			f.State, f.Why = Warn, fmt.Sprintf("there are %d records at _dmarc.%s, so receivers take none", len(found), domain)
			return f
		}
	}
	f.State, f.Why = Warn, "nothing is published; large receivers refuse who sends much without it. Watch the reports, then change p=none to p=quarantine"
	f.Publish = record("_dmarc."+q.Domain, "v=DMARC1; p=none; rua=mailto:postmaster@"+q.Domain)
	return f
}

// judged looks at the one record.
func (f Finding) judged(domain string, tags map[string]string, q Question) Finding {
	switch {
	case !slices.Contains([]string{"none", "quarantine", "reject"}, tags["p"]):
		f.State, f.Why = Warn, "the record at _dmarc."+domain+" has no policy p=none, p=quarantine or p=reject"
	case tags["adkim"] == "s" && q.Key != nil && q.Key.Domain != q.Domain:
		f.State, f.Why = Warn, "it asks for signatures of exactly "+q.Domain+" (adkim=s), and "+q.Key.Domain+" signs: leave --dkim-domain out"
	}
	return f
}

// ptr holds that an address of the mail server has a name, and the name that
// address. Where mail leaves by another address than it was handed over to, only
// the mail server's operator can tell.
func ptr(ctx context.Context, r Resolver, q Question) Finding {
	f := Finding{What: "PTR of the mail server " + q.Server, State: Right}
	if q.Server == "" {
		return Finding{What: "PTR of the mail server", State: Warn, Why: "no mail server is set"}
	}
	hosts := []string{q.Server}
	if _, err := netip.ParseAddr(q.Server); err != nil {
		if hosts, err = r.LookupHost(ctx, q.Server); err != nil {
			return f.unanswered(err)
		}
	}
	for _, host := range hosts {
		address, err := netip.ParseAddr(host)
		if err != nil || !public(address) {
			f.State, f.Why = Warn, "it is on this machine or in this network; ask dig -x of the address by which mail leaves it"
			continue
		}
		names, err := r.LookupAddr(ctx, host)
		if err != nil && !missing(err) {
			return f.unanswered(err)
		}
		if !named(ctx, r, address, names) {
			f.State, f.Why = Warn, host+" has no name that leads back to it; its operator can give it one"
			f.Publish = Reverse(address) + " IN PTR " + nameOf(q, address) + "."
			return f
		}
	}
	return f
}

func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate()
}

func named(ctx context.Context, r Resolver, address netip.Addr, names []string) bool {
	for _, name := range names {
		hosts, err := r.LookupHost(ctx, name)
		if err == nil && slices.ContainsFunc(hosts, func(h string) bool {
			other, err := netip.ParseAddr(h)
			return err == nil && other.Unmap() == address.Unmap()
		}) {
			return true
		}
	}
	return false
}

func nameOf(q Question, address netip.Addr) string {
	if q.Server == address.String() {
		return "mail." + q.Domain
	}
	return q.Server
}

// Reverse is the name under which an address is looked up (RFC 1035 3.5, RFC 3596
// 2.5).
func Reverse(a netip.Addr) string {
	a = a.Unmap()
	var b strings.Builder
	bytes := a.AsSlice()
	slices.Reverse(bytes)
	for _, octet := range bytes {
		if a.Is4() {
			fmt.Fprintf(&b, "%d.", octet)
		} else {
			fmt.Fprintf(&b, "%x.%x.", octet&15, octet>>4)
		}
	}
	if a.Is4() {
		return b.String() + "in-addr.arpa."
	}
	return b.String() + "ip6.arpa."
}
