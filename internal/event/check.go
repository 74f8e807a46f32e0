package event

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/locale"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
)

// Lengths in characters, and how many of each there may be.
const (
	maxTitle    = 200
	maxShort    = 300
	maxText     = 4000
	maxURL      = 2000
	maxRows     = 100
	maxPlaces   = 100_000
	maxPrice    = 100_000_00
	maxDuration = 14 * 24 * time.Hour
)

// Check reports what must be corrected before the content can be stored, as a
// draft or not.
func (c Content) Check() problem.Fields {
	var f problem.Fields
	c.checkWords(&f)
	c.checkTimes(&f)
	c.checkPlaces(&f)
	c.checkRows(&f)
	return f
}

func (c Content) checkWords(f *problem.Fields) {
	if !slices.Contains(Kinds(), c.Kind) {
		f.Add("kind", "choice")
	}
	if !slices.Contains([]string{"sv", "nb", "nn", "en"}, c.Language) {
		f.Add("language", "choice")
	}
	if c.AudienceMode != "" && !slices.Contains(AudienceModes(), c.AudienceMode) {
		f.Add("audience_mode", "choice")
	}
	if c.OwnMunicipality && c.Municipality.Number == "" {
		f.Add("own_municipality", "own_municipality")
	}
	if _, err := time.Parse(time.DateOnly, c.DecisionOn); c.DecisionOn != "" && err != nil {
		f.Add("decision_on", "date")
	} else if c.DecisionOn != "" && c.DecisionOn >= c.LocalStart().Format(time.DateOnly) {
		f.Add("decision_on", "decision_before")
	}
	if c.Mode != Room && c.Mode != Online && c.Mode != Hybrid {
		f.Add("mode", "choice")
	}
	if strings.TrimSpace(c.Title) == "" {
		f.Add("title", "required")
	}
	for _, x := range []struct {
		name, text string
		most       int
	}{
		{"title", c.Title, maxTitle}, {"summary", c.Summary, maxText}, {"description", c.Description, 5 * maxText},
		{"venue", c.VenueName, maxShort}, {"venue_address", c.VenueAddress, maxShort}, {"access_notes", c.AccessNotes, maxText},
		{"join_url", c.JoinURL, maxURL}, {"price_note", c.PriceNote, maxShort}, {"contact_name", c.ContactName, maxShort},
		{"contact_phone", c.ContactPhone, 60},
	} {
		if utf8.RuneCountInString(x.text) > x.most {
			f.Add(x.name, "too_long", "most", x.most)
		}
		if locale.Deceptive(x.text, x.most >= maxText) {
			f.Add(x.name, "characters")
		}
	}
	if c.JoinURL != "" && !isWebAddress(c.JoinURL) {
		f.Add("join_url", "web_address")
	}
	if c.ContactEmail != "" {
		if _, err := person.Address(c.ContactEmail); err != nil {
			f.Add("contact_email", "email")
		}
	}
	if c.PriceMinor < 0 || c.PriceMinor > maxPrice {
		f.Add("price", "number")
	}
}

// isWebAddress admits https only: it is where people are sent to join.
func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

func (c Content) checkTimes(f *problem.Fields) {
	if c.TimeZone != "Europe/Stockholm" && c.TimeZone != "Europe/Oslo" {
		f.Add("time_zone", "choice")
	}
	switch {
	case c.StartsAt.IsZero():
		f.Add("starts_at", "required")
	case c.EndsAt.IsZero():
		f.Add("ends_at", "required")
	case !c.EndsAt.After(c.StartsAt):
		f.Add("ends_at", "after_start")
	case c.EndsAt.Sub(c.StartsAt) > maxDuration:
		f.Add("ends_at", "too_late")
	}
	if c.ClosesAt.After(c.StartsAt) {
		f.Add("registration_closes_at", "by_start")
	}
	if !c.OpensAt.IsZero() && c.OpensAt.After(c.ClosesAt) {
		f.Add("registration_opens_at", "before_close")
	}
	if c.JoinPromisedOn != "" {
		if _, err := time.Parse(time.DateOnly, c.JoinPromisedOn); err != nil {
			f.Add("join_promised_on", "date")
		}
	}
}

func (c Content) checkPlaces(f *problem.Fields) {
	for _, x := range []struct {
		name string
		n    *int
		most int
	}{
		{"room_places", c.RoomPlaces, maxPlaces}, {"online_places", c.OnlinePlaces, maxPlaces},
		{"min_participants", c.MinParticipants, maxPlaces}, {"company_limit", c.CompanyLimit, maxPlaces},
	} {
		if x.n != nil && (*x.n < 1 || *x.n > x.most) {
			f.Add(x.name, "at_least_one")
		}
	}
}

