-- The main job, from the programme page to the reminder in the inbox:
-- programmes, events, people and companies, registrations with places and
-- queue, the outbox with reminder rules, users with sign-in and tokens, the
-- audit log. Instants are text, RFC 3339 in UTC to the second; money is in the
-- smallest unit; durations are whole minutes.
-- +goose Up

CREATE TABLE programme (
	id               TEXT    NOT NULL PRIMARY KEY,
	slug             TEXT    NOT NULL UNIQUE,
	name             TEXT    NOT NULL,
	country          TEXT    NOT NULL CHECK (country IN ('SE', 'NO')),
	county_code      TEXT,
	language         TEXT    NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	time_zone        TEXT    NOT NULL CHECK (time_zone IN ('Europe/Stockholm', 'Europe/Oslo')),
	organiser_name   TEXT    NOT NULL DEFAULT '',
	org_number       TEXT    NOT NULL DEFAULT '',
	contact_email    TEXT    NOT NULL DEFAULT '',
	contact_phone    TEXT    NOT NULL DEFAULT '',
	-- a public authority's answers are public records; a Swedish one may erase
	-- only by a decision, which it names here
	authority        BOOLEAN NOT NULL DEFAULT TRUE,
	erasure_decision TEXT    NOT NULL DEFAULT '',
	created_at       TEXT    NOT NULL CHECK (length(created_at) = 20)
);

CREATE TABLE event (
	id                     TEXT    NOT NULL PRIMARY KEY,
	programme_id           TEXT    NOT NULL REFERENCES programme (id),
	slug                   TEXT    NOT NULL UNIQUE,
	kind                   TEXT    NOT NULL CHECK (kind IN ('webinar', 'seminar', 'learning_seminar', 'dialogue', 'supplier_meeting', 'workshop', 'conference')),
	status                 TEXT    NOT NULL CHECK (status IN ('draft', 'published', 'postponed', 'cancelled', 'held', 'archived')),
	language               TEXT    NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	title                  TEXT    NOT NULL,
	summary                TEXT    NOT NULL DEFAULT '',
	description            TEXT    NOT NULL DEFAULT '', -- Markdown
	mode                   TEXT    NOT NULL CHECK (mode IN ('room', 'online', 'hybrid')),
	starts_at              TEXT    NOT NULL CHECK (length(starts_at) = 20),
	ends_at                TEXT    NOT NULL CHECK (length(ends_at) = 20),
	time_zone              TEXT    NOT NULL CHECK (time_zone IN ('Europe/Stockholm', 'Europe/Oslo')),
	registration_opens_at  TEXT    CHECK (length(registration_opens_at) = 20),
	registration_closes_at TEXT    NOT NULL CHECK (length(registration_closes_at) = 20),
	municipality_country   TEXT,
	municipality_code      TEXT,
	venue_name             TEXT    NOT NULL DEFAULT '',
	venue_address          TEXT    NOT NULL DEFAULT '',
	access_notes           TEXT    NOT NULL DEFAULT '',
	join_url               TEXT    NOT NULL DEFAULT '',
	join_promised_on       TEXT    CHECK (length(join_promised_on) = 10), -- the day by which a missing join link comes
	price_minor            BIGINT  NOT NULL DEFAULT 0 CHECK (price_minor >= 0),
	price_note             TEXT    NOT NULL DEFAULT '',
	contact_name           TEXT    NOT NULL DEFAULT '',
	contact_email          TEXT    NOT NULL DEFAULT '',
	contact_phone          TEXT    NOT NULL DEFAULT '',
	ask_phone              BOOLEAN NOT NULL DEFAULT FALSE,
	catering               BOOLEAN NOT NULL DEFAULT FALSE, -- only then is diet asked for
	waiting_list           BOOLEAN NOT NULL DEFAULT TRUE,
	min_participants       BIGINT  CHECK (min_participants >= 1),
	company_limit          BIGINT  CHECK (company_limit >= 1),
	moved_at               TEXT    CHECK (length(moved_at) = 20),
	moved_from_starts_at   TEXT    CHECK (length(moved_from_starts_at) = 20),
	moved_from_ends_at     TEXT    CHECK (length(moved_from_ends_at) = 20),
	moved_from_place       TEXT    NOT NULL DEFAULT '',
	cancel_reason          TEXT    NOT NULL DEFAULT '',
	revision               BIGINT  NOT NULL DEFAULT 1, -- raised by every edit: two editors notice each other
	search                 TEXT    NOT NULL DEFAULT '', -- folded words, written by Go
	created_at             TEXT    NOT NULL CHECK (length(created_at) = 20),
	changed_at             TEXT    NOT NULL CHECK (length(changed_at) = 20),
	published_at           TEXT    CHECK (length(published_at) = 20),
	CONSTRAINT event_ends_after_start CHECK (starts_at < ends_at),
	CONSTRAINT event_closes_by_start CHECK (registration_closes_at <= starts_at),
	CONSTRAINT event_opens_before_close CHECK (registration_opens_at <= registration_closes_at),
	CONSTRAINT event_cancelled_with_reason CHECK (status <> 'cancelled' OR cancel_reason <> '')
);
CREATE INDEX event_by_start ON event (status, starts_at);
CREATE INDEX event_by_programme ON event (programme_id, starts_at);

