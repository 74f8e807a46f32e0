-- The whole schema, as the migrations make it, to be read in one place.
-- Not edited by hand: go test ./internal/store -run Schema -update

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
	authority        INTEGER NOT NULL DEFAULT TRUE,
	erasure_decision TEXT    NOT NULL DEFAULT '',
	created_at       TEXT    NOT NULL CHECK (length(created_at) = 20)
, accent TEXT NOT NULL DEFAULT '' CHECK (accent = '' OR length(accent) = 7)) STRICT;

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
	price_minor            INTEGER  NOT NULL DEFAULT 0 CHECK (price_minor >= 0),
	price_note             TEXT    NOT NULL DEFAULT '',
	contact_name           TEXT    NOT NULL DEFAULT '',
	contact_email          TEXT    NOT NULL DEFAULT '',
	contact_phone          TEXT    NOT NULL DEFAULT '',
	ask_phone              INTEGER NOT NULL DEFAULT FALSE,
	catering               INTEGER NOT NULL DEFAULT FALSE, -- only then is diet asked for
	waiting_list           INTEGER NOT NULL DEFAULT TRUE,
	min_participants       INTEGER  CHECK (min_participants >= 1),
	company_limit          INTEGER  CHECK (company_limit >= 1),
	moved_at               TEXT    CHECK (length(moved_at) = 20),
	moved_from_starts_at   TEXT    CHECK (length(moved_from_starts_at) = 20),
	moved_from_ends_at     TEXT    CHECK (length(moved_from_ends_at) = 20),
	moved_from_place       TEXT    NOT NULL DEFAULT '',
	cancel_reason          TEXT    NOT NULL DEFAULT '',
	revision               INTEGER  NOT NULL DEFAULT 1, -- raised by every edit: two editors notice each other
	search                 TEXT    NOT NULL DEFAULT '', -- folded words, written by Go
	created_at             TEXT    NOT NULL CHECK (length(created_at) = 20),
	changed_at             TEXT    NOT NULL CHECK (length(changed_at) = 20),
	published_at           TEXT    CHECK (length(published_at) = 20), series_id TEXT REFERENCES series (id), audience_mode TEXT NOT NULL DEFAULT 'info' CHECK (audience_mode IN ('info', 'ask', 'invite')), own_municipality INTEGER NOT NULL DEFAULT FALSE, confirm_email INTEGER NOT NULL DEFAULT FALSE, decision_on TEXT CHECK (length(decision_on) = 10), decision_asked_at TEXT CHECK (length(decision_asked_at) = 20), attendance_closed_at TEXT CHECK (length(attendance_closed_at) = 20),
	CONSTRAINT event_ends_after_start CHECK (starts_at < ends_at),
	CONSTRAINT event_closes_by_start CHECK (registration_closes_at <= starts_at),
	CONSTRAINT event_opens_before_close CHECK (registration_opens_at <= registration_closes_at),
	CONSTRAINT event_cancelled_with_reason CHECK (status <> 'cancelled' OR cancel_reason <> '')
) STRICT;

CREATE INDEX event_by_start ON event (status, starts_at);

CREATE INDEX event_by_programme ON event (programme_id, starts_at);

CREATE TABLE event_audience (
	event_id TEXT   NOT NULL REFERENCES event (id),
	position INTEGER NOT NULL,
	audience TEXT   NOT NULL CHECK (audience IN ('supplier_sme', 'supplier_large', 'startup', 'social_enterprise', 'industry_org', 'procurer', 'buyer', 'municipality', 'municipal_leader', 'business_developer', 'politician')),
	PRIMARY KEY (event_id, audience)
) STRICT;

CREATE TABLE co_organiser (
	event_id TEXT   NOT NULL REFERENCES event (id),
	position INTEGER NOT NULL,
	name     TEXT   NOT NULL,
	PRIMARY KEY (event_id, position)
) STRICT;

CREATE TABLE agenda_item (
	event_id       TEXT   NOT NULL REFERENCES event (id),
	position       INTEGER NOT NULL,
	offset_minutes INTEGER NOT NULL, -- from the event's start, below zero for coffee before it: it moves with the event
	title          TEXT   NOT NULL,
	PRIMARY KEY (event_id, position)
) STRICT;

CREATE TABLE speaker (
	event_id     TEXT   NOT NULL REFERENCES event (id),
	position     INTEGER NOT NULL,
	name         TEXT   NOT NULL,
	organisation TEXT   NOT NULL DEFAULT '',
	PRIMARY KEY (event_id, position)
) STRICT;

CREATE TABLE question (
	id       TEXT    NOT NULL PRIMARY KEY,
	event_id TEXT    NOT NULL REFERENCES event (id),
	position INTEGER  NOT NULL,
	kind     TEXT    NOT NULL CHECK (kind IN ('text', 'choice', 'choices', 'yes_no')),
	label    TEXT    NOT NULL,
	required INTEGER NOT NULL DEFAULT FALSE,
	options  TEXT   NOT NULL DEFAULT '[]', -- the choices, in order
	removed  INTEGER NOT NULL DEFAULT FALSE -- no longer asked, its answers stay
) STRICT;

CREATE INDEX question_by_event ON question (event_id, position);

CREATE TABLE event_capacity (
	event_id TEXT   NOT NULL REFERENCES event (id),
	mode     TEXT   NOT NULL CHECK (mode IN ('room', 'online')),
	places   INTEGER CHECK (places >= 1), -- NULL: no limit
	taken    INTEGER NOT NULL DEFAULT 0,
	extra    INTEGER NOT NULL DEFAULT 0,  -- above the capacity, which only an organiser may add
	revision INTEGER NOT NULL DEFAULT 0, called_at_revision INTEGER,
	PRIMARY KEY (event_id, mode),
	CONSTRAINT taken_within_places CHECK (taken >= 0 AND (places IS NULL OR taken <= places)),
	CONSTRAINT extra_not_negative CHECK (extra >= 0)
) STRICT;

CREATE TABLE person (
	id         TEXT NOT NULL PRIMARY KEY,
	email      TEXT NOT NULL UNIQUE, -- normalised: equality is the text's
	first_name TEXT NOT NULL,
	last_name  TEXT NOT NULL,
	language   TEXT NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	-- set when a mail server said that there is no such address; nothing more is sent until it is corrected
	email_failed_at TEXT CHECK (length(email_failed_at) = 20),
	created_at TEXT NOT NULL CHECK (length(created_at) = 20)
) STRICT;

CREATE TABLE company (
	id         TEXT NOT NULL PRIMARY KEY,
	country    TEXT NOT NULL CHECK (country IN ('SE', 'NO')),
	org_number TEXT NOT NULL CHECK (length(org_number) IN (9, 10)),
	name       TEXT NOT NULL,
	created_at TEXT NOT NULL CHECK (length(created_at) = 20), sole_trader INTEGER NOT NULL DEFAULT FALSE, merged_into TEXT REFERENCES company (id), public_body INTEGER,
	UNIQUE (country, org_number)
) STRICT;

CREATE TABLE contact (
	person_id  TEXT NOT NULL REFERENCES person (id),
	company_id TEXT NOT NULL REFERENCES company (id),
	status     TEXT NOT NULL CHECK (status IN ('claimed', 'confirmed')),
	created_at TEXT NOT NULL CHECK (length(created_at) = 20), claimed_for TEXT REFERENCES programme (id),
	PRIMARY KEY (person_id, company_id)
) STRICT;

CREATE TABLE registration (
	id                   TEXT    NOT NULL PRIMARY KEY,
	event_id             TEXT    NOT NULL REFERENCES event (id),
	person_id            TEXT    NOT NULL REFERENCES person (id),
	company_id           TEXT    REFERENCES company (id),
	status               TEXT    NOT NULL CHECK (status IN ('pending_email', 'requested', 'confirmed', 'waitlisted', 'offered', 'rejected', 'lapsed', 'declined', 'expired', 'cancelled', 'late_cancelled', 'transferred', 'attended', 'no_show', 'event_cancelled', 'erased')),
	mode                 TEXT    NOT NULL CHECK (mode IN ('room', 'online')),
	extra                INTEGER NOT NULL DEFAULT FALSE, -- holds a place above the capacity
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
	confirmed_at         TEXT    CHECK (length(confirmed_at) = 20),
	ended_at             TEXT    CHECK (length(ended_at) = 20),
	end_reason           TEXT    NOT NULL DEFAULT '',
	calendar_uid         TEXT    NOT NULL UNIQUE,
	calendar_sequence    INTEGER  NOT NULL DEFAULT -1, -- of the newest invitation written; -1: none yet
	search               TEXT    NOT NULL DEFAULT '', -- folded name, address, organisation; written by Go
	created_at           TEXT    NOT NULL CHECK (length(created_at) = 20),
	changed_at           TEXT    NOT NULL CHECK (length(changed_at) = 20), group_id TEXT REFERENCES registration_group (id), invitation_id TEXT REFERENCES invitation (id), enrolment_id TEXT, hold_until TEXT CHECK (length(hold_until) = 20), before_mark TEXT CHECK (before_mark IN ('confirmed', 'waitlisted', 'late_cancelled', 'cancelled')), erased_from TEXT NOT NULL DEFAULT '', room_since TEXT
	CONSTRAINT meanwhile_online CHECK (room_since IS NULL OR length(room_since) = 20 AND status = 'confirmed' AND mode = 'online'),
	CONSTRAINT confirmed_has_a_time CHECK (status <> 'confirmed' OR confirmed_at IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX registration_once ON registration (event_id, email) WHERE status IN ('pending_email', 'requested', 'confirmed', 'waitlisted', 'offered', 'attended', 'no_show');

CREATE INDEX registration_by_event ON registration (event_id, status);

CREATE INDEX registration_by_person ON registration (person_id);

CREATE TABLE answer (
	registration_id TEXT NOT NULL REFERENCES registration (id),
	question_id     TEXT NOT NULL REFERENCES question (id),
	value           TEXT NOT NULL, -- a list of texts: one, or the several chosen
	PRIMARY KEY (registration_id, question_id)
) STRICT;

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
	calendar_sequence INTEGER,
	details         TEXT   NOT NULL DEFAULT '{}', -- what only this letter says: a reason, an old time
	priority        INTEGER  NOT NULL, -- smaller goes first
	outside         INTEGER NOT NULL DEFAULT FALSE, -- a stranger caused it: counted against the limit for an address
	status          TEXT    NOT NULL CHECK (status IN ('waiting', 'sent', 'failed', 'dropped', 'uncertain', 'held')),
	reason          TEXT    NOT NULL DEFAULT '',
	due_at          TEXT    NOT NULL CHECK (length(due_at) = 20), -- not before this; later after each failed attempt
	not_after       TEXT    NOT NULL CHECK (length(not_after) = 20),
	attempts        INTEGER  NOT NULL DEFAULT 0,
	unanswered      INTEGER  NOT NULL DEFAULT 0, -- how often it was handed over without an answer: it may have arrived
	leased_until    TEXT    CHECK (length(leased_until) = 20),
	prepared_at     TEXT    CHECK (length(prepared_at) = 20),
	sender          TEXT    NOT NULL DEFAULT '',
	mime            BLOB,
	created_at      TEXT    NOT NULL CHECK (length(created_at) = 20),
	done_at         TEXT    CHECK (length(done_at) = 20), mailing_id TEXT REFERENCES mailing (id), rule_id TEXT, booking_id TEXT REFERENCES booking (id), aid_case_id TEXT REFERENCES aid_case (id), application_id TEXT REFERENCES application (id), adviser_id TEXT REFERENCES adviser (id),
	CONSTRAINT message_done_is_dated CHECK ((status IN ('waiting', 'held')) = (done_at IS NULL))
) STRICT;

CREATE INDEX message_by_registration ON message (registration_id, calendar_sequence);

CREATE INDEX message_by_recipient ON message (recipient, created_at);

CREATE TABLE user_account (
	id            TEXT NOT NULL PRIMARY KEY,
	email         TEXT NOT NULL UNIQUE,
	name          TEXT NOT NULL,
	language      TEXT NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	password_hash TEXT,   -- argon2id in PHC form; NULL: not chosen yet
	disabled_at   TEXT CHECK (length(disabled_at) = 20),
	created_at    TEXT NOT NULL CHECK (length(created_at) = 20)
) STRICT;

CREATE TABLE role (
	user_id      TEXT NOT NULL REFERENCES user_account (id),
	role         TEXT NOT NULL CHECK (role IN ('administrator', 'organiser', 'adviser')),
	programme_id TEXT REFERENCES programme (id), -- NULL: every programme
	CONSTRAINT administrator_of_all CHECK (role <> 'administrator' OR programme_id IS NULL)
) STRICT;

CREATE UNIQUE INDEX role_once ON role (user_id, role, COALESCE(programme_id, ''));

CREATE TABLE sign_in_failure (
	user_id TEXT NOT NULL REFERENCES user_account (id),
	at      TEXT NOT NULL CHECK (length(at) = 20)
) STRICT;

CREATE INDEX sign_in_failure_by_user ON sign_in_failure (user_id, at);

CREATE TABLE sign_in_link (
	token_hash TEXT NOT NULL PRIMARY KEY,
	user_id    TEXT NOT NULL REFERENCES user_account (id),
	purpose    TEXT NOT NULL CHECK (purpose IN ('set_password', 'sign_in')),
	expires_at TEXT NOT NULL CHECK (length(expires_at) = 20),
	used_at    TEXT CHECK (length(used_at) = 20)
) STRICT;

CREATE TABLE session (
	token_hash   TEXT NOT NULL PRIMARY KEY,
	user_id      TEXT NOT NULL REFERENCES user_account (id),
	created_at   TEXT NOT NULL CHECK (length(created_at) = 20),
	last_seen_at TEXT NOT NULL CHECK (length(last_seen_at) = 20)
) STRICT;

CREATE INDEX session_by_user ON session (user_id);

CREATE TABLE idempotency (
	caller     TEXT   NOT NULL,
	key        TEXT   NOT NULL,
	request    TEXT   NOT NULL, -- hash of method, path and body
	status     INTEGER NOT NULL,
	answer     TEXT   NOT NULL,
	created_at TEXT   NOT NULL CHECK (length(created_at) = 20),
	PRIMARY KEY (caller, key)
) STRICT;

CREATE TABLE job_run (
	name        TEXT NOT NULL PRIMARY KEY,
	last_run_at TEXT NOT NULL CHECK (length(last_run_at) = 20),
	fault       TEXT NOT NULL DEFAULT '' -- why the last run went wrong; empty: it did not
, fault_since TEXT CHECK (length(fault_since) = 20)) STRICT;

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
) STRICT;

