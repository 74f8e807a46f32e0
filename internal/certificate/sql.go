package certificate

import (
	"context"

	"stafett/internal/registration"
	"stafett/internal/store"
)

// insert reports false when the registration has a certificate already.
func insert(ctx context.Context, tx *store.Tx, code, registrationID string) (made bool, err error) {
	n, err := store.Exec(ctx, tx, `
		INSERT INTO certificate (code, registration_id, issued_at) VALUES (?, ?, ?) ON CONFLICT (registration_id) DO NOTHING`,
		code, registrationID, store.At(tx.Now))
	return n > 0, err
}

func selectOne(ctx context.Context, tx *store.Tx, where, arg string) (Certificate, error) {
	return store.One(ctx, tx, func(r store.Row) (c Certificate, err error) {
		return c, r.Scan(&c.Code, &c.RegistrationID, store.Time(&c.IssuedAt))
	}, `SELECT code, registration_id, issued_at FROM certificate WHERE `+where, arg)
}

// withoutOne lists those who were at the event and have no certificate.
func withoutOne(ctx context.Context, tx *store.Tx, eventID string) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		SELECT id FROM registration
		WHERE event_id = ? AND status = ? AND id NOT IN (SELECT registration_id FROM certificate) ORDER BY id`,
		eventID, registration.Attended)
}

// Codes are the codes of the certificates that were issued for an event, by
// registration.
func Codes(ctx context.Context, tx *store.Tx, eventID string) (map[string]string, error) {
	type row struct{ registration, code string }
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) {
		return x, r.Scan(&x.registration, &x.code)
	}, `SELECT c.registration_id, c.code FROM certificate c JOIN registration r ON r.id = c.registration_id WHERE r.event_id = ?`, eventID)
	codes := make(map[string]string, len(rows))
	for _, x := range rows {
		codes[x.registration] = x.code
	}
	return codes, err
}
