// Keeps the pages of a kiosk, or the one of a counter, so that they go on while there is no network. Its scope is what it was
// registered for: /kiosk/, or the page of one counter.
// A page comes from the network as long as there is one that answers in time; else as it was kept. Files have their content
// in their address, so the one that was kept is right. Nothing that changes anything is ever answered from here.
const KEPT = `kept-1 ${self.registration.scope}`;
const PATIENCE_MS = 6000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// A page says which addresses it needs, and is told when they are kept; what no page needs any more is dropped.
self.addEventListener("message", (event) => {
  if (event.data?.keep) event.waitUntil(keep(event.data.keep).then((kept) => event.ports[0]?.postMessage(kept)));
});

async function keep(addresses) {
  const cache = await caches.open(KEPT);
  const wanted = new Set(addresses.map((each) => new URL(each, self.location.origin).href));
  const kept = await Promise.all([...wanted].map((address) => keepOne(cache, address)));
  if (kept.every(Boolean)) {
    for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
  }
  return kept.every(Boolean);
}

async function keepOne(cache, address) {
  const isFile = new URL(address).pathname.startsWith("/static/");
  if (isFile && await cache.match(address)) return true;
  try {
    const answer = await fetch(address, { redirect: "manual", cache: isFile ? "default" : "no-store" });
    if (answer.ok) await cache.put(address, answer);
    return answer.ok;
  } catch {
    return false;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(page(request, url));
  else if (request.method === "GET" && url.pathname.startsWith("/static/")) event.respondWith(file(request));
});

async function page(request, url) {
  try {
    const answer = await fetch(url.href, { redirect: "manual", headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status < 502 || answer.status > 504) return answer;
  } catch {
    // no network: below
  }
  const cache = await caches.open(KEPT);
  const start = `${url.origin}/${url.pathname.split("/").slice(1, 3).join("/")}?lang=zh-CN`;
  return await cache.match(url.href) ?? await cache.match(start) ?? Response.error();
}

async function file(request) {
  const cache = await caches.open(KEPT);
  return await cache.match(request) ?? fetch(request);
}
