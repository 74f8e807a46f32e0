package api

import (
	"github.com/danielgtaylor/huma/v2"

	"stafett/internal/advisory"
)

// The texts of advice of which only some values are allowed.
type (
	advisoryStatus string
	prerequisite   string
	capPer         string
	capPeriod      string
	meetingAs      string
	bookingStatus  string
	bookingSide    string
)

func (advisoryStatus) Schema(huma.Registry) *huma.Schema {
	return choice(advisory.Draft, advisory.Open, advisory.Closed)
}

func (prerequisite) Schema(huma.Registry) *huma.Schema {
	return choice(advisory.NoPrerequisite, advisory.AttendedKind, advisory.PublicBody, advisory.Application, advisory.ByOrganiser)
}

func (capPer) Schema(huma.Registry) *huma.Schema {
	return choice(advisory.PerCompany, advisory.PerUndertaking, advisory.PerProject)
}

func (capPeriod) Schema(huma.Registry) *huma.Schema { return choice("programme", "year") }

func (meetingAs) Schema(huma.Registry) *huma.Schema { return choice(advisory.Meetings()...) }

func (bookingSide) Schema(huma.Registry) *huma.Schema {
	return choice(advisory.Supplier, advisory.Buyer)
}

func (bookingStatus) Schema(huma.Registry) *huma.Schema {
	return choice(advisory.Requested, advisory.Waiting, advisory.Confirmed, advisory.Declined, advisory.Lapsed, advisory.Cancelled,
		advisory.LateCancelled, advisory.Missed, advisory.Held, advisory.Settled)
}
