package web

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func pictureInTest(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 320, 80))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sendLogo sends the form with a picture as a browser does.
func (d *desk) sendLogo(path string, data []byte, alt string) *httptest.ResponseRecorder {
	d.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("logo", `..\logo.svg`)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = form.WriteField("alt", alt)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		d.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, d.s.BaseURL+path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return d.do(r)
}

func (d *desk) programme() (p programme.Programme) {
	d.t.Helper()
	storetest.Read(d.t, d.s.DB, func(tx *store.Tx) (err error) {
		p, err = programme.Find(d.t.Context(), tx, d.ev.ProgrammeID)
		return err
	})
	return p
}

func TestAnOrganiserGivesLettersALogo(t *testing.T) {
	d := lettersDesk(t)
	at := "/admin/programmes/" + d.programme().Slug + "/look"
	if w := d.sendLogo(at+"/logo", pictureInTest(t), "Region Exempel"); w.Header().Get("Location") != at+"?done=look_saved" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	doc := d.see(at)
	if doc.Find(`main img[alt="Region Exempel"]`).Length() != 1 || d.get(at+"/logo").Header().Get("Content-Type") != "image/png" {
		t.Error("the logo is not shown")
	}
	for name, tt := range map[string]struct {
		data      []byte
		alt, want string
	}{
		"a drawing": {[]byte("<svg/>"), "Länet", "PNG eller JPEG"},
		"no text":   {pictureInTest(t), "", "Text i stället för bilden"},
		"no file":   {nil, "Länet", "Välj en fil"},
		"too large": {bytes.Repeat([]byte{1}, 2<<20), "Länet", "högst 60 kB"},
	} {
		w := d.sendLogo(at+"/logo", tt.data, tt.alt)
		doc := d.page(w, http.StatusUnprocessableEntity)
		wants(t, plain(doc.Find(".error-summary")), tt.want)
		if got := doc.Find("#alt").AttrOr("value", ""); name != "too large" && name != "no file" && got != tt.alt {
			t.Errorf("%s: the text is %q", name, got)
		}
	}
	d.see(d.send(at+"/logo/remove", nil))
	if w := d.get(at + "/logo"); w.Code != http.StatusNotFound {
		t.Errorf("still there: %d", w.Code)
	}
	if w := d.stranger().sendLogo(at+"/logo", pictureInTest(t), "Region Exempel"); w.Code != http.StatusNotFound {
		t.Errorf("a stranger sends one: %d", w.Code)
	}
}

func TestAColourIsTriedAndSaved(t *testing.T) {
	d := lettersDesk(t)
	at := "/admin/programmes/" + d.programme().Slug + "/look"
	doc := d.see(at + "?accent=" + url.QueryEscape("#1e3a5f"))
	wants(t, plain(doc.Find("main")), "På ljus botten#1e3a5f, vit text", "På mörk botten")
	if doc.Find(`iframe[src*="accent=%231e3a5f"]`).Length() != 2 || d.programme().Accent != "" {
		t.Error("it is not only tried")
	}
	doc = d.refusal(at, url.Values{"accent": {"#ffee00"}}, http.StatusUnprocessableEntity)
	nearest := programme.NearestAccent("#ffee00")
	wants(t, plain(doc.Find("main")), "Den närmaste som går är "+nearest, "Ta "+nearest+" i stället")
	if doc.Find("#accent").AttrOr("value", "") != "#ffee00" || !strings.Contains(doc.Find("iframe").AttrOr("src", ""), url.QueryEscape(nearest)) {
		t.Error("what was typed is lost, or the nearest is not shown")
	}
	wants(t, plain(d.refusal(at, url.Values{"accent": {"blå"}}, http.StatusUnprocessableEntity).Find("main")), "Skriv färgen som #")
	d.see(d.send(at, url.Values{"accent": {nearest}}))
	if got := d.programme().Accent; got != nearest {
		t.Errorf("stored %q", got)
	}
	d.see(d.send(at, url.Values{"accent": {""}}))
	if got := d.programme().Accent; got != "" {
		t.Errorf("stored %q, want ours", got)
	}
	if d.see("/admin/letters").Find(`a[href="`+at+`"]`).Length() != 1 {
		t.Error("nothing leads there")
	}
}
