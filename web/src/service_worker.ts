// Keeps the console's own files, so that it opens while nobody answers. The server is always asked first: what was kept is
// shown only when there is no answer. Nothing of the interface, no tile and no call passes through here.
interface Worker {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  registration: { scope: string };
  addEventListener(type: string, listener: (e: WorkerEvent) => void): void;
}
interface WorkerEvent {
  request: Request;
  waitUntil(what: Promise<unknown>): void;
  respondWith(what: Promise<Response>): void;
}
const self_ = globalThis as unknown as Worker, NAME = "precinct.console", ANSWER_MS = 3_000, ANY = { ignoreVary: true };
const isOurs = (request: Request): boolean => {
  const { origin, pathname } = new URL(request.url);
  return request.method === "GET" && origin === location.origin && /^\/(?:[\w-]+\.(?:js|css|svg|html))?$/.test(pathname);
};

async function answer(request: Request): Promise<Response> {
  const shelf = await caches.open(NAME), given_up = new AbortController(), timer = setTimeout(() => given_up.abort(), ANSWER_MS);
  try {
    const reply = await fetch(request.url, { signal: given_up.signal, credentials: "same-origin", cache: "no-cache" });
    if (reply.ok) await shelf.put(request.url, reply.clone());
    if (reply.status < 500) return reply;
    return (await shelf.match(request.url, ANY)) ?? reply;
  } catch (error) {
    const kept = await shelf.match(request.url, ANY);
    if (kept) return kept;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** What a page needs to open: its document, what that names, and what those scripts name. */
async function fill(): Promise<void> {
  const shelf = await caches.open(NAME), seen = new Set<string>(), left = ["./"];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    const url = new URL(path, self_.registration.scope).href;
    if (seen.has(url)) continue;
    seen.add(url);
    const reply = await fetch(url, { credentials: "same-origin", cache: "no-cache" });
    if (!reply.ok) throw new Error(url);
    await shelf.put(url, reply.clone());
    if (!/html|javascript/.test(reply.headers.get("Content-Type") ?? "")) continue;
    for (const [name] of (await reply.text()).matchAll(/\.\/[\w-]+\.(?:js|css|svg)\b/g)) left.push(name);
  }
  for (const old of await shelf.keys()) if (!seen.has(old.url)) await shelf.delete(old); // of an earlier release
}

self_.addEventListener("install", (e) => e.waitUntil(fill().then(() => self_.skipWaiting())));
self_.addEventListener("activate", (e) => e.waitUntil(self_.clients.claim()));
self_.addEventListener("fetch", (e) => {
  if (isOurs(e.request)) e.respondWith(answer(e.request));
});
