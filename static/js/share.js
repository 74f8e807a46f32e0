// button[data-share] opens the device's own way of sharing, or copies the address where there
// is none. The button comes hidden from the server and is shown only where one of them works.
import { once } from "./once.js";

export function start(root) {
  const supported = Boolean(navigator.share || navigator.clipboard);
  for (const button of once(start, root, "button[data-share]")) {
    button.hidden = !supported;
    button.addEventListener("click", () => share(button));
  }
}

async function share(button) {
  const url = button.dataset.shareUrl || location.href;
  const title = button.dataset.shareTitle || document.title;
  if (navigator.share) {
    // A person who closes the sheet has not made a mistake: nothing is said.
    await navigator.share({ title, url }).catch(() => {});
    return;
  }
  try {
    await navigator.clipboard.writeText(url);
    say(button, button.dataset.shareDone ?? "");
  } catch {
    // Copying was refused: the address itself is shown, to be copied by hand.
    say(button, url);
  }
}

function say(button, text) {
  const status = button.parentElement.querySelector("[data-share-status]");
  if (status) status.textContent = text;
}
