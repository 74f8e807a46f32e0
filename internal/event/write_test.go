package event_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestAnEventIsFoundAsItWasWritten(t *testing.T) {
	db, clock, p := newDB(t)
	c := hybrid()
	c.OpensAt, c.JoinPromisedOn, c.PriceMinor, c.PriceNote = utc("2027-02-01T07:00:00Z"), "2027-03-01", 125_050, "exkl. moms"
	c.ContactPhone, c.AskPhone, c.MinParticipants, c.CompanyLimit = "023-00 00 00", true, new(5), new(2)
	c.AudienceMode, c.OwnMunicipality, c.ConfirmEmail, c.DecisionOn = event.AudienceAsk, true, true, "2027-03-01"
	c.CoOrganisers = []string{"Exempelstaden", "Företagarna i Exemplet"}
	c.Speakers = []event.Speaker{{Name: "Kari Vik", Organisation: "Eksempel fylkeskommune"}, {Name: "Åsa Öberg"}}
	c.Questions = []event.Question{{Kind: event.ChoiceQuestion, Label: "Grupp?", Required: true, Options: []string{"a", "b"}}, {Kind: event.TextQuestion, Label: "Fråga till talaren"}}
	created := create(t, db, p, c)
	c.Questions[0].ID, c.Questions[1].ID = created.Questions[0].ID, created.Questions[1].ID
	want := event.Event{
		ID: created.ID, ProgrammeID: p.ID, Slug: "sociala-krav-som-fungerar", Status: event.Draft, Content: c, Revision: 1,
		CreatedAt: clock.Now(), ChangedAt: clock.Now(), Room: event.Capacity{Places: new(30)}, Online: event.Capacity{Places: new(100)},
	}
	want.Questions[1].Options = []string{}
	if diff := cmp.Diff(want, created); diff != "" {
		t.Errorf("as created (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, find(t, db, created.ID)); diff != "" {
		t.Errorf("as found (-want +got):\n%s", diff)
	}
	if want.Questions[0].ID == "" || want.Questions[0].ID == want.Questions[1].ID {
		t.Errorf("questions without ids of their own: %+v", want.Questions)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		bySlug, err := event.FindBySlug(ctx, tx, want.Slug)
		if diff := cmp.Diff(want, bySlug); diff != "" {
			t.Errorf("by its address:\n%s", diff)
		}
		_, missing := event.FindBySlug(ctx, tx, "ingenting")
		refused(t, "an address of nothing", missing, problem.ErrMissing)
		rules, err2 := message.Rules(ctx, tx, want.ID)
		if len(rules) != 5 {
			t.Errorf("a new event has %d reminder rules, %v", len(rules), err2)
		}
		return err
	})
}

func TestWhatCannotBeStoredIsNot(t *testing.T) {
	db, _, p := newDB(t)
	err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := event.Create(ctx, tx, p.ID, "", event.Content{}, organiser)
		return err
	})
	if refusal, ok := problem.As(err); !ok || refusal.Kind != problem.Invalid {
		t.Errorf("an empty event: %v", err)
	}
}

func TestAnEventWithoutALastDayClosesAWeekBefore(t *testing.T) {
	db, _, p := newDB(t)
	c := seminar()
	c.ClosesAt = time.Time{}
	ev := create(t, db, p, c)
	if want := utc("2027-03-03T22:59:00Z"); ev.ClosesAt != want {
		t.Errorf("a new event closes %v, want %v", ev.ClosesAt, want)
	}
	c.StartsAt, c.EndsAt = c.StartsAt.AddDate(0, 0, 1), c.EndsAt.AddDate(0, 0, 1)
	after, err := update(db, ev.ID, ev.Revision, c)
	if want := utc("2027-03-04T22:59:00Z"); err != nil || after.ClosesAt != want {
		t.Errorf("with the field emptied it closes %v, %v, want %v", after.ClosesAt, err, want)
	}
}

