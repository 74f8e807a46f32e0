package main

import (
	"context"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/store"
	"stafett/internal/web"
)

type exportHours struct {
	databaseSettings
	Programme string `help:"Of which programme (its slug); none: of all."`
	Format    string `default:"csv" enum:"csv,xlsx" help:"csv, as spreadsheets in Sweden and Norway open it, or xlsx."`
	Language  string `default:"sv" enum:"sv,nb,nn,en" help:"Language of the headings: sv, nb, nn or en."`
}

// Run writes the file to the standard output, and notes that it was made.
func (e exportHours) Run(w world) error {
	texts, err := locale.Load()
	if err != nil {
		return err
	}
	return write(w, e.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		id, err := programmeID(ctx, tx, e.Programme)
		if err != nil {
			return err
		}
		var within []string
		if id != "" {
			within = []string{id}
		}
		file, err := web.ExportHours(ctx, tx, texts, locale.Language(e.Language), within, e.Format)
		if err != nil {
			return err
		}
		if err := audit.Add(ctx, tx, audit.Entry{Actor: audit.Command, ProgrammeID: id, Action: "hours.export", ObjectKind: "hours_account"}); err != nil {
			return err
		}
		_, err = w.stdout.Write(file)
		return err
	})
}
