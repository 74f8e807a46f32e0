package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// errNoSample says that a kind of letter cannot be looked at, since nobody has
// said what must be true for it to go.
var errNoSample = errors.New("no sample for this kind of letter")

// Preview renders a message from what is true in the transaction, which may be
// one that only reads. It stores nothing, and the personal links in it open
// nothing. A message that is about nobody is shown as it would go to an
// invented person.
func (m *Mailer) Preview(ctx context.Context, tx *store.Tx, msg message.Message) (Rendered, error) {
	var f facts
	var err error
	if msg.Details.Test != nil && msg.MailingID != "" {
		f, err = m.sample(ctx, tx, msg)
	} else if msg.RegistrationID == "" && msg.Details.SubscriptionID == "" && msg.Details.ApplicationID == "" && msg.AidCaseID == "" && msg.BookingID == "" && msg.Details.AdviceID == "" {
		msg.Details.Test = &message.Test{EventID: msg.EventID}
		f, err = m.sample(ctx, tx, msg)
	} else {
		f, err = readFacts(ctx, tx, msg)
	}
	if err != nil {
		return Rendered{}, err
	}
	f.lookedAt = time.Time{} // shown as it will go, without the marks of a test
	d, err := m.look(f)
	return d.Rendered, err
}

// Specimen is a whole letter to look at, and what a list of mail shows beside its
// subject.
type Specimen struct {
	MIME       []byte
	Preheader  string
	Situations []string // in which the letter has other words; the usual one is ""
}

// Specimen writes the letter of a message that is only looked at, byte by byte as
// it would be sent. Nothing is stored, and the personal links open nothing.
func (m *Mailer) Specimen(ctx context.Context, tx *store.Tx, msg message.Message) (Specimen, error) {
	f, err := m.sample(ctx, tx, msg)
	if err != nil {
		return Specimen{}, err
	}
	d, err := m.look(f)
	if err != nil {
		return Specimen{}, err
	}
	l, err := makeLinks(f, m.settings.BaseURL, sampleTokens)
	if err != nil {
		return Specimen{}, err
	}
	s := Specimen{Preheader: d.Preheader}
	for _, x := range situationsOf(msg.Letter) {
		s.Situations = append(s.Situations, x.name)
	}
	msg.ID, msg.Recipient = "preview", f.Recipient
	err = m.compose(&msg, f, l, "")
	s.MIME = msg.MIME
	return s, err
}

func (m *Mailer) look(f facts) (draft, error) {
	l, err := makeLinks(f, m.settings.BaseURL, sampleTokens)
	if err != nil {
		return draft{}, err
	}
	return m.draft(f, l)
}

// factsOf reads what a message tells of, which is made up when it is only looked
// at.
func (m *Mailer) factsOf(ctx context.Context, tx *store.Tx, msg message.Message) (facts, error) {
	if msg.Details.Test != nil {
		return m.sample(ctx, tx, msg)
	}
	return readFacts(ctx, tx, msg)
}

// sample stands somebody in who gets the letter: a real person with what the
// letter tells of, or an invented one.
func (m *Mailer) sample(ctx context.Context, tx *store.Tx, msg message.Message) (facts, error) {
	f := facts{Message: msg, now: tx.Now, lookedAt: tx.Now, language: locale.Language(msg.Language), invited: -1}
	if _, ok := m.templates[f.language]; !ok {
		return f, fmt.Errorf("no letters in the language %q", f.language)
	}
	if f.isOnesOwn() {
		return f, f.asOne(ctx, tx)
	}
	situations := situationsOf(msg.Letter)
	at := slices.IndexFunc(situations, func(s situation) bool { return s.name == msg.Details.Test.Situation })
	if len(situations) == 0 {
		return f, fmt.Errorf("%s: %w", msg.Letter, errNoSample)
	}
	s := standIn{&f, func(key string) string {
		text, _ := m.texts.Text(f.language, key) // an invented word in another language does as well
		return text
	}}
	if err := s.place(ctx, tx); err != nil {
		return f, err
	}
	if err := s.name(ctx, tx); err != nil {
		return f, err
	}
	if err := s.text(ctx, tx); err != nil {
		return f, err
	}
	if f.NotAfter.IsZero() { // of a preview: no message was written
		f.NotAfter = tx.Now.Add(time.Hour)
	}
	if err := s.advise(ctx, tx); err != nil {
		return f, err
	}
	if f.advising == nil && !f.now.Before(f.event.StartsAt) {
		f.now = f.event.StartsAt.AddDate(0, 0, -10)
	}
	situations[max(0, at)].change(&s)
	if msg.Details.Rule != nil {
		s.waitFor(*msg.Details.Rule)
	}
	return f, nil
}

