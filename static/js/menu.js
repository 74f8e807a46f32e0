// details.menu opens and closes by itself; this closes it by Escape, by a press elsewhere and
// when focus goes on, as people expect of a menu.

export function start() {
  document.addEventListener("keydown", escape);
  document.addEventListener("click", leave);
  document.addEventListener("focusin", leave);
}

function escape(event) {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    if (!menu.contains(document.activeElement)) continue;
    menu.open = false;
    menu.querySelector("summary").focus();
  }
}

function leave(event) {
  for (const menu of open()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
}

function open() {
  return document.querySelectorAll("details.menu[open]");
}