CREATE TABLE event_audience (
	event_id TEXT   NOT NULL REFERENCES event (id),
	position BIGINT NOT NULL,
	audience TEXT   NOT NULL CHECK (audience IN ('supplier_sme', 'supplier_large', 'startup', 'social_enterprise', 'industry_org', 'procurer', 'buyer', 'municipality', 'municipal_leader', 'business_developer', 'politician')),
	PRIMARY KEY (event_id, audience)
);

CREATE TABLE co_organiser (
	event_id TEXT   NOT NULL REFERENCES event (id),
	position BIGINT NOT NULL,
	name     TEXT   NOT NULL,
	PRIMARY KEY (event_id, position)
);

CREATE TABLE agenda_item (
	event_id       TEXT   NOT NULL REFERENCES event (id),
	position       BIGINT NOT NULL,
	offset_minutes BIGINT NOT NULL, -- from the event's start, below zero for coffee before it: it moves with the event
	title          TEXT   NOT NULL,
	PRIMARY KEY (event_id, position)
);

CREATE TABLE speaker (
	event_id     TEXT   NOT NULL REFERENCES event (id),
	position     BIGINT NOT NULL,
	name         TEXT   NOT NULL,
	organisation TEXT   NOT NULL DEFAULT '',
	PRIMARY KEY (event_id, position)
);

CREATE TABLE question (
	id       TEXT    NOT NULL PRIMARY KEY,
	event_id TEXT    NOT NULL REFERENCES event (id),
	position BIGINT  NOT NULL,
	kind     TEXT    NOT NULL CHECK (kind IN ('text', 'choice', 'choices', 'yes_no')),
	label    TEXT    NOT NULL,
	required BOOLEAN NOT NULL DEFAULT FALSE,
	options  JSONB   NOT NULL DEFAULT '[]', -- the choices, in order
	removed  BOOLEAN NOT NULL DEFAULT FALSE -- no longer asked, its answers stay
);
CREATE INDEX question_by_event ON question (event_id, position);

-- The scarce thing. Whoever wants a place writes to this row first and so waits
-- for everybody before; the constraint is the last line behind the rule.
CREATE TABLE event_capacity (
	event_id TEXT   NOT NULL REFERENCES event (id),
	mode     TEXT   NOT NULL CHECK (mode IN ('room', 'online')),
	places   BIGINT CHECK (places >= 1), -- NULL: no limit
	taken    BIGINT NOT NULL DEFAULT 0,
	extra    BIGINT NOT NULL DEFAULT 0,  -- above the capacity, which only an organiser may add
	revision BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (event_id, mode),
	CONSTRAINT taken_within_places CHECK (taken >= 0 AND (places IS NULL OR taken <= places)),
	CONSTRAINT extra_not_negative CHECK (extra >= 0)
);

CREATE TABLE person (
	id         TEXT NOT NULL PRIMARY KEY,
	email      TEXT NOT NULL UNIQUE, -- normalised: equality is the text's
	first_name TEXT NOT NULL,
	last_name  TEXT NOT NULL,
	language   TEXT NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	-- set when a mail server said that there is no such address; nothing more is sent until it is corrected
	email_failed_at TEXT CHECK (length(email_failed_at) = 20),
	created_at TEXT NOT NULL CHECK (length(created_at) = 20)
);

