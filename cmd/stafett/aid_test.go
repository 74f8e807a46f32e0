package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// asked is a case of state aid in the demo whose company has yet to declare, and the
// address of whoever acts for it.
func asked(t *testing.T, d demo) (id, email string) {
	t.Helper()
	db, err := store.Open(t.Context(), d.database, realOptions(time.Now))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	storetest.Read(t, db, func(tx *store.Tx) error {
		return tx.QueryRowContext(t.Context(), `SELECT k.id, p.email FROM aid_case k JOIN person p ON p.id = k.person_id WHERE k.status = 'declaration_asked' LIMIT 1`).Scan(&id, &email)
	})
	return id, email
}

func TestAnOwnerDeclaresStateAidAndAnOrganiserGrantsAndRegistersIt(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	id, email := asked(t, d)

	owner := openTab(t, d.base)
	owner.comeIn(d, email, len(d.lettersTo(t, email))+1)
	owner.follow(`#aid a[href$="` + id + `"]`)
	owner.accessible()
	const submit = `main form .form-actions button`
	owner.refusedBy(submit, 422)
	owner.accessible()
	for _, answer := range []string{"#has_other", "#has_linked", "#primary", "#true"} { // no, three times
		owner.click(answer)
	}
	owner.follow(submit)
	owner.reads("main", "Tack! Vi har fått intyget")
	owner.accessible()

	organiser := openTab(t, d.base)
	organiser.signIn(d)
	organiser.open("/admin/advice/aid?show=decide")
	organiser.accessible()
	organiser.follow(`td a[href$="` + id + `"]`)
	organiser.put("rate", "11,2000")
	organiser.follow(`form[action$="/grant"] button[name="calculate"]`)
	organiser.reads("#worth", "401,79")
	organiser.refusedBy(`form[action$="/grant"] button:not([name])`, 422)
	organiser.accessible()
	organiser.fill("number", "2026/17")
	organiser.put("nace", "96.01")
	organiser.follow(`form[action$="/grant"] button:not([name])`)
	organiser.reads("main", "Stödet är beviljat")
	organiser.fill("reference", "eAIR-17")
	organiser.follow(`form[action$="/register"] button`)
	organiser.reads("main", "markerat som registrerat")
	organiser.accessible()

	owner.open("/me/aid/" + id)
	owner.reads("main", "401,79")
	if table := done(t, "export", "aid", "--database", d.database); !strings.Contains(table, `"eAIR-17"`) || !strings.HasPrefix(table, "\ufeff\"grant_id\"") {
		t.Errorf("the export is\n%s", table)
	}
}

func TestTheKeyFileOfPersonalNumbersIsLookedAt(t *testing.T) {
	short, open := filepath.Join(t.TempDir(), "short"), filepath.Join(t.TempDir(), "open")
	for file, mode := range map[string]os.FileMode{short: 0o600, open: 0o644} {
		if err := os.WriteFile(file, []byte("for kort"), mode); err != nil {
			t.Fatal(err)
		}
	}
	for file, want := range map[string]string{"/nowhere/aid.key": "no such file", short: "at least 32", open: "chmod 600"} {
		if _, err := (webSettings{AidKeyFile: file}).aidKeys(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "STAFETT_AID_KEY_FILE") {
			t.Errorf("%s: %v", file, err)
		}
	}
	if keys, err := (webSettings{}).aidKeys(); keys != nil || err != nil {
		t.Errorf("without a file: %v, %v", keys, err)
	}
}
