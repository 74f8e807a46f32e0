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
	created_at TEXT NOT NULL CHECK (length(created_at) = 20), sole_trader INTEGER NOT NULL DEFAULT FALSE, merged_into TEXT REFERENCES company (id),
	UNIQUE (country, org_number)
) STRICT;

CREATE TABLE contact (
	person_id  TEXT NOT NULL REFERENCES person (id),
	company_id TEXT NOT NULL REFERENCES company (id),
	status     TEXT NOT NULL CHECK (status IN ('claimed', 'confirmed')),
	created_at TEXT NOT NULL CHECK (length(created_at) = 20),
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
	done_at         TEXT    CHECK (length(done_at) = 20), mailing_id TEXT REFERENCES mailing (id), rule_id TEXT,
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
