// Package programme holds the programmes: each has a county or country, a
// language, an organiser who answers for it, and its own events.
package programme

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Programme is one regional programme and the organiser behind it.
type Programme struct {
	ID, Slug, Name      string
	Country, CountyCode string // "SE", "20"; no code: not of one county
	Language, TimeZone  string
	OrganiserName       string
	OrgNumber           string
	ContactEmail        string
	ContactPhone        string
	Authority           bool   // answers become public records
	ErasureDecision     string // by which a Swedish authority may erase
	Accent              string // "#0062ba": of letters; empty: ours
}

// MayAskDiet reports whether the organiser may ask about diet: a Swedish
// authority may erase what comes in only by a decision, and must have entered
// it before it collects what has to be erased soon.
func (p Programme) MayAskDiet() bool {
	return !p.Authority || p.Country != "SE" || p.ErasureDecision != ""
}

// maxName is the longest name, in characters.
const maxName = 200

// Currency is in which money the programme's prices are.
func (p Programme) Currency() string {
	if p.Country == "NO" {
		return "NOK"
	}
	return "SEK"
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Check reports what must be corrected before the programme can be stored.
func (p Programme) Check() error {
	var f problem.Fields
	if !slugForm.MatchString(p.Slug) || len(p.Slug) > 80 {
		f.Add("slug", "slug")
	}
	switch name := strings.TrimSpace(p.Name); {
	case name == "":
		f.Add("name", "required")
	case utf8.RuneCountInString(name) > maxName:
		f.Add("name", "too_long", "most", maxName)
	}
	for _, line := range []struct{ field, text string }{
		{"name", p.Name}, {"organiser_name", p.OrganiserName}, {"org_number", p.OrgNumber}, {"contact_phone", p.ContactPhone}, {"erasure_decision", p.ErasureDecision},
	} {
		if locale.Deceptive(line.text, false) {
			f.Add(line.field, "characters")
		}
	}
	if p.Country != "SE" && p.Country != "NO" {
		f.Add("country", "choice")
	}
	if p.ContactEmail != "" {
		if _, err := person.Address(p.ContactEmail); err != nil {
			f.Add("contact_email", "email")
		}
	}
	switch p.Language {
	case "sv", "nb", "nn", "en":
	default:
		f.Add("language", "choice")
	}
	if p.TimeZone != "Europe/Stockholm" && p.TimeZone != "Europe/Oslo" {
		f.Add("time_zone", "choice")
	}
	return f.Err()
}

// ErrSlugTaken says that another programme has the address already.
var ErrSlugTaken = &problem.Problem{Kind: problem.Conflict, Code: "slug_taken"}

// Add stores a new programme and returns it with its id.
func Add(ctx context.Context, tx *store.Tx, p Programme, by audit.Actor) (Programme, error) {
	if err := p.Check(); err != nil {
		return p, err
	}
	p.ID = tx.NewID()
	n, err := store.Exec(ctx, tx, `
		INSERT INTO programme (id, slug, name, country, county_code, language, time_zone, organiser_name, org_number, contact_email, contact_phone, authority, erasure_decision, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (slug) DO NOTHING`,
		p.ID, p.Slug, p.Name, p.Country, store.Text(p.CountyCode), p.Language, p.TimeZone, p.OrganiserName,
		p.OrgNumber, p.ContactEmail, p.ContactPhone, p.Authority, p.ErasureDecision, store.At(tx.Now))
	if err != nil {
		return p, fmt.Errorf("add programme: %w", err)
	}
	if n == 0 {
		return p, ErrSlugTaken
	}
	if err := message.AddStandardRules(ctx, tx, p.ID); err != nil {
		return p, err
	}
	return p, audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: p.ID, Action: "programme.add", ObjectKind: "programme", ObjectID: p.ID})
}

const selectProgramme = `SELECT id, slug, name, country, county_code, language, time_zone, organiser_name, org_number, contact_email, contact_phone, authority, erasure_decision, accent FROM programme `

func scanProgramme(r store.Row) (p Programme, err error) {
	err = r.Scan(&p.ID, &p.Slug, &p.Name, &p.Country, store.String(&p.CountyCode), &p.Language, &p.TimeZone,
		&p.OrganiserName, &p.OrgNumber, &p.ContactEmail, &p.ContactPhone, &p.Authority, &p.ErasureDecision, &p.Accent)
	return p, err
}

// Find returns the programme, or problem.ErrMissing.
func Find(ctx context.Context, tx *store.Tx, id string) (Programme, error) {
	return one(ctx, tx, selectProgramme+`WHERE id = ?`, id)
}

// FindBySlug returns the programme with this address, or problem.ErrMissing.
func FindBySlug(ctx context.Context, tx *store.Tx, slug string) (Programme, error) {
	return one(ctx, tx, selectProgramme+`WHERE slug = ?`, slug)
}

// List returns all programmes by name.
func List(ctx context.Context, tx *store.Tx) ([]Programme, error) {
	return store.All(ctx, tx, scanProgramme, selectProgramme+`ORDER BY name, id`)
}

func one(ctx context.Context, tx *store.Tx, query string, arg string) (Programme, error) {
	p, err := store.One(ctx, tx, scanProgramme, query, arg)
	if errors.Is(err, store.ErrNoRow) {
		return p, problem.ErrMissing
	}
	return p, err
}
