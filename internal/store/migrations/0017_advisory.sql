-- Advice: its programmes, the advisers and when they are free, bookings, and the
-- ledger of hours. Whatever is scarce, an adviser's time, a company's hours, a
-- programme's pool, is decided in Go and held by a trigger behind it. Instants
-- are UTC, lengths whole minutes, money the smallest unit of its currency.
-- +goose Up

CREATE TABLE advisory_programme (
	id                  TEXT    NOT NULL PRIMARY KEY,
	programme_id        TEXT    NOT NULL REFERENCES programme (id),
	slug                TEXT    NOT NULL UNIQUE,
	status              TEXT    NOT NULL CHECK (status IN ('draft', 'open', 'closed')),
	language            TEXT    NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')), -- of its texts when the reader's is missing
	prerequisite        TEXT    NOT NULL CHECK (prerequisite IN ('none', 'attended', 'public_body', 'application', 'organiser')),
	prerequisite_kind   TEXT    CHECK (prerequisite_kind IN ('webinar', 'seminar', 'learning_seminar', 'dialogue', 'supplier_meeting', 'workshop', 'conference')),
	prerequisite_months BIGINT  CHECK (prerequisite_months BETWEEN 1 AND 120),
	cap_minutes         BIGINT  CHECK (cap_minutes > 0),  -- NULL: no limit
	cap_per             TEXT    NOT NULL CHECK (cap_per IN ('company', 'undertaking', 'project')),
	cap_period          TEXT    NOT NULL CHECK (cap_period IN ('programme', 'year')),
	pool_minutes        BIGINT  CHECK (pool_minutes > 0), -- NULL: no limit
	price_minor         BIGINT  NOT NULL CHECK (price_minor >= 0), -- an hour, without VAT
	currency            TEXT    NOT NULL CHECK (currency IN ('SEK', 'NOK')),
	vat_percent         BIGINT  NOT NULL CHECK (vat_percent IN (0, 25)),
	vat_reason          TEXT    NOT NULL DEFAULT '',
	step_minutes        BIGINT  NOT NULL CHECK (step_minutes BETWEEN 5 AND 120), -- between the times offered
	lead_minutes        BIGINT  NOT NULL CHECK (lead_minutes BETWEEN 0 AND 43200),
	free_cancel_minutes BIGINT  NOT NULL CHECK (free_cancel_minutes BETWEEN 0 AND 43200),
	horizon_days        BIGINT  NOT NULL DEFAULT 60 CHECK (horizon_days BETWEEN 1 AND 366),
	late_free           BIGINT  NOT NULL DEFAULT 1 CHECK (late_free >= 0),              -- late cancellations that cost nothing
	late_charge_minutes BIGINT  NOT NULL DEFAULT 30 CHECK (late_charge_minutes >= 0),   -- of those after
	missed_charge_minutes BIGINT NOT NULL DEFAULT 60 CHECK (missed_charge_minutes >= 0),
	max_reschedules     BIGINT  NOT NULL DEFAULT 2 CHECK (max_reschedules >= 0),
	settle_step_minutes BIGINT  NOT NULL DEFAULT 5 CHECK (settle_step_minutes BETWEEN 1 AND 60),
	aid_regime          TEXT    NOT NULL CHECK (aid_regime IN ('none', 'de_minimis')),
	aid_reason          TEXT    NOT NULL DEFAULT '', -- why it is no aid
	aid_market_minor    BIGINT  NOT NULL DEFAULT 0 CHECK (aid_market_minor >= 0), -- what an hour costs on the market, without VAT
	aid_source          TEXT    NOT NULL DEFAULT '', -- where that price is from
	quick_log           BOOLEAN NOT NULL DEFAULT FALSE, -- a helpline: calls are logged without a booking
	closes_on           TEXT    CHECK (length(closes_on) = 10), -- the last day of meetings; NULL: none set
	revision            BIGINT  NOT NULL DEFAULT 1, -- raised by every edit
	pool_revision       BIGINT  NOT NULL DEFAULT 0, -- raised by whoever wants of the pool, and so waits for those before
	created_at          TEXT    NOT NULL CHECK (length(created_at) = 20),
	changed_at          TEXT    NOT NULL CHECK (length(changed_at) = 20),
	CONSTRAINT advisory_attended_says_what CHECK ((prerequisite = 'attended') = (prerequisite_kind IS NOT NULL) AND (prerequisite = 'attended') = (prerequisite_months IS NOT NULL)),
	CONSTRAINT advisory_project_is_applied_for CHECK (cap_per <> 'project' OR prerequisite = 'application'),
	CONSTRAINT advisory_without_vat_says_why CHECK (vat_percent <> 0 OR vat_reason <> '' OR price_minor = 0),
	CONSTRAINT advisory_without_aid_says_why CHECK (aid_regime <> 'none' OR aid_reason <> ''),
	CONSTRAINT advisory_aid_has_a_price CHECK (aid_regime <> 'de_minimis' OR aid_market_minor > 0 AND aid_source <> '')
);
CREATE INDEX advisory_programme_by_programme ON advisory_programme (programme_id);

