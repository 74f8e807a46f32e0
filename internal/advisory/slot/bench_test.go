package slot_test

import (
	"fmt"
	"testing"
	"time"

	"stafett/internal/advisory/slot"
)

// Sixty days of ten advisers with five hundred busy times each: a page of times.
func BenchmarkSixtyDaysOfTenAdvisers(b *testing.B) {
	var advisers []slot.Adviser
	now := local(b, "2027-03-01 08:00")
	for n := range 10 {
		a := adviser(b, "Mon 08:00–16:00", "Tue 08:00–16:00", "Wed 08:00–16:00", "Thu 08:00–16:00", "Fri 08:00–15:00")
		a.ID, a.Before, a.After, a.MaxPerDay = fmt.Sprint(n), 15*time.Minute, 15*time.Minute, 4
		for i := range 500 {
			from := now.Add(time.Duration(i*173+n*29) * time.Minute)
			a.Busy = append(a.Busy, slot.Span{From: from, To: from.Add(25 * time.Minute)})
		}
		for i := range 60 {
			at := now.Add(time.Duration(i*24+i%7) * time.Hour)
			a.Taken = append(a.Taken, slot.Taken{Booking: fmt.Sprint(i), Start: at, Block: slot.Span{From: at.Add(-15 * time.Minute), To: at.Add(75 * time.Minute)}})
		}
		advisers = append(advisers, a)
	}
	r := slot.Rules{Minutes: 60, Step: 30, Lead: 48 * time.Hour, Horizon: 60, Now: now}
	b.ReportAllocs()
	for b.Loop() {
		if len(slot.All(advisers, r)) == 0 {
			b.Fatal("no times")
		}
	}
}
