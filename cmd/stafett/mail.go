package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"stafett/internal/inbound"
	"stafett/internal/person"
	"stafett/internal/store"
)

type mailCommand struct {
	Receive mailReceive `cmd:"" help:"Take one message that came back on standard input: an answer of a calendar, or a letter that could not be delivered."`
}

type mailReceive struct {
	databaseSettings
	MailFrom  string `required:"" env:"STAFETT_MAIL_FROM" help:"The one address that all mail comes from, as serve has it."`
	Recipient string `help:"The address that the message was delivered to; none: as its header tells."`
}

// Exit codes as mail systems read them (sysexits.h).
const (
	exitFault     = 1
	exitTemporary = 75 // EX_TEMPFAIL: keep the message and come again
)

// exitCode is 75 for whatever goes wrong with a message that was handed in: a
// mail system returns to its sender what fails otherwise, and a wrong setting
// must cost nobody a letter.
func exitCode(args []string) int {
	if len(args) >= 2 && args[0] == "mail" && args[1] == "receive" {
		return exitTemporary
	}
	return exitFault
}

// Run reads the message, acts on it and says what was done. What is none of our
// business is dropped, which is success too: nobody is to get it back.
func (m mailReceive) Run(w world) error {
	from, err := person.Address(m.MailFrom)
	if err != nil {
		return errors.New("--mail-from (STAFETT_MAIL_FROM) is not an address such as program@region.example")
	}
	raw, err := io.ReadAll(io.LimitReader(os.Stdin, inbound.MaxSize+1))
	if err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	if strings.TrimSpace(string(raw)) == "" {
		return errors.New("there is no message on standard input")
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // the mail system writes all of it, or reports a broken pipe
	read := inbound.Read(raw, m.Recipient, from)
	return write(w, m.databaseSettings, func(ctx context.Context, w world, tx *store.Tx) error {
		n, err := inbound.Act(ctx, tx, read, inbound.ByCommand, from)
		if err == nil {
			w.say("%s: %s", n.Kind, n.Outcome)
		}
		return err
	})
}
