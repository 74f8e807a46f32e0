-- Letters about advice: which of them are an adviser's own, the personal link to
-- one booking, and who has been told that advice can be booked.
-- +goose Up

ALTER TABLE message ADD COLUMN adviser_id TEXT REFERENCES adviser (id); -- of a letter about a booking to an adviser: whose; NULL: to whoever booked

-- A link to one booking, for whoever has it; only the hash is kept.
CREATE TABLE booking_link (
	token_hash TEXT NOT NULL PRIMARY KEY,
	booking_id TEXT NOT NULL REFERENCES booking (id),
	expires_at TEXT NOT NULL CHECK (length(expires_at) = 20),
	created_at TEXT NOT NULL CHECK (length(created_at) = 20)
);
CREATE INDEX booking_link_by_booking ON booking_link (booking_id);

-- When a company, or a person without one, was told that they may book.
CREATE TABLE advice_told (
	advisory_programme_id TEXT NOT NULL REFERENCES advisory_programme (id),
	company_id            TEXT REFERENCES company (id),
	person_id             TEXT REFERENCES person (id),
	told_at               TEXT NOT NULL CHECK (length(told_at) = 20),
	CONSTRAINT advice_told_to_one CHECK ((company_id IS NULL) <> (person_id IS NULL))
);
CREATE UNIQUE INDEX advice_told_once ON advice_told (advisory_programme_id, COALESCE(company_id, ''), COALESCE(person_id, ''));

-- When organisers were told that the time of a meeting is not entered.
ALTER TABLE booking ADD COLUMN organiser_told_at TEXT CHECK (length(organiser_told_at) = 20);
