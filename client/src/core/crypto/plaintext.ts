// Bodies in clear: what the protocol has for bots, webhooks and tests. The UI says so.

import type { Body, SealedBody } from "../db/schema.ts";
import { bodyOfPlain, checkBody, plainOf } from "../talk/bodies.ts";
import type { LeadingCrypto, MessageCrypto } from "./interface.ts";

function seal(body: Body): SealedBody {
  checkBody(body);
  return plainOf(body);
}

const leading: LeadingCrypto = {
  follow: (_chat, { envelopes }, keep) =>
    keep({ results: envelopes.map((each) => (each.kind === "message" ? bodyOfPlain(each) : null)), writes: [] }),
  prepare: async () => {},
  begin: async () => {},
  tend: async () => {},
  replenish: async () => {},
  marks: async () => {},
  stop: () => {},
};

export const plaintext: MessageCrypto = {
  seal: async (_chat, drafts) => ({ sealed: drafts.map(({ body }) => seal(body)), writes: [] }),
  open: async (_chat, envelopes) => ({ results: envelopes.map(bodyOfPlain), writes: [] }),
  lead: () => leading,
};
