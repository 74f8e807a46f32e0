// Shows the door's page again when it is loaded without a network. It answers for one address,
// that of its link, asks the network first, and keeps nothing longer than the link lives.
const until = new Date(new URL(location.href).searchParams.get("until"));
const address = location.pathname.replace(/\/worker\.js$/, "");
const name = "stafett-door:" + address;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep([address]));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => event.waitUntil(keep(event.data.keep ?? [])));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === address) event.respondWith(page(event.request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(part(event.request));
});

async function keep(addresses) {
  if (new Date() > until) return forget();
  const cache = await caches.open(name);
  await Promise.all(addresses.map((a) => cache.add(a).catch(() => {})));
}

async function forget() {
  await caches.delete(name);
  await self.registration.unregister();
}

async function page(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok && !new URL(request.url).search) {
      const cache = await caches.open(name);
      await cache.put(address, answer.clone());
    }
    if (answer.status === 404) await forget(); // the link has been taken back, or is over
    return answer;
  } catch (error) {
    if (new Date() > until) await forget();
    const kept = await caches.match(address, { ignoreVary: true });
    if (!kept) throw error;
    return kept;
  }
}

// The address of a part holds a hash of all parts, so what is kept is never old.
async function part(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
