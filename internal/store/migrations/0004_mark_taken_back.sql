-- A mark at the wrong name is taken back to what was there before it, an address
-- whose invitation was revoked can be invited anew, and those who wait are called
-- anew each time that places become free in the last hours.
-- +goose Up

-- to which state a mark of presence or absence taken back leads; cancelled: to
-- none, for who came without a registration; NULL: nobody is marked, or was
-- before this column and had a place
ALTER TABLE registration ADD COLUMN before_mark TEXT CHECK (before_mark IN ('confirmed', 'waitlisted', 'late_cancelled', 'cancelled'));

DROP INDEX invitation_address_once;
CREATE UNIQUE INDEX invitation_address_once ON invitation (event_id, email) WHERE email IS NOT NULL AND revoked_at IS NULL;

-- the revision at which those who wait were called to the free places; NULL: not
-- since all places were last taken
ALTER TABLE event_capacity ADD COLUMN called_at_revision BIGINT;