CREATE TABLE company (
	id         TEXT NOT NULL PRIMARY KEY,
	country    TEXT NOT NULL CHECK (country IN ('SE', 'NO')),
	org_number TEXT NOT NULL CHECK (length(org_number) IN (9, 10)),
	name       TEXT NOT NULL,
	created_at TEXT NOT NULL CHECK (length(created_at) = 20),
	UNIQUE (country, org_number)
);

CREATE TABLE contact (
	person_id  TEXT NOT NULL REFERENCES person (id),
	company_id TEXT NOT NULL REFERENCES company (id),
	status     TEXT NOT NULL CHECK (status IN ('claimed', 'confirmed')),
	created_at TEXT NOT NULL CHECK (length(created_at) = 20),
	PRIMARY KEY (person_id, company_id)
);

CREATE TABLE registration (
	id                   TEXT    NOT NULL PRIMARY KEY,
	event_id             TEXT    NOT NULL REFERENCES event (id),
	person_id            TEXT    NOT NULL REFERENCES person (id),
	company_id           TEXT    REFERENCES company (id),
	status               TEXT    NOT NULL CHECK (status IN ('pending_email', 'requested', 'confirmed', 'waitlisted', 'offered', 'rejected', 'lapsed', 'declined', 'expired', 'cancelled', 'late_cancelled', 'transferred', 'attended', 'no_show', 'event_cancelled', 'erased')),
	mode                 TEXT    NOT NULL CHECK (mode IN ('room', 'online')),
	extra                BOOLEAN NOT NULL DEFAULT FALSE, -- holds a place above the capacity
	email                TEXT    NOT NULL,
	first_name           TEXT    NOT NULL,
	last_name            TEXT    NOT NULL,
	phone                TEXT    NOT NULL DEFAULT '',
	language             TEXT    NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	audience             TEXT    NOT NULL DEFAULT '',
	organisation_kind    TEXT    NOT NULL CHECK (organisation_kind IN ('company', 'sole_trader', 'not_started', 'public_body', 'association', 'none')),
	organisation_name    TEXT    NOT NULL DEFAULT '',
	municipality_country TEXT,
	municipality_code    TEXT,
	diet                 TEXT    NOT NULL DEFAULT '',
	access_needs         TEXT    NOT NULL DEFAULT '',
	joined_at            TEXT    NOT NULL CHECK (length(joined_at) = 20), -- the place in the queue
	waitlist_class       BIGINT  NOT NULL DEFAULT 0, -- 0 before 1: companies without a place first
	confirmed_at         TEXT    CHECK (length(confirmed_at) = 20),
	ended_at             TEXT    CHECK (length(ended_at) = 20),
	end_reason           TEXT    NOT NULL DEFAULT '',
	calendar_uid         TEXT    NOT NULL UNIQUE,
	calendar_sequence    BIGINT  NOT NULL DEFAULT -1, -- of the newest invitation written; -1: none yet
	search               TEXT    NOT NULL DEFAULT '', -- folded name, address, organisation; written by Go
	created_at           TEXT    NOT NULL CHECK (length(created_at) = 20),
	changed_at           TEXT    NOT NULL CHECK (length(changed_at) = 20),
	CONSTRAINT confirmed_has_a_time CHECK (status <> 'confirmed' OR confirmed_at IS NOT NULL)
);
CREATE UNIQUE INDEX registration_once ON registration (event_id, email) WHERE status IN ('pending_email', 'requested', 'confirmed', 'waitlisted', 'offered', 'attended', 'no_show');
CREATE INDEX registration_by_event ON registration (event_id, status);
CREATE INDEX registration_queue ON registration (event_id, mode, waitlist_class, joined_at, id) WHERE status = 'waitlisted';
CREATE INDEX registration_by_person ON registration (person_id);

CREATE TABLE answer (
	registration_id TEXT NOT NULL REFERENCES registration (id),
	question_id     TEXT NOT NULL REFERENCES question (id),
	value           JSONB NOT NULL, -- a list of texts: one, or the several chosen
	PRIMARY KEY (registration_id, question_id)
);

