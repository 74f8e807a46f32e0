package web

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"stafett/internal/idempotency"
	"stafett/internal/store"
)

// once does what a form of the organisers asks for, at most once for each form
// that was filled in: sent again, by a double click or a retry, it leads where it
// led before and changes nothing. The form carries a fresh "key".
func once(ctx context.Context, tx *store.Tx, c *gin.Context, act func() error) error {
	key := onceKey(c.Request.URL.Path+" "+c.PostForm("key"), c.Request.PostForm)
	if _, found, err := idempotency.Look(ctx, tx, formCaller, key, key); err != nil || found {
		return err
	}
	if err := act(); err != nil {
		return err
	}
	return idempotency.Keep(ctx, tx, formCaller, key, key, idempotency.Answer{Status: http.StatusSeeOther})
}
