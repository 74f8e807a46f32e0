"""Reads calendar files with Debian's python3-icalendar.

Standard input is a JSON list of files, standard output a JSON list of what was
found in each, in the same form as that of read.js.
"""
import json
import sys
from datetime import timezone

from icalendar import Calendar


def utc(component, name):
    if name not in component:
        return ""
    return component[name].dt.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def text(component, name):
    value = component.get(name, "")
    if hasattr(value, "to_ical") and not isinstance(value, str):
        value = value.to_ical().decode("utf-8")
    return str(value)


def several(component, name):
    values = component.get(name, [])
    return values if isinstance(values, list) else [values]


def person(value):
    return {
        "Address": str(value).removeprefix("mailto:"),
        "Name": str(value.params.get("CN", "")),
        "State": str(value.params.get("PARTSTAT", "")),
        "RSVP": str(value.params.get("RSVP", "")),
    }


def moment(component):
    return {
        "UID": text(component, "UID"),
        "Sequence": int(component["SEQUENCE"]),
        "Stamp": utc(component, "DTSTAMP"),
        "Start": utc(component, "DTSTART"),
        "End": utc(component, "DTEND"),
        "Summary": text(component, "SUMMARY"),
        "Description": text(component, "DESCRIPTION"),
        "Location": text(component, "LOCATION"),
        "URL": text(component, "URL"),
        "Conference": text(component, "CONFERENCE"),
        "Status": text(component, "STATUS"),
        "Transparency": text(component, "TRANSP"),
        "Organizers": [person(p) for p in several(component, "ORGANIZER")],
        "Attendees": [person(p) for p in several(component, "ATTENDEE")],
        "Alarms": ["%s %s %s" % (text(a, "ACTION"), text(a, "TRIGGER"), text(a, "DESCRIPTION")) for a in component.walk("VALARM")],
    }


def file(source):
    calendar = Calendar.from_ical(source)
    return {
        "Method": text(calendar, "METHOD"),
        "Name": text(calendar, "NAME"),
        "Refresh": text(calendar, "REFRESH-INTERVAL"),
        "Zones": [text(z, "TZID") for z in calendar.walk("VTIMEZONE")],
        "Events": [moment(e) for e in calendar.walk("VEVENT")],
    }


json.dump([file(source) for source in json.load(sys.stdin)], sys.stdout)
