package advisory

import (
	"context"
	"fmt"
	"math"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

var (
	// ErrEdited says that somebody else has saved the programme meanwhile.
	ErrEdited = &problem.Problem{Kind: problem.Conflict, Code: "advice_edited"}
	// ErrProgrammeState says that the programme's state does not allow the step.
	ErrProgrammeState = &problem.Problem{Kind: problem.Conflict, Code: "advice_state"}
	// ErrBothNorwegian says that a Norwegian public body opens in bokmål and nynorsk
	// at the same time (språklova § 14).
	ErrBothNorwegian = &problem.Problem{Kind: problem.Conflict, Code: "advice_both_norwegian"}
)

// UpdateProgramme saves what an editor has changed who began with revision
// p.Revision. Status, programme, address and currency stay as they are. A new cap
// is at once that of every company and person, but for those to whom less was granted
// as aid, who keep that unless the new one is lower still; it is refused when somebody has used
// or booked more, unless a merge had taken them above the old one already. So is a
// pool below what is used or booked, and another holder or period of the cap once
// there are accounts. It refuses with ErrEdited and with what Check finds.
func UpdateProgramme(ctx context.Context, tx *store.Tx, p Programme, by audit.Actor) (Programme, error) {
	if err := lockPool(ctx, tx, p.ID); err != nil {
		return p, errNoSuch(err)
	}
	before, err := ProgrammeByID(ctx, tx, p.ID)
	if err != nil {
		return p, err
	}
	if before.Revision != p.Revision {
		return before, ErrEdited
	}
	p.ProgrammeID, p.Slug, p.Status, p.Currency, p.CreatedAt = before.ProgrammeID, before.Slug, before.Status, before.Currency, before.CreatedAt
	if err := p.Check(); err != nil {
		return p, err
	}
	if err := p.checkUsed(ctx, tx, before); err != nil {
		return p, err
	}
	p.ownQuestions(before.Questions)
	if _, err := store.Exec(ctx, tx, `
		UPDATE hours_account SET cap_minutes = ? WHERE advisory_programme_id = ? AND (company_id IS NOT NULL OR person_id IS NOT NULL)
			AND COALESCE(cap_minutes, -1) <> ? AND (COALESCE(cap_minutes, -1) = ? OR cap_minutes > ?)`,
		p.CapMinutes, p.ID, minutesOr(p.CapMinutes, -1), minutesOr(before.CapMinutes, -1), minutesOr(p.CapMinutes, math.MaxInt32)); err != nil {
		return p, fmt.Errorf("give accounts the new cap: %w", err)
	}
	if err := p.update(ctx, tx); err != nil {
		return p, err
	}
	if err := p.note(ctx, tx, "advisory_programme.update", "", "", by); err != nil {
		return p, err
	}
	return ProgrammeByID(ctx, tx, p.ID)
}

func minutesOr(n *int, or int) int {
	if n == nil {
		return or
	}
	return *n
}

// update writes the row and all that belongs to it, and raises the revision.
func (p Programme) update(ctx context.Context, tx *store.Tx) error {
	values := p.values(tx)
	_, err := store.Exec(ctx, tx, `UPDATE advisory_programme SET (`+programmeColumns+`) = (`+marks(len(values))+`), revision = revision + 1 WHERE id = ?`, append(values, p.ID)...)
	if err != nil {
		return fmt.Errorf("update programme of advice: %w", err)
	}
	return writeParts(ctx, tx, p)
}

func (p Programme) note(ctx context.Context, tx *store.Tx, action, from, to string, by audit.Actor) error {
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: p.ProgrammeID, Action: action, ObjectKind: "advisory_programme", ObjectID: p.ID, From: from, To: to})
}

