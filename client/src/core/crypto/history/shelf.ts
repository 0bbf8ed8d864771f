// Where the server keeps a person's archive: sealed batches by chat and number. Every function rejects with `ApiError`.

import * as v from "valibot";

import type { Rest } from "../../api/http.ts";
import { ApiError } from "../../errors.ts";
import { fromBase64, toBase64 } from "../mls/bytes.ts";

/** A batch as the list has it; its tag is another one after it was written again. */
export interface Listed {
  batch: number;
  tag: string;
}

export interface Shelf {
  list(chatId: string): Promise<Listed[]>;
  /** Null: there is no such batch. */
  get(chatId: string, batch: number): Promise<Uint8Array | null>;
  put(chatId: string, batch: number, sealed: Uint8Array): Promise<void>;
  /** Forgets everything of the chat. */
  drop(chatId: string): Promise<void>;
}

const vList = v.object({
  batches: v.array(v.object({ batch: v.pipe(v.number(), v.integer()), size: v.number(), updatedAt: v.string() })),
});
const vBatch = v.object({ data: v.pipe(v.string(), v.base64(), v.transform(fromBase64)) });

export function restShelf(rest: Rest): Shelf {
  return {
    async list(chatId) {
      const { batches } = await rest.send("GET /api/keys/archive/{chat_id}", vList, { path: { chat_id: chatId } });
      return batches.map(({ batch, size, updatedAt }) => ({ batch, tag: `${updatedAt}/${size}` }));
    },
    async get(chatId, batch) {
      try {
        const path = { chat_id: chatId, batch: String(batch) };
        return (await rest.send("GET /api/keys/archive/{chat_id}/{batch}", vBatch, { path })).data;
      } catch (error) {
        if (error instanceof ApiError && error.code === "not_found") return null;
        throw error;
      }
    },
    async put(chatId, batch, sealed) {
      const path = { chat_id: chatId, batch: String(batch) };
      await rest.send("PUT /api/keys/archive/{chat_id}/{batch}", null, { path, body: { data: toBase64(sealed) } });
    },
    async drop(chatId) {
      await rest.send("DELETE /api/keys/archive/{chat_id}", null, { path: { chat_id: chatId } });
    },
  };
}
