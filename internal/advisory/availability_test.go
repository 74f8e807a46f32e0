package advisory_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// fieldsOf are the fields of a refusal with their codes.
func fieldsOf(err error) (fields []string) {
	p, _ := problem.As(err)
	if p == nil {
		return nil
	}
	for _, f := range p.Fields {
		fields = append(fields, f.Name+":"+f.Code)
	}
	return fields
}

func (w *world) try(fn func(tx *store.Tx) error) error {
	w.t.Helper()
	return w.db.Write(ctx(), fn)
}

func TestAWeekTakesThePlaceOfTheOneBefore(t *testing.T) {
	w := newWorld(t, nil)
	by := audit.Actor{Kind: "user", ID: w.adviser.UserID}
	want := []advisory.Window{{Weekday: 1, From: "09:00", To: "12:00"}, {Weekday: 1, From: "12:00", To: "16:00"}, {Weekday: 7, From: "18:00", To: "24:00"}}
	w.do(func(tx *store.Tx) error {
		return advisory.SetWeek(ctx(), tx, w.adviser.ID, []advisory.Window{want[2], want[1], want[0]}, by)
	})
	w.do(func(tx *store.Tx) error {
		got, err := advisory.Week(ctx(), tx, w.adviser.ID)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		log, errLog := audit.Of(ctx(), tx, "adviser", w.adviser.ID)
		if errLog != nil || len(log) != 1 || log[0].Action != "adviser.week" || log[0].To != "1 09:00-12:00, 1 12:00-16:00, 7 18:00-24:00" || log[0].Actor != by {
			t.Errorf("the audit log has %+v (%v)", log, errLog)
		}
		return err
	})
}

func TestWhatIsWrongWithAWeekIsToldAtItsWindow(t *testing.T) {
	w := newWorld(t, nil)
	for _, tt := range []struct {
		name    string
		windows []advisory.Window
		want    []string
	}{
		{"a day that there is not", []advisory.Window{{8, "09:00", "12:00"}}, []string{"weekly[0].weekday:choice"}},
		{"no clock", []advisory.Window{{1, "9", "12.00"}}, []string{"weekly[0].from:clock", "weekly[0].to:clock"}},
		{"it begins at the end of the day", []advisory.Window{{1, "24:00", "24:00"}}, []string{"weekly[0].from:clock"}},
		{"it ends before it begins", []advisory.Window{{1, "12:00", "09:00"}}, []string{"weekly[0].to:after_start"}},
		{"it ends as it begins", []advisory.Window{{1, "12:00", "12:00"}}, []string{"weekly[0].to:after_start"}},
		{"two of one day overlap", []advisory.Window{{1, "09:00", "12:00"}, {2, "09:00", "12:00"}, {1, "11:30", "14:00"}}, []string{"weekly[2].from:window_overlap"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := w.try(func(tx *store.Tx) error {
				return advisory.SetWeek(ctx(), tx, w.adviser.ID, tt.windows, audit.System)
			})
			if diff := cmp.Diff(tt.want, fieldsOf(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
	w.do(func(tx *store.Tx) error {
		week, err := advisory.Week(ctx(), tx, w.adviser.ID)
		if len(week) != 5 {
			t.Errorf("after refusals the week has %d windows, want the 5 from before", len(week))
		}
		return err
	})
}

func TestAVacationIsAnExceptionForEachDay(t *testing.T) {
	w := newWorld(t, nil)
	off := advisory.Exception{Date: "2027-02-27", Note: "sportlov"}
	w.do(func(tx *store.Tx) error {
		_, err := advisory.AddException(ctx(), tx, w.adviser.ID, advisory.Exception{Date: "2027-03-01"}, "", audit.System)
		return err
	})
	w.do(func(tx *store.Tx) error {
		days, err := advisory.AddException(ctx(), tx, w.adviser.ID, off, "2027-03-02", audit.System)
		if days != 3 {
			t.Errorf("%d days were added, want 3: one of the four was there already", days)
		}
		return err
	})
	var list []advisory.Exception
	w.do(func(tx *store.Tx) (err error) {
		list, err = advisory.Exceptions(ctx(), tx, w.adviser.ID, "2027-02-28")
		return err
	})
	if len(list) != 3 || list[0].Date != "2027-02-28" || !list[0].WholeDay() || list[0].Note != "sportlov" {
		t.Errorf("from 28 February there are %+v", list)
	}
	w.do(func(tx *store.Tx) error {
		return advisory.RemoveException(ctx(), tx, w.adviser.ID, list[0].ID, audit.System)
	})
	other := w.newAdviser("per@radgivare.example")
	if err := w.try(func(tx *store.Tx) error {
		return advisory.RemoveException(ctx(), tx, other.ID, list[1].ID, audit.System)
	}); err != problem.ErrMissing {
		t.Errorf("another adviser took the exception away: %v", err)
	}
}

func TestWhatIsWrongWithAnExceptionIsToldAtTheField(t *testing.T) {
	w := newWorld(t, nil)
	long := strings.Repeat("å", 201)
	for _, tt := range []struct {
		name  string
		e     advisory.Exception
		until string
		want  []string
	}{
		{"no date", advisory.Exception{Date: "2027-02-30"}, "", []string{"date:date_only"}},
		{"free without hours", advisory.Exception{Date: "2027-03-06", Available: true}, "", []string{"from:free_hours"}},
		{"half of the hours", advisory.Exception{Date: "2027-03-08", From: "09:00"}, "", []string{"to:clock"}},
		{"a long note", advisory.Exception{Date: "2027-03-08", Note: long}, "", []string{"note:too_long"}},
		{"it ends before it begins", advisory.Exception{Date: "2027-03-08"}, "2027-03-07", []string{"until:before_first_day"}},
		{"longer than a year", advisory.Exception{Date: "2027-03-08"}, "2028-07-01", []string{"until:days_most"}},
		{"past", advisory.Exception{Date: "2026-03-08"}, "", []string{"date:in_future"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := w.try(func(tx *store.Tx) error {
				_, err := advisory.AddException(ctx(), tx, w.adviser.ID, tt.e, tt.until, audit.System)
				return err
			})
			if diff := cmp.Diff(tt.want, fieldsOf(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
	w.do(func(tx *store.Tx) error {
		return advisory.SetExceptions(ctx(), tx, w.adviser.ID, []advisory.Exception{{Date: "2027-03-08"}, {Date: "2027-03-13", From: "10:00", To: "12:00", Available: true}}, audit.System)
	})
	err := w.try(func(tx *store.Tx) error {
		return advisory.SetExceptions(ctx(), tx, w.adviser.ID, []advisory.Exception{{Date: "2027-03-09"}, {Date: "2027-03-09"}, {Date: "x", From: "1"}}, audit.System)
	})
	if diff := cmp.Diff([]string{"exceptions[1].date:exception_twice", "exceptions[2].date:date_only", "exceptions[2].from:clock", "exceptions[2].to:clock"}, fieldsOf(err)); diff != "" {
		t.Error(diff)
	}
	w.do(func(tx *store.Tx) error {
		list, err := advisory.Exceptions(ctx(), tx, w.adviser.ID, "")
		if len(list) != 2 || list[1].Date != "2027-03-13" || !list[1].Available {
			t.Errorf("stored are %+v", list)
		}
		return err
	})
}
