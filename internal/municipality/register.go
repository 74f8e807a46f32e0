package municipality

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"strconv"

	"stafett/internal/locale"
)

// Register holds all municipalities. It never changes once it is loaded, so any
// number of goroutines may share one.
type Register struct {
	all    []Municipality // by country, then in the alphabetical order of the country
	byCode map[Code]int   // where in all
	names  [][]name       // what each of all is found by
}

// County is a län or a fylke.
type County struct {
	Country string
	Code    string // two digits, kept as text
	Name    string
}

// Load reads municipalities.csv and municipality-aliases.csv from a folder. It is
// an error if a row is malformed, a code occurs twice, or an alias belongs to
// nobody.
func Load(folder fs.FS) (*Register, error) {
	all, err := readMunicipalities(folder)
	if err != nil {
		return nil, err
	}
	arrange(all)
	r := &Register{all: all, byCode: make(map[Code]int, len(all))}
	for i, m := range all {
		if _, twice := r.byCode[m.Code]; twice {
			return nil, fmt.Errorf("municipality %s occurs twice", m.Code)
		}
		r.byCode[m.Code] = i
	}
	if err := r.readAliases(folder); err != nil {
		return nil, err
	}
	r.tellNamesakesApart()
	for _, m := range r.all {
		r.names = append(r.names, namesOf(m))
	}
	return r, nil
}

func readMunicipalities(folder fs.FS) ([]Municipality, error) {
	rows, err := readRows(folder, "municipalities.csv", 7)
	if err != nil {
		return nil, err
	}
	all := make([]Municipality, 0, len(rows))
	for _, row := range rows {
		m, err := municipalityOf(row)
		if err != nil {
			return nil, fmt.Errorf("municipalities.csv: %w", err)
		}
		all = append(all, m)
	}
	return all, nil
}

func municipalityOf(row []string) (Municipality, error) {
	m := Municipality{
		Code: Code{Country: row[0], Number: row[1]}, Name: row[2], CountyCode: row[3], County: row[4],
	}
	if !m.valid() || m.CountyCode != m.Number[:2] || m.Name == "" || m.County == "" {
		return m, fmt.Errorf("row %q is not a municipality", row)
	}
	var err error
	if m.Lat, err = strconv.ParseFloat(row[5], 64); err != nil {
		return m, fmt.Errorf("latitude of %s: %w", m.Code, err)
	}
	if m.Lon, err = strconv.ParseFloat(row[6], 64); err != nil {
		return m, fmt.Errorf("longitude of %s: %w", m.Code, err)
	}
	return m, nil
}

// arrange sorts by country and then as the alphabet of the country has it.
func arrange(all []Municipality) {
	orders := map[string]func(a, b string) int{}
	for _, country := range []string{"SE", "NO"} {
		orders[country] = order(country)
	}
	slices.SortFunc(all, func(a, b Municipality) int {
		return cmp.Or(
			-cmp.Compare(a.Country, b.Country),
			orders[a.Country](a.Name, b.Name),
			cmp.Compare(a.Number, b.Number),
		)
	})
}

func order(country string) func(a, b string) int {
	if country == "NO" {
		return locale.Sorter(locale.NB)
	}
	return locale.Sorter(locale.SV)
}

func (r *Register) readAliases(folder fs.FS) error {
	rows, err := readRows(folder, "municipality-aliases.csv", 3)
	if err != nil {
		return err
	}
	for _, row := range rows {
		i, ok := r.byCode[Code{Country: row[0], Number: row[1]}]
		if !ok || row[2] == "" {
			return fmt.Errorf("municipality-aliases.csv: row %q names no municipality", row)
		}
		r.all[i].Aliases = append(r.all[i].Aliases, row[2])
	}
	return nil
}

// tellNamesakesApart gives municipalities that share a name an alias with their
// county, whether or not the file has it, since Label counts on it.
func (r *Register) tellNamesakesApart() {
	type key struct{ country, name string }
	count := map[key]int{}
	for _, m := range r.all {
		count[key{m.Country, m.Name}]++
	}
	for i := range r.all {
		m := &r.all[i]
		long := withCounty(m.Name, m.County)
		if count[key{m.Country, m.Name}] > 1 && !slices.Contains(m.Aliases, long) {
			m.Aliases = append(m.Aliases, long)
		}
	}
}

// readRows answers the rows below the headings.
func readRows(folder fs.FS, file string, columns int) ([][]string, error) {
	f, err := folder.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	reader := csv.NewReader(f)
	reader.FieldsPerRecord = columns
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s is empty", file)
	}
	return rows[1:], nil
}

// Find answers the municipality with the code.
func (r *Register) Find(code Code) (Municipality, bool) {
	i, ok := r.byCode[code]
	if !ok {
		return Municipality{}, false
	}
	return r.all[i], true
}

// All answers the municipalities of a country in its alphabetical order.
func (r *Register) All(country string) []Municipality {
	return r.choose(func(m Municipality) bool { return m.Country == country })
}

// County answers the municipalities of a county in alphabetical order.
func (r *Register) County(country, countyCode string) []Municipality {
	return r.choose(func(m Municipality) bool { return m.Country == country && m.CountyCode == countyCode })
}

// Counties answers the counties of a country in its alphabetical order.
func (r *Register) Counties(country string) []County {
	var counties []County
	for _, m := range r.All(country) {
		county := County{Country: country, Code: m.CountyCode, Name: m.County}
		if !slices.Contains(counties, county) {
			counties = append(counties, county)
		}
	}
	alphabet := order(country)
	slices.SortFunc(counties, func(a, b County) int { return alphabet(a.Name, b.Name) })
	return counties
}

func (r *Register) choose(wanted func(Municipality) bool) []Municipality {
	var chosen []Municipality
	for _, m := range r.all {
		if wanted(m) {
			chosen = append(chosen, m)
		}
	}
	return chosen
}