CREATE INDEX audit_entry_by_object ON audit_entry (object_kind, object_id, at);

CREATE INDEX audit_entry_by_time ON audit_entry (at);

CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON audit_entry
BEGIN
	SELECT RAISE(ABORT, 'audit entries are only ever added');
END;

CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry WHEN old.at > strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-24 months')
BEGIN
	SELECT RAISE(ABORT, 'audit entries are kept for 24 months');
END;

CREATE TABLE series (
	id           TEXT   NOT NULL PRIMARY KEY,
	programme_id TEXT   NOT NULL REFERENCES programme (id),
	slug         TEXT   NOT NULL UNIQUE,
	title        TEXT   NOT NULL,
	sign_up      TEXT   NOT NULL CHECK (sign_up IN ('whole', 'each')),
	created_at   TEXT   NOT NULL CHECK (length(created_at) = 20)
) STRICT;

CREATE INDEX event_by_series ON event (series_id, starts_at) WHERE series_id IS NOT NULL;

CREATE TABLE registration_group (
	id          TEXT    NOT NULL PRIMARY KEY,
	event_id    TEXT    NOT NULL REFERENCES event (id),
	together    INTEGER NOT NULL DEFAULT FALSE, -- places only for all of them at once
	skipped     INTEGER  NOT NULL DEFAULT 0,     -- how often places were passed on because they were too few
	created_at  TEXT    NOT NULL CHECK (length(created_at) = 20)
) STRICT;

CREATE TABLE invitation (
	id         TEXT   NOT NULL PRIMARY KEY,
	event_id   TEXT   NOT NULL REFERENCES event (id),
	code       TEXT   NOT NULL,
	label      TEXT   NOT NULL DEFAULT '', -- for whom, in the organiser's words
	email      TEXT,                       -- normalised; NULL: whoever has the code
	places     INTEGER CHECK (places >= 1), -- NULL: no limit
	used       INTEGER NOT NULL DEFAULT 0,
	revoked_at TEXT CHECK (length(revoked_at) = 20),
	created_at TEXT NOT NULL CHECK (length(created_at) = 20),
	CONSTRAINT invitation_used_within_places CHECK (used >= 0 AND (places IS NULL OR used <= places)),
	UNIQUE (event_id, code)
) STRICT;

CREATE INDEX registration_queue ON registration (event_id, mode, joined_at, id) WHERE status = 'waitlisted';

CREATE INDEX registration_by_group ON registration (group_id) WHERE group_id IS NOT NULL;

CREATE INDEX registration_by_company ON registration (company_id, event_id) WHERE company_id IS NOT NULL;

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
) STRICT;

CREATE UNIQUE INDEX offer_open_once ON offer (registration_id) WHERE status = 'open';

CREATE INDEX offer_by_event ON offer (event_id, offered_at);

CREATE TABLE company_share (
	event_id   TEXT NOT NULL REFERENCES event (id),
	company_id TEXT NOT NULL REFERENCES company (id),
	places     INTEGER CHECK (places >= 1),
	reason     TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (event_id, company_id)
) STRICT;

CREATE TABLE "personal_link" (
	token_hash      TEXT NOT NULL PRIMARY KEY,
	purpose         TEXT NOT NULL CHECK (purpose IN ('registration', 'join', 'offer', 'confirm', 'ticket')),
	registration_id TEXT NOT NULL REFERENCES registration (id),
	expires_at      TEXT NOT NULL CHECK (length(expires_at) = 20),
	created_at      TEXT NOT NULL CHECK (length(created_at) = 20)
) STRICT;

CREATE INDEX personal_link_by_registration ON personal_link (registration_id);

CREATE TABLE checkin_link (
	id         TEXT NOT NULL PRIMARY KEY,
	token_hash TEXT NOT NULL UNIQUE,
	event_id   TEXT NOT NULL REFERENCES event (id),
	label      TEXT NOT NULL DEFAULT '',
	expires_at TEXT NOT NULL CHECK (length(expires_at) = 20),
	revoked_at TEXT CHECK (length(revoked_at) = 20),
	created_at TEXT NOT NULL CHECK (length(created_at) = 20)
) STRICT;

CREATE INDEX checkin_link_by_event ON checkin_link (event_id);

CREATE TABLE checkin_mark (
	id              TEXT NOT NULL PRIMARY KEY,
	event_id        TEXT NOT NULL REFERENCES event (id),
	registration_id TEXT REFERENCES registration (id), -- NULL: nobody was found by the code
	outcome         TEXT NOT NULL,
	made_at         TEXT NOT NULL CHECK (length(made_at) = 20), -- by the phone's clock
	received_at     TEXT NOT NULL CHECK (length(received_at) = 20)
) STRICT;

CREATE TABLE certificate (
	code            TEXT NOT NULL PRIMARY KEY, -- sixteen characters, 80 bits; it opens nothing, it only proves
	registration_id TEXT NOT NULL UNIQUE REFERENCES registration (id),
	issued_at       TEXT NOT NULL CHECK (length(issued_at) = 20)
) STRICT;

CREATE TABLE person_link (
	token_hash TEXT NOT NULL PRIMARY KEY,
	person_id  TEXT NOT NULL REFERENCES person (id),
	expires_at TEXT NOT NULL CHECK (length(expires_at) = 20),
	used_at    TEXT CHECK (length(used_at) = 20),
	created_at TEXT NOT NULL CHECK (length(created_at) = 20)
) STRICT;

CREATE INDEX person_link_by_person ON person_link (person_id, created_at);

CREATE TABLE person_session (
	token_hash   TEXT NOT NULL PRIMARY KEY,
	person_id    TEXT NOT NULL REFERENCES person (id),
	created_at   TEXT NOT NULL CHECK (length(created_at) = 20),
	last_seen_at TEXT NOT NULL CHECK (length(last_seen_at) = 20)
) STRICT;

CREATE INDEX person_session_by_person ON person_session (person_id);

CREATE TABLE erasure_request (
	id           TEXT   NOT NULL PRIMARY KEY,
	person_id    TEXT   NOT NULL REFERENCES person (id),
	asked_at     TEXT   NOT NULL CHECK (length(asked_at) = 20),
	erased       INTEGER NOT NULL DEFAULT 0, -- registrations erased at once
	kept         INTEGER NOT NULL DEFAULT 0, -- that wait for a decision
	status       TEXT   NOT NULL CHECK (status IN ('open', 'granted', 'refused')),
	decision     TEXT   NOT NULL DEFAULT '',
	decided_at   TEXT CHECK (length(decided_at) = 20), programme_id TEXT REFERENCES programme (id), public_record INTEGER NOT NULL DEFAULT FALSE,
	CONSTRAINT erasure_decided_is_dated CHECK ((status = 'open') = (decided_at IS NULL))
) STRICT;

CREATE TABLE company_merge (
	id         TEXT NOT NULL PRIMARY KEY,
	from_id    TEXT NOT NULL REFERENCES company (id),
	into_id    TEXT NOT NULL REFERENCES company (id),
	reason     TEXT NOT NULL CHECK (reason <> ''),
	merged_by  TEXT NOT NULL,
	merged_at  TEXT NOT NULL CHECK (length(merged_at) = 20),
	CONSTRAINT company_merge_two CHECK (from_id <> into_id)
) STRICT;

CREATE TABLE register_answer (
	country           TEXT    NOT NULL,
	org_number        TEXT    NOT NULL,
	found             INTEGER NOT NULL,
	name              TEXT    NOT NULL DEFAULT '',
	legal_form        TEXT    NOT NULL DEFAULT '',
	municipality_code TEXT    NOT NULL DEFAULT '',
	parent_number     TEXT    NOT NULL DEFAULT '', -- of a sub-unit
	closed            INTEGER NOT NULL DEFAULT FALSE, -- bankrupt, being wound up or removed
	fetched_at        TEXT    NOT NULL CHECK (length(fetched_at) = 20),
	PRIMARY KEY (country, org_number)
) STRICT;

CREATE TABLE series_certificate (
	code      TEXT NOT NULL PRIMARY KEY, -- as of certificate: sixteen characters, 80 bits
	series_id TEXT NOT NULL REFERENCES series (id),
	person_id TEXT NOT NULL REFERENCES person (id),
	issued_at TEXT NOT NULL CHECK (length(issued_at) = 20),
	UNIQUE (series_id, person_id)
) STRICT;

CREATE INDEX series_certificate_by_person ON series_certificate (person_id);

CREATE UNIQUE INDEX invitation_address_once ON invitation (event_id, email) WHERE email IS NOT NULL AND revoked_at IS NULL;

CREATE UNIQUE INDEX erasure_request_open_once ON erasure_request (person_id, COALESCE(programme_id, '')) WHERE status = 'open';

CREATE INDEX erasure_request_by_person ON erasure_request (person_id, asked_at);

CREATE INDEX registration_meanwhile ON registration (event_id, room_since, id) WHERE room_since IS NOT NULL;

CREATE INDEX registration_held ON registration (hold_until) WHERE hold_until IS NOT NULL;

CREATE TABLE mailing (
	id           TEXT    NOT NULL PRIMARY KEY,
	programme_id TEXT    NOT NULL REFERENCES programme (id),
	status       TEXT    NOT NULL CHECK (status IN ('draft', 'scheduled', 'sending', 'sent', 'stopped')),
	selection    TEXT    NOT NULL, -- of the people of its events: states, ways to take part, and more
	texts        TEXT    NOT NULL, -- subject and Markdown, by language
	facts        INTEGER NOT NULL, -- when and where stand in the letter
	revision     INTEGER  NOT NULL DEFAULT 1, -- raised by every edit: two editors notice each other
	edited_by    TEXT    NOT NULL, -- the user
	send_at      TEXT    CHECK (length(send_at) = 20),
	missed_at    TEXT    CHECK (length(missed_at) = 20),  -- it was to go then, and nothing ran
	started_at   TEXT    CHECK (length(started_at) = 20),
	written_at   TEXT    CHECK (length(written_at) = 20), -- every letter is in the outbox
	ended_at     TEXT    CHECK (length(ended_at) = 20),
	not_working  INTEGER  NOT NULL DEFAULT 0, -- left out, for the address is known not to work
	erased       INTEGER  NOT NULL DEFAULT 0, -- left out, for their data are erased
	created_at   TEXT    NOT NULL CHECK (length(created_at) = 20),
	changed_at   TEXT    NOT NULL CHECK (length(changed_at) = 20),
	CONSTRAINT mailing_scheduled_is_dated CHECK (status <> 'scheduled' OR send_at IS NOT NULL),
	CONSTRAINT mailing_started_is_dated CHECK (status NOT IN ('sending', 'sent', 'stopped') OR started_at IS NOT NULL),
	CONSTRAINT mailing_ended_is_dated CHECK ((status IN ('sent', 'stopped')) = (ended_at IS NOT NULL))
) STRICT;

CREATE INDEX mailing_by_programme ON mailing (programme_id, changed_at);

CREATE INDEX mailing_under_way ON mailing (status) WHERE status IN ('scheduled', 'sending');