// checkUsed refuses what would take hours back that are used or booked.
func (p Programme) checkUsed(ctx context.Context, tx *store.Tx, before Programme) error {
	var f problem.Fields
	if p.CapPer != before.CapPer || p.CapPeriod != before.CapPeriod {
		n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM hours_account WHERE advisory_programme_id = ?`, p.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			field := "cap_per"
			if p.CapPer == before.CapPer {
				field = "cap_period"
			}
			f.Add(field, "advice_accounts", "n", n)
		}
	}
	if p.CapMinutes != nil && p.CapPer != PerProject {
		n, err := store.One(ctx, tx, store.Value[int], `
			SELECT count(*) FROM (SELECT a.cap_minutes AS cap, SUM(CASE e.kind WHEN 'release' THEN -e.minutes ELSE e.minutes END) AS taken
				FROM hours_account a JOIN hours_entry e ON e.account_id = a.id
				WHERE a.advisory_programme_id = ? AND a.application_id IS NULL AND (a.company_id IS NOT NULL OR a.person_id IS NOT NULL)
				GROUP BY a.id, a.cap_minutes) AS sums
			WHERE taken > ? AND (cap IS NULL OR cap > ?)`, p.ID, *p.CapMinutes, *p.CapMinutes)
		if err != nil {
			return err
		}
		if n > 0 {
			f.Add("cap_minutes", "advice_cap_used", "n", n)
		}
	}
	if p.PoolMinutes != nil {
		b, err := PoolBalance(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if taken := b.Used + b.Reserved; taken > *p.PoolMinutes {
			f.Add("pool_minutes", "advice_pool_used", "hours", (taken+59)/60)
		}
	}
	return f.Err()
}

// SetStatus opens a programme of advice for bookings, or closes it; what is booked
// stays booked. It refuses with ErrProgrammeState when it is so already, and with
// ErrBothNorwegian.
func SetStatus(ctx context.Context, tx *store.Tx, id string, to ProgrammeStatus, by audit.Actor) error {
	p, err := ProgrammeByID(ctx, tx, id)
	if err != nil {
		return err
	}
	if p.Status == to || to == Draft || p.Status == Draft && to == Closed {
		return ErrProgrammeState
	}
	if to == Open {
		of, err := programme.Find(ctx, tx, p.ProgrammeID)
		if err != nil {
			return err
		}
		if of.Country == "NO" && of.Authority && (p.Texts["nb"].Name == "" || p.Texts["nn"].Name == "") {
			return ErrBothNorwegian
		}
	}
	if _, err := store.Exec(ctx, tx, `UPDATE advisory_programme SET status = ?, changed_at = ? WHERE id = ?`, to, store.At(tx.Now), id); err != nil {
		return fmt.Errorf("set status of programme of advice: %w", err)
	}
	return p.note(ctx, tx, "advisory_programme."+string(to), string(p.Status), string(to), by)
}

// CopyProgramme makes a draft with the same settings, questions and advisers under
// another name; names are by language, and those left out stay.
func CopyProgramme(ctx context.Context, tx *store.Tx, id string, names map[string]string, by audit.Actor) (Programme, error) {
	from, err := ProgrammeByID(ctx, tx, id)
	if err != nil {
		return from, err
	}
	p := from
	p.Status, p.Texts, p.Questions = Draft, map[string]Text{}, nil
	for lang, t := range from.Texts {
		if names[lang] != "" {
			t.Name = names[lang]
		}
		p.Texts[lang] = t
	}
	for _, q := range from.Questions {
		if !q.Removed {
			q.ID = ""
			p.Questions = append(p.Questions, q)
		}
	}
	if p.Slug, err = FreeSlug(ctx, tx, p.Texts[p.Language].Name); err != nil {
		return p, err
	}
	if p, err = AddProgramme(ctx, tx, p, by); err != nil {
		return p, err
	}
	_, err = store.Exec(ctx, tx, `
		INSERT INTO adviser_programme (adviser_id, advisory_programme_id) SELECT adviser_id, ? FROM adviser_programme WHERE advisory_programme_id = ?`, p.ID, from.ID)
	return p, err
}
