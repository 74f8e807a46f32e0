package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
)

// inherit takes every setting of the program out of the environment, so that a
// test sees none but its own.
func inherit(t *testing.T) {
	t.Helper()
	for _, setting := range os.Environ() {
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "STAFETT_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
}

func TestVersionSaysTheVersion(t *testing.T) {
	if got := done(t, "version"); got != "stafett "+version+"\n" {
		t.Errorf("it says %q", got)
	}
}

// Nobody should have to read the source to know what a command does and where
// its settings come from.
func TestTheHelpOfEveryCommandIsComplete(t *testing.T) {
	model, err := kong.New(&commands{}, kong.Name("stafett"))
	if err != nil {
		t.Fatal(err)
	}
	overview := done(t, "--help")
	if without := done(t); without != overview {
		t.Error("without a command something else than the help is shown")
	}
	for _, leaf := range model.Model.Leaves(false) {
		t.Run(leaf.Path(), func(t *testing.T) {
			words := strings.Fields(strings.TrimPrefix(leaf.Path(), "stafett "))
			for i, w := range words {
				if regexp.MustCompile(`^[<[(]`).MatchString(w) {
					words = words[:i]
					break
				}
			}
			help := squeezed(done(t, append(words, "--help")...))
			if leaf.Help == "" || !strings.Contains(help, squeezed(leaf.Help)) {
				t.Errorf("the help does not say what it does: %q", leaf.Help)
			}
			if !strings.Contains(overview, words[0]) {
				t.Error("the overview does not name it")
			}
			for _, group := range leaf.AllFlags(true) {
				for _, flag := range group {
					if flag.Help == "" || !strings.Contains(help, "--"+flag.Name) || !strings.Contains(help, squeezed(strings.TrimSuffix(flag.Help, "."))) {
						t.Errorf("--%s is not explained: %q", flag.Name, flag.Help)
					}
					for _, env := range flag.Envs {
						if !strings.Contains(help, "$"+env) {
							t.Errorf("--%s: the help does not name %s", flag.Name, env)
						}
					}
				}
			}
			for _, argument := range leaf.Positional {
				if argument.Help == "" || !strings.Contains(help, squeezed(argument.Help)) {
					t.Errorf("<%s> is not explained: %q", argument.Name, argument.Help)
				}
			}
		})
	}
}

// squeezed joins what the help breaks into lines.
func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

func TestServeSaysInOneLineWhichSettingIsWrong(t *testing.T) {
	inherit(t)
	file := newDatabase(t)
	foreign := filepath.Join(t.TempDir(), "foreign.db")
	if err := os.WriteFile(foreign, bytes.Repeat([]byte("not a database, "), 20), 0o600); err != nil {
		t.Fatal(err)
	}
	right := map[string]string{"--database": file, "--listen": "127.0.0.1:0", "--smtp": "smtp://127.0.0.1:2525", "--mail-from": "program@region.example"}
	for _, tt := range []struct {
		name           string
		setting, value string // an empty value leaves the setting out
		want           string
	}{
		{"no mail server", "--smtp", "", "no mail server: set --smtp (STAFETT_SMTP), for example smtp://user:password@mail.example:587"},
		{"a mail server of an unknown kind", "--smtp", "http://mail.example", "--smtp (STAFETT_SMTP): "},
		{"a password that would go in clear", "--smtp", "smtp://me:hemligt@mail.example?tls=none", "password in clear"},
		{"no sender", "--mail-from", "", "no sender: set --mail-from (STAFETT_MAIL_FROM) to an address such as program@region.example"},
		{"a sender that is no address", "--mail-from", "regionen", "no sender: set --mail-from"},
		{"no connection for mail", "--mail-connections", "0", "--mail-connections (STAFETT_MAIL_CONNECTIONS): write a number from 1 to 100"},
		{"a key file that is not there", "--dkim-key-file", "/nowhere/dkim.pem", "--dkim-key-file (STAFETT_DKIM_KEY_FILE): "},
		{"a key file that is no key", "--dkim-key-file", foreign, "--dkim-key-file (STAFETT_DKIM_KEY_FILE): " + foreign + " holds no key in PEM"},
		{"a signature without a key", "--dkim-domain", "region.example", "--dkim-domain (STAFETT_DKIM_DOMAIN) is set, and --dkim-key-file (STAFETT_DKIM_KEY_FILE) is not"},
		{"an address with a path", "--base-url", "https://region.example/stafett", "--base-url (STAFETT_BASE_URL) is not an address: write it as https://program.example"},
		{"a mailbox of an unknown kind", "--imap", "pop3://me:hemligt@mail.example", "--imap (STAFETT_IMAP): mailbox address: begins neither with imaps:// nor with imap://"},
		{"a register asked in clear", "--company-register", "http://data.brreg.no/enhetsregisteret/api", "--company-register (STAFETT_COMPANY_REGISTER): the register must be asked by https, as at https://data.brreg.no/enhetsregisteret/api"},
		{"a register's address with a password", "--company-register", "https://me:hemligt@data.brreg.no", "--company-register (STAFETT_COMPANY_REGISTER): not the address of a register"},
		{"no port to listen on", "--listen", "127.0.0.1", "--listen (STAFETT_LISTEN) 127.0.0.1: "},
		{"a folder that is not there", "--database", "/nowhere/stafett.db", "/nowhere"},
		{"a file of another program", "--database", foreign, "not a Stafett database"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := []string{"serve"}
			for name, value := range right {
				if name != tt.setting {
					args = append(args, name, value)
				}
			}
			if tt.value != "" {
				args = append(args, tt.setting, tt.value)
			}
			_, err := command(t, args...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("it says %v, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "hemligt") {
				t.Errorf("more than one line, or a secret: %q", err)
			}
		})
	}
}

func TestAFlagWinsOverTheEnvironment(t *testing.T) {
	inherit(t)
	t.Setenv("STAFETT_DATABASE", "/nowhere/stafett.db")
	if _, err := command(t, "migrate"); err == nil || !strings.Contains(err.Error(), "/nowhere") {
		t.Errorf("with the environment's database: %v", err)
	}
	done(t, "migrate", "--database", filepath.Join(t.TempDir(), "stafett.db"))
}

func TestASecondServerOnOneDatabaseIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	file := newDatabase(t)
	post := openPostOffice(t)
	first := beginServe(t, file, post)

	began := time.Now()
	for _, args := range [][]string{{"serve", "--smtp", post.url(), "--mail-from", sender, "--listen", "127.0.0.1:0"}, {"migrate"}} {
		_, err := command(t, append(args, "--database", file)...)
		if err == nil || !strings.Contains(err.Error(), file+".lock") || !strings.Contains(err.Error(), "in use by another stafett") {
			t.Errorf("%s: %v", args[0], err)
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	if _, header := download(t, first.base+"/readyz"); header == nil {
		t.Error("the first is disturbed")
	}
	first.end(t)
	beginServe(t, file, post) // the lock is free again
}

func TestMigrateSaysWhichSchemaThereIs(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "stafett.db")
	if _, err := command(t, "migrate", "--status", "--database", file); err == nil || !strings.Contains(err.Error(), "there is no database at "+file) {
		t.Errorf("without a database: %v", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Error("asking has made a database")
	}
	migrated := done(t, "migrate", "--database", file)
	if !regexp.MustCompile(`^schema (\d+) of (\d+)\n$`).MatchString(migrated) {
		t.Errorf("migrate says %q", migrated)
	}
	if again := done(t, "migrate", "--status", "--database", file); again != migrated {
		t.Errorf("the status is %q, after %q", again, migrated)
	}
}

func TestBackupIsACheckedCopyAndNeverOverwrites(t *testing.T) {
	t.Parallel()
	file, _ := withSeminar(t)
	post := openPostOffice(t)
	serving := beginServe(t, file, post) // also while it is served
	serving.signUp(t, 1)

	copied := filepath.Join(t.TempDir(), "copy.db")
	if got := done(t, "backup", copied, "--database", file); got != "wrote and checked "+copied+"\n" {
		t.Errorf("backup says %q", got)
	}
	before, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := command(t, "backup", copied, "--database", file); err == nil || !strings.Contains(err.Error(), copied+" exists already") {
		t.Errorf("over a file: %v", err)
	}
	if after, err := os.ReadFile(copied); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the first copy has changed: %v", err)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the copy: %v", info.Mode())
	}
	if got := done(t, "programme", "list", "--database", copied); got != "dalarna\tUpphandlingskompetens Dalarna\n" {
		t.Errorf("the copy holds the programmes %q", got)
	}
}

