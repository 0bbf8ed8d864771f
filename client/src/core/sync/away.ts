// The crypto of the service worker: the engine of encryption, begun by the first message that nobody has encrypted yet,
// and a reader of the logs that the engine wants to be read. All of it goes by REST.

import pLimit from "p-limit";

import type { MessagesApi } from "../api/messages.ts";
import { leadAway } from "../crypto/engine/away.ts";
import type { Came, CryptoPlace, LeadingCrypto, ReadyCrypto } from "../crypto/interface.ts";
import { plaintext } from "../crypto/plaintext.ts";
import { takeTerm } from "../db/ingest.ts";
import { ApiError } from "../errors.ts";
import { keeping } from "./keeping.ts";
import { oweSettings } from "./owed.ts";

export interface AwayOptions extends Pick<CryptoPlace, "db" | "me" | "rest" | "runtime"> {
  api: Pick<MessagesApi, "page">;
  /** The database cannot be written by this engine any more, or there is a mistake in the program. */
  broken: (error: unknown) => void;
}

/** Envelopes that are opened and stored as one: what a worker loses at most when it is ended. */
const PIECE = 100;

/** What is neither done nor refused: nobody waits for it any more. */
const never = (): Promise<never> => new Promise(() => {});

/** Messages that are encrypted already, and chats that are not, need nothing of it. */
export function awayCrypto({ db, me, rest, runtime, api, broken }: AwayOptions): LeadingCrypto {
  let running: Promise<ReadyCrypto> | null = null;
  let stopped = false;

  const failed = (error: unknown): Promise<never> => {
    if (!stopped) broken(error);
    return never();
  };

  const engine = async (): Promise<ReadyCrypto> => {
    running ??= begin().catch((error: unknown) => {
      running = null;
      throw error;
    });
    const ready = await running;
    return stopped ? never() : ready;
  };

  const begin = async (): Promise<ReadyCrypto> => {
    const term = await takeTerm(db);
    // One piece at a time: each begins where the one before ended.
    const turn = pLimit(1);
    const ready = await leadAway(
      { db, me, rest, runtime },
      {
        term,
        behind: (chatId, head) => {
          const reading = turn(() => (stopped ? undefined : read(ready, term, chatId, head)));
          // Without an answer the message waits, and asks again.
          reading.catch((error: unknown) => error instanceof ApiError || void failed(error));
        },
        letIn: (chatId: string, came?: Came) => void oweSettings(db, chatId, came).catch(failed),
      },
    );
    if (stopped) ready.stop();
    return ready;
  };

  /** Reads the chat's log up to there, or to its end. */
  const read = async (ready: ReadyCrypto, term: number, chatId: string, head: number): Promise<void> => {
    for (;;) {
      const [chat, cursor] = [await db.chats.get(chatId), await db.cursors.get(chatId)];
      if (stopped || !chat || !cursor || cursor.to >= head) return;
      const { messages: envelopes } = await api.page(chatId, { after: cursor.to, limit: PIECE });
      if (envelopes.length === 0) return;
      const piece = { after: cursor.to, envelopes };
      const kept = await ready.follow(chat, piece, keeping(db, me, term, chatId, piece));
      if (kept === null || kept <= cursor.to) return;
    }
  };

  return {
    ...plaintext.lead({ term: 0, behind: () => {} }),
    prepare: async (chat, row) => {
      if (chat.encryption === "none" || row.sealed.mls !== null) return undefined;
      try {
        return await (await engine()).prepare(chat, row);
      } catch (error) {
        // Anything else than a refusal: a tab leads by now, or the person signed out.
        return error instanceof ApiError ? Promise.reject(error) : failed(error);
      }
    },
    stop: () => {
      stopped = true;
      void running?.then((ready) => ready.stop(), () => {});
    },
  };
}
