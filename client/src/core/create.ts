// Puts core together: from the outside world (environment, fetch, crypto) to the one `Services` object.

import type { DexieOptions } from "dexie";

import { Account } from "./account.ts";
import { blockService } from "./actions/blocks.ts";
import { chatService } from "./actions/chats.ts";
import { Current } from "./actions/current.ts";
import { historyService } from "./actions/history.ts";
import { messageService } from "./actions/messages.ts";
import { draftService, peopleService } from "./actions/people-drafts.ts";
import { trustService } from "./actions/trust.ts";
import { Api } from "./api/api.ts";
import { Caller } from "./api/caller.ts";
import { NO_KEYS, readKeysState } from "./crypto/devices/state.ts";
import type { CryptoFactory } from "./crypto/interface.ts";
import { query } from "./db/live-query.ts";
import type { Draw, Early } from "./first.ts";
import { Cell, type Live } from "./live.ts";
import type { Runtime } from "./runtime.ts";
import type { SearchRooms } from "./search/desk.ts";
import type { Connection, Me, PresenceService, Services, StorageInfo } from "./services.ts";
import { SessionKeeper } from "./session.ts";
import { StepUp } from "./step-up.ts";
import type { Environment } from "./sync/environment.ts";

export interface World {
  environment: Environment;
  runtime: Runtime;
  crypto: CryptoFactory;
  fetch: typeof fetch;
  /** The server's origin; empty: the page's own. */
  base: string;
  /** The language that the person reads, as a tag; the server writes its letters in it. */
  language?: () => string;
  /** Extra headers of the socket's handshake, outside a browser. */
  headers?: () => Record<string, string>;
  /** Another IndexedDB than the global one (tests). */
  database?: DexieOptions;
  /** What was found here before the app was (`first.ts`). */
  early?: Early | null;
  /** Draws the top of the list for the next start, where there is a screen. */
  draw?: Draw;
}

