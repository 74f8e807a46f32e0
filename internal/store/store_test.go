package store_test

import (
	"testing"

	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestTemp(t *testing.T) {
	db, _ := storetest.New(t)
	storetest.Write(t, db, func(tx *store.Tx) error { return nil })
}
