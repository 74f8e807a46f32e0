package company_test

import (
	"testing"

	"stafett/internal/company"
)

func TestAPersonalNumberIsKnownInsideAText(t *testing.T) {
	for text, want := range map[string]bool{
		"":                              false,
		"Exempelbolaget AB":             false,
		"Exempelbolaget 556677-8899":    false,
		"Eksempel Vik AS 974 760 673":   false,
		"Rum 12, 2027-03-10":            false,
		"Bolaget 1987 i Falun 2000":     false,
		"Anna 800101-1234":              true,
		"800101+1234":                   true,
		"Anna Bygg 19800101 1234, Mora": true,
		"Anna 2 800101-1234":            true,
		"Anna 800161–1234":              true, // a coordination number, with a dash
		"Ola 010180 12345":              true,
		"Ola (01018012345)":             true,
		"556677-8899 och 800101-1234":   true,
	} {
		if got := company.LooksPersonal(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
