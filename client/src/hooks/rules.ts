// What can be said of the forms before the server is asked. The server decides (batiyoun/users/model.py, auth/model.py);
// these are the same rules, told at once and in the person's language.

import type { Key, Params } from "@/i18n/index.ts";

/** A sentence of the catalogue, or null: nothing is wrong. */
export type Problem = { key: Key; params?: Params } | null;

const MIN_PASSWORD = 8;
const MAX_PASSWORD_BYTES = 1024;
const MAX_DISPLAY_NAME = 64;
const USERNAME = /^[A-Za-z0-9][A-Za-z0-9._-]{1,30}[A-Za-z0-9]$/;
/** Only what is certainly no address; the server knows the grammar. */
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@.]+$/;

export const checkEmail = (value: string): Problem => (EMAIL.test(value.trim()) ? null : { key: "forms.badEmail" });

export const checkUsername = (value: string): Problem =>
  USERNAME.test(value.trim().normalize("NFKC")) ? null : { key: "forms.badUsername" };

export function checkPassword(value: string): Problem {
  // By code point, as the server counts.
  const missing = MIN_PASSWORD - [...value].length;
  if (missing > 0) return { key: "forms.shortPassword", params: { count: missing } };
  if (new TextEncoder().encode(value).length > MAX_PASSWORD_BYTES) return { key: "forms.longPassword" };
  return null;
}

export const checkDisplayName = (value: string): Problem =>
  [...value.trim().normalize("NFC")].length > MAX_DISPLAY_NAME ? { key: "forms.longName" } : null;
