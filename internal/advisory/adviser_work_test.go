package advisory_test

import (
	"testing"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/store"
)

func TestAMeetingInTheNightOfTheClockIsWithinHoursOnlyWhenAllOfItIs(t *testing.T) {
	w := newWorld(t, nil)
	w.do(func(tx *store.Tx) error {
		return advisory.SetExceptions(ctx(), tx, w.adviser.ID, []advisory.Exception{{Date: "2027-03-28", From: "00:00", To: "04:00", Available: true}}, audit.System)
	})
	w.clock.Set(at("2027-03-01", "09:00"))
	b, err := w.book(w.request(at("2027-03-28", "01:00"), 120)) // until four, for the clock jumps over an hour
	if err != nil {
		t.Fatal(err)
	}
	outside := func() (ids []string) {
		w.do(func(tx *store.Tx) error {
			found, err := w.adviser.OutsideHours(ctx(), tx)
			for _, b := range found {
				ids = append(ids, b.ID)
			}
			return err
		})
		return ids
	}
	if got := outside(); len(got) != 0 {
		t.Errorf("outside of the hours are %v, want none", got)
	}
	w.do(func(tx *store.Tx) error {
		return advisory.SetExceptions(ctx(), tx, w.adviser.ID, []advisory.Exception{{Date: "2027-03-28", From: "00:00", To: "03:55", Available: true}}, audit.System)
	})
	if got := outside(); len(got) != 1 || got[0] != b.ID {
		t.Errorf("outside of the hours are %v, want the meeting", got)
	}
}

func TestAnAdviserSeesProjectsWithTheirBookings(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) {
		p.Prerequisite, p.CapPer, p.CapMinutes = advisory.Application, advisory.PerProject, nil
	})
	r := w.request(at("2027-01-18", "10:00"), 60)
	r.CompanyID, r.ApplicationID = "", "a-project"
	w.do(func(tx *store.Tx) error {
		_, err := store.Exec(ctx(), tx, `INSERT INTO application (id, advisory_programme_id, number, status, person_id, language, title, created_at, changed_at)
			VALUES ('a-project', ?, '2027-1', 'granted', ?, 'sv', 'Lekparker som håller', ?, ?)`, w.advice.ID, w.who.ID, store.At(tx.Now), store.At(tx.Now))
		if err != nil {
			return err
		}
		_, err = advisory.OpenProject(ctx(), tx, w.advice, "a-project", 600)
		return err
	})
	b, err := w.book(r)
	if err != nil {
		t.Fatal(err)
	}
	other := w.newAdviser("per@radgivare.example")
	w.do(func(tx *store.Tx) error {
		mine, err := w.adviser.Projects(ctx(), tx)
		if err != nil {
			return err
		}
		if len(mine) != 1 || mine[0].Name != "Lekparker som håller" || mine[0].BookingID != b.ID || !mine[0].Next.Equal(b.StartsAt) || mine[0].Meetings != 0 {
			t.Errorf("the adviser's projects are %+v", mine)
		}
		theirs, err := other.Projects(ctx(), tx)
		if len(theirs) != 0 {
			t.Errorf("another adviser sees %+v", theirs)
		}
		firms, errFirms := w.adviser.Firms(ctx(), tx)
		if errFirms != nil || len(firms) != 0 {
			t.Errorf("companies: %+v (%v)", firms, errFirms)
		}
		return err
	})
	w.clock.Set(b.EndsAt)
	w.do(func(tx *store.Tx) (err error) {
		if _, err = store.Exec(ctx(), tx, `UPDATE application SET status = 'running', phase = 2`); err != nil {
			return err
		}
		if b, err = advisory.EnterTime(ctx(), tx, b.ID, advisory.Time{Minutes: 60}, second); b.Phase == nil || *b.Phase != 2 {
			t.Errorf("the phase in which they met is not kept: %v", b.Phase)
		}
		return err
	})
}