func TestUsersAreAddedListedDisabledAndLetInAnew(t *testing.T) {
	t.Parallel()
	file, _ := withSeminar(t)
	user := func(args ...string) []string {
		return append(append([]string{"user"}, args...), "--database", file)
	}
	add := user("add", "--email", "karin@region.example", "--name", "Karin Lind", "--role", "organiser", "--programme", "dalarna", "--base-url", "https://program.example/")
	link := regexp.MustCompile(`^Choose a password here within seven days:\nhttps://program\.example/sign-in/password/\S{22,}\n$`)
	if got := done(t, add...); !link.MatchString(got) {
		t.Errorf("user add says %q", got)
	}
	if _, err := command(t, add...); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("the same user again: %v", err)
	}
	for _, address := range []string{"bad", "a@b@region.example"} {
		_, err := command(t, user("add", "--email", address, "--name", "B", "--role", "organiser")...)
		if err == nil || err.Error() != "correct --email: write one address, such as karin@region.example" {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := command(t, user("add", "--email", "b@region.example", "--name", "B", "--role", "organiser", "--programme", "nowhere")...); err == nil || !strings.Contains(err.Error(), `there is no programme "nowhere"`) {
		t.Errorf("in an unknown programme: %v", err)
	}
	if _, err := command(t, user("add", "--email", "b@region.example", "--name", "B", "--role", "king")...); err == nil || !strings.Contains(err.Error(), "administrator") {
		t.Errorf("an unknown role: %v", err)
	}
	if got, want := columns(done(t, user("list")...)), "karin@region.example|Karin Lind|organiser (dalarna)\n"; got != want {
		t.Errorf("user list (-want +got):\n%s", cmp.Diff(want, got))
	}
	if got := done(t, user("reset", "karin@region.example", "--base-url", "https://program.example")...); !link.MatchString(got) {
		t.Errorf("user reset says %q", got)
	}
	if got := done(t, user("disable", "karin@region.example")...); got != "karin@region.example is let in no more\n" {
		t.Errorf("user disable says %q", got)
	}
	if got := columns(done(t, user("list")...)); !strings.HasSuffix(got, "|disabled\n") {
		t.Errorf("user list says %q", got)
	}
	if _, err := command(t, user("reset", "karin@region.example")...); err == nil || !strings.Contains(err.Error(), "karin@region.example is disabled") {
		t.Errorf("a new link for who is let in no more: %v", err)
	}
	if _, err := command(t, user("disable", "nobody@region.example")...); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("nobody: %v", err)
	}
}

