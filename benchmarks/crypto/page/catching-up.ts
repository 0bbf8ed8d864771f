// Coming back after many messages, with the product's own follower, engine and database.

import { browserEnvironment } from "@/app/environment.ts";
import type { Api } from "@/core/api/api.ts";
import type { Envelope } from "@/core/contracts/index.ts";
import type { CryptoPlace } from "@/core/crypto/interface.ts";
import { fromBase64, toBase64 } from "@/core/crypto/mls/bytes.ts";
import { encodeAddress, encodeCapsule, sealContent } from "@/core/crypto/mls/content.ts";
import { Group } from "@/core/crypto/mls/group.ts";
import { testDevice, userIdOf } from "@/core/crypto/mls/testing/device.ts";
import { perChat } from "@/core/crypto/per-chat.ts";
import { Database } from "@/core/db/database.ts";
import { takeTerm } from "@/core/db/ingest.ts";
import { query } from "@/core/db/live-query.ts";
import { putChat } from "@/core/db/roster.ts";
import { systemRuntime } from "@/core/runtime.ts";
import { Follower } from "@/core/sync/follower.ts";
import { chatView } from "@/core/testing/envelopes.ts";

import { TestDirectory } from "./directory.ts";
import { Watch } from "./watch.ts";

export interface Absence {
  devices: number;
  messages: number;
  /** A commit before every so many messages; 0: none. */
  commitEvery: number;
  /** Whether the engine has a thread of its own. */
  thread: boolean;
}

export interface Return {
  seconds: number;
  /** Until the first of them was on the screen, in milliseconds. */
  first: number;
  /** How many different ends of the chat the screen was told of. */
  steps: number;
  /** The longest that the page stood still, and the sum of what was over 50 ms, in milliseconds. */
  longest: number;
  blocked: number;
  /** Messages that could not be opened. */
  closed: number;
}

const CHAT = "01a20428-0000-7000-8000-00000000c4a7";
let people = 500;

export async function catchUp({ devices, messages, commitEvery, thread }: Absence): Promise<Return> {
  const me = userIdOf((people += 1));
  const db = new Database(me);
  const directory = new TestDirectory();
  const begin = browserEnvironment().thread;
  const place: CryptoPlace = { db, me, rest: directory, runtime: systemRuntime, ...(thread && begin ? { thread: begin } : {}) };
  const view = chatView({ id: CHAT, type: "group", encryption: "mls", participants: [] });
  await putChat(db, me, view, null);
  await db.cursors.put({ chatId: CHAT, from: 1, to: 0, complete: true, unreadBelow: 0 });

  let follower: Follower | null = null;
  const term = await takeTerm(db);
  const crypto = perChat(place).lead({ term, behind: (chatId, seq) => follower?.head(chatId, seq) });
  await crypto.replenish();
  const log = await written(directory, { devices, messages, commitEvery });

  const ends = new Set<string>();
  let first = 0;
  const screen = query(async () => db.words.openMessages(await db.messagesIn(CHAT).reverse().limit(60).toArray()));
  // What was written until here is no part of it.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const watch = new Watch();
  const began = performance.mark("came back").startTime;
  const stopLooking = screen.subscribe(() => {
    const [newest] = screen.get() ?? [];
    if (newest && ends.size === 0) first = performance.now() - began;
    if (newest) ends.add(newest.key);
  });
  await new Promise<void>((resolve, reject) => {
    const page = async (_chat: string, { after, limit }: { after?: number; limit: number }) => ({
      messages: log.slice(after ?? 0, (after ?? 0) + limit),
      hasMore: (after ?? 0) + limit < log.length,
    });
    follower = new Follower({
      db, me, term, crypto,
      api: { page } as unknown as Api,
      runtime: systemRuntime,
      learn: async () => {},
      stored: (_chat, rows) => rows.at(-1)?.seq === log.length && resolve(),
      changed: () => {},
      broken: reject,
    });
    follower.known([{ chatId: CHAT, to: 0 }]);
    follower.head(CHAT, log.length);
  });
  const seconds = (performance.now() - began) / 1_000;
  const { longest, blocked } = await watch.end();
  stopLooking();
  crypto.stop();
  const rows = await db.words.openMessages(await db.messagesIn(CHAT).toArray());
  const closed = rows.filter((row) => row.body.t === "sealed").length;
  const open = rows.filter((row) => row.body.t === "text").length;
  if (open + closed !== messages) throw new Error(`${open} opened and ${closed} closed of ${messages}`);
  db.close();
  return { seconds, first, steps: ends.size, longest, blocked, closed };
}

/** The log of a chat whose other devices talked: somebody makes the group, lets all in, and says everything. */
async function written(directory: TestDirectory, { devices, messages, commitEvery }: Omit<Absence, "thread">): Promise<Envelope[]> {
  const speaker = await testDevice(1);
  const others = await Promise.all(Array.from({ length: devices - 2 }, (_, index) => testDevice(2 + index)));
  const packages = await Promise.all(others.map(async (device) => (await device.keyPackage()).message));
  const [mine] = directory.packages;
  if (!mine) throw new Error("the engine published no keys");
  const alone = await Group.create(new TextEncoder().encode(`${CHAT}/0`), await speaker.keyPackage());
  const entered = await alone.commit({ add: [...packages, fromBase64(mine)] });
  directory.welcome(CHAT, entered.welcome ?? new Uint8Array());
  let group = entered.group;
  const log: Envelope[] = [];
  const add = (kind: "commit" | "message", mls: Uint8Array, content = "", iv: string | null = null): void => {
    const seq = log.length + 1;
    log.push({
      chatId: CHAT, seq, kind, content, iv,
      id: `01a20428-0000-7000-8000-${String(seq).padStart(12, "0")}`,
      senderId: speaker.userId,
      senderDeviceId: speaker.deviceId,
      clientId: `c${seq}`,
      type: kind === "message" ? "text" : "commit",
      encrypted: kind === "message",
      mls: toBase64(mls),
      metadata: {},
      notify: kind === "message",
      timestamp: new Date(Date.UTC(2026, 0, 1) + seq * 1_000).toISOString(),
    });
  };
  add("commit", entered.commit);
  for (let index = 0; index < messages; index += 1) {
    if (commitEvery > 0 && index > 0 && index % commitEvery === 0) {
      const renewed = await group.commit();
      group = renewed.group;
      add("commit", renewed.commit);
    }
    const { content, iv, capsule } = await sealContent({ t: "text", text: `message ${index} of many, as long as people write` });
    const address = encodeAddress({ chatId: CHAT, senderId: speaker.userId, clientId: `c${log.length + 1}` });
    const step = await group.encrypt(encodeCapsule(capsule), address);
    group = step.group;
    add("message", step.message, content, iv);
  }
  return log;
}