func TestAddressesOfEvents(t *testing.T) {
	db, _, p := newDB(t)
	slug := func(wanted, title string) string {
		var e event.Event
		storetest.Write(t, db, func(tx *store.Tx) (err error) {
			c := seminar()
			c.Title = title
			e, err = event.Create(ctx, tx, p.ID, wanted, c, organiser)
			return err
		})
		return e.Slug
	}
	for _, tt := range []struct{ name, wanted, title, want string }{
		{"Swedish letters", "", "Åtta gånger Örebro, ärligt!", "atta-ganger-orebro-arligt"},
		{"Norwegian letters", "", "Blåbærsyltetøy på Ærøy", "blabaersyltetoy-pa-aeroy"},
		{"the same title", "", "Åtta gånger Örebro, ärligt!", "atta-ganger-orebro-arligt-2"},
		{"and again", "", "Åtta gånger Örebro, ärligt!", "atta-ganger-orebro-arligt-3"},
		{"one that was wanted", "krav-2027", "Något annat", "krav-2027"},
		{"one that was wanted and is taken", "krav-2027", "Något annat", "krav-2027-2"},
		{"one that was wanted with signs that would make a link", "../Krav?x", "Något annat", "krav-x"},
		{"nothing to make one of", "", "!!! ???", "event"},
		{"nothing, again", "", "…", "event-2"},
		{"signs that would make a link", "", "a/b?c=d#e.ics", "a-b-c-d-e-ics"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := slug(tt.wanted, tt.title); got != tt.want {
				t.Errorf("%q becomes %q, want %q", tt.title, got, tt.want)
			}
		})
	}
	t.Run("a long title", func(t *testing.T) {
		first, second := slug("", strings.Repeat("mycket ", 28)), slug("", strings.Repeat("mycket ", 28))
		if len(first) > 80 || strings.HasSuffix(first, "-") || second != first+"-2" {
			t.Errorf("%q, then %q", first, second)
		}
	})
	t.Run("a long wanted one", func(t *testing.T) {
		if got := slug(strings.Repeat("abc-", 40), "x"); len(got) > 80 || strings.HasSuffix(got, "-") || !utf8.ValidString(got) {
			t.Errorf("%q", got)
		}
	})
}

func TestAnAddressNeverChanges(t *testing.T) {
	db, _, p := newDB(t)
	ev := create(t, db, p, seminar())
	c := ev.Content
	c.Title = "En helt annan rubrik"
	after, err := update(db, ev.ID, ev.Revision, c)
	if err != nil || after.Slug != ev.Slug || after.Title != c.Title {
		t.Errorf("%q at %q, %v", after.Title, after.Slug, err)
	}
}

func TestTwoEditorsNoticeEachOther(t *testing.T) {
	db, _, p := newDB(t)
	ev := create(t, db, p, seminar())
	first, second := ev.Content, ev.Content
	first.Title, second.Title = "Den första", "Den andra"
	after, err := update(db, ev.ID, ev.Revision, first)
	if err != nil || after.Revision != ev.Revision+1 {
		t.Fatalf("revision %d, %v", after.Revision, err)
	}
	_, err = update(db, ev.ID, ev.Revision, second)
	refused(t, "the second editor", err, event.ErrEdited)
	if got := find(t, db, ev.ID); got.Title != "Den första" {
		t.Errorf("the title is %q", got.Title)
	}
	_, err = update(db, "nothing", 1, first)
	refused(t, "an event that is not there", err, problem.ErrMissing)
}

func TestWhichStatesAnEventMayBeEditedIn(t *testing.T) {
	db, _, p := newDB(t)
	for s, want := range map[event.Status]*problem.Problem{
		event.Draft: nil, event.Published: nil, event.Postponed: nil, event.Held: nil,
		event.Cancelled: event.ErrNotNow, event.Archived: event.ErrNotNow,
	} {
		ev := create(t, db, p, seminar())
		status(t, db, ev.ID, s)
		_, err := update(db, ev.ID, ev.Revision, ev.Content)
		if want == nil && err != nil || want != nil {
			if want == nil {
				t.Errorf("%s: %v", s, err)
				continue
			}
			refused(t, string(s), err, want)
		}
	}
}