-- What the programme is called and says, in each language it is written in.
CREATE TABLE advisory_text (
	advisory_programme_id TEXT NOT NULL REFERENCES advisory_programme (id),
	language    TEXT NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	name        TEXT NOT NULL CHECK (name <> ''),
	summary     TEXT NOT NULL DEFAULT '',
	preparation TEXT NOT NULL DEFAULT '', -- what to have at hand, a line each; goes with the confirmation
	PRIMARY KEY (advisory_programme_id, language)
);

CREATE TABLE advisory_length (
	advisory_programme_id TEXT   NOT NULL REFERENCES advisory_programme (id),
	minutes               BIGINT NOT NULL CHECK (minutes BETWEEN 15 AND 480),
	PRIMARY KEY (advisory_programme_id, minutes)
);

CREATE TABLE advisory_meeting (
	advisory_programme_id TEXT NOT NULL REFERENCES advisory_programme (id),
	meeting               TEXT NOT NULL CHECK (meeting IN ('online', 'phone', 'on_site')),
	PRIMARY KEY (advisory_programme_id, meeting)
);

CREATE TABLE advisory_audience (
	advisory_programme_id TEXT   NOT NULL REFERENCES advisory_programme (id),
	position              BIGINT NOT NULL,
	audience              TEXT   NOT NULL CHECK (audience IN ('supplier_sme', 'supplier_large', 'startup', 'social_enterprise', 'industry_org', 'procurer', 'buyer', 'municipality', 'municipal_leader', 'business_developer', 'politician')),
	PRIMARY KEY (advisory_programme_id, audience)
);

-- The steps of a project that gets support, in order.
CREATE TABLE advisory_phase (
	advisory_programme_id TEXT   NOT NULL REFERENCES advisory_programme (id),
	position              BIGINT NOT NULL,
	name                  TEXT   NOT NULL CHECK (name <> ''),
	PRIMARY KEY (advisory_programme_id, position)
);

