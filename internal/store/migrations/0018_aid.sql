-- State aid: hours of advice below the market's price are de minimis aid under
-- Regulation (EU) 2023/2831. Who gets it, what was declared, what was decided, what
-- is to be registered, and what is kept for ten years. Money is the smallest unit of
-- its currency, a rate is national units for a euro times 100 000, days are those of
-- the programme's own calendar.
-- +goose Up

-- Companies that count as one: 300 000 euro in three years are for all of them
-- together. Whoever grants raises the revision, and so waits for those before.
CREATE TABLE aid_undertaking (
	id         TEXT   NOT NULL PRIMARY KEY,
	revision   BIGINT NOT NULL DEFAULT 0,
	created_at TEXT   NOT NULL CHECK (length(created_at) = 20)
);

-- Who gets aid: a company, or a person whose firm has no number but their own.
-- That number is never stored in the clear: sealed with a key outside the database,
-- and with a keyed hash by which two that are the same are known.
CREATE TABLE aid_recipient (
	id             TEXT NOT NULL PRIMARY KEY,
	undertaking_id TEXT NOT NULL REFERENCES aid_undertaking (id),
	company_id     TEXT UNIQUE REFERENCES company (id),
	person_id      TEXT UNIQUE REFERENCES person (id),
	name           TEXT NOT NULL DEFAULT '', -- of a person's firm
	number_sealed  BYTEA,
	number_mac     TEXT NOT NULL DEFAULT '',
	created_at     TEXT NOT NULL CHECK (length(created_at) = 20),
	CONSTRAINT aid_recipient_is_one CHECK ((company_id IS NULL) <> (person_id IS NULL)),
	CONSTRAINT aid_recipient_number_is_known_by_hash CHECK ((number_sealed IS NULL) = (number_mac = ''))
);
CREATE INDEX aid_recipient_by_undertaking ON aid_recipient (undertaking_id);
CREATE INDEX aid_recipient_by_number ON aid_recipient (number_mac) WHERE number_mac <> '';

CREATE TABLE aid_setting (
	advisory_programme_id TEXT    NOT NULL PRIMARY KEY REFERENCES advisory_programme (id),
	register_required     BOOLEAN NOT NULL DEFAULT TRUE,
	warn_percent          BIGINT  NOT NULL DEFAULT 80 CHECK (warn_percent BETWEEN 1 AND 100) -- of the ceiling, from which on organisers are warned
);

CREATE TABLE aid_case (
	id                    TEXT   NOT NULL PRIMARY KEY,
	advisory_programme_id TEXT   NOT NULL REFERENCES advisory_programme (id),
	programme_id          TEXT   NOT NULL REFERENCES programme (id),
	recipient_id          TEXT   NOT NULL REFERENCES aid_recipient (id),
	person_id             TEXT   NOT NULL REFERENCES person (id), -- who acts, and gets the letters
	state                 TEXT   NOT NULL CHECK (state IN ('SE', 'NO')), -- that grants; the ceiling is one state's
	status                TEXT   NOT NULL CHECK (status IN ('declaration_asked', 'declared', 'checked', 'granted', 'refused', 'informed', 'to_register', 'registered', 'corrected', 'lapsed')),
	round                 BIGINT NOT NULL DEFAULT 1, -- a new grant after one that is used up is a new round
	minutes               BIGINT NOT NULL CHECK (minutes > 0), -- as planned
	market_minor          BIGINT NOT NULL CHECK (market_minor >= 0), -- an hour on the market
	price_minor           BIGINT NOT NULL CHECK (price_minor >= 0),  -- an hour as it is paid
	currency              TEXT   NOT NULL CHECK (currency IN ('SEK', 'NOK')),
	asked_at              TEXT   NOT NULL CHECK (length(asked_at) = 20),
	changed_at            TEXT   NOT NULL CHECK (length(changed_at) = 20),
	removed_on            TEXT   CHECK (length(removed_on) = 10), -- set by the job that is about to delete it
	UNIQUE (advisory_programme_id, recipient_id)
);
CREATE INDEX aid_case_by_programme ON aid_case (programme_id, status, changed_at);
CREATE INDEX aid_case_by_recipient ON aid_case (recipient_id);
CREATE INDEX aid_case_by_person ON aid_case (person_id);

