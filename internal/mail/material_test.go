package mail

import (
	"context"
	"strings"
	"testing"
	"time"

	"stafett/internal/material"
	"stafett/internal/store"
)

func TestMaterialsReachThoseWhoHadAPlace(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.deliver()
	w.clock.Set(w.event.EndsAt.Add(time.Hour))
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := material.Add(ctx, tx, material.Material{EventID: w.event.ID, Title: "Bilder", URL: "https://filer.example/bilder.pdf"}, organiser)
		if err == nil {
			_, err = material.Send(ctx, tx, w.event.ID, "Tack!", false, 1, organiser)
		}
		return err
	})
	w.deliver()
	p := w.last()
	if p.Subject != "Material: Anbudsskola" || p.CalendarMethod != "" {
		t.Errorf("%q, calendar %q", p.Subject, p.CalendarMethod)
	}
	for _, want := range []string{"Bilder (filer.example):\nhttps://filer.example/bilder.pdf", "> Tack!", "/r/"} {
		if !strings.Contains(p.Text, want) {
			t.Errorf("the letter does not say %q:\n%s", want, p.Text)
		}
	}
}

func TestALetterWithoutMaterialsIsNotSent(t *testing.T) {
	w := newWorld(t)
	w.signUp("Anna")
	w.deliver()
	w.clock.Set(w.event.EndsAt.Add(time.Hour))
	w.write(func(ctx context.Context, tx *store.Tx) error {
		m, err := material.Add(ctx, tx, material.Material{EventID: w.event.ID, Title: "Bilder", URL: "https://filer.example/bilder.pdf"}, organiser)
		if err == nil {
			_, err = material.Send(ctx, tx, w.event.ID, "", false, 1, organiser)
		}
		if err == nil {
			err = material.Remove(ctx, tx, w.event.ID, m.ID, organiser)
		}
		return err
	})
	w.deliver()
	if got := w.outbox(); !strings.HasPrefix(got[len(got)-1], "E21 dropped") {
		t.Errorf("outbox %q", got)
	}
}
