package registration

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// shareLeft is how many places more the company of the row w may have: those of
// its own share, else of the event's limit for a company. People without a
// company are not limited, nor are those who would give a place back for another.
// It reads what holders and withShare join.
var shareLeft = fmt.Sprintf(`CASE WHEN w.company_id IS NULL OR w.room_since IS NOT NULL THEN %[1]d WHEN s.company_id IS NULL THEN COALESCE(e.company_limit, %[1]d) ELSE COALESCE(s.places, %[1]d) END
	- COALESCE(h.places, 0)`, noLimit)

// withShare joins the event of the rows w with its limit, and the share of their
// company where it has one of its own.
const withShare = `
	JOIN event e ON e.id = w.event_id LEFT JOIN company_share s ON s.event_id = w.event_id AND s.company_id = w.company_id`

// placesLeft is how many places more a company may have at an event; plenty for
// people without one.
func placesLeft(ctx context.Context, tx *store.Tx, eventID, companyID string) (int, error) {
	if companyID == "" {
		return noLimit, nil
	}
	return ofCompany(ctx, tx, shareLeft, eventID, companyID, time.Time{})
}

// class is the part of the queue in which the registration stands, or would.
func (r Registration) class(ctx context.Context, tx *store.Tx) (int, error) {
	if r.CompanyID == "" {
		return 0, nil
	}
	return ofCompany(ctx, tx, classOf, r.EventID, r.CompanyID, r.RoomSince)
}

// ofCompany asks about one company what the queue asks about all.
func ofCompany(ctx context.Context, tx *store.Tx, what, eventID, companyID string, roomSince time.Time) (int, error) {
	return store.One(ctx, tx, store.Value[int], `SELECT `+what+` FROM (SELECT CAST(? AS TEXT) AS event_id, CAST(? AS TEXT) AS company_id, CAST(? AS TEXT) AS room_since) w `+holders+withShare,
		eventID, companyID, store.At(roomSince), eventID)
}

// LiftShare lets one company have more places than the event's limit, or as many
// as there are when places is nil, for a reason that the audit log keeps. What is
// free goes to those who waited for it at once.
func LiftShare(ctx context.Context, tx *store.Tx, eventID, companyID string, places *int, reason string, by audit.Actor) error {
	ev, err := findAsOfNow(ctx, tx, eventID)
	if err != nil {
		return err
	}
	var f problem.Fields
	if strings.TrimSpace(reason) == "" {
		f.Add("reason", "required")
	}
	if places != nil && *places < 1 {
		f.Add("places", "number")
	}
	if err := f.Err(); err != nil {
		return err
	}
	before, err := store.One(ctx, tx, func(r store.Row) (n *int, err error) { return n, r.Scan(store.Int(&n)) },
		`SELECT places FROM company_share WHERE event_id = ? AND company_id = ?`, eventID, companyID)
	if err != nil && !errors.Is(err, store.ErrNoRow) {
		return err
	}
	_, err = store.Exec(ctx, tx, `
		INSERT INTO company_share (event_id, company_id, places, reason) VALUES (?, ?, ?, ?)
		ON CONFLICT (event_id, company_id) DO UPDATE SET places = excluded.places, reason = excluded.reason`, eventID, companyID, places, reason)
	if err != nil {
		return fmt.Errorf("lift the share of a company: %w", err)
	}
	err = audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: ev.ProgrammeID, Action: "event.lift_share", ObjectKind: "event", ObjectID: ev.ID,
		From: companyID + " " + countWord(before), To: companyID + " " + countWord(places), Reason: reason})
	if err != nil {
		return err
	}
	_, err = promoteAll(ctx, tx, ev)
	return err
}

func countWord(n *int) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}
