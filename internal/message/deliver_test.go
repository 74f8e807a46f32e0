package message_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

const lease = 2 * time.Minute

// claim takes the next message, leaving out some domains; "" when none is due.
func claim(t testing.TB, db *store.DB, full ...string) (c message.Message) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		got, found, err := message.Claim(ctx, tx, lease, message.Room{Full: full})
		if found {
			c = got
		}
		return err
	})
	return c
}

// claimed names the keys of all that can be claimed now, in order.
func claimed(t testing.TB, db *store.DB, full ...string) (keys []string) {
	t.Helper()
	for c := claim(t, db, full...); c.ID != ""; c = claim(t, db, full...) {
		keys = append(keys, c.UniqueKey)
	}
	return keys
}

func prepare(t testing.TB, db *store.DB, c message.Message, method string, sequence int) {
	t.Helper()
	c.MIME, c.Sender = []byte("bytes of "+c.UniqueKey), "bounce+"+c.ID+"@example.se"
	if method != "" {
		c.CalendarMethod, c.CalendarSequence = method, &sequence
	}
	storetest.Write(t, db, func(tx *store.Tx) error { return message.Prepare(ctx, tx, c) })
}

func finish(t testing.TB, db *store.DB, id string, s message.Status) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error { return message.Finish(ctx, tx, id, s, "därför") })
}

func TestTheMostUrgentGoesFirstThenTheOldest(t *testing.T) {
	db, clock := storetest.New(t)
	for _, l := range []message.Letter{message.DayBefore, message.Confirmed, message.Waitlisted, message.EventMoved, message.ThankYou, message.EventCancelled} {
		enqueue(t, db, letter(string(l), l))
		clock.Advance(time.Second)
	}
	later := letter("later", message.EventCancelled)
	later.NotBefore = clock.Now().Add(time.Minute)
	enqueue(t, db, later)
	same(t, "now", claimed(t, db), "E02", "E03", "E15", "E14", "E19", "E16")
	clock.Advance(time.Minute)
	same(t, "a minute later, while the others are in hand", claimed(t, db), "later")
}

// A letter whose time runs is not kept waiting by the thousands of a change that
// everybody is told of.
func TestLinksAndOffersGoBeforeChangesAndChangesBeforeWhatIsWrittenToMany(t *testing.T) {
	db, clock := storetest.New(t)
	for _, l := range []message.Letter{
		message.Mailing, message.DayBefore, message.EventMoved, message.EventCancelled, message.EventPostponed, message.Confirmed,
		message.SignIn, message.Offered, message.ConfirmAddress,
	} {
		enqueue(t, db, letter(string(l), l))
		clock.Advance(time.Second)
	}
	same(t, "the order", claimed(t, db), "E23", "E07", "E01", "E15", "E14", "E22", "E02", "E19", "E27")
}

func TestAReminderOfWhichLittleIsLeftGoesBeforeOthers(t *testing.T) {
	db, clock := storetest.New(t)
	for _, r := range []struct {
		key    string
		letter message.Letter
		life   time.Duration
	}{
		{"of next week", message.WeekBefore, 7 * 24 * time.Hour}, {"of tomorrow", message.DayBefore, 23 * time.Hour}, {"thanks", message.ThankYou, 0},
		{"of the next hour", message.HourBefore, time.Hour}, {"in own words", message.OwnWords, 3 * time.Hour}, {"found late", message.DayBefore, 2 * time.Hour},
		{"no reminder", message.StayedAway, time.Hour},
	} {
		q := letter(r.key, r.letter)
		if r.life > 0 {
			q.NotAfter = clock.Now().Add(r.life)
		}
		enqueue(t, db, q)
		clock.Advance(time.Second)
	}
	same(t, "the order", claimed(t, db), "no reminder", "of the next hour", "in own words", "found late", "of next week", "of tomorrow", "thanks")
}

