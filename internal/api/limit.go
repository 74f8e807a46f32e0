package api

import (
	"time"

	"stafett/internal/limit"
)

// How often one may do something.
const (
	registerMinute = 30 // sign-ups from one address, which may be a whole town hall
	registerHour   = 300
	tokenMinute    = 600
)

// registerLimit is the limit for sign-ups when the pages do not share theirs.
func registerLimit(now func() time.Time) func(string) (bool, time.Duration) {
	minute, hour := limit.New(registerMinute, time.Minute, now), limit.New(registerHour, time.Hour, now)
	return func(address string) (bool, time.Duration) {
		key := limit.Caller(address)
		if ok, wait := minute.Allow(key); !ok {
			return false, wait
		}
		return hour.Allow(key)
	}
}
