package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"stafett/internal/inbound"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// handIn hands a message to the program as a mail system does, and gives what it
// says and its exit code.
func handIn(t *testing.T, input string, args ...string) (said string, code int) {
	t.Helper()
	built.once.Do(built.build)
	if built.err != nil {
		t.Fatal(built.err)
	}
	c := exec.Command(built.path, append([]string{"mail", "receive"}, args...)...)
	c.Env = []string{} // no setting but the arguments
	c.Stdin = strings.NewReader(input)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), c.ProcessState.ExitCode()
}

// bounceOf is a report that the letter could not be delivered.
func bounceOf(id, recipient string) string {
	return fmt.Sprintf("From: MAILER-DAEMON@mx.example\nTo: bounce+%[1]s@region.example\nMessage-ID: <report-of-%[1]s@mx.example>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nSorry.\n--b\n"+
		"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; %[2]s\nAction: failed\nStatus: 5.1.1\n--b--\n", id, recipient)
}

func TestALetterThatCameBackIsHandedInByTheMailSystem(t *testing.T) {
	t.Parallel()
	file, ev := withSeminar(t)
	var letter message.Message
	var recipient string
	seed(t, file, func(db *store.DB) {
		reg := registrationtest.Sign(t, db, ev.ID, 1)
		recipient = reg.Email
		storetest.Write(t, db, func(tx *store.Tx) error {
			all, err := message.OfRegistration(t.Context(), tx, reg.ID)
			if err != nil {
				return err
			}
			letter = all[0]
			_, err = store.Exec(t.Context(), tx, `UPDATE message SET status = 'sent', prepared_at = ?, done_at = ?`, store.At(tx.Now), store.At(tx.Now))
			return err
		})
	})
	settings := []string{"--database", file, "--mail-from", "program@region.example"}
	bounce := bounceOf(letter.ID, recipient)
	for _, tt := range []struct {
		name, input string
		more        []string
		said        string
		code        int
	}{
		{"too large", bounce + strings.Repeat("x", inbound.MaxSize), nil, "too_large: dropped", 0},
		{"no message", "", nil, "no message", 75},
		{"rubbish", "rubbish", nil, "unreadable: dropped", 0},
		{"a setting that does not exist", bounce, []string{"--nonsense"}, "unknown flag", 75},
		{"no database", bounce, []string{"--database", file + "-not"}, "no database", 75},
		{"a letter that came back", bounce, nil, "bounce: no_such_address", 0},
		{"the same once more", bounce, nil, "bounce: no_such_address", 0},
	} {
		said, code := handIn(t, tt.input, append(settings, tt.more...)...)
		if code != tt.code || !strings.Contains(said, tt.said) {
			t.Errorf("%s: exit code %d, %q; want %d, %q", tt.name, code, said, tt.code, tt.said)
		}
	}
	seed(t, file, func(db *store.DB) {
		storetest.Read(t, db, func(tx *store.Tx) error {
			gone, err := person.EmailFailed(t.Context(), tx, recipient)
			if !gone {
				t.Error("the address is not marked")
			}
			return err
		})
	})
}
