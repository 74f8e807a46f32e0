package message_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// own is a reminder in an organiser's words for those with a place.
func own(days int) message.Rule {
	return message.Rule{
		Letter: message.OwnWords, Audience: message.WithPlace, Anchor: "start", Unit: "days", Amount: days, AtClock: "12:00",
		Texts: []message.RuleText{{Language: "sv", Subject: "Ta med en fråga", Body: "Skriv ner den."}},
	}
}

func addRule(t testing.TB, db *store.DB, eventID string, r message.Rule) message.Rule {
	t.Helper()
	r.EventID = eventID
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		r, err = message.AddRule(ctx, tx, r, registrationtest.Organiser)
		return err
	})
	return r
}

func changeRule(t testing.TB, db *store.DB, r message.Rule, again bool) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error { return message.ChangeRule(ctx, tx, r, again, registrationtest.Organiser) })
}

func rulesOf(t testing.TB, db *store.DB, eventID string) (rules []message.Rule) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) { rules, err = message.Rules(ctx, tx, eventID); return err })
	return rules
}

// ruleFor finds an event's rule of a letter.
func ruleFor(t testing.TB, db *store.DB, eventID string, l message.Letter) message.Rule {
	t.Helper()
	for _, r := range rulesOf(t, db, eventID) {
		if r.Letter == l {
			return r
		}
	}
	t.Fatalf("no rule for %s", l)
	return message.Rule{}
}

// onlyRules leaves an event these rules alone.
func onlyRules(t testing.TB, db *store.DB, eventID string, rules ...message.Rule) (made []message.Rule) {
	t.Helper()
	for _, r := range rulesOf(t, db, eventID) {
		storetest.Write(t, db, func(tx *store.Tx) error { return message.RemoveRule(ctx, tx, r.ID, registrationtest.Organiser) })
	}
	for _, r := range rules {
		made = append(made, addRule(t, db, eventID, r))
	}
	return made
}

func local(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, zone(t, "Europe/Stockholm"))
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func TestAnOwnReminderGoesWithTheOthers(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	addRule(t, db, ev.ID, own(3))
	same(t, "three days before at noon", run(t, db, clock, local(t, "2027-03-07 12:00")), "E26 person001")
	same(t, "the day before", run(t, db, clock, dayDue), "E19 person001")
}

func TestRulesThatMakeNoSenseAreRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*message.Rule)
		want   string
	}{
		{"an unknown letter", func(r *message.Rule) { r.Letter = "E99" }, "letter:choice"},
		{"a letter that is not theirs", func(r *message.Rule) { r.Letter, r.Audience = message.DayBefore, message.OnList }, "to:reminder_to"},
		{"own words to the organisers", func(r *message.Rule) { r.Audience = message.Organisers }, "to:reminder_to"},
		{"the offer's deadline for who has none", func(r *message.Rule) { r.Anchor = "offer" }, "when:reminder_when_place"},
		{"the start for who has an offer", func(r *message.Rule) { r.Audience = message.WithOffer }, "when:reminder_when_offered"},
		{"before the end, to who attended", func(r *message.Rule) { r.Audience = message.WhoAttended }, "when:reminder_when_attended"},
		{"after the end, to who has a place", func(r *message.Rule) { r.SetWhen("after_end") }, "when:reminder_when_place"},
		{"after the start", func(r *message.Rule) { r.After = true }, "when:choice"},
		{"years", func(r *message.Rule) { r.Unit = "years" }, "unit:choice"},
		{"too long ago", func(r *message.Rule) { r.Amount = 181 }, "amount:reminder_amount"},
		{"below nought", func(r *message.Rule) { r.Amount = -1 }, "amount:reminder_amount"},
		{"a clock that is none", func(r *message.Rule) { r.AtClock = "25:00" }, "at_clock:reminder_clock"},
		{"a clock for hours", func(r *message.Rule) { r.Unit = "hours" }, "at_clock:reminder_clock_days"},
		{"no words", func(r *message.Rule) { r.Texts = nil }, "texts:reminder_texts"},
		{"no subject", func(r *message.Rule) { r.Texts[0].Subject = " " }, "subject_sv:required"},
		{"no text", func(r *message.Rule) { r.Texts[0].Body = "" }, "body_sv:required"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := own(1)
			tt.change(&r)
			fields := r.Check()
			if len(fields) != 1 || fields[0].Name+":"+fields[0].Code != tt.want {
				t.Errorf("refused with %v, want %s", fields, tt.want)
			}
		})
	}
	if fields := own(1).Check(); len(fields) != 0 {
		t.Errorf("a rule that makes sense is refused: %v", fields)
	}
}

