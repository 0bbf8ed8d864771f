// The leader's work: one connection, the logs of all chats, the outbox, receipts, presence. Screens never wait for it; it
// only moves envelopes between the server and the local database.

import type { Api } from "../api/api.ts";
import type { Rest } from "../api/http.ts";
import { millis, type Envelope, type Arguments } from "../contracts/index.ts";
import type { Came, LeadingCrypto, MessageCrypto } from "../crypto/interface.ts";
import type { Database } from "../db/database.ts";
import { Deposed, moveRead, takeTerm } from "../db/ingest.ts";
import { isClosed } from "../db/live-query.ts";
import { markGone, moveCount, moveMember } from "../db/roster.ts";
import type { StoredChat } from "../db/stored.ts";
import { ApiError } from "../errors.ts";
import { Cell } from "../live.ts";
import type { People } from "../people.ts";
import type { Connection } from "../realtime/connection.ts";
import { backoff, type Runtime } from "../runtime.ts";
import type { Connection as ConnectionState } from "../services.ts";
import { loadOlder } from "./backfill.ts";
import { BlockKeeper } from "./blocks.ts";
import { connectionState } from "./connection-state.ts";
import type { Environment } from "./environment.ts";
import { Follower } from "./follower.ts";
import type { PresenceBoard } from "./presence.ts";
import { payOwed } from "./owed.ts";
import { noteDelivered, ReceiptSender } from "./receipts.ts";
import { Refresher } from "./refresher.ts";
import { Sender } from "./sender.ts";
import { putWants, WantsTeller } from "./wants.ts";

export interface EngineOptions {
  db: Database;
  me: string;
  api: Api;
  rest: Rest;
  crypto: MessageCrypto;
  connection: Connection;
  environment: Environment;
  people: People;
  presence: PresenceBoard;
  runtime: Runtime;
  /** The server does not know the session any more. */
  unauthenticated: () => void;
  /** The server ended the session on purpose. */
  revoked: (reason: string) => void;
  /** The engine has stopped by itself: the database failed under it, or there is a mistake in the program. */
  failed: (error: unknown) => void;
  /** The keys may be others: start the engine again. */
  again: () => void;
}

/** Chats whose newest page is fetched ahead on a new device, so that they open offline, too. */
const AHEAD = 30;
const AHEAD_PAGE = 50;
/** Milliseconds in which reasons to catch up are gathered. */
const RESYNC_GATHER = 250;

export class Engine {
  readonly state = new Cell<ConnectionState>({ state: "connecting" });
  readonly #options: EngineOptions;
  readonly #refresher: Refresher;
  readonly #blocks: BlockKeeper;
  /** What is told beside the messages. */
  readonly #tellers: readonly (ReceiptSender | WantsTeller | BlockKeeper)[];
  readonly #cleanUp: (() => void)[] = [];
  #sender: Sender | null = null;
  #crypto: LeadingCrypto | null = null;
  #follower: Follower | null = null;
  /** Counts attempts to catch up; an older one gives way. */
  #round = 0;
  #caughtUp = false;
  #failures = 0;
  #cancelRetry: (() => void) | null = null;
  #cancelResync: (() => void) | null = null;
  #prefetching = false;
  #stopped = false;
  #openChats: ReadonlySet<string> = new Set();

  constructor(options: EngineOptions) {
    this.#options = options;
    const { db, me, api, rest, crypto, connection, presence, runtime } = options;
    const connected = (): boolean => connection.link.get().state === "connected";
    this.#refresher = new Refresher(db, me, crypto, api);
    this.#blocks = new BlockKeeper({ db, rest, connected, presence, runtime });
    this.#tellers = [new ReceiptSender(db, connection, runtime), new WantsTeller(db, api, connected, runtime), this.#blocks];
  }

