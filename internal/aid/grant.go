package aid

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// Granting is what an organiser decides to grant.
type Granting struct {
	Minutes          int // at most what was planned
	Rate             Rate
	Number           string // of the decision, in the organiser's own register
	Reason           string // why it is less than planned
	NACE             string
	LegalForm        string
	SizeClass        string // 0, 1-9, 10-49, 50-249, 250+
	MunicipalityCode string
	Market           int64 // what an hour costs on the market; nought: as planned
}

// Award is a grant.
type Award struct {
	ID, CaseID, DeclarationID, DecisionID string
	State                                 string
	On                                    time.Time
	Minutes                               int
	MarketMinor, PriceMinor, HourMinor    int64
	AidMinor                              int64
	Currency                              string
	Rate                                  Rate
	Cents                                 int64
	NACE                                  string
	Number                                string // of the decision
	Round                                 int
	Used                                  *int // minutes, once its account is closed
	Corrections                           []Correction
}

// InForce is what the grant stands at after its corrections.
func (a Award) InForce() (minutes int, minor, cents int64) {
	minutes, minor, cents = a.Minutes, a.AidMinor, a.Cents
	for _, k := range a.Corrections {
		minutes, minor, cents = k.Minutes, k.AidMinor, k.Cents
	}
	return minutes, minor, cents
}

// NowMinutes, NowMinor and NowCents are what the grant stands at; see InForce.
func (a Award) NowMinutes() int { n, _, _ := a.InForce(); return n }

// NowMinor is the amount in the smallest unit.
func (a Award) NowMinor() int64 { _, n, _ := a.InForce(); return n }

// NowCents is the amount in euro cents.
func (a Award) NowCents() int64 { _, _, n := a.InForce(); return n }

// Grant grants aid on a checked declaration, before the first meeting: the right
// arises now. The company is told (letter A2), and the register has to be, within
// twenty working days. When the undertaking would come above the ceiling the whole
// grant would fall outside of the regulation (Art. 3(7)): it is refused with
// ErrCeiling, which says how many minutes would still fit. The other refusals are at
// the fields, and ErrNotNow.
func Grant(ctx context.Context, tx *store.Tx, caseID string, g Granting, by audit.Actor) (Award, error) {
	c, err := Find(ctx, tx, caseID)
	if err != nil {
		return Award{}, err
	}
	if !may(c.Status, IsGranted) {
		return Award{}, ErrNotNow
	}
	if err := g.check(c, c.today(tx)); err != nil {
		return Award{}, err
	}
	r, err := c.Recipient(ctx, tx)
	if err != nil {
		return Award{}, err
	}
	if err := lock(ctx, tx, r.UndertakingID); err != nil {
		return Award{}, err
	}
	d, err := c.Declaration(ctx, tx)
	if err != nil {
		return Award{}, err
	}
	a := c.award(tx, g, d)
	had, err := sum(ctx, tx, r, c.State, a.On, d)
	if err != nil {
		return a, err
	}
	if had.Unknown {
		return a, ErrNotNow
	}
	if had.Total()+a.Cents > Ceiling {
		return a, ErrCeiling.With("minutes", Fitting(had.Left(), a.HourMinor, a.Rate.Value, a.Minutes, fitStep))
	}
	if a.DecisionID, err = c.decide(ctx, tx, decision{"granted", d.ID, g.Number, g.Reason, a.Minutes, had, a.Cents}, by); err != nil {
		return a, err
	}
	if err := a.insert(ctx, tx, had.Since); err != nil {
		return a, err
	}
	if err := c.move(ctx, tx, IsGranted, g.Reason, by); err != nil {
		return a, err
	}
	if err := c.keep(ctx, tx, a, g, d, r); err != nil {
		return a, err
	}
	return a, c.inform(ctx, tx, a, by)
}

// fitStep is in which steps hours are offered that would still fit, in minutes.
const fitStep = 15