// What the program refuses the database refuses as well.
func TestTheDatabaseRefusesRulesThatMakeNoSense(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	id := addRule(t, db, ev.ID, own(1)).ID
	for _, set := range []string{
		`anchor = 'offer'`, `audience = 'offered'`, `audience = 'attended'`, `anchor = 'end', afterwards = TRUE`, `afterwards = TRUE`, `letter = 'E07'`,
		`letter = 'E16'`, `letter = 'O3'`, `letter = 'E99'`, `amount = -1`, `amount = 181`, `unit = 'working_days', amount = 91`, `unit = 'hours'`,
		`at_clock = '24:00'`, `kind = 'webinar'`, `programme_id = (SELECT id FROM programme)`, `event_id = NULL`, `audience = 'organiser'`,
		`letter = 'O3', audience = 'organiser', mode = 'room'`,
	} {
		err := db.Write(ctx, func(tx *store.Tx) error {
			_, err := store.Exec(ctx, tx, `UPDATE reminder_rule SET `+set+` WHERE id = ?`, id)
			return err
		})
		if !store.IsConstraint(err) {
			t.Errorf("%s: %v", set, err)
		}
	}
}

func TestARuleEditedAfterItWentDoesNotGoAgainUnlessAsked(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	r := addRule(t, db, ev.ID, own(4))
	clock.Set(local(t, "2027-03-06 12:00"))
	same(t, "four days before", run(t, db, clock, clock.Now()), "E26 person001")
	for _, m := range messages(t, db, "letter = 'E26'") {
		storetest.Write(t, db, func(tx *store.Tx) error { return message.Finish(ctx, tx, m.ID, message.Sent, "") })
	}
	r.Amount = 3
	changeRule(t, db, r, false)
	same(t, "three days before, by the changed rule", run(t, db, clock, local(t, "2027-03-07 12:00")))
	r.Texts[0].Body = "Skriv ner två."
	changeRule(t, db, r, true)
	same(t, "as the organiser asked, at once", run(t, db, clock, local(t, "2027-03-07 12:30")), "E26 person001")
	same(t, "once", run(t, db, clock, local(t, "2027-03-07 12:31")))
}

func TestWhatARuleHasWrittenAndNotSentGoesByTheChangedRule(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	r := addRule(t, db, ev.ID, own(4))
	run(t, db, clock, weekDue)
	same(t, "four days before", run(t, db, clock, local(t, "2027-03-06 12:00")), "E26 person001")
	changed := r
	changed.Texts = []message.RuleText{{Language: "sv", Subject: "Ta med två", Body: "Skriv ner dem."}}
	changeRule(t, db, changed, false)
	if got := messages(t, db, "letter = 'E26'"); len(got) != 1 || got[0].Status != message.Waiting {
		t.Fatalf("other words: %+v", got)
	}
	changed.Amount = 3
	changeRule(t, db, changed, false)
	if got := messages(t, db, "letter = 'E26'"); got[0].Status != message.Dropped || got[0].Reason != message.ReasonRuleChanged {
		t.Errorf("another time: %s %s", got[0].Status, got[0].Reason)
	}
	same(t, "three days before", run(t, db, clock, local(t, "2027-03-07 12:00")), "E26 person001")
	storetest.Write(t, db, func(tx *store.Tx) error { return message.RemoveRule(ctx, tx, r.ID, registrationtest.Organiser) })
	if got := messages(t, db, "letter = 'E26'"); got[1].Status != message.Dropped || got[1].Reason != message.ReasonRuleGone {
		t.Errorf("removed: %s %s", got[1].Status, got[1].Reason)
	}
	same(t, "after that", run(t, db, clock, local(t, "2027-03-07 13:00")))
}

func TestARuleSwitchedOffSendsNothing(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	r := ruleFor(t, db, ev.ID, message.DayBefore)
	turn := func(on bool) {
		storetest.Write(t, db, func(tx *store.Tx) error { return message.SwitchRule(ctx, tx, r.ID, on, registrationtest.Organiser) })
	}
	run(t, db, clock, weekDue)
	turn(false)
	same(t, "the day before", run(t, db, clock, dayDue))
	clock.Set(dayDue.Add(time.Hour))
	turn(true)
	same(t, "switched on again after its moment", run(t, db, clock, dayDue.Add(time.Hour)))
}

func TestARuleMadeAfterItsMomentSendsNothing(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	run(t, db, clock, weekDue)
	clock.Set(local(t, "2027-03-07 12:30"))
	addRule(t, db, ev.ID, own(3))
	same(t, "half an hour late", run(t, db, clock, clock.Now()))
	same(t, "the day before", run(t, db, clock, dayDue), "E19 person001")
}

