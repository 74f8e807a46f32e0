package event

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

const eventColumns = `e.id, e.programme_id, e.slug, e.kind, e.status, e.language, e.title, e.summary, e.description, e.mode,
	e.starts_at, e.ends_at, e.time_zone, e.registration_opens_at, e.registration_closes_at,
	e.municipality_country, e.municipality_code, e.venue_name, e.venue_address, e.access_notes, e.join_url, e.join_promised_on,
	e.price_minor, e.price_note, e.contact_name, e.contact_email, e.contact_phone, e.ask_phone, e.catering, e.waiting_list,
	e.min_participants, e.company_limit, e.moved_at, e.moved_from_starts_at, e.moved_from_ends_at, e.moved_from_place,
	e.cancel_reason, e.revision, e.created_at, e.changed_at, e.published_at,
	e.audience_mode, e.own_municipality, e.confirm_email, e.decision_on, e.decision_asked_at, e.attendance_closed_at,
	r.places, COALESCE(r.taken, 0), COALESCE(r.extra, 0), o.places, COALESCE(o.taken, 0), COALESCE(o.extra, 0), e.series_id`

const selectEvent = `SELECT ` + eventColumns + `
	FROM event e
	LEFT JOIN event_capacity r ON r.event_id = e.id AND r.mode = 'room'
	LEFT JOIN event_capacity o ON o.event_id = e.id AND o.mode = 'online'`

func scanEvent(row store.Row) (e Event, err error) {
	err = row.Scan(&e.ID, &e.ProgrammeID, &e.Slug, &e.Kind, &e.Status, &e.Language, &e.Title, &e.Summary, &e.Description, &e.Mode,
		store.Time(&e.StartsAt), store.Time(&e.EndsAt), &e.TimeZone, store.Time(&e.OpensAt), store.Time(&e.ClosesAt),
		store.String(&e.Municipality.Country), store.String(&e.Municipality.Number), &e.VenueName, &e.VenueAddress, &e.AccessNotes, &e.JoinURL, store.String(&e.JoinPromisedOn),
		&e.PriceMinor, &e.PriceNote, &e.ContactName, &e.ContactEmail, &e.ContactPhone, &e.AskPhone, &e.Catering, &e.WaitingList,
		store.Int(&e.MinParticipants), store.Int(&e.CompanyLimit), store.Time(&e.MovedAt), store.Time(&e.MovedFromStartsAt), store.Time(&e.MovedFromEnds), &e.MovedFromPlace,
		&e.CancelReason, &e.Revision, store.Time(&e.CreatedAt), store.Time(&e.ChangedAt), store.Time(&e.PublishedAt),
		&e.AudienceMode, &e.OwnMunicipality, &e.ConfirmEmail, store.String(&e.DecisionOn), store.Time(&e.DecisionAskedAt), store.Time(&e.AttendanceClosedAt),
		store.Int(&e.Room.Places), &e.Room.Taken, &e.Room.Extra, store.Int(&e.Online.Places), &e.Online.Taken, &e.Online.Extra, store.String(&e.SeriesID))
	e.RoomPlaces, e.OnlinePlaces = e.Room.Places, e.Online.Places
	return e, err
}

// contentColumns and contentValues are the columns that an organiser writes.
const contentColumns = `kind, language, title, summary, description, mode, starts_at, ends_at, time_zone, registration_opens_at,
	registration_closes_at, municipality_country, municipality_code, venue_name, venue_address, access_notes, join_url,
	join_promised_on, price_minor, price_note, contact_name, contact_email, contact_phone, ask_phone, catering, waiting_list,
	min_participants, company_limit, audience_mode, own_municipality, confirm_email, decision_on, search`

func contentValues(c Content) []any {
	return []any{c.Kind, c.Language, c.Title, c.Summary, c.Description, c.Mode, store.At(c.StartsAt), store.At(c.EndsAt), c.TimeZone, store.At(c.OpensAt),
		store.At(c.ClosesAt), store.Text(c.Municipality.Country), store.Text(c.Municipality.Number), c.VenueName, c.VenueAddress, c.AccessNotes, c.JoinURL,
		store.Text(c.JoinPromisedOn), c.PriceMinor, c.PriceNote, c.ContactName, c.ContactEmail, c.ContactPhone, c.AskPhone, c.Catering, c.WaitingList,
		c.MinParticipants, c.CompanyLimit, cmp.Or(c.AudienceMode, AudienceInfo), c.OwnMunicipality, c.ConfirmEmail, store.Text(c.DecisionOn), searchWords(c)}
}

