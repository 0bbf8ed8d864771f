// What the list of chats showed last, read and put on the screen while the app itself is still being fetched
// (src/core/first.ts). A file of its own, as theme.js.
{
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- outside it would be a name of the whole page
  const asked = (request) =>
    new Promise((resolve, reject) => {
      request.addEventListener("success", () => resolve(request.result));
      request.addEventListener("error", () => reject(request.error));
      // Nobody has been here: no empty database is left behind.
      request.addEventListener("upgradeneeded", () => request.transaction.abort());
    });
  const look = async (name, stores, read) => {
    const db = await asked(indexedDB.open(name));
    db.addEventListener("versionchange", () => db.close());
    try {
      const transaction = db.transaction(stores);
      return await read((store) => transaction.objectStore(store));
    } finally {
      db.close();
    }
  };
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- likewise
  const same = (row, print) => {
    const now = JSON.stringify(row, (_, value) => (value instanceof Uint8Array ? [...value.subarray(0, 12)] : value));
    return now === print && (row.preview?.expiresAt ?? Infinity) > Date.now();
  };

  /** What was kept, where every chat of it is as it was. */
  const read = async (of) => {
    const [key, first] = await Promise.all([asked(of("vault").get("key")), asked(of("meta").get("first"))]);
    if (!key || !first) return null;
    const { ids, words } = first.value;
    const additionalData = new TextEncoder().encode("batiyoun first screen 1");
    const [newest, opened, ...rows] = await Promise.all([
      asked(of("chats").index("activeAt").openKeyCursor(null, "prev")),
      crypto.subtle.decrypt({ name: "AES-GCM", iv: words.slice(0, 12), additionalData }, key.value, words.slice(12)),
      ...ids.map((id) => asked(of("chats").get(id))),
    ]);
    const kept = JSON.parse(new TextDecoder().decode(opened));
    return newest?.primaryKey === kept.newest && kept.prints.every((print, index) => same(rows[index], print)) ? kept : null;
  };

  globalThis.batiyounFrame = () =>
    [localStorage.getItem("batiyoun.language"), navigator.languages, new Date().toDateString(), matchMedia("(min-width: 900px)").matches].join();

  const draw = (parent, part, pictures) => {
    if (typeof part === "string") return parent.append(part);
    const [tag, attributes, ...inside] = part;
    const space = tag === "svg" ? "http://www.w3.org/2000/svg" : parent.namespaceURI;
    const element = document.createElementNS(space, tag);
    for (const [name, value] of Object.entries(attributes)) {
      const whole = typeof value === "number" ? pictures[value]?.picture : value;
      if (typeof whole === "string") element.setAttribute(name, whole);
    }
    for (const each of inside) draw(element, each, pictures);
    parent.append(element);
  };
  let begun = false;
  /** Resolves once it can be seen: what follows keeps the page busy. A page in the background draws nothing. */
  const show = ({ picture, chats }) => {
    const root = globalThis.document?.getElementById("root");
    if (begun || !root || !picture || location.pathname !== "/" || picture.frame !== batiyounFrame()) return null;
    root.replaceChildren();
    draw(root, picture.tree, chats);
    // The app begins where a press leads meanwhile.
    root.firstChild.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      history.pushState(null, "", link.href);
    });
    return new Promise((seen) => {
      requestAnimationFrame(() => setTimeout(seen));
      setTimeout(seen, 100);
    });
  };

  const find = async () => {
    const row = await look("batiyoun", "sessions", (of) => asked(of("sessions").get("session"))).catch(() => null);
    if (!row?.me) {
      globalThis.document?.querySelector("link[data-entrance]")?.setAttribute("rel", "modulepreload");
      return null;
    }
    const kept = await look(`batiyoun-${row.me.id}`, ["vault", "meta", "chats"], read).catch(() => null);
    if (kept) await show(kept);
    return { row, chats: kept?.chats ?? null };
  };
  globalThis.batiyounFirst = find().catch(() => null);
  const begin = async () => {
    // A database can keep us waiting, where another tab is making it anew: the app says so itself.
    const late = new Promise((resolve) => setTimeout(resolve, 500));
    await Promise.race([batiyounFirst, late]);
    begun = true;
    if (document.readyState === "loading") await new Promise((parsed) => document.addEventListener("DOMContentLoaded", parsed));
    // While the app is developed, the page itself begins it.
    const app = document.querySelector("link[data-app]");
    if (app) await import(app.href);
  };
  if (globalThis.document) void begin();
}