  /** Begin to lead. */
  async start(): Promise<void> {
    const { db, me, api, connection, environment, runtime, unauthenticated } = this.#options;
    try {
      const term = await takeTerm(db);
      const behind = (chatId: string, headSeq: number): void => this.#follower?.head(chatId, headSeq);
      const letIn = (chatId: string, came?: Came): void => void this.#guarded(() => this.#saySettings(chatId, came));
      const crypto = this.#options.crypto.lead({ term, behind, letIn });
      this.#crypto = crypto;
      const online = (): boolean => environment.online.get();
      this.#sender = new Sender({ db, api, connection, crypto, runtime, online, unauthenticated });
      this.#follower = new Follower({
        db,
        me,
        term,
        api,
        crypto,
        runtime,
        learn: (chatId) => this.#refresher.one(chatId),
        stored: (chatId, envelopes) => void this.#guarded(() => this.#stored(chatId, envelopes)),
        changed: () => this.#tellState(),
        broken: (error) => this.#broken(error),
      });
      this.#follower.known(await db.cursors.toArray());
      if (this.#stopped) return;
    } catch (error) {
      return this.#broken(error);
    }
    this.#listen();
    this.#cleanUp.push(connection.link.subscribe(() => this.#linkChanged()));
    this.#sender?.start();
    for (const teller of this.#tellers) teller.start();
    await connection.open();
  }

  /** Tells those who were just let in what their group is called, and how long messages last. */
  async #saySettings(chatId: string, came?: Came): Promise<void> {
    const { sayAgain } = await import("../actions/again.ts");
    await sayAgain(this.#options, this.#options.runtime, chatId, came);
  }