CREATE TABLE mailing_event (
	mailing_id TEXT NOT NULL REFERENCES mailing (id),
	event_id   TEXT NOT NULL REFERENCES event (id),
	PRIMARY KEY (mailing_id, event_id)
) STRICT;

CREATE INDEX mailing_event_by_event ON mailing_event (event_id);

CREATE TABLE mailing_template (
	id           TEXT    NOT NULL PRIMARY KEY,
	programme_id TEXT    NOT NULL REFERENCES programme (id),
	name         TEXT    NOT NULL CHECK (name <> ''),
	texts        TEXT    NOT NULL,
	facts        INTEGER NOT NULL,
	created_at   TEXT    NOT NULL CHECK (length(created_at) = 20),
	UNIQUE (programme_id, name)
) STRICT;

CREATE INDEX message_by_mailing ON message (mailing_id, status) WHERE mailing_id IS NOT NULL;

CREATE TABLE "reminder_rule" (
	id           TEXT    NOT NULL PRIMARY KEY,
	programme_id TEXT    REFERENCES programme (id), -- of the rules with which new events begin
	event_id     TEXT    REFERENCES event (id),
	kind         TEXT    CHECK (kind IN ('webinar', 'seminar', 'learning_seminar', 'dialogue', 'supplier_meeting', 'workshop', 'conference')), -- of a programme's rule: for such events only
	from_id      TEXT,   -- of an event's rule: the programme's that it was copied from
	letter       TEXT    NOT NULL CHECK (letter IN ('E07', 'E16', 'E18', 'E19', 'E20', 'E26', 'O3')),
	audience     TEXT    NOT NULL CHECK (audience IN ('place', 'waiting', 'offered', 'attended', 'absent', 'organiser')),
	mode         TEXT    CHECK (mode IN ('room', 'online')), -- NULL: everybody
	anchor       TEXT    NOT NULL CHECK (anchor IN ('start', 'end', 'closes', 'offer')),
	afterwards   INTEGER NOT NULL DEFAULT FALSE, -- after the anchor, not before
	unit         TEXT    NOT NULL CHECK (unit IN ('minutes', 'hours', 'days', 'working_days')), -- days are of the local clock
	amount       INTEGER  NOT NULL,
	at_clock     TEXT    CHECK (length(at_clock) = 5 AND at_clock BETWEEN '00:00' AND '23:59'), -- '09:00'; NULL: the anchor's own
	active       INTEGER NOT NULL DEFAULT TRUE,
	again        INTEGER  NOT NULL DEFAULT 0, -- how often an organiser asked to send anew to those who had it
	since        TEXT    NOT NULL CHECK (length(since) = 20), -- a moment that was past then is none of the rule's
	CONSTRAINT reminder_rule_of_one CHECK ((programme_id IS NULL) <> (event_id IS NULL)),
	CONSTRAINT reminder_rule_kind_of_programme CHECK (kind IS NULL OR programme_id IS NOT NULL),
	CONSTRAINT reminder_rule_copy_of_event CHECK (from_id IS NULL OR event_id IS NOT NULL),
	CONSTRAINT reminder_rule_amount CHECK (amount >= 0 AND amount <= CASE unit WHEN 'minutes' THEN 100000 WHEN 'hours' THEN 2400 WHEN 'days' THEN 180 ELSE 90 END),
	CONSTRAINT reminder_rule_clock_of_days CHECK (at_clock IS NULL OR unit IN ('days', 'working_days')),
	CONSTRAINT reminder_rule_letter_to CHECK (CASE letter WHEN 'E07' THEN audience = 'offered' WHEN 'E16' THEN audience = 'attended'
		WHEN 'O3' THEN audience = 'organiser' WHEN 'E26' THEN audience <> 'organiser' ELSE audience = 'place' END),
	CONSTRAINT reminder_rule_anchor_of CHECK (CASE audience WHEN 'offered' THEN anchor = 'offer' WHEN 'attended' THEN anchor = 'end' WHEN 'absent' THEN anchor = 'end'
		ELSE anchor IN ('start', 'closes') END),
	CONSTRAINT reminder_rule_side CHECK (CASE anchor WHEN 'end' THEN afterwards WHEN 'closes' THEN TRUE ELSE NOT afterwards END),
	CONSTRAINT reminder_rule_mode_of_people CHECK (mode IS NULL OR audience <> 'organiser')
) STRICT;

CREATE INDEX reminder_rule_by_event ON reminder_rule (event_id);

CREATE INDEX reminder_rule_by_programme ON reminder_rule (programme_id);

CREATE TABLE reminder_text (
	rule_id  TEXT NOT NULL REFERENCES reminder_rule (id),
	language TEXT NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	subject  TEXT NOT NULL CHECK (subject <> ''),
	body     TEXT NOT NULL CHECK (body <> ''),
	PRIMARY KEY (rule_id, language)
) STRICT;

CREATE TABLE reminder_own (
	event_id TEXT NOT NULL PRIMARY KEY REFERENCES event (id),
	since    TEXT NOT NULL CHECK (length(since) = 20)
) STRICT;

CREATE TABLE installation (
	id     TEXT   NOT NULL PRIMARY KEY,
	number INTEGER NOT NULL DEFAULT 0,
	at     TEXT   NOT NULL CHECK (length(at) = 20), -- when the number last rose
	single INTEGER NOT NULL DEFAULT TRUE UNIQUE CHECK (single)
) STRICT;

CREATE TABLE restored (
	id          TEXT NOT NULL PRIMARY KEY,
	backup_at   TEXT NOT NULL CHECK (length(backup_at) = 20),   -- the last that the backup knows of
	restored_at TEXT NOT NULL CHECK (length(restored_at) = 20), -- when it was put in place
	answered_at TEXT CHECK (length(answered_at) = 20)           -- NULL: what is old waits for an answer
) STRICT;

CREATE TABLE inbound_message (
	key             TEXT NOT NULL PRIMARY KEY, -- hash of its number and body: the same one twice is one
	kind            TEXT NOT NULL CHECK (kind IN ('reply', 'bounce', 'automatic', 'loop', 'letter', 'unreadable', 'too_large')),
	outcome         TEXT NOT NULL,
	way             TEXT NOT NULL CHECK (way IN ('command', 'http', 'imap')),
	message_id      TEXT REFERENCES message (id),      -- what came back
	registration_id TEXT REFERENCES registration (id), -- whose calendar answered, or whom it was written to
	received_at     TEXT NOT NULL CHECK (length(received_at) = 20)
) STRICT;

CREATE INDEX inbound_message_by_time ON inbound_message (received_at, key);

CREATE TABLE "api_token" (
	id           TEXT NOT NULL PRIMARY KEY,
	token_hash   TEXT NOT NULL UNIQUE,
	name         TEXT NOT NULL,
	role         TEXT NOT NULL CHECK (role IN ('administrator', 'organiser', 'mail')),
	programme_id TEXT REFERENCES programme (id), -- NULL: every programme
	created_at   TEXT NOT NULL CHECK (length(created_at) = 20),
	expires_at   TEXT NOT NULL CHECK (length(expires_at) = 20),
	last_used_at TEXT CHECK (length(last_used_at) = 20),
	revoked_at   TEXT CHECK (length(revoked_at) = 20)
) STRICT;

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

CREATE TABLE programme_logo (
	programme_id TEXT   NOT NULL PRIMARY KEY REFERENCES programme (id),
	type         TEXT   NOT NULL CHECK (type IN ('image/png', 'image/jpeg')),
	data         BLOB  NOT NULL,
	width        INTEGER NOT NULL CHECK (width >= 1), -- pixels
	height       INTEGER NOT NULL CHECK (height >= 1),
	alt          TEXT   NOT NULL CHECK (alt <> ''), -- what it shows, for those who do not see it
	changed_at   TEXT   NOT NULL CHECK (length(changed_at) = 20)
) STRICT;

CREATE TABLE material (
	id         TEXT    NOT NULL PRIMARY KEY,
	event_id   TEXT    NOT NULL REFERENCES event (id),
	title      TEXT    NOT NULL,
	url        TEXT    NOT NULL,
	recording  INTEGER NOT NULL DEFAULT FALSE,
	captions   INTEGER NOT NULL DEFAULT FALSE,
	created_at TEXT    NOT NULL CHECK (length(created_at) = 20),
	CONSTRAINT recording_has_captions CHECK (NOT recording OR captions)
) STRICT;

CREATE INDEX material_by_event ON material (event_id, created_at, id);

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

CREATE TABLE subscription_link (
	token_hash      TEXT NOT NULL PRIMARY KEY,
	subscription_id TEXT NOT NULL REFERENCES subscription (id),
	purpose         TEXT NOT NULL CHECK (purpose IN ('confirm', 'end')),
	created_at      TEXT NOT NULL CHECK (length(created_at) = 20)
) STRICT;

CREATE INDEX subscription_link_by_subscription ON subscription_link (subscription_id);

CREATE INDEX message_queue ON message (status, COALESCE(done_at, due_at), id, programme_id, event_id, letter, created_at);

CREATE INDEX message_by_event ON message (event_id, letter, created_at, status, done_at);

CREATE TABLE message_attempt (
	message_id TEXT    NOT NULL REFERENCES message (id),
	reason     TEXT    NOT NULL,
	first_at   TEXT    NOT NULL CHECK (length(first_at) = 20),
	last_at    TEXT    NOT NULL CHECK (length(last_at) = 20),
	times      INTEGER NOT NULL DEFAULT 1 CHECK (times > 0),
	PRIMARY KEY (message_id, reason)
) STRICT;

CREATE INDEX message_due ON message (priority, due_at, id) WHERE status = 'waiting';

CREATE TABLE advisory_programme (
	id                  TEXT    NOT NULL PRIMARY KEY,
	programme_id        TEXT    NOT NULL REFERENCES programme (id),
	slug                TEXT    NOT NULL UNIQUE,
	status              TEXT    NOT NULL CHECK (status IN ('draft', 'open', 'closed')),
	language            TEXT    NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')), -- of its texts when the reader's is missing
	prerequisite        TEXT    NOT NULL CHECK (prerequisite IN ('none', 'attended', 'public_body', 'application', 'organiser')),
	prerequisite_kind   TEXT    CHECK (prerequisite_kind IN ('webinar', 'seminar', 'learning_seminar', 'dialogue', 'supplier_meeting', 'workshop', 'conference')),
	prerequisite_months INTEGER  CHECK (prerequisite_months BETWEEN 1 AND 120),
	cap_minutes         INTEGER  CHECK (cap_minutes > 0),  -- NULL: no limit
	cap_per             TEXT    NOT NULL CHECK (cap_per IN ('company', 'undertaking', 'project')),
	cap_period          TEXT    NOT NULL CHECK (cap_period IN ('programme', 'year')),
	pool_minutes        INTEGER  CHECK (pool_minutes > 0), -- NULL: no limit
	price_minor         INTEGER  NOT NULL CHECK (price_minor >= 0), -- an hour, without VAT
	currency            TEXT    NOT NULL CHECK (currency IN ('SEK', 'NOK')),
	vat_percent         INTEGER  NOT NULL CHECK (vat_percent IN (0, 25)),
	vat_reason          TEXT    NOT NULL DEFAULT '',
	step_minutes        INTEGER  NOT NULL CHECK (step_minutes BETWEEN 5 AND 120), -- between the times offered
	lead_minutes        INTEGER  NOT NULL CHECK (lead_minutes BETWEEN 0 AND 43200),
	free_cancel_minutes INTEGER  NOT NULL CHECK (free_cancel_minutes BETWEEN 0 AND 43200),
	horizon_days        INTEGER  NOT NULL DEFAULT 60 CHECK (horizon_days BETWEEN 1 AND 366),
	late_free           INTEGER  NOT NULL DEFAULT 1 CHECK (late_free >= 0),              -- late cancellations that cost nothing
	late_charge_minutes INTEGER  NOT NULL DEFAULT 30 CHECK (late_charge_minutes >= 0),   -- of those after
	missed_charge_minutes INTEGER NOT NULL DEFAULT 60 CHECK (missed_charge_minutes >= 0),
	max_reschedules     INTEGER  NOT NULL DEFAULT 2 CHECK (max_reschedules >= 0),
	settle_step_minutes INTEGER  NOT NULL DEFAULT 5 CHECK (settle_step_minutes BETWEEN 1 AND 60),
	aid_regime          TEXT    NOT NULL CHECK (aid_regime IN ('none', 'de_minimis')),
	aid_reason          TEXT    NOT NULL DEFAULT '', -- why it is no aid
	aid_market_minor    INTEGER  NOT NULL DEFAULT 0 CHECK (aid_market_minor >= 0), -- what an hour costs on the market, without VAT
	aid_source          TEXT    NOT NULL DEFAULT '', -- where that price is from
	quick_log           INTEGER NOT NULL DEFAULT FALSE, -- a helpline: calls are logged without a booking
	closes_on           TEXT    CHECK (length(closes_on) = 10), -- the last day of meetings; NULL: none set
	revision            INTEGER  NOT NULL DEFAULT 1, -- raised by every edit
	pool_revision       INTEGER  NOT NULL DEFAULT 0, -- raised by whoever wants of the pool, and so waits for those before
	created_at          TEXT    NOT NULL CHECK (length(created_at) = 20),
	changed_at          TEXT    NOT NULL CHECK (length(changed_at) = 20),
	CONSTRAINT advisory_attended_says_what CHECK ((prerequisite = 'attended') = (prerequisite_kind IS NOT NULL) AND (prerequisite = 'attended') = (prerequisite_months IS NOT NULL)),
	CONSTRAINT advisory_project_is_applied_for CHECK (cap_per <> 'project' OR prerequisite = 'application'),
	CONSTRAINT advisory_without_vat_says_why CHECK (vat_percent <> 0 OR vat_reason <> '' OR price_minor = 0),
	CONSTRAINT advisory_without_aid_says_why CHECK (aid_regime <> 'none' OR aid_reason <> ''),
	CONSTRAINT advisory_aid_has_a_price CHECK (aid_regime <> 'de_minimis' OR aid_market_minor > 0 AND aid_source <> '')
) STRICT;

