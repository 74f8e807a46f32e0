package event_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/programme"
)

type content = event.Content

func TestWhatMustBeCorrectedBeforeAnEventIsStored(t *testing.T) {
	long := func(n int) string { return strings.Repeat("å", n) }
	for _, tt := range []struct {
		name   string
		change func(*content)
		want   []string
	}{
		{"nothing", func(c *content) {}, nil},
		{"a draft may lack nearly everything", func(c *content) {
			*c = content{Kind: c.Kind, Language: "nn", Title: "Tittel", Mode: c.Mode, StartsAt: c.StartsAt, EndsAt: c.EndsAt, TimeZone: "Europe/Oslo"}
		}, nil},
		{"an empty form", func(c *content) { *c = content{} }, []string{
			"kind:choice", "language:choice", "mode:choice", "title:required", "time_zone:choice", "starts_at:required"}},
		{"a kind that is none", func(c *content) { c.Kind = "party" }, []string{"kind:choice"}},
		{"a language that is none of the four", func(c *content) { c.Language = "da" }, []string{"language:choice"}},
		{"another time zone", func(c *content) { c.TimeZone = "Europe/Helsinki" }, []string{"time_zone:choice"}},
		{"a title of blanks", func(c *content) { c.Title = " \t " }, []string{"title:required"}},
		{"the longest title", func(c *content) { c.Title = long(200) }, nil},
		{"texts too long", func(c *content) {
			c.Title, c.Summary, c.Description = long(201), long(4001), long(20_001)
			c.VenueName, c.VenueAddress, c.AccessNotes = long(301), long(301), long(4001)
			c.PriceNote, c.ContactName, c.ContactPhone = long(301), long(301), strings.Repeat("0", 61)
			c.JoinURL = "https://example.se/" + strings.Repeat("a", 2000)
		}, []string{"title:too_long", "summary:too_long", "description:too_long", "venue:too_long", "venue_address:too_long", "access_notes:too_long",
			"join_url:too_long", "price_note:too_long", "contact_name:too_long", "contact_phone:too_long"}},
		{"a way in that is no secure address", func(c *content) { c.JoinURL = "http://example.se/x" }, []string{"join_url:web_address"}},
		{"a way in that is a script", func(c *content) { c.JoinURL = "javascript:alert(1)" }, []string{"join_url:web_address"}},
		{"a way in with a name and password", func(c *content) { c.JoinURL = "https://a:b@example.se/" }, []string{"join_url:web_address"}},
		{"a way in without a host", func(c *content) { c.JoinURL = "https:///x" }, []string{"join_url:web_address"}},
		{"a contact with a name before the address", func(c *content) { c.ContactEmail = "Ida <ida@example.se>" }, []string{"contact_email:email"}},
		{"a contact on no domain", func(c *content) { c.ContactEmail = "ida@localhost" }, []string{"contact_email:email"}},
		{"a price below nothing", func(c *content) { c.PriceMinor = -1 }, []string{"price:number"}},
		{"the highest price", func(c *content) { c.PriceMinor = 100_000_00 }, nil},
		{"a price beyond sense", func(c *content) { c.PriceMinor = 100_000_01 }, []string{"price:number"}},
		{"no start", func(c *content) { c.StartsAt, c.ClosesAt = time.Time{}, time.Time{} }, []string{"starts_at:required"}},
		{"no end", func(c *content) { c.EndsAt, c.Agenda = time.Time{}, nil }, []string{"ends_at:required"}},
		{"an end at the start", func(c *content) { c.EndsAt, c.Agenda = c.StartsAt, nil }, []string{"ends_at:after_start"}},
		{"an end before the start", func(c *content) { c.EndsAt, c.Agenda = c.StartsAt.Add(-time.Minute), nil }, []string{"ends_at:after_start"}},
		{"a fortnight", func(c *content) { c.EndsAt = c.StartsAt.Add(14 * 24 * time.Hour) }, nil},
		{"more than a fortnight", func(c *content) { c.EndsAt = c.StartsAt.Add(14*24*time.Hour + 1) }, []string{"ends_at:too_late"}},
		{"registration until the start", func(c *content) { c.ClosesAt = c.StartsAt }, nil},
		{"registration beyond the start", func(c *content) { c.ClosesAt = c.StartsAt.Add(time.Second) }, []string{"registration_closes_at:by_start"}},
		{"registration that opens as it closes", func(c *content) { c.OpensAt = c.ClosesAt }, nil},
		{"registration that opens after it closes", func(c *content) { c.OpensAt = c.ClosesAt.Add(time.Second) }, []string{"registration_opens_at:before_close"}},
		{"a promise on no day", func(c *content) { c.JoinPromisedOn = "2027-02-30" }, []string{"join_promised_on:date"}},
		{"numbers of nought", func(c *content) {
			c.RoomPlaces, c.OnlinePlaces, c.MinParticipants, c.CompanyLimit = new(0), new(0), new(0), new(-1)
		}, []string{"room_places:at_least_one", "online_places:at_least_one", "min_participants:at_least_one", "company_limit:at_least_one"}},
		{"no limit of places", func(c *content) { c.RoomPlaces = nil }, nil},
		{"more places than a stadium", func(c *content) { c.RoomPlaces = new(100_001) }, []string{"room_places:at_least_one"}},
		{"an audience that is none", func(c *content) { c.Audiences = []string{"buyer", "everybody"} }, []string{"audience:choice"}},
		{"an audience twice", func(c *content) { c.Audiences = []string{"buyer", "buyer"} }, []string{"audience:choice"}},
		{"an agenda without a title", func(c *content) { c.Agenda[1].Title = " " }, []string{"agenda:agenda_title"}},
		{"an agenda out of order", func(c *content) { c.Agenda[0].OffsetMinutes = 10 }, []string{"agenda:agenda_order"}},
		{"an agenda beyond the end", func(c *content) { c.Agenda[2].OffsetMinutes = 181 }, []string{"agenda:agenda_after_end"}},
		{"an agenda with two things at once", func(c *content) { c.Agenda[0].OffsetMinutes = 0 }, nil},
		{"a question without words", func(c *content) { c.Questions = []event.Question{{Kind: event.TextQuestion, Label: " "}} }, []string{"questions:question_label"}},
		{"a choice of one", func(c *content) {
			c.Questions = []event.Question{{Kind: event.ChoiceQuestion, Label: "?", Options: []string{"ja"}}}
		}, []string{"questions:question_options"}},
		{"choices of none", func(c *content) { c.Questions = []event.Question{{Kind: event.ChoicesQuestion, Label: "?"}} }, []string{"questions:question_options"}},
		{"a question of no kind", func(c *content) { c.Questions = []event.Question{{Kind: "number", Label: "?"}} }, []string{"questions:choice"}},
		{"every kind of question", func(c *content) {
			c.Questions = []event.Question{{Kind: event.TextQuestion, Label: "?"}, {Kind: event.YesNoQuestion, Label: "?"},
				{Kind: event.ChoiceQuestion, Label: "?", Options: []string{"a", "b"}}, {Kind: event.ChoicesQuestion, Label: "?", Options: []string{"a", "b"}}}
		}, nil},
		{"texts that deceive a reader or break a mail's header", func(c *content) {
			c.Title, c.Summary, c.Description, c.VenueName = "Krav\r\nBcc: b@example.se", "a\x00b", "a\u202eb", "a\u2028b"
			c.VenueAddress, c.AccessNotes, c.PriceNote, c.ContactName, c.ContactPhone = "a\nb", "a\u2066b", "a\x7fb", "a\xffb", "0\t0"
		}, []string{"title:characters", "summary:characters", "description:characters", "venue:characters", "venue_address:characters",
			"access_notes:characters", "price_note:characters", "contact_name:characters", "contact_phone:characters"}},
		{"such texts in rows", func(c *content) {
			c.Agenda[0].Title, c.CoOrganisers, c.Speakers = "a\nb", []string{"a\u202eb"}, []event.Speaker{{Name: "Åsa", Organisation: "a\x00b"}}
			c.Questions = []event.Question{{Kind: event.ChoiceQuestion, Label: "?", Options: []string{"a", "b\u2029"}}}
		}, []string{"agenda:characters", "questions:characters", "speakers:characters", "co_organisers:characters"}},
		{"texts of several lines", func(c *content) { c.Summary, c.Description, c.AccessNotes = "a\nb", "a\n\n\tb", "a\nb" }, nil},
		{"too many speakers", func(c *content) { c.Speakers = make([]event.Speaker, 101) }, []string{"speakers:too_many"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := seminar()
			tt.change(&c)
			if diff := cmp.Diff(tt.want, codes(c.Check().Err())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsMissingBeforeAnEventIsPublished(t *testing.T) {
	now := utc("2027-01-13T09:00:00Z")
	for _, tt := range []struct {
		name   string
		from   content
		change func(*content, *programme.Programme)
		want   []string
	}{
		{"nothing in a room", seminar(), func(*content, *programme.Programme) {}, nil},
		{"nothing online", webinar(), func(*content, *programme.Programme) {}, nil},
		{"nothing in both", hybrid(), func(*content, *programme.Programme) {}, nil},
		{"everything", content{Mode: event.Hybrid}, func(c *content, _ *programme.Programme) {
			s := seminar()
			c.Kind, c.Language, c.Title, c.TimeZone, c.StartsAt, c.EndsAt = s.Kind, s.Language, s.Title, s.TimeZone, s.StartsAt, s.EndsAt
		}, []string{"summary:required", "audience:required", "contact_name:required", "contact_email:required", "municipality:required", "venue:required", "join_url:join_or_promise"}},
		{"what cannot be stored either", seminar(), func(c *content, _ *programme.Programme) { c.Title = "" }, []string{"title:required"}},
		{"a start to come", seminar(), func(c *content, _ *programme.Programme) {
			c.StartsAt, c.EndsAt, c.ClosesAt, c.Agenda = now, now.Add(time.Hour), now, nil
		}, []string{"starts_at:in_future"}},
		{"a telephone will do", seminar(), func(c *content, _ *programme.Programme) { c.ContactEmail, c.ContactPhone = "", "023-00 00 00" }, nil},
		{"an address will do for a venue", seminar(), func(c *content, _ *programme.Programme) { c.VenueName = "" }, nil},
		{"a municipality, where people meet", hybrid(), func(c *content, _ *programme.Programme) { c.Municipality = municipality.Code{} }, []string{"municipality:required"}},
		{"a way in", webinar(), func(c *content, _ *programme.Programme) { c.JoinURL = "" }, []string{"join_url:join_or_promise"}},
		{"a promised way in will do", webinar(), func(c *content, _ *programme.Programme) { c.JoinURL, c.JoinPromisedOn = "", "2027-03-03" }, nil},
		{"a decision that lets a Swedish authority erase diets", seminar(), func(c *content, _ *programme.Programme) { c.Catering = true }, []string{"catering:diet_needs_decision"}},
		{"nothing with such a decision", seminar(), func(c *content, p *programme.Programme) { c.Catering, p.ErasureDecision = true, "2027-14" }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, p := tt.from, dalarna()
			tt.change(&c, &p)
			if diff := cmp.Diff(tt.want, codes(c.CheckPublish(p, now).Err())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatAnOrganiserIsWarnedOf(t *testing.T) {
	for _, tt := range []struct {
		name   string
		from   content
		change func(*content)
		want   []event.Warning
	}{
		{"nothing", hybrid(), func(*content) {}, nil},
		{"everything", hybrid(), func(c *content) { c.AccessNotes, c.JoinURL, c.Agenda = "", "", nil }, []event.Warning{"access_notes", "join_url", "agenda"}},
		{"access matters where people meet", webinar(), func(c *content) {}, nil},
		{"a way in matters online", seminar(), func(c *content) {}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.from
			tt.change(&c)
			if diff := cmp.Diff(tt.want, c.Warnings()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRegistrationClosesByDefaultAWeekBeforeOnTheLocalClock(t *testing.T) {
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		mode  event.Mode
		start string
		want  string
	}{
		{"in winter", event.Room, "2027-03-10T09:00:00+01:00", "2027-03-03T23:59:00+01:00"},
		{"in summer", event.Room, "2027-06-10T09:00:00+02:00", "2027-06-03T23:59:00+02:00"},
		{"over the beginning of summer time", event.Room, "2027-03-31T09:00:00+02:00", "2027-03-24T23:59:00+01:00"},
		{"on the day that summer time begins", event.Room, "2027-04-04T09:00:00+02:00", "2027-03-28T23:59:00+02:00"},
		{"over the end of summer time", event.Room, "2027-11-03T09:00:00+01:00", "2027-10-27T23:59:00+02:00"},
		{"on the day that summer time ends", event.Room, "2027-11-07T09:00:00+01:00", "2027-10-31T23:59:00+01:00"},
		{"just after midnight", event.Room, "2027-03-29T00:30:00+02:00", "2027-03-22T23:59:00+01:00"},
		{"over the new year", event.Room, "2028-01-03T09:00:00+01:00", "2027-12-27T23:59:00+01:00"},
		{"in both", event.Hybrid, "2027-03-10T09:00:00+01:00", "2027-03-03T23:59:00+01:00"},
		{"online: at the start", event.Online, "2027-03-31T09:00:00+02:00", "2027-03-31T09:00:00+02:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := event.DefaultClosesAt(tt.mode, utc(tt.start), stockholm)
			if want := utc(tt.want); got != want {
				t.Errorf("closes %v, want %v", got.In(stockholm), want.In(stockholm))
			}
		})
	}
}
