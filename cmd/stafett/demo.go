package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"stafett/data"
	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/checkin"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/mail"
	"stafett/internal/mail/transport"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/person"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/sample"
	"stafett/internal/store"
	"stafett/internal/user"
)

type demoCommand struct {
	Database        string `help:"Where to keep the demo's database; none: a temporary folder that is removed at the end."`
	Listen          string `default:"127.0.0.1:8080" help:"Address and port to listen on."`
	BaseURL         string `help:"The address that people use. Default: http:// and the address listened on."`
	SMTP            string `help:"Send mail by this server, such as smtp://127.0.0.1:1025?tls=none, instead of catching it at /dev/mail."`
	Now             string `help:"Start the demo's clock here, such as 2027-03-03T08:00 (UTC) or with an offset, 2027-03-03T09:00:00+01:00; it ticks on."`
	CompanyRegister string `help:"Fetch the names of Norwegian companies from the open register at this address, as serve does. Empty: nobody is asked."`
	Open            bool   `help:"Allow an address beyond this computer: anybody who reaches it can read the mailbox."`
}

// demoClock stands where it is put while the demo is filled, and then ticks.
type demoClock struct {
	mu     sync.Mutex
	now    time.Time
	since  time.Time // when it began to tick; zero: it stands
	actual func() time.Time
}

func (c *demoClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since.IsZero() {
		return c.now
	}
	return c.now.Add(c.actual().Sub(c.since))
}

func (c *demoClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

func (c *demoClock) tick() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.since = c.actual()
}

// Run fills a database with invented people and serves it.
func (d demoCommand) Run(w world) error {
	now, err := d.moment()
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(d.Listen)
	if ip := net.ParseIP(host); err != nil || !d.Open && (ip == nil || !ip.IsLoopback()) && host != "localhost" {
		return fmt.Errorf("the demo listens on this computer only, as on 127.0.0.1:8080; with --open also beyond it")
	}
	file := d.Database
	if file == "" {
		folder, err := os.MkdirTemp("", "stafett-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		file = filepath.Join(folder, "stafett.db")
	} else if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s exists already: the demo begins with a new database", file)
	}
	lock, err := store.AcquireLock(file)
	if err != nil {
		return err
	}
	defer lock.Release()
	clock := &demoClock{now: now, actual: time.Now}
	db, err := store.Open(w.ctx, file, realOptions(clock.Now))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(w.ctx, 0); err != nil {
		return err
	}
	return d.serve(w, db, clock, now)
}

func (d demoCommand) moment() (time.Time, error) {
	if d.Now == "" {
		return time.Now().Truncate(time.Second), nil
	}
	t, err := parseMoment(d.Now)
	if err != nil {
		return t, fmt.Errorf("--now: %w", err)
	}
	return t, nil
}

