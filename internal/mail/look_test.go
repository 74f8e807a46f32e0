package mail

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"strings"
	"testing"

	"stafett/internal/mail/letter"
	"stafett/internal/programme"
	"stafett/internal/store"
)

func logoOf(t *testing.T, wide, high int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, wide, high))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestALetterShowsItsProgrammesLogoAndColour(t *testing.T) {
	w := newWorld(t, onNet)
	data := logoOf(t, 960, 112)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		if err := programme.SetLogo(ctx, tx, w.event.ProgrammeID, data, `Region "Exempel"`, organiser); err != nil {
			return err
		}
		return programme.SetAccent(ctx, tx, w.event.ProgrammeID, "#1e3a5f", organiser)
	})
	w.signUp("Anna")
	w.deliver()
	p := w.last()
	doc := page(t, draft{Rendered: Rendered{HTML: p.HTML}})
	img := doc.Find("img")
	if img.Length() != 1 || img.AttrOr("src", "") != letter.LogoURL("program@stafett.example") || img.AttrOr("alt", "") != `Region "Exempel"` || img.AttrOr("width", "") != "240" || img.AttrOr("height", "") != "28" {
		t.Errorf("%d images: %s", img.Length(), p.HTML)
	}
	if len(p.Attachments) == 0 || !bytes.Equal(p.Attachments[0].Data, data) || p.CalendarMethod != "REQUEST" {
		t.Errorf("attached %d parts, calendar %q", len(p.Attachments), p.CalendarMethod)
	}
	a := programme.AccentOf("#1e3a5f")
	style := doc.Find("a.button").AttrOr("style", "")
	if !strings.Contains(style, "background:"+a.Light) || !strings.Contains(style, "color:"+a.OnLight) || !strings.Contains(p.HTML, ".button { background: "+a.Dark+" !important; color: "+a.OnDark) {
		t.Errorf("the button is %s", style)
	}
	// With images off, the name of the programme is there still.
	doc.Find("img").Remove()
	if !strings.Contains(flat(doc.Text()), "Upphandlingsdialog") || strings.Contains(p.HTML, "ZgotmplZ") {
		t.Error("the letter is not whole without its image")
	}
}

func TestALogoIsShownNoLargerThanItIs(t *testing.T) {
	for _, tt := range []struct{ wide, high, w, h int }{{100, 40, 100, 40}, {480, 112, 240, 56}, {100, 400, 14, 56}, {1600, 16, 240, 2}, {1600, 1, 240, 1}} {
		if w, h := fit(tt.wide, tt.high); w != tt.w || h != tt.h {
			t.Errorf("%d × %d is shown %d × %d, want %d × %d", tt.wide, tt.high, w, h, tt.w, tt.h)
		}
	}
}
