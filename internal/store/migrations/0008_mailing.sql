-- Organisers write to those who have signed up: to whom, what, and how far it has
-- come. Who gets it is never stored, but looked up when it is sent; the letters
-- are rows of the outbox.
-- +goose Up

CREATE TABLE mailing (
	id           TEXT    NOT NULL PRIMARY KEY,
	programme_id TEXT    NOT NULL REFERENCES programme (id),
	status       TEXT    NOT NULL CHECK (status IN ('draft', 'scheduled', 'sending', 'sent', 'stopped')),
	selection    TEXT    NOT NULL, -- of the people of its events: states, ways to take part, and more
	texts        TEXT    NOT NULL, -- subject and Markdown, by language
	facts        BOOLEAN NOT NULL, -- when and where stand in the letter
	revision     BIGINT  NOT NULL DEFAULT 1, -- raised by every edit: two editors notice each other
	edited_by    TEXT    NOT NULL, -- the user
	send_at      TEXT    CHECK (length(send_at) = 20),
	missed_at    TEXT    CHECK (length(missed_at) = 20),  -- it was to go then, and nothing ran
	started_at   TEXT    CHECK (length(started_at) = 20),
	written_at   TEXT    CHECK (length(written_at) = 20), -- every letter is in the outbox
	ended_at     TEXT    CHECK (length(ended_at) = 20),
	not_working  BIGINT  NOT NULL DEFAULT 0, -- left out, for the address is known not to work
	erased       BIGINT  NOT NULL DEFAULT 0, -- left out, for their data are erased
	created_at   TEXT    NOT NULL CHECK (length(created_at) = 20),
	changed_at   TEXT    NOT NULL CHECK (length(changed_at) = 20),
	CONSTRAINT mailing_scheduled_is_dated CHECK (status <> 'scheduled' OR send_at IS NOT NULL),
	CONSTRAINT mailing_started_is_dated CHECK (status NOT IN ('sending', 'sent', 'stopped') OR started_at IS NOT NULL),
	CONSTRAINT mailing_ended_is_dated CHECK ((status IN ('sent', 'stopped')) = (ended_at IS NOT NULL))
);
CREATE INDEX mailing_by_programme ON mailing (programme_id, changed_at);
CREATE INDEX mailing_under_way ON mailing (status) WHERE status IN ('scheduled', 'sending');

CREATE TABLE mailing_event (
	mailing_id TEXT NOT NULL REFERENCES mailing (id),
	event_id   TEXT NOT NULL REFERENCES event (id),
	PRIMARY KEY (mailing_id, event_id)
);
CREATE INDEX mailing_event_by_event ON mailing_event (event_id);

CREATE TABLE mailing_template (
	id           TEXT    NOT NULL PRIMARY KEY,
	programme_id TEXT    NOT NULL REFERENCES programme (id),
	name         TEXT    NOT NULL CHECK (name <> ''),
	texts        TEXT    NOT NULL,
	facts        BOOLEAN NOT NULL,
	created_at   TEXT    NOT NULL CHECK (length(created_at) = 20),
	UNIQUE (programme_id, name)
);

ALTER TABLE message ADD COLUMN mailing_id TEXT REFERENCES mailing (id);
CREATE INDEX message_by_mailing ON message (mailing_id, status) WHERE mailing_id IS NOT NULL;
