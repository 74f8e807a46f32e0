// form[data-auto-submit] is sent a moment after one of its fields has changed. The page that
// comes gives focus back to the same field, so that a person with a keyboard stays in place.
import { once } from "./once.js";

const delay = 300; // milliseconds: long enough to step past values of a select with the arrows
const memory = "stafett.filter-focus";

export function start(root) {
  for (const form of once(start, root, "form[data-auto-submit]")) {
    listen(form);
    form.addEventListener("formdata", leaveOutEmpty);
    restoreFocus(form);
  }
}

function listen(form) {
  let timer = 0;
  form.dataset.live = "";
  form.addEventListener("change", (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      rememberFocus(form, event.target);
      form.requestSubmit();
    }, delay);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}

// An address names only the filters that are set, so that it can be read and passed on.
function leaveOutEmpty({ formData }) {
  for (const name of new Set(formData.keys())) {
    if (formData.getAll(name).every((value) => value === "")) formData.delete(name);
  }
}

// A form that htmx sends stays on the page and keeps its focus by itself.
function rememberFocus(form, changed) {
  if (form.hasAttribute("hx-get")) return;
  const field = form.contains(document.activeElement) ? document.activeElement : changed;
  const place = { path: location.pathname, id: field.id, name: field.name, value: field.value, scroll: window.scrollY };
  try {
    sessionStorage.setItem(memory, JSON.stringify(place));
  } catch {
    // Storage may be switched off; the page then opens at its top, as without script.
  }
}

function restoreFocus(form) {
  const place = recall();
  if (!place || place.path !== location.pathname) return;
  const field = find(form, place);
  if (!field) return;
  window.scrollTo({ top: place.scroll, behavior: "instant" });
  field.focus({ preventScroll: true });
}

function recall() {
  try {
    const place = JSON.parse(sessionStorage.getItem(memory));
    sessionStorage.removeItem(memory);
    return place;
  } catch {
    return null;
  }
}

function find(form, { id, name, value }) {
  const fields = [...form.elements];
  if (id) return fields.find((field) => field.id === id);
  const named = fields.filter((field) => field.name === name && name !== "");
  return named.find((field) => field.value === value) ?? named[0];
}
