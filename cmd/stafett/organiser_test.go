package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// signIn opens the desk by the link that the demo has printed.
func (b *tab) signIn(d demo) {
	b.t.Helper()
	b.open(d.organiser)
	b.follow(`main form button`)
	b.reads("h1", "Idag")
}

// describe fills in the form of a new event, all that it needs to be published.
func (b *tab) describe(title string) {
	b.t.Helper()
	b.put("programme", script[string](b, `[...document.getElementById("programme").options].find(o => o.text.includes("Dalarna")).value`))
	b.put("kind", "seminar")
	b.put("language", "sv")
	b.fill("title", title)
	b.fill("summary", "Krav som går att följa upp.")
	b.click(`[name="audience"][value="procurer"]`)
	b.put("starts_at", "2027-05-12")
	b.put("starts_time", "09:00")
	b.put("ends_time", "12:00")
	b.click(`[name="mode"][value="room"]`)
	b.fill("municipality", "Falun")
	b.fill("venue", "Kristinehallen")
	b.fill("access_notes", "Hörslinga, entré utan trappsteg")
	b.fill("room_places", "2")
	b.fill("contact_name", "Ida Lind (påhittad)")
	b.fill("contact_email", "ida.lind@dialog.example")
}

// eventAddress is the organisers' page of the event that the tab shows.
func (b *tab) eventAddress() string {
	b.t.Helper()
	address := regexp.MustCompile(`^/admin/events/[0-9a-f-]{36}`).FindString(b.path())
	if address == "" {
		b.t.Fatalf("%s is no page of an event", b.path())
	}
	return address
}

func TestOrganiserCreatesPublishesMovesAndSeesTheUpdatesSent(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b, visitors := openTab(t, d.base), openTab(t, d.base)
	b.signIn(d)

	b.follow(`main a[href="/admin/events/new"]`)
	b.describe("Sociala krav som fungerar")
	b.click(`#agenda [data-row-add]`)
	b.put("agenda-time-0", "08:30")
	b.fill("agenda-title-0", "Kaffe")
	b.click(`#agenda [data-row-add]`)
	b.put("agenda-time-1", "09:00")
	b.fill("agenda-title-1", "Välkommen")
	b.follow(saveButton)
	b.reads("[role=status]", "Utkastet är sparat.")
	b.reads("h1", "Sociala krav som fungerar")
	address := b.eventAddress()

	visitors.openTo("/events/sociala-krav-som-fungerar", 404)
	b.click("main details.menu summary")
	b.follow(`main a[href$="/preview"]`)
	b.reads("[role=note]", "Bara arrangörer ser den här förhandsvisningen")
	b.reads(".facts-panel", "Onsdag 12 maj 2027")
	if diff := cmp.Diff([]string{"08.30 Kaffe", "09.00 Välkommen"}, b.texts(".agenda tr")); diff != "" {
		t.Errorf("the day's programme (-want +got):\n%s", diff)
	}
	b.follow(`main [role=note] a`)
	b.follow(`form[action$="/publish"] button`)
	b.reads("[role=status]", "Evenemanget är publicerat.")

	ylva := visitor{"Ylva", "Nordanstig", "ylva@people.example"}
	visitors.open("/events/sociala-krav-som-fungerar")
	visitors.follow(`.facts-panel a[href$="/register"]`)
	visitors.fillIn(ylva)
	visitors.follow(signUpButton)
	visitors.reads("h1", "Din anmälan är mottagen")
	invitation := d.letter(t, ylva.email, 1)
	if !invitation.has("METHOD:REQUEST") || !invitation.has("SEQUENCE:0") || !invitation.has("DTSTART;TZID=Europe/Stockholm:20270512T090000") {
		t.Errorf("the invitation: %q", invitation.calendarLines)
	}

	b.open(address + "/move")
	b.put("starts_at", "2027-05-19")
	b.put("ends_at", "2027-05-19")
	b.put("starts_time", "13:00")
	b.put("ends_time", "16:00")
	b.fill("message", "Salen är dubbelbokad.")
	b.follow(saveButton)
	b.reads("main", "En person som har plats får ett brev.")
	b.reads("main", "Svenska: 1 person")
	b.reads(".compare", "12 maj")
	b.reads(".compare", "onsdag 19 maj 2027 kl. 13.00–16.00")
	b.reads(".mail-view", "Salen är dubbelbokad.")
	if letters := d.lettersTo(t, ylva.email); len(letters) != 1 {
		t.Errorf("letters went before the move was confirmed: %+v", letters)
	}
	b.follow(`button[name="confirmed"]`)
	b.reads("[role=status]", "Evenemanget är flyttat och deltagarna får besked.")

	update := d.letter(t, ylva.email, 2)
	if !update.has("METHOD:REQUEST") || !update.has("SEQUENCE:1") || !update.has("DTSTART;TZID=Europe/Stockholm:20270519T130000") {
		t.Errorf("the update: %q", update.calendarLines)
	}
	if !strings.Contains(update.text, "Salen är dubbelbokad.") {
		t.Errorf("the organiser's words are missing in %s", update.text)
	}
	visitors.open("/events/sociala-krav-som-fungerar")
	visitors.reads("main", "Flyttat till ny tid")

	b.open(address + "/roster")
	b.reads("main", "Närvaro kan noteras från 2027-05-19 12.00")
	b.refuseEarlyMark()

	b.open(address + "/add")
	b.fill("first_name", "Olle")
	b.fill("last_name", "Björk")
	b.fill("email", "olle@people.example")
	b.click(`[name="organisation"][value="none"]`)
	b.follow(saveButton)
	b.reads("[role=status]", "Personen har en plats och får en bekräftelse.")
	if m := d.letter(t, "olle@people.example", 1); m.calendar != "REQUEST" {
		t.Errorf("who was added by hand: %+v", m)
	}
	if diff := cmp.Diff([]string{"Olle Björk", "Ylva Nordanstig"}, b.texts("tbody th")); diff != "" {
		t.Errorf("the roster (-want +got):\n%s", diff)
	}
	b.fill("q", "nordanstig")
	b.load("press Enter in the search", 200, chromedp.KeyEvent(kb.Enter))
	if diff := cmp.Diff([]string{"Ylva Nordanstig"}, b.texts("tbody th")); diff != "" {
		t.Errorf("the roster, searched (-want +got):\n%s", diff)
	}

	file := script[string](b, `fetch(document.querySelector('a[href$=".csv"]').href).then(r => r.arrayBuffer()).then(b => new TextDecoder("utf-8", {ignoreBOM: true}).decode(b))`)
	lines := strings.Split(strings.TrimSuffix(file, "\r\n"), "\r\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "\ufeff\"Förnamn\";\"Efternamn\";\"E-postadress\";") || !strings.HasPrefix(lines[2], `"Ylva";"Nordanstig";"ylva@people.example";`) {
		t.Errorf("the file is %q", lines)
	}

	b.follow(`form[action="/sign-out"] button`)
	b.reads("[role=status]", "Du är utloggad.")
	b.open(address)
	b.reads("h1", "Logga in")
}

