package registration_test

import (
	"context"
	"fmt"
	"testing"

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
