package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/calendar"
	"stafett/internal/event"
	subscription "stafett/internal/feed"
	"stafett/internal/locale"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
	"stafett/internal/user"
)

// feedHistory is how long what is over stays in a calendar of one's own.
const feedHistory = 90 * 24 * time.Hour

// privateFeed is the calendar behind a secret address. Such an address is often
// shared with colleagues: nothing in it acts, and no other participant is in it.
func (s *Server) privateFeed(c *gin.Context) error {
	ctx := c.Request.Context()
	var f subscription.Feed
	var name string
	var entries []calendar.Entry
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		token, isFile := strings.CutSuffix(c.Param("file"), ".ics")
		if !isFile {
			return problem.ErrMissing
		}
		if f, err = subscription.Find(ctx, tx, token); err != nil {
			return err
		}
		switch f.Kind {
		case subscription.Participant:
			name, entries, err = s.participantEntries(ctx, tx, f)
		case subscription.Organiser:
			name, entries, err = s.organiserEntries(ctx, tx, f)
		case subscription.Adviser:
			name, entries, err = s.adviserEntries(ctx, tx, f)
		default:
			err = problem.ErrMissing
		}
		return err
	})
	if err != nil {
		return s.unknownLink(c, err)
	}
	data, err := s.publish(name, entries)
	if err != nil {
		return err
	}
	if f.Stale(s.DB.Now()) {
		if err := s.DB.Write(ctx, func(tx *store.Tx) error { return subscription.Fetched(ctx, tx, f.ID) }); err != nil {
			return err
		}
	}
	c.Writer.Header().Del("Vary")
	c.Header("Cache-Control", "private, no-cache") // ask each time, by the tag
	c.Header("X-Robots-Tag", "noindex")
	sendFile(c, calendar.ContentType, time.Time{}, data)
	return nil
}

// participantEntries are a person's own registrations and bookings: places, and as
// tentative what they wait for.
func (s *Server) participantEntries(ctx context.Context, tx *store.Tx, f subscription.Feed) (name string, entries []calendar.Entry, err error) {
	p, err := person.Find(ctx, tx, f.Owner.PersonID)
	if err != nil {
		return "", nil, err
	}
	if p.Erased() {
		return "", nil, problem.ErrMissing
	}
	own, err := registration.OfPerson(ctx, tx, p.ID)
	if err != nil {
		return "", nil, err
	}
	programmes, err := programmesByID(ctx, tx)
	if err != nil {
		return "", nil, err
	}
	lang := locale.Language(f.Language)
	for _, r := range own {
		ev, err := event.Find(ctx, tx, r.EventID)
		if err != nil {
			return "", nil, err
		}
		if !inOwnFeed(r, ev, tx.Now) {
			continue
		}
		entry, err := s.entry(lang, ev, programmes[ev.ProgrammeID])
		if err != nil {
			return "", nil, err
		}
		status, err := s.Texts.Text(lang, "status."+string(r.Status))
		if err != nil {
			return "", nil, err
		}
		mode, err := s.Texts.Text(lang, "mode."+string(r.Mode))
		if err != nil {
			return "", nil, err
		}
		entry.UID = "own-" + r.ID + "@" + s.base.Hostname()
		entry.Tentative = r.Status != registration.Confirmed && r.Status != registration.Attended
		newest(&entry, r.CreatedAt, ev.ChangedAt, r.ChangedAt)
		entry.Description = capitalise(status) + ", " + mode + "\n" + s.BaseURL + "/me/registrations/" + r.ID + "\n\n" + entry.Description
		entries = append(entries, entry)
	}
	bookings, err := s.bookingEntries(ctx, tx, lang, p.ID)
	if err != nil {
		return "", nil, err
	}
	entries = append(entries, bookings...)
	name, err = s.Texts.Text(lang, "feed.own_title")
	return name, entries, err
}

// inOwnFeed reports whether a registration shows in its owner's calendar: a place
// for some time after the event too, all else until its end.
func inOwnFeed(r registration.Registration, ev event.Event, now time.Time) bool {
	switch r.Status {
	case registration.Confirmed, registration.Attended:
		if ev.Status == event.Published || ev.Status == event.Held || ev.Status == event.Archived {
			return now.Before(ev.EndsAt.Add(feedHistory))
		}
		return now.Before(ev.EndsAt)
	case registration.Waitlisted, registration.Requested, registration.Offered, registration.PendingEmail, registration.EventCancelled:
		return now.Before(ev.EndsAt)
	}
	return false
}

// organiserEntries are the events of the programmes that a user organises, drafts
// too, with how many have signed up and nothing about any of them.
func (s *Server) organiserEntries(ctx context.Context, tx *store.Tx, f subscription.Feed) (name string, entries []calendar.Entry, err error) {
	u, err := user.Find(ctx, tx, f.Owner.UserID)
	if err != nil {
		return "", nil, err
	}
	own, all := u.Programmes(user.Organiser)
	if !all && len(own) == 0 {
		return "", nil, problem.ErrMissing
	}
	from := tx.Now.Add(-feedHistory)
	filter := event.Filter{From: from, Limit: mostInFeed}
	if !all {
		filter.ProgrammeIDs = own
	}
	events, err := event.List(ctx, tx, filter)
	if err != nil {
		return "", nil, err
	}
	programmes, err := programmesByID(ctx, tx)
	if err != nil {
		return "", nil, err
	}
	interest, err := registration.InterestSince(ctx, tx, from)
	if err != nil {
		return "", nil, err
	}
	lang := locale.Language(f.Language)
	for _, ev := range events {
		entry, err := s.entry(lang, ev, programmes[ev.ProgrammeID])
		if err != nil {
			return "", nil, err
		}
		if err := s.organisersEntry(&entry, lang, ev, interest[ev.ID]); err != nil {
			return "", nil, err
		}
		entries = append(entries, entry)
	}
	name, err = s.Texts.Text(lang, "feed.organiser_title")
	return name, entries, err
}

