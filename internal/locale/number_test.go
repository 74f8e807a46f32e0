package locale_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/locale"
)

func TestMoney(t *testing.T) {
	for _, tt := range []struct {
		name     string
		minor    int64
		currency string
		want     said
	}{
		{"whole Swedish kronor", 125_000, "SEK", said{
			"sv": "1_250_kr", "nb": "1_250_SEK", "nn": "1_250_SEK", "en": "SEK_1,250",
		}},
		{"kronor and öre", 125_050, "SEK", said{
			"sv": "1_250,50_kr", "nb": "1_250,50_SEK", "nn": "1_250,50_SEK", "en": "SEK_1,250.50",
		}},
		{"a few öre keep their nought", 5, "SEK", said{
			"sv": "0,05_kr", "nb": "0,05_SEK", "nn": "0,05_SEK", "en": "SEK_0.05",
		}},
		{"nothing", 0, "SEK", said{"sv": "0_kr", "nb": "0_SEK", "nn": "0_SEK", "en": "SEK_0"}},
		{"whole Norwegian kroner", 45_000_000, "NOK", said{
			"sv": "450_000_NOK", "nb": "450_000_kroner", "nn": "450_000_kroner", "en": "NOK_450,000",
		}},
		{"one krone", 100, "NOK", said{
			"sv": "1_NOK", "nb": "1_krone", "nn": "1_krone", "en": "NOK_1",
		}},
		{"tenths of a million", 180_000_000, "NOK", said{
			"sv": "1_800_000_NOK", "nb": "1,8_mill._kroner", "nn": "1,8_mill._kroner", "en": "NOK_1,800,000",
		}},
		{"whole millions", 200_000_000, "NOK", said{
			"sv": "2_000_000_NOK", "nb": "2_mill._kroner", "nn": "2_mill._kroner", "en": "NOK_2,000,000",
		}},
		{"millions that are not round are written out", 180_000_050, "NOK", said{
			"sv": "1_800_000,50_NOK", "nb": "1_800_000,50_kroner", "nn": "1_800_000,50_kroner", "en": "NOK_1,800,000.50",
		}},
		{"euro", 40_179, "EUR", said{
			"sv": "401,79_euro", "nb": "401,79_euro", "nn": "401,79_euro", "en": "EUR_401.79",
		}},
		{"less than nothing", -125_050, "SEK", said{
			"sv": "−1_250,50_kr", "nb": "−1_250,50_SEK", "nn": "−1_250,50_SEK", "en": "SEK_-1,250.50",
		}},
		{"half a krona less than nothing", -50, "SEK", said{
			"sv": "−0,50_kr", "nb": "−0,50_SEK", "nn": "−0,50_SEK", "en": "SEK_-0.50",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := inAll(func(lang locale.Language) string { return locale.Money(lang, tt.minor, tt.currency) })
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDuration(t *testing.T) {
	for _, tt := range []struct {
		name    string
		minutes int
		want    said
	}{
		{"nothing", 0, said{"sv": "0 timmar", "nb": "0 timer", "nn": "0 timar", "en": "0 hours"}},
		{"one minute", 1, said{"sv": "1 minut", "nb": "1 minutt", "nn": "1 minutt", "en": "1 minute"}},
		{"less than an hour", 45, said{"sv": "45 minuter", "nb": "45 minutter", "nn": "45 minutt", "en": "45 minutes"}},
		{"half an hour", 30, said{"sv": "30 minuter", "nb": "30 minutter", "nn": "30 minutt", "en": "30 minutes"}},
		{"one hour", 60, said{"sv": "1 timme", "nb": "1 time", "nn": "1 time", "en": "1 hour"}},
		{"an hour and a minute", 61, said{
			"sv": "1 timme 1 minut", "nb": "1 time 1 minutt", "nn": "1 time 1 minutt", "en": "1 hour 1 minute",
		}},
		{"an hour and a half is more than one", 90, said{
			"sv": "1,5 timmar", "nb": "1,5 timer", "nn": "1,5 timar", "en": "1.5 hours",
		}},
		{"two hours and a half", 150, said{
			"sv": "2,5 timmar", "nb": "2,5 timer", "nn": "2,5 timar", "en": "2.5 hours",
		}},
		{"two hours and twenty minutes", 140, said{
			"sv": "2 timmar 20 minuter", "nb": "2 timer 20 minutter", "nn": "2 timar 20 minutt", "en": "2 hours 20 minutes",
		}},
		{"a large pool", 90_000, said{
			"sv": "1_500 timmar", "nb": "1_500 timer", "nn": "1_500 timar", "en": "1,500 hours",
		}},
		{"given back", -150, said{
			"sv": "−2,5 timmar", "nb": "−2,5 timer", "nn": "−2,5 timar", "en": "-2.5 hours",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := inAll(func(lang locale.Language) string { return locale.Duration(lang, tt.minutes) })
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNumbersAreGroupedInThrees(t *testing.T) {
	for n, want := range map[int64]said{
		999:       {"sv": "999", "nb": "999", "nn": "999", "en": "999"},
		16_000:    {"sv": "16_000", "nb": "16_000", "nn": "16_000", "en": "16,000"},
		-1_000:    {"sv": "−1_000", "nb": "−1_000", "nn": "−1_000", "en": "-1,000"},
		1_234_567: {"sv": "1_234_567", "nb": "1_234_567", "nn": "1_234_567", "en": "1,234,567"},
	} {
		got := inAll(func(lang locale.Language) string { return locale.Number(lang, n) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}
