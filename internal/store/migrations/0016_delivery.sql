-- What is due is looked for by urgency, first to last: with the urgency in front,
-- none of these looks reads a long queue to its end.
-- +goose Up

DROP INDEX message_due;
CREATE INDEX message_due ON message (priority, due_at, id) WHERE status = 'waiting';
