// What several messages say, as words to be put elsewhere.

import type { MessageItem } from "@/core/services.ts";
import { plain } from "@/core/talk/marks.ts";
import type { Format } from "@/i18n/format.ts";

/** Whether it has words that can be taken along. */
export const hasWords = (message: MessageItem): boolean => message.body.t === "text";

/**
 * One line per message, in their order: when, who and the plain words. Of one message alone only the words. Messages
 * without words (that cannot be opened here, or are from a newer version) are left out.
 */
export function transcript(messages: readonly MessageItem[], nameOf: (userId: string) => string, format: Format): string {
  const said = messages.flatMap(({ body, senderId, timestamp }) =>
    body.t === "text" ? [{ words: plain(body.text, body.mentions), senderId, timestamp }] : [],
  );
  if (said.length === 1) return said[0]?.words ?? "";
  return said
    .map(({ words, senderId, timestamp }) => `[${format.date(timestamp)}, ${format.time(timestamp)}] ${nameOf(senderId)}: ${words}`)
    .join("\n");
}
