// Tells the people who run the server of somebody who does harm. Fetched when somebody does.

import type * as v from "valibot";

import type { Rest } from "../api/http.ts";
import type { Report } from "../blocks.ts";
import { laterOperations } from "../contracts/generated/later-operations.ts";
import type { vNewReport } from "../contracts/generated/later-schemas.ts";
import { saidIn } from "../talk/polls.ts";

/** Rejects with `ApiError`; it needs the network. */
export async function sendReport(rest: Rest, { userId, chatId, reason, note, messages }: Report): Promise<void> {
  const operation = "POST /api/reports";
  const body: v.InferInput<typeof vNewReport> = {
    userId,
    chatId,
    reason,
    note: note.trim(),
    // Who wrote them and when, the server knows.
    messages: messages.flatMap(({ id, body: said }) => (id === null ? [] : [{ id, text: saidIn(said) ?? "" }])),
  };
  await rest.send(operation, laterOperations[operation], { body });
}
