package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/programme"
)

// eventForm is what an organiser typed about an event, and all that may be set
// by it. Dates and times are those of the event's own clock.
type eventForm struct {
	Programme                     string // on a new event only
	Kind, Language, Mode          string
	Title, Summary, Description   string
	StartsAt, StartsTime          string
	EndsAt, EndsTime              string // no date: that of the start
	OpensAt, OpensTime            string
	ClosesAt, ClosesTime          string // neither: by the rule
	RoomPlaces, OnlinePlaces      string
	Municipality, Venue           string
	VenueAddress, AccessNotes     string
	JoinURL, JoinPromisedOn       string
	Price, PriceNote              string // whole kronor, or with two decimals
	ContactName                   string
	ContactEmail, ContactPhone    string
	AskPhone, Catering            bool
	WaitingList                   bool
	MinParticipants, CompanyLimit string
	Audiences                     []string
	AudienceMode, DecisionOn      string
	OwnMunicipality, ConfirmEmail bool
	CoOrganisers                  string // one on each line
	Agenda                        []agendaRow
	Speakers                      []speakerRow
	Questions                     []questionRow
	Revision                      int // of the event that the editor began with
	typed                         problem.Fields
}

type agendaRow struct{ Time, Title string }

type speakerRow struct{ Name, Organisation string }

type questionRow struct {
	ID, Kind, Label, Options string // Options has one on each line
	Required                 bool
}

// eventFields are the names of the form's fields, in the order of the page. A
// list of errors follows it, and a step that asks once more sends them all again.
var eventFields = []string{
	"programme", "revision", "kind", "language", "title", "summary", "description", "audience",
	"starts_at", "starts_time", "ends_at", "ends_time", "mode", "municipality", "venue", "venue_address", "access_notes", "room_places",
	"online_places", "join_url", "join_promised_on", "registration_opens_at", "registration_opens_time",
	"registration_closes_at", "registration_closes_time", "waiting_list", "company_limit", "min_participants", "decision_on", "audience_mode", "own_municipality", "confirm_email",
	"price", "price_note", "catering", "ask_phone", "agenda", "agenda_time", "agenda_title", "speakers", "speaker_name", "speaker_organisation",
	"questions", "question_id", "question_kind", "question_label", "question_required", "question_options",
	"contact_name", "contact_email", "contact_phone", "co_organisers",
}

func readEventForm(c *gin.Context) eventForm {
	var f problem.Fields
	line := func(name string) string { return typedLine(c, name, &f) }
	text := func(name string) string { return typedText(c, name, &f) }
	form := eventForm{
		Programme: c.PostForm("programme"), Kind: c.PostForm("kind"), Language: c.PostForm("language"), Mode: c.PostForm("mode"),
		Title: line("title"), Summary: text("summary"), Description: text("description"),
		StartsAt: line("starts_at"), StartsTime: line("starts_time"), EndsAt: line("ends_at"), EndsTime: line("ends_time"),
		OpensAt: line("registration_opens_at"), OpensTime: line("registration_opens_time"),
		ClosesAt: line("registration_closes_at"), ClosesTime: line("registration_closes_time"),
		RoomPlaces: line("room_places"), OnlinePlaces: line("online_places"), Municipality: line("municipality"), Venue: line("venue"),
		VenueAddress: line("venue_address"), AccessNotes: text("access_notes"), JoinURL: line("join_url"), JoinPromisedOn: line("join_promised_on"),
		Price: line("price"), PriceNote: line("price_note"), ContactName: line("contact_name"), ContactEmail: line("contact_email"),
		ContactPhone: line("contact_phone"), AskPhone: c.PostForm("ask_phone") != "", Catering: c.PostForm("catering") != "",
		WaitingList: c.PostForm("waiting_list") != "", MinParticipants: line("min_participants"), CompanyLimit: line("company_limit"),
		AudienceMode: c.PostForm("audience_mode"), OwnMunicipality: c.PostForm("own_municipality") != "",
		ConfirmEmail: c.PostForm("confirm_email") != "", DecisionOn: line("decision_on"),
		Audiences: eachOnce(c.PostFormArray("audience")), CoOrganisers: text("co_organisers"),
	}
	form.readRows(c, &f)
	form.Revision, _ = strconv.Atoi(c.PostForm("revision")) // any other number is one that somebody else has saved over
	form.typed = f
	return form
}

