package mail

import (
	"context"
	"html/template"

	"stafett/internal/mail/letter"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// logoShown is a programme's logo as a letter shows it: small, on a light ground,
// and with words in its place where images are off.
type logoShown struct {
	URL           template.URL
	Alt           string
	Width, Height int
}

// The largest that a logo is shown, in pixels.
const (
	logoWide = 240
	logoHigh = 56
)

func (f *facts) readLogo(ctx context.Context, tx *store.Tx) error {
	l, found, err := programme.FindLogo(ctx, tx, f.programme.ID)
	if found {
		f.logo = &l
	}
	return err
}

// logoImage is the picture that goes along with the letter.
func (f facts) logoImage() *letter.Image {
	if f.logo == nil {
		return nil
	}
	return &letter.Image{Type: f.logo.Type, Data: f.logo.Data}
}

// look gives the letter its programme's logo and colour.
func (w *writer) look(c *Content) {
	if w.programme.Accent != "" {
		a := programme.AccentOf(w.programme.Accent)
		c.Accent = &a
	}
	if w.logo == nil {
		return
	}
	wide, high := fit(w.logo.Width, w.logo.Height)
	c.Logo = &logoShown{URL: template.URL(letter.LogoURL(w.sender)), Alt: w.logo.Alt, Width: wide, Height: high} // made of the sender's domain
}

// fit makes a picture as large as it may be shown, and never larger than it is. Many
// are twice as large as they are shown, for sharp screens.
func fit(wide, high int) (int, int) {
	if wide > logoWide {
		wide, high = logoWide, max(1, high*logoWide/wide)
	}
	if high > logoHigh {
		wide, high = max(1, wide*logoHigh/high), logoHigh
	}
	return wide, high
}
