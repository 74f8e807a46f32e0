package web

import (
	"context"
	"time"

	"stafett/internal/message"
	"stafett/internal/store"
)

// trouble is one thing that should run every minute and does not, or goes wrong:
// told on every page of the organisers, for nothing else tells.
type trouble struct {
	What  string    // mail, clock: the texts are "admin.trouble.<What>…"
	Late  bool      // it stands still; else it runs, and goes wrong
	Never bool      // it has not run at all
	Since time.Time // since when
	Fault string    // why it goes wrong: a code
	Do    string    // the text "admin.trouble.do.<Do>" says what the operator can do
}

// troubles looks at what runs every minute: delivery, and the clock with
// reminders, offers and erasure.
func troubles(runs []message.Run, now time.Time) []trouble {
	at := map[string]message.Run{}
	for _, r := range runs {
		at[r.Name] = r
	}
	worst := map[string]trouble{}
	for _, job := range message.Regulars {
		if job.Within > everyMinute {
			continue
		}
		what := "clock"
		if job.Name == "mail" {
			what = "mail"
		}
		r, known := at[job.Name]
		t := trouble{What: what, Fault: r.Fault, Since: r.Since}
		switch {
		case !known:
			t.Late, t.Never, t.Do = true, true, "stopped"
		case now.Sub(r.At) > job.Within:
			t.Late, t.Since, t.Do = true, r.At, "stopped"
		case r.Fault != "":
			t.Do = remedy(r.Fault)
			if passing[t.Do] && now.Sub(r.Since) < everyMinute {
				continue
			}
		default:
			continue
		}
		if old, is := worst[what]; !is || t.Late && (!old.Late || t.Never || !old.Never && t.Since.Before(old.Since)) {
			worst[what] = t
		}
	}
	var list []trouble
	for _, what := range []string{"mail", "clock"} {
		if t, is := worst[what]; is {
			t.Since = t.Since.In(deskZone())
			list = append(list, t)
		}
	}
	return list
}

// everyMinute is how long what runs by the minute may be silent.
const everyMinute = 5 * time.Minute

// passing are the remedies of what often mends itself with the next attempt, and
// is told once it has not. What our own settings cause is told at once.
var passing = map[string]bool{"server": true, "log": true}

// remedy names what an operator can do about the reason why no mail goes out.
func remedy(fault string) string {
	switch code, _ := message.SplitReason(fault); code {
	case message.ReasonSignIn, message.ReasonSettings:
		return "settings"
	case message.ReasonServerRefuses:
		return "refused"
	case message.ReasonUnreachable, message.ReasonServerNotFound, message.ReasonLineBroke, message.ReasonStopped, message.ReasonTryLater:
		return "server"
	case message.ReasonCertificate, message.ReasonNoEncryption:
		return "encryption"
	}
	return "log"
}

// readTrouble looks for it, for a page of the organisers. What cannot be read is
// a fault of the page itself, which has just read as much.
func (s *Server) readTrouble(ctx context.Context) (list []trouble) {
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		runs, err := message.Runs(ctx, tx)
		list = troubles(runs, tx.Now)
		return err
	})
	if err != nil {
		s.Log.Error("what runs by itself is not known", "error", err)
		return nil
	}
	return list
}
