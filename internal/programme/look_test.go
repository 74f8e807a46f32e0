package programme

import (
	"bytes"
	"context"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// picture is a PNG of this size.
func picture(t *testing.T, wide, high int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, wide, high))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Whatever colour a programme has, the bar and the button are seen on both grounds,
// and what stands on the button can be read (WCAG 2.2, 1.4.3 and 1.4.11).
func TestAnAccentIsSeenAndReadOnBothGrounds(t *testing.T) {
	for _, colour := range []string{"#000000", "#ffffff", "#ffff00", "#0062ba", "#0c1927", "#808080", "#767676", "#00ff00", "#ff0000", "#0000ff", "#123456", "#fedcba"} {
		near := NearestAccent(colour)
		a := AccentOf(near)
		for _, pair := range []struct {
			what, a, b string
			least      float64
		}{
			{"on light", a.Light, LightGround, 3}, {"on dark", a.Dark, DarkGround, 3},
			{"text on light", a.OnLight, a.Light, 4.5}, {"text on dark", a.OnDark, a.Dark, 4.5},
		} {
			if got := Contrast(pair.a, pair.b); got < pair.least {
				t.Errorf("%s: %s, %s on %s has %.2f:1", colour, pair.what, pair.a, pair.b, got)
			}
		}
		if near != colour && Contrast(colour, LightGround) >= 3 {
			t.Errorf("%s was changed to %s and need not be", colour, near)
		}
	}
}

func TestAColourIsReadAsPeopleWriteIt(t *testing.T) {
	for typed, want := range map[string]string{"#0062BA": "#0062ba", " 0062ba ": "#0062ba", "#06B": "#0066bb", "blue": "", "#0062b": "", "#0062ba;}": "", "": ""} {
		if got, ok := ParseColour(typed); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", typed, got, ok)
		}
	}
}

func TestALogoIsASmallPicture(t *testing.T) {
	var asJPEG bytes.Buffer
	if err := jpeg.Encode(&asJPEG, image.NewGray(image.Rect(0, 0, 200, 60)), nil); err != nil {
		t.Fatal(err)
	}
	var asGIF bytes.Buffer
	if err := gif.Encode(&asGIF, image.NewGray(image.Rect(0, 0, 200, 60)), nil); err != nil {
		t.Fatal(err)
	}
	good := picture(t, 480, 112)
	for name, tt := range map[string]struct {
		data []byte
		alt  string
		want string // field and code of the refusal; "": it is one
	}{
		"a PNG":               {good, "Region Exempel", ""},
		"a JPEG":              {asJPEG.Bytes(), "Region Exempel", ""},
		"a GIF":               {asGIF.Bytes(), "Region Exempel", "logo logo_type"},
		"a drawing":           {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="100" height="40"/>`), "Region Exempel", "logo logo_type"},
		"a PNG cut off":       {good[:len(good)/2], "Region Exempel", "logo logo_type"},
		"no picture":          {[]byte("hello"), "Region Exempel", "logo logo_type"},
		"one that is tiny":    {picture(t, 8, 8), "Region Exempel", "logo logo_size"},
		"one that is huge":    {picture(t, 4000, 20), "Region Exempel", "logo logo_size"},
		"one that is heavy":   {append(good, make([]byte, MaxLogo)...), "Region Exempel", "logo logo_large"},
		"one without a text":  {good, " ", "alt required"},
		"one with a long one": {good, strings.Repeat("å", 101), "alt too_long"},
		"one that deceives":   {good, "Region\u202eExempel", "alt characters"},
	} {
		_, err := CheckLogo(tt.data, tt.alt)
		got := ""
		if p, ok := problem.As(err); ok {
			got = p.Fields[0].Name + " " + p.Fields[0].Code
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestALookIsStoredReplacedAndTakenAway(t *testing.T) {
	db, _ := storetest.New(t)
	ctx := context.Background()
	storetest.Write(t, db, func(tx *store.Tx) error {
		p, err := Add(ctx, tx, Programme{Slug: "anbud", Name: "Anbud", Country: "SE", Language: "sv", TimeZone: "Europe/Stockholm"}, audit.Command)
		if err != nil {
			return err
		}
		if err := SetAccent(ctx, tx, p.ID, "#ffee00", audit.Command); err == nil || err.(*problem.Problem).Fields[0].Args[1] != NearestAccent("#ffee00") {
			t.Errorf("a pale colour: %v", err)
		}
		if err := SetAccent(ctx, tx, p.ID, "B00020", audit.Command); err != nil {
			return err
		}
		for _, wide := range []int{100, 200} {
			if err := SetLogo(ctx, tx, p.ID, picture(t, wide, 50), "Anbud", audit.Command); err != nil {
				return err
			}
		}
		if p, err = Find(ctx, tx, p.ID); p.Accent != "#b00020" {
			t.Errorf("accent %q, %v", p.Accent, err)
		}
		if l, found, err := FindLogo(ctx, tx, p.ID); !found || l.Width != 200 || l.Type != "image/png" || l.Alt != "Anbud" {
			t.Errorf("%v, %+v, %v", found, l, err)
		}
		if err := RemoveLogo(ctx, tx, p.ID, audit.Command); err != nil {
			return err
		}
		if _, found, err := FindLogo(ctx, tx, p.ID); found || err != nil {
			t.Errorf("still there: %v, %v", found, err)
		}
		return SetAccent(ctx, tx, p.ID, "", audit.Command)
	})
}
