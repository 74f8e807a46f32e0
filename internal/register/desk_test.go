package register_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/register"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var ctx = context.Background()

// book is a register in memory that counts how often it is asked.
type book struct {
	entries map[string]register.Entry
	asked   int
	fault   error
	wait    bool // until the question is given up
}

func (b *book) Find(ctx context.Context, country, number string) (register.Entry, error) {
	b.asked++
	if b.wait {
		<-ctx.Done()
		return register.Entry{}, ctx.Err()
	}
	e, known := b.entries[number]
	if b.fault == nil && !known {
		return e, register.ErrUnknown
	}
	return e, b.fault
}

var (
	firm = register.Entry{Country: "NO", Number: "310000019", Name: "EKSEMPELBYGG AS", LegalForm: "AS", Municipality: "3420", Closed: true}
	shop = register.Entry{Country: "NO", Number: "310001023", Name: "EKSEMPELBYGG AVD ELVERUM", LegalForm: "BEDR", Parent: "310000019"}
)

func newDesk(t *testing.T) (*register.Desk, *book, *storetest.Clock, *store.DB) {
	t.Helper()
	db, clock := storetest.New(t)
	b := &book{entries: map[string]register.Entry{firm.Number: firm, shop.Number: shop}}
	return register.NewDesk(db, b, slog.New(slog.NewTextHandler(io.Discard, nil))), b, clock, db
}

func TestASubUnitStandsForItsCompany(t *testing.T) {
	d, _, _, _ := newDesk(t)
	for _, tt := range []struct {
		name, number string
		want         register.Found
		found        bool
	}{
		{"a company", firm.Number, register.Found{Name: firm.Name, Company: firm}, true},
		{"a sub-unit has its own name and its parent's number", shop.Number, register.Found{Name: shop.Name, Company: firm}, true},
		{"an unknown number", "310002046", register.Found{}, false},
	} {
		for _, when := range []string{"asked", "kept"} {
			got, found := d.Ask(ctx, "NO", tt.number)
			if diff := cmp.Diff(tt.want, got); diff != "" || found != tt.found {
				t.Errorf("%s, %s: %t (-want +got):\n%s", tt.name, when, found, diff)
			}
		}
	}
}

func TestASubUnitWithoutAKnownCompanyIsNotFound(t *testing.T) {
	d, b, _, _ := newDesk(t)
	delete(b.entries, firm.Number)
	if got, found := d.Ask(ctx, "NO", shop.Number); found {
		t.Errorf("found %+v", got)
	}
}

func TestAnAnswerIsKeptForThirtyDays(t *testing.T) {
	for _, number := range []string{firm.Number, "310002046"} { // found, and not
		d, b, clock, db := newDesk(t)
		d.Ask(ctx, "NO", number)
		clock.Advance(30*24*time.Hour - time.Second)
		d.Ask(ctx, "NO", number)
		if b.asked != 1 {
			t.Errorf("%s: asked %d times within thirty days", number, b.asked)
		}
		clock.Advance(time.Second)
		d.Ask(ctx, "NO", "310003085") // another number clears away what is old
		storetest.Read(t, db, func(tx *store.Tx) error {
			left, err := store.All(ctx, tx, store.Value[string], `SELECT org_number FROM register_answer`)
			if diff := cmp.Diff([]string{"310003085"}, left); diff != "" {
				t.Error(diff)
			}
			return err
		})
		d.Ask(ctx, "NO", number)
		if b.asked != 3 {
			t.Errorf("%s: asked %d times in all", number, b.asked)
		}
	}
}

func TestAfterThreeFailuresTheRegisterIsLeftAloneForAMinute(t *testing.T) {
	d, b, clock, _ := newDesk(t)
	ask := func(want bool, asked int) {
		t.Helper()
		if _, found := d.Ask(ctx, "NO", firm.Number); found != want || b.asked != asked {
			t.Fatalf("found %t after %d questions, want %t after %d", found, b.asked, want, asked)
		}
	}
	b.fault = errors.New("500")
	ask(false, 1)
	ask(false, 2) // a failure is not kept
	b.fault = nil
	d.Ask(ctx, "NO", "310002046") // an answer: the count begins anew
	b.fault = errors.New("500")
	ask(false, 4)
	ask(false, 5)
	ask(false, 6)
	b.fault = nil
	ask(false, 6) // left alone
	clock.Advance(59 * time.Second)
	ask(false, 6)
	clock.Advance(time.Second)
	ask(true, 7)
}

func TestAVisitorWhoLeavesIsNoFailureOfTheRegister(t *testing.T) {
	d, b, _, _ := newDesk(t)
	b.wait = true
	for range 3 {
		gone, leave := context.WithCancel(ctx)
		time.AfterFunc(10*time.Millisecond, leave)
		d.Ask(gone, "NO", firm.Number)
	}
	b.wait = false
	if _, found := d.Ask(ctx, "NO", firm.Number); !found {
		t.Error("the register is left alone")
	}
}

func TestASlowRegisterIsGivenUpAfterTwoSeconds(t *testing.T) {
	d, b, _, _ := newDesk(t)
	b.wait = true
	begin := time.Now()
	_, found := d.Ask(ctx, "NO", firm.Number)
	if took := time.Since(begin); found || took < 1900*time.Millisecond || took > 10*time.Second {
		t.Errorf("found %t after %s", found, took)
	}
}

func TestNoDeskKnowsNothing(t *testing.T) {
	var d *register.Desk
	if got, found := d.Ask(ctx, "NO", firm.Number); found {
		t.Errorf("found %+v", got)
	}
}
