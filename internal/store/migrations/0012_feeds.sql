-- A calendar program fetches what somebody has signed up for, or organises, by an
-- address that only they know.
-- +goose Up

CREATE TABLE feed (
	id              TEXT NOT NULL PRIMARY KEY,
	token_hash      TEXT NOT NULL UNIQUE,
	kind            TEXT NOT NULL CHECK (kind IN ('participant', 'organiser', 'adviser')),
	person_id       TEXT REFERENCES person (id),
	user_id         TEXT REFERENCES user_account (id),
	language        TEXT NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')), -- of the words around the events' own
	created_at      TEXT NOT NULL CHECK (length(created_at) = 20),
	last_fetched_at TEXT CHECK (length(last_fetched_at) = 20), -- NULL: never
	CONSTRAINT feed_has_one_owner CHECK ((kind = 'participant') = (person_id IS NOT NULL) AND (person_id IS NULL) <> (user_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX feed_once_for_person ON feed (person_id, kind) WHERE person_id IS NOT NULL;
CREATE UNIQUE INDEX feed_once_for_user ON feed (user_id, kind) WHERE user_id IS NOT NULL;