func TestThoseWhoWaitAreRemindedOfTheLastDay(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = new(1) })
	registrationtest.Sign(t, db, ev.ID, 1)
	registrationtest.Sign(t, db, ev.ID, 2)
	r := own(2)
	r.Audience = message.OnList
	r.SetWhen("before_closes") // Wednesday 3 March at a minute to midnight
	onlyRules(t, db, ev.ID, r)
	same(t, "two days before the last", run(t, db, clock, local(t, "2027-03-01 12:00")), "E26 person002")
}

func TestAReminderOfADeadlineIsPointlessAfterIt(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	r := own(1)
	r.SetWhen("before_closes")
	onlyRules(t, db, ev.ID, r)
	same(t, "found after a stop over the deadline", run(t, db, clock, local(t, "2027-03-04 08:00")))
}

func TestWhoHasAnOfferIsRemindedBeforeItRunsOut(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = new(1) })
	first := registrationtest.Sign(t, db, ev.ID, 1)
	registrationtest.Sign(t, db, ev.ID, 2)
	r := message.Rule{Letter: message.Offered, Audience: message.WithOffer, Anchor: "offer", Unit: "hours", Amount: 2}
	onlyRules(t, db, ev.ID, r)
	clock.Set(local(t, "2027-02-01 10:00")) // a Monday: 24 hours of the days, so until Wednesday at half past four in the afternoon or so
	withdraw(t, db, first.ID)
	until := registrationtest.Find(t, db, registrations(t, db, ev.ID, registration.Offered)).HoldUntil
	same(t, "a minute early", due(t, db, clock, until.Add(-2*time.Hour-time.Minute)))
	same(t, "two hours before", run(t, db, clock, until.Add(-2*time.Hour)), "E07 person002")
	same(t, "once", run(t, db, clock, until.Add(-time.Hour)))
	if m := messages(t, db, "letter = 'E07'"); !m[1].Details.Reminds || m[1].Details.AnswerBy != until.Format(time.RFC3339) || !m[1].NotAfter.Equal(until) {
		t.Errorf("the letter %+v", m[1])
	}
}

// registrations gives the one registration in a state.
func registrations(t testing.TB, db *store.DB, eventID string, s registration.Status) (id string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		id, err = store.One(ctx, tx, store.Value[string], `SELECT id FROM registration WHERE event_id = ? AND status = ?`, eventID, s)
		return err
	})
	return id
}

func TestTheOrganiserGetsTheListOnce(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	clock.Set(local(t, "2027-03-08 09:00"))
	for range 2 {
		storetest.Write(t, db, func(tx *store.Tx) error { _, err := message.EnqueueDue(ctx, tx); return err })
	}
	m := messages(t, db, "letter = 'O3'")
	if len(m) != 1 || m[0].Recipient != "ida.lind@example.se" || m[0].RegistrationID != "" || m[0].EventID != ev.ID {
		t.Errorf("%+v", m)
	}
}

func TestNewEventsBeginWithTheProgrammesRulesForTheirKind(t *testing.T) {
	db, _ := storetest.New(t)
	p := registrationtest.Programme(t, db)
	r := own(3)
	r.ProgrammeID, r.Kind = p.ID, "webinar"
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := message.AddRule(ctx, tx, r, registrationtest.Organiser)
		return err
	})
	seminar, webinar := registrationtest.Event(t, db, nil), registrationtest.Event(t, db, registrationtest.Online)
	if got := len(rulesOf(t, db, seminar.ID)); got != 5 {
		t.Errorf("a seminar has %d rules", got)
	}
	got := ruleFor(t, db, webinar.ID, message.OwnWords)
	if diff := cmp.Diff(r.Texts, got.Texts); diff != "" || got.Kind != "" || got.FromID == "" {
		t.Errorf("the webinar's: %+v %s", got, diff)
	}
}

