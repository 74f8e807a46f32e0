package person

import (
	"context"
	"fmt"
	"strings"
	"time"

	"stafett/internal/store"
)

// strangersStay is how long an address is kept that somebody typed to come to a
// page of their own and with which nothing else was done: longer than a session.
const strangersStay = sessionLife + 24*time.Hour

// tied are the tables that hold something of a person. A test compares them with
// the schema.
var tied = []string{
	"contact", "registration", "person_link", "person_session", "erasure_request", "series_certificate", "feed", "application", "booking",
	"aid_recipient", "aid_case", "aid_declaration", "hours_account", "advice_told",
}

// sweepStrangers forgets people of whom nothing is known but an address that
// anybody can have typed.
func sweepStrangers(ctx context.Context, tx *store.Tx) error {
	var nothing strings.Builder
	for _, table := range tied {
		nothing.WriteString(" AND NOT EXISTS (SELECT 1 FROM " + table + " t WHERE t.person_id = p.id)")
	}
	_, err := store.Exec(ctx, tx, `DELETE FROM person AS p WHERE p.first_name = '' AND p.last_name = '' AND p.created_at < ?`+nothing.String(),
		store.At(tx.Now.Add(-strangersStay)))
	if err != nil {
		return fmt.Errorf("forget strangers: %w", err)
	}
	return nil
}
