package message_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/message"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var (
	weekBefore = message.Rule{Letter: message.WeekBefore, Audience: message.WithPlace, Anchor: "start", Unit: "days", Amount: 7, Mode: "room"}
	dayBefore  = message.Rule{Letter: message.DayBefore, Audience: message.WithPlace, Anchor: "start", Unit: "working_days", Amount: 1, AtClock: "09:00"}
	hourBefore = message.Rule{Letter: message.HourBefore, Audience: message.WithPlace, Anchor: "start", Unit: "minutes", Amount: 60, Mode: "online"}
	dayAfter   = message.Rule{Letter: message.ThankYou, Audience: message.WhoAttended, Anchor: "end", After: true, Unit: "days", Amount: 1, AtClock: "09:00"}
	roster     = message.Rule{Letter: message.Roster, Audience: message.Organisers, Anchor: "start", Unit: "days", Amount: 2, AtClock: "09:00"}
)

func TestTheRulesThatEveryEventBeginsWith(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	storetest.Read(t, db, func(tx *store.Tx) error {
		rules, err := message.Rules(ctx, tx, ev.ID)
		for i := range rules {
			if rules[i].ID == "" || rules[i].EventID != ev.ID || rules[i].FromID == "" || rules[i].Since.IsZero() {
				t.Errorf("rule %+v", rules[i])
			}
			rules[i].ID, rules[i].EventID, rules[i].FromID, rules[i].Since = "", "", "", time.Time{}
		}
		if diff := cmp.Diff([]message.Rule{weekBefore, dayBefore, hourBefore, roster, dayAfter}, rules); diff != "" {
			t.Error(diff)
		}
		return err
	})
}

