-- Registration in full: offers to those who wait, groups, restricted events,
-- series, the participant's own page, door check-in, certificates, and what is
-- known of companies.
-- +goose Up

-- A series is several events, its occasions, with one name. People sign up for
-- the whole of it or for each occasion by itself.
CREATE TABLE series (
	id           TEXT   NOT NULL PRIMARY KEY,
	programme_id TEXT   NOT NULL REFERENCES programme (id),
	slug         TEXT   NOT NULL UNIQUE,
	title        TEXT   NOT NULL,
	sign_up      TEXT   NOT NULL CHECK (sign_up IN ('whole', 'each')),
	created_at   TEXT   NOT NULL CHECK (length(created_at) = 20)
);

ALTER TABLE event ADD COLUMN series_id TEXT REFERENCES series (id);
-- info: anybody may sign up; ask: who is outside the audience asks the organiser;
-- invite: only with an invitation
ALTER TABLE event ADD COLUMN audience_mode TEXT NOT NULL DEFAULT 'info' CHECK (audience_mode IN ('info', 'ask', 'invite'));
-- the event is for workplaces in this municipality
ALTER TABLE event ADD COLUMN own_municipality BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE event ADD COLUMN confirm_email BOOLEAN NOT NULL DEFAULT FALSE;
-- the day on which the organiser decides whether too small an event takes place; NULL: three working days before
ALTER TABLE event ADD COLUMN decision_on TEXT CHECK (length(decision_on) = 10);
ALTER TABLE event ADD COLUMN decision_asked_at TEXT CHECK (length(decision_asked_at) = 20);
ALTER TABLE event ADD COLUMN attendance_closed_at TEXT CHECK (length(attendance_closed_at) = 20);
CREATE INDEX event_by_series ON event (series_id, starts_at) WHERE series_id IS NOT NULL;

-- Several people of one organisation who signed up in one go.
CREATE TABLE registration_group (
	id          TEXT    NOT NULL PRIMARY KEY,
	event_id    TEXT    NOT NULL REFERENCES event (id),
	together    BOOLEAN NOT NULL DEFAULT FALSE, -- places only for all of them at once
	skipped     BIGINT  NOT NULL DEFAULT 0,     -- how often places were passed on because they were too few
	created_at  TEXT    NOT NULL CHECK (length(created_at) = 20)
);

-- An invitation to a restricted event: to one address, or a code for several.
CREATE TABLE invitation (
	id         TEXT   NOT NULL PRIMARY KEY,
	event_id   TEXT   NOT NULL REFERENCES event (id),
	code       TEXT   NOT NULL,
	label      TEXT   NOT NULL DEFAULT '', -- for whom, in the organiser's words
	email      TEXT,                       -- normalised; NULL: whoever has the code
	places     BIGINT CHECK (places >= 1), -- NULL: no limit
	used       BIGINT NOT NULL DEFAULT 0,
	revoked_at TEXT CHECK (length(revoked_at) = 20),
	created_at TEXT NOT NULL CHECK (length(created_at) = 20),
	CONSTRAINT invitation_used_within_places CHECK (used >= 0 AND (places IS NULL OR used <= places)),
	UNIQUE (event_id, code)
);
CREATE UNIQUE INDEX invitation_address_once ON invitation (event_id, email) WHERE email IS NOT NULL;

