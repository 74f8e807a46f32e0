package registration_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func invented(eventID string, n int) registration.Request {
	return registration.Request{
		EventID: eventID, FirstName: "Brynjulf-Alexander", LastName: fmt.Sprintf("Fløystad-Kristoffersen %d", n), Email: fmt.Sprintf("person.%d@people.example", n),
		Language: "nb", Organisation: registration.Organisation{Kind: registration.OfNone},
	}
}

func manyPlaces(c *event.Content) { n := 100_000; c.RoomPlaces = &n }

// One sign-up is one transaction that reaches the disk.
func BenchmarkRegister(b *testing.B) {
	db, _ := storetest.New(b)
	ev := registrationtest.Event(b, db, manyPlaces)
	n := 0
	for b.Loop() {
		n++
		storetest.Write(b, db, func(tx *store.Tx) error {
			_, err := registration.Register(context.Background(), tx, invented(ev.ID, n))
			return err
		})
	}
}

func BenchmarkRosterSearchAmongTenThousand(b *testing.B) {
	db, _ := storetest.New(b)
	ev := registrationtest.Event(b, db, manyPlaces)
	storetest.Write(b, db, func(tx *store.Tx) error {
		for n := range 10_000 {
			if _, err := registration.Register(context.Background(), tx, invented(ev.ID, n)); err != nil {
				return err
			}
		}
		return nil
	})
	for b.Loop() {
		storetest.Read(b, db, func(tx *store.Tx) error {
			found, err := registration.Roster(context.Background(), tx, ev.ID, registration.RosterFilter{Text: "floystad 9999"})
			if len(found) != 1 {
				b.Fatalf("found %d", len(found))
			}
			return err
		})
	}
}

// crowded is an event with one place, which somebody of a company has, and ten
// thousand who wait: all of one company, or of none.
func crowded(b *testing.B, db *store.DB, company bool) (ev event.Event, holder registration.Registration) {
	b.Helper()
	ev = registrationtest.Event(b, db, func(c *event.Content) { places(2)(c); c.CompanyLimit = new(1) })
	holder = registrationtest.SignUp(b, db, from(acme, ev.ID, 1)).Registration
	registrationtest.Sign(b, db, ev.ID, 2)
	q := registrationtest.Request(ev.ID, 3)
	if company {
		q = from(acme, ev.ID, 3)
	}
	first := registrationtest.SignUp(b, db, q).Registration
	storetest.Write(b, db, func(tx *store.Tx) error {
		for n := 1; n < 10_000; n++ {
			id := fmt.Sprintf("w%05d", n)
			_, err := store.Exec(ctx, tx, `INSERT INTO person (id, email, first_name, last_name, language, created_at) VALUES (?, ?, 'P', 'N', 'sv', ?)`, id, id+"@example.se", store.At(tx.Now))
			if err != nil {
				return err
			}
			_, err = store.Exec(ctx, tx, `
				INSERT INTO registration (id, event_id, person_id, company_id, status, mode, email, first_name, last_name, language, organisation_kind, organisation_name, joined_at, calendar_uid, created_at, changed_at)
				SELECT ?, event_id, ?, company_id, status, mode, ?, first_name, last_name, language, organisation_kind, organisation_name, ?, ?, created_at, changed_at FROM registration WHERE id = ?`,
				id, id, id+"@example.se", store.At(tx.Now.Add(time.Duration(n)*time.Second)), id, first.ID)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return ev, holder
}

// amongTenThousand measures something in a transaction that is not kept.
func amongTenThousand(b *testing.B, fn func(tx *store.Tx, ev event.Event, holder registration.Registration) error) {
	for name, company := range map[string]bool{"of one company": true, "of none": false} {
		b.Run(name, func(b *testing.B) {
			db, _ := storetest.New(b)
			ev, holder := crowded(b, db, company)
			undo := errors.New("undo")
			for b.Loop() {
				err := db.Write(ctx, func(tx *store.Tx) error {
					if err := fn(tx, ev, holder); err != nil {
						return err
					}
					return undo
				})
				if !errors.Is(err, undo) {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkQueuePage(b *testing.B) {
	amongTenThousand(b, func(tx *store.Tx, ev event.Event, _ registration.Registration) error {
		_, err := registration.Queue(ctx, tx, ev.ID, event.Room, 4900, 100)
		return err
	})
}

func BenchmarkPosition(b *testing.B) {
	amongTenThousand(b, func(tx *store.Tx, _ event.Event, _ registration.Registration) error {
		r, err := registration.Find(ctx, tx, "w09999")
		if err != nil {
			return err
		}
		_, err = registration.Position(ctx, tx, r)
		return err
	})
}

func BenchmarkRosterPage(b *testing.B) {
	amongTenThousand(b, func(tx *store.Tx, ev event.Event, _ registration.Registration) error {
		_, err := registration.Roster(ctx, tx, ev.ID, registration.RosterFilter{})
		return err
	})
}

// The place given up goes to the next.
func BenchmarkOfferAFreedPlace(b *testing.B) {
	amongTenThousand(b, func(tx *store.Tx, _ event.Event, holder registration.Registration) error {
		_, err := registration.Withdraw(ctx, tx, holder.ID, organiser, "")
		return err
	})
}

func BenchmarkOfferAHundredNewPlaces(b *testing.B) {
	amongTenThousand(b, func(tx *store.Tx, ev event.Event, _ registration.Registration) error {
		c := ev.Content
		c.RoomPlaces, c.CompanyLimit = new(102), nil
		_, err := registration.UpdateEvent(ctx, tx, ev.ID, ev.Revision, c, "", organiser)
		return err
	})
}

func BenchmarkRegisterBehindTheQueue(b *testing.B) {
	amongTenThousand(b, func(tx *store.Tx, ev event.Event, _ registration.Registration) error {
		_, err := registration.Register(ctx, tx, from(acme, ev.ID, 999))
		return err
	})
}

// The scheduler's minute with a place free that only others than those of the
// company may have.
func BenchmarkLetGo(b *testing.B) {
	amongTenThousand(b, func(tx *store.Tx, ev event.Event, _ registration.Registration) error {
		if _, err := store.Exec(ctx, tx, `UPDATE event_capacity SET places = places + 1`); err != nil {
			return err
		}
		return registration.LetGo(ctx, tx)
	})
}

// The first minute of the open call calls ten thousand, the second finds it done.
func BenchmarkLetGoTwiceInTheOpenCall(b *testing.B) {
	amongTenThousand(b, func(tx *store.Tx, ev event.Event, _ registration.Registration) error {
		if _, err := store.Exec(ctx, tx, `UPDATE event_capacity SET places = places + 1`); err != nil {
			return err
		}
		tx.Now = ev.StartsAt.Add(-3 * time.Hour)
		return errors.Join(registration.LetGo(ctx, tx), registration.LetGo(ctx, tx))
	})
}
