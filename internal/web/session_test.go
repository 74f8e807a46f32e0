package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stafett/internal/application/applicationtest"
	"stafett/internal/message"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// administrator may do everything.
var administrator = user.Grant{Role: user.Administrator}

const goodPassword = "fyra ord som rimmar illa"

// addUser adds somebody with a password.
func addUser(t *testing.T, s *Server, email string, grants ...user.Grant) (u user.User) {
	t.Helper()
	hash, err := s.Hasher.Hash(goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	storetest.Write(t, s.DB, func(tx *store.Tx) (err error) {
		if u, err = user.Add(context.Background(), tx, email, "Karin Lind", "sv", grants); err != nil {
			return err
		}
		return user.SetPassword(context.Background(), tx, u.ID, hash)
	})
	return u
}

// signInAs signs the visitor in with the password of addUser.
func (v *visitor) signInAs(email string) {
	v.t.Helper()
	w := v.post("/sign-in", url.Values{"email": {email}, "password": {goodPassword}})
	if w.Code != http.StatusSeeOther {
		v.t.Fatalf("sign-in: %d %s", w.Code, w.Body)
	}
}

func TestSigningInAndOut(t *testing.T) {
	s := newServer(t, nil)
	addUser(t, s, "karin@region.example", user.Grant{Role: user.Administrator})
	v := newVisitor(t, s)
	w := v.get("/admin/events?status=draft")
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "/sign-in?next=%2Fadmin%2Fevents%3Fstatus%3Ddraft" {
		t.Fatalf("not signed in: %d %q", w.Code, got)
	}
	w = v.post("/sign-in", url.Values{"email": {"Karin@Region.example "}, "password": {goodPassword}, "next": {"/admin/events?status=draft"}})
	if w.Header().Get("Location") != "/admin/events?status=draft" {
		t.Fatalf("%d leads to %q", w.Code, w.Header().Get("Location"))
	}
	cookie := w.Result().Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("the cookie is %v", cookie)
	}
	v.page(v.get("/admin"), http.StatusOK)
	v.post("/sign-out", nil)
	v.cookies = []*http.Cookie{cookie} // kept by somebody else
	if w := v.get("/admin"); w.Code != http.StatusSeeOther {
		t.Errorf("after signing out: %d", w.Code)
	}
}

func TestOnHTTPSTheCookieIsBoundToTheHost(t *testing.T) {
	s := newServer(t, func(o *Options) { o.BaseURL = "https://program.example" })
	addUser(t, s, "karin@region.example", user.Grant{Role: user.Administrator})
	v := newVisitor(t, s)
	w := v.post("/sign-in", url.Values{"email": {"karin@region.example"}, "password": {goodPassword}})
	if c := w.Result().Cookies()[0]; c.Name != "__Host-session" || !c.Secure || c.Path != "/" || c.Domain != "" {
		t.Errorf("the cookie is %v", c)
	}
}

func TestAnUnknownAddressIsAnsweredLikeAWrongPassword(t *testing.T) {
	s := newServer(t, nil)
	addUser(t, s, "karin@region.example", user.Grant{Role: user.Administrator})
	v := newVisitor(t, s)
	for i := range 7 {
		known := v.post("/sign-in", url.Values{"email": {"karin@region.example"}, "password": {"wrong password"}})
		unknown := v.post("/sign-in", url.Values{"email": {"nobody@region.example"}, "password": {"wrong password"}})
		a := strings.ReplaceAll(known.Body.String(), "karin@", "x@")
		b := strings.ReplaceAll(unknown.Body.String(), "nobody@", "x@")
		if known.Code != unknown.Code {
			t.Errorf("try %d: %d and %d", i+1, known.Code, unknown.Code)
		}
		if a != b {
			t.Errorf("try %d: the pages differ", i+1)
		}
		if i >= 5 && !strings.Contains(a, "För många") {
			t.Errorf("try %d: nobody has to wait", i+1)
		}
	}
}