// refuseEarlyMark sends the mark that the roster does not offer yet.
func (b *tab) refuseEarlyMark() {
	b.t.Helper()
	if n := len(b.texts(`form[action$="/attendance"]`)); n != 0 {
		b.t.Errorf("weeks before the event %d people can be marked", n)
	}
	send := `(() => {
		const form = document.createElement("form"), mark = document.createElement("input");
		form.method = "post";
		form.action = "/admin/registrations/" + document.querySelector("tbody tr").id.replace("row-", "") + "/attendance";
		[mark.name, mark.value] = ["mark", "present"];
		form.append(mark);
		document.body.append(form);
		form.submit();
		return true;
	})()`
	b.load("mark somebody present", 409, evaluated(send))
	b.reads("[role=alert]", "Närvaro kan noteras från onsdag 19 maj 2027 kl. 12.00.")
	b.reads("main", "Närvaro kan noteras från 2027-05-19 12.00")
}

const saveButton = `main form[data-confirm-leave] button[type="submit"]`

func TestOrganisersPagesAreAccessible(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	b.signIn(d)
	published, held := b.find("lar-alvdalen"), b.find("lar-leksand")
	for _, path := range []string{
		"/admin", "/admin/events", "/admin/events?q=finns-inte", "/admin/messages", "/admin/messages?status=failed",
		published, published + "/preview", published + "/roster", published + "/roster?q=finns-inte", published + "/roster?view=needs",
		held, held + "/roster",
	} {
		b.open(path)
		b.accessible()
	}
}

func TestOrganisersFormsAreAccessible(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	b.signIn(d)

	b.open("/admin/events/new")
	b.accessible()
	b.refusedBy(saveButton, 422)
	b.accessible()
	b.describe("Ett utkast")
	b.follow(saveButton)
	b.accessible()

	ev := b.find("lar-alvdalen")
	for _, path := range []string{ev + "/edit", ev + "/move", ev + "/cancel", ev + "/add"} {
		b.open(path)
		b.accessible()
	}
	b.refusedBy(saveButton, 422)
	b.accessible()

	b.open(ev + "/move")
	b.put("starts_time", "18:00")
	b.put("ends_time", "21:00")
	b.follow(saveButton)
	b.accessible()

	b.open(ev + "/edit")
	b.fill("venue", "Folkets hus")
	b.follow(saveButton)
	b.accessible()

	b.open(ev + "/cancel")
	b.click(`[name="what"][value="cancel"]`)
	b.fill("message", "För få anmälda.")
	b.follow(saveButton)
	b.accessible()
	b.follow(`button[name="confirmed"]`)
	b.accessible()
	b.open("/events/lar-alvdalen")
	b.accessible()
}

// find is the organisers' address of an event, by its public one.
func (b *tab) find(slug string) string {
	b.t.Helper()
	b.open("/admin/events?when=all")
	for _, path := range script[[]string](b, `[...new Set([...document.querySelectorAll("td.cell-main > a")].map(a => a.pathname))]`) {
		page := script[string](b, fmt.Sprintf(`fetch(%q).then(r => r.text())`, path))
		if strings.Contains(page, `"/events/`+slug+`"`) {
			return path
		}
	}
	b.t.Fatalf("no event %q at the desk", slug)
	return ""
}
