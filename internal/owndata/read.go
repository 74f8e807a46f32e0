package owndata

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/certificate"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/feed"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
	"stafett/internal/user"
)

// Read gathers everything that is stored about a person, or is
// problem.ErrMissing.
func Read(ctx context.Context, tx *store.Tx, personID string) (d Data, err error) {
	p, err := person.Find(ctx, tx, personID)
	if err != nil {
		return d, err
	}
	d = Data{WrittenAt: tx.Now, Person: Person{
		ID: p.ID, Email: p.Email, FirstName: p.FirstName, LastName: p.LastName, Language: p.Language, EmailFailedAt: when(p.EmailFailedAt), CreatedAt: p.CreatedAt,
	}, Companies: []Contact{}, Registration: []Registration{}, Invitations: []Invitation{}, Bookings: []Booking{}, Hours: []Hours{}, Applications: []Application{}, News: []News{}, Aid: []Aid{}, Messages: []Message{}, Erasures: []Erasure{}}
	for _, read := range []func(context.Context, *store.Tx, person.Person) error{
		d.readCompanies, d.readRegistrations, d.readSeries, d.readInvitations, d.readBookings, d.readHours, d.readApplications, d.readNews, d.readAid, d.readMessages, d.readSessions, d.readLinks, d.readFeeds, d.readErasures, d.readUser,
	} {
		if err := read(ctx, tx, p); err != nil {
			return d, fmt.Errorf("gather what is stored about a person: %w", err)
		}
	}
	d.Log, err = entries(ctx, tx, "person", p.ID)
	return d, err
}

// when is nothing for the zero time.
func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (d *Data) readCompanies(ctx context.Context, tx *store.Tx, p person.Person) error {
	ties, err := company.Ties(ctx, tx, p.ID)
	for _, t := range ties {
		if t.Status != "confirmed" { // what others have called the company is not theirs to know
			t.Name = ""
		}
		d.Companies = append(d.Companies, Contact{Company: Company{t.Country, t.Number, t.Name}, Status: t.Status, CreatedAt: t.CreatedAt})
	}
	return err
}