// eachOnce leaves out what stands there already.
func eachOnce(values []string) []string {
	var once []string
	for _, v := range values {
		if !slices.Contains(once, v) {
			once = append(once, v)
		}
	}
	return once
}

// readRows reads the lists whose fields have one name in every row; rows in
// which nothing is written are left out.
func (form *eventForm) readRows(c *gin.Context, f *problem.Fields) {
	column := func(field, name string) func(int) string {
		values := c.PostFormArray(name)
		return func(i int) string {
			if i >= len(values) {
				return ""
			}
			return checkTyped(field, values[i], name == "question_options", f)
		}
	}
	count := func(name string) int { return len(c.PostFormArray(name)) }

	at, title := column("agenda", "agenda_time"), column("agenda", "agenda_title")
	for i := range count("agenda_title") {
		if r := (agendaRow{at(i), title(i)}); r != (agendaRow{}) {
			form.Agenda = append(form.Agenda, r)
		}
	}
	name, organisation := column("speakers", "speaker_name"), column("speakers", "speaker_organisation")
	for i := range count("speaker_name") {
		if r := (speakerRow{name(i), organisation(i)}); r != (speakerRow{}) {
			form.Speakers = append(form.Speakers, r)
		}
	}
	id, kind := column("questions", "question_id"), column("questions", "question_kind")
	label, options := column("questions", "question_label"), column("questions", "question_options")
	required := c.PostFormArray("question_required") // places of rows, from 1: a box that is not ticked is not sent
	for i := range count("question_label") {
		r := questionRow{ID: id(i), Kind: kind(i), Label: label(i), Options: options(i), Required: slices.Contains(required, strconv.Itoa(i+1))}
		if r.Label != "" || r.Options != "" {
			form.Questions = append(form.Questions, r)
		}
	}
}

// formOf shows an event's content as it can be edited.
func formOf(c event.Content, places *municipality.Register) eventForm {
	loc := c.Location()
	form := eventForm{
		Kind: string(c.Kind), Language: c.Language, Mode: string(c.Mode), Title: c.Title, Summary: c.Summary, Description: c.Description,
		RoomPlaces: optionalNumber(c.RoomPlaces), OnlinePlaces: optionalNumber(c.OnlinePlaces), Venue: c.VenueName, VenueAddress: c.VenueAddress,
		AccessNotes: c.AccessNotes, JoinURL: c.JoinURL, JoinPromisedOn: c.JoinPromisedOn, PriceNote: c.PriceNote,
		ContactName: c.ContactName, ContactEmail: c.ContactEmail, ContactPhone: c.ContactPhone, AskPhone: c.AskPhone, Catering: c.Catering,
		WaitingList: c.WaitingList, MinParticipants: optionalNumber(c.MinParticipants), CompanyLimit: optionalNumber(c.CompanyLimit),
		AudienceMode: string(cmp.Or(c.AudienceMode, event.AudienceInfo)), OwnMunicipality: c.OwnMunicipality, ConfirmEmail: c.ConfirmEmail, DecisionOn: c.DecisionOn,
		Audiences: c.Audiences, CoOrganisers: strings.Join(c.CoOrganisers, "\n"),
	}
	if c.PriceMinor != 0 {
		form.Price = kronor(c.PriceMinor)
	}
	if m, ok := places.Find(c.Municipality); ok {
		form.Municipality = m.Label()
	}
	form.StartsAt, form.StartsTime = dayAndClock(c.StartsAt, loc)
	form.EndsAt, form.EndsTime = endDayAndClock(c.StartsAt, c.EndsAt, loc)
	form.OpensAt, form.OpensTime = dayAndClock(c.OpensAt, loc)
	form.ClosesAt, form.ClosesTime = dayAndClock(c.ClosesAt, loc)
	for _, a := range c.Agenda {
		_, clock := dayAndClock(c.StartsAt.Add(time.Duration(a.OffsetMinutes)*time.Minute), loc)
		form.Agenda = append(form.Agenda, agendaRow{clock, a.Title})
	}
	for _, s := range c.Speakers {
		form.Speakers = append(form.Speakers, speakerRow(s))
	}
	for _, q := range c.Questions {
		form.Questions = append(form.Questions, questionRow{ID: q.ID, Kind: string(q.Kind), Label: q.Label, Required: q.Required, Options: strings.Join(q.Options, "\n")})
	}
	return form
}

