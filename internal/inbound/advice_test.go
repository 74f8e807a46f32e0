package inbound_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/inbound"
	"stafett/internal/store"
)

// A calendar that declines a meeting with an adviser makes us ask whoever booked,
// once; the meeting stays. What an adviser's own calendar says is not for us.
func TestACalendarThatDeclinesAdviceAsksWhoeverBooked(t *testing.T) {
	w := newWorld(t)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		for _, line := range []string{
			`INSERT INTO advisory_programme (id, programme_id, slug, status, language, prerequisite, cap_per, cap_period, price_minor, currency, vat_percent, step_minutes, lead_minutes, free_cancel_minutes, aid_regime, aid_reason, created_at, changed_at)
				VALUES ('ap', '` + w.event.ProgrammeID + `', 'rad', 'open', 'sv', 'none', 'company', 'programme', 0, 'SEK', 25, 30, 60, 60, 'none', 'open to all', '2027-01-01T00:00:00Z', '2027-01-01T00:00:00Z')`,
			`INSERT INTO user_account (id, email, name, language, created_at) VALUES ('u9', 'eva@radgivare.example', 'Eva', 'sv', '2027-01-01T00:00:00Z')`,
			`INSERT INTO adviser (id, user_id, country, time_zone, created_at) VALUES ('ad', 'u9', 'SE', 'Europe/Stockholm', '2027-01-01T00:00:00Z')`,
			`INSERT INTO hours_account (id, advisory_programme_id, person_id, created_at) VALUES ('ha', 'ap', '` + w.reg.PersonID + `', '2027-01-01T00:00:00Z')`,
			`INSERT INTO booking (id, advisory_programme_id, account_id, adviser_id, person_id, status, meeting, starts_at, ends_at, minutes, blocked_from, blocked_to, time_zone, language, calendar_uid, calendar_sequence, created_at, changed_at)
				VALUES ('meeting', 'ap', 'ha', 'ad', '` + w.reg.PersonID + `', 'confirmed', 'online', '2027-06-01T08:00:00Z', '2027-06-01T09:00:00Z', 60, '2027-06-01T08:00:00Z', '2027-06-01T09:00:00Z', 'Europe/Stockholm', 'sv', 'meeting', 0, '2027-01-01T00:00:00Z', '2027-01-01T00:00:00Z')`,
		} {
			if _, err := store.Exec(ctx, tx, line); err != nil {
				return err
			}
		}
		return nil
	})
	decline := func(uid string) inbound.Noted {
		return w.receive(w.reply(w.reg.CalendarUID+"@", uid+"@"))
	}
	if got := decline("meeting"); got.Outcome != inbound.Asked {
		t.Errorf("the answer comes to %s", got.Outcome)
	}
	if got := decline("meeting-ad"); got.Outcome != inbound.Unknown {
		t.Errorf("that of an adviser's calendar comes to %s", got.Outcome)
	}
	var asked int
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		asked, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE letter = 'E25' AND booking_id = 'meeting' AND recipient = ?`, w.reg.Email)
		return err
	})
	if diff := cmp.Diff(1, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}
