import { createContext, use, type ReactNode } from "react";

import { EVERYONE } from "@/core/limits.ts";
import type { Piece } from "@/core/talk/marks.ts";

/** Who can be named in a conversation, for the names in its messages. */
export interface Named {
  myId: string;
  /** In a group also `EVERYONE`. */
  members: ReadonlySet<string>;
  /** Shows who that is. */
  open: (userId: string) => void;
}

export const NamedContext = createContext<Named | null>(null);

/** Somebody's name in a message. Whoever is not in the chat is not pointed out: a sender may name whom they like. */
export function Mention({ of: { id, text } }: { of: Extract<Piece, { kind: "mention" }> }): ReactNode {
  const named = use(NamedContext);
  if (!named?.members.has(id)) return text;
  if (id === named.myId || id === EVERYONE) return <mark className="rounded-nub box-decoration-clone bg-marigold px-1 font-semibold text-on-marigold">{text}</mark>;
  return (
    <button
      type="button"
      data-held
      onClick={() => named.open(id)}
      className="max-w-full cursor-pointer rounded-nub text-start align-baseline font-semibold text-brand wrap-anywhere underline-offset-2 hover:underline"
    >
      {text}
    </button>
  );
}