func (d demoCommand) serve(w world, db *store.DB, clock *demoClock, now time.Time) error {
	listener, err := net.Listen("tcp", d.Listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w; choose another port, such as 127.0.0.1:8081", d.Listen, err)
	}
	ws := webSettings{BaseURL: d.BaseURL, TestNumbers: true, CompanyRegister: d.CompanyRegister}
	base, err := ws.address(listener.Addr())
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	mailbox := transport.NewMailbox(clock.Now)
	var sender mail.Sender = mailbox
	if d.SMTP != "" { // real mail: there is no mailbox to look into
		settings, err := transport.ParseURL(d.SMTP)
		if err != nil {
			return errors.Join(fmt.Errorf("--smtp: %w", err), listener.Close())
		}
		sender, mailbox = transport.NewPool(settings), nil
	}
	log := slog.New(slog.NewJSONHandler(w.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	p, err := newProgram(db, log, ws, base, mail.Settings{BaseURL: base, FromEmail: "stafett@demo.example"}, sender, mailbox)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	f := &filler{db: db, clock: clock, mailer: p.mailer, out: w.stdout}
	if err := f.fill(w.ctx, now); err != nil {
		return errors.Join(fmt.Errorf("fill the demo: %w", err), listener.Close())
	}
	clock.tick()
	if err := f.greet(w, base); err != nil {
		return errors.Join(err, listener.Close())
	}
	return p.serve(w.ctx, listener)
}

// filler lets some weeks pass in the demo, day by day: people sign up, one
// event is held, and every letter goes out when it was due.
type filler struct {
	db     *store.DB
	clock  *demoClock
	mailer *mail.Mailer
	out    io.Writer
	file   sample.File
	events map[string]event.Event
	advice map[string]advisory.Programme
	booked map[int]advisory.Booking // by its place in advisedMeetings
	people int
}

// history is how many days of history the demo has.
const history = 45

// signUps says how many people sign up for each event, from which day on (days
// from today). One event is full with people waiting, one nearly full, one is
// held, one was cancelled by nobody and stays quiet.
var signUps = []struct {
	event   string
	country string
	from    int // days from today
	people  int
}{
	{"lar-leksand", "SE", -44, 13},
	{"lar-alvdalen", "SE", -23, 19},
	{"webb-akut", "SE", -31, 87},
	{"webb-handlingsrom", "NO", -20, 41},
	{"webb-startoff-nn", "NO", -13, 12},
	{"fort-innovation", "SE", -2, 77},
	{"dialog-borlange", "SE", -10, 14},
	{"workshop-idag", "SE", -11, 11},
}

func (f *filler) fill(ctx context.Context, now time.Time) (err error) {
	data, err := data.Files.ReadFile("sample_programme.json")
	if err != nil {
		return err
	}
	if f.file, err = sample.Read(data); err != nil {
		return err
	}
	hybrid, err := hybridEvent()
	if err != nil {
		return err
	}
	f.file.Events = append(f.file.Events, heldEvent(f.file), hybrid, todayEvent(f.file, now))
	f.clock.set(now.AddDate(0, 0, -history))
	err = f.db.Write(ctx, func(tx *store.Tx) error {
		if f.events, err = sample.Load(ctx, tx, f.file, now); err != nil {
			return err
		}
		f.booked = map[int]advisory.Booking{}
		f.advice, err = sample.LoadAdvice(ctx, tx, f.file)
		return err
	})
	if err != nil {
		return err
	}
	for day := -history + 1; day <= 0; day++ {
		if err := f.day(ctx, now, day); err != nil {
			return err
		}
		fmt.Fprintf(f.out, "\rLoading the demo: day %d of %d", day+history, history)
	}
	fmt.Fprintln(f.out)
	f.clock.set(now)
	return f.deliver(ctx)
}

// heldEvent is a learning seminar of three weeks ago, made of one to come.
func heldEvent(file sample.File) sample.Event {
	var e sample.Event
	for _, x := range file.Events {
		if x.ID == "lar-alvdalen" {
			e = x
		}
	}
	town := *e.Municipality
	town.Code = "2029"
	e.ID, e.Municipality, e.Venue.Name = "lar-leksand", &town, "Studiesal i Leksand"
	e.StartOffsetDays, e.OpensOffset, e.CoOrganisers = -20, -60, []string{"Leksands kommun, näringslivskontoret"}
	return e
}

// todayEvent is a workshop that begins within the hour, so that its door is open.
func todayEvent(file sample.File, now time.Time) sample.Event {
	e := heldEvent(file)
	loc := time.UTC
	if stockholm, err := time.LoadLocation("Europe/Stockholm"); err == nil { // the zones are embedded in the program
		loc = stockholm
	}
	start := now.In(loc).Add(45 * time.Minute).Truncate(15 * time.Minute)
	town := *e.Municipality
	town.Code = "2080"
	e.ID, e.Title, e.Kind = "workshop-idag", "Verkstad: räkna på ett anbud", "workshop"
	e.Municipality, e.Venue.Name, e.CoOrganisers = &town, "Kristinehallen", nil
	e.Summary, e.Agenda = "Ta med egna siffror, så räknar vi tillsammans på en riktig upphandling.", nil
	e.StartTime, e.StartOffsetDays, e.OpensOffset, e.DurationMinutes = start.Format("15:04"), 0, -40, 120
	if start.Day() != now.In(loc).Day() {
		e.StartOffsetDays = 1
	}
	e.Capacity, e.MinParticipants, e.AnyDay = 16, nil, true
	return e
}

// hybridEvent is a dialogue meeting that can be followed in the room or online
// and asks questions of its own, one of each kind.
func hybridEvent() (e sample.Event, err error) {
	return e, json.Unmarshal([]byte(`{
		"id": "dialog-borlange", "title": "Dialogmöte: så köper kommunerna in nästa år", "language": "sv", "kind": "dialogue",
		"audience": ["supplier_sme", "procurer", "industry_org"], "municipality": {"country": "SE", "code": "2081"},
		"venue": {"type": "room", "name": "Stadshusets hörsal", "access_notes": "Hörslinga, hiss, RWC på samma plan"},
		"duration_minutes": 120, "start_offset_days": 24, "start_time": "13:00", "capacity": 40, "hybrid": true,
		"registration_opens_offset_days": -20, "summary": "Kommunernas inköpare berättar vad som ska upphandlas nästa år. Kom till Borlänge eller följ mötet digitalt, och ställ dina frågor i förväg.",
		"agenda": [{"start": "12:45", "title": "Kaffe"}, {"start": "13:00", "title": "Upphandlingar på gång"}, {"start": "14:00", "title": "Frågor och samtal vid borden"}],
		"programme": "udd-2026", "catering": true,
		"questions": [
			{"kind": "text", "label": "Vad vill du fråga kommunernas inköpare?"},
			{"kind": "choice", "label": "Har företaget lämnat anbud tidigare?", "required": true, "options": ["Aldrig", "Någon gång", "Ofta"]},
			{"kind": "choices", "label": "Vilka områden intresserar dig?", "options": ["Bygg", "Livsmedel", "Städ och tvätt", "IT"]},
			{"kind": "yes_no", "label": "Får vi dela din fråga med de andra deltagarna?"}
		]}`), &e)
}

// day lets one day pass, at noon and in the evening.
func (f *filler) day(ctx context.Context, now time.Time, day int) error {
	noon := now
	if day < 0 { // by the date in the events' zone, as the programme file counts
		local := now.In(f.events["lar-leksand"].Location()).AddDate(0, 0, day)
		noon = time.Date(local.Year(), local.Month(), local.Day(), 10, 30, 0, 0, time.UTC)
	}
	f.clock.set(noon)
	for _, s := range signUps {
		if day != s.from && day != s.from+2 {
			continue
		}
		half := s.people / 2
		if day != s.from {
			half = s.people - half
		}
		for range half {
			if err := f.signUp(ctx, s.event, s.country); err != nil {
				return fmt.Errorf("%s: %w", s.event, err)
			}
		}
	}
	if err := f.attend(ctx, now, day); err != nil {
		return err
	}
	if err := f.adviceDay(ctx, now, day); err != nil {
		return err
	}
	if err := f.applicationDay(ctx, day); err != nil {
		return err
	}
	return f.deliver(ctx)
}

func (f *filler) signUp(ctx context.Context, name, country string) error {
	f.people++
	q := f.file.Person(f.people, f.events[name], country)
	return f.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := registration.Register(ctx, tx, q); err != nil || f.people%readerEach != 0 {
			return err
		}
		return wantNews(ctx, tx, f.events[name].ProgrammeID, q)
	})
}

