import type { MessageItem } from "@/core/services.ts";

import { EmojiDialog } from "./emoji.tsx";
import { ForwardDialog } from "./forward.tsx";
import { RemoveDialog } from "./remove.tsx";

export type Asked = { what: "forward" | "react" | "remove"; message: MessageItem };

/** The window that a message asked for. */
export function Dialogs({ asked: { what, message }, myId, onClose }: { asked: Asked; myId: string; onClose: () => void }) {
  if (what === "forward") return <ForwardDialog messages={[message]} myId={myId} onClose={onClose} onDone={onClose} />;
  if (what === "react") return <EmojiDialog message={message} myId={myId} onClose={onClose} />;
  return <RemoveDialog messages={[message]} onClose={onClose} onDone={onClose} />;
}
