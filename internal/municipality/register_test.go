package municipality_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/municipality"
)

const (
	headings      = "country,code,name,county_code,county,lat,lon\n"
	aliasHeadings = "country,code,alias\n"
)

func load(municipalities, aliases string) (*municipality.Register, error) {
	return municipality.Load(fstest.MapFS{
		"municipalities.csv":       {Data: []byte(municipalities)},
		"municipality-aliases.csv": {Data: []byte(aliases)},
	})
}

func labels(all []municipality.Municipality) []string {
	var labels []string
	for _, m := range all {
		labels = append(labels, m.Label())
	}
	return labels
}

func TestBothCountriesAreComplete(t *testing.T) {
	r := register(t)
	for _, tt := range []struct {
		country                  string
		municipalities, counties int
	}{
		{"SE", 290, 21},
		{"NO", 357, 15},
		{"DK", 0, 0},
	} {
		if got := len(r.All(tt.country)); got != tt.municipalities {
			t.Errorf("%s has %d municipalities, want %d", tt.country, got, tt.municipalities)
		}
		if got := len(r.Counties(tt.country)); got != tt.counties {
			t.Errorf("%s has %d counties, want %d", tt.country, got, tt.counties)
		}
	}
}

func TestMunicipalitiesOfDalarnaStandInAlphabeticalOrder(t *testing.T) {
	want := []string{
		"Avesta", "Borlänge", "Falun", "Gagnef", "Hedemora", "Leksand", "Ludvika", "Malung-Sälen",
		"Mora", "Orsa", "Rättvik", "Smedjebacken", "Säter", "Vansbro", "Älvdalen",
	}
	if diff := cmp.Diff(want, labels(register(t).County("SE", "20"))); diff != "" {
		t.Error(diff)
	}
}

func TestCountiesStandInTheOrderOfTheirCountry(t *testing.T) {
	r := register(t)
	names := func(country string) string {
		var names []string
		for _, c := range r.Counties(country) {
			names = append(names, c.Code+" "+c.Name)
		}
		return strings.Join(names, ", ")
	}
	if got, want := names("NO"), "42 Agder, 32 Akershus, 33 Buskerud, 56 Finnmark, 34 Innlandet, 15 Møre og Romsdal, 18 Nordland, "+
		"03 Oslo, 11 Rogaland, 40 Telemark, 55 Troms, 50 Trøndelag, 39 Vestfold, 46 Vestland, 31 Østfold"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := names("SE"), "20 Dalarnas län"; !strings.Contains(got, want) || !strings.HasSuffix(got, "18 Örebro län, 05 Östergötlands län") {
		t.Errorf("got %s", got)
	}
}

func TestMunicipalityIsFoundByItsCode(t *testing.T) {
	r := register(t)
	got, ok := r.Find(municipality.Code{Country: "NO", Number: "5001"})
	want := municipality.Municipality{
		Code: municipality.Code{Country: "NO", Number: "5001"}, Name: "Trondheim - Tråante",
		CountyCode: "50", County: "Trøndelag", Lat: got.Lat, Lon: got.Lon,
		Aliases: []string{"Trondheim", "Tråante"},
	}
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Error(ok, diff)
	}
	if got.Lat < 63 || got.Lat > 64 || got.Lon < 10 || got.Lon > 11 {
		t.Errorf("Trondheim lies at %v, %v", got.Lat, got.Lon)
	}
	if m, ok := r.Find(municipality.Code{Country: "SE", Number: "5001"}); ok {
		t.Errorf("the Norwegian number found %s in Sweden", m.Name)
	}
}

func TestNamesakesAreToldApartAlsoWithoutAnAlias(t *testing.T) {
	r, err := load(headings+
		"SE,0101,Byn,01,Norra län,60,15\nSE,0201,Byn,02,Södra län,59,15\nNO,0101,Byn,01,Fjellet,60,10\n", aliasHeadings)
	if err != nil {
		t.Fatal(err)
	}
	got := append(labels(r.All("SE")), labels(r.All("NO"))...)
	if diff := cmp.Diff([]string{"Byn (Norra län)", "Byn (Södra län)", "Byn"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFaultyFilesAreRefused(t *testing.T) {
	const good = headings + "SE,2026,Gagnef,20,Dalarnas län,60.5,15.1\n"
	for _, tt := range []struct {
		name                    string
		municipalities, aliases string
	}{
		{"an empty file", "", aliasHeadings},
		{"a column too few", headings + "SE,2026,Gagnef,20,Dalarnas län,60.5\n", aliasHeadings},
		{"a number that lost its nought", headings + "SE,114,Upplands Väsby,01,Stockholms län,59.5,17.9\n", aliasHeadings},
		{"a country that we do not serve", headings + "DK,0101,København,01,Hovedstaden,55.7,12.6\n", aliasHeadings},
		{"a county that is not the number's", headings + "SE,2026,Gagnef,21,Dalarnas län,60.5,15.1\n", aliasHeadings},
		{"no name", headings + "SE,2026,,20,Dalarnas län,60.5,15.1\n", aliasHeadings},
		{"a latitude in words", headings + "SE,2026,Gagnef,20,Dalarnas län,north,15.1\n", aliasHeadings},
		{"a longitude with a comma", headings + "SE,2026,Gagnef,20,Dalarnas län,60.5,\"15,1\"\n", aliasHeadings},
		{"the same code twice", good + "SE,2026,Mora,20,Dalarnas län,61,14.5\n", aliasHeadings},
		{"an alias of nobody", good, aliasHeadings + "SE,2027,Gangnäv\n"},
		{"an empty alias", good, aliasHeadings + "SE,2026,\n"},
		{"an empty file of aliases", good, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := load(tt.municipalities, tt.aliases); err == nil {
				t.Error("accepted")
			}
		})
	}
	if _, err := load(good, aliasHeadings); err != nil {
		t.Errorf("the good file was refused: %v", err)
	}
	if _, err := municipality.Load(fstest.MapFS{}); err == nil {
		t.Error("an empty folder was accepted")
	}
}
