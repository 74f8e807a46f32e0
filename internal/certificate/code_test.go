package certificate_test

import (
	"testing"

	"stafett/internal/certificate"
)

func TestACodeIsReadInWhateverWayItIsTyped(t *testing.T) {
	const code = "7K2M94QX0BTR1H5C"
	for _, tt := range []struct {
		name, typed string
		want        bool
	}{
		{"as it is stored", code, true},
		{"in groups", "7K2M-94QX-0BTR-1H5C", true},
		{"in small letters", "7k2m-94qx-0btr-1h5c", true},
		{"with O for 0 and I for 1", "7K2M-94QX-OBTR-IH5C", true},
		{"with l for 1", "7k2m94qx0btrlh5c", true},
		{"with spaces", " 7K2M 94QX 0BTR 1H5C ", true},
		{"with the hyphens of a word processor", "7K2M–94QX‑0BTR‐1H5C", true},
		{"one character short", "7K2M-94QX-0BTR-1H5", false},
		{"one too many", "7K2M-94QX-0BTR-1H5C0", false},
		{"a letter that no code has", "7K2M-94QX-0BTR-1H5U", false},
		{"letters of two bytes", "7K2M-94QX-0BTR-ÅÄ", false},
		{"nothing", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := certificate.ParseCode(tt.typed)
			if ok != tt.want || ok && got != code {
				t.Errorf("%q, %t", got, ok)
			}
		})
	}
}

func TestACodeIsShownInGroups(t *testing.T) {
	if got := certificate.Show("7K2M94QX0BTR1H5C"); got != "7K2M-94QX-0BTR-1H5C" {
		t.Error(got)
	}
}

func FuzzParseCode(f *testing.F) {
	for _, typed := range []string{"7K2M94QX0BTR1H5C", "7k2m-94qx-obtr-lh5c", "", "----", "ıſK\x00"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := certificate.ParseCode(typed)
		if !ok {
			return
		}
		if again, ok := certificate.ParseCode(certificate.Show(code)); !ok || again != code {
			t.Fatalf("%q is read as %q, and that as %q, %t", typed, code, again, ok)
		}
	})
}