-- Capabilities that stand in a mail. Only the hash is kept; the purpose is part
-- of the row, so a link of one purpose is refused for another.
CREATE TABLE personal_link (
	token_hash      TEXT NOT NULL PRIMARY KEY,
	purpose         TEXT NOT NULL CHECK (purpose IN ('registration', 'join')),
	registration_id TEXT NOT NULL REFERENCES registration (id),
	expires_at      TEXT NOT NULL CHECK (length(expires_at) = 20),
	created_at      TEXT NOT NULL CHECK (length(created_at) = 20)
);
CREATE INDEX personal_link_by_registration ON personal_link (registration_id);

CREATE TABLE reminder_rule (
	id       TEXT   NOT NULL PRIMARY KEY,
	event_id TEXT   NOT NULL REFERENCES event (id),
	letter   TEXT   NOT NULL CHECK (letter IN ('E16', 'E18', 'E19', 'E20')),
	anchor   TEXT   NOT NULL CHECK (anchor IN ('start', 'end')),
	unit     TEXT   NOT NULL CHECK (unit IN ('minutes', 'days', 'working_days')), -- days are of the local clock
	amount   BIGINT NOT NULL CHECK (amount BETWEEN 0 AND 100000),
	at_clock TEXT   CHECK (length(at_clock) = 5), -- '09:00'; NULL: the anchor's own
	mode     TEXT   CHECK (mode IN ('room', 'online')), -- NULL: everybody
	UNIQUE (event_id, letter)
);

-- The outbox. A message is written in the transaction of the change it tells
-- of; its bytes are made once and are the same on every attempt.
CREATE TABLE message (
	id              TEXT    NOT NULL PRIMARY KEY,
	unique_key      TEXT    NOT NULL UNIQUE, -- makes a second run harmless
	letter          TEXT    NOT NULL,        -- E02, E10 …
	recipient       TEXT    NOT NULL,
	language        TEXT    NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	programme_id    TEXT    REFERENCES programme (id),
	event_id        TEXT    REFERENCES event (id),
	registration_id TEXT    REFERENCES registration (id),
	calendar_method TEXT    CHECK (calendar_method IN ('REQUEST', 'CANCEL')),
	calendar_sequence BIGINT,
	details         JSONB   NOT NULL DEFAULT '{}', -- what only this letter says: a reason, an old time
	priority        BIGINT  NOT NULL, -- smaller goes first
	outside         BOOLEAN NOT NULL DEFAULT FALSE, -- a stranger caused it: counted against the limit for an address
	status          TEXT    NOT NULL CHECK (status IN ('waiting', 'sent', 'failed', 'dropped', 'uncertain', 'held')),
	reason          TEXT    NOT NULL DEFAULT '',
	due_at          TEXT    NOT NULL CHECK (length(due_at) = 20), -- not before this; later after each failed attempt
	not_after       TEXT    NOT NULL CHECK (length(not_after) = 20),
	attempts        BIGINT  NOT NULL DEFAULT 0,
	unanswered      BIGINT  NOT NULL DEFAULT 0, -- how often it was handed over without an answer: it may have arrived
	leased_until    TEXT    CHECK (length(leased_until) = 20),
	prepared_at     TEXT    CHECK (length(prepared_at) = 20),
	sender          TEXT    NOT NULL DEFAULT '',
	mime            BYTEA,
	created_at      TEXT    NOT NULL CHECK (length(created_at) = 20),
	done_at         TEXT    CHECK (length(done_at) = 20),
	CONSTRAINT message_done_is_dated CHECK ((status IN ('waiting', 'held')) = (done_at IS NULL))
);
CREATE INDEX message_due ON message (due_at, priority, id) WHERE status = 'waiting';
CREATE INDEX message_by_registration ON message (registration_id, calendar_sequence);
CREATE INDEX message_by_event ON message (event_id);
CREATE INDEX message_by_recipient ON message (recipient, created_at);
-- Without those that wait: else the head of the queue would be looked for in it.
CREATE INDEX message_by_status ON message (status, created_at) WHERE status <> 'waiting';

CREATE TABLE user_account (
	id            TEXT NOT NULL PRIMARY KEY,
	email         TEXT NOT NULL UNIQUE,
	name          TEXT NOT NULL,
	language      TEXT NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	password_hash TEXT,   -- argon2id in PHC form; NULL: not chosen yet
	disabled_at   TEXT CHECK (length(disabled_at) = 20),
	created_at    TEXT NOT NULL CHECK (length(created_at) = 20)
);