// waitFor lets it be the moment at which the rule's letter goes, so that the letter
// does not tell of a last day that has passed by then.
func (s *standIn) waitFor(r message.Rule) {
	if r.Anchor == "offer" { // which nobody has yet
		return
	}
	a := message.Anchors{Start: s.event.StartsAt, End: s.event.EndsAt, Closes: s.event.ClosesAt, Zone: s.event.Location(), Country: s.programme.Country}
	if c := s.event.Municipality.Country; c != "" {
		a.Country = c
	}
	s.now = r.At(a)
}

// isOnesOwn reports whether an organiser's own words are tried out as they would go
// to somebody real, of whom they may say more than where and when.
func (f facts) isOnesOwn() bool {
	return f.Letter == message.Mailing && f.Details.Test.RegistrationID != "" || f.Letter == message.News && f.Details.Test.SubscriptionID != ""
}

// asOne reads what that person's letter would tell, which is another's letter now.
func (f *facts) asOne(ctx context.Context, tx *store.Tx) error {
	t, own := f.Details.Test, f.Message
	f.RegistrationID, f.Details.SubscriptionID = t.RegistrationID, t.SubscriptionID
	if f.Letter == message.News {
		s, err := news.Find(ctx, tx, t.SubscriptionID)
		if err != nil {
			return gone(err)
		}
		f.Recipient = s.Email
	} else {
		r, err := registration.Find(ctx, tx, t.RegistrationID)
		if err != nil {
			return gone(err)
		}
		f.Recipient = r.Email
	}
	err := f.readMailing(ctx, tx)
	if f.Message = own; f.NotAfter.IsZero() {
		f.NotAfter = tx.Now.Add(time.Hour)
	}
	return err
}

// place finds the event that the letter tells of, as if it were to take place.
func (s *standIn) place(ctx context.Context, tx *store.Tx) (err error) {
	t := s.Details.Test
	if t.EventID != "" {
		if err = s.readEvent(ctx, tx, t.EventID); err == nil {
			err = s.readMaterials(ctx, tx)
		}
	} else {
		s.programme, err = programme.Find(ctx, tx, s.ProgrammeID)
		s.event = s.inventedEvent()
		err = errors.Join(err, s.readLogo(ctx, tx))
	}
	if err != nil {
		return gone(err)
	}
	if t.Accent != "" {
		s.programme.Accent = t.Accent
	}
	if s.event.Status != event.Postponed {
		s.event.Status = event.Published
	}
	return nil
}

// inventedEvent is in three weeks' time, both in a room and online.
func (s *standIn) inventedEvent() event.Event {
	loc, err := time.LoadLocation(s.programme.TimeZone)
	if err != nil { // the zones are embedded and the column is checked
		loc = time.UTC
	}
	day := s.now.In(loc).AddDate(0, 0, 21)
	start := time.Date(day.Year(), day.Month(), day.Day(), 9, 0, 0, 0, loc).UTC()
	return event.Event{ID: "preview", ProgrammeID: s.programme.ID, Slug: "preview", Status: event.Published, Content: event.Content{
		Kind: event.Seminar, Language: string(s.language), Title: s.word("letters.sample.title"), Summary: s.word("letters.sample.summary"), Mode: event.Hybrid,
		StartsAt: start, EndsAt: start.Add(3 * time.Hour), ClosesAt: start.AddDate(0, 0, -7), TimeZone: s.programme.TimeZone, WaitingList: true,
		VenueName: s.word("letters.sample.venue"), ContactName: s.programme.OrganiserName, ContactEmail: s.programme.ContactEmail, ContactPhone: s.programme.ContactPhone,
	}}
}

