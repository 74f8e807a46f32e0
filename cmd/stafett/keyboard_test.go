package main

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// keys is somebody who has a keyboard and no mouse.
type keys struct{ *tab }

// focus is where the keyboard's focus is, and whether that can be seen.
type focus struct {
	ID, Name, Value, Words, Tag string
	Seen                        string // how, or nothing
}

// at looks at the element that has the focus. It is seen when it has a ring of
// at least two pixels and nothing lies over its middle.
func (k keys) at() focus {
	k.t.Helper()
	return script[focus](k.tab, `(() => {
		const e = document.activeElement, box = e.getBoundingClientRect();
		const ring = [e, ...(e.labels ?? []), e.closest("label, li, .ds-chip")].filter(Boolean).map(x => getComputedStyle(x))
			.find(s => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && !s.outlineColor.endsWith(", 0)"));
		const over = document.elementFromPoint(Math.max(0, box.x + box.width / 2), box.y + Math.min(box.height, innerHeight - box.y) / 2);
		const free = over !== null && (e.contains(over) || over.contains(e) || [...(e.labels ?? [])].some(l => l.contains(over)));
		return {ID: e.id, Name: e.name ?? "", Value: e.value ?? "", Tag: e.tagName, Words: (e.innerText ?? "").trim(),
			Seen: !ring ? "" : !free ? "" : ring.outlineWidth + " " + ring.outlineStyle + " " + ring.outlineColor};
	})()`)
}

// press presses the keys one after the other.
func (k keys) press(pressed string) {
	k.t.Helper()
	must(k.tab, "press a key", chromedp.KeyEvent(pressed))
}

// pressEnter is the three events of a real keyboard. KeyEvent would send a
// character also when the key has been dealt with, and so press Enter once more
// in the field that a link has led to.
func (k keys) pressEnter() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, event := range []input.DispatchKeyEventParams{{Type: input.DispatchKeyEventTypeRawKeyDown}, {Type: input.DispatchKeyEventTypeChar, Text: "\r"}, {Type: input.DispatchKeyEventTypeKeyUp}} {
			event.Key, event.Code, event.WindowsVirtualKeyCode, event.NativeVirtualKeyCode = "Enter", "Enter", 13, 13
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, event); err != nil {
				return err
			}
		}
		return nil
	})
}

// enterHere presses Enter where it changes the page and leads to no other.
func (k keys) enterHere() {
	k.t.Helper()
	must(k.tab, "press Enter", k.pressEnter())
}

// tabTo presses the tabulator until the element that is wanted has the focus,
// and demands of each on the way that it can be seen there.
func (k keys) tabTo(what string, wanted func(focus) bool) focus {
	k.t.Helper()
	for range 60 {
		k.press(kb.Tab)
		f := k.at()
		if f.Seen == "" {
			k.t.Errorf("%s: the focus cannot be seen at %+v", k.path(), f)
		}
		if wanted(f) {
			return f
		}
	}
	k.t.Fatalf("%s: the keyboard does not reach %s", k.path(), what)
	return focus{}
}

func (k keys) tabToID(id string) {
	k.t.Helper()
	k.tabTo(id, func(f focus) bool { return f.ID == id })
}

func (k keys) tabToWords(words string) {
	k.t.Helper()
	k.tabTo(words, func(f focus) bool { return f.Words == words })
}

// write types into the field that the tabulator comes to.
func (k keys) write(id, text string) {
	k.t.Helper()
	k.tabToID(id)
	k.press(text)
}

// enter presses Enter, which must lead to another page.
func (k keys) enter(status int64) {
	k.t.Helper()
	k.load("press Enter", status, k.pressEnter())
}

func TestByKeyboardAlone(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	k := keys{openTab(t, d.base)}
	k.open("/events/fort-innovation")

	k.press(kb.Tab)
	if f := k.at(); f.Words != "Hoppa till innehållet" || f.Seen == "" {
		t.Errorf("the tabulator comes to %+v first", f)
	}
	k.enterHere()
	if f := k.at(); f.ID != "main" {
		t.Errorf("the skip link leads to %+v", f)
	}
	k.tabToWords("Anmäl dig")
	k.enter(200)

	k.tabToID("first_name")
	k.enter(422) // as people do, and nothing else is filled in
	if f := k.at(); !strings.Contains(f.Words, "Rätta till 7 uppgifter") || f.Seen == "" {
		t.Errorf("after a refusal the focus is at %+v", f)
	}
	first := k.tabTo("the first error", func(f focus) bool { return f.Tag == "A" })
	if !strings.Contains(first.Words, "Fyll i") {
		t.Errorf("the first error is %+v", first)
	}
	k.enterHere()
	if f := k.at(); f.ID != "first_name" || f.Seen == "" {
		t.Errorf("the link of the first error leads to %+v", f)
	}

	k.press("Ragnhild")
	k.write("last_name", "Håland-Sæther")
	k.write("email", "ragnhild@people.example")
	k.tabToID("audience")
	for k.at().Value != "procurer" {
		k.press(kb.ArrowDown)
	}
	k.write("municipality", "Falun")
	k.tabTo("whom the person comes for", func(f focus) bool { return f.Name == "organisation" })
	for range 10 {
		if k.at().Value == "none" {
			break
		}
		k.press(kb.ArrowDown)
	}
	k.write("diet", "Vegetariskt")
	k.tabToID("diet_consent")
	k.press(" ")
	k.tabToWords("Skicka anmälan")
	k.enter(200)
	k.reads("h1", "Din anmälan är mottagen")

	k.open(d.letter(t, "ragnhild@people.example", 1).link("/r/"))
	k.tabToWords("Avanmäl mig")
	k.enter(200)
	k.reads("[role=status]", "Du är avanmäld")
}

// A menu opens by Enter, and Escape closes it and gives the focus back.
func TestTheMenuOfLanguagesOpensAndClosesByKeyboard(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	k := keys{openTab(t, d.base)}
	k.open("/events")
	open := func() bool { return script[bool](k.tab, `document.querySelector("details.language").open`) }
	inMenu := func(f focus) bool { return f.Tag == "SUMMARY" && strings.Contains(f.Words, "Svenska") }
	k.tabTo("the menu of languages", inMenu)
	k.enterHere()
	if !open() {
		t.Fatal("Enter does not open the menu")
	}
	k.press(kb.Tab)
	k.press(kb.Escape)
	if open() || !inMenu(k.at()) {
		t.Errorf("after Escape the menu is open: %t, and the focus at %+v", open(), k.at())
	}
	k.enterHere()
	k.tabTo("nynorsk", func(f focus) bool { return f.Words == "Norsk nynorsk" })
	k.enter(200)
	if lang := script[string](k.tab, `document.documentElement.lang`); lang != "nn" {
		t.Errorf("the page is in %q", lang)
	}
}
