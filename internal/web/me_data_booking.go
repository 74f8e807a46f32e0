package web

import (
	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/owndata"
)

// bookings tells what is stored of somebody's meetings with advisers.
func (w *teller) bookings(d owndata.Data) (items []dataItem) {
	for _, x := range d.Bookings {
		day := x.CreatedAt
		if x.StartsAt != nil {
			day = *x.StartsAt
		}
		items = append(items, dataItem{Title: x.Advice, When: locale.ShortDate(w.lang, day.In(zoneOf(x.TimeZone))), Rows: w.booking(x)})
	}
	return items
}

func (w *teller) booking(x owndata.Booking) (r rows) {
	loc := zoneOf(x.TimeZone)
	if x.StartsAt != nil && x.EndsAt != nil {
		r.add(w.t("event.time"), capitalise(locale.Range(w.lang, x.StartsAt.In(loc), x.EndsAt.In(loc))))
	}
	r.add(w.t("event.organiser"), x.Organiser, x.Programme)
	r.add(w.t("manage.status"), w.t("booking.status."+x.Status))
	r.add(w.t("advice.length"), locale.Duration(w.lang, x.Minutes))
	r.add(w.t("advice.form"), capitalise(w.t("advice.meeting."+x.Meeting)), x.Place)
	if x.Municipality != nil {
		r.add(w.t("register.municipality"), w.s.placeName(municipality.Code{Country: x.Municipality.Country, Number: x.Municipality.Code}))
	}
	r.add(w.t("register.phone"), x.Phone)
	r.add(w.t("manage.language"), tongue(x.Language))
	if x.Company != nil {
		r.add(w.t("advice.whose"), x.Company.Name, company.Format(x.Company.Country, x.Company.OrgNumber))
	}
	r.add(w.t("advice.need"), x.Need)
	r.add(w.t("advice.procurement"), x.Procurement)
	r.add(w.t("advice.authority"), x.Authority)
	r.add(w.t("advice.tender_day"), x.TenderDay)
	r.add(w.t("advice.wishes"), x.Wishes)
	for _, a := range x.Answers {
		r.add(a.Question, a.Value...)
	}
	var lines []string
	for _, p := range x.Proposals {
		lines = append(lines, locale.Range(w.lang, p.StartsAt.In(loc), p.EndsAt.In(loc)))
	}
	r.add(w.t("booking.proposed"), lines...)
	if x.ChargedMinutes != nil {
		r.add(w.t("booking.charged"), locale.Duration(w.lang, *x.ChargedMinutes))
	}
	r.add(w.t("booking.note"), x.SharedNote)
	if x.InternalNote {
		r.add(w.t("own.field.internal_note"), w.t("own.field.internal_note_text"), x.Contact)
	}
	r.add(w.t("own.field.ended"), x.EndReason)
	r.add(w.t("own.field.signed_up"), w.at(x.CreatedAt, loc))
	r.add(w.t("own.field.log"), w.log(x.Log, loc)...)
	return r
}

// hours are those of somebody without a company.
func (w *teller) hours(d owndata.Data) (items []dataItem) {
	for _, x := range d.Hours {
		var r rows
		var lines []string
		for _, e := range x.Entries {
			line := w.at(e.At, deskZone()) + ": " + w.t("hours.entry."+e.Kind) + ", " + locale.Duration(w.lang, max(e.Minutes, -e.Minutes))
			if e.Reason != "" {
				line += ": " + e.Reason
			}
			lines = append(lines, line)
		}
		r.add(w.t("hours.what_happened"), lines...)
		items = append(items, dataItem{Title: x.Advice, Rows: r})
	}
	return items
}