  stop(): void {
    this.#stopped = true;
    for (const clean of this.#cleanUp) clean();
    this.#cancelRetry?.();
    this.#cancelResync?.();
    this.#follower?.stop();
    this.#sender?.stop();
    this.#crypto?.stop();
    for (const teller of this.#tellers) teller.stop();
    this.#options.connection.close();
    this.#options.presence.clear();
  }

  /** Something changed for the better: try everything that waits. */
  wake(): void {
    this.#tellState();
    if (this.#stopped || !this.#options.environment.online.get()) return;
    this.#options.connection.wake();
    this.#follower?.retry();
    void this.#sender?.resume();
  }

  /** There is a session again. */
  signedIn(): void {
    this.#options.connection.renew();
    this.wake();
  }

  typing(chatId: string): void {
    // Nobody waits for it: without a connection, or when it is too much, it is just not told.
    this.#options.connection.emit("typing", { chatId }).catch(() => {});
  }

  /** These chats are on the screen of some tab. */
  setOpen(chatIds: ReadonlySet<string>): void {
    const before = this.#openChats;
    this.#openChats = chatIds;
    if (this.#options.connection.link.get().state !== "connected") return;
    for (const chatId of chatIds) if (!before.has(chatId)) void this.#join(chatId);
    for (const chatId of before)
      if (!chatIds.has(chatId)) this.#options.connection.emit("leave_chat", { chatId }).catch(() => {});
  }

  // ── connection ────────────────────────────────────────────────────────────────────────────────────────────────────

  #linkChanged(): void {
    const link = this.#options.connection.link.get();
    if (link.state !== "connected") {
      this.#caughtUp = false;
      this.#round += 1;
      this.#options.presence.clear();
      if (link.state === "refused" && link.error.code !== "client_outdated") this.#options.unauthenticated();
    } else {
      this.#failures = 0;
      void this.#catchUp();
      void this.#sender?.resume();
      for (const teller of this.#tellers) teller.resume();
      for (const chatId of this.#openChats) void this.#join(chatId);
    }
    this.#tellState();
  }

  #tellState(): void {
    const syncing = !this.#caughtUp || !(this.#follower?.settled ?? false);
    const next = connectionState(this.#options.connection.link.get(), this.#options.environment.online.get(), syncing);
    if (JSON.stringify(next) !== JSON.stringify(this.state.get())) this.state.set(next);
  }

  /** Frames were lost: learn what they were. A burst of reasons is one. */
  #resync(): void {
    this.#cancelResync ??= this.#options.runtime.after(RESYNC_GATHER, () => {
      this.#cancelResync = null;
      if (this.#options.connection.link.get().state === "connected") void this.#catchUp();
    });
  }

  /** Learns what happened in between: chats and cursors of members first, then where every log stands. */
  async #catchUp(): Promise<void> {
    const { db, me, connection } = this.#options;
    this.#round += 1;
    const round = this.#round;
    this.#caughtUp = false;
    this.#cancelRetry?.();
    try {
      await this.#refresher.all();
      if (round !== this.#round) return;
      const rows = await db.cursors.toArray();
      this.#follower?.known(rows);
      const members = new Set(await db.chats.filter((chat) => chat.membership === "member").primaryKeys());
      const cursors = rows.filter((row) => members.has(row.chatId)).map((row) => [row.chatId, row.to] as const);
      const { chats, removed } = await connection.emit("sync", { cursors: Object.fromEntries(cursors) });
      if (round !== this.#round) return;
      for (const { chatId, headSeq, readSeq } of chats) {
        this.#follower?.head(chatId, headSeq);
        await moveRead(db, me, chatId, readSeq, true);
      }
      await this.#gone(removed);
      this.#follower?.retry();
      this.#caughtUp = true;
      this.#tellState();
      // Beside everything else: whoever has no keys reads what is open all the same.
      void this.#guarded(() => this.#crypto?.begin());
      void this.#guarded(() => payOwed(db, (...owed) => this.#saySettings(...owed)));
      await this.#afterCatchUp(members);
    } catch (error) {
      if (!(error instanceof ApiError)) return this.#broken(error);
      if (round !== this.#round || connection.link.get().state !== "connected") return;
      this.#failures += 1;
      const { runtime } = this.#options;
      const wait = Math.max(backoff(this.#failures, runtime.random()), (error.retryAfter ?? 0) * 1_000);
      this.#cancelRetry = runtime.after(wait, () => void this.#catchUp());
    }
  }

  async #afterCatchUp(chatIds: Iterable<string>): Promise<void> {
    const { db, me, people } = this.#options;
    const cursors = await db.cursors.bulkGet([...chatIds]);
    for (const cursor of cursors) if (cursor) await noteDelivered(db, me, cursor.chatId, cursor.to);
    const chats = await db.chats.toArray();
    void people.want(chats.flatMap((chat) => [chat.partnerId ?? [], chat.preview?.senderId ?? []].flat()));
    await this.#prefetch();
    await this.#tend(chats);
  }

  /** Looks after encrypted chats: whoever is let in, or out, need not wait for the next message. */
  async #tend(chats: readonly StoredChat[]): Promise<void> {
    try {
      await this.#crypto?.tend(chats.filter((chat) => chat.membership === "member"));
    } catch (error) {
      // What the server refuses now is done with the next message, or the next time.
      if (!(error instanceof ApiError)) this.#broken(error);
    }
  }

  /** On a new device the newest page of recent and unread chats is fetched without being asked for. */
  async #prefetch(): Promise<void> {
    if (this.#prefetching) return;
    this.#prefetching = true;
    const { db, me, api, crypto } = this.#options;
    try {
      const recent = await db.chats.orderBy("activeAt").reverse().toArray();
      const wanted = recent.filter((chat, rank) => rank < AHEAD || (chat.unread > 0 && rank < AHEAD * 3));
      for (const chat of wanted) {
        if (this.#stopped || !this.#caughtUp) return;
        const cursor = await db.cursors.get(chat.id);
        const empty = cursor && !cursor.complete && cursor.from > cursor.to;
        if (empty && chat.membership === "member") await loadOlder(db, me, api, crypto, chat.id, AHEAD_PAGE);
      }
    } catch (error) {
      // What is not here ahead is fetched when the chat is opened.
      if (!(error instanceof ApiError)) this.#broken(error);
    } finally {
      this.#prefetching = false;
    }
  }

  async #join(chatId: string): Promise<void> {
    const { connection, presence, me } = this.#options;
    try {
      const { online, typing, headSeq } = await connection.emit("join_chat", { chatId });
      this.#follower?.head(chatId, headSeq);
      for (const userId of online) presence.online(userId);
      for (const userId of typing) if (userId !== me) presence.types(chatId, userId);
    } catch {
      // Presence is a courtesy; a chat that is not ours any more is told by `chat_removed`.
    }
  }

  // ── what the server tells ─────────────────────────────────────────────────────────────────────────────────────────

  #listen(): void {
    const { me, connection, presence, revoked } = this.#options;
    connection.handle({
      new_message: (envelope) => this.#follower?.live(envelope),
      message_read: (_, receipt) => void this.#guarded(() => this.#receipt(receipt, true)),
      message_delivered: (_, receipt) => void this.#guarded(() => this.#receipt(receipt, false)),
      user_typing: (_, { chatId, userId }) => userId !== me && presence.types(chatId, userId),
      user_online: (_, { userId }) => presence.online(userId),
      user_offline: (_, { userId, lastSeen }) => presence.offline(userId, millis(lastSeen)),
      chat_updated: ({ chatId }) => void this.#guarded(() => this.#updated(chatId)),
      chat_preferences: ({ chatId, preferences }) => void this.#guarded(() => putWants(this.#options.db, chatId, preferences)),
      blocks_changed: () => this.#blocks.resume(),
      chat_removed: ({ chatId }) => void this.#guarded(() => this.#gone([chatId])),
      mls_welcome: ({ chatId }) => void this.#guarded(() => this.#tendWhere((chat) => chat.id === chatId)),
      device_list_changed: ({ userId }) => void this.#guarded(() => this.#devicesOf(userId)),
      identity_reset: ({ resetAt }) => this.#reset(resetAt),
      own_marks_changed: () => void this.#guarded(() => this.#crypto?.marks()),
      key_packages_low: () => void this.#guarded(() => this.#crypto?.replenish()),
      resync: () => this.#resync(),
      session_revoked: ({ reason }) => revoked(reason),
    });
    // A frame that breaks the contract may have been a message: ask for what it was.
    connection.onInvalid = () => this.#resync();
    this.#cleanUp.push(() => connection.handle({}));
  }

  async #receipt(receipt: Arguments<"message_read">[1], read: boolean): Promise<void> {
    const { db, me } = this.#options;
    const { chatId, userId, seq, count } = receipt;
    if (userId === me) return read ? moveRead(db, me, chatId, seq, true) : undefined;
    if (userId !== null) return moveMember(db, { chatId, userId, seq, read });
    if (count != null) return moveCount(db, { chatId, seq, count, read });
  }

  async #updated(chatId: string): Promise<void> {
    const { db, people } = this.#options;
    await this.#refresher.one(chatId);
    const cursor = await db.cursors.get(chatId);
    if (cursor) this.#follower?.known([cursor]);
    const members = await db.membersOf(chatId);
    void people.want(members.slice(0, 50).map((member) => member.userId));
    await this.#prefetch();
    const chat = await db.chats.get(chatId);
    if (chat) await this.#tend([chat]);
  }

  async #tendWhere(wanted: (chat: StoredChat) => boolean): Promise<void> {
    await this.#tend(await this.#options.db.chats.filter((chat) => chat.encryption === "mls" && wanted(chat)).toArray());
    // What waited for a device that could open it need not wait any longer.
    void this.#sender?.resume();
  }

  /** Somebody starts over with new keys for this person, has changed their mind, or it has happened. */
  #reset(resetAt: string | null): void {
    if (resetAt === null) this.#options.again();
    else void this.#guarded(() => this.#crypto?.begin());
  }

