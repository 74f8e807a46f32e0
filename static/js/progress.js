// form[data-busy] is sent once: its button says that work goes on, and a second press is
// ignored. Everything is as before when the person comes back to the page.
import { once } from "./once.js";

const busy = new WeakMap();

export function start(root) {
  for (const form of once(start, root, "form[data-busy]")) {
    form.addEventListener("submit", (event) => begin(form, event));
    // A form that htmx sends stays on the page and may be needed again.
    form.addEventListener("htmx:finally:request", () => end(form));
  }
  window.addEventListener("pageshow", endAll);
}

function begin(form, event) {
  if (busy.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  const button = event.submitter ?? form.querySelector('[type="submit"]');
  busy.set(form, button);
  // The button is not disabled, because its name and value belong to what is sent.
  button?.setAttribute("aria-busy", "true");
}

function end(form) {
  busy.get(form)?.removeAttribute("aria-busy");
  busy.delete(form);
}

function endAll(event) {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-busy]")) end(form);
}
