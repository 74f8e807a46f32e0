package web

import "stafett/internal/advisory"

// hoursBar is a balance, ready to be drawn as a bar of half hours. All is in
// minutes, which are also the units of the drawing.
type hoursBar struct {
	Limited                   bool
	Cap, Used, Reserved, Left int
	Linked                    int // of companies that count as one with it
	UsedWidth, ReservedWidth  int // within the bar, also when more than the cap is used
	Halves                    []int
}

// mostHalves bounds how many half hours are told apart: more would be hair lines.
const mostHalves = 40

func barOf(a advisory.Account) hoursBar {
	left, limited := a.Available()
	b := hoursBar{Limited: limited, Used: a.Used, Reserved: a.Reserved, Left: left, Linked: a.Linked}
	if !limited {
		return b
	}
	b.Cap = *a.CapMinutes
	b.UsedWidth = max(0, min(a.Used+a.Linked, b.Cap))
	b.ReservedWidth = min(a.Reserved, b.Cap-b.UsedWidth)
	step := 30
	for b.Cap/step > mostHalves {
		step *= 2
	}
	for at := step; at < b.Cap; at += step {
		b.Halves = append(b.Halves, at)
	}
	return b
}