CREATE TABLE aid_step (
	id          TEXT   NOT NULL PRIMARY KEY,
	case_id     TEXT   NOT NULL REFERENCES aid_case (id),
	position    BIGINT NOT NULL,
	from_status TEXT   NOT NULL DEFAULT '',
	to_status   TEXT   NOT NULL,
	reason      TEXT   NOT NULL DEFAULT '',
	actor_kind  TEXT   NOT NULL CHECK (actor_kind IN ('person', 'user', 'token', 'system', 'command')),
	actor_id    TEXT   NOT NULL DEFAULT '',
	at          TEXT   NOT NULL CHECK (length(at) = 20),
	UNIQUE (case_id, position)
);

-- What a company declares before it gets anything. The newest of a case counts.
CREATE TABLE aid_declaration (
	id                 TEXT    NOT NULL PRIMARY KEY,
	case_id            TEXT    NOT NULL REFERENCES aid_case (id),
	round              BIGINT  NOT NULL,
	position           BIGINT  NOT NULL,
	signer             TEXT    NOT NULL CHECK (signer <> ''),
	primary_production BOOLEAN NOT NULL, -- of fishery, aquaculture or agriculture: a person looks at it
	kept_apart         BOOLEAN NOT NULL DEFAULT FALSE, -- the advice is for other activity, with accounts of its own
	nace               TEXT    NOT NULL DEFAULT '', -- as it was declared
	person_id          TEXT    NOT NULL REFERENCES person (id),
	review             TEXT    NOT NULL DEFAULT '', -- what the organiser found when it had to be looked at
	declared_at        TEXT    NOT NULL CHECK (length(declared_at) = 20),
	checked_at         TEXT    CHECK (length(checked_at) = 20),
	UNIQUE (case_id, position)
);

-- Other de minimis aid that the company says it has.
CREATE TABLE aid_other (
	id             TEXT   NOT NULL PRIMARY KEY,
	declaration_id TEXT   NOT NULL REFERENCES aid_declaration (id),
	position       BIGINT NOT NULL,
	giver          TEXT   NOT NULL CHECK (giver <> ''),
	granted_on     TEXT   NOT NULL CHECK (length(granted_on) = 10),
	amount_minor   BIGINT NOT NULL CHECK (amount_minor > 0),
	currency       TEXT   NOT NULL CHECK (currency IN ('SEK', 'NOK', 'EUR')),
	eur_cents      BIGINT CHECK (eur_cents >= 0), -- as checked; NULL: not yet
	same_award_id  TEXT   REFERENCES aid_award (id), -- it is one of our own, which is counted already
	UNIQUE (declaration_id, position)
);

-- Companies that it says it is one undertaking with.
CREATE TABLE aid_linked (
	id             TEXT   NOT NULL PRIMARY KEY,
	declaration_id TEXT   NOT NULL REFERENCES aid_declaration (id),
	position       BIGINT NOT NULL,
	name           TEXT   NOT NULL CHECK (name <> ''),
	org_number     TEXT   NOT NULL DEFAULT '', -- digits, of the same country
	company_id     TEXT   REFERENCES company (id), -- once an organiser agrees
	UNIQUE (declaration_id, position)
);

-- The decision of a person, with what it was made on.
CREATE TABLE aid_decision (
	id              TEXT   NOT NULL PRIMARY KEY,
	case_id         TEXT   NOT NULL REFERENCES aid_case (id),
	declaration_id  TEXT   REFERENCES aid_declaration (id),
	outcome         TEXT   NOT NULL CHECK (outcome IN ('granted', 'refused')),
	number          TEXT   NOT NULL DEFAULT '', -- in the organiser's own register
	reason          TEXT   NOT NULL DEFAULT '',
	asked_minutes   BIGINT NOT NULL,
	granted_minutes BIGINT NOT NULL CHECK (granted_minutes >= 0),
	own_cents       BIGINT NOT NULL CHECK (own_cents >= 0),
	declared_cents  BIGINT NOT NULL CHECK (declared_cents >= 0),
	new_cents       BIGINT NOT NULL CHECK (new_cents >= 0),
	actor_kind      TEXT   NOT NULL CHECK (actor_kind IN ('user', 'token', 'command')), -- never by itself
	actor_id        TEXT   NOT NULL DEFAULT '',
	at              TEXT   NOT NULL CHECK (length(at) = 20),
	CONSTRAINT aid_decision_refused_says_why CHECK (outcome = 'granted' OR reason <> ''),
	CONSTRAINT aid_decision_granted_has_a_number CHECK (outcome = 'refused' OR number <> '' AND granted_minutes > 0)
);
CREATE INDEX aid_decision_by_case ON aid_decision (case_id);

