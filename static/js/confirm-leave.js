// form[data-confirm-leave] asks before a page with unsaved changes is left. The browser words
// the question itself, in the person's own language.
import { once } from "./once.js";

const changed = new Set();

export function start(root) {
  for (const form of once(start, root, "form[data-confirm-leave]")) {
    // A refused form came back with what was typed, and that is not saved either.
    if (form.querySelector("[data-error-summary]")) changed.add(form);
    for (const type of ["input", "change"]) form.addEventListener(type, () => changed.add(form));
    for (const type of ["submit", "reset"]) form.addEventListener(type, () => changed.delete(form));
  }
  window.addEventListener("beforeunload", ask);
}

function ask(event) {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
}