func TestAClaimedMessageIsOneWorkersUntilItsLeaseEnds(t *testing.T) {
	db, clock := storetest.New(t)
	enqueue(t, db, letter("k", message.Confirmed))
	first := claim(t, db)
	if first.UniqueKey != "k" || first.MayHaveLeft() {
		t.Fatalf("claimed %+v", first)
	}
	prepare(t, db, first, "REQUEST", 0)
	clock.Advance(lease - time.Second)
	if c := claim(t, db); c.ID != "" {
		t.Errorf("%s was claimed twice", c.UniqueKey)
	}
	clock.Advance(time.Second) // the worker died: the same bytes go again
	again := claim(t, db)
	if again.ID != first.ID || string(again.MIME) != "bytes of k" || again.Sender == "" || again.PreparedAt.IsZero() || !again.MayHaveLeft() {
		t.Errorf("after the lease: %+v", again)
	}
	storetest.Write(t, db, func(tx *store.Tx) error { return message.Release(ctx, tx, again.ID) })
	if c := claim(t, db); c.ID != first.ID {
		t.Errorf("what was given back is not claimed: %+v", c)
	}
}

func TestFortyWorkersClaimEachMessageOnce(t *testing.T) {
	db, _ := storetest.New(t)
	for n := range 30 {
		enqueue(t, db, letter(fmt.Sprint(n), message.Confirmed))
	}
	type answer struct {
		key string
		err error
	}
	answers := make(chan answer)
	for range 40 {
		go func() {
			var a answer
			a.err = db.Write(ctx, func(tx *store.Tx) error {
				c, _, err := message.Claim(ctx, tx, lease, message.Room{})
				a.key = c.UniqueKey
				return err
			})
			answers <- a
		}()
	}
	seen := map[string]int{}
	for range 40 {
		a := <-answers
		if a.err != nil {
			t.Error(a.err)
		}
		seen[a.key]++
	}
	if len(seen) != 31 || seen[""] != 10 {
		t.Errorf("40 workers and 30 messages: %v", seen)
	}
}

func TestFullDomainsAreLeftOut(t *testing.T) {
	db, _ := storetest.New(t)
	for _, address := range []string{"a@example.se", "b@example.no", "c@mail.example.se", "d@notexample.se"} {
		r := letter(address, message.Confirmed)
		r.Recipient = address
		enqueue(t, db, r)
	}
	same(t, "without two domains", claimed(t, db, "example.se", "example.no"), "c@mail.example.se", "d@notexample.se")
	same(t, "with them", claimed(t, db), "a@example.se", "b@example.no")
}

// about writes a letter about the registration as it would be written now.
func about(t testing.TB, db *store.DB, key string, l message.Letter, registrationID string) {
	t.Helper()
	r := letter(key, l)
	r.RegistrationID = registrationID
	enqueue(t, db, r)
}

// registered gives the ids of some registrations, whose own letters are out of
// the way.
func registered(t testing.TB, db *store.DB, n int) (ids []string) {
	t.Helper()
	ev := registrationtest.Event(t, db, nil)
	for i := range n {
		ids = append(ids, registrationtest.Sign(t, db, ev.ID, i).ID)
	}
	for _, m := range messages(t, db, "TRUE") {
		finish(t, db, m.ID, message.Dropped)
	}
	return ids
}

func TestALetterThatIsTriedAgainHoldsBackTheNextOfItsRegistration(t *testing.T) {
	db, clock := storetest.New(t)
	ids := registered(t, db, 2)
	about(t, db, "place", message.Confirmed, ids[0])
	first := claim(t, db)
	prepare(t, db, first, "REQUEST", 0)
	storetest.Write(t, db, func(tx *store.Tx) error {
		return message.Again(ctx, tx, first.ID, clock.Now().Add(15*time.Minute), "451 försök igen")
	})
	clock.Advance(time.Second)
	about(t, db, "moved", message.EventMoved, ids[0])
	about(t, db, "other", message.EventMoved, ids[1])
	other := claim(t, db)
	if other.UniqueKey != "other" {
		t.Errorf("meanwhile %q goes, and not the letter about the other registration", other.UniqueKey)
	}
	finish(t, db, other.ID, message.Sent)
	same(t, "meanwhile", claimed(t, db))
	clock.Advance(15 * time.Minute)
	if again := claim(t, db); again.UniqueKey != "place" {
		t.Errorf("the move overtook the confirmation: %q", again.UniqueKey)
	}
	finish(t, db, first.ID, message.Sent)
	same(t, "then", claimed(t, db), "moved")
}

