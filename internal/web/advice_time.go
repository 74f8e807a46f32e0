package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// wish is what somebody has chosen on the way to a time: it stands in the address,
// and holds nothing about a person.
type wish struct {
	For          string // whose hours; see advisory.Choice.Key
	Minutes      int
	Meeting      advisory.Meeting
	Municipality string // as typed
	Adviser      string // empty: anyone
	TenderDay    string // "2027-03-15"
	Week         string // its Monday: "2027-03-15"
	At           string // the time chosen: RFC 3339; empty: none suits
}

func readWish(get func(string) string) wish {
	minutes, _ := strconv.Atoi(get("minutes"))
	w := wish{
		For: get("for"), Minutes: minutes, Meeting: advisory.Meeting(get("meeting")), Municipality: strings.TrimSpace(get("municipality")),
		Adviser: get("adviser"), TenderDay: strings.TrimSpace(get("tender_day")), Week: get("week"), At: get("at"),
	}
	if _, err := time.Parse(time.DateOnly, w.TenderDay); err != nil {
		w.TenderDay = ""
	}
	return w
}

// query is the wish as an address has it.
func (w wish) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{
		"for": w.For, "meeting": string(w.Meeting), "municipality": w.Municipality, "adviser": w.Adviser, "tender_day": w.TenderDay, "week": w.Week, "at": w.At,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if w.Minutes > 0 {
		q.Set("minutes", strconv.Itoa(w.Minutes))
	}
	return q
}

// adviceTimePage is where whoever has signed in chooses whose hours, how long, how
// and when.
type adviceTimePage struct {
	page
	adviceCard
	Programme programme.Programme
	wishing
	timeList
	Seminars []eventCard
	Why      string // there is nothing to choose: not_eligible, none_left, nobody, claimed, closed
}

// wishing are the fields of a wish, and whose hours there are.
type wishing struct {
	Wish      wish
	Choice    advisory.Choice
	Hours     hoursBar
	Choices   []option
	Lengths   []option
	Meetings  []option
	Advisers  []option
	Towns     []string
	Claimed   []advisory.Choice // wait for confirmation
	Town      municipality.Code
	TownWrong bool // nothing was found for what was typed
}

// timeList is one week of free times.
type timeList struct {
	Days           []timeDay
	Zone           string
	Previous, Next string // addresses
	To             string // the page that a time leads to; its address goes on with &at=
	WeekFirst      time.Time
	WeekLast       time.Time
}

// List is the week itself, for the part of the page that prints it.
func (l timeList) List() timeList { return l }

type timeDay struct {
	Date  time.Time
	Times []meetingTime
}

func (s *Server) chooseTime(c *gin.Context) error {
	ctx := c.Request.Context()
	p := &adviceTimePage{page: page{NoIndex: true, Wide: true}}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		a, owner, err := publicAdvice(ctx, tx, c.Param("slug"))
		if err != nil {
			return err
		}
		p.Programme, p.adviceCard, p.Brand = owner, s.adviceCard(c, a), owner.Name
		if p.wishing, err = s.readWishing(c, tx, a, owner, readWish(c.Query)); err != nil {
			return err
		}
		if p.Why = p.why(a); p.Why != "" {
			p.Seminars, err = s.seminarsFor(ctx, tx, a)
			return err
		}
		free, err := advisory.Slots(ctx, tx, p.slotQuery(a))
		p.timeList = listTimes(free, owner, p.Wish.Week, func(week string) string {
			w := p.Wish
			w.Week = week
			return "/me/advice/" + a.Slug + "?" + w.query().Encode() + "#times"
		})
		w := p.Wish
		w.Week = ""
		p.To = "/me/advice/" + a.Slug + "/need?" + w.query().Encode()
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "advice_time", p)
}

// readWishing reads for whom the person may book, and completes the wish with what
// is usual, so that times are shown at once.
func (s *Server) readWishing(c *gin.Context, tx *store.Tx, a advisory.Programme, owner programme.Programme, w wish) (f wishing, err error) {
	ctx, lang := c.Request.Context(), s.language(c)
	who, _ := self(c)
	all, err := advisory.ChoicesFor(ctx, tx, a, who.ID)
	if err != nil {
		return f, err
	}
	var open []advisory.Choice
	for _, choice := range all {
		if choice.Claimed {
			f.Claimed = append(f.Claimed, choice)
		} else {
			open = append(open, choice)
		}
	}
	if len(open) > 0 {
		f.Choice = preferred(open, w.For)
		w.For = f.Choice.Key()
		f.Hours = barOf(f.Choice.Account)
	}
	if len(open) > 1 {
		for _, choice := range open {
			label, err := s.choiceName(lang, choice)
			if err != nil {
				return f, err
			}
			f.Choices = append(f.Choices, option{Value: choice.Key(), Label: label, Chosen: choice.Key() == w.For})
		}
	}
	if !slices.Contains(f.Choice.Lengths, w.Minutes) && len(f.Choice.Lengths) > 0 {
		w.Minutes = usualLength(f.Choice.Lengths)
	}
	for _, n := range f.Choice.Lengths {
		f.Lengths = append(f.Lengths, option{Value: strconv.Itoa(n), Label: locale.Duration(lang, n), Chosen: n == w.Minutes})
	}
	if !slices.Contains(a.Meetings, w.Meeting) && len(a.Meetings) > 0 {
		w.Meeting = a.Meetings[0]
	}
	for _, m := range a.Meetings {
		label, err := s.Texts.Text(lang, "advice.meeting."+string(m))
		if err != nil {
			return f, err
		}
		f.Meetings = append(f.Meetings, option{Value: string(m), Label: capitalise(label), Chosen: m == w.Meeting})
	}
	if w.Meeting == advisory.OnSite {
		for _, m := range s.Places.All(owner.Country) {
			f.Towns = append(f.Towns, m.Label())
		}
		town, found := s.Places.Match(owner.Country, w.Municipality)
		f.Town, f.TownWrong = town.Code, w.Municipality != "" && !found
	} else {
		w.Municipality = ""
	}
	f.Advisers, w.Adviser, err = s.adviserOptions(ctx, tx, lang, a, w.Adviser)
	f.Wish = w
	return f, err
}

