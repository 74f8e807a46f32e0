package web

import (
	"strings"
	"time"

	"stafett/internal/aid"
	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/owndata"
)

// dataSection is one part of what is stored about somebody, in words.
type dataSection struct {
	Title string
	Items []dataItem
}

// dataItem is one thing in it; without a title it is the only one of its kind.
type dataItem struct {
	Title, Language string
	When            string // the day of an event
	Rows            []dataRow
}

// dataRow is one fact. A value may have several lines.
type dataRow struct {
	Label string
	Lines []string
}

// teller puts what is stored into words; the first text that is missing is kept
// as a fault.
type teller struct {
	s    *Server
	lang locale.Language
	err  error
}

func (w *teller) t(key string, args ...any) string {
	text, err := w.s.Texts.Text(w.lang, key, args...)
	if err != nil && w.err == nil {
		w.err = err
	}
	return text
}

// at is a moment by the clock of the zone.
func (w *teller) at(t time.Time, loc *time.Location) string {
	t = t.In(loc)
	return locale.ShortDate(w.lang, t) + " " + locale.Clock(w.lang, t)
}

// tongue is the name of a language.
func tongue(code string) string {
	if l, ok := locale.Parse(code); ok {
		return l.Name()
	}
	return code
}

// rows adds a row for each value that there is.
type rows []dataRow

func (r *rows) add(label string, lines ...string) {
	var kept []string
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" {
			kept = append(kept, l)
		}
	}
	if len(kept) > 0 {
		*r = append(*r, dataRow{Label: label, Lines: kept})
	}
}

// dataSections puts everything into words, in the order in which people look for
// it. Parts in which there is nothing are left out.
func (s *Server) dataSections(lang locale.Language, d owndata.Data) ([]dataSection, error) {
	w := &teller{s: s, lang: lang}
	var sections []dataSection
	for _, part := range []struct {
		title string
		items []dataItem
	}{
		{"own.section.person", []dataItem{w.person(d)}},
		{"own.section.companies", w.companies(d)},
		{"own.section.registrations", w.registrations(d)},
		{"own.section.invitations", w.invitations(d)},
		{"own.section.bookings", w.bookings(d)},
		{"own.section.hours", w.hours(d)},
		{"apply.yours", w.applications(d)},
		{"news.own", w.news(d)},
		{"aid.cases", w.aid(d)},
		{"own.section.erasures", w.erasures(d)},
		{"own.section.access", w.access(d)},
	} {
		if len(part.items) > 0 {
			sections = append(sections, dataSection{w.t(part.title), part.items})
		}
	}
	return sections, w.err
}

func (w *teller) person(d owndata.Data) dataItem {
	var r rows
	p := d.Person
	r.add(w.t("register.first_name"), p.FirstName)
	r.add(w.t("register.last_name"), p.LastName)
	r.add(w.t("register.email"), p.Email)
	if p.EmailFailedAt != nil {
		r.add(w.t("own.field.email_failed"), w.at(*p.EmailFailedAt, deskZone()))
	}
	r.add(w.t("manage.language"), tongue(p.Language))
	r.add(w.t("own.field.since"), w.at(p.CreatedAt, deskZone()))
	for _, c := range d.Series {
		r.add(w.t("own.field.series_certificate"), c.Series, c.Code+", "+w.at(c.IssuedAt, deskZone()))
	}
	if d.User != nil {
		r.add(w.t("own.field.user"), d.User.Name+", "+strings.Join(d.User.Roles, ", "))
	}
	return dataItem{Rows: r}
}

func (w *teller) companies(d owndata.Data) (items []dataItem) {
	for _, c := range d.Companies {
		var r rows
		r.add(w.t("register.org_number"), company.Format(c.Country, c.OrgNumber))
		r.add(w.t("company.link"), w.t("own.tie."+c.Status))
		r.add(w.t("own.field.since"), w.at(c.CreatedAt, deskZone()))
		items = append(items, dataItem{Title: c.Name, Rows: r})
	}
	return items
}

