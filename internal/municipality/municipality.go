// Package municipality knows the municipalities of Sweden and Norway: their
// numbers, names and counties, and how far they lie from each other. It is read
// from files once and never changes; there is no table behind it.
package municipality

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Code is the key of a municipality. The same number can mean one place in each
// country, so neither half is enough.
type Code struct {
	Country string // SE or NO
	Number  string // four digits, kept as text because the noughts in front count
}

// String writes the code as "SE-2039".
func (c Code) String() string {
	return c.Country + "-" + c.Number
}

// ParseCode reads what String writes. It does not ask whether there is such a
// municipality; the register knows that.
func ParseCode(s string) (Code, error) {
	country, number, _ := strings.Cut(s, "-")
	code := Code{Country: country, Number: number}
	if !code.valid() {
		return Code{}, fmt.Errorf("municipality code %q is not a country and four digits", s)
	}
	return code, nil
}

func (c Code) valid() bool {
	return (c.Country == "SE" || c.Country == "NO") &&
		len(c.Number) == 4 && strings.Trim(c.Number, "0123456789") == ""
}

// Municipality is one municipality as its country names it.
type Municipality struct {
	Code
	Name       string   // official, with all its language forms: "Trondheim - Tråante"
	CountyCode string   // the first two digits of the number
	County     string   // "Dalarnas län", "Møre og Romsdal"
	Lat, Lon   float64  // a point well inside, in degrees (WGS 84); not the main town
	Aliases    []string // other names to find it by
}

// Label answers the name for a list, with the county in brackets where two
// municipalities of the country have the same name.
func (m Municipality) Label() string {
	if long := withCounty(m.Name, m.County); slices.Contains(m.Aliases, long) {
		return long
	}
	return m.Name
}

func withCounty(name, county string) string {
	return name + " (" + county + ")"
}

// earthRadius is the mean radius of the earth in kilometres (IUGG).
const earthRadius = 6371.0088

// Distance answers how far two municipalities lie from each other, along a great
// circle between their points and in tenths of a kilometre.
func Distance(a, b Municipality) int {
	lat1, lat2 := radians(a.Lat), radians(b.Lat)
	north := math.Sin((lat2 - lat1) / 2)
	east := math.Sin(radians(b.Lon-a.Lon) / 2)
	h := north*north + math.Cos(lat1)*math.Cos(lat2)*east*east
	return int(math.Round(10 * 2 * earthRadius * math.Asin(math.Sqrt(h))))
}

func radians(degrees float64) float64 {
	return degrees * math.Pi / 180
}
