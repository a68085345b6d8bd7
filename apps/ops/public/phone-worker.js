/**
 * Keeps the code that a phone scans while it has no network: the address of the code cannot be reached, so it is noted with the time, and
 * the pages under /m send it later (lib/kept-scans.ts). Nothing else is intercepted, and no page is stored.
 */
const patienceMs = 8_000;
const address = /^\/m\/meetings\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/sign-in$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const id = address.exec(url.pathname.toLowerCase())?.[1];
  const code = url.searchParams.get("c") ?? "";
  if (event.request.mode === "navigate" && id && code.startsWith("in."))
    event.respondWith(reach(event.request, { id, code, at: Date.now() }));
});

/** The server's answer; without one, within some seconds, the page that says that the scan is kept. */
async function reach(request, scan) {
  const answer = fetch(request).then((response) => {
    if ([502, 503, 504].includes(response.status)) throw new Error("not reached");
    return response;
  });
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("no answer")), patienceMs));
  try {
    return await Promise.race([answer, late]);
  } catch (error) {
    const me = await keep(scan).catch(() => null);
    if (!me) throw error;
    return page(me, scan.at);
  }
}

/** Notes the scan for the account that uses this phone. The first scan of a meeting counts. @returns that account, or null */
async function keep(scan) {
  const database = await settled(indexedDB.open("xianfeng-phone", 1));
  try {
    const me = await settled(database.transaction("who").objectStore("who").get("me"));
    if (!me) return null;
    const scans = database.transaction("scans", "readwrite").objectStore("scans");
    const before = await settled(scans.get(scan.id));
    if (before?.principalId !== me.principalId || before.answer)
      await settled(scans.put({ ...scan, principalId: me.principalId }));
    return me;
  } finally {
    database.close();
  }
}

const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    // Only a page makes the store: without one nobody has signed in here.
    request.onupgradeneeded = () => request.transaction.abort();
  });

const plain = (text) => String(text).replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

function page(me, at) {
  const time = new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(at);
  const body = `<!doctype html><html lang="${plain(me.lang)}"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${plain(me.title)}</title><style>body{margin:0 auto;max-width:480px;padding:48px 20px;font:16px/1.7 system-ui,sans-serif;color:#1f1f1f}a{color:#1b4b8f}</style>
<h1>${plain(me.title)}</h1><p role="status">${plain(me.text).replace("{time}", time)}</p><p><a href="/m">${plain(me.home)}</a></p></html>`;
  return new Response(body, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
      "cache-control": "no-store",
    },
  });
}
