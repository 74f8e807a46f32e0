package busy

import (
	"net/http"
	"testing"
)

// Publish is a host that publishes a calendar, with a fetcher that may ask it, for
// tests of the whole way.
func Publish(t *testing.T, h http.HandlerFunc) (*Fetcher, string) { return serve(t, noCheck, h) }

// SetAddress is an address that Address would refuse, as tests need one: a port
// other than 443.
const SetAddress = `UPDATE busy_calendar SET url = ? WHERE adviser_id = ?`
