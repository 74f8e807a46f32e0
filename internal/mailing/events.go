package mailing

import (
	"context"
	"slices"

	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Events finds the events of the selection as they are now, by start: those that
// were named, and the occasions of its series. Drafts have nobody.
func (s Selection) Events(ctx context.Context, tx *store.Tx, programmeID string) (events []event.Event, err error) {
	for _, id := range s.EventIDs {
		ev, err := event.Find(ctx, tx, id)
		if _, missing := problem.As(err); missing {
			continue
		}
		if err != nil {
			return nil, err
		}
		events = append(events, ev)
	}
	if s.SeriesID != "" {
		occasions, err := event.Occasions(ctx, tx, s.SeriesID)
		if err != nil {
			return nil, err
		}
		for _, ev := range occasions {
			if !has(s.EventIDs, ev.ID) {
				events = append(events, ev)
			}
		}
	}
	events = slices.DeleteFunc(events, func(ev event.Event) bool { return ev.ProgrammeID != programmeID || ev.Status == event.Draft })
	slices.SortStableFunc(events, func(a, b event.Event) int { return a.StartsAt.Compare(b.StartsAt) })
	return events, nil
}
