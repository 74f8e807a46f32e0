"""Reads calendar files with Debian's python3-icalendar and python3-dateutil and
prints when each is busy, as JSON: a list of [start, end] in UTC for each file.

It shares no code with the reader in Go. It knows the same rules of what counts.
Arguments: the moment of now (UTC), the local zone, the owner's address, files.
"""
import json
import sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar

now = datetime.fromisoformat(sys.argv[1])
local = ZoneInfo(sys.argv[2])
email = sys.argv[3].lower()
first, last = now - timedelta(days=1), now + timedelta(days=400)


def listed(v):
    return v if isinstance(v, list) else [] if v is None else [v]


def zoned(t):
    """A date or time as an aware time; days begin at midnight in the local zone."""
    if not isinstance(t, datetime):
        return datetime(t.year, t.month, t.day, tzinfo=local)
    return t if t.tzinfo else t.replace(tzinfo=local)


def at(zone, wall):
    """The moment at which a clock in the zone shows it; pytz's zones are asked otherwise."""
    if hasattr(zone, "localize"):
        return utc(zone.localize(wall))
    return utc(wall.replace(tzinfo=zone))


def utc(t):
    return zoned(t).astimezone(timezone.utc)


def length(event, start):
    if "DTEND" in event:
        end = event["DTEND"].dt
        if not isinstance(start, datetime):
            return end - start
        return utc(end) - utc(start)
    if "DURATION" in event:
        return event["DURATION"].dt
    return timedelta(days=1) if not isinstance(start, datetime) else timedelta()


def free(event):
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT" or str(event.get("STATUS", "")).upper() == "CANCELLED":
        return True
    if str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() in ("FREE", "WORKINGELSEWHERE"):
        return True
    return any(
        str(a).lower() == "mailto:" + email and str(a.params.get("PARTSTAT", "")) == "DECLINED"
        for a in listed(event.get("ATTENDEE")))


def walls(rule, start):
    """The rule on the clock of the wall, without zones, up to the last moment."""
    naive = zoned(start).replace(tzinfo=None)
    text = rule.to_ical().decode()
    parts = [p for p in text.split(";") if not p.startswith("UNTIL")]
    until = rule.get("UNTIL")
    if until:
        u = until[0]
        if not isinstance(u, datetime):
            u = datetime(u.year, u.month, u.day, 23, 59, 59)
        elif u.tzinfo:
            u = u.astimezone(zoned(start).tzinfo).replace(tzinfo=None)
    for t in rrulestr(";".join(parts), dtstart=naive):
        if until and t > u or t > last.replace(tzinfo=None) + timedelta(days=2):
            return
        yield t


def apart(text):
    """One period a line: this version of the library reads no list of them."""
    lines = []
    for line in text.split("\r\n"):
        name, _, value = line.partition(":")
        if name.startswith("FREEBUSY"):
            lines += [name + ":" + v for v in value.split(",")]
        else:
            lines.append(line)
    return "\r\n".join(lines)


def busy(path):
    with open(path, encoding="utf-8", newline="") as file:
        calendar = Calendar.from_ical(apart(file.read()))
    found, moved = [], set()
    events = calendar.walk("VEVENT")
    for e in events:
        if "RECURRENCE-ID" in e:
            moved.add((str(e["UID"]), utc(e["RECURRENCE-ID"].dt)))
    for e in events:
        if free(e):
            continue
        start = e["DTSTART"].dt
        zone = zoned(start).tzinfo
        days = not isinstance(start, datetime)
        starts = {zoned(start).replace(tzinfo=None)}
        for rule in listed(e.get("RRULE")):
            starts.update(walls(rule, start))
        for extra in listed(e.get("RDATE")):
            starts.update(zoned(d.dt).replace(tzinfo=None) for d in extra.dts)
        out = {utc(d.dt) for x in listed(e.get("EXDATE")) for d in x.dts}
        lasts = length(e, start)
        for wall in starts:
            t = at(zone, wall)
            if t in out or "RECURRENCE-ID" not in e and (str(e["UID"]), t) in moved:
                continue
            end = at(zone, wall + lasts) if days else t + lasts
            found.append((t, end))
    for f in calendar.walk("VFREEBUSY"):
        for v in listed(f.get("FREEBUSY")):
            if str(v.params.get("FBTYPE", "BUSY")) != "FREE":
                found.append((v.start, v.end))
    merged = []
    for a, b in sorted((max(a, first), min(b, last)) for a, b in found):
        if a >= b:
            continue
        if merged and a <= merged[-1][1]:
            merged[-1][1] = max(b, merged[-1][1])
        else:
            merged.append([a, b])
    return [[t.strftime("%Y-%m-%dT%H:%M:%SZ") for t in m] for m in merged]


json.dump([busy(p) for p in sys.argv[4:]], sys.stdout)
