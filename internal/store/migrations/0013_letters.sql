-- The programme's own look in its letters, and what organisers hand out after an
-- event.
-- +goose Up

-- a colour as #1a2b3c, for the bar and the button of letters; empty: ours
ALTER TABLE programme ADD COLUMN accent TEXT NOT NULL DEFAULT '' CHECK (accent = '' OR length(accent) = 7);

-- apart from the programme, which is read often: a picture is read for a letter only
CREATE TABLE programme_logo (
	programme_id TEXT   NOT NULL PRIMARY KEY REFERENCES programme (id),
	type         TEXT   NOT NULL CHECK (type IN ('image/png', 'image/jpeg')),
	data         BYTEA  NOT NULL,
	width        BIGINT NOT NULL CHECK (width >= 1), -- pixels
	height       BIGINT NOT NULL CHECK (height >= 1),
	alt          TEXT   NOT NULL CHECK (alt <> ''), -- what it shows, for those who do not see it
	changed_at   TEXT   NOT NULL CHECK (length(changed_at) = 20)
);

CREATE TABLE material (
	id         TEXT    NOT NULL PRIMARY KEY,
	event_id   TEXT    NOT NULL REFERENCES event (id),
	title      TEXT    NOT NULL,
	url        TEXT    NOT NULL,
	recording  BOOLEAN NOT NULL DEFAULT FALSE,
	captions   BOOLEAN NOT NULL DEFAULT FALSE,
	created_at TEXT    NOT NULL CHECK (length(created_at) = 20),
	CONSTRAINT recording_has_captions CHECK (NOT recording OR captions)
);

CREATE INDEX material_by_event ON material (event_id, created_at, id);