  /** Somebody's devices are others now: the groups of the chats with them follow. */
  async #devicesOf(userId: string): Promise<void> {
    const rows = await this.#options.db.members.filter((member) => member.userId === userId).toArray();
    const shared = new Set(rows.map((row) => row.chatId));
    await this.#tendWhere((chat) => shared.has(chat.id));
  }

  async #gone(chatIds: readonly string[]): Promise<void> {
    await markGone(this.#options.db, chatIds);
    for (const chatId of chatIds) this.#follower?.forget(chatId);
  }

  async #stored(chatId: string, envelopes: readonly Envelope[]): Promise<void> {
    const { db, me, people, presence } = this.#options;
    for (const each of envelopes) presence.stopped(chatId, each.senderId);
    void people.want(envelopes.map((each) => each.senderId));
    const last = envelopes.findLast((each) => each.senderId !== me);
    if (last) await noteDelivered(db, me, chatId, last.seq);
  }

  // ── trouble ───────────────────────────────────────────────────────────────────────────────────────────────────────

  async #guarded(run: () => Promise<void> | undefined): Promise<void> {
    try {
      await run();
    } catch (error) {
      // The server's refusals of a single question heal with the next catch-up.
      if (!(error instanceof ApiError)) this.#broken(error);
    }
  }

  /** The local database cannot be written by this engine any more, or there is a mistake in it. */
  #broken(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    // Another engine writes now, or the person signed out: that is how it should be.
    if (!(error instanceof Deposed) && !isClosed(error)) this.#options.failed(error);
  }
}
