package advisory

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"stafett/internal/store"
)

const programmeColumns = `id, programme_id, slug, status, language, prerequisite, prerequisite_kind, prerequisite_months,
	cap_minutes, cap_per, cap_period, pool_minutes, price_minor, currency, vat_percent, vat_reason, step_minutes, lead_minutes,
	free_cancel_minutes, horizon_days, late_free, late_charge_minutes, missed_charge_minutes, max_reschedules, settle_step_minutes,
	aid_regime, aid_reason, aid_market_minor, aid_source, quick_log, closes_on, created_at, changed_at`

func scanProgramme(row store.Row) (p Programme, err error) {
	var months *int
	err = row.Scan(&p.ID, &p.ProgrammeID, &p.Slug, &p.Status, &p.Language, &p.Prerequisite, store.String((*string)(&p.PrerequisiteKind)), store.Int(&months),
		store.Int(&p.CapMinutes), &p.CapPer, &p.CapPeriod, store.Int(&p.PoolMinutes), &p.PriceMinor, &p.Currency, &p.VATPercent, &p.VATReason, &p.StepMinutes, &p.LeadMinutes,
		&p.FreeCancelMinutes, &p.HorizonDays, &p.LateFree, &p.LateChargeMinutes, &p.MissedChargeMinutes, &p.MaxReschedules, &p.SettleStepMinutes,
		&p.AidRegime, &p.AidReason, &p.AidMarketMinor, &p.AidSource, &p.QuickLog, store.String(&p.ClosesOn), store.Time(&p.CreatedAt), store.Time(&p.ChangedAt), &p.Revision)
	if months != nil {
		p.PrerequisiteMonths = *months
	}
	p.Texts = map[string]Text{}
	return p, err
}

