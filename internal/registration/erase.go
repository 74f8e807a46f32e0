package registration

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/store"
)

// needsLife is how long after the event food and access needs are kept.
const needsLife = 7 * 24 * time.Hour

// EraseNeeds erases what people wrote about food and access: seven days after
// the event, at once when it is cancelled or the person does not come. Of a
// Swedish authority it erases nothing before the authority's decision to erase
// has been entered: what came in is a public record until then.
func EraseNeeds(ctx context.Context, tx *store.Tx) error {
	due := `(diet <> '' OR access_needs <> '') AND event_id IN (SELECT e.id FROM event e JOIN programme p ON p.id = e.programme_id
			WHERE p.id = ? AND (e.ends_at <= ? AND e.status <> 'postponed' OR e.status = 'cancelled'
				OR registration.status IN ('rejected', 'lapsed', 'declined', 'expired', 'cancelled', 'late_cancelled', 'transferred')))`
	programmes, err := store.All(ctx, tx, store.Value[string], `
		SELECT id FROM programme WHERE NOT (authority AND country = 'SE' AND erasure_decision = '') ORDER BY id`)
	if err != nil {
		return err
	}
	for _, id := range programmes {
		n, err := store.Exec(ctx, tx, `UPDATE registration SET diet = '', access_needs = '' WHERE `+due, id, store.At(tx.Now.Add(-needsLife)))
		if err != nil {
			return fmt.Errorf("erase needs: %w", err)
		}
		if n == 0 {
			continue
		}
		err = audit.Add(ctx, tx, audit.Entry{Actor: audit.System, ProgrammeID: id, Action: "registration.erase_needs", ObjectKind: "programme", ObjectID: id, To: fmt.Sprint(n)})
		if err != nil {
			return err
		}
	}
	return nil
}
