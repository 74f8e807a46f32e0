// form[data-company-lookup="/companies/lookup"] asks that address for the name that belongs to
// a Norwegian number, when the number has been typed and the name has not. Whatever goes wrong,
// the field stays as it is. Only nine digits are ever sent: a personal number has more.
import { once } from "./once.js";

export function start(root) {
  for (const form of once(start, root, "form[data-company-lookup]")) {
    form.addEventListener("change", (event) => {
      if (["org_number", "country"].includes(event.target.name)) fill(form);
    });
  }
}

async function fill(form) {
  const name = form.elements.company_name;
  const digits = form.elements.org_number.value.replace(/[^0-9]/g, "");
  if (form.elements.country.value !== "NO" || digits.length !== 9 || name.value.trim() !== "") return;
  const found = await ask(`${form.dataset.companyLookup}?country=NO&number=${digits}`);
  // Somebody may have typed meanwhile: their word stands.
  if (!found || name.value.trim() !== "" || form.elements.org_number.value.replace(/[^0-9]/g, "") !== digits) return;
  name.value = found;
  const status = form.querySelector("[data-company-found]");
  if (status) status.textContent = status.dataset.companyFound;
}

async function ask(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    return answer.ok ? (await answer.json()).name : "";
  } catch {
    return "";
  }
}