func (c Content) checkRows(f *problem.Fields) {
	for i, a := range c.Audiences {
		if !slices.Contains(Audiences(), a) || slices.Contains(c.Audiences[:i], a) {
			f.Add("audience", "choice")
		}
	}
	length := int(c.EndsAt.Sub(c.StartsAt).Minutes())
	for i, item := range c.Agenda {
		switch {
		case locale.Deceptive(item.Title, false):
			f.Add("agenda", "characters")
		case strings.TrimSpace(item.Title) == "":
			f.Add("agenda", "agenda_title", "row", i+1)
		case i > 0 && item.OffsetMinutes < c.Agenda[i-1].OffsetMinutes:
			f.Add("agenda", "agenda_order", "row", i+1)
		case item.OffsetMinutes > length:
			f.Add("agenda", "agenda_after_end", "row", i+1)
		}
	}
	for i, q := range c.Questions {
		switch {
		case locale.Deceptive(q.Label, false) || slices.ContainsFunc(q.Options, oneLine):
			f.Add("questions", "characters")
		case strings.TrimSpace(q.Label) == "":
			f.Add("questions", "question_label", "row", i+1)
		case !slices.Contains(QuestionKinds(), q.Kind):
			f.Add("questions", "choice", "row", i+1)
		case (q.Kind == ChoiceQuestion || q.Kind == ChoicesQuestion) && len(q.Options) < 2:
			f.Add("questions", "question_options", "row", i+1)
		}
	}
	for _, s := range c.Speakers {
		if locale.Deceptive(s.Name, false) || locale.Deceptive(s.Organisation, false) {
			f.Add("speakers", "characters")
		}
	}
	if slices.ContainsFunc(c.CoOrganisers, oneLine) {
		f.Add("co_organisers", "characters")
	}
	for name, n := range map[string]int{"agenda": len(c.Agenda), "speakers": len(c.Speakers), "questions": len(c.Questions), "co_organisers": len(c.CoOrganisers)} {
		if n > maxRows {
			f.Add(name, "too_many", "most", maxRows)
		}
	}
}

// oneLine reports whether a text of one line has what may not stand in it.
func oneLine(s string) bool { return locale.Deceptive(s, false) }

// CheckPublish reports what is missing before people may see the event, on top
// of Check.
func (c Content) CheckPublish(p programme.Programme, now time.Time) problem.Fields {
	f := c.Check()
	if !c.StartsAt.IsZero() && !c.StartsAt.After(now) {
		f.Add("starts_at", "in_future")
	}
	if strings.TrimSpace(c.Summary) == "" {
		f.Add("summary", "required")
	}
	if len(c.Audiences) == 0 {
		f.Add("audience", "required")
	}
	if c.ContactName == "" {
		f.Add("contact_name", "required")
	}
	if c.ContactEmail == "" && c.ContactPhone == "" {
		f.Add("contact_email", "required")
	}
	if c.Mode != Online {
		if c.Municipality.Number == "" {
			f.Add("municipality", "required")
		}
		if c.VenueName == "" && c.VenueAddress == "" {
			f.Add("venue", "required")
		}
	}
	if c.Mode != Room && c.JoinURL == "" && c.JoinPromisedOn == "" {
		f.Add("join_url", "join_or_promise")
	}
	if c.Catering && !p.MayAskDiet() {
		f.Add("catering", "diet_needs_decision")
	}
	return f
}

// Warning is something that an organiser should know but may overrule; its text
// is "warning.<Warning>".
type Warning string

// Warnings lists what an organiser should look at before publishing.
func (c Content) Warnings() []Warning {
	var w []Warning
	if c.Mode != Online && c.AccessNotes == "" {
		w = append(w, "access_notes")
	}
	if c.Mode != Room && c.JoinURL == "" {
		w = append(w, "join_url")
	}
	if len(c.Agenda) == 0 {
		w = append(w, "agenda")
	}
	return w
}

// DefaultClosesAt is the last moment to register when the organiser names none:
// for rooms 23:59 on the seventh day before, on the event's clock; online the
// start.
func DefaultClosesAt(mode Mode, start time.Time, loc *time.Location) time.Time {
	if mode == Online {
		return start
	}
	day := start.In(loc).AddDate(0, 0, -7)
	return time.Date(day.Year(), day.Month(), day.Day(), 23, 59, 0, 0, loc).UTC()
}