func TestASignInLinkWorksOnceAndOnlyByItsButton(t *testing.T) {
	s := newServer(t, nil)
	u := addUser(t, s, "karin@region.example", user.Grant{Role: user.Administrator})
	var token string
	storetest.Write(t, s.DB, func(tx *store.Tx) (err error) {
		token, err = user.NewLink(context.Background(), tx, u.ID, user.SignInLink, time.Hour)
		return err
	})
	v := newVisitor(t, s)
	for range 3 { // a scanner opens it, too
		v.page(v.get("/sign-in/link/"+token), http.StatusOK)
	}
	if w := v.post("/sign-in/link/"+token, nil); w.Header().Get("Location") != "/admin" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := v.post("/sign-in/link/"+token, nil); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "Be om en ny") {
		t.Errorf("a second time: %d", w.Code)
	}
}

func TestChoosingAPassword(t *testing.T) {
	s := newServer(t, nil)
	var token string
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		u, err := user.Add(context.Background(), tx, "karin@region.example", "Karin Lind", "sv", []user.Grant{{Role: user.Administrator}})
		if err != nil {
			return err
		}
		token, err = user.NewLink(context.Background(), tx, u.ID, user.SetPasswordLink, time.Hour)
		return err
	})
	v := newVisitor(t, s)
	for _, bad := range []url.Values{
		{"password": {"short"}, "again": {"short"}},
		{"password": {goodPassword}, "again": {goodPassword + "!"}},
	} {
		doc := v.page(v.post("/sign-in/password/"+token, bad), http.StatusUnprocessableEntity)
		if doc.Find(".error-summary li").Length() != 1 {
			t.Error("no error")
		}
	}
	if w := v.post("/sign-in/password/"+token, url.Values{"password": {goodPassword}, "again": {goodPassword}}); w.Header().Get("Location") != "/admin" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	newVisitor(t, s).signInAs("karin@region.example")
}

func TestNextLeadsToOurOwnPagesOnly(t *testing.T) {
	for next, want := range map[string]string{
		"/admin/events?status=draft": "/admin/events?status=draft", "/admin/events/x/roster?q=%C3%B6": "/admin/events/x/roster?q=%C3%B6",
		"https://evil.example": "/admin", "//evil.example": "/admin", "/admin//evil.example": "/admin", "/\\evil.example": "/admin",
		"/admin\r\nSet-Cookie: a=b": "/admin", "/administrator": "/admin", "": "/admin", "/sign-out": "/admin",
	} {
		if got := safeNext(next); got != want {
			t.Errorf("%q leads to %q", next, got)
		}
	}
}

func FuzzNext(f *testing.F) {
	f.Add("/admin/events?status=draft")
	f.Add("//evil.example/admin")
	f.Fuzz(func(t *testing.T, next string) {
		got := safeNext(next)
		u, err := url.Parse(got)
		if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, "/admin") {
			t.Errorf("%q leads to %q", next, got)
		}
	})
}