// searchWords folds what a visitor may look for, so that it is found on every
// database and however å and ø are typed.
func searchWords(c Content) string {
	words := []string{c.Title, c.Summary, c.Description, c.VenueName, c.VenueAddress}
	for _, a := range c.Agenda {
		words = append(words, a.Title)
	}
	for _, s := range c.Speakers {
		words = append(words, s.Name, s.Organisation)
	}
	return locale.Fold(strings.Join(words, " "))
}

func insert(ctx context.Context, tx *store.Tx, e Event) error {
	values := append([]any{e.ID, e.ProgrammeID, e.Slug, e.Status, store.At(tx.Now), store.At(tx.Now)}, contentValues(e.Content)...)
	_, err := store.Exec(ctx, tx, `
		INSERT INTO event (id, programme_id, slug, status, created_at, changed_at, `+contentColumns+`)
		VALUES (`+placeholders(len(values))+`)`, values...)
	return err
}

func update(ctx context.Context, tx *store.Tx, id string, c Content) error {
	values := append(contentValues(c), store.At(tx.Now), id)
	_, err := store.Exec(ctx, tx, `
		UPDATE event SET (`+contentColumns+`, changed_at, revision) = (`+placeholders(len(values)-1)+`, revision + 1) WHERE id = ?`, values...)
	return err
}

func placeholders(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// writeCapacity brings the rows of places in line with the modes. Fewer places
// than are taken is refused beside the field, as is the end of a mode for which
// people are signed up; people above the places, added by hand, do not stand in
// the way of an edit.
func writeCapacity(ctx context.Context, tx *store.Tx, id string, c Content) error {
	var f problem.Fields
	for _, x := range []struct {
		mode   Mode
		places *int
	}{{Room, c.RoomPlaces}, {Online, c.OnlinePlaces}} {
		wanted := c.Mode == x.mode || c.Mode == Hybrid
		had, err := store.All(ctx, tx, func(r store.Row) (n Capacity, err error) {
			return n, r.Scan(&n.Taken, &n.Extra)
		}, `SELECT taken, extra FROM event_capacity WHERE event_id = ? AND mode = ?`, id, x.mode)
		if err != nil {
			return err
		}
		switch {
		case !wanted && len(had) > 0:
			err = endMode(ctx, tx, id, x.mode, had[0], &f)
		case !wanted:
		case len(had) == 0:
			_, err = store.Exec(ctx, tx, `INSERT INTO event_capacity (event_id, mode, places) VALUES (?, ?, ?)`, id, x.mode, x.places)
		case x.places != nil && *x.places < had[0].Taken:
			f.Add(string(x.mode)+"_places", "places_taken", "n", had[0].Taken)
		default:
			err = resize(ctx, tx, id, x.mode, x.places, had[0])
		}
		if err != nil {
			return fmt.Errorf("write places: %w", err)
		}
	}
	return f.Err()
}

// endMode takes a mode away, unless people have a place in it or wait for one or
// for the answer to a request.
func endMode(ctx context.Context, tx *store.Tx, id string, mode Mode, had Capacity, f *problem.Fields) error {
	signedUp, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM registration WHERE event_id = ? AND (mode = ? OR ? = 'room' AND room_since IS NOT NULL)
			AND status IN ('pending_email', 'requested', 'confirmed', 'waitlisted', 'offered', 'attended', 'no_show')`, id, mode, mode)
	if err != nil {
		return err
	}
	if n := max(signedUp, had.Taken+had.Extra); n > 0 {
		f.Add("mode", "mode_taken", "n", n)
		return nil
	}
	_, err = store.Exec(ctx, tx, `DELETE FROM event_capacity WHERE event_id = ? AND mode = ?`, id, mode)
	return err
}

// resize sets the number of places. Of those above the old number, as many as
// fit now have ordinary places, the first to come first.
func resize(ctx context.Context, tx *store.Tx, id string, mode Mode, places *int, had Capacity) error {
	fit := had.Extra
	if places != nil {
		fit = min(fit, *places-had.Taken)
	}
	_, err := store.Exec(ctx, tx, `
		UPDATE registration SET extra = FALSE WHERE id IN
			(SELECT id FROM registration WHERE event_id = ? AND mode = ? AND extra ORDER BY joined_at, id LIMIT ?)`, id, mode, fit)
	if err != nil {
		return err
	}
	_, err = store.Exec(ctx, tx, `
		UPDATE event_capacity SET places = ?, taken = taken + ?, extra = extra - ?, revision = revision + 1,
			called_at_revision = CASE WHEN taken + extra >= ? THEN NULL ELSE called_at_revision END
		WHERE event_id = ? AND mode = ?`, places, fit, fit, places, id, mode)
	return err
}

// writeRows replaces audience, co-organisers, agenda and speakers, and keeps
// the ids of the questions that stay, for their answers hang on them.
func writeRows(ctx context.Context, tx *store.Tx, id string, c *Content) error {
	for _, table := range []string{"event_audience", "co_organiser", "agenda_item", "speaker"} {
		if _, err := store.Exec(ctx, tx, `DELETE FROM `+table+` WHERE event_id = ?`, id); err != nil {
			return err
		}
	}
	type row struct {
		query string
		args  []any
	}
	var rows []row
	for i, a := range c.Audiences {
		rows = append(rows, row{`INSERT INTO event_audience (event_id, position, audience) VALUES (?, ?, ?)`, []any{id, i, a}})
	}
	for i, name := range c.CoOrganisers {
		rows = append(rows, row{`INSERT INTO co_organiser (event_id, position, name) VALUES (?, ?, ?)`, []any{id, i, name}})
	}
	for i, a := range c.Agenda {
		rows = append(rows, row{`INSERT INTO agenda_item (event_id, position, offset_minutes, title) VALUES (?, ?, ?, ?)`, []any{id, i, a.OffsetMinutes, a.Title}})
	}
	for i, s := range c.Speakers {
		rows = append(rows, row{`INSERT INTO speaker (event_id, position, name, organisation) VALUES (?, ?, ?, ?)`, []any{id, i, s.Name, s.Organisation}})
	}
	for _, r := range rows {
		if _, err := store.Exec(ctx, tx, r.query, r.args...); err != nil {
			return err
		}
	}
	return writeQuestions(ctx, tx, id, c)
}

func writeQuestions(ctx context.Context, tx *store.Tx, id string, c *Content) error {
	if _, err := store.Exec(ctx, tx, `UPDATE question SET removed = TRUE WHERE event_id = ?`, id); err != nil {
		return err
	}
	for i := range c.Questions {
		q := &c.Questions[i]
		options, err := json.Marshal(append([]string{}, q.Options...))
		if err != nil {
			return err
		}
		n, err := store.Exec(ctx, tx, `
			UPDATE question SET position = ?, kind = ?, label = ?, required = ?, options = ?, removed = FALSE
			WHERE id = ? AND event_id = ?`, i, q.Kind, q.Label, q.Required, string(options), q.ID, id)
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		q.ID = tx.NewID()
		_, err = store.Exec(ctx, tx, `
			INSERT INTO question (id, event_id, position, kind, label, required, options) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			q.ID, id, i, q.Kind, q.Label, q.Required, string(options))
		if err != nil {
			return err
		}
	}
	return nil
}