func TestAPublishedEventStaysWhole(t *testing.T) {
	db, clock, p := newDB(t)
	ev := publish(t, db, p, seminar())
	c := ev.Content
	c.Summary, c.StartsAt, c.EndsAt, c.ClosesAt, c.Agenda = "", clock.Now(), clock.Now().Add(time.Hour), clock.Now(), nil
	_, err := update(db, ev.ID, ev.Revision, c)
	if diff := cmp.Diff([]string{"starts_at:in_future", "summary:required"}, codes(err)); diff != "" {
		t.Error(diff)
	}
	clock.Set(ev.EndsAt.AddDate(0, 0, 1))
	c = ev.Content
	c.Description = "Tack alla som kom. Bilderna finns här."
	if _, err := update(db, ev.ID, ev.Revision, c); err != nil {
		t.Errorf("a finished event cannot be corrected: %v", err)
	}
}

func TestFewerPlacesThanAreTakenIsRefusedAndChangesNothing(t *testing.T) {
	db, _, p := newDB(t)
	for _, tt := range []struct {
		name                string
		taken, extra        int
		mode                event.Mode
		places              *int
		want                []string
		wantTaken, wantOver int
	}{
		{"as many as are taken", 20, 0, event.Hybrid, new(20), nil, 20, 0},
		{"one fewer", 20, 0, event.Hybrid, new(19), []string{"room_places:places_taken"}, 20, 0},
		{"no limit", 20, 0, event.Hybrid, nil, nil, 20, 0},
		{"none in the room any more", 20, 0, event.Online, nil, []string{"mode:mode_taken"}, 20, 0},
		{"none in the room, where nobody was", 0, 0, event.Online, nil, nil, 0, 0},
		{"the same while overbooked", 30, 2, event.Hybrid, new(30), nil, 30, 2},
		{"fewer while overbooked", 30, 2, event.Hybrid, new(29), []string{"room_places:places_taken"}, 30, 2},
		{"room for one of two above the places", 30, 2, event.Hybrid, new(31), nil, 31, 1},
		{"room for both", 30, 2, event.Hybrid, new(32), nil, 32, 0},
		{"room for more", 30, 2, event.Hybrid, new(40), nil, 32, 0},
		{"room for all", 30, 2, event.Hybrid, nil, nil, 32, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ev := create(t, db, p, hybrid())
			take(t, db, ev.ID, event.Room, tt.taken, tt.extra)
			before := find(t, db, ev.ID)
			c := before.Content
			c.Mode, c.RoomPlaces, c.Title, c.Audiences = tt.mode, tt.places, "Ny rubrik", []string{"buyer"}
			after, err := update(db, ev.ID, ev.Revision, c)
			if diff := cmp.Diff(tt.want, codes(err)); diff != "" {
				t.Fatalf("refused (-want +got): %v\n%s", err, diff)
			}
			stored := find(t, db, ev.ID)
			if tt.want != nil {
				if diff := cmp.Diff(before, stored); diff != "" {
					t.Errorf("changed all the same:\n%s", diff)
				}
				return
			}
			if diff := cmp.Diff(after, stored); diff != "" {
				t.Errorf("the answer is not what is stored:\n%s", diff)
			}
			if after.Title != "Ny rubrik" || after.Room.Taken != tt.wantTaken || after.Room.Extra != tt.wantOver {
				t.Errorf("%q with %d taken and %d above, want %d and %d", after.Title, after.Room.Taken, after.Room.Extra, tt.wantTaken, tt.wantOver)
			}
		})
	}
}

