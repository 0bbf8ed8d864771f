// What a message says inside: one JSON object with its kind in `t`.

import * as v from "valibot";

import type { Body } from "../../db/schema.ts";
import { MAX_TEXT } from "../../limits.ts";

const vText = v.object({ t: v.literal("text"), text: v.pipe(v.string(), v.maxLength(2 * MAX_TEXT)) });

/** The body that a member's device made; what this version does not know is shown as from a newer one. */
export function bodyOf(body: unknown, type: string): Body {
  const text = v.safeParse(vText, body);
  return text.success ? { t: "text", text: text.output.text } : { t: "unknown", type };
}