func TestOnlyWhatACalendarMustHearInOrderWaitsForALetterThatIsTriedAgain(t *testing.T) {
	all := message.All()
	db, clock := storetest.New(t)
	ids := registered(t, db, len(all))
	for i, l := range all {
		about(t, db, "place "+string(l), message.Confirmed, ids[i])
		first := claim(t, db)
		prepare(t, db, first, "REQUEST", 0)
		clock.Advance(time.Second)
		about(t, db, "next "+string(l), l, ids[i])
		if c := claim(t, db); c.ID != "" {
			t.Errorf("%s goes while the confirmation is being sent", l)
		}
		storetest.Write(t, db, func(tx *store.Tx) error {
			return message.Again(ctx, tx, first.ID, clock.Now().Add(time.Hour), "451")
		})
		want := l.Method() == "" || l.TakesBack()
		if got := claim(t, db).UniqueKey == "next "+string(l); got != want {
			t.Errorf("%s goes before a confirmation that is tried again: %t", l, got)
		}
		storetest.Write(t, db, func(tx *store.Tx) error { return message.Forget(ctx, tx, ids[i]) })
	}
}

func TestNothingWaitsForAReminderThatIsTriedAgain(t *testing.T) {
	db, clock := storetest.New(t)
	id := registered(t, db, 1)[0]
	about(t, db, "tomorrow", message.DayBefore, id)
	first := claim(t, db)
	prepare(t, db, first, "", 0)
	storetest.Write(t, db, func(tx *store.Tx) error {
		return message.Again(ctx, tx, first.ID, clock.Now().Add(time.Hour), "451")
	})
	for _, l := range []message.Letter{message.EventMoved, message.Mailing} {
		about(t, db, string(l), l, id)
		c := claim(t, db)
		if c.Letter != l {
			t.Errorf("%s waits for a reminder", l)
		}
		finish(t, db, c.ID, message.Sent)
	}
}

func TestANewReminderTakesThePlaceOfThoseThatHaveNotLeft(t *testing.T) {
	db, clock := storetest.New(t)
	ids := registered(t, db, 2)
	again := func(key string, unanswered bool) {
		c := claim(t, db)
		prepare(t, db, c, "", 0)
		storetest.Write(t, db, func(tx *store.Tx) error {
			if unanswered {
				return message.Unanswered(ctx, tx, c, clock.Now().Add(time.Hour), "line_broke")
			}
			return message.Again(ctx, tx, c.ID, clock.Now().Add(time.Hour), "451")
		})
		if c.UniqueKey != key {
			t.Fatalf("%s is tried, and not %s", c.UniqueKey, key)
		}
	}
	about(t, db, "may have left", message.WeekBefore, ids[0])
	again("may have left", true)
	about(t, db, "of another", message.OwnWords, ids[1])
	again("of another", false)
	about(t, db, "no reminder", message.Mailing, ids[0])
	again("no reminder", false)
	clock.Advance(time.Second)
	about(t, db, "tried", message.OwnWords, ids[0])
	again("tried", false)
	clock.Advance(time.Second)
	about(t, db, "never tried", message.OwnWords, ids[0])
	status := func() (all []string) {
		for _, m := range messages(t, db, "letter <> 'E02'") {
			all = append(all, fmt.Sprintf("%s: %s %s", m.UniqueKey, m.Status, m.Reason))
		}
		return all
	}
	clock.Advance(time.Second)
	about(t, db, "new", message.DayBefore, ids[0])
	same(t, "once it is asked for", status(), "may have left: waiting line_broke", "of another: waiting 451", "no reminder: waiting 451",
		"tried: dropped "+message.ReasonWillTell, "never tried: dropped "+message.ReasonWillTell, "new: waiting ")
}