func TestQuestionsKeepTheirIdsAndRemovedOnesStayStored(t *testing.T) {
	db, _, p := newDB(t)
	c := seminar()
	c.Questions = []event.Question{{Kind: event.TextQuestion, Label: "Ett"}, {Kind: event.YesNoQuestion, Label: "Två"}, {Kind: event.TextQuestion, Label: "Tre"}}
	ev := create(t, db, p, c)
	one, two, three := ev.Questions[0].ID, ev.Questions[1].ID, ev.Questions[2].ID

	c = ev.Content // the third first, the second gone, a new one last, the first with other words
	c.Questions = []event.Question{ev.Questions[2], ev.Questions[0], {Kind: event.TextQuestion, Label: "Fyra"}}
	c.Questions[1].Label, c.Questions[1].Required = "Ett, bättre", true
	after, err := update(db, ev.ID, ev.Revision, c)
	if err != nil {
		t.Fatal(err)
	}
	four := after.Questions[2].ID
	want := []event.Question{{ID: three, Kind: event.TextQuestion, Label: "Tre", Options: []string{}},
		{ID: one, Kind: event.TextQuestion, Label: "Ett, bättre", Required: true, Options: []string{}}, {ID: four, Kind: event.TextQuestion, Label: "Fyra", Options: []string{}}}
	if diff := cmp.Diff(want, after.Questions); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		removed, err := store.All(ctx, tx, store.Value[string], `SELECT id FROM question WHERE event_id = ? AND removed`, ev.ID)
		if diff := cmp.Diff([]string{two}, removed); diff != "" {
			t.Errorf("removed: %s", diff)
		}
		return err
	})

	other := create(t, db, p, seminar())
	stolen := other.Content
	stolen.Questions = []event.Question{{ID: one, Kind: event.TextQuestion, Label: "Stulen"}}
	changed, err := update(db, other.ID, other.Revision, stolen)
	if err != nil || changed.Questions[0].ID == one {
		t.Errorf("a question of another event was taken over: %+v, %v", changed.Questions, err)
	}
	if diff := cmp.Diff(want, find(t, db, ev.ID).Questions); diff != "" {
		t.Errorf("the other event's questions changed:\n%s", diff)
	}
}

func TestPublishing(t *testing.T) {
	db, clock, p := newDB(t)
	draft := create(t, db, p, seminar())
	clock.Advance(time.Hour)
	var ev event.Event
	try := func(id string) error {
		return db.Write(ctx, func(tx *store.Tx) (err error) { ev, err = event.Publish(ctx, tx, id, organiser); return err })
	}
	if err := try(draft.ID); err != nil {
		t.Fatal(err)
	}
	want := draft
	want.Status, want.PublishedAt, want.ChangedAt, want.Revision = event.Published, clock.Now(), clock.Now(), 2
	if diff := cmp.Diff(want, ev); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	refused(t, "publishing twice", try(draft.ID), event.ErrNotNow)
	refused(t, "publishing nothing", try("nothing"), problem.ErrMissing)
	c := seminar()
	c.Summary = ""
	half := create(t, db, p, c)
	if diff := cmp.Diff([]string{"summary:required"}, codes(try(half.ID))); diff != "" {
		t.Error(diff)
	}
	if got := find(t, db, half.ID); got.Status != event.Draft {
		t.Errorf("a half event is %s", got.Status)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		entries, err := audit.Of(ctx, tx, "event", draft.ID)
		var got []string
		for _, e := range entries {
			got = append(got, fmt.Sprintf("%s %s %s→%s", e.Actor.ID, e.Action, e.From, e.To))
		}
		if diff := cmp.Diff([]string{"u1 event.create →draft", "u1 event.publish draft→published"}, got); diff != "" {
			t.Error(diff)
		}
		return err
	})
}

func moveTo(db *store.DB, id string, starts, ends time.Time) (before, after event.Event, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		before, after, err = event.Move(ctx, tx, id, starts, ends, organiser)
		return err
	})
	return before, after, err
}

