package web

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"stafett/internal/user"
)

// access says who may use a route. Routes are registered with it only, so that
// none is left without.
type access string

const (
	anyone   access = "anyone"    // visitors
	byLink   access = "by link"   // whoever holds the secret in the address
	personal access = "personal"  // a person on their own page, each for themselves
	account  access = "account"   // any user who has signed in
	organise access = "organiser" // organisers, each within their programmes
	advise   access = "adviser"   // advisers, each their own bookings
	demoOnly access = "demo"      // exists in the demo alone
)

type handler func(*gin.Context) error

type route struct {
	method, path string
	access       access
	handler      handler
}

// table is every page there is.
func (s *Server) table() []route {
	get := func(path string, a access, h handler) route { return route{http.MethodGet, path, a, h} }
	post := func(path string, a access, h handler) route { return route{http.MethodPost, path, a, h} }
	return slices.Concat([]route{
		get("/", anyone, s.front),
		get("/events", anyone, s.events),
		get("/events/:slug", anyone, s.event), // also /events/{slug}.ics
		get("/events/:slug/register", anyone, s.registerForm),
		post("/events/:slug/register", anyone, s.register),
		get("/events/:slug/registered/:key", anyone, s.registered),
		get("/about/privacy", anyone, s.about("privacy")),
		get("/about/accessibility", anyone, s.about("accessibility")),
		get("/about/data", anyone, s.about("data")),
		get("/robots.txt", anyone, s.robots),
		get("/sitemap.xml", anyone, s.sitemap),

		get("/r/:token", byLink, s.manage),
		post("/r/:token", byLink, s.correct),
		post("/r/:token/cancel", byLink, s.withdraw),
		post("/r/:token/transfer", byLink, s.transfer),
		get("/join/:token", byLink, s.joinPage),
		post("/join/:token", byLink, s.join),

		get("/sign-in", anyone, s.signInForm),
		post("/sign-in", anyone, s.signIn),
		post("/sign-out", account, s.signOut),
		get("/sign-in/link/:token", byLink, s.linkPage),
		post("/sign-in/link/:token", byLink, s.useLink),
		get("/sign-in/password/:token", byLink, s.passwordForm),
		post("/sign-in/password/:token", byLink, s.setPassword),

		get("/admin", organise, s.today),
		get("/admin/events", organise, s.adminEvents),
		get("/admin/events/new", organise, s.newEvent),
		post("/admin/events/new", organise, s.createEvent),
		get("/admin/events/:id", organise, s.adminEvent),
		get("/admin/events/:id/edit", organise, s.editEvent),
		post("/admin/events/:id/edit", organise, s.updateEvent),
		get("/admin/events/:id/preview", organise, s.previewEvent),
		post("/admin/events/:id/publish", organise, s.publishEvent),
		post("/admin/events/:id/discard", organise, s.discardEvent),
		get("/admin/events/:id/move", organise, s.moveForm),
		post("/admin/events/:id/move", organise, s.moveEvent),
		get("/admin/events/:id/cancel", organise, s.cancelForm),
		post("/admin/events/:id/cancel", organise, s.cancelEvent),
		get("/admin/events/:id/roster", organise, s.roster),
		get("/admin/events/:id/roster.csv", organise, s.rosterCSV),
		get("/admin/events/:id/add", organise, s.addForm),
		post("/admin/events/:id/add", organise, s.addByHand),
		post("/admin/registrations/:id/attendance", organise, s.attendance),
		post("/admin/registrations/:id/cancel", organise, s.cancelRegistration),
		post("/admin/registrations/:id/address", organise, s.changeAddress),

		get("/dev/mail", demoOnly, s.devMail),
		get("/dev/mail/:id", demoOnly, s.devLetter),
		get("/dev/mail/:id/html", demoOnly, s.devHTML),
		get("/dev/mail/:id/raw", demoOnly, s.devRaw),
		get("/dev/mail/:id/attachment/:n", demoOnly, s.devAttachment),
	},
		s.meRoutes(),
		s.answerRoutes(),
		s.queueRoutes(),
		s.certificateRoutes(),
		s.seriesRoutes(),
		s.companyRoutes(),
		s.checkinRoutes(),
		s.attendanceRoutes(),
		s.colleagueRoutes(),
		s.newsRoutes(),
		s.restoredRoutes(),
		s.feedRoutes(),
		s.outboxRoutes(),
		s.reminderRoutes(),
		s.inboundRoutes(),
		s.mailingRoutes(),
		s.letterRoutes(),
		s.lookRoutes(),
		s.materialRoutes(),
		s.aidRoutes(),
		s.adviserRoutes(),
		s.adviceDeskRoutes(),
		s.adviceRoutes(),
		s.bookingLinkRoutes(),
		s.adviserCalendarRoutes(),
		s.applicationRoutes(),
	)
}

func (s *Server) mount(e *gin.Engine, r route) {
	if r.access == demoOnly && s.Mailbox == nil {
		return
	}
	e.Handle(r.method, r.path, s.handle(r))
	if r.method == http.MethodGet {
		e.HEAD(r.path, s.handle(r))
	}
}

// handle lets in who may, and answers with what the handler returns.
func (s *Server) handle(r route) gin.HandlerFunc {
	return func(c *gin.Context) {
		err := s.admit(c, r.access)
		if err == nil && !c.IsAborted() {
			err = r.handler(c)
		}
		s.answer(c, err)
	}
}

// mayOrganise is the programmes that whoever has signed in organises; nil means
// every one.
func mayOrganise(c *gin.Context) []string {
	u, _ := signedIn(c)
	ids, all := u.Programmes(user.Organiser)
	if all {
		return nil
	}
	return append([]string{}, ids...)
}
