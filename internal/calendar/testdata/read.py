"""Reads calendar files with Debian's python3-icalendar and prints them as JSON.

Moments are printed in UTC and the parts of a recurrence rule in alphabetical
order; all other values as the library understood them.
"""
import json
import sys
from datetime import datetime, timezone

from icalendar import Calendar


def value(v):
    moment = getattr(v, "dt", None)
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    if isinstance(v, str):
        return str(v)
    written = v.to_ical()
    if isinstance(written, bytes):
        written = written.decode("utf-8")
    return ";".join(sorted(written.split(";")))


def tree(component):
    properties = []
    for name, values in component.items():
        for v in values if isinstance(values, list) else [values]:
            params = {k.upper(): str(p) for k, p in v.params.items()}
            properties.append({"Name": name.upper(), "Params": params, "Value": value(v)})
    return {
        "Name": component.name,
        "Properties": sorted(properties, key=lambda p: p["Name"]),
        "Components": [tree(c) for c in component.subcomponents],
    }


trees = []
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        trees.append(tree(Calendar.from_ical(file.read())))
json.dump(trees, sys.stdout)
