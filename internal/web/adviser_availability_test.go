package web

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"stafett/internal/advisory"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// week is the adviser's week as it is stored.
func (o *office) week() (week []advisory.Window) {
	o.t.Helper()
	storetest.Read(o.t, o.s.DB, func(tx *store.Tx) (err error) {
		week, err = advisory.Week(context.Background(), tx, o.me.ID)
		return err
	})
	return week
}

func TestAnAdviserEntersAWeekWithoutScripts(t *testing.T) {
	o := newOffice(t, nil)
	form := url.Values{"from_1": {"09:00", "13", ""}, "to_1": {"12:00", "16.30", ""}, "from_7": {"18:00"}, "to_7": {"00:00"}}
	copied := url.Values{"copy": {"1"}}
	for k, v := range form {
		copied[k] = v
	}
	doc := o.page(o.post("/adviser/availability/week", copied), http.StatusOK)
	wants(t, plain(doc.Find("main")), "Måndagens tider står nu på alla vardagar")
	for _, day := range []string{"1", "5"} {
		var got []string
		for _, n := range doc.Find(`input[name="from_` + day + `"]`).Nodes {
			for _, a := range n.Attr {
				if a.Key == "value" {
					got = append(got, a.Val)
				}
			}
		}
		if diff := cmp.Diff([]string{"09:00", "13:00", ""}, got); diff != "" {
			t.Errorf("day %s: %s", day, diff)
		}
	}
	if len(o.week()) != 5 {
		t.Error("copying stored the week")
	}
	if w := o.post("/adviser/availability/week", form); w.Header().Get("Location") != "/adviser/availability?done=week_saved#week" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	want := []advisory.Window{{Weekday: 1, From: "09:00", To: "12:00"}, {Weekday: 1, From: "13:00", To: "16:30"}, {Weekday: 7, From: "18:00", To: "24:00"}}
	if diff := cmp.Diff(want, o.week()); diff != "" {
		t.Error(diff)
	}
}

func TestHoursThatOverlapAreToldBesideTheField(t *testing.T) {
	o := newOffice(t, nil)
	doc := o.page(o.post("/adviser/availability/week", url.Values{"from_2": {"09:00", "11:00"}, "to_2": {"12:00", "14:00"}}), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Tisdag, från: Tiden går in i 09:00–12:00 samma dag")
	if got := doc.Find("#day_2_1_from"); got.AttrOr("aria-invalid", "") != "true" || got.AttrOr("value", "") != "11:00" {
		t.Error("the error does not stand beside the second row of Tuesday")
	}
}

func TestMeetingsOutsideTheNewHoursAreListedAndStay(t *testing.T) {
	o := newOffice(t, nil)
	b := o.book(o.me, local("2027-01-20", "16:00"), 60, nil)
	o.book(o.me, local("2027-01-20", "10:00"), 60, nil)
	lacks(t, plain(o.see("/adviser/availability").Find("main")), "utanför dina tider")
	o.post("/adviser/availability/week", url.Values{"from_3": {"08:00"}, "to_3": {"15:00"}})
	text := plain(o.see("/adviser/availability").Find("main .ds-alert"))
	wants(t, text, "Ett bokat möte ligger utanför dina tider", "kl. 16.00–17.00")
	lacks(t, text, "10.00–11.00")
	if now := o.now(b.ID); now.Status != advisory.Confirmed {
		t.Errorf("the meeting is %s", now.Status)
	}
}

func TestExceptionsWorkAndTravelTimes(t *testing.T) {
	o := newOffice(t, nil)
	doc := o.page(o.post("/adviser/availability/exceptions", url.Values{"kind": {"extra"}, "date": {"2027-02-06"}, "note": {"öppet hus"}}), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Från klockan", "Skriv från när till när du kan bokas")
	if doc.Find("#note").AttrOr("value", "") != "öppet hus" || doc.Find(`[name=kind][value=extra][checked]`).Length() != 1 {
		t.Error("what was typed is lost")
	}
	o.post("/adviser/availability/exceptions", url.Values{"kind": {"off"}, "date": {"2027-02-27"}, "until": {"2027-03-01"}, "note": {"sportlov"}})
	doc = o.see("/adviser/availability")
	list := doc.Find(".exceptions li")
	if list.Length() != 1 || list.Find("[name=id]").Length() != 3 {
		t.Fatalf("%d exceptions of %d days", list.Length(), list.Find("[name=id]").Length())
	}
	wants(t, plain(list), "27 februari–1 mars 2027", "Ledig · sportlov")
	ids := url.Values{}
	list.Find("[name=id]").Each(func(_ int, s *goquery.Selection) { ids.Add("id", s.AttrOr("value", "")) })
	colleague := newVisitor(t, o.s)
	colleague.cookies = o.sessionOf(o.colleague)
	if w := colleague.post("/adviser/availability/exceptions/remove", ids); w.Code != http.StatusNotFound {
		t.Errorf("a colleague removes them: %d", w.Code)
	}
	o.post("/adviser/availability/exceptions/remove", ids)
	if n := o.see("/adviser/availability").Find(".exceptions li").Length(); n != 0 {
		t.Errorf("%d exceptions after the vacation was removed", n)
	}

	work := url.Values{"join_url": {"http://meet.example"}, "phone": {"070-000 00 11"}, "place": {"office"}, "buffer_before": {"10"}, "buffer_after": {"20"}, "travel": {"45"}, "max_per_day": {"4"}, "about": {"Bygg"}}
	doc = o.page(o.post("/adviser/availability/work", work), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Din besöksadress: Fyll i uppgiften")
	work.Set("office", "Storgatan 1, Mora")
	doc = o.page(o.post("/adviser/availability/work", work), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(".error-summary")), "Skriv en adress som börjar med https://")
	work.Set("join_url", "https://meet.example/eva")
	o.post("/adviser/availability/work", work)
	doc = o.page(o.post("/adviser/availability/travel", url.Values{"municipality": {"Mora", "Ingenstans", ""}, "minutes": {"50", "20", ""}}), http.StatusUnprocessableEntity)
	if doc.Find("#travel_1_municipality").AttrOr("aria-invalid", "") != "true" {
		t.Error("the error does not stand beside the second municipality")
	}
	o.post("/adviser/availability/travel", url.Values{"municipality": {"Mora", "Älvdalen"}, "minutes": {"50", "90"}})
	storetest.Read(t, o.s.DB, func(tx *store.Tx) error {
		a, err := advisory.AdviserByID(context.Background(), tx, o.me.ID)
		if err != nil {
			return err
		}
		if a.Office != "Storgatan 1, Mora" || a.BufferBeforeMinutes != 10 || a.BufferAfterMinutes != 20 || a.TravelMinutes != 45 || *a.MaxPerDay != 4 || a.HolidaysOff || a.About != "Bygg" {
			t.Errorf("stored is %+v", a)
		}
		travels, err := advisory.Travels(context.Background(), tx, o.me.ID)
		if len(travels) != 2 || travels[1].Minutes+travels[0].Minutes != 140 {
			t.Errorf("travel times: %+v", travels)
		}
		return err
	})
}