func TestMovingShiftsTheLastDayByAsManyDays(t *testing.T) {
	for _, tt := range []struct {
		name              string
		opens, closes     string // of the event on Wednesday 10 March at nine
		starts            string
		wantOpens, wantAt string
	}{
		{"to the same hour a week later", "", "2027-03-03T23:59:00+01:00", "2027-03-17T09:00:00+01:00", "", "2027-03-10T23:59:00+01:00"},
		{"over the beginning of summer time", "", "2027-03-03T23:59:00+01:00", "2027-04-07T13:00:00+02:00", "", "2027-03-31T23:59:00+02:00"},
		{"to a day before", "", "2027-03-03T23:59:00+01:00", "2027-03-08T09:00:00+01:00", "", "2027-03-01T23:59:00+01:00"},
		{"to another hour of the day", "", "2027-03-03T23:59:00+01:00", "2027-03-10T13:00:00+01:00", "", "2027-03-03T23:59:00+01:00"},
		{"where it closed at the start", "", "2027-03-10T09:00:00+01:00", "2027-03-12T13:00:00+01:00", "", "2027-03-12T13:00:00+01:00"},
		{"to an earlier hour than the last moment's", "", "2027-03-10T08:30:00+01:00", "2027-03-12T08:00:00+01:00", "", "2027-03-12T08:00:00+01:00"},
		{"before it was to open", "2027-03-02T08:00:00+01:00", "2027-03-03T23:59:00+01:00", "2027-03-05T09:00:00+01:00", "2027-02-26T23:59:00+01:00", "2027-02-26T23:59:00+01:00"},
		{"keeps the opening", "2027-02-01T08:00:00+01:00", "2027-03-03T23:59:00+01:00", "2027-03-17T09:00:00+01:00", "2027-02-01T08:00:00+01:00", "2027-03-10T23:59:00+01:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock, p := newDB(t)
			c := seminar()
			c.ClosesAt = utc(tt.closes)
			var wantOpens time.Time
			if tt.opens != "" {
				c.OpensAt, wantOpens = utc(tt.opens), utc(tt.wantOpens)
			}
			ev := publish(t, db, p, c)
			starts := utc(tt.starts)
			before, after, err := moveTo(db, ev.ID, starts, starts.Add(2*time.Hour+59*time.Minute+time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ev, before); diff != "" {
				t.Errorf("before:\n%s", diff)
			}
			if after.StartsAt != starts || after.ClosesAt != utc(tt.wantAt) || after.OpensAt != wantOpens {
				t.Errorf("starts %v, opens %v, closes %v; want %v, %v, %v", after.StartsAt, after.OpensAt, after.ClosesAt, starts, wantOpens, utc(tt.wantAt))
			}
			if after.MovedAt != clock.Now() || after.MovedFromStartsAt != ev.StartsAt || after.MovedFromEnds != ev.EndsAt || after.MovedFromPlace != ev.VenueName || after.Revision <= ev.Revision {
				t.Errorf("the old time is not kept: %+v", after)
			}
			if diff := cmp.Diff(ev.Agenda, after.Agenda); diff != "" {
				t.Errorf("the agenda did not come along:\n%s", diff)
			}
		})
	}
}