-- What is asked beside the need, which is always asked.
CREATE TABLE intake_question (
	id                    TEXT    NOT NULL PRIMARY KEY,
	advisory_programme_id TEXT    NOT NULL REFERENCES advisory_programme (id),
	position              BIGINT  NOT NULL,
	kind                  TEXT    NOT NULL CHECK (kind IN ('text', 'choice', 'yes_no')),
	label                 TEXT    NOT NULL CHECK (label <> ''),
	required              BOOLEAN NOT NULL DEFAULT FALSE,
	options               JSONB   NOT NULL DEFAULT '[]',
	removed               BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX intake_question_by_programme ON intake_question (advisory_programme_id, position);

-- Somebody who gives advice; name, address and sign-in are the user's.
CREATE TABLE adviser (
	id                     TEXT    NOT NULL PRIMARY KEY,
	user_id                TEXT    NOT NULL UNIQUE REFERENCES user_account (id),
	phone                  TEXT    NOT NULL DEFAULT '',
	about                  TEXT    NOT NULL DEFAULT '', -- what they know well, shown where a time is chosen
	country                TEXT    NOT NULL CHECK (country IN ('SE', 'NO')), -- whose public holidays are free
	time_zone              TEXT    NOT NULL CHECK (time_zone IN ('Europe/Stockholm', 'Europe/Oslo')),
	join_url               TEXT    NOT NULL DEFAULT '', -- the adviser's own room online
	office                 TEXT    NOT NULL DEFAULT '', -- where those come who do not have the adviser come to them; empty: the adviser travels
	buffer_before_minutes  BIGINT  NOT NULL DEFAULT 15 CHECK (buffer_before_minutes BETWEEN 0 AND 240),
	buffer_after_minutes   BIGINT  NOT NULL DEFAULT 15 CHECK (buffer_after_minutes BETWEEN 0 AND 240),
	travel_minutes         BIGINT  NOT NULL DEFAULT 60 CHECK (travel_minutes BETWEEN 0 AND 600), -- to a municipality without a time of its own
	max_per_day            BIGINT  CHECK (max_per_day >= 1), -- meetings; NULL: no limit
	holidays_off           BOOLEAN NOT NULL DEFAULT TRUE,
	stopped_at             TEXT    CHECK (length(stopped_at) = 20), -- takes no new bookings
	revision               BIGINT  NOT NULL DEFAULT 1, -- raised to wait for the adviser's time
	created_at             TEXT    NOT NULL CHECK (length(created_at) = 20)
);

CREATE TABLE adviser_programme (
	adviser_id            TEXT NOT NULL REFERENCES adviser (id),
	advisory_programme_id TEXT NOT NULL REFERENCES advisory_programme (id),
	PRIMARY KEY (advisory_programme_id, adviser_id)
);
CREATE INDEX adviser_programme_by_adviser ON adviser_programme (adviser_id);

CREATE TABLE adviser_travel (
	adviser_id           TEXT   NOT NULL REFERENCES adviser (id),
	municipality_country TEXT   NOT NULL,
	municipality_code    TEXT   NOT NULL,
	minutes              BIGINT NOT NULL CHECK (minutes BETWEEN 0 AND 600),
	PRIMARY KEY (adviser_id, municipality_country, municipality_code)
);

-- A window of the week on the adviser's local clock; 24:00 is the end of the day.
CREATE TABLE availability (
	id         TEXT   NOT NULL PRIMARY KEY,
	adviser_id TEXT   NOT NULL REFERENCES adviser (id),
	weekday    BIGINT NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- Monday is 1 (ISO 8601)
	from_clock TEXT   NOT NULL CHECK (length(from_clock) = 5 AND from_clock BETWEEN '00:00' AND '23:59'),
	to_clock   TEXT   NOT NULL CHECK (length(to_clock) = 5 AND to_clock BETWEEN '00:01' AND '24:00'),
	CONSTRAINT availability_ends_after_start CHECK (from_clock < to_clock)
);
CREATE INDEX availability_by_adviser ON availability (adviser_id);

-- One day, or hours of it, that differ: free though the week says no, or not
-- free though it says yes. Without hours the whole day is meant.
CREATE TABLE availability_exception (
	id         TEXT    NOT NULL PRIMARY KEY,
	adviser_id TEXT    NOT NULL REFERENCES adviser (id),
	date       TEXT    NOT NULL CHECK (length(date) = 10),
	from_clock TEXT    CHECK (length(from_clock) = 5 AND from_clock BETWEEN '00:00' AND '23:59'),
	to_clock   TEXT    CHECK (length(to_clock) = 5 AND to_clock BETWEEN '00:01' AND '24:00'),
	available  BOOLEAN NOT NULL,
	note       TEXT    NOT NULL DEFAULT '',
	CONSTRAINT exception_has_both_hours CHECK ((from_clock IS NULL) = (to_clock IS NULL)),
	CONSTRAINT exception_ends_after_start CHECK (from_clock < to_clock),
	CONSTRAINT exception_free_says_when CHECK (NOT available OR from_clock IS NOT NULL)
);
CREATE INDEX availability_exception_by_adviser ON availability_exception (adviser_id, date);

-- An adviser's other calendar, of which only the busy times are kept.
CREATE TABLE busy_calendar (
	adviser_id  TEXT NOT NULL PRIMARY KEY REFERENCES adviser (id),
	url         TEXT NOT NULL, -- secret: shown to nobody, not even whole to the adviser
	fetched_at  TEXT CHECK (length(fetched_at) = 20),  -- the last time it was read; NULL: never
	tried_at    TEXT CHECK (length(tried_at) = 20),
	fault       TEXT NOT NULL DEFAULT '',              -- a code of ours for why the last try failed
	fault_since TEXT CHECK (length(fault_since) = 20)
);

CREATE TABLE busy_time (
	adviser_id TEXT NOT NULL REFERENCES adviser (id),
	starts_at  TEXT NOT NULL CHECK (length(starts_at) = 20),
	ends_at    TEXT NOT NULL CHECK (length(ends_at) = 20),
	CONSTRAINT busy_ends_after_start CHECK (starts_at < ends_at)
);
CREATE INDEX busy_time_by_adviser ON busy_time (adviser_id, starts_at);

-- A project that asks for support from a common pot.
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
	budget_minor          BIGINT CHECK (budget_minor >= 0),
	own_share_minor       BIGINT CHECK (own_share_minor >= 0),
	asked_minor           BIGINT CHECK (asked_minor >= 0),
	granted_minor         BIGINT CHECK (granted_minor >= 0),
	granted_minutes       BIGINT CHECK (granted_minutes >= 0), -- hours of support, in minutes
	support               TEXT   NOT NULL DEFAULT '', -- what help is wanted
	phase                 BIGINT, -- position in advisory_phase
	revision              BIGINT NOT NULL DEFAULT 1,
	created_at            TEXT   NOT NULL CHECK (length(created_at) = 20),
	submitted_at          TEXT   CHECK (length(submitted_at) = 20),
	decided_at            TEXT   CHECK (length(decided_at) = 20),
	changed_at            TEXT   NOT NULL CHECK (length(changed_at) = 20),
	UNIQUE (advisory_programme_id, number)
);
CREATE INDEX application_by_person ON application (person_id);
CREATE INDEX application_by_company ON application (company_id);

