package web

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/net/html"

	"stafett/internal/problem"
)

// Label is what the page calls a field whose error stands in the summary, ready
// to be put before the error: "First name:". It is empty while the page is
// printed for the first time, and for a field without a name.
func (p *page) Label(name string) string { return p.labels[name] }

// labelsOf reads from a printed page what its fields with errors are called.
// Forms name their fields in many ways, some in an organiser's own words: the
// page itself is the one place where every name stands. Without them the links
// of several empty fields would all read the same.
func labelsOf(printed []byte, fields []problem.Field) (map[string]string, error) {
	root, err := html.Parse(bytes.NewReader(printed))
	if err != nil {
		return nil, fmt.Errorf("read the printed page: %w", err)
	}
	byID, labelFor := map[string]*html.Node{}, map[string]*html.Node{}
	for n := range root.Descendants() {
		if id := attribute(n, "id"); id != "" {
			byID[id] = n
		}
		if n.Type == html.ElementNode && n.Data == "label" {
			labelFor[attribute(n, "for")] = n
		}
	}
	labels := map[string]string{}
	for _, f := range fields {
		n := legendOf(byID[f.Name])
		if n == nil {
			n = labelFor[f.Name]
		}
		if name := words(n); name != "" {
			labels[f.Name] = withColon(personOf(byID[f.Name]) + name)
		}
	}
	return labels, nil
}

// personOf names whose field it is, where a form asks the same of several people.
func personOf(field *html.Node) string {
	for n := field; n != nil; n = n.Parent {
		if attribute(n, "data-person") != "" {
			return words(childOf(n, "legend")) + ", "
		}
	}
	return ""
}

// legendOf is the legend of a group of choices, whose first choice has the
// field's id, and that of a list of rows; nil for any other field.
func legendOf(field *html.Node) *html.Node {
	if field == nil {
		return nil
	}
	kind := attribute(field, "type")
	if field.Data != "fieldset" && kind != "radio" && kind != "checkbox" {
		return nil
	}
	for n := field; n != nil; n = n.Parent {
		if n.Data == "fieldset" && (n == field || hasClass(n, "field")) {
			return childOf(n, "legend")
		}
	}
	return nil
}

func childOf(n *html.Node, element string) *html.Node {
	for child := range n.ChildNodes() {
		if child.Data == element {
			return child
		}
	}
	return nil
}

// words is a label's text without the remark that the field may be left empty.
func words(n *html.Node) string {
	if n == nil || hasClass(n, "optional") {
		return ""
	}
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for child := range n.ChildNodes() {
		b.WriteString(words(child))
	}
	return strings.TrimSpace(b.String())
}

// withColon ends a name with a colon; a question has its own sign.
func withColon(name string) string {
	if strings.ContainsRune("?!:.", rune(name[len(name)-1])) {
		return name
	}
	return name + ":"
}

func hasClass(n *html.Node, class string) bool {
	for _, c := range strings.Fields(attribute(n, "class")) {
		if c == class {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
