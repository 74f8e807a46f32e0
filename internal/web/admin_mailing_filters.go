package web

import (
	"context"
	"errors"
	"slices"

	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/mailing"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// mailingFilter is one condition by which a mailing went to some only, in words.
type mailingFilter struct {
	Label    string
	Language string   // of label and values, which an organiser wrote; empty: the reader's
	Values   []string // any of them
	Others   int      // values that are not shown
}

// filterValues is how many values of a filter are shown.
const filterValues = 20

// filters tells what narrows a selection, besides the events and the states.
func (s *Server) filters(ctx context.Context, tx *store.Tx, lang locale.Language, sel mailing.Selection, events []event.Event) (list []mailingFilter, err error) {
	text := func(key string) string {
		v, missing := s.Texts.Text(lang, key)
		err = errors.Join(err, missing)
		return v
	}
	add := func(label, language string, values []string) {
		if len(values) == 0 {
			return
		}
		f := mailingFilter{Label: label, Language: language, Values: values}
		if len(values) > filterValues {
			f.Values, f.Others = values[:filterValues], len(values)-filterValues
		}
		list = append(list, f)
	}
	var ways, companies, towns, audiences []string
	for _, m := range sel.Modes {
		ways = append(ways, capitalise(text("mode."+string(m))))
	}
	for _, id := range sel.CompanyIDs {
		c, err := company.Find(ctx, tx, id)
		if errors.Is(err, problem.ErrMissing) {
			continue
		}
		if err != nil {
			return nil, err
		}
		companies = append(companies, c.Name)
	}
	for _, v := range sel.Municipalities {
		name := v
		if code, err := municipality.ParseCode(v); err == nil {
			name = first(s.placeName(code), v)
		}
		towns = append(towns, name)
	}
	for _, a := range sel.Audiences {
		audiences = append(audiences, capitalise(text("audience."+a)))
	}
	slices.SortFunc(companies, locale.Sorter(lang))
	slices.SortFunc(towns, locale.Sorter(lang))
	add(text("mailing.modes"), "", ways)
	add(text("mailing.by.company"), "", companies)
	add(text("mailing.by.municipality"), "", towns)
	add(text("mailing.by.audience"), "", audiences)
	for _, listed := range events {
		if len(sel.Answers) == 0 {
			break
		}
		ev, err := event.Find(ctx, tx, listed.ID)
		if err != nil {
			return nil, err
		}
		for _, q := range ev.Questions {
			answers := slices.Clone(sel.Answers[q.ID])
			if q.Kind == event.YesNoQuestion {
				for i, v := range answers {
					answers[i] = text("form." + v)
				}
			}
			add(q.Label, ev.Language, answers)
		}
	}
	return list, err
}