// readerEach is of how many who sign up one wants news.
const readerEach = 5

// wantNews says yes to a programme's news on one's own page.
func wantNews(ctx context.Context, tx *store.Tx, programmeID string, q registration.Request) error {
	texts, err := locale.Load()
	if err != nil {
		return err
	}
	p, err := programme.Find(ctx, tx, programmeID)
	if err != nil {
		return err
	}
	wording, err := texts.Text(locale.Language(q.Language), "news.box", "organiser", p.OrganiserName)
	if err != nil {
		return err
	}
	return news.Ask(ctx, tx, news.Wish{ProgrammeID: p.ID, Email: q.Email, Language: q.Language, Source: news.OwnPage, Wording: wording})
}

// attend marks who came to the event that has been held.
func (f *filler) attend(ctx context.Context, now time.Time, day int) error {
	held := f.events["lar-leksand"]
	if day != -19 {
		return nil
	}
	before := f.clock.Now()
	f.clock.set(held.EndsAt.Add(-10 * time.Minute))
	defer f.clock.set(before)
	return f.db.Write(ctx, func(tx *store.Tx) error {
		people, err := registration.Roster(ctx, tx, held.ID, registration.RosterFilter{Statuses: []registration.Status{registration.Confirmed}})
		if err != nil {
			return err
		}
		for i, r := range people {
			mark := registration.Present
			if i == 4 {
				mark = registration.Absent
			}
			if _, err := registration.Attend(ctx, tx, r.ID, mark, audit.System); err != nil {
				return err
			}
		}
		return nil
	})
}

