package registration_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var (
	ctx       = context.Background()
	person    = audit.Actor{Kind: "person", ID: "p1"}
	organiser = registrationtest.Organiser
	starts    = registrationtest.Starts
	ends      = starts.Add(3 * time.Hour)
	closes    = time.Date(2027, 3, 3, 22, 59, 0, 0, time.UTC)
)

type (
	content = event.Content
	reg     = registration.Registration
	request = registration.Request
)

// places gives the room so many of them.
func places(n int) func(*content) { return func(c *content) { c.RoomPlaces = new(n) } }

func register(db *store.DB, q request) (o registration.Outcome, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) { o, err = registration.Register(ctx, tx, q); return err })
	return o, err
}

func withdraw(db *store.DB, id string, by audit.Actor) (r reg, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		r, err = registration.Withdraw(ctx, tx, id, by, "")
		return err
	})
	return r, err
}

func transfer(db *store.DB, id string, q request) (r reg, err error) {
	q.By = person
	err = db.Write(ctx, func(tx *store.Tx) (err error) { r, err = registration.Transfer(ctx, tx, id, q); return err })
	return r, err
}

func addByHand(db *store.DB, q request, over bool) (r reg, err error) {
	q.By = organiser
	err = db.Write(ctx, func(tx *store.Tx) (err error) { r, err = registration.AddByHand(ctx, tx, q, over); return err })
	return r, err
}

func attend(db *store.DB, id string, m registration.Mark) (r reg, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) { r, err = registration.Attend(ctx, tx, id, m, organiser); return err })
	return r, err
}

func join(db *store.DB, id string) (address string, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) { address, err = registration.Join(ctx, tx, id); return err })
	return address, err
}

func updateEvent(db *store.DB, ev event.Event, c content) (after event.Event, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		after, err = registration.UpdateEvent(ctx, tx, ev.ID, ev.Revision, c, "Därför.", organiser)
		return err
	})
	return after, err
}

func moveEvent(db *store.DB, id string, to time.Time) (after event.Event, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		after, err = registration.MoveEvent(ctx, tx, id, to, to.Add(3*time.Hour), "Salen är upptagen.", organiser)
		return err
	})
	return after, err
}

func postponeEvent(t testing.TB, db *store.DB, id string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.PostponeEvent(ctx, tx, id, "Föreläsaren är sjuk.", organiser)
		return err
	})
}

func cancelEvent(db *store.DB, id string) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		_, err := registration.CancelEvent(ctx, tx, id, "För få anmälda.", organiser)
		return err
	})
}

func findEvent(t testing.TB, db *store.DB, id string) (ev event.Event) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) { ev, err = event.Find(ctx, tx, id); return err })
	return ev
}

func position(t testing.TB, db *store.DB, id string) (n int) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		r, err := registration.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		n, err = registration.Position(ctx, tx, r)
		return err
	})
	return n
}

// letters lists what was written to a registration, oldest first, with the
// SEQUENCE: "E02 0", "E03 -".
func letters(t testing.TB, db *store.DB, id string) (found []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := message.OfRegistration(ctx, tx, id)
		for _, m := range all {
			sequence := "-"
			if m.CalendarSequence != nil {
				sequence = fmt.Sprint(*m.CalendarSequence)
			}
			found = append(found, string(m.Letter)+" "+sequence)
		}
		return err
	})
	return found
}

// last is the newest message to a registration.
func last(t testing.TB, db *store.DB, id string) (m message.Message) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := message.OfRegistration(ctx, tx, id)
		if len(all) > 0 {
			m = all[len(all)-1]
		}
		return err
	})
	return m
}

// trail lists the audit entries of a registration as "person confirmed→cancelled".
func trail(t testing.TB, db *store.DB, id string) (found []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := audit.Of(ctx, tx, "registration", id)
		for _, e := range all {
			found = append(found, fmt.Sprintf("%s %s→%s", e.Actor.Kind, e.From, e.To))
		}
		return err
	})
	return found
}

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func refused(t testing.TB, what string, got error, want *problem.Problem) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want the refusal %q", what, got, want.Code)
	}
}

// codes writes each field's error as "field:code", in order.
func codes(err error) []string {
	p, ok := problem.As(err)
	if !ok {
		return nil
	}
	var out []string
	for _, f := range p.Fields {
		out = append(out, f.Name+":"+f.Code)
	}
	return out
}

// roster is who is there: the state of each person by number, "2 confirmed".
func roster(t testing.TB, db *store.DB, eventID string) (found []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := registration.Roster(ctx, tx, eventID, registration.RosterFilter{})
		for _, r := range all {
			found = append(found, strings.TrimPrefix(r.LastName, "Nummer ")+" "+string(r.Status))
		}
		return err
	})
	return found
}

