import { useQuery } from "@/hooks/services.ts";

import { MemberDialog } from "./member-dialog.tsx";

export interface PersonDialogProps {
  chatId: string;
  userId: string;
  /** To the conversation with that person alone. */
  onMessage: (chatId: string) => void;
  onBlock: () => void;
  onReport: () => void;
  onClose: () => void;
}

/** Who somebody is whom a message names, as long as they are in that chat. */
export function PersonDialog({ chatId, userId, onMessage, onBlock, onReport, onClose }: PersonDialogProps) {
  const chat = useQuery((each) => each.chats.detail(chatId), [chatId]);
  const member = chat?.members.find((each) => each.userId === userId);
  if (!member) return null;
  const message = (direct: string): void => {
    onClose();
    onMessage(direct);
  };
  return <MemberDialog member={member} onMessage={message} onCompare={null} onBlock={onBlock} onReport={onReport} onClose={onClose} />;
}
