package user

import (
	"context"
	"time"

	"stafett/internal/store"
)

func insertUser(ctx context.Context, tx *store.Tx, u User) (added bool, err error) {
	return changed(store.Exec(ctx, tx, `
		INSERT INTO user_account (id, email, name, language, created_at)
		VALUES (?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING`,
		u.ID, u.Email, u.Name, u.Language, store.At(tx.Now)))
}

func insertGrant(ctx context.Context, tx *store.Tx, userID string, g Grant) error {
	return only(store.Exec(ctx, tx, `
		INSERT INTO role (user_id, role, programme_id)
		VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		userID, g.Role, store.Text(g.ProgrammeID)))
}

// selectUsers finds users, whose table is u in the condition, with their roles.
func selectUsers(ctx context.Context, tx *store.Tx, where string, args ...any) ([]User, error) {
	users, err := store.All(ctx, tx, scanUser, `
		SELECT u.id, u.email, u.name, u.language, u.disabled_at IS NOT NULL
		FROM user_account u `+where+` ORDER BY u.email`, args...)
	if err != nil {
		return nil, err
	}
	grants, err := store.All(ctx, tx, scanGrant, `
		SELECT r.user_id, r.role, r.programme_id
		FROM role r JOIN user_account u ON u.id = r.user_id `+where+`
		ORDER BY r.role, COALESCE(r.programme_id, '')`, args...)
	if err != nil {
		return nil, err
	}
	roles := map[string][]Grant{}
	for _, g := range grants {
		roles[g.userID] = append(roles[g.userID], g.Grant)
	}
	for i := range users {
		users[i].Roles = roles[users[i].ID]
	}
	return users, nil
}

func scanUser(r store.Row) (u User, err error) {
	err = r.Scan(&u.ID, &u.Email, &u.Name, &u.Language, &u.Disabled)
	return u, err
}

type userGrant struct {
	userID string
	Grant
}

func scanGrant(r store.Row) (g userGrant, err error) {
	err = r.Scan(&g.userID, &g.Role, store.String(&g.ProgrammeID))
	return g, err
}

// updateDisabled leaves the moment of an earlier disabling as it is.
func updateDisabled(ctx context.Context, tx *store.Tx, id string, disabled bool) (known bool, err error) {
	if disabled {
		return changed(store.Exec(ctx, tx, `
			UPDATE user_account SET disabled_at = COALESCE(disabled_at, ?) WHERE id = ?`, store.At(tx.Now), id))
	}
	return changed(store.Exec(ctx, tx, `UPDATE user_account SET disabled_at = NULL WHERE id = ?`, id))
}

func updatePassword(ctx context.Context, tx *store.Tx, id, hash string) (known bool, err error) {
	return changed(store.Exec(ctx, tx, `UPDATE user_account SET password_hash = ? WHERE id = ?`, hash, id))
}

func selectAttempt(ctx context.Context, tx *store.Tx, address string) (Attempt, error) {
	scan := func(r store.Row) (a Attempt, err error) {
		err = r.Scan(&a.UserID, store.String(&a.Hash))
		return a, err
	}
	return store.One(ctx, tx, scan, `
		SELECT id, password_hash FROM user_account WHERE email = ? AND disabled_at IS NULL`, address)
}

func insertFailure(ctx context.Context, tx *store.Tx, userID string) error {
	return only(store.Exec(ctx, tx, `INSERT INTO sign_in_failure (user_id, at) VALUES (?, ?)`, userID, store.At(tx.Now)))
}

// selectFailures gives the moments of failures after one moment and until
// another, oldest first.
func selectFailures(ctx context.Context, tx *store.Tx, userID string, after, until time.Time) ([]time.Time, error) {
	scan := func(r store.Row) (at time.Time, err error) {
		err = r.Scan(store.Time(&at))
		return at, err
	}
	return store.All(ctx, tx, scan, `
		SELECT at FROM sign_in_failure WHERE user_id = ? AND at > ? AND at <= ? ORDER BY at`,
		userID, store.At(after), store.At(until))
}

func deleteFailures(ctx context.Context, tx *store.Tx, userID string) error {
	return only(store.Exec(ctx, tx, `DELETE FROM sign_in_failure WHERE user_id = ?`, userID))
}

func deleteOldFailures(ctx context.Context, tx *store.Tx) error {
	return only(store.Exec(ctx, tx, `DELETE FROM sign_in_failure WHERE at <= ?`, store.At(tx.Now.Add(-FailureWindow))))
}

func insertSession(ctx context.Context, tx *store.Tx, hash, userID string) error {
	return only(store.Exec(ctx, tx, `
		INSERT INTO session (token_hash, user_id, created_at, last_seen_at) VALUES (?, ?, ?, ?)`,
		hash, userID, store.At(tx.Now), store.At(tx.Now)))
}

// sessionLives is true of a session for the arguments of oldest: the earliest
// moments at which it may have begun and been used.
const sessionLives = `created_at > ? AND last_seen_at > ?`

func oldest(tx *store.Tx) (begun, used any) {
	return store.At(tx.Now.Add(-sessionLife)), store.At(tx.Now.Add(-sessionIdle))
}

func selectSession(ctx context.Context, tx *store.Tx, hash string) (userID string, info SessionInfo, err error) {
	scan := func(r store.Row) (s SessionInfo, err error) {
		err = r.Scan(&userID, store.Time(&s.CreatedAt), store.Time(&s.LastSeenAt))
		return s, err
	}
	begun, used := oldest(tx)
	info, err = store.One(ctx, tx, scan, `
		SELECT user_id, created_at, last_seen_at FROM session WHERE token_hash = ? AND `+sessionLives, hash, begun, used)
	return userID, info, err
}

func updateLastSeen(ctx context.Context, tx *store.Tx, hash string) error {
	begun, used := oldest(tx)
	return only(store.Exec(ctx, tx, `
		UPDATE session SET last_seen_at = ? WHERE token_hash = ? AND last_seen_at <= ? AND `+sessionLives,
		store.At(tx.Now), hash, store.At(tx.Now.Add(-touchEvery)), begun, used))
}

func deleteSession(ctx context.Context, tx *store.Tx, hash string) error {
	return only(store.Exec(ctx, tx, `DELETE FROM session WHERE token_hash = ?`, hash))
}

func deleteSessions(ctx context.Context, tx *store.Tx, userID string) error {
	return only(store.Exec(ctx, tx, `DELETE FROM session WHERE user_id = ?`, userID))
}

func deleteEndedSessions(ctx context.Context, tx *store.Tx) error {
	begun, used := oldest(tx)
	return only(store.Exec(ctx, tx, `DELETE FROM session WHERE NOT (`+sessionLives+`)`, begun, used))
}

// insertLink adds nothing for somebody who may not come in.
func insertLink(ctx context.Context, tx *store.Tx, hash, userID, purpose string, expires time.Time) (added bool, err error) {
	return changed(store.Exec(ctx, tx, `
		INSERT INTO sign_in_link (token_hash, user_id, purpose, expires_at)
		SELECT ?, id, ?, ? FROM user_account WHERE id = ? AND disabled_at IS NULL`,
		hash, purpose, store.At(expires), userID))
}

// linkOpen is true of a link for the arguments hash, purpose and now.
const linkOpen = `token_hash = ? AND purpose = ? AND used_at IS NULL AND expires_at > ?
	AND EXISTS (SELECT 1 FROM user_account u WHERE u.id = user_id AND u.disabled_at IS NULL)`

func selectLink(ctx context.Context, tx *store.Tx, hash, purpose string) (userID string, err error) {
	return store.One(ctx, tx, store.Value[string], `
		SELECT user_id FROM sign_in_link WHERE `+linkOpen, hash, purpose, store.At(tx.Now))
}

func updateLinkUsed(ctx context.Context, tx *store.Tx, hash, purpose string) (userID string, err error) {
	return store.One(ctx, tx, store.Value[string], `
		UPDATE sign_in_link SET used_at = ? WHERE `+linkOpen+` RETURNING user_id`,
		store.At(tx.Now), hash, purpose, store.At(tx.Now))
}

func deleteLinks(ctx context.Context, tx *store.Tx, userID, purpose string) error {
	return only(store.Exec(ctx, tx, `DELETE FROM sign_in_link WHERE user_id = ? AND purpose = ?`, userID, purpose))
}

func deleteEndedLinks(ctx context.Context, tx *store.Tx) error {
	return only(store.Exec(ctx, tx, `
		DELETE FROM sign_in_link WHERE used_at IS NOT NULL OR expires_at <= ?`, store.At(tx.Now)))
}

func insertToken(ctx context.Context, tx *store.Tx, hash string, t APIToken) error {
	return only(store.Exec(ctx, tx, `
		INSERT INTO api_token (id, token_hash, name, role, programme_id, created_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		t.ID, hash, t.Name, t.Role, store.Text(t.ProgrammeID), store.At(t.CreatedAt), store.At(t.ExpiresAt)))
}

const tokens = `SELECT id, name, role, programme_id, created_at, expires_at, last_used_at, revoked_at FROM api_token `

func selectToken(ctx context.Context, tx *store.Tx, hash string) (APIToken, error) {
	return store.One(ctx, tx, scanToken, tokens+`WHERE token_hash = ?`, hash)
}

func selectTokens(ctx context.Context, tx *store.Tx) ([]APIToken, error) {
	return store.All(ctx, tx, scanToken, tokens+`ORDER BY created_at DESC, id DESC`)
}

func scanToken(r store.Row) (t APIToken, err error) {
	err = r.Scan(&t.ID, &t.Name, &t.Role, store.String(&t.ProgrammeID), store.Time(&t.CreatedAt),
		store.Time(&t.ExpiresAt), store.Time(&t.LastUsedAt), store.Time(&t.RevokedAt))
	return t, err
}

func updateTokenUsed(ctx context.Context, tx *store.Tx, id string) error {
	return only(store.Exec(ctx, tx, `
		UPDATE api_token SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at <= ?)`,
		store.At(tx.Now), id, store.At(tx.Now.Add(-touchEvery))))
}

// updateTokenRevoked leaves the moment of an earlier revoking as it is.
func updateTokenRevoked(ctx context.Context, tx *store.Tx, id string) (known bool, err error) {
	return changed(store.Exec(ctx, tx, `
		UPDATE api_token SET revoked_at = COALESCE(revoked_at, ?) WHERE id = ?`, store.At(tx.Now), id))
}

func revokeExpiredTokens(ctx context.Context, tx *store.Tx) error {
	return only(store.Exec(ctx, tx, `
		UPDATE api_token SET revoked_at = expires_at WHERE revoked_at IS NULL AND expires_at <= ?`, store.At(tx.Now)))
}

func changed(rows int64, err error) (bool, error) { return rows > 0, err }

func only(_ int64, err error) error { return err }
