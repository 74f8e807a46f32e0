package web

import (
	"context"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// roomWait is what somebody who takes part online can hear and say of the room.
type roomWait struct {
	Online     bool // the answer is about the room, of somebody with a place online
	RoomNumber int  // in the queue for the room
	CanWait    bool // can stand in it
}

// readRoomWait reads it, and which answer there is to an offer of the room.
func (a *answering) readRoomWait(ctx context.Context, tx *store.Tx, r registration.Registration, ev event.Event) error {
	passed, err := registration.PassedRoom(ctx, tx, r)
	if err != nil {
		return err
	}
	if a.CanWait, err = registration.CanWaitForRoom(ctx, tx, r, ev); err != nil {
		return err
	}
	a.Online, a.CanRejoin = r.WaitsForRoom() || passed != "", passed != "" && a.CanWait
	switch {
	case r.RoomOffered():
		a.Answer, a.AnswerBy = answerLate, r.HoldUntil.In(ev.Location())
		if registration.CanAnswer(r, ev, tx.Now) {
			a.Answer = answerOpen
		}
	case r.WaitsForRoom():
		return a.readRoomQueue(ctx, tx, r, ev)
	case passed == registration.OfferDeclined:
		a.Answer = answerNo
	case passed == registration.OfferExpired:
		a.Answer = answerLate
	}
	return nil
}

// readRoomQueue reads where somebody stands in the queue for the room, as long as
// there is something to wait for.
func (a *answering) readRoomQueue(ctx context.Context, tx *store.Tx, r registration.Registration, ev event.Event) (err error) {
	last := ev.StartsAt.Add(-registration.OpenCallEnds)
	if ev.Status != event.Postponed && !tx.Now.Before(last) {
		return nil
	}
	a.Answer = answerWaiting
	if a.RoomNumber, err = registration.Position(ctx, tx, r); err != nil {
		return err
	}
	called, err := registration.IsCalled(ctx, tx, r, ev)
	if called {
		a.Answer, a.AnswerBy = answerCall, last.In(ev.Location())
	}
	return err
}

// tellRoomWait leaves what is said of the room to the part of the page about it.
func (m *managePage) tellRoomWait() {
	if m.Online {
		m.CanRejoin = false
	}
	m.CanWait = m.CanWait && m.OtherMode == event.Room && m.ModeFull
	if m.CanWait || m.Registration.WaitsForRoom() {
		m.OtherMode = ""
	}
}

// waitForRoom puts somebody who takes part online into the queue for the room, or
// takes them out of it.
func (s *Server) waitForRoom(c *gin.Context) error {
	done := "room_waits"
	return s.changeTo(c, &done, func(ctx context.Context, tx *store.Tx, r registration.Registration, by audit.Actor) (err error) {
		switch c.PostForm("room") {
		case "join":
			_, err = registration.WaitForRoom(ctx, tx, r.ID, by)
		case "leave":
			done = "room_left"
			_, err = registration.StopWaiting(ctx, tx, r.ID, by)
		default:
			err = errAnswer
		}
		return err
	})
}
