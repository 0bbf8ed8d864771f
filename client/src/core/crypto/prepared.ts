// Sending without the groups, as the service worker does.

import type { LeadingCrypto } from "./interface.ts";
import { plaintext } from "./plaintext.ts";
import { refusal } from "./refusals.ts";

/**
 * For where the groups of encrypted chats are out of reach, as in the service worker: what is ready to be posted is posted,
 * and what needs its group waits for a tab.
 */
export const onlyPrepared: LeadingCrypto = {
  ...plaintext.lead({ term: 0, behind: () => {} }),
  prepare: async (chat, row) => {
    if (chat.encryption === "mls" && row.sealed.mls === null) throw refusal("group_busy");
  },
};
