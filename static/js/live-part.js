// [data-live-part] is fetched anew from the address it names, every other second, for as long as
// what comes is marked data-running. Of each data-announce whoever listens hears when it changes,
// not at every tick. Lines that may look the same are told apart by their data-key.
import { once } from "./once.js";

const pause = 2000; // milliseconds
const patience = 5; // answers that may fail one after the other

export function start(root) {
  for (const section of once(start, root, "[data-live-part]")) new Live(section).begin();
}

class Live {
  constructor(section) {
    this.section = section;
    this.part = section.querySelector("[data-part]");
    this.say = section.querySelector("[data-say]");
    this.failed = 0;
    this.heard = this.announcements();
  }

  begin() {
    if (!this.running()) return;
    this.section.dataset.live = "";
    this.later();
    document.addEventListener("visibilitychange", () => this.running() && !document.hidden && this.tick());
  }

  running() {
    return this.part.querySelector("[data-running]") !== null;
  }

  announcements() {
    return new Map([...this.part.querySelectorAll("[data-announce]")].map((line) => [line.dataset.key, line.dataset.announce]));
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tick(), pause);
  }

  // Nobody looks at a page in the background: it goes on when it is seen again.
  async tick() {
    clearTimeout(this.timer);
    if (document.hidden) return;
    try {
      const answer = await fetch(this.section.dataset.livePart, { headers: { Accept: "text/html" }, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      this.put(await answer.text());
      this.failed = 0;
    } catch {
      this.failed += 1;
    }
    if (this.failed >= patience) this.end(this.section.dataset.lost);
    else if (this.running()) this.later();
    else this.end("");
  }

  put(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
    if (!fresh) return;
    const focused = this.part.contains(document.activeElement) ? document.activeElement : null;
    const link = focused?.getAttribute("href");
    const key = focused?.closest("[data-key]")?.dataset.key;
    this.part.replaceChildren(document.adoptNode(fresh));
    const line = key ? this.part.querySelector(`[data-key="${CSS.escape(key)}"]`) : this.part;
    if (link) line?.querySelector(`a[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
    const now = this.announcements();
    const news = [...now].filter(([which, words]) => this.heard.get(which) !== words).map(([, words]) => words);
    this.heard = now;
    if (news.length) this.say.textContent = news.join(". ");
  }

  end(words) {
    delete this.section.dataset.live;
    if (words) this.say.textContent = words;
    if (words) this.say.classList.remove("visually-hidden");
  }
}
