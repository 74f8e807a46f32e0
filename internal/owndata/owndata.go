// Package owndata gathers what is stored about one person, for the person: to
// see, to take along, and to have erased. The names of its fields are the words
// of the tables, so that the file says what is stored and not what we make of it.
//
// What other people's data would tell is left out: of those who signed up in the
// same go there is only how many they were, and of an organiser who did
// something that it was one. So it is with the log of what the person did to what
// is other people's.
package owndata

import (
	"time"

	"stafett/internal/application"
)

// Data is everything that is stored about a person.
type Data struct {
	WrittenAt    time.Time      `json:"written_at"`
	Person       Person         `json:"person"`
	Companies    []Contact      `json:"companies"`
	Registration []Registration `json:"registrations"`
	Series       []SeriesCert   `json:"series_certificates"`
	Invitations  []Invitation   `json:"invitations"`
	Bookings     []Booking      `json:"bookings"`
	Hours        []Hours        `json:"hours_accounts"`
	Applications []Application  `json:"applications"`
	News         []News         `json:"subscriptions"`
	Aid          []Aid          `json:"state_aid"`
	Messages     []Message      `json:"messages"` // those about no registration
	Sessions     []Session      `json:"sessions"`
	PersonLinks  []PersonLink   `json:"person_links"`
	Feeds        []Feed         `json:"feeds"`
	Erasures     []Erasure      `json:"erasure_requests"`
	Log          []Entry        `json:"audit_entries"`
	User         *User          `json:"user_account,omitempty"` // of somebody who organises with the same address
}

// Person is the row of the person.
type Person struct {
	ID            string     `json:"id"`
	Email         string     `json:"email"`
	FirstName     string     `json:"first_name"`
	LastName      string     `json:"last_name"`
	Language      string     `json:"language"`
	EmailFailedAt *time.Time `json:"email_failed_at"`
	CreatedAt     time.Time  `json:"created_at"`
}

// Company is a company that the person comes for.
type Company struct {
	Country   string `json:"country"`
	OrgNumber string `json:"org_number"`
	Name      string `json:"name"`
}

// Contact ties the person to a company.
type Contact struct {
	Company
	Status    string    `json:"status"` // claimed, confirmed
	CreatedAt time.Time `json:"created_at"`
}

// Event is what a registration is for.
type Event struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Language  string    `json:"language"`
	StartsAt  time.Time `json:"starts_at"`
	EndsAt    time.Time `json:"ends_at"`
	TimeZone  string    `json:"time_zone"`
	Programme string    `json:"programme"`
	Organiser string    `json:"organiser_name"`
}

// Aid is state aid that the person declared or stands for.
type Aid struct {
	Recipient    string     `json:"recipient"`
	Programme    string     `json:"programme"`
	Status       string     `json:"status"`
	AskedAt      time.Time  `json:"asked_at"`
	Declarations []Signed   `json:"declarations"`
	Minutes      int        `json:"minutes"`   // granted, as it stands
	EuroCents    int64      `json:"eur_cents"` // the same
	NumberSealed bool       `json:"number_sealed"`
	KeptUntil    *time.Time `json:"kept_until"` // by the law on aid, also after erasure
}

// Signed is a declaration that the person made.
type Signed struct {
	Signer string    `json:"signer"`
	At     time.Time `json:"at"`
	Other  int       `json:"other_aid"`
}

// Municipality is where the person works.
type Municipality struct {
	Country string `json:"country"`
	Code    string `json:"code"`
}

// Registration is one registration with everything that hangs on it.
type Registration struct {
	ID               string        `json:"id"`
	Event            Event         `json:"event"`
	Status           string        `json:"status"`
	Mode             string        `json:"mode"`
	Extra            bool          `json:"extra"`
	Email            string        `json:"email"`
	FirstName        string        `json:"first_name"`
	LastName         string        `json:"last_name"`
	Phone            string        `json:"phone"`
	Language         string        `json:"language"`
	Audience         string        `json:"audience"`
	OrganisationKind string        `json:"organisation_kind"`
	OrganisationName string        `json:"organisation_name"`
	Company          *Company      `json:"company"`
	Municipality     *Municipality `json:"municipality"`
	Diet             string        `json:"diet"`
	AccessNeeds      string        `json:"access_needs"`
	GroupSize        int           `json:"group_size"` // how many signed up in one go; 0: alone
	EnrolmentID      string        `json:"enrolment_id"`
	InvitationID     string        `json:"invitation_id"`
	BeforeMark       string        `json:"before_mark"`
	JoinedAt         time.Time     `json:"joined_at"`
	RoomSince        *time.Time    `json:"room_since"` // in the queue for the room, with a place online
	HoldUntil        *time.Time    `json:"hold_until"`
	ConfirmedAt      *time.Time    `json:"confirmed_at"`
	EndedAt          *time.Time    `json:"ended_at"`
	EndReason        string        `json:"end_reason"`
	CalendarUID      string        `json:"calendar_uid"`
	CalendarSequence int           `json:"calendar_sequence"`
	CreatedAt        time.Time     `json:"created_at"`
	ChangedAt        time.Time     `json:"changed_at"`
	Answers          []Answer      `json:"answers"`
	Offers           []Offer       `json:"offers"`
	Certificate      *Certificate  `json:"certificate"`
	Marks            []Mark        `json:"checkin_marks"`
	Links            []Link        `json:"personal_links"`
	Messages         []Message     `json:"messages"`
	Log              []Entry       `json:"audit_entries"`
}

