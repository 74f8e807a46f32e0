package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is the one browser of all tests. Each test has a tab of its own, with
// its own cookies.
type browser struct {
	once    sync.Once
	context context.Context
	stop    context.CancelFunc
	profile string
	err     error
}

var chromium browser

// start opens the browser for the first test that needs it. It can reach this
// machine only.
func (b *browser) start() {
	if b.profile, b.err = os.MkdirTemp("", "stafett-browser-"); b.err != nil {
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.UserDataDir(b.profile), chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("accept-lang", "sv"), chromedp.Flag("lang", "sv"),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	if os.Getuid() == 0 { // Chromium refuses to be root in its sandbox
		options = append(options, chromedp.NoSandbox)
	}
	process, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(process)
	b.context, b.stop = ctx, func() { cancel(); end() }
	b.err = chromedp.Do(ctx)
}

// quit closes the browser, if any test has opened it.
func (b *browser) quit() {
	if b.stop != nil {
		b.stop()
	}
	if b.profile != "" {
		os.RemoveAll(b.profile)
	}
}

// tab is one tab of the browser, and all that was wrong in it.
type tab struct {
	t      *testing.T
	ctx    context.Context
	base   string
	mu     sync.Mutex
	faults []string
	status map[string]int64 // by address, of documents
	asked  int              // times the page asked whether to be left

	outside []string // the addresses outside of the site that may be asked for
}

// tabPatience is how long one test may use its tab.
const tabPatience = 5 * time.Minute

// openTab opens a tab, 1280 pixels wide, for a person who reads Swedish and
// wants no movement on pages.
func openTab(t *testing.T, base string) *tab {
	t.Helper()
	chromium.once.Do(chromium.start)
	if chromium.err != nil {
		t.Fatalf("start the browser: %v", chromium.err)
	}
	ctx, cancel := chromedp.NewContext(chromium.context, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{t: t, base: base, status: map[string]int64{}}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	b.ctx, cancel = context.WithTimeout(ctx, tabPatience)
	t.Cleanup(cancel)
	if err := chromedp.Listen(b.ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	b.look(1280, "light")
	t.Cleanup(b.quiet)
	return b
}

// listen notes everything that a page says on the console and everything that it
// could not load.
func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fault := func(format string, args ...any) { b.faults = append(b.faults, fmt.Sprintf(format, args...)) }
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, string(a.Value)+a.Description)
		}
		fault("console.%s: %s", e.Type, strings.Join(words, " "))
	case *runtime.EventExceptionThrown:
		fault("exception: %s", e.ExceptionDetails.Text)
	case *cdplog.EventEntryAdded:
		// That a document was answered with 422 is no fault of the page: each test
		// says itself which status it expects. Nor is what signing out does.
		_, document := b.status[e.Entry.URL]
		expected := document && e.Entry.Source == cdplog.EntrySourceNetwork || strings.HasPrefix(e.Entry.Text, "Clear-Site-Data header")
		if !expected {
			fault("log, %s, %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			b.status[e.Response.URL] = int64(e.Response.Status)
		} else if e.Response.Status >= 400 {
			fault("%d for %s", e.Response.Status, e.Response.URL)
		}
	case *network.EventRequestWillBeSent:
		if strings.HasPrefix(e.Request.URL, "http") && !strings.HasPrefix(e.Request.URL, b.base+"/") && !slices.Contains(b.outside, e.Request.URL) {
			fault("asked for %s", e.Request.URL)
		}
	case *page.EventJavascriptDialogOpening:
		b.asked++
		go chromedp.Call(b.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
	}
}

// quiet demands that nothing has been wrong in the tab since it was last asked.
func (b *tab) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		b.t.Errorf("in the browser: %s", f)
	}
	b.faults = nil
}

// must gives the value of an action that must succeed.
func must[T any](b *tab, what string, action chromedp.Action[T]) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.quiet()
		b.t.Fatalf("%s: %v\n%s", what, err, b.whereabouts())
	}
	return v
}