// content is what the form says, for an event of the programme, with everything
// in it that must be corrected, in the order of the page.
func (form eventForm) content(p programme.Programme, places *municipality.Register) (event.Content, problem.Fields) {
	f := slices.Clone(form.typed)
	c := event.Content{
		Kind: event.Kind(form.Kind), Language: form.Language, Mode: event.Mode(form.Mode), Title: form.Title, Summary: form.Summary,
		Description: form.Description, TimeZone: p.TimeZone, VenueName: form.Venue, VenueAddress: form.VenueAddress, AccessNotes: form.AccessNotes,
		JoinURL: form.JoinURL, JoinPromisedOn: form.JoinPromisedOn, PriceNote: form.PriceNote, ContactName: form.ContactName,
		ContactEmail: form.ContactEmail, ContactPhone: form.ContactPhone, AskPhone: form.AskPhone, Catering: form.Catering,
		AudienceMode: event.AudienceMode(form.AudienceMode), OwnMunicipality: form.OwnMunicipality, ConfirmEmail: form.ConfirmEmail, DecisionOn: form.DecisionOn,
		WaitingList: form.WaitingList, Audiences: form.Audiences, CoOrganisers: fullLines(form.CoOrganisers),
	}
	form.readTimes(&c, &f)
	form.readNumbers(&c, &f)
	c.Municipality = form.town(p.Country, places, &f)
	c.Agenda = form.agenda(c, &f)
	for _, s := range form.Speakers {
		if s.Name == "" {
			f.Add("speakers", "required")
		}
		c.Speakers = append(c.Speakers, event.Speaker(s))
	}
	for _, q := range form.Questions {
		c.Questions = append(c.Questions, q.question(&f))
	}
	if c.Catering && !p.MayAskDiet() {
		f.Add("catering", "diet_needs_decision")
	}
	for _, x := range c.Check() {
		follows := c.StartsAt.IsZero() && (x.Code == "by_start" || x.Code == "decision_before") || f.Has("municipality") && x.Name == "own_municipality" || f.Has("ends_at") && x.Code == "agenda_after_end"
		if !follows { // from a mistake that is named already
			f.Add(x.Name, x.Code, x.Args...)
		}
	}
	return c, inOrder(f)
}

// inOrder sorts errors by where their fields stand on the page.
func inOrder(f problem.Fields) problem.Fields {
	slices.SortStableFunc(f, func(a, b problem.Field) int {
		return cmp.Compare(slices.Index(eventFields, a.Name), slices.Index(eventFields, b.Name))
	})
	return f
}

func (form eventForm) readTimes(c *event.Content, f *problem.Fields) {
	loc := c.Location()
	c.StartsAt = typedInstant("starts_at", form.StartsAt, form.StartsTime, loc, f)
	endsOn := form.EndsAt
	if endsOn == "" && form.EndsTime != "" {
		endsOn = form.StartsAt
	}
	c.EndsAt = typedInstant("ends_at", endsOn, form.EndsTime, loc, f)
	c.OpensAt = typedInstant("registration_opens_at", form.OpensAt, form.OpensTime, loc, f)
	c.ClosesAt = typedInstant("registration_closes_at", form.ClosesAt, form.ClosesTime, loc, f)
	if c.ClosesAt.IsZero() && !c.StartsAt.IsZero() {
		c.ClosesAt = event.DefaultClosesAt(c.Mode, c.StartsAt, loc)
	}
}