-- A grant. What it comes to is computed once, from what stands beside it.
CREATE TABLE aid_award (
	id              TEXT   NOT NULL PRIMARY KEY,
	case_id         TEXT   NOT NULL REFERENCES aid_case (id),
	declaration_id  TEXT   NOT NULL REFERENCES aid_declaration (id),
	decision_id     TEXT   NOT NULL UNIQUE REFERENCES aid_decision (id),
	state           TEXT   NOT NULL CHECK (state IN ('SE', 'NO')),
	granted_on      TEXT   NOT NULL CHECK (length(granted_on) = 10),
	since           TEXT   NOT NULL CHECK (length(since) = 10), -- the first day of the three years that were added up
	minutes         BIGINT NOT NULL CHECK (minutes > 0),
	market_minor    BIGINT NOT NULL CHECK (market_minor >= 0),
	price_minor     BIGINT NOT NULL CHECK (price_minor >= 0),
	hour_minor      BIGINT NOT NULL CHECK (hour_minor >= 0), -- aid in an hour
	aid_minor       BIGINT NOT NULL CHECK (aid_minor >= 0),
	currency        TEXT   NOT NULL CHECK (currency IN ('SEK', 'NOK')),
	rate            BIGINT NOT NULL CHECK (rate > 0),
	rate_on         TEXT   NOT NULL CHECK (length(rate_on) = 10),
	rate_source     TEXT   NOT NULL CHECK (rate_source <> ''),
	eur_cents       BIGINT NOT NULL CHECK (eur_cents >= 0),
	nace            TEXT   NOT NULL CHECK (nace <> ''),
	at              TEXT   NOT NULL CHECK (length(at) = 20),
	CONSTRAINT aid_award_hour CHECK (hour_minor = CASE WHEN market_minor > price_minor THEN market_minor - price_minor ELSE 0 END),
	CONSTRAINT aid_award_amount CHECK (aid_minor = (minutes * hour_minor + 30) / 60),
	CONSTRAINT aid_award_euro CHECK (eur_cents = (aid_minor * 100000 + rate - 1) / rate)
);
CREATE INDEX aid_award_by_case ON aid_award (case_id);

-- A grant that turned out to be less. It never becomes more: that is a new grant.
CREATE TABLE aid_correction (
	id         TEXT   NOT NULL PRIMARY KEY,
	award_id   TEXT   NOT NULL REFERENCES aid_award (id),
	position   BIGINT NOT NULL,
	minutes    BIGINT NOT NULL CHECK (minutes >= 0),
	aid_minor  BIGINT NOT NULL CHECK (aid_minor >= 0),
	eur_cents  BIGINT NOT NULL CHECK (eur_cents >= 0),
	reason     TEXT   NOT NULL CHECK (reason <> ''),
	actor_kind TEXT   NOT NULL CHECK (actor_kind IN ('person', 'user', 'token', 'system', 'command')),
	actor_id   TEXT   NOT NULL DEFAULT '',
	at         TEXT   NOT NULL CHECK (length(at) = 20),
	UNIQUE (award_id, position)
);

-- A grant whose hours are used up or given back: nothing more is drawn from it.
CREATE TABLE aid_closing (
	award_id     TEXT   NOT NULL PRIMARY KEY REFERENCES aid_award (id),
	used_minutes BIGINT NOT NULL CHECK (used_minutes >= 0),
	at           TEXT   NOT NULL CHECK (length(at) = 20)
);

