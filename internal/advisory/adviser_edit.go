package advisory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/user"
)

var (
	// ErrAdviserElsewhere says that the adviser also gives advice in programmes of
	// others, who rely on it.
	ErrAdviserElsewhere = &problem.Problem{Kind: problem.Conflict, Code: "adviser_elsewhere"}
	// ErrUserDisabled says that the user is let in no more.
	ErrUserDisabled = &problem.Problem{Kind: problem.Conflict, Code: "adviser_disabled"}
)

// AdvisersWithin lists the advisers of these programmes, also those who take no new
// bookings, by name: who gives advice there, or has the role there.
func AdvisersWithin(ctx context.Context, tx *store.Tx, within Within) ([]Adviser, error) {
	given, args := within.where("p.programme_id")
	role, more := within.where("r.programme_id")
	return store.All(ctx, tx, scanAdviser, selectAdviser+`
		WHERE EXISTS (SELECT 1 FROM adviser_programme x JOIN advisory_programme p ON p.id = x.advisory_programme_id WHERE x.adviser_id = a.id AND `+given+`)
			OR EXISTS (SELECT 1 FROM role r WHERE r.user_id = a.user_id AND r.role = 'adviser' AND (r.programme_id IS NULL OR `+role+`))
		ORDER BY u.name, a.id`, append(args, more...)...)
}

// AdviserWithin finds an adviser of these programmes, or problem.ErrMissing.
func AdviserWithin(ctx context.Context, tx *store.Tx, within Within, id string) (Adviser, error) {
	found, err := AdvisersWithin(ctx, tx, within)
	if err != nil {
		return Adviser{}, err
	}
	for _, a := range found {
		if a.ID == id {
			return a, nil
		}
	}
	return Adviser{}, problem.ErrMissing
}

// Gives lists the ids of the programmes of advice that an adviser takes bookings
// in, by adviser.
func Gives(ctx context.Context, tx *store.Tx) (map[string][]string, error) {
	type row struct{ adviser, programme string }
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) { return x, r.Scan(&x.adviser, &x.programme) },
		`SELECT adviser_id, advisory_programme_id FROM adviser_programme ORDER BY advisory_programme_id`)
	gives := map[string][]string{}
	for _, x := range rows {
		gives[x.adviser] = append(gives[x.adviser], x.programme)
	}
	return gives, err
}

// NewAdviser is who an organiser adds.
type NewAdviser struct {
	Email, Name, Language, Country string
	ProgrammeID                    string   // where the role is given
	Advice                         []string // programmes of advice
}

// EnsureAdviser makes somebody an adviser: the user account if there is none, the
// role, and the programmes of advice. Who has an account keeps its name and
// language. It refuses with ErrUserDisabled and with what must be corrected.
func EnsureAdviser(ctx context.Context, tx *store.Tx, n NewAdviser, by audit.Actor) (Adviser, error) {
	grant := user.Grant{Role: user.Adviser, ProgrammeID: n.ProgrammeID}
	u, err := user.FindByEmail(ctx, tx, n.Email)
	switch {
	case errors.Is(err, problem.ErrMissing):
		if u, err = user.Add(ctx, tx, n.Email, n.Name, n.Language, []user.Grant{grant}); err != nil {
			return Adviser{}, err
		}
		if err := audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: n.ProgrammeID, Action: "user.add", ObjectKind: "user", ObjectID: u.ID}); err != nil {
			return Adviser{}, err
		}
	case err != nil:
		return Adviser{}, err
	case u.Disabled:
		return Adviser{}, ErrUserDisabled
	case !u.May(user.Adviser, n.ProgrammeID):
		if err := user.Give(ctx, tx, u.ID, grant); err != nil {
			return Adviser{}, err
		}
		if err := audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: n.ProgrammeID, Action: "user.role", ObjectKind: "user", ObjectID: u.ID, To: string(user.Adviser)}); err != nil {
			return Adviser{}, err
		}
	}
	a, err := AdviserOfUser(ctx, tx, u.ID)
	if errors.Is(err, problem.ErrMissing) {
		return AddAdviser(ctx, tx, Adviser{UserID: u.ID, Country: n.Country}, n.Advice, by)
	}
	if err != nil {
		return a, err
	}
	for _, id := range n.Advice {
		if err := JoinProgramme(ctx, tx, a.ID, id, by); err != nil {
			return a, err
		}
	}
	return a, nil
}