func (form eventForm) readNumbers(c *event.Content, f *problem.Fields) {
	for _, x := range []struct {
		name, typed string
		to          **int
		counts      bool
	}{
		{"room_places", form.RoomPlaces, &c.RoomPlaces, c.Mode != event.Online},
		{"online_places", form.OnlinePlaces, &c.OnlinePlaces, c.Mode != event.Room},
		{"min_participants", form.MinParticipants, &c.MinParticipants, true},
		{"company_limit", form.CompanyLimit, &c.CompanyLimit, true},
	} {
		if x.typed == "" || !x.counts {
			continue
		}
		n, err := strconv.Atoi(withoutSpaces(x.typed))
		if err != nil {
			f.Add(x.name, "number")
			continue
		}
		*x.to = &n
	}
	minor, ok := oreOf(form.Price)
	if !ok {
		f.Add("price", "number")
	}
	c.PriceMinor = minor
}

// town is the municipality that was typed: one of the programme's country
// before one of the other.
func (form eventForm) town(country string, places *municipality.Register, f *problem.Fields) municipality.Code {
	if form.Municipality == "" || form.Mode == string(event.Online) {
		return municipality.Code{}
	}
	other := map[string]string{"SE": "NO", "NO": "SE"}[country]
	for _, country := range []string{country, other} {
		if m, ok := places.Match(country, form.Municipality); ok {
			return m.Code
		}
	}
	f.Add("municipality", "municipality")
	return municipality.Code{}
}

// agenda turns times of day into spans from the start. In an event of several
// days a time that is earlier than the one before it is on the next day.
func (form eventForm) agenda(c event.Content, f *problem.Fields) []event.AgendaItem {
	if c.StartsAt.IsZero() || c.EndsAt.IsZero() {
		return nil // the error stands at the date already, and what was typed is kept
	}
	loc := c.Location()
	day, last := c.LocalStart(), c.LocalEnd().Format(time.DateOnly)
	var items []event.AgendaItem
	before := ""
	for i, row := range form.Agenda {
		if next := day.AddDate(0, 0, 1); i > 0 && row.Time < before && next.Format(time.DateOnly) <= last {
			day = next
		}
		at, code := localInstant(day.Format(time.DateOnly), row.Time, loc)
		if code != "" {
			f.Add("agenda", code)
			continue
		}
		items = append(items, event.AgendaItem{OffsetMinutes: int(at.Sub(c.StartsAt).Minutes()), Title: row.Title})
		before = row.Time
	}
	return items
}

func (q questionRow) question(f *problem.Fields) event.Question {
	kind := event.QuestionKind(q.Kind)
	if !slices.Contains(questionKinds(), kind) {
		f.Add("questions", "choice")
	}
	made := event.Question{ID: q.ID, Kind: kind, Label: q.Label, Required: q.Required}
	if kind == event.ChoiceQuestion || kind == event.ChoicesQuestion {
		made.Options = fullLines(q.Options)
	}
	return made
}

func questionKinds() []event.QuestionKind {
	return []event.QuestionKind{event.TextQuestion, event.ChoiceQuestion, event.ChoicesQuestion, event.YesNoQuestion}
}

func optionalNumber(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func withoutSpaces(s string) string { return strings.Join(strings.Fields(s), "") }

// kronor writes an amount in öre or øre as a form shows it.
func kronor(minor int64) string {
	if minor%100 == 0 {
		return strconv.FormatInt(minor/100, 10)
	}
	return strconv.FormatInt(minor/100, 10) + "," + strconv.FormatInt(100+minor%100, 10)[1:]
}

// oreOf reads an amount in kronor, "1 250" or "1250,50"; nothing is nought.
func oreOf(typed string) (minor int64, ok bool) {
	whole, part, decimals := strings.Cut(strings.ReplaceAll(withoutSpaces(typed), ".", ","), ",")
	if whole == "" {
		return 0, typed == ""
	}
	if decimals && len(part) != 2 {
		return 0, false
	}
	digits := whole + part
	if !decimals {
		digits += "00"
	}
	if len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	minor, err := strconv.ParseInt(digits, 10, 64)
	return minor, err == nil
}
