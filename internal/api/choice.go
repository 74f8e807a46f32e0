package api

import (
	"github.com/danielgtaylor/huma/v2"

	"stafett/internal/event"
	"stafett/internal/registration"
)

// The types below are texts of which only some values are allowed. The lists are
// the domain's own, so that the description cannot fall behind.
type (
	eventKind          string
	eventMode          string
	attendMode         string
	eventStatus        string
	eventState         string
	audienceCode       string
	languageCode       string
	zoneName           string
	countryCode        string
	registrationStatus string
	organisationKind   string
)

func choice[T ~string](values ...T) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	return s
}

func (eventKind) Schema(huma.Registry) *huma.Schema { return choice(event.Kinds()...) }

func (eventMode) Schema(huma.Registry) *huma.Schema {
	return choice(event.Room, event.Online, event.Hybrid)
}

func (attendMode) Schema(huma.Registry) *huma.Schema { return choice(event.Room, event.Online) }

func (eventStatus) Schema(huma.Registry) *huma.Schema {
	return choice(event.Draft, event.Published, event.Postponed, event.Cancelled, event.Held, event.Archived)
}

func (eventState) Schema(huma.Registry) *huma.Schema {
	return choice(event.StateDraft, event.StateCancelled, event.StatePostponed, event.StatePast, event.StateNotOpen,
		event.StateFull, event.StateClosed, event.StateOpen, event.StateFewLeft)
}

func (audienceCode) Schema(huma.Registry) *huma.Schema { return choice(event.Audiences()...) }

func (languageCode) Schema(huma.Registry) *huma.Schema { return choice("sv", "nb", "nn", "en") }

func (zoneName) Schema(huma.Registry) *huma.Schema {
	return choice("Europe/Stockholm", "Europe/Oslo")
}

func (countryCode) Schema(huma.Registry) *huma.Schema { return choice("SE", "NO") }

func (organisationKind) Schema(huma.Registry) *huma.Schema {
	return choice(registration.OrganisationKinds()...)
}

func (registrationStatus) Schema(huma.Registry) *huma.Schema {
	return choice(registration.PendingEmail, registration.Requested, registration.Confirmed, registration.Waitlisted,
		registration.Offered, registration.Rejected, registration.Lapsed, registration.Declined, registration.Expired,
		registration.Cancelled, registration.LateCancelled, registration.Transferred, registration.Attended,
		registration.NoShow, registration.EventCancelled, registration.Erased)
}

// textsAs turns a list of texts into one of another type.
func textsAs[To, From ~string](from []From) []To {
	to := make([]To, 0, len(from))
	for _, v := range from {
		to = append(to, To(v))
	}
	return to
}
