package mail

import (
	"context"
	"net/url"
	"strings"

	"stafett/internal/advisory"
	"stafett/internal/event"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/person"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// links are the addresses that a letter may name. Those that it has no use for
// are empty, so that no secret is made in vain.
type links struct {
	manage  string // personal: whoever has it may give up the place
	join    string // personal: the way into the meeting
	ticket  string // personal: the code of the ticket that goes with the letter
	offer   string // personal: yes or no to a place
	confirm string // personal: the address is mine
	me      string // one's own page; personal when the letter is to open it
	news    string // personal: yes to news
	end     string // personal: no to news
	signUp  string // of an invitation: the form with its code
	admin   string // the event's, for those who arrange it
	page    string // the event's, for everybody
	ics     string
	events  string
	about   string
	own     string // Min sida, for everybody; of letters to those who take part

	project string // an application's own page, for whoever has signed in
	advice  string // of that application: the programme of advice
}

// tokens makes the secret part of a personal link.
type tokens func(registration.Purpose) (string, error)

func realTokens(ctx context.Context, tx *store.Tx, f facts) tokens {
	return func(p registration.Purpose) (string, error) {
		switch p {
		case openOwnPage:
			return person.NewLink(ctx, tx, f.person.ID, person.LinkLife)
		case confirmNews:
			return news.NewLink(ctx, tx, f.subscription.ID, news.ToConfirm)
		case endNews:
			return news.NewLink(ctx, tx, f.subscription.ID, news.ToEnd)
		case manageBooking:
			return advisory.NewLink(ctx, tx, f.advising.booking)
		}
		return registration.NewLink(ctx, tx, f.registration, f.event, p)
	}
}

// sampleTokens stand in a preview, and open nothing.
func sampleTokens(registration.Purpose) (string, error) { return "preview", nil }

func makeLinks(f facts, baseURL string, token tokens) (links, error) {
	page := baseURL + "/events/" + f.event.Slug
	l := links{page: page, ics: page + ".ics", events: baseURL + "/events", about: baseURL + "/about/privacy"}
	if f.advising != nil {
		return l, f.adviceLinks(&l, baseURL, token)
	}
	if f.Letter.AboutAid() {
		return f.aidLinks(baseURL), nil
	}
	if f.Letter.AboutPerson() {
		return l, f.ownPage(&l, baseURL, token)
	}
	if f.Letter.AboutApplication() {
		f.application.links(&l, baseURL)
		return l, nil
	}
	if !f.toOrganiser() && f.Letter != message.Invitation {
		l.own = baseURL + "/me"
	}
	if f.canManage() {
		secret, err := token(registration.Manage)
		if err != nil {
			return l, err
		}
		l.manage = baseURL + "/r/" + secret
		if f.hasTicket() {
			l.ticket = registration.TicketCode(secret)
		}
	}
	for _, x := range []struct {
		needed  bool
		purpose registration.Purpose
		to      *string
		path    string
	}{
		{f.isOffer(), registration.AnswerOffer, &l.offer, "/offer/"},
		{f.asksForProof(), registration.ProveEmail, &l.confirm, "/confirm/"},
	} {
		if !x.needed {
			continue
		}
		secret, err := token(x.purpose)
		if err != nil {
			return l, err
		}
		*x.to = baseURL + x.path + secret
	}
	if f.Letter == message.Invitation {
		l.signUp = page + "/register?code=" + url.QueryEscape(f.invite.Code)
	}
	if f.toOrganiser() {
		l.admin = baseURL + "/admin/events/" + f.event.ID
	}
	if f.canJoin() {
		secret, err := token(registration.JoinMeeting)
		if err != nil {
			return l, err
		}
		l.join = baseURL + "/join/" + secret
	}
	return l, nil
}

// isOffer reports whether the letter is about an offered place.
func (f facts) isOffer() bool {
	return f.Letter == message.Offered || f.Letter == message.Declined || f.Letter == message.Expired || f.toldIn(registration.Offered) || f.remindsOfOffer()
}

// asksForProof reports whether the letter asks if the address is right.
func (f facts) asksForProof() bool {
	return f.Letter == message.ConfirmAddress || f.toldIn(registration.PendingEmail)
}

// toldIn reports whether the letter tells somebody in the state that the event has
// changed.
func (f facts) toldIn(s registration.Status) bool {
	return (f.Letter == message.EventMoved || f.Letter == message.EventPostponed) && f.registration.Status == s
}

// toOrganiser reports whether the letter goes to those who arrange the event.
func (f facts) toOrganiser() bool {
	return f.Letter == message.Decide || f.Letter == message.GroupSkipped || f.Letter == message.Roster
}

func (f facts) canManage() bool {
	if f.isOffer() || f.asksForProof() {
		return false
	}
	switch f.Letter {
	case message.Rejected, message.StayedAway, message.Invitation, message.Decide, message.GroupSkipped, message.Roster:
		return false
	case message.Mailing:
		return f.writes(mailing.Link)
	case message.OwnWords:
		text, _ := f.rule.Text(f.Language, f.programme.Language)
		return f.rule.Anchor != "end" || strings.Contains(text.Body, mailing.Link)
	}
	return !f.Letter.TakesBack() && f.Letter != message.ThankYou || f.Letter == message.EventPostponed
}

func (f facts) canJoin() bool {
	switch f.Letter {
	case message.Confirmed, message.EventMoved, message.DayBefore, message.HourBefore, message.OwnWords:
		return f.registration.Mode == event.Online && f.event.Status != event.Postponed && f.hasPlace() && f.now.Before(f.event.EndsAt)
	case message.Mailing:
		return f.writes(mailing.Join) && f.registration.Mode == event.Online && f.event.Status != event.Postponed && f.hasPlace()
	}
	return false
}