func readRows(ctx context.Context, tx *store.Tx, e *Event) (err error) {
	if e.Audiences, err = store.All(ctx, tx, store.Value[string], `SELECT audience FROM event_audience WHERE event_id = ? ORDER BY position`, e.ID); err != nil {
		return err
	}
	if e.CoOrganisers, err = store.All(ctx, tx, store.Value[string], `SELECT name FROM co_organiser WHERE event_id = ? ORDER BY position`, e.ID); err != nil {
		return err
	}
	e.Agenda, err = store.All(ctx, tx, func(r store.Row) (a AgendaItem, err error) {
		return a, r.Scan(&a.OffsetMinutes, &a.Title)
	}, `SELECT offset_minutes, title FROM agenda_item WHERE event_id = ? ORDER BY position`, e.ID)
	if err != nil {
		return err
	}
	e.Speakers, err = store.All(ctx, tx, func(r store.Row) (s Speaker, err error) {
		return s, r.Scan(&s.Name, &s.Organisation)
	}, `SELECT name, organisation FROM speaker WHERE event_id = ? ORDER BY position`, e.ID)
	if err != nil {
		return err
	}
	e.Questions, err = store.All(ctx, tx, func(r store.Row) (q Question, err error) {
		var options string
		if err = r.Scan(&q.ID, &q.Kind, &q.Label, &q.Required, &options); err != nil {
			return q, err
		}
		return q, json.Unmarshal([]byte(options), &q.Options)
	}, `SELECT id, kind, label, required, options FROM question WHERE event_id = ? AND NOT removed ORDER BY position`, e.ID)
	return err
}
