// Each chat says whether it is encrypted. The library for those that are is large: it is fetched when the first one is met.

import type { Body } from "../db/schema.ts";
import { ApiError } from "../errors.ts";
import type { MlsCrypto } from "./engine/mls-crypto.ts";
import type { CryptoFactory, CryptoPlace, LeadingCrypto, LeadOptions, MessageCrypto, ReadyCrypto } from "./interface.ts";
import { plaintext } from "./plaintext.ts";

/** Makes again what failed, and keeps what did not until it is asked for `again`. */
function once<T>(make: () => Promise<T>): [made: () => Promise<T>, again: () => void] {
  let made: Promise<T> | null = null;
  const forget = (): void => void (made = null);
  const get = (): Promise<T> => {
    made ??= make().catch((error: unknown) => {
      forget();
      throw error;
    });
    return made;
  };
  return [get, forget];
}

/** Plaintext and encrypted chats beside each other. */
export const perChat: CryptoFactory = (place: CryptoPlace): MessageCrypto => {
  const [mls] = once(async (): Promise<MlsCrypto> => {
    const { MlsCrypto } = await import("./engine/mls-crypto.ts");
    return new MlsCrypto(place);
  });
  return {
    seal: async (chat, drafts) =>
      chat.encryption === "none" ? plaintext.seal(chat, drafts) : (await mls()).seal(chat, drafts),
    open: async (chat, envelopes) =>
      chat.encryption === "none" ? plaintext.open(chat, envelopes) : (await mls()).open(chat, envelopes),
    lead: (options) => leading(place, mls, options),
  };
};

function leading(place: CryptoPlace, mls: () => Promise<MlsCrypto>, options: LeadOptions): LeadingCrypto {
  // Not asked for again with every message: keys come by somebody's doing, and then `begin` is called.
  let locked: unknown = null;
  let running: ReadyCrypto | null = null;
  const over = new AbortController();
  const [engine, again] = once(async () => {
    if (locked) throw locked;
    // Nobody waits for what is not done any more.
    if (over.signal.aborted) return new Promise<never>(() => {});
    try {
      running = await lead();
      if (over.signal.aborted) running.stop();
      return running;
    } catch (error) {
      if (isLocked(error)) locked = error;
      throw error;
    }
  });
  const lead = async (): Promise<ReadyCrypto> => {
    const { thread } = place;
    if (!thread) return (await mls()).lead(options);
    const { leadInRoom } = await import("./room/page.ts");
    return leadInRoom(place, thread, options, again, over.signal);
  };
  const plain = plaintext.lead(options);
  return {
    async begin() {
      locked = null;
      const { lookAtKeys } = await import("./devices/look.ts");
      await lookAtKeys(place, engine);
      await running?.marks();
    },
    async follow(chat, piece, keep) {
      if (chat.encryption === "none") return plain.follow(chat, piece, keep);
      try {
        return await (await engine()).follow(chat, piece, keep);
      } catch (error) {
        if (!isLocked(error)) throw error;
        // The person's keys are on another device. To show that is better than an empty chat.
        const closed: Body = { t: "sealed", cause: "not_linked" };
        const { closedRows } = await import("./history/names.ts");
        const { envelopes } = piece;
        const messages = envelopes.filter((each) => each.kind === "message");
        const writes = closedRows(chat.id, messages.map(({ seq }) => ({ seq, cause: "not_linked" as const })));
        return keep({ results: envelopes.map((each) => (each.kind === "message" ? closed : null)), writes });
      }
    },
    prepare: async (chat, row) => (chat.encryption === "none" ? plain : await engine()).prepare(chat, row),
    replenish: async () => (await engine()).replenish(),
    marks: async () => running?.marks(),
    stop: () => {
      over.abort();
      running?.stop();
    },
    tend: async (chats) => {
      const encrypted = chats.filter((chat) => chat.encryption === "mls");
      if (encrypted.length > 0) await (await engine()).tend(encrypted);
    },
  };
}

const isLocked = (error: unknown): boolean => error instanceof ApiError && error.code === "not_linked";
