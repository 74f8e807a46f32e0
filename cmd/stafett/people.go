package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"stafett/data"
	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/user"
)

type userCommand struct {
	Add     userAdd     `cmd:"" help:"Add a user and print the link by which to choose a password."`
	List    userList    `cmd:"" help:"List users and their roles."`
	Disable userDisable `cmd:"" help:"Let a user in no more; ends what is open."`
	Reset   userReset   `cmd:"" help:"Print a new link by which to choose a password."`
}

// setUpLife is how long a link for choosing a password is good.
const setUpLife = 7 * 24 * time.Hour

type userAdd struct {
	databaseSettings
	BaseURL   string `env:"STAFETT_BASE_URL" default:"http://127.0.0.1:8080" help:"The address that people use; the link begins with it."`
	Email     string `required:"" help:"The user's e-mail address."`
	Name      string `required:"" help:"The user's name."`
	Role      string `required:"" enum:"administrator,organiser,adviser" help:"What the user is: administrator, organiser or adviser."`
	Programme string `help:"In which programme (its slug); none: in all."`
	Language  string `default:"sv" enum:"sv,nb,nn,en" help:"Language of the user's pages: sv, nb, nn or en."`
}

// Run adds the user.
func (u userAdd) Run(w world) error {
	return write(w, u.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		id, err := programmeID(ctx, tx, u.Programme)
		if err != nil {
			return err
		}
		added, err := user.Add(ctx, tx, u.Email, u.Name, u.Language, []user.Grant{{Role: user.Role(u.Role), ProgrammeID: id}})
		if err != nil {
			return explain(err)
		}
		if err := auditUser(ctx, tx, "user.add", added.ID); err != nil {
			return err
		}
		return printSetUp(ctx, w, tx, u.BaseURL, added.ID)
	})
}

func printSetUp(ctx context.Context, w world, tx *store.Tx, base, userID string) error {
	token, err := user.NewLink(ctx, tx, userID, user.SetPasswordLink, setUpLife)
	if err != nil {
		return err
	}
	w.say("Choose a password here within seven days:\n%s/sign-in/password/%s", strings.TrimSuffix(base, "/"), token)
	return nil
}

func auditUser(ctx context.Context, tx *store.Tx, action, id string) error {
	return audit.Add(ctx, tx, audit.Entry{Actor: audit.Command, Action: action, ObjectKind: "user", ObjectID: id})
}

type userList struct{ databaseSettings }

// Run lists the users.
func (u userList) Run(w world) error {
	return read(w, u.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		users, err := user.List(ctx, tx)
		if err != nil {
			return err
		}
		t := tabwriter.NewWriter(w.stdout, 0, 4, 2, ' ', 0)
		for _, x := range users {
			var roles []string
			for _, g := range x.Roles {
				where := "all programmes"
				if g.ProgrammeID != "" {
					p, err := programme.Find(ctx, tx, g.ProgrammeID)
					if err != nil {
						return err
					}
					where = p.Slug
				}
				roles = append(roles, fmt.Sprintf("%s (%s)", g.Role, where))
			}
			state := ""
			if x.Disabled {
				state = "disabled"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", x.Email, x.Name, strings.Join(roles, ", "), state)
		}
		return t.Flush()
	})
}

type userDisable struct {
	databaseSettings
	Email string `arg:"" help:"The user's e-mail address."`
}

// Run disables the user.
func (u userDisable) Run(w world) error {
	return write(w, u.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		x, err := user.FindByEmail(ctx, tx, u.Email)
		if err != nil {
			return explain(err)
		}
		if err := user.Disable(ctx, tx, x.ID); err != nil {
			return err
		}
		w.say("%s is let in no more", x.Email)
		return auditUser(ctx, tx, "user.disable", x.ID)
	})
}

type userReset struct {
	databaseSettings
	BaseURL string `env:"STAFETT_BASE_URL" default:"http://127.0.0.1:8080" help:"The address that people use; the link begins with it."`
	Email   string `arg:"" help:"The user's e-mail address."`
}

// Run prints a new link.
func (u userReset) Run(w world) error {
	return write(w, u.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		x, err := user.FindByEmail(ctx, tx, u.Email)
		if err != nil {
			return explain(err)
		}
		if x.Disabled {
			return fmt.Errorf("%s is disabled and is let in no more", x.Email)
		}
		if err := auditUser(ctx, tx, "user.reset", x.ID); err != nil {
			return err
		}
		return printSetUp(ctx, w, tx, u.BaseURL, x.ID)
	})
}

type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make a token and print it; it is shown this once."`
	List   tokenList   `cmd:"" help:"List tokens, without their secrets."`
	Revoke tokenRevoke `cmd:"" help:"End a token."`
}

