// The door: marks people present without loading the page anew, reads tickets with the camera,
// and keeps marks in the phone while the network is away. A mark is stored before it is sent and
// is forgotten only when the server has answered for it, so that a reload loses nothing; the
// server knows each mark by its id, so that one sent twice does no harm.

const PREFIX = "STAFETT1:";
const BATCH = 50;
const LONGEST_PAUSE = 60_000;
// What the server answers when the marks themselves are wrong: sending them again helps nobody.
const REFUSED = [400, 409, 413, 415, 422];
const MOST_PASSED = 5;

function start(root) {
  const store = openStore(root.dataset.door, root.dataset.until);
  const door = { root, store, sending: false, pause: 0, timer: 0, ended: false };
  // The page of the server knows better what was answered before it was made: a mark may have been
  // taken back. A page kept for a time without a network is older than the answers.
  const made = new Date(root.dataset.made);
  store.change((s) => (s.present = s.present.filter((p) => new Date(p.at) > made)));
  for (const p of store.read().present) showPresent(door, p.id);
  for (const m of store.read().waiting) if (m.registration) showMark(door, m);
  recount(door);
  showWaiting(door);
  root.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-guest] form");
    if (!form) return;
    event.preventDefault();
    const row = form.closest("[data-guest]");
    if ("checkinUndo" in form.dataset) takeBack(door, row);
    else mark(door, { registration: row.dataset.guest }, nameIn(row));
  });
  startSearch(root);
  startCamera(door);
  startWorker(root);
  addEventListener("online", () => flush(door, true));
  // Another tab of the same door may have sent what waited.
  addEventListener("storage", () => showWaiting(door));
  flush(door);
}

// ── What the phone keeps ──

// openStore keeps the marks under the number of the door's link. Stores of links that are over
// are thrown away. Where the browser keeps nothing, they live as long as the page.
function openStore(door, until) {
  const key = "stafett-door-" + door;
  let memory = { until, waiting: [], present: [] };
  forgetOld(key);
  return {
    kept: true,
    read() {
      try {
        return JSON.parse(localStorage.getItem(key)) ?? memory;
      } catch {
        return memory;
      }
    },
    change(fn) {
      const state = this.read();
      fn(state);
      memory = state;
      try {
        localStorage.setItem(key, JSON.stringify(state));
      } catch {
        this.kept = false;
      }
    },
  };
}

function forgetOld(mine) {
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith("stafett-door-") || key === mine) continue;
      const { until } = JSON.parse(localStorage.getItem(key)) ?? {};
      if (!until || new Date(until) < new Date()) localStorage.removeItem(key);
    }
  } catch {
    // Nothing is kept here at all.
  }
}

// ── Marking and sending ──

const newMark = (what) => ({ id: newID(), made_at: new Date().toISOString().replace(/\.\d+Z$/, "Z"), ...what });

function mark(door, what, name) {
  door.store.change((s) => s.waiting.push(newMark(what)));
  if (what.registration) {
    showPresent(door, what.registration);
    recount(door);
  }
  flush(door, true).then((sent) => {
    if (!sent && !door.ended) say(door, "warning", name || door.root.dataset.textTicket, door.root.dataset.textSaved);
  });
}

// takeBack undoes a mark at the wrong name. One that never left the phone is only forgotten. One that
// may have arrived is named in what is sent after it, so that whoever was let in by another mark stays.
function takeBack(door, row) {
  const id = row.dataset.guest;
  let forgotten = false;
  door.store.change((s) => {
    const mine = s.waiting.filter((m) => m.registration === id && !m.undo).at(-1);
    forgotten = mine !== undefined && !mine.tried;
    if (forgotten) s.waiting = s.waiting.filter((m) => m !== mine);
    else s.waiting.push(newMark({ registration: id, undo: mine?.id ?? "any" }));
    s.present = s.present.filter((p) => p.id !== id);
  });
  showAbsent(row);
  row.querySelector("form button").focus(); // the button that was pressed is gone
  recount(door);
  showWaiting(door);
  if (forgotten) return say(door, "info", nameIn(row), door.root.getAttribute("data-outcome-taken_back"));
  flush(door, true).then((sent) => {
    if (!sent && !door.ended) say(door, "warning", nameIn(row), door.root.dataset.textUndoSaved);
  });
}

// newID does without crypto.randomUUID, which is missing where the page came without https.
function newID() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
}

// flush sends what waits, oldest first, and tells whether nothing waits any more. Only one runs
// at a time; who comes meanwhile waits for it.
function flush(door, now = false) {
  if (now) door.pause = 0;
  clearTimeout(door.timer);
  door.sending ||= sendAll(door).finally(() => (door.sending = false));
  return door.sending;
}

