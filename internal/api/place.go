package api

import (
	"encoding/json"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"stafett/internal/locale"
	"stafett/internal/municipality"
)

// Municipality is where an event is held.
type Municipality struct {
	Country countryCode `json:"country"`
	Code    string      `json:"code" doc:"Four digits, as text" example:"2039"`
	Name    string      `json:"name"`
}

// place tells of a municipality; nil when none is given.
func (s *server) place(code municipality.Code) *Municipality {
	if code.Number == "" {
		return nil
	}
	m := &Municipality{Country: countryCode(code.Country), Code: code.Number}
	if known, ok := s.Places.Find(code); ok {
		m.Name = known.Label()
	}
	return m
}

// WantedPlace is a municipality as it may be written: {country, code},
// {country, name}, "SE-2039" or a name that only one has.
type WantedPlace struct {
	Country, Code, Name string
}

func placeOf(code municipality.Code) WantedPlace {
	return WantedPlace{Country: code.Country, Code: code.Number}
}

// Schema implements huma.SchemaProvider.
func (WantedPlace) Schema(huma.Registry) *huma.Schema {
	most := 200
	text := func() *huma.Schema { return &huma.Schema{Type: huma.TypeString, MaxLength: &most} }
	return &huma.Schema{
		Description: "{country, code}, {country, name}, a code as SE-2039, or a name that only one municipality has",
		OneOf: []*huma.Schema{text(), {
			Type: huma.TypeObject, Required: []string{"country"}, AdditionalProperties: true,
			Properties: map[string]*huma.Schema{"country": choice("SE", "NO"), "code": text(), "name": text()},
		}},
	}
}

// UnmarshalJSON reads both forms.
func (w *WantedPlace) UnmarshalJSON(b []byte) error {
	*w = WantedPlace{}
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &w.Name)
	}
	type fields WantedPlace
	return json.Unmarshal(b, (*fields)(w))
}

// meant returns the municipality that is meant, if there is just one.
func (s *server) meant(w WantedPlace) (municipality.Code, bool) {
	if w.Code != "" {
		w.Name = w.Country + "-" + w.Code
	}
	if w.Country != "" && w.Code == "" {
		m, ok := s.Places.Match(w.Country, w.Name)
		return m.Code, ok
	}
	return s.municipality(w.Name)
}

// municipality finds the one that a code or name means.
func (s *server) municipality(text string) (municipality.Code, bool) {
	if code, err := municipality.ParseCode(strings.ToUpper(text)); err == nil {
		m, ok := s.Places.Find(code)
		return m.Code, ok
	}
	var found []municipality.Code
	for _, country := range countries {
		if m, ok := s.Places.Match(country, text); ok {
			found = append(found, m.Code)
		}
	}
	if len(found) != 1 {
		return municipality.Code{}, false
	}
	return found[0], true
}

var countries = [...]string{"SE", "NO"}

// county finds the one that a text means: SE-20, 20 where only one country has
// it, or a name, with or without "län".
func (s *server) county(text string) (municipality.County, bool) {
	var found []municipality.County
	wanted := locale.Fold(text)
	for _, country := range countries {
		for _, c := range s.Places.Counties(country) {
			name := locale.Fold(c.Name)
			short := strings.TrimSuffix(name, " lan")
			switch wanted {
			case name, short, strings.TrimSuffix(short, "s"), c.Code, locale.Fold(country + "-" + c.Code):
				found = append(found, c)
			}
		}
	}
	if len(found) != 1 {
		return municipality.County{}, false
	}
	return found[0], true
}
