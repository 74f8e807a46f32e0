package web

import (
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"stafett/internal/attendance"
	"stafett/internal/problem"
)

// fileForm is how a browser sends a form with a file in it.
const fileForm = "multipart/form-data"

const (
	attendancePath = "/admin/events/:id/attendance"
	importPath     = attendancePath + "/import"
	confirmPath    = importPath + "/confirm"
)

// Limits of the routes on which an organiser deals with a whole list of people
// at once.
const (
	maxFile       = attendance.MaxBytes
	maxUpload     = maxFile + 64<<10 // with what a browser writes around it
	maxListFields = 5000
)

// takesFile reports whether a form with a file may be sent to the route. It is
// read by the handler, once it is known who sends it.
func takesFile(route string) bool { return route == importPath || route == logoPath }

// bodyLimit is how many bytes may be sent to the route.
func bodyLimit(route string) int64 {
	if route == logoPath {
		return maxLogoUpload
	}
	if takesFile(route) {
		return maxUpload
	}
	return maxBody
}

// fieldLimit is how many fields a form on the route may have.
func fieldLimit(route string) int {
	if route == attendancePath || route == confirmPath || route == newMailingPath || route == mailingPath {
		return maxListFields
	}
	return maxFields
}

// errNoFile says that a form was sent before a file was chosen.
var errNoFile = &problem.Problem{Kind: problem.Invalid, Code: "invalid", Fields: []problem.Field{{Name: "file", Code: "file_missing"}}}

// uploadedFile reads the one file of a form. It is never written to disk, and
// its name is not looked at.
func uploadedFile(c *gin.Context, field string) ([]byte, error) {
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return nil, errNoFile
	}
	for range 10 {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unreadable(err)
		}
		if part.FormName() != field {
			continue
		}
		data, err := io.ReadAll(io.LimitReader(part, maxFile+1))
		switch {
		case err != nil:
			return nil, unreadable(err)
		case len(data) > maxFile:
			return nil, attendance.ErrTooLarge
		case len(data) == 0:
			return nil, errNoFile
		}
		return data, nil
	}
	return nil, errNoFile
}

// unreadable is the refusal of a body that was too large, or cut off.
func unreadable(err error) error {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return attendance.ErrTooLarge
	}
	return errNoFile
}
