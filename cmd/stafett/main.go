// Command stafett runs a regional competence programme: its public pages,
// sign-up, mail and reminders, and the organisers' desk.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a scratch image has no time zones of its own

	"github.com/alecthomas/kong"
)

// version is set by the linker when a release is built.
var version = "development"

// commands is everything the program can do.
type commands struct {
	Serve     serveCommand     `cmd:"" help:"Serve the pages and the API, send mail and reminders, read the mailbox. Ends in good order on SIGTERM."`
	Demo      demoCommand      `cmd:"" help:"Try Stafett with invented people: a throw-away database, and all mail in a mailbox at /dev/mail."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database to this program's schema."`
	Backup    backupCommand    `cmd:"" help:"Write a checked copy of the database, also while it is served."`
	Restore   restoreCommand   `cmd:"" help:"Go back to a backup: check it, keep the present database beside it, and hold what may have been sent already until an organiser has answered."`
	Check     checkCommand     `cmd:"" help:"Look at settings, schema, integrity, clock, mail server, mailbox and what the domain publishes; exit 1 with what is wrong."`
	Export    exportCommand    `cmd:"" help:"Write what is stored as a table."`
	User      userCommand      `cmd:"" help:"Add, list, disable users, or let one choose a new password."`
	Token     tokenCommand     `cmd:"" help:"Make, list or revoke bearer tokens for the API."`
	Programme programmeCommand `cmd:"" help:"Add or list programmes."`
	Health    healthCommand    `cmd:"" help:"Ask a running server whether it is ready (for a container's health check)."`
	Reminders remindersCommand `cmd:"" help:"List the reminders that would be sent, to whom and why; sends nothing."`
	Mail      mailCommand      `cmd:"" help:"Take mail that comes back: answers of calendars, letters that could not be delivered."`
	Version   versionCommand   `cmd:"" help:"Say which version this is."`
}

// world is what the program gets from outside. Tests start it with their own.
type world struct {
	ctx            context.Context
	stdout, stderr io.Writer
}

func (w world) say(format string, args ...any) { fmt.Fprintf(w.stdout, format+"\n", args...) }

func (w world) log() *slog.Logger { return slog.New(slog.NewJSONHandler(w.stderr, nil)) }

// run does what the arguments say. Settings come from a flag, else from the
// environment variable named in the help, else from the default.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var c commands
	exited := false
	parser, err := kong.New(&c,
		kong.Name("stafett"),
		kong.Description("Events, sign-up, waiting lists, letters and reminders for a regional procurement programme. Every setting can be given as a flag or as the environment variable named beside it; a flag wins."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { exited = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.UsageOnError(),
	)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exited { // help has been shown
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w\nSee stafett --help", err)
	}
	return k.Run(world{ctx, stdout, stderr})
}

func main() {
	syscall.Umask(0o077) // what we write is for our own user
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "stafett:", err)
		os.Exit(exitCode(os.Args[1:]))
	}
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(w world) error {
	w.say("stafett %s", version)
	return nil
}
