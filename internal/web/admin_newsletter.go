package web

import (
	"context"

	"github.com/gin-gonic/gin"

	"stafett/internal/mailing"
	"stafett/internal/store"
)

// newsReaders is how many a programme's news reach now, and where one writes to
// them.
type newsReaders struct {
	Programme string
	N         int
	Address   string // empty: one has no programme
}

// readersOf counts the readers of one's programmes.
func readersOf(ctx context.Context, tx *store.Tx, c *gin.Context) (list []newsReaders, err error) {
	own, err := ownProgrammes(ctx, tx, c)
	for _, p := range own {
		reach, err := mailing.ReachOf(ctx, tx, p.ID, mailing.OfNews())
		if err != nil {
			return nil, err
		}
		list = append(list, newsReaders{p.Name, reach.People, newMailingPath + "?news=" + p.ID})
	}
	return list, err
}

// together counts the readers of several programmes; which of them is meant is
// asked on the page for a new mailing.
func together(list []newsReaders) newsReaders {
	if len(list) == 1 {
		return list[0]
	}
	all := newsReaders{}
	for _, r := range list {
		all.N += r.N
		all.Address = newMailingPath + "#news"
	}
	return all
}
