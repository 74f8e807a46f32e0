package aid

import (
	"math/bits"
	"time"

	"stafett/internal/holiday"
)

// rateUnit is how a rate is kept: national units for a euro, times this.
const rateUnit = 100_000

// HourMinor is the aid in an hour: what it costs on the market less what is paid,
// never below nothing.
func HourMinor(market, price int64) int64 { return max(0, market-price) }

// Amount is the gross grant equivalent of so many minutes at so much aid an hour,
// rounded half up to the smallest unit.
func Amount(minutes int, hourMinor int64) int64 { return (int64(minutes)*hourMinor + 30) / 60 }

// EuroCents is an amount in euro cents, rounded up, at a rate of national units for
// a euro times 100 000. What is more than any sum of money counts as the largest.
func EuroCents(minor, rate int64) int64 {
	hi, lo := bits.Mul64(uint64(minor), rateUnit)
	lo, carry := bits.Add64(lo, uint64(rate-1), 0)
	if hi += carry; hi >= uint64(rate) {
		return 1<<62 - 1
	}
	cents, _ := bits.Div64(hi, lo, uint64(rate))
	return int64(min(cents, 1<<62-1))
}

// Fitting is the most minutes, in whole steps, of which the aid is at most so many
// cents. It is max when nothing stands in the way.
func Fitting(cents, hourMinor, rate int64, max, step int) int {
	if step < 1 {
		step = 1
	}
	low, high := 0, max/step // in steps; low fits always
	if cents < 0 {
		return 0
	}
	for low < high {
		middle := (low + high + 1) / 2
		if EuroCents(Amount(middle*step, hourMinor), rate) <= cents {
			low = middle
		} else {
			high = middle - 1
		}
	}
	if low == max/step && EuroCents(Amount(max, hourMinor), rate) <= cents {
		return max
	}
	return low * step
}

// Since is the first day of the three years that end on a day: the day with the
// same number, itself included to be safe; from 29 February the 28th.
func Since(day time.Time) time.Time {
	y, m, d := day.Date()
	if m == time.February && d == 29 {
		d = 28
	}
	return time.Date(y-3, m, d, 0, 0, 0, 0, time.UTC)
}

// registerDays is how soon the register has to know (Art. 6).
const registerDays = 20

// Deadline is the last day on which a grant of that day can be registered in time.
func Deadline(country string, granted time.Time) time.Time {
	return holiday.WorkingDaysAfter(country, dayOf(granted), registerDays)
}

// keptYears is for how long a grant has to be known (Art. 6).
const keptYears = 10

func dayOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func dayText(t time.Time) string { return t.Format(time.DateOnly) }

func dayFrom(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
