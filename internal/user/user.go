// Package user holds the people who run the programmes: who they are, what each
// may do and where, and how they and their programs prove who they are.
// Whatever proves it – password, session, link, API token – is kept as a hash
// only.
package user

import "slices"

// Role is what somebody may do.
type Role string

// The roles. An administrator may do all that an organiser may, everywhere.
const (
	Administrator Role = "administrator"
	Organiser     Role = "organiser"
	Adviser       Role = "adviser"
	MailSystem    Role = "mail" // of tokens only: hands in mail that came back
)

// Grant is a role in one programme, or in all.
type Grant struct {
	Role        Role
	ProgrammeID string // "": every programme
}

// User is somebody with an account.
type User struct {
	ID, Email, Name string
	Language        string
	Disabled        bool
	Roles           []Grant
}

// May reports whether the user may act in the role in the programme; with no
// programme, in all of them. Somebody disabled may nothing.
func (u User) May(role Role, programmeID string) bool {
	return !u.Disabled && slices.ContainsFunc(u.Roles, func(g Grant) bool { return g.allows(role, programmeID) })
}

// Programmes lists, without repeating any, the programmes in which the user may
// act in the role; all reports that there is no limit.
func (u User) Programmes(role Role) (ids []string, all bool) {
	if u.May(role, "") {
		return nil, true
	}
	for _, g := range u.Roles {
		if g.Role == role && !u.Disabled {
			ids = append(ids, g.ProgrammeID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), false
}

func (g Grant) allows(role Role, programmeID string) bool {
	if g.ProgrammeID != "" && g.ProgrammeID != programmeID {
		return false
	}
	return g.Role == role || g.Role == Administrator && (role == Organiser || role == MailSystem)
}
