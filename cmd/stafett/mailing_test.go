package main

import (
	"strings"
	"testing"
)

// An organiser writes, looks at the letter, tries it, schedules it, takes it back,
// sends it and looks how far it has come.
func TestAnOrganiserWritesToThoseWhoTakePart(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	b.signIn(d)
	event := b.find("lar-alvdalen")
	b.open(event + "/roster")
	b.follow(`main a[href^="/admin/mailings/new"]`)
	b.fill("subject_sv", "Parkering inför {event}")
	b.fill("body_sv", "Vi ses {date}, {namn}.\n\n- Parkera på **torget**.\n- Se [din anmälan]({link}).")
	b.accessible()
	b.refusedBy(`button[value="preview"]`, 422)
	b.reads(".error-summary", "Text (svenska): Ta bort eller rätta {namn}")
	b.fill("body_sv", "Vi ses {date}, {first_name}.\n\n- Parkera på **torget**.\n- Se [din anmälan]({link}).")
	b.follow(`button[value="preview"]`)
	b.reads("main", "Mottagare 1 av")
	shown := script[string](b, `document.querySelector("iframe").contentDocument.body.innerText`)
	if !strings.Contains(shown, "Parkera på torget.") || strings.Contains(shown, "{") {
		t.Errorf("the letter reads:\n%s", shown)
	}
	b.accessible()
	b.follow(`main a[rel="next"]`)
	b.reads("main", "Mottagare 2 av")
	b.follow(`form[action$="/test"] button`)
	b.reads("[role=status]", "Ett test är på väg till dig.")
	if m := d.letter(t, "organiser@demo.example", 1); !strings.HasPrefix(m.subject, "[Test] Parkering inför") {
		t.Errorf("the test: %+v", m)
	}

	b.put("send_at", "2026-01-02")
	b.put("send_time", "09:00")
	b.refusedBy(`form[action$="/schedule"] button`, 422)
	b.reads("#send_at-error", "framåt")
	b.put("send_at", "2027-05-20")
	b.put("send_time", "22:00")
	b.follow(`form[action$="/schedule"] button`)
	b.reads("main", "så de väntar till fredag 21 maj 2027")
	b.accessible()
	b.follow(`form[action$="/unschedule"] button`)
	b.follow(`button[value="preview"]`)
	b.follow(`form[action$="/send"] button`)
	b.reads("h2", "Så långt har det kommit")
	b.open("/admin/mailings")
	b.accessible()

	// And to those who want news.
	b.follow(`main a[href$="new#news"]`)
	b.accessible()
	b.follow(`#news li:last-child a`)
	b.fill("subject_sv", "Nytt i höst")
	b.fill("body_sv", "Vi ses, {first_name}.")
	b.accessible()
	b.follow(`button[value="preview"]`)
	b.reads("main", "Utkast till nyhetsbrev")
	b.accessible()
	b.follow(`form[action$="/send"] button`)
	b.reads("main", "Till dem som vill ha nyheter")
	b.accessible()
}