func (w *teller) registrations(d owndata.Data) (items []dataItem) {
	for _, x := range d.Registration {
		items = append(items, dataItem{
			Title: x.Event.Title, Language: x.Event.Language, When: locale.ShortDate(w.lang, x.Event.StartsAt.In(zoneOf(x.Event.TimeZone))), Rows: w.registration(x),
		})
	}
	return items
}

func (w *teller) registration(x owndata.Registration) (r rows) {
	loc := zoneOf(x.Event.TimeZone)
	maybe := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return w.at(*t, loc)
	}
	r.add(w.t("event.time"), capitalise(locale.Range(w.lang, x.Event.StartsAt.In(loc), x.Event.EndsAt.In(loc))))
	r.add(w.t("event.organiser"), strings.TrimPrefix(x.Event.Organiser+", "+x.Event.Programme, ", "))
	r.add(w.t("manage.status"), capitalise(w.t("status."+x.Status)))
	r.add(w.t("admin.column.mode"), capitalise(w.t("mode."+x.Mode)))
	r.add(w.t("admin.column.name"), strings.TrimSpace(x.FirstName+" "+x.LastName))
	r.add(w.t("register.email"), x.Email)
	r.add(w.t("register.phone"), x.Phone)
	r.add(w.t("manage.language"), tongue(x.Language))
	if x.Audience != "" {
		r.add(w.t("register.audience"), capitalise(w.t("audience."+x.Audience)))
	}
	r.add(w.t("register.organisation_label"), capitalise(w.t("organisation."+x.OrganisationKind)), x.OrganisationName)
	if x.Company != nil {
		r.add(w.t("register.org_number"), company.Format(x.Company.Country, x.Company.OrgNumber))
	}
	if x.Municipality != nil {
		r.add(w.t("register.municipality"), w.s.placeName(municipality.Code{Country: x.Municipality.Country, Number: x.Municipality.Code}))
	}
	r.add(w.t("register.diet"), x.Diet)
	r.add(w.t("register.access_needs"), x.AccessNeeds)
	for _, a := range x.Answers {
		r.add(a.Question, a.Value...)
	}
	if x.GroupSize > 0 {
		r.add(w.t("own.field.group"), w.t("own.field.group_n", "n", x.GroupSize))
	}
	r.add(w.t("own.field.signed_up"), w.at(x.CreatedAt, loc))
	r.add(w.t("own.field.confirmed"), maybe(x.ConfirmedAt))
	r.add(w.t("own.field.room_since"), maybe(x.RoomSince))
	r.add(w.t("own.field.hold"), maybe(x.HoldUntil))
	r.add(w.t("own.field.ended"), maybe(x.EndedAt), x.EndReason)
	r.add(w.t("own.field.changed"), w.at(x.ChangedAt, loc))
	var lines []string
	for _, o := range x.Offers {
		lines = append(lines, w.at(o.OfferedAt, loc)+": "+w.t("queue.offer_status."+o.Status))
	}
	r.add(w.t("own.field.offers"), lines...)
	if x.Certificate != nil {
		r.add(w.t("own.field.certificate"), x.Certificate.Code+", "+w.at(x.Certificate.IssuedAt, loc))
	}
	lines = nil
	for _, m := range x.Marks {
		lines = append(lines, w.at(m.MadeAt, loc))
	}
	r.add(w.t("own.field.marks"), lines...)
	r.add(w.t("own.field.letters"), w.letters(x.Messages, loc)...)
	r.add(w.t("own.field.log"), w.log(x.Log, loc)...)
	return r
}

func (w *teller) letters(sent []owndata.Message, loc *time.Location) (lines []string) {
	for _, m := range sent {
		status := w.t("own.letter." + m.Status)
		lines = append(lines, w.at(m.CreatedAt, loc)+": "+w.t("letter."+m.Letter)+", "+status)
	}
	return lines
}

