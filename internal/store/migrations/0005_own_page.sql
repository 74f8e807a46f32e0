-- Asking for erasure: each organiser decides about what is theirs, and a
-- registration whose data are gone still says what had become of it, or figures
-- and what a company may have for it would go too.
-- +goose Up

ALTER TABLE erasure_request ADD COLUMN programme_id TEXT REFERENCES programme (id); -- NULL: the person had no registrations
DROP INDEX erasure_request_open_once;
CREATE UNIQUE INDEX erasure_request_open_once ON erasure_request (person_id, COALESCE(programme_id, '')) WHERE status = 'open';
CREATE INDEX erasure_request_by_person ON erasure_request (person_id, asked_at);

ALTER TABLE registration ADD COLUMN erased_from TEXT NOT NULL DEFAULT ''; -- the state before the data were erased
