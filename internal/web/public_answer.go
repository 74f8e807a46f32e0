package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

func (s *Server) answerRoutes() []route {
	return []route{
		{http.MethodGet, "/offer/:token", byLink, s.offerPage},
		{http.MethodPost, "/offer/:token", byLink, s.answerOffer},
		{http.MethodGet, "/confirm/:token", byLink, s.confirmPage},
		{http.MethodPost, "/confirm/:token", byLink, s.confirmAddress},
		{http.MethodPost, "/r/:token/answer", byLink, s.answerFromManage},
		{http.MethodPost, "/r/:token/mode", byLink, s.changeMode},
		{http.MethodPost, "/r/:token/room", byLink, s.waitForRoom},
	}
}

func answerPages() map[string]pager {
	return map[string]pager{"offer": &offerPage{}, "confirm": &confirmPage{}}
}

// answering is what somebody can say to an offered place now.
type answering struct {
	Answer    string    // the case, of which the page speaks
	AnswerBy  time.Time // on the event's clock
	Together  int       // for how many the answer holds; 0: for one
	CanRejoin bool
	Number    int // in the queue
	roomWait
}

// The cases of an offer.
const (
	answerOpen    = "open"    // a place is held
	answerCall    = "call"    // a place is free for whoever comes first
	answerHave    = "have"    // the place is the person's
	answerNo      = "no"      // declined
	answerLate    = "late"    // not answered in time
	answerWaiting = "waiting" // in the queue, nothing to answer
	answerEnded   = "ended"   // no longer registered

	answerCancelled = "cancelled" // the event is
	answerPostponed = "postponed" // the event is, and the person waits
	answerPast      = "past"      // the event is over
)

// errAnswer says that a form holds none of the answers that there are.
var errAnswer = &problem.Problem{Kind: problem.Invalid, Code: "answer"}

func readAnswering(ctx context.Context, tx *store.Tx, r registration.Registration, ev event.Event) (a answering, err error) {
	a.CanRejoin = registration.CanRejoin(r, ev, tx.Now)
	if a.Together, err = registration.Together(ctx, tx, r); err != nil {
		return a, err
	}
	if a.Together == 1 {
		a.Together = 0
	}
	if r.Status == registration.Waitlisted {
		if a.Number, err = registration.Position(ctx, tx, r); err != nil {
			return a, err
		}
	}
	open := registration.CanAnswer(r, ev, tx.Now)
	a.AnswerBy = r.HoldUntil.In(ev.Location())
	switch {
	case ev.Status == event.Cancelled:
		a.Answer = answerCancelled
		return a, nil
	case ev.Status == event.Postponed && r.Status == registration.Waitlisted:
		a.Answer = answerPostponed
		return a, nil
	case ev.Status != event.Postponed && !tx.Now.Before(ev.EndsAt):
		a.Answer = answerPast
		return a, nil
	}
	if o, found, err := registration.LatestOffer(ctx, tx, r.ID); err != nil {
		return a, err
	} else if found {
		a.AnswerBy = o.AnswerBy.In(ev.Location())
	}
	switch r.Status {
	case registration.Offered:
		a.Answer = map[bool]string{true: answerOpen, false: answerLate}[open]
	case registration.Waitlisted:
		a.Answer = answerWaiting
		called, err := registration.IsCalled(ctx, tx, r, ev)
		if err != nil {
			return a, err
		}
		if called {
			a.Answer, a.AnswerBy = answerCall, ev.StartsAt.Add(-registration.OpenCallEnds).In(ev.Location())
		}
	case registration.Confirmed, registration.Attended:
		a.Answer = answerHave
		return a, a.readRoomWait(ctx, tx, r, ev)
	case registration.Declined:
		a.Answer = answerNo
	case registration.Expired:
		a.Answer = answerLate
	default:
		a.Answer = answerEnded
	}
	return a, nil
}

// offerPage is where the letter about a free place leads. Opening it changes
// nothing: mail scanners open links.
type offerPage struct {
	page
	eventCard
	answering
	Mode    event.Mode
	Token   string
	NoFirst bool // the link of "no thanks" was chosen
	Now     time.Time
}

func (s *Server) offerPage(c *gin.Context) error { return s.showOffer(c, http.StatusOK, nil) }

func (s *Server) showOffer(c *gin.Context, code int, refusal *problem.Problem) error {
	r, ev, p, err := s.behindLink(c, registration.AnswerOffer)
	if err != nil {
		return err
	}
	o := &offerPage{page: page{Brand: p.Name, NoIndex: true, Problem: refusal}, eventCard: s.card(ev, s.DB.Now()), Mode: r.QueueMode(), Token: c.Param("token"), NoFirst: c.Query("answer") == "no", Now: s.DB.Now()}
	ctx := c.Request.Context()
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		o.answering, err = readAnswering(ctx, tx, r, ev)
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "offer", o)
}

