package user

import (
	"cmp"
	"context"
	_ "embed" // for the list of passwords
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// Length of a password in characters. There are no rules on which ones: length
// helps, and rules make people write Sommar2027!.
const (
	minPassword = 12
	maxPassword = 200
)

// CheckPassword refuses, at the field "password", a password that is too short,
// too long, or among the first that anybody would try: common ones with or
// without digits and changed letters, walks over the keyboard, short things
// said again, and whatever is made of the given words, as the user's name and
// address.
func CheckPassword(plain string, words ...string) error {
	var f problem.Fields
	p := prepared(plain)
	switch n := utf8.RuneCountInString(p); {
	case n < minPassword:
		f.Add("password", "password_short", "least", minPassword)
	case n > maxPassword:
		f.Add("password", "password_long", "most", maxPassword)
	case isRepeated(p) || isWalk(p) || isMadeOf(p, guesses(words)):
		f.Add("password", "password_common")
	}
	return f.Err()
}

// SetPassword stores the hash of a new password, as Hasher.Hash makes it, and
// ends the user's sessions, links to choose a password, and any wait after
// failures. It returns problem.ErrMissing for an unknown user.
func SetPassword(ctx context.Context, tx *store.Tx, userID, hash string) error {
	if _, ok := parseHash(hash); !ok {
		return errors.New("set password: what should be stored is no hash")
	}
	known, err := updatePassword(ctx, tx, userID, hash)
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	if !known {
		return problem.ErrMissing
	}
	if err := EndSessions(ctx, tx, userID); err != nil {
		return err
	}
	if err := deleteLinks(ctx, tx, userID, SetPasswordLink); err != nil {
		return fmt.Errorf("end links to set a password: %w", err)
	}
	if err := deleteFailures(ctx, tx, userID); err != nil {
		return fmt.Errorf("forget failures: %w", err)
	}
	return nil
}

// isRepeated reports whether the password is something shorter said again, or
// has hardly any different characters.
func isRepeated(p string) bool {
	signs := []rune(strings.ToLower(p))
	distinct := map[rune]bool{}
	for _, r := range signs {
		distinct[r] = true
	}
	if len(distinct) < 5 {
		return true
	}
	for period := 1; period < minPassword && 2*period <= len(signs); period++ {
		if slices.Equal(signs[period:], signs[:len(signs)-period]) {
			return true
		}
	}
	return false
}

// rows are the ways in which fingers walk: alphabet, rows and columns of the
// keyboards of the four languages, with and without shift.
var rows = []string{
	"abcdefghijklmnopqrstuvwxyzåäö", "xyzæøå", "01234567890",
	"qwertyuiopåü", "asdfghjklöä", "asdfghjkløæ", "zxcvbnm,.-", "§1234567890+´", "|1234567890+\\",
	`!"#¤%&/()=?`, "!@#$%^&*()_+",
	"1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik", "9ol",
}

// isWalk reports whether all but a few characters are next to the one before.
func isWalk(p string) bool {
	var before rune
	steps := 0
	for _, r := range strings.ToLower(p) {
		if r != before && !neighbours(before, r) {
			steps++
		}
		before = r
	}
	return steps < 5
}

func neighbours(a, b rune) bool {
	there, back := string([]rune{a, b}), string([]rune{b, a})
	return slices.ContainsFunc(rows, func(row string) bool {
		return strings.Contains(row, there) || strings.Contains(row, back)
	})
}

//go:embed common_passwords.txt
var commonPasswords string

// guesses are folded words from which passwords are made: the common ones and
// the parts of those given. Long ones stand first.
func guesses(words []string) []string {
	found := strings.Fields(commonPasswords)
	for _, w := range words {
		found = append(found, fold(w))
		for _, part := range strings.FieldsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
			found = append(found, fold(part))
		}
	}
	found = slices.DeleteFunc(found, func(w string) bool { return utf8.RuneCountInString(w) < 3 })
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return found
}

// isMadeOf reports whether so little is left without the words that it adds
// nothing: fewer than four letters.
func isMadeOf(p string, words []string) bool {
	var pairs []string
	for _, w := range words {
		pairs = append(pairs, w, " ")
	}
	without := strings.NewReplacer(pairs...)
	for _, way := range readings(p) {
		if rest := without.Replace(way); rest != way && letters(rest) < 4 {
			return true
		}
	}
	return false
}

// readings are the folded ways to read a password: a digit at either end may be
// one, as in a year, or stand for a letter.
func readings(p string) []string {
	noLetter := func(r rune) bool { return !unicode.IsLetter(r) }
	left, right, bare := strings.TrimLeftFunc(p, noLetter), strings.TrimRightFunc(p, noLetter), strings.TrimFunc(p, noLetter)
	return []string{fold(p), fold(undisguised(p)), fold(undisguised(left)), fold(undisguised(right)), fold(undisguised(bare))}
}

// undisguised undoes the usual changes of letters: p@ssw0rd is password.
func undisguised(p string) string {
	return strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i", "€", "e").Replace(p)
}

// fold leaves small letters without accents and digits.
func fold(s string) string {
	s = strings.NewReplacer("ø", "o", "æ", "ae", "ß", "ss").Replace(strings.ToLower(s))
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, norm.NFD.String(s))
}

func letters(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}
