package owndata_test

import (
	"context"
	"testing"

	"stafett/internal/company"
	"stafett/internal/owndata"
	"stafett/internal/person"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestACompanyThatIsNotConfirmedHasNoName(t *testing.T) {
	ctx := context.Background()
	db, _ := storetest.New(t)
	for _, tt := range []struct {
		confirmed bool
		want      string
	}{{false, ""}, {true, "Snickarna i Älvdalen AB"}} {
		storetest.Write(t, db, func(tx *store.Tx) error {
			p, err := person.Ensure(ctx, tx, person.Person{Email: "bo@example.se", FirstName: "Bo", LastName: "Ek", Language: "sv"})
			if err != nil {
				return err
			}
			co, err := company.Ensure(ctx, tx, "SE", "5566778899", "Snickarna i Älvdalen AB")
			if err != nil {
				return err
			}
			if err := company.Claim(ctx, tx, p.ID, co.ID, tt.confirmed); err != nil {
				return err
			}
			d, err := owndata.Read(ctx, tx, p.ID)
			if len(d.Companies) != 1 || d.Companies[0].Name != tt.want {
				t.Errorf("confirmed %t: %+v", tt.confirmed, d.Companies)
			}
			return err
		})
	}
}
