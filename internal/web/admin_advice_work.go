package web

import (
	"context"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/aid"
	"stafett/internal/application"
	"stafett/internal/store"
)

// adviceWork is what of advice waits for an organiser, within one's own programmes.
type adviceWork struct {
	Aid          int             // cases of state aid to decide on
	AidDue       int             // and to register
	Applications int             // sent in, or assessed and not decided
	Counts       advisory.Counts // bookings, hours
}

// Any is whether anything waits.
func (w adviceWork) Any() bool { return w.Aid+w.AidDue+w.Applications+w.Counts.Decide() > 0 }

func adviceWorkOf(ctx context.Context, tx *store.Tx, c *gin.Context) (w adviceWork, err error) {
	own := mayOrganise(c)
	if w.Aid, err = aid.Count(ctx, tx, own, aid.ToDecide); err != nil {
		return w, err
	}
	if w.AidDue, err = aid.Count(ctx, tx, own, aid.Unreported); err != nil {
		return w, err
	}
	counts, err := application.Counts(ctx, tx, application.Filter{Programmes: own})
	if err != nil {
		return w, err
	}
	w.Applications = counts[application.Submitted] + counts[application.Assessed]
	w.Counts, err = adviceWaits(ctx, tx, c)
	return w, err
}