CREATE INDEX advisory_programme_by_programme ON advisory_programme (programme_id);

CREATE TABLE advisory_text (
	advisory_programme_id TEXT NOT NULL REFERENCES advisory_programme (id),
	language    TEXT NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	name        TEXT NOT NULL CHECK (name <> ''),
	summary     TEXT NOT NULL DEFAULT '',
	preparation TEXT NOT NULL DEFAULT '', -- what to have at hand, a line each; goes with the confirmation
	PRIMARY KEY (advisory_programme_id, language)
) STRICT;

CREATE TABLE advisory_length (
	advisory_programme_id TEXT   NOT NULL REFERENCES advisory_programme (id),
	minutes               INTEGER NOT NULL CHECK (minutes BETWEEN 15 AND 480),
	PRIMARY KEY (advisory_programme_id, minutes)
) STRICT;

CREATE TABLE advisory_meeting (
	advisory_programme_id TEXT NOT NULL REFERENCES advisory_programme (id),
	meeting               TEXT NOT NULL CHECK (meeting IN ('online', 'phone', 'on_site')),
	PRIMARY KEY (advisory_programme_id, meeting)
) STRICT;

CREATE TABLE advisory_audience (
	advisory_programme_id TEXT   NOT NULL REFERENCES advisory_programme (id),
	position              INTEGER NOT NULL,
	audience              TEXT   NOT NULL CHECK (audience IN ('supplier_sme', 'supplier_large', 'startup', 'social_enterprise', 'industry_org', 'procurer', 'buyer', 'municipality', 'municipal_leader', 'business_developer', 'politician')),
	PRIMARY KEY (advisory_programme_id, audience)
) STRICT;

CREATE TABLE advisory_phase (
	advisory_programme_id TEXT   NOT NULL REFERENCES advisory_programme (id),
	position              INTEGER NOT NULL,
	name                  TEXT   NOT NULL CHECK (name <> ''),
	PRIMARY KEY (advisory_programme_id, position)
) STRICT;

CREATE TABLE intake_question (
	id                    TEXT    NOT NULL PRIMARY KEY,
	advisory_programme_id TEXT    NOT NULL REFERENCES advisory_programme (id),
	position              INTEGER  NOT NULL,
	kind                  TEXT    NOT NULL CHECK (kind IN ('text', 'choice', 'yes_no')),
	label                 TEXT    NOT NULL CHECK (label <> ''),
	required              INTEGER NOT NULL DEFAULT FALSE,
	options               TEXT   NOT NULL DEFAULT '[]',
	removed               INTEGER NOT NULL DEFAULT FALSE
) STRICT;

CREATE INDEX intake_question_by_programme ON intake_question (advisory_programme_id, position);

CREATE TABLE adviser (
	id                     TEXT    NOT NULL PRIMARY KEY,
	user_id                TEXT    NOT NULL UNIQUE REFERENCES user_account (id),
	phone                  TEXT    NOT NULL DEFAULT '',
	about                  TEXT    NOT NULL DEFAULT '', -- what they know well, shown where a time is chosen
	country                TEXT    NOT NULL CHECK (country IN ('SE', 'NO')), -- whose public holidays are free
	time_zone              TEXT    NOT NULL CHECK (time_zone IN ('Europe/Stockholm', 'Europe/Oslo')),
	join_url               TEXT    NOT NULL DEFAULT '', -- the adviser's own room online
	office                 TEXT    NOT NULL DEFAULT '', -- where those come who do not have the adviser come to them; empty: the adviser travels
	buffer_before_minutes  INTEGER  NOT NULL DEFAULT 15 CHECK (buffer_before_minutes BETWEEN 0 AND 240),
	buffer_after_minutes   INTEGER  NOT NULL DEFAULT 15 CHECK (buffer_after_minutes BETWEEN 0 AND 240),
	travel_minutes         INTEGER  NOT NULL DEFAULT 60 CHECK (travel_minutes BETWEEN 0 AND 600), -- to a municipality without a time of its own
	max_per_day            INTEGER  CHECK (max_per_day >= 1), -- meetings; NULL: no limit
	holidays_off           INTEGER NOT NULL DEFAULT TRUE,
	stopped_at             TEXT    CHECK (length(stopped_at) = 20), -- takes no new bookings
	revision               INTEGER  NOT NULL DEFAULT 1, -- raised to wait for the adviser's time
	created_at             TEXT    NOT NULL CHECK (length(created_at) = 20)
) STRICT;

CREATE TABLE adviser_programme (
	adviser_id            TEXT NOT NULL REFERENCES adviser (id),
	advisory_programme_id TEXT NOT NULL REFERENCES advisory_programme (id),
	PRIMARY KEY (advisory_programme_id, adviser_id)
) STRICT;

CREATE INDEX adviser_programme_by_adviser ON adviser_programme (adviser_id);

CREATE TABLE adviser_travel (
	adviser_id           TEXT   NOT NULL REFERENCES adviser (id),
	municipality_country TEXT   NOT NULL,
	municipality_code    TEXT   NOT NULL,
	minutes              INTEGER NOT NULL CHECK (minutes BETWEEN 0 AND 600),
	PRIMARY KEY (adviser_id, municipality_country, municipality_code)
) STRICT;

CREATE TABLE availability (
	id         TEXT   NOT NULL PRIMARY KEY,
	adviser_id TEXT   NOT NULL REFERENCES adviser (id),
	weekday    INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- Monday is 1 (ISO 8601)
	from_clock TEXT   NOT NULL CHECK (length(from_clock) = 5 AND from_clock BETWEEN '00:00' AND '23:59'),
	to_clock   TEXT   NOT NULL CHECK (length(to_clock) = 5 AND to_clock BETWEEN '00:01' AND '24:00'),
	CONSTRAINT availability_ends_after_start CHECK (from_clock < to_clock)
) STRICT;

CREATE INDEX availability_by_adviser ON availability (adviser_id);

CREATE TABLE availability_exception (
	id         TEXT    NOT NULL PRIMARY KEY,
	adviser_id TEXT    NOT NULL REFERENCES adviser (id),
	date       TEXT    NOT NULL CHECK (length(date) = 10),
	from_clock TEXT    CHECK (length(from_clock) = 5 AND from_clock BETWEEN '00:00' AND '23:59'),
	to_clock   TEXT    CHECK (length(to_clock) = 5 AND to_clock BETWEEN '00:01' AND '24:00'),
	available  INTEGER NOT NULL,
	note       TEXT    NOT NULL DEFAULT '',
	CONSTRAINT exception_has_both_hours CHECK ((from_clock IS NULL) = (to_clock IS NULL)),
	CONSTRAINT exception_ends_after_start CHECK (from_clock < to_clock),
	CONSTRAINT exception_free_says_when CHECK (NOT available OR from_clock IS NOT NULL)
) STRICT;

CREATE INDEX availability_exception_by_adviser ON availability_exception (adviser_id, date);

