package certificate_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"stafett/internal/certificate"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/programme"
)

var update = flag.Bool("update", false, "write the golden files")

// sample is a certificate of two and a half hours in Falun.
func sample() certificate.Certificate {
	return certificate.Certificate{
		Code: "7K2M94QX0BTR1H5C", IssuedAt: time.Date(2027, 3, 12, 9, 30, 0, 0, time.UTC), State: certificate.Valid,
		Name: "Karin Östberg", Language: locale.SV, Mode: event.Room,
		Event: event.Event{Content: event.Content{
			Title: "Så lämnar ditt företag sitt första anbud", TimeZone: "Europe/Stockholm", VenueName: "Kristinehallen",
			StartsAt: time.Date(2027, 3, 10, 8, 0, 0, 0, time.UTC), EndsAt: time.Date(2027, 3, 10, 10, 30, 0, 0, time.UTC),
		}},
		Programme: programme.Programme{Name: "Upphandlingsdialog Dalarna", Country: "SE", OrganiserName: "Exempelregionen", OrgNumber: "2021005448"},
	}
}

// longest fills every field as far as it goes.
func longest(c certificate.Certificate) certificate.Certificate {
	c.Name = "Ólafur-Þorsteinn Ðurđević Åsgårdstrand-Čáhppesgáisá Ŋuorggámárnjárga-Šiŧŋŧžđá Øæ"
	c.Event.Title = strings.Repeat("Upphandlingskompetensförsörjning i samverkan med näringslivet ", 4)[:202]
	c.Event.VenueName = strings.Repeat("Folkets hus i Äppelbo, lilla salen ", 6)[:200]
	c.Programme.Name = strings.Repeat("Kompetanseprogram for offentlige innkjøp ", 5)[:200]
	c.Programme.OrganiserName = strings.Repeat("Exempelregionens samverkansnämnd ", 7)[:200]
	return c
}

func words(t *testing.T) certificate.Words {
	t.Helper()
	texts, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return certificate.Words{Texts: texts, Place: "Falun", BaseURL: "https://program.example"}
}

func paper(t *testing.T, c certificate.Certificate, lang locale.Language) certificate.Paper {
	t.Helper()
	p, err := c.Write(lang, words(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func pdf(t *testing.T, p certificate.Paper, made time.Time) []byte {
	t.Helper()
	b, err := p.PDF(made)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAPaperSaysWhoWhatWhenHowLongWhereAndByWhom(t *testing.T) {
	for _, tt := range []struct {
		lang  locale.Language
		facts []string
	}{
		{locale.SV, []string{"Onsdag 10 mars 2027", "2,5 timmar", "Kristinehallen, Falun", "Exempelregionen, organisationsnummer 202100-5448"}},
		{locale.NB, []string{"Onsdag 10. mars 2027", "2,5 timer", "Kristinehallen, Falun", "Exempelregionen, organisasjonsnummer 202100-5448"}},
		{locale.NN, []string{"Onsdag 10. mars 2027", "2,5 timar", "Kristinehallen, Falun", "Exempelregionen, organisasjonsnummer 202100-5448"}},
		{locale.EN, []string{"Wednesday 10 March 2027", "2.5 hours", "Kristinehallen, Falun", "Exempelregionen, organisation number 202100-5448"}},
	} {
		p := paper(t, sample(), tt.lang)
		for i, f := range p.Facts {
			if got := strings.ReplaceAll(f.Value, "\u00a0", " "); got != tt.facts[i] || f.Label == "" {
				t.Errorf("%s: %s %q, want %q", tt.lang, f.Label, got, tt.facts[i])
			}
		}
		if p.Code.Value != "7K2M-94QX-0BTR-1H5C" || p.Address != "https://program.example/certificate/7K2M-94QX-0BTR-1H5C" {
			t.Errorf("%s: %s at %s", tt.lang, p.Code.Value, p.Address)
		}
	}
}

func TestWhoTookPartOnlineWasInNoRoom(t *testing.T) {
	c := sample()
	c.Mode = event.Online
	if got := paper(t, c, locale.SV).Facts[2].Value; got != "Digitalt" {
		t.Errorf("where: %q", got)
	}
}

// Run with -update after a change, and look at the file.
func TestThePDFIsTheSameByteForByte(t *testing.T) {
	got := pdf(t, paper(t, sample(), locale.SV), sample().IssuedAt)
	name := filepath.Join("testdata", "certificate.sv.pdf")
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes, and %s has %d others", len(got), name, len(want))
	}
	for _, want := range []string{"/Lang (sv)", "D:20270312093000", "/Title"} {
		if !bytes.Contains(got, []byte(want)) {
			t.Errorf("no %s in the file", want)
		}
	}
}

func TestTheLongestTextsOfEveryLanguageFitOnOnePage(t *testing.T) {
	pages := regexp.MustCompile(`/Type /Page\b`)
	for _, lang := range locale.All() {
		for name, c := range map[string]certificate.Certificate{"usual": sample(), "longest": longest(sample())} {
			p := paper(t, c, lang)
			if lowest, free := p.Fits(); lowest > free {
				t.Errorf("%s, %s: the text ends at %.1f mm, the foot begins at %.1f", name, lang, lowest, free)
			}
			if ok, err := p.Printable(); !ok || err != nil {
				t.Errorf("%s, %s: printable %t, %v", name, lang, ok, err)
			}
			if n := len(pages.FindAll(pdf(t, p, c.IssuedAt), -1)); n != 1 {
				t.Errorf("%s, %s: %d pages", name, lang, n)
			}
		}
	}
}

func TestSignsThatTheTypefaceLacksAreNotPrinted(t *testing.T) {
	for name, want := range map[string]bool{
		"Ánne Ŋuorggám Čuđžŧ": true, "Łukasz Żółć": true, "Ђорђе Ελένη": true, "Åsa": true, "A\u030asa": true,
		"王小明": false, "Åsa 🙂": false,
	} {
		c := sample()
		c.Name = name
		p := paper(t, c, locale.SV)
		if got, err := p.Printable(); got != want || err != nil {
			t.Errorf("%s: printable %t, %v", name, got, err)
		}
		if _, err := p.PDF(c.IssuedAt); (err == nil) != want || err != nil && !errors.Is(err, certificate.ErrSigns) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
