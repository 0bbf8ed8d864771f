// What a person wants of a chat: the server's word, and over it what was changed here and the server does not know yet.

import { millis, type ChatView } from "../contracts/index.ts";
import type { ChatRow, Wants } from "./schema.ts";

type Told = NonNullable<ChatRow["wants"]>;

/** What is true for the person on this device. */
export const wantsOf = ({ wants, asked }: Pick<ChatRow, "wants" | "asked">): Wants => ({
  mutedUntil: null,
  archivedSeq: null,
  pinned: null,
  ...wants,
  ...asked,
});

/** The newer of what is here and what the server says; answers may overtake each other. */
export function newerWants(here: Told | undefined, { mutedUntil, ...told }: ChatView["preferences"]): Told {
  if (here && here.revision >= told.revision) return here;
  return { ...told, mutedUntil: mutedUntil === null ? null : millis(mutedUntil) };
}