// answerOffer takes the place, gives it on, or stands in the queue again.
func (s *Server) answerOffer(c *gin.Context) error {
	r, _, _, err := s.behindLink(c, registration.AnswerOffer)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	err = s.DB.Write(ctx, func(tx *store.Tx) error { return answer(ctx, tx, r, c.PostForm("answer")) })
	if refusal, ok := refused(err); ok {
		return s.showOffer(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/offer/"+c.Param("token"))
}

// inWords says of a refusal for want of a place what is wanting on this page.
func inWords(err error, code string) error {
	if errors.Is(err, registration.ErrFull) {
		return &problem.Problem{Kind: problem.Conflict, Code: code}
	}
	return err
}

// answer does what the person says to an offer.
func answer(ctx context.Context, tx *store.Tx, r registration.Registration, words string) (err error) {
	by := audit.Actor{Kind: "person", ID: r.PersonID}
	switch words {
	case "yes":
		_, err = registration.Accept(ctx, tx, r.ID, by)
	case "no":
		_, err = registration.Decline(ctx, tx, r.ID, by)
	case "again":
		_, err = registration.Rejoin(ctx, tx, r.ID, by)
		err = inWords(err, "invitation_used")
	default:
		err = errAnswer
	}
	return err
}

// answerFromManage answers an offer on the registration's own page.
func (s *Server) answerFromManage(c *gin.Context) error {
	return s.change(c, "answered", func(ctx context.Context, tx *store.Tx, r registration.Registration, _ audit.Actor) error {
		return answer(ctx, tx, r, c.PostForm("answer"))
	})
}

// changeMode comes to the room instead of online, or the other way round.
func (s *Server) changeMode(c *gin.Context) error {
	return s.change(c, "mode_changed", func(ctx context.Context, tx *store.Tx, r registration.Registration, by audit.Actor) error {
		to := event.Mode(c.PostForm("mode"))
		if to != event.Room && to != event.Online {
			return errAnswer
		}
		_, err := registration.ChangeMode(ctx, tx, r.ID, to, by)
		return inWords(err, "no_place_there")
	})
}

// wayText is what the page says of the other way to take part: the text
// "offer.mode_<text>", and whether there is no place in it, or only for those
// who wait.
func wayText(ctx context.Context, tx *store.Tx, r registration.Registration, ev event.Event, other event.Mode) (text string, full bool, err error) {
	waiting, err := registration.CountWaiting(ctx, tx, ev.ID, other)
	switch {
	case err != nil:
		return "", false, err
	case waiting > 0 || !hasFree(ev, other):
		return string(other) + "_full", true, nil
	case r.Status == registration.Waitlisted && other == event.Online:
		together, err := registration.ComesTogether(ctx, tx, r)
		return map[bool]string{true: "online_waiting", false: "online_meanwhile"}[together], false, err
	}
	return string(other) + "_text", false, nil
}

// hasFree reports whether there is a free place in the mode.
func hasFree(ev event.Event, mode event.Mode) bool {
	free, unlimited := ev.Capacity(mode).Free()
	return unlimited || free > 0
}

// confirmPage asks whether the address is that of the person who signed up.
type confirmPage struct {
	page
	eventCard
	Token   string
	Proof   string // the case, of which the page speaks
	ProveBy time.Time
	Email   string
	Now     time.Time
}

func (s *Server) confirmPage(c *gin.Context) error { return s.showConfirm(c, http.StatusOK, nil) }

func (s *Server) showConfirm(c *gin.Context, code int, refusal *problem.Problem) error {
	r, ev, p, err := s.behindLink(c, registration.ProveEmail)
	if err != nil {
		return err
	}
	now := s.DB.Now()
	o := &confirmPage{page: page{Brand: p.Name, NoIndex: true, Problem: refusal}, eventCard: s.card(ev, now), Token: c.Param("token"),
		Proof: proofOf(r, ev, now), ProveBy: r.HoldUntil.In(ev.Location()), Email: r.Email, Now: now}
	return s.render(c, code, "confirm", o)
}

// proofOf is what there is to confirm now.
func proofOf(r registration.Registration, ev event.Event, now time.Time) string {
	switch {
	case r.Status == registration.Lapsed && r.EndReason == registration.NotMe:
		return "disowned"
	case ev.Status == event.Cancelled:
		return "cancelled"
	case ev.Status != event.Postponed && !now.Before(ev.EndsAt):
		return "past"
	case r.Status == registration.PendingEmail && now.Before(r.HoldUntil):
		return "ask"
	case r.Status == registration.PendingEmail || r.Status == registration.Lapsed:
		return "late"
	case r.Status == registration.Confirmed || r.Status == registration.Attended:
		return "done"
	}
	return "gone"
}

// confirmAddress confirms the place, or ends what somebody else made with the
// address.
func (s *Server) confirmAddress(c *gin.Context) error {
	r, _, _, err := s.behindLink(c, registration.ProveEmail)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		switch c.PostForm("answer") {
		case "mine":
			_, err := registration.Prove(ctx, tx, r.ID)
			return err
		case "not_me":
			return registration.Disown(ctx, tx, r.ID)
		}
		return errAnswer
	})
	if refusal, ok := refused(err); ok {
		return s.showConfirm(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/confirm/"+c.Param("token"))
}
