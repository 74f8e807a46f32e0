package advisory_test

import (
	"fmt"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/municipality"
	"stafett/internal/store"
)

// What runs each minute with a hundred who wait, ten advisers with five hundred busy
// times each, and nothing that has come free.
func BenchmarkAMinuteOfAHundredWhoWait(b *testing.B) {
	w := newWorld(b, func(p *advisory.Programme) { p.CapMinutes = nil })
	for n := range 9 {
		w.newAdviser(fmt.Sprintf("adviser%d@radgivare.example", n))
	}
	w.do(func(tx *store.Tx) error {
		for i := range 500 {
			from := tx.Now.Add(time.Duration(i) * 173 * time.Minute)
			if _, err := store.Exec(ctx(), tx, `INSERT INTO busy_time (adviser_id, starts_at, ends_at) SELECT id, ?, ? FROM adviser`, store.At(from), store.At(from.Add(25*time.Minute))); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range 100 {
		r := w.request(time.Time{}, []int{30, 60, 90}[i%3])
		if r.Meeting = advisory.Meetings()[i%3]; r.Meeting == advisory.OnSite {
			r.Municipality = municipality.Code{Country: "SE", Number: fmt.Sprint(2021 + i%15)}
		}
		r.Phone = "070-000 00 00"
		if _, err := w.book(r); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		w.minute()
	}
}
