// The one engine of encryption in a browser: reads the logs, prepares messages, looks after the groups.

import type { Database } from "../../db/database.ts";
import { checkTerm, commitWrites } from "../../db/ingest.ts";
import type { OutboxRow } from "../../db/schema.ts";
import { ApiError } from "../../errors.ts";
import type { Runtime } from "../../runtime.ts";
import type { EncryptedChat } from "../e2ee/chat.ts";
import type { Delivery } from "../e2ee/model.ts";
import { settle, type Hands, type Settled } from "../e2ee/settle.ts";
import type { CryptoChat, Keep, LeadOptions, LogPiece, ReadyCrypto, VaultWrite } from "../interface.ts";
import { refusal } from "../refusals.ts";
import { toBase64 } from "../mls/bytes.ts";
import type { Capsule } from "../mls/content.ts";
import { MlsUnreadable } from "../mls/decode.ts";
import { GuardRefused } from "../mls/guard.ts";
import { readIdentity } from "../mls/identity.ts";
import { welcomed } from "../mls/inspect.ts";
import { TrustWatch } from "../trust/watch.ts";
import type { Vault } from "../vault/vault.ts";
import type { Care, Patient } from "./care.ts";
import { Groups } from "./groups.ts";
import type { Own } from "./own.ts";
import { Progress } from "./progress.ts";
import { capsuleName, Reader } from "./reader.ts";
import { Retries } from "./retries.ts";

export interface LeaderOptions extends LeadOptions {
  db: Database;
  vault: Vault;
  delivery: Delivery;
  own: Own;
  /** What is done beside, for this engine. */
  care: (patient: Patient) => Care;
  runtime: Runtime;
}

export const groupIdOf = (chatId: string, generation: number): Uint8Array =>
  new TextEncoder().encode(`${chatId}/${generation}`);

/** Times that a message waits for the log before it gives way to others. */
const ROUNDS = 6;
/** Milliseconds to wait for the log to be read. */
export const PATIENCE = 4_000;

export class MlsLeader implements ReadyCrypto {
  readonly #options: LeaderOptions;
  readonly #groups: Groups;
  readonly #progress: Progress;
  readonly #trust: TrustWatch;
  readonly #care: Care;
  readonly #reader: Reader;
  readonly #retries: Retries;
  /** Chats that are to be looked after as soon as it is their turn. */
  readonly #tending = new Set<string>();
  /** How many other people are in a chat, as of the last look at its roster. */
  readonly #others = new Map<string, number>();

