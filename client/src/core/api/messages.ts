// What whoever follows the logs and sends asks of the server, a page or the service worker.

import { vPage, vSent } from "../contracts/generated/schemas.ts";
import type { SealedBody } from "../db/schema.ts";
import { placeOf, type Page, type PageQuery, type Place } from "./api.ts";
import type { Rest } from "./http.ts";

export interface MessagesApi {
  /** What is visible of a chat. Rejects with `ApiError`. */
  page(chatId: string, query: PageQuery): Promise<Page>;
  /** Idempotent by `clientId`: the same again gives the same place. Rejects with `ApiError`. */
  put(chatId: string, clientId: string, body: SealedBody): Promise<Place>;
}

export const messagesApi = (rest: Rest): MessagesApi => ({
  page: (chatId, query) =>
    rest.send("GET /api/chats/{chat_id}/messages", vPage, { path: { chat_id: chatId }, query: { ...query } }),
  put: async (chatId, clientId, body) => {
    const path = { chat_id: chatId, client_id: clientId };
    return placeOf(await rest.send("PUT /api/chats/{chat_id}/messages/{client_id}", vSent, { path, body }));
  },
});
