// Which chat takes the place of another. Its id follows from the other one's, so nobody has to be told where it is. Pure.

import type { Encryption } from "../db/schema.ts";

const encoder = new TextEncoder();

/**
 * The id of the chat that takes this one's place. Of an encrypted chat (batiyoun/chats/successors.py has the same) a
 * UUIDv8, which only the server makes. Of a group from before encryption a UUIDv7, which its admin asks for: the same for
 * everybody, so that two admins who begin it at the same time begin one.
 */
export async function successorOf({ id, encryption }: { id: string; encryption: Encryption }): Promise<string> {
  if (encryption === "none") {
    const tail = (BigInt(`0x${id.slice(-12)}`) ^ 0x5ea1_ed0c_4a75n).toString(16).padStart(12, "0");
    return id.slice(0, -12) + tail;
  }
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(`batiyoun successor ${id}`));
  const octets = new Uint8Array(digest, 0, 16);
  // RFC 9562 §5.8: the version and the variant.
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x80;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Of these chats with one person the one that goes on. */
export async function newestOf<C extends { id: string; encryption: Encryption }>(chats: readonly C[]): Promise<C | undefined> {
  const ids = new Set(chats.map((chat) => chat.id));
  for (const chat of chats) if (!ids.has(await successorOf(chat))) return chat;
  return undefined;
}
