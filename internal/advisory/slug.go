package advisory

import (
	"context"
	"strconv"
	"strings"

	"github.com/gosimple/slug"

	"stafett/internal/store"
)

// FreeSlug makes an address of a programme's name, with a number behind it when it
// is taken.
func FreeSlug(ctx context.Context, tx *store.Tx, name string) (string, error) {
	base := slug.MakeLang(name, "sv") // Swedish for all: Norwegian rules write å as aa
	if most := mostSlug - len("-999"); len(base) > most {
		base = strings.TrimRight(base[:most], "-")
	}
	if base == "" {
		base = "advice"
	}
	for n := 1; ; n++ {
		candidate := base
		if n > 1 {
			candidate += "-" + strconv.Itoa(n)
		}
		taken, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM advisory_programme WHERE slug = ?`, candidate)
		if err != nil || taken == 0 {
			return candidate, err
		}
	}
}
