// Package advisory holds the hours of individual advice: the programmes that give
// them, the advisers and when they are free, bookings, and the ledger in which
// every hour is reserved, given back and spent. A company never gets a minute more
// than its cap, a programme never more than its pool, an adviser never two meetings
// at once, whoever asks at the same moment.
package advisory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// ProgrammeStatus says whether a programme of advice can be seen and booked.
type ProgrammeStatus string

// A draft is for organisers only; a closed one takes no new bookings.
const (
	Draft  ProgrammeStatus = "draft"
	Open   ProgrammeStatus = "open"
	Closed ProgrammeStatus = "closed"
)

// Prerequisite is what must be true before somebody may book.
type Prerequisite string

// The prerequisites.
const (
	NoPrerequisite Prerequisite = "none"
	AttendedKind   Prerequisite = "attended"    // anyone of the company attended such an event in the last months
	PublicBody     Prerequisite = "public_body" // for those who buy for the public
	Application    Prerequisite = "application" // a project whose application was granted
	ByOrganiser    Prerequisite = "organiser"   // an organiser says yes to each
)

// CapPer is whose hours are counted together.
type CapPer string

// The holders of a cap.
const (
	PerCompany     CapPer = "company"
	PerUndertaking CapPer = "undertaking" // linked companies count as one
	PerProject     CapPer = "project"
)

// Meeting is a form of meeting.
type Meeting string

// The forms of meeting.
const (
	Online Meeting = "online"
	Phone  Meeting = "phone"
	OnSite Meeting = "on_site"
)

// Meetings lists the forms of meeting in the order in which they are shown.
func Meetings() []Meeting { return []Meeting{Online, Phone, OnSite} }

// Text is what a programme is called and says in one language.
type Text struct {
	Name, Summary string
	Preparation   string // what to have at hand, a line each
}

// Question is one that is asked beside the need.
type Question struct {
	ID       string
	Kind     string // text, choice, yes_no
	Label    string
	Required bool
	Options  []string
	Removed  bool // no longer asked, its answers stay
}

// Programme is one programme of advice. Lengths are minutes, prices an hour's, in
// öre or øre without VAT.
type Programme struct {
	ID, ProgrammeID, Slug string
	Status                ProgrammeStatus
	Language              string
	Prerequisite          Prerequisite
	PrerequisiteKind      event.Kind
	PrerequisiteMonths    int
	CapMinutes            *int // nil: no limit
	CapPer                CapPer
	CapPeriod             string // "programme" or "year"
	PoolMinutes           *int   // nil: no limit
	PriceMinor            int64
	Currency              string
	VATPercent            int
	VATReason             string
	StepMinutes           int
	LeadMinutes           int
	FreeCancelMinutes     int
	HorizonDays           int
	LateFree              int
	LateChargeMinutes     int
	MissedChargeMinutes   int
	MaxReschedules        int
	SettleStepMinutes     int
	AidRegime             string // "none" or "de_minimis"
	AidReason             string
	AidMarketMinor        int64
	AidSource             string
	QuickLog              bool
	ClosesOn              string // "2026-12-31": the last day of meetings
	Revision              int
	CreatedAt, ChangedAt  time.Time

	Lengths   []int // rising
	Meetings  []Meeting
	Audiences []string
	Phases    []string
	Questions []Question // those still asked first, in order
	Texts     map[string]Text
}

// IsAid reports whether advice in the programme is state aid to the company.
func (p Programme) IsAid() bool { return p.AidRegime == "de_minimis" }

// Text is what the programme says in the reader's language, or in the nearest
// that it has, and which language that is.
func (p Programme) Text(reader string) (t Text, language string) {
	for _, lang := range locale.InOrder(reader, p.Language) {
		if t, ok := p.Texts[lang]; ok {
			return t, lang
		}
	}
	return Text{}, p.Language
}

// ProgrammeByID finds a programme of advice with all that belongs to it.
func ProgrammeByID(ctx context.Context, tx *store.Tx, id string) (Programme, error) {
	return findProgramme(ctx, tx, `WHERE id = ?`, id)
}

// ProgrammeBySlug finds a programme of advice by its address.
func ProgrammeBySlug(ctx context.Context, tx *store.Tx, slug string) (Programme, error) {
	return findProgramme(ctx, tx, `WHERE slug = ?`, slug)
}

func findProgramme(ctx context.Context, tx *store.Tx, where string, args ...any) (Programme, error) {
	found, err := selectProgrammes(ctx, tx, where, args...)
	if err != nil {
		return Programme{}, err
	}
	if len(found) == 0 {
		return Programme{}, problem.ErrMissing
	}
	return found[0], nil
}

// OpenProgrammes lists those that can be booked, by slug.
func OpenProgrammes(ctx context.Context, tx *store.Tx) ([]Programme, error) {
	return selectProgrammes(ctx, tx, `WHERE status = 'open'`)
}

// ProgrammesOf lists all programmes of advice of a programme, by slug; of every
// programme when programmeID is empty.
func ProgrammesOf(ctx context.Context, tx *store.Tx, programmeID string) ([]Programme, error) {
	return selectProgrammes(ctx, tx, `WHERE ? IN ('', programme_id)`, programmeID)
}

// ProgrammesOfAdviser lists those in which an adviser takes bookings, by slug.
func ProgrammesOfAdviser(ctx context.Context, tx *store.Tx, adviserID string) ([]Programme, error) {
	return selectProgrammes(ctx, tx, `WHERE id IN (SELECT advisory_programme_id FROM adviser_programme WHERE adviser_id = ?)`, adviserID)
}

// Location is the clock on which the programme's times are told.
func (p Programme) Location() *time.Location { return location(zoneOf(p.Currency)) }

// errNoSuch turns a row that is not there into the refusal for it.
func errNoSuch(err error) error {
	if errors.Is(err, store.ErrNoRow) {
		return problem.ErrMissing
	}
	return err
}

// lockPool keeps everybody else who wants of the programme's pool waiting until the
// transaction ends.
func lockPool(ctx context.Context, tx *store.Tx, id string) error {
	n, err := store.Exec(ctx, tx, `UPDATE advisory_programme SET pool_revision = pool_revision + 1 WHERE id = ?`, id)
	if err == nil && n != 1 {
		err = fmt.Errorf("programme of advice %s: %w", id, store.ErrNoRow)
	}
	return err
}
