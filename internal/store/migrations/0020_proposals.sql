-- Times proposed to those who wait for advice hold the adviser's time: no meeting
-- and no other proposal lies over an open one. What somebody could choose from when
-- they said that no time suited is kept, so that only times that came free later are
-- offered to them. When a booking became a request is kept apart from when it was
-- made, as one that waited gets its time later: from then on its answer is due.
-- +goose Up

ALTER TABLE booking ADD COLUMN requested_at TEXT CHECK (length(requested_at) = 20); -- NULL: when it was made

CREATE TABLE booking_seen (
	booking_id TEXT  NOT NULL PRIMARY KEY REFERENCES booking (id),
	times      JSONB NOT NULL -- [[first start, last start], …] of times without a gap
);

CREATE UNIQUE INDEX booking_proposal_accepted_once ON booking_proposal (booking_id) WHERE status = 'accepted';
CREATE UNIQUE INDEX booking_proposal_once ON booking_proposal (booking_id, adviser_id, starts_at) WHERE status = 'open';
CREATE INDEX booking_proposal_by_deadline ON booking_proposal (expires_at) WHERE status = 'open';
CREATE INDEX booking_waiting ON booking (tender_day, created_at) WHERE status = 'waiting';

-- +goose StatementBegin
CREATE TRIGGER booking_leaves_proposals_new BEFORE INSERT ON booking WHEN new.status IN ('requested', 'confirmed') AND NOT new.quick
BEGIN
	SELECT RAISE(ABORT, 'the time is proposed to somebody else') WHERE EXISTS (
		SELECT 1 FROM booking_proposal WHERE adviser_id = new.adviser_id AND booking_id <> new.id AND status = 'open' AND expires_at > new.changed_at
			AND blocked_from < new.blocked_to AND new.blocked_from < blocked_to);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER booking_leaves_proposals_moved BEFORE UPDATE OF status, adviser_id, blocked_from, blocked_to ON booking
WHEN new.status IN ('requested', 'confirmed') AND NOT new.quick
BEGIN
	SELECT RAISE(ABORT, 'the time is proposed to somebody else') WHERE EXISTS (
		SELECT 1 FROM booking_proposal WHERE adviser_id = new.adviser_id AND booking_id <> new.id AND status = 'open' AND expires_at > new.changed_at
			AND blocked_from < new.blocked_to AND new.blocked_from < blocked_to);
END;
-- +goose StatementEnd
-- +goose StatementBegin
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
-- +goose StatementEnd
