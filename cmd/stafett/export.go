package main

import (
	"context"

	"stafett/internal/locale"
	"stafett/internal/store"
	"stafett/internal/web"
)

type exportCommand struct {
	Hours exportHours `cmd:"" help:"Write the hours of advice that companies, projects and people have used and booked."`
}

type exportHours struct {
	databaseSettings
	Programme string `help:"Of which programme (its slug); none: of all."`
	Format    string `default:"csv" enum:"csv,xlsx" help:"csv, for spreadsheets in Sweden and Norway, or xlsx."`
	Language  string `default:"sv" enum:"sv,nb,nn,en" help:"Language of the headings: sv, nb, nn or en."`
}

// Run writes the file to the standard output.
func (e exportHours) Run(w world) error {
	texts, err := locale.Load()
	if err != nil {
		return err
	}
	return read(w, e.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		var within []string
		if e.Programme != "" {
			id, err := programmeID(ctx, tx, e.Programme)
			if err != nil {
				return err
			}
			within = []string{id}
		}
		file, err := web.ExportHours(ctx, tx, texts, locale.Language(e.Language), within, e.Format)
		if err != nil {
			return err
		}
		_, err = w.stdout.Write(file)
		return err
	})
}
