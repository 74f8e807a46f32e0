package message

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Why a message was not sent, or why no mail goes out at all: a code, since what
// is stored is read in several languages. Every code has a text
// "mail.reason.<code>". After some codes stands what the mail server answered in
// numbers: "no_such_address 550 5.1.1".
const (
	// The mail server answered; its numbers follow.
	ReasonTryLater      = "try_later"
	ReasonSignIn        = "sign_in_refused"
	ReasonServerRefuses = "server_refuses_us"
	ReasonNoSuchAddress = "no_such_address"
	ReasonRefused       = "refused"
	ReasonOddAnswer     = "odd_answer"

	// A server further on answered, after ours had taken the letter: it came back.
	ReasonCameBack          = "came_back"
	ReasonCameBackNoAddress = "came_back_no_address"

	// The mail server gave no answer, or was not reached.
	ReasonMayHaveArrived = "may_have_arrived"
	ReasonStopped        = "stopped"
	ReasonLineBroke      = "line_broke"
	ReasonUnreachable    = "unreachable"
	ReasonServerNotFound = "server_not_found"
	ReasonCertificate    = "certificate_not_trusted"
	ReasonNoEncryption   = "no_common_encryption"
	ReasonSettings       = "settings_do_not_fit"

	// What comes back cannot be fetched.
	ReasonMailbox = "mailbox_refuses_us"

	// The letter itself cannot go.
	ReasonUnfitAddress = "unfit_address"
	ReasonUnfitLetter  = "unfit_letter"
	ReasonBadAddress   = "bad_address" // found not to exist by an earlier letter
	ReasonNotWritten   = "not_written" // through a fault of the program

	// The letter no longer makes sense.
	ReasonGivenUp         = "dropped_given_up" // the place that it tells of
	ReasonNoLongerWaiting = "dropped_no_longer_waiting"
	ReasonNotRegistered   = "dropped_not_registered"
	ReasonHereAgain       = "dropped_here_again" // registered again, or was there after all
	ReasonOffDate         = "dropped_off_date"
	ReasonNewDate         = "dropped_new_date"
	ReasonNotOver         = "dropped_not_over"
	ReasonTold            = "dropped_told"       // by another letter
	ReasonWillTell        = "dropped_will_tell"  // another letter, which goes first
	ReasonGone            = "dropped_gone"       // what the letter is about
	ReasonNoText          = "dropped_no_text"    // for this kind of letter
	ReasonSignedUp        = "dropped_signed_up"  // who was invited, already
	ReasonNotChosen       = "dropped_not_chosen" // no longer among those whom a mailing is for
	ReasonMailingStopped  = "dropped_mailing_stopped"
	ReasonUnsubscribed    = "dropped_unsubscribed" // wants no news any more
	ReasonLate            = "dropped_late"
	ReasonByHand          = "dropped_by_hand" // an organiser decided so

	// The letter waits for an organiser's decision.
	ReasonTooMany = "held_too_many" // that strangers caused, to one address

	// The database went back to a backup.
	ReasonRestored    = "restored"             // it may have gone before: an organiser is asked
	ReasonThrown      = "dropped_restored"     // and said that it is not to go
	ReasonRuleGone    = "dropped_rule_gone"    // the reminder rule that wrote it
	ReasonRuleChanged = "dropped_rule_changed" // and writes it anew

	// Something else that runs by itself went wrong.
	ReasonFault = "fault"

	// ReasonUnknown is the answer of SplitReason for what is no code of ours.
	ReasonUnknown = "unknown"
)

// reasons lists every code, and whether the server's numbers follow it.
var reasons = map[string]bool{
	ReasonTryLater: true, ReasonSignIn: true, ReasonServerRefuses: true, ReasonNoSuchAddress: true, ReasonRefused: true, ReasonOddAnswer: true,
	ReasonMailbox: false, ReasonCameBack: true, ReasonCameBackNoAddress: true,
	ReasonMayHaveArrived: false, ReasonStopped: false, ReasonLineBroke: false, ReasonUnreachable: false, ReasonServerNotFound: false,
	ReasonCertificate: false, ReasonNoEncryption: false, ReasonSettings: false,
	ReasonUnfitAddress: false, ReasonUnfitLetter: false, ReasonBadAddress: false, ReasonNotWritten: false,
	ReasonGivenUp: false, ReasonNoLongerWaiting: false, ReasonNotRegistered: false, ReasonHereAgain: false, ReasonOffDate: false,
	ReasonNewDate: false, ReasonNotOver: false, ReasonTold: false, ReasonWillTell: false, ReasonGone: false, ReasonNoText: false,
	ReasonRestored: false, ReasonThrown: false,
	ReasonSignedUp: false, ReasonByHand: false, ReasonTooMany: false,
	ReasonRuleGone: false, ReasonRuleChanged: false,
	ReasonNotChosen: false, ReasonMailingStopped: false, ReasonUnsubscribed: false,
	ReasonLate: false, ReasonFault: false, ReasonUnknown: false,

	// Why it did not go in time.
	late + ReasonTryLater: true, late + ReasonOddAnswer: true, late + ReasonMayHaveArrived: false, late + ReasonStopped: false,
	late + ReasonLineBroke: false, late + ReasonUnreachable: false, late + ReasonNotWritten: false,
}

// late begins the code of a letter that was tried until it made no sense any
// more; the reason of the last attempt follows.
const late = ReasonLate + "_"

// Reasons lists every code that SplitReason can answer, sorted.
func Reasons() []string { return slices.Sorted(maps.Keys(reasons)) }

// LateAfter is the reason of a message for which it is too late now, given the
// reason why its last attempt failed; empty when it was never tried.
func LateAfter(last string) string {
	if _, known := reasons[late+strings.SplitN(last, " ", 2)[0]]; known {
		return late + last
	}
	return ReasonLate
}

// serverAnswer is what a mail server answers in numbers: three digits, and perhaps
// the three numbers of RFC 3463; of a letter that came back perhaps only those.
var serverAnswer = regexp.MustCompile(`^([0-9]{3}( [0-9]\.[0-9]{1,3}\.[0-9]{1,3})?|[0-9]\.[0-9]{1,3}\.[0-9]{1,3})$`)

// SplitReason divides what is stored as the reason of a message, or as the fault
// of a run, into its code and the server's numbers; those are empty after most
// codes. Every code has a text, with a place for the numbers where there are
// any: what is no reason of ours is ReasonUnknown, and nothing stays nothing.
func SplitReason(s string) (code, numbers string) {
	if s == "" {
		return "", ""
	}
	code, numbers, _ = strings.Cut(s, " ")
	numbered, known := reasons[code]
	if !known || numbered != serverAnswer.MatchString(numbers) || !numbered && numbers != "" {
		return ReasonUnknown, ""
	}
	return code, numbers
}