func (g *Granting) check(c Case, today time.Time) error {
	var f problem.Fields
	if g.Minutes <= 0 || g.Minutes > c.Minutes {
		f.Add("minutes", "aid_minutes", "most", c.Minutes)
	}
	if g.Number = strings.TrimSpace(g.Number); g.Number == "" {
		f.Add("number", "required")
	}
	if g.Rate.Value <= 0 {
		f.Add("rate", "aid_rate")
	}
	if g.Rate.On.IsZero() || g.Rate.On.After(today) {
		f.Add("rate_on", "aid_day")
	}
	if g.Rate.Source = strings.TrimSpace(g.Rate.Source); g.Rate.Source == "" {
		f.Add("rate_source", "required")
	}
	nace, err := ParseNACE(g.NACE)
	if err != nil {
		f.Add("nace", "aid_nace")
	}
	g.NACE, g.Reason = nace, strings.TrimSpace(g.Reason)
	for name, value := range map[string]string{"number": g.Number, "rate_source": g.Rate.Source, "legal_form": g.LegalForm, "size_class": g.SizeClass, "municipality_code": g.MunicipalityCode} {
		line(&f, name, value, 200)
	}
	if utf8.RuneCountInString(g.Reason) > maxReason {
		f.Add("reason", "too_long", "most", maxReason)
	}
	return f.Err()
}

func line(f *problem.Fields, name, value string, most int) {
	switch {
	case utf8.RuneCountInString(value) > most:
		f.Add(name, "too_long", "most", most)
	case locale.Deceptive(value, false):
		f.Add(name, "characters")
	}
}

// award computes what the grant comes to.
func (c Case) award(tx *store.Tx, g Granting, d Declaration) Award {
	a := Award{
		ID: tx.NewID(), CaseID: c.ID, DeclarationID: d.ID, State: c.State, On: c.today(tx), Minutes: g.Minutes,
		MarketMinor: c.MarketMinor, PriceMinor: c.PriceMinor, Currency: c.Currency, Rate: g.Rate, NACE: g.NACE, Number: g.Number, Round: c.Round,
	}
	if g.Market > 0 {
		a.MarketMinor = g.Market
	}
	a.HourMinor = HourMinor(a.MarketMinor, a.PriceMinor)
	a.AidMinor = Amount(a.Minutes, a.HourMinor)
	a.Cents = EuroCents(a.AidMinor, a.Rate.Value)
	return a
}

func (a Award) insert(ctx context.Context, tx *store.Tx, since time.Time) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO aid_award (id, case_id, declaration_id, decision_id, state, granted_on, since, minutes, market_minor, price_minor, hour_minor, aid_minor, currency, rate, rate_on, rate_source, eur_cents, nace, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.CaseID, a.DeclarationID, a.DecisionID, a.State, dayText(a.On), dayText(since), a.Minutes, a.MarketMinor, a.PriceMinor, a.HourMinor, a.AidMinor, a.Currency,
		a.Rate.Value, dayText(a.Rate.On), a.Rate.Source, a.Cents, a.NACE, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("grant aid: %w", err)
	}
	return nil
}

type decision struct {
	outcome, declarationID, number, reason string
	minutes                                int
	had                                    Sum
	cents                                  int64
}

