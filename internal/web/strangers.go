package web

import (
	"strings"
	"sync"
	"time"

	"stafett/internal/user"
)

// strangers counts wrong passwords for addresses that have no account, by the
// rule for those that have one: an answer must not tell which it is.
type strangers struct {
	mu       sync.Mutex
	failures map[string][]time.Time
}

// maxStrangers bounds the memory that guessing can take.
const maxStrangers = 10_000

// check refuses after as many failures as an account may have.
func (s *strangers) check(email string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return user.CheckFailures(s.recent(known(email), now), now)
}

func (s *strangers) failed(email string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.failures) >= maxStrangers {
		clear(s.failures)
	}
	key := known(email)
	s.failures[key] = append(s.recent(key, now), now)
}

// recent drops what lies further back than the rule looks.
func (s *strangers) recent(key string, now time.Time) []time.Time {
	var kept []time.Time
	for _, at := range s.failures[key] {
		if at.After(now.Add(-user.FailureWindow)) {
			kept = append(kept, at)
		}
	}
	return kept
}

func known(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
