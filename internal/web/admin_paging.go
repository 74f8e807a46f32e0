package web

import (
	"net/url"
	"strconv"
)

// paging is which part of a long list a page shows. Its zero value shows
// nothing of an empty list.
type paging struct {
	Total, From, To int    // the items From+1 to To of Total
	Previous, Next  string // addresses; empty at the ends
	Everything      string // the address of the whole list on one page; empty when it is shown
}

// everything is the page number that asks for the whole list, for printing.
const everything = "all"

// newPaging cuts a list of so many items into pages of a size. The query is
// that of the page now shown; its "page" counts from 1.
func newPaging(path string, q url.Values, total, size int) paging {
	p := paging{Total: total, To: total}
	if q.Get("page") == everything || total <= size {
		return p
	}
	last := (total - 1) / size
	n, err := strconv.Atoi(q.Get("page"))
	if err != nil || n < 1 {
		n = 1
	}
	at := min(n-1, last)
	p.From, p.To = at*size, min(total, (at+1)*size)
	p.Everything = pageAddress(path, q, everything)
	if at > 0 {
		p.Previous = pageAddress(path, q, strconv.Itoa(at))
	}
	if at < last {
		p.Next = pageAddress(path, q, strconv.Itoa(at+2))
	}
	return p
}

func pageAddress(path string, q url.Values, page string) string {
	next := url.Values{}
	for name, values := range q {
		if name != "done" {
			next[name] = values
		}
	}
	next.Set("page", page)
	return path + "?" + next.Encode()
}