CREATE TABLE busy_calendar (
	adviser_id  TEXT NOT NULL PRIMARY KEY REFERENCES adviser (id),
	url         TEXT NOT NULL, -- secret: shown to nobody, not even whole to the adviser
	fetched_at  TEXT CHECK (length(fetched_at) = 20),  -- the last time it was read; NULL: never
	tried_at    TEXT CHECK (length(tried_at) = 20),
	fault       TEXT NOT NULL DEFAULT '',              -- a code of ours for why the last try failed
	fault_since TEXT CHECK (length(fault_since) = 20)
, unread INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE busy_time (
	adviser_id TEXT NOT NULL REFERENCES adviser (id),
	starts_at  TEXT NOT NULL CHECK (length(starts_at) = 20),
	ends_at    TEXT NOT NULL CHECK (length(ends_at) = 20),
	CONSTRAINT busy_ends_after_start CHECK (starts_at < ends_at)
) STRICT;

CREATE INDEX busy_time_by_adviser ON busy_time (adviser_id, starts_at);

CREATE TABLE application (
	id                    TEXT   NOT NULL PRIMARY KEY,
	advisory_programme_id TEXT   NOT NULL REFERENCES advisory_programme (id),
	number                TEXT   NOT NULL, -- the case's, shown to people: 2026-1
	status                TEXT   NOT NULL CHECK (status IN ('draft', 'submitted', 'needs_info', 'assessed', 'granted', 'rejected', 'withdrawn', 'running', 'final_report', 'closed')),
	person_id             TEXT   NOT NULL REFERENCES person (id), -- who applies
	company_id            TEXT   REFERENCES company (id),          -- the body that applies
	language              TEXT   NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	title                 TEXT   NOT NULL DEFAULT '',
	challenge             TEXT   NOT NULL DEFAULT '', -- the need of society that it answers
	goal                  TEXT   NOT NULL DEFAULT '', -- the goal it serves
	report_url            TEXT   NOT NULL DEFAULT '', -- the municipality's sustainability report
	project_owner         TEXT   NOT NULL DEFAULT '',
	budget_minor          INTEGER CHECK (budget_minor >= 0),
	own_share_minor       INTEGER CHECK (own_share_minor >= 0),
	asked_minor           INTEGER CHECK (asked_minor >= 0),
	granted_minor         INTEGER CHECK (granted_minor >= 0),
	granted_minutes       INTEGER CHECK (granted_minutes >= 0), -- hours of support, in minutes
	support               TEXT   NOT NULL DEFAULT '', -- what help is wanted
	phase                 INTEGER, -- position in advisory_phase
	revision              INTEGER NOT NULL DEFAULT 1,
	created_at            TEXT   NOT NULL CHECK (length(created_at) = 20),
	submitted_at          TEXT   CHECK (length(submitted_at) = 20),
	decided_at            TEXT   CHECK (length(decided_at) = 20),
	changed_at            TEXT   NOT NULL CHECK (length(changed_at) = 20), body_name TEXT NOT NULL DEFAULT '', typed TEXT NOT NULL DEFAULT '{}', report_by TEXT CHECK (length(report_by) = 10), final_report TEXT NOT NULL DEFAULT '', final_report_url TEXT NOT NULL DEFAULT '', end_reason TEXT NOT NULL DEFAULT '',
	UNIQUE (advisory_programme_id, number)
) STRICT;

CREATE INDEX application_by_person ON application (person_id);

CREATE INDEX application_by_company ON application (company_id);

CREATE TABLE hours_account (
	id                    TEXT   NOT NULL PRIMARY KEY,
	advisory_programme_id TEXT   NOT NULL REFERENCES advisory_programme (id),
	company_id            TEXT   REFERENCES company (id),
	person_id             TEXT   REFERENCES person (id),
	application_id        TEXT   REFERENCES application (id),
	year                  INTEGER NOT NULL DEFAULT 0, -- 0: the whole programme
	cap_minutes           INTEGER CHECK (cap_minutes >= 0), -- NULL: no limit; the programme's, or what a project was granted
	revision              INTEGER NOT NULL DEFAULT 0,       -- raised by whoever wants of its hours, and so waits for those before
	created_at            TEXT   NOT NULL CHECK (length(created_at) = 20),
	forgotten_at          TEXT   CHECK (length(forgotten_at) = 20), -- whose it was is erased; the hours stay
	-- of nobody: the calls to a helpline from organisations that are not known
	CONSTRAINT hours_account_of_one CHECK ((company_id IS NOT NULL) + (person_id IS NOT NULL) + (application_id IS NOT NULL) = 1
		OR company_id IS NULL AND person_id IS NULL AND application_id IS NULL AND cap_minutes IS NULL)
) STRICT;

CREATE UNIQUE INDEX hours_account_once ON hours_account (advisory_programme_id, year, COALESCE(company_id, ''), COALESCE(person_id, ''), COALESCE(application_id, '')) WHERE forgotten_at IS NULL;

CREATE INDEX hours_account_by_company ON hours_account (company_id);

CREATE TABLE booking (
	id                    TEXT    NOT NULL PRIMARY KEY,
	advisory_programme_id TEXT    NOT NULL REFERENCES advisory_programme (id),
	account_id            TEXT    NOT NULL REFERENCES hours_account (id),
	adviser_id            TEXT    REFERENCES adviser (id), -- NULL: waits for anyone
	company_id            TEXT    REFERENCES company (id),
	application_id        TEXT    REFERENCES application (id),
	person_id             TEXT    REFERENCES person (id),  -- NULL: a call that was only logged, or one of long ago
	status                TEXT    NOT NULL CHECK (status IN ('requested', 'waiting', 'confirmed', 'declined', 'lapsed', 'cancelled', 'late_cancelled', 'missed', 'held', 'settled')),
	meeting               TEXT    NOT NULL CHECK (meeting IN ('online', 'phone', 'on_site')),
	starts_at             TEXT    CHECK (length(starts_at) = 20), -- NULL: waits for a time
	ends_at               TEXT    CHECK (length(ends_at) = 20),
	minutes               INTEGER  NOT NULL CHECK (minutes > 0),
	blocked_from          TEXT    CHECK (length(blocked_from) = 20), -- with buffer and travel: nothing else of the adviser's lies in it
	blocked_to            TEXT    CHECK (length(blocked_to) = 20),
	time_zone             TEXT    NOT NULL CHECK (time_zone IN ('Europe/Stockholm', 'Europe/Oslo')),
	municipality_country  TEXT,
	municipality_code     TEXT,
	place                 TEXT    NOT NULL DEFAULT '', -- address, when they meet somewhere
	join_url              TEXT    NOT NULL DEFAULT '', -- way in, when online
	phone                 TEXT    NOT NULL DEFAULT '', -- the number to ring
	language              TEXT    NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	need                  TEXT    NOT NULL DEFAULT '', -- only for the one who wrote it, the adviser and organisers
	procurement           TEXT    NOT NULL DEFAULT '', -- the ongoing procurement it is about, as written
	procurement_key       TEXT    NOT NULL DEFAULT '', -- folded: two that are alike are one
	authority             TEXT    NOT NULL DEFAULT '', -- who buys there, as written
	side                  TEXT    NOT NULL DEFAULT 'supplier' CHECK (side IN ('supplier', 'buyer')), -- of that procurement
	tender_day            TEXT    CHECK (length(tender_day) = 10),
	wishes                TEXT    NOT NULL DEFAULT '', -- when would suit, of one that waits for a time
	phase                 INTEGER, -- of the project, when it was held
	reschedules           INTEGER  NOT NULL DEFAULT 0,
	actual_minutes        INTEGER  CHECK (actual_minutes >= 0),  -- as entered, rounded
	charged_minutes       INTEGER  CHECK (charged_minutes >= 0), -- of the account: settled, or charged for a late or missed one
	over_minutes          INTEGER  CHECK (over_minutes >= 0),    -- beyond what the account and the pool had: no aid, not invoiced
	price_minor           INTEGER  NOT NULL DEFAULT 0 CHECK (price_minor >= 0), -- an hour, as it was when booked
	shared_note           TEXT    NOT NULL DEFAULT '', -- for the company too
	quick                 INTEGER NOT NULL DEFAULT FALSE, -- logged after the call, never booked
	confirmed_at          TEXT    CHECK (length(confirmed_at) = 20),
	ended_at              TEXT    CHECK (length(ended_at) = 20),
	end_reason            TEXT    NOT NULL DEFAULT '',
	settled_at            TEXT    CHECK (length(settled_at) = 20),
	chased_at             TEXT    CHECK (length(chased_at) = 20), -- the adviser was asked for the time
	calendar_uid          TEXT    NOT NULL UNIQUE,
	calendar_sequence     INTEGER  NOT NULL DEFAULT -1, -- of the newest invitation written; -1: none yet
	adviser_sequence      INTEGER  NOT NULL DEFAULT -1, -- the same, of the adviser's own
	created_at            TEXT    NOT NULL CHECK (length(created_at) = 20),
	changed_at            TEXT    NOT NULL CHECK (length(changed_at) = 20), requested_at TEXT CHECK (length(requested_at) = 20), organiser_told_at TEXT CHECK (length(organiser_told_at) = 20),
	CONSTRAINT booking_with_time CHECK (status IN ('waiting', 'declined', 'lapsed', 'cancelled') OR starts_at IS NOT NULL AND adviser_id IS NOT NULL),
	CONSTRAINT booking_times_together CHECK ((starts_at IS NULL) = (ends_at IS NULL) AND (starts_at IS NULL) = (blocked_from IS NULL) AND (starts_at IS NULL) = (blocked_to IS NULL)),
	CONSTRAINT booking_blocks_itself CHECK (starts_at < ends_at AND blocked_from <= starts_at AND ends_at <= blocked_to),
	CONSTRAINT booking_settled_has_minutes CHECK (status <> 'settled' OR actual_minutes IS NOT NULL AND charged_minutes IS NOT NULL AND settled_at IS NOT NULL),
	CONSTRAINT booking_of_somebody CHECK (person_id IS NOT NULL OR quick OR status NOT IN ('requested', 'waiting', 'confirmed', 'held'))
) STRICT;

CREATE INDEX booking_by_adviser ON booking (adviser_id, starts_at);

CREATE INDEX booking_by_account ON booking (account_id);

CREATE INDEX booking_by_company ON booking (company_id);

CREATE INDEX booking_by_person ON booking (person_id);

CREATE INDEX booking_by_programme ON booking (advisory_programme_id, status, starts_at);

CREATE INDEX booking_by_procurement ON booking (adviser_id, procurement_key) WHERE procurement_key <> '';

CREATE TRIGGER booking_one_adviser_once_new BEFORE INSERT ON booking WHEN new.status IN ('requested', 'confirmed', 'held') AND NOT new.quick
BEGIN
	SELECT RAISE(ABORT, 'the adviser is taken at that time') WHERE EXISTS (
		SELECT 1 FROM booking WHERE adviser_id = new.adviser_id AND id <> new.id AND status IN ('requested', 'confirmed', 'held') AND NOT quick
			AND blocked_from < new.blocked_to AND new.blocked_from < blocked_to);
END;

CREATE TRIGGER booking_one_adviser_once_moved BEFORE UPDATE OF status, adviser_id, blocked_from, blocked_to ON booking
WHEN new.status IN ('requested', 'confirmed', 'held') AND NOT new.quick
BEGIN
	SELECT RAISE(ABORT, 'the adviser is taken at that time') WHERE EXISTS (
		SELECT 1 FROM booking WHERE adviser_id = new.adviser_id AND id <> new.id AND status IN ('requested', 'confirmed', 'held') AND NOT quick
			AND blocked_from < new.blocked_to AND new.blocked_from < blocked_to);
END;

CREATE TABLE booking_answer (
	booking_id  TEXT NOT NULL REFERENCES booking (id),
	question_id TEXT NOT NULL REFERENCES intake_question (id),
	value       TEXT NOT NULL,
	PRIMARY KEY (booking_id, question_id)
) STRICT;

CREATE TABLE booking_note (
	booking_id TEXT NOT NULL PRIMARY KEY REFERENCES booking (id),
	private    TEXT NOT NULL,
	written_by TEXT NOT NULL DEFAULT '', -- the user
	changed_at TEXT NOT NULL CHECK (length(changed_at) = 20)
) STRICT;

CREATE TABLE booking_proposal (
	id           TEXT   NOT NULL PRIMARY KEY,
	booking_id   TEXT   NOT NULL REFERENCES booking (id),
	adviser_id   TEXT   NOT NULL REFERENCES adviser (id),
	status       TEXT   NOT NULL CHECK (status IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')),
	by_system    INTEGER NOT NULL DEFAULT FALSE, -- a time that came free, not one that the adviser named
	starts_at    TEXT   NOT NULL CHECK (length(starts_at) = 20),
	ends_at      TEXT   NOT NULL CHECK (length(ends_at) = 20),
	blocked_from TEXT   NOT NULL CHECK (length(blocked_from) = 20),
	blocked_to   TEXT   NOT NULL CHECK (length(blocked_to) = 20),
	expires_at   TEXT   NOT NULL CHECK (length(expires_at) = 20),
	created_at   TEXT   NOT NULL CHECK (length(created_at) = 20),
	done_at      TEXT   CHECK (length(done_at) = 20),
	CONSTRAINT proposal_done_is_dated CHECK ((status = 'open') = (done_at IS NULL)),
	CONSTRAINT proposal_ends_after_start CHECK (starts_at < ends_at AND blocked_from <= starts_at AND ends_at <= blocked_to)
) STRICT;

CREATE INDEX booking_proposal_by_booking ON booking_proposal (booking_id);

CREATE INDEX booking_proposal_by_adviser ON booking_proposal (adviser_id, starts_at) WHERE status = 'open';

CREATE TABLE hours_entry (
	id                    TEXT   NOT NULL PRIMARY KEY,
	account_id            TEXT   NOT NULL REFERENCES hours_account (id),
	advisory_programme_id TEXT   NOT NULL REFERENCES advisory_programme (id),
	booking_id            TEXT   REFERENCES booking (id),
	kind                  TEXT   NOT NULL CHECK (kind IN ('reserve', 'release', 'settle', 'charge', 'adjust', 'merge')),
	minutes               INTEGER NOT NULL,
	reason                TEXT   NOT NULL DEFAULT '',
	actor_kind            TEXT   NOT NULL CHECK (actor_kind IN ('person', 'user', 'token', 'system', 'command')),
	actor_id              TEXT   NOT NULL DEFAULT '',
	second_id             TEXT   NOT NULL DEFAULT '', -- the second user who agreed to a large adjustment
	at                    TEXT   NOT NULL CHECK (length(at) = 20),
	position              INTEGER NOT NULL, -- the order within an account
	CONSTRAINT hours_entry_signed CHECK (minutes >= 0 OR kind IN ('adjust', 'merge')),
	CONSTRAINT hours_entry_of_booking CHECK (kind IN ('adjust', 'merge') OR booking_id IS NOT NULL),
	CONSTRAINT hours_entry_adjust_says_why CHECK (kind <> 'adjust' OR length(reason) >= 10),
	CONSTRAINT hours_entry_second_pair_of_eyes CHECK (kind <> 'adjust' OR minutes BETWEEN -60 AND 60 OR second_id <> '' AND second_id <> actor_id),
	UNIQUE (account_id, position)
) STRICT;

CREATE INDEX hours_entry_by_booking ON hours_entry (booking_id);

CREATE INDEX hours_entry_by_programme ON hours_entry (advisory_programme_id, kind, minutes);

CREATE INDEX hours_entry_sum ON hours_entry (account_id, kind, minutes);

CREATE TRIGGER hours_entry_unchanged BEFORE UPDATE ON hours_entry
BEGIN
	SELECT RAISE(ABORT, 'entries of hours are only ever added');
END;

CREATE TRIGGER hours_entry_kept BEFORE DELETE ON hours_entry
BEGIN
	SELECT RAISE(ABORT, 'entries of hours are only ever added');
END;

CREATE TRIGGER hours_entry_of_its_programme BEFORE INSERT ON hours_entry
BEGIN
	SELECT RAISE(ABORT, 'the account is of another programme')
	WHERE new.advisory_programme_id <> (SELECT advisory_programme_id FROM hours_account WHERE id = new.account_id);
END;

CREATE TRIGGER hours_entry_released_once AFTER INSERT ON hours_entry WHEN new.kind = 'release'
BEGIN
	SELECT RAISE(ABORT, 'more hours released than reserved')
	WHERE (SELECT SUM(CASE kind WHEN 'reserve' THEN minutes WHEN 'release' THEN -minutes ELSE 0 END) FROM hours_entry WHERE booking_id = new.booking_id) < 0;
END;

CREATE TRIGGER hours_entry_within_cap AFTER INSERT ON hours_entry
WHEN new.kind IN ('reserve', 'settle', 'charge') OR new.kind = 'adjust' AND new.minutes > 0
BEGIN
	SELECT RAISE(ABORT, 'hours cap exceeded')
	WHERE (SELECT SUM(CASE kind WHEN 'release' THEN -minutes ELSE minutes END) FROM hours_entry WHERE account_id = new.account_id)
			> (SELECT cap_minutes FROM hours_account WHERE id = new.account_id)
		AND NOT EXISTS (SELECT 1 FROM hours_entry
			WHERE account_id = new.account_id AND position = new.position - 1 AND kind = 'release' AND booking_id = new.booking_id AND minutes >= new.minutes AND at = new.at);
END;

CREATE TRIGGER hours_entry_within_pool AFTER INSERT ON hours_entry
WHEN new.kind IN ('reserve', 'settle', 'charge') OR new.kind = 'adjust' AND new.minutes > 0
BEGIN
	SELECT RAISE(ABORT, 'hours pool exhausted')
	WHERE (SELECT SUM(CASE kind WHEN 'release' THEN -minutes ELSE minutes END) FROM hours_entry WHERE advisory_programme_id = new.advisory_programme_id)
			> (SELECT pool_minutes FROM advisory_programme WHERE id = new.advisory_programme_id);
END;

CREATE INDEX message_by_booking ON message (booking_id) WHERE booking_id IS NOT NULL;

CREATE TABLE aid_undertaking (
	id         TEXT   NOT NULL PRIMARY KEY,
	revision   INTEGER NOT NULL DEFAULT 0,
	created_at TEXT   NOT NULL CHECK (length(created_at) = 20)
) STRICT;

CREATE TABLE aid_recipient (
	id             TEXT NOT NULL PRIMARY KEY,
	undertaking_id TEXT NOT NULL REFERENCES aid_undertaking (id),
	company_id     TEXT UNIQUE REFERENCES company (id),
	person_id      TEXT UNIQUE REFERENCES person (id),
	name           TEXT NOT NULL DEFAULT '', -- of a person's firm
	number_sealed  BLOB,
	number_mac     TEXT NOT NULL DEFAULT '',
	created_at     TEXT NOT NULL CHECK (length(created_at) = 20),
	CONSTRAINT aid_recipient_is_one CHECK ((company_id IS NULL) <> (person_id IS NULL)),
	CONSTRAINT aid_recipient_number_is_known_by_hash CHECK ((number_sealed IS NULL) = (number_mac = ''))
) STRICT;

CREATE INDEX aid_recipient_by_undertaking ON aid_recipient (undertaking_id);

CREATE INDEX aid_recipient_by_number ON aid_recipient (number_mac) WHERE number_mac <> '';

CREATE TABLE aid_setting (
	advisory_programme_id TEXT    NOT NULL PRIMARY KEY REFERENCES advisory_programme (id),
	register_required     INTEGER NOT NULL DEFAULT TRUE,
	warn_percent          INTEGER  NOT NULL DEFAULT 80 CHECK (warn_percent BETWEEN 1 AND 100) -- of the ceiling, from which on organisers are warned
) STRICT;

CREATE TABLE aid_case (
	id                    TEXT   NOT NULL PRIMARY KEY,
	advisory_programme_id TEXT   NOT NULL REFERENCES advisory_programme (id),
	programme_id          TEXT   NOT NULL REFERENCES programme (id),
	recipient_id          TEXT   NOT NULL REFERENCES aid_recipient (id),
	person_id             TEXT   NOT NULL REFERENCES person (id), -- who acts, and gets the letters
	state                 TEXT   NOT NULL CHECK (state IN ('SE', 'NO')), -- that grants; the ceiling is one state's
	status                TEXT   NOT NULL CHECK (status IN ('declaration_asked', 'declared', 'checked', 'granted', 'refused', 'informed', 'to_register', 'registered', 'corrected', 'lapsed')),
	round                 INTEGER NOT NULL DEFAULT 1, -- a new grant after one that is used up is a new round
	minutes               INTEGER NOT NULL CHECK (minutes > 0), -- as planned
	market_minor          INTEGER NOT NULL CHECK (market_minor >= 0), -- an hour on the market
	price_minor           INTEGER NOT NULL CHECK (price_minor >= 0),  -- an hour as it is paid
	currency              TEXT   NOT NULL CHECK (currency IN ('SEK', 'NOK')),
	asked_at              TEXT   NOT NULL CHECK (length(asked_at) = 20),
	changed_at            TEXT   NOT NULL CHECK (length(changed_at) = 20),
	removed_on            TEXT   CHECK (length(removed_on) = 10), -- set by the job that is about to delete it
	UNIQUE (advisory_programme_id, recipient_id)
) STRICT;

CREATE INDEX aid_case_by_programme ON aid_case (programme_id, status, changed_at);

CREATE INDEX aid_case_by_recipient ON aid_case (recipient_id);

CREATE INDEX aid_case_by_person ON aid_case (person_id);

CREATE TABLE aid_step (
	id          TEXT   NOT NULL PRIMARY KEY,
	case_id     TEXT   NOT NULL REFERENCES aid_case (id),
	position    INTEGER NOT NULL,
	from_status TEXT   NOT NULL DEFAULT '',
	to_status   TEXT   NOT NULL,
	reason      TEXT   NOT NULL DEFAULT '',
	actor_kind  TEXT   NOT NULL CHECK (actor_kind IN ('person', 'user', 'token', 'system', 'command')),
	actor_id    TEXT   NOT NULL DEFAULT '',
	at          TEXT   NOT NULL CHECK (length(at) = 20),
	UNIQUE (case_id, position)
) STRICT;

CREATE TABLE aid_declaration (
	id                 TEXT    NOT NULL PRIMARY KEY,
	case_id            TEXT    NOT NULL REFERENCES aid_case (id),
	round              INTEGER  NOT NULL,
	position           INTEGER  NOT NULL,
	signer             TEXT    NOT NULL CHECK (signer <> ''),
	primary_production INTEGER NOT NULL, -- of fishery, aquaculture or agriculture: a person looks at it
	kept_apart         INTEGER NOT NULL DEFAULT FALSE, -- the advice is for other activity, with accounts of its own
	nace               TEXT    NOT NULL DEFAULT '', -- as it was declared
	person_id          TEXT    NOT NULL REFERENCES person (id),
	review             TEXT    NOT NULL DEFAULT '', -- what the organiser found when it had to be looked at
	declared_at        TEXT    NOT NULL CHECK (length(declared_at) = 20),
	checked_at         TEXT    CHECK (length(checked_at) = 20),
	UNIQUE (case_id, position)
) STRICT;

CREATE TABLE aid_other (
	id             TEXT   NOT NULL PRIMARY KEY,
	declaration_id TEXT   NOT NULL REFERENCES aid_declaration (id),
	position       INTEGER NOT NULL,
	giver          TEXT   NOT NULL CHECK (giver <> ''),
	granted_on     TEXT   NOT NULL CHECK (length(granted_on) = 10),
	amount_minor   INTEGER NOT NULL CHECK (amount_minor > 0),
	currency       TEXT   NOT NULL CHECK (currency IN ('SEK', 'NOK', 'EUR')),
	eur_cents      INTEGER CHECK (eur_cents >= 0), -- as checked; NULL: not yet
	same_award_id  TEXT   REFERENCES aid_award (id), -- it is one of our own, which is counted already
	UNIQUE (declaration_id, position)
) STRICT;

CREATE TABLE aid_linked (
	id             TEXT   NOT NULL PRIMARY KEY,
	declaration_id TEXT   NOT NULL REFERENCES aid_declaration (id),
	position       INTEGER NOT NULL,
	name           TEXT   NOT NULL CHECK (name <> ''),
	org_number     TEXT   NOT NULL DEFAULT '', -- digits, of the same country
	company_id     TEXT   REFERENCES company (id), -- once an organiser agrees
	UNIQUE (declaration_id, position)
) STRICT;

CREATE TABLE aid_decision (
	id              TEXT   NOT NULL PRIMARY KEY,
	case_id         TEXT   NOT NULL REFERENCES aid_case (id),
	declaration_id  TEXT   REFERENCES aid_declaration (id),
	outcome         TEXT   NOT NULL CHECK (outcome IN ('granted', 'refused')),
	number          TEXT   NOT NULL DEFAULT '', -- in the organiser's own register
	reason          TEXT   NOT NULL DEFAULT '',
	asked_minutes   INTEGER NOT NULL,
	granted_minutes INTEGER NOT NULL CHECK (granted_minutes >= 0),
	own_cents       INTEGER NOT NULL CHECK (own_cents >= 0),
	declared_cents  INTEGER NOT NULL CHECK (declared_cents >= 0),
	new_cents       INTEGER NOT NULL CHECK (new_cents >= 0),
	actor_kind      TEXT   NOT NULL CHECK (actor_kind IN ('user', 'token', 'command')), -- never by itself
	actor_id        TEXT   NOT NULL DEFAULT '',
	at              TEXT   NOT NULL CHECK (length(at) = 20),
	CONSTRAINT aid_decision_refused_says_why CHECK (outcome = 'granted' OR reason <> ''),
	CONSTRAINT aid_decision_granted_has_a_number CHECK (outcome = 'refused' OR number <> '' AND granted_minutes > 0)
) STRICT;

CREATE INDEX aid_decision_by_case ON aid_decision (case_id);

CREATE TABLE aid_award (
	id              TEXT   NOT NULL PRIMARY KEY,
	case_id         TEXT   NOT NULL REFERENCES aid_case (id),
	declaration_id  TEXT   NOT NULL REFERENCES aid_declaration (id),
	decision_id     TEXT   NOT NULL UNIQUE REFERENCES aid_decision (id),
	state           TEXT   NOT NULL CHECK (state IN ('SE', 'NO')),
	granted_on      TEXT   NOT NULL CHECK (length(granted_on) = 10),
	since           TEXT   NOT NULL CHECK (length(since) = 10), -- the first day of the three years that were added up
	minutes         INTEGER NOT NULL CHECK (minutes > 0),
	market_minor    INTEGER NOT NULL CHECK (market_minor >= 0),
	price_minor     INTEGER NOT NULL CHECK (price_minor >= 0),
	hour_minor      INTEGER NOT NULL CHECK (hour_minor >= 0), -- aid in an hour
	aid_minor       INTEGER NOT NULL CHECK (aid_minor >= 0),
	currency        TEXT   NOT NULL CHECK (currency IN ('SEK', 'NOK')),
	rate            INTEGER NOT NULL CHECK (rate > 0),
	rate_on         TEXT   NOT NULL CHECK (length(rate_on) = 10),
	rate_source     TEXT   NOT NULL CHECK (rate_source <> ''),
	eur_cents       INTEGER NOT NULL CHECK (eur_cents >= 0),
	nace            TEXT   NOT NULL CHECK (nace <> ''),
	at              TEXT   NOT NULL CHECK (length(at) = 20),
	CONSTRAINT aid_award_hour CHECK (hour_minor = CASE WHEN market_minor > price_minor THEN market_minor - price_minor ELSE 0 END),
	CONSTRAINT aid_award_amount CHECK (aid_minor = (minutes * hour_minor + 30) / 60),
	CONSTRAINT aid_award_euro CHECK (eur_cents = (aid_minor * 100000 + rate - 1) / rate)
) STRICT;

CREATE INDEX aid_award_by_case ON aid_award (case_id);

CREATE TABLE aid_correction (
	id         TEXT   NOT NULL PRIMARY KEY,
	award_id   TEXT   NOT NULL REFERENCES aid_award (id),
	position   INTEGER NOT NULL,
	minutes    INTEGER NOT NULL CHECK (minutes >= 0),
	aid_minor  INTEGER NOT NULL CHECK (aid_minor >= 0),
	eur_cents  INTEGER NOT NULL CHECK (eur_cents >= 0),
	reason     TEXT   NOT NULL CHECK (reason <> ''),
	actor_kind TEXT   NOT NULL CHECK (actor_kind IN ('person', 'user', 'token', 'system', 'command')),
	actor_id   TEXT   NOT NULL DEFAULT '',
	at         TEXT   NOT NULL CHECK (length(at) = 20),
	UNIQUE (award_id, position)
) STRICT;

CREATE TABLE aid_closing (
	award_id     TEXT   NOT NULL PRIMARY KEY REFERENCES aid_award (id),
	used_minutes INTEGER NOT NULL CHECK (used_minutes >= 0),
	at           TEXT   NOT NULL CHECK (length(at) = 20)
) STRICT;

CREATE TABLE aid_register (
	id            TEXT NOT NULL PRIMARY KEY,
	award_id      TEXT NOT NULL REFERENCES aid_award (id),
	correction_id TEXT UNIQUE REFERENCES aid_correction (id), -- NULL: the grant itself
	due_on        TEXT NOT NULL CHECK (length(due_on) = 10),
	registered_on TEXT CHECK (length(registered_on) = 10),
	reference     TEXT NOT NULL DEFAULT '',
	registered_by TEXT NOT NULL DEFAULT '', -- the user
	CONSTRAINT aid_register_says_where CHECK ((registered_on IS NULL) = (reference = ''))
) STRICT;

CREATE UNIQUE INDEX aid_register_once ON aid_register (award_id) WHERE correction_id IS NULL;

CREATE INDEX aid_register_open ON aid_register (due_on) WHERE registered_on IS NULL;

CREATE TABLE aid_record (
	id                TEXT   NOT NULL PRIMARY KEY, -- of the award or the correction
	award_id          TEXT   NOT NULL,
	corrects          TEXT   NOT NULL DEFAULT '', -- the award, of a correction
	case_id           TEXT   NOT NULL,
	programme_id      TEXT   NOT NULL,
	advisory_programme_id TEXT NOT NULL,
	programme         TEXT   NOT NULL,
	authority         TEXT   NOT NULL,
	authority_number  TEXT   NOT NULL,
	recipient         TEXT   NOT NULL,
	country           TEXT   NOT NULL,
	org_number        TEXT   NOT NULL DEFAULT '', -- empty: a person's firm, known by its pseudonym
	number_sealed     BLOB,
	pseudonym         TEXT   NOT NULL DEFAULT '',
	undertaking_id    TEXT   NOT NULL,
	legal_form        TEXT   NOT NULL DEFAULT '',
	size_class        TEXT   NOT NULL DEFAULT '',
	municipality_code TEXT   NOT NULL DEFAULT '',
	county_code       TEXT   NOT NULL DEFAULT '',
	nace              TEXT   NOT NULL,
	instrument        TEXT   NOT NULL,
	regulation        TEXT   NOT NULL,
	decision_number   TEXT   NOT NULL,
	declared_on       TEXT   NOT NULL CHECK (length(declared_on) = 10),
	granted_on        TEXT   NOT NULL CHECK (length(granted_on) = 10),
	minutes           INTEGER NOT NULL,
	used_minutes      INTEGER,
	aid_minor         INTEGER NOT NULL,
	currency          TEXT   NOT NULL,
	rate              INTEGER NOT NULL,
	rate_on           TEXT   NOT NULL,
	rate_source       TEXT   NOT NULL,
	eur_cents         INTEGER NOT NULL,
	register_due      TEXT   NOT NULL DEFAULT '', -- empty: it need not be registered
	registered_on     TEXT   NOT NULL DEFAULT '',
	register_ref      TEXT   NOT NULL DEFAULT '',
	kept_until        TEXT   NOT NULL CHECK (length(kept_until) = 10), -- the last day
	written_at        TEXT   NOT NULL CHECK (length(written_at) = 20),
	removed_on        TEXT   CHECK (length(removed_on) = 10)
) STRICT;

CREATE INDEX aid_record_by_programme ON aid_record (programme_id, granted_on);

CREATE INDEX aid_record_by_case ON aid_record (case_id);

CREATE INDEX aid_record_by_end ON aid_record (kept_until);

CREATE INDEX message_by_aid_case ON message (aid_case_id) WHERE aid_case_id IS NOT NULL;

CREATE TRIGGER aid_award_within_ceiling AFTER INSERT ON aid_award
BEGIN
	SELECT RAISE(ABORT, 'aid above the ceiling')
	WHERE COALESCE((
			SELECT SUM(COALESCE((SELECT MIN(k.eur_cents) FROM aid_correction k WHERE k.award_id = a.id), a.eur_cents))
			FROM aid_award a JOIN aid_case c ON c.id = a.case_id JOIN aid_recipient r ON r.id = c.recipient_id
			WHERE a.state = new.state AND a.granted_on >= new.since AND r.undertaking_id = (
				SELECT o.undertaking_id FROM aid_recipient o JOIN aid_case own ON own.recipient_id = o.id WHERE own.id = new.case_id)), 0)
		+ COALESCE((
			SELECT SUM(eur_cents) FROM aid_other
			WHERE declaration_id = new.declaration_id AND same_award_id IS NULL AND granted_on >= new.since), 0)
		> 30000000;
END;

CREATE TRIGGER aid_award_is_checked BEFORE INSERT ON aid_award
BEGIN
	SELECT RAISE(ABORT, 'aid is granted on a checked declaration') WHERE EXISTS (
		SELECT 1 FROM aid_declaration d WHERE d.id = new.declaration_id AND (d.case_id <> new.case_id OR d.checked_at IS NULL))
		OR EXISTS (SELECT 1 FROM aid_other WHERE declaration_id = new.declaration_id AND eur_cents IS NULL);
END;

CREATE TRIGGER aid_award_unchanged BEFORE UPDATE ON aid_award
BEGIN
	SELECT RAISE(ABORT, 'grants of aid are only ever corrected');
END;

CREATE TRIGGER aid_award_kept BEFORE DELETE ON aid_award WHEN (SELECT removed_on FROM aid_case WHERE id = old.case_id) IS NULL
BEGIN
	SELECT RAISE(ABORT, 'grants of aid are kept');
END;

CREATE TRIGGER aid_correction_is_lower BEFORE INSERT ON aid_correction
BEGIN
	SELECT RAISE(ABORT, 'a correction of aid is lower') WHERE EXISTS (
		SELECT 1 FROM aid_award a WHERE a.id = new.award_id AND (
			new.minutes >= COALESCE((SELECT MIN(minutes) FROM aid_correction WHERE award_id = a.id), a.minutes)
			OR new.aid_minor <> (new.minutes * a.hour_minor + 30) / 60
			OR new.eur_cents <> (new.aid_minor * 100000 + a.rate - 1) / a.rate));
END;

CREATE TRIGGER aid_correction_unchanged BEFORE UPDATE ON aid_correction
BEGIN
	SELECT RAISE(ABORT, 'corrections of aid are only ever added');
END;

CREATE TRIGGER aid_correction_kept BEFORE DELETE ON aid_correction
WHEN (SELECT c.removed_on FROM aid_case c JOIN aid_award a ON a.case_id = c.id WHERE a.id = old.award_id) IS NULL
BEGIN
	SELECT RAISE(ABORT, 'corrections of aid are kept');
END;

CREATE TRIGGER aid_decision_unchanged BEFORE UPDATE ON aid_decision
BEGIN
	SELECT RAISE(ABORT, 'decisions on aid are not changed');
END;

CREATE TRIGGER aid_decision_kept BEFORE DELETE ON aid_decision WHEN (SELECT removed_on FROM aid_case WHERE id = old.case_id) IS NULL
BEGIN
	SELECT RAISE(ABORT, 'decisions on aid are kept');
END;

CREATE TRIGGER aid_case_kept BEFORE DELETE ON aid_case WHEN old.removed_on IS NULL
BEGIN
	SELECT RAISE(ABORT, 'cases of aid are kept');
END;

CREATE TRIGGER aid_case_kept_as_long_as_its_record BEFORE UPDATE OF removed_on ON aid_case WHEN new.removed_on IS NOT NULL
BEGIN
	SELECT RAISE(ABORT, 'aid is kept for ten years')
	WHERE EXISTS (SELECT 1 FROM aid_record WHERE case_id = new.id AND kept_until >= new.removed_on);
END;

CREATE TRIGGER aid_record_unchanged BEFORE UPDATE ON aid_record
WHEN (new.id, new.award_id, new.corrects, new.case_id, new.recipient, new.country, new.org_number, new.authority, new.nace, new.instrument, new.granted_on, new.minutes, new.aid_minor, new.currency, new.rate, new.eur_cents, new.kept_until)
	IS NOT (old.id, old.award_id, old.corrects, old.case_id, old.recipient, old.country, old.org_number, old.authority, old.nace, old.instrument, old.granted_on, old.minutes, old.aid_minor, old.currency, old.rate, old.eur_cents, old.kept_until)
BEGIN
	SELECT RAISE(ABORT, 'records of aid are not changed');
END;

CREATE TRIGGER aid_record_kept BEFORE DELETE ON aid_record WHEN old.removed_on IS NULL OR old.removed_on <= old.kept_until
BEGIN
	SELECT RAISE(ABORT, 'records of aid are kept for ten years');
END;

CREATE TABLE application_scheme (
	advisory_programme_id TEXT   NOT NULL PRIMARY KEY REFERENCES advisory_programme (id),
	pot_minor    INTEGER NOT NULL CHECK (pot_minor >= 0),
	most_minor   INTEGER NOT NULL CHECK (most_minor > 0), -- a project
	currency     TEXT   NOT NULL CHECK (currency IN ('SEK', 'NOK')),
	minutes      INTEGER NOT NULL DEFAULT 2400 CHECK (minutes >= 0), -- of support to a project, unless the decision says otherwise
	part_percent INTEGER NOT NULL DEFAULT 75 CHECK (part_percent BETWEEN 0 AND 100), -- of what is granted, that may be paid before the final report
	opens_on     TEXT   CHECK (length(opens_on) = 10),  -- NULL: open since ever
	closes_on    TEXT   CHECK (length(closes_on) = 10), -- the last day; NULL: no last day
	appeal       TEXT   NOT NULL DEFAULT '', -- what decisions say of how to complain
	revision     INTEGER NOT NULL DEFAULT 1,  -- raised by whoever wants of the pot, and so waits for those before
	created_at   TEXT   NOT NULL CHECK (length(created_at) = 20),
	changed_at   TEXT   NOT NULL CHECK (length(changed_at) = 20),
	CONSTRAINT scheme_closes_after_opening CHECK (opens_on <= closes_on)
) STRICT;

CREATE INDEX application_by_status ON application (advisory_programme_id, status);

CREATE UNIQUE INDEX application_one_draft ON application (person_id, advisory_programme_id) WHERE status = 'draft';

CREATE TRIGGER application_steps BEFORE UPDATE OF status ON application WHEN old.status <> new.status
BEGIN
	SELECT RAISE(ABORT, 'no such step of an application') WHERE old.status || ' ' || new.status NOT IN (
		'draft submitted', 'submitted needs_info', 'needs_info submitted', 'submitted assessed', 'needs_info assessed', 'assessed needs_info',
		'assessed granted', 'assessed rejected', 'submitted withdrawn', 'needs_info withdrawn', 'assessed withdrawn',
		'granted running', 'running final_report', 'granted closed', 'running closed', 'final_report closed');
END;

CREATE TRIGGER application_kept BEFORE DELETE ON application WHEN old.status <> 'draft'
BEGIN
	SELECT RAISE(ABORT, 'only a draft may be deleted');
END;

CREATE TABLE application_ask (
	id             TEXT NOT NULL PRIMARY KEY,
	application_id TEXT NOT NULL REFERENCES application (id),
	question       TEXT NOT NULL CHECK (question <> ''),
	answer_by      TEXT NOT NULL CHECK (length(answer_by) = 10), -- the last day
	asked_by       TEXT NOT NULL, -- the user
	asked_at       TEXT NOT NULL CHECK (length(asked_at) = 20),
	answer         TEXT NOT NULL DEFAULT '',
	answered_by    TEXT NOT NULL DEFAULT '', -- the person
	ended_at       TEXT CHECK (length(ended_at) = 20), -- answered, or no longer asked
	CONSTRAINT ask_answer_is_dated CHECK (answer = '' OR ended_at IS NOT NULL)
) STRICT;

CREATE INDEX application_ask_by_application ON application_ask (application_id, asked_at);

CREATE UNIQUE INDEX application_ask_one_open ON application_ask (application_id) WHERE ended_at IS NULL;

CREATE TABLE application_note (
	id             TEXT   NOT NULL PRIMARY KEY,
	application_id TEXT   NOT NULL REFERENCES application (id),
	user_id        TEXT   NOT NULL REFERENCES user_account (id),
	points         INTEGER CHECK (points BETWEEN 0 AND 10),
	note           TEXT   NOT NULL DEFAULT '',
	written_at     TEXT   NOT NULL CHECK (length(written_at) = 20),
	CONSTRAINT note_says_something CHECK (note <> '' OR points IS NOT NULL)
) STRICT;

CREATE INDEX application_note_by_application ON application_note (application_id, written_at);

CREATE TABLE application_decision (
	application_id TEXT   NOT NULL PRIMARY KEY REFERENCES application (id),
	outcome        TEXT   NOT NULL CHECK (outcome IN ('granted', 'rejected')),
	minor          INTEGER NOT NULL DEFAULT 0 CHECK (minor >= 0),
	minutes        INTEGER NOT NULL DEFAULT 0 CHECK (minutes >= 0),
	currency       TEXT   NOT NULL CHECK (currency IN ('SEK', 'NOK')),
	reason         TEXT   NOT NULL DEFAULT '',
	appeal         TEXT   NOT NULL DEFAULT '', -- as the scheme said that day
	decided_by     TEXT   NOT NULL, -- the user
	decided_name   TEXT   NOT NULL DEFAULT '',
	decided_at     TEXT   NOT NULL CHECK (length(decided_at) = 20),
	CONSTRAINT decision_rejected_says_why CHECK (outcome <> 'rejected' OR reason <> '' AND minor = 0 AND minutes = 0)
) STRICT;

CREATE TRIGGER application_decision_unchanged BEFORE UPDATE ON application_decision
BEGIN
	SELECT RAISE(ABORT, 'a decision stays as it was made');
END;

CREATE TRIGGER application_decision_kept BEFORE DELETE ON application_decision
BEGIN
	SELECT RAISE(ABORT, 'a decision stays as it was made');
END;

CREATE TABLE pot_entry (
	id                    TEXT   NOT NULL PRIMARY KEY,
	advisory_programme_id TEXT   NOT NULL REFERENCES application_scheme (advisory_programme_id),
	application_id        TEXT   NOT NULL REFERENCES application (id),
	kind                  TEXT   NOT NULL CHECK (kind IN ('grant', 'return')),
	minor                 INTEGER NOT NULL CHECK (minor > 0),
	reason                TEXT   NOT NULL DEFAULT '',
	actor_kind            TEXT   NOT NULL CHECK (actor_kind IN ('person', 'user', 'token', 'system', 'command')),
	actor_id              TEXT   NOT NULL DEFAULT '',
	at                    TEXT   NOT NULL CHECK (length(at) = 20),
	position              INTEGER NOT NULL, -- the order within a pot
	UNIQUE (advisory_programme_id, position)
) STRICT;

CREATE INDEX pot_entry_by_application ON pot_entry (application_id, kind, minor);

CREATE UNIQUE INDEX pot_entry_one_grant ON pot_entry (application_id) WHERE kind = 'grant';

CREATE TABLE payout (
	id             TEXT   NOT NULL PRIMARY KEY,
	application_id TEXT   NOT NULL REFERENCES application (id),
	minor          INTEGER NOT NULL CHECK (minor > 0),
	status         TEXT   NOT NULL CHECK (status IN ('requested', 'paid', 'refused')),
	purpose        TEXT   NOT NULL DEFAULT '', -- what it is for, as asked
	reason         TEXT   NOT NULL DEFAULT '', -- of a refusal
	asked_kind     TEXT   NOT NULL CHECK (asked_kind IN ('person', 'user')),
	asked_by       TEXT   NOT NULL,
	asked_at       TEXT   NOT NULL CHECK (length(asked_at) = 20),
	done_by        TEXT   NOT NULL DEFAULT '',
	done_at        TEXT   CHECK (length(done_at) = 20),
	CONSTRAINT payout_done_is_dated CHECK ((status = 'requested') = (done_at IS NULL)),
	CONSTRAINT payout_refused_says_why CHECK (status <> 'refused' OR reason <> '')
) STRICT;

CREATE INDEX payout_by_application ON payout (application_id, status);

CREATE TRIGGER pot_entry_unchanged BEFORE UPDATE ON pot_entry
BEGIN
	SELECT RAISE(ABORT, 'entries of the pot are only ever added');
END;

CREATE TRIGGER pot_entry_kept BEFORE DELETE ON pot_entry
BEGIN
	SELECT RAISE(ABORT, 'entries of the pot are only ever added');
END;

CREATE TRIGGER pot_entry_of_its_programme BEFORE INSERT ON pot_entry
BEGIN
	SELECT RAISE(ABORT, 'the application is of another programme')
	WHERE new.advisory_programme_id <> (SELECT advisory_programme_id FROM application WHERE id = new.application_id);
END;

CREATE TRIGGER pot_entry_within_pot AFTER INSERT ON pot_entry WHEN new.kind = 'grant'
BEGIN
	SELECT RAISE(ABORT, 'more granted than a project may have')
	WHERE new.minor > (SELECT most_minor FROM application_scheme WHERE advisory_programme_id = new.advisory_programme_id);
	SELECT RAISE(ABORT, 'the pot is empty')
	WHERE (SELECT SUM(CASE kind WHEN 'grant' THEN minor ELSE -minor END) FROM pot_entry WHERE advisory_programme_id = new.advisory_programme_id)
		> (SELECT pot_minor FROM application_scheme WHERE advisory_programme_id = new.advisory_programme_id);
END;

CREATE TRIGGER pot_entry_returned_is_there AFTER INSERT ON pot_entry WHEN new.kind = 'return'
BEGIN
	SELECT RAISE(ABORT, 'more returned than is left of the grant')
	WHERE (SELECT SUM(CASE kind WHEN 'grant' THEN minor ELSE -minor END) FROM pot_entry WHERE application_id = new.application_id)
		< (SELECT COALESCE(SUM(minor), 0) FROM payout WHERE application_id = new.application_id AND status <> 'refused');
END;

CREATE TRIGGER scheme_pot_holds_what_is_granted BEFORE UPDATE OF pot_minor ON application_scheme
BEGIN
	SELECT RAISE(ABORT, 'the pot cannot be less than what is granted')
	WHERE new.pot_minor < (SELECT COALESCE(SUM(CASE kind WHEN 'grant' THEN minor ELSE -minor END), 0) FROM pot_entry WHERE advisory_programme_id = new.advisory_programme_id);
END;

CREATE TRIGGER payout_within_grant AFTER INSERT ON payout
BEGIN
	SELECT RAISE(ABORT, 'more paid out than granted')
	WHERE (SELECT SUM(minor) FROM payout WHERE application_id = new.application_id AND status <> 'refused')
		> (SELECT COALESCE(SUM(CASE kind WHEN 'grant' THEN minor ELSE -minor END), 0) FROM pot_entry WHERE application_id = new.application_id);
	SELECT RAISE(ABORT, 'more paid out than the part before the final report')
	WHERE (SELECT status FROM application WHERE id = new.application_id) NOT IN ('final_report', 'closed')
		AND (SELECT SUM(minor) FROM payout WHERE application_id = new.application_id AND status <> 'refused') * 100
		> (SELECT COALESCE(SUM(CASE e.kind WHEN 'grant' THEN e.minor ELSE -e.minor END), 0) * s.part_percent
			FROM pot_entry e JOIN application_scheme s ON s.advisory_programme_id = e.advisory_programme_id WHERE e.application_id = new.application_id);
END;

CREATE TRIGGER payout_answered_once BEFORE UPDATE ON payout WHEN old.status <> 'requested' OR new.minor <> old.minor OR new.application_id <> old.application_id
BEGIN
	SELECT RAISE(ABORT, 'a payout is answered once');
END;

CREATE INDEX message_by_application ON message (application_id) WHERE application_id IS NOT NULL;

CREATE TABLE booking_seen (
	booking_id TEXT  NOT NULL PRIMARY KEY REFERENCES booking (id),
	times      TEXT NOT NULL -- [[first start, last start], …] of times without a gap
) STRICT;

CREATE UNIQUE INDEX booking_proposal_accepted_once ON booking_proposal (booking_id) WHERE status = 'accepted';

CREATE UNIQUE INDEX booking_proposal_once ON booking_proposal (booking_id, adviser_id, starts_at) WHERE status = 'open';

CREATE INDEX booking_proposal_by_deadline ON booking_proposal (expires_at) WHERE status = 'open';

CREATE INDEX booking_waiting ON booking (tender_day, created_at) WHERE status = 'waiting';

CREATE TRIGGER booking_leaves_proposals_new BEFORE INSERT ON booking WHEN new.status IN ('requested', 'confirmed') AND NOT new.quick
BEGIN
	SELECT RAISE(ABORT, 'the time is proposed to somebody else') WHERE EXISTS (
		SELECT 1 FROM booking_proposal WHERE adviser_id = new.adviser_id AND booking_id <> new.id AND status = 'open' AND expires_at > new.changed_at
			AND blocked_from < new.blocked_to AND new.blocked_from < blocked_to);
END;

CREATE TRIGGER booking_leaves_proposals_moved BEFORE UPDATE OF status, adviser_id, blocked_from, blocked_to ON booking
WHEN new.status IN ('requested', 'confirmed') AND NOT new.quick
BEGIN
	SELECT RAISE(ABORT, 'the time is proposed to somebody else') WHERE EXISTS (
		SELECT 1 FROM booking_proposal WHERE adviser_id = new.adviser_id AND booking_id <> new.id AND status = 'open' AND expires_at > new.changed_at
			AND blocked_from < new.blocked_to AND new.blocked_from < blocked_to);
END;

CREATE TRIGGER booking_proposal_of_free_time BEFORE INSERT ON booking_proposal WHEN new.status = 'open'
BEGIN
	SELECT RAISE(ABORT, 'the adviser is taken at the time proposed') WHERE EXISTS (
		SELECT 1 FROM booking WHERE adviser_id = new.adviser_id AND id <> new.booking_id AND status IN ('requested', 'confirmed', 'held') AND NOT quick
			AND blocked_from < new.blocked_to AND new.blocked_from < blocked_to)
		OR EXISTS (
		SELECT 1 FROM booking_proposal WHERE adviser_id = new.adviser_id AND booking_id <> new.booking_id AND status = 'open' AND expires_at > new.created_at
			AND blocked_from < new.blocked_to AND new.blocked_from < blocked_to);
	SELECT RAISE(ABORT, 'five times are proposed already')
	WHERE (SELECT count(*) FROM booking_proposal WHERE booking_id = new.booking_id AND status = 'open' AND expires_at > new.created_at) >= 5;
END;

CREATE TABLE booking_link (
	token_hash TEXT NOT NULL PRIMARY KEY,
	booking_id TEXT NOT NULL REFERENCES booking (id),
	expires_at TEXT NOT NULL CHECK (length(expires_at) = 20),
	created_at TEXT NOT NULL CHECK (length(created_at) = 20)
) STRICT;

CREATE INDEX booking_link_by_booking ON booking_link (booking_id);

CREATE TABLE advice_told (
	advisory_programme_id TEXT NOT NULL REFERENCES advisory_programme (id),
	company_id            TEXT REFERENCES company (id),
	person_id             TEXT REFERENCES person (id),
	told_at               TEXT NOT NULL CHECK (length(told_at) = 20),
	CONSTRAINT advice_told_to_one CHECK ((company_id IS NULL) <> (person_id IS NULL))
) STRICT;

CREATE UNIQUE INDEX advice_told_once ON advice_told (advisory_programme_id, COALESCE(company_id, ''), COALESCE(person_id, ''));

CREATE TABLE hours_adjustment (
	id         TEXT   NOT NULL PRIMARY KEY,
	account_id TEXT   NOT NULL REFERENCES hours_account (id),
	booking_id TEXT   REFERENCES booking (id), -- of a correction of its minutes; NULL: of the account as such
	minutes    INTEGER NOT NULL CHECK (minutes <> 0),
	reason     TEXT   NOT NULL CHECK (length(reason) >= 10),
	status     TEXT   NOT NULL CHECK (status IN ('open', 'agreed', 'refused')),
	asked_by   TEXT   NOT NULL CHECK (asked_by <> ''), -- the user
	asked_at   TEXT   NOT NULL CHECK (length(asked_at) = 20),
	decided_by TEXT   NOT NULL DEFAULT '',
	decided_at TEXT   CHECK (length(decided_at) = 20),
	CONSTRAINT adjustment_decided_is_dated CHECK ((status = 'open') = (decided_at IS NULL)),
	CONSTRAINT adjustment_agreed_by_another CHECK (status <> 'agreed' OR decided_by <> '' AND decided_by <> asked_by)
) STRICT;

CREATE INDEX hours_adjustment_by_account ON hours_adjustment (account_id);

CREATE INDEX hours_adjustment_open ON hours_adjustment (account_id) WHERE status = 'open';

CREATE UNIQUE INDEX hours_adjustment_once ON hours_adjustment (booking_id) WHERE status = 'open' AND booking_id IS NOT NULL;

CREATE TABLE booking_call (
	booking_id   TEXT NOT NULL PRIMARY KEY REFERENCES booking (id),
	caller       TEXT NOT NULL DEFAULT '',
	organisation TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TRIGGER hours_cap_not_below_used BEFORE UPDATE OF cap_minutes ON hours_account
WHEN new.cap_minutes IS NOT NULL AND (old.cap_minutes IS NULL OR new.cap_minutes < old.cap_minutes)
BEGIN
	SELECT RAISE(ABORT, 'the cap is below what is used')
	WHERE (SELECT COALESCE(SUM(CASE kind WHEN 'release' THEN -minutes ELSE minutes END), 0) FROM hours_entry WHERE account_id = old.id) > new.cap_minutes;
END;

CREATE TRIGGER hours_pool_not_below_used BEFORE UPDATE OF pool_minutes ON advisory_programme
WHEN new.pool_minutes IS NOT NULL AND (old.pool_minutes IS NULL OR new.pool_minutes < old.pool_minutes)
BEGIN
	SELECT RAISE(ABORT, 'the pool is below what is used')
	WHERE (SELECT COALESCE(SUM(CASE kind WHEN 'release' THEN -minutes ELSE minutes END), 0) FROM hours_entry WHERE advisory_programme_id = old.id) > new.pool_minutes;
END;

CREATE TABLE company_invoice (
	company_id TEXT NOT NULL PRIMARY KEY REFERENCES company (id),
	address    TEXT NOT NULL DEFAULT '',
	reference  TEXT NOT NULL DEFAULT '',
	endpoint   TEXT NOT NULL DEFAULT '' -- for e-invoices: "0007:5566778899"
) STRICT;

CREATE INDEX contact_by_company ON contact (company_id);
