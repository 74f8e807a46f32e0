package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A link without a page behind it would lead whoever changes the language on a
// refused form to "not found".
func TestLanguageLinksOfARefusedFormLeadToItsPage(t *testing.T) {
	d := newDesk(t, nil)
	for _, tt := range []struct {
		name, path string
		status     int
		want       string
	}{
		{"throwing away what is no draft", d.at("/discard"), http.StatusConflict, d.at("")},
		{"publishing what is published", d.at("/publish"), http.StatusConflict, d.at("")},
		{"somebody who is not there", "/admin/registrations/none/cancel", http.StatusNotFound, "/admin"},
		{"a letter that is not there", "/admin/messages/none/retry", http.StatusNotFound, "/admin/messages/none"},
		{"an event that is not there", "/admin/events/none/move", http.StatusNotFound, "/admin/events/none/move"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc := d.page(d.post(tt.path, url.Values{}), tt.status)
			href := doc.Find(`.language a[lang="nb"]`).AttrOr("href", "")
			if path, _, _ := strings.Cut(href, "?"); path != tt.want {
				t.Errorf("the link leads to %q, want %q", path, tt.want)
			}
		})
	}
}
