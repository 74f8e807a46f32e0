package store_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var update = flag.Bool("update", false, "write schema.sql anew")

const schemaHead = `-- The whole schema, as the migrations make it, to be read in one place.
-- Not edited by hand: go test ./internal/store -run Schema -update
`

// schema reads what stands in the database, without the tables of goose, of
// SQLite itself and of a replicating program beside us.
func schema(t *testing.T, db *store.DB) string {
	t.Helper()
	var parts []string
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		parts, err = store.All(ctx, tx, store.Value[string], `
			SELECT sql FROM sqlite_schema
			WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'goose%' AND tbl_name NOT LIKE 'sqlite%' AND tbl_name NOT LIKE '\_litestream%' ESCAPE '\'
			ORDER BY rowid`)
		return err
	})
	return schemaHead + "\n" + strings.Join(parts, ";\n\n") + ";\n"
}

func TestTheMigrationsMakeTheSchemaThatStandsInOneFile(t *testing.T) {
	db, _ := storetest.New(t)
	got := schema(t, db)
	if *update {
		if err := os.WriteFile("schema.sql", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, "schema.sql")), got); diff != "" {
		t.Errorf("schema.sql (-) and the migrated database (+) differ; run with -update and read the difference:\n%s", diff)
	}
}

func TestEveryTableOfOursIsStrict(t *testing.T) {
	db, _ := storetest.New(t)
	storetest.Read(t, db, func(tx *store.Tx) error {
		loose, err := store.All(ctx, tx, store.Value[string], `
			SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite%'`)
		if len(loose) != 0 {
			t.Errorf("not STRICT: %v", loose)
		}
		return err
	})
}

func TestMigratingTwiceChangesNothing(t *testing.T) {
	db, _ := storetest.New(t)
	before := schema(t, db)
	have, want, err := db.Version(ctx)
	if err != nil || have != want || have == 0 {
		t.Fatalf("version %d of %d, %v", have, want, err)
	}
	if err := db.Migrate(ctx, 0); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, schema(t, db)); diff != "" {
		t.Error(diff)
	}
	if copies, _ := filepath.Glob(db.Path() + ".before-*"); len(copies) != 0 {
		t.Errorf("copies were made for nothing: %v", copies)
	}
}

func TestANewDatabaseHasNoVersion(t *testing.T) {
	db, err := store.Open(ctx, filepath.Join(t.TempDir(), "stafett.db"), options)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	have, want, err := db.Version(ctx)
	if have != 0 || want < 1 || err != nil {
		t.Errorf("version %d of %d, %v", have, want, err)
	}
}

func TestANewerSchemaIsRefusedAndTheFileLeftAsItIs(t *testing.T) {
	db, _ := storetest.New(t)
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
		return err
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before := read(t, db.Path())
	err := openAndMigrate(db.Path())
	if !errors.Is(err, store.ErrNewerSchema) || !strings.Contains(err.Error(), "9999") {
		t.Errorf("the start answers %v", err)
	}
	if !bytes.Equal(before, read(t, db.Path())) {
		t.Error("the file was changed")
	}
	if diff := cmp.Diff([]string{"stafett.db"}, folder(t, filepath.Dir(db.Path()))); diff != "" {
		t.Errorf("files beside it (-want +got):\n%s", diff)
	}
}
