package inbound

import (
	"context"

	"stafett/internal/store"
)

// Row is what came in, with whom and what it is about, where that is known.
type Row struct {
	Noted
	Name                               string // of the person; "" for nobody, or somebody erased
	EventID, EventTitle, EventLanguage string
}

const about = ` FROM inbound_message i
	LEFT JOIN message m ON m.id = i.message_id
	LEFT JOIN registration r ON r.id = i.registration_id
	LEFT JOIN event e ON e.id = COALESCE(r.event_id, m.event_id)
	WHERE `

// List lists what came in about some programmes, the newest first; nil programmes means everything, also what is about none.
func List(ctx context.Context, tx *store.Tx, programmeIDs []string, from, limit int) ([]Row, error) {
	where, args := within(programmeIDs)
	return store.All(ctx, tx, func(r store.Row) (x Row, err error) {
		err = r.Scan(&x.Kind, &x.Outcome, &x.Way, store.String(&x.MessageID), store.String(&x.RegistrationID), store.Time(&x.ReceivedAt),
			&x.Name, &x.EventID, &x.EventTitle, &x.EventLanguage)
		return x, err
	}, `SELECT i.kind, i.outcome, i.way, i.message_id, i.registration_id, i.received_at,
		COALESCE(trim(r.first_name || ' ' || r.last_name), ''), COALESCE(e.id, ''), COALESCE(e.title, ''), COALESCE(e.language, '')`+
		about+where+` ORDER BY i.received_at DESC, i.key LIMIT ? OFFSET ?`, append(args, limit, from)...)
}

// Count is how many messages of a kind came to the same.
type Count struct {
	Kind    Kind
	Outcome Outcome
	N       int
}

// Counts is how much came in.
func Counts(ctx context.Context, tx *store.Tx, programmeIDs []string) ([]Count, error) {
	where, args := within(programmeIDs)
	return store.All(ctx, tx, func(r store.Row) (c Count, err error) { return c, r.Scan(&c.Kind, &c.Outcome, &c.N) },
		`SELECT i.kind, i.outcome, count(*)`+about+where+` GROUP BY i.kind, i.outcome`, args...)
}

func within(programmeIDs []string) (where string, args []any) {
	if programmeIDs == nil {
		return "TRUE", nil
	}
	where = "e.programme_id IN (''"
	for _, id := range programmeIDs {
		where, args = where+", ?", append(args, id)
	}
	return where + ")", args
}
