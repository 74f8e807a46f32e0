package attendance

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stafett/internal/problem"
)

var facts = cmpopts.IgnoreUnexported(Participant{})

func reportFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func somebody(name, email, length string) Participant {
	p := Participant{Name: name, Email: email}
	if length != "" {
		p.Time, _ = time.ParseDuration(length)
		p.Timed = true
	}
	return p
}

func TestReportsOfBothProductsAreReadInEveryLayout(t *testing.T) {
	ida := somebody("Ida Lind", "ida.lind@dialog.example", "3h6m38s")
	for _, tt := range []struct {
		file, what string
		product    Product
		want       []Participant
	}{
		{"teams_en.csv", "UTF-16, numbered parts, English; the third part would count people twice", Teams, []Participant{
			ida, somebody("Åsa Öberg (Guest)", "asa@snickeri.example", "2h58m3s"), somebody("Berg, Anna", "anna.berg@bygg.example", "38m"), somebody("Per Ågren (Unverified)", "", "1h30m"),
		}},
		{"teams_sv.csv", "Swedish words and lengths with narrow spaces", Teams, []Participant{
			ida, somebody("Åsa Öberg (Gäst)", "asa@snickeri.example", "1h30m51s"), somebody("Annas iPhone", "", "45s"),
		}},
		{"teams_nb.csv", "Norwegian dates, clocks and lengths", Teams, []Participant{
			somebody("Ingrid Solberg", "ingrid.solberg@innkjop.example", "3h6m38s"), somebody("Bjørn Ødegård", "bjorn@sag.example", "1h"),
		}},
		{"teams_actions.csv", "the older report; who never left has no known time", Teams, []Participant{
			somebody("Ida Lind", "", "3h2m"), somebody("Åsa Öberg", "", "1h45m30s"), somebody("Per Ågren", "", ""),
		}},
		{"teams_actions_sv.csv", "the older report in Swedish", Teams, []Participant{somebody("Ida Lind", "", "3h2m"), somebody("Åsa Öberg", "", "")}},
		{"teams_unnumbered.csv", "parts without numbers; two devices at once count once", Teams, []Participant{
			somebody("Åsa Öberg", "asa@snickeri.example", "2h"), somebody("Per Ågren", "", "10m"),
		}},
		{"teams_spreadsheet.csv", "saved again by a spreadsheet, with semicolons", Teams, []Participant{somebody("Åsa Öberg", "asa@snickeri.example", "1h")}},
		{"teams_names_only.csv", "an organisation that has times switched off", Teams, []Participant{somebody("Åsa Öberg", "asa@snickeri.example", ""), somebody("Per Ågren", "", "")}},
		{"zoom_en.csv", "a block about the meeting first, several rows a person", Zoom, []Participant{
			somebody("Ida Lind", "ida.lind@dialog.example", "3h6m38s"), somebody("Åsa (Åsa Öberg)", "", "50m"), somebody("Ågren, Per", "", "1h"), somebody("Bo Ahlin", "bo@trak.example", "1h15m"),
		}},
		{"zoom_total.csv", "total lengths only", Zoom, []Participant{somebody("Ida Lind", "ida.lind@dialog.example", "3h7m"), somebody("Åsa Öberg", "", "1h55m")}},
		{"zoom_sv.csv", "Swedish headings and semicolons", Zoom, []Participant{somebody("Ida Lind", "ida.lind@dialog.example", "3h6m38s"), somebody("Åsa Öberg", "", "1h")}},
	} {
		t.Run(tt.file+": "+tt.what, func(t *testing.T) {
			got, err := Parse(reportFile(t, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Report{tt.product, tt.want}, got, facts); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAReportIsReadInEveryEncoding(t *testing.T) {
	want, err := Parse(reportFile(t, "teams_sv.csv"))
	if err != nil {
		t.Fatal(err)
	}
	little := reportFile(t, "teams_sv.csv")
	big := bytes.Clone(little)
	for i := 0; i < len(big); i += 2 {
		big[i], big[i+1] = big[i+1], big[i]
	}
	text, err := decode(little)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"UTF-16 with the bytes the other way round": big, "UTF-16 without a mark": little[2:],
		"UTF-8": []byte(text), "UTF-8 with a mark": []byte("\ufeff" + text), "lines of Unix": []byte(strings.ReplaceAll(text, "\r", "")),
	} {
		got, err := Parse(data)
		if diff := cmp.Diff(want, got, facts); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func TestWhatCannotBeReadIsNamedByLineAndColumnAndNothingIsKept(t *testing.T) {
	const head = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n"
	const good = "Ida Lind,ida@dialog.example,03/10/2027 08:55:02 AM,03/10/2027 12:01:40 PM,187,No\n"
	for _, tt := range []struct {
		name, rows string
		want       BadRows
	}{
		{"a length that is none", good + "Bo,bo@x.example,03/10/2027 09:00:00 AM,03/10/2027 09:30:00 AM,länge,No\n", BadRows{{3, 5, "report_length"}}},
		{"a date that does not exist", good + good + "Bo,,13/32/2027 09:00:00 AM,03/10/2027 09:30:00 AM,30,No\n", BadRows{{4, 3, "report_time"}}},
		{"a row without anybody", good + ",,03/10/2027 09:00:00 AM,03/10/2027 09:30:00 AM,30,No\n", BadRows{{3, 1, "report_nobody"}}},
		{"bytes that are no UTF-8", good + "Bj\xf8rn,,,,30,No\n", BadRows{{3, 1, "report_encoding"}}},
		{"a name that turns the writing round", good + "Bo\u202egnp.exe,,,,30,No\n", BadRows{{3, 1, "report_characters"}}},
		{"a cell as long as a letter", good + strings.Repeat("o", 401) + ",,,,30,No\n", BadRows{{3, 1, "report_long"}}},
		{"several", good + "Bo,,,,x,No\n,,,,5,No\n", BadRows{{3, 5, "report_length"}, {4, 1, "report_nobody"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse([]byte(head + tt.rows))
			var bad BadRows
			if !errors.As(err, &bad) || len(got.Participants) > 0 {
				t.Fatalf("%v, %+v", err, got)
			}
			if diff := cmp.Diff(tt.want, bad); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(err.Error(), "Bo") {
				t.Errorf("the error tells what was in the file: %s", err)
			}
		})
	}
}

func TestAQuoteThatNobodyClosedHidesNobody(t *testing.T) {
	got, err := Parse([]byte("Name (Original Name),User Email,Total Duration (Minutes),Guest\n\"Bo \"\"Bosse\"\" Ahlin\",,30,No\n\"Eva Ek,,40,No\nAnna Berg,,50,No\n"))
	want := []Participant{somebody(`Bo "Bosse" Ahlin`, "", "30m"), somebody(`"Eva Ek`, "", "40m"), somebody("Anna Berg", "", "50m")}
	if diff := cmp.Diff(want, got.Participants, facts); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	row := "Anna Berg,,50,No\n"
	head := "Name (Original Name),User Email,Total Duration (Minutes),Guest\n"
	for _, tt := range []struct {
		name string
		data []byte
		want error
	}{
		{"nothing", nil, ErrNotAReport},
		{"prose", []byte("Hej!\nDet här är ett brev,\nmed ett komma."), ErrNotAReport},
		{"a workbook", []byte("PK\x03\x04 ett arkiv"), ErrNotAReport},
		{"a file cut off in the middle of a sign", []byte{0xff, 0xfe, 'N'}, ErrNotAReport},
		{"a report with nobody in it", []byte(head), ErrNobody},
		{"a file above ten megabytes", make([]byte, MaxBytes+1), ErrTooLarge},
		{"more than 20 000 rows", []byte(head + strings.Repeat(row, MaxRows+1)), ErrTooManyRows},
	} {
		if got, err := Parse(tt.data); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, %+v", tt.name, err, got)
		}
	}
	if got, err := Parse([]byte(head + strings.Repeat(row, MaxRows))); err != nil || len(got.Participants) != 1 {
		t.Errorf("20 000 rows: %v", err)
	}
}

// hostile are files that one line of a program makes and that no meeting does.
func hostile() map[string][]byte {
	return map[string][]byte{
		"line breaks":                bytes.Repeat([]byte("\n"), MaxBytes),
		"one line of semicolons":     bytes.Repeat([]byte(";"), MaxBytes),
		"one line of short cells":    bytes.Repeat([]byte("a\t"), MaxBytes/2),
		"many headings":              []byte("Name" + strings.Repeat("\tx", 400_000) + "\n" + strings.Repeat("a\tb\n", 3000)),
		"many lines of many cells":   bytes.Repeat([]byte(strings.Repeat("1;", 130)+"\n"), 2*MaxRows),
		"quotes that are not closed": bytes.Repeat([]byte("\";"), MaxBytes/2),
	}
}

// One file must not end the server: what reading it takes stays within a few
// times its size.
func TestAHostileFileTakesNoMoreThanAFewTimesItsSize(t *testing.T) {
	for name, data := range hostile() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := Parse(data[:min(len(data), MaxBytes)])
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 8*MaxBytes {
			t.Errorf("%s: %d MB for %d MB", name, took>>20, len(data)>>20)
		}
		if _, refused := problem.As(err); !refused {
			t.Errorf("%s: %v, %d people", name, err, len(got.Participants))
		}
	}
}

// Somebody came before the report began, so the first that it says of them is
// that they went.
func TestGoingIsNotComingBecauseItIsSaidFirst(t *testing.T) {
	at := func(minute int) string { return fmt.Sprintf("1/2/2027, 1:%02d:00 PM", minute) }
	rows := func(rows ...string) []byte {
		return []byte("Full Name\tUser Action\tTimestamp\n" + strings.Join(rows, "\n") + "\n")
	}
	for name, tt := range map[string]struct {
		rows []byte
		want []Participant
	}{
		"one who came before": {
			rows("Anna Berg\tJoined\t"+at(0), "Anna Berg\tLeft\t"+at(2), "Bo Ek\tLeft\t"+at(10)),
			[]Participant{somebody("Anna Berg", "", "2m"), somebody("Bo Ek", "", "")},
		},
		"came, went and came again": {
			rows("Anna Berg\tJoined\t"+at(0), "Anna Berg\tLeft\t"+at(5), "Anna Berg\tJoined\t"+at(10), "Anna Berg\tLeft\t"+at(20), "Bo Ek\tLeft\t"+at(10)),
			[]Participant{somebody("Anna Berg", "", "15m"), somebody("Bo Ek", "", "")},
		},
		"the meeting goes on": {
			rows("Anna Berg\tJoined\t"+at(0), "Bo Ek\tJoined before\t"+at(1), "Eva Ek\tJoined\t"+at(2), "Eva Ek\tLeft\t"+at(30)),
			[]Participant{somebody("Anna Berg", "", ""), somebody("Bo Ek", "", ""), somebody("Eva Ek", "", "28m")},
		},
	} {
		got, err := Parse(tt.rows)
		if diff := cmp.Diff(tt.want, got.Participants, facts); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestLengthsAreReadInTheLanguagesOfTheNorth(t *testing.T) {
	for s, want := range map[string]string{
		"1h 30m 51s": "1h30m51s", "1 tim 30 min 51 s": "1h30m51s", "1 timme 5 minuter": "1h5m", "2 timer 1 minutt 3 sekunder": "2h1m3s", "1 t 30 min 51 sek": "1h30m51s",
		"1 t. 30 m. 5 s.": "1h30m5s", "1 Std. 2 Min. 3 Sek.": "1h2m3s", "38m": "38m", "45 s": "45s", "01:30:51": "1h30m51s", "1d 2h": "26h",
		"1 tunti": "", "30m 1h": "", "90": "", "": "", "3/10/27, 9:00:00 AM": "", "snart": "", "1h30": "", "m": "",
	} {
		got, ok := readLength(s, 0)
		wanted, err := time.ParseDuration(want)
		if ok != (err == nil) || got != wanted && ok {
			t.Errorf("%q is %v, %v", s, got, ok)
		}
	}
}

func TestTimesAreReadAsPeopleWriteThem(t *testing.T) {
	const want = "2027-03-10T21:02:03Z"
	for _, tt := range []struct {
		text       string
		monthFirst bool
	}{
		{"2027-03-10 21:02:03", false}, {"2027-03-10, 21.02.03", false}, {"2027-03-10T21:02:03Z", false}, {"10.3.2027, 21.02.03", false}, {"10.03.2027 kl. 21.02.03", false},
		{"10/03/2027, 21:02:03", false}, {"3/10/27, 9:02:03 PM", true}, {"03/10/2027 09:02:03 PM", true}, {"10.3.27 9:02:03 em", false},
	} {
		got, ok := readTime(clean(tt.text), tt.monthFirst)
		if !ok || got.Format(time.RFC3339) != want {
			t.Errorf("%q is %v, %v", tt.text, got, ok)
		}
	}
	for _, s := range []string{"", "10", "2027-02-30 10:00:00", "2027-03-10 25:00:00", "3/10/27, 13:00:00 PM", "2027-03-10", "812 3456 7890"} {
		if got, ok := readTime(s, false); ok {
			t.Errorf("%q is %v", s, got)
		}
	}
}

func TestHalfTheTimeIsPresent(t *testing.T) {
	const length = 2 * time.Hour
	for _, tt := range []struct {
		name string
		who  Participant
		want bool
	}{
		{"exactly half", somebody("Bo", "", "1h"), true},
		{"a second less", somebody("Bo", "", "59m59s"), false},
		{"a time that nobody knows", somebody("Bo", "", ""), true},
	} {
		if got := tt.who.Present(length); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) == 0 {
		f.Fatal(err, files)
	}
	for _, name := range files {
		f.Add(reportFile(f, filepath.Base(name)))
	}
	f.Add([]byte("1. A\n2. B\n"))
	for _, data := range hostile() {
		f.Add(data[:1<<10]) // their like; the fuzzer wants small ones
	}
	f.Add([]byte("Full Name\tUser Action\tTimestamp\nAnna Berg\tJoined\t1/2/2027, 1:00:00 PM\nAnna Berg\tLeft\t1/2/2027, 1:02:00 PM\nBo Ek\tLeft\t1/2/2027, 1:10:00 PM\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Parse(data)
		if err != nil {
			if len(got.Participants) > 0 {
				t.Errorf("refused, and yet %d people", len(got.Participants))
			}
			return
		}
		if len(got.Participants) == 0 {
			t.Error("a report without anybody")
		}
		for _, p := range got.Participants {
			if p.Name == "" || p.Time < 0 || !p.Timed && p.Time != 0 {
				t.Errorf("%+v", p)
			}
		}
		Find(got, []Candidate{{ID: "1", Email: "asa@snickeri.example", First: "Åsa", Last: "Öberg"}, {ID: "2", First: "Per"}})
	})
}
