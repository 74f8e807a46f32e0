// Package schedule is when things run by themselves. It only wakes: what is due
// stands in the database, so a run that was missed is done by the next, and
// running anything twice does no harm.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"stafett/internal/advisory"
	"stafett/internal/aid"
	"stafett/internal/application"
	"stafett/internal/idempotency"
	"stafett/internal/inbound"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/owndata"
	"stafett/internal/person"
	"stafett/internal/recovery"
	"stafett/internal/registration"
	"stafett/internal/store"
	"stafett/internal/user"
)

// job is one thing that runs by itself: a single call into the domain, in a
// transaction of its own.
type job struct {
	name string
	when string // a cron line; never between two and three, when clocks change
	run  func(context.Context, *store.Tx) error
}

// jobs is everything that runs by itself.
var jobs = [...]job{
	{"reminders", "* * * * *", whileThereIsMore(message.EnqueueSome)},
	{"offers", "* * * * *", registration.LetGo},
	{"meetings", "* * * * *", whileThereIsMore(advisory.Remind)},
	{"advice", "*/15 * * * *", whileThereIsMore(advisory.TellEligible)},
	{"hours", "11 * * * *", advisory.TellAmiss},
	{"waiting", "* * * * *", advisory.LookAfterWaiting},
	{"mailings", "* * * * *", whileThereIsMore(mailing.Work)},
	{"requests", "*/5 * * * *", advisory.LapseDue},
	{"decisions", "3 * * * *", registration.AskDecisions},
	{"held", "7 * * * *", registration.CloseOld},
	{"aid", "12 * * * *", func(ctx context.Context, tx *store.Tx) error {
		if err := advisory.CloseAid(ctx, tx); err != nil {
			return err
		}
		return aid.Remind(ctx, tx)
	}},
	{"erase", "40 * * * *", registration.EraseNeeds},
	{"erasures", "* * * * *", owndata.Erase},
	{"applications", "20 7 * * *", application.Remind},
	{"sweep", "10 4 * * *", whileThereIsMore(func(ctx context.Context, tx *store.Tx) (more bool, err error) {
		for _, sweep := range []func(context.Context, *store.Tx) error{
			idempotency.Sweep,
			person.Sweep,
			news.Sweep,
			inbound.Sweep,
			user.Sweep,
			aid.Sweep,
			advisory.Sweep,
		} {
			if err := sweep(ctx, tx); err != nil {
				return false, err
			}
		}
		return message.Sweep(ctx, tx)
	})},
}

// Outside is a job that asks other computers: it opens its own transactions, and
// none while it waits for an answer.
type Outside struct {
	Name string // one of message.Expected
	When string // a cron line, as of every job
	Run  func(context.Context, *store.DB) error
}

// errMore says that a job is to be run again at once, in a transaction of its own.
var errMore = errors.New("there is more to do")

// whileThereIsMore is a job that is done in parts, each short, so that nobody has
// to wait for all of it.
func whileThereIsMore(part func(context.Context, *store.Tx) (more bool, err error)) func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		more, err := part(ctx, tx)
		if partly := (store.Partly{}); more && (err == nil || errors.As(err, &partly)) {
			return errors.Join(errMore, err)
		}
		return err
	}
}

// longest is how long one job may take before it is given up, and noting how long
// writing down may take that it has failed.
const (
	longest = 5 * time.Minute
	noting  = 10 * time.Second
)

// Schedule runs the jobs until it is stopped.
type Schedule struct {
	db     *store.DB
	log    *slog.Logger
	cron   *cron.Cron
	cancel context.CancelFunc
	first  sync.WaitGroup
}

