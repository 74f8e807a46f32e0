package busy

import (
	"errors"
	"net/netip"
	"syscall"
)

var (
	errNoName    = errors.New("not the name of a host")
	errNotPublic = errors.New("not an address in public")
)

// notPublic is every part of the net that is not for all, after the registries of
// special-purpose addresses (RFC 6890). Of the newer kind only 2000::/3 is given
// out at all; within it those are listed that hold an older address (Teredo,
// 6to4), and those that lead nowhere.
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
)

var givenOut = netip.MustParsePrefix("2000::/3")

func prefixes(all ...string) (p []netip.Prefix) {
	for _, s := range all {
		p = append(p, netip.MustParsePrefix(s))
	}
	return p
}

// public reports whether everybody on the net could ask at the address. An older
// address in the form of a newer one is not given out, so it is refused whatever
// it is: nobody publishes a calendar at such.
func public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" || a.Is6() && !givenOut.Contains(a) {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// onlyPublic is asked with the address itself, after its name was looked up and
// just before the connection is made, so no name can lead elsewhere in between.
func onlyPublic(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil || a.Port() != 443 || !public(a.Addr()) {
		return errNotPublic
	}
	return nil
}
