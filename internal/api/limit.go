package api

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often one may do something.
const (
	registerMinute = 30 // sign-ups from one address, which may be a whole town hall
	registerHour   = 300
	tokenMinute    = 600
)

// maxKeys bounds the memory that callers can make us use.
const maxKeys = 100_000

// limiter allows n things in a span to each key. A caller over the limit never
// stands in anybody else's way.
type limiter struct {
	mu   sync.Mutex
	n    int
	span time.Duration
	now  func() time.Time
	keys map[string]*rate.Limiter
}

func newLimiter(n int, span time.Duration, now func() time.Time) *limiter {
	return &limiter{n: n, span: span, now: now, keys: map[string]*rate.Limiter{}}
}

// allow counts one more for the key and reports whether it is within the limit;
// if not, wait is how long until it will be.
func (l *limiter) allow(key string) (ok bool, wait time.Duration) {
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
func (l *limiter) forget(now time.Time) {
	for key, k := range l.keys {
		if k.TokensAt(now) >= float64(l.n) {
			delete(l.keys, key)
		}
	}
	if len(l.keys) >= maxKeys {
		clear(l.keys)
	}
}

// registerLimit is the limit for sign-ups when the pages do not share theirs.
func registerLimit(now func() time.Time) func(string) (bool, time.Duration) {
	minute, hour := newLimiter(registerMinute, time.Minute, now), newLimiter(registerHour, time.Hour, now)
	return func(address string) (bool, time.Duration) {
		key := callerKey(address)
		if ok, wait := minute.allow(key); !ok {
			return false, wait
		}
		return hour.allow(key)
	}
}

// callerKey is the caller's address; of IPv6 only the network, for one
// household has all the rest.
func callerKey(ip string) string {
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
