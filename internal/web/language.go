package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"stafett/internal/locale"
)

const languageCookie = "language"

// language is that of the address (?lang=nn), else of the cookie, else what the
// browser asks for, else the installation's. One in the address is remembered.
func (s *Server) language(c *gin.Context) locale.Language {
	if lang, ok := locale.Parse(c.Query("lang")); ok {
		http.SetCookie(c.Writer, &http.Cookie{
			Name: languageCookie, Value: string(lang), Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode,
		})
		return lang
	}
	if v, err := c.Cookie(languageCookie); err == nil {
		if lang, ok := locale.Parse(v); ok {
			return lang
		}
	}
	return locale.Match(c.GetHeader("Accept-Language"), s.fallback(c))
}

// fallback is the language of the event or programme that the page is about; a
// handler sets it before it renders.
func (s *Server) fallback(c *gin.Context) locale.Language {
	if lang, ok := locale.Parse(c.GetString(fallbackKey)); ok {
		return lang
	}
	return locale.SV
}

const fallbackKey = "fallback language"

// standsOn is the page that was asked for, or that a form which was sent stands
// on: the nearest address above it that can be asked for, as /r/{token} of
// /r/{token}/cancel.
func (s *Server) standsOn(c *gin.Context) string {
	pattern, path := c.FullPath(), c.Request.URL.EscapedPath()
	if c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead {
		return path
	}
	for !slices.ContainsFunc(s.routes, func(r route) bool { return r.method == http.MethodGet && r.path == pattern }) {
		i, j := strings.LastIndexByte(pattern, '/'), strings.LastIndexByte(path, '/')
		if i <= 0 || j <= 0 {
			return "/"
		}
		pattern, path = pattern[:i], path[:j]
	}
	return path
}

// languageLinks are the addresses of a page in the four languages.
func languageLinks(c *gin.Context, now locale.Language, path string) []languageLink {
	var links []languageLink
	path, own, _ := strings.Cut(path, "?")
	kept, err := url.ParseQuery(own)
	if err != nil { // our own address
		kept = nil
	}
	for _, lang := range locale.All() {
		q := c.Request.URL.Query()
		for name, values := range kept {
			q[name] = values
		}
		q.Set("lang", string(lang))
		links = append(links, languageLink{Language: lang, Name: lang.Name(), URL: path + "?" + q.Encode(), Current: lang == now})
	}
	return links
}

type languageLink struct {
	Language locale.Language
	Name     string
	URL      string
	Current  bool
}