// columns puts one bar between the columns of a table.
func columns(table string) string {
	return regexp.MustCompile(`(?m)\|?[ \t]*$`).ReplaceAllString(regexp.MustCompile(` {2,}`).ReplaceAllString(table, "|"), "")
}

func TestATokenIsGoodUntilItIsRevoked(t *testing.T) {
	t.Parallel()
	file, ev := withSeminar(t)
	serving := beginServe(t, file, openPostOffice(t))
	token := func(args ...string) string {
		return done(t, append(append([]string{"token"}, args...), "--database", file)...)
	}
	secret := strings.TrimSpace(token("create", "--role", "organiser", "--programme", "dalarna", "--name", "Statistik"))
	if len(secret) < 22 {
		t.Errorf("the token is %q", secret)
	}
	asked := func() int {
		r, err := http.NewRequest(http.MethodGet, serving.base+"/api/v1/events/"+ev.ID+"/registrations", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+secret)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if got := asked(); got != http.StatusOK {
		t.Errorf("with the token: %d", got)
	}
	listed := columns(token("list"))
	id, rest, _ := strings.Cut(listed, "|")
	if want := "Statistik|organiser|until " + time.Now().UTC().AddDate(0, 0, 365).Format(time.DateOnly) + "\n"; rest != want || strings.Contains(listed, secret) {
		t.Errorf("token list says %q, want %q", rest, want)
	}
	token("revoke", id)
	if got := asked(); got != http.StatusUnauthorized {
		t.Errorf("with the revoked token: %d", got)
	}
	if got := columns(token("list")); !strings.HasSuffix(got, "|revoked\n") {
		t.Errorf("token list says %q of a revoked token", got)
	}
	if _, err := command(t, "token", "create", "--role", "organiser", "--name", "För länge", "--days", "400", "--database", file); err == nil || err.Error() != "correct --days: write a number of days from 1 to 365" {
		t.Errorf("a token for 400 days: %v", err)
	}
}

func TestProgrammesAreAddedAndListed(t *testing.T) {
	t.Parallel()
	file := newDatabase(t)
	add := []string{"programme", "add", "--database", file, "--slug", "dalarna", "--name", "Upphandlingsdialog Dalarna", "--country", "SE", "--county", "20", "--language", "sv"}
	if got := done(t, add...); got != "added dalarna\n" {
		t.Errorf("programme add says %q", got)
	}
	if _, err := command(t, add...); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("the same programme again: %v", err)
	}
	for _, tt := range []struct{ flag, value, want string }{
		{"--name", "x\r\nBcc: a", "correct --name: it must be on one line, without control characters"},
		{"--organiser", "x\ny", "correct --organiser: it must be on one line, without control characters"},
		{"--county", "99", `correct --county: SE has no county "99"; it has `},
		{"--county", "46", `correct --county: SE has no county "46"; it has `},
	} {
		args := append(slices.Clone(add), "--slug", "other", tt.flag, tt.value)
		if _, err := command(t, args...); err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s %q: %v", tt.flag, tt.value, err)
		}
	}
	if got := done(t, "programme", "list", "--database", file); got != "dalarna\tUpphandlingsdialog Dalarna\n" {
		t.Errorf("programme list says %q", got)
	}
}

