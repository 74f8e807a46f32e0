package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/person"
	"stafett/internal/store"
)

// bookingLinkRoutes are the pages of one booking for whoever has the link of a
// letter: the same as behind a sign-in, and nothing else of the person.
func (s *Server) bookingLinkRoutes() []route {
	get := func(path string, h handler) route {
		return route{http.MethodGet, "/b/:token" + path, byLink, s.throughBookingLink(h)}
	}
	post := func(path string, h handler) route {
		return route{http.MethodPost, "/b/:token" + path, byLink, s.throughBookingLink(h)}
	}
	return []route{
		get("", s.booking),
		get("/meeting.ics", s.bookingFile),
		get("/move", s.moveBookingForm),
		post("/move", s.moveBooking),
		post("/cancel", s.cancelBooking),
		post("/accept", s.acceptTime),
		post("/decline", s.declineTimes),
	}
}

// linkedKey holds whose booking was reached by a link.
const linkedKey = "booking link"

// throughBookingLink finds the booking of a link and lets its page be used in the
// name of whoever made it. Opening a page changes nothing, for mail scanners open
// links.
func (s *Server) throughBookingLink(h handler) handler {
	return func(c *gin.Context) error {
		var who person.Person
		var b advisory.Booking
		ctx := c.Request.Context()
		err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
			if b, err = advisory.FindByLink(ctx, tx, c.Param("token")); err == nil {
				who, err = person.Find(ctx, tx, b.PersonID)
			}
			return err
		})
		if err != nil {
			return s.unknownLink(c, err)
		}
		c.Set(fallbackKey, b.Language)
		c.Set(linkedKey, who)
		c.AddParam("id", b.ID)
		return h(c)
	}
}

// booker is who looks at a booking: by the link of a letter, or signed in.
func booker(c *gin.Context) person.Person {
	if v, ok := c.Get(linkedKey); ok {
		return v.(person.Person)
	}
	who, _ := self(c)
	return who
}

// asBooker is the same as the audit log names it.
func asBooker(c *gin.Context) audit.Actor {
	return audit.Actor{Kind: "person", ID: booker(c).ID}
}

// bookingWay is the booking's address, as it was reached.
func bookingWay(c *gin.Context) string {
	if _, ok := c.Get(linkedKey); ok {
		return "/b/" + c.Param("token")
	}
	return "/me/bookings/" + c.Param("id")
}