func TestWhenARuleIsDue(t *testing.T) {
	for _, tt := range []struct {
		name       string
		rule       message.Rule
		country    string
		start, end string
		want       string
	}{
		{"a week before, at the same hour", weekBefore, "SE", "2027-03-10T09:00:00+01:00", "", "2027-03-03T09:00:00+01:00"},
		{"a week before, over the beginning of summer time", weekBefore, "SE", "2027-03-31T09:00:00+02:00", "", "2027-03-24T09:00:00+01:00"},
		{"a week before, over the end of summer time", weekBefore, "SE", "2027-11-03T09:00:00+01:00", "", "2027-10-27T09:00:00+02:00"},
		{"a week before, at an hour that there was not", weekBefore, "SE", "2027-04-04T02:30:00+02:00", "", "2027-03-28T03:30:00+02:00"},
		{"a week before, at an hour that there was twice", weekBefore, "SE", "2027-11-07T02:30:00+01:00", "", "2027-10-31T02:30:00+01:00"},
		{"the day before at nine", dayBefore, "SE", "2027-03-10T13:00:00+01:00", "", "2027-03-09T09:00:00+01:00"},
		{"the day before what begins at midnight", dayBefore, "SE", "2027-03-10T00:00:00+01:00", "", "2027-03-09T09:00:00+01:00"},
		{"before a Monday: Friday", dayBefore, "SE", "2027-03-15T09:00:00+01:00", "", "2027-03-12T09:00:00+01:00"},
		{"before a Sunday: Friday", dayBefore, "SE", "2027-03-14T09:00:00+01:00", "", "2027-03-12T09:00:00+01:00"},
		{"before the Monday after summer time began", dayBefore, "NO", "2027-04-05T09:00:00+02:00", "", "2027-04-02T09:00:00+02:00"},
		{"before the Tuesday after Easter, in Sweden", dayBefore, "SE", "2027-03-30T09:00:00+02:00", "", "2027-03-25T09:00:00+01:00"},
		{"before the Tuesday after Easter, in Norway", dayBefore, "NO", "2027-03-30T09:00:00+02:00", "", "2027-03-24T09:00:00+01:00"},
		{"before 18 May, in Norway: Friday before Whitsun", dayBefore, "NO", "2027-05-18T09:00:00+02:00", "", "2027-05-14T09:00:00+02:00"},
		{"before 18 May, in Sweden: a working day", dayBefore, "SE", "2027-05-18T09:00:00+02:00", "", "2027-05-17T09:00:00+02:00"},
		{"before 7 June, in Sweden: Friday", dayBefore, "SE", "2027-06-07T09:00:00+02:00", "", "2027-06-04T09:00:00+02:00"},
		{"after midsummer, in Sweden: Thursday", dayBefore, "SE", "2027-06-28T09:00:00+02:00", "", "2027-06-24T09:00:00+02:00"},
		{"after midsummer, in Norway: Friday", dayBefore, "NO", "2027-06-28T09:00:00+02:00", "", "2027-06-25T09:00:00+02:00"},
		{"after Christmas", dayBefore, "SE", "2027-12-27T09:00:00+01:00", "", "2027-12-23T09:00:00+01:00"},
		{"after the new year and Epiphany", dayBefore, "SE", "2028-01-07T09:00:00+01:00", "", "2028-01-05T09:00:00+01:00"},
		{"an hour before", hourBefore, "SE", "2027-03-10T09:00:00+01:00", "", "2027-03-10T08:00:00+01:00"},
		{"an hour before, while the clock goes forward", hourBefore, "SE", "2027-03-28T03:30:00+02:00", "", "2027-03-28T01:30:00+01:00"},
		{"an hour before, while the clock goes back", hourBefore, "SE", "2027-10-31T02:30:00+01:00", "", "2027-10-31T02:30:00+02:00"},
		{"the day after at nine", dayAfter, "SE", "", "2027-03-10T12:00:00+01:00", "2027-03-11T09:00:00+01:00"},
		{"the day after, when summer time has begun", dayAfter, "SE", "", "2027-03-27T16:00:00+01:00", "2027-03-28T09:00:00+02:00"},
		{"the day after, when summer time has ended", dayAfter, "SE", "", "2027-10-30T16:00:00+02:00", "2027-10-31T09:00:00+01:00"},
		{"three working days before", message.Rule{Anchor: "start", Unit: "working_days", Amount: 3}, "SE", "2027-03-30T10:15:00+02:00", "", "2027-03-23T10:15:00+01:00"},
		{"no days at all", message.Rule{Anchor: "start", Unit: "working_days", AtClock: "06:00"}, "SE", "2027-03-28T10:15:00+02:00", "", "2027-03-28T06:00:00+02:00"},
		{"at half past two in the night without it", message.Rule{Anchor: "start", Unit: "days", Amount: 1, AtClock: "02:30"}, "SE", "2027-03-29T10:00:00+02:00", "", "2027-03-28T03:30:00+02:00"},
		{"at half past two in the night that has it twice", message.Rule{Anchor: "start", Unit: "days", Amount: 1, AtClock: "02:30"}, "NO", "2027-11-01T10:00:00+01:00", "", "2027-10-31T02:30:00+01:00"},
		{"a working day before, in the night that has it twice", message.Rule{Anchor: "end", After: true, Unit: "working_days", Amount: 0, AtClock: "02:30"}, "NO", "", "2027-10-31T01:00:00+02:00", "2027-10-31T02:30:00+01:00"},
		{"hours are a span, over the beginning of summer time", message.Rule{Anchor: "start", Unit: "hours", Amount: 24}, "SE", "2027-03-28T10:00:00+02:00", "", "2027-03-27T09:00:00+01:00"},
		{"two days before the registration closes", message.Rule{Anchor: "closes", Unit: "days", Amount: 2, AtClock: "09:00"}, "SE", "2027-03-10T09:00:00+01:00", "", "2027-03-01T09:00:00+01:00"},
		{"two hours after the registration closed", message.Rule{Anchor: "closes", After: true, Unit: "hours", Amount: 2}, "SE", "2027-03-10T09:00:00+01:00", "", "2027-03-04T01:59:00+01:00"},
		{"three hours before an offer runs out", message.Rule{Anchor: "offer", Unit: "hours", Amount: 3}, "SE", "2027-03-10T09:00:00+01:00", "", "2027-03-02T12:00:00+01:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var start, end time.Time
			if tt.start != "" {
				start = at(t, tt.start)
				end = start.Add(2 * time.Hour)
			} else {
				end = at(t, tt.end)
				start = end.Add(-2 * time.Hour)
			}
			loc := zone(t, map[string]string{"SE": "Europe/Stockholm", "NO": "Europe/Oslo"}[tt.country])
			got := tt.rule.At(message.Anchors{
				Start: start, End: end, Closes: at(t, "2027-03-03T23:59:00+01:00"), Offer: at(t, "2027-03-02T15:00:00+01:00"), Zone: loc, Country: tt.country,
			})
			if want := at(t, tt.want); !got.Equal(want) || got.Location() != time.UTC {
				t.Errorf("due %v, want %v", got.In(loc), want.In(loc))
			}
		})
	}
}
