package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"stafett/data"
	"stafett/internal/api"
	"stafett/internal/busy"
	"stafett/internal/inbound/imap"
	"stafett/internal/locale"
	"stafett/internal/mail"
	"stafett/internal/mail/transport"
	"stafett/internal/message"
	"stafett/internal/municipality"
	"stafett/internal/recovery"
	"stafett/internal/schedule"
	"stafett/internal/store"
	"stafett/internal/user"
	"stafett/internal/web"
)

type serveCommand struct {
	databaseSettings
	webSettings
	mailSettings
	inboundSettings
}

// Run serves until the context ends.
func (s serveCommand) Run(w world) error {
	server, err := s.server()
	if err != nil {
		return err
	}
	from, err := s.sender()
	if err != nil {
		return err
	}
	mailbox, err := s.mailbox()
	if err != nil {
		return err
	}
	lock, err := store.AcquireLock(s.Database)
	if err != nil {
		return err
	}
	defer lock.Release()
	db, err := s.open(w.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(w.ctx, 0); err != nil {
		return err
	}
	if err := noticeRestored(w.ctx, w, db); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("--listen (STAFETT_LISTEN) %s: %w; choose another port, such as 127.0.0.1:8081", s.Listen, err)
	}
	base, err := s.address(listener.Addr())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	letters, err := s.settings(base, from)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	p, err := newProgram(db, w.log(), s.webSettings, base, letters, transport.NewPool(server), nil)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if p.inbound, err = s.poller(w.ctx, db, p.log, mailbox, from); err != nil {
		return errors.Join(err, listener.Close())
	}
	p.log.Info("serving", "version", version, "listen", listener.Addr().String(), "base_url", base, "database", s.Database)
	return p.serve(w.ctx, listener)
}

// program is everything that runs: pages and API, mail, and the schedule.
type program struct {
	db      *store.DB
	log     *slog.Logger
	mailer  *mail.Mailer
	handler http.Handler
	inbound *imap.Poller // nil: no mailbox is read
	// calendars reads advisers' other calendars; nil: none is read.
	calendars *busy.Fetcher
}

// newProgram wires the parts. The mailbox is nil outside of the demo.
func newProgram(db *store.DB, log *slog.Logger, ws webSettings, base string, ms mail.Settings, sender mail.Sender, mailbox *transport.Mailbox) (*program, error) {
	texts, err := locale.Load()
	if err != nil {
		return nil, err
	}
	places, err := municipality.Load(data.Files)
	if err != nil {
		return nil, err
	}
	mailer, err := mail.New(db, texts, places, sender, log, ms)
	if err != nil {
		return nil, err
	}
	companies, err := ws.companies(db, log)
	if err != nil {
		return nil, err
	}
	aidKeys, err := ws.aidKeys()
	if err != nil {
		return nil, err
	}
	calendars := ws.calendars()
	pages, err := web.New(web.Options{
		DB: db, Companies: companies, ReadCalendar: readCalendar(calendars, db), Texts: texts, Places: places, Hasher: user.NewHasher(), Log: log, BaseURL: base, TrustedProxies: ws.TrustedProxies,
		Version: version, TestNumbers: ws.TestNumbers, Mailbox: mailbox, AidKeys: aidKeys,
		Preview: func(ctx context.Context, tx *store.Tx, m message.Message) (web.Letter, error) {
			r, err := mailer.Preview(ctx, tx, m)
			return web.Letter{Subject: r.Subject, HTML: r.HTML, Text: r.Text}, err
		},
		Specimen: func(ctx context.Context, tx *store.Tx, m message.Message) (web.Specimen, error) {
			x, err := mailer.Specimen(ctx, tx, m)
			return web.Specimen(x), err
		},
	})
	if err != nil {
		return nil, err
	}
	engine, err := pages.Engine()
	if err != nil {
		return nil, err
	}
	_, err = api.Mount(engine.Group("/api/v1"), engine, api.Options{
		DB: db, Places: places, Companies: companies, Log: log, BaseURL: base, TestNumbers: ws.TestNumbers, MailFrom: ms.FromEmail, Version: version, RegisterLimit: pages.RegisterLimit,
	})
	if err != nil {
		return nil, err
	}
	handler, err := pages.Protect(engine)
	if err != nil {
		return nil, err
	}
	return &program{db: db, log: log, mailer: mailer, handler: handler, calendars: calendars}, nil
}

// readCalendar is how pages have a calendar read at once; nil where none is read.
func readCalendar(f *busy.Fetcher, db *store.DB) func(context.Context, string) error {
	if f == nil {
		return nil
	}
	return func(ctx context.Context, adviserID string) error { return f.RefreshOne(ctx, db, adviserID) }
}

// outside are the jobs that ask other computers. What is not to run is forgotten,
// so that nobody is told that it stands still.
func (p *program) outside(ctx context.Context) ([]schedule.Outside, error) {
	if p.calendars == nil {
		return nil, p.db.Write(ctx, func(tx *store.Tx) error { return message.ForgetRun(ctx, tx, message.CalendarsRun) })
	}
	return []schedule.Outside{{Name: message.CalendarsRun, When: "* * * * *", Run: p.calendars.Refresh}}, nil
}

// Limits of the server, so that slow or silent callers cost little.
const (
	maxConnections = 1000
	endRequests    = 15 * time.Second // how long requests in hand may take to end
)

// serve runs everything until ctx ends, then stops: no new letter is taken and no
// new request; the letters and the requests in hand are finished; the database is
// closed by the caller.
func (p *program) serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: p.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 60 * time.Second, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelWarn),
	}
	mailContext, stopMail := context.WithCancel(context.Background())
	defer stopMail()
	mailDone := make(chan error, 1)
	go func() { mailDone <- p.mailer.Run(mailContext) }()
	inboundDone := make(chan struct{})
	go func() {
		defer close(inboundDone)
		if p.inbound != nil {
			_ = p.inbound.Run(mailContext) // until the context ends
		}
	}()
	outside, err := p.outside(context.Background())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	jobs, err := schedule.Start(context.Background(), p.db, p.log, outside...)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(netutil.LimitListener(listener, maxConnections)) }()
	var fault error
	select {
	case <-ctx.Done():
		p.log.Info("stopping")
	case fault = <-failed:
	}
	stopMail()
	end, cancel := context.WithTimeout(context.Background(), endRequests)
	defer cancel()
	if err := server.Shutdown(end); err != nil && fault == nil {
		p.log.Warn("requests cut off", "error", err)
	}
	jobs.Stop(end)
	fault = errors.Join(fault, <-mailDone)
	<-inboundDone
	if errors.Is(fault, context.Canceled) || errors.Is(fault, http.ErrServerClosed) {
		fault = nil
	}
	if err := recovery.Alive(context.Background(), p.db); err != nil {
		p.log.Warn("no sign of life written", "error", err)
	}
	p.log.Info("stopped")
	return fault
}
