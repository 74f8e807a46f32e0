-- Somebody who takes part online in a hybrid event and waits for the room
-- meanwhile: they stand in its queue as those do who have no place, and keep
-- the one online until they have said yes to one in the room.
-- +goose Up

-- the place in the queue for the room, of somebody with a place online; hold_until
-- is then until when a place in the room is held for their answer
ALTER TABLE registration ADD COLUMN room_since TEXT
	CONSTRAINT meanwhile_online CHECK (room_since IS NULL OR length(room_since) = 20 AND status = 'confirmed' AND mode = 'online');

CREATE INDEX registration_meanwhile ON registration (event_id, room_since, id) WHERE room_since IS NOT NULL;

DROP INDEX registration_held;
CREATE INDEX registration_held ON registration (hold_until) WHERE hold_until IS NOT NULL;
