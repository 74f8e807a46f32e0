-- Applications for support from a common pot: what a scheme gives, what is asked,
-- noted and decided, and the ledger of the pot's money. The pot, the most that a
-- project may get, what may be paid out and the steps of a case are decided in Go
-- and held by a trigger behind it. Money is the smallest unit of its currency.
-- +goose Up

-- The pot of a programme of advice, and its terms.
CREATE TABLE application_scheme (
	advisory_programme_id TEXT   NOT NULL PRIMARY KEY REFERENCES advisory_programme (id),
	pot_minor    BIGINT NOT NULL CHECK (pot_minor >= 0),
	most_minor   BIGINT NOT NULL CHECK (most_minor > 0), -- a project
	currency     TEXT   NOT NULL CHECK (currency IN ('SEK', 'NOK')),
	minutes      BIGINT NOT NULL DEFAULT 2400 CHECK (minutes >= 0), -- of support to a project, unless the decision says otherwise
	part_percent BIGINT NOT NULL DEFAULT 75 CHECK (part_percent BETWEEN 0 AND 100), -- of what is granted, that may be paid before the final report
	opens_on     TEXT   CHECK (length(opens_on) = 10),  -- NULL: open since ever
	closes_on    TEXT   CHECK (length(closes_on) = 10), -- the last day; NULL: no last day
	appeal       TEXT   NOT NULL DEFAULT '', -- what decisions say of how to complain
	revision     BIGINT NOT NULL DEFAULT 1,  -- raised by whoever wants of the pot, and so waits for those before
	created_at   TEXT   NOT NULL CHECK (length(created_at) = 20),
	changed_at   TEXT   NOT NULL CHECK (length(changed_at) = 20),
	CONSTRAINT scheme_closes_after_opening CHECK (opens_on <= closes_on)
) STRICT;

ALTER TABLE application ADD COLUMN body_name TEXT NOT NULL DEFAULT ''; -- as the applicant wrote it
ALTER TABLE application ADD COLUMN typed JSONB NOT NULL DEFAULT '{}';  -- of a draft: the form as it was typed
ALTER TABLE application ADD COLUMN report_by TEXT CHECK (length(report_by) = 10); -- the last day for the final report
ALTER TABLE application ADD COLUMN final_report TEXT NOT NULL DEFAULT '';
ALTER TABLE application ADD COLUMN final_report_url TEXT NOT NULL DEFAULT '';
ALTER TABLE application ADD COLUMN end_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX application_by_status ON application (advisory_programme_id, status);
CREATE UNIQUE INDEX application_one_draft ON application (person_id, advisory_programme_id) WHERE status = 'draft';

