// form[data-company-choice="company_kind"] shows those [data-shown-for] that name the value
// checked in the group company_kind. What is hidden is disabled too and is not sent.
import { once } from "./once.js";

export function start(root) {
  for (const form of once(start, root, "form[data-company-choice]")) {
    form.addEventListener("change", () => show(form));
    // A reset changes the fields only after its event has been heard.
    form.addEventListener("reset", () => setTimeout(() => show(form)));
    show(form);
  }
  window.addEventListener("pageshow", showAgain);
}

// A page that the browser takes out of its memory may have other values than when it was left.
function showAgain(event) {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-company-choice]")) show(form);
}

function show(form) {
  const group = form.dataset.companyChoice;
  const chosen = [...form.elements].find((field) => field.type === "radio" && field.name === group && field.checked);
  for (const part of form.querySelectorAll("[data-shown-for]")) {
    const wanted = chosen !== undefined && part.dataset.shownFor.split(/\s+/).includes(chosen.value);
    part.hidden = !wanted;
    if (part instanceof HTMLFieldSetElement) part.disabled = !wanted;
  }
}