func TestWhatMayBeMoved(t *testing.T) {
	db, clock, p := newDB(t)
	later := utc("2027-05-05T07:00:00Z")
	for s, want := range map[event.Status]*problem.Problem{
		event.Draft: event.ErrNotNow, event.Cancelled: event.ErrNotNow, event.Held: event.ErrNotNow, event.Archived: event.ErrNotNow,
	} {
		ev := create(t, db, p, seminar())
		status(t, db, ev.ID, s)
		_, _, err := moveTo(db, ev.ID, later, later.Add(3*time.Hour))
		refused(t, string(s), err, want)
	}
	ev := publish(t, db, p, seminar())
	_, _, err := moveTo(db, ev.ID, clock.Now(), clock.Now().Add(3*time.Hour))
	if diff := cmp.Diff([]string{"starts_at:in_future"}, codes(err)); diff != "" {
		t.Errorf("into the present: %v %s", err, diff)
	}
	_, _, err = moveTo(db, ev.ID, later, later)
	if got := codes(err); len(got) == 0 || got[0] != "ends_at:after_start" {
		t.Errorf("to no length: %v", err)
	}
	if diff := cmp.Diff(ev, find(t, db, ev.ID)); diff != "" {
		t.Errorf("the refused moves changed it:\n%s", diff)
	}
	clock.Set(ev.EndsAt)
	_, _, err = moveTo(db, ev.ID, later, later.Add(3*time.Hour))
	refused(t, "after the end", err, event.ErrNotNow)
}

