package letter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
)

// go-mail makes random boundaries and lets the caller name only one, for all
// levels at once, which nested multiparts must not share.
var randomBoundary = regexp.MustCompile(`boundary=([0-9a-f]{60})\r\n`)

// fixBoundaries gives the multiparts, from the outermost, boundaries that follow from the message id.
// They hold "=_", which neither quoted-printable nor base64 can produce (RFC
// 2045 6.7), so no body can close a part.
func fixBoundaries(message []byte, id string, levels []string) ([]byte, error) {
	found := randomBoundary.FindAllSubmatch(message, len(levels))
	if len(found) != len(levels) {
		return nil, fmt.Errorf("write letter: %d boundaries instead of %d", len(found), len(levels))
	}
	// RFC 2387 3.1 asks for the type of what is shown, which go-mail leaves out.
	message = bytes.Replace(message, []byte("multipart/related;\r\n"), []byte("multipart/related; type=\"multipart/alternative\";\r\n"), 1)
	sum := sha256.Sum256([]byte(id))
	mark := hex.EncodeToString(sum[:12])
	for i, m := range found {
		fixed := "=_" + levels[i] + "_" + mark
		message = bytes.Replace(message, m[0], []byte("boundary=\""+fixed+"\"\r\n"), 1)
		message = bytes.ReplaceAll(message, append([]byte("--"), m[1]...), []byte("--"+fixed))
	}
	return message, nil
}
