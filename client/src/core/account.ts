// One signed-in person in one tab: the local database, a place in the election, and the engine when this tab leads.

import type { DexieOptions } from "dexie";

import type { Api } from "./api/api.ts";
import type { Rest } from "./api/http.ts";
import type { KeyDesk } from "./crypto/devices/desk.ts";
import type { CryptoFactory, MessageCrypto } from "./crypto/interface.ts";
import { KeyLost } from "./crypto/vault/local-key.ts";
import { Database } from "./db/database.ts";
import { isClosed } from "./db/live-query.ts";
import { Cell } from "./live.ts";
import { People } from "./people.ts";
import type { Runtime } from "./runtime.ts";
import type { Connection as ConnectionState } from "./services.ts";
import { openBridge, type Bridge, type BridgeMessage } from "./sync/bridge.ts";
import type { Engine } from "./sync/engine.ts";
import type { Environment } from "./sync/environment.ts";
import { Election, leaderLock } from "./sync/leader.ts";
import { PresenceBoard, TypingThrottle } from "./sync/presence.ts";

export interface AccountOptions {
  me: string;
  api: Api;
  crypto: CryptoFactory;
  rest: Rest;
  environment: Environment;
  runtime: Runtime;
  /** The server's origin; empty: the page's own. */
  base: string;
  /** Extra headers of the socket's handshake, outside a browser. */
  headers?: () => Record<string, string>;
  /** Another IndexedDB than the global one (tests). */
  database?: DexieOptions;
  unauthenticated: () => void;
  revoked: (reason: string) => void;
  /** The key of what is kept here is gone: there is nothing to read but noise. */
  lost: () => void;
}

type Leading = typeof import("./sync/leading.ts");

/** Milliseconds between a follower's looks whether somebody leads. */
const LOOK = 5_000;
/** Milliseconds until a leader that does not answer is taken to be frozen. */
const PATIENCE = 5_000;
/** Milliseconds until an engine that failed is started again. */
const RESTART = 5_000;

export class Account {
  readonly me: string;
  readonly db: Database;
  readonly people: People;
  readonly crypto: MessageCrypto;
  readonly presence: PresenceBoard;
  readonly connection = new Cell<ConnectionState>({ state: "connecting" });
  readonly #options: AccountOptions;
  readonly #tab: string;
  readonly #bridge: Bridge;
  readonly #election: Election;
  readonly #throttle = new TypingThrottle();
  readonly #open = new Map<string, number>();
  /** The leader's: which tab shows which chats. */
  readonly #openElsewhere = new Map<string, readonly string[]>();
  readonly #cleanUp: (() => void)[] = [];
  #cancelLook: (() => void) | null = null;
  #engine: Engine | null = null;
  #engineCleanUp: (() => void)[] = [];
  /** Counts starts and stops of the engine: what was begun for an earlier one is left. */
  #round = 0;
  #heard = true;
  #closed = false;

  constructor(options: AccountOptions) {
    const { me, api, rest, environment, runtime } = options;
    this.#options = options;
    this.me = me;
    this.#tab = runtime.newId();
    this.db = new Database(me, options.database);
    this.db.clock = runtime.now;
    const { thread } = environment;
    this.crypto = options.crypto({ db: this.db, me, rest, runtime, ...(thread ? { thread } : {}) });
    this.people = new People(this.db, api, runtime);
    this.presence = new PresenceBoard(runtime);
    this.#bridge = openBridge(environment.channel, me, (message) => this.#receive(message));
    this.#election = new Election(environment.locks, leaderLock(me), () => this.#lead());
  }

  start(): void {
    void this.#begin();
  }

  async #begin(): Promise<void> {
    try {
      // Another tab runs a newer version of the app already: this one has to be reloaded before it may write.
      if (await this.db.isNewer()) return this.connection.set({ state: "outdated" });
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
    if (this.#closed || !(await this.#unlocked())) return;
    this.#election.start();
    this.#bridge.send({ t: "hello" });
    const { visible, online } = this.#options.environment;
    this.#cleanUp.push(
      visible.subscribe(() => visible.get() && this.wake()),
      online.subscribe(() => this.wake()),
    );
    this.#look();
    void this.#expire();
    await this.#wish();
  }

