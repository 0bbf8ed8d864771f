// Envelopes as the server sends them, for tests.

import type { ChatView, Envelope } from "../contracts/index.ts";

export const CHAT = "01a20428-0000-7000-8000-00000000c4a7";
export const ME = "01a20428-0000-7000-8000-0000000000aa";
export const THEM = "01a20428-0000-7000-8000-0000000000bb";

/** The text message at `seq`, of somebody else unless told otherwise. */
export function envelope(seq: number, change: Partial<Envelope> = {}): Envelope {
  return {
    chatId: CHAT,
    seq,
    id: `01a20428-0000-7000-8000-${String(seq).padStart(12, "0")}`,
    senderId: THEM,
    senderDeviceId: null,
    clientId: `c${seq}`,
    kind: "message",
    type: "text",
    content: `message ${seq}`,
    iv: null,
    encrypted: false,
    mls: null,
    metadata: {},
    notify: true,
    timestamp: new Date(Date.UTC(2026, 0, 1) + seq * 1_000).toISOString(),
    ...change,
  };
}

/** A direct chat between `ME` and `THEM`. */
export function chatView(change: Partial<ChatView> = {}): ChatView {
  return {
    id: CHAT,
    type: "direct",
    encryption: "none",
    participants: [
      { userId: ME, role: "member", deliveredSeq: 0, readSeq: 0 },
      { userId: THEM, role: "member", deliveredSeq: 0, sharedReadSeq: 0 },
    ],
    name: null,
    lastMessage: null,
    lastMessageAt: null,
    headSeq: 0,
    unread: 0,
    createdAt: "2026-01-01T00:00:00Z",
    readOnly: false,
    preferences: { mutedUntil: null, archivedSeq: null, pinned: null, revision: 0 },
    ...change,
  };
}