-- Whose hours: a company's, those of a person without one, or a project's; in a
-- programme whose cap is for a year, one account a year.
CREATE TABLE hours_account (
	id                    TEXT   NOT NULL PRIMARY KEY,
	advisory_programme_id TEXT   NOT NULL REFERENCES advisory_programme (id),
	company_id            TEXT   REFERENCES company (id),
	person_id             TEXT   REFERENCES person (id),
	application_id        TEXT   REFERENCES application (id),
	year                  BIGINT NOT NULL DEFAULT 0, -- 0: the whole programme
	cap_minutes           BIGINT CHECK (cap_minutes >= 0), -- NULL: no limit; the programme's, or what a project was granted
	revision              BIGINT NOT NULL DEFAULT 0,       -- raised by whoever wants of its hours, and so waits for those before
	created_at            TEXT   NOT NULL CHECK (length(created_at) = 20),
	forgotten_at          TEXT   CHECK (length(forgotten_at) = 20), -- whose it was is erased; the hours stay
	-- of nobody: the calls to a helpline from organisations that are not known
	CONSTRAINT hours_account_of_one CHECK ((company_id IS NOT NULL) + (person_id IS NOT NULL) + (application_id IS NOT NULL) = 1
		OR company_id IS NULL AND person_id IS NULL AND application_id IS NULL AND cap_minutes IS NULL)
);
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
	minutes               BIGINT  NOT NULL CHECK (minutes > 0),
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
	phase                 BIGINT, -- of the project, when it was held
	reschedules           BIGINT  NOT NULL DEFAULT 0,
	actual_minutes        BIGINT  CHECK (actual_minutes >= 0),  -- as entered, rounded
	charged_minutes       BIGINT  CHECK (charged_minutes >= 0), -- of the account: settled, or charged for a late or missed one
	over_minutes          BIGINT  CHECK (over_minutes >= 0),    -- beyond what the account and the pool had: no aid, not invoiced
	price_minor           BIGINT  NOT NULL DEFAULT 0 CHECK (price_minor >= 0), -- an hour, as it was when booked
	shared_note           TEXT    NOT NULL DEFAULT '', -- for the company too
	quick                 BOOLEAN NOT NULL DEFAULT FALSE, -- logged after the call, never booked
	confirmed_at          TEXT    CHECK (length(confirmed_at) = 20),
	ended_at              TEXT    CHECK (length(ended_at) = 20),
	end_reason            TEXT    NOT NULL DEFAULT '',
	settled_at            TEXT    CHECK (length(settled_at) = 20),
	chased_at             TEXT    CHECK (length(chased_at) = 20), -- the adviser was asked for the time
	calendar_uid          TEXT    NOT NULL UNIQUE,
	calendar_sequence     BIGINT  NOT NULL DEFAULT -1, -- of the newest invitation written; -1: none yet
	adviser_sequence      BIGINT  NOT NULL DEFAULT -1, -- the same, of the adviser's own
	created_at            TEXT    NOT NULL CHECK (length(created_at) = 20),
	changed_at            TEXT    NOT NULL CHECK (length(changed_at) = 20),
	CONSTRAINT booking_with_time CHECK (status IN ('waiting', 'declined', 'lapsed', 'cancelled') OR starts_at IS NOT NULL AND adviser_id IS NOT NULL),
	CONSTRAINT booking_times_together CHECK ((starts_at IS NULL) = (ends_at IS NULL) AND (starts_at IS NULL) = (blocked_from IS NULL) AND (starts_at IS NULL) = (blocked_to IS NULL)),
	CONSTRAINT booking_blocks_itself CHECK (starts_at < ends_at AND blocked_from <= starts_at AND ends_at <= blocked_to),
	CONSTRAINT booking_settled_has_minutes CHECK (status <> 'settled' OR actual_minutes IS NOT NULL AND charged_minutes IS NOT NULL AND settled_at IS NOT NULL),
	CONSTRAINT booking_of_somebody CHECK (person_id IS NOT NULL OR quick OR status NOT IN ('requested', 'waiting', 'confirmed', 'held'))
);
CREATE INDEX booking_by_adviser ON booking (adviser_id, starts_at);
CREATE INDEX booking_by_account ON booking (account_id);
CREATE INDEX booking_by_company ON booking (company_id);
CREATE INDEX booking_by_person ON booking (person_id);
CREATE INDEX booking_by_programme ON booking (advisory_programme_id, status, starts_at);
CREATE INDEX booking_by_procurement ON booking (adviser_id, procurement_key) WHERE procurement_key <> '';

