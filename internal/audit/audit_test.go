package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var ctx = context.Background()

func TestWhatWasDoneToOneObjectIsReadInOrder(t *testing.T) {
	db, clock := storetest.New(t)
	first := clock.Now()
	entry := func(action, object string, by audit.Actor) {
		storetest.Write(t, db, func(tx *store.Tx) error {
			return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: "p", Action: action, ObjectKind: "event", ObjectID: object, From: "draft", To: "published", Reason: "klart"})
		})
	}
	entry("event.create", "1", audit.Command)
	entry("event.publish", "1", audit.Actor{Kind: "user", ID: "u"})
	entry("event.create", "2", audit.System)
	clock.Advance(time.Minute)
	entry("event.held", "1", audit.System)

	want := []audit.Entry{
		{At: first, Actor: audit.Actor{Kind: "command"}, Action: "event.create", From: "draft", To: "published", Reason: "klart"},
		{At: first, Actor: audit.Actor{Kind: "user", ID: "u"}, Action: "event.publish", From: "draft", To: "published", Reason: "klart"},
		{At: first.Add(time.Minute), Actor: audit.Actor{Kind: "system"}, Action: "event.held", From: "draft", To: "published", Reason: "klart"},
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		got, err := audit.Of(ctx, tx, "event", "1")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		none, err2 := audit.Of(ctx, tx, "registration", "1")
		if len(none) != 0 || err2 != nil {
			t.Errorf("of another kind with the same id: %v, %v", none, err2)
		}
		return err
	})
}

func TestNobodyActsWithoutAKind(t *testing.T) {
	db, _ := storetest.New(t)
	for _, by := range []audit.Actor{{}, {Kind: "robot"}} {
		err := db.Write(ctx, func(tx *store.Tx) error {
			return audit.Add(ctx, tx, audit.Entry{Actor: by, Action: "event.create", ObjectKind: "event", ObjectID: "1"})
		})
		if !store.IsConstraint(err) {
			t.Errorf("%+v: %v", by, err)
		}
	}
}

func TestAnEntryGoesWithWhatItTellsOf(t *testing.T) {
	db, _ := storetest.New(t)
	err := db.Write(ctx, func(tx *store.Tx) error {
		if err := audit.Add(ctx, tx, audit.Entry{Actor: audit.System, Action: "event.create", ObjectKind: "event", ObjectID: "1"}); err != nil {
			return err
		}
		return context.DeadlineExceeded
	})
	if err == nil {
		t.Fatal("the write went through")
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		got, err := audit.Of(ctx, tx, "event", "1")
		if len(got) != 0 {
			t.Errorf("what never was is told of: %v", got)
		}
		return err
	})
}
