package letter

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// Clients find the picture by its Content-ID (RFC 2392), which the HTML names.
func TestTheHTMLNamesTheLogoThatGoesAlong(t *testing.T) {
	l := goldenLetters()["logo_invite.sv"]
	data := string(mustBytes(t, l))
	if !strings.Contains(data, "Content-Id: <logo@lyftet.example>") && !strings.Contains(data, "Content-ID: <logo@lyftet.example>") {
		t.Error("the picture has no Content-ID")
	}
	if !strings.Contains(data, `inline; filename="logo.png"`) {
		t.Error("the picture is not inline")
	}
	if p, err := Parse([]byte(data)); err != nil || !strings.Contains(p.HTML, `src="cid:logo@lyftet.example"`) || p.CalendarMethod != "REQUEST" {
		t.Errorf("%v, %s, %s", err, p.CalendarMethod, p.HTML)
	}
	if !strings.Contains(string(mustBytes(t, invite())), "multipart/mixed") || strings.Contains(string(mustBytes(t, invite())), "multipart/related") {
		t.Error("a letter without a logo has another tree than before")
	}
}

func TestALogoIsAPictureThatMailProgramsShow(t *testing.T) {
	for _, logo := range []*Image{{}, {Type: "image/png"}, {Type: "image/svg+xml", Data: []byte("<svg/>")}, {Type: "image/png\r\nBcc: x@y.example", Data: bytes.Repeat([]byte("x"), 9)}} {
		l := plainLetter()
		l.Logo = logo
		if _, err := l.Bytes(); !errors.Is(err, ErrLogo) {
			t.Errorf("%+v: %v", logo, err)
		}
	}
}
