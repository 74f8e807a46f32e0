// A refused form comes back with [data-error-summary] on top. It takes focus when the page
// opens, and its links lead to the field with the label in view above it.
import { once } from "./once.js";

export function start(root) {
  for (const summary of once(start, root, "[data-error-summary]")) {
    if (!summary.hasAttribute("tabindex")) summary.tabIndex = -1;
    summary.addEventListener("click", follow);
    summary.focus();
  }
}

function follow(event) {
  const link = event.target.closest('a[href^="#"]');
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  labelOf(field).scrollIntoView({ block: "start" });
  field.focus({ preventScroll: true });
}

// The label of a radio button or a box is the question of the whole group.
function labelOf(field) {
  if (field.matches('[type="radio"], [type="checkbox"]')) {
    const legend = field.closest("fieldset")?.querySelector("legend");
    if (legend) return legend;
  }
  return field.labels?.[0] ?? field;
}
