-- A certificate for a whole series: of a person and not of one registration,
-- since it is earned by being at most of the occasions.
-- +goose Up

CREATE TABLE series_certificate (
	code      TEXT NOT NULL PRIMARY KEY, -- as of certificate: sixteen characters, 80 bits
	series_id TEXT NOT NULL REFERENCES series (id),
	person_id TEXT NOT NULL REFERENCES person (id),
	issued_at TEXT NOT NULL CHECK (length(issued_at) = 20),
	UNIQUE (series_id, person_id)
);

CREATE INDEX series_certificate_by_person ON series_certificate (person_id);
