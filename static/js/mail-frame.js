// iframe[data-fit] becomes as tall as the letter inside it, so that the page has one scroll
// bar. The frame needs sandbox="allow-same-origin" for its height to be read.
import { once } from "./once.js";

const least = 160; // pixels: a letter that is still empty keeps a visible frame

export function start(root) {
  for (const frame of once(start, root, "iframe[data-fit]")) {
    frame.addEventListener("load", () => fit(frame));
    new ResizeObserver(() => fit(frame)).observe(frame.parentElement);
    fit(frame);
  }
}

function fit(frame) {
  const page = frame.contentDocument?.documentElement;
  if (!page || frame.contentDocument.URL === "about:blank") return;
  // The frame is made small first, or a letter could only ever make it grow.
  frame.height = String(least);
  const borders = frame.offsetHeight - frame.clientHeight;
  frame.height = String(Math.max(least, page.scrollHeight + borders));
}
