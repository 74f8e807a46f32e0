-- How many entries of an adviser's other calendar could not be understood the last
-- time it was read: the adviser is told, for nothing holds those times.
-- +goose Up

ALTER TABLE busy_calendar ADD COLUMN unread BIGINT NOT NULL DEFAULT 0;