func (d *Data) readRegistrations(ctx context.Context, tx *store.Tx, p person.Person) error {
	own, err := registration.OfPerson(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	for _, r := range own {
		x, err := readRegistration(ctx, tx, r)
		if err != nil {
			return err
		}
		d.Registration = append(d.Registration, x)
	}
	return nil
}

func readRegistration(ctx context.Context, tx *store.Tx, r registration.Registration) (x Registration, err error) {
	ev, err := event.Find(ctx, tx, r.EventID)
	if err != nil {
		return x, err
	}
	pr, err := programme.Find(ctx, tx, ev.ProgrammeID)
	if err != nil {
		return x, err
	}
	x = Registration{
		ID: r.ID, Status: string(r.Status), Mode: string(r.Mode), Extra: r.Extra, Email: r.Email, FirstName: r.FirstName, LastName: r.LastName, Phone: r.Phone,
		Language: r.Language, Audience: r.Audience, OrganisationKind: string(r.OrganisationKind), OrganisationName: r.OrganisationName,
		Diet: r.Diet, AccessNeeds: r.AccessNeeds, JoinedAt: r.JoinedAt, RoomSince: when(r.RoomSince), HoldUntil: when(r.HoldUntil), ConfirmedAt: when(r.ConfirmedAt), EndedAt: when(r.EndedAt),
		InvitationID: r.InvitationID, BeforeMark: string(r.BeforeMark), EndReason: r.EndReason, CalendarUID: r.CalendarUID, CalendarSequence: r.CalendarSequence, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt,
		Event: Event{ID: ev.ID, Title: ev.Title, Language: ev.Language, StartsAt: ev.StartsAt, EndsAt: ev.EndsAt, TimeZone: ev.TimeZone, Programme: pr.Name, Organiser: pr.OrganiserName},
	}
	if r.Municipality.Number != "" {
		x.Municipality = &Municipality{r.Municipality.Country, r.Municipality.Number}
	}
	if r.CompanyID != "" {
		c, err := company.Find(ctx, tx, r.CompanyID)
		if err != nil {
			return x, err
		}
		x.Company = &Company{c.Country, c.Number, c.Name}
	}
	return x, x.readMore(ctx, tx, r, ev)
}

// readMore reads what hangs on a registration.
func (x *Registration) readMore(ctx context.Context, tx *store.Tx, r registration.Registration, ev event.Event) (err error) {
	if r.GroupID != "" {
		if x.GroupSize, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM registration WHERE group_id = ?`, r.GroupID); err != nil {
			return err
		}
	}
	if x.EnrolmentID, err = store.One(ctx, tx, store.Value[string], `SELECT COALESCE(enrolment_id, '') FROM registration WHERE id = ?`, r.ID); err != nil {
		return err
	}
	x.Answers, err = all(ctx, tx, func(row store.Row) (a Answer, err error) {
		var raw string
		if err = row.Scan(&a.Question, &raw); err == nil {
			a.Value, err = values(raw)
		}
		return a, err
	}, `SELECT q.label, a.value FROM answer a JOIN question q ON q.id = a.question_id WHERE a.registration_id = ? ORDER BY q.position, q.id`, r.ID)
	if err != nil {
		return err
	}
	x.Offers, err = all(ctx, tx, func(row store.Row) (o Offer, err error) {
		var answered time.Time
		err = row.Scan(&o.Mode, &o.Status, &o.Reason, store.Time(&o.OfferedAt), store.Time(&o.AnswerBy), store.Time(&answered))
		o.AnsweredAt = when(answered)
		return o, err
	}, `SELECT mode, status, reason, offered_at, answer_by, answered_at FROM offer WHERE registration_id = ? ORDER BY offered_at, id`, r.ID)
	if err != nil {
		return err
	}
	cert, found, err := certificate.Of(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	if found {
		x.Certificate = &Certificate{cert.Shown(), cert.IssuedAt}
	}
	x.Marks, err = all(ctx, tx, func(row store.Row) (m Mark, err error) {
		return m, row.Scan(&m.Outcome, store.Time(&m.MadeAt), store.Time(&m.ReceivedAt))
	}, `SELECT outcome, made_at, received_at FROM checkin_mark WHERE registration_id = ? ORDER BY made_at, id`, r.ID)
	if err != nil {
		return err
	}
	x.Links, err = all(ctx, tx, func(row store.Row) (l Link, err error) {
		return l, row.Scan(&l.Purpose, store.Time(&l.CreatedAt), store.Time(&l.ExpiresAt))
	}, `SELECT purpose, created_at, expires_at FROM personal_link WHERE registration_id = ? ORDER BY created_at, purpose`, r.ID)
	if err != nil {
		return err
	}
	x.Messages = []Message{}
	written, err := message.OfRegistration(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	for _, m := range written {
		if m.Recipient == r.Email { // an address that was wrong is somebody else's
			x.Messages = append(x.Messages, sent(m))
		}
	}
	x.Log, err = entries(ctx, tx, "registration", r.ID)
	return err
}

// all reads rows as store.All does, and finds none instead of nothing: a list in
// the file is a list.
func all[T any](ctx context.Context, tx *store.Tx, scan func(store.Row) (T, error), query string, args ...any) ([]T, error) {
	found, err := store.All(ctx, tx, scan, query, args...)
	if found == nil {
		found = []T{}
	}
	return found, err
}

func sent(m message.Message) Message {
	return Message{Letter: string(m.Letter), Recipient: m.Recipient, Language: m.Language, Status: string(m.Status), CreatedAt: m.CreatedAt, DoneAt: when(m.DoneAt)}
}

// entries are those of the audit log about one object, without saying which
// organiser it was.
func entries(ctx context.Context, tx *store.Tx, kind, id string) ([]Entry, error) {
	all, err := audit.Of(ctx, tx, kind, id)
	list := make([]Entry, 0, len(all))
	for _, e := range all {
		list = append(list, Entry{At: e.At, Actor: e.Actor.Kind, Action: e.Action, From: e.From, To: e.To, Reason: e.Reason})
	}
	return list, err
}

func (d *Data) readSeries(ctx context.Context, tx *store.Tx, p person.Person) (err error) {
	d.Series, err = all(ctx, tx, func(row store.Row) (c SeriesCert, err error) {
		err = row.Scan(&c.Code, &c.Series, store.Time(&c.IssuedAt))
		c.Code = certificate.Show(c.Code)
		return c, err
	}, `SELECT c.code, s.title, c.issued_at FROM series_certificate c JOIN series s ON s.id = c.series_id WHERE c.person_id = ? ORDER BY c.issued_at, c.code`, p.ID)
	return err
}

func (d *Data) readInvitations(ctx context.Context, tx *store.Tx, p person.Person) error {
	made, err := registration.InvitationsTo(ctx, tx, p.Email)
	if err != nil {
		return err
	}
	for _, i := range made {
		ev, err := event.Find(ctx, tx, i.EventID)
		if err != nil {
			return err
		}
		d.Invitations = append(d.Invitations, Invitation{Event: ev.Title, Label: i.Label, Email: i.Email, Used: i.Used, RevokedAt: when(i.RevokedAt), CreatedAt: i.CreatedAt})
	}
	return nil
}

func (d *Data) readNews(ctx context.Context, tx *store.Tx, p person.Person) error {
	list, err := news.All(ctx, tx, p.Email)
	if err != nil {
		return err
	}
	for _, s := range list {
		pr, err := programme.Find(ctx, tx, s.ProgrammeID)
		if err != nil {
			return err
		}
		d.News = append(d.News, News{
			Programme: pr.Name, Status: string(s.Status), Source: string(s.Source), Wording: s.Wording, Language: s.Language,
			AskedAt: s.AskedAt, ConfirmedAt: when(s.ConfirmedAt), EndedAt: when(s.EndedAt), EndedBy: string(s.EndedBy),
		})
	}
	return nil
}

func (d *Data) readAid(ctx context.Context, tx *store.Tx, p person.Person) error {
	known, err := aid.KnownOf(ctx, tx, p.ID)
	for _, k := range known {
		x := Aid{
			Recipient: k.Recipient, Programme: k.Programme, Status: string(k.Status), AskedAt: k.AskedAt, Declarations: []Signed{}, Minutes: k.Minutes, EuroCents: k.Cents, KeptUntil: when(k.KeptUntil),
			NumberSealed: k.OwnNumber,
		}
		for _, s := range k.Signed {
			x.Declarations = append(x.Declarations, Signed{s.Signer, s.At, s.Other})
		}
		d.Aid = append(d.Aid, x)
	}
	return err
}

func (d *Data) readMessages(ctx context.Context, tx *store.Tx, p person.Person) error {
	list, err := message.To(ctx, tx, p.Email)
	for _, m := range list {
		aboutAdvice := m.Letter.AboutAid() || m.BookingID != "" && m.AdviserID == "" || m.Letter == message.MayBook
		if m.RegistrationID == "" && (m.Letter.AboutPerson() || aboutAdvice) {
			d.Messages = append(d.Messages, sent(m))
		}
	}
	return err
}

func (d *Data) readSessions(ctx context.Context, tx *store.Tx, p person.Person) (err error) {
	d.Sessions, err = all(ctx, tx, func(row store.Row) (x Session, err error) {
		return x, row.Scan(store.Time(&x.CreatedAt), store.Time(&x.LastSeenAt))
	}, `SELECT created_at, last_seen_at FROM person_session WHERE person_id = ? ORDER BY created_at`, p.ID)
	return err
}

func (d *Data) readLinks(ctx context.Context, tx *store.Tx, p person.Person) (err error) {
	d.PersonLinks, err = all(ctx, tx, func(row store.Row) (x PersonLink, err error) {
		var used time.Time
		err = row.Scan(store.Time(&x.CreatedAt), store.Time(&x.ExpiresAt), store.Time(&used))
		x.UsedAt = when(used)
		return x, err
	}, `SELECT created_at, expires_at, used_at FROM person_link WHERE person_id = ? ORDER BY created_at, expires_at`, p.ID)
	return err
}

func (d *Data) readFeeds(ctx context.Context, tx *store.Tx, p person.Person) error {
	d.Feeds = []Feed{}
	f, found, err := feed.Of(ctx, tx, feed.Owner{PersonID: p.ID}, feed.Participant)
	if found {
		d.Feeds = append(d.Feeds, Feed{Kind: string(f.Kind), Language: f.Language, CreatedAt: f.MadeAt, LastFetchedAt: when(f.FetchedAt)})
	}
	return err
}

func (d *Data) readErasures(ctx context.Context, tx *store.Tx, p person.Person) error {
	all, err := requestsOf(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	for _, q := range all {
		e := Erasure{AskedAt: q.AskedAt, Erased: q.Erased, Kept: q.Kept, Status: string(q.Status), Decision: q.Decision, DecidedAt: when(q.DecidedAt), Public: q.PublicRecord}
		if q.ProgrammeID != "" {
			pr, err := programme.Find(ctx, tx, q.ProgrammeID)
			if err != nil {
				return err
			}
			e.Programme = pr.Name
		}
		d.Erasures = append(d.Erasures, e)
	}
	return nil
}

func (d *Data) readUser(ctx context.Context, tx *store.Tx, p person.Person) error {
	u, err := user.FindByEmail(ctx, tx, p.Email)
	if errors.Is(err, problem.ErrMissing) {
		return nil
	}
	if err != nil {
		return err
	}
	d.User = &User{Name: u.Name, Email: u.Email, Language: u.Language, Roles: []string{}}
	for _, g := range u.Roles {
		d.User.Roles = append(d.User.Roles, string(g.Role))
	}
	return nil
}
