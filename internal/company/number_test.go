package company

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestANumberIsReadFromTheFormsPeopleWrite(t *testing.T) {
	for _, tt := range []struct {
		name, country, typed, want string
	}{
		{"a limited company", "SE", "556677-8899", "5566778899"},
		{"an association", "SE", "887500-9584", "8875009584"},
		{"a large company", "SE", "556036-0793", "5560360793"},
		{"a municipality", "SE", "212000-0142", "2120000142"},
		{"digits only", "SE", "5566778899", "5566778899"},
		{"with the century of a register", "SE", "165566778899", "5566778899"},
		{"with century and hyphen", "SE", "16556677-8899", "5566778899"},
		{"a Swedish VAT number", "SE", "SE556677889901", "5566778899"},
		{"a VAT number in small letters with spaces", "SE", " se 556677 8899 01 ", "5566778899"},
		{"a VAT number without its letters", "SE", "556677889901", "5566778899"},
		{"the letters without the rest of a VAT number", "SE", "SE 556677-8899", "5566778899"},
		{"a state body's VAT number, which is no personal number", "SE", "202100544801", "2021005448"},
		{"the same with its letters", "SE", "SE202100544801", "2021005448"},
		{"dots", "SE", "556.677.88.99", "5566778899"},
		{"a Norwegian company", "NO", "923609016", "923609016"},
		{"with no-break spaces", "NO", "923\u00a0609\u202f016", "923609016"},
		{"another", "NO", "991825827", "991825827"},
		{"a public body", "NO", "974 760 673", "974760673"},
		{"a Norwegian VAT number", "NO", "NO 923 609 016 MVA", "923609016"},
		{"as it stands on an invoice", "NO", "923609016mva", "923609016"},
		{"with tabs and a line break of a pasted cell", "NO", "\t923609016\r\n", "923609016"},
		{"with a zero-width space of a web page", "NO", "923\u200b609016", "923609016"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, allowTest := range []bool{false, true} {
				got, err := ParseNumber(tt.country, tt.typed, allowTest)
				if err != nil || got != tt.want {
					t.Errorf("ParseNumber(%s, %q, %t) = %q, %v; want %q", tt.country, tt.typed, allowTest, got, err, tt.want)
				}
			}
		})
	}
}

