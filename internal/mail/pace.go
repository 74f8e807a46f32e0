package mail

import (
	"maps"
	"slices"
	"time"
)

// pace keeps to what mail servers take in a minute. It remembers in memory only:
// after a restart a minute may have twice as much.
type pace struct {
	most, mostDomain int // a minute; 0: no limit

	all    []time.Time
	domain map[string][]time.Time
	slowed map[string]time.Time // domains that asked us to slow down, and when
}

// slowFor is how long a domain that asked us to slow down gets half as much.
const slowFor = 10 * time.Minute

// open reports whether anything may go now.
func (p *pace) open(now time.Time) bool {
	p.all = lastMinute(p.all, now)
	return p.most <= 0 || len(p.all) < p.most
}

// full lists the domains that have had their share of this minute.
func (p *pace) full(now time.Time) []string {
	if p.mostDomain <= 0 {
		return nil
	}
	var full []string
	for _, domain := range slices.Sorted(maps.Keys(p.domain)) {
		sent := lastMinute(p.domain[domain], now)
		p.domain[domain] = sent
		if len(sent) == 0 {
			delete(p.domain, domain)
		}
		if len(sent) >= p.share(domain, now) {
			full = append(full, domain)
		}
	}
	return full
}

func (p *pace) share(domain string, now time.Time) int {
	if at, slow := p.slowed[domain]; slow && within(now, at, slowFor) {
		return max(1, p.mostDomain/2)
	}
	return p.mostDomain
}

// note counts a message that goes to the domain.
func (p *pace) note(domain string, now time.Time) {
	if p.most > 0 {
		p.all = append(p.all, now)
	}
	if p.mostDomain > 0 {
		if p.domain == nil {
			p.domain = map[string][]time.Time{}
		}
		p.domain[domain] = append(p.domain[domain], now)
	}
}

// slow halves what the domain gets for a while.
func (p *pace) slow(domain string, now time.Time) {
	if p.slowed == nil {
		p.slowed = map[string]time.Time{}
	}
	maps.DeleteFunc(p.slowed, func(_ string, at time.Time) bool { return !within(now, at, slowFor) })
	p.slowed[domain] = now
}

func lastMinute(times []time.Time, now time.Time) []time.Time {
	return slices.DeleteFunc(times, func(t time.Time) bool { return !within(now, t, time.Minute) })
}

// within reports whether the time since at is shorter than d. It is not when at
// lies ahead, so that a clock that is put back does not stop us for hours.
func within(now, at time.Time, d time.Duration) bool {
	since := now.Sub(at)
	return since >= 0 && since < d
}
