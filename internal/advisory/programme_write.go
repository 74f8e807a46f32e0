package advisory

import (
	"context"
	"fmt"
	"slices"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrSlugTaken says that another programme of advice has the address already.
var ErrSlugTaken = &problem.Problem{Kind: problem.Conflict, Code: "slug_taken"}

// AddProgramme stores a new programme of advice and returns it with its id. It
// refuses with what Check finds, and with ErrSlugTaken.
func AddProgramme(ctx context.Context, tx *store.Tx, p Programme, by audit.Actor) (Programme, error) {
	if err := p.Check(); err != nil {
		return p, err
	}
	p.ID, p.CreatedAt, p.ChangedAt = tx.NewID(), tx.Now, tx.Now
	p.ownQuestions(nil)
	added, err := insertProgramme(ctx, tx, p)
	if err != nil {
		return p, fmt.Errorf("add programme of advice: %w", err)
	}
	if !added {
		return p, ErrSlugTaken
	}
	if err := writeParts(ctx, tx, p); err != nil {
		return p, err
	}
	if err := audit.Add(ctx, tx, audit.Entry{
		Actor: by, ProgrammeID: p.ProgrammeID, Action: "advisory_programme.create", ObjectKind: "advisory_programme", ObjectID: p.ID, To: string(p.Status),
	}); err != nil {
		return p, err
	}
	return ProgrammeByID(ctx, tx, p.ID)
}

// ownQuestions makes new ones of the questions that are not among those the
// programme has: nobody changes another's by naming it.
func (p *Programme) ownQuestions(had []Question) {
	for i, q := range p.Questions {
		if !slices.ContainsFunc(had, func(h Question) bool { return h.ID == q.ID }) {
			p.Questions[i].ID = ""
		}
	}
}
