-- News goes only to those who asked for it and proved their address: a consent
-- that can be shown, and taken back as easily as it was given (GDPR 7).
-- +goose Up

CREATE TABLE subscription (
	id           TEXT NOT NULL PRIMARY KEY,
	programme_id TEXT NOT NULL REFERENCES programme (id),
	email        TEXT NOT NULL, -- normalised; 'erased:' and the id once it was erased
	language     TEXT NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	status       TEXT NOT NULL CHECK (status IN ('asked', 'on', 'ended')),
	source       TEXT NOT NULL CHECK (source IN ('sign_up', 'own_page')),
	wording      TEXT NOT NULL, -- what stood beside the box that was ticked: the proof of the consent
	asked_at     TEXT NOT NULL CHECK (length(asked_at) = 20),
	confirmed_at TEXT CHECK (length(confirmed_at) = 20),
	ended_at     TEXT CHECK (length(ended_at) = 20),
	ended_by     TEXT CHECK (ended_by IN ('one_click', 'mail', 'page', 'own_page', 'lapsed', 'erased')),
	CONSTRAINT subscription_proved CHECK (status <> 'on' OR confirmed_at IS NOT NULL),
	CONSTRAINT subscription_end_is_dated CHECK ((status = 'ended') = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX subscription_once ON subscription (programme_id, email) WHERE status <> 'ended';
CREATE INDEX subscription_by_email ON subscription (email);
-- Every letter has a link of its own, which works for as long as the consent is
-- kept: only a hash of it is stored.
CREATE TABLE subscription_link (
	token_hash      TEXT NOT NULL PRIMARY KEY,
	subscription_id TEXT NOT NULL REFERENCES subscription (id),
	purpose         TEXT NOT NULL CHECK (purpose IN ('confirm', 'end')),
	created_at      TEXT NOT NULL CHECK (length(created_at) = 20)
) STRICT;
CREATE INDEX subscription_link_by_subscription ON subscription_link (subscription_id);