// unsound says what is wrong with an event's places and people; nothing is when
// it is empty. It trusts no code of the package but counts the rows itself.
func unsound(tx *store.Tx, eventID string) (faults []string, err error) {
	type row struct {
		mode                       string
		places                     *int
		taken, extra, held, marked int
	}
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) {
		return x, r.Scan(&x.mode, store.Int(&x.places), &x.taken, &x.extra, &x.held, &x.marked)
	}, `SELECT c.mode, c.places, c.taken, c.extra, count(r.id), COALESCE(sum(r.extra), 0)
		FROM event_capacity c LEFT JOIN (
			SELECT id, event_id, mode, extra FROM registration WHERE status IN ('confirmed', 'offered', 'pending_email', 'attended', 'no_show')
			UNION ALL
			SELECT registration_id, event_id, mode, 0 FROM offer WHERE status = 'open' AND registration_id IN (SELECT id FROM registration WHERE status = 'confirmed')
		) r ON r.event_id = c.event_id AND r.mode = c.mode
		WHERE c.event_id = ? GROUP BY c.mode`, eventID)
	if err != nil {
		return nil, err
	}
	for _, x := range rows {
		if x.taken+x.extra != x.held {
			faults = append(faults, fmt.Sprintf("%s: %d taken and %d above, but %d people hold a place", x.mode, x.taken, x.extra, x.held))
		}
		if x.extra != x.marked {
			faults = append(faults, fmt.Sprintf("%s: %d above the places, but %d people are", x.mode, x.extra, x.marked))
		}
		if x.places != nil && x.taken > *x.places {
			faults = append(faults, fmt.Sprintf("%s: %d of %d places are taken", x.mode, x.taken, *x.places))
		}
		if x.places != nil && x.extra > 0 && x.taken < *x.places {
			faults = append(faults, fmt.Sprintf("%s: %d are above the places while %d of %d are taken", x.mode, x.extra, x.taken, *x.places))
		}
	}
	twice, err := store.All(ctx, tx, store.Value[string], `
		SELECT email FROM registration
		WHERE event_id = ? AND status IN ('pending_email', 'requested', 'confirmed', 'waitlisted', 'offered', 'attended', 'no_show')
		GROUP BY email HAVING count(*) > 1`, eventID)
	for _, email := range twice {
		faults = append(faults, email+" is there twice")
	}
	if err != nil {
		return faults, err
	}
	unlike, err := store.All(ctx, tx, store.Value[string], `
		SELECT r.id FROM registration r WHERE r.event_id = ?
			AND (r.status = 'offered' OR r.room_since IS NOT NULL AND r.hold_until IS NOT NULL)
				<> EXISTS (SELECT 1 FROM offer o WHERE o.registration_id = r.id AND o.status = 'open' AND (r.status = 'offered' AND o.mode = r.mode OR r.mode = 'online' AND o.mode = 'room'))`, eventID)
	for _, id := range unlike {
		faults = append(faults, id+" has an open offer and does not know, or the other way round")
	}
	if err != nil {
		return faults, err
	}
	miscounted, err := store.All(ctx, tx, store.Value[string], `
		SELECT i.code || ' is counted as used ' || i.used || ' times' FROM invitation i WHERE i.event_id = ? AND i.used <> (SELECT count(*) FROM registration r
			WHERE r.invitation_id = i.id AND r.status IN ('pending_email', 'requested', 'confirmed', 'waitlisted', 'offered', 'attended', 'no_show'))`, eventID)
	return append(faults, miscounted...), err
}

// sound fails the test when places and people do not agree.
func sound(t testing.TB, db *store.DB, eventID string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		faults, err := unsound(tx, eventID)
		for _, f := range faults {
			t.Error(f)
		}
		return err
	})
}

func TestWhichStatesHoldAPlaceAndWhichAreActive(t *testing.T) {
	var holds, active []registration.Status
	for _, s := range []registration.Status{
		registration.PendingEmail, registration.Requested, registration.Confirmed, registration.Waitlisted, registration.Offered, registration.Rejected,
		registration.Lapsed, registration.Declined, registration.Expired, registration.Cancelled, registration.LateCancelled, registration.Transferred,
		registration.Attended, registration.NoShow, registration.EventCancelled, registration.Erased, registration.New,
	} {
		if s.HoldsPlace() {
			holds = append(holds, s)
		}
		if s.Active() {
			active = append(active, s)
		}
	}
	same(t, "hold a place", holds, []registration.Status{registration.PendingEmail, registration.Confirmed, registration.Offered, registration.Attended, registration.NoShow})
	same(t, "are active", active, []registration.Status{registration.PendingEmail, registration.Requested, registration.Confirmed, registration.Waitlisted,
		registration.Offered, registration.Attended, registration.NoShow})
}

// none is the letter of a step that sends none.
const none = ""

