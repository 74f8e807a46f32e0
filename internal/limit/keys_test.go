package limit

import (
	"fmt"
	"testing"
	"time"
)

func TestALimitForgetsWhoHasBeenQuiet(t *testing.T) {
	now := time.Date(2027, 1, 13, 9, 0, 0, 0, time.UTC)
	l := New(2, time.Minute, func() time.Time { return now })
	for _, want := range []bool{true, true, false} {
		if ok, wait := l.Allow("a"); ok != want || (wait > 0) == want {
			t.Fatalf("allowed %t after %s", ok, wait)
		}
	}
	for i := range maxKeys {
		l.Allow(fmt.Sprint("b", i))
	}
	if len(l.keys) > maxKeys {
		t.Errorf("%d keys are kept", len(l.keys))
	}
	now = now.Add(time.Minute)
	l.forget(now)
	if len(l.keys) != 0 {
		t.Errorf("%d keys are kept after a quiet minute", len(l.keys))
	}
}

func TestCallersAreToldApartByAddressAndNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1":            "192.0.2.1",
		"::ffff:192.0.2.1":     "192.0.2.1",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"fe80::1%eth0":         "fe80::/64",
		"":                     "",
		"not an address":       "not an address",
	} {
		if got := Caller(address); got != want {
			t.Errorf("%q is known as %q, want %q", address, got, want)
		}
	}
}
