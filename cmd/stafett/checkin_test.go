package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"stafett/internal/audit"
	"stafett/internal/checkin"
	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/ticket"
)

// door is an event that begins in ten minutes, with six people and a door link.
type door struct {
	file, path string // of the database, and of the page
	event      event.Event
	guests     []registration.Registration
	code       string // on the ticket of the first
}

func newDoor(t *testing.T) (d door) {
	t.Helper()
	d.file = newDatabase(t)
	seed(t, d.file, func(db *store.DB) {
		d.event = registrationtest.Event(t, db, func(c *event.Content) {
			c.StartsAt = time.Now().UTC().Truncate(time.Second).Add(10 * time.Minute)
			c.EndsAt = c.StartsAt.Add(time.Hour)
		})
		for n := range 6 {
			d.guests = append(d.guests, registrationtest.Sign(t, db, d.event.ID, n+1))
		}
		err := db.Write(context.Background(), func(tx *store.Tx) error {
			token, err := checkin.Make(context.Background(), tx, d.event.ID, "Stora dörren", audit.Command)
			if err != nil {
				return err
			}
			d.path = "/checkin/" + token
			manage, err := registration.NewLink(context.Background(), tx, d.guests[0], d.event, registration.Manage)
			d.code = registration.TicketCode(manage)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	return d
}

// present demands who has been there when all is over.
func (d door) present(t *testing.T, want ...registration.Registration) {
	t.Helper()
	seed(t, d.file, func(db *store.DB) {
		var got, wanted []string
		for _, r := range attended(t, db, d.event.ID) {
			got = append(got, r.LastName)
		}
		for _, r := range want {
			wanted = append(wanted, r.LastName)
		}
		slices.Sort(got)
		slices.Sort(wanted)
		if !slices.Equal(got, wanted) {
			t.Errorf("there were %v, want %v", got, wanted)
		}
	})
}

func button(r registration.Registration) string {
	return fmt.Sprintf(`[data-guest="%s"] button`, r.ID)
}

func (b *tab) eventually(selector, want string) {
	b.t.Helper()
	got := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if got = b.text(selector); strings.Contains(got, want) {
			return
		}
	}
	b.quiet()
	b.t.Fatalf("%s never says %q but %q", selector, want, got)
}

// network takes the network away from the page and its service worker, or gives
// it back.
func (b *tab) network(away bool) {
	b.t.Helper()
	c := network.EmulateNetworkConditionsByRuleParams{
		EmulateOfflineServiceWorker: &away,
		MatchedNetworkConditions:    []*network.Conditions{{Offline: away, DownloadThroughput: -1, UploadThroughput: -1}},
	}
	_, err := chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, c)
	if err == nil {
		_, err = chromedp.Call(b.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: away, DownloadThroughput: -1, UploadThroughput: -1})
	}
	if err != nil {
		b.t.Fatalf("the network away, %v: %v", away, err)
	}
}

// forgiveAbsence forgets what the browser says when the network is away.
func (b *tab) forgiveAbsence() { b.forgive("ERR_INTERNET_DISCONNECTED") }

// forgive forgets the faults in which something stands.
func (b *tab) forgive(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = slices.DeleteFunc(b.faults, func(f string) bool { return strings.Contains(f, what) })
}

// emptied waits until a place says nothing any more.
func (b *tab) emptied(selector string) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); b.text(selector) != ""; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("%s still says %q", selector, b.text(selector))
		}
	}
}

func TestPeopleAreCheckedInWithoutScripts(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	s := beginServe(t, d.file, openPostOffice(t))
	b := openTab(t, s.base)
	b.scriptsOff()
	b.open(d.path)
	b.reads("[data-checkin-count]", "Närvarande: 0 av 6")
	b.fill("q", "nummer 2")
	b.follow(`form[role="search"] button`)
	if n := len(b.texts("[data-guest]")); n != 1 {
		t.Errorf("the search finds %d people", n)
	}
	b.follow(button(d.guests[1]))
	b.reads(".checkin-result", "Person Nummer 2 är nu närvarande.")
	b.reads("[data-checkin-count]", "Närvarande: 1 av 6")
	s.end(t)
	d.present(t, d.guests[1])
}

