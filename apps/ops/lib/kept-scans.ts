/**
 * Codes that this phone scanned without a network. `public/phone-worker.js` writes them into the same store when a scanned address cannot be
 * reached; no name lies there, and nothing of another account is sent or shown.
 */
export type KeptScan = {
  /** The meeting; a second scan for it changes nothing. */
  id: string;
  code: string;
  /** The phone's clock at the scan, ms since 1970. */
  at: number;
  principalId: string;
  /** What the server said; missing while it waits. */
  answer?: { kind: "done"; state: string; isOwn: boolean } | { kind: "refused"; message: string };
};

/** Who uses this phone, and the page that the worker shows without a network. */
export type Me = { id: "me"; principalId: string; lang: string; title: string; text: string; home: string };

const has = () => typeof indexedDB !== "undefined";

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("xianfeng-phone", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("scans", { keyPath: "id" });
      asked.result.createObjectStore("who", { keyPath: "id" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function work<Result>(
  store: "scans" | "who",
  ask: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const asked = ask(database.transaction(store, "readwrite").objectStore(store));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  } finally {
    database.close();
  }
}

/** Scans of one account, oldest first. A forbidden storage has none. */
export async function scansOf(principalId: string): Promise<KeptScan[]> {
  if (!has()) return [];
  const all = await work<KeptScan[]>("scans", (store) => store.getAll()).catch(() => []);
  return all.filter((scan) => scan.principalId === principalId).sort((one, other) => one.at - other.at);
}

export const noteAnswer = (scan: KeptScan) => work("scans", (store) => store.put(scan));
export const forgetScan = (id: string) => work("scans", (store) => store.delete(id));

/** From now on a code that is scanned without a network is this account's. */
export const rememberMe = (me: Omit<Me, "id">): Promise<unknown> =>
  has() ? work("who", (store) => store.put({ id: "me", ...me })).catch(() => null) : Promise.resolve(null);

export const forgetMe = (): Promise<unknown> =>
  has() ? work("who", (store) => store.delete("me")).catch(() => null) : Promise.resolve(null);
