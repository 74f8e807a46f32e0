package web

import (
	"fmt"
	"html/template"
	"maps"
	"sync"

	"stafett/internal/locale"
	"stafett/templates"
)

// all lists every page with an empty value of its struct: the templates are
// parsed by this list, and a test type-checks them by it.
func all() map[string]pager {
	pages := map[string]pager{
		"front": &frontPage{}, "events": &eventsPage{}, "event": &eventPage{}, "register": &registerPage{}, "registered": &registeredPage{},
		"manage": &managePage{}, "join": &joinPage{}, "about": &aboutPage{}, "refused": &refusedPage{},
		"sign_in": &signInPage{}, "sign_in_link": &linkPage{}, "set_password": &passwordPage{},
		"today": &todayPage{}, "admin_events": &adminEventsPage{}, "event_form": &eventFormPage{}, "admin_event": &adminEventPage{},
		"move": &movePage{}, "cancel": &cancelPage{}, "roster": &rosterPage{}, "add": &addPage{},
		"companies": &companiesPage{}, "company": &companyPage{}, "company_merge": &mergePage{},
		"dev_mail": &devMailPage{}, "dev_letter": &devLetterPage{},
	}
	maps.Copy(pages, mePages())
	maps.Copy(pages, answerPages())
	maps.Copy(pages, certificatePages())
	maps.Copy(pages, seriesPages())
	maps.Copy(pages, checkinPages())
	maps.Copy(pages, attendancePages())
	maps.Copy(pages, queuePages())
	maps.Copy(pages, newsPages())
	maps.Copy(pages, restoredPages())
	maps.Copy(pages, feedPages())
	maps.Copy(pages, outboxPages())
	maps.Copy(pages, reminderPages())
	maps.Copy(pages, inboundPages())
	maps.Copy(pages, mailingPages())
	maps.Copy(pages, letterPages())
	maps.Copy(pages, lookPages())
	maps.Copy(pages, materialPages())
	maps.Copy(pages, aidPages())
	maps.Copy(pages, adviserPages())
	maps.Copy(pages, adviceDeskPages())
	maps.Copy(pages, advicePages())
	maps.Copy(pages, adviserCalendarPages())
	maps.Copy(pages, applicationPages())
	return pages
}

// doneCodes are what "?done=" may say has been done.
var doneCodes = map[string]bool{
	"cancelled": true, "corrected": true, "transferred": true, "signed_out": true,
	"created": true, "saved": true, "published": true, "moved": true, "postponed": true, "event_cancelled": true, "moved_quietly": true, "postponed_quietly": true, "event_cancelled_quietly": true, "added": true, "waitlisted": true,
	"marked": true, "removed": true, "address_changed": true, "discarded": true, "retried": true,
	"answered": true, "mode_changed": true, "room_waits": true, "room_left": true, "certificates": true, "copied": true, "series_made": true, "series_left": true, "series_cancelled": true, "company_confirmed": true, "company_refused": true, "company_merged": true, "company_saved": true, "door_revoked": true, "walked_in": true,
	"colleague_confirmed": true, "colleague_waitlisted": true, "colleague_requested": true, "colleague_pending_email": true,
	"news_on": true, "news_off": true,
	"restored_send": true, "restored_throw": true, "restored_on": true,
	"feed_removed": true, "erasure_asked": true, "erasure_decided": true,
	"reminder_saved": true, "reminder_removed": true, "reminder_on": true, "reminder_off": true, "reminders_restored": true, "reminders_followed": true,
	"mailing_saved": true, "mailing_tested": true, "mailing_sending": true, "mailing_scheduled": true, "mailing_unscheduled": true, "mailing_stopped": true, "mailing_discarded": true, "mailing_template_kept": true, "mailing_template_deleted": true,
	"offered": true, "approved": true, "rejected": true, "more_places": true, "list_opened": true, "list_closed": true, "share_lifted": true, "revoked": true, "invitation_sent": true, "attendance_closed": true,
	"aid_declared": true, "aid_number": true, "aid_checked": true, "aid_granted": true, "aid_refused": true, "aid_registered": true, "aid_corrected": true, "aid_informed": true,
	"letter_dropped": true, "letter_arrived": true,
	"meeting_settled": true, "meeting_missed": true, "meeting_cancelled": true, "meeting_confirmed": true, "meeting_declined": true, "meeting_moved": true, "notes_saved": true, "week_saved": true, "exception_added": true, "exception_removed": true, "adviser_saved": true, "call_logged": true, "times_proposed": true, "time_withdrawn": true,
	"advice_created": true, "advice_saved": true, "advice_opened": true, "advice_closed": true, "advice_copied": true, "advice_crisis": true,
	"adjusted": true, "adjust_waits": true, "adjust_agreed": true, "adjust_refused": true, "invoice_to_saved": true, "meeting_corrected": true, "booked_by_hand": true, "call_noted": true,
	"adviser_added": true, "adviser_gives": true, "adviser_stopped": true, "adviser_started": true, "day_cancelled": true,
	"advice_booked": true, "booking_cancelled": true, "booking_moved": true, "company_claimed": true, "company_yours": true, "contact_confirmed": true, "contact_refused": true,
	"time_accepted": true, "times_declined": true,
	"busy_set": true, "busy_removed": true,
	"application_saved": true, "application_sent": true, "application_discarded": true, "application_answered": true, "application_withdrawn": true, "application_asked": true,
	"application_assessed": true, "application_noted": true, "application_granted": true, "application_rejected": true, "application_closed": true,
	"project_started": true, "project_phase": true, "report_sent": true, "payout_asked": true, "payout_paid": true, "payout_refused": true,
	"test_sent": true, "look_saved": true, "material_added": true, "material_removed": true,
}

// parsePages prepares every page in every language. Each is read when it is first
// shown; a test reads them all.
func parsePages(s *Server) *pages {
	p := &pages{byLanguage: map[locale.Language]map[string]func() (*template.Template, error){}}
	for _, lang := range locale.All() {
		common := sync.OnceValues(func() (*template.Template, error) {
			return template.New("").Funcs(s.functions(lang)).ParseFS(templates.Files, "layout.html", "partials/*.html")
		})
		p.byLanguage[lang] = map[string]func() (*template.Template, error){}
		for name := range all() {
			p.byLanguage[lang][name] = sync.OnceValues(func() (*template.Template, error) { return parsePage(common, name) })
		}
	}
	return p
}

func parsePage(common func() (*template.Template, error), name string) (*template.Template, error) {
	t, err := common()
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	if t, err = t.Clone(); err == nil {
		t, err = t.ParseFS(templates.Files, "pages/"+name+".html")
	}
	if err != nil {
		return nil, fmt.Errorf("read page %s: %w", name, err)
	}
	return t, nil
}
