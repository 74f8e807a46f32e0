package web

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits are how often one caller may do something. Zero values are the rules;
// tests and load measurements may widen them.
type Limits struct {
	RegisterMinute, RegisterHour int // sign-ups of one address; a town hall is one address
	SignInHour                   int // failed passwords of one address
	UnknownMinute                int // links that do not exist
}

func (l Limits) orDefault() Limits {
	set := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	set(&l.RegisterMinute, 30)
	set(&l.RegisterHour, 300)
	set(&l.SignInHour, 50)
	set(&l.UnknownMinute, 30)
	return l
}

// limiters counts what each caller does. A caller over the limit never stands
// in anybody else's way.
type limiters struct {
	registerMinute, registerHour, signIn, noAccount, unknown *limiter
}

func newLimiters(l Limits, now func() time.Time) *limiters {
	l = l.orDefault()
	return &limiters{
		registerMinute: newLimiter(l.RegisterMinute, time.Minute, now),
		registerHour:   newLimiter(l.RegisterHour, time.Hour, now),
		signIn:         newLimiter(l.SignInHour, time.Hour, now),
		noAccount:      newLimiter(5, 15*time.Minute, now), // as for accounts there are, or the difference would tell
		unknown:        newLimiter(l.UnknownMinute, time.Minute, now),
	}
}

// limiter allows n things in a span to each key.
type limiter struct {
	mu   sync.Mutex
	n    int
	span time.Duration
	now  func() time.Time
	keys map[string]*rate.Limiter
}

// maxKeys bounds the memory that callers can make us use.
const maxKeys = 100_000

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

// callerKey is the caller's address; of IPv6 only the network, for one
// household has all the rest.
func callerKey(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil || a.Is4() || a.Is4In6() {
		return ip
	}
	p, err := a.Prefix(64)
	if err != nil {
		return ip
	}
	return p.String()
}
