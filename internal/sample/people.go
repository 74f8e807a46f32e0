package sample

import (
	"fmt"
	"strings"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/registration"
)

// Names of invented people; every first name meets every last name in turn.
var (
	firstNames = map[string][]string{
		"SE": {"Åsa", "Björn", "Cecilia", "David", "Elin", "Fredrik", "Greta", "Hassan", "Inga-Lill", "Johan", "Kerstin", "Love", "Maja"},
		"NO": {"Øystein", "Kari", "Ola", "Ragnhild", "Sverre", "Turid", "Åse", "Brynjulf-Alexander", "Marit", "Ingeborg", "Håvard"},
	}
	lastNames = map[string][]string{
		"SE": {"Öberg", "Hjort", "Åkerblom", "Lindqvist", "Dal", "Nordanstig", "Ekström", "Yilmaz", "von Sydow", "Björk", "Ågren"},
		"NO": {"Aasen", "Bjørnstad", "Fløystad-Kristoffersen", "Moe", "Sæther", "Østby", "Håland", "Rønning", "Vik"},
	}
)

// Person is the sign-up of the n-th invented person for an event.
func (f File) Person(n int, ev event.Event, country string) registration.Request {
	first := firstNames[country][n%len(firstNames[country])]
	last := lastNames[country][(n/len(firstNames[country])+n*3)%len(lastNames[country])]
	q := registration.Request{
		EventID: ev.ID, FirstName: first, LastName: last, Email: fmt.Sprintf("%s.%s.%d@people.example", plain(first), plain(last), n),
		Language: ev.Language, Audience: ev.Audiences[n%len(ev.Audiences)], TestNumbers: true, Complete: true,
		Municipality: ev.Municipality,
	}
	if ev.Mode == event.Hybrid {
		q.Mode = event.Room
	}
	if q.Municipality.Number == "" {
		q.Municipality = municipality.Code{Country: country, Number: map[string]string{"SE": "2062", "NO": "1508"}[country]}
	}
	q.Organisation = f.organisation(n, country)
	q.Answers = answers(n, ev)
	if n%7 == 3 && ev.Catering {
		q.Diet, q.DietConsent = []string{"Vegetarisk", "Gluten", "Laktos"}[n%3], true
	}
	if n%11 == 5 {
		q.AccessNeeds = map[string]string{"SE": "Hörslinga", "NO": "Teleslynge"}[country]
	}
	return q
}

// answers gives every required question an answer, and others now and then.
func answers(n int, ev event.Event) map[string][]string {
	given := map[string][]string{}
	for i, q := range ev.Questions {
		switch {
		case len(q.Options) > 0:
			given[q.ID] = []string{q.Options[(n+i)%len(q.Options)]}
		case q.Kind == event.YesNoQuestion && n%2 == 0:
			given[q.ID] = []string{"yes"}
		}
	}
	return given
}

// organisation spreads people over companies, sole traders and those who have
// none yet.
func (f File) organisation(n int, country string) registration.Organisation {
	switch n % 6 {
	case 4:
		return registration.Organisation{Kind: registration.OfSoleTrader, Name: map[string]string{"SE": "Firma ", "NO": "Enkeltpersonforetak "}[country] + fmt.Sprint(n)}
	case 5:
		return registration.Organisation{Kind: registration.OfNotStarted}
	}
	var own []Company
	for _, c := range f.Companies {
		if c.Country == country {
			own = append(own, c)
		}
	}
	c := own[n%len(own)]
	return registration.Organisation{Kind: registration.OfCompany, Country: country, Number: c.OrgNumber, Name: c.Name}
}

// plain is a name as it may stand in an address.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, locale.Fold(s))
}
