package mailing

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"regexp"
	"strconv"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	dom "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Printed is a body as it stands in a letter, made from one source, so that HTML
// and text say the same.
type Printed struct {
	HTML  htmltemplate.HTML
	Text  string
	First string // the first words, for a list of mail
}

// Colours are those of the letter around it.
type Colours struct{ Link, Line string }

// newMarkdown reads Markdown as event pages do, without tables, which in letters
// are for the layout only. A line break is one in the letter as well.
func newMarkdown() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.Linkify, extension.Strikethrough), goldmark.WithRendererOptions(html.WithHardWraps()))
}

// policy lets through what a letter may hold: no picture, nothing that is
// fetched, no style.
func policy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "del", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "code", "pre")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.RequireParseableURLs(true)
	return p
}

// Print writes a body for one person.
func Print(body string, v Values, c Colours) (Printed, error) {
	var raw bytes.Buffer
	if err := newMarkdown().Convert([]byte(v.markdown(body)), &raw); err != nil {
		return Printed{}, fmt.Errorf("read Markdown: %w", err)
	}
	clean := policy().SanitizeBytes(raw.Bytes())
	nodes, err := dom.ParseFragment(bytes.NewReader(clean), &dom.Node{Type: dom.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		return Printed{}, fmt.Errorf("read sanitised HTML: %w", err)
	}
	var out strings.Builder
	var blocks []string
	for _, n := range nodes {
		c.write(&out, n)
		if block := plainBlock(n); block != "" {
			blocks = append(blocks, block)
		}
	}
	p := Printed{HTML: htmltemplate.HTML(out.String()), Text: strings.Join(blocks, "\n\n")} // sanitised, and then written tag by tag
	if len(nodes) > 0 {
		p.First = firstWords(nodes)
	}
	return p, nil
}

// firstWords are those of the first paragraph.
func firstWords(nodes []*dom.Node) string {
	for _, n := range nodes {
		if n.Data != "p" {
			continue
		}
		words, _ := inline(n)
		r := []rune(strings.Join(strings.Fields(words), " "))
		if len(r) > 150 {
			return string(r[:149]) + "…"
		}
		if len(r) > 0 {
			return string(r)
		}
	}
	return ""
}

// styles are of each element, inline, for mail programs know no others.
// Headings go below the letter's one.
var styles = map[string]string{
	"p": "margin:0 0 16px", "h2": "margin:24px 0 8px;font-size:20px;line-height:1.3;font-weight:600", "h3": "margin:20px 0 8px;font-size:17px;line-height:1.3;font-weight:600",
	"ul": "margin:0 0 16px;padding:0 0 0 24px", "ol": "margin:0 0 16px;padding:0 0 0 24px", "li": "margin:0 0 4px",
	"pre": "margin:0 0 16px;white-space:pre-wrap;font-family:monospace", "code": "font-family:monospace",
}

// lowered are the headings as they stand in a letter.
var lowered = map[string]string{"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h3", "h5": "h3", "h6": "h3"}

func (c Colours) write(out *strings.Builder, n *dom.Node) {
	if n.Type == dom.TextNode {
		out.WriteString(dom.EscapeString(n.Data))
		return
	}
	if n.Type != dom.ElementNode {
		return
	}
	tag, attributes := n.Data, ""
	if to, heading := lowered[tag]; heading {
		tag = to
	}
	switch style := styles[tag]; tag {
	case "a":
		attributes = ` class="link" href="` + dom.EscapeString(attribute(n, "href")) + `" style="color:` + c.Link + `;text-decoration:underline"`
	case "blockquote":
		attributes = ` class="line" style="margin:0 0 16px;padding:4px 0 4px 16px;border-left:3px solid ` + c.Line + `"`
	case "hr":
		attributes = ` class="line" style="margin:24px 0;border:0;border-top:1px solid ` + c.Line + `"`
	default:
		if start, err := strconv.Atoi(attribute(n, "start")); err == nil && tag == "ol" {
			attributes = ` start="` + strconv.Itoa(start) + `"`
		}
		if style != "" {
			attributes += ` style="` + style + `"`
		}
	}
	out.WriteString("<" + tag + attributes + ">")
	if tag == "br" || tag == "hr" {
		return
	}
	for child := range n.ChildNodes() {
		c.write(out, child)
	}
	out.WriteString("</" + tag + ">")
}

func attribute(n *dom.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// plainBlock is a block as text. Every link is written out below the paragraph
// that it stands in.
func plainBlock(n *dom.Node) string {
	switch n.Data {
	case "hr":
		return "* * *"
	case "blockquote":
		return indent("> ", "> ", plainBlocks(n))
	case "ul", "ol":
		return plainList(n)
	case "pre":
		words, _ := inline(n)
		return strings.Trim(words, "\n")
	}
	return withLinks(inline(n))
}

// withLinks adds to a text the addresses that it has not written out itself; one
// whose words the text ends with goes on from there.
func withLinks(words string, links []link) string {
	words = strings.TrimSpace(words)
	for i, l := range links {
		switch {
		case l.words == "":
			words += "\n" + l.address
		case len(links) == 1 && i == 0 && strings.HasSuffix(words, l.words):
			words += ":\n" + l.address
		default:
			words += "\n" + l.words + ": " + l.address
		}
	}
	return words
}

// link is one that a text has not written out itself.
type link struct{ words, address string }

// plainBlocks are the blocks inside of one, such as a quotation.
func plainBlocks(n *dom.Node) string {
	var blocks []string
	for child := range n.ChildNodes() {
		if block := plainBlock(child); block != "" {
			blocks = append(blocks, block)
		}
	}
	return strings.Join(blocks, "\n\n")
}

func plainList(n *dom.Node) string {
	number, err := strconv.Atoi(attribute(n, "start"))
	if err != nil {
		number = 1
	}
	var items []string
	for li := range n.ChildNodes() {
		if li.Data != "li" {
			continue
		}
		mark := "- "
		if n.Data == "ol" {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		items = append(items, indent(mark, "  ", plainItem(li)))
	}
	return strings.Join(items, "\n")
}

// plainItem is one point: its words, and the blocks that it may have.
func plainItem(li *dom.Node) string {
	var parts []string
	line := &dom.Node{Type: dom.ElementNode, Data: "p"}
	flush := func() {
		if words := withLinks(inline(line)); words != "" {
			parts = append(parts, words)
		}
		line = &dom.Node{Type: dom.ElementNode, Data: "p"}
	}
	for child := li.FirstChild; child != nil; {
		next := child.NextSibling
		switch child.Data {
		case "p", "ul", "ol", "blockquote", "pre", "hr", "h1", "h2", "h3", "h4", "h5", "h6":
			flush()
			parts = append(parts, plainBlock(child))
		default:
			li.RemoveChild(child)
			line.AppendChild(child)
		}
		child = next
	}
	flush()
	return strings.Join(parts, "\n")
}

// indent begins the first line and the others.
func indent(first, others, s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lead := others
		if i == 0 {
			lead = first
		}
		lines[i] = strings.TrimRight(lead+lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// inline is the text of a paragraph, and its links. A link whose words are the
// address is there already.
func inline(n *dom.Node) (string, []link) {
	var b strings.Builder
	var links []link
	for child := range n.ChildNodes() {
		switch {
		case child.Type == dom.TextNode && n.Data == "pre", child.Type == dom.TextNode && n.Parent != nil && n.Parent.Data == "pre":
			b.WriteString(child.Data)
		case child.Type == dom.TextNode:
			b.WriteString(spaces.ReplaceAllString(child.Data, " "))
		case child.Data == "br":
			b.WriteString("\n")
		default:
			words, inner := inline(child)
			b.WriteString(words)
			links = append(links, inner...)
			if child.Data == "a" {
				links = append(links, address(words, attribute(child, "href"))...)
			}
		}
	}
	return strings.ReplaceAll(b.String(), "\n ", "\n"), links
}

// spaces are what HTML shows as one.
var spaces = regexp.MustCompile(`[ \t\n]+`)

func address(words, href string) []link {
	plain := strings.TrimPrefix(strings.TrimPrefix(href, "mailto:"), "tel:")
	if words = strings.Join(strings.Fields(words), " "); words == plain || words == href || plain == "" {
		return nil
	}
	return []link{{words, plain}}
}

// unfit finds what a letter cannot have: a picture, which would be fetched from
// elsewhere, or a placeholder within an address, which would tell somebody's name
// to whoever runs the site. It answers the code of an error; empty when all fits.
func unfit(body string) (code string) {
	source := []byte(body)
	root := newMarkdown().Parser().Parse(text.NewReader(source))
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // our function has no errors
		switch n := n.(type) {
		case *ast.Image:
			code = "mailing_image"
		case *ast.Link:
			if to := string(n.Destination); to != Link && to != Join && strings.ContainsAny(to, "{}") {
				code = "mailing_address"
			}
		case *ast.AutoLink:
			if strings.ContainsAny(string(n.URL(source)), "{}") {
				code = "mailing_address"
			}
		}
		if code != "" {
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return code
}
