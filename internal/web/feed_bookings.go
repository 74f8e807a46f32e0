package web

import (
	"context"
	"strings"

	"stafett/internal/advisory"
	"stafett/internal/calendar"
	subscription "stafett/internal/feed"
	"stafett/internal/locale"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/user"
)

// bookingEntry is a meeting as it stands in the calendar of the one who booked it:
// without what they need help with, for such a calendar is often shared.
func (s *Server) bookingEntry(ctx context.Context, tx *store.Tx, lang locale.Language, b advisory.Booking, a advisory.Programme, owner programme.Programme) (calendar.Entry, error) {
	adviser, err := advisory.AdviserByID(ctx, tx, b.AdviserID)
	if err != nil {
		return calendar.Entry{}, err
	}
	word, err := s.Texts.Text(lang, "advice.meeting."+string(b.Meeting))
	if err != nil {
		return calendar.Entry{}, err
	}
	text, _ := a.Text(string(lang))
	address := s.BaseURL + "/me/bookings/" + b.ID
	e := s.meetingEntry(lang, b, owner)
	e.Zone, e.URL, e.Summary = b.TimeZone, address, text.Name+", "+adviser.Name
	e.Description = strings.TrimSpace(first(b.JoinURL, b.Phone) + "\n" + address)
	e.Location = first(b.Place, s.placeName(b.Municipality), word)
	return e, nil
}

// meetingEntry is what a meeting has in every calendar.
func (s *Server) meetingEntry(lang locale.Language, b advisory.Booking, owner programme.Programme) calendar.Entry {
	e := calendar.Entry{
		Start: b.StartsAt, End: b.EndsAt, Language: string(lang), Tentative: b.Status == advisory.Requested,
		OrganizerName: first(owner.OrganiserName, owner.Name), OrganizerEmail: first(owner.ContactEmail, "noreply@"+s.base.Hostname()),
	}
	newest(&e, b.CreatedAt, b.ChangedAt, b.ChangedAt)
	return e
}

