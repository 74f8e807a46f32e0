package api

// sentences says each code of a problem in English. A place in braces is filled
// with the value that the refusal carries.
var sentences = map[string]string{
	// The request as such.
	"not_text":        "The body is not valid UTF-8, or holds half of a surrogate pair.",
	"not_json":        "The body is not one JSON value.",
	"too_deep":        "The body is nested more than 32 levels deep.",
	"too_large":       "The body is larger than 1 MB.",
	"body_required":   "The operation needs a JSON body.",
	"content_type":    "The body must be sent as application/json.",
	"mail_too_large":  "A message is at most 256 kB.",
	"mail_type":       "A message must be sent as message/rfc822.",
	"query":           "The query cannot be read: escape what has a meaning in addresses.",
	"idempotency_key": "An Idempotency-Key is 1 to 255 visible ASCII characters, sent once.",
	"method":          "The address does not take this method.",

	// Who asks.
	"token":             "A valid bearer token is needed: send it as Authorization: Bearer stf_…",
	"denied":            "The token does not allow this.",
	"too_many_requests": "Too many requests. Come back after the time in Retry-After.",

	// What is asked for.
	"missing":                "There is no such thing, or it is not yours.",
	"invalid":                "Something must be corrected.",
	"idempotency_key_reused": "The Idempotency-Key came before with another request.",
	"slug_taken":             "Another programme has this slug.",
	"in_series":              "The event is part of a series already.",
	"series_enrolled":        "Somebody has signed up for the event through its series.",
	"series_certified":       "There are certificates for the series, which name its occasions: it cannot be changed.",
	"edited_meanwhile":       "Somebody else has changed the event meanwhile.",
	"not_in_this_state":      "The state does not allow this now.",
	"offer_over":             "The offer has ended or was answered already.",
	"offer_accepted":         "The offer has been accepted: the place is given up by withdrawing the registration.",
	"invitation_sent":        "The letter with the invitation went less than an hour ago, or is on its way.",
	"company_share":          "The company has as many places as one company can have.",
	"place_taken":            "Somebody else was quicker: the place is taken.",
	"attendance_closed":      "Attendance is closed: a mark is changed with a reason, by an organiser.",

	// Signing up.
	"not_open":           "Registration opens at {at}.",
	"closed":             "Registration closed at {at}.",
	"full":               "The event is full and has no waiting list.",
	"event_cancelled":    "The event is cancelled.",
	"event_postponed":    "The event is postponed and has no new date yet.",
	"event_past":         "The event has been held.",
	"full_group":         "There are not places for all of them, and the event has no waiting list.",
	"already_registered": "The address is registered for this event already.",

	// Advice.
	"slot_taken":        "The time is not free, or no longer.",
	"cap_exceeded":      "Not that many minutes are left: {left}.",
	"pool_exhausted":    "The programme of advice has not that many minutes left: {left}.",
	"not_eligible":      "The prerequisite of the programme of advice is not met.",
	"advice_closed":     "The programme of advice takes no bookings.",
	"other_side":        "The adviser helps the other side of this procurement.",
	"own_procurement":   "This is a procurement of the organiser itself: ask in the procurement.",
	"aid_missing":       "State aid has not been granted for it yet.",
	"booking_not_now":   "The state of the booking does not allow this.",
	"booking_too_early": "The meeting has not been held yet.",

	// At the door.
	"too_early": "Attendance can be recorded from {at}.",

	// Us.
	"busy":  "The request could not be carried out now, and nothing was changed. Try again.",
	"fault": "Something went wrong on our side, and nothing was changed. The request_id helps us to find it.",
}

