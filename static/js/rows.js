// fieldset[data-rows] lets rows be added, taken away and moved by buttons, from a template
// inside it. The order on the page is the order in which the fields are sent. [data-rows-some]
// shows only while there is a row.
import { once } from "./once.js";

export function start(root) {
  for (const set of once(start, root, "fieldset[data-rows]")) {
    set.dataset.rowsReady = "";
    set.addEventListener("click", (event) => press(set, event));
    refresh(set);
  }
}

const actions = [
  ["[data-row-add]", add],
  ["[data-row-remove]", remove],
  ["[data-row-up]", (set, button) => move(set, button, -1)],
  ["[data-row-down]", (set, button) => move(set, button, 1)],
];

function press(set, event) {
  const button = event.target.closest("button");
  const action = button && actions.find(([selector]) => button.matches(selector));
  if (!action) return;
  event.preventDefault();
  action[1](set, button);
  refresh(set);
  // A form that asks before it is left has to know that its rows are others now.
  set.dispatchEvent(new Event("input", { bubbles: true }));
}

function add(set) {
  const row = set.querySelector("template").content.firstElementChild.cloneNode(true);
  number(row, nextNumber(set));
  list(set).append(row);
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  say(set, set.dataset.rowsAdded);
}

function remove(set, button) {
  const row = button.closest("[data-row]");
  const neighbour = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  (neighbour?.querySelector("[data-row-remove]") ?? set.querySelector("[data-row-add]"))?.focus();
  say(set, set.dataset.rowsRemoved);
}

function move(set, button, step) {
  const row = button.closest("[data-row]");
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(row);
  else other.after(row);
  focusAfterMove(set, row, button);
  const place = rows(set).indexOf(row) + 1;
  say(set, set.dataset.rowsMoved?.replace("{n}", place).replace("{total}", rows(set).length));
}

// At either end the pressed button is switched off, so focus goes to its opposite.
function focusAfterMove(set, row, button) {
  refresh(set);
  const opposite = button.matches("[data-row-up]") ? "[data-row-down]" : "[data-row-up]";
  (button.disabled ? row.querySelector(opposite) : button)?.focus();
}

function refresh(set) {
  const all = rows(set);
  all.forEach((row, index) => {
    for (const label of row.querySelectorAll("[data-row-number]")) label.textContent = String(index + 1);
    for (const field of row.querySelectorAll("[data-row-position]")) field.value = String(index + 1);
    for (const button of row.querySelectorAll("[data-row-up]")) button.disabled = index === 0;
    for (const button of row.querySelectorAll("[data-row-down]")) button.disabled = index === all.length - 1;
  });
  for (const part of set.querySelectorAll("[data-rows-some]")) part.hidden = all.length === 0;
  const most = Number(set.dataset.rowsMax ?? Infinity);
  for (const button of set.querySelectorAll("[data-row-add]")) button.disabled = all.length >= most;
}

// Numbers are never used twice on a page, so that an id stays one element's own.
function nextNumber(set) {
  const next = Number(set.dataset.rowsNext ?? rows(set).length);
  set.dataset.rowsNext = String(next + 1);
  return next;
}

function number(row, n) {
  const names = ["id", "for", "name", "value", "aria-describedby", "aria-labelledby"];
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const name of names) {
      const value = element.getAttribute(name);
      if (value?.includes("__n__")) element.setAttribute(name, value.replaceAll("__n__", String(n)));
    }
  }
}

function say(set, text) {
  const status = set.querySelector("[data-rows-status]");
  if (status) status.textContent = text ?? "";
}

function list(set) {
  return set.querySelector("[data-rows-list]");
}

function rows(set) {
  return [...list(set).querySelectorAll(":scope > [data-row]")];
}