func TestRemindersAreListedWithTheReasonAndNotSent(t *testing.T) {
	t.Parallel()
	file, ev := withSeminar(t)
	seed(t, file, func(db *store.DB) { registrationtest.Sign(t, db, ev.ID, 1) })
	reminders := func(until time.Time) string {
		return done(t, "reminders", "--until", until.Format(time.RFC3339), "--database", file)
	}
	if got := reminders(time.Now()); !strings.HasPrefix(got, "0 reminders until ") {
		t.Errorf("none is due now, but: %s", got)
	}
	for range 2 { // listing sends nothing, so it can be done again
		got := reminders(ev.StartsAt.AddDate(0, 0, -6))
		if !strings.Contains(got, "E18  person001@example.se  7 days before the start of \"Sociala krav som fungerar\"") || !strings.Contains(got, "\n1 reminder until ") {
			t.Errorf("a week before: %s", got)
		}
	}
	if _, err := command(t, "reminders", "--until", "i morgon", "--database", file); err == nil || !strings.Contains(err.Error(), `--until: "i morgon" is not a time: write it as 2027-03-03T12:00`) {
		t.Errorf("an unreadable time: %v", err)
	}
}

func TestTheDemoStaysOnThisComputer(t *testing.T) {
	inherit(t)
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0"} {
		if _, err := command(t, "demo", "--listen", address); err == nil || !strings.Contains(err.Error(), "the demo listens on this computer only") {
			t.Errorf("on %s: %v", address, err)
		}
	}
	if _, err := command(t, "demo", "--listen", "127.0.0.1:0", "--database", newDatabase(t)); err == nil || !strings.Contains(err.Error(), "exists already: the demo begins with a new database") {
		t.Errorf("over a database: %v", err)
	}
}

func TestTheDemoBeginsOnAnyDay(t *testing.T) {
	t.Parallel()
	for _, now := range []string{"2027-03-28T00:59", "2027-10-31T00:30", "2027-12-31T23:59:59", "2028-02-29T12:00:00+01:00"} {
		t.Run(now, func(t *testing.T) {
			t.Parallel()
			p := begin(t, "demo", "--listen", "127.0.0.1:0", "--now", now)
			base := p.find(t, p.stdout, `(http://127\.0\.0\.1:\d+)/events\n`)[1]
			if n := document(t, base+"/events").Find(".event-list li").Length(); n < 8 {
				t.Errorf("%d events in the calendar", n)
			}
		})
	}
}