// What a programme changes reaches the coming events that nobody has changed by
// hand, when the organiser chooses so, and sends nothing twice.
func TestComingEventsFollowTheProgrammeWhenAsked(t *testing.T) {
	db, clock := storetest.New(t)
	follows, byHand := registrationtest.Event(t, db, nil), registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, follows.ID, 1)
	addRule(t, db, byHand.ID, own(3))
	run(t, db, clock, weekDue)
	storetest.Write(t, db, func(tx *store.Tx) error {
		programmes, err := message.RulesOf(ctx, tx, follows.ProgrammeID)
		for _, r := range programmes {
			switch r.Letter {
			case message.DayBefore:
				r.AtClock = "10:00"
				err = errors.Join(err, message.ChangeRule(ctx, tx, r, false, registrationtest.Organiser))
			case message.WeekBefore:
				r.Amount = 6
				err = errors.Join(err, message.ChangeRule(ctx, tx, r, false, registrationtest.Organiser))
			}
		}
		return err
	})
	coming := func() (list []string) {
		storetest.Read(t, db, func(tx *store.Tx) error {
			all, err := message.ComingEvents(ctx, tx, follows.ProgrammeID)
			for _, c := range all {
				if c.Differs && !c.Own {
					list = append(list, c.ID)
				}
			}
			return err
		})
		return list
	}
	same(t, "would be changed as well", coming(), follows.ID)
	if got := ruleFor(t, db, follows.ID, message.DayBefore); got.AtClock != "09:00" {
		t.Errorf("changed without being asked: %+v", got)
	}
	storetest.Write(t, db, func(tx *store.Tx) error {
		return message.FollowProgramme(ctx, tx, follows.ProgrammeID, registrationtest.Organiser)
	})
	same(t, "differ after that", coming())
	if got := ruleFor(t, db, byHand.ID, message.DayBefore); got.AtClock != "09:00" {
		t.Errorf("changed though it was changed by hand: %+v", got)
	}
	for _, m := range messages(t, db, "letter = 'E18'") {
		if m.Status != message.Dropped { // it had not left
			t.Errorf("the first reminder is %s", m.Status)
		}
	}
	same(t, "six days before", run(t, db, clock, weekDue.AddDate(0, 0, 1)), "E18 person001")
	same(t, "at the programme's new hour", run(t, db, clock, dayDue.Add(time.Hour)), "E19 person001")
}

func TestAnEventGetsItsProgrammesRulesBack(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	before := rulesOf(t, db, ev.ID)
	made := onlyRules(t, db, ev.ID, own(3))
	storetest.Write(t, db, func(tx *store.Tx) error {
		return message.RestoreRules(ctx, tx, ev.ProgrammeID, ev.ID, string(ev.Kind), registrationtest.Organiser)
	})
	after := rulesOf(t, db, ev.ID)
	if len(after) != len(before) {
		t.Errorf("%d rules, there were %d", len(after), len(before))
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		if _, err := message.FindRule(ctx, tx, made[0].ID); !errors.Is(err, problem.ErrMissing) {
			t.Errorf("the own rule: %v", err)
		}
		own, err := message.HasOwnRules(ctx, tx, ev.ID)
		if own {
			t.Error("still the event's own")
		}
		return err
	})
}

func TestACopyOfAnEventHasItsOwnRules(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	onlyRules(t, db, ev.ID, own(3))
	var made []event.Event
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		made, err = event.Copy(ctx, tx, ev.ID, []event.Target{{Date: "2027-05-12"}}, registrationtest.Organiser)
		return err
	})
	got := rulesOf(t, db, made[0].ID)
	if len(got) != 1 || got[0].Letter != message.OwnWords || len(got[0].Texts) != 1 || got[0].ID == rulesOf(t, db, ev.ID)[0].ID {
		t.Errorf("%+v", got)
	}
}

func TestOwnWordsAreReadInTheNearestLanguage(t *testing.T) {
	for _, tt := range []struct {
		name, reads, programmes, want string
		written                       []string
	}{
		{"their own", "sv", "nb", "sv", []string{"en", "nb", "sv"}},
		{"bokmål for nynorsk", "nn", "sv", "nb", []string{"nb", "sv"}},
		{"nynorsk for bokmål", "nb", "sv", "nn", []string{"nn", "sv"}},
		{"the programme's", "en", "sv", "sv", []string{"nb", "sv"}},
		{"English", "nb", "sv", "en", []string{"en"}},
		{"any", "en", "sv", "nn", []string{"nn"}},
	} {
		r := message.Rule{}
		for _, lang := range tt.written {
			r.Texts = append(r.Texts, message.RuleText{Language: lang})
		}
		if got, ok := r.Text(tt.reads, tt.programmes); !ok || got.Language != tt.want {
			t.Errorf("%s: %q", tt.name, got.Language)
		}
	}
}

// A reminder that was left out for a later one stays out when the later one's rule
// is gone: the person has had that letter.
func TestAnEarlierReminderDoesNotComeBackWhenTheLaterRuleIsRemoved(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	r := addRule(t, db, ev.ID, own(4))
	same(t, "after a stop", run(t, db, clock, local(t, "2027-03-06 12:30")), "E26 person001")
	for _, m := range messages(t, db, "letter = 'E26'") {
		storetest.Write(t, db, func(tx *store.Tx) error { return message.Finish(ctx, tx, m.ID, message.Sent, "") })
	}
	storetest.Write(t, db, func(tx *store.Tx) error { return message.RemoveRule(ctx, tx, r.ID, registrationtest.Organiser) })
	same(t, "the earlier one", run(t, db, clock, local(t, "2027-03-06 13:00")))
}
