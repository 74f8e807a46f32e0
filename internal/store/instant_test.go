package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestAnInstantIsTextInUTCToTheSecond(t *testing.T) {
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		at   time.Time
		want any
	}{
		{"a time in winter", time.Date(2027, 3, 3, 9, 0, 0, 0, stockholm), "2027-03-03T08:00:00Z"},
		{"a time in summer, its fraction cut off", time.Date(2027, 6, 3, 9, 0, 0, 999, stockholm), "2027-06-03T07:00:00Z"},
		{"no time", time.Time{}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := store.At(tt.at); got != tt.want {
				t.Errorf("At = %v, want %v", got, tt.want)
			}
			back := time.Now()
			if err := store.Time(&back).Scan(tt.want); err != nil {
				t.Fatal(err)
			}
			if want := tt.at.UTC().Truncate(time.Second); !back.Equal(want) || back.Location() != time.UTC {
				t.Errorf("read back as %v, want %v in UTC", back, want)
			}
		})
	}
}

func TestWhatIsNoInstantIsRefused(t *testing.T) {
	for _, src := range []any{"2027-03-03", "2027-03-03T09:00:00+01:00", "2027-03-03 08:00:00", "", int64(1), 1.5, time.Now()} {
		at := time.Unix(1, 0)
		if err := store.Time(&at).Scan(src); err == nil {
			t.Errorf("%v was read as %v", src, at)
		}
	}
	var at time.Time
	if err := store.Time(&at).Scan([]byte("2027-03-03T08:00:00Z")); err != nil || at.Hour() != 8 {
		t.Errorf("bytes are read as %v, %v", at, err)
	}
}

func TestNothingIsStoredAsNULL(t *testing.T) {
	db, _ := storetest.New(t)
	storetest.Read(t, db, func(tx *store.Tx) error {
		for _, tt := range []struct {
			stored any
			text   string
			number *int
		}{
			{store.Text(""), "", nil},
			{store.Text("42"), "42", new(42)},
			{nil, "", nil},
			{0, "0", new(0)},
		} {
			text, number := "before", new(7)
			err := tx.QueryRow(`SELECT ?, ?`, tt.stored, tt.stored).Scan(store.String(&text), store.Int(&number))
			if err != nil || text != tt.text {
				t.Errorf("%v is read as %q, %v", tt.stored, text, err)
			}
			if diff := cmp.Diff(tt.number, number); diff != "" {
				t.Errorf("%v as a number:\n%s", tt.stored, diff)
			}
		}
		return nil
	})
}
