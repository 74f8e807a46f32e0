-- A database that went back to a backup knows it: what people did since then is
-- missing, and what it would send may have been sent already. So it asks first.
-- +goose Up

-- the database itself, in one row: its name, and a number that only rises; a file
-- beside the database has the same, so that one put back by hand is noticed
CREATE TABLE installation (
	id     TEXT   NOT NULL PRIMARY KEY,
	number BIGINT NOT NULL DEFAULT 0,
	at     TEXT   NOT NULL CHECK (length(at) = 20), -- when the number last rose
	single BOOLEAN NOT NULL DEFAULT TRUE UNIQUE CHECK (single)
);

CREATE TABLE restored (
	id          TEXT NOT NULL PRIMARY KEY,
	backup_at   TEXT NOT NULL CHECK (length(backup_at) = 20),   -- the last that the backup knows of
	restored_at TEXT NOT NULL CHECK (length(restored_at) = 20), -- when it was put in place
	answered_at TEXT CHECK (length(answered_at) = 20)           -- NULL: what is old waits for an answer
);
