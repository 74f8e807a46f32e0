package ticket

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/google/go-cmp/cmp"

	"stafett/data"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
)

var update = flag.Bool("update", false, "write the golden tickets anew")

var code = registration.TicketCode("token")

func sample(t *testing.T, lang locale.Language) Ticket {
	t.Helper()
	texts, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	places, err := municipality.Load(data.Files)
	if err != nil {
		t.Fatal(err)
	}
	words := func(key string) string {
		text, err := texts.Text(lang, key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	r := registration.Registration{FirstName: "Åsa Ŋiŋŋá", LastName: "Strømsø-Håløgård"}
	ev := event.Event{Content: registrationtest.Content()}
	return New(words, places, lang, "Upphandlingskompetens Dalarna", r, ev, code, time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC))
}

func TestATicketSaysWhatTheDoorAndThePersonNeed(t *testing.T) {
	for lang, want := range map[locale.Language][]string{
		locale.SV: {"Biljett", "Onsdag 10 mars 2027 kl. 09.00–12.00", "Kristinehallen, Kristinegatan 1, Falun", "Visa koden i dörren, på telefonen eller på papper."},
		locale.NB: {"Billett", "Onsdag 10. mars 2027 kl. 09:00 - 12:00", "Kristinehallen, Kristinegatan 1, Falun", "Vis koden i døra, på telefonen eller på papir."},
	} {
		got := sample(t, lang)
		plain := strings.ReplaceAll(got.Time, "\u00a0", " ")
		if diff := cmp.Diff(want, []string{got.Heading, plain, got.Place, got.Show}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}

// The same ticket is the same bytes, so that a letter can be sent again.
func TestTheSameTicketIsTheSameBytes(t *testing.T) {
	for _, lang := range locale.All() {
		got := pdf(t, sample(t, lang))
		file := filepath.Join("testdata", "ticket."+string(lang)+".pdf")
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) || !bytes.Equal(got, pdf(t, sample(t, lang))) {
			t.Errorf("the ticket in %s is not what it was", lang)
		}
		if len(got) > 60_000 {
			t.Errorf("the ticket in %s has %d bytes: that is much in a letter", lang, len(got))
		}
	}
}

func TestATicketThatSaysMuchStaysOnOnePage(t *testing.T) {
	long := sample(t, locale.SV)
	long.Name = strings.Repeat("Åsa-Märta ", 8)
	long.Event = strings.Repeat("Så lämnar ditt företag sitt första anbud ", 5)
	long.Place = strings.Repeat("Kristinehallen, Kristinegatan ", 7)
	got := pdf(t, long)
	if n := bytes.Count(got, []byte("/Type /Page\n")); n != 1 {
		t.Errorf("%d pages", n)
	}
	f, err := long.draw()
	if err != nil {
		t.Fatal(err)
	}
	if foot := f.GetY(); foot > 297-margin {
		t.Errorf("the text ends %.0f mm down a page of 297", foot)
	}
}

func TestLettersThatTheFontLacksDoNotStopTheTicket(t *testing.T) {
	for _, name := range []string{"Robin 👩🏽‍💻 Berg", "名前", "\u0000", "", "e\u0301"} {
		x := sample(t, locale.SV)
		x.Name = name
		pdf(t, x)
	}
}

func pdf(t *testing.T, x Ticket) []byte {
	t.Helper()
	b, err := x.PDF()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The drawing is read back module by module and compared with the code itself.
func TestTheDrawingsHoldTheModulesOfTheCode(t *testing.T) {
	want, err := qr.Encode(Text(code), qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	size := want.Bounds().Dx()
	if size != 25 {
		t.Errorf("the code is %d modules wide: ticket codes are to be of version 2", size)
	}
	svg, err := SVG(Text(code), `Din <kod> & "biljett"`)
	if err != nil {
		t.Fatal(err)
	}
	fromSVG := svgModules(t, svg, size)
	rows, err := modules(Text(code))
	if err != nil {
		t.Fatal(err)
	}
	for y := range size {
		for x := range size {
			r, _, _, _ := want.At(x, y).RGBA()
			if dark := r == 0; fromSVG[y][x] != dark || rows[y][x] != dark {
				t.Fatalf("module %d, %d", x, y)
			}
		}
	}
}

func svgModules(t *testing.T, svg string, size int) [][]bool {
	t.Helper()
	var x struct {
		ViewBox string `xml:"viewBox,attr"`
		Role    string `xml:"role,attr"`
		Label   string `xml:"aria-label,attr"`
		Title   string `xml:"title"`
		Paths   []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte(svg), &x); err != nil {
		t.Fatal(err)
	}
	box := fmt.Sprintf("0 0 %d %d", size+8, size+8)
	if x.ViewBox != box || x.Role != "img" || x.Title != `Din <kod> & "biljett"` || x.Label != x.Title || len(x.Paths) != 2 {
		t.Fatalf("%+v", x)
	}
	all := make([][]bool, size)
	for i := range all {
		all[i] = make([]bool, size)
	}
	for run := range strings.SplitSeq(strings.TrimSuffix(x.Paths[1].D, "z"), "z") {
		var left, top, width, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h%d", &left, &top, &width, &back); err != nil || back != -width {
			t.Fatalf("%q: %v", run, err)
		}
		for i := range width {
			all[top-4][left-4+i] = true
		}
	}
	return all
}

func TestOnlyOurOwnCodesAreTakenForTickets(t *testing.T) {
	for read, want := range map[string]string{
		Text("ABC234"): "ABC234", " stafett1:abc234\n": "ABC234", "ABC234": "", "https://example.org/STAFETT1:ABC": "", "": "",
	} {
		if got := Code(read); got != want {
			t.Errorf("%q is the ticket %q, want %q", read, got, want)
		}
	}
	if strings.Contains(Text(code), "/") || strings.ToUpper(Text(code)) != Text(code) {
		t.Errorf("%s looks like an address, or needs a larger code", Text(code))
	}
}

func TestWhoHasATicket(t *testing.T) {
	ev := event.Event{Status: event.Published, Content: registrationtest.Content()}
	now := ev.StartsAt
	for _, tt := range []struct {
		name   string
		status registration.Status
		mode   event.Mode
		event  event.Status
		now    time.Time
		want   bool
	}{
		{"a place in the room", registration.Confirmed, event.Room, event.Published, now, true},
		{"already there", registration.Attended, event.Room, event.Published, now, true},
		{"online", registration.Confirmed, event.Online, event.Published, now, false},
		{"on the waiting list", registration.Waitlisted, event.Room, event.Published, now, false},
		{"given up", registration.Cancelled, event.Room, event.Published, now, false},
		{"without a date", registration.Confirmed, event.Room, event.Postponed, now, false},
		{"over", registration.Confirmed, event.Room, event.Published, ev.EndsAt, false},
	} {
		ev.Status = tt.event
		if got := For(registration.Registration{Status: tt.status, Mode: tt.mode}, ev, tt.now); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