/** `Services` over the given world. */
export function createCore(world: World): Services {
  const { environment, runtime, crypto, base } = world;
  const current = new Current();
  const connection = new Cell<Connection>({ state: "idle" });
  const presence: { [K in keyof PresenceService]: Cell<ReturnType<PresenceService[K]["get"]>> } = {
    people: new Cell<ReturnType<PresenceService["people"]["get"]>>(new Map()),
    typing: new Cell<ReturnType<PresenceService["typing"]["get"]>>(new Map()),
  };
  const storage = new Cell<StorageInfo>({
    mode: "plaintext",
    persisted: null,
    background: environment.background !== undefined,
    recovered: false,
  });

  const keys = new Cell(NO_KEYS);

  const stepUp = new StepUp();
  let leaving = false;
  const http = new Caller({
    base,
    // Whatever is asked after the end of a session would be answered with 401.
    fetch: (input, init) => (leaving && !isAbout(input) ? Promise.reject(new TypeError("signing out")) : world.fetch(input, init)),
    // Ended from elsewhere while this browser was away, or merely over.
    unauthenticated: ({ code }) => void (code === "session_revoked" ? session.revoked(closeAccount) : session.expired()),
    stepUp: (methods) => stepUp.ask(methods),
    ...(world.language ? { language: world.language } : {}),
  });
  const api = new Api(http);
  const session = new SessionKeeper(api, runtime, world.database);
  let detach: (() => void)[] = [];

  const leave = async (work: () => Promise<void>): Promise<void> => {
    leaving = true;
    try {
      await work();
    } finally {
      leaving = false;
    }
  };

  const closeAccount = async (): Promise<void> => {
    const account = current.get();
    current.set(null);
    for (const stop of detach) stop();
    detach = [];
    connection.set({ state: "idle" });
    presence.people.set(new Map());
    presence.typing.set(new Map());
    keys.set(NO_KEYS);
    first = undefined;
    await account?.close();
  };

  const openAccount = (me: Me): void => {
    const account = new Account({
      me: me.id,
      api,
      crypto,
      rest: http,
      environment,
      runtime,
      base,
      ...(world.headers ? { headers: world.headers } : {}),
      ...(world.database ? { database: world.database } : {}),
      unauthenticated: () => void checkSession(),
      revoked: (reason) => void endSession(reason),
      lost: () => void session.lost(closeAccount),
    });
    current.set(account);
    detach = [
      follow(query(() => account.allEncrypted()), (all) => storage.set({ ...storage.get(), mode: all ? "mls" : "plaintext" })),
      follow(query(() => readKeysState(account.db)), (state) => keys.set(state)),
      mirror(account.connection, connection),
      mirror(account.presence.people, presence.people),
      mirror(account.presence.typing, presence.typing),
    ];
    account.start();
    void keepFirst(account);
    void account.people.keep([me]);
    void askToPersist();
  };

  /** The list for the next start. It could not be fetched: that one takes longer. */
  const keepFirst = async (account: Account): Promise<void> => {
    const keeping = await import("./db/first-screen.ts").catch(() => null);
    if (!keeping || current.get() !== account) return;
    const draw = world.draw ?? (async () => null);
    detach.push(keeping.keepFirst({ db: account.db, me: account.me, list: chats.list(), runtime, draw }));
  };

  /** The socket was refused: the session may be over, or have been renewed in between. */
  const checkSession = async (): Promise<void> => {
    try {
      await session.update(await api.whoAmI());
    } catch {
      // A 401 has been told through `expired`; anything else says nothing of the session.
    }
  };

  const endSession = async (reason: string): Promise<void> => {
    if (reason === "revoked") await session.revoked(closeAccount);
    else await checkSession();
  };

  const askToPersist = async (): Promise<void> => {
    const persisted = (await environment.persisted()) || (await environment.persist());
    storage.set({ ...storage.get(), persisted });
  };

  const change = async (ask: () => Promise<Me>): Promise<void> => {
    const me = await ask();
    await session.update(me);
    await current.get()?.people.keep([me]);
  };

  const { early = null } = world;
  /** What the list shows until it has been read. */
  let first = early?.chats ?? undefined;
  const service = chatService(current, api, http, runtime);
  const live = service.list();
  const list: typeof live = { get: () => live.get() ?? (current.get() ? first : undefined), subscribe: live.subscribe };
  const chats: typeof service = { ...service, list: () => list };
  const trust = trustService(current, http, runtime);
  let rooms: SearchRooms | null = null;

  let expired = false;
  const followSession = (): void => {
    const status = session.status.get();
    const me = status.state === "signedIn" ? status.me : null;
    const account = current.get();
    if (account && account.me !== me?.id) void closeAccount();
    if (me && current.get()?.me !== me.id) openAccount(me);
    else if (me && expired && status.state === "signedIn" && !status.expired) current.get()?.signedIn();
    expired = status.state === "signedIn" && status.expired;
  };
  /** Some tab has cleared what is kept here: this one begins anew, too. */
  const beginAnew = async (): Promise<void> => {
    await closeAccount();
    followSession();
  };
  const stops = [
    session.status.subscribe(followSession),
    session.recovered.subscribe(() => storage.set({ ...storage.get(), recovered: session.recovered.get() })),
  ];
  if (early) session.foresee(early.row);
  followSession();
  let clearedAt: number | null = null;
  stops.push(
    session.clearedAt.subscribe(() => {
      const before = clearedAt;
      clearedAt = session.clearedAt.get();
      if (before !== null) void beginAnew();
    }),
  );

  return {
    session: {
      status: session.status,
      enter: (ask) => session.enter(ask),
      change,
      deleteAccount: (ask) => leave(() => session.deleteAccount(ask, closeAccount)),
      signOut: (options) => leave(() => session.signOut(options?.force ?? false, closeAccount)),
      unsent: async () => (await current.get()?.db.outbox.count()) ?? 0,
      clear: () => session.clear(closeAccount),
      recoverySeen: () => session.recoverySeen(),
      updateProfile: (profile) => change(() => api.updateProfile(profile)),
    },
    connection,
    chats,
    messages: messageService(current, api, runtime),
    people: peopleService(current, api),
    blocks: blockService(current, http, runtime),
    presence,
    drafts: draftService(current, runtime),
    storage,
    keys: { state: keys, desk: async () => current.require().desk() },
    stepUp,
    invitations: {
      open: async (inviterId, fragment) => {
        if (fragment) await trust.invited(inviterId, fragment);
        const chatId = await chats.createDirect(inviterId);
        if (fragment) void trust.introduce(inviterId, chatId, fragment);
        return chatId;
      },
    },
    trust,
    history: historyService(current, http, runtime),
    search: {
      open: async () => {
        const desk = await import("./search/desk.ts");
        return (rooms ??= new desk.SearchRooms(current, environment, runtime)).open();
      },
    },
    local: { open: async () => (await import("./local/desk.ts")).localDesk(current, api, http, runtime) },
    rest: http,
    close: async () => {
      for (const stop of stops) stop();
      await closeAccount();
      session.close();
    },
  };
}

/** Whether the request is about the session or the account itself. */
const isAbout = (input: RequestInfo | URL): boolean =>
  /\/api\/(auth\/|users\/me\b)/.test(input instanceof Request ? input.url : input.toString());

/** Tells every value of `source` that there is; returns how to stop. */
function follow<T>(source: Live<T | undefined>, tell: (value: T) => void): () => void {
  const look = (): void => {
    const value = source.get();
    if (value !== undefined) tell(value);
  };
  return source.subscribe(look);
}

/** Keeps `target` at the value of `source`; returns how to stop. */
function mirror<T>(source: Live<T>, target: Cell<T>): () => void {
  const copy = (): void => target.set(source.get());
  copy();
  return source.subscribe(copy);
}