// fieldSentences says each code of an error at a field.
var fieldSentences = map[string]string{
	"required":         "This is needed.",
	"type":             "This is of another type than described.",
	"own_municipality": "Name the municipality of the event first.",
	"decision_before":  "The day to decide must be before the day of the event.",
	"name_not_number":  "Give the name of the company, not a number.",
	"choice":           "This is not one of the values described.",
	"choose":           "Choose one of the values described.",
	"tick":             "Name at least one of the values described.",
	"characters":       "This holds control characters or reversals of direction, which are not allowed.",
	"form":             "This is not of the form described.",
	"too_long":         "This is too long.",
	"too_short":        "This is too short.",
	"too_many":         "These are too many.",
	"colleagues_most":  "At most four colleagues at once.",
	"too_few":          "These are too few.",
	"too_small":        "This number is too small.",
	"too_big":          "This number is too big.",
	"number":           "This is not a number that is allowed here.",
	"twice":            "The same must not come twice.",
	"date":             "Write a day as 2027-03-03.",
	"date_time":        "Write a time of this century with its offset, as 2027-03-03T08:30:00+01:00. In a query the + is written %2B.",
	"cursor":           "This is not a cursor that the API gave.",
	"email":            "This is not one e-mail address.",
	"email_ascii":      "The e-mail address must be in ASCII letters before the @.",
	"phone":            "A phone number has digits, spaces and + - ( ) . / only.",
	"logo_large":       "The picture is larger than {most} kB.",
	"logo_type":        "The picture is neither PNG nor JPEG.",
	"logo_size":        "The picture must be between {least} and {most} pixels wide and high.",
	"slug":             "A slug has lower-case letters a to z, digits and single hyphens, and at most 80 of them.",

	"email_twice":       "The same address comes twice.",
	"own_address":       "This is the address of the one who signs the colleague up.",
	"invitation_needed": "The event is by invitation: send the code of one.",
	"invitation":        "The code does not hold for this address, is used up or does not exist.",
	"mode_together":     "Those who come only together take part in the same way.",

	"invitation_colleague": "The invitation does not cover this colleague.",

	"too_soon":        "The programme of advice can be booked from {earliest} on.",
	"too_far":         "The programme of advice is booked at most {days} days ahead.",
	"after_close":     "The programme of advice has its last day on {day}.",
	"after_tender":    "The meeting would start after this day.",
	"tender_over":     "The meeting would start after the last day for tenders.",
	"need_short":      "Write at least {least} characters about the need.",
	"municipality":    "No one municipality is meant: write its code, as SE-2039.",
	"county":          "No one county is meant: write its code, as SE-20.",
	"org_number_se":   "This is not a Swedish organisation number.",
	"org_number_no":   "This is not a Norwegian organisation number.",
	"personal_number": "This looks like a personal number. It was not stored; do not send one.",
	"answer":          "The question must be answered.",
	"diet_consent":    "Diet is kept only with consent.",

	"in_future":           "This must be in the future.",
	"after_start":         "The end must be after the start.",
	"too_late":            "An event lasts at most 14 days.",
	"by_start":            "Registration closes when the event starts at the latest.",
	"before_close":        "Registration opens before it closes.",
	"at_least_one":        "This must be at least 1, and at most 100 000.",
	"places_taken":        "{n} places are taken: there cannot be fewer.",
	"mode_taken":          "{n} people take part in the way that would go.",
	"web_address":         "This is not an address that begins with https://.",
	"join_or_promise":     "Give the join link, or the day by which it comes.",
	"diet_needs_decision": "The organiser cannot ask about diet before its decision on erasure is entered.",
	"agenda_title":        "Row {row} of the agenda needs a title.",
	"copies_none":         "Name at least one date.",
	"copies_most":         "At most {most} copies at a time.",
	"copy_content":        "The copy cannot be stored: correct the original first.",
	"occasions_number":    "A series has {least} to {most} occasions.",
	"agenda_order":        "Row {row} of the agenda is earlier than the one before.",
	"agenda_after_end":    "Row {row} of the agenda is after the end.",
	"question_label":      "Question {row} needs a text.",
	"question_options":    "Question {row} needs at least two options.",

	"full_group":         "There are not places for all of them, and the event has no waiting list.",
	"already_registered": "The address is registered for this event already.",
}

// words is the sentence of a code; for one that is not known here the general
// one, for a code alone is still an answer to a program.
func words(code string, args []any) string {
	if s, ok := sentences[code]; ok {
		return fill(s, args)
	}
	return sentences["invalid"]
}

func fieldWords(code string, args []any) string {
	if s, ok := fieldSentences[code]; ok {
		return fill(s, args)
	}
	return fieldSentences["form"]
}