// decide writes who decided what, and on which figures.
func (c Case) decide(ctx context.Context, tx *store.Tx, d decision, by audit.Actor) (id string, err error) {
	id = tx.NewID()
	_, err = store.Exec(ctx, tx, `
		INSERT INTO aid_decision (id, case_id, declaration_id, outcome, number, reason, asked_minutes, granted_minutes, own_cents, declared_cents, new_cents, actor_kind, actor_id, at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, c.ID, store.Text(d.declarationID), d.outcome, d.number, d.reason, c.Minutes, d.minutes, d.had.Own, d.had.Declared, d.cents, by.Kind, by.ID, store.At(tx.Now))
	if err != nil {
		return id, fmt.Errorf("decide on aid: %w", err)
	}
	return id, nil
}

// inform tells the company what it was granted, and from when on the register has
// to know.
func (c *Case) inform(ctx context.Context, tx *store.Tx, a Award, by audit.Actor) error {
	if err := c.write(ctx, tx, message.AidGranted, "A2:"+a.ID); err != nil {
		return err
	}
	if err := c.move(ctx, tx, Informed, "", by); err != nil {
		return err
	}
	s, err := SettingOf(ctx, tx, c.AdvisoryProgrammeID)
	if err != nil || !s.RegisterRequired {
		return err
	}
	if err := c.mustRegister(ctx, tx, a.ID, ""); err != nil {
		return err
	}
	return c.move(ctx, tx, ToRegister, "", by)
}

// Inform writes letter A2 once more, to the person who acts for the company now.
func Inform(ctx context.Context, tx *store.Tx, caseID string, by audit.Actor) error {
	c, err := Find(ctx, tx, caseID)
	if err != nil {
		return err
	}
	all, err := c.Awards(ctx, tx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return ErrNotNow
	}
	if err := c.write(ctx, tx, message.AidGranted, fmt.Sprintf("A2:%s:%s", all[len(all)-1].ID, store.At(tx.Now))); err != nil {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: c.ProgrammeID, Action: "aid.inform", ObjectKind: "aid_case", ObjectID: c.ID})
}

// Refuse ends the case without a grant. The reason is shown to the company.
func Refuse(ctx context.Context, tx *store.Tx, caseID, reason string, by audit.Actor) (Case, error) {
	c, err := Find(ctx, tx, caseID)
	if err != nil {
		return c, err
	}
	if !may(c.Status, Refused) {
		return c, ErrNotNow
	}
	reason = strings.TrimSpace(reason)
	var f problem.Fields
	switch {
	case reason == "":
		f.Add("reason", "required")
	case utf8.RuneCountInString(reason) > maxReason:
		f.Add("reason", "too_long", "most", maxReason)
	case locale.Deceptive(reason, true):
		f.Add("reason", "characters")
	}
	if err := f.Err(); err != nil {
		return c, err
	}
	d, err := c.Declaration(ctx, tx)
	if err != nil {
		return c, err
	}
	had, err := c.Running(ctx, tx, c.today(tx))
	if err != nil {
		return c, err
	}
	if _, err := c.decide(ctx, tx, decision{"refused", d.ID, "", reason, 0, had, 0}, by); err != nil {
		return c, err
	}
	return c, c.move(ctx, tx, Refused, reason, by)
}

// Refusal is the reason of a case that has been refused; empty when it has not.
func (c Case) Refusal(ctx context.Context, tx *store.Tx) (string, error) {
	if c.Status != Refused {
		return "", nil
	}
	return store.One(ctx, tx, store.Value[string], `SELECT COALESCE((SELECT reason FROM aid_decision WHERE case_id = ? AND outcome = 'refused' ORDER BY at DESC, id DESC LIMIT 1), '')`, c.ID)
}

// TellRefusal writes letter A3 about a case that has just been refused, for a company
// that hears of it by no other letter.
func (c Case) TellRefusal(ctx context.Context, tx *store.Tx) error {
	return c.write(ctx, tx, message.AidRefused, fmt.Sprintf("A3:%s:%s", c.ID, store.At(tx.Now)))
}

// Setting is what an organiser sets for an advisory programme.
type Setting struct {
	RegisterRequired bool
	WarnPercent      int // of the ceiling
}

// SaveSetting stores it.
func SaveSetting(ctx context.Context, tx *store.Tx, programmeID, advisoryProgrammeID string, s Setting, by audit.Actor) error {
	if s.WarnPercent < 1 || s.WarnPercent > 100 {
		return problem.Fields{{Name: "warn", Code: "aid_percent"}}.Err()
	}
	_, err := store.Exec(ctx, tx, `
		INSERT INTO aid_setting (advisory_programme_id, register_required, warn_percent) VALUES (?, ?, ?)
		ON CONFLICT (advisory_programme_id) DO UPDATE SET register_required = excluded.register_required, warn_percent = excluded.warn_percent`,
		advisoryProgrammeID, s.RegisterRequired, s.WarnPercent)
	if err != nil {
		return fmt.Errorf("save a setting of aid: %w", err)
	}
	return audit.Add(ctx, tx, audit.Entry{
		Actor: by, ProgrammeID: programmeID, Action: "aid.setting", ObjectKind: "advisory_programme", ObjectID: advisoryProgrammeID,
		To: fmt.Sprintf("register %t, warn %d %%", s.RegisterRequired, s.WarnPercent),
	})
}

// SettingOf returns the setting, or the usual one.
func SettingOf(ctx context.Context, tx *store.Tx, advisoryProgrammeID string) (Setting, error) {
	all, err := store.All(ctx, tx, func(r store.Row) (s Setting, err error) { return s, r.Scan(&s.RegisterRequired, &s.WarnPercent) },
		`SELECT register_required, warn_percent FROM aid_setting WHERE advisory_programme_id = ?`, advisoryProgrammeID)
	if err != nil || len(all) == 0 {
		return Setting{RegisterRequired: true, WarnPercent: 80}, err
	}
	return all[0], nil
}

// authority is who grants: the organiser of the programme.
func authority(p programme.Programme) string {
	if p.OrganiserName != "" {
		return p.OrganiserName
	}
	return p.Name
}
