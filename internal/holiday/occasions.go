package holiday

import (
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/se"
)

// occasion is a day with a name. When it falls is the calendar library's
// business; what it is called in four languages, and whether a law stands behind
// it, is ours.
type occasion struct {
	day  *cal.Holiday
	kind kind
	name name
}

type kind bool

const (
	law kind = true  // a public holiday
	eve kind = false // treated as free without being a holiday
)

// name is one name in the four languages.
type name struct{ sv, nb, nn, en string }

var and = name{" och ", " og ", " og ", " and "}

func (n name) in(lang string) string {
	switch lang {
	case "sv":
		return n.sv
	case "nb":
		return n.nb
	case "nn":
		return n.nn
	}
	return n.en
}

var (
	newYear          = name{"nyårsdagen", "første nyttårsdag", "første nyttårsdag", "New Year's Day"}
	epiphany         = name{"trettondedag jul", "trettendedag jul", "trettandedag jul", "Epiphany"}
	maundyThursday   = name{"skärtorsdagen", "skjærtorsdag", "skjærtorsdag", "Maundy Thursday"}
	goodFriday       = name{"långfredagen", "langfredag", "langfredag", "Good Friday"}
	easter           = name{"påskdagen", "første påskedag", "første påskedag", "Easter Sunday"}
	easterMonday     = name{"annandag påsk", "andre påskedag", "andre påskedag", "Easter Monday"}
	firstOfMay       = name{"första maj", "første mai", "første mai", "May Day"}
	ascension        = name{"Kristi himmelsfärdsdag", "Kristi himmelfartsdag", "Kristi himmelfartsdag", "Ascension Day"}
	whitSunday       = name{"pingstdagen", "første pinsedag", "første pinsedag", "Whit Sunday"}
	whitMonday       = name{"annandag pingst", "andre pinsedag", "andre pinsedag", "Whit Monday"}
	seventeenthOfMay = name{"Norges nationaldag", "grunnlovsdagen", "grunnlovsdagen", "Constitution Day"}
	sixthOfJune      = name{"Sveriges nationaldag", "Sveriges nasjonaldag", "Sveriges nasjonaldag", "National Day of Sweden"}
	midsummerEve     = name{"midsommarafton", "midtsommeraften", "midtsommaraftan", "Midsummer's Eve"}
	midsummer        = name{"midsommardagen", "midtsommerdagen", "midtsommardagen", "Midsummer's Day"}
	allSaints        = name{"alla helgons dag", "allehelgensdag", "allehelgensdag", "All Saints' Day"}
	christmasEve     = name{"julafton", "julaften", "julaftan", "Christmas Eve"}
	christmas        = name{"juldagen", "første juledag", "første juledag", "Christmas Day"}
	secondChristmas  = name{"annandag jul", "andre juledag", "andre juledag", "Boxing Day"}
	newYearsEve      = name{"nyårsafton", "nyttårsaften", "nyttårsaftan", "New Year's Eve"}
)

// occasions lists the days of each country. Those that fall on Sundays are here
// for their names. The library knows no eves in Norway, so these are Sweden's.
var occasions = map[string][]occasion{
	"SE": {
		{se.Nyarsdagen, law, newYear},
		{se.TrettondedagJul, law, epiphany},
		{se.Langfredagen, law, goodFriday},
		{se.Paskdagen, law, easter},
		{se.AnnandagPask, law, easterMonday},
		{se.ForstaMaj, law, firstOfMay},
		{se.KristiHimmelsfardsdag, law, ascension},
		{se.Pingstdagen, law, whitSunday},
		{se.Nationaldagen, law, sixthOfJune},
		{se.Midsommarafton, eve, midsummerEve},
		{se.Midsommardagen, law, midsummer},
		{se.AllaHelgonsDag, law, allSaints},
		{se.Julafton, eve, christmasEve},
		{se.Juldagen, law, christmas},
		{se.AnnandagJul, law, secondChristmas},
		{se.Nyarsafton, eve, newYearsEve},
	},
	"NO": {
		{no.FoersteNyttaarsdag, law, newYear},
		{no.Skjaertorsdag, law, maundyThursday},
		{no.Langfredag, law, goodFriday},
		{aa.Easter, law, easter},
		{no.AndrePaaskedag, law, easterMonday},
		{no.Arbeiderenesdag, law, firstOfMay},
		{no.Grunnlovsdag, law, seventeenthOfMay},
		{no.Kristihimmelfartsdag, law, ascension},
		{aa.Pentecost, law, whitSunday},
		{no.AndrePinsedag, law, whitMonday},
		{se.Julafton, eve, christmasEve},
		{no.FoersteJuledag, law, christmas},
		{no.AndreJuledag, law, secondChristmas},
		{se.Nyarsafton, eve, newYearsEve},
	},
}

// on answers what falls on the day, at times two things at once.
func on(country string, day time.Time) []occasion {
	var found []occasion
	for _, o := range occasions[country] {
		if o.falls(day) {
			found = append(found, o)
		}
	}
	return found
}

func (o occasion) falls(day time.Time) bool {
	actual, _ := o.day.Calc(day.Year())
	return actual.Month() == day.Month() && actual.Day() == day.Day()
}

func (o occasion) lawful() bool {
	return o.kind == law
}