async function sendAll(door) {
  let most = BATCH;
  const passed = new Set(); // marks that the server stumbles over: tried again later
  const alone = door.store.read().waiting.length === 1;
  let told = false; // what goes wrong stays in sight while the others are sent
  for (;;) {
    const batch = door.store.read().waiting.filter((m) => !passed.has(m.id)).slice(0, most);
    showWaiting(door);
    if (batch.length === 0 && passed.size === 0) return true;
    if (door.ended) return false;
    // When the server stumbles over many, it is the server.
    const { status, answer } = batch.length && passed.size < MOST_PASSED ? await send(door, batch) : {};
    if (answer) {
      door.pause = 0;
      most = Math.min(BATCH, most * 2);
      told = take(door, answer, alone, told);
    } else if (status === 500 || REFUSED.includes(status)) {
      // One of them is wrong: fewer at a time, until it stands alone and lets the others by.
      if (batch.length > 1) most = Math.ceil(batch.length / 2);
      else if (status === 500) passed.add(batch[0].id);
      else told = drop(door, batch[0], told);
    } else {
      later(door);
      return false;
    }
  }
}

// take forgets the marks that are answered and shows what came of them. It tells whether it spoke.
function take(door, answer, alone, told) {
  const done = new Set(answer.marks.map((m) => m.id));
  door.store.change((s) => {
    s.waiting = s.waiting.filter((m) => !done.has(m.id));
    for (const m of answer.marks) {
      if (!m.registration) continue;
      s.present = s.present.filter((p) => p.id !== m.registration);
      if (here(m.outcome)) s.present.push({ id: m.registration, at: answer.at });
    }
  });
  for (const m of answer.marks) told = settle(door, m, alone, told) || told;
  count(door, answer.present, answer.expected);
  return told;
}

// drop gives up a mark that the server will never take, and says so.
function drop(door, m, told) {
  door.store.change((s) => (s.waiting = s.waiting.filter((w) => w.id !== m.id)));
  const row = rowOf(door, m.registration);
  settle(door, { outcome: m.undo ? "stays" : "refused", registration: m.registration, name: row ? nameIn(row) : door.root.dataset.textTicket }, false, told);
  recount(door);
  return true;
}

// send gives what the server answered, and the status; nothing when the network is away.
async function send(door, batch) {
  if (navigator.onLine) {
    const ids = new Set(batch.map((m) => m.id));
    door.store.change((s) => s.waiting.forEach((m) => (m.tried ||= ids.has(m.id))));
  }
  try {
    const response = await fetch(door.root.dataset.address + "/marks", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(batch.map(({ tried, ...m }) => m)),
      signal: AbortSignal.timeout(15_000),
    });
    if (response.status === 404) {
      door.ended = true;
      say(door, "danger", "", door.root.dataset.textEnded);
    }
    return { status: response.status, answer: response.ok ? await response.json() : null };
  } catch {
    return {};
  }
}

function later(door) {
  if (door.ended) return;
  door.pause = Math.min(LONGEST_PAUSE, door.pause * 2 || 2000);
  door.timer = setTimeout(() => flush(door), door.pause);
}

const here = (outcome) => outcome === "present" || outcome === "already" || outcome === "stays";

