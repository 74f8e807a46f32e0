// Reads calendar files with ical.js and leaves what it found in the page.
"use strict";
const ICAL = module.exports;

const utc = (property) => {
  const time = property && property.getFirstValue();
  return time ? new Date(time.toUnixTime() * 1000).toISOString().replace(".000Z", "Z") : "";
};

const text = (component, name) => {
  const value = component.getFirstPropertyValue(name);
  return value === null || value === undefined ? "" : String(value);
};

const person = (property) => ({
  Address: String(property.getFirstValue()).replace(/^mailto:/, ""),
  Name: property.getParameter("cn") ?? "",
  State: property.getParameter("partstat") ?? "",
  RSVP: property.getParameter("rsvp") ?? "",
});

const moment = (component) => ({
  UID: text(component, "uid"),
  Sequence: Number(text(component, "sequence")),
  Stamp: utc(component.getFirstProperty("dtstamp")),
  Start: utc(component.getFirstProperty("dtstart")),
  End: utc(component.getFirstProperty("dtend")),
  Summary: text(component, "summary"),
  Description: text(component, "description"),
  Location: text(component, "location"),
  URL: text(component, "url"),
  Conference: text(component, "conference"),
  Status: text(component, "status"),
  Transparency: text(component, "transp"),
  Organizers: component.getAllProperties("organizer").map(person),
  Attendees: component.getAllProperties("attendee").map(person),
  Alarms: component.getAllSubcomponents("valarm").map((a) => `${text(a, "action")} ${text(a, "trigger")} ${text(a, "description")}`),
});

const file = (source) => {
  const calendar = new ICAL.Component(ICAL.parse(source));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  return {
    Method: text(calendar, "method"),
    Name: text(calendar, "name"),
    Refresh: text(calendar, "refresh-interval"),
    Zones: calendar.getAllSubcomponents("vtimezone").map((z) => text(z, "tzid")),
    Events: calendar.getAllSubcomponents("vevent").map(moment),
  };
};

const encode = (value) => {
  let binary = "";
  for (const byte of new TextEncoder().encode(value)) binary += String.fromCharCode(byte);
  return btoa(binary);
};

let answer;
try {
  const given = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(document.getElementById("files").textContent), (c) => c.charCodeAt(0))));
  answer = { Files: given.map(file) };
} catch (fault) {
  answer = { Fault: String(fault.stack ?? fault) };
}
document.body.textContent = `[[${encode(JSON.stringify(answer))}]]`;
