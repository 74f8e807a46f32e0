package web

import (
	"time"

	"stafett/internal/limit"
)

// Limits are how often one caller may do something. Zero values are the rules;
// tests and load measurements may widen them.
type Limits struct {
	RegisterMinute, RegisterHour int // sign-ups of one address; a town hall is one address
	SignInHour                   int // failed passwords of one address
	AskLinkHour                  int // links to people's own pages asked for by one address
	UnknownMinute                int // links that do not exist
	DoorMinute, DoorHour         int // marks made through one door link, by all phones that have it
	CalendarHour                 int // other calendars that one adviser has read by hand
	CompanyHour                  int // numbers looked up in a public register by one address
	// LookUpTakes is the least that such a question takes, so that the time does
	// not tell whose number has been asked for lately.
	LookUpTakes time.Duration
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
	set(&l.AskLinkHour, 20)
	set(&l.UnknownMinute, 30)
	set(&l.DoorMinute, 300)
	set(&l.DoorHour, 3000)
	set(&l.CompanyHour, 10)
	set(&l.CalendarHour, 30)
	if l.LookUpTakes == 0 {
		l.LookUpTakes = time.Second / 2
	}
	return l
}

// limiters counts what each caller does. A caller over the limit never stands
// in anybody else's way.
type limiters struct {
	registerMinute, registerHour, signIn, askLink, unknown, company *limit.Limiter
	doorMinute, doorHour, calendar                                  *limit.Limiter
	lookUpTakes                                                     time.Duration
}

func newLimiters(l Limits, now func() time.Time) *limiters {
	l = l.orDefault()
	return &limiters{
		lookUpTakes:    l.LookUpTakes,
		registerMinute: limit.New(l.RegisterMinute, time.Minute, now),
		registerHour:   limit.New(l.RegisterHour, time.Hour, now),
		signIn:         limit.New(l.SignInHour, time.Hour, now),
		askLink:        limit.New(l.AskLinkHour, time.Hour, now),
		unknown:        limit.New(l.UnknownMinute, time.Minute, now),
		company:        limit.New(l.CompanyHour, time.Hour, now),
		doorMinute:     limit.New(l.DoorMinute, time.Minute, now),
		doorHour:       limit.New(l.DoorHour, time.Hour, now),
		calendar:       limit.New(l.CalendarHour, time.Hour, now),
	}
}

// RegisterLimit counts one more sign-up from the caller's address, by the pages
// or by the API, and tells whether it is within the limit.
func (s *Server) RegisterLimit(address string) (ok bool, wait time.Duration) {
	key := limit.Caller(address)
	if ok, wait := s.limits.registerMinute.Allow(key); !ok {
		return false, wait
	}
	return s.limits.registerHour.Allow(key)
}
