package programme_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var ctx = context.Background()

func dalarna() programme.Programme {
	return programme.Programme{
		Slug: "dalarna", Name: "Upphandlingskompetens Dalarna", Country: "SE", CountyCode: "20", Language: "sv", TimeZone: "Europe/Stockholm",
		OrganiserName: "Exempelregionen", OrgNumber: "4123456784", ContactEmail: "kontakt@example.se", ContactPhone: "023-00 00 00", Authority: true,
	}
}

func TestWhatMustBeCorrected(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*programme.Programme)
		want   []problem.Field
	}{
		{"nothing", func(*programme.Programme) {}, nil},
		{"a Norwegian one", func(p *programme.Programme) { p.Country, p.Language, p.TimeZone = "NO", "nn", "Europe/Oslo" }, nil},
		{"no address", func(p *programme.Programme) { p.Slug = "" }, []problem.Field{{Name: "slug", Code: "slug"}}},
		{"an address in capitals", func(p *programme.Programme) { p.Slug = "Dalarna" }, []problem.Field{{Name: "slug", Code: "slug"}}},
		{"an address that leaves its folder", func(p *programme.Programme) { p.Slug = "../dalarna" }, []problem.Field{{Name: "slug", Code: "slug"}}},
		{"an address with a line break", func(p *programme.Programme) { p.Slug = "dalarna\n" }, []problem.Field{{Name: "slug", Code: "slug"}}},
		{"the longest address", func(p *programme.Programme) { p.Slug = strings.Repeat("a", 80) }, nil},
		{"an address too long", func(p *programme.Programme) { p.Slug = strings.Repeat("a", 81) }, []problem.Field{{Name: "slug", Code: "slug"}}},
		{"a name of blanks", func(p *programme.Programme) { p.Name = " \t" }, []problem.Field{{Name: "name", Code: "required"}}},
		{"the longest name", func(p *programme.Programme) { p.Name = strings.Repeat("å", 200) }, nil},
		{"a name too long", func(p *programme.Programme) { p.Name = strings.Repeat("å", 201) }, []problem.Field{{Name: "name", Code: "too_long", Args: []any{"most", 200}}}},
		{"a name of two lines", func(p *programme.Programme) { p.Name = "x\r\nBcc: a" }, []problem.Field{{Name: "name", Code: "characters"}}},
		{"an organiser that turns the direction", func(p *programme.Programme) { p.OrganiserName = "x\u202ey" }, []problem.Field{{Name: "organiser_name", Code: "characters"}}},
		{"all else wrong", func(p *programme.Programme) { p.Country, p.Language, p.TimeZone = "DK", "da", "UTC" }, []problem.Field{
			{Name: "country", Code: "choice"}, {Name: "language", Code: "choice"}, {Name: "time_zone", Code: "choice"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := dalarna()
			tt.change(&p)
			var got []problem.Field
			if refusal, ok := problem.As(p.Check()); ok {
				got = refusal.Fields
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDietMayBeAskedWhereItMayBeErased(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    programme.Programme
		want bool
	}{
		{"a Swedish authority without a decision", programme.Programme{Country: "SE", Authority: true}, false},
		{"a Swedish authority with one", programme.Programme{Country: "SE", Authority: true, ErasureDecision: "2027-14"}, true},
		{"a Swedish association", programme.Programme{Country: "SE"}, true},
		{"a Norwegian authority", programme.Programme{Country: "NO", Authority: true}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.p.MayAskDiet(); got != tt.want {
				t.Errorf("MayAskDiet = %t", got)
			}
		})
	}
}

func TestAProgrammeIsFoundAsItWasStored(t *testing.T) {
	db, _ := storetest.New(t)
	want, other := dalarna(), dalarna()
	want.ErasureDecision = "2027-14"
	other.Slug, other.Name, other.CountyCode = "anbud-i-dalom", "Anbud i Dalom", ""
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		if want, err = programme.Add(ctx, tx, want, audit.Command); err != nil {
			return err
		}
		other, err = programme.Add(ctx, tx, other, audit.Command)
		return err
	})
	storetest.Read(t, db, func(tx *store.Tx) error {
		byID, err := programme.Find(ctx, tx, want.ID)
		if diff := cmp.Diff(want, byID); diff != "" || err != nil {
			t.Errorf("by id: %v\n%s", err, diff)
		}
		bySlug, err := programme.FindBySlug(ctx, tx, "anbud-i-dalom")
		if diff := cmp.Diff(other, bySlug); diff != "" || err != nil {
			t.Errorf("by address: %v\n%s", err, diff)
		}
		all, err := programme.List(ctx, tx)
		if diff := cmp.Diff([]programme.Programme{other, want}, all); diff != "" || err != nil {
			t.Errorf("all by name: %v\n%s", err, diff)
		}
		for _, find := range []func(context.Context, *store.Tx, string) (programme.Programme, error){programme.Find, programme.FindBySlug} {
			if _, err := find(ctx, tx, "nowhere"); !errors.Is(err, problem.ErrMissing) {
				t.Errorf("what is not there: %v", err)
			}
		}
		entries, err := audit.Of(ctx, tx, "programme", want.ID)
		if len(entries) != 1 || entries[0].Action != "programme.add" {
			t.Errorf("audit: %v", entries)
		}
		return err
	})
}

func TestAnAddressBelongsToOneProgramme(t *testing.T) {
	db, _ := storetest.New(t)
	add := func(p programme.Programme) error {
		return db.Write(ctx, func(tx *store.Tx) error { _, err := programme.Add(ctx, tx, p, audit.Command); return err })
	}
	if err := add(dalarna()); err != nil {
		t.Fatal(err)
	}
	if err := add(dalarna()); !errors.Is(err, programme.ErrSlugTaken) {
		t.Errorf("the same address again: %v", err)
	}
	if refusal, ok := problem.As(add(programme.Programme{})); !ok || refusal.Kind != problem.Invalid {
		t.Errorf("an empty one: %v", refusal)
	}
}
