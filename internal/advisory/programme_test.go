package advisory_test

import (
	"errors"
	"strings"
	"testing"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

var organiser = audit.Actor{Kind: "user", ID: "organiser"}

func TestWhatIsMissingInAProgrammeIsNamedByItsField(t *testing.T) {
	w := newWorld(t, nil)
	minutes := 0
	for _, tt := range []struct {
		name   string
		change func(p *advisory.Programme)
		want   string // field:code; none: it may be stored
	}{
		{"nothing", func(*advisory.Programme) {}, ""},
		{"no name in its language", func(p *advisory.Programme) { p.Texts = map[string]advisory.Text{"nb": {Name: "Råd"}} }, "name_sv:required"},
		{"a text without a name", func(p *advisory.Programme) { p.Texts["nb"] = advisory.Text{Summary: "Hei"} }, "name_nb:advice_name"},
		{"attended, but what", func(p *advisory.Programme) { p.Prerequisite = advisory.AttendedKind }, "prerequisite_kind:choice"},
		{"a cap of nothing", func(p *advisory.Programme) { p.CapMinutes = &minutes }, "cap_minutes:advice_hours"},
		{"a cap per project without application", func(p *advisory.Programme) { p.CapPer = advisory.PerProject }, "cap_per:advice_project"},
		{"no VAT and no reason", func(p *advisory.Programme) { p.VATPercent, p.PriceMinor = 0, 20_000 }, "vat_reason:advice_vat_reason"},
		{"no VAT where nothing is paid", func(p *advisory.Programme) { p.VATPercent = 0 }, ""},
		{"no lengths", func(p *advisory.Programme) { p.Lengths = nil }, "session_minutes:advice_lengths"},
		{"a length of five minutes", func(p *advisory.Programme) { p.Lengths = []int{5} }, "session_minutes:advice_lengths"},
		{"a month of lead time", func(p *advisory.Programme) { p.LeadMinutes = 50_000 }, "lead_minutes:advice_lead"},
		{"no form of meeting", func(p *advisory.Programme) { p.Meetings = nil }, "meeting:tick"},
		{"no aid without a reason", func(p *advisory.Programme) { p.AidReason = " " }, "aid_reason:advice_aid_reason"},
		{"aid without a price", func(p *advisory.Programme) { p.AidRegime, p.AidSource = "de_minimis", "survey" }, "aid_market:advice_market"},
		{"aid below what is paid", func(p *advisory.Programme) {
			p.AidRegime, p.AidSource, p.AidMarketMinor, p.PriceMinor = "de_minimis", "survey", 10_000, 20_000
		}, "aid_market:advice_market_low"},
		{"a choice of one", func(p *advisory.Programme) {
			p.Questions = []advisory.Question{{Kind: "choice", Label: "Vad?", Options: []string{"a"}}}
		}, "questions:question_options"},
		{"a last day that is none", func(p *advisory.Programme) { p.ClosesOn = "2027-02-30" }, "closes_on:advice_day"},
		{"a foreign audience", func(p *advisory.Programme) { p.Audiences = []string{"everybody"} }, "audience:choice"},
	} {
		p := open(w)
		tt.change(&p)
		got := ""
		if err := p.Check(); err != nil {
			_, got, _ = strings.Cut(err.Error(), " ")
		}
		if got != tt.want && !strings.HasPrefix(got, tt.want+" ") {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// edit saves a change of the programme as it is stored.
func (w *world) edit(change func(*advisory.Programme)) error {
	w.t.Helper()
	return w.db.Write(ctx(), func(tx *store.Tx) error {
		p, err := advisory.ProgrammeByID(ctx(), tx, w.advice.ID)
		if err != nil {
			return err
		}
		change(&p)
		_, err = advisory.UpdateProgramme(ctx(), tx, p, organiser)
		return err
	})
}

// faultAt is the code of the error at a field; empty when there is none.
func faultAt(err error, field string) string {
	p, _ := problem.As(err)
	if p == nil {
		return ""
	}
	for _, f := range p.Fields {
		if f.Name == field {
			return f.Code
		}
	}
	return ""
}

func minutes(n int) *int { return &n }

func TestACapIsNeverSetBelowWhatIsUsed(t *testing.T) {
	w := newWorld(t, nil)
	if _, err := w.book(w.request(at("2027-01-18", "10:00"), 120)); err != nil {
		t.Fatal(err)
	}
	if err := w.edit(func(p *advisory.Programme) { p.CapMinutes = minutes(90) }); faultAt(err, "cap_minutes") != "advice_cap_used" {
		t.Errorf("a cap of 90 with 120 booked gave %v", err)
	}
	if a := w.account(); *a.CapMinutes != 300 {
		t.Errorf("the account's cap is %d after a refusal", *a.CapMinutes)
	}
	for _, n := range []*int{minutes(120), minutes(600), nil} {
		if err := w.edit(func(p *advisory.Programme) { p.CapMinutes = n }); err != nil {
			t.Fatal(err)
		}
		if a := w.account(); (a.CapMinutes == nil) != (n == nil) || n != nil && *a.CapMinutes != *n {
			t.Errorf("the account's cap does not follow the programme's")
		}
	}
	err := w.db.Write(ctx(), func(tx *store.Tx) error { // the last line behind the rule
		_, err := store.Exec(ctx(), tx, `UPDATE hours_account SET cap_minutes = 60`)
		return err
	})
	if err == nil {
		t.Error("the database lets a cap below what is booked be stored")
	}
}

func TestAPoolIsNeverSetBelowWhatIsUsed(t *testing.T) {
	w := newWorld(t, nil)
	if _, err := w.book(w.request(at("2027-01-18", "10:00"), 120)); err != nil {
		t.Fatal(err)
	}
	if err := w.edit(func(p *advisory.Programme) { p.PoolMinutes = minutes(60) }); faultAt(err, "pool_minutes") != "advice_pool_used" {
		t.Errorf("a pool of 60 with 120 booked gave %v", err)
	}
	if err := w.edit(func(p *advisory.Programme) { p.PoolMinutes = minutes(120) }); err != nil {
		t.Fatal(err)
	}
	if err := w.edit(func(p *advisory.Programme) { p.CapPeriod = "year" }); faultAt(err, "cap_period") != "advice_accounts" {
		t.Errorf("another period of the cap with an account gave %v", err)
	}
	err := w.db.Write(ctx(), func(tx *store.Tx) error {
		_, err := store.Exec(ctx(), tx, `UPDATE advisory_programme SET pool_minutes = 60`)
		return err
	})
	if err == nil {
		t.Error("the database lets a pool below what is booked be stored")
	}
}

func TestOfTwoEditorsTheSecondIsTold(t *testing.T) {
	w := newWorld(t, nil)
	stale := w.advice
	if err := w.edit(func(p *advisory.Programme) { p.HorizonDays = 90 }); err != nil {
		t.Fatal(err)
	}
	err := w.db.Write(ctx(), func(tx *store.Tx) error {
		_, err := advisory.UpdateProgramme(ctx(), tx, stale, organiser)
		return err
	})
	if !errors.Is(err, advisory.ErrEdited) {
		t.Errorf("saving over another's change gave %v, want %v", err, advisory.ErrEdited)
	}
}

func TestACopyIsADraftWithItsOwnQuestionsAndTheSameAdvisers(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) {
		p.Questions = []advisory.Question{{Kind: "text", Label: "Har ni lämnat anbud förut?"}}
	})
	var c advisory.Programme
	w.do(func(tx *store.Tx) (err error) {
		c, err = advisory.CopyProgramme(ctx(), tx, w.advice.ID, map[string]string{"sv": "Rådgivning 2028"}, organiser)
		return err
	})
	if c.Status != advisory.Draft || c.Slug != "radgivning-2028" || len(c.Questions) != 1 || c.Questions[0].ID == w.advice.Questions[0].ID {
		t.Errorf("the copy is %s at %s with questions %v", c.Status, c.Slug, c.Questions)
	}
	w.do(func(tx *store.Tx) error {
		found, err := advisory.AdvisersOf(ctx(), tx, c.ID)
		if len(found) != 1 {
			t.Errorf("%d advisers in the copy, want the one", len(found))
		}
		return err
	})
	// Naming the question of the other programme changes nothing there.
	w.do(func(tx *store.Tx) error {
		c.Questions[0].ID, c.Questions[0].Label = w.advice.Questions[0].ID, "Bytt"
		if _, err := advisory.UpdateProgramme(ctx(), tx, c, organiser); err != nil {
			return err
		}
		first, err := advisory.ProgrammeByID(ctx(), tx, w.advice.ID)
		if first.Questions[0].Label == "Bytt" {
			t.Error("an edit of one programme has changed the question of another")
		}
		return err
	})
}

func TestACrisisProgrammeIsOpenAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	hours, line := advisory.CrisisHours(w.prog, "2027-06-30"), advisory.CrisisHelpline(w.prog, "2027-06-30")
	hours.AidMarketMinor, hours.AidSource = 110_000, "survey"
	line.AidReason = "contracting authorities only"
	hours.Texts["sv"], line.Texts["sv"] = advisory.Text{Name: "Krishjälp"}, advisory.Text{Name: "Lots"}
	w.do(func(tx *store.Tx) (err error) {
		hours, line, err = advisory.OpenCrisis(ctx(), tx, hours, line, []string{w.adviser.ID}, organiser)
		return err
	})
	w.do(func(tx *store.Tx) (err error) {
		hours, err = advisory.ProgrammeByID(ctx(), tx, hours.ID)
		return err
	})
	if hours.Status != advisory.Open || *hours.CapMinutes != 300 || hours.LeadMinutes != 720 || hours.PriceMinor != 0 {
		t.Errorf("the hours are %s, cap %v, lead %d, price %d", hours.Status, hours.CapMinutes, hours.LeadMinutes, hours.PriceMinor)
	}
	if line.CapMinutes != nil || !line.QuickLog || line.LeadMinutes != 240 || len(line.Lengths) != 3 {
		t.Errorf("the helpline is %+v", line)
	}
	// From nothing to a request in the same hour.
	b, err := w.book(advisory.Request{
		AdvisoryProgrammeID: hours.ID, StartsAt: at("2027-01-18", "10:00"), Minutes: 30, Meeting: advisory.Online, CompanyID: w.firm.ID, PersonID: w.who.ID,
		Language: "sv", Need: "Vi behöver hjälp med ett anbud nu.",
	})
	if err != nil || b.Status != advisory.Requested {
		t.Errorf("a request gave %s, %v", b.Status, err)
	}
}
