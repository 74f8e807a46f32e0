package programme

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// The grounds on which letters stand.
const (
	LightGround = "#ffffff"
	DarkGround  = "#0c1927"
)

// Contrast that WCAG 2.2 asks for: of text (1.4.3), and of what else must be seen,
// such as a button (1.4.11).
const (
	textContrast  = 4.5
	thingContrast = 3
)

// Accent is a programme's colour, as it is used in letters.
type Accent struct {
	Light, Dark     string // on the light ground, and on the dark one
	OnLight, OnDark string // of text on it: black or white
}

var hexColour = regexp.MustCompile(`^#?([0-9a-f]{6}|[0-9a-f]{3})$`)

// ParseColour reads a colour such as "#0062BA", "0062ba" or "#06b", and gives it as
// "#0062ba"; ok is false when it is none.
func ParseColour(s string) (colour string, ok bool) {
	m := hexColour.FindStringSubmatch(strings.ToLower(strings.TrimSpace(s)))
	if m == nil {
		return "", false
	}
	if d := m[1]; len(d) == 3 {
		return "#" + string([]byte{d[0], d[0], d[1], d[1], d[2], d[2]}), true
	}
	return "#" + m[1], true
}

// NearestAccent is the colour itself when it is seen on the light ground, else the
// nearest darker one of the same hue that is.
func NearestAccent(colour string) string { return seenOn(LightGround, colour, 0) }

// AccentOf works out what letters need of a colour. On the dark ground a colour that
// is too dark to be seen is made lighter. Text on it is white, or black where white
// could not be read: one of the two always can.
func AccentOf(colour string) Accent {
	a := Accent{Light: colour, Dark: seenOn(DarkGround, colour, 255)}
	a.OnLight, a.OnDark = textOn(a.Light), textOn(a.Dark)
	return a
}

// textOn is black or white, whichever can be read on the ground.
func textOn(ground string) string {
	if Contrast(ground, "#ffffff") >= textContrast {
		return "#ffffff"
	}
	return "#000000"
}

// seenOn mixes the colour with black (0) or white (255), as little as makes it seen
// on the ground.
func seenOn(ground, colour string, with float64) string {
	rgb := parts(colour)
	for share := 0; share < 100; share++ {
		mixed := "#"
		for _, c := range rgb {
			mixed += fmt.Sprintf("%02x", int(math.Round(c+(with-c)*float64(share)/100)))
		}
		if Contrast(mixed, ground) >= thingContrast {
			return mixed
		}
	}
	return map[float64]string{0: "#000000", 255: "#ffffff"}[with]
}

// Contrast is that of two colours as WCAG 2.2 defines it.
func Contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(colour string) float64 {
	sum, shares := 0.0, [3]float64{0.2126, 0.7152, 0.0722}
	for i, c := range parts(colour) {
		if c /= 255; c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += shares[i] * c
	}
	return sum
}

// parts are red, green and blue, 0 to 255, of a colour such as "#0062ba".
func parts(colour string) (rgb [3]float64) {
	for i := range rgb {
		n, _ := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8) // the column and ParseColour hold the form
		rgb[i] = float64(n)
	}
	return rgb
}
