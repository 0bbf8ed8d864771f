// What the list of chats showed last, read while the app itself is still being fetched (src/core/first.ts knows whether
// it is true). A file of its own, as theme.js.
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
  const chats = async (of) => {
    const [key, first] = await Promise.all([asked(of("vault").get("key")), asked(of("meta").get("first"))]);
    if (!key || !first) return null;
    const { ids, words } = first.value;
    const [newest, ...rows] = await Promise.all([
      asked(of("chats").index("activeAt").openKeyCursor(null, "prev")),
      ...ids.map((id) => asked(of("chats").get(id))),
    ]);
    const additionalData = new TextEncoder().encode("batiyoun first screen 1");
    const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: words.slice(0, 12), additionalData }, key.value, words.slice(12));
    return { newest: newest?.primaryKey, rows, kept: JSON.parse(new TextDecoder().decode(opened)) };
  };
  const read = async () => {
    const row = await look("batiyoun", "sessions", (of) => asked(of("sessions").get("session")));
    if (!row?.me) return null;
    const found = await look(`batiyoun-${row.me.id}`, ["vault", "meta", "chats"], chats).catch(() => null);
    return { row, found };
  };
  globalThis.batiyounFirst = read().catch(() => null);
}
