package aid

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Correction is a lower amount than was granted.
type Correction struct {
	ID, AwardID     string
	Minutes         int
	AidMinor, Cents int64
	Reason          string
	At              time.Time
}

// Correct lowers the newest grant of the case to so many minutes. What comes of it
// goes by the grant's own prices and rate, and is to be registered as well. It
// refuses with ErrNotLower, at the field reason, and with ErrNotNow.
func Correct(ctx context.Context, tx *store.Tx, caseID string, minutes int, reason string, by audit.Actor) (Correction, error) {
	c, err := Find(ctx, tx, caseID)
	if err != nil {
		return Correction{}, err
	}
	all, err := c.Awards(ctx, tx)
	if err != nil {
		return Correction{}, err
	}
	if len(all) == 0 {
		return Correction{}, ErrNotNow
	}
	var f problem.Fields
	switch reason = strings.TrimSpace(reason); {
	case reason == "":
		f.Add("reason", "required")
	case utf8.RuneCountInString(reason) > maxReason:
		f.Add("reason", "too_long", "most", maxReason)
	}
	if err := f.Err(); err != nil {
		return Correction{}, err
	}
	return c.correct(ctx, tx, all[len(all)-1], minutes, reason, by)
}

func (c Case) correct(ctx context.Context, tx *store.Tx, a Award, minutes int, reason string, by audit.Actor) (Correction, error) {
	now, _, _ := a.InForce()
	if minutes < 0 || minutes >= now {
		return Correction{}, ErrNotLower.With("minutes", now)
	}
	k := Correction{ID: tx.NewID(), AwardID: a.ID, Minutes: minutes, AidMinor: Amount(minutes, a.HourMinor), Reason: reason, At: tx.Now}
	k.Cents = EuroCents(k.AidMinor, a.Rate.Value)
	_, err := store.Exec(ctx, tx, `
		INSERT INTO aid_correction (id, award_id, position, minutes, aid_minor, eur_cents, reason, actor_kind, actor_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.AwardID, len(a.Corrections)+1, k.Minutes, k.AidMinor, k.Cents, k.Reason, by.Kind, by.ID, store.At(tx.Now))
	if err != nil {
		return k, fmt.Errorf("correct aid: %w", err)
	}
	if err := keepCorrection(ctx, tx, k); err != nil {
		return k, err
	}
	s, err := SettingOf(ctx, tx, c.AdvisoryProgrammeID)
	if err != nil {
		return k, err
	}
	if s.RegisterRequired {
		if err := c.mustRegister(ctx, tx, a.ID, k.ID); err != nil {
			return k, err
		}
	}
	if may(c.Status, Corrected) {
		return k, c.move(ctx, tx, Corrected, reason, by)
	}
	return k, audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: c.ProgrammeID, Action: "aid.corrected", ObjectKind: "aid_case", ObjectID: c.ID, Reason: reason})
}

// Close ends the grants of a company in an advisory programme when its hours are
// used up or given back, with the minutes that were used. Where that is less than
// was granted, the grant is corrected. A case in which nothing was decided lapses.
// Without a case it does nothing.
func Close(ctx context.Context, tx *store.Tx, advisoryProgrammeID, companyID string, used int, by audit.Actor) error {
	c, err := Of(ctx, tx, advisoryProgrammeID, companyID)
	if errors.Is(err, problem.ErrMissing) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.close(ctx, tx, used, by)
}

// CloseForPerson is the same for a person whose firm has no number of its own.
func CloseForPerson(ctx context.Context, tx *store.Tx, advisoryProgrammeID, personID string, used int, by audit.Actor) error {
	c, err := OfPerson(ctx, tx, advisoryProgrammeID, personID)
	if errors.Is(err, problem.ErrMissing) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.close(ctx, tx, used, by)
}

func (c Case) close(ctx context.Context, tx *store.Tx, used int, by audit.Actor) error {
	if c.Status.Undecided() {
		return c.move(ctx, tx, Lapsed, "", by)
	}
	all, err := c.Awards(ctx, tx)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Used != nil {
			continue
		}
		granted, _, _ := a.InForce()
		mine := min(max(used, 0), granted)
		used -= mine
		if _, err := store.Exec(ctx, tx, `INSERT INTO aid_closing (award_id, used_minutes, at) VALUES (?, ?, ?)`, a.ID, mine, store.At(tx.Now)); err != nil {
			return fmt.Errorf("close a grant: %w", err)
		}
		if _, err := store.Exec(ctx, tx, `UPDATE aid_record SET used_minutes = ? WHERE award_id = ?`, mine, a.ID); err != nil {
			return fmt.Errorf("keep what was used: %w", err)
		}
		if mine < granted {
			if _, err := c.correct(ctx, tx, a, mine, usedLess, by); err != nil {
				return err
			}
		}
	}
	return nil
}

// usedLess is the reason of a correction that a closed account makes; the text is
// "aid.reason.used_less".
const usedLess = "used_less"

// Awards lists the grants of the case, oldest first, with their corrections.
func (c Case) Awards(ctx context.Context, tx *store.Tx) ([]Award, error) {
	all, err := store.All(ctx, tx, func(r store.Row) (a Award, err error) {
		var on, rateOn string
		err = r.Scan(&a.ID, &a.CaseID, &a.DeclarationID, &a.DecisionID, &a.State, &on, &a.Minutes, &a.MarketMinor, &a.PriceMinor, &a.HourMinor, &a.AidMinor, &a.Currency,
			&a.Rate.Value, &rateOn, &a.Rate.Source, &a.Cents, &a.NACE, &a.Number, &a.Round, store.Int(&a.Used))
		a.On, a.Rate.On = dayFrom(on), dayFrom(rateOn)
		return a, err
	}, `SELECT a.id, a.case_id, a.declaration_id, a.decision_id, a.state, a.granted_on, a.minutes, a.market_minor, a.price_minor, a.hour_minor, a.aid_minor, a.currency,
			a.rate, a.rate_on, a.rate_source, a.eur_cents, a.nace, d.number, n.round, e.used_minutes
		FROM aid_award a JOIN aid_decision d ON d.id = a.decision_id JOIN aid_declaration n ON n.id = a.declaration_id LEFT JOIN aid_closing e ON e.award_id = a.id
		WHERE a.case_id = ? ORDER BY n.position, a.id`, c.ID)
	for i := range all {
		if err == nil {
			all[i].Corrections, err = store.All(ctx, tx, func(r store.Row) (k Correction, err error) {
				return k, r.Scan(&k.ID, &k.AwardID, &k.Minutes, &k.AidMinor, &k.Cents, &k.Reason, store.Time(&k.At))
			}, `SELECT id, award_id, minutes, aid_minor, eur_cents, reason, at FROM aid_correction WHERE award_id = ? ORDER BY position`, all[i].ID)
		}
	}
	return all, err
}