// bookingEntries are a person's own meetings, requested ones as tentative. Those
// of colleagues are in their calendars.
func (s *Server) bookingEntries(ctx context.Context, tx *store.Tx, lang locale.Language, personID string) (entries []calendar.Entry, err error) {
	own, err := advisory.OwnBookings(ctx, tx, personID)
	if err != nil {
		return nil, err
	}
	owners, err := programmesByID(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, b := range own {
		if b.PersonID != personID || b.Quick || b.StartsAt.IsZero() || !b.Status.HoldsHours() && b.Status != advisory.Settled || !tx.Now.Before(b.EndsAt.Add(feedHistory)) {
			continue
		}
		a, err := advisory.ProgrammeByID(ctx, tx, b.AdvisoryProgrammeID)
		if err != nil {
			return nil, err
		}
		e, err := s.bookingEntry(ctx, tx, lang, b, a, owners[a.ProgrammeID])
		if err != nil {
			return nil, err
		}
		e.UID = "own-" + b.ID + "@" + s.base.Hostname()
		entries = append(entries, e)
	}
	return entries, nil
}

// feedAhead is how far ahead an adviser's calendar goes, in days: further than
// anything can be booked.
const feedAhead = 400

// adviserEntries are an adviser's meetings: what waits for an answer is tentative,
// and so are the times that are held for somebody who waits.
func (s *Server) adviserEntries(ctx context.Context, tx *store.Tx, f subscription.Feed) (name string, entries []calendar.Entry, err error) {
	u, err := user.Find(ctx, tx, f.Owner.UserID)
	if err != nil {
		return "", nil, err
	}
	if !advises(u) {
		return "", nil, problem.ErrMissing
	}
	me, err := advisory.AdviserOfUser(ctx, tx, u.ID)
	if err != nil {
		return "", nil, err
	}
	bookings, proposed, err := me.Taken(ctx, tx, tx.Now.Add(-feedHistory), tx.Now.AddDate(0, 0, feedAhead))
	if err != nil {
		return "", nil, err
	}
	owners, err := programmesByID(ctx, tx)
	if err != nil {
		return "", nil, err
	}
	lang := locale.Language(f.Language)
	m := &meetings{me: me, lang: lang, s: s, programmes: map[string]advisory.Programme{}, names: map[string]string{}}
	for _, b := range bookings {
		if b.Quick { // a call that was logged afterwards was no meeting
			continue
		}
		e, err := m.entry(ctx, tx, b, owners)
		if err != nil {
			return "", nil, err
		}
		e.UID = "advise-" + b.ID + "@" + s.base.Hostname()
		entries = append(entries, e)
	}
	for _, p := range proposed {
		b, err := advisory.BookingByID(ctx, tx, p.BookingID)
		if err != nil {
			return "", nil, err
		}
		e, err := m.entry(ctx, tx, b, owners)
		if err != nil {
			return "", nil, err
		}
		if e.Summary, err = s.Texts.Text(lang, "feed.proposed", "name", e.Summary); err != nil {
			return "", nil, err
		}
		e.UID, e.Start, e.End, e.Tentative, e.Changed, e.Sequence = "propose-"+p.ID+"@"+s.base.Hostname(), p.StartsAt, p.EndsAt, true, p.CreatedAt, 0
		entries = append(entries, e)
	}
	name, err = s.Texts.Text(lang, "feed.adviser_title")
	return name, entries, err
}

// shortNeed is as much of what a company needs as helps to know it again, in
// characters: the whole stands on the meeting's page.
const shortNeed = 200

// entry is a meeting as its adviser has it in a calendar.
func (m *meetings) entry(ctx context.Context, tx *store.Tx, b advisory.Booking, owners map[string]programme.Programme) (e calendar.Entry, err error) {
	p, err := m.programme(ctx, tx, b.AdvisoryProgrammeID)
	if err != nil {
		return e, err
	}
	holder, err := m.holder(ctx, tx, b)
	if err != nil {
		return e, err
	}
	who := ""
	if b.PersonID != "" {
		found, err := person.Find(ctx, tx, b.PersonID)
		if err != nil {
			return e, err
		}
		who = found.Name()
	}
	text, _ := p.Text(string(m.lang))
	status, err := m.s.Texts.Text(m.lang, meetingStatus[b.Status].key)
	if err != nil {
		return e, err
	}
	how, err := m.s.Texts.Text(m.lang, meetingHow[b.Meeting])
	if err != nil {
		return e, err
	}
	e = m.s.meetingEntry(m.lang, b, owners[p.ProgrammeID])
	e.Private = true // what companies need is between them and the adviser
	e.Zone, e.URL = m.me.TimeZone, m.s.BaseURL+adviserPath+"/bookings/"+b.ID
	e.Summary = first(holder, who, text.Name)
	town := m.s.placeName(b.Municipality)
	place := strings.Trim(b.Place+", "+town, ", ")
	if strings.Contains(b.Place, town) {
		place = b.Place
	}
	way := map[advisory.Meeting]string{advisory.Online: b.JoinURL, advisory.Phone: b.Phone, advisory.OnSite: place}[b.Meeting]
	e.Location = first(way, how)
	lines := []string{text.Name + ": " + status, strings.TrimSpace(how + " " + way)}
	if who != "" && who != e.Summary {
		lines = append(lines, who)
	}
	if need := shortened(b.Need, shortNeed); need != "" {
		lines = append(lines, "", need)
	}
	e.Description = strings.Join(append(lines, "", e.URL), "\n")
	return e, nil
}

// shortened is the text, or its beginning as far as whole words fit.
func shortened(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	r := []rune(text)
	if len(r) <= most {
		return text
	}
	cut := string(r[:most])
	if space := strings.LastIndexByte(cut, ' '); space > most/2 {
		cut = cut[:space]
	}
	return cut + " …"
}