// SetGives lets an adviser take bookings in exactly these of the programmes of
// advice within; what is booked stays, and others' programmes are not touched.
func SetGives(ctx context.Context, tx *store.Tx, adviserID string, within Within, advice []string, by audit.Actor) error {
	own, err := ProgrammesWithin(ctx, tx, within)
	if err != nil {
		return err
	}
	for _, p := range own {
		wanted := false
		for _, id := range advice {
			wanted = wanted || id == p.ID
		}
		if wanted {
			if err := JoinProgramme(ctx, tx, adviserID, p.ID, by); err != nil {
				return err
			}
			continue
		}
		n, err := store.Exec(ctx, tx, `DELETE FROM adviser_programme WHERE adviser_id = ? AND advisory_programme_id = ?`, adviserID, p.ID)
		if err != nil {
			return fmt.Errorf("leave programme of advice: %w", err)
		}
		if n == 0 {
			continue
		}
		if err := audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: p.ProgrammeID, Action: "adviser.leave", ObjectKind: "adviser", ObjectID: adviserID, From: p.ID}); err != nil {
			return err
		}
	}
	return nil
}

// Elsewhere reports whether an adviser gives advice in programmes other than these.
func (a Adviser) Elsewhere(ctx context.Context, tx *store.Tx, within Within) (bool, error) {
	in, args := within.where("p.programme_id")
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM adviser_programme x JOIN advisory_programme p ON p.id = x.advisory_programme_id
		WHERE x.adviser_id = ? AND NOT (`+in+`)`, append([]any{a.ID}, args...)...)
	return n > 0, err
}

// StopAdviser lets an adviser take no new bookings, or, with start, take them again;
// what is booked stays. Whoever gives advice in other programmes too is refused with
// ErrAdviserElsewhere: leaving one's own is enough.
func StopAdviser(ctx context.Context, tx *store.Tx, id string, within Within, start bool, by audit.Actor) error {
	a, err := AdviserWithin(ctx, tx, within, id)
	if err != nil {
		return err
	}
	elsewhere, err := a.Elsewhere(ctx, tx, within)
	if err != nil {
		return err
	}
	if elsewhere {
		return ErrAdviserElsewhere
	}
	stopped, action := store.At(tx.Now), "adviser.stop"
	if start {
		stopped, action = nil, "adviser.start"
	}
	n, err := store.Exec(ctx, tx, `UPDATE adviser SET stopped_at = ? WHERE id = ? AND (stopped_at IS NULL) = ?`, stopped, id, !start)
	if err != nil || n == 0 {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, Action: action, ObjectKind: "adviser", ObjectID: id})
}

// OnDay lists an adviser's meetings of one day, on the adviser's own clock, that are
// still to begin, in programmes of advice within these; by start.
func (a Adviser) OnDay(ctx context.Context, tx *store.Tx, within Within, day string) ([]Booking, error) {
	from, err := time.ParseInLocation(time.DateOnly, day, a.Location())
	if err != nil {
		return nil, nil //nolint:nilerr // no day has no meetings
	}
	in, args := within.where("p.programme_id")
	return store.All(ctx, tx, scanBooking, selectBooking+`
		WHERE adviser_id = ? AND status IN ('requested', 'confirmed') AND starts_at >= ? AND starts_at < ? AND starts_at > ?
			AND advisory_programme_id IN (SELECT p.id FROM advisory_programme p WHERE `+in+`) ORDER BY starts_at, id`,
		append([]any{a.ID, store.At(from), store.At(from.AddDate(0, 0, 1)), store.At(tx.Now)}, args...)...)
}

// CancelDay cancels all that OnDay lists, for illness say, with a reason that
// everybody who had booked reads, and lets nobody book that day. It answers how many
// meetings there were.
func CancelDay(ctx context.Context, tx *store.Tx, id string, within Within, day, reason string, by audit.Actor) (int, error) {
	if reason = strings.TrimSpace(reason); reason == "" {
		return 0, ErrNoReason
	}
	a, err := AdviserWithin(ctx, tx, within, id)
	if err != nil {
		return 0, err
	}
	if err := lockAdviser(ctx, tx, a.ID); err != nil {
		return 0, err
	}
	meetings, err := a.OnDay(ctx, tx, within, day)
	if err != nil {
		return 0, err
	}
	if _, err := store.Exec(ctx, tx, `INSERT INTO availability_exception (id, adviser_id, date, available, note) VALUES (?, ?, ?, FALSE, '')`, tx.NewID(), a.ID, day); err != nil {
		return 0, fmt.Errorf("close the day: %w", err)
	}
	if err := audit.Add(ctx, tx, audit.Entry{Actor: by, Action: "adviser.day_cancelled", ObjectKind: "adviser", ObjectID: a.ID, To: day}); err != nil {
		return 0, err
	}
	for _, b := range meetings {
		if _, err := Cancel(ctx, tx, b.ID, reason, false, by); err != nil {
			return 0, err
		}
	}
	return len(meetings), a.withdrawDay(ctx, tx, day, by)
}