// settle shows what the server answered. One mark alone is told of in words; of many sent
// together only those are that did not go well, each below the others. It tells whether it spoke.
function settle(door, m, alone, below) {
  const row = rowOf(door, m.registration);
  if (here(m.outcome)) showPresent(door, m.registration);
  else if (row) showAbsent(row);
  const text = door.root.getAttribute("data-outcome-" + m.outcome) ?? "";
  const colour = { present: "success", already: "info", taken_back: "info" }[m.outcome] ?? "danger";
  const speaks = alone || colour === "danger";
  if (speaks) say(door, colour, m.name ?? "", text, below);
  if (alone && navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(here(m.outcome) ? 60 : [80, 60, 80]);
  return speaks;
}

// ── What is shown ──

const icons = { success: "success", info: "info", warning: "clock", danger: "error" };

function say(door, colour, name, text, below = false) {
  const box = document.createElement("div");
  box.className = "ds-alert checkin-result";
  box.dataset.color = colour;
  const p = box.appendChild(document.createElement("p"));
  const icon = p.appendChild(document.createElement("span"));
  icon.className = "icon";
  icon.dataset.icon = icons[colour];
  icon.ariaHidden = "true";
  if (name) p.appendChild(document.createElement("strong")).textContent = name;
  p.append(" " + text);
  const place = door.root.querySelector("[data-checkin-result]");
  if (below) place.append(box);
  else place.replaceChildren(box);
}

function showWaiting(door) {
  const n = door.store.read().waiting.length;
  const text = n ? door.root.dataset.textWaiting.replace("{count}", n) : "";
  const warn = n && !door.store.kept ? " " + door.root.dataset.textUnkept : "";
  door.root.querySelector("[data-checkin-waiting]").textContent = text + warn;
}

const rowOf = (door, id) => (id ? door.root.querySelector(`[data-guest="${CSS.escape(id)}"]`) : null);
const nameIn = (row) => row.querySelector("[data-checkin-name]").textContent;

function showMark(door, m) {
  const row = rowOf(door, m.registration);
  if (!m.undo) showPresent(door, m.registration);
  else if (row) showAbsent(row);
}

function showPresent(door, id) {
  const row = rowOf(door, id);
  if (!row || "present" in row.dataset) return;
  row.dataset.present = "";
  const form = row.querySelector("form");
  if (form) form.hidden = true;
  const undo = row.querySelector("[data-checkin-undo]");
  const word = document.createElement("span");
  if (undo) {
    undo.hidden = false;
    undo.before(word);
  } else row.append(word);
  word.className = "status-dot";
  word.dataset.color = "success";
  word.textContent = door.root.dataset.textPresent;
}

function showAbsent(row) {
  delete row.dataset.present;
  row.querySelector(".status-dot")?.remove();
  const undo = row.querySelector("[data-checkin-undo]");
  if (undo) undo.hidden = true;
  const form = row.querySelector("form");
  if (form) form.hidden = false;
}

// recount is by the rows in the page, until the server says how many there are. A list that has
// been searched on the server is not everybody, so its numbers are left alone.
function recount(door) {
  if (new URLSearchParams(location.search).get("q")) return;
  const rows = door.root.querySelectorAll("[data-guest]");
  count(door, door.root.querySelectorAll("[data-guest][data-present]").length, rows.length);
}

function count(door, present, expected) {
  const text = door.root.dataset.textCount.replace("{present}", present).replace("{expected}", expected);
  const place = door.root.querySelector("[data-checkin-count]");
  if (place.textContent !== text) place.textContent = text;
}

// ── Searching in the list that is here already ──

const fold = (s) => s.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function startSearch(root) {
  const form = root.querySelector("[data-checkin-search]");
  const field = form.querySelector("input");
  const narrow = () => {
    const words = fold(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of root.querySelectorAll("[data-guest]")) {
      const text = fold(row.firstElementChild.textContent);
      row.hidden = !words.every((w) => text.includes(w));
      if (!row.hidden) shown++;
    }
    root.querySelector("[data-checkin-none]").hidden = shown > 0;
  };
  field.addEventListener("input", narrow);
  form.addEventListener("submit", (event) => {
    if (new URLSearchParams(location.search).get("q")) return; // the list is not whole: ask the server
    event.preventDefault();
    narrow();
  });
}

// ── The camera ──

function startCamera(door) {
  const button = door.root.querySelector("[data-checkin-scan]");
  if (!navigator.mediaDevices?.getUserMedia) return;
  button.hidden = false;
  const word = button.querySelector("[data-checkin-scan-text]");
  const begin = word.textContent;
  let stop = null;
  button.addEventListener("click", async () => {
    if (stop) {
      stop();
      stop = null;
    } else {
      button.disabled = true;
      stop = await scan(door).catch(() => null);
      button.disabled = false;
      if (!stop) say(door, "danger", "", door.root.dataset.textNoCamera);
    }
    word.textContent = stop ? door.root.dataset.textStop : begin;
  });
}

// scan shows the camera's picture and reads it a few times a second; it gives the way to stop.
async function scan(door) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  const video = door.root.querySelector("[data-checkin-video]");
  let running = true;
  const stop = () => {
    running = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
    video.hidden = true;
  };
  try {
    const read = await reader(door);
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    look(door, video, read, () => running);
  } catch (error) {
    stop();
    throw error;
  }
  return stop;
}

async function look(door, video, read, running) {
  let last = "";
  let seen = 0;
  while (running()) {
    const text = await read(video).catch(() => "");
    const now = performance.now();
    // The same ticket stays before the camera for a while: it counts once.
    if (text && (text !== last || now - seen > 4000)) takeTicket(door, text);
    if (text) [last, seen] = [text, now];
    await new Promise((done) => setTimeout(done, 150));
  }
}

function takeTicket(door, text) {
  if (text.toUpperCase().startsWith(PREFIX)) mark(door, { text }, "");
  else say(door, "danger", "", door.root.dataset.textNotOurs);
}

// reader is the browser's own where it reads QR codes, else a library that is fetched only now.
async function reader(door) {
  if ("BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? "";
  }
  await load(door.root.dataset.decoder);
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, 640 / Math.max(1, video.videoWidth));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (!canvas.width || !canvas.height) return "";
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const picture = context.getImageData(0, 0, canvas.width, canvas.height);
    return window.jsQR(picture.data, picture.width, picture.height)?.data ?? "";
  };
}

function load(address) {
  if (window.jsQR) return Promise.resolve();
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
}

// ── The page itself, when it is loaded anew without a network ──

function startWorker(root) {
  if (!navigator.serviceWorker) return;
  const address = root.dataset.address;
  const worker = address + "/worker.js?until=" + encodeURIComponent(root.dataset.until);
  navigator.serviceWorker
    .register(worker, { scope: address })
    .then(() => navigator.serviceWorker.ready)
    .then((ready) => {
      const parts = performance.getEntriesByType("resource").map((e) => e.name).filter((n) => n.includes("/static/"));
      ready.active.postMessage({ keep: [root.dataset.decoder, ...parts] });
    })
    .catch(() => {}); // without it only a reload without a network fails
}

// Last, when everything above is there.
const root = document.querySelector("[data-checkin]");
if (root) start(root);
