package advisory

import (
	"context"
	"fmt"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// The times around a meeting that an adviser begins with, in minutes.
const (
	defaultBuffer = 15
	defaultTravel = 60
)

// ErrAdviserAlready says that the user is an adviser already.
var ErrAdviserAlready = &problem.Problem{Kind: problem.Conflict, Code: "adviser_already"}

// AddAdviser makes a user an adviser in programmes of advice, with the usual times
// around meetings. The zone follows the country.
func AddAdviser(ctx context.Context, tx *store.Tx, a Adviser, programmeIDs []string, by audit.Actor) (Adviser, error) {
	a.ID, a.TimeZone = tx.NewID(), "Europe/Stockholm"
	if a.Country == "NO" {
		a.TimeZone = "Europe/Oslo"
	}
	n, err := store.Exec(ctx, tx, `
		INSERT INTO adviser (id, user_id, phone, about, country, time_zone, join_url, office, buffer_before_minutes, buffer_after_minutes, travel_minutes, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (user_id) DO NOTHING`,
		a.ID, a.UserID, a.Phone, a.About, a.Country, a.TimeZone, a.JoinURL, a.Office, defaultBuffer, defaultBuffer, defaultTravel, store.At(tx.Now))
	if err != nil {
		return a, fmt.Errorf("add adviser: %w", err)
	}
	if n == 0 {
		return a, ErrAdviserAlready
	}
	if err := audit.Add(ctx, tx, audit.Entry{Actor: by, Action: "adviser.create", ObjectKind: "adviser", ObjectID: a.ID}); err != nil {
		return a, err
	}
	for _, id := range programmeIDs {
		if err := JoinProgramme(ctx, tx, a.ID, id, by); err != nil {
			return a, err
		}
	}
	return AdviserByID(ctx, tx, a.ID)
}

// JoinProgramme lets an adviser take bookings in a programme of advice; twice is
// once.
func JoinProgramme(ctx context.Context, tx *store.Tx, adviserID, advisoryProgrammeID string, by audit.Actor) error {
	n, err := store.Exec(ctx, tx, `
		INSERT INTO adviser_programme (adviser_id, advisory_programme_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, adviserID, advisoryProgrammeID)
	if err != nil || n == 0 {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, Action: "adviser.join", ObjectKind: "adviser", ObjectID: adviserID, To: advisoryProgrammeID})
}
