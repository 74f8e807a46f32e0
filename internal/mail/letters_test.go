package mail

import (
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"stafett/data"
	"stafett/internal/aid"
	"stafett/internal/application"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/material"
	"stafett/internal/message"
	"stafett/internal/municipality"
	"stafett/internal/programme"
	"stafett/internal/registration"
)

var update = flag.Bool("update", false, "write the golden letters anew")

// at reads a time on the clock of the sample events.
func at(t testing.TB, s string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	clock, err := time.ParseInLocation("2006-01-02 15:04", s, loc)
	if err != nil {
		t.Fatal(err)
	}
	return clock.UTC()
}

func texts(t testing.TB) *locale.Catalogue {
	t.Helper()
	c, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func places(t testing.TB) *municipality.Register {
	t.Helper()
	r, err := municipality.Load(data.Files)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// strict fails the test when something is logged that should not be in a letter
// at all: a text that is missing, or a value.
type strict struct{ t testing.TB }

func (s strict) Write(line []byte) (int, error) {
	s.t.Errorf("logged: %s", line)
	return len(line), nil
}

// press is a Mailer that only writes letters.
func press(t testing.TB) *Mailer {
	t.Helper()
	m, err := New(nil, texts(t), places(t), nil, slog.New(slog.NewTextHandler(strict{t}, nil)), Settings{
		BaseURL: "https://stafett.example", FromEmail: "program@stafett.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// samples are an event in each language, as its readers know it. The English
// letters go to guests of the Swedish one.
func sampleFacts(t testing.TB, lang locale.Language) facts {
	t.Helper()
	f := facts{
		Message: message.Message{ID: "m1", Letter: message.Confirmed, Recipient: "asa.oberg@firma.example", Language: string(lang)},
		now:     at(t, "2027-02-10 10:00"), language: lang, invited: -1,
		programme: programme.Programme{ID: "p1", Slug: "anbud", Name: "Upphandlingsdialog Dalarna", Country: "SE", Language: "sv",
			OrganiserName: "Region Exempel", ContactEmail: "info@region.example"},
		registration: registration.Registration{
			ID: "r1", Status: registration.Confirmed, Mode: event.Room, FirstName: "Åsa", LastName: "Öberg",
			Email: "asa.oberg@firma.example", Language: string(lang), CalendarUID: "r1", JoinedAt: at(t, "2027-02-10 10:00"),
		},
		event: event.Event{ID: "e1", Slug: "forsta-anbudet", Status: event.Published, Content: event.Content{
			Kind: event.LearningSeminar, Language: "sv", Title: "Så lämnar ditt företag sitt första anbud", Mode: event.Room,
			Summary:  "En förmiddag för dig som driver ett litet företag och aldrig har lämnat anbud.",
			StartsAt: at(t, "2027-03-04 08:30"), EndsAt: at(t, "2027-03-04 12:00"), TimeZone: "Europe/Stockholm",
			ClosesAt: at(t, "2027-02-25 23:59"), Municipality: municipality.Code{Country: "SE", Number: "2080"},
			VenueName: "Folkets hus", VenueAddress: "Storgatan 1", AccessNotes: "Entré utan trappsteg.\nHörslinga i salen.",
			ContactName: "Maja Lind", ContactEmail: "maja.lind@region.example", ContactPhone: "023-12 34 56", WaitingList: true,
		}},
	}
	if lang == locale.NB || lang == locale.NN {
		norwegian(&f, lang)
	}
	return f
}

func norwegian(f *facts, lang locale.Language) {
	f.programme = programme.Programme{ID: "p1", Slug: "innkjop", Name: "Innkjøp i distriktene", Country: "NO", Language: "nb",
		OrganiserName: "Eksempel fylkeskommune", ContactEmail: "post@fylke.example"}
	f.registration.FirstName, f.registration.LastName = "Øyvind", "Bråten"
	ev := &f.event
	ev.Slug, ev.Language, ev.TimeZone = "forste-tilbudet", "nb", "Europe/Oslo"
	ev.Title, ev.Summary = "Slik leverer bedriften sitt første tilbud", "En formiddag for deg som aldri har levert tilbud."
	ev.Municipality = municipality.Code{Country: "NO", Number: "3405"}
	ev.VenueName, ev.VenueAddress, ev.AccessNotes = "Kulturhuset", "Storgata 1", "Trinnfri inngang.\nTeleslynge i salen."
	ev.ContactName, ev.ContactEmail, ev.ContactPhone = "Kari Moen", "kari.moen@fylke.example", "22 33 44 55"
	if lang == locale.NN {
		f.programme.Name = "Innkjøp i distrikta"
		ev.Slug, ev.Language = "det-forste-tilbodet", "nn"
		ev.Title, ev.Summary = "Slik leverer bedrifta det første tilbodet sitt", "Ein formiddag for deg som aldri har levert tilbod."
		ev.Municipality = municipality.Code{Country: "NO", Number: "1577"}
		ev.AccessNotes = "Trappefri inngang.\nTeleslynge i salen."
	}
}

// words are what an organiser writes.
func words(lang locale.Language) string {
	switch lang {
	case locale.NB:
		return "Foredragsholderen er blitt syk.\nVi beklager bryet."
	case locale.NN:
		return "Foredragshaldaren har vorte sjuk.\nVi orsakar bryet."
	}
	return "Föreläsaren har tyvärr blivit sjuk.\nVi ber om ursäkt för besväret."
}

// variant is one letter in one situation.
type variant struct {
	name   string
	change func(*facts)
}

func online(f *facts) {
	f.registration.Mode, f.event.Mode = event.Online, event.Online
	f.event.VenueName, f.event.VenueAddress, f.event.AccessNotes = "", "", ""
	f.event.Municipality = municipality.Code{}
	f.event.ClosesAt = f.event.StartsAt
}

// meanwhile makes the event a hybrid one, in which the person has a place online
// and waits for the room.
func meanwhile(f *facts) {
	f.event.Mode, f.registration.Mode, f.registration.RoomSince = event.Hybrid, event.Online, f.registration.JoinedAt
}

func stayedOnline(f *facts) { f.registration.RoomSince, f.Details.Meanwhile = time.Time{}, true }

func of(l message.Letter, changes ...func(*facts)) func(*facts) {
	return func(f *facts) {
		f.Letter = l
		for _, change := range changes {
			change(f)
		}
	}
}

func was(s registration.Status) func(*facts) {
	return func(f *facts) { f.registration.Status = s }
}

func invited(f *facts) { f.invited = 0 }

func hadAPlace(f *facts) { f.Details.HadAPlace = true }

func oldTime(f *facts) {
	f.Details.OldStart = f.event.StartsAt.AddDate(0, 0, -7).Format(time.RFC3339)
	f.Details.OldEnd = f.event.EndsAt.AddDate(0, 0, -7).Format(time.RFC3339)
}

func oldPlace(f *facts) { f.Details.OldPlace = "Biblioteket" }

func reason(f *facts) { f.Details.Reason = words(f.language) }

// answerBy is the afternoon of the day after the letter.
func answerBy(f *facts) { f.Details.AnswerBy = f.now.Add(30 * time.Hour).Format(time.RFC3339) }

// ownWords is a rule whose words are written in Swedish and bokmål alone.
func ownWords(to message.Audience) func(*facts) {
	return func(f *facts) {
		f.rule = message.Rule{Letter: message.OwnWords, Audience: to, Anchor: "start", Texts: []message.RuleText{
			{Language: "nb", Subject: "Ta med et spørsmål", Body: "Vi tar opp spørsmålene deres.\nSkriv dem gjerne ned.\n\nLes [veiledningen vår](https://region.example/veiledning?a=1&b=2) før du kommer."},
			{Language: "sv", Subject: "Ta med en fråga", Body: "Vi tar upp era frågor.\r\nSkriv gärna ner dem.\r\n\r\nLäs [vår vägledning](https://region.example/vagledning?a=1&b=2) innan du kommer. <b>Välkommen!</b>"},
		}}
		if to == message.WhoWasAbsent {
			f.rule.Anchor = "end"
		}
	}
}

// handedOut gives the event slides, a recording, or both.
func handedOut(slides, recording bool) func(*facts) {
	return func(f *facts) {
		f.now = f.event.EndsAt.AddDate(0, 0, 2)
		if slides {
			f.materials = append(f.materials, material.Material{Title: "Bilder", URL: "https://www.filer.example/bilder.pdf"})
		}
		if recording {
			f.materials = append(f.materials, material.Material{Title: f.event.Title, URL: "https://film.example/w?v=1&t=2", Recording: true, Captions: true})
		}
	}
}

// organiserLetter is about an event and nobody's registration.
func organiserLetter(f *facts) {
	f.registration, f.now = registration.Registration{}, f.event.StartsAt.AddDate(0, 0, -3)
	f.event.MinParticipants, f.withPlace = new(5), 2
}

// notYet makes the letter one to somebody who has been invited only.
func notYet(f *facts) {
	f.invite = registration.Invitation{ID: "i1", EventID: f.event.ID, Code: "K7RTWQ2MXHA", Email: f.Recipient}
	f.registration, f.Details.InvitationID = registration.Registration{}, "i1"
}

// aboutSomebody makes the letter one about a person and no event.
func aboutSomebody(outcome string) func(*facts) {
	return func(f *facts) {
		name := f.registration
		f.event, f.registration = event.Event{}, registration.Registration{FirstName: name.FirstName, LastName: name.LastName, Email: name.Email}
		f.programme.TimeZone = map[string]string{"SE": "Europe/Stockholm", "NO": "Europe/Oslo"}[f.programme.Country]
		f.Details.Outcome = outcome
		if outcome == "part" {
			f.Details.AnswerBy = f.now.AddDate(0, 1, 0).Format(time.RFC3339)
		}
	}
}

// aidTo makes the letter one about advice that a company gets below the market's
// price.
func aidTo(f *facts) {
	aboutSomebody("")(f)
	f.programme.OrgNumber = map[string]string{"SE": "4020000002", "NO": "311111111"}[f.programme.Country]
	words := map[locale.Language][3]string{
		locale.SV: {"Snickeri Exempel AB", "Rådgivning efter lärseminarium", "2027/17"},
		locale.EN: {"Snickeri Exempel AB", "Advice after a learning seminar", "2027/17"},
		locale.NB: {"Snekkeri Eksempel AS", "Rådgivning etter læringsseminar", "2027/17"},
		locale.NN: {"Snikkeri Døme AS", "Rådgjeving etter læringsseminar", "2027/17"},
	}[f.language]
	ofAid(&standIn{f, func(key string) string {
		return map[string]string{"letters.sample.company": words[0], "letters.sample.advice": words[1], "letters.sample.decision": words[2]}[key]
	}})
	f.aid.recipient.Country, f.aid.recipient.Number = f.programme.Country, map[string]string{"SE": "556677-8899", "NO": "923 609 016"}[f.programme.Country]
}

// variants is every letter in every situation that changes its words.
func variants() []variant {
	return append(adviceVariants(), []variant{
		{"E02", of(message.Confirmed)},
		{"E02-late", of(message.Confirmed, func(f *facts) { f.now = f.event.ClosesAt.AddDate(0, 0, 1) })},
		{"E02-from_list", of(message.Confirmed, func(f *facts) { f.Details.FromList = true })},
		{"E02-colleague", of(message.Confirmed, func(f *facts) {
			f.Details.OtherName, f.event.Questions = "Bo Ek", []event.Question{{ID: "q1", Label: "Vad hoppas du på?"}}
		})},
		{"E02-handed_over", of(message.Confirmed, func(f *facts) { f.Details.OtherName, f.Details.HandedOver = "Bo Ek", true })},
		{"E02-handed_over_nameless", of(message.Confirmed, func(f *facts) { f.Details.OtherName, f.Details.HandedOver = "www.vinn.example", true })},
		{"E03-colleague", of(message.Waitlisted, was(registration.Waitlisted), func(f *facts) { f.position, f.Details.OtherName = 3, "www.vinn.example" })},
		{"E02-by_hand", of(message.Confirmed, func(f *facts) { f.Details.ByHand = true })},
		{"E02-online", of(message.Confirmed, online)},
		{"E02-moved", of(message.Confirmed, func(f *facts) {
			f.event.MovedAt = f.registration.JoinedAt.Add(time.Minute)
			f.event.MovedFromStartsAt, f.event.MovedFromEnds = f.event.StartsAt.AddDate(0, 0, -7), f.event.EndsAt.AddDate(0, 0, -7)
			f.event.MovedFromPlace = f.event.VenueName
		})},
		{"E02-postponed", of(message.Confirmed, func(f *facts) { f.Details.ByHand, f.event.Status = true, event.Postponed })},
		{"E25", of(message.SaidNo, func(f *facts) { f.NotAfter = f.event.StartsAt })},
		{"E02b", of(message.WalkedIn, was(registration.Attended), func(f *facts) { f.now = f.event.EndsAt })},
		{"E03", of(message.Waitlisted, was(registration.Waitlisted), func(f *facts) { f.position = 3 })},
		{"E06", of(message.AlreadyHere)},
		{"E06-waiting", of(message.AlreadyHere, was(registration.Waitlisted), func(f *facts) { f.position = 3 })},
		{"E06-asked", of(message.AlreadyHere, was(registration.Requested))},
		{"E10", of(message.Cancelled, was(registration.Cancelled), hadAPlace, invited)},
		{"E10-waiting", of(message.Cancelled, was(registration.Cancelled))},
		{"E10-by_hand", of(message.Cancelled, was(registration.Cancelled), hadAPlace, invited, reason, func(f *facts) { f.Details.ByHand = true })},
		{"E11", of(message.LateCancelled, was(registration.LateCancelled), hadAPlace, invited)},
		{"E11-by_hand", of(message.LateCancelled, was(registration.LateCancelled), hadAPlace, invited, reason, func(f *facts) { f.Details.ByHand = true })},
		{"E12", of(message.Transferred, was(registration.Transferred), invited, func(f *facts) { f.Details.OtherName = "Bo Ek" })},
		{"E12-nameless", of(message.Transferred, was(registration.Transferred), invited, func(f *facts) { f.Details.OtherName = "www.vinn.example" })},
		{"E14", of(message.EventCancelled, was(registration.EventCancelled), invited, reason, func(f *facts) { f.event.Status = event.Cancelled })},
		{"E15-time", of(message.EventMoved, oldTime, reason)},
		{"E15-place", of(message.EventMoved, oldPlace)},
		{"E15-time_place", of(message.EventMoved, oldTime, oldPlace)},
		{"E15-online", of(message.EventMoved, online, oldTime)},
		{"E15-join", of(message.EventMoved, online, func(f *facts) { f.Details.NewJoinURL = true })},
		{"E15-other", of(message.EventMoved)},
		{"E15-waiting", of(message.EventMoved, was(registration.Waitlisted), oldTime, reason, func(f *facts) { f.position = 3 })},
		{"E15-waiting_other", of(message.EventMoved, was(registration.Waitlisted), func(f *facts) { f.position = 1 })},
		{"E15-offered", of(message.EventMoved, was(registration.Offered), oldTime, oldPlace, answerBy)},
		{"E15-requested", of(message.EventMoved, was(registration.Requested), oldPlace)},
		{"E15-pending_email", of(message.EventMoved, was(registration.PendingEmail), oldTime, answerBy)},
		{"E03-moved", of(message.Waitlisted, was(registration.Waitlisted), func(f *facts) {
			f.position, f.event.MovedAt = 3, f.registration.JoinedAt.Add(time.Minute)
			f.event.MovedFromStartsAt, f.event.MovedFromEnds = f.event.StartsAt.AddDate(0, 0, -7), f.event.EndsAt.AddDate(0, 0, -7)
		})},
		{"E16", of(message.ThankYou, was(registration.Attended), func(f *facts) { f.now = f.event.EndsAt.AddDate(0, 0, 1) })},
		{"E21", of(message.Materials, was(registration.Attended), reason, handedOut(true, true))},
		{"E21-material", of(message.Materials, handedOut(true, false))},
		{"E21-recording", of(message.Materials, was(registration.NoShow), online, handedOut(false, true))},
		{"E18", of(message.WeekBefore)},
		{"E19", of(message.DayBefore, func(f *facts) { f.now = f.event.StartsAt.AddDate(0, 0, -1) })},
		{"E19-online", of(message.DayBefore, online)},
		{"E20", of(message.HourBefore, online)},
		{"E20-room", of(message.HourBefore)},
		{"E07-reminds", of(message.Offered, was(registration.Offered), answerBy, func(f *facts) { f.Details.Reminds = true })},
		{"E26", of(message.OwnWords, ownWords(message.WithPlace))},
		{"E26-online", of(message.OwnWords, online, ownWords(message.WithPlace))},
		{"E26-waiting", of(message.OwnWords, was(registration.Waitlisted), ownWords(message.OnList), func(f *facts) { f.position = 3 })},
		{"E26-offered", of(message.OwnWords, was(registration.Offered), answerBy, ownWords(message.WithOffer))},
		{"E26-absent", of(message.OwnWords, was(registration.NoShow), ownWords(message.WhoWasAbsent), func(f *facts) { f.now = f.event.EndsAt.AddDate(0, 0, 1) })},
		{"O3", of(message.Roster, organiserLetter, func(f *facts) {
			f.withPlace = 14
			f.counts = registration.Counts{registration.Confirmed: 14, registration.Waitlisted: 3, registration.Offered: 2, registration.Requested: 1}
		})},
		{"O3-hybrid", of(message.Roster, organiserLetter, func(f *facts) {
			f.event.Mode, f.withPlace, f.event.Room.Taken, f.event.Online.Taken = event.Hybrid, 1250, 250, 1000
		})},
		{"E01", of(message.ConfirmAddress, was(registration.PendingEmail), answerBy)},
		{"E02-approved", of(message.Confirmed, func(f *facts) { f.Details.Approved = true })},
		{"E03-together", of(message.Waitlisted, was(registration.Waitlisted), func(f *facts) { f.position, f.together = 3, 2 })},
		{"E04", of(message.Requested, was(registration.Requested))},
		{"E05", of(message.Rejected, was(registration.Rejected), reason)},
		{"E07", of(message.Offered, was(registration.Offered), answerBy)},
		{"E07-together", of(message.Offered, was(registration.Offered), answerBy, func(f *facts) { f.together = 2 })},
		{"E07-open", of(message.Offered, was(registration.Waitlisted), answerBy, func(f *facts) {
			f.Details.OpenCall, f.now = true, f.event.StartsAt.Add(-4*time.Hour)
			f.Details.AnswerBy = f.event.StartsAt.Add(-time.Hour).Format(time.RFC3339)
		})},
		{"E02-meanwhile", of(message.Confirmed, meanwhile, func(f *facts) { f.Details.FromList, f.position = true, 2 })},
		{"E03-online", of(message.Waitlisted, was(registration.Waitlisted), func(f *facts) { f.position, f.event.Mode, f.event.Online.Places = 3, event.Hybrid, new(20) })},
		{"E03-meanwhile", of(message.Waitlisted, meanwhile, func(f *facts) { f.Details.Meanwhile, f.position = true, 2 })},
		{"E07-meanwhile", of(message.Offered, meanwhile, answerBy, func(f *facts) { f.Details.Meanwhile = true })},
		{"E07-meanwhile_open", of(message.Offered, meanwhile, func(f *facts) {
			f.Details.OpenCall, f.Details.Meanwhile, f.now = true, true, f.event.StartsAt.Add(-4*time.Hour)
			f.Details.AnswerBy = f.event.StartsAt.Add(-time.Hour).Format(time.RFC3339)
		})},
		{"E08-meanwhile", of(message.Declined, meanwhile, stayedOnline)},
		{"E09-meanwhile", of(message.Expired, meanwhile, stayedOnline)},
		{"E15-meanwhile", of(message.EventMoved, meanwhile, oldTime, func(f *facts) { f.position = 2 })},
		{"E15-meanwhile_offered", of(message.EventMoved, meanwhile, oldTime, func(f *facts) { f.registration.HoldUntil = f.now.Add(30 * time.Hour) })},
		{"E08", of(message.Declined, was(registration.Declined))},
		{"E09", of(message.Expired, was(registration.Expired))},
		{"E13", of(message.StayedAway, was(registration.NoShow), func(f *facts) { f.now = f.event.EndsAt.AddDate(0, 0, 1) })},
		{"E15-to_room", of(message.EventMoved, func(f *facts) { f.Details.NewMode = "room" })},
		{"E15-to_online", of(message.EventMoved, online, func(f *facts) { f.Details.NewMode = "online" })},
		{"E24", of(message.Invitation, notYet)},
		{"E24-opens", of(message.Invitation, notYet, func(f *facts) { f.event.OpensAt = f.now.AddDate(0, 0, 2) })},
		{"E24-online", of(message.Invitation, online, notYet)},
		{"E24-both", of(message.Invitation, notYet, func(f *facts) { f.event.Mode = event.Hybrid })},
		{"E27", of(message.Mailing, mailed("sv", "nb", "nn", "en"))},
		{"E27-online", of(message.Mailing, online, mailed("sv", "nb", "nn", "en"))},
		{"E27-foreign", of(message.Mailing, mailed("sv"), func(f *facts) { f.mailing.Facts = false })},
		{"E27-test", of(message.Mailing, mailed("sv", "nb", "nn", "en"), func(f *facts) { f.lookedAt, f.ID = f.now, "m1" })},
		{"E28", of(message.News, newsOf("sv", "nb", "nn", "en"))},
		{"E28-foreign", of(message.News, newsOf("sv"), func(f *facts) {
			f.registration.FirstName, f.registration.LastName, f.programme.OrganiserName = "", "", ""
		})},
		{"E28-test", of(message.News, newsOf("sv", "nb", "nn", "en"), func(f *facts) { f.lookedAt, f.ID = f.now, "m1" })},
		{"O1", of(message.Decide, organiserLetter)},
		{"O2", of(message.GroupSkipped, organiserLetter)},
		{"E22-waiting", of(message.EventPostponed, was(registration.Waitlisted), reason, func(f *facts) { f.position, f.event.Status = 3, event.Postponed })},
		{"E17-all", of(message.Erasure, aboutSomebody("all"))},
		{"E17-part", of(message.Erasure, aboutSomebody("part"))},
		{"E17-granted", of(message.Erasure, aboutSomebody("granted"))},
		{"E17-refused", of(message.Erasure, aboutSomebody("refused"), func(f *facts) {
			f.Details.Reason = "Uppgifterna behövs för revisionen till och med 2027."
			if f.language == locale.NB || f.language == locale.NN {
				f.Details.Reason = "Opplysningene trengs til revisjonen ut 2027."
			}
		})},
		{"E17-refused_abroad", of(message.Erasure, aboutSomebody("refused"), func(f *facts) {
			f.programme.Country = map[string]string{"SE": "NO", "NO": "SE"}[f.programme.Country]
		})},
		{"E17-refused_authority", of(message.Erasure, aboutSomebody("refused"), func(f *facts) {
			f.programme.Country, f.programme.Authority = "SE", true
		})},
		{"E23", of(message.SignIn, aboutSomebody(""))},
		{"A1", of(message.AskDeclaration, aidTo)},
		{"A1-no_rate", of(message.AskDeclaration, aidTo, func(f *facts) { f.aid.cents = 0 })},
		{"A2", of(message.AidGranted, aidTo)},
		{"A2-fewer", of(message.AidGranted, aidTo, func(f *facts) { fewerHours(&standIn{facts: f}) })},
		{"A2-person", of(message.AidGranted, aidTo, func(f *facts) {
			f.aid.recipient = aid.Recipient{PersonID: "p1", Name: "Öbergs snickeri", HasNumber: true}
		})},
		{"A3", of(message.AidRefused, aidTo, func(f *facts) { f.aid.refusal = words(f.language) })},
		{"O4", of(message.RegisterDeadline, aidTo, func(f *facts) { f.registration = registration.Registration{} })},
		{"O4-last", of(message.RegisterDeadline, aidTo, func(f *facts) { f.registration, f.aid.left = registration.Registration{}, 1 })},
		{"E29", of(message.ConfirmNews, aboutSomebody(""))},
		{"P1", of(message.ApplicationReceived, caseOf(application.Submitted))},
		{"P1-answer", of(message.ApplicationReceived, caseOf(application.Submitted, from(application.NeedsInfo)))},
		{"P1-report", of(message.ApplicationReceived, caseOf(application.FinalReport, reported, from(application.Running)))},
		{"P2", of(message.ApplicationNeedsMore, caseOf(application.NeedsInfo, askedFor))},
		{"P3", of(message.ApplicationGranted, caseOf(application.Granted, decided(application.Granted)))},
		{"P3-hours", of(message.ApplicationGranted, caseOf(application.Granted, decided(application.Granted), func(s *standIn) {
			s.application.decision.Minor, s.application.decision.Appeal, s.application.ReportBy = 0, "", ""
			s.application.decision.Reason = words(s.language)
		}))},
		{"P4", of(message.ApplicationRejected, caseOf(application.Rejected, decided(application.Rejected)))},
		{"P5-ask", of(message.ApplicationReminder, caseOf(application.NeedsInfo, askedFor, remindsOf(application.AboutAnswer)))},
		{"P5-draft", of(message.ApplicationReminder, caseOf(application.Draft, remindsOf(application.AboutDraft)))},
		{"P5-report", of(message.ApplicationReminder, caseOf(application.Running, remindsOf(application.AboutReport)))},
		{"P6", of(message.ApplicationEnded, caseOf(application.Closed))},
		{"P6-withdrawn", of(message.ApplicationEnded, caseOf(application.Withdrawn))},
		{"P7", of(message.PayoutAnswered, caseOf(application.Running, payout("paid")))},
		{"P7-refused", of(message.PayoutAnswered, caseOf(application.Running, payout("refused")))},
		{"E22", of(message.EventPostponed, invited, reason, func(f *facts) { f.event.Status = event.Postponed })},
	}...)
}

// sampleLinks have the personal parts that the letter asks for.
func sampleLinks(t testing.TB, f facts) links {
	t.Helper()
	l, err := makeLinks(f, "https://stafett.example", func(p registration.Purpose) (string, error) {
		return string(p) + "-token", nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// eachLetter calls fn for every letter in every situation and language.
func eachLetter(t *testing.T, fn func(t *testing.T, name string, f facts, d draft)) {
	for _, l := range everyLetter(t) {
		t.Run(l.name, func(t *testing.T) { fn(t, l.name, l.facts, l.draft) })
	}
}

func TestEveryLetterIsAsInItsGoldenFiles(t *testing.T) {
	eachLetter(t, func(t *testing.T, name string, f facts, d draft) {
		golden(t, name+".html", d.HTML)
		golden(t, name+".txt", strings.TrimSpace("Subject: "+d.Subject+"\nCalendar: "+d.Method)+"\n\n"+d.Text)
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestNoGoldenFileIsLeftOver(t *testing.T) {
	known := map[string]bool{}
	for _, v := range variants() {
		for _, lang := range locale.All() {
			known[v.name+"."+string(lang)+".txt"], known[v.name+"."+string(lang)+".html"] = true, true
		}
	}
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() && !known[e.Name()] {
			t.Errorf("testdata/%s belongs to no letter", e.Name())
		}
	}
}

func TestEveryLetterHasWordsAndAVariant(t *testing.T) {
	seen := map[message.Letter]bool{}
	for _, v := range variants() {
		f := sampleFacts(t, locale.SV)
		v.change(&f)
		seen[f.Letter] = true
	}
	for _, l := range message.All() {
		if !seen[l] {
			t.Errorf("letter %s has no golden file", l)
		}
	}
}

// page reads the HTML of a letter.
func page(t *testing.T, d draft) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(d.HTML))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestTextAndHTMLSayTheSame(t *testing.T) {
	eachLetter(t, func(t *testing.T, _ string, _ facts, d draft) {
		doc := page(t, d)
		text := flat(strings.NewReplacer("\n> ", " ", "\n  ", " ").Replace(d.Text))
		doc.Find("a").Each(func(_ int, a *goquery.Selection) {
			href := strings.TrimPrefix(a.AttrOr("href", ""), "mailto:")
			if href == "" || !strings.Contains(text, href) {
				t.Errorf("the text lacks the link %q", href)
			}
			if label := flat(a.Text()); label == "" || strings.Contains(label, "http") {
				t.Errorf("the link %q has the text %q", href, label)
			}
		})
		lines := 0
		doc.Find("h1, p").Each(func(_ int, s *goquery.Selection) {
			s.Find("br").ReplaceWithHtml("\n")
			for line := range strings.SplitSeq(s.Text(), "\n") {
				if lines++; !strings.Contains(text, flat(line)) {
					t.Errorf("the text lacks %q", line)
				}
			}
		})
		if lines < 10 {
			t.Errorf("only %d lines were found in the HTML", lines)
		}
	})
}

func TestTheHTMLIsWhatMailProgramsAndReadersNeed(t *testing.T) {
	eachLetter(t, func(t *testing.T, _ string, f facts, d draft) {
		doc := page(t, d)
		if len(d.HTML) > 100_000 {
			t.Errorf("%d bytes of HTML", len(d.HTML))
		}
		if got := doc.Find("html").AttrOr("lang", ""); got != string(f.language) {
			t.Errorf("html lang = %q", got)
		}
		if got := doc.Find("h1").Length(); got != 1 {
			t.Errorf("%d headings", got)
		}
		if got := doc.Find("title").Text(); got != d.Subject {
			t.Errorf("title %q, subject %q", got, d.Subject)
		}
		if got := doc.Find("meta[name=color-scheme]").AttrOr("content", ""); got != "light dark" {
			t.Errorf("color-scheme %q", got)
		}
		if got := doc.Find("table:not([role=presentation])").Length(); got != 0 {
			t.Errorf("%d tables that pose as data", got)
		}
		if got := doc.Find("img, script, form, iframe, link, video, object").Length(); got != 0 {
			t.Errorf("%d elements that a letter must not have", got)
		}
		if strings.Contains(d.HTML, "ZgotmplZ") {
			t.Error("the template refused a value")
		}
		for _, ref := range regexp.MustCompile(`https?://[^"' <]*`).FindAllString(d.HTML, -1) {
			handedOut := slices.ContainsFunc(f.materials, func(m material.Material) bool { return html.EscapeString(m.URL) == ref })
			if f.advising != nil && ref == html.EscapeString(f.advising.booking.JoinURL) { // the adviser's own room
				continue
			}
			if !handedOut && !strings.HasPrefix(ref, "https://stafett.example/") && f.Letter != message.OwnWords && f.Letter != message.News { // an organiser may name others
				t.Errorf("foreign address %q", ref)
			}
		}
	})
}

// What a list of mail shows must say the thing in the width of a telephone, and the
// line beside it something else.
func TestTheListOfMailSaysTheThing(t *testing.T) {
	eachLetter(t, func(t *testing.T, _ string, f facts, d draft) {
		beside := strings.Replace(d.Subject, titleOf(f), "", 1)
		if title := f.application.Title; title != "" {
			beside = strings.Replace(beside, title, "", 1)
		}
		if n := utf8.RuneCountInString(beside); n > 50 {
			t.Errorf("%d characters beside the title: %q", n, d.Subject)
		}
		said, rest := strings.ToLower(d.Subject), strings.ToLower(d.Preheader)
		if rest == "" || strings.Contains(rest, said) || f.event.Title != "" && strings.Contains(rest, strings.ToLower(f.event.Title)) {
			t.Errorf("subject %q, then %q", d.Subject, d.Preheader)
		}
		first, _, _ := strings.Cut(said, ":")
		if first = strings.TrimSpace(first); strings.HasPrefix(rest, first) {
			t.Errorf("both say %q", first)
		}
		if got := strings.TrimSpace(page(t, d).Find(`body > div[style*="display:none"]`).Text()); got != d.Preheader {
			t.Errorf("hidden in the letter: %q", got)
		}
	})
}

func TestTheClocksOfAnEventStayOnOneLine(t *testing.T) {
	for lang, want := range map[locale.Language]string{
		locale.SV: "kl.\u00a008.30–12.00", locale.NB: "kl.\u00a008:30 - 12:00", locale.NN: "kl.\u00a008:30 - 12:00", locale.EN: "08:30–12:00",
	} {
		m, f := press(t), sampleFacts(t, lang)
		of(message.EventMoved, oldTime)(&f)
		d, err := m.draft(f, sampleLinks(t, f))
		if err != nil {
			t.Fatal(err)
		}
		got := page(t, d).Find(`span[style="white-space:nowrap"]`).Map(func(_ int, s *goquery.Selection) string { return s.Text() })
		if diff := cmp.Diff([]string{want, want}, got); diff != "" {
			t.Errorf("%s, the new time and the old (-want +got):\n%s", lang, diff)
		}
	}
}

func TestATimeOverSeveralDaysMayBreak(t *testing.T) {
	m, f := press(t), sampleFacts(t, locale.SV)
	f.event.EndsAt = f.event.EndsAt.AddDate(0, 0, 1)
	d, err := m.draft(f, sampleLinks(t, f))
	if err != nil {
		t.Fatal(err)
	}
	if got := page(t, d).Find(`span[style="white-space:nowrap"]`).Length(); got != 0 {
		t.Errorf("%d parts stay on one line", got)
	}
	if want := "torsdag kl.\u00a008.30 till fredag kl.\u00a012.00"; !strings.Contains(page(t, d).Find("td.panel").Text(), want) {
		t.Errorf("the letter does not say %q", want)
	}
}

func TestTheEventsOwnLanguageIsMarked(t *testing.T) {
	m, f := press(t), sampleFacts(t, locale.EN)
	of(message.EventMoved, oldTime, reason)(&f)
	d, err := m.draft(f, sampleLinks(t, f))
	if err != nil {
		t.Fatal(err)
	}
	if got := page(t, d).Find(`[lang=sv]`).Length(); got != 3 {
		t.Errorf("%d parts in Swedish, want title, access and the organiser's words", got)
	}
}

func TestEveryInkIsReadableOnItsGround(t *testing.T) {
	for name, p := range map[string]palette{"light": light, "dark": dark} {
		for _, pair := range [][2]string{
			{"ink", "page"}, {"quiet", "page"}, {"link", "page"}, {"ink", "panel"}, {"quiet", "panel"}, {"on-button", "button"},
		} {
			if got := contrast(t, p[pair[0]], p[pair[1]]); got < 4.5 {
				t.Errorf("%s: %s on %s has %.2f:1", name, pair[0], pair[1], got)
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(light)), slices.Sorted(maps.Keys(dark))); diff != "" {
		t.Errorf("colours in light and dark differ:\n%s", diff)
	}
}

// written reads the texts of letters as they are written; of one that follows a
// number, all its forms.
func written(t *testing.T, lang locale.Language) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../locale/texts/*." + string(lang) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	forms := map[string]any{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(content, &forms); err != nil {
			t.Fatal(err)
		}
	}
	maps.DeleteFunc(forms, func(key string, _ any) bool { return !strings.HasPrefix(key, "mail.") })
	all := map[string]string{}
	for key, form := range forms {
		switch form := form.(type) {
		case string:
			all[key] = form
		case map[string]any:
			all[key] = fmt.Sprint(form["one"], " ", form["other"])
		}
	}
	return all
}

func TestEveryTextOfALetterIsUsed(t *testing.T) {
	// Each text is its own key here, so that what is printed tells which were used.
	keys := map[string]string{}
	for key, text := range written(t, locale.SV) {
		keys[key] = "[" + key + "]" + strings.Join(regexp.MustCompile(`{{[^}]*}}`).FindAllString(text, -1), "")
	}
	content, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	folder := fstest.MapFS{}
	for _, lang := range locale.All() {
		folder["mail."+string(lang)+".json"] = &fstest.MapFile{Data: content}
	}
	catalogue, err := locale.LoadFS(folder)
	if err != nil {
		t.Fatal(err)
	}
	m := press(t)
	m.texts = catalogue
	if m.templates, err = parse(catalogue); err != nil {
		t.Fatal(err)
	}
	printed := "[mail.sample.first_name] [mail.sample.last_name] [mail.sample.own_subject] [mail.sample.own_body]" + // of a preview without a person
		"[mail.a2.paper] [mail.a2.paper_text]" // of the paper that goes with a letter
	for _, v := range append(variants(), variant{"nobody", of(message.Confirmed, func(f *facts) { f.registration.FirstName = "" })}) {
		f := sampleFacts(t, locale.SV)
		v.change(&f)
		d, err := m.draft(f, sampleLinks(t, f))
		if err != nil {
			t.Fatal(err)
		}
		printed += d.Subject + d.Preheader + d.Text + strings.ReplaceAll(string(d.calendar), "\r\n ", "")
	}
	for _, code := range message.Reasons() { // which the organisers' pages print
		printed += "[mail.reason." + code + "]"
	}
	for key := range keys {
		if !strings.Contains(printed, "["+key+"]") {
			t.Errorf("text %q is used nowhere", key)
		}
	}
}

func TestNoTextIsLeftInAnotherLanguage(t *testing.T) {
	all := map[locale.Language]map[string]string{}
	for _, lang := range locale.All() {
		all[lang] = written(t, lang)
	}
	for key, text := range all[locale.SV] {
		if strings.Count(text, " ") > 3 && (text == all[locale.NB][key] || text == all[locale.EN][key]) {
			t.Errorf("%s is Swedish in another language", key)
		}
		for _, word := range []string{"event", "gratis", "no-show"} {
			if regexp.MustCompile(`(?i)\b` + word + `\b`).MatchString(strings.ReplaceAll(text, "{{.", "")) {
				t.Errorf("%s has the word %q", key, word)
			}
		}
	}
	for key, text := range all[locale.NN] {
		for _, word := range []string{"ikke", "jeg", "en", "hvordan", "du er påmeldt", "ennå", "noe", "noen", "fra", "nå", "deltar", "lenken", "ventelisten", "påmeldingen", "plassen sin", "får en"} {
			if regexp.MustCompile(`(?i)(^|[^\p{L}])` + word + `($|[^\p{L}])`).MatchString(text) {
				t.Errorf("%s has the bokmål word %q: %s", key, word, text)
			}
		}
	}
}

func TestAnswersGoToWhoeverCanBeWrittenTo(t *testing.T) {
	for _, tt := range []struct{ setting, event, programme, want string }{
		{"svar@stafett.example", "maja@region.example", "info@region.example", "svar@stafett.example"},
		{"", "maja@region.example", "info@region.example", "maja@region.example"},
		{"", "", "info@region.example", "info@region.example"},
		{"", "måja@region.example", "info@region.example", "info@region.example"},
		{"", "", "", ""},
	} {
		f := sampleFacts(t, locale.SV)
		f.event.ContactEmail, f.programme.ContactEmail = tt.event, tt.programme
		if got := replyAddress(Settings{ReplyTo: tt.setting}, f); got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}
