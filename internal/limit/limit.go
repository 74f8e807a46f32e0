// Package limit counts how often one caller does something, so that nobody can
// stand in the way of others. Counts are in memory: a restart forgets them.
package limit

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxKeys bounds the memory that callers can make us use.
const maxKeys = 100_000

// Limiter allows n things in a span to each key. It is safe for concurrent use.
type Limiter struct {
	mu   sync.Mutex
	n    int
	span time.Duration
	now  func() time.Time
	keys map[string]*rate.Limiter
}

// New makes a limiter by the given clock.
func New(n int, span time.Duration, now func() time.Time) *Limiter {
	return &Limiter{n: n, span: span, now: now, keys: map[string]*rate.Limiter{}}
}

// Allow counts one more for the key and reports whether it is within the limit;
// if not, wait is how long until it will be.
func (l *Limiter) Allow(key string) (ok bool, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	k := l.keys[key]
	if k == nil {
		if len(l.keys) >= maxKeys {
			l.forget(now)
		}
		k = rate.NewLimiter(rate.Every(l.span/time.Duration(l.n)), l.n)
		l.keys[key] = k
	}
	r := k.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return false, wait
	}
	return true, 0
}

// forget drops those who have been quiet long enough to be new again, or
// everybody when that is not enough.
func (l *Limiter) forget(now time.Time) {
	for key, k := range l.keys {
		if k.TokensAt(now) >= float64(l.n) {
			delete(l.keys, key)
		}
	}
	if len(l.keys) >= maxKeys {
		clear(l.keys)
	}
}

// Caller is the caller's address; of IPv6 only the network, for one
// household has all the rest.
func Caller(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	a = a.Unmap()
	if a.Is4() {
		return a.String()
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return ip
	}
	return p.String()
}