CREATE TABLE role (
	user_id      TEXT NOT NULL REFERENCES user_account (id),
	role         TEXT NOT NULL CHECK (role IN ('administrator', 'organiser', 'adviser')),
	programme_id TEXT REFERENCES programme (id), -- NULL: every programme
	CONSTRAINT administrator_of_all CHECK (role <> 'administrator' OR programme_id IS NULL)
);
CREATE UNIQUE INDEX role_once ON role (user_id, role, COALESCE(programme_id, ''));

CREATE TABLE sign_in_failure (
	user_id TEXT NOT NULL REFERENCES user_account (id),
	at      TEXT NOT NULL CHECK (length(at) = 20)
);
CREATE INDEX sign_in_failure_by_user ON sign_in_failure (user_id, at);

-- A link that lets a user choose a password, or, in the demo, just in.
CREATE TABLE sign_in_link (
	token_hash TEXT NOT NULL PRIMARY KEY,
	user_id    TEXT NOT NULL REFERENCES user_account (id),
	purpose    TEXT NOT NULL CHECK (purpose IN ('set_password', 'sign_in')),
	expires_at TEXT NOT NULL CHECK (length(expires_at) = 20),
	used_at    TEXT CHECK (length(used_at) = 20)
);

CREATE TABLE session (
	token_hash   TEXT NOT NULL PRIMARY KEY,
	user_id      TEXT NOT NULL REFERENCES user_account (id),
	created_at   TEXT NOT NULL CHECK (length(created_at) = 20),
	last_seen_at TEXT NOT NULL CHECK (length(last_seen_at) = 20)
);
CREATE INDEX session_by_user ON session (user_id);

CREATE TABLE api_token (
	id           TEXT NOT NULL PRIMARY KEY,
	token_hash   TEXT NOT NULL UNIQUE,
	name         TEXT NOT NULL,
	role         TEXT NOT NULL CHECK (role IN ('administrator', 'organiser')),
	programme_id TEXT REFERENCES programme (id), -- NULL: every programme
	created_at   TEXT NOT NULL CHECK (length(created_at) = 20),
	expires_at   TEXT NOT NULL CHECK (length(expires_at) = 20),
	last_used_at TEXT CHECK (length(last_used_at) = 20),
	revoked_at   TEXT CHECK (length(revoked_at) = 20)
);

-- Answers already given, so that the same request again changes nothing. Kept
-- 48 hours, written in the transaction of the effect.
CREATE TABLE idempotency (
	caller     TEXT   NOT NULL,
	key        TEXT   NOT NULL,
	request    TEXT   NOT NULL, -- hash of method, path and body
	status     BIGINT NOT NULL,
	answer     TEXT   NOT NULL,
	created_at TEXT   NOT NULL CHECK (length(created_at) = 20),
	PRIMARY KEY (caller, key)
);

CREATE TABLE job_run (
	name        TEXT NOT NULL PRIMARY KEY,
	last_run_at TEXT NOT NULL CHECK (length(last_run_at) = 20),
	fault       TEXT NOT NULL DEFAULT '' -- why the last run went wrong; empty: it did not
);

CREATE TABLE audit_entry (
	id           TEXT NOT NULL PRIMARY KEY,
	at           TEXT NOT NULL CHECK (length(at) = 20),
	actor_kind   TEXT NOT NULL CHECK (actor_kind IN ('person', 'user', 'token', 'system', 'command')),
	actor_id     TEXT NOT NULL DEFAULT '',
	programme_id TEXT,
	action       TEXT NOT NULL,
	object_kind  TEXT NOT NULL,
	object_id    TEXT NOT NULL,
	from_value   TEXT NOT NULL DEFAULT '',
	to_value     TEXT NOT NULL DEFAULT '',
	reason       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_entry_by_object ON audit_entry (object_kind, object_id, at);
CREATE INDEX audit_entry_by_time ON audit_entry (at);

-- +goose StatementBegin
CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry
BEGIN
	SELECT RAISE(ABORT, 'audit entries are only ever added');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry WHEN old.at > strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-24 months')
BEGIN
	SELECT RAISE(ABORT, 'audit entries are kept for 24 months');
END;
-- +goose StatementEnd