// name finds the person, who has a place until the letter says otherwise.
func (s *standIn) name(ctx context.Context, tx *store.Tx) (err error) {
	t := s.Details.Test
	r := registration.Registration{
		ID: "preview", EventID: s.event.ID, Mode: s.event.Modes()[0], Email: "name@example.org",
		FirstName: s.word("mail.sample.first_name"), LastName: s.word("mail.sample.last_name"), JoinedAt: tx.Now,
	}
	if m := event.Mode(t.Mode); s.event.HasMode(m) && m != "" {
		r.Mode = m
	}
	if t.RegistrationID != "" {
		if r, err = registration.Find(ctx, tx, t.RegistrationID); err != nil {
			return gone(err)
		}
		if r.EventID != s.event.ID {
			return errGone
		}
	}
	if s.Recipient == "" {
		s.Recipient = r.Email
	}
	r.Status, r.Language, r.HoldUntil, r.RoomSince, r.CalendarSequence = registration.Confirmed, s.Language, time.Time{}, time.Time{}, 0
	r.CalendarUID = testUID(s.Recipient, s.event.ID)
	s.registration, s.position = r, 1
	return nil
}

// text finds what an organiser wrote, or what shows how it would look, and in a
// letter to those who arrange the event how many there are.
func (s *standIn) text(ctx context.Context, tx *store.Tx) (err error) {
	switch s.Letter {
	case message.OwnWords:
		if s.Details.Rule == nil && s.Details.RuleID == "" { // a kind of letter, and no rule of anybody's
			text := message.RuleText{Language: s.Language, Subject: s.word("mail.sample.own_subject"), Body: s.word("mail.sample.own_body")}
			s.Details.Rule = &message.Rule{Letter: message.OwnWords, Audience: message.WithPlace, Anchor: "start", Texts: []message.RuleText{text}}
		}
		return s.readRule(ctx, tx)
	case message.Mailing, message.News:
		s.mailing, err = sampleMailing(ctx, tx, *s.facts)
	case message.Roster:
		if s.Details.Test.EventID != "" {
			s.EventID = s.event.ID
			err = s.readOrganisers(ctx, tx)
		}
	}
	return err
}

// testMark begins the subject of a letter that an organiser sends to themselves, in
// every language, and the entry that it makes in a calendar.
const testMark = "[Test] "

func (f facts) isTest() bool { return !f.lookedAt.IsZero() }

// marked reports whether the letter says that it is a test: one that is sent does,
// while one on an organiser's page is shown as its recipient sees it.
func (f facts) marked() bool { return f.isTest() && f.ID != "" }

// written is the moment at which the letter is written: one that is only looked
// at tells of another.
func (f facts) written() time.Time {
	if f.isTest() {
		return f.lookedAt
	}
	return f.now
}

// toName is the name beside the address. A test goes to somebody else than whom it
// greets.
func (f facts) toName() string {
	if f.isTest() {
		return ""
	}
	return typedName(f.registration.Name())
}

// testUID is that of the entry which tests about one event make in the calendar of
// one organiser. It is the same for all of them, so that the test of a letter that
// takes the entry back does so; and it is nobody's registration.
func testUID(recipient, eventID string) string {
	sum := sha256.Sum256([]byte(recipient + " " + eventID))
	return "test-" + hex.EncodeToString(sum[:12])
}

// testSequence rises with every test, by the second.
func (f facts) testSequence() int { return int(f.lookedAt.Sub(testsBegan) / time.Second) }

// testsBegan keeps the number of a test small: RFC 5545 3.3.8 ends at 31 bits.
var testsBegan = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