// deliver writes the reminders that are due and sends what waits.
func (f *filler) deliver(ctx context.Context) error {
	err := f.db.Write(ctx, func(tx *store.Tx) error {
		_, err := message.EnqueueDue(ctx, tx)
		return err
	})
	for worked := true; worked && err == nil; {
		worked, err = f.mailer.Step(ctx)
	}
	return err
}

// linkLife is how long the demo's sign-in link is good.
const linkLife = 30 * 24 * time.Hour

// greet prints where to go.
func (f *filler) greet(w world, base string) error {
	var organiser, adviser, token, door, contact, project string
	err := f.db.Write(w.ctx, func(tx *store.Tx) error {
		u, err := user.Add(w.ctx, tx, "organiser@demo.example", "Karin Lind (påhittad)", "sv", []user.Grant{{Role: user.Administrator}})
		if err != nil {
			return err
		}
		if organiser, err = user.NewLink(w.ctx, tx, u.ID, user.SignInLink, linkLife); err != nil {
			return err
		}
		maria, err := user.FindByEmail(w.ctx, tx, sample.Advisers()[0].Email)
		if err != nil {
			return err
		}
		if adviser, err = user.NewLink(w.ctx, tx, maria.ID, user.SignInLink, linkLife); err != nil {
			return err
		}
		applicant, err := person.FindByEmail(w.ctx, tx, sample.Projects()[0].Email)
		if err != nil {
			return err
		}
		if project, err = person.NewLink(w.ctx, tx, applicant.ID, linkLife); err != nil {
			return err
		}
		ev := f.events["lar-alvdalen"]
		people, err := registration.Roster(w.ctx, tx, ev.ID, registration.RosterFilter{Statuses: []registration.Status{registration.Confirmed}})
		if err != nil || len(people) == 0 {
			return err
		}
		if token, err = registration.NewLink(w.ctx, tx, people[0], ev, registration.Manage); err != nil {
			return err
		}
		door, err = checkin.Make(w.ctx, tx, f.events["workshop-idag"].ID, "Demo", audit.System)
		if err != nil {
			return err
		}
		number, err := company.ParseNumber("SE", f.companies("SEK")[firmOfContact].OrgNumber, true)
		if err != nil {
			return err
		}
		firm, err := company.FindByNumber(w.ctx, tx, "SE", number)
		if err != nil {
			return err
		}
		for _, r := range people {
			if r.CompanyID == firm.ID { // a colleague of somebody who attended: the company has its hours
				if err := company.Confirm(w.ctx, tx, r.PersonID, r.CompanyID, audit.System); err != nil {
					return err
				}
				contact, err = person.NewLink(w.ctx, tx, r.PersonID, linkLife)
				return err
			}
		}
		return errors.New("nobody comes for a company")
	})
	if err != nil {
		return err
	}
	w.say(`
Stafett is ready. Every person and company in it is invented.

  Calendar            %[1]s/events
  Full event          %[1]s/events/lar-alvdalen
  Mailbox             %[1]s/dev/mail
  Organiser, sign in  %[1]s/sign-in/link/%[2]s
  Adviser, sign in    %[1]s/sign-in/link/%[6]s
  A participant       %[1]s/r/%[3]s
  Company contact     %[1]s/me/link/%[5]s
  A project's contact %[1]s/me/link/%[7]s
  Today's door        %[1]s/checkin/%[4]s
  API                 %[1]s/api/v1/openapi.json

End with Ctrl+C.`, base, organiser, token, door, contact, adviser, project)
	return nil
}
