package mail

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"stafett/internal/message"
	"stafett/internal/store"
)

const (
	idlePause  = 500 * time.Millisecond // until we look again when nothing is due
	faultPause = 5 * time.Second        // after an error of the database, or a panic
	noteEvery  = time.Minute            // how often it is written down that we run
)

// Run delivers what is due and waits for more, until ctx ends. The message in
// hand is finished then, and what was claimed and not sent is given back. Errors
// and panics are logged, and the work goes on after a pause.
func (m *Mailer) Run(ctx context.Context) error {
	defer m.sender.Close()
	for ctx.Err() == nil {
		worked, err := m.recovered(ctx)
		if err == nil {
			err = m.noteRun(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			m.log.Error("mail", "err", err)
			sleep(ctx, faultPause)
		case !worked:
			sleep(ctx, idlePause)
		}
	}
	return nil
}

// recovered is a step whose panic is an error. A message that was in hand goes
// again when its lease has run out, since nobody knows how far it had come.
func (m *Mailer) recovered(ctx context.Context) (worked bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return m.Step(ctx)
}

// noteRun writes down once a minute that we run, so that it is seen when we do
// not; a fault stays until a letter goes out.
func (m *Mailer) noteRun(ctx context.Context) error {
	now := m.db.Now()
	if !m.notedAt.IsZero() && within(now, m.notedAt, noteEvery) {
		return nil
	}
	err := m.db.Write(ctx, func(tx *store.Tx) error { return message.NoteRun(ctx, tx, runName, m.fault) })
	if err == nil {
		m.noted, m.notedAt = m.fault, now
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