func (p Programme) values(tx *store.Tx) []any {
	var months any
	if p.PrerequisiteMonths != 0 {
		months = p.PrerequisiteMonths
	}
	return []any{p.ID, p.ProgrammeID, p.Slug, p.Status, p.Language, p.Prerequisite, store.Text(string(p.PrerequisiteKind)), months,
		p.CapMinutes, p.CapPer, p.CapPeriod, p.PoolMinutes, p.PriceMinor, p.Currency, p.VATPercent, p.VATReason, p.StepMinutes, p.LeadMinutes,
		p.FreeCancelMinutes, p.HorizonDays, p.LateFree, p.LateChargeMinutes, p.MissedChargeMinutes, p.MaxReschedules, p.SettleStepMinutes,
		p.AidRegime, p.AidReason, p.AidMarketMinor, p.AidSource, p.QuickLog, store.Text(p.ClosesOn), store.At(p.CreatedAt), store.At(tx.Now)}
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// selectProgrammes reads the programmes and, in one query for each kind, all that
// belongs to them.
func selectProgrammes(ctx context.Context, tx *store.Tx, where string, args ...any) ([]Programme, error) {
	found, err := store.All(ctx, tx, scanProgramme, `SELECT `+programmeColumns+`, revision FROM advisory_programme `+where+` ORDER BY slug`, args...)
	if err != nil {
		return nil, fmt.Errorf("read programmes of advice: %w", err)
	}
	at := map[string]*Programme{}
	for i := range found {
		at[found[i].ID] = &found[i]
	}
	within := ` WHERE advisory_programme_id IN (SELECT id FROM advisory_programme ` + where + `) ORDER BY advisory_programme_id, `
	for _, part := range []struct {
		query string
		read  func(row store.Row) error
	}{
		{`SELECT advisory_programme_id, minutes FROM advisory_length` + within + `minutes`, func(row store.Row) error {
			var id string
			var n int
			err := row.Scan(&id, &n)
			at[id].Lengths = append(at[id].Lengths, n)
			return err
		}},
		{`SELECT advisory_programme_id, meeting FROM advisory_meeting` + within + `meeting = 'on_site', meeting = 'phone'`, func(row store.Row) error {
			var id string
			var m Meeting
			err := row.Scan(&id, &m)
			at[id].Meetings = append(at[id].Meetings, m)
			return err
		}},
		{`SELECT advisory_programme_id, audience FROM advisory_audience` + within + `position`, func(row store.Row) error {
			var id, audience string
			err := row.Scan(&id, &audience)
			at[id].Audiences = append(at[id].Audiences, audience)
			return err
		}},
		{`SELECT advisory_programme_id, name FROM advisory_phase` + within + `position`, func(row store.Row) error {
			var id, name string
			err := row.Scan(&id, &name)
			at[id].Phases = append(at[id].Phases, name)
			return err
		}},
		{`SELECT advisory_programme_id, id, kind, label, required, options, removed FROM intake_question` + within + `removed, position`, func(row store.Row) error {
			var id, options string
			var q Question
			if err := row.Scan(&id, &q.ID, &q.Kind, &q.Label, &q.Required, &options, &q.Removed); err != nil {
				return err
			}
			at[id].Questions = append(at[id].Questions, q)
			return json.Unmarshal([]byte(options), &at[id].Questions[len(at[id].Questions)-1].Options)
		}},
		{`SELECT advisory_programme_id, language, name, summary, preparation FROM advisory_text` + within + `language`, func(row store.Row) error {
			var id, language string
			var t Text
			err := row.Scan(&id, &language, &t.Name, &t.Summary, &t.Preparation)
			at[id].Texts[language] = t
			return err
		}},
	} {
		if _, err := store.All(ctx, tx, func(row store.Row) (struct{}, error) { return struct{}{}, part.read(row) }, part.query, args...); err != nil {
			return nil, fmt.Errorf("read what belongs to programmes of advice: %w", err)
		}
	}
	return found, nil
}

// insertProgramme writes a new programme unless its address is taken; what belongs
// to it is written by writeParts.
func insertProgramme(ctx context.Context, tx *store.Tx, p Programme) (added bool, err error) {
	values := p.values(tx)
	n, err := store.Exec(ctx, tx, `INSERT INTO advisory_programme (`+programmeColumns+`) VALUES (`+marks(len(values))+`) ON CONFLICT (slug) DO NOTHING`, values...)
	return n == 1, err
}

// writeParts writes anew what belongs to a programme. A question that is no longer
// asked stays, because answers to it do.
func writeParts(ctx context.Context, tx *store.Tx, p Programme) error {
	run := func(query string, args ...any) func() error {
		return func() error {
			_, err := store.Exec(ctx, tx, query, args...)
			return err
		}
	}
	steps := []func() error{
		run(`DELETE FROM advisory_length WHERE advisory_programme_id = ?`, p.ID),
		run(`DELETE FROM advisory_meeting WHERE advisory_programme_id = ?`, p.ID),
		run(`DELETE FROM advisory_audience WHERE advisory_programme_id = ?`, p.ID),
		run(`DELETE FROM advisory_phase WHERE advisory_programme_id = ?`, p.ID),
		run(`DELETE FROM advisory_text WHERE advisory_programme_id = ?`, p.ID),
		run(`UPDATE intake_question SET removed = TRUE WHERE advisory_programme_id = ?`, p.ID),
	}
	for _, n := range p.Lengths {
		steps = append(steps, run(`INSERT INTO advisory_length (advisory_programme_id, minutes) VALUES (?, ?)`, p.ID, n))
	}
	for _, m := range p.Meetings {
		steps = append(steps, run(`INSERT INTO advisory_meeting (advisory_programme_id, meeting) VALUES (?, ?)`, p.ID, m))
	}
	for i, a := range p.Audiences {
		steps = append(steps, run(`INSERT INTO advisory_audience (advisory_programme_id, position, audience) VALUES (?, ?, ?)`, p.ID, i, a))
	}
	for i, name := range p.Phases {
		steps = append(steps, run(`INSERT INTO advisory_phase (advisory_programme_id, position, name) VALUES (?, ?, ?)`, p.ID, i, name))
	}
	for language, t := range p.Texts {
		steps = append(steps, run(`INSERT INTO advisory_text (advisory_programme_id, language, name, summary, preparation) VALUES (?, ?, ?, ?, ?)`,
			p.ID, language, t.Name, t.Summary, t.Preparation))
	}
	for i, q := range p.Questions {
		if q.Removed {
			continue
		}
		if q.ID == "" {
			q.ID = tx.NewID()
		}
		options, err := json.Marshal(append([]string{}, q.Options...))
		if err != nil {
			return err
		}
		steps = append(steps, run(`
			INSERT INTO intake_question (id, advisory_programme_id, position, kind, label, required, options) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET position = excluded.position, kind = excluded.kind, label = excluded.label,
				required = excluded.required, options = excluded.options, removed = FALSE`,
			q.ID, p.ID, i, q.Kind, q.Label, q.Required, string(options)))
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("write what belongs to a programme of advice: %w", err)
		}
	}
	return nil
}
