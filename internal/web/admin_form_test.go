package web

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/data"
	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/programme"
)

func TestALocalTimeIsOneMomentOrAnError(t *testing.T) {
	for _, tt := range []struct{ name, date, clock, want, code string }{
		{"in winter", "2027-01-13", "09:00", "2027-01-13T08:00:00Z", ""},
		{"in summer", "2027-06-13", "09:00", "2027-06-13T07:00:00Z", ""},
		{"before the clocks go forward", "2027-03-28", "01:59", "2027-03-28T00:59:00Z", ""},
		{"in the hour that is skipped", "2027-03-28", "02:30", "", "clock_gap"},
		{"after the clocks went forward", "2027-03-28", "03:00", "2027-03-28T01:00:00Z", ""},
		{"the first of an hour that comes twice", "2027-10-31", "02:30", "2027-10-31T00:30:00Z", ""},
		{"after the hour that comes twice", "2027-10-31", "03:00", "2027-10-31T02:00:00Z", ""},
		{"a day that does not exist", "2027-02-29", "09:00", "", "date"},
		{"a day in words", "i morgon", "09:00", "", "date"},
		{"a slip of the keyboard", "0207-01-13", "09:00", "", "date"},
		{"a time that does not exist", "2027-01-13", "24:00", "", "date"},
		{"no time", "2027-01-13", "", "", "date"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, code := localInstant(tt.date, tt.clock, deskZone())
			got := ""
			if !at.IsZero() {
				got = at.Format(time.RFC3339)
			}
			if got != tt.want || code != tt.code {
				t.Errorf("got %q, %q; want %q, %q", got, code, tt.want, tt.code)
			}
		})
	}
}

func FuzzLocalInstant(f *testing.F) {
	for _, s := range [][2]string{{"2027-03-28", "02:30"}, {"2027-10-31", "02:30"}, {"", ""}, {"9999-12-31", "23:59"}, {"2199-12-31", "23:59"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, date, clock string) {
		at, code := localInstant(date, clock, deskZone())
		if code != "" {
			return
		}
		d, c := dayAndClock(at, deskZone())
		day, err := time.Parse(time.DateOnly, date)
		hm, err2 := time.Parse("15:04", clock)
		if err != nil || err2 != nil || d != day.Format(time.DateOnly) || c != hm.Format("15:04") {
			t.Errorf("%q %q became %s %s", date, clock, d, c)
		}
	})
}

func TestAmountsAreReadInKronor(t *testing.T) {
	for _, tt := range []struct {
		typed string
		want  int64
		ok    bool
	}{
		{"", 0, true}, {"0", 0, true}, {"250", 25000, true}, {"1 250", 125000, true}, {"1\u00a0250", 125000, true}, {"1250,50", 125050, true}, {"1250.50", 125050, true},
		{"-5", 0, false}, {"gratis", 0, false}, {"1,5", 0, false}, {"1.250.000", 0, false}, {",50", 0, false}, {"99999999999999999999", 0, false}, {"٣", 0, false},
	} {
		if got, ok := oreOf(tt.typed); got != tt.want || ok != tt.ok {
			t.Errorf("%q is %d, %v; want %d, %v", tt.typed, got, ok, tt.want, tt.ok)
		}
	}
	for minor, want := range map[int64]string{25000: "250", 125050: "1250,50", 5: "0,05"} {
		if got := kronor(minor); got != want {
			t.Errorf("%d is written %q, want %q", minor, got, want)
		}
	}
}

// wholeContent has something in every field.
func wholeContent(t *testing.T) event.Content {
	return event.Content{
		Kind: event.Conference, Language: "nb", Title: "To dager", Summary: "Kort.", Description: "## Mer\n\n- om", Mode: event.Hybrid,
		StartsAt: localTime(t, "2027-03-27 10:00"), EndsAt: localTime(t, "2027-03-28 15:00"), TimeZone: "Europe/Stockholm",
		OpensAt: localTime(t, "2027-02-01 08:00"), ClosesAt: localTime(t, "2027-03-20 23:59"), RoomPlaces: new(40), OnlinePlaces: new(200),
		Municipality: municipality.Code{Country: "SE", Number: "2062"}, VenueName: "Kajen", VenueAddress: "Strandgatan 1", AccessNotes: "Hörslinga.",
		JoinURL: "https://meet.example.se/abc", JoinPromisedOn: "2027-03-20", PriceMinor: 125050, PriceNote: "Lunch ingår",
		ContactName: "Ida Lind", ContactEmail: "ida@example.se", ContactPhone: "023-12 34 56", AskPhone: true, Catering: true, WaitingList: true,
		MinParticipants: new(5), CompanyLimit: new(2), Audiences: []string{"supplier_sme", "procurer"}, AudienceMode: event.AudienceInvite, OwnMunicipality: true, ConfirmEmail: true, DecisionOn: "2027-03-20", CoOrganisers: []string{"Mora kommun", "Orsa kommun"},
		Agenda:   []event.AgendaItem{{OffsetMinutes: -30, Title: "Kaffe"}, {OffsetMinutes: 0, Title: "Välkommen"}, {OffsetMinutes: 22 * 60, Title: "Dag två"}},
		Speakers: []event.Speaker{{Name: "Anna Berg", Organisation: "Region Dalarna"}, {Name: "Per Å"}},
		Questions: []event.Question{
			{ID: "q1", Kind: event.ChoiceQuestion, Label: "Buss?", Required: true, Options: []string{"Ja tack", "Nej"}},
			{ID: "q2", Kind: event.TextQuestion, Label: "Vad vill du veta?"},
		},
	}
}

