// Package application holds the projects that ask for support from a common pot:
// the form, the case from draft to closing, the pot's money and the hours that a
// grant opens. The pot never gives more than it holds, a project never gets more
// than the scheme allows, and a case never takes a step that is not in the table,
// whoever asks at the same moment.
package application

import (
	"context"
	"errors"
	"time"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// Status is where a case stands.
type Status string

// The states of an application.
const (
	Draft       Status = "draft" // only its writer knows of it
	Submitted   Status = "submitted"
	NeedsInfo   Status = "needs_info" // the applicant has been asked for more
	Assessed    Status = "assessed"   // read, and ready to be decided
	Granted     Status = "granted"
	Rejected    Status = "rejected"
	Withdrawn   Status = "withdrawn"
	Running     Status = "running" // in one of the programme's phases
	FinalReport Status = "final_report"
	Closed      Status = "closed"
)

// Statuses lists the states in the order of a case's life.
func Statuses() []Status {
	return []Status{Draft, Submitted, NeedsInfo, Assessed, Granted, Running, FinalReport, Closed, Rejected, Withdrawn}
}

// Undecided reports whether the case waits for its decision.
func (s Status) Undecided() bool { return s == Submitted || s == NeedsInfo || s == Assessed }

// Live reports whether the project has support that it may use: it may book hours.
func (s Status) Live() bool { return s == Granted || s == Running }

// Ended reports whether nothing more happens.
func (s Status) Ended() bool { return s == Rejected || s == Withdrawn || s == Closed }

// Application is one project's case. Money is the smallest unit of the scheme's
// currency, lengths are minutes.
type Application struct {
	ID, AdvisoryProgrammeID string
	Number                  string // of the case: "2026-1"; of a draft nothing
	Status                  Status
	PersonID                string // who applies
	CompanyID               string // the body that applies; a draft may have none yet
	BodyName                string // the body's name as the applicant wrote it
	Language                string // in which it is written, and answered
	Content
	GrantedMinor           *int64
	GrantedMinutes         *int
	Phase                  *int   // index in the programme's phases
	ReportBy               string // "2027-06-30": the last day for the final report
	FinalReport            string
	FinalReportURL         string
	EndReason              string
	Typed                  Form // of a draft: the form as it was typed
	Revision               int
	CreatedAt, SubmittedAt time.Time
	DecidedAt, ChangedAt   time.Time
}

// Content is what an application says.
type Content struct {
	Title         string
	Challenge     string // the need of society that it answers
	Goal          string // the goal that it serves
	ReportURL     string // the body's sustainability report
	ProjectOwner  string
	BudgetMinor   *int64
	OwnShareMinor *int64
	AskedMinor    *int64
	Support       string // what help is wanted
}

// The refusals of a case.
var (
	// ErrNotNow says that the case has moved on, so that this can no longer be done.
	ErrNotNow = &problem.Problem{Kind: problem.Conflict, Code: "application_not_now"}
	// ErrNotOpen says that the scheme takes no applications today.
	ErrNotOpen = &problem.Problem{Kind: problem.Conflict, Code: "application_not_open"}
	// ErrUnconfirmed says that nobody has confirmed that the applicant acts for the body.
	ErrUnconfirmed = &problem.Problem{Kind: problem.Conflict, Code: "application_unconfirmed"}
	// ErrPot says that the pot has not so much left; its value "left" is how much there is.
	ErrPot = &problem.Problem{Kind: problem.Conflict, Code: "application_pot"}
	// ErrBookings says that meetings lie ahead, or wait for their time to be entered.
	ErrBookings = &problem.Problem{Kind: problem.Conflict, Code: "application_bookings"}
	// ErrPayouts says that a payout waits for its answer.
	ErrPayouts = &problem.Problem{Kind: problem.Conflict, Code: "application_payouts"}
)

// Find returns the application, or problem.ErrMissing.
func Find(ctx context.Context, tx *store.Tx, id string) (Application, error) {
	a, err := store.One(ctx, tx, scan, selectApplication+`WHERE a.id = ?`, id)
	return a, missing(err)
}

// OfPerson lists what a person has going on, the newest first: their own cases,
// and those of bodies for which both they and the applicant are confirmed.
func OfPerson(ctx context.Context, tx *store.Tx, personID string) ([]Application, error) {
	return store.All(ctx, tx, scan, selectApplication+`WHERE `+mine+`ORDER BY a.created_at DESC, a.id DESC`, personID, personID)
}

// By lists the cases and drafts of which the person is the writer, the newest first.
func By(ctx context.Context, tx *store.Tx, personID string) ([]Application, error) {
	return store.All(ctx, tx, scan, selectApplication+`WHERE a.person_id = ? ORDER BY a.created_at DESC, a.id DESC`, personID)
}

// Own returns an application that the person may see and act on, or
// problem.ErrMissing: their own, and those of a body that they share with the
// applicant, confirmed on both sides. A draft is for its writer alone.
func Own(ctx context.Context, tx *store.Tx, personID, id string) (Application, error) {
	a, err := store.One(ctx, tx, scan, selectApplication+`WHERE a.id = ? AND (`+mine+`)`, id, personID, personID)
	return a, missing(err)
}

// mine is true of the applications that a person may see, for the person twice.
// What has been granted needs no look at the applicant, who may have left.
const mine = ` a.person_id = ? OR a.status <> 'draft' AND EXISTS (
	SELECT 1 FROM contact mine
	WHERE mine.person_id = ? AND mine.status = 'confirmed' AND mine.company_id = (SELECT COALESCE(c.merged_into, c.id) FROM company c WHERE c.id = a.company_id)
		AND (a.granted_minor IS NOT NULL OR EXISTS (
			SELECT 1 FROM contact theirs WHERE theirs.company_id = mine.company_id AND theirs.person_id = a.person_id AND theirs.status = 'confirmed'))) `

// Projects lists the granted projects for which the person may book hours in the
// programme of advice, the oldest first.
func Projects(ctx context.Context, tx *store.Tx, personID, advisoryProgrammeID string) ([]Application, error) {
	return store.All(ctx, tx, scan, selectApplication+`
		WHERE a.advisory_programme_id = ? AND a.status IN ('granted', 'running') AND (`+mine+`) ORDER BY a.decided_at, a.id`, advisoryProgrammeID, personID, personID)
}

func missing(err error) error {
	if errors.Is(err, store.ErrNoRow) {
		return problem.ErrMissing
	}
	return err
}
