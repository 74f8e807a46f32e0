-- Reminder rules that organisers edit: those of a programme, with which its new
-- events begin, and those of an event. Rules may say more: own words, hours, the
-- deadline of the registration or of an offer, and to whom.
-- +goose Up

CREATE TABLE reminder_rule_edited (
	id           TEXT    NOT NULL PRIMARY KEY,
	programme_id TEXT    REFERENCES programme (id), -- of the rules with which new events begin
	event_id     TEXT    REFERENCES event (id),
	kind         TEXT    CHECK (kind IN ('webinar', 'seminar', 'learning_seminar', 'dialogue', 'supplier_meeting', 'workshop', 'conference')), -- of a programme's rule: for such events only
	from_id      TEXT,   -- of an event's rule: the programme's that it was copied from
	letter       TEXT    NOT NULL CHECK (letter IN ('E07', 'E16', 'E18', 'E19', 'E20', 'E26', 'O3')),
	audience     TEXT    NOT NULL CHECK (audience IN ('place', 'waiting', 'offered', 'attended', 'absent', 'organiser')),
	mode         TEXT    CHECK (mode IN ('room', 'online')), -- NULL: everybody
	anchor       TEXT    NOT NULL CHECK (anchor IN ('start', 'end', 'closes', 'offer')),
	afterwards   BOOLEAN NOT NULL DEFAULT FALSE, -- after the anchor, not before
	unit         TEXT    NOT NULL CHECK (unit IN ('minutes', 'hours', 'days', 'working_days')), -- days are of the local clock
	amount       BIGINT  NOT NULL,
	at_clock     TEXT    CHECK (length(at_clock) = 5 AND at_clock BETWEEN '00:00' AND '23:59'), -- '09:00'; NULL: the anchor's own
	active       BOOLEAN NOT NULL DEFAULT TRUE,
	again        BIGINT  NOT NULL DEFAULT 0, -- how often an organiser asked to send anew to those who had it
	since        TEXT    NOT NULL CHECK (length(since) = 20), -- a moment that was past then is none of the rule's
	CONSTRAINT reminder_rule_of_one CHECK ((programme_id IS NULL) <> (event_id IS NULL)),
	CONSTRAINT reminder_rule_kind_of_programme CHECK (kind IS NULL OR programme_id IS NOT NULL),
	CONSTRAINT reminder_rule_copy_of_event CHECK (from_id IS NULL OR event_id IS NOT NULL),
	CONSTRAINT reminder_rule_amount CHECK (amount >= 0 AND amount <= CASE unit WHEN 'minutes' THEN 100000 WHEN 'hours' THEN 2400 WHEN 'days' THEN 180 ELSE 90 END),
	CONSTRAINT reminder_rule_clock_of_days CHECK (at_clock IS NULL OR unit IN ('days', 'working_days')),
	CONSTRAINT reminder_rule_letter_to CHECK (CASE letter WHEN 'E07' THEN audience = 'offered' WHEN 'E16' THEN audience = 'attended'
		WHEN 'O3' THEN audience = 'organiser' WHEN 'E26' THEN audience <> 'organiser' ELSE audience = 'place' END),
	CONSTRAINT reminder_rule_anchor_of CHECK (CASE audience WHEN 'offered' THEN anchor = 'offer' WHEN 'attended' THEN anchor = 'end' WHEN 'absent' THEN anchor = 'end'
		ELSE anchor IN ('start', 'closes') END),
	CONSTRAINT reminder_rule_side CHECK (CASE anchor WHEN 'end' THEN afterwards WHEN 'closes' THEN TRUE ELSE NOT afterwards END),
	CONSTRAINT reminder_rule_mode_of_people CHECK (mode IS NULL OR audience <> 'organiser')
);

-- Every programme begins with what every event began with, and the list to the
-- organisers. Rules that are there keep their ids: what was sent is not sent again.
INSERT INTO reminder_rule_edited (id, programme_id, letter, audience, mode, anchor, afterwards, unit, amount, at_clock, since)
SELECT p.id || '-' || s.letter, p.id, s.letter, s.audience, s.mode, s.anchor, s.afterwards, s.unit, s.amount, s.at_clock, p.created_at
FROM programme p CROSS JOIN (
	SELECT 'E18' AS letter, 'place' AS audience, 'room' AS mode, 'start' AS anchor, FALSE AS afterwards, 'days' AS unit, 7 AS amount, NULL AS at_clock
	UNION ALL SELECT 'E19', 'place', NULL, 'start', FALSE, 'working_days', 1, '09:00'
	UNION ALL SELECT 'E20', 'place', 'online', 'start', FALSE, 'minutes', 60, NULL
	UNION ALL SELECT 'E16', 'attended', NULL, 'end', TRUE, 'days', 1, '09:00'
	UNION ALL SELECT 'O3', 'organiser', NULL, 'start', FALSE, 'days', 2, '09:00'
) s;

INSERT INTO reminder_rule_edited (id, event_id, from_id, letter, audience, mode, anchor, afterwards, unit, amount, at_clock, since)
SELECT q.id, q.event_id, e.programme_id || '-' || q.letter, q.letter, CASE q.anchor WHEN 'end' THEN 'attended' ELSE 'place' END, q.mode,
	q.anchor, q.anchor = 'end', q.unit, q.amount, q.at_clock, e.created_at
FROM reminder_rule q JOIN event e ON e.id = q.event_id;

INSERT INTO reminder_rule_edited (id, event_id, from_id, letter, audience, anchor, unit, amount, at_clock, since)
SELECT e.id || '-O3', e.id, e.programme_id || '-O3', 'O3', 'organiser', 'start', 'days', 2, '09:00', e.created_at FROM event e;

DROP TABLE reminder_rule;
ALTER TABLE reminder_rule_edited RENAME TO reminder_rule;
CREATE INDEX reminder_rule_by_event ON reminder_rule (event_id);
CREATE INDEX reminder_rule_by_programme ON reminder_rule (programme_id);

-- The organiser's own words, plain with links in Markdown.
CREATE TABLE reminder_text (
	rule_id  TEXT NOT NULL REFERENCES reminder_rule (id),
	language TEXT NOT NULL CHECK (language IN ('sv', 'nb', 'nn', 'en')),
	subject  TEXT NOT NULL CHECK (subject <> ''),
	body     TEXT NOT NULL CHECK (body <> ''),
	PRIMARY KEY (rule_id, language)
);

-- Events whose rules an organiser has changed: the programme's no longer reach them.
CREATE TABLE reminder_own (
	event_id TEXT NOT NULL PRIMARY KEY REFERENCES event (id),
	since    TEXT NOT NULL CHECK (length(since) = 20)
);

-- Of a reminder: the rule that it follows, which may be gone.
ALTER TABLE message ADD COLUMN rule_id TEXT;
UPDATE message SET rule_id = (SELECT q.id FROM reminder_rule q WHERE q.event_id = message.event_id AND message.unique_key LIKE 'reminder:%:' || q.id || ':%')
WHERE unique_key LIKE 'reminder:%';
