// Package calendar writes the files that calendars read: invitations and
// cancellations that travel in a letter, and feeds that a calendar fetches. It
// turns facts into bytes and knows nothing of where the facts come from. The
// format is RFC 5545, the conversation with the receiver's calendar RFC 5546.
package calendar

import (
	"bytes"
	"fmt"
	"math"

	// The zones travel in the binary, because an empty container image has none.
	_ "time/tzdata"

	ics "github.com/arran4/golang-ical"
)

// ContentType is the media type of a file that is fetched over HTTP. In a
// letter the type also names the method (RFC 6047 2.4).
const ContentType = "text/calendar; charset=utf-8"

// Method is what the receiving calendar is asked to do with the file.
type Method string

// The methods that are written: an invitation or a change of it, its
// withdrawal, and events for anybody to read.
const (
	MethodRequest Method = "REQUEST"
	MethodCancel  Method = "CANCEL"
	MethodPublish Method = "PUBLISH"
)

// newCalendar is the outermost frame, with the rules of every zone that its
// events name.
func newCalendar(method Method, zones ...string) *ics.Calendar {
	cal := &ics.Calendar{}
	cal.SetVersion("2.0")
	cal.SetProductId("-//Stafett//Calendar//EN")
	cal.SetCalscale("GREGORIAN")
	cal.SetMethod(ics.Method(method))
	for _, zone := range zones {
		cal.AddVTimezone(rules(zone))
	}
	return cal
}

// write gives the bytes of the file. The library would end lines in LF and
// fold them in places that some readers cannot join again, so both are ours.
func write(cal *ics.Calendar) ([]byte, error) {
	var b bytes.Buffer
	if err := cal.SerializeTo(&b, ics.WithNewLineWindows, ics.WithLineLength(math.MaxInt)); err != nil {
		return nil, fmt.Errorf("write calendar: %w", err)
	}
	return fold(b.String()), nil
}

// parameter is a parameter whose value needs no quotation marks.
func parameter(name, value string) ics.PropertyParameter {
	return &ics.KeyValues{Key: name, Value: []string{value}}
}
