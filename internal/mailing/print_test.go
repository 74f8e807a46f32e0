package mailing_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"stafett/internal/mailing"
)

// Whatever an organiser types and whatever somebody is called: the letter has
// only elements that it may have, its links lead to the web, mail or telephone,
// and each of them stands in the text as well.
func FuzzPrint(f *testing.F) {
	for _, seed := range []string{
		"**x**", "[x](javascript:alert(1))", "<script>alert(1)</script>", "![x](http://evil.example/a.png)", "<a href=\"x\" onclick=y>z</a>",
		"[x](<http://a.example/\"><script>>)", "> - 1. `a`\n\n```\nb\n```", "http://a.example/{first_name}", "{link} {join}", "[{link}]({link})",
		"|a|\n|-|\n|b|", "<style>*{}</style>", "<!-- x -->", "[a]: data:text/html,x\n[a]", "- a\n\n  b\n\n> c\n> - d", "*a_b*c_", "&lt;script&gt;", "\x00\u202e",
	} {
		f.Add(seed, "Åsa")
		f.Add("Hej {first_name}, {event}", seed)
	}
	allowed := map[string]bool{}
	for _, tag := range strings.Fields("p br strong em del h2 h3 ul ol li blockquote hr code pre a") {
		allowed[tag] = true
	}
	f.Fuzz(func(t *testing.T, body, name string) {
		p, err := mailing.Print(body, mailing.Values{FirstName: name, Event: name, Date: name, Link: "https://s.example/r/t", LinkLabel: "Se", Join: "https://s.example/join/t", JoinLabel: "In"},
			mailing.Colours{Link: "#000000", Line: "#000000"})
		if err != nil {
			t.Fatal(err)
		}
		z := html.NewTokenizer(strings.NewReader(string(p.HTML)))
		for z.Next() != html.ErrorToken {
			token := z.Token()
			if token.Type == html.TextToken {
				continue
			}
			if !allowed[token.Data] {
				t.Errorf("%q gives <%s>", body, token.Data)
			}
			for _, a := range token.Attr {
				switch a.Key {
				case "class", "style", "start":
				case "href":
					scheme, address, _ := strings.Cut(a.Val, ":")
					if scheme = strings.ToLower(scheme); scheme != "http" && scheme != "https" && scheme != "mailto" && scheme != "tel" {
						t.Errorf("%q leads to %q", body, a.Val)
					}
					if !strings.Contains(p.Text, address) {
						t.Errorf("the text of %q lacks %q:\n%s", body, address, p.Text)
					}
				default:
					t.Errorf("%q gives the attribute %s", body, a.Key)
				}
			}
		}
	})
}
