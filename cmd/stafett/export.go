package main

import (
	"context"
	"fmt"

	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/store"
	"stafett/internal/web"
)

type exportCommand struct {
	Hours exportHours `cmd:"" help:"Hours of advice that companies, projects and people have used and booked: CSV or XLSX."`
	Aid   exportAid   `cmd:"" help:"State aid, one row a grant or correction, for the public register: CSV in UTF-8."`
}

type exportAid struct {
	databaseSettings
	Programme string `help:"Of which programme (its slug); none: of all."`
}

// Run writes the export, and notes that it was made.
func (e exportAid) Run(w world) error {
	return write(w, e.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		id, err := programmeID(ctx, tx, e.Programme)
		if err != nil {
			return err
		}
		var within []string
		if id != "" {
			within = []string{id}
		}
		rows, err := aid.Export(ctx, tx, within)
		if err != nil {
			return err
		}
		if err := audit.Add(ctx, tx, audit.Entry{Actor: audit.Command, ProgrammeID: id, Action: "aid.export", ObjectKind: "aid_case", To: fmt.Sprint(len(rows))}); err != nil {
			return err
		}
		_, err = fmt.Fprint(w.stdout, web.CSV(aid.Columns, rows))
		return err
	})
}