  constructor(options: LeaderOptions) {
    const { db, vault, own, term, runtime } = options;
    this.#options = options;
    this.#groups = new Groups({ db, vault, term, self: own.self });
    this.#progress = new Progress(runtime);
    const identityOf = (userId: string): Promise<Uint8Array | null> => own.identityOf(userId);
    this.#trust = new TrustWatch({ db, vault, runtime, term, me: own.self.userId, identityOf });
    this.#reader = new Reader({
      db, vault, groups: this.#groups, self: own.self,
      enterBy: (group) => this.#enterBy(group),
      forgetWelcomes: (ids) => this.#forgetWelcomes(ids),
      archived: () => this.#care.archived(),
      closed: (chatId) => this.#care.closed(chatId),
      came: (chatId, came) => this.#options.letIn?.(chatId, came),
    });
    this.#retries = new Retries(runtime, (chatId) => this.#tend(chatId));
    this.#care = options.care({
      mark: (chatId) => this.#groups.step(chatId, async (group) => `${group.status}/${group.joinEpoch}`),
      late: (chatId, envelopes, keep) => this.#reader.openLate(chatId, envelopes, keep),
    });
  }

  stop(): void {
    this.#care.stop();
    this.#retries.stop();
  }

  async follow(chat: CryptoChat, piece: LogPiece, keep: Keep): Promise<number | null> {
    const kept = await this.#reader.follow(chat, piece, keep);
    this.#progress.tell(chat.id);
    return kept;
  }

  // ── writing ────────────────────────────────────────────────────────────────────────────────────────────────────────

  async prepare(chat: CryptoChat, row: OutboxRow): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const done = await this.#groups.step(chat.id, async (group) => {
        // Made already, and nobody has said that it is stale: the same bytes again, or the server would see two.
        if (row.sealed.mls !== null) return READY;
        const settled = await this.#settle(group, true);
        if (settled.kind !== "ready") return settled;
        // What nobody else could ever open waits for the first one who can.
        if (this.#isAlone(group)) throw refusal("waiting_for_device");
        if ((await this.#trust.held(chat.id, group.leaves())).length > 0) throw refusal("keys_changed");
        await this.#wrap(group, row);
        return settled;
      });
      if (done.kind === "ready") return;
      if (done.kind !== "behind") throw refusalOf(done);
      await this.#progress.wait(chat.id, PATIENCE);
    }
    throw refusal("group_busy");
  }

  /** There are other people in the chat, and none of their devices is in the group. */
  #isAlone(group: EncryptedChat): boolean {
    const others = this.#others.get(group.chatId) ?? 0;
    const { userId } = this.#options.own.self;
    return others > 0 && group.leaves().every((leaf) => readIdentity(leaf.credential)?.userId === userId);
  }

  async #wrap(group: EncryptedChat, { clientId }: OutboxRow): Promise<void> {
    const { db, vault, term } = this.#options;
    const capsule = (await vault.read(capsuleName(clientId))) as unknown as Capsule | undefined;
    if (!capsule) throw refusal("words_lost");
    const mls = toBase64(await group.wrap(capsule, clientId));
    const write = await this.#groups.row(group);
    await db.transaction("rw", [db.outbox, db.vault, db.meta], async () => {
      await checkTerm(db, term);
      const waiting = await db.outbox.get(clientId);
      if (waiting) await db.outbox.put({ ...waiting, sealed: { ...waiting.sealed, mls } });
      await commitWrites(db, [write]);
    });
    group.saved();
  }

  // ── groups ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  async tend(chats: readonly CryptoChat[]): Promise<void> {
    for (const { id } of chats) {
      this.#retries.fresh(id);
      await this.#tend(id);
    }
  }

  /** One chat's trouble does not keep the others waiting: it is tried again by itself. */
  async #tend(id: string): Promise<void> {
    // One that waits for its turn will see everything that there is to see then.
    if (this.#tending.has(id)) return;
    this.#tending.add(id);
    try {
      const settled = await this.#groups.step(id, async (group) => {
        this.#tending.delete(id);
        return this.#settle(group, false);
      });
      if (settled.kind === "behind" || settled.kind === "refused") this.#retries.later(id);
      else this.#retries.done(id);
    } catch (error) {
      this.#tending.delete(id);
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "chat_not_found") this.#retries.done(id);
      else this.#retries.later(id, error.retryAfter ?? 0);
    }
    this.#care.tended(id);
  }

  replenish(): Promise<void> {
    return this.#options.own.replenish();
  }

  async marks(): Promise<void> {
    this.#care.marked();
  }

  /** Into the group by a Welcome, if one waits. The group has to be saved with what was `spent`; then `ids` are over. */
  async #enterBy(group: EncryptedChat): Promise<{ ids: string[]; spent: VaultWrite[] }> {
    const { own, runtime } = this.#options;
    const ids: string[] = [];
    const spent: VaultWrite[] = [];
    for (const { id, chatId, welcome } of await own.welcomes()) {
      if (chatId !== group.chatId) continue;
      ids.push(id);
      const found = await this.#keysFor(welcome);
      if (!found) continue;
      try {
        await group.welcome(welcome, found.own, runtime.now());
        spent.push(...found.spent);
      } catch (error) {
        // One that does not hold together leads nowhere; the way in from outside is left.
        if (!(error instanceof Error)) throw error;
      }
    }
    return { ids, spent };
  }

  /** They were used, or will never be of use. The server forgets them by itself, too, so this may fail. */
  async #forgetWelcomes(ids: readonly string[]): Promise<void> {
    try {
      for (const id of ids) await this.#options.own.welcomed(id);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  async #keysFor(welcome: Uint8Array): ReturnType<Own["find"]> {
    try {
      return await this.#options.own.find(welcomed(welcome));
    } catch (error) {
      if (error instanceof MlsUnreadable || error instanceof GuardRefused) return null;
      throw error;
    }
  }

  async #settle(group: EncryptedChat, renew: boolean): Promise<Settled> {
    const { db, behind } = this.#options;
    let head = 0;
    const settled = await this.#welcomedOr(group, () => settle(group, this.#hands((headSeq) => (head = headSeq)), { renew }));
    // Only now the group is what it should be, and nobody is in it who is about to be taken out.
    if (settled.kind === "ready") await this.#trust.look(group.leaves());
    if (settled.kind !== "behind") return settled;
    behind(group.chatId, head);
    // Everything was read and the group is further on all the same: what is here does not lead there.
    const cursor = await db.cursors.get(group.chatId);
    if (group.status === "joined" && group.pending === null && head > 0 && (cursor?.to ?? 0) >= head) {
      group.giveUp("the log does not lead to the group's epoch");
      await this.#groups.save(group);
    }
    return settled;
  }

  /** A device that was let in goes in by its Welcome: from outside it would miss what was said in between. */
  async #welcomedOr(group: EncryptedChat, run: () => Promise<Settled>): Promise<Settled> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof WelcomeWaits)) throw error;
      const { ids, spent } = await this.#enterBy(group);
      await this.#groups.save(group, spent);
      await this.#forgetWelcomes(ids);
      return run();
    }
  }

  #hands(heard: (headSeq: number) => void): Hands {
    const { delivery, own, runtime } = this.#options;
    return {
      delivery: {
        ...delivery,
        roster: async (chatId) => {
          const roster = await delivery.roster(chatId);
          heard(roster.headSeq);
          this.#others.set(chatId, roster.members.filter((userId) => userId !== own.self.userId).length);
          return roster;
        },
        // Looked for after the group was seen: the server makes both in one transaction.
        groupInfo: async (chatId) => {
          const found = await delivery.groupInfo(chatId);
          if (found !== null && (await own.welcomes()).some((each) => each.chatId === chatId)) throw new WelcomeWaits();
          return found;
        },
        commit: async (chatId, request) => {
          const posted = await delivery.commit(chatId, request);
          // What was there before is no measure any more.
          if (posted.kind === "stale") heard(0);
          if (posted.kind === "accepted" && request.welcome !== null) this.#options.letIn?.(chatId);
          return posted;
        },
      },
      self: own.self,
      newKeyPackage: () => own.fresh(),
      groupId: groupIdOf,
      newCommitId: () => runtime.newId(),
      now: () => runtime.now(),
      save: (group) => this.#groups.save(group),
    };
  }
}

/** The way into the group that was about to be entered from outside. */
class WelcomeWaits extends Error {
  override name = "WelcomeWaits";
}

const READY: Settled = { kind: "ready" };

function refusalOf(settled: Exclude<Settled, { kind: "ready" | "behind" }>): ApiError {
  switch (settled.kind) {
    case "outside":
      return ApiError.local("not_found");
    case "waiting":
      return refusal("waiting_for_member");
    case "frozen":
      return refusal("group_frozen");
    case "refused":
      return new ApiError({ code: settled.code, message: "The server did not take the message. Try again.", status: 409 });
  }
}