// allowed is the table of steps, written out here once more as the rules say it,
// so that a slip in the code's own table is seen.
var allowed = map[string]message.Letter{
	" confirmed": message.Confirmed, " waitlisted": message.Waitlisted, " attended": message.WalkedIn, " pending_email": message.ConfirmAddress, " requested": message.Requested,
	"pending_email confirmed": message.Confirmed, "pending_email waitlisted": message.Waitlisted, "pending_email lapsed": none,
	"requested confirmed": message.Confirmed, "requested waitlisted": message.Waitlisted, "requested rejected": message.Rejected,
	"waitlisted confirmed": message.Confirmed, "waitlisted offered": message.Offered, "waitlisted attended": none,
	"offered confirmed": message.Confirmed, "offered declined": message.Declined, "offered expired": message.Expired,
	"offered waitlisted": none, "declined waitlisted": message.Waitlisted, "expired waitlisted": message.Waitlisted,
	"waitlisted cancelled": message.Cancelled, "requested cancelled": message.Cancelled, "pending_email cancelled": message.Cancelled, "offered cancelled": message.Cancelled,
	"confirmed cancelled": message.Cancelled, "confirmed late_cancelled": message.LateCancelled, "confirmed transferred": message.Transferred,
	"confirmed attended": none, "late_cancelled attended": none, "confirmed no_show": none, "attended no_show": none, "no_show attended": none,
	"attended confirmed": none, "attended waitlisted": none, "attended late_cancelled": none, "attended cancelled": none, // a mark taken back
	"confirmed event_cancelled": message.EventCancelled, "waitlisted event_cancelled": message.EventCancelled, "offered event_cancelled": message.EventCancelled,
	"requested event_cancelled": message.EventCancelled, "pending_email event_cancelled": message.EventCancelled,
}

func TestWhatIsNotAStepDoesNotHappen(t *testing.T) {
	all := []registration.Status{
		registration.New, registration.PendingEmail, registration.Requested, registration.Confirmed, registration.Waitlisted, registration.Offered,
		registration.Rejected, registration.Lapsed, registration.Declined, registration.Expired, registration.Cancelled, registration.LateCancelled,
		registration.Transferred, registration.Attended, registration.NoShow, registration.EventCancelled, registration.Erased,
	}
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	n := 0
	for _, from := range all {
		for _, to := range all {
			n++
			name := string(from) + " " + string(to)
			undo := errors.New("undo") // each step on its own, none kept
			err := db.Write(ctx, func(tx *store.Tx) error {
				r := stand(t, tx, ev, n, from)
				r.HoldUntil = tx.Now.Add(time.Hour) // what the caller says of an offer or an unproved address
				err := registration.Move(ctx, tx, ev, &r, registration.Changed(to))
				letter, ok := allowed[name]
				if !ok {
					refused(t, name, err, registration.ErrNotNow)
					return undo
				}
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return undo
				}
				written, err := message.OfRegistration(ctx, tx, r.ID)
				var got []message.Letter
				for _, m := range written {
					got = append(got, m.Letter)
				}
				want := slices.DeleteFunc([]message.Letter{letter}, func(l message.Letter) bool { return l == none })
				if diff := cmp.Diff(want, got); diff != "" && len(got)+len(want) > 0 {
					t.Errorf("%s: letters\n%s", name, diff)
				}
				if faults, _ := unsound(tx, ev.ID); len(faults) > 0 {
					t.Errorf("%s: %v", name, faults)
				}
				return errors.Join(err, undo)
			})
			if !errors.Is(err, undo) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// stand makes a registration in any state, by writing its row.
func stand(t *testing.T, tx *store.Tx, ev event.Event, n int, s registration.Status) reg {
	r := reg{
		ID: fmt.Sprintf("r%d", n), EventID: ev.ID, Mode: event.Room, Email: registrationtest.Address(n), FirstName: "P", LastName: "N", Language: "sv",
		OrganisationKind: registration.OfNone, JoinedAt: tx.Now, CalendarUID: fmt.Sprintf("r%d", n), CalendarSequence: -1, CreatedAt: tx.Now, ChangedAt: tx.Now,
	}
	r.PersonID = "p-" + r.ID
	_, err := store.Exec(ctx, tx, `INSERT INTO person (id, email, first_name, last_name, language, created_at) VALUES (?, ?, 'P', 'N', 'sv', ?)`, r.PersonID, r.Email, store.At(tx.Now))
	if err != nil {
		t.Fatal(err)
	}
	if s == registration.New {
		return r
	}
	r.Status, r.ConfirmedAt = s, tx.Now
	_, err = store.Exec(ctx, tx, `
		INSERT INTO registration (id, event_id, person_id, status, mode, email, first_name, last_name, language, organisation_kind, joined_at, confirmed_at, calendar_uid, created_at, changed_at)
		VALUES (?, ?, ?, ?, 'room', ?, 'P', 'N', 'sv', 'none', ?, ?, ?, ?, ?)`,
		r.ID, r.EventID, r.PersonID, r.Status, r.Email, store.At(tx.Now), store.At(tx.Now), r.CalendarUID, store.At(tx.Now), store.At(tx.Now))
	if err != nil {
		t.Fatal(err)
	}
	if s.HoldsPlace() {
		if _, err := store.Exec(ctx, tx, `UPDATE event_capacity SET taken = taken + 1 WHERE event_id = ?`, ev.ID); err != nil {
			t.Fatal(err)
		}
	}
	return r
}
