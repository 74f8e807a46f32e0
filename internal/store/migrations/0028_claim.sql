-- Somebody who says that they belong to a company, to be given advice, is shown to
-- the organisers of that advice, though nobody of the company has signed up for
-- anything.
-- +goose Up

ALTER TABLE contact ADD COLUMN claimed_for TEXT REFERENCES programme (id); -- whose advice it was said for; NULL: by a registration, or nobody's in particular
CREATE INDEX contact_by_company ON contact (company_id);