// preferred is the choice that was made, else the first that can book at once.
func preferred(open []advisory.Choice, key string) advisory.Choice {
	for _, choice := range open {
		if choice.Key() == key {
			return choice
		}
	}
	for _, choice := range open {
		if choice.Can != advisory.NotEligible && len(choice.Lengths) > 0 {
			return choice
		}
	}
	return open[0]
}

// usualLength is an hour where there is one, else the shortest.
func usualLength(lengths []int) int {
	if slices.Contains(lengths, 60) {
		return 60
	}
	return lengths[0]
}

func (s *Server) choiceName(lang locale.Language, c advisory.Choice) (string, error) {
	switch {
	case c.Project != "":
		return c.Project, nil
	case c.CompanyID != "":
		return c.Company.Name, nil
	}
	return s.Texts.Text(lang, "advice.for_me")
}

func (s *Server) adviserOptions(ctx context.Context, tx *store.Tx, lang locale.Language, a advisory.Programme, chosen string) ([]option, string, error) {
	advisers, err := advisory.AdvisersOf(ctx, tx, a.ID)
	if err != nil {
		return nil, "", err
	}
	if !slices.ContainsFunc(advisers, func(x advisory.Adviser) bool { return x.ID == chosen }) {
		chosen = ""
	}
	anyone, err := s.Texts.Text(lang, "advice.anyone")
	options := []option{{Value: "", Label: anyone, Chosen: chosen == ""}}
	for _, x := range advisers {
		options = append(options, option{Value: x.ID, Label: x.Name, Hint: x.About, Chosen: x.ID == chosen})
	}
	return options, chosen, err
}

// why says why nothing can be booked: a code for the text, empty where it can.
func (f wishing) why(a advisory.Programme) string {
	switch {
	case a.Status != advisory.Open:
		return "closed"
	case f.Wish.For == "" && len(f.Claimed) > 0:
		return "claimed"
	case f.Wish.For == "":
		return "nobody"
	case f.Choice.Can == advisory.NotEligible:
		return "not_eligible"
	case len(f.Choice.Lengths) == 0:
		return "none_left"
	}
	return ""
}

// slotQuery is what the wish asks of the advisers' time.
func (f wishing) slotQuery(a advisory.Programme) advisory.SlotQuery {
	return advisory.SlotQuery{
		AdvisoryProgrammeID: a.ID, AdviserID: f.Wish.Adviser, Minutes: f.Wish.Minutes, Meeting: f.Wish.Meeting, Municipality: f.Town, TenderDay: f.Wish.TenderDay,
	}
}

// listTimes cuts free times into weeks and shows the one asked for, else the first
// that has any.
func listTimes(free []advisory.Slot, owner programme.Programme, week string, address func(string) string) (l timeList) {
	l.Zone = owner.TimeZone
	times := onClock(free, owner)
	var weeks []string
	for _, t := range times {
		if w := mondayOf(t.Start); len(weeks) == 0 || weeks[len(weeks)-1] != w {
			weeks = append(weeks, w)
		}
	}
	if len(weeks) == 0 {
		return l
	}
	at, found := slices.BinarySearch(weeks, week)
	if !found { // a week whose times are gone: the next one that has some
		at = min(at, len(weeks)-1)
	}
	if week == "" {
		at = 0
	}
	if at > 0 {
		l.Previous = address(weeks[at-1])
	}
	if at+1 < len(weeks) {
		l.Next = address(weeks[at+1])
	}
	l.Days = byDay(slices.DeleteFunc(times, func(t meetingTime) bool { return mondayOf(t.Start) != weeks[at] }))
	l.WeekFirst, l.WeekLast = l.Days[0].Date, l.Days[len(l.Days)-1].Date
	return l
}

// mondayOf is the first day of a date's week.
func mondayOf(t time.Time) string {
	return t.AddDate(0, 0, -(int(t.Weekday())+6)%7).Format(time.DateOnly)
}