  /** False: what is kept here cannot be opened any more, which `lost` hears of. */
  async #unlocked(): Promise<boolean> {
    try {
      await this.db.words.key();
    } catch (error) {
      if (error instanceof KeyLost) this.#options.lost();
      else if (!isClosed(error)) throw error;
      return false;
    }
    void this.#sealOld();
    return !this.#closed;
  }

  /** What an earlier version left in clear; there is some of it once at most, so it is not in the first load. */
  async #sealOld(): Promise<void> {
    try {
      const { sealOld } = await import("./db/seal-old.ts");
      if (!this.#closed) await sealOld(this.db);
    } catch (error) {
      // It could not be fetched, or the database was closed meanwhile: the next start goes on.
      if (!isClosed(error) && !(error instanceof TypeError)) throw error;
    }
  }

  /** Asks the browser to help with what waits. Of no use before the first message, so it is not in the first load. */
  async #wish(): Promise<void> {
    const { db, connection } = this;
    const { runtime, environment } = this.#options;
    if (!environment.background) return;
    const register = environment.background;
    try {
      const { wishForBackground } = await import("./sync/wish.ts");
      if (!this.#closed) this.#cleanUp.push(wishForBackground({ db, connection, visible: environment.visible, runtime, register }));
    } catch {
      // It could not be fetched: what waits is sent by this tab, or by the next one.
    }
  }

  /** Wipes what has lasted its time, as long as this tab is open. Nobody sees it before, so it is not in the first load. */
  async #expire(): Promise<void> {
    try {
      const { keepExpiring } = await import("./sync/expiring.ts");
      if (!this.#closed) this.#cleanUp.push(keepExpiring(this.db, this.me, this.#options.runtime));
    } catch {
      // It could not be fetched: the next start wipes it.
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (!this.#election.leads) this.#bridge.send({ t: "open", tab: this.#tab, chatIds: [] });
    for (const clean of this.#cleanUp) clean();
    this.#cancelLook?.();
    this.#election.stop();
    this.#bridge.close();
    this.db.close();
  }

  /** Something changed for the better: whoever leads tries what waits. */
  wake(): void {
    if (this.#engine) this.#engine.wake();
    else this.#bridge.send({ t: "wake" });
  }

  /** The keys of this device are others: whoever leads goes on with them. */
  keysChanged(): void {
    if (this.#engine) this.#restartEngine();
    else this.#bridge.send({ t: "keys" });
  }

  /** What can be done about this person's keys. */
  async desk(): Promise<KeyDesk> {
    const { rest, runtime, me } = this.#options;
    const { KeyDesk } = await import("./crypto/devices/desk.ts");
    return new KeyDesk({ db: this.db, me, rest, runtime }, () => this.keysChanged());
  }

  /** Whether nothing that is said here can be read by the server; false while there are no chats. */
  async allEncrypted(): Promise<boolean> {
    const plain = await this.db.chats.filter((chat) => chat.encryption === "none").count();
    return plain === 0 && (await this.db.chats.count()) > 0;
  }

  /** There is a session again. */
  signedIn(): void {
    this.#engine?.signedIn();
  }

  /** The chat is on this tab's screen until the returned function is called. */
  openChat(chatId: string): () => void {
    this.#count(chatId, 1);
    let shown = true;
    return () => {
      if (shown) this.#count(chatId, -1);
      shown = false;
    };
  }

  typing(chatId: string): void {
    if (!this.#throttle.allow(chatId, this.#options.runtime.now())) return;
    if (this.#engine) this.#engine.typing(chatId);
    else this.#bridge.send({ t: "typing", chatId });
  }

  /** The message was sent, so the next key is a new beginning. */
  typed(chatId: string): void {
    this.#throttle.forget(chatId);
  }

  #count(chatId: string, by: 1 | -1): void {
    const count = (this.#open.get(chatId) ?? 0) + by;
    if (count > 0) this.#open.set(chatId, count);
    else this.#open.delete(chatId);
    this.#tellOpen();
  }

  #tellOpen(): void {
    const chatIds = [...this.#open.keys()];
    if (this.#engine) this.#engine.setOpen(new Set([...chatIds, ...[...this.#openElsewhere.values()].flat()]));
    else if (!this.#closed) this.#bridge.send({ t: "open", tab: this.#tab, chatIds });
  }

  // ── leading ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #lead(): () => void {
    void this.#startEngine();
    this.#bridge.send({ t: "roll" });
    return () => this.#stopEngine();
  }

  async #startEngine(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    const parts = await this.#parts();
    if (round !== this.#round) return;
    if (parts) this.#runEngine(parts);
    else this.#engineCleanUp.push(this.#options.runtime.after(RESTART, () => this.#restartEngine()));
  }

  /** null: they could not be fetched, as without a network on the very first visit. */
  async #parts(): Promise<Leading | null> {
    try {
      return await import("./sync/leading.ts");
    } catch {
      return null;
    }
  }

  #runEngine({ Connection, Engine }: Leading): void {
    const { me, api, rest, environment, runtime, base, headers, unauthenticated, revoked } = this.#options;
    const connection = new Connection({ base, runtime, ...(headers ? { headers } : {}) });
    const failed = (error: unknown): void => {
      reportError(error);
      this.#engineCleanUp.push(runtime.after(RESTART, () => this.#restartEngine()));
    };
    const engine = new Engine({
      db: this.db,
      me,
      api,
      rest,
      crypto: this.crypto,
      connection,
      environment,
      people: this.people,
      presence: this.presence,
      runtime,
      unauthenticated,
      revoked,
      failed,
      again: () => this.#restartEngine(),
    });
    this.#engine = engine;
    const tell = (): void => this.#tellState();
    this.#engineCleanUp.push(
      engine.state.subscribe(() => {
        this.connection.set(engine.state.get());
        tell();
      }),
      this.presence.people.subscribe(tell),
      this.presence.typing.subscribe(tell),
    );
    this.connection.set(engine.state.get());
    this.#tellOpen();
    void engine.start();
  }

  #stopEngine(): void {
    this.#round += 1;
    for (const clean of this.#engineCleanUp) clean();
    this.#engineCleanUp = [];
    this.#engine?.stop();
    this.#engine = null;
  }

  #restartEngine(): void {
    this.#stopEngine();
    void this.#startEngine();
  }

  #tellState(): void {
    if (!this.#engine || this.#closed) return;
    this.#bridge.send({ t: "state", connection: this.#engine.state.get(), presence: this.presence.state });
  }

  // ── following ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A frozen tab keeps its lock and answers nothing: then the lead is taken from it. */
  #look(): void {
    const { runtime, environment } = this.#options;
    const again = (): void => void (!this.#closed && this.#look());
    if (this.#election.leads || !environment.visible.get()) {
      this.#cancelLook = runtime.after(LOOK, again);
      return;
    }
    this.#heard = false;
    this.#bridge.send({ t: "hello" });
    this.#cancelLook = runtime.after(PATIENCE, () => {
      if (!this.#heard && !this.#closed) this.#election.steal();
      again();
    });
  }

  #receive(message: BridgeMessage): void {
    if (this.#closed) return;
    switch (message.t) {
      case "state":
        this.#heard = true;
        if (this.#engine) return;
        this.connection.set(message.connection);
        this.presence.adopt(message.presence);
        return;
      case "roll":
        if (!this.#engine) this.#tellOpen();
        return;
      case "hello":
        this.#tellState();
        return;
      case "open":
        this.#openElsewhere.set(message.tab, message.chatIds);
        if (this.#engine) this.#tellOpen();
        return;
      case "typing":
        this.#engine?.typing(message.chatId);
        return;
      case "wake":
        this.#engine?.wake();
        return;
      case "keys":
        if (this.#engine) this.#restartEngine();
    }
  }
}