// log tells what was done, and by whom, in the words of the organisers' log. An
// act that has none, of another release, is told as some other happening.
func (w *teller) log(entries []owndata.Entry, loc *time.Location) (lines []string) {
	for _, e := range entries {
		what, err := w.s.Texts.Text(w.lang, "admin.audit."+auditKey(e.Action))
		if err != nil {
			what = w.t("admin.audit.other")
		}
		line := w.at(e.At, loc) + ": " + what + ", " + w.t("own.actor."+e.Actor)
		if e.Reason != "" {
			line += ": " + e.Reason
		}
		lines = append(lines, line)
	}
	return lines
}

func (w *teller) invitations(d owndata.Data) (items []dataItem) {
	for _, i := range d.Invitations {
		var r rows
		r.add(w.t("own.field.invited"), i.Label, w.at(i.CreatedAt, deskZone()))
		items = append(items, dataItem{Title: i.Event, Rows: r})
	}
	return items
}

func (w *teller) news(d owndata.Data) (items []dataItem) {
	for _, n := range d.News {
		var r rows
		r.add(w.t("manage.status"), w.t("news.state_"+n.Status))
		r.add(w.t("news.agreed"), n.Wording, w.at(n.AskedAt, deskZone()))
		if n.ConfirmedAt != nil {
			r.add(w.t("own.field.confirmed_news"), w.at(*n.ConfirmedAt, deskZone()))
		}
		if n.EndedAt != nil {
			r.add(w.t("own.field.ended"), w.at(*n.EndedAt, deskZone()))
		}
		items = append(items, dataItem{Title: n.Programme, Rows: r})
	}
	return items
}

// aid is what was declared and granted, and for how long it is kept.
func (w *teller) aid(d owndata.Data) (items []dataItem) {
	for _, a := range d.Aid {
		var r rows
		r.add(w.t("own.field.asked"), w.at(a.AskedAt, deskZone()))
		r.add(w.t("manage.status"), w.t("aid.status."+a.Status))
		for _, x := range a.Declarations {
			r.add(w.t("aid.declared"), x.Signer+", "+w.at(x.At, deskZone()))
		}
		if a.NumberSealed {
			r.add(w.t("aid.number"), aid.Masked)
		}
		if a.KeptUntil != nil {
			r.add(w.t("mail.aid.hours"), locale.Duration(w.lang, a.Minutes))
			r.add(w.t("aid.euro"), locale.Money(w.lang, a.EuroCents, "EUR"))
			r.add(w.t("aid.kept_until"), locale.Date(w.lang, *a.KeptUntil))
		}
		items = append(items, dataItem{Title: a.Recipient, Rows: r})
	}
	return items
}

func (w *teller) erasures(d owndata.Data) (items []dataItem) {
	for _, e := range d.Erasures {
		var r rows
		r.add(w.t("own.field.asked"), w.at(e.AskedAt, deskZone()))
		r.add(w.t("manage.status"), w.t("own.request."+e.Status), e.Decision)
		if e.DecidedAt != nil {
			r.add(w.t("own.field.decided"), w.at(*e.DecidedAt, deskZone()))
		}
		items = append(items, dataItem{Title: e.Programme, Rows: r})
	}
	return items
}

// access is how somebody came to their own page, and what was written about it.
func (w *teller) access(d owndata.Data) []dataItem {
	var r rows
	var lines []string
	for _, x := range d.Sessions {
		lines = append(lines, w.at(x.CreatedAt, deskZone()))
	}
	r.add(w.t("own.field.sessions"), lines...)
	for _, f := range d.Feeds {
		r.add(w.t("own.field.feed"), w.at(f.CreatedAt, deskZone()))
	}
	r.add(w.t("own.field.letters"), w.letters(d.Messages, deskZone())...)
	r.add(w.t("own.field.log"), w.log(d.Log, deskZone())...)
	if len(r) == 0 {
		return nil
	}
	return []dataItem{{Rows: r}}
}

func zoneOf(name string) *time.Location {
	if loc, err := time.LoadLocation(name); err == nil {
		return loc
	}
	return deskZone()
}