ALTER TABLE registration ADD COLUMN group_id TEXT REFERENCES registration_group (id);
ALTER TABLE registration ADD COLUMN invitation_id TEXT REFERENCES invitation (id);
-- one person's registrations for the occasions of a whole series have one enrolment
ALTER TABLE registration ADD COLUMN enrolment_id TEXT;
-- until when an unproved address, or nothing, holds the place
ALTER TABLE registration ADD COLUMN hold_until TEXT CHECK (length(hold_until) = 20);
-- who waits first is worked out anew each time: it hangs on the places that the company has now
DROP INDEX registration_queue;
ALTER TABLE registration DROP COLUMN waitlist_class;
CREATE INDEX registration_queue ON registration (event_id, mode, joined_at, id) WHERE status = 'waitlisted';
CREATE INDEX registration_by_group ON registration (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX registration_held ON registration (hold_until) WHERE status IN ('pending_email', 'offered');
CREATE INDEX registration_by_company ON registration (company_id, event_id) WHERE company_id IS NOT NULL;

-- A place offered to somebody who waited. The open one holds the place.
CREATE TABLE offer (
	id              TEXT NOT NULL PRIMARY KEY,
	registration_id TEXT NOT NULL REFERENCES registration (id),
	event_id        TEXT NOT NULL REFERENCES event (id),
	mode            TEXT NOT NULL CHECK (mode IN ('room', 'online')),
	status          TEXT NOT NULL CHECK (status IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')),
	reason          TEXT NOT NULL DEFAULT '', -- why it was made out of turn
	offered_at      TEXT NOT NULL CHECK (length(offered_at) = 20),
	answer_by       TEXT NOT NULL CHECK (length(answer_by) = 20),
	answered_at     TEXT CHECK (length(answered_at) = 20),
	CONSTRAINT offer_answered_is_dated CHECK ((status = 'open') = (answered_at IS NULL))
);
CREATE UNIQUE INDEX offer_open_once ON offer (registration_id) WHERE status = 'open';
CREATE INDEX offer_by_event ON offer (event_id, offered_at);

-- How many places one company may have at one event when that is not the
-- event's own limit; NULL: as many as there are.
CREATE TABLE company_share (
	event_id   TEXT NOT NULL REFERENCES event (id),
	company_id TEXT NOT NULL REFERENCES company (id),
	places     BIGINT CHECK (places >= 1),
	reason     TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (event_id, company_id)
);

-- Links for more purposes.
CREATE TABLE personal_link_new (
	token_hash      TEXT NOT NULL PRIMARY KEY,
	purpose         TEXT NOT NULL CHECK (purpose IN ('registration', 'join', 'offer', 'confirm', 'ticket')),
	registration_id TEXT NOT NULL REFERENCES registration (id),
	expires_at      TEXT NOT NULL CHECK (length(expires_at) = 20),
	created_at      TEXT NOT NULL CHECK (length(created_at) = 20)
);
INSERT INTO personal_link_new (token_hash, purpose, registration_id, expires_at, created_at)
	SELECT token_hash, purpose, registration_id, expires_at, created_at FROM personal_link;
DROP TABLE personal_link;
ALTER TABLE personal_link_new RENAME TO personal_link;
CREATE INDEX personal_link_by_registration ON personal_link (registration_id);

-- The door: whoever has the link may mark presence at one event, nothing else.
CREATE TABLE checkin_link (
	id         TEXT NOT NULL PRIMARY KEY,
	token_hash TEXT NOT NULL UNIQUE,
	event_id   TEXT NOT NULL REFERENCES event (id),
	label      TEXT NOT NULL DEFAULT '',
	expires_at TEXT NOT NULL CHECK (length(expires_at) = 20),
	revoked_at TEXT CHECK (length(revoked_at) = 20),
	created_at TEXT NOT NULL CHECK (length(created_at) = 20)
);
CREATE INDEX checkin_link_by_event ON checkin_link (event_id);

-- Marks made at the door, under the number that the phone gave them: one that is
-- sent twice is known.
CREATE TABLE checkin_mark (
	id              TEXT NOT NULL PRIMARY KEY,
	event_id        TEXT NOT NULL REFERENCES event (id),
	registration_id TEXT REFERENCES registration (id), -- NULL: nobody was found by the code
	outcome         TEXT NOT NULL,
	made_at         TEXT NOT NULL CHECK (length(made_at) = 20), -- by the phone's clock
	received_at     TEXT NOT NULL CHECK (length(received_at) = 20)
);

CREATE TABLE certificate (
	code            TEXT NOT NULL PRIMARY KEY, -- sixteen characters, 80 bits; it opens nothing, it only proves
	registration_id TEXT NOT NULL UNIQUE REFERENCES registration (id),
	issued_at       TEXT NOT NULL CHECK (length(issued_at) = 20)
);

-- The participant's own page: links that open it, and sessions.
CREATE TABLE person_link (
	token_hash TEXT NOT NULL PRIMARY KEY,
	person_id  TEXT NOT NULL REFERENCES person (id),
	expires_at TEXT NOT NULL CHECK (length(expires_at) = 20),
	used_at    TEXT CHECK (length(used_at) = 20),
	created_at TEXT NOT NULL CHECK (length(created_at) = 20)
);
CREATE INDEX person_link_by_person ON person_link (person_id, created_at);

CREATE TABLE person_session (
	token_hash   TEXT NOT NULL PRIMARY KEY,
	person_id    TEXT NOT NULL REFERENCES person (id),
	created_at   TEXT NOT NULL CHECK (length(created_at) = 20),
	last_seen_at TEXT NOT NULL CHECK (length(last_seen_at) = 20)
);
CREATE INDEX person_session_by_person ON person_session (person_id);

CREATE TABLE erasure_request (
	id           TEXT   NOT NULL PRIMARY KEY,
	person_id    TEXT   NOT NULL REFERENCES person (id),
	asked_at     TEXT   NOT NULL CHECK (length(asked_at) = 20),
	erased       BIGINT NOT NULL DEFAULT 0, -- registrations erased at once
	kept         BIGINT NOT NULL DEFAULT 0, -- that wait for a decision
	status       TEXT   NOT NULL CHECK (status IN ('open', 'granted', 'refused')),
	decision     TEXT   NOT NULL DEFAULT '',
	decided_at   TEXT CHECK (length(decided_at) = 20),
	CONSTRAINT erasure_decided_is_dated CHECK ((status = 'open') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX erasure_request_open_once ON erasure_request (person_id) WHERE status = 'open';

-- A sole trader's number is a person's: it is shown in part only.
ALTER TABLE company ADD COLUMN sole_trader BOOLEAN NOT NULL DEFAULT FALSE;
-- another number of the same company, which has taken over hours and history
ALTER TABLE company ADD COLUMN merged_into TEXT REFERENCES company (id);

CREATE TABLE company_merge (
	id         TEXT NOT NULL PRIMARY KEY,
	from_id    TEXT NOT NULL REFERENCES company (id),
	into_id    TEXT NOT NULL REFERENCES company (id),
	reason     TEXT NOT NULL CHECK (reason <> ''),
	merged_by  TEXT NOT NULL,
	merged_at  TEXT NOT NULL CHECK (length(merged_at) = 20),
	CONSTRAINT company_merge_two CHECK (from_id <> into_id)
);

-- What a public register answered, kept for 30 days.
CREATE TABLE register_answer (
	country           TEXT    NOT NULL,
	org_number        TEXT    NOT NULL,
	found             BOOLEAN NOT NULL,
	name              TEXT    NOT NULL DEFAULT '',
	legal_form        TEXT    NOT NULL DEFAULT '',
	municipality_code TEXT    NOT NULL DEFAULT '',
	parent_number     TEXT    NOT NULL DEFAULT '', -- of a sub-unit
	closed            BOOLEAN NOT NULL DEFAULT FALSE, -- bankrupt, being wound up or removed
	fetched_at        TEXT    NOT NULL CHECK (length(fetched_at) = 20),
	PRIMARY KEY (country, org_number)
);