// Answer is what was answered to a question of the organiser's.
type Answer struct {
	Question string   `json:"question"`
	Value    []string `json:"value"`
}

// Offer is a place that was offered.
type Offer struct {
	Mode       string     `json:"mode"`
	Status     string     `json:"status"`
	Reason     string     `json:"reason"`
	OfferedAt  time.Time  `json:"offered_at"`
	AnswerBy   time.Time  `json:"answer_by"`
	AnsweredAt *time.Time `json:"answered_at"`
}

// Certificate is that the person was there.
type Certificate struct {
	Code     string    `json:"code"`
	IssuedAt time.Time `json:"issued_at"`
}

// SeriesCert is that the person was at most of a series.
type SeriesCert struct {
	Code     string    `json:"code"`
	Series   string    `json:"series"`
	IssuedAt time.Time `json:"issued_at"`
}

// Mark was made at the door.
type Mark struct {
	Outcome    string    `json:"outcome"`
	MadeAt     time.Time `json:"made_at"`
	ReceivedAt time.Time `json:"received_at"`
}

// Link stood in a letter. The secret itself is not stored.
type Link struct {
	Purpose   string    `json:"purpose"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

// News is a wish for news from a programme, with the words that were agreed to.
type News struct {
	Programme   string     `json:"programme"`
	Status      string     `json:"status"`
	Source      string     `json:"source"`
	Wording     string     `json:"wording"`
	Language    string     `json:"language"`
	AskedAt     time.Time  `json:"asked_at"`
	ConfirmedAt *time.Time `json:"confirmed_at"`
	EndedAt     *time.Time `json:"ended_at"`
	EndedBy     string     `json:"ended_by"`
}

// Message was written to the person. Its words are kept until it is sent, and no
// longer.
type Message struct {
	Letter    string     `json:"letter"`
	Recipient string     `json:"recipient"`
	Language  string     `json:"language"`
	Status    string     `json:"status"`
	CreatedAt time.Time  `json:"created_at"`
	DoneAt    *time.Time `json:"done_at"`
}

// PersonLink led, or leads, to one's own page. The secret itself is not stored.
type PersonLink struct {
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	UsedAt    *time.Time `json:"used_at"`
}

// Feed is a secret address by which a calendar program fetches the person's
// registrations. The secret itself is not stored.
type Feed struct {
	Kind          string     `json:"kind"`
	Language      string     `json:"language"`
	CreatedAt     time.Time  `json:"created_at"`
	LastFetchedAt *time.Time `json:"last_fetched_at"`
}

// Entry of the audit log: what was done to something of the person's. What the
// person did to other people's is told by nothing here.
type Entry struct {
	At     time.Time `json:"at"`
	Actor  string    `json:"actor_kind"` // person, user, token, system, command
	Action string    `json:"action"`
	From   string    `json:"from_value"`
	To     string    `json:"to_value"`
	Reason string    `json:"reason"`
}

// Invitation was made out to the person's address.
type Invitation struct {
	Event     string     `json:"event"`
	Label     string     `json:"label"`
	Email     string     `json:"email"`
	Used      int        `json:"used"`
	RevokedAt *time.Time `json:"revoked_at"`
	CreatedAt time.Time  `json:"created_at"`
}

// Application is one for support from a pot. What assessors note for each other is
// about the project, and is not here.
type Application struct {
	ID             string                `json:"id"`
	Programme      string                `json:"programme"`
	Number         string                `json:"number"`
	Status         string                `json:"status"`
	Company        *Company              `json:"company"`
	BodyName       string                `json:"body_name"`
	Language       string                `json:"language"`
	Title          string                `json:"title"`
	Challenge      string                `json:"challenge"`
	Goal           string                `json:"goal"`
	ReportURL      string                `json:"report_url"`
	ProjectOwner   string                `json:"project_owner"`
	BudgetMinor    *int64                `json:"budget_minor"`
	OwnShareMinor  *int64                `json:"own_share_minor"`
	AskedMinor     *int64                `json:"asked_minor"`
	GrantedMinor   *int64                `json:"granted_minor"`
	Support        string                `json:"support"`
	Typed          *application.Form     `json:"typed,omitempty"` // of a draft
	Questions      []ApplicationQuestion `json:"application_asks"`
	Decision       string                `json:"decision"` // its reason
	FinalReport    string                `json:"final_report"`
	FinalReportURL string                `json:"final_report_url"`
	CreatedAt      time.Time             `json:"created_at"`
	SubmittedAt    *time.Time            `json:"submitted_at"`
	DecidedAt      *time.Time            `json:"decided_at"`
	Messages       []Message             `json:"messages"`
	Log            []Entry               `json:"audit_entries"`
}

// ApplicationQuestion is what was asked about an application, and the answer.
type ApplicationQuestion struct {
	Question string     `json:"question"`
	AskedAt  time.Time  `json:"asked_at"`
	Answer   string     `json:"answer"`
	EndedAt  *time.Time `json:"ended_at"`
}

// Session is a sign-in to one's own page that has not been swept away yet.
type Session struct {
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
}

// Erasure is a request to have data erased.
type Erasure struct {
	Programme string     `json:"programme"`
	AskedAt   time.Time  `json:"asked_at"`
	Erased    int        `json:"erased"`
	Kept      int        `json:"kept"`
	Status    string     `json:"status"`
	Decision  string     `json:"decision"`
	DecidedAt *time.Time `json:"decided_at"`
	Public    bool       `json:"public_record"`
}

// User is an account with the same address.
type User struct {
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	Language string   `json:"language"`
	Roles    []string `json:"roles"`
}
