package mail

import (
	"maps"
	"slices"
	"time"

	"stafett/internal/message"
)

// pace keeps to what mail servers take in a minute. It remembers in memory only:
// after a restart a minute may have twice as much. It is for one goroutine.
type pace struct {
	most, mostDomain int // a minute; 0: no limit
	mostAtOnce       int // to one domain; 0: no limit

	all    []time.Time
	domain map[string][]time.Time
	slowed map[string]time.Time // domains that asked us to slow down, and when
	hand   map[string]int       // messages on their way now, by domain
}

// slowFor is how long a domain that asked us to slow down gets half as much.
const slowFor = 10 * time.Minute

// open reports whether anything may go now.
func (p *pace) open(now time.Time) bool {
	p.all = lastMinute(p.all, now)
	return p.most <= 0 || len(p.all) < p.most
}

// full lists the domains that have had their share of this minute, or have as
// many messages on their way as they may.
func (p *pace) full(now time.Time) []string {
	full := map[string]bool{}
	for domain, n := range p.hand {
		full[domain] = p.mostAtOnce > 0 && n >= p.mostAtOnce
	}
	for domain, times := range p.domain {
		sent := lastMinute(times, now)
		p.domain[domain] = sent
		if len(sent) == 0 {
			delete(p.domain, domain)
		}
		full[domain] = full[domain] || len(sent) >= p.share(domain, now)
	}
	maps.DeleteFunc(full, func(_ string, full bool) bool { return !full })
	return slices.Sorted(maps.Keys(full))
}

// room is what may be taken now. Who signs up while a mailing goes out must not
// wait for it, so a quarter of each minute is kept from what goes to many.
func (p *pace) room(now time.Time) message.Room {
	r := message.Room{Full: p.full(now)}
	for domain, sent := range p.domain {
		if len(sent) >= forMany(p.share(domain, now)) {
			r.Kept = append(r.Kept, domain)
		}
	}
	slices.Sort(r.Kept)
	r.AllKept = p.most > 0 && len(lastMinute(p.all, now)) >= forMany(p.most)
	return r
}

// forMany is how much of a share what goes to many may use: three quarters, and
// at least one.
func forMany(share int) int { return max(1, share*3/4) }

// begin counts a message that goes to the domain now, and is on its way until its
// end.
func (p *pace) begin(domain string, now time.Time) {
	p.note(domain, now)
	if p.hand == nil {
		p.hand = map[string]int{}
	}
	p.hand[domain]++
}

func (p *pace) end(domain string) {
	if p.hand[domain]--; p.hand[domain] <= 0 {
		delete(p.hand, domain)
	}
}

// inHand is how many messages are on their way.
func (p *pace) inHand() (n int) {
	for _, m := range p.hand {
		n += m
	}
	return n
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