// Three people are marked while the network is away, and the page is loaded anew
// in the middle of it: none is lost, and each is marked once.
func TestMarksMadeWithoutANetworkAreSentWhenItIsBack(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	s := beginServe(t, d.file, openPostOffice(t))
	b := openTab(t, s.base)
	b.look(375, "light")
	b.open(d.path)
	b.click(button(d.guests[0]))
	b.eventually("[data-checkin-result]", "Person Nummer 1 är nu närvarande.")
	b.eventually("[data-checkin-count]", "Närvarande: 1 av 6")
	script[bool](b, `navigator.serviceWorker.ready.then(() => new Promise(done => setTimeout(() => done(true), 1500)))`)

	b.network(true)
	for i, r := range d.guests[1:3] {
		b.click(button(r))
		b.eventually("[data-checkin-waiting]", fmt.Sprintf("Väntar på att skickas: %d.", i+1))
	}
	b.eventually("[data-checkin-result]", "Person Nummer 3 är sparad och skickas när nätet är tillbaka.")
	must(b, "load the page anew", chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Evaluate[chromedp.Void](`location.reload()`)))
	b.eventually("[data-checkin-waiting]", "Väntar på att skickas: 2.")
	b.eventually("[data-checkin-count]", "Närvarande: 3 av 6")
	b.click(button(d.guests[3]))
	b.eventually("[data-checkin-waiting]", "Väntar på att skickas: 3.")
	b.forgiveAbsence()
	b.network(false)
	script[bool](b, `dispatchEvent(new Event("online"))`)
	b.emptied("[data-checkin-waiting]")
	b.eventually("[data-checkin-count]", "Närvarande: 4 av 6")
	b.forgiveAbsence()
	b.accessible()
	s.end(t)
	d.present(t, d.guests[:4]...)
}

// The organiser closes the attendance while the phone is away. Nothing stays
// stuck: each mark is answered in words, and its row can be chosen again.
func TestMarksThatComeTooLateAreAnswered(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	s := beginServe(t, d.file, openPostOffice(t))
	b := openTab(t, s.base)
	b.look(375, "light")
	b.open(d.path)
	b.network(true)
	for i, r := range d.guests[1:3] {
		b.click(button(r))
		b.eventually("[data-checkin-waiting]", fmt.Sprintf("Väntar på att skickas: %d.", i+1))
	}
	seed(t, d.file, func(db *store.DB) {
		storetest.Write(t, db, func(tx *store.Tx) error {
			_, err := store.Exec(context.Background(), tx, `UPDATE event SET attendance_closed_at = ? WHERE id = ?`, store.At(tx.Now), d.event.ID)
			return err
		})
	})
	b.forgiveAbsence()
	b.network(false)
	script[bool](b, `dispatchEvent(new Event("online"))`)
	b.emptied("[data-checkin-waiting]")
	b.eventually("[data-checkin-result]", "Person Nummer 2 kan inte checkas in. Närvaroregistreringen är avslutad. Fråga arrangören.")
	b.eventually("[data-checkin-result]", "Person Nummer 3 kan inte checkas in.")
	b.eventually("[data-checkin-count]", "Närvarande: 0 av 6")
	if n := script[int](b, `document.querySelectorAll("[data-guest] form:not([hidden])").length`); n != 6 {
		t.Errorf("%d of 6 people can be chosen", n)
	}
	b.forgiveAbsence()
	b.accessible()
	s.end(t)
	d.present(t)
}

// One mark that the server will not read goes alone, and holds up none of the
// others.
func TestAMarkThatIsRefusedHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	s := beginServe(t, d.file, openPostOffice(t))
	b := openTab(t, s.base)
	b.open(d.path)
	var marks []string
	for i, r := range d.guests[:5] {
		made := "2027-01-01T00:00:00Z"
		if i == 2 {
			made = "yesterday"
		}
		marks = append(marks, fmt.Sprintf(`{"id": "mark-00000%d", "registration": %q, "made_at": %q}`, i, r.ID, made))
	}
	script[bool](b, `(() => {
		const key = "stafett-door-" + document.querySelector("[data-door]").dataset.door;
		localStorage.setItem(key, JSON.stringify({until: "2099-01-01T00:00:00Z", present: [], waiting: [`+strings.Join(marks, ",")+`]}));
		return true;
	})()`)
	must(b, "load the page anew", chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Evaluate[chromedp.Void](`location.reload()`)))
	b.emptied("[data-checkin-waiting]")
	b.eventually("[data-checkin-count]", "Närvarande: 4 av 6")
	b.reads("[data-checkin-result]", "Person Nummer 3 kan inte checkas in. Fråga arrangören.")
	if n := script[int](b, `document.querySelectorAll("[data-guest] form:not([hidden], [data-checkin-undo])").length`); n != 2 {
		t.Errorf("%d people can be chosen, not the refused one and the sixth", n)
	}
	b.forgive("400")
	s.end(t)
	d.present(t, slices.Concat(d.guests[:2], d.guests[3:5])...)
}

