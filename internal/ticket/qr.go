// Package ticket draws what a participant shows at the door: the QR code, and
// the ticket as a PDF to print or to keep on a phone.
package ticket

import (
	"fmt"
	"html"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// Prefix tells our codes from everything else that a camera may read.
const Prefix = "STAFETT1:"

// quiet is how many empty modules stand around the code, without which readers
// do not find it (ISO/IEC 18004 asks for four).
const quiet = 4

// Text is what the QR code of a ticket holds. It is no address: the camera of
// anybody's own phone, held over somebody's ticket, shows a meaningless word and
// opens nothing, and the code gets into no history of a browser and no log of a
// server. Capital letters and digits alone make the code small and its modules
// large.
func Text(code string) string { return Prefix + code }

// Code is the code of a ticket in what a camera has read, or "" when that is
// something else.
func Code(read string) string {
	code, ours := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(read)), Prefix)
	if !ours {
		return ""
	}
	return code
}

// modules are the rows of a QR code of the text; true is dark. A seventh of the
// code may be unreadable (level M).
func modules(text string) ([][]bool, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("make QR code: %w", err)
	}
	size := code.Bounds().Dx()
	rows := make([][]bool, size)
	for y := range rows {
		rows[y] = make([]bool, size)
		for x := range rows[y] {
			r, _, _, _ := code.At(x, y).RGBA()
			rows[y][x] = r == 0
		}
	}
	return rows, nil
}

// SVG draws the text as a QR code, dark on white whatever the colours of the
// page, with the white margin that readers need. It has no size of its own. The
// title says to those who do not see it what it is.
func SVG(text, title string) (string, error) {
	rows, err := modules(text)
	if err != nil {
		return "", err
	}
	var path strings.Builder
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	size := len(rows) + 2*quiet
	title = html.EscapeString(title)
	return fmt.Sprintf(`<svg class="qr" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s" shape-rendering="crispEdges"><title>%s</title><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`,
		size, size, title, title, size, size, path.String()), nil
}