// Day two is the one on which the clocks go forward: nine o'clock there is 22
// hours after ten o'clock the day before.
func TestWhatIsShownToEditIsWhatWasStored(t *testing.T) {
	places, err := municipality.Load(data.Files)
	if err != nil {
		t.Fatal(err)
	}
	want := wholeContent(t)
	p := programme.Programme{Country: "SE", TimeZone: "Europe/Stockholm"}
	got, fields := formOf(want, places).content(p, places)
	if len(fields) > 0 {
		t.Errorf("errors: %v", fields)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFormIsRefusedFieldByField(t *testing.T) {
	places, err := municipality.Load(data.Files)
	if err != nil {
		t.Fatal(err)
	}
	authority := programme.Programme{Country: "SE", TimeZone: "Europe/Stockholm", Authority: true, ErasureDecision: "2027-14"}
	for _, tt := range []struct {
		name   string
		change func(*eventForm)
		want   string // field:code
	}{
		{"a time that the clocks skip", func(f *eventForm) { f.StartsAt, f.StartsTime = "2027-03-28", "02:30" }, "starts_at:clock_gap"},
		{"an end before the start", func(f *eventForm) { f.EndsAt, f.EndsTime = f.StartsAt, "07:00" }, "ends_at:after_start"},
		{"an end without a date is on the same day", func(f *eventForm) { f.EndsAt, f.EndsTime, f.Agenda = "", "12:00", nil }, ""},
		{"no start", func(f *eventForm) { f.StartsAt, f.StartsTime = "", "" }, "starts_at:required"},
		{"an opening after the closing", func(f *eventForm) { f.OpensAt, f.ClosesAt, f.ClosesTime = "2027-03-21", "", "" }, "registration_opens_at:before_close"},
		{"places in words", func(f *eventForm) { f.RoomPlaces = "många" }, "room_places:number"},
		{"no place", func(f *eventForm) { f.RoomPlaces = "0" }, "room_places:at_least_one"},
		{"places of a mode that the event does not have", func(f *eventForm) { f.Mode, f.OnlinePlaces = "room", "många" }, ""},
		{"a town that does not exist", func(f *eventForm) { f.Municipality = "Ankeborg" }, "municipality:municipality"},
		{"a town of the other country", func(f *eventForm) { f.Municipality = "Ålesund" }, ""},
		{"a price in words", func(f *eventForm) { f.Price = "gratis" }, "price:number"},
		{"an address that is not https", func(f *eventForm) { f.JoinURL = "http://meet.example.se" }, "join_url:web_address"},
		{"an agenda without a time", func(f *eventForm) { f.Agenda[0].Time = "" }, "agenda:date"},
		{"an agenda out of order on one day", func(f *eventForm) {
			f.EndsAt, f.EndsTime = f.StartsAt, "15:00"
			f.Agenda = []agendaRow{{"11:00", "Ett"}, {"10:00", "Två"}}
		}, "agenda:agenda_order"},
		{"a speaker without a name", func(f *eventForm) { f.Speakers = []speakerRow{{"", "Region Dalarna"}} }, "speakers:required"},
		{"a choice of one", func(f *eventForm) { f.Questions[0].Options = "Ja" }, "questions:question_options"},
		{"a question of no kind", func(f *eventForm) { f.Questions[0].Kind = "file" }, "questions:choice"},
		{"no kind of event", func(f *eventForm) { f.Kind = "party" }, "kind:choice"},
		{"an audience that does not exist", func(f *eventForm) { f.Audiences = []string{"everybody"} }, "audience:choice"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form := formOf(wholeContent(t), places)
			tt.change(&form)
			_, fields := form.content(authority, places)
			if got := named(fields); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("food without a decision to erase", func(t *testing.T) {
		p := authority
		p.ErasureDecision = ""
		_, fields := formOf(wholeContent(t), places).content(p, places)
		if got := named(fields); got != "catering:diet_needs_decision" {
			t.Errorf("got %q", got)
		}
	})
}

func named(fields problem.Fields) string {
	s := ""
	for i, f := range fields {
		if i > 0 {
			s += " "
		}
		s += f.Name + ":" + f.Code
	}
	return s
}
