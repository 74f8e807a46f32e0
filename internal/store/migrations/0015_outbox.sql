-- The page of letters: found by their state and moment however many there are,
-- those written in one go counted while they go out, what attempts came to, and
-- since when something that runs by itself goes wrong.
-- +goose Up

-- A letter's moment is when it was done with, or else when it goes. The columns
-- after the id are those by which the page filters.
DROP INDEX message_by_status;
CREATE INDEX message_queue ON message (status, COALESCE(done_at, due_at), id, programme_id, event_id, letter, created_at);

DROP INDEX message_by_event;
CREATE INDEX message_by_event ON message (event_id, letter, created_at, status, done_at);

-- Why attempts did not succeed; those with one reason are one row, so that a
-- server away for days fills nothing.
CREATE TABLE message_attempt (
	message_id TEXT    NOT NULL REFERENCES message (id),
	reason     TEXT    NOT NULL,
	first_at   TEXT    NOT NULL CHECK (length(first_at) = 20),
	last_at    TEXT    NOT NULL CHECK (length(last_at) = 20),
	times      INTEGER NOT NULL DEFAULT 1 CHECK (times > 0),
	PRIMARY KEY (message_id, reason)
) STRICT;

-- since when each run has gone wrong; NULL: the last did not, or it was so before
-- this column
ALTER TABLE job_run ADD COLUMN fault_since TEXT CHECK (length(fault_since) = 20);
