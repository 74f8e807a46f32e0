package imap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"stafett/internal/inbound"
	"stafett/internal/store"
)

// Poller reads one mailbox.
type Poller struct {
	db       *store.DB
	log      *slog.Logger
	settings Settings
	from     string // the one address that our letters come from

	mu    sync.Mutex
	broke map[imap.UID]int // how often reading a message broke the line
}

// New makes a Poller; it does nothing until it is run.
func New(db *store.DB, log *slog.Logger, settings Settings, fromEmail string) *Poller {
	return &Poller{db: db, log: log, settings: settings, from: fromEmail, broke: map[imap.UID]int{}}
}

// mostAtOnce is how many messages one poll reads; the next reads on.
const mostAtOnce = 200

// Poll reads what is new in the mailbox, and tells how many messages were dealt
// with. One that cannot be read now stays as it is and does not stop the others.
func (p *Poller) Poll(ctx context.Context) (done int, err error) {
	client, err := p.settings.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	if _, err := client.Select(p.settings.Mailbox, nil).Wait(); err != nil {
		return 0, fmt.Errorf("open the mailbox: %w", err)
	}
	found, err := client.UIDSearch(&imap.SearchCriteria{NotFlag: []imap.Flag{imap.FlagSeen, imap.FlagDeleted}}, nil).Wait()
	if err != nil {
		return 0, fmt.Errorf("look for new messages: %w", err)
	}
	uids := p.inTurn(found.AllUIDs())
	if len(uids) > mostAtOnce {
		uids = uids[:mostAtOnce]
	}
	for _, uid := range uids {
		dealt, lost, err := p.one(ctx, client, uid)
		if dealt {
			done++
		}
		if lost {
			return done, err
		}
	}
	_ = client.Logout().Wait() // everything is done
	return done, nil
}

// inTurn puts messages last whose reading broke the line before, so that they do
// not keep back the others for good.
func (p *Poller) inTurn(uids []imap.UID) []imap.UID {
	p.mu.Lock()
	defer p.mu.Unlock()
	slices.SortStableFunc(uids, func(a, b imap.UID) int { return p.broke[a] - p.broke[b] })
	return uids
}

func (p *Poller) suspect(uid imap.UID, broke bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if broke {
		p.broke[uid]++
	} else {
		delete(p.broke, uid)
	}
}

// one deals with one message; lost says that the line, or the database, is gone
// and the others must wait.
func (p *Poller) one(ctx context.Context, client *imapclient.Client, uid imap.UID) (dealt, lost bool, err error) {
	raw, err := fetch(client, uid)
	if err != nil {
		p.suspect(uid, true)
		return false, true, fmt.Errorf("fetch a message: %w", err)
	}
	p.suspect(uid, false)
	if raw == nil { // somebody else took it away
		return false, false, nil
	}
	m := inbound.Read(raw, "", p.from)
	var n inbound.Noted
	err = p.db.Write(ctx, func(tx *store.Tx) (err error) {
		n, err = inbound.Act(ctx, tx, m, inbound.ByIMAP, p.from)
		return err
	})
	if errors.Is(err, inbound.ErrNotYet) {
		return false, false, nil
	}
	if err != nil {
		return false, true, err
	}
	p.log.Info("mail came in", "kind", n.Kind, "outcome", n.Outcome)
	if err := p.mark(client, uid, n.Kind); err != nil {
		return true, true, fmt.Errorf("mark a message: %w", err)
	}
	return true, false, nil
}

// fetch reads a message, as much of it as could be of use and one byte more; nil
// when it is not there any more.
func fetch(client *imapclient.Client, uid imap.UID) (raw []byte, err error) {
	cmd := client.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{
		BodySection: []*imap.FetchItemBodySection{{Peek: true, Partial: &imap.SectionPartial{Offset: 0, Size: inbound.MaxSize + 1}}},
	})
	for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
		for item := msg.Next(); item != nil; item = msg.Next() {
			body, ok := item.(imapclient.FetchItemDataBodySection)
			if !ok || body.Literal == nil || raw != nil {
				continue
			}
			if raw, err = io.ReadAll(io.LimitReader(body.Literal, inbound.MaxSize+1)); err != nil {
				return nil, errors.Join(err, cmd.Close())
			}
		}
	}
	return raw, cmd.Close()
}

// mark notes in the mailbox that a message has been dealt with. What may be a
// person's is flagged for a person to see, and stays where it is.
func (p *Poller) mark(client *imapclient.Client, uid imap.UID, kind inbound.Kind) error {
	one, flags := imap.UIDSetNum(uid), []imap.Flag{imap.FlagSeen}
	forAPerson := kind == inbound.Letter || kind == inbound.Unreadable || kind == inbound.TooLarge
	if forAPerson {
		flags = append(flags, imap.FlagFlagged)
	}
	if err := client.Store(one, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: flags}, nil).Close(); err != nil {
		return err
	}
	// Without these, moving would throw away whatever else is marked as deleted.
	canMove := client.Caps().Has(imap.CapMove) || client.Caps().Has(imap.CapUIDPlus)
	if p.settings.Move == "" || forAPerson || !canMove {
		return nil
	}
	if _, err := client.Move(one, p.settings.Move).Wait(); err != nil {
		if refused := (*imap.Error)(nil); errors.As(err, &refused) { // it has been dealt with, and stays
			p.log.Warn("mail could not be moved", "error", refused)
			return nil
		}
		return err
	}
	return nil
}