// whereabouts says on which page the tab is, for the report of a failure.
func (b *tab) whereabouts() string {
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Second)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + (document.querySelector("main") ?? document.body).innerText.slice(0, 600)`))
	if err != nil {
		return "where the tab is cannot be told: " + err.Error()
	}
	return "the tab is at " + at
}

// script runs JavaScript in the page, from outside, and gives its value.
func script[T any](b *tab, code string) T {
	b.t.Helper()
	return must(b, "script "+code, chromedp.Evaluate[T](code, chromedp.EvalAwaitPromise))
}

// look sets how wide the window is and whether the person prefers dark pages.
func (b *tab) look(width int64, scheme string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 600})
	if err == nil {
		_, err = chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
	}
	if err != nil {
		b.t.Fatalf("look at the page at %d pixels, %s: %v", width, scheme, err)
	}
	// The page is laid out anew in its own time; until then nothing stands where
	// it will be clicked.
	script[bool](b, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
}

// scriptsOff is a browser that runs no scripts of pages. The test's own still
// run.
func (b *tab) scriptsOff() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		b.t.Fatalf("switch scripts off: %v", err)
	}
}

// load does what makes the browser load a page, and waits for it.
func (b *tab) load(what string, status int64, act chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.WaitEvent(page.LoadEventFired, nil, act)); err != nil {
		b.quiet()
		b.t.Fatalf("%s: %v\n%s", what, err, b.whereabouts())
	}
	at, _, _ := strings.Cut(script[string](b, `location.href`), "#")
	b.mu.Lock()
	got := b.status[at]
	b.mu.Unlock()
	if got != status {
		b.t.Fatalf("%s: status %d, want %d\n%s", what, got, status, b.whereabouts())
	}
	b.proper()
}

// proper demands of the page what every page must have.
func (b *tab) proper() {
	b.t.Helper()
	p := script[struct {
		Headings   int
		Lang, Name string
		Twice      []string
		Address    string
	}](b, `(() => {
		const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
		return {Headings: document.querySelectorAll("h1").length, Lang: document.documentElement.lang, Name: document.title,
			Twice: ids.filter((id, i) => ids.indexOf(id) < i), Address: location.href};
	})()`)
	if p.Headings != 1 {
		b.t.Errorf("%s has %d h1", p.Address, p.Headings)
	}
	if !slices.Contains([]string{"sv", "nb", "nn", "en"}, p.Lang) {
		b.t.Errorf("%s has the language %q", p.Address, p.Lang)
	}
	if strings.TrimSpace(strings.Trim(p.Name, " –")) == "" {
		b.t.Errorf("%s has no title", p.Address)
	}
	if len(p.Twice) > 0 {
		b.t.Errorf("%s has ids that stand there twice: %q", p.Address, p.Twice)
	}
	b.quiet()
}

// open goes to an address of the site, which must answer 200.
func (b *tab) open(path string) {
	b.t.Helper()
	b.openTo(path, 200)
}

// openTo goes to an address that answers with the status.
func (b *tab) openTo(path string, status int64) {
	b.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.base + path
	}
	b.load("open "+path, status, chromedp.Navigate(path))
}

// click presses an element with the mouse.
func (b *tab) click(selector string) {
	b.t.Helper()
	must(b, "click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// follow presses what leads to another page, a link or the button of a form.
func (b *tab) follow(selector string) {
	b.t.Helper()
	b.lettersFit()
	b.load("follow "+selector, 200, chromedp.Click(chromedp.CSS(selector)))
}

// lettersFit waits until the frames of letters are as tall as their letters: what
// stands below moves until then, and a click would miss it.
func (b *tab) lettersFit() {
	b.t.Helper()
	const fits = `[...document.querySelectorAll("iframe[data-fit]")].every(f => f.contentDocument?.readyState === "complete" &&
		f.contentDocument.URL !== "about:blank" && f.clientHeight >= f.contentDocument.documentElement.scrollHeight)`
	await(b.t, "the letters of "+b.path()+" fit into their frames", func() bool { return script[bool](b, fits) })
}

// refusedBy presses the button of a form that is refused, and comes back.
func (b *tab) refusedBy(selector string, status int64) {
	b.t.Helper()
	b.lettersFit()
	b.load("press "+selector, status, chromedp.Click(chromedp.CSS(selector)))
	if got := b.title(); status == 422 && !strings.HasPrefix(got, "Fel: ") {
		b.t.Errorf("the refused form's title is %q", got)
	}
}

// fill types into the field with the id; what was there is replaced.
func (b *tab) fill(id, text string) {
	b.t.Helper()
	if !script[bool](b, fmt.Sprintf(`(() => { const f = document.getElementById(%q); f.focus(); f.select(); return document.activeElement === f; })()`, id)) {
		b.t.Fatalf("%s cannot be filled in", id)
	}
	must(b, "fill "+id, chromedp.KeyEvent(text))
	if got := script[string](b, fmt.Sprintf(`document.getElementById(%q).value`, id)); got != text {
		b.t.Fatalf("%s holds %q after %q was typed", id, got, text)
	}
}

// put sets the value of a select, or of a field for a date or a time, whose keys
// depend on the browser's language.
func (b *tab) put(id, value string) {
	b.t.Helper()
	got := script[string](b, fmt.Sprintf(`(() => {
		const field = document.getElementById(%[1]q);
		field.value = %[2]q;
		field.dispatchEvent(new Event("change", {bubbles: true}));
		return field.value;
	})()`, id, value))
	if got != value {
		b.t.Fatalf("%s has the value %q after it was set to %q", id, got, value)
	}
}

// text is what a person reads in an element, its spaces made alike.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return words(script[string](b, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? "there is no such element"`, selector)))
}

func words(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\u00a0", " ")), " ")
}

// reads demands that an element holds the words.
func (b *tab) reads(selector, want string) {
	b.t.Helper()
	if got := b.text(selector); !strings.Contains(got, want) {
		b.t.Errorf("%s: no %q in %q", b.path(), want, got)
	}
}

func (b *tab) title() string {
	b.t.Helper()
	return must(b, "read the title", chromedp.Title())
}

// path is the address without the host.
func (b *tab) path() string {
	b.t.Helper()
	return strings.TrimPrefix(must(b, "read the address", chromedp.Location()), b.base)
}

// query is one value of the address.
func (b *tab) query(name string) string {
	b.t.Helper()
	u, err := url.Parse(b.path())
	if err != nil {
		b.t.Fatal(err)
	}
	return u.Query().Get(name)
}

// texts are what a person reads in each of the elements.
func (b *tab) texts(selector string) []string {
	b.t.Helper()
	list := script[[]string](b, fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => e.innerText)`, selector))
	for i, s := range list {
		list[i] = words(s)
	}
	return list
}

// questions is how often a page has asked whether it may be left.
func (b *tab) questions() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked
}

// evaluated is JavaScript as an action, for what leads to another page.
func evaluated(code string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](code)
}