// The organiser takes a wrong mark back: once the page is loaded anew, the
// person can be marked when they come.
func TestAMarkTakenBackCanBeMadeAgain(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	s := beginServe(t, d.file, openPostOffice(t))
	b := openTab(t, s.base)
	b.open(d.path)
	b.click(button(d.guests[0]))
	b.eventually("[data-checkin-result]", "Person Nummer 1 är nu närvarande.")
	seed(t, d.file, func(db *store.DB) {
		storetest.Write(t, db, func(tx *store.Tx) error {
			_, err := registration.Attend(context.Background(), tx, d.guests[0].ID, registration.Unmarked, registrationtest.Organiser)
			return err
		})
	})
	b.open(d.path)
	b.eventually("[data-checkin-count]", "Närvarande: 0 av 6")
	b.click(button(d.guests[0]))
	b.eventually("[data-checkin-result]", "Person Nummer 1 är nu närvarande.")
	b.eventually("[data-checkin-count]", "Närvarande: 1 av 6")
	s.end(t)
	d.present(t, d.guests[0])
}

// A camera that sees a ticket, and the page that reads it.
func TestATicketIsReadByTheCamera(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	s := beginServe(t, d.file, openPostOffice(t))
	picture := filepath.Join(t.TempDir(), "ticket.y4m")
	if err := os.WriteFile(picture, film(t, ticket.Text(d.code)), 0o600); err != nil {
		t.Fatal(err)
	}
	b := openTabWithCamera(t, s.base, picture)
	b.open(d.path)
	b.click("[data-checkin-scan]")
	b.eventually("[data-checkin-result]", "Person Nummer 1 är nu närvarande.")
	b.eventually("[data-checkin-count]", "Närvarande: 1 av 6")
	b.click("[data-checkin-scan]")
	b.eventually("[data-checkin-scan]", "Läs av biljetter med kameran")
	s.end(t)
	d.present(t, d.guests[0])
}

// film is a few frames of a QR code, small and somewhat to the side, as
// uncompressed video.
func film(t *testing.T, text string) []byte {
	t.Helper()
	const width, height, module, left, top = 640, 480, 7, 180, 90
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n", width, height)
	for range 10 {
		out.WriteString("FRAME\n")
		frame := bytes.Repeat([]byte{200}, width*height)
		for y := range code.Bounds().Dy() * module {
			for x := range code.Bounds().Dx() * module {
				if r, _, _, _ := code.At(x/module, y/module).RGBA(); r == 0 {
					frame[(top+y)*width+left+x] = 40
				}
			}
		}
		out.Write(frame)
		out.Write(bytes.Repeat([]byte{128}, width*height/2))
	}
	return out.Bytes()
}

// openTabWithCamera opens a browser of its own, whose camera shows a film and
// may be used without asking.
func openTabWithCamera(t *testing.T, base, film string) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.UserDataDir(t.TempDir()), chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("accept-lang", "sv"), chromedp.Flag("lang", "sv"),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-video-capture", film),
	)
	if os.Getuid() == 0 { // Chromium refuses to be root in its sandbox
		options = append(options, chromedp.NoSandbox)
	}
	process, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(process)
	t.Cleanup(func() { cancel(); end() })
	b := &tab{t: t, base: base, status: map[string]int64{}}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a browser with a camera: %v", err)
	}
	b.ctx, cancel = context.WithTimeout(ctx, tabPatience)
	t.Cleanup(cancel)
	if err := chromedp.Listen(b.ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.quiet)
	return b
}