func TestAnAttemptEndsOneWayOrAnother(t *testing.T) {
	for _, tt := range []struct {
		status   message.Status
		attempts int
	}{{message.Sent, 1}, {message.Failed, 1}, {message.Uncertain, 1}, {message.Dropped, 0}} {
		db, clock := storetest.New(t)
		enqueue(t, db, letter("k", message.Confirmed))
		c := claim(t, db)
		prepare(t, db, c, "REQUEST", 4)
		clock.Advance(time.Second)
		finish(t, db, c.ID, tt.status)
		m := messages(t, db, "TRUE")[0]
		want := message.Message{
			ID: c.ID, UniqueKey: "k", Letter: message.Confirmed, Recipient: "anna@example.se", Language: "sv", CalendarMethod: "REQUEST", CalendarSequence: new(4),
			Status: tt.status, Reason: "därför", DueAt: c.DueAt, NotAfter: c.NotAfter, Attempts: tt.attempts, PreparedAt: c.DueAt, Sender: m.Sender,
			CreatedAt: c.CreatedAt, DoneAt: clock.Now(),
		}
		if diff := cmp.Diff(want, m); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.status, diff)
		}
		finish(t, db, c.ID, message.Failed) // a late answer of another worker
		if again := messages(t, db, "TRUE")[0]; again.Status != tt.status {
			t.Errorf("%s became %s", tt.status, again.Status)
		}
		if c := claim(t, db); c.ID != "" {
			t.Errorf("%s goes again", tt.status)
		}
	}
}

func TestWhatDidNotSucceedIsPutOffAndCounted(t *testing.T) {
	db, clock := storetest.New(t)
	enqueue(t, db, letter("k", message.Confirmed))
	c := claim(t, db)
	prepare(t, db, c, "", 0)
	next := clock.Now().Add(5 * time.Minute)
	storetest.Write(t, db, func(tx *store.Tx) error { return message.Again(ctx, tx, c.ID, next, "451 upptaget") })
	m := messages(t, db, "TRUE")[0]
	if m.Attempts != 1 || m.DueAt != next || m.Reason != "451 upptaget" || m.Status != message.Waiting || m.MIME == nil {
		t.Errorf("after one attempt: %+v", m)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		due, err := message.NextDue(ctx, tx)
		if due != next {
			t.Errorf("the next is due %v", due)
		}
		return err
	})
	clock.Set(next)
	c = claim(t, db)
	if c.ID == "" || c.MayHaveLeft() {
		t.Errorf("when it is due: %+v", c)
	}
	storetest.Write(t, db, func(tx *store.Tx) error { return message.Unanswered(ctx, tx, c, next.Add(time.Hour), "ingen svar") })
	clock.Advance(time.Hour)
	if c = claim(t, db); !c.MayHaveLeft() || c.Attempts != 2 {
		t.Errorf("after an attempt without an answer: %+v", c)
	}
	finish(t, db, c.ID, message.Sent)
	storetest.Read(t, db, func(tx *store.Tx) error {
		due, err := message.NextDue(ctx, tx)
		if !due.IsZero() {
			t.Errorf("with nothing waiting the next is due %v", due)
		}
		return err
	})
}

func TestAnOrganiserMayLetAMessageGoAgain(t *testing.T) {
	for s, want := range map[message.Status]bool{
		message.Failed: true, message.Uncertain: true, message.Held: true, message.Sent: false, message.Dropped: false, message.Waiting: false,
	} {
		db, clock := storetest.New(t)
		enqueue(t, db, letter("k", message.Confirmed))
		c := claim(t, db)
		prepare(t, db, c, "", 0)
		storetest.Write(t, db, func(tx *store.Tx) error {
			_, err := store.Exec(ctx, tx, `UPDATE message SET status = ?, attempts = 3, done_at = CASE WHEN ? IN ('held', 'waiting') THEN NULL ELSE created_at END`, s, s)
			return err
		})
		clock.Advance(72 * time.Hour) // past its end
		var again bool
		storetest.Write(t, db, func(tx *store.Tx) (err error) {
			for _, d := range []message.Deed{message.SendAgain, message.LetGo} {
				if again, err = d.Do(ctx, tx, c.ID); again || err != nil {
					return err
				}
			}
			return nil
		})
		if again != want {
			t.Errorf("%s may go again: %t", s, again)
			continue
		}
		m := messages(t, db, "TRUE")[0]
		if want && (m.Status != message.Waiting || m.Attempts != 0 || m.MIME != nil || !m.PreparedAt.IsZero() || m.DueAt != clock.Now() || m.NotAfter != clock.Now().Add(48*time.Hour) || m.Reason != "") {
			t.Errorf("%s, let go again: %+v", s, m)
		}
		if !want && m.Status != s {
			t.Errorf("%s became %s", s, m.Status)
		}
	}
}

