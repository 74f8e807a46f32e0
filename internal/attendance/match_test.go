package attendance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func candidate(id, first, last string) Candidate {
	return Candidate{ID: id, Email: id + "@people.example", First: first, Last: last}
}

// told is how a participant was matched, in a few words.
func told(m Match) string {
	var ids []string
	for _, c := range m.Possible {
		ids = append(ids, c.ID)
	}
	return strings.TrimSpace(fmt.Sprint(m.Certainty, " ", strings.Join(ids, " ")))
}

func TestWhoIsSureWhoIsAskedAboutAndWhoIsUnknown(t *testing.T) {
	all := []Candidate{
		candidate("asa", "Åsa", "Öberg"), candidate("anna", "Anna", "Berg"), candidate("per", "Per", "Ågren"), candidate("maria", "Maria", "von Essen"),
		candidate("bo1", "Bo", "Ahlin"), candidate("bo2", "Bo", "Ahlin"), candidate("eva", "Eva", "Ek"), candidate("lena", "Lena", "Ekström"), candidate("nils", "Nils", ""),
	}
	for _, tt := range []struct{ name, email, want string }{
		{"whoever", "anna@people.example", "sure anna"},
		{"Åsa Öberg", "", "sure asa"},
		{"ASA OBERG", "", "sure asa"},
		{"Åsa Öberg (Gäst)", "", "sure asa"},
		{"Åsa Öberg | Siljans Snickeri", "", "sure asa"},
		{"Åsa Öberg - Siljans Snickeri", "", "sure asa"},
		{"Åsa Öberg", "other@private.example", "unsure asa"},
		{"Öberg, Åsa", "", "unsure asa"},
		{"Å. Öberg", "", "unsure asa"},
		{"Öberg", "", "unsure asa"},
		{"Lisa Öberg", "", "unsure asa"},
		{"Åsa Öbergh", "", "unsure asa"},
		{"Åsa Ö", "", "unsure asa"},
		{"ÅÖ", "", "unsure asa"},
		{"Anna's iPhone", "", "unsure anna"},
		{"Annas iPad", "", "unsure anna"},
		{"Anna", "", "unsure anna"},
		{"iPhone (Anna Berg)", "", "unsure anna"},
		{"von Essen, Maria", "", "unsure maria"},
		{"Bo Ahlin", "", "unsure bo1 bo2"},
		{"Anna Svensson", "", "none"},
		{"Konferensrum 3", "", "none"},
		{"iPhone", "", "none"},
		{"Nils", "", "sure nils"},
		{"Ek", "", "unsure eva"},
		{"unknown", "unknown@people.example", "none"},
		{"()", "", "none"},
	} {
		r := Report{Participants: []Participant{{Name: tt.name, Email: tt.email}}}
		if got := told(Find(r, all)[0]); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.name, tt.email, got, tt.want)
		}
	}
}

func TestANameIsNotSureWhenSomebodyElseHasALikeOne(t *testing.T) {
	all := []Candidate{candidate("anna", "Anna", "Berg"), candidate("lars", "Lars", "Berg")}
	r := Report{Participants: []Participant{{Name: "Anna Berg"}, {Name: "Lars Berg", Email: "lars@people.example"}}}
	var got []string
	for _, m := range Find(r, all) {
		got = append(got, told(m))
	}
	if diff := cmp.Diff([]string{"unsure anna lars", "sure lars"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTwoParticipantsOfOneNameAreAskedAbout(t *testing.T) {
	all := []Candidate{candidate("anna", "Anna", "Berg")}
	r := Report{Participants: []Participant{{Name: "Anna Berg", Email: "a@one.example"}, {Name: "Anna Berg", Email: "b@two.example"}}}
	for _, m := range Find(r, all) {
		if told(m) != "unsure anna" {
			t.Errorf("%s is %s", m.Email, told(m))
		}
	}
}