type tokenCreate struct {
	databaseSettings
	Role      string `required:"" enum:"administrator,organiser,mail" help:"What the token may do: administrator, organiser, or mail, which hands in mail that came back and opens nothing else."`
	Programme string `help:"In which programme (its slug); none: in all."`
	Name      string `required:"" help:"What the token is for."`
	Days      int    `default:"365" help:"How many days it is good, at most 365."`
}

// Run makes the token.
func (t tokenCreate) Run(w world) error {
	return write(w, t.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		id, err := programmeID(ctx, tx, t.Programme)
		if err != nil {
			return err
		}
		plain, made, err := user.NewToken(ctx, tx, user.Role(t.Role), id, t.Name, time.Duration(t.Days)*24*time.Hour)
		if err != nil {
			return explain(err)
		}
		w.say("%s", plain)
		return audit.Add(ctx, tx, audit.Entry{Actor: audit.Command, ProgrammeID: id, Action: "token.create", ObjectKind: "token", ObjectID: made.ID})
	})
}

type tokenList struct{ databaseSettings }

// Run lists the tokens.
func (t tokenList) Run(w world) error {
	return read(w, t.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		tokens, err := user.Tokens(ctx, tx)
		if err != nil {
			return err
		}
		out := tabwriter.NewWriter(w.stdout, 0, 4, 2, ' ', 0)
		for _, x := range tokens {
			state := "until " + x.ExpiresAt.Format(time.DateOnly)
			if !x.RevokedAt.IsZero() {
				state = "revoked"
			}
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", x.ID, x.Name, x.Role, state)
		}
		return out.Flush()
	})
}

type tokenRevoke struct {
	databaseSettings
	ID string `arg:"" help:"The token's id, as listed."`
}

// Run ends the token.
func (t tokenRevoke) Run(w world) error {
	return write(w, t.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		if err := user.RevokeToken(ctx, tx, t.ID); err != nil {
			return explain(err)
		}
		return audit.Add(ctx, tx, audit.Entry{Actor: audit.Command, Action: "token.revoke", ObjectKind: "token", ObjectID: t.ID})
	})
}

type programmeCommand struct {
	Add  programmeAdd  `cmd:"" help:"Add a programme."`
	List programmeList `cmd:"" help:"List programmes."`
}

type programmeAdd struct {
	databaseSettings
	Slug            string `required:"" help:"Its word in addresses, such as dalarna-2027."`
	Name            string `required:"" help:"Its name."`
	Country         string `required:"" enum:"SE,NO" help:"SE or NO."`
	County          string `help:"The county's two digits, such as 20."`
	Language        string `required:"" enum:"sv,nb,nn,en" help:"sv, nb, nn or en."`
	Organiser       string `help:"Who answers for it."`
	OrgNumber       string `help:"The organiser's organisation number."`
	ContactEmail    string `help:"Where people write."`
	ContactPhone    string `help:"Where people call."`
	ErasureDecision string `help:"A Swedish authority's decision on erasure; needed before diet can be asked for."`
	Private         bool   `help:"The organiser is no public authority."`
}

// Run adds the programme.
func (a programmeAdd) Run(w world) error {
	if err := a.checkCounty(); err != nil {
		return err
	}
	return write(w, a.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		zone := "Europe/Stockholm"
		if a.Country == "NO" {
			zone = "Europe/Oslo"
		}
		p, err := programme.Add(ctx, tx, programme.Programme{
			Slug: a.Slug, Name: a.Name, Country: a.Country, CountyCode: a.County, Language: a.Language, TimeZone: zone, OrganiserName: a.Organiser,
			OrgNumber: a.OrgNumber, ContactEmail: a.ContactEmail, ContactPhone: a.ContactPhone, Authority: !a.Private, ErasureDecision: a.ErasureDecision,
		}, audit.Command)
		if err != nil {
			return explain(err)
		}
		w.say("added %s", p.Slug)
		return nil
	})
}

// checkCounty refuses a county that its country does not have.
func (a programmeAdd) checkCounty() error {
	if a.County == "" {
		return nil
	}
	places, err := municipality.Load(data.Files)
	if err != nil {
		return err
	}
	counties := places.Counties(a.Country)
	if slices.ContainsFunc(counties, func(c municipality.County) bool { return c.Code == a.County }) {
		return nil
	}
	known := make([]string, len(counties))
	for i, c := range counties {
		known[i] = c.Code + " " + c.Name
	}
	return fmt.Errorf("correct --county: %s has no county %q; it has %s", a.Country, a.County, strings.Join(known, ", "))
}

type programmeList struct{ databaseSettings }

// Run lists the programmes.
func (l programmeList) Run(w world) error {
	return read(w, l.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		all, err := programme.List(ctx, tx)
		for _, p := range all {
			w.say("%s\t%s", p.Slug, p.Name)
		}
		return err
	})
}

