package mail

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"stafett/internal/message"
	"stafett/internal/store"
)

const (
	idlePause  = 500 * time.Millisecond // until we look again when nothing is due
	faultPause = 5 * time.Second        // after an error of the database, or a panic
	endPause   = time.Second            // the same, when the program is to end
)

// Run delivers what is due and waits for more, until ctx ends. Then nothing new
// is taken, the messages in hand are finished, and what was claimed and not sent
// is given back. Errors and panics are logged, and the work goes on after a
// pause.
//
// This one goroutine knows the pace, the halt and the fault, and does all that is
// written; the others only carry, each one message to the mail server. So no two
// of them can disagree, and several letters are written down in one transaction
// when they come back together.
func (m *Mailer) Run(ctx context.Context) error {
	defer m.sender.Close()
	arrivals := make(chan returned, m.settings.Connections)
	var back []returned // has been handed over, and is not yet written down
	carried, tries := 0, 0
	for ctx.Err() == nil || carried > 0 || len(back) > 0 {
		taken, worked, err := m.recovered(ctx, back, m.settings.Connections-carried)
		if partly := (store.Partly{}); err == nil || errors.As(err, &partly) {
			back = nil
		}
		for _, c := range taken {
			carried++
			go func() {
				b := m.carry(ctx, c)
				if b.lost != nil {
					m.log.Error("mail", "err", b.lost)
					sleep(ctx, faultPause)
				}
				arrivals <- b
			}()
		}
		if err == nil && ctx.Err() == nil {
			err = unlessEnded(ctx, m.noteRun(ctx))
		}
		if m.turned != nil {
			m.turned()
		}
		pause := m.idle
		switch {
		case err != nil && ctx.Err() != nil:
			if tries++; time.Duration(tries)*endPause > grace {
				return err
			}
			time.Sleep(endPause)
		case err != nil:
			m.log.Error("mail", "err", err)
			sleep(ctx, faultPause)
		case worked && carried < m.settings.Connections: // there may be more
			pause = 0
		}
		for _, b := range gather(ctx, arrivals, carried, pause) {
			carried--
			m.observe(b)
			if b.lost == nil {
				back = append(back, b)
			}
		}
	}
	return nil
}

// recovered is a turn whose panic is an error.
func (m *Mailer) recovered(ctx context.Context, back []returned, hands int) (taken []message.Message, worked bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return m.turn(ctx, back, hands)
}

// gather waits until a message is back, and takes all that are; at most for the
// pause, except that a program which ends waits for nothing else.
func gather(ctx context.Context, arrivals <-chan returned, carried int, pause time.Duration) (back []returned) {
	if carried == 0 || pause == 0 {
		sleep(ctx, pause)
	} else {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		select {
		case b := <-arrivals:
			back = append(back, b)
		case <-timer.C:
		}
	}
	for {
		select {
		case b := <-arrivals:
			back = append(back, b)
		default:
			return back
		}
	}
}

func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
