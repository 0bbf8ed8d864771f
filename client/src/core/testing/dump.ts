// Everything that a database holds, as one text to look for words in: also inside of buffers, however they are encoded.

import type { Database } from "../db/database.ts";

const utf8 = new TextDecoder();
const utf16 = new TextDecoder("utf-16le");

function spell(value: unknown): string {
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
    const bytes = value instanceof Uint8Array ? value : new Uint8Array(value);
    return [utf8.decode(bytes), utf16.decode(bytes), Buffer.from(bytes).toString("base64")].join("\n");
  }
  if (Array.isArray(value)) return value.map(spell).join("\n");
  if (value !== null && typeof value === "object") return Object.entries(value).flat().map(spell).join("\n");
  return String(value);
}

export async function dump(db: Database): Promise<string> {
  const tables = await Promise.all(db.tables.map(async (table) => [await table.toCollection().primaryKeys(), await table.toArray()]));
  return spell(tables);
}

/** Of these words, those that stand somewhere in clear, or in base64. */
export const found = (text: string, words: readonly string[]): string[] =>
  words.filter((word) => [word, Buffer.from(word).toString("base64").replace(/=+$/, "").slice(0, -1)].some((form) => text.includes(form)));
