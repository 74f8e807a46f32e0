-- What is noted of mail that comes back: enough to act once on each and to show
-- what became of it; no body and no address. A mail system hands it in with a
-- token of its own, which opens nothing else.
-- +goose Up

CREATE TABLE inbound_message (
	key             TEXT NOT NULL PRIMARY KEY, -- hash of its number and body: the same one twice is one
	kind            TEXT NOT NULL CHECK (kind IN ('reply', 'bounce', 'automatic', 'loop', 'letter', 'unreadable', 'too_large')),
	outcome         TEXT NOT NULL,
	way             TEXT NOT NULL CHECK (way IN ('command', 'http', 'imap')),
	message_id      TEXT REFERENCES message (id),      -- what came back
	registration_id TEXT REFERENCES registration (id), -- whose calendar answered, or whom it was written to
	received_at     TEXT NOT NULL CHECK (length(received_at) = 20)
);

CREATE INDEX inbound_message_by_time ON inbound_message (received_at, key);

CREATE TABLE api_token_new (
	id           TEXT NOT NULL PRIMARY KEY,
	token_hash   TEXT NOT NULL UNIQUE,
	name         TEXT NOT NULL,
	role         TEXT NOT NULL CHECK (role IN ('administrator', 'organiser', 'mail')),
	programme_id TEXT REFERENCES programme (id), -- NULL: every programme
	created_at   TEXT NOT NULL CHECK (length(created_at) = 20),
	expires_at   TEXT NOT NULL CHECK (length(expires_at) = 20),
	last_used_at TEXT CHECK (length(last_used_at) = 20),
	revoked_at   TEXT CHECK (length(revoked_at) = 20)
);

INSERT INTO api_token_new (id, token_hash, name, role, programme_id, created_at, expires_at, last_used_at, revoked_at)
SELECT id, token_hash, name, role, programme_id, created_at, expires_at, last_used_at, revoked_at FROM api_token;
DROP TABLE api_token;
ALTER TABLE api_token_new RENAME TO api_token;
