// Where the outbox lies: IndexedDB of this browser, each entry sealed with AES-GCM under a key that scripts can use and not
// read (not extractable). The key is made with the first entry and dropped with the last, so that what was acknowledged
// cannot be read from what the browser's database still holds of it. Writes ask for strict durability: `add` resolves after
// the browser has synced. What this does not hold against: somebody with this machine's disk and time, see decision 0043.
import type { Deed, Entry, OutboxDisk } from "./outbox";

const NAME = "precinct", ENTRIES = "outbox", KEYS = "outbox_key";
interface Row {
  order?: number;
  key: string;
  account: string;
  made_ms: number;
  iv: Uint8Array<ArrayBuffer>;
  sealed: ArrayBuffer;
}

interface Sealer {
  id: string;
  key: CryptoKey;
}

const asked = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const ended = (of: IDBTransaction): Promise<void> => new Promise((resolve, reject) => {
  of.oncomplete = () => resolve();
  of.onabort = of.onerror = () => reject(of.error);
});

async function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(ENTRIES, { keyPath: "order", autoIncrement: true }).createIndex("key", "key", { unique: true });
    request.result.createObjectStore(KEYS);
  };
  const db = await asked(request);
  db.onversionchange = () => db.close();
  return db;
}

export class BrowserDisk implements OutboxDisk {
  private db: Promise<IDBDatabase> | null = null;

  private async change(what: (stores: { entries: IDBObjectStore; keys: IDBObjectStore }) => void | Promise<void>): Promise<void> {
    const db = await (this.db ??= open()), of = db.transaction([ENTRIES, KEYS], "readwrite", { durability: "strict" }), end = ended(of);
    await Promise.all([what({ entries: of.objectStore(ENTRIES), keys: of.objectStore(KEYS) }), end]);
  }
  private async sealer(): Promise<Sealer | undefined> {
    const db = await (this.db ??= open());
    return asked(db.transaction(KEYS).objectStore(KEYS).get("key") as IDBRequest<Sealer | undefined>);
  }
  private async makeSealer(): Promise<Sealer> {
    let kept: Sealer = { id: crypto.randomUUID(), key: await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]) };
    await this.change(async ({ keys }) => { // another page may have been first
      const there = await asked(keys.get("key") as IDBRequest<Sealer | undefined>);
      if (there) kept = there;
      else keys.put(kept, "key");
    });
    return kept;
  }
  private bound = (account: string, key: string) => new TextEncoder().encode(`${account}\n${key}`);
  private async seal({ key }: Sealer, account: string, deed: Deed): Promise<Pick<Row, "iv" | "sealed">> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, sealed: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: this.bound(account, deed.keys.call) }, key, new TextEncoder().encode(JSON.stringify(deed))) };
  }
  private async unseal(sealer: Sealer | undefined, row: Row): Promise<Deed | null> {
    if (!sealer) return null;
    try {
      const bytes = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv, additionalData: this.bound(row.account, row.key) }, sealer.key, row.sealed);
      return JSON.parse(new TextDecoder().decode(bytes)) as Deed;
    } catch {
      return null;
    }
  }

  async all(): Promise<Entry[]> {
    const db = await (this.db ??= open()), rows = await asked(db.transaction(ENTRIES).objectStore(ENTRIES).getAll() as IDBRequest<Row[]>);
    const sealer = rows.length ? await this.sealer() : undefined;
    return Promise.all(rows.map(async (row) => ({ order: row.order!, account: row.account, made_ms: row.made_ms, deed: await this.unseal(sealer, row) })));
  }
  async add(account: string, made_ms: number, deed: Deed, instead = 0): Promise<void> {
    for (let tries = 0; tries < 5; tries++) {
      const sealer = (await this.sealer()) ?? (await this.makeSealer()), row: Row = { key: deed.keys.call, account, made_ms, ...(await this.seal(sealer, account, deed)) };
      let added = false;
      await this.change(async ({ entries, keys }) => {
        added = (await asked(keys.get("key") as IDBRequest<Sealer | undefined>))?.id === sealer.id; // else another page dropped it with its last entry
        if (added && instead) entries.delete(instead);
        if (added) entries.add(row);
      });
      if (added) return;
    }
    throw new Error("the outbox has no key");
  }
  async put(entry: Entry): Promise<void> {
    const sealer = await this.sealer();
    if (!sealer || !entry.deed) return;
    const row: Row = { order: entry.order, key: entry.deed.keys.call, account: entry.account, made_ms: entry.made_ms, ...(await this.seal(sealer, entry.account, entry.deed)) };
    await this.change(async ({ entries }) => {
      if (await asked(entries.getKey(entry.order))) entries.put(row); // struck out meanwhile
    });
  }
  async remove(order: number): Promise<void> {
    await this.change(async ({ entries, keys }) => {
      entries.delete(order);
      if ((await asked(entries.count())) === 0) keys.clear();
    });
  }
}