func TestAMoveToTheSameTimeTellsNobodyOfNothing(t *testing.T) {
	db, _, p := newDB(t)
	ev := publish(t, db, p, seminar())
	_, _, err := moveTo(db, ev.ID, ev.StartsAt, ev.EndsAt)
	if diff := cmp.Diff([]string{"starts_at:same_time"}, codes(err)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(ev, find(t, db, ev.ID)); diff != "" {
		t.Errorf("and yet:\n%s", diff)
	}
	if _, _, err := moveTo(db, ev.ID, ev.StartsAt, ev.EndsAt.Add(time.Minute)); err != nil {
		t.Errorf("another end: %v", err)
	}
	postponed := publish(t, db, p, seminar())
	status(t, db, postponed.ID, event.Postponed)
	if _, after, err := moveTo(db, postponed.ID, postponed.StartsAt, postponed.EndsAt); err != nil || after.Status != event.Published {
		t.Errorf("what was postponed may take place on its old date after all: %s, %v", after.Status, err)
	}
}

func TestADraftThatNobodyHasSeenIsThrownAway(t *testing.T) {
	db, _, p := newDB(t)
	c := hybrid()
	c.CoOrganisers, c.Speakers = []string{"Exempelstaden"}, []event.Speaker{{Name: "Kari Vik"}}
	c.Questions = []event.Question{{Kind: event.TextQuestion, Label: "Fråga"}}
	draft, kept := create(t, db, p, c), create(t, db, p, c)
	discard := func(id string) error {
		return db.Write(ctx, func(tx *store.Tx) error { return event.Discard(ctx, tx, id, organiser) })
	}
	if err := discard(draft.ID); err != nil {
		t.Fatal(err)
	}
	refused(t, "twice", discard(draft.ID), problem.ErrMissing)
	if diff := cmp.Diff(kept, find(t, db, kept.ID)); diff != "" {
		t.Errorf("another draft changed:\n%s", diff)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		for _, table := range []string{"event_audience", "co_organiser", "agenda_item", "speaker", "question", "event_capacity", "reminder_rule", "reminder_own"} {
			n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM `+table+` WHERE event_id = ?`, draft.ID)
			if n != 0 || err != nil {
				t.Errorf("%d rows of %s are left, %v", n, table, err)
			}
		}
		entries, err := audit.Of(ctx, tx, "event", draft.ID)
		if len(entries) != 2 || entries[1].Action != "event.discard" {
			t.Errorf("audit: %+v", entries)
		}
		return err
	})
	for _, s := range []event.Status{event.Published, event.Postponed, event.Cancelled, event.Held, event.Archived} {
		ev := create(t, db, p, c)
		status(t, db, ev.ID, s)
		refused(t, string(s), discard(ev.ID), event.ErrNotNow)
	}
}

func TestANewDateEndsAPostponement(t *testing.T) {
	db, clock, p := newDB(t)
	ev := publish(t, db, p, seminar())
	postpone := func(id string) error {
		return db.Write(ctx, func(tx *store.Tx) error { _, err := event.Postpone(ctx, tx, id, "sjukdom", organiser); return err })
	}
	if err := postpone(ev.ID); err != nil {
		t.Fatal(err)
	}
	if got := find(t, db, ev.ID); got.Status != event.Postponed || got.State(clock.Now()) != event.StatePostponed {
		t.Errorf("it is %s", got.Status)
	}
	refused(t, "postponing twice", postpone(ev.ID), event.ErrNotNow)
	clock.Set(ev.EndsAt.AddDate(0, 1, 0)) // long after the old date
	later := utc("2027-05-05T07:00:00Z")
	_, after, err := moveTo(db, ev.ID, later, later.Add(3*time.Hour))
	if err != nil || after.Status != event.Published || after.State(clock.Now()) != event.StateOpen {
		t.Errorf("with a new date it is %s, %v", after.Status, err)
	}
	clock.Set(later)
	refused(t, "postponing what has begun", postpone(ev.ID), event.ErrNotNow)
}

func TestCancelling(t *testing.T) {
	db, clock, p := newDB(t)
	cancel := func(id, reason string) error {
		return db.Write(ctx, func(tx *store.Tx) error { _, err := event.Cancel(ctx, tx, id, reason, organiser); return err })
	}
	ev := publish(t, db, p, seminar())
	for _, reason := range []string{"", " \n\t"} {
		if diff := cmp.Diff([]string{"message:required"}, codes(cancel(ev.ID, reason))); diff != "" {
			t.Errorf("with the reason %q: %s", reason, diff)
		}
	}
	if err := cancel(ev.ID, "För få anmälda"); err != nil {
		t.Fatal(err)
	}
	if got := find(t, db, ev.ID); got.Status != event.Cancelled || got.CancelReason != "För få anmälda" {
		t.Errorf("it is %s because of %q", got.Status, got.CancelReason)
	}
	refused(t, "cancelling twice", cancel(ev.ID, "x"), event.ErrNotNow)
	draft := create(t, db, p, seminar())
	refused(t, "cancelling a draft", cancel(draft.ID, "x"), event.ErrNotNow)

	postponed, over := publish(t, db, p, seminar()), publish(t, db, p, seminar())
	status(t, db, postponed.ID, event.Postponed)
	clock.Set(over.EndsAt)
	refused(t, "cancelling what has ended", cancel(over.ID, "x"), event.ErrNotNow)
	if err := cancel(postponed.ID, "Ingen ny dag"); err != nil {
		t.Errorf("what was postponed past its old date cannot be cancelled: %v", err)
	}
}

func TestAnEventIsHeldAfterItsEnd(t *testing.T) {
	db, clock, p := newDB(t)
	ev := publish(t, db, p, seminar())
	held := func() error {
		return db.Write(ctx, func(tx *store.Tx) error { _, err := event.MarkHeld(ctx, tx, ev.ID, organiser); return err })
	}
	clock.Set(ev.EndsAt.Add(-time.Second))
	refused(t, "before the end", held(), event.ErrNotNow)
	clock.Set(ev.EndsAt)
	if err := held(); err != nil {
		t.Fatal(err)
	}
	refused(t, "twice", held(), event.ErrNotNow)
	if got := find(t, db, ev.ID); got.Status != event.Held {
		t.Errorf("it is %s", got.Status)
	}
}

func TestAnEventSoonerThanTheRuleTakesRegistrationsToItsStart(t *testing.T) {
	db, clock, p := newDB(t)
	c := hybrid()
	c.OpensAt = time.Time{}
	c.StartsAt = clock.Now().Add(72 * time.Hour)
	c.EndsAt, c.ClosesAt, c.Agenda = c.StartsAt.Add(time.Hour), time.Time{}, nil
	var ev event.Event
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		ev, err = event.Create(t.Context(), tx, p.ID, "", c, audit.Command)
		return err
	})
	if !ev.ClosesAt.Equal(ev.StartsAt) {
		t.Errorf("closes at %v, want the start %v", ev.ClosesAt, ev.StartsAt)
	}
}