// organisersEntry makes of the public entry the one that organisers see.
func (s *Server) organisersEntry(entry *calendar.Entry, lang locale.Language, ev event.Event, i registration.Interest) (err error) {
	t := func(key string, args ...any) (text string) {
		if err == nil {
			text, err = s.Texts.Text(lang, key, args...)
		}
		return text
	}
	if ev.Status == event.Draft {
		entry.Summary, entry.Tentative = t("feed.draft", "title", ev.Title), true
	}
	taken := ev.Room.Taken + ev.Room.Extra + ev.Online.Taken + ev.Online.Extra
	said := t("feed.taken_unlimited", "taken", taken)
	if places := ev.Places(); places > 0 {
		said = t("feed.taken", "taken", taken, "places", places)
	}
	if i.Waiting > 0 {
		said += "\n" + t("feed.waiting", "count", i.Waiting)
	}
	entry.URL = s.BaseURL + "/admin/events/" + ev.ID
	entry.Description = said + "\n" + entry.URL + "\n\n" + ev.Summary
	entry.UID = "organise-" + ev.ID + "@" + s.base.Hostname()
	newest(entry, ev.CreatedAt, ev.ChangedAt, i.ChangedAt)
	return err
}

// newest dates an entry by whichever of two things changed last. Its number grows
// with that, for some calendars, Google's among them, take no change without: it
// is how many seconds that was after the beginning, since what changed may be
// another row than the event's.
func newest(entry *calendar.Entry, began, a, b time.Time) {
	if b.After(a) {
		a = b
	}
	entry.Changed, entry.Sequence = a, max(0, int(a.Sub(began)/time.Second))
}

// ownFeedPage is where somebody makes, changes and ends the secret address of a
// calendar of their own.
type ownFeedPage struct {
	page
	Whose   string     // own, organiser, adviser: the texts "feed.<Whose>_…"
	Address string     // of this page
	Has     bool       // an address
	Made    time.Time  // on the desk's clock
	Fetched time.Time  // zero: never
	New     *feedLinks // the address just made; it is shown this once
}

// ownFeed tells whose calendar a page of settings is about.
func ownFeed(c *gin.Context) (subscription.Owner, subscription.Kind) {
	if p, ok := self(c); ok {
		return subscription.Owner{PersonID: p.ID}, subscription.Participant
	}
	u, _ := signedIn(c)
	if asAdviser(c).ID != "" && strings.HasPrefix(c.FullPath(), adviserPath+"/") {
		return subscription.Owner{UserID: u.ID}, subscription.Adviser
	}
	return subscription.Owner{UserID: u.ID}, subscription.Organiser
}

// feedAddresses is where each kind of calendar of one's own is made and ended.
var feedAddresses = map[subscription.Kind]string{
	subscription.Participant: "/me/calendar", subscription.Organiser: "/admin/calendar", subscription.Adviser: adviserPath + "/feed",
}

func (s *Server) feedSettings(c *gin.Context) error { return s.showFeedSettings(c, "") }

func (s *Server) showFeedSettings(c *gin.Context, token string) error {
	ctx := c.Request.Context()
	owner, kind := ownFeed(c)
	p := &ownFeedPage{page: page{NoIndex: true}, Whose: "own", Address: feedAddresses[kind]}
	switch kind {
	case subscription.Organiser:
		p.page, p.Whose = adminPage(c, "events"), "organiser"
	case subscription.Adviser:
		p.page, p.Whose = adviserPage(c, "feed"), "adviser"
	}
	p.Self = p.Address
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		f, found, err := subscription.Of(ctx, tx, owner, kind)
		p.Has, p.Made = found, f.MadeAt.In(deskZone())
		if !f.FetchedAt.IsZero() {
			p.Fetched = f.FetchedAt.In(deskZone())
		}
		return err
	})
	if err != nil {
		return err
	}
	if token != "" {
		address := s.BaseURL + "/feed/" + token + ".ics"
		p.New = &feedLinks{Calendar: address, Webcal: webcal(address)}
	}
	return s.render(c, http.StatusOK, "calendar_address", p)
}

// makeFeed makes an address, or another in place of the one there was. The page
// answers the form itself, because the address is not kept and cannot be shown
// after a redirect.
func (s *Server) makeFeed(c *gin.Context) error {
	ctx := c.Request.Context()
	owner, kind := ownFeed(c)
	var token string
	err := s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		by := actor(c)
		if owner.PersonID != "" {
			by = asSelf(c)
		}
		token, err = subscription.Make(ctx, tx, owner, kind, string(s.language(c)), by)
		return err
	})
	if err != nil {
		return err
	}
	return s.showFeedSettings(c, token)
}

func (s *Server) removeFeed(c *gin.Context) error {
	ctx := c.Request.Context()
	owner, kind := ownFeed(c)
	by, to := actor(c), feedAddresses[kind]
	if owner.PersonID != "" {
		by = asSelf(c)
	}
	if err := s.DB.Write(ctx, func(tx *store.Tx) error { return subscription.Remove(ctx, tx, owner, kind, by) }); err != nil {
		return err
	}
	return seeOther(c, to+"?done=feed_removed")
}