func TestWhichInvitationHasLeft(t *testing.T) {
	db, clock := storetest.New(t)
	ids := registered(t, db, 2)
	send := func(key string, l message.Letter, sequence int, s message.Status) string {
		about(t, db, key, l, ids[0])
		c := claim(t, db)
		prepare(t, db, c, l.Method(), sequence)
		finish(t, db, c.ID, s)
		clock.Advance(time.Minute)
		return c.ID
	}
	invited := func(id string) (n int, first string) {
		storetest.Read(t, db, func(tx *store.Tx) (err error) {
			if n, err = message.Invited(ctx, tx, message.Thread{RegistrationID: id}); err != nil {
				return err
			}
			m, found, err := message.FirstInvite(ctx, tx, message.Thread{RegistrationID: id})
			if found != (m.ID != "") {
				t.Errorf("found %t, %q", found, m.ID)
			}
			first = m.ID
			return err
		})
		return n, first
	}
	check := func(what string, want int, wantFirst string) {
		t.Helper()
		if n, first := invited(ids[0]); n != want || first != wantFirst {
			t.Errorf("%s: SEQUENCE %d, first %q; want %d, %q", what, n, first, want, wantFirst)
		}
	}
	check("before any", -1, "")
	send("failed", message.Confirmed, 0, message.Failed)
	check("after one that failed", -1, "")
	first := send("uncertain", message.Confirmed, 1, message.Uncertain)
	check("after one that perhaps left", 1, first)
	send("moved", message.EventMoved, 2, message.Sent)
	check("after an update", 2, first)
	send("cancelled", message.Cancelled, 3, message.Sent)
	check("after a cancellation, which is none", 2, first)
	if n, other := invited(ids[1]); n != -1 || other != "" {
		t.Errorf("the other registration: %d, %q", n, other)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		of, err := message.OfRegistration(ctx, tx, ids[0])
		var got []string
		for _, m := range of {
			got = append(got, m.UniqueKey)
		}
		same(t, "what was written, oldest first", got[1:], "failed", "uncertain", "moved", "cancelled")
		return err
	})
}

func TestAConfirmationThatIsYetToBeWritten(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	waits := func() (is bool) {
		storetest.Read(t, db, func(tx *store.Tx) (err error) {
			is, err = message.LetterWaits(ctx, tx, message.Thread{RegistrationID: r.ID}, message.Confirmed)
			return err
		})
		return is
	}
	if r.Status != registration.Confirmed || !waits() {
		t.Error("a new confirmation does not wait")
	}
	c := claim(t, db)
	if !waits() {
		t.Error("a claimed one is written already")
	}
	prepare(t, db, c, "REQUEST", 0)
	if waits() {
		t.Error("one that has its bytes is yet to be written")
	}
}

func TestWhatWasBegunIsKnownOnceNobodyHasItInHand(t *testing.T) {
	db, clock := storetest.New(t)
	id := registered(t, db, 1)[0]
	about(t, db, "place", message.Confirmed, id)
	begun := func() (keys []string) {
		storetest.Read(t, db, func(tx *store.Tx) error {
			all, err := message.Begun(ctx, tx, message.Thread{RegistrationID: id}, "another")
			for _, c := range all {
				keys = append(keys, c.UniqueKey)
			}
			return err
		})
		return keys
	}
	same(t, "untouched", begun())
	c := claim(t, db)
	prepare(t, db, c, "REQUEST", 0)
	same(t, "in hand", begun())
	clock.Advance(lease)
	same(t, "after the lease", begun(), "place")
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := message.Begun(ctx, tx, message.Thread{RegistrationID: id}, c.ID)
		if len(all) != 0 {
			t.Errorf("itself is among them: %v", all)
		}
		return err
	})
}