-- +goose StatementBegin
CREATE TRIGGER booking_one_adviser_once_new BEFORE INSERT ON booking WHEN new.status IN ('requested', 'confirmed', 'held') AND NOT new.quick
BEGIN
	SELECT RAISE(ABORT, 'the adviser is taken at that time') WHERE EXISTS (
		SELECT 1 FROM booking WHERE adviser_id = new.adviser_id AND id <> new.id AND status IN ('requested', 'confirmed', 'held') AND NOT quick
			AND blocked_from < new.blocked_to AND new.blocked_from < blocked_to);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER booking_one_adviser_once_moved BEFORE UPDATE OF status, adviser_id, blocked_from, blocked_to ON booking
WHEN new.status IN ('requested', 'confirmed', 'held') AND NOT new.quick
BEGIN
	SELECT RAISE(ABORT, 'the adviser is taken at that time') WHERE EXISTS (
		SELECT 1 FROM booking WHERE adviser_id = new.adviser_id AND id <> new.id AND status IN ('requested', 'confirmed', 'held') AND NOT quick
			AND blocked_from < new.blocked_to AND new.blocked_from < blocked_to);
END;
-- +goose StatementEnd

CREATE TABLE booking_answer (
	booking_id  TEXT NOT NULL REFERENCES booking (id),
	question_id TEXT NOT NULL REFERENCES intake_question (id),
	value       TEXT NOT NULL,
	PRIMARY KEY (booking_id, question_id)
);

