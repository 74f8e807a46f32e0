package event

import (
	"context"
	"strconv"
	"strings"

	"github.com/gosimple/slug"

	"stafett/internal/store"
)

// maxSlug is how long a slug is before its number.
const maxSlug = 80

// freeSlug makes a slug of the words, or of another word when nothing is left of
// them, with a number behind it when it is taken. Taken counts the rows that have
// a slug.
func freeSlug(ctx context.Context, tx *store.Tx, words, without, taken string) (string, error) {
	base := slug.MakeLang(words, "sv") // Swedish for all: Norwegian rules write å as aa
	if len(base) > maxSlug {
		base = strings.TrimRight(base[:maxSlug], "-")
	}
	if base == "" {
		base = without
	}
	for n := 1; ; n++ {
		candidate := base
		if n > 1 {
			candidate += "-" + strconv.Itoa(n)
		}
		rows, err := store.One(ctx, tx, store.Value[int], taken, candidate)
		if err != nil || rows == 0 {
			return candidate, err
		}
	}
}