func TestEveryKindOfDashIsAHyphen(t *testing.T) {
	for _, dash := range []string{
		"-", "\u00ad", "\u02d7", "\u058a", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015",
		"\u2043", "\u2212", "\ufe58", "\ufe63", "\uff0d", " - ", " – ",
	} {
		t.Run(fmt.Sprintf("%+q", dash), func(t *testing.T) {
			got, err := ParseNumber("SE", "556677"+dash+"8899", false)
			if err != nil || got != "5566778899" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestWhatIsNoNumberIsRefused(t *testing.T) {
	for _, tt := range []struct{ name, country, typed string }{
		{"nothing", "SE", ""},
		{"only signs", "SE", " - "},
		{"only the letters", "SE", "SE"},
		{"a wrong check digit", "SE", "556677-8898"},
		{"a wrong check digit in a VAT number", "SE", "SE556677889801"},
		{"too few digits", "SE", "556677-889"},
		{"eleven digits", "SE", "556677-88990"},
		{"twelve digits that are no form of anything", "SE", "556677889902"},
		{"a state body's number with another ending", "SE", "202100544802"},
		{"a third digit below 2 that is no month", "SE", "551977-8897"},
		{"a group that begins with 0", "SE", "056677-8890"},
		{"a letter among the digits", "SE", "55667A-8899"},
		{"the plus of people above a hundred", "SE", "556677+8899"},
		{"digits of another script", "SE", "٥٥٦٦٧٧-٨٨٩٩"},
		{"a Norwegian number in Sweden", "SE", "923609016"},
		{"a Norwegian VAT number in Sweden", "SE", "NO923609016MVA"},
		{"a Swedish number in Norway", "NO", "556677-8899"},
		{"a first digit that is not in use", "NO", "123456785"},
		{"a wrong check digit in Norway", "NO", "923609017"},
		{"a check digit that would be ten", "NO", "800000050"},
		{"eight digits", "NO", "92360901"},
		{"another country", "DK", "12345674"},
		{"bytes that are not text", "SE", "\xff\xfe"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, allowTest := range []bool{false, true} {
				got, err := ParseNumber(tt.country, tt.typed, allowTest)
				if got != "" || !errors.Is(err, ErrNumber) {
					t.Errorf("ParseNumber(%s, %q, %t) = %q, %v; want ErrNumber", tt.country, tt.typed, allowTest, got, err)
				}
			}
		})
	}
}

func TestAPersonalNumberIsRefusedInWordsThatDoNotRepeatIt(t *testing.T) {
	for _, tt := range []struct{ name, country, typed string }{
		{"ten digits", "SE", "121212-1212"},
		{"with its century", "SE", "19121212-1212"},
		{"of this century", "SE", "20030417-2391"},
		{"of somebody born long ago", "SE", "18900401-1234"},
		{"with the plus of people above a hundred", "SE", "121212+1212"},
		{"with a slip in the check digit", "SE", "121212-1213"},
		{"a coordination number", "SE", "701063-2391"},
		{"a coordination number with its century", "SE", "197010632391"},
		{"the last day of a coordination number", "SE", "701091-2391"},
		{"a sole trader's VAT number", "SE", "SE121212121201"},
		{"the same without its letters", "SE", "121212121201"},
		{"a personal number that ends like a VAT number", "SE", "191212120001"},
		{"a VAT number that could be somebody's birthday", "SE", "SE202001010001"},
		{"with 16 for a century", "SE", "16121212-1212"},
		{"with words around it", "SE", "pnr: 121212-1212"},
		{"when Norway was chosen", "NO", "121212-1212"},
		{"a fødselsnummer", "NO", "010203 12345"},
		{"a fødselsnummer when Sweden was chosen", "SE", "01020312345"},
		{"a D-nummer", "NO", "41020312345"},
		{"a H-nummer", "NO", "01420312345"},
		{"when no country was chosen", "", "19121212-1212"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, allowTest := range []bool{false, true} {
				got, err := ParseNumber(tt.country, tt.typed, allowTest)
				if got != "" || !errors.Is(err, ErrPersonalNumber) {
					t.Fatalf("ParseNumber(%s, %q, %t) = %q, %v; want ErrPersonalNumber", tt.country, tt.typed, allowTest, got, err)
				}
				if err != ErrPersonalNumber || len(ErrPersonalNumber.Args) != 0 {
					t.Errorf("the error is another than the declared one: %#v", err)
				}
			}
		})
	}
}

func TestTestNumbersAreTakenOnlyWhereTheyAreAllowed(t *testing.T) {
	for _, tt := range []struct{ name, country, typed, want string }{
		{"a group that is not in use in Sweden", "SE", "402000-1006", "4020001006"},
		{"another of them", "SE", "402000-7003", "4020007003"},
		{"a synthetic Norwegian company", "NO", "310000019", "310000019"},
		{"another of them", "NO", "310 003 085", "310003085"},
		{"the other digit for them", "NO", "213 456 784", "213456784"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := ParseNumber(tt.country, tt.typed, false); got != "" || !errors.Is(err, ErrNumber) {
				t.Errorf("where they are not allowed: %q, %v; want ErrNumber", got, err)
			}
			if got, err := ParseNumber(tt.country, tt.typed, true); got != tt.want || err != nil {
				t.Errorf("where they are allowed: %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestTheRuleOfNorwegianCheckDigits(t *testing.T) {
	for _, number := range []string{"123456785", "923609016", "991825827", "974760673"} {
		if !mod11(number) {
			t.Errorf("%s is right", number)
		}
	}
	for _, number := range []string{"123456784", "923609010"} {
		if mod11(number) {
			t.Errorf("%s is wrong", number)
		}
	}
}

func TestFormat(t *testing.T) {
	for _, tt := range []struct{ name, country, number, want string }{
		{"Swedish", "SE", "5566778899", "556677-8899"},
		{"Norwegian", "NO", "123456785", "123 456 785"},
		{"none", "SE", "", ""},
		{"the length of another country", "NO", "5566778899", "5566778899"},
		{"another country", "DK", "12345674", "12345674"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Format(tt.country, tt.number); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOneWrongDigitIsAlwaysNoticed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		country := rapid.SampledFrom([]string{"SE", "NO"}).Draw(t, "country")
		number := drawNumber(t, country)
		i := rapid.IntRange(0, len(number)-1).Draw(t, "position")
		other := byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		if number[i] == other {
			return
		}
		wrong := number[:i] + string(other) + number[i+1:]
		if got, err := ParseNumber(country, wrong, true); err == nil {
			t.Fatalf("%s instead of %s was taken as %s", wrong, number, got)
		}
	})
}

func TestAnyGroupingOfARightNumberIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		country := rapid.SampledFrom([]string{"SE", "NO"}).Draw(t, "country")
		number := drawNumber(t, country)
		typed := number
		switch rapid.IntRange(0, 2).Draw(t, "form") {
		case 1:
			typed = Format(country, number)
		case 2:
			typed = map[string]string{"SE": "se" + number + "01", "NO": "no" + number + "mva"}[country]
		}
		sign := rapid.SampledFrom([]string{" ", ".", "-", "–", "\u00a0"}).Draw(t, "sign")
		i := rapid.IntRange(0, len(typed)).Draw(t, "position")
		got, err := ParseNumber(country, typed[:i]+sign+typed[i:], true)
		if looksPersonal(strings.Trim(typed, "senomva")) {
			if err != ErrPersonalNumber { // in doubt it is somebody's
				t.Fatalf("%q gives %q, %v", typed, got, err)
			}
			return
		}
		if err != nil || got != number {
			t.Fatalf("%q gives %q, %v; want %q", typed[:i]+sign+typed[i:], got, err, number)
		}
	})
}

// drawNumber makes a right number by trying check digits, which is another way
// than the program's to come to one.
func drawNumber(t *rapid.T, country string) string {
	form := map[string]string{"SE": `[1-9][0-9][2-9][0-9]{6}`, "NO": `[2389][0-9]{7}`}[country]
	for {
		start := rapid.StringMatching(form).Draw(t, "start")
		for check := range 10 {
			number := fmt.Sprint(start, check)
			if country == "SE" && luhnSum(number)%10 == 0 || country == "NO" && mod11Sum(number)%11 == 0 {
				return number
			}
		}
	}
}

func luhnSum(number string) (sum int) {
	const doubled = "0246813579"
	for i, r := range number {
		if i%2 == 0 {
			r = rune(doubled[r-'0'])
		}
		sum += int(r - '0')
	}
	return sum
}

// mod11Sum counts the check digit too, with weight one.
func mod11Sum(number string) (sum int) {
	for i, r := range number {
		sum += int(r-'0') * int("327654321"[i]-'0')
	}
	return sum
}

func FuzzParseNumber(f *testing.F) {
	for _, typed := range []string{
		"556677-8899", "887500-9584", "165566778899", "SE556677889901", "202100544801", "121212-1212", "19121212-1212",
		"402000-1006", "123456785", "NO 923 609 016 MVA", "310000019", "01020312345", "\u2212", "SESE", "",
	} {
		f.Add("SE", typed, true)
		f.Add("NO", typed, false)
	}
	f.Fuzz(func(t *testing.T, country, typed string, allowTest bool) {
		number, err := ParseNumber(country, typed, allowTest)
		if err != nil {
			if number != "" || err != ErrNumber && err != ErrPersonalNumber {
				t.Fatalf("refused with %q, %v", number, err)
			}
			return
		}
		right := country == "SE" && len(number) == 10 && luhnSum(number)%10 == 0 ||
			country == "NO" && len(number) == 9 && mod11Sum(number)%11 == 0
		if strings.Trim(number, "0123456789") != "" || !right {
			t.Fatalf("%s %q gives %q", country, typed, number)
		}
		again, err := ParseNumber(country, Format(country, number), allowTest)
		if err != nil || again != number {
			t.Fatalf("%q is read back as %q, %v", number, again, err)
		}
	})
}