-- What the public register is to be told, by when, and that it was.
CREATE TABLE aid_register (
	id            TEXT NOT NULL PRIMARY KEY,
	award_id      TEXT NOT NULL REFERENCES aid_award (id),
	correction_id TEXT UNIQUE REFERENCES aid_correction (id), -- NULL: the grant itself
	due_on        TEXT NOT NULL CHECK (length(due_on) = 10),
	registered_on TEXT CHECK (length(registered_on) = 10),
	reference     TEXT NOT NULL DEFAULT '',
	registered_by TEXT NOT NULL DEFAULT '', -- the user
	CONSTRAINT aid_register_says_where CHECK ((registered_on IS NULL) = (reference = ''))
);
CREATE UNIQUE INDEX aid_register_once ON aid_register (award_id) WHERE correction_id IS NULL;
CREATE INDEX aid_register_open ON aid_register (due_on) WHERE registered_on IS NULL;

-- What has to be kept for ten years (Art. 6 of the regulation), in words and figures
-- of its own, so that it stays whole whatever is erased elsewhere.
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
	number_sealed     BYTEA,
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
	minutes           BIGINT NOT NULL,
	used_minutes      BIGINT,
	aid_minor         BIGINT NOT NULL,
	currency          TEXT   NOT NULL,
	rate              BIGINT NOT NULL,
	rate_on           TEXT   NOT NULL,
	rate_source       TEXT   NOT NULL,
	eur_cents         BIGINT NOT NULL,
	register_due      TEXT   NOT NULL DEFAULT '', -- empty: it need not be registered
	registered_on     TEXT   NOT NULL DEFAULT '',
	register_ref      TEXT   NOT NULL DEFAULT '',
	kept_until        TEXT   NOT NULL CHECK (length(kept_until) = 10), -- the last day
	written_at        TEXT   NOT NULL CHECK (length(written_at) = 20),
	removed_on        TEXT   CHECK (length(removed_on) = 10)
);
CREATE INDEX aid_record_by_programme ON aid_record (programme_id, granted_on);
CREATE INDEX aid_record_by_case ON aid_record (case_id);
CREATE INDEX aid_record_by_end ON aid_record (kept_until);

ALTER TABLE message ADD COLUMN aid_case_id TEXT REFERENCES aid_case (id);
CREATE INDEX message_by_aid_case ON message (aid_case_id) WHERE aid_case_id IS NOT NULL;

-- The last line behind the ceiling: what the undertaking has had from us in the
-- three years, what it declared, and this, are not above 300 000 euro.
-- +goose StatementBegin
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
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER aid_award_is_checked BEFORE INSERT ON aid_award
BEGIN
	SELECT RAISE(ABORT, 'aid is granted on a checked declaration') WHERE EXISTS (
		SELECT 1 FROM aid_declaration d WHERE d.id = new.declaration_id AND (d.case_id <> new.case_id OR d.checked_at IS NULL))
		OR EXISTS (SELECT 1 FROM aid_other WHERE declaration_id = new.declaration_id AND eur_cents IS NULL);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER aid_award_unchanged BEFORE UPDATE ON aid_award
BEGIN
	SELECT RAISE(ABORT, 'grants of aid are only ever corrected');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER aid_award_kept BEFORE DELETE ON aid_award WHEN (SELECT removed_on FROM aid_case WHERE id = old.case_id) IS NULL
BEGIN
	SELECT RAISE(ABORT, 'grants of aid are kept');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER aid_correction_is_lower BEFORE INSERT ON aid_correction
BEGIN
	SELECT RAISE(ABORT, 'a correction of aid is lower') WHERE EXISTS (
		SELECT 1 FROM aid_award a WHERE a.id = new.award_id AND (
			new.minutes >= COALESCE((SELECT MIN(minutes) FROM aid_correction WHERE award_id = a.id), a.minutes)
			OR new.aid_minor <> (new.minutes * a.hour_minor + 30) / 60
			OR new.eur_cents <> (new.aid_minor * 100000 + a.rate - 1) / a.rate));
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER aid_correction_unchanged BEFORE UPDATE ON aid_correction
BEGIN
	SELECT RAISE(ABORT, 'corrections of aid are only ever added');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER aid_correction_kept BEFORE DELETE ON aid_correction
