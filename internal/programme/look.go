package programme

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // logos
	_ "image/png"
	"strings"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Logo is the picture at the head of a programme's letters.
type Logo struct {
	Type          string // image/png or image/jpeg
	Data          []byte
	Width, Height int    // pixels
	Alt           string // what it shows, for those who do not see it
}

// Limits of a logo. It goes along with every letter, so it must be small.
const (
	MaxLogo    = 60_000 // bytes
	leastSide  = 16     // pixels
	mostSide   = 1600
	maxLogoAlt = 100 // characters
)

// SetAccent stores the programme's colour; an empty one goes back to ours. A colour
// that is not seen on a light ground is refused, with the nearest that is.
func SetAccent(ctx context.Context, tx *store.Tx, id, typed string, by audit.Actor) error {
	p, err := Find(ctx, tx, id)
	if err != nil {
		return err
	}
	colour := ""
	if strings.TrimSpace(typed) != "" {
		if colour, err = CheckAccent(typed); err != nil {
			return err
		}
	}
	if _, err := store.Exec(ctx, tx, `UPDATE programme SET accent = ? WHERE id = ?`, colour, id); err != nil {
		return fmt.Errorf("set accent: %w", err)
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: id, Action: "programme.accent", ObjectKind: "programme", ObjectID: id, From: p.Accent, To: colour})
}

// CheckAccent gives the colour in the form in which it is stored, or says what is
// wrong with it.
func CheckAccent(typed string) (string, error) {
	colour, ok := ParseColour(typed)
	if !ok {
		return "", problem.Fields{{Name: "accent", Code: "colour"}}.Err()
	}
	if nearest := NearestAccent(colour); nearest != colour {
		return "", problem.Fields{{Name: "accent", Code: "colour_pale", Args: []any{"nearest", nearest}}}.Err()
	}
	return colour, nil
}

// CheckLogo reads a picture to its end and says what is wrong with it. What it
// really is decides, not its name: a drawing in SVG, which can hold programs, is
// refused like all else that is neither PNG nor JPEG.
func CheckLogo(data []byte, alt string) (Logo, error) {
	var f problem.Fields
	l := Logo{Data: data, Alt: strings.TrimSpace(alt)}
	switch {
	case l.Alt == "":
		f.Add("alt", "required")
	case utf8.RuneCountInString(l.Alt) > maxLogoAlt:
		f.Add("alt", "too_long", "most", maxLogoAlt)
	case locale.Deceptive(l.Alt, false):
		f.Add("alt", "characters")
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	l.Type, l.Width, l.Height = "image/"+format, config.Width, config.Height
	switch {
	case len(data) > MaxLogo:
		f.Add("logo", "logo_large", "most", MaxLogo/1000)
	case err != nil || format != "png" && format != "jpeg":
		f.Add("logo", "logo_type")
	case min(l.Width, l.Height) < leastSide || max(l.Width, l.Height) > mostSide:
		f.Add("logo", "logo_size", "least", leastSide, "most", mostSide)
	default:
		if _, _, err := image.Decode(bytes.NewReader(data)); err != nil {
			f.Add("logo", "logo_type")
		}
	}
	return l, f.Err()
}

// SetLogo stores the programme's logo in the place of the one that was.
func SetLogo(ctx context.Context, tx *store.Tx, id string, data []byte, alt string, by audit.Actor) error {
	l, err := CheckLogo(data, alt)
	if err != nil {
		return err
	}
	_, err = store.Exec(ctx, tx, `
		INSERT INTO programme_logo (programme_id, type, data, width, height, alt, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (programme_id) DO UPDATE SET type = excluded.type, data = excluded.data, width = excluded.width, height = excluded.height, alt = excluded.alt, changed_at = excluded.changed_at`,
		id, l.Type, l.Data, l.Width, l.Height, l.Alt, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("set logo: %w", err)
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: id, Action: "programme.logo", ObjectKind: "programme", ObjectID: id, To: l.Alt})
}

// RemoveLogo takes the programme's logo out of its letters.
func RemoveLogo(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	n, err := store.Exec(ctx, tx, `DELETE FROM programme_logo WHERE programme_id = ?`, id)
	if err != nil || n == 0 {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: id, Action: "programme.logo_removed", ObjectKind: "programme", ObjectID: id})
}

// FindLogo returns the programme's logo; found is false when it has none.
func FindLogo(ctx context.Context, tx *store.Tx, id string) (l Logo, found bool, err error) {
	l, err = store.One(ctx, tx, func(r store.Row) (l Logo, err error) {
		return l, r.Scan(&l.Type, &l.Data, &l.Width, &l.Height, &l.Alt)
	}, `SELECT type, data, width, height, alt FROM programme_logo WHERE programme_id = ?`, id)
	if errors.Is(err, store.ErrNoRow) {
		return l, false, nil
	}
	return l, err == nil, err
}