-- The same steps as in Go: what is not here does not happen.
-- +goose StatementBegin
CREATE TRIGGER application_steps BEFORE UPDATE OF status ON application WHEN old.status <> new.status
BEGIN
	SELECT RAISE(ABORT, 'no such step of an application') WHERE old.status || ' ' || new.status NOT IN (
		'draft submitted', 'submitted needs_info', 'needs_info submitted', 'submitted assessed', 'needs_info assessed', 'assessed needs_info',
		'assessed granted', 'assessed rejected', 'submitted withdrawn', 'needs_info withdrawn', 'assessed withdrawn',
		'granted running', 'running final_report', 'final_report running', 'granted closed', 'running closed', 'final_report closed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_kept BEFORE DELETE ON application WHEN old.status <> 'draft'
BEGIN
	SELECT RAISE(ABORT, 'only a draft may be deleted');
END;
-- +goose StatementEnd

-- What the organiser asks an applicant, and the answer.
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

-- What assessors note for each other. The applicant never sees it here.
CREATE TABLE application_note (
	id             TEXT   NOT NULL PRIMARY KEY,
	application_id TEXT   NOT NULL REFERENCES application (id),
	user_id        TEXT   NOT NULL REFERENCES user_account (id),
	points         BIGINT CHECK (points BETWEEN 0 AND 10),
	note           TEXT   NOT NULL DEFAULT '',
	written_at     TEXT   NOT NULL CHECK (length(written_at) = 20),
	CONSTRAINT note_says_something CHECK (note <> '' OR points IS NOT NULL)
) STRICT;
CREATE INDEX application_note_by_application ON application_note (application_id, written_at);

CREATE TABLE application_decision (
	application_id TEXT   NOT NULL PRIMARY KEY REFERENCES application (id),
	outcome        TEXT   NOT NULL CHECK (outcome IN ('granted', 'rejected')),
	minor          BIGINT NOT NULL DEFAULT 0 CHECK (minor >= 0),
	minutes        BIGINT NOT NULL DEFAULT 0 CHECK (minutes >= 0),
	currency       TEXT   NOT NULL CHECK (currency IN ('SEK', 'NOK')),
	reason         TEXT   NOT NULL DEFAULT '',
	appeal         TEXT   NOT NULL DEFAULT '', -- as the scheme said that day
	decided_by     TEXT   NOT NULL, -- the user
	decided_name   TEXT   NOT NULL DEFAULT '',
	decided_at     TEXT   NOT NULL CHECK (length(decided_at) = 20),
	CONSTRAINT decision_rejected_says_why CHECK (outcome <> 'rejected' OR reason <> '' AND minor = 0 AND minutes = 0)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER application_decision_unchanged BEFORE UPDATE ON application_decision
BEGIN
	SELECT RAISE(ABORT, 'a decision stays as it was made');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER application_decision_kept BEFORE DELETE ON application_decision
BEGIN
	SELECT RAISE(ABORT, 'a decision stays as it was made');
END;
-- +goose StatementEnd

-- The ledger of the pot: granted − returned is never above the pot, nor above the
-- most for one project; nothing is ever changed or taken out.
CREATE TABLE pot_entry (
	id                    TEXT   NOT NULL PRIMARY KEY,
	advisory_programme_id TEXT   NOT NULL REFERENCES application_scheme (advisory_programme_id),
	application_id        TEXT   NOT NULL REFERENCES application (id),
	kind                  TEXT   NOT NULL CHECK (kind IN ('grant', 'return')),
	minor                 BIGINT NOT NULL CHECK (minor > 0),
	reason                TEXT   NOT NULL DEFAULT '',
	actor_kind            TEXT   NOT NULL CHECK (actor_kind IN ('person', 'user', 'token', 'system', 'command')),
	actor_id              TEXT   NOT NULL DEFAULT '',
	at                    TEXT   NOT NULL CHECK (length(at) = 20),
	position              BIGINT NOT NULL, -- the order within a pot
	UNIQUE (advisory_programme_id, position)
) STRICT;
CREATE INDEX pot_entry_by_application ON pot_entry (application_id, kind, minor);
CREATE UNIQUE INDEX pot_entry_one_grant ON pot_entry (application_id) WHERE kind = 'grant';

-- Money to a project, in parts.
CREATE TABLE payout (
	id             TEXT   NOT NULL PRIMARY KEY,
	application_id TEXT   NOT NULL REFERENCES application (id),
	minor          BIGINT NOT NULL CHECK (minor > 0),
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

-- +goose StatementBegin
CREATE TRIGGER pot_entry_unchanged BEFORE UPDATE ON pot_entry
BEGIN
	SELECT RAISE(ABORT, 'entries of the pot are only ever added');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER pot_entry_kept BEFORE DELETE ON pot_entry
BEGIN
	SELECT RAISE(ABORT, 'entries of the pot are only ever added');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER pot_entry_of_its_programme BEFORE INSERT ON pot_entry
BEGIN
	SELECT RAISE(ABORT, 'the application is of another programme')
	WHERE new.advisory_programme_id <> (SELECT advisory_programme_id FROM application WHERE id = new.application_id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER pot_entry_within_pot AFTER INSERT ON pot_entry WHEN new.kind = 'grant'
BEGIN
	SELECT RAISE(ABORT, 'more granted than a project may have')
	WHERE new.minor > (SELECT most_minor FROM application_scheme WHERE advisory_programme_id = new.advisory_programme_id);
	SELECT RAISE(ABORT, 'the pot is empty')
	WHERE (SELECT SUM(CASE kind WHEN 'grant' THEN minor ELSE -minor END) FROM pot_entry WHERE advisory_programme_id = new.advisory_programme_id)
		> (SELECT pot_minor FROM application_scheme WHERE advisory_programme_id = new.advisory_programme_id);
END;
-- +goose StatementEnd
-- What has been paid, or is asked for, cannot be returned.
-- +goose StatementBegin
CREATE TRIGGER pot_entry_returned_is_there AFTER INSERT ON pot_entry WHEN new.kind = 'return'
BEGIN
	SELECT RAISE(ABORT, 'more returned than is left of the grant')
	WHERE (SELECT SUM(CASE kind WHEN 'grant' THEN minor ELSE -minor END) FROM pot_entry WHERE application_id = new.application_id)
		< (SELECT COALESCE(SUM(minor), 0) FROM payout WHERE application_id = new.application_id AND status <> 'refused');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER scheme_pot_holds_what_is_granted BEFORE UPDATE OF pot_minor ON application_scheme
BEGIN
	SELECT RAISE(ABORT, 'the pot cannot be less than what is granted')
	WHERE new.pot_minor < (SELECT COALESCE(SUM(CASE kind WHEN 'grant' THEN minor ELSE -minor END), 0) FROM pot_entry WHERE advisory_programme_id = new.advisory_programme_id);
END;
-- +goose StatementEnd

-- No more is asked for than was granted, and before the final report no more than
-- its part. The division cannot round above the part.
-- +goose StatementBegin
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
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payout_answered_once BEFORE UPDATE ON payout WHEN old.status <> 'requested' OR new.minor <> old.minor OR new.application_id <> old.application_id
BEGIN
	SELECT RAISE(ABORT, 'a payout is answered once');
END;
-- +goose StatementEnd

ALTER TABLE message ADD COLUMN application_id TEXT REFERENCES application (id);
CREATE INDEX message_by_application ON message (application_id) WHERE application_id IS NOT NULL;
