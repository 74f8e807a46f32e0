package main

import (
	"fmt"
	"strings"
	"testing"
)

// Each way closes the attendance of the demo's past event, so each has a demo.
func TestClosingTheAttendanceTellsWhoeverStayedAwayOnce(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %t", scripts), func(t *testing.T) {
			t.Parallel()
			d := beginDemo(t)
			b := openTab(t, d.base)
			b.signIn(d)
			admin := b.find("lar-leksand")
			see := func() { b.accessible() }
			if !scripts {
				b.look(375, "light")
				b.scriptsOff()
				see = func() { b.fits() }
			}
			b.open(admin + "/roster?status=no_show")
			absent := b.text("tbody th")
			email := script[string](b, `document.querySelector('tbody a[href^="mailto:"]')?.innerText ?? document.querySelector("tbody").innerText.match(/\S+@people\.example/)[0]`)
			b.follow(`form[action$="/attendance"] button[value="unmarked"]`)
			b.reads("[role=status]", "Närvaron är noterad.")

			b.open(admin + "/close")
			b.reads("main", "12 är noterade som närvarande.")
			b.reads("main", "En noteras som uteblev och får ett vänligt brev.")
			see()
			before := len(d.lettersTo(t, email))
			b.follow(`main form[action$="/close"] button`)
			b.reads("[role=status]", "Närvaron är stängd.")
			letter := d.letter(t, email, before+1)
			if !strings.HasPrefix(letter.subject, "Vi saknade dig") || letter.calendar != "" {
				t.Errorf("the letter to whoever stayed away: %+v", letter)
			}
			b.openTo(admin+"/close", 200)
			b.reads("main", "Närvaron är redan stängd")
			see()

			b.open(admin + "/roster?status=no_show")
			b.reads("tbody th", absent)
			b.reads("tbody", "Uteblev")
			b.click("tbody .row-actions > details:not(.menu) summary")
			b.fill(script[string](b, `document.querySelector('tbody form[action$="/reconsider"] [name="reason"]').id`), " ")
			b.refusedBy(`tbody form[action$="/reconsider"] button[value="present"]`, 422)
			b.reads("#reason-error", "Fyll i uppgiften")
			see()
			b.fill("reason", "Kom efter pausen")
			b.follow(`tbody form[action$="/reconsider"] button[value="present"]`)
			b.reads("[role=status]", "Närvaron är noterad.")
			b.open(admin)
			b.reads("main", "Ändrade närvaron efteråt: "+absent)
			b.reads("main", "Kom efter pausen")
			if got := len(d.lettersTo(t, email)); got != before+1 {
				t.Errorf("%d letters after the mark was changed", got-before)
			}
		})
	}
}
