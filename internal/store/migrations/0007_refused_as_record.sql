-- A refusal says whether it was for a public record: such a one holds, while one
-- for the company's right to advice ends with that right.
-- +goose Up

ALTER TABLE erasure_request ADD COLUMN public_record BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE erasure_request SET public_record = TRUE WHERE status = 'refused';