type remindersCommand struct {
	databaseSettings
	Until string `required:"" help:"Up to when, such as 2027-03-03T12:00 (UTC) or with an offset, 2027-03-03T12:00:00+01:00."`
}

// Run lists reminders in the order in which they would go.
func (r remindersCommand) Run(w world) error {
	until, err := parseMoment(r.Until)
	if err != nil {
		return fmt.Errorf("--until: %w", err)
	}
	return read(w, r.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		due, err := message.Due(ctx, tx, until)
		if err != nil {
			return err
		}
		lines, err := reminderLines(due)
		if err != nil {
			return err
		}
		meetings, err := advisory.RemindersDue(ctx, tx, until)
		if err != nil {
			return err
		}
		for _, m := range meetings {
			loc := m.Booking.Location()
			lines = append(lines, reminderLine{m.DueAt, loc, string(message.BookingReminder), m.Recipient,
				fmt.Sprintf("one working day before the meeting %s, %s", m.Booking.StartsAt.In(loc).Format("2006-01-02 15:04"), m.Name)})
		}
		slices.SortStableFunc(lines, func(a, b reminderLine) int { return a.at.Compare(b.at) })
		t := tabwriter.NewWriter(w.stdout, 0, 4, 2, ' ', 0)
		for _, l := range lines {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", l.at.In(l.zone).Format("2006-01-02 15:04 MST"), l.letter, l.to, l.why)
		}
		if err := t.Flush(); err != nil {
			return err
		}
		if len(lines) == 1 {
			w.say("1 reminder until %s", until.Format(time.RFC3339))
			return nil
		}
		w.say("%d reminders until %s", len(lines), until.Format(time.RFC3339))
		return nil
	})
}

// reminderLine is one reminder as it is listed.
type reminderLine struct {
	at              time.Time
	zone            *time.Location
	letter, to, why string
}

// reminderLines are those of events.
func reminderLines(due []message.Reminder) (lines []reminderLine, err error) {
	for _, d := range due {
		loc, err := time.LoadLocation(d.TimeZone)
		if err != nil {
			return nil, err
		}
		lines = append(lines, reminderLine{d.DueAt, loc, string(d.Letter), d.Address, why(d, loc)})
	}
	return lines, nil
}

// why says in words what a reminder is for.
func why(d message.Reminder, loc *time.Location) string {
	side := map[string]string{
		"before_start": "before the start", "before_closes": "before registration closes, for", "after_closes": "after registration closed, for",
		"before_offer": "before the answer to an offer is due, for", "after_end": "after the end",
	}[d.When()]
	if strings.HasPrefix(side, "before the start") || strings.HasPrefix(side, "after the end") {
		side += " of"
	}
	at := ""
	if d.AtClock != "" {
		at = " at " + d.AtClock
	}
	unit := strings.ReplaceAll(d.Unit, "_", " ")
	if d.Amount == 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return fmt.Sprintf("%d %s%s %s %q (%s), to %s", d.Amount, unit, at, side, d.EventTitle,
		d.StartsAt.In(loc).Format("2006-01-02 15:04"), toWhom(d.Rule))
}

// toWhom says in words whom a rule reaches.
func toWhom(r message.Rule) string {
	to := map[message.Audience]string{
		message.WithPlace: "those with a place", message.OnList: "those who wait", message.WithOffer: "those with an open offer",
		message.WhoAttended: "those who attended", message.WhoWasAbsent: "those who stayed away", message.Organisers: "the organiser",
	}[r.Audience]
	if r.Mode != "" {
		to += map[string]string{"room": " in the room", "online": " online"}[r.Mode]
	}
	return to
}

// parseMoment reads a time with an offset, or one of UTC without.
func parseMoment(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time: write it as 2027-03-03T12:00", s)
}

func programmeID(ctx context.Context, tx *store.Tx, slug string) (string, error) {
	if slug == "" {
		return "", nil
	}
	p, err := programme.FindBySlug(ctx, tx, slug)
	if errors.Is(err, problem.ErrMissing) {
		return "", fmt.Errorf("there is no programme %q: see stafett programme list", slug)
	}
	return p.ID, err
}

// write opens the database for one transaction; what is said in it is printed
// once it has been committed.
func write(w world, d databaseSettings, fn func(context.Context, world, *store.Tx) error) error {
	db, err := d.openMigrated(w.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	var said bytes.Buffer
	inside := world{w.ctx, &said, w.stderr}
	if err := db.Write(w.ctx, func(tx *store.Tx) error { return fn(w.ctx, inside, tx) }); err != nil {
		return err
	}
	_, err = said.WriteTo(w.stdout)
	return err
}

// read opens the database for one transaction that only reads.
func read(w world, d databaseSettings, fn func(context.Context, world, *store.Tx) error) error {
	db, err := d.openMigrated(w.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Read(w.ctx, func(tx *store.Tx) error { return fn(w.ctx, w, tx) })
}