-- What the adviser notes for colleagues, apart from what the company sees.
CREATE TABLE booking_note (
	booking_id TEXT NOT NULL PRIMARY KEY REFERENCES booking (id),
	private    TEXT NOT NULL,
	written_by TEXT NOT NULL DEFAULT '', -- the user
	changed_at TEXT NOT NULL CHECK (length(changed_at) = 20)
);

-- A time held for one who waits, until it is answered or its clock has run out.
CREATE TABLE booking_proposal (
	id           TEXT   NOT NULL PRIMARY KEY,
	booking_id   TEXT   NOT NULL REFERENCES booking (id),
	adviser_id   TEXT   NOT NULL REFERENCES adviser (id),
	status       TEXT   NOT NULL CHECK (status IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')),
	by_system    BOOLEAN NOT NULL DEFAULT FALSE, -- a time that came free, not one that the adviser named
	starts_at    TEXT   NOT NULL CHECK (length(starts_at) = 20),
	ends_at      TEXT   NOT NULL CHECK (length(ends_at) = 20),
	blocked_from TEXT   NOT NULL CHECK (length(blocked_from) = 20),
	blocked_to   TEXT   NOT NULL CHECK (length(blocked_to) = 20),
	expires_at   TEXT   NOT NULL CHECK (length(expires_at) = 20),
	created_at   TEXT   NOT NULL CHECK (length(created_at) = 20),
	done_at      TEXT   CHECK (length(done_at) = 20),
	CONSTRAINT proposal_done_is_dated CHECK ((status = 'open') = (done_at IS NULL)),
	CONSTRAINT proposal_ends_after_start CHECK (starts_at < ends_at AND blocked_from <= starts_at AND ends_at <= blocked_to)
);
CREATE INDEX booking_proposal_by_booking ON booking_proposal (booking_id);
CREATE INDEX booking_proposal_by_adviser ON booking_proposal (adviser_id, starts_at) WHERE status = 'open';

-- The ledger of hours. reserved = Σ reserve − Σ release; used = Σ settle + charge
-- + adjust + merge; nothing is ever changed or taken out.
CREATE TABLE hours_entry (
	id                    TEXT   NOT NULL PRIMARY KEY,
	account_id            TEXT   NOT NULL REFERENCES hours_account (id),
	advisory_programme_id TEXT   NOT NULL REFERENCES advisory_programme (id),
	booking_id            TEXT   REFERENCES booking (id),
	kind                  TEXT   NOT NULL CHECK (kind IN ('reserve', 'release', 'settle', 'charge', 'adjust', 'merge')),
	minutes               BIGINT NOT NULL,
	reason                TEXT   NOT NULL DEFAULT '',
	actor_kind            TEXT   NOT NULL CHECK (actor_kind IN ('person', 'user', 'token', 'system', 'command')),
	actor_id              TEXT   NOT NULL DEFAULT '',
	second_id             TEXT   NOT NULL DEFAULT '', -- the second user who agreed to a large adjustment
	at                    TEXT   NOT NULL CHECK (length(at) = 20),
	position              BIGINT NOT NULL, -- the order within an account
	CONSTRAINT hours_entry_signed CHECK (minutes >= 0 OR kind IN ('adjust', 'merge')),
	CONSTRAINT hours_entry_of_booking CHECK (kind IN ('adjust', 'merge') OR booking_id IS NOT NULL),
	CONSTRAINT hours_entry_adjust_says_why CHECK (kind <> 'adjust' OR length(reason) >= 10),
	CONSTRAINT hours_entry_second_pair_of_eyes CHECK (kind <> 'adjust' OR minutes BETWEEN -60 AND 60 OR second_id <> '' AND second_id <> actor_id),
	UNIQUE (account_id, position)
);
CREATE INDEX hours_entry_by_booking ON hours_entry (booking_id);
CREATE INDEX hours_entry_by_programme ON hours_entry (advisory_programme_id, kind, minutes);
CREATE INDEX hours_entry_sum ON hours_entry (account_id, kind, minutes);

-- +goose StatementBegin
CREATE TRIGGER hours_entry_unchanged BEFORE UPDATE ON hours_entry
BEGIN
	SELECT RAISE(ABORT, 'entries of hours are only ever added');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER hours_entry_kept BEFORE DELETE ON hours_entry
BEGIN
	SELECT RAISE(ABORT, 'entries of hours are only ever added');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER hours_entry_of_its_programme BEFORE INSERT ON hours_entry
BEGIN
	SELECT RAISE(ABORT, 'the account is of another programme')
	WHERE new.advisory_programme_id <> (SELECT advisory_programme_id FROM hours_account WHERE id = new.account_id);
END;
-- +goose StatementEnd
-- No more is released than was reserved, for each booking.
-- +goose StatementBegin
CREATE TRIGGER hours_entry_released_once AFTER INSERT ON hours_entry WHEN new.kind = 'release'
BEGIN
	SELECT RAISE(ABORT, 'more hours released than reserved')
	WHERE (SELECT SUM(CASE kind WHEN 'reserve' THEN minutes WHEN 'release' THEN -minutes ELSE 0 END) FROM hours_entry WHERE booking_id = new.booking_id) < 0;
END;
-- +goose StatementEnd
-- The last line behind the cap. Whatever takes hours must leave the account within
-- its cap. A merge of two companies may pass it; then a booking may still take again,
-- use or be charged what it has released just before, so that the sum does not rise.
-- +goose StatementBegin
CREATE TRIGGER hours_entry_within_cap AFTER INSERT ON hours_entry
WHEN new.kind IN ('reserve', 'settle', 'charge') OR new.kind = 'adjust' AND new.minutes > 0
BEGIN
	SELECT RAISE(ABORT, 'hours cap exceeded')
	WHERE (SELECT SUM(CASE kind WHEN 'release' THEN -minutes ELSE minutes END) FROM hours_entry WHERE account_id = new.account_id)
			> (SELECT cap_minutes FROM hours_account WHERE id = new.account_id)
		AND NOT EXISTS (SELECT 1 FROM hours_entry
			WHERE account_id = new.account_id AND position = new.position - 1 AND kind = 'release' AND booking_id = new.booking_id AND minutes >= new.minutes AND at = new.at);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER hours_entry_within_pool AFTER INSERT ON hours_entry
WHEN new.kind IN ('reserve', 'settle', 'charge') OR new.kind = 'adjust' AND new.minutes > 0
BEGIN
	SELECT RAISE(ABORT, 'hours pool exhausted')
	WHERE (SELECT SUM(CASE kind WHEN 'release' THEN -minutes ELSE minutes END) FROM hours_entry WHERE advisory_programme_id = new.advisory_programme_id)
			> (SELECT pool_minutes FROM advisory_programme WHERE id = new.advisory_programme_id);
END;
-- +goose StatementEnd

ALTER TABLE company ADD COLUMN public_body BOOLEAN; -- NULL: nobody has said; see company.PublicBody
ALTER TABLE message ADD COLUMN booking_id TEXT REFERENCES booking (id);
CREATE INDEX message_by_booking ON message (booking_id) WHERE booking_id IS NOT NULL;
