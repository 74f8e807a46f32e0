package calendar

import (
	"errors"
	"time"

	ics "github.com/arran4/golang-ical"
)

// event is what an invitation and an entry of a feed have in common.
type event struct {
	uid                                 string
	sequence                            int
	stamp, start, end                   time.Time
	zone, language                      string
	summary, description, location, url string
	organizerName, organizerEmail       string
	cancelled, tentative, private       bool
}

// component writes the event, or says which fields cannot be written. Times are
// local and name their zone, in the same form both: with Z or a DURATION some
// calendars shift the meeting when the clocks change.
func (e event) component() (*ics.VEvent, error) {
	loc, err := location(e.zone)
	if err = errors.Join(err, e.check(loc)); err != nil {
		return nil, err
	}
	v := ics.NewEvent(e.uid)
	v.SetDtStampTime(e.stamp)
	v.SetSequence(e.sequence)
	v.SetProperty(ics.ComponentPropertyDtStart, localTime(e.start, loc), ics.WithTZID(e.zone))
	v.SetProperty(ics.ComponentPropertyDtEnd, localTime(e.end, loc), ics.WithTZID(e.zone))
	e.addText(v, ics.ComponentPropertySummary, e.summary)
	e.addText(v, ics.ComponentPropertyDescription, e.description)
	e.addText(v, ics.ComponentPropertyLocation, e.location)
	if e.url != "" {
		v.SetURL(e.url)
	}
	addPerson(v, "ORGANIZER", e.organizerName, e.organizerEmail)
	v.SetStatus(e.status())
	v.SetTimeTransparency(e.transparency())
	v.SetClass(ics.ClassificationPublic)
	if e.private {
		v.SetClass(ics.ClassificationPrivate)
	}
	return v, nil
}

func (e event) check(loc *time.Location) error {
	return errors.Join(
		checkUID(e.uid),
		checkSequence(e.sequence),
		checkTimes(e.start, e.end, loc),
		checkLanguage(e.language),
		checkPresent("summary", e.summary),
		checkWebAddress("url", e.url),
		checkEmail("organizer email", e.organizerEmail),
	)
}

func (e event) addText(v *ics.VEvent, property ics.ComponentProperty, s string) {
	if s = text(s); s != "" {
		v.AddProperty(property, s, parameter("LANGUAGE", e.language))
	}
}

func (e event) status() ics.ObjectStatus {
	if e.cancelled {
		return ics.ObjectStatusCancelled
	}
	if e.tentative {
		return ics.ObjectStatusTentative
	}
	return ics.ObjectStatusConfirmed
}

// transparency gives the time back to the person when the event is cancelled.
func (e event) transparency() ics.TimeTransparency {
	if e.cancelled {
		return ics.TransparencyTransparent
	}
	return ics.TransparencyOpaque
}

// addPerson writes an address with the person's name. The parameters are part
// of the property's name here, because the library would put backslashes into
// them, which no reader understands (RFC 5545 3.2). A person without a name
// goes by the address.
func addPerson(v *ics.VEvent, property, personName, email string) {
	cn := name(personName)
	if cn == "" {
		cn = email
	}
	v.AddProperty(ics.ComponentProperty(property+`;CN="`+cn+`"`), mailto(email))
}