// Start runs every job once, and from then on at its times. What a job did goes
// wrong with is written down for the organisers and the log.
func Start(ctx context.Context, db *store.DB, log *slog.Logger, outside ...Outside) (*Schedule, error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &Schedule{db: db, log: log, cancel: cancel}
	// Recover inside of Skip: the other way round one panic would stop a job for good.
	guard := cron.NewChain(cron.SkipIfStillRunning(cronLog{log}), cron.Recover(cronLog{log}))
	s.cron = cron.New(cron.WithLocation(time.UTC))
	add := func(name, when string, run func()) error {
		wrapped := guard.Then(cron.FuncJob(run))
		if _, err := s.cron.AddJob(when, wrapped); err != nil {
			return fmt.Errorf("schedule %s: %w", name, err)
		}
		s.first.Add(1)
		go func() {
			defer s.first.Done()
			wrapped.Run()
		}()
		return nil
	}
	var fault error
	for _, j := range jobs {
		fault = errors.Join(fault, add(j.name, j.when, func() { s.once(ctx, j) }))
	}
	for _, o := range outside {
		fault = errors.Join(fault, add(o.Name, o.When, func() { s.outside(ctx, o) }))
	}
	if fault != nil {
		cancel()
		return nil, fault
	}
	beat := guard.Then(cron.FuncJob(func() { s.beat(ctx) }))
	if _, err := s.cron.AddJob("* * * * *", beat); err != nil {
		cancel()
		return nil, fmt.Errorf("schedule the sign of life: %w", err)
	}
	s.cron.Start()
	return s, nil
}

// Stop lets the jobs in hand end, for as long as ctx allows.
func (s *Schedule) Stop(ctx context.Context) {
	cronEnded, ended := s.cron.Stop(), make(chan struct{})
	go func() {
		defer close(ended)
		<-cronEnded.Done()
		s.first.Wait()
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	s.cancel()
	s.first.Wait()
}

func (s *Schedule) once(ctx context.Context, j job) {
	within, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	more, err := s.part(within, j)
	wrong := err
	for partly := (store.Partly{}); more && (err == nil || errors.As(err, &partly)); { // what is wrong with one does not keep the others waiting
		if more, err = s.part(within, j); err != nil {
			wrong = err
		}
	}
	if wrong == nil || errors.Is(wrong, context.Canceled) { // done, or the program ends
		return
	}
	s.log.Error("job failed", "job", j.name, "error", wrong)
	s.note(ctx, j.name, "fault")
}

// outside runs a job that asks other computers, and notes how it went.
func (s *Schedule) outside(ctx context.Context, o Outside) {
	within, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	err := o.Run(within, s.db)
	switch {
	case errors.Is(err, context.Canceled): // the program ends
	case err == nil, errors.Is(err, context.DeadlineExceeded) && within.Err() != nil: // the rest is done by the next
		s.note(ctx, o.Name, "")
	default:
		s.log.Error("job failed", "job", o.Name, "error", err)
		s.note(ctx, o.Name, "fault")
	}
}

// note writes down how a job went: also when the job's own time is over.
func (s *Schedule) note(ctx context.Context, name, fault string) {
	noted, cancel := context.WithTimeout(context.WithoutCancel(ctx), noting)
	defer cancel()
	if err := s.db.Write(noted, func(tx *store.Tx) error { return message.NoteRun(noted, tx, name, fault) }); err != nil {
		s.log.Error("how a job went is not noted", "job", name, "error", err)
	}
}

// beat leaves the sign of life by which an older database is noticed that is put
// back by hand, and notes who is to be erased again then. It is no job: what it writes stands outside of the database.
func (s *Schedule) beat(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if err := recovery.Alive(ctx, s.db); err != nil && !errors.Is(err, context.Canceled) {
		s.log.Error("no sign of life written", "error", err)
	}
}

// part runs a job once, and reports whether there is more of it.
func (s *Schedule) part(ctx context.Context, j job) (more bool, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		err := j.run(ctx, tx)
		more = errors.Is(err, errMore)
		if partly := (store.Partly{}); errors.As(err, &partly) || err != nil && !more {
			return err
		}
		return message.NoteRun(ctx, tx, j.name, "")
	})
	return more, err
}

// cronLog hands cron's words to our log.
type cronLog struct{ log *slog.Logger }

func (l cronLog) Info(msg string, args ...any) { l.log.Debug(msg, args...) }

func (l cronLog) Error(err error, msg string, args ...any) {
	l.log.Error(msg, append([]any{"error", err}, args...)...)
}
