package user

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"stafett/internal/feed"
	"stafett/internal/locale"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrEmailTaken says that another user has the address already.
var ErrEmailTaken = &problem.Problem{Kind: problem.Conflict, Code: "email_taken"}

const maxName = 120 // characters

// Add stores a new user, who has no password yet. The programmes of the grants
// must exist; a grant given twice counts once.
func Add(ctx context.Context, tx *store.Tx, email, name, language string, grants []Grant) (User, error) {
	address, fault := person.Address(email)
	u := User{ID: tx.NewID(), Email: address, Name: strings.TrimSpace(name), Language: language, Roles: grants}
	if err := u.check(fault == nil); err != nil {
		return User{}, err
	}
	added, err := insertUser(ctx, tx, u)
	if err != nil {
		return User{}, fmt.Errorf("add user: %w", err)
	}
	if !added {
		return User{}, ErrEmailTaken
	}
	for _, g := range grants {
		if err := insertGrant(ctx, tx, u.ID, g); err != nil {
			return User{}, fmt.Errorf("give %s to the new user: %w", g.Role, err)
		}
	}
	return Find(ctx, tx, u.ID)
}

func (u User) check(addressIsRight bool) error {
	var f problem.Fields
	if !addressIsRight {
		f.Add("email", "email")
	}
	checkName(&f, u.Name)
	if _, ok := locale.Parse(u.Language); !ok {
		f.Add("language", "choice")
	}
	for _, g := range u.Roles {
		switch g.Role {
		case Organiser, Adviser:
		case Administrator:
			if g.ProgrammeID != "" { // there is no administrator of a part
				f.Add("roles", "choice")
			}
		default:
			f.Add("roles", "choice")
		}
	}
	return f.Err()
}

func checkName(f *problem.Fields, name string) {
	if name == "" {
		f.Add("name", "required")
	}
	if utf8.RuneCountInString(name) > maxName {
		f.Add("name", "too_long", "most", maxName)
	}
	if locale.Deceptive(name, false) {
		f.Add("name", "characters")
	}
}

// List returns all users, by address.
func List(ctx context.Context, tx *store.Tx) ([]User, error) {
	return selectUsers(ctx, tx, ``)
}

// Find returns the user, disabled or not, or problem.ErrMissing.
func Find(ctx context.Context, tx *store.Tx, id string) (User, error) {
	return one(selectUsers(ctx, tx, `WHERE u.id = ?`, id))
}

// FindByEmail returns the user with this address, in whatever case it is typed,
// or problem.ErrMissing.
func FindByEmail(ctx context.Context, tx *store.Tx, email string) (User, error) {
	address, fault := person.Address(email)
	if fault != nil {
		return User{}, problem.ErrMissing // nobody can have it
	}
	return one(selectUsers(ctx, tx, `WHERE u.email = ?`, address))
}

func one(users []User, err error) (User, error) {
	if err != nil {
		return User{}, err
	}
	if len(users) == 0 {
		return User{}, problem.ErrMissing
	}
	return users[0], nil
}

// Disable keeps the user out from this moment on: sessions, open links and
// calendars' addresses end.
// It returns problem.ErrMissing for an unknown user.
func Disable(ctx context.Context, tx *store.Tx, id string) error {
	known, err := updateDisabled(ctx, tx, id, true)
	if err != nil {
		return fmt.Errorf("disable user: %w", err)
	}
	if !known {
		return problem.ErrMissing
	}
	if err := EndSessions(ctx, tx, id); err != nil {
		return err
	}
	if err := feed.End(ctx, tx, feed.Owner{UserID: id}); err != nil {
		return err
	}
	for _, purpose := range []string{SetPasswordLink, SignInLink} {
		if err := deleteLinks(ctx, tx, id, purpose); err != nil {
			return fmt.Errorf("end links to %s: %w", purpose, err)
		}
	}
	return nil
}

// Enable lets a disabled user in again, with the password as it was. It returns
// problem.ErrMissing for an unknown user.
func Enable(ctx context.Context, tx *store.Tx, id string) error {
	known, err := updateDisabled(ctx, tx, id, false)
	if err != nil {
		return fmt.Errorf("enable user: %w", err)
	}
	if !known {
		return problem.ErrMissing
	}
	return nil
}
