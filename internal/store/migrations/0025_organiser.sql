-- What an organiser does with advice: a large adjustment waits for the second pair
-- of eyes, calls to a helpline are noted with who called, and callers whose
-- organisation is not known have one account without a limit. A cap and a pool
-- are never set below what is used of them.
-- +goose Up

-- An adjustment of more than an hour: asked for by one user, decided by another.
CREATE TABLE hours_adjustment (
	id         TEXT   NOT NULL PRIMARY KEY,
	account_id TEXT   NOT NULL REFERENCES hours_account (id),
	booking_id TEXT   REFERENCES booking (id), -- of a correction of its minutes; NULL: of the account as such
	minutes    BIGINT NOT NULL CHECK (minutes <> 0),
	reason     TEXT   NOT NULL CHECK (length(reason) >= 10),
	status     TEXT   NOT NULL CHECK (status IN ('open', 'agreed', 'refused')),
	asked_by   TEXT   NOT NULL CHECK (asked_by <> ''), -- the user
	asked_at   TEXT   NOT NULL CHECK (length(asked_at) = 20),
	decided_by TEXT   NOT NULL DEFAULT '',
	decided_at TEXT   CHECK (length(decided_at) = 20),
	CONSTRAINT adjustment_decided_is_dated CHECK ((status = 'open') = (decided_at IS NULL)),
	CONSTRAINT adjustment_agreed_by_another CHECK (status <> 'agreed' OR decided_by <> '' AND decided_by <> asked_by)
);
CREATE INDEX hours_adjustment_by_account ON hours_adjustment (account_id);
CREATE INDEX hours_adjustment_open ON hours_adjustment (account_id) WHERE status = 'open';
CREATE UNIQUE INDEX hours_adjustment_once ON hours_adjustment (booking_id) WHERE status = 'open' AND booking_id IS NOT NULL;

-- Who called the helpline, as it was said. Erased 24 months after the programme of advice has ended.
CREATE TABLE booking_call (
	booking_id   TEXT NOT NULL PRIMARY KEY REFERENCES booking (id),
	caller       TEXT NOT NULL DEFAULT '',
	organisation TEXT NOT NULL DEFAULT ''
);

-- +goose StatementBegin
CREATE TRIGGER hours_cap_not_below_used BEFORE UPDATE OF cap_minutes ON hours_account
WHEN new.cap_minutes IS NOT NULL AND (old.cap_minutes IS NULL OR new.cap_minutes < old.cap_minutes)
BEGIN
	SELECT RAISE(ABORT, 'the cap is below what is used')
	WHERE (SELECT COALESCE(SUM(CASE kind WHEN 'release' THEN -minutes ELSE minutes END), 0) FROM hours_entry WHERE account_id = old.id) > new.cap_minutes;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER hours_pool_not_below_used BEFORE UPDATE OF pool_minutes ON advisory_programme
WHEN new.pool_minutes IS NOT NULL AND (old.pool_minutes IS NULL OR new.pool_minutes < old.pool_minutes)
BEGIN
	SELECT RAISE(ABORT, 'the pool is below what is used')
	WHERE (SELECT COALESCE(SUM(CASE kind WHEN 'release' THEN -minutes ELSE minutes END), 0) FROM hours_entry WHERE advisory_programme_id = old.id) > new.pool_minutes;
END;
-- +goose StatementEnd

-- Where a company wants its invoices, as it has said; no invoice is made here.
CREATE TABLE company_invoice (
	company_id TEXT NOT NULL PRIMARY KEY REFERENCES company (id),
	address    TEXT NOT NULL DEFAULT '',
	reference  TEXT NOT NULL DEFAULT '',
	endpoint   TEXT NOT NULL DEFAULT '' -- for e-invoices: "0007:5566778899"
);