// Every organisers' page, by whoever asks. A route that is new is in it at once,
// for it is taken from the table of routes.
func TestWhoMayUseEachRoute(t *testing.T) {
	s := newServer(t, func(o *Options) { o.Specimen = specimenInTest })
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	v.post("/events/"+ev.Slug+"/register", signUp())
	r := registrations(t, s, ev.ID)[0]
	var own, other programme.Programme
	storetest.Write(t, s.DB, func(tx *store.Tx) (err error) {
		if own, err = programme.Find(context.Background(), tx, ev.ProgrammeID); err != nil {
			return err
		}
		if err = programme.SetLogo(context.Background(), tx, own.ID, pictureInTest(t), "Logo", registrationtest.Organiser); err != nil {
			return err
		}
		other, err = programme.Add(context.Background(), tx, programme.Programme{Slug: "other", Name: "Other", Country: "NO", Language: "nb", TimeZone: "Europe/Oslo"}, registrationtest.Organiser)
		return err
	})
	addUser(t, s, "adviser@region.example", user.Grant{Role: user.Adviser})
	addUser(t, s, "other@region.example", user.Grant{Role: user.Organiser, ProgrammeID: other.ID})
	addUser(t, s, "own@region.example", user.Grant{Role: user.Organiser, ProgrammeID: ev.ProgrammeID})
	visitors := map[string]*visitor{"nobody": newVisitor(t, s), "adviser": newVisitor(t, s), "another programme": newVisitor(t, s), "own": newVisitor(t, s)}
	visitors["adviser"].signInAs("adviser@region.example")
	visitors["another programme"].signInAs("other@region.example")
	visitors["own"].signInAs("own@region.example")
	var invitation registration.Invitation
	storetest.Write(t, s.DB, func(tx *store.Tx) (err error) {
		invitation, err = registration.Invite(context.Background(), tx, ev.ID, "", "", nil, registrationtest.Organiser)
		return err
	})
	erasure := askedToErase(t, s, r)
	ownFirm := aidOfFirm(t, s, ev.ProgrammeID, r.PersonID).ID
	var rules, programmes []message.Rule
	storetest.Read(t, s.DB, func(tx *store.Tx) (err error) {
		if rules, err = message.Rules(context.Background(), tx, ev.ID); err == nil {
			programmes, err = message.RulesOf(context.Background(), tx, ev.ProgrammeID)
		}
		return err
	})
	advice := adviceObjects(t, s, ev.ProgrammeID)
	advice[applicationsPath], advice[schemesPath] = applicationInTest(t, s, ev.ProgrammeID, r.PersonID).ID, applicationtest.Advisory
	seen := 0
	for _, route := range s.routes {
		if route.access != organise {
			continue
		}
		seen++
		id := ev.ID
		if strings.HasPrefix(route.path, "/admin/registrations/") {
			id = r.ID
		}
		if strings.HasPrefix(route.path, "/admin/companies/") {
			id = r.CompanyID
		}
		if strings.HasPrefix(route.path, "/admin/invitations/") {
			id = invitation.ID
		}
		if strings.HasPrefix(route.path, "/admin/erasures/") {
			id = erasure.ID
		}
		if strings.HasPrefix(route.path, "/admin/advice/aid/") {
			id = ownFirm
		}
		if strings.HasPrefix(route.path, "/admin/mailings/") {
			id = writtenMailing(t, s, ev, strings.HasPrefix(route.path, "/admin/mailings/templates/"))
		}
		for prefix, object := range advice {
			if strings.HasPrefix(route.path, prefix) {
				id = object
			}
		}
		rule := rules[0].ID
		if strings.HasPrefix(route.path, "/admin/programmes/") {
			rule = programmes[0].ID
		}
		path := strings.NewReplacer(":id", id, ":slug", "dalarna", ":rule", rule, ":kind", "E02").Replace(route.path)
		byID := strings.Contains(route.path, ":id") || strings.Contains(route.path, ":slug")
		for who, v := range visitors {
			w := v.get(path)
			if route.method == http.MethodPost {
				w = v.post(path, nil)
			}
			switch {
			case who == "nobody" && (w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/sign-in")),
				who == "adviser" && w.Code != http.StatusForbidden,
				who == "another programme" && byID && w.Code != http.StatusNotFound,
				who == "another programme" && !byID && w.Code >= 400 && w.Code != http.StatusUnprocessableEntity,
				who == "own" && (w.Code == http.StatusForbidden || w.Code >= 500),
				who == "own" && w.Code == http.StatusNotFound && !strings.HasPrefix(route.path, "/admin/messages/"):
				t.Errorf("%s %s by %s: %d", route.method, route.path, who, w.Code)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d organisers' routes", seen)
	}
}

func TestEveryRouteSaysWhoMayUseIt(t *testing.T) {
	for _, r := range newServer(t, nil).routes {
		switch r.access {
		case anyone, byLink, fetched, personal, account, organise, advise, demoOnly:
		default:
			t.Errorf("%s %s: %q", r.method, r.path, r.access)
		}
		if strings.HasPrefix(r.path, "/admin") != (r.access == organise) {
			t.Errorf("%s %s is for %s", r.method, r.path, r.access)
		}
		if strings.HasPrefix(r.path, adviserPath) != (r.access == advise) {
			t.Errorf("%s %s is for %s", r.method, r.path, r.access)
		}
		if strings.HasPrefix(r.path, "/me/") != (r.access == personal) && !strings.HasPrefix(r.path, "/me/link/") {
			t.Errorf("%s %s is for %s", r.method, r.path, r.access)
		}
	}
}
