package web

import (
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"stafett/internal/advisory"
	"stafett/internal/aid"
	"stafett/internal/application"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/registration"
)

// writesAudit are the ways in which the program's sources name an action.
var writesAudit = []*regexp.Regexp{
	regexp.MustCompile(`Action:\s*"([a-z_.]+)"`),
	regexp.MustCompile(`\baction :?= "([a-z_.]+)"`),
	regexp.MustCompile(`\b(?:audit|auditUser|note|become|swept)\([^"\n]*"([a-z_]+\.[a-z_]+)"`),
}

// auditActions finds every action that the sources write into the audit log.
func auditActions(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, root := range []string{"..", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			b, err := os.ReadFile(path)
			for _, way := range writesAudit {
				for _, m := range way.FindAllStringSubmatch(string(b), -1) {
					found[m[1]] = path
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []registration.Status{
		registration.PendingEmail, registration.Requested, registration.Confirmed, registration.Waitlisted, registration.Offered, registration.Rejected,
		registration.Lapsed, registration.Declined, registration.Expired, registration.Cancelled, registration.LateCancelled, registration.Transferred,
		registration.Attended, registration.NoShow, registration.EventCancelled, registration.Erased,
	} {
		found["registration."+string(s)] = "a step to " + string(s)
	}
	for _, s := range application.Statuses() {
		found["application."+string(s)] = "a step to " + string(s)
	}
	delete(found, "booking.") // the beginning of these
	for _, s := range []advisory.Status{
		advisory.Requested, advisory.Waiting, advisory.Confirmed, advisory.Declined, advisory.Lapsed, advisory.Cancelled, advisory.LateCancelled,
		advisory.Missed, advisory.Held, advisory.Settled,
	} {
		found["booking."+string(s)] = "a step to " + string(s)
	}
	delete(found, "aid.") // the beginning of these
	for _, s := range []aid.Status{
		aid.Asked, aid.Declared, aid.Checked, aid.IsGranted, aid.Refused, aid.Informed, aid.ToRegister, aid.Registered, aid.Corrected, aid.Lapsed,
	} {
		found["aid."+string(s)] = "a step to " + string(s)
	}
	return found
}

func TestEveryActionInTheAuditLogHasWords(t *testing.T) {
	texts, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	actions := auditActions(t)
	if len(actions) < 50 {
		t.Fatalf("found only %d actions: the patterns are wrong", len(actions))
	}
	used := map[string]bool{"other": true}
	for action, where := range actions {
		used[auditKey(action)] = true
		for _, lang := range locale.All() {
			if _, err := texts.Text(lang, "admin.audit."+auditKey(action)); err != nil {
				t.Errorf("%s of %s: %v", action, where, err)
			}
		}
	}
	for _, key := range texts.Keys(locale.SV) {
		if word, ok := strings.CutPrefix(key, "admin.audit."); ok && !used[word] {
			t.Errorf("no action has the text %q", key)
		}
	}
}

func TestTheHistoryOfAnEventTellsOfItsInvitationsAndItsDoor(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.AudienceMode = event.AudienceInvite })
	d.send(d.at("/invitations"), url.Values{"email": {"ada@example.se"}, "uses": {"1"}})
	if w := d.post(d.at("/door"), url.Values{"label": {"Entré"}}); w.Code != http.StatusOK {
		t.Fatalf("the door's link: %d", w.Code)
	}
	page := plain(d.see(d.at("")).Find("main"))
	wants(t, page, "En inbjudan skapades", "En länk för dörren skapades", "Publicerades")
	lacks(t, page, "Annan händelse")
}