WHEN (SELECT c.removed_on FROM aid_case c JOIN aid_award a ON a.case_id = c.id WHERE a.id = old.award_id) IS NULL
BEGIN
	SELECT RAISE(ABORT, 'corrections of aid are kept');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER aid_decision_unchanged BEFORE UPDATE ON aid_decision
BEGIN
	SELECT RAISE(ABORT, 'decisions on aid are not changed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER aid_decision_kept BEFORE DELETE ON aid_decision WHEN (SELECT removed_on FROM aid_case WHERE id = old.case_id) IS NULL
BEGIN
	SELECT RAISE(ABORT, 'decisions on aid are kept');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER aid_case_kept BEFORE DELETE ON aid_case WHEN old.removed_on IS NULL
BEGIN
	SELECT RAISE(ABORT, 'cases of aid are kept');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER aid_case_kept_as_long_as_its_record BEFORE UPDATE OF removed_on ON aid_case WHEN new.removed_on IS NOT NULL
BEGIN
	SELECT RAISE(ABORT, 'aid is kept for ten years')
	WHERE EXISTS (SELECT 1 FROM aid_record WHERE case_id = new.id AND kept_until >= new.removed_on);
END;
-- +goose StatementEnd
-- Of a record only what becomes known later is written later.
-- +goose StatementBegin
CREATE TRIGGER aid_record_unchanged BEFORE UPDATE ON aid_record
WHEN (new.id, new.award_id, new.corrects, new.case_id, new.recipient, new.country, new.org_number, new.authority, new.nace, new.instrument, new.granted_on, new.minutes, new.aid_minor, new.currency, new.rate, new.eur_cents, new.kept_until)
	IS NOT (old.id, old.award_id, old.corrects, old.case_id, old.recipient, old.country, old.org_number, old.authority, old.nace, old.instrument, old.granted_on, old.minutes, old.aid_minor, old.currency, old.rate, old.eur_cents, old.kept_until)
BEGIN
	SELECT RAISE(ABORT, 'records of aid are not changed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER aid_record_kept BEFORE DELETE ON aid_record WHEN old.removed_on IS NULL OR old.removed_on <= old.kept_until
BEGIN
	SELECT RAISE(ABORT, 'records of aid are kept for ten years');
END;
-- +goose StatementEnd

-- The last line behind a cap that companies of one undertaking share, as
-- hours_entry_within_cap is behind that of one account.
-- +goose StatementBegin
CREATE TRIGGER hours_entry_within_undertaking AFTER INSERT ON hours_entry
WHEN new.kind IN ('reserve', 'settle', 'charge') OR new.kind = 'adjust' AND new.minutes > 0
BEGIN
	SELECT RAISE(ABORT, 'hours cap of an undertaking exceeded')
	FROM hours_account a JOIN advisory_programme p ON p.id = a.advisory_programme_id
	WHERE a.id = new.account_id AND p.cap_per = 'undertaking' AND a.cap_minutes < (
			SELECT SUM(CASE e.kind WHEN 'release' THEN -e.minutes ELSE e.minutes END) FROM hours_entry e WHERE e.account_id = a.id OR e.account_id IN (
				SELECT o.id FROM aid_recipient own JOIN aid_recipient other ON other.undertaking_id = own.undertaking_id
					JOIN hours_account o ON o.advisory_programme_id = a.advisory_programme_id AND o.year = a.year AND COALESCE(o.company_id, '') = COALESCE(other.company_id, '')
						AND COALESCE(o.person_id, '') = COALESCE(other.person_id, '') AND COALESCE(o.application_id, '') = ''
				WHERE own.company_id = a.company_id OR own.person_id = a.person_id))
		AND NOT (new.kind IN ('settle', 'charge')
			AND (SELECT SUM(CASE kind WHEN 'release' THEN -minutes WHEN 'reserve' THEN 0 ELSE minutes END) FROM hours_entry WHERE booking_id = new.booking_id) <= 0);
END;
-- +goose StatementEnd
