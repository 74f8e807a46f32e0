package aid_test

import (
	"math/big"
	"testing"
	"time"

	"stafett/internal/aid"
)

func TestAidIsRoundedHalfUpAndEurosUp(t *testing.T) {
	for _, tt := range []struct {
		minutes     int
		hour, rate  int64
		minor, euro int64
	}{
		{300, 90_000, 1_120_000, 450_000, 40_179},
		{300, 110_000, 1_120_000, 550_000, 49_108},
		{20, 100, 1_000_000, 33, 4},
		{50, 110_000, 1_120_000, 91_667, 8_185}, // 91 666,67 öre
		{1, 30, 1_000_000, 1, 1},                // half an öre is one
		{1, 29, 1_000_000, 0, 0},
		{60, 0, 1_120_000, 0, 0},
	} {
		minor := aid.Amount(tt.minutes, tt.hour)
		if minor != tt.minor || aid.EuroCents(minor, tt.rate) != tt.euro {
			t.Errorf("%d minutes of %d: %d, %d cents; want %d, %d", tt.minutes, tt.hour, minor, aid.EuroCents(minor, tt.rate), tt.minor, tt.euro)
		}
	}
	if aid.HourMinor(100, 200) != 0 {
		t.Error("who pays more than the market's price gets no aid")
	}
}

func FuzzEurosAreThePreciseOnesRoundedUp(f *testing.F) {
	f.Add(int64(450_000), int64(1_120_000))
	f.Add(int64(1)<<62, int64(1))
	f.Fuzz(func(t *testing.T, minor, rate int64) {
		if minor < 0 || rate <= 0 {
			return
		}
		n := new(big.Int).Mul(big.NewInt(minor), big.NewInt(100_000))
		n.Add(n, big.NewInt(rate-1)).Div(n, big.NewInt(rate))
		want := min(int64(1<<62-1), maxOr(n))
		if got := aid.EuroCents(minor, rate); got != want {
			t.Errorf("%d at %d is %d cents, want %d", minor, rate, got, want)
		}
	})
}

func maxOr(n *big.Int) int64 {
	if n.IsInt64() {
		return n.Int64()
	}
	return 1<<63 - 1
}

func TestThreeYearsBackToTheDayWithTheSameNumber(t *testing.T) {
	for on, want := range map[string]string{
		"2027-01-13": "2024-01-13",
		"2028-02-29": "2025-02-28",
		"2027-02-28": "2024-02-28",
		"2031-03-01": "2028-03-01",
	} {
		if got := aid.Since(day(on)).Format(time.DateOnly); got != want {
			t.Errorf("three years before %s begin on %s, want %s", on, got, want)
		}
	}
}

func TestTheRegisterIsToldWithinTwentyWorkingDays(t *testing.T) {
	for _, tt := range []struct{ country, on, want string }{
		{"SE", "2026-12-18", "2027-01-20"}, {"NO", "2026-12-18", "2027-01-19"},
		{"SE", "2027-03-22", "2027-04-21"}, {"NO", "2027-03-22", "2027-04-22"},
		{"SE", "2026-06-01", "2026-06-29"}, {"NO", "2026-06-01", "2026-06-29"},
	} {
		due := aid.Deadline(tt.country, day(tt.on))
		if got := due.Format(time.DateOnly); got != tt.want {
			t.Errorf("granted %s in %s: by %s, want %s", tt.on, tt.country, got, tt.want)
		}
		if n := aid.DaysLeft(tt.country, day(tt.on).AddDate(0, 0, 1), due); n != 20 {
			t.Errorf("granted %s in %s: %d working days left the day after", tt.on, tt.country, n)
		}
		if n := aid.DaysLeft(tt.country, due, due); n != 1 {
			t.Errorf("%d working days left on the last day", n)
		}
		if n := aid.DaysLeft(tt.country, due.AddDate(0, 0, 1), due); n != 0 {
			t.Errorf("%d working days left the day after the last", n)
		}
	}
}

func TestWhatIsTypedIsReadAsPeopleWriteIt(t *testing.T) {
	for s, want := range map[string]int64{"12 500": 1_250_000, "12 500,50": 1_250_050, "12500.5": 1_250_050, "0": 0, "1": 100} {
		if got, err := aid.ParseMoney(s); err != nil || got != want {
			t.Errorf("%q is %d (%v), want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "-1", "1,2,3", "1,234", "abc", "1,", ",5", "99999999999999999999"} {
		if got, err := aid.ParseMoney(s); err == nil {
			t.Errorf("%q is taken for %d", s, got)
		}
	}
	if got, err := aid.ParseRate("11,2"); err != nil || got != 1_120_000 {
		t.Errorf("11,2 is %d (%v)", got, err)
	}
	for s, want := range map[string]string{"62.010": "62.01", "J62.01": "62.01", "01": "01", " 43 32 ": "43.32", "4": "", "x1": "", "00": "", "123456": ""} {
		if got, err := aid.ParseNACE(s); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q (%v), want %q", s, got, err, want)
		}
	}
}

func FuzzAmountsNeverGrowFromNothing(f *testing.F) {
	f.Add("12 500,50")
	f.Add("-1")
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := aid.ParseMoney(s); n < 0 || err == nil && n > 1_000_000_000_00 {
			t.Errorf("%q is %d", s, n)
		}
		if n, err := aid.ParseRate(s); err == nil && n <= 0 {
			t.Errorf("the rate %q is %d", s, n)
		}
		if c, err := aid.ParseNACE(s); err == nil {
			if again, err := aid.ParseNACE(c); err != nil || again != c {
				t.Errorf("%q is %q, which is %q (%v)", s, c, again, err)
			}
		}
	})
}
