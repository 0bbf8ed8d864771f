// Bodies in clear: what the protocol has for bots, webhooks and tests. The UI says so.

import type { Envelope } from "../contracts/index.ts";
import type { Body, SealedBody } from "../db/schema.ts";
import { ApiError } from "../errors.ts";
import { MAX_TEXT } from "../limits.ts";
import type { LeadingCrypto, MessageCrypto } from "./interface.ts";

/** Throws `ApiError` for a body that no server would take. */
export function checkBody(body: Body): asserts body is Extract<Body, { t: "text" }> {
  if (body.t !== "text") throw new TypeError(`a body of kind ${body.t} is not sent by this version`);
  if (body.text.trim() === "") throw ApiError.local("empty");
  // The server counts characters (code points); an emoji is two UTF-16 units but one of those.
  if (body.text.length > MAX_TEXT && [...body.text].length > MAX_TEXT) throw ApiError.local("too_long");
}

/** `content` is the text itself, as the seed has it. Throws `ApiError` for what the server would refuse. */
function seal(body: Body): SealedBody {
  checkBody(body);
  return { content: body.text, iv: null, encrypted: false, type: "text", metadata: {}, mls: null, notify: true };
}

function open(envelope: Envelope): Body {
  if (envelope.encrypted) return { t: "unknown", type: envelope.type };
  return envelope.type === "text" ? { t: "text", text: envelope.content } : { t: "unknown", type: envelope.type };
}

const leading: LeadingCrypto = {
  follow: (_chat, envelopes, keep) =>
    keep({ results: envelopes.map((each) => (each.kind === "message" ? open(each) : null)), writes: [] }),
  prepare: async () => {},
  begin: async () => {},
  tend: async () => {},
  replenish: async () => {},
};

export const plaintext: MessageCrypto = {
  seal: async (_chat, drafts) => ({ sealed: drafts.map(({ body }) => seal(body)), writes: [] }),
  open: async (_chat, envelopes) => envelopes.map(open),
  lead: () => leading,
};
