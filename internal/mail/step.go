package mail

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"stafett/internal/mail/transport"
	"stafett/internal/message"
)

// Step takes one message through its three steps: prepare, send, complete. It
// reports whether there was anything to do. No transaction is open while a
// server is waited for.
//
// When ctx ends, a message in hand is still finished, for at most 30 seconds.
func (m *Mailer) Step(ctx context.Context) (worked bool, err error) {
	taken, worked, err := m.turn(ctx, nil, 1)
	if err != nil || len(taken) == 0 {
		return worked, err
	}
	back := m.carry(ctx, taken[0])
	m.observe(back)
	if back.lost != nil {
		return true, back.lost
	}
	_, _, err = m.turn(ctx, []returned{back}, 0)
	return true, err
}

// grace is how long a message in hand may take once the program is to end.
const grace = 30 * time.Second

// stopped is the outcome when we ourselves broke off before the letter was
// handed over: nothing went wrong, and nothing is counted.
const stopped transport.Outcome = -1

// returned is a message that was handed over, and what became of it.
type returned struct {
	message.Message
	transport.Result
	lost error // a panic: nobody knows how far it had come, so it goes again when its lease has run out
}

// carry hands the bytes over. It is given its time even when ctx has ended. It
// touches nothing of the Mailer's, for several are carried at once.
func (m *Mailer) carry(ctx context.Context, c message.Message) (back returned) {
	back.Message = c
	defer func() {
		if p := recover(); p != nil {
			back.lost = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.settings.Timeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	back.Result = m.sender.Send(sending, transport.Envelope{From: c.Sender, To: c.Recipient, Data: c.MIME})
	if errors.Is(sending.Err(), context.Canceled) && back.Outcome == transport.Again {
		back.Outcome = stopped
	}
	return back
}
